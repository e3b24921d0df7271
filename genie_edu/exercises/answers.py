"""What the checks do with a reader's function: call it safely, and see that a tensor came back."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from genie_edu.exercises import NotYet

EMPTY = "the function is still empty: replace the placeholder."
NOTHING = "the function returns nothing yet: replace the placeholder."


class LibraryUsedError(Exception):
    """Raised inside an answer that hands the exercise to the library."""


def called(
    function: Callable[..., Any],
    *arguments: Any,  # noqa: ANN401
    empty: str = EMPTY,
    library: str = "",
) -> Any:  # noqa: ANN401
    """What `function` returns; NotYet with a hint for a placeholder, a crash, or the library.

    `empty` is said of a body that raises NotImplementedError, `library` of LibraryUsedError.
    """
    try:
        result = function(*arguments)
    except NotYet:
        raise
    except NotImplementedError:
        raise NotYet(empty) from None
    except LibraryUsedError:
        raise NotYet(library) from None
    except Exception as error:
        message = str(error).splitlines()[0] if str(error) else ""
        raise NotYet(f"your function stopped with {type(error).__name__}: {message}") from error
    if result is None or result is ...:
        raise NotYet(NOTHING)
    return result


def tensor_like(value: object, like: Tensor) -> Tensor:
    """`value` in float64, without a graph, if it is a finite tensor of the state `like`'s shape."""
    if value is None or value is ...:
        raise NotYet(NOTHING)
    if not isinstance(value, Tensor):
        raise NotYet(f"return a tensor shaped like the state, not a {type(value).__name__}.")
    if value.shape != like.shape:
        raise NotYet(f"the result has shape {tuple(value.shape)}; the state's {tuple(like.shape)}.")
    if not torch.isfinite(value).all():
        raise NotYet("the result holds a NaN or an infinity.")
    return value.detach().double()


def number(
    value: object, otherwise: str = "", strange: str = "", *, infinite: bool = False
) -> float:
    """`value` as a float, finite unless `infinite` is an answer, too.

    NotYet says `otherwise` of what is no number, `strange` of NaN and what is not finite.
    """
    try:
        found = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, RuntimeError):
        raise NotYet(otherwise or f"return one number, not a {type(value).__name__}.") from None
    if math.isnan(found) or (math.isinf(found) and not infinite):
        raise NotYet(strange or "the result is not a finite number.")
    return found


def near(value: float, *wanted: float, close: float, least: float = 0.0) -> bool:
    """Whether a number is one of `wanted`, to `close` of its size or of `least`."""
    return any(abs(value - one) <= close * max(least, abs(one)) for one in wanted)


def same(value: Tensor, wanted: Tensor, close: float, least: float = 0.0) -> bool:
    """Whether tensors of one shape agree, to `close` of the largest wanted entry or of `least`."""
    if value.shape != wanted.shape:
        return False
    return off(value, wanted) <= close * max(least, float(wanted.abs().max()))


def off(value: Tensor, wanted: Tensor) -> float:
    """The largest difference of two tensors."""
    return float((value.detach() - wanted).abs().max())
