// @ts-check

import { toFragment } from "../engine/link.js";
import { h } from "./dom.js";
import { CanvasSurface } from "./surfaces/canvas.js";
import { SvgSurface } from "./surfaces/svg.js";

/** @typedef {import("./lab.js").Lab} Lab */

const WIDTH = 560; // of a picture that was never on screen
const PNG_RATIO = 2; // pixels of the file for one of the screen

/** The picture's size in pixels. @type {(lab: Lab) => number[]} */
function sizeOf(lab) {
  const width = lab.width || WIDTH;
  return [width, lab.view.height(width, lab)];
}

/** Python code that gives the numbers on screen. @type {(lab: Lab) => string} */
export function pythonOf(lab) {
  lab.catchUp();
  return `${lab.view.python(lab.S, lab).join("\n")}\n`;
}

/** @type {(lab: Lab) => string} */
export const fragmentOf = (lab) => toFragment(lab.config.scenario, lab.S, lab.defaults);

/** The picture as an SVG file. @type {(lab: Lab) => string} */
export function svgOf(lab) {
  lab.catchUp();
  const [W, H] = sizeOf(lab);
  const surface = new SvgSurface(W, H, lab.theme);
  lab.view.draw(surface, lab, W, H, lab.R);
  return surface.toString(`${lab.config.title}. ${lab.config.alt}`);
}

/** The picture as a canvas to be saved. @type {(lab: Lab) => HTMLCanvasElement} */
function canvasOf(lab) {
  lab.catchUp();
  const [W, H] = sizeOf(lab);
  const canvas = h("canvas", { width: PNG_RATIO * W, height: PNG_RATIO * H });
  const ctx = canvas.getContext("2d");
  ctx.setTransform(PNG_RATIO, 0, 0, PNG_RATIO, 0, 0);
  ctx.fillStyle = lab.theme.bg;
  ctx.fillRect(0, 0, W, H);
  lab.view.draw(new CanvasSurface(ctx, lab.theme, lab), lab, W, H, lab.R);
  return canvas;
}

/** What was computed, as a CSV file. @type {(lab: Lab) => string} */
export function csvOf(lab) {
  lab.catchUp();
  const rows = lab.view.csv(lab, lab.R).map((row) => row.join(","));
  return `${rows.join("\n")}\n`;
}

/** @type {(lab: Lab) => void} */
export function showPython(lab) {
  const code = pythonOf(lab);
  const looks = { class: "gl-code", tabindex: "0", role: "group", "aria-label": "Python code for this state" };
  showText(lab, h("pre", looks, h("code", {}, code)), code);
}

/** @type {(lab: Lab) => void} */
export function showLink(lab) {
  const hash = fragmentOf(lab);
  const url = location.href.split("#")[0] + hash;
  try {
    history.replaceState(null, "", hash);
  } catch {
    /* a sandboxed frame keeps its address */
  }
  const looks = { type: "text", class: "gl-link", readonly: true, "aria-label": "Link that reproduces this state" };
  showText(lab, h("input", { ...looks, value: url }), url);
}

/**
 * Shows a text to be copied, and copies it where that is allowed.
 * @type {(lab: Lab, el: Element, text: string) => void}
 */
function showText(lab, el, text) {
  const said = h("p", { class: "gl-small", role: "status" }, "Select and copy:");
  const close = () => {
    lab.parts.panel.replaceChildren();
    lab.parts.live.querySelector("button[name=python]").focus();
  };
  lab.parts.panel.replaceChildren(said, el, h("button", { type: "button", name: "close", onclick: close }, "Close"));
  const copied = () => {
    said.textContent = "Copied:";
  };
  navigator.clipboard?.writeText(text).then(copied, () => {});
}

/** Hands a file to the browser. @type {(lab: Lab, kind: string) => void} */
export function saveAs(lab, kind) {
  const give = (blob) => {
    const url = URL.createObjectURL(blob);
    const a = h("a", { href: url, download: `${lab.config.scenario}.${kind}` });
    document.body.append(a);
    a.click();
    a.remove();
    setTimeout(() => URL.revokeObjectURL(url), 2000);
  };
  if (kind === "csv") give(new Blob([csvOf(lab)], { type: "text/csv" }));
  else if (kind === "svg") give(new Blob([svgOf(lab)], { type: "image/svg+xml" }));
  else canvasOf(lab).toBlob((blob) => blob && give(blob));
}
