"""The paper's image sets for whoever has them, and any other set by its side: what is trained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from genie_edu.train.run_state import Settings

TIMES = {
    8: (1,),
    16: (1, 2),
    32: (1, 2, 2),
    64: (1, 2, 3, 4),
    128: (1, 1, 2, 3, 4),
    256: (1, 1, 2, 2, 4, 4),
    512: (1, 1, 2, 2, 3, 3, 4),
}
"""How many times `width` channels each resolution has, by the side of the folded image."""
SIDES = (32, 64, 128, 256, 512)
SAID_SIDES = ", ".join(map(str, SIDES))
FEATURES = {
    32: (1, 3, 6, 8),
    64: (1, 2, 3, 6, 8),
    128: (1, 1, 2, 3, 6, 8),
    256: (1, 1, 1, 2, 3, 6, 8),
    512: (1, 1, 1, 1, 2, 3, 6, 8),
}
"""The same of the classifier that judges, whose first layers have a quarter of `width`."""
AT_ONCE = {8: 512, 16: 256, 32: 128, 64: 32, 128: 32, 256: 8, 512: 2}
"""Images that go through a network in training at a time, by the side of the folded image."""
RECOMPUTED_FROM = 128
"""The side of the folded image from which on a network's blocks are computed again."""
KEPT_BYTES = 2 << 30
"""Of states and targets, float16, that a distillation keeps at most; of fewer than LEAST_KEPT
it keeps none, and computes each target when it is needed."""
LEAST_KEPT, MOST_KEPT = 20_000, 65_536


@dataclass(frozen=True)
class Kind:
    """What a preset of images of one's own is, but for where they are.

    `size` and `classes` are None where the command says them; `net` has what the U-Net has
    otherwise than by its side; an upsampler draws from images of the side `upsample_from`; `patch`
    and `width` are the network's, where the command doesn't say them. `source`, `licence` and
    `holds` say what is to be brought, `paper` what the paper's own run was, and `smaller` what
    differs here.
    """

    title: str
    size: int | None
    classes: bool | None
    flip: bool
    train: Settings
    distill: Settings
    net: dict[str, Any]
    upsample_from: int | None = None
    patch: int = 1
    width: int = 128
    source: str = ""
    licence: str = ""
    holds: str = ""
    paper: str = ""
    smaller: str = ""


def _train(n_steps: int, batch_size: int, lr: float, warm_up: int = 5_000) -> Settings:
    return Settings(
        n_steps=n_steps, batch_size=batch_size, lr=lr, warm_up=warm_up, ema=(0.9999, 0.999),
        levels="log_normal", weighting="output",
    )  # fmt: skip


def _distill(n_steps: int, batch_size: int, lr: float, warm_up: int = 2_000) -> Settings:
    return Settings(
        n_steps=n_steps, batch_size=batch_size, lr=lr, warm_up=warm_up, ema=0.998,
        levels="half_log_gamma", weighting="output",
    )  # fmt: skip


def side(size: int) -> int:
    """`size`, if images can have it. Raises ValueError."""
    if size not in SIDES:
        raise ValueError(f"--size must be one of {SAID_SIDES}; got {size}")
    return size


def kept(size: int) -> int:
    """How many states' targets a distillation keeps for images of this side."""
    n = min(MOST_KEPT, KEPT_BYTES // (2 * 2 * 3 * size * size))
    return n if n >= LEAST_KEPT else 0


LSUN = {
    "size": 128,
    "classes": False,
    "flip": True,
    "net": {"times": (1, 1, 2, 2, 4), "attention": (16,)},
    "train": _train(300_000, 256, 3e-4),
    "licence": "LSUN has none of its own and is for research; its photographs are their owners'",
    "paper": "DDPM's U-Net of 148 million weights, 128 channels (1, 1, 2, 2, 4, 4, 4) times",
    "smaller": "the two coarsest resolutions are missing, which leaves 75 million weights",
}
"""What the two sets of LSUN have in common."""
AFHQ = {
    "classes": False,
    "flip": True,
    "source": "https://github.com/clovaai/stargan-v2, AFHQv2; its folder train/cat",
    "licence": "CC BY-NC 4.0: not for commercial use",
    "holds": "about 5,000 photographs",
}
"""What the two presets of cats have in common."""

KINDS: dict[str, Kind] = {
    "images": Kind(
        title="images of one's own",
        size=None,
        classes=None,
        flip=False,
        net={},
        train=_train(50_000, 128, 3e-4, 500),
        distill=_distill(10_000, 128, 1e-3, 200),
    ),
    "lsun-bedroom-128": Kind(
        title="LSUN Bedrooms, 128 x 128",
        distill=_distill(40_000, 256, 1e-4),
        source="https://www.yf.io/p/lsun, exported into a folder by LSUN's own script",
        holds="3,033,042 photographs in bedroom_train",
        **LSUN,
    ),
    "lsun-church-128": Kind(
        title="LSUN Church-Outdoor, 128 x 128",
        distill=_distill(35_000, 256, 1e-4),
        source="https://www.yf.io/p/lsun, exported into a folder by LSUN's own script",
        holds="126,227 photographs in church_outdoor_train",
        **LSUN,
    ),
    "imagenet-64": Kind(
        title="ImageNet, 64 x 64, by class",
        size=64,
        classes=True,
        flip=True,
        net={"times": (1, 2, 3, 4), "attention": (16, 8)},
        train=_train(400_000, 1_024, 2e-4),
        distill=_distill(15_000, 256, 1e-4),
        source="https://image-net.org, after registering; the folder train, one subfolder a class",
        licence="for non-commercial research and education; its photographs are their owners'",
        holds="1,281,167 photographs in 1,000 classes",
        paper="ADM's U-Net of 192 channels (1, 2, 3, 4) times, three blocks a resolution",
        smaller="128 channels and two blocks a resolution, 92 million weights",
    ),
    "afhq-cat-128": Kind(
        title="AFHQv2 cats, 128 x 128",
        size=128,
        net={"times": (1, 2, 2, 3, 3), "attention": (16, 8)},
        train=_train(400_000, 128, 1e-4),
        distill=_distill(20_000, 64, 1e-4),
        paper="ADM's U-Net of 192 channels (1, 2, 2, 3, 3) times, which predicts v",
        smaller="128 channels, 80 million weights",
        **AFHQ,
    ),
    "afhq-cat-512-up": Kind(
        title="AFHQv2 cats, from 128 x 128 to 512 x 512",
        size=512,
        net={"times": (1, 1, 2, 2, 3, 3, 4), "attention": (64, 32)},
        upsample_from=128,
        width=96,
        train=_train(300_000, 16, 1e-4),
        distill=_distill(20_000, 16, 1e-4),
        paper="ADM's U-Net of 96 channels (1, 1, 2, 2, 3, 3, 4) times, which predicts v",
        smaller="the blocks are built otherwise, 70 million weights",
        **AFHQ,
    ),
}
"""What `genie-edu run NAME --data SOURCE` can be named, beside the presets that bring their data.

Steps, batches and learning rates of the named ones are those of the paper's public settings.
"""
