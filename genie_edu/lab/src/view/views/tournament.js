// @ts-check

import { runTournament } from "../../engine/paths.js";
import { gammaOf } from "../../maths/clocks.js";
import { axes, drawAxes, tickText } from "../axes.js";
import { density } from "../density.js";
import { labelOf, shortLabel, styleOf } from "../labels.js";
import { meanHandles } from "../mean_handles.js";
import { formatNumber } from "../numbers.js";
import { py, pythonEnds, pythonGrid } from "../python.js";
import { errorRow, pathRows } from "../rows.js";
import { endPixels, trackPens } from "../tracks.js";

export const tournamentView = {
  coarse: true,
  broad: true,
  shape(lab, W) {
    const n = lab.S.solvers.length;
    const columns = Math.min(n, W < 520 ? 2 : 3);
    const left = 34;
    return { columns, rows: Math.ceil(n / columns), left, w: (W - left) / columns };
  },
  height(W, lab) {
    const { rows, w } = this.shape(lab, W);
    return Math.round(rows * (0.88 * Math.min(w, 270) + 38) + 24);
  },
  /** One panel per solver, all on the same window of the plane. */
  panels(lab, W, H) {
    const { columns, rows, left, w } = this.shape(lab, W);
    const tall = (H - 24) / rows;
    return lab.S.solvers.map((solver, i) => {
      const column = i % columns;
      const row = Math.floor(i / columns);
      const rect = { x: left + column * w, y: row * tall + 44, w: w - 10, h: tall - 48 };
      const k = 2.6 / Math.min(rect.w, rect.h);
      const last = i + columns >= lab.S.solvers.length;
      return { solver, first: column === 0, last, A: axes(rect, [-k * rect.w, k * rect.w], [-k * rect.h, k * rect.h]) };
    });
  },
  compute: (lab) => runTournament(lab.engine, lab.S, lab.dragging),
  draw(s, lab, W, H, R) {
    const gEnd = gammaOf(lab.S.t_end);
    const f = 1 / Math.sqrt(1 + gEnd * gEnd);
    const lines = Math.min(R.n, 40);
    const radius = R.n <= 60 ? 2.8 : R.n <= 150 ? 2.2 : 1.6;
    const panels = this.panels(lab, W, H);
    const said = (word) =>
      R.results.map(({ steps, error }) => `${steps} ${steps === 1 ? "step" : "steps"}, ${word}${formatNumber(error)}`);
    const room = panels[0].A.w;
    const narrow = said("error ").some((text) => s.textWidth(text, 11.5, 600) > room);
    const titles = said(narrow ? "" : "error ");
    panels.forEach(({ solver, first, last, A }, i) => {
      const { run, steps } = R.results[i];
      const style = styleOf(lab, solver);
      const track = trackPens(A, R.n);
      const ends = endPixels(A, R.n);
      s.clip(A.x, A.y, A.w, A.h, () => {
        s.image(density(lab, R.mix, Math.max(gEnd, 0.03), A), A.x, A.y, A.w, A.h);
        s.stroke({ color: s.theme.exact, width: 1.6, alpha: 0.28 }, track(R.exact.path, R.exact.gamma, lines));
        s.stroke({ color: style.color, width: 1.1, alpha: 0.5 }, track(run.path, run.gammas, lines));
        s.stamp(ends(R.exact.end, 0, f), {
          color: s.theme.fg,
          radius: radius + 1.4,
          marker: "circle",
          ring: true,
          alpha: 0.5,
        });
        s.stamp(ends(run.path, steps * 2 * R.n, f), { color: style.color, radius, marker: style.marker, alpha: 0.95 });
      });
      drawAxes(s, A, {
        xTicks: [-2, 0, 2],
        yTicks: [-2, 0, 2],
        xFormat: last ? tickText : () => "",
        yFormat: first ? tickText : () => "",
      });
      s.text(shortLabel(style.label), A.x, A.y - 26, { size: 12.5, weight: 600, room });
      const best = solver === R.ranked[0].solver && R.results.length > 1;
      s.text(titles[i], A.x, A.y - 10, {
        size: 11.5,
        color: best ? s.theme.accent : s.theme.muted,
        weight: best ? 600 : 400,
        room,
      });
    });
  },
  handles(lab, W, H) {
    return meanHandles(lab.S, this.panels(lab, W, H)[0].A);
  },
  readout(lab, R) {
    const worst = Math.max(...R.ranked.map((r) => r.error).filter(Number.isFinite));
    const best = R.ranked[0];
    return {
      head: ["best first", "error", "steps", "NFE"],
      note: "the same starts and the same number of calls for all; the bars compare the errors; the handles in the first panel move the modes of all",
      rows: [
        ...R.ranked.map((r) => ({
          label: shortLabel(labelOf(lab, r.solver)),
          ...errorRow(
            lab,
            r.solver,
            [
              ["error", r.error],
              ["steps", r.steps, String(r.steps)],
              ["nfe", r.nfe, String(r.nfe)],
            ],
            r.error / worst,
          ),
        })),
        {
          label: "winner",
          cells: [{ name: "winner", value: best.solver, text: shortLabel(labelOf(lab, best.solver)) }],
        },
      ],
    };
  },
  summary(lab, R) {
    const best = R.ranked[0];
    const last = R.ranked[R.ranked.length - 1];
    const name = (r) => shortLabel(labelOf(lab, r.solver));
    if (best === last) return `${name(best)}, ${lab.S.nfe} calls of eps: error ${formatNumber(best.error)}.`;
    return `At most ${lab.S.nfe} ${lab.S.nfe === 1 ? "call" : "calls"} of eps each, ${R.n} ${R.n === 1 ? "start" : "starts"}: ${name(best)} comes closest (error ${formatNumber(best.error)}), ${name(last)} ends furthest off (${formatNumber(last.error)}).`;
  },
  table: (lab, R) => ({
    caption: `Ranking at ${lab.S.nfe} calls of eps`,
    head: ["place", "solver", "steps", "calls", "error", "times the best"],
    rows: R.ranked.map((r, i) => [
      String(i + 1),
      labelOf(lab, r.solver),
      String(r.steps),
      String(r.nfe),
      formatNumber(r.error),
      formatNumber(r.error / R.ranked[0].error),
    ]),
  }),
  csv: (lab, R) => pathRows(lab.S, R),
  python: (S) => [
    ...pythonEnds(S),
    "",
    `for solver in ${py(S.solvers)}:`,
    `    n = max(1, ${S.nfe + S.afs - S.denoise} // ge.SOLVERS[solver].nfe_per_step)`,
    `    ${pythonGrid(S, "n")}`,
    `    path = ge.solve(flow, x_bar, flow.schedule.gamma(t), solver=solver, afs=${py(S.afs)}, denoise=${py(S.denoise)})`,
    "    error = ge.end_point_error(path.x_bar[-1], exact)",
    '    print(solver, f"{error:.3g}", n, path.nfe)',
  ],
};
