import assert from "node:assert/strict";
import test from "node:test";
import { alphaOf, clockOf, gammaOf, gammaOfClock, tOf } from "../../genie_edu/lab/src/maths/clocks.js";
import { equidistribute, grid, SPACINGS } from "../../genie_edu/lab/src/maths/grids.js";
import { starts } from "../../genie_edu/lab/src/maths/starts.js";

const close = (a, b, tolerance) => assert.ok(Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b)), `${a}, ${b}`);

test("a level's time is the time that it came from", () => {
  for (let t = 1e-3; t <= 1; t += 0.037) close(tOf(gammaOf(t)), t, 1e-12);
});

test("alpha and gamma are those of the variance-preserving schedule", () => {
  for (const t of [1e-3, 0.1, 0.5, 1]) {
    const logAlpha = -0.5 * (0.1 * t + 0.5 * 19.9 * t * t);
    close(alphaOf(gammaOf(t)), Math.exp(logAlpha), 1e-12);
    close(gammaOf(t), Math.sqrt(1 - Math.exp(2 * logAlpha)) / Math.exp(logAlpha), 1e-10);
  }
});

test("every clock tells a level and finds it again", () => {
  for (const clock of ["t", "log_snr", "gamma"])
    for (const gamma of [0.01, 0.3, 2, 100]) close(gammaOfClock(clock, clockOf(clock, gamma)), gamma, 1e-10);
  close(clockOf("log_snr", Math.E), -2, 1e-15);
});

test("grids fall from one end to the other, each uniform in its own variable", () => {
  const variable = { linear: tOf, quadratic: (g) => Math.sqrt(tOf(g)), log_gamma: Math.log, rho7: (g) => g ** (1 / 7) };
  assert.deepEqual(SPACINGS, Object.keys(variable));
  for (const spacing of SPACINGS) {
    const gammas = grid(9, spacing, 0.9, 0.01);
    assert.equal(gammas.length, 10);
    assert.equal(gammas[0], gammaOf(0.9));
    assert.equal(gammas[9], gammaOf(0.01));
    const u = Array.from(gammas, variable[spacing]);
    for (let i = 1; i < 10; i++) close(u[i] - u[i - 1], (u[9] - u[0]) / 9, 1e-9);
  }
  assert.throws(() => grid(4, "constructor", 1, 0.1), /unknown spacing/);
});

test("equidistribution gives long steps to small errors, and keeps the ends", () => {
  const gammas = Float64Array.of(8, 4, 2, 1, 0.5);
  const even = equidistribute(gammas, [1e-3, 1e-3, 1e-3, 1e-3], 2);
  for (let i = 0; i < 5; i++) close(even[i], gammas[i], 1e-12);
  const moved = equidistribute(gammas, [1e-6, 1e-6, 1e-6, 1], 2);
  assert.ok(moved[0] === 8 && moved[4] === 0.5);
  for (let i = 1; i < 4; i++) assert.ok(moved[i] < gammas[i] && moved[i] < moved[i - 1]);
  assert.deepEqual(equidistribute(gammas, [0, 0, 0, 0], 2), gammas);
});

test("starts are spread like a standard normal and do not depend on their number", () => {
  const x = starts(500, 3);
  assert.deepEqual(starts(5, 3), x.slice(0, 10));
  assert.notDeepEqual(starts(5, 4), x.slice(0, 10));
  for (const i of [0, 1]) {
    const values = x.filter((_, k) => k % 2 === i);
    const mean = values.reduce((a, b) => a + b) / 500;
    close(mean, 0, 0.03);
    close(values.reduce((a, b) => a + (b - mean) ** 2, 0) / 500, 1, 0.06);
  }
});
