"""Samples of a training on its way: the same seeds at steps that grow geometrically."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from genie_edu.datasets.images import noised, read_png, sheet, write_png
from genie_edu.evaluation import Cell, run_cell, starts
from genie_edu.flow import NetworkFlow
from genie_edu.nets import checkpoints
from genie_edu.recipes.presets import Preset
from genie_edu.schedule import VPSchedule
from genie_edu.train.run_state import Record, Settings

SNAPSHOTS = 10
"""How often a training of images is sampled on its way, at steps that grow geometrically."""
CONDITION_SEED = 5
"""Of the noise that conditions get."""
PREVIEW = Cell("dpmpp_2m", "none", "log_gamma", 20)
"""How samples are drawn to judge a network by, while no head is there."""


class Snapshots:
    """Watches a training of images: draws the same seeds at steps that grow geometrically."""

    def __init__(self, preset: Preset, settings: Settings, folder: Path) -> None:
        self.preset, self.folder, self.tile = preset, folder, preset.shape[-1]
        n, k = settings.n_steps, SNAPSHOTS
        self.marks = sorted({max(1, round(n ** ((i + 1) / k))) for i in range(k)} | {n})
        self.net = preset.net()

    def __call__(self, record: Record, average: dict[str, Tensor]) -> None:
        """Draw when a mark has been passed since the last picture."""
        passed = [mark for mark in self.marks if mark <= record.step]
        if not passed or self._path(passed[-1]).is_file():
            return
        self.net.load_state_dict(average)
        self.net.to(next(iter(average.values())).device)
        x = preview(self.preset, self.net, self.preset.tables.columns, seed=2)
        write_png(self._path(passed[-1]), sheet(x[None]))

    def finish(self) -> None:
        """Put the pictures into one sheet, with the steps they were made at."""
        made = [mark for mark in self.marks if self._path(mark).is_file()]
        if not made:
            return
        write_png(
            self.folder / "base_samples.png",
            np.concatenate([read_png(self._path(mark)) for mark in made]),
        )
        card = {"steps": made, "tile": self.tile, "columns": self.preset.tables.columns}
        card |= {"sampled_by": PREVIEW._asdict(), "seed": 2, "weights": "averaged"}
        checkpoints.write_json(self.folder / "base_samples.json", card)
        for mark in made:
            self._path(mark).unlink()

    def _path(self, mark: int) -> Path:
        return self.folder / f"base_samples.{mark}.png"


def preview(preset: Preset, net: nn.Module, n: int, seed: int) -> Tensor:
    """n samples x (n, *shape) of a network without a head, its classes in turn."""
    flow = NetworkFlow(net)
    start = starts(flow, n, preset.shape, seed)
    return run_cell(PREVIEW, {"none": flow}, start, **given_of(preset, n, start.device)).x


def labels_of(preset: Preset, n: int, device: torch.device) -> Tensor | None:
    """The classes in turn, (n,), for a preset that has some."""
    classes = preset.classes
    return torch.arange(n, device=device) % classes if classes else None


def given_of(preset: Preset, n: int, device: torch.device) -> dict[str, Any]:
    """What a preset's flow is given for n states, as `run_cell` takes it: labels, conditions.

    Conditions are the preset's own in turn, with noise of the level at its `condition_t`, which is
    the same whatever n is.
    """
    given: dict[str, Any] = {"labels": labels_of(preset, n, device)}
    if preset.conditions is None:
        return given
    low = preset.conditions()
    return given | noisy(preset, low[torch.arange(n) % len(low)].to(device))


def noisy(preset: Preset, low: Tensor) -> dict[str, Any]:
    """Conditions (n, C, h, w) as a preset's network is asked with them: with noise, its level."""
    gamma = float(VPSchedule().gamma(preset.condition_t))
    return {"condition": noised(low, gamma, CONDITION_SEED), "condition_gamma": gamma}
