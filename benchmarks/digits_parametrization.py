"""Which parametrization of the digits' U-Net: eps, v, or EDM's preconditioning; at equal compute.

Writes data/digits/parametrization.json: for each parametrization and seed the Frechet distance of
the network's own ODE, those of DDIM and GENIE (exact and distilled derivative) at 10 calls, and the
R2 by level of a head distilled for equally long. Uses the shipped classifier. About six minutes a
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
from genie_edu.evaluation import Cell, by_level, features_of, run_cell, starts
from genie_edu.judge.tables import LEVELS, QUALITY_SEED, ode_cell
from genie_edu.nets import checkpoints
from genie_edu.train.presets import DIGITS_NET, PRESETS

CHOICES: dict[str, dict[str, Any]] = {
    "eps": {"parametrization": "eps"},
    "v": {"parametrization": "edm", "sigma_data": 1.0},
    "edm": {"parametrization": "edm", "sigma_data": 0.75},
}
"""sigma_data = 1 makes EDM's preconditioning v-prediction; .75 is the digits' own."""
SEEDS = (0, 1)
TRAIN_STEPS, DISTILL_STEPS, SAMPLES = 800, 500, 512
OUT = Path(__file__).resolve().parent.parent / "data" / "digits" / "parametrization.json"


def measured(name: str, seed: int) -> dict[str, Any]:
    """Train, distil, measure one choice."""
    preset = PRESETS["digits"]
    data = preset.data()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = ge.UNet(**DIGITS_NET, **CHOICES[name])
        head = ge.GenieHead(1, net.feature_sizes, image=True)
    settings = replace(preset.train, n_steps=TRAIN_STEPS, seed=seed)
    for _ in ge.train_eps(net, data, settings):
        pass
    settings = replace(preset.distill, n_steps=DISTILL_STEPS, seed=seed)
    for _ in ge.distill_head(head, net, data, settings):
        pass
    classifier = checkpoints.load(OUT.parent / "classifier.safetensors")
    features = features_of(classifier, from_bytes(data.pixels))
    flows = {"head": ge.NetworkFlow(net, head), "autodiff": ge.NetworkFlow(net)}
    start = starts(flows["head"], SAMPLES, preset.shape, QUALITY_SEED)
    cells = {"own ode": ode_cell(preset)}
    for spacing in ("linear", "quadratic"):
        cells[f"ddim, {spacing}"] = Cell("ddim", "none", spacing, 10)
        cells[f"exact genie, {spacing}"] = Cell("genie", "autodiff", spacing, 10)
        cells[f"distilled genie, {spacing}"] = Cell("genie", "head", spacing, 10)
    row: dict[str, Any] = {"parametrization": name, "seed": seed}
    for label, cell in cells.items():
        found = features_of(classifier, run_cell(cell, flows, start).x)
        row[label] = float(f"{ge.frechet_distance(found, features):.4g}")
    row["levels"] = [
        {key: float(f"{value:.4g}") for key, value in level.items()}
        for level in by_level(net, head, from_bytes(data.pixels[:512]), LEVELS)
    ]
    return row


def main() -> None:
    """Measure what is missing; write after each network."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    preset = PRESETS["digits"]
    record = {
        **made_by(__file__),
        "train": asdict(replace(preset.train, n_steps=TRAIN_STEPS)),
        "distill": asdict(replace(preset.distill, n_steps=DISTILL_STEPS)),
        "samples": SAMPLES,
        "choices": CHOICES,
    }
    rows = json.loads(options.out.read_text())["rows"] if options.out.is_file() else []
    done = {(row["parametrization"], row["seed"]) for row in rows}
    for seed in options.seeds:
        for name in CHOICES:
            if (name, seed) in done:
                continue
            rows.append(measured(name, seed))
            text = json.dumps({"record": record, "rows": rows}, indent=1) + "\n"
            checkpoints.write_atomically(options.out, text.encode())
            print({key: value for key, value in rows[-1].items() if key != "levels"}, flush=True)


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
