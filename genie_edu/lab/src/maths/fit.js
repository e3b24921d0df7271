// @ts-check
/* What a step is a combination of, and least squares over many starts: a solver fitted to a flow. */

/** @typedef {import("./types.js").Field} Field */
/** @typedef {Record<string, number>} Weights of one step, by term */
/** @typedef {{ E: Float64Array, D: Float64Array }} Point eps and its derivative where a step began */

export const NOW = ["state", "eps"];
export const PAST = [...NOW, "past", "past2"];
export const SLOPES = [...PAST, "slope", "slope_before"];

const RIDGE = 1e-4; // times the weights' own size, towards Euler's
const HELD_OUT = 4; // every so-manieth start judges between two fits

/** @type {(a: Float64Array, b: Float64Array) => number} */
function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/**
 * The directions of a step by term, those that are known; and the point that later steps remember.
 * @type {(mix: Field, x: Float64Array, g: number, gn: number, past: Point[], terms: string[])
 *   => { columns: [string, Float64Array][], point: Point }}
 */
export function directions(mix, x, g, gn, past, terms) {
  const h = gn - g;
  const E = new Float64Array(x.length);
  const D = new Float64Array(x.length);
  mix.derivatives(x, 0, x.length >> 1, g, E, D, null);
  const made = {
    state: () => x.map((v) => v / Math.sqrt(1 + g * g)),
    eps: () => E.map((v) => h * v),
    past: () => E.map((v, i) => h * (past[0].E[i] - v)),
    past2: () => E.map((v, i) => h * (past[1].E[i] - v)),
    slope: () => D.map((v) => 0.5 * h * h * v),
    slope_before: () => past[0].D.map((v) => 0.5 * h * h * v),
  };
  const needs = { past: 1, past2: 2, slope_before: 1 };
  const known = terms.filter((term) => past.length >= (needs[term] ?? 0));
  return { columns: known.map((term) => [term, made[term]()]), point: { E, D } };
}

/**
 * The weights of columns whose sum is nearest to a target: by orthogonal columns, made twice against rounding.
 * @type {(columns: Float64Array[], target: Float64Array) => number[]}
 */
export function leastSquares(columns, target) {
  const n = columns.length;
  const Q = columns.map((c) => c.slice());
  const R = columns.map(() => new Array(n).fill(0));
  for (let j = 0; j < n; j++) {
    const first = Math.sqrt(dot(Q[j], Q[j]));
    for (let twice = 0; twice < 2; twice++)
      for (let i = 0; i < j; i++) {
        const r = dot(Q[i], Q[j]);
        R[i][j] += r;
        for (let k = 0; k < target.length; k++) Q[j][k] -= r * Q[i][k];
      }
    const size = Math.sqrt(dot(Q[j], Q[j]));
    R[j][j] = size > 1e-13 * first ? size : 0; // nothing new in it: weight 0
    for (let k = 0; k < target.length; k++) Q[j][k] = R[j][j] ? Q[j][k] / size : 0;
  }
  const weights = Q.map((q) => dot(q, target));
  for (let j = n - 1; j >= 0; j--) {
    for (let k = j + 1; k < n; k++) weights[j] -= R[j][k] * weights[k];
    weights[j] = R[j][j] ? weights[j] / R[j][j] : 0;
  }
  return weights;
}

/**
 * The same, with RIDGE times the weights' own size: from the normal equations of columns of unit length.
 * @type {(columns: Float64Array[], target: Float64Array) => number[]}
 */
function damped(columns, target) {
  const n = columns.length;
  const sizes = columns.map((c) => Math.sqrt(dot(c, c)) || Number.MIN_VALUE);
  const rows = columns.map((a, i) => [
    ...columns.map((b, j) => dot(a, b) / sizes[i] / sizes[j] + (i === j ? RIDGE : 0)),
    dot(a, target) / sizes[i],
  ]);
  for (let j = 0; j < n; j++)
    for (let i = j + 1; i < n; i++) {
      const f = rows[i][j] / rows[j][j];
      for (let k = j; k <= n; k++) rows[i][k] -= f * rows[j][k];
    }
  for (let j = n - 1; j >= 0; j--) {
    for (let k = j + 1; k < n; k++) rows[j][n] -= rows[j][k] * rows[k][n];
    rows[j][n] /= rows[j][j];
  }
  return rows.map((row, i) => row[n] / sizes[i]);
}

/** @type {(x: Float64Array, columns: [string, Float64Array][], weights: Weights) => Float64Array} */
function moved(x, columns, weights) {
  const out = Float64Array.from(x);
  for (const [term, column] of columns) for (let i = 0; i < out.length; i++) out[i] += weights[term] * column[i];
  return out;
}

/**
 * Where weights lead.
 * @type {(mix: Field, x: Float64Array, gammas: Float64Array, weights: Weights[], terms: string[]) => Float64Array}
 */
export function follow(mix, x, gammas, weights, terms) {
  let past = /** @type {Point[]} */ ([]);
  for (let n = 0; n + 1 < gammas.length; n++) {
    const { columns, point } = directions(mix, x, gammas[n], gammas[n + 1], past, terms);
    x = moved(x, columns, weights[n]);
    past = [point, ...past].slice(0, 2);
  }
  return x;
}

/**
 * Weights step by step along the solver's own path, each step towards the exact path, all levels one after the other.
 * @type {(mix: Field, path: Float64Array, gammas: Float64Array, terms: string[])
 *   => { weights: Weights[], end: Float64Array }}
 */
function stepByStep(mix, path, gammas, terms) {
  const n2 = path.length / gammas.length;
  /** @type {Float64Array} */
  let x = path.slice(0, n2);
  let past = /** @type {Point[]} */ ([]);
  const weights = [];
  for (let n = 0; n + 1 < gammas.length; n++) {
    const { columns, point } = directions(mix, x, gammas[n], gammas[n + 1], past, terms);
    const euler = columns[1][1]; // "eps", with weight 1
    const missing = x.map((v, i) => path[(n + 1) * n2 + i] - v - euler[i]);
    const found = damped(
      columns.map(([, column]) => column),
      missing,
    );
    weights.push(Object.fromEntries(columns.map(([term], j) => [term, found[j] + (term === "eps" ? 1 : 0)])));
    x = moved(x, columns, weights[n]);
    past = [point, ...past].slice(0, 2);
  }
  return { weights, end: x };
}

/**
 * A solver fitted to a flow; one with slopes is kept only if it is the better one on every fourth start.
 * @type {(mix: Field, path: Float64Array, gammas: Float64Array, terms: string[],
 *   error: (end: Float64Array, places: number[]) => number) => Weights[]}
 */
export function fitted(mix, path, gammas, terms, error) {
  const n = path.length / gammas.length / 2;
  const kept = Array.from({ length: n }, (_, k) => k).filter((k) => k % HELD_OUT === 0);
  const found = stepByStep(mix, path, gammas, terms);
  if (!terms.includes("slope")) return found.weights;
  const plain = stepByStep(mix, path, gammas, PAST);
  if (error(found.end, kept) <= error(plain.end, kept)) return found.weights;
  return plain.weights.map((some, i) => ({ ...zeros(found.weights[i]), ...some }));
}

/** @type {(weights: Weights) => Weights} */
const zeros = (weights) => Object.fromEntries(Object.keys(weights).map((term) => [term, 0]));
