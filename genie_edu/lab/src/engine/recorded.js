// @ts-check
import { isNumber } from "./schema.js";

export const leastError = (runs, error) =>
  runs.reduce((best, q) => (!best || error(q) < error(best) || !isNumber(error(best)) ? q : best), null);
