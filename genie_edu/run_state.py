"""What a training run is made of: its settings, its records, and all that must survive a kill."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from genie_edu import checkpoints
from genie_edu._names import one_of
from genie_edu.schedule import SPACINGS

SAVE_EVERY = 20.0
"""Seconds between two checkpoints of a running training."""


@dataclass(frozen=True)
class Record:
    """Where a run stands: `step` of `n_steps`, the mean loss since the last record, and the speed.

    `images_per_second` counts training examples; `seconds_left` is the estimate at that speed;
    `seconds` is the training time so far, stops not counted.
    """

    step: int
    n_steps: int
    loss: float
    images_per_second: float
    seconds_left: float
    seconds: float


@dataclass(frozen=True)
class Settings:
    """What a run's result depends on, besides its network and data.

    n_steps of batch_size examples; Adam at `lr` (linear warm-up over `warm_up` steps, cosine to 0),
    gradient norm clipped at 1; the weights' moving average with decay `ema`, shorter at first (or
    several decays: the run keeps an average of each, and ends with the first one's);
    levels drawn stratified from t in [t_end, 1] as `levels` spaces a grid; `seed`.
    Raises ValueError, naming the setting.
    """

    n_steps: int = 5_000
    batch_size: int = 1_024
    lr: float = 2e-3
    warm_up: int = 100
    ema: float | tuple[float, ...] = 0.999
    levels: str = "quadratic"
    t_end: float = 1e-3
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse settings that can't be run."""
        one_of("levels", self.levels, SPACINGS)
        for name, low in (("n_steps", 1), ("batch_size", 1), ("warm_up", 0), ("seed", 0)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < low:
                raise ValueError(f"{name} must be a whole number of at least {low}; got {value!r}")
        decays = all(0 <= decay < 1 for decay in self.decays) and self.decays
        if not (self.lr > 0 and decays and 0 < self.t_end < 1):
            raise ValueError("a run needs lr > 0, 0 <= ema < 1 and 0 < t_end < 1")

    @property
    def decays(self) -> tuple[float, ...]:
        """The decays of the averages, one at least."""
        return tuple(self.ema) if isinstance(self.ema, (tuple, list)) else (self.ema,)


class RunState:
    """All that a run carries from step to step, in memory and on disk.

    `kind` holds what else tells this run from another one: its loss and its schedule.
    """

    def __init__(
        self,
        module: nn.Module,
        settings: Settings,
        path: str | Path | None,
        kind: dict[str, Any] | None = None,
    ) -> None:
        self.module, self.settings, self.kind = module, settings, kind or {}
        self.path = None if path is None else Path(path)
        self.step = 0
        self.records: list[Record] = []
        self._weights = module.state_dict()  # the weights themselves: they change in place
        self.averages = [
            {key: value.clone() for key, value in self._weights.items()} for _ in settings.decays
        ]
        self.optimizer = torch.optim.Adam(module.parameters(), lr=settings.lr, betas=(0.9, 0.99))
        self._saved_at = time.monotonic()

    @torch.no_grad()
    def advance(self) -> None:
        """Count a step that the optimizer has taken, and move the averages."""
        for decay, average in zip(self.settings.decays, self.averages, strict=True):
            decay = min(decay, (1 + self.step) / (10 + self.step))
            torch._foreach_lerp_(list(average.values()), list(self._weights.values()), 1 - decay)
        self.step += 1

    def finish(self) -> None:
        """Leave the averaged weights in the network."""
        self.module.load_state_dict(self.averages[0])
        self.module.eval()

    @property
    def _identity(self) -> dict[str, Any]:
        made = {"architecture": type(self.module).__name__, "config": self.module.config}
        return made | asdict(self.settings) | self.kind

    @property
    def _names(self) -> list[str]:
        return ["average", *(f"average{i}" for i in range(1, len(self.averages)))]

    def save_if_due(self) -> None:
        """Save now and then, and at the end."""
        due = time.monotonic() - self._saved_at > SAVE_EVERY
        if due or self.step == self.settings.n_steps:
            self.save()

    def save(self) -> None:
        """Write the whole state atomically, if a path was given."""
        if self.path is None:
            return
        parts = {"weights": self._weights}
        parts |= {name: average for name, average in zip(self._names, self.averages, strict=True)}
        moments = self.optimizer.state_dict()["state"]
        for key in ("exp_avg", "exp_avg_sq"):
            parts[key] = {str(i): state[key] for i, state in moments.items()}
        tensors = {
            f"{part}/{key}": value for part, some in parts.items() for key, value in some.items()
        }
        card = {"run": self._identity, "step": self.step}
        card["records"] = [asdict(record) for record in self.records]
        checkpoints.write(self.path, tensors, card)
        self._saved_at = time.monotonic()

    def load(self) -> None:
        """Go on from the file, if there is one; raises CheckpointError if it is another run's."""
        if self.path is None or not self.path.is_file():
            return
        tensors, card = checkpoints.read(self.path)
        there, here = card.get("run", {}), json.loads(json.dumps(self._identity))
        for key, value in here.items():
            if there.get(key) != value:
                raise checkpoints.CheckpointError(
                    f"{self.path} is of a run with {key}={there.get(key)!r}, not {value!r}: "
                    "take another place, or start anew (resume=False, --fresh)"
                )
        parts: dict[str, dict[str, Tensor]] = {}
        for name, value in tensors.items():
            part, key = name.split("/")
            parts.setdefault(part, {})[key] = value
        self.step = card["step"]
        self.records = [Record(**record) for record in card["records"]]
        self.module.load_state_dict(parts["weights"])
        for name, average in zip(self._names, self.averages, strict=True):
            for key, value in average.items():
                value.copy_(parts[name][key])
        state = self.optimizer.state_dict()
        state["state"] = {
            i: {
                "step": torch.tensor(float(self.step)),
                "exp_avg": parts["exp_avg"][str(i)],
                "exp_avg_sq": parts["exp_avg_sq"][str(i)],
            }
            for i in range(len(parts["exp_avg"]))
        }
        self.optimizer.load_state_dict(state)


def steps_done(path: str | Path) -> int:
    """The step at which a run's checkpoint stands; 0 where there is none."""
    return checkpoints.read(path)[1]["step"] if Path(path).is_file() else 0


def read_averages(path: str | Path) -> list[dict[str, Tensor]]:
    """The averaged weights in a run's checkpoint, one for each of its settings' decays."""
    tensors, _ = checkpoints.read(path)
    averages: dict[str, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        part, key = name.split("/")
        if part.startswith("average"):
            averages.setdefault(part, {})[key] = value
    return [averages[part] for part in sorted(averages)]
