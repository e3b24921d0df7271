import assert from "node:assert/strict";
import test from "node:test";
import { fromFragment, toFragment } from "../../genie_edu/lab/src/engine/link.js";
import { checked, SCHEMA } from "../../genie_edu/lab/src/engine/schema.js";
import { checkedPatch } from "../../genie_edu/lab/src/engine/state.js";

const ROUND = [
  [1, 0],
  [0, 1],
];
const TOYS = { one: { weights: [1], means: [[0, 0]], covs: [ROUND] } };
const STATE = {
  ...Object.fromEntries(Object.entries(SCHEMA).map(([key, rule]) => [key, rule.initial ?? rule.low ?? false])),
  ...{ mixture: "one", ...TOYS.one, solvers: ["ddim"], solver: "ddim", spacing: "linear", counts: [], knots: null },
  ...{ t_start: 1, t_end: 0.001, n_steps: 10, clock: "plane", start: null, guess: null, probe: [0, 0] },
  ...{ quantity: "eps", variable: "x_bar", precision: "float64" },
};

test("what a link says comes back from it", () => {
  const changes = {
    ...{ n_steps: 4, t_end: 0.03, afs: true, start: [1.25, -0.5], solvers: ["heun", "genie"], spacing: "rho7" },
    ...{ counts: [2, 8], knots: [2, 0.1234567890123456, -1e-7], log_gamma: -2.5, guess: [-12.5, 300] },
  };
  const state = { ...STATE, ...changes };
  assert.deepEqual(fromFragment(toFragment("mine", state, STATE), "mine"), changes);
  assert.equal(toFragment("mine", STATE, STATE), "#lab=mine");
});

test("a mixture of one's own stands in the link, a named one does not", () => {
  const custom = {
    mixture: "custom",
    weights: [0.25, 0.75],
    means: [
      [1, 2],
      [3, -4],
    ],
    covs: [
      ROUND,
      [
        [2, 0.5],
        [0.5, 1],
      ],
    ],
  };
  const { mixture, ...rest } = fromFragment(toFragment("mine", { ...STATE, ...custom }, STATE), "mine");
  assert.equal(mixture, "custom");
  assert.deepEqual(rest, { weights: custom.weights, means: custom.means, covs: custom.covs });
  assert.ok(!toFragment("mine", { ...STATE, means: [[1, 1]] }, STATE).includes("means"));
});

for (const [what, hash] of [
  ["another scenario", "#lab=other&n_steps=4"],
  ["an unknown key", "#lab=mine&nonsense=1"],
  ["an inherited key", "#lab=mine&constructor=1"],
  ["a value out of range", "#lab=mine&n_steps=513"],
  ["half a step", "#lab=mine&n_steps=2.5"],
  ["no number", "#lab=mine&t_end=Infinity"],
  ["a number that is too long", `#lab=mine&t_end=0.${"1".repeat(21)}`],
  ["a flag that is neither 0 nor 1", "#lab=mine&afs=true"],
  ["an unknown solver", "#lab=mine&solvers=ddim,toString"],
  ["a solver twice", "#lab=mine&solvers=ddim,ddim"],
  ["rising knots", "#lab=mine&knots=0,1"],
  ["a point with three numbers", "#lab=mine&start=1,2,3"],
  ["weights that sum to two", "#lab=mine&weights=1,1"],
  ["a matrix that is not positive definite", "#lab=mine&covs=1,2,1"],
  ["a broken escape", "#lab=mine&mixture=%E0%A4%A"],
  ["a pair without a key", "#lab=mine&=4"],
  ["too many characters", `#lab=mine&counts=${"2,".repeat(3000)}4`],
  ["a fragment of the page's own", "#a-section"],
  ["nothing", ""],
])
  test(`a link is refused whole for ${what}`, () => {
    assert.equal(fromFragment(hash, "mine"), null);
  });

test("checked values are copies, and counts are sorted", () => {
  const means = [[1, 2]];
  const copy = checked("means", means);
  assert.deepEqual(copy, means);
  assert.notEqual(copy[0], means[0]);
  assert.deepEqual(checked("counts", [8, 2]), [2, 8]);
  for (const bad of [NaN, "4", null, [4]]) assert.throws(() => checked("n_steps", bad), RangeError);
});

test("what a patch entails comes with it", () => {
  const patch = (p, state = STATE) => checkedPatch(p, state, TOYS);
  assert.equal(patch({ means: [[1, 1]] }).mixture, "custom");
  assert.deepEqual(patch({ mixture: "one" }).means, TOYS.one.means);
  assert.equal(patch({ knots: [1, 0] }).n_steps, 3);
  const withKnots = { ...STATE, n_steps: 3, knots: [1, 0] };
  assert.equal(patch({ n_steps: 5 }, withKnots).knots, null);
  assert.equal(patch({ n_steps: 5 }, { ...STATE, step: 9 }).step, 4);
  assert.throws(() => patch({ mixture: "constructor" }), /named ones/);
  assert.throws(() => patch({ t_start: 0.05, t_end: 0.045 }), /well below/);
  assert.throws(() => patch({ knots: [8, 0] }), RangeError);
  assert.throws(() => patch({ weights: [0.5, 0.5] }), /one length/);
});
