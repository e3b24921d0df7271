// @ts-check

import { SPACINGS } from "../maths/grids.js";
import { DIAGNOSES, MYSTERIES } from "../maths/mysteries.js";
import { QUOTIENTS } from "../maths/quotients.js";
import { SOLVERS } from "../maths/solvers.js";

const CLOCKS = ["plane", "t", "log_snr", "gamma"];

/**
 * Every piece of state: its type and range. Fragments, presets and Python's traits all pass here. What has an
 * `initial` value may be missing from a page that was stored before the key existed.
 * @type {Record<string, { type: string, low?: number, high?: number, values?: string[], nullable?: boolean,
 *   initial?: unknown }>}
 */
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
  members: { type: "members", low: 0, high: 11, initial: [0] }, // the components of a class
  w: { type: "number", low: 0, high: 8, initial: 1 },
  guide_low: { type: "number", low: -5, high: 5, initial: -5 }, // log gammas between which guidance acts
  guide_high: { type: "number", low: -4.9, high: 5.1, initial: 5.1 },
  guided_derivative: { type: "enum", values: ["exact", "sum"], initial: "exact" },
  log_images: { type: "number", low: 2, high: 7, initial: 4 },
  // the grid's inner levels, log gamma; null: the grid `spacing`
  knots: { type: "knots", low: -8, high: 6, initial: null },
};

/** The keys that make a mixture; they change together. */
export const MIXTURE = ["weights", "means", "covs"];

/** Views of the trained networks, which know one mixture. */
export const LEARNED = ["budget", "scrubber"];

/**
 * The most solvers, steps and starts that a view shows; the schema allows what any view does.
 * @type {(view: string) => { solvers: number, steps: number, starts: number }}
 */
export const limitsOf = (view) => ({
  solvers: ["tournament", "precision"].includes(view) ? 6 : 4,
  steps: { order: 512, mystery: 512, knots: 40, span: 40 }[view] ?? 100,
  starts: LEARNED.includes(view) ? 64 : 500,
});

/** Whether a value is a finite number. @type {(v: unknown) => boolean} */
export const isNumber = (v) => typeof v === "number" && Number.isFinite(v);

const within = (v, low, high) => isNumber(v) && v >= low && v <= high;
const isList = (v, least, most) => Array.isArray(v) && v.length >= least && v.length <= most;
const isPair = (v, low, high) => isList(v, 2, 2) && v.every((c) => within(c, low, high));
const allDiffer = (v) => new Set(v).size === v.length;
const isCov = (c) =>
  isList(c, 2, 2) &&
  c.every((row) => isPair(row, -9, 9)) &&
  Math.abs(c[0][1] - c[1][0]) < 1e-12 &&
  c[0][0] > 0 &&
  c[0][0] * c[1][1] - c[0][1] * c[1][0] > 1e-8;

const MOST_COMPONENTS = 12;

/** By type: whether a value may stand, given the key's rule. */
const ALLOWED = {
  int: (v, { low, high }) => Number.isInteger(v) && within(v, low, high),
  number: (v, { low, high }) => within(v, low, high),
  bool: (v) => typeof v === "boolean",
  enum: (v, { values }) => values.includes(v),
  word: (v) => typeof v === "string" && /^[a-z][a-z0-9_]{0,30}$/.test(v),
  solver: (v) => typeof v === "string" && Object.hasOwn(SOLVERS, v),
  solvers: (v) => isList(v, 1, 6) && allDiffer(v) && v.every((s) => ALLOWED.solver(s)),
  point: (v, { low, high, nullable }) => (nullable && v === null) || isPair(v, low, high),
  points: (v, { low, high }) => isList(v, 1, MOST_COMPONENTS) && v.every((p) => isPair(p, low, high)),
  weights: (v) =>
    isList(v, 1, MOST_COMPONENTS) &&
    v.every((w) => within(w, 1e-6, 1)) &&
    Math.abs(v.reduce((a, b) => a + b, 0) - 1) < 1e-6,
  covs: (v) => isList(v, 1, MOST_COMPONENTS) && v.every(isCov),
  knots: (v, { low, high }) =>
    v === null || (isList(v, 1, 39) && v.every((k, i) => within(k, low, high) && (i === 0 || k < v[i - 1]))),
  members: (v, { low, high }) =>
    isList(v, 1, MOST_COMPONENTS) &&
    v.every((k, i) => Number.isInteger(k) && within(k, low, high) && (i === 0 || k > v[i - 1])),
  counts: (v) => isList(v, 0, 24) && allDiffer(v) && v.every((n) => Number.isInteger(n) && within(n, 1, 512)),
};

/**
 * A copy of the value if it is of the key's type and in its range; otherwise a RangeError in one sentence.
 * @param {string} key
 * @param {any} value
 */
export function checked(key, value) {
  const rule = Object.hasOwn(SCHEMA, key) ? SCHEMA[key] : null;
  if (!rule || !ALLOWED[rule.type](value, rule)) throw new RangeError(`${key} is out of range or of the wrong type`);
  const copy = structuredClone(value);
  return rule.type === "counts" ? copy.sort((a, b) => a - b) : copy;
}
