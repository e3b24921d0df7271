// @ts-check

import { SPACINGS } from "../maths/grids.js";
import { SOLVERS } from "../maths/solvers.js";
import { isNumber } from "./schema.js";

/**
 * A way of sampling and what was measured of it.
 * @typedef {{ solver: string, derivative: string, spacing: string, nfe: number, afs: boolean, error: any,
 *   frechet: any, row?: number | null }} Recorded
 */

/**
 * The run with the least error; one that was measured goes before one that was not. null of none.
 * @template T
 * @param {T[]} runs
 * @param {(run: T) => number} error
 * @returns {T | null}
 */
export const leastError = (runs, error) =>
  runs.reduce((best, q) => (!best || error(q) < error(best) || !isNumber(error(best)) ? q : best), null);

/**
 * What there is among runs: solvers and grids in the lab's order, calls, each solver's derivatives.
 * @param {Recorded[]} runs
 */
export function offered(runs) {
  const all = (key) => [...new Set(runs.map((q) => q[key]))];
  const solvers = Object.keys(SOLVERS).filter((s) => all("solver").includes(s));
  const spacings = SPACINGS.filter((s) => all("spacing").includes(s));
  const kindsOf = (s) => [...new Set(runs.filter((q) => q.solver === s).map((q) => q.derivative))];
  const kinds = Object.fromEntries(solvers.map((s) => [s, kindsOf(s)]));
  return {
    solvers,
    spacings,
    nfes: all("nfe").sort((a, b) => a - b),
    /** The derivative that a solver takes: the wanted one, or the one that there is. */
    kind: (solver, wanted) => (kinds[solver].includes(wanted) ? wanted : kinds[solver][0]),
  };
}

/**
 * Whether a run is on the grid: on any for "best", else on the named one, without an analytic first step.
 * @type {(run: Recorded, grid: string) => boolean}
 */
export const onGrid = (run, grid) => grid === "best" || (run.spacing === grid && !run.afs);
