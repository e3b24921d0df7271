"""Images of one's own: every source and every odd file, the cache whole, changed and damaged."""

from __future__ import annotations

import io
import json
import shutil
import sys
import tarfile
import types
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from own_sets import cifar, odd
from PIL import Image

from genie_edu.datasets import own
from genie_edu.datasets.decoding import Unusable, decode
from genie_edu.datasets.sources import SourceError, find


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """A cache of this test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    own._loaded.cache_clear()
    yield tmp_path / "cache"
    own._loaded.cache_clear()


def content(picture: Image.Image, form: str = "PNG", **options) -> bytes:
    """A picture as a file's bytes."""
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def folder_of(data: Path, size: int = 32) -> Path:
    """Where the cache of a set is."""
    return own.folder_of(str(data), size)


def by_label(found: own.Own) -> dict[str, set[bytes]]:
    """The pixels of every class: what a source holds, in whatever order."""
    sets: dict[str, set[bytes]] = {}
    for image, label in zip(found.pixels, found.labels.tolist(), strict=True):
        name = found.names[label] if label >= 0 else ""
        sets.setdefault(name, set()).add(image.numpy().tobytes())
    return sets


# --- one file -------------------------------------------------------------------------------------


def test_an_image_of_the_right_size_is_kept_to_the_bit():
    pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    found, notes = decode(content(Image.fromarray(pixels)), 32)
    assert (found == pixels.transpose(2, 0, 1)).all() and notes == ()
    assert found.dtype == np.uint8


def test_the_middle_square_is_taken_and_resized_as_pillow_does():
    pixels = np.random.default_rng(0).integers(0, 256, (60, 100, 3), dtype=np.uint8)
    found, _ = decode(content(Image.fromarray(pixels)), 16)
    middle = Image.fromarray(pixels[:, 20:80]).resize((16, 16), Image.Resampling.BICUBIC)
    assert (found == np.asarray(middle).transpose(2, 0, 1)).all()


def test_odd_files_become_what_they_show(tmp_path):
    odd(tmp_path)

    def read(name: str) -> np.ndarray:
        return decode((tmp_path / name).read_bytes(), 8)[0].astype(int)

    left, right = (255, 0, 0), (0, 0, 255)
    assert read("plain.png")[:, 4, 0].tolist() == [*left]
    assert np.abs(read("cmyk.jpg")[:, 4, 7] - right).max() < 12
    assert (read("grey.png")[:, 4, 0] == 76).all(), "the luma of red"
    deep = read("deep.png")
    assert deep[0, 0, 4] < 25 and deep[0, 7, 4] > 230 and (deep[0] == deep[2]).all()
    assert (read("clear.png") == 255).all()
    turned = read("turned.jpg")  # a quarter to the left: what was right is on top
    assert np.abs(turned[:, 0, 4] - right).max() < 12 and np.abs(turned[:, 7, 4] - left).max() < 12
    assert read("tiny.png").shape == (3, 8, 8)


def test_sixteen_bits_of_colour_are_seen_in_the_header():
    plain = content(Image.new("RGB", (8, 8)))
    assert decode(plain, 8)[1] == ()
    assert plain[24] == 8
    grey = content(Image.fromarray(np.full((8, 8), 0x1234, np.uint16)))
    found, notes = decode(grey, 8)
    assert (found == 0x12).all() and any("16 bits" in note for note in notes)


def test_too_many_pixels_are_refused_in_words(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    with pytest.raises(Unusable, match="more pixels than Pillow reads"):
        decode(content(Image.new("RGB", (8, 8))), 8)


# --- a set ----------------------------------------------------------------------------------------


def test_every_odd_file_is_said_by_name_and_the_rest_is_used(tmp_path, capsys):
    said = odd(tmp_path / "set")
    found = own.load(tmp_path / "set", 32)
    printed = capsys.readouterr().out
    for name, piece in said.items():
        assert f"{tmp_path / 'set' / name} {piece}" in printed
    left_out = sum("left out" in why for _, why in found.manifest["notes"])
    assert left_out == found.manifest["left_out"] == 4
    assert found.pixels.shape == (7, 3, 32, 32) and found.pixels.dtype == torch.uint8
    assert "plain.png" not in printed


@pytest.mark.parametrize("name", ["zero.jpg", "cut.png", "grey.png", "turned.jpg", "tiny.png"])
def test_strict_stops_at_an_odd_file_now_and_from_the_cache(tmp_path, name):
    odd(tmp_path / "all")
    (tmp_path / "set").mkdir()
    for file in (name, "plain.png"):
        shutil.copy(tmp_path / "all" / file, tmp_path / "set")
    with pytest.raises(ValueError, match=rf"{name} .*: --strict stops there"):
        own.load(tmp_path / "set", 32, strict=True)
    own.load(tmp_path / "set", 32)
    with pytest.raises(ValueError, match=rf"{name} .*: --strict stops there"):
        own.load(tmp_path / "set", 32, strict=True)


def test_a_set_without_a_usable_image_is_refused(tmp_path):
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "a.png").touch()
    with pytest.raises(ValueError, match="none of its 1 files is a usable image"):
        own.load(tmp_path / "set", 32)


