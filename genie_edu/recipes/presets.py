"""The runs that the book ships, by name: what is learned, by which networks, for how long."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace

import torch
from torch import nn

from genie_edu.datasets import cifar10
from genie_edu.datasets import data as sets
from genie_edu.datasets.images import Images, block_means, from_bytes, to_bytes
from genie_edu.mixture import GaussianMixture
from genie_edu.nets.classifier import Classifier
from genie_edu.nets.guided_head import GuidedHead
from genie_edu.nets.head import GenieHead
from genie_edu.nets.mlp import EpsMLP
from genie_edu.nets.unet import UNet
from genie_edu.recipes.preset import Guided as Guided
from genie_edu.recipes.preset import Judge as Judge
from genie_edu.recipes.preset import Preset as Preset
from genie_edu.recipes.preset import Tables as Tables
from genie_edu.toys import TOYS
from genie_edu.train.run_state import Settings


def _seeded(build: Callable[[], nn.Module]) -> nn.Module:
    """A network whose first weights don't depend on, or change, the global generator."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return build()


def _digits(held_out: bool = False) -> Images:
    """1,500 of the digits, to learn from; or the other 297, which no training sees."""
    pixels, labels = sets.digits()
    order = torch.randperm(len(pixels), generator=torch.Generator().manual_seed(0))
    part = order[1_500:] if held_out else order[:1_500]
    return Images(pixels[part], labels[part], classes=10)


def _to_be_doubled(images: Images) -> Images:
    """Images with the means of their 2 x 2 blocks as conditions, noised as in GENIE's training."""
    low = block_means(from_bytes(images.pixels), 2)
    if images.pixels.dtype == torch.uint8:
        low = to_bytes(low)
    return replace(images, condition=low, condition_t=(1e-3, 1.0))


@functools.lru_cache
def _cifar10(split: str) -> Images:
    """A split of CIFAR-10 as (N, 3, 32, 32) uint8, with its labels: decoded once a process."""
    images, labels = cifar10.load(split)
    pixels = torch.from_numpy(images).permute(0, 3, 1, 2).contiguous()
    return Images(pixels, torch.from_numpy(labels).long(), classes=10, flip=split == "train")


def _sample(part: slice) -> Images:
    """Part of the 512 images of CIFAR-10 that ship with the book."""
    pixels, labels = sets.cifar10_sample()
    return Images(pixels[part], labels[part], classes=10, flip=True)


DIGITS_NET = {"channels": 1, "size": 8, "widths": (24, 48), "blocks": 1, "attention": (4,)}
"""The U-Net of the digits, but for its form."""

DIGITS_HEAD = {"width": 28, "preconditioned": True}
"""The heads of the digits."""

DIGITS_JUDGE = Judge(
    net=lambda: _seeded(Classifier),
    split=lambda: (_digits(), _digits(held_out=True)),
    settings=Settings(n_steps=400, batch_size=128, lr=3e-3, warm_up=20, ema=0.9),
    held_out=True,
)

CIFAR10_NET = {"classes": 10, "widths": (128, 128, 128), "blocks": 1, "attention": (8,), "patch": 2}
"""The U-Net of CIFAR-10: folded 2 x 2, so that two cores can train it in hours."""

CIFAR10_JUDGED = Settings(n_steps=2_500, batch_size=256, lr=3e-3, warm_up=200, ema=0.995)
"""How the classifier that judges CIFAR-10's samples is trained, and any of one's own images."""

CIFAR10_TABLES = Tables(
    nfes=(5, 10, 15, 20, 25),
    n_errors=64,
    n_quality=2_000,
    quality_nfes=(5, 10),
    solvers=(
        "ddim", "dpmpp_2m", "deis_tab3", "unipc_2", "ipndm4",
        "genie", "genie_log", "genie_multistep",
    ),
    best_grid=True,
    columns=8,
    n_seeds=3,
    seed_nfes=(5,),
    ode_steps=100,
    ode_calls=50,
    n_costs=128,
)  # fmt: skip
"""What is measured of CIFAR-10, and of images of one's own."""


