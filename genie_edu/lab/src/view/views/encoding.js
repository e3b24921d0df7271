// @ts-check

import { runEncoding } from "../../engine/encoding.js";
import { alphaOf, gammaOf } from "../../maths/clocks.js";
import { drawAxes } from "../axes.js";
import { shadeEnd } from "../density.js";
import { PANEL_TICKS, panelAxes, twoPanels } from "../fields.js";
import { labelOf, shortLabel, styleOf } from "../labels.js";
import { clamp, countOf, formatNumber } from "../numbers.js";
import { pointHandle } from "../places.js";
import { py, pythonHead } from "../python.js";
import { errorRow, MOST_ROWS, pathRows } from "../rows.js";
import { endPixels, trackPens } from "../tracks.js";

const slopeText = (v) => (Number.isFinite(v) ? v.toFixed(1) : "-");

/** A point and its code: the way up, the way back, and the errors of both. */
export const encodingView = {
  broad: true,
  coarse: true,
  slow: ["n_steps", "spacing", "probe"],
  height: (W) => (W < 560 ? Math.round(1.7 * W + 80) : Math.round(clamp(0.46 * W, 300, 400))),
  compute: (lab) => runEncoding(lab.engine, lab.S, lab.dragging),
  draw(s, lab, W, H, R) {
    const [left, right] = twoPanels(W, H).map(panelAxes);
    const gEnd = gammaOf(lab.S.t_end);
    const f = alphaOf(gEnd);
    const last = lab.S.n_steps * 2 * R.n;
    const t = s.theme;
    const ring = { color: t.fg, radius: 6, marker: "circle", ring: true, alpha: 0.8 };
    const others = { color: t.exact, radius: 2, marker: "circle", alpha: 0.6 };
    const own = endPixels(left, 1);
    const ownCode = endPixels(right, 1);
    s.clip(left.x, left.y, left.w, left.h, () => {
      shadeEnd(s, lab, R.mix, gEnd, left);
      s.stamp(endPixels(left, R.n)(R.data, 0, f), others);
      const path = trackPens(left, R.n);
      s.stroke({ color: t.exact, width: 2, alpha: 0.5 }, path(R.code.path, R.code.gamma, 1));
      for (const { solver, up, back } of R.results) {
        const { color, marker, dash } = styleOf(lab, solver);
        s.stroke({ color, width: 1.3, alpha: 0.8 }, path(up.path, up.gammas, 1));
        s.stroke(
          { color, width: 1.3, alpha: 0.8, dash: dash === "solid" ? "dot" : dash },
          path(back.path, back.gammas, 1),
        );
        s.stamp(own(back.path, last, f), { color, radius: 4, marker, alpha: 0.95 });
      }
      s.stamp(own(R.data, 0, f), ring);
    });
    s.clip(right.x, right.y, right.w, right.h, () => {
      s.stamp(endPixels(right, R.n)(R.code.end, 0, 1 / R.scale), others);
      for (const { solver, up } of R.results) {
        const { color, marker } = styleOf(lab, solver);
        s.stamp(ownCode(up.path, last, 1 / R.scale), { color, radius: 4, marker, alpha: 0.95 });
      }
      s.stamp(ownCode(R.code.end, 0, 1 / R.scale), ring);
    });
    for (const [A, title] of /** @type {const} */ ([
      [left, "data: the way up, and back (dotted)"],
      [right, "codes"],
    ])) {
      drawAxes(s, A, { xName: "x₁", yName: "x₂", ...PANEL_TICKS });
      s.text(title, A.x, A.y - 12, { size: 12.5, weight: 600, room: A.w });
    }
  },
  handles: (lab, W, H) => [pointHandle(lab.S, panelAxes(twoPanels(W, H)[0]), "probe", "Data point at")],
  readout: (lab, R) => ({
    head: ["median of all points", "code", "slope", "round trip", "slope"],
    note:
      "the ring on the left is the point that you move, the one on the right its exact code; slopes: of each error " +
      "from these steps to twice as many",
    rows: R.results.map((r) =>
      errorRow(r.solver, [
        ["code", r.errors[0]],
        ["code_slope", r.slopes[0], slopeText(r.slopes[0])],
        ["trip", r.errors[1]],
        ["trip_slope", r.slopes[1], slopeText(r.slopes[1])],
      ]),
    ),
  }),
  summary(lab, R) {
    const said = R.results.map(
      (r) => `${shortLabel(lab, r.solver)} ${formatNumber(r.errors[0])} and ${formatNumber(r.errors[1])}`,
    );
    return `${countOf(lab.S.n_steps, "step")} each way. Error of the code, and of the round trip: ${said.join("; ")}.`;
  },
  table(lab, R) {
    const n = Math.min(R.n, MOST_ROWS);
    const at = (p, o, i, k = 1) => `${formatNumber(k * p[o + 2 * i])}, ${formatNumber(k * p[o + 2 * i + 1])}`;
    const last = lab.S.n_steps * 2 * R.n;
    return {
      caption: `Points and codes${n < R.n ? `, the first ${n}` : ""}`,
      head: ["point", "data", "exact code", ...R.results.map((r) => `code by ${labelOf(lab, r.solver)}`)],
      rows: Array.from({ length: n }, (_, i) => [
        String(i + 1),
        at(R.data, 0, i),
        at(R.code.end, 0, i, 1 / R.scale),
        ...R.results.map((r) => at(r.up.path, last, i, 1 / R.scale)),
      ]),
    };
  },
  csv: (lab, R) => pathRows(lab.S, R),
  python: (S) => [
    ...pythonHead(S),
    "data = ge.exact_solution(flow, x_bar, gammas[[0, -1]])[-1]",
    `data[0] = torch.tensor(${py(S.probe)}, dtype=torch.float64)`,
    "scale = float(torch.sqrt(1 + gammas[0] ** 2))",
    "exact = ge.exact_solution(flow, data, gammas[[-1, 0]])[-1]",
    `for solver in ${py(S.solvers)}:`,
    "    code = ge.encode(flow, data, gammas.flip(0), solver)",
    "    back = ge.solve(flow, code.end, gammas, solver)",
    "    errors = ge.end_point_error(code.end, exact) / scale, ge.end_point_error(back.end, data)",
    '    print(solver, *(f"{e:.3g}" for e in errors))',
  ],
};
