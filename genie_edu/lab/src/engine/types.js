// @ts-check

/**
 * What a lab shows: every key of SCHEMA, each a value that `checked` lets pass.
 * @typedef {Record<string, any> & import("../maths/types.js").MixtureSpec} State
 */

/** @typedef {import("./engine.js").Engine} Engine */

export {};
