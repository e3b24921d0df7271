// @ts-check

/* A recorded run has only some settings; the others are refused, each in one sentence. */

/** @typedef {import("../engine/types.js").State} State */

/**
 * @param {{ nfes: number[], spacings: string[], solvers: string[] }} sheet
 * @param {State} S
 * @param {string[]} solvers that are asked for
 * @param {string} grid that is asked for; "best" is any
 * @param {string} nothing how the sentence begins
 */
export function refuseUnrecorded(sheet, S, solvers, grid, nothing = "no images") {
  const missing = solvers.find((s) => !sheet.solvers.includes(s));
  if (!sheet.nfes.includes(S.nfe)) throw new RangeError(`nfe must be one of ${sheet.nfes.join(", ")}`);
  if (grid !== "best" && !sheet.spacings.includes(grid)) throw new RangeError(`${nothing} on the grid ${grid}`);
  if (missing) throw new RangeError(`${nothing} of ${missing}`);
}

/** @type {(S: State) => void} */
export function refuseOnePair(S) {
  if (S.solver === S.rival) throw new RangeError("solver and rival must be two different solvers");
}

/** @type {(sheet: { columns: number }, S: State) => void} */
export function refuseColumn({ columns }, S) {
  if (S.column >= columns) throw new RangeError(`column must lie from 0 to ${columns - 1}`);
}
