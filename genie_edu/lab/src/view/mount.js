// @ts-check

import { fromFragment } from "../engine/link.js";
import { LEARNED } from "../engine/schema.js";
import { h } from "./dom.js";
import { Lab } from "./lab.js";
import { csvOf, fragmentOf, pythonOf, svgOf } from "./saving.js";

/**
 * Mount a lab in `el`; what stands there (poster, table, sentence) stays for print. The same object comes back and
 * stands in el.genieLab.
 * @type {(el: any, config: any, host?: import("./lab.js").Host) => any}
 */
export function mount(el, config, host = { fragment: () => location.hash }) {
  if (el.dataset.ready) return el.genieLab ?? null;
  const poster = h("div", { class: "gl-poster" });
  poster.append(...el.childNodes);
  el.classList.add("genie-lab");
  if (poster.childNodes.length) el.append(poster);
  let lab;
  try {
    lab = new Lab(el, config, host);
  } catch (error) {
    el.querySelector(".gl-live")?.remove();
    throw error;
  }
  el.dataset.ready = "true";
  el.genieLab = {
    get state() {
      return { ...lab.S };
    },
    get readout() {
      return lab.values;
    },
    get problem() {
      return lab.problem;
    },
    set: (patch, source) => lab.set(patch, source),
    reset: () => lab.reset(),
    flush: () => lab.frame(),
    destroy: () => lab.destroy(),
    python: () => pythonOf(lab),
    svg: () => svgOf(lab),
    csv: () => csvOf(lab),
    fragment: () => fragmentOf(lab),
  };
  return el.genieLab;
}

/** Where this script came from, while a page loads it; nowhere outside of pages. */
const SOURCE = /** @type {any} */ (globalThis.document?.currentScript)?.src;

/** @type {Record<string, Promise<unknown>>} */
const loading = {};

/**
 * A script with weights or images, from beside this one: only pages whose lab needs it load it.
 * @type {(file: string) => Promise<unknown>}
 */
function loadBeside(file) {
  loading[file] ??= new Promise((resolve, reject) => {
    const script = h("script", {
      src: new URL(file, SOURCE || location.href).href,
      onload: resolve,
      onerror: () => {
        delete loading[file];
        reject(new Error(`${file} is not beside solver_lab.js`));
      },
    });
    document.head.append(script);
  });
  return loading[file];
}

/** What the data scripts put into the page. */
const data = /** @type {any} */ (globalThis);

/** The script that a lab still waits for, or null. @type {(config: any) => string | null} */
const awaited = ({ view, sheet }) =>
  LEARNED.includes(view) && !data.GenieLabNetworks
    ? "lab_networks.js"
    : sheet && !data.GenieLabImages?.[sheet]
      ? `lab_${sheet}.js`
      : null;

/**
 * Who comes back to a page finds its lab as it was left. A link in the address says more.
 * @type {(lab: any, scenario: string) => void}
 */
function keepForReturn(lab, scenario) {
  const key = `genie-lab ${location.pathname} ${scenario}`;
  const [visit] = /** @type {any[]} */ (performance.getEntriesByType("navigation"));
  try {
    const returned = visit?.type === "back_forward" && !location.hash;
    const left = returned ? fromFragment(sessionStorage.getItem(key), scenario) : null;
    if (left) lab.set(left, "link");
    addEventListener("pagehide", () => sessionStorage.setItem(key, lab.fragment()));
  } catch {
    /* where nothing may be stored, nothing is kept */
  }
}

/** Notes why a lab was not mounted. */
const noteProblem = (el, error) => {
  el.dataset.problem = String(error.message).slice(0, 200);
};

/**
 * Mount every placeholder under `root`; one that can't be read keeps its poster.
 * @param {Document | Element} root
 */
export function mountAll(root = document) {
  const taken = new Set();
  /** @type {NodeListOf<HTMLElement>} */
  const places = root.querySelectorAll(".genie-lab:not([data-ready])");
  for (const el of places) {
    try {
      const config = JSON.parse(el.dataset.config);
      const mine = !taken.has(config.scenario); // one lab takes a link
      taken.add(config.scenario);
      const start = () => {
        const lab = mount(el, config, { fragment: () => (mine ? location.hash : "") });
        if (mine && lab) keepForReturn(lab, config.scenario);
      };
      const file = awaited(config);
      if (!file) start();
      else
        loadBeside(file)
          .then(start)
          .catch((error) => noteProblem(el, error));
    } catch (error) {
      noteProblem(el, error);
    }
  }
}
