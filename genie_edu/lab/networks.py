"""The trained networks that the lab runs: from their record to the script that a page loads.

`python -m genie_edu.lab.networks` writes lab_networks.js again after a new training run. The lab
loads that script only where a scenario needs it; a notebook's widget is handed the same numbers.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from genie_edu.lab import GENERATED

if TYPE_CHECKING:
    from genie_edu.nets.head import GenieHead
    from genie_edu.nets.mlp import EpsMLP

FILE = GENERATED / "lab_networks.js"
BEFORE, AFTER = "globalThis.GenieLabNetworks = ", ";\n"


def packed() -> dict[str, Any]:
    """What the script holds: `base` and `heads`, weights as base64 of little-endian float32."""
    return json.loads(FILE.read_text(encoding="ascii").removeprefix(BEFORE).removesuffix(AFTER))


def load() -> tuple[EpsMLP, list[tuple[int, float, GenieHead]]]:
    """The base network and (step, R2, head) of every snapshot, in float64, from the script."""
    import torch

    from genie_edu.nets.head import GenieHead
    from genie_edu.nets.mlp import EpsMLP

    def filled(module: Any, text: str) -> Any:  # noqa: ANN401
        values = torch.from_numpy(np.frombuffer(base64.b64decode(text), "<f4").copy())
        state, done = module.state_dict(), 0
        for key, value in state.items():
            state[key] = values[done : done + value.numel()].reshape(value.shape)
            done += value.numel()
        module.load_state_dict(state)
        return module.double().eval()

    networks = packed()
    base, rows = networks["base"], networks["heads"]
    heads = [
        (row["step"], row["r2"], filled(GenieHead(**networks["head"]), row["weights"]))
        for row in rows
    ]
    return filled(EpsMLP(**base["config"]), base["weights"]), heads


def script() -> str:
    """The script's text, from the recorded run in data/."""
    from genie_edu.datasets.data import shipped

    record = json.loads(shipped("mixture_2d/lab_networks.json").read_text(encoding="utf-8"))

    def text(weights: dict[str, dict[str, list]]) -> str:
        numbers = np.concatenate([np.asarray(w["values"], "<f4") for w in weights.values()])
        return base64.b64encode(numbers.tobytes()).decode("ascii")

    base, head = record["base"], record["head"]
    heads = [
        {"step": row["step"], "r2": row["r2"], "weights": text(row["weights"])}
        for row in head["snapshots"]
    ]
    networks = {
        "base": {"config": base["config"], "weights": text(base["weights"])},
        "head": head["config"],
        "heads": heads,
    }
    return BEFORE + json.dumps(networks, separators=(",", ":")) + AFTER


if __name__ == "__main__":
    FILE.write_text(script(), encoding="ascii")
