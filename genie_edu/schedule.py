"""The clocks: diffusion time t, the scales alpha and sigma, and gamma = sigma / alpha.

All of them are float64 and go through `expm1` and `log1p`: 1 - alpha^2 in float32 has three digits
left at t = 1e-3.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from genie_edu._checks import as_tensor, doubtful, number, seen
from genie_edu._names import one_of, positive_int

SPACINGS = ("linear", "quadratic", "log_gamma", "rho7")
RHO = 7.0
"""Exponent of the `rho7` spacing: Karras et al. 2022 (EDM), section 3."""


@dataclass(frozen=True)
class VPSchedule:
    """Variance-preserving forward process x_t = alpha(t) x_0 + sigma(t) eps, t in [0, 1].

    With B(t) = beta_min t + beta_d t^2 / 2: alpha = exp(-B/2), sigma^2 = 1 - alpha^2 and
    gamma = sigma / alpha = sqrt(exp(B) - 1). `beta_d` is beta_max - beta_min.
    Every method takes a number or an array of any shape and returns float64 of that shape.
    Not to be confused with EDM's churn, which is also called gamma.
    Raises ValueError unless beta_min > 0 and beta_d >= 0; TypeError for what is no number.
    Source: Song et al. 2021 (VP-SDE); the constants are GENIE's for every data set.
    """

    beta_min: float = 0.1
    beta_d: float = 19.9

    def __post_init__(self) -> None:
        """Refuse constants for which gamma(t) would not increase."""
        number("beta_min", self.beta_min, 0)
        number("beta_d", self.beta_d, 0, including=True)

    def beta(self, t: Any) -> Tensor:
        """Rate beta(t) = beta_min + beta_d t, per unit of diffusion time."""
        return self.beta_min + self.beta_d * self._time(t)

    def alpha(self, t: Any) -> Tensor:
        """Signal scale alpha(t) = exp(-B(t) / 2), from 1 at t = 0 to 0.0066 at t = 1."""
        return torch.exp(-0.5 * self._big_b(t))

    def sigma(self, t: Any) -> Tensor:
        """Noise scale sigma(t) = sqrt(1 - alpha(t)^2)."""
        return torch.sqrt(-torch.expm1(-self._big_b(t)))

    def gamma(self, t: Any) -> Tensor:
        """Noise-to-signal ratio gamma(t) = sqrt(exp(B(t)) - 1), from 0 to 152.17 at t = 1."""
        return torch.sqrt(torch.expm1(self._big_b(t)))

    def t_of_gamma(self, gamma: Any) -> Tensor:
        """Inverse clock t(gamma) = 2 L / (beta_min + sqrt(beta_min^2 + 2 beta_d L)).

        L = log(1 + gamma^2): the quadratic's root in the form without cancellation.
        Raises ValueError for gamma < 0.
        """
        gamma = as_tensor("gamma", gamma, torch.float64)
        if (gamma < 0).any():
            raise ValueError("gamma must not be negative")
        big_l = torch.log1p(gamma * gamma)
        return 2 * big_l / (self.beta_min + torch.sqrt(self.beta_min**2 + 2 * self.beta_d * big_l))

    def dt_dgamma(self, t: Any) -> Tensor:
        """Rate of the clocks dt/dgamma = 2 gamma / (beta(t) (1 + gamma^2)), at diffusion time t."""
        gamma = self.gamma(t)
        return 2 * gamma / (self.beta(t) * (1 + gamma * gamma))

    def _big_b(self, t: Any) -> Tensor:
        t = self._time(t)
        return self.beta_min * t + 0.5 * self.beta_d * t * t

    @staticmethod
    def _time(t: Any) -> Tensor:
        # Dual tensors of torch.func pass through as they are.
        known = isinstance(t, Tensor) and t.dtype == torch.float64
        t = t if known else as_tensor("t", t, torch.float64)
        if seen((t < 0).any()):
            raise ValueError("t must not be negative: t = 0 is data, t = 1 is noise")
        return t


def as_schedule(schedule: VPSchedule | None) -> VPSchedule:
    """`schedule`, or the default one. Raises TypeError for what has no clocks of its own."""
    if schedule is None:
        return VPSchedule()
    clocks = all(callable(getattr(schedule, name, None)) for name in ("gamma", "t_of_gamma"))
    if isinstance(schedule, type) or not clocks:
        raise TypeError(f"schedule must be a VPSchedule, made by VPSchedule(); got {schedule!r}")
    return schedule


def per_sample(gamma: Any, like: Tensor) -> Tensor:
    """gamma (a number, a scalar tensor or (B,)) in like's dtype, shaped to multiply (B, *shape).

    The shape is (1, 1, ...) for a scalar and (B, 1, ...) otherwise.
    """
    gamma = gamma.to(like) if isinstance(gamma, Tensor) else like.new_tensor(gamma)
    return gamma.reshape(-1, *(1,) * (like.ndim - 1))


def uniform_clock(
    spacing: str, schedule: VPSchedule
) -> tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]]:
    """(to, back): the variable in which `spacing` is uniform as a function of t, and its inverse.

    Grids take equal steps in it; training draws its levels uniformly in it.
    """
    if spacing == "linear":
        return lambda t: t, lambda t: t
    if spacing == "quadratic":
        return torch.sqrt, torch.square
    gamma, t_of_gamma = schedule.gamma, schedule.t_of_gamma
    if spacing == "log_gamma":
        return lambda t: torch.log(gamma(t)), lambda u: t_of_gamma(torch.exp(u))
    return lambda t: gamma(t) ** (1 / RHO), lambda u: t_of_gamma(u**RHO)


def time_grid(
    n_steps: int,
    spacing: str = "linear",
    t_start: float = 1.0,
    t_end: float = 1e-3,
    schedule: VPSchedule | None = None,
) -> Tensor:
    """Times of a sampling run: (n_steps + 1,) float64, strictly decreasing from t_start to t_end.

    `spacing`: "linear" or "quadratic" in t (uniform sqrt(t)), "log_gamma" (uniform log-SNR) or
    "rho7" (uniform gamma^(1/7)); the last two use `schedule` (default `VPSchedule()`).
    Both end points are hit exactly. Raises TypeError or ValueError, naming the argument.
    """
    n_steps = positive_int("n_steps", n_steps)
    spacing = one_of("spacing", spacing, SPACINGS)
    t_start, t_end = number("t_start", t_start, 0), number("t_end", t_end, 0)
    if not t_end < t_start:
        raise ValueError(f"t_end must be below t_start = {t_start:g}; got t_end = {t_end:g}")
    if t_start > 1:
        doubtful(f"t_start = {t_start:g} is noisier than t = 1, where every training ends")
    schedule = as_schedule(schedule)

    to, back = uniform_clock(spacing, schedule)
    ends = (float(to(torch.tensor(end, dtype=torch.float64))) for end in (t_start, t_end))
    t = back(torch.linspace(*ends, n_steps + 1, dtype=torch.float64))
    t[0], t[-1] = t_start, t_end  # rounding in the inverse must not move the ends
    if not (t[1:] < t[:-1]).all():
        raise ValueError(
            f"n_steps={n_steps} is too many for float64 times between {t_start} and {t_end}"
        )
    return t
