// @ts-check
import { Mosaic } from "./mosaic.js";

/** A training's curve, and samples of the same seeds at its checkpoints. */
export class History extends Mosaic {
  constructor(packed) {
    super(packed);
    const { run, curve, checkpoints } = packed;
    this.run = run;
    /** @type {number[][]} */
    this.curve = curve; // [step, loss]
    this.checkpoints = checkpoints.map(([step, loss, share, minutes]) => ({ step, loss, share, minutes }));
  }
}