def test_photographs_that_pillow_cannot_read_are_said_too(tmp_path, capsys):
    cifar(tmp_path / "set", 3)
    (tmp_path / "set" / "phone.HEIC").write_bytes(b"ftypheic" * 9)
    (tmp_path / "set" / "notes.txt").write_text("no image, and no word of it")
    found = own.load(tmp_path / "set", 32)
    said = capsys.readouterr().out
    assert len(found.pixels) == 3 and "notes.txt" not in said
    assert "phone.HEIC is no image that Pillow reads, and is left out" in said


def test_of_many_alike_the_first_are_said_and_the_rest_summed_up(tmp_path, capsys):
    (tmp_path / "set").mkdir()
    for i in range(9):
        Image.new("L", (40, 40), i).save(tmp_path / "set" / f"{i}.png")
    found = own.load(tmp_path / "set", 32)
    said = capsys.readouterr().out
    assert said.count("is grey and was repeated to three channels\n") == own.SAID + 1
    assert "... and of 4 more: is grey" in said
    assert len(found.manifest["notes"]) == 9


def test_images_are_shuffled_with_their_labels_and_unusable_ones_leave_no_hole(tmp_path):
    for i in range(30):
        place = tmp_path / "set" / ("dark" if i < 15 else "light")
        place.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (32, 32), (8 * i,) * 3).save(place / f"{i:02}.png")
        if i % 4 == 0:
            (place / f"{i:02}x.png").touch()
    found = own.load(tmp_path / "set", 32)
    shades = found.pixels[:, 0, 0, 0].long() // 8
    assert sorted(shades.tolist()) == list(range(30)) and shades.tolist() != list(range(30))
    assert torch.equal(found.labels, (shades >= 15).long()) and found.names == ("dark", "light")
    assert 3 < int((shades[:15] < 15).sum()) < 12, "a part of the set has both classes"


# --- sources --------------------------------------------------------------------------------------


def zipped(data: Path, out: Path) -> Path:
    """A folder as a .zip, in a folder of its own and with what macOS adds."""
    with zipfile.ZipFile(out, "w") as archive:
        for path in sorted(data.rglob("*.png")):
            archive.write(path, f"whole/{path.relative_to(data)}")
            archive.writestr(f"__MACOSX/whole/{path.relative_to(data)}", b"junk")
    return out


def sharded(data: Path, out: Path) -> Path:
    """A folder as two webdataset shards."""
    out.mkdir()
    paths = sorted(data.rglob("*.png"))
    for n in range(2):
        with tarfile.open(out / f"{n:05}.tar", "w") as archive:
            for path in paths[n::2]:
                for name, said in (
                    (f"{path.stem}.png", path.read_bytes()),
                    (f"{path.stem}.cls", path.parent.name.encode()),
                ):
                    member = tarfile.TarInfo(name)
                    member.size = len(said)
                    archive.addfile(member, io.BytesIO(said))
    return out


def rows_of(data: Path) -> list[dict]:
    """A folder as the rows of a table on the hub: bytes, and the class by its number."""
    names = sorted(path.name for path in data.iterdir())
    return [
        {
            "image": {"bytes": path.read_bytes(), "path": None},
            "label": names.index(path.parent.name),
        }
        for path in sorted(data.rglob("*.png"))
    ]


