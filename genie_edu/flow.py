"""The right-hand side of the one ODE, d x_bar / d gamma = eps(x_bar, gamma), and its derivatives.

A flow counts what it is asked for: `nfe`, every evaluation of eps, and `n_derivatives`, every
derivative on top of one. Solvers see nothing but a flow, so a flow of your own needs one method.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from genie_edu._names import one_of
from genie_edu.derivative import central_difference, flow_derivatives
from genie_edu.mixture import GaussianMixture
from genie_edu.schedule import VPSchedule

DERIVATIVES = ("autodiff", "finite_difference")


class Flow:
    """A countable right-hand side. Subclasses give `_eps`, and `_derivatives` if they know better.

    Every method takes x_bar (B, *shape) and gamma, a positive scalar or (B,), and returns tensors
    of x_bar's shape and dtype. `schedule` is what methods that expand in t read (default VP).
    """

    dtype = torch.float64
    """What `sample` draws its noise in, as `device` is where; flows of networks give their own."""
    device = torch.device("cpu")
    highest_derivative = 2
    """The highest order that `derivatives` can give."""

    def __init__(self, schedule: VPSchedule | None = None) -> None:
        self.schedule = schedule or VPSchedule()
        self.nfe = 0
        self.n_derivatives = 0

    def eps(self, x_bar: Tensor, gamma: Any) -> Tensor:
        """eps(x_bar, gamma): one evaluation."""
        self.nfe += self._cost(gamma)
        return self._eps(x_bar, gamma)

    def eps_and_derivative(self, x_bar: Tensor, gamma: Any) -> tuple[Tensor, Tensor]:
        """(eps, total d eps/dgamma along the flow): one evaluation and one derivative."""
        return self.derivatives(x_bar, gamma, order=1)

    def derivatives(self, x_bar: Tensor, gamma: Any, order: int = 2) -> tuple[Tensor, ...]:
        """(eps, d1, ..., d_order): one evaluation and `order` derivatives."""
        self.nfe += self._cost(gamma)
        self.n_derivatives += order
        return self._derivatives(x_bar, gamma, order)

    def _cost(self, gamma: Any) -> int:
        """How many network calls one evaluation at gamma is."""
        return 1

    def _eps(self, x_bar: Tensor, gamma: Any) -> Tensor:
        raise NotImplementedError

    def _derivatives(self, x_bar: Tensor, gamma: Any, order: int) -> tuple[Tensor, ...]:
        """By nested JVP; needs `_eps` to be differentiable by torch."""
        gamma = x_bar.new_tensor(gamma) if not isinstance(gamma, Tensor) else gamma.to(x_bar)
        return flow_derivatives(self._eps, x_bar, gamma, order)


class AnalyticFlow(Flow):
    """The exact flow of a diffused Gaussian mixture: eps and its derivatives in closed form.

    Works in the dtype of the points that come in; float64 is what the chapters use.
    """

    def __init__(self, mixture: GaussianMixture, schedule: VPSchedule | None = None) -> None:
        if not isinstance(mixture, GaussianMixture):
            raise TypeError(f"mixture must be a GaussianMixture; got {type(mixture).__name__}")
        super().__init__(schedule)
        self.mixture = mixture

    def _eps(self, x_bar: Tensor, gamma: Any) -> Tensor:
        return self.mixture.derivatives(x_bar, gamma, 0)[0]

    def _derivatives(self, x_bar: Tensor, gamma: Any, order: int) -> tuple[Tensor, ...]:
        return self.mixture.derivatives(x_bar, gamma, order)


class NetworkFlow(Flow):
    """The learned flow of net(x_bar, gamma) -> eps, with the derivative got in one of three ways.

    `derivative`: "autodiff" (nested JVPs, exact), "finite_difference" (central, along the flow:
    three calls, counted) or a head such as GenieHead, which reads what `net` returns with
    features=True. The last two give the first derivative only. The networks are put into eval mode;
    nothing builds a graph; dtype and device are the network's, results come back in x_bar's dtype.
    `step` is the difference's half width over gamma (default: the cube root of the dtype's rounding
    unit); `labels` (B,) go to a class-conditional network with every call of B states.
    Raises TypeError, ValueError.
    """

    def __init__(
        self,
        net: nn.Module,
        derivative: str | nn.Module = "autodiff",
        schedule: VPSchedule | None = None,
        step: float | None = None,
        labels: Tensor | None = None,
    ) -> None:
        if not isinstance(net, nn.Module):
            raise TypeError(f"net must be a torch module; got {type(net).__name__}")
        if not isinstance(derivative, nn.Module):
            one_of("derivative", derivative, DERIVATIVES)
        super().__init__(schedule)
        self.net, self.derivative = net.eval(), derivative
        if isinstance(derivative, nn.Module):
            derivative.eval()
        self.highest_derivative = 2 if derivative == "autodiff" else 1
        weight = next(net.parameters(), torch.zeros((), dtype=torch.float64))
        self.dtype, self.device = weight.dtype, weight.device
        self.step = step or torch.finfo(self.dtype).eps ** (1 / 3)
        self.labels = labels

    def _call(self, x_bar: Tensor, gamma: Any, **options: bool) -> Any:
        x_bar = x_bar.to(self.dtype)
        if self.labels is None:
            return self.net(x_bar, gamma, **options)
        if len(self.labels) != len(x_bar):
            raise ValueError(f"{len(x_bar)} states need as many labels; got {len(self.labels)}")
        return self.net(x_bar, gamma, self.labels.to(x_bar.device), **options)

    @torch.no_grad()
    def _eps(self, x_bar: Tensor, gamma: Any) -> Tensor:
        return self._call(x_bar, gamma).to(x_bar)

    @torch.no_grad()
    def _derivatives(self, x_bar: Tensor, gamma: Any, order: int) -> tuple[Tensor, ...]:
        if self.derivative == "autodiff":
            return super()._derivatives(x_bar, gamma, order)
        if order != 1:
            raise ValueError(
                f"this flow's derivative gives d eps/dgamma only, and order {order} was asked for: "
                'use NetworkFlow(net, derivative="autodiff")'
            )
        if self.derivative == "finite_difference":
            self.nfe += 2
            return central_difference(self._eps, x_bar, gamma, self.step)
        eps, *features = self._call(x_bar, gamma, features=True)
        derivative = self.derivative(x_bar.to(self.dtype), gamma, eps, *features)
        return eps.to(x_bar), derivative.to(x_bar)


class AnalyticFirstStep(Flow):
    """`flow` with its very first evaluation replaced by the limit at large gamma: eps = x, slope 0.

    That evaluation is free: x = x_bar / sqrt(1 + gamma^2) is what eps tends to for data of unit
    scale and zero mean. Source: the analytical first step (AFS) of GENIE's sampler.
    """

    def __init__(self, flow: Flow) -> None:
        super().__init__(flow.schedule)
        self.flow = flow
        self._first = True

    def eps(self, x_bar: Tensor, gamma: Any) -> Tensor:
        """The limit at the first call, the flow's eps afterwards."""
        return self._limit(x_bar, gamma) if self._is_first() else self.flow.eps(x_bar, gamma)

    def derivatives(self, x_bar: Tensor, gamma: Any, order: int = 2) -> tuple[Tensor, ...]:
        """The limit and zeros at the first call, the flow's derivatives afterwards."""
        if self._is_first():
            return (
                self._limit(x_bar, gamma),
                *(x_bar.new_zeros(x_bar.shape) for _ in range(order)),
            )
        return self.flow.derivatives(x_bar, gamma, order)

    def _is_first(self) -> bool:
        first, self._first = self._first, False
        return first

    @staticmethod
    def _limit(x_bar: Tensor, gamma: Any) -> Tensor:
        gamma = gamma if not isinstance(gamma, Tensor) else gamma.to(x_bar)
        scale = (1 + gamma * gamma) ** -0.5
        if isinstance(scale, Tensor) and scale.ndim:
            scale = scale.reshape(-1, *(1,) * (x_bar.ndim - 1))
        return x_bar * scale
