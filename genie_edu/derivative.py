"""The total derivative of eps along the flow: by forward-mode autodiff, or by a difference.

One Jacobian-vector product does it: the tangent of the pair (state, clock) is the direction in
which the flow moves both. The paper's code takes two, each by the double-backward trick.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from genie_edu._checks import as_tensor
from genie_edu.schedule import VPSchedule


def flow_derivatives(
    eps_fn: Callable[[Tensor, Tensor], Tensor], x_bar: Tensor, gamma: Tensor, order: int = 1
) -> tuple[Tensor, ...]:
    """(eps, d eps/dgamma, ...)[: order + 1] of any differentiable eps_fn(x_bar, gamma), by JVP.

    x_bar (B, *shape), gamma a tensor, scalar or (B,). The tangent is (eps, 1), nested once per
    order: D f = J_x f . eps + df/dgamma. Raises ValueError for order outside 0..2.
    Source: genie_edu book, chapter 5; GENIE (Dockhorn et al. 2022), section 3.
    """
    if order not in (0, 1, 2):
        raise ValueError(f"order must be 0, 1 or 2; got {order!r}")
    eps = eps_fn(x_bar, gamma)
    if order == 0:
        return (eps,)
    if order == 1:
        return eps, along_flow(eps_fn, x_bar, gamma, eps)

    def slope(x_bar: Tensor, gamma: Tensor) -> Tensor:
        return along_flow(eps_fn, x_bar, gamma, eps_fn(x_bar, gamma))

    tangent = (eps, torch.ones_like(gamma))
    return (eps, *torch.func.jvp(slope, (x_bar, gamma), tangent))  # the slope, and its own


def along_flow(
    function: Callable[[Tensor, Tensor], Tensor], x_bar: Tensor, gamma: Tensor, velocity: Tensor
) -> Tensor:
    """D f = J_x f . velocity + df/dgamma: one joint JVP of function(x_bar, gamma), (B, *shape).

    With velocity = eps it is the total derivative along the flow. Source: book, chapter 10.
    """
    return torch.func.jvp(function, (x_bar, gamma), (velocity, torch.ones_like(gamma)))[1]


def central_difference(
    eps_fn: Callable[[Tensor, Tensor], Tensor], x_bar: Tensor, gamma: Any, step: float
) -> tuple[Tensor, Tensor]:
    """(eps, d eps/dgamma) by a central difference along the flow: three evaluations of eps_fn.

    (eps(x_bar + d eps, gamma + d) - eps(x_bar - d eps, gamma - d)) / 2d with d = step gamma. The
    straight line stands for the path: its curvature cancels, so the error is of order d^2, until
    rounding of order 1/d takes over. x_bar (B, *shape), gamma a scalar or (B,).
    Source: genie_edu book, chapter 10.
    """
    eps = eps_fn(x_bar, gamma)
    delta = step * gamma
    move = (
        delta.to(x_bar).reshape(-1, *(1,) * (x_bar.ndim - 1))
        if isinstance(delta, Tensor)
        else delta
    )
    ahead = eps_fn(x_bar + move * eps, gamma + delta)
    behind = eps_fn(x_bar - move * eps, gamma - delta)
    return eps, (ahead - behind) / (2 * move)


def total_derivative(
    eps_fn: Callable[[Tensor, Tensor], Tensor],
    x: Any,
    t: Any,
    schedule: VPSchedule | None = None,
) -> tuple[Tensor, Tensor]:
    """(eps, total d eps/dgamma) of any network eps_fn(x, t), by one joint forward-mode JVP.

    x (B, *shape), t a scalar or (B,), both passed to eps_fn as tensors. The tangent is
    dx/dgamma = eps / sqrt(1 + gamma^2) - gamma x / (1 + gamma^2) and dt/dgamma.
    The total d eps/dt is the result divided by dt/dgamma. Raises ValueError for t outside (0, 1].
    Source: GENIE (Dockhorn et al. 2022), eq. 12 as its public code computes it.
    """
    schedule = schedule or VPSchedule()
    x = as_tensor("x", x)
    clock = as_tensor("t", t, torch.float64)  # the clocks stay float64; the network gets x's dtype
    if not ((clock > 0) & (clock <= 1)).all():
        raise ValueError("t must lie in (0, 1]: the derivative in gamma has no limit form at 0")
    if clock.ndim > 1 or (clock.ndim == 1 and clock.shape[0] not in (1, len(x))):
        raise ValueError(f"t must be a scalar or have shape ({len(x)},); got {tuple(clock.shape)}")
    per_sample = (-1,) + (1,) * (x.ndim - 1) if clock.ndim else ()
    gamma = schedule.gamma(clock).reshape(per_sample)
    alpha = torch.rsqrt(1 + gamma * gamma)
    rate = schedule.dt_dgamma(clock).to(x)
    t_network = clock.to(x)

    eps = eps_fn(x, t_network)
    velocity = alpha.to(x) * eps - (gamma * alpha * alpha).to(x) * x
    return torch.func.jvp(eps_fn, (x, t_network), (velocity, rate))
