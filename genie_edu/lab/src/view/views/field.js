// @ts-check

import { drawAxes, plane, square } from "../axes.js";
import { shade } from "../density.js";
import { formatNumber, pointText, spreadOf } from "../numbers.js";
import { line } from "../pens.js";
import { meanHandles, pointHandle } from "../places.js";
import { py, pythonHead } from "../python.js";
import { row } from "../rows.js";

const CELL = 30; // pixels between two arrows

/**
 * An arrow in pixels, its middle at x, y; none where there would be nothing to see.
 * @type {(pen: import("../surfaces/surface.js").Pen, x: number, y: number, vx: number, vy: number, head: number)
 *   => void}
 */
function arrow(pen, x, y, vx, vy, head) {
  const n = Math.hypot(vx, vy);
  if (!(n > 0.5)) return;
  const ux = vx / n;
  const uy = vy / n;
  const q = Math.min(head, n * 0.6);
  const tip = [x + vx / 2, y + vy / 2];
  line([[x - vx / 2, y - vy / 2], tip])(pen);
  line([
    [tip[0] - q * (ux + 0.6 * uy), tip[1] - q * (uy - 0.6 * ux)],
    tip,
    [tip[0] - q * (ux - 0.6 * uy), tip[1] - q * (uy + 0.6 * ux)],
  ])(pen);
}

/** eps or the score as arrows over the plane, and their values at a probe. */
export const fieldView = {
  height: square,
  compute(lab) {
    const S = lab.S;
    const mix = lab.engine.mixture(S);
    const gamma = Math.exp(S.log_gamma);
    const E = new Float64Array(2);
    mix.eps(Float64Array.from(S.probe), 0, 1, gamma, E);
    return {
      mix,
      gamma,
      eps: [E[0], E[1]],
      score: [-E[0] / gamma, -E[1] / gamma],
      logp: mix.logProb(S.probe[0], S.probe[1], gamma),
      shares: mix.responsibilities(S.probe[0], S.probe[1], gamma),
    };
  },
  draw(s, lab, W, H, R) {
    const S = lab.S;
    const A = plane(W, H, lab.reach);
    const nx = Math.floor(A.w / CELL);
    const ny = Math.floor(A.h / CELL);
    const X = new Float64Array(2 * nx * ny);
    const E = new Float64Array(2 * nx * ny);
    const ox = A.x + (A.w - (nx - 1) * CELL) / 2;
    const oy = A.y + (A.h - (ny - 1) * CELL) / 2;
    for (let j = 0; j < ny; j++)
      for (let i = 0; i < nx; i++) {
        const [x, y] = A.inverse(ox + i * CELL, oy + j * CELL);
        X[2 * (j * nx + i)] = x;
        X[2 * (j * nx + i) + 1] = y;
      }
    R.mix.eps(X, 0, nx * ny, R.gamma, E);
    const sign = S.quantity === "score" ? -1 / R.gamma : 1;
    // eps has length 1.25 on average wherever the data is small beside the noise; the score's arrows saturate
    const length = (v) => 0.92 * CELL * (S.quantity === "eps" ? Math.min(v / 2.4, 1) : v / (1 + v));
    const color = S.quantity === "eps" ? lab.theme.eps : lab.theme.score;
    s.clip(A.x, A.y, A.w, A.h, () => {
      shade(s, lab, R.mix, R.gamma, A);
      s.stroke({ color, width: 1.3, alpha: 0.9 }, (pen) => {
        for (let q = 0; q < nx * ny; q++) {
          const vx = sign * E[2 * q];
          const vy = sign * E[2 * q + 1];
          const n = Math.hypot(vx, vy);
          const k = n > 0 ? length(n) / n : 0;
          arrow(pen, ox + (q % nx) * CELL, oy + Math.floor(q / nx) * CELL, k * vx, -k * vy, 5);
        }
      });
      const [vx, vy] = S.quantity === "eps" ? R.eps : R.score;
      const n = Math.hypot(vx, vy);
      const k = n > 0 ? Math.min(46, 26 * n + 8) / n : 0;
      const x = A.px(S.probe[0]);
      const y = A.py(S.probe[1]);
      s.stroke({ color: s.theme.fg, width: 2.2 }, (pen) =>
        arrow(pen, x + (k * vx) / 2, y - (k * vy) / 2, k * vx, -k * vy, 8),
      );
    });
    drawAxes(s, A, { xName: "x̄₁", yName: "x̄₂" });
  },
  handles(lab, W, H) {
    const S = lab.S;
    const A = plane(W, H, lab.reach);
    return [...meanHandles(S, A), pointHandle(S, A, "probe", "Probe at")];
  },
  readout: (_lab, R) => ({
    head: ["at the probe", ""],
    rows: [
      row("eps", "eps", R.eps, pointText(R.eps)),
      row("score", "score", R.score, pointText(R.score)),
      row("log density", "log_density", R.logp),
      row("share of each component", "shares", R.shares, R.shares.map((v) => v.toFixed(2)).join(", ")),
    ],
  }),
  summary(lab, R) {
    const [probe, eps, score] = [lab.S.probe, R.eps, R.score].map(pointText);
    return `At noise level γ = ${formatNumber(R.gamma)} and x̄ = ${probe}: eps = ${eps}, score = ${score}.`;
  },
  table: (lab, R) => ({
    caption: "The mixture",
    head: ["component", "weight", "mean", "spread", "share at the probe"],
    rows: lab.S.weights.map((w, k) => [
      String(k + 1),
      formatNumber(w),
      pointText(lab.S.means[k]),
      formatNumber(spreadOf(lab.S.covs[k])),
      R.shares[k].toFixed(2),
    ]),
  }),
  csv(lab, R) {
    const rows = [["x_bar_1", "x_bar_2", "gamma", "eps_1", "eps_2", "log_density"]];
    const E = new Float64Array(2);
    for (let j = -6; j <= 6; j++)
      for (let i = -6; i <= 6; i++) {
        R.mix.eps([i / 2, j / 2], 0, 1, R.gamma, E);
        rows.push([i / 2, j / 2, R.gamma, E[0], E[1], R.mix.logProb(i / 2, j / 2, R.gamma)]);
      }
    return rows;
  },
  python: (S) => [
    ...pythonHead(S).slice(0, 2),
    "",
    ...pythonHead(S).slice(4, 6),
    `gamma = ${Math.exp(S.log_gamma)}`,
    `x_bar = torch.tensor([${py(S.probe)}], dtype=torch.float64)`,
    "eps = flow.eps(x_bar, gamma)",
    'print("eps", [f"{v:.3g}" for v in eps[0].tolist()])',
    'print("score", [f"{v:.3g}" for v in (-eps[0] / gamma).tolist()])',
    'print("log_density", f"{float(mixture.log_prob(x_bar, gamma)[0]):.3g}")',
  ],
};
