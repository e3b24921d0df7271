// @ts-check

import { Mosaic } from "./mosaic.js";
import { leastError, offered, onGrid } from "./recorded.js";

/** What stands for a run that was not recorded. @returns {import("./recorded.js").Recorded} */
const missing = (solver, derivative, spacing, nfe) => ({
  solver,
  derivative,
  spacing,
  nfe,
  afs: false,
  row: null,
  error: NaN,
  frechet: NaN,
});

/** Two bytes of an image, a in front of b, laid over each other at column x of a tile, by the way of mixing. */
const MIXED = {
  blend: (a, b, share) => Math.round(a + share * (b - a)),
  swipe: (a, b, share, x, tile) => (x + 0.5 > tile * (1 - share) ? b : a),
  difference: (a, b) => Math.abs(a - b),
};

/**
 * Sampled images of a recorded run: a mosaic with one row of tiles per cell of a table. `above` are rows that belong
 * to no solver, such as what an upsampler was given; `names` says what the columns are where they are no seeds.
 */
export class Sheet extends Mosaic {
  constructor({ tile, columns, reference, image, rows, above = [], names = null, noun = null }) {
    super({ tile, columns, image });
    this.reference = reference;
    /** @type {{ row: number, label: string }[]} */
    this.above = above;
    /** @type {string[] | null} */
    this.names = names;
    /** What a column is. @type {string} */
    this.noun = noun ?? (names ? "column" : "seed");
    /** @type {import("./recorded.js").Recorded[]} */
    this.runs = rows.map(([row, solver, derivative, spacing, nfe, error, frechet, afs]) => ({
      row,
      solver,
      derivative,
      spacing,
      nfe,
      error: error ?? NaN,
      frechet: frechet ?? NaN,
      afs: Boolean(afs),
    }));
    /** Whether a Fréchet distance was measured of any. */
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
  best(solver, wanted, grid, nfe) {
    const derivative = this.kind(solver, wanted);
    const fits = this.runs.filter(
      (q) => q.solver === solver && q.derivative === derivative && q.nfe === nfe && onGrid(q, grid),
    );
    return leastError(fits, (q) => q.error) ?? missing(solver, derivative, grid, nfe);
  }

  /** One row of tiles, or how far it is from the reference's. @type {(row: number, difference?: boolean) => any} */
  strip(row, difference = false) {
    return difference ? this.mixed(row, this.reference.row, "difference") : this.changed(row);
  }

  /**
   * Row a faded into row b by `share`, row b drawn over row a like a curtain from the right of every tile, or how
   * far the two are apart.
   * @type {(a: number, b: number, mixing: string, share?: number) => any}
   */
  mixed(a, b, mixing, share = 0) {
    const { tile } = this;
    const of = MIXED[mixing];
    return this.changed(a, `${b} ${mixing} ${share}`, (data) => {
      const from = this.changed(b).data;
      for (let i = 0; i < data.length; i++) {
        if (i % 4 === 3) continue; // opacity
        data[i] = of(data[i], from[i], share, (i >> 2) % tile, tile);
      }
    });
  }

  /**
   * Mean distance of a tile of one row from the same of another, in levels of 0 to 255.
   * @type {(a: number, b: number, column: number) => number}
   */
  apart(a, b, column) {
    const { data } = this.mixed(a, b, "difference");
    const { tile, columns } = this;
    let sum = 0;
    for (let y = 0; y < tile; y++)
      for (let x = 0; x < tile; x++)
        for (let c = 0; c < 3; c++) sum += data[4 * ((y * columns + column) * tile + x) + c];
    return sum / (3 * tile * tile);
  }

  /** The same from the reference's tile. @type {(row: number, column: number) => number} */
  distance(row, column) {
    return this.apart(row, this.reference.row, column);
  }
}
