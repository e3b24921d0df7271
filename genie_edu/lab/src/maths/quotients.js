// @ts-check
import { median } from "./errors.js";

export const QUOTIENTS = ["forward", "central"];

/** Shares of gamma from 1e-10 to 0.5. */
export const QUOTIENT_STEPS = Float64Array.from({ length: 98 }, (_, k) => 10 ** (-10 + k / 10));

/**
 * Difference quotients of eps along the flow at pairs X against its exact derivative D: the median over the pairs
 * of the relative error, for every step (a share of gamma). In float32 each state, level and value of eps is rounded.
 * @param {import("./types.js").Field} mixture
 * @param {Float64Array} X
 * @param {number} gamma
 * @param {Float64Array} D
 * @param {string} kind one of QUOTIENTS
 * @param {boolean} float32
 * @param {ArrayLike<number>} steps
 * @returns {Float64Array}
 */
export function quotientErrors(mixture, X, gamma, D, kind, float32, steps) {
  const n2 = X.length;
  const B = n2 >> 1;
  const Real = float32 ? Float32Array : Float64Array;
  const round = float32 ? Math.fround : (v) => v;
  const x = Real.from(X);
  const E = new Real(n2);
  const T = new Real(n2);
  const ahead = new Real(n2);
  const behind = new Real(n2);
  const off = new Float64Array(B);
  mixture.eps(x, 0, B, round(gamma), E);
  const ask = (d, out) => {
    for (let i = 0; i < n2; i++) T[i] = X[i] + d * E[i];
    mixture.eps(T, 0, B, round(gamma + d), out);
  };
  return Float64Array.from(steps, (step) => {
    const d = step * gamma;
    const central = kind === "central";
    const length = central ? 2 * d : d;
    ask(d, ahead);
    if (central) ask(-d, behind);
    else behind.set(E);
    for (let i = 0; i < B; i++) {
      const qx = (ahead[2 * i] - behind[2 * i]) / length - D[2 * i];
      const qy = (ahead[2 * i + 1] - behind[2 * i + 1]) / length - D[2 * i + 1];
      off[i] = Math.hypot(qx, qy) / Math.hypot(D[2 * i], D[2 * i + 1]);
    }
    return median(off);
  });
}
