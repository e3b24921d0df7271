"""Weights on disk: safetensors with a card, written so that a crash never costs a good file.

The card (architecture, schedule, how it was trained, library version) lives in the weights file's
own header, so the two cannot part; a copy as JSON beside it is for people to read. The card has the
sha256 of weights and card together: what was changed by accident or swapped is not loaded.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from genie_edu._names import VERSION, instance, one_of
from genie_edu.schedule import VPSchedule, as_schedule

ARCHITECTURES = {
    "EpsMLP": "mlp",
    "UNet": "unet",
    "GenieHead": "head",
    "GuidedHead": "guided_head",
    "Classifier": "classifier",
}
"""What a card may name, and the module of ours that has it; built from the card's `config`."""
HEADER, SHA256 = "genie_edu", "sha256"


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
    precision, such as torch.float16; `schedule` is by default that of the file it came from.
    Atomic. Raises CheckpointError for NaN or infinite weights, ValueError, TypeError.
    """
    name, path = type(module).__name__, _place(path)
    if name not in ARCHITECTURES:
        raise CheckpointError(f"{name} can't be saved with a card: known are {_known()}")
    if path.suffix != ".safetensors":
        raise ValueError(f"path must end in .safetensors; got {path}")
    if dtype is not None and not instance("dtype", dtype, torch.dtype, "a dtype").is_floating_point:
        raise ValueError(f"dtype must be a floating one; got {dtype}")
    instance("record", record or {}, dict, "a dictionary")
    schedule = as_schedule(schedule or getattr(module, "schedule", None))
    card = {
        "architecture": name,
        "config": module.config,
        "schedule": {"beta_min": schedule.beta_min, "beta_d": schedule.beta_d},
        "record": record or {},
        "genie_edu": VERSION,
    }
    tensors = {
        key: value.to(dtype or value.dtype) if value.is_floating_point() else value
        for key, value in module.state_dict().items()
    }
    card[SHA256] = _sha256(tensors, card)
    path = write(path, tensors, card)
    write_json(path.with_suffix(".json"), card)
    return path


def load(path: str | Path, expected: str | None = None) -> nn.Module:
    """The network that `save` wrote, float32, in eval mode, with its `.card` and `.schedule`.

    `expected` names the architecture that the caller needs. Raises FileNotFoundError, or
    CheckpointError for a truncated or foreign file, one that was changed, or swapped for another
    than the .json beside it tells of, another architecture, NaN weights; ValueError, TypeError.
    """
    if expected is not None:
        one_of("expected", expected, ARCHITECTURES)
    tensors, card = read(path)
    _check_beside(Path(path), card)
    name = card.get("architecture")
    if name not in ARCHITECTURES:
        raise CheckpointError(f"{path} holds {name!r}, not a network of ours: known are {_known()}")
    if expected not in (None, name):
        raise CheckpointError(f"{path} holds {name}; {expected} is needed here")
    try:
        home = importlib.import_module(f"genie_edu.nets.{ARCHITECTURES[name]}")
        module = getattr(home, name)(**_config(name, card["config"]))
        module.load_state_dict(tensors)  # float32, whatever the file holds
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        first = str(error).strip().splitlines()[0]
        raise CheckpointError(f"{path}: its weights don't fit its card ({first})") from error
    module.card = card
    if "schedule" in card:
        module.schedule = VPSchedule(**card["schedule"])
    return module.eval()


def write(path: str | Path, tensors: dict[str, Tensor], card: dict[str, Any]) -> Path:
    """Tensors and their card as one safetensors file; the old file stays until the new is whole.

    Raises CheckpointError, and writes nothing, if a tensor holds NaN or infinity; TypeError for
    tensors that are none, and a card that JSON can't hold.
    """
    from safetensors.torch import save as to_bytes

    path = _place(path)
    for key, value in instance("tensors", tensors, dict, "a dictionary").items():
        instance("tensors", key, str, "named by strings")
        instance("tensors", value, Tensor, "a dictionary of tensors")
        if value.is_complex():
            raise TypeError(f"tensors must be real; {key} is {value.dtype}")
    _check_finite(path, tensors)
    instance("card", card, dict, "a dictionary")
    card = {**card, SHA256: _sha256(tensors, card)}
    flat = {key: value.detach().cpu().contiguous().clone() for key, value in tensors.items()}
    write_atomically(path, to_bytes(flat, {HEADER: json.dumps(card)}))
    return path


def read(path: str | Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """(tensors on the CPU, card) of a file of `write`. Raises as `load` does."""
    from safetensors import SafetensorError, safe_open

    path = _place(path)
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
    card = json.loads(header[HEADER])
    if SHA256 in card and card[SHA256] != _sha256(tensors, card):  # older files have none
        raise CheckpointError(f"{path} was changed after it was written: its sha256 differs")
    return tensors, card


def _sha256(tensors: dict[str, Tensor], card: dict[str, Any]) -> str:
    """Of what a file holds: the card but for this line, and every tensor's name, type and bytes."""
    try:
        said = json.dumps(json.loads(json.dumps(card | {SHA256: ""})), sort_keys=True)
    except TypeError as error:
        raise TypeError(f"the record, and so the card, must be what JSON holds: {error}") from error
    return _hash(said, tensors)


def hash_of(module: nn.Module) -> str:
    """The sha256 of a network's weights: which network it is, whatever file it came from."""
    return _hash("", module.state_dict())


def _hash(said: str, tensors: dict[str, Tensor]) -> str:
    """Of a text, and of every tensor's name, type, shape and bytes."""
    found = hashlib.sha256(said.encode())
    for key in sorted(tensors):
        value = tensors[key].detach().cpu().contiguous()
        found.update(f"{key} {value.dtype} {tuple(value.shape)}".encode())
        found.update(value.reshape(-1).view(torch.uint8).numpy().tobytes())
    return found.hexdigest()


def _check_beside(path: Path, card: dict[str, Any]) -> None:
    """Refuse weights that are not those of which the card beside them tells."""
    beside = path.with_suffix(".json")
    if SHA256 in card and beside.is_file():
        try:
            told = json.loads(beside.read_text()).get(SHA256, card[SHA256])
        except (ValueError, AttributeError):
            return  # for people to read: whatever was made of it, the weights are whole
        if told != card[SHA256]:
            raise CheckpointError(
                f"{path} is not the file that {beside.name} beside it tells of: their sha256 differ"
            )


def _place(path: Any) -> Path:
    if not str(instance("path", path, str | Path, "a path")):
        raise ValueError("path must not be empty")
    return Path(path)


def read_json(path: str | Path) -> dict[str, Any]:
    """The dictionary in a JSON file. Raises FileNotFoundError, CheckpointError, TypeError."""
    path = _place(path)
    if not path.is_file():
        raise FileNotFoundError(f"there is no file at {path}")
    try:
        return instance("it", json.loads(path.read_text()), dict, "a dictionary")
    except (ValueError, TypeError) as error:
        raise CheckpointError(f"{path} holds no dictionary as JSON") from error


def write_json(path: str | Path, content: Any) -> None:  # noqa: ANN401
    """Write what JSON holds, indented, as `write_atomically` does."""
    write_atomically(path, (json.dumps(content, indent=1) + "\n").encode())


def first_process() -> bool:
    """Whether this process is the one that writes, of those that a launcher has started."""
    return os.environ.get("RANK", "0") == "0"


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
