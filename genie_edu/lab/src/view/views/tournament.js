// @ts-check

import { runTournament } from "../../engine/paths.js";
import { alphaOf, gammaOf } from "../../maths/clocks.js";
import { drawAxes, tickText } from "../axes.js";
import { shadeEnd } from "../density.js";
import { MOST_LINES, PANEL_TICKS, panelAxes } from "../fields.js";
import { labelOf, shortened, shortLabel, styleOf } from "../labels.js";
import { countOf, formatNumber } from "../numbers.js";
import { meanHandles } from "../places.js";
import { py, pythonEnds, pythonGrid } from "../python.js";
import { errorRow, pathRows, row } from "../rows.js";
import { endPixels, trackPens } from "../tracks.js";

/** Solvers side by side at an equal number of calls of eps. */
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
      return { solver, first: column === 0, last: i + columns >= lab.S.solvers.length, A: panelAxes(rect) };
    });
  },
  compute: (lab) => runTournament(lab.engine, lab.S, lab.dragging),
  draw(s, lab, W, H, R) {
    const gEnd = gammaOf(lab.S.t_end);
    const f = alphaOf(gEnd);
    const lines = Math.min(R.n, MOST_LINES);
    const radius = R.n <= 60 ? 2.8 : R.n <= 150 ? 2.2 : 1.6;
    const panels = this.panels(lab, W, H);
    const said = (word) =>
      R.results.map(({ steps, error }) => `${countOf(steps, "step")}, ${word}${formatNumber(error)}`);
    const room = panels[0].A.w;
    const narrow = said("error ").some((text) => s.textWidth(text, 11.5, 600) > room);
    const titles = said(narrow ? "" : "error ");
    panels.forEach(({ solver, first, last, A }, i) => {
      const { run, steps } = R.results[i];
      const style = styleOf(lab, solver);
      const track = trackPens(A, R.n);
      const ends = endPixels(A, R.n);
      s.clip(A.x, A.y, A.w, A.h, () => {
        shadeEnd(s, lab, R.mix, gEnd, A);
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
        ...PANEL_TICKS,
        xFormat: last ? tickText : () => "",
        yFormat: first ? tickText : () => "",
      });
      s.text(shortened(style.label), A.x, A.y - 26, { size: 12.5, weight: 600, room });
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
      note:
        "the same starts and the same number of calls for all; the bars compare the errors; the handles in the " +
        "first panel move the modes of all",
      rows: [
        ...R.ranked.map((r) => ({
          label: shortLabel(lab, r.solver),
          ...errorRow(
            r.solver,
            [
              ["error", r.error],
              ["steps", r.steps, String(r.steps)],
              ["nfe", r.nfe, String(r.nfe)],
            ],
            r.error / worst,
          ),
        })),
        row("winner", "winner", best.solver, shortLabel(lab, best.solver)),
      ],
    };
  },
  summary(lab, R) {
    const best = R.ranked[0];
    const last = R.ranked[R.ranked.length - 1];
    const name = (r) => shortLabel(lab, r.solver);
    if (best === last) return `${name(best)}, ${lab.S.nfe} calls of eps: error ${formatNumber(best.error)}.`;
    return (
      `At most ${countOf(lab.S.nfe, "call")} of eps each, ${countOf(R.n, "start")}: ${name(best)} comes closest ` +
      `(error ${formatNumber(best.error)}), ${name(last)} ends furthest off (${formatNumber(last.error)}).`
    );
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
    "    path = ge.solve(flow, x_bar, flow.schedule.gamma(t), solver=solver, " +
      `afs=${py(S.afs)}, denoise=${py(S.denoise)})`,
    "    error = ge.end_point_error(path.x_bar[-1], exact)",
    '    print(solver, f"{error:.3g}", n, path.nfe)',
  ],
};
