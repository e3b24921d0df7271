"""Training eps and distilling its derivative: generators that yield small records and can resume.

A run is a pure function of its settings: the random numbers of step n come from a generator seeded
with (seed, n), the learning rate and the place in the data from n. So a checkpoint needs weights,
their average, the optimizer's moments and n; a killed run that resumes gives the same weights, on a
CPU bit for bit.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from genie_edu import _checks
from genie_edu._checks import doubtful
from genie_edu._names import flag, instance, one_of
from genie_edu.datasets.images import Images
from genie_edu.derivative import along_flow
from genie_edu.schedule import VPSchedule, as_schedule, per_sample, uniform_clock
from genie_edu.train.loop import Watch, faster, run
from genie_edu.train.run_state import Record, Settings

if TYPE_CHECKING:
    from accelerate import Accelerator

Data = Tensor | Images | Callable[..., Tensor]
"""A data set (N, *shape), Images, or a function data(n, generator=) that draws (n, *shape)."""
NOISE_INPUTS = ("predicted", "drawn")


def eps_loss(
    net: nn.Module,
    x_bar: Tensor,
    gamma: Tensor,
    noise: Tensor,
    *labels: Tensor,
    sigma_data: float | None = None,
) -> Tensor:
    """Mean of (net(x_bar, gamma[, labels]) - noise)^2: denoising score matching.

    x_bar = x_0 + gamma noise (B, *shape), gamma (B,), labels (B,) if the network takes any. With
    `sigma_data` every square counts (gamma^2 + sigma_data^2) / sigma_data^2 times: that makes it
    plain L2 on the output F of a network of the form eps = (gamma z - sigma_data F) / sqrt(gamma^2
    + sigma_data^2), so that no level is too easy to be learned.
    Source: Ho et al. 2020 (DDPM), eq. 14.
    """
    square = (net(x_bar, gamma, *labels) - noise).square()
    if sigma_data is not None:
        square = square * emphasis(per_sample(gamma, x_bar), sigma_data)
    return square.mean()


def emphasis(gamma: Tensor, sigma_data: float) -> Tensor:
    """(gamma^2 + sigma_data^2) / sigma_data^2: from a loss of eps to one of the network's output.

    Source: Karras et al. 2022 (EDM), section 5, where it is a loss of the clean image's.
    """
    return 1 + (gamma / sigma_data) ** 2


def derivative_loss(
    head: nn.Module,
    net: nn.Module,
    x_bar: Tensor,
    gamma: Tensor,
    noise: Tensor,
    *labels: Tensor,
    noise_input: str = "predicted",
    weighted: bool = True,
    sigma_data: float | None = None,
) -> Tensor:
    """Mean of gamma^2 (head - d eps/dgamma)^2: plain L2 on d eps/dlog gamma.

    The target is one joint JVP of the frozen `net` along its own eps. The head reads that eps, as
    it does in sampling; noise_input="drawn" feeds it the drawn noise, weighted=False leaves out
    gamma^2: two ablations. With `sigma_data` every square counts (gamma^2 + sigma_data^2) /
    sigma_data^2 times, which makes it plain L2 on the G of `head.precondition`. Shapes as in
    `eps_loss`.
    Source: GENIE (Dockhorn et al. 2022), eq. 13 as its public code computes it.
    """
    with torch.no_grad():
        eps, *features = net(x_bar, gamma, *labels, features=True)
        target = along_flow(lambda x, g: net(x, g, *labels), x_bar, gamma, eps)
    seen, level = eps if noise_input == "predicted" else noise, per_sample(gamma, x_bar)
    difference = head(x_bar, gamma, seen, *features) - target
    square = (level * difference if weighted else difference).square()
    return (square if sigma_data is None else square * emphasis(level, sigma_data)).mean()


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
) -> Iterator[Record]:
    """Fit net(x_bar, gamma) to the noise; yields a Record every `record_every` steps.

    `data` is a data set (N, *shape), Images or a function data(n, generator=). After the last
    record `net` holds the averaged weights. With `checkpoint` the run can be stopped or killed and
    goes on from there: the records so far come first; resume=False starts anew. Raises
    CheckpointError for a checkpoint of another run, ValueError where the loss is no longer finite
    or where the settings' weighting is for networks of another form; TypeError or ValueError for
    data of another kind, type, range, size or with other classes than the network's.
    `watch` sees every record; `precision` and `compiled` as in `faster`.
    """
    settings, schedule = _settings(settings), as_schedule(schedule)
    _check_data(data, instance("net", net, nn.Module, "a torch module"))
    loss = functools.partial(eps_loss, sigma_data=_weighed_by(net, settings))
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
    )


def _weighed_by(net: nn.Module, settings: Settings) -> float | None:
    """The sigma_data that the settings' weighting takes from the network, if any."""
    if settings.weighting == "eps":
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
) -> Iterator[Record]:
    """Fit `head` to d eps/dgamma of the frozen `net` (see `derivative_loss`); else as `train_eps`.

    `net` is put into eval mode, moved to the head's device and frozen: its weights never change.
    """
    one_of("noise_input", noise_input, NOISE_INPUTS)
    flag("weighted", weighted)
    instance("net", net, nn.Module, "a torch module")
    _checks.head_of(instance("head", head, nn.Module, "a head, such as GenieHead"), net)
    _check_data(data, net)
    net.eval().requires_grad_(False)

    settings, schedule = _settings(settings), as_schedule(schedule)
    kind: dict[str, Any] = {"noise_input": noise_input, "weighted": weighted}
    given = kind | {"sigma_data": _weighed_by(net, settings)}

    def loss(model: nn.Module, x_bar: Tensor, *rest: Tensor) -> Tensor:
        return derivative_loss(model, net.to(x_bar.device), x_bar, *rest, **given)

    return run(
        head,
        loss,
        batches(data, settings, schedule),
        kind | {"schedule": asdict(schedule)},
        settings,
        checkpoint=checkpoint,
        resume=resume,
        record_every=record_every,
        accelerator=accelerator,
        watch=watch,
    )


