"""Posters of recorded runs: a training's history, two solvers' images, what a sample costs."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from statistics import median
from typing import Any

import numpy as np

from genie_edu.datasets.images import read_png, rows_of
from genie_edu.lab import images
from genie_edu.lab._svg import HEIGHT, PAD, WIDTH, Axes, Row, View, dots, path, rings, text_at
from genie_edu.show.numbers import MISSING, format_number
from genie_edu.show.palette import EXACT_COLOR, SOLVER_STYLE

SHOWN = {True: 8, False: 4}
"""Tiles of a line, by whether they are small."""
AXIS_NAMES = {
    "nfe": "calls of eps",
    "counted": "arithmetic, in calls of eps",
    "seconds": "seconds for 1,000 images",
    "training": "cost, training included",
}


def _tiles(sheet: dict[str, Any]) -> np.ndarray:
    pixels = read_png(io.BytesIO(base64.b64decode(sheet["image"].partition(",")[2])))
    shown = SHOWN[sheet["tile"] <= 16]
    return rows_of(pixels, sheet["tile"])[:, :shown]


def _line(tiles: np.ndarray, x: float, y: float, side: int, wrap: int = 8) -> str:
    return "".join(
        f'<image x="{x + (k % wrap) * (side + 2)}" y="{y + k // wrap * (side + 2)}" '
        f'width="{side}" height="{side}" style="image-rendering:pixelated" '
        f'href="{images.data_uri(tile)}"/>\n'
        for k, tile in enumerate(tiles)
    )


def history(name: str, state: dict[str, Any]) -> View:
    """Draw the view "history"."""
    sheet = images.packed(name)
    checkpoints, curve = sheet["checkpoints"], np.log10(sheet["curve"])
    marks = np.log10([row[:2] for row in checkpoints])
    (x0, y0), (x1, y1) = (f(np.concatenate([curve, marks]), 0) for f in (np.min, np.max))
    axes = Axes((x0 - 0.05, x1 + 0.05), (y0 - 0.03, y1 + 0.03), PAD, 270, 60)
    drawing = axes.frame("training steps (logarithmic)", "")
    drawing += text_at(PAD, 44, "loss (logarithmic)", "start")
    drawing += path([axes(curve)], SOLVER_STYLE["genie"].color, 1.8)
    points = axes(marks)
    drawing += dots(points, SOLVER_STYLE["genie"].color, 3)
    rows = [state["snapshot"]] + [state["beside"]] * (state["beside"] >= 0)
    tiles = _tiles(sheet)
    for k, row in enumerate(rows):
        top = 60 + k * 150
        drawing += rings([points[row]], 5 + 3 * k)
        drawing += text_at(300, top - 8, f"after {checkpoints[row][0]} training steps", "start")
        drawing += _line(tiles[row], 300, top, 48, wrap=4)
    table = [
        (str(step), format_number(loss), f"{100 * share:.0f} %", format_number(minutes))
        for step, loss, share, minutes in checkpoints
    ]
    return drawing, ("training steps", "loss", "share of the drop", "minutes"), table, False


def blend(name: str, state: dict[str, Any]) -> View:
    """Draw the view "blend"."""
    sheet = images.packed(name)
    tiles = _tiles(sheet)
    pair = [images.best(sheet, state, state[key]) for key in ("solver", "rival")]
    labels = [_label(run["solver"], run["derivative"]) for run in pair]
    lines = [(sheet["reference"]["label"], EXACT_COLOR, tiles[sheet["reference"]["row"]])]
    for label, run in zip(labels, pair, strict=True):
        there = run["row"] is not None
        label += "" if there else f": no run of exactly {state['nfe']} calls"
        color = SOLVER_STYLE[run["solver"]].color
        lines.append((label, color, tiles[run["row"]] if there else ()))
    a, b = lines[1][2], lines[2][2]
    if len(a) and len(b):
        mixture = _mixed(a.astype(float), b.astype(float), state["mixing"], state["blend"])
        lines.insert(2, (f"{labels[0]} and {labels[1]}, {state['mixing']}", "#a8480a", mixture))
    drawing = ""
    for i, (label, color, line) in enumerate(lines):
        top = 18 + i * (HEIGHT - 10) // len(lines)
        drawing += dots([(PAD + 5.0, top - 6.0)], color, 4.5)
        drawing += text_at(PAD + 16, top - 2, label, "start")
        drawing += _line(line, PAD, top + 4, images.SIDE)
    rows = [
        (label, format_number(run["error"]), format_number(run["frechet"]))
        for label, run in zip(labels, pair, strict=True)
    ]
    return drawing, (f"{state['nfe']} calls of eps", "error", "Fréchet distance"), rows, False


def _mixed(a: np.ndarray, b: np.ndarray, mixing: str, share: float) -> np.ndarray:
    if mixing == "difference":
        return abs(a - b).astype(np.uint8)
    if mixing == "blend":
        return np.floor(a + share * (b - a) + 0.5).astype(np.uint8)
    columns = np.arange(a.shape[2]) + 0.5 > a.shape[2] * (1 - share)
    return np.where(columns.reshape(1, 1, -1, *[1] * (a.ndim - 3)), b, a).astype(np.uint8)


def precision(name: str, state: dict[str, Any]) -> View:
    """Draw the view "precision"."""
    table = images.packed(name)
    which = 5 if state["measure"] == "error" else 6
    lines = {solver: _curve(table, state, solver, which) for solver in state["solvers"]}
    points = [(cost, v) for line in lines.values() for _, cost, values in line for v in values]
    own = [table["own_ode"]] if which == 6 else []
    if not points:
        return text_at(WIDTH / 2, HEIGHT / 2, "not measured"), ("solver",), [], False
    costs, found = np.log10([p[0] for p in points]), np.log10([*(p[1] for p in points), *own])
    x, y = ((v.min() - 0.08, v.max() + 0.08) for v in (costs, found))
    axes = Axes(x, y, PAD + 10, WIDTH - 130)
    drawing = axes.frame(f"{AXIS_NAMES[state['axis']]} (logarithmic)", "")
    measure = "error" if which == 5 else "Fréchet distance"
    drawing += text_at(PAD, PAD - 12, f"{measure} (logarithmic)", "start")
    for v in own:
        line = axes([(x[0], np.log10(v)), (x[1], np.log10(v))])
        drawing += path([line], EXACT_COLOR, 1.6, stroke_dasharray="6 4")
    rows: list[Row] = []
    ends = []
    for solver, line in lines.items():
        color = SOLVER_STYLE[solver].color
        middle = axes([(np.log10(c), np.log10(median(v))) for _, c, v in line])
        bars = [
            axes([(np.log10(c), np.log10(min(v))), (np.log10(c), np.log10(max(v)))])
            for _, c, v in line
        ]
        drawing += path([middle], color, 1.8) + path(bars, color, 1.4) + dots(middle, color, 3.2)
        shown = {nfe: format_number(median(v)) for nfe, _, v in line}
        rows.append((_label(solver, _kind(table, state, solver)), *_at(shown, _nfes(table))))
        ends += [(middle[-1][1] + 4, middle[-1][0], rows[-1][0])] * bool(middle)
    low = 0.0
    for at, right, label in sorted(ends):
        low = max(at, low + 15)
        drawing += text_at(right + 9, low, label, "start")
    return drawing, (f"{measure}, by calls", *map(str, _nfes(table))), rows, False


def _label(solver: str, derivative: str) -> str:
    label = SOLVER_STYLE[solver].label.split(" (")[0]
    return label + ("" if derivative == "none" else f", {derivative}")


def _at(shown: dict[int, str], nfes: Iterable[int]) -> list[str]:
    return [shown.get(nfe, MISSING) for nfe in nfes]


def _nfes(table: dict[str, Any]) -> list[int]:
    return sorted({row[3] for row in table["rows"]})


def _kind(table: dict[str, Any], state: dict[str, Any], solver: str) -> str:
    kinds = list(dict.fromkeys(row[1] for row in table["rows"] if row[0] == solver))
    return state["derivative"] if state["derivative"] in kinds else kinds[0]


def _curve(
    table: dict[str, Any], state: dict[str, Any], solver: str, which: int
) -> list[tuple[int, float, list[float]]]:
    """(calls, cost, values of every run) of a solver, on the grid with the least error."""
    kind, grid = _kind(table, state, solver), state["grid"]
    seconds, axis = table["seconds"], state["axis"]
    if axis == "nfe":
        call, training = 1.0, 0.0
    elif seconds and axis != "counted":
        call = seconds["per_call"].get(f"{solver} {kind}")
        training = 1000 * seconds["training"]
    else:
        call, training = table["counted"][kind], table["counted"]["training"]
    if call is None:
        return []
    once = training / 10 ** state["log_images"] if axis == "training" and kind == "head" else 0.0
    out = []
    for nfe in _nfes(table):
        fits = [
            row
            for row in table["rows"]
            if row[:2] == [solver, kind] and row[3] == nfe
            if grid == "best" or (row[2] == grid and not row[4])
        ]
        best = min(fits, key=lambda row: median(row[5]), default=None)
        if best and best[which]:
            out.append((nfe, nfe * call + once, best[which]))
    return out
