"""Presets of images of one's own: made from a command's options, and again from a run's folder."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from torch import Tensor

from genie_edu._names import flag, instance, one_of, positive_int, whole
from genie_edu.datasets import own
from genie_edu.datasets.images import Images
from genie_edu.nets import checkpoints
from genie_edu.nets.classifier import Classifier
from genie_edu.nets.head import GenieHead
from genie_edu.nets.unet import UNet
from genie_edu.recipes import kinds
from genie_edu.recipes.kinds import KINDS, SIDES, Kind
from genie_edu.recipes.options import FILES, check_device
from genie_edu.recipes.presets import CIFAR10_JUDGED, CIFAR10_TABLES, Judge, Preset, _seeded

CARD = "images.json"
"""The file of a run's folder that says which images it learns, and by which network."""
CHOICES = ("data", "size", "classes", "patch", "width", "flip", "upsample_from")
"""What a command may say of images of one's own; in a folder that has a CARD, it is known."""
HELD_OUT, LEAST = 10_000, 20
"""With classes every tenth image is kept back for the classifier's test, and for an upsampler to be
asked with, HELD_OUT at most; of fewer than LEAST images there would be nothing to keep."""
ASKED = 2_000
"""Held-out images that an upsampler is asked with at most, when it is measured."""
TABLES = replace(CIFAR10_TABLES, n_costs=64)
"""What is measured of every such run, as of CIFAR-10's."""


@dataclass(frozen=True)
class Chosen:
    """Images and a network for them: where they are, their side, the names of their classes.

    `width` is how many channels the finest resolution has, a multiple of 8; with `patch` the image
    is folded first. An upsampler learns to draw them from the means of their blocks, images of the
    side `upsample_from`. `sha256` is the decoded images': a run goes on with the same ones only.
    """

    preset: str
    data: str
    size: int
    classes: tuple[str, ...] = ()
    patch: int = 1
    width: int = 128
    flip: bool = False
    upsample_from: int = 0
    sha256: str = ""

    def __post_init__(self) -> None:
        """Refuse what no network is made for."""
        one_of("preset", self.preset, KINDS)
        instance("--data", self.data, str, "a folder, a file or a name on the hub")
        flag("--flip", self.flip)
        kinds.side(self.size)
        positive_int("--patch", self.patch)
        if self.size % self.patch or self.side not in kinds.TIMES:
            folds = [n for n in (1, 2, 4, 8) if self.size // n in kinds.TIMES]
            raise ValueError(
                f"--patch must be one of {', '.join(map(str, folds))} for a side of {self.size}; "
                f"got {self.patch}"
            )
        if whole("--width", self.width, 8) % 8:
            raise ValueError(f"--width must be a multiple of 8; got {self.width}")
        low = whole("--upsample-from", self.upsample_from, 0)
        lower = [n for n in (8, 16, *SIDES) if n < self.size]
        if low and low not in lower:
            told = ", ".join(map(str, lower))
            raise ValueError(
                f"--upsample-from must be one of {told} for a side of {self.size}; got {low}"
            )

    @property
    def shrink(self) -> int:
        """The side of the blocks whose means an upsampler draws from; 0 for other networks."""
        return self.size // self.upsample_from if self.upsample_from else 0

    @property
    def side(self) -> int:
        """The side of the folded image, which the network works on."""
        return self.size // self.patch


def chosen(
    name: str,
    folder: Path,
    given: dict[str, Any],
    begins: bool = False,
    strict: bool = False,
    cpu: bool = False,
) -> Preset:
    """The preset `name` of KINDS for a run in `folder`: from what was given, or from its card.

    A command that `begins` or goes on with a training writes the card, decodes the images where
    that is not done, and refuses other images or another network than the card's, a folder that
    another run has begun, and, unless `cpu` is asked for, a machine without a GPU. Raises
    ValueError, RuntimeError, and as `datasets.own.load`.
    """
    kind, path = KINDS[one_of("preset", name, KINDS)], folder / CARD
    given = {key: given[key] for key in CHOICES if given.get(key) is not None}
    if "data" in given:
        given["data"] = _place(given["data"])
    if path.is_file():
        there = _read(path)
        if there.preset != name:
            raise ValueError(f"{folder} is of the preset {there.preset}, not {name}")
        _check_same(folder, there, given)
        if begins:
            _data(there, strict)  # verified now, not hours later
        return preset_of(kind, there, strict)
    if not begins:
        raise FileNotFoundError(f"{folder} has no run of {name}: genie-edu train {name} first")
    check_device(cpu)  # before anything is decoded or written
    patterns = (*chain.from_iterable(FILES.values()), "plan.json")
    if other := next(chain.from_iterable(map(folder.glob, patterns)), None):
        raise ValueError(f"{folder} holds another run ({other.name}): take another --folder")
    here = _begun(name, kind, given, strict)
    if checkpoints.first_process():
        card = {key: getattr(here, key) for key in Chosen.__dataclass_fields__}
        checkpoints.write_json(path, card | _about(kind))
    return preset_of(kind, here, strict)


def _place(data: Any) -> Any:
    """Where the images are, from whichever folder the next command is given; else the name."""
    there = Path(data).expanduser() if isinstance(data, str) else None
    return str(there.resolve()) if there and there.exists() else data


def _read(path: Path) -> Chosen:
    card = checkpoints.read_json(path)
    try:
        older = {"upsample_from": 0}
        known = {key: (older | card)[key] for key in Chosen.__dataclass_fields__}
        return Chosen(**known | {"classes": tuple(known["classes"])})
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path} is not the card of a run of one's own images") from error


