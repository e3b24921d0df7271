"""A run's evaluation on disk: errors and quality of every cell, resumable; a sheet of samples."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from genie_edu import checkpoints
from genie_edu.evaluation import (
    Cell,
    best_grids,
    by_level,
    cells,
    features_of,
    own_ode,
    run_cell,
    starts,
)
from genie_edu.flow import NetworkFlow
from genie_edu.images import Images, from_bytes, sheet, write_png
from genie_edu.metrics import frechet_distance
from genie_edu.pipeline import Options, record_of
from genie_edu.presets import Preset
from genie_edu.run_state import SAVE_EVERY
from genie_edu.snapshots import labels_of

LEVELS = tuple(float(f"{10 ** (i / 3):.3g}") for i in range(-6, 7))
"""Levels gamma, from .01 to 100, at which losses are measured."""
ODE_CELL = Cell("heun", "none", "log_gamma", 128)
"""How the samples of a network's own ODE are drawn when their quality is measured."""
ERROR_SEED, QUALITY_SEED, SHEET_SEED = 0, 1, 2
"""Seeds of the starts: grids are chosen by other starts than quality is measured on."""
ERROR_COLUMNS = (*Cell._fields, "error", "quartile1", "quartile3")
QUALITY_COLUMNS = (*Cell._fields, "frechet")


class Notes:
    """What has been measured so far, by part and cell, kept on disk now and then.

    `identity` says what it was measured on; notes of anything else are not gone on with.
    """

    def __init__(self, path: Path, identity: dict[str, Any], fresh: bool = False) -> None:
        self.path, self._saved_at = path, time.monotonic()
        self.content: dict[str, Any] = {"identity": json.loads(json.dumps(identity))}
        if path.is_file() and not fresh:
            there = json.loads(path.read_text())
            if there.get("identity") == self.content["identity"]:
                self.content = there

    def reference(self, found: Callable[[], tuple[Tensor, float]]) -> tuple[Tensor, float]:
        """The end points of the own ODE and their uncertainty: measured once, kept beside."""
        path, identity = self.path.with_suffix(".safetensors"), self.content["identity"]
        if path.is_file():
            tensors, card = checkpoints.read(path)
            if card["identity"] == identity:
                return tensors["end"], card["uncertainty"]
        end, uncertainty = found()
        card = {"identity": identity, "uncertainty": uncertainty}
        checkpoints.write(path, {"end": end}, card)
        return end, uncertainty

    def rows(self, part: str) -> list[list[Any]]:
        """The rows of a part so far, each a cell's fields and what was measured."""
        return self.content.setdefault(part, [])

    def done(self, part: str) -> set[Cell]:
        """The cells that a part has."""
        return {Cell(*row[: len(Cell._fields)]) for row in self.rows(part)}

    def add(self, part: str, cell: Cell, *values: float) -> None:
        """Note a cell; saved every SAVE_EVERY seconds."""
        self.rows(part).append([*cell, *(float(f"{value:.5g}") for value in values)])
        if time.monotonic() - self._saved_at > SAVE_EVERY:
            self.save()

    def save(self) -> None:
        """Write all notes."""
        content = json.dumps(self.content).encode()
        checkpoints.write_atomically(self.path, content)
        self._saved_at = time.monotonic()


def evaluate(preset: Preset, options: Options) -> None:
    """Write results.json, and for images sheet.png with its index, of the folder's networks."""
    out, folder = options.folder / "results.json", options.folder
    if out.is_file() and not options.fresh:
        print(f"{out} is there")
        return
    flows = load_flows(preset, folder, None if options.cpu else "cuda")
    parts = ("base", "head", *(["classifier"] if preset.judge else []))
    identity = {"tables": asdict(preset.tables)} | {
        part: hashlib.sha256((folder / f"{part}.safetensors").read_bytes()).hexdigest()
        for part in parts
    }
    notes = Notes(folder / "evaluate.run.json", identity, options.fresh)
    results = {"record": record_of(options, flows["head"].device), "of": identity}
    try:
        results |= _errors(preset, flows, notes, options)
        if preset.judge:
            data = preset.data()
            results |= _quality(preset, data, flows, notes, options)
            results |= _levels(preset, data, flows["head"])
            _sheet(preset, flows, notes, folder)
    finally:
        notes.save()
    # One row a line: the file is read by people, and its changes by git.
    text = json.dumps(results).replace("[[", "[\n[").replace("], [", "],\n[").replace("]]", "]\n]")
    checkpoints.write_atomically(out, (text + "\n").encode())
    notes.path.unlink()
    notes.path.with_suffix(".safetensors").unlink()
    print(f"{out}: {len(results['errors']['rows'])} errors, {len(notes.rows('quality'))} distances")


def load_flows(preset: Preset, folder: Path, device: str | None = None) -> dict[str, NetworkFlow]:
    """The folder's network with the head's derivative and with autodiff's; float64 for points."""
    if device == "cuda" and not torch.cuda.is_available():
        device = None
    net, head = (
        checkpoints.load(folder / f"{part}.safetensors").to(device or "cpu")
        for part in ("base", "head")
    )
    if len(preset.shape) == 1:
        net, head = net.double(), head.double()
    return {"head": NetworkFlow(net, head), "autodiff": NetworkFlow(net)}


