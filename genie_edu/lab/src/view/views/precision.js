// @ts-check

import { isNumber } from "../../engine/schema.js";
import { median } from "../../maths/errors.js";
import { axes, drawAxes, logTicks } from "../axes.js";
import { SPACING_NAMES, spreadLabels, styleOf } from "../labels.js";
import { clamp, formatNumber, MISSING, roundNumber } from "../numbers.js";
import { horizontal, markers, polyline, vertical } from "../pens.js";
import { py } from "../python.js";
import { refuseOnePair, refuseUnrecorded } from "../refusals.js";
import { errorRow, row } from "../rows.js";
import { labelWithKind } from "../tiles.js";

/**
 * Values of a curve's repetitions at a cost, on straight lines between its points in both logarithms; null outside.
 * @type {(points: any[], cost: number) => number[] | null}
 */
function atCost(points, cost) {
  const exact = points.find((q) => Math.abs(q.cost / cost - 1) < 1e-9);
  if (exact) return exact.values;
  const i = points.findIndex((q) => q.cost > cost);
  if (i < 1) return null;
  const [p, q] = [points[i - 1], points[i]];
  const f = Math.log(cost / p.cost) / Math.log(q.cost / p.cost);
  return Array.from(
    { length: Math.min(p.values.length, q.values.length) },
    (_, k) => p.values[k] ** (1 - f) * q.values[k] ** f,
  );
}

/**
 * The least cost at which a curve's medians are down at a value, between its points in both logarithms; NaN where
 * they never are.
 * @type {(points: any[], value: number) => number}
 */
function costOf(points, value) {
  const i = points.findIndex((q) => q.value <= value);
  if (i < 1) return i === 0 ? points[0].cost : NaN;
  const [p, q] = [points[i - 1], points[i]];
  return p.cost * (q.cost / p.cost) ** (Math.log(p.value / value) / Math.log(p.value / q.value));
}

const AXES = {
  nfe: "calls of eps (NFE)",
  counted: "arithmetic (1: one call of eps)",
  seconds: "seconds for 1,000 images",
};

const MEASURES = { error: "error to the network's own ODE", frechet: "Fréchet distance" };

