"""A U-Net for small images that is made to be differentiated: every part has an exact JVP.

torch's fused attention has no forward mode: here it is plain products. Its GroupNorm's costs twenty
times its forward, and its layers multiply by zeros: here they know their own slopes. The level
enters as in all networks of the book.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from genie_edu._names import one_of
from genie_edu.forward_mode import Conv2d, Linear, join, split
from genie_edu.networks import LevelFeatures, per_sample, silu

PARAMETRIZATIONS = ("edm", "eps")


class GroupNorm(nn.Module):
    """Normalization over groups of channels, (B, C, H, W): mean 0, variance 1, then gain and bias.

    Equal to torch.nn.GroupNorm; its slope is written out: with c = x - mean x and the variance v,
    (c / sqrt(v))' = (c' - c mean(c c') / v) / sqrt(v).
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.groups = math.gcd(32, channels // 4) if channels >= 8 else 1
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> the same shape."""
        value, slope = split(x, self)
        if slope is None:
            return nn.functional.group_norm(x, self.groups, self.weight, self.bias)
        value, slope = (part.reshape(len(x), self.groups, -1) for part in (value, slope))
        value, slope = (part - part.mean(dim=2, keepdim=True) for part in (value, slope))
        variance = (value * value).mean(dim=2, keepdim=True) + 1e-5
        along = (value * slope).mean(dim=2, keepdim=True) / variance
        slope = torch.addcmul(slope, value, along, value=-1)
        gain = torch.rsqrt(variance) * self.weight.reshape(self.groups, -1)
        gain, bias = gain.reshape(len(x), -1, 1, 1), self.bias[:, None, None]
        value, slope = value.reshape(x.shape), slope.reshape(x.shape)
        return join(torch.addcmul(bias, value, gain), slope * gain)


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
    residual blocks; attention where the side is in `attention`, and in the middle. `classes` labels
    0..classes-1, and `classes` itself is the null label; `condition` adds that many channels to the
    input. "edm" lets the output correct what is exact for one Gaussian of std `sigma_data`, as in
    EpsMLP (sigma_data=1 is v-prediction up to a sign); "eps" takes it as eps itself.
    Raises ValueError for a side that can't be halved so often.
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
    ) -> None:
        super().__init__()
        one_of("parametrization", parametrization, PARAMETRIZATIONS)
        if size % 2 ** (len(widths) - 1):
            raise ValueError(f"a side of {size} can't be halved {len(widths) - 1} times")
        self.config = {
            "channels": channels,
            "size": size,
            "widths": list(widths),
            "blocks": blocks,
            "attention": list(attention),
            "classes": classes,
            "condition": condition,
            "sigma_data": float(sigma_data),
            "parametrization": parametrization,
            "levels": levels,
        }
        self.sigma_data, self.parametrization = float(sigma_data), parametrization
        self.levels = LevelFeatures(levels)
        wide = 4 * widths[0]
        self.embed = nn.Sequential(Linear(self.levels.size, wide), Silu(), Linear(wide, wide))
        self.labels = nn.Embedding(classes + 1, wide) if classes else None
        self.first = Conv2d(channels + condition, widths[0], 3, padding=1)

        sides = [size // 2**i for i in range(len(widths))]
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
        self.out = _zero(Conv2d(now, channels, 3, padding=1))

    @property
    def feature_sizes(self) -> tuple[int, int]:
        """Channels of the last feature map and of the level's embedding: what a head reads."""
        return self.out.in_channels, self.embed[-1].out_features

    def forward(
        self,
        x_bar: Tensor,
        gamma: Any,
        labels: Tensor | None = None,
        condition: Tensor | None = None,
        features: bool = False,
    ) -> Tensor | tuple[Tensor, Tensor, Tensor]:
        """eps (B, C, H, W); with `features` also hidden (B, W, H, W) and the embedding (B, E)."""
        gamma = per_sample(gamma, x_bar)
        scale = torch.rsqrt(gamma * gamma + self.sigma_data**2)
        z = scale * x_bar
        embedding = self.embed(self.levels(gamma.reshape(-1, 1))).expand(len(x_bar), -1)
        if self.labels is not None:
            null = torch.full((len(x_bar),), self.labels.num_embeddings - 1, device=x_bar.device)
            embedding = embedding + self.labels(null if labels is None else labels)
        embedding = silu(embedding)

        h = self.first(z if condition is None else torch.cat([z, condition], dim=1))
        kept = [h]
        for layer in self.down:
            h = layer(h, embedding) if isinstance(layer, Block) else layer(h)
            kept.append(h)
        for layer in self.middle:
            h = layer(h, embedding)
        for layer in self.up:
            if isinstance(layer, Block):
                h = layer(torch.cat([h, kept.pop()], dim=1), embedding)
            else:
                h = layer(h.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3))
        out = self.out(silu(self.norm(h)))
        eps = out if self.parametrization == "eps" else scale * (gamma * z - self.sigma_data * out)
        return (eps, h, embedding) if features else eps


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
