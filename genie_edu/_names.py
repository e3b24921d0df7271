"""What needs no torch: names, of solvers in print and of this version, and checks of plain values.

What has to do with tensors and networks is checked in `_checks`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

VERSION = "0.1.0"

SOLVER_LABELS = {
    "ddim": "DDIM (Euler)",
    "genie": "GENIE (Taylor 2)",
    "taylor3": "Taylor 3",
    "genie_log": "GENIE in log γ",
    "heun": "Heun",
    "rk4": "RK4",
    "ab2": "Adams-Bashforth 2",
    "dpm_solver_2": "DPM-Solver-2",
    "dpmpp_2m": "DPM-Solver++(2M)",
    "ipndm4": "iPNDM 4",
    "deis_tab3": "DEIS tAB 3",
    "deis_logrho3": "DEIS log ρ 3",
    "unipc_2": "UniPC 2",
    "genie_multistep": "GENIE multistep",
}
"""How figures and tables name each solver of SOLVERS."""


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


def whole(name: str, value: Any, low: int = 1) -> int:
    """`value` as an int of at least `low`; booleans and fractions are refused."""
    try:
        if isinstance(value, bool):
            raise TypeError
        found = value.__index__()
    except (AttributeError, TypeError) as error:
        raise TypeError(
            f"{name} must be a whole number of at least {low}; got {value!r}"
        ) from error
    if found < low:
        raise ValueError(f"{name} must be a whole number of at least {low}; got {found}")
    return found


def positive_int(name: str, value: Any) -> int:
    """`value` as an int of at least 1; booleans and fractions are refused."""
    return whole(name, value, 1)


def wholes(name: str, values: Any, low: int = 1) -> tuple[int, ...]:
    """`values`, a list, as ints of at least `low`."""
    return tuple(whole(name, value, low) for value in listed(name, values))


def listed(name: str, values: Any) -> list[Any]:
    """`values` as a list; a string is not one."""
    if isinstance(values, str | bytes) or not isinstance(values, Iterable) or is_scalar(values):
        raise TypeError(f"{name} must be a list; got {values!r}")
    return list(values)


def is_scalar(value: Any) -> bool:
    """Whether an array has no axes."""
    return getattr(value, "ndim", 1) == 0


def flag(name: str, value: Any) -> bool:
    """`value`, True or False: any other thing would be taken for True."""
    if isinstance(value, bool) or type(value).__name__ in ("bool_", "bool"):  # NumPy's own
        return bool(value)
    raise TypeError(f"{name} must be True or False; got {value!r}")


def instance(name: str, value: Any, kind: type | tuple[type, ...], what: str) -> Any:
    """`value`, an instance of `kind`, which `what` says in words."""
    if not isinstance(value, kind):
        got = f"the class {value.__name__}" if isinstance(value, type) else type(value).__name__
        raise TypeError(f"{name} must be {what}; got {got}")
    return value


def function(name: str, value: Any, what: str) -> Any:
    """`value`, which can be called as `what` says."""
    if not callable(value) or isinstance(value, type):
        raise TypeError(f"{name} must be {what}; got {value!r}")
    return value
