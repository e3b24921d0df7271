// @ts-check

import { gammaOf, tOf } from "./clocks.js";
import { endPointError, median, observedOrder } from "./errors.js";
import { Exact } from "./exact.js";
import { fitted, leastSquares } from "./fit.js";
import { equidistribute, grid, SPACINGS } from "./grids.js";
import { classOf, GuidedField, probabilityOf } from "./guided.js";
import { levelFeatures } from "./layers.js";
import { LearnedField, networksOf } from "./learned.js";
import { Mixture } from "./mixture.js";
import { DIAGNOSES, MYSTERIES } from "./mysteries.js";
import { QUOTIENT_STEPS, quotientErrors } from "./quotients.js";
import { Run } from "./run.js";
import { SOLVERS } from "./solvers.js";
import { starts } from "./starts.js";

/** What tests and the console of a page may call. */
export const maths = {
  networksOf,
  LearnedField,
  levelFeatures,
  quotientErrors,
  QUOTIENT_STEPS,
  gammaOf,
  tOf,
  grid,
  starts,
  Mixture,
  GuidedField,
  classOf,
  probabilityOf,
  SOLVERS,
  SPACINGS,
  Run,
  Exact,
  median,
  endPointError,
  observedOrder,
  fitted,
  leastSquares,
  equidistribute,
  MYSTERIES,
  DIAGNOSES,
};
