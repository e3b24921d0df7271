// @ts-check

import { Mixture } from "./mixture.js";

/** @typedef {import("./types.js").Numbers} Numbers */

/**
 * The mixture of some components: a class.
 * @type {(spec: import("./types.js").MixtureSpec, members: number[]) => Mixture}
 */
export function classOf({ weights, means, covs }, members) {
  const share = members.reduce((sum, k) => sum + weights[k], 0);
  return new Mixture({
    weights: members.map((k) => weights[k] / share),
    means: members.map((k) => means[k]),
    covs: members.map((k) => covs[k]),
  });
}

/**
 * p(c | x) of the class of some components, without noise.
 * @type {(mixture: Mixture, members: number[], x: number, y: number) => number}
 */
export function probabilityOf(mixture, members, x, y) {
  const shares = mixture.responsibilities(x, y, 0);
  return members.reduce((sum, k) => sum + shares[k], 0);
}

/** eps_w = (1 + w) eps_c - w eps_u where low < gamma <= high; elsewhere eps_c. */
export class GuidedField {
  /**
   * @param {Mixture} conditional
   * @param {Mixture} unconditional
   * @param {number} w
   * @param {{ low?: number, high?: number, sum?: boolean }} options of the derivatives: `sum`, each along its own flow
   */
  constructor(conditional, unconditional, w, { low = 0, high = Infinity, sum = false } = {}) {
    this.conditional = conditional;
    this.unconditional = unconditional;
    this.w = w;
    this.low = low;
    this.high = high;
    this.sum = sum;
    this.narrowest = Math.min(conditional.narrowest, unconditional.narrowest);
    this.reserve(0);
  }

  /** Whether guidance acts at a level. @param {number} gamma */
  acts(gamma) {
    return this.w !== 0 && gamma > this.low && gamma <= this.high;
  }

  /** @type {(gamma: number) => number} */
  cost(gamma) {
    return this.acts(gamma) ? 2 : 1;
  }

  /** Buffers for n2 numbers: of the unconditional part, and what is not asked for. @param {number} n2 */
  reserve(n2) {
    if (this.U && this.U.length >= n2) return;
    this.U = new Float64Array(n2);
    this.U1 = new Float64Array(n2);
    this.U2 = new Float64Array(n2);
    this.V = new Float64Array(n2);
    this.V1 = new Float64Array(n2);
    this.skip = new Float64Array(n2);
    this.skip1 = new Float64Array(n2);
  }

  /** out = (1 + w) c - w u, n2 numbers. @type {(out: Numbers, c: Numbers, u: Numbers, n2: number) => void} */
  mix(out, c, u, n2) {
    for (let i = 0; i < n2; i++) out[i] = (1 + this.w) * c[i] - this.w * u[i];
  }

  /** @type {import("./types.js").Field["eps"]} */
  eps(X, o, B, gamma, E) {
    this.conditional.eps(X, o, B, gamma, E);
    if (!this.acts(gamma)) return;
    this.reserve(2 * B);
    this.unconditional.eps(X, o, B, gamma, this.U);
    this.mix(E, E, this.U, 2 * B);
  }

  /** @type {import("./types.js").Field["derivatives"]} */
  derivatives(X, o, B, gamma, E, D1, D2) {
    const { conditional: c, unconditional: u } = this;
    if (!this.acts(gamma)) return c.derivatives(X, o, B, gamma, E, D1, D2);
    const n2 = 2 * B;
    this.reserve(n2);
    const { U, U1, U2, V, V1, skip, skip1 } = this;
    if (this.sum) {
      c.derivatives(X, o, B, gamma, E, D1, D2);
      u.derivatives(X, o, B, gamma, U, U1, D2 ? U2 : null);
      this.mix(E, E, U, n2);
      this.mix(D1, D1, U1, n2);
      if (D2) this.mix(D2, D2, U2, n2);
      return;
    }
    this.eps(X, o, B, gamma, V);
    c.derivatives(X, o, B, gamma, skip, D1, null, V);
    u.derivatives(X, o, B, gamma, U, U1, null, V);
    this.mix(V1, D1, U1, n2);
    if (D2) {
      c.derivatives(X, o, B, gamma, skip, skip1, D2, V, V1);
      u.derivatives(X, o, B, gamma, U, U1, U2, V, V1);
      this.mix(D2, D2, U2, n2);
    }
    for (let i = 0; i < n2; i++) {
      E[i] = V[i];
      D1[i] = V1[i];
    }
  }
}
