import assert from "node:assert/strict";
import test from "node:test";
import { gammaOf } from "../../genie_edu/lab/src/maths/clocks.js";
import { endPointError, median, observedOrder } from "../../genie_edu/lab/src/maths/errors.js";
import { Exact } from "../../genie_edu/lab/src/maths/exact.js";
import { grid } from "../../genie_edu/lab/src/maths/grids.js";
import { interpolationWeights } from "../../genie_edu/lab/src/maths/interpolation.js";
import { Run } from "../../genie_edu/lab/src/maths/run.js";
import { SOLVERS } from "../../genie_edu/lab/src/maths/solvers.js";
import { barStarts, gaussian, gaussianSolution, largestDifference, threeModes } from "./worlds.mjs";

const [T0, T1] = [0.5, 0.1];

/** Errors of a solver at step counts, against an exact end. */
function errorsOf(mixture, x, end, solver, counts) {
  return counts.map((n) => {
    const run = new Run().solve(mixture, x, grid(n, "log_gamma", T0, T1), solver);
    return endPointError(run.path, n * x.length, end);
  });
}

/** The error of the last of n steps that starts on the exact path, with an exact past. */
function lastLocalError(mixture, x, solver, n) {
  const gammas = grid(n, "log_gamma", T0, T1);
  const truth = new Exact().along(mixture, x, gammas);
  const { path } = new Run().fromExact(mixture, truth, gammas, solver);
  return endPointError(path, n * x.length, truth.subarray(n * x.length));
}

for (const [name, { order }] of Object.entries(SOLVERS))
  test(`the local error of ${name} falls with the power of its order and one`, () => {
    const [coarse, fine] = [16, 32].map((n) => lastLocalError(threeModes(), barStarts(16, T0), name, n));
    const slope = Math.log2(coarse / fine);
    assert.ok(slope > order + 1 - 0.35, `${slope} for order ${order}`);
  });

test("every solver ends where a Gaussian's closed solution does", () => {
  const x = barStarts(7, T0);
  const end = gaussianSolution(x, gammaOf(T0), gammaOf(T1));
  for (const [name, { order }] of Object.entries(SOLVERS)) {
    const [error] = errorsOf(gaussian(), x, end, name, [256]);
    assert.ok(error < (order > 1 ? 1e-3 : 2e-2), `${name}: ${error}`);
  }
});

test("calls are counted, the analytic first step is none and the last denoising one more", () => {
  const x = barStarts(2, T0);
  const gammas = grid(6, "linear", T0, T1);
  for (const [name, { calls = 1 }] of Object.entries(SOLVERS)) {
    const plain = new Run().solve(threeModes(), x, gammas, name);
    assert.equal(plain.nfe, 6 * calls, name);
    assert.equal(new Run().solve(threeModes(), x, gammas, name, { afs: true }).nfe, 6 * calls - 1, name);
    assert.equal(new Run().solve(threeModes(), x, gammas, name, { denoise: true }).nfe, 6 * calls + 1, name);
  }
  assert.equal(new Run().solve(threeModes(), x, gammas, "taylor3").n_derivatives, 12);
});

test("a run used again gives what a fresh one gives", () => {
  const run = new Run();
  const [few, many] = [barStarts(3, T0), barStarts(40, T0)];
  for (const name of Object.keys(SOLVERS)) {
    run.solve(threeModes(), many, grid(9, "linear", T0, T1), name, { float32: true });
    run.solve(threeModes(), few, grid(4, "rho7", T0, T1), name);
    const fresh = new Run().solve(threeModes(), few, grid(4, "rho7", T0, T1), name);
    assert.deepEqual(run.path.subarray(0, 30), fresh.path, name);
  }
});

test("from an exact past the local error of a step is smaller than the run's", () => {
  const x = barStarts(10, T0);
  const gammas = grid(8, "log_gamma", T0, T1);
  const truth = new Exact().along(threeModes(), x, gammas);
  const one = new Run().fromExact(threeModes(), truth, gammas, "ddim");
  const last = endPointError(one.path, 160, truth.subarray(160));
  const run = new Run().solve(threeModes(), x, gammas, "ddim");
  assert.ok(last > 0 && last < endPointError(run.path, 160, truth.subarray(160)));
});

test("interpolation weights integrate polynomials exactly", () => {
  const [g, gn] = [3, 1];
  const polynomial = (u) => 2 - u + 0.5 * u ** 3;
  const values = [3, 4, 5.5, 7];
  const weights = interpolationWeights(
    (v) => v,
    () => 1,
    values,
    [],
    g,
    gn,
  );
  const primitive = (u) => 2 * u - u ** 2 / 2 + u ** 4 / 8;
  const sum = weights.reduce((s, w, i) => s + w * polynomial(values[i]), 0);
  assert.ok(Math.abs(sum - (primitive(gn) - primitive(g))) < 1e-10);
});

test("the observed order is found where three slopes agree, and nowhere else", () => {
  const counts = [4, 8, 16, 32];
  const line = observedOrder(
    counts,
    counts.map((n) => 3 * n ** -2),
  );
  assert.ok(Math.abs(line.order - 2) < 1e-12 && line.nFrom === 4 && line.nTo === 32);
  assert.ok(Math.abs(Math.exp(line.offset) - 3) < 1e-10);
  assert.equal(observedOrder(counts, [1, 1, 1, 1]), null);
  assert.equal(observedOrder([4, 8], [1, 0.5]), null);
});

test("medians are the middle, or the mean of the middle two", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  assert.ok(Number.isNaN(median([])));
  assert.equal(largestDifference([1, 5], [2, 2]), 3);
});
