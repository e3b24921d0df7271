/* genie_edu's live lab: the exact 2-D world of the book in one classic script, no dependencies.
 * Bundled by `make lab` from genie_edu/lab/src; change it there. */
"use strict";
(() => {
  // genie_edu/lab/src/maths/clocks.js
  var BETA_MIN = 0.1;
  var BETA_D = 19.9;
  var bigB = (t) => BETA_MIN * t + 0.5 * BETA_D * t * t;
  var gammaOf = (t) => Math.sqrt(Math.expm1(bigB(t)));
  var tOf = (gamma) => {
    const L = Math.log1p(gamma * gamma);
    return 2 * L / (BETA_MIN + Math.sqrt(BETA_MIN * BETA_MIN + 2 * BETA_D * L));
  };
  var clockOf = (clock, g) => clock === "t" ? tOf(g) : clock === "log_snr" ? -2 * Math.log(g) : g;
  var gammaOfClock = (clock, v) => clock === "t" ? gammaOf(v) : clock === "log_snr" ? Math.exp(-0.5 * v) : v;

  // genie_edu/lab/src/maths/grids.js
  var RHO = 7;
  function linspace(a, b, n) {
    const out = new Float64Array(n + 1);
    const step = (b - a) / n;
    const half = n + 1 >> 1;
    for (let i = 0; i <= n; i++) out[i] = i < half ? a + step * i : b - step * (n - i);
    return out;
  }
  var SPACINGS = ["linear", "quadratic", "log_gamma", "rho7"];
  function grid(n, spacing, t0, t1) {
    const g0 = gammaOf(t0);
    const g1 = gammaOf(t1);
    let t;
    if (spacing === "linear") t = linspace(t0, t1, n);
    else if (spacing === "quadratic") t = linspace(Math.sqrt(t0), Math.sqrt(t1), n).map((v) => v * v);
    else if (spacing === "log_gamma") t = linspace(Math.log(g0), Math.log(g1), n).map((v) => tOf(Math.exp(v)));
    else if (spacing === "rho7") t = linspace(g0 ** (1 / RHO), g1 ** (1 / RHO), n).map((v) => tOf(v ** RHO));
    else throw new RangeError("unknown spacing");
    t[0] = t0;
    t[n] = t1;
    return t.map(gammaOf);
  }
  var MONITOR_FLOOR = 0.05;
  function equidistribute(gammas, localErrors, order) {
    const N = localErrors.length;
    const root = Array.from(localErrors, (e) => e ** (1 / (order + 1)));
    const mean = root.reduce((a, b) => a + b) / N;
    const sum = [0];
    const out = Float64Array.from(gammas);
    for (const m of root) sum.push(sum[sum.length - 1] + m + MONITOR_FLOOR * mean);
    if (!(sum[N] > 0 && Number.isFinite(sum[N]))) return out;
    for (let i = 1, k = 0; i < N; i++) {
      const wanted = sum[N] * i / N;
      while (k + 1 < N && sum[k + 1] < wanted) k++;
      out[i] = gammas[k] * (gammas[k + 1] / gammas[k]) ** ((wanted - sum[k]) / (sum[k + 1] - sum[k]));
    }
    return out;
  }

  // genie_edu/lab/src/maths/interpolation.js
  var GAUSS = (() => {
    const n = 24;
    const nodes = [];
    for (let i = 0; i < n; i++) {
      let x = Math.cos(Math.PI * (i + 0.75) / (n + 0.5));
      let slope = 1;
      for (let turn = 0; turn < 8; turn++) {
        let p0 = 1;
        let p1 = x;
        for (let k = 2; k <= n; k++) [p0, p1] = [p1, ((2 * k - 1) * x * p1 - (k - 1) * p0) / k];
        slope = n * (x * p1 - p0) / (x * x - 1);
        x -= p1 / slope;
      }
      nodes.push([x, 2 / ((1 - x * x) * slope * slope)]);
    }
    return nodes;
  })();
  function interpolationWeights(u, m, values, slopes, g, gn) {
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
      ...atSlope.map((v) => k ? k * v ** (k - 1) / scale : 0),
      moment
    ]);
    for (let i = 0; i < n; i++) {
      let best = i;
      for (let j = i + 1; j < n; j++) if (Math.abs(rows[j][i]) > Math.abs(rows[best][i])) best = j;
      [rows[i], rows[best]] = [rows[best], rows[i]];
      for (let j = 0; j < n; j++)
        if (j !== i) {
          const f = rows[j][i] / rows[i][i];
          for (let c = i; c <= n; c++) rows[j][c] -= f * rows[i][c];
        }
    }
    return rows.map((row, i) => row[n] / row[i]);
  }

  // genie_edu/lab/src/maths/multistep.js
  function remember(s, depth, g, X, o, E, D) {
    const slot = s.past.length >= depth ? s.past.pop() : { X: new s.real(s.n2), E: new s.real(s.n2), D: new s.real(s.n2) };
    slot.g = g;
    for (let i = 0; i < s.n2; i++) {
      slot.X[i] = X[o + i];
      slot.E[i] = E[i];
      if (D) slot.D[i] = D[i];
    }
    s.past.unshift(slot);
  }
  function weightedStep(s, g, weights, depth) {
    const { x, o, y, p, E, n2 } = s;
    for (let i = 0; i < n2; i++) {
      let sum = weights[0] * E[i];
      for (let j = 1; j < weights.length; j++) sum += weights[j] * s.past[j - 1].E[i];
      y[p + i] = x[o + i] + sum;
    }
    remember(s, depth, g, x, o, E, null);
  }
  var ADAMS = [[1], [3 / 2, -1 / 2], [23 / 12, -16 / 12, 5 / 12], [55 / 24, -59 / 24, 37 / 24, -9 / 24]];
  var ab2 = {
    order: 2,
    memory: 1,
    step(s, g, gn) {
      const { x, o, y, p, E, P, n2 } = s;
      const h2 = gn - g;
      const c = s.prev > 0 ? 0.5 * h2 * h2 / (g - s.prev) : 0;
      s.evaluate(0, x, o, g);
      for (let i = 0; i < n2; i++) {
        y[p + i] = x[o + i] + h2 * E[i] + c * (E[i] - P[i]);
        P[i] = E[i];
      }
      s.prev = g;
    }
  };
  var dpmpp2m = {
    order: 2,
    memory: 1,
    step(s, g, gn) {
      const { x, o, y, p, E, P, n2 } = s;
      const k = gn / g;
      const c = s.prev > 0 ? 0.5 * Math.log(g / gn) / Math.log(s.prev / g) : 0;
      s.evaluate(0, x, o, g);
      for (let i = 0; i < n2; i++) {
        const data = x[o + i] - g * E[i];
        y[p + i] = k * x[o + i] + (1 - k) * (data + c * (data - P[i]));
        P[i] = data;
      }
      s.prev = g;
    }
  };
  var ipndm4 = {
    order: 2,
    memory: 3,
    step(s, g, gn) {
      s.evaluate(0, s.x, s.o, g);
      weightedStep(
        s,
        g,
        ADAMS[s.past.length].map((a) => a * (gn - g)),
        3
      );
    }
  };
  var deis = (u, depth) => (s, g, gn) => {
    s.evaluate(0, s.x, s.o, g);
    weightedStep(
      s,
      g,
      interpolationWeights(u, () => 1, [g, ...s.past.map((q) => q.g)], [], g, gn),
      depth
    );
  };
  var deisTab3 = { order: 4, memory: 3, step: deis(tOf, 3) };
  var deisLogrho3 = { order: 3, memory: 2, step: deis(Math.log, 2) };
  var unipc2 = {
    order: 3,
    memory: 2,
    step(s, g, gn) {
      const { x, o, y, p, E, A, T, n2, past } = s;
      const [one, two] = past;
      s.evaluate(0, x, o, g);
      for (let i = 0; i < n2; i++) {
        A[i] = x[o + i] - g * E[i];
        T[i] = x[o + i];
      }
      if (one) {
        const k2 = g / one.g;
        const H = Math.log(one.g / g);
        const r2 = two ? -Math.log(two.g / one.g) / H : 0;
        const phi1 = Math.expm1(-H);
        const phi2 = -phi1 / H - 1;
        const phi3 = -phi2 / H - 0.5;
        const b1 = phi2 / phi1;
        const b2 = 2 * phi3 / phi1;
        const cPast = two ? (b1 - b2) / (1 - r2) : 0;
        const cNow = two ? b1 - cPast : 0.5;
        for (let i = 0; i < n2; i++) {
          const d0 = one.X[i] - one.g * one.E[i];
          const d1 = two ? (two.X[i] - two.g * two.E[i] - d0) / r2 : 0;
          T[i] = k2 * one.X[i] - phi1 * (d0 + cPast * d1 + cNow * (A[i] - d0));
          E[i] = (T[i] - A[i]) / g;
        }
      }
      const k = gn / g;
      const r = one ? 0.5 * Math.log(g / gn) / Math.log(one.g / g) : 0;
      for (let i = 0; i < n2; i++) {
        const d1 = one ? A[i] - (one.X[i] - one.g * one.E[i]) : 0;
        y[p + i] = k * T[i] + (1 - k) * (A[i] + r * d1);
      }
      remember(s, 2, g, T, 0, E, null);
    }
  };

  // genie_edu/lab/src/maths/genie_multistep.js
  var circleMeasure = (g) => 1 / (1 + g * g);
  var circleSpeed = (g, x, e) => Math.hypot(1, g) * e - g / Math.hypot(1, g) * x;
  var circleSlope = (g, x, d) => (1 + g * g) * d - x / (1 + g * g);
  function circleCorrection(s, one, g, S) {
    const { E, D1, T, n2 } = s;
    const ends = [g, one.g];
    const w = interpolationWeights(Math.asinh, circleMeasure, ends, ends, one.g, g);
    for (let i = 0; i < n2; i += 2) {
      const square2 = Math.max(E[i] * E[i] + E[i + 1] * E[i + 1], 1e-30);
      const r = Math.min(1, Math.max(0, g * (E[i] * D1[i] + E[i + 1] * D1[i + 1]) / square2));
      const J = (1 - r) / g;
      const K = r * (1 - r) / (g * g);
      const feedback = w[0] * (S * S * J - g) + w[2] * (S * S * S * K - 1 / S);
      for (let c = i; c < i + 2; c++) {
        const again = S * (one.X[c] / Math.hypot(1, one.g) + w[0] * circleSpeed(g, T[c], E[c]) + w[1] * circleSpeed(one.g, one.X[c], one.E[c]) + w[2] * circleSlope(g, T[c], D1[c]) + w[3] * circleSlope(one.g, one.X[c], one.D[c]));
        const moved = (again - T[c]) / (1 - Math.min(0, feedback));
        T[c] += moved;
        E[c] += J * moved;
        D1[c] += K * moved;
      }
    }
  }
  var genieMultistep = {
    order: 4,
    memory: 2,
    step(s, g, gn) {
      const { x, o, y, p, E, D1, T, n2, past } = s;
      const [one, two] = past;
      const S = Math.hypot(1, g);
      s.evaluate(1, x, o, g);
      for (let i = 0; i < n2; i++) T[i] = x[o + i];
      if (one) circleCorrection(s, one, g, S);
      const values = [g, ...past.map((q) => q.g)];
      const slopes = values.slice(0, 2);
      const w = interpolationWeights(Math.asinh, circleMeasure, values, slopes, g, gn);
      const Sn = Math.hypot(1, gn);
      const wSlope = w.length - slopes.length;
      for (let i = 0; i < n2; i++) {
        let sum = T[i] / S + w[0] * circleSpeed(g, T[i], E[i]) + w[wSlope] * circleSlope(g, T[i], D1[i]);
        if (one)
          sum += w[1] * circleSpeed(one.g, one.X[i], one.E[i]) + w[wSlope + 1] * circleSlope(one.g, one.X[i], one.D[i]);
        if (two) sum += w[2] * circleSpeed(two.g, two.X[i], two.E[i]);
        y[p + i] = Sn * sum;
      }
      remember(s, 2, g, T, 0, E, D1);
    }
  };

  // genie_edu/lab/src/maths/single_step.js
  var ddim = {
    order: 1,
    memory: 0,
    step(s, g, gn) {
      const { x, o, y, p, E, n2 } = s;
      const h2 = gn - g;
      s.evaluate(0, x, o, g);
      for (let i = 0; i < n2; i++) y[p + i] = x[o + i] + h2 * E[i];
    }
  };
  var genie = {
    order: 2,
    memory: 0,
    step(s, g, gn) {
      const { x, o, y, p, E, D1, n2 } = s;
      const h2 = gn - g;
      const c = 0.5 * h2 * h2;
      s.evaluate(1, x, o, g);
      for (let i = 0; i < n2; i++) y[p + i] = x[o + i] + h2 * E[i] + c * D1[i];
    }
  };
  var taylor3 = {
    order: 3,
    memory: 0,
    step(s, g, gn) {
      const { x, o, y, p, E, D1, D2, n2 } = s;
      const h2 = gn - g;
      const c = 0.5 * h2 * h2;
      const d = h2 * h2 * h2 / 6;
      s.evaluate(2, x, o, g);
      for (let i = 0; i < n2; i++) y[p + i] = x[o + i] + h2 * E[i] + c * D1[i] + d * D2[i];
    }
  };
  var genieLog = {
    order: 2,
    memory: 0,
    step(s, g, gn) {
      const { x, o, y, p, E, D1, n2 } = s;
      const h2 = gn - g;
      const c = g * (g - gn * (1 + Math.log(g / gn)));
      s.evaluate(1, x, o, g);
      for (let i = 0; i < n2; i++) y[p + i] = x[o + i] + h2 * E[i] + c * D1[i];
    }
  };
  var heun = {
    order: 2,
    memory: 0,
    calls: 2,
    step(s, g, gn) {
      const { x, o, y, p, E, A, T, n2 } = s;
      const h2 = gn - g;
      s.evaluate(0, x, o, g);
      for (let i = 0; i < n2; i++) {
        A[i] = E[i];
        T[i] = x[o + i] + h2 * E[i];
      }
      s.evaluate(0, T, 0, gn);
      for (let i = 0; i < n2; i++) y[p + i] = x[o + i] + 0.5 * h2 * (A[i] + E[i]);
    }
  };
  var rk4 = {
    order: 4,
    memory: 0,
    calls: 4,
    step(s, g, gn) {
      const { x, o, y, p, E, A, T, n2 } = s;
      const h2 = gn - g;
      const mid = g + 0.5 * h2;
      s.evaluate(0, x, o, g);
      for (let i = 0; i < n2; i++) {
        A[i] = E[i];
        T[i] = x[o + i] + 0.5 * h2 * E[i];
      }
      s.evaluate(0, T, 0, mid);
      for (let i = 0; i < n2; i++) {
        A[i] += 2 * E[i];
        T[i] = x[o + i] + 0.5 * h2 * E[i];
      }
      s.evaluate(0, T, 0, mid);
      for (let i = 0; i < n2; i++) {
        A[i] += 2 * E[i];
        T[i] = x[o + i] + h2 * E[i];
      }
      s.evaluate(0, T, 0, gn);
      for (let i = 0; i < n2; i++) y[p + i] = x[o + i] + h2 / 6 * (A[i] + E[i]);
    }
  };
  var dpmSolver2 = {
    order: 2,
    memory: 0,
    calls: 2,
    step(s, g, gn) {
      const { x, o, y, p, E, T, n2 } = s;
      const mid = Math.sqrt(g * gn);
      s.evaluate(0, x, o, g);
      for (let i = 0; i < n2; i++) T[i] = x[o + i] + (mid - g) * E[i];
      s.evaluate(0, T, 0, mid);
      for (let i = 0; i < n2; i++) y[p + i] = x[o + i] + (gn - g) * E[i];
    }
  };

  // genie_edu/lab/src/maths/solvers.js
  var SOLVERS = {
    ddim,
    genie,
    taylor3,
    genie_log: genieLog,
    heun,
    rk4,
    ab2,
    dpmpp_2m: dpmpp2m,
    ipndm4,
    dpm_solver_2: dpmSolver2,
    deis_tab3: deisTab3,
    deis_logrho3: deisLogrho3,
    unipc_2: unipc2,
    genie_multistep: genieMultistep
  };

  // genie_edu/lab/src/maths/mysteries.js
  var DIAGNOSES = {
    sound: "nothing is wrong: it ends where it should, with the order it claims",
    repeated_level: "the last level but one is listed twice, so it stops one step short",
    extra_step: "it takes one step too many, past the last level",
    stale_step: "one factor of its step is made with the length of the step before",
    swapped_sign: "a sign in its corrector is swapped",
    no_second_term: "its second-order term never takes effect: it is DDIM",
    not_lowered: "its last step should be lowered to first order, and is not"
  };
  var byLevel = (name) => (s, g, gn) => SOLVERS[name(s, g, gn)].step(s, g, gn);
  var MYSTERIES = {
    A: {
      order: 2,
      diagnosis: "stale_step",
      claim: "DPM-Solver++(2M), sharper. One call a step.",
      why: "The data prediction gets the weight 1 - exp(-H) of the step before, so the weights no longer add up to one unless all steps in log-SNR are equal: order one.",
      step(s, g, gn) {
        const { x, o, y, p, E, P, n2 } = s;
        const k = gn / g;
        const before = s.prev > 0;
        const c = before ? 0.5 * Math.log(g / gn) / Math.log(s.prev / g) : 0;
        const weight = before ? 1 - g / s.prev : 1 - k;
        s.evaluate(0, x, o, g);
        for (let i = 0; i < n2; i++) {
          const data = x[o + i] - g * E[i];
          y[p + i] = k * x[o + i] + weight * (data + c * (data - P[i]));
          P[i] = data;
        }
        s.prev = g;
      }
    },
    B: {
      order: 2,
      diagnosis: "extra_step",
      claim: "Heun's method. Two calls a step.",
      why: "After the last level it takes one Euler step more, to gamma 0, so it ends at another level than it was asked for, whatever the number of steps.",
      levels: (gammas) => Float64Array.of(...gammas, 0),
      step: byLevel((s, g, gn) => gn > 0 ? "heun" : "ddim")
    },
    C: {
      order: 2,
      diagnosis: "sound",
      claim: "Heun's method. Two calls a step, one call in the last step.",
      why: "One Euler step makes one error of size h^2, no larger than what Heun's other steps add up to: order two still. A convention, not a defect.",
      step: byLevel((s, g, gn) => gn === s.gammas[s.N] ? "ddim" : "heun")
    },
    D: {
      order: 2,
      diagnosis: "not_lowered",
      claim: "UniPC-2; the last step is lowered to first order for stability, which costs an order. One call a step.",
      why: "No step is lowered, so the whole method keeps the third order of its corrector: the option that promises stability does nothing.",
      step: byLevel(() => "unipc_2")
    },
    E: {
      order: 2,
      diagnosis: "swapped_sign",
      claim: "Euler as predictor, trapezoid as corrector without a call of its own. One call a step.",
      why: "The corrector subtracts the term h^2/2 eps' that it should add, which doubles what Euler's step leaves out.",
      step(s, g, gn) {
        const {
          x,
          o,
          y,
          p,
          E,
          T,
          n2,
          past: [one]
        } = s;
        s.evaluate(0, x, o, g);
        for (let i = 0; i < n2; i++) {
          T[i] = one ? one.X[i] + (g - one.g) * (one.E[i] - 0.5 * (E[i] - one.E[i])) : x[o + i];
          y[p + i] = T[i] + (gn - g) * E[i];
        }
        remember(s, 1, g, T, 0, E, null);
      }
    },
    F: {
      order: 2,
      diagnosis: "repeated_level",
      claim: "DPM-Solver++(2M). One call a step.",
      why: "The last level but one stands in the last one's place, so the last step has length zero and the run stops at a higher level than it was asked for.",
      levels: (gammas) => gammas.map((g, i) => i === gammas.length - 1 ? gammas[i - 1] : g),
      step: byLevel(() => "dpmpp_2m")
    }
  };

  // genie_edu/lab/src/maths/errors.js
  function median(values) {
    const v = Float64Array.from(values).sort();
    const n = v.length;
    return n === 0 ? NaN : n % 2 ? v[(n - 1) / 2] : 0.5 * (v[n / 2 - 1] + v[n / 2]);
  }
  function endPointError(path, offset, exactEnd) {
    const B = exactEnd.length >> 1;
    const d = new Float64Array(B);
    for (let i = 0; i < B; i++)
      d[i] = Math.hypot(path[offset + 2 * i] - exactEnd[2 * i], path[offset + 2 * i + 1] - exactEnd[2 * i + 1]);
    return median(d);
  }
  function observedOrder(counts, errors, tolerance = 0.25) {
    const at = counts.map((n, i) => i).sort((i, j) => counts[i] - counts[j]);
    const x = at.map((i) => Math.log(counts[i]));
    const y = at.map((i) => Math.log(errors[i]));
    const slopes = x.slice(1).map((v, i) => -(y[i + 1] - y[i]) / (v - x[i]));
    for (let length = slopes.length; length >= 2; length--)
      for (let start = slopes.length - length; start >= 0; start--) {
        const run = slopes.slice(start, start + length);
        const low = Math.min(...run);
        const high = Math.max(...run);
        if (!(run.every(Number.isFinite) && low > 0.2 && high - low <= tolerance)) continue;
        const n = length + 1;
        const xs = x.slice(start, start + n);
        const ys = y.slice(start, start + n);
        const mx = xs.reduce((a, b) => a + b) / n;
        const my = ys.reduce((a, b) => a + b) / n;
        let sxy = 0;
        let sxx = 0;
        for (let i = 0; i < n; i++) {
          sxy += (xs[i] - mx) * (ys[i] - my);
          sxx += (xs[i] - mx) ** 2;
        }
        return {
          order: -sxy / sxx,
          nFrom: counts[at[start]],
          nTo: counts[at[start + length]],
          offset: my - sxy / sxx * mx
        };
      }
    return null;
  }
  function bendOf({ gamma, path }, clock, variable) {
    const n = gamma.length - 1;
    const c0 = clockOf(clock, gamma[0]);
    const c1 = clockOf(clock, gamma[n]);
    const at = (i, j) => path[2 * i + j] / (variable === "x" ? Math.sqrt(1 + gamma[i] ** 2) : 1);
    const dx = at(n, 0) - at(0, 0);
    const dy = at(n, 1) - at(0, 1);
    let worst = 0;
    for (let i = 0; i <= n; i++) {
      const s = (clockOf(clock, gamma[i]) - c0) / (c1 - c0);
      worst = Math.max(worst, Math.hypot(at(i, 0) - at(0, 0) - s * dx, at(i, 1) - at(0, 1) - s * dy));
    }
    return worst / Math.hypot(dx, dy);
  }

  // genie_edu/lab/src/maths/quotients.js
  var QUOTIENTS = ["forward", "central"];
  var QUOTIENT_STEPS = Float64Array.from({ length: 98 }, (_, k) => 10 ** (-10 + k / 10));
  function quotientErrors(mixture, X, gamma, D, kind, float32, steps) {
    const n2 = X.length;
    const B = n2 >> 1;
    const Real = float32 ? Float32Array : Float64Array;
    const round = float32 ? Math.fround : (v) => v;
    const x = Real.from(X);
    const E = new Real(n2);
    const T = new Real(n2);
    const ahead = new Real(n2);
    const behind = new Real(n2);
    const off = new Float64Array(B);
    mixture.eps(x, 0, B, round(gamma), E);
    const ask = (d, out) => {
      for (let i = 0; i < n2; i++) T[i] = X[i] + d * E[i];
      mixture.eps(T, 0, B, round(gamma + d), out);
    };
    return Float64Array.from(steps, (step) => {
      const d = step * gamma;
      const central = kind === "central";
      const length = central ? 2 * d : d;
      ask(d, ahead);
      if (central) ask(-d, behind);
      else behind.set(E);
      for (let i = 0; i < B; i++) {
        const qx = (ahead[2 * i] - behind[2 * i]) / length - D[2 * i];
        const qy = (ahead[2 * i + 1] - behind[2 * i + 1]) / length - D[2 * i + 1];
        off[i] = Math.hypot(qx, qy) / Math.hypot(D[2 * i], D[2 * i + 1]);
      }
      return median(off);
    });
  }

  // genie_edu/lab/src/engine/schema.js
  var CLOCKS = ["plane", "t", "log_snr", "gamma"];
  var SCHEMA = {
    mixture: { type: "word" },
    weights: { type: "weights" },
    means: { type: "points", low: -4, high: 4 },
    covs: { type: "covs" },
    component: { type: "int", low: 0, high: 11 },
    n_steps: { type: "int", low: 1, high: 512 },
    nfe: { type: "int", low: 1, high: 100, initial: 10 },
    n_starts: { type: "int", low: 1, high: 500 },
    seed: { type: "int", low: 0, high: 999 },
    solvers: { type: "solvers" },
    solver: { type: "solver" },
    spacing: { type: "enum", values: SPACINGS },
    t_start: { type: "number", low: 0.05, high: 1 },
    t_end: { type: "number", low: 1e-3, high: 0.5 },
    afs: { type: "bool" },
    denoise: { type: "bool" },
    clock: { type: "enum", values: CLOCKS },
    start: { type: "point", low: -4, high: 4, nullable: true },
    log_gamma: { type: "number", low: -4, high: 5 },
    quantity: { type: "enum", values: ["eps", "score"] },
    probe: { type: "point", low: -4, high: 4 },
    cursor: { type: "number", low: 0, high: 1 },
    variable: { type: "enum", values: ["x_bar", "x"] },
    step: { type: "int", low: 0, high: 99 },
    step_scale: { type: "number", low: 0.05, high: 1 },
    guess: { type: "point", low: -700, high: 700, nullable: true },
    revealed: { type: "bool" },
    zoom: { type: "bool" },
    h_fraction: { type: "number", low: 0.01, high: 0.95 },
    precision: { type: "enum", values: ["float64", "float32"] },
    expected_slope: { type: "number", low: 0, high: 5 },
    committed: { type: "bool" },
    counts: { type: "counts" },
    mystery: { type: "enum", values: Object.keys(MYSTERIES), initial: "A" },
    diagnosis: { type: "enum", values: ["none", ...Object.keys(DIAGNOSES)], initial: "none" },
    against: { type: "enum", values: ["end", "before"], initial: "end" },
    difference: { type: "enum", values: QUOTIENTS, initial: "forward" },
    checkpoint: { type: "int", low: 0, high: 7, initial: 7 },
    log_step: { type: "number", low: -10, high: -0.3, initial: -3 },
    derivative: { type: "enum", values: ["head", "autodiff"], initial: "head" },
    show_difference: { type: "bool", initial: false },
    column: { type: "int", low: 0, high: 63, initial: 0 },
    snapshot: { type: "int", low: 0, high: 63, initial: 0 },
    beside: { type: "int", low: -1, high: 63, initial: -1 },
    // checkpoints; -1: none
    rival: { type: "solver", initial: "dpmpp_2m" },
    grid: { type: "enum", values: ["best", ...SPACINGS], initial: "best" },
    blend: { type: "number", low: 0, high: 1, initial: 0.5 },
    mixing: { type: "enum", values: ["blend", "swipe", "difference"], initial: "blend" },
    axis: { type: "enum", values: ["nfe", "counted", "seconds", "training"], initial: "nfe" },
    measure: { type: "enum", values: ["error", "frechet"], initial: "error" },
    log_images: { type: "number", low: 2, high: 7, initial: 4 },
    knots: { type: "knots", low: -8, high: 6, initial: null }
    // the grid's inner levels, log gamma; null: the grid `spacing`
  };
  var MIXTURE = ["weights", "means", "covs"];
  var LEARNED = ["budget", "scrubber"];
  var limitsOf = (view) => ({
    solvers: ["tournament", "precision"].includes(view) ? 6 : 4,
    steps: { order: 512, mystery: 512, knots: 40 }[view] ?? 100,
    starts: LEARNED.includes(view) ? 64 : 500
  });
  var isNumber = (v) => typeof v === "number" && Number.isFinite(v);
  var within = (v, low, high) => isNumber(v) && v >= low && v <= high;
  function checked(key, value) {
    const rule = Object.hasOwn(SCHEMA, key) ? SCHEMA[key] : null;
    const refuse = () => {
      throw new RangeError(`${key} is out of range or of the wrong type`);
    };
    if (!rule) refuse();
    const point = (v, low, high) => Array.isArray(v) && v.length === 2 && v.every((c) => within(c, low, high));
    switch (rule.type) {
      case "int":
        return Number.isInteger(value) && within(value, rule.low, rule.high) ? value : refuse();
      case "number":
        return within(value, rule.low, rule.high) ? value : refuse();
      case "bool":
        return typeof value === "boolean" ? value : refuse();
      case "enum":
        return rule.values.includes(value) ? value : refuse();
      case "word":
        return typeof value === "string" && /^[a-z][a-z0-9_]{0,30}$/.test(value) ? value : refuse();
      case "solver":
        return Object.hasOwn(SOLVERS, value) ? value : refuse();
      case "solvers":
        return Array.isArray(value) && value.length >= 1 && value.length <= 6 && new Set(value).size === value.length && value.every((s) => typeof s === "string" && Object.hasOwn(SOLVERS, s)) ? [...value] : refuse();
      case "point":
        return rule.nullable && value === null ? null : point(value, rule.low, rule.high) ? [value[0], value[1]] : refuse();
      case "points":
        return Array.isArray(value) && value.length >= 1 && value.length <= 12 && value.every((p) => point(p, rule.low, rule.high)) ? value.map((p) => [p[0], p[1]]) : refuse();
      case "weights":
        return Array.isArray(value) && value.length >= 1 && value.length <= 12 && value.every((w) => within(w, 1e-6, 1)) && Math.abs(value.reduce((a, b) => a + b, 0) - 1) < 1e-6 ? [...value] : refuse();
      case "covs":
        return Array.isArray(value) && value.length >= 1 && value.length <= 12 && value.every(
          (c) => Array.isArray(c) && c.length === 2 && c.every((row) => Array.isArray(row) && row.length === 2 && row.every((v) => within(v, -9, 9))) && Math.abs(c[0][1] - c[1][0]) < 1e-12 && c[0][0] > 0 && c[0][0] * c[1][1] - c[0][1] * c[1][0] > 1e-8
        ) ? value.map((c) => c.map((row) => [...row])) : refuse();
      case "knots":
        return value === null ? null : Array.isArray(value) && value.length >= 1 && value.length <= 39 && value.every((v, i) => within(v, rule.low, rule.high) && (i === 0 || v < value[i - 1])) ? [...value] : refuse();
      case "counts":
        return Array.isArray(value) && value.length <= 24 && new Set(value).size === value.length && value.every((n) => Number.isInteger(n) && within(n, 1, 512)) ? [...value].sort((a, b) => a - b) : refuse();
    }
    return refuse();
  }

  // genie_edu/lab/src/engine/link.js
  var FRAGMENT_LIMIT = 4e3;
  function encodeValue(key, v) {
    switch (SCHEMA[key].type) {
      case "bool":
        return v ? "1" : "0";
      case "point":
        return v === null ? "none" : v.join(",");
      case "points":
        return v.map((p) => p.join(",")).join(";");
      case "covs":
        return v.map((c) => [c[0][0], c[0][1], c[1][1]].join(",")).join(";");
      case "weights":
      case "solvers":
      case "counts":
        return v.join(",");
      case "knots":
        return v === null ? "none" : v.join(",");
      default:
        return String(v);
    }
  }
  function decodeValue(key, text) {
    const number = (s) => {
      if (!/^-?\d{1,6}(\.\d{1,20})?(e-?\d{1,3})?$/.test(s)) throw new RangeError(`${key} is not a number`);
      return Number(s);
    };
    switch (SCHEMA[key].type) {
      case "int":
      case "number":
        return number(text);
      case "bool":
        if (text !== "0" && text !== "1") throw new RangeError(`${key} must be 0 or 1`);
        return text === "1";
      case "point":
        return text === "none" ? null : text.split(",").map(number);
      case "points":
        return text.split(";").map((p) => p.split(",").map(number));
      case "covs":
        return text.split(";").map((p) => {
          const [a, b, d] = p.split(",").map(number);
          return [
            [a, b],
            [b, d]
          ];
        });
      case "weights":
        return text.split(",").map(number);
      case "knots":
        return text === "none" ? null : text.split(",").map(number);
      case "counts":
        return text === "" ? [] : text.split(",").map(number);
      case "solvers":
        return text.split(",");
      default:
        return text;
    }
  }
  function toFragment(scenario, state, defaults) {
    const parts = [`lab=${scenario}`];
    for (const key of Object.keys(SCHEMA)) {
      if (["weights", "means", "covs"].includes(key) && state.mixture !== "custom") continue;
      const now = encodeValue(key, state[key]);
      if (now !== encodeValue(key, defaults[key]))
        parts.push(`${key}=${encodeURIComponent(now).replace(/%2C/g, ",").replace(/%3B/g, ";")}`);
    }
    return `#${parts.join("&")}`;
  }
  function fromFragment(hash, scenario) {
    if (typeof hash !== "string" || !hash.startsWith("#lab=") || hash.length > FRAGMENT_LIMIT) return null;
    const [head, ...pairs2] = hash.slice(1).split("&");
    if (head !== `lab=${scenario}`) return null;
    const patch = {};
    for (const pair of pairs2) {
      const cut = pair.indexOf("=");
      const key = pair.slice(0, cut);
      if (cut < 1 || !Object.hasOwn(SCHEMA, key)) return null;
      try {
        patch[key] = checked(key, decodeValue(key, decodeURIComponent(pair.slice(cut + 1))));
      } catch {
        return null;
      }
    }
    return patch;
  }

  // genie_edu/lab/src/maths/exact.js
  var DOP_C = [
    0,
    0.05260015195876773,
    0.0789002279381516,
    0.1183503419072274,
    0.2816496580927726,
    0.3333333333333333,
    0.25,
    0.3076923076923077,
    0.6512820512820513,
    0.6,
    0.8571428571428571,
    1
  ];
  var DOP_A = [
    [],
    [0.05260015195876773],
    [0.0197250569845379, 0.0591751709536137],
    [0.02958758547680685, 0, 0.08876275643042054],
    [0.2413651341592667, 0, -0.8845494793282861, 0.924834003261792],
    [0.037037037037037035, 0, 0, 0.17082860872947386, 0.12546768756682242],
    [0.037109375, 0, 0, 0.17025221101954405, 0.06021653898045596, -0.017578125],
    [0.03709200011850479, 0, 0, 0.17038392571223998, 0.10726203044637328, -0.015319437748624402, 0.008273789163814023],
    [
      0.6241109587160757,
      0,
      0,
      -3.3608926294469414,
      -0.868219346841726,
      27.59209969944671,
      20.154067550477894,
      -43.48988418106996
    ],
    [
      0.47766253643826434,
      0,
      0,
      -2.4881146199716677,
      -0.590290826836843,
      21.230051448181193,
      15.279233632882423,
      -33.28821096898486,
      -0.020331201708508627
    ],
    [
      -0.9371424300859873,
      0,
      0,
      5.186372428844064,
      1.0914373489967295,
      -8.149787010746927,
      -18.52006565999696,
      22.739487099350505,
      2.4936055526796523,
      -3.0467644718982196
    ],
    [
      2.273310147516538,
      0,
      0,
      -10.53449546673725,
      -2.0008720582248625,
      -17.9589318631188,
      27.94888452941996,
      -2.8589982771350235,
      -8.87285693353063,
      12.360567175794303,
      0.6433927460157636
    ]
  ];
  var DOP_B = [
    0.054293734116568765,
    0,
    0,
    0,
    0,
    4.450312892752409,
    1.8915178993145003,
    -5.801203960010585,
    0.3111643669578199,
    -0.1521609496625161,
    0.20136540080403034,
    0.04471061572777259
  ];
  var EXACT_SUBSTEP = 0.08;
  var COARSE_SUBSTEP = 0.3;
  function exactLevels(mixture, g0, g1, substep) {
    const s = Math.max(mixture.narrowest, 0.02);
    const a = Math.asinh(g0 / s);
    const b = Math.asinh(g1 / s);
    const n = Math.max(1, Math.ceil(Math.abs(a - b) / substep));
    const out = new Float64Array(n + 1);
    for (let i = 0; i <= n; i++) out[i] = s * Math.sinh(a + (b - a) * i / n);
    out[0] = g0;
    out[n] = g1;
    return out;
  }
  var Exact = class {
    constructor() {
      this.size = -1;
    }
    reserve(n2) {
      if (this.size >= n2) return;
      this.K = DOP_B.map(() => new Float64Array(n2));
      this.T = new Float64Array(n2);
      this.size = n2;
    }
    step(mixture, x, o, y, p, n2, g, gn) {
      this.reserve(n2);
      const h2 = gn - g;
      const { K, T } = this;
      const B = n2 >> 1;
      mixture.eps(x, o, B, g, K[0]);
      for (let s = 1; s < 12; s++) {
        const row = DOP_A[s];
        for (let i = 0; i < n2; i++) T[i] = x[o + i];
        for (let q = 0; q < s; q++) {
          const c = h2 * row[q];
          const k = K[q];
          if (c !== 0) for (let i = 0; i < n2; i++) T[i] += c * k[i];
        }
        mixture.eps(T, 0, B, g + DOP_C[s] * h2, K[s]);
      }
      for (let i = 0; i < n2; i++) {
        let v = 0;
        for (let q = 0; q < 12; q++) v += DOP_B[q] * K[q][i];
        y[p + i] = x[o + i] + h2 * v;
      }
    }
    /** Exact paths at the levels of the reference's own fine grid: {gamma, path, end}. */
    paths(mixture, xBar, g0, g1, substep = EXACT_SUBSTEP) {
      const gamma = exactLevels(mixture, g0, g1, substep);
      const n2 = xBar.length;
      const n = gamma.length - 1;
      const path = new Float64Array(n2 * (n + 1));
      path.set(xBar);
      for (let i = 0; i < n; i++) this.step(mixture, path, i * n2, path, (i + 1) * n2, n2, gamma[i], gamma[i + 1]);
      return { gamma, path, end: path.subarray(n * n2) };
    }
    /** The exact solution at every level of a given grid: (N+1) x B pairs. */
    along(mixture, xBar, gammas, substep = EXACT_SUBSTEP) {
      const n2 = xBar.length;
      const out = new Float64Array(n2 * gammas.length);
      out.set(xBar);
      for (let n = 0; n + 1 < gammas.length; n++)
        out.set(
          this.paths(mixture, out.subarray(n * n2, (n + 1) * n2), gammas[n], gammas[n + 1], substep).end,
          (n + 1) * n2
        );
      return out;
    }
  };

  // genie_edu/lab/src/maths/layers.js
  function linear({ w, b, m, n }, withBias, x, rows, y) {
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
  var fours = (B) => B + 3 & ~3;
  var FREQUENCIES = [1, 2, 3, 4, 5, 6].map((k) => k * Math.PI / 10);
  function levelFeatures(gamma, order) {
    const u = Math.log(gamma);
    const u1 = 1 / gamma;
    const s = FREQUENCIES.map((f) => Math.sin(f * u));
    const c = FREQUENCIES.map((f) => Math.cos(f * u));
    if (order === 0) return [u / 5, ...s, ...c];
    if (order === 1)
      return [u1 / 5, ...FREQUENCIES.map((f, k) => f * u1 * c[k]), ...FREQUENCIES.map((f, k) => -f * u1 * s[k])];
    return [
      -u1 * u1 / 5,
      ...FREQUENCIES.map((f, k) => -f * u1 * u1 * (f * s[k] + c[k])),
      ...FREQUENCIES.map((f, k) => f * u1 * u1 * (s[k] - f * c[k]))
    ];
  }
  function unpackLayers(text, shapes) {
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

  // genie_edu/lab/src/maths/head.js
  var Head = class {
    constructor({ width, feature_sizes: [features, levels], channels, mixed }, weights) {
      if (channels !== 2 || !mixed) throw new RangeError("not a head of the plane");
      [this.first, this.level, this.second, this.out] = unpackLayers(weights, [
        [width, 4 + features],
        [width, levels],
        [width, width],
        [6, width]
      ]);
      this.rows = 0;
    }
    derivative(net, X, o, B, gamma, E, D1) {
      const { first, level, second, out } = this;
      const rows = fours(B);
      const n = first.n;
      const m = first.m;
      const c = 1 / Math.sqrt(1 + gamma * gamma);
      if (this.rows < rows) {
        const make = (k2) => new Float64Array(rows * k2);
        Object.assign(this, { rows, x: make(n), h: make(m), s: make(m), t: make(m), k: make(6) });
      }
      const { x, h: h2, s, t, k } = this;
      const hidden = net.h[0];
      const width = net.width;
      const features = levelFeatures(gamma, 0);
      for (let i = 0; i < B; i++) {
        for (let j = 0; j < 2; j++) {
          x[n * i + j] = c * X[o + 2 * i + j];
          x[n * i + 2 + j] = E[2 * i + j];
        }
        for (let j = 0; j < width; j++) x[n * i + 4 + j] = hidden[width * i + j];
      }
      const silu = (from, to) => {
        for (let i = 0; i < rows * m; i++) to[i] = from[i] / (1 + Math.exp(-from[i]));
      };
      linear(first, true, x, rows, h2);
      for (let j = 0; j < m; j++) {
        let shift = level.b[j];
        for (let q = 0; q < level.n; q++) shift += level.w[j * level.n + q] * features[q];
        for (let i = j; i < rows * m; i += m) h2[i] += shift;
      }
      silu(h2, s);
      linear(second, true, s, rows, t);
      for (let i = 0; i < rows * m; i++) h2[i] += t[i];
      silu(h2, s);
      linear(out, true, s, rows, k);
      for (let i = 0; i < B; i++)
        for (let j = 0; j < 2; j++)
          D1[2 * i + j] = (-k[6 * i + j] + (1 - c * c) * k[6 * i + 2 + j] + c * c * k[6 * i + 4 + j]) / gamma;
    }
  };

  // genie_edu/lab/src/maths/network.js
  var Network = class {
    constructor({ config, weights }) {
      if (config.dim !== 2 || config.levels !== "log_gamma") throw new RangeError("not a network of the plane");
      this.width = config.width;
      this.sigma = config.sigma_data;
      this.inputs = 3 + 2 * FREQUENCIES.length;
      const shapes = Array.from({ length: config.depth }, (_, l) => [this.width, l ? this.width : this.inputs]);
      const layers = unpackLayers(weights, [...shapes, [2, this.width]]);
      this.out = layers.pop();
      this.hidden = layers;
      this.rows = 0;
    }
    reserve(B) {
      if (this.rows >= fours(B)) return;
      const rows = this.rows = fours(B);
      const make = (n) => new Float64Array(rows * n);
      const three = (f) => [0, 1, 2].map(f);
      this.x = three(() => make(this.inputs));
      this.h = three(() => make(this.width));
      this.F = three(() => make(2));
      this.a = three(() => this.hidden.map(() => make(this.width)));
      this.slope = this.hidden.map(() => make(this.width));
    }
    /** F's coefficient of order q, from the input's: the pairs zx, zy(i) and the level's features. */
    pass(q, B, z, gamma) {
      const {
        width,
        inputs,
        x: { [q]: x },
        h: { [q]: h2 }
      } = this;
      const rows = fours(B);
      const size = rows * width;
      const level = levelFeatures(gamma, q);
      for (let i = 0; i < B; i++) {
        x[inputs * i] = z(2 * i);
        x[inputs * i + 1] = z(2 * i + 1);
        for (let k = 0; k < level.length; k++) x[inputs * i + 2 + k] = level[k];
      }
      this.hidden.forEach((layer, l) => {
        const a = this.a[q][l];
        const a0 = this.a[0][l];
        const a1 = this.a[1][l];
        const slope = this.slope[l];
        linear(layer, q === 0, l ? h2 : x, rows, a);
        if (q === 0)
          for (let i = 0; i < size; i++) {
            const s = 1 / (1 + Math.exp(-a[i]));
            h2[i] = a[i] * s;
            slope[i] = s * (1 + a[i] * (1 - s));
          }
        else if (q === 1) for (let i = 0; i < size; i++) h2[i] = slope[i] * a[i];
        else
          for (let i = 0; i < size; i++) {
            const s = 1 / (1 + Math.exp(-a0[i]));
            h2[i] = slope[i] * a[i] + s * (1 - s) * (2 + a0[i] * (1 - 2 * s)) * a1[i] * a1[i];
          }
      });
      linear(this.out, q === 0, h2, rows, this.F[q]);
    }
    eps(X, o, B, gamma, E) {
      this.reserve(B);
      const r = gamma * gamma + this.sigma * this.sigma;
      const c = 1 / Math.sqrt(r);
      const F = this.F[0];
      const sigma = this.sigma;
      this.pass(0, B, (i) => c * X[o + i], gamma);
      for (let i = 0; i < 2 * B; i++) E[i] = gamma / r * X[o + i] - sigma * c * F[i];
    }
    derivatives(X, o, B, gamma, E, D1, D2) {
      this.eps(X, o, B, gamma, E);
      const {
        sigma,
        F: [F, F1, F2]
      } = this;
      const g = gamma;
      const r = g * g + sigma * sigma;
      const c = 1 / Math.sqrt(r);
      const c1 = -g * c / r;
      const q = g / r;
      const q1 = 1 / r - 2 * q * q;
      this.pass(1, B, (i) => c1 * X[o + i] + c * E[i], gamma);
      for (let i = 0; i < 2 * B; i++) D1[i] = q1 * X[o + i] + q * E[i] - sigma * (c1 * F[i] + c * F1[i]);
      if (!D2) return;
      const c2 = c / r * (3 * g * q - 1);
      const q2 = q / r * (8 * g * q - 6);
      this.pass(2, B, (i) => c2 * X[o + i] + 2 * c1 * E[i] + c * D1[i], gamma);
      for (let i = 0; i < 2 * B; i++)
        D2[i] = q2 * X[o + i] + 2 * q1 * E[i] + q * D1[i] - sigma * (c2 * F[i] + 2 * c1 * F1[i] + c * F2[i]);
    }
  };

  // genie_edu/lab/src/maths/learned.js
  var LearnedField = class {
    constructor(net, narrowest, head = null) {
      this.net = net;
      this.narrowest = narrowest;
      this.head = head;
    }
    eps(X, o, B, gamma, E) {
      this.net.eps(X, o, B, gamma, E);
    }
    derivatives(X, o, B, gamma, E, D1, D2) {
      if (!this.head) return this.net.derivatives(X, o, B, gamma, E, D1, D2);
      this.net.eps(X, o, B, gamma, E);
      return this.head.derivative(this.net, X, o, B, gamma, E, D1);
    }
  };
  var unpacked = /* @__PURE__ */ new WeakMap();
  function networksOf(packed = globalThis.GenieLabNetworks) {
    if (!packed) throw new RangeError("the networks are not loaded");
    if (!unpacked.has(packed))
      unpacked.set(packed, {
        net: new Network(packed.base),
        heads: packed.heads.map((q) => ({ step: q.step, r2: q.r2, head: new Head(packed.head, q.weights) }))
      });
    return unpacked.get(packed);
  }

  // genie_edu/lab/src/maths/mixture.js
  var STRIDE = 11;
  var Mixture = class {
    constructor({ weights, means, covs }) {
      this.K = weights.length;
      this.weights = weights;
      this.means = means;
      this.covs = covs;
      const K = this.K;
      this.par = new Float64Array(STRIDE * K);
      this.r = new Float64Array(K);
      this.dx = new Float64Array(K);
      this.dy = new Float64Array(K);
      this.ex = new Float64Array(K);
      this.ey = new Float64Array(K);
      this.a = new Float64Array(K);
      this.r1 = new Float64Array(K);
      this.r2 = new Float64Array(K);
      this.level = -1;
      let smallest = Infinity;
      let far = 0;
      for (let k = 0; k < K; k++) {
        const [[a, b], [, d]] = covs[k];
        smallest = Math.min(smallest, 0.5 * (a + d) - Math.hypot(0.5 * (a - d), b));
        far = Math.max(
          far,
          Math.hypot(means[k][0], means[k][1]) + 3 * Math.sqrt(0.5 * (a + d) + Math.hypot(0.5 * (a - d), b))
        );
      }
      this.narrowest = Math.sqrt(Math.max(smallest, 0));
      this.reach = far;
    }
    /** Precompute every component's P = (Sigma + gamma^2 I)^-1 at this level. */
    at(gamma) {
      if (this.level === gamma) return;
      this.level = gamma;
      const g2 = gamma * gamma;
      const p = this.par;
      for (let k = 0; k < this.K; k++) {
        const o = STRIDE * k;
        const [[s11, s12], [, s22]] = this.covs[k];
        const a = s11 + g2;
        const d = s22 + g2;
        const det = a * d - s12 * s12;
        const p11 = d / det;
        const p12 = -s12 / det;
        const p22 = a / det;
        p[o] = this.means[k][0];
        p[o + 1] = this.means[k][1];
        p[o + 2] = p11;
        p[o + 3] = p12;
        p[o + 4] = p22;
        p[o + 5] = Math.log(this.weights[k]) - 0.5 * Math.log(det);
        p[o + 6] = p11 + p22;
        p[o + 7] = p11 * p11 + p12 * p12;
        p[o + 8] = p12 * (p11 + p22);
        p[o + 9] = p22 * p22 + p12 * p12;
        p[o + 10] = p[o + 7] + p[o + 9];
      }
    }
    /** eps at B points: X holds pairs from index `o` on; E gets pairs from 0 on. */
    eps(X, o, B, gamma, E) {
      this.at(gamma);
      const { K, par: p, r, dx, dy } = this;
      for (let i = 0, j = o; i < 2 * B; i += 2, j += 2) {
        const zx = X[j];
        const zy = X[j + 1];
        let top = -Infinity;
        for (let k = 0, q = 0; k < K; k++, q += STRIDE) {
          const vx = zx - p[q];
          const vy = zy - p[q + 1];
          const ux = p[q + 2] * vx + p[q + 3] * vy;
          const uy = p[q + 3] * vx + p[q + 4] * vy;
          const l = p[q + 5] - 0.5 * (vx * ux + vy * uy);
          dx[k] = ux;
          dy[k] = uy;
          r[k] = l;
          if (l > top) top = l;
        }
        let sum = 0;
        let sx = 0;
        let sy = 0;
        for (let k = 0; k < K; k++) {
          const l = r[k] - top;
          if (l < -745) continue;
          const w = l === 0 ? 1 : Math.exp(l);
          sum += w;
          sx += w * dx[k];
          sy += w * dy[k];
        }
        const f = gamma / sum;
        E[i] = f * sx;
        E[i + 1] = f * sy;
      }
    }
    /** eps, its first and (D2 given) its second total derivative in gamma along the flow. */
    derivatives(X, o, B, gamma, E, D1, D2) {
      this.at(gamma);
      const { K, par: p, r, dx, dy, ex, ey, a, r1 } = this;
      for (let i = 0, j = o; i < 2 * B; i += 2, j += 2) {
        const zx = X[j];
        const zy = X[j + 1];
        let top = -Infinity;
        for (let k = 0, q = 0; k < K; k++, q += STRIDE) {
          const vx = zx - p[q];
          const vy = zy - p[q + 1];
          const ux = p[q + 2] * vx + p[q + 3] * vy;
          const uy = p[q + 3] * vx + p[q + 4] * vy;
          const l = p[q + 5] - 0.5 * (vx * ux + vy * uy);
          dx[k] = ux;
          dy[k] = uy;
          r[k] = l;
          if (l > top) top = l;
        }
        let sum = 0;
        let sx = 0;
        let sy = 0;
        for (let k = 0; k < K; k++) {
          const l = r[k] - top;
          const w = l === 0 ? 1 : l < -745 ? 0 : Math.exp(l);
          r[k] = w;
          sum += w;
          sx += w * dx[k];
          sy += w * dy[k];
        }
        sx /= sum;
        sy /= sum;
        const epx = gamma * sx;
        const epy = gamma * sy;
        let abar = 0;
        for (let k = 0, q = 0; k < K; k++, q += STRIDE) {
          r[k] /= sum;
          const ux = dx[k];
          const uy = dy[k];
          const tx = epx - 2 * gamma * ux;
          const ty = epy - 2 * gamma * uy;
          ex[k] = p[q + 2] * tx + p[q + 3] * ty;
          ey[k] = p[q + 3] * tx + p[q + 4] * ty;
          a[k] = gamma * (ux * ux + uy * uy - p[q + 6]) - (ux * epx + uy * epy);
          abar += r[k] * a[k];
        }
        let u1x = 0;
        let u1y = 0;
        for (let k = 0; k < K; k++) {
          r1[k] = r[k] * (a[k] - abar);
          u1x += r1[k] * dx[k] + r[k] * ex[k];
          u1y += r1[k] * dy[k] + r[k] * ey[k];
        }
        const e1x = sx + gamma * u1x;
        const e1y = sy + gamma * u1y;
        E[i] = epx;
        E[i + 1] = epy;
        D1[i] = e1x;
        D1[i + 1] = e1y;
        if (!D2) continue;
        let bar = 0;
        for (let k = 0, q = 0; k < K; k++, q += STRIDE) {
          const ux = dx[k];
          const uy = dy[k];
          const vx = ex[k];
          const vy = ey[k];
          const a1 = ux * ux + uy * uy - p[q + 6] + 2 * gamma * (ux * vx + uy * vy) + 2 * gamma * gamma * p[q + 10] - (vx * epx + vy * epy) - (ux * e1x + uy * e1y);
          bar += r1[k] * a[k] + r[k] * a1;
          this.r2[k] = a1;
        }
        let u2x = 0;
        let u2y = 0;
        for (let k = 0, q = 0; k < K; k++, q += STRIDE) {
          const ux = dx[k];
          const uy = dy[k];
          const vx = ex[k];
          const vy = ey[k];
          const p11 = p[q + 2];
          const p12 = p[q + 3];
          const p22 = p[q + 4];
          const q11 = p[q + 7];
          const q12 = p[q + 8];
          const q22 = p[q + 9];
          const tx = e1x - 2 * ux - 2 * gamma * vx;
          const ty = e1y - 2 * uy - 2 * gamma * vy;
          const sx2 = -2 * gamma * (epx - 2 * gamma * ux);
          const sy2 = -2 * gamma * (epy - 2 * gamma * uy);
          const wx = p11 * tx + p12 * ty + q11 * sx2 + q12 * sy2;
          const wy = p12 * tx + p22 * ty + q12 * sx2 + q22 * sy2;
          const rr = r1[k] * (a[k] - abar) + r[k] * (this.r2[k] - bar);
          u2x += rr * ux + 2 * r1[k] * vx + r[k] * wx;
          u2y += rr * uy + 2 * r1[k] * vy + r[k] * wy;
        }
        D2[i] = 2 * u1x + gamma * u2x;
        D2[i + 1] = 2 * u1y + gamma * u2y;
      }
    }
    /** log density of the mixture diffused to `gamma` at one point in bar coordinates. */
    logProb(x, y, gamma) {
      this.at(gamma);
      const { K, par: p, r } = this;
      let top = -Infinity;
      for (let k = 0, q = 0; k < K; k++, q += STRIDE) {
        const vx = x - p[q];
        const vy = y - p[q + 1];
        r[k] = p[q + 5] - 0.5 * (p[q + 2] * vx * vx + 2 * p[q + 3] * vx * vy + p[q + 4] * vy * vy);
        if (r[k] > top) top = r[k];
      }
      let sum = 0;
      for (let k = 0; k < K; k++) sum += Math.exp(r[k] - top);
      return top + Math.log(sum) - Math.log(2 * Math.PI);
    }
    /** The components' posterior probabilities at one point. */
    responsibilities(x, y, gamma) {
      const total = this.logProb(x, y, gamma) + Math.log(2 * Math.PI);
      return Array.from(this.r, (l) => Math.exp(l - total));
    }
  };

  // genie_edu/lab/src/maths/run.js
  var Run = class {
    constructor() {
      this.size = -1;
      this.length = -1;
    }
    evaluate(order, X, o, gamma) {
      if (this.first) {
        this.first = false;
        const f = 1 / Math.sqrt(1 + gamma * gamma);
        const { E, D1, D2, n2 } = this;
        for (let i = 0; i < n2; i++) {
          E[i] = f * X[o + i];
          D1[i] = 0;
          D2[i] = 0;
        }
        return;
      }
      this.nfe++;
      this.n_derivatives += order;
      if (order === 0) this.mixture.eps(X, o, this.B, gamma, this.E);
      else this.mixture.derivatives(X, o, this.B, gamma, this.E, this.D1, order > 1 ? this.D2 : null);
    }
    /** Buffers and a memory without past for a run of n2 numbers over the levels; `solver` is a name or has a step. */
    begin(mixture, n2, gammas, solver, { afs = false, float32 = false } = {}) {
      const N = gammas.length - 1;
      const Real = float32 ? Float32Array : Float64Array;
      if (this.size < n2 || this.real !== Real) {
        for (const b of ["E", "D1", "D2", "A", "T", "P", "final"]) this[b] = new Real(n2);
        this.size = n2;
      }
      if (this.length < n2 * (N + 1) || this.real !== Real) {
        this.path = new Real(n2 * (N + 1));
        this.length = n2 * (N + 1);
      }
      Object.assign(this, {
        mixture,
        B: n2 >> 1,
        n2,
        real: Real,
        nfe: 0,
        n_derivatives: 0,
        first: afs,
        prev: 0,
        past: [],
        N,
        gammas,
        step: (SOLVERS[solver] ?? solver).step
      });
      this.x = this.y = this.path;
    }
    /** All steps: from pairs of this.x at one level to pairs of this.y at the next. */
    march() {
      const { n2, N, gammas } = this;
      for (let n = 0; n < N; n++) {
        this.o = n * n2;
        this.p = (n + 1) * n2;
        this.step(this, gammas[n], gammas[n + 1]);
      }
    }
    /** Fills this.path with where every step ends that starts on the exact path `truth`, with an exact past. */
    fromExact(mixture, truth, gammas, solver) {
      this.begin(mixture, truth.length / gammas.length, gammas, solver);
      this.x = truth;
      this.march();
      return this;
    }
    /** Fills this.path ((N+1) x B pairs, bar coordinates), nfe, n_derivatives and this.final (x). */
    solve(mixture, xBar, gammas, solver, { denoise = false, ...options } = {}) {
      const n2 = xBar.length;
      const N = gammas.length - 1;
      this.begin(mixture, n2, gammas, solver, options);
      this.path.set(xBar);
      this.march();
      const end = N * n2;
      const g = gammas[N];
      if (denoise) {
        this.evaluate(0, this.path, end, g);
        for (let i = 0; i < n2; i++) this.final[i] = this.path[end + i] - g * this.E[i];
      } else {
        const f = 1 / Math.sqrt(1 + g * g);
        for (let i = 0; i < n2; i++) this.final[i] = f * this.path[end + i];
      }
      return this;
    }
  };

  // genie_edu/lab/src/maths/starts.js
  function starts(n, seed) {
    const rho = 1.324717957244746;
    const out = new Float64Array(2 * n);
    for (let i = 0; i < n; i++) {
      const k = i + 1 + 1e3 * seed;
      const u1 = (0.5 + k / rho) % 1;
      const u2 = (0.5 + k / (rho * rho)) % 1;
      const r = Math.sqrt(-2 * Math.log(1 - u1));
      out[2 * i] = r * Math.cos(2 * Math.PI * u2);
      out[2 * i + 1] = r * Math.sin(2 * Math.PI * u2);
    }
    return out;
  }

  // genie_edu/lab/src/maths/index.js
  var maths = {
    networksOf,
    LearnedField,
    levelFeatures,
    quotientErrors,
    QUOTIENT_STEPS,
    gammaOf,
    tOf,
    grid,
    starts,
    Mixture,
    SOLVERS,
    SPACINGS,
    Run,
    Exact,
    median,
    endPointError,
    observedOrder,
    equidistribute,
    MYSTERIES,
    DIAGNOSES
  };

  // genie_edu/lab/src/view/labels.js
  function spreadLabels(labels, gap, low, high) {
    const sorted = labels.filter((l) => Number.isFinite(l.y)).sort((a, b) => a.y - b.y);
    for (let i = 1; i < sorted.length; i++) sorted[i].y = Math.max(sorted[i].y, sorted[i - 1].y + gap);
    const over = sorted.length ? sorted[sorted.length - 1].y - high : 0;
    if (over > 0)
      for (let i = sorted.length - 1; i >= 0; i--)
        sorted[i].y = Math.min(sorted[i].y, i === sorted.length - 1 ? high : sorted[i + 1].y - gap);
    for (const l of sorted) l.y = Math.max(l.y, low);
    return sorted;
  }
  function endLabels(s, A, ends) {
    const labels = ends.map(({ p, text }) => ({ x: A.px(p[0]) + 11, y: A.py(p[1]), text })).filter((l) => l.x > A.x && l.x < A.x + A.w + 11 && l.y > A.y && l.y < A.y + A.h);
    for (const l of spreadLabels(labels, 16, A.y + 8, A.y + A.h - 8))
      s.text(l.text, Math.min(l.x, A.x + A.w - 7 * l.text.length - 6), l.y, { size: 12, weight: 600, halo: true });
  }
  var labelOf = (lab, solver) => lab.config.styles[solver]?.label ?? solver;
  var styleOf = (lab, solver) => lab.config.styles[solver] ?? { label: solver, color: "#808080", marker: "circle", dash: "solid" };
  var shortLabel = (label) => label.replace(/ \(.*\)$/, "");
  var SPACING_NAMES = {
    linear: "uniform in t",
    quadratic: "uniform in √t",
    log_gamma: "uniform in log-SNR",
    rho7: "uniform in γ^(1/7)"
  };
  var CLOCK_NAMES = { t: "t", log_snr: "log-SNR = −2 log γ", gamma: "γ" };

  // genie_edu/lab/src/view/surfaces/markers.js
  function markerPath(pen, shape, x, y, r) {
    if (!(Number.isFinite(x) && Number.isFinite(y))) return;
    const polygon = (points) => {
      points.forEach(([a, b], i) => i ? pen.lineTo(x + r * a, y + r * b) : pen.moveTo(x + r * a, y + r * b));
      pen.closePath();
    };
    const w = 0.38;
    const plus = [
      [-w, -1.15],
      [w, -1.15],
      [w, -w],
      [1.15, -w],
      [1.15, w],
      [w, w],
      [w, 1.15],
      [-w, 1.15],
      [-w, w],
      [-1.15, w],
      [-1.15, -w],
      [-w, -w]
    ];
    switch (shape) {
      case "diamond":
        return polygon([
          [0, -1.3],
          [1.3, 0],
          [0, 1.3],
          [-1.3, 0]
        ]);
      case "square":
        return polygon([
          [-0.9, -0.9],
          [0.9, -0.9],
          [0.9, 0.9],
          [-0.9, 0.9]
        ]);
      case "triangle-up":
        return polygon([
          [0, -1.25],
          [1.15, 0.85],
          [-1.15, 0.85]
        ]);
      case "triangle-down":
        return polygon([
          [0, 1.25],
          [1.15, -0.85],
          [-1.15, -0.85]
        ]);
      case "triangle-left":
        return polygon([
          [-1.25, 0],
          [0.85, -1.15],
          [0.85, 1.15]
        ]);
      case "triangle-right":
        return polygon([
          [1.25, 0],
          [-0.85, -1.15],
          [-0.85, 1.15]
        ]);
      case "diamond-wide":
        return polygon([
          [0, -0.9],
          [1.5, 0],
          [0, 0.9],
          [-1.5, 0]
        ]);
      case "diamond-tall":
        return polygon([
          [0, -1.6],
          [1, 0],
          [0, 1.6],
          [-1, 0]
        ]);
      case "hourglass":
        return polygon([
          [-1, -1.1],
          [1, -1.1],
          [-1, 1.1],
          [1, 1.1]
        ]);
      case "hexagram":
        return polygon(
          Array.from({ length: 12 }, (_, i) => {
            const a = Math.PI * (i / 6 - 0.5);
            const q = i % 2 ? 0.75 : 1.35;
            return [q * Math.cos(a), q * Math.sin(a)];
          })
        );
      case "cross":
        return polygon(plus);
      case "x":
        return polygon(plus.map(([a, b]) => [(a - b) * Math.SQRT1_2, (a + b) * Math.SQRT1_2]));
      case "star":
        return polygon(
          Array.from({ length: 10 }, (_, i) => {
            const a = Math.PI * (i / 5 - 0.5);
            const q = i % 2 ? 0.6 : 1.4;
            return [q * Math.cos(a), q * Math.sin(a)];
          })
        );
      default:
        return pen.circle(x, y, r);
    }
  }

  // genie_edu/lab/src/view/surfaces/surface.js
  var DASHES = { solid: [], dash: [7, 4], dot: [1.5, 3.5], dashdot: [8, 3, 1.5, 3] };
  var Surface = class _Surface {
    constructor(theme) {
      this.theme = theme;
    }
    textWidth(string, size, weight = 400) {
      const c = _Surface.ruler ??= document.createElement("canvas").getContext("2d");
      c.font = `${weight} ${size}px ${this.theme.font}`;
      return c.measureText(string).width;
    }
    /** The size at which the string is no wider than `room`: `size`, or less. */
    sizeIn(room, string, size, weight) {
      return room === Infinity ? size : size * Math.min(1, room / this.textWidth(string, size, weight));
    }
  };

  // genie_edu/lab/src/view/surfaces/svg.js
  var escapeXml = (s) => String(s).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
  var SvgSurface = class extends Surface {
    constructor(width, height, theme) {
      super(theme);
      this.width = width;
      this.height = height;
      this.out = [];
      this.clips = 0;
    }
    pen() {
      const r = (v) => Math.round(v * 10) / 10;
      const d = [];
      return {
        d,
        moveTo(x, y) {
          d.push(`M${r(x)} ${r(y)}`);
        },
        lineTo(x, y) {
          d.push(`L${r(x)} ${r(y)}`);
        },
        closePath() {
          d.push("Z");
        },
        circle(x, y, q) {
          d.push(`M${r(x + q)} ${r(y)}a${q} ${q} 0 1 0 ${-2 * q} 0a${q} ${q} 0 1 0 ${2 * q} 0`);
        }
      };
    }
    stroke({ color, width = 1, dash = "solid", alpha = 1 }, build) {
      const pen = this.pen();
      build(pen);
      if (!pen.d.length) return;
      const dashes = DASHES[dash].length ? ` stroke-dasharray="${DASHES[dash].join(" ")}"` : "";
      this.out.push(
        `<path d="${pen.d.join("")}" fill="none" stroke="${escapeXml(color)}" stroke-width="${width}" stroke-opacity="${alpha}" stroke-linejoin="round"${dashes}/>`
      );
    }
    fill({ color, alpha = 1 }, build) {
      const pen = this.pen();
      build(pen);
      if (pen.d.length) this.out.push(`<path d="${pen.d.join("")}" fill="${escapeXml(color)}" fill-opacity="${alpha}"/>`);
    }
    text(string, x, y, { color = this.theme.fg, size = 12, align = "start", weight = 400, rotate = 0, room = Infinity } = {}) {
      const anchor = align === "center" ? "middle" : align === "end" || align === "right" ? "end" : "start";
      const turn = rotate ? ` transform="rotate(${(rotate * 180 / Math.PI).toFixed(1)} ${x.toFixed(1)} ${y.toFixed(1)})"` : "";
      this.out.push(
        `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" dy="0.35em" font-size="${+this.sizeIn(room, string, size, weight).toFixed(2)}" font-weight="${weight}" text-anchor="${anchor}" fill="${escapeXml(color)}"${turn}>${escapeXml(string)}</text>`
      );
    }
    background(parts, draw) {
      draw(this);
    }
    haze(layers) {
      for (const { color, alpha, build } of layers) this.stroke({ color, alpha }, build);
    }
    stamp(points, { color, radius, marker, ring = false, alpha = 1 }) {
      const draw = (pen) => points.forEach(([x, y]) => markerPath(pen, marker, x, y, radius));
      if (ring) this.stroke({ color, width: 1.2, alpha }, draw);
      else this.fill({ color, alpha }, draw);
    }
    image(canvas, x, y, w, h2) {
      this.out.push(
        `<image x="${x}" y="${y}" width="${w}" height="${h2}" preserveAspectRatio="none" href="${canvas.toDataURL("image/png")}"/>`
      );
    }
    tile(strip, from, size, x, y, side) {
      const canvas = document.createElement("canvas");
      canvas.width = canvas.height = size;
      canvas.getContext("2d").drawImage(strip, -from, 0);
      this.out.push(
        `<image x="${x}" y="${y}" width="${side}" height="${side}" style="image-rendering:pixelated" href="${canvas.toDataURL("image/png")}"/>`
      );
    }
    clip(x, y, w, h2, draw) {
      const id = `gl-clip-${++this.clips}`;
      this.out.push(
        `<clipPath id="${id}"><rect x="${x}" y="${y}" width="${w}" height="${h2}"/></clipPath><g clip-path="url(#${id})">`
      );
      draw();
      this.out.push("</g>");
    }
    toString(title) {
      return `<svg xmlns="http://www.w3.org/2000/svg" width="${this.width}" height="${this.height}" viewBox="0 0 ${this.width} ${this.height}" font-family="${escapeXml(this.theme.font)}" role="img"><title>${escapeXml(title)}</title><rect width="100%" height="100%" fill="${escapeXml(this.theme.bg)}"/>${this.out.join("")}</svg>`;
    }
  };

  // genie_edu/lab/src/view/dom.js
  function h(tag, attributes = {}, ...children) {
    const el = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === false || value === null || value === void 0) continue;
      if (name.startsWith("on")) el.addEventListener(name.slice(2), value);
      else el.setAttribute(name, value === true ? "" : String(value));
    }
    for (const child of children.flat()) if (child !== null && child !== void 0) el.append(child);
    return el;
  }
  function swatch(lab, solver) {
    const style = styleOf(lab, solver);
    const pen = new SvgSurface(0, 0, {}).pen();
    const ns = "http://www.w3.org/2000/svg";
    markerPath(pen, style.marker, 12, 7, 3.6);
    const svg = document.createElementNS(ns, "svg");
    for (const [k, v] of [
      ["width", 24],
      ["height", 14],
      ["viewBox", "0 0 24 14"],
      ["aria-hidden", "true"],
      ["class", "gl-swatch"]
    ])
      svg.setAttribute(k, v);
    for (const [d, fill] of [
      ["M0 7L24 7", false],
      [pen.d.join(""), true]
    ]) {
      const path = document.createElementNS(ns, "path");
      path.setAttribute("d", d);
      path.setAttribute("fill", fill ? style.color : "none");
      if (!fill) {
        path.setAttribute("stroke", style.color);
        path.setAttribute("stroke-width", "1.8");
        path.setAttribute("stroke-dasharray", DASHES[style.dash].join(" "));
      }
      svg.append(path);
    }
    return svg;
  }

  // genie_edu/lab/src/engine/engine.js
  var MAX_COARSE = 80;
  var Engine = class {
    constructor() {
      this.exact = new Exact();
      this.runs = {};
      this.memo = /* @__PURE__ */ new Map();
      this.errors = /* @__PURE__ */ new Map();
    }
    mixture(S) {
      const m = this.mix;
      if (!m || m.weights !== S.weights || m.means !== S.means || m.covs !== S.covs) {
        this.mix = new Mixture(S);
        this.memo.clear();
        this.errors.clear();
      }
      return this.mix;
    }
    remember(name, key, make) {
      const old = this.memo.get(name);
      if (old && old.key === key) return old.value;
      const value = make();
      this.memo.set(name, { key, value });
      return value;
    }
    /** n starts in bar coordinates at t_start; `start`, if given, is the first of them. */
    start(S, n) {
      return this.remember("start", `${n} ${S.seed} ${S.start} ${S.t_start}`, () => {
        const x = starts(n, S.seed);
        const g = gammaOf(S.t_start);
        const f = Math.sqrt(1 + g * g);
        if (S.start) {
          x[0] = S.start[0];
          x[1] = S.start[1];
        }
        return x.map((v) => f * v);
      });
    }
    exactPaths(S, xBar, substep) {
      return this.remember(
        "exact",
        `${xBar.length} ${S.seed} ${S.start} ${S.t_start} ${S.t_end} ${substep}`,
        () => this.exact.paths(this.mixture(S), xBar, gammaOf(S.t_start), gammaOf(S.t_end), substep)
      );
    }
    run(slot, S, xBar, gammas, solver, options, field = this.mixture(S)) {
      const run = this.runs[slot] ??= new Run();
      return run.solve(field, xBar, gammas, solver, options);
    }
  };

  // genie_edu/lab/src/engine/mosaic.js
  var Mosaic = class {
    constructor({ tile, columns, image }) {
      Object.assign(this, { tile, columns, strips: /* @__PURE__ */ new Map(), picture: null });
      const picture = new Image();
      picture.src = image;
      this.ready = picture.decode().then(() => {
        this.picture = picture;
      });
    }
    /** A row of tiles, its bytes (red, green, blue, alpha) changed in place by `change`: a canvas and its bytes, kept by name. */
    changed(row, name = "", change = null) {
      const key = `${row} ${name}`;
      const { tile, columns, strips } = this;
      const w = tile * columns;
      if (!strips.has(key)) {
        if (strips.size > 64) strips.clear();
        const canvas = document.createElement("canvas");
        const ctx = (canvas.width = w, canvas.height = tile, canvas.getContext("2d", { willReadFrequently: true }));
        ctx.drawImage(this.picture, 0, row * tile, w, tile, 0, 0, w, tile);
        const image = ctx.getImageData(0, 0, w, tile);
        const { data } = image;
        if (change) {
          change(data);
          ctx.putImageData(image, 0, 0);
        }
        strips.set(key, { canvas, data });
      }
      return strips.get(key);
    }
  };

  // genie_edu/lab/src/engine/history.js
  var History = class extends Mosaic {
    constructor(packed) {
      super(packed);
      const { run, curve, record, checkpoints } = packed;
      Object.assign(this, {
        run,
        curve,
        record,
        checkpoints: checkpoints.map(([step, loss, share, minutes]) => ({ step, loss, share, minutes }))
      });
    }
  };

  // genie_edu/lab/src/engine/recorded.js
  var leastError = (runs, error) => runs.reduce((best, q) => !best || error(q) < error(best) || !isNumber(error(best)) ? q : best, null);

  // genie_edu/lab/src/engine/precision.js
  var Precision = class {
    constructor({ run, repeats, own_ode, n_samples, rows, counted, seconds }) {
      Object.assign(this, { run, repeats, own_ode, n_samples, counted, seconds, picture: true });
      this.runs = rows.map(([solver, derivative, spacing, nfe, afs, error, frechet]) => ({
        solver,
        derivative,
        spacing,
        nfe,
        afs,
        error,
        frechet: frechet ?? []
      }));
      const all = (key) => [...new Set(this.runs.map((q) => q[key]))];
      this.solvers = Object.keys(SOLVERS).filter((s) => all("solver").includes(s));
      this.spacings = SPACINGS.filter((s) => all("spacing").includes(s));
      this.nfes = all("nfe").sort((a, b) => a - b);
      this.kinds = Object.fromEntries(
        this.solvers.map((s) => [s, [...new Set(this.runs.filter((q) => q.solver === s).map((q) => q.derivative))]])
      );
    }
    kind(solver, wanted) {
      return this.kinds[solver].includes(wanted) ? wanted : this.kinds[solver][0];
    }
    /** A solver's points by calls: what was measured (`values`, one a repetition, and their median), on a grid or on the one that has the least error. */
    curve(solver, wanted, grid2, measure2) {
      const derivative = this.kind(solver, wanted);
      const fits = this.runs.filter(
        (q) => q.solver === solver && q.derivative === derivative && (grid2 === "best" || q.spacing === grid2 && !q.afs)
      );
      return this.nfes.flatMap((nfe) => {
        const q = leastError(
          fits.filter((r) => r.nfe === nfe),
          (r) => median(r.error)
        );
        return q?.[measure2].length ? [{ ...q, values: q[measure2], value: median(q[measure2]) }] : [];
      });
    }
    /** Cost of an image by calls, on a meter: calls, counted arithmetic in calls of eps, or seconds; NaN where it was not measured. */
    cost(solver, derivative, nfe, meter) {
      const call = meter === "nfe" ? 1 : meter === "counted" ? this.counted[derivative] : (this.seconds?.per_call[`${solver} ${derivative}`] ?? NaN) / 1e3;
      return nfe * call;
    }
    /** What the derivative's training cost, on the same meter: nothing but for the head. */
    training(derivative, meter) {
      return derivative === "head" ? meter === "seconds" ? this.seconds.training : this.counted.training : 0;
    }
  };

  // genie_edu/lab/src/engine/sheet.js
  var Sheet = class extends Mosaic {
    constructor({ tile, columns, reference, image, rows }) {
      super({ tile, columns, image });
      const column = (k) => [...new Set(rows.map((row) => row[k]))];
      const key = (row) => row.slice(1, 5).join(" ");
      Object.assign(this, { reference, nfes: column(4).sort((a, b) => a - b) });
      this.solvers = Object.keys(SOLVERS).filter((s) => column(1).includes(s));
      this.spacings = SPACINGS.filter((s) => column(3).includes(s));
      this.kinds = Object.fromEntries(
        this.solvers.map((s) => [s, [...new Set(rows.filter((row) => row[1] === s).map((row) => row[2]))]])
      );
      this.runs = rows.map(([row, solver, derivative, spacing, nfe, error, frechet, afs]) => ({
        row,
        solver,
        derivative,
        spacing,
        nfe,
        error: error ?? NaN,
        frechet: frechet ?? NaN,
        afs: Boolean(afs)
      }));
      this.cells = new Map(rows.map((row, k) => [key(row), this.runs[k]]));
    }
    /** The derivative that a solver takes: the wanted one, or the one that there is. */
    kind(solver, wanted) {
      return this.kinds[solver].includes(wanted) ? wanted : this.kinds[solver][0];
    }
    /** The run of a solver with exactly so many calls; one that takes a derivative takes it as wanted, or as it can. */
    cell(solver, wanted, spacing, nfe) {
      const derivative = this.kind(solver, wanted);
      return {
        solver,
        derivative,
        spacing,
        nfe,
        row: null,
        error: NaN,
        frechet: NaN,
        ...this.cells.get([solver, derivative, spacing, nfe].join(" "))
      };
    }
    /** The same on a named grid without an analytic first step, or, for "best", the recorded run with the least error. */
    best(solver, wanted, grid2, nfe) {
      const derivative = this.kind(solver, wanted);
      const fits = this.runs.filter(
        (q) => q.solver === solver && q.derivative === derivative && q.nfe === nfe && (grid2 === "best" || q.spacing === grid2 && !q.afs)
      );
      return leastError(fits, (q) => q.error) ?? {
        solver,
        derivative,
        spacing: grid2,
        nfe,
        afs: false,
        row: null,
        error: NaN,
        frechet: NaN
      };
    }
    /** One row of tiles, or how far it is from the reference's. */
    strip(row, difference = false) {
      return difference ? this.mixed(row, this.reference.row, "difference") : this.changed(row);
    }
    /** Row a faded into row b by `share`, row b drawn over row a like a curtain from the right of every tile, or how far the two are apart. */
    mixed(a, b, mixing, share = 0) {
      const { tile } = this;
      const open = tile * (1 - share);
      return this.changed(a, `${b} ${mixing} ${share}`, (data) => {
        const from = this.changed(b).data;
        for (let i = 0; i < data.length; i++)
          if (i % 4 < 3)
            data[i] = mixing === "difference" ? Math.abs(data[i] - from[i]) : mixing === "swipe" ? (i >> 2) % tile + 0.5 > open ? from[i] : data[i] : Math.round(data[i] + share * (from[i] - data[i]));
      });
    }
    /** Mean distance of a tile of one row from the same of another, in levels of 0 to 255. */
    apart(a, b, column) {
      const { data } = this.mixed(a, b, "difference");
      const { tile, columns } = this;
      let sum = 0;
      for (let y = 0; y < tile; y++)
        for (let x = 0; x < tile; x++)
          for (let c = 0; c < 3; c++) sum += data[4 * ((y * columns + column) * tile + x) + c];
      return sum / (3 * tile * tile);
    }
    distance(row, column) {
      return this.apart(row, this.reference.row, column);
    }
  };

  // genie_edu/lab/src/engine/sheets.js
  var sheets = /* @__PURE__ */ new WeakMap();
  function sheetOf(config) {
    const packed = config.images ?? globalThis.GenieLabImages?.[config.sheet];
    if (!packed) throw new RangeError(`lab_${config.sheet}.js is not loaded`);
    if (!sheets.has(packed))
      sheets.set(packed, new ({ history: History, precision: Precision }[config.view] ?? Sheet)(packed));
    return sheets.get(packed);
  }

  // genie_edu/lab/src/engine/state.js
  var inside = (knots, { t_start, t_end }) => knots[0] < Math.log(gammaOf(t_start)) && knots[knots.length - 1] > Math.log(gammaOf(t_end));
  function checkedPatch(patch, state, toys) {
    const out = {};
    for (const [key, value] of Object.entries(patch)) out[key] = checked(key, value);
    if ("mixture" in out && out.mixture !== "custom") {
      if (!Object.hasOwn(toys, out.mixture)) throw new RangeError("mixture is not one of the named ones");
      const { weights, means, covs } = toys[out.mixture];
      Object.assign(out, { weights, means, covs });
    } else if ("weights" in out || "means" in out || "covs" in out) out.mixture = "custom";
    const next = { ...state, ...out };
    if (next.weights.length !== next.means.length || next.weights.length !== next.covs.length)
      throw new RangeError("weights, means and covs must have one length");
    if (next.t_end > 0.8 * next.t_start) throw new RangeError("t_end must lie well below t_start");
    if (out.knots) {
      out.n_steps ??= out.knots.length + 1;
      if (out.n_steps !== out.knots.length + 1) throw new RangeError("knots must be one fewer than n_steps");
      if (!inside(out.knots, next)) throw new RangeError("knots must lie between the two ends of the clock");
    } else if (state.knots && (next.n_steps !== state.n_steps || !inside(state.knots, next))) out.knots = null;
    next.n_steps = out.n_steps ?? next.n_steps;
    if (next.component >= next.means.length) out.component = 0;
    if (next.step >= next.n_steps) out.step = next.n_steps - 1;
    return out;
  }

  // genie_edu/lab/src/view/numbers.js
  function formatNumber(v) {
    if (!isNumber(v)) return "-";
    const a = Math.abs(v);
    if (a === 0) return "0";
    if (a < 1e-3 || a >= 1e5) return v.toExponential(2).replace("e+", "e");
    if (a >= 1e3) return v.toFixed(0);
    const text = v.toPrecision(3);
    return text.includes("e") ? Number(text).toFixed(0) : text;
  }
  var round3 = (v) => Math.round(v * 1e3) / 1e3;
  var round6 = (v) => Math.round(v * 1e6) / 1e6;
  var clamp = (v, low, high) => Math.min(high, Math.max(low, v));
  var pointText = (p) => `(${formatNumber(p[0])}, ${formatNumber(p[1])})`;
  var whole = (v) => Number(v.toPrecision(2)).toLocaleString("en-US");
  var superscript = (v) => `10${String(v).replace(/[-0-9]/g, (c) => c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(c)])}`;
  var spreadOf = (c) => (c[0][0] * c[1][1] - c[0][1] * c[1][0]) ** 0.25;

  // genie_edu/lab/src/view/handles.js
  function syncHandles(lab) {
    lab.handles = lab.view.handles(lab, lab.width, lab.heightPx);
    const wanted = new Set(lab.handles.map((q) => q.id));
    for (const [id, el] of lab.handleEls)
      if (!wanted.has(id)) {
        el.remove();
        lab.handleEls.delete(id);
      }
    for (const handle of lab.handles) {
      let el = lab.handleEls.get(handle.id);
      if (!el) {
        el = h("button", { type: "button", class: `gl-handle gl-handle-${handle.kind}`, "data-id": handle.id });
        el.addEventListener("pointerdown", (e) => dragHandle(lab, e, el));
        el.addEventListener("focus", () => {
          const q = lab.handles.find((x2) => x2.id === el.dataset.id);
          if (q?.select) lab.set(q.select(), "input");
        });
        lab.plot.append(el);
        lab.handleEls.set(handle.id, el);
      }
      const x = clamp(handle.x, 14, lab.width - 14);
      const y = clamp(handle.y, 14, lab.heightPx - 14);
      if (Number.isFinite(x) && Number.isFinite(y))
        el.style.transform = `translate(${(x - 14).toFixed(1)}px, ${(y - 14).toFixed(1)}px)`;
      if (el.textContent !== handle.text) el.textContent = handle.text;
      if (el.getAttribute("aria-label") !== handle.label) el.setAttribute("aria-label", handle.label);
      if (handle.slider) {
        const { low, high, now, text } = handle.slider;
        for (const [name, v] of [
          ["role", "slider"],
          ["aria-valuemin", Math.min(low, now)],
          ["aria-valuemax", Math.max(high, now)],
          ["aria-valuenow", now],
          ["aria-valuetext", text]
        ])
          el.setAttribute(name, String(v));
      }
      el.classList.toggle("gl-selected", Boolean(handle.selected));
    }
  }
  function dragHandle(lab, e, el) {
    if (e.button > 0) return;
    const handle = lab.handles.find((q) => q.id === el.dataset.id);
    const x0 = e.clientX;
    const y0 = e.clientY;
    if (!handle) return;
    e.preventDefault();
    el.focus({ preventScroll: true });
    el.setPointerCapture?.(e.pointerId);
    const move = (ev) => lab.set(handle.move(ev.clientX - x0, ev.clientY - y0), "input");
    const stop = () => {
      for (const [type, fn] of [
        ["pointermove", move],
        ["pointerup", stop],
        ["pointercancel", stop],
        ["lostpointercapture", stop]
      ])
        el.removeEventListener(type, fn);
      if (lab.dragging) {
        clearTimeout(lab.settle);
        lab.dragging = false;
        lab.request();
      }
    };
    for (const [type, fn] of [
      ["pointermove", move],
      ["pointerup", stop],
      ["pointercancel", stop],
      ["lostpointercapture", stop]
    ])
      el.addEventListener(type, fn);
  }

  // genie_edu/lab/src/engine/paths.js
  function runPaths(engine, S, dragging, stepsOf = () => S.n_steps) {
    const mix = engine.mixture(S);
    const n = dragging ? Math.min(S.n_starts, MAX_COARSE) : S.n_starts;
    const xBar = engine.start(S, n);
    const exact = engine.exactPaths(S, xBar, dragging ? COARSE_SUBSTEP : EXACT_SUBSTEP);
    const results = S.solvers.map((solver, i) => {
      const steps = stepsOf(solver);
      const run = engine.run(i, S, xBar, grid(steps, S.spacing, S.t_start, S.t_end), solver, {
        afs: S.afs,
        denoise: S.denoise
      });
      return { solver, run, steps, error: endPointError(run.path, steps * xBar.length, exact.end), nfe: run.nfe };
    });
    return { mix, n, exact, results, xBar };
  }
  function runTournament(engine, S, dragging) {
    const R = runPaths(
      engine,
      S,
      dragging,
      (solver) => Math.max(1, Math.floor((S.nfe + S.afs - S.denoise) / (SOLVERS[solver].calls ?? 1)))
    );
    const place = (r) => Number.isFinite(r.error) ? r.error : Infinity;
    return { ...R, ranked: [...R.results].sort((a, b) => place(a) - place(b) || 0) };
  }
  var levelsOf = (S) => S.knots ? Float64Array.from([gammaOf(S.t_start), ...S.knots.map(Math.exp), gammaOf(S.t_end)]) : grid(S.n_steps, S.spacing, S.t_start, S.t_end);
  function runKnots(engine, S, dragging) {
    const mix = engine.mixture(S);
    const n = dragging ? Math.min(S.n_starts, MAX_COARSE) : S.n_starts;
    const xBar = engine.start(S, n);
    const N = S.n_steps;
    const gammas = levelsOf(S);
    const n2 = xBar.length;
    const plain = grid(N, "linear", S.t_start, S.t_end);
    const exact = engine.exactPaths(S, xBar, dragging ? COARSE_SUBSTEP : EXACT_SUBSTEP);
    const truth = engine.exact.along(mix, xBar, gammas, dragging ? COARSE_SUBSTEP : EXACT_SUBSTEP);
    const run = engine.run(0, S, xBar, gammas, S.solver, {});
    const one = (engine.runs.local ??= new Run()).fromExact(mix, truth, gammas, S.solver);
    const local = Array.from(
      { length: N },
      (_, k) => endPointError(one.path, (k + 1) * n2, truth.subarray((k + 1) * n2, (k + 2) * n2))
    );
    const error = endPointError(run.path, N * n2, exact.end);
    const byDefault = endPointError(engine.run(1, S, xBar, plain, S.solver, {}).path, N * n2, exact.end);
    const most = Math.max(...local);
    return {
      mix,
      n,
      N,
      gammas,
      exact,
      run,
      local,
      error,
      byDefault,
      ratio: error / byDefault,
      worst: local.indexOf(most),
      uneven: most / median(local),
      results: [{ solver: S.solver, run, steps: N, error }]
    };
  }

  // genie_edu/lab/src/view/axes.js
  var FAR = 1e5;
  var clampPx = (v) => v > FAR ? FAR : v < -FAR ? -FAR : v;
  function ticks(a, b, count = 5) {
    const low = Math.min(a, b);
    const high = Math.max(a, b);
    const raw = (high - low) / count;
    if (!(raw > 0) || !Number.isFinite(raw)) return [];
    const base = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].find((m) => m * base >= raw) * base;
    const out = [];
    for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++)
      out.push(Number((k * step).toPrecision(12)));
    return out;
  }
  var tickText = (v) => (v === 0 ? "0" : Math.abs(v) >= 1e4 || Math.abs(v) < 1e-3 ? v.toExponential(0).replace("e+", "e") : String(v)).replace("-", "−");
  function axes({ x, y, w, h: h2 }, [x0, x1], [y0, y1], log = false) {
    const f = log ? Math.log10 : (v) => v;
    const a0 = f(x0);
    const ax = w / (f(x1) - a0);
    const b0 = f(y0);
    const by = h2 / (f(y1) - b0);
    return {
      x,
      y,
      w,
      h: h2,
      x0,
      x1,
      y0,
      y1,
      log,
      px: (v) => x + (f(v) - a0) * ax,
      py: (v) => y + h2 - (f(v) - b0) * by,
      inverse: (px, py2) => [(px - x) / ax + a0, (y + h2 - py2) / by + b0],
      sx: ax,
      sy: by
    };
  }
  function drawAxes(s, A, { xName, yName, xTicks, yTicks, xFormat = tickText, yFormat = tickText, grid: lines = false }) {
    const t = s.theme;
    xTicks ??= ticks(A.x0, A.x1, Math.max(2, A.w / 75));
    yTicks ??= ticks(A.y0, A.y1, Math.max(3, A.h / 60));
    if (lines)
      s.stroke({ color: t.grid, width: 1 }, (p) => {
        for (const v of xTicks) {
          p.moveTo(A.px(v), A.y);
          p.lineTo(A.px(v), A.y + A.h);
        }
        for (const v of yTicks) {
          p.moveTo(A.x, A.py(v));
          p.lineTo(A.x + A.w, A.py(v));
        }
      });
    s.stroke({ color: t.axis, width: 1 }, (p) => {
      p.moveTo(A.x, A.y);
      p.lineTo(A.x, A.y + A.h);
      p.lineTo(A.x + A.w, A.y + A.h);
      for (const v of xTicks) {
        p.moveTo(A.px(v), A.y + A.h);
        p.lineTo(A.px(v), A.y + A.h + 4);
      }
      for (const v of yTicks) {
        p.moveTo(A.x, A.py(v));
        p.lineTo(A.x - 4, A.py(v));
      }
    });
    for (const v of xTicks) s.text(xFormat(v), A.px(v), A.y + A.h + 13, { size: 11, align: "center", color: t.muted });
    for (const v of yTicks) s.text(yFormat(v), A.x - 7, A.py(v), { size: 11, align: "end", color: t.muted });
    if (xName) s.text(xName, A.x + A.w / 2, A.y + A.h + 30, { size: 12, align: "center", color: t.fg });
    if (yName) s.text(yName, A.x - 38, A.y + A.h / 2, { size: 12, align: "center", color: t.fg, rotate: -Math.PI / 2 });
  }
  var plane = (W, H, half = 2.75) => {
    const rect = { x: 48, y: 8, w: W - 56, h: H - 50 };
    const k = half / Math.min(rect.w, rect.h);
    return axes(rect, [-k * rect.w, k * rect.w], [-k * rect.h, k * rect.h]);
  };
  var square = (w) => Math.round(Math.min(Math.max(w * 0.92, 280), 480));
  function fit(points, W, H, smallest, margin = 0.22) {
    const good = points.filter(
      (p) => Number.isFinite(p[0]) && Number.isFinite(p[1]) && Math.abs(p[0]) < 1e4 && Math.abs(p[1]) < 1e4
    );
    const xs = good.map((p) => p[0]);
    const ys = good.map((p) => p[1]);
    const rect = { x: 50, y: 8, w: W - 58, h: H - 52 };
    const cx = (Math.min(...xs) + Math.max(...xs)) / 2;
    const cy = (Math.min(...ys) + Math.max(...ys)) / 2;
    const wide = Math.max(smallest, Math.max(...xs) - Math.min(...xs)) * (1 + 2 * margin);
    const tall = Math.max(smallest, Math.max(...ys) - Math.min(...ys)) * (1 + 2 * margin);
    const k = Math.max(wide / rect.w, tall / rect.h) / 2;
    return axes(rect, [cx - k * rect.w, cx + k * rect.w], [cy - k * rect.h, cy + k * rect.h]);
  }
  var nice = (low, high) => {
    const out = [];
    for (let k = Math.floor(Math.log10(low)); k <= Math.log10(high); k++)
      for (const m of [1, 2, 5]) {
        const v = Number((m * 10 ** k).toPrecision(3));
        if (v >= low * 0.999 && v <= high * 1.001) out.push(v);
      }
    return out;
  };
  var logTicks = (low, high, most) => {
    const all = nice(low, high);
    const tens = all.filter((v) => /^1/.test(v.toExponential()));
    return all.length <= most ? all : tens.length >= 2 ? tens.filter((_, i) => i % Math.ceil(tens.length / most) === 0) : [all[0], all[all.length - 1]];
  };

  // genie_edu/lab/src/view/density.js
  function density(lab, mix, gamma, A) {
    const n = lab.dragging ? 90 : 180;
    const key = `${gamma} ${A.x0} ${A.x1} ${A.y0} ${A.y1} ${n} ${lab.theme.shade}`;
    if (lab.shade && lab.shade.mix === mix && lab.shade.key === key) return lab.shade.canvas;
    const rows = Math.max(1, Math.round(n * A.h / A.w));
    const canvas = document.createElement("canvas");
    canvas.width = n;
    canvas.height = rows;
    const ctx = canvas.getContext("2d");
    const image = ctx.createImageData(n, rows);
    const values = new Float64Array(n * rows);
    const top = Math.max(...mix.means.map((m) => mix.logProb(m[0], m[1], gamma)));
    for (let j = 0; j < rows; j++)
      for (let i = 0; i < n; i++)
        values[j * n + i] = mix.logProb(
          A.x0 + (i + 0.5) / n * (A.x1 - A.x0),
          A.y1 - (j + 0.5) / rows * (A.y1 - A.y0),
          gamma
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

  // genie_edu/lab/src/view/mean_handles.js
  function meanHandles(S, A, scale = 1) {
    return S.means.map((m, k) => ({
      id: `mean-${k}`,
      kind: "mean",
      text: S.means.length > 1 ? String(k + 1) : "",
      label: `Mean of component ${k + 1} at ${pointText(m)}; arrow keys move it`,
      selected: S.component === k,
      x: A.px(m[0] * scale),
      y: A.py(m[1] * scale),
      move: (dx, dy) => ({
        component: k,
        means: S.means.map(
          (p, i) => i === k ? [round3(clamp(p[0] + dx / A.sx / scale, -3, 3)), round3(clamp(p[1] - dy / A.sy / scale, -3, 3))] : p
        )
      }),
      select: () => ({ component: k })
    }));
  }

  // genie_edu/lab/src/view/python.js
  var py = (v) => typeof v === "string" ? JSON.stringify(v) : v === true ? "True" : v === false ? "False" : Array.isArray(v) ? `[${v.map(py).join(", ")}]` : String(v);
  var pythonGrid = (S, steps) => `t = ge.time_grid(${steps}, spacing=${py(S.spacing)}, t_start=${py(S.t_start)}, t_end=${py(S.t_end)})`;
  function pythonHead(S, { n = S.n_starts, levels = [pythonGrid(S, S.n_steps), "gammas = flow.schedule.gamma(t)"] } = {}) {
    const mixture = S.mixture === "custom" ? `mixture = ge.GaussianMixture(
    weights=${py(S.weights)},
    means=${py(S.means)},
    covs=${py(S.covs)},
)` : `mixture = ge.GaussianMixture(**ge.TOYS[${py(S.mixture)}])`;
    const lines = [
      "import torch",
      "import genie_edu as ge",
      "from genie_edu.lab import starts",
      "",
      mixture,
      "flow = ge.AnalyticFlow(mixture)",
      ...levels,
      `x = torch.as_tensor(starts(${n}, seed=${S.seed}))`
    ];
    if (S.start) lines.push(`x[0] = torch.tensor(${py(S.start)}, dtype=torch.float64)`);
    lines.push("x_bar = torch.sqrt(1 + gammas[0] ** 2) * x");
    return lines;
  }
  var pythonEnds = (S) => [
    ...pythonHead(S, {
      levels: [`gammas = flow.schedule.gamma(torch.tensor([${py(S.t_start)}, ${py(S.t_end)}], dtype=torch.float64))`]
    }),
    "exact = ge.exact_solution(flow, x_bar, gammas)[-1]"
  ];
  var learnedHead = (S) => [
    ...pythonHead(S),
    'net = ge.checkpoints.load(ge.data.shipped("mixture_2d/base")).double()',
    "learned = ge.NetworkFlow(net)",
    "truth = ge.exact_solution(learned, x_bar, gammas)[-1]"
  ];
  var PYTHON_FIT = [
    "try:",
    "    print(ge.observed_order(counts, errors))",
    "except ValueError as reason:",
    "    print(reason)"
  ];

  // genie_edu/lab/src/view/tracks.js
  var trackPens = (A, B, clock = "plane") => (path, gamma, n) => (pen) => {
    const flat = clock === "plane";
    const levels = gamma.length;
    const f = new Float64Array(levels);
    const c = new Float64Array(levels);
    for (let j = 0; j < levels; j++) {
      f[j] = 1 / Math.sqrt(1 + gamma[j] ** 2);
      c[j] = flat ? 0 : A.px(clockOf(clock, gamma[j]));
    }
    const ox = A.px(0);
    const oy = A.py(0);
    const kx = A.sx;
    const ky = A.sy;
    for (let i = 0; i < n; i++)
      for (let j = 0; j < levels; j++) {
        const q = 2 * (j * B + i);
        const v = path[q];
        const x = flat ? clampPx(ox + kx * f[j] * v) : c[j];
        const y = flat ? clampPx(oy - ky * f[j] * path[q + 1]) : clampPx(oy - ky * f[j] * v);
        if (x !== x || y !== y) break;
        if (j) pen.lineTo(x, y);
        else pen.moveTo(x, y);
      }
  };
  var endPixels = (A, B, flat = true) => (path, offset, f) => {
    const out = [];
    const near = 60;
    for (let i = 0; i < B; i++) {
      const vx = f * path[offset + 2 * i];
      const vy = f * path[offset + 2 * i + 1];
      const x = flat ? A.px(vx) : A.px(A.x1);
      const y = flat ? A.py(vy) : A.py(vx);
      if (x > A.x - near && x < A.x + A.w + near && y > A.y - near && y < A.y + A.h + near) out.push([x, y]);
    }
    return out;
  };
  var pairs = (path, step = 1) => {
    const out = [];
    for (let i = 0; i < path.length; i += 2 * step) out.push([path[i], path[i + 1]]);
    return out;
  };
  var polyline = (A, points) => (pen) => points.forEach((p, i) => {
    const x = clampPx(A.px(p[0]));
    const y = clampPx(A.py(p[1]));
    if (x === x && y === y) {
      if (i) pen.lineTo(x, y);
      else pen.moveTo(x, y);
    }
  });
  var box = (x, y, w, h2) => (pen) => {
    pen.moveTo(x, y);
    pen.lineTo(x + w, y);
    pen.lineTo(x + w, y + h2);
    pen.lineTo(x, y + h2);
    pen.closePath();
  };

  // genie_edu/lab/src/view/views/knots.js
  var KNOT_GAP = 0.01;
  var logs = (gammas) => Array.from(gammas.slice(1, -1), (g) => round6(Math.log(g)));
  var knotsView = {
    coarse: true,
    broad: true,
    height: (W) => W < 560 ? 300 + Math.round(0.85 * W) : 350,
    /** The bars of the local errors, with the knots above them on the same axis, and the plane beside or below. */
    parts(lab, W, H) {
      const R = lab.R ?? runKnots(lab.engine, lab.S, lab.dragging);
      const narrow = W < 560;
      const g0 = R.gammas[0];
      const g1 = R.gammas[R.N];
      const left = { x: 52, y: 70, w: (narrow ? W : 0.58 * W) - 60, h: (narrow ? 300 : H) - 114 };
      const right = narrow ? { x: 50, y: 316, w: W - 58, h: H - 316 - 40 } : { x: 0.58 * W + 48, y: 24, w: 0.42 * W - 56, h: H - 68 };
      const positive = R.local.filter((e) => e > 0 && Number.isFinite(e)).map(Math.log10);
      const high = positive.length ? Math.ceil(Math.max(...positive)) : 0;
      const low = positive.length ? Math.max(high - 7, Math.min(high - 2, Math.floor(Math.min(...positive)))) : -2;
      const k = 2.6 / Math.min(right.w, right.h);
      return {
        R,
        bars: axes(left, [Math.log(g0), Math.log(g1)], [low, high]),
        plane: axes(right, [-k * right.w, k * right.w], [-k * right.h, k * right.h])
      };
    },
    compute: (lab) => runKnots(lab.engine, lab.S, lab.dragging),
    draw(s, lab, W, H, R) {
      const { bars: A, plane: P } = this.parts(lab, W, H);
      const style = styleOf(lab, lab.S.solver);
      const u = Array.from(R.gammas, Math.log);
      const base = A.y + A.h;
      const level = (e) => clamp(A.py(Math.log10(Math.max(e, 1e-300))), A.y, base);
      const t = s.theme;
      const middle = level(median(R.local));
      R.local.forEach((e, k) => {
        const a = A.px(u[k]);
        const b = A.px(u[k + 1]);
        const top = level(e);
        const worst = k === R.worst && R.N > 1;
        s.fill({ color: style.color, alpha: worst ? 0.55 : 0.25 }, (pen) => {
          pen.moveTo(a, base);
          pen.lineTo(a, top);
          pen.lineTo(b, top);
          pen.lineTo(b, base);
          pen.closePath();
        });
        s.stroke({ color: style.color, width: 2.2 }, (pen) => {
          pen.moveTo(a, top);
          pen.lineTo(b, top);
        });
      });
      s.stroke({ color: t.fg, width: 1.2, dash: "dash", alpha: 0.8 }, (pen) => {
        pen.moveTo(A.x, middle);
        pen.lineTo(A.x + A.w, middle);
      });
      s.text("median", A.x + 4, middle - 8, { size: 11, halo: true });
      s.stroke({ color: t.axis, width: 1 }, (pen) => {
        u.forEach((v, i) => {
          const x = A.px(v);
          pen.moveTo(x, i > 0 && i < R.N ? i % 2 ? 18 : 46 : 60);
          pen.lineTo(x, base);
        });
        pen.moveTo(A.x, 60);
        pen.lineTo(A.x + A.w, 60);
      });
      const decades = [];
      const high = Math.log10(R.gammas[0]);
      const low = Math.log10(R.gammas[R.N]);
      for (let d = Math.ceil(low); d <= high; d++) decades.push(d * Math.LN10);
      const tens = [];
      for (let d = A.y0; d <= A.y1; d++) tens.push(d);
      drawAxes(s, A, {
        xName: "γ, from noise to data",
        yName: "local error",
        xTicks: decades,
        yTicks: tens,
        xFormat: (v) => tickText(Number((10 ** Math.round(v / Math.LN10)).toPrecision(1))),
        yFormat: superscript
      });
      const gEnd = R.gammas[R.N];
      const f = 1 / Math.sqrt(1 + gEnd * gEnd);
      const lines = Math.min(R.n, 40);
      const track = trackPens(P, R.n);
      const ends = endPixels(P, R.n);
      const radius = R.n <= 60 ? 3 : R.n <= 150 ? 2.4 : 1.7;
      s.clip(P.x, P.y, P.w, P.h, () => {
        s.image(density(lab, R.mix, Math.max(gEnd, 0.03), P), P.x, P.y, P.w, P.h);
        s.stroke({ color: t.exact, width: 2, alpha: 0.35 }, track(R.exact.path, R.exact.gamma, lines));
        s.stroke({ color: style.color, width: 1.1, alpha: 0.6 }, track(R.run.path, R.gammas, lines));
        s.stamp(ends(R.exact.end, 0, f), { color: t.fg, radius: radius + 1.5, marker: "circle", ring: true, alpha: 0.6 });
        s.stamp(ends(R.run.path, R.N * 2 * R.n, f), { color: style.color, radius, marker: style.marker, alpha: 0.95 });
      });
      drawAxes(s, P, { xName: "x₁", yName: "x₂" });
    },
    handles(lab, W, H) {
      const { R, bars: A, plane: P } = this.parts(lab, W, H);
      const u = Array.from(R.gammas, Math.log);
      const knots = u.slice(1, -1).map((v, k) => {
        const low = u[k + 2] + KNOT_GAP;
        const high = u[k] - KNOT_GAP;
        const to = (w) => ({
          knots: u.slice(1, -1).map((q, i) => i === k && low < high ? round6(clamp(w, low, high)) : round6(q))
        });
        return {
          id: `knot-${k + 1}`,
          kind: "knot",
          text: String(k + 1),
          label: `Knot ${k + 1} of ${R.N - 1}`,
          x: A.px(v),
          y: k % 2 ? 46 : 18,
          slider: { low: -high, high: -low, now: -v, text: `γ = ${formatNumber(R.gammas[k + 1])}` },
          move: (dx) => to(v + dx / A.sx)
        };
      });
      return [...knots, ...meanHandles(lab.S, P)];
    },
    readout: (lab, R) => ({
      head: null,
      note: "local error: of one step from the exact path, median over the starts",
      rows: [
        {
          label: "error of your grid",
          style: lab.S.solver,
          cells: [{ name: "error", value: R.error, text: formatNumber(R.error) }]
        },
        {
          label: `error, ${R.N} steps uniform in t`,
          cells: [{ name: "error_default", value: R.byDefault, text: formatNumber(R.byDefault) }]
        },
        { label: "yours / uniform in t", cells: [{ name: "ratio", value: R.ratio, text: formatNumber(R.ratio) }] },
        {
          label: "step with the largest local error",
          cells: [{ name: "worst_interval", value: R.worst + 1, text: `${R.worst + 1} of ${R.N}` }]
        },
        {
          label: "largest / median local error",
          cells: [{ name: "spread_of_local", value: R.uneven, text: formatNumber(R.uneven) }]
        }
      ]
    }),
    summary: (lab, R) => `${labelOf(lab, lab.S.solver)}, ${R.N} ${R.N === 1 ? "step" : "steps"}: your grid ends ${formatNumber(R.error)} off, ${formatNumber(R.ratio)} times the error of a grid uniform in t. Step ${R.worst + 1}, γ from ${formatNumber(R.gammas[R.worst])} to ${formatNumber(R.gammas[R.worst + 1])}, has the largest local error.`,
    table: (lab, R) => ({
      caption: "The grid and its local errors",
      head: ["step", "from γ", "to γ", "length in log γ", "local error"],
      rows: R.local.map((e, k) => [
        String(k + 1),
        formatNumber(R.gammas[k]),
        formatNumber(R.gammas[k + 1]),
        formatNumber(Math.log(R.gammas[k] / R.gammas[k + 1])),
        formatNumber(e)
      ])
    }),
    csv: (lab, R) => [
      ["step", "gamma", "gamma_next", "local_error"],
      ...R.local.map((e, k) => [k + 1, R.gammas[k], R.gammas[k + 1], e])
    ],
    python(S) {
      const ends = `gammas = flow.schedule.gamma(torch.tensor([${py(S.t_start)}, ${py(S.t_end)}], dtype=torch.float64))`;
      const own = S.knots && {
        levels: [
          ends,
          `knots = torch.tensor(${py(S.knots)}, dtype=torch.float64)`,
          "gammas = torch.cat([gammas[:1], knots.exp(), gammas[1:]])"
        ]
      };
      return [
        ...pythonHead(S, own ?? {}),
        "exact = ge.exact_solution(flow, x_bar, gammas)",
        "",
        "def error(levels):",
        `    return ge.end_point_error(ge.solve(flow, x_bar, levels, solver=${py(S.solver)}).x_bar[-1], exact[-1])`,
        "",
        `uniform = flow.schedule.gamma(${pythonGrid({ ...S, spacing: "linear" }, S.n_steps).slice(4)})`,
        'print("gammas", gammas.tolist())',
        'print("error", f"{error(gammas):.3g}")',
        'print("error_default", f"{error(uniform):.3g}")',
        `local, memory, step = [], None, ge.SOLVERS[${py(S.solver)}].step`,
        "for n in range(len(gammas) - 1):",
        "    end, memory = step(flow, exact[n], float(gammas[n]), float(gammas[n + 1]), memory)",
        "    local.append(ge.end_point_error(end, exact[n + 1]))",
        'print("local", [float(f"{e:.3g}") for e in local])'
      ];
    }
  };

  // genie_edu/lab/src/view/controls/table.js
  var COUNTS = [2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512];
  var T_ENDS = [1e-3, 3e-3, 0.01, 0.03, 0.05, 0.1];
  var T_STARTS = [1, 0.9, 0.7, 0.5, 0.4, 0.3];
  var listWith = (list, value, text = String) => (list.includes(value) ? list : [...list, value]).map((v) => [v, text(v)]);
  var CONTROLS = {
    n_steps: { kind: "range", label: "Steps", low: 1, high: 100, step: 1 },
    order_steps: {
      kind: "pick",
      name: "n_steps",
      label: "Steps N",
      list: COUNTS,
      get: (S) => S.n_steps,
      set: (v) => ({ n_steps: v }),
      text: (v) => `${v}`,
      buttons: [
        {
          name: "measure",
          label: "Measure",
          primary: true,
          set: (S) => S.counts.includes(S.n_steps) || S.counts.length >= 24 ? {} : { counts: [...S.counts, S.n_steps] },
          disabled: (S) => S.counts.includes(S.n_steps)
        },
        {
          name: "clear",
          label: "Clear",
          set: () => ({ counts: [], committed: false }),
          disabled: (S) => S.counts.length === 0
        }
      ]
    },
    image_nfe: {
      kind: "pick",
      name: "nfe",
      label: "Calls of eps for each (NFE)",
      list: (lab) => lab.sheet.nfes,
      get: (S) => S.nfe,
      set: (v) => ({ nfe: v })
    },
    snapshot: {
      kind: "pick",
      label: "Checkpoint after training steps",
      list: (lab) => lab.sheet.checkpoints.map((_, k) => k),
      text: (v, lab) => String(lab.sheet.checkpoints[v].step)
    },
    beside: {
      kind: "select",
      label: "Compare with",
      number: true,
      options: (lab) => [[-1, "nothing"], ...lab.sheet.checkpoints.map((q, k) => [k, `${q.step} steps`])]
    },
    pair_solver: {
      kind: "select",
      name: "solver",
      label: "Solver",
      get: (S) => S.solver,
      set: (v, S) => v === S.rival ? { solver: v, rival: S.solver } : { solver: v },
      options: (lab) => lab.sheet.solvers.map((s) => [s, shortLabel(labelOf(lab, s))])
    },
    rival: {
      kind: "select",
      label: "Rival",
      set: (v, S) => v === S.solver ? { rival: v, solver: S.rival } : { rival: v },
      options: (lab) => lab.sheet.solvers.map((s) => [s, shortLabel(labelOf(lab, s))])
    },
    pair_nfe: {
      kind: "pick",
      name: "nfe",
      label: "The solver's calls of eps",
      list: (lab) => lab.sheet.nfes,
      get: (S) => S.nfe,
      set: (v) => ({ nfe: v })
    },
    grid: {
      kind: "select",
      label: "Grid",
      options: (lab) => [["best", "each solver's best"], ...lab.sheet.spacings.map((s) => [s, SPACING_NAMES[s]])]
    },
    blend: {
      kind: "range",
      label: "From the solver to the rival",
      low: 0,
      high: 1,
      step: 0.05,
      text: (v) => `${Math.round(100 * v)} %`,
      disabled: (S) => S.mixing === "difference"
    },
    mixing: {
      kind: "select",
      label: "Laid over each other as",
      options: () => [
        ["blend", "a fade"],
        ["swipe", "a curtain"],
        ["difference", "a difference"]
      ]
    },
    axis: {
      kind: "select",
      label: "Cost",
      options: (lab) => [
        ["nfe", "calls (NFE)"],
        ["counted", "arithmetic"],
        ...lab.sheet.seconds ? [["seconds", "seconds"]] : [],
        ["training", `${lab.sheet.seconds ? "seconds" : "arithmetic"}, with training`]
      ]
    },
    measure: {
      kind: "select",
      label: "Measure",
      options: () => [
        ["error", "error to own ODE"],
        ["frechet", "Fréchet distance"]
      ]
    },
    log_images: {
      kind: "range",
      label: "Images that share the training",
      low: 2,
      high: 7,
      step: 0.1,
      text: (v) => whole(10 ** v),
      disabled: (S) => S.axis !== "training"
    },
    derivative: {
      kind: "select",
      label: "GENIE's derivative",
      tall: true,
      options: () => [
        ["head", "from the distilled head"],
        ["autodiff", "exact (autodiff)"]
      ]
    },
    show_difference: { kind: "check", label: "Show the difference from the first line" },
    nfe: { kind: "range", label: "Calls of eps for each (NFE)", low: 1, high: 60, step: 1 },
    n_starts: { kind: "range", label: "Starts", low: 1, high: 500, step: 1 },
    seed: { kind: "number", label: "Seed of the starts", low: 0, high: 999, step: 1 },
    solvers: {
      kind: "solvers",
      label: (lab) => `Solvers, up to ${limitsOf(lab.config.view).solvers === 6 ? "six" : "four"}`
    },
    solver: {
      kind: "select",
      label: "Solver that takes the steps",
      options: (lab) => (lab.config.view === "stepper" ? ["ddim", "genie"] : Object.keys(SOLVERS)).map((s) => [s, labelOf(lab, s)])
    },
    spacing: {
      kind: "select",
      label: "Grid",
      options: (lab) => (lab.sheet?.spacings ?? SPACINGS).map((s) => [s, SPACING_NAMES[s]])
    },
    mystery: {
      kind: "select",
      label: "Sampler",
      options: () => Object.keys(MYSTERIES).map((k) => [k, `mystery ${k}`]),
      hint: (S) => `Its author says: order ${MYSTERIES[S.mystery].order}. ${MYSTERIES[S.mystery].claim}`,
      set: (v) => ({ mystery: v, counts: [], committed: false, diagnosis: "none" })
    },
    diagnosis: {
      kind: "select",
      label: "Your diagnosis",
      tall: true,
      options: () => [["none", "not yet"], ...Object.entries(DIAGNOSES)],
      disabled: (S) => S.counts.length < 4
    },
    against: {
      kind: "select",
      label: "Compare its end with",
      tall: true,
      options: () => [
        ["end", "the exact end point"],
        ["before", "the exact point one level earlier"]
      ]
    },
    knot_grid: {
      kind: "select",
      name: "spacing",
      label: "Grid to start from",
      get: (S) => S.spacing,
      set: (v) => ({ spacing: v }),
      options: () => SPACINGS.map((s) => [s, SPACING_NAMES[s]]),
      buttons: [
        {
          name: "equidistribute",
          label: "Equidistribute",
          primary: true,
          set: (S, lab) => {
            const R = runKnots(lab.engine, S);
            return { knots: logs(equidistribute(R.gammas, R.local, SOLVERS[S.solver].order)) };
          },
          disabled: (S) => S.n_steps < 2
        },
        { name: "take_grid", label: "Take this grid", set: () => ({ knots: null }), disabled: (S) => S.knots === null }
      ]
    },
    t_start: { kind: "select", label: "Start time t", number: true, options: (lab) => listWith(T_STARTS, lab.S.t_start) },
    t_end: { kind: "select", label: "End time t", number: true, options: (lab) => listWith(T_ENDS, lab.S.t_end) },
    afs: { kind: "check", label: "Analytic first step (saves one call)" },
    denoise: { kind: "check", label: "Final denoising step (one more call)" },
    clock: {
      kind: "select",
      label: (lab) => lab.config.view === "clocks" ? "Clock of the cursor" : "Horizontal axis",
      options: (lab) => [
        ["plane", "the plane"],
        ["t", "t"],
        ["log_snr", "log-SNR"],
        ["gamma", "γ"]
      ].slice(lab.config.view === "clocks" ? 1 : 0)
    },
    mixture: {
      kind: "select",
      label: "Mixture",
      options: (lab) => [...Object.keys(lab.config.toys).map((n) => [n, n.replace(/_/g, " ")]), ["custom", "your own"]],
      set: (v, S) => v === "custom" ? { means: S.means } : { mixture: v, component: 0 }
    },
    component: {
      kind: "select",
      label: "Component",
      number: true,
      options: (lab) => lab.S.means.map((_, k) => [k, String(k + 1)])
    },
    weight: {
      kind: "range",
      label: "Its weight",
      low: 0.02,
      high: 0.98,
      step: 0.01,
      text: (v) => v.toFixed(2),
      get: (S) => S.weights[S.component],
      disabled: (S) => S.weights.length < 2,
      set: (v, S) => {
        const rest = 1 - S.weights[S.component];
        return {
          weights: S.weights.map((w, k) => k === S.component ? v : Math.max(1e-6, w * (1 - v) / rest)).map((w, _, all) => w / all.reduce((a, b) => a + b))
        };
      }
    },
    spread: {
      kind: "range",
      label: "Its spread",
      low: 0.05,
      high: 1.2,
      step: 0.01,
      text: (v) => v.toFixed(2),
      get: (S) => spreadOf(S.covs[S.component]),
      set: (v, S) => {
        const f = (v / spreadOf(S.covs[S.component])) ** 2;
        return { covs: S.covs.map((c, k) => k === S.component ? c.map((row) => row.map((e) => e * f)) : c) };
      }
    },
    mean_x: {
      kind: "number",
      label: "Its mean, x₁",
      low: -3,
      high: 3,
      step: 0.05,
      get: (S) => S.means[S.component][0],
      set: (v, S) => ({ means: S.means.map((m, k) => k === S.component ? [v, m[1]] : m) })
    },
    mean_y: {
      kind: "number",
      label: "Its mean, x₂",
      low: -3,
      high: 3,
      step: 0.05,
      get: (S) => S.means[S.component][1],
      set: (v, S) => ({ means: S.means.map((m, k) => k === S.component ? [m[0], v] : m) })
    },
    own_start: {
      kind: "check",
      label: "Place one start myself",
      get: (S) => S.start !== null,
      set: (v) => ({ start: v ? [1.2, -1.4] : null })
    },
    start_x: {
      kind: "number",
      label: "Start x₁",
      low: -3,
      high: 3,
      step: 0.05,
      disabled: (S) => S.start === null,
      get: (S) => S.start ? S.start[0] : 0,
      set: (v, S) => S.start ? { start: [v, S.start[1]] } : {}
    },
    start_y: {
      kind: "number",
      label: "Start x₂",
      low: -3,
      high: 3,
      step: 0.05,
      disabled: (S) => S.start === null,
      get: (S) => S.start ? S.start[1] : 0,
      set: (v, S) => S.start ? { start: [S.start[0], v] } : {}
    },
    log_gamma: {
      kind: "range",
      label: "Noise level γ",
      low: -3,
      high: 2.5,
      step: 0.05,
      text: (v) => formatNumber(Math.exp(v))
    },
    quantity: {
      kind: "select",
      label: "Arrows",
      options: () => [
        ["eps", "eps (noise)"],
        ["score", "score (uphill)"]
      ]
    },
    cursor: {
      kind: "range",
      label: "Cursor",
      low: 0,
      high: 1,
      step: 5e-3,
      text: (v, lab) => `${lab.S.clock === "plane" ? "γ" : CLOCK_NAMES[lab.S.clock].split(" ")[0]} = ${formatNumber(clockOf(lab.S.clock === "plane" ? "gamma" : lab.S.clock, lab.R ? lab.R.g : NaN))}`
    },
    variable: {
      kind: "select",
      label: "Coordinates",
      options: () => [
        ["x_bar", "x̄ = x / α"],
        ["x", "x"]
      ]
    },
    step_scale: {
      kind: "select",
      label: "Length of this step",
      number: true,
      options: (lab) => listWith(
        [1, 0.5, 0.25, 0.125],
        lab.S.step_scale,
        (v) => ({ 1: "whole", 0.5: "half", 0.25: "a quarter", 0.125: "an eighth" })[v] ?? String(v)
      )
    },
    zoom: { kind: "check", label: "Zoom to this step" },
    h_fraction: {
      kind: "range",
      label: "Step length −h / γ",
      low: 0.02,
      high: 0.95,
      step: 0.01,
      text: (v) => v.toFixed(2)
    },
    difference: {
      kind: "select",
      label: "Difference",
      options: () => [
        ["forward", "forward"],
        ["central", "central"]
      ]
    },
    checkpoint: {
      kind: "range",
      label: "Training steps of the head",
      low: 0,
      high: 7,
      step: 1,
      text: (v, lab) => String(networksOf(lab.config.networks).heads[v].step)
    },
    log_step: {
      kind: "range",
      label: "Step, as a share of γ",
      low: -10,
      high: -0.3,
      step: 0.1,
      text: (v) => formatNumber(10 ** v)
    },
    precision: {
      kind: "select",
      label: "Number format",
      options: () => [
        ["float64", "float64"],
        ["float32", "float32"]
      ]
    },
    expected_slope: {
      kind: "range",
      label: "Slope that you expect",
      low: 0,
      high: 5,
      step: 0.25,
      text: (v) => String(v),
      buttons: [
        {
          name: "commit",
          label: (S) => S.committed ? "Slopes shown" : "Draw it, then show the slopes",
          primary: true,
          set: () => ({ committed: true }),
          disabled: (S) => S.committed || S.counts.length < 3
        }
      ]
    },
    step_buttons: {
      kind: "buttons",
      label: "Steps along the path",
      buttons: [
        {
          name: "back",
          label: "Back",
          set: (S) => ({ step: Math.max(0, S.step - 1) }),
          disabled: (S) => !S.revealed || S.step === 0
        },
        {
          name: "step",
          label: "Step",
          set: (S) => ({ step: Math.min(S.n_steps - 1, S.step + 1) }),
          disabled: (S) => !S.revealed || S.step >= S.n_steps - 1
        },
        { name: "restart", label: "First step", set: () => ({ step: 0 }), disabled: (S) => !S.revealed || S.step === 0 }
      ]
    },
    reveal: {
      kind: "buttons",
      label: "The exact end",
      buttons: [
        {
          name: "reveal",
          label: (S) => S.revealed ? "Guess again" : "Reveal the exact end",
          primary: true,
          set: (S) => S.revealed ? { revealed: false, guess: null } : { revealed: true },
          disabled: (S) => !S.revealed && S.guess === null
        }
      ]
    }
  };

  // genie_edu/lab/src/view/controls/make.js
  var serial = 0;
  function makeControl(lab, key) {
    const c = CONTROLS[key];
    const name = c.name ?? key;
    const id = `gl-${++serial}`;
    const get = c.get ?? ((S) => S[key]);
    const set = c.set ?? ((v) => ({ [key]: v }));
    const push = (value) => lab.set(set(value, lab.S), "input");
    const show = (v) => c.text ? c.text(v, lab) : String(v);
    const limits = { low: c.low, high: c.high, ...lab.config.limits?.[key] ?? {} };
    if (c.kind === "range" || c.kind === "pick") {
      const value = h("span", { class: "gl-value" });
      const pick = c.kind === "pick";
      const list = typeof c.list === "function" ? c.list(lab) : c.list;
      const input = h("input", {
        type: "range",
        id,
        name,
        min: pick ? 0 : limits.low,
        max: pick ? list.length - 1 : limits.high,
        step: pick ? 1 : c.step,
        oninput: () => push(pick ? list[Number(input.value)] : Number(input.value))
      });
      const row2 = buttonRow(lab, c);
      const label = typeof c.label === "function" ? c.label(lab) : c.label;
      return {
        el: h("div", { class: "gl-control" }, h("label", { for: id }, label), value, input, row2.box),
        sync(S) {
          row2.sync(S);
          const v = get(S);
          const shown = pick ? String(
            Math.max(
              0,
              list.findIndex((n) => n >= v)
            )
          ) : String(v);
          if (input.value !== shown) input.value = shown;
          const text = show(v);
          if (value.textContent !== text) {
            value.textContent = text;
            input.setAttribute("aria-valuetext", text);
          }
          input.disabled = Boolean(c.disabled?.(S));
          input.style.setProperty(
            "--gl-fill",
            `${100 * (Number(input.value) - Number(input.min)) / (Number(input.max) - Number(input.min))}%`
          );
        }
      };
    }
    if (c.kind === "select") {
      const hint = c.hint ? h("p", { class: "gl-hint", id: `${id}-hint` }) : null;
      const input = h("select", {
        id,
        name,
        "aria-describedby": hint?.id,
        onchange: () => push(c.number ? Number(input.value) : input.value)
      });
      let signature = "";
      const label = typeof c.label === "function" ? c.label(lab) : c.label;
      const row2 = buttonRow(lab, c);
      return {
        el: h(
          "div",
          { class: `gl-control ${c.tall ? "gl-tall" : "gl-inline"}` },
          h("label", { for: id }, label),
          input,
          hint,
          row2.box
        ),
        sync(S) {
          row2.sync(S);
          if (hint && hint.textContent !== c.hint(S)) hint.textContent = c.hint(S);
          const options = c.options(lab);
          const now = JSON.stringify(options);
          if (now !== signature) {
            signature = now;
            input.replaceChildren(...options.map(([v, text]) => h("option", { value: v }, text)));
          }
          input.value = String(get(S));
          input.disabled = Boolean(c.disabled?.(S));
        }
      };
    }
    if (c.kind === "number") {
      const input = h("input", {
        type: "number",
        id,
        name,
        min: limits.low,
        max: limits.high,
        step: c.step,
        inputmode: "decimal",
        oninput: () => {
          if (input.value !== "" && Number.isFinite(input.valueAsNumber))
            push(clamp(c.step >= 1 ? Math.round(input.valueAsNumber) : input.valueAsNumber, limits.low, limits.high));
        },
        onblur: () => {
          input.value = String(get(lab.S));
        }
      });
      return {
        el: h("div", { class: "gl-control gl-inline" }, h("label", { for: id }, c.label), input),
        sync(S) {
          if (document.activeElement !== input || input.valueAsNumber !== get(S)) {
            if (document.activeElement !== input || input.value !== "") {
              const v = get(S);
              if (input.valueAsNumber !== v && !(document.activeElement === input && clamp(input.valueAsNumber, limits.low, limits.high) === v))
                input.value = String(v);
            }
          }
          input.disabled = Boolean(c.disabled?.(S));
        }
      };
    }
    if (c.kind === "check") {
      const input = h("input", { type: "checkbox", id, name, onchange: () => push(input.checked) });
      return {
        el: h("div", { class: "gl-control gl-check" }, input, h("label", { for: id }, c.label)),
        sync(S) {
          input.checked = Boolean(get(S));
        }
      };
    }
    if (c.kind === "solvers") {
      const most = limitsOf(lab.config.view).solvers;
      const boxes = (lab.sheet?.solvers ?? Object.keys(SOLVERS)).filter((s) => Object.hasOwn(lab.config.styles, s)).map((solver) => {
        const box2 = h("input", {
          type: "checkbox",
          id: `gl-${++serial}`,
          name: "solver",
          value: solver,
          onchange: () => {
            const now = new Set(lab.S.solvers);
            if (box2.checked) now.add(solver);
            else now.delete(solver);
            if (now.size >= 1 && now.size <= most) push(Object.keys(SOLVERS).filter((s) => now.has(s)));
            else box2.checked = !box2.checked;
          }
        });
        return {
          solver,
          box: box2,
          el: h(
            "div",
            { class: "gl-check" },
            box2,
            h(
              "label",
              { for: box2.id },
              swatch(lab, solver),
              lab.sheet ? shortLabel(labelOf(lab, solver)) : labelOf(lab, solver)
            )
          )
        };
      });
      return {
        el: h("fieldset", { class: "gl-control gl-solvers" }, h("legend", {}, c.label(lab)), ...boxes.map((b) => b.el)),
        sync(S) {
          for (const { solver, box: box2 } of boxes) {
            box2.checked = S.solvers.includes(solver);
            box2.disabled = !box2.checked && S.solvers.length >= most || box2.checked && S.solvers.length === 1;
          }
        }
      };
    }
    const row = buttonRow(lab, c);
    return {
      el: h("div", { class: "gl-control gl-buttons", role: "group", "aria-label": c.label }, ...row.els),
      sync: row.sync
    };
  }
  function buttonRow(lab, c) {
    const buttons = (c.buttons ?? []).map((b) => ({
      b,
      el: h("button", {
        type: "button",
        name: b.name,
        class: b.primary ? "gl-primary" : null,
        onclick: () => {
          if (!b.disabled?.(lab.S)) lab.set(b.set(lab.S, lab), "input");
        }
      })
    }));
    const els = buttons.map(({ el }) => el);
    return {
      els,
      box: els.length ? h("div", { class: "gl-buttons" }, ...els) : null,
      sync(S) {
        for (const { b, el } of buttons) {
          const text = typeof b.label === "function" ? b.label(S) : b.label;
          if (el.textContent !== text) el.textContent = text;
          el.setAttribute("aria-disabled", String(Boolean(b.disabled?.(S))));
        }
      }
    };
  }

  // genie_edu/lab/src/view/keyboard.js
  function onKey(lab, e) {
    const el = e.target;
    const keys = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (e.altKey || e.ctrlKey || e.metaKey) return;
    const done = () => {
      e.preventDefault();
      e.stopPropagation();
    };
    if (lab.pending && el.classList.contains("gl-handle")) lab.frame();
    const handle = el.classList.contains("gl-handle") ? lab.handles.find((q) => q.id === el.dataset.id) : null;
    if (handle?.slider) {
      const fine = handle.slider.stride ?? (e.shiftKey ? 1 : 8);
      const along = {
        ArrowLeft: -fine,
        ArrowDown: -fine,
        ArrowRight: fine,
        ArrowUp: fine,
        PageUp: 40,
        PageDown: -40,
        Home: -FAR,
        End: FAR
      }[e.key];
      if (along) {
        lab.set(handle.move(along, 0), "input");
        return done();
      }
    } else if (handle && keys[e.key]) {
      const step = e.shiftKey ? 1 : 8;
      lab.set(handle.move(step * keys[e.key][0], step * keys[e.key][1]), "input");
      return done();
    }
    if (el instanceof HTMLInputElement && el.type === "range") {
      const span = Number(el.max) - Number(el.min);
      const page = Math.max(1, Math.round(span / Number(el.step) / 10));
      const moves = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageUp: page, PageDown: -page };
      if (e.key in moves) {
        if (moves[e.key] > 0) el.stepUp(moves[e.key]);
        else el.stepDown(-moves[e.key]);
      } else if (e.key === "Home") el.value = el.min;
      else if (e.key === "End") el.value = el.max;
      else if (e.key === "Enter" && el.name === "n_steps" && lab.live.querySelector("button[name=measure]")) {
        lab.live.querySelector("button[name=measure]").click();
        return done();
      } else return;
      el.dispatchEvent(new Event("input", { bubbles: true }));
      return done();
    }
    if (el instanceof HTMLSelectElement && (e.key === "ArrowUp" || e.key === "ArrowDown")) {
      const next = clamp(el.selectedIndex + (e.key === "ArrowUp" ? -1 : 1), 0, el.options.length - 1);
      if (next !== el.selectedIndex) {
        el.selectedIndex = next;
        el.dispatchEvent(new Event("change", { bubbles: true }));
      }
      return done();
    }
    if (["Enter", " "].includes(e.key) && (el instanceof HTMLButtonElement || el.tagName === "SUMMARY" || el.type === "checkbox"))
      e.stopPropagation();
  }

  // genie_edu/lab/src/view/surfaces/haze.js
  var Haze = class {
    constructor(width, height) {
      this.w = width;
      this.h = height;
      this.canvas = document.createElement("canvas");
      this.canvas.width = width;
      this.canvas.height = height;
      this.ctx = this.canvas.getContext("2d");
      this.image = this.ctx.createImageData(width, height);
      this.cover = new Float32Array((width + 2) * (height + 2));
    }
    begin() {
      this.image.data.fill(0);
      this.left = this.top = Infinity;
      this.right = this.bottom = -Infinity;
    }
    moveTo(x, y) {
      this.x = x;
      this.y = y;
    }
    lineTo(x, y) {
      const x0 = this.x;
      const y0 = this.y;
      const { w, h: h2 } = this;
      this.x = x;
      this.y = y;
      if (x0 >= 0 && x0 < w && y0 >= 0 && y0 < h2 && x >= 0 && x < w && y >= 0 && y < h2) return this.line(x0, y0, x, y);
      let a = 0;
      let b = 1;
      const dx = x - x0;
      const dy = y - y0;
      for (const [p, q] of [
        [-dx, x0],
        [dx, w - 0.01 - x0],
        [-dy, y0],
        [dy, h2 - 0.01 - y0]
      ]) {
        if (p === 0) {
          if (q < 0) return void 0;
          continue;
        }
        const r = q / p;
        if (p < 0) {
          if (r > b) return void 0;
          if (r > a) a = r;
        } else {
          if (r < a) return void 0;
          if (r < b) b = r;
        }
      }
      return this.line(x0 + a * dx, y0 + a * dy, x0 + b * dx, y0 + b * dy);
    }
    line(x0, y0, x1, y1) {
      const c = this.cover;
      const W = this.w + 2;
      const dx = x1 - x0;
      const dy = y1 - y0;
      const ax = Math.abs(dx);
      const ay = Math.abs(dy);
      const long = Math.max(ax, ay);
      if (!(long > 0)) return;
      if (x0 < this.left) this.left = x0;
      if (x1 < this.left) this.left = x1;
      if (x0 > this.right) this.right = x0;
      if (x1 > this.right) this.right = x1;
      if (y0 < this.top) this.top = y0;
      if (y1 < this.top) this.top = y1;
      if (y0 > this.bottom) this.bottom = y0;
      if (y1 > this.bottom) this.bottom = y1;
      const n = Math.ceil(long);
      const mx = dx / n;
      const my = dy / n;
      const weight = long / n;
      let x = x0 + 0.5 * mx + 0.5;
      let y = y0 + 0.5 * my + 0.5;
      if (ax >= ay)
        for (let k = 0; k < n; k++, x += mx, y += my) {
          const j = Math.floor(y);
          const f = y - j;
          const q = j * W + Math.floor(x + 0.5);
          c[q] += weight * (1 - f);
          c[q + W] += weight * f;
        }
      else
        for (let k = 0; k < n; k++, x += mx, y += my) {
          const i = Math.floor(x);
          const f = x - i;
          const q = Math.floor(y + 0.5) * W + i;
          c[q] += weight * (1 - f);
          c[q + 1] += weight * f;
        }
    }
    /** Lay what was drawn over the picture in one colour; overlapping lines grow darker. */
    lay([r, g, b], alpha) {
      const {
        w,
        h: h2,
        cover,
        image: { data }
      } = this;
      const W = w + 2;
      const many = Float64Array.from({ length: 256 }, (_, k) => 1 - (1 - alpha) ** (k / 16));
      const i0 = Math.max(0, Math.floor(this.left) - 1);
      const i1 = Math.min(w - 1, Math.ceil(this.right) + 1);
      const j1 = Math.min(h2 - 1, Math.ceil(this.bottom) + 1);
      for (let j = Math.max(0, Math.floor(this.top) - 1); j <= j1; j++)
        for (let i = i0, q = (j + 1) * W + 1 + i0, o = 4 * (j * w + i0); i <= i1; i++, q++, o += 4) {
          const v = cover[q];
          if (v === 0) continue;
          cover[q] = 0;
          const a = v <= 1 ? alpha * v : v < 16 ? many[16 * v | 0] : many[255];
          const below = data[o + 3] / 255 * (1 - a);
          const sum = a + below;
          data[o] = (r * a + data[o] * below) / sum;
          data[o + 1] = (g * a + data[o + 1] * below) / sum;
          data[o + 2] = (b * a + data[o + 2] * below) / sum;
          data[o + 3] = 255 * sum;
        }
    }
    end() {
      this.ctx.putImageData(this.image, 0, 0);
      return this.canvas;
    }
  };

  // genie_edu/lab/src/view/surfaces/canvas.js
  var rgb = (color) => [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16));
  var CanvasSurface = class _CanvasSurface extends Surface {
    constructor(ctx, theme, lab) {
      super(theme);
      this.ctx = ctx;
      this.lab = lab;
      ctx.circle = (x, y, r) => {
        ctx.moveTo(x + r, y);
        ctx.arc(x, y, r, 0, 2 * Math.PI);
      };
    }
    stroke({ color, width = 1, dash = "solid", alpha = 1 }, build) {
      const c = this.ctx;
      c.globalAlpha = alpha;
      c.strokeStyle = color;
      c.lineWidth = width;
      c.lineJoin = "round";
      c.lineCap = dash === "dot" ? "round" : "butt";
      c.setLineDash(DASHES[dash]);
      c.beginPath();
      build(c);
      c.stroke();
      c.globalAlpha = 1;
    }
    fill({ color, alpha = 1 }, build) {
      const c = this.ctx;
      c.globalAlpha = alpha;
      c.fillStyle = color;
      c.beginPath();
      build(c);
      c.fill();
      c.globalAlpha = 1;
    }
    text(string, x, y, { color = this.theme.fg, size = 12, align = "start", weight = 400, rotate = 0, halo = false, room = Infinity } = {}) {
      const c = this.ctx;
      c.save();
      c.translate(x, y);
      if (rotate) c.rotate(rotate);
      c.font = `${weight} ${this.sizeIn(room, string, size, weight)}px ${this.theme.font}`;
      c.textAlign = align;
      c.textBaseline = "middle";
      if (halo) {
        c.strokeStyle = this.theme.bg;
        c.lineWidth = 4;
        c.lineJoin = "round";
        c.setLineDash([]);
        c.strokeText(string, 0, 0);
      }
      c.fillStyle = color;
      c.fillText(string, 0, 0);
      c.restore();
    }
    image(canvas, x, y, w, h2) {
      this.ctx.imageSmoothingEnabled = true;
      this.ctx.imageSmoothingQuality = "high";
      this.ctx.drawImage(canvas, x, y, w, h2);
    }
    /** The part of a strip of images from column `from` on, `size` wide and high: enlarged, its pixels kept sharp. */
    tile(strip, from, size, x, y, side) {
      this.ctx.imageSmoothingEnabled = false;
      this.ctx.drawImage(strip, from, 0, size, size, x, y, side, side);
    }
    /** Layers of thin lines, [{ color, alpha, build }], bottom first, drawn at one pixel per CSS pixel. */
    haze(layers, w, h2) {
      if (!this.lab.hazeMap || this.lab.hazeMap.w !== w || this.lab.hazeMap.h !== h2) this.lab.hazeMap = new Haze(w, h2);
      const map = this.lab.hazeMap;
      map.begin();
      for (const { color, alpha, build } of layers) {
        build(map);
        map.lay(rgb(color), alpha);
      }
      this.ctx.drawImage(map.end(), 0, 0, w, h2);
    }
    /** What does not change from frame to frame: drawn once, kept until one of the `parts` is another. */
    background(parts, draw) {
      const ratio = this.ctx.getTransform().a;
      const kept = this.lab.kept;
      const now = [...parts, ratio, this.theme];
      const { width, height } = this.ctx.canvas;
      if (!kept || kept.parts.length !== now.length || kept.parts.some((v, i) => v !== now[i])) {
        const canvas = kept?.canvas ?? document.createElement("canvas");
        const ctx = canvas.getContext("2d");
        canvas.width = width;
        canvas.height = height;
        ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
        draw(new _CanvasSurface(ctx, this.theme, this.lab));
        this.lab.kept = { parts: now, canvas };
      }
      this.ctx.drawImage(this.lab.kept.canvas, 0, 0, width / ratio, height / ratio);
    }
    /** One marker at many points: drawn once, then copied. */
    stamp(points, { color, radius, marker, ring = false, alpha = 1 }) {
      const ratio = this.ctx.getTransform().a;
      const size = Math.ceil(2 * (radius * 1.6 + 2));
      const key = `${color} ${radius} ${marker} ${ring} ${alpha} ${ratio}`;
      const stamps = this.lab.stamps ??= /* @__PURE__ */ new Map();
      if (!stamps.has(key)) {
        const canvas = document.createElement("canvas");
        const c = canvas.getContext("2d");
        canvas.width = canvas.height = Math.ceil(size * ratio);
        c.setTransform(ratio, 0, 0, ratio, 0, 0);
        const s = new _CanvasSurface(c, this.theme, this.lab);
        const draw = (p) => markerPath(p, marker, size / 2, size / 2, radius);
        if (ring) s.stroke({ color, width: 1.2, alpha }, draw);
        else s.fill({ color, alpha }, draw);
        stamps.set(key, canvas);
      }
      const picture = stamps.get(key);
      const side = picture.width / ratio;
      for (const [x, y] of points) this.ctx.drawImage(picture, x - size / 2, y - size / 2, side, side);
    }
    clip(x, y, w, h2, draw) {
      this.ctx.save();
      this.ctx.beginPath();
      this.ctx.rect(x, y, w, h2);
      this.ctx.clip();
      draw();
      this.ctx.restore();
    }
  };

  // genie_edu/lab/src/view/theme.js
  function readTheme(lab) {
    const style = getComputedStyle(lab.live);
    const v = (name) => style.getPropertyValue(name).trim();
    lab.theme = {
      fg: v("--gl-fg"),
      muted: v("--gl-muted"),
      axis: v("--gl-axis"),
      grid: v("--gl-grid"),
      bg: v("--gl-bg"),
      accent: v("--gl-accent"),
      exact: lab.config.exact_color ?? "#7d8590",
      shade: v("--gl-shade"),
      eps: v("--gl-eps"),
      score: v("--gl-score"),
      font: style.fontFamily
    };
  }

  // genie_edu/lab/src/view/saving.js
  function pythonOf(lab) {
    return `${lab.view.python(lab.S, lab).join("\n")}
`;
  }
  function fragmentOf(lab) {
    return toFragment(lab.config.scenario, lab.S, lab.defaults);
  }
  function svgOf(lab) {
    if (!lab.theme) readTheme(lab);
    const W = lab.width || 560;
    const H = lab.view.height(W, lab);
    const s = new SvgSurface(W, H, lab.theme);
    lab.view.draw(s, lab, W, H, lab.R);
    return s.toString(`${lab.config.title}. ${lab.config.alt}`);
  }
  function csvOf(lab) {
    return `${lab.view.csv(lab, lab.R).map((row) => row.join(",")).join("\n")}
`;
  }
  function showPython(lab) {
    const code = pythonOf(lab);
    showText(
      lab,
      h(
        "pre",
        { class: "gl-code", tabindex: "0", role: "group", "aria-label": "Python code for this state" },
        h("code", {}, code)
      ),
      code
    );
  }
  function showLink(lab) {
    const hash = fragmentOf(lab);
    const url = location.href.split("#")[0] + hash;
    try {
      history.replaceState(null, "", hash);
    } catch {
    }
    showText(
      lab,
      h("input", {
        type: "text",
        class: "gl-link",
        readonly: true,
        value: url,
        "aria-label": "Link that reproduces this state"
      }),
      url
    );
  }
  function showText(lab, el, text) {
    const said = h("p", { class: "gl-small", role: "status" }, "Select and copy:");
    lab.panel.replaceChildren(
      said,
      el,
      h(
        "button",
        {
          type: "button",
          name: "close",
          onclick: () => {
            lab.panel.replaceChildren();
            lab.live.querySelector("button[name=python]").focus();
          }
        },
        "Close"
      )
    );
    navigator.clipboard?.writeText(text).then(
      () => {
        said.textContent = "Copied:";
      },
      () => {
      }
    );
  }
  function saveAs(lab, kind) {
    const name = `${lab.config.scenario}.${kind}`;
    const give = (blob) => {
      const url = URL.createObjectURL(blob);
      const a = h("a", { href: url, download: name });
      document.body.append(a);
      a.click();
      a.remove();
      setTimeout(() => URL.revokeObjectURL(url), 2e3);
    };
    if (kind === "csv") return give(new Blob([csvOf(lab)], { type: "text/csv" }));
    if (kind === "svg") return give(new Blob([svgOf(lab)], { type: "image/svg+xml" }));
    const canvas = h("canvas");
    const W = lab.width || 560;
    const H = lab.view.height(W, lab);
    const ctx = (canvas.width = 2 * W, canvas.height = 2 * H, canvas.getContext("2d"));
    ctx.setTransform(2, 0, 0, 2, 0, 0);
    ctx.fillStyle = lab.theme.bg;
    ctx.fillRect(0, 0, W, H);
    lab.view.draw(new CanvasSurface(ctx, lab.theme, lab), lab, W, H, lab.R);
    canvas.toBlob((blob) => blob && give(blob));
  }

  // genie_edu/lab/src/view/layout.js
  function buildLab(lab) {
    const { config, root } = lab;
    const first = config.first.map((k) => makeControl(lab, k));
    const more = config.more.map((k) => makeControl(lab, k));
    const last = (config.last ?? []).map((k) => makeControl(lab, k));
    lab.controls = [...first, ...more, ...last];
    lab.canvas = h("canvas", { role: "img", "aria-label": config.alt });
    lab.plot = h("div", { class: "gl-plot" }, lab.canvas);
    lab.summaryEl = h("p", { class: "gl-summary", role: "status", "aria-live": "polite" });
    lab.noteEl = h("p", { class: "gl-note", role: "status" });
    lab.readoutEl = h("div", { class: "gl-readout" });
    lab.afterEl = h("p", { class: "gl-after" });
    lab.tableEl = h("div", { class: "gl-table", tabindex: "0", role: "group", "aria-label": "Numbers of this picture" });
    lab.panel = h("div", { class: "gl-panel" });
    lab.numbers = h(
      "details",
      {
        class: "gl-details",
        ontoggle: () => {
          lab.tableStamp = null;
          lab.request();
        }
      },
      h("summary", {}, "Numbers as a table"),
      lab.tableEl
    );
    const button = (name, label, action) => h("button", { type: "button", name, onclick: action }, label);
    const tools = [
      button("reset", "Reset", () => lab.reset()),
      button("python", "Copy as Python", () => showPython(lab))
    ];
    if (lab.host.fragment) tools.push(button("link", "Copy link", () => showLink(lab)));
    tools.push(
      button("svg", "SVG", () => saveAs(lab, "svg")),
      button("png", "PNG", () => saveAs(lab, "png")),
      button("csv", "CSV", () => saveAs(lab, "csv"))
    );
    const side = h(
      "div",
      { class: "gl-side" },
      h("div", { class: "gl-first" }, ...first.map((c) => c.el)),
      lab.readoutEl,
      ...last.map((c) => c.el),
      last.length ? lab.afterEl : null,
      lab.summaryEl
    );
    const foot = h(
      "div",
      { class: "gl-foot" },
      h(
        "div",
        { class: "gl-try", role: "group", "aria-label": "Settings to try" },
        h("span", { class: "gl-try-word", "aria-hidden": "true" }, "Try"),
        ...config.presets.map((p, i) => button(`preset_${i + 1}`, p.name, () => lab.preset(p)))
      ),
      lab.noteEl,
      more.length ? h(
        "details",
        { class: "gl-details gl-more" },
        h("summary", {}, "More settings"),
        h("div", { class: "gl-grid" }, ...more.map((c) => c.el))
      ) : null,
      lab.numbers,
      h("div", { class: "gl-tools", role: "group", "aria-label": "Reset, copy and save" }, ...tools),
      lab.panel
    );
    lab.live = h(
      "div",
      {
        class: `gl-live gl-view-${config.view}${lab.view.broad ? " gl-broad" : ""}`,
        role: "group",
        "aria-label": config.title
      },
      h("p", { class: "gl-title" }, config.title),
      config.about ? h("p", { class: "gl-about gl-small" }, config.about) : null,
      h("div", { class: "gl-body" }, lab.plot, side, foot)
    );
    root.append(lab.live);
    lab.handleEls = /* @__PURE__ */ new Map();
    lab.live.addEventListener("keydown", (e) => onKey(lab, e));
    const go = (ev) => {
      const r = lab.canvas.getBoundingClientRect();
      const patch = lab.view.press(lab, ev.clientX - r.left, ev.clientY - r.top, lab.width, lab.heightPx);
      if (patch) lab.set(patch, "input");
    };
    if (lab.view.hover)
      lab.canvas.addEventListener("pointermove", (e) => {
        if (e.pointerType === "mouse" && e.buttons === 0) go(e);
      });
    lab.canvas.addEventListener("pointerdown", (e) => {
      if (!lab.view.press) return;
      lab.canvas.setPointerCapture?.(e.pointerId);
      const stop = () => {
        lab.canvas.removeEventListener("pointermove", go);
        lab.canvas.removeEventListener("pointerup", stop);
        lab.canvas.removeEventListener("pointercancel", stop);
      };
      lab.canvas.addEventListener("pointermove", go);
      lab.canvas.addEventListener("pointerup", stop);
      lab.canvas.addEventListener("pointercancel", stop);
      go(e);
    });
  }

  // genie_edu/lab/src/view/readout.js
  function updateReadout(lab) {
    const { R, S } = lab;
    const spec = lab.view.readout(lab, R);
    const signature = JSON.stringify([
      spec.head,
      spec.rows.map((r) => [
        r.solver,
        r.label,
        r.style,
        r.cells.map((c) => `${c.name} ${c.clock ?? ""} ${c.bar === void 0 ? "" : "bar"}`)
      ])
    ]);
    if (signature !== lab.readoutSignature) {
      lab.readoutSignature = signature;
      lab.outputs = [];
      const columns = Math.max(...spec.rows.map((r) => r.cells.length));
      const body = spec.rows.map(
        (r) => h(
          "tr",
          {},
          h(
            "th",
            { scope: "row" },
            h(
              "span",
              { class: "gl-name" },
              r.solver ?? r.style ? swatch(lab, r.solver ?? r.style) : null,
              h("span", {}, r.label ?? labelOf(lab, r.solver))
            )
          ),
          ...r.cells.map((c) => {
            const out = h("output", { name: c.name, "aria-live": "off", "data-solver": c.solver, "data-clock": c.clock });
            lab.outputs.push(out);
            return h(
              "td",
              {
                class: c.bar === void 0 ? null : "gl-bar",
                colspan: r.cells.length < columns ? columns - r.cells.length + 1 : null
              },
              out
            );
          })
        )
      );
      lab.readoutEl.replaceChildren(
        h(
          "table",
          {},
          spec.head ? h("thead", {}, h("tr", {}, ...spec.head.map((t) => t ? h("th", { scope: "col" }, t) : h("td", {})))) : null,
          h("tbody", {}, ...body)
        )
      );
      for (const c of spec.after ?? []) lab.outputs.push(h("output", { name: c.name, "aria-live": "off" }));
      lab.afterEl.replaceChildren(...lab.outputs.slice(lab.outputs.length - (spec.after ?? []).length));
      if (spec.note) lab.readoutEl.append(h("p", { class: "gl-small" }, spec.note));
    }
    const values = {};
    [...spec.rows.flatMap((r) => r.cells), ...spec.after ?? []].forEach((c, i) => {
      if (lab.outputs[i].textContent !== c.text) lab.outputs[i].textContent = c.text;
      if (c.bar !== void 0) {
        const cell = lab.outputs[i].parentElement.style;
        cell.setProperty("--gl-share", String(Number.isFinite(c.bar) ? c.bar : 0));
        cell.setProperty("--gl-bar-color", styleOf(lab, c.solver).color);
      }
      const v = Array.isArray(c.value) || ArrayBuffer.isView(c.value) ? Array.from(c.value) : typeof c.value === "string" || Number.isFinite(c.value) ? c.value : null;
      const sub = c.solver ?? c.clock;
      if (sub) (values[c.name] ??= {})[sub] = v;
      else values[c.name] = v;
    });
    lab.values = values;
    const sentence = lab.view.summary(lab, R);
    if (sentence !== lab.sentence) {
      lab.sentence = sentence;
      clearTimeout(lab.speaking);
      if (!lab.summaryEl.textContent) lab.summaryEl.textContent = sentence;
      else
        lab.speaking = setTimeout(() => {
          lab.summaryEl.textContent = lab.sentence;
        }, 350);
    }
    if (lab.noteEl.textContent !== lab.note) lab.noteEl.textContent = lab.note;
    if (lab.numbers.open && !lab.dragging) fillTable(lab);
    lab.host.onReadout?.(values);
  }
  function fillTable(lab) {
    const t = lab.view.table(lab, lab.R);
    const stamp = JSON.stringify(t);
    if (stamp === lab.tableStamp) return;
    lab.tableStamp = stamp;
    lab.tableEl.replaceChildren(
      h(
        "table",
        {},
        h("caption", {}, t.caption),
        h("thead", {}, h("tr", {}, ...t.head.map((c) => h("th", { scope: "col" }, c)))),
        h(
          "tbody",
          {},
          ...t.rows.map((r) => h("tr", {}, h("th", { scope: "row" }, r[0]), ...r.slice(1).map((c) => h("td", {}, c))))
        )
      )
    );
  }

  // genie_edu/lab/src/view/rows.js
  var errorRow = (lab, solver, cells, bar) => ({
    solver,
    cells: cells.map(([name, value, text], i) => ({
      name,
      solver,
      value,
      text: text ?? formatNumber(value),
      bar: i ? void 0 : bar
    }))
  });
  function pathRows(S, R) {
    const rows = [["solver", "start", "step", "t", "gamma", "x_bar_1", "x_bar_2"]];
    for (const { solver, run } of R.results)
      for (let i = 0; i < R.n; i++)
        for (let n = 0; n < run.gammas.length; n++) {
          const q = 2 * (n * R.n + i);
          const g = run.gammas[n];
          rows.push([solver, i, n, tOf(g), g, run.path[q], run.path[q + 1]]);
        }
    const steps = new Set(R.results.map((r) => r.run.N));
    for (let i = 0; i < R.n; i++)
      rows.push([
        "exact",
        i,
        steps.size === 1 ? [...steps][0] : "",
        S.t_end,
        gammaOf(S.t_end),
        R.exact.end[2 * i],
        R.exact.end[2 * i + 1]
      ]);
    return rows;
  }
  function learnedRows(S, R) {
    const rows = [["run", "start", "x_bar_1", "x_bar_2"]];
    const add = (name, p, o) => {
      for (let i = 0; i < R.n; i++) rows.push([name, i, p[o + 2 * i], p[o + 2 * i + 1]]);
    };
    for (const { solver, run } of R.results) add(solver, run.path, S.n_steps * 2 * R.n);
    add("learned_ode", R.truth.end, 0);
    add("exact_ode", R.exact.end, 0);
    return rows;
  }

  // genie_edu/lab/src/view/tiles.js
  var GAP = 3;
  var LABEL = 20;
  var BETWEEN = 12;
  var TOP = 32;
  var KINDS = { none: "", head: ", head", autodiff: ", autodiff" };
  var WORDS = { 2: "two", 4: "four" };
  var tileSide = (tile, width, c, largest = 72) => {
    const ratio = Math.min(devicePixelRatio || 1, 3);
    return Math.max(1, Math.floor(Math.min((width + GAP) / c - GAP, largest) * ratio / tile)) * tile / ratio;
  };
  function drawTiles(s, lab, { c, first, stride, wide, side, x, pitch }, lines) {
    const t = s.theme;
    const { tile, picture } = lab.sheet;
    lines.forEach(({ label, said, strip, why, style }, i) => {
      const y = TOP + i * pitch;
      const top = y + LABEL;
      const color = style?.color ?? t.exact;
      const room = wide - 30 - (said ? s.textWidth(said, 11.5) + 10 : 0);
      s.stroke({ color, width: 1.8, dash: style?.dash }, (pen) => {
        pen.moveTo(x, y + 9);
        pen.lineTo(x + 24, y + 9);
      });
      s.fill({ color }, (pen) => markerPath(pen, style?.marker ?? "circle", x + 12, y + 9, 3.8));
      s.text(label, x + 30, y + 9, { size: 12.5, weight: 600, room });
      if (said) s.text(said, x + wide, y + 9, { size: 11.5, align: "end", color: t.muted });
      if (!strip) {
        s.stroke({ color: t.axis, width: 1, dash: "dash" }, box(x + 0.5, top + 0.5, wide - 1, side - 1));
        s.text(why, x + wide / 2, top + side / 2, { size: 12, align: "center", color: t.muted, room: wide - 12 });
        return;
      }
      if (picture)
        for (let k = 0; k < c; k++) s.tile(strip().canvas, (first + k) * tile, tile, x + k * stride, top, side);
      s.stroke({ color: t.accent, width: 2 }, box(x + (lab.S.column - first) * stride - 1, top - 1, side + 2, side + 2));
    });
  }
  function seedsNote(s, lab, { c, first, wide, x }, H) {
    const { columns } = lab.sheet;
    if (c < columns)
      s.text(`seeds ${first + 1} to ${first + c} of ${columns}: move the frame for the others`, x + wide, H - 12, {
        size: 11.5,
        align: "end",
        color: s.theme.muted,
        room: wide
      });
  }

  // genie_edu/lab/src/view/views/images.js
  var imagesView = {
    broad: true,
    hover: true,
    refuse(lab, S) {
      const { nfes, spacings, solvers, columns } = lab.sheet;
      const missing = S.solvers.find((s) => !solvers.includes(s));
      if (!nfes.includes(S.nfe)) throw new RangeError(`nfe must be one of ${nfes.join(", ")}`);
      if (!spacings.includes(S.spacing)) throw new RangeError(`no images on the grid ${S.spacing}`);
      if (missing) throw new RangeError(`no images of ${missing}`);
      if (S.column >= columns) throw new RangeError(`column must lie from 0 to ${columns - 1}`);
    },
    /** As many columns as stay large enough, the highlighted one among them; a pixel of an image is a whole number of the screen's. */
    place(lab, W) {
      const { tile, columns } = lab.sheet;
      const least = Math.max(30, 1.5 * tile);
      const side = (c2) => tileSide(tile, W, c2);
      let c = columns;
      while (c > 2 && side(c) < least) c--;
      const stride = side(c) + GAP;
      const first = Math.min(c * Math.floor(lab.S.column / c), columns - c);
      const wide = c * stride - GAP;
      return {
        c,
        first,
        stride,
        wide,
        side: side(c),
        x: Math.max(0, Math.floor((W - wide) / 2)),
        pitch: LABEL + side(c) + BETWEEN
      };
    },
    height(W, lab) {
      const { c, pitch } = this.place(lab, W);
      return TOP + (1 + lab.S.solvers.length) * pitch + (c < lab.sheet.columns ? 14 : 0);
    },
    compute(lab) {
      const { S, sheet } = lab;
      const lines = S.solvers.map((solver) => {
        const cell = sheet.cell(solver, S.derivative, S.spacing, S.nfe);
        const calls = SOLVERS[solver].calls ?? 1;
        return {
          ...cell,
          label: shortLabel(labelOf(lab, solver)) + KINDS[cell.derivative],
          steps: S.nfe / calls,
          pixel: sheet.picture && cell.row !== null ? sheet.distance(cell.row, S.column) : NaN,
          why: cell.row !== null ? "" : S.nfe % calls ? `${WORDS[calls]} calls a step: exactly ${S.nfe} can't be spent` : `no run of ${S.nfe} calls on this grid`
        };
      });
      if (!sheet.picture)
        sheet.ready.then(
          () => lab.request(),
          () => {
            lab.root.dataset.problem = "the images can't be read";
          }
        );
      return { sheet, lines, waiting: !sheet.picture };
    },
    draw(s, lab, W, H, { sheet, lines }) {
      const { S } = lab;
      const P = this.place(lab, W);
      const narrow = P.wide < 460;
      drawTiles(s, lab, P, [
        { label: sheet.reference.label, strip: () => sheet.strip(sheet.reference.row) },
        ...lines.map((q) => ({
          ...q,
          style: styleOf(lab, q.solver),
          strip: q.row === null ? null : () => sheet.strip(q.row, S.show_difference),
          label: narrow || q.row === null ? q.label : `${q.label}, ${q.steps} ${q.steps === 1 ? "step" : "steps"}`,
          said: q.row === null ? "" : `error ${formatNumber(q.error)}${narrow ? "" : `, Fréchet ${formatNumber(q.frechet)}`}`
        }))
      ]);
      seedsNote(s, lab, P, H);
    },
    handles(lab, W) {
      const { column } = lab.S;
      const { columns } = lab.sheet;
      const { first, stride, side, x } = this.place(lab, W);
      return [
        {
          id: "column",
          kind: "knot",
          text: String(column + 1),
          label: "Highlighted seed",
          x: x + (column - first) * stride + side / 2,
          y: 15,
          slider: { low: 1, high: columns, now: column + 1, text: `seed ${column + 1} of ${columns}`, stride },
          move: (dx) => ({ column: clamp(column + Math.round(dx / stride), 0, columns - 1) })
        }
      ];
    },
    press(lab, x, y, W) {
      const P = this.place(lab, W);
      const column = P.first + Math.floor((x - P.x) / P.stride);
      return column >= P.first && column < P.first + P.c && column !== lab.S.column ? { column } : null;
    },
    readout: (lab, R) => ({
      head: ["same seeds", "error", "Fréchet", "this seed"],
      note: "error: distance from where the network's own ODE ends, the median over many starts; Fréchet: distance of the samples from the data, in a classifier's features; this seed: mean difference of the highlighted images from the first line's, in levels of 0 to 255",
      rows: [
        ...R.lines.map((q) => ({
          label: q.label,
          ...errorRow(lab, q.solver, [
            ["error", q.error],
            ["frechet", q.frechet],
            ["pixel", q.pixel]
          ])
        })),
        { label: "calls of eps", cells: [{ name: "nfe", value: lab.S.nfe, text: String(lab.S.nfe) }] },
        {
          label: "highlighted seed",
          cells: [{ name: "column", value: lab.S.column, text: `${lab.S.column + 1} of ${R.sheet.columns}` }]
        }
      ]
    }),
    summary(lab, R) {
      const { S } = lab;
      const parts = R.lines.map(
        (q) => `${q.label} ${q.row === null ? `none (${q.why})` : `${formatNumber(q.error)} (Fréchet distance ${formatNumber(q.frechet)})`}`
      );
      return `${S.nfe} calls of eps each, grid ${SPACING_NAMES[S.spacing]}${S.show_difference ? "; shown is the difference from the first line" : ""}. Error: ${parts.join("; ")}.`;
    },
    table: (lab, R) => ({
      caption: `Error and Fréchet distance by calls, grid ${SPACING_NAMES[lab.S.spacing]}`,
      head: ["calls", ...R.lines.flatMap((q) => [`${q.label}: error`, "Fréchet"])],
      rows: R.sheet.nfes.map((nfe) => [
        String(nfe),
        ...R.lines.flatMap((q) => {
          const at = R.sheet.cell(q.solver, lab.S.derivative, lab.S.spacing, nfe);
          return [formatNumber(at.error), formatNumber(at.frechet)];
        })
      ])
    }),
    csv: (lab, R) => [
      ["solver", "derivative", "spacing", "nfe", "error", "frechet"],
      ...R.lines.flatMap(
        (q) => R.sheet.spacings.flatMap(
          (spacing) => R.sheet.nfes.map((nfe) => R.sheet.cell(q.solver, lab.S.derivative, spacing, nfe))
        )
      ).filter((at) => at.row !== null).map((at) => [
        at.solver,
        at.derivative,
        at.spacing,
        at.nfe,
        ...[at.error, at.frechet].map((v) => isNumber(v) ? v : "")
      ])
    ],
    python: (S, lab) => [
      "import json",
      "",
      "import genie_edu as ge",
      "",
      `sheet = json.loads(ge.data.shipped(${py(`${lab.config.sheet}/sheet.json`)}).read_text())`,
      `chosen = [${lab.R.lines.map((q) => `(${py(q.solver)}, ${py(q.derivative)})`).join(", ")}]`,
      'for row in sheet["rows"]:',
      `    here = (row["spacing"], row["nfe"]) == (${py(S.spacing)}, ${S.nfe})`,
      '    if here and (row["solver"], row["derivative"]) in chosen:',
      '        print(row["solver"], row["error"], row["frechet"])'
    ]
  };

  // genie_edu/lab/src/view/views/blend.js
  var blendView = {
    broad: true,
    hover: true,
    refuse(lab, S) {
      const { nfes, spacings, solvers, columns } = lab.sheet;
      const missing = [S.solver, S.rival].find((s) => !solvers.includes(s));
      if (!nfes.includes(S.nfe)) throw new RangeError(`nfe must be one of ${nfes.join(", ")}`);
      if (S.grid !== "best" && !spacings.includes(S.grid)) throw new RangeError(`no images on the grid ${S.grid}`);
      if (missing) throw new RangeError(`no images of ${missing}`);
      if (S.solver === S.rival) throw new RangeError("solver and rival must be two different solvers");
      if (S.column >= columns) throw new RangeError(`column must lie from 0 to ${columns - 1}`);
    },
    place: (lab, W) => imagesView.place(lab, W),
    height(W, lab) {
      const { c, pitch } = this.place(lab, W);
      return TOP + 4 * pitch + (c < lab.sheet.columns ? 14 : 0);
    },
    compute(lab) {
      const { S, sheet } = lab;
      const own = sheet.reference.row;
      const ready = Boolean(sheet.picture);
      const [a, b] = [S.solver, S.rival].map((solver) => {
        const run = sheet.best(solver, S.derivative, S.grid, S.nfe);
        const calls = SOLVERS[solver].calls ?? 1;
        return {
          ...run,
          label: shortLabel(labelOf(lab, solver)) + KINDS[run.derivative],
          on: run.row === null ? "-" : SPACING_NAMES[run.spacing] + (run.afs ? ", analytic first step" : ""),
          pixel: ready && run.row !== null ? sheet.distance(run.row, S.column) : NaN,
          why: run.row !== null ? "" : S.nfe % calls ? `${WORDS[calls]} calls a step: exactly ${S.nfe} can't be spent` : `no run of ${S.nfe} calls on this grid`
        };
      });
      const both = ready && a.row !== null && b.row !== null;
      const seeds = Array.from({ length: sheet.columns }, (_, k) => k);
      if (!sheet.picture)
        sheet.ready.then(
          () => lab.request(),
          () => {
            lab.root.dataset.problem = "the images can't be read";
          }
        );
      return {
        sheet,
        a,
        b,
        both,
        between: both ? sheet.apart(a.row, b.row, S.column) : NaN,
        closer: both ? seeds.filter((k) => sheet.apart(a.row, own, k) < sheet.apart(b.row, own, k)).length : NaN,
        waiting: !ready
      };
    },
    draw(s, lab, W, H, { sheet, a, b, both }) {
      const { S } = lab;
      const mixed = {
        blend: `${Math.round(100 * (1 - S.blend))} % ${a.label}, ${Math.round(100 * S.blend)} % ${b.label}`,
        swipe: `left ${a.label}, right ${b.label}`,
        difference: `how far ${a.label} and ${b.label} are apart`
      }[S.mixing];
      const said = (q) => q.row === null ? "" : `error ${formatNumber(q.error)}`;
      const P = this.place(lab, W);
      drawTiles(s, lab, P, [
        { label: sheet.reference.label, strip: () => sheet.changed(sheet.reference.row) },
        { ...a, style: styleOf(lab, a.solver), said: said(a), strip: a.row === null ? null : () => sheet.changed(a.row) },
        {
          label: mixed,
          style: { color: s.theme.accent, marker: "square", dash: "solid" },
          why: a.why || b.why,
          strip: both || a.row !== null && b.row !== null ? () => sheet.mixed(a.row, b.row, S.mixing, S.blend) : null
        },
        { ...b, style: styleOf(lab, b.solver), said: said(b), strip: b.row === null ? null : () => sheet.changed(b.row) }
      ]);
      seedsNote(s, lab, P, H);
    },
    handles: (lab, W) => imagesView.handles.call(imagesView, lab, W),
    press: (lab, x, y, W) => imagesView.press.call(imagesView, lab, x, y, W),
    readout: (lab, { sheet, a, b, between, closer }) => ({
      head: ["same seeds", "error", "Fréchet", "this seed"],
      note: "error: distance from where the network's own ODE ends, the median over many starts; Fréchet: distance of the samples from the data, in a classifier's features; this seed: mean difference of the highlighted images from the first line's, in levels of 0 to 255",
      rows: [
        ...[a, b].flatMap((q) => [
          {
            label: q.label,
            ...errorRow(lab, q.solver, [
              ["error", q.error],
              ["frechet", q.frechet],
              ["pixel", q.pixel]
            ])
          },
          { label: "its grid", cells: [{ name: "run_grid", solver: q.solver, value: q.on, text: q.on }] }
        ]),
        {
          label: "this seed, one from the other",
          cells: [{ name: "between", value: between, text: formatNumber(between) }]
        },
        {
          label: `seeds at which ${a.label} is nearer to the own ODE`,
          cells: [{ name: "closer", value: closer, text: isNumber(closer) ? `${closer} of ${sheet.columns}` : "-" }]
        },
        { label: "calls of eps", cells: [{ name: "nfe", value: lab.S.nfe, text: String(lab.S.nfe) }] },
        {
          label: "highlighted seed",
          cells: [{ name: "column", value: lab.S.column, text: `${lab.S.column + 1} of ${sheet.columns}` }]
        }
      ]
    }),
    summary(lab, { sheet, a, b, closer }) {
      const said = (q) => q.row === null ? `${q.label} none (${q.why})` : `${q.label} ${formatNumber(q.error)}`;
      return `${lab.S.nfe} calls of eps each. Error: ${said(a)}; ${said(b)}.${isNumber(closer) ? ` ${a.label} is nearer to the network's own ODE at ${closer} of ${sheet.columns} seeds.` : ""}`;
    },
    table(lab, { sheet, a, b }) {
      const { S } = lab;
      const at = (q, nfe) => sheet.best(q.solver, S.derivative, S.grid, nfe);
      return {
        caption: "Error and Fréchet distance by calls",
        head: ["calls", ...[a, b].flatMap((q) => [`${q.label}: error`, "Fréchet"])],
        rows: sheet.nfes.map((nfe) => [
          String(nfe),
          ...[a, b].flatMap((q) => [formatNumber(at(q, nfe).error), formatNumber(at(q, nfe).frechet)])
        ])
      };
    },
    csv: (lab, { sheet, a, b }) => [
      ["solver", "derivative", "spacing", "afs", "nfe", "error", "frechet"],
      ...[a, b].flatMap((q) => sheet.nfes.map((nfe) => sheet.best(q.solver, lab.S.derivative, lab.S.grid, nfe))).filter((q) => q.row !== null).map((q) => [
        q.solver,
        q.derivative,
        q.spacing,
        q.afs,
        q.nfe,
        ...[q.error, q.frechet].map((v) => isNumber(v) ? v : "")
      ])
    ],
    python(S, lab) {
      const { a, b, both, sheet } = lab.R;
      const name = lab.config.sheet;
      const there = [a, b].filter((q) => q.row !== null).map((q) => q.row);
      return [
        "import json",
        "",
        "import genie_edu as ge",
        "from genie_edu.images import read_png, rows_of",
        "",
        `sheet = json.loads(ge.data.shipped(${py(`${name}/sheet.json`)}).read_text())`,
        `tiles = rows_of(read_png(ge.data.shipped(${py(`${name}/sheet.png`)})), sheet["tile"]).astype(float)`,
        `tiles, column = tiles[:, :${sheet.columns}], ${S.column}`,
        'own = tiles[sheet["reference"]["row"]]',
        "",
        "def apart(a, b):",
        "    return abs(a - b).reshape(len(a), -1).mean(1)",
        "",
        `for run in sheet["rows"]:`,
        `    if run["row"] in ${py(there)}:`,
        '        pixel = apart(tiles[run["row"]], own)[column]',
        '        print(run["solver"], run["error"], run["frechet"], f"{pixel:.3g}")',
        ...both ? [
          `a, b = tiles[${a.row}], tiles[${b.row}]`,
          'print("between", f"{apart(a, b)[column]:.3g}")',
          'print("closer", int((apart(a, own) < apart(b, own)).sum()))'
        ] : []
      ];
    }
  };

  // genie_edu/lab/src/engine/learned.js
  var LEARNED_SUBSTEP = 0.3;
  var fewStarts = (S, dragging) => dragging ? Math.min(S.n_starts, Math.max(4, Math.min(16, Math.round(160 / S.n_steps)))) : S.n_starts;
  function learnedPaths(engine, S, packed) {
    const mix = engine.mixture(S);
    const xBar = engine.start(S, S.n_starts);
    const { net, heads } = networksOf(packed);
    const field = new LearnedField(net, mix.narrowest);
    const exact = engine.exactPaths(S, xBar, EXACT_SUBSTEP);
    const truth = engine.remember(
      "learned",
      `${S.n_starts} ${S.seed} ${S.start} ${S.t_start} ${S.t_end}`,
      () => engine.exact.paths(field, xBar, gammaOf(S.t_start), gammaOf(S.t_end), LEARNED_SUBSTEP)
    );
    return { mix, net, heads, field, exact, truth, xBar, gammas: grid(S.n_steps, S.spacing, S.t_start, S.t_end) };
  }
  function runBudget(engine, S, dragging, packed) {
    const L = learnedPaths(engine, S, packed);
    const n = fewStarts(S, dragging);
    const x = L.xBar.subarray(0, 2 * n);
    const at = S.n_steps * 2 * n;
    const options = { afs: S.afs };
    const run = engine.run("learned", S, x, L.gammas, S.solver, options, L.field);
    const plain = engine.run("exact", S, x, L.gammas, S.solver, options);
    const first = (end) => end.subarray(0, 2 * n);
    return {
      ...L,
      n,
      run,
      plain,
      solverError: endPointError(run.path, at, first(L.truth.end)),
      modelError: endPointError(L.truth.end, 0, L.exact.end),
      totalError: endPointError(run.path, at, first(L.exact.end)),
      plainError: endPointError(plain.path, at, first(L.exact.end)),
      results: [{ solver: S.solver, run }]
    };
  }
  function runScrubber(engine, S, dragging, packed) {
    const L = learnedPaths(engine, S, packed);
    const n = fewStarts(S, dragging);
    const x = L.xBar.subarray(0, 2 * n);
    const at = S.n_steps * 2 * n;
    const options = { afs: S.afs };
    const now = Math.min(S.checkpoint, L.heads.length - 1);
    const measure2 = (slot, solver, head2 = null) => {
      const run = engine.run(
        slot,
        S,
        x,
        L.gammas,
        solver,
        options,
        head2 ? new LearnedField(L.net, L.mix.narrowest, head2) : L.field
      );
      return { solver: slot, run, error: endPointError(run.path, at, L.truth.end.subarray(0, 2 * n)), nfe: run.nfe };
    };
    const key = `${n} ${S.seed} ${S.start} ${S.t_start} ${S.t_end} ${S.n_steps} ${S.spacing} ${S.afs}`;
    const [ddim2, genie2] = engine.remember("bounds", key, () => [measure2("ddim", "ddim"), measure2("genie", "genie")]);
    const curve = dragging ? null : engine.remember("curve", key, () => L.heads.map((q) => measure2("any", "genie", q.head).error));
    const head = measure2("head", "genie", L.heads[now].head);
    return {
      ...L,
      n,
      now,
      step: L.heads[now].step,
      r2: L.heads[now].r2,
      results: [ddim2, genie2, head],
      ddim: ddim2,
      genie: genie2,
      head,
      curve
    };
  }

  // genie_edu/lab/src/view/fields.js
  function drawField(s, lab, A, R, { truth, runs, rings, title }) {
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
            trackPens(A, R.n)(run.path, run.gammas, lines)
          );
      s.stamp(endPixels(A, R.n)(rings, 0, f), { color: t.fg, radius: 5, marker: "circle", ring: true, alpha: 0.75 });
      if (rings !== truth.end)
        s.stamp(endPixels(A, R.n)(truth.end, 0, f), { color: t.exact, radius: 2.6, marker: "circle" });
      for (const { solver, run } of runs)
        s.stamp(endPixels(A, R.n)(run.path, at, f), {
          color: styleOf(lab, solver).color,
          radius: 3,
          marker: styleOf(lab, solver).marker,
          alpha: 0.95
        });
    });
    drawAxes(s, A, { xName: "x₁", yName: "x₂", xTicks: [-2, 0, 2], yTicks: [-2, 0, 2] });
    s.text(title, A.x, A.y - 12, { size: 12.5, weight: 600, room: A.w });
  }
  function twoPanels(W, H, share = 0.5) {
    const narrow = W < 560;
    const scaled = (r) => {
      const k = 2.6 / Math.min(r.w, r.h);
      return axes(r, [-k * r.w, k * r.w], [-k * r.h, k * r.h]);
    };
    const first = { x: 48, y: 28, w: (narrow ? W : share * W) - 60, h: (narrow ? H / 2 : H) - 72 };
    const second = narrow ? { x: 48, y: H / 2 + 28, w: W - 60, h: H / 2 - 72 } : { x: share * W + 50, y: 28, w: (1 - share) * W - 62, h: H - 72 };
    return { first, second, scaled };
  }

  // genie_edu/lab/src/view/views/budget.js
  var budgetView = {
    broad: true,
    coarse: true,
    slow: ["n_steps", "spacing", "solver", "afs"],
    height: (W) => W < 560 ? Math.round(1.7 * W + 80) : Math.round(clamp(0.46 * W, 300, 400)),
    compute: (lab) => runBudget(lab.engine, lab.S, lab.dragging, lab.config.networks),
    draw(s, lab, W, H, R) {
      const { first, second, scaled } = twoPanels(W, H);
      const solver = lab.S.solver;
      drawField(s, lab, scaled(first), R, {
        truth: R.exact,
        runs: [{ solver, run: R.plain }],
        rings: R.exact.end,
        title: "the exact field"
      });
      drawField(s, lab, scaled(second), R, {
        truth: R.truth,
        runs: [{ solver, run: R.run }],
        rings: R.exact.end,
        title: "the learned field"
      });
    },
    handles: () => [],
    readout(lab, R) {
      const most = Math.max(R.solverError, R.modelError, R.totalError);
      const row = (label, name, value) => ({
        label,
        cells: [{ name, value, text: formatNumber(value), bar: value / most }]
      });
      return {
        head: ["on the learned field", "error"],
        note: "rings: exact end points; grey points, on the right: where the learned field itself leads. Medians over the starts.",
        rows: [
          row("solver error: from the learned ODE's end", "solver_error", R.solverError),
          row("model error: the learned ODE's end from the exact one", "model_error", R.modelError),
          row("total error: from the exact end", "total_error", R.totalError),
          {
            label: "the same solver on the exact field",
            cells: [{ name: "error_exact_field", value: R.plainError, text: formatNumber(R.plainError) }]
          }
        ]
      };
    },
    summary(lab, R) {
      const S = lab.S;
      const larger = R.solverError > 2 * R.modelError ? "Most of it is the solver's: more steps or a higher order help" : R.modelError > 2 * R.solverError ? "Most of it is the network's: more steps do not help" : "Solver and network have a like share";
      return `${shortLabel(labelOf(lab, S.solver))}, ${S.n_steps} ${S.n_steps === 1 ? "step" : "steps"} on the learned field: total error ${formatNumber(R.totalError)}, of the solver ${formatNumber(R.solverError)}, of the model ${formatNumber(R.modelError)}. ${larger}.`;
    },
    table(lab, R) {
      const at = lab.S.n_steps * 2 * R.n;
      const off = (a, o, b, i) => formatNumber(Math.hypot(a[o + 2 * i] - b[2 * i], a[o + 2 * i + 1] - b[2 * i + 1]));
      const n = Math.min(R.n, 25);
      return {
        caption: `Errors start by start${n < R.n ? `, the first ${n}` : ""}`,
        head: ["start", "solver", "model", "total"],
        rows: Array.from({ length: n }, (_, i) => [
          String(i + 1),
          off(R.run.path, at, R.truth.end, i),
          off(R.truth.end, 0, R.exact.end, i),
          off(R.run.path, at, R.exact.end, i)
        ])
      };
    },
    csv: (lab, R) => learnedRows(lab.S, R),
    python: (S) => [
      ...learnedHead(S),
      "exact = ge.exact_solution(flow, x_bar, gammas)[-1]",
      `end = ge.solve(learned, x_bar, gammas, solver=${py(S.solver)}, afs=${py(S.afs)}).x_bar[-1]`,
      'print("solver_error", f"{ge.end_point_error(end, truth):.3g}")',
      'print("model_error", f"{ge.end_point_error(truth, exact):.3g}")',
      'print("total_error", f"{ge.end_point_error(end, exact):.3g}")'
    ]
  };

  // genie_edu/lab/src/engine/clocks.js
  function runClocks(engine, S) {
    const mix = engine.mixture(S);
    const xBar = engine.start(S, 1);
    const g0 = gammaOf(S.t_start);
    const g1 = gammaOf(S.t_end);
    const gammas = grid(S.n_steps, S.spacing, S.t_start, S.t_end);
    const exact = engine.remember(
      "dense",
      `${S.start} ${S.seed} ${S.t_start} ${S.t_end}`,
      () => engine.exact.paths(mix, xBar, g0, g1, 0.02)
    );
    const run = engine.run("clocks", S, xBar, gammas, S.solver, {});
    const clock = S.clock === "plane" ? "gamma" : S.clock;
    const a = clockOf(clock, g0);
    const b = clockOf(clock, g1);
    const here = gammaOfClock(clock, a + S.cursor * (b - a));
    const g = Math.min(g0, Math.max(g1, here));
    let i = 0;
    while (i + 2 < exact.gamma.length && exact.gamma[i + 1] >= g) i++;
    const z = new Float64Array(2);
    engine.exact.step(mix, exact.path, 2 * i, z, 0, 2, exact.gamma[i], g);
    const bend = {};
    for (const name of ["t", "log_snr", "gamma"]) bend[name] = bendOf(exact, name, S.variable);
    return {
      mix,
      exact,
      run,
      gammas,
      g,
      z,
      bend,
      clock,
      error: Math.hypot(run.path[2 * S.n_steps] - exact.end[0], run.path[2 * S.n_steps + 1] - exact.end[1])
    };
  }

  // genie_edu/lab/src/view/views/clocks.js
  var clocksView = {
    broad: true,
    height: (w) => w < 520 ? 3 * 190 : 290,
    compute: (lab) => runClocks(lab.engine, lab.S),
    panels(lab, W, H) {
      const S = lab.S;
      const g0 = gammaOf(S.t_start);
      const g1 = gammaOf(S.t_end);
      const narrow = W < 520;
      const { exact } = lab.R ?? runClocks(lab.engine, S);
      let low = Infinity;
      let high = -Infinity;
      for (let i = 0; i < exact.gamma.length; i++)
        for (let j = 0; j < 2; j++) {
          const v = exact.path[2 * i + j] / (S.variable === "x" ? Math.sqrt(1 + exact.gamma[i] ** 2) : 1);
          low = Math.min(low, v);
          high = Math.max(high, v);
        }
      const pad = 0.1 * (high - low || 1);
      return ["t", "log_snr", "gamma"].map((clock, i) => {
        const w = (W - 46) / 3;
        const rect = narrow ? { x: 46, y: 12 + i * H / 3, w: W - 60, h: H / 3 - 58 } : { x: 46 + i * w, y: 12, w: w - 16, h: H - 60 };
        return {
          clock,
          A: axes(rect, [clockOf(clock, g0), clockOf(clock, g1)], [low - pad, high + pad]),
          first: i === 0 || narrow
        };
      });
    },
    draw(s, lab, W, H, R) {
      const S = lab.S;
      const style = styleOf(lab, S.solver);
      const scale = (g) => S.variable === "x" ? 1 / Math.sqrt(1 + g * g) : 1;
      for (const { clock, A, first } of this.panels(lab, W, H)) {
        const step = Math.max(1, Math.floor(R.exact.gamma.length / 260));
        const n = R.exact.gamma.length;
        s.clip(A.x - 4, A.y - 4, A.w + 8, A.h + 8, () => {
          for (let j = 0; j < 2; j++) {
            s.stroke({ color: s.theme.exact, width: 4, alpha: 0.5 }, (pen) => {
              for (let i = 0; i < n; i = i === n - 1 ? n : Math.min(n - 1, i + step)) {
                const g = R.exact.gamma[i];
                const x = A.px(clockOf(clock, g));
                const y = clampPx(A.py(scale(g) * R.exact.path[2 * i + j]));
                if (i) pen.lineTo(x, y);
                else pen.moveTo(x, y);
              }
            });
            s.stroke({ color: style.color, width: 1.6, dash: j ? "dash" : "solid" }, (pen) => {
              for (let i = 0; i < S.n_steps; i++)
                for (let k = 0; k <= 16; k++) {
                  const a = R.gammas[i];
                  const b = R.gammas[i + 1];
                  const q = k / 16;
                  const g = clock === "gamma" ? a + q * (b - a) : a * (b / a) ** q;
                  const m = (g - a) / (b - a);
                  const v = R.run.path[2 * i + j] * (1 - m) + R.run.path[2 * i + 2 + j] * m;
                  const x = A.px(clockOf(clock, g));
                  const y = clampPx(A.py(scale(g) * v));
                  if (x !== x || y !== y) continue;
                  if (i || k) pen.lineTo(x, y);
                  else pen.moveTo(x, y);
                }
            });
            s.fill({ color: style.color }, (pen) => {
              for (let i = 0; i <= S.n_steps; i++)
                markerPath(
                  pen,
                  style.marker,
                  A.px(clockOf(clock, R.gammas[i])),
                  clampPx(A.py(scale(R.gammas[i]) * R.run.path[2 * i + j])),
                  2.6
                );
            });
          }
          s.stroke({ color: s.theme.accent, width: 1.5 }, (pen) => {
            const x = A.px(clockOf(clock, R.g));
            pen.moveTo(x, A.y);
            pen.lineTo(x, A.y + A.h);
          });
        });
        s.stroke({ color: style.color, width: 1, alpha: 0.8 }, (pen) => {
          for (const g of R.gammas) {
            const x = A.px(clockOf(clock, g));
            pen.moveTo(x, A.y + A.h - 6);
            pen.lineTo(x, A.y + A.h);
          }
        });
        drawAxes(s, A, {
          xName: CLOCK_NAMES[clock],
          xTicks: ticks(A.x0, A.x1, Math.max(2, A.w / 60)),
          yTicks: first ? void 0 : [],
          yName: first ? S.variable === "x" ? "x" : "x̄" : ""
        });
        for (let j = 0; j < 2; j++) {
          const v = scale(R.g) * R.z[j];
          const x = A.px(clockOf(clock, R.g));
          s.fill({ color: s.theme.accent }, (pen) => pen.circle(x, A.py(v), 4));
          if (first)
            s.text(
              `${S.variable === "x" ? "x" : "x̄"}${j ? "₂" : "₁"}`,
              clamp(x + 8, A.x + 6, A.x + A.w - 18),
              A.py(v) - 10,
              { size: 12, halo: true }
            );
        }
      }
    },
    /** A press on a panel moves the cursor there. */
    press(lab, x, y, W, H) {
      for (const { clock, A } of this.panels(lab, W, H)) {
        if (x < A.x || x > A.x + A.w || y < A.y - 12 || y > A.y + A.h + 40) continue;
        const S = lab.S;
        const g0 = gammaOf(S.t_start);
        const g1 = gammaOf(S.t_end);
        const mine = S.clock === "plane" ? "gamma" : S.clock;
        const g = clamp(gammaOfClock(clock, A.inverse(x, y)[0]), g1, g0);
        const a = clockOf(mine, g0);
        const b = clockOf(mine, g1);
        return { cursor: clamp((clockOf(mine, g) - a) / (b - a), 0, 1) };
      }
      return null;
    },
    handles: () => [],
    readout: (lab, R) => ({
      head: ["clock", "cursor", "bend"],
      note: "bend: largest distance of the exact path from its chord, as a share of the chord",
      rows: ["t", "log_snr", "gamma"].map((clock) => ({
        label: CLOCK_NAMES[clock].replace(" = −2 log γ", ""),
        cells: [
          { name: clock, value: clockOf(clock, R.g), text: formatNumber(clockOf(clock, R.g)) },
          { name: "bend", clock, value: R.bend[clock], text: formatNumber(R.bend[clock]) }
        ]
      })).concat([
        {
          label: lab.S.variable === "x" ? "x" : "x̄",
          cells: [
            {
              name: "x_bar",
              value: [...R.z],
              wide: true,
              text: pointText(lab.S.variable === "x" ? R.z.map((v) => v / Math.sqrt(1 + R.g * R.g)) : R.z)
            }
          ]
        },
        {
          label: `${labelOf(lab, lab.S.solver)}: error`,
          cells: [{ name: "error", solver: lab.S.solver, value: R.error, wide: true, text: formatNumber(R.error) }]
        }
      ])
    }),
    summary: (lab, R) => `Cursor at t = ${formatNumber(tOf(R.g))}, log-SNR = ${formatNumber(-2 * Math.log(R.g))}, γ = ${formatNumber(R.g)}. The path bends by ${formatNumber(R.bend.t)} of its chord in t, ${formatNumber(R.bend.log_snr)} in log-SNR, ${formatNumber(R.bend.gamma)} in γ.`,
    table: (lab, R) => ({
      caption: `Grid points of ${labelOf(lab, lab.S.solver)}`,
      head: ["step", "t", "log-SNR", "γ", "x̄₁", "x̄₂"],
      rows: Array.from(R.gammas, (g, i) => [
        String(i),
        formatNumber(tOf(g)),
        formatNumber(-2 * Math.log(g)),
        formatNumber(g),
        formatNumber(R.run.path[2 * i]),
        formatNumber(R.run.path[2 * i + 1])
      ])
    }),
    csv: (lab, R) => [
      ["path", "t", "log_snr", "gamma", "x_bar_1", "x_bar_2"],
      ...Array.from(R.exact.gamma, (g, i) => [
        "exact",
        tOf(g),
        -2 * Math.log(g),
        g,
        R.exact.path[2 * i],
        R.exact.path[2 * i + 1]
      ]),
      ...Array.from(R.gammas, (g, i) => [
        lab.S.solver,
        tOf(g),
        -2 * Math.log(g),
        g,
        R.run.path[2 * i],
        R.run.path[2 * i + 1]
      ])
    ],
    python: (S, lab) => [
      ...pythonHead(S, { n: 1 }),
      `path = ge.solve(flow, x_bar, gammas, solver=${py(S.solver)})`,
      `gamma = ${lab.R.g}`,
      "if gamma < gammas[0]:",
      "    exact = ge.exact_solution(flow, x_bar, torch.stack([gammas[0], torch.tensor(gamma, dtype=torch.float64)]))[-1]",
      "else:",
      "    exact = x_bar",
      'print("x_bar", [f"{v:.3g}" for v in exact[0].tolist()])',
      "end = ge.exact_solution(flow, x_bar, gammas)[-1]",
      'print("error", f"{ge.end_point_error(path.x_bar[-1], end):.3g}")'
    ]
  };

  // genie_edu/lab/src/engine/quotients.js
  function runDifference(engine, S) {
    const mix = engine.mixture(S);
    const g0 = gammaOf(S.t_start);
    const g = Math.min(Math.exp(S.log_gamma), 0.999 * g0);
    const xBar = engine.start(S, S.n_starts);
    const { z, D, curves } = engine.remember("quotients", `${S.n_starts} ${S.seed} ${S.start} ${S.t_start} ${g}`, () => {
      const end = engine.exact.paths(mix, xBar, g0, g).end.slice();
      const slope = new Float64Array(end.length);
      mix.derivatives(end, 0, end.length >> 1, g, new Float64Array(end.length), slope, null);
      return {
        z: end,
        D: slope,
        curves: QUOTIENTS.flatMap(
          (kind) => ["float64", "float32"].map((precision) => {
            const errors = quotientErrors(mix, end, g, slope, kind, precision === "float32", QUOTIENT_STEPS);
            const best = errors.indexOf(Math.min(...errors));
            return { kind, precision, errors, bestStep: QUOTIENT_STEPS[best], bestError: errors[best] };
          })
        )
      };
    });
    const chosen = curves.find((c) => c.kind === S.difference && c.precision === S.precision);
    const step = 10 ** S.log_step;
    return {
      mix,
      g,
      z,
      D,
      curves,
      chosen,
      step,
      error: quotientErrors(mix, z, g, D, S.difference, S.precision === "float32", [step])[0]
    };
  }

  // genie_edu/lab/src/view/views/difference.js
  var differenceView = {
    height: (w) => Math.round(clamp(w * 0.88, 300, 430)),
    axes: (lab, W, H) => axes({ x: 58, y: 12, w: W - 72, h: H - 58 }, [1e-10, 0.6], [1e-12, 10], true),
    compute: (lab) => runDifference(lab.engine, lab.S),
    draw(s, lab, W, H, R) {
      const A = this.axes(lab, W, H);
      const t = s.theme;
      const powers = (a, b, by) => {
        const out = [];
        for (let k = a; k <= b; k += by) out.push(10 ** k);
        return out;
      };
      const raised = (v) => superscript(Math.round(Math.log10(v)));
      drawAxes(s, A, {
        xName: "step, as a share of γ",
        yName: "relative error",
        xTicks: powers(-10, -1, W > 420 ? 1 : 3),
        yTicks: powers(-12, 1, 2),
        xFormat: raised,
        yFormat: raised,
        grid: true
      });
      const at = (v, e) => [v, clamp(e, 1e-12, 10)];
      const line = (c) => polyline(
        A,
        Array.from(c.errors, (e, k) => at(QUOTIENT_STEPS[k], e))
      );
      const colors = { forward: t.score, central: t.eps };
      const labels = [];
      s.clip(A.x, A.y, A.w, A.h, () => {
        for (const c of [...R.curves.filter((q) => q !== R.chosen), R.chosen]) {
          const mine = c === R.chosen;
          const color = colors[c.kind];
          const best = at(c.bestStep, c.bestError);
          s.stroke(
            { color, width: mine ? 2.8 : 1.2, alpha: mine ? 1 : 0.65, dash: c.precision === "float32" ? "solid" : "dot" },
            line(c)
          );
          if (mine) s.stroke({ color: t.fg, width: 1.6 }, (pen) => pen.circle(A.px(best[0]), A.py(best[1]), 6));
          labels.push({
            x: A.px(best[0]),
            y: Math.min(A.py(best[1]) + 14, A.y + A.h - 8),
            text: `${c.kind}, ${c.precision}`,
            mine
          });
        }
        const [x, y] = at(R.step, R.error).map((v, i) => i ? A.py(v) : A.px(v));
        s.stroke({ color: t.accent, width: 1.4, dash: "dash" }, (pen) => {
          pen.moveTo(x, A.y);
          pen.lineTo(x, A.y + A.h);
        });
        s.fill({ color: t.accent }, (pen) => markerPath(pen, "diamond", x, y, 5));
      });
      for (const l of labels)
        s.text(l.text, clamp(l.x, A.x + 52, A.x + A.w - 52), l.y, {
          size: 11.5,
          align: "center",
          weight: l.mine ? 600 : 400,
          color: l.mine ? t.fg : t.muted,
          halo: true
        });
    },
    handles(lab, W, H) {
      const A = this.axes(lab, W, H);
      const S = lab.S;
      const now = S.log_step;
      const { low, high } = SCHEMA.log_step;
      return [
        {
          id: "step",
          kind: "knot",
          text: "ℓ",
          label: "Step of the difference quotient",
          x: A.px(10 ** now),
          y: 26,
          slider: { low, high, now, text: formatNumber(10 ** now) },
          move: (dx) => ({ log_step: Math.round(20 * clamp(now + dx / A.sx, low, high)) / 20 })
        }
      ];
    },
    readout: (lab, R) => ({
      head: null,
      note: "relative error of the derivative, median over the points; float32 rounds the state, the level and eps, and nothing in between",
      rows: [
        { label: "error at this step", cells: [{ name: "error", value: R.error, text: formatNumber(R.error) }] },
        {
          label: "best step / γ",
          cells: [{ name: "best_step", value: R.chosen.bestStep, text: formatNumber(R.chosen.bestStep) }]
        },
        {
          label: "error at the best step",
          cells: [{ name: "best_error", value: R.chosen.bestError, text: formatNumber(R.chosen.bestError) }]
        },
        {
          label: "calls of eps",
          cells: [
            {
              name: "calls",
              value: lab.S.difference === "central" ? 3 : 2,
              text: lab.S.difference === "central" ? "3" : "2"
            }
          ]
        }
      ]
    }),
    summary(lab, R) {
      const { step, error, chosen } = R;
      const side = step > 1.5 * chosen.bestStep ? "too long: the curve of eps shows" : step < chosen.bestStep / 1.5 ? "too short: rounding shows" : "about right";
      return `A ${chosen.kind} difference in ${chosen.precision}, step ${formatNumber(step)} γ: relative error ${formatNumber(error)}, ${side}. At best ${formatNumber(chosen.bestError)}, with step ${formatNumber(chosen.bestStep)} γ.`;
    },
    table: (lab, R) => ({
      caption: `Difference quotients at γ = ${formatNumber(R.g)}`,
      head: ["quotient", "best step / γ", "error there", "error at step / γ = 0.001"],
      rows: R.curves.map((c) => [
        `${c.kind}, ${c.precision}`,
        formatNumber(c.bestStep),
        formatNumber(c.bestError),
        formatNumber(c.errors[70])
      ])
    }),
    csv: (lab, R) => [
      ["step_over_gamma", ...R.curves.map((c) => `${c.kind}_${c.precision}`)],
      ...Array.from(QUOTIENT_STEPS, (v, k) => [v, ...R.curves.map((c) => c.errors[k])])
    ],
    python(S, lab) {
      const central = S.difference === "central";
      const g = lab?.R?.g ?? Math.min(Math.exp(S.log_gamma), 0.999 * gammaOf(S.t_start));
      return [
        ...pythonEnds(S).slice(0, -1),
        `gamma = torch.tensor(${g}, dtype=torch.float64)`,
        "z = ge.exact_solution(flow, x_bar, torch.stack([gammas[0], gamma]))[-1]",
        "exact = flow.derivatives(z, gamma, order=1)[1]",
        "",
        "def rounded(v):",
        `    return ${S.precision === "float32" ? "v.float().double()" : "v"}`,
        "",
        "def eps(x_bar, gamma):",
        "    return rounded(flow.eps(rounded(x_bar), rounded(gamma)))",
        "",
        "here = eps(z, gamma)",
        "",
        "def error(step):",
        "    d = step * gamma",
        `    slope = (eps(z + d * here, gamma + d) - ${central ? "eps(z - d * here, gamma - d)) / (2 * d)" : "here) / d"}`,
        "    return float(((slope - exact).norm(dim=1) / exact.norm(dim=1)).quantile(0.5))",
        "",
        `print("error", f"{error(10**${py(S.log_step)}):.3g}")`,
        "steps = [10 ** (-10 + k / 10) for k in range(98)]",
        "best = min(steps, key=error)",
        'print("best_step", f"{best:.3g}")',
        'print("best_error", f"{error(best):.3g}")'
      ];
    }
  };

  // genie_edu/lab/src/view/views/field.js
  var fieldView = {
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
        shares: mix.responsibilities(S.probe[0], S.probe[1], gamma)
      };
    },
    draw(s, lab, W, H, R) {
      const S = lab.S;
      const A = plane(W, H);
      const cell = 30;
      const nx = Math.floor(A.w / cell);
      const ny = Math.floor(A.h / cell);
      const X = new Float64Array(2 * nx * ny);
      const E = new Float64Array(2 * nx * ny);
      const ox = A.x + (A.w - (nx - 1) * cell) / 2;
      const oy = A.y + (A.h - (ny - 1) * cell) / 2;
      for (let j = 0; j < ny; j++)
        for (let i = 0; i < nx; i++) {
          const [x, y] = A.inverse(ox + i * cell, oy + j * cell);
          X[2 * (j * nx + i)] = x;
          X[2 * (j * nx + i) + 1] = y;
        }
      R.mix.eps(X, 0, nx * ny, R.gamma, E);
      const arrow = (pen, x, y, vx, vy, head) => {
        const n = Math.hypot(vx, vy);
        if (!(n > 0.5)) return;
        const ux = vx / n;
        const uy = vy / n;
        const q = Math.min(head, n * 0.6);
        pen.moveTo(x - vx / 2, y - vy / 2);
        pen.lineTo(x + vx / 2, y + vy / 2);
        pen.moveTo(x + vx / 2 - q * (ux + 0.6 * uy), y + vy / 2 - q * (uy - 0.6 * ux));
        pen.lineTo(x + vx / 2, y + vy / 2);
        pen.lineTo(x + vx / 2 - q * (ux - 0.6 * uy), y + vy / 2 - q * (uy + 0.6 * ux));
      };
      const sign = S.quantity === "score" ? -1 / R.gamma : 1;
      const length = (v) => 0.92 * cell * (S.quantity === "eps" ? Math.min(v / 2.4, 1) : v / (1 + v));
      const color = S.quantity === "eps" ? lab.theme.eps : lab.theme.score;
      s.clip(A.x, A.y, A.w, A.h, () => {
        s.image(density(lab, R.mix, R.gamma, A), A.x, A.y, A.w, A.h);
        s.stroke({ color, width: 1.3, alpha: 0.9 }, (pen) => {
          for (let q = 0; q < nx * ny; q++) {
            const vx2 = sign * E[2 * q];
            const vy2 = sign * E[2 * q + 1];
            const n2 = Math.hypot(vx2, vy2);
            const k2 = n2 > 0 ? length(n2) / n2 : 0;
            arrow(pen, ox + q % nx * cell, oy + Math.floor(q / nx) * cell, k2 * vx2, -k2 * vy2, 5);
          }
        });
        const [vx, vy] = S.quantity === "eps" ? R.eps : R.score;
        const n = Math.hypot(vx, vy);
        const k = n > 0 ? Math.min(46, 26 * n + 8) / n : 0;
        const x = A.px(S.probe[0]);
        const y = A.py(S.probe[1]);
        s.stroke(
          { color: s.theme.fg, width: 2.2 },
          (pen) => arrow(pen, x + k * vx / 2, y - k * vy / 2, k * vx, -k * vy, 8)
        );
      });
      drawAxes(s, A, { xName: "x̄₁", yName: "x̄₂" });
    },
    handles(lab, W, H) {
      const S = lab.S;
      const A = plane(W, H);
      return [
        ...meanHandles(S, A),
        {
          id: "probe",
          kind: "probe",
          text: "",
          label: `Probe at ${pointText(S.probe)}; arrow keys move it`,
          x: A.px(S.probe[0]),
          y: A.py(S.probe[1]),
          move: (dx, dy) => ({
            probe: [round3(clamp(S.probe[0] + dx / A.sx, -3, 3)), round3(clamp(S.probe[1] - dy / A.sy, -3, 3))]
          })
        }
      ];
    },
    readout: (lab, R) => ({
      head: ["at the probe", ""],
      rows: [
        { label: "eps", cells: [{ name: "eps", value: R.eps, text: pointText(R.eps) }] },
        { label: "score", cells: [{ name: "score", value: R.score, text: pointText(R.score) }] },
        { label: "log density", cells: [{ name: "log_density", value: R.logp, text: formatNumber(R.logp) }] },
        {
          label: "share of each component",
          cells: [{ name: "shares", value: R.shares, text: R.shares.map((v) => v.toFixed(2)).join(", ") }]
        }
      ]
    }),
    summary: (lab, R) => `At noise level γ = ${formatNumber(R.gamma)} and x̄ = ${pointText(lab.S.probe)}: eps = ${pointText(R.eps)}, score = ${pointText(R.score)}.`,
    table: (lab, R) => ({
      caption: "The mixture",
      head: ["component", "weight", "mean", "spread", "share at the probe"],
      rows: lab.S.weights.map((w, k) => [
        String(k + 1),
        formatNumber(w),
        pointText(lab.S.means[k]),
        formatNumber(spreadOf(lab.S.covs[k])),
        R.shares[k].toFixed(2)
      ])
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
      'print("log_density", f"{float(mixture.log_prob(x_bar, gamma)[0]):.3g}")'
    ]
  };

  // genie_edu/lab/src/view/views/history.js
  var historyView = {
    broad: true,
    refuse(lab, S) {
      const n = lab.sheet.checkpoints.length;
      if (S.snapshot >= n || S.beside >= n) throw new RangeError(`there are ${n} checkpoints, from 0 on`);
    },
    compute(lab) {
      const { S, sheet } = lab;
      if (!sheet.picture)
        sheet.ready.then(
          () => lab.request(),
          () => {
            lab.root.dataset.problem = "the images can't be read";
          }
        );
      return {
        sheet,
        now: sheet.checkpoints[S.snapshot],
        other: sheet.checkpoints[S.beside] ?? null,
        waiting: !sheet.picture
      };
    },
    /** The curve's rectangle, and where the blocks of samples stand: c to a line, `lines` lines each. */
    place(lab, W) {
      const { tile, columns } = lab.sheet;
      const narrow = W < 560;
      const x = narrow ? 0 : Math.round(0.45 * W);
      const w = W - x - (narrow ? 0 : 4);
      const least = narrow ? 30 : 40;
      const blocks = lab.S.beside < 0 ? 1 : 2;
      let c = columns;
      while (c > 2 && (columns % c || tileSide(tile, w, c) < least)) c--;
      const side = tileSide(tile, w, c);
      const lines = Math.ceil(columns / c);
      const high = 24 + lines * (side + GAP) + 10;
      const height = narrow ? 290 + blocks * high : Math.max(320, blocks * high + 8);
      return {
        c,
        side,
        lines,
        high,
        x,
        y: narrow ? 290 : 4,
        height,
        curve: { x: 58, y: 28, w: (narrow ? W : x) - 58 - 20, h: (narrow ? 270 : Math.min(height, 380)) - 74 }
      };
    },
    axes(lab, W) {
      const { curve, checkpoints } = lab.sheet;
      const steps = [...curve.map((q) => q[0]), ...checkpoints.map((q) => q.step)];
      const losses = curve.map((q) => q[1]);
      return axes(
        this.place(lab, W).curve,
        [Math.min(...steps) / 1.1, Math.max(...steps) * 1.1],
        [Math.min(...losses) / 1.08, Math.max(...losses) * 1.08],
        true
      );
    },
    height(W, lab) {
      return this.place(lab, W).height;
    },
    draw(s, lab, W, H, R) {
      const { sheet, now, other } = R;
      const A = this.axes(lab, W);
      const P = this.place(lab, W);
      const t = s.theme;
      const dot = (q) => [A.px(q.step), A.py(q.loss)];
      drawAxes(s, A, {
        xName: "training steps",
        yName: "loss",
        xTicks: logTicks(A.x0, A.x1, Math.max(2, A.w / 62)),
        yTicks: logTicks(A.y0, A.y1, Math.max(3, A.h / 30)),
        grid: true
      });
      s.text("the loss of eps as the training goes on", A.x, A.y - 14, { size: 12.5, weight: 600, room: A.w });
      s.stroke({ color: t.eps, width: 2 }, polyline(A, sheet.curve));
      s.fill({ color: t.eps }, (pen) => sheet.checkpoints.forEach((q) => pen.circle(...dot(q), 3)));
      s.stroke({ color: t.accent, width: 1.4, dash: "dash" }, (pen) => {
        pen.moveTo(A.px(now.step), A.y);
        pen.lineTo(A.px(now.step), A.y + A.h);
      });
      s.fill({ color: t.accent }, (pen) => markerPath(pen, "diamond", ...dot(now), 5.5));
      if (other) s.stroke({ color: t.fg, width: 1.8 }, (pen) => pen.circle(...dot(other), 7));
      [[now, lab.S.snapshot, t.accent], ...other ? [[other, lab.S.beside, t.fg]] : []].forEach(([q, row, color], b) => {
        const top = P.y + b * P.high;
        s.text(`after ${q.step} training ${q.step === 1 ? "step" : "steps"}`, P.x, top + 10, {
          size: 12.5,
          weight: 600,
          color,
          room: W - P.x - 4
        });
        if (sheet.picture)
          for (let k = 0; k < sheet.columns; k++)
            s.tile(
              sheet.changed(row).canvas,
              k * sheet.tile,
              sheet.tile,
              P.x + k % P.c * (P.side + GAP),
              top + 24 + Math.floor(k / P.c) * (P.side + GAP),
              P.side
            );
      });
    },
    nearest(lab, A, x) {
      const off = lab.sheet.checkpoints.map((q) => Math.abs(A.px(q.step) - x));
      return off.indexOf(Math.min(...off));
    },
    handles(lab, W) {
      const A = this.axes(lab, W);
      const { snapshot } = lab.S;
      const { checkpoints } = lab.sheet;
      const { step } = checkpoints[snapshot];
      const x = A.px(step);
      const stride = 0.5;
      return [
        {
          id: "snapshot",
          kind: "knot",
          text: "",
          label: "Checkpoint",
          x,
          y: A.y + A.h,
          slider: { low: 1, high: checkpoints.length, now: snapshot + 1, text: `${step} training steps`, stride },
          move: (dx) => ({
            snapshot: Math.abs(dx) === stride ? clamp(snapshot + Math.sign(dx), 0, checkpoints.length - 1) : this.nearest(lab, A, x + clamp(dx, -W, W))
          })
        }
      ];
    },
    press(lab, x, y, W) {
      const A = this.axes(lab, W);
      return x >= A.x && x <= A.x + A.w && y >= A.y && y <= A.y + A.h ? { snapshot: this.nearest(lab, A, x) } : null;
    },
    readout(lab, R) {
      const row = (label, name, value, text) => ({ label, cells: [{ name, value, text }] });
      const { now, other } = R;
      return {
        head: null,
        note: "share: of the way from the curve's first loss to its last; the samples are drawn with averaged weights",
        rows: [
          row("training steps", "step", now.step, String(now.step)),
          row("loss there", "loss", now.loss, formatNumber(now.loss)),
          row("share of the loss's whole drop", "share", 100 * now.share, `${Math.round(100 * now.share)} %`),
          row("minutes of training", "minutes", now.minutes, formatNumber(now.minutes)),
          row("compared with step", "other_step", other ? other.step : NaN, other ? String(other.step) : "-")
        ]
      };
    },
    summary: (lab, { now, other }) => `After ${now.step} training ${now.step === 1 ? "step" : "steps"} (${formatNumber(now.minutes)} minutes) the loss is ${formatNumber(now.loss)}: ${Math.round(100 * now.share)} % of its whole drop.${other ? ` Below, the same seeds after ${other.step}.` : ""}`,
    table: (lab, R) => ({
      caption: "The checkpoints",
      head: ["training steps", "loss", "share of the drop", "minutes"],
      rows: R.sheet.checkpoints.map((q) => [
        String(q.step),
        formatNumber(q.loss),
        `${Math.round(100 * q.share)} %`,
        formatNumber(q.minutes)
      ])
    }),
    csv: (lab, R) => [["step", "loss"], ...R.sheet.curve],
    python: (S, lab) => [
      "import json",
      "import math",
      "",
      "import genie_edu as ge",
      "",
      `_, card = ge.checkpoints.read(ge.data.shipped(${py(`${lab.sheet.run}/base.safetensors`)}))`,
      'curve = card["record"]["curve"]',
      `steps = json.loads(ge.data.shipped(${py(`${lab.sheet.run}/base_samples.json`)}).read_text())["steps"]`,
      `step = steps[${S.snapshot}]`,
      "_, loss, seconds = min(curve, key=lambda entry: abs(math.log(entry[0] / step)))",
      "share = (curve[0][1] - loss) / (curve[0][1] - curve[-1][1])",
      'print("step", step)',
      'print("loss", f"{loss:.3g}")',
      'print("share", f"{100 * share:.0f}")',
      'print("minutes", f"{seconds / 60:.3g}")'
    ]
  };

  // genie_edu/lab/src/engine/orders.js
  function runOrder(engine, S) {
    return {
      results: S.solvers.map((name) => measure(engine, S, name, { afs: S.afs, float32: S.precision === "float32" }))
    };
  }
  function runMystery(engine, S) {
    const [mystery, ddim2] = [S.mystery, "ddim"].map((name) => measure(engine, S, name, {}, S.against === "before"));
    const row = MYSTERIES[S.mystery];
    const enough = S.counts.length >= 4;
    const ready = enough && S.diagnosis !== "none";
    return { results: [mystery, ddim2], mystery, ddim: ddim2, row, enough, ready, right: ready && S.diagnosis === row.diagnosis };
  }
  function measure(engine, S, name, options, before = false) {
    const mix = engine.mixture(S);
    const xBar = engine.start(S, S.n_starts);
    const solver = MYSTERIES[name] ?? name;
    const points = S.counts.map((N) => {
      const key = JSON.stringify([name, N, options, before, S.seed, S.n_starts, S.start, S.spacing, S.t_start, S.t_end]);
      if (!engine.errors.has(key)) {
        const asked = grid(N, S.spacing, S.t_start, S.t_end);
        const run = engine.run("order", S, xBar, solver.levels?.(asked) ?? asked, solver, options);
        const exact = before ? engine.exact.paths(mix, xBar, asked[0], asked[N - 1]) : engine.exactPaths(S, xBar, EXACT_SUBSTEP);
        engine.errors.set(key, { error: endPointError(run.path, run.N * xBar.length, exact.end), nfe: run.nfe });
      }
      return { N, ...engine.errors.get(key) };
    });
    return {
      solver: name,
      points,
      fit: observedOrder(
        S.counts,
        points.map((p) => p.error)
      )
    };
  }

  // genie_edu/lab/src/view/views/order.js
  var NO_SLOPE = "no range on which three successive points agree on a slope";
  var ordinal = (line) => line ? `slope ${line.order.toFixed(2)}, fitted on N = ${line.nFrom} to ${line.nTo}` : NO_SLOPE;
  var orderView = {
    height: (w) => Math.round(clamp(w * 0.88, 280, 430)),
    compute: (lab) => runOrder(lab.engine, lab.S),
    draw(s, lab, W, H, R) {
      const S = lab.S;
      const all = R.results.flatMap((r) => r.points.map((p) => p.error)).filter((e) => e > 0 && Number.isFinite(e));
      const top = 10 ** Math.ceil(Math.log10(Math.max(1, ...all.map((e) => Math.min(e, 1e3)))));
      const bottom = 10 ** Math.floor(Math.log10(Math.min(1e-4, ...all.map((e) => Math.max(e, 1e-16)))));
      const A = axes({ x: 58, y: 10, w: W - 58 - 92, h: H - 54 }, [1.7, 620], [bottom, top], true);
      const decades = [];
      for (let k = Math.log10(bottom); k <= Math.log10(top) + 1e-9; k++) decades.push(10 ** Math.round(k));
      const every = Math.ceil(decades.length / 9);
      drawAxes(s, A, {
        xName: "steps N",
        yName: "error",
        xTicks: [2, 4, 8, 16, 32, 64, 128, 256, 512].filter((v, i) => W > 420 || i % 2 === 0),
        yTicks: decades.filter((_, i) => i % every === 0),
        yFormat: (v) => superscript(Math.round(Math.log10(v))),
        grid: true
      });
      const labels = [];
      s.clip(A.x - 6, A.y - 4, A.w + 12, A.h + 8, () => {
        for (const { solver, style = styleOf(lab, solver), points, fit: line } of R.results) {
          const good = points.filter((p) => p.error > 0 && Number.isFinite(p.error)).map((p) => [p.N, clamp(p.error, bottom, top)]);
          if (S.committed && line)
            s.stroke(
              { color: style.color, width: 7, alpha: 0.22 },
              polyline(A, [
                [line.nFrom, Math.exp(line.offset) * line.nFrom ** -line.order],
                [line.nTo, Math.exp(line.offset) * line.nTo ** -line.order]
              ])
            );
          s.stroke({ color: style.color, width: 1.6, dash: style.dash }, polyline(A, good));
          s.fill(
            { color: style.color },
            (pen) => good.forEach((p) => markerPath(pen, style.marker, A.px(p[0]), A.py(p[1]), 4))
          );
          if (good.length)
            labels.push({
              x: A.px(good[good.length - 1][0]) + 10,
              y: A.py(good[good.length - 1][1]),
              text: S.committed && line ? `${shortLabel(style.label)}: ${line.order.toFixed(2)}` : shortLabel(style.label)
            });
        }
        if (S.committed || S.expected_slope > 0) {
          const anchor = all.length ? Math.exp(all.map(Math.log).reduce((a, b) => a + b) / all.length) : 0.03;
          const n0 = S.counts.length ? S.counts[Math.floor(S.counts.length / 2)] : 16;
          const y = (n) => anchor * (n / n0) ** -S.expected_slope;
          s.stroke(
            { color: s.theme.muted, width: 1.6, dash: "dash" },
            polyline(A, [
              [2, y(2)],
              [512, y(512)]
            ])
          );
        }
      });
      for (const l of spreadLabels(labels, 15, A.y + 8, A.y + A.h - 8))
        s.text(l.text, Math.min(l.x, A.x + A.w + 8), l.y, { size: 11.5, weight: 600, halo: true });
      s.text(`your slope ${S.expected_slope}`, A.x + 8, A.y + A.h - 12, {
        size: 11.5,
        color: s.theme.muted,
        weight: 600,
        halo: true
      });
    },
    handles: () => [],
    readout: (lab, R) => ({
      head: ["solver", "error at N", "slope", "fitted on"],
      rows: R.results.map((r) => {
        const here = r.points.find((p) => p.N === lab.S.n_steps);
        const line = lab.S.committed ? r.fit : null;
        return {
          label: shortLabel(labelOf(lab, r.solver)),
          ...errorRow(lab, r.solver, [
            ["error", here ? here.error : NaN],
            ["slope", line ? line.order : NaN, line ? line.order.toFixed(2) : "-"],
            ["slope_range", line ? [line.nFrom, line.nTo] : NaN, line ? `${line.nFrom} to ${line.nTo}` : "-"]
          ])
        };
      })
    }),
    summary(lab, R) {
      const S = lab.S;
      if (!S.counts.length) return "No step count measured yet: choose one and press Measure.";
      if (!S.committed)
        return `${S.counts.length} step ${S.counts.length === 1 ? "count" : "counts"} measured, ${S.counts[0]} to ${S.counts[S.counts.length - 1]}. Set the slope that you expect, then draw it: the fitted slopes appear.`;
      return R.results.map((r) => `${labelOf(lab, r.solver)}: ${ordinal(r.fit)}`).join("; ") + `. You expected ${S.expected_slope}.`;
    },
    table: (lab, R) => ({
      caption: "Error by step count",
      head: ["N", ...R.results.map((r) => labelOf(lab, r.solver))],
      rows: lab.S.counts.map((N, i) => [String(N), ...R.results.map((r) => formatNumber(r.points[i].error))])
    }),
    csv: (lab, R) => [
      ["solver", "n_steps", "error", "nfe"],
      ...R.results.flatMap((r) => r.points.map((p) => [r.solver, p.N, p.error, p.nfe]))
    ],
    python: (S) => [
      ...pythonEnds(S),
      "",
      "def error(solver, n):",
      `    ${pythonGrid(S, "n")}`,
      `    path = ge.solve(flow, ${S.precision === "float32" ? "x_bar.float()" : "x_bar"}, flow.schedule.gamma(t), solver=solver, afs=${py(S.afs)})`,
      "    return ge.end_point_error(path.x_bar[-1], exact)",
      "",
      `counts = ${py(S.counts)}`,
      `for solver in ${py(S.solvers)}:`,
      "    errors = [error(solver, n) for n in counts]",
      '    print(solver, [f"{e:.3g}" for e in errors])',
      ...PYTHON_FIT.map((line) => `    ${line}`)
    ]
  };

  // genie_edu/lab/src/view/views/mystery.js
  var mysteryView = {
    height: orderView.height,
    compute: (lab) => runMystery(lab.engine, lab.S),
    draw(s, lab, W, H, R) {
      const style = { label: lab.S.mystery, color: s.theme.fg, marker: "square", dash: "solid" };
      orderView.draw(s, lab, W, H, { results: [{ ...R.mystery, style }, R.ddim] });
    },
    handles: () => [],
    readout(lab, R) {
      const S = lab.S;
      const at = (r) => r.points.find((p) => p.N === S.n_steps)?.error ?? NaN;
      const line = S.committed ? R.mystery.fit : null;
      const verdict = R.ready ? `${R.right ? "Right" : "No"}: ${DIAGNOSES[R.row.diagnosis]}. ${R.row.why.replace(/\^2/g, "²")}` : `No verdict yet: ${R.enough ? "choose a diagnosis" : "measure four step counts, then choose"}.`;
      return {
        head: null,
        rows: [
          {
            label: `error at N = ${S.n_steps}`,
            cells: [{ name: "error", value: at(R.mystery), text: formatNumber(at(R.mystery)) }]
          },
          {
            label: "error / DDIM's",
            cells: [{ name: "ratio", value: at(R.mystery) / at(R.ddim), text: formatNumber(at(R.mystery) / at(R.ddim)) }]
          },
          {
            label: "slope",
            cells: [{ name: "slope", value: line ? line.order : NaN, text: line ? line.order.toFixed(2) : "-" }]
          },
          {
            label: "fitted on N =",
            cells: [
              {
                name: "slope_range",
                value: line ? [line.nFrom, line.nTo] : NaN,
                text: line ? `${line.nFrom} to ${line.nTo}` : "-"
              }
            ]
          }
        ],
        after: [{ name: "verdict", value: R.ready ? verdict : NaN, text: verdict }]
      };
    },
    summary(lab, R) {
      const S = lab.S;
      const k = S.counts.length;
      const name = `Mystery ${S.mystery}`;
      if (R.ready) return `${name}: ${R.right ? "your diagnosis is right" : "your diagnosis does not hold"}.`;
      if (!R.enough) return `${name}: ${k} step ${k === 1 ? "count" : "counts"} measured, ${4 - k} more for a diagnosis.`;
      if (!S.committed)
        return `${name}: ${k} step counts measured. Set the slope that the claim promises and draw it: the fitted one appears.`;
      return `${name}: ${ordinal(R.mystery.fit)}; the claim is ${R.row.order}. Which diagnosis fits?`;
    },
    table: (lab, R) => ({
      caption: `Error by step count${lab.S.against === "before" ? ", against the exact point one level earlier" : ""}`,
      head: ["N", `mystery ${lab.S.mystery}`, "DDIM", "ratio"],
      rows: R.mystery.points.map((p, i) => [
        String(p.N),
        formatNumber(p.error),
        formatNumber(R.ddim.points[i].error),
        formatNumber(p.error / R.ddim.points[i].error)
      ])
    }),
    csv: (lab, R) => [
      ["n_steps", "nfe", "error", "error_ddim"],
      ...R.mystery.points.map((p, i) => [p.N, p.nfe, p.error, R.ddim.points[i].error])
    ],
    python: (S) => [
      ...pythonEnds(S),
      "from genie_edu.exercises.mysteries import MYSTERIES",
      "",
      "def error(n):",
      `    ${pythonGrid(S, "n")}`,
      "    levels = flow.schedule.gamma(t)",
      ...S.against === "before" ? ["    exact = ge.exact_solution(flow, x_bar, levels[[0, -2]])[-1]"] : [],
      `    return ge.end_point_error(MYSTERIES[${py(S.mystery)}].sampler(flow, x_bar, levels), exact)`,
      "",
      `counts = ${py(S.counts)}`,
      "errors = [error(n) for n in counts]",
      'print("errors", [float(f"{e:.3g}") for e in errors])',
      ...PYTHON_FIT
    ]
  };

  // genie_edu/lab/src/view/views/paths.js
  var pathsView = {
    coarse: true,
    height: square,
    compute: (lab) => runPaths(lab.engine, lab.S, lab.dragging),
    axes(lab, W, H) {
      const S = lab.S;
      if (S.clock === "plane") return plane(W, H);
      const a = clockOf(S.clock, gammaOf(S.t_start));
      const b = clockOf(S.clock, gammaOf(S.t_end));
      return axes({ x: 48, y: 10, w: W - 60, h: H - 52 }, [a, b], [-3.1, 3.1]);
    },
    draw(s, lab, W, H, R) {
      const S = lab.S;
      const A = this.axes(lab, W, H);
      const flat = S.clock === "plane";
      const few = R.n <= 30;
      const gEnd = gammaOf(S.t_end);
      const scaleEnd = 1 / Math.sqrt(1 + gEnd * gEnd);
      const track = trackPens(A, R.n, S.clock);
      const ends = endPixels(A, R.n, flat);
      const radius = few ? 4 : R.n <= 150 ? 2.8 : 1.9;
      const rings = (t) => t.stamp(ends(R.exact.end, 0, scaleEnd), {
        color: t.theme.fg,
        radius: radius + 1.8,
        marker: "circle",
        ring: true,
        alpha: R.n <= 150 ? 0.75 : 0.4
      });
      const under = (t) => {
        t.clip(A.x, A.y, A.w, A.h, () => {
          if (flat) t.image(density(lab, R.mix, Math.max(gEnd, 0.03), A), A.x, A.y, A.w, A.h);
          const exact = track(R.exact.path, R.exact.gamma, Math.min(R.n, 60));
          if (few) t.stroke({ color: t.theme.exact, width: 3, alpha: 0.55 }, exact);
          else {
            t.haze([{ color: t.theme.exact, alpha: 0.5, build: exact }], W, H);
            rings(t);
          }
        });
        drawAxes(t, A, flat ? { xName: "x₁", yName: "x₂" } : { xName: CLOCK_NAMES[S.clock], yName: "x₁" });
      };
      if (few) under(s);
      else s.background([R.mix, R.exact, W, H, S.clock, S.t_start, S.t_end, lab.dragging], under);
      s.clip(A.x, A.y, A.w, A.h, () => {
        if (few) {
          for (const { solver, run } of R.results) {
            const style = styleOf(lab, solver);
            s.stroke(
              { color: style.color, width: 1.6, dash: S.n_steps <= 30 ? style.dash : "solid", alpha: 0.9 },
              track(run.path, run.gammas, R.n)
            );
          }
          rings(s);
        } else {
          const alpha = clamp(4 / Math.sqrt(R.n), 0.16, 0.6);
          s.haze(
            R.results.map(({ solver, run }) => ({
              color: styleOf(lab, solver).color,
              alpha,
              build: track(run.path, run.gammas, R.n)
            })),
            W,
            H
          );
        }
        for (const { solver, run } of R.results) {
          const style = styleOf(lab, solver);
          s.stamp(ends(S.denoise ? run.final : run.path, S.denoise ? 0 : S.n_steps * 2 * R.n, S.denoise ? 1 : scaleEnd), {
            color: style.color,
            radius,
            marker: style.marker,
            alpha: 0.95
          });
        }
      });
    },
    handles(lab, W, H) {
      const S = lab.S;
      const A = this.axes(lab, W, H);
      if (S.clock !== "plane") return [];
      const out = meanHandles(S, A);
      if (S.start)
        out.push({
          id: "start",
          kind: "start",
          text: "",
          label: `Start point at ${pointText(S.start)}; arrow keys move it`,
          x: A.px(S.start[0]),
          y: A.py(S.start[1]),
          move: (dx, dy) => ({
            start: [round3(clamp(S.start[0] + dx / A.sx, -3, 3)), round3(clamp(S.start[1] - dy / A.sy, -3, 3))]
          })
        });
      return out;
    },
    readout: (lab, R) => ({
      head: ["solver", "error", "NFE"],
      rows: R.results.map(
        (r) => errorRow(lab, r.solver, [
          ["error", r.error],
          ["nfe", r.nfe, String(r.nfe)]
        ])
      )
    }),
    summary(lab, R) {
      const parts = R.results.map((r) => `${labelOf(lab, r.solver)} ${formatNumber(r.error)}`);
      return `${lab.S.n_steps} ${lab.S.n_steps === 1 ? "step" : "steps"}, ${R.n} ${R.n === 1 ? "start" : "starts"}. Median distance to the exact end points: ${parts.join(", ")}.`;
    },
    table: (lab, R) => {
      const rows = [];
      const n = Math.min(R.n, 25);
      const at = (p, o, i) => `${formatNumber(p[o + 2 * i])}, ${formatNumber(p[o + 2 * i + 1])}`;
      for (let i = 0; i < n; i++)
        rows.push([
          String(i + 1),
          at(R.exact.end, 0, i),
          ...R.results.map((r) => at(r.run.path, lab.S.n_steps * 2 * R.n, i))
        ]);
      return {
        caption: `End points in bar coordinates${n < R.n ? `, the first ${n} starts` : ""}`,
        head: ["start", "exact", ...R.results.map((r) => labelOf(lab, r.solver))],
        rows
      };
    },
    csv: (lab, R) => pathRows(lab.S, R),
    python: (S) => [
      ...pythonHead(S),
      "exact = ge.exact_solution(flow, x_bar, gammas)[-1]",
      "",
      `for solver in ${py(S.solvers)}:`,
      `    path = ge.solve(flow, x_bar, gammas, solver=solver, afs=${py(S.afs)}, denoise=${py(S.denoise)})`,
      "    error = ge.end_point_error(path.x_bar[-1], exact)",
      '    print(solver, f"{error:.3g}", path.nfe)'
    ]
  };

  // genie_edu/lab/src/view/views/precision.js
  function atCost(points, cost) {
    const exact = points.find((q2) => Math.abs(q2.cost / cost - 1) < 1e-9);
    if (exact) return exact.values;
    const i = points.findIndex((q2) => q2.cost > cost);
    if (i < 1) return null;
    const [p, q] = [points[i - 1], points[i]];
    const f = Math.log(cost / p.cost) / Math.log(q.cost / p.cost);
    return Array.from(
      { length: Math.min(p.values.length, q.values.length) },
      (_, k) => p.values[k] ** (1 - f) * q.values[k] ** f
    );
  }
  function costOf(points, value) {
    const i = points.findIndex((q2) => q2.value <= value);
    if (i < 1) return i === 0 ? points[0].cost : NaN;
    const [p, q] = [points[i - 1], points[i]];
    return p.cost * (q.cost / p.cost) ** (Math.log(p.value / value) / Math.log(p.value / q.value));
  }
  var AXES = {
    nfe: "calls of eps (NFE)",
    counted: "arithmetic (1: one call of eps)",
    seconds: "seconds for 1,000 images"
  };
  var MEASURES = { error: "error to the network's own ODE", frechet: "Fréchet distance" };
  var precisionView = {
    refuse(lab, S) {
      const { nfes, spacings, solvers, seconds } = lab.sheet;
      const missing = [S.solver, S.rival, ...S.solvers].find((s) => !solvers.includes(s));
      if (!nfes.includes(S.nfe)) throw new RangeError(`nfe must be one of ${nfes.join(", ")}`);
      if (S.grid !== "best" && !spacings.includes(S.grid))
        throw new RangeError(`nothing was measured on the grid ${S.grid}`);
      if (missing) throw new RangeError(`nothing was measured of ${missing}`);
      if (S.solver === S.rival) throw new RangeError("solver and rival must be two different solvers");
      if (S.axis === "seconds" && !seconds) throw new RangeError("no times were recorded");
    },
    height: (w) => Math.round(clamp(w * 0.9, 300, 430)),
    compute(lab) {
      const { S, sheet: P } = lab;
      const trained = S.axis === "training";
      const meter = trained ? P.seconds ? "seconds" : "counted" : S.axis;
      const images = 10 ** S.log_images;
      const unit = meter === "seconds" ? 1e3 : 1;
      const perImage = (q, by, spread) => P.cost(q.solver, q.derivative, q.nfe, by) + (spread ? P.training(q.derivative, by) / images : 0);
      const priced = (solver, by, spread, times = 1) => P.curve(solver, S.derivative, S.grid, S.measure).map((q) => ({ ...q, cost: times * perImage(q, by, spread) })).filter((q) => isNumber(q.cost)).sort((p, q) => p.cost - q.cost);
      const name = (solver) => shortLabel(labelOf(lab, solver)) + KINDS[P.kind(solver, S.derivative)];
      const lines = S.solvers.map((solver) => ({
        solver,
        label: name(solver),
        points: priced(solver, meter, trained, unit)
      }));
      const here = priced(S.solver, meter, trained, unit).find((q) => q.nfe === S.nfe) ?? null;
      const rival = here ? atCost(priced(S.rival, meter, trained, unit), here.cost) : null;
      const ratios = rival ? rival.slice(0, here.values.length).map((v, k) => v / here.values[k]) : [];
      return {
        P,
        meter,
        trained,
        lines,
        here,
        rival,
        rivalValue: rival ? median(rival) : NaN,
        ratios,
        ratio: ratios.length ? median(ratios) : NaN,
        range: ratios.length > 1 ? [Math.min(...ratios), Math.max(...ratios)] : null,
        names: [name(S.solver), name(S.rival)],
        even: this.breakEven(lab, priced, meter === "nfe" ? "counted" : meter)
      };
    },
    /** From how many images on the solver with its training is cheaper than the rival at the same value: [number, text]. */
    breakEven(lab, priced, meter) {
      const { S, sheet: P } = lab;
      const here = priced(S.solver, meter, false).find((q) => q.nfe === S.nfe);
      const [own, other] = [S.solver, S.rival].map((s) => P.training(P.kind(s, S.derivative), meter));
      if (!here) return [NaN, "-"];
      const there = costOf(priced(S.rival, meter, false), here.value);
      if (!isNumber(there)) return [NaN, "the rival never gets there"];
      if (there <= here.cost) return [NaN, "never: the rival is cheaper"];
      return own <= other ? [0, "at once"] : [(own - other) / (there - here.cost), whole((own - other) / (there - here.cost))];
    },
    draw(s, lab, W, H, R) {
      const { S } = lab;
      const { P, lines, here } = R;
      const all = lines.flatMap((l) => l.points);
      const t = s.theme;
      const wide = W > 420;
      const own = S.measure === "frechet" ? [P.own_ode] : [];
      const costs = [...all.map((q) => q.cost), ...here ? [here.cost] : []];
      const values = [...all.flatMap((q) => q.values), ...own, ...here ? here.values : [], ...R.rival ?? []].map(
        (v) => Math.max(v, 1e-12)
      );
      if (!all.length) return s.text("not measured", W / 2, H / 2, { align: "center", color: t.muted });
      const span = (v, f) => [Math.min(...v) / f, Math.max(...v) * f];
      const A = axes(
        { x: 58, y: 14, w: W - 58 - (wide ? 106 : 14), h: H - 64 },
        span(costs, 1.15),
        span(values, 1.2),
        true
      );
      const middle = A.x + A.w / 2;
      const fits = (text) => s.textWidth(text, 12) < 2 * Math.min(middle, W - middle);
      const included = R.trained ? ", training included" : "";
      const xName = [AXES[R.meter] + included, AXES[R.meter].split(" (")[0].split(" for")[0] + included].find(fits) ?? "cost";
      drawAxes(s, A, {
        xName,
        yName: MEASURES[S.measure],
        xTicks: R.meter === "nfe" ? P.nfes.filter((v) => v >= A.x0 && v <= A.x1) : logTicks(A.x0, A.x1, Math.max(2, A.w / 60)),
        yTicks: logTicks(A.y0, A.y1, Math.max(3, A.h / 28)),
        grid: true
      });
      const labels = [];
      s.clip(A.x - 6, A.y - 6, A.w + 12, A.h + 12, () => {
        if (here)
          s.stroke({ color: t.accent, width: 1.3, dash: "dash" }, (pen) => {
            pen.moveTo(A.px(here.cost), A.y);
            pen.lineTo(A.px(here.cost), A.y + A.h);
          });
        for (const v of own)
          s.stroke({ color: t.exact, width: 2, dash: "dash" }, (pen) => {
            pen.moveTo(A.x, A.py(v));
            pen.lineTo(A.x + A.w, A.py(v));
          });
        for (const { solver, label, points } of lines) {
          const style = styleOf(lab, solver);
          const at = points.map((q) => [q.cost, Math.max(q.value, 1e-12)]);
          s.stroke({ color: style.color, width: 1.8, dash: style.dash }, polyline(A, at));
          s.stroke(
            { color: style.color, width: 1.4 },
            (pen) => points.forEach((q) => {
              const x = A.px(q.cost);
              pen.moveTo(x, A.py(Math.min(...q.values)));
              pen.lineTo(x, A.py(Math.max(...q.values)));
            })
          );
          s.fill(
            { color: style.color },
            (pen) => at.forEach((p) => markerPath(pen, style.marker, A.px(p[0]), A.py(p[1]), 4))
          );
          if (at.length) labels.push({ x: A.px(at[at.length - 1][0]) + 9, y: A.py(at[at.length - 1][1]), text: label });
        }
        if (here)
          s.stroke({ color: t.accent, width: 2 }, (pen) => {
            for (const v of [here.value, R.rivalValue]) if (isNumber(v)) pen.circle(A.px(here.cost), A.py(v), 7.5);
          });
      });
      for (const v of own)
        s.text("own ODE", A.x + A.w - 4, A.py(v) + 10, {
          size: 11.5,
          align: "end",
          weight: 600,
          color: t.muted,
          halo: true
        });
      if (wide)
        for (const l of spreadLabels(labels, 14, A.y + 6, A.y + A.h - 6))
          s.text(l.text, Math.min(l.x, A.x + A.w + 8), l.y, {
            size: 11,
            weight: 600,
            halo: true,
            room: W - Math.min(l.x, A.x + A.w + 8) - 2
          });
      return void 0;
    },
    handles: () => [],
    readout(lab, R) {
      const { S } = lab;
      const { P, here } = R;
      const row = (label, name, value2, text = formatNumber(value2)) => ({ label, cells: [{ name, value: value2, text }] });
      const value = (k, solver, v) => ({ label: R.names[k], ...errorRow(lab, solver, [["value", v]]) });
      const range = R.range ? `${formatNumber(R.range[0])} to ${formatNumber(R.range[1])}` : "-";
      return {
        head: ["at the same cost", S.measure === "error" ? "error" : "Fréchet"],
        note: `points: the median of ${P.repeats}, bars their range where there are several; the rival is read off between its points; ${S.measure === "error" ? "error: median over the starts" : `${P.n_samples.toLocaleString("en-US")} samples a distance`}; best grid: the one with the least error`,
        rows: [
          value(0, S.solver, here ? here.value : NaN),
          value(1, S.rival, R.rivalValue),
          row(R.trained ? "cost, training included" : "cost", "cost", here ? here.cost : NaN),
          row("rival / solver", "ratio", R.ratio),
          row("its range over the runs", "ratio_range", R.range ?? NaN, range),
          row("runs", "n_runs", R.ratios.length, String(R.ratios.length)),
          ...S.measure === "frechet" ? [row("own ODE", "own_ode", P.own_ode)] : [],
          row("images until the training is paid back", "break_even", ...R.even)
        ]
      };
    },
    summary(lab, R) {
      const { S } = lab;
      const [a, b] = R.names;
      const what = S.measure === "error" ? "error" : "Fréchet distance";
      if (!R.here) return `${a} was not measured with ${S.nfe} calls on this grid.`;
      if (!isNumber(R.ratio))
        return `${a}, ${S.nfe} calls: ${what} ${formatNumber(R.here.value)}. ${b} was not measured at this cost.`;
      return `${a}, ${S.nfe} calls: ${what} ${formatNumber(R.here.value)}. At the same cost ${b}'s is ${formatNumber(R.rivalValue)}, ${formatNumber(R.ratio)} times ${R.ratio >= 1 ? "as large" : "as much: it is ahead"}.${R.range && R.range[0] < 1 && R.range[1] > 1 ? " The runs disagree about who is ahead." : ""}`;
    },
    table: (lab, R) => ({
      caption: `${MEASURES[lab.S.measure]}, by cost`,
      head: ["solver", "calls", "grid", "cost", "median", "range"],
      rows: R.lines.flatMap(
        (l) => l.points.map((q) => [
          l.label,
          String(q.nfe),
          SPACING_NAMES[q.spacing] + (q.afs ? ", AFS" : ""),
          formatNumber(q.cost),
          formatNumber(q.value),
          q.values.length > 1 ? `${formatNumber(Math.min(...q.values))} to ${formatNumber(Math.max(...q.values))}` : "-"
        ])
      )
    }),
    csv: (lab, R) => [
      ["solver", "derivative", "spacing", "afs", "nfe", "cost", lab.S.measure, "low", "high"],
      ...R.lines.flatMap(
        (l) => l.points.map((q) => [
          q.solver,
          q.derivative,
          q.spacing,
          q.afs,
          q.nfe,
          q.cost,
          q.value,
          Math.min(...q.values),
          Math.max(...q.values)
        ])
      )
    ],
    python(S, lab) {
      const { P, meter, trained } = lab.R;
      const unit = meter === "seconds" ? 1e3 : 1;
      const part = (solver) => {
        const kind = P.kind(solver, S.derivative);
        const call = unit * P.cost(solver, kind, 1, meter);
        return `${py(solver)}, ${py(kind)}, ${isNumber(call) ? call : 'float("nan")'}, ${trained ? unit * P.training(kind, meter) / 10 ** S.log_images : 0}`;
      };
      const grid2 = S.grid === "best" ? "" : ` and row[2] == ${py(S.grid)} and not row[4]`;
      return [
        "import numpy as np",
        "",
        "from genie_edu.lab import images",
        "",
        `table = images.packed(${py(lab.config.sheet)})`,
        "",
        "def curve(solver, derivative, call, training):",
        '    """(calls, cost, values of every run): of each count the grid with the least error."""',
        "    out = []",
        `    rows = [row for row in table["rows"] if row[:2] == [solver, derivative]${grid2}]`,
        "    for nfe in sorted({row[3] for row in rows}):",
        "        best = min((row for row in rows if row[3] == nfe), key=lambda row: np.median(row[5]))",
        `        if best[${S.measure === "error" ? 5 : 6}]:`,
        `            out.append((nfe, call * nfe + training, best[${S.measure === "error" ? 5 : 6}]))`,
        "    return out",
        "",
        `here = next((q for q in curve(${part(S.solver)}) if q[0] == ${S.nfe}), None)`,
        `other = curve(${part(S.rival)})`,
        "if here and here[1] == here[1]:",
        '    print("cost", f"{here[1]:.3g}")',
        '    print("solver", f"{np.median(here[2]):.3g}")',
        "    costs = np.log([q[1] for q in other])",
        "    n = min(len(q[2]) for q in (here, *other))",
        "    if other and costs[0] - 1e-9 <= np.log(here[1]) <= costs[-1] + 1e-9:",
        "        rival = [np.exp(np.interp(np.log(here[1]), costs, np.log([q[2][k] for q in other]))) for k in range(n)]",
        '        print("rival", f"{np.median(rival):.3g}")',
        '        print("ratio", f"{np.median(np.divide(rival, here[2][:n])):.3g}")'
      ];
    }
  };

  // genie_edu/lab/src/view/views/scrubber.js
  var scrubberView = {
    broad: true,
    coarse: true,
    slow: ["n_steps", "spacing", "afs"],
    height: budgetView.height,
    compute: (lab) => runScrubber(lab.engine, lab.S, lab.dragging, lab.config.networks),
    draw(s, lab, W, H, R) {
      const { first, second, scaled } = twoPanels(W, H);
      const t = s.theme;
      const last = R.heads.length - 1;
      drawField(s, lab, scaled(first), R, {
        truth: R.truth,
        runs: [{ ...R.ddim, faint: true }, { ...R.genie, faint: true }, R.head],
        rings: R.truth.end,
        title: "end points on the learned field"
      });
      const curve = R.curve;
      const all = [R.ddim.error, R.genie.error, R.head.error, ...R.curve ?? []].filter((e) => e > 0 && Number.isFinite(e)).map(Math.log10);
      const low = all.length ? Math.floor(5 * (Math.min(...all) - 0.15)) / 5 : -2;
      const high = all.length ? Math.ceil(5 * (Math.max(...all) + 0.1)) / 5 : 0;
      const A = axes(second, [-0.3, last + 0.3], [low, high]);
      const marks = [1, 2, 5].flatMap((m) => Array.from({ length: 9 }, (_, k) => Math.log10(m) + k - 6)).filter((v) => v >= low && v <= high);
      drawAxes(s, A, {
        xName: "training steps of the head",
        yName: "error",
        xTicks: R.heads.map((_, k) => k),
        xFormat: (k) => W > 420 || k % 2 === last % 2 ? String(R.heads[k].step) : "",
        yTicks: marks.length > 1 ? marks : [low, high],
        yFormat: (v) => formatNumber(10 ** v).replace(/\.?0+$/, ""),
        grid: true
      });
      const y = (e) => clamp(A.py(Math.log10(Math.max(e, 1e-12))), A.y, A.y + A.h);
      const head = styleOf(lab, "head");
      for (const [r, text] of [
        [R.ddim, "DDIM"],
        [R.genie, "exact derivative"]
      ]) {
        const style = styleOf(lab, r.solver);
        s.stroke({ color: style.color, width: 2, dash: "dash" }, (pen) => {
          pen.moveTo(A.x, y(r.error));
          pen.lineTo(A.x + A.w, y(r.error));
        });
        s.text(text, A.x + A.w - 4, y(r.error) + (r === R.ddim ? -9 : 10), {
          size: 11.5,
          align: "right",
          weight: 600,
          halo: true
        });
      }
      if (R.curve) {
        s.stroke(
          { color: head.color, width: 1.8 },
          (pen) => curve.forEach((e, k) => k ? pen.lineTo(A.px(k), y(e)) : pen.moveTo(A.px(k), y(e)))
        );
        s.fill({ color: head.color }, (pen) => curve.forEach((e, k) => markerPath(pen, head.marker, A.px(k), y(e), 3.4)));
      }
      s.stroke({ color: t.accent, width: 1.4, dash: "dash" }, (pen) => {
        pen.moveTo(A.px(R.now), A.y);
        pen.lineTo(A.px(R.now), A.y + A.h);
      });
      s.fill({ color: head.color }, (pen) => markerPath(pen, head.marker, A.px(R.now), y(R.head.error), 6));
      s.text("the head, step by step of its training", A.x, A.y - 12, { size: 12.5, weight: 600, room: A.w });
    },
    handles: () => [],
    readout: (lab, R) => ({
      head: ["on the learned field", "error"],
      note: "error: from the end points of the learned ODE itself (rings), median over the starts",
      rows: [
        ...R.results.map((r) => errorRow(lab, r.solver, [["error", r.error]])),
        { label: "training steps of the head", cells: [{ name: "step", value: R.step, text: String(R.step) }] },
        { label: "R² of its derivative", cells: [{ name: "r2", value: R.r2, text: R.r2.toFixed(3) }] }
      ]
    }),
    summary: (lab, R) => `${lab.S.n_steps} ${lab.S.n_steps === 1 ? "step" : "steps"}: DDIM ends ${formatNumber(R.ddim.error)} off, GENIE with the exact derivative ${formatNumber(R.genie.error)}, with the head after ${R.step} training steps ${formatNumber(R.head.error)}; that head explains ${(100 * R.r2).toFixed(1)} % of the derivative.`,
    table: (lab, R) => ({
      caption: "The head through its training",
      head: ["training steps", "R²", "error of GENIE with it", "as a share of DDIM's"],
      rows: R.heads.map((q, k) => {
        const e = R.curve ? R.curve[k] : NaN;
        return [String(q.step), q.r2.toFixed(3), formatNumber(e), formatNumber(e / R.ddim.error)];
      })
    }),
    csv: (lab, R) => learnedRows(lab.S, R),
    python: (S) => [
      "import json",
      ...learnedHead(S),
      'record = json.loads(ge.data.shipped("mixture_2d/lab_networks.json").read_text())["head"]',
      `snapshot = record["snapshots"][${S.checkpoint}]`,
      'head = ge.GenieHead(**record["config"]).double()',
      'weights = snapshot["weights"].items()',
      'head.load_state_dict({k: torch.tensor(w["values"]).reshape(w["shape"]) for k, w in weights})',
      'runs = {"ddim": (learned, "ddim"), "genie": (learned, "genie"), "head": (ge.NetworkFlow(net, head), "genie")}',
      "for name, (field, solver) in runs.items():",
      `    end = ge.solve(field, x_bar, gammas, solver=solver, afs=${py(S.afs)}).x_bar[-1]`,
      '    print(name, f"{ge.end_point_error(end, truth):.3g}")',
      'print("step", snapshot["step"])',
      'print("r2", snapshot["r2"])'
    ]
  };

  // genie_edu/lab/src/engine/steps.js
  function runStepper(engine, S) {
    const mix = engine.mixture(S);
    const N = S.n_steps;
    const n = Math.min(S.step, N - 1);
    const xBar = engine.start(S, 1);
    const gammas = grid(N, S.spacing, S.t_start, S.t_end);
    const run = engine.run("stepper", S, xBar, gammas, S.solver, {});
    const truth = engine.remember(
      "truth",
      `${S.start} ${S.seed} ${S.t_start} ${S.t_end} ${S.spacing} ${N}`,
      () => engine.exact.along(mix, xBar, gammas)
    );
    const g = gammas[n];
    const gn = g + S.step_scale * (gammas[n + 1] - g);
    const z = run.path.slice(2 * n, 2 * n + 2);
    const exactNow = truth.slice(2 * n, 2 * n + 2);
    const arc = engine.exact.paths(mix, z, g, gn, 0.02);
    const track = engine.exact.paths(mix, xBar, gammas[0], gammas[N], 0.05);
    const exactEnd = engine.exact.paths(mix, exactNow, g, gn).end;
    const ends = taylorEnds(engine, mix, z, g, gn);
    const taken = S.solver === "genie" ? ends.genie : ends.ddim;
    const distance = (p, q) => Math.hypot(p[0] - q[0], p[1] - q[1]);
    return {
      mix,
      N,
      n,
      g,
      gn,
      gammas,
      run,
      z,
      arc,
      track,
      truth,
      exactEnd,
      ends,
      taken,
      gap: distance(ends.ddim, arc.end),
      gapGenie: distance(ends.genie, arc.end),
      carried: distance(z, exactNow),
      accumulated: distance(taken, exactEnd),
      guessError: S.guess ? distance(S.guess, arc.end) : NaN
    };
  }
  function taylorEnds(engine, mix, z, g, gn) {
    const E = new Float64Array(2);
    const D1 = new Float64Array(2);
    const D2 = new Float64Array(2);
    const h2 = gn - g;
    mix.derivatives(z, 0, 1, g, E, D1, D2);
    const at = (s, order) => [0, 1].map(
      (i) => z[i] + s * E[i] + (order > 1 ? s * s / 2 * D1[i] : 0) + (order > 2 ? s * s * s / 6 * D2[i] : 0)
    );
    return { E, D1, D2, at, h: h2, ddim: at(h2, 1), genie: at(h2, 2), taylor3: at(h2, 3) };
  }
  function runTaylor(engine, S) {
    const mix = engine.mixture(S);
    const xBar = engine.start(S, 1);
    const g0 = gammaOf(S.t_start);
    const g = Math.min(Math.exp(S.log_gamma), 0.999 * g0);
    const gn = g * (1 - S.h_fraction);
    const z = engine.exact.paths(mix, xBar, g0, g).end.slice();
    const arc = engine.exact.paths(mix, z, g, gn, 0.02);
    const ends = taylorEnds(engine, mix, z, g, gn);
    const track = engine.exact.paths(mix, xBar, g0, gammaOf(S.t_end), 0.03);
    const off = (p) => Math.hypot(p[0] - arc.end[0], p[1] - arc.end[1]);
    return {
      mix,
      g,
      gn,
      z,
      arc,
      ends,
      track,
      errors: { ddim: off(ends.ddim), genie: off(ends.genie), taylor3: off(ends.taylor3) }
    };
  }

  // genie_edu/lab/src/view/views/stepper.js
  var stepperView = {
    height: square,
    compute: (lab) => runStepper(lab.engine, lab.S),
    axes(lab, W, H) {
      const R = lab.R ?? runStepper(lab.engine, lab.S);
      const S = lab.S;
      if (S.zoom) {
        const reach = Math.hypot(R.ends.ddim[0] - R.z[0], R.ends.ddim[1] - R.z[1]);
        const points = [[...R.z], R.ends.ddim];
        if (S.revealed) points.push([...R.arc.end], R.ends.genie);
        if (S.revealed && S.guess) points.push(S.guess);
        return fit(points, W, H, S.revealed ? 1e-3 : 1.5 * reach, S.revealed ? 0.35 : 0.3);
      }
      return fit([...pairs(R.track.path), ...pairs(R.run.path), ...R.mix.means.map((m) => [...m])], W, H, 1, 0.08);
    },
    draw(s, lab, W, H, R) {
      const S = lab.S;
      const A = this.axes(lab, W, H);
      const t = s.theme;
      const euler = styleOf(lab, "ddim");
      const genie2 = styleOf(lab, "genie");
      const mine = styleOf(lab, S.solver);
      const curve = (order) => Array.from({ length: 33 }, (_, i) => R.ends.at(R.ends.h * i / 32, order));
      s.clip(A.x, A.y, A.w, A.h, () => {
        s.image(density(lab, R.mix, R.gn, A), A.x, A.y, A.w, A.h);
        if (S.revealed)
          s.stroke({ color: t.exact, width: 1.4, alpha: 0.8, dash: "dash" }, polyline(A, pairs(R.track.path)));
        const done = pairs(R.run.path.subarray(0, 2 * (R.n + 1)));
        s.stroke({ color: mine.color, width: 1.4, alpha: 0.6 }, polyline(A, done));
        s.fill(
          { color: mine.color, alpha: 0.8 },
          (pen) => done.forEach((p) => markerPath(pen, mine.marker, A.px(p[0]), A.py(p[1]), 3))
        );
        s.stroke({ color: euler.color, width: 2.4 }, polyline(A, [[...R.z], R.ends.ddim]));
        if (S.revealed) {
          s.stroke({ color: t.exact, width: 5, alpha: 0.65 }, polyline(A, pairs(R.arc.path)));
          s.stroke({ color: genie2.color, width: 2.4 }, polyline(A, curve(2)));
          s.stroke({ color: euler.color, width: 1.6, dash: "dot" }, polyline(A, [R.ends.ddim, [...R.arc.end]]));
          s.stroke({ color: genie2.color, width: 1.6, dash: "dot" }, polyline(A, [R.ends.genie, [...R.arc.end]]));
          if (S.guess) s.stroke({ color: t.accent, width: 1.6, dash: "dot" }, polyline(A, [S.guess, [...R.arc.end]]));
        }
        s.fill(
          { color: euler.color },
          (pen) => markerPath(pen, euler.marker, A.px(R.ends.ddim[0]), A.py(R.ends.ddim[1]), 5)
        );
        if (S.revealed) {
          s.fill(
            { color: genie2.color },
            (pen) => markerPath(pen, genie2.marker, A.px(R.ends.genie[0]), A.py(R.ends.genie[1]), 5)
          );
          s.stroke({ color: t.fg, width: 1.6 }, (pen) => pen.circle(A.px(R.arc.end[0]), A.py(R.arc.end[1]), 6.5));
        }
        s.fill({ color: t.fg }, (pen) => pen.circle(A.px(R.z[0]), A.py(R.z[1]), 3.5));
      });
      drawAxes(s, A, { xName: "x̄₁", yName: "x̄₂" });
      const ends = [
        { p: R.ends.ddim, text: "Euler" },
        { p: R.z, text: "now" }
      ];
      if (S.revealed && S.guess) ends.push({ p: S.guess, text: "your guess" });
      if (S.revealed) ends.push({ p: R.ends.genie, text: "GENIE" }, { p: R.arc.end, text: "exact" });
      endLabels(s, A, ends);
    },
    handles(lab, W, H) {
      const S = lab.S;
      const R = lab.R ?? runStepper(lab.engine, S);
      const A = this.axes(lab, W, H);
      const out = [];
      const f = Math.sqrt(1 + gammaOf(S.t_start) ** 2);
      if (S.revealed && S.start && !S.zoom)
        out.push({
          id: "start",
          kind: "start",
          text: "",
          label: `Start point x = ${pointText(S.start)}; arrow keys move it`,
          x: A.px(S.start[0] * f),
          y: A.py(S.start[1] * f),
          move: (dx, dy) => ({
            start: [round3(clamp(S.start[0] + dx / A.sx / f, -3, 3)), round3(clamp(S.start[1] - dy / A.sy / f, -3, 3))]
          })
        });
      if (lab.config.guess) {
        const at = S.guess ?? R.ends.ddim;
        if (!S.revealed)
          out.push({
            id: "guess",
            kind: "guess",
            text: "?",
            label: `Your guess of the end point, at ${pointText(at)}; arrow keys move it`,
            x: A.px(at[0]),
            y: A.py(at[1]),
            move: (dx, dy) => ({ guess: [clamp(at[0] + dx / A.sx, -700, 700), clamp(at[1] - dy / A.sy, -700, 700)] })
          });
      }
      return out;
    },
    readout(lab, R) {
      const S = lab.S;
      const seen = (v) => S.revealed ? v : NaN;
      const rows = [
        {
          label: `step ${R.n + 1} of ${R.N}: γ`,
          cells: [{ name: "gamma", value: R.g, text: `${formatNumber(R.g)} → ${formatNumber(R.gn)}` }]
        },
        {
          label: "gap of the Euler step",
          style: "ddim",
          cells: [{ name: "gap", value: seen(R.gap), text: formatNumber(seen(R.gap)) }]
        },
        {
          label: "gap of the GENIE step",
          style: "genie",
          cells: [{ name: "gap_genie", value: seen(R.gapGenie), text: formatNumber(seen(R.gapGenie)) }]
        },
        {
          label: "error carried into this step",
          cells: [{ name: "carried", value: seen(R.carried), text: formatNumber(seen(R.carried)) }]
        },
        {
          label: `accumulated error, ${shortLabel(labelOf(lab, S.solver))}`,
          style: S.solver,
          cells: [{ name: "accumulated", value: seen(R.accumulated), text: formatNumber(seen(R.accumulated)) }]
        }
      ];
      if (lab.config.guess)
        rows.push({
          label: "your guess missed by",
          cells: [{ name: "guess_error", value: seen(R.guessError), text: formatNumber(seen(R.guessError)) }]
        });
      return { head: null, rows, note: "a gap is the local error of one step; the accumulated error is the global one" };
    },
    summary(lab, R) {
      if (!lab.S.revealed)
        return lab.S.guess ? `Your guess stands at ${pointText(lab.S.guess)}. Reveal the exact end when you are ready.` : "The tangent is drawn. Place the marker where the exact path will end after this step, then reveal it.";
      const extra = Number.isFinite(R.guessError) ? ` Your guess missed by ${formatNumber(R.guessError)}.` : "";
      return `Step ${R.n + 1} of ${R.N}, γ from ${formatNumber(R.g)} to ${formatNumber(R.gn)}: the Euler step ends ${formatNumber(R.gap)} from the exact arc, GENIE ${formatNumber(R.gapGenie)}; accumulated error ${formatNumber(R.accumulated)}.${extra}`;
    },
    table(lab, R) {
      const rows = [];
      if (lab.S.revealed)
        for (let i = 0; i <= R.N; i++)
          rows.push([
            String(i),
            formatNumber(R.gammas[i]),
            pointText(R.run.path.subarray(2 * i, 2 * i + 2)),
            pointText(R.truth.subarray(2 * i, 2 * i + 2)),
            formatNumber(Math.hypot(R.run.path[2 * i] - R.truth[2 * i], R.run.path[2 * i + 1] - R.truth[2 * i + 1]))
          ]);
      return {
        caption: lab.S.revealed ? `All steps of ${labelOf(lab, lab.S.solver)}` : "Appears once the exact end is revealed",
        head: ["step", "γ", "x̄", "exact x̄", "error"],
        rows
      };
    },
    csv: (lab, R) => [
      ["step", "gamma", "x_bar_1", "x_bar_2", "exact_1", "exact_2"],
      ...lab.S.revealed ? Array.from(R.gammas, (g, i) => [
        i,
        g,
        R.run.path[2 * i],
        R.run.path[2 * i + 1],
        R.truth[2 * i],
        R.truth[2 * i + 1]
      ]) : []
    ],
    python: (S) => [
      ...pythonHead(S, { n: 1 }),
      `path = ge.solve(flow, x_bar, gammas, solver=${py(S.solver)})`,
      `n = ${Math.min(S.step, S.n_steps - 1)}`,
      `gamma, gamma_next = gammas[n], gammas[n] + ${py(S.step_scale)} * (gammas[n + 1] - gammas[n])`,
      "step = torch.stack([gamma, gamma_next])",
      "z = path.x_bar[n]",
      "arc = ge.exact_solution(flow, z, step)[-1]",
      "exact = x_bar",
      "if n:",
      "    exact = ge.exact_solution(flow, x_bar, gammas[: n + 1])[-1]",
      "exact_next = ge.exact_solution(flow, exact, step)[-1]",
      'for name, solver in (("gap", "ddim"), ("gap_genie", "genie")):',
      '    print(name, f"{ge.end_point_error(ge.solve(flow, z, step, solver).x_bar[-1], arc):.3g}")',
      `taken = ge.solve(flow, z, step, ${py(S.solver === "genie" ? "genie" : "ddim")}).x_bar[-1]`,
      'print("accumulated", f"{ge.end_point_error(taken, exact_next):.3g}")'
    ]
  };

  // genie_edu/lab/src/view/views/taylor.js
  var taylorView = {
    height: square,
    compute: (lab) => runTaylor(lab.engine, lab.S),
    axes(lab, W, H) {
      const R = lab.R ?? runTaylor(lab.engine, lab.S);
      if (lab.S.zoom) return fit([[...R.z], R.ends.ddim, R.ends.genie, R.ends.taylor3, [...R.arc.end]], W, H, 1e-3);
      return fit(
        [
          ...pairs(R.track.path).filter((p) => Math.abs(p[0]) < 3.5 && Math.abs(p[1]) < 3.5),
          ...R.mix.means.map((m) => [...m]),
          [...R.z]
        ],
        W,
        H,
        1,
        0.1
      );
    },
    draw(s, lab, W, H, R) {
      const A = this.axes(lab, W, H);
      const t = s.theme;
      const orders = [
        ["ddim", 1],
        ["genie", 2],
        ["taylor3", 3]
      ].filter(([name]) => lab.S.solvers.includes(name));
      const curve = (order) => Array.from({ length: 41 }, (_, i) => R.ends.at(R.ends.h * i / 40, order));
      s.clip(A.x, A.y, A.w, A.h, () => {
        s.image(density(lab, R.mix, R.gn, A), A.x, A.y, A.w, A.h);
        s.stroke({ color: t.exact, width: 1.4, dash: "dash", alpha: 0.9 }, polyline(A, pairs(R.track.path)));
        s.stroke({ color: t.exact, width: 6, alpha: 0.6 }, polyline(A, pairs(R.arc.path)));
        for (const [name, order] of orders) {
          const style = styleOf(lab, name);
          s.stroke({ color: style.color, width: 2.2 }, polyline(A, curve(order)));
          s.stroke({ color: style.color, width: 1.4, dash: "dot" }, polyline(A, [R.ends[name], [...R.arc.end]]));
        }
        for (const [name] of orders)
          s.fill(
            { color: styleOf(lab, name).color },
            (pen) => markerPath(pen, styleOf(lab, name).marker, A.px(R.ends[name][0]), A.py(R.ends[name][1]), 5)
          );
        s.stroke({ color: t.fg, width: 1.6 }, (pen) => pen.circle(A.px(R.arc.end[0]), A.py(R.arc.end[1]), 6.5));
        s.fill({ color: t.fg }, (pen) => pen.circle(A.px(R.z[0]), A.py(R.z[1]), 4));
      });
      drawAxes(s, A, { xName: "x̄₁", yName: "x̄₂" });
      const names = { ddim: "tangent", genie: "parabola", taylor3: "cubic" };
      endLabels(s, A, [
        ...orders.map(([name]) => ({ p: R.ends[name], text: names[name] })),
        { p: R.arc.end, text: "exact" },
        { p: R.z, text: "now" }
      ]);
    },
    handles: () => [],
    readout: (lab, R) => ({
      head: ["one step", "ends off by"],
      rows: ["ddim", "genie", "taylor3"].map((name, i) => ({
        label: ["tangent (DDIM)", "parabola (GENIE)", "cubic (Taylor 3)"][i],
        style: name,
        cells: [{ name: `error_${name}`, value: R.errors[name], text: formatNumber(R.errors[name]) }]
      })).concat([
        { label: "γ", cells: [{ name: "gamma", value: R.g, text: `${formatNumber(R.g)} → ${formatNumber(R.gn)}` }] }
      ])
    }),
    summary: (lab, R) => `A step from γ = ${formatNumber(R.g)} to ${formatNumber(R.gn)}: the tangent ends ${formatNumber(R.errors.ddim)} from the exact point, the parabola ${formatNumber(R.errors.genie)}, the cubic ${formatNumber(R.errors.taylor3)}.`,
    table: (lab, R) => ({
      caption: "The series at this point",
      head: ["term", "value"],
      rows: [
        ["x̄", pointText(R.z)],
        ["eps", pointText(R.ends.E)],
        ["d eps/dγ", pointText(R.ends.D1)],
        ["d² eps/dγ²", pointText(R.ends.D2)],
        ["h", formatNumber(R.ends.h)]
      ]
    }),
    csv: (lab, R) => [
      ["curve", "gamma", "x_bar_1", "x_bar_2"],
      ...Array.from(R.arc.gamma, (g, i) => ["exact", g, R.arc.path[2 * i], R.arc.path[2 * i + 1]]),
      ...[
        ["ddim", 1],
        ["genie", 2],
        ["taylor3", 3]
      ].flatMap(
        ([name, order]) => Array.from({ length: 21 }, (_, i) => [name, R.g + R.ends.h * i / 20, ...R.ends.at(R.ends.h * i / 20, order)])
      )
    ],
    python: (S, lab) => [
      ...pythonHead(S, { n: 1 }),
      `step = torch.tensor([${lab.R.g}, ${lab.R.gn}], dtype=torch.float64)`,
      "z = ge.exact_solution(flow, x_bar, torch.stack([gammas[0], step[0]]))[-1]",
      "exact = ge.exact_solution(flow, z, step)[-1]",
      'for solver in ("ddim", "genie", "taylor3"):',
      "    end = ge.solve(flow, z, step, solver).x_bar[-1]",
      '    print("error_" + solver, f"{ge.end_point_error(end, exact):.3g}")'
    ]
  };

  // genie_edu/lab/src/view/views/tournament.js
  var tournamentView = {
    coarse: true,
    broad: true,
    shape(lab, W) {
      const n = lab.S.solvers.length;
      const columns = Math.min(n, W < 520 ? 2 : 3);
      const left = 34;
      return { columns, rows: Math.ceil(n / columns), left, w: (W - left) / columns };
    },
    height(W, lab) {
      const { rows, w } = this.shape(lab, W);
      return Math.round(rows * (0.88 * Math.min(w, 270) + 38) + 24);
    },
    /** One panel per solver, all on the same window of the plane. */
    panels(lab, W, H) {
      const { columns, rows, left, w } = this.shape(lab, W);
      const tall = (H - 24) / rows;
      return lab.S.solvers.map((solver, i) => {
        const column = i % columns;
        const row = Math.floor(i / columns);
        const rect = { x: left + column * w, y: row * tall + 44, w: w - 10, h: tall - 48 };
        const k = 2.6 / Math.min(rect.w, rect.h);
        const last = i + columns >= lab.S.solvers.length;
        return { solver, first: column === 0, last, A: axes(rect, [-k * rect.w, k * rect.w], [-k * rect.h, k * rect.h]) };
      });
    },
    compute: (lab) => runTournament(lab.engine, lab.S, lab.dragging),
    draw(s, lab, W, H, R) {
      const gEnd = gammaOf(lab.S.t_end);
      const f = 1 / Math.sqrt(1 + gEnd * gEnd);
      const lines = Math.min(R.n, 40);
      const radius = R.n <= 60 ? 2.8 : R.n <= 150 ? 2.2 : 1.6;
      const panels = this.panels(lab, W, H);
      const said = (word) => R.results.map(({ steps, error }) => `${steps} ${steps === 1 ? "step" : "steps"}, ${word}${formatNumber(error)}`);
      const room = panels[0].A.w;
      const narrow = said("error ").some((text) => s.textWidth(text, 11.5, 600) > room);
      const titles = said(narrow ? "" : "error ");
      panels.forEach(({ solver, first, last, A }, i) => {
        const { run, steps } = R.results[i];
        const style = styleOf(lab, solver);
        const track = trackPens(A, R.n);
        const ends = endPixels(A, R.n);
        s.clip(A.x, A.y, A.w, A.h, () => {
          s.image(density(lab, R.mix, Math.max(gEnd, 0.03), A), A.x, A.y, A.w, A.h);
          s.stroke({ color: s.theme.exact, width: 1.6, alpha: 0.28 }, track(R.exact.path, R.exact.gamma, lines));
          s.stroke({ color: style.color, width: 1.1, alpha: 0.5 }, track(run.path, run.gammas, lines));
          s.stamp(ends(R.exact.end, 0, f), {
            color: s.theme.fg,
            radius: radius + 1.4,
            marker: "circle",
            ring: true,
            alpha: 0.5
          });
          s.stamp(ends(run.path, steps * 2 * R.n, f), { color: style.color, radius, marker: style.marker, alpha: 0.95 });
        });
        drawAxes(s, A, {
          xTicks: [-2, 0, 2],
          yTicks: [-2, 0, 2],
          xFormat: last ? tickText : () => "",
          yFormat: first ? tickText : () => ""
        });
        s.text(shortLabel(style.label), A.x, A.y - 26, { size: 12.5, weight: 600, room });
        const best = solver === R.ranked[0].solver && R.results.length > 1;
        s.text(titles[i], A.x, A.y - 10, {
          size: 11.5,
          color: best ? s.theme.accent : s.theme.muted,
          weight: best ? 600 : 400,
          room
        });
      });
    },
    handles(lab, W, H) {
      return meanHandles(lab.S, this.panels(lab, W, H)[0].A);
    },
    readout(lab, R) {
      const worst = Math.max(...R.ranked.map((r) => r.error).filter(Number.isFinite));
      const best = R.ranked[0];
      return {
        head: ["best first", "error", "steps", "NFE"],
        note: "the same starts and the same number of calls for all; the bars compare the errors; the handles in the first panel move the modes of all",
        rows: [
          ...R.ranked.map((r) => ({
            label: shortLabel(labelOf(lab, r.solver)),
            ...errorRow(
              lab,
              r.solver,
              [
                ["error", r.error],
                ["steps", r.steps, String(r.steps)],
                ["nfe", r.nfe, String(r.nfe)]
              ],
              r.error / worst
            )
          })),
          {
            label: "winner",
            cells: [{ name: "winner", value: best.solver, text: shortLabel(labelOf(lab, best.solver)) }]
          }
        ]
      };
    },
    summary(lab, R) {
      const best = R.ranked[0];
      const last = R.ranked[R.ranked.length - 1];
      const name = (r) => shortLabel(labelOf(lab, r.solver));
      if (best === last) return `${name(best)}, ${lab.S.nfe} calls of eps: error ${formatNumber(best.error)}.`;
      return `At most ${lab.S.nfe} ${lab.S.nfe === 1 ? "call" : "calls"} of eps each, ${R.n} ${R.n === 1 ? "start" : "starts"}: ${name(best)} comes closest (error ${formatNumber(best.error)}), ${name(last)} ends furthest off (${formatNumber(last.error)}).`;
    },
    table: (lab, R) => ({
      caption: `Ranking at ${lab.S.nfe} calls of eps`,
      head: ["place", "solver", "steps", "calls", "error", "times the best"],
      rows: R.ranked.map((r, i) => [
        String(i + 1),
        labelOf(lab, r.solver),
        String(r.steps),
        String(r.nfe),
        formatNumber(r.error),
        formatNumber(r.error / R.ranked[0].error)
      ])
    }),
    csv: (lab, R) => pathRows(lab.S, R),
    python: (S) => [
      ...pythonEnds(S),
      "",
      `for solver in ${py(S.solvers)}:`,
      `    n = max(1, ${S.nfe + S.afs - S.denoise} // ge.SOLVERS[solver].nfe_per_step)`,
      `    ${pythonGrid(S, "n")}`,
      `    path = ge.solve(flow, x_bar, flow.schedule.gamma(t), solver=solver, afs=${py(S.afs)}, denoise=${py(S.denoise)})`,
      "    error = ge.end_point_error(path.x_bar[-1], exact)",
      '    print(solver, f"{error:.3g}", n, path.nfe)'
    ]
  };

  // genie_edu/lab/src/view/views/index.js
  var VIEWS = {
    paths: pathsView,
    tournament: tournamentView,
    knots: knotsView,
    field: fieldView,
    clocks: clocksView,
    stepper: stepperView,
    taylor: taylorView,
    order: orderView,
    mystery: mysteryView,
    difference: differenceView,
    budget: budgetView,
    scrubber: scrubberView,
    images: imagesView,
    history: historyView,
    blend: blendView,
    precision: precisionView
  };

  // genie_edu/lab/src/view/lab.js
  var PRECISION_MS = 90;
  var Lab = class {
    constructor(root, config, host) {
      this.root = root;
      this.config = config;
      this.host = host;
      this.view = VIEWS[config.view];
      if (!this.view) throw new RangeError("unknown view");
      this.engine = new Engine();
      this.sheet = config.sheet ? sheetOf(config) : null;
      this.S = {};
      for (const key of Object.keys(SCHEMA))
        this.S[key] = config.state[key] === void 0 ? SCHEMA[key].initial : config.state[key];
      for (const key of Object.keys(SCHEMA)) this.S[key] = key === "mixture" ? this.S[key] : checked(key, this.S[key]);
      this.view.refuse?.(this, this.S);
      this.defaults = { ...this.S };
      this.dragging = false;
      this.note = "";
      buildLab(this);
      const asked = host.fragment ? fromFragment(host.fragment(), config.scenario) : null;
      if (asked) this.set(asked, "link");
      this.watch();
      this.frame();
    }
    /** Apply a patch; an invalid one is refused whole and false comes back. */
    set(patch, source = "api") {
      let clean;
      try {
        clean = checkedPatch(patch, this.S, this.config.toys);
        const most = limitsOf(this.config.view);
        if (clean.n_steps > most.steps) throw new RangeError(`n_steps must lie from 1 to ${most.steps}`);
        if (clean.n_starts > most.starts) throw new RangeError(`n_starts must lie from 1 to ${most.starts}`);
        if (LEARNED.includes(this.config.view) && MIXTURE.some((k) => k in clean && JSON.stringify(clean[k]) !== JSON.stringify(this.defaults[k])))
          throw new RangeError("the networks were trained on one mixture");
        if (clean.solvers?.length > most.solvers) throw new RangeError(`at most ${most.solvers} solvers`);
        this.view.refuse?.(this, { ...this.S, ...clean });
      } catch (error) {
        this.problem = error.message;
        return false;
      }
      const moved = [
        "n_steps",
        "step",
        "step_scale",
        "solver",
        "spacing",
        "start",
        "seed",
        "t_start",
        "t_end",
        "means",
        "covs",
        "weights"
      ].some((k) => k in clean && clean[k] !== this.S[k]);
      if (moved && this.config.guess && !("guess" in clean)) clean.guess = null;
      this.S = { ...this.S, ...clean };
      const heavy = this.S.n_starts > MAX_COARSE && [...MIXTURE, "start", "knots"].some((k) => k in clean);
      if (this.view.coarse && (this.view.slow ? this.view.slow.some((k) => k in clean) && source === "input" : heavy)) {
        this.dragging = true;
        clearTimeout(this.settle);
        this.settle = setTimeout(() => {
          this.dragging = false;
          this.request();
        }, PRECISION_MS);
      }
      if (source === "input" && !this.hot && !this.pending) {
        this.hot = true;
        requestAnimationFrame(() => {
          this.hot = false;
        });
        this.root.dataset.settled = "false";
        this.frame();
      } else this.request();
      if (source !== "model") this.host.onState?.(clean, this.S);
      return true;
    }
    reset() {
      this.note = "";
      this.set({ ...this.defaults, ...this.defaults.mixture === "custom" ? {} : { mixture: this.defaults.mixture } });
      this.S.mixture = this.defaults.mixture;
      this.request();
    }
    preset(p) {
      const base = { ...this.defaults };
      delete base.weights;
      delete base.means;
      delete base.covs;
      if (base.mixture === "custom")
        Object.assign(base, { weights: this.defaults.weights, means: this.defaults.means, covs: this.defaults.covs });
      for (const key of p.keep ?? []) base[key] = this.S[key];
      this.set({ ...base, ...p.state });
      this.note = p.text ?? "";
    }
    watch() {
      this.observer = new ResizeObserver(() => {
        if (Math.round(this.plot.clientWidth) !== this.width) this.request();
      });
      this.observer.observe(this.plot);
      this.themeObserver = new MutationObserver(() => {
        this.theme = null;
        this.request();
      });
      for (const el of [document.documentElement, document.body])
        this.themeObserver.observe(el, {
          attributes: true,
          attributeFilter: ["data-theme", "data-mode", "class", "data-jp-theme-light", "data-jp-theme-name"]
        });
      this.media = matchMedia("(prefers-color-scheme: dark)");
      this.onMedia = () => {
        this.theme = null;
        this.request();
      };
      this.media.addEventListener("change", this.onMedia);
      if (this.host.fragment) {
        this.onHash = () => {
          const asked = fromFragment(this.host.fragment(), this.config.scenario);
          if (asked) {
            this.reset();
            this.set(asked, "link");
          }
        };
        addEventListener("hashchange", this.onHash);
      }
    }
    destroy() {
      this.observer.disconnect();
      this.themeObserver.disconnect();
      this.media.removeEventListener("change", this.onMedia);
      if (this.onHash) removeEventListener("hashchange", this.onHash);
      cancelAnimationFrame(this.pending);
      clearTimeout(this.settle);
      clearTimeout(this.backstop);
      clearTimeout(this.speaking);
      this.live.remove();
      delete this.root.dataset.ready;
      this.gone = true;
    }
    request() {
      this.root.dataset.settled = "false";
      if (this.pending || this.gone) return;
      this.pending = requestAnimationFrame(() => this.frame());
      this.backstop = setTimeout(() => this.frame(), 300);
    }
    frame() {
      cancelAnimationFrame(this.pending);
      clearTimeout(this.backstop);
      this.pending = 0;
      if (this.gone) return;
      if (!this.theme?.fg) readTheme(this);
      const S = this.S;
      const width = Math.round(this.plot.clientWidth);
      this.R = null;
      this.R = this.view.compute(this);
      for (const c of this.controls) c.sync(S);
      updateReadout(this);
      if (width > 0) {
        const height = this.view.height(width, this);
        const ratio = Math.min(devicePixelRatio || 1, 3);
        this.width = width;
        this.heightPx = height;
        if (this.canvas.width !== Math.round(width * ratio) || this.canvas.height !== Math.round(height * ratio)) {
          this.canvas.width = Math.round(width * ratio);
          this.canvas.height = Math.round(height * ratio);
          this.canvas.style.height = `${height}px`;
        }
        const ctx = this.ctx ??= this.canvas.getContext("2d");
        ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
        ctx.clearRect(0, 0, width, height);
        this.view.draw(new CanvasSurface(ctx, this.theme, this), this, width, height, this.R);
        syncHandles(this);
      }
      if (!this.dragging && !this.R.waiting) this.root.dataset.settled = "true";
    }
  };

  // genie_edu/lab/src/view/mount.js
  function mount(el, config, host = { fragment: () => location.hash }) {
    if (el.dataset.ready) return el.genieLab ?? null;
    const poster = h("div", { class: "gl-poster" });
    poster.append(...el.childNodes);
    el.classList.add("genie-lab");
    if (poster.childNodes.length) el.append(poster);
    let lab;
    try {
      lab = new Lab(el, config, host);
    } catch (error) {
      el.querySelector(".gl-live")?.remove();
      throw error;
    }
    el.dataset.ready = "true";
    el.genieLab = {
      get state() {
        return { ...lab.S };
      },
      get readout() {
        return lab.values;
      },
      get problem() {
        return lab.problem;
      },
      set: (patch, source) => lab.set(patch, source),
      reset: () => lab.reset(),
      flush: () => lab.frame(),
      destroy: () => lab.destroy(),
      python: () => pythonOf(lab),
      svg: () => svgOf(lab),
      csv: () => csvOf(lab),
      fragment: () => fragmentOf(lab)
    };
    return el.genieLab;
  }
  var SOURCE = globalThis.document?.currentScript?.src;
  var loading = {};
  function loadBeside(file) {
    return loading[file] ??= new Promise((resolve, reject) => {
      const script = h("script", {
        src: new URL(file, SOURCE || location.href).href,
        onload: resolve,
        onerror: () => {
          delete loading[file];
          reject(new Error(`${file} is not beside solver_lab.js`));
        }
      });
      document.head.append(script);
    });
  }
  var awaited = ({ view, sheet }) => LEARNED.includes(view) && !globalThis.GenieLabNetworks ? "lab_networks.js" : sheet && !globalThis.GenieLabImages?.[sheet] ? `lab_${sheet}.js` : null;
  function mountAll(root = document) {
    const taken = /* @__PURE__ */ new Set();
    for (const el of root.querySelectorAll(".genie-lab:not([data-ready])")) {
      try {
        const config = JSON.parse(el.dataset.config);
        const mine = !taken.has(config.scenario);
        taken.add(config.scenario);
        const start = () => mount(el, config, { fragment: () => mine ? location.hash : "" });
        const file = awaited(config);
        if (!file) start();
        else
          loadBeside(file).then(start).catch((error) => {
            el.dataset.problem = String(error.message).slice(0, 200);
          });
      } catch (error) {
        el.dataset.problem = String(error.message).slice(0, 200);
      }
    }
  }

  // genie_edu/lab/src/view/widget.js
  function render({ model, el }) {
    const root = document.createElement("div");
    const keys = Object.keys(SCHEMA);
    el.append(root);
    const config = structuredClone(model.get("_config"));
    const out = {};
    for (const key of keys) if (model.get(key) !== void 0) config.state[key] = model.get(key);
    let queued = 0;
    let fromModel = false;
    const flush = () => {
      queued = 0;
      for (const [k, v] of Object.entries(out)) {
        model.set(k, v);
        delete out[k];
      }
      model.save_changes();
    };
    const later = () => {
      queued ||= setTimeout(flush, 60);
    };
    const handle = mount(root, config, {
      onState: (patch) => {
        if (!fromModel) {
          for (const k of Object.keys(patch)) out[k] = patch[k];
          later();
        }
      },
      onReadout: (values) => {
        out.readout = structuredClone(values);
        later();
      }
    });
    const listen = (key) => () => {
      const value = model.get(key);
      if (JSON.stringify(handle.state[key]) === JSON.stringify(value)) return;
      fromModel = true;
      const ok = handle.set(
        ["weights", "means", "covs"].includes(key) ? { weights: model.get("weights"), means: model.get("means"), covs: model.get("covs") } : { [key]: value },
        "model"
      );
      fromModel = false;
      if (!ok) {
        out[key] = handle.state[key];
        later();
      }
    };
    const listeners = keys.map((key) => [`change:${key}`, listen(key)]);
    for (const [event, fn] of listeners) model.on(event, fn);
    return () => {
      for (const [event, fn] of listeners) model.off(event, fn);
      clearTimeout(queued);
      handle.destroy();
    };
  }

  // genie_edu/lab/src/main.js
  globalThis.GenieLab = {
    maths,
    mount,
    mountAll,
    render,
    version: "1",
    formatNumber,
    toFragment,
    fromFragment,
    observedOrder,
    SCHEMA
  };
})();
