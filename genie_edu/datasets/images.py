"""Images on their way in and out: training data with labels, bytes, and sheets to look at."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from genie_edu import _checks
from genie_edu._checks import doubtful, number
from genie_edu._names import flag, instance, whole
from genie_edu.nets.checkpoints import write_atomically
from genie_edu.schedule import per_sample


@dataclass(frozen=True)
class Images:
    """A training set: `pixels` (N, C, H, W), uint8 or float in [-1, 1], and perhaps `labels` (N,).

    uint8 is kept as it is, on whatever device, and becomes float batch by batch. `flip` mirrors
    half of a batch; `dropout` is the share of labels replaced by the null label `classes`, so that
    one network learns the classes and their union. Lists and NumPy arrays come in, too. Raises
    TypeError, ValueError where the parts don't fit, or pixels have another range, type or layout;
    warns of floats in [0, 1].
    """

    pixels: Tensor
    labels: Tensor | None = None
    classes: int = 0
    flip: bool = False
    dropout: float = 0.1

    def __post_init__(self) -> None:
        """Refuse parts that don't belong together."""
        object.__setattr__(self, "pixels", _pixels(self.pixels))
        whole("classes", self.classes, low=0)
        flag("flip", self.flip)
        number("dropout", self.dropout, 0, 1, including=True)
        if self.labels is None:
            return
        if not self.classes:
            raise ValueError("classes must say how many classes the labels are of; it is 0")
        labels = _checks.labels(self.labels, n=len(self.pixels))
        if len(labels) and int(labels.max()) >= self.classes:
            raise ValueError(f"labels must be below classes = {self.classes}")
        object.__setattr__(self, "labels", labels)

    def __len__(self) -> int:
        """How many images there are."""
        return len(self.pixels)

    def to(self, device: torch.device) -> Images:
        """The same set on another device."""
        labels = None if self.labels is None else self.labels.to(device)
        return replace(self, pixels=self.pixels.to(device), labels=labels)

    def batch(self, places: Tensor, generator: torch.Generator) -> tuple[Tensor, ...]:
        """(images (B, C, H, W) float32,) or (images, labels (B,)) at `places` (B,)."""
        places, device = places.to(self.pixels.device), generator.device
        x = from_bytes(self.pixels[places].to(device))
        if self.flip:
            mirrored = torch.rand(len(x), generator=generator, device=device) < 0.5
            x = torch.where(per_sample(mirrored, x).bool(), x.flip(3), x)
        if self.labels is None:
            return (x,)
        labels = self.labels[places].to(device, torch.long)
        dropped = torch.rand(len(x), generator=generator, device=device) < self.dropout
        return x, labels.masked_fill(dropped, self.classes)


def _pixels(pixels: Any) -> Tensor:
    """(N, C, H, W), uint8 or floats in [-1, 1]; other ranges, types and layouts are refused."""
    if not isinstance(pixels, Tensor):
        pixels = torch.from_numpy(instance("pixels", pixels, np.ndarray, "a tensor or array"))
    if pixels.dtype != torch.uint8 and not pixels.is_floating_point():
        raise TypeError(f"pixels must be uint8, or floats in [-1, 1]; got {pixels.dtype}")
    if pixels.ndim != 4 or 0 in pixels.shape:
        raise ValueError(f"pixels must be (N, C, H, W); got shape {tuple(pixels.shape)}")
    if pixels.shape[1] > 4 and pixels.shape[3] <= 4:
        raise ValueError(
            f"pixels must be (N, C, H, W), channels first; {tuple(pixels.shape)} looks like "
            "channels last: pixels.permute(0, 3, 1, 2)"
        )
    if pixels.is_floating_point():
        low, high = float(pixels.min()), float(pixels.max())
        if not (-1.01 <= low and high <= 1.01):
            raise ValueError(f"pixels must be floats in [-1, 1]; got {low:.3g} to {high:.3g}")
        if low >= 0 and high > low:
            doubtful("pixels have no value below 0: floats are taken to lie in [-1, 1], 2 x - 1")
    return pixels


def from_bytes(pixels: Tensor) -> Tensor:
    """uint8 0..255 as float32 -1..1; floats pass through as float32."""
    return pixels.float() / 127.5 - 1 if pixels.dtype == torch.uint8 else pixels.float()


def to_bytes(x: Tensor) -> Tensor:
    """Images in [-1, 1], clipped, as uint8."""
    return ((x.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)


def sheet(rows: Tensor) -> np.ndarray:
    """A mosaic of images (R, N, C, H, W), R rows of N: uint8 (R H, N W), or (R H, N W, 3)."""
    r, n, c, h, w = rows.shape
    tiles = to_bytes(rows).permute(0, 3, 1, 4, 2).reshape(r * h, n * w, c).cpu().numpy()
    return tiles[..., 0] if c == 1 else tiles


def write_png(path: str | Path, pixels: np.ndarray, scale: int = 1) -> None:
    """Write uint8 pixels (H, W) or (H, W, 3), each `scale` wide. Raises ImportError (pillow)."""
    try:
        from PIL import Image
    except ImportError as error:
        raise ImportError("pictures need Pillow: pip install pillow") from error
    content = io.BytesIO()
    large = pixels.repeat(scale, 0).repeat(scale, 1)
    Image.fromarray(large).save(content, "PNG", optimize=True)
    write_atomically(path, content.getvalue())


def read_png(path: str | Path) -> np.ndarray:
    """The pixels of `write_png` with scale 1."""
    from PIL import Image

    with Image.open(path) as image:
        return np.asarray(image)


def rows_of(pixels: np.ndarray, tile: int) -> np.ndarray:
    """`sheet` undone: uint8 (R, N, tile, tile), or (R, N, tile, tile, 3) for colours."""
    height, width = pixels.shape[:2]
    split = pixels.reshape(height // tile, tile, width // tile, tile, *pixels.shape[2:])
    return split.swapaxes(1, 2)
