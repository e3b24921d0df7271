// @ts-check

import { isNumber } from "../../engine/schema.js";
import { SOLVERS } from "../../maths/solvers.js";
import { labelOf, SPACING_NAMES, shortLabel, styleOf } from "../labels.js";
import { clamp, formatNumber } from "../numbers.js";
import { py } from "../python.js";
import { errorRow } from "../rows.js";
import { BETWEEN, drawTiles, GAP, KINDS, LABEL, seedsNote, TOP, tileSide, WORDS } from "../tiles.js";

export const imagesView = {
  broad: true,
  hover: true,
  refuse(lab, S) {
    const { nfes, spacings, solvers, columns } = lab.sheet;
    const missing = S.solvers.find((s) => !solvers.includes(s));
    if (!nfes.includes(S.nfe)) throw new RangeError(`nfe must be one of ${nfes.join(", ")}`);
    if (!spacings.includes(S.spacing)) throw new RangeError(`no images on the grid ${S.spacing}`);
    if (missing) throw new RangeError(`no images of ${missing}`);
    if (S.column >= columns) throw new RangeError(`column must lie from 0 to ${columns - 1}`);
  },
  /** As many columns as stay large enough, the highlighted one among them; a pixel of an image is a whole number of the screen's. */
  place(lab, W) {
    const { tile, columns } = lab.sheet;
    const least = Math.max(30, 1.5 * tile);
    const side = (c) => tileSide(tile, W, c);
    let c = columns;
    while (c > 2 && side(c) < least) c--;
    const stride = side(c) + GAP;
    const first = Math.min(c * Math.floor(lab.S.column / c), columns - c);
    const wide = c * stride - GAP;
    return {
      c,
      first,
      stride,
      wide,
      side: side(c),
      x: Math.max(0, Math.floor((W - wide) / 2)),
      pitch: LABEL + side(c) + BETWEEN,
    };
  },
  height(W, lab) {
    const { c, pitch } = this.place(lab, W);
    return TOP + (1 + lab.S.solvers.length) * pitch + (c < lab.sheet.columns ? 14 : 0);
  },
  compute(lab) {
    const { S, sheet } = lab;
    const lines = S.solvers.map((solver) => {
      const cell = sheet.cell(solver, S.derivative, S.spacing, S.nfe);
      const calls = SOLVERS[solver].calls ?? 1;
      return {
        ...cell,
        label: shortLabel(labelOf(lab, solver)) + KINDS[cell.derivative],
        steps: S.nfe / calls,
        pixel: sheet.picture && cell.row !== null ? sheet.distance(cell.row, S.column) : NaN,
        why:
          cell.row !== null
            ? ""
            : S.nfe % calls
              ? `${WORDS[calls]} calls a step: exactly ${S.nfe} can't be spent`
              : `no run of ${S.nfe} calls on this grid`,
      };
    });
    if (!sheet.picture)
      sheet.ready.then(
        () => lab.request(),
        () => {
          lab.root.dataset.problem = "the images can't be read";
        },
      );
    return { sheet, lines, waiting: !sheet.picture };
  },
  draw(s, lab, W, H, { sheet, lines }) {
    const { S } = lab;
    const P = this.place(lab, W);
    const narrow = P.wide < 460;
    drawTiles(s, lab, P, [
      { label: sheet.reference.label, strip: () => sheet.strip(sheet.reference.row) },
      ...lines.map((q) => ({
        ...q,
        style: styleOf(lab, q.solver),
        strip: q.row === null ? null : () => sheet.strip(q.row, S.show_difference),
        label: narrow || q.row === null ? q.label : `${q.label}, ${q.steps} ${q.steps === 1 ? "step" : "steps"}`,
        said:
          q.row === null ? "" : `error ${formatNumber(q.error)}${narrow ? "" : `, Fréchet ${formatNumber(q.frechet)}`}`,
      })),
    ]);
    seedsNote(s, lab, P, H);
  },
  handles(lab, W) {
    const { column } = lab.S;
    const { columns } = lab.sheet;
    const { first, stride, side, x } = this.place(lab, W);
    return [
      {
        id: "column",
        kind: "knot",
        text: String(column + 1),
        label: "Highlighted seed",
        x: x + (column - first) * stride + side / 2,
        y: 15,
        slider: { low: 1, high: columns, now: column + 1, text: `seed ${column + 1} of ${columns}`, stride },
        move: (dx) => ({ column: clamp(column + Math.round(dx / stride), 0, columns - 1) }),
      },
    ];
  },
  press(lab, x, y, W) {
    const P = this.place(lab, W);
    const column = P.first + Math.floor((x - P.x) / P.stride);
    return column >= P.first && column < P.first + P.c && column !== lab.S.column ? { column } : null;
  },
  readout: (lab, R) => ({
    head: ["same seeds", "error", "Fréchet", "this seed"],
    note: "error: distance from where the network's own ODE ends, the median over many starts; Fréchet: distance of the samples from the data, in a classifier's features; this seed: mean difference of the highlighted images from the first line's, in levels of 0 to 255",
    rows: [
      ...R.lines.map((q) => ({
        label: q.label,
        ...errorRow(lab, q.solver, [
          ["error", q.error],
          ["frechet", q.frechet],
          ["pixel", q.pixel],
        ]),
      })),
      { label: "calls of eps", cells: [{ name: "nfe", value: lab.S.nfe, text: String(lab.S.nfe) }] },
      {
        label: "highlighted seed",
        cells: [{ name: "column", value: lab.S.column, text: `${lab.S.column + 1} of ${R.sheet.columns}` }],
      },
    ],
  }),
  summary(lab, R) {
    const { S } = lab;
    const parts = R.lines.map(
      (q) =>
        `${q.label} ${q.row === null ? `none (${q.why})` : `${formatNumber(q.error)} (Fréchet distance ${formatNumber(q.frechet)})`}`,
    );
    return `${S.nfe} calls of eps each, grid ${SPACING_NAMES[S.spacing]}${S.show_difference ? "; shown is the difference from the first line" : ""}. Error: ${parts.join("; ")}.`;
  },
  table: (lab, R) => ({
    caption: `Error and Fréchet distance by calls, grid ${SPACING_NAMES[lab.S.spacing]}`,
    head: ["calls", ...R.lines.flatMap((q) => [`${q.label}: error`, "Fréchet"])],
    rows: R.sheet.nfes.map((nfe) => [
      String(nfe),
      ...R.lines.flatMap((q) => {
        const at = R.sheet.cell(q.solver, lab.S.derivative, lab.S.spacing, nfe);
        return [formatNumber(at.error), formatNumber(at.frechet)];
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
      .map((at) => [
        at.solver,
        at.derivative,
        at.spacing,
        at.nfe,
        ...[at.error, at.frechet].map((v) => (isNumber(v) ? v : "")),
      ]),
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
    '        print(row["solver"], row["error"], row["frechet"])',
  ],
};
