// @ts-check

/** @typedef {import("../engine/types.js").State} State */

/** A value as Python writes it. @type {(v: any) => string} */
export const py = (v) =>
  typeof v === "string"
    ? JSON.stringify(v)
    : typeof v === "boolean"
      ? { true: "True", false: "False" }[String(v)]
      : Array.isArray(v)
        ? `[${v.map(py).join(", ")}]`
        : String(v);

/** The line that makes the times `t` of the named grid. @type {(S: State, steps: number | string) => string} */
export const pythonGrid = (S, steps) =>
  `t = ge.time_grid(${steps}, spacing=${py(S.spacing)}, t_start=${py(S.t_start)}, t_end=${py(S.t_end)})`;

/** The line that puts the two ends of the clock into `gammas`. @type {(S: State) => string} */
export const pythonClockEnds = (S) =>
  `gammas = flow.schedule.gamma(torch.tensor([${py(S.t_start)}, ${py(S.t_end)}], dtype=torch.float64))`;

/**
 * Python lines that rebuild mixture, flow and starts, and `gammas`: the grid, or what `levels` says.
 * @param {State} S
 * @param {{ n?: number, levels?: string[] }} options n: the number of starts
 */
export function pythonHead(
  S,
  { n = S.n_starts, levels = [pythonGrid(S, S.n_steps), "gammas = flow.schedule.gamma(t)"] } = {},
) {
  const mixture =
    S.mixture === "custom"
      ? [
          "mixture = ge.GaussianMixture(",
          `    weights=${py(S.weights)},`,
          `    means=${py(S.means)},`,
          `    covs=${py(S.covs)},`,
          ")",
        ].join("\n")
      : `mixture = ge.GaussianMixture(**ge.TOYS[${py(S.mixture)}])`;
  const lines = [
    "import torch",
    "import genie_edu as ge",
    "from genie_edu.lab import starts",
    "",
    mixture,
    "flow = ge.AnalyticFlow(mixture)",
    ...levels,
    `x = torch.as_tensor(starts(${n}, seed=${S.seed}))`,
  ];
  if (S.start) lines.push(`x[0] = torch.tensor(${py(S.start)}, dtype=torch.float64)`);
  lines.push("x_bar = torch.sqrt(1 + gammas[0] ** 2) * x");
  return lines;
}

/**
 * The same with the two ends of the clock in `gammas`, and the exact end points: for grids made later.
 * @type {(S: State) => string[]}
 */
export const pythonEnds = (S) => [
  ...pythonHead(S, { levels: [pythonClockEnds(S)] }),
  "exact = ge.exact_solution(flow, x_bar, gammas)[-1]",
];

/** The same with the learned flow and its own end points. @type {(S: State) => string[]} */
export const learnedHead = (S) => [
  ...pythonHead(S),
  'net = ge.checkpoints.load(ge.data.shipped("mixture_2d/base")).double()',
  "learned = ge.NetworkFlow(net)",
  "truth = ge.exact_solution(learned, x_bar, gammas)[-1]",
];

/** Prints the observed order of `counts` and `errors`. */
export const PYTHON_FIT = [
  "try:",
  "    print(ge.observed_order(counts, errors))",
  "except ValueError as reason:",
  "    print(reason)",
];
