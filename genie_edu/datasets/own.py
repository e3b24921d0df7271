"""Images of one's own as a training set: decoded once into a verified cache, read from its map."""

from __future__ import annotations

import functools
import hashlib
import io
import json
import os
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from genie_edu._names import flag, whole
from genie_edu.datasets.decoding import Unusable, decode
from genie_edu.datasets.images import Images
from genie_edu.datasets.sources import Entry, Source, find
from genie_edu.nets.checkpoints import first_process, write_atomically

FORM = 1
"""Of the cache; another one's files are made anew."""
HEADER = 128
"""Bytes before the pixels in the .npy file: its header is written when their number is known."""
SAID = 5
"""Sentences of one kind that are printed; the manifest has all."""
LEFT_OUT = ", and is left out"
ON_DEVICE = 2 << 30
"""Bytes of pixels that are moved to a GPU at most: of more, each batch is."""
WAITED = 1.0
"""Seconds between two looks of a process that waits for another to have decoded."""


class Own(NamedTuple):
    """Decoded images: pixels (N, 3, S, S) uint8 and labels (N,) int64 as maps of the cache's files.

    The order is shuffled, the same one for the same source. `names` are the classes', sorted; a
    label of -1 is none. `manifest` says what was made of which source.
    """

    pixels: Tensor
    labels: Tensor
    names: tuple[str, ...]
    manifest: dict[str, Any]


class CacheError(RuntimeError):
    """A cache whose files are not those that were written."""


@dataclass(frozen=True)
class MappedImages(Images):
    """Images whose pixels are a map of a file: they move to a GPU only where they are few."""

    def to(self, device: torch.device) -> Images:
        """The same set on another device; one of more than ON_DEVICE bytes stays where it is."""
        return self if self.pixels.nbytes > ON_DEVICE else super().to(device)


def load(data: str | Path, size: int, strict: bool = False) -> Own:
    """The images at `data` (see `sources.find`) as squares of `size`, from the cache or into it.

    A cache of the same source is verified by its sha256 and taken; one of a source that has
    changed since is made anew. What is odd about an image is said in a sentence with its name;
    what can't be used is left out. With `strict` the first of these raises ValueError in place of
    a sentence. Of several processes the first one decodes. Raises SourceError, ImportError;
    CacheError for a damaged cache; ValueError where no image can be used.
    """
    size, strict = whole("size", size, 8), flag("strict", strict)
    source = find(data)
    return _loaded(source.place, source.fingerprint, size, strict)


def folder_of(place: str, size: int) -> Path:
    """Where the cache of a source is: below $XDG_CACHE_HOME/genie_edu/images, or ~/.cache."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    where = str(Path(place).resolve()) if Path(place).exists() else place
    key = hashlib.sha256(json.dumps([where, size]).encode()).hexdigest()[:16]
    return Path(base) / "genie_edu" / "images" / f"{Path(place).stem}-{size}-{key}"


@functools.lru_cache(maxsize=2)
def _loaded(place: str, fingerprint: str, size: int, strict: bool) -> Own:
    folder = folder_of(place, size)
    while not (manifest := _manifest(folder, fingerprint, size)):
        if not first_process():
            time.sleep(WAITED)
            continue
        _build(find(place), size, folder, strict)
    if strict and manifest["notes"]:
        raise ValueError(_stopped(*manifest["notes"][0]))
    return _opened(folder, manifest)


def _manifest(folder: Path, fingerprint: str, size: int) -> dict[str, Any] | None:
    """What a cache says of itself; None where there is none, or one of another source or form."""
    path = folder / "manifest.json"
    if not path.is_file():
        return None
    try:
        found = json.loads(path.read_text())
        said = found.pop("sha256")
    except (ValueError, KeyError, AttributeError) as error:
        raise CacheError(_damaged(path)) from error
    if _sha256_of(found) != said:
        raise CacheError(_damaged(path))
    current = {"form": FORM, "fingerprint": fingerprint, "size": size}
    return found if found.items() >= current.items() else None


def _damaged(path: Path) -> str:
    return f"{path} is not what was written: remove {path.parent}, and it is made anew"


def _sha256_of(manifest: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()


def _opened(folder: Path, manifest: dict[str, Any]) -> Own:
    """The maps of a cache's files, after a look at every byte."""
    maps = {}
    for name, said in manifest["files"].items():
        path = folder / name
        try:
            maps[name] = np.load(path, mmap_mode="c", allow_pickle=False)  # never written back
        except (OSError, ValueError, EOFError) as error:
            raise CacheError(_damaged(path)) from error
        there = {"shape": list(maps[name].shape), "dtype": str(maps[name].dtype)}
        if there != {key: said[key] for key in there} or _hash(maps[name]) != said["sha256"]:
            raise CacheError(_damaged(path))
    pixels, labels = (torch.from_numpy(maps[name]) for name in ("pixels.npy", "labels.npy"))
    return Own(pixels, labels, tuple(manifest["classes"]), manifest)


