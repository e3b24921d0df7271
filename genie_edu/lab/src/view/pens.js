// @ts-check

import { markerPath } from "./surfaces/markers.js";

/* Functions that draw with a pen (moveTo, lineTo, closePath, circle), as a surface's stroke and fill take them. */

/** @typedef {import("./surfaces/surface.js").Pen} Pen */
/** @typedef {import("./axes.js").Axes} Axes */

export const FAR = 1e5; // pixels; a diverging path is drawn as far as this

/** A coordinate in pixels, no further off than FAR; what is not a number stays so. @type {(v: number) => number} */
export const clampPx = (v) => Math.min(FAR, Math.max(-FAR, v));

/**
 * A line through points in pixels; where one is not a number the line is not broken, the point is left out.
 * @type {(points: number[][]) => (pen: Pen) => void}
 */
export const line = (points) => (pen) => {
  let begun = false;
  for (const [x, y] of points) {
    if (Number.isNaN(x) || Number.isNaN(y)) continue;
    if (begun) pen.lineTo(x, y);
    else pen.moveTo(x, y);
    begun = true;
  }
};

/** The same through points of the plane. @type {(A: Axes, points: ArrayLike<number>[]) => (pen: Pen) => void} */
export const polyline = (A, points) => line(points.map((p) => [clampPx(A.px(p[0])), clampPx(A.py(p[1]))]));

/** The full height of the axes at x pixels. @type {(A: Axes, x: number) => (pen: Pen) => void} */
export const vertical = (A, x) =>
  line([
    [x, A.y],
    [x, A.y + A.h],
  ]);

/** The full width of the axes at y pixels. @type {(A: Axes, y: number) => (pen: Pen) => void} */
export const horizontal = (A, y) =>
  line([
    [A.x, y],
    [A.x + A.w, y],
  ]);

/** @type {(x: number, y: number, w: number, h: number) => (pen: Pen) => void} */
export const box = (x, y, w, h) => (pen) => {
  pen.moveTo(x, y);
  pen.lineTo(x + w, y);
  pen.lineTo(x + w, y + h);
  pen.lineTo(x, y + h);
  pen.closePath();
};

/**
 * One marker at points of the plane.
 * @type {(A: Axes, points: ArrayLike<number>[], marker: string, r: number) => any}
 */
export const markers = (A, points, marker, r) => (pen) => {
  for (const p of points) markerPath(pen, marker, A.px(p[0]), A.py(p[1]), r);
};

/** A circle at a point of the plane. @type {(A: Axes, p: ArrayLike<number>, r: number) => (pen: Pen) => void} */
export const circle = (A, p, r) => (pen) => pen.circle(A.px(p[0]), A.py(p[1]), r);