/** Error or Fréchet distance by cost, repeated measurements with their range. */
export const precisionView = {
  refuse(lab, S) {
    refuseUnrecorded(lab.sheet, S, [S.solver, S.rival, ...S.solvers], S.grid, "nothing was measured");
    refuseOnePair(S);
    if (S.axis === "seconds" && !lab.sheet.seconds) throw new RangeError("no times were recorded");
  },
  height: (w) => Math.round(clamp(w * 0.9, 300, 430)),
  compute(lab) {
    const { S, sheet: P } = lab;
    const trained = S.axis === "training";
    const meter = trained ? (P.seconds ? "seconds" : "counted") : S.axis;
    const images = 10 ** S.log_images;
    const unit = meter === "seconds" ? 1000 : 1;
    const perImage = (q, by, spread) =>
      P.cost(q.solver, q.derivative, q.nfe, by) + (spread ? P.training(q.derivative, by) / images : 0);
    const priced = (solver, by, spread, times = 1) =>
      P.curve(solver, S.derivative, S.grid, S.measure)
        .map((q) => ({ ...q, cost: times * perImage(q, by, spread) }))
        .filter((q) => isNumber(q.cost))
        .sort((p, q) => p.cost - q.cost);
    const name = (solver) => labelWithKind(lab, solver, P.kind(solver, S.derivative));
    const lines = S.solvers.map((solver) => ({
      solver,
      label: name(solver),
      points: priced(solver, meter, trained, unit),
    }));
    const here = priced(S.solver, meter, trained, unit).find((q) => q.nfe === S.nfe) ?? null;
    const rival = here ? atCost(priced(S.rival, meter, trained, unit), here.cost) : null;
    const ratios = rival ? rival.slice(0, here.values.length).map((v, k) => v / here.values[k]) : [];
    return {
      P,
      meter,
      trained,
      lines,
      here,
      rival,
      rivalValue: rival ? median(rival) : NaN,
      ratios,
      ratio: ratios.length ? median(ratios) : NaN,
      range: ratios.length > 1 ? [Math.min(...ratios), Math.max(...ratios)] : null,
      names: [name(S.solver), name(S.rival)],
      others: lines
        .filter(({ solver }) => solver !== S.solver && solver !== S.rival)
        .map((l) => ({ ...l, at: here ? atCost(l.points, here.cost) : null })),
      even: this.breakEven(lab, priced, meter === "nfe" ? "counted" : meter),
    };
  },
  /**
   * From how many images on the solver and its training cost less than the rival at the same value, and in words.
   * @returns {[number, string]}
   */
  breakEven(lab, priced, meter) {
    const { S, sheet: P } = lab;
    const here = priced(S.solver, meter, false).find((q) => q.nfe === S.nfe);
    const [own, other] = [S.solver, S.rival].map((s) => P.training(P.kind(s, S.derivative), meter));
    if (!here) return [NaN, MISSING];
    const there = costOf(priced(S.rival, meter, false), here.value);
    if (!isNumber(there)) return [NaN, "not within the measured calls"];
    if (there <= here.cost) return [NaN, "never: the rival is cheaper"];
    if (own <= other) return [0, "at once"];
    const images = (own - other) / (there - here.cost);
    return [images, roundNumber(images)];
  },
  draw(s, lab, W, H, R) {
    const { S } = lab;
    const { P, lines, here } = R;
    const all = lines.flatMap((l) => l.points);
    const t = s.theme;
    if (!all.length) {
      s.text("not measured", W / 2, H / 2, { align: "center", color: t.muted });
      return;
    }
    const wide = W > 420;
    const own = S.measure === "frechet" ? [P.own_ode] : [];
    const costs = [...all.map((q) => q.cost), ...(here ? [here.cost] : [])];
    const values = [...all.flatMap((q) => q.values), ...own, ...(here ? here.values : []), ...(R.rival ?? [])];
    const span = (v, f) => [Math.min(...v) / f, Math.max(...v) * f];
    const least = (v) => Math.max(v, 1e-12);
    const rect = { x: 58, y: 14, w: W - 58 - (wide ? 106 : 14), h: H - 64 };
    const A = axes(rect, span(costs, 1.15), span(values.map(least), 1.2), true);
    const middle = A.x + A.w / 2;
    const fits = (text) => s.textWidth(text, 12) < 2 * Math.min(middle, W - middle);
    const included = R.trained ? ", training included" : "";
    const xName =
      [AXES[R.meter] + included, AXES[R.meter].split(" (")[0].split(" for")[0] + included].find(fits) ?? "cost";
    drawAxes(s, A, {
      xName,
      yName: MEASURES[S.measure],
      xTicks:
        R.meter === "nfe" ? P.nfes.filter((v) => v >= A.x0 && v <= A.x1) : logTicks(A.x0, A.x1, Math.max(2, A.w / 60)),
      yTicks: logTicks(A.y0, A.y1, Math.max(3, A.h / 28)),
      grid: true,
    });
    const labels = [];
    s.clip(A.x - 6, A.y - 6, A.w + 12, A.h + 12, () => {
      if (here) s.stroke({ color: t.accent, width: 1.3, dash: "dash" }, vertical(A, A.px(here.cost)));
      for (const v of own) s.stroke({ color: t.exact, width: 2, dash: "dash" }, horizontal(A, A.py(v)));
      for (const { solver, label, points } of lines) {
        const style = styleOf(lab, solver);
        const at = points.map((q) => [q.cost, least(q.value)]);
        s.stroke({ color: style.color, width: 1.8, dash: style.dash }, polyline(A, at));
        s.stroke({ color: style.color, width: 1.4 }, (pen) => {
          for (const { cost, values: v } of points) {
            pen.moveTo(A.px(cost), A.py(Math.min(...v)));
            pen.lineTo(A.px(cost), A.py(Math.max(...v)));
          }
        });
        s.fill({ color: style.color }, markers(A, at, style.marker, 4));
        const [cost, value] = at[at.length - 1] ?? [NaN, NaN];
        labels.push({ x: A.px(cost) + 9, y: A.py(value), text: label });
      }
      if (here)
        s.stroke({ color: t.accent, width: 2 }, (pen) => {
          for (const v of [here.value, R.rivalValue]) if (isNumber(v)) pen.circle(A.px(here.cost), A.py(v), 7.5);
        });
    });
    const ownStyle = { size: 11.5, align: "end", weight: 600, color: t.muted, halo: true };
    for (const v of own) s.text("own ODE", A.x + A.w - 4, A.py(v) + 10, ownStyle);
    if (!wide) return;
    for (const l of spreadLabels(labels, 14, A.y + 6, A.y + A.h - 6)) {
      const x = Math.min(l.x, A.x + A.w + 8);
      s.text(l.text, x, l.y, { size: 11, weight: 600, halo: true, room: W - x - 2 });
    }
  },
  handles: () => [],
  readout(lab, R) {
    const { S } = lab;
    const { P, here } = R;
    const value = (label, solver, v) => ({
      label,
      ...errorRow(solver, [["value", v, isNumber(v) ? undefined : "not measured"]]),
    });
    const measured =
      S.measure === "error"
        ? "error: median over the starts"
        : `${P.n_samples.toLocaleString("en-US")} samples a distance`;
    const [images, text] = R.even;
    const range = R.range ? `${formatNumber(R.range[0])} to ${formatNumber(R.range[1])}` : MISSING;
    return {
      head: ["at the same cost", S.measure === "error" ? "error" : "Fréchet"],
      note:
        `points: the median of ${P.repeats}, bars their range where there are several; the rival is read off between ` +
        `its points; ${measured}; best grid: the one with the least error`,
      rows: [
        value(R.names[0], S.solver, here ? here.value : NaN),
        value(R.names[1], S.rival, R.rivalValue),
        ...R.others.map(({ solver, label, at }) => value(label, solver, at ? median(at) : NaN)),
        row(R.trained ? "cost, training included" : "cost", "cost", here ? here.cost : NaN),
        row("rival / solver", "ratio", R.ratio),
        row("its range over the runs", "ratio_range", R.range ?? NaN, range),
        row("runs", "n_runs", R.ratios.length, String(R.ratios.length)),
        ...(S.measure === "frechet" ? [row("own ODE", "own_ode", P.own_ode)] : []),
        row("images until the training is paid back", "break_even", images, text),
      ],
    };
  },
  summary(lab, R) {
    const { S } = lab;
    const [a, b] = R.names;
    const what = S.measure === "error" ? "error" : "Fréchet distance";
    if (!R.here) return `${a} was not measured with ${S.nfe} calls on this grid.`;
    if (!isNumber(R.ratio))
      return `${a}, ${S.nfe} calls: ${what} ${formatNumber(R.here.value)}. ${b} was not measured at this cost.`;
    const ahead = R.ratio >= 1 ? "as large" : "as much: it is ahead";
    const disagree = R.range && R.range[0] < 1 && R.range[1] > 1;
    return (
      `${a}, ${S.nfe} calls: ${what} ${formatNumber(R.here.value)}. At the same cost ${b}'s is ` +
      `${formatNumber(R.rivalValue)}, ${formatNumber(R.ratio)} times ${ahead}.` +
      (disagree ? " The runs disagree about who is ahead." : "")
    );
  },
  table: (lab, R) => ({
    caption: `${MEASURES[lab.S.measure]}, by cost`,
    head: ["solver", "calls", "grid", "cost", "median", "range"],
    rows: R.lines.flatMap((l) =>
      l.points.map((q) => [
        l.label,
        String(q.nfe),
        SPACING_NAMES[q.spacing] + (q.afs ? ", AFS" : ""),
        formatNumber(q.cost),
        formatNumber(q.value),
        q.values.length > 1
          ? `${formatNumber(Math.min(...q.values))} to ${formatNumber(Math.max(...q.values))}`
          : MISSING,
      ]),
    ),
  }),
  csv: (lab, R) => [
    ["solver", "derivative", "spacing", "afs", "nfe", "cost", lab.S.measure, "low", "high"],
    ...R.lines.flatMap((l) =>
      l.points.map((q) => [
        q.solver,
        q.derivative,
        q.spacing,
        q.afs,
        q.nfe,
        q.cost,
        q.value,
        Math.min(...q.values),
        Math.max(...q.values),
      ]),
    ),
  ],
  python(S, lab) {
    const { P, meter, trained } = lab.R;
    const unit = meter === "seconds" ? 1000 : 1;
    const part = (solver) => {
      const kind = P.kind(solver, S.derivative);
      const call = unit * P.cost(solver, kind, 1, meter);
      const once = trained ? (unit * P.training(kind, meter)) / 10 ** S.log_images : 0;
      return `${py(solver)}, ${py(kind)}, ${isNumber(call) ? call : 'float("nan")'}, ${once}`;
    };
    const grid = S.grid === "best" ? "" : ` and row[2] == ${py(S.grid)} and not row[4]`;
    return [
      "import numpy as np",
      "",
      "from genie_edu.lab import images",
      "",
      `table = images.packed(${py(lab.config.sheet)})`,
      "",
      "def curve(solver, derivative, call, training):",
      '    """(calls, cost, values of every run): of each count the grid with the least error."""',
      "    out = []",
      `    rows = [row for row in table["rows"] if row[:2] == [solver, derivative]${grid}]`,
      "    for nfe in sorted({row[3] for row in rows}):",
      "        best = min((row for row in rows if row[3] == nfe), key=lambda row: np.median(row[5]))",
      `        if best[${S.measure === "error" ? 5 : 6}]:`,
      `            out.append((nfe, call * nfe + training, best[${S.measure === "error" ? 5 : 6}]))`,
      "    return out",
      "",
      `here = next((q for q in curve(${part(S.solver)}) if q[0] == ${S.nfe}), None)`,
      `other = curve(${part(S.rival)})`,
      "if here and here[1] == here[1]:",
      '    print("cost", f"{here[1]:.3g}")',
      '    print("solver", f"{np.median(here[2]):.3g}")',
      "    costs = np.log([q[1] for q in other])",
      "    n = min(len(q[2]) for q in (here, *other))",
      "    if other and costs[0] - 1e-9 <= np.log(here[1]) <= costs[-1] + 1e-9:",
      "        rival = [np.exp(np.interp(np.log(here[1]), costs, np.log([q[2][k] for q in other]))) for k in range(n)]",
      '        print("rival", f"{np.median(rival):.3g}")',
      '        print("ratio", f"{np.median(np.divide(rival, here[2][:n])):.3g}")',
    ];
  },
};
