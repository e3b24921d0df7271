"""One place for the sentences that bad input gets, and for the warnings that doubtful input gets.

Every check returns what it was given, made ready for use, or raises TypeError (another kind of
thing) or ValueError (a value that is not allowed) in one sentence that names the argument.
"""

from __future__ import annotations

import contextlib
import inspect
import math
import warnings
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from genie_edu._names import instance, is_scalar, listed

COMPLEX = ("complex64", "complex128")
"""NumPy's names for what torch would cut to its real part."""


def doubtful(sentence: str) -> None:
    """Warn of what is allowed and hardly meant; Python shows each sentence once a session."""
    warnings.warn(sentence, stacklevel=2)


def as_tensor(name: str, value: Any, dtype: torch.dtype | None = None) -> Tensor:
    """`value` (tensor, list, NumPy array, number) as a floating tensor without NaN or infinity.

    Floating tensors keep their dtype unless `dtype` is given; everything else becomes float64.
    Raises TypeError for what is not real numbers, ValueError for NaN or infinity.
    """
    tensor = _tensor(name, value)
    if dtype is not None:
        tensor = tensor.to(dtype)
    if not seen(torch.isfinite(tensor).all(), unseen=True):
        raise ValueError(f"{name} must be finite; it contains NaN or infinity")
    return tensor


def _tensor(name: str, value: Any) -> Tensor:
    """The same, NaN and infinity let through."""
    try:
        if isinstance(value, Tensor):
            if value.is_complex():
                raise TypeError
            return value if value.is_floating_point() else value.to(torch.float64)
        if isinstance(value, bool | str | bytes) or getattr(value, "dtype", None) in COMPLEX:
            raise TypeError
        return torch.as_tensor(value, dtype=torch.float64)
    except (TypeError, ValueError, RuntimeError) as error:
        shown = " ".join(repr(value).split())[:80]
        raise TypeError(f"{name} must be an array of real numbers; got {shown}") from error


def seen(condition: Tensor, unseen: bool = False) -> bool:
    """A condition's truth; `unseen` where torch can't look at values (vmap, compiling)."""
    if torch.compiler.is_compiling():
        return unseen
    try:
        return bool(condition)
    except RuntimeError:
        return unseen


def number(
    name: str,
    value: Any,
    low: float = -math.inf,
    high: float = math.inf,
    including: bool = False,
) -> float:
    """`value` as a float between `low` and `high`, these included or not; never NaN or infinity."""
    if low == 0 and high == math.inf:
        allowed = "0 or a positive number" if including else "a positive number"
    elif low > -math.inf:
        allowed = f"a number from {low:g} to {high:g}"
        allowed += "" if including else ", ends excluded"
    else:
        allowed = "a finite number"
    single = isinstance(value, Tensor) and value.ndim == 0 and not value.is_complex()
    kind = isinstance(value, bool | str | bytes | complex) or not hasattr(value, "__float__")
    if not single and (kind or getattr(value, "ndim", 0)):
        raise TypeError(f"{name} must be {allowed}; got {value!r}")
    found = float(value)
    inside = low <= found <= high if including else low < found < high
    if not (inside and math.isfinite(found)):
        raise ValueError(f"{name} must be {allowed}; got {found:g}")
    return found


def _arguments(net: nn.Module) -> list[str] | None:
    """The names of what a network's forward takes; None where it may take anything."""
    try:
        known = inspect.signature(net.forward).parameters.values()
    except (TypeError, ValueError):  # not written in Python
        return None
    if any(p.kind in (p.VAR_KEYWORD, p.VAR_POSITIONAL) for p in known):
        return None
    return [p.name for p in known]


def classes_of(net: nn.Module) -> int | None:
    """How many classes a network says that it knows, if it does; ValueError for one without."""
    config, arguments = getattr(net, "config", None), _arguments(net)
    classes = config.get("classes") if isinstance(config, dict) else None
    unheard = arguments is not None and (len(arguments) < 3 or arguments[2] == "features")
    if unheard or classes == 0:
        raise ValueError("labels were given, and this network knows no classes")
    return classes


def takes_condition(net: nn.Module, given: Any, name: str = "condition") -> Any:
    """A condition, or the level of its noise, for which the network has an argument; or None."""
    if given is None:
        return None
    if name == "condition":
        instance(name, given, Tensor, "a tensor (B, *shape)")
    else:
        level(given, getattr(given, "numel", lambda: 1)(), name, zero=True)
    arguments = _arguments(net)
    if arguments is not None and name not in arguments:
        raise ValueError(f"{name} was given, and this network takes none")
    return given


