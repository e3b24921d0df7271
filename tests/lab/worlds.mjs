// What the tests share: mixtures, starts in bar coordinates, and a Gaussian's closed solution.
import { gammaOf } from "../../genie_edu/lab/src/maths/clocks.js";
import { Mixture } from "../../genie_edu/lab/src/maths/mixture.js";
import { starts } from "../../genie_edu/lab/src/maths/starts.js";

export const threeModes = () =>
  new Mixture({
    weights: [0.4, 0.35, 0.25],
    means: [
      [-1.1, -0.3],
      [1.2, 0.7],
      [0.3, -1.4],
    ],
    covs: [
      [
        [0.09, 0.02],
        [0.02, 0.05],
      ],
      [
        [0.04, 0],
        [0, 0.12],
      ],
      [
        [0.06, -0.03],
        [-0.03, 0.08],
      ],
    ],
  });

export const STD = 0.5;
export const MEAN = [0.4, -0.2];

/** One round mode: x_bar - mean is then proportional to sqrt(std^2 + gamma^2) along the flow. */
export const gaussian = () =>
  new Mixture({
    weights: [1],
    means: [MEAN],
    covs: [
      [
        [STD * STD, 0],
        [0, STD * STD],
      ],
    ],
  });

/** Where a point at level g stands at level gn in the field of `gaussian`. */
export const gaussianSolution = (x, g, gn) =>
  x.map((v, i) => MEAN[i % 2] + ((v - MEAN[i % 2]) * Math.hypot(STD, gn)) / Math.hypot(STD, g));

/** n starts in bar coordinates at the time t. */
export const barStarts = (n, t) => starts(n, 0).map((v) => Math.hypot(1, gammaOf(t)) * v);

/** The largest absolute difference of two lists of numbers. */
export const largestDifference = (a, b) => a.reduce((most, v, i) => Math.max(most, Math.abs(v - b[i])), 0);
