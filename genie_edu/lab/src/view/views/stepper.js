// @ts-check

import { runStepper } from "../../engine/steps.js";
import { gammaOf } from "../../maths/clocks.js";
import { drawAxes, fit, square } from "../axes.js";
import { density } from "../density.js";
import { endLabels, labelOf, shortLabel, styleOf } from "../labels.js";
import { clamp, formatNumber, pointText, round3 } from "../numbers.js";
import { py, pythonHead } from "../python.js";
import { markerPath } from "../surfaces/markers.js";
import { pairs, polyline } from "../tracks.js";

export const stepperView = {
  height: square,
  compute: (lab) => runStepper(lab.engine, lab.S),
  axes(lab, W, H) {
    const R = lab.R ?? runStepper(lab.engine, lab.S);
    const S = lab.S;
    // the window must not give the hidden answer away: before it is revealed it shows the step's circle of reach only
    if (S.zoom) {
      const reach = Math.hypot(R.ends.ddim[0] - R.z[0], R.ends.ddim[1] - R.z[1]);
      const points = [[...R.z], R.ends.ddim];
      if (S.revealed) points.push([...R.arc.end], R.ends.genie);
      if (S.revealed && S.guess) points.push(S.guess);
      return fit(points, W, H, S.revealed ? 1e-3 : 1.5 * reach, S.revealed ? 0.35 : 0.3);
    }
    return fit([...pairs(R.track.path), ...pairs(R.run.path), ...R.mix.means.map((m) => [...m])], W, H, 1, 0.08);
  },
  draw(s, lab, W, H, R) {
    const S = lab.S;
    const A = this.axes(lab, W, H);
    const t = s.theme;
    const euler = styleOf(lab, "ddim");
    const genie = styleOf(lab, "genie");
    const mine = styleOf(lab, S.solver);
    const curve = (order) => Array.from({ length: 33 }, (_, i) => R.ends.at((R.ends.h * i) / 32, order));
    s.clip(A.x, A.y, A.w, A.h, () => {
      s.image(density(lab, R.mix, R.gn, A), A.x, A.y, A.w, A.h);
      if (S.revealed)
        s.stroke({ color: t.exact, width: 1.4, alpha: 0.8, dash: "dash" }, polyline(A, pairs(R.track.path)));
      const done = pairs(R.run.path.subarray(0, 2 * (R.n + 1)));
      s.stroke({ color: mine.color, width: 1.4, alpha: 0.6 }, polyline(A, done));
      s.fill({ color: mine.color, alpha: 0.8 }, (pen) =>
        done.forEach((p) => markerPath(pen, mine.marker, A.px(p[0]), A.py(p[1]), 3)),
      );
      s.stroke({ color: euler.color, width: 2.4 }, polyline(A, [[...R.z], R.ends.ddim]));
      if (S.revealed) {
        s.stroke({ color: t.exact, width: 5, alpha: 0.65 }, polyline(A, pairs(R.arc.path)));
        s.stroke({ color: genie.color, width: 2.4 }, polyline(A, curve(2)));
        s.stroke({ color: euler.color, width: 1.6, dash: "dot" }, polyline(A, [R.ends.ddim, [...R.arc.end]]));
        s.stroke({ color: genie.color, width: 1.6, dash: "dot" }, polyline(A, [R.ends.genie, [...R.arc.end]]));
        if (S.guess) s.stroke({ color: t.accent, width: 1.6, dash: "dot" }, polyline(A, [S.guess, [...R.arc.end]]));
      }
      s.fill({ color: euler.color }, (pen) =>
        markerPath(pen, euler.marker, A.px(R.ends.ddim[0]), A.py(R.ends.ddim[1]), 5),
      );
      if (S.revealed) {
        s.fill({ color: genie.color }, (pen) =>
          markerPath(pen, genie.marker, A.px(R.ends.genie[0]), A.py(R.ends.genie[1]), 5),
        );
        s.stroke({ color: t.fg, width: 1.6 }, (pen) => pen.circle(A.px(R.arc.end[0]), A.py(R.arc.end[1]), 6.5));
      }
      s.fill({ color: t.fg }, (pen) => pen.circle(A.px(R.z[0]), A.py(R.z[1]), 3.5));
    });
    drawAxes(s, A, { xName: "x̄₁", yName: "x̄₂" });
    const ends = [
      { p: R.ends.ddim, text: "Euler" },
      { p: R.z, text: "now" },
    ];
    if (S.revealed && S.guess) ends.push({ p: S.guess, text: "your guess" });
    if (S.revealed) ends.push({ p: R.ends.genie, text: "GENIE" }, { p: R.arc.end, text: "exact" });
    endLabels(s, A, ends);
  },
  handles(lab, W, H) {
    const S = lab.S;
    const R = lab.R ?? runStepper(lab.engine, S);
    const A = this.axes(lab, W, H);
    const out = [];
    const f = Math.sqrt(1 + gammaOf(S.t_start) ** 2);
    if (S.revealed && S.start && !S.zoom)
      out.push({
        id: "start",
        kind: "start",
        text: "",
        label: `Start point x = ${pointText(S.start)}; arrow keys move it`,
        x: A.px(S.start[0] * f),
        y: A.py(S.start[1] * f),
        move: (dx, dy) => ({
          start: [round3(clamp(S.start[0] + dx / A.sx / f, -3, 3)), round3(clamp(S.start[1] - dy / A.sy / f, -3, 3))],
        }),
      });
    if (lab.config.guess) {
      const at = S.guess ?? R.ends.ddim;
      if (!S.revealed)
        out.push({
          id: "guess",
          kind: "guess",
          text: "?",
          label: `Your guess of the end point, at ${pointText(at)}; arrow keys move it`,
          x: A.px(at[0]),
          y: A.py(at[1]),
          move: (dx, dy) => ({ guess: [clamp(at[0] + dx / A.sx, -700, 700), clamp(at[1] - dy / A.sy, -700, 700)] }),
        });
    }
    return out;
  },
  readout(lab, R) {
    const S = lab.S;
    const seen = (v) => (S.revealed ? v : NaN);
    const rows = [
      {
        label: `step ${R.n + 1} of ${R.N}: γ`,
        cells: [{ name: "gamma", value: R.g, text: `${formatNumber(R.g)} → ${formatNumber(R.gn)}` }],
      },
      {
        label: "gap of the Euler step",
        style: "ddim",
        cells: [{ name: "gap", value: seen(R.gap), text: formatNumber(seen(R.gap)) }],
      },
      {
        label: "gap of the GENIE step",
        style: "genie",
        cells: [{ name: "gap_genie", value: seen(R.gapGenie), text: formatNumber(seen(R.gapGenie)) }],
      },
      {
        label: "error carried into this step",
        cells: [{ name: "carried", value: seen(R.carried), text: formatNumber(seen(R.carried)) }],
      },
      {
        label: `accumulated error, ${shortLabel(labelOf(lab, S.solver))}`,
        style: S.solver,
        cells: [{ name: "accumulated", value: seen(R.accumulated), text: formatNumber(seen(R.accumulated)) }],
      },
    ];
    if (lab.config.guess)
      rows.push({
        label: "your guess missed by",
        cells: [{ name: "guess_error", value: seen(R.guessError), text: formatNumber(seen(R.guessError)) }],
      });
    return { head: null, rows, note: "a gap is the local error of one step; the accumulated error is the global one" };
  },
  summary(lab, R) {
    if (!lab.S.revealed)
      return lab.S.guess
        ? `Your guess stands at ${pointText(lab.S.guess)}. Reveal the exact end when you are ready.`
        : "The tangent is drawn. Place the marker where the exact path will end after this step, then reveal it.";
    const extra = Number.isFinite(R.guessError) ? ` Your guess missed by ${formatNumber(R.guessError)}.` : "";
    return `Step ${R.n + 1} of ${R.N}, γ from ${formatNumber(R.g)} to ${formatNumber(R.gn)}: the Euler step ends ${formatNumber(R.gap)} from the exact arc, GENIE ${formatNumber(R.gapGenie)}; accumulated error ${formatNumber(R.accumulated)}.${extra}`;
  },
  table(lab, R) {
    const rows = [];
    if (lab.S.revealed)
      for (let i = 0; i <= R.N; i++)
        rows.push([
          String(i),
          formatNumber(R.gammas[i]),
          pointText(R.run.path.subarray(2 * i, 2 * i + 2)),
          pointText(R.truth.subarray(2 * i, 2 * i + 2)),
          formatNumber(Math.hypot(R.run.path[2 * i] - R.truth[2 * i], R.run.path[2 * i + 1] - R.truth[2 * i + 1])),
        ]);
    return {
      caption: lab.S.revealed ? `All steps of ${labelOf(lab, lab.S.solver)}` : "Appears once the exact end is revealed",
      head: ["step", "γ", "x̄", "exact x̄", "error"],
      rows,
    };
  },
  csv: (lab, R) => [
    ["step", "gamma", "x_bar_1", "x_bar_2", "exact_1", "exact_2"],
    ...(lab.S.revealed
      ? Array.from(R.gammas, (g, i) => [
          i,
          g,
          R.run.path[2 * i],
          R.run.path[2 * i + 1],
          R.truth[2 * i],
          R.truth[2 * i + 1],
        ])
      : []),
  ],
  python: (S) => [
    ...pythonHead(S, { n: 1 }),
    `path = ge.solve(flow, x_bar, gammas, solver=${py(S.solver)})`,
    `n = ${Math.min(S.step, S.n_steps - 1)}`,
    `gamma, gamma_next = gammas[n], gammas[n] + ${py(S.step_scale)} * (gammas[n + 1] - gammas[n])`,
    "step = torch.stack([gamma, gamma_next])",
    "z = path.x_bar[n]",
    "arc = ge.exact_solution(flow, z, step)[-1]",
    "exact = x_bar",
    "if n:",
    "    exact = ge.exact_solution(flow, x_bar, gammas[: n + 1])[-1]",
    "exact_next = ge.exact_solution(flow, exact, step)[-1]",
    'for name, solver in (("gap", "ddim"), ("gap_genie", "genie")):',
    '    print(name, f"{ge.end_point_error(ge.solve(flow, z, step, solver).x_bar[-1], arc):.3g}")',
    `taken = ge.solve(flow, z, step, ${py(S.solver === "genie" ? "genie" : "ddim")}).x_bar[-1]`,
    'print("accumulated", f"{ge.end_point_error(taken, exact_next):.3g}")',
  ],
};
