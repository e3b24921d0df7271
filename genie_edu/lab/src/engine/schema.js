// @ts-check

import { SPACINGS } from "../maths/grids.js";
import { DIAGNOSES, MYSTERIES } from "../maths/mysteries.js";
import { QUOTIENTS } from "../maths/quotients.js";
import { SOLVERS } from "../maths/solvers.js";

const CLOCKS = ["plane", "t", "log_snr", "gamma"];

/** Every piece of state: its type and range. Fragments, presets and Python's traits all pass here. What has an
 * `initial` value may be missing from a page that was stored before the key existed. */
export const SCHEMA = {
  mixture: { type: "word" },
  weights: { type: "weights" },
  means: { type: "points", low: -4, high: 4 },
  covs: { type: "covs" },
  component: { type: "int", low: 0, high: 11 },
  n_steps: { type: "int", low: 1, high: 512 },
  nfe: { type: "int", low: 1, high: 100, initial: 10 },
  n_starts: { type: "int", low: 1, high: 500 },
  seed: { type: "int", low: 0, high: 999 },
  solvers: { type: "solvers" },
  solver: { type: "solver" },
  spacing: { type: "enum", values: SPACINGS },
  t_start: { type: "number", low: 0.05, high: 1 },
  t_end: { type: "number", low: 1e-3, high: 0.5 },
  afs: { type: "bool" },
  denoise: { type: "bool" },
  clock: { type: "enum", values: CLOCKS },
  start: { type: "point", low: -4, high: 4, nullable: true },
  log_gamma: { type: "number", low: -4, high: 5 },
  quantity: { type: "enum", values: ["eps", "score"] },
  probe: { type: "point", low: -4, high: 4 },
  cursor: { type: "number", low: 0, high: 1 },
  variable: { type: "enum", values: ["x_bar", "x"] },
  step: { type: "int", low: 0, high: 99 },
  step_scale: { type: "number", low: 0.05, high: 1 },
  guess: { type: "point", low: -700, high: 700, nullable: true },
  revealed: { type: "bool" },
  zoom: { type: "bool" },
  h_fraction: { type: "number", low: 0.01, high: 0.95 },
  precision: { type: "enum", values: ["float64", "float32"] },
  expected_slope: { type: "number", low: 0, high: 5 },
  committed: { type: "bool" },
  counts: { type: "counts" },
  mystery: { type: "enum", values: Object.keys(MYSTERIES), initial: "A" },
  diagnosis: { type: "enum", values: ["none", ...Object.keys(DIAGNOSES)], initial: "none" },
  against: { type: "enum", values: ["end", "before"], initial: "end" },
  difference: { type: "enum", values: QUOTIENTS, initial: "forward" },
  checkpoint: { type: "int", low: 0, high: 7, initial: 7 },
  log_step: { type: "number", low: -10, high: -0.3, initial: -3 },
  derivative: { type: "enum", values: ["head", "autodiff"], initial: "head" },
  show_difference: { type: "bool", initial: false },
  column: { type: "int", low: 0, high: 63, initial: 0 },
  snapshot: { type: "int", low: 0, high: 63, initial: 0 },
  beside: { type: "int", low: -1, high: 63, initial: -1 }, // checkpoints; -1: none
  rival: { type: "solver", initial: "dpmpp_2m" },
  grid: { type: "enum", values: ["best", ...SPACINGS], initial: "best" },
  blend: { type: "number", low: 0, high: 1, initial: 0.5 },
  mixing: { type: "enum", values: ["blend", "swipe", "difference"], initial: "blend" },
  axis: { type: "enum", values: ["nfe", "counted", "seconds", "training"], initial: "nfe" },
  measure: { type: "enum", values: ["error", "frechet"], initial: "error" },
  log_images: { type: "number", low: 2, high: 7, initial: 4 },
  knots: { type: "knots", low: -8, high: 6, initial: null }, // the grid's inner levels, log gamma; null: the grid `spacing`
};

