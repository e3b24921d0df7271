// @ts-check

/** 24 Gauss-Legendre nodes and weights on [-1, 1], by Newton's iteration on the Legendre polynomial. */
const GAUSS = (() => {
  const n = 24;
  const nodes = [];
  for (let i = 0; i < n; i++) {
    let x = Math.cos((Math.PI * (i + 0.75)) / (n + 0.5));
    let slope = 1;
    for (let turn = 0; turn < 8; turn++) {
      let p0 = 1;
      let p1 = x;
      for (let k = 2; k <= n; k++) [p0, p1] = [p1, ((2 * k - 1) * x * p1 - (k - 1) * p0) / k];
      slope = (n * (x * p1 - p0)) / (x * x - 1);
      x -= p1 / slope;
    }
    nodes.push([x, 2 / ((1 - x * x) * slope * slope)]);
  }
  return nodes;
})();

/**
 * Solves the linear system whose rows are [coefficients, right-hand side], by elimination with the largest pivot.
 * @type {(rows: number[][]) => number[]}
 */
function solveLinear(rows) {
  const n = rows.length;
  for (let i = 0; i < n; i++) {
    let best = i;
    for (let j = i + 1; j < n; j++) if (Math.abs(rows[j][i]) > Math.abs(rows[best][i])) best = j;
    [rows[i], rows[best]] = [rows[best], rows[i]];
    for (let j = 0; j < n; j++) {
      if (j === i) continue;
      const f = rows[j][i] / rows[i][i];
      for (let c = i; c <= n; c++) rows[j][c] -= f * rows[i][c];
    }
  }
  return rows.map((row, i) => row[n] / row[i]);
}

/**
 * Weights that integrate over the step, exactly, the polynomial in `u` through what is known.
 * @param {(gamma: number) => number} u the variable of the polynomial
 * @param {(gamma: number) => number} m the measure is m dgamma
 * @param {number[]} values gammas at which values are known
 * @param {number[]} slopes gammas at which derivatives in u are known
 * @param {number} g
 * @param {number} gn the step leads from g to gn
 * @returns {number[]} one weight a value, then one a slope
 */
export function interpolationWeights(u, m, values, slopes, g, gn) {
  const n = values.length + slopes.length;
  const from = u(g);
  const scale = u(gn) - from;
  const moments = new Array(n).fill(0);
  const low = Math.log(g);
  const half = 0.5 * Math.log(gn / g);
  for (const [node, weight] of GAUSS) {
    const gamma = Math.exp(low + half * (1 + node));
    const v = (u(gamma) - from) / scale;
    for (let k = 0, part = half * weight * gamma * m(gamma); k < n; k++, part *= v) moments[k] += part;
  }
  const at = values.map((q) => (u(q) - from) / scale);
  const atSlope = slopes.map((q) => (u(q) - from) / scale);
  const rows = moments.map((moment, k) => [
    ...at.map((v) => v ** k),
    ...atSlope.map((v) => (k ? (k * v ** (k - 1)) / scale : 0)),
    moment,
  ]);
  return solveLinear(rows);
}
