"""Names: their one check, those of the solvers in print, this version's (no torch)."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

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
