"""Recorded tables for the claims of chapter 15: which cells one is about, and their ratios."""

from __future__ import annotations

import json
from collections.abc import Iterable

import numpy as np

from genie_edu.datasets import data
from genie_edu.evaluation import Cell
from genie_edu.exercises import NotYet
from genie_edu.judge import tables
from genie_edu.schedule import SPACINGS
from genie_edu.solvers import SOLVERS

Table = dict[Cell, list[float]]


def table_of(claim: dict) -> Table:
    """The claimed measure's values, one a recorded run, by cell."""
    if claim["measure"] == "fid":
        raise NotYet("no FID was measured: the distance of the tables is on another network.")
    if claim["measure"] not in ("error", "frechet"):
        raise NotYet("the tables hold two measures: error and frechet.")
    if claim["data"] == "digits":
        return _digits(claim["measure"])
    if claim["data"] != "cifar10":
        raise NotYet(
            f"nothing was measured on {claim['data']}: a claim reaches as far as its data."
        )
    if not data.has("cifar10/results.json"):
        raise NotYet("the run on cifar10 is not recorded yet: there is nothing to claim.")
    if claim["measure"] == "error":
        raise NotYet("the errors on cifar10 come from one run: they have no spread to claim with.")
    rows = tables.read(data.shipped("cifar10/results.json"))["quality_seeds"]["rows"]
    found: Table = {}
    for row in sorted(rows, key=lambda row: row["seed"]):
        cell = Cell(*(row[name] for name in Cell._fields))
        found.setdefault(cell, []).append(row["frechet"])
    return found


def _digits(measure: str) -> Table:
    seeds = json.loads(data.shipped("digits/seeds.json").read_text())
    rows = seeds["errors" if measure == "error" else "quality"]
    return {Cell(*(row[name] for name in Cell._fields)): row[measure] for row in rows}


def cells_of(solver: object, nfe: int, table: Table) -> dict[str, Cell]:
    """The solver's cells by grid, with the head where it needs a derivative."""
    if solver not in SOLVERS or not any(cell.solver == solver for cell in table):
        raise NotYet(f"{solver} is not in the table: nobody measured it there.")
    found = {
        cell.spacing: cell
        for cell in table
        if (cell.solver, cell.nfe) == (solver, nfe) and cell.derivative != "autodiff"
    }
    if not found:
        raise NotYet(f"of {solver} at {nfe} calls there are no runs that a claim could compare.")
    return found


def ratios(claim: dict, table: Table) -> dict[str, list[float]]:
    """One ratio a run for each grid that the claim is about."""
    if claim["solver"] == claim["rival"]:
        raise NotYet("a rival is another solver.")
    both = [cells_of(claim[who], claim["nfe"], table) for who in ("solver", "rival")]
    if claim["grid"] == "best":
        best = [_best(cells, claim, table) for cells in both]
        return {"best": over(table[best[0]], table[best[1]])}
    shared = {
        grid: over(table[both[0][grid]], table[both[1][grid]])
        for grid in SPACINGS
        if grid in both[0] and grid in both[1]
    }
    if claim["grid"] == "all":
        if len(shared) < len(SPACINGS):
            raise NotYet("not every grid was measured here: name the one that you mean.")
        return shared
    if not isinstance(claim["grid"], str):
        raise NotYet(
            "two grids, one for each: has either been given its best? Then say best. If not, the "
            "rival was not tuned."
        )
    if claim["grid"] not in SPACINGS:
        raise NotYet(f"a grid is one of these: {', '.join(SPACINGS)}, best, all.")
    if claim["grid"] not in shared:
        raise NotYet(f"the two were not both measured on the grid {claim['grid']}.")
    return {claim["grid"]: shared[claim["grid"]]}


def _best(cells: dict[str, Cell], claim: dict, table: Table) -> Cell:
    """The cell on the solver's best grid: chosen by the errors, whose starts are others."""
    if len(cells) == 1 or claim["data"] != "digits":
        return min(cells.values(), key=lambda cell: np.median(table[cell]))
    errors = _digits("error")
    return min(cells.values(), key=lambda cell: np.median(errors[cell]))


def over(values: Iterable[float], others: Iterable[float]) -> list[float]:
    """Ratios, run by run."""
    return [a / b for a, b in zip(values, others, strict=True)]
