"""The sampled images that the lab shows: from a recorded sheet to the script that a page loads.

A sheet is data/NAME/sheet.png, a mosaic with one row of tiles for each run, and sheet.json, which
says what each row is, what a column is (`noun`, by default "seed"), and the columns' `names` where
they have some. `python -m genie_edu.lab.images` packs every sheet that a scenario names and that
data/ has into lab_NAME.js. The lab loads that only where it is needed; a widget is handed the same.
What `runs` packs (a name that ends in _history or _precision) takes the same way.
"""

from __future__ import annotations

import base64
import functools
import io
import json
import struct
from pathlib import Path
from typing import Any

from genie_edu._names import one_of
from genie_edu.lab import GENERATED, HERE, LAB_SOLVERS, SPACINGS, runs, scenarios
from genie_edu.lab._svg import HEIGHT, PAD, Row, dots, text_at
from genie_edu.show.numbers import data_uri, format_number
from genie_edu.show.palette import EXACT_COLOR, SOLVER_STYLE

DATA = HERE.parent.parent / "data"
KEYS = ("row", "solver", "derivative", "spacing", "nfe", "error", "frechet", "afs")
"""What a packed row holds, in this order; error and frechet may be null: not measured."""
DERIVATIVES = ("none", "head", "autodiff")
LARGEST, FEWEST = 1_000_000, 4
"""Bytes of a script; columns of a sheet that has to be cut to stay below."""
SIDE = 54
"""Of a poster's tiles, in its own pixels."""


def file_of(name: str) -> Path:
    """The script of a sheet, which a page keeps beside solver_lab.js."""
    return GENERATED / f"lab_{name}.js"


def _before(name: str) -> str:
    return f"(globalThis.GenieLabImages ??= {{}}).{name} = "


@functools.cache
def packed(name: str) -> dict[str, Any]:
    """What the script holds: tile, columns, reference, `rows` (KEYS each), image as a data URI."""
    text = file_of(name).read_text(encoding="utf-8")
    return json.loads(text.removeprefix(_before(name)).removesuffix(";\n"))


def split(name: str) -> tuple[str, str]:
    """The run and the kind of a script: "digits_history" is ("digits", "history")."""
    run, _, kind = name.rpartition("_")
    return (run, kind) if kind in runs.NEEDS and run else (name, "")


def has(name: str) -> bool:
    """Whether data/ holds what the script is packed from."""
    run, kind = split(name)
    return all((DATA / run / file).is_file() for file in runs.NEEDS[kind])


def script(name: str) -> str:
    """The script's text, from the run's files in data/.

    Raises ValueError where these don't fit together, a row is not one of the lab's, or the text
    exceeds `LARGEST` bytes.
    """
    run, kind = split(name)
    pack = {"": _sheet, "history": runs.history, "precision": runs.precision}[kind]
    text = json.dumps(pack(DATA / run), separators=(",", ":"), allow_nan=False)
    if len(text) > LARGEST:
        raise ValueError(f"the sheet of {name} takes {len(text)} bytes; a page has {LARGEST}")
    return _before(name) + text + ";\n"


def _sheet(folder: Path) -> dict[str, Any]:
    table = json.loads((folder / "sheet.json").read_text(encoding="utf-8"))
    picture = (folder / "sheet.png").read_bytes()
    tile, columns, reference = table["tile"], table["columns"], table["reference"]
    rows = [[row[key] for key in KEYS[:-1]] + [row.get("afs", False)] for row in table["rows"]]
    (width, height), places = struct.unpack(">2I", picture[16:24]), {row[0] for row in rows}
    above, name = table.get("above", []), folder.name
    places |= {line["row"] for line in (reference, *above)}
    if width != tile * columns or height != tile * (1 + max(places)):
        raise ValueError(f"sheet.png of {name} has {width} x {height} pixels: not its table's")
    if len(places) < len(rows) + 1 + len(above):
        raise ValueError(f"sheet.json of {name} names one row of tiles twice")
    if len({tuple(row[1:5]) for row in rows}) < len(rows):
        raise ValueError(f"sheet.json of {name} holds one run twice")
    for _, solver, derivative, spacing, *_ in rows:
        one_of("solver", solver, LAB_SOLVERS)
        one_of("derivative", derivative, DERIVATIVES)
        one_of("spacing", spacing, SPACINGS)
    columns, image = _fitting(picture, tile, columns)
    packed = {"tile": tile, "columns": columns, "reference": reference, "rows": rows}
    packed |= {key: table[key] for key in ("above", "names", "noun") if key in table}
    return packed | {"image": image}


def _fitting(picture: bytes, tile: int, columns: int) -> tuple[int, str]:
    """As many columns of a mosaic as a script has room for, as a data URI."""
    image = runs.png(picture)
    while len(image) > 0.95 * LARGEST and columns > FEWEST:
        from PIL import Image

        columns, content = columns - 1, io.BytesIO()
        with Image.open(io.BytesIO(picture)) as whole:
            part = whole.crop((0, 0, tile * columns, whole.height))
        part.save(content, "PNG", optimize=True)
        image = runs.png(content.getvalue())
    return columns, image


