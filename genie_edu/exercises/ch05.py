"""Checks of chapter 5: a second derivative, GENIE from D and from d eps/dt, a lost third term.

The truth in each check is made here: central differences along a flow known in closed form, step
coefficients read off a flow made for the purpose, and an order measured against DOP853.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any
from unittest import mock

import torch
from torch import Tensor

from genie_edu.exercises import NotYet, correct, require_callable
from genie_edu.exercises.answers import LibraryUsedError, called, near, same, tensor_like
from genie_edu.flow import AnalyticFlow, Flow
from genie_edu.metrics import end_point_error, exact_solution, observed_order
from genie_edu.mixture import GaussianMixture
from genie_edu.schedule import VPSchedule, time_grid
from genie_edu.solvers import solve

STEP_COUNTS = (16, 32, 64, 128)
WANTED_ORDER, ORDER_TOLERANCE = 2.0, 0.1
_CLOSE = 1e-6
_MOST_STEPS, _HIGH, _LOW, _LOSS = 8, 5.0, 0.1, 4 / 3
_ROUNDING = 1e-6  # 0.1 in float32 is above 0.1

_same = functools.partial(same, close=_CLOSE)
_near = functools.partial(near, close=_CLOSE, least=1e-3)


def check_gaussian_second(answer: object) -> None:
    """Check ``second(x_bar, gamma, mean, std)``: the second total derivative for one Gaussian.

    The truth is a second difference of eps along the exact flow x_bar - mean = c sqrt(std^2 +
    gamma^2). Raises NotYet with a hint; prints one line when the answer is right.
    """
    function = require_callable(answer, "second(x_bar, gamma, mean, std)")
    generator = torch.Generator().manual_seed(5)
    mean = torch.tensor([0.5, -0.3], dtype=torch.float64)
    x_bar = mean + torch.randn(7, 2, generator=generator, dtype=torch.float64)

    for gamma, std in ((2.0, 0.5), (0.7, 0.5), (0.2, 0.8), (3.0, 1.5)):
        away, square = x_bar - mean, std**2 + gamma**2
        truth = _second_along_gaussian_flow(away, gamma, std)
        given = _given(function, x_bar, x_bar, gamma, mean, std)
        if _same(given, truth, close=1e-5):
            continue
        first = std**2 * away / square**2
        if _same(given, -4 * gamma / square * first, close=1e-5):
            raise NotYet(
                "this is the change of the first derivative at a point that stands still: x_bar - "
                "mean changes along the flow, too."
            )
        if _same(given, gamma / square * first, close=1e-5):
            raise NotYet("the point moves in yours, but the clock in the denominator doesn't.")
        if _same(given, first):
            raise NotYet("that is the first derivative; differentiate once more along the flow.")
        if _same(given, truth * square**0.5, close=1e-5):
            raise NotYet("c is not x_bar - mean: on the path that is c sqrt(std^2 + gamma^2).")
        if _same(given, -truth, close=1e-5):
            raise NotYet("the size is right, the sign is not: does the first one grow with gamma?")
        if _same(given, truth / away * x_bar, close=1e-5):
            raise NotYet("nearly: at x_bar = mean nothing changes, and yours does.")
        ratio = float((given * truth).sum() / (truth * truth).sum())
        raise NotYet(
            f"at gamma = {gamma}, std = {std} a second difference of eps along the exact flow is "
            f"another vector: yours, measured along it, is {ratio:.3g} times as long."
        )
    correct("it matches second differences along the exact flow at four levels.")


def check_guess_step(answer: object) -> None:
    """Check ``step_from_guess(guess, x_bar, gamma, gamma_next)``: GENIE's step, of order two.

    guess(x_bar, gamma) returns D and dD/dgamma. First the step's three coefficients are read off
    and compared with Taylor's, then its order is measured (2.0 +- 0.1) on a mixture against DOP853.
    Another method of order two is told that it is one. Raises NotYet with a hint.
    """
    function = require_callable(answer, "step_from_guess(guess, x_bar, gamma, gamma_next)")
    gamma, gamma_next = 1.5, 0.9
    h = gamma_next - gamma
    zero = torch.zeros(1, 2, dtype=torch.float64)
    one = torch.ones(1, 2, dtype=torch.float64)

    def coefficient(x_bar: Tensor, clean: Tensor, drift: Tensor) -> float:
        result = _given(function, zero, lambda *_: (clean, drift), x_bar, gamma, gamma_next)
        return float(result[0, 0])

    kept, clean, drift = (
        coefficient(*(one if k == which else zero for k in range(3))) for which in range(3)
    )
    if _near(kept, 1 - h / gamma) and _near(clean, h / gamma):
        raise NotYet("a sign is wrong in eps: x_bar is the guess plus gamma eps.")
    if _near(kept, 1) and _near(clean, h):
        raise NotYet("you step by the guess itself; the velocity of x_bar is eps.")
    if _near(kept, 1 + h) and _near(clean, -h):
        raise NotYet("the noise is x_bar minus the guess, in units of gamma.")
    if not (_near(kept, 1 + h / gamma) and _near(clean, -h / gamma)):
        raise NotYet(
            f"with h = {h:.3g} and gamma = {gamma} x_bar should be kept {1 + h / gamma:.3g} times, "
            f"and the guess enter {-h / gamma:.3g} times; yours are {kept:.3g} and {clean:.3g}."
        )
    wanted = -0.5 * h * h / gamma
    if abs(drift) < _CLOSE and _is_of_order_two(function):
        raise NotYet(
            "this is of order two, but not GENIE's step: it asks for the guess again where GENIE "
            "uses the derivative of the first one."
        )
    if abs(drift) < _CLOSE:
        raise NotYet("this is Euler's step still: the derivative of the guess does not enter.")
    if _near(drift, -wanted):
        raise NotYet("the last term has the wrong sign: eps and the guess change in opposite ways.")
    if _near(abs(drift), abs(wanted) * gamma):
        raise NotYet("the last term holds the drift of the guess where d eps/dgamma belongs.")
    if not _near(drift, wanted) and _is_of_order_two(function):
        raise NotYet(
            f"this is of order two, but not GENIE's step: its last term is {drift / wanted:.3g} "
            "times Taylor's, which holds d eps/dgamma constant over the step."
        )
    if not _near(drift, wanted):
        raise NotYet(_second_term_hint(drift, h, wanted))

    order = _observed(function)
    if abs(order - WANTED_ORDER) > ORDER_TOLERANCE:
        raise NotYet(
            f"the observed order is {order:.2f}. The step is right at one point; does it use "
            "the x_bar and gamma of every step?"
        )
    correct(f"observed order {order:.1f}, from a network that knows no eps.")


def check_third_loses(mixture: object, gammas: object) -> None:
    """Check a 2-D mixture and levels on which taylor3's error is a third larger than GENIE's.

    At most eight steps from gamma >= 5 to gamma <= 0.1; errors are medians over 256 starts against
    DOP853. Raises NotYet with a hint; prints one line.
    """
    if mixture is ... or gammas is ... or mixture is None or gammas is None:
        raise NotYet("put a mixture and its levels in place of the dots, then run the cell.")
    if not isinstance(mixture, GaussianMixture) or mixture.dim != 2:
        raise NotYet("hand in a ge.GaussianMixture with means in the plane.")
    try:
        levels = torch.as_tensor(gammas, dtype=torch.float64).flatten()
    except (TypeError, ValueError, RuntimeError):
        raise NotYet("the levels must be numbers: a list or a tensor.") from None
    if len(levels) < 2 or not bool((levels > 0).all() and (levels.diff() < 0).all()):
        raise NotYet("the levels must be positive and fall from step to step.")
    if len(levels) > _MOST_STEPS + 1:
        raise NotYet(f"{len(levels) - 1} steps are too many: at most {_MOST_STEPS}.")
    if levels[0] < _HIGH * (1 - _ROUNDING) or levels[-1] > _LOW * (1 + _ROUNDING):
        raise NotYet(f"go all the way, from gamma {_HIGH:g} or more to {_LOW:g} or less.")
    flow = AnalyticFlow(mixture)
    generator = torch.Generator().manual_seed(1)
    start = torch.randn(256, 2, generator=generator, dtype=torch.float64)
    start = start * torch.sqrt(1 + levels[0] ** 2)
    exact = exact_solution(flow, start, levels[[0, -1]], rtol=1e-9)[-1]
    genie, third = (
        end_point_error(solve(flow, start, levels, name).x_bar[-1], exact)
        for name in ("genie", "taylor3")
    )
    if third >= _LOSS * genie > 1e-9:
        correct(f"GENIE misses by {genie:.3f}, the third order by {third:.3f}.")
        return
    if mixture.n_components == 1:
        raise NotYet(
            f"errors {genie:.3g} and {third:.3g}: for one Gaussian the series converges over every "
            "step, and the third term helps. What does a mixture add?"
        )
    if len(levels) == 2:
        raise NotYet(
            f"errors {genie:.3g} and {third:.3g}: in one step over everything both are lost alike. "
            "Let the early steps be harmless."
        )
    raise NotYet(
        f"GENIE misses by {genie:.3g}, the third order by {third:.3g}, {third / genie:.2f} times "
        f"as much; {_LOSS:.2f} times is asked for. Look at the step in which the modes part."
    )


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


def _second_along_gaussian_flow(away: Tensor, gamma: float, std: float) -> Tensor:
    """Fourth-order second difference of eps along x_bar - mean = c sqrt(std^2 + gamma^2)."""
    step = 2e-3 * math.sqrt(std**2 + gamma**2)

    def eps(level: float) -> Tensor:
        moved = away * ((std**2 + level**2) / (std**2 + gamma**2)) ** 0.5
        return level * moved / (std**2 + level**2)

    near, far = (eps(gamma + k * step) + eps(gamma - k * step) for k in (1, 2))
    return (16 * near - far - 30 * eps(gamma)) / (12 * step**2)


def _dgamma_dt(schedule: VPSchedule, t: float, step: float = 1e-4) -> float:
    near = schedule.gamma(t + step) - schedule.gamma(t - step)
    far = schedule.gamma(t + 2 * step) - schedule.gamma(t - 2 * step)
    return float((8 * near - far) / (12 * step))


def _is_of_order_two(step: Callable[..., Any]) -> bool:
    try:
        return abs(_observed(step) - WANTED_ORDER) <= ORDER_TOLERANCE
    except NotYet:
        return False


def _observed(step: Callable[..., Any]) -> float:
    mixture = GaussianMixture([0.6, 0.4], [[-1, 0.4], [0.9, -0.3]], [_cov(0.5), _cov(0.35)])
    flow = AnalyticFlow(mixture)

    def guess(x_bar: Tensor, gamma: float) -> tuple[Tensor, Tensor]:
        eps, slope = flow.eps_and_derivative(x_bar, gamma)
        return x_bar - gamma * eps, -gamma * slope

    def as_solver(
        _: Flow, x_bar: Tensor, gamma: float, gamma_next: float, memory: Any = None
    ) -> Any:  # noqa: ANN401
        return tensor_like(called(step, guess, x_bar, gamma, gamma_next), x_bar), memory

    t_start, t_end = (float(flow.schedule.t_of_gamma(gamma)) for gamma in (10.0, 0.1))
    generator = torch.Generator().manual_seed(0)
    start = 10 * torch.randn(64, 2, generator=generator, dtype=torch.float64)
    exact = exact_solution(flow, start, [10.0, 0.1])[-1]
    errors = []
    for n_steps in STEP_COUNTS:
        times = time_grid(n_steps, "quadratic", t_start, t_end)
        end = solve(flow, start, flow.schedule.gamma(times), as_solver).x_bar[-1]
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


def _called(function: Callable[..., Any], *arguments: Any) -> Any:  # noqa: ANN401
    """Run an answer that must not ask the mixture for its derivatives."""
    refuse = mock.patch.object(GaussianMixture, "derivatives", side_effect=LibraryUsedError)
    refuse_jvp = mock.patch.object(GaussianMixture, "deps_dt", side_effect=LibraryUsedError)
    hint = "this asks the library for the answer; write the formula."
    with refuse, refuse_jvp:
        return called(function, *arguments, library=hint)


def _given(function: Callable[..., Any], like: Tensor, *arguments: Any) -> Tensor:  # noqa: ANN401
    return tensor_like(_called(function, *arguments), like)
