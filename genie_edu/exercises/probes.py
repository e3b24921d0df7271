"""Networks whose derivative is known, for the checks of chapter 10.

They say who called them: an answer that hands the exercise to the library is refused.
"""

from __future__ import annotations

import sys
from typing import Any

import torch
from torch import Tensor, nn

from genie_edu.exercises.answers import LibraryUsedError

__all__ = ["MIXTURE", "ExactEps", "ExactEpsXT", "Quadratic", "mixture_eps", "points"]

MIXTURE = {
    "weights": [0.3, 0.5, 0.2],
    "means": [[-0.9, 0.4], [0.8, 0.5], [0.2, -1.0]],
    "covs": [[[s * s, 0.0], [0.0, s * s]] for s in (0.3, 0.45, 0.25)],
}
_LIBRARY = ("genie_edu.derivative", "genie_edu.flow")


def mixture_eps(x_bar: Tensor, gamma: Tensor, seen: Tensor | None = None) -> Tensor:
    """The exact eps (B, 2) of MIXTURE: gamma sum_k r_k (x_bar - mu_k) / (s_k^2 + gamma^2).

    The responsibilities r_k are those of `seen`, x_bar itself if it is not given.
    """
    means = x_bar.new_tensor(MIXTURE["means"])
    variances = x_bar.new_tensor([cov[0][0] for cov in MIXTURE["covs"]]) + gamma * gamma
    away = x_bar[:, None] - means
    log_r = (
        x_bar.new_tensor(MIXTURE["weights"]).log()
        - variances.log()
        - 0.5 * ((x_bar if seen is None else seen)[:, None] - means).square().sum(-1) / variances
    )
    r = torch.softmax(log_r, dim=1)
    return gamma * ((r / variances)[..., None] * away).sum(1)


def points(level: float, n: int = 9, seed: int = 3) -> Tensor:
    """States (n, 2) at one level, float64."""
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(n, 2, generator=generator, dtype=torch.float64)
    return 0.6 * noise + level * noise.flip(0)


class ExactEps(nn.Module):
    """MIXTURE as a network in bar coordinates; counts its calls, refuses the library's."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    def forward(self, x_bar: Tensor, gamma: Any) -> Tensor:  # noqa: ANN401
        """Eps (B, 2)."""
        _refuse_library()
        self.calls += 1
        return mixture_eps(x_bar, torch.as_tensor(gamma, dtype=x_bar.dtype))


class ExactEpsXT(nn.Module):
    """The same mixture as eps(x, t), with a ripple in t that no difference quotient resolves.

    The ripple is far below the values' visible digits; its slope is HEIGHT x RATE cos(RATE t).
    """

    HEIGHT, RATE = 1e-10, 1e8

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        """Eps (B, 2)."""
        _refuse_library()
        gamma = torch.sqrt(torch.expm1(0.1 * t + 0.5 * 19.9 * t * t))
        ripple = self.HEIGHT * torch.sin(self.RATE * t)
        return mixture_eps(x * torch.sqrt(1 + gamma * gamma), gamma) + ripple

    def ripple_slope(self, t: Tensor) -> Tensor:
        """The ripple's derivative in t."""
        return self.HEIGHT * self.RATE * torch.cos(self.RATE * t)


class Quadratic(nn.Module):
    """eps = M x_bar + gamma^2 v: a central difference of it is exact. Records its arguments."""

    def __init__(self) -> None:
        super().__init__()
        self.matrix = torch.tensor([[0.3, -0.2], [0.1, 0.5]], dtype=torch.float64)
        self.vector = torch.tensor([0.7, -0.4], dtype=torch.float64)
        self.places: list[tuple[Tensor, float]] = []

    def forward(self, x_bar: Tensor, gamma: Any) -> Tensor:  # noqa: ANN401
        """Eps (B, 2)."""
        _refuse_library()
        self.places.append((x_bar.detach().clone(), float(gamma)))
        return x_bar @ self.matrix.T + gamma * gamma * self.vector

    def truth(self, x_bar: Tensor, gamma: Tensor) -> Tensor:
        """The total derivative M eps + 2 gamma v."""
        eps = x_bar @ self.matrix.T + gamma * gamma * self.vector
        return eps @ self.matrix.T + 2 * gamma * self.vector


def _refuse_library() -> None:
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_globals.get("__name__") in _LIBRARY:
            raise LibraryUsedError
        frame = frame.f_back
