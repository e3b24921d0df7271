"""Classifier-free guidance as a flow: two predictions extrapolated, and the derivative of that.

The guided flow is one more right-hand side, d x_bar/dgamma = eps_w, so that every solver takes it.
Its derivative is taken along *its own* path. Adding up the derivatives of its two parts, each along
the part's own path, gives another number.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from genie_edu._checks import as_tensor, classes_of
from genie_edu.flow import AnalyticFlow, Flow, NetworkFlow
from genie_edu.schedule import per_sample

Head = Callable[..., Tensor]
"""head(x_bar, gamma, eps_w, w, *features) -> d eps_w/dgamma, all (B, *shape) but gamma and w."""


class GuidedFlow(Flow):
    """eps_w = (1 + w) eps_c - w eps_u: from an unconditional flow away, past a conditional one.

    w = 0 is the conditional flow itself and w = -1 the unconditional one. Not to be confused with
    the guidance_scale of diffusers, which is 1 + w. `w` is a number or (B,), one for each state.
    Guidance acts where low < gamma <= high if `interval` is (low, high); elsewhere, and with w = 0,
    this is the conditional flow with its own derivative, and one call. eps_w jumps at both ends: a
    sampling grid keeps a solver's order if they are two of its levels, to the last digit (going up,
    the levels must lie just above them, since a step begins on its lower level). Where guidance
    acts an evaluation counts both parts, 2 calls. Two NetworkFlows of one network are one call of
    2B states (counted 2): `conditional` needs labels, `unconditional` gets the null label unless it
    has its own.

    The derivative is that of eps_w along eps_w: in closed form for two mixtures, by nested JVPs of
    the guided function otherwise, whatever the parts would give of their own flows. With `head`, a
    network distilled along guided flows such as GuidedHead, it is head(x_bar, gamma, eps_w, w,
    *features), the features as in `features`. First order only.

    Raises TypeError or ValueError for parts that are no flows, have different schedules or devices,
    lack labels, for w or `interval` out of bounds, for a head without one network.
    Source: Ho and Salimans 2021; Kynkaanniemi et al. 2024 (interval); genie_edu book, chapter 16.
    """

    def __init__(
        self,
        conditional: Flow,
        unconditional: Flow,
        w: float | Tensor,
        interval: tuple[float, float] | None = None,
        head: Head | None = None,
    ) -> None:
        for name, part in (("conditional", conditional), ("unconditional", unconditional)):
            if not isinstance(part, Flow):
                raise TypeError(f"{name} must be a Flow; got {type(part).__name__}")
        if conditional.schedule != unconditional.schedule:
            raise ValueError(
                "conditional and unconditional must have one schedule; "
                f"got {conditional.schedule} and {unconditional.schedule}"
            )
        if conditional.device != unconditional.device:
            raise ValueError(
                "conditional and unconditional must be on one device; "
                f"got {conditional.device} and {unconditional.device}"
            )
        super().__init__(conditional.schedule)
        self.conditional, self.unconditional, self.head = conditional, unconditional, head
        self.parts = (conditional, unconditional)
        self.w, self.interval = _weight(w), _interval(interval)
        self.dtype, self.device = conditional.dtype, conditional.device
        self._one_network = _share_a_network(conditional, unconditional)
        if head is not None and not self._one_network:
            raise ValueError("head reads the features of one network: both flows must have it")
        if head is not None:
            self.highest_derivative = 1
        elif self.interval or not self._acts():
            self.highest_derivative = conditional.highest_derivative

    def _acts(self, gamma: Any = None) -> bool:
        """Whether any state is guided at gamma (at all, if no gamma is given)."""
        w = self.w if gamma is None else self._weight_at(gamma)
        return bool((w != 0).any()) if isinstance(w, Tensor) else w != 0

    def _cost(self, gamma: Any) -> int:
        cost = self.conditional._cost(gamma)
        return cost + self.unconditional._cost(gamma) if self._acts(gamma) else cost

    def _weight_at(self, gamma: Any) -> float | Tensor:
        """The weight that is in force at gamma, (), (B,) or a number."""
        if self.interval is None:
            return self.w
        low, high = self.interval
        if isinstance(gamma, Tensor) and gamma.ndim:
            w = torch.as_tensor(self.w, dtype=torch.float64, device=gamma.device)
            return torch.where((gamma > low) & (gamma <= high), w, torch.zeros_like(w))
        return self.w if low < float(gamma) <= high else 0.0

    @torch.no_grad()
    def _eps(self, x_bar: Tensor, gamma: Any) -> Tensor:
        if not self._acts(gamma):
            return self.conditional._eps(x_bar, gamma)
        if self._one_network:
            parts = self._both(x_bar, gamma).to(x_bar).chunk(2)
        else:
            parts = self.conditional._eps(x_bar, gamma), self.unconditional._eps(x_bar, gamma)
        return _extrapolate(*parts, self._weight_at(gamma))

    def _both(self, x_bar: Tensor, gamma: Any, **options: Any) -> Any:
        """What the one network says of 2B states: B under their labels, B under the others."""
        flow, x_bar = self.conditional, x_bar.to(self.dtype)
        (labels,) = flow._labels_for(x_bar)
        others = self.unconditional._labels_for(x_bar) or (
            torch.full_like(labels, classes_of(flow.net)),
        )
        if isinstance(gamma, Tensor) and gamma.ndim:
            gamma = torch.cat([gamma.expand(len(x_bar))] * 2)
        if flow.condition is not None:
            options["condition"] = torch.cat([flow.condition.to(x_bar)] * 2)
        if flow.condition_gamma is not None:
            noisy = torch.as_tensor(flow.condition_gamma).to(x_bar)
            options["condition_gamma"] = torch.cat([noisy.expand(len(x_bar))] * 2)
        return flow.net(torch.cat([x_bar] * 2), gamma, torch.cat([labels, *others]), **options)

    def features(self, x_bar: Tensor, gamma: Any) -> tuple[Tensor, ...]:
        """(eps_w, *features) as a head reads them: in the network's dtype, not counted.

        Features are the one network's under both labels, joined along the channels (B, 2 C, ...).
        """
        eps, *features = self._both(x_bar, gamma, features=True)
        joined = (torch.cat(feature.chunk(2), dim=1) for feature in features)
        return _extrapolate(*eps.chunk(2), self._weight_at(gamma)), *joined

    @torch.no_grad()
    def _derivatives(self, x_bar: Tensor, gamma: Any, order: int) -> tuple[Tensor, ...]:
        if not self._acts(gamma):
            counted = self.conditional.nfe
            result = self.conditional._derivatives(x_bar, gamma, order)
            self.nfe += self.conditional.nfe - counted  # of a difference, which calls more often
            return result
        w = self._weight_at(gamma)
        if self.head is not None:
            return self._by_head(x_bar, gamma, order, w)
        if all(isinstance(part, AnalyticFlow) for part in (self.conditional, self.unconditional)):
            return self._in_closed_form(x_bar, gamma, order, w)
        return super()._derivatives(x_bar, gamma, order)

    def _in_closed_form(
        self, x_bar: Tensor, gamma: Any, order: int, w: float | Tensor
    ) -> tuple[Tensor, ...]:
        """Each mixture's eps differentiated along the guided path, order by order."""
        parts = self.conditional.mixture, self.unconditional.mixture
        path: list[Tensor] = []  # eps_w and its derivatives: the derivatives of the guided path
        for k in range(order + 1):
            highest = (m.derivatives(x_bar, gamma, k, tuple(path))[k] for m in parts)
            path.append(_extrapolate(*highest, w))
        return tuple(path)

    def _by_head(
        self, x_bar: Tensor, gamma: Any, order: int, w: float | Tensor
    ) -> tuple[Tensor, ...]:
        if order != 1:
            raise ValueError(
                f"a head gives d eps/dgamma only, and order {order} was asked for: leave out head"
            )
        eps, *features = self.features(x_bar, gamma)
        derivative = self.head(x_bar.to(self.dtype), gamma, eps, w, *features)
        return eps.to(x_bar), derivative.to(x_bar)


