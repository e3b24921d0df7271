"""The digits' tables over three trainings: what of a difference is the seed's.

Writes data/digits/seeds.json from three whole runs: the shipped one (seed 0) and two more, whose
networks stay in runs/digits-1 and runs/digits-2. About forty minutes a run on one core; goes on
where it was stopped; does nothing if the file is there.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import torch

import genie_edu as ge
from genie_edu.evaluation import Cell
from genie_edu.nets import checkpoints
from genie_edu.recipes import pipeline
from genie_edu.recipes.presets import PRESETS

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = ROOT / "data" / "digits"
FOLDERS = {0: SHIPPED, 1: ROOT / "runs" / "digits-1", 2: ROOT / "runs" / "digits-2"}
OUT = SHIPPED / "seeds.json"


def one_run(seed: int) -> dict[str, Any]:
    """A whole run of the preset, judged by the shipped classifier; returns its tables."""
    preset, folder = PRESETS["digits"], FOLDERS[seed]
    judge = "classifier.safetensors"
    if not (folder / judge).is_file():
        checkpoints.write_atomically(folder / judge, (SHIPPED / judge).read_bytes())
    options = pipeline.Options(
        folder, seed=seed, cpu=True, command="python benchmarks/digits_seeds.py"
    )
    for part in pipeline.missing(preset, options):
        part(preset, options)
    ge.tables.evaluate(preset, options)
    return ge.tables.read(folder / "results.json")


def together(runs: list[dict[str, Any]], table: str, value: str) -> list[dict[str, Any]]:
    """The rows of a table with one value a run, in the order of the seeds."""
    found: dict[Cell, list[float]] = {}
    for run in runs:
        for row in run[table]["rows"]:
            cell = Cell(*(row[key] for key in Cell._fields))
            found.setdefault(cell, []).append(row[value])
    return [{**cell._asdict(), value: values} for cell, values in found.items()]


def main() -> None:
    """Run what is missing, put the tables side by side."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", type=int, choices=FOLDERS, help="run this seed, write no table")
    options = parser.parse_args()
    if options.only is not None:
        one_run(options.only)
        return
    runs = [one_run(seed) for seed in FOLDERS]
    content = {
        "record": runs[-1]["record"] | {"seeds": list(FOLDERS)},
        "own_ode": [run["quality"]["own_ode"] for run in runs],
        "data_to_data": runs[0]["quality"]["data_to_data"],
        "n_starts": runs[0]["ode"]["n_starts"],
        "n_samples": runs[0]["quality"]["n_samples"],
        "errors": together(runs, "errors", "error"),
        "quality": together(runs, "quality", "frechet"),
    }
    text = json.dumps(content).replace("}, {", "},\n{")
    checkpoints.write_atomically(OUT, (text + "\n").encode())
    print(f"wrote {OUT.name}")


if __name__ == "__main__":
    torch.set_num_threads(1)
    if OUT.is_file():
        print(f"{OUT.name} is there: delete it to make it again")
    else:
        main()
