"""Checks of chapter 3: the local error, halving the step, and the step that matters most.

The truth in every check is the closed-form flow of one isotropic Gaussian: x_bar - mean shrinks
like R(gamma) = sqrt(std^2 + gamma^2), and so do all errors on the way to the end.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from genie_edu.exercises import NotYet, correct, require_callable
from genie_edu.flow import AnalyticFlow
from genie_edu.mixture import GaussianMixture

__all__ = ["check_dominant_step", "check_halving", "check_local_error"]

_MEAN = (0.4, -0.2)
_STD = 0.5
_GRIDS = (
    (4.0, 1.3, 1.0, 0.8, 0.4, 0.2, 0.1),
    (20.0, 1.6, 1.0, 0.7, 0.45, 0.2, 0.1),
    (10.0, 4.0, 1.2, 0.7, 0.4, 0.25, 0.05),
)
"""Grids on which largest local error, costliest step and largest distance are three steps."""
_SIMILAR = 0.03
"""Relative difference up to which two measured numbers count as the same."""


def check_local_error(answer: object) -> None:
    """Check ``local_error(flow, x_bar, gamma, gamma_next)``: (B,), Euler's miss in one step.

    Compared with the closed form for one Gaussian (book, eq. local-error-gaussian) on three steps.
    Raises NotYet with a hint; prints one line when the answer is right.
    """
    function = require_callable(answer, "local_error(flow, x_bar, gamma, gamma_next)")
    flow, x_bar = _world(), _points(6)
    away = (x_bar - torch.tensor(_MEAN, dtype=torch.float64)).norm(dim=1).numpy()
    for gamma, gamma_next in ((2.0, 1.2), (0.6, 0.35), (0.2, 0.05)):
        truth = away * _gap(gamma, gamma_next)
        given = _numbers(_called(function, flow, x_bar, gamma, gamma_next))
        if given.shape == (len(x_bar), 2):
            raise NotYet("these are vectors; asked for is their length, one number per start.")
        if given.shape != truth.shape:
            raise NotYet(
                f"return one number per start, shape ({len(x_bar)},); yours has shape "
                f"{given.shape}."
            )
        if np.allclose(given, truth, rtol=1e-5, atol=1e-9):
            continue
        h = gamma_next - gamma
        level = _STD**2 + gamma**2
        if np.allclose(given, away * 0.5 * h * h * _STD**2 / level**2, rtol=1e-6):
            raise NotYet(
                "this is the leading term of Taylor's theorem. Asked for is the whole gap, "
                "measured against the exact end of the step."
            )
        if np.allclose(given, away * abs(h) * gamma / level, rtol=1e-6):
            raise NotYet("this is how far the step moves; asked for is how far it misses.")
        if np.allclose(given * abs(h), truth, rtol=1e-5):
            raise NotYet("this is the error divided by the step; return the distance itself.")
        if np.allclose(given * h * h, truth, rtol=1e-5):
            raise NotYet("this is the error divided by h squared; return the distance itself.")
        if np.allclose(given, away * (1 - _radius(gamma_next) / _radius(gamma)), rtol=1e-5):
            raise NotYet("this is how far the exact path moves; where does Euler's step end?")
        raise NotYet(
            f"for the step from gamma = {gamma} to {gamma_next} the distance is "
            f"{float(np.median(given / truth)):.3g} times the one in closed form. Does the exact "
            "path start in the same point, and end at gamma_next?"
        )
    correct("one Euler step misses by exactly what the closed form says, on three steps.")


def check_halving(answer: object) -> None:
    """Check ``halving(flow, x_bar, gamma_start, gamma_end, n_steps) -> (local, global)`` ratios.

    Steps are uniform in gamma; `local` compares the first step of length h with one of h/2,
    `global` the ends after n_steps and 2 n_steps. On one Gaussian both are known in closed form.
    Raises NotYet with a hint; prints one line.
    """
    function = require_callable(answer, "halving(flow, x_bar, gamma_start, gamma_end, n_steps)")
    flow, start, end = _world(), 2.0, 0.2
    x_bar = _points(5)
    seen = []
    for n_steps in (4, 64):
        result = _called(function, flow, x_bar, start, end, n_steps)
        try:
            local, whole = (float(value) for value in result)
        except (TypeError, ValueError, RuntimeError):
            raise NotYet("return two numbers: the local ratio, then the global one.") from None
        seen.append((local, whole))
        wanted_local, wanted_whole = _halving_truth(start, end, n_steps)
        if _similar(local, wanted_local) and _similar(whole, wanted_whole):
            continue
        if seen[0] == seen[-1] and n_steps == 64:
            raise NotYet("the same two numbers for 4 steps and for 64: they were not measured.")
        _explain_halving(local, whole, wanted_local, wanted_whole)
    correct(
        f"with 64 steps the local error falls by {seen[-1][0]:.2f}, the error at the end by "
        f"{seen[-1][1]:.2f}."
    )


def check_dominant_step(answer: object) -> None:
    """Check ``dominant_step(flow, x_bar, gammas)``: the step that costs most at the end.

    Step n goes from gammas[n] to gammas[n + 1]; its local error counts as carried to gammas[-1].
    Three grids on one Gaussian, where errors shrink with R. Raises NotYet; prints one line.
    """
    function = require_callable(answer, "dominant_step(flow, x_bar, gammas)")
    flow = _world()
    for levels in _GRIDS:
        grid = np.array(levels)
        result = _called(function, flow, _points(8) * grid[0], torch.from_numpy(grid.copy()))
        try:
            given = int(result)
        except (TypeError, ValueError, RuntimeError):
            raise NotYet("return one whole number: the index of the step.") from None
        local, carried, accumulated = _profile(grid)
        wanted = int(carried.argmax())
        if given == wanted:
            continue
        if given == int(local.argmax()):
            raise NotYet(
                "that step makes the largest error; it is not the one that costs most at the end. "
                "What becomes of an error between its birth and the last level?"
            )
        if given == wanted + 1:
            raise NotYet("off by one: step n starts at gammas[n], and the first step is step 0.")
        if given in (int(accumulated.argmax()), int(accumulated.argmax()) + 1):
            raise NotYet(
                "there the distance to the exact path is largest, but it is the sum of all steps "
                "so far. Single the steps out: start each from the exact path."
            )
        raise NotYet(
            f"on a grid from {grid[0]:g} to {grid[-1]:g} with {len(grid) - 1} steps another step "
            "costs more at the end."
        )
    correct("you found the step that costs most at the end, on three grids.")


def _explain_halving(local: float, whole: float, wanted_local: float, wanted_whole: float) -> None:
    """Raise NotYet with what is wrong about a measured pair of ratios."""
    if _similar(local, wanted_whole) and _similar(whole, wanted_local):
        raise NotYet("the two ratios are in the other order: local first, then global.")
    if _similar(1 / local, wanted_local) or _similar(1 / whole, wanted_whole):
        raise NotYet("divide the error of the long steps by the one of the short steps.")
    if _similar(whole, wanted_whole) and _similar(local, wanted_whole):
        raise NotYet(
            "both of your ratios belong to the end of the path; one step is asked for too."
        )
    if _similar(local, wanted_local) and _similar(whole, wanted_local):
        raise NotYet(
            "both of your ratios belong to a single step. For the global one, go all the way to "
            "gamma_end, with n_steps and with twice as many."
        )
    if _similar(local, wanted_local):
        raise NotYet(
            f"the local ratio is right; the global one is {whole:.3g}. Are both runs compared "
            "with the exact point at gamma_end?"
        )
    raise NotYet(
        f"your local ratio is {local:.3g}. Take a step of h = (gamma_end - gamma_start) / n_steps "
        "from x_bar and one of h / 2, each against the exact path at its own end."
    )


def _world() -> AnalyticFlow:
    cov = [[_STD**2, 0.0], [0.0, _STD**2]]
    return AnalyticFlow(GaussianMixture([1.0], [list(_MEAN)], [cov]))


def _points(n: int) -> Tensor:
    generator = torch.Generator().manual_seed(3)
    return torch.randn(n, 2, dtype=torch.float64, generator=generator) + torch.tensor(
        _MEAN, dtype=torch.float64
    )


def _radius(gamma: float) -> float:
    return math.sqrt(_STD**2 + gamma**2)


def _gap(gamma: float, gamma_next: float) -> float:
    """One Euler step's miss per unit of distance from the mean."""
    exact = _radius(gamma_next) / _radius(gamma)
    return abs(exact - _euler_factor(gamma, gamma_next))


