"""A U-Net for small images that is made to be differentiated: every part has an exact JVP.

torch's fused attention has no forward mode: here it is plain products; the other layers are those
of `forward_mode`. The level enters as in all networks of the book.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from genie_edu import _checks
from genie_edu._checks import level, number
from genie_edu._names import flag, one_of, positive_int, whole, wholes
from genie_edu.nets.forward_mode import Conv2d, GroupNorm, Linear, silu
from genie_edu.nets.mlp import LevelFeatures
from genie_edu.schedule import per_sample

PARAMETRIZATIONS = ("edm", "eps")
LEAST_CONDITION_GAMMA = 0.01
"""Less noise in a condition than this counts as this: log 0 has no features."""


class Attention(nn.Module):
    """Self-attention over the pixels, one head of all channels, added to its input."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = GroupNorm(channels)
        self.qkv = Conv2d(channels, 3 * channels, 1)
        self.out = _zero(Conv2d(channels, channels, 1))

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> the same shape."""
        q, k, v = self.qkv(self.norm(x)).flatten(2).chunk(3, dim=1)  # (B, C, HW) each
        weight = torch.softmax(q.mT @ k / math.sqrt(x.shape[1]), dim=-1)  # (B, HW, HW)
        return x + self.out((v @ weight.mT).reshape(x.shape))


class Block(nn.Module):
    """Residual block: two normalized convolutions, the second scaled and shifted by the level."""

    def __init__(self, channels_in: int, channels: int, embedding: int, attention: bool) -> None:
        super().__init__()
        self.norms = nn.ModuleList([GroupNorm(channels_in), GroupNorm(channels)])
        self.first = Conv2d(channels_in, channels, 3, padding=1)
        self.level = Linear(embedding, 2 * channels)
        self.second = _zero(Conv2d(channels, channels, 3, padding=1))
        same = channels_in == channels
        self.skip = nn.Identity() if same else Conv2d(channels_in, channels, 1)
        self.attention = Attention(channels) if attention else nn.Identity()

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        """(B, C_in, H, W), (B, E) -> (B, C, H, W)."""
        h = self.first(silu(self.norms[0](x)))
        scale, shift = self.level(embedding)[:, :, None, None].chunk(2, dim=1)
        h = self.second(silu(self.norms[1](h) * (1 + scale) + shift))
        return self.attention((self.skip(x) + h) * math.sqrt(0.5))


class UNet(nn.Module):
    """net(x_bar, gamma[, labels][, condition]) -> eps for images (B, channels, size, size).

    One resolution per entry of `widths`, each half as fine as the one before, with `blocks`
    residual blocks; attention where the side is in `attention`, and in the middle. With `patch` the
    image is folded patch x patch into channels first and unfolded last: all inside is that much
    smaller, and cheaper. `classes` labels 0..classes-1, and `classes` itself is the null label.
    `condition` adds an image of that many channels to the input, of side `condition_size` (0: the
    state's): folded down or repeated up it joins where the first layer reads. With
    `condition_level` it is an image with noise in it, c + condition_gamma xi, comes in at unit
    scale, and its level enters as the state's does.
    "edm" lets the output correct what is exact for one Gaussian of std `sigma_data`, as in EpsMLP
    (sigma_data=1 is v-prediction up to a sign); "eps" takes it as eps itself.
    Raises ValueError for a side that can't be folded, or halved so often; TypeError or ValueError
    for other sizes, and for states, levels, labels or a condition that it was not made for.
    """

    def __init__(
        self,
        channels: int = 3,
        size: int = 32,
        widths: tuple[int, ...] = (64, 128, 128),
        blocks: int = 2,
        attention: tuple[int, ...] = (16,),
        classes: int = 0,
        condition: int = 0,
        sigma_data: float = 0.5,
        parametrization: str = "edm",
        levels: str = "log_gamma",
        patch: int = 1,
        condition_size: int = 0,
        condition_level: bool = False,
    ) -> None:
        super().__init__()
        one_of("parametrization", parametrization, PARAMETRIZATIONS)
        channels, size = positive_int("channels", channels), positive_int("size", size)
        widths, attention = wholes("widths", widths), wholes("attention", attention)
        if not widths:
            raise ValueError("widths must hold one number at least: the channels of a resolution")
        blocks, classes = positive_int("blocks", blocks), whole("classes", classes, low=0)
        condition = whole("condition", condition, low=0)
        self.patch = positive_int("patch", patch)
        side = size // self.patch
        if size % patch:
            raise ValueError(f"a side of {size} can't be folded by {patch}")
        if side % 2 ** (len(widths) - 1):
            raise ValueError(f"a side of {side} can't be halved {len(widths) - 1} times")
        given = whole("condition_size", condition_size, low=0) or size
        if max(given, side) % min(given, side):
            raise ValueError(f"a condition of side {given} can't join where the side is {side}")
        if flag("condition_level", condition_level) and not condition:
            raise ValueError("condition_level is for networks with a condition")
        self.config = {
            "channels": channels,
            "size": size,
            "widths": list(widths),
            "blocks": blocks,
            "attention": list(attention),
            "classes": classes,
            "condition": condition,
            "sigma_data": number("sigma_data", sigma_data, 0),
            "parametrization": parametrization,
            "levels": levels,
            "patch": self.patch,
            "condition_size": condition_size,
            "condition_level": bool(condition_level),
        }
        self.sigma_data, self.parametrization = float(sigma_data), parametrization
        self.levels = LevelFeatures(levels)
        wide = 4 * widths[0]
        self.embed = nn.Sequential(Linear(self.levels.size, wide), Silu(), Linear(wide, wide))
        self.labels = nn.Embedding(classes + 1, wide) if classes else None
        folded = patch**2
        joined = folded * channels + condition * max(1, given // side) ** 2
        self.first = Conv2d(joined, widths[0], 3, padding=1)
        self.inner = side

        sides = [side // 2**i for i in range(len(widths))]
        self.down, kept, now = nn.ModuleList(), [widths[0]], widths[0]
        for i, (side, width) in enumerate(zip(sides, widths, strict=True)):
            for _ in range(blocks):
                self.down.append(Block(now, width, wide, side in attention))
                kept.append(now := width)
            if i < len(widths) - 1:
                self.down.append(Conv2d(now, now, 3, stride=2, padding=1))
                kept.append(now)
        self.middle = nn.ModuleList([Block(now, now, wide, True), Block(now, now, wide, False)])
        self.up = nn.ModuleList()
        for i, (side, width) in reversed(list(enumerate(zip(sides, widths, strict=True)))):
            for _ in range(blocks + 1):
                self.up.append(Block(now + kept.pop(), width, wide, side in attention))
                now = width
            if i:
                self.up.append(Conv2d(now, now, 3, padding=1))
        self.norm = GroupNorm(now)
        self.out = _zero(Conv2d(now, folded * channels, 3, padding=1))
        if condition_level:  # the last, so that the other layers' first weights are as without
            self.embed_condition = nn.Sequential(
                Linear(self.levels.size, wide), Silu(), Linear(wide, wide)
            )

    @property
    def feature_sizes(self) -> tuple[int, ...]:
        """Channels of what a head reads: the last map, the level's embedding, the coarser maps.

        The coarser maps are the last ones of every other resolution on the way up.
        """
        coarser = self.config["widths"][:0:-1]
        return self.out.in_channels, self.embed[-1].out_features, *coarser

    def forward(
        self,
        x_bar: Tensor,
        gamma: Any,
        labels: Tensor | None = None,
        condition: Tensor | None = None,
        condition_gamma: Any = None,
        features: bool = False,
    ) -> Tensor | tuple[Tensor, ...]:
        """eps (B, C, H, W); with `features` also what `feature_sizes` names.

        Those are the last map (B, W, H/patch, W/patch), the embedding (B, E), the coarser maps.
        """
        self._check(x_bar, labels, condition, condition_gamma)
        gamma = per_sample(level(gamma, len(x_bar)), x_bar)
        scale = torch.rsqrt(gamma * gamma + self.sigma_data**2)
        z = scale * x_bar
        embedding = self.embed(self.levels(gamma.reshape(-1, 1))).expand(len(x_bar), -1)
        if self.labels is not None:
            null = torch.full((len(x_bar),), self.labels.num_embeddings - 1, device=x_bar.device)
            embedding = embedding + self.labels(null if labels is None else labels)
        h = nn.functional.pixel_unshuffle(z, self.patch)
        if condition is not None:
            if condition_gamma is not None:
                noisy = per_sample(self._level_of(condition_gamma, x_bar), x_bar)
                condition = condition * torch.rsqrt(noisy * noisy + self.sigma_data**2)
                noisy = noisy.clamp(min=LEAST_CONDITION_GAMMA).reshape(-1, 1)
                embedding = embedding + self.embed_condition(self.levels(noisy))
            h = torch.cat([h, _joining(condition, self.inner)], dim=1)
        h, embedding = self.first(h), silu(embedding)
        kept, coarser = [h], []
        for layer in self.down:
            h = layer(h, embedding) if isinstance(layer, Block) else layer(h)
            kept.append(h)
        for layer in self.middle:
            h = layer(h, embedding)
        for layer in self.up:
            if isinstance(layer, Block):
                h = layer(torch.cat([h, kept.pop()], dim=1), embedding)
            else:
                coarser.append(h)
                h = layer(h.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3))
        out = nn.functional.pixel_shuffle(self.out(silu(self.norm(h))), self.patch)
        eps = out if self.parametrization == "eps" else scale * (gamma * z - self.sigma_data * out)
        return (eps, h, embedding, *coarser) if features else eps

    @staticmethod
    def _level_of(condition_gamma: Any, x_bar: Tensor) -> Tensor:
        """The levels of the conditions' noise, 0 or more, as a tensor."""
        found = level(condition_gamma, len(x_bar), "condition_gamma", zero=True)
        return torch.as_tensor(found, dtype=x_bar.dtype, device=x_bar.device)

    def _check(
        self, x_bar: Tensor, labels: Tensor | None, condition: Tensor | None, condition_gamma: Any
    ) -> None:
        """Refuse what this network was not made for."""
        made = self.config
        _checks.states("x_bar", x_bar, (made["channels"], made["size"], made["size"]), self.out)
        if labels is not None:
            _checks.labels(labels, _checks.classes_of(self), len(x_bar))
        if (condition is None) != (made["condition"] == 0):
            raise ValueError(
                f"condition must have {made['condition']} channels here; "
                f"{'it is missing' if condition is None else 'one was given'}"
            )
        if (condition_gamma is None) == made["condition_level"]:
            raise ValueError(
                "condition_gamma must say how much noise the condition has (0 for none); it is "
                "missing"
                if made["condition_level"]
                else "condition_gamma was given, and this network's conditions have no level"
            )
        if condition is not None:
            side = made["condition_size"] or made["size"]
            _checks.states("condition", condition, (made["condition"], side, side), self.out)
            if len(condition) != len(x_bar):
                raise ValueError(
                    f"{len(x_bar)} states need as many conditions; got {len(condition)}"
                )


def _joining(condition: Tensor, side: int) -> Tensor:
    """A condition (B, C, s, s) folded down, or repeated up, to (B, C', side, side)."""
    given = condition.shape[-1]
    if given >= side:
        return nn.functional.pixel_unshuffle(condition, given // side)
    return condition.repeat_interleave(side // given, 2).repeat_interleave(side // given, 3)


class Silu(nn.Module):
    """`silu` as a layer."""

    def forward(self, x: Tensor) -> Tensor:
        """Any shape."""
        return silu(x)


def _zero(layer: Conv2d) -> Conv2d:
    """A convolution that starts as zero: a residual branch that is not there yet."""
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer
