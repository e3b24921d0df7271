// @ts-check

import { gammaOf } from "../maths/clocks.js";
import { endPointError } from "../maths/errors.js";
import { EXACT_SUBSTEP } from "../maths/exact.js";
import { grid } from "../maths/grids.js";
import { LearnedField, networksOf } from "../maths/learned.js";

/** @typedef {import("./types.js").Engine} Engine */
/** @typedef {import("./types.js").State} State */

const LEARNED_SUBSTEP = 0.3; // of a learned field's reference, in asinh(gamma / s): its error is below 1e-5

/**
 * Starts for a learned view: while it moves fewer, the fewer the more steps they take.
 * @type {(S: State, dragging: boolean) => number}
 */
const fewStarts = (S, dragging) =>
  dragging ? Math.min(S.n_starts, Math.max(4, Math.min(16, Math.round(160 / S.n_steps)))) : S.n_starts;

/**
 * The learned field, its own exact paths from the starts, and those of the exact field.
 * @type {(engine: Engine, S: State, packed: any) => any}
 */
function learnedPaths(engine, S, packed) {
  const mix = engine.mixture(S);
  const xBar = engine.start(S, S.n_starts);
  const { net, heads } = networksOf(packed);
  const field = new LearnedField(net, mix.narrowest);
  const exact = engine.exactPaths(S, xBar, EXACT_SUBSTEP);
  const truth = engine.remember("learned", `${S.n_starts} ${S.seed} ${S.start} ${S.t_start} ${S.t_end}`, () =>
    engine.exact.paths(field, xBar, gammaOf(S.t_start), gammaOf(S.t_end), LEARNED_SUBSTEP),
  );
  return { mix, net, heads, field, exact, truth, xBar, gammas: grid(S.n_steps, S.spacing, S.t_start, S.t_end) };
}

/**
 * A solver on the learned field and on the exact one, and its error on the first against both exact solutions.
 * @type {(engine: Engine, S: State, dragging: boolean, packed: any) => any}
 */
export function runBudget(engine, S, dragging, packed) {
  const L = learnedPaths(engine, S, packed);
  const n = fewStarts(S, dragging);
  const x = L.xBar.subarray(0, 2 * n);
  const at = S.n_steps * 2 * n;
  const options = { afs: S.afs };
  const run = engine.run("learned", S, x, L.gammas, S.solver, options, L.field);
  const plain = engine.run("exact", S, x, L.gammas, S.solver, options);
  const first = (end) => end.subarray(0, 2 * n);
  return {
    ...L,
    n,
    run,
    plain,
    solverError: endPointError(run.path, at, first(L.truth.end)),
    modelError: endPointError(L.truth.end, 0, L.exact.end),
    totalError: endPointError(run.path, at, first(L.exact.end)),
    plainError: endPointError(plain.path, at, first(L.exact.end)),
    results: [{ solver: S.solver, run }],
  };
}

/**
 * DDIM, GENIE with the exact derivative and GENIE with the head as it was at one step of its training; and at all.
 * @type {(engine: Engine, S: State, dragging: boolean, packed: any) => any}
 */
export function runScrubber(engine, S, dragging, packed) {
  const L = learnedPaths(engine, S, packed);
  const n = fewStarts(S, dragging);
  const x = L.xBar.subarray(0, 2 * n);
  const at = S.n_steps * 2 * n;
  const options = { afs: S.afs };
  const now = Math.min(S.checkpoint, L.heads.length - 1);
  const measure = (slot, solver, head = null) => {
    const field = head ? new LearnedField(L.net, L.mix.narrowest, head) : L.field;
    const run = engine.run(slot, S, x, L.gammas, solver, options, field);
    return { solver: slot, run, error: endPointError(run.path, at, L.truth.end.subarray(0, 2 * n)), nfe: run.nfe };
  };
  const key = `${n} ${S.seed} ${S.start} ${S.t_start} ${S.t_end} ${S.n_steps} ${S.spacing} ${S.afs}`;
  const [ddim, genie] = engine.remember("bounds", key, () => [measure("ddim", "ddim"), measure("genie", "genie")]);
  const curve = dragging
    ? null
    : engine.remember("curve", key, () => L.heads.map((q) => measure("any", "genie", q.head).error));
  const head = measure("head", "genie", L.heads[now].head);
  return {
    ...L,
    n,
    now,
    step: L.heads[now].step,
    r2: L.heads[now].r2,
    results: [ddim, genie, head],
    ddim,
    genie,
    head,
    curve,
  };
}
