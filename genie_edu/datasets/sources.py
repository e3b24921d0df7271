"""Where images of one's own come from: a folder, archives, shards of a table, a name on the hub.

Each source is a list of entries in a fixed order, whose bytes are read one by one.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from genie_edu.datasets.decoding import SUFFIXES

SHARDS = (".zip", ".tar", ".parquet")
"""Files that hold many images: archives, webdataset's tar shards, tables."""
HUB = re.compile(r"[\w.-]+(/[\w.-]+)?(:[\w.-]+)?")
"""What a name on the hub looks like: owner/name, and after a colon one of its configurations."""


class Entry(NamedTuple):
    """One image before it is read: its name in messages, its class, and what returns its bytes."""

    name: str
    label: str | None
    read: Callable[[], bytes]


class SourceError(ValueError):
    """A source that can't be read: there is nothing, or nothing of the right kind."""


@dataclass(frozen=True)
class Source:
    """Images to be read: how many entries at most, what they are, and what tells when they change.

    `fingerprint` is a sha256 of names, sizes and dates of the files, not of what is in them.
    """

    place: str
    count: int
    fingerprint: str
    entries: Callable[[], Iterator[Entry]]


def find(data: str | Path) -> Source:
    """The images at `data`, unread: a folder, a .zip, .tar or .parquet file, or a name on the hub.

    A folder holds images, in subfolders or not, or shards of one kind, which are read in the order
    of their names. An image's class is the name of the folder that it lies in, in webdataset's
    shards its .cls, in tables their column "label". Raises SourceError, and ImportError naming the
    command where pyarrow or datasets is missing.
    """
    path = Path(data).expanduser()
    if path.is_dir():
        return _folder(path)
    if path.is_file():
        if path.suffix.lower() not in SHARDS:
            raise SourceError(f"{path} is no folder and no {', '.join(SHARDS)} file")
        return _shards([path], str(path))
    name = str(data)
    if not HUB.fullmatch(name) or name.endswith(SHARDS) or name.startswith("."):
        raise SourceError(f"there is nothing at {name}")
    return _hub(name)


def _folder(path: Path) -> Source:
    files = sorted(p for p in path.rglob("*") if p.is_file() and not _is_hidden(p, path))
    shards = [p for p in files if p.suffix.lower() in SHARDS]
    images = [p for p in files if p.suffix.lower() in SUFFIXES]
    if shards and not images:
        return _shards(shards, str(path))
    if not images:
        raise SourceError(f"{path} holds no images ({' '.join(sorted(SUFFIXES))}) and no shards")

    def entries() -> Iterator[Entry]:
        for file in images:
            label = None if file.parent == path else file.parent.name
            yield Entry(str(file), label, file.read_bytes)

    return Source(str(path), len(images), _fingerprint(images), entries)


def _is_hidden(path: Path, root: Path) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in path.relative_to(root).parts)


def _fingerprint(files: Iterable[Path]) -> str:
    stats = [(str(file), (s := file.stat()).st_size, s.st_mtime_ns) for file in files]
    return hashlib.sha256(json.dumps(stats).encode()).hexdigest()


def _shards(paths: list[Path], place: str) -> Source:
    kinds = {path.suffix.lower() for path in paths}
    if len(kinds) > 1:
        raise SourceError(f"{place} holds shards of several kinds, {', '.join(sorted(kinds))}")
    kind = {".zip": _zip, ".tar": _tar, ".parquet": _parquet}[kinds.pop()]
    try:
        read = [kind(path) for path in paths]
    except (zipfile.BadZipFile, tarfile.TarError, EOFError) as error:
        raise SourceError(f"{place} is no whole archive ({error})") from error
    count = sum(n for n, _ in read)
    if not count:
        raise SourceError(f"{place} holds no images")

    def entries() -> Iterator[Entry]:
        for _, part in read:
            yield from part()

    return Source(place, count, _fingerprint(paths), entries)


Part = tuple[int, Callable[[], Iterator[Entry]]]
"""How many entries a shard has, and what goes through them."""


def _is_image(name: str) -> bool:
    parts = Path(name).parts
    hidden = any(part.startswith((".", "__MACOSX")) for part in parts)
    return Path(name).suffix.lower() in SUFFIXES and not hidden


def _class_of(name: str) -> str | None:
    return Path(name).parent.name or None


def _zip(path: Path) -> Part:
    with zipfile.ZipFile(path) as archive:
        names = sorted(name for name in archive.namelist() if _is_image(name))

    def entries() -> Iterator[Entry]:
        with zipfile.ZipFile(path) as archive:
            for name in names:
                yield Entry(f"{path}/{name}", _class_of(name), _known(_unzipped(archive, name)))

    return len(names), entries


