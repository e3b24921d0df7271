"""Five random mixtures of stated character, for results on mixtures that nothing was tuned on."""

from __future__ import annotations

import math

import numpy as np

import genie_edu as ge

KINDS = ("separated", "rings", "anisotropic", "dominant", "filament")


def drawn(seed: int) -> dict[str, ge.GaussianMixture]:
    """The five kinds drawn from `seed`: kind i from numpy's default_rng([seed, i])."""
    return {kind: _draw(kind, np.random.default_rng([seed, i])) for i, kind in enumerate(KINDS)}


def _draw(kind: str, rng: np.random.Generator) -> ge.GaussianMixture:
    """3-5 apart; two rings of eight; 2-3 long and thin; one heavy; sixteen along an arc."""
    if kind == "separated":
        k = int(rng.integers(3, 6))
        angles = rng.uniform(0, 2 * np.pi)
        angles = angles + 2 * np.pi * (np.arange(k) + rng.uniform(-0.25, 0.25, k)) / k
        radii, weights = rng.uniform(1.0, 1.8, k), rng.uniform(0.5, 1.5, k)
        covs = [
            _oriented(rng.uniform(0.2, 0.45), rng.uniform(0.15, 0.3), rng.uniform(0, np.pi))
            for _ in range(k)
        ]
        return _mixture(weights, radii[:, None] * _on_circle(angles), covs)
    if kind == "rings":
        inner, outer = rng.uniform(0.6, 1.0), rng.uniform(1.4, 2.0)
        std, offset = rng.uniform(0.05, 0.12), rng.uniform(0, 1)
        angles = 2 * np.pi * np.arange(8) / 8
        means = [inner * _on_circle(angles), outer * _on_circle(angles + offset)]
        return _mixture(np.ones(16), np.concatenate(means), [_oriented(std, std, 0)] * 16)
    if kind == "anisotropic":
        k, angle = int(rng.integers(2, 4)), rng.uniform(0, np.pi)
        weights = rng.uniform(0.5, 1.5, k)
        apart = (np.arange(k) - (k - 1) / 2) * rng.uniform(0.9, 1.5)
        means = apart[:, None] * _on_circle(np.array([angle + np.pi / 2]))
        means = means + rng.normal(0, 0.2, (k, 2))
        covs = [
            _oriented(rng.uniform(0.6, 1), rng.uniform(0.06, 0.15), angle + rng.normal(0, 0.3))
            for _ in range(k)
        ]
        return _mixture(weights, means, covs)
    if kind == "dominant":
        k, heavy = int(rng.integers(3, 5)), rng.uniform(0.8, 0.92)
        weights = np.r_[heavy, np.full(k - 1, (1 - heavy) / (k - 1))]
        others = rng.normal(0, 1, (k - 1, 2))
        others *= rng.uniform(1.3, 2.0, (k - 1, 1)) / np.linalg.norm(others, axis=1, keepdims=True)
        means = np.r_[[[0, 0]], others] + rng.normal(0, 0.3, 2)
        covs = [_oriented(rng.uniform(0.4, 0.7), rng.uniform(0.3, 0.5), rng.uniform(0, np.pi))]
        for std in rng.uniform(0.08, 0.25, k - 1):
            covs.append(_oriented(std, std, 0))
        return _mixture(weights, means, covs)
    place = np.linspace(-1, 1, 16)
    turn, radius, start = rng.uniform(1.2, 3.0), rng.uniform(0.8, 1.3), rng.uniform(0, 2 * np.pi)
    radii = radius * (1 + rng.uniform(-0.4, 0.4) * place)
    means = radii[:, None] * _on_circle(start + turn * place)
    means = means - means.mean(0)
    along, std = np.gradient(means, axis=0), rng.uniform(0.04, 0.08)
    covs = [_oriented(0.7 * math.hypot(a, b), std, math.atan2(b, a)) for a, b in along]
    return _mixture(np.ones(16), means, covs)


def _on_circle(angles: np.ndarray) -> np.ndarray:
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def _oriented(std_long: float, std_short: float, angle: float) -> np.ndarray:
    """Covariance with these standard deviations along and across a direction."""
    rotation = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    return rotation @ np.diag([std_long**2, std_short**2]) @ rotation.T


def _mixture(weights: np.ndarray, means: np.ndarray, covs: list[np.ndarray]) -> ge.GaussianMixture:
    return ge.GaussianMixture(weights / weights.sum(), means, np.array(covs))
