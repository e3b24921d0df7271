// @ts-check

/** @typedef {import("./types.js").Numbers} Numbers */

const STRIDE = 11; // numbers a component keeps at one level: mean, P, log weight, P^2, two traces
const LEAST_EXPONENT = -745; // below it exp is zero in float64

/** Gaussian mixture in the plane, diffused: eps and its total derivatives at any level gamma. */
export class Mixture {
  /** @param {import("./types.js").MixtureSpec} spec */
  constructor({ weights, means, covs }) {
    this.K = weights.length;
    this.weights = weights;
    this.means = means;
    this.covs = covs;
    const K = this.K;
    this.par = new Float64Array(STRIDE * K);
    this.r = new Float64Array(K);
    this.dx = new Float64Array(K);
    this.dy = new Float64Array(K);
    this.ex = new Float64Array(K);
    this.ey = new Float64Array(K);
    this.a = new Float64Array(K);
    this.r1 = new Float64Array(K);
    this.r2 = new Float64Array(K);
    this.level = -1;
    let smallest = Infinity;
    for (let k = 0; k < K; k++) {
      const [[a, b], [, d]] = covs[k];
      smallest = Math.min(smallest, 0.5 * (a + d) - Math.hypot(0.5 * (a - d), b));
    }
    this.narrowest = Math.sqrt(Math.max(smallest, 0));
  }

  /** Precompute every component's P = (Sigma + gamma^2 I)^-1 at this level. @param {number} gamma */
  at(gamma) {
    if (this.level === gamma) return;
    this.level = gamma;
    const g2 = gamma * gamma;
    const p = this.par;
    for (let k = 0; k < this.K; k++) {
      const o = STRIDE * k;
      const [[s11, s12], [, s22]] = this.covs[k];
      const a = s11 + g2;
      const d = s22 + g2;
      const det = a * d - s12 * s12;
      const p11 = d / det;
      const p12 = -s12 / det;
      const p22 = a / det;
      p[o] = this.means[k][0];
      p[o + 1] = this.means[k][1];
      p[o + 2] = p11;
      p[o + 3] = p12;
      p[o + 4] = p22;
      p[o + 5] = Math.log(this.weights[k]) - 0.5 * Math.log(det);
      p[o + 6] = p11 + p22;
      p[o + 7] = p11 * p11 + p12 * p12;
      p[o + 8] = p12 * (p11 + p22);
      p[o + 9] = p22 * p22 + p12 * p12;
      p[o + 10] = p[o + 7] + p[o + 9];
    }
  }

  /**
   * Of every component at one point: d = P (x_bar - mean), and the logarithm of its share, but for a constant.
   * @param {number} x
   * @param {number} y
   * @returns {number} the largest of these logarithms
   */
  exponents(x, y) {
    const { K, par: p, r, dx, dy } = this;
    let top = -Infinity;
    for (let k = 0, q = 0; k < K; k++, q += STRIDE) {
      const vx = x - p[q];
      const vy = y - p[q + 1];
      const ux = p[q + 2] * vx + p[q + 3] * vy;
      const uy = p[q + 3] * vx + p[q + 4] * vy;
      const l = p[q + 5] - 0.5 * (vx * ux + vy * uy);
      dx[k] = ux;
      dy[k] = uy;
      r[k] = l;
      if (l > top) top = l;
    }
    return top;
  }

  /**
   * eps at B points: X holds pairs from index `o` on; E gets pairs from 0 on.
   * @type {(X: Numbers, o: number, B: number, gamma: number, E: Numbers) => void}
   */
  eps(X, o, B, gamma, E) {
    this.at(gamma);
    const { K, r, dx, dy } = this;
    for (let i = 0, j = o; i < 2 * B; i += 2, j += 2) {
      const top = this.exponents(X[j], X[j + 1]);
      let sum = 0;
      let sx = 0;
      let sy = 0;
      for (let k = 0; k < K; k++) {
        const l = r[k] - top;
        if (l < LEAST_EXPONENT) continue;
        const w = l === 0 ? 1 : Math.exp(l);
        sum += w;
        sx += w * dx[k];
        sy += w * dy[k];
      }
      const f = gamma / sum;
      E[i] = f * sx;
      E[i + 1] = f * sy;
    }
  }

