// @ts-check

import { clockOf, gammaOf, gammaOfClock } from "../maths/clocks.js";
import { distance, offTheChord } from "../maths/errors.js";
import { grid } from "../maths/grids.js";

/** @typedef {import("./types.js").Engine} Engine */
/** @typedef {import("./types.js").State} State */

/**
 * One exact path on three clocks, the cursor's point on it, and how far each clock bends it.
 * @type {(engine: Engine, S: State) => any}
 */
export function runClocks(engine, S) {
  const mix = engine.mixture(S);
  const xBar = engine.start(S, 1);
  const g0 = gammaOf(S.t_start);
  const g1 = gammaOf(S.t_end);
  const gammas = grid(S.n_steps, S.spacing, S.t_start, S.t_end);
  const exact = engine.remember("dense", `${S.start} ${S.seed} ${S.t_start} ${S.t_end}`, () =>
    engine.exact.paths(mix, xBar, g0, g1, 0.02),
  );
  const run = engine.run("clocks", S, xBar, gammas, S.solver, {});
  const clock = S.clock === "plane" ? "gamma" : S.clock;
  const a = clockOf(clock, g0);
  const b = clockOf(clock, g1);
  const here = gammaOfClock(clock, a + S.cursor * (b - a));
  const g = Math.min(g0, Math.max(g1, here));
  let i = 0;
  while (i + 2 < exact.gamma.length && exact.gamma[i + 1] >= g) i++;
  const z = new Float64Array(2);
  engine.exact.step(mix, exact.path, 2 * i, z, 0, 2, exact.gamma[i], g);
  const [off, bend] = [{}, {}];
  for (const name of ["t", "log_snr", "gamma"]) {
    const found = offTheChord(exact, name, S.variable);
    [off[name], bend[name]] = [found.off, found.bend];
  }
  return {
    mix,
    exact,
    run,
    gammas,
    g,
    z,
    off,
    bend,
    clock,
    error: distance(run.path.subarray(2 * S.n_steps), exact.end),
  };
}
