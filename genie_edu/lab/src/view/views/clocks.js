// @ts-check

import { runClocks } from "../../engine/clocks.js";
import { clockOf, gammaOf, gammaOfClock, tOf } from "../../maths/clocks.js";
import { axes, clampPx, drawAxes, ticks } from "../axes.js";
import { CLOCK_NAMES, labelOf, styleOf } from "../labels.js";
import { clamp, formatNumber, pointText } from "../numbers.js";
import { py, pythonHead } from "../python.js";
import { markerPath } from "../surfaces/markers.js";

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
    return ["t", "log_snr", "gamma"].map((clock, i) => {
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
    const scale = (g) => (S.variable === "x" ? 1 / Math.sqrt(1 + g * g) : 1);
    for (const { clock, A, first } of this.panels(lab, W, H)) {
      const step = Math.max(1, Math.floor(R.exact.gamma.length / 260));
      const n = R.exact.gamma.length;
      s.clip(A.x - 4, A.y - 4, A.w + 8, A.h + 8, () => {
        for (let j = 0; j < 2; j++) {
          s.stroke({ color: s.theme.exact, width: 4, alpha: 0.5 }, (pen) => {
            for (let i = 0; i < n; i = i === n - 1 ? n : Math.min(n - 1, i + step)) {
              const g = R.exact.gamma[i];
              const x = A.px(clockOf(clock, g));
              const y = clampPx(A.py(scale(g) * R.exact.path[2 * i + j]));
              if (i) pen.lineTo(x, y);
              else pen.moveTo(x, y);
            }
          });
          // between its grid points a step in bar coordinates is straight in gamma, hence curved on the other clocks
          s.stroke({ color: style.color, width: 1.6, dash: j ? "dash" : "solid" }, (pen) => {
            for (let i = 0; i < S.n_steps; i++)
              for (let k = 0; k <= 16; k++) {
                const a = R.gammas[i];
                const b = R.gammas[i + 1];
                const q = k / 16;
                const g = clock === "gamma" ? a + q * (b - a) : a * (b / a) ** q;
                const m = (g - a) / (b - a);
                const v = R.run.path[2 * i + j] * (1 - m) + R.run.path[2 * i + 2 + j] * m;
                const x = A.px(clockOf(clock, g));
                const y = clampPx(A.py(scale(g) * v));
                if (x !== x || y !== y) continue;
                if (i || k) pen.lineTo(x, y);
                else pen.moveTo(x, y);
              }
          });
          s.fill({ color: style.color }, (pen) => {
            for (let i = 0; i <= S.n_steps; i++)
              markerPath(
                pen,
                style.marker,
                A.px(clockOf(clock, R.gammas[i])),
                clampPx(A.py(scale(R.gammas[i]) * R.run.path[2 * i + j])),
                2.6,
              );
          });
        }
        s.stroke({ color: s.theme.accent, width: 1.5 }, (pen) => {
          const x = A.px(clockOf(clock, R.g));
          pen.moveTo(x, A.y);
          pen.lineTo(x, A.y + A.h);
        });
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
        yName: first ? (S.variable === "x" ? "x" : "x̄") : "",
      });
      for (let j = 0; j < 2; j++) {
        const v = scale(R.g) * R.z[j];
        const x = A.px(clockOf(clock, R.g));
        s.fill({ color: s.theme.accent }, (pen) => pen.circle(x, A.py(v), 4));
        if (first)
          s.text(
            `${S.variable === "x" ? "x" : "x̄"}${j ? "₂" : "₁"}`,
            clamp(x + 8, A.x + 6, A.x + A.w - 18),
            A.py(v) - 10,
            { size: 12, halo: true },
          );
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
    head: ["clock", "cursor", "bend"],
    note: "bend: largest distance of the exact path from its chord, as a share of the chord",
    rows: ["t", "log_snr", "gamma"]
      .map((clock) => ({
        label: CLOCK_NAMES[clock].replace(" = −2 log γ", ""),
        cells: [
          { name: clock, value: clockOf(clock, R.g), text: formatNumber(clockOf(clock, R.g)) },
          { name: "bend", clock, value: R.bend[clock], text: formatNumber(R.bend[clock]) },
        ],
      }))
      .concat([
        {
          label: lab.S.variable === "x" ? "x" : "x̄",
          cells: [
            {
              name: "x_bar",
              value: [...R.z],
              wide: true,
              text: pointText(lab.S.variable === "x" ? R.z.map((v) => v / Math.sqrt(1 + R.g * R.g)) : R.z),
            },
          ],
        },
        {
          label: `${labelOf(lab, lab.S.solver)}: error`,
          cells: [{ name: "error", solver: lab.S.solver, value: R.error, wide: true, text: formatNumber(R.error) }],
        },
      ]),
  }),
  summary: (lab, R) =>
    `Cursor at t = ${formatNumber(tOf(R.g))}, log-SNR = ${formatNumber(-2 * Math.log(R.g))}, γ = ${formatNumber(R.g)}. The path bends by ${formatNumber(R.bend.t)} of its chord in t, ${formatNumber(R.bend.log_snr)} in log-SNR, ${formatNumber(R.bend.gamma)} in γ.`,
  table: (lab, R) => ({
    caption: `Grid points of ${labelOf(lab, lab.S.solver)}`,
    head: ["step", "t", "log-SNR", "γ", "x̄₁", "x̄₂"],
    rows: Array.from(R.gammas, (g, i) => [
      String(i),
      formatNumber(tOf(g)),
      formatNumber(-2 * Math.log(g)),
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
      -2 * Math.log(g),
      g,
      R.exact.path[2 * i],
      R.exact.path[2 * i + 1],
    ]),
    ...Array.from(R.gammas, (g, i) => [
      lab.S.solver,
      tOf(g),
      -2 * Math.log(g),
      g,
      R.run.path[2 * i],
      R.run.path[2 * i + 1],
    ]),
  ],
  python: (S, lab) => [
    ...pythonHead(S, { n: 1 }),
    `path = ge.solve(flow, x_bar, gammas, solver=${py(S.solver)})`,
    `gamma = ${lab.R.g}`,
    "if gamma < gammas[0]:",
    "    exact = ge.exact_solution(flow, x_bar, torch.stack([gammas[0], torch.tensor(gamma, dtype=torch.float64)]))[-1]",
    "else:",
    "    exact = x_bar",
    'print("x_bar", [f"{v:.3g}" for v in exact[0].tolist()])',
    "end = ge.exact_solution(flow, x_bar, gammas)[-1]",
    'print("error", f"{ge.end_point_error(path.x_bar[-1], end):.3g}")',
  ],
};
