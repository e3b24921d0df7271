"""One place for the sentences that bad input gets."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


def as_tensor(name: str, value: Any, dtype: torch.dtype | None = None) -> Tensor:
    """`value` (tensor, list, NumPy array, number) as a floating tensor without NaN or infinity.

    Floating tensors keep their dtype unless `dtype` is given; everything else becomes float64.
    Raises TypeError for what is not numeric, ValueError for NaN or infinity.
    """
    try:
        tensor = value if isinstance(value, Tensor) else torch.as_tensor(value, dtype=torch.float64)
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(f"{name} must be an array of numbers; got {value!r}") from error
    if not tensor.is_floating_point():
        tensor = tensor.to(torch.float64)
    if dtype is not None:
        tensor = tensor.to(dtype)
    if not torch.isfinite(tensor).all():
        raise ValueError(f"{name} must be finite; it contains NaN or infinity")
    return tensor


def positive_int(name: str, value: object) -> int:
    """`value` as an int of at least 1; booleans and fractions are refused."""
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{name} must be a whole number of at least 1; got {value!r}")
    number = value.__index__()
    if number < 1:
        raise ValueError(f"{name} must be a whole number of at least 1; got {number}")
    return number