def _euler_factor(gamma: float, gamma_next: float) -> float:
    return 1 + (gamma_next - gamma) * gamma / (_STD**2 + gamma**2)


def _end_error(gammas: Sequence[float]) -> float:
    pairs = list(zip(gammas[:-1], gammas[1:], strict=True))
    euler = math.prod(_euler_factor(*pair) for pair in pairs)
    return abs(_radius(gammas[-1]) / _radius(gammas[0]) - euler)


def _halving_truth(start: float, end: float, n_steps: int) -> tuple[float, float]:
    h = (end - start) / n_steps
    local = _gap(start, start + h) / _gap(start, start + h / 2)
    coarse = [start + h * k for k in range(n_steps + 1)]
    fine = [start + h / 2 * k for k in range(2 * n_steps + 1)]
    return local, _end_error(coarse) / _end_error(fine)


def _profile(gammas: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Per step: local error from the exact path, the same at the end, and what accumulated."""
    pairs = list(zip(gammas[:-1], gammas[1:], strict=True))
    radius = np.array([_radius(g) for g in gammas])
    local = radius[:-1] * np.array([_gap(*pair) for pair in pairs])
    carried = local * radius[-1] / radius[1:]
    euler = radius[0] * np.cumprod([_euler_factor(*pair) for pair in pairs])
    return local, carried, np.abs(euler - radius[1:])


def _similar(value: float, wanted: float) -> bool:
    return math.isfinite(value) and abs(value - wanted) <= _SIMILAR * abs(wanted)


def _called(function: Callable[..., Any], *arguments: Any) -> Any:
    try:
        result = function(*arguments)
    except NotImplementedError:
        raise NotYet("the body is still to be written.") from None
    if result is None or result is ...:
        raise NotYet("your function returns nothing yet.")
    return result


def _numbers(result: Any) -> np.ndarray:
    try:
        values = np.asarray(result.detach() if isinstance(result, Tensor) else result, dtype=float)
    except (TypeError, ValueError):
        raise NotYet("return numbers: a tensor with one distance per start.") from None
    if not np.isfinite(values).all():
        raise NotYet("your answer contains NaN or infinity.")
    return values
