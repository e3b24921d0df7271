"""Networks in the gamma clock, the layers that differentiate, and their files."""

from __future__ import annotations

import importlib
from typing import Any

_HOME = {
    "Classifier": "nets.classifier",
    "EpsMLP": "nets.mlp",
    "GenieHead": "nets.head",
    "LevelFeatures": "nets.mlp",
    "UNet": "nets.unet",
    "mix": "nets.head",
    "per_sample": "schedule",
}

__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(f"genie_edu.{_HOME[name]}"), name)
    raise AttributeError(f"module 'genie_edu.nets' has no attribute {name!r}")
