// @ts-check

const BETA_MIN = 0.1;

const BETA_D = 19.9;

const bigB = (t) => BETA_MIN * t + 0.5 * BETA_D * t * t;

export const gammaOf = (t) => Math.sqrt(Math.expm1(bigB(t)));

export const tOf = (gamma) => {
  const L = Math.log1p(gamma * gamma);
  return (2 * L) / (BETA_MIN + Math.sqrt(BETA_MIN * BETA_MIN + 2 * BETA_D * L));
};

export const clockOf = (clock, g) => (clock === "t" ? tOf(g) : clock === "log_snr" ? -2 * Math.log(g) : g);

export const gammaOfClock = (clock, v) => (clock === "t" ? gammaOf(v) : clock === "log_snr" ? Math.exp(-0.5 * v) : v);
