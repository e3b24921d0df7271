"""The head that GENIE distils: a small network on a base's features that gives d eps/d gamma."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from genie_edu import _checks
from genie_edu._checks import number
from genie_edu._names import positive_int, whole, wholes
from genie_edu.nets.forward_mode import Conv2d, GroupNorm, Linear, silu
from genie_edu.nets.unet import Block
from genie_edu.schedule import per_sample


def mix(k1: Tensor, k2: Tensor, k3: Tensor, gamma: Tensor) -> Tensor:
    """deps_dgamma = -k1 / gamma + k2 gamma / (1 + gamma^2) + k3 / (gamma (1 + gamma^2)).

    The mixed parametrization: each k only has to be of the size of eps, at every level. Times gamma
    it is -k1 + sigma^2 k2 + alpha^2 k3. All tensors (B, *shape), gamma broadcast to them.
    Source: GENIE (Dockhorn et al. 2022), eq. 14 as its public code computes it.
    """
    alpha2 = 1 / (1 + gamma * gamma)
    return (-k1 + (1 - alpha2) * k2 + alpha2 * k3) / gamma


def precondition(out: Tensor, x_bar: Tensor, gamma: Tensor, sigma_data: float) -> Tensor:
    """deps_dgamma = s^2 / (gamma^2 + s^2) (x_bar / (gamma^2 + s^2) - out / gamma).

    What follows for a network eps = (gamma z - s F) / sqrt(gamma^2 + s^2), z = x_bar /
    sqrt(gamma^2 + s^2): the slope of one round Gaussian of std s = sigma_data, and one unknown,
    d F/d log gamma = s out / sqrt(gamma^2 + s^2) along the flow, whose `out` is of unit scale at
    every level. Tensors (B, *shape), gamma broadcast.
    Source: genie_edu book, chapter 11.
    """
    variance = gamma * gamma + sigma_data**2
    return sigma_data**2 / variance * (x_bar / variance - out / gamma)


class GenieHead(nn.Module):
    """head(x_bar, gamma, eps, hidden, level, *coarser) -> d eps/dgamma, on a base's features.

    For points one layer, one residual layer and one output layer of `width` on x = x_bar /
    sqrt(1 + gamma^2), the predicted eps, the hidden features and the level. For images
    (`image=True`) `blocks` of the U-Net's blocks on those maps, folded as its own by `patch` and
    once more, its maps too, by `fold` (a quarter of the cost at 2), and on as many of its coarser
    maps as `feature_sizes` names after the first two; blocks=0 is the
    head of earlier files, whose norms of one channel a group hide the level from it.
    Three outputs go through `mix`, the paper's form; with `preconditioned` one goes through
    `precondition`, and the head reads z and F of the network's own form (std `sigma_data`) in place
    of x and eps; with mixed=False one output is d eps/dgamma itself, an ablation. The last layer
    starts at zero: before training the first and the last are DDIM.
    Raises ValueError, TypeError for bad sizes, and for states or features that it was not made for.
    Source: GENIE (Dockhorn et al. 2022), section 3; genie_edu book, chapter 11.
    """

    def __init__(
        self,
        channels: int,
        feature_sizes: tuple[int, ...],
        width: int = 32,
        image: bool = False,
        mixed: bool = True,
        preconditioned: bool = False,
        sigma_data: float = 1.0,
        blocks: int = 1,
        patch: int = 1,
        fold: int = 1,
    ) -> None:
        super().__init__()
        self.channels, self.width = positive_int("channels", channels), positive_int("width", width)
        self.feature_sizes = wholes("feature_sizes", feature_sizes)
        if len(self.feature_sizes) < 2:
            raise ValueError("feature_sizes must hold those of the hidden features and the level")
        self.image, self.mixed = bool(image), bool(mixed)
        self.preconditioned = bool(preconditioned)
        self.sigma_data = number("sigma_data", sigma_data, 0)
        self.blocks = whole("blocks", blocks, low=0)
        self.patch, self.fold = positive_int("patch", patch), positive_int("fold", fold)
        if not image and (self.blocks, self.patch, self.fold, len(feature_sizes)) != (1, 1, 1, 2):
            raise ValueError("blocks, patch, fold and coarser maps are for heads of images")
        if self.fold > 1 and not self.blocks:
            raise ValueError("a head without blocks does not fold")
        hidden, level, *coarser = self.feature_sizes
        folded, hidden = self.channels * (self.patch * self.fold) ** 2, hidden * self.fold**2
        outputs = folded * (3 if self.mixed and not self.preconditioned else 1)
        if image and not self.blocks:
            self._blind(2 * folded + hidden, level, outputs)
        elif image:
            self.first = Conv2d(2 * folded + hidden, self.width, 3, padding=1)
            self.coarser = nn.ModuleList(Conv2d(n, self.width, 1) for n in coarser)
            self.body = nn.ModuleList(
                Block(self.width, self.width, level, attention=False) for _ in range(self.blocks)
            )
            self.norm = GroupNorm(self.width)
            self.out = Conv2d(self.width, outputs, 3, padding=1)
        else:
            self.first = Linear(2 * folded + hidden, self.width)
            self.level = Linear(level, self.width)
            self.second = Linear(self.width, self.width)
            self.out = Linear(self.width, outputs)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def _blind(self, inputs: int, level: int, outputs: int) -> None:
        self.first = Conv2d(inputs, self.width, 3, padding=1)
        self.level = Linear(level, self.width)
        self.second = Conv2d(self.width, self.width, 3, padding=1)
        self.out = Conv2d(self.width, outputs, 3, padding=1)
        groups = math.gcd(32, self.width)
        self.norms = nn.ModuleList(nn.GroupNorm(groups, self.width) for _ in range(2))

    @property
    def config(self) -> dict[str, Any]:
        """The arguments that rebuild this head."""
        keys = ("channels", "feature_sizes", "width", "image", "mixed")
        if self.preconditioned:
            keys += ("preconditioned", "sigma_data")
        if self.image:
            keys += ("blocks", "patch", *(["fold"] if self.fold > 1 else []))
        return {key: getattr(self, key) for key in keys}

    def forward(
        self,
        x_bar: Tensor,
        gamma: Any,
        eps: Tensor,
        hidden: Tensor,
        level: Tensor,
        *coarser: Tensor,
    ) -> Tensor:
        """d eps/dgamma (B, *shape) from what the base's forward with features=True returned."""
        self._check(x_bar, eps, hidden, level)
        gamma = per_sample(_checks.level(gamma, len(x_bar)), x_bar)
        if self.preconditioned:
            root = torch.sqrt(gamma * gamma + self.sigma_data**2)
            state = x_bar / root
            eps = (gamma * state - root * eps) / self.sigma_data
        else:
            state = x_bar * torch.rsqrt(1 + gamma * gamma)
        if self.image:
            out = self._on_maps(torch.cat([state, eps], dim=1), hidden, level, coarser)
        else:
            h = self.first(torch.cat([state, eps, hidden], dim=1)) + self.level(level)
            out = self.out(silu(h + self.second(silu(h))))
        if self.preconditioned:
            return precondition(out, x_bar, gamma, self.sigma_data)
        return mix(*out.chunk(3, dim=1), gamma) if self.mixed else out

    def _check(self, x_bar: Tensor, eps: Tensor, hidden: Tensor, level: Tensor) -> None:
        """Refuse what this head was not made for."""
        inner = tuple(getattr(x_bar, "shape", ())[2:])
        if len(inner) != 2 * self.image:
            inner = ("H", "W") if self.image else ()
        _checks.states("x_bar", x_bar, (self.channels, *inner), self.out)
        _checks.states("eps", eps, tuple(x_bar.shape[1:]), self.out)
        for name, value, size in zip(
            ("hidden", "level"), (hidden, level), self.feature_sizes, strict=False
        ):
            inner = tuple(getattr(value, "shape", ())[2:])
            _checks.states(name, value, (size, *inner), self.out)
            if len(value) not in (1, len(x_bar)):
                raise ValueError(
                    f"{len(x_bar)} states need as many rows of {name}; got {len(value)}"
                )

    def _on_maps(
        self, x: Tensor, hidden: Tensor, level: Tensor, coarser: tuple[Tensor, ...]
    ) -> Tensor:
        fold, unfold = nn.functional.pixel_unshuffle, nn.functional.pixel_shuffle
        whole = self.patch * self.fold
        h = self.first(torch.cat([fold(x, whole), fold(hidden, self.fold)], dim=1))
        if not self.blocks:
            h = h + self.level(level)[:, :, None, None]
            h = h + self.second(silu(self.norms[0](h)))
            return unfold(self.out(silu(self.norms[1](h))), whole)
        for layer, part in zip(self.coarser, coarser, strict=False):  # a head may read fewer maps
            h = h + _resized(layer(part), h.shape[2])
        for block in self.body:
            h = block(h, level)
        return unfold(self.out(silu(self.norm(h))), whole)


def _resized(part: Tensor, size: int) -> Tensor:
    """A map repeated up, or averaged down, to (B, C, size, size)."""
    if part.shape[2] > size:
        return nn.functional.avg_pool2d(part, part.shape[2] // size)
    ratio = size // part.shape[2]
    return part.repeat_interleave(ratio, dim=2).repeat_interleave(ratio, dim=3)
