"""What the digits' U-Net should give, and by which loss: four choices, three seeds, equal steps.

Writes data/digits/parametrization.json: for each choice and seed the loss of eps by level on the
held-out digits, the Frechet distance of the network's own ODE, and the error to it of solvers with
the exact slope and without any, each on its best grid. Uses the shipped classifier. Keeps the first
network that gives eps itself, data/digits/eps, for chapter 14 to examine. About two minutes a
network on one core. Goes on after the last finished one; does nothing if all are there.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from _record import made_by

import genie_edu as ge
from genie_edu.datasets.images import from_bytes
from genie_edu.evaluation import (
    best_grids,
    by_level,
    cells,
    features_of,
    own_ode,
    run_cell,
    starts,
)
from genie_edu.judge.tables import ERROR_SEED, LEVELS, QUALITY_SEED, ode_cell
from genie_edu.nets import checkpoints
from genie_edu.recipes.presets import DIGITS_NET, PRESETS

CHOICES: dict[str, tuple[dict[str, Any], str]] = {
    "eps": ({"parametrization": "eps"}, "eps"),
    "v": ({"sigma_data": 1.0}, "eps"),
    "edm": ({"sigma_data": 0.5}, "eps"),
    "edm, output": ({"sigma_data": 0.5}, "output"),
}
"""The network's form (sigma_data = 1 makes EDM's v-prediction), and of what the loss is."""
SEEDS = (0, 1, 2)
SOLVERS = ("ddim", "dpmpp_2m", "deis_tab3", "unipc_2", "ipndm4", "genie", "genie_multistep")
NFES, STARTS, TRAIN_STEPS, SAMPLES = (5, 10, 15), 64, 1_000, 512
OUT = Path(__file__).resolve().parent.parent / "data" / "digits" / "parametrization.json"
KEPT = OUT.with_name("eps.safetensors")


def trained(name: str, seed: int) -> ge.UNet:
    """Train one choice."""
    preset, (form, weighting) = PRESETS["digits"], CHOICES[name]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = ge.UNet(**DIGITS_NET, **form)
    settings = replace(preset.train, n_steps=TRAIN_STEPS, seed=seed, weighting=weighting)
    for _ in ge.train_eps(net, preset.data(), settings):
        pass
    return net


def measured(name: str, seed: int) -> dict[str, Any]:
    """Train and measure one choice."""
    preset, net = PRESETS["digits"], trained(name, seed)
    data, held_out = preset.data(), preset.judge.split()[1]
    flow = ge.NetworkFlow(net)
    classifier = checkpoints.load(OUT.parent / "classifier.safetensors")
    start = starts(flow, SAMPLES, preset.shape, QUALITY_SEED)
    x = run_cell(ode_cell(preset), {"none": flow}, start).x
    features = features_of(classifier, from_bytes(data.pixels))
    distance = ge.frechet_distance(features_of(classifier, x), features)

    start = starts(flow, STARTS, preset.shape, ERROR_SEED)
    exact, uncertainty = own_ode(flow, start)
    flows, errors = {"autodiff": flow}, {}
    for cell in cells(flows, NFES, SOLVERS):
        errors[cell] = ge.end_point_error(run_cell(cell, flows, start).x_bar, exact)
    levels = by_level(net, None, from_bytes(held_out.pixels), LEVELS)
    return {
        "choice": name,
        "seed": seed,
        "own ode": float(f"{distance:.4g}"),
        "uncertainty": float(f"{uncertainty:.2g}"),
        "errors": [
            {"solver": c.solver, "nfe": c.nfe, "spacing": c.spacing, "error": float(f"{e:.4g}")}
            for c, e in best_grids(errors).items()
        ],
        "levels": [{key: float(f"{value:.4g}") for key, value in row.items()} for row in levels],
    }


def main() -> None:
    """Measure what is missing; write after each network."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    record = {
        **made_by(__file__),
        "train": asdict(replace(PRESETS["digits"].train, n_steps=TRAIN_STEPS)),
        "samples": SAMPLES,
        "starts": STARTS,
        "choices": {name: {**form, "loss": loss} for name, (form, loss) in CHOICES.items()},
    }
    rows = json.loads(options.out.read_text())["rows"] if options.out.is_file() else []
    done = {(row["choice"], row["seed"]) for row in rows}
    for seed in options.seeds:
        for name in CHOICES:
            if (name, seed) in done:
                continue
            rows.append(measured(name, seed))
            text = json.dumps({"record": record, "rows": rows}).replace("}, {", "},\n{") + "\n"
            checkpoints.write_atomically(options.out, text.encode())
            print(name, seed, rows[-1]["own ode"], flush=True)
    if not KEPT.is_file():
        checkpoints.save(KEPT, trained("eps", 0), record | {"seed": 0}, dtype=torch.float16)


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
