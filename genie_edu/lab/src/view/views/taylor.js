// @ts-check

import { runTaylor } from "../../engine/steps.js";
import { drawAxes, fit, square } from "../axes.js";
import { density } from "../density.js";
import { endLabels, styleOf } from "../labels.js";
import { formatNumber, pointText } from "../numbers.js";
import { pythonHead } from "../python.js";
import { markerPath } from "../surfaces/markers.js";
import { pairs, polyline } from "../tracks.js";

export const taylorView = {
  height: square,
  compute: (lab) => runTaylor(lab.engine, lab.S),
  axes(lab, W, H) {
    const R = lab.R ?? runTaylor(lab.engine, lab.S);
    if (lab.S.zoom) return fit([[...R.z], R.ends.ddim, R.ends.genie, R.ends.taylor3, [...R.arc.end]], W, H, 1e-3);
    return fit(
      [
        ...pairs(R.track.path).filter((p) => Math.abs(p[0]) < 3.5 && Math.abs(p[1]) < 3.5),
        ...R.mix.means.map((m) => [...m]),
        [...R.z],
      ],
      W,
      H,
      1,
      0.1,
    );
  },
  draw(s, lab, W, H, R) {
    const A = this.axes(lab, W, H);
    const t = s.theme;
    const orders = [
      ["ddim", 1],
      ["genie", 2],
      ["taylor3", 3],
    ].filter(([name]) => lab.S.solvers.includes(name));
    const curve = (order) => Array.from({ length: 41 }, (_, i) => R.ends.at((R.ends.h * i) / 40, order));
    s.clip(A.x, A.y, A.w, A.h, () => {
      s.image(density(lab, R.mix, R.gn, A), A.x, A.y, A.w, A.h);
      s.stroke({ color: t.exact, width: 1.4, dash: "dash", alpha: 0.9 }, polyline(A, pairs(R.track.path)));
      s.stroke({ color: t.exact, width: 6, alpha: 0.6 }, polyline(A, pairs(R.arc.path)));
      for (const [name, order] of orders) {
        const style = styleOf(lab, name);
        s.stroke({ color: style.color, width: 2.2 }, polyline(A, curve(order)));
        s.stroke({ color: style.color, width: 1.4, dash: "dot" }, polyline(A, [R.ends[name], [...R.arc.end]]));
      }
      for (const [name] of orders)
        s.fill({ color: styleOf(lab, name).color }, (pen) =>
          markerPath(pen, styleOf(lab, name).marker, A.px(R.ends[name][0]), A.py(R.ends[name][1]), 5),
        );
      s.stroke({ color: t.fg, width: 1.6 }, (pen) => pen.circle(A.px(R.arc.end[0]), A.py(R.arc.end[1]), 6.5));
      s.fill({ color: t.fg }, (pen) => pen.circle(A.px(R.z[0]), A.py(R.z[1]), 4));
    });
    drawAxes(s, A, { xName: "x̄₁", yName: "x̄₂" });
    const names = { ddim: "tangent", genie: "parabola", taylor3: "cubic" };
    endLabels(s, A, [
      ...orders.map(([name]) => ({ p: R.ends[name], text: names[name] })),
      { p: R.arc.end, text: "exact" },
      { p: R.z, text: "now" },
    ]);
  },
  handles: () => [],
  readout: (lab, R) => ({
    head: ["one step", "ends off by"],
    rows: ["ddim", "genie", "taylor3"]
      .map((name, i) => ({
        label: ["tangent (DDIM)", "parabola (GENIE)", "cubic (Taylor 3)"][i],
        style: name,
        cells: [{ name: `error_${name}`, value: R.errors[name], text: formatNumber(R.errors[name]) }],
      }))
      .concat([
        { label: "γ", cells: [{ name: "gamma", value: R.g, text: `${formatNumber(R.g)} → ${formatNumber(R.gn)}` }] },
      ]),
  }),
  summary: (lab, R) =>
    `A step from γ = ${formatNumber(R.g)} to ${formatNumber(R.gn)}: the tangent ends ${formatNumber(R.errors.ddim)} from the exact point, the parabola ${formatNumber(R.errors.genie)}, the cubic ${formatNumber(R.errors.taylor3)}.`,
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
    ...[
      ["ddim", 1],
      ["genie", 2],
      ["taylor3", 3],
    ].flatMap(([name, order]) =>
      Array.from({ length: 21 }, (_, i) => [name, R.g + (R.ends.h * i) / 20, ...R.ends.at((R.ends.h * i) / 20, order)]),
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
