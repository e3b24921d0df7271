// @ts-check

import { styleOf } from "./labels.js";
import { markerPath } from "./surfaces/markers.js";
import { DASHES } from "./surfaces/surface.js";
import { SvgSurface } from "./surfaces/svg.js";

/** Element with attributes (strings only reach setAttribute) and children; text is always a text node. */
export function h(tag, attributes = {}, ...children) {
  const el = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) el.addEventListener(name.slice(2), value);
    else el.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children.flat()) if (child !== null && child !== undefined) el.append(child);
  return el;
}

/** A small picture of a solver's line and marker. */
export function swatch(lab, solver) {
  const style = styleOf(lab, solver);
  const pen = new SvgSurface(0, 0, {}).pen();
  const ns = "http://www.w3.org/2000/svg";
  markerPath(pen, style.marker, 12, 7, 3.6);
  const svg = document.createElementNS(ns, "svg");
  for (const [k, v] of [
    ["width", 24],
    ["height", 14],
    ["viewBox", "0 0 24 14"],
    ["aria-hidden", "true"],
    ["class", "gl-swatch"],
  ])
    svg.setAttribute(k, v);
  for (const [d, fill] of [
    ["M0 7L24 7", false],
    [pen.d.join(""), true],
  ]) {
    const path = document.createElementNS(ns, "path");
    path.setAttribute("d", d);
    path.setAttribute("fill", fill ? style.color : "none");
    if (!fill) {
      path.setAttribute("stroke", style.color);
      path.setAttribute("stroke-width", "1.8");
      path.setAttribute("stroke-dasharray", DASHES[style.dash].join(" "));
    }
    svg.append(path);
  }
  return svg;
}
