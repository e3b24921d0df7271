// @ts-check

import { gammaOf, tOf } from "../maths/clocks.js";
import { formatNumber } from "./numbers.js";

/** Cells of one solver's row, [name, value, text]; `bar` draws the first one's share of the largest below it. */
export const errorRow = (lab, solver, cells, bar) => ({
  solver,
  cells: cells.map(([name, value, text], i) => ({
    name,
    solver,
    value,
    text: text ?? formatNumber(value),
    bar: i ? undefined : bar,
  })),
});

/** Every point of every run as rows for a CSV file, then the exact end points. */
export function pathRows(S, R) {
  const rows = [["solver", "start", "step", "t", "gamma", "x_bar_1", "x_bar_2"]];
  for (const { solver, run } of R.results)
    for (let i = 0; i < R.n; i++)
      for (let n = 0; n < run.gammas.length; n++) {
        const q = 2 * (n * R.n + i);
        const g = run.gammas[n];
        rows.push([solver, i, n, tOf(g), g, run.path[q], run.path[q + 1]]);
      }
  const steps = new Set(R.results.map((r) => r.run.N)); // of one length the exact end points share the last step's number
  for (let i = 0; i < R.n; i++)
    rows.push([
      "exact",
      i,
      steps.size === 1 ? [...steps][0] : "",
      S.t_end,
      gammaOf(S.t_end),
      R.exact.end[2 * i],
      R.exact.end[2 * i + 1],
    ]);
  return rows;
}

/** End points of every run on the learned field, of the field itself and of the exact one, as rows for a CSV file. */
export function learnedRows(S, R) {
  const rows = [["run", "start", "x_bar_1", "x_bar_2"]];
  const add = (name, p, o) => {
    for (let i = 0; i < R.n; i++) rows.push([name, i, p[o + 2 * i], p[o + 2 * i + 1]]);
  };
  for (const { solver, run } of R.results) add(solver, run.path, S.n_steps * 2 * R.n);
  add("learned_ode", R.truth.end, 0);
  add("exact_ode", R.exact.end, 0);
  return rows;
}
