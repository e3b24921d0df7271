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
from genie_edu._names import flag, instance, listed, positive_int, whole
from genie_edu.nets.checkpoints import write_atomically
from genie_edu.schedule import VPSchedule, per_sample
from genie_edu.solvers import noise


@dataclass(frozen=True)
class Images:
    """A training set: `pixels` (N, C, H, W), uint8 or float in [-1, 1], and perhaps `labels` (N,).

    uint8 is kept as it is, on whatever device, and becomes float batch by batch. `flip` mirrors
    half of a batch; `dropout` is the share of labels replaced by the null label `classes`, so that
    one network learns the classes and their union. `condition` (N, C', h, w), of the same kinds, is
    what each image is to be drawn from, its `block_means` for one; with `condition_t` = (low, high)
    it comes with noise of a level that is drawn anew each time, at a t uniform between the two
    (noise augmentation). `shrink` makes conditions of the images themselves, batch by batch: the
    means of blocks of that side. Lists and NumPy arrays come in, too. Raises TypeError, ValueError
    where the parts don't fit, or pixels have another range, type or layout; warns of floats in
    [0, 1].
    Source of the augmentation: Ho et al. 2022 (cascaded diffusion); GENIE's upsampler.
    """

    pixels: Tensor
    labels: Tensor | None = None
    classes: int = 0
    flip: bool = False
    dropout: float = 0.1
    condition: Tensor | None = None
    condition_t: tuple[float, float] | None = None
    shrink: int = 0

    def __post_init__(self) -> None:
        """Refuse parts that don't belong together."""
        object.__setattr__(self, "pixels", _pixels(self.pixels))
        whole("classes", self.classes, low=0)
        flag("flip", self.flip)
        number("dropout", self.dropout, 0, 1, including=True)
        self._check_condition()
        if self.labels is None:
            return
        if not self.classes:
            raise ValueError("classes must say how many classes the labels are of; it is 0")
        labels = _checks.labels(self.labels, n=len(self.pixels))
        if len(labels) and int(labels.max()) >= self.classes:
            raise ValueError(f"labels must be below classes = {self.classes}")
        object.__setattr__(self, "labels", labels)

    def _check_condition(self) -> None:
        if whole("shrink", self.shrink, low=0):
            if self.condition is not None:
                raise ValueError("condition was given, and shrink makes one: leave one of them out")
            _divided(self.pixels, self.shrink)
        if self.condition_shape is None:
            if self.condition_t is not None:
                raise ValueError("condition_t says how noisy a condition is, and there is none")
            return
        if self.condition is not None:
            object.__setattr__(self, "condition", _pixels(self.condition, "condition"))
            if len(self.condition) != len(self.pixels):
                raise ValueError(
                    f"{len(self.pixels)} images need as many conditions; got {len(self.condition)}"
                )
        if self.condition_t is not None:
            low, high = listed("condition_t", self.condition_t)
            number("condition_t", low, 0, 1, including=True)
            number("condition_t", high, low, 1, including=True)

    @property
    def condition_shape(self) -> tuple[int, ...] | None:
        """The shape of each image's condition (C', h, w); None if there are none."""
        if self.condition is not None:
            return tuple(self.condition.shape[1:])
        channels, *sides = self.pixels.shape[1:]
        return (channels, *(side // self.shrink for side in sides)) if self.shrink else None

    def conditions(self, places: Tensor | slice) -> Tensor | None:
        """The conditions at `places` in [-1, 1], float32, without their noise; None if none."""
        if self.shrink:
            return block_means(from_bytes(self.pixels[places]), self.shrink)
        return None if self.condition is None else from_bytes(self.condition[places])

    def __len__(self) -> int:
        """How many images there are."""
        return len(self.pixels)

    def to(self, device: torch.device) -> Images:
        """The same set on another device."""
        moved = {
            name: value.to(device)
            for name in ("pixels", "labels", "condition")
            if (value := getattr(self, name)) is not None
        }
        return replace(self, **moved)

    def batch(self, places: Tensor, generator: torch.Generator) -> tuple[Tensor | None, ...]:
        """(images (B, C, H, W) float32,) or (images, labels (B,)) at `places` (B,).

        With conditions (images, labels or None, condition (B, C', h, w)), and with `condition_t`
        also the levels gamma (B,) of the noise that the conditions have then.
        """
        places, device = places.to(self.pixels.device), generator.device
        x, labels = from_bytes(self.pixels[places].to(device)), None
        seen = self.conditions(places)
        seen = seen if seen is None else seen.to(device)
        if self.flip:
            mirrored = torch.rand(len(x), generator=generator, device=device) < 0.5
            x = torch.where(per_sample(mirrored, x).bool(), x.flip(3), x)
            if seen is not None:
                seen = torch.where(per_sample(mirrored, seen).bool(), seen.flip(3), seen)
        if self.labels is not None:
            labels = self.labels[places].to(device, torch.long)
            dropped = torch.rand(len(x), generator=generator, device=device) < self.dropout
            labels = labels.masked_fill(dropped, self.classes)
        if seen is None:
            return (x,) if labels is None else (x, labels)
        if self.condition_t is None:
            return x, labels, seen
        low, high = self.condition_t
        t = low + (high - low) * torch.rand(len(x), generator=generator, device=device).double()
        gamma = VPSchedule().gamma(t).float()
        xi = torch.randn(seen.shape, generator=generator, device=device)
        return x, labels, seen + per_sample(gamma, seen) * xi, gamma


def _pixels(pixels: Any, name: str = "pixels") -> Tensor:
    """(N, C, H, W), uint8 or floats in [-1, 1]; other ranges, types and layouts are refused."""
    if not isinstance(pixels, Tensor):
        pixels = torch.from_numpy(instance(name, pixels, np.ndarray, "a tensor or array"))
    if pixels.dtype != torch.uint8 and not pixels.is_floating_point():
        raise TypeError(f"{name} must be uint8, or floats in [-1, 1]; got {pixels.dtype}")
    if pixels.ndim != 4 or 0 in pixels.shape:
        raise ValueError(f"{name} must be (N, C, H, W); got shape {tuple(pixels.shape)}")
    if pixels.shape[1] > 4 and pixels.shape[3] <= 4:
        raise ValueError(
            f"{name} must be (N, C, H, W), channels first; {tuple(pixels.shape)} looks like "
            f"channels last: {name}.permute(0, 3, 1, 2)"
        )
    if pixels.is_floating_point():
        low, high = float(pixels.min()), float(pixels.max())
        if not (-1.01 <= low and high <= 1.01):
            raise ValueError(f"{name} must be floats in [-1, 1]; got {low:.3g} to {high:.3g}")
        if low >= 0 and high > low:
            doubtful(f"{name} have no value below 0: floats are taken to lie in [-1, 1], 2 x - 1")
    return pixels


def block_means(x: Tensor, factor: int) -> Tensor:
    """Images (B, C, H, W) in [-1, 1] at a `factor`-th of the resolution: the means of the blocks.

    Raises TypeError, ValueError where the sides don't divide.
    """
    x, factor = _checks.images("x", x), positive_int("factor", factor)
    _divided(x, factor)
    return torch.nn.functional.avg_pool2d(x, factor)


def _divided(x: Tensor, factor: int) -> None:
    if x.shape[2] % factor or x.shape[3] % factor:
        raise ValueError(f"sides {tuple(x.shape[2:])} don't divide into blocks of {factor}")


def noised(x: Tensor, gamma: float, seed: int = 0) -> Tensor:
    """x + gamma xi, xi standard normal from `seed`: a condition as an upsampler gets it."""
    x = _checks.images("x", x)
    return x + number("gamma", gamma, 0, including=True) * noise(x.shape, seed).to(x)


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
