// @ts-check

import { styleOf } from "./labels.js";
import { markerPath } from "./surfaces/markers.js";
import { DASHES } from "./surfaces/surface.js";
import { pathPen } from "./surfaces/svg.js";

const SVG = "http://www.w3.org/2000/svg";

const element = (tag, attributes) => {
  const el = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) el.setAttribute(name, String(value));
  return el;
};

/** A small picture of a solver's line and marker. @type {(lab: any, solver: string) => SVGElement} */
export function swatch(lab, solver) {
  const { color, marker, dash } = styleOf(lab, solver);
  const pen = pathPen();
  markerPath(pen, marker, 12, 7, 3.6);
  const svg = element("svg", {
    width: 24,
    height: 14,
    viewBox: "0 0 24 14",
    "aria-hidden": "true",
    class: "gl-swatch",
  });
  const dashes = DASHES[dash].join(" ");
  svg.append(
    element("path", { d: "M0 7L24 7", fill: "none", stroke: color, "stroke-width": "1.8", "stroke-dasharray": dashes }),
    element("path", { d: pen.d.join(""), fill: color }),
  );
  return svg;
}
