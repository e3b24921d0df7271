"""A run's evaluation on disk: errors and quality of every cell, resumable; a sheet of samples."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from genie_edu._names import instance
from genie_edu.datasets.images import Images, from_bytes, sheet, write_png
from genie_edu.evaluation import (
    Cell,
    best_grids,
    by_level,
    cells,
    features_of,
    ode_levels,
    ode_stretch,
    run_cell,
    starts,
)
from genie_edu.flow import NetworkFlow
from genie_edu.judge.features import features_of_bytes, floor, held_out, reader_of
from genie_edu.judge.reference import reference
from genie_edu.metrics import frechet_distance, recall
from genie_edu.nets import checkpoints
from genie_edu.recipes.options import Options
from genie_edu.recipes.pipeline import judge_of, record_of
from genie_edu.recipes.presets import Preset
from genie_edu.recipes.snapshots import given_of, noisy

LEVELS = tuple(float(f"{10 ** (i / 3):.3g}") for i in range(-6, 7))
"""Levels gamma, from .01 to 100, at which losses are measured."""
REFERENCE = 50_000
"""Training images that samples are compared with at most, as the paper does with LSUN's."""
NOTE_EVERY = 20.0
"""Seconds between two writings of what has been measured."""
ERROR_SEED, QUALITY_SEED, SHEET_SEED = 0, 1, 2
"""Seeds of the starts: grids are chosen by other starts than quality is measured on."""
ERROR_COLUMNS = (*Cell._fields, "error", "quartile1", "quartile3")
QUALITY_COLUMNS = (*Cell._fields, "frechet", "recall")
WITH_HEAD = ("genie", "genie_multistep")
"""Whose quality is measured on a large number of samples, beside their best rival's."""


def ode_cell(preset: Preset) -> Cell:
    """How the samples of a network's own ODE are drawn when their quality is measured."""
    return Cell("dpmpp_2m", "none", "log_gamma", preset.tables.ode_calls)


class Notes:
    """What has been measured so far, by part and cell, kept on disk now and then.

    `identity` says what it was measured on; notes of anything else are not gone on with.
    """

    def __init__(self, path: Path, identity: dict[str, Any]) -> None:
        self.path, self._saved_at = path, time.monotonic()
        self.content: dict[str, Any] = {"identity": json.loads(json.dumps(identity))}
        if path.is_file():
            there = json.loads(path.read_text())
            if there.get("identity") == self.content["identity"]:
                self.content = there

    def reference(
        self, flow: NetworkFlow, start: Tensor, n_steps: int, options: Options, **given: Any
    ) -> tuple[Tensor, float]:
        """The end points of the own ODE and their uncertainty: measured once, kept beside."""
        path, identity = self.path.with_suffix(".safetensors"), self.content["identity"]
        return reference(flow, start, n_steps, path, identity, options, **given)

    def rows(self, part: str) -> list[list[Any]]:
        """The rows of a part so far, each a cell's fields and what was measured."""
        return self.content.setdefault(part, [])

    def done(self, part: str) -> set[Cell]:
        """The cells that a part has."""
        return {Cell(*row[: len(Cell._fields)]) for row in self.rows(part)}

    def add(self, part: str, cell: Cell, *values: float) -> None:
        """Note a cell; saved every NOTE_EVERY seconds."""
        self.rows(part).append([*cell, *(float(f"{value:.5g}") for value in values)])
        if time.monotonic() - self._saved_at > NOTE_EVERY:
            self.save()

    def save(self) -> None:
        """Write all notes."""
        content = json.dumps(self.content).encode()
        checkpoints.write_atomically(self.path, content)
        self._saved_at = time.monotonic()


