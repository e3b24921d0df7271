// @ts-check

import { runPaths } from "../../engine/paths.js";
import { clockOf, gammaOf } from "../../maths/clocks.js";
import { axes, drawAxes, plane, square } from "../axes.js";
import { density } from "../density.js";
import { CLOCK_NAMES, labelOf, styleOf } from "../labels.js";
import { meanHandles } from "../mean_handles.js";
import { clamp, formatNumber, pointText, round3 } from "../numbers.js";
import { py, pythonHead } from "../python.js";
import { errorRow, pathRows } from "../rows.js";
import { endPixels, trackPens } from "../tracks.js";

export const pathsView = {
  coarse: true,
  height: square,
  compute: (lab) => runPaths(lab.engine, lab.S, lab.dragging),

  axes(lab, W, H) {
    const S = lab.S;
    if (S.clock === "plane") return plane(W, H);
    const a = clockOf(S.clock, gammaOf(S.t_start));
    const b = clockOf(S.clock, gammaOf(S.t_end));
    return axes({ x: 48, y: 10, w: W - 60, h: H - 52 }, [a, b], [-3.1, 3.1]);
  },

  draw(s, lab, W, H, R) {
    const S = lab.S;
    const A = this.axes(lab, W, H);
    const flat = S.clock === "plane";
    const few = R.n <= 30;
    const gEnd = gammaOf(S.t_end);
    const scaleEnd = 1 / Math.sqrt(1 + gEnd * gEnd);
    const track = trackPens(A, R.n, S.clock);
    const ends = endPixels(A, R.n, flat);
    const radius = few ? 4 : R.n <= 150 ? 2.8 : 1.9;
    const rings = (t) =>
      t.stamp(ends(R.exact.end, 0, scaleEnd), {
        color: t.theme.fg,
        radius: radius + 1.8,
        marker: "circle",
        ring: true,
        alpha: R.n <= 150 ? 0.75 : 0.4,
      });
    const under = (t) => {
      t.clip(A.x, A.y, A.w, A.h, () => {
        if (flat) t.image(density(lab, R.mix, Math.max(gEnd, 0.03), A), A.x, A.y, A.w, A.h);
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
          s.stroke(
            { color: style.color, width: 1.6, dash: S.n_steps <= 30 ? style.dash : "solid", alpha: 0.9 },
            track(run.path, run.gammas, R.n),
          );
        }
        rings(s);
      } else {
        const alpha = clamp(4 / Math.sqrt(R.n), 0.16, 0.6);
        s.haze(
          R.results.map(({ solver, run }) => ({
            color: styleOf(lab, solver).color,
            alpha,
            build: track(run.path, run.gammas, R.n),
          })),
          W,
          H,
        );
      }
      for (const { solver, run } of R.results) {
        const style = styleOf(lab, solver);
        s.stamp(ends(S.denoise ? run.final : run.path, S.denoise ? 0 : S.n_steps * 2 * R.n, S.denoise ? 1 : scaleEnd), {
          color: style.color,
          radius,
          marker: style.marker,
          alpha: 0.95,
        });
      }
    });
  },

  handles(lab, W, H) {
    const S = lab.S;
    const A = this.axes(lab, W, H);
    if (S.clock !== "plane") return [];
    const out = meanHandles(S, A);
    if (S.start)
      out.push({
        id: "start",
        kind: "start",
        text: "",
        label: `Start point at ${pointText(S.start)}; arrow keys move it`,
        x: A.px(S.start[0]),
        y: A.py(S.start[1]),
        move: (dx, dy) => ({
          start: [round3(clamp(S.start[0] + dx / A.sx, -3, 3)), round3(clamp(S.start[1] - dy / A.sy, -3, 3))],
        }),
      });
    return out;
  },

  readout: (lab, R) => ({
    head: ["solver", "error", "NFE"],
    rows: R.results.map((r) =>
      errorRow(lab, r.solver, [
        ["error", r.error],
        ["nfe", r.nfe, String(r.nfe)],
      ]),
    ),
  }),

  summary(lab, R) {
    const parts = R.results.map((r) => `${labelOf(lab, r.solver)} ${formatNumber(r.error)}`);
    return `${lab.S.n_steps} ${lab.S.n_steps === 1 ? "step" : "steps"}, ${R.n} ${R.n === 1 ? "start" : "starts"}. Median distance to the exact end points: ${parts.join(", ")}.`;
  },

  table: (lab, R) => {
    const rows = [];
    const n = Math.min(R.n, 25);
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
