"""How a network is told its noise level, and what that does to its derivative: a clean ablation.

The same network, data, settings and seeds, three ways to write the level: slow waves of log gamma
(the library's), DDPM's sines and cosines of t up to sin(1000 t), and slow waves of t. Trained runs
are recorded in data/mixture_2d/level_features.json and not repeated: the script goes on from what
is there and prints the table. From nothing it takes about 20 minutes on one core:

    python benchmarks/level_features.py
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from _record import made_by

import genie_edu as ge
from genie_edu.recipes.presets import PRESETS

ROOT = Path(__file__).resolve().parent.parent
RECORD = ROOT / "data" / "mixture_2d" / "level_features.json"
RUNS = ROOT / "_build" / "level_features"
"""Running trainings and their weights; only the numbers are kept in the repository."""

FEATURES = ("log_gamma", "time", "slow_time")
SEEDS = (0, 1, 2)
STEPS = (5, 10, 20, 40)
SPACINGS = ("linear", "quadratic")
PRESET = PRESETS["mixture-2d"]
N_LEVELS, N_POINTS, N_STARTS = 41, 2_048, 512


def network(features: str, seed: int) -> ge.EpsMLP:
    """The preset's network, untrained, with its level written as `features`."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = ge.EpsMLP(levels="log_gamma" if features == "log_gamma" else "time")
    if features == "slow_time":  # as many waves as DDPM's, the fastest of period 2/3 in t
        slow = math.pi / 2 * torch.arange(1, 7, dtype=torch.float64)
        net.levels.frequencies = slow
    return net


def trained(features: str, seed: int) -> tuple[ge.EpsMLP, float | None]:
    """(network, its last training loss if it was trained now); killed runs go on."""
    net = network(features, seed)
    settings = settings_of(seed)
    path = RUNS / f"{features}_{seed}.safetensors"
    loss = None
    for record in ge.train_eps(net, PRESET.data(), settings, checkpoint=path, record_every=1_000):
        loss = float(f"{record.loss:.6g}")
        print(f"  {features} {seed}: step {record.step}, {record.seconds_left:.0f} s left")
    return net, loss


def settings_of(seed: int) -> ge.Settings:
    """The preset's settings with another seed."""
    return ge.Settings(**asdict(PRESET.train) | {"seed": seed})


def rms(x: torch.Tensor) -> float:
    """Root mean square over points of a vector's length."""
    return float(x.square().sum(1).mean().sqrt())


def by_level(net: ge.EpsMLP, mixture: ge.GaussianMixture) -> dict[str, list[float]]:
    """Rms errors of eps and of d eps/dlog gamma on noised data, level by level."""
    schedule, flow = ge.VPSchedule(), ge.NetworkFlow(net)
    generator = torch.Generator().manual_seed(10)
    data = mixture.sample(N_POINTS, generator=generator).double()
    noise = torch.randn(N_POINTS, 2, generator=generator, dtype=torch.float64)
    found: dict[str, list[float]] = {"gamma": [], "eps": [], "slope": [], "slope_size": []}
    for gamma in schedule.gamma(ge.time_grid(N_LEVELS - 1, "log_gamma")):
        x_bar = data + gamma * noise
        eps, slope = mixture.derivatives(x_bar, gamma, 1)
        own_eps, own_slope = flow.derivatives(x_bar, gamma, 1)
        values = (gamma, rms(own_eps - eps), rms(gamma * (own_slope - slope)), rms(gamma * slope))
        for key, value in zip(found, values, strict=True):
            found[key].append(float(f"{float(value):.6g}"))
    return found


def end_points(net: ge.EpsMLP, mixture: ge.GaussianMixture) -> dict[str, Any]:
    """Median end-point errors: to the network's own ODE (`solver`) and to the truth (`total`)."""
    schedule, flow = ge.VPSchedule(), ge.NetworkFlow(net)
    generator = torch.Generator().manual_seed(20)
    noise = torch.randn(N_STARTS, 2, generator=generator, dtype=torch.float64)
    ends = schedule.gamma(torch.tensor([1.0, 1e-3], dtype=torch.float64))
    start = noise * torch.sqrt(1 + ends[0] ** 2)
    exact = ge.exact_solution(ge.AnalyticFlow(mixture), start, ends)[-1]
    own = ge.exact_solution(flow, start, ends, rtol=1e-8)[-1]
    rows = []
    for spacing in SPACINGS:
        for n_steps in STEPS:
            gammas = schedule.gamma(ge.time_grid(n_steps, spacing))
            for solver in ("ddim", "genie"):
                end = ge.solve(flow, start, gammas, solver).x_bar[-1]
                errors = {
                    "solver_error": float(f"{ge.end_point_error(end, own):.6g}"),
                    "total_error": float(f"{ge.end_point_error(end, exact):.6g}"),
                }
                rows.append({"spacing": spacing, "n_steps": n_steps, "solver": solver} | errors)
    return {"model_error": float(f"{ge.end_point_error(own, exact):.6g}"), "runs": rows}


def measure(features: str, seed: int) -> dict[str, Any]:
    """Train one network and measure it."""
    mixture = ge.GaussianMixture(**ge.TOYS["three_modes"])
    net, loss = trained(features, seed)
    net = net.double()
    found = {"features": features, "seed": seed, "last_loss": loss}
    return found | {"levels": by_level(net, mixture)} | end_points(net, mixture)


def read() -> dict[str, Any]:
    """What is recorded so far, or an empty record."""
    if RECORD.is_file():
        return json.loads(RECORD.read_text())
    record = {
        **made_by(__file__),
        "settings": asdict(settings_of(0)) | {"seed": list(SEEDS)},
        "points_per_level": N_POINTS,
        "starts": N_STARTS,
    }
    return {"record": record, "cells": []}


def main() -> None:
    """Measure what is missing, then print the table."""
    torch.set_num_threads(1)
    found = read()
    done = {(cell["features"], cell["seed"]) for cell in found["cells"]}
    for seed in SEEDS:
        for features in FEATURES:
            if (features, seed) in done:
                continue
            found["cells"].append(measure(features, seed))
            RECORD.parent.mkdir(parents=True, exist_ok=True)
            ge.checkpoints.write_atomically(RECORD, (json.dumps(found, indent=1) + "\n").encode())

    print("features   seed   eps   slope   ddim   genie  (10 quadratic steps, to the own ODE)")
    for cell in found["cells"]:
        ends = {
            run["solver"]: run["solver_error"]
            for run in cell["runs"]
            if (run["spacing"], run["n_steps"]) == ("quadratic", 10)
        }
        mean = {
            key: math.sqrt(sum(v * v for v in cell["levels"][key]) / N_LEVELS)
            for key in ("eps", "slope")
        }
        print(
            f"{cell['features']:9} {cell['seed']:5} {mean['eps']:7.4f} {mean['slope']:7.4f}"
            f" {ends['ddim']:7.4f} {ends['genie']:7.4f}"
        )


if __name__ == "__main__":
    main()
