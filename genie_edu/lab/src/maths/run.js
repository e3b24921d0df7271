// @ts-check
import { SOLVERS } from "./solvers.js";

/** A run of `solver` for B points; reusable, its buffers grow with the largest run so far. */
export class Run {
  constructor() {
    this.size = -1;
    this.length = -1;
  }

  evaluate(order, X, o, gamma) {
    if (this.first) {
      this.first = false;
      const f = 1 / Math.sqrt(1 + gamma * gamma);
      const { E, D1, D2, n2 } = this;
      for (let i = 0; i < n2; i++) {
        E[i] = f * X[o + i];
        D1[i] = 0;
        D2[i] = 0;
      }
      return;
    }
    this.nfe++;
    this.n_derivatives += order;
    if (order === 0) this.mixture.eps(X, o, this.B, gamma, this.E);
    else this.mixture.derivatives(X, o, this.B, gamma, this.E, this.D1, order > 1 ? this.D2 : null);
  }

  /** Buffers and a memory without past for a run of n2 numbers over the levels; `solver` is a name or has a step. */
  begin(mixture, n2, gammas, solver, { afs = false, float32 = false } = {}) {
    const N = gammas.length - 1;
    const Real = float32 ? Float32Array : Float64Array;
    if (this.size < n2 || this.real !== Real) {
      for (const b of ["E", "D1", "D2", "A", "T", "P", "final"]) this[b] = new Real(n2);
      this.size = n2;
    }
    if (this.length < n2 * (N + 1) || this.real !== Real) {
      this.path = new Real(n2 * (N + 1));
      this.length = n2 * (N + 1);
    }
    Object.assign(this, {
      mixture,
      B: n2 >> 1,
      n2,
      real: Real,
      nfe: 0,
      n_derivatives: 0,
      first: afs,
      prev: 0,
      past: [],
      N,
      gammas,
      step: (SOLVERS[solver] ?? solver).step,
    });
    this.x = this.y = this.path;
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

  /** Fills this.path with where every step ends that starts on the exact path `truth`, with an exact past. */
  fromExact(mixture, truth, gammas, solver) {
    this.begin(mixture, truth.length / gammas.length, gammas, solver);
    this.x = truth;
    this.march();
    return this;
  }

  /** Fills this.path ((N+1) x B pairs, bar coordinates), nfe, n_derivatives and this.final (x). */
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
      const f = 1 / Math.sqrt(1 + g * g);
      for (let i = 0; i < n2; i++) this.final[i] = f * this.path[end + i];
    }
    return this;
  }
}