def check(name: str, key: str, value: Any) -> None:
    """Raise ValueError for a value of the state that the recorded run has nothing for."""
    sheet = packed(name)
    counts = {"column": sheet.get("columns")} | dict.fromkeys(
        ("snapshot", "beside"), len(sheet.get("checkpoints", ()))
    )
    if counts.get(key) and value >= counts[key]:
        raise ValueError(f"{key} must lie from 0 to {counts[key] - 1}; got {value}")
    if (key, value) == ("axis", "seconds") and not sheet.get("seconds"):
        raise ValueError("axis 'seconds': no times were recorded of this run")
    column = {"spacing": "spacing", "grid": "spacing", "nfe": "nfe"}.get(key)
    if key in ("solvers", "solver", "rival"):
        column = "solver"
    if column is None or "rows" not in sheet or (key == "grid" and value == "best"):
        return
    known = sorted({row[KEYS.index(column) - ("tile" not in sheet)] for row in sheet["rows"]})
    for one in value if key == "solvers" else [value]:
        if one not in known:
            what = "images" if "tile" in sheet else "numbers"
            raise ValueError(f"{key}: there are {what} for {known}; got {one!r}")


def cell(sheet: dict[str, Any], state: dict[str, Any], solver: str) -> dict[str, Any]:
    """The row of a solver in a state: KEYS -> value; `row` None where there is no such run."""
    runs = [dict(zip(KEYS, row, strict=True)) for row in sheet["rows"] if row[1] == solver]
    kinds = list(dict.fromkeys(run["derivative"] for run in runs))
    kind = state["derivative"] if state["derivative"] in kinds else kinds[0]
    wanted = (kind, state["spacing"], state["nfe"])
    for run in runs:
        if (run["derivative"], run["spacing"], run["nfe"]) == wanted:
            return run
    return {"row": None, "derivative": kind, "error": None, "frechet": None}


def best(sheet: dict[str, Any], state: dict[str, Any], solver: str) -> dict[str, Any]:
    """The same on the state's `grid`; "best" is the recorded one with the least error."""
    runs = [dict(zip(KEYS, row, strict=True)) for row in sheet["rows"] if row[1] == solver]
    kinds = list(dict.fromkeys(run["derivative"] for run in runs))
    kind = state["derivative"] if state["derivative"] in kinds else kinds[0]
    fits = [run for run in runs if (run["derivative"], run["nfe"]) == (kind, state["nfe"])]
    if state["grid"] != "best":
        fits = [run for run in fits if run["spacing"] == state["grid"] and not run["afs"]]
    none = {"row": None, "solver": solver, "derivative": kind, "error": None, "frechet": None}
    return min(fits, key=lambda run: (run["error"] is None, run["error"] or 0), default=none)


def tiles(name: str, state: dict[str, Any]) -> tuple[str, Row, list[Row], bool]:
    """Draw the view "images": lines of tiles of the same seeds, the network's own ODE first.

    Above that the sheet may have lines of its own, such as what an upsampler was given.
    """
    from genie_edu.datasets.images import read_png, rows_of

    sheet = packed(name)
    pixels = read_png(io.BytesIO(base64.b64decode(sheet["image"].partition(",")[2])))
    size = sheet["tile"]
    shown = rows_of(pixels, size)[:, : 8 if size <= 16 else 4]
    first = (*sheet.get("above", ()), sheet["reference"])
    lines = [(line["label"], EXACT_COLOR, line["row"]) for line in first]
    table = []
    for solver in state["solvers"]:
        style, run = SOLVER_STYLE[solver], cell(sheet, state, solver)
        label = style.label.split(" (")[0]
        label += "" if run["derivative"] == "none" else f", {run['derivative']}"
        lines.append((label, style.color, run["row"]))
        table.append((label, format_number(run["error"]), format_number(run["frechet"])))
    drawing, side = "", min(SIDE, (HEIGHT - 10) // len(lines) - 22)
    for i, (label, color, row) in enumerate(lines):
        top = 18 + i * (HEIGHT - 10) // len(lines)
        drawing += dots([(PAD + 5.0, top - 6.0)], color, 4.5)
        if row is None:
            label += f": no run of exactly {state['nfe']} calls"
        drawing += text_at(PAD + 16, top - 2, label, "start")
        for k, image in enumerate([] if row is None else shown[row]):
            drawing += (
                f'<image x="{PAD + k * (side + 2)}" y="{top + 4}" width="{side}" height="{side}" '
                f'style="image-rendering:pixelated" href="{data_uri(image)}"/>\n'
            )
    return drawing, (f"{state['nfe']} calls of eps", "error", "Fréchet distance"), table, False


def write_scripts() -> None:
    """Write the script of every recorded run that a scenario names and data/ has."""
    named = {spec["sheet"] for spec in scenarios().values() if "sheet" in spec}
    named |= {name for spec in scenarios().values() for name in spec.get("runs", ())}
    for name in sorted(filter(has, named)):
        file_of(name).write_text(script(name), encoding="utf-8")


if __name__ == "__main__":
    write_scripts()
