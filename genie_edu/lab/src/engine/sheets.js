// @ts-check
import { History } from "./history.js";
import { Precision } from "./precision.js";
import { Sheet } from "./sheet.js";

// by what a script or a widget handed over, so that labs share one picture
const sheets = new WeakMap();

/** The sheet that a lab's config names, from its script or from a widget's config. */
export function sheetOf(config) {
  const packed = config.images ?? globalThis.GenieLabImages?.[config.sheet];
  if (!packed) throw new RangeError(`lab_${config.sheet}.js is not loaded`);
  if (!sheets.has(packed))
    sheets.set(packed, new ({ history: History, precision: Precision }[config.view] ?? Sheet)(packed));
  return sheets.get(packed);
}
