// @ts-check

import { clamp, pointText, round3 } from "./numbers.js";

/** @typedef {import("../engine/types.js").State} State */
/** @typedef {import("./axes.js").Axes} Axes */

/**
 * What a hand can take hold of, at x, y in pixels. `move` gives the patch for a way in pixels from there. With a
 * `slider` it moves along one axis; its stride is how far an arrow key goes.
 * @typedef {object} Handle
 * @property {string} id
 * @property {string} kind for the style sheet
 * @property {string} text
 * @property {string} label
 * @property {number} x
 * @property {number} y
 * @property {(dx: number, dy: number) => Partial<State>} move
 * @property {() => Partial<State>} [select]
 * @property {boolean} [selected]
 * @property {{ low: number, high: number, now: number, text: string, stride?: number }} [slider]
 */

const FURTHEST = 3; // of a point that is dragged, from the middle of the plane

/**
 * A point moved by a way in pixels.
 * @type {(A: Axes, p: number[], dx: number, dy: number, scale: number) => number[]}
 */
const moved = (A, p, dx, dy, scale) => [
  round3(clamp(p[0] + dx / A.sx / scale, -FURTHEST, FURTHEST)),
  round3(clamp(p[1] - dy / A.sy / scale, -FURTHEST, FURTHEST)),
];

/**
 * A handle on the point S[key]; where the axes show other coordinates, `scale` times the point.
 * @type {(S: State, A: Axes, key: string, name: string, scale?: number) => Handle}
 */
export const pointHandle = (S, A, key, name, scale = 1) => ({
  id: key,
  kind: key,
  text: "",
  label: `${name} ${pointText(S[key])}; arrow keys move it`,
  x: A.px(S[key][0] * scale),
  y: A.py(S[key][1] * scale),
  move: (dx, dy) => ({ [key]: moved(A, S[key], dx, dy, scale) }),
});

/** Handles on the component means: the density itself is what is dragged. @type {(S: State, A: Axes) => Handle[]} */
export const meanHandles = (S, A) =>
  S.means.map((m, k) => ({
    id: `mean-${k}`,
    kind: "mean",
    text: S.means.length > 1 ? String(k + 1) : "",
    label: `Mean of component ${k + 1} at ${pointText(m)}; arrow keys move it`,
    selected: S.component === k,
    x: A.px(m[0]),
    y: A.py(m[1]),
    move: (dx, dy) => ({ component: k, means: S.means.map((p, i) => (i === k ? moved(A, p, dx, dy, 1) : p)) }),
    select: () => ({ component: k }),
  }));