def evaluate(preset: Preset, options: Options) -> None:
    """Write results.json, and for images sheet.png with its index, of the folder's networks."""
    options = options.anew("tables")
    out, folder = options.folder / "results.json", options.folder
    if out.is_file():
        print(f"{out} is there")
        return
    flows = load_flows(preset, folder, None if options.cpu else "cuda")
    parts = {part: folder / f"{part}.safetensors" for part in ("base", "head")}
    parts |= {"classifier": judge_of(preset, folder)} if preset.judge else {}
    identity = {"tables": asdict(preset.tables)} | {
        part: hashlib.sha256(path.read_bytes()).hexdigest() for part, path in parts.items()
    }
    notes = Notes(folder / "evaluate.run.json", identity)
    results = {"record": record_of(options, flows["head"].device), "of": identity}
    try:
        results |= _errors(preset, flows, notes, options)
        if len(preset.shape) == 3:
            data, reader = preset.data(), reader_of(preset, folder, flows["head"].device)
            if reader:
                results |= _quality(preset, data, flows, notes, options, reader)
            results |= _levels(preset, data, flows["head"])
            _sheet(preset, flows, notes, folder)
    finally:
        notes.save()
    write_rows(out, results)
    notes.path.unlink()
    notes.path.with_suffix(".safetensors").unlink()
    print(f"{out}: {len(results['errors']['rows'])} errors, {len(notes.rows('quality'))} distances")


def load_flows(preset: Preset, folder: Path, device: str | None = None) -> dict[str, NetworkFlow]:
    """The folder's network with the head's derivative and with autodiff's; float64 for points."""
    if device == "cuda" and not torch.cuda.is_available():
        device = None
    folder = Path(instance("folder", folder, str | Path, "a path"))
    net = preset.network(folder / "base.safetensors").to(device or "cpu")
    head = checkpoints.load(folder / "head.safetensors").to(device or "cpu")
    if len(preset.shape) == 1:
        net, head = net.double(), head.double()
    elif preset.fast:  # a third faster on a CPU, and equal to rounding
        net, head = (part.to(memory_format=torch.channels_last) for part in (net, head))
    return {"head": NetworkFlow(net, head), "autodiff": NetworkFlow(net)}


def _errors(
    preset: Preset, flows: dict[str, NetworkFlow], notes: Notes, options: Options
) -> dict[str, Any]:
    tables, first = preset.tables, flows["head"]
    start = starts(first, tables.n_errors, preset.shape, ERROR_SEED)
    given = given_of(preset, len(start), start.device)
    todo = list(cells(flows, tables.nfes, afs=tables.afs))
    # Differences between solvers are small next to the rounding of tensor cores' short floats.
    with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        exact, uncertain = notes.reference(first, start, tables.ode_steps, options, **given)
        exact = exact.to(start)
        for cell in _progress("errors", todo, notes, options):
            end = run_cell(cell, flows, start, **given).x_bar
            notes.add("errors", cell, *quartiles(end, exact))
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
    classifier: nn.Module,
) -> dict[str, Any]:
    tables, with_head = preset.tables, {"head": flows["head"]}
    device = flows["head"].device
    data = features_of_bytes(classifier, images.pixels[:REFERENCE])
    there = data.to(device)

    def measured(
        part: str, todo: list[Cell], n: int, seed: int = QUALITY_SEED, classes: bool = True
    ) -> list[list[Any]]:
        start = starts(flows["head"], n, preset.shape, seed)
        given = given_of(preset, n, device) | ({} if classes else {"labels": None})
        for cell in _progress(part, todo, notes, options):
            found = features_of(classifier, run_cell(cell, with_head, start, **given).x)
            distance = frechet_distance(found, data)
            notes.add(part, cell, distance, recall(found.to(device), there))
        return notes.rows(part)

    n, own = tables.n_quality, {}
    for name in ("own_ode", *(["own_ode_unconditional"] if preset.classes else [])):
        row = measured(name, [ode_cell(preset)], n, classes=name == "own_ode")[0]
        own |= {name: row[5], f"{name}_recall": row[6]}
    todo = list(cells(with_head, tables.nfes, tables.solvers))
    if tables.best_grid:
        errors = {Cell(*row[:5]): row[5] for row in notes.rows("errors")}
        todo = list(best_grids({c: e for c, e in errors.items() if _judged(c, tables.solvers)}))
    if tables.quality_nfes:
        todo = [cell for cell in todo if cell.nfe in tables.quality_nfes]
    quality = {Cell(*row[:5]): row[5:] for row in measured("quality", todo, n)}
    rows = {"columns": QUALITY_COLUMNS, "rows": notes.rows("quality")}
    results = {"quality": rows | {"n_samples": n, "seed": QUALITY_SEED} | own}
    results["quality"] |= {
        "own_ode_by": ode_cell(preset)._asdict(),
        "data_to_data": floor(there, n, held_out(preset, classifier)),
        "features": type(classifier).__name__,
    }
    if preset.judge:
        results["quality"]["test_accuracy"] = classifier.card["record"]["test_accuracy"]
    if tables.n_seeds > 1:
        some = [cell for cell in todo if cell.nfe in tables.seed_nfes]
        again = [[*cell, QUALITY_SEED, *quality[cell]] for cell in some]
        seeds = [QUALITY_SEED + 10 * i for i in range(tables.n_seeds)]
        for seed in seeds[1:]:
            found = measured(f"quality, seed {seed}", some, n, seed)
            again += [[*row[:5], seed, *row[5:]] for row in found]
        rows = {"columns": (*Cell._fields, "seed", *QUALITY_COLUMNS[5:]), "rows": again}
        results["quality_seeds"] = rows | {"n_samples": n, "seeds": seeds}
    if tables.n_large:
        there_too = {c: v[0] for c, v in quality.items() if c.nfe == tables.large_nfe}
        rivals = [cell for cell in there_too if cell.derivative == "none"]
        some = [cell for cell in there_too if cell.solver in WITH_HEAD]
        some.append(min(rivals, key=there_too.__getitem__))
        rows = measured("quality of many", some, tables.n_large)
        rows = {"columns": QUALITY_COLUMNS, "rows": rows}
        results["quality_large"] = rows | {"n_samples": tables.n_large, "seed": QUALITY_SEED}
    return results


