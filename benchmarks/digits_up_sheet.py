"""Digits from 4 x 4 to 8 x 8, by solver, calls, and noise in the condition: the lab's pictures.

Writes data/digits_up_levels/sheet.png and sheet.json from the shipped upsampler: two held-out
digits, each asked for at four levels of noise, once more from other seeds. Errors (64 starts) and
Frechet distances (297 held-out digits) are of the level that the preset samples with. About a
minute and a half on one core.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from _record import made_by

import genie_edu as ge
from genie_edu.datasets.images import from_bytes, noised, sheet, write_png
from genie_edu.evaluation import Cell, cells, features_of, own_ode, run_cell, starts
from genie_edu.judge.tables import ERROR_SEED, QUALITY_SEED, SHEET_SEED, load_flows
from genie_edu.nets import checkpoints
from genie_edu.recipes.presets import PRESETS
from genie_edu.recipes.snapshots import CONDITION_SEED, given_of

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "data" / "digits_up_levels"
DIGITS = (3, 8)
"""Which of the held-out digits are shown."""
TIMES = (0.0, 0.1, 0.2, 0.35)
"""At which t the noise in the conditions is."""
NFES, SPACINGS = (3, 5, 10, 20), ("quadratic", "log_gamma")
ODE_STEPS = 50


def columns() -> Iterator[tuple[int, int, float]]:
    """(seed, which digit, t) of every column."""
    for seed in (0, 1):
        for digit in DIGITS:
            for t in TIMES:
                yield seed, digit, t


def asked() -> tuple[dict[str, Any], torch.Tensor]:
    """(what the network is given in every column, where it starts)."""
    preset = PRESETS["digits-up"]
    low, shape = preset.conditions(), preset.shape
    noise = noised(torch.zeros_like(low), 1.0, CONDITION_SEED)
    gammas = [float(ge.VPSchedule().gamma(t)) for _, _, t in columns()]
    noisy = [low[d] + g * noise[d] for (_, d, _), g in zip(columns(), gammas, strict=True)]
    flow = ge.NetworkFlow(preset.net())
    begin = starts(flow, 4, shape, SHEET_SEED)
    places = [2 * seed + DIGITS.index(digit) for seed, digit, _ in columns()]
    given = {"condition": torch.stack(noisy), "condition_gamma": torch.tensor(gammas)}
    return given, begin[places]


def main() -> None:
    """Write the sheet and its index."""
    preset = PRESETS["digits-up"]
    flows = {"head": load_flows(preset, ROOT / "data" / "digits_up")["head"]}
    todo = list(cells(flows, NFES, preset.tables.solvers, SPACINGS))
    start = starts(flows["head"], preset.tables.n_errors, preset.shape, ERROR_SEED)
    given = given_of(preset, len(start), start.device)
    exact, _ = own_ode(flows["head"], start, n_steps=ODE_STEPS, **given)
    errors = {c: ge.end_point_error(run_cell(c, flows, start, **given).x_bar, exact) for c in todo}
    n = preset.tables.n_quality
    judge = checkpoints.load(ROOT / "data" / "digits" / "classifier.safetensors")
    data = features_of(judge, from_bytes(preset.data().pixels))
    start, given = starts(flows["head"], n, preset.shape, QUALITY_SEED), given_of(preset, n, "cpu")
    distances = {
        c: ge.frechet_distance(features_of(judge, run_cell(c, flows, start, **given).x), data)
        for c in todo
    }
    given, start = asked()
    originals = from_bytes(preset.judge.split()[1].pixels)[[d for _, d, _ in columns()]]
    scale = (1 + float(flows["head"].schedule.gamma(1e-3)) ** 2) ** 0.5
    own = own_ode(flows["head"], start, n_steps=ODE_STEPS, **given)[0] / scale
    seen = given["condition"].repeat_interleave(2, 2).repeat_interleave(2, 3)
    rows = [originals, seen, own, *(run_cell(c, flows, start, **given).x for c in todo)]
    OUT.mkdir(parents=True, exist_ok=True)
    write_png(OUT / "sheet.png", sheet(torch.stack(rows)))
    write_index(todo, errors, distances)


def write_index(todo: list[Cell], errors: dict[Cell, float], distances: dict[Cell, float]) -> None:
    """Write what the rows and columns of the sheet are."""
    names = [
        f"digit {DIGITS.index(digit) + 1}, noise at t = {t:g}, seed {seed + 1}"
        for seed, digit, t in columns()
    ]
    card = {
        "record": made_by(__file__),
        "tile": 8,
        "columns": len(names),
        "channels": 1,
        "seed": SHEET_SEED,
        "names": names,
        "above": [
            {"row": 0, "label": "the original, which the network never sees"},
            {"row": 1, "label": "what it is given: 4 x 4 pixels, with noise"},
        ],
        "reference": {"row": 2, "label": "the network's own ODE"},
        "rows": [
            {
                "row": i,
                **cell._asdict(),
                "error": float(f"{errors[cell]:.4g}"),
                "frechet": float(f"{distances[cell]:.4g}"),
            }
            for i, cell in enumerate(todo, 3)
        ],
    }
    text = json.dumps(card).replace("}, {", "},\n{")
    (OUT / "sheet.json").write_text(text + "\n")


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
