"""Checks of chapter 2, the flow in gamma: all truths are worked out here, in NumPy.

The clock is inverted by bisection and differenced, DDIM is compared with one Euler step in gamma,
a mended sampler and the Gaussian's exact path with Runge-Kutta integrations.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any
from unittest import mock

import numpy as np
import torch

from genie_edu.exercises import NotYet, correct, require_callable
from genie_edu.exercises.by_hand import (
    BETA_D,
    BETA_MIN,
    alpha_sigma,
    fine,
    integrate,
    pair_eps,
    sampled,
    time_of,
)
from genie_edu.exercises.ch01 import as_array, without_library
from genie_edu.schedule import VPSchedule

__all__ = ["check_clock_rate", "check_gaussian_flow", "check_sampler", "check_v_update"]


def check_sampler(sampler: Any) -> None:  # noqa: ANN401
    """Check sampler(eps, x, t): from noise x at t[0] to x at t[-1], at least as good as Euler.

    eps(x_bar, gamma) is a 1-D mixture's; x is (B, 1) float64, t (N+1,) decreasing. The truth is a
    Runge-Kutta integration. Raises NotYet with a hint. Source: eq. gamma-ode.
    """
    require_callable(sampler, "sampler(eps, x, t)")
    x = np.linspace(-2, 2, 9)[:, None]
    for n_steps in (24, 96):
        t = np.linspace(0.9, 0.2, n_steps + 1)
        truth = fine(x, t)
        answer = _run(
            sampler, "sampler", x.shape, pair_eps, torch.from_numpy(x.copy()), torch.from_numpy(t)
        )
        allowed = 1.05 * np.median(np.abs(sampled(x, t) - truth))
        if np.median(np.abs(answer - truth)) <= allowed:
            continue
        raise NotYet(_diagnose_sampler(answer, truth, x, t))
    correct("the end points are right, and more steps bring them closer to the exact ones.")


def check_v_update(v_update: Any) -> None:  # noqa: ANN401
    """Check v_update(x, v, alpha, sigma, alpha_next, sigma_next) against Euler in gamma.

    To 1e-12: x and v are (B, 2) float64, the rest numbers; the answer is the next x, (B, 2), for
    eps = alpha v + sigma x, and it has to hold at alpha = 0, too. Raises NotYet with a
    hint. Source: eq. ddim.
    """
    require_callable(v_update, "v_update(x, v, alpha, sigma, alpha_next, sigma_next)")
    random = np.random.default_rng(11)
    for t, t_next in ((1.0, 0.6), (0.5, 0.45), (0.1, 0.001), (0.2, 0.9)):
        x, v = random.standard_normal((2, 6, 2))
        scales = (*alpha_sigma(t), *alpha_sigma(t_next))
        given = (torch.from_numpy(value.copy()) for value in (x, v))
        answer = _run(v_update, "v_update", x.shape, *given, *scales)
        euler = _euler_in_x(x, scales[0] * v + scales[1] * x, *scales)
        gap = np.abs(answer - euler).max() / max(1.0, np.abs(euler).max())
        if gap > 1e-12:
            raise NotYet(_diagnose_v(answer, euler, x, v, *scales, gap))
    alpha_next, sigma_next = alpha_sigma(0.6)
    given = (torch.from_numpy(value.copy()) for value in (x, v))
    try:
        answer = np.asarray(v_update(*given, 0.0, 1.0, alpha_next, sigma_next))
    except ZeroDivisionError:
        answer = np.full_like(x, np.nan)
    if not np.abs(answer - (sigma_next * x - alpha_next * v)).max() <= 1e-12:
        raise NotYet(
            "right wherever alpha is not zero; but at alpha = 0, in pure noise, your formula "
            "fails. Every division by alpha can be worked out, since 1 - sigma^2 = alpha^2."
        )
    correct("it agrees with one Euler step in gamma to better than 1e-12, from pure noise on.")


def check_clock_rate(dt_dgamma: Any) -> None:  # noqa: ANN401
    """Check dt_dgamma(gamma) against a central difference of t(gamma), for 0.1 and 19.9.

    gamma is a (B,) float64 tensor, and so is the answer. Raises NotYet with a hint.
    Source: eq. clock-rate.
    """
    require_callable(dt_dgamma, "dt_dgamma(gamma)")
    gamma = np.array([0.02, 0.1, 0.7, 3.0, 20.0, 120.0])
    with _without_schedule():
        answer = _run(dt_dgamma, "dt_dgamma", gamma.shape, torch.from_numpy(gamma.copy()))
    step = 1e-4 * gamma
    truth = (time_of(gamma + step) - time_of(gamma - step)) / (2 * step)

    def close(value: np.ndarray) -> bool:
        return bool((np.abs(value / truth - 1) < 1e-5).all())

    if close(answer):
        correct("that is the slope of t(gamma), at every level.")
        return
    time = time_of(gamma)
    beta = BETA_MIN + BETA_D * time
    with np.errstate(divide="ignore", invalid="ignore"):
        if close(1 / answer):
            raise NotYet("that is dgamma/dt, as a function of gamma: the other way round.")
    if close(2 * answer) or close(answer / 2):
        raise NotYet("off by a factor of two: differentiate gamma^2 + 1 = exp(B) once more.")
    if close(answer / (1 + gamma**2)):
        raise NotYet("exp(B) did not cancel: it is 1 + gamma^2, and it belongs somewhere.")
    if np.abs(answer - time).max() < 1e-6:
        raise NotYet("that is t(gamma) itself; asked for is its slope.")
    for wrong in (BETA_MIN + BETA_D * gamma, BETA_MIN + 0.5 * BETA_D * time):
        if close(answer * wrong / beta):
            raise NotYet("beta is not taken at the right time: beta = beta_min + beta_d t(gamma).")
    worst = int(np.argmax(np.abs(answer / truth - 1)))
    raise NotYet(
        f"at gamma = {gamma[worst]:g} t changes by {truth[worst]:.4g} per unit of gamma; "
        f"your function says {answer[worst]:.4g}."
    )


def check_gaussian_flow(gaussian_flow: Any) -> None:  # noqa: ANN401
    """Check gaussian_flow(x_bar, gamma, gamma_next, mean, cov) against a Runge-Kutta integration.

    x_bar (B, D) float64, mean (D,), cov (D, D) positive definite; the answer is x_bar (B, D) at
    gamma_next. Tried down and up, round, stretched and turned. Raises NotYet with a hint.
    Source: eq. gaussian-flow.
    """
    require_callable(gaussian_flow, "gaussian_flow(x_bar, gamma, gamma_next, mean, cov)")
    random = np.random.default_rng(5)
    turn = np.array([[math.cos(0.6), -math.sin(0.6)], [math.sin(0.6), math.cos(0.6)]])
    stretched = np.diag([0.64, 0.04])
    mixing = np.array([[0.8, 0.1, -0.3], [0.0, 0.5, 0.2], [0.0, 0.0, 0.3]])
    cases = (
        ("a round Gaussian", 0.25 * np.eye(2), 3.0, 0.1),
        ("a stretched Gaussian", stretched, 3.0, 0.1),
        ("a turned Gaussian", turn @ stretched @ turn.T, 3.0, 0.1),
        ("the way up", turn @ stretched @ turn.T, 0.1, 3.0),
        ("in space", mixing @ mixing.T, 3.0, 0.1),
    )
    for name, cov, gamma, gamma_next in cases:
        mean = np.array([0.5, -0.3, 0.2])[: len(cov)]
        x_bar = mean + gamma * random.standard_normal((5, len(cov)))
        given = (torch.from_numpy(v.copy()) for v in (x_bar, mean, cov))
        points, center, spread = given
        try:
            answer = _run(
                gaussian_flow,
                "gaussian_flow",
                x_bar.shape,
                points,
                gamma,
                gamma_next,
                center,
                spread,
            )
        except (RuntimeError, ValueError, IndexError) as error:
            if len(cov) == 2:
                raise
            raise NotYet(f"right in the plane, but in three dimensions: {error}") from None
        truth = integrate(x_bar, gamma, gamma_next, mean, cov)
        gap = np.abs(answer - truth).max()
        if gap < 1e-7:
            continue
        if np.abs(answer - integrate(x_bar, gamma, gamma_next, 0 * mean, cov)).max() < 1e-7:
            raise NotYet("your paths contract toward the origin instead of the mean.")
        wrong = mean + (x_bar - mean) @ _square_ratio(cov, gamma, gamma_next)
        if np.abs(answer - wrong).max() < 1e-7:
            raise NotYet("the distance follows the standard deviation, not the variance.")
        if np.abs(answer - mean - (x_bar - mean) * gamma_next / gamma).max() < 1e-7:
            raise NotYet("those are the straight lines of a point mass: the width is missing.")
        if len(cov) == 3:
            raise NotYet(
                f"right in the plane, but in space off by {gap:.1e}: are the axes the columns of "
                "your matrix, or its rows?"
            )
        raise NotYet(
            f"{name}, from gamma = {gamma:g} to {gamma_next:g}: your end points are off by up to "
            f"{gap:.1e}. In the axes of the covariance every coordinate goes its own way."
        )
    correct(
        "your formula is the exact path: round, stretched or turned, down and up, in plane and "
        "space."
    )


def _run(function: Any, name: str, shape: tuple[int, ...], *arguments: Any) -> np.ndarray:  # noqa: ANN401
    try:
        with without_library():
            answer = function(*arguments)
    except NotImplementedError:
        raise NotYet(f"{name} is not written yet: fill in its body.") from None
    return as_array(answer, name, shape)


def _square_ratio(cov: np.ndarray, gamma: float, gamma_next: float) -> np.ndarray:
    """Return the typical slip, (Sigma + gamma'^2 I) / (Sigma + gamma^2 I) without its root."""
    eye = np.eye(len(cov))
    return np.linalg.solve(cov + gamma**2 * eye, cov + gamma_next**2 * eye)


def _euler_in_x(
    x: Any,  # noqa: ANN401
    eps: Any,  # noqa: ANN401
    alpha: float,
    sigma: float,
    alpha_next: float,
    sigma_next: float,
) -> Any:  # noqa: ANN401
    return alpha_next * (x / alpha + (sigma_next / alpha_next - sigma / alpha) * eps)


def _diagnose_v(
    answer: np.ndarray,
    euler: np.ndarray,
    x: np.ndarray,
    v: np.ndarray,
    alpha: float,
    sigma: float,
    alpha_next: float,
    sigma_next: float,
    gap: float,
) -> str:
    def close(value: np.ndarray) -> bool:
        return bool(np.abs(answer - value).max() < 1e-9 * max(1.0, np.abs(value).max()))

    levels = (alpha, sigma, alpha_next, sigma_next)
    clean, eps = alpha * x - sigma * v, alpha * v + sigma * x
    if close(clean):
        return "that is the clean point; it still has to be noised to the next level."
    if close(_euler_in_x(x, v, *levels)):
        return "that takes v for the noise; eps is alpha v + sigma x."
    if close(_euler_in_x(x, sigma * x - alpha * v, *levels)) or close(
        alpha_next * (alpha * x + sigma * v) + sigma_next * eps
    ):
        return "a sign of v is wrong somewhere: work out (x - sigma eps) / alpha once more."
    if close(alpha_next * clean + sigma * eps):
        return "the noise is put back at the old level, not at the next one."
    if close(clean + sigma_next * eps):
        return "the clean point is not scaled down to the next level's signal."
    if close(euler / alpha_next):
        return "that is the next x_bar; asked for is the next x."
    return (
        f"it differs from one Euler step in gamma by {gap:.1e}. Express the clean point by x and v "
        "first, then noise it to the next level."
    )


def _diagnose_sampler(answer: np.ndarray, truth: np.ndarray, x: np.ndarray, t: np.ndarray) -> str:
    hints = {
        "multiply": "x_bar is larger than x at high noise, yours is smaller",
        "in_time": "the length of the step is measured in the wrong clock",
        "in_x": "eps is asked in the wrong coordinates",
        "keep_bar": "what comes back at the end is x_bar, not x",
    }
    faults = sorted(product([False, True], repeat=len(hints)), key=sum)
    for present in faults[1:]:
        chosen = dict(zip(hints, present, strict=True))
        if np.abs(answer - sampled(x, t, **chosen)).max() < 1e-6:
            found = [hints[name] for name, there in chosen.items() if there]
            if len(found) == 3:  # as the chapter prints it: nothing has been mended yet
                return "3 faults are left. Follow one point through one step, line by line."
            many = f"{len(found)} faults are left. One of them: " if len(found) > 1 else ""
            return f"{many}{found[0]}."
    if not np.isfinite(answer).all():
        return "your end points contain NaN or infinity."
    off = np.median(np.abs(answer - truth))
    return (
        f"with {len(t) - 1} steps your end points are off by {off:.2g} in the median, more than "
        "straight steps in gamma. Follow one point through one step."
    )


@contextmanager
def _without_schedule() -> Iterator[None]:
    """Within this block the library's own clocks refuse to work."""

    def refuse(*args: object, **kwargs: object) -> None:
        raise NotYet("your function asks the library for the answer; write the formula itself.")

    names = [name for name in vars(VPSchedule) if not name.startswith("_")]
    with mock.patch.multiple(VPSchedule, **dict.fromkeys(names, refuse)):
        yield
