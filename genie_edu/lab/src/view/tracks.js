// @ts-check

import { clockOf } from "../maths/clocks.js";
import { clampPx } from "./axes.js";

/** Of B paths in bar coordinates at the levels `gamma` the first n as lines of x: in the plane, or x1 on a clock. */
export const trackPens =
  (A, B, clock = "plane") =>
  (path, gamma, n) =>
  (pen) => {
    const flat = clock === "plane";
    const levels = gamma.length;
    const f = new Float64Array(levels);
    const c = new Float64Array(levels);
    for (let j = 0; j < levels; j++) {
      f[j] = 1 / Math.sqrt(1 + gamma[j] ** 2);
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
        if (x !== x || y !== y) break;
        if (j) pen.lineTo(x, y);
        else pen.moveTo(x, y);
      }
  };

/** Where B points, from `offset` of a path on and scaled by f, lie on the picture; far ones are left out. */
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

export const pairs = (path, step = 1) => {
  const out = [];
  for (let i = 0; i < path.length; i += 2 * step) out.push([path[i], path[i + 1]]);
  return out;
};

export const polyline = (A, points) => (pen) =>
  points.forEach((p, i) => {
    const x = clampPx(A.px(p[0]));
    const y = clampPx(A.py(p[1]));
    if (x === x && y === y) {
      if (i) pen.lineTo(x, y);
      else pen.moveTo(x, y);
    }
  });

export const box = (x, y, w, h) => (pen) => {
  pen.moveTo(x, y);
  pen.lineTo(x + w, y);
  pen.lineTo(x + w, y + h);
  pen.lineTo(x, y + h);
  pen.closePath();
};
