"""Digits from 4 x 4 to 8 x 8, by solver, calls, and noise in the condition: numbers and pictures.

Writes data/digits_up_levels/sheet.png and sheet.json from the shipped upsampler. The pictures, for
the lab: two held-out digits, each asked for at four levels of noise, once more from other seeds.
The numbers, of the level that the preset samples with: errors to the network's own ODE (32 starts),
Frechet distances and consistency (198 held-out digits). About a minute on one core.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from _record import made_by

import genie_edu as ge
from genie_edu.datasets.images import block_means, from_bytes, noised, sheet, write_png
from genie_edu.evaluation import Cell, cells, features_of, own_ode, run_cell, starts
from genie_edu.judge.tables import ERROR_SEED, QUALITY_SEED, SHEET_SEED, load_flows
from genie_edu.nets import checkpoints
from genie_edu.recipes.presets import PRESETS
from genie_edu.recipes.snapshots import CONDITION_SEED, given_of

DATA = Path(__file__).resolve().parent.parent / "data"
OUT = DATA / "digits_up_levels"
DIGITS, TIMES = (3, 8), (0.0, 0.1, 0.2, 0.35)
"""Which of the held-out digits are shown; at which t the noise in their conditions is."""
NFES, SPACINGS = (3, 5, 10), ("quadratic", "log_gamma")
N_ERRORS, N_QUALITY, ODE_STEPS = 32, 198, 24
OWN = Cell("dpmpp_2m", "none", "log_gamma", 40)
"""How the samples of the network's own ODE are drawn when their quality is measured."""


def columns() -> Iterator[tuple[int, int, float]]:
    """(seed, which digit, t) of every column."""
    for seed in (0, 1):
        for digit in DIGITS:
            for t in TIMES:
                yield seed, digit, t


def asked(flow: ge.Flow) -> tuple[dict[str, Any], torch.Tensor]:
    """(what the network is given in every column, where it starts)."""
    preset = PRESETS["digits-up"]
    low = preset.conditions()
    noise = noised(torch.zeros_like(low), 1.0, CONDITION_SEED)
    gammas = [float(flow.schedule.gamma(t)) for _, _, t in columns()]
    noisy = [low[d] + g * noise[d] for (_, d, _), g in zip(columns(), gammas, strict=True)]
    given = {"condition": torch.stack(noisy), "condition_gamma": torch.tensor(gammas)}
    begin = starts(flow, 4, preset.shape, SHEET_SEED)
    return given, begin[[2 * seed + DIGITS.index(digit) for seed, digit, _ in columns()]]


def measured(todo: list[Cell], flows: dict[str, ge.Flow]) -> dict[Cell, list[float]]:
    """(error, Frechet distance, consistency in dB) of every way; the own ODE's under OWN."""
    preset, flow = PRESETS["digits-up"], flows["head"]
    start = starts(flow, N_ERRORS, preset.shape, ERROR_SEED)
    given = given_of(preset, len(start), start.device)
    exact, _ = own_ode(flow, start, n_steps=ODE_STEPS, **given)
    begin = starts(flow, N_QUALITY, preset.shape, QUALITY_SEED)
    asked = given_of(preset, N_QUALITY, begin.device)
    judge = checkpoints.load(DATA / "digits" / "classifier.safetensors")
    data = features_of(judge, from_bytes(preset.data().pixels))
    low, found = preset.conditions()[:N_QUALITY], {}
    for cell in [OWN, *todo]:
        x = run_cell(cell, flows, begin, **asked).x
        miss = (block_means(x, 2) - low).square().mean().sqrt()
        numbers = [ge.frechet_distance(features_of(judge, x), data)]
        numbers.append(20 * float(torch.log10(2 / miss)))
        end = None if cell == OWN else run_cell(cell, flows, start, **given).x_bar
        error = 0.0 if end is None else ge.end_point_error(end, exact)
        found[cell] = [float(f"{value:.4g}") for value in (error, *numbers)]
        print(*cell[:4], *found[cell], flush=True)
    return found


def main() -> None:
    """Write the sheet and its index."""
    preset = PRESETS["digits-up"]
    flow = load_flows(preset, DATA / "digits_up")["head"]
    flows = {"head": flow}
    todo = list(cells(flows, NFES, preset.tables.solvers, SPACINGS))
    numbers = measured(todo, flows)
    given, start = asked(flow)
    originals = from_bytes(preset.judge.split()[1].pixels)[[d for _, d, _ in columns()]]
    scale = (1 + float(flow.schedule.gamma(1e-3)) ** 2) ** 0.5
    own = own_ode(flow, start, n_steps=ODE_STEPS, **given)[0] / scale
    seen = given["condition"].repeat_interleave(2, 2).repeat_interleave(2, 3)
    rows = [originals, seen, own, *(run_cell(c, flows, start, **given).x for c in todo)]
    OUT.mkdir(parents=True, exist_ok=True)
    write_png(OUT / "sheet.png", sheet(torch.stack(rows)))
    names = [
        f"{('first', 'second')[DIGITS.index(digit)]} digit, noise at t = {t:g}, seed {seed + 1}"
        for seed, digit, t in columns()
    ]
    card = {
        "record": made_by(__file__) | {"n_errors": N_ERRORS, "n_quality": N_QUALITY},
        "tile": preset.shape[-1],
        "columns": len(names),
        "channels": 1,
        "seed": SHEET_SEED,
        "names": names,
        "above": [
            {"row": 0, "label": "the original, which the network never sees"},
            {"row": 1, "label": "what it is given: 4 x 4 pixels, with noise"},
        ],
        "reference": {"row": 2, "label": "the network's own ODE"},
        "own_ode": dict(zip(("frechet", "consistency"), numbers[OWN][1:], strict=True)),
        "rows": [
            {
                "row": i,
                **cell._asdict(),
                **dict(zip(("error", "frechet", "consistency"), numbers[cell], strict=True)),
            }
            for i, cell in enumerate(todo, 3)
        ],
    }
    text = json.dumps(card).replace("}, {", "},\n{")
    checkpoints.write_atomically(OUT / "sheet.json", (text + "\n").encode())


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
