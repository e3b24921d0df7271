// @ts-check

import { isNumber } from "../engine/schema.js";

/** What stands where there is no number: a minus sign is another character. */
export const MISSING = "–";

/**
 * Three significant digits as they stand on screen; MISSING for what is not a finite number.
 * @type {(v: number) => string}
 */
export function formatNumber(v) {
  if (!isNumber(v)) return MISSING;
  const a = Math.abs(v);
  if (a === 0) return "0";
  if (a < 1e-3 || a >= 1e5) return v.toExponential(2).replace("e+", "e").replaceAll("-", "\u2212");
  if (a >= 1000) return signed(Number(v.toFixed(0)));
  const text = v.toPrecision(3); // 999.6 is 1000, not 1.00e+3
  return (text.includes("e") ? Number(text).toFixed(0) : text).replace("-", "\u2212");
}

/** A number as it stands, with a true minus sign. @type {(v: number) => string} */
export const signed = (v) => String(v).replace("-", "\u2212");

/** Two significant digits, with thousands apart. @type {(v: number) => string} */
export const roundNumber = (v) => Number(v.toPrecision(2)).toLocaleString("en-US");

/** @type {(v: number) => number} */
export const round3 = (v) => Math.round(v * 1000) / 1000;

/** @type {(v: number) => number} */
export const round6 = (v) => Math.round(v * 1e6) / 1e6;

/** @type {(v: number, low: number, high: number) => number} */
export const clamp = (v, low, high) => Math.min(high, Math.max(low, v));

/** A point as text. @type {(p: ArrayLike<number>) => string} */
export const pointText = (p) => `(${formatNumber(p[0])}, ${formatNumber(p[1])})`;

/** "1 step", "2 steps". @type {(n: number, word: string) => string} */
export const countOf = (n, word) => `${n} ${n === 1 ? word : `${word}s`}`;

/** Ten to a whole power, as text. @type {(exponent: number) => string} */
export const powerOfTen = (exponent) =>
  `10${String(exponent).replace(/[-0-9]/g, (c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(c)]))}`;

/** The geometric mean of a covariance's standard deviations. @type {(cov: number[][]) => number} */
export const spreadOf = (cov) => (cov[0][0] * cov[1][1] - cov[0][1] * cov[1][0]) ** 0.25;
