"""Mixtures, starts and strategies that several test modules share."""

from __future__ import annotations

import torch
from hypothesis import settings
from hypothesis import strategies as st

import genie_edu as ge

# The same examples at every run, and no clock: a slow machine is not a wrong answer.
settings.register_profile("genie-edu", deadline=None, derandomize=True)
settings.load_profile("genie-edu")

SCHEDULE = ge.VPSchedule()
GAMMA_MIN, GAMMA_MAX = 0.0105, 152.0


def random_mixture(
    seed: int, n_components: int = 4, dim: int = 2, scale: float = 1.0
) -> ge.GaussianMixture:
    """A mixture with full covariances of very different widths, reproducible from its seed."""
    generator = torch.Generator().manual_seed(seed)

    def draw(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    weights = torch.softmax(draw(n_components), 0)
    roots = 0.3 * scale * draw(n_components, dim, dim)
    covs = roots @ roots.mT + (0.05 * scale) ** 2 * torch.eye(dim, dtype=torch.float64)
    return ge.GaussianMixture(weights, 1.5 * scale * draw(n_components, dim), covs)


def states(mixture: ge.GaussianMixture, gamma: float, n: int, seed: int = 0) -> torch.Tensor:
    """`n` draws of x_bar = x_0 + gamma eps."""
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(n, mixture.dim, generator=generator, dtype=torch.float64)
    return mixture.sample(n, generator) + gamma * noise


seeds = st.integers(0, 10_000)
levels = st.floats(GAMMA_MIN, GAMMA_MAX)
shapes = st.tuples(st.integers(1, 6), st.integers(1, 5))
