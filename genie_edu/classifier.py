"""A small classifier: its features give the Frechet distance where Inception's can't be had."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from genie_edu.images import Images, from_bytes, to_bytes
from genie_edu.run_state import Record, Settings
from genie_edu.training import faster, places, run

if TYPE_CHECKING:
    from accelerate import Accelerator


class Classifier(nn.Module):
    """net(x) -> logits (B, classes) for images x (B, channels, size, size) in [-1, 1].

    Two 3x3 convolutions a width, the first of every width but the first one halving the side, and
    with `residual` two more, added to their input; the mean over pixels; a layer of `features`
    units, which `features=True` returns beside the logits.
    """

    def __init__(
        self,
        channels: int = 1,
        widths: tuple[int, ...] = (32, 64, 128),
        features: int = 64,
        classes: int = 10,
        residual: bool = False,
    ) -> None:
        super().__init__()
        self.config = {
            "channels": channels,
            "widths": list(widths),
            "features": features,
            "classes": classes,
            "residual": residual,
        }
        layers: list[nn.Module] = []
        for i, (before, width) in enumerate(zip((channels, *widths), widths, strict=False)):
            stride = 2 if i else 1
            layers += [_layer(before, width, stride), _layer(width, width, 1)]
            if residual:
                layers.append(Residual(_layer(width, width, 1), _layer(width, width, 1)))
        self.convolutions = nn.Sequential(*layers)
        self.hidden = nn.Linear(widths[-1], features)
        self.out = nn.Linear(features, classes)

    def forward(self, x: Tensor, features: bool = False) -> Tensor | tuple[Tensor, Tensor]:
        """Logits (B, classes); with `features` also the features (B, features)."""
        hidden = torch.relu(self.hidden(self.convolutions(x).mean(dim=(2, 3))))
        return (self.out(hidden), hidden) if features else self.out(hidden)


class Inception(nn.Module):
    """Inception's pooled 2,048 features, which the field's FID is computed on, by torch-fidelity.

    Takes what `Classifier` takes, with three channels; it has no logits to return. The weights are
    fetched on first use. Raises ImportError, naming the command, without torch-fidelity.
    """

    def __init__(self) -> None:
        super().__init__()
        try:
            from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3
        except ImportError as error:
            raise ImportError(
                "Inception needs torch-fidelity: pip install torch-fidelity"
            ) from error
        self.network = FeatureExtractorInceptionV3("inception-v3-compat", ["2048"]).eval()

    def forward(self, x: Tensor, features: bool = True) -> tuple[None, Tensor]:
        """(None, features (B, 2048)) of images x (B, 3, H, W) in [-1, 1]."""
        return None, self.network(to_bytes(x))[0]


class Residual(nn.Sequential):
    """Layers that are added to their input."""

    def forward(self, x: Tensor) -> Tensor:
        """Any shape that the layers keep."""
        return x + super().forward(x)


def train_classifier(
    net: nn.Module,
    data: Images,
    settings: Settings,
    checkpoint: str | Path | None = None,
    resume: bool = True,
    record_every: int = 100,
    shift: int = 1,
    accelerator: Accelerator | None = None,
    precision: str = "float32",
    compiled: bool = False,
) -> Iterator[Record]:
    """Fit `net` to the labels of `data`; stops, resumes and is made faster as `train_eps`.

    Each image is moved by up to `shift` pixels, the border repeated, and mirrored half of the time
    where data.flip says so. Raises ValueError for data without labels.
    """
    if data.labels is None:
        raise ValueError("a classifier needs labels: Images(pixels, labels, classes)")
    kept = {"data": replace(data, dropout=0.0)}

    def batch(step: int, device: torch.device) -> tuple[Tensor, ...]:
        kept["data"] = kept["data"].to(device)  # moves once
        generator = torch.Generator(device).manual_seed(settings.seed * 1_000_003 + step)
        x, labels = kept["data"].batch(places(len(data), settings, step), generator)
        return augment(x, generator, shift), labels

    def loss(model: nn.Module, x: Tensor, label: Tensor) -> Tensor:
        return nn.functional.cross_entropy(model(x), label, label_smoothing=0.1)

    kind: dict[str, Any] = {"loss": "classes", "shift": shift, "flip": data.flip}
    return run(
        net,
        faster(loss, precision, compiled),
        batch,
        kind,
        settings,
        checkpoint=checkpoint,
        resume=resume,
        record_every=record_every,
        accelerator=accelerator,
        scaled=precision == "float16",
    )


def augment(images: Tensor, generator: torch.Generator, shift: int) -> Tensor:
    """Images (B, C, H, W), each moved by up to `shift` pixels, the border repeated."""
    device, size, (height, width) = images.device, len(images), images.shape[2:]
    padded = nn.functional.pad(images, (shift,) * 4, mode="replicate")
    corner = torch.randint(0, 2 * shift + 1, (2, size, 1, 1, 1), generator=generator, device=device)
    rows = corner[0] + torch.arange(height, device=device)[:, None]
    columns = corner[1] + torch.arange(width, device=device)
    which = torch.arange(size, device=device)[:, None, None, None]
    channel = torch.arange(images.shape[1], device=device)[:, None, None]
    return padded[which, channel, rows, columns]


@torch.no_grad()
def accuracy(net: nn.Module, data: Images) -> float:
    """The share of `data` that `net` puts into its class."""
    device, right = next(net.parameters()).device, 0
    for pixels, labels in zip(data.pixels.split(512), data.labels.split(512), strict=True):
        found = net(from_bytes(pixels.to(device))).argmax(1)
        right += int((found == labels.to(device)).sum())
    return right / len(data)


def _layer(before: int, width: int, stride: int) -> nn.Sequential:
    convolution = nn.Conv2d(before, width, 3, stride, padding=1, bias=False)
    return nn.Sequential(convolution, nn.GroupNorm(8, width), nn.ReLU())
