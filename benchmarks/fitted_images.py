"""Solvers fitted to a network of images, beside those that were not.

Writes data/PRESET/fitted.json: end-point errors, on starts that no fit has seen, of solvers that
were fitted on others without a slope, with the head's and with the exact one, step by step and all
steps together; and of every solver that is not fitted, each on its best grid. Then the Fréchet
distance of the best of each kind. Goes on after the last finished row; does nothing if all are
there. Minutes for the digits, on two cores most of an hour for CIFAR-10.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import torch
from _record import made_by
from torch import Tensor

import genie_edu as ge
from genie_edu.evaluation import (
    Cell,
    best_grids,
    cells,
    features_of,
    in_parts,
    run_cell,
    starts,
)  # fmt: skip
from genie_edu.judge import tables
from genie_edu.nets import checkpoints
from genie_edu.recipes.options import Options
from genie_edu.recipes.presets import PRESETS
from genie_edu.recipes.snapshots import labels_of
from genie_edu.train.fit import TERMS, WITHOUT_SLOPE, exact_path, load_solver

NFES, QUALITY = (5, 8, 10, 15), (5, 10)
SEEN, UNSEEN, DRAWN = 11, 12, 13
"""Seeds of the starts to fit on, to judge by, and to draw samples from."""
GRIDS = {
    "digits": dict.fromkeys(NFES, "quadratic"),
    "cifar10": {5: "linear", 8: "log_gamma", 10: "log_gamma", 15: "quadratic"},
}
"""The fits' grid: that of the solver without a slope which errs least by the tables, whose starts
are others (of eight calls they have none: as of ten); but at CIFAR-10's five calls the one on which
most solvers err least."""
FREE = tuple(name for name, solver in ge.SOLVERS.items() if not solver.derivatives)
SLOPED = ("genie", "genie_log", "genie_multistep")
COLUMNS = ("way", "derivative", "spacing", "nfe", "error", "quartile1", "quartile3")


@dataclass(frozen=True)
class Sizes:
    """How many starts to fit on and to judge by, joint rounds, images, steps of the own ODE."""

    seen: int
    unseen: int
    rounds: int
    images: int
    ode_steps: int


SIZES = {"digits": Sizes(96, 100, 4, 800, 80), "cifar10": Sizes(64, 64, 3, 1_000, 100)}
EXACT_ROUNDS = {"digits": 2, "cifar10": 0}
"""Joint rounds with the exact slope beyond five calls, which cost three calls each."""
LAST_ROUNDS = {"digits": 4, "cifar10": 1}
"""Joint rounds at fifteen calls, the longest by far."""


class Trial:
    """A preset's networks, the starts, where they lead, and what has been measured of them."""

    def __init__(self, name: str) -> None:
        self.name, self.preset, self.sizes = name, PRESETS[name], SIZES[name]
        self.folder = Path(__file__).resolve().parent.parent / "data" / self.preset.folder
        self.flows = tables.load_flows(self.preset, self.folder)
        self.seen = starts(self.flows["head"], self.sizes.seen, self.preset.shape, SEEN)
        self.unseen = starts(self.flows["head"], self.sizes.unseen, self.preset.shape, UNSEEN)
        weights = {part: checkpoints.hash_of(checkpoints.load(self.folder / f"{part}.safetensors"))
                   for part in ("base", "head")}  # fmt: skip
        identity = {"weights": weights, "sizes": vars(self.sizes)}
        self.notes = tables.Notes(self.folder / "fitted.run.json", identity)
        self.paths: dict[int, Tensor] = {}

    def grid(self, n: int) -> Tensor:
        """The fits' levels."""
        return self.flows["head"].schedule.gamma(ge.time_grid(n, GRIDS[self.name][n]))

    def card(self, cell: Cell) -> Path:
        """Where a fitted solver is kept meanwhile."""
        way = cell.solver.removeprefix("fitted, ")
        return self.folder / f"fitted.{way}.{cell.derivative}.{cell.nfe}.run.json"

    def labels(self, n: int) -> dict[str, Tensor | None]:
        """The classes in turn, where there are some."""
        return {"labels": labels_of(self.preset, n, torch.device("cpu"))}

    def add(self, part: str, cell: Cell, *values: float) -> None:
        """Note a row, and write all of them: rows are few and dear."""
        self.notes.add(part, cell, *values)
        self.notes.save()
        print(part, *cell[:4], *(f"{value:.4g}" for value in values), flush=True)

    def unfitted(self, goal: Tensor) -> None:
        """The errors of every solver as it is."""
        done = self.notes.done("errors")
        ways = {"head": self.flows["head"], "exact": self.flows["autodiff"]}
        for cell in cells(ways, NFES, (*FREE, *SLOPED)):
            if cell not in done:
                end = run_cell(cell, ways, self.unseen, **self.labels(len(self.unseen))).x_bar
                self.add("errors", cell, *tables.quartiles(end, goal))

    def fitted(self, n: int, derivative: str, rounds: int) -> ge.Solver:
        """The solver fitted to so many steps; its exact path is solved once for all kinds."""
        flow = self.flows["autodiff" if derivative == "exact" else "head"]
        flow.labels = self.labels(len(self.seen))["labels"]
        if n not in self.paths:
            self.paths = {n: exact_path(flow, self.seen, self.grid(n))}
        terms = WITHOUT_SLOPE if derivative == "none" else TERMS
        given = {"terms": terms, "rounds": rounds, "exact": self.paths[n]}
        return ge.fit_solver(flow, self.grid(n), self.seen, **given)

    def run(
        self, solver: ge.Solver, derivative: str, start: Tensor, n: int
    ) -> tuple[Tensor, Tensor]:
        """The end points and the samples of a fitted solver."""
        flow = self.flows["autodiff" if derivative == "exact" else "head"]
        flow.labels = self.labels(len(start))["labels"]
        return in_parts(flow, start, self.grid(n), solver)

    def fits(self, goal: Tensor) -> None:
        """The errors of the fitted solvers, and of what they are fitted on."""
        done = self.notes.done("errors")
        for n in NFES:
            for derivative in ("none", "head", "exact"):
                rounds = LAST_ROUNDS[self.name] if n == NFES[-1] else self.sizes.rounds
                if derivative == "exact" and n > NFES[0]:
                    rounds = EXACT_ROUNDS[self.name]
                for way, some in (("fitted, greedy", 0), ("fitted, joint", rounds)):
                    cell = Cell(way, derivative, GRIDS[self.name][n], n)
                    if cell in done or (way == "fitted, joint" and not some):
                        continue
                    solver = self.fitted(n, derivative, some)
                    end, _ = self.run(solver, derivative, self.unseen, n)
                    own, _ = self.run(solver, derivative, self.seen, n)
                    there = ge.end_point_error(own, self.paths[n][-1])
                    solver.save(self.card(cell))
                    self.notes.add("on_seen", cell, there)
                    self.add("errors", cell, *tables.quartiles(end, goal))

    def quality(self) -> None:
        """Fréchet distances: the best solver without a slope, GENIE with memory, the fits."""
        classifier = tables.reader_of(self.preset, self.folder, torch.device("cpu"))
        data = tables.features_of_bytes(classifier, self.preset.data().pixels[: tables.REFERENCE])
        start = starts(self.flows["head"], self.sizes.images, self.preset.shape, DRAWN)
        errors = {Cell(*row[:5]): row[5] for row in self.notes.rows("errors")}
        best = best_grids({c: e for c, e in errors.items() if not c.solver.startswith("fitted")})
        done = self.notes.done("quality")
        for n in QUALITY:
            free = min((c for c in best if c.derivative == "none" and c.nfe == n), key=best.get)
            memory = next(c for c in best if c[:2] == ("genie_multistep", "head") and c.nfe == n)
            todo = [
                free,
                memory,
                *(Cell("fitted, joint", d, GRIDS[self.name][n], n) for d in ("none", "head")),
            ]
            for cell in (cell for cell in todo if cell not in done):
                if cell.solver in ge.SOLVERS:
                    ways = {"head": self.flows["head"]}
                    x = run_cell(cell, ways, start, **self.labels(len(start))).x
                else:
                    solver = load_solver(self.card(cell))
                    _, x = self.run(solver, cell.derivative, start, n)
                distance = ge.frechet_distance(features_of(classifier, x), data)
                self.add("quality", cell, distance)


