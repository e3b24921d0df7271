// @ts-check

import { runOrder } from "../../engine/orders.js";
import { axes, drawAxes } from "../axes.js";
import { labelOf, shortLabel, spreadLabels, styleOf } from "../labels.js";
import { clamp, formatNumber, superscript } from "../numbers.js";
import { PYTHON_FIT, py, pythonEnds, pythonGrid } from "../python.js";
import { errorRow } from "../rows.js";
import { markerPath } from "../surfaces/markers.js";
import { polyline } from "../tracks.js";

const NO_SLOPE = "no range on which three successive points agree on a slope";

export const ordinal = (line) =>
  line ? `slope ${line.order.toFixed(2)}, fitted on N = ${line.nFrom} to ${line.nTo}` : NO_SLOPE;

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
      yFormat: (v) => superscript(Math.round(Math.log10(v))),
      grid: true,
    });
    const labels = [];
    s.clip(A.x - 6, A.y - 4, A.w + 12, A.h + 8, () => {
      for (const { solver, style = styleOf(lab, solver), points, fit: line } of R.results) {
        const good = points
          .filter((p) => p.error > 0 && Number.isFinite(p.error))
          .map((p) => [p.N, clamp(p.error, bottom, top)]);
        if (S.committed && line)
          s.stroke(
            { color: style.color, width: 7, alpha: 0.22 },
            polyline(A, [
              [line.nFrom, Math.exp(line.offset) * line.nFrom ** -line.order],
              [line.nTo, Math.exp(line.offset) * line.nTo ** -line.order],
            ]),
          );
        s.stroke({ color: style.color, width: 1.6, dash: style.dash }, polyline(A, good));
        s.fill({ color: style.color }, (pen) =>
          good.forEach((p) => markerPath(pen, style.marker, A.px(p[0]), A.py(p[1]), 4)),
        );
        if (good.length)
          labels.push({
            x: A.px(good[good.length - 1][0]) + 10,
            y: A.py(good[good.length - 1][1]),
            text:
              S.committed && line ? `${shortLabel(style.label)}: ${line.order.toFixed(2)}` : shortLabel(style.label),
          });
      }
      if (S.committed || S.expected_slope > 0) {
        // the reader's own line, through the middle of the plot's height at N = 8
        const anchor = all.length ? Math.exp(all.map(Math.log).reduce((a, b) => a + b) / all.length) : 0.03;
        const n0 = S.counts.length ? S.counts[Math.floor(S.counts.length / 2)] : 16;
        const y = (n) => anchor * (n / n0) ** -S.expected_slope;
        s.stroke(
          { color: s.theme.muted, width: 1.6, dash: "dash" },
          polyline(A, [
            [2, y(2)],
            [512, y(512)],
          ]),
        );
      }
    });
    for (const l of spreadLabels(labels, 15, A.y + 8, A.y + A.h - 8))
      s.text(l.text, Math.min(l.x, A.x + A.w + 8), l.y, { size: 11.5, weight: 600, halo: true });
    s.text(`your slope ${S.expected_slope}`, A.x + 8, A.y + A.h - 12, {
      size: 11.5,
      color: s.theme.muted,
      weight: 600,
      halo: true,
    });
  },
  handles: () => [],
  readout: (lab, R) => ({
    head: ["solver", "error at N", "slope", "fitted on"],
    rows: R.results.map((r) => {
      const here = r.points.find((p) => p.N === lab.S.n_steps);
      const line = lab.S.committed ? r.fit : null;
      return {
        label: shortLabel(labelOf(lab, r.solver)),
        ...errorRow(lab, r.solver, [
          ["error", here ? here.error : NaN],
          ["slope", line ? line.order : NaN, line ? line.order.toFixed(2) : "-"],
          ["slope_range", line ? [line.nFrom, line.nTo] : NaN, line ? `${line.nFrom} to ${line.nTo}` : "-"],
        ]),
      };
    }),
  }),
  summary(lab, R) {
    const S = lab.S;
    if (!S.counts.length) return "No step count measured yet: choose one and press Measure.";
    if (!S.committed)
      return `${S.counts.length} step ${S.counts.length === 1 ? "count" : "counts"} measured, ${S.counts[0]} to ${S.counts[S.counts.length - 1]}. Set the slope that you expect, then draw it: the fitted slopes appear.`;
    return (
      R.results.map((r) => `${labelOf(lab, r.solver)}: ${ordinal(r.fit)}`).join("; ") +
      `. You expected ${S.expected_slope}.`
    );
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
    `    path = ge.solve(flow, ${S.precision === "float32" ? "x_bar.float()" : "x_bar"}, flow.schedule.gamma(t), solver=solver, afs=${py(S.afs)})`,
    "    return ge.end_point_error(path.x_bar[-1], exact)",
    "",
    `counts = ${py(S.counts)}`,
    `for solver in ${py(S.solvers)}:`,
    "    errors = [error(solver, n) for n in counts]",
    '    print(solver, [f"{e:.3g}" for e in errors])',
    ...PYTHON_FIT.map((line) => `    ${line}`),
  ],
};
