// @ts-check

import { PLANE } from "./plane.js";
import { RECORDED } from "./recorded.js";
import { RUNS } from "./runs.js";
import { STEPS } from "./steps.js";

/** Every control by the key that scenarios.json gives. */
export const CONTROLS = { ...RUNS, ...PLANE, ...STEPS, ...RECORDED };