def _hash(array: np.ndarray, at_once: int = 64 << 20) -> str:
    """The sha256 of an array's bytes, row-major; a bar where it takes a while."""
    from tqdm import tqdm

    found, rows = hashlib.sha256(), max(1, at_once // max(1, array[:1].nbytes))
    parts = range(0, len(array), rows)
    for i in tqdm(parts, desc="verifying", unit="part", delay=5, leave=False):
        found.update(np.ascontiguousarray(array[i : i + rows]))
    return found.hexdigest()


def _build(source: Source, size: int, folder: Path, strict: bool) -> None:
    """Decode a source into `folder`: its name is given when all of it is written."""
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    said, numbers, used = _Notes(strict), {}, 0
    row = 3 * size * size
    places = np.random.default_rng(0).permutation(source.count)
    labels = np.full(source.count, -1, dtype=np.int64)
    with (partial / "pixels.npy").open("w+b") as file:
        file.truncate(HEADER + row * source.count)
        free = []
        for i, (entry, pixels) in enumerate(_decoded(source, size, said)):
            if pixels is None:
                free.append(places[i])
                continue
            file.seek(HEADER + row * int(places[i]))
            file.write(pixels.tobytes())
            used += 1
            if entry.label is not None:
                labels[places[i]] = numbers.setdefault(entry.label, len(numbers))
        if not used:
            raise ValueError(f"{source.place}: none of its {source.count} files is a usable image")
        _close_up(file, labels, free, used, row)
        file.truncate(HEADER + row * used)
        file.seek(0)
        file.write(_header((used, 3, size, size)))
        file.flush()
        os.fsync(file.fileno())
    said.tell_the_rest()
    names, content = sorted(numbers), io.BytesIO()
    to = np.array([*map(names.index, numbers), -1])  # -1, which is none, stays
    np.save(content, to[labels[:used]])
    write_atomically(partial / "labels.npy", content.getvalue())
    manifest: dict[str, Any] = {
        "form": FORM,
        "source": source.place,
        "fingerprint": source.fingerprint,
        "size": size,
        "classes": names,
        "left_out": source.count - used,
        "notes": said.all,
        "files": {},
    }
    for name in ("pixels.npy", "labels.npy"):
        array = np.load(partial / name, mmap_mode="r")
        form = {"shape": list(array.shape), "dtype": str(array.dtype)}
        manifest["files"][name] = form | {"sha256": _hash(array)}
    text = json.dumps(manifest | {"sha256": _sha256_of(manifest)}, indent=1)
    write_atomically(partial / "manifest.json", (text + "\n").encode())
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)
    print(f"{folder}: {used:,} images of {source.place}, {size} x {size}", flush=True)


