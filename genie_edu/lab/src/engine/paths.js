// @ts-check

import { gammaOf } from "../maths/clocks.js";
import { endPointError, median } from "../maths/errors.js";
import { COARSE_SUBSTEP, EXACT_SUBSTEP } from "../maths/exact.js";
import { grid } from "../maths/grids.js";
import { Run } from "../maths/run.js";
import { SOLVERS } from "../maths/solvers.js";
import { MAX_COARSE } from "./engine.js";

/** Runs of the chosen solvers on the same starts, with their errors against the exact end points. */
export function runPaths(engine, S, dragging, stepsOf = () => S.n_steps) {
  const mix = engine.mixture(S);
  const n = dragging ? Math.min(S.n_starts, MAX_COARSE) : S.n_starts;
  const xBar = engine.start(S, n);
  const exact = engine.exactPaths(S, xBar, dragging ? COARSE_SUBSTEP : EXACT_SUBSTEP);
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

/** The same at an equal number of calls: each solver takes the steps that it can pay. `ranked`: best first. */
export function runTournament(engine, S, dragging) {
  const R = runPaths(engine, S, dragging, (solver) =>
    Math.max(1, Math.floor((S.nfe + S.afs - S.denoise) / (SOLVERS[solver].calls ?? 1))),
  );
  const place = (r) => (Number.isFinite(r.error) ? r.error : Infinity);
  return { ...R, ranked: [...R.results].sort((a, b) => place(a) - place(b) || 0) };
}

/** The levels of a state: its own knots between the two ends, or its named grid. */
const levelsOf = (S) =>
  S.knots
    ? Float64Array.from([gammaOf(S.t_start), ...S.knots.map(Math.exp), gammaOf(S.t_end)])
    : grid(S.n_steps, S.spacing, S.t_start, S.t_end);

/** A grid of the reader's own: its error, that of as many steps uniform in t, and the local error of each step. */
export function runKnots(engine, S, dragging) {
  const mix = engine.mixture(S);
  const n = dragging ? Math.min(S.n_starts, MAX_COARSE) : S.n_starts;
  const xBar = engine.start(S, n);
  const N = S.n_steps;
  const gammas = levelsOf(S);
  const n2 = xBar.length;
  const plain = grid(N, "linear", S.t_start, S.t_end);
  const exact = engine.exactPaths(S, xBar, dragging ? COARSE_SUBSTEP : EXACT_SUBSTEP);
  const truth = engine.exact.along(mix, xBar, gammas, dragging ? COARSE_SUBSTEP : EXACT_SUBSTEP);
  const run = engine.run(0, S, xBar, gammas, S.solver, {});
  const one = (engine.runs.local ??= new Run()).fromExact(mix, truth, gammas, S.solver);
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
