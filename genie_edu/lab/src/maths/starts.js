// @ts-check

const PLASTIC = 1.324717957244746; // the plastic number: Roberts 2018, the R2 sequence

/**
 * n standard normal points (2n numbers) from a golden-ratio sequence: the same in Python.
 * @type {(n: number, seed: number) => Float64Array}
 */
export function starts(n, seed) {
  const out = new Float64Array(2 * n);
  for (let i = 0; i < n; i++) {
    const k = i + 1 + 1000 * seed;
    const u1 = (0.5 + k / PLASTIC) % 1;
    const u2 = (0.5 + k / (PLASTIC * PLASTIC)) % 1;
    const r = Math.sqrt(-2 * Math.log(1 - u1));
    out[2 * i] = r * Math.cos(2 * Math.PI * u2);
    out[2 * i + 1] = r * Math.sin(2 * Math.PI * u2);
  }
  return out;
}
