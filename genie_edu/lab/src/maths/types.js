// @ts-check
/* The shapes that modules share. B points of the plane are 2B numbers, pair after pair, in bar coordinates
 * x_bar = x / alpha unless something else is said. */

/** @typedef {Float64Array | Float32Array | number[]} Numbers */

/** @typedef {{ weights: number[], means: number[][], covs: number[][][] }} MixtureSpec K components. */

/**
 * What a run or the exact solution asks: eps at B points (pairs of X from index o on) at a level, and its total
 * derivatives along the flow. E, D1 and D2 get pairs from index 0 on.
 * @typedef {object} Field
 * @property {number} narrowest standard deviation of the narrowest mode
 * @property {(X: Numbers, o: number, B: number, gamma: number, E: Numbers) => void} eps
 * @property {(X: Numbers, o: number, B: number, gamma: number, E: Numbers, D1: Numbers, D2: Numbers | null)
 *   => void} derivatives
 * @property {(gamma: number) => number} [cost] calls that an evaluation is; one where nothing is said
 */

/** @typedef {{ gamma: Float64Array, path: Float64Array, end: Float64Array }} ExactPaths at levels of its own. */

/** @typedef {{ g: number, X: Numbers, E: Numbers, D: Numbers }} PastPoint a level, with its points, eps and slope. */

/** @typedef {(run: import("./run.js").Run, g: number, gn: number) => void} Step from level g to level gn. */

/**
 * @typedef {object} Solver
 * @property {number} order
 * @property {number} memory past points that a step reads
 * @property {number} [calls] of eps a step; one where nothing is said
 * @property {Step} step
 */

export {};
