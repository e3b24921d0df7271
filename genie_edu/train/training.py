"""Training eps and distilling its derivative: generators that yield small records and can resume.

A run is a pure function of its settings: the random numbers of step n come from a generator seeded
with (seed, n), the learning rate and the place in the data from n. So a checkpoint needs weights,
their average, the optimizer's moments and n; a killed run that resumes gives the same weights, on a
CPU bit for bit.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from genie_edu import _checks
from genie_edu._names import flag, instance, one_of
from genie_edu.derivative import along_flow
from genie_edu.schedule import VPSchedule, as_schedule, per_sample
from genie_edu.train.batches import Data, batches, check_data, places
from genie_edu.train.batches import draw as draw
from genie_edu.train.loop import Watch, faster, run
from genie_edu.train.run_state import Record, Settings
from genie_edu.train.targets import KeptTargets, Slope, full_precision

if TYPE_CHECKING:
    from accelerate import Accelerator

NOISE_INPUTS = ("predicted", "drawn")


def eps_loss(
    net: nn.Module,
    x_bar: Tensor,
    gamma: Tensor,
    noise: Tensor,
    *given: Tensor | None,
    sigma_data: float | None = None,
) -> Tensor:
    """Mean of (net(x_bar, gamma, *given) - noise)^2: denoising score matching.

    x_bar = x_0 + gamma noise (B, *shape), gamma (B,); `given` is what else the network takes:
    labels (B,), or labels or None, conditions and the levels of their noise. With `sigma_data`
    every square counts (gamma^2 + sigma_data^2) / sigma_data^2 times: that makes it plain L2 on the
    output F of a network of the form eps = (gamma z - sigma_data F) / sqrt(gamma^2 + sigma_data^2),
    so that no level is too easy to be learned.
    Source: Ho et al. 2020 (DDPM), eq. 14.
    """
    square = (net(x_bar, gamma, *given) - noise).square()
    return (square * emphasis(per_sample(gamma, x_bar), sigma_data)).mean()


def emphasis(gamma: Tensor, sigma_data: float | None) -> Tensor | float:
    """(gamma^2 + sigma_data^2) / sigma_data^2: from a loss of eps to one of the network's output.

    Without sigma_data 1: the loss stays that of eps.
    Source: Karras et al. 2022 (EDM), section 5, where it is a loss of the clean image's.
    """
    return 1.0 if sigma_data is None else 1 + (gamma / sigma_data) ** 2


def derivative_loss(
    head: nn.Module,
    net: nn.Module,
    x_bar: Tensor,
    gamma: Tensor,
    noise: Tensor | None,
    *given: Tensor | None,
    noise_input: str = "predicted",
    weighted: bool = True,
    sigma_data: float | None = None,
    target: Tensor | None = None,
    power: Tensor | None = None,
) -> Tensor:
    """Mean of gamma^2 (head - d eps/dgamma)^2: plain L2 on d eps/dlog gamma.

    The target is one joint JVP of the frozen `net` along its own eps. The head reads that eps, as
    it does in sampling; noise_input="drawn" feeds it the drawn noise, weighted=False leaves out
    gamma^2: two ablations. With `sigma_data` every square counts (gamma^2 + sigma_data^2) /
    sigma_data^2 times, which makes it plain L2 on the G of `head.precondition`. A `target`
    (B, *shape) that is known already is not computed; with its mean square `power` (B,) of gamma d
    eps/dgamma the squares are divided by it: the loss is then 1 - R2, averaged over the levels.
    Shapes as in `eps_loss`.
    Source: GENIE (Dockhorn et al. 2022), eq. 13 as its public code computes it.
    """
    with torch.no_grad():
        eps, *features = net(x_bar, gamma, *given, features=True)
        if target is None:
            with full_precision():
                target = along_flow(lambda x, g: net(x, g, *given), x_bar, gamma, eps)
    seen = eps if noise_input == "predicted" else noise
    difference = head(x_bar, gamma, seen, *features) - target
    return weighed(difference, gamma, sigma_data, power, weighted)


def weighed(
    difference: Tensor,
    gamma: Tensor,
    sigma_data: float | None = None,
    power: Tensor | None = None,
    weighted: bool = True,
) -> Tensor:
    """Mean square of a derivative's miss (B, *shape), weighted as `derivative_loss` says."""
    level = per_sample(gamma, difference)
    square = (level * difference if weighted else difference).square()
    if power is not None:
        square = square / per_sample(power, difference)
    return (square * emphasis(level, sigma_data)).mean()


