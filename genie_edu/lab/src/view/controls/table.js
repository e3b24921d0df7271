// @ts-check

import { runKnots } from "../../engine/paths.js";
import { limitsOf } from "../../engine/schema.js";
import { clockOf } from "../../maths/clocks.js";
import { equidistribute, SPACINGS } from "../../maths/grids.js";
import { networksOf } from "../../maths/learned.js";
import { DIAGNOSES, MYSTERIES } from "../../maths/mysteries.js";
import { SOLVERS } from "../../maths/solvers.js";
import { CLOCK_NAMES, labelOf, SPACING_NAMES, shortLabel } from "../labels.js";
import { formatNumber, spreadOf, whole } from "../numbers.js";
import { logs } from "../views/knots.js";

// the order plot's steps
const COUNTS = [2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512];

const T_ENDS = [0.001, 0.003, 0.01, 0.03, 0.05, 0.1];

const T_STARTS = [1, 0.9, 0.7, 0.5, 0.4, 0.3];

const listWith = (list, value, text = String) =>
  (list.includes(value) ? list : [...list, value]).map((v) => [v, text(v)]);

/* kind: range | pick (a range over a list) | select (`hint`: a sentence below it) | check | number | solvers | buttons.
 * get and set translate between the state and what the input holds; set returns a patch. */
