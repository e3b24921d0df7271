// @ts-check

import { gammaOf } from "../maths/clocks.js";
import { Exact } from "../maths/exact.js";
import { Mixture } from "../maths/mixture.js";
import { Run } from "../maths/run.js";
import { starts } from "../maths/starts.js";

// starts worked on while the mixture is dragged
export const MAX_COARSE = 80;

/** Cached results of one lab: the mixture, its starts, exact paths, one reusable run per solver. */
export class Engine {
  constructor() {
    this.exact = new Exact();
    this.runs = {};
    this.memo = new Map();
    this.errors = new Map();
  }

  mixture(S) {
    const m = this.mix;
    if (!m || m.weights !== S.weights || m.means !== S.means || m.covs !== S.covs) {
      this.mix = new Mixture(S);
      this.memo.clear();
      this.errors.clear();
    }
    return this.mix;
  }

  remember(name, key, make) {
    const old = this.memo.get(name);
    if (old && old.key === key) return old.value;
    const value = make();
    this.memo.set(name, { key, value });
    return value;
  }

  /** n starts in bar coordinates at t_start; `start`, if given, is the first of them. */
  start(S, n) {
    return this.remember("start", `${n} ${S.seed} ${S.start} ${S.t_start}`, () => {
      const x = starts(n, S.seed);
      const g = gammaOf(S.t_start);
      const f = Math.sqrt(1 + g * g);
      if (S.start) {
        x[0] = S.start[0];
        x[1] = S.start[1];
      }
      return x.map((v) => f * v);
    });
  }

  exactPaths(S, xBar, substep) {
    return this.remember("exact", `${xBar.length} ${S.seed} ${S.start} ${S.t_start} ${S.t_end} ${substep}`, () =>
      this.exact.paths(this.mixture(S), xBar, gammaOf(S.t_start), gammaOf(S.t_end), substep),
    );
  }

  run(slot, S, xBar, gammas, solver, options, field = this.mixture(S)) {
    const run = (this.runs[slot] ??= new Run());
    return run.solve(field, xBar, gammas, solver, options);
  }
}
