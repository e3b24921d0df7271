// @ts-check

/** @typedef {import("../maths/mixture.js").Mixture} Mixture */
/** @typedef {import("./axes.js").Axes} Axes */

const ACROSS = 180; // values from left to right; half as many while something is dragged
const LEAST_LEVEL = 0.03; // below it a mode would be narrower than the shading's grid

/**
 * A picture of the diffused density, kept until mixture, level, window or colour change.
 * @type {(lab: any, mix: Mixture, gamma: number, A: Axes) => HTMLCanvasElement}
 */
function density(lab, mix, gamma, A) {
  const n = lab.dragging ? ACROSS / 2 : ACROSS;
  const key = `${gamma} ${A.x0} ${A.x1} ${A.y0} ${A.y1} ${n} ${lab.theme.shade}`;
  if (lab.shade && lab.shade.mix === mix && lab.shade.key === key) return lab.shade.canvas;
  const rows = Math.max(1, Math.round((n * A.h) / A.w));
  const canvas = document.createElement("canvas");
  canvas.width = n;
  canvas.height = rows;
  const ctx = canvas.getContext("2d");
  const image = ctx.createImageData(n, rows);
  const values = new Float64Array(n * rows);
  const top = Math.max(...mix.means.map((m) => mix.logProb(m[0], m[1], gamma))); // near enough to the peak
  for (let j = 0; j < rows; j++)
    for (let i = 0; i < n; i++) {
      const x = A.x0 + ((i + 0.5) / n) * (A.x1 - A.x0);
      const y = A.y1 - ((j + 0.5) / rows) * (A.y1 - A.y0);
      values[j * n + i] = mix.logProb(x, y, gamma);
    }
  const [r, g, b] = lab.theme.shade.split(",").map(Number);
  for (let q = 0; q < values.length; q++) {
    image.data[4 * q] = r;
    image.data[4 * q + 1] = g;
    image.data[4 * q + 2] = b;
    image.data[4 * q + 3] = Math.round(Math.min(130, 120 * Math.exp(0.5 * (values[q] - top))));
  }
  ctx.putImageData(image, 0, 0);
  lab.shade = { mix, key, canvas };
  return canvas;
}

/**
 * Soft shading of the density at a level, under what the axes show.
 * @type {(s: import("./surfaces/surface.js").Surface, lab: any, mix: Mixture, gamma: number, A: Axes) => void}
 */
export function shade(s, lab, mix, gamma, A) {
  s.image(density(lab, mix, gamma, A), A.x, A.y, A.w, A.h);
}

/** The same at the level where runs end. @type {typeof shade} */
export function shadeEnd(s, lab, mix, gamma, A) {
  shade(s, lab, mix, Math.max(gamma, LEAST_LEVEL), A);
}
