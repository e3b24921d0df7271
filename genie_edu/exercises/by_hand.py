"""Chapter 2's truths by hand, in NumPy: its clock, Runge-Kutta paths, a sampler and its faults."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

BETA_MIN, BETA_D = 0.1, 19.9


def alpha_sigma(t: float) -> tuple[float, float]:
    """Signal and noise of the default schedule at time t."""
    big_b = BETA_MIN * t + 0.5 * BETA_D * t * t
    return math.exp(-big_b / 2), math.sqrt(-math.expm1(-big_b))


def time_of(gamma: np.ndarray) -> np.ndarray:
    """t(gamma) by bisection of beta_min t + beta_d t^2 / 2 = log(1 + gamma^2)."""
    low, high = np.zeros_like(gamma), np.full_like(gamma, 2.0)
    target = np.log1p(gamma**2)
    for _ in range(200):
        middle = 0.5 * (low + high)
        below = BETA_MIN * middle + 0.5 * BETA_D * middle**2 < target
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return 0.5 * (low + high)


def integrate(
    x_bar: np.ndarray, gamma: float, gamma_next: float, mean: np.ndarray, cov: np.ndarray
) -> np.ndarray:
    """Integrate dz/dgamma = gamma (Sigma + gamma^2 I)^-1 (z - mu), by RK4 in log gamma."""

    def rate(log_gamma: float, z: np.ndarray) -> np.ndarray:
        level = math.exp(log_gamma)
        spread = cov + level**2 * np.eye(len(mean))
        return level**2 * np.linalg.solve(spread, (z - mean).T).T

    return _rk4(rate, x_bar, math.log(gamma), math.log(gamma_next))


def _rk4(
    rate: Callable[[float, np.ndarray], np.ndarray], z: np.ndarray, start: float, end: float
) -> np.ndarray:
    n_steps = 400
    h = (end - start) / n_steps
    for i in range(n_steps):
        at = start + i * h
        s1 = rate(at, z)
        s2 = rate(at + h / 2, z + h / 2 * s1)
        s3 = rate(at + h / 2, z + h / 2 * s2)
        s4 = rate(at + h, z + h * s3)
        z = z + h / 6 * (s1 + 2 * s2 + 2 * s3 + s4)
    return z


def pair_eps(x_bar: Any, gamma: Any) -> Any:  # noqa: ANN401
    """eps of two modes at -1 and 0.8 of width 0.3, weights 0.3 and 0.7: for tensors and arrays."""
    if isinstance(x_bar, torch.Tensor):
        return torch.from_numpy(pair_eps(x_bar.detach().numpy(), float(gamma)))
    spread = 0.3**2 + gamma**2
    log_odds = math.log(7 / 3) + ((x_bar + 1) ** 2 - (x_bar - 0.8) ** 2) / (2 * spread)
    right = 0.5 * (1 + np.tanh(0.5 * log_odds))
    return gamma * (x_bar - (1.8 * right - 1)) / spread


def sampled(
    x: np.ndarray,
    t: np.ndarray,
    *,
    multiply: bool = False,
    in_time: bool = False,
    in_x: bool = False,
    keep_bar: bool = False,
) -> np.ndarray:
    """One Euler step in gamma per interval, with the faults that are switched on."""
    for now, later in zip(t[:-1], t[1:], strict=True):
        (alpha, sigma), (alpha_next, sigma_next) = alpha_sigma(now), alpha_sigma(later)
        x_bar = x * alpha if multiply else x / alpha
        h = later - now if in_time else sigma_next / alpha_next - sigma / alpha
        x_bar = x_bar + h * pair_eps(x if in_x else x_bar, sigma / alpha)
        x = x_bar if keep_bar and later == t[-1] else x_bar * alpha_next
    return x


def fine(x: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Where the pair's exact flow takes x (N, 1) from t[0] to t[-1]."""
    (alpha, sigma), (alpha_end, sigma_end) = alpha_sigma(t[0]), alpha_sigma(t[-1])
    start, end = math.log(sigma / alpha), math.log(sigma_end / alpha_end)

    def rate(log_gamma: float, z: np.ndarray) -> np.ndarray:
        level = math.exp(log_gamma)
        return level * pair_eps(z, level)

    return alpha_end * _rk4(rate, x / alpha, start, end)