export const CONTROLS = {
  n_steps: { kind: "range", label: "Steps", low: 1, high: 100, step: 1 },
  order_steps: {
    kind: "pick",
    name: "n_steps",
    label: "Steps N",
    list: COUNTS,
    get: (S) => S.n_steps,
    set: (v) => ({ n_steps: v }),
    text: (v) => `${v}`,
    buttons: [
      {
        name: "measure",
        label: "Measure",
        primary: true,
        set: (S) => (S.counts.includes(S.n_steps) || S.counts.length >= 24 ? {} : { counts: [...S.counts, S.n_steps] }),
        disabled: (S) => S.counts.includes(S.n_steps),
      },
      {
        name: "clear",
        label: "Clear",
        set: () => ({ counts: [], committed: false }),
        disabled: (S) => S.counts.length === 0,
      },
    ],
  },
  image_nfe: {
    kind: "pick",
    name: "nfe",
    label: "Calls of eps for each (NFE)",
    list: (lab) => lab.sheet.nfes,
    get: (S) => S.nfe,
    set: (v) => ({ nfe: v }),
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
  pair_solver: {
    kind: "select",
    name: "solver",
    label: "Solver",
    get: (S) => S.solver,
    set: (v, S) => (v === S.rival ? { solver: v, rival: S.solver } : { solver: v }),
    options: (lab) => lab.sheet.solvers.map((s) => [s, shortLabel(labelOf(lab, s))]),
  },
  rival: {
    kind: "select",
    label: "Rival",
    set: (v, S) => (v === S.solver ? { rival: v, solver: S.rival } : { rival: v }),
    options: (lab) => lab.sheet.solvers.map((s) => [s, shortLabel(labelOf(lab, s))]),
  },
  pair_nfe: {
    kind: "pick",
    name: "nfe",
    label: "The solver's calls of eps",
    list: (lab) => lab.sheet.nfes,
    get: (S) => S.nfe,
    set: (v) => ({ nfe: v }),
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
    text: (v) => whole(10 ** v),
    disabled: (S) => S.axis !== "training",
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
  show_difference: { kind: "check", label: "Show the difference from the first line" },
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
  mystery: {
    kind: "select",
    label: "Sampler",
    options: () => Object.keys(MYSTERIES).map((k) => [k, `mystery ${k}`]),
    hint: (S) => `Its author says: order ${MYSTERIES[S.mystery].order}. ${MYSTERIES[S.mystery].claim}`,
    set: (v) => ({ mystery: v, counts: [], committed: false, diagnosis: "none" }),
  },
  diagnosis: {
    kind: "select",
    label: "Your diagnosis",
    tall: true,
    options: () => [["none", "not yet"], ...Object.entries(DIAGNOSES)],
    disabled: (S) => S.counts.length < 4,
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
  knot_grid: {
    kind: "select",
    name: "spacing",
    label: "Grid to start from",
    get: (S) => S.spacing,
    set: (v) => ({ spacing: v }),
    options: () => SPACINGS.map((s) => [s, SPACING_NAMES[s]]),
    buttons: [
      {
        name: "equidistribute",
        label: "Equidistribute",
        primary: true,
        set: (S, lab) => {
          const R = runKnots(lab.engine, S);
          return { knots: logs(equidistribute(R.gammas, R.local, SOLVERS[S.solver].order)) };
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
  clock: {
    kind: "select",
    label: (lab) => (lab.config.view === "clocks" ? "Clock of the cursor" : "Horizontal axis"),
    options: (lab) =>
      [
        ["plane", "the plane"],
        ["t", "t"],
        ["log_snr", "log-SNR"],
        ["gamma", "γ"],
      ].slice(lab.config.view === "clocks" ? 1 : 0),
  },
  mixture: {
    kind: "select",
    label: "Mixture",
    options: (lab) => [...Object.keys(lab.config.toys).map((n) => [n, n.replace(/_/g, " ")]), ["custom", "your own"]],
    set: (v, S) => (v === "custom" ? { means: S.means } : { mixture: v, component: 0 }),
  },
  component: {
    kind: "select",
    label: "Component",
    number: true,
    options: (lab) => lab.S.means.map((_, k) => [k, String(k + 1)]),
  },
  weight: {
    kind: "range",
    label: "Its weight",
    low: 0.02,
    high: 0.98,
    step: 0.01,
    text: (v) => v.toFixed(2),
    get: (S) => S.weights[S.component],
    disabled: (S) => S.weights.length < 2,
    set: (v, S) => {
      const rest = 1 - S.weights[S.component];
      return {
        weights: S.weights
          .map((w, k) => (k === S.component ? v : Math.max(1e-6, (w * (1 - v)) / rest)))
          .map((w, _, all) => w / all.reduce((a, b) => a + b)),
      };
    },
  },
  spread: {
    kind: "range",
    label: "Its spread",
    low: 0.05,
    high: 1.2,
    step: 0.01,
    text: (v) => v.toFixed(2),
    get: (S) => spreadOf(S.covs[S.component]),
    set: (v, S) => {
      const f = (v / spreadOf(S.covs[S.component])) ** 2;
      return { covs: S.covs.map((c, k) => (k === S.component ? c.map((row) => row.map((e) => e * f)) : c)) };
    },
  },
  mean_x: {
    kind: "number",
    label: "Its mean, x₁",
    low: -3,
    high: 3,
    step: 0.05,
    get: (S) => S.means[S.component][0],
    set: (v, S) => ({ means: S.means.map((m, k) => (k === S.component ? [v, m[1]] : m)) }),
  },
  mean_y: {
    kind: "number",
    label: "Its mean, x₂",
    low: -3,
    high: 3,
    step: 0.05,
    get: (S) => S.means[S.component][1],
    set: (v, S) => ({ means: S.means.map((m, k) => (k === S.component ? [m[0], v] : m)) }),
  },
  own_start: {
    kind: "check",
    label: "Place one start myself",
    get: (S) => S.start !== null,
    set: (v) => ({ start: v ? [1.2, -1.4] : null }),
  },
  start_x: {
    kind: "number",
    label: "Start x₁",
    low: -3,
    high: 3,
    step: 0.05,
    disabled: (S) => S.start === null,
    get: (S) => (S.start ? S.start[0] : 0),
    set: (v, S) => (S.start ? { start: [v, S.start[1]] } : {}),
  },
  start_y: {
    kind: "number",
    label: "Start x₂",
    low: -3,
    high: 3,
    step: 0.05,
    disabled: (S) => S.start === null,
    get: (S) => (S.start ? S.start[1] : 0),
    set: (v, S) => (S.start ? { start: [S.start[0], v] } : {}),
  },
  log_gamma: {
    kind: "range",
    label: "Noise level γ",
    low: -3,
    high: 2.5,
    step: 0.05,
    text: (v) => formatNumber(Math.exp(v)),
  },
  quantity: {
    kind: "select",
    label: "Arrows",
    options: () => [
      ["eps", "eps (noise)"],
      ["score", "score (uphill)"],
    ],
  },
  cursor: {
    kind: "range",
    label: "Cursor",
    low: 0,
    high: 1,
    step: 0.005,
    text: (v, lab) =>
      `${lab.S.clock === "plane" ? "γ" : CLOCK_NAMES[lab.S.clock].split(" ")[0]} = ${formatNumber(clockOf(lab.S.clock === "plane" ? "gamma" : lab.S.clock, lab.R ? lab.R.g : NaN))}`,
  },
  variable: {
    kind: "select",
    label: "Coordinates",
    options: () => [
      ["x_bar", "x̄ = x / α"],
      ["x", "x"],
    ],
  },
  step_scale: {
    kind: "select",
    label: "Length of this step",
    number: true,
    options: (lab) =>
      listWith(
        [1, 0.5, 0.25, 0.125],
        lab.S.step_scale,
        (v) => ({ 1: "whole", 0.5: "half", 0.25: "a quarter", 0.125: "an eighth" })[v] ?? String(v),
      ),
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
  difference: {
    kind: "select",
    label: "Difference",
    options: () => [
      ["forward", "forward"],
      ["central", "central"],
    ],
  },
  checkpoint: {
    kind: "range",
    label: "Training steps of the head",
    low: 0,
    high: 7,
    step: 1,
    text: (v, lab) => String(networksOf(lab.config.networks).heads[v].step),
  },
  log_step: {
    kind: "range",
    label: "Step, as a share of γ",
    low: -10,
    high: -0.3,
    step: 0.1,
    text: (v) => formatNumber(10 ** v),
  },
  precision: {
    kind: "select",
    label: "Number format",
    options: () => [
      ["float64", "float64"],
      ["float32", "float32"],
    ],
  },
  expected_slope: {
    kind: "range",
    label: "Slope that you expect",
    low: 0,
    high: 5,
    step: 0.25,
    text: (v) => String(v),
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
};
