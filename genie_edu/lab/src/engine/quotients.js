// @ts-check

import { gammaOf } from "../maths/clocks.js";
import { QUOTIENT_STEPS, QUOTIENTS, quotientErrors } from "../maths/quotients.js";

/** @typedef {import("./types.js").Engine} Engine */
/** @typedef {import("./types.js").State} State */

/**
 * The relative error of difference quotients of eps along the flow, by step, at points of the exact paths.
 * @type {(engine: Engine, S: State) => any}
 */
export function runDifference(engine, S) {
  const mix = engine.mixture(S);
  const g0 = gammaOf(S.t_start);
  const g = Math.min(Math.exp(S.log_gamma), 0.999 * g0);
  const xBar = engine.start(S, S.n_starts);
  const { z, D, curves } = engine.remember("quotients", `${S.n_starts} ${S.seed} ${S.start} ${S.t_start} ${g}`, () => {
    const end = engine.exact.paths(mix, xBar, g0, g).end.slice();
    const slope = new Float64Array(end.length);
    mix.derivatives(end, 0, end.length >> 1, g, new Float64Array(end.length), slope, null);
    return {
      z: end,
      D: slope,
      curves: QUOTIENTS.flatMap((kind) =>
        ["float64", "float32"].map((precision) => {
          const errors = quotientErrors(mix, end, g, slope, kind, precision === "float32", QUOTIENT_STEPS);
          const best = errors.indexOf(Math.min(...errors));
          return { kind, precision, errors, bestStep: QUOTIENT_STEPS[best], bestError: errors[best] };
        }),
      ),
    };
  });
  const chosen = curves.find((c) => c.kind === S.difference && c.precision === S.precision);
  const step = 10 ** S.log_step;
  return {
    mix,
    g,
    z,
    D,
    curves,
    chosen,
    step,
    error: quotientErrors(mix, z, g, D, S.difference, S.precision === "float32", [step])[0],
  };
}
