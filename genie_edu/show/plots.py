"""The book's figures: trajectories, order plots, fields and densities as plotly Figures.

Every function takes `alt=`, the text for readers who cannot see the figure, and refuses to draw
without it. Colours, markers and dashes come from `genie_edu.show.palette`; what is exact is grey.
Backgrounds are transparent and every colour reads on white and on dark. Numbers are stored with
six significant digits, so that a notebook stays small and the same from run to run.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from genie_edu._names import one_of
from genie_edu.show import figure
from genie_edu.show.figure import OWN_STYLES, finish, numbers, plotly_objects, style_of
from genie_edu.show.palette import EXACT_COLOR, SOLVER_STYLE, SolverStyle
from genie_edu.show.pictures import images

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from genie_edu.mixture import GaussianMixture
    from genie_edu.solvers import Trajectory

__all__ = ["curves", "density", "field", "finish", "images", "order_plot", "paths", "style_of"]

Box = tuple[float, float, float, float]
"""A rectangle of the plane: x_min, x_max, y_min, y_max."""
MAX_PATHS = 40
"""Paths drawn per solver; end points are drawn for all starts."""
MAX_MARKERS = 40
"""A line with more points than this is drawn without markers."""


def paths(
    trajectories: Mapping[str, Trajectory],
    *,
    exact: Any = None,
    mixture: GaussianMixture | None = None,
    alt: str,
    title: str | None = None,
    space: str = "x_bar",
) -> Figure:
    """Solver paths in the plane, with end points, over the exact ones and the mixture's density.

    `trajectories` by solver name or own label, states (N+1, B, 2); `exact` a Trajectory or x_bar
    (N+1, B, 2) on the same levels; `space` "x_bar", or "x" = x_bar / sqrt(1 + gamma^2).
    At most MAX_PATHS paths each are drawn, and every end point. Raises ValueError for other shapes.
    """
    one_of("space", space, ("x_bar", "x"))
    trajectories = figure.by_label("trajectories", trajectories)
    gamma = figure.levels(next(iter(trajectories.values())))
    drawn = {name: _states(t, space, f"trajectories[{name!r}]") for name, t in trajectories.items()}
    truth = None if exact is None else _states(exact, space, "exact", gamma)
    fig = plotly_objects().Figure()
    if mixture is not None:
        # At the last level x and x_bar are close, so that one box will do for both.
        seen = _around(np.concatenate([states.reshape(-1, 2) for states in drawn.values()]))
        ends = zip(seen, _box(mixture, float(gamma[-1]), None), strict=True)
        box = tuple(max(pair) if i % 2 else min(pair) for i, pair in enumerate(ends))
        fig.add_trace(_shading(mixture, float(gamma[-1]), box, space))
    if truth is not None:
        line = {"color": EXACT_COLOR, "width": 1.5}
        _add(fig, *_joined(truth[:, :MAX_PATHS]), "lines", "exact", line=line, hoverinfo="skip")
    for name, states, style in _styled(drawn):
        thin = {"line": {"color": style.color, "width": 1}, "opacity": 0.55, "hoverinfo": "skip"}
        thin |= {"marker": {"color": style.color, "size": 3}, "showlegend": False}
        steps = _joined(states[:, :MAX_PATHS])
        _add(fig, *steps, "lines+markers", style.label, legendgroup=name, **thin)
        end = {"color": style.color, "size": 9, "symbol": style.marker + "-open"}
        end["line"] = {"width": 1.5}
        _add(fig, *states[-1].T, "markers", style.label, legendgroup=name, marker=end)
    if truth is not None:
        dot = {"color": EXACT_COLOR, "size": 4}
        _add(fig, *truth[-1].T, "markers", "exact end points", marker=dot, showlegend=False)
    return _plane(fig, space, None, alt, title)


def order_plot(
    step_counts: Sequence[int],
    errors: Mapping[str, Sequence[float]],
    *,
    references: Sequence[float] = (1, 2),
    alt: str,
    title: str | None = None,
) -> Figure:
    """Error against the number of steps, both logarithmic, one labelled line per solver.

    For each p in `references` a grey guide of slope -p lies under the curve that ends closest to
    that slope. Errors that are zero or not finite leave a gap. Raises ValueError if the lengths
    of step_counts and errors differ.
    """
    n = numbers(step_counts, "step_counts")
    if not (n >= 1).all():
        raise ValueError(f"step_counts must be numbers of at least 1; got {n.tolist()}")
    values = figure.by_label("errors", errors)
    values = {name: _like(n, e, f"errors[{name!r}]") for name, e in values.items()}
    values = {name: np.where(e > 0, e, np.nan) for name, e in values.items()}
    fig = plotly_objects().Figure()
    lowest = math.inf  # of the guides
    grey = {"line": {"color": EXACT_COLOR, "width": 1, "dash": "dash"}, "cliponaxis": False}
    grey |= {"textfont": {"size": 11, "color": EXACT_COLOR}, "textposition": "bottom left"}
    for p in numbers(references, "references").tolist():
        x, y = _guide(n, values, p)
        lowest = min(lowest, y[-1])
        name = f"slope \N{MINUS SIGN}{p:g}"
        _add(fig, x, y, "lines+text", name, text=["", name], hoverinfo="skip", **grey)
    _lines(fig, n, values)
    fig.update_xaxes(type="log", title_text="steps N", tickvals=n, tickformat="d")
    fig.update_yaxes(type="log", title_text="error", exponentformat="power", dtick=1)
    _label_ends(fig, values, lowest)
    return finish(fig, alt=alt, title=title)


def curves(
    x: Any,
    ys: Mapping[str, Any],
    *,
    x_title: str,
    y_title: str,
    log_x: bool = False,
    log_y: bool = False,
    alt: str,
    title: str | None = None,
) -> Figure:
    """Lines y(x), one per entry of `ys`; keys that are solver names get their solver's style.

    x (n,) and each y (n,); the legend stands below. Raises ValueError if the lengths differ.
    """
    figure.texts(x_title=x_title, y_title=y_title)
    x, ys = numbers(x, "x"), figure.by_label("ys", ys)
    values = {name: _like(x, y, f"ys[{name!r}]") for name, y in ys.items()}
    if log_y:
        values = {name: np.where(y > 0, y, np.nan) for name, y in values.items()}
    fig = plotly_objects().Figure()
    _lines(fig, x, values)
    log = {"type": "log", "exponentformat": "power"}
    fig.update_xaxes(title_text=x_title, **(log if log_x else {}))
    fig.update_yaxes(title_text=y_title, **(log if log_y else {}))
    fig.update_layout(showlegend=len(ys) > 1)
    return finish(fig, alt=alt, title=title)


def field(
    mixture: GaussianMixture,
    gamma: float,
    *,
    alt: str,
    extent: Sequence[float] | None = None,
    title: str | None = None,
) -> Figure:
    """Arrows of eps(x_bar, gamma) on a grid over the density of the mixture diffused to `gamma`.

    eps points away from the data; lengths are in proportion, the longest 1.3 times the spacing.
    `extent` is (x_min, x_max, y_min, y_max) in bar coordinates. Raises ValueError unless D = 2.
    """
    import torch

    box, side = _box(mixture, gamma, extent), 15
    points = _grid(box, side)
    eps = mixture.derivatives(torch.from_numpy(points), gamma)[0].numpy()
    spacing = min(box[1] - box[0], box[3] - box[2]) / (side - 1)
    longest = max(float(np.linalg.norm(eps, axis=1).max()), 1e-300)
    head = {"symbol": "arrow", "angleref": "previous", "color": EXACT_COLOR}
    head |= {"size": [0, 6, 0] * len(points), "line": {"width": 0}}  # no outline in white
    style = {"marker": head, "line": {"color": EXACT_COLOR, "width": 1.2}, "hoverinfo": "skip"}
    fig = plotly_objects().Figure(_shading(mixture, gamma, box, "x_bar"))
    arrows = np.stack([points, points + eps * (1.3 * spacing / longest)])
    _add(fig, *_joined(arrows), "lines+markers", "eps", showlegend=False, **style)
    return _plane(fig, "x_bar", box, alt, title)


def density(
    mixture: GaussianMixture,
    gamma: float,
    *,
    alt: str,
    points: Any = None,
    extent: Sequence[float] | None = None,
    title: str | None = None,
) -> Figure:
    """Density of the mixture diffused to `gamma`, in bar coordinates, with `points` (B, 2) on top.

    gamma = 0 is the data distribution. Raises ValueError unless D = 2.
    """
    box = _box(mixture, gamma, extent)
    fig = plotly_objects().Figure(_shading(mixture, gamma, box, "x_bar"))
    if points is not None:
        points = numbers(points, "points")
        if points.ndim != 2 or points.shape[1] != 2:
            raise ValueError(f"points must have shape (B, 2); got {points.shape}")
        dot = {"color": OWN_STYLES[0].color, "size": 4, "opacity": 0.7}
        _add(fig, *points.T, "markers", "points", marker=dot, showlegend=False)
    return _plane(fig, "x_bar", box, alt, title)


def _add(fig: Figure, x: Any, y: Any, mode: str, name: str, **style: Any) -> None:
    fig.add_trace(plotly_objects().Scatter(x=x, y=y, mode=mode, name=name, **style))


def _styled(items: Mapping[str, Any]) -> list[tuple[str, Any, SolverStyle]]:
    index = {name: i for i, name in enumerate(n for n in items if n not in SOLVER_STYLE)}
    return [(name, value, style_of(name, index.get(name, 0))) for name, value in items.items()]


def _lines(fig: Figure, x: np.ndarray, ys: Mapping[str, np.ndarray]) -> None:
    for _, y, style in _styled(ys):
        line = {"color": style.color, "width": 2, "dash": style.dash}
        marker = {"color": style.color, "size": 8, "symbol": style.marker}
        mode = "lines" if len(x) > MAX_MARKERS else "lines+markers"
        _add(fig, x, y, mode, style.label, line=line, marker=marker)


def _label_ends(fig: Figure, ys: Mapping[str, np.ndarray], lowest: float) -> None:
    """Direct labels at line ends of a logarithmic plot that must also show the value `lowest`.

    They are the ticks of a right-hand axis, so that they have room at every width.
    """
    finite = {name: np.log10(y[np.isfinite(y)]) for name, y in ys.items()}
    ends = [(float(y[-1]), style) for _, y, style in _styled(finite) if len(y)]
    if not ends:
        return
    every = np.concatenate(list(finite.values()))
    low, high = min(float(every.min()), math.log10(lowest)), float(every.max())
    pad = 0.06 * (high - low) or 0.5
    ends.sort(key=lambda end: end[0])
    places = figure.spread([place for place, _ in ends], 0.055 * (high - low + 2 * pad))
    low, high = min(low, places[0]) - pad, max(high, places[-1]) + pad
    texts = [f'<span style="color:{style.color}">{style.label}</span>' for _, style in ends]
    axis = {"overlaying": "y", "side": "right", "showgrid": False, "tickfont": {"size": 12}}
    axis |= {"range": [low, high], "tickvals": places, "ticktext": texts}
    _add(fig, [None], [None], "lines", "labels", yaxis="y2", hoverinfo="skip")
    fig.update_layout(yaxis_range=[low, high], yaxis2=axis, showlegend=False)


def _guide(
    n: np.ndarray, values: Mapping[str, np.ndarray], p: float
) -> tuple[list[float], list[float]]:
    """Two points of a line of slope -p over the last half of log N, below its nearest curve."""
    start = math.sqrt(n[0] * n[-1])
    anchors = []
    for y in values.values():
        ok = np.flatnonzero(np.isfinite(y))
        if len(ok) > 1:
            i, j = ok[-2], ok[-1]
            slope = math.log(y[i] / y[j]) / math.log(n[j] / n[i])
            misfit = round(abs(slope - p), 1)  # of curves that fit alike, take the lowest
            anchors.append((misfit, float(y[j]) * (float(n[j]) / float(n[-1])) ** p))
    level = 0.5 * min(anchors)[1] if anchors else 1.0
    return [start, float(n[-1])], [level * (n[-1] / start) ** p, level]


def _states(trajectory: Any, space: str, name: str, levels: Any = None) -> np.ndarray:
    """(N+1, B, 2) in the asked space, from a Trajectory or from x_bar on known levels."""
    own = getattr(trajectory, "gamma", None)
    states = numbers(trajectory if own is None else trajectory.x_bar, name)
    if states.ndim != 3 or states.shape[2] != 2:
        raise ValueError(f"{name} must have shape (N+1, B, 2); got {states.shape}")
    if space == "x":
        gamma = numbers(levels if own is None else own, "gamma")
        if len(gamma) != len(states):
            raise ValueError(f"{name} must have {len(gamma)} levels; got {len(states)}")
        states = states / np.sqrt(1 + gamma**2)[:, None, None]
    return states


def _joined(states: np.ndarray) -> np.ndarray:
    """(N+1, B, 2) -> x and y (2, (N+2) B) of all paths in one line, with a gap after each."""
    gapped = np.concatenate([states, np.full_like(states[:1], np.nan)])
    return gapped.transpose(2, 1, 0).reshape(2, -1)


def _grid(box: Box, side: int) -> np.ndarray:
    """The side^2 points (side^2, 2) of a grid over the box, row by row from below."""
    x, y = np.meshgrid(np.linspace(*box[:2], side), np.linspace(*box[2:], side))
    return np.stack([x.ravel(), y.ravel()], axis=1)


def _shading(mixture: GaussianMixture, gamma: float, box: Box, space: str) -> Any:
    """A grey heatmap of the square root of the density, in steps of 1/255 of its maximum."""
    import torch

    side = 72
    scale = math.sqrt(1 + gamma**2) if space == "x" else 1.0
    log_p = mixture.log_prob(torch.from_numpy(_grid(box, side) * scale), gamma).numpy()
    level = np.rint(255 * np.exp(0.5 * (log_p - log_p.max()))).astype(int).reshape(side, side)
    dx, dy = (box[1] - box[0]) / (side - 1), (box[3] - box[2]) / (side - 1)
    place = {"x0": box[0], "dx": dx, "y0": box[2], "dy": dy, "zmin": 0, "zmax": 255}
    shades = [[0, "rgba(125,133,144,0)"], [1, "rgba(125,133,144,0.6)"]]
    style = {"colorscale": shades, "showscale": False, "zsmooth": "best", "hoverinfo": "skip"}
    return plotly_objects().Heatmap(z=level.tolist(), name="density", **place, **style)


def _box(mixture: GaussianMixture, gamma: float, extent: Sequence[float] | None) -> Box:
    """`extent`, or what holds three standard deviations of every diffused component."""
    gamma = figure.in_the_plane(mixture, gamma)
    if extent is None:
        spread = 3 * (mixture.covs.diagonal(dim1=1, dim2=2) + gamma**2).sqrt()
        low, high = (mixture.means - spread).amin(0), (mixture.means + spread).amax(0)
        extent = (low[0], high[0], low[1], high[1])
    box = numbers(extent, "extent")
    if box.shape != (4,) or not (np.isfinite(box).all() and box[0] < box[1] and box[2] < box[3]):
        raise ValueError(f"extent must be (x_min, x_max, y_min, y_max); got {extent!r}")
    return tuple(box.tolist())


def _around(points: np.ndarray) -> Box:
    low, high = points.min(axis=0), points.max(axis=0)
    pad = 0.06 * max(float((high - low).max()), 1e-6)
    return low[0] - pad, high[0] + pad, low[1] - pad, high[1] + pad


def _plane(fig: Figure, space: str, box: Box | None, alt: str, title: str | None) -> Figure:
    symbol = "x" if space == "x" else "x\u0304"
    x_range, y_range = (None, None) if box is None else (list(box[:2]), list(box[2:]))
    fig.update_xaxes(title_text=f"{symbol}<sub>1</sub>", constrain="domain", range=x_range)
    fig.update_yaxes(title_text=f"{symbol}<sub>2</sub>", constrain="domain", range=y_range)
    fig.update_yaxes(scaleanchor="x")
    return finish(fig, alt=alt, title=title, height=480)


def _like(x: np.ndarray, y: Any, name: str) -> np.ndarray:
    y = numbers(y, name)
    if x.ndim != 1 or y.shape != x.shape:
        raise ValueError(f"{name} must be as long as x ({x.shape}); got {y.shape}")
    return y
