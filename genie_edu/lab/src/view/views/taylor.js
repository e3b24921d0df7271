// @ts-check

import { runTaylor } from "../../engine/steps.js";
import { drawAxes, fit, square } from "../axes.js";
import { shade } from "../density.js";
import { endLabels, styleOf } from "../labels.js";
import { formatNumber, pointText } from "../numbers.js";
import { circle, markers, polyline } from "../pens.js";
import { pythonHead } from "../python.js";
import { row } from "../rows.js";
import { pairs } from "../tracks.js";

const SERIES = [
  { solver: "ddim", order: 1, name: "tangent", label: "tangent (DDIM)" },
  { solver: "genie", order: 2, name: "parabola", label: "parabola (GENIE)" },
  { solver: "taylor3", order: 3, name: "cubic", label: "cubic (Taylor 3)" },
];

/** Those that the reader wants to see. */
const chosen = (lab) => SERIES.filter(({ solver }) => lab.S.solvers.includes(solver));

/** One step's tangent, parabola and cubic. */
export const taylorView = {
  solvers: SERIES.map(({ solver }) => solver),
  height: square,
  compute: (lab) => runTaylor(lab.engine, lab.S),
  axes(lab, W, H) {
    const R = lab.R ?? runTaylor(lab.engine, lab.S);
    if (lab.S.zoom) return fit([R.z, R.ends.ddim, R.ends.genie, R.ends.taylor3, R.arc.end], W, H, 1e-3);
    const near = pairs(R.track.path).filter((p) => Math.abs(p[0]) < 3.5 && Math.abs(p[1]) < 3.5);
    return fit([...near, ...R.mix.means, R.z], W, H, 1, 0.1);
  },
  draw(s, lab, W, H, R) {
    const A = this.axes(lab, W, H);
    const t = s.theme;
    const series = chosen(lab);
    const curve = (order) => Array.from({ length: 41 }, (_, i) => R.ends.at((R.ends.h * i) / 40, order));
    s.clip(A.x, A.y, A.w, A.h, () => {
      shade(s, lab, R.mix, R.gn, A);
      s.stroke({ color: t.exact, width: 1.4, dash: "dash", alpha: 0.9 }, polyline(A, pairs(R.track.path)));
      s.stroke({ color: t.exact, width: 6, alpha: 0.6 }, polyline(A, pairs(R.arc.path)));
      for (const { solver, order } of series) {
        const style = styleOf(lab, solver);
        s.stroke({ color: style.color, width: 2.2 }, polyline(A, curve(order)));
        s.stroke({ color: style.color, width: 1.4, dash: "dot" }, polyline(A, [R.ends[solver], R.arc.end]));
      }
      for (const { solver } of series) {
        const style = styleOf(lab, solver);
        s.fill({ color: style.color }, markers(A, [R.ends[solver]], style.marker, 5));
      }
      s.stroke({ color: t.fg, width: 1.6 }, circle(A, R.arc.end, 6.5));
      s.fill({ color: t.fg }, circle(A, R.z, 4));
    });
    drawAxes(s, A, { xName: "x̄₁", yName: "x̄₂" });
    endLabels(s, A, [
      ...series.map(({ solver, name }) => ({ p: R.ends[solver], text: name })),
      { p: R.arc.end, text: "exact" },
      { p: R.z, text: "now" },
    ]);
  },
  handles: () => [],
  readout: (lab, R) => ({
    head: ["one step", "ends off by"],
    rows: [
      ...chosen(lab).map(({ solver, label }) =>
        row(label, `error_${solver}`, R.errors[solver], undefined, { style: solver }),
      ),
      row("γ", "gamma", R.g, `${formatNumber(R.g)} → ${formatNumber(R.gn)}`),
    ],
  }),
  summary(lab, R) {
    const [first, ...rest] = chosen(lab).map(({ solver, name }) => [name, formatNumber(R.errors[solver])]);
    return (
      `A step from γ = ${formatNumber(R.g)} to ${formatNumber(R.gn)}: the ${first[0]} ends ${first[1]} from the ` +
      `exact point${rest.map(([name, error]) => `, the ${name} ${error}`).join("")}.`
    );
  },
  table: (lab, R) => ({
    caption: "The series at this point",
    head: ["term", "value"],
    rows: [
      ["x̄", pointText(R.z)],
      ["eps", pointText(R.ends.E)],
      ["d eps/dγ", pointText(R.ends.D1)],
      ["d² eps/dγ²", pointText(R.ends.D2)],
      ["h", formatNumber(R.ends.h)],
    ],
  }),
  csv: (lab, R) => [
    ["curve", "gamma", "x_bar_1", "x_bar_2"],
    ...Array.from(R.arc.gamma, (g, i) => ["exact", g, R.arc.path[2 * i], R.arc.path[2 * i + 1]]),
    ...SERIES.flatMap(({ solver, order }) =>
      Array.from({ length: 21 }, (_, i) => {
        const h = (R.ends.h * i) / 20;
        return [solver, R.g + h, ...R.ends.at(h, order)];
      }),
    ),
  ],
  python: (S, lab) => [
    ...pythonHead(S, { n: 1 }),
    `step = torch.tensor([${lab.R.g}, ${lab.R.gn}], dtype=torch.float64)`,
    "z = ge.exact_solution(flow, x_bar, torch.stack([gammas[0], step[0]]))[-1]",
    "exact = ge.exact_solution(flow, z, step)[-1]",
    'for solver in ("ddim", "genie", "taylor3"):',
    "    end = ge.solve(flow, z, step, solver).x_bar[-1]",
    '    print("error_" + solver, f"{ge.end_point_error(end, exact):.3g}")',
  ],
};