def quartiles(end: Tensor, exact: Tensor) -> list[float]:
    """The median distance of states (B, *shape) from where they should be, and the quartiles."""
    distance = (end.double() - exact.double()).flatten(1).norm(dim=1)
    return distance.quantile(distance.new_tensor([0.5, 0.25, 0.75])).tolist()


def _judged(cell: Cell, solvers: Iterable[str]) -> bool:
    return cell.solver in solvers and cell.derivative != "autodiff"


def _levels(preset: Preset, data: Images, flow: NetworkFlow) -> dict[str, Any]:
    n = min(len(data), 2 * preset.tables.n_errors)
    labels = None if data.labels is None or not preset.classes else data.labels[:n]
    low = data.conditions(slice(n))
    seen = {} if low is None else noisy(preset, low)
    clean = from_bytes(data.pixels[:n])
    return {"levels": by_level(flow.net, flow.derivative, clean, LEVELS, labels, **seen)}


def _sheet(preset: Preset, flows: dict[str, NetworkFlow], notes: Notes, folder: Path) -> None:
    """Samples of the same seeds by every cell: one row each, the own ODE's first."""
    tables, first = preset.tables, flows["head"]
    start = starts(first, tables.columns, preset.shape, SHEET_SEED)
    given = given_of(preset, len(start), start.device)
    errors = {Cell(*row[:5]): row[5] for row in notes.rows("errors")}
    quality = {Cell(*row[:5]): row[5] for row in notes.rows("quality")}
    shown = [c for c in (quality if tables.best_grid else errors) if c in errors]
    scale = (1 + float(first.schedule.gamma(1e-3)) ** 2) ** 0.5
    levels = ode_levels(first, tables.ode_steps)
    exact = ode_stretch(first, start, levels, **given) / scale
    rows = [exact, *(run_cell(cell, flows, start, **given).x for cell in shown)]
    write_png(folder / "sheet.png", sheet(torch.stack([row.float().cpu() for row in rows])))
    card = {
        "tile": preset.shape[-1],
        "columns": tables.columns,
        "channels": preset.shape[0],
        "seed": SHEET_SEED,
        "reference": {"row": 0, "label": f"the network's own ODE, {tables.ode_steps} steps of RK4"},
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


def write_rows(path: Path, content: dict[str, Any]) -> None:
    """Write JSON with one row of a table a line: people read it, and git its changes."""
    text = json.dumps(content).replace("[[", "[\n[").replace("], [", "],\n[").replace("]]", "]\n]")
    checkpoints.write_atomically(path, (text + "\n").encode())


def read(path: str | Path) -> dict[str, Any]:
    """What `evaluate` and its like wrote; the rows of every table as dictionaries.

    Raises FileNotFoundError, ValueError for a file that is no such table, TypeError.
    """
    results = checkpoints.read_json(path)
    for table in results.values():
        if isinstance(table, dict) and {"columns", "rows"} <= table.keys():
            columns = table["columns"]
            table["rows"] = [dict(zip(columns, row, strict=True)) for row in table["rows"]]
    return results
