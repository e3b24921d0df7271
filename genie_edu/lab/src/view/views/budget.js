// @ts-check

import { runBudget } from "../../engine/learned.js";
import { drawField, panelAxes, twoPanels } from "../fields.js";
import { shortLabel } from "../labels.js";
import { clamp, countOf, formatNumber } from "../numbers.js";
import { learnedHead, py } from "../python.js";
import { learnedRows, MOST_ROWS, row } from "../rows.js";

/** The solver's error and the model's on a learned field. */
export const budgetView = {
  broad: true,
  coarse: true,
  slow: ["n_steps", "spacing", "solver", "afs"],
  height: (W) => (W < 560 ? Math.round(1.7 * W + 80) : Math.round(clamp(0.46 * W, 300, 400))),
  compute: (lab) => runBudget(lab.engine, lab.S, lab.dragging, lab.config.networks),
  draw(s, lab, W, H, R) {
    const [first, second] = twoPanels(W, H).map(panelAxes);
    const solver = lab.S.solver;
    drawField(s, lab, first, R, {
      truth: R.exact,
      runs: [{ solver, run: R.plain }],
      rings: R.exact.end,
      title: "the exact field",
    });
    drawField(s, lab, second, R, {
      truth: R.truth,
      runs: [{ solver, run: R.run }],
      rings: R.exact.end,
      title: "the learned field",
    });
  },
  handles: () => [],
  readout(lab, R) {
    const most = Math.max(R.solverError, R.modelError, R.totalError);
    const part = (label, name, value) => row(label, name, value, undefined, { bar: value / most });
    return {
      head: ["on the learned field", "error"],
      note:
        "rings: exact end points; grey points, on the right: where the learned field itself leads. Medians over the " +
        "starts.",
      rows: [
        part("solver error: from the learned ODE's end", "solver_error", R.solverError),
        part("model error: the learned ODE's end from the exact one", "model_error", R.modelError),
        part("total error: from the exact end", "total_error", R.totalError),
        row("the same solver on the exact field", "error_exact_field", R.plainError),
      ],
    };
  },
  summary(lab, R) {
    const S = lab.S;
    const larger =
      R.solverError > 2 * R.modelError
        ? "Most of it is the solver's: more steps or a higher order help"
        : R.modelError > 2 * R.solverError
          ? "Most of it is the network's: more steps do not help"
          : "Solver and network have a like share";
    return (
      `${shortLabel(lab, S.solver)}, ${countOf(S.n_steps, "step")} on the learned field: total error ` +
      `${formatNumber(R.totalError)}, of the solver ${formatNumber(R.solverError)}, of the model ` +
      `${formatNumber(R.modelError)}. ${larger}.`
    );
  },
  table(lab, R) {
    const at = lab.S.n_steps * 2 * R.n;
    const off = (a, o, b, i) => formatNumber(Math.hypot(a[o + 2 * i] - b[2 * i], a[o + 2 * i + 1] - b[2 * i + 1]));
    const n = Math.min(R.n, MOST_ROWS);
    return {
      caption: `Errors start by start${n < R.n ? `, the first ${n}` : ""}`,
      head: ["start", "solver", "model", "total"],
      rows: Array.from({ length: n }, (_, i) => [
        String(i + 1),
        off(R.run.path, at, R.truth.end, i),
        off(R.truth.end, 0, R.exact.end, i),
        off(R.run.path, at, R.exact.end, i),
      ]),
    };
  },
  csv: (lab, R) => learnedRows(lab.S, R),
  python: (S) => [
    ...learnedHead(S),
    "exact = ge.exact_solution(flow, x_bar, gammas)[-1]",
    `end = ge.solve(learned, x_bar, gammas, solver=${py(S.solver)}, afs=${py(S.afs)}).x_bar[-1]`,
    'print("solver_error", f"{ge.end_point_error(end, truth):.3g}")',
    'print("model_error", f"{ge.end_point_error(truth, exact):.3g}")',
    'print("total_error", f"{ge.end_point_error(end, exact):.3g}")',
  ],
};
