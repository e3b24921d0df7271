"""The total derivative of eps along the flow: by forward-mode autodiff, or by a difference.

One Jacobian-vector product does it: the tangent of the pair (state, clock) is the direction in
which the flow moves both. The paper's code takes two, each by the double-backward trick.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

from genie_edu._checks import as_tensor, derivative_order, prediction, seen, state_and_level
from genie_edu._names import function, instance
from genie_edu.schedule import VPSchedule, as_schedule, per_sample


def flow_derivatives(
    eps_fn: Callable[[Tensor, Tensor], Tensor], x_bar: Tensor, gamma: Tensor, order: int = 1
) -> tuple[Tensor, ...]:
    """(eps, d eps/dgamma, ...)[: order + 1] of any differentiable eps_fn(x_bar, gamma), by JVP.

    x_bar (B, *shape), gamma a tensor, scalar or (B,). The tangent is (eps, 1), nested once per
    order: D f = J_x f . eps + df/dgamma. Raises ValueError for order outside 0..2, and as
    `along_flow`; TypeError.
    Source: genie_edu book, chapter 5; GENIE (Dockhorn et al. 2022), section 3.
    """
    order = derivative_order(order)
    function("eps_fn", eps_fn, "a function of (x_bar, gamma)")
    x_bar, gamma = state_and_level(x_bar, instance("gamma", gamma, Tensor, "a tensor"))
    eps = eps_fn(x_bar, gamma)
    if order == 0:
        return (eps,)
    if order == 1:
        return eps, along_flow(eps_fn, x_bar, gamma, eps)

    def slope(x_bar: Tensor, gamma: Tensor) -> Tensor:
        return along_flow(eps_fn, x_bar, gamma, eps_fn(x_bar, gamma))

    tangent = (eps, torch.ones_like(gamma))
    return (eps, *_jvp(slope, (x_bar, gamma), tangent))  # the slope, and its own


def along_flow(
    function: Callable[[Tensor, Tensor], Tensor], x_bar: Tensor, gamma: Tensor, velocity: Tensor
) -> Tensor:
    """D f = J_x f . velocity + df/dgamma: one joint JVP of function(x_bar, gamma), (B, *shape).

    With velocity = eps it is the total derivative along the flow. Raises ValueError for a function
    that torch has no forward mode for. Source: book, chapter 10.
    """
    return _jvp(function, (x_bar, gamma), (velocity, torch.ones_like(gamma)))[1]


def _jvp(
    function: Callable[..., Tensor], at: tuple[Tensor, ...], along: tuple[Tensor, ...]
) -> tuple[Tensor, Tensor]:
    """torch.func.jvp, where it can be trusted; attention goes through plain products in it."""
    if torch.compiler.is_compiling():
        return torch.func.jvp(function, at, along)
    _refuse_zeros()
    try:
        with _plain_attention():
            return torch.func.jvp(function, at, along)
    except NotImplementedError as error:
        said = str(error).strip().splitlines()[0]
        raise ValueError(
            f"the network has a part that torch can't differentiate in forward mode ({said}): use "
            'NetworkFlow(net, derivative="finite_difference"), or plain products in its place'
        ) from error


def _refuse_zeros() -> None:
    """Older versions of torch give zeros for every derivative in inference mode, without a word."""
    if torch.is_inference_mode_enabled():
        two = torch.full((), 2.0)
        if torch.func.jvp(torch.square, (two,), (two,))[1] != 8.0:
            raise ValueError(
                "this version of torch has no derivatives in torch.inference_mode(): "
                "use torch.no_grad() around the sampler"
            )


@contextlib.contextmanager
def _plain_attention() -> Iterator[None]:
    """Without torch's fused attention and the shortcuts of eval mode: no forward mode is theirs."""
    cuda, layers = torch.backends.cuda, getattr(torch.backends, "mha", None)
    switches = [
        (getattr(cuda, f"{kind}_sdp_enabled"), getattr(cuda, f"enable_{kind}_sdp"))
        for kind in ("flash", "mem_efficient", "cudnn")
        if hasattr(cuda, f"enable_{kind}_sdp")  # older versions of torch have fewer kinds
    ]
    if layers is not None:
        switches.append((layers.get_fastpath_enabled, layers.set_fastpath_enabled))
    before = [is_on() for is_on, _ in switches]
    try:
        for _, switch in switches:
            switch(False)
        yield
    finally:
        for (_, switch), was_on in zip(switches, before, strict=True):
            switch(was_on)


def central_difference(
    eps_fn: Callable[[Tensor, Tensor], Tensor], x_bar: Tensor, gamma: Any, step: float
) -> tuple[Tensor, Tensor]:
    """(eps, d eps/dgamma) by a central difference along the flow: three evaluations of eps_fn.

    (eps(x_bar + d eps, gamma + d) - eps(x_bar - d eps, gamma - d)) / 2d with d = step gamma. The
    straight line stands for the path: its curvature cancels, so the error is of order d^2, until
    rounding of order 1/d takes over. x_bar (B, *shape), gamma a positive scalar or (B,).
    Source: genie_edu book, chapter 10.
    """
    eps = eps_fn(x_bar, gamma)
    delta = step * gamma
    # a number stays one: torch multiplies by it before it rounds to x_bar's dtype
    move = per_sample(delta, x_bar) if isinstance(delta, Tensor) else delta
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
    The total d eps/dt is the result divided by dt/dgamma. Raises ValueError for t outside (0, 1],
    an eps of another shape, and as `along_flow`; TypeError.
    Source: GENIE (Dockhorn et al. 2022), eq. 12 as its public code computes it.
    """
    schedule, x = as_schedule(schedule), as_tensor("x", x)
    function("eps_fn", eps_fn, "a function of (x, t)")
    if not x.ndim:
        raise ValueError("x must be states (B, *shape); got a single number")
    clock = as_tensor("t", t, torch.float64)  # the clocks stay float64; the network gets x's dtype
    if not seen(((clock > 0) & (clock <= 1)).all(), unseen=True):
        raise ValueError("t must lie in (0, 1]: the derivative in gamma has no limit form at 0")
    if clock.ndim > 1 or (clock.ndim == 1 and clock.shape[0] not in (1, len(x))):
        raise ValueError(f"t must be a scalar or have shape ({len(x)},); got {tuple(clock.shape)}")
    gamma = per_sample(schedule.gamma(clock), x.double())
    alpha = torch.rsqrt(1 + gamma * gamma)
    rate = schedule.dt_dgamma(clock).to(x)
    t_network = clock.to(x)

    eps = prediction(eps_fn(x, t_network), x, "eps_fn")
    velocity = alpha.to(x) * eps - (gamma * alpha * alpha).to(x) * x
    return _jvp(eps_fn, (x, t_network), (velocity, rate))
