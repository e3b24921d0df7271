// @ts-check

const BETA_MIN = 0.1;
const BETA_D = 19.9;

const integratedBeta = (/** @type {number} */ t) => BETA_MIN * t + 0.5 * BETA_D * t * t;

/** gamma = sigma / alpha at the time t, as ge.VPSchedule has it. @type {(t: number) => number} */
export const gammaOf = (t) => Math.sqrt(Math.expm1(integratedBeta(t)));

/** The time at which the level is gamma. @type {(gamma: number) => number} */
export const tOf = (gamma) => {
  const integral = Math.log1p(gamma * gamma);
  return (2 * integral) / (BETA_MIN + Math.sqrt(BETA_MIN * BETA_MIN + 2 * BETA_D * integral));
};

/** alpha at the level gamma: x = alpha x_bar. @type {(gamma: number) => number} */
export const alphaOf = (gamma) => 1 / Math.sqrt(1 + gamma * gamma);

/** A level on the clock t, log_snr or gamma. @type {(clock: string, gamma: number) => number} */
export const clockOf = (clock, gamma) =>
  clock === "t" ? tOf(gamma) : clock === "log_snr" ? -2 * Math.log(gamma) : gamma;

/** The level at a time of a clock. @type {(clock: string, value: number) => number} */
export const gammaOfClock = (clock, value) =>
  clock === "t" ? gammaOf(value) : clock === "log_snr" ? Math.exp(-0.5 * value) : value;
