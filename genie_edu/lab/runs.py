"""What else of a recorded run the lab shows: its training's history, and what its solvers cost.

`history(folder)` and `precision(folder)` give what `images.script` packs as lab_NAME_history.js and
lab_NAME_precision.js, from the files that a run leaves in data/NAME.
"""

from __future__ import annotations

import base64
import json
import math
from pathlib import Path
from statistics import median
from typing import Any

from genie_edu.lab import LAB_SOLVERS, SPACINGS

NEEDS = {
    "": ("sheet.json", "sheet.png"),
    "history": ("base_samples.json", "base_samples.png", "base.json"),
    "precision": ("results.json", "base.safetensors", "head.safetensors", "head.json"),
}
"""By kind of script the files that it is packed from."""
UNCOUNTED = ("taylor3",)
"""Solvers whose second derivative the counted arithmetic has no price for."""


def png(content: bytes) -> str:
    """A picture's bytes as a data URI."""
    return "data:image/png;base64," + base64.b64encode(content).decode("ascii")


def history(folder: Path) -> dict[str, Any]:
    """A training's curve and samples: image, tile, columns, curve, checkpoints, record.

    A checkpoint is [step, loss, share of the curve's drop, minutes], read at the entry of the curve
    that is nearest in log step. Raises ValueError where the picture has other rows than the card.
    """
    card = _read(folder / "base_samples.json")
    content = (folder / "base_samples.png").read_bytes()
    width, height = (int.from_bytes(content[i : i + 4], "big") for i in (16, 20))
    tile, columns, steps = card["tile"], card["columns"], card["steps"]
    if (width, height) != (tile * columns, tile * len(steps)):
        raise ValueError(f"base_samples.png has {width} x {height} pixels: not its card's")
    record = _read(folder / "base.json")["record"]
    curve = record["curve"]
    first, last = curve[0][1], curve[-1][1]
    checkpoints = []
    for step in steps:
        near = min(curve, key=lambda entry: abs(math.log(entry[0] / step)))
        share = (first - near[1]) / (first - last)
        checkpoints.append([step, near[1], round(share, 4), float(f"{near[2] / 60:.6g}")])
    return {
        "run": folder.name,
        "tile": tile,
        "columns": columns,
        "checkpoints": checkpoints,
        "curve": [[step, loss] for step, loss, *_ in curve],
        "record": f"{record['date']}, {record['device']}: {record['command']}",
        "image": png(content),
    }


def precision(folder: Path) -> dict[str, Any]:
    """Errors and distances with what they cost.

    rows: [solver, derivative, spacing, nfe, afs, errors, distances], the last two with one number a
    repetition; `repeats` says of what. counted: calls of eps that one call costs, by derivative,
    and `training`, what the head's training cost; seconds: the same in seconds for 1,000 images by
    solver and derivative, and null where costs.json is missing.
    """
    seeds, results = folder / "seeds.json", _read(folder / "results.json")
    table = _trainings(_read(seeds)) if seeds.is_file() else _one_run(results)
    record = _read(folder / "head.json")["record"]
    costs = folder / "costs.json"
    seconds = None
    if costs.is_file():
        rows = _rows(_read(costs)["costs"])
        per_call = {
            f"{row['solver']} {row['derivative']}": row["seconds_per_1000"] / row["nfe"]
            for row in rows
        }
        seconds = {"per_call": per_call, "training": record["curve"][-1][2]}
    return {"run": folder.name, **table, "counted": _counted(folder, record), "seconds": seconds}


def _read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def _rows(table: dict[str, Any]) -> list[dict[str, Any]]:
    return [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]


def _key(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[k] for k in ("solver", "derivative", "spacing", "nfe", "afs"))


def _packed(errors: dict[tuple, list], distances: dict[tuple, list]) -> list[list[Any]]:
    return [
        [*key, error, distances.get(key)]
        for key, error in errors.items()
        if key[0] in LAB_SOLVERS and key[0] not in UNCOUNTED and key[2] in SPACINGS
    ]


def _trainings(table: dict[str, Any]) -> dict[str, Any]:
    errors = {_key(row): row["error"] for row in table["errors"]}
    distances = {_key(row): row["frechet"] for row in table["quality"]}
    return {
        "repeats": f"{len(table['own_ode'])} trainings",
        "own_ode": median(table["own_ode"]),
        "n_samples": table["n_samples"],
        "rows": _packed(errors, distances),
    }


def _one_run(results: dict[str, Any]) -> dict[str, Any]:
    errors = {_key(row): [row["error"]] for row in _rows(results["errors"])}
    distances = {_key(row): [row["frechet"]] for row in _rows(results["quality"])}
    again: dict[tuple, list[float]] = {}
    for row in _rows(results.get("quality_seeds", {"columns": [], "rows": []})):
        again.setdefault(_key(row), []).append(row["frechet"])
    n = max(map(len, again.values()), default=1)
    return {
        "repeats": f"{n} seeds of the noise" if n > 1 else "one run",
        "own_ode": results["quality"]["own_ode"],
        "n_samples": results["quality"]["n_samples"],
        "rows": _packed(errors, distances | again),
    }


def _counted(folder: Path, record: dict[str, Any]) -> dict[str, float]:
    """Multiplications in units of one call of eps; a training example: JVP, head three times."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    from genie_edu.flow import NetworkFlow
    from genie_edu.nets import checkpoints

    net, head = (checkpoints.load(folder / f"{part}.safetensors") for part in ("base", "head"))
    x = torch.zeros(1, net.config["channels"], net.config["size"], net.config["size"])
    exact, learned = NetworkFlow(net.float()), NetworkFlow(net.float(), head.float())

    def count(call: Any) -> int:  # noqa: ANN401
        with FlopCounterMode(display=False) as counter:
            call(x, 1.0)
        return counter.get_total_flops()

    once = count(exact.eps)
    of_head, of_jvp = (count(flow.eps_and_derivative) / once for flow in (learned, exact))
    examples = record["settings"]["n_steps"] * record["settings"]["batch_size"]
    return {
        "none": 1.0,
        "head": round(of_head, 4),
        "autodiff": round(of_jvp, 4),
        "training": round(examples * (of_jvp + 3 * (of_head - 1))),
    }
