// @ts-check

import { FREQUENCIES, fours, levelFeatures, linear, unpackLayers } from "./layers.js";

/** @typedef {import("./types.js").Numbers} Numbers */

/**
 * genie_edu's EpsMLP: eps, and its exact derivatives along the flow by carrying the path's Taylor coefficients
 * through every layer (forward mode). Order q: 0 the values, 1 and 2 the derivatives in gamma.
 */
export class Network {
  /** @param {{ config: Record<string, any>, weights: string }} packed */
  constructor({ config, weights }) {
    if (config.dim !== 2 || config.levels !== "log_gamma") throw new RangeError("not a network of the plane");
    this.width = config.width;
    this.sigma = config.sigma_data;
    this.inputs = 3 + 2 * FREQUENCIES.length;
    const shapes = Array.from({ length: config.depth }, (_, l) => [this.width, l ? this.width : this.inputs]);
    const layers = unpackLayers(weights, [...shapes, [2, this.width]]);
    this.out = layers.pop();
    this.hidden = layers;
    this.rows = 0;
  }

  /** Buffers for B points. @param {number} B */
  reserve(B) {
    if (this.rows >= fours(B)) return;
    const rows = fours(B);
    this.rows = rows;
    const make = (n) => new Float64Array(rows * n);
    const three = (f) => [0, 1, 2].map(f);
    this.x = three(() => make(this.inputs));
    this.h = three(() => make(this.width));
    this.F = three(() => make(2));
    this.a = three(() => this.hidden.map(() => make(this.width)));
    this.slope = this.hidden.map(() => make(this.width));
  }

  /**
   * F's coefficient of order q, from the input's: z(i), number by number of the pairs, and the level's features.
   * @type {(q: number, B: number, z: (i: number) => number, gamma: number) => void}
   */
  pass(q, B, z, gamma) {
    const { width, inputs } = this;
    const x = this.x[q];
    const h = this.h[q];
    const rows = fours(B);
    const size = rows * width;
    const level = levelFeatures(gamma, q);
    for (let i = 0; i < B; i++) {
      x[inputs * i] = z(2 * i);
      x[inputs * i + 1] = z(2 * i + 1);
      for (let k = 0; k < level.length; k++) x[inputs * i + 2 + k] = level[k];
    }
    this.hidden.forEach((layer, l) => {
      const a = this.a[q][l];
      const a0 = this.a[0][l];
      const a1 = this.a[1][l];
      const slope = this.slope[l];
      linear(layer, q === 0, l ? h : x, rows, a);
      if (q === 0)
        for (let i = 0; i < size; i++) {
          const s = 1 / (1 + Math.exp(-a[i]));
          h[i] = a[i] * s;
          slope[i] = s * (1 + a[i] * (1 - s));
        }
      else if (q === 1) for (let i = 0; i < size; i++) h[i] = slope[i] * a[i];
      else
        for (let i = 0; i < size; i++) {
          const s = 1 / (1 + Math.exp(-a0[i]));
          h[i] = slope[i] * a[i] + s * (1 - s) * (2 + a0[i] * (1 - 2 * s)) * a1[i] * a1[i];
        }
    });
    linear(this.out, q === 0, h, rows, this.F[q]);
  }

  /** @type {(X: Numbers, o: number, B: number, gamma: number, E: Numbers) => void} */
  eps(X, o, B, gamma, E) {
    this.reserve(B);
    const r = gamma * gamma + this.sigma * this.sigma;
    const c = 1 / Math.sqrt(r);
    const F = this.F[0];
    const sigma = this.sigma;
    this.pass(0, B, (i) => c * X[o + i], gamma);
    for (let i = 0; i < 2 * B; i++) E[i] = (gamma / r) * X[o + i] - sigma * c * F[i];
  }

  /** @type {import("./types.js").Field["derivatives"]} */
  derivatives(X, o, B, gamma, E, D1, D2) {
    this.eps(X, o, B, gamma, E);
    const { sigma } = this;
    const [F, F1, F2] = this.F;
    const g = gamma;
    const r = g * g + sigma * sigma;
    const c = 1 / Math.sqrt(r);
    const c1 = (-g * c) / r;
    const q = g / r;
    const q1 = 1 / r - 2 * q * q;
    this.pass(1, B, (i) => c1 * X[o + i] + c * E[i], gamma);
    for (let i = 0; i < 2 * B; i++) D1[i] = q1 * X[o + i] + q * E[i] - sigma * (c1 * F[i] + c * F1[i]);
    if (!D2) return;
    const c2 = (c / r) * (3 * g * q - 1);
    const q2 = (q / r) * (8 * g * q - 6);
    this.pass(2, B, (i) => c2 * X[o + i] + 2 * c1 * E[i] + c * D1[i], gamma);
    for (let i = 0; i < 2 * B; i++)
      D2[i] = q2 * X[o + i] + 2 * q1 * E[i] + q * D1[i] - sigma * (c2 * F[i] + 2 * c1 * F1[i] + c * F2[i]);
  }
}
