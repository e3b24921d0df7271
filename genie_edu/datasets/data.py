"""Small data sets, and the trained files that the book ships: found beside the code, or fetched."""

from __future__ import annotations

import hashlib
import json
import os
from importlib.resources import files
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import numpy as np
import torch
from torch import Tensor

from genie_edu._names import instance, one_of

ADDRESS = "GENIE_EDU_BOOK"
"""Environment variable: the book's published address, where `shipped` fetches from."""


class ArtefactError(RuntimeError):
    """A shipped file that is missing or not the one that was recorded."""


def digits() -> tuple[Tensor, Tensor]:
    """scikit-learn's handwritten digits: images (1797, 1, 8, 8) float32 in [-1, 1], labels (1797,).

    Pixel values 0..16 become value/8 - 1. Raises ImportError, naming the command, without
    scikit-learn. Source: Alpaydin and Kaynak 1998, the test part of their set.
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise ImportError("digits needs scikit-learn: pip install scikit-learn") from error
    found = load_digits()
    images = torch.tensor(found.images / 8 - 1, dtype=torch.float32)[:, None]
    return images, torch.tensor(found.target)


def cifar10_sample() -> tuple[Tensor, Tensor]:
    """The first 512 test images of CIFAR-10: images (512, 3, 32, 32) uint8, labels (512,) int64.

    They ship with the book, for figures and tests: too few to train on, too few for a Frechet
    distance. Raises ImportError, naming the command, without pillow, and what `shipped` raises.
    Source: Krizhevsky 2009; the classes' names are `genie_edu.datasets.cifar10.CLASSES`.
    """
    try:
        from PIL import Image
    except ImportError as error:
        raise ImportError("cifar10_sample needs pillow: pip install pillow") from error
    with Image.open(shipped("cifar10/sample.webp")) as image:
        mosaic = torch.tensor(np.asarray(image.convert("RGB")))  # 16 rows of 32 images
    images = mosaic.reshape(16, 32, 32, 32, 3).permute(0, 2, 4, 1, 3).reshape(-1, 3, 32, 32)
    card = json.loads(shipped("cifar10/sample.json").read_text())
    return images, torch.tensor([int(label) for label in card["labels"]])


def artefacts() -> dict[str, str]:
    """The sha256 of every shipped file, by its path below data/."""
    return json.loads((files("genie_edu") / "artefacts.json").read_text())


def has(name: str) -> bool:
    """Whether the book ships a file of this name (see `shipped`): a recorded run may be missing."""
    return _full(name) in artefacts()


def shipped(name: str) -> Path:
    """Where the shipped file `name` is: in the repository's data/, a data/ folder here, or a cache.

    `name` is a path below data/, such as "mixture_2d/base" (.safetensors is understood). Whatever
    its source, its sha256 must be the recorded one; a file from the book's address is verified
    before it gets its name. Raises ValueError for an unknown name, ArtefactError.
    """
    name = _full(name)
    sha256 = artefacts()[one_of("name", name, artefacts())]
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "genie_edu"
    for folder in (Path(__file__).resolve().parents[2] / "data", Path("data"), cache):
        path = folder / name
        if path.is_file():
            if hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
                raise ArtefactError(f"{path} is not the file that was recorded: its sha256 differs")
            return path
    return _fetch(name, sha256, cache / name)


def _full(name: str) -> str:
    instance("name", name, str, "a path below data/")
    return name if Path(name).suffix else f"{name}.safetensors"


def _fetch(name: str, sha256: str, path: Path) -> Path:
    from genie_edu.nets.checkpoints import write_atomically

    address = os.environ.get(ADDRESS, "").rstrip("/")
    if not address:
        raise ArtefactError(
            f"{name} is not here: put the book's data/ folder beside this notebook, or set "
            f"{ADDRESS} to the book's address"
        )
    try:
        with urlopen(f"{address}/notebooks/data/{name}", timeout=60) as answer:
            content = answer.read()
    except (URLError, TimeoutError) as error:
        raise ArtefactError(f"{name} could not be fetched: {error}") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ArtefactError(f"{address} gave another {name}: its sha256 differs")
    write_atomically(path, content)
    return path
