"""Checks of chapter 5: a total derivative by hand, the GENIE step, and the step from d eps/dt.

The truth in each check is made here: central differences along a flow known in closed form, step
coefficients read off a flow made for the purpose, and an order measured against DOP853.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any
from unittest import mock

import torch
from torch import Tensor

from genie_edu.exercises import NotYet, correct, require_callable
from genie_edu.exercises.answers import LibraryUsedError, called, tensor_like
from genie_edu.flow import AnalyticFlow, Flow
from genie_edu.metrics import end_point_error, exact_solution, observed_order
from genie_edu.mixture import GaussianMixture
from genie_edu.schedule import VPSchedule, time_grid
from genie_edu.solvers import solve

STEP_COUNTS = (16, 32, 64, 128)
WANTED_ORDER, ORDER_TOLERANCE = 2.0, 0.1
_CLOSE = 1e-6


def check_gaussian_derivative(answer: object) -> None:
    """Check ``deps_dgamma(x_bar, gamma, mean, std)``: the total derivative for one Gaussian.

    The truth is a central difference of eps along the exact flow x_bar - mean = c sqrt(std^2 +
    gamma^2). Raises NotYet with a hint; prints one line when the answer is right.
    """
    function = require_callable(answer, "deps_dgamma(x_bar, gamma, mean, std)")
    generator = torch.Generator().manual_seed(5)
    mean = torch.tensor([0.5, -0.3], dtype=torch.float64)
    x_bar = mean + torch.randn(7, 2, generator=generator, dtype=torch.float64)

    for gamma, std in ((2.0, 0.5), (0.7, 0.5), (0.2, 0.8), (3.0, 1.5)):
        away = x_bar - mean
        level = std**2 + gamma**2
        truth = _along_gaussian_flow(away, gamma, std)
        given = _given(function, x_bar, x_bar, gamma, mean, std)
        if _same(given, truth):
            continue
        if _same(given, (std**2 - gamma**2) / level**2 * away):
            raise NotYet(
                "this is the change of eps at a point that stands still. Along the flow the point "
                "moves as well: the Jacobian part is missing."
            )
        if _same(given, gamma**2 / level**2 * away):
            raise NotYet(
                "this is what the motion of the point contributes. The clock moves too: the part "
                "at fixed x_bar is missing."
            )
        if _same(given, std**2 / level**2 * x_bar):
            raise NotYet("nearly: at x_bar = mean the path is straight, and yours bends there.")
        if _same(given, -truth):
            raise NotYet("the size is right, the sign is not: gamma grows along d/dgamma.")
        ratio = float((given * truth).sum() / (truth * truth).sum())
        raise NotYet(
            f"at gamma = {gamma}, std = {std} a central difference of eps along the exact flow is "
            f"another vector: yours, measured along it, is {ratio:.3g} times as long."
        )
    correct("the derivative matches central differences along the exact flow at four levels.")


def check_genie_step(answer: object) -> None:
    """Check ``step(flow, x_bar, gamma, gamma_next, memory)``: GENIE, of observed order 2.0 +- 0.1.

    First the step's coefficients are read off a flow with eps = (1, 0) and derivative (0, 1), then
    its order is measured on a mixture against DOP853. Raises NotYet with a hint; prints one line.
    """
    function = require_callable(answer, "genie_step(flow, x_bar, gamma, gamma_next, memory)")
    gamma, gamma_next = 1.5, 0.9
    h = gamma_next - gamma
    probe = _ProbeFlow(gamma)
    x_bar = torch.zeros(1, 2, dtype=torch.float64)
    result = _called(function, probe, x_bar, gamma, gamma_next, None)
    if isinstance(result, Tensor):
        raise NotYet("return the pair (x_bar_next, memory); a one-step method's memory is None.")
    if not isinstance(result, tuple) or len(result) != 2:
        raise NotYet("return the pair (x_bar_next, memory); a one-step method's memory is None.")
    first, second = tensor_like(result[0], x_bar)[0].tolist()
    if probe.called_by_library:
        raise NotYet("this hands the work to the library's own step; write the three terms.")
    _check_first_term(first, h)
    if abs(second) < _CLOSE:
        raise NotYet("this is Euler's step still: the derivative of eps does not enter.")
    if abs(second - 0.5 * h * h) > _CLOSE:
        raise NotYet(_second_term_hint(second, h, 0.5 * h * h))
    if probe.nfe != 1:
        raise NotYet(
            f"right, but it evaluates eps {probe.nfe} times a step. One call returns eps and its "
            "derivative together."
        )

    order = _observed(function)
    if abs(order - WANTED_ORDER) > ORDER_TOLERANCE:
        raise NotYet(
            f"the observed order is {order:.2f}. The step is right at one point; does it use "
            "the x_bar and gamma of every step?"
        )
    correct(f"observed order {order:.1f}, one evaluation of eps a step.")


def check_step_from_time_derivative(answer: object) -> None:
    """Check ``step_from_dt(x_bar, eps, deps_dt, t, t_next, schedule)``: GENIE fed with d eps/dt.

    The result is linear in x_bar, eps and deps_dt; the three coefficients are read off and
    compared with own central differences of gamma(t). Raises NotYet with a hint; prints one line.
    """
    function = require_callable(answer, "step_from_dt(x_bar, eps, deps_dt, t, t_next, schedule)")
    schedule = VPSchedule()
    for t, t_next in ((0.6, 0.5), (0.3, 0.22), (0.9, 0.85)):
        rate = _dgamma_dt(schedule, t)
        h = float(schedule.gamma(t_next) - schedule.gamma(t))
        h_t = t_next - t
        zero = torch.zeros(1, 2, dtype=torch.float64)
        one = torch.ones(1, 2, dtype=torch.float64)

        def coefficient(
            which: int,
            t: float = t,
            t_next: float = t_next,
            zero: Tensor = zero,
            one: Tensor = one,
        ) -> float:
            inputs = [one if index == which else zero for index in range(3)]
            return float(_given(function, zero, *inputs, t, t_next, schedule)[0, 0])

        if abs(coefficient(0) - 1) > _CLOSE:
            raise NotYet("with eps = 0 and no derivative the point must stay where it is.")
        first, second = coefficient(1), coefficient(2)
        if _near(first, h_t):
            raise NotYet("h here is a step in t. The state x_bar moves by eps per unit of gamma.")
        _check_first_term(first, h)
        wanted = 0.5 * h * h / rate
        if _near(second, wanted):
            continue
        if _near(second, 0.5 * h * h):
            raise NotYet(
                "d eps/dt stands where d eps/dgamma belongs: the units differ by the rate of the "
                "two clocks."
            )
        if _near(second, 0.5 * h * h * rate):
            raise NotYet("the rate of the clocks is the wrong way up.")
        if _near(second, 0.5 * h_t * h_t):
            raise NotYet("the last term takes its step in t, the term before it in gamma.")
        raise NotYet(_second_term_hint(second, h, wanted))
    correct("the three coefficients match gamma(t) and its own central differences.")


# What the checks share.


class _ProbeFlow(Flow):
    """eps = (1, gamma - gamma_0): at gamma_0 its value is (1, 0), its total derivative (0, 1)."""

    def __init__(self, gamma_0: float) -> None:
        super().__init__()
        self.gamma_0 = gamma_0
        self.called_by_library = False

    def _eps(self, x_bar: Tensor, gamma: Any) -> Tensor:  # noqa: ANN401
        self.called_by_library |= _has_caller("genie_edu.solvers")
        second = (gamma - self.gamma_0) + 0 * x_bar[:, 0]
        return torch.stack([torch.ones_like(second), second], dim=1)


def _has_caller(module: str) -> bool:
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_globals.get("__name__") == module:
            return True
        frame = frame.f_back
    return False


def _along_gaussian_flow(away: Tensor, gamma: float, std: float, step: float = 1e-3) -> Tensor:
    """Fourth-order central difference of eps along x_bar - mean = c sqrt(std^2 + gamma^2)."""

    def eps(level: float) -> Tensor:
        moved = away * ((std**2 + level**2) / (std**2 + gamma**2)) ** 0.5
        return level * moved / (std**2 + level**2)

    near = eps(gamma + step) - eps(gamma - step)
    far = eps(gamma + 2 * step) - eps(gamma - 2 * step)
    return (8 * near - far) / (12 * step)


def _dgamma_dt(schedule: VPSchedule, t: float, step: float = 1e-4) -> float:
    near = schedule.gamma(t + step) - schedule.gamma(t - step)
    far = schedule.gamma(t + 2 * step) - schedule.gamma(t - 2 * step)
    return float((8 * near - far) / (12 * step))


def _observed(step: Callable[..., Any]) -> float:
    mixture = GaussianMixture([0.6, 0.4], [[-1, 0.4], [0.9, -0.3]], [_cov(0.5), _cov(0.35)])
    flow = AnalyticFlow(mixture)
    t_start, t_end = (float(flow.schedule.t_of_gamma(gamma)) for gamma in (10.0, 0.1))
    generator = torch.Generator().manual_seed(0)
    start = 10 * torch.randn(64, 2, generator=generator, dtype=torch.float64)
    exact = exact_solution(flow, start, [10.0, 0.1])[-1]
    errors = []
    for n_steps in STEP_COUNTS:
        times = time_grid(n_steps, "quadratic", t_start, t_end)
        end = solve(flow, start, flow.schedule.gamma(times), step).x_bar[-1]
        errors.append(end_point_error(end, exact))
    try:
        return observed_order(STEP_COUNTS, errors).order
    except ValueError as error:
        raise NotYet("the error does not fall in a straight line as the steps shrink.") from error


def _cov(std: float) -> list[list[float]]:
    return [[std**2, 0.0], [0.0, std**2]]


def _check_first_term(first: float, h: float) -> None:
    if _near(first, -h):
        raise NotYet(
            "the step goes the wrong way: h = gamma_next - gamma, which is negative while sampling."
        )
    if not _near(first, h):
        raise NotYet(
            f"the term with eps should be h eps with h = {h:.3g}; yours has {first:.3g} there."
        )


def _second_term_hint(second: float, h: float, wanted: float) -> str:
    if _near(second, -wanted):
        return "the last term has the wrong sign; h is squared there, so its own sign is gone."
    if _near(second, 2 * wanted):
        return "the last term is twice too large: look at Taylor's formula again."
    if _near(second * h, wanted) or _near(second * h, 2 * wanted):
        return "a power of h is missing in the last term."
    return f"the last term is {second / wanted:.3g} times what Taylor's formula gives."


def _near(value: float, wanted: float) -> bool:
    return abs(value - wanted) <= _CLOSE * max(abs(wanted), 1e-3)


def _same(value: Tensor, wanted: Tensor) -> bool:
    return float((value - wanted).abs().max()) <= _CLOSE * float(wanted.abs().max())


def _called(function: Callable[..., Any], *arguments: Any) -> Any:  # noqa: ANN401
    """Run an answer that must not ask the mixture for its derivatives."""
    refuse = mock.patch.object(GaussianMixture, "derivatives", side_effect=LibraryUsedError)
    refuse_jvp = mock.patch.object(GaussianMixture, "deps_dt", side_effect=LibraryUsedError)
    hint = "this asks the library for the answer; write the formula."
    with refuse, refuse_jvp:
        return called(function, *arguments, library=hint)


def _given(function: Callable[..., Any], like: Tensor, *arguments: Any) -> Tensor:  # noqa: ANN401
    return tensor_like(_called(function, *arguments), like)