def tabled(data: Path, out: Path, monkeypatch) -> Path:
    """A folder as a parquet table: by pyarrow, or where that is missing by what stands in."""
    names = sorted(path.name for path in data.iterdir())
    features = {"info": {"features": {"label": {"names": names, "_type": "ClassLabel"}}}}
    metadata = {b"huggingface": json.dumps(features).encode()}
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        out.write_bytes(b"a table")
        rows = rows_of(data)

        class Table:
            """What is used of pyarrow.parquet.ParquetFile."""

            def __init__(self, path):
                self.schema_arrow = types.SimpleNamespace(
                    names=["image", "label"], metadata=metadata
                )
                self.metadata = types.SimpleNamespace(num_rows=len(rows))

            def iter_batches(self, batch_size, columns):
                assert columns == ["image", "label"]
                for i in range(0, len(rows), 5):
                    some = rows[i : i + 5]
                    yield types.SimpleNamespace(num_rows=len(some), to_pylist=lambda s=some: s)

        module = types.ModuleType("pyarrow.parquet")
        module.ParquetFile = Table
        monkeypatch.setitem(sys.modules, "pyarrow", types.ModuleType("pyarrow"))
        monkeypatch.setitem(sys.modules, "pyarrow.parquet", module)
        return out
    table = pa.Table.from_pylist(rows_of(data)).replace_schema_metadata(metadata)
    pq.write_table(table, out)
    return out


def on_the_hub(data: Path, monkeypatch) -> str:
    """A folder under a name on the hub, given by what stands in for its library."""
    names = sorted(path.name for path in data.iterdir())

    class Image:
        """The hub's kind of column."""

        def __init__(self, decode=True):
            self.decode = decode

    class ClassLabel:
        """The hub's kind of column."""

        def __init__(self):
            self.names = names

    class Rows(list):
        """What is used of datasets.Dataset."""

        _fingerprint = "7"
        features = {"picture": Image(), "kind": ClassLabel(), "more": 1}

        def cast_column(self, name, kind):
            assert name == "picture" and not kind.decode
            return self

        def select_columns(self, columns):
            assert columns == ["picture", "kind"]
            return self

    def load_dataset(name, configuration, split):
        if name == "somebody/nothing":
            raise RuntimeError("Dataset 'somebody/nothing' doesn't exist on the Hub\nmore")
        assert (name, configuration, split) == ("somebody/pictures", "small", "train")
        return Rows({"picture": r["image"], "kind": r["label"]} for r in rows_of(data))

    module = types.ModuleType("datasets")
    module.load_dataset, module.Image = load_dataset, Image
    monkeypatch.setitem(sys.modules, "datasets", module)
    return "somebody/pictures:small"


@pytest.mark.parametrize("source", ["zip", "tar", "parquet", "hub"])
def test_every_source_gives_the_same_images_and_classes(tmp_path, monkeypatch, source):
    data = cifar(tmp_path / "folder", 20)
    expected = by_label(own.load(data, 32))
    if source == "zip":
        place = zipped(data, tmp_path / "set.zip")
    elif source == "tar":
        place = sharded(data, tmp_path / "shards")
    elif source == "parquet":
        place = tabled(data, tmp_path / "set.parquet", monkeypatch)
    else:
        place = on_the_hub(data, monkeypatch)
    found = own.load(place, 32)
    assert by_label(found) == expected and sum(map(len, expected.values())) == 20


