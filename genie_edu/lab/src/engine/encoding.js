// @ts-check

import { gammaOf } from "../maths/clocks.js";
import { endPointError } from "../maths/errors.js";
import { COARSE_SUBSTEP, EXACT_SUBSTEP } from "../maths/exact.js";
import { grid } from "../maths/grids.js";

/** @typedef {import("./types.js").Engine} Engine */
/** @typedef {import("./types.js").State} State */

const COARSE_POINTS = 20;

/**
 * Data points, the probe first, with their exact codes, and the codes and returns of the chosen solvers. The error of
 * a code is in x, where codes have unit scale; that of the round trip is in the data.
 * @type {(engine: Engine, S: State, dragging: boolean) => any}
 */
export function runEncoding(engine, S, dragging) {
  const mix = engine.mixture(S);
  const n = dragging ? Math.min(S.n_starts, COARSE_POINTS) : S.n_starts;
  const substep = dragging ? COARSE_SUBSTEP : EXACT_SUBSTEP;
  const data = engine.exactPaths(S, engine.start(S, n), substep).end.slice();
  data.set(S.probe);
  const [top, bottom] = [gammaOf(S.t_start), gammaOf(S.t_end)];
  const key = `${n} ${S.seed} ${S.t_start} ${S.t_end} ${S.probe} ${substep}`;
  const code = engine.remember("code", key, () => engine.exact.paths(mix, data, bottom, top, substep));
  const scale = Math.hypot(1, top);
  const measure = (slot, solver, steps) => {
    const down = grid(steps, S.spacing, S.t_start, S.t_end);
    const last = steps * data.length;
    const up = engine.run(`up ${slot}`, S, data, down.slice().reverse(), solver, {});
    const start = Float64Array.from(up.path.slice(last, last + data.length));
    const back = engine.run(`down ${slot}`, S, start, down, solver, {});
    const errors = [endPointError(up.path, last, code.end) / scale, endPointError(back.path, last, data)];
    return { up, back, errors, nfe: up.nfe + back.nfe };
  };
  const results = S.solvers.map((solver, i) => {
    const once = measure(i, solver, S.n_steps);
    const twice = dragging ? null : measure("twice", solver, 2 * S.n_steps);
    const slopes = once.errors.map((e, k) => (twice ? Math.log2(e / twice.errors[k]) : NaN));
    return { solver, steps: S.n_steps, run: once.back, ...once, slopes };
  });
  return { mix, n, data, code, scale, exact: { end: data }, results };
}
