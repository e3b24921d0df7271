// @ts-check
import { gammaOf } from "../maths/clocks.js";
import { distance } from "../maths/errors.js";
import { grid } from "../maths/grids.js";

/** @typedef {import("./types.js").Engine} Engine */
/** @typedef {import("./types.js").State} State */

/**
 * One step of the chosen path: Euler's and GENIE's ends, the exact arc, local and global error.
 * @type {(engine: Engine, S: State) => any}
 */
export function runStepper(engine, S) {
  const mix = engine.mixture(S);
  const N = S.n_steps;
  const n = Math.min(S.step, N - 1);
  const xBar = engine.start(S, 1);
  const gammas = grid(N, S.spacing, S.t_start, S.t_end);
  const run = engine.run("stepper", S, xBar, gammas, S.solver, {});
  const truth = engine.remember("truth", `${S.start} ${S.seed} ${S.t_start} ${S.t_end} ${S.spacing} ${N}`, () =>
    engine.exact.along(mix, xBar, gammas),
  );
  const g = gammas[n];
  const gn = g + S.step_scale * (gammas[n + 1] - g);
  const z = run.path.slice(2 * n, 2 * n + 2);
  const exactNow = truth.slice(2 * n, 2 * n + 2);
  const arc = engine.exact.paths(mix, z, g, gn, 0.02);
  const track = engine.exact.paths(mix, xBar, gammas[0], gammas[N], 0.05);
  const exactEnd = engine.exact.paths(mix, exactNow, g, gn).end;
  const ends = taylorEnds(mix, z, g, gn);
  const taken = S.solver === "genie" ? ends.genie : ends.ddim;
  return {
    mix,
    N,
    n,
    g,
    gn,
    gammas,
    run,
    z,
    arc,
    track,
    truth,
    exactEnd,
    ends,
    taken,
    gap: distance(ends.ddim, arc.end),
    gapGenie: distance(ends.genie, arc.end),
    carried: distance(z, exactNow),
    accumulated: distance(taken, exactEnd),
    guessError: S.guess ? distance(S.guess, arc.end) : NaN,
  };
}

/**
 * eps and its derivatives at one point, and where each truncated Taylor series ends; `at` gives its points.
 * @param {import("../maths/types.js").Field} mix
 * @param {import("../maths/types.js").Numbers} z
 * @param {number} g
 * @param {number} gn
 */
function taylorEnds(mix, z, g, gn) {
  const E = new Float64Array(2);
  const D1 = new Float64Array(2);
  const D2 = new Float64Array(2);
  const h = gn - g;
  mix.derivatives(z, 0, 1, g, E, D1, D2);
  const at = (s, order) =>
    [0, 1].map(
      (i) => z[i] + s * E[i] + (order > 1 ? ((s * s) / 2) * D1[i] : 0) + (order > 2 ? ((s * s * s) / 6) * D2[i] : 0),
    );
  return { E, D1, D2, at, h, ddim: at(h, 1), genie: at(h, 2), taylor3: at(h, 3) };
}

/**
 * One step from the exact path: the ends of the tangent, the parabola and the cubic, and how far off they are.
 * @type {(engine: Engine, S: State) => any}
 */
export function runTaylor(engine, S) {
  const mix = engine.mixture(S);
  const xBar = engine.start(S, 1);
  const g0 = gammaOf(S.t_start);
  const g = Math.min(Math.exp(S.log_gamma), 0.999 * g0);
  const gn = g * (1 - S.h_fraction);
  const z = engine.exact.paths(mix, xBar, g0, g).end.slice();
  const arc = engine.exact.paths(mix, z, g, gn, 0.02);
  const ends = taylorEnds(mix, z, g, gn);
  const track = engine.exact.paths(mix, xBar, g0, gammaOf(S.t_end), 0.03);
  const off = (p) => distance(p, arc.end);
  return {
    mix,
    g,
    gn,
    z,
    arc,
    ends,
    track,
    errors: { ddim: off(ends.ddim), genie: off(ends.genie), taylor3: off(ends.taylor3) },
  };
}
