"""Images on their way in and out: training data with labels, bytes, and sheets to look at."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from genie_edu.nets.checkpoints import write_atomically
from genie_edu.schedule import per_sample


@dataclass(frozen=True)
class Images:
    """A training set: `pixels` (N, C, H, W), uint8 or float in [-1, 1], and perhaps `labels` (N,).

    uint8 is kept as it is, on whatever device, and becomes float batch by batch. `flip` mirrors
    half of a batch; `dropout` is the share of labels replaced by the null label `classes`, so that
    one network learns the classes and their union. Raises ValueError where the parts don't fit.
    """

    pixels: Tensor
    labels: Tensor | None = None
    classes: int = 0
    flip: bool = False
    dropout: float = 0.1

    def __post_init__(self) -> None:
        """Refuse parts that don't belong together."""
        if self.pixels.ndim != 4:
            raise ValueError(f"pixels must be (N, C, H, W); got shape {tuple(self.pixels.shape)}")
        if self.labels is None:
            return
        if self.labels.shape != self.pixels.shape[:1]:
            raise ValueError(
                f"{len(self.pixels)} images need as many labels; got {self.labels.shape}"
            )
        if int(self.labels.max()) >= self.classes:
            raise ValueError(f"labels must be below classes = {self.classes}")

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
