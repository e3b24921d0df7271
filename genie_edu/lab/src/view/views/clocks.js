// @ts-check

import { runClocks } from "../../engine/clocks.js";
import { alphaOf, clockOf, gammaOf, gammaOfClock, tOf } from "../../maths/clocks.js";
import { axes, drawAxes, ticks } from "../axes.js";
import { CLOCK_NAMES, labelOf, styleOf } from "../labels.js";
import { clamp, formatNumber, pointText } from "../numbers.js";
import { clampPx, line, vertical } from "../pens.js";
import { py, pythonHead } from "../python.js";
import { row } from "../rows.js";
import { markerPath } from "../surfaces/markers.js";

const CLOCKS = ["t", "log_snr", "gamma"];
const logSnr = (g) => clockOf("log_snr", g);
const barName = (S) => (S.variable === "x" ? "x" : "x̄");

/** One path on three clocks. */
export const clocksView = {
  broad: true,
  height: (w) => (w < 520 ? 3 * 190 : 290),
  compute: (lab) => runClocks(lab.engine, lab.S),
  panels(lab, W, H) {
    const S = lab.S;
    const g0 = gammaOf(S.t_start);
    const g1 = gammaOf(S.t_end);
    const narrow = W < 520;
    const { exact } = lab.R ?? runClocks(lab.engine, S);
    let low = Infinity;
    let high = -Infinity;
    for (let i = 0; i < exact.gamma.length; i++)
      for (let j = 0; j < 2; j++) {
        const v = exact.path[2 * i + j] / (S.variable === "x" ? Math.sqrt(1 + exact.gamma[i] ** 2) : 1);
        low = Math.min(low, v);
        high = Math.max(high, v);
      }
    const pad = 0.1 * (high - low || 1);
    return CLOCKS.map((clock, i) => {
      const w = (W - 46) / 3;
      const rect = narrow
        ? { x: 46, y: 12 + (i * H) / 3, w: W - 60, h: H / 3 - 58 }
        : { x: 46 + i * w, y: 12, w: w - 16, h: H - 60 };
      return {
        clock,
        A: axes(rect, [clockOf(clock, g0), clockOf(clock, g1)], [low - pad, high + pad]),
        first: i === 0 || narrow,
      };
    });
  },
  draw(s, lab, W, H, R) {
    const S = lab.S;
    const style = styleOf(lab, S.solver);
    const scale = (g) => (S.variable === "x" ? alphaOf(g) : 1);
    // of the exact path as many points as can be seen, and the last
    const n = R.exact.gamma.length;
    const every = Math.max(1, Math.floor(n / 260));
    const shown = Array.from({ length: Math.ceil((n - 1) / every) + 1 }, (_, i) => Math.min(n - 1, i * every));
    for (const { clock, A, first } of this.panels(lab, W, H)) {
      s.clip(A.x - 4, A.y - 4, A.w + 8, A.h + 8, () => {
        for (let j = 0; j < 2; j++) {
          const at = (g, xBar) => [A.px(clockOf(clock, g)), clampPx(A.py(scale(g) * xBar))];
          const exact = shown.map((i) => at(R.exact.gamma[i], R.exact.path[2 * i + j]));
          s.stroke({ color: s.theme.exact, width: 4, alpha: 0.5 }, line(exact));
          const between = [];
          for (let i = 0; i < S.n_steps; i++)
            for (let k = 0; k <= 16; k++) {
              // between its grid points a step in bar coordinates is straight in gamma, hence curved on other clocks
              const a = R.gammas[i];
              const b = R.gammas[i + 1];
              const q = k / 16;
              const g = clock === "gamma" ? a + q * (b - a) : a * (b / a) ** q;
              const m = (g - a) / (b - a);
              between.push(at(g, R.run.path[2 * i + j] * (1 - m) + R.run.path[2 * i + 2 + j] * m));
            }
          s.stroke({ color: style.color, width: 1.6, dash: j ? "dash" : "solid" }, line(between));
          s.fill({ color: style.color }, (pen) => {
            R.gammas.forEach((g, i) => {
              const [x, y] = at(g, R.run.path[2 * i + j]);
              markerPath(pen, style.marker, x, y, 2.6);
            });
          });
        }
        s.stroke({ color: s.theme.accent, width: 1.5 }, vertical(A, A.px(clockOf(clock, R.g))));
      });
      s.stroke({ color: style.color, width: 1, alpha: 0.8 }, (pen) => {
        for (const g of R.gammas) {
          const x = A.px(clockOf(clock, g));
          pen.moveTo(x, A.y + A.h - 6);
          pen.lineTo(x, A.y + A.h);
        }
      });
      drawAxes(s, A, {
        xName: CLOCK_NAMES[clock],
        xTicks: ticks(A.x0, A.x1, Math.max(2, A.w / 60)),
        yTicks: first ? undefined : [],
        yName: first ? barName(S) : "",
      });
      for (let j = 0; j < 2; j++) {
        const v = scale(R.g) * R.z[j];
        const x = A.px(clockOf(clock, R.g));
        s.fill({ color: s.theme.accent }, (pen) => pen.circle(x, A.py(v), 4));
        if (first)
          s.text(`${barName(S)}${j ? "₂" : "₁"}`, clamp(x + 8, A.x + 6, A.x + A.w - 18), A.py(v) - 10, {
            size: 12,
            halo: true,
          });
      }
    }
  },
  /** A press on a panel moves the cursor there. */
  press(lab, x, y, W, H) {
    for (const { clock, A } of this.panels(lab, W, H)) {
      if (x < A.x || x > A.x + A.w || y < A.y - 12 || y > A.y + A.h + 40) continue;
      const S = lab.S;
      const g0 = gammaOf(S.t_start);
      const g1 = gammaOf(S.t_end);
      const mine = S.clock === "plane" ? "gamma" : S.clock;
      const g = clamp(gammaOfClock(clock, A.inverse(x, y)[0]), g1, g0);
      const a = clockOf(mine, g0);
      const b = clockOf(mine, g1);
      return { cursor: clamp((clockOf(mine, g) - a) / (b - a), 0, 1) };
    }
    return null;
  },
  handles: () => [],
  readout: (lab, R) => ({
    head: ["clock", "cursor", "off", "bend"],
    note: "off: largest distance of the exact path from its chord; bend: the same as a share of the chord",
    rows: [
      ...CLOCKS.map((clock) => ({
        label: CLOCK_NAMES[clock].split(" = ")[0],
        cells: [
          { name: clock, value: clockOf(clock, R.g), text: formatNumber(clockOf(clock, R.g)) },
          { name: "off", clock, value: R.off[clock], text: formatNumber(R.off[clock]) },
          { name: "bend", clock, value: R.bend[clock], text: formatNumber(R.bend[clock]) },
        ],
      })),
      row(
        barName(lab.S),
        "x_bar",
        [...R.z],
        pointText(lab.S.variable === "x" ? R.z.map((v) => v / Math.sqrt(1 + R.g * R.g)) : R.z),
      ),
      row(`${labelOf(lab, lab.S.solver)}: error`, "error", R.error, undefined, { solver: lab.S.solver }),
    ],
  }),
  summary(_lab, R) {
    const [t, snr, g] = CLOCKS.map((clock) => formatNumber(clockOf(clock, R.g)));
    const [bendT, bendSnr, bendG] = CLOCKS.map((clock) => formatNumber(R.bend[clock]));
    return (
      `Cursor at t = ${t}, log-SNR = ${snr}, γ = ${g}. The path bends by ${bendT} of its chord in t, ` +
      `${bendSnr} in log-SNR, ${bendG} in γ.`
    );
  },
  table: (lab, R) => ({
    caption: `Grid points of ${labelOf(lab, lab.S.solver)}`,
    head: ["step", "t", "log-SNR", "γ", "x̄₁", "x̄₂"],
    rows: Array.from(R.gammas, (g, i) => [
      String(i),
      formatNumber(tOf(g)),
      formatNumber(logSnr(g)),
      formatNumber(g),
      formatNumber(R.run.path[2 * i]),
      formatNumber(R.run.path[2 * i + 1]),
    ]),
  }),
  csv: (lab, R) => [
    ["path", "t", "log_snr", "gamma", "x_bar_1", "x_bar_2"],
    ...Array.from(R.exact.gamma, (g, i) => [
      "exact",
      tOf(g),
      logSnr(g),
      g,
      R.exact.path[2 * i],
      R.exact.path[2 * i + 1],
    ]),
    ...Array.from(R.gammas, (g, i) => [lab.S.solver, tOf(g), logSnr(g), g, R.run.path[2 * i], R.run.path[2 * i + 1]]),
  ],
  python: (S, lab) => [
    ...pythonHead(S, { n: 1 }),
    `path = ge.solve(flow, x_bar, gammas, solver=${py(S.solver)})`,
    `gamma = ${lab.R.g}`,
    "if gamma < gammas[0]:",
    "    exact = ge.exact_solution(flow, x_bar, " +
      "torch.stack([gammas[0], torch.tensor(gamma, dtype=torch.float64)]))[-1]",
    "else:",
    "    exact = x_bar",
    'print("x_bar", [f"{v:.3g}" for v in exact[0].tolist()])',
    "end = ge.exact_solution(flow, x_bar, gammas)[-1]",
    'print("error", f"{ge.end_point_error(path.x_bar[-1], end):.3g}")',
  ],
};
