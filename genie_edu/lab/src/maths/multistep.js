// @ts-check
/* The solvers that read past values of eps. How a step reads and writes stands in single_step.js. */

import { tOf } from "./clocks.js";
import { interpolationWeights } from "./interpolation.js";

/** @typedef {import("./run.js").Run} Run */
/** @typedef {import("./types.js").Numbers} Numbers */
/** @typedef {import("./types.js").Solver} Solver */

/**
 * Puts the present point in front of run.past, which keeps `depth` of them.
 * @type {(s: Run, depth: number, g: number, X: Numbers, o: number, E: Numbers, D: Numbers | null) => void}
 */
export function remember(s, depth, g, X, o, E, D) {
  const { n2, real: Real } = s;
  const fresh = () => ({ g, X: new Real(n2), E: new Real(n2), D: new Real(n2) });
  const slot = s.past.length >= depth ? s.past.pop() : fresh();
  slot.g = g;
  for (let i = 0; i < n2; i++) {
    slot.X[i] = X[o + i];
    slot.E[i] = E[i];
    if (D) slot.D[i] = D[i];
  }
  s.past.unshift(slot);
}

/**
 * y = x + sum of weights times the values of eps, now and past; then the point is remembered.
 * @type {(s: Run, g: number, weights: number[], depth: number) => void}
 */
function weightedStep(s, g, weights, depth) {
  const { x, o, y, p, E, n2 } = s;
  for (let i = 0; i < n2; i++) {
    let sum = weights[0] * E[i];
    for (let j = 1; j < weights.length; j++) sum += weights[j] * s.past[j - 1].E[i];
    y[p + i] = x[o + i] + sum;
  }
  remember(s, depth, g, x, o, E, null);
}

/** Weights of eps now and past over equal steps, by how many past values there are. */
const ADAMS = [[1], [3 / 2, -1 / 2], [23 / 12, -16 / 12, 5 / 12], [55 / 24, -59 / 24, 37 / 24, -9 / 24]];

/** Adams and Bashforth's two-step method. @type {Solver} */
export const ab2 = {
  order: 2,
  memory: 1,
  step(s, g, gn) {
    const { x, o, y, p, E, P, n2 } = s;
    const h = gn - g;
    const c = s.prev > 0 ? (0.5 * h * h) / (g - s.prev) : 0;
    s.evaluate(0, x, o, g);
    for (let i = 0; i < n2; i++) {
      y[p + i] = x[o + i] + h * E[i] + c * (E[i] - P[i]);
      P[i] = E[i];
    }
    s.prev = g;
  },
};

/** DPM-Solver++(2M). @type {Solver} */
export const dpmpp2m = {
  order: 2,
  memory: 1,
  step(s, g, gn) {
    const { x, o, y, p, E, P, n2 } = s;
    const k = gn / g;
    const c = s.prev > 0 ? (0.5 * Math.log(g / gn)) / Math.log(s.prev / g) : 0;
    s.evaluate(0, x, o, g);
    for (let i = 0; i < n2; i++) {
      const data = x[o + i] - g * E[i];
      y[p + i] = k * x[o + i] + (1 - k) * (data + c * (data - P[i]));
      P[i] = data;
    }
    s.prev = g;
  },
};

/** iPNDM with the weights of equal steps. @type {Solver} */
export const ipndm4 = {
  order: 2,
  memory: 3,
  step(s, g, gn) {
    s.evaluate(0, s.x, s.o, g);
    const weights = ADAMS[s.past.length].map((a) => a * (gn - g));
    weightedStep(s, g, weights, 3);
  },
};

/**
 * A step that integrates the polynomial in u(gamma) through eps now and `depth` times before.
 * @type {(u: (gamma: number) => number, depth: number) => import("./types.js").Step}
 */
const deis = (u, depth) => (s, g, gn) => {
  s.evaluate(0, s.x, s.o, g);
  const levels = [g, ...s.past.map((q) => q.g)];
  const weights = interpolationWeights(u, () => 1, levels, [], g, gn);
  weightedStep(s, g, weights, depth);
};

/** DEIS, polynomials in t through four values. @type {Solver} */
export const deisTab3 = { order: 4, memory: 3, step: deis(tOf, 3) };

/** DEIS, polynomials in log gamma through three values. @type {Solver} */
export const deisLogrho3 = { order: 3, memory: 2, step: deis(Math.log, 2) };

/** UniPC-2. @type {Solver} */
export const unipc2 = {
  order: 3,
  memory: 2,
  step(s, g, gn) {
    const { x, o, y, p, E, A, T, n2, past } = s;
    const [one, two] = past;
    s.evaluate(0, x, o, g);
    for (let i = 0; i < n2; i++) {
      A[i] = x[o + i] - g * E[i]; // the data prediction
      T[i] = x[o + i]; // the point, which the corrector of the step that led here moves
    }
    if (one) {
      const k = g / one.g;
      const H = Math.log(one.g / g);
      const r = two ? -Math.log(two.g / one.g) / H : 0;
      const phi1 = Math.expm1(-H);
      const phi2 = -phi1 / H - 1;
      const phi3 = -phi2 / H - 0.5;
      const b1 = phi2 / phi1;
      const b2 = (2 * phi3) / phi1;
      const cPast = two ? (b1 - b2) / (1 - r) : 0;
      const cNow = two ? b1 - cPast : 0.5;
      for (let i = 0; i < n2; i++) {
        const d0 = one.X[i] - one.g * one.E[i];
        const d1 = two ? (two.X[i] - two.g * two.E[i] - d0) / r : 0;
        T[i] = k * one.X[i] - phi1 * (d0 + cPast * d1 + cNow * (A[i] - d0));
        E[i] = (T[i] - A[i]) / g; // so that the memory keeps the data prediction
      }
    }
    const k = gn / g;
    const r = one ? (0.5 * Math.log(g / gn)) / Math.log(one.g / g) : 0;
    for (let i = 0; i < n2; i++) {
      const d1 = one ? A[i] - (one.X[i] - one.g * one.E[i]) : 0;
      y[p + i] = k * T[i] + (1 - k) * (A[i] + r * d1);
    }
    remember(s, 2, g, T, 0, E, null);
  },
};
