// @ts-check

import { labelOf, styleOf } from "./labels.js";
import { line } from "./pens.js";
import { markerPath } from "./surfaces/markers.js";

/* What a saved picture has beside the picture: its title above, the names of its lines below. */

export const TITLE_HEIGHT = 30;
const ROW_HEIGHT = 20;
const SIZE = 12;
const LEFT = 10;

/** @typedef {{ solver: string, label: string }} Entry */

/** The lines that the read-out names. @type {(lab: import("./lab.js").Lab) => Entry[]} */
const entriesOf = (lab) =>
  lab.view
    .readout(lab, lab.R)
    .rows.map((r) => ({ solver: r.solver ?? r.style, label: r.label ?? labelOf(lab, r.solver) }))
    .filter(({ solver }) => solver);

/**
 * Where each of them stands, and how high all are.
 * @param {import("./lab.js").Lab} lab
 * @param {import("./surfaces/surface.js").Surface} s
 * @param {number} W
 * @returns {{ placed: (Entry & { x: number, y: number })[], height: number }}
 */
export function keyOf(lab, s, W) {
  let [x, y] = [LEFT, ROW_HEIGHT / 2];
  const placed = entriesOf(lab).map((entry) => {
    const wide = 30 + s.textWidth(entry.label, SIZE) + 18;
    if (x > LEFT && x + wide > W) [x, y] = [LEFT, y + ROW_HEIGHT];
    const at = { ...entry, x, y };
    x += wide;
    return at;
  });
  return { placed, height: placed.length ? y + ROW_HEIGHT : 0 };
}

/** @type {(s: import("./surfaces/surface.js").Surface, title: string, W: number) => void} */
export const drawTitle = (s, title, W) =>
  s.text(title, LEFT, TITLE_HEIGHT / 2, { size: 14, weight: 600, room: W - 20 });

/** @type {(s: import("./surfaces/surface.js").Surface, lab: any, key: ReturnType<typeof keyOf>) => void} */
export function drawKey(s, lab, { placed }) {
  for (const { solver, label, x, y } of placed) {
    const { color, dash, marker } = styleOf(lab, solver);
    const sample = [
      [x, y],
      [x + 24, y],
    ];
    s.stroke({ color, width: 1.8, dash }, line(sample));
    s.fill({ color }, (pen) => markerPath(pen, marker, x + 12, y, 3.6));
    s.text(label, x + 30, y, { size: SIZE });
  }
}
