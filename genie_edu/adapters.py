"""Networks from outside, brought into the gamma clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from genie_edu.networks import per_sample
from genie_edu.schedule import VPSchedule


class FromTime(nn.Module):
    """Any eps(x, t) network as net(x_bar, gamma): x = x_bar / sqrt(1 + gamma^2), t = t(gamma).

    `eps_fn` takes x (B, *shape) and t (B,) in x's dtype; the change of clock itself is float64.
    Differentiable in both arguments, so that NetworkFlow gets the total derivative along the flow.
    Raises TypeError if `eps_fn` can't be called.
    """

    def __init__(
        self, eps_fn: Callable[[Tensor, Tensor], Tensor], schedule: VPSchedule | None = None
    ) -> None:
        super().__init__()
        if not callable(eps_fn):
            raise TypeError(f"eps_fn must be a function of (x, t); got {type(eps_fn).__name__}")
        self.eps_fn = eps_fn
        self.schedule = schedule or VPSchedule()

    def forward(self, x_bar: Tensor, gamma: Any) -> Tensor:
        """eps (B, *shape)."""
        level = per_sample(gamma, x_bar.double()).expand(len(x_bar), *(1,) * (x_bar.ndim - 1))
        x = x_bar * torch.rsqrt(1 + level * level).to(x_bar)
        t = self.schedule.t_of_gamma(level.reshape(-1).clone())
        return self.eps_fn(x, t.to(x_bar))
