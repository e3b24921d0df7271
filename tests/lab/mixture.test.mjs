import assert from "node:assert/strict";
import test from "node:test";
import { Exact } from "../../genie_edu/lab/src/maths/exact.js";
import { QUOTIENT_STEPS, quotientErrors } from "../../genie_edu/lab/src/maths/quotients.js";
import { barStarts, gaussian, gaussianSolution, largestDifference, threeModes } from "./worlds.mjs";

const LEVELS = [0.02, 0.3, 1, 5, 60];

test("eps is minus gamma times the slope of the log density", () => {
  const mixture = threeModes();
  const E = new Float64Array(2);
  for (const gamma of LEVELS)
    for (const [x, y] of [
      [0.2, -0.4],
      [1.2, 0.7],
      [-2, 2],
    ]) {
      mixture.eps([x, y], 0, 1, gamma, E);
      const h = 1e-4 * Math.min(gamma, 1);
      const slope = (dx, dy) =>
        (mixture.logProb(x + dx, y + dy, gamma) - mixture.logProb(x - dx, y - dy, gamma)) / (2 * h);
      const expected = [-gamma * slope(h, 0), -gamma * slope(0, h)];
      assert.ok(largestDifference(E, expected) < 1e-5 * Math.max(1, Math.hypot(...E)), `${gamma}: ${E}, ${expected}`);
    }
});

test("responsibilities are shares", () => {
  const shares = threeModes().responsibilities(0.1, 0.2, 0.7);
  assert.ok(shares.every((v) => v > 0));
  assert.ok(Math.abs(shares.reduce((a, b) => a + b) - 1) < 1e-14);
});

test("total derivatives are those of eps along the exact path", () => {
  const mixture = threeModes();
  const exact = new Exact();
  const x = barStarts(6, 0.5).slice();
  for (const gamma of [0.3, 1, 5]) {
    const [E, D1, D2, T] = [0, 0, 0, 0].map(() => new Float64Array(12));
    mixture.derivatives(x, 0, 6, gamma, E, D1, D2);
    const along = (level) => {
      const end = new Float64Array(12);
      exact.step(mixture, x, 0, end, 0, 12, gamma, level);
      mixture.eps(end, 0, 6, level, T);
      return T.slice();
    };
    const h = 1e-3 * gamma;
    const [before, after] = [along(gamma - h), along(gamma + h)];
    const first = after.map((v, i) => (v - before[i]) / (2 * h));
    const second = after.map((v, i) => (v - 2 * E[i] + before[i]) / (h * h));
    const size = (v) => Math.max(1, ...v.map(Math.abs));
    assert.ok(largestDifference(D1, first) < 1e-5 * size(D1), `order 1 at ${gamma}`);
    assert.ok(largestDifference(D2, second) < 1e-4 * size(D2), `order 2 at ${gamma}`);
    const alone = new Float64Array(12);
    mixture.derivatives(x, 0, 6, gamma, E, alone, null);
    assert.deepEqual(alone, D1);
  }
});

test("the exact solution is a Gaussian's closed one", () => {
  const x = barStarts(5, 1);
  const { end, gamma } = new Exact().paths(gaussian(), x, 140, 1e-3);
  assert.ok(gamma[0] === 140 && gamma[gamma.length - 1] === 1e-3);
  assert.ok(largestDifference(end, gaussianSolution(x, 140, 1e-3)) < 1e-9);
});

test("difference quotients come closer with shorter steps until rounding shows", () => {
  const mixture = threeModes();
  const x = barStarts(8, 0.4);
  const D = new Float64Array(16);
  mixture.derivatives(x, 0, 8, 2, new Float64Array(16), D, null);
  const errors = (kind, float32) => quotientErrors(mixture, x, 2, D, kind, float32, QUOTIENT_STEPS);
  const at = (step) => QUOTIENT_STEPS.findIndex((v) => Math.abs(v / step - 1) < 1e-9);
  const [forward, central] = [errors("forward", false), errors("central", false)];
  const ratio = (e, a, b) => Math.log10(e[at(a)] / e[at(b)]);
  assert.ok(Math.abs(ratio(forward, 1e-2, 1e-3) - 1) < 0.1);
  assert.ok(Math.abs(ratio(central, 1e-2, 1e-3) - 2) < 0.1);
  assert.ok(forward[at(1e-10)] > forward[at(1e-7)]);
  assert.ok(Math.min(...errors("forward", true)) > 10 * Math.min(...forward));
});
