// @ts-check

import { median } from "../maths/errors.js";
import { SPACINGS } from "../maths/grids.js";
import { SOLVERS } from "../maths/solvers.js";
import { leastError } from "./recorded.js";

/** Errors and Fréchet distances of every way of sampling, repeated, and what each costs. */
export class Precision {
  constructor({ run, repeats, own_ode, n_samples, rows, counted, seconds }) {
    Object.assign(this, { run, repeats, own_ode, n_samples, counted, seconds, picture: true });
    this.runs = rows.map(([solver, derivative, spacing, nfe, afs, error, frechet]) => ({
      solver,
      derivative,
      spacing,
      nfe,
      afs,
      error,
      frechet: frechet ?? [],
    }));
    const all = (key) => [...new Set(this.runs.map((q) => q[key]))];
    this.solvers = Object.keys(SOLVERS).filter((s) => all("solver").includes(s));
    this.spacings = SPACINGS.filter((s) => all("spacing").includes(s));
    this.nfes = all("nfe").sort((a, b) => a - b);
    this.kinds = Object.fromEntries(
      this.solvers.map((s) => [s, [...new Set(this.runs.filter((q) => q.solver === s).map((q) => q.derivative))]]),
    );
  }

  kind(solver, wanted) {
    return this.kinds[solver].includes(wanted) ? wanted : this.kinds[solver][0];
  }

  /** A solver's points by calls: what was measured (`values`, one a repetition, and their median), on a grid or on the one that has the least error. */
  curve(solver, wanted, grid, measure) {
    const derivative = this.kind(solver, wanted);
    const fits = this.runs.filter(
      (q) => q.solver === solver && q.derivative === derivative && (grid === "best" || (q.spacing === grid && !q.afs)),
    );
    return this.nfes.flatMap((nfe) => {
      const q = leastError(
        fits.filter((r) => r.nfe === nfe),
        (r) => median(r.error),
      );
      return q?.[measure].length ? [{ ...q, values: q[measure], value: median(q[measure]) }] : [];
    });
  }

  /** Cost of an image by calls, on a meter: calls, counted arithmetic in calls of eps, or seconds; NaN where it was not measured. */
  cost(solver, derivative, nfe, meter) {
    const call =
      meter === "nfe"
        ? 1
        : meter === "counted"
          ? this.counted[derivative]
          : (this.seconds?.per_call[`${solver} ${derivative}`] ?? NaN) / 1000;
    return nfe * call;
  }

  /** What the derivative's training cost, on the same meter: nothing but for the head. */
  training(derivative, meter) {
    return derivative === "head" ? (meter === "seconds" ? this.seconds.training : this.counted.training) : 0;
  }
}
