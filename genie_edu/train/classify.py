"""Training the classifier by whose features samples are judged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from genie_edu._names import instance, whole
from genie_edu.datasets.images import Images, from_bytes
from genie_edu.train.batches import places
from genie_edu.train.loop import faster, run
from genie_edu.train.run_state import Record, Settings

if TYPE_CHECKING:
    from accelerate import Accelerator


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
    at_once: int | None = None,
) -> Iterator[Record]:
    """Fit `net` to the labels of `data`; stops, resumes and is made faster as `train_eps`.

    Each image is moved by up to `shift` pixels, the border repeated, and mirrored half of the time
    where data.flip says so. Raises ValueError for data without labels, or with more classes than
    the network's; TypeError.
    """
    instance("net", net, nn.Module, "a torch module")
    if instance("data", data, Images, "Images(pixels, labels, classes)").labels is None:
        raise ValueError("a classifier needs labels in data: Images(pixels, labels, classes)")
    known = (getattr(net, "config", None) or {}).get("classes")
    if known is not None and data.classes > known:
        raise ValueError(f"data has {data.classes} classes, and the network {known}")
    instance("settings", settings, Settings, "Settings")
    shift = whole("shift", shift, low=0)
    kept = {"data": replace(data, dropout=0.0, condition=None, condition_t=None)}

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
        at_once=at_once,
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
