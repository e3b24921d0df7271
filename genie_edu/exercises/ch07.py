"""Checks of chapter 7: grids that beat a given one, GENIE's factor on a Gaussian, new knots.

The truth in each check is made here: Euler's steps and DOP853 on starts that the reader has not
seen, one step on a path known in closed form, and a model of the local error with a known answer.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from genie_edu.exercises import NotYet, correct, require_callable
from genie_edu.exercises.answers import called, near, number
from genie_edu.flow import AnalyticFlow
from genie_edu.metrics import end_point_error, exact_solution
from genie_edu.mixture import GaussianMixture
from genie_edu.schedule import VPSchedule, time_grid
from genie_edu.solvers import solve
from genie_edu.toys import TOYS

__all__ = ["check_genie_factor", "check_grid", "check_new_knots", "check_one_grid"]

N_STEPS = 10
_ONE = "return one number: the factor, the same for every point."
_EMPTY = "the body is still to be written."
WANTED_RATIO = 0.70
MIXTURES, HALF = ("three_modes", "ring", "anisotropic"), 0.5
"""Of the second exercise: where, and how much of the error on the quadratic grid is allowed."""
_UNEVEN = 1.3
"""A step this many times as long as the one before is worth a hint of its own."""
_N_STARTS, _SEED = 1024, 707
_CLOSE = 1e-6

_near = functools.partial(near, close=_CLOSE, least=1e-3)


def check_grid(answer: object) -> None:
    """Check eleven gammas: DDIM's error on `three_modes` at most 0.70 times that of linear t.

    Both runs take ten steps from t = 1 to t = 1e-3, from 1,024 starts that the chapter does not
    use; the errors are medians. Raises NotYet with a hint; prints one line.
    """
    gammas = _grid_of(answer)
    flow, start, exact = _unseen()
    error = end_point_error(_euler(flow, start, gammas)[-1], exact)
    ratio = error / _default_error()
    if ratio <= WANTED_RATIO:
        correct(f"{100 * (1 - ratio):.0f} % below the default grid, on starts you have not seen.")
        return
    step, end = _costliest(flow, gammas)
    where = (
        f"On your grid step {step + 1}, from gamma = {gammas[step]:.3g} to {gammas[step + 1]:.3g}, "
        f"costs most at the end, step {end + 1} least."
    )
    if ratio > 1.0005:
        raise NotYet(f"{100 * (ratio - 1):.0f} % worse than the default grid. {where}")
    if ratio > 0.995:
        raise NotYet(f"no better than the default grid. {where}")
    raise NotYet(f"{math.floor(100 * (1 - ratio))} % better; 30 % are asked for. {where}")


def check_one_grid(answer: object) -> None:
    """Check eleven gammas: DPM-Solver++(2M) at most half as far off as on the quadratic grid.

    On three mixtures each, ten steps from t = 1 to t = 1e-3, medians over 1,024 starts that the
    chapter does not use. Raises NotYet, naming the mixture that lags most; prints one line.
    """
    gammas = _grid_of(answer)
    quadratic = VPSchedule().gamma(time_grid(N_STEPS, "quadratic")).numpy()
    ratios = {toy: _error_of_2m(toy, gammas) / _error_of_2m(toy, quadratic) for toy in MIXTURES}
    toy = max(ratios, key=lambda name: ratios[name])
    if ratios[toy] <= HALF:
        numbers = ", ".join(f"{ratio:.2f}" for ratio in ratios.values())
        correct(f"{numbers} of the error on the quadratic grid, on starts you have not seen.")
        return
    steps = -np.diff(np.log(gammas))
    growth = steps[1:] / steps[:-1]
    worst = int(np.argmax(growth)) + 2
    where = (
        f"In log gamma your step {worst} is {growth.max():.1f} times as long as the one before it: "
        "whose slope does this solver use there, and how far?"
    )
    if growth.max() < _UNEVEN:
        where = (
            "In log gamma your steps are about even, so some lie where D hardly moves. Where would "
            "they serve better?"
        )
    raise NotYet(
        f"on {toy} the error is {ratios[toy]:.2f} of that on the quadratic grid; half is asked "
        f"for. {where}"
    )


def check_genie_factor(answer: object) -> None:
    """Check ``genie_factor(gamma, gamma_next, std)``: what one GENIE step does to x_bar - mean.

    Compared with the step itself, on one Gaussian of spread std whose eps and d eps/dgamma are
    known in closed form. Raises NotYet with a hint; prints one line.
    """
    function = require_callable(answer, "genie_factor(gamma, gamma_next, std)")
    for gamma, gamma_next, std in ((2.0, 1.2, 0.5), (0.6, 0.1, 0.8), (150.0, 28.0, 2.0)):
        level, h = std**2 + gamma**2, gamma_next - gamma
        euler = 1 + h * gamma / level
        truth = euler + 0.5 * h * h * std**2 / level**2
        given = number(called(function, gamma, gamma_next, std, empty=_EMPTY), _ONE)
        if _near(given, truth):
            continue
        if _near(given, euler):
            raise NotYet("this is Euler's factor: the term with the derivative is missing.")
        if _near(given, euler + h * h * std**2 / level**2):
            raise NotYet("the last term is twice too large: look at the GENIE step again.")
        if _near(given, euler + 0.5 * h * h * (std**2 - gamma**2) / level**2):
            raise NotYet(
                "your derivative is taken at a point that stands still. Along the flow the point "
                "moves as well."
            )
        if _near(given, math.sqrt((std**2 + gamma_next**2) / level)):
            raise NotYet("this is what the exact flow does; asked for is the step.")
        if _near(given, 1 - h * gamma / level + 0.5 * h * h * std**2 / level**2):
            raise NotYet("the step goes the wrong way: h = gamma_next - gamma is negative here.")
        raise NotYet(
            f"from gamma = {gamma:g} to {gamma_next:g} with std = {std:g} a GENIE step multiplies "
            f"the distance from the mean by another factor: yours is {given / truth:.3g} times it."
        )
    correct("your factor is what a GENIE step does, at three levels; it is never negative.")


def check_new_knots(answer: object) -> None:
    """Check ``new_knots(gammas, local_errors, order, n_steps)``: n_steps + 1 levels, equal errors.

    A model error C(gamma) |h|^(order + 1) with known C is measured on a fine grid; on the new knots
    the model's errors must be nearly equal. Any sensible interpolation passes.
    Raises NotYet with a hint; prints one line.
    """
    function = require_callable(answer, "new_knots(gammas, local_errors, order, n_steps)")
    geometric = np.geomspace(20.0, 0.05, 9)
    given = _knots(function, geometric, np.full(8, 0.01), 2, 8)
    if not np.allclose(given, geometric, rtol=1e-6):
        raise NotYet(
            "when all local errors are equal the grid has nothing to gain; yours moves its knots."
        )
    fine = np.geomspace(10.0, 0.1, 41)
    for order in (2, 1, 3):
        errors = _model_errors(fine, order)
        given = _knots(function, fine, errors, order, 40)
        power = _power(fine, errors, given)
        if abs(power - 1 / (order + 1)) < 0.12 / (order + 1):
            continue
        if power < -0.05:
            raise NotYet("your knots move away from where the errors are large.")
        if abs(power) <= 0.05:
            raise NotYet("your knots stay where they were, although the errors differ.")
        raise NotYet(
            f"for a method of order {order} your knots become dense like the error to the power "
            f"{power:.2f}. By which factor does a step's error fall when the step is halved?"
        )
    errors = _model_errors(fine, 2)
    given = _model_errors(_knots(function, fine, errors, 2, 15), 2)
    if given.max() > 1.8 * np.median(given):
        raise NotYet("with another number of steps the errors are no longer equal.")
    correct("equal errors, for three orders and for a grid of another length.")


# What the checks share.


def _grid_of(answer: object) -> np.ndarray:
    if answer is None or answer is ...:
        raise NotYet("put your eleven levels in place of the dots, then run the cell.")
    gammas = _numbers(answer, "hand in eleven numbers: a tensor or a list of gammas.")
    if gammas.ndim != 1 or len(gammas) != N_STEPS + 1:
        raise NotYet(
            f"ten steps need eleven levels in one row; yours has shape {tuple(gammas.shape)}."
        )
    first, last = _ends()
    if (gammas <= 0).any():
        raise NotYet("a level is zero or negative: hand in gammas, not their logarithms.")
    if gammas.max() <= 1:
        raise NotYet("these look like times; hand in gammas: schedule.gamma(t).")
    if not (np.diff(gammas) < 0).all():
        raise NotYet("the levels must fall from each one to the next.")
    if not np.allclose(gammas[[0, -1]], [first, last], rtol=1e-6):
        raise NotYet(
            f"keep the ends: gamma = {first:.5g} at t = 1 and {last:.5g} at t = 0.001; yours are "
            f"{gammas[0]:.5g} and {gammas[-1]:.5g}."
        )
    return gammas


def _ends() -> tuple[float, float]:
    schedule = VPSchedule()
    return float(schedule.gamma(1.0)), float(schedule.gamma(1e-3))


@functools.cache
def _unseen(toy: str = "three_modes") -> tuple[AnalyticFlow, Tensor, Tensor]:
    """The flow, starts (1024, 2) that the chapter does not use, and their exact ends."""
    flow = AnalyticFlow(GaussianMixture(**TOYS[toy]))
    generator = torch.Generator().manual_seed(_SEED)
    noise = torch.randn(_N_STARTS, 2, generator=generator, dtype=torch.float64)
    ends = _ends()
    start = noise * math.sqrt(1 + ends[0] ** 2)
    return flow, start, exact_solution(flow, start, ends, rtol=1e-9)[-1]


def _error_of_2m(toy: str, gammas: np.ndarray) -> float:
    flow, start, exact = _unseen(toy)
    return end_point_error(solve(flow, start, gammas, "dpmpp_2m").x_bar[-1], exact)


@functools.cache
def _default_error() -> float:
    flow, start, exact = _unseen()
    gammas = VPSchedule().gamma(time_grid(N_STEPS, "linear")).numpy()
    return end_point_error(_euler(flow, start, gammas)[-1], exact)


def _euler(flow: AnalyticFlow, x_bar: Tensor, gammas: np.ndarray) -> list[Tensor]:
    path = [x_bar]
    for gamma, gamma_next in zip(gammas[:-1].tolist(), gammas[1:].tolist(), strict=True):
        path.append(path[-1] + (gamma_next - gamma) * flow.eps(path[-1], gamma))
    return path


def _costliest(flow: AnalyticFlow, gammas: np.ndarray) -> tuple[int, int]:
    """The steps whose own error is largest and smallest once the exact flow took it to the end."""
    start = _unseen()[1][:64]
    exact, costs = exact_solution(flow, start, gammas, rtol=1e-8), []
    for n in range(N_STEPS):
        end = _euler(flow, exact[n], gammas[n : n + 2])[-1]
        if n + 1 < N_STEPS:
            end = exact_solution(flow, end, gammas[[n + 1, -1]], rtol=1e-8)[-1]
        costs.append(end_point_error(end, exact[-1]))
    return int(np.argmax(costs)), int(np.argmin(costs))


def _monitor(gammas: np.ndarray) -> np.ndarray:
    """C^(1 / (order + 1)) per unit of log gamma of the model: a hump around gamma = 1."""
    return 1 + 2.5 * np.exp(-0.5 * np.log(gammas) ** 2)


def _model_errors(gammas: np.ndarray, order: int) -> np.ndarray:
    width = -np.diff(np.log(gammas))
    middle = np.sqrt(gammas[1:] * gammas[:-1])
    return 1e-2 * (_monitor(middle) * width) ** (order + 1)


def _power(old: np.ndarray, errors: np.ndarray, new: np.ndarray) -> float:
    """The power q for which the new knots are as dense as the old errors to the power q."""
    middle = 0.5 * (np.log(new[1:]) + np.log(new[:-1]))
    density = -np.log(-np.diff(np.log(new)))
    places = 0.5 * (np.log(old[1:]) + np.log(old[:-1]))
    here = np.interp(middle, places[::-1], np.log(errors)[::-1])
    return float(np.polyfit(here, density, 1)[0])


def _knots(
    function: Callable[..., Any], gammas: np.ndarray, errors: np.ndarray, order: int, n_steps: int
) -> np.ndarray:
    copies = torch.from_numpy(gammas.copy()), torch.from_numpy(errors.copy())
    result = called(function, *copies, order, n_steps, empty=_EMPTY)
    new = _numbers(result, "return the new levels: a tensor or a list of gammas.")
    if new.ndim != 1 or len(new) != n_steps + 1:
        raise NotYet(
            f"n_steps = {n_steps} needs {n_steps + 1} levels in one row; yours has shape "
            f"{tuple(new.shape)}."
        )
    if not np.allclose(new[[0, -1]], gammas[[0, -1]], rtol=1e-6):
        raise NotYet("the first and the last level must stay where they are.")
    if not (np.diff(new) < 0).all():
        raise NotYet("the new levels must fall from each one to the next.")
    return new


def _numbers(value: object, otherwise: str) -> np.ndarray:
    try:
        numbers = np.asarray(value.detach() if isinstance(value, Tensor) else value, dtype=float)
    except (TypeError, ValueError):
        raise NotYet(otherwise) from None
    if not np.isfinite(numbers).all():
        raise NotYet("your answer contains NaN or infinity.")
    return numbers
