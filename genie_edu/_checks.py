"""One place for the sentences that bad input gets."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
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


def one_of(name: str, value: object, allowed: Iterable[str]) -> str:
    """`value` if it is one of `allowed`; otherwise a sentence that names the closest one."""
    names = list(allowed)
    if isinstance(value, str) and value in names:
        return value
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a string, one of {', '.join(names)}; got {value!r}")
    close = difflib.get_close_matches(value.lower(), names, n=1, cutoff=0.5)
    hint = f"did you mean {close[0]!r}?" if close else f"choose one of {', '.join(names)}"
    raise ValueError(f"{name} {value!r} does not exist: {hint}")


def positive_int(name: str, value: object) -> int:
    """`value` as an int of at least 1; booleans and fractions are refused."""
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{name} must be a whole number of at least 1; got {value!r}")
    number = value.__index__()
    if number < 1:
        raise ValueError(f"{name} must be a whole number of at least 1; got {number}")
    return number
