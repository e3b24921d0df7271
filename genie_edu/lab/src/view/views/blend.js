// @ts-check

import { isNumber } from "../../engine/schema.js";
import { SPACING_NAMES, styleOf } from "../labels.js";
import { drawLarge, largeHeight } from "../large.js";
import { formatNumber, MISSING } from "../numbers.js";
import { py } from "../python.js";
import { refuseColumn, refuseOnePair, refuseUnrecorded } from "../refusals.js";
import { row } from "../rows.js";
import {
  awaitPicture,
  columnHandles,
  drawTiles,
  measuredCells,
  pressColumn,
  sampledFacts,
  sampledLine,
  sampledRow,
  sampleHead,
  sampleNote,
  seedsNote,
  tilesHeight,
} from "../tiles.js";

/** Two solvers' images of the same seeds, laid over each other. */
export const blendView = {
  broad: true,
  hover: true,
  refuse(lab, S) {
    refuseUnrecorded(lab.sheet, S, [S.solver, S.rival], S.grid);
    refuseOnePair(S);
    refuseColumn(lab.sheet, S);
  },
  height: (W, lab) => tilesHeight(lab, W, 4) + largeHeight(lab, W, 4),
  compute(lab) {
    const { S, sheet } = lab;
    const own = sheet.reference.row;
    const ready = Boolean(sheet.picture);
    const [a, b] = [S.solver, S.rival].map((solver) => {
      const run = sheet.best(solver, S.derivative, S.grid, S.nfe);
      const grid = SPACING_NAMES[run.spacing] + (run.afs ? ", analytic first step" : "");
      return { ...sampledLine(lab, run), on: run.row === null ? MISSING : grid };
    });
    const both = ready && a.row !== null && b.row !== null;
    const seeds = Array.from({ length: sheet.columns }, (_, k) => k);
    awaitPicture(lab);
    return {
      sheet,
      a,
      b,
      both,
      between: both ? sheet.apart(a.row, b.row, S.column) : NaN,
      closer: both ? seeds.filter((k) => sheet.apart(a.row, own, k) < sheet.apart(b.row, own, k)).length : NaN,
      waiting: !ready,
    };
  },
  draw(s, lab, W, _H, { sheet, a, b }) {
    const { S } = lab;
    const mixed = {
      blend: `${Math.round(100 * (1 - S.blend))} % ${a.label}, ${Math.round(100 * S.blend)} % ${b.label}`,
      swipe: `left ${a.label}, right ${b.label}`,
      difference: `how far ${a.label} and ${b.label} are apart`,
    }[S.mixing];
    const lineOf = (q) => ({
      ...q,
      style: styleOf(lab, q.solver),
      said: q.row === null ? "" : `error ${formatNumber(q.error)}`,
      strip: q.row === null ? null : () => sheet.strip(q.row),
    });
    const lines = [
      { label: sheet.reference.label, name: "own ODE", strip: () => sheet.strip(sheet.reference.row) },
      lineOf(a),
      {
        label: mixed,
        name: S.mixing === "difference" ? "difference" : "both",
        style: { label: mixed, color: s.theme.accent, marker: "square", dash: "solid" },
        why: a.why || b.why,
        edge: S.mixing === "swipe" ? 1 - S.blend : undefined,
        strip: a.row !== null && b.row !== null ? () => sheet.mixed(a.row, b.row, S.mixing, S.blend) : null,
      },
      lineOf(b),
    ];
    drawTiles(s, lab, W, lines);
    drawLarge(s, lab, W, tilesHeight(lab, W, 4), lines);
    seedsNote(s, lab, W, tilesHeight(lab, W, 4));
  },
  handles: columnHandles,
  press: (lab, x, _y, W) => pressColumn(lab, x, W),
  readout: (lab, { sheet, a, b, between, closer }) => ({
    head: sampleHead(lab),
    note: sampleNote(lab),
    rows: [
      ...[a, b].flatMap((q) => [sampledRow(lab)(q), row("its grid", "run_grid", q.on, q.on, { solver: q.solver })]),
      row("this seed, one from the other", "between", between),
      row(
        `seeds at which ${a.label} is nearer to the own ODE`,
        "closer",
        closer,
        isNumber(closer) ? `${closer} of ${sheet.columns}` : MISSING,
      ),
      ...sampledFacts(lab),
    ],
  }),
  summary(lab, { sheet, a, b, closer }) {
    const said = (q) => (q.row === null ? `${q.label} none (${q.why})` : `${q.label} ${formatNumber(q.error)}`);
    const nearer = isNumber(closer)
      ? ` ${a.label} is nearer to the network's own ODE at ${closer} of ${sheet.columns} seeds.`
      : "";
    return `${lab.S.nfe} calls of eps each. Error: ${said(a)}; ${said(b)}.${nearer}`;
  },
  table(lab, { sheet, a, b }) {
    const { S } = lab;
    const at = (q, nfe) => sheet.best(q.solver, S.derivative, S.grid, nfe);
    return {
      caption: "Error and Fréchet distance by calls",
      head: ["calls", ...[a, b].flatMap((q) => [`${q.label}: error`, "Fréchet"])],
      rows: sheet.nfes.map((nfe) => [
        String(nfe),
        ...[a, b].flatMap((q) => [formatNumber(at(q, nfe).error), formatNumber(at(q, nfe).frechet)]),
      ]),
    };
  },
  csv: (lab, { sheet, a, b }) => [
    ["solver", "derivative", "spacing", "afs", "nfe", "error", "frechet"],
    ...[a, b]
      .flatMap((q) => sheet.nfes.map((nfe) => sheet.best(q.solver, lab.S.derivative, lab.S.grid, nfe)))
      .filter((q) => q.row !== null)
      .map((q) => [q.solver, q.derivative, q.spacing, q.afs, q.nfe, ...measuredCells(q)]),
  ],
  python(S, lab) {
    const { a, b, both, sheet } = lab.R;
    const name = lab.config.sheet;
    const there = [a, b].filter((q) => q.row !== null).map((q) => q.row);
    return [
      "import json",
      "",
      "import genie_edu as ge",
      "from genie_edu.datasets.images import read_png, rows_of",
      "",
      `sheet = json.loads(ge.data.shipped(${py(`${name}/sheet.json`)}).read_text())`,
      `tiles = rows_of(read_png(ge.data.shipped(${py(`${name}/sheet.png`)})), sheet["tile"]).astype(float)`,
      `tiles, column = tiles[:, :${sheet.columns}], ${S.column}`,
      'own = tiles[sheet["reference"]["row"]]',
      "",
      "def apart(a, b):",
      "    return abs(a - b).reshape(len(a), -1).mean(1)",
      "",
      `for run in sheet["rows"]:`,
      `    if run["row"] in ${py(there)}:`,
      '        pixel = apart(tiles[run["row"]], own)[column]',
      '        print(run["solver"], run["error"], run["frechet"], f"{pixel:.3g}")',
      ...(both
        ? [
            `a, b = tiles[${a.row}], tiles[${b.row}]`,
            'print("between", f"{apart(a, b)[column]:.3g}")',
            'print("closer", int((apart(a, own) < apart(b, own)).sum()))',
          ]
        : []),
    ];
  },
};
