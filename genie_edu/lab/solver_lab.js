/* genie_edu's live lab: the exact 2-D world of the book in one classic script, no dependencies.
 * Bundled by `make lab` from genie_edu/lab/src; change it there. */
"use strict";
(() => {
  // genie_edu/lab/src/maths/clocks.js
  var BETA_MIN = 0.1;
  var BETA_D = 19.9;
  var integratedBeta = (t) => BETA_MIN * t + 0.5 * BETA_D * t * t;
  var gammaOf = (t) => Math.sqrt(Math.expm1(integratedBeta(t)));
  var tOf = (gamma) => {
    const integral = Math.log1p(gamma * gamma);
    return 2 * integral / (BETA_MIN + Math.sqrt(BETA_MIN * BETA_MIN + 2 * BETA_D * integral));
  };
  var alphaOf = (gamma) => 1 / Math.sqrt(1 + gamma * gamma);
  var clockOf = (clock, gamma) => clock === "t" ? tOf(gamma) : clock === "log_snr" ? -2 * Math.log(gamma) : gamma;
  var gammaOfClock = (clock, value) => clock === "t" ? gammaOf(value) : clock === "log_snr" ? Math.exp(-0.5 * value) : value;

  // genie_edu/lab/src/maths/grids.js
  var RHO = 7;
  function linspace(a, b, n) {
    const out = new Float64Array(n + 1);
    const step = (b - a) / n;
    const half = n + 1 >> 1;
    for (let i = 0; i <= n; i++) out[i] = i < half ? a + step * i : b - step * (n - i);
    return out;
  }
  var TIMES = {
    linear: (n, t0, t1) => linspace(t0, t1, n),
    quadratic: (n, t0, t1) => linspace(Math.sqrt(t0), Math.sqrt(t1), n).map((v) => v * v),
    log_gamma: (n, t0, t1) => linspace(Math.log(gammaOf(t0)), Math.log(gammaOf(t1)), n).map((v) => tOf(Math.exp(v))),
    rho7: (n, t0, t1) => linspace(gammaOf(t0) ** (1 / RHO), gammaOf(t1) ** (1 / RHO), n).map((v) => tOf(v ** RHO))
  };
  var SPACINGS = Object.keys(TIMES);
  function grid(n, spacing, t0, t1) {
    if (!Object.hasOwn(TIMES, spacing)) throw new RangeError("unknown spacing");
    const t = TIMES[spacing](n, t0, t1);
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
    return rows.map((row2, i) => row2[n] / row2[i]);
  }
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
    return solveLinear(rows);
  }

  // genie_edu/lab/src/maths/multistep.js
  function remember(s, depth, g, X, o, E, D) {
    const { n2, real: Real } = s;
    const fresh = () => ({ g, X: new Real(n2), E: new Real(n2), D: new Real(n2) });
    const slot = s.past.length >= depth ? s.past.pop() : fresh();
    slot.g = g;
    for (let i = 0; i < n2; i++) {
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
        const data2 = x[o + i] - g * E[i];
        y[p + i] = k * x[o + i] + (1 - k) * (data2 + c * (data2 - P[i]));
        P[i] = data2;
      }
      s.prev = g;
    }
  };
  var ipndm4 = {
    order: 2,
    memory: 3,
    step(s, g, gn) {
      s.evaluate(0, s.x, s.o, g);
      const weights = ADAMS[s.past.length].map((a) => a * (gn - g));
      weightedStep(s, g, weights, 3);
    }
  };
  var deis = (u, depth) => (s, g, gn) => {
    s.evaluate(0, s.x, s.o, g);
    const levels = [g, ...s.past.map((q) => q.g)];
    const weights = interpolationWeights(u, () => 1, levels, [], g, gn);
    weightedStep(s, g, weights, depth);
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
        const moved3 = (again - T[c]) / (1 - Math.min(0, feedback));
        T[c] += moved3;
        E[c] += J * moved3;
        D1[c] += K * moved3;
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
  var PREDICTIONS = {
    sound: "Then its slope is the claimed one and its error keeps falling. Measure more step counts: do both hold?",
    repeated_level: "A run that stops one step short agrees with the exact path one level earlier, and with slope two. Compare it with that point.",
    extra_step: "A run that goes past its last level misses the target by a fixed distance. Does its error stop falling at the largest step counts?",
    stale_step: "On a grid uniform in log-SNR the step before is as long as the step, and the defect would be gone. Measure the slope on that grid.",
    swapped_sign: "A corrector that subtracts what it should add leaves twice what DDIM leaves. Divide its error by DDIM's with as many steps.",
    no_second_term: "Then its error would be DDIM's, to the last digit. Compare the two.",
    not_lowered: "Then its slope would be better than the claim. Is it?"
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
          const data2 = x[o + i] - g * E[i];
          y[p + i] = k * x[o + i] + weight * (data2 + c * (data2 - P[i]));
          P[i] = data2;
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
      step: byLevel((_run, _g, gn) => gn > 0 ? "heun" : "ddim")
    },
    C: {
      order: 2,
      diagnosis: "sound",
      claim: "Heun's method. Two calls a step, one call in the last step.",
      why: "One Euler step makes one error of size h^2, no larger than what Heun's other steps add up to: order two still. A convention, not a defect.",
      step: byLevel((s, _g, gn) => gn === s.gammas[s.N] ? "ddim" : "heun")
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
        const { x, o, y, p, E, T, n2 } = s;
        const [one] = s.past;
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
  var distance = (p, q) => Math.hypot(p[0] - q[0], p[1] - q[1]);
  function endPointError(path, offset, exactEnd) {
    const B = exactEnd.length >> 1;
    const d = new Float64Array(B);
    for (let i = 0; i < B; i++)
      d[i] = Math.hypot(path[offset + 2 * i] - exactEnd[2 * i], path[offset + 2 * i + 1] - exactEnd[2 * i + 1]);
    return median(d);
  }
  function observedOrder(counts, errors, tolerance = 0.25) {
    const at = counts.map((_, i) => i).sort((i, j) => counts[i] - counts[j]);
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
  function offTheChord({ gamma, path }, clock, variable) {
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
    return { off: worst, bend: worst / Math.hypot(dx, dy) };
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
    members: { type: "members", low: 0, high: 11, initial: [0] },
    // the components of a class
    w: { type: "number", low: 0, high: 8, initial: 1 },
    guide_low: { type: "number", low: -5, high: 5, initial: -5 },
    // log gammas between which guidance acts
    guide_high: { type: "number", low: -4.9, high: 5.1, initial: 5.1 },
    guided_derivative: { type: "enum", values: ["exact", "sum"], initial: "exact" },
    log_images: { type: "number", low: 2, high: 7, initial: 4 },
    // the grid's inner levels, log gamma; null: the grid `spacing`
    knots: { type: "knots", low: -8, high: 6, initial: null }
  };
  var MIXTURE = ["weights", "means", "covs"];
  var LEARNED = ["budget", "scrubber"];
  var limitsOf = (view) => ({
    solvers: ["tournament", "precision"].includes(view) ? 6 : 4,
    steps: { order: 512, mystery: 512, knots: 40, span: 40 }[view] ?? 100,
    starts: LEARNED.includes(view) ? 64 : 500
  });
  var isNumber = (v) => typeof v === "number" && Number.isFinite(v);
  var within = (v, low, high) => isNumber(v) && v >= low && v <= high;
  var isList = (v, least, most) => Array.isArray(v) && v.length >= least && v.length <= most;
  var isPair = (v, low, high) => isList(v, 2, 2) && v.every((c) => within(c, low, high));
  var allDiffer = (v) => new Set(v).size === v.length;
  var isCov = (c) => isList(c, 2, 2) && c.every((row2) => isPair(row2, -9, 9)) && Math.abs(c[0][1] - c[1][0]) < 1e-12 && c[0][0] > 0 && c[0][0] * c[1][1] - c[0][1] * c[1][0] > 1e-8;
  var MOST_COMPONENTS = 12;
  var ALLOWED = {
    int: (v, { low, high }) => Number.isInteger(v) && within(v, low, high),
    number: (v, { low, high }) => within(v, low, high),
    bool: (v) => typeof v === "boolean",
    enum: (v, { values }) => values.includes(v),
    word: (v) => typeof v === "string" && /^[a-z][a-z0-9_]{0,30}$/.test(v),
    solver: (v) => typeof v === "string" && Object.hasOwn(SOLVERS, v),
    solvers: (v) => isList(v, 1, 6) && allDiffer(v) && v.every((s) => ALLOWED.solver(s)),
    point: (v, { low, high, nullable }) => nullable && v === null || isPair(v, low, high),
    points: (v, { low, high }) => isList(v, 1, MOST_COMPONENTS) && v.every((p) => isPair(p, low, high)),
    weights: (v) => isList(v, 1, MOST_COMPONENTS) && v.every((w) => within(w, 1e-6, 1)) && Math.abs(v.reduce((a, b) => a + b, 0) - 1) < 1e-6,
    covs: (v) => isList(v, 1, MOST_COMPONENTS) && v.every(isCov),
    knots: (v, { low, high }) => v === null || isList(v, 1, 39) && v.every((k, i) => within(k, low, high) && (i === 0 || k < v[i - 1])),
    members: (v, { low, high }) => isList(v, 1, MOST_COMPONENTS) && v.every((k, i) => Number.isInteger(k) && within(k, low, high) && (i === 0 || k > v[i - 1])),
    counts: (v) => isList(v, 0, 24) && allDiffer(v) && v.every((n) => Number.isInteger(n) && within(n, 1, 512))
  };
  function checked(key, value) {
    const rule = Object.hasOwn(SCHEMA, key) ? SCHEMA[key] : null;
    if (!rule || !ALLOWED[rule.type](value, rule)) throw new RangeError(`${key} is out of range or of the wrong type`);
    const copy = structuredClone(value);
    return rule.type === "counts" ? copy.sort((a, b) => a - b) : copy;
  }

  // genie_edu/lab/src/engine/link.js
  var FRAGMENT_LIMIT = 4e3;
  function encodeValue(key, v) {
    switch (SCHEMA[key].type) {
      case "bool":
        return v ? "1" : "0";
      case "point":
      case "knots":
        return v === null ? "none" : v.join(",");
      case "points":
        return v.map((p) => p.join(",")).join(";");
      case "covs":
        return v.map((c) => [c[0][0], c[0][1], c[1][1]].join(",")).join(";");
      case "weights":
      case "members":
      case "solvers":
      case "counts":
        return v.join(",");
      default:
        return String(v);
    }
  }
  function decodeValue(key, text) {
    const number = (s) => {
      if (!/^-?\d{1,6}(\.\d{1,20})?(e-?\d{1,3})?$/.test(s)) throw new RangeError(`${key} is not a number`);
      return Number(s);
    };
    const numbers = (s) => s.split(",").map(number);
    switch (SCHEMA[key].type) {
      case "int":
      case "number":
        return number(text);
      case "bool":
        if (text !== "0" && text !== "1") throw new RangeError(`${key} must be 0 or 1`);
        return text === "1";
      case "point":
      case "knots":
        return text === "none" ? null : numbers(text);
      case "points":
        return text.split(";").map(numbers);
      case "covs":
        return text.split(";").map((p) => {
          const [a, b, d] = numbers(p);
          return [
            [a, b],
            [b, d]
          ];
        });
      case "weights":
      case "members":
        return numbers(text);
      case "counts":
        return text === "" ? [] : numbers(text);
      case "solvers":
        return text.split(",");
      default:
        return text;
    }
  }
  function toFragment(scenario, state, defaults) {
    const parts = [`lab=${scenario}`];
    for (const key of Object.keys(SCHEMA)) {
      if (MIXTURE.includes(key) && state.mixture !== "custom") continue;
      const now = encodeValue(key, state[key]);
      if (now !== encodeValue(key, defaults[key]))
        parts.push(`${key}=${encodeURIComponent(now).replace(/%2C/g, ",").replace(/%3B/g, ";")}`);
    }
    return `#${parts.join("&")}`;
  }
  var isFor = (hash, scenario) => typeof hash === "string" && hash.startsWith("#lab=") && hash.slice(5).split("&")[0] === scenario;
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
      const h2 = gn - g;
      const { K, T } = this;
      const B = n2 >> 1;
      mixture.eps(x, o, B, g, K[0]);
      for (let s = 1; s < 12; s++) {
        const row2 = DOP_A[s];
        for (let i = 0; i < n2; i++) T[i] = x[o + i];
        for (let q = 0; q < s; q++) {
          const c = h2 * row2[q];
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
  };

  // genie_edu/lab/src/maths/fit.js
  var NOW = ["state", "eps"];
  var PAST = [...NOW, "past", "past2"];
  var SLOPES = [...PAST, "slope", "slope_before"];
  var RIDGE = 1e-4;
  var HELD_OUT = 4;
  function dot(a, b) {
    let sum = 0;
    for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
    return sum;
  }
  function directions(mix, x, g, gn, past, terms) {
    const h2 = gn - g;
    const E = new Float64Array(x.length);
    const D = new Float64Array(x.length);
    mix.derivatives(x, 0, x.length >> 1, g, E, D, null);
    const made = {
      state: () => x.map((v) => v / Math.sqrt(1 + g * g)),
      eps: () => E.map((v) => h2 * v),
      past: () => E.map((v, i) => h2 * (past[0].E[i] - v)),
      past2: () => E.map((v, i) => h2 * (past[1].E[i] - v)),
      slope: () => D.map((v) => 0.5 * h2 * h2 * v),
      slope_before: () => past[0].D.map((v) => 0.5 * h2 * h2 * v)
    };
    const needs = { past: 1, past2: 2, slope_before: 1 };
    const known = terms.filter((term) => past.length >= (needs[term] ?? 0));
    return { columns: known.map((term) => [term, made[term]()]), point: { E, D } };
  }
  function leastSquares(columns, target) {
    const n = columns.length;
    const Q = columns.map((c) => c.slice());
    const R = columns.map(() => new Array(n).fill(0));
    for (let j = 0; j < n; j++) {
      const first = Math.sqrt(dot(Q[j], Q[j]));
      for (let twice = 0; twice < 2; twice++)
        for (let i = 0; i < j; i++) {
          const r = dot(Q[i], Q[j]);
          R[i][j] += r;
          for (let k = 0; k < target.length; k++) Q[j][k] -= r * Q[i][k];
        }
      const size = Math.sqrt(dot(Q[j], Q[j]));
      R[j][j] = size > 1e-13 * first ? size : 0;
      for (let k = 0; k < target.length; k++) Q[j][k] = R[j][j] ? Q[j][k] / size : 0;
    }
    const weights = Q.map((q) => dot(q, target));
    for (let j = n - 1; j >= 0; j--) {
      for (let k = j + 1; k < n; k++) weights[j] -= R[j][k] * weights[k];
      weights[j] = R[j][j] ? weights[j] / R[j][j] : 0;
    }
    return weights;
  }
  function damped(columns, target) {
    const n = columns.length;
    const sizes = columns.map((c) => Math.sqrt(dot(c, c)) || Number.MIN_VALUE);
    const rows = columns.map((a, i) => [
      ...columns.map((b, j) => dot(a, b) / sizes[i] / sizes[j] + (i === j ? RIDGE : 0)),
      dot(a, target) / sizes[i]
    ]);
    for (let j = 0; j < n; j++)
      for (let i = j + 1; i < n; i++) {
        const f = rows[i][j] / rows[j][j];
        for (let k = j; k <= n; k++) rows[i][k] -= f * rows[j][k];
      }
    for (let j = n - 1; j >= 0; j--) {
      for (let k = j + 1; k < n; k++) rows[j][n] -= rows[j][k] * rows[k][n];
      rows[j][n] /= rows[j][j];
    }
    return rows.map((row2, i) => row2[n] / sizes[i]);
  }
  function moved(x, columns, weights) {
    const out = Float64Array.from(x);
    for (const [term, column] of columns) for (let i = 0; i < out.length; i++) out[i] += weights[term] * column[i];
    return out;
  }
  function follow(mix, x, gammas, weights, terms) {
    let past = (
      /** @type {Point[]} */
      []
    );
    for (let n = 0; n + 1 < gammas.length; n++) {
      const { columns, point } = directions(mix, x, gammas[n], gammas[n + 1], past, terms);
      x = moved(x, columns, weights[n]);
      past = [point, ...past].slice(0, 2);
    }
    return x;
  }
  function stepByStep(mix, path, gammas, terms) {
    const n2 = path.length / gammas.length;
    let x = path.slice(0, n2);
    let past = (
      /** @type {Point[]} */
      []
    );
    const weights = [];
    for (let n = 0; n + 1 < gammas.length; n++) {
      const { columns, point } = directions(mix, x, gammas[n], gammas[n + 1], past, terms);
      const euler = columns[1][1];
      const missing2 = x.map((v, i) => path[(n + 1) * n2 + i] - v - euler[i]);
      const found = damped(
        columns.map(([, column]) => column),
        missing2
      );
      weights.push(Object.fromEntries(columns.map(([term], j) => [term, found[j] + (term === "eps" ? 1 : 0)])));
      x = moved(x, columns, weights[n]);
      past = [point, ...past].slice(0, 2);
    }
    return { weights, end: x };
  }
  function fitted(mix, path, gammas, terms, error) {
    const n = path.length / gammas.length / 2;
    const kept = Array.from({ length: n }, (_, k) => k).filter((k) => k % HELD_OUT === 0);
    const found = stepByStep(mix, path, gammas, terms);
    if (!terms.includes("slope")) return found.weights;
    const plain = stepByStep(mix, path, gammas, PAST);
    if (error(found.end, kept) <= error(plain.end, kept)) return found.weights;
    return plain.weights.map((some, i) => ({ ...zeros(found.weights[i]), ...some }));
  }
  var zeros = (weights) => Object.fromEntries(Object.keys(weights).map((term) => [term, 0]));

  // genie_edu/lab/src/maths/mixture.js
  var STRIDE = 11;
  var LEAST_EXPONENT = -745;
  var Mixture = class {
    /** @param {import("./types.js").MixtureSpec} spec */
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
      for (let k = 0; k < K; k++) {
        const [[a, b], [, d]] = covs[k];
        smallest = Math.min(smallest, 0.5 * (a + d) - Math.hypot(0.5 * (a - d), b));
      }
      this.narrowest = Math.sqrt(Math.max(smallest, 0));
    }
    /** Precompute every component's P = (Sigma + gamma^2 I)^-1 at this level. @param {number} gamma */
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
    /**
     * Of every component at one point: d = P (x_bar - mean), and the logarithm of its share, but for a constant.
     * @param {number} x
     * @param {number} y
     * @returns {number} the largest of these logarithms
     */
    exponents(x, y) {
      const { K, par: p, r, dx, dy } = this;
      let top = -Infinity;
      for (let k = 0, q = 0; k < K; k++, q += STRIDE) {
        const vx = x - p[q];
        const vy = y - p[q + 1];
        const ux = p[q + 2] * vx + p[q + 3] * vy;
        const uy = p[q + 3] * vx + p[q + 4] * vy;
        const l = p[q + 5] - 0.5 * (vx * ux + vy * uy);
        dx[k] = ux;
        dy[k] = uy;
        r[k] = l;
        if (l > top) top = l;
      }
      return top;
    }
    /**
     * eps at B points: X holds pairs from index `o` on; E gets pairs from 0 on.
     * @type {(X: Numbers, o: number, B: number, gamma: number, E: Numbers) => void}
     */
    eps(X, o, B, gamma, E) {
      this.at(gamma);
      const { K, r, dx, dy } = this;
      for (let i = 0, j = o; i < 2 * B; i += 2, j += 2) {
        const top = this.exponents(X[j], X[j + 1]);
        let sum = 0;
        let sx = 0;
        let sy = 0;
        for (let k = 0; k < K; k++) {
          const l = r[k] - top;
          if (l < LEAST_EXPONENT) continue;
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
    /**
     * eps, its first and (D2 given) its second total derivative in gamma along the flow; or along the path of another
     * one, whose velocity V and (for D2) its derivative V1 are given as E and D1 are.
     * @type {(X: Numbers, o: number, B: number, gamma: number, E: Numbers, D1: Numbers, D2: Numbers | null,
     *   V?: Numbers | null, V1?: Numbers | null) => void}
     */
    derivatives(X, o, B, gamma, E, D1, D2, V = null, V1 = null) {
      this.at(gamma);
      const { K, par: p, r, dx, dy, ex, ey, a, r1 } = this;
      for (let i = 0, j = o; i < 2 * B; i += 2, j += 2) {
        const top = this.exponents(X[j], X[j + 1]);
        let sum = 0;
        let sx = 0;
        let sy = 0;
        for (let k = 0; k < K; k++) {
          const l = r[k] - top;
          const w = l === 0 ? 1 : l < LEAST_EXPONENT ? 0 : Math.exp(l);
          r[k] = w;
          sum += w;
          sx += w * dx[k];
          sy += w * dy[k];
        }
        sx /= sum;
        sy /= sum;
        E[i] = gamma * sx;
        E[i + 1] = gamma * sy;
        const epx = V ? V[i] : E[i];
        const epy = V ? V[i + 1] : E[i + 1];
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
        D1[i] = sx + gamma * u1x;
        D1[i + 1] = sy + gamma * u1y;
        if (!D2) continue;
        const e1x = V1 ? V1[i] : D1[i];
        const e1y = V1 ? V1[i + 1] : D1[i + 1];
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
    /**
     * log density of the mixture diffused to `gamma` at one point in bar coordinates.
     * @type {(x: number, y: number, gamma: number) => number}
     */
    logProb(x, y, gamma) {
      this.at(gamma);
      const { K, r } = this;
      const top = this.exponents(x, y);
      let sum = 0;
      for (let k = 0; k < K; k++) sum += Math.exp(r[k] - top);
      return top + Math.log(sum) - Math.log(2 * Math.PI);
    }
    /**
     * The components' posterior probabilities at one point.
     * @type {(x: number, y: number, gamma: number) => number[]}
     */
    responsibilities(x, y, gamma) {
      const total = this.logProb(x, y, gamma) + Math.log(2 * Math.PI);
      return Array.from(this.r, (l) => Math.exp(l - total));
    }
  };

  // genie_edu/lab/src/maths/guided.js
  function classOf({ weights, means, covs }, members) {
    const share = members.reduce((sum, k) => sum + weights[k], 0);
    return new Mixture({
      weights: members.map((k) => weights[k] / share),
      means: members.map((k) => means[k]),
      covs: members.map((k) => covs[k])
    });
  }
  function probabilityOf(mixture, members, x, y) {
    const shares = mixture.responsibilities(x, y, 0);
    return members.reduce((sum, k) => sum + shares[k], 0);
  }
  var GuidedField = class {
    /**
     * @param {Mixture} conditional
     * @param {Mixture} unconditional
     * @param {number} w
     * @param {{ low?: number, high?: number, sum?: boolean }} options of the derivatives: `sum`, each along its own flow
     */
    constructor(conditional, unconditional, w, { low = 0, high = Infinity, sum = false } = {}) {
      this.conditional = conditional;
      this.unconditional = unconditional;
      this.w = w;
      this.low = low;
      this.high = high;
      this.sum = sum;
      this.narrowest = Math.min(conditional.narrowest, unconditional.narrowest);
      this.reserve(0);
    }
    /** Whether guidance acts at a level. @param {number} gamma */
    acts(gamma) {
      return this.w !== 0 && gamma > this.low && gamma <= this.high;
    }
    /** @type {(gamma: number) => number} */
    cost(gamma) {
      return this.acts(gamma) ? 2 : 1;
    }
    /** Buffers for n2 numbers: of the unconditional part, and what is not asked for. @param {number} n2 */
    reserve(n2) {
      if (this.U && this.U.length >= n2) return;
      this.U = new Float64Array(n2);
      this.U1 = new Float64Array(n2);
      this.U2 = new Float64Array(n2);
      this.V = new Float64Array(n2);
      this.V1 = new Float64Array(n2);
      this.skip = new Float64Array(n2);
      this.skip1 = new Float64Array(n2);
    }
    /** out = (1 + w) c - w u, n2 numbers. @type {(out: Numbers, c: Numbers, u: Numbers, n2: number) => void} */
    mix(out, c, u, n2) {
      for (let i = 0; i < n2; i++) out[i] = (1 + this.w) * c[i] - this.w * u[i];
    }
    /** @type {import("./types.js").Field["eps"]} */
    eps(X, o, B, gamma, E) {
      this.conditional.eps(X, o, B, gamma, E);
      if (!this.acts(gamma)) return;
      this.reserve(2 * B);
      this.unconditional.eps(X, o, B, gamma, this.U);
      this.mix(E, E, this.U, 2 * B);
    }
    /** @type {import("./types.js").Field["derivatives"]} */
    derivatives(X, o, B, gamma, E, D1, D2) {
      const { conditional: c, unconditional: u } = this;
      if (!this.acts(gamma)) return c.derivatives(X, o, B, gamma, E, D1, D2);
      const n2 = 2 * B;
      this.reserve(n2);
      const { U, U1, U2, V, V1, skip, skip1 } = this;
      if (this.sum) {
        c.derivatives(X, o, B, gamma, E, D1, D2);
        u.derivatives(X, o, B, gamma, U, U1, D2 ? U2 : null);
        this.mix(E, E, U, n2);
        this.mix(D1, D1, U1, n2);
        if (D2) this.mix(D2, D2, U2, n2);
        return;
      }
      this.eps(X, o, B, gamma, V);
      c.derivatives(X, o, B, gamma, skip, D1, null, V);
      u.derivatives(X, o, B, gamma, U, U1, null, V);
      this.mix(V1, D1, U1, n2);
      if (D2) {
        c.derivatives(X, o, B, gamma, skip, skip1, D2, V, V1);
        u.derivatives(X, o, B, gamma, U, U1, U2, V, V1);
        this.mix(D2, D2, U2, n2);
      }
      for (let i = 0; i < n2; i++) {
        E[i] = V[i];
        D1[i] = V1[i];
      }
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
    /**
     * @param {Record<string, any>} config
     * @param {string} weights
     */
    constructor({ width, feature_sizes: [features, levels], channels, mixed }, weights) {
      if (channels !== 2 || !mixed) throw new RangeError("not a head of the plane");
      const shapes = [
        [width, 4 + features],
        [width, levels],
        [width, width],
        [6, width]
      ];
      const [first, level, second, out] = unpackLayers(weights, shapes);
      this.first = first;
      this.level = level;
      this.second = second;
      this.out = out;
      this.rows = 0;
    }
    /** Buffers for that many rows of numbers. @param {number} rows */
    reserve(rows) {
      if (this.rows >= rows) return;
      const make = (k) => new Float64Array(rows * k);
      this.rows = rows;
      this.x = make(this.first.n);
      this.h = make(this.first.m);
      this.s = make(this.first.m);
      this.t = make(this.first.m);
      this.k = make(6);
    }
    /**
     * D1 from X at the level and from the network's E there.
     * @type {(net: import("./network.js").Network, X: Numbers, o: number, B: number, gamma: number, E: Numbers,
     *   D1: Numbers) => void}
     */
    derivative(net, X, o, B, gamma, E, D1) {
      const { first, level, second, out } = this;
      const rows = fours(B);
      const n = first.n;
      const m = first.m;
      const c = alphaOf(gamma);
      this.reserve(rows);
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
    /** @param {{ config: Record<string, any>, weights: string }} packed */
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
    /** Buffers for B points. @param {number} B */
    reserve(B) {
      if (this.rows >= fours(B)) return;
      const rows = fours(B);
      this.rows = rows;
      const make = (n) => new Float64Array(rows * n);
      const three = (f) => [0, 1, 2].map(f);
      this.x = three(() => make(this.inputs));
      this.h = three(() => make(this.width));
      this.F = three(() => make(2));
      this.a = three(() => this.hidden.map(() => make(this.width)));
      this.slope = this.hidden.map(() => make(this.width));
    }
    /**
     * F's coefficient of order q, from the input's: z(i), number by number of the pairs, and the level's features.
     * @type {(q: number, B: number, z: (i: number) => number, gamma: number) => void}
     */
    pass(q, B, z, gamma) {
      const { width, inputs } = this;
      const x = this.x[q];
      const h2 = this.h[q];
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
    /** @type {(X: Numbers, o: number, B: number, gamma: number, E: Numbers) => void} */
    eps(X, o, B, gamma, E) {
      this.reserve(B);
      const r = gamma * gamma + this.sigma * this.sigma;
      const c = 1 / Math.sqrt(r);
      const F = this.F[0];
      const sigma = this.sigma;
      this.pass(0, B, (i) => c * X[o + i], gamma);
      for (let i = 0; i < 2 * B; i++) E[i] = gamma / r * X[o + i] - sigma * c * F[i];
    }
    /** @type {import("./types.js").Field["derivatives"]} */
    derivatives(X, o, B, gamma, E, D1, D2) {
      this.eps(X, o, B, gamma, E);
      const { sigma } = this;
      const [F, F1, F2] = this.F;
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
    /**
     * @param {Network} net
     * @param {number} narrowest standard deviation of the narrowest mode that it was trained on
     * @param {Head | null} head
     */
    constructor(net, narrowest, head = null) {
      this.net = net;
      this.narrowest = narrowest;
      this.head = head;
    }
    /** @type {import("./types.js").Field["eps"]} */
    eps(X, o, B, gamma, E) {
      this.net.eps(X, o, B, gamma, E);
    }
    /** @type {import("./types.js").Field["derivatives"]} */
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

  // genie_edu/lab/src/maths/run.js
  var Run = class {
    /** @type {import("./types.js").PastPoint[]} */
    past = [];
    /** @type {Numbers} */
    x = [];
    /** @type {Numbers} */
    y = [];
    constructor() {
      this.size = 0;
      this.length = 0;
      this.reserve(0, 0, Float64Array);
      this.o = 0;
      this.p = 0;
    }
    /**
     * Buffers for n2 numbers at each of `levels` levels.
     * @param {number} n2
     * @param {number} levels
     * @param {Float32ArrayConstructor | Float64ArrayConstructor} Real
     */
    reserve(n2, levels, Real) {
      const other = this.real !== Real;
      if (this.size < n2 || other) {
        this.E = new Real(n2);
        this.D1 = new Real(n2);
        this.D2 = new Real(n2);
        this.A = new Real(n2);
        this.T = new Real(n2);
        this.P = new Real(n2);
        this.final = new Real(n2);
        this.size = n2;
      }
      if (this.length < n2 * levels || other) {
        this.path = new Real(n2 * levels);
        this.length = n2 * levels;
      }
      this.real = Real;
    }
    /**
     * eps and derivatives up to `order` at the pairs of X from o on; the first call is x itself under AFS.
     * @type {(order: number, X: Numbers, o: number, gamma: number) => void}
     */
    evaluate(order, X, o, gamma) {
      if (this.first) {
        this.first = false;
        const f = alphaOf(gamma);
        const { E, D1, D2, n2 } = this;
        for (let i = 0; i < n2; i++) {
          E[i] = f * X[o + i];
          D1[i] = 0;
          D2[i] = 0;
        }
        return;
      }
      this.nfe += this.mixture.cost?.(gamma) ?? 1;
      this.n_derivatives += order;
      if (order === 0) this.mixture.eps(X, o, this.B, gamma, this.E);
      else this.mixture.derivatives(X, o, this.B, gamma, this.E, this.D1, order > 1 ? this.D2 : null);
    }
    /**
     * Buffers and a memory without past for a run over the levels.
     * @param {import("./types.js").Field} mixture
     * @param {number} n2 numbers of a state
     * @param {Float64Array} gammas
     * @param {string | { step: import("./types.js").Step }} solver a name, or what has a step
     * @param {RunOptions} options
     */
    begin(mixture, n2, gammas, solver, { afs = false, float32 = false } = {}) {
      this.reserve(n2, gammas.length, float32 ? Float32Array : Float64Array);
      this.mixture = mixture;
      this.B = n2 >> 1;
      this.n2 = n2;
      this.nfe = 0;
      this.n_derivatives = 0;
      this.first = afs;
      this.prev = 0;
      this.past = [];
      this.N = gammas.length - 1;
      this.gammas = gammas;
      this.step = (typeof solver === "string" ? SOLVERS[solver] : solver).step;
      this.x = this.path;
      this.y = this.path;
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
    /**
     * Fills this.path with where every step ends that starts on the exact path `truth`, with an exact past.
     * @type {(mixture: import("./types.js").Field, truth: Numbers, gammas: Float64Array, solver: string) => this}
     */
    fromExact(mixture, truth, gammas, solver) {
      this.begin(mixture, truth.length / gammas.length, gammas, solver);
      this.x = truth;
      this.march();
      return this;
    }
    /**
     * Fills this.path ((N+1) x B pairs, bar coordinates), nfe, n_derivatives and this.final (x).
     * @param {import("./types.js").Field} mixture
     * @param {Numbers} xBar
     * @param {Float64Array} gammas
     * @param {string | { step: import("./types.js").Step }} solver
     * @param {RunOptions} options
     */
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
        const f = alphaOf(g);
        for (let i = 0; i < n2; i++) this.final[i] = f * this.path[end + i];
      }
      return this;
    }
  };

  // genie_edu/lab/src/maths/starts.js
  var PLASTIC = 1.324717957244746;
  function starts(n, seed) {
    const out = new Float64Array(2 * n);
    for (let i = 0; i < n; i++) {
      const k = i + 1 + 1e3 * seed;
      const u1 = (0.5 + k / PLASTIC) % 1;
      const u2 = (0.5 + k / (PLASTIC * PLASTIC)) % 1;
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
    GuidedField,
    classOf,
    probabilityOf,
    SOLVERS,
    SPACINGS,
    Run,
    Exact,
    median,
    endPointError,
    observedOrder,
    fitted,
    leastSquares,
    equidistribute,
    MYSTERIES,
    DIAGNOSES
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

  // genie_edu/lab/src/engine/engine.js
  var MAX_COARSE = 80;
  var Engine = class {
    constructor() {
      this.exact = new Exact();
      this.runs = {};
      this.memo = /* @__PURE__ */ new Map();
      this.errors = /* @__PURE__ */ new Map();
    }
    /** The mixture of a state; another one forgets all that was kept. @param {State} S */
    mixture(S) {
      const m = this.mix;
      if (!m || m.weights !== S.weights || m.means !== S.means || m.covs !== S.covs) {
        this.mix = new Mixture(S);
        this.memo.clear();
        this.errors.clear();
      }
      return this.mix;
    }
    /**
     * What `make` gives, kept under a name until its key changes.
     * @template T
     * @param {string} name
     * @param {string} key all that the value depends on, but for the mixture
     * @param {() => T} make
     * @returns {T}
     */
    remember(name, key, make) {
      const old = this.memo.get(name);
      if (old && old.key === key) return old.value;
      const value = make();
      this.memo.set(name, { key, value });
      return value;
    }
    /**
     * n starts in bar coordinates at t_start; `start`, if given, is the first of them.
     * @type {(S: State, n: number) => Float64Array}
     */
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
    /**
     * The exact paths from the starts.
     * @type {(S: State, xBar: Float64Array, substep: number) => import("../maths/types.js").ExactPaths}
     */
    exactPaths(S, xBar, substep) {
      return this.remember(
        "exact",
        `${xBar.length} ${S.seed} ${S.start} ${S.t_start} ${S.t_end} ${substep}`,
        () => this.exact.paths(this.mixture(S), xBar, gammaOf(S.t_start), gammaOf(S.t_end), substep)
      );
    }
    /** The reusable run of that name. @type {(slot: string | number) => Run} */
    slot(slot) {
      this.runs[slot] ??= new Run();
      return this.runs[slot];
    }
    /**
     * A solver's run from the starts, in the buffers of a slot.
     * @param {string | number} slot
     * @param {State} S
     * @param {Float64Array} xBar
     * @param {Float64Array} gammas
     * @param {string | { step: import("../maths/types.js").Step }} solver
     * @param {import("../maths/run.js").RunOptions} options
     * @param {import("../maths/types.js").Field} field
     */
    run(slot, S, xBar, gammas, solver, options, field = this.mixture(S)) {
      return this.slot(slot).solve(field, xBar, gammas, solver, options);
    }
  };

  // genie_edu/lab/src/engine/mosaic.js
  var MOST_STRIPS = 64;
  var Mosaic = class {
    /** @param {{ tile: number, columns: number, image: string }} packed tile: its side; image: a data address */
    constructor({ tile, columns, image }) {
      this.tile = tile;
      this.columns = columns;
      this.strips = /* @__PURE__ */ new Map();
      this.picture = null;
      const picture = new Image();
      picture.src = image;
      this.ready = picture.decode().then(() => {
        this.picture = picture;
      });
    }
    /**
     * A row of tiles, its bytes (red, green, blue, alpha) changed in place by `change`: kept by name.
     * @param {number} row
     * @param {string} name
     * @param {((data: Uint8ClampedArray) => void) | null} change
     * @returns {{ canvas: HTMLCanvasElement, data: Uint8ClampedArray }}
     */
    changed(row2, name = "", change = null) {
      const key = `${row2} ${name}`;
      const { tile, columns, strips } = this;
      const w = tile * columns;
      if (!strips.has(key)) {
        if (strips.size > MOST_STRIPS) strips.clear();
        const canvas = document.createElement("canvas");
        canvas.width = w;
        canvas.height = tile;
        const ctx = canvas.getContext("2d", { willReadFrequently: true });
        ctx.drawImage(this.picture, 0, row2 * tile, w, tile, 0, 0, w, tile);
        const image = ctx.getImageData(0, 0, w, tile);
        const { data: data2 } = image;
        if (change) {
          change(data2);
          ctx.putImageData(image, 0, 0);
        }
        strips.set(key, { canvas, data: data2 });
      }
      return strips.get(key);
    }
  };

  // genie_edu/lab/src/engine/history.js
  var History = class extends Mosaic {
    constructor(packed) {
      super(packed);
      const { run, curve, checkpoints } = packed;
      this.run = run;
      this.curve = curve;
      this.checkpoints = checkpoints.map(([step, loss, share, minutes]) => ({ step, loss, share, minutes }));
    }
  };

  // genie_edu/lab/src/engine/recorded.js
  var leastError = (runs, error) => runs.reduce((best, q) => !best || error(q) < error(best) || !isNumber(error(best)) ? q : best, null);
  function offered(runs) {
    const all = (key) => [...new Set(runs.map((q) => q[key]))];
    const solvers = Object.keys(SOLVERS).filter((s) => all("solver").includes(s));
    const spacings = SPACINGS.filter((s) => all("spacing").includes(s));
    const kindsOf = (s) => [...new Set(runs.filter((q) => q.solver === s).map((q) => q.derivative))];
    const kinds = Object.fromEntries(solvers.map((s) => [s, kindsOf(s)]));
    return {
      solvers,
      spacings,
      nfes: all("nfe").sort((a, b) => a - b),
      /** The derivative that a solver takes: the wanted one, or the one that there is. */
      kind: (solver, wanted) => kinds[solver].includes(wanted) ? wanted : kinds[solver][0]
    };
  }
  var onGrid = (run, grid2) => grid2 === "best" || run.spacing === grid2 && !run.afs;

  // genie_edu/lab/src/engine/precision.js
  var Precision = class {
    constructor({ run, repeats, own_ode, n_samples, rows, counted, seconds }) {
      this.run = run;
      this.repeats = repeats;
      this.own_ode = own_ode;
      this.n_samples = n_samples;
      this.counted = counted;
      this.seconds = seconds;
      this.runs = rows.map(([solver, derivative, spacing, nfe, afs, error, frechet]) => ({
        solver,
        derivative,
        spacing,
        nfe,
        afs,
        error,
        frechet: frechet ?? []
      }));
      const { solvers, spacings, nfes, kind } = offered(this.runs);
      this.solvers = solvers;
      this.spacings = spacings;
      this.nfes = nfes;
      this.kind = kind;
    }
    /**
     * A solver's points by calls: what was measured (`values`, one a repetition, and their median), on a grid or on
     * the one that has the least error.
     * @type {(solver: string, wanted: string, grid: string, measure: string) => any[]}
     */
    curve(solver, wanted, grid2, measure2) {
      const derivative = this.kind(solver, wanted);
      const fits = this.runs.filter((q) => q.solver === solver && q.derivative === derivative && onGrid(q, grid2));
      return this.nfes.flatMap((nfe) => {
        const q = leastError(
          fits.filter((r) => r.nfe === nfe),
          (r) => median(r.error)
        );
        return q?.[measure2].length ? [{ ...q, values: q[measure2], value: median(q[measure2]) }] : [];
      });
    }
    /**
     * Cost of an image by calls, on a meter: calls, counted arithmetic in calls of eps, or seconds; NaN where it was
     * not measured.
     * @type {(solver: string, derivative: string, nfe: number, meter: string) => number}
     */
    cost(solver, derivative, nfe, meter) {
      const call = meter === "nfe" ? 1 : meter === "counted" ? this.counted[derivative] : (this.seconds?.per_call[`${solver} ${derivative}`] ?? NaN) / 1e3;
      return nfe * call;
    }
    /**
     * What the derivative's training cost, on the same meter: nothing but for the head.
     * @type {(derivative: string, meter: string) => number}
     */
    training(derivative, meter) {
      return derivative === "head" ? meter === "seconds" ? this.seconds.training : this.counted.training : 0;
    }
  };

  // genie_edu/lab/src/engine/sheet.js
  var missing = (solver, derivative, spacing, nfe) => ({
    solver,
    derivative,
    spacing,
    nfe,
    afs: false,
    row: null,
    error: NaN,
    frechet: NaN
  });
  var MIXED = {
    blend: (a, b, share) => Math.round(a + share * (b - a)),
    swipe: (a, b, share, x, tile) => x + 0.5 > tile * (1 - share) ? b : a,
    difference: (a, b) => Math.abs(a - b)
  };
  var Sheet = class extends Mosaic {
    constructor({ tile, columns, reference, image, rows, above = [], names = null, noun = null }) {
      super({ tile, columns, image });
      this.reference = reference;
      this.above = above;
      this.names = names;
      this.noun = noun ?? (names ? "column" : "seed");
      this.runs = rows.map(([row2, solver, derivative, spacing, nfe, error, frechet, afs]) => ({
        row: row2,
        solver,
        derivative,
        spacing,
        nfe,
        error: error ?? NaN,
        frechet: frechet ?? NaN,
        afs: Boolean(afs)
      }));
      this.judged = this.runs.some((q) => Number.isFinite(q.frechet));
      const { solvers, spacings, nfes, kind } = offered(this.runs);
      this.solvers = solvers;
      this.spacings = spacings;
      this.nfes = nfes;
      this.kind = kind;
      this.cells = new Map(this.runs.map((q) => [[q.solver, q.derivative, q.spacing, q.nfe].join(" "), q]));
    }
    /**
     * The run of a solver with exactly so many calls; one that takes a derivative takes it as wanted, or as it can.
     * @type {(solver: string, wanted: string, spacing: string, nfe: number) => import("./recorded.js").Recorded}
     */
    cell(solver, wanted, spacing, nfe) {
      const derivative = this.kind(solver, wanted);
      return this.cells.get([solver, derivative, spacing, nfe].join(" ")) ?? missing(solver, derivative, spacing, nfe);
    }
    /**
     * The same on a named grid without an analytic first step, or, for "best", the recorded run with the least error.
     * @type {(solver: string, wanted: string, grid: string, nfe: number) => import("./recorded.js").Recorded}
     */
    best(solver, wanted, grid2, nfe) {
      const derivative = this.kind(solver, wanted);
      const fits = this.runs.filter(
        (q) => q.solver === solver && q.derivative === derivative && q.nfe === nfe && onGrid(q, grid2)
      );
      return leastError(fits, (q) => q.error) ?? missing(solver, derivative, grid2, nfe);
    }
    /** One row of tiles, or how far it is from the reference's. @type {(row: number, difference?: boolean) => any} */
    strip(row2, difference = false) {
      return difference ? this.mixed(row2, this.reference.row, "difference") : this.changed(row2);
    }
    /**
     * Row a faded into row b by `share`, row b drawn over row a like a curtain from the right of every tile, or how
     * far the two are apart.
     * @type {(a: number, b: number, mixing: string, share?: number) => any}
     */
    mixed(a, b, mixing, share = 0) {
      const { tile } = this;
      const of = MIXED[mixing];
      return this.changed(a, `${b} ${mixing} ${share}`, (data2) => {
        const from = this.changed(b).data;
        for (let i = 0; i < data2.length; i++) {
          if (i % 4 === 3) continue;
          data2[i] = of(data2[i], from[i], share, (i >> 2) % tile, tile);
        }
      });
    }
    /**
     * Mean distance of a tile of one row from the same of another, in levels of 0 to 255.
     * @type {(a: number, b: number, column: number) => number}
     */
    apart(a, b, column) {
      const { data: data2 } = this.mixed(a, b, "difference");
      const { tile, columns } = this;
      let sum = 0;
      for (let y = 0; y < tile; y++)
        for (let x = 0; x < tile; x++)
          for (let c = 0; c < 3; c++) sum += data2[4 * ((y * columns + column) * tile + x) + c];
      return sum / (3 * tile * tile);
    }
    /** The same from the reference's tile. @type {(row: number, column: number) => number} */
    distance(row2, column) {
      return this.apart(row2, this.reference.row, column);
    }
  };

  // genie_edu/lab/src/engine/sheets.js
  var sheets = /* @__PURE__ */ new WeakMap();
  var KINDS = { history: History, precision: Precision };
  function sheetOf(config) {
    const packed = config.images ?? globalThis.GenieLabImages?.[config.sheet];
    if (!packed) throw new RangeError(`lab_${config.sheet}.js is not loaded`);
    if (!sheets.has(packed)) {
      const Kind = KINDS[config.view] ?? Sheet;
      sheets.set(packed, new Kind(packed));
    }
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
    } else if (MIXTURE.some((key) => key in out)) out.mixture = "custom";
    const next = { ...state, ...out };
    if (next.weights.length !== next.means.length || next.weights.length !== next.covs.length)
      throw new RangeError("weights, means and covs must have one length");
    if (next.t_end > 0.8 * next.t_start) throw new RangeError("t_end must lie well below t_start");
    if (out.knots) {
      out.n_steps ??= out.knots.length + 1;
      if (out.n_steps !== out.knots.length + 1) throw new RangeError("knots must be one fewer than n_steps");
      if (!inside(out.knots, next)) throw new RangeError("knots must lie between the two ends of the clock");
    } else if (state.knots && (next.n_steps !== state.n_steps || !inside(state.knots, next))) {
      out.knots = null;
    }
    next.n_steps = out.n_steps ?? next.n_steps;
    if (next.guide_low >= next.guide_high) throw new RangeError("guide_low must lie below guide_high");
    if (next.members.some((k) => k >= next.means.length)) {
      const left = next.members.filter((k) => k < next.means.length);
      out.members = left.length ? left : [0];
    }
    if (next.component >= next.means.length) out.component = 0;
    if (next.step >= next.n_steps) out.step = next.n_steps - 1;
    return out;
  }

  // genie_edu/lab/src/view/arrival.js
  var READER_MOVES = ["wheel", "touchstart", "pointerdown", "keydown"];
  function arriveAt(element2) {
    let height = 0;
    let place = 0;
    const go = () => {
      element2.scrollIntoView?.({ block: "start", behavior: "instant" });
      height = document.body.scrollHeight;
      place = scrollY;
    };
    go();
    const grown = new ResizeObserver(go);
    grown.observe(document.body);
    const scrolled = () => scrollY !== place && document.body.scrollHeight === height && end();
    const end = () => {
      grown.disconnect();
      removeEventListener("scroll", scrolled);
      for (const move of READER_MOVES) removeEventListener(move, end, true);
    };
    addEventListener("scroll", scrolled, { passive: true });
    for (const move of READER_MOVES) addEventListener(move, end, { capture: true, passive: true });
    return end;
  }

  // genie_edu/lab/src/view/numbers.js
  var MISSING = "–";
  function formatNumber(v) {
    if (!isNumber(v)) return MISSING;
    const a = Math.abs(v);
    if (a === 0) return "0";
    if (a < 1e-3 || a >= 1e5) return v.toExponential(2).replace("e+", "e").replaceAll("-", "−");
    if (a >= 1e3) return signed(Number(v.toFixed(0)));
    const text = v.toPrecision(3);
    return (text.includes("e") ? Number(text).toFixed(0) : text).replace("-", "−");
  }
  var signed = (v) => String(v).replace("-", "−");
  var roundNumber = (v) => Number(v.toPrecision(2)).toLocaleString("en-US");
  var round3 = (v) => Math.round(v * 1e3) / 1e3;
  var round6 = (v) => Math.round(v * 1e6) / 1e6;
  var clamp = (v, low, high) => Math.min(high, Math.max(low, v));
  var pointText = (p) => `(${formatNumber(p[0])}, ${formatNumber(p[1])})`;
  var countOf = (n, word) => `${n} ${n === 1 ? word : `${word}s`}`;
  var powerOfTen = (exponent) => `10${String(exponent).replace(/[-0-9]/g, (c) => c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(c)])}`;
  var spreadOf = (cov) => (cov[0][0] * cov[1][1] - cov[0][1] * cov[1][0]) ** 0.25;

  // genie_edu/lab/src/view/axes.js
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
      px: (v) => x + (f(v) - a0) * ax,
      py: (v) => y + h2 - (f(v) - b0) * by,
      inverse: (px, py2) => [(px - x) / ax + a0, (y + h2 - py2) / by + b0],
      sx: ax,
      sy: by
    };
  }
  function centred(rect, half) {
    const k = half / Math.min(rect.w, rect.h);
    return axes(rect, [-k * rect.w, k * rect.w], [-k * rect.h, k * rect.h]);
  }
  var reachOf = (S) => [...S.means, ...S.start ? [S.start] : []].flat().some((v) => Math.abs(v) > 2.4) ? 3.75 : 2.75;
  var plane = (W, H, reach) => centred({ x: 48, y: 8, w: W - 56, h: H - 50 }, reach);
  var square = (W) => Math.round(clamp(W * 0.92, 280, 480));
  function drawAxes(s, A, options) {
    const { xName, yName, xFormat = tickText, yFormat = tickText, grid: grid2 = false } = options;
    const t = s.theme;
    const xTicks = options.xTicks ?? ticks(A.x0, A.x1, Math.max(2, A.w / 75));
    const yTicks = options.yTicks ?? ticks(A.y0, A.y1, Math.max(3, A.h / 60));
    if (grid2)
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
  var roundNumbers = (low, high) => {
    const out = [];
    for (let k = Math.floor(Math.log10(low)); k <= Math.log10(high); k++)
      for (const m of [1, 2, 5]) {
        const v = Number((m * 10 ** k).toPrecision(3));
        if (v >= low * 0.999 && v <= high * 1.001) out.push(v);
      }
    return out;
  };
  var logTicks = (low, high, most) => {
    const all = roundNumbers(low, high);
    const tens = all.filter((v) => /^1/.test(v.toExponential()));
    if (all.length <= most) return all;
    if (tens.length < 2) return [all[0], all[all.length - 1]];
    return tens.filter((_, i) => i % Math.ceil(tens.length / most) === 0);
  };

  // genie_edu/lab/src/view/handles.js
  var HALF = 14;
  var handleOf = (lab, id) => lab.handles.find((q) => q.id === id);
  function syncHandles(lab) {
    lab.handles = lab.view.handles(lab, lab.width, lab.heightPx);
    const wanted = new Set(lab.handles.map((q) => q.id));
    for (const [id, el] of lab.parts.handleEls) {
      if (wanted.has(id)) continue;
      el.remove();
      lab.parts.handleEls.delete(id);
    }
    for (const handle of lab.handles) {
      if (!lab.parts.handleEls.has(handle.id)) addHandle(lab, handle);
      syncHandle(lab, handle, lab.parts.handleEls.get(handle.id));
    }
  }
  function addHandle(lab, { id, kind }) {
    const el = h("button", { type: "button", class: `gl-handle gl-handle-${kind}`, "data-id": id });
    el.addEventListener("pointerdown", (e) => dragHandle(lab, e, el));
    el.addEventListener("focus", () => {
      const handle = handleOf(lab, id);
      if (handle?.select) lab.set(handle.select(), "input");
    });
    lab.parts.plot.append(el);
    lab.parts.handleEls.set(id, el);
  }
  function syncHandle(lab, handle, el) {
    const x = clamp(handle.x, HALF, lab.width - HALF);
    const y = clamp(handle.y, HALF, lab.heightPx - HALF);
    if (Number.isFinite(x) && Number.isFinite(y))
      el.style.transform = `translate(${(x - HALF).toFixed(1)}px, ${(y - HALF).toFixed(1)}px)`;
    if (el.textContent !== handle.text) el.textContent = handle.text;
    if (el.getAttribute("aria-label") !== handle.label) el.setAttribute("aria-label", handle.label);
    if (handle.slider) {
      const { low, high, now, text } = handle.slider;
      el.setAttribute("role", "slider");
      el.setAttribute("aria-valuemin", String(Math.min(low, now)));
      el.setAttribute("aria-valuemax", String(Math.max(high, now)));
      el.setAttribute("aria-valuenow", String(now));
      el.setAttribute("aria-valuetext", text);
    }
    el.classList.toggle("gl-selected", Boolean(handle.selected));
  }
  function dragHandle(lab, e, el) {
    const handle = handleOf(lab, el.dataset.id);
    if (e.button > 0 || !handle) return;
    e.preventDefault();
    el.focus({ preventScroll: true });
    el.setPointerCapture?.(e.pointerId);
    lab.hold(true);
    const during = new AbortController();
    const { signal } = during;
    const move = (ev) => lab.set(handle.move(ev.clientX - e.clientX, ev.clientY - e.clientY), "input");
    const stop = () => {
      during.abort();
      lab.hold(false);
      if (lab.dragging) lab.endDrag();
    };
    el.addEventListener("pointermove", move, { signal });
    for (const type of ["pointerup", "pointercancel", "lostpointercapture"]) el.addEventListener(type, stop, { signal });
  }

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
  var shortened = (label) => label.replace(/ \(.*\)$/, "");
  var shortLabel = (lab, solver) => shortened(labelOf(lab, solver));
  var SPACING_NAMES = {
    linear: "uniform in t",
    quadratic: "uniform in √t",
    log_gamma: "uniform in log-SNR",
    rho7: "uniform in γ^(1/7)"
  };
  var CLOCK_NAMES = { t: "t", log_snr: "log-SNR = −2 log γ", gamma: "γ" };

  // genie_edu/lab/src/view/surfaces/markers.js
  var TURN = 2 * Math.PI;
  var star = (points, outer, inner) => Array.from({ length: 2 * points }, (_, i) => {
    const a = TURN * (i / (2 * points) - 0.25);
    const r = i % 2 ? inner : outer;
    return [r * Math.cos(a), r * Math.sin(a)];
  });
  var ARM = 0.38;
  var CROSS = [
    [-ARM, -1.15],
    [ARM, -1.15],
    [ARM, -ARM],
    [1.15, -ARM],
    [1.15, ARM],
    [ARM, ARM],
    [ARM, 1.15],
    [-ARM, 1.15],
    [-ARM, ARM],
    [-1.15, ARM],
    [-1.15, -ARM],
    [-ARM, -ARM]
  ];
  var CORNERS = {
    diamond: [[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]],
    square: [[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]],
    "triangle-up": [[0, -1.25], [1.15, 0.85], [-1.15, 0.85]],
    "triangle-down": [[0, 1.25], [1.15, -0.85], [-1.15, -0.85]],
    "triangle-left": [[-1.25, 0], [0.85, -1.15], [0.85, 1.15]],
    "triangle-right": [[1.25, 0], [-0.85, -1.15], [-0.85, 1.15]],
    "diamond-wide": [[0, -0.9], [1.5, 0], [0, 0.9], [-1.5, 0]],
    "star-triangle-down": star(3, 1.5, 0.6).map(([a, b]) => [a, -b]),
    hourglass: [[-1, -1.1], [1, -1.1], [-1, 1.1], [1, 1.1]],
    hexagram: star(6, 1.35, 0.75),
    star: star(5, 1.4, 0.6),
    cross: CROSS,
    x: CROSS.map(([a, b]) => [(a - b) * Math.SQRT1_2, (a + b) * Math.SQRT1_2])
  };
  function markerPath(pen, shape, x, y, r) {
    if (!(Number.isFinite(x) && Number.isFinite(y))) return;
    const corners = CORNERS[shape];
    if (!corners) {
      pen.circle(x, y, r);
      return;
    }
    corners.forEach(([a, b], i) => {
      if (i) pen.lineTo(x + r * a, y + r * b);
      else pen.moveTo(x + r * a, y + r * b);
    });
    pen.closePath();
  }

  // genie_edu/lab/src/view/surfaces/surface.js
  var DASHES = { solid: [], dash: [7, 4], dot: [1.5, 3.5], dashdot: [8, 3, 1.5, 3] };
  var RING_WIDTH = 1.2;
  var ruler = null;
  var Surface = class {
    /** @param {Theme} theme */
    constructor(theme) {
      this.theme = theme;
    }
    /** The width of a text in pixels. @type {(string: string, size: number, weight?: number) => number} */
    textWidth(string, size, weight = 400) {
      ruler ??= document.createElement("canvas").getContext("2d");
      ruler.font = `${weight} ${size}px ${this.theme.font}`;
      return ruler.measureText(string).width;
    }
    /**
     * The size at which the string is no wider than `room`: `size`, or less.
     * @type {(room: number, string: string, size: number, weight: number) => number}
     */
    sizeIn(room, string, size, weight) {
      return room === Infinity ? size : size * Math.min(1, room / this.textWidth(string, size, weight));
    }
    /**
     * A marker, as a ring or filled.
     * @type {(style: { color: string, ring?: boolean, alpha?: number }, draw: Build) => void}
     */
    mark({ color, ring = false, alpha = 1 }, draw) {
      if (ring) this.stroke({ color, width: RING_WIDTH, alpha }, draw);
      else this.fill({ color, alpha }, draw);
    }
    /* What a surface must do itself; `Surface` only says what a view may ask for. */
    /** @type {(style: StrokeStyle, build: Build) => void} */
    stroke(_style, _build) {
    }
    /** @type {(style: { color: string, alpha?: number }, build: Build) => void} */
    fill(_style, _build) {
    }
    /**
     * A text at a point, which lies at half its height.
     * @type {(string: string, x: number, y: number, style?: TextStyle) => void}
     */
    text(_string, _x, _y, _style) {
    }
    /**
     * A picture stretched to a rectangle.
     * @type {(canvas: HTMLCanvasElement, x: number, y: number, w: number, h: number) => void}
     */
    image(_canvas, _x, _y, _w, _h) {
    }
    /**
     * The part of a strip of images from column `from` on, `size` wide and high: enlarged, its pixels kept sharp.
     * @type {(strip: HTMLCanvasElement, from: number, size: number, x: number, y: number, side: number) => void}
     */
    tile(_strip, _from, _size, _x, _y, _side) {
    }
    /**
     * Layers of many thin lines over a W x H picture, bottom first.
     * @type {(layers: HazeLayer[], w: number, h: number) => void}
     */
    haze(_layers, _w, _h) {
    }
    /**
     * What changes only when one of the `parts` is another.
     * @type {(parts: any[], draw: (s: Surface) => void) => void}
     */
    background(_parts, _draw) {
    }
    /** One marker at many points. @type {(points: number[][], style: StampStyle) => void} */
    stamp(_points, _style) {
    }
    /**
     * What is drawn shows inside a rectangle only.
     * @type {(x: number, y: number, w: number, h: number, draw: () => void) => void}
     */
    clip(_x, _y, _w, _h, _draw) {
    }
  };

  // genie_edu/lab/src/view/surfaces/svg.js
  var escapeXml = (s) => String(s).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
  var fixed = (v) => v.toFixed(1);
  function pathPen() {
    const r = (v) => Math.round(v * 10) / 10;
    const d = [];
    return {
      d,
      moveTo: (x, y) => d.push(`M${r(x)} ${r(y)}`),
      lineTo: (x, y) => d.push(`L${r(x)} ${r(y)}`),
      closePath: () => d.push("Z"),
      circle: (x, y, q) => d.push(`M${r(x + q)} ${r(y)}a${q} ${q} 0 1 0 ${-2 * q} 0a${q} ${q} 0 1 0 ${2 * q} 0`)
    };
  }
  var SvgSurface = class extends Surface {
    /**
     * @param {number} width
     * @param {number} height
     * @param {import("./surface.js").Theme} theme
     */
    constructor(width, height, theme) {
      super(theme);
      this.width = width;
      this.height = height;
      this.out = [];
      this.clips = 0;
    }
    stroke({ color, width = 1, dash = "solid", alpha = 1 }, build) {
      const pen = pathPen();
      build(pen);
      if (!pen.d.length) return;
      const dashes = DASHES[dash].length ? ` stroke-dasharray="${DASHES[dash].join(" ")}"` : "";
      this.out.push(
        `<path d="${pen.d.join("")}" fill="none" stroke="${escapeXml(color)}" stroke-width="${width}" stroke-opacity="${alpha}" stroke-linejoin="round"${dashes}/>`
      );
    }
    fill({ color, alpha = 1 }, build) {
      const pen = pathPen();
      build(pen);
      if (pen.d.length) this.out.push(`<path d="${pen.d.join("")}" fill="${escapeXml(color)}" fill-opacity="${alpha}"/>`);
    }
    text(string, x, y, { color = this.theme.fg, size = 12, align = "start", weight = 400, rotate = 0, room = Infinity } = {}) {
      const anchor = align === "center" ? "middle" : align === "end" || align === "right" ? "end" : "start";
      const turn = rotate ? ` transform="rotate(${fixed(rotate * 180 / Math.PI)} ${fixed(x)} ${fixed(y)})"` : "";
      const fontSize = +this.sizeIn(room, string, size, weight).toFixed(2);
      this.out.push(
        `<text x="${fixed(x)}" y="${fixed(y)}" dy="0.35em" font-size="${fontSize}" font-weight="${weight}" text-anchor="${anchor}" fill="${escapeXml(color)}"${turn}>${escapeXml(string)}</text>`
      );
    }
    background(_parts, draw) {
      draw(this);
    }
    haze(layers) {
      for (const { color, alpha, build } of layers) this.stroke({ color, alpha }, build);
    }
    stamp(points, { color, radius, marker, ring = false, alpha = 1 }) {
      this.mark({ color, ring, alpha }, (pen) => {
        for (const [x, y] of points) markerPath(pen, marker, x, y, radius);
      });
    }
    image(canvas, x, y, w, h2) {
      this.out.push(
        `<image x="${x}" y="${y}" width="${w}" height="${h2}" preserveAspectRatio="none" href="${canvas.toDataURL("image/png")}"/>`
      );
    }
    tile(strip, from, size, x, y, side) {
      const canvas = document.createElement("canvas");
      canvas.width = size;
      canvas.height = size;
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
    /** The file's text. @param {string} title */
    toString(title) {
      const { width, height, theme } = this;
      return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${escapeXml(theme.font)}" role="img"><title>${escapeXml(title)}</title><rect width="100%" height="100%" fill="${escapeXml(theme.bg)}"/>${this.out.join("")}</svg>`;
    }
  };

  // genie_edu/lab/src/view/swatch.js
  var SVG = "http://www.w3.org/2000/svg";
  var element = (tag, attributes) => {
    const el = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) el.setAttribute(name, String(value));
    return el;
  };
  function swatch(lab, solver) {
    const { color, marker, dash } = styleOf(lab, solver);
    const pen = pathPen();
    markerPath(pen, marker, 12, 7, 3.6);
    const svg = element("svg", {
      width: 24,
      height: 14,
      viewBox: "0 0 24 14",
      "aria-hidden": "true",
      class: "gl-swatch"
    });
    const dashes = DASHES[dash].join(" ");
    svg.append(
      element("path", { d: "M0 7L24 7", fill: "none", stroke: color, "stroke-width": "1.8", "stroke-dasharray": dashes }),
      element("path", { d: pen.d.join(""), fill: color })
    );
    return svg;
  }

  // genie_edu/lab/src/view/controls/plane.js
  var replaced = (p, i, v) => p.map((c, k) => k === i ? v : c);
  var meanControl = (label, i) => ({
    kind: "number",
    label,
    low: -3,
    high: 3,
    step: 0.05,
    get: (S) => S.means[S.component][i],
    set: (v, S) => ({ means: S.means.map((m, k) => k === S.component ? replaced(m, i, v) : m) })
  });
  var startControl = (label, i) => ({
    kind: "number",
    label,
    low: -3,
    high: 3,
    step: 0.05,
    disabled: (S) => S.start === null,
    get: (S) => S.start ? S.start[i] : 0,
    set: (v, S) => S.start ? { start: replaced(S.start, i, v) } : {}
  });
  var PLANE = {
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
        return { covs: S.covs.map((c, k) => k === S.component ? c.map((row2) => row2.map((e) => e * f)) : c) };
      }
    },
    mean_x: meanControl("Its mean, x₁", 0),
    mean_y: meanControl("Its mean, x₂", 1),
    own_start: {
      kind: "check",
      label: "Place one start myself",
      get: (S) => S.start !== null,
      set: (v) => ({ start: v ? [1.2, -1.4] : null })
    },
    start_x: startControl("Start x₁", 0),
    start_y: startControl("Start x₂", 1),
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
    members: { kind: "members", label: "The class" },
    w: { kind: "range", label: "Guidance weight w", low: 0, high: 8, step: 0.25 },
    guide_high: {
      kind: "range",
      label: "Guidance acts below γ =",
      low: -4.9,
      high: 5.1,
      step: 0.1,
      text: (v) => formatNumber(Math.exp(v)),
      set: (v, S) => ({ guide_high: Math.max(v, S.guide_low + 0.1) })
    },
    guide_low: {
      kind: "range",
      label: "and above γ =",
      low: -5,
      high: 5,
      step: 0.1,
      text: (v) => formatNumber(Math.exp(v)),
      set: (v, S) => ({ guide_low: Math.min(v, S.guide_high - 0.1) })
    },
    guided_derivative: {
      kind: "select",
      label: "Derivative that GENIE is given",
      options: () => [
        ["exact", "of the guided flow"],
        ["sum", "sum of two"]
      ]
    },
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
    cursor: {
      kind: "range",
      label: "Cursor",
      low: 0,
      high: 1,
      step: 5e-3,
      text(_v, lab) {
        const clock = lab.S.clock === "plane" ? "gamma" : lab.S.clock;
        return `${CLOCK_NAMES[clock].split(" ")[0]} = ${formatNumber(clockOf(clock, lab.R ? lab.R.g : NaN))}`;
      }
    },
    variable: {
      kind: "select",
      label: "Coordinates",
      options: () => [
        ["x_bar", "x̄ = x / α"],
        ["x", "x"]
      ]
    }
  };

  // genie_edu/lab/src/view/controls/recorded.js
  var recordedCalls = (label) => ({ kind: "pick", name: "nfe", label, list: (lab) => lab.sheet.nfes });
  var recordedSolvers = (lab) => lab.sheet.solvers.map((s) => [s, shortLabel(lab, s)]);
  var RECORDED = {
    image_nfe: recordedCalls("Calls of eps for each (NFE)"),
    pair_nfe: recordedCalls("The solver's calls of eps"),
    pair_solver: {
      kind: "select",
      name: "solver",
      label: "Solver",
      set: (v, S) => v === S.rival ? { solver: v, rival: S.solver } : { solver: v },
      options: recordedSolvers
    },
    rival: {
      kind: "select",
      label: "Rival",
      set: (v, S) => v === S.solver ? { rival: v, solver: S.rival } : { rival: v },
      options: recordedSolvers
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
      text: (v, lab) => lab.S.axis === "training" ? roundNumber(10 ** v) : "only with training",
      disabled: (S) => S.axis !== "training"
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
    derivative: {
      kind: "select",
      label: "GENIE's derivative",
      tall: true,
      options: () => [
        ["head", "from the distilled head"],
        ["autodiff", "exact (autodiff)"]
      ]
    },
    show_difference: { kind: "check", label: "Show the difference from the own ODE" }
  };

  // genie_edu/lab/src/engine/paths.js
  var effort = (S, dragging) => dragging ? { n: Math.min(S.n_starts, MAX_COARSE), substep: COARSE_SUBSTEP } : { n: S.n_starts, substep: EXACT_SUBSTEP };
  function runPaths(engine, S, dragging, stepsOf = () => S.n_steps) {
    const mix = engine.mixture(S);
    const { n, substep } = effort(S, dragging);
    const xBar = engine.start(S, n);
    const exact = engine.exactPaths(S, xBar, substep);
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
  function runKnots(engine, S, dragging = false) {
    const mix = engine.mixture(S);
    const { n, substep } = effort(S, dragging);
    const xBar = engine.start(S, n);
    const N = S.n_steps;
    const gammas = levelsOf(S);
    const n2 = xBar.length;
    const plain = grid(N, "linear", S.t_start, S.t_end);
    const exact = engine.exactPaths(S, xBar, substep);
    const truth = engine.exact.along(mix, xBar, gammas, substep);
    const run = engine.run(0, S, xBar, gammas, S.solver, {});
    const one = engine.slot("local").fromExact(mix, truth, gammas, S.solver);
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

  // genie_edu/lab/src/view/density.js
  var ACROSS = 180;
  var LEAST_LEVEL = 0.03;
  function density(lab, mix, gamma, A) {
    const n = lab.dragging ? ACROSS / 2 : ACROSS;
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
      for (let i = 0; i < n; i++) {
        const x = A.x0 + (i + 0.5) / n * (A.x1 - A.x0);
        const y = A.y1 - (j + 0.5) / rows * (A.y1 - A.y0);
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
  function shade(s, lab, mix, gamma, A) {
    s.image(density(lab, mix, gamma, A), A.x, A.y, A.w, A.h);
  }
  function shadeEnd(s, lab, mix, gamma, A) {
    shade(s, lab, mix, Math.max(gamma, LEAST_LEVEL), A);
  }

  // genie_edu/lab/src/view/pens.js
  var FAR = 1e5;
  var clampPx = (v) => Math.min(FAR, Math.max(-FAR, v));
  var line = (points) => (pen) => {
    let begun = false;
    for (const [x, y] of points) {
      if (Number.isNaN(x) || Number.isNaN(y)) continue;
      if (begun) pen.lineTo(x, y);
      else pen.moveTo(x, y);
      begun = true;
    }
  };
  var polyline = (A, points) => line(points.map((p) => [clampPx(A.px(p[0])), clampPx(A.py(p[1]))]));
  var vertical = (A, x) => line([
    [x, A.y],
    [x, A.y + A.h]
  ]);
  var horizontal = (A, y) => line([
    [A.x, y],
    [A.x + A.w, y]
  ]);
  var box = (x, y, w, h2) => (pen) => {
    pen.moveTo(x, y);
    pen.lineTo(x + w, y);
    pen.lineTo(x + w, y + h2);
    pen.lineTo(x, y + h2);
    pen.closePath();
  };
  var markers = (A, points, marker, r) => (pen) => {
    for (const p of points) markerPath(pen, marker, A.px(p[0]), A.py(p[1]), r);
  };
  var circle = (A, p, r) => (pen) => pen.circle(A.px(p[0]), A.py(p[1]), r);

  // genie_edu/lab/src/view/tracks.js
  var trackPens = (A, B, clock = "plane") => (path, gamma, n) => (pen) => {
    const flat = clock === "plane";
    const levels = gamma.length;
    const f = new Float64Array(levels);
    const c = new Float64Array(levels);
    for (let j = 0; j < levels; j++) {
      f[j] = alphaOf(gamma[j]);
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
        if (Number.isNaN(x) || Number.isNaN(y)) break;
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
  var pairs = (path) => Array.from({ length: path.length >> 1 }, (_, i) => [path[2 * i], path[2 * i + 1]]);

  // genie_edu/lab/src/view/fields.js
  var MOST_LINES = 40;
  var panelAxes = (rect) => centred(rect, 2.6);
  var PANEL_TICKS = { xTicks: [-2, 0, 2], yTicks: [-2, 0, 2] };
  function drawField(s, lab, A, R, { truth, runs, rings, title }) {
    const gEnd = gammaOf(lab.S.t_end);
    const f = alphaOf(gEnd);
    const lines = Math.min(R.n, MOST_LINES);
    const t = s.theme;
    const last = lab.S.n_steps * 2 * R.n;
    const track = trackPens(A, R.n);
    const ends = endPixels(A, R.n);
    s.clip(A.x, A.y, A.w, A.h, () => {
      shadeEnd(s, lab, R.mix, gEnd, A);
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
  function twoPanels(W, H) {
    const narrow = W < 560;
    const first = { x: 48, y: 28, w: (narrow ? W : 0.5 * W) - 60, h: (narrow ? H / 2 : H) - 72 };
    const second = narrow ? { x: 48, y: H / 2 + 28, w: W - 60, h: H / 2 - 72 } : { x: 0.5 * W + 50, y: 28, w: 0.5 * W - 62, h: H - 72 };
    return [first, second];
  }

  // genie_edu/lab/src/view/places.js
  var FURTHEST = 3;
  var moved2 = (A, p, dx, dy, scale) => [
    round3(clamp(p[0] + dx / A.sx / scale, -FURTHEST, FURTHEST)),
    round3(clamp(p[1] - dy / A.sy / scale, -FURTHEST, FURTHEST))
  ];
  var pointHandle = (S, A, key, name, scale = 1) => ({
    id: key,
    kind: key,
    text: "",
    label: `${name} ${pointText(S[key])}; arrow keys move it`,
    x: A.px(S[key][0] * scale),
    y: A.py(S[key][1] * scale),
    move: (dx, dy) => ({ [key]: moved2(A, S[key], dx, dy, scale) })
  });
  var meanHandles = (S, A) => S.means.map((m, k) => ({
    id: `mean-${k}`,
    kind: "mean",
    text: S.means.length > 1 ? String(k + 1) : "",
    label: `Mean of component ${k + 1} at ${pointText(m)}; arrow keys move it`,
    selected: S.component === k,
    x: A.px(m[0]),
    y: A.py(m[1]),
    move: (dx, dy) => ({ component: k, means: S.means.map((p, i) => i === k ? moved2(A, p, dx, dy, 1) : p) }),
    select: () => ({ component: k })
  }));

  // genie_edu/lab/src/view/python.js
  var py = (v) => typeof v === "string" ? JSON.stringify(v) : typeof v === "boolean" ? { true: "True", false: "False" }[String(v)] : Array.isArray(v) ? `[${v.map(py).join(", ")}]` : String(v);
  var pythonGrid = (S, steps) => `t = ge.time_grid(${steps}, spacing=${py(S.spacing)}, t_start=${py(S.t_start)}, t_end=${py(S.t_end)})`;
  var pythonClockEnds = (S) => `gammas = flow.schedule.gamma(torch.tensor([${py(S.t_start)}, ${py(S.t_end)}], dtype=torch.float64))`;
  function pythonHead(S, { n = S.n_starts, levels = [pythonGrid(S, S.n_steps), "gammas = flow.schedule.gamma(t)"] } = {}) {
    const mixture = S.mixture === "custom" ? [
      "mixture = ge.GaussianMixture(",
      `    weights=${py(S.weights)},`,
      `    means=${py(S.means)},`,
      `    covs=${py(S.covs)},`,
      ")"
    ].join("\n") : `mixture = ge.GaussianMixture(**ge.TOYS[${py(S.mixture)}])`;
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
    ...pythonHead(S, { levels: [pythonClockEnds(S)] }),
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

  // genie_edu/lab/src/view/rows.js
  var MOST_ROWS = 25;
  var row = (label, name, value, text = formatNumber(value), { style, ...cell } = {}) => ({
    label,
    style,
    cells: [{ name, value, text, ...cell }]
  });
  var errorRow = (solver, cells, bar) => ({
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
    const lengths = new Set(R.results.map((r) => r.run.N));
    const last = lengths.size === 1 ? [...lengths][0] : "";
    for (let i = 0; i < R.n; i++)
      rows.push(["exact", i, last, S.t_end, gammaOf(S.t_end), R.exact.end[2 * i], R.exact.end[2 * i + 1]]);
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

  // genie_edu/lab/src/view/views/knots.js
  var KNOT_GAP = 0.01;
  var knotsOf = (gammas) => Array.from(gammas.slice(1, -1), (g) => round6(Math.log(g)));
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
      return { R, bars: axes(left, [Math.log(g0), Math.log(g1)], [low, high]), plane: panelAxes(right) };
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
        const edge = [
          [a, top],
          [b, top]
        ];
        s.fill({ color: style.color, alpha: worst ? 0.55 : 0.25 }, (pen) => {
          line([[a, base], ...edge, [b, base]])(pen);
          pen.closePath();
        });
        s.stroke({ color: style.color, width: 2.2 }, line(edge));
      });
      s.stroke({ color: t.fg, width: 1.2, dash: "dash", alpha: 0.8 }, horizontal(A, middle));
      s.text("median", A.x + 4, middle - 8, { size: 11, halo: true });
      s.stroke({ color: t.axis, width: 1 }, (pen) => {
        u.forEach((v, i) => {
          const x = A.px(v);
          pen.moveTo(x, i > 0 && i < R.N ? i % 2 ? 18 : 46 : 60);
          pen.lineTo(x, base);
        });
        horizontal(A, 60)(pen);
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
        yFormat: powerOfTen
      });
      const gEnd = R.gammas[R.N];
      const f = alphaOf(gEnd);
      const lines = Math.min(R.n, MOST_LINES);
      const track = trackPens(P, R.n);
      const ends = endPixels(P, R.n);
      const radius = R.n <= 60 ? 3 : R.n <= 150 ? 2.4 : 1.7;
      s.clip(P.x, P.y, P.w, P.h, () => {
        shadeEnd(s, lab, R.mix, gEnd, P);
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
        row("error of your grid", "error", R.error, void 0, { style: lab.S.solver }),
        row(`error, ${R.N} steps uniform in t`, "error_default", R.byDefault),
        row("yours / uniform in t", "ratio", R.ratio),
        row("step with the largest local error", "worst_interval", R.worst + 1, `${R.worst + 1} of ${R.N}`),
        row("largest / median local error", "spread_of_local", R.uneven)
      ]
    }),
    summary(lab, R) {
      const [from, to] = [R.gammas[R.worst], R.gammas[R.worst + 1]].map(formatNumber);
      return `${labelOf(lab, lab.S.solver)}, ${countOf(R.N, "step")}: your grid ends ${formatNumber(R.error)} off, ${formatNumber(R.ratio)} times the error of a grid uniform in t. Step ${R.worst + 1}, γ from ${from} to ${to}, has the largest local error.`;
    },
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
      const own = S.knots && {
        levels: [
          pythonClockEnds(S),
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

  // genie_edu/lab/src/view/controls/control.js
  var listWith = (list, value, text = String) => (list.includes(value) ? list : [...list, value]).map((v) => [v, text(v)]);
  var namedLikeValues = (names) => names.map((name) => [name, name]);

  // genie_edu/lab/src/view/controls/runs.js
  var COUNTS = [2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512];
  var MOST_COUNTS = 24;
  var T_ENDS = [1e-3, 3e-3, 0.01, 0.03, 0.05, 0.1];
  var T_STARTS = [1, 0.9, 0.7, 0.5, 0.4, 0.3];
  var RUNS = {
    n_steps: { kind: "range", label: "Steps", low: 1, high: 100, step: 1 },
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
    knot_grid: {
      kind: "select",
      name: "spacing",
      label: "Grid to start from",
      options: () => SPACINGS.map((s) => [s, SPACING_NAMES[s]]),
      buttons: [
        {
          name: "equidistribute",
          label: "Equidistribute",
          primary: true,
          set: (S, lab) => {
            const R = runKnots(lab.engine, S);
            return { knots: knotsOf(equidistribute(R.gammas, R.local, SOLVERS[S.solver].order)) };
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
    precision: { kind: "select", label: "Number format", options: () => namedLikeValues(["float64", "float32"]) },
    order_steps: {
      kind: "pick",
      name: "n_steps",
      label: "Steps N",
      list: COUNTS,
      buttons: [
        {
          name: "measure",
          label: "Measure",
          primary: true,
          set: (S) => S.counts.length < MOST_COUNTS ? { counts: [...S.counts, S.n_steps] } : {},
          disabled: (S) => S.counts.includes(S.n_steps)
        },
        {
          name: "clear",
          label: "Clear",
          undoable: true,
          set: () => ({ counts: [], committed: false }),
          disabled: (S) => S.counts.length === 0
        }
      ]
    },
    expected_slope: {
      kind: "range",
      label: "Order that you expect",
      low: 0,
      high: 5,
      step: 0.25,
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
    mystery: {
      kind: "select",
      label: "Sampler",
      options: () => Object.keys(MYSTERIES).map((k) => [k, `mystery ${k}`]),
      hint: (S) => `Its author says: order ${MYSTERIES[S.mystery].order}. ${MYSTERIES[S.mystery].claim}`,
      set: (v) => ({ mystery: v, counts: [], committed: false, diagnosis: "none", revealed: false })
    },
    diagnosis: {
      kind: "select",
      label: "Your diagnosis",
      tall: true,
      options: () => [["none", "not yet"], ...Object.entries(DIAGNOSES)],
      disabled: (S) => S.counts.length < 4,
      buttons: [
        {
          name: "tell",
          label: "Tell me",
          set: () => ({ revealed: true }),
          disabled: (S) => S.counts.length < 4 || S.diagnosis === "none" || S.revealed
        }
      ]
    },
    against: {
      kind: "select",
      label: "Compare its end with",
      tall: true,
      options: () => [
        ["end", "the exact end point"],
        ["before", "the exact point one level earlier"]
      ]
    }
  };

  // genie_edu/lab/src/view/controls/steps.js
  var LENGTHS = { 1: "whole", 0.5: "half", 0.25: "a quarter", 0.125: "an eighth" };
  var STEPS = {
    step_scale: {
      kind: "select",
      label: "Length of this step",
      number: true,
      options: (lab) => listWith(Object.keys(LENGTHS).map(Number), lab.S.step_scale, (v) => LENGTHS[v] ?? String(v))
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
    },
    difference: { kind: "select", label: "Difference", options: () => namedLikeValues(QUOTIENTS) },
    log_step: {
      kind: "range",
      label: "Step, as a share of γ",
      low: -10,
      high: -0.3,
      step: 0.1,
      text: (v) => formatNumber(10 ** v)
    },
    checkpoint: {
      kind: "range",
      label: "Training steps of the head",
      low: 0,
      high: 7,
      step: 1,
      text: (v, lab) => String(networksOf(lab.config.networks).heads[v].step)
    }
  };

  // genie_edu/lab/src/view/controls/index.js
  var CONTROLS = { ...RUNS, ...PLANE, ...STEPS, ...RECORDED };

  // genie_edu/lab/src/view/controls/make.js
  var serial = 0;
  var nextId = () => {
    serial += 1;
    return `gl-${serial}`;
  };
  var textOf = (text, of) => typeof text === "function" ? text(of) : text;
  var labelFor = ({ id, label }) => h("label", { for: id }, label);
  function buttonRow(lab, c) {
    const press = (b) => {
      const act = () => lab.set(b.set(lab.S, lab), "input");
      if (!b.disabled?.(lab.S)) b.undoable ? lab.undoable(act) : act();
    };
    const buttons = (c.buttons ?? []).map((b) => {
      const looks = { type: "button", name: b.name, class: b.primary ? "gl-primary" : null };
      return { b, el: h("button", { ...looks, onclick: () => press(b) }) };
    });
    const els = buttons.map(({ el }) => el);
    return {
      els,
      box: els.length ? h("div", { class: "gl-buttons" }, ...els) : null,
      sync(S) {
        for (const { b, el } of buttons) {
          const text = textOf(b.label, S);
          if (el.textContent !== text) el.textContent = text;
          el.setAttribute("aria-disabled", String(Boolean(b.disabled?.(S))));
        }
      }
    };
  }
  function makeRange({ lab, c, id, name, low, high, label, get, push }, list = null) {
    const value = h("span", { class: "gl-value" });
    const limits = list ? { min: 0, max: list.length - 1, step: 1 } : { min: low, max: high, step: c.step };
    const chosen2 = () => list ? list[Number(input.value)] : Number(input.value);
    const input = h("input", { type: "range", id, name, ...limits, oninput: () => push(chosen2()) });
    const placeOf = (v) => list ? Math.max(
      0,
      list.findIndex((n) => n >= v)
    ) : v;
    const buttons = buttonRow(lab, c);
    return {
      el: h("div", { class: "gl-control" }, labelFor({ id, label }), value, input, buttons.box),
      sync(S) {
        buttons.sync(S);
        const v = get(S);
        const shown = String(placeOf(v));
        if (input.value !== shown) input.value = shown;
        const text = c.text ? c.text(v, lab) : String(v);
        if (value.textContent !== text) {
          value.textContent = text;
          input.setAttribute("aria-valuetext", text);
        }
        input.disabled = Boolean(c.disabled?.(S));
        const [least, most] = [Number(input.min), Number(input.max)];
        input.style.setProperty("--gl-fill", `${100 * (Number(input.value) - least) / (most - least)}%`);
      }
    };
  }
  function makeSelect({ lab, c, id, name, label, get, push }) {
    const hint = c.hint ? h("p", { class: "gl-hint", id: `${id}-hint` }) : null;
    const chosen2 = () => c.number ? Number(input.value) : input.value;
    const input = h("select", { id, name, "aria-describedby": hint?.id, onchange: () => push(chosen2()) });
    const buttons = buttonRow(lab, c);
    const shape = c.tall ? "gl-tall" : "gl-inline";
    let signature = "";
    return {
      el: h("div", { class: `gl-control ${shape}` }, labelFor({ id, label }), input, hint, buttons.box),
      sync(S) {
        buttons.sync(S);
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
  function makeNumber({ lab, c, id, name, low, high, label, get, push }) {
    const typed = () => {
      const v = input.valueAsNumber;
      if (Number.isFinite(v)) push(clamp(c.step >= 1 ? Math.round(v) : v, low, high));
    };
    const input = h("input", {
      type: "number",
      id,
      name,
      min: low,
      max: high,
      step: c.step,
      inputmode: "decimal",
      oninput: typed,
      onblur: () => {
        input.value = String(get(lab.S));
      }
    });
    return {
      el: h("div", { class: "gl-control gl-inline" }, labelFor({ id, label }), input),
      sync(S) {
        const v = get(S);
        const typing = document.activeElement === input;
        const stays = typing && (input.value === "" || clamp(input.valueAsNumber, low, high) === v);
        if (input.valueAsNumber !== v && !stays) input.value = String(v);
        input.disabled = Boolean(c.disabled?.(S));
      }
    };
  }
  function makeCheck({ id, name, label, get, push }) {
    const input = h("input", { type: "checkbox", id, name, onchange: () => push(input.checked) });
    return {
      el: h("div", { class: "gl-control gl-check" }, input, labelFor({ id, label })),
      sync(S) {
        input.checked = Boolean(get(S));
      }
    };
  }
  function makeSolvers({ lab, label, push }) {
    const most = limitsOf(lab.config.view).solvers;
    const known = lab.view.solvers ?? lab.sheet?.solvers ?? Object.keys(SOLVERS);
    const offered2 = known.filter((s) => Object.hasOwn(lab.config.styles, s));
    const boxes = offered2.map((solver) => {
      const choose = () => {
        const now = new Set(lab.S.solvers);
        if (box2.checked) now.add(solver);
        else now.delete(solver);
        if (now.size >= 1 && now.size <= most) push(Object.keys(SOLVERS).filter((s) => now.has(s)));
        else box2.checked = !box2.checked;
      };
      const id = nextId();
      const box2 = h("input", { type: "checkbox", id, name: "solver", value: solver, onchange: choose });
      const text = lab.sheet ? shortLabel(lab, solver) : labelOf(lab, solver);
      return {
        solver,
        box: box2,
        el: h("div", { class: "gl-check" }, box2, h("label", { for: id }, swatch(lab, solver), text))
      };
    });
    return {
      el: h("fieldset", { class: "gl-control gl-solvers" }, h("legend", {}, label), ...boxes.map((b) => b.el)),
      sync(S) {
        for (const { solver, box: box2 } of boxes) {
          box2.checked = S.solvers.includes(solver);
          box2.disabled = !box2.checked && S.solvers.length >= most || box2.checked && S.solvers.length === 1;
        }
      }
    };
  }
  function makeMembers({ lab, label, get, push }) {
    const el = h("fieldset", { class: "gl-control gl-solvers" });
    const legend = h("legend", {}, label);
    let boxes = [];
    const choose = () => {
      const now = boxes.flatMap((box2, k) => box2.checked ? [k] : []);
      if (now.length) push(now);
    };
    const build = (count) => {
      const made = Array.from({ length: count }, (_, k) => {
        const id = nextId();
        const box2 = h("input", { type: "checkbox", id, name: "member", value: k, onchange: choose });
        return { box: box2, row: h("div", { class: "gl-check" }, box2, h("label", { for: id }, `mode ${k + 1}`)) };
      });
      boxes = made.map(({ box: box2 }) => box2);
      el.replaceChildren(legend, ...made.map(({ row: row2 }) => row2));
    };
    return {
      el,
      sync(S) {
        if (boxes.length !== S.means.length) build(S.means.length);
        const members = get(S);
        boxes.forEach((box2, k) => {
          box2.checked = members.includes(k);
          box2.disabled = box2.checked && members.length === 1;
        });
      }
    };
  }
  function makeButtons({ lab, c, label }) {
    const { els, sync } = buttonRow(lab, c);
    return { el: h("div", { class: "gl-control gl-buttons", role: "group", "aria-label": label }, ...els), sync };
  }
  var MAKERS = {
    range: makeRange,
    pick: (making) => makeRange(making, textOf(making.c.list, making.lab)),
    select: makeSelect,
    number: makeNumber,
    check: makeCheck,
    solvers: makeSolvers,
    members: makeMembers,
    buttons: makeButtons
  };
  function makeControl(lab, key) {
    const c = CONTROLS[key];
    const name = c.name ?? key;
    const set = c.set ?? ((v) => ({ [name]: v }));
    return MAKERS[c.kind]({
      lab,
      c,
      id: nextId(),
      name,
      low: c.low,
      high: c.high,
      ...lab.config.limits?.[key],
      label: textOf(c.label, lab),
      get: c.get ?? ((S) => S[name]),
      push: (value) => lab.set(set(value, lab.S), "input")
    });
  }

  // genie_edu/lab/src/view/keyboard.js
  var ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  var STEP = 8;
  var PAGE = 40;
  function wayAlong(e, stride) {
    const fine = stride ?? (e.shiftKey ? 1 : STEP);
    if (ARROWS[e.key]) return fine * (ARROWS[e.key][0] - ARROWS[e.key][1]);
    return { PageUp: PAGE, PageDown: -PAGE, Home: -FAR, End: FAR }[e.key] ?? 0;
  }
  function moveHandle(lab, e, el) {
    if (lab.pending) lab.frame();
    const handle = handleOf(lab, el.dataset.id);
    if (!handle) return false;
    const way = handle.slider ? [wayAlong(e, handle.slider.stride), 0] : (ARROWS[e.key] ?? [0, 0]).map((v) => v * (e.shiftKey ? 1 : STEP));
    if (!way[0] && !way[1]) return false;
    lab.set(handle.move(way[0], way[1]), "input");
    return true;
  }
  function moveRange(e, el) {
    const span = Number(el.max) - Number(el.min);
    const page = Math.max(1, Math.round(span / Number(el.step) / 10));
    const arrow2 = ARROWS[e.key];
    const steps = arrow2 ? arrow2[0] - arrow2[1] : { PageUp: page, PageDown: -page }[e.key] ?? 0;
    if (steps > 0) el.stepUp(steps);
    else if (steps < 0) el.stepDown(-steps);
    else if (e.key === "Home") el.value = el.min;
    else if (e.key === "End") el.value = el.max;
    else return false;
    el.dispatchEvent(new Event("input", { bubbles: true }));
    return true;
  }
  function moveSelect(e, el) {
    if (e.key !== "ArrowUp" && e.key !== "ArrowDown") return false;
    const next = clamp(el.selectedIndex + ARROWS[e.key][1], 0, el.options.length - 1);
    if (next === el.selectedIndex) return true;
    el.selectedIndex = next;
    el.dispatchEvent(new Event("change", { bubbles: true }));
    return true;
  }
  function measureHere(lab, e, el) {
    const measure2 = lab.parts.live.querySelector("button[name=measure]");
    if (e.key !== "Enter" || el.name !== "n_steps" || !measure2) return false;
    measure2.click();
    return true;
  }
  function onKey(lab, e) {
    if (e.altKey || e.ctrlKey || e.metaKey) return;
    const el = (
      /** @type {any} */
      e.target
    );
    const isRange = el instanceof HTMLInputElement && el.type === "range";
    const done = el.classList.contains("gl-handle") && moveHandle(lab, e, el) || isRange && (measureHere(lab, e, el) || moveRange(e, el)) || el instanceof HTMLSelectElement && moveSelect(e, el);
    if (done) {
      e.preventDefault();
      e.stopPropagation();
      return;
    }
    const presses = el instanceof HTMLButtonElement || el.tagName === "SUMMARY" || el.type === "checkbox";
    if (presses && ["Enter", " "].includes(e.key)) e.stopPropagation();
  }

  // genie_edu/lab/src/view/framing.js
  var TITLE_HEIGHT = 30;
  var ROW_HEIGHT = 20;
  var SIZE = 12;
  var LEFT = 10;
  var entriesOf = (lab) => lab.view.readout(lab, lab.R).rows.map((r) => ({ solver: r.solver ?? r.style, label: r.label ?? labelOf(lab, r.solver) })).filter(({ solver }) => solver);
  function keyOf(lab, s, W) {
    let [x, y] = [LEFT, ROW_HEIGHT / 2];
    const placed = entriesOf(lab).map((entry) => {
      const wide = 30 + s.textWidth(entry.label, SIZE) + 18;
      if (x > LEFT && x + wide > W) [x, y] = [LEFT, y + ROW_HEIGHT];
      const at = { ...entry, x, y };
      x += wide;
      return at;
    });
    return { placed, height: placed.length ? y + ROW_HEIGHT : 0 };
  }
  var drawTitle = (s, title, W) => s.text(title, LEFT, TITLE_HEIGHT / 2, { size: 14, weight: 600, room: W - 20 });
  function drawKey(s, lab, { placed }) {
    for (const { solver, label, x, y } of placed) {
      const { color, dash, marker } = styleOf(lab, solver);
      const sample = [
        [x, y],
        [x + 24, y]
      ];
      s.stroke({ color, width: 1.8, dash }, line(sample));
      s.fill({ color }, (pen) => markerPath(pen, marker, x + 12, y, 3.6));
      s.text(label, x + 30, y, { size: SIZE });
    }
  }

  // genie_edu/lab/src/view/surfaces/haze.js
  var Haze = class {
    /**
     * @param {number} width
     * @param {number} height
     */
    constructor(width, height) {
      this.w = width;
      this.h = height;
      this.canvas = document.createElement("canvas");
      this.canvas.width = width;
      this.canvas.height = height;
      this.ctx = this.canvas.getContext("2d");
      this.image = this.ctx.createImageData(width, height);
      this.cover = new Float32Array((width + 2) * (height + 2));
      this.x = 0;
      this.y = 0;
      this.begin();
    }
    /** An empty picture. */
    begin() {
      this.image.data.fill(0);
      this.left = Infinity;
      this.top = Infinity;
      this.right = -Infinity;
      this.bottom = -Infinity;
    }
    /** @type {(x: number, y: number) => void} */
    moveTo(x, y) {
      this.x = x;
      this.y = y;
    }
    /** @type {(x: number, y: number) => void} */
    lineTo(x, y) {
      const x0 = this.x;
      const y0 = this.y;
      const { w, h: h2 } = this;
      this.x = x;
      this.y = y;
      if (x0 >= 0 && x0 < w && y0 >= 0 && y0 < h2 && x >= 0 && x < w && y >= 0 && y < h2) {
        this.line(x0, y0, x, y);
        return;
      }
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
          if (q < 0) return;
          continue;
        }
        const r = q / p;
        if (p < 0) {
          if (r > b) return;
          if (r > a) a = r;
        } else {
          if (r < a) return;
          if (r < b) b = r;
        }
      }
      this.line(x0 + a * dx, y0 + a * dy, x0 + b * dx, y0 + b * dy);
    }
    /** A line whose ends lie in the picture. @type {(x0: number, y0: number, x1: number, y1: number) => void} */
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
    /**
     * Lay what was drawn over the picture in one colour; overlapping lines grow darker.
     * @type {(color: number[], alpha: number) => void}
     */
    lay([r, g, b], alpha) {
      const { w, h: h2, cover } = this;
      const { data: data2 } = this.image;
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
          const below = data2[o + 3] / 255 * (1 - a);
          const sum = a + below;
          data2[o] = (r * a + data2[o] * below) / sum;
          data2[o + 1] = (g * a + data2[o + 1] * below) / sum;
          data2[o + 2] = (b * a + data2[o + 2] * below) / sum;
          data2[o + 3] = 255 * sum;
        }
    }
    /** The picture, drawn. */
    end() {
      this.ctx.putImageData(this.image, 0, 0);
      return this.canvas;
    }
  };

  // genie_edu/lab/src/view/surfaces/canvas.js
  var rgb = (color) => [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16));
  var CanvasSurface = class _CanvasSurface extends Surface {
    /**
     * @param {any} ctx a canvas's context, which also becomes the pen
     * @param {import("./surface.js").Theme} theme
     * @param {any} lab
     */
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
    tile(strip, from, size, x, y, side) {
      this.ctx.imageSmoothingEnabled = false;
      this.ctx.drawImage(strip, from, 0, size, size, x, y, side, side);
    }
    /** Drawn at one pixel per CSS pixel. */
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
    /** Drawn once, kept until one of the `parts` is another. */
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
    /** Drawn once, then copied. */
    stamp(points, { color, radius, marker, ring = false, alpha = 1 }) {
      const ratio = this.ctx.getTransform().a;
      const size = Math.ceil(2 * (radius * 1.6 + 2));
      const key = `${color} ${radius} ${marker} ${ring} ${alpha} ${ratio}`;
      const { stamps } = this.lab;
      if (!stamps.has(key)) {
        const canvas = document.createElement("canvas");
        const c = canvas.getContext("2d");
        canvas.width = Math.ceil(size * ratio);
        canvas.height = canvas.width;
        c.setTransform(ratio, 0, 0, ratio, 0, 0);
        const s = new _CanvasSurface(c, this.theme, this.lab);
        const draw = (p) => markerPath(p, marker, size / 2, size / 2, radius);
        s.mark({ color, ring, alpha }, draw);
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

  // genie_edu/lab/src/view/saving.js
  var WIDTH = 560;
  var PNG_RATIO = 2;
  function sizeOf(lab) {
    const width = lab.width || WIDTH;
    return [width, lab.view.height(width, lab)];
  }
  function pythonOf(lab) {
    lab.catchUp();
    return `${lab.view.python(lab.S, lab).join("\n")}
`;
  }
  var fragmentOf = (lab) => toFragment(lab.config.scenario, lab.S, lab.defaults);
  function inLight(lab, make) {
    lab.catchUp();
    const { colours } = lab;
    lab.root.dataset.scheme = "light";
    lab.colours = null;
    try {
      return make();
    } finally {
      delete lab.root.dataset.scheme;
      lab.colours = colours;
      lab.kept = null;
    }
  }
  var svgOf = (lab) => inLight(lab, () => {
    const [W, H] = sizeOf(lab);
    const surface = new SvgSurface(W, H, lab.theme);
    lab.view.draw(surface, lab, W, H, lab.R);
    const key = keyOf(lab, surface, W);
    const [title, below] = [new SvgSurface(W, 0, lab.theme), new SvgSurface(W, 0, lab.theme)];
    drawTitle(title, lab.config.title, W);
    drawKey(below, lab, key);
    surface.out = [
      ...title.out,
      `<g transform="translate(0 ${TITLE_HEIGHT})">`,
      ...surface.out,
      `</g><g transform="translate(0 ${TITLE_HEIGHT + H})">`,
      ...below.out,
      "</g>"
    ];
    surface.height = TITLE_HEIGHT + H + key.height;
    return surface.toString(`${lab.config.title}. ${lab.config.alt}`);
  });
  var canvasOf = (lab) => inLight(lab, () => {
    const [W, H] = sizeOf(lab);
    const drawn = (height, draw) => {
      const canvas = h("canvas", { width: PNG_RATIO * W, height: PNG_RATIO * height });
      const ctx = canvas.getContext("2d");
      ctx.setTransform(PNG_RATIO, 0, 0, PNG_RATIO, 0, 0);
      ctx.fillStyle = lab.theme.bg;
      ctx.fillRect(0, 0, W, height);
      draw(new CanvasSurface(ctx, lab.theme, lab));
      return canvas;
    };
    const picture = drawn(H, (s) => lab.view.draw(s, lab, W, H, lab.R));
    const key = keyOf(lab, new CanvasSurface({}, lab.theme, lab), W);
    return drawn(TITLE_HEIGHT + H + key.height, (s) => {
      drawTitle(s, lab.config.title, W);
      s.ctx.drawImage(picture, 0, TITLE_HEIGHT, W, H);
      s.ctx.translate(0, TITLE_HEIGHT + H);
      drawKey(s, lab, key);
    });
  });
  function csvOf(lab) {
    lab.catchUp();
    const rows = lab.view.csv(lab, lab.R).map((row2) => row2.join(","));
    return `${rows.join("\n")}
`;
  }
  function showPython(lab) {
    const code = pythonOf(lab);
    const looks = { class: "gl-code", tabindex: "0", role: "group", "aria-label": "Python code for this state" };
    showText(lab, h("pre", looks, h("code", {}, code)), code);
  }
  function showLink(lab) {
    const hash = fragmentOf(lab);
    const url = location.href.split("#")[0] + hash;
    try {
      history.replaceState(null, "", hash);
    } catch {
    }
    const looks = { type: "text", class: "gl-link", readonly: true, "aria-label": "Link that reproduces this state" };
    showText(lab, h("input", { ...looks, value: url }), url);
  }
  function showText(lab, el, text) {
    const said = h("p", { class: "gl-small", role: "status" }, "Select and copy:");
    const close = () => {
      lab.parts.panel.replaceChildren();
      lab.parts.live.querySelector("button[name=python]").focus();
    };
    lab.parts.panel.replaceChildren(said, el, h("button", { type: "button", name: "close", onclick: close }, "Close"));
    const copied = () => {
      said.textContent = "Copied:";
    };
    navigator.clipboard?.writeText(text).then(copied, () => {
    });
  }
  function saveAs(lab, kind) {
    const give = (blob) => {
      const url = URL.createObjectURL(blob);
      const a = h("a", { href: url, download: `${lab.config.scenario}.${kind}` });
      document.body.append(a);
      a.click();
      a.remove();
      setTimeout(() => URL.revokeObjectURL(url), 2e3);
    };
    if (kind === "csv") give(new Blob([csvOf(lab)], { type: "text/csv" }));
    else if (kind === "svg") give(new Blob([svgOf(lab)], { type: "image/svg+xml" }));
    else canvasOf(lab).toBlob((blob) => blob && give(blob));
  }

  // genie_edu/lab/src/view/layout.js
  function startOver(lab) {
    lab.reset();
    if (lab.host.fragment && isFor(location.hash, lab.config.scenario))
      history.replaceState(null, "", location.href.split("#")[0]);
  }
  var button = (name, label, action) => h("button", { type: "button", name, onclick: action }, label);
  function toolButtons(lab) {
    return [
      button("reset", "Reset", () => lab.undoable(() => startOver(lab))),
      button("undo", "Undo", () => lab.undo()),
      button("python", "Copy as Python", () => showPython(lab)),
      lab.host.fragment ? button("link", "Copy link", () => showLink(lab)) : null,
      ...["svg", "png", "csv"].map((kind) => button(kind, kind.toUpperCase(), () => saveAs(lab, kind)))
    ];
  }
  function watchPresses(lab, canvas) {
    const { view } = lab;
    if (!view.press) return;
    const go = (e) => {
      const r = canvas.getBoundingClientRect();
      const patch = view.press(lab, e.clientX - r.left, e.clientY - r.top, lab.width, lab.heightPx);
      if (patch) lab.set(patch, "input");
    };
    if (view.hover)
      canvas.addEventListener("pointermove", (e) => {
        if (e.pointerType === "mouse" && e.buttons === 0) go(e);
      });
    canvas.addEventListener("pointerdown", (e) => {
      canvas.setPointerCapture?.(e.pointerId);
      const during = new AbortController();
      canvas.addEventListener("pointermove", go, { signal: during.signal });
      for (const type of ["pointerup", "pointercancel"])
        canvas.addEventListener(type, () => during.abort(), { signal: during.signal });
      go(e);
    });
  }
  function buildLab(lab) {
    const { config, root, view } = lab;
    const made = (keys = []) => keys.map((key) => {
      const control = makeControl(lab, key);
      control.el.dataset.key = key;
      return control;
    });
    const [first, more, last] = [config.first, config.more, config.last].map(made);
    const els = (controls2) => controls2.map((c) => c.el);
    const canvas = h("canvas", { role: "img", "aria-label": config.alt });
    const plot = h("div", { class: "gl-plot" }, canvas);
    const readoutEl = h("div", { class: "gl-readout" });
    const afterEl = h("p", { class: "gl-after" });
    const summaryEl = h("p", { class: "gl-summary", role: "status", "aria-live": "polite" });
    const side = h(
      "div",
      { class: "gl-side" },
      h("div", { class: "gl-first" }, ...els(first)),
      readoutEl,
      ...els(last),
      last.length ? afterEl : null,
      summaryEl
    );
    const noteEl = h("p", { class: "gl-note", role: "status" });
    const tableEl = h("div", {
      class: "gl-table",
      tabindex: "0",
      role: "group",
      "aria-label": "Numbers of this picture"
    });
    const panel = h("div", { class: "gl-panel" });
    const numbers = h(
      "details",
      { class: "gl-details", ontoggle: () => lab.request() },
      h("summary", {}, "Numbers as a table"),
      tableEl
    );
    const presets = config.presets.map((p, i) => button(`preset_${i + 1}`, p.name, () => lab.preset(p)));
    const settings = h("div", { class: "gl-grid" }, ...els(more));
    const foot = h(
      "div",
      { class: "gl-foot" },
      h(
        "div",
        { class: "gl-try", role: "group", "aria-label": "Settings to try" },
        h("span", { class: "gl-try-word", "aria-hidden": "true" }, "Try"),
        ...presets
      ),
      noteEl,
      more.length ? h("details", { class: "gl-details gl-more" }, h("summary", {}, "More settings"), settings) : null,
      numbers,
      h("div", { class: "gl-tools", role: "group", "aria-label": "Reset, copy and save" }, ...toolButtons(lab)),
      panel
    );
    const shape = `gl-live gl-view-${config.view}${view.broad ? " gl-broad" : ""}`;
    const live = h(
      "div",
      { class: shape, role: "group", "aria-label": config.title },
      h("p", { class: "gl-title" }, config.title),
      config.about ? h("p", { class: "gl-about gl-small" }, config.about) : null,
      h("div", { class: "gl-body" }, plot, side, foot)
    );
    live.addEventListener("keydown", (e) => onKey(lab, e));
    watchPresses(lab, canvas);
    root.append(live);
    const controls = [...first, ...more, ...last];
    const handleEls = /* @__PURE__ */ new Map();
    const undo = live.querySelector("button[name=undo]");
    return {
      controls,
      canvas,
      plot,
      readoutEl,
      afterEl,
      summaryEl,
      noteEl,
      tableEl,
      panel,
      numbers,
      live,
      handleEls,
      undo
    };
  }

  // genie_edu/lab/src/view/readout.js
  var SPEAK_MS = 350;
  var outputOf = (c) => h("output", { name: c.name, "aria-live": "off", "data-solver": c.solver, "data-clock": c.clock });
  var headRow = (texts) => h("thead", {}, h("tr", {}, ...texts.map((t) => t ? h("th", { scope: "col" }, t) : h("td"))));
  var signatureOf = (spec) => JSON.stringify([
    spec.head,
    spec.rows.map((r) => [
      r.solver,
      r.label,
      r.style,
      r.cells.map((c) => `${c.name} ${c.clock ?? ""} ${c.bar === void 0 ? "" : "bar"}`)
    ])
  ]);
  function buildReadout(lab, spec) {
    const columns = Math.max(...spec.rows.map((r) => r.cells.length));
    const after = spec.after ?? [];
    const outputs = [];
    const cellOf = (c, alone) => {
      const out = outputOf(c);
      outputs.push(out);
      return h("td", { class: c.bar === void 0 ? null : "gl-bar", colspan: alone }, out);
    };
    const body = spec.rows.map((r) => {
      const solver = r.solver ?? r.style;
      const name = h("span", {}, r.label ?? labelOf(lab, r.solver));
      const head = h("span", { class: "gl-name" }, solver ? swatch(lab, solver) : null, name);
      const wide = r.cells.length < columns ? columns - r.cells.length + 1 : null;
      return h("tr", {}, h("th", { scope: "row" }, head), ...r.cells.map((c) => cellOf(c, wide)));
    });
    const below = after.map(outputOf);
    lab.written.outputs = [...outputs, ...below];
    lab.parts.afterEl.replaceChildren(...below);
    lab.parts.readoutEl.replaceChildren(h("table", {}, spec.head ? headRow(spec.head) : null, h("tbody", {}, ...body)));
    if (spec.note) lab.parts.readoutEl.append(h("p", { class: "gl-small" }, spec.note));
  }
  function handedOut(value) {
    if (Array.isArray(value) || ArrayBuffer.isView(value)) return Array.from(
      /** @type {any} */
      value
    );
    return typeof value === "string" || Number.isFinite(value) ? value : null;
  }
  function updateReadout(lab) {
    const spec = lab.view.readout(lab, lab.R);
    const signature = signatureOf(spec);
    if (signature !== lab.written.signature) {
      lab.written.signature = signature;
      buildReadout(lab, spec);
    }
    const values = {};
    [...spec.rows.flatMap((r) => r.cells), ...spec.after ?? []].forEach((c, i) => {
      const out = lab.written.outputs[i];
      if (out.textContent !== c.text) out.textContent = c.text;
      if (c.bar !== void 0) {
        out.parentElement.style.setProperty("--gl-share", String(Number.isFinite(c.bar) ? c.bar : 0));
        out.parentElement.style.setProperty("--gl-bar-color", styleOf(lab, c.solver).color);
      }
      const sub = c.solver ?? c.clock;
      if (sub) values[c.name] = { ...values[c.name], [sub]: handedOut(c.value) };
      else values[c.name] = handedOut(c.value);
    });
    lab.values = values;
    saySummary(lab, lab.view.summary(lab, lab.R));
    if (lab.parts.noteEl.textContent !== lab.note) lab.parts.noteEl.textContent = lab.note;
    if (lab.parts.numbers.open && !lab.dragging) fillTable(lab);
    lab.host.onReadout?.(values);
  }
  function saySummary(lab, sentence) {
    if (sentence === lab.written.sentence) return;
    lab.written.sentence = sentence;
    clearTimeout(lab.speaking);
    const say = () => {
      lab.parts.summaryEl.textContent = lab.written.sentence;
    };
    if (lab.parts.summaryEl.textContent) lab.speaking = setTimeout(say, SPEAK_MS);
    else say();
  }
  function fillTable(lab) {
    const t = lab.view.table(lab, lab.R);
    const stamp = JSON.stringify(t);
    if (stamp === lab.written.table) return;
    lab.written.table = stamp;
    const rowOf = ([first, ...rest]) => h("tr", {}, h("th", { scope: "row" }, first), ...rest.map((c) => h("td", {}, c)));
    const body = h("tbody", {}, ...t.rows.map(rowOf));
    lab.parts.tableEl.replaceChildren(h("table", {}, h("caption", {}, t.caption), headRow(t.head), body));
  }

  // genie_edu/lab/src/view/theme.js
  var MARKS = ["data-theme", "data-mode", "class", "data-jp-theme-light", "data-jp-theme-name"];
  function readTheme(el, exact) {
    const style = getComputedStyle(el);
    const v = (name) => style.getPropertyValue(name).trim();
    return {
      fg: v("--gl-fg"),
      muted: v("--gl-muted"),
      axis: v("--gl-axis"),
      grid: v("--gl-grid"),
      bg: v("--gl-bg"),
      accent: v("--gl-accent"),
      exact,
      shade: v("--gl-shade"),
      eps: v("--gl-eps"),
      score: v("--gl-score"),
      font: style.fontFamily
    };
  }
  function watchTheme(changed) {
    const observer = new MutationObserver(changed);
    for (const el of [document.documentElement, document.body])
      observer.observe(el, { attributes: true, attributeFilter: MARKS });
    const media = matchMedia("(prefers-color-scheme: dark)");
    media.addEventListener("change", changed);
    return () => {
      observer.disconnect();
      media.removeEventListener("change", changed);
    };
  }

  // genie_edu/lab/src/view/tiles.js
  var TOP = 32;
  var LABEL = 20;
  var BETWEEN = 12;
  var GAP = 3;
  var KINDS2 = { none: "", head: ", head", autodiff: ", autodiff" };
  var WORDS = { 2: "two", 4: "four" };
  function sampleNote({ sheet: { noun, judged } }) {
    const over = noun === "seed" ? "many starts" : `all ${noun}s`;
    const frechet = judged ? " Fréchet: distance of the samples from the data, in a classifier's features;" : "";
    return `error: distance from where the network's own ODE ends, the median over ${over};${frechet} this ${noun}: mean difference of the highlighted images from those of the network's own ODE, in levels of 0 to 255`;
  }
  var sampleHead = ({ sheet: { noun, judged } }) => [
    `same ${noun}s`,
    "error",
    ...judged ? ["Fréchet"] : [],
    `this ${noun}`
  ];
  var labelWithKind = (lab, solver, derivative) => shortLabel(lab, solver) + KINDS2[derivative];
  function whyMissing(solver, nfe) {
    const calls = SOLVERS[solver].calls ?? 1;
    if (nfe % calls) return `${WORDS[calls]} calls a step: exactly ${nfe} can't be spent`;
    return `no run of ${nfe} calls on this grid`;
  }
  function sampledLine(lab, run) {
    const { S, sheet } = lab;
    const there = run.row !== null;
    return {
      ...run,
      label: labelWithKind(lab, run.solver, run.derivative),
      pixel: sheet.picture && there ? sheet.distance(run.row, S.column) : NaN,
      why: there ? "" : whyMissing(run.solver, S.nfe)
    };
  }
  var sampledRow = ({ sheet: { judged } }) => (q) => ({
    label: q.label,
    ...errorRow(q.solver, [["error", q.error], ...judged ? [["frechet", q.frechet]] : [], ["pixel", q.pixel]])
  });
  var sampledFacts = (lab) => [
    row("calls of eps", "nfe", lab.S.nfe, String(lab.S.nfe)),
    row(`highlighted ${lab.sheet.noun}`, "column", lab.S.column, columnName(lab, `${lab.S.column + 1}`))
  ];
  var columnName = (lab, said) => lab.sheet.names?.[lab.S.column] ?? `${said} of ${lab.sheet.columns}`;
  var measuredCells = (q) => [q.error, q.frechet].map((v) => isNumber(v) ? v : "");
  function awaitPicture(lab) {
    if (lab.sheet.picture) return;
    const failed = () => {
      lab.root.dataset.problem = "the images can't be read";
    };
    lab.sheet.ready.then(() => lab.request(), failed);
  }
  var tileSide = (tile, width, c) => {
    const ratio = Math.min(devicePixelRatio || 1, 3);
    const room = Math.min((width + GAP) / c - GAP, 72);
    return Math.max(1, Math.floor(room * ratio / tile)) * tile / ratio;
  };
  function placeTiles(lab, W) {
    const { tile, columns } = lab.sheet;
    const least = Math.max(30, 1.5 * tile);
    let c = columns;
    while (c > 2 && tileSide(tile, W, c) < least) c--;
    const side = tileSide(tile, W, c);
    const stride = side + GAP;
    const wide = c * stride - GAP;
    return {
      c,
      first: Math.min(c * Math.floor(lab.S.column / c), columns - c),
      stride,
      wide,
      side,
      x: Math.max(0, Math.floor((W - wide) / 2)),
      pitch: LABEL + side + BETWEEN
    };
  }
  function tilesHeight(lab, W, lines) {
    const { c, pitch } = placeTiles(lab, W);
    return TOP + lines * pitch + (c < lab.sheet.columns ? 14 : 0);
  }
  function drawHem(s, x, top, side) {
    const hem = [
      [x, top],
      [x, top + side]
    ];
    s.stroke({ color: s.theme.bg, width: 3.5 }, line(hem));
    s.stroke({ color: s.theme.accent, width: 1.5 }, line(hem));
  }
  function columnHandles(lab, W) {
    const { column } = lab.S;
    const { columns, noun } = lab.sheet;
    const { first, stride, side, x } = placeTiles(lab, W);
    return [
      {
        id: "column",
        kind: "knot",
        text: String(column + 1),
        label: `Highlighted ${noun}`,
        x: x + (column - first) * stride + side / 2,
        y: 15,
        slider: { low: 1, high: columns, now: column + 1, text: columnName(lab, `${noun} ${column + 1}`), stride },
        move: (dx) => ({ column: clamp(column + Math.round(dx / stride), 0, columns - 1) })
      }
    ];
  }
  function pressColumn(lab, x, W) {
    const P = placeTiles(lab, W);
    const column = P.first + Math.floor((x - P.x) / P.stride);
    return column >= P.first && column < P.first + P.c && column !== lab.S.column ? { column } : null;
  }
  function drawTiles(s, lab, W, lines) {
    const { c, first, stride, wide, side, x, pitch } = placeTiles(lab, W);
    const t = s.theme;
    const { tile, picture } = lab.sheet;
    lines.forEach(({ label, said, strip, why, style, edge }, i) => {
      const y = TOP + i * pitch;
      const top = y + LABEL;
      const color = style?.color ?? t.exact;
      const room = wide - 30 - (said ? s.textWidth(said, 11.5) + 10 : 0);
      const sample = [
        [x, y + 9],
        [x + 24, y + 9]
      ];
      s.stroke({ color, width: 1.8, dash: style?.dash }, line(sample));
      s.fill({ color }, (pen) => markerPath(pen, style?.marker ?? "circle", x + 12, y + 9, 3.8));
      s.text(label, x + 30, y + 9, { size: 12.5, weight: 600, room });
      if (said) s.text(said, x + wide, y + 9, { size: 11.5, align: "end", color: t.muted });
      if (!strip) {
        s.stroke({ color: t.axis, width: 1, dash: "dash" }, box(x + 0.5, top + 0.5, wide - 1, side - 1));
        s.text(why, x + wide / 2, top + side / 2, { size: 12, align: "center", color: t.muted, room: wide - 12 });
        return;
      }
      if (picture)
        for (let k = 0; k < c; k++) {
          const left = x + k * stride;
          s.tile(strip().canvas, (first + k) * tile, tile, left, top, side);
          if (edge !== void 0) drawHem(s, left + edge * side, top, side);
        }
      s.stroke({ color: t.accent, width: 2 }, box(x + (lab.S.column - first) * stride - 1, top - 1, side + 2, side + 2));
    });
  }
  function seedsNote(s, lab, W, H) {
    const { c, first, wide, x } = placeTiles(lab, W);
    const { columns, noun } = lab.sheet;
    if (c === columns) return;
    const note = `${noun}s ${first + 1} to ${first + c} of ${columns}: move the frame for the others`;
    s.text(note, x + wide, H - 12, { size: 11.5, align: "end", color: s.theme.muted, room: wide });
  }

  // genie_edu/lab/src/view/large.js
  var largeSide = (lab, W, count) => {
    const ratio = Math.min(devicePixelRatio || 1, 3);
    const room = Math.min((W - (count - 1) * BETWEEN) / count, 168);
    return Math.max(1, Math.floor(room * ratio / lab.sheet.tile)) * lab.sheet.tile / ratio;
  };
  var largeHeight = (lab, W, count) => LABEL + largeSide(lab, W, count) + BETWEEN;
  function drawLarge(s, lab, W, top, lines) {
    const { tile, picture } = lab.sheet;
    const side = largeSide(lab, W, lines.length);
    const stride = side + BETWEEN;
    const x = Math.max(0, Math.floor((W - lines.length * stride + BETWEEN) / 2));
    lines.forEach(({ label, name = label, strip, edge }, i) => {
      const left = x + i * stride;
      s.text(name, left + side / 2, top + 9, { size: 11.5, align: "center", color: s.theme.muted, room: side });
      if (strip && picture) s.tile(strip().canvas, lab.S.column * tile, tile, left, top + LABEL, side);
      else s.stroke({ color: s.theme.axis, width: 1, dash: "dash" }, box(left, top + LABEL, side, side));
      if (strip && edge !== void 0) drawHem(s, left + edge * side, top + LABEL, side);
    });
  }

  // genie_edu/lab/src/view/refusals.js
  function refuseUnrecorded(sheet, S, solvers, grid2, nothing = "no images") {
    const missing2 = solvers.find((s) => !sheet.solvers.includes(s));
    if (!sheet.nfes.includes(S.nfe)) throw new RangeError(`nfe must be one of ${sheet.nfes.join(", ")}`);
    if (grid2 !== "best" && !sheet.spacings.includes(grid2)) throw new RangeError(`${nothing} on the grid ${grid2}`);
    if (missing2) throw new RangeError(`${nothing} of ${missing2}`);
  }
  function refuseOnePair(S) {
    if (S.solver === S.rival) throw new RangeError("solver and rival must be two different solvers");
  }
  function refuseColumn({ columns }, S) {
    if (S.column >= columns) throw new RangeError(`column must lie from 0 to ${columns - 1}`);
  }

  // genie_edu/lab/src/view/views/blend.js
  var blendView = {
    broad: true,
    hover: true,
    refuse(lab, S) {
      refuseUnrecorded(lab.sheet, S, [S.solver, S.rival], S.grid);
      refuseOnePair(S);
      refuseColumn(lab.sheet, S);
    },
    height: (W, lab) => tilesHeight(lab, W, 4) + largeHeight(lab, W, 4),
    compute(lab) {
      const { S, sheet } = lab;
      const own = sheet.reference.row;
      const ready = Boolean(sheet.picture);
      const [a, b] = [S.solver, S.rival].map((solver) => {
        const run = sheet.best(solver, S.derivative, S.grid, S.nfe);
        const grid2 = SPACING_NAMES[run.spacing] + (run.afs ? ", analytic first step" : "");
        return { ...sampledLine(lab, run), on: run.row === null ? MISSING : grid2 };
      });
      const both = ready && a.row !== null && b.row !== null;
      const seeds = Array.from({ length: sheet.columns }, (_, k) => k);
      awaitPicture(lab);
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
    draw(s, lab, W, _H, { sheet, a, b }) {
      const { S } = lab;
      const mixed = {
        blend: `${Math.round(100 * (1 - S.blend))} % ${a.label}, ${Math.round(100 * S.blend)} % ${b.label}`,
        swipe: `left ${a.label}, right ${b.label}`,
        difference: `how far ${a.label} and ${b.label} are apart`
      }[S.mixing];
      const lineOf = (q) => ({
        ...q,
        style: styleOf(lab, q.solver),
        said: q.row === null ? "" : `error ${formatNumber(q.error)}`,
        strip: q.row === null ? null : () => sheet.strip(q.row)
      });
      const lines = [
        { label: sheet.reference.label, name: "own ODE", strip: () => sheet.strip(sheet.reference.row) },
        lineOf(a),
        {
          label: mixed,
          name: S.mixing === "difference" ? "difference" : "both",
          style: { label: mixed, color: s.theme.accent, marker: "square", dash: "solid" },
          why: a.why || b.why,
          edge: S.mixing === "swipe" ? 1 - S.blend : void 0,
          strip: a.row !== null && b.row !== null ? () => sheet.mixed(a.row, b.row, S.mixing, S.blend) : null
        },
        lineOf(b)
      ];
      drawTiles(s, lab, W, lines);
      drawLarge(s, lab, W, tilesHeight(lab, W, 4), lines);
      seedsNote(s, lab, W, tilesHeight(lab, W, 4));
    },
    handles: columnHandles,
    press: (lab, x, _y, W) => pressColumn(lab, x, W),
    readout: (lab, { sheet, a, b, between, closer }) => ({
      head: sampleHead(lab),
      note: sampleNote(lab),
      rows: [
        ...[a, b].flatMap((q) => [sampledRow(lab)(q), row("its grid", "run_grid", q.on, q.on, { solver: q.solver })]),
        row("this seed, one from the other", "between", between),
        row(
          `seeds at which ${a.label} is nearer to the own ODE`,
          "closer",
          closer,
          isNumber(closer) ? `${closer} of ${sheet.columns}` : MISSING
        ),
        ...sampledFacts(lab)
      ]
    }),
    summary(lab, { sheet, a, b, closer }) {
      const said = (q) => q.row === null ? `${q.label} none (${q.why})` : `${q.label} ${formatNumber(q.error)}`;
      const nearer = isNumber(closer) ? ` ${a.label} is nearer to the network's own ODE at ${closer} of ${sheet.columns} seeds.` : "";
      return `${lab.S.nfe} calls of eps each. Error: ${said(a)}; ${said(b)}.${nearer}`;
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
      ...[a, b].flatMap((q) => sheet.nfes.map((nfe) => sheet.best(q.solver, lab.S.derivative, lab.S.grid, nfe))).filter((q) => q.row !== null).map((q) => [q.solver, q.derivative, q.spacing, q.afs, q.nfe, ...measuredCells(q)])
    ],
    python(S, lab) {
      const { a, b, both, sheet } = lab.R;
      const name = lab.config.sheet;
      const there = [a, b].filter((q) => q.row !== null).map((q) => q.row);
      return [
        "import json",
        "",
        "import genie_edu as ge",
        "from genie_edu.datasets.images import read_png, rows_of",
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
      const field = head2 ? new LearnedField(L.net, L.mix.narrowest, head2) : L.field;
      const run = engine.run(slot, S, x, L.gammas, solver, options, field);
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

  // genie_edu/lab/src/view/views/budget.js
  var budgetView = {
    broad: true,
    coarse: true,
    slow: ["n_steps", "spacing", "solver", "afs"],
    height: (W) => W < 560 ? Math.round(1.7 * W + 80) : Math.round(clamp(0.46 * W, 300, 400)),
    compute: (lab) => runBudget(lab.engine, lab.S, lab.dragging, lab.config.networks),
    draw(s, lab, W, H, R) {
      const [first, second] = twoPanels(W, H).map(panelAxes);
      const solver = lab.S.solver;
      drawField(s, lab, first, R, {
        truth: R.exact,
        runs: [{ solver, run: R.plain }],
        rings: R.exact.end,
        title: "the exact field"
      });
      drawField(s, lab, second, R, {
        truth: R.truth,
        runs: [{ solver, run: R.run }],
        rings: R.exact.end,
        title: "the learned field"
      });
    },
    handles: () => [],
    readout(lab, R) {
      const most = Math.max(R.solverError, R.modelError, R.totalError);
      const part = (label, name, value) => row(label, name, value, void 0, { bar: value / most });
      return {
        head: ["on the learned field", "error"],
        note: "rings: exact end points; grey points, on the right: where the learned field itself leads. Medians over the starts.",
        rows: [
          part("solver error: from the learned ODE's end", "solver_error", R.solverError),
          part("model error: the learned ODE's end from the exact one", "model_error", R.modelError),
          part("total error: from the exact end", "total_error", R.totalError),
          row("the same solver on the exact field", "error_exact_field", R.plainError)
        ]
      };
    },
    summary(lab, R) {
      const S = lab.S;
      const larger = R.solverError > 2 * R.modelError ? "Most of it is the solver's: more steps or a higher order help" : R.modelError > 2 * R.solverError ? "Most of it is the network's: more steps do not help" : "Solver and network have a like share";
      return `${shortLabel(lab, S.solver)}, ${countOf(S.n_steps, "step")} on the learned field: total error ${formatNumber(R.totalError)}, of the solver ${formatNumber(R.solverError)}, of the model ${formatNumber(R.modelError)}. ${larger}.`;
    },
    table(lab, R) {
      const at = lab.S.n_steps * 2 * R.n;
      const off = (a, o, b, i) => formatNumber(Math.hypot(a[o + 2 * i] - b[2 * i], a[o + 2 * i + 1] - b[2 * i + 1]));
      const n = Math.min(R.n, MOST_ROWS);
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
    const [off, bend] = [{}, {}];
    for (const name of ["t", "log_snr", "gamma"]) {
      const found = offTheChord(exact, name, S.variable);
      [off[name], bend[name]] = [found.off, found.bend];
    }
    return {
      mix,
      exact,
      run,
      gammas,
      g,
      z,
      off,
      bend,
      clock,
      error: distance(run.path.subarray(2 * S.n_steps), exact.end)
    };
  }

  // genie_edu/lab/src/view/views/clocks.js
  var CLOCKS2 = ["t", "log_snr", "gamma"];
  var logSnr = (g) => clockOf("log_snr", g);
  var barName = (S) => S.variable === "x" ? "x" : "x̄";
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
      return CLOCKS2.map((clock, i) => {
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
      const scale = (g) => S.variable === "x" ? alphaOf(g) : 1;
      const n = R.exact.gamma.length;
      const every = Math.max(1, Math.floor(n / 260));
      const shown = Array.from({ length: Math.ceil((n - 1) / every) + 1 }, (_, i) => Math.min(n - 1, i * every));
      for (const { clock, A, first } of this.panels(lab, W, H)) {
        s.clip(A.x - 4, A.y - 4, A.w + 8, A.h + 8, () => {
          for (let j = 0; j < 2; j++) {
            const at = (g, xBar) => [A.px(clockOf(clock, g)), clampPx(A.py(scale(g) * xBar))];
            const exact = shown.map((i) => at(R.exact.gamma[i], R.exact.path[2 * i + j]));
            s.stroke({ color: s.theme.exact, width: 4, alpha: 0.5 }, line(exact));
            const between = [];
            for (let i = 0; i < S.n_steps; i++)
              for (let k = 0; k <= 16; k++) {
                const a = R.gammas[i];
                const b = R.gammas[i + 1];
                const q = k / 16;
                const g = clock === "gamma" ? a + q * (b - a) : a * (b / a) ** q;
                const m = (g - a) / (b - a);
                between.push(at(g, R.run.path[2 * i + j] * (1 - m) + R.run.path[2 * i + 2 + j] * m));
              }
            s.stroke({ color: style.color, width: 1.6, dash: j ? "dash" : "solid" }, line(between));
            s.fill({ color: style.color }, (pen) => {
              R.gammas.forEach((g, i) => {
                const [x, y] = at(g, R.run.path[2 * i + j]);
                markerPath(pen, style.marker, x, y, 2.6);
              });
            });
          }
          s.stroke({ color: s.theme.accent, width: 1.5 }, vertical(A, A.px(clockOf(clock, R.g))));
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
          yName: first ? barName(S) : ""
        });
        for (let j = 0; j < 2; j++) {
          const v = scale(R.g) * R.z[j];
          const x = A.px(clockOf(clock, R.g));
          s.fill({ color: s.theme.accent }, (pen) => pen.circle(x, A.py(v), 4));
          if (first)
            s.text(`${barName(S)}${j ? "₂" : "₁"}`, clamp(x + 8, A.x + 6, A.x + A.w - 18), A.py(v) - 10, {
              size: 12,
              halo: true
            });
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
      head: ["clock", "cursor", "off", "bend"],
      note: "off: largest distance of the exact path from its chord; bend: the same as a share of the chord",
      rows: [
        ...CLOCKS2.map((clock) => ({
          label: CLOCK_NAMES[clock].split(" = ")[0],
          cells: [
            { name: clock, value: clockOf(clock, R.g), text: formatNumber(clockOf(clock, R.g)) },
            { name: "off", clock, value: R.off[clock], text: formatNumber(R.off[clock]) },
            { name: "bend", clock, value: R.bend[clock], text: formatNumber(R.bend[clock]) }
          ]
        })),
        row(
          barName(lab.S),
          "x_bar",
          [...R.z],
          pointText(lab.S.variable === "x" ? R.z.map((v) => v / Math.sqrt(1 + R.g * R.g)) : R.z)
        ),
        row(`${labelOf(lab, lab.S.solver)}: error`, "error", R.error, void 0, { solver: lab.S.solver })
      ]
    }),
    summary(_lab, R) {
      const [t, snr, g] = CLOCKS2.map((clock) => formatNumber(clockOf(clock, R.g)));
      const [bendT, bendSnr, bendG] = CLOCKS2.map((clock) => formatNumber(R.bend[clock]));
      return `Cursor at t = ${t}, log-SNR = ${snr}, γ = ${g}. The path bends by ${bendT} of its chord in t, ${bendSnr} in log-SNR, ${bendG} in γ.`;
    },
    table: (lab, R) => ({
      caption: `Grid points of ${labelOf(lab, lab.S.solver)}`,
      head: ["step", "t", "log-SNR", "γ", "x̄₁", "x̄₂"],
      rows: Array.from(R.gammas, (g, i) => [
        String(i),
        formatNumber(tOf(g)),
        formatNumber(logSnr(g)),
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
        logSnr(g),
        g,
        R.exact.path[2 * i],
        R.exact.path[2 * i + 1]
      ]),
      ...Array.from(R.gammas, (g, i) => [lab.S.solver, tOf(g), logSnr(g), g, R.run.path[2 * i], R.run.path[2 * i + 1]])
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
    const chosen2 = curves.find((c) => c.kind === S.difference && c.precision === S.precision);
    const step = 10 ** S.log_step;
    return {
      mix,
      g,
      z,
      D,
      curves,
      chosen: chosen2,
      step,
      error: quotientErrors(mix, z, g, D, S.difference, S.precision === "float32", [step])[0]
    };
  }

  // genie_edu/lab/src/view/views/difference.js
  var CALLS = { forward: 2, central: 3 };
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
      const raised = (v) => powerOfTen(Math.round(Math.log10(v)));
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
      const pointsOf = (c) => Array.from(c.errors, (e, k) => at(QUOTIENT_STEPS[k], e));
      const colors = { forward: t.score, central: t.eps };
      const labels = [];
      s.clip(A.x, A.y, A.w, A.h, () => {
        for (const c of [...R.curves.filter((q) => q !== R.chosen), R.chosen]) {
          const mine = c === R.chosen;
          const color = colors[c.kind];
          const best = at(c.bestStep, c.bestError);
          const dash = c.precision === "float32" ? "solid" : "dot";
          s.stroke({ color, width: mine ? 2.8 : 1.2, alpha: mine ? 1 : 0.65, dash }, polyline(A, pointsOf(c)));
          if (mine) s.stroke({ color: t.fg, width: 1.6 }, circle(A, best, 6));
          labels.push({
            x: A.px(best[0]),
            y: Math.min(A.py(best[1]) + 14, A.y + A.h - 8),
            text: `${c.kind}, ${c.precision}`,
            mine
          });
        }
        s.stroke({ color: t.accent, width: 1.4, dash: "dash" }, vertical(A, A.px(R.step)));
        s.fill({ color: t.accent }, markers(A, [at(R.step, R.error)], "diamond", 5));
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
        row("error at this step", "error", R.error),
        row("best step / γ", "best_step", R.chosen.bestStep),
        row("error at the best step", "best_error", R.chosen.bestError),
        row("calls of eps", "calls", CALLS[lab.S.difference], String(CALLS[lab.S.difference]))
      ]
    }),
    summary(lab, R) {
      const { step, error, chosen: chosen2 } = R;
      const side = step > 1.5 * chosen2.bestStep ? "too long: the curve of eps shows" : step < chosen2.bestStep / 1.5 ? "too short: rounding shows" : "about right";
      return `A ${chosen2.kind} difference in ${chosen2.precision}, step ${formatNumber(step)} γ: relative error ${formatNumber(error)}, ${side}. At best ${formatNumber(chosen2.bestError)}, with step ${formatNumber(chosen2.bestStep)} γ.`;
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
      const less = S.difference === "central" ? "eps(z - d * here, gamma - d)) / (2 * d)" : "here) / d";
      const { g } = lab.R;
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
        `    slope = (eps(z + d * here, gamma + d) - ${less}`,
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

  // genie_edu/lab/src/engine/encoding.js
  var COARSE_POINTS = 20;
  function runEncoding(engine, S, dragging) {
    const mix = engine.mixture(S);
    const n = dragging ? Math.min(S.n_starts, COARSE_POINTS) : S.n_starts;
    const substep = dragging ? COARSE_SUBSTEP : EXACT_SUBSTEP;
    const data2 = engine.exactPaths(S, engine.start(S, n), substep).end.slice();
    data2.set(S.probe);
    const [top, bottom] = [gammaOf(S.t_start), gammaOf(S.t_end)];
    const key = `${n} ${S.seed} ${S.t_start} ${S.t_end} ${S.probe} ${substep}`;
    const code = engine.remember("code", key, () => engine.exact.paths(mix, data2, bottom, top, substep));
    const scale = Math.hypot(1, top);
    const measure2 = (slot, solver, steps) => {
      const down = grid(steps, S.spacing, S.t_start, S.t_end);
      const last = steps * data2.length;
      const up = engine.run(`up ${slot}`, S, data2, down.slice().reverse(), solver, {});
      const start = Float64Array.from(up.path.slice(last, last + data2.length));
      const back = engine.run(`down ${slot}`, S, start, down, solver, {});
      const errors = [endPointError(up.path, last, code.end) / scale, endPointError(back.path, last, data2)];
      return { up, back, errors, nfe: up.nfe + back.nfe };
    };
    const results = S.solvers.map((solver, i) => {
      const once = measure2(i, solver, S.n_steps);
      const twice = dragging ? null : measure2("twice", solver, 2 * S.n_steps);
      const slopes = once.errors.map((e, k) => twice ? Math.log2(e / twice.errors[k]) : NaN);
      return { solver, steps: S.n_steps, run: once.back, ...once, slopes };
    });
    return { mix, n, data: data2, code, scale, exact: { end: data2 }, results };
  }

  // genie_edu/lab/src/view/views/encoding.js
  var slopeText = (v) => Number.isFinite(v) ? v.toFixed(1) : "-";
  var encodingView = {
    broad: true,
    coarse: true,
    slow: ["n_steps", "spacing", "probe"],
    height: (W) => W < 560 ? Math.round(1.7 * W + 80) : Math.round(clamp(0.46 * W, 300, 400)),
    compute: (lab) => runEncoding(lab.engine, lab.S, lab.dragging),
    draw(s, lab, W, H, R) {
      const [left, right] = twoPanels(W, H).map(panelAxes);
      const gEnd = gammaOf(lab.S.t_end);
      const f = alphaOf(gEnd);
      const last = lab.S.n_steps * 2 * R.n;
      const t = s.theme;
      const ring = { color: t.fg, radius: 6, marker: "circle", ring: true, alpha: 0.8 };
      const others = { color: t.exact, radius: 2, marker: "circle", alpha: 0.6 };
      const own = endPixels(left, 1);
      const ownCode = endPixels(right, 1);
      s.clip(left.x, left.y, left.w, left.h, () => {
        shadeEnd(s, lab, R.mix, gEnd, left);
        s.stamp(endPixels(left, R.n)(R.data, 0, f), others);
        const path = trackPens(left, R.n);
        s.stroke({ color: t.exact, width: 2, alpha: 0.5 }, path(R.code.path, R.code.gamma, 1));
        for (const { solver, up, back } of R.results) {
          const { color, marker, dash } = styleOf(lab, solver);
          s.stroke({ color, width: 1.3, alpha: 0.8 }, path(up.path, up.gammas, 1));
          s.stroke(
            { color, width: 1.3, alpha: 0.8, dash: dash === "solid" ? "dot" : dash },
            path(back.path, back.gammas, 1)
          );
          s.stamp(own(back.path, last, f), { color, radius: 4, marker, alpha: 0.95 });
        }
        s.stamp(own(R.data, 0, f), ring);
      });
      s.clip(right.x, right.y, right.w, right.h, () => {
        s.stamp(endPixels(right, R.n)(R.code.end, 0, 1 / R.scale), others);
        for (const { solver, up } of R.results) {
          const { color, marker } = styleOf(lab, solver);
          s.stamp(ownCode(up.path, last, 1 / R.scale), { color, radius: 4, marker, alpha: 0.95 });
        }
        s.stamp(ownCode(R.code.end, 0, 1 / R.scale), ring);
      });
      for (
        const [A, title] of
        /** @type {const} */
        [
          [left, "data: the way up, and back (dotted)"],
          [right, "codes"]
        ]
      ) {
        drawAxes(s, A, { xName: "x₁", yName: "x₂", ...PANEL_TICKS });
        s.text(title, A.x, A.y - 12, { size: 12.5, weight: 600, room: A.w });
      }
    },
    handles: (lab, W, H) => [pointHandle(lab.S, panelAxes(twoPanels(W, H)[0]), "probe", "Data point at")],
    readout: (lab, R) => ({
      head: ["median of all points", "code", "slope", "round trip", "slope"],
      note: "the ring on the left is the point that you move, the one on the right its exact code; slopes: of each error from these steps to twice as many",
      rows: R.results.map(
        (r) => errorRow(r.solver, [
          ["code", r.errors[0]],
          ["code_slope", r.slopes[0], slopeText(r.slopes[0])],
          ["trip", r.errors[1]],
          ["trip_slope", r.slopes[1], slopeText(r.slopes[1])]
        ])
      )
    }),
    summary(lab, R) {
      const said = R.results.map(
        (r) => `${shortLabel(lab, r.solver)} ${formatNumber(r.errors[0])} and ${formatNumber(r.errors[1])}`
      );
      return `${countOf(lab.S.n_steps, "step")} each way. Error of the code, and of the round trip: ${said.join("; ")}.`;
    },
    table(lab, R) {
      const n = Math.min(R.n, MOST_ROWS);
      const at = (p, o, i, k = 1) => `${formatNumber(k * p[o + 2 * i])}, ${formatNumber(k * p[o + 2 * i + 1])}`;
      const last = lab.S.n_steps * 2 * R.n;
      return {
        caption: `Points and codes${n < R.n ? `, the first ${n}` : ""}`,
        head: ["point", "data", "exact code", ...R.results.map((r) => `code by ${labelOf(lab, r.solver)}`)],
        rows: Array.from({ length: n }, (_, i) => [
          String(i + 1),
          at(R.data, 0, i),
          at(R.code.end, 0, i, 1 / R.scale),
          ...R.results.map((r) => at(r.up.path, last, i, 1 / R.scale))
        ])
      };
    },
    csv: (lab, R) => pathRows(lab.S, R),
    python: (S) => [
      ...pythonHead(S),
      "data = ge.exact_solution(flow, x_bar, gammas[[0, -1]])[-1]",
      `data[0] = torch.tensor(${py(S.probe)}, dtype=torch.float64)`,
      "scale = float(torch.sqrt(1 + gammas[0] ** 2))",
      "exact = ge.exact_solution(flow, data, gammas[[-1, 0]])[-1]",
      `for solver in ${py(S.solvers)}:`,
      "    code = ge.encode(flow, data, gammas.flip(0), solver)",
      "    back = ge.solve(flow, code.end, gammas, solver)",
      "    errors = ge.end_point_error(code.end, exact) / scale, ge.end_point_error(back.end, data)",
      '    print(solver, *(f"{e:.3g}" for e in errors))'
    ]
  };

  // genie_edu/lab/src/view/views/field.js
  var CELL = 30;
  function arrow(pen, x, y, vx, vy, head) {
    const n = Math.hypot(vx, vy);
    if (!(n > 0.5)) return;
    const ux = vx / n;
    const uy = vy / n;
    const q = Math.min(head, n * 0.6);
    const tip = [x + vx / 2, y + vy / 2];
    line([[x - vx / 2, y - vy / 2], tip])(pen);
    line([
      [tip[0] - q * (ux + 0.6 * uy), tip[1] - q * (uy - 0.6 * ux)],
      tip,
      [tip[0] - q * (ux - 0.6 * uy), tip[1] - q * (uy + 0.6 * ux)]
    ])(pen);
  }
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
      const A = plane(W, H, lab.reach);
      const nx = Math.floor(A.w / CELL);
      const ny = Math.floor(A.h / CELL);
      const X = new Float64Array(2 * nx * ny);
      const E = new Float64Array(2 * nx * ny);
      const ox = A.x + (A.w - (nx - 1) * CELL) / 2;
      const oy = A.y + (A.h - (ny - 1) * CELL) / 2;
      for (let j = 0; j < ny; j++)
        for (let i = 0; i < nx; i++) {
          const [x, y] = A.inverse(ox + i * CELL, oy + j * CELL);
          X[2 * (j * nx + i)] = x;
          X[2 * (j * nx + i) + 1] = y;
        }
      R.mix.eps(X, 0, nx * ny, R.gamma, E);
      const sign = S.quantity === "score" ? -1 / R.gamma : 1;
      const length = (v) => 0.92 * CELL * (S.quantity === "eps" ? Math.min(v / 2.4, 1) : v / (1 + v));
      const color = S.quantity === "eps" ? lab.theme.eps : lab.theme.score;
      s.clip(A.x, A.y, A.w, A.h, () => {
        shade(s, lab, R.mix, R.gamma, A);
        s.stroke({ color, width: 1.3, alpha: 0.9 }, (pen) => {
          for (let q = 0; q < nx * ny; q++) {
            const vx2 = sign * E[2 * q];
            const vy2 = sign * E[2 * q + 1];
            const n2 = Math.hypot(vx2, vy2);
            const k2 = n2 > 0 ? length(n2) / n2 : 0;
            arrow(pen, ox + q % nx * CELL, oy + Math.floor(q / nx) * CELL, k2 * vx2, -k2 * vy2, 5);
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
      const A = plane(W, H, lab.reach);
      return [...meanHandles(S, A), pointHandle(S, A, "probe", "Probe at")];
    },
    readout: (_lab, R) => ({
      head: ["at the probe", ""],
      rows: [
        row("eps", "eps", R.eps, pointText(R.eps)),
        row("score", "score", R.score, pointText(R.score)),
        row("log density", "log_density", R.logp),
        row("share of each component", "shares", R.shares, R.shares.map((v) => v.toFixed(2)).join(", "))
      ]
    }),
    summary(lab, R) {
      const [probe, eps, score] = [lab.S.probe, R.eps, R.score].map(pointText);
      return `At noise level γ = ${formatNumber(R.gamma)} and x̄ = ${probe}: eps = ${eps}, score = ${score}.`;
    },
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

  // genie_edu/lab/src/engine/guidance.js
  var COARSE_STARTS = 60;
  var GOLDEN = 0.6180339887498949;
  function exactGuided(engine, S, xBar, w, substep) {
    const mix = engine.mixture(S);
    const part = classOf(S, S.members);
    const [top, bottom] = [gammaOf(S.t_start), gammaOf(S.t_end)];
    const inside2 = [Math.exp(S.guide_high), Math.exp(S.guide_low)].filter((g) => g < top && g > bottom);
    const levels = [top, ...inside2, bottom];
    let at = xBar;
    for (let i = 0; i + 1 < levels.length; i++) {
      const middle = Math.sqrt(levels[i] * levels[i + 1]);
      const acts = middle > Math.exp(S.guide_low) && middle <= Math.exp(S.guide_high);
      const field = new GuidedField(part, mix, acts ? w : 0);
      at = engine.exact.paths(field, at, levels[i], levels[i + 1], substep).end.slice();
    }
    return at;
  }
  function meanOf(end) {
    const n = end.length / 2;
    const mean = [0, 0];
    for (let i = 0; i < end.length; i++) mean[i % 2] += end[i] / n;
    return mean;
  }
  function spreadOf2(end) {
    const mean = meanOf(end);
    return Math.sqrt(end.reduce((sum, v, i) => sum + (v - mean[i % 2]) ** 2, 0) / (end.length / 2));
  }
  function runGuidance(engine, S, dragging) {
    const mix = engine.mixture(S);
    const part = classOf(S, S.members);
    const n = dragging ? Math.min(S.n_starts, COARSE_STARTS) : S.n_starts;
    const substep = dragging ? COARSE_SUBSTEP : EXACT_SUBSTEP;
    const xBar = engine.start(S, n);
    const world = `${n} ${S.seed} ${S.t_start} ${S.t_end} ${S.members} ${substep}`;
    const plain = engine.remember("plain", world, () => exactGuided(engine, S, xBar, 0, substep));
    const end = engine.remember(
      "guided",
      `${world} ${S.w} ${S.guide_low} ${S.guide_high}`,
      () => exactGuided(engine, S, xBar, S.w, substep)
    );
    const kept = Array.from({ length: n }, (_, i) => {
      const p = probabilityOf(mix, S.members, plain[2 * i], plain[2 * i + 1]);
      return (0.5 + (i + 1) * GOLDEN) % 1 < p ** S.w;
    });
    const tilted = plain.filter((_, i) => kept[i >> 1]);
    const sum = S.guided_derivative === "sum";
    const field = new GuidedField(part, mix, S.w, { low: Math.exp(S.guide_low), high: Math.exp(S.guide_high), sum });
    const results = S.solvers.map((solver, i) => {
      const solve = (slot, steps) => {
        const run2 = engine.run(slot, S, xBar, grid(steps, S.spacing, S.t_start, S.t_end), solver, {}, field);
        return { run: run2, error: endPointError(run2.path, steps * xBar.length, end) };
      };
      const { run, error } = solve(i, S.n_steps);
      const slope = dragging ? NaN : Math.log2(error / solve("twice", 2 * S.n_steps).error);
      return { solver, run, steps: S.n_steps, error, nfe: run.nfe, slope };
    });
    const from = meanOf(plain);
    const movedTo = (cloud) => {
      const to = meanOf(cloud);
      return Math.hypot(to[0] - from[0], to[1] - from[1]);
    };
    const clouds = { tilted: movedTo(tilted), guided: movedTo(end), spread: spreadOf2(end) / spreadOf2(plain) };
    return { mix, part, n, xBar, plain, kept, exact: { end }, results, clouds };
  }

  // genie_edu/lab/src/view/views/guidance.js
  var nameOf = (S) => S.members.map((k) => k + 1).join(", ");
  var guidanceView = {
    coarse: true,
    slow: ["w", "guide_low", "guide_high", "n_steps", "members"],
    height: square,
    compute: (lab) => runGuidance(lab.engine, lab.S, lab.dragging),
    draw(s, lab, W, H, R) {
      const A = plane(W, H, lab.reach);
      const gEnd = gammaOf(lab.S.t_end);
      const f = alphaOf(gEnd);
      const ends = endPixels(A, R.n);
      const radius = R.n <= 60 ? 3 : R.n <= 150 ? 2.4 : 1.8;
      const only = (keep) => R.plain.filter((_, i) => R.kept[i >> 1] === keep);
      const grey = { color: s.theme.exact, radius: radius - 0.4, marker: "circle" };
      const moves = new Float64Array([...R.plain, ...R.exact.end]);
      s.clip(A.x, A.y, A.w, A.h, () => {
        shadeEnd(s, lab, R.part, gEnd, A);
        const way = trackPens(A, R.n)(moves, Float64Array.from([gEnd, gEnd]), Math.min(R.n, 80));
        s.stroke({ color: s.theme.exact, width: 1, alpha: 0.3 }, way);
        const [kept, dropped] = [only(true), only(false)];
        s.stamp(endPixels(A, kept.length / 2)(kept, 0, f), { ...grey, alpha: 0.8 });
        s.stamp(endPixels(A, dropped.length / 2)(dropped, 0, f), { ...grey, ring: true, alpha: 0.8 });
        const ring = { color: s.theme.fg, radius: radius + 1.8, marker: "circle", ring: true, alpha: 0.7 };
        s.stamp(ends(R.exact.end, 0, f), ring);
        for (const { solver, run } of R.results) {
          const { color, marker } = styleOf(lab, solver);
          s.stamp(ends(run.path, lab.S.n_steps * 2 * R.n, f), { color, radius, marker, alpha: 0.95 });
        }
      });
      drawAxes(s, A, { xName: "x₁", yName: "x₂" });
    },
    handles: (lab, W, H) => meanHandles(lab.S, plane(W, H, lab.reach)),
    readout: (lab, R) => ({
      head: ["on the guided flow", "error", "slope", "NFE"],
      note: "grey: p(x|c), hollow where tilting drops the point; rings: where the guided flow ends; slope: of the error from these steps to twice as many",
      rows: [
        ...R.results.map(
          (r) => errorRow(r.solver, [
            ["error", r.error],
            ["slope", r.slope, Number.isFinite(r.slope) ? r.slope.toFixed(1) : "-"],
            ["nfe", r.nfe, String(r.nfe)]
          ])
        ),
        row("mean moved by tilting", "moved_tilted", R.clouds.tilted),
        row("mean moved by guidance", "moved_guided", R.clouds.guided),
        row("spread left by guidance", "spread", R.clouds.spread)
      ]
    }),
    summary(lab, R) {
      const errors = R.results.map((r) => `${shortLabel(lab, r.solver)} ${formatNumber(r.error)}`);
      return `Class of mode ${nameOf(lab.S)}, w = ${lab.S.w}, ${countOf(lab.S.n_steps, "step")}: guidance moves the mean by ${formatNumber(R.clouds.guided)}, tilting by ${formatNumber(R.clouds.tilted)}. Errors: ${errors.join(", ")}.`;
    },
    table(lab, R) {
      const n = Math.min(R.n, MOST_ROWS);
      const at = (p, o, i) => `${formatNumber(p[o + 2 * i])}, ${formatNumber(p[o + 2 * i + 1])}`;
      return {
        caption: `End points in bar coordinates${n < R.n ? `, the first ${n} starts` : ""}`,
        head: ["start", "without guidance", "tilting", "guided", ...R.results.map((r) => labelOf(lab, r.solver))],
        rows: Array.from({ length: n }, (_, i) => [
          String(i + 1),
          at(R.plain, 0, i),
          R.kept[i] ? "keeps it" : "drops it",
          at(R.exact.end, 0, i),
          ...R.results.map((r) => at(r.run.path, lab.S.n_steps * 2 * R.n, i))
        ])
      };
    },
    csv: (lab, R) => pathRows(lab.S, R),
    python: (S) => [
      ...pythonHead(S),
      `members = ${py(S.members)}`,
      "weights = mixture.weights[members]",
      "part = ge.GaussianMixture(weights / weights.sum(), mixture.means[members], mixture.covs[members])",
      "conditional = ge.AnalyticFlow(part)",
      `interval = torch.tensor([${py(S.guide_low)}, ${py(S.guide_high)}], dtype=torch.float64).exp().tolist()`,
      `kind = ge.${S.guided_derivative === "sum" ? "SumOfDerivativesFlow" : "GuidedFlow"}`,
      `guided = kind(conditional, flow, ${py(S.w)}, interval)`,
      "",
      "exact = x_bar  # solved from end to end of the interval, where the flow jumps",
      "inside = [g for g in interval[::-1] if gammas[-1] < g < gammas[0]]",
      "corners = [float(gammas[0]), *inside, float(gammas[-1])]",
      "for a, b in zip(corners, corners[1:]):",
      `    w = ${py(S.w)} if interval[0] < (a * b) ** 0.5 <= interval[1] else 0.0`,
      "    exact = ge.exact_solution(ge.GuidedFlow(conditional, flow, w), exact, [a, b])[-1]",
      "plain = ge.exact_solution(conditional, x_bar, gammas[[0, -1]])[-1]",
      'print("moved_guided", f"{(exact.mean(0) - plain.mean(0)).norm():.3g}")',
      `for solver in ${py(S.solvers)}:`,
      "    path = ge.solve(guided, x_bar, gammas, solver=solver)",
      '    print(solver, f"{ge.end_point_error(path.end, exact):.3g}", path.nfe)'
    ]
  };

  // genie_edu/lab/src/view/views/history.js
  var percent = (share) => `${Math.round(100 * share)} %`;
  var historyView = {
    broad: true,
    refuse(lab, S) {
      const n = lab.sheet.checkpoints.length;
      if (S.snapshot >= n || S.beside >= n) throw new RangeError(`there are ${n} checkpoints, from 0 on`);
    },
    compute(lab) {
      const { S, sheet } = lab;
      awaitPicture(lab);
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
      const at = (q) => [q.step, q.loss];
      drawAxes(s, A, {
        xName: "training steps",
        yName: "loss",
        xTicks: logTicks(A.x0, A.x1, Math.max(2, A.w / 62)),
        yTicks: logTicks(A.y0, A.y1, Math.max(3, A.h / 30)),
        grid: true
      });
      s.text("the loss of eps as the training goes on", A.x, A.y - 14, { size: 12.5, weight: 600, room: A.w });
      s.stroke({ color: t.eps, width: 2 }, polyline(A, sheet.curve));
      s.fill({ color: t.eps }, markers(A, sheet.checkpoints.map(at), "circle", 3));
      s.stroke({ color: t.accent, width: 1.4, dash: "dash" }, vertical(A, A.px(now.step)));
      s.fill({ color: t.accent }, markers(A, [at(now)], "diamond", 5.5));
      if (other) s.stroke({ color: t.fg, width: 1.8 }, circle(A, at(other), 7));
      const blocks = [{ q: now, row: lab.S.snapshot, color: t.accent }];
      if (other) blocks.push({ q: other, row: lab.S.beside, color: t.fg });
      const stride = P.side + GAP;
      blocks.forEach(({ q, row: row2, color }, b) => {
        const top = P.y + b * P.high;
        const title = `after ${countOf(q.step, "training step")}`;
        s.text(title, P.x, top + 10, { size: 12.5, weight: 600, color, room: W - P.x - 4 });
        if (!sheet.picture) return;
        const strip = sheet.changed(row2).canvas;
        for (let k = 0; k < sheet.columns; k++) {
          const [x, y] = [P.x + k % P.c * stride, top + 24 + Math.floor(k / P.c) * stride];
          s.tile(strip, k * sheet.tile, sheet.tile, x, y, P.side);
        }
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
      const { now, other } = R;
      return {
        head: null,
        note: "share: of the way from the curve's first loss to its last; the samples are drawn with averaged weights",
        rows: [
          row("training steps", "step", now.step, String(now.step)),
          row("loss there", "loss", now.loss),
          row("share of the loss's whole drop", "share", 100 * now.share, percent(now.share)),
          row("minutes of training", "minutes", now.minutes),
          row("compared with step", "other_step", other ? other.step : NaN, other ? String(other.step) : MISSING)
        ]
      };
    },
    summary(_lab, { now, other }) {
      const beside = other ? ` Below, the same seeds after ${other.step}.` : "";
      return `After ${countOf(now.step, "training step")} (${formatNumber(now.minutes)} minutes) the loss is ${formatNumber(now.loss)}: ${percent(now.share)} of its whole drop.${beside}`;
    },
    table: (lab, R) => ({
      caption: "The checkpoints",
      head: ["training steps", "loss", "share of the drop", "minutes"],
      rows: R.sheet.checkpoints.map((q) => [
        String(q.step),
        formatNumber(q.loss),
        percent(q.share),
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

  // genie_edu/lab/src/view/views/images.js
  var imagesView = {
    broad: true,
    hover: true,
    refuse(lab, S) {
      refuseUnrecorded(lab.sheet, S, S.solvers, S.spacing);
      refuseColumn(lab.sheet, S);
    },
    height: (W, lab) => tilesHeight(lab, W, lab.sheet.above.length + 1 + lab.S.solvers.length),
    compute(lab) {
      const { S, sheet } = lab;
      const lines = S.solvers.map((solver) => ({
        ...sampledLine(lab, sheet.cell(solver, S.derivative, S.spacing, S.nfe)),
        steps: S.nfe / (SOLVERS[solver].calls ?? 1)
      }));
      awaitPicture(lab);
      return { sheet, lines, waiting: !sheet.picture };
    },
    draw(s, lab, W, H, { sheet, lines }) {
      const { S } = lab;
      const narrow = placeTiles(lab, W).wide < 460;
      const drawn = lines.map((q) => {
        const style = styleOf(lab, q.solver);
        if (q.row === null) return { ...q, style, strip: null };
        const frechet = narrow || !isNumber(q.frechet) ? "" : `, Fréchet ${formatNumber(q.frechet)}`;
        return {
          style,
          strip: () => sheet.strip(q.row, S.show_difference),
          label: narrow ? q.label : `${q.label}, ${countOf(q.steps, "step")}`,
          said: `error ${formatNumber(q.error)}${frechet}`
        };
      });
      const first = [...sheet.above, sheet.reference].map(({ row: row2, label }) => ({ label, strip: () => sheet.strip(row2) }));
      drawTiles(s, lab, W, [...first, ...drawn]);
      seedsNote(s, lab, W, H);
    },
    handles: columnHandles,
    press: (lab, x, _y, W) => pressColumn(lab, x, W),
    readout: (lab, R) => ({
      head: sampleHead(lab),
      note: sampleNote(lab),
      rows: [...R.lines.map(sampledRow(lab)), ...sampledFacts(lab)]
    }),
    summary(lab, R) {
      const { S } = lab;
      const parts = R.lines.map((q) => {
        if (q.row === null) return `${q.label} none (${q.why})`;
        const distance2 = lab.sheet.judged ? ` (Fréchet distance ${formatNumber(q.frechet)})` : "";
        return `${q.label} ${formatNumber(q.error)}${distance2}`;
      });
      const shown = S.show_difference ? "; shown is the difference from the own ODE's line" : "";
      const calls = `${S.nfe} calls of eps each, grid ${SPACING_NAMES[S.spacing]}`;
      return `${calls}${shown}. Error: ${parts.join("; ")}.`;
    },
    table: (lab, R) => ({
      caption: `Error${R.sheet.judged ? " and Fréchet distance" : ""} by calls, grid ${SPACING_NAMES[lab.S.spacing]}`,
      head: ["calls", ...R.lines.flatMap((q) => [`${q.label}: error`, ...R.sheet.judged ? ["Fréchet"] : []])],
      rows: R.sheet.nfes.map((nfe) => [
        String(nfe),
        ...R.lines.flatMap((q) => {
          const at = R.sheet.cell(q.solver, lab.S.derivative, lab.S.spacing, nfe);
          return [formatNumber(at.error), ...R.sheet.judged ? [formatNumber(at.frechet)] : []];
        })
      ])
    }),
    csv: (lab, R) => [
      ["solver", "derivative", "spacing", "nfe", "error", "frechet"],
      ...R.lines.flatMap(
        (q) => R.sheet.spacings.flatMap(
          (spacing) => R.sheet.nfes.map((nfe) => R.sheet.cell(q.solver, lab.S.derivative, spacing, nfe))
        )
      ).filter((at) => at.row !== null).map((at) => [at.solver, at.derivative, at.spacing, at.nfe, ...measuredCells(at)])
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
      `        print(row["solver"], row["error"]${lab.sheet.judged ? ', row["frechet"]' : ""})`
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
    const row2 = MYSTERIES[S.mystery];
    const enough = S.counts.length >= 4;
    const ready = enough && S.diagnosis !== "none";
    return { results: [mystery, ddim2], mystery, ddim: ddim2, row: row2, enough, ready, right: ready && S.diagnosis === row2.diagnosis };
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
    const errors = points.map((p) => p.error);
    return { solver: name, points, fit: observedOrder(S.counts, errors) };
  }

  // genie_edu/lab/src/view/views/order.js
  var NO_SLOPE = "no range on which three successive points agree on a slope";
  var fittedSlope = (line2) => line2 ? `slope ${line2.order.toFixed(2)}, fitted on N = ${line2.nFrom} to ${line2.nTo}` : NO_SLOPE;
  var slopeCells = (line2) => [
    ["slope", line2 ? line2.order : NaN, line2 ? line2.order.toFixed(2) : MISSING],
    ["slope_range", line2 ? [line2.nFrom, line2.nTo] : NaN, line2 ? `${line2.nFrom} to ${line2.nTo}` : MISSING]
  ];
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
        yFormat: (v) => powerOfTen(Math.round(Math.log10(v))),
        grid: true
      });
      const labels = [];
      const mine = [];
      s.clip(A.x - 6, A.y - 4, A.w + 12, A.h + 8, () => {
        for (const { solver, style = styleOf(lab, solver), points, fit: line2 } of R.results) {
          const good = points.filter((p) => p.error > 0 && Number.isFinite(p.error)).map((p) => [p.N, clamp(p.error, bottom, top)]);
          if (S.committed && line2) {
            const fitted2 = [line2.nFrom, line2.nTo].map((n2) => [n2, Math.exp(line2.offset) * n2 ** -line2.order]);
            s.stroke({ color: style.color, width: 7, alpha: 0.22 }, polyline(A, fitted2));
          }
          s.stroke({ color: style.color, width: 1.6, dash: style.dash }, polyline(A, good));
          s.fill({ color: style.color }, markers(A, good, style.marker, 4));
          const slope = S.committed && line2 ? `: ${line2.order.toFixed(2)}` : "";
          const [n, error] = good[good.length - 1] ?? [NaN, NaN];
          labels.push({ x: A.px(n) + 10, y: A.py(error), text: shortened(style.label) + slope });
        }
        if (S.committed || S.expected_slope > 0) {
          const anchor = all.length ? Math.exp(all.map(Math.log).reduce((a, b) => a + b) / all.length) : 0.03;
          const n0 = S.counts.length ? S.counts[Math.floor(S.counts.length / 2)] : 16;
          const y = (n) => anchor * (n / n0) ** -S.expected_slope;
          const expected = [2, 512].map((n) => [n, y(n)]);
          s.stroke({ color: s.theme.muted, width: 1.6, dash: "dash" }, polyline(A, expected));
          mine.push({ x: A.px(2), y: clamp(A.py(y(2)), A.y + 14, A.y + A.h - 12) - 10 });
        }
      });
      for (const l of spreadLabels(labels, 15, A.y + 8, A.y + A.h - 8))
        s.text(l.text, Math.min(l.x, A.x + A.w + 8), l.y, { size: 11.5, weight: 600, halo: true });
      for (const { x, y } of mine)
        s.text(`your slope ${signed(-S.expected_slope)}`, x + 6, y, {
          size: 11.5,
          color: s.theme.muted,
          weight: 600,
          halo: true
        });
    },
    handles: () => [],
    readout: (lab, R) => ({
      head: ["solver", "error at N", "order", "fitted on"],
      rows: R.results.map((r) => {
        const here = r.points.find((p) => p.N === lab.S.n_steps);
        const line2 = lab.S.committed ? r.fit : null;
        return {
          label: shortLabel(lab, r.solver),
          ...errorRow(r.solver, [["error", here ? here.error : NaN], ...slopeCells(line2)])
        };
      })
    }),
    summary(lab, R) {
      const S = lab.S;
      if (!S.counts.length) return "No step count measured yet: choose one and press Measure.";
      if (!S.committed)
        return `${countOf(S.counts.length, "step count")} measured, ${S.counts[0]} to ${S.counts[S.counts.length - 1]}. Set the order that you expect, then draw its line: the fitted orders appear.`;
      const slopes = R.results.map((r) => `${labelOf(lab, r.solver)}: ${fittedSlope(r.fit)}`);
      return `${slopes.join("; ")}. You expected ${S.expected_slope}.`;
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
      ...PYTHON_FIT.map((line2) => `    ${line2}`)
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
      const [slope, range] = slopeCells(S.committed ? R.mystery.fit : null);
      const truth = `${DIAGNOSES[R.row.diagnosis]}. ${R.row.why.replace(/\^2/g, "²")}`;
      let verdict = `No verdict yet: ${R.enough ? "choose a diagnosis" : "measure four step counts, then choose"}.`;
      if (R.ready && R.right) verdict = `Right: ${truth}`;
      else if (R.ready && S.revealed) verdict = `No. What is wrong is this: ${truth}`;
      else if (R.ready) verdict = `No. A hint: ${PREDICTIONS[S.diagnosis]}`;
      return {
        head: null,
        rows: [
          row(`error at N = ${S.n_steps}`, "error", at(R.mystery)),
          row("error / DDIM's", "ratio", at(R.mystery) / at(R.ddim)),
          row("slope", ...slope),
          row("fitted on N =", ...range)
        ],
        after: [{ name: "verdict", value: R.ready ? verdict : NaN, text: verdict }]
      };
    },
    summary(lab, R) {
      const S = lab.S;
      const k = S.counts.length;
      const name = `Mystery ${S.mystery}`;
      if (R.ready) return `${name}: ${R.right ? "your diagnosis is right" : "your diagnosis does not hold"}.`;
      if (!R.enough) return `${name}: ${countOf(k, "step count")} measured, ${4 - k} more for a diagnosis.`;
      if (!S.committed)
        return `${name}: ${k} step counts measured. Set the slope that the claim promises and draw it: the fitted one appears.`;
      return `${name}: ${fittedSlope(R.mystery.fit)}; the claim is ${R.row.order}. Which diagnosis fits?`;
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
      if (S.clock === "plane") return plane(W, H, lab.reach);
      const rim = Math.max(3.1, lab.reach);
      const a = clockOf(S.clock, gammaOf(S.t_start));
      const b = clockOf(S.clock, gammaOf(S.t_end));
      return axes({ x: 48, y: 10, w: W - 60, h: H - 52 }, [a, b], [-rim, rim]);
    },
    draw(s, lab, W, H, R) {
      const S = lab.S;
      const A = this.axes(lab, W, H);
      const flat = S.clock === "plane";
      const few = R.n <= 30;
      const gEnd = gammaOf(S.t_end);
      const f = alphaOf(gEnd);
      const track = trackPens(A, R.n, S.clock);
      const ends = endPixels(A, R.n, flat);
      const radius = few ? 4 : R.n <= 150 ? 2.8 : 1.9;
      const rings = (t) => t.stamp(ends(R.exact.end, 0, f), {
        color: t.theme.fg,
        radius: radius + 1.8,
        marker: "circle",
        ring: true,
        alpha: R.n <= 150 ? 0.75 : 0.4
      });
      const under = (t) => {
        t.clip(A.x, A.y, A.w, A.h, () => {
          if (flat) shadeEnd(t, lab, R.mix, gEnd, A);
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
            const dash = S.n_steps <= 30 ? style.dash : "solid";
            s.stroke({ color: style.color, width: 1.6, dash, alpha: 0.9 }, track(run.path, run.gammas, R.n));
          }
          rings(s);
        } else {
          const alpha = clamp(4 / Math.sqrt(R.n), 0.16, 0.6);
          const layers = R.results.map(({ solver, run }) => ({
            color: styleOf(lab, solver).color,
            alpha,
            build: track(run.path, run.gammas, R.n)
          }));
          s.haze(layers, W, H);
        }
        for (const { solver, run } of R.results) {
          const { color, marker } = styleOf(lab, solver);
          const at = S.denoise ? ends(run.final, 0, 1) : ends(run.path, S.n_steps * 2 * R.n, f);
          s.stamp(at, { color, radius, marker, alpha: 0.95 });
        }
      });
    },
    handles(lab, W, H) {
      const S = lab.S;
      if (S.clock !== "plane") return [];
      const A = this.axes(lab, W, H);
      return [...meanHandles(S, A), ...S.start ? [pointHandle(S, A, "start", "Start point at")] : []];
    },
    readout: (lab, R) => ({
      head: ["solver", "error", "NFE"],
      rows: R.results.map(
        (r) => errorRow(r.solver, [
          ["error", r.error],
          ["nfe", r.nfe, String(r.nfe)]
        ])
      )
    }),
    summary(lab, R) {
      const parts = R.results.map((r) => `${labelOf(lab, r.solver)} ${formatNumber(r.error)}`);
      const counts = `${countOf(lab.S.n_steps, "step")}, ${countOf(R.n, "start")}`;
      return `${counts}. Median distance to the exact end points: ${parts.join(", ")}.`;
    },
    table(lab, R) {
      const rows = [];
      const n = Math.min(R.n, MOST_ROWS);
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
      refuseUnrecorded(lab.sheet, S, [S.solver, S.rival, ...S.solvers], S.grid, "nothing was measured");
      refuseOnePair(S);
      if (S.axis === "seconds" && !lab.sheet.seconds) throw new RangeError("no times were recorded");
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
      const name = (solver) => labelWithKind(lab, solver, P.kind(solver, S.derivative));
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
        others: lines.filter(({ solver }) => solver !== S.solver && solver !== S.rival).map((l) => ({ ...l, at: here ? atCost(l.points, here.cost) : null })),
        even: this.breakEven(lab, priced, meter === "nfe" ? "counted" : meter)
      };
    },
    /**
     * From how many images on the solver and its training cost less than the rival at the same value, and in words.
     * @returns {[number, string]}
     */
    breakEven(lab, priced, meter) {
      const { S, sheet: P } = lab;
      const here = priced(S.solver, meter, false).find((q) => q.nfe === S.nfe);
      const [own, other] = [S.solver, S.rival].map((s) => P.training(P.kind(s, S.derivative), meter));
      if (!here) return [NaN, MISSING];
      const there = costOf(priced(S.rival, meter, false), here.value);
      if (!isNumber(there)) return [NaN, "not within the measured calls"];
      if (there <= here.cost) return [NaN, "never: the rival is cheaper"];
      if (own <= other) return [0, "at once"];
      const images = (own - other) / (there - here.cost);
      return [images, roundNumber(images)];
    },
    draw(s, lab, W, H, R) {
      const { S } = lab;
      const { P, lines, here } = R;
      const all = lines.flatMap((l) => l.points);
      const t = s.theme;
      if (!all.length) {
        s.text("not measured", W / 2, H / 2, { align: "center", color: t.muted });
        return;
      }
      const wide = W > 420;
      const own = S.measure === "frechet" ? [P.own_ode] : [];
      const costs = [...all.map((q) => q.cost), ...here ? [here.cost] : []];
      const values = [...all.flatMap((q) => q.values), ...own, ...here ? here.values : [], ...R.rival ?? []];
      const span = (v, f) => [Math.min(...v) / f, Math.max(...v) * f];
      const least = (v) => Math.max(v, 1e-12);
      const rect = { x: 58, y: 14, w: W - 58 - (wide ? 106 : 14), h: H - 64 };
      const A = axes(rect, span(costs, 1.15), span(values.map(least), 1.2), true);
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
        if (here) s.stroke({ color: t.accent, width: 1.3, dash: "dash" }, vertical(A, A.px(here.cost)));
        for (const v of own) s.stroke({ color: t.exact, width: 2, dash: "dash" }, horizontal(A, A.py(v)));
        for (const { solver, label, points } of lines) {
          const style = styleOf(lab, solver);
          const at = points.map((q) => [q.cost, least(q.value)]);
          s.stroke({ color: style.color, width: 1.8, dash: style.dash }, polyline(A, at));
          s.stroke({ color: style.color, width: 1.4 }, (pen) => {
            for (const { cost: cost2, values: v } of points) {
              pen.moveTo(A.px(cost2), A.py(Math.min(...v)));
              pen.lineTo(A.px(cost2), A.py(Math.max(...v)));
            }
          });
          s.fill({ color: style.color }, markers(A, at, style.marker, 4));
          const [cost, value] = at[at.length - 1] ?? [NaN, NaN];
          labels.push({ x: A.px(cost) + 9, y: A.py(value), text: label });
        }
        if (here)
          s.stroke({ color: t.accent, width: 2 }, (pen) => {
            for (const v of [here.value, R.rivalValue]) if (isNumber(v)) pen.circle(A.px(here.cost), A.py(v), 7.5);
          });
      });
      const ownStyle = { size: 11.5, align: "end", weight: 600, color: t.muted, halo: true };
      for (const v of own) s.text("own ODE", A.x + A.w - 4, A.py(v) + 10, ownStyle);
      if (!wide) return;
      for (const l of spreadLabels(labels, 14, A.y + 6, A.y + A.h - 6)) {
        const x = Math.min(l.x, A.x + A.w + 8);
        s.text(l.text, x, l.y, { size: 11, weight: 600, halo: true, room: W - x - 2 });
      }
    },
    handles: () => [],
    readout(lab, R) {
      const { S } = lab;
      const { P, here } = R;
      const value = (label, solver, v) => ({
        label,
        ...errorRow(solver, [["value", v, isNumber(v) ? void 0 : "not measured"]])
      });
      const measured = S.measure === "error" ? "error: median over the starts" : `${P.n_samples.toLocaleString("en-US")} samples a distance`;
      const [images, text] = R.even;
      const range = R.range ? `${formatNumber(R.range[0])} to ${formatNumber(R.range[1])}` : MISSING;
      return {
        head: ["at the same cost", S.measure === "error" ? "error" : "Fréchet"],
        note: `points: the median of ${P.repeats}, bars their range where there are several; the rival is read off between its points; ${measured}; best grid: the one with the least error`,
        rows: [
          value(R.names[0], S.solver, here ? here.value : NaN),
          value(R.names[1], S.rival, R.rivalValue),
          ...R.others.map(({ solver, label, at }) => value(label, solver, at ? median(at) : NaN)),
          row(R.trained ? "cost, training included" : "cost", "cost", here ? here.cost : NaN),
          row("rival / solver", "ratio", R.ratio),
          row("its range over the runs", "ratio_range", R.range ?? NaN, range),
          row("runs", "n_runs", R.ratios.length, String(R.ratios.length)),
          ...S.measure === "frechet" ? [row("own ODE", "own_ode", P.own_ode)] : [],
          row("images until the training is paid back", "break_even", images, text)
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
      const ahead = R.ratio >= 1 ? "as large" : "as much: it is ahead";
      const disagree = R.range && R.range[0] < 1 && R.range[1] > 1;
      return `${a}, ${S.nfe} calls: ${what} ${formatNumber(R.here.value)}. At the same cost ${b}'s is ${formatNumber(R.rivalValue)}, ${formatNumber(R.ratio)} times ${ahead}.` + (disagree ? " The runs disagree about who is ahead." : "");
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
          q.values.length > 1 ? `${formatNumber(Math.min(...q.values))} to ${formatNumber(Math.max(...q.values))}` : MISSING
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
        const once = trained ? unit * P.training(kind, meter) / 10 ** S.log_images : 0;
        return `${py(solver)}, ${py(kind)}, ${isNumber(call) ? call : 'float("nan")'}, ${once}`;
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
      const [first, second] = twoPanels(W, H);
      const t = s.theme;
      const last = R.heads.length - 1;
      drawField(s, lab, panelAxes(first), R, {
        truth: R.truth,
        runs: [{ ...R.ddim, faint: true }, { ...R.genie, faint: true }, R.head],
        rings: R.truth.end,
        title: "end points on the learned field"
      });
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
        s.stroke({ color: style.color, width: 2, dash: "dash" }, horizontal(A, y(r.error)));
        s.text(text, A.x + A.w - 4, y(r.error) + (r === R.ddim ? -9 : 10), {
          size: 11.5,
          align: "right",
          weight: 600,
          halo: true
        });
      }
      const mark = (points, r) => s.fill({ color: head.color }, (pen) => {
        for (const [px, py2] of points) markerPath(pen, head.marker, px, py2, r);
      });
      if (R.curve) {
        const points = R.curve.map((e, k) => [A.px(k), y(e)]);
        s.stroke({ color: head.color, width: 1.8 }, line(points));
        mark(points, 3.4);
      }
      s.stroke({ color: t.accent, width: 1.4, dash: "dash" }, vertical(A, A.px(R.now)));
      mark([[A.px(R.now), y(R.head.error)]], 6);
      s.text("the head, step by step of its training", A.x, A.y - 12, { size: 12.5, weight: 600, room: A.w });
    },
    handles: () => [],
    readout: (lab, R) => ({
      head: ["on the learned field", "error"],
      note: "error: from the end points of the learned ODE itself (rings), median over the starts",
      rows: [
        ...R.results.map((r) => errorRow(r.solver, [["error", r.error]])),
        row("training steps of the head", "step", R.step, String(R.step)),
        row("R² of its derivative", "r2", R.r2, R.r2.toFixed(3))
      ]
    }),
    summary(lab, R) {
      const [ddim2, genie2, head] = R.results.map((r) => formatNumber(r.error));
      return `${countOf(lab.S.n_steps, "step")}: DDIM ends ${ddim2} off, GENIE with the exact derivative ${genie2}, with the head after ${R.step} training steps ${head}; that head explains ${(100 * R.r2).toFixed(1)} % of the derivative.`;
    },
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

  // genie_edu/lab/src/engine/span.js
  var UNSEEN = 96;
  var LEAST_SEEN = 8;
  var SPANS = { now: NOW, past: PAST, slopes: SLOPES };
  function runSpan(engine, S, coarse) {
    const mix = engine.mixture(S);
    const gammas = grid(S.n_steps, S.spacing, S.t_start, S.t_end);
    const substep = coarse ? COARSE_SUBSTEP : EXACT_SUBSTEP;
    const key = `${S.n_steps} ${S.spacing} ${S.n_starts} ${S.seed} ${S.start} ${S.t_start} ${S.t_end} ${substep}`;
    return engine.remember("span", key, () => {
      const scale = Math.sqrt(1 + gammaOf(S.t_start) ** 2);
      const seen = engine.start(S, S.n_starts);
      const unseen = starts(UNSEEN, S.seed + 1).map((v) => scale * v);
      const [ours, others] = [seen, unseen].map((x) => engine.exact.along(mix, x, gammas, substep));
      const shares = Object.fromEntries(
        Object.entries(SPANS).map(([name, terms]) => [name, outOfSpan(mix, ours, others, gammas, terms)])
      );
      const last = S.n_steps;
      const there = others.subarray(last * unseen.length);
      const error = (end) => endPointError(end, 0, there);
      const truth = ours.subarray(last * seen.length);
      const onKept = (end, places) => median(places.map((k) => Math.hypot(end[2 * k] - truth[2 * k], end[2 * k + 1] - truth[2 * k + 1])));
      const fit2 = (terms) => {
        const weights = fitted(mix, ours, gammas, terms, onKept);
        return { weights, error: error(follow(mix, unseen, gammas, weights, terms)) };
      };
      const plain = (name) => {
        const run = engine.run("span", S, unseen, gammas, name, {});
        return endPointError(run.path, run.N * unseen.length, there);
      };
      const worst = shares.past.indexOf(Math.max(...shares.past));
      return {
        gammas,
        shares,
        worst,
        fits: { past: fit2(PAST), slopes: fit2(SLOPES) },
        errors: { ddim: plain("ddim"), genie_multistep: plain("genie_multistep") }
      };
    });
  }
  function outOfSpan(mix, ours, others, gammas, terms) {
    const sides = [ours, others].map((path) => ({ path, n2: path.length / gammas.length, past: [] }));
    const left = [];
    for (let n = 0; n + 1 < gammas.length; n++) {
      const [fit2, test] = sides.map((side) => {
        const { path, n2, past } = side;
        const x = path.slice(n * n2, (n + 1) * n2);
        const { columns, point } = directions(mix, x, gammas[n], gammas[n + 1], past, terms);
        side.past = [point, ...past].slice(0, 2);
        return { columns: columns.map(([, c]) => c), way: x.map((v, i) => path[(n + 1) * n2 + i] - v) };
      });
      const weights = leastSquares(fit2.columns, fit2.way);
      let rest = 0;
      let whole = 0;
      test.way.forEach((v, i) => {
        const miss = v - test.columns.reduce((sum, c, j) => sum + weights[j] * c[i], 0);
        rest += miss * miss;
        whole += v * v;
      });
      left.push(Math.sqrt(rest / whole));
    }
    return left;
  }

  // genie_edu/lab/src/view/views/span.js
  var LOW = 1e-8;
  var CURVES = [
    { name: "now", label: "x̄ and ε now", dash: "dot", marker: "circle" },
    { name: "past", label: "and two past ε", dash: "dash", marker: "square" },
    { name: "slopes", label: "and the slopes", dash: "solid", marker: "diamond" }
  ];
  var colorOf = (t, name) => ({ now: t.exact, past: t.eps, slopes: t.accent })[name];
  var spanView = {
    coarse: true,
    height: (w) => Math.round(clamp(w * 0.8, 300, 420)),
    refuse(_lab, S) {
      if (S.n_starts < LEAST_SEEN) throw new RangeError(`a fit needs ${LEAST_SEEN} starts at least`);
    },
    compute: (lab) => runSpan(lab.engine, lab.S, lab.dragging),
    axes(_lab, W, H, R) {
      const g = R.gammas;
      return axes({ x: 58, y: 12, w: W - 72, h: H - 58 }, [0.8 * g[g.length - 2], 1.25 * g[0]], [LOW, 1], true);
    },
    draw(s, lab, W, H, R) {
      const A = this.axes(lab, W, H, R);
      const t = s.theme;
      const inside2 = (low, high, most) => {
        const out = [];
        for (let k = Math.ceil(Math.log10(low)); k <= Math.log10(high); k++) out.push(10 ** k);
        return out.filter((_, i) => i % Math.ceil(out.length / most) === 0);
      };
      const raised = (v) => powerOfTen(Math.round(Math.log10(v)));
      drawAxes(s, A, {
        xName: "γ at the start of the step",
        yName: "share out of the span",
        xTicks: inside2(A.x0, A.x1, 7),
        yTicks: inside2(A.y0, A.y1, 7),
        xFormat: raised,
        yFormat: raised,
        grid: true
      });
      const pointsOf = (name) => R.shares[name].map((v, n) => [R.gammas[n], Math.max(v, LOW)]);
      const worst = R.gammas[R.worst];
      s.clip(A.x, A.y, A.w, A.h, () => {
        s.stroke({ color: t.axis, width: 1, dash: "dash" }, vertical(A, A.px(worst)));
        for (const { name, dash, marker } of CURVES) {
          s.stroke({ color: colorOf(t, name), width: 2, dash }, polyline(A, pointsOf(name)));
          s.fill({ color: colorOf(t, name) }, markers(A, pointsOf(name), marker, 3.4));
        }
        for (const name of ["past", "slopes"])
          s.stroke({ color: t.fg, width: 1.4 }, circle(A, pointsOf(name)[R.worst], 7));
      });
      CURVES.forEach(({ name, label, dash, marker }, i) => {
        const y = A.y + 12 + 17 * i;
        const x = A.x + A.w - 138;
        const sample = [
          [x, y],
          [x + 28, y]
        ];
        s.stroke({ color: colorOf(t, name), width: 2, dash }, line(sample));
        s.fill({ color: colorOf(t, name) }, markers({ ...A, px: (v) => v, py: (v) => v }, [[x + 14, y]], marker, 3.4));
        s.text(label, x + 35, y, { size: 12, halo: true });
      });
    },
    handles: () => [],
    readout: (_lab, R) => ({
      head: ["a step, and the end", ""],
      note: `shares and errors are those of ${UNSEEN} starts that no fit has seen; a fit goes step by step along its own path, and slopes are exact`,
      rows: [
        row("the worst step", "worst_step", R.worst + 1, String(R.worst + 1)),
        row("out of its span, without slopes", "share_past", R.shares.past[R.worst]),
        row("with slopes", "share_slopes", R.shares.slopes[R.worst]),
        row("error of a fit without slopes", "error_past", R.fits.past.error),
        row("of a fit with them", "error_slopes", R.fits.slopes.error),
        ...["ddim", "genie_multistep"].map((name) => errorRow(name, [["error", R.errors[name]]]))
      ]
    }),
    summary(lab, R) {
      const [without, with_] = ["past", "slopes"].map((name) => formatNumber(R.shares[name][R.worst]));
      const [fit2, sloped] = ["past", "slopes"].map((name) => formatNumber(R.fits[name].error));
      return `${countOf(lab.S.n_steps, "step")}, fitted on ${countOf(lab.S.n_starts, "start")}. In step ${R.worst + 1} the share ${without} is out of the span, with slopes ${with_}. Errors on unseen starts: ${fit2} without slopes, ${sloped} with them, GENIE multistep ${formatNumber(R.errors.genie_multistep)}, DDIM ${formatNumber(R.errors.ddim)}.`;
    },
    table: (_lab, R) => ({
      caption: "Out of the span, by step",
      head: ["step", "γ", ...CURVES.map(({ label }) => label)],
      rows: R.shares.now.map((_, n) => [
        String(n + 1),
        formatNumber(R.gammas[n]),
        ...CURVES.map(({ name }) => formatNumber(R.shares[name][n]))
      ])
    }),
    csv: (_lab, R) => [
      ["step", "gamma", ...CURVES.map(({ name }) => name)],
      ...R.shares.now.map((_, n) => [n + 1, R.gammas[n], ...CURVES.map(({ name }) => R.shares[name][n])])
    ],
    python: (S) => [
      ...pythonHead(S),
      `others = torch.sqrt(1 + gammas[0] ** 2) * torch.as_tensor(starts(${UNSEEN}, seed=${py(S.seed + 1)}))`,
      "from genie_edu.train.fit import TERMS, WITHOUT_SLOPE, directions",
      "",
      "paths = [ge.exact_solution(flow, z, gammas) for z in (x_bar, others)]",
      "",
      "def steps(path, terms):",
      "    memory = None",
      "    for n, pair in enumerate(zip(gammas[:-1].tolist(), gammas[1:].tolist())):",
      "        known, memory = directions(flow, path[n], *pair, memory, terms)",
      "        yield torch.stack([d.flatten() for d in known.values()], 1), (path[n + 1] - path[n]).flatten()",
      "",
      "def out_of_span(terms):",
      "    for (A, a), (B, b) in zip(*(steps(path, terms) for path in paths)):",
      "        best = torch.linalg.lstsq(A, a[:, None]).solution[:, 0]",
      "        yield float((b - B @ best).norm() / b.norm())",
      "",
      "def error(solver):",
      "    return ge.end_point_error(ge.solve(flow, others, gammas, solver).x_bar[-1], paths[1][-1])",
      "",
      "share = {name: list(out_of_span(terms)) for name, terms in (",
      '    ("past", WITHOUT_SLOPE), ("slopes", TERMS))}',
      'worst = share["past"].index(max(share["past"]))',
      'print("worst_step", worst + 1)',
      'for name, terms in (("past", WITHOUT_SLOPE), ("slopes", TERMS)):',
      '    print("share_" + name, f"{share[name][worst]:.3g}")',
      "    fit = ge.fit_solver(flow, gammas, x_bar, terms, rounds=0, exact=paths[0])",
      '    print("error_" + name, f"{error(fit):.3g}")',
      'for solver in ("ddim", "genie_multistep"):',
      '    print(solver, f"{error(solver):.3g}")'
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
    const ends = taylorEnds(mix, z, g, gn);
    const taken = S.solver === "genie" ? ends.genie : ends.ddim;
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
  function taylorEnds(mix, z, g, gn) {
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
    const ends = taylorEnds(mix, z, g, gn);
    const track = engine.exact.paths(mix, xBar, g0, gammaOf(S.t_end), 0.03);
    const off = (p) => distance(p, arc.end);
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
        const reach = distance(R.ends.ddim, R.z);
        const points = [R.z, R.ends.ddim];
        if (S.revealed && !S.guess) return fit([...points, R.arc.end, R.ends.genie], W, H, 1e-3, 0.35);
        return fit(points, W, H, 1.5 * reach, 0.3);
      }
      return fit([...pairs(R.track.path), ...pairs(R.run.path), ...R.mix.means], W, H, 1, 0.08);
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
        shade(s, lab, R.mix, R.gn, A);
        if (S.revealed)
          s.stroke({ color: t.exact, width: 1.4, alpha: 0.8, dash: "dash" }, polyline(A, pairs(R.track.path)));
        const done = pairs(R.run.path.subarray(0, 2 * (R.n + 1)));
        s.stroke({ color: mine.color, width: 1.4, alpha: 0.6 }, polyline(A, done));
        s.fill({ color: mine.color, alpha: 0.8 }, markers(A, done, mine.marker, 3));
        s.stroke({ color: euler.color, width: 2.4 }, polyline(A, [R.z, R.ends.ddim]));
        if (S.revealed) {
          s.stroke({ color: t.exact, width: 5, alpha: 0.65 }, polyline(A, pairs(R.arc.path)));
          s.stroke({ color: genie2.color, width: 2.4 }, polyline(A, curve(2)));
          const gap = (color, p) => s.stroke({ color, width: 1.6, dash: "dot" }, polyline(A, [p, R.arc.end]));
          gap(euler.color, R.ends.ddim);
          gap(genie2.color, R.ends.genie);
          if (S.guess) gap(t.accent, S.guess);
        }
        s.fill({ color: euler.color }, markers(A, [R.ends.ddim], euler.marker, 5));
        if (S.revealed) {
          s.fill({ color: genie2.color }, markers(A, [R.ends.genie], genie2.marker, 5));
          s.stroke({ color: t.fg, width: 1.6 }, circle(A, R.arc.end, 6.5));
        }
        s.fill({ color: t.fg }, circle(A, R.z, 3.5));
        if (S.revealed && S.guess) s.stroke({ color: t.accent, width: 2.4 }, circle(A, S.guess, 8));
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
      const scale = Math.sqrt(1 + gammaOf(S.t_start) ** 2);
      const out = S.revealed && S.start && !S.zoom ? [pointHandle(S, A, "start", "Start point x =", scale)] : [];
      if (!lab.config.guess || S.revealed) return out;
      const at = S.guess ?? R.ends.ddim;
      const within2 = (v) => clamp(v, SCHEMA.guess.low, SCHEMA.guess.high);
      out.push({
        id: "guess",
        kind: "guess",
        text: "?",
        label: `Your guess of the end point, at ${pointText(at)}; arrow keys move it`,
        x: A.px(at[0]),
        y: A.py(at[1]),
        move: (dx, dy) => ({ guess: [within2(at[0] + dx / A.sx), within2(at[1] - dy / A.sy)] })
      });
      return out;
    },
    readout(lab, R) {
      const S = lab.S;
      const hidden = (label, name, value, style) => row(label, name, S.revealed ? value : NaN, void 0, { style });
      const rows = [
        row(`step ${R.n + 1} of ${R.N}: γ`, "gamma", R.g, `${formatNumber(R.g)} → ${formatNumber(R.gn)}`),
        hidden("gap of the Euler step", "gap", R.gap, "ddim"),
        hidden("gap of the GENIE step", "gap_genie", R.gapGenie, "genie"),
        hidden("error carried into this step", "carried", R.carried),
        hidden(`accumulated error, ${shortLabel(lab, S.solver)}`, "accumulated", R.accumulated, S.solver)
      ];
      if (lab.config.guess) rows.push(hidden("your guess missed by", "guess_error", R.guessError));
      return { head: null, rows, note: "a gap is the local error of one step; the accumulated error is the global one" };
    },
    summary(lab, R) {
      if (!lab.S.revealed)
        return lab.S.guess ? `Your guess stands at ${pointText(lab.S.guess)}. Reveal the exact end when you are ready.` : "The tangent is drawn. Place the marker where the exact path will end after this step, then reveal it.";
      const extra = Number.isFinite(R.guessError) ? ` Your guess missed by ${formatNumber(R.guessError)}.` : "";
      return `Step ${R.n + 1} of ${R.N}, γ from ${formatNumber(R.g)} to ${formatNumber(R.gn)}: the Euler step ends ${formatNumber(R.gap)} from the exact arc, GENIE ${formatNumber(R.gapGenie)}; accumulated error ${formatNumber(R.accumulated)}.${extra}`;
    },
    table(lab, R) {
      const rows = Array.from(lab.S.revealed ? R.gammas : [], (g, i) => {
        const [here, exact] = [R.run.path, R.truth].map((path) => path.subarray(2 * i, 2 * i + 2));
        return [String(i), formatNumber(g), pointText(here), pointText(exact), formatNumber(distance(here, exact))];
      });
      return {
        caption: lab.S.revealed ? `All steps of ${labelOf(lab, lab.S.solver)}` : "Appears once the exact end is revealed",
        head: ["step", "γ", "x̄", "exact x̄", "error"],
        rows
      };
    },
    csv: (lab, R) => [
      ["step", "gamma", "x_bar_1", "x_bar_2", "exact_1", "exact_2"],
      ...Array.from(lab.S.revealed ? R.gammas : [], (g, i) => [
        i,
        g,
        ...[R.run.path, R.truth].flatMap((path) => [path[2 * i], path[2 * i + 1]])
      ])
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
  var SERIES = [
    { solver: "ddim", order: 1, name: "tangent", label: "tangent (DDIM)" },
    { solver: "genie", order: 2, name: "parabola", label: "parabola (GENIE)" },
    { solver: "taylor3", order: 3, name: "cubic", label: "cubic (Taylor 3)" }
  ];
  var chosen = (lab) => SERIES.filter(({ solver }) => lab.S.solvers.includes(solver));
  var taylorView = {
    solvers: SERIES.map(({ solver }) => solver),
    height: square,
    compute: (lab) => runTaylor(lab.engine, lab.S),
    axes(lab, W, H) {
      const R = lab.R ?? runTaylor(lab.engine, lab.S);
      if (lab.S.zoom) return fit([R.z, R.ends.ddim, R.ends.genie, R.ends.taylor3, R.arc.end], W, H, 1e-3);
      const near = pairs(R.track.path).filter((p) => Math.abs(p[0]) < 3.5 && Math.abs(p[1]) < 3.5);
      return fit([...near, ...R.mix.means, R.z], W, H, 1, 0.1);
    },
    draw(s, lab, W, H, R) {
      const A = this.axes(lab, W, H);
      const t = s.theme;
      const series = chosen(lab);
      const curve = (order) => Array.from({ length: 41 }, (_, i) => R.ends.at(R.ends.h * i / 40, order));
      s.clip(A.x, A.y, A.w, A.h, () => {
        shade(s, lab, R.mix, R.gn, A);
        s.stroke({ color: t.exact, width: 1.4, dash: "dash", alpha: 0.9 }, polyline(A, pairs(R.track.path)));
        s.stroke({ color: t.exact, width: 6, alpha: 0.6 }, polyline(A, pairs(R.arc.path)));
        for (const { solver, order } of series) {
          const style = styleOf(lab, solver);
          s.stroke({ color: style.color, width: 2.2 }, polyline(A, curve(order)));
          s.stroke({ color: style.color, width: 1.4, dash: "dot" }, polyline(A, [R.ends[solver], R.arc.end]));
        }
        for (const { solver } of series) {
          const style = styleOf(lab, solver);
          s.fill({ color: style.color }, markers(A, [R.ends[solver]], style.marker, 5));
        }
        s.stroke({ color: t.fg, width: 1.6 }, circle(A, R.arc.end, 6.5));
        s.fill({ color: t.fg }, circle(A, R.z, 4));
      });
      drawAxes(s, A, { xName: "x̄₁", yName: "x̄₂" });
      endLabels(s, A, [
        ...series.map(({ solver, name }) => ({ p: R.ends[solver], text: name })),
        { p: R.arc.end, text: "exact" },
        { p: R.z, text: "now" }
      ]);
    },
    handles: () => [],
    readout: (lab, R) => ({
      head: ["one step", "ends off by"],
      rows: [
        ...chosen(lab).map(
          ({ solver, label }) => row(label, `error_${solver}`, R.errors[solver], void 0, { style: solver })
        ),
        row("γ", "gamma", R.g, `${formatNumber(R.g)} → ${formatNumber(R.gn)}`)
      ]
    }),
    summary(lab, R) {
      const [first, ...rest] = chosen(lab).map(({ solver, name }) => [name, formatNumber(R.errors[solver])]);
      return `A step from γ = ${formatNumber(R.g)} to ${formatNumber(R.gn)}: the ${first[0]} ends ${first[1]} from the exact point${rest.map(([name, error]) => `, the ${name} ${error}`).join("")}.`;
    },
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
      ...SERIES.flatMap(
        ({ solver, order }) => Array.from({ length: 21 }, (_, i) => {
          const h2 = R.ends.h * i / 20;
          return [solver, R.g + h2, ...R.ends.at(h2, order)];
        })
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
        const row2 = Math.floor(i / columns);
        const rect = { x: left + column * w, y: row2 * tall + 44, w: w - 10, h: tall - 48 };
        return { solver, first: column === 0, last: i + columns >= lab.S.solvers.length, A: panelAxes(rect) };
      });
    },
    compute: (lab) => runTournament(lab.engine, lab.S, lab.dragging),
    draw(s, lab, W, H, R) {
      const gEnd = gammaOf(lab.S.t_end);
      const f = alphaOf(gEnd);
      const lines = Math.min(R.n, MOST_LINES);
      const radius = R.n <= 60 ? 2.8 : R.n <= 150 ? 2.2 : 1.6;
      const panels = this.panels(lab, W, H);
      const said = (word) => R.results.map(({ steps, error }) => `${countOf(steps, "step")}, ${word}${formatNumber(error)}`);
      const room = panels[0].A.w;
      const narrow = said("error ").some((text) => s.textWidth(text, 11.5, 600) > room);
      const titles = said(narrow ? "" : "error ");
      panels.forEach(({ solver, first, last, A }, i) => {
        const { run, steps } = R.results[i];
        const style = styleOf(lab, solver);
        const track = trackPens(A, R.n);
        const ends = endPixels(A, R.n);
        s.clip(A.x, A.y, A.w, A.h, () => {
          shadeEnd(s, lab, R.mix, gEnd, A);
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
          ...PANEL_TICKS,
          xFormat: last ? tickText : () => "",
          yFormat: first ? tickText : () => ""
        });
        s.text(shortened(style.label), A.x, A.y - 26, { size: 12.5, weight: 600, room });
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
            label: shortLabel(lab, r.solver),
            ...errorRow(
              r.solver,
              [
                ["error", r.error],
                ["steps", r.steps, String(r.steps)],
                ["nfe", r.nfe, String(r.nfe)]
              ],
              r.error / worst
            )
          })),
          row("winner", "winner", best.solver, shortLabel(lab, best.solver))
        ]
      };
    },
    summary(lab, R) {
      const best = R.ranked[0];
      const last = R.ranked[R.ranked.length - 1];
      const name = (r) => shortLabel(lab, r.solver);
      if (best === last) return `${name(best)}, ${lab.S.nfe} calls of eps: error ${formatNumber(best.error)}.`;
      return `At most ${countOf(lab.S.nfe, "call")} of eps each, ${countOf(R.n, "start")}: ${name(best)} comes closest (error ${formatNumber(best.error)}), ${name(last)} ends furthest off (${formatNumber(last.error)}).`;
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
    precision: precisionView,
    guidance: guidanceView,
    encoding: encodingView,
    span: spanView
  };

  // genie_edu/lab/src/view/lab.js
  var PRECISION_MS = 90;
  var HIDDEN_MS = 300;
  var ENDS_GUESS = [
    ...["n_steps", "step", "step_scale", "solver", "spacing"],
    ...["start", "seed", "t_start", "t_end", ...MIXTURE]
  ];
  var Lab = class {
    /** Handles on the picture, as the view gave them last. @type {import("./places.js").Handle[]} */
    handles = [];
    /** The numbers of the read-out by name. @type {Record<string, any>} */
    values = {};
    /**
     * @param {HTMLElement} root
     * @param {any} config as config_of in Python gives it
     * @param {Host} host
     */
    constructor(root, config, host) {
      this.root = root;
      this.config = config;
      this.host = host;
      this.view = VIEWS[config.view];
      if (!this.view) throw new RangeError("unknown view");
      this.engine = new Engine();
      this.sheet = config.sheet ? sheetOf(config) : null;
      this.S = initialState(config);
      this.view.refuse?.(this, this.S);
      this.defaults = { ...this.S };
      this.dragging = false;
      this.held = false;
      this.note = "";
      this.problem = void 0;
      this.width = 0;
      this.heightPx = 0;
      this.R = null;
      this.before = null;
      this.written = { signature: "", outputs: [], sentence: "", table: "" };
      this.shade = null;
      this.kept = null;
      this.hazeMap = null;
      this.stamps = /* @__PURE__ */ new Map();
      this.parts = buildLab(this);
      this.watch();
      this.follow(host.fragment?.() ?? "");
      this.frame();
    }
    /**
     * Apply a patch; an invalid one is refused whole and false comes back.
     * @param {Partial<State>} patch
     * @param {"input" | "api" | "link" | "model"} source
     */
    set(patch, source = "api") {
      let clean;
      try {
        clean = this.allowed(patch);
      } catch (error) {
        this.problem = error.message;
        return false;
      }
      const ends = ENDS_GUESS.some((k) => k in clean && clean[k] !== this.S[k]);
      if (ends && this.config.guess && !("guess" in clean)) clean.guess = null;
      this.S = { ...this.S, ...clean };
      if (source === "input") this.before = null;
      if (this.isHeavy(clean, source)) {
        this.dragging = true;
        clearTimeout(this.settle);
        this.settle = setTimeout(() => this.endDrag(), PRECISION_MS);
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
    /** The patch checked, with what follows from it; throws RangeError. @param {Partial<State>} patch */
    allowed(patch) {
      const clean = checkedPatch(patch, this.S, this.config.toys);
      const { view } = this.config;
      const most = limitsOf(view);
      if (clean.n_steps > most.steps) throw new RangeError(`n_steps must lie from 1 to ${most.steps}`);
      if (clean.n_starts > most.starts) throw new RangeError(`n_starts must lie from 1 to ${most.starts}`);
      const other = (k) => k in clean && JSON.stringify(clean[k]) !== JSON.stringify(this.defaults[k]);
      if (LEARNED.includes(view) && MIXTURE.some(other)) throw new RangeError("the networks were trained on one mixture");
      if (clean.solvers?.length > most.solvers) throw new RangeError(`at most ${most.solvers} solvers`);
      this.view.refuse?.(this, { ...this.S, ...clean });
      return clean;
    }
    /** Whether frames after such a change are drawn coarsely until the hand rests. */
    isHeavy(patch, source) {
      if (!this.view.coarse) return false;
      if (this.view.slow) return source === "input" && this.view.slow.some((k) => k in patch);
      return this.S.n_starts > MAX_COARSE && [...MIXTURE, "start", "knots"].some((k) => k in patch);
    }
    /** How far a view of the plane reaches from its middle; it stands still under a hand. */
    get reach() {
      if (!this.held) this.reached = reachOf(this.S);
      return this.reached;
    }
    /** A hand has taken hold of something in the picture, or let it go. */
    hold(held) {
      this.reached = this.reach;
      this.held = held;
      if (!held) this.request();
    }
    /** Back to full quality. */
    endDrag() {
      clearTimeout(this.settle);
      this.dragging = false;
      this.request();
    }
    /** The state as it was at first; `before` is what undoes it. */
    reset() {
      this.note = "";
      this.before = null;
      const { mixture } = this.defaults;
      this.set({ ...this.defaults, ...mixture === "custom" ? {} : { mixture } });
      this.S.mixture = mixture;
      this.request();
    }
    /** A button that throws work away: what was there can be had again. @param {() => void} action */
    undoable(action) {
      const before = { ...this.S };
      action();
      this.before = before;
      this.request();
    }
    /** Back to what the last Reset or Clear threw away. */
    undo() {
      if (!this.before) return;
      this.S = { ...this.before };
      this.before = null;
      this.request();
    }
    /** One of the settings to try. @param {{ state: Partial<State>, keep?: string[], text?: string }} p */
    preset(p) {
      const base = { ...this.defaults };
      if (base.mixture !== "custom") for (const key of MIXTURE) delete base[key];
      for (const key of p.keep ?? []) base[key] = this.S[key];
      this.set({ ...base, ...p.state });
      this.note = p.text ?? "";
    }
    watch() {
      this.speaking = 0;
      this.observer = new ResizeObserver(() => {
        if (Math.round(this.parts.plot.clientWidth) !== this.width) this.request();
      });
      this.observer.observe(this.parts.plot);
      this.unwatchTheme = watchTheme(() => {
        this.colours = null;
        this.request();
      });
      if (this.host.fragment) {
        this.onHash = () => this.follow(this.host.fragment());
        addEventListener("hashchange", this.onHash);
      }
    }
    /** Goes where a link points to, if it is for this lab; says so where it can't be read. @param {string} hash */
    follow(hash) {
      if (!isFor(hash, this.config.scenario)) return;
      const asked = fromFragment(hash, this.config.scenario);
      const before = { ...this.S };
      if (asked) this.reset();
      if (!asked || !this.set(asked, "link")) {
        this.S = before;
        this.note = "The link's settings can't be read: the lab stays as it is.";
        this.request();
      }
      this.endArrival?.();
      this.endArrival = arriveAt(this.parts.live);
    }
    destroy() {
      this.observer.disconnect();
      this.endArrival?.();
      this.unwatchTheme();
      if (this.onHash) removeEventListener("hashchange", this.onHash);
      cancelAnimationFrame(this.pending);
      for (const timer of [this.settle, this.backstop, this.speaking]) clearTimeout(timer);
      this.parts.live.remove();
      delete this.root.dataset.ready;
      this.gone = true;
    }
    /** The present colours; read again after a switch, and until the element is in the page. */
    get theme() {
      if (!this.colours?.fg) this.colours = readTheme(this.parts.live, this.config.exact_color ?? "#7d8590");
      return this.colours;
    }
    /** A frame soon. */
    request() {
      this.root.dataset.settled = "false";
      if (this.pending || this.gone) return;
      this.pending = requestAnimationFrame(() => this.frame());
      this.backstop = setTimeout(() => this.frame(), HIDDEN_MS);
    }
    /** What is saved or copied must belong to the present state, in full quality: the frame still due comes first. */
    catchUp() {
      if (this.dragging) this.endDrag();
      if (this.pending) this.frame();
    }
    /** Compute and draw the present state. */
    frame() {
      cancelAnimationFrame(this.pending);
      clearTimeout(this.backstop);
      this.pending = 0;
      if (this.gone) return;
      const width = Math.round(this.parts.plot.clientWidth);
      this.R = null;
      this.R = this.view.compute(this);
      for (const c of this.parts.controls) c.sync(this.S);
      this.parts.undo.setAttribute("aria-disabled", String(!this.before));
      updateReadout(this);
      if (width > 0) this.paint(width);
      if (!this.dragging && !this.R.waiting) this.root.dataset.settled = "true";
    }
    /** The picture and its handles. @param {number} width */
    paint(width) {
      const height = this.view.height(width, this);
      const ratio = Math.min(devicePixelRatio || 1, 3);
      this.width = width;
      this.heightPx = height;
      const [columns, rows] = [Math.round(width * ratio), Math.round(height * ratio)];
      if (this.parts.canvas.width !== columns || this.parts.canvas.height !== rows) {
        this.parts.canvas.width = columns;
        this.parts.canvas.height = rows;
        this.parts.canvas.style.height = `${height}px`;
      }
      const ctx = this.parts.canvas.getContext("2d");
      ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
      ctx.clearRect(0, 0, width, height);
      this.view.draw(new CanvasSurface(ctx, this.theme, this), this, width, height, this.R);
      syncHandles(this);
    }
  };
  function initialState(config) {
    const startOf = (key) => config.state[key] === void 0 ? SCHEMA[key].initial : config.state[key];
    const state = Object.keys(SCHEMA).map((key) => [key, key === "mixture" ? startOf(key) : checked(key, startOf(key))]);
    return (
      /** @type {State} */
      Object.fromEntries(state)
    );
  }

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
  var SOURCE = (
    /** @type {any} */
    globalThis.document?.currentScript?.src
  );
  var loading = {};
  function loadBeside(file) {
    loading[file] ??= new Promise((resolve, reject) => {
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
    return loading[file];
  }
  var data = (
    /** @type {any} */
    globalThis
  );
  var awaited = ({ view, sheet }) => LEARNED.includes(view) && !data.GenieLabNetworks ? "lab_networks.js" : sheet && !data.GenieLabImages?.[sheet] ? `lab_${sheet}.js` : null;
  function keepForReturn(lab, scenario) {
    const key = `genie-lab ${location.pathname} ${scenario}`;
    const [visit] = (
      /** @type {any[]} */
      performance.getEntriesByType("navigation")
    );
    try {
      const returned = visit?.type === "back_forward" && !location.hash;
      const left = returned ? fromFragment(sessionStorage.getItem(key), scenario) : null;
      if (left) lab.set(left, "link");
      addEventListener("pagehide", () => sessionStorage.setItem(key, lab.fragment()));
    } catch {
    }
  }
  var noteProblem = (el, error) => {
    el.dataset.problem = String(error.message).slice(0, 200);
  };
  function mountAll(root = document) {
    const taken = /* @__PURE__ */ new Set();
    const places = root.querySelectorAll(".genie-lab:not([data-ready])");
    for (const el of places) {
      try {
        const config = JSON.parse(el.dataset.config);
        const mine = !taken.has(config.scenario);
        taken.add(config.scenario);
        const start = () => {
          const lab = mount(el, config, { fragment: () => mine ? location.hash : "" });
          if (mine && lab) keepForReturn(lab, config.scenario);
        };
        const file = awaited(config);
        if (!file) start();
        else
          loadBeside(file).then(start).catch((error) => noteProblem(el, error));
      } catch (error) {
        noteProblem(el, error);
      }
    }
  }

  // genie_edu/lab/src/view/widget.js
  var FLUSH_MS = 60;
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
      queued ||= setTimeout(flush, FLUSH_MS);
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
        MIXTURE.includes(key) ? Object.fromEntries(MIXTURE.map((k) => [k, model.get(k)])) : { [key]: value },
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
