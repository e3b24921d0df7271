// @ts-check
import { clockOf } from "./clocks.js";

/** @typedef {import("./types.js").Numbers} Numbers */

/**
 * Median of numbers: the mean of the middle two for an even count.
 * @type {(values: ArrayLike<number>) => number}
 */
export function median(values) {
  const v = Float64Array.from(values).sort();
  const n = v.length;
  return n === 0 ? NaN : n % 2 ? v[(n - 1) / 2] : 0.5 * (v[n / 2 - 1] + v[n / 2]);
}

/** Between two points of the plane. @type {(p: Numbers, q: Numbers) => number} */
export const distance = (p, q) => Math.hypot(p[0] - q[0], p[1] - q[1]);

/**
 * Median over starts of the Euclidean distance, the book's one meaning of error.
 * @type {(path: Numbers, offset: number, exactEnd: Numbers) => number}
 */
export function endPointError(path, offset, exactEnd) {
  const B = exactEnd.length >> 1;
  const d = new Float64Array(B);
  for (let i = 0; i < B; i++)
    d[i] = Math.hypot(path[offset + 2 * i] - exactEnd[2 * i], path[offset + 2 * i + 1] - exactEnd[2 * i + 1]);
  return median(d);
}

/**
 * Slope of -log(error) on log(N) over the range that ge.observed_order picks, or null if none.
 * @param {number[]} counts
 * @param {number[]} errors
 * @param {number} tolerance
 * @returns {{ order: number, nFrom: number, nTo: number, offset: number } | null} offset: log(error) at N = 1
 */
export function observedOrder(counts, errors, tolerance = 0.25) {
  const at = counts.map((_, i) => i).sort((i, j) => counts[i] - counts[j]);
  const x = at.map((i) => Math.log(counts[i]));
  const y = at.map((i) => Math.log(errors[i]));
  const slopes = x.slice(1).map((v, i) => -(y[i + 1] - y[i]) / (v - x[i]));
  for (let length = slopes.length; length >= 2; length--)
    for (let start = slopes.length - length; start >= 0; start--) {
      const run = slopes.slice(start, start + length);
      const low = Math.min(...run);
      const high = Math.max(...run);
      if (!(run.every(Number.isFinite) && low > 0.2 && high - low <= tolerance)) continue;
      const n = length + 1;
      const xs = x.slice(start, start + n);
      const ys = y.slice(start, start + n);
      const mx = xs.reduce((a, b) => a + b) / n;
      const my = ys.reduce((a, b) => a + b) / n;
      let sxy = 0;
      let sxx = 0;
      for (let i = 0; i < n; i++) {
        sxy += (xs[i] - mx) * (ys[i] - my);
        sxx += (xs[i] - mx) ** 2;
      }
      return {
        order: -sxy / sxx,
        nFrom: counts[at[start]],
        nTo: counts[at[start + length]],
        offset: my - (sxy / sxx) * mx,
      };
    }
  return null;
}

/**
 * Largest distance of the path from its chord on one clock, by itself and as a share of the chord.
 * @type {(paths: import("./types.js").ExactPaths, clock: string, variable: string) => { off: number, bend: number }}
 */
export function offTheChord({ gamma, path }, clock, variable) {
  const n = gamma.length - 1;
  const c0 = clockOf(clock, gamma[0]);
  const c1 = clockOf(clock, gamma[n]);
  const at = (i, j) => path[2 * i + j] / (variable === "x" ? Math.sqrt(1 + gamma[i] ** 2) : 1);
  const dx = at(n, 0) - at(0, 0);
  const dy = at(n, 1) - at(0, 1);
  let worst = 0;
  for (let i = 0; i <= n; i++) {
    const s = (clockOf(clock, gamma[i]) - c0) / (c1 - c0);
    worst = Math.max(worst, Math.hypot(at(i, 0) - at(0, 0) - s * dx, at(i, 1) - at(0, 1) - s * dy));
  }
  return { off: worst, bend: worst / Math.hypot(dx, dy) };
}
