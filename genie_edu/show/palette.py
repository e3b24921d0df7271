"""One colour, marker and dash per solver for the whole book: plotly and the lab read it from here.

Every colour has a contrast of at least 3:1 against white and against the book's dark background
(WCAG 1.4.11); markers and dashes carry the same distinction without colour.
"""

from __future__ import annotations

from dataclasses import dataclass

from genie_edu._names import SOLVER_LABELS

LIGHT_BACKGROUND = "#ffffff"
DARK_BACKGROUND = "#14181e"
EXACT_COLOR = "#7d8590"
"""Colour of everything that is exact (reference paths, densities): a grey readable on both."""


@dataclass(frozen=True)
class SolverStyle:
    """How a solver is drawn: its label, hex colour, plotly marker symbol and dash name."""

    label: str
    color: str
    marker: str
    dash: str


SOLVER_STYLE: dict[str, SolverStyle] = {
    name: SolverStyle(SOLVER_LABELS[name], *style)
    for name, style in {
        "ddim": ("#d1603d", "circle", "solid"),
        "genie": ("#2f80d8", "diamond", "solid"),
        "taylor3": ("#8a63d2", "square", "dash"),
        "genie_log": ("#178f9e", "cross", "dashdot"),
        "heun": ("#a67c00", "triangle-up", "dash"),
        "rk4": ("#7a8450", "star", "dot"),
        "ab2": ("#b6559b", "x", "dashdot"),
        "dpm_solver_2": ("#6f8a2f", "diamond-wide", "dash"),
        "dpmpp_2m": ("#2b9158", "triangle-down", "dot"),
        "ipndm4": ("#c05a86", "hourglass", "dot"),
        "deis_tab3": ("#b0672c", "triangle-left", "dashdot"),
        "deis_logrho3": ("#94705c", "triangle-right", "dash"),
        "unipc_2": ("#4f8a8b", "hexagram", "dot"),
        "genie_multistep": ("#cc3fae", "star-triangle-down", "solid"),
    }.items()
}