def test_sources_that_are_none_are_named_in_one_sentence(tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    (tmp_path / "mixed").mkdir()
    (tmp_path / "a.txt").touch()
    for name in ("b.zip", "c.tar"):
        (tmp_path / name).write_bytes(b"x" * 2_000)
        shutil.copy(tmp_path / name, tmp_path / "mixed")
    for place, said in {
        "./not/there": "there is nothing at",
        str(tmp_path / "gone.zip"): "there is nothing at",
        tmp_path / "empty": "holds no images",
        tmp_path / "a.txt": "is no folder and no .zip",
        tmp_path / "b.zip": "is no whole archive",
        tmp_path / "c.tar": "is no whole archive",
        tmp_path / "mixed": "shards of several kinds",
    }.items():
        with pytest.raises(SourceError, match=said) as raised:
            find(place)
        assert "\n" not in str(raised.value)
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(ImportError, match="needs datasets: pip install datasets"):
        find("somebody/pictures")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    (tmp_path / "t.parquet").touch()
    with pytest.raises(ImportError, match="t.parquet, a parquet table, needs pyarrow: pip install"):
        find(tmp_path / "t.parquet")
    on_the_hub(cifar(tmp_path / "few", 3), monkeypatch)
    with pytest.raises(SourceError, match="the hub doesn't give it: Dataset '[^\n]*Hub$"):
        find("somebody/nothing")


# --- the cache ------------------------------------------------------------------------------------


def test_the_cache_is_taken_until_the_source_changes(tmp_path, monkeypatch):
    data = cifar(tmp_path / "set", 12)
    first = own.load(data, 32)
    written = {p: p.stat().st_mtime_ns for p in folder_of(data).iterdir()}
    own._loaded.cache_clear()
    again = own.load(data, 32)
    assert torch.equal(first.pixels, again.pixels) and torch.equal(first.labels, again.labels)
    assert written == {p: p.stat().st_mtime_ns for p in folder_of(data).iterdir()}
    Image.new("RGB", (32, 32), "red").save(data / "class1" / "new.png")
    assert len(own.load(data, 32).pixels) == 13
    assert len(own.load(data, 64).pixels) == 13 and folder_of(data) != folder_of(data, 64)
    assert not list(folder_of(data).parent.glob("*.partial"))


@pytest.mark.parametrize("part", ["pixels.npy", "labels.npy", "manifest.json"])
@pytest.mark.parametrize("how", ["changed", "cut", "gone"])
def test_a_damaged_cache_is_refused(tmp_path, part, how):
    data = cifar(tmp_path / "set", 8)
    own.load(data, 32)
    own._loaded.cache_clear()
    path = folder_of(data) / part
    whole = path.read_bytes()
    if how == "gone":
        path.unlink()
    else:
        changed = whole.replace(b'"size": 32', b'"size": 33') if part == "manifest.json" else None
        changed = changed or whole[:-1] + bytes([whole[-1] ^ 1])
        path.write_bytes(whole[:-1500] if how == "cut" else changed)
    if (part, how) == ("manifest.json", "gone"):  # as if it had never been finished
        assert len(own.load(data, 32).pixels) == 8
        return
    with pytest.raises(own.CacheError, match=f"{part} is not what was written: remove") as raised:
        own.load(data, 32)
    assert "\n" not in str(raised.value)


def test_decoding_that_is_stopped_leaves_no_cache(tmp_path, monkeypatch):
    data = cifar(tmp_path / "set", 8)

    def stopped(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(own, "_header", stopped)
        with pytest.raises(KeyboardInterrupt):
            own.load(data, 32)
    assert not folder_of(data).exists()
    assert len(own.load(data, 32).pixels) == 8


def test_another_process_waits_until_the_first_has_decoded(tmp_path, monkeypatch):
    data = cifar(tmp_path / "set", 8)
    monkeypatch.setenv("RANK", "1")
    asked = []

    def looks_again(seconds):
        asked.append(seconds)
        with monkeypatch.context() as patch:
            patch.setenv("RANK", "0")
            own._build(find(data), 32, folder_of(data), False)

    monkeypatch.setattr(own.time, "sleep", looks_again)
    assert len(own.load(data, 32).pixels) == 8 and asked == [own.WAITED]


def test_maps_are_read_in_place_and_move_only_where_they_are_few(tmp_path, monkeypatch):
    found = own.load(cifar(tmp_path / "set", 12), 32)
    images = own.images(found, classes=True, flip=True)
    assert images.pixels.data_ptr() == found.pixels.data_ptr(), "a map, not a copy"
    there = torch.device("meta")
    assert own.images(found).to(there).pixels.device == there
    monkeypatch.setattr(own, "ON_DEVICE", 1000)
    assert images.to(there) is images
    x, labels = images.batch(torch.arange(5), torch.Generator().manual_seed(0))
    assert x.shape == (5, 3, 32, 32) and labels.max() <= images.classes


def test_classes_need_every_image_in_one_of_several_subfolders(tmp_path):
    Image.new("RGB", (32, 32)).save(cifar(tmp_path / "set", 8) / "loose.png")
    with pytest.raises(ValueError, match="has images without one: put each class into a subfolder"):
        own.images(own.load(tmp_path / "set", 32), classes=True)
    one = tmp_path / "one" / "cat"
    one.mkdir(parents=True)
    Image.new("RGB", (32, 32)).save(one / "a.png")
    with pytest.raises(ValueError, match="needs two classes at least; .* has cat alone"):
        own.images(own.load(tmp_path / "one", 32), classes=True)
    assert own.images(own.load(tmp_path / "one", 32)).labels is None
