// @ts-check

import { clamp } from "./numbers.js";

/** @typedef {import("./surfaces/surface.js").Surface} Surface */
/** @typedef {import("../engine/types.js").State} State */
/** @typedef {{ x: number, y: number, w: number, h: number }} Rect in pixels */

/**
 * A map of a rectangle of the plane onto pixels: px and py give pixels, inverse the plane's (or its logarithms').
 * sx, sy: pixels for one unit.
 * @typedef {Rect & { x0: number, x1: number, y0: number, y1: number, sx: number, sy: number,
 *   px: (v: number) => number, py: (v: number) => number, inverse: (px: number, py: number) => number[] }} Axes
 */

/** Round tick positions covering [a, b]. @type {(a: number, b: number, count?: number) => number[]} */
export function ticks(a, b, count = 5) {
  const low = Math.min(a, b);
  const high = Math.max(a, b);
  const raw = (high - low) / count;
  if (!(raw > 0) || !Number.isFinite(raw)) return [];
  const base = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].find((m) => m * base >= raw) * base;
  const out = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++)
    out.push(Number((k * step).toPrecision(12)));
  return out;
}

/** @type {(v: number) => string} */
export const tickText = (v) =>
  (v === 0
    ? "0"
    : Math.abs(v) >= 1e4 || Math.abs(v) < 1e-3
      ? v.toExponential(0).replace("e+", "e")
      : String(v)
  ).replace("-", "−");

/**
 * A linear or logarithmic map of a rectangle of the plane onto pixels.
 * @type {(rect: Rect, x: number[], y: number[], log?: boolean) => Axes}
 */
export function axes({ x, y, w, h }, [x0, x1], [y0, y1], log = false) {
  const f = log ? Math.log10 : (v) => v;
  const a0 = f(x0);
  const ax = w / (f(x1) - a0);
  const b0 = f(y0);
  const by = h / (f(y1) - b0);
  return {
    x,
    y,
    w,
    h,
    x0,
    x1,
    y0,
    y1,
    px: (v) => x + (f(v) - a0) * ax,
    py: (v) => y + h - (f(v) - b0) * by,
    inverse: (px, py) => [(px - x) / ax + a0, (y + h - py) / by + b0],
    sx: ax,
    sy: by,
  };
}

/**
 * A window around the middle of the plane, `half` each way in the shorter direction.
 * @type {(rect: Rect, half: number) => Axes}
 */
export function centred(rect, half) {
  const k = half / Math.min(rect.w, rect.h);
  return axes(rect, [-k * rect.w, k * rect.w], [-k * rect.h, k * rect.h]);
}

/** How far from the middle a picture of the plane has to reach: further where a point lies near its edge. */
export const reachOf = (/** @type {State} */ S) =>
  [...S.means, ...(S.start ? [S.start] : [])].flat().some((v) => Math.abs(v) > 2.4) ? 3.75 : 2.75;

/** The window of a view that shows the plane so far. @type {(W: number, H: number, reach: number) => Axes} */
export const plane = (W, H, reach) => centred({ x: 48, y: 8, w: W - 56, h: H - 50 }, reach);

/** The height of such a view. @type {(W: number) => number} */
export const square = (W) => Math.round(clamp(W * 0.92, 280, 480));

/**
 * Frame, ticks and axis names.
 * @param {Surface} s
 * @param {Axes} A
 * @param {{ xName?: string, yName?: string, xTicks?: number[], yTicks?: number[], xFormat?: (v: number) => string,
 *   yFormat?: (v: number) => string, grid?: boolean }} options grid: lines across the picture
 */
