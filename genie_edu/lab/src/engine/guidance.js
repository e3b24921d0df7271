// @ts-check

import { gammaOf } from "../maths/clocks.js";
import { endPointError } from "../maths/errors.js";
import { COARSE_SUBSTEP, EXACT_SUBSTEP } from "../maths/exact.js";
import { grid } from "../maths/grids.js";
import { classOf, GuidedField, probabilityOf } from "../maths/guided.js";

/** @typedef {import("./types.js").Engine} Engine */
/** @typedef {import("./types.js").State} State */

const COARSE_STARTS = 60;
const GOLDEN = 0.6180339887498949; // the golden ratio's fraction: u_i that fill (0, 1) evenly

/**
 * Exact end points of the guided flow. The right-hand side jumps at the ends of the interval, so that it is solved
 * from end to end of it.
 * @type {(engine: Engine, S: State, xBar: Float64Array, w: number, substep: number) => Float64Array}
 */
function exactGuided(engine, S, xBar, w, substep) {
  const mix = engine.mixture(S);
  const part = classOf(S, S.members);
  const [top, bottom] = [gammaOf(S.t_start), gammaOf(S.t_end)];
  const inside = [Math.exp(S.guide_high), Math.exp(S.guide_low)].filter((g) => g < top && g > bottom);
  const levels = [top, ...inside, bottom];
  let at = xBar;
  for (let i = 0; i + 1 < levels.length; i++) {
    const middle = Math.sqrt(levels[i] * levels[i + 1]);
    const acts = middle > Math.exp(S.guide_low) && middle <= Math.exp(S.guide_high);
    const field = new GuidedField(part, mix, acts ? w : 0);
    at = engine.exact.paths(field, at, levels[i], levels[i + 1], substep).end.slice();
  }
  return at;
}

/** The mean of points. @type {(end: Float64Array) => number[]} */
function meanOf(end) {
  const n = end.length / 2;
  const mean = [0, 0];
  for (let i = 0; i < end.length; i++) mean[i % 2] += end[i] / n;
  return mean;
}

/** Root mean square distance from the mean. @type {(end: Float64Array) => number} */
function spreadOf(end) {
  const mean = meanOf(end);
  return Math.sqrt(end.reduce((sum, v, i) => sum + (v - mean[i % 2]) ** 2, 0) / (end.length / 2));
}

/**
 * Solvers on the guided flow, its exact end points, those without guidance, and of these the ones that tilting keeps.
 * @type {(engine: Engine, S: State, dragging: boolean) => any}
 */
export function runGuidance(engine, S, dragging) {
  const mix = engine.mixture(S);
  const part = classOf(S, S.members);
  const n = dragging ? Math.min(S.n_starts, COARSE_STARTS) : S.n_starts;
  const substep = dragging ? COARSE_SUBSTEP : EXACT_SUBSTEP;
  const xBar = engine.start(S, n);
  const world = `${n} ${S.seed} ${S.t_start} ${S.t_end} ${S.members} ${substep}`;
  const plain = engine.remember("plain", world, () => exactGuided(engine, S, xBar, 0, substep));
  const end = engine.remember("guided", `${world} ${S.w} ${S.guide_low} ${S.guide_high}`, () =>
    exactGuided(engine, S, xBar, S.w, substep),
  );
  const kept = Array.from({ length: n }, (_, i) => {
    const p = probabilityOf(mix, S.members, plain[2 * i], plain[2 * i + 1]);
    return (0.5 + (i + 1) * GOLDEN) % 1 < p ** S.w;
  });
  const tilted = plain.filter((_, i) => kept[i >> 1]);
  const sum = S.guided_derivative === "sum";
  const field = new GuidedField(part, mix, S.w, { low: Math.exp(S.guide_low), high: Math.exp(S.guide_high), sum });
  const results = S.solvers.map((solver, i) => {
    const solve = (slot, steps) => {
      const run = engine.run(slot, S, xBar, grid(steps, S.spacing, S.t_start, S.t_end), solver, {}, field);
      return { run, error: endPointError(run.path, steps * xBar.length, end) };
    };
    const { run, error } = solve(i, S.n_steps);
    const slope = dragging ? NaN : Math.log2(error / solve("twice", 2 * S.n_steps).error);
    return { solver, run, steps: S.n_steps, error, nfe: run.nfe, slope };
  });
  const from = meanOf(plain);
  const movedTo = (cloud) => {
    const to = meanOf(cloud);
    return Math.hypot(to[0] - from[0], to[1] - from[1]);
  };
  const clouds = { tilted: movedTo(tilted), guided: movedTo(end), spread: spreadOf(end) / spreadOf(plain) };
  return { mix, part, n, xBar, plain, kept, exact: { end }, results, clouds };
}
