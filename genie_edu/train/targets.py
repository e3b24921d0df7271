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
GIVEN = ("labels", "condition", "condition_gamma")
"""What a network takes after x_bar and gamma, in its order."""


class KeptTargets:
    """States with gamma d eps/dgamma of a frozen network, float16, in memory and on disk.

    `batch_of(n)` draws (x_bar, gamma, noise, *GIVEN); of its first batches, `size` states in all,
    the targets are computed once. States and conditions are rounded to float16 first, so that the
    targets are exactly theirs. With `folder` every BATCHES_A_FILE batches are written there, and a
    run that goes on reads them; `identity` and the network's weights say whose they are, and files
    of anything else are written anew.
    """

    def __init__(
        self,
        net: nn.Module,
        batch_of: Callable[[int], tuple[Tensor | None, ...]],
        size: int,
        folder: Path | None,
        identity: dict[str, Any],
    ) -> None:
        identity = json.loads(json.dumps(identity | {"weights": checkpoints.hash_of(net)}))
        parts = list(self._parts(net, batch_of, size, folder, identity))
        joined = {key: torch.cat([part[key] for part in parts]) for key in parts[0]}
        self.states, self.gammas = joined["x_bar"], joined["gamma"]
        self.targets = joined["target"]
        last = max((i for i, name in enumerate(GIVEN, 1) if name in joined), default=0)
        self.given = [joined.get(name) for name in GIVEN[:last]]

    def __len__(self) -> int:
        """How many states there are."""
        return len(self.gammas)

    def batch(self, places: Tensor, device: torch.device) -> tuple[Tensor | None, ...]:
        """(x_bar, gamma, d eps/dgamma, *GIVEN), float32, at `places` (B,)."""
        x_bar, gamma = self.states[places].to(device).float(), self.gammas[places].to(device)
        target = self.targets[places].to(device).float() / per_sample(gamma, x_bar)
        given = (part if part is None else part[places].to(device) for part in self.given)
        given = (part.float() if _halved(part) else part for part in given)
        return x_bar, gamma, target, *given

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
        net: nn.Module,
        batch_of: Callable[[int], tuple[Tensor | None, ...]],
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
                        some.append(_measured(net, batch_of(n + len(some)), left))
                        left -= len(some[-1]["gamma"])
                        bar.update(len(some[-1]["gamma"]))
                    part = {key: torch.cat([one[key] for one in some]) for key in some[0]}
                    if path and checkpoints.first_process():
                        checkpoints.write(path, part, {"identity": identity})
                else:
                    bar.update(len(part["gamma"]))
                n += BATCHES_A_FILE
                done += len(part["gamma"])
                yield part


@torch.no_grad()
def _measured(net: nn.Module, batch: tuple[Tensor | None, ...], most: int) -> dict[str, Tensor]:
    """At most `most` states of a batch with their targets, on the CPU."""
    x_bar, gamma, _, *rest = (part if part is None else part[:most] for part in batch)
    given = {name: part for name, part in zip(GIVEN, rest, strict=False) if part is not None}
    x_bar = x_bar.half()
    if "condition" in given:
        given["condition"] = given["condition"].half()
    state = x_bar.float()
    seen = {name: part.float() if _halved(part) else part for name, part in given.items()}
    labels = (seen.pop("labels"),) if "labels" in seen else ()  # whatever a network calls them
    eps = net(state, gamma, *labels, **seen)
    slope = along_flow(lambda x, g: net(x, g, *labels, **seen), state, gamma, eps)
    found = {"x_bar": x_bar, "gamma": gamma, "target": (per_sample(gamma, slope) * slope).half()}
    return {key: value.cpu() for key, value in (found | given).items()}


def _halved(part: Tensor | None) -> bool:
    return part is not None and part.dtype == torch.float16


def _read(path: Path, identity: dict[str, Any]) -> dict[str, Tensor] | None:
    """What a file of the same run holds, if there is one."""
    if not path.is_file():
        return None
    tensors, card = checkpoints.read(path)
    return tensors if card.get("identity") == identity else None
