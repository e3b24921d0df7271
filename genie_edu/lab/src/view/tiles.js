// @ts-check

import { markerPath } from "./surfaces/markers.js";
import { box } from "./tracks.js";

export const GAP = 3;

export const LABEL = 20;

export const BETWEEN = 12;

// of the lines of tiles, in pixels
export const TOP = 32;

/** What a solver's label says about its derivative. */
export const KINDS = { none: "", head: ", head", autodiff: ", autodiff" };
export const WORDS = { 2: "two", 4: "four" };

/** A pixel of an image on a whole number of the screen's: the side of a tile when c of them share a width. */
export const tileSide = (tile, width, c, largest = 72) => {
  const ratio = Math.min(devicePixelRatio || 1, 3);
  return (Math.max(1, Math.floor((Math.min((width + GAP) / c - GAP, largest) * ratio) / tile)) * tile) / ratio;
};

/** Lines of tiles below each other, each with its label: those of `strip()`, or a box that says why there are none. */
export function drawTiles(s, lab, { c, first, stride, wide, side, x, pitch }, lines) {
  const t = s.theme;
  const { tile, picture } = lab.sheet;
  lines.forEach(({ label, said, strip, why, style }, i) => {
    const y = TOP + i * pitch;
    const top = y + LABEL;
    const color = style?.color ?? t.exact;
    const room = wide - 30 - (said ? s.textWidth(said, 11.5) + 10 : 0);
    s.stroke({ color, width: 1.8, dash: style?.dash }, (pen) => {
      pen.moveTo(x, y + 9);
      pen.lineTo(x + 24, y + 9);
    });
    s.fill({ color }, (pen) => markerPath(pen, style?.marker ?? "circle", x + 12, y + 9, 3.8));
    s.text(label, x + 30, y + 9, { size: 12.5, weight: 600, room });
    if (said) s.text(said, x + wide, y + 9, { size: 11.5, align: "end", color: t.muted });
    if (!strip) {
      s.stroke({ color: t.axis, width: 1, dash: "dash" }, box(x + 0.5, top + 0.5, wide - 1, side - 1));
      s.text(why, x + wide / 2, top + side / 2, { size: 12, align: "center", color: t.muted, room: wide - 12 });
      return;
    }
    if (picture)
      for (let k = 0; k < c; k++) s.tile(strip().canvas, (first + k) * tile, tile, x + k * stride, top, side);
    s.stroke({ color: t.accent, width: 2 }, box(x + (lab.S.column - first) * stride - 1, top - 1, side + 2, side + 2));
  });
}

/** Which of the seeds are on the picture, where not all are. */
export function seedsNote(s, lab, { c, first, wide, x }, H) {
  const { columns } = lab.sheet;
  if (c < columns)
    s.text(`seeds ${first + 1} to ${first + c} of ${columns}: move the frame for the others`, x + wide, H - 12, {
      size: 11.5,
      align: "end",
      color: s.theme.muted,
      room: wide,
    });
}
