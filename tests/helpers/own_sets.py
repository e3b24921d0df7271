"""Small image sets on disk, made of what ships: digits and CIFAR-10's 512 images, by class."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

import genie_edu as ge


def cifar(folder: Path, n: int = 48) -> Path:
    """The first n of the 512 images as PNG files, 32 x 32, one subfolder a class."""
    pixels, labels = ge.data.cifar10_sample()
    for i in range(n):
        picture = Image.fromarray(pixels[i].permute(1, 2, 0).numpy())
        picture.save(_place(folder, int(labels[i]), i))
    return folder


def digits(folder: Path, n: int = 40) -> Path:
    """The first n digits as grey PNG files, 8 x 8, one subfolder a class."""
    pixels, labels = ge.data.digits()
    for i in range(n):
        picture = ge.images.to_bytes(pixels[i, 0]).numpy()
        Image.fromarray(picture).save(_place(folder, int(labels[i]), i))
    return folder


def _place(folder: Path, label: int, i: int) -> Path:
    path = folder / f"class{label}" / f"{i:03}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def odd(folder: Path) -> dict[str, str]:
    """One file of every odd kind, in `folder`; returns {its name: a piece of what is said}."""
    folder.mkdir(parents=True, exist_ok=True)
    half = Image.new("RGB", (50, 40), (255, 0, 0))
    half.paste((0, 0, 255), (25, 0, 50, 40))  # left red, right blue
    half.save(folder / "plain.png")
    (folder / "zero.jpg").touch()
    (folder / "text.png").write_bytes(b"this is no image")
    whole = (folder / "plain.png").read_bytes()
    (folder / "cut.png").write_bytes(whole[: len(whole) // 2])
    half.convert("CMYK").save(folder / "cmyk.jpg", quality=95)
    half.convert("L").save(folder / "grey.png")
    ramp = np.linspace(0, 65_535, 2_000).reshape(40, 50).astype(np.uint16)
    Image.fromarray(ramp).save(folder / "deep.png")
    Image.new("RGBA", (50, 40), (255, 0, 0, 0)).save(folder / "clear.png")
    exif = Image.Exif()
    exif[0x112] = 8  # the camera was held so that up is on the picture's right
    half.save(folder / "turned.jpg", exif=exif, quality=95)
    half.resize((5, 4)).save(folder / "tiny.png")
    Image.fromarray(np.zeros((40, 50), np.float32)).save(folder / "floats.tif")
    return {
        "zero.jpg": "is empty, and is left out",
        "text.png": "is no image that Pillow reads",
        "cut.png": "is cut off or damaged",
        "cmyk.jpg": "is CMYK and was brought to RGB",
        "grey.png": "is grey and was repeated to three channels",
        "deep.png": "has 16 bits a channel",
        "clear.png": "is transparent and was laid on white",
        "turned.jpg": "was turned upright",
        "tiny.png": "is tiny, 5 x 4, and was enlarged",
        "floats.tif": "holds floats, whose range is not known, and is left out",
    }
