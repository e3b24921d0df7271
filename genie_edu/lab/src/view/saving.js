// @ts-check

import { toFragment } from "../engine/link.js";
import { h } from "./dom.js";
import { drawKey, drawTitle, keyOf, TITLE_HEIGHT } from "./framing.js";
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

/**
 * A file is light, whatever the page is: it goes onto paper and slides.
 * @type {<T>(lab: Lab, make: () => T) => T}
 */
function inLight(lab, make) {
  lab.catchUp();
  const { colours } = lab;
  lab.root.dataset.scheme = "light";
  lab.colours = null;
  try {
    return make();
  } finally {
    delete lab.root.dataset.scheme;
    lab.colours = colours;
    lab.kept = null; // a background in those colours
  }
}

/** The picture with its title and the names of its lines, as an SVG file. @type {(lab: Lab) => string} */
export const svgOf = (lab) =>
  inLight(lab, () => {
    const [W, H] = sizeOf(lab);
    const surface = new SvgSurface(W, H, lab.theme);
    lab.view.draw(surface, lab, W, H, lab.R);
    const key = keyOf(lab, surface, W);
    const [title, below] = [new SvgSurface(W, 0, lab.theme), new SvgSurface(W, 0, lab.theme)];
    drawTitle(title, lab.config.title, W);
    drawKey(below, lab, key);
    surface.out = [
      ...title.out,
      `<g transform="translate(0 ${TITLE_HEIGHT})">`,
      ...surface.out,
      `</g><g transform="translate(0 ${TITLE_HEIGHT + H})">`,
      ...below.out,
      "</g>",
    ];
    surface.height = TITLE_HEIGHT + H + key.height;
    return surface.toString(`${lab.config.title}. ${lab.config.alt}`);
  });

/** The same as a canvas to be saved. @type {(lab: Lab) => HTMLCanvasElement} */
const canvasOf = (lab) =>
  inLight(lab, () => {
    const [W, H] = sizeOf(lab);
    /** @type {(height: number, draw: (s: CanvasSurface) => void) => HTMLCanvasElement} */
    const drawn = (height, draw) => {
      const canvas = h("canvas", { width: PNG_RATIO * W, height: PNG_RATIO * height });
      const ctx = canvas.getContext("2d");
      ctx.setTransform(PNG_RATIO, 0, 0, PNG_RATIO, 0, 0);
      ctx.fillStyle = lab.theme.bg;
      ctx.fillRect(0, 0, W, height);
      draw(new CanvasSurface(ctx, lab.theme, lab));
      return canvas;
    };
    const picture = drawn(H, (s) => lab.view.draw(s, lab, W, H, lab.R));
    const key = keyOf(lab, new CanvasSurface({}, lab.theme, lab), W);
    return drawn(TITLE_HEIGHT + H + key.height, (s) => {
      drawTitle(s, lab.config.title, W);
      s.ctx.drawImage(picture, 0, TITLE_HEIGHT, W, H);
      s.ctx.translate(0, TITLE_HEIGHT + H);
      drawKey(s, lab, key);
    });
  });

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
