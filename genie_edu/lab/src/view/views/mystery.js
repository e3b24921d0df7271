// @ts-check

import { runMystery } from "../../engine/orders.js";
import { DIAGNOSES, PREDICTIONS } from "../../maths/mysteries.js";
import { countOf, formatNumber } from "../numbers.js";
import { PYTHON_FIT, py, pythonEnds, pythonGrid } from "../python.js";
import { row } from "../rows.js";
import { fittedSlope, orderView, slopeCells } from "./order.js";

/** A sampler with a defect to diagnose, beside DDIM. */
export const mysteryView = {
  height: orderView.height,
  compute: (lab) => runMystery(lab.engine, lab.S),
  draw(s, lab, W, H, R) {
    const style = { label: lab.S.mystery, color: s.theme.fg, marker: "square", dash: "solid" };
    orderView.draw(s, lab, W, H, { results: [{ ...R.mystery, style }, R.ddim] });
  },
  handles: () => [],
  readout(lab, R) {
    const S = lab.S;
    const at = (r) => r.points.find((p) => p.N === S.n_steps)?.error ?? NaN;
    const [slope, range] = slopeCells(S.committed ? R.mystery.fit : null);
    const truth = `${DIAGNOSES[R.row.diagnosis]}. ${R.row.why.replace(/\^2/g, "²")}`;
    let verdict = `No verdict yet: ${R.enough ? "choose a diagnosis" : "measure four step counts, then choose"}.`;
    if (R.ready && R.right) verdict = `Right: ${truth}`;
    else if (R.ready && S.revealed) verdict = `No. What is wrong is this: ${truth}`;
    else if (R.ready) verdict = `No. A hint: ${PREDICTIONS[S.diagnosis]}`;
    return {
      head: null,
      rows: [
        row(`error at N = ${S.n_steps}`, "error", at(R.mystery)),
        row("error / DDIM's", "ratio", at(R.mystery) / at(R.ddim)),
        row("slope", ...slope),
        row("fitted on N =", ...range),
      ],
      after: [{ name: "verdict", value: R.ready ? verdict : NaN, text: verdict }],
    };
  },
  summary(lab, R) {
    const S = lab.S;
    const k = S.counts.length;
    const name = `Mystery ${S.mystery}`;
    if (R.ready) return `${name}: ${R.right ? "your diagnosis is right" : "your diagnosis does not hold"}.`;
    if (!R.enough) return `${name}: ${countOf(k, "step count")} measured, ${4 - k} more for a diagnosis.`;
    if (!S.committed)
      return (
        `${name}: ${k} step counts measured. Set the slope that the claim promises and draw it: ` +
        "the fitted one appears."
      );
    return `${name}: ${fittedSlope(R.mystery.fit)}; the claim is ${R.row.order}. Which diagnosis fits?`;
  },
  table: (lab, R) => ({
    caption: `Error by step count${lab.S.against === "before" ? ", against the exact point one level earlier" : ""}`,
    head: ["N", `mystery ${lab.S.mystery}`, "DDIM", "ratio"],
    rows: R.mystery.points.map((p, i) => [
      String(p.N),
      formatNumber(p.error),
      formatNumber(R.ddim.points[i].error),
      formatNumber(p.error / R.ddim.points[i].error),
    ]),
  }),
  csv: (lab, R) => [
    ["n_steps", "nfe", "error", "error_ddim"],
    ...R.mystery.points.map((p, i) => [p.N, p.nfe, p.error, R.ddim.points[i].error]),
  ],
  python: (S) => [
    ...pythonEnds(S),
    "from genie_edu.exercises.mysteries import MYSTERIES",
    "",
    "def error(n):",
    `    ${pythonGrid(S, "n")}`,
    "    levels = flow.schedule.gamma(t)",
    ...(S.against === "before" ? ["    exact = ge.exact_solution(flow, x_bar, levels[[0, -2]])[-1]"] : []),
    `    return ge.end_point_error(MYSTERIES[${py(S.mystery)}].sampler(flow, x_bar, levels), exact)`,
    "",
    `counts = ${py(S.counts)}`,
    "errors = [error(n) for n in counts]",
    'print("errors", [float(f"{e:.3g}") for e in errors])',
    ...PYTHON_FIT,
  ],
};
