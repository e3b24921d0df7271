// @ts-check
import { gammaOf, tOf } from "./clocks.js";

const RHO = 7; // of the grid uniform in gamma^(1/rho), as Karras et al. 2022 choose it

/**
 * n+1 uniform points from a to b, rounded as torch.linspace rounds them.
 * @type {(a: number, b: number, n: number) => Float64Array}
 */
function linspace(a, b, n) {
  const out = new Float64Array(n + 1);
  const step = (b - a) / n;
  const half = (n + 1) >> 1;
  for (let i = 0; i <= n; i++) out[i] = i < half ? a + step * i : b - step * (n - i);
  return out;
}

/** The times of a grid, by its name: n steps from t0 down to t1, before the ends are set exactly. */
const TIMES = {
  linear: (n, t0, t1) => linspace(t0, t1, n),
  quadratic: (n, t0, t1) => linspace(Math.sqrt(t0), Math.sqrt(t1), n).map((v) => v * v),
  log_gamma: (n, t0, t1) => linspace(Math.log(gammaOf(t0)), Math.log(gammaOf(t1)), n).map((v) => tOf(Math.exp(v))),
  rho7: (n, t0, t1) => linspace(gammaOf(t0) ** (1 / RHO), gammaOf(t1) ** (1 / RHO), n).map((v) => tOf(v ** RHO)),
};

export const SPACINGS = Object.keys(TIMES);

/**
 * The n+1 levels gamma of a run from t0 down to t1: the gammas of ge.time_grid.
 * @type {(n: number, spacing: string, t0: number, t1: number) => Float64Array}
 */
export function grid(n, spacing, t0, t1) {
  if (!Object.hasOwn(TIMES, spacing)) throw new RangeError("unknown spacing");
  const t = TIMES[spacing](n, t0, t1);
  t[0] = t0;
  t[n] = t1;
  return t.map(gammaOf);
}

const MONITOR_FLOOR = 0.05; // of the mean: no interval is thought to be free of error

/**
 * New levels for which the local errors should become equal: one turn of the iteration. The error of a step is
 * taken as C |H|^(order + 1), H its length in log gamma: its root measures the share of the work in it.
 * @param {Float64Array | number[]} gammas the N+1 levels
 * @param {number[]} localErrors of the N steps between them
 * @param {number} order of the solver
 * @returns {Float64Array}
 */
export function equidistribute(gammas, localErrors, order) {
  const N = localErrors.length;
  const root = Array.from(localErrors, (e) => e ** (1 / (order + 1)));
  const mean = root.reduce((a, b) => a + b) / N;
  const sum = [0];
  const out = Float64Array.from(gammas);
  for (const m of root) sum.push(sum[sum.length - 1] + m + MONITOR_FLOOR * mean);
  if (!(sum[N] > 0 && Number.isFinite(sum[N]))) return out;
  for (let i = 1, k = 0; i < N; i++) {
    const wanted = (sum[N] * i) / N;
    while (k + 1 < N && sum[k + 1] < wanted) k++;
    out[i] = gammas[k] * (gammas[k + 1] / gammas[k]) ** ((wanted - sum[k]) / (sum[k + 1] - sum[k]));
  }
  return out;
}
