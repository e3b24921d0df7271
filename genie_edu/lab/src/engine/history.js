// @ts-check
import { Mosaic } from "./mosaic.js";

/** A training's curve, and samples of the same seeds at its checkpoints. */
export class History extends Mosaic {
  constructor(packed) {
    super(packed);
    const { run, curve, record, checkpoints } = packed;
    Object.assign(this, {
      run,
      curve,
      record,
      checkpoints: checkpoints.map(([step, loss, share, minutes]) => ({ step, loss, share, minutes })),
    });
  }
}
