// @ts-check

import { alphaOf, gammaOf } from "../maths/clocks.js";
import { centred, drawAxes } from "./axes.js";
import { shadeEnd } from "./density.js";
import { styleOf } from "./labels.js";
import { endPixels, trackPens } from "./tracks.js";

/** Paths that are drawn at most: more would hide each other. */
export const MOST_LINES = 40;

/** The window of a small panel: what it shows of the plane, and its ticks. */
export const panelAxes = (rect) => centred(rect, 2.6);
export const PANEL_TICKS = { xTicks: [-2, 0, 2], yTicks: [-2, 0, 2] };

/**
 * Starts' paths on one field in a panel: the field's exact ones, a solver's, and where each ends.
 * @param {import("./surfaces/surface.js").Surface} s
 * @param {any} lab
 * @param {import("./axes.js").Axes} A
 * @param {any} R
 * @param {{ truth: import("../maths/types.js").ExactPaths, rings: Float64Array, title: string,
 *   runs: { solver: string, run: any, faint?: boolean }[] }} options rings: end points to compare with; of a faint
 *   run only the end points are drawn
 */
export function drawField(s, lab, A, R, { truth, runs, rings, title }) {
  const gEnd = gammaOf(lab.S.t_end);
  const f = alphaOf(gEnd);
  const lines = Math.min(R.n, MOST_LINES);
  const t = s.theme;
  const last = lab.S.n_steps * 2 * R.n;
  const track = trackPens(A, R.n);
  const ends = endPixels(A, R.n);
  s.clip(A.x, A.y, A.w, A.h, () => {
    shadeEnd(s, lab, R.mix, gEnd, A);
    // the exact paths are there for all starts, also while a run takes fewer
    s.stroke({ color: t.exact, width: 2, alpha: 0.4 }, trackPens(A, lab.S.n_starts)(truth.path, truth.gamma, lines));
    for (const { solver, run, faint } of runs) {
      if (faint) continue;
      s.stroke({ color: styleOf(lab, solver).color, width: 1.1, alpha: 0.6 }, track(run.path, run.gammas, lines));
    }
    s.stamp(ends(rings, 0, f), { color: t.fg, radius: 5, marker: "circle", ring: true, alpha: 0.75 });
    if (rings !== truth.end) s.stamp(ends(truth.end, 0, f), { color: t.exact, radius: 2.6, marker: "circle" });
    for (const { solver, run } of runs) {
      const { color, marker } = styleOf(lab, solver);
      s.stamp(ends(run.path, last, f), { color, radius: 3, marker, alpha: 0.95 });
    }
  });
  drawAxes(s, A, { xName: "x₁", yName: "x₂", ...PANEL_TICKS });
  s.text(title, A.x, A.y - 12, { size: 12.5, weight: 600, room: A.w });
}

/**
 * Two panels, beside each other or, in a narrow view, one below the other.
 * @type {(W: number, H: number) => import("./axes.js").Rect[]}
 */
export function twoPanels(W, H) {
  const narrow = W < 560;
  const first = { x: 48, y: 28, w: (narrow ? W : 0.5 * W) - 60, h: (narrow ? H / 2 : H) - 72 };
  const second = narrow
    ? { x: 48, y: H / 2 + 28, w: W - 60, h: H / 2 - 72 }
    : { x: 0.5 * W + 50, y: 28, w: 0.5 * W - 62, h: H - 72 };
  return [first, second];
}
