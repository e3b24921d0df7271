"""Checks of chapter 2, the flow in gamma: all truths are worked out here, in NumPy.

The clock is inverted by bisection and differenced, DDIM is compared with one Euler step in gamma,
and the Gaussian's exact path with a Runge-Kutta integration.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch

from genie_edu.exercises import NotYet, correct, require_callable
from genie_edu.exercises.ch01 import as_array, without_library

__all__ = ["check_clock_rate", "check_ddim", "check_gaussian_flow"]

_BETA_MIN, _BETA_D = 0.1, 19.9


def check_ddim(ddim_update: Any) -> None:  # noqa: ANN401
    """Check ddim_update(x, eps, alpha, sigma, alpha_next, sigma_next) against Euler in gamma.

    To 1e-12: x and eps are (B, 2) float64, the rest numbers; the answer is the next x, (B, 2).
    Raises NotYet with a hint. Source: eq. ddim.
    """
    require_callable(ddim_update, "ddim_update(x, eps, alpha, sigma, alpha_next, sigma_next)")
    random = np.random.default_rng(11)
    worst = 0.0
    for t, t_next in ((1.0, 0.6), (0.5, 0.45), (0.1, 0.001), (0.2, 0.9)):
        x, eps = random.standard_normal((2, 6, 2))
        (alpha, sigma), (alpha_next, sigma_next) = _scales(t), _scales(t_next)
        answer = _run(
            ddim_update,
            "ddim_update",
            x.shape,
            *(torch.from_numpy(v.copy()) for v in (x, eps)),
            *(alpha, sigma, alpha_next, sigma_next),
        )
        gamma, gamma_next = sigma / alpha, sigma_next / alpha_next
        euler = alpha_next * (x / alpha + (gamma_next - gamma) * eps)
        gap = np.abs(answer - euler).max() / max(1.0, np.abs(euler).max())
        if gap > 1e-12:
            raise NotYet(
                _diagnose_ddim(answer, euler, x, eps, alpha, sigma, alpha_next, sigma_next, gap)
            )
        worst = max(worst, gap)
    correct("DDIM and one Euler step in gamma agree to better than 1e-12, on any pair of levels.")


def check_clock_rate(dt_dgamma: Any) -> None:  # noqa: ANN401
    """Check dt_dgamma(gamma) against a central difference of t(gamma), for 0.1 and 19.9.

    gamma is a (B,) float64 tensor, and so is the answer. Raises NotYet with a hint.
    Source: eq. clock-rate.
    """
    require_callable(dt_dgamma, "dt_dgamma(gamma)")
    gamma = np.array([0.02, 0.1, 0.7, 3.0, 20.0, 120.0])
    answer = _run(dt_dgamma, "dt_dgamma", gamma.shape, torch.from_numpy(gamma.copy()))
    step = 1e-4 * gamma
    truth = (_time(gamma + step) - _time(gamma - step)) / (2 * step)

    def close(value: np.ndarray) -> bool:
        return bool((np.abs(value / truth - 1) < 1e-5).all())

    if close(answer):
        correct("that is the slope of t(gamma), at every level.")
        return
    time = _time(gamma)
    beta = _BETA_MIN + _BETA_D * time
    with np.errstate(divide="ignore", invalid="ignore"):
        if close(1 / answer):
            raise NotYet("that is dgamma/dt, as a function of gamma: the other way round.")
    if close(2 * answer) or close(answer / 2):
        raise NotYet("off by a factor of two: differentiate gamma^2 + 1 = exp(B) once more.")
    if close(answer / (1 + gamma**2)):
        raise NotYet("exp(B) did not cancel: it is 1 + gamma^2, and it belongs somewhere.")
    if np.abs(answer - time).max() < 1e-6:
        raise NotYet("that is t(gamma) itself; asked for is its slope.")
    for wrong in (_BETA_MIN + _BETA_D * gamma, _BETA_MIN + 0.5 * _BETA_D * time):
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
    mean = np.array([0.5, -0.3])
    turn = np.array([[math.cos(0.6), -math.sin(0.6)], [math.sin(0.6), math.cos(0.6)]])
    stretched = np.diag([0.64, 0.04])
    cases = (
        ("a round Gaussian", 0.25 * np.eye(2), 3.0, 0.1),
        ("a stretched Gaussian", stretched, 3.0, 0.1),
        ("a turned Gaussian", turn @ stretched @ turn.T, 3.0, 0.1),
        ("the way up", turn @ stretched @ turn.T, 0.1, 3.0),
    )
    for name, cov, gamma, gamma_next in cases:
        x_bar = mean + gamma * random.standard_normal((5, 2))
        given = (torch.from_numpy(v.copy()) for v in (x_bar, mean, cov))
        points, center, spread = given
        answer = _run(
            gaussian_flow, "gaussian_flow", x_bar.shape, points, gamma, gamma_next, center, spread
        )
        truth = _integrate(x_bar, gamma, gamma_next, mean, cov)
        gap = np.abs(answer - truth).max()
        if gap < 1e-7:
            continue
        if np.abs(answer - _integrate(x_bar, gamma, gamma_next, 0 * mean, cov)).max() < 1e-7:
            raise NotYet("your paths contract toward the origin instead of the mean.")
        wrong = mean + (x_bar - mean) @ _square_ratio(cov, gamma, gamma_next)
        if np.abs(answer - wrong).max() < 1e-7:
            raise NotYet("the distance follows the standard deviation, not the variance.")
        if np.abs(answer - mean - (x_bar - mean) * gamma_next / gamma).max() < 1e-7:
            raise NotYet("those are the straight lines of a point mass: the width is missing.")
        raise NotYet(
            f"{name}, from gamma = {gamma:g} to {gamma_next:g}: your end points are off by up to "
            f"{gap:.1e}. In the axes of the covariance every coordinate goes its own way."
        )
    correct("your formula is the exact path: round, stretched or turned, down and up.")


def _run(function: Any, name: str, shape: tuple[int, ...], *arguments: Any) -> np.ndarray:  # noqa: ANN401
    try:
        with without_library():
            answer = function(*arguments)
    except NotImplementedError:
        raise NotYet(f"{name} is not written yet: fill in its body.") from None
    return as_array(answer, name, shape)


def _scales(t: float) -> tuple[float, float]:
    big_b = _BETA_MIN * t + 0.5 * _BETA_D * t * t
    return math.exp(-big_b / 2), math.sqrt(-math.expm1(-big_b))


def _time(gamma: np.ndarray) -> np.ndarray:
    """t(gamma) by bisection of beta_min t + beta_d t^2 / 2 = log(1 + gamma^2)."""
    low, high = np.zeros_like(gamma), np.full_like(gamma, 2.0)
    target = np.log1p(gamma**2)
    for _ in range(200):
        middle = 0.5 * (low + high)
        below = _BETA_MIN * middle + 0.5 * _BETA_D * middle**2 < target
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return 0.5 * (low + high)


def _integrate(
    x_bar: np.ndarray, gamma: float, gamma_next: float, mean: np.ndarray, cov: np.ndarray
) -> np.ndarray:
    """Integrate dz/dgamma = gamma (Sigma + gamma^2 I)^-1 (z - mu), by RK4 in log gamma."""

    def rate(log_gamma: float, z: np.ndarray) -> np.ndarray:
        level = math.exp(log_gamma)
        spread = cov + level**2 * np.eye(len(mean))
        return level**2 * np.linalg.solve(spread, (z - mean).T).T

    start, end = math.log(gamma), math.log(gamma_next)
    n_steps = 400
    h = (end - start) / n_steps
    z = x_bar
    for i in range(n_steps):
        at = start + i * h
        s1 = rate(at, z)
        s2 = rate(at + h / 2, z + h / 2 * s1)
        s3 = rate(at + h / 2, z + h / 2 * s2)
        s4 = rate(at + h, z + h * s3)
        z = z + h / 6 * (s1 + 2 * s2 + 2 * s3 + s4)
    return z


def _square_ratio(cov: np.ndarray, gamma: float, gamma_next: float) -> np.ndarray:
    """Return the typical slip, (Sigma + gamma'^2 I) / (Sigma + gamma^2 I) without its root."""
    eye = np.eye(len(cov))
    return np.linalg.solve(cov + gamma**2 * eye, cov + gamma_next**2 * eye)


def _diagnose_ddim(
    answer: np.ndarray,
    euler: np.ndarray,
    x: np.ndarray,
    eps: np.ndarray,
    alpha: float,
    sigma: float,
    alpha_next: float,
    sigma_next: float,
    gap: float,
) -> str:
    def close(value: np.ndarray) -> bool:
        return bool(np.abs(answer - value).max() < 1e-9 * max(1.0, np.abs(value).max()))

    clean = (x - sigma * eps) / alpha
    if close(clean):
        return "that is the clean point; it still has to be noised to the next level."
    if close(alpha_next * (x - sigma * eps) + sigma_next * eps):
        return "x - sigma eps is alpha times the clean point, not the clean point."
    if close(alpha_next * clean + sigma * eps):
        return "the noise is put back at the old level, not at the next one."
    if close(clean + sigma_next * eps):
        return "the clean point is not scaled down to the next level's signal."
    if close(euler / alpha_next):
        return "that is the next x_bar; asked for is the next x."
    return (
        f"it differs from one Euler step in gamma by {gap:.1e}. First recover the clean point from "
        "x and eps, then noise it to the next level with the same eps."
    )
