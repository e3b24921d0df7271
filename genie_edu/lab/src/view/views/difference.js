// @ts-check

import { runDifference } from "../../engine/quotients.js";
import { SCHEMA } from "../../engine/schema.js";
import { QUOTIENT_STEPS } from "../../maths/quotients.js";
import { axes, drawAxes } from "../axes.js";
import { clamp, formatNumber, powerOfTen } from "../numbers.js";
import { circle, markers, polyline, vertical } from "../pens.js";
import { py, pythonEnds } from "../python.js";
import { row } from "../rows.js";

const CALLS = { forward: 2, central: 3 }; // of eps for one quotient

/** Difference quotients of eps: their error by step, in two number formats. */
export const differenceView = {
  height: (w) => Math.round(clamp(w * 0.88, 300, 430)),
  axes: (lab, W, H) => axes({ x: 58, y: 12, w: W - 72, h: H - 58 }, [1e-10, 0.6], [1e-12, 10], true),
  compute: (lab) => runDifference(lab.engine, lab.S),
  draw(s, lab, W, H, R) {
    const A = this.axes(lab, W, H);
    const t = s.theme;
    const powers = (a, b, by) => {
      const out = [];
      for (let k = a; k <= b; k += by) out.push(10 ** k);
      return out;
    };
    const raised = (v) => powerOfTen(Math.round(Math.log10(v)));
    drawAxes(s, A, {
      xName: "step, as a share of γ",
      yName: "relative error",
      xTicks: powers(-10, -1, W > 420 ? 1 : 3),
      yTicks: powers(-12, 1, 2),
      xFormat: raised,
      yFormat: raised,
      grid: true,
    });
    const at = (v, e) => [v, clamp(e, 1e-12, 10)];
    const pointsOf = (c) => Array.from(c.errors, (e, k) => at(QUOTIENT_STEPS[k], e));
    const colors = { forward: t.score, central: t.eps };
    const labels = [];
    s.clip(A.x, A.y, A.w, A.h, () => {
      for (const c of [...R.curves.filter((q) => q !== R.chosen), R.chosen]) {
        const mine = c === R.chosen;
        const color = colors[c.kind];
        const best = at(c.bestStep, c.bestError);
        const dash = c.precision === "float32" ? "solid" : "dot";
        s.stroke({ color, width: mine ? 2.8 : 1.2, alpha: mine ? 1 : 0.65, dash }, polyline(A, pointsOf(c)));
        if (mine) s.stroke({ color: t.fg, width: 1.6 }, circle(A, best, 6));
        labels.push({
          x: A.px(best[0]),
          y: Math.min(A.py(best[1]) + 14, A.y + A.h - 8),
          text: `${c.kind}, ${c.precision}`,
          mine,
        });
      }
      s.stroke({ color: t.accent, width: 1.4, dash: "dash" }, vertical(A, A.px(R.step)));
      s.fill({ color: t.accent }, markers(A, [at(R.step, R.error)], "diamond", 5));
    });
    for (const l of labels)
      s.text(l.text, clamp(l.x, A.x + 52, A.x + A.w - 52), l.y, {
        size: 11.5,
        align: "center",
        weight: l.mine ? 600 : 400,
        color: l.mine ? t.fg : t.muted,
        halo: true,
      });
  },
  handles(lab, W, H) {
    const A = this.axes(lab, W, H);
    const S = lab.S;
    const now = S.log_step;
    const { low, high } = SCHEMA.log_step;
    return [
      {
        id: "step",
        kind: "knot",
        text: "ℓ",
        label: "Step of the difference quotient",
        x: A.px(10 ** now),
        y: 26,
        slider: { low, high, now, text: formatNumber(10 ** now) },
        move: (dx) => ({ log_step: Math.round(20 * clamp(now + dx / A.sx, low, high)) / 20 }),
      },
    ];
  },
  readout: (lab, R) => ({
    head: null,
    note:
      "relative error of the derivative, median over the points; float32 rounds the state, the level and eps, and " +
      "nothing in between",
    rows: [
      row("error at this step", "error", R.error),
      row("best step / γ", "best_step", R.chosen.bestStep),
      row("error at the best step", "best_error", R.chosen.bestError),
      row("calls of eps", "calls", CALLS[lab.S.difference], String(CALLS[lab.S.difference])),
    ],
  }),
  summary(lab, R) {
    const { step, error, chosen } = R;
    const side =
      step > 1.5 * chosen.bestStep
        ? "too long: the curve of eps shows"
        : step < chosen.bestStep / 1.5
          ? "too short: rounding shows"
          : "about right";
    return (
      `A ${chosen.kind} difference in ${chosen.precision}, step ${formatNumber(step)} γ: relative error ` +
      `${formatNumber(error)}, ${side}. At best ${formatNumber(chosen.bestError)}, with step ` +
      `${formatNumber(chosen.bestStep)} γ.`
    );
  },
  table: (lab, R) => ({
    caption: `Difference quotients at γ = ${formatNumber(R.g)}`,
    head: ["quotient", "best step / γ", "error there", "error at step / γ = 0.001"],
    rows: R.curves.map((c) => [
      `${c.kind}, ${c.precision}`,
      formatNumber(c.bestStep),
      formatNumber(c.bestError),
      formatNumber(c.errors[70]),
    ]),
  }),
  csv: (lab, R) => [
    ["step_over_gamma", ...R.curves.map((c) => `${c.kind}_${c.precision}`)],
    ...Array.from(QUOTIENT_STEPS, (v, k) => [v, ...R.curves.map((c) => c.errors[k])]),
  ],
  python(S, lab) {
    const less = S.difference === "central" ? "eps(z - d * here, gamma - d)) / (2 * d)" : "here) / d";
    const { g } = lab.R;
    return [
      ...pythonEnds(S).slice(0, -1),
      `gamma = torch.tensor(${g}, dtype=torch.float64)`,
      "z = ge.exact_solution(flow, x_bar, torch.stack([gammas[0], gamma]))[-1]",
      "exact = flow.derivatives(z, gamma, order=1)[1]",
      "",
      "def rounded(v):",
      `    return ${S.precision === "float32" ? "v.float().double()" : "v"}`,
      "",
      "def eps(x_bar, gamma):",
      "    return rounded(flow.eps(rounded(x_bar), rounded(gamma)))",
      "",
      "here = eps(z, gamma)",
      "",
      "def error(step):",
      "    d = step * gamma",
      `    slope = (eps(z + d * here, gamma + d) - ${less}`,
      "    return float(((slope - exact).norm(dim=1) / exact.norm(dim=1)).quantile(0.5))",
      "",
      `print("error", f"{error(10**${py(S.log_step)}):.3g}")`,
      "steps = [10 ** (-10 + k / 10) for k in range(98)]",
      "best = min(steps, key=error)",
      'print("best_step", f"{best:.3g}")',
      'print("best_error", f"{error(best):.3g}")',
    ];
  },
};
