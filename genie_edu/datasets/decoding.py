"""One image file, as bytes, to one square of pixels; what is odd about it is said in a sentence."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PIL import Image

SUFFIXES = frozenset(
    ".avif .bmp .gif .heic .heif .jfif .jpeg .jpg .jxl .pgm .png .ppm .tif .tiff .webp".split()
)  # fmt: skip
"""Names that end so are taken for images, in any case of letters, whether Pillow reads them or not:
what it can't read is said, and not passed over."""
UPRIGHT = 0x0112
"""EXIF's tag for how a camera was held; 1 is upright."""
DEEP = ("I;16", "I;16B", "I;16L", "I;16N", "I")
"""Pillow's modes for 16 bits a pixel; of colours it gives the upper eight bits by itself."""


class Unusable(ValueError):
    """A file that no image can be had from; the message says why, without the file's name."""


def decode(content: bytes, size: int) -> tuple[np.ndarray, tuple[str, ...]]:
    """(pixels (3, size, size) uint8, what was done beyond cropping and resizing) of a file's bytes.

    The largest square in the middle, resized by Pillow's antialiased bicubic filter. An image that
    the camera was turned for is turned upright, transparency is laid on white, grey repeated to
    three channels, 16 bits and CMYK brought to 8-bit RGB, a side below `size` enlarged; of several
    frames the first is taken. Raises Unusable for an empty, cut off or unknown file, one of more
    pixels than Pillow reads, and of pixels that are floats; ImportError, naming the command.
    """
    try:
        from PIL import Image, UnidentifiedImageError
    except ImportError as error:
        raise ImportError("images need Pillow: pip install pillow") from error
    if not content:
        raise Unusable("is empty")
    try:
        with Image.open(io.BytesIO(content)) as image:
            deep = image.mode in DEEP or _is_deep_png(content)
            image.load()
            image, notes = _as_colours(image, deep)
    except Unusable:
        raise
    except Image.DecompressionBombError as error:
        raise Unusable("has more pixels than Pillow reads") from error
    except UnidentifiedImageError as error:
        raise Unusable("is no image that Pillow reads") from error
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError) as error:
        raise Unusable("is cut off or damaged") from error
    side = min(image.size)
    if side < size:
        notes.append(f"is tiny, {image.size[0]} x {image.size[1]}, and was enlarged")
    left, top = ((length - side) // 2 for length in image.size)
    square = image.crop((left, top, left + side, top + side))
    square = square.resize((size, size), Image.Resampling.BICUBIC)
    return np.asarray(square).transpose(2, 0, 1), tuple(notes)


def _as_colours(image: Image.Image, deep: bool) -> tuple[Image.Image, list[str]]:
    """(the image upright in 8-bit RGB, what that took)."""
    from PIL import Image, ImageOps

    notes = []
    if image.getexif().get(UPRIGHT, 1) != 1:
        image = ImageOps.exif_transpose(image)
        notes.append("was turned upright, as its EXIF tag says")
    if deep:
        notes.append("has 16 bits a channel, of which the upper 8 were kept")
        if image.mode in DEEP:
            wide = np.asarray(image).astype(np.int64).clip(0, 65_535)
            image = Image.fromarray((wide >> 8).astype(np.uint8))
    if image.mode == "F":
        raise Unusable("holds floats, whose range is not known")
    if image.mode == "CMYK":
        notes.append("is CMYK and was brought to RGB")
    grey = image.mode in ("1", "L", "LA", "La")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        if image.getextrema()[3][0] < 255:
            notes.append("is transparent and was laid on white")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    if grey:
        notes.append("is grey and was repeated to three channels")
    return image.convert("RGB"), notes


def _is_deep_png(content: bytes) -> bool:
    """Whether a PNG's header says 16 bits a channel: in colours Pillow doesn't tell."""
    return content.startswith(b"\x89PNG\r\n\x1a\n") and content[24:25] == b"\x10"
