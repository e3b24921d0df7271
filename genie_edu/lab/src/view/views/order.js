// @ts-check

import { runOrder } from "../../engine/orders.js";
import { axes, drawAxes } from "../axes.js";
import { labelOf, shortened, shortLabel, spreadLabels, styleOf } from "../labels.js";
import { clamp, countOf, formatNumber, MISSING, powerOfTen, signed } from "../numbers.js";
import { line, markers, polyline } from "../pens.js";
import { PYTHON_FIT, py, pythonEnds, pythonGrid } from "../python.js";
import { errorRow } from "../rows.js";

const NO_SLOPE = "no range on which three successive points agree on a slope";

/** The fitted slope in words. @type {(line: any) => string} */
export const fittedSlope = (line) =>
  line ? `slope ${line.order.toFixed(2)}, fitted on N = ${line.nFrom} to ${line.nTo}` : NO_SLOPE;

/**
 * The fitted slope and its range as [name, value, text].
 * @type {(line: any) => [string, any, string][]}
 */
export const slopeCells = (line) => [
  ["slope", line ? line.order : NaN, line ? line.order.toFixed(2) : MISSING],
  ["slope_range", line ? [line.nFrom, line.nTo] : NaN, line ? `${line.nFrom} to ${line.nTo}` : MISSING],
];

/** Error by step count in both logarithms, and the slope fitted to it. */
export const orderView = {
  height: (w) => Math.round(clamp(w * 0.88, 280, 430)),
  compute: (lab) => runOrder(lab.engine, lab.S),
  draw(s, lab, W, H, R) {
    const S = lab.S;
    const all = R.results.flatMap((r) => r.points.map((p) => p.error)).filter((e) => e > 0 && Number.isFinite(e));
    const top = 10 ** Math.ceil(Math.log10(Math.max(1, ...all.map((e) => Math.min(e, 1e3)))));
    const bottom = 10 ** Math.floor(Math.log10(Math.min(1e-4, ...all.map((e) => Math.max(e, 1e-16)))));
    const A = axes({ x: 58, y: 10, w: W - 58 - 92, h: H - 54 }, [1.7, 620], [bottom, top], true);
    const decades = [];
    for (let k = Math.log10(bottom); k <= Math.log10(top) + 1e-9; k++) decades.push(10 ** Math.round(k));
    const every = Math.ceil(decades.length / 9);
    drawAxes(s, A, {
      xName: "steps N",
      yName: "error",
      xTicks: [2, 4, 8, 16, 32, 64, 128, 256, 512].filter((v, i) => W > 420 || i % 2 === 0),
      yTicks: decades.filter((_, i) => i % every === 0),
      yFormat: (v) => powerOfTen(Math.round(Math.log10(v))),
      grid: true,
    });
    const labels = [];
    const mine = []; // where the reader's own line begins, once it is drawn
    s.clip(A.x - 6, A.y - 4, A.w + 12, A.h + 8, () => {
      for (const { solver, style = styleOf(lab, solver), points, fit: line } of R.results) {
        const good = points
          .filter((p) => p.error > 0 && Number.isFinite(p.error))
          .map((p) => [p.N, clamp(p.error, bottom, top)]);
        if (S.committed && line) {
          const fitted = [line.nFrom, line.nTo].map((n) => [n, Math.exp(line.offset) * n ** -line.order]);
          s.stroke({ color: style.color, width: 7, alpha: 0.22 }, polyline(A, fitted));
        }
        s.stroke({ color: style.color, width: 1.6, dash: style.dash }, polyline(A, good));
        s.fill({ color: style.color }, markers(A, good, style.marker, 4));
        const slope = S.committed && line ? `: ${line.order.toFixed(2)}` : "";
        const [n, error] = good[good.length - 1] ?? [NaN, NaN];
        labels.push({ x: A.px(n) + 10, y: A.py(error), text: shortened(style.label) + slope });
      }
      if (S.committed || S.expected_slope > 0) {
        // the reader's own line, through the middle of the plot's height at N = 8
        const anchor = all.length ? Math.exp(all.map(Math.log).reduce((a, b) => a + b) / all.length) : 0.03;
        const n0 = S.counts.length ? S.counts[Math.floor(S.counts.length / 2)] : 16;
        const y = (n) => anchor * (n / n0) ** -S.expected_slope;
        const expected = [2, 512].map((n) => [n, y(n)]);
        s.stroke({ color: s.theme.muted, width: 1.6, dash: "dash" }, polyline(A, expected));
        mine.push({ x: A.px(2), y: clamp(A.py(y(2)), A.y + 14, A.y + A.h - 12) - 10 });
      }
    });
    for (const l of spreadLabels(labels, 15, A.y + 8, A.y + A.h - 8))
      s.text(l.text, Math.min(l.x, A.x + A.w + 8), l.y, { size: 11.5, weight: 600, halo: true });
    for (const { x, y } of mine)
      s.text(`your slope ${signed(-S.expected_slope)}`, x + 6, y, {
        size: 11.5,
        color: s.theme.muted,
        weight: 600,
        halo: true,
      });
  },
  handles: () => [],
  readout: (lab, R) => ({
    head: ["solver", "error at N", "order", "fitted on"],
    rows: R.results.map((r) => {
      const here = r.points.find((p) => p.N === lab.S.n_steps);
      const line = lab.S.committed ? r.fit : null;
      return {
        label: shortLabel(lab, r.solver),
        ...errorRow(r.solver, [["error", here ? here.error : NaN], ...slopeCells(line)]),
      };
    }),
  }),
  summary(lab, R) {
    const S = lab.S;
    if (!S.counts.length) return "No step count measured yet: choose one and press Measure.";
    if (!S.committed)
      return (
        `${countOf(S.counts.length, "step count")} measured, ${S.counts[0]} to ${S.counts[S.counts.length - 1]}. ` +
        "Set the order that you expect, then draw its line: the fitted orders appear."
      );
    const slopes = R.results.map((r) => `${labelOf(lab, r.solver)}: ${fittedSlope(r.fit)}`);
    return `${slopes.join("; ")}. You expected ${S.expected_slope}.`;
  },
  table: (lab, R) => ({
    caption: "Error by step count",
    head: ["N", ...R.results.map((r) => labelOf(lab, r.solver))],
    rows: lab.S.counts.map((N, i) => [String(N), ...R.results.map((r) => formatNumber(r.points[i].error))]),
  }),
  csv: (lab, R) => [
    ["solver", "n_steps", "error", "nfe"],
    ...R.results.flatMap((r) => r.points.map((p) => [r.solver, p.N, p.error, p.nfe])),
  ],
  python: (S) => [
    ...pythonEnds(S),
    "",
    "def error(solver, n):",
    `    ${pythonGrid(S, "n")}`,
    `    path = ge.solve(flow, ${S.precision === "float32" ? "x_bar.float()" : "x_bar"}, flow.schedule.gamma(t), ` +
      `solver=solver, afs=${py(S.afs)})`,
    "    return ge.end_point_error(path.x_bar[-1], exact)",
    "",
    `counts = ${py(S.counts)}`,
    `for solver in ${py(S.solvers)}:`,
    "    errors = [error(solver, n) for n in counts]",
    '    print(solver, [f"{e:.3g}" for e in errors])',
    ...PYTHON_FIT.map((line) => `    ${line}`),
  ],
};
