"""The book's figures: trajectories, order plots, fields and densities as plotly Figures.

Every function takes `alt=`, the text for readers who cannot see the figure, and refuses to draw
without it. Colours, markers and dashes come from `genie_edu.palette`; what is exact is grey.
Backgrounds are transparent and every colour reads on white and on dark. Numbers are stored with
six significant digits, so that a notebook stays small and the same from run to run.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from genie_edu.palette import EXACT_COLOR, SOLVER_STYLE, SolverStyle

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from genie_edu.mixture import GaussianMixture
    from genie_edu.solvers import Trajectory

TEXT_COLOR = "#757c86"
"""Best contrast that one grey has on white and on dark at once; the page sets its theme's own."""
GRID_COLOR = "rgba(125,133,144,0.22)"
HEIGHT = 420
MAX_PATHS = 40
"""Paths drawn per solver; end points are drawn for all starts."""

OWN_STYLES = (
    SolverStyle("", "#c04a7a", "hexagon", "solid"),
    SolverStyle("", "#4d7fa8", "pentagon", "dash"),
    SolverStyle("", "#9a6b4f", "star-diamond", "dot"),
    SolverStyle("", "#5c8f2f", "bowtie", "dashdot"),
)
"""Styles of curves that are not one of the book's solvers, in order of appearance."""


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
    go = _plotly()
    if space not in ("x_bar", "x"):
        raise ValueError(f"space must be 'x_bar' or 'x'; got {space!r}")
    if not trajectories:
        raise ValueError("trajectories must hold at least one trajectory")
    fig = go.Figure()
    first = next(iter(trajectories.values()))
    drawn = {name: _states(t, space, f"trajectories[{name!r}]") for name, t in trajectories.items()}
    exact_states = None if exact is None else _states(exact, space, "exact", levels=first.gamma)
    if mixture is not None:
        gamma = float(first.gamma[-1])
        box = _box_of(np.concatenate([s.reshape(-1, 2) for s in drawn.values()]))
        wide = _box(
            mixture, gamma, None
        )  # in x the shading is a hair wide at the end: alpha is near 1
        box = (
            min(box[0], wide[0]),
            max(box[1], wide[1]),
            min(box[2], wide[2]),
            max(box[3], wide[3]),
        )
        fig.add_trace(_shading(mixture, gamma, box, space))
    if exact_states is not None:
        x, y = _with_gaps(exact_states)
        line = {"color": EXACT_COLOR, "width": 1.5}
        fig.add_trace(go.Scatter(x=x, y=y, mode="lines", line=line, name="exact", hoverinfo="skip"))
    for name, states, style in _styled(drawn):
        x, y = _with_gaps(states)
        group = {"legendgroup": name, "name": style.label}
        fig.add_trace(
            go.Scatter(
                x=x,
                y=y,
                mode="lines+markers",
                opacity=0.55,
                line={"color": style.color, "width": 1},
                marker={"color": style.color, "size": 3},
                showlegend=False,
                hoverinfo="skip",
                **group,
            )
        )
        ends = _marker(style, 9, hollow=True)
        fig.add_trace(
            go.Scatter(x=states[-1, :, 0], y=states[-1, :, 1], mode="markers", marker=ends, **group)
        )
    if exact_states is not None:
        dot = {"color": EXACT_COLOR, "size": 4, "symbol": "circle"}
        x, y = exact_states[-1, :, 0], exact_states[-1, :, 1]
        fig.add_trace(go.Scatter(x=x, y=y, mode="markers", marker=dot, showlegend=False))
        fig.data[-1].name = "exact end points"
    _plane(fig, space)
    return finish(fig, alt=alt, title=title, height=480)


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
    go = _plotly()
    n = np.asarray(step_counts, dtype=float)
    values = {name: _like(n, e, f"errors[{name!r}]") for name, e in errors.items()}
    values = {name: np.where(e > 0, e, np.nan) for name, e in values.items()}
    fig = go.Figure()
    lowest = math.inf  # of the guides
    for p in references:
        x, y = _guide(n, values, p)
        lowest = min(lowest, y[-1])
        line = {"color": EXACT_COLOR, "width": 1, "dash": "dash"}
        text = ["", f"slope \N{MINUS SIGN}{p:g}"]
        fig.add_trace(
            go.Scatter(
                x=x,
                y=y,
                mode="lines+text",
                line=line,
                text=text,
                textposition="bottom left",
                textfont={"size": 11, "color": EXACT_COLOR},
                name=text[1],
                showlegend=False,
                hoverinfo="skip",
                cliponaxis=False,
            )
        )
    _lines(fig, n, values)
    ticks = [int(v) for v in n]
    fig.update_xaxes(type="log", title_text="steps N", tickvals=ticks, ticktext=[*map(str, ticks)])
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
    go = _plotly()
    x = np.asarray(x, dtype=float)
    fig = go.Figure()
    _lines(fig, x, {name: _like(x, y, f"ys[{name!r}]") for name, y in ys.items()}, log_y=log_y)
    for update, text, log in (
        (fig.update_xaxes, x_title, log_x),
        (fig.update_yaxes, y_title, log_y),
    ):
        update(title_text=text)
        if log:
            update(type="log", exponentformat="power")
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

    go = _plotly()
    box = _box(mixture, gamma, extent)
    side = 15
    x, y = np.meshgrid(np.linspace(*box[:2], side), np.linspace(*box[2:], side))
    points = np.stack([x.ravel(), y.ravel()], axis=1)
    eps = mixture.derivatives(torch.from_numpy(points), gamma)[0].numpy()
    spacing = min(box[1] - box[0], box[3] - box[2]) / (side - 1)
    longest = np.linalg.norm(eps, axis=1).max()
    tips = points + eps * (1.3 * spacing / longest if longest > 0 else 0.0)
    tail_x, tail_y = _with_gaps(np.stack([points, tips]), limit=None)
    fig = go.Figure(_shading(mixture, gamma, box, "x_bar"))
    head = {"symbol": "arrow", "angleref": "previous", "color": EXACT_COLOR}
    head["size"] = [0, 6, 0] * len(points)
    head["line"] = {"width": 0}  # plotly would outline markers of many sizes in white
    arrows = {"mode": "lines+markers", "hoverinfo": "skip", "name": "eps", "showlegend": False}
    line = {"color": EXACT_COLOR, "width": 1.2}
    fig.add_trace(go.Scatter(x=tail_x, y=tail_y, line=line, marker=head, **arrows))
    _plane(fig, "x_bar", box)
    return finish(fig, alt=alt, title=title, height=480)


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
    go = _plotly()
    box = _box(mixture, gamma, extent)
    fig = go.Figure(_shading(mixture, gamma, box, "x_bar"))
    if points is not None:
        points = _numbers(points)
        if points.ndim != 2 or points.shape[1] != 2:
            raise ValueError(f"points must have shape (B, 2); got {points.shape}")
        dot = {"color": OWN_STYLES[0].color, "size": 4, "opacity": 0.7}
        fig.add_trace(go.Scatter(x=points[:, 0], y=points[:, 1], mode="markers", marker=dot))
        fig.update_traces(showlegend=False)
    _plane(fig, "x_bar", box)
    return finish(fig, alt=alt, title=title, height=480)


