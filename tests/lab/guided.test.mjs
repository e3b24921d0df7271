import assert from "node:assert/strict";
import test from "node:test";
import { Exact } from "../../genie_edu/lab/src/maths/exact.js";
import { classOf, GuidedField, probabilityOf } from "../../genie_edu/lab/src/maths/guided.js";
import { Run } from "../../genie_edu/lab/src/maths/run.js";
import { barStarts, largestDifference, threeModes } from "./worlds.mjs";

const whole = threeModes();
const part = classOf(whole, [0, 2]);
const B = 6;

test("a class's weights sum to one, and its probability is the share of its modes", () => {
  assert.ok(Math.abs(part.weights[0] - 0.4 / 0.65) < 1e-15 && part.K === 2);
  const [x, y] = [0.3, -0.2];
  const ratio = Math.exp(part.logProb(x, y, 0) - whole.logProb(x, y, 0));
  assert.ok(Math.abs(probabilityOf(whole, [0, 2], x, y) - 0.65 * ratio) < 1e-12);
});

test("both derivatives are those along the guided path", () => {
  const field = new GuidedField(part, whole, 2);
  const exact = new Exact();
  const x = barStarts(B, 0.25).slice();
  for (const gamma of [0.3, 1, 5]) {
    const [E, D1, D2, T] = [0, 0, 0, 0].map(() => new Float64Array(2 * B));
    field.derivatives(x, 0, B, gamma, E, D1, D2);
    const along = (level) => {
      const end = new Float64Array(2 * B);
      exact.step(field, x, 0, end, 0, 2 * B, gamma, level);
      field.eps(end, 0, B, level, T);
      return T.slice();
    };
    const h = 3e-4 * gamma;
    const [before, after] = [along(gamma - h), along(gamma + h)];
    const first = after.map((v, i) => (v - before[i]) / (2 * h));
    const second = after.map((v, i) => (v - 2 * E[i] + before[i]) / (h * h));
    const size = (v) => Math.max(1, ...v.map(Math.abs));
    assert.ok(largestDifference(D1, first) < 1e-5 * size(D1), `order 1 at ${gamma}`);
    assert.ok(largestDifference(D2, second) < 2e-4 * size(D2), `order 2 at ${gamma}`);
  }
});

test("the sum of derivatives is what it says, and another number", () => {
  const x = barStarts(B, 0.5).slice();
  const make = () => Array.from({ length: 3 }, () => new Float64Array(2 * B));
  const [c, u, sum, exact] = [make(), make(), make(), make()];
  part.derivatives(x, 0, B, 1, ...c);
  whole.derivatives(x, 0, B, 1, ...u);
  new GuidedField(part, whole, 3, { sum: true }).derivatives(x, 0, B, 1, ...sum);
  new GuidedField(part, whole, 3).derivatives(x, 0, B, 1, ...exact);
  for (const k of [0, 1, 2]) {
    const expected = c[k].map((v, i) => 4 * v - 3 * u[k][i]);
    assert.ok(largestDifference(sum[k], expected) < 1e-12);
  }
  assert.ok(largestDifference(sum[1], exact[1]) > 0.01);
});

test("outside of the interval it is the conditional field, and costs one call", () => {
  const field = new GuidedField(part, whole, 2, { low: 0.5, high: 4 });
  const x = barStarts(B, 0.5).slice();
  const [E, D1, P, P1] = [0, 0, 0, 0].map(() => new Float64Array(2 * B));
  for (const gamma of [4.001, 0.5]) {
    field.derivatives(x, 0, B, gamma, E, D1, null);
    part.derivatives(x, 0, B, gamma, P, P1, null);
    assert.deepEqual([E, D1], [P, P1]);
    assert.equal(field.cost(gamma), 1);
  }
  assert.equal(field.cost(4), 2);
  assert.equal(new GuidedField(part, whole, 0).cost(1), 1);
});

test("a run counts two calls for each guided evaluation", () => {
  const gammas = Float64Array.from([10, 5, 2, 1]);
  const run = new Run().solve(new GuidedField(part, whole, 2, { low: 1, high: 6 }), barStarts(B, 0.9), gammas, "heun");
  assert.equal(run.nfe, 1 + 2 + 2 * 2 + 2 + 1);
});
