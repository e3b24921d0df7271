"""Layers that know their own slopes: forward mode without torch's detours.

torch.func.jvp of W x + b takes the whole rule, W x' + W' x + b', and multiplies by W' = 0 as well:
three products of one size where two are due. Here the slope of x goes through W alone. torch's
GroupNorm costs twenty times its forward there, and its SiLU has no second derivative.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.autograd import forward_ad


def split(x: Tensor, layer: nn.Module | None = None) -> tuple[Tensor, Tensor | None]:
    """(value, slope): what x carries at the innermost level of forward mode; `join` undoes it.

    The slope is None where x has none, and where torch's own rules are to be left alone: a weight
    of `layer` has a slope too, or a vmap stands inside the product.
    """
    level = _level()
    try:
        value, slope = forward_ad.unpack_dual(x, level=level)
        if slope is None:
            return x, None
        weights = () if layer is None else layer.parameters()
        moving = any(forward_ad.unpack_dual(w, level=level).tangent is not None for w in weights)
    except RuntimeError:  # vmap can't unpack
        moving = True
    return (x, None) if moving else (value, slope)


def join(value: Tensor, slope: Tensor) -> Tensor:
    """The tensor that carries `slope` beside `value`, both of one shape and type."""
    return forward_ad.make_dual(value, slope, level=_level())


def _level() -> int | None:
    """None is the current one; torch.compile takes that for a constant and gets its number."""
    return 0 if torch.compiler.is_compiling() else None


class _Still(nn.Module):
    """The forward of a layer W x + b, whose W x is `_product`."""

    def forward(self, x: Tensor) -> Tensor:
        """As torch's own layer, of the same shapes and types."""
        value, slope = split(x, self)
        y = super().forward(value)
        return y if slope is None else join(y, self._product(slope))


class Linear(_Still, nn.Linear):
    """torch.nn.Linear, its weights and their names, with a cheaper forward mode."""

    def _product(self, x: Tensor) -> Tensor:
        return nn.functional.linear(x, self.weight)


class Conv2d(_Still, nn.Conv2d):
    """torch.nn.Conv2d, its weights and their names, with a cheaper forward mode."""

    def _product(self, x: Tensor) -> Tensor:
        return self._conv_forward(x, self.weight, None)


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


def silu(x: Tensor) -> Tensor:
    """x sigmoid(x). Its slope is written out: torch's own has no second one in forward mode."""
    value, slope = split(x)
    if slope is None:
        return nn.functional.silu(x)
    gate = torch.sigmoid(value)
    result = value * gate
    return join(result, slope * torch.addcmul(gate, result, 1 - gate))
