// @ts-check

import { interpolationWeights } from "./interpolation.js";
import { remember } from "./multistep.js";

/** @typedef {import("./types.js").Solver} Solver */

/* On the circle arctan(gamma): the measure d arctan(gamma) / d gamma, the speed q = dx / d arctan(gamma), which is
 * S eps - gamma x_bar / S with S = sqrt(1 + gamma^2), and the slope of q in asinh(gamma). */
const circleMeasure = (g) => 1 / (1 + g * g);
const circleSpeed = (g, x, e) => Math.hypot(1, g) * e - (g / Math.hypot(1, g)) * x;
const circleSlope = (g, x, d) => (1 + g * g) * d - x / (1 + g * g);

/**
 * Integrates the last step again, with the cubic through both of its ends; moves T, E and D1.
 * @type {(s: import("./run.js").Run, one: import("./types.js").PastPoint, g: number, S: number) => void}
 */
function circleCorrection(s, one, g, S) {
  const { E, D1, T, n2 } = s;
  const ends = [g, one.g];
  const w = interpolationWeights(Math.asinh, circleMeasure, ends, ends, one.g, g);
  for (let i = 0; i < n2; i += 2) {
    const square = Math.max(E[i] * E[i] + E[i + 1] * E[i + 1], 1e-30);
    const r = Math.min(1, Math.max(0, (g * (E[i] * D1[i] + E[i + 1] * D1[i + 1])) / square));
    const J = (1 - r) / g;
    const K = (r * (1 - r)) / (g * g);
    const feedback = w[0] * (S * S * J - g) + w[2] * (S * S * S * K - 1 / S);
    for (let c = i; c < i + 2; c++) {
      const again =
        S *
        (one.X[c] / Math.hypot(1, one.g) +
          w[0] * circleSpeed(g, T[c], E[c]) +
          w[1] * circleSpeed(one.g, one.X[c], one.E[c]) +
          w[2] * circleSlope(g, T[c], D1[c]) +
          w[3] * circleSlope(one.g, one.X[c], one.D[c]));
      const moved = (again - T[c]) / (1 - Math.min(0, feedback));
      T[c] += moved;
      E[c] += J * moved;
      D1[c] += K * moved;
    }
  }
}

/** GENIE as a multistep method: values and slopes of the present and past points. @type {Solver} */
export const genieMultistep = {
  order: 4,
  memory: 2,
  step(s, g, gn) {
    const { x, o, y, p, E, D1, T, n2, past } = s;
    const [one, two] = past;
    const S = Math.hypot(1, g);
    s.evaluate(1, x, o, g);
    for (let i = 0; i < n2; i++) T[i] = x[o + i];
    if (one) circleCorrection(s, one, g, S);
    const values = [g, ...past.map((q) => q.g)];
    const slopes = values.slice(0, 2);
    const w = interpolationWeights(Math.asinh, circleMeasure, values, slopes, g, gn);
    const Sn = Math.hypot(1, gn);
    const wSlope = w.length - slopes.length;
    for (let i = 0; i < n2; i++) {
      let sum = T[i] / S + w[0] * circleSpeed(g, T[i], E[i]) + w[wSlope] * circleSlope(g, T[i], D1[i]);
      if (one)
        sum += w[1] * circleSpeed(one.g, one.X[i], one.E[i]) + w[wSlope + 1] * circleSlope(one.g, one.X[i], one.D[i]);
      if (two) sum += w[2] * circleSpeed(two.g, two.X[i], two.E[i]);
      y[p + i] = Sn * sum;
    }
    remember(s, 2, g, T, 0, E, D1);
  },
};
