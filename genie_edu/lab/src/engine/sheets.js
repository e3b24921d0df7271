// @ts-check
import { History } from "./history.js";
import { Precision } from "./precision.js";
import { Sheet } from "./sheet.js";

/** By what a script or a widget handed over, so that labs share one picture. */
const sheets = new WeakMap();

const KINDS = { history: History, precision: Precision };

/**
 * What was recorded of the run that a lab's config names, from its script or from a widget's config.
 * @type {(config: any) => any}
 */
export function sheetOf(config) {
  const packed = config.images ?? globalThis.GenieLabImages?.[config.sheet];
  if (!packed) throw new RangeError(`lab_${config.sheet}.js is not loaded`);
  if (!sheets.has(packed)) {
    const Kind = KINDS[config.view] ?? Sheet;
    sheets.set(packed, new Kind(packed));
  }
  return sheets.get(packed);
}
