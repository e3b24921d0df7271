"""A small classifier: its features give the Frechet distance where Inception's can't be had."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from genie_edu.run_state import Record, Settings
from genie_edu.training import places, run

if TYPE_CHECKING:
    from accelerate import Accelerator


class Classifier(nn.Module):
    """net(x) -> logits (B, classes) for images x (B, channels, size, size) in [-1, 1].

    Pairs of 3x3 convolutions, one pair a width, each but the last followed by halving; the mean
    over pixels; a layer of `features` units, which `features=True` returns beside the logits.
    """

    def __init__(
        self,
        channels: int = 1,
        widths: tuple[int, ...] = (32, 64, 128),
        features: int = 64,
        classes: int = 10,
    ) -> None:
        super().__init__()
        self.config = {
            "channels": channels,
            "widths": list(widths),
            "features": features,
            "classes": classes,
        }
        layers: list[nn.Module] = []
        for i, (before, width) in enumerate(zip((channels, *widths), widths, strict=False)):
            stride = 2 if i else 1
            layers += [_layer(before, width, stride), _layer(width, width, 1)]
        self.convolutions = nn.Sequential(*layers)
        self.hidden = nn.Linear(widths[-1], features)
        self.out = nn.Linear(features, classes)

    def forward(self, x: Tensor, features: bool = False) -> Tensor | tuple[Tensor, Tensor]:
        """Logits (B, classes); with `features` also the features (B, features)."""
        hidden = torch.relu(self.hidden(self.convolutions(x).mean(dim=(2, 3))))
        return (self.out(hidden), hidden) if features else self.out(hidden)


def train_classifier(
    net: nn.Module,
    images: Tensor,
    labels: Tensor,
    settings: Settings,
    checkpoint: str | Path | None = None,
    resume: bool = True,
    record_every: int = 100,
    shift: int = 1,
    flip: bool = False,
    accelerator: Accelerator | None = None,
) -> Iterator[Record]:
    """Fit `net` to labels (N,) of images (N, C, H, W) in [-1, 1]; stops and resumes as `train_eps`.

    Each image is moved by up to `shift` pixels, the border repeated, and with `flip` mirrored half
    of the time.
    """

    def batch(step: int, device: torch.device) -> tuple[Tensor, Tensor]:
        chosen = places(len(images), settings, step)
        generator = torch.Generator().manual_seed(settings.seed * 1_000_003 + step)
        moved = augment(images[chosen], generator, shift, flip)
        return moved.to(device), labels[chosen].to(device)

    def loss(model: nn.Module, x: Tensor, label: Tensor) -> Tensor:
        return nn.functional.cross_entropy(model(x), label, label_smoothing=0.1)

    kind: dict[str, Any] = {"loss": "classes", "shift": shift, "flip": flip}
    return run(net, loss, batch, kind, settings, checkpoint, resume, record_every, accelerator)


def augment(images: Tensor, generator: torch.Generator, shift: int, flip: bool) -> Tensor:
    """Images (B, C, H, W), each moved by up to `shift` pixels and, with `flip`, mirrored or not."""
    size, (height, width) = len(images), images.shape[2:]
    padded = nn.functional.pad(images, (shift,) * 4, mode="replicate")
    corner = torch.randint(0, 2 * shift + 1, (2, size, 1, 1), generator=generator)
    rows = (corner[0] + torch.arange(height)[:, None])[:, None]
    columns = (corner[1] + torch.arange(width)[None, :])[:, None]
    if flip:
        mirrored = torch.rand(size, 1, 1, 1, generator=generator) < 0.5
        columns = torch.where(mirrored, columns.flip(3), columns)
    which = torch.arange(size)[:, None, None, None]
    channel = torch.arange(images.shape[1])[None, :, None, None]
    return padded[which, channel, rows, columns]


def _layer(before: int, width: int, stride: int) -> nn.Sequential:
    convolution = nn.Conv2d(before, width, 3, stride, padding=1, bias=False)
    return nn.Sequential(convolution, nn.GroupNorm(8, width), nn.ReLU())