def takes_features(net: nn.Module, *also: str) -> None:
    """Check that a network's forward has features=True; `also` names all else that it may take."""
    arguments = _arguments(net)
    if arguments is not None and "features" not in arguments:
        raise ValueError("this network has no features=True to give any")
    if arguments is not None and also and {*arguments} != {*also, "features"}:
        raise ValueError(f"this network takes {', '.join(arguments)}; a classifier takes images x")


def head_of(head: nn.Module, net: nn.Module) -> None:
    """Check that `head` can read what `net` returns with features=True."""
    takes = _arguments(head)
    if takes is not None and len(takes) < 5:
        raise ValueError(
            "derivative must be a head(x_bar, gamma, eps, hidden, level, *coarser), such as "
            f"GenieHead; {type(head).__name__} takes {len(takes)} arguments"
        )
    takes_features(net)
    read, there = getattr(head, "feature_sizes", None), getattr(net, "feature_sizes", None)
    if read is not None and there is not None and tuple(there[: len(read)]) != tuple(read):
        raise ValueError(
            f"this head was made for features of sizes {tuple(read)}; the network's are {there}"
        )


@contextlib.contextmanager
def told(name: str, x: Tensor) -> Iterator[None]:
    """A sentence in place of torch's for what fails inside a network of the reader's."""
    try:
        yield
    except RuntimeError as error:
        if type(error) is not RuntimeError or "CUDA" in str(error):  # no memory, no forward mode
            raise
        said = str(error).strip().splitlines()[0]
        raise ValueError(
            f"{name} can't take states of shape {tuple(x.shape)}, {x.dtype}: {said}"
        ) from error


def state_and_level(x_bar: Any, gamma: Any) -> tuple[Tensor, float | Tensor]:
    """States (B, *shape), floating, and their levels, positive: what every evaluation gets."""
    if not isinstance(x_bar, Tensor) or not x_bar.is_floating_point():
        x_bar = as_tensor("x_bar", x_bar)
    if not x_bar.ndim:
        raise ValueError("x_bar must be states (B, *shape); got a single number")
    return x_bar, level(gamma, len(x_bar))


def derivative_order(order: Any) -> int:
    """`order`: 0, 1 or 2, up to which derivatives are known."""
    if isinstance(order, bool) or not hasattr(order, "__index__") or order not in (0, 1, 2):
        raise ValueError(f"order must be 0, 1 or 2; got {order!r}")
    return int(order)


def level(gamma: Any, n: int, name: str = "gamma", zero: bool = False) -> float | Tensor:
    """Noise levels of n states, as a positive float or a tensor of one or n; `zero` allows 0."""
    if type(gamma) is float and 0 < gamma < math.inf:
        return gamma
    if not isinstance(gamma, Tensor):
        if is_scalar(gamma) or not hasattr(gamma, "__len__") or isinstance(gamma, str | bytes):
            return number(name, gamma, 0, including=zero)
        gamma = as_tensor(name, gamma)
    if gamma.is_complex() or gamma.dtype == torch.bool:
        raise TypeError(f"{name} must be real numbers; got {gamma.dtype}")
    if gamma.numel() not in (1, n):
        raise ValueError(f"{name} must be a scalar or have shape ({n},); got {tuple(gamma.shape)}")
    # A GPU would have to be waited for.
    good = (gamma >= 0 if zero else gamma > 0) & torch.isfinite(gamma)
    if not gamma.is_cuda and not seen(good.all(), unseen=True):
        raise ValueError(f"{name} must be {'0 or ' * zero}positive, and finite")
    return gamma


def images(name: str, x: Any) -> Tensor:
    """Images (B, C, H, W) as floats, without NaN; bytes are no images in [-1, 1]."""
    if getattr(x, "dtype", None) in (torch.uint8, "uint8"):
        raise TypeError(
            f"{name} must be floats in [-1, 1]; for uint8 use images.from_bytes({name})"
        )
    x = as_tensor(name, x)
    if x.ndim != 4 or 0 in x.shape:
        raise ValueError(f"{name} must be images (B, C, H, W); got shape {tuple(x.shape)}")
    return x


def prediction(eps: Any, x: Tensor, name: str = "net") -> Tensor:
    """What a network of the reader's gave for states x: a tensor of their shape."""
    if not isinstance(eps, Tensor):
        raise TypeError(f"{name} must return eps as a tensor; it returned {type(eps).__name__}")
    if eps.shape != x.shape:
        raise ValueError(
            f"{name} must return eps of its input's shape {tuple(x.shape)}; "
            f"it returned {tuple(eps.shape)}"
        )
    return eps


