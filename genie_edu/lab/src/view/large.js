// @ts-check

import { box } from "./pens.js";
import { BETWEEN, drawHem, LABEL } from "./tiles.js";

/** The side of the highlighted image when so many of it stand large beside each other. */
const largeSide = (/** @type {any} */ lab, /** @type {number} */ W, /** @type {number} */ count) => {
  const ratio = Math.min(devicePixelRatio || 1, 3);
  const room = Math.min((W - (count - 1) * BETWEEN) / count, 168);
  return (Math.max(1, Math.floor((room * ratio) / lab.sheet.tile)) * lab.sheet.tile) / ratio;
};

/** The height of such a row with its names. @type {(lab: any, W: number, count: number) => number} */
export const largeHeight = (lab, W, count) => LABEL + largeSide(lab, W, count) + BETWEEN;

/**
 * The highlighted image of every line, large, beside each other from `top` on.
 * @typedef {import("./tiles.js").Line} Line
 * @type {(s: import("./surfaces/surface.js").Surface, lab: any, W: number, top: number, lines: Line[]) => void}
 */
export function drawLarge(s, lab, W, top, lines) {
  const { tile, picture } = lab.sheet;
  const side = largeSide(lab, W, lines.length);
  const stride = side + BETWEEN;
  const x = Math.max(0, Math.floor((W - lines.length * stride + BETWEEN) / 2));
  lines.forEach(({ label, name = label, strip, edge }, i) => {
    const left = x + i * stride;
    s.text(name, left + side / 2, top + 9, { size: 11.5, align: "center", color: s.theme.muted, room: side });
    if (strip && picture) s.tile(strip().canvas, lab.S.column * tile, tile, left, top + LABEL, side);
    else s.stroke({ color: s.theme.axis, width: 1, dash: "dash" }, box(left, top + LABEL, side, side));
    if (strip && edge !== undefined) drawHem(s, left + edge * side, top + LABEL, side);
  });
}
