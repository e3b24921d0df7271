"""What a training run is made of: its settings, its records, and all that must survive a kill."""

from __future__ import annotations

import json
import math
import time
import weakref
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from genie_edu._checks import number
from genie_edu._names import one_of, whole
from genie_edu.nets import checkpoints
from genie_edu.schedule import SPACINGS

SAVE_EVERY = 180.0
"""Seconds between two checkpoints of a running training: they can be large, and its disk slow."""
LEVELS = (*SPACINGS, "log_normal", "half_log_gamma")
WEIGHTINGS = ("eps", "output", "relative")


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
    levels drawn stratified from t in [t_end, 1], as `levels` spaces a grid or, "log_normal", with
    log gamma normal around `level_mean` with spread `level_std`, cut off at the ends, or
    "half_log_gamma", half of them uniform in t and half in log gamma; the loss that of eps, or with
    weighting="output" that of the network's own output (see `eps_loss`); `seed`. For heads: `kept`,
    of how many states the targets are computed once, and weighting="relative" (`distill_head`).
    Raises ValueError or TypeError, naming the setting.
    """

    n_steps: int = 5_000
    batch_size: int = 1_024
    lr: float = 2e-3
    warm_up: int = 100
    ema: float | tuple[float, ...] = 0.999
    levels: str = "quadratic"
    t_end: float = 1e-3
    seed: int = 0
    level_mean: float = -0.6
    level_std: float = 1.4
    weighting: str = "eps"
    kept: int = 0

    def __post_init__(self) -> None:
        """Refuse settings that can't be run."""
        one_of("levels", self.levels, LEVELS)
        one_of("weighting", self.weighting, WEIGHTINGS)
        for name in ("n_steps", "batch_size", "warm_up", "seed", "kept"):
            whole(name, getattr(self, name), 1 if name in ("n_steps", "batch_size") else 0)
        if not self.decays:
            raise ValueError("ema must hold one decay at least")
        for decay in self.decays:
            if number("ema", decay, 0, 1, including=True) == 1:
                raise ValueError("ema must be below 1: at 1 the average would never move")
        number("lr", self.lr, 0)
        number("t_end", self.t_end, 0, 1)
        number("level_mean", self.level_mean)
        number("level_std", self.level_std, 0)

    @property
    def decays(self) -> tuple[float, ...]:
        """The decays of the averages, one at least."""
        return tuple(self.ema) if isinstance(self.ema, (tuple, list)) else (self.ema,)


_OWNERS: weakref.WeakValueDictionary[Path, RunState] = weakref.WeakValueDictionary()


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
        self.losses: list[float] = []  # since the last record
        self.scaler: dict[str, Any] = {}  # of the gradients' scale, where float16 needs one
        self._weights = module.state_dict()  # the weights themselves: they change in place
        self.averages = [
            {key: value.clone() for key, value in self._weights.items()} for _ in settings.decays
        ]
        self._real = [key for key, value in self._weights.items() if value.is_floating_point()]
        self.optimizer = torch.optim.Adam(module.parameters(), lr=settings.lr, betas=(0.9, 0.99))
        self._saved_at = -math.inf
        if self.path is not None:
            _OWNERS[self.path.absolute()] = self

    def follow(self) -> None:
        """Take the weights from where they are now: sharing a module among processes moves them."""
        self._weights = self.module.state_dict()

    @torch.no_grad()
    def advance(self) -> None:
        """Count a step that the optimizer has taken, and move the averages."""
        for decay, average in zip(self.settings.decays, self.averages, strict=True):
            decay = min(decay, (1 + self.step) / (10 + self.step))
            means, now = ([some[key] for key in self._real] for some in (average, self._weights))
            torch._foreach_lerp_(means, now, 1 - decay)
            for key in average.keys() - set(self._real):  # counters have no average
                average[key].copy_(self._weights[key])
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

    def save_if_owned(self) -> None:
        """Save, unless another run of this process has begun to write to the same place.

        A run that an interrupt left behind may be closed much later, and is then the older one.
        """
        if self.path is not None and _OWNERS.get(self.path.absolute()) is self:
            self.save()

    def save_if_due(self) -> None:
        """Save at the first record, now and then, and at the end."""
        due = time.monotonic() - self._saved_at > SAVE_EVERY
        if due or self.step == self.settings.n_steps:
            self.save()

    def save(self) -> None:
        """Write the whole state atomically, if a path was given."""
        if self.path is None:
            return
        parts = dict(zip(self._names, self.averages, strict=True))
        if self.step < self.settings.n_steps:  # a finished run is its averages
            parts["weights"] = self._weights
            moments = self.optimizer.state_dict()["state"]
            for key in ("exp_avg", "exp_avg_sq"):
                parts[key] = {str(i): state[key] for i, state in moments.items()}
        tensors = {
            f"{part}/{key}": value for part, some in parts.items() for key, value in some.items()
        }
        card = {"run": self._identity, "step": self.step, "losses": self.losses}
        card |= {"scaler": self.scaler, "records": [asdict(record) for record in self.records]}
        checkpoints.write(self.path, tensors, card)
        self._saved_at = time.monotonic()

    def load(self) -> None:
        """Go on from the file, if there is one; raises CheckpointError if it is another run's."""
        if self.path is None or not self.path.is_file():
            return
        tensors, card = checkpoints.read(self.path)
        defaults = {
            field.name: field.default for field in fields(Settings)
        }  # older cards lack some
        there, here = defaults | card.get("run", {}), json.loads(json.dumps(self._identity))
        for key, value in here.items():
            if there.get(key) != value:
                raise checkpoints.CheckpointError(
                    f"{self.path} is of a run with {key}={there.get(key)!r}, not {value!r}: "
                    "take another place, or begin anew (--fresh, resume=False) and lose that run"
                )
        parts: dict[str, dict[str, Tensor]] = {}
        for name, value in tensors.items():
            part, key = name.split("/")
            parts.setdefault(part, {})[key] = value
        self.step = card["step"]
        self.records = [Record(**record) for record in card["records"]]
        self.losses, self.scaler = card.get("losses", []), card.get("scaler", {})
        for name, average in zip(self._names, self.averages, strict=True):
            for key, value in average.items():
                value.copy_(parts[name][key])
        if self.step == self.settings.n_steps:
            return
        self.module.load_state_dict(parts["weights"])
        if not self.step:  # stopped before the first one: the optimizer has no moments
            return
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
