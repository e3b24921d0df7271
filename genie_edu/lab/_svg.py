"""The few SVG and HTML elements of a poster; one decimal, so that the bytes are always the same."""

from __future__ import annotations

import html
from collections.abc import Iterable

import numpy as np

WIDTH, HEIGHT, PAD = 520, 400, 34
Points = np.ndarray
Row = tuple[str, ...]
View = tuple[str, Row, list[Row], bool]
"""Drawing, table head, table rows, and whether the table would give an answer away."""


class Axes:
    """Maps a window of the plane to the picture."""

    def __init__(
        self,
        x: tuple[float, float],
        y: tuple[float, float],
        left: float,
        right: float,
        top: float = PAD,
        bottom: float = HEIGHT - PAD,
    ) -> None:
        self.x, self.y = x, y
        self.left, self.right, self.top, self.bottom = left, right, top, bottom

    @classmethod
    def square(cls, points: Points, margin: float) -> Axes:
        """A square-scaled window around points, grown by `margin` on each side."""
        low, high = points.min(0), points.max(0)
        middle, w, h = (low + high) / 2, WIDTH - 2 * PAD, HEIGHT - 2 * PAD
        k = max((high - low)[0] / w, (high - low)[1] / h) * (0.5 + margin)
        (a, b) = middle
        return cls((a - k * w, a + k * w), (b - k * h, b + k * h), PAD, WIDTH - PAD)

    def __call__(self, points: Points) -> list[tuple[float, float]]:
        """Points of the plane in pixels of the picture."""
        x0, x1 = self.x
        y0, y1 = self.y
        width, height = self.right - self.left, self.bottom - self.top
        return [
            (
                self.left + (px - x0) / (x1 - x0) * width,
                self.bottom - (py - y0) / (y1 - y0) * height,
            )
            for px, py in points
        ]

    def frame(self, x_name: str, y_name: str) -> str:
        """The two axes with their names."""
        return (
            f'<path d="M{self.left:.1f} {self.top}V{self.bottom}H{self.right:.1f}" '
            'stroke="currentColor" stroke-opacity="0.5"/>\n'
            + (text_at((self.left + self.right) / 2, self.bottom + 22, x_name) if x_name else "")
            + (text_at(self.left - 14, (self.top + self.bottom) / 2, y_name) if y_name else "")
        )


def text_at(x: float, y: float, text: str, anchor: str = "middle") -> str:
    """A label at a point."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="currentColor">'
        f"{html.escape(text)}</text>\n"
    )


def path(lines: Iterable[list[tuple[float, float]]], color: str, width: float, **more: str) -> str:
    """Polylines in one path element; `more` adds attributes."""
    d = "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in line) for line in lines)
    extra = "".join(f' {k.replace("_", "-")}="{v}"' for k, v in more.items())
    return f'<path d="{d}" stroke="{color}" stroke-width="{width}"{extra}/>\n'


def dots(points: list[tuple[float, float]], color: str, radius: float) -> str:
    """Filled discs: strokes of no length with round caps, the shortest way to write them."""
    d = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in points)
    return f'<path d="{d}" stroke="{color}" stroke-width="{2 * radius}" stroke-linecap="round"/>\n'


def rings(points: list[tuple[float, float]], radius: float) -> str:
    """Open circles."""
    d = "".join(
        f"M{x - radius:.1f} {y:.1f}a{radius} {radius} 0 1 0 {2 * radius} 0"
        f"a{radius} {radius} 0 1 0 {-2 * radius} 0"
        for x, y in points
    )
    return f'<path d="{d}" stroke="currentColor"/>\n'


def table(head: Row, rows: list[Row]) -> str:
    """A table whose first column heads its rows."""

    def cells(row: Row) -> str:
        return f'<th scope="row">{html.escape(row[0])}</th>' + "".join(
            f"<td>{html.escape(c)}</td>" for c in row[1:]
        )

    top = "".join(f'<th scope="col">{html.escape(c)}</th>' for c in head)
    body = "".join(f"<tr>{cells(row)}</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
