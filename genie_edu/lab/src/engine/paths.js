// @ts-check

import { gammaOf } from "../maths/clocks.js";
import { endPointError, median } from "../maths/errors.js";
import { COARSE_SUBSTEP, EXACT_SUBSTEP } from "../maths/exact.js";
import { grid } from "../maths/grids.js";
import { SOLVERS } from "../maths/solvers.js";
import { MAX_COARSE } from "./engine.js";

/** @typedef {import("./types.js").Engine} Engine */
/** @typedef {import("./types.js").State} State */

/**
 * How much work a frame may be: the number of starts, and the exact solution's substep.
 * @type {(S: State, dragging: boolean) => { n: number, substep: number }}
 */
const effort = (S, dragging) =>
  dragging
    ? { n: Math.min(S.n_starts, MAX_COARSE), substep: COARSE_SUBSTEP }
    : { n: S.n_starts, substep: EXACT_SUBSTEP };

/**
 * Runs of the chosen solvers on the same starts, with their errors against the exact end points.
 * @type {(engine: Engine, S: State, dragging: boolean, stepsOf?: (solver: string) => number) => any}
 */
export function runPaths(engine, S, dragging, stepsOf = () => S.n_steps) {
  const mix = engine.mixture(S);
  const { n, substep } = effort(S, dragging);
  const xBar = engine.start(S, n);
  const exact = engine.exactPaths(S, xBar, substep);
  const results = S.solvers.map((solver, i) => {
    const steps = stepsOf(solver);
    const run = engine.run(i, S, xBar, grid(steps, S.spacing, S.t_start, S.t_end), solver, {
      afs: S.afs,
      denoise: S.denoise,
    });
    return { solver, run, steps, error: endPointError(run.path, steps * xBar.length, exact.end), nfe: run.nfe };
  });
  return { mix, n, exact, results, xBar };
}

/**
 * The same at an equal number of calls: each solver takes the steps that it can pay. `ranked`: best first.
 * @type {(engine: Engine, S: State, dragging: boolean) => any}
 */
export function runTournament(engine, S, dragging) {
  const R = runPaths(engine, S, dragging, (solver) =>
    Math.max(1, Math.floor((S.nfe + S.afs - S.denoise) / (SOLVERS[solver].calls ?? 1))),
  );
  const place = (r) => (Number.isFinite(r.error) ? r.error : Infinity);
  return { ...R, ranked: [...R.results].sort((a, b) => place(a) - place(b) || 0) };
}

/** The levels of a state: its own knots between the two ends, or its named grid. @type {(S: State) => Float64Array} */
const levelsOf = (S) =>
  S.knots
    ? Float64Array.from([gammaOf(S.t_start), ...S.knots.map(Math.exp), gammaOf(S.t_end)])
    : grid(S.n_steps, S.spacing, S.t_start, S.t_end);

/**
 * A grid of the reader's own: its error, that of as many steps uniform in t, and the local error of each step.
 * @type {(engine: Engine, S: State, dragging?: boolean) => any}
 */
export function runKnots(engine, S, dragging = false) {
  const mix = engine.mixture(S);
  const { n, substep } = effort(S, dragging);
  const xBar = engine.start(S, n);
  const N = S.n_steps;
  const gammas = levelsOf(S);
  const n2 = xBar.length;
  const plain = grid(N, "linear", S.t_start, S.t_end);
  const exact = engine.exactPaths(S, xBar, substep);
  const truth = engine.exact.along(mix, xBar, gammas, substep);
  const run = engine.run(0, S, xBar, gammas, S.solver, {});
  const one = engine.slot("local").fromExact(mix, truth, gammas, S.solver);
  const local = Array.from({ length: N }, (_, k) =>
    endPointError(one.path, (k + 1) * n2, truth.subarray((k + 1) * n2, (k + 2) * n2)),
  );
  const error = endPointError(run.path, N * n2, exact.end);
  const byDefault = endPointError(engine.run(1, S, xBar, plain, S.solver, {}).path, N * n2, exact.end);
  const most = Math.max(...local);
  return {
    mix,
    n,
    N,
    gammas,
    exact,
    run,
    local,
    error,
    byDefault,
    ratio: error / byDefault,
    worst: local.indexOf(most),
    uneven: most / median(local),
    results: [{ solver: S.solver, run, steps: N, error }],
  };
}
