// @ts-check

import { fours, levelFeatures, linear, unpackLayers } from "./layers.js";

/** genie_edu's GenieHead on a Network's last evaluation: d eps / d gamma in the mixed parametrization. */
export class Head {
  constructor({ width, feature_sizes: [features, levels], channels, mixed }, weights) {
    if (channels !== 2 || !mixed) throw new RangeError("not a head of the plane");
    [this.first, this.level, this.second, this.out] = unpackLayers(weights, [
      [width, 4 + features],
      [width, levels],
      [width, width],
      [6, width],
    ]);
    this.rows = 0;
  }
  derivative(net, X, o, B, gamma, E, D1) {
    const { first, level, second, out } = this;
    const rows = fours(B);
    const n = first.n;
    const m = first.m;
    const c = 1 / Math.sqrt(1 + gamma * gamma);
    if (this.rows < rows) {
      const make = (k) => new Float64Array(rows * k);
      Object.assign(this, { rows, x: make(n), h: make(m), s: make(m), t: make(m), k: make(6) });
    }
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
