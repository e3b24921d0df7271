"""Heads distilled side by side: the same batches, the frozen network asked once for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import torch
from torch import Tensor, nn

import genie_edu as ge
from genie_edu.derivative import along_flow
from genie_edu.train import batches, training
from genie_edu.train.run_state import Record

Runs = dict[str, Iterator[Record]]


class AskedOnce(nn.Module):
    """A frozen network that answers a batch once, with its derivative, for all heads."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net, self.gamma = net, torch.zeros(0)

    def forward(
        self, x_bar: Tensor, gamma: Tensor, *labels: Tensor, features: bool = True
    ) -> tuple[Tensor, ...]:
        """What net returns with features=True; the derivative is in `slope`."""
        if gamma.device != self.gamma.device or not torch.equal(gamma, self.gamma):
            self.answer = self.net(x_bar, gamma, *labels, features=True)
            self.slope = along_flow(
                lambda x, g: self.net(x, g, *labels), x_bar, gamma, self.answer[0]
            )
            self.gamma = gamma.clone()
        return self.answer


def side_by_side(net: nn.Module, begin: Callable[[nn.Module], Runs]) -> Iterator[dict[str, Record]]:
    """Run trainings of heads in lockstep, a record of each in turn; yields the records by name.

    `begin(frozen)` starts them on the frozen network that stands for `net`; each must give a record
    a step. A run that is behind the others is right too, only slower. Closing saves them all.
    """
    frozen = AskedOnce(net)
    runs, batch, draw = begin(frozen), {}, batches.draw

    def drawn_once(data: batches.Data, settings: ge.Settings, step: int, *rest: Any) -> Any:  # noqa: ANN401
        key = (step, settings.seed, settings.levels)
        if key not in batch:
            batch.clear()
            batch[key] = draw(data, settings, step, *rest)
        return batch[key]

    with (
        mock.patch.object(batches, "draw", drawn_once),
        mock.patch.object(training, "along_flow", lambda *_: frozen.slope),
    ):
        try:
            while runs:
                records = {name: next(run, None) for name, run in runs.items()}
                runs = {name: run for name, run in runs.items() if records[name]}
                if runs:
                    yield {name: records[name] for name in runs}
        finally:
            for run in runs.values():
                run.close()
