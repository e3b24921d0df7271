// @ts-check

import { SPACINGS } from "../maths/grids.js";
import { SOLVERS } from "../maths/solvers.js";
import { Mosaic } from "./mosaic.js";
import { leastError } from "./recorded.js";

/** Sampled images of a recorded run: a mosaic with one row of tiles per cell of a table. */
export class Sheet extends Mosaic {
  constructor({ tile, columns, reference, image, rows }) {
    super({ tile, columns, image });
    const column = (k) => [...new Set(rows.map((row) => row[k]))];
    const key = (row) => row.slice(1, 5).join(" ");
    Object.assign(this, { reference, nfes: column(4).sort((a, b) => a - b) });
    this.solvers = Object.keys(SOLVERS).filter((s) => column(1).includes(s));
    this.spacings = SPACINGS.filter((s) => column(3).includes(s));
    this.kinds = Object.fromEntries(
      this.solvers.map((s) => [s, [...new Set(rows.filter((row) => row[1] === s).map((row) => row[2]))]]),
    );
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
      ...this.cells.get([solver, derivative, spacing, nfe].join(" ")),
    };
  }

  /** The same on a named grid without an analytic first step, or, for "best", the recorded run with the least error. */
  best(solver, wanted, grid, nfe) {
    const derivative = this.kind(solver, wanted);
    const fits = this.runs.filter(
      (q) =>
        q.solver === solver &&
        q.derivative === derivative &&
        q.nfe === nfe &&
        (grid === "best" || (q.spacing === grid && !q.afs)),
    );
    return (
      leastError(fits, (q) => q.error) ?? {
        solver,
        derivative,
        spacing: grid,
        nfe,
        afs: false,
        row: null,
        error: NaN,
        frechet: NaN,
      }
    );
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
          data[i] =
            mixing === "difference"
              ? Math.abs(data[i] - from[i])
              : mixing === "swipe"
                ? ((i >> 2) % tile) + 0.5 > open
                  ? from[i]
                  : data[i]
                : Math.round(data[i] + share * (from[i] - data[i]));
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
}
