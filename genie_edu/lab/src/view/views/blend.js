// @ts-check

import { isNumber } from "../../engine/schema.js";
import { SOLVERS } from "../../maths/solvers.js";
import { labelOf, SPACING_NAMES, shortLabel, styleOf } from "../labels.js";
import { formatNumber } from "../numbers.js";
import { py } from "../python.js";
import { errorRow } from "../rows.js";
import { drawTiles, KINDS, seedsNote, TOP, WORDS } from "../tiles.js";
import { imagesView } from "./images.js";

export const blendView = {
  broad: true,
  hover: true,
  refuse(lab, S) {
    const { nfes, spacings, solvers, columns } = lab.sheet;
    const missing = [S.solver, S.rival].find((s) => !solvers.includes(s));
    if (!nfes.includes(S.nfe)) throw new RangeError(`nfe must be one of ${nfes.join(", ")}`);
    if (S.grid !== "best" && !spacings.includes(S.grid)) throw new RangeError(`no images on the grid ${S.grid}`);
    if (missing) throw new RangeError(`no images of ${missing}`);
    if (S.solver === S.rival) throw new RangeError("solver and rival must be two different solvers");
    if (S.column >= columns) throw new RangeError(`column must lie from 0 to ${columns - 1}`);
  },
  place: (lab, W) => imagesView.place(lab, W),
  height(W, lab) {
    const { c, pitch } = this.place(lab, W);
    return TOP + 4 * pitch + (c < lab.sheet.columns ? 14 : 0);
  },
  compute(lab) {
    const { S, sheet } = lab;
    const own = sheet.reference.row;
    const ready = Boolean(sheet.picture);
    const [a, b] = [S.solver, S.rival].map((solver) => {
      const run = sheet.best(solver, S.derivative, S.grid, S.nfe);
      const calls = SOLVERS[solver].calls ?? 1;
      return {
        ...run,
        label: shortLabel(labelOf(lab, solver)) + KINDS[run.derivative],
        on: run.row === null ? "-" : SPACING_NAMES[run.spacing] + (run.afs ? ", analytic first step" : ""),
        pixel: ready && run.row !== null ? sheet.distance(run.row, S.column) : NaN,
        why:
          run.row !== null
            ? ""
            : S.nfe % calls
              ? `${WORDS[calls]} calls a step: exactly ${S.nfe} can't be spent`
              : `no run of ${S.nfe} calls on this grid`,
      };
    });
    const both = ready && a.row !== null && b.row !== null;
    const seeds = Array.from({ length: sheet.columns }, (_, k) => k);
    if (!sheet.picture)
      sheet.ready.then(
        () => lab.request(),
        () => {
          lab.root.dataset.problem = "the images can't be read";
        },
      );
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
  draw(s, lab, W, H, { sheet, a, b, both }) {
    const { S } = lab;
    const mixed = {
      blend: `${Math.round(100 * (1 - S.blend))} % ${a.label}, ${Math.round(100 * S.blend)} % ${b.label}`,
      swipe: `left ${a.label}, right ${b.label}`,
      difference: `how far ${a.label} and ${b.label} are apart`,
    }[S.mixing];
    const said = (q) => (q.row === null ? "" : `error ${formatNumber(q.error)}`);
    const P = this.place(lab, W);
    drawTiles(s, lab, P, [
      { label: sheet.reference.label, strip: () => sheet.changed(sheet.reference.row) },
      { ...a, style: styleOf(lab, a.solver), said: said(a), strip: a.row === null ? null : () => sheet.changed(a.row) },
      {
        label: mixed,
        style: { color: s.theme.accent, marker: "square", dash: "solid" },
        why: a.why || b.why,
        strip: both || (a.row !== null && b.row !== null) ? () => sheet.mixed(a.row, b.row, S.mixing, S.blend) : null,
      },
      { ...b, style: styleOf(lab, b.solver), said: said(b), strip: b.row === null ? null : () => sheet.changed(b.row) },
    ]);
    seedsNote(s, lab, P, H);
  },
  handles: (lab, W) => imagesView.handles.call(imagesView, lab, W),
  press: (lab, x, y, W) => imagesView.press.call(imagesView, lab, x, y, W),
  readout: (lab, { sheet, a, b, between, closer }) => ({
    head: ["same seeds", "error", "Fréchet", "this seed"],
    note: "error: distance from where the network's own ODE ends, the median over many starts; Fréchet: distance of the samples from the data, in a classifier's features; this seed: mean difference of the highlighted images from the first line's, in levels of 0 to 255",
    rows: [
      ...[a, b].flatMap((q) => [
        {
          label: q.label,
          ...errorRow(lab, q.solver, [
            ["error", q.error],
            ["frechet", q.frechet],
            ["pixel", q.pixel],
          ]),
        },
        { label: "its grid", cells: [{ name: "run_grid", solver: q.solver, value: q.on, text: q.on }] },
      ]),
      {
        label: "this seed, one from the other",
        cells: [{ name: "between", value: between, text: formatNumber(between) }],
      },
      {
        label: `seeds at which ${a.label} is nearer to the own ODE`,
        cells: [{ name: "closer", value: closer, text: isNumber(closer) ? `${closer} of ${sheet.columns}` : "-" }],
      },
      { label: "calls of eps", cells: [{ name: "nfe", value: lab.S.nfe, text: String(lab.S.nfe) }] },
      {
        label: "highlighted seed",
        cells: [{ name: "column", value: lab.S.column, text: `${lab.S.column + 1} of ${sheet.columns}` }],
      },
    ],
  }),
  summary(lab, { sheet, a, b, closer }) {
    const said = (q) => (q.row === null ? `${q.label} none (${q.why})` : `${q.label} ${formatNumber(q.error)}`);
    return `${lab.S.nfe} calls of eps each. Error: ${said(a)}; ${said(b)}.${isNumber(closer) ? ` ${a.label} is nearer to the network's own ODE at ${closer} of ${sheet.columns} seeds.` : ""}`;
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
      .map((q) => [
        q.solver,
        q.derivative,
        q.spacing,
        q.afs,
        q.nfe,
        ...[q.error, q.frechet].map((v) => (isNumber(v) ? v : "")),
      ]),
  ],
  python(S, lab) {
    const { a, b, both, sheet } = lab.R;
    const name = lab.config.sheet;
    const there = [a, b].filter((q) => q.row !== null).map((q) => q.row);
    return [
      "import json",
      "",
      "import genie_edu as ge",
      "from genie_edu.images import read_png, rows_of",
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
