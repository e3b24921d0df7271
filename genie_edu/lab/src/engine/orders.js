// @ts-check

import { endPointError, observedOrder } from "../maths/errors.js";
import { EXACT_SUBSTEP } from "../maths/exact.js";
import { grid } from "../maths/grids.js";
import { MYSTERIES } from "../maths/mysteries.js";

/** @typedef {import("./types.js").Engine} Engine */
/** @typedef {import("./types.js").State} State */

/** The error of every chosen solver at every step count tried. @type {(engine: Engine, S: State) => any} */
export function runOrder(engine, S) {
  return {
    results: S.solvers.map((name) => measure(engine, S, name, { afs: S.afs, float32: S.precision === "float32" })),
  };
}

/**
 * The mystery sampler beside DDIM, `ready` to be judged once four counts are measured and a diagnosis is chosen.
 * @type {(engine: Engine, S: State) => any}
 */
export function runMystery(engine, S) {
  const [mystery, ddim] = [S.mystery, "ddim"].map((name) => measure(engine, S, name, {}, S.against === "before"));
  const row = MYSTERIES[S.mystery];
  const enough = S.counts.length >= 4;
  const ready = enough && S.diagnosis !== "none";
  return { results: [mystery, ddim], mystery, ddim, row, enough, ready, right: ready && S.diagnosis === row.diagnosis };
}

/**
 * Errors of a solver or a mystery at every step count tried, each kept, and the slope fitted to them. The error is
 * taken at the exact end point, or where the exact path was one level earlier.
 * @param {Engine} engine
 * @param {State} S
 * @param {string} name
 * @param {import("../maths/run.js").RunOptions} options
 * @param {boolean} before
 */
function measure(engine, S, name, options, before = false) {
  const mix = engine.mixture(S);
  const xBar = engine.start(S, S.n_starts);
  const solver = MYSTERIES[name] ?? name;
  const points = S.counts.map((N) => {
    const key = JSON.stringify([name, N, options, before, S.seed, S.n_starts, S.start, S.spacing, S.t_start, S.t_end]);
    if (!engine.errors.has(key)) {
      const asked = grid(N, S.spacing, S.t_start, S.t_end);
      const run = engine.run("order", S, xBar, solver.levels?.(asked) ?? asked, solver, options);
      const exact = before
        ? engine.exact.paths(mix, xBar, asked[0], asked[N - 1])
        : engine.exactPaths(S, xBar, EXACT_SUBSTEP);
      engine.errors.set(key, { error: endPointError(run.path, run.N * xBar.length, exact.end), nfe: run.nfe });
    }
    return { N, ...engine.errors.get(key) };
  });
  const errors = points.map((p) => p.error);
  return { solver: name, points, fit: observedOrder(S.counts, errors) };
}
