"""How an artefact was made: the command, the date, the device, the versions, the commit."""

from __future__ import annotations

import datetime
import subprocess
from pathlib import Path
from typing import Any

import torch

from genie_edu._names import VERSION
from genie_edu.recipes.options import Options


def record_of(options: Options, device: torch.device) -> dict[str, Any]:
    """How an artefact was made: command, date, device, versions."""
    cuda = device.type == "cuda"
    name = torch.cuda.get_device_name() if cuda else f"CPU, {torch.get_num_threads()} threads"
    return {
        "command": options.command,
        "date": datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
        "device": name,
        "torch": torch.__version__,
        "genie_edu": VERSION,
    } | _commit()


def _commit() -> dict[str, str]:
    """The commit of the code that runs, where it is a checkout."""
    here = Path(__file__)
    for question in (
        ("ls-files", "--error-unmatch", here.name),
        ("rev-parse", "--short=12", "HEAD"),
    ):
        command = ["git", "-C", str(here.parent), *question]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=10)
        except (OSError, subprocess.TimeoutExpired):
            return {}
        if done.returncode:
            return {}
    return {"commit": done.stdout.strip()}
