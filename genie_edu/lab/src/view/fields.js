// @ts-check

import { gammaOf } from "../maths/clocks.js";
import { axes, drawAxes } from "./axes.js";
import { density } from "./density.js";
import { styleOf } from "./labels.js";
import { endPixels, trackPens } from "./tracks.js";

/** Starts' paths on one field in a panel: the field's exact ones, a solver's, and where each ends. */
export function drawField(s, lab, A, R, { truth, runs, rings, title }) {
  const gEnd = gammaOf(lab.S.t_end);
  const f = 1 / Math.sqrt(1 + gEnd * gEnd);
  const lines = Math.min(R.n, 40);
  const t = s.theme;
  const at = lab.S.n_steps * 2 * R.n;
  const all = lab.S.n_starts;
  s.clip(A.x, A.y, A.w, A.h, () => {
    s.image(density(lab, R.mix, Math.max(gEnd, 0.03), A), A.x, A.y, A.w, A.h);
    s.stroke({ color: t.exact, width: 2, alpha: 0.4 }, trackPens(A, all)(truth.path, truth.gamma, lines));
    for (const { solver, run, faint } of runs)
      if (!faint)
        s.stroke(
          { color: styleOf(lab, solver).color, width: 1.1, alpha: 0.6 },
          trackPens(A, R.n)(run.path, run.gammas, lines),
        );
    s.stamp(endPixels(A, R.n)(rings, 0, f), { color: t.fg, radius: 5, marker: "circle", ring: true, alpha: 0.75 });
    if (rings !== truth.end)
      s.stamp(endPixels(A, R.n)(truth.end, 0, f), { color: t.exact, radius: 2.6, marker: "circle" });
    for (const { solver, run } of runs)
      s.stamp(endPixels(A, R.n)(run.path, at, f), {
        color: styleOf(lab, solver).color,
        radius: 3,
        marker: styleOf(lab, solver).marker,
        alpha: 0.95,
      });
  });
  drawAxes(s, A, { xName: "x₁", yName: "x₂", xTicks: [-2, 0, 2], yTicks: [-2, 0, 2] });
  s.text(title, A.x, A.y - 12, { size: 12.5, weight: 600, room: A.w });
}

/** Two panels, beside each other or one below the other; each square-scaled over 2.6 each way where `half` says so. */
export function twoPanels(W, H, share = 0.5) {
  const narrow = W < 560;
  const scaled = (r) => {
    const k = 2.6 / Math.min(r.w, r.h);
    return axes(r, [-k * r.w, k * r.w], [-k * r.h, k * r.h]);
  };
  const first = { x: 48, y: 28, w: (narrow ? W : share * W) - 60, h: (narrow ? H / 2 : H) - 72 };
  const second = narrow
    ? { x: 48, y: H / 2 + 28, w: W - 60, h: H / 2 - 72 }
    : { x: share * W + 50, y: 28, w: (1 - share) * W - 62, h: H - 72 };
  return { first, second, scaled };
}