def _digits_head(net: nn.Module) -> GenieHead:
    return _seeded(
        lambda: GenieHead(
            1, net.feature_sizes, image=True, sigma_data=net.sigma_data, **DIGITS_HEAD
        )
    )


PRESETS: dict[str, Preset] = {
    "mixture-2d": Preset(
        title="three_modes, the book's 2-D mixture",
        shape=(2,),
        data=lambda: GaussianMixture(**TOYS["three_modes"]).sample,
        net=lambda: _seeded(EpsMLP),
        head=lambda net: _seeded(lambda: GenieHead(2, net.feature_sizes)),
        train=Settings(n_steps=8_000),
        distill=Settings(n_steps=4_000),
        folder="mixture_2d",
    ),
    "digits": Preset(
        title="scikit-learn's handwritten digits, 8 x 8",
        shape=(1, 8, 8),
        data=lambda: Images(_digits().pixels),
        net=lambda: _seeded(lambda: UNet(**DIGITS_NET, sigma_data=0.5)),
        head=_digits_head,
        train=Settings(n_steps=5_000, batch_size=128, ema=0.998, weighting="output"),
        distill=Settings(
            n_steps=4_000, batch_size=256, ema=0.998,
            levels="half_log_gamma", weighting="output", kept=40_000,
        ),
        folder="digits",
        judge=DIGITS_JUDGE,
        tables=Tables(nfes=(3, 5, 8, 10, 15, 25), n_errors=100, n_quality=600),
    ),
    "digits-guided": Preset(
        title="the digits by class, with a head of the guided flows: eight minutes on one core",
        shape=(1, 8, 8),
        data=_digits,
        net=lambda: _seeded(lambda: UNet(**DIGITS_NET, classes=10, sigma_data=0.5)),
        head=_digits_head,
        train=Settings(n_steps=2_000, batch_size=128, ema=0.997, weighting="output"),
        distill=Settings(
            n_steps=600, batch_size=128, ema=0.99,
            levels="half_log_gamma", weighting="output", kept=8_000,
        ),
        guided=Guided(
            head=lambda net: _seeded(
                lambda: GuidedHead(
                    1, net.feature_sizes, sigma_data=net.sigma_data, **DIGITS_HEAD
                )
            ),
            settings=Settings(
                n_steps=1_000, batch_size=128, ema=0.99,
                levels="half_log_gamma", weighting="output", kept=10_000,
            ),
        ),
        folder="digits_guided",
        judge=DIGITS_JUDGE,
        tables=Tables(
            nfes=(5, 10),
            n_errors=32,
            n_quality=300,
            solvers=("ddim", "deis_tab3", "unipc_2", "genie", "genie_multistep"),
            best_grid=True,
            columns=10,
            ode_steps=80,
            ode_calls=50,
            n_costs=100,
        ),
    ),
    "cifar10": Preset(
        title="CIFAR-10, 32 x 32",
        shape=(3, 32, 32),
        data=lambda: _cifar10("train"),
        net=lambda: _seeded(lambda: UNet(**CIFAR10_NET)),
        head=lambda net: _seeded(
            lambda: GenieHead(
                3, net.feature_sizes, 64, image=True, preconditioned=True,
                sigma_data=net.sigma_data, blocks=2, patch=net.patch,
            )
        ),
        train=Settings(
            n_steps=6_000, batch_size=128, lr=5e-4, warm_up=500, ema=(0.998, 0.99),
            levels="log_normal", weighting="output",
        ),
        distill=Settings(
            n_steps=3_000, batch_size=128, lr=1e-3, warm_up=200, ema=0.998,
            levels="half_log_gamma", weighting="output", kept=65_536,
        ),
        folder="cifar10",
        judge=Judge(
            net=lambda: _seeded(
                lambda: Classifier(3, (32, 96, 192, 256), 128, residual=True, norm="batch")
            ),
            split=lambda: (_cifar10("train"), _cifar10("test")),
            settings=CIFAR10_JUDGED,
            shift=3,
            held_out=True,
        ),
        tables=CIFAR10_TABLES,
        fast=True,
    ),
    "cifar10-tiny": Preset(
        title="512 images of CIFAR-10 and small networks: the whole way in two minutes, no result",
        shape=(3, 32, 32),
        data=lambda: _sample(slice(None)),
        net=lambda: _seeded(
            lambda: UNet(
                widths=(8, 16), blocks=1, attention=(), classes=10, parametrization="eps"
            )
        ),
        head=lambda net: _seeded(lambda: GenieHead(3, net.feature_sizes, 8, image=True)),
        train=Settings(n_steps=24, batch_size=16, warm_up=4, ema=(0.7, 0.5)),
        distill=Settings(n_steps=12, batch_size=16, warm_up=4, ema=0.9, kept=64),
        folder="cifar10_tiny",
        judge=Judge(
            net=lambda: _seeded(lambda: Classifier(3, (8, 16), features=8, residual=True)),
            split=lambda: (_sample(slice(0, 384)), _sample(slice(384, None))),
            settings=Settings(n_steps=12, batch_size=32, warm_up=2, ema=0.8),
            held_out=True,
        ),
        tables=Tables(
            nfes=(2, 3, 4),
            n_errors=4,
            n_quality=32,
            quality_nfes=(2, 4),
            solvers=("ddim", "genie", "genie_multistep"),
            afs=(False, True),
            best_grid=True,
            columns=4,
            n_seeds=2,
            seed_nfes=(2,),
            n_large=48,
            large_nfe=4,
            ode_steps=20,
            ode_calls=12,
            n_costs=8,
            cost_nfe=4,
        ),
    ),
}  # fmt: skip
"""What `genie-edu train PRESET`, `distill PRESET` and `run PRESET` run."""

