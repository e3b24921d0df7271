// @ts-check

import { runPaths } from "../../engine/paths.js";
import { alphaOf, clockOf, gammaOf } from "../../maths/clocks.js";
import { axes, drawAxes, plane, square } from "../axes.js";
import { shadeEnd } from "../density.js";
import { CLOCK_NAMES, labelOf, styleOf } from "../labels.js";
import { clamp, countOf, formatNumber } from "../numbers.js";
import { meanHandles, pointHandle } from "../places.js";
import { py, pythonHead } from "../python.js";
import { errorRow, MOST_ROWS, pathRows } from "../rows.js";
import { endPixels, trackPens } from "../tracks.js";

/** Paths of the chosen solvers from the same starts, in the plane or on a clock. */
export const pathsView = {
  coarse: true,
  height: square,
  compute: (lab) => runPaths(lab.engine, lab.S, lab.dragging),

  axes(lab, W, H) {
    const S = lab.S;
    if (S.clock === "plane") return plane(W, H, lab.reach);
    const rim = Math.max(3.1, lab.reach);
    const a = clockOf(S.clock, gammaOf(S.t_start));
    const b = clockOf(S.clock, gammaOf(S.t_end));
    return axes({ x: 48, y: 10, w: W - 60, h: H - 52 }, [a, b], [-rim, rim]);
  },

  draw(s, lab, W, H, R) {
    const S = lab.S;
    const A = this.axes(lab, W, H);
    const flat = S.clock === "plane";
    const few = R.n <= 30;
    const gEnd = gammaOf(S.t_end);
    const f = alphaOf(gEnd);
    const track = trackPens(A, R.n, S.clock);
    const ends = endPixels(A, R.n, flat);
    const radius = few ? 4 : R.n <= 150 ? 2.8 : 1.9;
    const rings = (t) =>
      t.stamp(ends(R.exact.end, 0, f), {
        color: t.theme.fg,
        radius: radius + 1.8,
        marker: "circle",
        ring: true,
        alpha: R.n <= 150 ? 0.75 : 0.4,
      });
    const under = (t) => {
      t.clip(A.x, A.y, A.w, A.h, () => {
        if (flat) shadeEnd(t, lab, R.mix, gEnd, A);
        const exact = track(R.exact.path, R.exact.gamma, Math.min(R.n, 60));
        if (few) t.stroke({ color: t.theme.exact, width: 3, alpha: 0.55 }, exact);
        else {
          t.haze([{ color: t.theme.exact, alpha: 0.5, build: exact }], W, H);
          rings(t);
        }
      });
      drawAxes(t, A, flat ? { xName: "x₁", yName: "x₂" } : { xName: CLOCK_NAMES[S.clock], yName: "x₁" });
    };
    if (few) under(s);
    else s.background([R.mix, R.exact, W, H, S.clock, S.t_start, S.t_end, lab.dragging], under);
    s.clip(A.x, A.y, A.w, A.h, () => {
      if (few) {
        for (const { solver, run } of R.results) {
          const style = styleOf(lab, solver);
          const dash = S.n_steps <= 30 ? style.dash : "solid";
          s.stroke({ color: style.color, width: 1.6, dash, alpha: 0.9 }, track(run.path, run.gammas, R.n));
        }
        rings(s);
      } else {
        const alpha = clamp(4 / Math.sqrt(R.n), 0.16, 0.6);
        const layers = R.results.map(({ solver, run }) => ({
          color: styleOf(lab, solver).color,
          alpha,
          build: track(run.path, run.gammas, R.n),
        }));
        s.haze(layers, W, H);
      }
      for (const { solver, run } of R.results) {
        const { color, marker } = styleOf(lab, solver);
        const at = S.denoise ? ends(run.final, 0, 1) : ends(run.path, S.n_steps * 2 * R.n, f);
        s.stamp(at, { color, radius, marker, alpha: 0.95 });
      }
    });
  },

  handles(lab, W, H) {
    const S = lab.S;
    if (S.clock !== "plane") return [];
    const A = this.axes(lab, W, H);
    return [...meanHandles(S, A), ...(S.start ? [pointHandle(S, A, "start", "Start point at")] : [])];
  },

  readout: (lab, R) => ({
    head: ["solver", "error", "NFE"],
    rows: R.results.map((r) =>
      errorRow(r.solver, [
        ["error", r.error],
        ["nfe", r.nfe, String(r.nfe)],
      ]),
    ),
  }),

  summary(lab, R) {
    const parts = R.results.map((r) => `${labelOf(lab, r.solver)} ${formatNumber(r.error)}`);
    const counts = `${countOf(lab.S.n_steps, "step")}, ${countOf(R.n, "start")}`;
    return `${counts}. Median distance to the exact end points: ${parts.join(", ")}.`;
  },

  table(lab, R) {
    const rows = [];
    const n = Math.min(R.n, MOST_ROWS);
    const at = (p, o, i) => `${formatNumber(p[o + 2 * i])}, ${formatNumber(p[o + 2 * i + 1])}`;
    for (let i = 0; i < n; i++)
      rows.push([
        String(i + 1),
        at(R.exact.end, 0, i),
        ...R.results.map((r) => at(r.run.path, lab.S.n_steps * 2 * R.n, i)),
      ]);
    return {
      caption: `End points in bar coordinates${n < R.n ? `, the first ${n} starts` : ""}`,
      head: ["start", "exact", ...R.results.map((r) => labelOf(lab, r.solver))],
      rows,
    };
  },

  csv: (lab, R) => pathRows(lab.S, R),

  python: (S) => [
    ...pythonHead(S),
    "exact = ge.exact_solution(flow, x_bar, gammas)[-1]",
    "",
    `for solver in ${py(S.solvers)}:`,
    `    path = ge.solve(flow, x_bar, gammas, solver=solver, afs=${py(S.afs)}, denoise=${py(S.denoise)})`,
    "    error = ge.end_point_error(path.x_bar[-1], exact)",
    '    print(solver, f"{error:.3g}", path.nfe)',
  ],
};
