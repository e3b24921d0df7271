// @ts-check

import { isNumber } from "../../engine/schema.js";
import { SOLVERS } from "../../maths/solvers.js";
import { SPACING_NAMES, styleOf } from "../labels.js";
import { countOf, formatNumber } from "../numbers.js";
import { py } from "../python.js";
import { refuseColumn, refuseUnrecorded } from "../refusals.js";
import {
  awaitPicture,
  columnHandles,
  drawTiles,
  measuredCells,
  placeTiles,
  pressColumn,
  sampledFacts,
  sampledLine,
  sampledRow,
  sampleHead,
  sampleNote,
  seedsNote,
  tilesHeight,
} from "../tiles.js";

/** Sampled images of a recorded run, the same seeds for every solver. */
export const imagesView = {
  broad: true,
  hover: true,
  refuse(lab, S) {
    refuseUnrecorded(lab.sheet, S, S.solvers, S.spacing);
    refuseColumn(lab.sheet, S);
  },
  height: (W, lab) => tilesHeight(lab, W, lab.sheet.above.length + 1 + lab.S.solvers.length),
  compute(lab) {
    const { S, sheet } = lab;
    const lines = S.solvers.map((solver) => ({
      ...sampledLine(lab, sheet.cell(solver, S.derivative, S.spacing, S.nfe)),
      steps: S.nfe / (SOLVERS[solver].calls ?? 1),
    }));
    awaitPicture(lab);
    return { sheet, lines, waiting: !sheet.picture };
  },
  draw(s, lab, W, H, { sheet, lines }) {
    const { S } = lab;
    const narrow = placeTiles(lab, W).wide < 460;
    const drawn = lines.map((q) => {
      const style = styleOf(lab, q.solver);
      if (q.row === null) return { ...q, style, strip: null };
      const frechet = narrow || !isNumber(q.frechet) ? "" : `, Fréchet ${formatNumber(q.frechet)}`;
      return {
        style,
        strip: () => sheet.strip(q.row, S.show_difference),
        label: narrow ? q.label : `${q.label}, ${countOf(q.steps, "step")}`,
        said: `error ${formatNumber(q.error)}${frechet}`,
      };
    });
    const first = [...sheet.above, sheet.reference].map(({ row, label }) => ({ label, strip: () => sheet.strip(row) }));
    drawTiles(s, lab, W, [...first, ...drawn]);
    seedsNote(s, lab, W, H);
  },
  handles: columnHandles,
  press: (lab, x, _y, W) => pressColumn(lab, x, W),
  readout: (lab, R) => ({
    head: sampleHead(lab),
    note: sampleNote(lab),
    rows: [...R.lines.map(sampledRow(lab)), ...sampledFacts(lab)],
  }),
  summary(lab, R) {
    const { S } = lab;
    const parts = R.lines.map((q) => {
      if (q.row === null) return `${q.label} none (${q.why})`;
      const distance = lab.sheet.judged ? ` (Fréchet distance ${formatNumber(q.frechet)})` : "";
      return `${q.label} ${formatNumber(q.error)}${distance}`;
    });
    const shown = S.show_difference ? "; shown is the difference from the own ODE's line" : "";
    const calls = `${S.nfe} calls of eps each, grid ${SPACING_NAMES[S.spacing]}`;
    return `${calls}${shown}. Error: ${parts.join("; ")}.`;
  },
  table: (lab, R) => ({
    caption: `Error${R.sheet.judged ? " and Fréchet distance" : ""} by calls, grid ${SPACING_NAMES[lab.S.spacing]}`,
    head: ["calls", ...R.lines.flatMap((q) => [`${q.label}: error`, ...(R.sheet.judged ? ["Fréchet"] : [])])],
    rows: R.sheet.nfes.map((nfe) => [
      String(nfe),
      ...R.lines.flatMap((q) => {
        const at = R.sheet.cell(q.solver, lab.S.derivative, lab.S.spacing, nfe);
        return [formatNumber(at.error), ...(R.sheet.judged ? [formatNumber(at.frechet)] : [])];
      }),
    ]),
  }),
  csv: (lab, R) => [
    ["solver", "derivative", "spacing", "nfe", "error", "frechet"],
    ...R.lines
      .flatMap((q) =>
        R.sheet.spacings.flatMap((spacing) =>
          R.sheet.nfes.map((nfe) => R.sheet.cell(q.solver, lab.S.derivative, spacing, nfe)),
        ),
      )
      .filter((at) => at.row !== null)
      .map((at) => [at.solver, at.derivative, at.spacing, at.nfe, ...measuredCells(at)]),
  ],
  python: (S, lab) => [
    "import json",
    "",
    "import genie_edu as ge",
    "",
    `sheet = json.loads(ge.data.shipped(${py(`${lab.config.sheet}/sheet.json`)}).read_text())`,
    `chosen = [${lab.R.lines.map((q) => `(${py(q.solver)}, ${py(q.derivative)})`).join(", ")}]`,
    'for row in sheet["rows"]:',
    `    here = (row["spacing"], row["nfe"]) == (${py(S.spacing)}, ${S.nfe})`,
    '    if here and (row["solver"], row["derivative"]) in chosen:',
    `        print(row["solver"], row["error"]${lab.sheet.judged ? ', row["frechet"]' : ""})`,
  ],
};
