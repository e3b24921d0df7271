"""How good a learned eps gets with the length of its training, and what each part of the net buys.

Four lengths of the book's 2-D run, and at one length three networks that each lack a part: the
scaled state, the level as features of log gamma, the preconditioning. Trained runs are recorded in
data/mixture_2d/training.json and not repeated: the script goes on from what is there and prints the
table. From nothing it takes about 8 minutes on one core:

    python benchmarks/learned_2d.py
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from _record import made_by
from torch import Tensor, nn

import genie_edu as ge
from genie_edu.recipes.presets import PRESETS
from genie_edu.schedule import per_sample

ROOT = Path(__file__).resolve().parent.parent
RECORD = ROOT / "data" / "mixture_2d" / "training.json"

LENGTHS = (500, 1_000, 2_000, 4_000)
ABLATED, ABLATION_LENGTH = ("raw_state", "raw_level", "direct"), 1_000
SEEDS = (0, 1, 2)
SOLVERS = ("ddim", "genie", "genie_multistep")
STEPS = (5, 10, 20, 40, 80)
PRESET = PRESETS["mixture-2d"]
N_LEVELS, N_POINTS, N_STARTS = 31, 2_048, 256


class RawLevel(nn.Module):
    """The level as the bare number gamma: (B, 1) -> (B, 1)."""

    kind, size = "raw", 1

    def forward(self, gamma: Tensor) -> Tensor:
        """Gamma itself."""
        return gamma


class Ablated(ge.EpsMLP):
    """EpsMLP with one part left out: "raw_state", "raw_level" or "direct" (no preconditioning)."""

    def __init__(self, part: str) -> None:
        super().__init__()
        self.part = part
        if part == "raw_level":
            self.levels = RawLevel()
            self.hidden[0] = nn.Linear(self.dim + 1, self.width)

    def forward(self, x_bar: Tensor, gamma: Any) -> Tensor:
        """Eps (B, dim)."""
        gamma = per_sample(gamma, x_bar)
        scale = torch.rsqrt(gamma * gamma + self.sigma_data**2)
        state = x_bar if self.part == "raw_state" else scale * x_bar
        hidden = torch.cat([state, self.levels(gamma).expand(len(x_bar), -1)], dim=-1)
        for layer in self.hidden:
            hidden = nn.functional.silu(layer(hidden))
        if self.part == "direct":
            return self.out(hidden)
        return scale * (gamma * scale * x_bar - self.sigma_data * self.out(hidden))


def settings_of(n_steps: int, seed: int) -> ge.Settings:
    """The preset's settings with another length and seed."""
    return ge.Settings(**asdict(PRESET.train) | {"n_steps": n_steps, "seed": seed})


