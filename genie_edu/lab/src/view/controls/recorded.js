// @ts-check

import { SPACING_NAMES, shortLabel } from "../labels.js";
import { roundNumber } from "../numbers.js";

/** @typedef {import("./control.js").Control} Control */

/** The calls of eps that were recorded. @type {(label: string) => Control} */
const recordedCalls = (label) => ({ kind: "pick", name: "nfe", label, list: (lab) => lab.sheet.nfes });

const recordedSolvers = (lab) => lab.sheet.solvers.map((s) => [s, shortLabel(lab, s)]);

/** Of the views of a recorded run. @type {Record<string, Control>} */
export const RECORDED = {
  image_nfe: recordedCalls("Calls of eps for each (NFE)"),
  pair_nfe: recordedCalls("The solver's calls of eps"),
  pair_solver: {
    kind: "select",
    name: "solver",
    label: "Solver",
    set: (v, S) => (v === S.rival ? { solver: v, rival: S.solver } : { solver: v }),
    options: recordedSolvers,
  },
  rival: {
    kind: "select",
    label: "Rival",
    set: (v, S) => (v === S.solver ? { rival: v, solver: S.rival } : { rival: v }),
    options: recordedSolvers,
  },
  grid: {
    kind: "select",
    label: "Grid",
    options: (lab) => [["best", "each solver's best"], ...lab.sheet.spacings.map((s) => [s, SPACING_NAMES[s]])],
  },
  blend: {
    kind: "range",
    label: "From the solver to the rival",
    low: 0,
    high: 1,
    step: 0.05,
    text: (v) => `${Math.round(100 * v)} %`,
    disabled: (S) => S.mixing === "difference",
  },
  mixing: {
    kind: "select",
    label: "Laid over each other as",
    options: () => [
      ["blend", "a fade"],
      ["swipe", "a curtain"],
      ["difference", "a difference"],
    ],
  },
  axis: {
    kind: "select",
    label: "Cost",
    options: (lab) => [
      ["nfe", "calls (NFE)"],
      ["counted", "arithmetic"],
      ...(lab.sheet.seconds ? [["seconds", "seconds"]] : []),
      ["training", `${lab.sheet.seconds ? "seconds" : "arithmetic"}, with training`],
    ],
  },
  measure: {
    kind: "select",
    label: "Measure",
    options: () => [
      ["error", "error to own ODE"],
      ["frechet", "Fréchet distance"],
    ],
  },
  log_images: {
    kind: "range",
    label: "Images that share the training",
    low: 2,
    high: 7,
    step: 0.1,
    text: (v, lab) => (lab.S.axis === "training" ? roundNumber(10 ** v) : "only with training"),
    disabled: (S) => S.axis !== "training",
  },
  snapshot: {
    kind: "pick",
    label: "Checkpoint after training steps",
    list: (lab) => lab.sheet.checkpoints.map((_, k) => k),
    text: (v, lab) => String(lab.sheet.checkpoints[v].step),
  },
  beside: {
    kind: "select",
    label: "Compare with",
    number: true,
    options: (lab) => [[-1, "nothing"], ...lab.sheet.checkpoints.map((q, k) => [k, `${q.step} steps`])],
  },
  derivative: {
    kind: "select",
    label: "GENIE's derivative",
    tall: true,
    options: () => [
      ["head", "from the distilled head"],
      ["autodiff", "exact (autodiff)"],
    ],
  },
  show_difference: { kind: "check", label: "Show the difference from the own ODE" },
};
