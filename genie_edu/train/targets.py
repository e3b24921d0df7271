"""The targets of a head's training, computed once and kept: the network below it is frozen."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from genie_edu.derivative import along_flow
from genie_edu.nets import checkpoints
from genie_edu.schedule import per_sample

BATCHES_A_FILE, LEVEL_BINS = 16, 64
CONDITIONS = ("labels", "w")
"""What else a batch of a head's training may hold for its states, in this order."""
Slope = Callable[..., Tensor]
"""slope(x_bar, gamma, *conditions) -> d eps/dgamma along the flow: what a head is to learn."""


class KeptTargets:
    """States with gamma d eps/dgamma of a frozen network, float16, in memory and on disk.

    `batch_of(n)` draws (x_bar, gamma, noise, *CONDITIONS); of its first batches, `size` states in
    all, the targets are computed once: the network's own derivative, or what `slope` gives. The
    states are rounded to float16 first, so that the targets are exactly theirs. With `folder` every
    BATCHES_A_FILE batches are written there, and a run that goes on reads them; `identity` and the
    network's weights say whose they are, and files of anything else are written anew.
    """

    def __init__(
        self,
        net: nn.Module,
        batch_of: Callable[[int], tuple[Tensor, ...]],
        size: int,
        folder: Path | None,
        identity: dict[str, Any],
        slope: Slope | None = None,
    ) -> None:
        slope = slope or functools.partial(own_slope, net)
        identity = json.loads(json.dumps(identity | {"weights": checkpoints.hash_of(net)}))
        parts = list(self._parts(slope, batch_of, size, folder, identity))
        joined = {key: torch.cat([part[key] for part in parts]) for key in parts[0]}
        self.states, self.gammas = joined["x_bar"], joined["gamma"]
        self.targets = joined["target"]
        self.conditions = [joined[name] for name in CONDITIONS if name in joined]

    def __len__(self) -> int:
        """How many states there are."""
        return len(self.gammas)

    def batch(self, places: Tensor, device: torch.device) -> tuple[Tensor, ...]:
        """(x_bar, gamma, d eps/dgamma, *conditions), float32, at `places` (B,)."""
        x_bar, gamma = self.states[places].to(device).float(), self.gammas[places].to(device)
        target = self.targets[places].to(device).float() / per_sample(gamma, x_bar)
        return x_bar, gamma, target, *(given[places].to(device) for given in self.conditions)

    def power(self, gamma: Tensor) -> Tensor:
        """Mean square of gamma d eps/dgamma at levels near gamma (B,): LEVEL_BINS of equal size."""
        means, edges = self._powers
        there = torch.bucketize(gamma.cpu(), edges).clamp(max=len(means) - 1)
        return means[there].to(gamma)

    @functools.cached_property
    def _powers(self) -> tuple[Tensor, Tensor]:
        """(mean squares of the targets by bin, the bins' upper edges)."""
        order = self.gammas.argsort()
        each = self.targets.flatten(1).float().square().mean(1)
        parts = [part for part in order.tensor_split(LEVEL_BINS) if len(part)]
        means = torch.stack([each[part].mean() for part in parts])
        return means, torch.stack([self.gammas[part].max() for part in parts])

    @staticmethod
    def _parts(
        slope: Slope,
        batch_of: Callable[[int], tuple[Tensor, ...]],
        size: int,
        folder: Path | None,
        identity: dict[str, Any],
    ) -> Iterator[dict[str, Tensor]]:
        from tqdm import tqdm

        done, n = 0, 0
        with tqdm(
            total=size, desc="targets", unit="state", delay=2, leave=False, mininterval=1
        ) as bar:
            while done < size:
                path = folder and folder / f"{n // BATCHES_A_FILE:05}.safetensors"
                part = _read(path, identity) if path else None
                if part is None:
                    some: list[dict[str, Tensor]] = []
                    left = size - done
                    while len(some) < BATCHES_A_FILE and left > 0:
                        some.append(_measured(slope, batch_of(n + len(some)), left))
                        left -= len(some[-1]["gamma"])
                        bar.update(len(some[-1]["gamma"]))
                    part = {key: torch.cat([one[key] for one in some]) for key in some[0]}
                    if path:
                        checkpoints.write(path, part, {"identity": identity})
                else:
                    bar.update(len(part["gamma"]))
                n += BATCHES_A_FILE
                done += len(part["gamma"])
                yield part


def own_slope(net: nn.Module, x_bar: Tensor, gamma: Tensor, *labels: Tensor) -> Tensor:
    """d eps/dgamma of a network along its own flow, (B, *shape): one joint JVP."""
    eps = net(x_bar, gamma, *labels)
    return along_flow(lambda x, g: net(x, g, *labels), x_bar, gamma, eps)


@torch.no_grad()
def _measured(slope_of: Slope, batch: tuple[Tensor, ...], most: int) -> dict[str, Tensor]:
    """At most `most` states of a batch with their targets, on the CPU."""
    x_bar, gamma, _, *conditions = (part[:most] for part in batch)
    x_bar = x_bar.half()
    slope = slope_of(x_bar.float(), gamma, *conditions)
    found = {"x_bar": x_bar, "gamma": gamma, "target": (per_sample(gamma, slope) * slope).half()}
    found |= dict(zip(CONDITIONS, conditions, strict=False))
    return {key: value.cpu() for key, value in found.items()}


def _read(path: Path, identity: dict[str, Any]) -> dict[str, Tensor] | None:
    """What a file of the same run holds, if there is one."""
    if not path.is_file():
        return None
    tensors, card = checkpoints.read(path)
    return tensors if card.get("identity") == identity else None
