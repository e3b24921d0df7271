// @ts-check
import { isNumber } from "../engine/schema.js";

/** Three significant digits as they stand on screen; "-" for what is not a finite number. */
export function formatNumber(v) {
  if (!isNumber(v)) return "-";
  const a = Math.abs(v);
  if (a === 0) return "0";
  if (a < 1e-3 || a >= 1e5) return v.toExponential(2).replace("e+", "e");
  if (a >= 1000) return v.toFixed(0);
  const text = v.toPrecision(3);
  return text.includes("e") ? Number(text).toFixed(0) : text; // 999.6 is 1000, not 1.00e+3
}

export const round3 = (v) => Math.round(v * 1000) / 1000;

export const round6 = (v) => Math.round(v * 1e6) / 1e6;

export const clamp = (v, low, high) => Math.min(high, Math.max(low, v));

export const pointText = (p) => `(${formatNumber(p[0])}, ${formatNumber(p[1])})`;

export const whole = (v) => Number(v.toPrecision(2)).toLocaleString("en-US");

export const superscript = (v) =>
  `10${String(v).replace(/[-0-9]/g, (c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(c)]))}`;

export const spreadOf = (c) => (c[0][0] * c[1][1] - c[0][1] * c[1][0]) ** 0.25;