_RIVALS = ("ddim", "dpmpp_2m", "deis_tab3", "unipc_2", "ipndm4", "genie", "genie_multistep")
_DIGITS, _CIFAR10 = PRESETS["digits"], PRESETS["cifar10"]
_BRIEF = {"ema": 0.995, "weighting": "output"}

PRESETS |= {
    "digits-up": replace(
        _DIGITS,
        title="scikit-learn's handwritten digits, from 4 x 4 to 8 x 8",
        data=lambda: _to_be_doubled(Images(_digits().pixels)),
        net=lambda: _seeded(
            lambda: UNet(
                **DIGITS_NET, sigma_data=0.5, condition=1, condition_size=4, condition_level=True
            )
        ),
        train=Settings(n_steps=1_400, batch_size=128, **_BRIEF),
        distill=Settings(
            n_steps=320, batch_size=128, levels="half_log_gamma", kept=8_192, **_BRIEF
        ),
        folder="digits_up",
        judge=replace(_DIGITS.judge, shipped="digits"),
        tables=Tables(
            nfes=(3, 5, 10), n_errors=64, n_quality=297, solvers=_RIVALS, best_grid=True,
            ode_steps=64, ode_calls=40,
        ),
        conditions=lambda: block_means(_digits(held_out=True).pixels, 2),
    ),
    "cifar10-up": replace(
        _CIFAR10,
        title="CIFAR-10, from 16 x 16 to 32 x 32",
        data=lambda: _to_be_doubled(Images(_cifar10("train").pixels, flip=True)),
        net=lambda: _seeded(
            lambda: UNet(
                **CIFAR10_NET | {"classes": 0}, condition=3, condition_size=16,
                condition_level=True,
            )
        ),
        folder="cifar10_up",
        tables=replace(_CIFAR10.tables, solvers=_RIVALS, n_seeds=1),
        conditions=lambda: block_means(from_bytes(_cifar10("test").pixels[:2_000]), 2),
    ),
}  # fmt: skip