class SumOfDerivativesFlow(GuidedFlow):
    """The guided flow with the sum (1 + w) k_c - w k_u for its derivative, each k its own part's.

    Two heads, each distilled for its own network, can give no more. It is what the public code of
    GENIE takes, and it is not the derivative of eps_w unless w = 0: the parts' Jacobians should
    meet the velocity eps_w, and meet eps_c and eps_u. A Taylor step with it has order 1.
    Arguments and errors as of GuidedFlow, without `head`.
    Source: genie_edu book, chapter 16; GENIE's code, generate_base_with_guidance.py.
    """

    def __init__(
        self,
        conditional: Flow,
        unconditional: Flow,
        w: float | Tensor,
        interval: tuple[float, float] | None = None,
    ) -> None:
        super().__init__(conditional, unconditional, w, interval)
        parts = conditional, unconditional
        self.highest_derivative = min(part.highest_derivative for part in parts)

    def _derivatives(self, x_bar: Tensor, gamma: Any, order: int) -> tuple[Tensor, ...]:
        if not self._acts(gamma):
            return super()._derivatives(x_bar, gamma, order)
        parts, w = (self.conditional, self.unconditional), self._weight_at(gamma)
        counted = sum(part.nfe for part in parts)
        own = [part._derivatives(x_bar, gamma, order) for part in parts]
        self.nfe += sum(part.nfe for part in parts) - counted
        return tuple(_extrapolate(c, u, w) for c, u in zip(*own, strict=True))


def _extrapolate(conditional: Tensor, unconditional: Tensor, w: float | Tensor) -> Tensor:
    """(1 + w) conditional - w unconditional: the one place of the formula."""
    if isinstance(w, Tensor):
        if w.ndim and len(w) != len(conditional):
            raise ValueError(f"w must be a number or one for each of {len(conditional)} states")
        w = per_sample(w, conditional)
    return (1 + w) * conditional - w * unconditional


def _weight(w: Any) -> float | Tensor:
    tensor = as_tensor("w", w, torch.float64)
    if tensor.ndim > 1:
        raise ValueError(f"w must be a number or have shape (B,); got {tuple(tensor.shape)}")
    return tensor if tensor.ndim else float(tensor)


def _interval(interval: Any) -> tuple[float, float] | None:
    if interval is None:
        return None
    try:
        low, high = (float(level) for level in interval)
    except (TypeError, ValueError) as error:
        raise TypeError(f"interval must be two gammas, (low, high); got {interval!r}") from error
    if not 0 <= low < high or math.isinf(low):
        raise ValueError(f"interval must be (low, high) with 0 <= low < high; got {interval!r}")
    return low, high


def _share_a_network(conditional: Flow, unconditional: Flow) -> bool:
    """Whether both flows are of one network; then its labels must tell them apart."""
    if not (isinstance(conditional, NetworkFlow) and isinstance(unconditional, NetworkFlow)):
        return False
    if conditional.net is not unconditional.net:
        return False
    if conditional.labels is None:
        raise ValueError("conditional needs labels: without, both flows are the unconditional one")
    if unconditional.labels is None and classes_of(conditional.net) is None:
        raise ValueError(
            "unconditional needs labels, its null label for each state: this network does not say "
            "how many classes it knows"
        )
    return True
