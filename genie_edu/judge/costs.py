"""What sampling costs: seconds for 1,000 images, by solver and source of the derivative."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from genie_edu.evaluation import Cell, cells, run_cell, starts
from genie_edu.flow import NetworkFlow
from genie_edu.judge import tables
from genie_edu.recipes.options import Options
from genie_edu.recipes.pipeline import record_of
from genie_edu.recipes.presets import Preset
from genie_edu.recipes.snapshots import given_of

REPEATS = 5
SPACING = "quadratic"
COLUMNS = ("solver", "derivative", "nfe", "seconds_per_1000", "spread")


def measure(preset: Preset, options: Options) -> None:
    """Write costs.json: every solver of the quality table, and the head's with the exact JVP.

    On the device at hand, `n_costs` states at once. Medians of REPEATS, their interquartile range
    as spread; the solvers take turns, so that a slow minute slows them all. `head_share` is the
    part of genie's time that DDIM does not take, `jvp_share` the same with the exact derivative.
    """
    options = options.anew("costs")
    out, given = options.folder / "costs.json", preset.tables
    if out.is_file():
        print(f"{out} is there")
        return
    flows = tables.load_flows(preset, options.folder, None if options.cpu else "cuda")
    start = starts(flows["head"], given.n_costs, preset.shape)
    asked = given_of(preset, len(start), start.device)
    todo = list(cells(flows, (given.cost_nfe,), given.solvers, (SPACING,)))
    seconds = take_turns(todo, flows, start, **asked)
    rows = {c: np.quantile(s, (0.25, 0.5, 0.75)) * 1000 / len(start) for c, s in seconds.items()}
    ddim, head, jvp = (
        rows[Cell(solver, derivative, SPACING, given.cost_nfe)][1]
        for solver, derivative in (("ddim", "none"), ("genie", "head"), ("genie", "autodiff"))
    )
    content: dict[str, Any] = {
        "record": record_of(options, start.device),
        "n_images": len(start),
        "spacing": SPACING,
        "repeats": REPEATS,
        "costs": {
            "columns": COLUMNS,
            "rows": [
                [c.solver, c.derivative, c.nfe, float(f"{q[1]:.4g}"), float(f"{q[2] - q[0]:.2g}")]
                for c, q in rows.items()
            ],
        },
        "head_share": round(1 - ddim / head, 4),
        "jvp_share": round(1 - ddim / jvp, 4),
    }
    tables.write_rows(out, content)
    print(f"{out}: {len(rows)} ways of sampling timed")


def take_turns(
    todo: Sequence[Cell],
    flows: dict[str, NetworkFlow],
    start: Tensor,
    labels: Tensor | None = None,
    **given: Any,
) -> dict[Cell, list[float]]:
    """Seconds that each cell took, REPEATS of them; a first turn that warms up is not counted.

    `labels` and what else is `given` as in `run_cell`.
    """
    from tqdm import tqdm

    seconds: dict[Cell, list[float]] = {cell: [] for cell in todo}
    turns = [(turn, cell) for turn in range(REPEATS + 1) for cell in todo]
    for turn, cell in tqdm(turns, desc="costs", unit="run"):
        began = _now(start.device)
        run_cell(cell, flows, start, labels, **given)
        if turn:
            seconds[cell].append(_now(start.device) - began)
    return seconds


def _now(device: torch.device) -> float:
    """The time when all that was asked of the device is done."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter()
