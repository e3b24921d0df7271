"""The targets of a head's training, computed once and kept: the network below it is frozen."""

from __future__ import annotations

import contextlib
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
GIVEN, GUIDED = ("labels", "condition", "condition_gamma"), ("labels", "w")
"""What a network, and a guided flow, takes after x_bar and gamma, in its order."""
Slope = Callable[..., Tensor]
"""slope(x_bar, gamma, *given) -> d eps/dgamma along the flow: what a head is to learn."""


class KeptTargets:
    """States with gamma d eps/dgamma of a frozen network, float16, in memory and on disk.

    `batch_of(n)` draws (x_bar, gamma, noise, *GIVEN); of its first batches, `size` states in all,
    the targets are computed once: the network's own derivative, or what `slope` gives, whose
    batches hold GUIDED. States and conditions are rounded to float16 first, so that the targets are
    exactly theirs. With `folder` every BATCHES_A_FILE batches are written there, and a run that
    goes on reads them; `identity` and the network's weights say whose they are, and files of
    anything else are written anew.
    """

    def __init__(
        self,
        net: nn.Module,
        batch_of: Callable[[int], tuple[Tensor | None, ...]],
        size: int,
        folder: Path | None,
        identity: dict[str, Any],
        slope: Slope | None = None,
    ) -> None:
        self.names = GIVEN if slope is None else GUIDED
        slope = slope or functools.partial(own_slope, net)
        identity = json.loads(json.dumps(identity | {"weights": checkpoints.hash_of(net)}))
        parts = list(self._parts(slope, self.names, batch_of, size, folder, identity))
        joined = {key: torch.cat([part[key] for part in parts]) for key in parts[0]}
        self.states, self.gammas = joined["x_bar"], joined["gamma"]
        self.targets = joined["target"]
        last = max((i for i, name in enumerate(self.names, 1) if name in joined), default=0)
        self.given = [joined.get(name) for name in self.names[:last]]

    def __len__(self) -> int:
        """How many states there are."""
        return len(self.gammas)

    def batch(self, places: Tensor, device: torch.device) -> tuple[Tensor | None, ...]:
        """(x_bar, gamma, d eps/dgamma, *given), float32, at `places` (B,)."""
        x_bar, gamma = self.states[places].to(device).float(), self.gammas[places].to(device)
        target = self.targets[places].to(device).float() / per_sample(gamma, x_bar)
        given = (part if part is None else part[places].to(device) for part in self.given)
        return x_bar, gamma, target, *(_whole(part) for part in given)

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
        names: tuple[str, ...],
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
                        some.append(_measured(slope, names, batch_of(n + len(some)), left))
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


def own_slope(net: nn.Module, x_bar: Tensor, gamma: Tensor, *given: Tensor | None) -> Tensor:
    """d eps/dgamma of a network along its own flow, (B, *shape): one joint JVP."""
    eps = net(x_bar, gamma, *given)
    return along_flow(lambda x, g: net(x, g, *given), x_bar, gamma, eps)


@torch.no_grad()
def _measured(
    slope_of: Slope, names: tuple[str, ...], batch: tuple[Tensor | None, ...], most: int
) -> dict[str, Tensor]:
    """At most `most` states of a batch with their targets, on the CPU."""
    x_bar, gamma, _, *rest = (part if part is None else part[:most] for part in batch)
    x_bar, given = x_bar.half(), dict(zip(names, rest, strict=False))
    if given.get("condition") is not None:
        given["condition"] = given["condition"].half()
    with full_precision():
        slope = slope_of(x_bar.float(), gamma, *(_whole(part) for part in given.values()))
    found = {"x_bar": x_bar, "gamma": gamma, "target": (per_sample(gamma, slope) * slope).half()}
    found |= {name: part for name, part in given.items() if part is not None}
    return {key: value.cpu() for key, value in found.items()}


def full_precision() -> contextlib.AbstractContextManager[None]:
    """Convolutions on a GPU without TF32: the derivative is what is left where large parts cancel.

    Source: genie_edu book, chapter 14, which measures how many digits that costs.
    """
    return torch.backends.cudnn.flags(enabled=True, allow_tf32=False)


def _whole(part: Tensor | None) -> Tensor | None:
    """In float32 again what was rounded to float16."""
    return part.float() if part is not None and part.dtype == torch.float16 else part


def _read(path: Path, identity: dict[str, Any]) -> dict[str, Tensor] | None:
    """What a file of the same run holds, if there is one."""
    if not path.is_file():
        return None
    tensors, card = checkpoints.read(path)
    return tensors if card.get("identity") == identity else None
