"""One run that distils the shipped head, stopped on its way: the weights behind the lab's scrubber.

Writes data/mixture_2d/lab_networks.json: the shipped base network and the head's averaged weights
at the steps of STEPS, with the share R2 of the mean square of d eps/dlog gamma that each explains
on held-out states. The run is the preset's (mixture-2d); at each step of STEPS it is stopped, the
average is read from its checkpoint, and it is resumed. Does nothing if the file is there.
"""

from __future__ import annotations

import json
import tempfile
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path

import torch
from _record import made_by
from torch import nn

import genie_edu as ge
from genie_edu.nets import checkpoints
from genie_edu.recipes.presets import PRESETS
from genie_edu.train import training

STEPS = (0, 50, 100, 200, 500, 1000, 2000, 4000)
HELD_OUT = 1_000
"""Seed of the states that R2 is measured on: the runs use small seeds."""
OUT = Path(__file__).resolve().parent.parent / "data" / "mixture_2d" / "lab_networks.json"


def listed(module: nn.Module) -> dict[str, dict[str, list]]:
    """Weights by name, as shape and values in rows, each of seven significant digits."""
    return {
        key: {
            "shape": list(value.shape),
            "values": [float(f"{number:.7g}") for number in value.flatten().tolist()],
        }
        for key, value in module.state_dict().items()
    }


@torch.no_grad()
def r_squared(head: nn.Module, net: nn.Module, states: tuple[torch.Tensor, torch.Tensor]) -> float:
    """1 - mean |gamma (head - target)|^2 / mean |gamma target|^2, in float64; 0 for DDIM."""
    head, net = head.double(), net.double()
    x_bar, gamma = states
    eps, *features = net(x_bar, gamma, features=True)
    target = gamma[:, None] * ge.flow_derivatives(net, x_bar, gamma)[1]
    miss = gamma[:, None] * head(x_bar, gamma, eps, *features) - target
    return float(1 - miss.square().mean() / target.square().mean())


def main() -> None:
    """Distil, stop at every snapshot, write the file."""
    preset = PRESETS["mixture-2d"]
    source = ge.data.shipped("mixture_2d/base")
    net, data, settings = checkpoints.load(source, "EpsMLP"), preset.data(), preset.distill
    base, head = listed(net), preset.head(net)
    held_out = training.draw(
        data, replace(settings, seed=HELD_OUT, batch_size=4096), 0, ge.VPSchedule(), net_device(net)
    )
    states = held_out[0].double(), held_out[1].double()
    snapshots = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "head.train.safetensors"
        for step in STEPS:
            if step:
                net.float()
                run = training.distill_head(
                    head, net, data, settings, checkpoint=path, record_every=50
                )
                with closing(run):
                    for record in run:
                        if record.step == step < settings.n_steps:
                            break
                parts = checkpoints.read(path)[0]
                average = {k[8:]: v for k, v in parts.items() if k.startswith("average/")}
            else:
                average = {k: v.clone() for k, v in head.state_dict().items()}
            shown = preset.head(net)
            shown.load_state_dict(average)
            weights = listed(shown)
            r2 = float(f"{r_squared(shown, net, states):.5f}")
            snapshots.append({"step": step, "r2": r2, "weights": weights})
            print(f"step {step:5}  R2 {r2:.5f}", flush=True)
    record = {
        **made_by(__file__),
        "settings": asdict(settings),
        "weights": "averaged (ema), at the steps of one run",
        "r2": "1 - mean |gamma (head - target)|^2 / mean |gamma target|^2, 4,096 held-out states, "
        "levels as in training",
    }
    result = {
        "record": record,
        "base": {"config": net.config, "weights": base},
        "head": {"config": shown.config, "snapshots": snapshots},
    }
    checkpoints.write_atomically(OUT, (json.dumps(result, separators=(",", ":")) + "\n").encode())
    print(f"wrote {OUT.name}, {OUT.stat().st_size / 1e6:.2f} MB")


def net_device(net: nn.Module) -> torch.device:
    """Where a network's weights are."""
    return next(net.parameters()).device


if __name__ == "__main__":
    torch.set_num_threads(1)
    if OUT.is_file():
        print(f"{OUT.name} is there: delete it to make it again")
    else:
        main()