export const MIXTURE = ["weights", "means", "covs"];

// views of the trained networks, which know one mixture
export const LEARNED = ["budget", "scrubber"];

/** The most solvers, steps and starts that a view shows; the schema allows what any view does. */
export const limitsOf = (view) => ({
  solvers: ["tournament", "precision"].includes(view) ? 6 : 4,
  steps: { order: 512, mystery: 512, knots: 40 }[view] ?? 100,
  starts: LEARNED.includes(view) ? 64 : 500,
});

export const isNumber = (v) => typeof v === "number" && Number.isFinite(v);

const within = (v, low, high) => isNumber(v) && v >= low && v <= high;

/** The value if it is of the key's type and in its range; otherwise a RangeError in one sentence. */
export function checked(key, value) {
  const rule = Object.hasOwn(SCHEMA, key) ? SCHEMA[key] : null;
  const refuse = () => {
    throw new RangeError(`${key} is out of range or of the wrong type`);
  };
  if (!rule) refuse();
  const point = (v, low, high) => Array.isArray(v) && v.length === 2 && v.every((c) => within(c, low, high));
  switch (rule.type) {
    case "int":
      return Number.isInteger(value) && within(value, rule.low, rule.high) ? value : refuse();
    case "number":
      return within(value, rule.low, rule.high) ? value : refuse();
    case "bool":
      return typeof value === "boolean" ? value : refuse();
    case "enum":
      return rule.values.includes(value) ? value : refuse();
    case "word":
      return typeof value === "string" && /^[a-z][a-z0-9_]{0,30}$/.test(value) ? value : refuse();
    case "solver":
      return Object.hasOwn(SOLVERS, value) ? value : refuse();
    case "solvers":
      return Array.isArray(value) &&
        value.length >= 1 &&
        value.length <= 6 &&
        new Set(value).size === value.length &&
        value.every((s) => typeof s === "string" && Object.hasOwn(SOLVERS, s))
        ? [...value]
        : refuse();
    case "point":
      return rule.nullable && value === null
        ? null
        : point(value, rule.low, rule.high)
          ? [value[0], value[1]]
          : refuse();
    case "points":
      return Array.isArray(value) &&
        value.length >= 1 &&
        value.length <= 12 &&
        value.every((p) => point(p, rule.low, rule.high))
        ? value.map((p) => [p[0], p[1]])
        : refuse();
    case "weights":
      return Array.isArray(value) &&
        value.length >= 1 &&
        value.length <= 12 &&
        value.every((w) => within(w, 1e-6, 1)) &&
        Math.abs(value.reduce((a, b) => a + b, 0) - 1) < 1e-6
        ? [...value]
        : refuse();
    case "covs":
      return Array.isArray(value) &&
        value.length >= 1 &&
        value.length <= 12 &&
        value.every(
          (c) =>
            Array.isArray(c) &&
            c.length === 2 &&
            c.every((row) => Array.isArray(row) && row.length === 2 && row.every((v) => within(v, -9, 9))) &&
            Math.abs(c[0][1] - c[1][0]) < 1e-12 &&
            c[0][0] > 0 &&
            c[0][0] * c[1][1] - c[0][1] * c[1][0] > 1e-8,
        )
        ? value.map((c) => c.map((row) => [...row]))
        : refuse();
    case "knots":
      return value === null
        ? null
        : Array.isArray(value) &&
            value.length >= 1 &&
            value.length <= 39 &&
            value.every((v, i) => within(v, rule.low, rule.high) && (i === 0 || v < value[i - 1]))
          ? [...value]
          : refuse();
    case "counts":
      return Array.isArray(value) &&
        value.length <= 24 &&
        new Set(value).size === value.length &&
        value.every((n) => Number.isInteger(n) && within(n, 1, 512))
        ? [...value].sort((a, b) => a - b)
        : refuse();
  }
  return refuse();
}
