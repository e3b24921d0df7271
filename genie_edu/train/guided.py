"""Distilling the head of guided flows: the derivative along eps_w, for every w of a range."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from genie_edu._names import instance
from genie_edu.datasets.images import Images
from genie_edu.flow import NetworkFlow
from genie_edu.guidance import GuidedFlow
from genie_edu.schedule import VPSchedule, as_schedule
from genie_edu.train.batches import batches, check_data
from genie_edu.train.loop import Watch
from genie_edu.train.run_state import Record, Settings
from genie_edu.train.targets import full_precision
from genie_edu.train.training import distil, settings_of, weighed, weighed_by

if TYPE_CHECKING:
    from accelerate import Accelerator


def guided_derivative_loss(
    head: nn.Module,
    net: nn.Module,
    x_bar: Tensor,
    gamma: Tensor,
    labels: Tensor,
    w: Tensor,
    sigma_data: float | None = None,
    target: Tensor | None = None,
    power: Tensor | None = None,
) -> Tensor:
    """Mean of gamma^2 (head - d eps_w/dgamma)^2 along the guided flow, w (B,) one for each state.

    The target is one joint JVP of the frozen `net` under both labels along eps_w; shapes,
    `sigma_data`, `target` and `power` as in `training.derivative_loss`.
    Source: genie_edu book, chapter 16.
    """
    guided = _guided(net, labels, w)
    with torch.no_grad():
        if target is None:
            with full_precision():
                target = guided.eps_and_derivative(x_bar, gamma)[1]
        eps, *features = guided.features(x_bar, gamma)
    return weighed(head(x_bar, gamma, eps, w, *features) - target, gamma, sigma_data, power)


def _guided(net: nn.Module, labels: Tensor, w: Tensor) -> GuidedFlow:
    return GuidedFlow(NetworkFlow(net, labels=labels), NetworkFlow(net), w)


def distill_guided_head(
    head: nn.Module,
    net: nn.Module,
    data: Images,
    settings: Settings | None = None,
    w_most: float = 4.0,
    checkpoint: str | Path | None = None,
    resume: bool = True,
    record_every: int = 100,
    schedule: VPSchedule | None = None,
    accelerator: Accelerator | None = None,
    watch: Watch | None = None,
    at_once: int | None = None,
) -> Iterator[Record]:
    """Fit `head` (GuidedHead) to the derivative of `net`'s guided flows, w uniform in (0, w_most).

    `data` are Images with labels, `net` a network that knows their classes; else as `distill_head`.
    Raises ValueError for images without labels or w_most that is not positive.
    """
    instance("net", net, nn.Module, "a torch module")
    instance("head", head, nn.Module, "a head, such as GuidedHead")
    check_data(instance("data", data, Images, "Images(pixels, labels, classes)"), net)
    if data.labels is None:
        raise ValueError("data must have labels: guidance is towards a class")
    if data.condition_shape is not None:
        raise ValueError("heads of guided flows are for networks without conditions")
    if not (w_most > 0 and math.isfinite(w_most)):
        raise ValueError(f"w_most must be positive and finite; got {w_most!r}")
    settings, schedule = settings_of(settings), as_schedule(schedule)
    sigma_data, drawn = weighed_by(net, settings), batches(data, settings, schedule)

    def with_weights(step: int, device: torch.device) -> tuple[Tensor, ...]:
        # a stream of its own: no step of the data's has a seed so low
        generator = torch.Generator().manual_seed(-(2**40) - settings.seed * 1_000_003 - step)
        w = w_most * torch.rand(settings.batch_size, generator=generator)
        return *drawn(step, device), w.to(device)

    def slope(x_bar: Tensor, gamma: Tensor, labels: Tensor, w: Tensor) -> Tensor:
        return _guided(net, labels, w).eps_and_derivative(x_bar, gamma)[1]

    def loss(head: nn.Module, net: nn.Module, *batch: Any, **known: Tensor) -> Tensor:  # noqa: ANN401
        x_bar, gamma, _, labels, w = batch
        return guided_derivative_loss(head, net, x_bar, gamma, labels, w, sigma_data, **known)

    return distil(
        head,
        net,
        with_weights,
        loss,
        {"w_most": w_most, "schedule": asdict(schedule)},
        settings,
        schedule,
        slope=slope,
        checkpoint=checkpoint,
        resume=resume,
        record_every=record_every,
        accelerator=accelerator,
        watch=watch,
        at_once=at_once,
    )
