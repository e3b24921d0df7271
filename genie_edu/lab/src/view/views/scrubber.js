// @ts-check

import { runScrubber } from "../../engine/learned.js";
import { axes, drawAxes } from "../axes.js";
import { drawField, panelAxes, twoPanels } from "../fields.js";
import { styleOf } from "../labels.js";
import { clamp, countOf, formatNumber } from "../numbers.js";
import { horizontal, line, vertical } from "../pens.js";
import { learnedHead, py } from "../python.js";
import { errorRow, learnedRows, row } from "../rows.js";
import { markerPath } from "../surfaces/markers.js";
import { budgetView } from "./budget.js";

/** GENIE with the distilled head as it was at steps of its training. */
export const scrubberView = {
  broad: true,
  coarse: true,
  slow: ["n_steps", "spacing", "afs"],
  height: budgetView.height,
  compute: (lab) => runScrubber(lab.engine, lab.S, lab.dragging, lab.config.networks),
  draw(s, lab, W, H, R) {
    const [first, second] = twoPanels(W, H);
    const t = s.theme;
    const last = R.heads.length - 1;
    drawField(s, lab, panelAxes(first), R, {
      truth: R.truth,
      runs: [{ ...R.ddim, faint: true }, { ...R.genie, faint: true }, R.head],
      rings: R.truth.end,
      title: "end points on the learned field",
    });
    const all = [R.ddim.error, R.genie.error, R.head.error, ...(R.curve ?? [])]
      .filter((e) => e > 0 && Number.isFinite(e))
      .map(Math.log10);
    const low = all.length ? Math.floor(5 * (Math.min(...all) - 0.15)) / 5 : -2;
    const high = all.length ? Math.ceil(5 * (Math.max(...all) + 0.1)) / 5 : 0;
    const A = axes(second, [-0.3, last + 0.3], [low, high]);
    const marks = [1, 2, 5]
      .flatMap((m) => Array.from({ length: 9 }, (_, k) => Math.log10(m) + k - 6))
      .filter((v) => v >= low && v <= high);
    drawAxes(s, A, {
      xName: "training steps of the head",
      yName: "error",
      xTicks: R.heads.map((_, k) => k),
      xFormat: (k) => (W > 420 || k % 2 === last % 2 ? String(R.heads[k].step) : ""),
      yTicks: marks.length > 1 ? marks : [low, high],
      yFormat: (v) => formatNumber(10 ** v).replace(/\.?0+$/, ""),
      grid: true,
    });
    const y = (e) => clamp(A.py(Math.log10(Math.max(e, 1e-12))), A.y, A.y + A.h);
    const head = styleOf(lab, "head");
    for (const [r, text] of [
      [R.ddim, "DDIM"],
      [R.genie, "exact derivative"],
    ]) {
      const style = styleOf(lab, r.solver);
      s.stroke({ color: style.color, width: 2, dash: "dash" }, horizontal(A, y(r.error)));
      s.text(text, A.x + A.w - 4, y(r.error) + (r === R.ddim ? -9 : 10), {
        size: 11.5,
        align: "right",
        weight: 600,
        halo: true,
      });
    }
    const mark = (points, r) =>
      s.fill({ color: head.color }, (pen) => {
        for (const [px, py] of points) markerPath(pen, head.marker, px, py, r);
      });
    if (R.curve) {
      const points = R.curve.map((e, k) => [A.px(k), y(e)]);
      s.stroke({ color: head.color, width: 1.8 }, line(points));
      mark(points, 3.4);
    }
    s.stroke({ color: t.accent, width: 1.4, dash: "dash" }, vertical(A, A.px(R.now)));
    mark([[A.px(R.now), y(R.head.error)]], 6);
    s.text("the head, step by step of its training", A.x, A.y - 12, { size: 12.5, weight: 600, room: A.w });
  },
  handles: () => [],
  readout: (lab, R) => ({
    head: ["on the learned field", "error"],
    note: "error: from the end points of the learned ODE itself (rings), median over the starts",
    rows: [
      ...R.results.map((r) => errorRow(r.solver, [["error", r.error]])),
      row("training steps of the head", "step", R.step, String(R.step)),
      row("R² of its derivative", "r2", R.r2, R.r2.toFixed(3)),
    ],
  }),
  summary(lab, R) {
    const [ddim, genie, head] = R.results.map((r) => formatNumber(r.error));
    return (
      `${countOf(lab.S.n_steps, "step")}: DDIM ends ${ddim} off, GENIE with the exact derivative ${genie}, with the ` +
      `head after ${R.step} training steps ${head}; that head explains ${(100 * R.r2).toFixed(1)} % of the derivative.`
    );
  },
  table: (lab, R) => ({
    caption: "The head through its training",
    head: ["training steps", "R²", "error of GENIE with it", "as a share of DDIM's"],
    rows: R.heads.map((q, k) => {
      const e = R.curve ? R.curve[k] : NaN;
      return [String(q.step), q.r2.toFixed(3), formatNumber(e), formatNumber(e / R.ddim.error)];
    }),
  }),
  csv: (lab, R) => learnedRows(lab.S, R),
  python: (S) => [
    "import json",
    ...learnedHead(S),
    'record = json.loads(ge.data.shipped("mixture_2d/lab_networks.json").read_text())["head"]',
    `snapshot = record["snapshots"][${S.checkpoint}]`,
    'head = ge.GenieHead(**record["config"]).double()',
    'weights = snapshot["weights"].items()',
    'head.load_state_dict({k: torch.tensor(w["values"]).reshape(w["shape"]) for k, w in weights})',
    'runs = {"ddim": (learned, "ddim"), "genie": (learned, "genie"), "head": (ge.NetworkFlow(net, head), "genie")}',
    "for name, (field, solver) in runs.items():",
    `    end = ge.solve(field, x_bar, gammas, solver=solver, afs=${py(S.afs)}).x_bar[-1]`,
    '    print(name, f"{ge.end_point_error(end, truth):.3g}")',
    'print("step", snapshot["step"])',
    'print("r2", snapshot["r2"])',
  ],
};
