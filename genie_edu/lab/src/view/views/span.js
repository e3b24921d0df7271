// @ts-check

import { LEAST_SEEN, runSpan, UNSEEN } from "../../engine/span.js";
import { axes, drawAxes } from "../axes.js";
import { clamp, countOf, formatNumber, powerOfTen } from "../numbers.js";
import { circle, line, markers, polyline, vertical } from "../pens.js";
import { py, pythonHead } from "../python.js";
import { errorRow, row } from "../rows.js";

const LOW = 1e-8; // of the shares that are drawn
const CURVES = [
  { name: "now", label: "x̄ and ε now", dash: "dot", marker: "circle" },
  { name: "past", label: "and two past ε", dash: "dash", marker: "square" },
  { name: "slopes", label: "and the slopes", dash: "solid", marker: "diamond" },
];

const colorOf = (t, name) => ({ now: t.exact, past: t.eps, slopes: t.accent })[name];

/** The share of each step that no combination of what a solver has seen can reach, with slopes and without. */
export const spanView = {
  coarse: true,
  height: (w) => Math.round(clamp(w * 0.8, 300, 420)),
  refuse(_lab, S) {
    if (S.n_starts < LEAST_SEEN) throw new RangeError(`a fit needs ${LEAST_SEEN} starts at least`);
  },
  compute: (lab) => runSpan(lab.engine, lab.S, lab.dragging),
  axes(_lab, W, H, R) {
    const g = R.gammas;
    return axes({ x: 58, y: 12, w: W - 72, h: H - 58 }, [0.8 * g[g.length - 2], 1.25 * g[0]], [LOW, 1], true);
  },
  draw(s, lab, W, H, R) {
    const A = this.axes(lab, W, H, R);
    const t = s.theme;
    const inside = (low, high, most) => {
      const out = [];
      for (let k = Math.ceil(Math.log10(low)); k <= Math.log10(high); k++) out.push(10 ** k);
      return out.filter((_, i) => i % Math.ceil(out.length / most) === 0);
    };
    const raised = (v) => powerOfTen(Math.round(Math.log10(v)));
    drawAxes(s, A, {
      xName: "γ at the start of the step",
      yName: "share out of the span",
      xTicks: inside(A.x0, A.x1, 7),
      yTicks: inside(A.y0, A.y1, 7),
      xFormat: raised,
      yFormat: raised,
      grid: true,
    });
    const pointsOf = (name) => R.shares[name].map((v, n) => [R.gammas[n], Math.max(v, LOW)]);
    const worst = R.gammas[R.worst];
    s.clip(A.x, A.y, A.w, A.h, () => {
      s.stroke({ color: t.axis, width: 1, dash: "dash" }, vertical(A, A.px(worst)));
      for (const { name, dash, marker } of CURVES) {
        s.stroke({ color: colorOf(t, name), width: 2, dash }, polyline(A, pointsOf(name)));
        s.fill({ color: colorOf(t, name) }, markers(A, pointsOf(name), marker, 3.4));
      }
      for (const name of ["past", "slopes"])
        s.stroke({ color: t.fg, width: 1.4 }, circle(A, pointsOf(name)[R.worst], 7));
    });
    CURVES.forEach(({ name, label, dash, marker }, i) => {
      const y = A.y + 12 + 17 * i; // up there no curve is: steps at strong noise hardly turn
      const x = A.x + A.w - 138;
      const sample = [
        [x, y],
        [x + 28, y],
      ];
      s.stroke({ color: colorOf(t, name), width: 2, dash }, line(sample));
      s.fill({ color: colorOf(t, name) }, markers({ ...A, px: (v) => v, py: (v) => v }, [[x + 14, y]], marker, 3.4));
      s.text(label, x + 35, y, { size: 12, halo: true });
    });
  },
  handles: () => [],
  readout: (_lab, R) => ({
    head: ["a step, and the end", ""],
    note:
      `shares and errors are those of ${UNSEEN} starts that no fit has seen; a fit goes step by step along its own ` +
      "path, and slopes are exact",
    rows: [
      row("the worst step", "worst_step", R.worst + 1, String(R.worst + 1)),
      row("out of its span, without slopes", "share_past", R.shares.past[R.worst]),
      row("with slopes", "share_slopes", R.shares.slopes[R.worst]),
      row("error of a fit without slopes", "error_past", R.fits.past.error),
      row("of a fit with them", "error_slopes", R.fits.slopes.error),
      ...["ddim", "genie_multistep"].map((name) => errorRow(name, [["error", R.errors[name]]])),
    ],
  }),
  summary(lab, R) {
    const [without, with_] = ["past", "slopes"].map((name) => formatNumber(R.shares[name][R.worst]));
    const [fit, sloped] = ["past", "slopes"].map((name) => formatNumber(R.fits[name].error));
    return (
      `${countOf(lab.S.n_steps, "step")}, fitted on ${countOf(lab.S.n_starts, "start")}. In step ${R.worst + 1} the ` +
      `share ${without} is out of the span, with slopes ${with_}. Errors on unseen starts: ${fit} without slopes, ` +
      `${sloped} with them, GENIE multistep ${formatNumber(R.errors.genie_multistep)}, DDIM ` +
      `${formatNumber(R.errors.ddim)}.`
    );
  },
  table: (_lab, R) => ({
    caption: "Out of the span, by step",
    head: ["step", "γ", ...CURVES.map(({ label }) => label)],
    rows: R.shares.now.map((_, n) => [
      String(n + 1),
      formatNumber(R.gammas[n]),
      ...CURVES.map(({ name }) => formatNumber(R.shares[name][n])),
    ]),
  }),
  csv: (_lab, R) => [
    ["step", "gamma", ...CURVES.map(({ name }) => name)],
    ...R.shares.now.map((_, n) => [n + 1, R.gammas[n], ...CURVES.map(({ name }) => R.shares[name][n])]),
  ],
  python: (S) => [
    ...pythonHead(S),
    `others = torch.sqrt(1 + gammas[0] ** 2) * torch.as_tensor(starts(${UNSEEN}, seed=${py(S.seed + 1)}))`,
    "from genie_edu.train.fit import TERMS, WITHOUT_SLOPE, directions",
    "",
    "paths = [ge.exact_solution(flow, z, gammas) for z in (x_bar, others)]",
    "",
    "def steps(path, terms):",
    "    memory = None",
    "    for n, pair in enumerate(zip(gammas[:-1].tolist(), gammas[1:].tolist())):",
    "        known, memory = directions(flow, path[n], *pair, memory, terms)",
    "        yield torch.stack([d.flatten() for d in known.values()], 1), (path[n + 1] - path[n]).flatten()",
    "",
    "def out_of_span(terms):",
    "    for (A, a), (B, b) in zip(*(steps(path, terms) for path in paths)):",
    "        best = torch.linalg.lstsq(A, a[:, None]).solution[:, 0]",
    "        yield float((b - B @ best).norm() / b.norm())",
    "",
    "def error(solver):",
    "    return ge.end_point_error(ge.solve(flow, others, gammas, solver).x_bar[-1], paths[1][-1])",
    "",
    "share = {name: list(out_of_span(terms)) for name, terms in (",
    '    ("past", WITHOUT_SLOPE), ("slopes", TERMS))}',
    'worst = share["past"].index(max(share["past"]))',
    'print("worst_step", worst + 1)',
    'for name, terms in (("past", WITHOUT_SLOPE), ("slopes", TERMS)):',
    '    print("share_" + name, f"{share[name][worst]:.3g}")',
    "    fit = ge.fit_solver(flow, gammas, x_bar, terms, rounds=0, exact=paths[0])",
    '    print("error_" + name, f"{error(fit):.3g}")',
    'for solver in ("ddim", "genie_multistep"):',
    '    print(solver, f"{error(solver):.3g}")',
  ],
};
