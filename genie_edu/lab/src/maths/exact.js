// @ts-check
/* Dormand and Prince 8(5,3), the 12 stages of the order-8 formula (Hairer, Norsett, Wanner: Solving
 * Ordinary Differential Equations I, 2nd ed., appendix). Rows: stage, its coefficients; zeros kept. */
const DOP_C = [
  0, 0.05260015195876773, 0.0789002279381516, 0.1183503419072274, 0.2816496580927726, 0.3333333333333333, 0.25,
  0.3076923076923077, 0.6512820512820513, 0.6, 0.8571428571428571, 1,
];
const DOP_A = [
  [],
  [0.05260015195876773],
  [0.0197250569845379, 0.0591751709536137],
  [0.02958758547680685, 0, 0.08876275643042054],
  [0.2413651341592667, 0, -0.8845494793282861, 0.924834003261792],
  [0.037037037037037035, 0, 0, 0.17082860872947386, 0.12546768756682242],
  [0.037109375, 0, 0, 0.17025221101954405, 0.06021653898045596, -0.017578125],
  [0.03709200011850479, 0, 0, 0.17038392571223998, 0.10726203044637328, -0.015319437748624402, 0.008273789163814023],
  [
    0.6241109587160757, 0, 0, -3.3608926294469414, -0.868219346841726, 27.59209969944671, 20.154067550477894,
    -43.48988418106996,
  ],
  [
    0.47766253643826434, 0, 0, -2.4881146199716677, -0.590290826836843, 21.230051448181193, 15.279233632882423,
    -33.28821096898486, -0.020331201708508627,
  ],
  [
    -0.9371424300859873, 0, 0, 5.186372428844064, 1.0914373489967295, -8.149787010746927, -18.52006565999696,
    22.739487099350505, 2.4936055526796523, -3.0467644718982196,
  ],
  [
    2.273310147516538, 0, 0, -10.53449546673725, -2.0008720582248625, -17.9589318631188, 27.94888452941996,
    -2.8589982771350235, -8.87285693353063, 12.360567175794303, 0.6433927460157636,
  ],
];
const DOP_B = [
  0.054293734116568765, 0, 0, 0, 0, 4.450312892752409, 1.8915178993145003, -5.801203960010585, 0.3111643669578199,
  -0.1521609496625161, 0.20136540080403034, 0.04471061572777259,
];

/** @typedef {import("./types.js").Field} Field */
/** @typedef {import("./types.js").Numbers} Numbers */

/** Of the reference, in asinh(gamma / s): its error is below 1e-9. */
export const EXACT_SUBSTEP = 0.08;
/** The same for a picture in motion: below a pixel. */
export const COARSE_SUBSTEP = 0.3;

/**
 * The reference's own clock: uniform steps in asinh(gamma / s) are logarithmic above the scale s of the narrowest
 * mode and linear below it.
 * @type {(mixture: Field, g0: number, g1: number, substep: number) => Float64Array}
 */
function exactLevels(mixture, g0, g1, substep) {
  const s = Math.max(mixture.narrowest, 0.02);
  const a = Math.asinh(g0 / s);
  const b = Math.asinh(g1 / s);
  const n = Math.max(1, Math.ceil(Math.abs(a - b) / substep));
  const out = new Float64Array(n + 1);
  for (let i = 0; i <= n; i++) out[i] = s * Math.sinh(a + ((b - a) * i) / n);
  out[0] = g0;
  out[n] = g1;
  return out;
}

/** Integrate pairs from one level to the next with the order-8 formula: y = flow(x). */
export class Exact {
  constructor() {
    this.size = -1;
  }

  /** Buffers for n2 numbers. @param {number} n2 */
  reserve(n2) {
    if (this.size >= n2) return;
    this.K = DOP_B.map(() => new Float64Array(n2));
    this.T = new Float64Array(n2);
    this.size = n2;
  }

  /**
   * One step: pairs of x from o on at level g to pairs of y from p on at level gn, n2 numbers.
   * @type {(mixture: Field, x: Numbers, o: number, y: Numbers, p: number, n2: number, g: number, gn: number) => void}
   */
  step(mixture, x, o, y, p, n2, g, gn) {
    this.reserve(n2);
    const h = gn - g;
    const { K, T } = this;
    const B = n2 >> 1;
    mixture.eps(x, o, B, g, K[0]);
    for (let s = 1; s < 12; s++) {
      const row = DOP_A[s];
      for (let i = 0; i < n2; i++) T[i] = x[o + i];
      for (let q = 0; q < s; q++) {
        const c = h * row[q];
        const k = K[q];
        if (c !== 0) for (let i = 0; i < n2; i++) T[i] += c * k[i];
      }
      mixture.eps(T, 0, B, g + DOP_C[s] * h, K[s]);
    }
    for (let i = 0; i < n2; i++) {
      let v = 0;
      for (let q = 0; q < 12; q++) v += DOP_B[q] * K[q][i];
      y[p + i] = x[o + i] + h * v;
    }
  }

  /**
   * Exact paths at the levels of the reference's own fine grid.
   * @type {(mixture: Field, xBar: Numbers, g0: number, g1: number, substep?: number)
   *   => import("./types.js").ExactPaths}
   */
  paths(mixture, xBar, g0, g1, substep = EXACT_SUBSTEP) {
    const gamma = exactLevels(mixture, g0, g1, substep);
    const n2 = xBar.length;
    const n = gamma.length - 1;
    const path = new Float64Array(n2 * (n + 1));
    path.set(xBar);
    for (let i = 0; i < n; i++) this.step(mixture, path, i * n2, path, (i + 1) * n2, n2, gamma[i], gamma[i + 1]);
    return { gamma, path, end: path.subarray(n * n2) };
  }

  /**
   * The exact solution at every level of a given grid: (N+1) x B pairs.
   * @type {(mixture: Field, xBar: Numbers, gammas: Float64Array, substep?: number) => Float64Array}
   */
  along(mixture, xBar, gammas, substep = EXACT_SUBSTEP) {
    const n2 = xBar.length;
    const out = new Float64Array(n2 * gammas.length);
    out.set(xBar);
    for (let n = 0; n + 1 < gammas.length; n++) {
      const from = out.subarray(n * n2, (n + 1) * n2);
      out.set(this.paths(mixture, from, gammas[n], gammas[n + 1], substep).end, (n + 1) * n2);
    }
    return out;
  }
}
