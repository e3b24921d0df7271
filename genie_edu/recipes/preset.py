"""What a preset is: a data set, its networks, the settings of its trainings, what is measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import nn

from genie_edu.datasets.images import Images
from genie_edu.nets import checkpoints
from genie_edu.nets.classifier import Classifier
from genie_edu.solvers import SOLVERS
from genie_edu.train.batches import Data
from genie_edu.train.run_state import Settings

TAKEN = ("dim", "channels", "size", "classes", "condition", "condition_size", "condition_level")
"""What of a network's configuration says which states, classes and conditions it takes."""


@dataclass(frozen=True)
class Judge:
    """The classifier whose features give the Frechet distance.

    `net` builds it untrained; `split` returns images to train it on and images to test it on;
    `shift` is by how many pixels its training images are moved; `held_out` says that the test
    images are none of those the network learns from; `shipped` names the folder of data/ whose
    classifier it is, if there is no other to train.
    """

    net: Callable[[], Classifier]
    split: Callable[[], tuple[Images, Images]]
    settings: Settings
    shift: int = 1
    held_out: bool = False
    shipped: str = ""


@dataclass(frozen=True)
class Tables:
    """What an evaluation measures: errors of every solver, and the quality of some.

    End-point errors over `n_errors` starts, for every solver, derivative, grid and first step;
    Frechet distances over `n_quality` samples of `solvers` with the head, on every grid or
    (`best_grid`) on the one with the least error at those calls, and at `quality_nfes` calls if
    these are named; again over the starts of `n_seeds` seeds at `seed_nfes` calls, and over
    `n_large` samples of some at `large_nfe`.
    `columns` samples of each cell whose quality is measured are kept to look at. The network's own
    ODE is solved in `ode_steps` steps of RK4, and its many samples are drawn with `ode_calls`
    calls. What sampling costs is measured on `n_costs` at once, at `cost_nfe` calls.
    """

    nfes: tuple[int, ...] = (5, 10, 20)
    n_errors: int = 256
    n_quality: int = 0
    quality_nfes: tuple[int, ...] = ()
    solvers: tuple[str, ...] = tuple(name for name in SOLVERS if name != "taylor3")
    afs: tuple[bool, ...] = (False,)
    best_grid: bool = False
    columns: int = 16
    n_seeds: int = 1
    seed_nfes: tuple[int, ...] = ()
    n_large: int = 0
    large_nfe: int = 10
    ode_steps: int = 200
    ode_calls: int = 100
    n_costs: int = 256
    cost_nfe: int = 10


@dataclass(frozen=True)
class Guided:
    """A second head, of the guided flows: `head(net)` builds it, for w from 0 to `w_most`."""

    head: Callable[[nn.Module], nn.Module]
    settings: Settings
    w_most: float = 4.0


@dataclass(frozen=True)
class Preset:
    """A data set, its networks, and the settings of the two trainings.

    `shape` is one example's; `data` returns the training data when it is needed; `net` and
    `head(net)` build untrained networks; `folder` is the place of the shipped files in data/.
    `judge` is for images; `guided` has the second head of a network that knows classes; `fast`
    says to train as fast as the device can (`pipeline`), `at_once` how many examples at a time, and
    `recompute` to keep less of the network in memory.
    `conditions` returns the images that a network with conditions is asked with when it is
    measured; they get noise of the level at `condition_t`.
    """

    title: str
    shape: tuple[int, ...]
    data: Callable[[], Data]
    net: Callable[[], nn.Module]
    head: Callable[[nn.Module], nn.Module]
    train: Settings
    distill: Settings
    folder: str
    judge: Judge | None = None
    tables: Tables = field(default_factory=Tables)
    guided: Guided | None = None
    fast: bool = False
    at_once: int | None = None
    recompute: bool = False
    conditions: Callable[[], torch.Tensor] | None = None
    condition_t: float = 0.1

    @property
    def classes(self) -> int:
        """How many classes the network knows; 0 if it is unconditional."""
        return self.net().config.get("classes", 0)

    def network(self, path: Path) -> nn.Module:
        """The trained network of a file, of this preset's width or another.

        Raises CheckpointError for one of other states, classes or conditions.
        """
        net, own = checkpoints.load(path), self.net()
        here, there = ({key: one.config.get(key) for key in TAKEN} for one in (own, net))
        if type(net) is not type(own) or here != there:
            raise checkpoints.CheckpointError(
                f"{path} is another network than that of {self.title}: take another --folder"
            )
        return net
