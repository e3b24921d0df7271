// @ts-check

import { isNumber } from "../engine/schema.js";
import { SOLVERS } from "../maths/solvers.js";
import { shortLabel } from "./labels.js";
import { clamp } from "./numbers.js";
import { box, line } from "./pens.js";
import { errorRow, row } from "./rows.js";
import { markerPath } from "./surfaces/markers.js";

/* Lines of sampled images below each other, in pixels: what stands above the first, each line's label, the space
 * below its tiles and between two of them. */
const TOP = 32;
export const LABEL = 20;
export const BETWEEN = 12;
export const GAP = 3;

/** What a solver's label says about its derivative. */
const KINDS = { none: "", head: ", head", autodiff: ", autodiff" };
const WORDS = { 2: "two", 4: "four" };

/** What the numbers beside the images mean. @type {(lab: any) => string} */
export function sampleNote({ sheet: { noun, judged } }) {
  const over = noun === "seed" ? "many starts" : `all ${noun}s`;
  const frechet = judged ? " Fréchet: distance of the samples from the data, in a classifier's features;" : "";
  return (
    `error: distance from where the network's own ODE ends, the median over ${over};${frechet} this ${noun}: mean ` +
    "difference of the highlighted images from those of the network's own ODE, in levels of 0 to 255"
  );
}

/** What stands above the numbers. @type {(lab: any) => string[]} */
export const sampleHead = ({ sheet: { noun, judged } }) => [
  `same ${noun}s`,
  "error",
  ...(judged ? ["Fréchet"] : []),
  `this ${noun}`,
];

/** A solver's short label with its derivative. @type {(lab: any, solver: string, derivative: string) => string} */
export const labelWithKind = (lab, solver, derivative) => shortLabel(lab, solver) + KINDS[derivative];

/** Why there is no run of exactly so many calls. @type {(solver: string, nfe: number) => string} */
function whyMissing(solver, nfe) {
  const calls = SOLVERS[solver].calls ?? 1;
  if (nfe % calls) return `${WORDS[calls]} calls a step: exactly ${nfe} can't be spent`;
  return `no run of ${nfe} calls on this grid`;
}

/**
 * A solver's run as a line of the picture: with its label, how far its highlighted image is from the own ODE's
 * (NaN where that is not known), and why it is not there.
 * @type {(lab: any, run: import("../engine/recorded.js").Recorded) => any}
 */
export function sampledLine(lab, run) {
  const { S, sheet } = lab;
  const there = run.row !== null;
  return {
    ...run,
    label: labelWithKind(lab, run.solver, run.derivative),
    pixel: sheet.picture && there ? sheet.distance(run.row, S.column) : NaN,
    why: there ? "" : whyMissing(run.solver, S.nfe),
  };
}

/** The numbers of such a line as cells. @type {(lab: any) => (q: any) => any} */
export const sampledRow =
  ({ sheet: { judged } }) =>
  (q) => ({
    label: q.label,
    ...errorRow(q.solver, [["error", q.error], ...(judged ? [["frechet", q.frechet]] : []), ["pixel", q.pixel]]),
  });

/** What is said of all lines. @type {(lab: any) => any[]} */
export const sampledFacts = (lab) => [
  row("calls of eps", "nfe", lab.S.nfe, String(lab.S.nfe)),
  row(`highlighted ${lab.sheet.noun}`, "column", lab.S.column, columnName(lab, `${lab.S.column + 1}`)),
];

/**
 * The highlighted column in words; without a name of its own it is `said` of all.
 * @type {(lab: any, said: string) => string}
 */
const columnName = (lab, said) => lab.sheet.names?.[lab.S.column] ?? `${said} of ${lab.sheet.columns}`;

/** Error and Fréchet distance as a CSV file has them: empty where they were not measured. @type {(q: any) => any[]} */
export const measuredCells = (q) => [q.error, q.frechet].map((v) => (isNumber(v) ? v : ""));

/** Draws again once the images can be drawn. @type {(lab: any) => void} */
export function awaitPicture(lab) {
  if (lab.sheet.picture) return;
  const failed = () => {
    lab.root.dataset.problem = "the images can't be read";
  };
  lab.sheet.ready.then(() => lab.request(), failed);
}

/**
 * A pixel of an image on a whole number of the screen's: the side of a tile when c of them share a width.
 * @type {(tile: number, width: number, c: number) => number}
 */
export const tileSide = (tile, width, c) => {
  const ratio = Math.min(devicePixelRatio || 1, 3);
  const room = Math.min((width + GAP) / c - GAP, 72);
  return (Math.max(1, Math.floor((room * ratio) / tile)) * tile) / ratio;
};

/**
 * Where the tiles stand: as many columns as stay large enough, the highlighted one among them; a pixel of an image
 * is a whole number of the screen's.
 * @type {(lab: any, W: number) => Place}
 * @typedef {{ c: number, first: number, stride: number, wide: number, side: number, x: number, pitch: number }} Place
 */
