// @ts-check

import { networksOf } from "../../maths/learned.js";
import { QUOTIENTS } from "../../maths/quotients.js";
import { formatNumber } from "../numbers.js";
import { listWith, namedLikeValues } from "./control.js";

/** @typedef {import("./control.js").Control} Control */

const LENGTHS = { 1: "whole", 0.5: "half", 0.25: "a quarter", 0.125: "an eighth" };

/** Of the views of one step, of a difference quotient and of the distilled head. @type {Record<string, Control>} */
export const STEPS = {
  step_scale: {
    kind: "select",
    label: "Length of this step",
    number: true,
    options: (lab) => listWith(Object.keys(LENGTHS).map(Number), lab.S.step_scale, (v) => LENGTHS[v] ?? String(v)),
  },
  zoom: { kind: "check", label: "Zoom to this step" },
  h_fraction: {
    kind: "range",
    label: "Step length −h / γ",
    low: 0.02,
    high: 0.95,
    step: 0.01,
    text: (v) => v.toFixed(2),
  },
  step_buttons: {
    kind: "buttons",
    label: "Steps along the path",
    buttons: [
      {
        name: "back",
        label: "Back",
        set: (S) => ({ step: Math.max(0, S.step - 1) }),
        disabled: (S) => !S.revealed || S.step === 0,
      },
      {
        name: "step",
        label: "Step",
        set: (S) => ({ step: Math.min(S.n_steps - 1, S.step + 1) }),
        disabled: (S) => !S.revealed || S.step >= S.n_steps - 1,
      },
      { name: "restart", label: "First step", set: () => ({ step: 0 }), disabled: (S) => !S.revealed || S.step === 0 },
    ],
  },
  reveal: {
    kind: "buttons",
    label: "The exact end",
    buttons: [
      {
        name: "reveal",
        label: (S) => (S.revealed ? "Guess again" : "Reveal the exact end"),
        primary: true,
        set: (S) => (S.revealed ? { revealed: false, guess: null } : { revealed: true }),
        disabled: (S) => !S.revealed && S.guess === null,
      },
    ],
  },
  difference: { kind: "select", label: "Difference", options: () => namedLikeValues(QUOTIENTS) },
  log_step: {
    kind: "range",
    label: "Step, as a share of γ",
    low: -10,
    high: -0.3,
    step: 0.1,
    text: (v) => formatNumber(10 ** v),
  },
  checkpoint: {
    kind: "range",
    label: "Training steps of the head",
    low: 0,
    high: 7,
    step: 1,
    text: (v, lab) => String(networksOf(lab.config.networks).heads[v].step),
  },
};
