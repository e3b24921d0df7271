// @ts-check

import { median } from "../maths/errors.js";
import { leastError, offered, onGrid } from "./recorded.js";

/** Errors and Fréchet distances of every way of sampling, repeated, and what each costs. */
export class Precision {
  constructor({ run, repeats, own_ode, n_samples, rows, counted, seconds }) {
    this.run = run;
    this.repeats = repeats;
    this.own_ode = own_ode;
    this.n_samples = n_samples;
    this.counted = counted;
    this.seconds = seconds;
    /** @type {import("./recorded.js").Recorded[]} */
    this.runs = rows.map(([solver, derivative, spacing, nfe, afs, error, frechet]) => ({
      solver,
      derivative,
      spacing,
      nfe,
      afs,
      error,
      frechet: frechet ?? [],
    }));
    const { solvers, spacings, nfes, kind } = offered(this.runs);
    this.solvers = solvers;
    this.spacings = spacings;
    this.nfes = nfes;
    this.kind = kind;
  }

  /**
   * A solver's points by calls: what was measured (`values`, one a repetition, and their median), on a grid or on
   * the one that has the least error.
   * @type {(solver: string, wanted: string, grid: string, measure: string) => any[]}
   */
  curve(solver, wanted, grid, measure) {
    const derivative = this.kind(solver, wanted);
    const fits = this.runs.filter((q) => q.solver === solver && q.derivative === derivative && onGrid(q, grid));
    return this.nfes.flatMap((nfe) => {
      const q = leastError(
        fits.filter((r) => r.nfe === nfe),
        (r) => median(r.error),
      );
      return q?.[measure].length ? [{ ...q, values: q[measure], value: median(q[measure]) }] : [];
    });
  }

  /**
   * Cost of an image by calls, on a meter: calls, counted arithmetic in calls of eps, or seconds; NaN where it was
   * not measured.
   * @type {(solver: string, derivative: string, nfe: number, meter: string) => number}
   */
  cost(solver, derivative, nfe, meter) {
    const call =
      meter === "nfe"
        ? 1
        : meter === "counted"
          ? this.counted[derivative]
          : (this.seconds?.per_call[`${solver} ${derivative}`] ?? NaN) / 1000;
    return nfe * call;
  }

  /**
   * What the derivative's training cost, on the same meter: nothing but for the head.
   * @type {(derivative: string, meter: string) => number}
   */
  training(derivative, meter) {
    return derivative === "head" ? (meter === "seconds" ? this.seconds.training : this.counted.training) : 0;
  }
}
