// @ts-check

/** @typedef {{ x: number, y: number, text: string }} Label at a place in pixels */

/**
 * Labels at the right of curves, moved apart so that none covers another.
 * @type {<T extends Label>(labels: T[], gap: number, low: number, high: number) => T[]}
 */
export function spreadLabels(labels, gap, low, high) {
  const sorted = labels.filter((l) => Number.isFinite(l.y)).sort((a, b) => a.y - b.y);
  for (let i = 1; i < sorted.length; i++) sorted[i].y = Math.max(sorted[i].y, sorted[i - 1].y + gap);
  const over = sorted.length ? sorted[sorted.length - 1].y - high : 0;
  if (over > 0)
    for (let i = sorted.length - 1; i >= 0; i--)
      sorted[i].y = Math.min(sorted[i].y, i === sorted.length - 1 ? high : sorted[i + 1].y - gap);
  for (const l of sorted) l.y = Math.max(l.y, low);
  return sorted;
}

/**
 * Names beside end points, moved apart vertically and kept inside the frame.
 * @param {import("./surfaces/surface.js").Surface} s
 * @param {import("./axes.js").Axes} A
 * @param {{ p: ArrayLike<number>, text: string }[]} ends
 */
export function endLabels(s, A, ends) {
  const labels = ends
    .map(({ p, text }) => ({ x: A.px(p[0]) + 11, y: A.py(p[1]), text }))
    .filter((l) => l.x > A.x && l.x < A.x + A.w + 11 && l.y > A.y && l.y < A.y + A.h);
  for (const l of spreadLabels(labels, 16, A.y + 8, A.y + A.h - 8))
    s.text(l.text, Math.min(l.x, A.x + A.w - 7 * l.text.length - 6), l.y, { size: 12, weight: 600, halo: true });
}

/** What the book calls a solver. @type {(lab: any, solver: string) => string} */
export const labelOf = (lab, solver) => lab.config.styles[solver]?.label ?? solver;

/** How the book draws a solver. @typedef {{ label: string, color: string, marker: string, dash: string }} Style */

/** @type {(lab: any, solver: string) => Style} */
export const styleOf = (lab, solver) =>
  lab.config.styles[solver] ?? { label: solver, color: "#808080", marker: "circle", dash: "solid" };

/** A label without what stands in brackets. @type {(label: string) => string} */
export const shortened = (label) => label.replace(/ \(.*\)$/, "");

/** What a short line calls a solver. @type {(lab: any, solver: string) => string} */
export const shortLabel = (lab, solver) => shortened(labelOf(lab, solver));

export const SPACING_NAMES = {
  linear: "uniform in t",
  quadratic: "uniform in √t",
  log_gamma: "uniform in log-SNR",
  rho7: "uniform in γ^(1/7)",
};

export const CLOCK_NAMES = { t: "t", log_snr: "log-SNR = −2 log γ", gamma: "γ" };