def train_eps(
    net: nn.Module,
    data: Data,
    settings: Settings | None = None,
    checkpoint: str | Path | None = None,
    resume: bool = True,
    record_every: int = 100,
    schedule: VPSchedule | None = None,
    accelerator: Accelerator | None = None,
    watch: Watch | None = None,
    precision: str = "float32",
    compiled: bool = False,
    at_once: int | None = None,
) -> Iterator[Record]:
    """Fit net(x_bar, gamma) to the noise; yields a Record every `record_every` steps.

    `data` is a data set (N, *shape), Images or a function data(n, generator=). After the last
    record `net` holds the averaged weights. With `checkpoint` the run can be stopped or killed and
    goes on from there: the records so far come first; resume=False starts anew. Raises
    CheckpointError for a checkpoint of another run, ValueError where the loss is no longer finite
    or where the settings' weighting is for networks of another form; TypeError or ValueError for
    data of another kind, type, range, size or with other classes than the network's.
    `watch` sees every record; `precision` and `compiled` as in `faster`; `at_once` examples go
    through the network at a time, where a batch is too large for the memory.
    """
    settings, schedule = settings_of(settings), as_schedule(schedule)
    check_data(data, instance("net", net, nn.Module, "a torch module"))
    if settings.kept or settings.weighting == "relative":
        raise ValueError('kept and weighting="relative" are for heads: their target can be kept')
    loss = functools.partial(eps_loss, sigma_data=weighed_by(net, settings))
    return run(
        net,
        faster(loss, precision, compiled),
        batches(data, settings, schedule),
        {"loss": "eps", "schedule": asdict(schedule)},
        settings,
        checkpoint=checkpoint,
        resume=resume,
        record_every=record_every,
        accelerator=accelerator,
        watch=watch,
        scaled=precision == "float16",
        at_once=at_once,
    )


def weighed_by(net: nn.Module, settings: Settings) -> float | None:
    """The sigma_data that the settings' weighting takes from the network, if any."""
    if settings.weighting != "output":
        return None
    if getattr(net, "parametrization", "edm") != "edm" or not hasattr(net, "sigma_data"):
        raise ValueError(
            'weighting="output" is for networks whose output corrects one Gaussian of std '
            'sigma_data (EpsMLP, or UNet with parametrization="edm"); this one\'s output is eps'
        )
    return net.sigma_data


def distill_head(
    head: nn.Module,
    net: nn.Module,
    data: Data,
    settings: Settings | None = None,
    checkpoint: str | Path | None = None,
    resume: bool = True,
    record_every: int = 100,
    schedule: VPSchedule | None = None,
    accelerator: Accelerator | None = None,
    watch: Watch | None = None,
    noise_input: str = "predicted",
    weighted: bool = True,
    at_once: int | None = None,
) -> Iterator[Record]:
    """Fit `head` to d eps/dgamma of the frozen `net` (see `derivative_loss`); else as `train_eps`.

    `net` is put into eval mode, moved to the head's device and frozen: its weights never change.
    With settings.kept the targets of so many states are computed first, kept beside `checkpoint`,
    and gone through in shuffled epochs: a target costs as much as three calls of the network. With
    weighting="relative" every miss is divided by the targets' size at its level: no level is too
    small to be learned.
    """
    one_of("noise_input", noise_input, NOISE_INPUTS)
    flag("weighted", weighted)
    instance("net", net, nn.Module, "a torch module")
    _checks.head_of(instance("head", head, nn.Module, "a head, such as GenieHead"), net)
    check_data(data, net)
    settings, schedule = settings_of(settings), as_schedule(schedule)
    kind: dict[str, Any] = {"noise_input": noise_input, "weighted": weighted}
    given = kind | {"sigma_data": weighed_by(net, settings)}

    if settings.kept and noise_input == "drawn":
        raise ValueError('noise_input="drawn" needs new states at every step: kept must be 0')
    return distil(
        head,
        net,
        batches(data, settings, schedule),
        functools.partial(derivative_loss, **given),
        kind | {"schedule": asdict(schedule)},
        settings,
        schedule,
        checkpoint=checkpoint,
        resume=resume,
        record_every=record_every,
        accelerator=accelerator,
        watch=watch,
        at_once=at_once,
    )


