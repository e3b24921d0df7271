"""Two forms of a head's output and three weights of its loss, at equal training, in 2-D.

Writes data/mixture_2d/head_forms.json: for each of FORMS, each of WEIGHTINGS and each of three
seeds the head's R2 by level and the end-point errors of GENIE and of its multistep twin with it,
against the shipped base network's own ODE. Every head goes through the same KEPT states, whose
targets are computed once a run. A quarter of an hour on one core. Goes on after the last finished
seed; does nothing if all are there.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from _record import made_by
from ablations_2d import LEVELS, SEEDS, SPACINGS, STARTS, r_squared
from torch import Tensor, nn

import genie_edu as ge
from genie_edu.nets import checkpoints
from genie_edu.recipes.presets import PRESETS

FORMS: dict[str, dict[str, Any]] = {
    "three outputs": {},
    "own form": {"preconditioned": True, "sigma_data": 1.0},
}
"""The paper's mixed form, and that of the network's own formula (its sigma_data is 1)."""
WEIGHTINGS = ("eps", "output", "relative")
KEPT, CALLS, SOLVERS = 400_000, (5, 10), ("genie", "genie_multistep")
OUT = Path(__file__).resolve().parent.parent / "data" / "mixture_2d" / "head_forms.json"


def distilled(net: nn.Module, form: str, weighting: str, seed: int) -> nn.Module:
    """A head of one form, distilled from `net` (float32) with one weight of the loss."""
    preset = PRESETS["mixture-2d"]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        head = ge.GenieHead(2, net.feature_sizes, **FORMS[form])
    settings = replace(preset.distill, seed=seed, weighting=weighting, kept=KEPT)
    for _ in ge.distill_head(head, net, preset.data(), settings, record_every=1000):
        pass
    return head


def errors(flow: ge.Flow, start: Tensor, end: Tensor, solvers: tuple[str, ...]) -> dict[str, Any]:
    """End-point errors by solver and spacing, one for each number of calls."""
    table: dict[str, Any] = {}
    for solver in solvers:
        table[solver] = {}
        for spacing in SPACINGS:
            grids = [flow.schedule.gamma(ge.time_grid(n, spacing)) for n in CALLS]
            ends = [ge.solve(flow, start, grid, solver).x_bar[-1] for grid in grids]
            table[solver][spacing] = [float(f"{ge.end_point_error(at, end):.5g}") for at in ends]
    return table


def main() -> None:
    """Distil, measure, write; seed by seed."""
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
            "settings": asdict(replace(PRESETS["mixture-2d"].distill, kept=KEPT)),
            "forms": FORMS,
            "weightings": list(WEIGHTINGS),
            "levels": list(LEVELS),
            "calls": list(CALLS),
            "starts": STARTS,
        },
        "references": errors(exact, start, end, ("ddim", *SOLVERS)),
        "cells": json.loads(OUT.read_text())["cells"] if OUT.is_file() else [],
    }
    done = {cell["seed"] for cell in result["cells"]}
    for seed in sorted(set(SEEDS) - done):
        for form in FORMS:
            for weighting in WEIGHTINGS:
                head = distilled(net.float(), form, weighting, seed)
                flow = ge.NetworkFlow(net.double(), head.double())
                row = {"form": form, "weighting": weighting, "seed": seed}
                row |= {"r2": r_squared(head, net, mixture)}
                result["cells"].append(row | {"error": errors(flow, start, end, SOLVERS)})
                print(result["cells"][-1], flush=True)
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