def _settings(settings: Settings | None) -> Settings:
    return instance("settings", Settings() if settings is None else settings, Settings, "Settings")


def _check_data(data: Data, net: nn.Module) -> None:
    """Refuse what can't be trained on, as far as it can be seen beforehand."""
    config = getattr(net, "config", None) or {}
    known = config.get("classes")
    if isinstance(data, Images):
        if data.labels is not None and known == 0:
            raise ValueError("data has labels, and this network knows no classes: leave them out")
        if data.labels is not None and known not in (None, data.classes):
            raise ValueError(f"data has {data.classes} classes, and the network {known}")
        return
    if not isinstance(data, Tensor):
        if not callable(data) or isinstance(data, type):
            raise TypeError(
                "data must be a tensor (N, *shape), Images, or a function data(n, generator=); "
                f"got {type(data).__name__}"
            )
        return
    if not data.is_floating_point():
        raise TypeError(f"data must be floats; got {data.dtype}: for bytes use Images(pixels)")
    if data.ndim < 2 or 0 in data.shape:
        raise ValueError(f"data must hold examples (N, *shape); got {tuple(data.shape)}")
    _checks.as_tensor("data", data)
    if float(data.abs().max()) > 20:
        doubtful("data goes beyond 20, and noise levels are for data of unit scale: scale it")


def _drawn(data: Callable[..., Tensor], n: int, generator: torch.Generator) -> Tensor:
    """What the reader's function draws: n examples."""
    try:
        inspect.signature(data).bind(n, generator=generator)
    except TypeError as error:
        raise TypeError(f"data must be a function data(n, generator=): {error}") from error
    except ValueError:  # not written in Python: it says so itself
        pass
    clean = data(n, generator=generator)
    instance("data(n, generator=)", clean, Tensor, "a function that returns a tensor")
    if clean.ndim < 2 or len(clean) != n or not clean.is_floating_point():
        raise ValueError(
            f"data(n, generator=) must return n = {n} examples (n, *shape) as floats; "
            f"got {tuple(clean.shape)} {clean.dtype}"
        )
    return _checks.as_tensor("what data(n, generator=) returns", clean)


def batches(
    data: Data, settings: Settings, schedule: VPSchedule
) -> Callable[[int, torch.device], tuple[Tensor, ...]]:
    """`draw` as a function of (step, device); Images move to the device once."""

    @functools.lru_cache(maxsize=1)
    def there(device: torch.device) -> Data:
        return data.to(device) if isinstance(data, Images) else data

    return lambda step, device: draw(there(device), settings, step, schedule, device)


def draw(
    data: Data, settings: Settings, step: int, schedule: VPSchedule, device: torch.device
) -> tuple[Tensor, ...]:
    """The global batch of a step: x_bar (B, *shape), gamma (B,), noise (B, *shape)[, labels (B,)].

    float32 and a function of (settings, step) alone. A data set is gone through in shuffled epochs;
    a function draws on the CPU, whatever the device.
    """
    n, seed = settings.batch_size, settings.seed * 1_000_003 + step
    generator = torch.Generator(device).manual_seed(seed)
    labels: list[Tensor] = []
    if isinstance(data, Images):
        clean, *labels = data.batch(places(len(data), settings, step), generator)
    elif isinstance(data, Tensor):
        clean = data[places(len(data), settings, step).to(data.device)].to(device)
    else:
        there = generator if device.type == "cpu" else torch.Generator().manual_seed(seed)
        clean = _drawn(data, n, there).to(device)
    clean = clean.float()
    noise = torch.randn(clean.shape, generator=generator, device=device)
    u = torch.arange(n, device=device) + torch.rand(n, generator=generator, device=device)
    to, back = _levels(settings, schedule)
    low, high = (to(torch.tensor(end, dtype=torch.float64)) for end in (settings.t_end, 1.0))
    gamma = schedule.gamma(back(low + (high - low) * u.double() / n)).float()
    return clean + per_sample(gamma, clean) * noise, gamma, noise, *labels


def _levels(settings: Settings, schedule: VPSchedule) -> tuple[Callable, Callable]:
    """(to, back): the variable in which the settings draw t uniformly, and its inverse."""
    if settings.levels != "log_normal":
        return uniform_clock(settings.levels, schedule)
    mean, std = settings.level_mean, settings.level_std
    return (
        lambda t: torch.special.ndtr((torch.log(schedule.gamma(t)) - mean) / std),
        lambda u: schedule.t_of_gamma(torch.exp(mean + std * torch.special.ndtri(u))),
    )


def places(size: int, settings: Settings, step: int) -> Tensor:
    """Where in the data set a step reads: shuffled epochs, one after the other."""
    first = step * settings.batch_size
    epochs = range(first // size, (first + settings.batch_size - 1) // size + 1)
    # Seeds that no step of `draw` has: two streams of random numbers never meet.
    order = torch.cat([_shuffled(size, settings.seed * 1_000_003 - 1 - epoch) for epoch in epochs])
    start = first - epochs[0] * size
    return order[start : start + settings.batch_size]


@functools.lru_cache(maxsize=2)
def _shuffled(size: int, seed: int) -> Tensor:
    return torch.randperm(size, generator=torch.Generator().manual_seed(seed))