def main() -> None:
    """Measure what is missing, write the file when all is there."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--preset", default="digits", choices=tuple(SIZES))
    name = parser.parse_args().preset
    trial = Trial(name)
    out = trial.folder / "fitted.json"
    if out.is_file():
        print(f"{out} is there")
        return
    flow, given = trial.flows["head"], trial.labels(len(trial.unseen))
    options = Options(trial.folder)
    goal, doubt = trial.notes.reference(flow, trial.unseen, trial.sizes.ode_steps, options, **given)
    trial.unfitted(goal)
    trial.fits(goal)
    trial.quality()
    record = made_by(__file__) | {"command": f"python benchmarks/fitted_images.py --preset {name}"}
    record |= {"sizes": vars(trial.sizes), "grids": GRIDS[name], "seeds": [SEEN, UNSEEN, DRAWN]}
    record |= {"rounds_at_last": LAST_ROUNDS[name], "rounds_exact": EXACT_ROUNDS[name]}
    record |= {"own_ode_doubt": doubt, "weights": trial.notes.content["identity"]["weights"]}
    rows = [[*row[:4], *row[5:]] for row in trial.notes.rows("errors")]
    drawn = [[*row[:4], row[5]] for row in trial.notes.rows("quality")]
    content = {"record": record, "errors": {"columns": COLUMNS, "rows": rows}}
    content["quality"] = {"columns": (*COLUMNS[:4], "frechet"), "rows": drawn}
    seen = [[*row[:4], row[5]] for row in trial.notes.rows("on_seen")]
    content["on_seen"] = {"columns": COLUMNS[:5], "rows": seen}
    weights = [
        [*cell[:2], cell.nfe, load_solver(trial.card(cell)).card["weights"]]
        for cell in trial.notes.done("on_seen")
    ]
    content["weights"] = {
        "columns": ("way", "derivative", "nfe", "weights"),
        "rows": sorted(weights, key=str),
    }
    tables.write_rows(out, content)
    for path in trial.folder.glob("fitted.*run.*"):
        path.unlink()


if __name__ == "__main__":
    main()
