"""CIFAR-10 by the form of its network's loss: short trainings of equal length, compared.

For each of CHOICES one training of the preset's network on the same batches of images, its loss
by level on test images, the Frechet distance of its own ODE's samples by the run's classifier, and
the end-point errors of DDIM, DPM-Solver++(2M), DEIS and, with the exact derivative, GENIE and
genie_multistep to its own ODE. Writes cifar10_trials.json into the run's folder, which must have
the classifier; goes on where it was stopped. About ten minutes a choice on two cores.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch

import genie_edu as ge
from genie_edu.datasets.images import from_bytes
from genie_edu.evaluation import (
    Cell,
    best_grids,
    by_level,
    cells,
    features_of,
    own_ode,
    run_cell,
    starts,
)
from genie_edu.metrics import end_point_error
from genie_edu.nets import checkpoints
from genie_edu.recipes.options import Options
from genie_edu.recipes.pipeline import record_of
from genie_edu.recipes.presets import CIFAR10_NET, PRESETS
from genie_edu.recipes.snapshots import labels_of
from genie_edu.train.loop import cpu_has_bfloat16, make_accelerator

CHOICES: dict[str, dict[str, Any]] = {
    "eps loss, linear t": {"weighting": "eps", "levels": "linear"},
    "output loss, log normal (-0.6, 1.4)": {
        "weighting": "output", "levels": "log_normal", "level_mean": -0.6, "level_std": 1.4,
    },
    "output loss, log normal (-1.0, 1.6)": {
        "weighting": "output", "levels": "log_normal", "level_mean": -1.0, "level_std": 1.6,
    },
}  # fmt: skip
LEVELS = (0.02, 0.1, 0.5, 1.0, 2.0, 5.0, 20.0, 80.0)
SOLVERS = ("ddim", "dpmpp_2m", "deis_tab3", "genie", "genie_multistep")
NFES = (5, 10)


def measured(name: str, steps: int, few: int, many: int, folder: Path) -> dict[str, Any]:
    """Train one choice, or go on with it, and measure it."""
    preset = PRESETS["cifar10"]
    settings = replace(preset.train, n_steps=steps, warm_up=200, ema=0.998, **CHOICES[name])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        net = ge.UNet(**CIFAR10_NET)
    accelerator = make_accelerator()
    fast = accelerator.device.type == "cuda" or cpu_has_bfloat16()
    for record in ge.train_eps(
        net,
        preset.data(),
        settings,
        folder / f"trial {name}.run.safetensors",
        accelerator=accelerator,
        precision="bfloat16" if fast else "float32",
    ):
        print(f"{name}: step {record.step}, {record.seconds_left:.0f} s left", flush=True)

    test = preset.judge.split()[1]
    levels = by_level(net, None, from_bytes(test.pixels[:512]), LEVELS, test.labels[:512])
    classifier = checkpoints.load(folder / "classifier.safetensors").to(accelerator.device)
    flow = ge.NetworkFlow(net)
    start = starts(flow, many, preset.shape, 1)
    x = run_cell(
        Cell("dpmpp_2m", "none", "log_gamma", 20),
        {"none": flow},
        start,
        labels_of(preset, many, flow.device),
    ).x
    data = features_of(classifier, from_bytes(preset.data().pixels[:10_000]))
    start, labels = start[:few], labels_of(preset, few, flow.device)
    exact, uncertainty = own_ode(flow, start, labels, 50)
    todo = cells({"autodiff": flow}, NFES, SOLVERS)
    errors = {
        cell: end_point_error(run_cell(cell, {"autodiff": flow}, start, labels).x_bar, exact)
        for cell in todo
    }
    return {
        "choice": name,
        "settings": asdict(settings),
        "levels": [{key: float(f"{v:.4g}") for key, v in row.items()} for row in levels],
        "frechet": float(f"{ge.frechet_distance(features_of(classifier, x), data):.4g}"),
        "ode_uncertainty": float(f"{uncertainty:.2g}"),
        "errors": [[*cell, float(f"{e:.4g}")] for cell, e in best_grids(errors).items()],
    }


def main() -> None:
    """Measure what is missing; write after each choice."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--folder", type=Path, default=Path("runs/cifar10"))
    parser.add_argument("--steps", type=int, default=800, help="of 128 images (default 800)")
    parser.add_argument("--few", type=int, default=32, help="starts of the errors (default 32)")
    parser.add_argument("--many", type=int, default=1_000, help="samples judged (default 1,000)")
    given = parser.parse_args()
    out = given.folder / "cifar10_trials.json"
    record = record_of(
        Options(given.folder, command="python benchmarks/cifar10_trials.py"),
        make_accelerator().device,
    )
    rows = json.loads(out.read_text())["rows"] if out.is_file() else []
    done = {row["choice"] for row in rows}
    for name in (name for name in CHOICES if name not in done):
        rows.append(measured(name, given.steps, given.few, given.many, given.folder))
        content = {"record": record, "samples": given.many, "starts": given.few, "rows": rows}
        checkpoints.write_json(out, content)
        print(rows[-1], flush=True)


if __name__ == "__main__":
    main()
