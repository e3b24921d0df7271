"""Checks of chapter 3: the longest step allowed, halving the step, the step that matters most.

The truth in every check is the closed-form flow of one Gaussian: along each axis x_bar - mean
shrinks like R(gamma) = sqrt(std^2 + gamma^2), and so do all errors on the way to the end.
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

__all__ = ["check_dominant_step", "check_halving", "check_next_level"]

_MEAN = (0.4, -0.2)
_STD = 0.5
_OTHER_STD = 1.6
_PARTS = (0.9, 0.25, 0.5, 0.15)
"""What the steps of `check_next_level` leave of gamma."""
_TWENTIETH = 0.05
_GRIDS = (
    (4.0, 1.3, 1.0, 0.8, 0.4, 0.2, 0.1),
    (20.0, 1.6, 1.0, 0.7, 0.45, 0.2, 0.1),
    (10.0, 4.0, 1.2, 0.7, 0.4, 0.25, 0.05),
)
"""Grids on which largest local error, costliest step and largest distance are three steps."""
_SIMILAR = 0.03
"""Relative difference up to which two measured numbers count as the same."""


def check_next_level(answer: object) -> None:
    """Check ``next_level(flow, x_bar, gamma, tolerance)``: where an Euler step errs by tolerance.

    x_bar (1, 2) float64; the answer is a level below gamma. The error at that level is computed by
    the closed form for one Gaussian, and may miss the tolerance by a twentieth. Raises NotYet with
    a hint; prints one line when the answer is right. Source: eq. local-error-gaussian.
    """
    function = require_callable(answer, "next_level(flow, x_bar, gamma, tolerance)")
    flow = _world()
    for x_bar, gamma, part in zip(_points(4)[:, None], (2.0, 0.9, 0.4, 3.0), _PARTS, strict=True):
        away = float((x_bar - torch.tensor(_MEAN, dtype=torch.float64)).norm())
        tolerance = away * _gap(gamma, part * gamma)
        result = _called(function, flow, x_bar, gamma, tolerance)
        try:
            level = float(result)
        except (TypeError, ValueError, RuntimeError):
            raise NotYet("return one number: the level at which the step ends.") from None
        if not math.isfinite(level):
            raise NotYet("your level is NaN or infinite.")
        if level > 0 and abs(away * _gap(gamma, level) / tolerance - 1) <= _TWENTIETH:
            if level < gamma:
                continue
            raise NotYet("your step goes up; sampling goes to smaller gamma.")
        length = abs(level)
        if gamma > length and abs(away * _gap(gamma, gamma - length) / tolerance - 1) < _TWENTIETH:
            raise NotYet("that is the length of the step; asked for is the level where it ends.")
        leading = math.sqrt(2 * tolerance / (away * _STD**2)) * (_STD**2 + gamma**2)
        if abs(gamma - level - leading) < 1e-3 * leading:
            raise NotYet(
                "that is the step of the leading term. It is nearly right where the step is short; "
                f"from gamma = {gamma} to {level:.3g} the true error is "
                f"{away * _gap(gamma, max(level, 0.0)) / tolerance:.2f} times the tolerance."
            )
        if level <= 0:
            raise NotYet("the level must be positive: gamma 0 is as far as a step can go.")
        raise NotYet(
            f"an Euler step from gamma = {gamma} to your {level:.3g} errs by "
            f"{away * _gap(gamma, level) / tolerance:.2f} times the tolerance."
        )
    correct("your steps err by what they may, short ones and long ones.")


def check_halving(answer: object) -> None:
    """Check ``halving(flow, x_bar, gamma_start, gamma_end, n_steps) -> (local, global)`` ratios.

    Steps are uniform in gamma; `local` compares the first step of length h with one of h/2,
    `global` the ends after n_steps and 2 n_steps, each by the median over starts. On a stretched
    Gaussian all is known in closed form. Raises NotYet with a hint; prints one line.
    """
    function = require_callable(answer, "halving(flow, x_bar, gamma_start, gamma_end, n_steps)")
    cov = [[_STD**2, 0.0], [0.0, _OTHER_STD**2]]
    flow = AnalyticFlow(GaussianMixture([1.0], [list(_MEAN)], [cov]))
    # Three starts err along the first axis, two, far out, along the other: only a median ignores
    # the second.
    away = np.array([[1.0, 0.1], [-1.3, 0.0], [1.1, -0.1], [0.2, 30.0], [-0.1, -40.0]])
    x_bar = torch.from_numpy(away + _MEAN)
    start, end, counts = 2.0, 0.2, (4, 64)
    given = [_pair(_called(function, flow, x_bar, start, end, n)) for n in counts]
    if given[0] == given[1]:
        raise NotYet("the same two numbers for 4 steps and for 64: they were not measured.")
    for (local, whole), n_steps in zip(given, counts, strict=True):
        wanted = _halving_truth(away, start, end, n_steps, np.median)
        if _similar(local, wanted[0]) and _similar(whole, wanted[1]):
            continue
        for other in (np.mean, np.max, _rms):
            ratios = _halving_truth(away, start, end, n_steps, other)
            if _similar(local, ratios[0]) and _similar(whole, ratios[1]):
                raise NotYet(
                    "your errors follow the few starts that err most: take the median over starts."
                )
        _explain_halving(local, whole, *wanted)
    correct(
        f"with 64 steps the local error falls by {given[1][0]:.2f}, the error at the end by "
        f"{given[1][1]:.2f}."
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


def _radius(gamma: float, std: float = _STD) -> float:
    return math.sqrt(std**2 + gamma**2)


def _gap(gamma: float, gamma_next: float) -> float:
    """One Euler step's miss per unit of distance from the mean."""
    exact = _radius(gamma_next) / _radius(gamma)
    return abs(exact - _euler_factor(gamma, gamma_next))


def _euler_factor(gamma: float, gamma_next: float, std: float = _STD) -> float:
    return 1 + (gamma_next - gamma) * gamma / (std**2 + gamma**2)


def _end_error(gammas: Sequence[float], std: float) -> float:
    pairs = list(zip(gammas[:-1], gammas[1:], strict=True))
    euler = math.prod(_euler_factor(*pair, std) for pair in pairs)
    return abs(_radius(gammas[-1], std) / _radius(gammas[0], std) - euler)


def _halving_truth(
    away: np.ndarray,
    start: float,
    end: float,
    n_steps: int,
    over_starts: Callable[[np.ndarray], Any],
) -> tuple[float, float]:
    """The local and the global ratio for starts `away` (B, 2) from the mean."""

    def error(to: float, n: int) -> float:
        grid = np.linspace(start, to, n + 1).tolist()
        axes = np.array([_end_error(grid, std) for std in (_STD, _OTHER_STD)])
        return float(over_starts(np.sqrt(((away * axes) ** 2).sum(axis=1))))

    h = (end - start) / n_steps
    local = error(start + h, 1) / error(start + h / 2, 1)
    return local, error(end, n_steps) / error(end, 2 * n_steps)


def _rms(values: np.ndarray) -> float:
    return math.sqrt(float((values**2).mean()))


def _pair(result: Any) -> tuple[float, float]:
    try:
        local, whole = (float(value) for value in result)
    except (TypeError, ValueError, RuntimeError):
        raise NotYet("return two numbers: the local ratio, then the global one.") from None
    return local, whole


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
