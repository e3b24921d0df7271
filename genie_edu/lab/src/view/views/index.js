// @ts-check
import { blendView } from "./blend.js";
import { budgetView } from "./budget.js";
import { clocksView } from "./clocks.js";
import { differenceView } from "./difference.js";
import { encodingView } from "./encoding.js";
import { fieldView } from "./field.js";
import { guidanceView } from "./guidance.js";
import { historyView } from "./history.js";
import { imagesView } from "./images.js";
import { knotsView } from "./knots.js";
import { mysteryView } from "./mystery.js";
import { orderView } from "./order.js";
import { pathsView } from "./paths.js";
import { precisionView } from "./precision.js";
import { scrubberView } from "./scrubber.js";
import { spanView } from "./span.js";
import { stepperView } from "./stepper.js";
import { taylorView } from "./taylor.js";
import { tournamentView } from "./tournament.js";

/** Every view by the name that scenarios.json gives. */
export const VIEWS = {
  paths: pathsView,
  tournament: tournamentView,
  knots: knotsView,
  field: fieldView,
  clocks: clocksView,
  stepper: stepperView,
  taylor: taylorView,
  order: orderView,
  mystery: mysteryView,
  difference: differenceView,
  budget: budgetView,
  scrubber: scrubberView,
  images: imagesView,
  history: historyView,
  blend: blendView,
  precision: precisionView,
  guidance: guidanceView,
  encoding: encodingView,
  span: spanView,
};
