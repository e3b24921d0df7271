"""Weights on disk: safetensors with a card, written so that a crash never costs a good file.

The card (architecture, schedule, how it was trained, library version) lives in the weights file's
own header, so the two cannot part; a copy as JSON beside it is for people to read.
"""

from __future__ import annotations

import importlib
import json
import os
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from genie_edu._names import VERSION
from genie_edu.schedule import VPSchedule

ARCHITECTURES = {
    "EpsMLP": "mlp",
    "UNet": "unet",
    "GenieHead": "head",
    "GuidedHead": "guided_head",
    "Classifier": "classifier",
}
"""What a card may name, and the module of ours that has it; built from the card's `config`."""
HEADER = "genie_edu"


class CheckpointError(ValueError):
    """A file that is not what it should be; nothing was loaded and nothing was overwritten."""


def save(
    path: str | Path,
    module: nn.Module,
    record: dict[str, Any] | None = None,
    schedule: VPSchedule | None = None,
    dtype: torch.dtype | None = None,
) -> Path:
    """Write a network of ARCHITECTURES to `path` (.safetensors) and its card to .json beside it.

    `record` says how it was trained (anything JSON holds); `dtype` stores the weights in another
    precision, such as torch.float16. Atomic. Raises CheckpointError for NaN or infinite weights.
    """
    name = type(module).__name__
    if name not in ARCHITECTURES:
        raise CheckpointError(f"{name} can't be saved with a card: known are {_known()}")
    schedule = schedule or VPSchedule()
    card = {
        "architecture": name,
        "config": module.config,
        "schedule": {"beta_min": schedule.beta_min, "beta_d": schedule.beta_d},
        "record": record or {},
        "genie_edu": VERSION,
    }
    tensors = {key: value.to(dtype or value.dtype) for key, value in module.state_dict().items()}
    path = write(path, tensors, card)
    write_json(path.with_suffix(".json"), card)
    return path


def load(path: str | Path, expected: str | None = None) -> nn.Module:
    """The network that `save` wrote, in float32 and eval mode, its card as `.card`.

    `expected` names the architecture that the caller needs. Raises FileNotFoundError, or
    CheckpointError for a truncated or foreign file, another architecture, NaN weights.
    """
    tensors, card = read(path)
    name = card.get("architecture")
    if name not in ARCHITECTURES:
        raise CheckpointError(f"{path} holds {name!r}, not a network of ours: known are {_known()}")
    if expected not in (None, name):
        raise CheckpointError(f"{path} holds {name}; {expected} is needed here")
    try:
        home = importlib.import_module(f"genie_edu.nets.{ARCHITECTURES[name]}")
        module = getattr(home, name)(**_config(name, card["config"]))
        module.load_state_dict({key: value.float() for key, value in tensors.items()})
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        first = str(error).strip().splitlines()[0]
        raise CheckpointError(f"{path}: its weights don't fit its card ({first})") from error
    module.card = card
    return module.eval()


def write(path: str | Path, tensors: dict[str, Tensor], card: dict[str, Any]) -> Path:
    """Tensors and their card as one safetensors file; the old file stays until the new is whole.

    Raises CheckpointError, and writes nothing, if a tensor holds NaN or infinity.
    """
    from safetensors.torch import save as to_bytes

    path = Path(path)
    _check_finite(path, tensors)
    flat = {key: value.detach().cpu().contiguous().clone() for key, value in tensors.items()}
    write_atomically(path, to_bytes(flat, {HEADER: json.dumps(card)}))
    return path


def read(path: str | Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """(tensors on the CPU, card) of a file of `write`. Raises as `load` does."""
    from safetensors import SafetensorError, safe_open

    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"there is no checkpoint at {path}")
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
            header = file.metadata() or {}
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path} is truncated or not a safetensors file") from error
    if HEADER not in header:
        raise CheckpointError(f"{path} was not written by genie_edu: it has no card")
    _check_finite(path, tensors)
    return tensors, json.loads(header[HEADER])


def write_json(path: str | Path, content: Any) -> None:  # noqa: ANN401
    """Write what JSON holds, indented, as `write_atomically` does."""
    write_atomically(path, (json.dumps(content, indent=1) + "\n").encode())


def write_atomically(path: str | Path, content: bytes) -> None:
    """Write, fsync, rename: whatever happens, `path` is the old file or the whole new one."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def _config(name: str, config: dict[str, Any]) -> dict[str, Any]:
    """A card's config; image heads of version 0.1 don't say that they had no blocks."""
    if name == "GenieHead" and config.get("image") and "blocks" not in config:
        return config | {"blocks": 0}
    return config


def _check_finite(path: Path, tensors: dict[str, Tensor]) -> None:
    bad = [key for key, value in tensors.items() if not torch.isfinite(value).all()]
    if bad:
        raise CheckpointError(f"{path}: {bad[0]} holds NaN or infinity")


def _known() -> str:
    return ", ".join(ARCHITECTURES)
