"""Figures of images: labelled rows of small pictures, every pixel a square."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from genie_edu.show.figure import by_label, finish, numbers, plotly_objects, texts
from genie_edu.show.numbers import data_uri
from genie_edu.show.palette import SOLVER_STYLE

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

WIDTH = 680
"""Of the page's column in its pixels: what a figure's height is computed for."""


def images(
    rows: Mapping[str, Any],
    *,
    alt: str,
    title: str | None = None,
    x_title: str = "",
    columns: Sequence[str] = (),
) -> Figure:
    """Rows of images, one labelled row per entry of `rows`; nothing is smoothed.

    Each entry (N, C, H, W) in [-1, 1], C = 1 or 3, as a tensor or array; N may differ. Keys that
    are solver names get their solver's label and color; `x_title` says what a column is,
    `columns` labels each from below.
    Raises ValueError for no rows, other shapes, NaN or infinity; TypeError.
    """
    texts(x_title=x_title)
    tiles = {k: _bytes(v, f"rows[{k!r}]") for k, v in by_label("rows", rows).items()}
    if len({t.shape[1:] for t in tiles.values()}) != 1:
        raise ValueError("rows must hold at least one row, and images of one shape")
    side, wide = next(iter(tiles.values())).shape[1:3]
    gap = max(1, wide // 8)
    width = max(len(t) for t in tiles.values()) * (wide + gap) - gap
    head = -(-width // 18)  # a line of text over each row, also on a phone
    canvas = np.zeros((len(tiles) * (head + side), width, 4), dtype=np.uint8)
    labels = []
    for r, (label, images) in enumerate(tiles.items()):
        top = r * (head + side) + head
        for n, image in enumerate(images):
            left = n * (wide + gap)
            canvas[top : top + side, left : left + wide] = image
        text = {"xref": "x", "yref": "y", "x": -0.5, "y": top - 0.5, "showarrow": False}
        text |= {"text": label, "xanchor": "left", "yanchor": "bottom", "borderpad": 0}
        if label in SOLVER_STYLE:
            style = SOLVER_STYLE[label]
            text |= {"text": style.label, "font": {"color": style.color}}
        labels.append(text)
    picture = plotly_objects().Image(source=data_uri(canvas, 9), hoverinfo="skip", name="images")
    fig = plotly_objects().Figure(picture)
    bare = {"showticklabels": False, "showgrid": False, "showline": False, "constrain": "domain"}
    fig.update_xaxes(title_text=x_title, range=[-0.5, width - 0.5], **bare)
    if columns:
        middles = [n * (wide + gap) + (wide - 1) / 2 for n in range(len(columns))]
        fig.update_xaxes(showticklabels=True, tickvals=middles, ticktext=list(columns))
    fig.update_yaxes(range=[len(canvas) - 0.5, -0.5], scaleanchor="x", **bare)
    fig.update_yaxes(constraintoward="top")
    margin = {"l": 8, "r": 8, "t": 48 if title else 4, "b": 40 if x_title else 8}
    ratio = len(canvas) / width
    height = round(WIDTH * ratio) + margin["t"] + margin["b"]
    fig.update_layout(annotations=labels, margin=margin, meta={"ratio": ratio})
    return finish(fig, alt=alt, title=title, height=height)


def _bytes(value: Any, name: str) -> np.ndarray:
    """(N, C, H, W) in [-1, 1] as RGBA (N, H, W, 4)."""
    x = numbers(value, name)
    if not np.isfinite(x).all():
        raise ValueError(f"{name} must be finite; it contains NaN or infinity")
    if x.ndim != 4 or x.shape[1] not in (1, 3):
        raise ValueError(f"{name} must have shape (N, 1 or 3, H, W); got {x.shape}")
    levels = np.rint((np.clip(x, -1, 1) + 1) * 127.5).astype(np.uint8).transpose(0, 2, 3, 1)
    opaque = np.full((*levels.shape[:3], 1), 255, dtype=np.uint8)
    return np.concatenate([np.broadcast_to(levels, (*levels.shape[:3], 3)), opaque], axis=3)