def _check_same(folder: Path, there: Chosen, given: dict[str, Any]) -> None:
    """Refuse options that a begun run does not have."""
    for key, value in given.items():
        known = bool(there.classes) if key == "classes" else getattr(there, key)
        known = _place(known) if key == "data" else known  # of older cards relative
        if value != known:
            begun = f"{folder} was begun with {_option(key)} {known}"
            raise ValueError(f"{begun}, not {value}: take another --folder")


def _begun(name: str, kind: Kind, given: dict[str, Any], strict: bool) -> Chosen:
    """What a new run learns: the command's choices, and the kind's where it has made them."""
    if "data" not in given:
        needs = f"{kind.holds}, from {kind.source} ({kind.licence})" if kind.source else (
            "a folder of images, a .zip, shards (.tar, .parquet), or a name on the hub"
        )  # fmt: skip
        raise ValueError(f"{name} needs --data: {needs}")
    for key in ("size", "classes", "upsample_from"):
        own_one = getattr(kind, key)
        if own_one is not None and given.get(key, own_one) != own_one:
            raise ValueError(f"{name} has {_option(key)} {own_one}; the preset images takes any")
    if kind.size is None and "size" not in given:
        raise ValueError(f"{name} needs --size: one of {kinds.SAID_SIDES}")
    labelled = bool(given.get("classes", kind.classes))
    here = Chosen(
        preset=name,
        data=str(given["data"]),
        size=kind.size or given["size"],
        patch=given.get("patch", kind.patch),
        width=given.get("width", kind.width),
        flip=given.get("flip", kind.flip),
        upsample_from=given.get("upsample_from", kind.upsample_from or 0),
    )
    found = own.load(here.data, here.size, strict)
    if labelled:
        own.images(found, classes=True)  # refused now
    if (labelled or here.upsample_from) and len(found.pixels) < LEAST:
        what = "--classes" if labelled else "--upsample-from"
        raise ValueError(f"{what} needs {LEAST} images at least; got {len(found.pixels)}")
    sha256 = found.manifest["files"]["pixels.npy"]["sha256"]
    return replace(here, classes=found.names if labelled else (), sha256=sha256)


def _option(key: str) -> str:
    return f"--{key.replace('_', '-')}"


def _about(kind: Kind) -> dict[str, str]:
    told = ("source", "licence", "holds", "paper", "smaller")
    return {key: getattr(kind, key) for key in told if getattr(kind, key)}


@functools.lru_cache(maxsize=2)
def _data(of: Chosen, strict: bool) -> own.Own:
    found = own.load(of.data, of.size, strict)
    if found.manifest["files"]["pixels.npy"]["sha256"] != of.sha256:
        raise ValueError(f"{of.data} has changed since this run was begun: take another --folder")
    return found


def preset_of(kind: Kind, of: Chosen, strict: bool = False) -> Preset:
    """The preset of chosen images: networks by their side, tables as CIFAR-10's."""
    n_classes = len(of.classes)

    def images(tested: bool = False, shrink: int = of.shrink) -> Images:
        found = _data(of, strict)
        held_out = min(HELD_OUT, len(found.pixels) // 10) if n_classes or of.shrink else 0
        n = len(found.pixels) - held_out
        part = slice(n, None) if tested else slice(n)
        return own.images(found, part, bool(n_classes), of.flip, shrink)

    def conditions() -> Tensor:
        return images(tested=True).conditions(slice(ASKED))

    return Preset(
        title=f"{kind.title}: {of.data}, {of.size} x {of.size}"
        + (f" from {of.upsample_from} x {of.upsample_from}" if of.shrink else ""),
        shape=(3, of.size, of.size),
        data=images,
        net=lambda: _seeded(lambda: unet_of(kind, of)),
        head=lambda net: _seeded(
            lambda: GenieHead(
                3, net.feature_sizes, max(8, of.width // 2), image=True, preconditioned=True,
                sigma_data=net.sigma_data, blocks=2, patch=net.patch,
            )
        ),
        train=kind.train,
        distill=replace(kind.distill, kept=kinds.kept(of.size) if not kind.source else 0),
        folder=of.preset,
        judge=_judge(of, functools.partial(images, shrink=0)) if n_classes else None,
        tables=TABLES,
        fast=True,
        conditions=conditions if of.shrink else None,
        at_once=kinds.AT_ONCE[of.side],
        recompute=of.side >= kinds.RECOMPUTED_FROM,
    )  # fmt: skip


def unet_of(kind: Kind, of: Chosen) -> UNet:
    """The untrained U-Net of a kind for chosen images; of a folded one, by its folded side."""
    times = kind.net.get("times") if of.patch == 1 else None
    return UNet(
        size=of.size,
        widths=tuple(of.width * n for n in times or kinds.TIMES[of.side]),
        blocks=2,
        attention=kind.net.get("attention", (16, 8)),
        classes=len(of.classes),
        patch=of.patch,
        condition=3 if of.shrink else 0,
        condition_size=of.upsample_from,
        condition_level=bool(of.shrink),
    )


def _judge(of: Chosen, images: Callable[..., Images]) -> Judge:
    """A classifier by the images' side, which never sees the ones that were held out."""
    first = 8 * math.ceil(of.width / 32)
    widths = tuple(first * n for n in kinds.FEATURES[of.size])
    return Judge(
        net=lambda: _seeded(
            lambda: Classifier(
                3, widths, features=128, classes=len(of.classes), residual=True, norm="batch"
            )
        ),
        split=lambda: (images(), images(tested=True)),
        settings=CIFAR10_JUDGED,
        shift=max(1, of.size // 10),
        held_out=True,
    )
