// @ts-check

import { SCHEMA } from "../../engine/schema.js";
import { runStepper } from "../../engine/steps.js";
import { gammaOf } from "../../maths/clocks.js";
import { distance } from "../../maths/errors.js";
import { drawAxes, fit, square } from "../axes.js";
import { shade } from "../density.js";
import { endLabels, labelOf, shortLabel, styleOf } from "../labels.js";
import { clamp, formatNumber, pointText } from "../numbers.js";
import { circle, markers, polyline } from "../pens.js";
import { pointHandle } from "../places.js";
import { py, pythonHead } from "../python.js";
import { row } from "../rows.js";
import { pairs } from "../tracks.js";

/** One step after the other along a path: Euler's tangent, GENIE's parabola, the exact arc. */
export const stepperView = {
  height: square,
  compute: (lab) => runStepper(lab.engine, lab.S),
  axes(lab, W, H) {
    const R = lab.R ?? runStepper(lab.engine, lab.S);
    const S = lab.S;
    // the window must not give the hidden answer away: before it is revealed it shows the step's circle of reach only
    if (S.zoom) {
      const reach = distance(R.ends.ddim, R.z);
      const points = [R.z, R.ends.ddim];
      if (S.revealed && !S.guess) return fit([...points, R.arc.end, R.ends.genie], W, H, 1e-3, 0.35);
      return fit(points, W, H, 1.5 * reach, 0.3); // a guess stays where it was put when the end is revealed
    }
    return fit([...pairs(R.track.path), ...pairs(R.run.path), ...R.mix.means], W, H, 1, 0.08);
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
      shade(s, lab, R.mix, R.gn, A);
      if (S.revealed)
        s.stroke({ color: t.exact, width: 1.4, alpha: 0.8, dash: "dash" }, polyline(A, pairs(R.track.path)));
      const done = pairs(R.run.path.subarray(0, 2 * (R.n + 1)));
      s.stroke({ color: mine.color, width: 1.4, alpha: 0.6 }, polyline(A, done));
      s.fill({ color: mine.color, alpha: 0.8 }, markers(A, done, mine.marker, 3));
      s.stroke({ color: euler.color, width: 2.4 }, polyline(A, [R.z, R.ends.ddim]));
      if (S.revealed) {
        s.stroke({ color: t.exact, width: 5, alpha: 0.65 }, polyline(A, pairs(R.arc.path)));
        s.stroke({ color: genie.color, width: 2.4 }, polyline(A, curve(2)));
        const gap = (color, p) => s.stroke({ color, width: 1.6, dash: "dot" }, polyline(A, [p, R.arc.end]));
        gap(euler.color, R.ends.ddim);
        gap(genie.color, R.ends.genie);
        if (S.guess) gap(t.accent, S.guess);
      }
      s.fill({ color: euler.color }, markers(A, [R.ends.ddim], euler.marker, 5));
      if (S.revealed) {
        s.fill({ color: genie.color }, markers(A, [R.ends.genie], genie.marker, 5));
        s.stroke({ color: t.fg, width: 1.6 }, circle(A, R.arc.end, 6.5));
      }
      s.fill({ color: t.fg }, circle(A, R.z, 3.5));
      if (S.revealed && S.guess) s.stroke({ color: t.accent, width: 2.4 }, circle(A, S.guess, 8));
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
    const scale = Math.sqrt(1 + gammaOf(S.t_start) ** 2);
    const out = S.revealed && S.start && !S.zoom ? [pointHandle(S, A, "start", "Start point x =", scale)] : [];
    if (!lab.config.guess || S.revealed) return out;
    const at = S.guess ?? R.ends.ddim;
    const within = (v) => clamp(v, SCHEMA.guess.low, SCHEMA.guess.high);
    out.push({
      id: "guess",
      kind: "guess",
      text: "?",
      label: `Your guess of the end point, at ${pointText(at)}; arrow keys move it`,
      x: A.px(at[0]),
      y: A.py(at[1]),
      move: (dx, dy) => ({ guess: [within(at[0] + dx / A.sx), within(at[1] - dy / A.sy)] }),
    });
    return out;
  },
  readout(lab, R) {
    const S = lab.S;
    const hidden = (label, name, value, style) => row(label, name, S.revealed ? value : NaN, undefined, { style });
    const rows = [
      row(`step ${R.n + 1} of ${R.N}: γ`, "gamma", R.g, `${formatNumber(R.g)} → ${formatNumber(R.gn)}`),
      hidden("gap of the Euler step", "gap", R.gap, "ddim"),
      hidden("gap of the GENIE step", "gap_genie", R.gapGenie, "genie"),
      hidden("error carried into this step", "carried", R.carried),
      hidden(`accumulated error, ${shortLabel(lab, S.solver)}`, "accumulated", R.accumulated, S.solver),
    ];
    if (lab.config.guess) rows.push(hidden("your guess missed by", "guess_error", R.guessError));
    return { head: null, rows, note: "a gap is the local error of one step; the accumulated error is the global one" };
  },
  summary(lab, R) {
    if (!lab.S.revealed)
      return lab.S.guess
        ? `Your guess stands at ${pointText(lab.S.guess)}. Reveal the exact end when you are ready.`
        : "The tangent is drawn. Place the marker where the exact path will end after this step, then reveal it.";
    const extra = Number.isFinite(R.guessError) ? ` Your guess missed by ${formatNumber(R.guessError)}.` : "";
    return (
      `Step ${R.n + 1} of ${R.N}, γ from ${formatNumber(R.g)} to ${formatNumber(R.gn)}: the Euler step ends ` +
      `${formatNumber(R.gap)} from the exact arc, GENIE ${formatNumber(R.gapGenie)}; ` +
      `accumulated error ${formatNumber(R.accumulated)}.${extra}`
    );
  },
  table(lab, R) {
    const rows = Array.from(lab.S.revealed ? R.gammas : [], (g, i) => {
      const [here, exact] = [R.run.path, R.truth].map((path) => path.subarray(2 * i, 2 * i + 2));
      return [String(i), formatNumber(g), pointText(here), pointText(exact), formatNumber(distance(here, exact))];
    });
    return {
      caption: lab.S.revealed ? `All steps of ${labelOf(lab, lab.S.solver)}` : "Appears once the exact end is revealed",
      head: ["step", "γ", "x̄", "exact x̄", "error"],
      rows,
    };
  },
  csv: (lab, R) => [
    ["step", "gamma", "x_bar_1", "x_bar_2", "exact_1", "exact_2"],
    ...Array.from(lab.S.revealed ? R.gammas : [], (g, i) => [
      i,
      g,
      ...[R.run.path, R.truth].flatMap((path) => [path[2 * i], path[2 * i + 1]]),
    ]),
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
