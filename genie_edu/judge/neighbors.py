"""Did it memorize? Samples beside the training images nearest to them, and a yardstick."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from genie_edu.datasets.images import Images, from_bytes, sheet, write_png
from genie_edu.evaluation import features_of, run_cell, starts
from genie_edu.judge import tables
from genie_edu.metrics import nearest
from genie_edu.nets import checkpoints
from genie_edu.recipes.options import Options
from genie_edu.recipes.pipeline import judge_of, record_of
from genie_edu.recipes.presets import Preset
from genie_edu.recipes.snapshots import given_of

N_TYPICAL = 1_000
"""Samples, and test images, whose distances to their nearest training images are summed up."""
PART = 1 << 30
"""Bytes of training images, as floats, that are looked through at a time."""
ROWS = ("sample", "nearest in features", "nearest in pixels")


def find(preset: Preset, options: Options) -> None:
    """Write nearest.png and nearest.json: the own ODE's samples and their nearest training images.

    Nearest in the classifier's features and in pixels (the root of the mean square difference, of
    values in [-1, 1]), over the training images and, where training flips them, their mirror
    images. "typical" has the quartiles of those distances for many samples and, as a yardstick,
    for as many test images: samples no nearer than these are not copies.
    """
    options = options.anew("nearest")
    out = options.folder / "nearest.json"
    if out.is_file():
        print(f"{out} is there")
        return
    flow = tables.load_flows(preset, options.folder, None if options.cpu else "cuda")["head"]
    classifier = checkpoints.load(judge_of(preset, options.folder)).to(flow.device)
    data, test = preset.data(), preset.judge.split()[1].pixels[:N_TYPICAL]
    start = starts(flow, len(test), preset.shape, tables.SHEET_SEED)
    given = given_of(preset, len(start), start.device)
    samples = run_cell(tables.ode_cell(preset), {"none": flow}, start, **given).x.clamp(-1, 1).cpu()

    columns, asked = preset.tables.columns, {"samples": samples, "test": from_bytes(test)}
    ways = {
        "features": lambda x: features_of(classifier, x).to(flow.device),
        "pixels": lambda x: x.flatten(1).to(flow.device),
    }
    content: dict[str, Any] = {
        "record": record_of(options, flow.device),
        "tile": preset.shape[-1],
        "columns": columns,
        "channels": preset.shape[0],
        "rows": ROWS,
        "seed": tables.SHEET_SEED,
        "typical": {"samples": {}, "test": {}},
        "n": len(test),
    }
    shown = [samples[:columns]]
    for name, seen in ways.items():
        scale = samples[0].numel() ** 0.5 if name == "pixels" else 1.0
        for kind, (distance, place, mirrored) in _nearest(asked, data, seen).items():
            quartiles = (distance / scale).quantile(distance.new_tensor([0.25, 0.5, 0.75]))
            content["typical"][kind][name] = [float(f"{q:.5g}") for q in quartiles]
            if kind == "samples":
                found = list(zip(place, mirrored, distance / scale, strict=True))[:columns]
        content[name] = [
            {"index": int(i), "mirrored": bool(m), "distance": float(f"{d:.5g}")}
            for i, m, d in found
        ]
        images = from_bytes(data.pixels[[row["index"] for row in content[name]]])
        flipped = [row["mirrored"] for row in content[name]]
        shown.append(
            torch.stack([x.flip(2) if m else x for x, m in zip(images, flipped, strict=True)])
        )
    write_png(options.folder / "nearest.png", sheet(torch.stack(shown)))
    checkpoints.write_json(out, content)
    print(f"{out}: {columns} samples beside their nearest training images")


Found = tuple[Tensor, Tensor, Tensor]


def _nearest(
    asked: dict[str, Tensor], data: Images, seen: Callable[[Tensor], Tensor]
) -> dict[str, Found]:
    """{kind: (distances, places, whether mirrored)}: of each image the nearest, or its mirror's.

    The data go by in parts of PART bytes: they need not fit into memory.
    """
    points = {
        kind: [seen(x)] + ([seen(x.flip(3))] if data.flip else []) for kind, x in asked.items()
    }
    best: dict[str, Found] = {}
    rows, first = max(1, PART // (4 * data.pixels[0].numel())), 0
    for part in data.pixels.split(rows):
        among = seen(from_bytes(part))
        for kind, ways in points.items():
            for mirrored, x in enumerate(ways):
                distance, place = nearest(x, among)
                here = (distance, place + first, torch.full_like(place, mirrored).bool())
                there = best.get(kind, here)
                nearer = here[0] < there[0]
                both = zip(here, there, strict=True)
                best[kind] = tuple(torch.where(nearer, new, old) for new, old in both)
        first += len(part)
    return {kind: tuple(part.cpu() for part in found) for kind, found in best.items()}
