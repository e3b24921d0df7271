"""The right-hand side of the one ODE, d x_bar / d gamma = eps(x_bar, gamma), and its derivatives.

A flow counts what it is asked for: `nfe`, every evaluation of eps, and `n_derivatives`, every
derivative on top of one. Solvers see nothing but a flow, so a flow of your own needs one method.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from genie_edu import _checks
from genie_edu._checks import derivative_order, doubtful, number, state_and_level
from genie_edu._names import instance, one_of
from genie_edu.derivative import along_flow, central_difference, flow_derivatives
from genie_edu.mixture import GaussianMixture
from genie_edu.schedule import VPSchedule, as_schedule, per_sample

DERIVATIVES = ("autodiff", "finite_difference")
EACH = ("labels", "condition", "condition_gamma", "w")
"""What a flow may hold for each of its states; a level and a weight also as one number for all."""


class Flow:
    """A countable right-hand side. Subclasses give `_eps`, and `_derivatives` if they know better.

    Every method takes x_bar (B, *shape) and gamma, a positive scalar or (B,), and returns tensors
    of x_bar's shape and dtype. `schedule` is what methods that expand in t read (default VP).
    They raise TypeError or ValueError naming the argument; NaN in x_bar comes out as NaN.
    """

    dtype = torch.float64
    """What `sample` draws its noise in, as `device` is where; flows of networks give their own."""
    device = torch.device("cpu")
    highest_derivative = 2
    """The highest order that `derivatives` can give."""
    parts: tuple[Flow, ...] = ()
    """The flows that this one asks."""

    def __init__(self, schedule: VPSchedule | None = None) -> None:
        self.schedule = as_schedule(schedule)
        self.nfe = 0
        self.n_derivatives = 0

    def eps(self, x_bar: Tensor, gamma: Any) -> Tensor:
        """eps(x_bar, gamma): one evaluation."""
        x_bar, gamma = state_and_level(x_bar, gamma)
        self.nfe += self._cost(gamma)
        return self._eps(x_bar, gamma)

    def eps_and_derivative(self, x_bar: Tensor, gamma: Any) -> tuple[Tensor, Tensor]:
        """(eps, total d eps/dgamma along the flow): one evaluation and one derivative."""
        return self.derivatives(x_bar, gamma, order=1)

    def derivatives(self, x_bar: Tensor, gamma: Any, order: int = 2) -> tuple[Tensor, ...]:
        """(eps, d1, ..., d_order): one evaluation and `order` derivatives."""
        order, (x_bar, gamma) = derivative_order(order), state_and_level(x_bar, gamma)
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
        instance("mixture", mixture, GaussianMixture, "a GaussianMixture")
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
    unit); `labels` (B,) go to a class-conditional network with every call of B states, `condition`
    (B, *its shape) and `condition_gamma`, the level of the noise in it (a number or (B,)), as its
    arguments of those names. `schedule` is by default the one that the network was trained on,
    where it says so (`net.schedule`).
    Raises TypeError, ValueError; warns of another schedule, and of a network that rounds its level.
    """

    def __init__(
        self,
        net: nn.Module,
        derivative: str | nn.Module = "autodiff",
        schedule: VPSchedule | None = None,
        step: float | None = None,
        labels: Tensor | None = None,
        condition: Tensor | None = None,
        condition_gamma: float | Tensor | None = None,
    ) -> None:
        instance("net", net, nn.Module, "a torch module, net(x_bar, gamma) -> eps")
        if not isinstance(derivative, nn.Module):
            one_of("derivative", derivative, DERIVATIVES)
        elif derivative is not net:
            _checks.head_of(derivative, net)
        else:
            raise ValueError("derivative must be a head: it can't be the network itself")
        super().__init__(_trained_on(net, schedule))
        self.net, self.derivative = net.eval(), derivative
        if isinstance(derivative, nn.Module):
            derivative.eval()
        self.highest_derivative = 2 if derivative == "autodiff" else 1
        weight = next(net.parameters(), torch.zeros((), dtype=torch.float64))
        self.dtype, self.device = weight.dtype, weight.device
        given = torch.finfo(self.dtype).eps ** (1 / 3) if step is None else step
        self.step = number("step", given, 0, 1)
        self.labels = labels
        self.condition, self.condition_gamma = condition, condition_gamma
        # Networks of the book are smooth in their level; of others one state is looked at, once.
        self._looked_at = hasattr(net, "feature_sizes")

    @property
    def labels(self) -> Tensor | None:
        """What classes the states are of, (B,) int64, or None."""
        return self._labels

    @labels.setter
    def labels(self, labels: Tensor | None) -> None:
        known = None if labels is None else _checks.classes_of(self.net)
        self._labels = None if labels is None else _checks.labels(labels, known)

    @property
    def condition(self) -> Tensor | None:
        """What the states are to fit, (B, *its shape), or None."""
        return self._condition

    @condition.setter
    def condition(self, condition: Tensor | None) -> None:
        self._condition = _checks.takes_condition(self.net, condition)

    @property
    def condition_gamma(self) -> float | Tensor | None:
        """The level of the noise in the condition, a number or (B,), or None."""
        return self._condition_gamma

    @condition_gamma.setter
    def condition_gamma(self, gamma: float | Tensor | None) -> None:
        self._condition_gamma = _checks.takes_condition(self.net, gamma, "condition_gamma")

    def _labels_for(self, x_bar: Tensor) -> tuple[Tensor, ...]:
        """The labels on the states' device, one for each of them, or nothing."""
        if self.labels is None:
            return ()
        return (_checks.labels(self.labels, n=len(x_bar)).to(x_bar.device),)

    def _call(self, x_bar: Tensor, gamma: Any, **options: Any) -> Any:
        x_bar = x_bar.to(self.dtype)
        if self.condition is not None:
            options["condition"] = self.condition.to(x_bar)
        if self.condition_gamma is not None:
            options["condition_gamma"] = torch.as_tensor(self.condition_gamma).to(x_bar)
        labels = self._labels_for(x_bar)
        with _checks.told("net", x_bar):
            found = self.net(x_bar, gamma, *labels, **options)
        _checks.prediction(found[0] if options.get("features") else found, x_bar)
        return found

    @torch.no_grad()
    def _eps(self, x_bar: Tensor, gamma: Any) -> Tensor:
        return self._call(x_bar, gamma).to(x_bar)

    @torch.no_grad()
    def _derivatives(self, x_bar: Tensor, gamma: Any, order: int) -> tuple[Tensor, ...]:
        if not self._looked_at and isinstance(self.derivative, str) and len(x_bar):
            self._looked_at = True
            self._look(x_bar, gamma)
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
        with _checks.told("derivative", x_bar):
            derivative = self.derivative(x_bar.to(self.dtype), gamma, eps, *features)
        return eps.to(x_bar), _checks.prediction(derivative, x_bar, "derivative").to(x_bar)

    def _look(self, x_bar: Tensor, gamma: Any) -> None:
        """Warn of a network whose eps changes with its level and has no slope in it.

        So it is where the level, or a step number, is rounded to an entry of a table. x is held and
        not x_bar: the scale between the two is smooth whatever the network does.
        """
        x_bar = x_bar.to(self.dtype)
        gamma = per_sample(gamma, x_bar).flatten().expand(len(x_bar)).clone()
        x = x_bar * per_sample(torch.rsqrt(1 + gamma * gamma), x_bar)

        def at(factor: float) -> Tensor:
            level = factor * gamma
            return self._call(x * per_sample(torch.sqrt(1 + level * level), x), level)

        if self.derivative == "autodiff":
            velocity = per_sample(gamma / (1 + gamma * gamma), x_bar) * x_bar
            slope = per_sample(gamma, x) * along_flow(self._call, x_bar, gamma, velocity)
        else:
            slope = (at(1 + self.step) - at(1 - self.step)) / (2 * self.step)
        eps = at(1.0)
        change = (at(0.5) - eps).norm()
        if change > 1e-3 * eps.norm() and slope.norm() < 0.01 * change:
            doubtful(
                "net's eps changes with gamma and has no slope in it, as if its level were rounded "
                "to a table's: derivatives miss that part; let the level in unrounded"
            )


