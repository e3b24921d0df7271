// @ts-check

import { alphaOf, clockOf } from "../maths/clocks.js";
import { clampPx } from "./pens.js";

/** @typedef {import("../maths/types.js").Numbers} Numbers */
/** @typedef {import("./axes.js").Axes} Axes */
/** @typedef {import("./surfaces/surface.js").Pen} Pen */

/**
 * Of B paths in bar coordinates at the levels `gamma` the first n as lines of x: in the plane, or x1 on a clock.
 * @type {(A: Axes, B: number, clock?: string) => (path: Numbers, gamma: Float64Array, n: number)
 *   => (pen: Pen) => void}
 */
export const trackPens =
  (A, B, clock = "plane") =>
  (path, gamma, n) =>
  (pen) => {
    const flat = clock === "plane";
    const levels = gamma.length;
    const f = new Float64Array(levels);
    const c = new Float64Array(levels);
    for (let j = 0; j < levels; j++) {
      f[j] = alphaOf(gamma[j]);
      c[j] = flat ? 0 : A.px(clockOf(clock, gamma[j]));
    }
    const ox = A.px(0);
    const oy = A.py(0);
    const kx = A.sx;
    const ky = A.sy;
    for (let i = 0; i < n; i++)
      for (let j = 0; j < levels; j++) {
        const q = 2 * (j * B + i);
        const v = path[q];
        const x = flat ? clampPx(ox + kx * f[j] * v) : c[j];
        const y = flat ? clampPx(oy - ky * f[j] * path[q + 1]) : clampPx(oy - ky * f[j] * v);
        if (Number.isNaN(x) || Number.isNaN(y)) break;
        if (j) pen.lineTo(x, y);
        else pen.moveTo(x, y);
      }
  };

/**
 * Where B points, from `offset` of a path on and scaled by f, lie on the picture; far ones are left out.
 * @type {(A: Axes, B: number, flat?: boolean) => (path: Numbers, offset: number, f: number) => number[][]}
 */
export const endPixels =
  (A, B, flat = true) =>
  (path, offset, f) => {
    const out = [];
    const near = 60;
    for (let i = 0; i < B; i++) {
      const vx = f * path[offset + 2 * i];
      const vy = f * path[offset + 2 * i + 1];
      const x = flat ? A.px(vx) : A.px(A.x1);
      const y = flat ? A.py(vy) : A.py(vx);
      if (x > A.x - near && x < A.x + A.w + near && y > A.y - near && y < A.y + A.h + near) out.push([x, y]);
    }
    return out;
  };

/** The numbers of a path as points. @type {(path: import("../maths/types.js").Numbers) => number[][]} */
export const pairs = (path) => Array.from({ length: path.length >> 1 }, (_, i) => [path[2 * i], path[2 * i + 1]]);