def trained(part: str, n_steps: int, seed: int) -> nn.Module:
    """A network ("full" or one of ABLATED), trained, in float64."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = ge.EpsMLP() if part == "full" else Ablated(part)
    for record in ge.train_eps(net, PRESET.data(), settings_of(n_steps, seed), record_every=500):
        print(f"  {part} {n_steps} {seed}: step {record.step}, {record.seconds_left:.0f} s left")
    return net.double()


def rms(x: Tensor) -> float:
    """Root mean square of a coordinate."""
    return rounded(x.square().mean().sqrt())


def rounded(value: Any) -> float:
    """Six significant digits."""
    return float(f"{float(value):.6g}")


def by_level(net: nn.Module, mixture: ge.GaussianMixture) -> dict[str, list[float]]:
    """Rms error of eps on noised data, level by level."""
    generator = torch.Generator().manual_seed(10)
    data = mixture.sample(N_POINTS, generator=generator)
    noise = torch.randn(N_POINTS, 2, generator=generator, dtype=torch.float64)
    flow, found = ge.NetworkFlow(net), {"gamma": [], "eps": []}
    for gamma in flow.schedule.gamma(ge.time_grid(N_LEVELS - 1, "log_gamma")).tolist():
        x_bar = data + gamma * noise
        found["gamma"].append(rounded(gamma))
        found["eps"].append(rms(flow.eps(x_bar, gamma) - mixture.derivatives(x_bar, gamma)[0]))
    return found


def end_points(net: nn.Module, mixture: ge.GaussianMixture) -> dict[str, Any]:
    """Median end-point errors on the quadratic grid: own ODE to exact, solver to own and exact."""
    flow = ge.NetworkFlow(net)
    schedule = flow.schedule
    generator = torch.Generator().manual_seed(20)
    noise = torch.randn(N_STARTS, 2, generator=generator, dtype=torch.float64)
    ends = schedule.gamma(torch.tensor([1.0, 1e-3], dtype=torch.float64))
    start = noise * torch.sqrt(1 + ends[0] ** 2)
    exact = ge.exact_solution(ge.AnalyticFlow(mixture), start, ends)[-1]
    own = ge.exact_solution(flow, start, ends, rtol=1e-8)[-1]
    rows = []
    for solver in SOLVERS:
        for n_steps in STEPS:
            gammas = schedule.gamma(ge.time_grid(n_steps, "quadratic"))
            end = ge.solve(flow, start, gammas, solver).x_bar[-1]
            solver_error = rounded(ge.end_point_error(end, own))
            total_error = rounded(ge.end_point_error(end, exact))
            row = {"solver": solver, "n_steps": n_steps, "solver_error": solver_error}
            rows.append(row | {"total_error": total_error})
    return {"model_error": rounded(ge.end_point_error(own, exact)), "runs": rows}


def measure(part: str, n_steps: int, seed: int) -> dict[str, Any]:
    """Train one network and measure it."""
    mixture = ge.GaussianMixture(**ge.TOYS["three_modes"])
    net = trained(part, n_steps, seed)
    found = {"part": part, "n_steps": n_steps, "seed": seed, "levels": by_level(net, mixture)}
    return found | end_points(net, mixture)


def read() -> dict[str, Any]:
    """What is recorded so far, or an empty record."""
    if RECORD.is_file():
        return json.loads(RECORD.read_text())
    settings = asdict(PRESET.train) | {"n_steps": list(LENGTHS), "seed": list(SEEDS)}
    record = {
        **made_by(__file__),
        "settings": settings,
        "points_per_level": N_POINTS,
        "starts": N_STARTS,
        "spacing": "quadratic",
    }
    return {"record": record, "cells": []}


def main() -> None:
    """Measure what is missing, then print the table."""
    torch.set_num_threads(1)
    found = read()
    done = {(cell["part"], cell["n_steps"], cell["seed"]) for cell in found["cells"]}
    wanted = [(part, ABLATION_LENGTH) for part in ABLATED]
    wanted += [("full", n_steps) for n_steps in LENGTHS]
    for seed in SEEDS:
        for part, n_steps in wanted:
            if (part, n_steps, seed) in done:
                continue
            found["cells"].append(measure(part, n_steps, seed))
            RECORD.parent.mkdir(parents=True, exist_ok=True)
            ge.checkpoints.write_atomically(RECORD, (json.dumps(found) + "\n").encode())

    print("part       steps  seed     eps   model   genie (10 steps: solver, total)")
    for cell in sorted(found["cells"], key=lambda cell: (cell["part"], cell["n_steps"])):
        eps = sum(value**2 for value in cell["levels"]["eps"]) / N_LEVELS
        run = next(r for r in cell["runs"] if (r["solver"], r["n_steps"]) == ("genie", 10))
        print(
            f"{cell['part']:9} {cell['n_steps']:6} {cell['seed']:5} {eps**0.5:7.4f}"
            f" {cell['model_error']:7.4f} {run['solver_error']:7.4f} {run['total_error']:7.4f}"
        )


if __name__ == "__main__":
    main()