def _unzipped(archive: zipfile.ZipFile, name: str) -> bytes:
    """A member's bytes; none where it is damaged, which is then said of the image."""
    try:
        return archive.read(name)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError):
        return b"damaged in its archive"


def _known(content: bytes) -> Callable[[], bytes]:
    return lambda: content


def _tar(path: Path) -> Part:
    """webdataset's form: members of one sample share their name up to its first dot."""
    with tarfile.open(path, "r:") as archive:
        members = [m for m in archive if m.isfile()]
        said = {
            _sample(m.name): archive.extractfile(m).read().decode("utf-8", "replace").strip()
            for m in members
            if m.name.endswith(".cls")
        }
    images = [m for m in members if _is_image(m.name)]

    def entries() -> Iterator[Entry]:
        with tarfile.open(path, "r:") as archive:
            for member in images:
                label = said.get(_sample(member.name)) or _class_of(member.name)
                content = archive.extractfile(member).read()
                yield Entry(f"{path}/{member.name}", label, _known(content))

    return len(images), entries


def _sample(name: str) -> str:
    head, _, last = name.rpartition("/")
    return f"{head}/{last.split('.')[0]}"


def _needed(name: str, what: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        package = name.split(".")[0]
        raise ImportError(f"{what} needs {package}: pip install {package}") from error


def _parquet(path: Path) -> Part:
    """A table with a column of images, as the hub's tables have it, and perhaps one of labels."""
    parquet = _needed("pyarrow.parquet", f"{path.name}, a parquet table,")
    try:
        table = parquet.ParquetFile(path)
    except (ValueError, OSError) as error:  # pyarrow's own are of these
        raise SourceError(f"{path} is no whole parquet table") from error
    names = list(table.schema_arrow.names)
    picture = next((name for name in ("image", "img", "jpg", "png") if name in names), None)
    if picture is None:
        raise SourceError(f"{path} has no column image: it has {', '.join(names)}")
    written = (table.schema_arrow.metadata or {}).get(b"huggingface", b"{}")
    features = json.loads(written).get("info", {}).get("features", {})
    classes = features.get("label", {}).get("names")
    columns = [picture, *(["label"] if "label" in names else [])]

    def entries() -> Iterator[Entry]:
        first = 0
        for batch in table.iter_batches(batch_size=256, columns=columns):
            for i, row in enumerate(batch.to_pylist(), first):
                label = _labelled(row.get("label"), classes)
                yield Entry(f"row {i} of {path}", label, _known(_bytes_of(row[picture])))
            first += batch.num_rows

    return table.metadata.num_rows, entries


def _labelled(label: Any, classes: list[str] | None) -> str | None:
    """A label's name: that of its number where the table has names; -1 is none."""
    if label is None or label == -1:
        return None
    known = classes is not None and isinstance(label, int) and 0 <= label < len(classes)
    return classes[label] if known else str(label)


def _bytes_of(cell: Any) -> bytes:
    """What a cell of images holds: bytes, or {"bytes": ...}."""
    return (cell.get("bytes") if isinstance(cell, dict) else cell) or b""


def _hub(name: str) -> Source:
    """The split "train" of a data set on the Hugging Face hub, whose library keeps it here."""
    sets = _needed(
        "datasets", f"there is no file or folder {name}, and as a name on the Hugging Face hub it"
    )
    repository, _, configuration = name.partition(":")
    try:
        rows = sets.load_dataset(repository, configuration or None, split="train")
    except Exception as error:  # the library's own, and those of its network
        said = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise SourceError(f"{name} is no file here, and the hub doesn't give it: {said}") from error
    kinds = {key: type(feature).__name__ for key, feature in rows.features.items()}
    picture = next((key for key, kind in kinds.items() if kind == "Image"), None)
    if picture is None:
        raise SourceError(f"{name} has no column of images: it has {', '.join(kinds)}")
    label = next((key for key, kind in kinds.items() if kind == "ClassLabel"), None)
    classes = rows.features[label].names if label else None
    rows = rows.cast_column(picture, sets.Image(decode=False))
    rows = rows.select_columns([picture, *([label] if label else [])])

    def entries() -> Iterator[Entry]:
        for i, row in enumerate(rows):
            content, path = _bytes_of(row[picture]), row[picture].get("path")
            read = _known(content) if content or not path else Path(path).read_bytes
            yield Entry(f"row {i} of {name}", _labelled(row.get(label), classes), read)

    return Source(name, len(rows), str(rows._fingerprint), entries)
