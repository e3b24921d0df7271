"""The paper's choices in distilling the derivative, one taken away at a time, in 2-D.

Writes data/mixture_2d/ablations.json: for each variant of VARIANTS and each of three seeds the
head's R2 by level and the end-point error of GENIE with it, against the shipped base network's own
ODE. The heads of a seed are distilled side by side: they meet the same batches, and the frozen
network's answer and derivative are computed once for all of them. A quarter of an hour on one core.
Goes on after the last finished seed; does nothing if all are there.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from _heads import Runs, side_by_side
from _record import made_by
from torch import Tensor, nn

import genie_edu as ge
from genie_edu.nets import checkpoints
from genie_edu.recipes.presets import PRESETS
from genie_edu.train import training

VARIANTS: dict[str, dict[str, Any]] = {
    "as shipped": {},
    "not mixed": {"mixed": False},
    "not weighted": {"weighted": False},
    "drawn noise": {"noise_input": "drawn"},
    "width 8": {"width": 8},
    "width 16": {"width": 16},
    "width 64": {"width": 64},
    "500 steps": {"n_steps": 500},
    "1,000 steps": {"n_steps": 1000},
    "2,000 steps": {"n_steps": 2000},
    "8,000 steps": {"n_steps": 8000},
}
"""What differs from the shipped run: mixed, weighted, fed the prediction, width 32, 4,000 steps."""
SEEDS = (0, 1, 2)
LEVELS = (0.0105, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 152.0)
"""The borders, in gamma, of the bands that R2 is measured in."""
CALLS, SPACINGS, STARTS = (5, 10, 20), ("linear", "quadratic"), 512
OUT = Path(__file__).resolve().parent.parent / "data" / "mixture_2d" / "ablations.json"


def distill(net: nn.Module, data: training.Data, seed: int) -> dict[str, nn.Module]:
    """Distil every variant's head, all with one seed."""
    heads: dict[str, nn.Module] = {}

    def begin(frozen: nn.Module) -> Runs:
        runs = {}
        for name, change in VARIANTS.items():
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(seed)
                keys = {key: change[key] for key in ("width", "mixed") if key in change}
                heads[name] = ge.GenieHead(2, net.feature_sizes, **keys)
            n_steps = change.get("n_steps", PRESETS["mixture-2d"].distill.n_steps)
            settings = replace(PRESETS["mixture-2d"].distill, n_steps=n_steps, seed=seed)
            keys = {key: change[key] for key in ("weighted", "noise_input") if key in change}
            runs[name] = ge.distill_head(
                heads[name], frozen, data, settings, record_every=1, **keys
            )
        return runs

    for records in side_by_side(net, begin):
        step = max(record.step for record in records.values())
        if step % 500 == 0:
            print(f"seed {seed}, step {step}", flush=True)
    return heads


@torch.no_grad()
def r_squared(head: nn.Module, net: nn.Module, mixture: ge.GaussianMixture) -> list[float]:
    """Share of the mean square of d eps/dlog gamma that the head explains, in each band; float64.

    2,048 states a band, their levels uniform in log gamma. Zero is what DDIM's zero gets.
    """
    generator = torch.Generator().manual_seed(1_000)
    found = []
    for low, high in zip(LEVELS, LEVELS[1:], strict=False):
        clean = mixture.sample(2048, generator=generator)
        noise = torch.randn(2048, 2, generator=generator, dtype=torch.float64)
        u = torch.rand(2048, generator=generator, dtype=torch.float64)
        gamma = low * (high / low) ** u
        x_bar = clean + gamma[:, None] * noise
        eps, *features = net(x_bar, gamma, features=True)
        target = gamma[:, None] * ge.flow_derivatives(net, x_bar, gamma)[1]
        miss = gamma[:, None] * head(x_bar, gamma, eps, *features) - target
        found.append(float(f"{1 - miss.square().mean() / target.square().mean():.5g}"))
    return found


def errors(flow: ge.Flow, solver: str, start: Tensor, end: Tensor) -> dict[str, list[float]]:
    """End-point errors by spacing, one for each number of calls."""
    table = {}
    for spacing in SPACINGS:
        grids = [flow.schedule.gamma(ge.time_grid(n, spacing)) for n in CALLS]
        ends = [ge.solve(flow, start, grid, solver).x_bar[-1] for grid in grids]
        table[spacing] = [float(f"{ge.end_point_error(at, end):.5g}") for at in ends]
    return table


def main() -> None:
    """Distil, measure, write; seed by seed."""
    preset = PRESETS["mixture-2d"]
    net = checkpoints.load(ge.data.shipped("mixture_2d/base"), "EpsMLP")
    mixture = ge.GaussianMixture(**ge.TOYS["three_modes"])
    exact = ge.NetworkFlow(net.double())
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(STARTS, 2, generator=generator, dtype=torch.float64)
    levels = exact.schedule.gamma(torch.tensor([1.0, 1e-3], dtype=torch.float64))
    start = noise * torch.sqrt(1 + levels[0] ** 2)
    end = ge.exact_solution(exact, start, levels)[-1]
    result: dict[str, Any] = {
        "record": {
            **made_by(__file__),
            "seeds": list(SEEDS),
            "settings": asdict(preset.distill),
            "width": preset.head(net).width,
            "variants": VARIANTS,
            "levels": list(LEVELS),
            "calls": list(CALLS),
            "starts": STARTS,
        },
        "references": {name: errors(exact, name, start, end) for name in ("ddim", "genie")},
        "cells": json.loads(OUT.read_text())["cells"] if OUT.is_file() else [],
    }
    done = {cell["seed"] for cell in result["cells"]}
    for seed in sorted(set(SEEDS) - done):
        for name, head in distill(net.float(), preset.data(), seed).items():
            flow = ge.NetworkFlow(net.double(), head.double())
            row = {"variant": name, "seed": seed, "r2": r_squared(head, net, mixture)}
            result["cells"].append(row | {"error": errors(flow, "genie", start, end)})
            print(result["cells"][-1], flush=True)
            net.float()
        checkpoints.write_atomically(
            OUT, (json.dumps(result, separators=(",", ":")) + "\n").encode()
        )


if __name__ == "__main__":
    torch.set_num_threads(1)
    done = {cell["seed"] for cell in json.loads(OUT.read_text())["cells"]} if OUT.is_file() else ()
    if set(SEEDS) <= set(done):
        print(f"{OUT.name} has all seeds: delete it to make it again")
    else:
        main()
