// @ts-check

import { clockOf } from "../../maths/clocks.js";
import { CLOCK_NAMES } from "../labels.js";
import { formatNumber, spreadOf } from "../numbers.js";

/** @typedef {import("./control.js").Control} Control */

const replaced = (p, i, v) => p.map((c, k) => (k === i ? v : c));

/** One coordinate of the chosen component's mean. @type {(label: string, i: number) => Control} */
const meanControl = (label, i) => ({
  kind: "number",
  label,
  low: -3,
  high: 3,
  step: 0.05,
  get: (S) => S.means[S.component][i],
  set: (v, S) => ({ means: S.means.map((m, k) => (k === S.component ? replaced(m, i, v) : m)) }),
});

/** One coordinate of the reader's own start. @type {(label: string, i: number) => Control} */
const startControl = (label, i) => ({
  kind: "number",
  label,
  low: -3,
  high: 3,
  step: 0.05,
  disabled: (S) => S.start === null,
  get: (S) => (S.start ? S.start[i] : 0),
  set: (v, S) => (S.start ? { start: replaced(S.start, i, v) } : {}),
});

/** The mixture, the points of the plane, and what is drawn of them. @type {Record<string, Control>} */
export const PLANE = {
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
  mean_x: meanControl("Its mean, x₁", 0),
  mean_y: meanControl("Its mean, x₂", 1),
  own_start: {
    kind: "check",
    label: "Place one start myself",
    get: (S) => S.start !== null,
    set: (v) => ({ start: v ? [1.2, -1.4] : null }),
  },
  start_x: startControl("Start x₁", 0),
  start_y: startControl("Start x₂", 1),
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
  members: { kind: "members", label: "The class" },
  w: { kind: "range", label: "Guidance weight w", low: 0, high: 8, step: 0.25 },
  guide_high: {
    kind: "range",
    label: "Guidance acts below γ =",
    low: -4.9,
    high: 5.1,
    step: 0.1,
    text: (v) => formatNumber(Math.exp(v)),
    set: (v, S) => ({ guide_high: Math.max(v, S.guide_low + 0.1) }),
  },
  guide_low: {
    kind: "range",
    label: "and above γ =",
    low: -5,
    high: 5,
    step: 0.1,
    text: (v) => formatNumber(Math.exp(v)),
    set: (v, S) => ({ guide_low: Math.min(v, S.guide_high - 0.1) }),
  },
  guided_derivative: {
    kind: "select",
    label: "Derivative that GENIE is given",
    options: () => [
      ["exact", "of the guided flow"],
      ["sum", "sum of two"],
    ],
  },
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
  cursor: {
    kind: "range",
    label: "Cursor",
    low: 0,
    high: 1,
    step: 0.005,
    text(_v, lab) {
      const clock = lab.S.clock === "plane" ? "gamma" : lab.S.clock;
      return `${CLOCK_NAMES[clock].split(" ")[0]} = ${formatNumber(clockOf(clock, lab.R ? lab.R.g : NaN))}`;
    },
  },
  variable: {
    kind: "select",
    label: "Coordinates",
    options: () => [
      ["x_bar", "x̄ = x / α"],
      ["x", "x"],
    ],
  },
};
