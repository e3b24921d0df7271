"""The runs that the book ships, by name: what is learned, by which network, for how long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from genie_edu.mixture import GaussianMixture
from genie_edu.networks import EpsMLP, GenieHead
from genie_edu.toys import TOYS
from genie_edu.training import Data, Settings


@dataclass(frozen=True)
class Preset:
    """A data set, its networks, and the settings of the two trainings.

    `shape` is one example's; `data` returns the training data when it is needed; `net` and
    `head(net)` build untrained networks; `folder` is the place of the shipped files in data/.
    """

    title: str
    shape: tuple[int, ...]
    data: Callable[[], Data]
    net: Callable[[], nn.Module]
    head: Callable[[nn.Module], nn.Module]
    train: Settings
    distill: Settings
    folder: str


def _seeded(build: Callable[[], nn.Module]) -> nn.Module:
    """A network whose first weights don't depend on, or change, the global generator."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return build()


PRESETS: dict[str, Preset] = {
    "mixture-2d": Preset(
        title="three_modes, the book's 2-D mixture",
        shape=(2,),
        data=lambda: GaussianMixture(**TOYS["three_modes"]).sample,
        net=lambda: _seeded(EpsMLP),
        head=lambda net: _seeded(lambda: GenieHead(2, net.feature_sizes)),
        train=Settings(n_steps=8_000),
        distill=Settings(n_steps=4_000),
        folder="mixture_2d",
    ),
}
"""What `genie-edu train PRESET` and `genie-edu distill PRESET` run."""