def states(name: str, x: Any, shape: tuple[int, ...], layer: nn.Module) -> None:
    """Check that x is (B, *shape), real, and of the dtype of a network's `layer`."""
    if not isinstance(x, Tensor) or not x.is_floating_point():
        got = x.dtype if isinstance(x, Tensor) else type(x).__name__
        raise TypeError(f"{name} must be a tensor of floats; got {got}")
    if x.ndim != 1 + len(shape) or tuple(x.shape[1:]) != shape:
        wanted = ", ".join(map(str, shape))
        raise ValueError(f"this network is for {name} of shape (B, {wanted}); got {tuple(x.shape)}")
    dtype = layer.weight.dtype
    if x.dtype != dtype and not _autocast(x):
        raise ValueError(f"{name} is {x.dtype} and the network {dtype}: convert one of them")


def _autocast(x: Tensor) -> bool:
    try:
        return torch.is_autocast_enabled(x.device.type)
    except TypeError:  # before torch 2.4
        return torch.is_autocast_enabled() or torch.is_autocast_cpu_enabled()


def labels(values: Any, n_classes: int | None = None, n: int | None = None) -> Tensor:
    """Class labels (n,) as int64: whole numbers from 0 to n_classes, the null label included."""
    given = values
    if not isinstance(values, Tensor):
        values = _tensor("labels", listed("labels", values))
    if values.dtype == torch.bool or values.is_complex() or values.ndim != 1:
        raise TypeError(f"labels must be whole numbers (B,); got {values.dtype} {values.shape}")
    if values.is_floating_point():
        if isinstance(given, Tensor) or seen((values != values.round()).any()):
            raise TypeError(f"labels must be whole numbers, int64 for one; got {values.dtype}")
    values = values.long()
    if n is not None and len(values) != n:
        raise ValueError(f"{n} states need as many labels; got {len(values)}")
    if values.numel() and not values.is_cuda:
        high = math.inf if n_classes is None else n_classes
        low_bad, high_bad = seen((values < 0).any()), seen((values > high).any())
        if low_bad or high_bad:
            top = "" if n_classes is None else f" to {n_classes}, which is none"
            raise ValueError(
                f"labels must be whole numbers from 0{top}; "
                f"got {int(values.min())} to {int(values.max())}"
            )
    return values


def grid(gamma: Tensor, sign: int) -> None:
    """Check a grid of levels: positive, and strictly increasing (sign 1) or decreasing (-1)."""
    if gamma.ndim != 1 or len(gamma) < 2:
        raise ValueError(
            f"gammas must be a grid of at least two levels; got shape {tuple(gamma.shape)}"
        )
    if (gamma <= 0).any():
        raise ValueError("gammas must be positive; to end at gamma 0 use denoise=True")
    if not (sign * gamma.diff() > 0).all():
        direction = "decrease (to go up, use encode)" if sign < 0 else "increase (to sample: solve)"
        raise ValueError(f"gammas must strictly {direction}")


def start(x_bar: Tensor, gamma: float, sign: int) -> None:
    """Check that a start is (B, *shape); warn of another scale, as of x where x_bar is due."""
    if not x_bar.ndim:
        raise ValueError("x_bar must be states (B, *shape); got a single number")
    if sign > 0 or gamma < 10 or x_bar.numel() < 8:  # where x and x_bar, or chance, are close
        return
    size = float(x_bar.double().square().mean().sqrt()) / gamma
    if not 0.1 < size < 10:
        doubtful(
            f"x_bar is far from gamma = {gamma:.4g} in size, which is that of noise there: give "
            "x sqrt(1 + gamma^2) for a start x, and for the code of `encode` its x_bar[-1]"
        )


def past(memory: Any, x_bar: Tensor, gamma: float, n_values: int) -> None:
    """Check a method's past: points (gamma, x_bar, eps, ...) of n_values states, latest first."""
    latest = gamma
    for point in listed("memory", memory):
        level, *values = listed("memory", point) or [None]
        if number("memory's gamma", level, 0) == latest:
            raise ValueError(f"memory must hold points before the start; one is at gamma {latest}")
        latest = float(level)
        if len(values) < n_values:
            slope = ", slope" if n_values > 2 else ""
            raise ValueError(
                f"memory must hold points (gamma, x_bar, eps{slope}), the latest first"
            )
        for value in values:
            shape = instance("memory", value, Tensor, "points of tensors").shape
            if shape != x_bar.shape:
                raise ValueError(
                    f"memory must hold states of x_bar's shape {tuple(x_bar.shape)}; "
                    f"got {tuple(shape)}"
                )


def stepped(result: Any, x_bar: Tensor) -> tuple[Tensor, Any]:
    """What a step, perhaps the reader's own, has returned: (x_bar_next, memory)."""
    if not isinstance(result, tuple) or len(result) != 2 or not isinstance(result[0], Tensor):
        raise TypeError("a step must return (x_bar_next, memory)")
    if result[0].shape != x_bar.shape:
        raise ValueError(
            f"a step must keep the shape {tuple(x_bar.shape)}; got {tuple(result[0].shape)}"
        )
    return result
