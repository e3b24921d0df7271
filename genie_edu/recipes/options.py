"""How a run is run: where, how long, on what; and which files of the folder are whose."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch

from genie_edu._checks import number
from genie_edu._names import whole
from genie_edu.nets import checkpoints
from genie_edu.train.loop import summed
from genie_edu.train.run_state import Settings

FILES = {
    "classifier": ("classifier.*",),
    "base": ("base.*", "base_samples*"),
    "head": ("head.*",),
    "guided_head": ("guided_head.*",),
    "tables": ("results.json", "evaluate.run.*", "sheet.*"),
    "costs": ("costs.json",),
    "nearest": ("nearest.*",),
}
"""What each part of a run writes into its folder."""
PLANS = {"base": "train", "head": "distill", "guided_head": "guide"}


def check_device(cpu: bool) -> None:
    """Refuse a training that is made for a GPU where there is none, unless `cpu` says so."""
    if not torch.cuda.is_available() and not cpu:
        raise RuntimeError(
            "this preset takes hours without a GPU, and none is here: add --cpu to go on all the "
            "same, or try cifar10-tiny, which takes the same way in two minutes"
        )


class TimeUp(RuntimeError):
    """The given slice of time is over; what was done is saved."""


@dataclass(frozen=True)
class Options:
    """How a part is run: where, how long, from which seed, on what. None: the preset's choice.

    `minutes` sizes a training to that time on this device; after `slice_minutes` it stops, to be
    gone on with. `at_once` examples go through a network in training at a time; `recompute` keeps
    less of it in memory (`train.recompute`). `fresh` removes what the folder has of a part before
    the part begins. `began` is when the slice began, in seconds of time.monotonic. Raises
    ValueError, TypeError for counts and times that are none.
    """

    folder: Path
    steps: int | None = None
    batch_size: int | None = None
    seed: int | None = None
    minutes: float | None = None
    slice_minutes: float | None = None
    cpu: bool = False
    fresh: bool = False
    precision: str | None = None
    compiled: bool | None = None
    channels_last: bool = False
    at_once: int | None = None
    recompute: bool | None = None
    command: str = ""
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        """Refuse what no run can have."""
        for name, low in (("steps", 1), ("batch_size", 1), ("seed", 0), ("at_once", 1)):
            if getattr(self, name) is not None:
                whole(name, getattr(self, name), low)
        for name in ("minutes", "slice_minutes"):
            if getattr(self, name) is not None:
                number(name, getattr(self, name), 0)

    def anew(self, *parts: str) -> Options:
        """These options for a run of `parts` that begins or goes on: fresh, they are removed first.

        They are removed at once and not one by one, so that a fresh run that is stopped goes on by
        the same command without `fresh`.
        """
        if not self.fresh:
            return self
        if checkpoints.first_process():
            self._remove(parts)
        summed(0.0, self.cpu)  # all processes wait until it is done
        return replace(self, fresh=False)

    def _remove(self, parts: tuple[str, ...]) -> None:
        for pattern in (pattern for part in parts for pattern in FILES[part]):
            for path in self.folder.glob(pattern):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        path = self.folder / "plan.json"
        if path.is_file():
            gone = {PLANS.get(part) for part in parts}
            plan = json.loads(path.read_text())
            checkpoints.write_json(path, {k: v for k, v in plan.items() if k not in gone})

    def check_time(self, together: bool = False) -> None:
        """Raise TimeUp when the slice is over; `together` in all processes once it is in one."""
        if not self.slice_minutes:
            return
        late = time.monotonic() - self.began > 60 * self.slice_minutes
        if summed(late, self.cpu) if together else late:
            raise TimeUp(f"{self.slice_minutes:g} minutes are over; the same command goes on")

    def settings(self, settings: Settings) -> Settings:
        """A preset's settings with what was given in their place.

        Where a distillation sees fewer states than it would keep, it keeps none.
        """
        given = {"n_steps": self.steps, "seed": self.seed, "batch_size": self.batch_size}
        found = replace(settings, **{key: v for key, v in given.items() if v is not None})
        few = found.n_steps * found.batch_size < found.kept and found.weighting != "relative"
        return replace(found, kept=0) if few else found
