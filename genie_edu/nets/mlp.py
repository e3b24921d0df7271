"""Networks in the gamma clock: net(x_bar, gamma) -> eps, and the head that GENIE distils.

They are made to be differentiated: the state comes in at unit scale and the level as low-frequency
features of log gamma, so d eps/d gamma is one smooth Jacobian-vector product. With `features=True`
a network also returns what a head reads: its last hidden features and the level's embedding.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import torch
from torch import Tensor, nn

from genie_edu._checks import level, number, states
from genie_edu._names import one_of, positive_int
from genie_edu.nets.forward_mode import Linear, silu
from genie_edu.schedule import VPSchedule, per_sample

LEVELS = ("log_gamma", "time")


class LevelFeatures(nn.Module):
    """The noise level as a vector: (B, 1) gammas to (B, `size`) features.

    "log_gamma": u = log gamma as u/5 and sin, cos of pi k u/10, k = 1..n: the fastest has a period
    of 20/n in u. "time": sin, cos of 1000 t at n geometric frequencies from 1 down to 1/10,000, as
    DDPM embeds its step number; rough in gamma, kept for comparison (book chapter 10).
    """

    def __init__(self, kind: str = "log_gamma", n_frequencies: int = 6) -> None:
        super().__init__()
        self.kind = one_of("levels", kind, LEVELS)
        n = positive_int("n_frequencies", n_frequencies)
        if self.kind == "log_gamma":
            frequencies = math.pi / 10 * torch.arange(1, n + 1, dtype=torch.float64)
        else:
            frequencies = 1000 * torch.exp(
                -math.log(10_000) * torch.arange(n, dtype=torch.float64) / n
            )
        self.register_buffer("frequencies", frequencies, persistent=False)
        self.size = 2 * n + (self.kind == "log_gamma")

    def forward(self, gamma: Tensor) -> Tensor:
        """gamma (B, 1) -> (B, size), in gamma's dtype."""
        if self.kind == "log_gamma":
            clock = torch.log(gamma)
            angle = clock * self.frequencies.to(gamma)
            return torch.cat([clock / 5, torch.sin(angle), torch.cos(angle)], dim=-1)
        clock = VPSchedule().t_of_gamma(gamma)  # float64: 1000 t has three digits before the point
        angle = clock * self.frequencies.to(clock)
        return torch.cat([torch.sin(angle), torch.cos(angle)], dim=-1).to(gamma)


class EpsMLP(nn.Module):
    """A multilayer perceptron net(x_bar, gamma) -> eps for points (B, dim).

    `depth` hidden layers of `width` with SiLU on [z, level features], z = x_bar / sqrt(gamma^2 +
    sigma_data^2). The last layer F corrects what is exact for one Gaussian of std sigma_data:
    eps = (gamma z - sigma_data F) / sqrt(gamma^2 + sigma_data^2), so F is of unit scale everywhere
    and an untrained network (F = 0) is that Gaussian's. Raises ValueError or TypeError for bad
    sizes or names, and for states or levels that it was not made for.
    Source: the preconditioning of Karras et al. 2022 (EDM), table 1, solved for eps.
    """

    def __init__(
        self,
        dim: int = 2,
        width: int = 128,
        depth: int = 4,
        sigma_data: float = 1.0,
        levels: str = "log_gamma",
    ) -> None:
        super().__init__()
        self.dim, self.width = positive_int("dim", dim), positive_int("width", width)
        self.depth = positive_int("depth", depth)
        self.sigma_data = number("sigma_data", sigma_data, 0)
        self.levels = LevelFeatures(levels)
        sizes = [self.dim + self.levels.size] + [self.width] * self.depth
        self.hidden = nn.ModuleList(Linear(a, b) for a, b in itertools.pairwise(sizes))
        self.out = Linear(self.width, self.dim)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    @property
    def config(self) -> dict[str, Any]:
        """The arguments that rebuild this network."""
        keys = ("dim", "width", "depth", "sigma_data")
        return {key: getattr(self, key) for key in keys} | {"levels": self.levels.kind}

    @property
    def feature_sizes(self) -> tuple[int, int]:
        """Channels of the hidden features and of the level embedding that `features=True` gives."""
        return self.width, self.levels.size

    def forward(
        self, x_bar: Tensor, gamma: Any, features: bool = False
    ) -> Tensor | tuple[Tensor, Tensor, Tensor]:
        """eps (B, dim); with `features` also hidden (B, width) and level (B or 1, size)."""
        states("x_bar", x_bar, (self.dim,), self.out)
        gamma = per_sample(level(gamma, len(x_bar)), x_bar)
        scale = torch.rsqrt(gamma * gamma + self.sigma_data**2)
        z = scale * x_bar
        embedding = self.levels(gamma)
        hidden = torch.cat([z, embedding.expand(len(z), -1)], dim=-1)
        for layer in self.hidden:
            hidden = silu(layer(hidden))
        eps = scale * (gamma * z - self.sigma_data * self.out(hidden))
        return (eps, hidden, embedding) if features else eps
