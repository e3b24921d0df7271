// @ts-check

import { gammaOf } from "../maths/clocks.js";
import { checked, MIXTURE } from "./schema.js";

/** @typedef {import("./types.js").State} State */

/** Whether knots lie between the two ends of the clock. */
const inside = (knots, { t_start, t_end }) =>
  knots[0] < Math.log(gammaOf(t_start)) && knots[knots.length - 1] > Math.log(gammaOf(t_end));

/**
 * A patch checked key by key and against the rest of the state, with what follows from it; throws RangeError.
 * @type {(patch: Partial<State>, state: State, toys: Record<string, import("../maths/types.js").MixtureSpec>) => State}
 */
export function checkedPatch(patch, state, toys) {
  /** @type {any} */
  const out = {};
  for (const [key, value] of Object.entries(patch)) out[key] = checked(key, value);
  if ("mixture" in out && out.mixture !== "custom") {
    if (!Object.hasOwn(toys, out.mixture)) throw new RangeError("mixture is not one of the named ones");
    const { weights, means, covs } = toys[out.mixture];
    Object.assign(out, { weights, means, covs });
  } else if (MIXTURE.some((key) => key in out)) out.mixture = "custom";
  const next = { ...state, ...out };
  if (next.weights.length !== next.means.length || next.weights.length !== next.covs.length)
    throw new RangeError("weights, means and covs must have one length");
  if (next.t_end > 0.8 * next.t_start) throw new RangeError("t_end must lie well below t_start");
  if (out.knots) {
    out.n_steps ??= out.knots.length + 1;
    if (out.n_steps !== out.knots.length + 1) throw new RangeError("knots must be one fewer than n_steps");
    if (!inside(out.knots, next)) throw new RangeError("knots must lie between the two ends of the clock");
  } else if (state.knots && (next.n_steps !== state.n_steps || !inside(state.knots, next))) {
    out.knots = null; // they fit no more
  }
  next.n_steps = out.n_steps ?? next.n_steps;
  if (next.guide_low >= next.guide_high) throw new RangeError("guide_low must lie below guide_high");
  if (next.members.some((k) => k >= next.means.length)) {
    const left = next.members.filter((k) => k < next.means.length);
    out.members = left.length ? left : [0];
  }
  if (next.component >= next.means.length) out.component = 0;
  if (next.step >= next.n_steps) out.step = next.n_steps - 1;
  return out;
}
