"""The batches of a training: what is drawn at a step, a function of the settings and the step."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from genie_edu import _checks
from genie_edu._checks import doubtful
from genie_edu._names import instance
from genie_edu.datasets.images import Images
from genie_edu.schedule import VPSchedule, per_sample, uniform_clock
from genie_edu.train.run_state import Settings

Data = Tensor | Images | Callable[..., Tensor]
"""A data set (N, *shape), Images, or a function data(n, generator=) that draws (n, *shape)."""


def batches(
    data: Data, settings: Settings, schedule: VPSchedule
) -> Callable[[int, torch.device], tuple[Tensor | None, ...]]:
    """`draw` as a function of (step, device); Images move to the device once."""

    @functools.lru_cache(maxsize=1)
    def there(device: torch.device) -> Data:
        return data.to(device) if isinstance(data, Images) else data

    return lambda step, device: draw(there(device), settings, step, schedule, device)


def draw(
    data: Data, settings: Settings, step: int, schedule: VPSchedule, device: torch.device
) -> tuple[Tensor | None, ...]:
    """The global batch of a step: x_bar (B, *shape), gamma (B,), noise (B, *shape), and the rest.

    The rest is what a network takes after x_bar and gamma, in its order: nothing, labels (B,), or
    labels or None, the conditions and the levels of their noise, as Images give them. float32 and a
    function of (settings, step) alone. A data set is gone through in shuffled epochs; a function
    draws on the CPU, whatever the device.
    """
    n, seed = settings.batch_size, settings.seed * 1_000_003 + step
    generator = torch.Generator(device).manual_seed(seed)
    given: list[Tensor | None] = []
    if isinstance(data, Images):
        clean, *given = data.batch(places(len(data), settings, step), generator)
    elif isinstance(data, Tensor):
        clean = data[places(len(data), settings, step).to(data.device)].to(device)
    else:
        there = generator if device.type == "cpu" else torch.Generator().manual_seed(seed)
        clean = _drawn(data, n, there).to(device)
    clean = clean.float()
    noise = torch.randn(clean.shape, generator=generator, device=device)
    u = torch.arange(n, device=device) + torch.rand(n, generator=generator, device=device)
    gamma = _levels(u.double() / n, settings, schedule).float()
    return clean + per_sample(gamma, clean) * noise, gamma, noise, *given


def _levels(u: Tensor, settings: Settings, schedule: VPSchedule) -> Tensor:
    """The levels gamma (N,) at the shares u (N,) of the settings' law, from t_end to t = 1."""
    if settings.levels == "half_log_gamma":
        half, laws = u < 0.5, [replace(settings, levels=law) for law in ("linear", "log_gamma")]
        one, other = (_levels((2 * u) % 1, law, schedule) for law in laws)
        return torch.where(half, one, other)
    if settings.levels == "log_normal":
        mean, std = settings.level_mean, settings.level_std
        to = lambda t: torch.special.ndtr((torch.log(schedule.gamma(t)) - mean) / std)  # noqa: E731
        back = lambda u: schedule.t_of_gamma(  # noqa: E731
            torch.exp(mean + std * torch.special.ndtri(u))
        )
    else:
        to, back = uniform_clock(settings.levels, schedule)
    low, high = (to(torch.tensor(end, dtype=torch.float64)) for end in (settings.t_end, 1.0))
    return schedule.gamma(back(low + (high - low) * u))


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


def check_data(data: Data, net: nn.Module) -> None:
    """Refuse what can't be trained on, as far as it can be seen beforehand."""
    config = getattr(net, "config", None) or {}
    known = config.get("classes")
    if config.get("condition") and getattr(data, "condition_shape", None) is None:
        raise ValueError(
            "this network needs a condition for each example: Images(pixels, condition=...)"
        )
    if isinstance(data, Images):
        _check_condition(data, config)
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


def _check_condition(data: Images, config: dict[str, Any]) -> None:
    """Refuse conditions that are not those the network was made for."""
    if data.condition_shape is None or "condition" not in config:
        return
    if not config["condition"]:
        raise ValueError("data has conditions, and this network takes none: leave them out")
    side = config.get("condition_size") or config["size"]
    wanted, there = (config["condition"], side, side), data.condition_shape
    if there != wanted:
        raise ValueError(f"this network is for conditions of shape {wanted}; data has {there}")
    if (data.condition_t is None) == bool(config.get("condition_level")):
        raise ValueError(
            "condition_t, the noise of the conditions, and condition_level, which tells the "
            "network of it, go together"
        )


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