def _header(shape: tuple[int, ...]) -> bytes:
    """The head of a .npy file of bytes of this shape, HEADER bytes long."""
    content = io.BytesIO()
    said = {"descr": "|u1", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(content, said)
    if len(content.getvalue()) != HEADER:
        raise RuntimeError("NumPy pads the headers of its files otherwise than is known here")
    return content.getvalue()


def _close_up(file: io.BufferedRandom, labels: np.ndarray, free: list, used: int, row: int) -> None:
    """Move the last images into the places that unusable ones have left."""
    holes = sorted(int(place) for place in free)
    last = sorted({*range(used, used + len(holes))} - {*holes})
    for hole, place in zip(holes, last, strict=False):  # those beyond `used` stay empty
        file.seek(HEADER + row * place)
        content = file.read(row)
        file.seek(HEADER + row * hole)
        file.write(content)
        labels[hole] = labels[place]


def _stopped(name: str, why: str) -> str:
    odd = why.removesuffix(LEFT_OUT).split(" and was ")[0]
    return f"{name} {odd}: --strict stops there; mend it, or leave --strict out"


class _Notes:
    """What is odd about images: said at once, but of one kind only so often."""

    def __init__(self, strict: bool) -> None:
        self.strict, self.all = strict, []
        self.kinds: Counter[str] = Counter()

    def add(self, name: str, why: str) -> None:
        """Note it; raises ValueError where nothing odd is to be let through."""
        if self.strict:
            raise ValueError(_stopped(name, why))
        self.all.append([name, why])
        kind = why.split(",")[0]
        self.kinds[kind] += 1
        if self.kinds[kind] <= SAID:
            print(f"{name} {why}", flush=True)

    def tell_the_rest(self) -> None:
        """Sum up what was not said."""
        for kind, n in self.kinds.items():
            if n > SAID:
                print(f"... and of {n - SAID:,} more: {kind}", flush=True)


def _decoded(source: Source, size: int, said: _Notes) -> Iterator[tuple[Entry, np.ndarray | None]]:
    """Every entry with its pixels (3, S, S), or None where it has none, in the source's order."""
    from tqdm import tqdm

    def tried(entry: Entry) -> tuple[np.ndarray | None, tuple[str, ...]]:
        try:
            return decode(entry.read(), size)
        except Unusable as error:
            return None, (f"{error}{LEFT_OUT}",)
        except OSError as error:
            return None, (f"can't be read ({error.strerror}){LEFT_OUT}",)

    workers = min(16, os.cpu_count() or 1)
    entries = source.entries()
    with (
        ThreadPoolExecutor(workers) as pool,
        tqdm(total=source.count, desc="decoding", unit="image", delay=2, leave=False) as bar,
    ):
        while some := list(islice(entries, 16 * workers)):
            for entry, (pixels, notes) in zip(some, pool.map(tried, some), strict=True):
                for why in notes:
                    said.add(entry.name, why)
                bar.update()
                yield entry, pixels


def images(
    own: Own,
    part: slice = slice(None),
    classes: bool = False,
    flip: bool = False,
    shrink: int = 0,
) -> Images:
    """Part of decoded images as a training set, with its labels or without.

    With `shrink` each is to be drawn from the means of its blocks of that side, noised as in
    GENIE's training of its upsampler.

    Raises ValueError where labels are asked for and an image has none, or all have the same.
    """
    given: dict[str, Any] = {"flip": flip}
    if shrink:
        given |= {"shrink": shrink, "condition_t": (1e-3, 1.0)}
    if not classes:
        return MappedImages(own.pixels[part], **given)
    place = own.manifest["source"]
    if bool((own.labels < 0).any()):
        raise ValueError(
            f"--classes takes an image's class from the folder it lies in, and {place} has images "
            "without one: put each class into a subfolder"
        )
    if len(own.names) < 2:
        raise ValueError(f"--classes needs two classes at least; {place} has {own.names[0]} alone")
    given |= {"labels": own.labels[part], "classes": len(own.names)}
    return MappedImages(own.pixels[part], **given)
