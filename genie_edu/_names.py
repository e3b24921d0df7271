"""The one check of a name, for all that takes names: solvers, grids, scenarios (no torch)."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


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
