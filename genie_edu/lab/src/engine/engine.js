// @ts-check

import { gammaOf } from "../maths/clocks.js";
import { Exact } from "../maths/exact.js";
import { Mixture } from "../maths/mixture.js";
import { Run } from "../maths/run.js";
import { starts } from "../maths/starts.js";

/** Starts worked on while the mixture is dragged. */
export const MAX_COARSE = 80;

/** @typedef {import("./types.js").State} State */

/** Cached results of one lab: the mixture, its starts, exact paths, one reusable run per solver. */
export class Engine {
  constructor() {
    this.exact = new Exact();
    /** @type {Record<string, Run>} */
    this.runs = {};
    this.memo = new Map();
    this.errors = new Map();
  }

  /** The mixture of a state; another one forgets all that was kept. @param {State} S */
  mixture(S) {
    const m = this.mix;
    if (!m || m.weights !== S.weights || m.means !== S.means || m.covs !== S.covs) {
      this.mix = new Mixture(S);
      this.memo.clear();
      this.errors.clear();
    }
    return this.mix;
  }

  /**
   * What `make` gives, kept under a name until its key changes.
   * @template T
   * @param {string} name
   * @param {string} key all that the value depends on, but for the mixture
   * @param {() => T} make
   * @returns {T}
   */
  remember(name, key, make) {
    const old = this.memo.get(name);
    if (old && old.key === key) return old.value;
    const value = make();
    this.memo.set(name, { key, value });
    return value;
  }

  /**
   * n starts in bar coordinates at t_start; `start`, if given, is the first of them.
   * @type {(S: State, n: number) => Float64Array}
   */
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

  /**
   * The exact paths from the starts.
   * @type {(S: State, xBar: Float64Array, substep: number) => import("../maths/types.js").ExactPaths}
   */
  exactPaths(S, xBar, substep) {
    return this.remember("exact", `${xBar.length} ${S.seed} ${S.start} ${S.t_start} ${S.t_end} ${substep}`, () =>
      this.exact.paths(this.mixture(S), xBar, gammaOf(S.t_start), gammaOf(S.t_end), substep),
    );
  }

  /** The reusable run of that name. @type {(slot: string | number) => Run} */
  slot(slot) {
    this.runs[slot] ??= new Run();
    return this.runs[slot];
  }

  /**
   * A solver's run from the starts, in the buffers of a slot.
   * @param {string | number} slot
   * @param {State} S
   * @param {Float64Array} xBar
   * @param {Float64Array} gammas
   * @param {string | { step: import("../maths/types.js").Step }} solver
   * @param {import("../maths/run.js").RunOptions} options
   * @param {import("../maths/types.js").Field} field
   */
  run(slot, S, xBar, gammas, solver, options, field = this.mixture(S)) {
    return this.slot(slot).solve(field, xBar, gammas, solver, options);
  }
}