export function drawAxes(s, A, options) {
  const { xName, yName, xFormat = tickText, yFormat = tickText, grid = false } = options;
  const t = s.theme;
  const xTicks = options.xTicks ?? ticks(A.x0, A.x1, Math.max(2, A.w / 75));
  const yTicks = options.yTicks ?? ticks(A.y0, A.y1, Math.max(3, A.h / 60));
  if (grid)
    s.stroke({ color: t.grid, width: 1 }, (p) => {
      for (const v of xTicks) {
        p.moveTo(A.px(v), A.y);
        p.lineTo(A.px(v), A.y + A.h);
      }
      for (const v of yTicks) {
        p.moveTo(A.x, A.py(v));
        p.lineTo(A.x + A.w, A.py(v));
      }
    });
  s.stroke({ color: t.axis, width: 1 }, (p) => {
    p.moveTo(A.x, A.y);
    p.lineTo(A.x, A.y + A.h);
    p.lineTo(A.x + A.w, A.y + A.h);
    for (const v of xTicks) {
      p.moveTo(A.px(v), A.y + A.h);
      p.lineTo(A.px(v), A.y + A.h + 4);
    }
    for (const v of yTicks) {
      p.moveTo(A.x, A.py(v));
      p.lineTo(A.x - 4, A.py(v));
    }
  });
  for (const v of xTicks) s.text(xFormat(v), A.px(v), A.y + A.h + 13, { size: 11, align: "center", color: t.muted });
  for (const v of yTicks) s.text(yFormat(v), A.x - 7, A.py(v), { size: 11, align: "end", color: t.muted });
  if (xName) s.text(xName, A.x + A.w / 2, A.y + A.h + 30, { size: 12, align: "center", color: t.fg });
  if (yName) s.text(yName, A.x - 38, A.y + A.h / 2, { size: 12, align: "center", color: t.fg, rotate: -Math.PI / 2 });
}

/**
 * A window of the plane that shows all given points, of the plot's own shape.
 * @param {number[][]} points
 * @param {number} W
 * @param {number} H
 * @param {number} smallest width and height that it has at least
 * @param {number} margin on each side, as a share of the window
 */
export function fit(points, W, H, smallest, margin = 0.22) {
  const good = points.filter(
    (p) => Number.isFinite(p[0]) && Number.isFinite(p[1]) && Math.abs(p[0]) < 1e4 && Math.abs(p[1]) < 1e4,
  );
  const xs = good.map((p) => p[0]);
  const ys = good.map((p) => p[1]);
  const rect = { x: 50, y: 8, w: W - 58, h: H - 52 };
  const cx = (Math.min(...xs) + Math.max(...xs)) / 2;
  const cy = (Math.min(...ys) + Math.max(...ys)) / 2;
  const wide = Math.max(smallest, Math.max(...xs) - Math.min(...xs)) * (1 + 2 * margin);
  const tall = Math.max(smallest, Math.max(...ys) - Math.min(...ys)) * (1 + 2 * margin);
  const k = Math.max(wide / rect.w, tall / rect.h) / 2;
  return axes(rect, [cx - k * rect.w, cx + k * rect.w], [cy - k * rect.h, cy + k * rect.h]);
}

/** 1, 2 and 5 times the powers of ten from low to high. */
const roundNumbers = (low, high) => {
  const out = [];
  for (let k = Math.floor(Math.log10(low)); k <= Math.log10(high); k++)
    for (const m of [1, 2, 5]) {
      const v = Number((m * 10 ** k).toPrecision(3));
      if (v >= low * 0.999 && v <= high * 1.001) out.push(v);
    }
  return out;
};

/**
 * Logarithmic ticks, no more than fit: 1, 2, 5 in every decade, or powers of ten alone.
 * @type {(low: number, high: number, most: number) => number[]}
 */
export const logTicks = (low, high, most) => {
  const all = roundNumbers(low, high);
  const tens = all.filter((v) => /^1/.test(v.toExponential()));
  if (all.length <= most) return all;
  if (tens.length < 2) return [all[0], all[all.length - 1]];
  return tens.filter((_, i) => i % Math.ceil(tens.length / most) === 0);
};
