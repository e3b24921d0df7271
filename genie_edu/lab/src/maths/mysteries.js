// @ts-check

import { remember } from "./multistep.js";
import { SOLVERS } from "./solvers.js";

/* The mystery samplers of genie_edu.exercises.mysteries; reading on spoils the exercise. */

export const DIAGNOSES = {
  sound: "nothing is wrong: it ends where it should, with the order it claims",
  repeated_level: "the last level but one is listed twice, so it stops one step short",
  extra_step: "it takes one step too many, past the last level",
  stale_step: "one factor of its step is made with the length of the step before",
  swapped_sign: "a sign in its corrector is swapped",
  no_second_term: "its second-order term never takes effect: it is DDIM",
  not_lowered: "its last step should be lowered to first order, and is not",
};

/** What each accusation predicts, and so what to measure next: the hint for a wrong diagnosis. */
export const PREDICTIONS = {
  sound: "Then its slope is the claimed one and its error keeps falling. Measure more step counts: do both hold?",
  repeated_level:
    "A run that stops one step short agrees with the exact path one level earlier, and with slope " +
    "two. Compare it with that point.",
  extra_step:
    "A run that goes past its last level misses the target by a fixed distance. Does its error stop " +
    "falling at the largest step counts?",
  stale_step:
    "On a grid uniform in log-SNR the step before is as long as the step, and the defect would be " +
    "gone. Measure the slope on that grid.",
  swapped_sign:
    "A corrector that subtracts what it should add leaves twice what DDIM leaves. Divide its error " +
    "by DDIM's with as many steps.",
  no_second_term: "Then its error would be DDIM's, to the last digit. Compare the two.",
  not_lowered: "Then its slope would be better than the claim. Is it?",
};

/**
 * A step of the solver that is named for its levels.
 * @type {(name: (s: import("./run.js").Run, g: number, gn: number) => string) => import("./types.js").Step}
 */
const byLevel = (name) => (s, g, gn) => SOLVERS[name(s, g, gn)].step(s, g, gn);

/** By letter. A row may change the `levels` that it was asked for. */
export const MYSTERIES = {
  A: {
    order: 2,
    diagnosis: "stale_step",
    claim: "DPM-Solver++(2M), sharper. One call a step.",
    why:
      "The data prediction gets the weight 1 - exp(-H) of the step before, so the weights no longer add up " +
      "to one unless all steps in log-SNR are equal: order one.",
    step(s, g, gn) {
      const { x, o, y, p, E, P, n2 } = s;
      const k = gn / g;
      const before = s.prev > 0;
      const c = before ? (0.5 * Math.log(g / gn)) / Math.log(s.prev / g) : 0;
      const weight = before ? 1 - g / s.prev : 1 - k;
      s.evaluate(0, x, o, g);
      for (let i = 0; i < n2; i++) {
        const data = x[o + i] - g * E[i];
        y[p + i] = k * x[o + i] + weight * (data + c * (data - P[i]));
        P[i] = data;
      }
      s.prev = g;
    },
  },
  B: {
    order: 2,
    diagnosis: "extra_step",
    claim: "Heun's method. Two calls a step.",
    why:
      "After the last level it takes one Euler step more, to gamma 0, so it ends at another level than it " +
      "was asked for, whatever the number of steps.",
    levels: (gammas) => Float64Array.of(...gammas, 0),
    step: byLevel((_run, _g, gn) => (gn > 0 ? "heun" : "ddim")),
  },
  C: {
    order: 2,
    diagnosis: "sound",
    claim: "Heun's method. Two calls a step, one call in the last step.",
    why:
      "One Euler step makes one error of size h^2, no larger than what Heun's other steps add up to: order " +
      "two still. A convention, not a defect.",
    step: byLevel((s, _g, gn) => (gn === s.gammas[s.N] ? "ddim" : "heun")),
  },
  D: {
    order: 2,
    diagnosis: "not_lowered",
    claim: "UniPC-2; the last step is lowered to first order for stability, which costs an order. One call a step.",
    why:
      "No step is lowered, so the whole method keeps the third order of its corrector: the option that " +
      "promises stability does nothing.",
    step: byLevel(() => "unipc_2"),
  },
  E: {
    order: 2,
    diagnosis: "swapped_sign",
    claim: "Euler as predictor, trapezoid as corrector without a call of its own. One call a step.",
    why:
      "The corrector subtracts the term h^2/2 eps' that it should add, which doubles what Euler's step " +
      "leaves out.",
    step(s, g, gn) {
      const { x, o, y, p, E, T, n2 } = s;
      const [one] = s.past;
      s.evaluate(0, x, o, g);
      for (let i = 0; i < n2; i++) {
        T[i] = one ? one.X[i] + (g - one.g) * (one.E[i] - 0.5 * (E[i] - one.E[i])) : x[o + i];
        y[p + i] = T[i] + (gn - g) * E[i];
      }
      remember(s, 1, g, T, 0, E, null);
    },
  },
  F: {
    order: 2,
    diagnosis: "repeated_level",
    claim: "DPM-Solver++(2M). One call a step.",
    why:
      "The last level but one stands in the last one's place, so the last step has length zero and the run " +
      "stops at a higher level than it was asked for.",
    levels: (gammas) => gammas.map((g, i) => (i === gammas.length - 1 ? gammas[i - 1] : g)),
    step: byLevel(() => "dpmpp_2m"),
  },
};
