// @ts-check
import { gammaOf, tOf } from "./clocks.js";

const RHO = 7;

/** Uniform points from a to b, rounded as torch.linspace rounds them. */
function linspace(a, b, n) {
  const out = new Float64Array(n + 1);
  const step = (b - a) / n;
  const half = (n + 1) >> 1;
  for (let i = 0; i <= n; i++) out[i] = i < half ? a + step * i : b - step * (n - i);
  return out;
}

export const SPACINGS = ["linear", "quadratic", "log_gamma", "rho7"];

/** The n+1 levels gamma of a run from t0 down to t1: the gammas of ge.time_grid. */
export function grid(n, spacing, t0, t1) {
  const g0 = gammaOf(t0);
  const g1 = gammaOf(t1);
  let t;
  if (spacing === "linear") t = linspace(t0, t1, n);
  else if (spacing === "quadratic") t = linspace(Math.sqrt(t0), Math.sqrt(t1), n).map((v) => v * v);
  else if (spacing === "log_gamma") t = linspace(Math.log(g0), Math.log(g1), n).map((v) => tOf(Math.exp(v)));
  else if (spacing === "rho7") t = linspace(g0 ** (1 / RHO), g1 ** (1 / RHO), n).map((v) => tOf(v ** RHO));
  else throw new RangeError("unknown spacing");
  t[0] = t0;
  t[n] = t1;
  return t.map(gammaOf);
}

// of the mean: no interval is thought to be free of error
const MONITOR_FLOOR = 0.05;

/** New levels for which the local errors should become equal: one turn of the iteration. The error of a step
 * is taken as C |H|^(order + 1), H its length in log gamma: its root measures the share of the work in it. */
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
