"""Forward mode without the zero products: layers whose weights stand still.

torch.func.jvp of W x + b takes the whole rule, W x' + W' x + b', and multiplies by W' = 0 as well:
three products of one size where two are due. Here the slope of x goes through W alone.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.autograd import forward_ad


def split(x: Tensor, *weights: Tensor) -> tuple[Tensor, Tensor | None]:
    """(value, slope): what x carries at the innermost level of forward mode; `join` undoes it.

    The slope is None where x has none, and where torch's own rules are to be left alone: one of
    `weights` has a slope too, or a vmap stands inside the product.
    """
    try:
        value, slope = forward_ad.unpack_dual(x, level=_level())
        if slope is None or any(_moves(weight) for weight in weights):
            return x, None
    except RuntimeError:  # vmap can't unpack
        return x, None
    return value, slope


def join(value: Tensor, slope: Tensor) -> Tensor:
    """The tensor that carries `slope` beside `value`, both of one shape and type."""
    return forward_ad.make_dual(value, slope, level=_level())


def _moves(weight: Tensor) -> bool:
    return forward_ad.unpack_dual(weight, level=_level()).tangent is not None


def _level() -> int | None:
    """Its number under torch.compile, which takes the current level for a constant."""
    return 0 if torch.compiler.is_compiling() else None


class _Still(nn.Module):
    """The forward of a layer W x + b, whose W x is `_product`."""

    def forward(self, x: Tensor) -> Tensor:
        """As torch's own layer, of the same shapes and types."""
        value, slope = split(x, *self.parameters())
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
