// @ts-check

/** Soft shading of the diffused density under the plane, cached until mixture, level or window change. */
export function density(lab, mix, gamma, A) {
  const n = lab.dragging ? 90 : 180;
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
    for (let i = 0; i < n; i++)
      values[j * n + i] = mix.logProb(
        A.x0 + ((i + 0.5) / n) * (A.x1 - A.x0),
        A.y1 - ((j + 0.5) / rows) * (A.y1 - A.y0),
        gamma,
      );
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
