// @ts-check

import { checked, MIXTURE, SCHEMA } from "./schema.js";

/** @typedef {import("./types.js").State} State */

const FRAGMENT_LIMIT = 4000; // characters; a longer one is nobody's link

/** A checked value as text. @type {(key: string, v: any) => string} */
function encodeValue(key, v) {
  switch (SCHEMA[key].type) {
    case "bool":
      return v ? "1" : "0";
    case "point":
    case "knots":
      return v === null ? "none" : v.join(",");
    case "points":
      return v.map((p) => p.join(",")).join(";");
    case "covs":
      return v.map((c) => [c[0][0], c[0][1], c[1][1]].join(",")).join(";");
    case "weights":
    case "members":
    case "solvers":
    case "counts":
      return v.join(",");
    default:
      return String(v);
  }
}

/** The value that a text stands for, not checked yet. @type {(key: string, text: string) => any} */
function decodeValue(key, text) {
  const number = (s) => {
    if (!/^-?\d{1,6}(\.\d{1,20})?(e-?\d{1,3})?$/.test(s)) throw new RangeError(`${key} is not a number`);
    return Number(s);
  };
  const numbers = (s) => s.split(",").map(number);
  switch (SCHEMA[key].type) {
    case "int":
    case "number":
      return number(text);
    case "bool":
      if (text !== "0" && text !== "1") throw new RangeError(`${key} must be 0 or 1`);
      return text === "1";
    case "point":
    case "knots":
      return text === "none" ? null : numbers(text);
    case "points":
      return text.split(";").map(numbers);
    case "covs":
      return text.split(";").map((p) => {
        const [a, b, d] = numbers(p);
        return [
          [a, b],
          [b, d],
        ];
      });
    case "weights":
    case "members":
      return numbers(text);
    case "counts":
      return text === "" ? [] : numbers(text);
    case "solvers":
      return text.split(",");
    default:
      return text;
  }
}

/**
 * "#lab=scenario&key=value..." with only what differs from the defaults.
 * @type {(scenario: string, state: State, defaults: State) => string}
 */
export function toFragment(scenario, state, defaults) {
  const parts = [`lab=${scenario}`];
  for (const key of Object.keys(SCHEMA)) {
    if (MIXTURE.includes(key) && state.mixture !== "custom") continue;
    const now = encodeValue(key, state[key]);
    if (now !== encodeValue(key, defaults[key]))
      parts.push(`${key}=${encodeURIComponent(now).replace(/%2C/g, ",").replace(/%3B/g, ";")}`);
  }
  return `#${parts.join("&")}`;
}

/** Whether a fragment names this scenario. @type {(hash: string, scenario: string) => boolean} */
export const isFor = (hash, scenario) =>
  typeof hash === "string" && hash.startsWith("#lab=") && hash.slice(5).split("&")[0] === scenario;

/**
 * The patch that a fragment asks of this scenario's lab; null if it is not for it, or not valid.
 * @type {(hash: string, scenario: string) => State | null}
 */
export function fromFragment(hash, scenario) {
  if (typeof hash !== "string" || !hash.startsWith("#lab=") || hash.length > FRAGMENT_LIMIT) return null;
  const [head, ...pairs] = hash.slice(1).split("&");
  if (head !== `lab=${scenario}`) return null;
  /** @type {any} */
  const patch = {};
  for (const pair of pairs) {
    const cut = pair.indexOf("=");
    const key = pair.slice(0, cut);
    if (cut < 1 || !Object.hasOwn(SCHEMA, key)) return null;
    try {
      patch[key] = checked(key, decodeValue(key, decodeURIComponent(pair.slice(cut + 1))));
    } catch {
      return null;
    }
  }
  return patch;
}
