"""Named 2-D mixtures that the chapters, the lab and the benchmarks share (plain numbers, no torch).

The paper's own toy mixture was never published in numbers; these are this book's.
"""

from __future__ import annotations

import math
from typing import TypedDict


class MixtureNumbers(TypedDict):
    """Weights (K,), means (K, 2) and full covariances (K, 2, 2) as nested lists."""

    weights: list[float]
    means: list[list[float]]
    covs: list[list[list[float]]]


def _isotropic(std: float) -> list[list[float]]:
    return [[std * std, 0.0], [0.0, std * std]]


def _oriented(std_long: float, std_short: float, angle: float) -> list[list[float]]:
    """Covariance with the given standard deviations along and across a direction (radians)."""
    c, s = math.cos(angle), math.sin(angle)
    a, b = std_long**2, std_short**2
    off = (a - b) * c * s
    return [[a * c * c + b * s * s, off], [off, a * s * s + b * c * c]]


def _ring(n: int, radius: float, std: float) -> MixtureNumbers:
    angles = [2 * math.pi * k / n for k in range(n)]
    return {
        "weights": [1 / n] * n,
        "means": [[radius * math.cos(a), radius * math.sin(a)] for a in angles],
        "covs": [_isotropic(std)] * n,
    }


TOYS: dict[str, MixtureNumbers] = {
    "one_gaussian": {"weights": [1.0], "means": [[0.5, -0.3]], "covs": [_isotropic(0.5)]},
    "three_modes": {
        "weights": [0.4, 0.35, 0.25],
        "means": [[-1.2, -0.6], [1.1, -0.7], [0.2, 1.2]],
        "covs": [_oriented(0.45, 0.2, 0.6), _oriented(0.4, 0.25, -0.5), _isotropic(0.3)],
    },
    "ring": _ring(8, 1.6, 0.15),
    "anisotropic": {
        "weights": [0.5, 0.5],
        "means": [[-0.8, 0.5], [0.8, -0.5]],
        "covs": [_oriented(0.8, 0.1, 0.7), _oriented(0.8, 0.1, 0.7)],
    },
}
"""`one_gaussian` has a closed-form flow; `three_modes` is the book's default."""