def _errors(
    preset: Preset, flows: dict[str, NetworkFlow], notes: Notes, options: Options
) -> dict[str, Any]:
    tables, first = preset.tables, flows["head"]
    start = starts(first, tables.n_errors, preset.shape, ERROR_SEED)
    labels = labels_of(preset, len(start), start.device)
    todo = list(cells(flows, tables.nfes, afs=tables.afs))
    # Differences between solvers are small next to the rounding of tensor cores' short floats.
    with torch.backends.cudnn.flags(allow_tf32=False):
        exact, uncertain = notes.reference(lambda: own_ode(first, start, labels))
        exact = exact.to(start)
        for cell in _progress("errors", todo, notes, options):
            end = run_cell(cell, flows, start, labels).x_bar
            distance = (end.double() - exact.double()).flatten(1).norm(dim=1)
            quartiles = distance.quantile(distance.new_tensor([0.5, 0.25, 0.75])).tolist()
            notes.add("errors", cell, *quartiles)
    return {
        "ode": {"n_starts": len(start), "seed": ERROR_SEED, "uncertainty": uncertain},
        "errors": {"columns": ERROR_COLUMNS, "rows": notes.rows("errors")},
    }


def _quality(
    preset: Preset,
    images: Images,
    flows: dict[str, NetworkFlow],
    notes: Notes,
    options: Options,
) -> dict[str, Any]:
    tables, with_head = preset.tables, {"head": flows["head"]}
    classifier = checkpoints.load(options.folder / "classifier.safetensors")
    classifier.to(flows["head"].device)
    data = features_of(classifier, from_bytes(images.pixels))
    start = starts(flows["head"], tables.n_quality, preset.shape, QUALITY_SEED)
    labels = labels_of(preset, len(start), start.device)
    todo = list(cells(with_head, tables.nfes, tables.solvers))
    if tables.best_grid:
        errors = {Cell(*row[:5]): row[5] for row in notes.rows("errors")}
        todo = list(best_grids({c: e for c, e in errors.items() if _judged(c, tables.solvers)}))
    for cell in _progress("quality", [ODE_CELL, *todo], notes, options):
        x = run_cell(cell, with_head, start, labels).x
        notes.add("quality", cell, frechet_distance(features_of(classifier, x), data))
    rows = [row for row in notes.rows("quality") if Cell(*row[:5]) != ODE_CELL]
    ode = next(row[5] for row in notes.rows("quality") if Cell(*row[:5]) == ODE_CELL)
    return {
        "quality": {
            "columns": QUALITY_COLUMNS,
            "rows": rows,
            "n_samples": len(start),
            "seed": QUALITY_SEED,
            "own_ode": ode,
            "data_to_data": _floor(data, len(start)),
            "test_accuracy": classifier.card["record"]["test_accuracy"],
        }
    }


def _judged(cell: Cell, solvers: Iterable[str]) -> bool:
    return cell.solver in solvers and cell.derivative != "autodiff"


def _floor(data: Tensor, n: int) -> dict[str, float]:
    """Frechet distances of data to data: two halves, and as many images as there are samples."""
    order = torch.randperm(len(data), generator=torch.Generator().manual_seed(0))
    half = len(data) // 2
    halves = frechet_distance(data[order[:half]], data[order[half:]])
    return {"halves": halves, "subset": frechet_distance(data[order[:n]], data)}


def _levels(preset: Preset, data: Images, flow: NetworkFlow) -> dict[str, Any]:
    n = min(len(data), 2 * preset.tables.n_errors)
    labels = None if data.labels is None or not preset.classes else data.labels[:n]
    clean = from_bytes(data.pixels[:n])
    return {"levels": by_level(flow.net, flow.derivative, clean, LEVELS, labels)}


def _sheet(preset: Preset, flows: dict[str, NetworkFlow], notes: Notes, folder: Path) -> None:
    """Samples of the same seeds by every cell: one row each, the own ODE's first."""
    tables, first = preset.tables, flows["head"]
    start = starts(first, tables.columns, preset.shape, SHEET_SEED)
    labels = labels_of(preset, len(start), start.device)
    errors = {Cell(*row[:5]): row[5] for row in notes.rows("errors")}
    quality = {Cell(*row[:5]): row[5] for row in notes.rows("quality")}
    shown = [c for c in (quality if tables.best_grid else errors) if c in errors]
    scale = (1 + float(first.schedule.gamma(1e-3)) ** 2) ** 0.5
    exact = own_ode(first, start, labels)[0] / scale
    rows = [exact, *(run_cell(cell, flows, start, labels).x for cell in shown)]
    write_png(folder / "sheet.png", sheet(torch.stack([row.float().cpu() for row in rows])))
    card = {
        "tile": preset.shape[-1],
        "columns": tables.columns,
        "channels": preset.shape[0],
        "seed": SHEET_SEED,
        "reference": {"row": 0, "label": "the network's own ODE, 200 steps of RK4"},
        "rows": [
            {"row": i, **cell._asdict(), "error": errors[cell], "frechet": quality.get(cell)}
            for i, cell in enumerate(shown, 1)
        ],
    }
    text = json.dumps(card).replace("}, {", "},\n{")
    checkpoints.write_atomically(folder / "sheet.json", (text + "\n").encode())


def _progress(title: str, todo: list[Cell], notes: Notes, options: Options) -> Iterable[Cell]:
    """The cells that are not done, with a bar that counts network calls; stops when time is up."""
    from tqdm import tqdm

    done = notes.done(title)
    with tqdm(desc=title, total=sum(cell.nfe for cell in todo), unit="call") as bar:
        for cell in todo:
            if cell not in done:
                yield cell
                options.check_time()  # after a cell: however short a slice, it gets on
            bar.update(cell.nfe)


def read(path: str | Path) -> dict[str, Any]:
    """What `evaluate` wrote, its tables as lists of dictionaries: errors, quality, levels, ..."""
    results = json.loads(Path(path).read_text())
    for part in ("errors", "quality"):
        if part in results:
            table = results[part]
            columns = table["columns"]
            table["rows"] = [dict(zip(columns, row, strict=True)) for row in table["rows"]]
    return results
