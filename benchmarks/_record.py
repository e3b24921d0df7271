"""How the recorded runs of this folder begin: what made them, when, on what."""

from __future__ import annotations

import datetime
import platform
from pathlib import Path

import torch

import genie_edu as ge


def made_by(script: str) -> dict[str, str]:
    """The record's first fields; `script` is the caller's __file__."""
    n = torch.get_num_threads()
    return {
        "command": f"python benchmarks/{Path(script).name}",
        "date": datetime.date.today().isoformat(),
        "device": f"CPU ({platform.machine()}), {'one thread' if n == 1 else f'{n} threads'}",
        "genie_edu": ge.__version__,
        "torch": torch.__version__,
    }
