// @ts-check

import { gammaOf } from "../maths/clocks.js";
import { endPointError, median } from "../maths/errors.js";
import { COARSE_SUBSTEP, EXACT_SUBSTEP } from "../maths/exact.js";
import { directions, fitted, follow, leastSquares, NOW, PAST, SLOPES } from "../maths/fit.js";
import { grid } from "../maths/grids.js";
import { starts } from "../maths/starts.js";

/** @typedef {import("./types.js").Engine} Engine */
/** @typedef {import("./types.js").State} State */

/** Starts that no fit sees, to judge by. */
export const UNSEEN = 96;
/** The fewest that a fit takes. */
export const LEAST_SEEN = 8;
/** What a step may be made of, by the name of the curve. */
export const SPANS = { now: NOW, past: PAST, slopes: SLOPES };

/**
 * The share of each exact increment that no weights reach, and the errors of solvers fitted to the same starts.
 * @type {(engine: Engine, S: State, coarse: boolean) => any}
 */
export function runSpan(engine, S, coarse) {
  const mix = engine.mixture(S);
  const gammas = grid(S.n_steps, S.spacing, S.t_start, S.t_end);
  const substep = coarse ? COARSE_SUBSTEP : EXACT_SUBSTEP;
  const key = `${S.n_steps} ${S.spacing} ${S.n_starts} ${S.seed} ${S.start} ${S.t_start} ${S.t_end} ${substep}`;
  return engine.remember("span", key, () => {
    const scale = Math.sqrt(1 + gammaOf(S.t_start) ** 2);
    const seen = engine.start(S, S.n_starts);
    const unseen = starts(UNSEEN, S.seed + 1).map((v) => scale * v);
    const [ours, others] = [seen, unseen].map((x) => engine.exact.along(mix, x, gammas, substep));
    const shares = Object.fromEntries(
      Object.entries(SPANS).map(([name, terms]) => [name, outOfSpan(mix, ours, others, gammas, terms)]),
    );
    const last = S.n_steps;
    const there = others.subarray(last * unseen.length);
    const error = (end) => endPointError(end, 0, there);
    const truth = ours.subarray(last * seen.length);
    const onKept = (end, places) =>
      median(places.map((k) => Math.hypot(end[2 * k] - truth[2 * k], end[2 * k + 1] - truth[2 * k + 1])));
    const fit = (terms) => {
      const weights = fitted(mix, ours, gammas, terms, onKept);
      return { weights, error: error(follow(mix, unseen, gammas, weights, terms)) };
    };
    const plain = (name) => {
      const run = engine.run("span", S, unseen, gammas, name, {});
      return endPointError(run.path, run.N * unseen.length, there);
    };
    const worst = shares.past.indexOf(Math.max(...shares.past));
    return {
      gammas,
      shares,
      worst,
      fits: { past: fit(PAST), slopes: fit(SLOPES) },
      errors: { ddim: plain("ddim"), genie_multistep: plain("genie_multistep") },
    };
  });
}

/**
 * By step: weights from our starts' exact increments, the share of the others' increments that they leave.
 * @type {(mix: import("../maths/types.js").Field, ours: Float64Array, others: Float64Array, gammas: Float64Array,
 *   terms: string[]) => number[]}
 */
function outOfSpan(mix, ours, others, gammas, terms) {
  const sides = [ours, others].map((path) => ({ path, n2: path.length / gammas.length, past: [] }));
  const left = [];
  for (let n = 0; n + 1 < gammas.length; n++) {
    const [fit, test] = sides.map((side) => {
      const { path, n2, past } = side;
      const x = path.slice(n * n2, (n + 1) * n2);
      const { columns, point } = directions(mix, x, gammas[n], gammas[n + 1], past, terms);
      side.past = [point, ...past].slice(0, 2);
      return { columns: columns.map(([, c]) => c), way: x.map((v, i) => path[(n + 1) * n2 + i] - v) };
    });
    const weights = leastSquares(fit.columns, fit.way);
    let rest = 0;
    let whole = 0;
    test.way.forEach((v, i) => {
      const miss = v - test.columns.reduce((sum, c, j) => sum + weights[j] * c[i], 0);
      rest += miss * miss;
      whole += v * v;
    });
    left.push(Math.sqrt(rest / whole));
  }
  return left;
}