def finish(fig: Figure, *, alt: str, title: str | None = None, height: int = HEIGHT) -> Figure:
    """Return `fig` in the book's style: transparent, compact, labelled for those who can't see it.

    Use it on a figure of your own: `finish(go.Figure(...), alt="...")`. The alt text is stored in
    layout.meta.alt. What the figure's own layout sets is kept. Raises ValueError for an empty alt.
    """
    go = _plotly()
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError("alt must describe the figure in a sentence for readers who can't see it")
    plain = _plain(fig.to_plotly_json())
    layout = plain.get("layout", {})
    layout.pop("template", None)
    out = go.Figure({"data": plain.get("data", []), "layout": layout})
    out.layout.template = None  # plotly's default costs 7 kB a figure, and white backgrounds
    wide_axis = {"showgrid": True, "zeroline": False, "automargin": True, "ticks": ""}
    axis = {"gridcolor": GRID_COLOR, "linecolor": GRID_COLOR, **wide_axis}
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
    if name in SOLVER_STYLE:
        return SOLVER_STYLE[name]
    own = OWN_STYLES[index % len(OWN_STYLES)]
    return SolverStyle(name, own.color, own.marker, own.dash)


def _plotly() -> Any:
    try:
        import plotly.graph_objects as go
    except ImportError as error:
        raise ImportError("the figures need plotly: pip install plotly") from error
    return go


def _styled(items: Mapping[str, Any]) -> list[tuple[str, Any, SolverStyle]]:
    own = [name for name in items if name not in SOLVER_STYLE]
    return [
        (name, value, style_of(name, own.index(name) if name in own else 0))
        for name, value in items.items()
    ]


def _marker(style: SolverStyle, size: int, hollow: bool = False) -> dict[str, Any]:
    symbol = style.marker + ("-open" if hollow else "")
    return {"color": style.color, "size": size, "symbol": symbol, "line": {"width": 1.5}}


def _lines(fig: Figure, x: np.ndarray, ys: Mapping[str, np.ndarray], log_y: bool = False) -> None:
    go = _plotly()
    for _, y, style in _styled(ys):
        line = {"color": style.color, "width": 2, "dash": style.dash}
        many = len(x) > 40
        y = np.where(y > 0, y, np.nan) if log_y else y
        fig.add_trace(
            go.Scatter(
                x=x,
                y=y,
                mode="lines" if many else "lines+markers",
                line=line,
                marker=None if many else {"color": style.color, "size": 8, "symbol": style.marker},
                name=style.label,
            )
        )


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
    places = _spread([place for place, _ in ends], 0.055 * (high - low + 2 * pad))
    low, high = min(low, places[0]) - pad, max(high, places[-1]) + pad
    texts = [f'<span style="color:{style.color}">{style.label}</span>' for _, style in ends]
    fig.update_yaxes(range=[low, high])
    fig.add_trace(_plotly().Scatter(x=[None], y=[None], yaxis="y2", showlegend=False))
    fig.data[-1].update(hoverinfo="skip", name="labels")
    fig.update_layout(
        showlegend=False,
        yaxis2={
            "overlaying": "y",
            "side": "right",
            "range": [low, high],
            "tickvals": places,
            "ticktext": texts,
            "tickfont": {"size": 12},
            "showgrid": False,
        },
    )


