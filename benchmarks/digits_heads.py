"""Which head for the digits' network: its form, its loss, what it reads and how large it is.

Writes data/digits/heads.json: of each choice and seed the R2 by level on held-out digits, the cost
beside a call of the network, and the error to the network's own ODE of the solvers that use it,
each on its best grid; and those of the exact derivative, and of the best solver without any. All
heads learn from the same kept states, equally long. About three minutes a head on one core. Goes on
after the last finished one; does nothing if all are there.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from _record import made_by
from torch.utils.flop_counter import FlopCounterMode

import genie_edu as ge
from genie_edu.datasets.images import from_bytes
from genie_edu.evaluation import Cell, best_grids, by_level, cells, own_ode, run_cell, starts
from genie_edu.judge.tables import ERROR_SEED, LEVELS
from genie_edu.nets import checkpoints
from genie_edu.recipes.presets import PRESETS

HEADS: dict[str, dict[str, Any]] = {
    "blind": {"width": 32, "blocks": 0},
    "mixed": {"width": 32},
    "own form, gamma": {"width": 32, "preconditioned": True},
    "own form": {"width": 32, "preconditioned": True, "output": True},
    "more maps": {"width": 32, "preconditioned": True, "output": True, "maps": None},
    "folded": {
        "width": 48, "preconditioned": True, "output": True, "maps": None, "blocks": 2, "fold": 2
    },
    "large": {
        "width": 64, "preconditioned": True, "output": True, "maps": None, "blocks": 2, "fold": 1
    },
}  # fmt: skip
"""What a head is: `output` weighs the loss as the network's own, `maps` is how many it reads; one
without blocks is blind to the level."""
SEEDS = (0, 1, 2)
FREE = ("ddim", "dpmpp_2m", "deis_tab3", "unipc_2", "ipndm4")
WITH_SLOPE = ("genie", "genie_log", "genie_multistep")
NFES, STARTS, STEPS, REPEATS = (5, 8, 10, 15), 64, 1_000, 3
FOLDER = Path(__file__).resolve().parent.parent / "data" / "digits"
OUT = FOLDER / "heads.json"


def built(net: ge.UNet, name: str, seed: int) -> ge.GenieHead:
    """An untrained head of the choice `name`."""
    given = dict(HEADS[name])
    given.pop("output", None)
    sizes = net.feature_sizes[: given.pop("maps", 2)]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return ge.GenieHead(1, sizes, image=True, sigma_data=net.sigma_data, **given)


def share(net: ge.UNet, head: ge.GenieHead) -> float:
    """What the head costs, in calls of the network."""
    point, level = torch.zeros(1, 1, 8, 8), torch.ones(1)

    def counted(function: Any) -> int:  # noqa: ANN401
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            function()
        return counter.get_total_flops()

    with torch.no_grad():
        eps, *features = net(point, level, features=True)
    return counted(lambda: head(point, level, eps, *features)) / counted(lambda: net(point, level))


def errors(flows: dict[str, ge.Flow], solvers: tuple[str, ...]) -> list[dict[str, Any]]:
    """The error of each solver to the first flow's own ODE, on its best grid of four."""
    flow = next(iter(flows.values()))
    start = starts(flow, STARTS, (1, 8, 8), ERROR_SEED)
    exact, _ = own_ode(flow, start)
    found: dict[Cell, float] = {}
    for cell in cells(flows, NFES, solvers):
        found[cell] = ge.end_point_error(run_cell(cell, flows, start).x_bar, exact)
    return [
        {"solver": c.solver, "nfe": c.nfe, "spacing": c.spacing, "error": float(f"{e:.4g}")}
        for c, e in best_grids(found).items()
    ]


def measured(net: ge.UNet, name: str, seed: int) -> dict[str, Any]:
    """Distil and measure one head."""
    preset, head = PRESETS["digits"], built(net, name, seed)
    settings = replace(preset.distill, n_steps=STEPS)
    if "output" not in HEADS[name]:
        settings = replace(settings, weighting="eps")
    state = Path("runs/digits-heads.run.safetensors")  # its targets serve all heads
    for _ in ge.distill_head(head, net, preset.data(), settings, state, resume=False):
        pass
    held_out = from_bytes(preset.judge.split()[1].pixels).repeat(REPEATS, 1, 1, 1)
    return {
        "head": name,
        "seed": seed,
        "share": float(f"{share(net, head):.3g}"),
        "weights": sum(p.numel() for p in head.parameters()),
        "levels": [
            {key: float(f"{row[key]:.4g}") for key in ("gamma", "r2", "cosine")}
            for row in by_level(net, head, held_out, LEVELS)
        ],
        "errors": errors({"head": ge.NetworkFlow(net, head)}, WITH_SLOPE),
    }


def main() -> None:
    """Measure what is missing; write after each head."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    net = checkpoints.load(FOLDER / "base.safetensors")
    content = json.loads(options.out.read_text()) if options.out.is_file() else {}
    if not content:
        flows = {"autodiff": ge.NetworkFlow(net)}
        content = {
            "record": {
                **made_by(__file__),
                "distill": asdict(replace(PRESETS["digits"].distill, n_steps=STEPS)),
                "starts": STARTS,
                "choices": HEADS,
            },
            "exact": errors(flows, WITH_SLOPE),
            "free": errors(flows, FREE),
            "rows": [],
        }
    done = {(row["head"], row["seed"]) for row in content["rows"]}
    for seed in options.seeds:
        for name in HEADS:
            if (name, seed) in done:
                continue
            content["rows"].append(measured(net, name, seed))
            text = json.dumps(content).replace("}, {", "},\n{") + "\n"
            checkpoints.write_atomically(options.out, text.encode())
            row = content["rows"][-1]
            print(name, seed, row["share"], *(f"{v['r2']:.2f}" for v in row["levels"]), flush=True)


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
