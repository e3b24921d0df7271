// @ts-check

/** @typedef {import("../../engine/types.js").State} State */

/**
 * A view: what it computes from a lab's state (R), and what it shows of that. W and H are the picture's size in
 * pixels; cells of a table are texts, rows of a CSV file numbers and words.
 * @typedef {object} View
 * @property {string[]} [solvers] those that it can draw, if not all
 * @property {boolean} [broad] over the whole width of the page
 * @property {boolean} [coarse] that it computes less while something is dragged
 * @property {string[]} [slow] the keys whose change by a hand counts as dragging; else a change of the mixture does
 * @property {boolean} [hover] that a mouse presses by pointing
 * @property {(lab: any, S: State) => void} [refuse] throws a RangeError for a state that it can't show
 * @property {(lab: any) => any} compute
 * @property {(W: number, lab: any) => number} height
 * @property {(s: import("../surfaces/surface.js").Surface, lab: any, W: number, H: number, R: any) => void} draw
 * @property {(lab: any, W: number, H: number) => import("../places.js").Handle[]} handles
 * @property {(lab: any, x: number, y: number, W: number, H: number) => Partial<State> | null} [press]
 * @property {(lab: any, R: any) => { head: string[] | null, rows: any[], note?: string, after?: any[] }} readout
 * @property {(lab: any, R: any) => string} summary
 * @property {(lab: any, R: any) => { caption: string, head: string[], rows: string[][] }} table
 * @property {(lab: any, R: any) => any[][]} csv
 * @property {(S: State, lab: any) => string[]} python
 */

export {};