  /**
   * eps, its first and (D2 given) its second total derivative in gamma along the flow; or along the path of another
   * one, whose velocity V and (for D2) its derivative V1 are given as E and D1 are.
   * @type {(X: Numbers, o: number, B: number, gamma: number, E: Numbers, D1: Numbers, D2: Numbers | null,
   *   V?: Numbers | null, V1?: Numbers | null) => void}
   */
  derivatives(X, o, B, gamma, E, D1, D2, V = null, V1 = null) {
    this.at(gamma);
    const { K, par: p, r, dx, dy, ex, ey, a, r1 } = this;
    for (let i = 0, j = o; i < 2 * B; i += 2, j += 2) {
      const top = this.exponents(X[j], X[j + 1]);
      let sum = 0;
      let sx = 0;
      let sy = 0;
      for (let k = 0; k < K; k++) {
        const l = r[k] - top;
        const w = l === 0 ? 1 : l < LEAST_EXPONENT ? 0 : Math.exp(l);
        r[k] = w;
        sum += w;
        sx += w * dx[k];
        sy += w * dy[k];
      }
      sx /= sum;
      sy /= sum;
      E[i] = gamma * sx;
      E[i + 1] = gamma * sy;
      const epx = V ? V[i] : E[i]; // the path's velocity
      const epy = V ? V[i + 1] : E[i + 1];
      // first derivative: d' = P eps - 2 gamma P d, a = (log N)', r' = r (a - mean a), eps' = u + gamma u'
      let abar = 0;
      for (let k = 0, q = 0; k < K; k++, q += STRIDE) {
        r[k] /= sum;
        const ux = dx[k];
        const uy = dy[k];
        const tx = epx - 2 * gamma * ux;
        const ty = epy - 2 * gamma * uy;
        ex[k] = p[q + 2] * tx + p[q + 3] * ty;
        ey[k] = p[q + 3] * tx + p[q + 4] * ty;
        a[k] = gamma * (ux * ux + uy * uy - p[q + 6]) - (ux * epx + uy * epy);
        abar += r[k] * a[k];
      }
      let u1x = 0;
      let u1y = 0;
      for (let k = 0; k < K; k++) {
        r1[k] = r[k] * (a[k] - abar);
        u1x += r1[k] * dx[k] + r[k] * ex[k];
        u1y += r1[k] * dy[k] + r[k] * ey[k];
      }
      D1[i] = sx + gamma * u1x;
      D1[i + 1] = sy + gamma * u1y;
      if (!D2) continue;
      const e1x = V1 ? V1[i] : D1[i];
      const e1y = V1 ? V1[i + 1] : D1[i + 1];
      // second derivative, term by term as in the book's chapter 5
      let bar = 0;
      for (let k = 0, q = 0; k < K; k++, q += STRIDE) {
        const ux = dx[k];
        const uy = dy[k];
        const vx = ex[k];
        const vy = ey[k];
        const a1 =
          ux * ux +
          uy * uy -
          p[q + 6] +
          2 * gamma * (ux * vx + uy * vy) +
          2 * gamma * gamma * p[q + 10] -
          (vx * epx + vy * epy) -
          (ux * e1x + uy * e1y);
        bar += r1[k] * a[k] + r[k] * a1;
        this.r2[k] = a1;
      }
      let u2x = 0;
      let u2y = 0;
      for (let k = 0, q = 0; k < K; k++, q += STRIDE) {
        const ux = dx[k];
        const uy = dy[k];
        const vx = ex[k];
        const vy = ey[k];
        const p11 = p[q + 2];
        const p12 = p[q + 3];
        const p22 = p[q + 4];
        const q11 = p[q + 7];
        const q12 = p[q + 8];
        const q22 = p[q + 9];
        const tx = e1x - 2 * ux - 2 * gamma * vx;
        const ty = e1y - 2 * uy - 2 * gamma * vy;
        const sx2 = -2 * gamma * (epx - 2 * gamma * ux);
        const sy2 = -2 * gamma * (epy - 2 * gamma * uy);
        const wx = p11 * tx + p12 * ty + q11 * sx2 + q12 * sy2;
        const wy = p12 * tx + p22 * ty + q12 * sx2 + q22 * sy2;
        const rr = r1[k] * (a[k] - abar) + r[k] * (this.r2[k] - bar);
        u2x += rr * ux + 2 * r1[k] * vx + r[k] * wx;
        u2y += rr * uy + 2 * r1[k] * vy + r[k] * wy;
      }
      D2[i] = 2 * u1x + gamma * u2x;
      D2[i + 1] = 2 * u1y + gamma * u2y;
    }
  }

  /**
   * log density of the mixture diffused to `gamma` at one point in bar coordinates.
   * @type {(x: number, y: number, gamma: number) => number}
   */
  logProb(x, y, gamma) {
    this.at(gamma);
    const { K, r } = this;
    const top = this.exponents(x, y);
    let sum = 0;
    for (let k = 0; k < K; k++) sum += Math.exp(r[k] - top);
    return top + Math.log(sum) - Math.log(2 * Math.PI);
  }

  /**
   * The components' posterior probabilities at one point.
   * @type {(x: number, y: number, gamma: number) => number[]}
   */
  responsibilities(x, y, gamma) {
    const total = this.logProb(x, y, gamma) + Math.log(2 * Math.PI);
    return Array.from(this.r, (l) => Math.exp(l - total));
  }
}