export function placeTiles(lab, W) {
  const { tile, columns } = lab.sheet;
  const least = Math.max(30, 1.5 * tile);
  let c = columns;
  while (c > 2 && tileSide(tile, W, c) < least) c--;
  const side = tileSide(tile, W, c);
  const stride = side + GAP;
  const wide = c * stride - GAP;
  return {
    c,
    first: Math.min(c * Math.floor(lab.S.column / c), columns - c),
    stride,
    wide,
    side,
    x: Math.max(0, Math.floor((W - wide) / 2)),
    pitch: LABEL + side + BETWEEN,
  };
}

/**
 * The height of so many lines, and of the note about the seeds.
 * @type {(lab: any, W: number, lines: number) => number}
 */
export function tilesHeight(lab, W, lines) {
  const { c, pitch } = placeTiles(lab, W);
  return TOP + lines * pitch + (c < lab.sheet.columns ? 14 : 0);
}

/** The edge of a curtain. @type {(s: any, x: number, top: number, side: number) => void} */
export function drawHem(s, x, top, side) {
  const hem = [
    [x, top],
    [x, top + side],
  ];
  s.stroke({ color: s.theme.bg, width: 3.5 }, line(hem));
  s.stroke({ color: s.theme.accent, width: 1.5 }, line(hem));
}

/** The handle on the highlighted column. @type {(lab: any, W: number) => import("./places.js").Handle[]} */
export function columnHandles(lab, W) {
  const { column } = lab.S;
  const { columns, noun } = lab.sheet;
  const { first, stride, side, x } = placeTiles(lab, W);
  return [
    {
      id: "column",
      kind: "knot",
      text: String(column + 1),
      label: `Highlighted ${noun}`,
      x: x + (column - first) * stride + side / 2,
      y: 15,
      slider: { low: 1, high: columns, now: column + 1, text: columnName(lab, `${noun} ${column + 1}`), stride },
      move: (dx) => ({ column: clamp(column + Math.round(dx / stride), 0, columns - 1) }),
    },
  ];
}

/** The column at x pixels becomes the highlighted one. @type {(lab: any, x: number, W: number) => any} */
export function pressColumn(lab, x, W) {
  const P = placeTiles(lab, W);
  const column = P.first + Math.floor((x - P.x) / P.stride);
  return column >= P.first && column < P.first + P.c && column !== lab.S.column ? { column } : null;
}

/**
 * A line of tiles; `name`: its label where there is little room, `edge`: where a curtain hangs, as a share of a tile.
 * @typedef {{ label: string, name?: string, said?: string, strip: (() => { canvas: HTMLCanvasElement }) | null,
 *   why?: string, style?: import("./labels.js").Style, edge?: number }} Line
 */

/**
 * Lines of tiles below each other, each with its label: those of `strip()`, or a box that says why there are none.
 * @type {(s: import("./surfaces/surface.js").Surface, lab: any, W: number, lines: Line[]) => void}
 */
export function drawTiles(s, lab, W, lines) {
  const { c, first, stride, wide, side, x, pitch } = placeTiles(lab, W);
  const t = s.theme;
  const { tile, picture } = lab.sheet;
  lines.forEach(({ label, said, strip, why, style, edge }, i) => {
    const y = TOP + i * pitch;
    const top = y + LABEL;
    const color = style?.color ?? t.exact;
    const room = wide - 30 - (said ? s.textWidth(said, 11.5) + 10 : 0);
    const sample = [
      [x, y + 9],
      [x + 24, y + 9],
    ];
    s.stroke({ color, width: 1.8, dash: style?.dash }, line(sample));
    s.fill({ color }, (pen) => markerPath(pen, style?.marker ?? "circle", x + 12, y + 9, 3.8));
    s.text(label, x + 30, y + 9, { size: 12.5, weight: 600, room });
    if (said) s.text(said, x + wide, y + 9, { size: 11.5, align: "end", color: t.muted });
    if (!strip) {
      s.stroke({ color: t.axis, width: 1, dash: "dash" }, box(x + 0.5, top + 0.5, wide - 1, side - 1));
      s.text(why, x + wide / 2, top + side / 2, { size: 12, align: "center", color: t.muted, room: wide - 12 });
      return;
    }
    if (picture)
      for (let k = 0; k < c; k++) {
        const left = x + k * stride;
        s.tile(strip().canvas, (first + k) * tile, tile, left, top, side);
        if (edge !== undefined) drawHem(s, left + edge * side, top, side);
      }
    s.stroke({ color: t.accent, width: 2 }, box(x + (lab.S.column - first) * stride - 1, top - 1, side + 2, side + 2));
  });
}

/**
 * Which of the seeds are on the picture, where not all are.
 * @type {(s: import("./surfaces/surface.js").Surface, lab: any, W: number, H: number) => void}
 */
export function seedsNote(s, lab, W, H) {
  const { c, first, wide, x } = placeTiles(lab, W);
  const { columns, noun } = lab.sheet;
  if (c === columns) return;
  const note = `${noun}s ${first + 1} to ${first + c} of ${columns}: move the frame for the others`;
  s.text(note, x + wide, H - 12, { size: 11.5, align: "end", color: s.theme.muted, room: wide });
}
