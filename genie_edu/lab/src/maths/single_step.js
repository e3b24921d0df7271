// @ts-check
/* The solvers without memory. A step reads run.x (pairs from run.o on) at level g and writes run.y (pairs from
 * run.p on) at level gn. run.evaluate(order, X, o, g) fills E, D1, D2; it counts, and answers the first call with x
 * under AFS. Buffers are Float32Array in a float32 run: every store then rounds, as a float32 state would. */

/** @typedef {import("./types.js").Solver} Solver */

/** DDIM, Euler's method in gamma. @type {Solver} */
export const ddim = {
  order: 1,
  memory: 0,
  step(s, g, gn) {
    const { x, o, y, p, E, n2 } = s;
    const h = gn - g;
    s.evaluate(0, x, o, g);
    for (let i = 0; i < n2; i++) y[p + i] = x[o + i] + h * E[i];
  },
};

/** GENIE: the Taylor series to second order. @type {Solver} */
export const genie = {
  order: 2,
  memory: 0,
  step(s, g, gn) {
    const { x, o, y, p, E, D1, n2 } = s;
    const h = gn - g;
    const c = 0.5 * h * h;
    s.evaluate(1, x, o, g);
    for (let i = 0; i < n2; i++) y[p + i] = x[o + i] + h * E[i] + c * D1[i];
  },
};

/** The Taylor series to third order. @type {Solver} */
export const taylor3 = {
  order: 3,
  memory: 0,
  step(s, g, gn) {
    const { x, o, y, p, E, D1, D2, n2 } = s;
    const h = gn - g;
    const c = 0.5 * h * h;
    const d = (h * h * h) / 6;
    s.evaluate(2, x, o, g);
    for (let i = 0; i < n2; i++) y[p + i] = x[o + i] + h * E[i] + c * D1[i] + d * D2[i];
  },
};

/** GENIE, exact where the slope of eps is proportional to 1 / gamma. @type {Solver} */
export const genieLog = {
  order: 2,
  memory: 0,
  step(s, g, gn) {
    const { x, o, y, p, E, D1, n2 } = s;
    const h = gn - g;
    const c = g * (g - gn * (1 + Math.log(g / gn)));
    s.evaluate(1, x, o, g);
    for (let i = 0; i < n2; i++) y[p + i] = x[o + i] + h * E[i] + c * D1[i];
  },
};

/** Heun's method. @type {Solver} */
export const heun = {
  order: 2,
  memory: 0,
  calls: 2,
  step(s, g, gn) {
    const { x, o, y, p, E, A, T, n2 } = s;
    const h = gn - g;
    s.evaluate(0, x, o, g);
    for (let i = 0; i < n2; i++) {
      A[i] = E[i];
      T[i] = x[o + i] + h * E[i];
    }
    s.evaluate(0, T, 0, gn);
    for (let i = 0; i < n2; i++) y[p + i] = x[o + i] + 0.5 * h * (A[i] + E[i]);
  },
};

/** The classical Runge-Kutta method. @type {Solver} */
export const rk4 = {
  order: 4,
  memory: 0,
  calls: 4,
  step(s, g, gn) {
    const { x, o, y, p, E, A, T, n2 } = s;
    const h = gn - g;
    const mid = g + 0.5 * h;
    s.evaluate(0, x, o, g);
    for (let i = 0; i < n2; i++) {
      A[i] = E[i];
      T[i] = x[o + i] + 0.5 * h * E[i];
    }
    s.evaluate(0, T, 0, mid);
    for (let i = 0; i < n2; i++) {
      A[i] += 2 * E[i];
      T[i] = x[o + i] + 0.5 * h * E[i];
    }
    s.evaluate(0, T, 0, mid);
    for (let i = 0; i < n2; i++) {
      A[i] += 2 * E[i];
      T[i] = x[o + i] + h * E[i];
    }
    s.evaluate(0, T, 0, gn);
    for (let i = 0; i < n2; i++) y[p + i] = x[o + i] + (h / 6) * (A[i] + E[i]);
  },
};

/** DPM-Solver-2: the midpoint in log gamma. @type {Solver} */
export const dpmSolver2 = {
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
  },
};
