// @ts-check

/** @typedef {{ w: Float64Array, b: Float64Array, m: number, n: number }} Layer m rows (m even) of n numbers, biases. */

/**
 * y = W x + b (or W x) for `rows` vectors x, four at a time, two numbers of y each: the fastest loop in JavaScript.
 * @type {(layer: Layer, withBias: boolean, x: Float64Array, rows: number, y: Float64Array) => void}
 */
export function linear({ w, b, m, n }, withBias, x, rows, y) {
  for (let r = 0; r < rows; r += 4) {
    const x0 = r * n;
    const x1 = x0 + n;
    const x2 = x1 + n;
    const x3 = x2 + n;
    for (let j = 0, p = r * m; j < m; j += 2, p += 2) {
      let a0 = withBias ? b[j] : 0;
      let b0 = withBias ? b[j + 1] : 0;
      let a1 = a0;
      let a2 = a0;
      let a3 = a0;
      let b1 = b0;
      let b2 = b0;
      let b3 = b0;
      for (let k = 0, q = j * n, s = q + n; k < n; k++, q++, s++) {
        const u = w[q];
        const v = w[s];
        const c = x[x0 + k];
        const d = x[x1 + k];
        const e = x[x2 + k];
        const f = x[x3 + k];
        a0 += u * c;
        b0 += v * c;
        a1 += u * d;
        b1 += v * d;
        a2 += u * e;
        b2 += v * e;
        a3 += u * f;
        b3 += v * f;
      }
      y[p] = a0;
      y[p + 1] = b0;
      y[p + m] = a1;
      y[p + m + 1] = b1;
      y[p + 2 * m] = a2;
      y[p + 2 * m + 1] = b2;
      y[p + 3 * m] = a3;
      y[p + 3 * m + 1] = b3;
    }
  }
}

/** The multiple of four at or above B: `linear` takes four vectors at a time. @type {(B: number) => number} */
export const fours = (B) => (B + 3) & ~3;

export const FREQUENCIES = [1, 2, 3, 4, 5, 6].map((k) => (k * Math.PI) / 10);

/**
 * The level as a network reads it, u = log gamma as u/5, sines and cosines; or its derivative of that order in gamma.
 * @type {(gamma: number, order: number) => number[]}
 */
export function levelFeatures(gamma, order) {
  const u = Math.log(gamma);
  const u1 = 1 / gamma;
  const s = FREQUENCIES.map((f) => Math.sin(f * u));
  const c = FREQUENCIES.map((f) => Math.cos(f * u));
  if (order === 0) return [u / 5, ...s, ...c];
  if (order === 1)
    return [u1 / 5, ...FREQUENCIES.map((f, k) => f * u1 * c[k]), ...FREQUENCIES.map((f, k) => -f * u1 * s[k])];
  return [
    (-u1 * u1) / 5,
    ...FREQUENCIES.map((f, k) => -f * u1 * u1 * (f * s[k] + c[k])),
    ...FREQUENCIES.map((f, k) => f * u1 * u1 * (s[k] - f * c[k])),
  ];
}

/**
 * Float32 numbers from base64, as the layers (rows, columns) that they fill in turn.
 * @type {(text: string, shapes: number[][]) => Layer[]}
 */
export function unpackLayers(text, shapes) {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const all = Float64Array.from(new Float32Array(bytes.buffer));
  let at = 0;
  const layers = shapes.map(([m, n]) => {
    const w = all.subarray(at, at + m * n);
    const b = all.subarray(at + m * n, at + m * n + m);
    at += m * n + m;
    return { w, b, m, n };
  });
  if (at !== all.length) throw new RangeError("weights of another network");
  return layers;
}
