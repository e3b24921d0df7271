"""By whose features samples are judged, and what the data are worth by them."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from genie_edu.datasets.images import from_bytes
from genie_edu.evaluation import at_once, features_of
from genie_edu.judge.inception import Inception
from genie_edu.metrics import frechet_distance, recall
from genie_edu.nets import checkpoints
from genie_edu.recipes.pipeline import judge_of
from genie_edu.recipes.presets import Preset


def reader_of(preset: Preset, folder: Path, device: torch.device) -> nn.Module | None:
    """The classifier of the folder where the preset has one, else Inception, where it can be had.

    None, said in one sentence, where it can't: then end-point errors are all that is measured.
    """
    if preset.judge:
        return checkpoints.load(judge_of(preset, folder)).to(device)
    try:
        return Inception().to(device)
    except (ImportError, OSError, RuntimeError) as error:  # not installed; or not fetched
        said = str(error).strip().splitlines()[0]
        print(f"no Frechet distances: there are no classes, and no Inception to read ({said})")
        return None


def features_of_bytes(reader: nn.Module, pixels: Tensor) -> Tensor:
    """The features (N, F) of images (N, C, H, W), uint8 or floats, a few at a time."""
    parts = pixels.split(at_once(pixels))
    return torch.cat([features_of(reader, from_bytes(part)) for part in parts])


def held_out(preset: Preset, reader: nn.Module) -> Tensor | None:
    """Features of the images that no training has seen, if there are any."""
    if preset.judge is None or not preset.judge.held_out:
        return None
    return features_of_bytes(reader, preset.judge.split()[1].pixels)


def floor(data: Tensor, n: int, test: Tensor | None) -> dict[str, float]:
    """What data are worth: two halves; n against all, and against the others; test against all."""
    device, data = data.device, data.cpu()
    order = torch.randperm(len(data), generator=torch.Generator().manual_seed(0))
    half, some, rest = len(data) // 2, data[order[:n]], data[order[n:]]
    halves = frechet_distance(data[order[:half]], data[order[half:]])
    found = {"halves": halves, "subset": frechet_distance(some, data)}
    if len(rest) > 1:
        found["rest"] = frechet_distance(some, rest)
        found["rest_recall"] = recall(some.to(device), rest.to(device))
    if test is not None:
        found |= {"test": frechet_distance(test, data), "n_test": len(test)}
        found["test_recall"] = recall(test.to(device), data.to(device))
    return found
