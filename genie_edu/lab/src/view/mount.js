// @ts-check
import { LEARNED } from "../engine/schema.js";
import { h } from "./dom.js";
import { Lab } from "./lab.js";
import { csvOf, fragmentOf, pythonOf, svgOf } from "./saving.js";

/** Mount a lab in `el`; what stands there (poster, table, sentence) stays for print. */
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

const SOURCE = globalThis.document?.currentScript?.src;

const loading = {};

/** A script with weights or images, from beside this one: only pages whose lab needs it load it. */
function loadBeside(file) {
  return (loading[file] ??= new Promise((resolve, reject) => {
    const script = h("script", {
      src: new URL(file, SOURCE || location.href).href,
      onload: resolve,
      onerror: () => {
        delete loading[file];
        reject(new Error(`${file} is not beside solver_lab.js`));
      },
    });
    document.head.append(script);
  }));
}

/** The script that a lab still waits for, or null. */
const awaited = ({ view, sheet }) =>
  LEARNED.includes(view) && !globalThis.GenieLabNetworks
    ? "lab_networks.js"
    : sheet && !globalThis.GenieLabImages?.[sheet]
      ? `lab_${sheet}.js`
      : null;

/** Mount every placeholder under `root`; one that can't be read keeps its poster. */
export function mountAll(root = document) {
  const taken = new Set();
  for (const el of root.querySelectorAll(".genie-lab:not([data-ready])")) {
    try {
      const config = JSON.parse(el.dataset.config);
      const mine = !taken.has(config.scenario); // one lab takes a link
      taken.add(config.scenario);
      const start = () => mount(el, config, { fragment: () => (mine ? location.hash : "") });
      const file = awaited(config);
      if (!file) start();
      else
        loadBeside(file)
          .then(start)
          .catch((error) => {
            el.dataset.problem = String(error.message).slice(0, 200);
          });
    } catch (error) {
      el.dataset.problem = String(error.message).slice(0, 200);
    }
  }
}