def _spread(places: list[float], gap: float) -> list[float]:
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


def _states(
    trajectory: Any,
    space: str,
    name: str,
    levels: Any = None,
) -> np.ndarray:
    """(N+1, B, 2) in the asked space, from a Trajectory or from x_bar on known levels."""
    if hasattr(trajectory, "x_bar"):
        states = _numbers(trajectory.x if space == "x" else trajectory.x_bar)
    else:
        states = _numbers(trajectory)
        if space == "x":
            gamma = _numbers(levels)
            if len(gamma) != len(states):
                raise ValueError(f"{name} must have {len(gamma)} levels; got {len(states)}")
            states = states / np.sqrt(1 + gamma**2)[:, None, None]
    if states.ndim != 3 or states.shape[2] != 2:
        raise ValueError(f"{name} must have shape (N+1, B, 2); got {states.shape}")
    return states


def _with_gaps(
    states: np.ndarray, limit: int | None = MAX_PATHS
) -> tuple[list[float | None], list[float | None]]:
    """(N+1, B, 2) -> x and y of all paths in one line, with a gap after each."""
    gap = np.full((1, states.shape[1], 2), np.nan)
    joined = np.concatenate([states, gap])[:, :limit].transpose(1, 0, 2).reshape(-1, 2)
    return joined[:, 0], joined[:, 1]


def _shading(mixture: GaussianMixture, gamma: float, box: Sequence[float], space: str) -> Any:
    """A grey heatmap of the square root of the density, in steps of 1/255 of its maximum."""
    import torch

    side = 72
    x = np.linspace(box[0], box[1], side)
    y = np.linspace(box[2], box[3], side)
    grid = np.stack([a.ravel() for a in np.meshgrid(x, y)], axis=1)
    scale = math.sqrt(1 + gamma**2) if space == "x" else 1.0
    log_p = mixture.log_prob(torch.from_numpy(grid * scale), gamma).numpy().reshape(side, side)
    level = np.rint(255 * np.exp(0.5 * (log_p - log_p.max()))).astype(int)
    return _plotly().Heatmap(
        z=level.tolist(),
        x0=float(x[0]),
        dx=float(x[1] - x[0]),
        y0=float(y[0]),
        dy=float(y[1] - y[0]),
        zmin=0,
        zmax=255,
        zsmooth="best",
        colorscale=[[0, "rgba(125,133,144,0)"], [1, "rgba(125,133,144,0.6)"]],
        showscale=False,
        hoverinfo="skip",
        name="density",
    )


def _box(
    mixture: GaussianMixture, gamma: float, extent: Sequence[float] | None
) -> tuple[float, float, float, float]:
    """`extent`, or what holds three standard deviations of every diffused component."""
    if mixture.dim != 2:
        raise ValueError(f"this figure shows the plane; the mixture has dimension {mixture.dim}")
    if extent is not None:
        if len(extent) != 4 or not (extent[0] < extent[1] and extent[2] < extent[3]):
            raise ValueError(f"extent must be (x_min, x_max, y_min, y_max); got {extent!r}")
        return tuple(float(v) for v in extent)  # type: ignore[return-value]
    spread = 3 * (mixture.covs.diagonal(dim1=1, dim2=2) + gamma**2).sqrt()
    low, high = (mixture.means - spread).amin(0), (mixture.means + spread).amax(0)
    return float(low[0]), float(high[0]), float(low[1]), float(high[1])


def _box_of(points: np.ndarray) -> tuple[float, float, float, float]:
    low, high = points.min(axis=0), points.max(axis=0)
    pad = 0.06 * max(float((high - low).max()), 1e-6)
    return low[0] - pad, high[0] + pad, low[1] - pad, high[1] + pad


def _plane(fig: Figure, space: str, box: Sequence[float] | None = None) -> None:
    symbol = "x" if space == "x" else "x\u0304"
    fig.update_xaxes(title_text=f"{symbol}<sub>1</sub>", constrain="domain")
    fig.update_yaxes(title_text=f"{symbol}<sub>2</sub>", scaleanchor="x", constrain="domain")
    if box is not None:
        fig.update_xaxes(range=list(box[:2]))
        fig.update_yaxes(range=list(box[2:]))


def _numbers(value: Any) -> np.ndarray:
    value = value.detach().cpu().numpy() if hasattr(value, "detach") else value
    return np.asarray(value, dtype=float)


def _like(x: np.ndarray, y: Any, name: str) -> np.ndarray:
    y = _numbers(y)
    if x.ndim != 1 or y.shape != x.shape:
        raise ValueError(f"{name} must be as long as x ({x.shape}); got {y.shape}")
    return y


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