@contextmanager
def holding(flow: Flow, **values: Any) -> Iterator[None]:
    """Within a `with`, the flow holds these; afterwards what it held."""
    own = {name: getattr(flow, name) for name in values}
    try:
        for name, value in values.items():
            setattr(flow, name, value)
        yield
    finally:
        for name, value in own.items():
            setattr(flow, name, value)


@contextmanager
def states_at(flow: Flow, places: slice | Tensor) -> Iterator[None]:
    """Within a `with`, the flow, and each that it is made of, is that of the states at `places`."""
    with ExitStack() as stack:
        for one in {id(f): f for f in _all(flow)}.values():
            held = {name: getattr(one, name, None) for name in EACH}
            each = {k: v[places] for k, v in held.items() if isinstance(v, Tensor) and v.ndim}
            stack.enter_context(holding(one, **each))
        yield


def _all(flow: Flow) -> Iterator[Flow]:
    yield flow
    for part in flow.parts:
        yield from _all(part)


def as_flow(flow: Any) -> Flow:
    """`flow`, if it is one. Raises TypeError that says how a flow is made."""
    if not isinstance(flow, Flow):
        way = "AnalyticFlow(mixture) or NetworkFlow(net)"
        instance("flow", flow, Flow, f"a flow, such as {way}")
    if not hasattr(flow, "nfe"):
        raise TypeError("flow has no counters: call super().__init__() in the class of your own")
    return flow


def _trained_on(net: nn.Module, schedule: VPSchedule | None) -> VPSchedule:
    """`schedule`, or that of the network's training, where it has one."""
    own = getattr(net, "schedule", None)
    if not isinstance(own, VPSchedule):
        return as_schedule(schedule)
    if schedule is None:
        return own
    here, there = (float(s.gamma(1.0)) for s in (as_schedule(schedule), own))
    if abs(here / there - 1) > 0.05:
        doubtful(
            f"schedule reaches gamma = {here:.4g} at t = 1, and the network was trained up to "
            f"{there:.4g}: leave schedule out, or start grids at the t where gamma is that"
        )
    return schedule


class AnalyticFirstStep(Flow):
    """`flow` with its very first evaluation replaced by the limit at large gamma: eps = x, slope 0.

    That evaluation is free: x = x_bar / sqrt(1 + gamma^2) is what eps tends to for data of unit
    scale and zero mean; `solve` warns where gamma is not large.
    Source: the analytical first step (AFS) of GENIE's sampler.
    """

    def __init__(self, flow: Flow) -> None:
        super().__init__(flow.schedule)
        self.flow, self.parts = flow, (flow,)
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
        gamma = per_sample(gamma, x_bar.double())
        return x_bar * torch.rsqrt(1 + gamma * gamma).to(x_bar)
