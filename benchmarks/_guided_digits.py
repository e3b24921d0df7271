"""The runs of the preset digits-guided, and what judges their samples: for the recorded studies."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from _record import made_by
from torch import Tensor, nn

import genie_edu as ge
from genie_edu.datasets.images import Images, from_bytes
from genie_edu.evaluation import features_of
from genie_edu.nets import checkpoints
from genie_edu.recipes import pipeline
from genie_edu.recipes.options import Options
from genie_edu.recipes.presets import PRESETS

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = ROOT / "data" / "digits_guided"
PRESET = PRESETS["digits-guided"]
SEEDS = (0, 1, 2)
PARTS = ("base", "head", "guided_head")
DERIVATIVES = ("guided head", "sum of heads", "exact")


def folder_of(seed: int) -> Path:
    """Where the networks of a seed are, or will be."""
    return ROOT / "runs" / f"digits-guided-{seed}"


@dataclass(frozen=True)
class Networks:
    """A run's network with its two heads."""

    seed: int
    base: nn.Module
    head: nn.Module
    guided_head: nn.Module

    def flow(
        self,
        labels: Tensor,
        w: float | Tensor,
        derivative: str = "exact",
        interval: tuple[float, float] | None = None,
    ) -> ge.Flow:
        """The flow guided towards `labels`; where guidance does not act, the plain head's or exact.

        `derivative` is one of DERIVATIVES.
        """
        exact = derivative == "exact"
        own = "autodiff" if exact else self.head
        towards = ge.NetworkFlow(self.base, own, labels=labels)
        away = ge.NetworkFlow(self.base, own)
        if derivative == "sum of heads":
            return ge.SumOfDerivativesFlow(towards, away, w, interval)
        head = None if exact else self.guided_head
        return ge.GuidedFlow(towards, away, w, interval, head=head)

    def kept(self, name: str, found: Callable[[], dict[str, Tensor]]) -> dict[str, Tensor]:
        """What takes long to solve with the base alone: beside it on disk, and read from there."""
        path = folder_of(self.seed) / f"{name}.run.safetensors"
        identity = {"weights": checkpoints.hash_of(self.base)}
        if path.is_file():
            tensors, card = checkpoints.read(path)
            if card["weights"] == identity["weights"]:
                return tensors
        tensors = {key: value.contiguous() for key, value in found().items()}
        checkpoints.write(path, tensors, identity)
        return tensors


def networks(seed: int) -> Networks:
    """The networks of a seed; what its folder lacks is trained first."""
    folder, options = folder_of(seed), Options(folder_of(seed), seed=seed, cpu=True)
    judge = folder_of(0) / "classifier.safetensors"
    for part in pipeline.missing(PRESET, options):
        if part is not pipeline.classify or seed == 0:
            part(PRESET, options)
    if seed:
        checkpoints.write_atomically(folder / judge.name, judge.read_bytes())
    return Networks(seed, *(checkpoints.load(folder / f"{part}.safetensors") for part in PARTS))


class Judge:
    """The classifier: of which class samples are, and how far from the data in its features."""

    def __init__(self) -> None:
        self.classifier = checkpoints.load(folder_of(0) / "classifier.safetensors")
        data, self.held_out = PRESET.judge.split()
        self.parts = dict(zip(("subset", "test"), PRESET.judge.split(), strict=True))
        self.data, self.test = (self.features(pixels_of(p)) for p in self.parts.values())

    def features(self, x: Tensor) -> Tensor:
        """Features (B, F) of images in [-1, 1]."""
        return features_of(self.classifier, x)

    @torch.no_grad()
    def classes(self, x: Tensor) -> Tensor:
        """The class (B,) that the classifier gives each image."""
        return self.classifier(x.clamp(-1, 1).float()).argmax(1)

    def accuracy(self, x: Tensor, labels: Tensor) -> float:
        """The share of images that are of their labels' classes."""
        return float((self.classes(x) == labels).double().mean())

    def frechet(self, x: Tensor) -> float:
        """Frechet distance to the training data, in features."""
        return ge.frechet_distance(self.features(x), self.data)

    def record(self, n: int) -> dict[str, Any]:
        """What it is worth: its accuracy, and distances to the data of n images of all classes.

        Of the training images ("subset") and of those held out ("test"), as many of each class.
        """
        found: dict[str, Any] = {"accuracy": self.classifier.card["record"]["test_accuracy"]}
        for name, part in self.parts.items():
            order = torch.randperm(len(part), generator=torch.Generator().manual_seed(0))
            of = [order[part.labels[order] == k][: n // part.classes] for k in range(part.classes)]
            some = (self.data if name == "subset" else self.test)[torch.cat(of)]
            found |= {name: ge.frechet_distance(some, self.data), f"n_{name}": len(some)}
        return found


def pixels_of(images: Images) -> Tensor:
    """All of a set as floats in [-1, 1]."""
    return from_bytes(images.pixels)


def rounded(value: float) -> float:
    """Five digits."""
    return float(f"{value:.5g}")


class Tables:
    """Rows of numbers by table, each with the seed in front; what `genie_edu.tables.read` reads."""

    def __init__(self, **columns: tuple[str, ...]) -> None:
        self.content = {
            name: {"columns": ["seed", *keys], "rows": []} for name, keys in columns.items()
        }

    def add(self, table: str, seed: int, *values: Any) -> None:  # noqa: ANN401
        """One row; floats with five digits."""
        kept = [rounded(v) if isinstance(v, float) else v for v in values]
        self.content[table]["rows"].append([seed, *kept])


def study(
    script: str, out: str, measure: Callable[[int], dict[str, Any]], about: dict[str, Any]
) -> None:
    """Measure every seed that has not been, one file a run; put the tables together in `out`.

    With --only, the seeds that it names.
    """
    parser = argparse.ArgumentParser(description=f"Writes {out}.")
    parser.add_argument("--only", type=int, nargs="+", choices=SEEDS, default=SEEDS)
    seeds, parts = parser.parse_args().only, []
    for seed in seeds:
        path = folder_of(seed) / out
        if not path.is_file():
            checkpoints.write_json(path, measure(seed))
        parts.append(json.loads(path.read_text()))
        print(f"seed {seed}: {path}", flush=True)
        merged = {
            name: {"columns": table["columns"], "rows": [r for p in parts for r in p[name]["rows"]]}
            for name, table in parts[0].items()
        }
        record = made_by(script) | {"seeds": list(seeds[: len(parts)])}
        ge.tables.write_rows(SHIPPED / out, {"record": record} | about | merged)
