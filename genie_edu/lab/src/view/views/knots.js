// @ts-check

import { runKnots } from "../../engine/paths.js";
import { alphaOf } from "../../maths/clocks.js";
import { median } from "../../maths/errors.js";
import { axes, drawAxes, tickText } from "../axes.js";
import { shadeEnd } from "../density.js";
import { MOST_LINES, panelAxes } from "../fields.js";
import { labelOf, styleOf } from "../labels.js";
import { clamp, countOf, formatNumber, powerOfTen, round6 } from "../numbers.js";
import { horizontal, line } from "../pens.js";
import { meanHandles } from "../places.js";
import { py, pythonClockEnds, pythonGrid, pythonHead } from "../python.js";
import { row } from "../rows.js";
import { endPixels, trackPens } from "../tracks.js";

const KNOT_GAP = 0.01; // knots come no closer than this, in log gamma

/** The inner levels as knots. @type {(gammas: Float64Array) => number[]} */
export const knotsOf = (gammas) => Array.from(gammas.slice(1, -1), (g) => round6(Math.log(g)));

/** A grid of the reader's own: knots to drag, and the local error of every step. */
export const knotsView = {
  coarse: true,
  broad: true,
  height: (W) => (W < 560 ? 300 + Math.round(0.85 * W) : 350),
  /** The bars of the local errors, with the knots above them on the same axis, and the plane beside or below. */
  parts(lab, W, H) {
    const R = lab.R ?? runKnots(lab.engine, lab.S, lab.dragging);
    const narrow = W < 560;
    const g0 = R.gammas[0];
    const g1 = R.gammas[R.N];
    const left = { x: 52, y: 70, w: (narrow ? W : 0.58 * W) - 60, h: (narrow ? 300 : H) - 114 };
    const right = narrow
      ? { x: 50, y: 316, w: W - 58, h: H - 316 - 40 }
      : { x: 0.58 * W + 48, y: 24, w: 0.42 * W - 56, h: H - 68 };
    const positive = R.local.filter((e) => e > 0 && Number.isFinite(e)).map(Math.log10);
    const high = positive.length ? Math.ceil(Math.max(...positive)) : 0;
    const low = positive.length ? Math.max(high - 7, Math.min(high - 2, Math.floor(Math.min(...positive)))) : -2;
    return { R, bars: axes(left, [Math.log(g0), Math.log(g1)], [low, high]), plane: panelAxes(right) };
  },
  compute: (lab) => runKnots(lab.engine, lab.S, lab.dragging),
  draw(s, lab, W, H, R) {
    const { bars: A, plane: P } = this.parts(lab, W, H);
    const style = styleOf(lab, lab.S.solver);
    const u = Array.from(R.gammas, Math.log);
    const base = A.y + A.h;
    const level = (e) => clamp(A.py(Math.log10(Math.max(e, 1e-300))), A.y, base);
    const t = s.theme;
    const middle = level(median(R.local));
    R.local.forEach((e, k) => {
      const a = A.px(u[k]);
      const b = A.px(u[k + 1]);
      const top = level(e);
      const worst = k === R.worst && R.N > 1;
      const edge = [
        [a, top],
        [b, top],
      ];
      s.fill({ color: style.color, alpha: worst ? 0.55 : 0.25 }, (pen) => {
        line([[a, base], ...edge, [b, base]])(pen);
        pen.closePath();
      });
      s.stroke({ color: style.color, width: 2.2 }, line(edge));
    });
    s.stroke({ color: t.fg, width: 1.2, dash: "dash", alpha: 0.8 }, horizontal(A, middle));
    s.text("median", A.x + 4, middle - 8, { size: 11, halo: true });
    s.stroke({ color: t.axis, width: 1 }, (pen) => {
      u.forEach((v, i) => {
        const x = A.px(v);
        pen.moveTo(x, i > 0 && i < R.N ? (i % 2 ? 18 : 46) : 60);
        pen.lineTo(x, base);
      });
      horizontal(A, 60)(pen);
    });
    const decades = [];
    const high = Math.log10(R.gammas[0]);
    const low = Math.log10(R.gammas[R.N]);
    for (let d = Math.ceil(low); d <= high; d++) decades.push(d * Math.LN10);
    const tens = [];
    for (let d = A.y0; d <= A.y1; d++) tens.push(d);
    drawAxes(s, A, {
      xName: "γ, from noise to data",
      yName: "local error",
      xTicks: decades,
      yTicks: tens,
      xFormat: (v) => tickText(Number((10 ** Math.round(v / Math.LN10)).toPrecision(1))),
      yFormat: powerOfTen,
    });
    const gEnd = R.gammas[R.N];
    const f = alphaOf(gEnd);
    const lines = Math.min(R.n, MOST_LINES);
    const track = trackPens(P, R.n);
    const ends = endPixels(P, R.n);
    const radius = R.n <= 60 ? 3 : R.n <= 150 ? 2.4 : 1.7;
    s.clip(P.x, P.y, P.w, P.h, () => {
      shadeEnd(s, lab, R.mix, gEnd, P);
      s.stroke({ color: t.exact, width: 2, alpha: 0.35 }, track(R.exact.path, R.exact.gamma, lines));
      s.stroke({ color: style.color, width: 1.1, alpha: 0.6 }, track(R.run.path, R.gammas, lines));
      s.stamp(ends(R.exact.end, 0, f), { color: t.fg, radius: radius + 1.5, marker: "circle", ring: true, alpha: 0.6 });
      s.stamp(ends(R.run.path, R.N * 2 * R.n, f), { color: style.color, radius, marker: style.marker, alpha: 0.95 });
    });
    drawAxes(s, P, { xName: "x₁", yName: "x₂" });
  },
  handles(lab, W, H) {
    const { R, bars: A, plane: P } = this.parts(lab, W, H);
    const u = Array.from(R.gammas, Math.log);
    const knots = u.slice(1, -1).map((v, k) => {
      const low = u[k + 2] + KNOT_GAP;
      const high = u[k] - KNOT_GAP;
      const to = (w) => ({
        knots: u.slice(1, -1).map((q, i) => (i === k && low < high ? round6(clamp(w, low, high)) : round6(q))),
      });
      // as a slider it counts upwards to the right, as the half log-SNR -log gamma does
      return {
        id: `knot-${k + 1}`,
        kind: "knot",
        text: String(k + 1),
        label: `Knot ${k + 1} of ${R.N - 1}`,
        x: A.px(v),
        y: k % 2 ? 46 : 18,
        slider: { low: -high, high: -low, now: -v, text: `γ = ${formatNumber(R.gammas[k + 1])}` },
        move: (dx) => to(v + dx / A.sx),
      };
    });
    return [...knots, ...meanHandles(lab.S, P)];
  },
  readout: (lab, R) => ({
    head: null,
    note: "local error: of one step from the exact path, median over the starts",
    rows: [
      row("error of your grid", "error", R.error, undefined, { style: lab.S.solver }),
      row(`error, ${R.N} steps uniform in t`, "error_default", R.byDefault),
      row("yours / uniform in t", "ratio", R.ratio),
      row("step with the largest local error", "worst_interval", R.worst + 1, `${R.worst + 1} of ${R.N}`),
      row("largest / median local error", "spread_of_local", R.uneven),
    ],
  }),
  summary(lab, R) {
    const [from, to] = [R.gammas[R.worst], R.gammas[R.worst + 1]].map(formatNumber);
    return (
      `${labelOf(lab, lab.S.solver)}, ${countOf(R.N, "step")}: your grid ends ${formatNumber(R.error)} off, ` +
      `${formatNumber(R.ratio)} times the error of a grid uniform in t. Step ${R.worst + 1}, γ from ${from} to ` +
      `${to}, has the largest local error.`
    );
  },
  table: (lab, R) => ({
    caption: "The grid and its local errors",
    head: ["step", "from γ", "to γ", "length in log γ", "local error"],
    rows: R.local.map((e, k) => [
      String(k + 1),
      formatNumber(R.gammas[k]),
      formatNumber(R.gammas[k + 1]),
      formatNumber(Math.log(R.gammas[k] / R.gammas[k + 1])),
      formatNumber(e),
    ]),
  }),
  csv: (lab, R) => [
    ["step", "gamma", "gamma_next", "local_error"],
    ...R.local.map((e, k) => [k + 1, R.gammas[k], R.gammas[k + 1], e]),
  ],
  python(S) {
    const own = S.knots && {
      levels: [
        pythonClockEnds(S),
        `knots = torch.tensor(${py(S.knots)}, dtype=torch.float64)`,
        "gammas = torch.cat([gammas[:1], knots.exp(), gammas[1:]])",
      ],
    };
    return [
      ...pythonHead(S, own ?? {}),
      "exact = ge.exact_solution(flow, x_bar, gammas)",
      "",
      "def error(levels):",
      `    return ge.end_point_error(ge.solve(flow, x_bar, levels, solver=${py(S.solver)}).x_bar[-1], exact[-1])`,
      "",
      `uniform = flow.schedule.gamma(${pythonGrid({ ...S, spacing: "linear" }, S.n_steps).slice(4)})`,
      'print("gammas", gammas.tolist())',
      'print("error", f"{error(gammas):.3g}")',
      'print("error_default", f"{error(uniform):.3g}")',
      `local, memory, step = [], None, ge.SOLVERS[${py(S.solver)}].step`,
      "for n in range(len(gammas) - 1):",
      "    end, memory = step(flow, exact[n], float(gammas[n]), float(gammas[n + 1]), memory)",
      "    local.append(ge.end_point_error(end, exact[n + 1]))",
      'print("local", [float(f"{e:.3g}") for e in local])',
    ];
  },
};
