// @ts-check

import { alphaOf } from "./clocks.js";
import { fours, levelFeatures, linear, unpackLayers } from "./layers.js";

/** @typedef {import("./types.js").Numbers} Numbers */

/** genie_edu's GenieHead on a Network's last evaluation: d eps / d gamma in the mixed parametrization. */
export class Head {
  /**
   * @param {Record<string, any>} config
   * @param {string} weights
   */
  constructor({ width, feature_sizes: [features, levels], channels, mixed }, weights) {
    if (channels !== 2 || !mixed) throw new RangeError("not a head of the plane");
    const shapes = [
      [width, 4 + features],
      [width, levels],
      [width, width],
      [6, width],
    ];
    const [first, level, second, out] = unpackLayers(weights, shapes);
    this.first = first;
    this.level = level;
    this.second = second;
    this.out = out;
    this.rows = 0;
  }

  /** Buffers for that many rows of numbers. @param {number} rows */
  reserve(rows) {
    if (this.rows >= rows) return;
    const make = (k) => new Float64Array(rows * k);
    this.rows = rows;
    this.x = make(this.first.n);
    this.h = make(this.first.m);
    this.s = make(this.first.m);
    this.t = make(this.first.m);
    this.k = make(6);
  }

  /**
   * D1 from X at the level and from the network's E there.
   * @type {(net: import("./network.js").Network, X: Numbers, o: number, B: number, gamma: number, E: Numbers,
   *   D1: Numbers) => void}
   */
  derivative(net, X, o, B, gamma, E, D1) {
    const { first, level, second, out } = this;
    const rows = fours(B);
    const n = first.n;
    const m = first.m;
    const c = alphaOf(gamma);
    this.reserve(rows);
    const { x, h, s, t, k } = this;
    const hidden = net.h[0];
    const width = net.width;
    const features = levelFeatures(gamma, 0);
    for (let i = 0; i < B; i++) {
      for (let j = 0; j < 2; j++) {
        x[n * i + j] = c * X[o + 2 * i + j];
        x[n * i + 2 + j] = E[2 * i + j];
      }
      for (let j = 0; j < width; j++) x[n * i + 4 + j] = hidden[width * i + j];
    }
    const silu = (from, to) => {
      for (let i = 0; i < rows * m; i++) to[i] = from[i] / (1 + Math.exp(-from[i]));
    };
    linear(first, true, x, rows, h);
    for (let j = 0; j < m; j++) {
      let shift = level.b[j];
      for (let q = 0; q < level.n; q++) shift += level.w[j * level.n + q] * features[q];
      for (let i = j; i < rows * m; i += m) h[i] += shift;
    }
    silu(h, s);
    linear(second, true, s, rows, t);
    for (let i = 0; i < rows * m; i++) h[i] += t[i];
    silu(h, s);
    linear(out, true, s, rows, k);
    for (let i = 0; i < B; i++)
      for (let j = 0; j < 2; j++)
        D1[2 * i + j] = (-k[6 * i + j] + (1 - c * c) * k[6 * i + 2 + j] + c * c * k[6 * i + 4 + j]) / gamma;
  }
}
