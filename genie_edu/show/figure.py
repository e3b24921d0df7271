"""How every figure of the book looks: the shared finish under `genie_edu.show.plots`."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from genie_edu._names import instance, whole
from genie_edu.show.palette import SOLVER_STYLE, SolverStyle

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

TEXT_COLOR = "#757c86"
"""Best contrast that one grey has on white and on dark at once; the page sets its theme's own."""
GRID_COLOR = "rgba(125,133,144,0.22)"
HEIGHT = 420

OWN_STYLES = (
    SolverStyle("", "#c04a7a", "hexagon", "solid"),
    SolverStyle("", "#4d7fa8", "pentagon", "dash"),
    SolverStyle("", "#9a6b4f", "star-diamond", "dot"),
    SolverStyle("", "#5c8f2f", "bowtie", "dashdot"),
    SolverStyle("", "#8f5fbf", "octagon", "longdash"),
    SolverStyle("", "#8a7a1f", "triangle-ne", "longdashdot"),
    SolverStyle("", "#2a8f86", "star-square", "solid"),
    SolverStyle("", "#6b7a99", "star-triangle-up", "dash"),
)
"""Styles of curves that are not one of the book's solvers, in order of appearance."""


def finish(fig: Figure, *, alt: str, title: str | None = None, height: int = HEIGHT) -> Figure:
    """Return `fig` in the book's style: transparent, compact, labelled for those who can't see it.

    Use it on a figure of your own: `finish(go.Figure(...), alt="...")`. The alt text is stored in
    layout.meta.alt. What the figure's own layout sets is kept. Raises ValueError for an empty alt,
    TypeError for what is no figure, no text, no height.
    """
    go = plotly_objects()
    instance("fig", fig, go.Figure, "a plotly Figure")
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError("alt must describe the figure in a sentence for readers who can't see it")
    height = whole("height", height)
    if title is not None:
        texts(title=title)
    plain = _plain(fig.to_plotly_json())
    layout = {key: value for key, value in plain["layout"].items() if key != "template"}
    out = go.Figure({"data": plain["data"], "layout": layout})
    out.layout.template = None  # plotly's default costs 7 kB a figure, and white backgrounds
    axis = {"gridcolor": GRID_COLOR, "linecolor": GRID_COLOR, "zeroline": False}
    axis |= {"ticks": "", "automargin": True}
    defaults: dict[str, Any] = {
        "height": height,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"size": 13, "color": TEXT_COLOR},
        "margin": {"l": 56, "r": 16, "t": 48 if title else 16, "b": 48},
        "legend": {"orientation": "h", "x": 0, "y": -0.22, "yanchor": "top"},
        "dragmode": False,
        "hovermode": "closest",
        "modebar": {"remove": ["zoom", "pan", "select", "lasso", "zoomIn", "zoomOut", "autoScale"]},
    }
    for key in [k for k in {**layout, "xaxis": {}, "yaxis": {}} if k[1:5] == "axis"]:
        defaults[key] = axis
    out.update_layout(_merged(defaults, layout))
    out.update_layout(meta={**(layout.get("meta") or {}), "alt": " ".join(alt.split())})
    if title:
        out.update_layout(title={"text": title, "x": 0, "xref": "paper", "font": {"size": 15}})
    return out


def style_of(name: str, index: int = 0) -> SolverStyle:
    """The palette's style of a solver name; for any other label the `index`-th own style."""
    texts(name=name)
    if name in SOLVER_STYLE:
        return SOLVER_STYLE[name]
    whole("index", index, low=0)
    own = OWN_STYLES[index % len(OWN_STYLES)]
    return SolverStyle(name, own.color, own.marker, own.dash)


def texts(**given: Any) -> None:
    """Check that arguments are strings."""
    for name, value in given.items():
        instance(name, value, str, "a text")


def by_label(name: str, values: Any) -> dict[str, Any]:
    """`values`, what a figure shows by label: one entry at least."""
    if not instance(name, values, Mapping, "a dictionary by label"):
        raise ValueError(f"{name} must hold at least one entry: a label and what it is of")
    for label in values:
        texts(**{f"a label of {name}": label})
    return dict(values)


def numbers(value: Any, name: str) -> np.ndarray:
    """A tensor, array or list of real numbers as floats; NaN leaves a gap in a line."""
    value = value.detach().cpu() if hasattr(value, "detach") else value
    try:
        if isinstance(value, str) or np.iscomplexobj(value):
            raise TypeError
        return np.asarray(value, dtype=float)
    except (TypeError, ValueError) as error:
        shown = " ".join(repr(value).split())[:60]
        raise TypeError(f"{name} must be an array of real numbers; got {shown}") from error


def levels(trajectory: Any) -> Any:
    """The levels of what `solve` returns."""
    if not hasattr(trajectory, "gamma"):
        raise TypeError(f"trajectories must be what `solve` returns; got {trajectory!r}")
    return trajectory.gamma


def in_the_plane(mixture: Any, gamma: Any) -> float:
    """The level at which to show a mixture, both checked: one of the plane, 0 or more."""
    from genie_edu._checks import number

    if not all(hasattr(mixture, part) for part in ("dim", "covs", "means")):
        raise TypeError(f"mixture must be a GaussianMixture; got {type(mixture).__name__}")
    if mixture.dim != 2:
        raise ValueError(f"this figure shows the plane; the mixture has dimension {mixture.dim}")
    return number("gamma", gamma, 0, including=True)


def spread(places: list[float], gap: float) -> list[float]:
    """`places` (ascending), moved apart as little as needed to be `gap` from each other."""
    groups: list[list[int]] = []
    out = list(places)
    for index in range(len(places)):
        groups.append([index])
        while True:
            group = groups[-1]
            middle = sum(places[i] for i in group) / len(group)
            for rank, i in enumerate(group):
                out[i] = middle + (rank - (len(group) - 1) / 2) * gap
            if len(groups) < 2 or out[groups[-2][-1]] + gap <= out[group[0]] + 1e-12:
                break
            groups[-2:] = [groups[-2] + group]
    return out


def plotly_objects() -> Any:
    """plotly's graph objects; ImportError names the command that installs it."""
    try:
        import plotly.graph_objects as go
    except ImportError as error:
        raise ImportError("the figures need plotly: pip install plotly") from error
    return go


def _merged(defaults: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    out = dict(defaults)
    for key, value in own.items():
        both = isinstance(value, dict) and isinstance(out.get(key), dict)
        out[key] = _merged(out[key], value) if both else value
    return out


def _plain(value: Any) -> Any:
    """Plain lists and numbers of six significant digits; NaN and infinity become gaps."""
    if isinstance(value, dict):
        if "bdata" in value:  # plotly's packed arrays
            raw = np.frombuffer(base64.b64decode(value["bdata"]), value["dtype"])
            shape = [int(n) for n in str(value.get("shape", raw.size)).split(",")]
            return _plain(raw.reshape(shape))
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float | np.floating):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return value.item() if isinstance(value, np.integer) else value
