// @ts-check

import { runGuidance } from "../../engine/guidance.js";
import { alphaOf, gammaOf } from "../../maths/clocks.js";
import { drawAxes, plane, square } from "../axes.js";
import { shadeEnd } from "../density.js";
import { labelOf, shortLabel, styleOf } from "../labels.js";
import { countOf, formatNumber } from "../numbers.js";
import { meanHandles } from "../places.js";
import { py, pythonHead } from "../python.js";
import { errorRow, MOST_ROWS, pathRows, row } from "../rows.js";
import { endPixels, trackPens } from "../tracks.js";

/** The class as the view's texts name it. @type {(S: import("../../engine/types.js").State) => string} */
const nameOf = (S) => S.members.map((k) => k + 1).join(", ");

/** A guided flow: its end points, those without guidance, and of these the ones that the tilted density keeps. */
export const guidanceView = {
  coarse: true,
  slow: ["w", "guide_low", "guide_high", "n_steps", "members"],
  height: square,
  compute: (lab) => runGuidance(lab.engine, lab.S, lab.dragging),
  draw(s, lab, W, H, R) {
    const A = plane(W, H, lab.reach);
    const gEnd = gammaOf(lab.S.t_end);
    const f = alphaOf(gEnd);
    const ends = endPixels(A, R.n);
    const radius = R.n <= 60 ? 3 : R.n <= 150 ? 2.4 : 1.8;
    const only = (keep) => R.plain.filter((_, i) => R.kept[i >> 1] === keep);
    const grey = { color: s.theme.exact, radius: radius - 0.4, marker: "circle" };
    const moves = new Float64Array([...R.plain, ...R.exact.end]);
    s.clip(A.x, A.y, A.w, A.h, () => {
      shadeEnd(s, lab, R.part, gEnd, A);
      const way = trackPens(A, R.n)(moves, Float64Array.from([gEnd, gEnd]), Math.min(R.n, 80));
      s.stroke({ color: s.theme.exact, width: 1, alpha: 0.3 }, way);
      const [kept, dropped] = [only(true), only(false)];
      s.stamp(endPixels(A, kept.length / 2)(kept, 0, f), { ...grey, alpha: 0.8 });
      s.stamp(endPixels(A, dropped.length / 2)(dropped, 0, f), { ...grey, ring: true, alpha: 0.8 });
      const ring = { color: s.theme.fg, radius: radius + 1.8, marker: "circle", ring: true, alpha: 0.7 };
      s.stamp(ends(R.exact.end, 0, f), ring);
      for (const { solver, run } of R.results) {
        const { color, marker } = styleOf(lab, solver);
        s.stamp(ends(run.path, lab.S.n_steps * 2 * R.n, f), { color, radius, marker, alpha: 0.95 });
      }
    });
    drawAxes(s, A, { xName: "x₁", yName: "x₂" });
  },
  handles: (lab, W, H) => meanHandles(lab.S, plane(W, H, lab.reach)),
  readout: (lab, R) => ({
    head: ["on the guided flow", "error", "slope", "NFE"],
    note:
      "grey: p(x|c), hollow where tilting drops the point; rings: where the guided flow ends; slope: of the error " +
      "from these steps to twice as many",
    rows: [
      ...R.results.map((r) =>
        errorRow(r.solver, [
          ["error", r.error],
          ["slope", r.slope, Number.isFinite(r.slope) ? r.slope.toFixed(1) : "-"],
          ["nfe", r.nfe, String(r.nfe)],
        ]),
      ),
      row("mean moved by tilting", "moved_tilted", R.clouds.tilted),
      row("mean moved by guidance", "moved_guided", R.clouds.guided),
      row("spread left by guidance", "spread", R.clouds.spread),
    ],
  }),
  summary(lab, R) {
    const errors = R.results.map((r) => `${shortLabel(lab, r.solver)} ${formatNumber(r.error)}`);
    return (
      `Class of mode ${nameOf(lab.S)}, w = ${lab.S.w}, ${countOf(lab.S.n_steps, "step")}: guidance moves the mean by ` +
      `${formatNumber(R.clouds.guided)}, tilting by ${formatNumber(R.clouds.tilted)}. Errors: ${errors.join(", ")}.`
    );
  },
  table(lab, R) {
    const n = Math.min(R.n, MOST_ROWS);
    const at = (p, o, i) => `${formatNumber(p[o + 2 * i])}, ${formatNumber(p[o + 2 * i + 1])}`;
    return {
      caption: `End points in bar coordinates${n < R.n ? `, the first ${n} starts` : ""}`,
      head: ["start", "without guidance", "tilting", "guided", ...R.results.map((r) => labelOf(lab, r.solver))],
      rows: Array.from({ length: n }, (_, i) => [
        String(i + 1),
        at(R.plain, 0, i),
        R.kept[i] ? "keeps it" : "drops it",
        at(R.exact.end, 0, i),
        ...R.results.map((r) => at(r.run.path, lab.S.n_steps * 2 * R.n, i)),
      ]),
    };
  },
  csv: (lab, R) => pathRows(lab.S, R),
  python: (S) => [
    ...pythonHead(S),
    `members = ${py(S.members)}`,
    "weights = mixture.weights[members]",
    "part = ge.GaussianMixture(weights / weights.sum(), mixture.means[members], mixture.covs[members])",
    "conditional = ge.AnalyticFlow(part)",
    `interval = torch.tensor([${py(S.guide_low)}, ${py(S.guide_high)}], dtype=torch.float64).exp().tolist()`,
    `kind = ge.${S.guided_derivative === "sum" ? "SumOfDerivativesFlow" : "GuidedFlow"}`,
    `guided = kind(conditional, flow, ${py(S.w)}, interval)`,
    "",
    "exact = x_bar  # solved from end to end of the interval, where the flow jumps",
    "inside = [g for g in interval[::-1] if gammas[-1] < g < gammas[0]]",
    "corners = [float(gammas[0]), *inside, float(gammas[-1])]",
    "for a, b in zip(corners, corners[1:]):",
    `    w = ${py(S.w)} if interval[0] < (a * b) ** 0.5 <= interval[1] else 0.0`,
    "    exact = ge.exact_solution(ge.GuidedFlow(conditional, flow, w), exact, [a, b])[-1]",
    "plain = ge.exact_solution(conditional, x_bar, gammas[[0, -1]])[-1]",
    'print("moved_guided", f"{(exact.mean(0) - plain.mean(0)).norm():.3g}")',
    `for solver in ${py(S.solvers)}:`,
    "    path = ge.solve(guided, x_bar, gammas, solver=solver)",
    '    print(solver, f"{ge.end_point_error(path.end, exact):.3g}", path.nfe)',
  ],
};
