// @ts-check
import { alphaOf } from "./clocks.js";
import { SOLVERS } from "./solvers.js";

/** @typedef {import("./types.js").Numbers} Numbers */
/** @typedef {{ afs?: boolean, float32?: boolean, denoise?: boolean }} RunOptions */

/**
 * A run of a solver for B points; reusable, its buffers grow with the largest run so far.
 * E, D1, D2: the last values of eps and its derivatives; A, T, P: what a step keeps for itself.
 */
export class Run {
  /** @type {import("./types.js").PastPoint[]} */
  past = [];
  /** @type {Numbers} */
  x = [];
  /** @type {Numbers} */
  y = [];

  constructor() {
    this.size = 0;
    this.length = 0;
    this.reserve(0, 0, Float64Array);
    this.o = 0;
    this.p = 0;
  }

  /**
   * Buffers for n2 numbers at each of `levels` levels.
   * @param {number} n2
   * @param {number} levels
   * @param {Float32ArrayConstructor | Float64ArrayConstructor} Real
   */
  reserve(n2, levels, Real) {
    const other = this.real !== Real;
    if (this.size < n2 || other) {
      this.E = new Real(n2);
      this.D1 = new Real(n2);
      this.D2 = new Real(n2);
      this.A = new Real(n2);
      this.T = new Real(n2);
      this.P = new Real(n2);
      this.final = new Real(n2);
      this.size = n2;
    }
    if (this.length < n2 * levels || other) {
      this.path = new Real(n2 * levels);
      this.length = n2 * levels;
    }
    this.real = Real;
  }

  /**
   * eps and derivatives up to `order` at the pairs of X from o on; the first call is x itself under AFS.
   * @type {(order: number, X: Numbers, o: number, gamma: number) => void}
   */
  evaluate(order, X, o, gamma) {
    if (this.first) {
      this.first = false;
      const f = alphaOf(gamma);
      const { E, D1, D2, n2 } = this;
      for (let i = 0; i < n2; i++) {
        E[i] = f * X[o + i];
        D1[i] = 0;
        D2[i] = 0;
      }
      return;
    }
    this.nfe += this.mixture.cost?.(gamma) ?? 1;
    this.n_derivatives += order;
    if (order === 0) this.mixture.eps(X, o, this.B, gamma, this.E);
    else this.mixture.derivatives(X, o, this.B, gamma, this.E, this.D1, order > 1 ? this.D2 : null);
  }

  /**
   * Buffers and a memory without past for a run over the levels.
   * @param {import("./types.js").Field} mixture
   * @param {number} n2 numbers of a state
   * @param {Float64Array} gammas
   * @param {string | { step: import("./types.js").Step }} solver a name, or what has a step
   * @param {RunOptions} options
   */
  begin(mixture, n2, gammas, solver, { afs = false, float32 = false } = {}) {
    this.reserve(n2, gammas.length, float32 ? Float32Array : Float64Array);
    this.mixture = mixture;
    this.B = n2 >> 1;
    this.n2 = n2;
    this.nfe = 0;
    this.n_derivatives = 0;
    this.first = afs;
    this.prev = 0;
    this.past = [];
    this.N = gammas.length - 1;
    this.gammas = gammas;
    this.step = (typeof solver === "string" ? SOLVERS[solver] : solver).step;
    this.x = this.path;
    this.y = this.path;
  }

  /** All steps: from pairs of this.x at one level to pairs of this.y at the next. */
  march() {
    const { n2, N, gammas } = this;
    for (let n = 0; n < N; n++) {
      this.o = n * n2;
      this.p = (n + 1) * n2;
      this.step(this, gammas[n], gammas[n + 1]);
    }
  }

  /**
   * Fills this.path with where every step ends that starts on the exact path `truth`, with an exact past.
   * @type {(mixture: import("./types.js").Field, truth: Numbers, gammas: Float64Array, solver: string) => this}
   */
  fromExact(mixture, truth, gammas, solver) {
    this.begin(mixture, truth.length / gammas.length, gammas, solver);
    this.x = truth;
    this.march();
    return this;
  }

  /**
   * Fills this.path ((N+1) x B pairs, bar coordinates), nfe, n_derivatives and this.final (x).
   * @param {import("./types.js").Field} mixture
   * @param {Numbers} xBar
   * @param {Float64Array} gammas
   * @param {string | { step: import("./types.js").Step }} solver
   * @param {RunOptions} options
   */
  solve(mixture, xBar, gammas, solver, { denoise = false, ...options } = {}) {
    const n2 = xBar.length;
    const N = gammas.length - 1;
    this.begin(mixture, n2, gammas, solver, options);
    this.path.set(xBar);
    this.march();
    const end = N * n2;
    const g = gammas[N];
    if (denoise) {
      this.evaluate(0, this.path, end, g);
      for (let i = 0; i < n2; i++) this.final[i] = this.path[end + i] - g * this.E[i];
    } else {
      const f = alphaOf(g);
      for (let i = 0; i < n2; i++) this.final[i] = f * this.path[end + i];
    }
    return this;
  }
}
