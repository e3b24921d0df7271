// @ts-check

/** @typedef {import("../../engine/types.js").State} State */

/**
 * A button below a control, or alone. `set` gives the patch.
 * @typedef {object} ControlButton
 * @property {string} name
 * @property {string | ((S: State) => string)} label
 * @property {boolean} [primary]
 * @property {boolean} [undoable] that it throws work away
 * @property {(S: State, lab: any) => Partial<State>} set
 * @property {(S: State) => boolean} [disabled]
 */

/**
 * get and set translate between the state and what the input holds; set returns a patch. Where they are missing the
 * input holds S[name], and the name is the control's own key.
 * @typedef {object} Control
 * @property {"range" | "pick" | "select" | "number" | "check" | "solvers" | "members" | "buttons"} kind pick: a range
 *   over a list
 * @property {string} [name]
 * @property {string | ((lab: any) => string)} label
 * @property {number} [low]
 * @property {number} [high]
 * @property {number} [step]
 * @property {number[] | ((lab: any) => number[])} [list] of a pick
 * @property {(lab: any) => any[][]} [options] of a select: [value, text]
 * @property {boolean} [number] that a select's values are numbers
 * @property {boolean} [tall] that a select stands below its label
 * @property {(S: State) => string} [hint] a sentence below a select
 * @property {(S: State) => any} [get]
 * @property {(v: any, S: State) => Partial<State>} [set]
 * @property {(v: any, lab: any) => string} [text] how a range's value is shown
 * @property {(S: State) => boolean} [disabled]
 * @property {ControlButton[]} [buttons]
 */

/**
 * Options for a list of values and the present one.
 * @type {(list: any[], value: any, text?: (v: any) => string) => any[][]}
 */
export const listWith = (list, value, text = String) =>
  (list.includes(value) ? list : [...list, value]).map((v) => [v, text(v)]);

/** @type {(names: string[]) => string[][]} */
export const namedLikeValues = (names) => names.map((name) => [name, name]);
