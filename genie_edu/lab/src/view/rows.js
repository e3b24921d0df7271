// @ts-check

import { gammaOf, tOf } from "../maths/clocks.js";
import { formatNumber } from "./numbers.js";

/** Rows of the table of numbers for single starts; the CSV file has them all. */
export const MOST_ROWS = 25;

/**
 * A number beside a label.
 * @typedef {{ name: string, value: any, text: string, solver?: string, bar?: number }} Cell
 */

/**
 * A row of the read-out: a label and one number. `style` names the solver whose line and marker stand before it;
 * the rest goes to the cell.
 * @param {string} label
 * @param {string} name
 * @param {any} value
 * @param {string} text
 * @param {Record<string, any>} options
 */
export const row = (label, name, value, text = formatNumber(value), { style, ...cell } = {}) => ({
  label,
  style,
  cells: [{ name, value, text, ...cell }],
});

/**
 * Cells of one solver's row, [name, value, text]; `bar` draws the first one's share of the largest below it.
 * @type {(solver: string, cells: any[][], bar?: number) => { solver: string, cells: Cell[] }}
 */
export const errorRow = (solver, cells, bar) => ({
  solver,
  cells: cells.map(([name, value, text], i) => ({
    name,
    solver,
    value,
    text: text ?? formatNumber(value),
    bar: i ? undefined : bar,
  })),
});

/**
 * Every point of every run as rows for a CSV file, then the exact end points.
 * @type {(S: import("../engine/types.js").State, R: any) => any[][]}
 */
export function pathRows(S, R) {
  /** @type {any[][]} */
  const rows = [["solver", "start", "step", "t", "gamma", "x_bar_1", "x_bar_2"]];
  for (const { solver, run } of R.results)
    for (let i = 0; i < R.n; i++)
      for (let n = 0; n < run.gammas.length; n++) {
        const q = 2 * (n * R.n + i);
        const g = run.gammas[n];
        rows.push([solver, i, n, tOf(g), g, run.path[q], run.path[q + 1]]);
      }
  // where all runs have one length the exact end points share the last step's number
  const lengths = new Set(R.results.map((r) => r.run.N));
  const last = lengths.size === 1 ? [...lengths][0] : "";
  for (let i = 0; i < R.n; i++)
    rows.push(["exact", i, last, S.t_end, gammaOf(S.t_end), R.exact.end[2 * i], R.exact.end[2 * i + 1]]);
  return rows;
}

/**
 * End points of every run on the learned field, of the field itself and of the exact one, as rows for a CSV file.
 * @type {(S: import("../engine/types.js").State, R: any) => any[][]}
 */
export function learnedRows(S, R) {
  /** @type {any[][]} */
  const rows = [["run", "start", "x_bar_1", "x_bar_2"]];
  const add = (name, p, o) => {
    for (let i = 0; i < R.n; i++) rows.push([name, i, p[o + 2 * i], p[o + 2 * i + 1]]);
  };
  for (const { solver, run } of R.results) add(solver, run.path, S.n_steps * 2 * R.n);
  add("learned_ode", R.truth.end, 0);
  add("exact_ode", R.exact.end, 0);
  return rows;
}