def distil(
    head: nn.Module,
    net: nn.Module,
    drawn: Callable[[int, torch.device], tuple[Tensor, ...]],
    loss_of: Callable[..., Tensor],
    kind: dict[str, Any],
    settings: Settings,
    schedule: VPSchedule,
    checkpoint: str | Path | None = None,
    slope: Slope | None = None,
    **running: Any,  # noqa: ANN401
) -> Iterator[Record]:
    """The frame of every distillation: fresh states or kept ones, the frozen `net` on their device.

    `drawn(step, device)` is a batch (x_bar, gamma, noise, *conditions); `loss_of(head, net, x_bar,
    gamma, noise, *conditions)` takes target= and power= as `derivative_loss` does, and then no
    noise; `slope` is what `KeptTargets` keeps; `running` as in `loop.run`.
    Raises ValueError for weighting="relative" without kept targets.
    """
    net.eval().requires_grad_(False)

    def loss(model: nn.Module, x_bar: Tensor, *rest: Tensor) -> Tensor:
        return loss_of(model, net.to(x_bar.device), x_bar, *rest)

    def loss_of_kept(model: nn.Module, x_bar: Tensor, gamma: Tensor, *rest: Tensor) -> Tensor:
        target, power, *conditions = rest
        known = {"target": target}
        if settings.weighting == "relative":
            known["power"] = power
        return loss_of(model, net.to(x_bar.device), x_bar, gamma, None, *conditions, **known)

    if settings.weighting == "relative" and not settings.kept:
        raise ValueError(
            'weighting="relative" divides by the kept targets\' size: kept must be > 0'
        )
    if settings.kept:
        identity = asdict(settings) | asdict(schedule)
        drawn = _kept(net, drawn, settings.kept, settings, checkpoint, identity, slope)
    loss = loss_of_kept if settings.kept else loss
    return run(head, loss, drawn, kind, settings, checkpoint=checkpoint, **running)


def _kept(
    net: nn.Module,
    drawn: Callable[[int, torch.device], tuple[Tensor, ...]],
    size: int,
    settings: Settings,
    checkpoint: str | Path | None,
    identity: dict[str, Any],
    slope: Slope | None,
) -> Callable[[int, torch.device], tuple[Tensor, ...]]:
    """(step, device) -> a batch of the `size` states whose targets are kept."""

    @functools.lru_cache(maxsize=1)
    def targets(device: torch.device) -> KeptTargets:
        folder = checkpoint and Path(checkpoint).with_suffix(".targets")
        net.to(device)
        return KeptTargets(net, lambda n: drawn(n, device), size, folder, identity, slope)

    def batch_of(step: int, device: torch.device) -> tuple[Tensor, ...]:
        kept = targets(device)
        x_bar, gamma, target, *conditions = kept.batch(places(size, settings, step), device)
        return x_bar, gamma, target, kept.power(gamma), *conditions

    return batch_of


def settings_of(settings: Settings | None) -> Settings:
    """The settings given, or the default ones."""
    return instance("settings", Settings() if settings is None else settings, Settings, "Settings")
