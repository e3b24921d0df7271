// @ts-check

import { runKnots } from "../../engine/paths.js";
import { limitsOf } from "../../engine/schema.js";
import { equidistribute, SPACINGS } from "../../maths/grids.js";
import { DIAGNOSES, MYSTERIES } from "../../maths/mysteries.js";
import { SOLVERS } from "../../maths/solvers.js";
import { labelOf, SPACING_NAMES } from "../labels.js";
import { knotsOf } from "../views/knots.js";
import { listWith, namedLikeValues } from "./control.js";

/** @typedef {import("./control.js").Control} Control */

/** The step counts that the order plot offers. */
const COUNTS = [2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512];
const MOST_COUNTS = 24; // that a state keeps
const T_ENDS = [0.001, 0.003, 0.01, 0.03, 0.05, 0.1];
const T_STARTS = [1, 0.9, 0.7, 0.5, 0.4, 0.3];

/** What is run, from how many starts, on which grid, and how its order is found. @type {Record<string, Control>} */
export const RUNS = {
  n_steps: { kind: "range", label: "Steps", low: 1, high: 100, step: 1 },
  nfe: { kind: "range", label: "Calls of eps for each (NFE)", low: 1, high: 60, step: 1 },
  n_starts: { kind: "range", label: "Starts", low: 1, high: 500, step: 1 },
  seed: { kind: "number", label: "Seed of the starts", low: 0, high: 999, step: 1 },
  solvers: {
    kind: "solvers",
    label: (lab) => `Solvers, up to ${limitsOf(lab.config.view).solvers === 6 ? "six" : "four"}`,
  },
  solver: {
    kind: "select",
    label: "Solver that takes the steps",
    options: (lab) =>
      (lab.config.view === "stepper" ? ["ddim", "genie"] : Object.keys(SOLVERS)).map((s) => [s, labelOf(lab, s)]),
  },
  spacing: {
    kind: "select",
    label: "Grid",
    options: (lab) => (lab.sheet?.spacings ?? SPACINGS).map((s) => [s, SPACING_NAMES[s]]),
  },
  knot_grid: {
    kind: "select",
    name: "spacing",
    label: "Grid to start from",
    options: () => SPACINGS.map((s) => [s, SPACING_NAMES[s]]),
    buttons: [
      {
        name: "equidistribute",
        label: "Equidistribute",
        primary: true,
        set: (S, lab) => {
          const R = runKnots(lab.engine, S);
          return { knots: knotsOf(equidistribute(R.gammas, R.local, SOLVERS[S.solver].order)) };
        },
        disabled: (S) => S.n_steps < 2,
      },
      { name: "take_grid", label: "Take this grid", set: () => ({ knots: null }), disabled: (S) => S.knots === null },
    ],
  },
  t_start: { kind: "select", label: "Start time t", number: true, options: (lab) => listWith(T_STARTS, lab.S.t_start) },
  t_end: { kind: "select", label: "End time t", number: true, options: (lab) => listWith(T_ENDS, lab.S.t_end) },
  afs: { kind: "check", label: "Analytic first step (saves one call)" },
  denoise: { kind: "check", label: "Final denoising step (one more call)" },
  precision: { kind: "select", label: "Number format", options: () => namedLikeValues(["float64", "float32"]) },
  order_steps: {
    kind: "pick",
    name: "n_steps",
    label: "Steps N",
    list: COUNTS,
    buttons: [
      {
        name: "measure",
        label: "Measure",
        primary: true,
        set: (S) => (S.counts.length < MOST_COUNTS ? { counts: [...S.counts, S.n_steps] } : {}),
        disabled: (S) => S.counts.includes(S.n_steps),
      },
      {
        name: "clear",
        label: "Clear",
        undoable: true,
        set: () => ({ counts: [], committed: false }),
        disabled: (S) => S.counts.length === 0,
      },
    ],
  },
  expected_slope: {
    kind: "range",
    label: "Order that you expect",
    low: 0,
    high: 5,
    step: 0.25,
    buttons: [
      {
        name: "commit",
        label: (S) => (S.committed ? "Slopes shown" : "Draw it, then show the slopes"),
        primary: true,
        set: () => ({ committed: true }),
        disabled: (S) => S.committed || S.counts.length < 3,
      },
    ],
  },
  mystery: {
    kind: "select",
    label: "Sampler",
    options: () => Object.keys(MYSTERIES).map((k) => [k, `mystery ${k}`]),
    hint: (S) => `Its author says: order ${MYSTERIES[S.mystery].order}. ${MYSTERIES[S.mystery].claim}`,
    set: (v) => ({ mystery: v, counts: [], committed: false, diagnosis: "none", revealed: false }),
  },
  diagnosis: {
    kind: "select",
    label: "Your diagnosis",
    tall: true,
    options: () => [["none", "not yet"], ...Object.entries(DIAGNOSES)],
    disabled: (S) => S.counts.length < 4,
    buttons: [
      {
        name: "tell",
        label: "Tell me",
        set: () => ({ revealed: true }),
        disabled: (S) => S.counts.length < 4 || S.diagnosis === "none" || S.revealed,
      },
    ],
  },
  against: {
    kind: "select",
    label: "Compare its end with",
    tall: true,
    options: () => [
      ["end", "the exact end point"],
      ["before", "the exact point one level earlier"],
    ],
  },
};
