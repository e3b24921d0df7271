// @ts-check

import { genieMultistep } from "./genie_multistep.js";
import { ab2, deisLogrho3, deisTab3, dpmpp2m, ipndm4, unipc2 } from "./multistep.js";
import { ddim, dpmSolver2, genie, genieLog, heun, rk4, taylor3 } from "./single_step.js";

/**
 * The solvers by name, in the order in which the page lists them.
 * @type {Record<string, import("./types.js").Solver>}
 */
export const SOLVERS = {
  ddim,
  genie,
  taylor3,
  genie_log: genieLog,
  heun,
  rk4,
  ab2,
  dpmpp_2m: dpmpp2m,
  ipndm4,
  dpm_solver_2: dpmSolver2,
  deis_tab3: deisTab3,
  deis_logrho3: deisLogrho3,
  unipc_2: unipc2,
  genie_multistep: genieMultistep,
};
