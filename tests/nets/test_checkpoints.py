"""Weights on disk: whole or not at all, and nothing foreign gets in."""

from __future__ import annotations

import json
import os
import sys

import pytest
import torch
from safetensors.torch import save_file

import genie_edu as ge
from conftest import ROOT
from genie_edu.nets.checkpoints import CheckpointError, load, read, save, write

sys.path.insert(0, str(ROOT / "tools"))
from artefacts import recorded  # noqa: E402


@pytest.fixture
def net() -> ge.EpsMLP:
    return ge.EpsMLP(width=8, depth=2)


def test_a_network_comes_back_with_its_card(tmp_path, net):
    schedule = ge.VPSchedule(beta_min=0.2)
    path = save(tmp_path / "new" / "base.safetensors", net, {"seed": 3}, schedule)
    back = load(path, expected="EpsMLP")
    x = torch.randn(5, 2)
    assert torch.equal(net(x, 2.0), back(x, 2.0)) and not back.training
    assert back.card["record"] == {"seed": 3} and back.card["schedule"]["beta_min"] == 0.2
    assert back.card["genie_edu"] == ge.__version__
    assert json.loads(path.with_suffix(".json").read_text()) == back.card
    head = ge.GenieHead(2, net.feature_sizes, width=4)
    assert load(save(tmp_path / "head.safetensors", head)).config == head.config


def test_half_precision_halves_the_file(tmp_path, net):
    whole = save(tmp_path / "a.safetensors", net)
    half = save(tmp_path / "b.safetensors", net, dtype=torch.float16)
    assert next(load(half).parameters()).dtype == torch.float32
    assert read(half)[0]["out.weight"].dtype == torch.float16
    size = sum(p.numel() for p in net.parameters())
    assert whole.stat().st_size - half.stat().st_size == pytest.approx(2 * size, abs=64)


def broken(path, net):
    """Ways in which a file can be wrong, with the words that say so."""
    save(path, net)
    good = path.read_bytes()
    yield good[: len(good) // 2], "truncated or not a safetensors file"
    yield b"", "truncated or not a safetensors file"
    yield b"PK\x03\x04 a pickle in a zip", "truncated or not a safetensors file"
    save_file({"w": torch.ones(2)}, path)
    yield path.read_bytes(), "no card"


def test_truncated_and_foreign_files_are_refused(tmp_path, net):
    path = tmp_path / "x.safetensors"
    for content, words in broken(path, net):
        path.write_bytes(content)
        with pytest.raises(CheckpointError, match=words):
            load(path)
    with pytest.raises(FileNotFoundError, match="no checkpoint at"):
        load(tmp_path / "absent.safetensors")


def test_another_architecture_is_refused(tmp_path, net):
    path = save(tmp_path / "x.safetensors", net)
    with pytest.raises(CheckpointError, match="holds EpsMLP; GenieHead is needed"):
        load(path, expected="GenieHead")
    tensors, card = read(path)
    path.with_suffix(".json").unlink()
    for change, words in (
        ({"config": card["config"] | {"width": 9}}, "don't fit its card"),
        ({"config": {"size": 3}}, "don't fit its card"),
        ({"architecture": "os.system"}, "not a network of ours"),
    ):
        ge.checkpoints.write(path, tensors, card | change)
        with pytest.raises(CheckpointError, match=words):
            load(path)
    with pytest.raises(CheckpointError, match="Linear can't be saved"):
        save(path, torch.nn.Linear(2, 2))


def test_nan_weights_are_refused_both_ways_and_cost_nothing(tmp_path, net):
    path = save(tmp_path / "x.safetensors", net)
    before = path.read_bytes()
    tensors, card = read(path)
    with torch.no_grad():
        net.out.bias[0] = float("nan")
    with pytest.raises(CheckpointError, match="out.bias holds NaN"):
        save(path, net)
    assert path.read_bytes() == before
    tensors["out.bias"][0] = float("inf")
    save_file(tensors, path, {"genie_edu": json.dumps(card)})
    with pytest.raises(CheckpointError, match="out.bias holds NaN or infinity"):
        load(path)


def test_a_crash_while_writing_leaves_the_old_file(tmp_path, net, monkeypatch):
    path = save(tmp_path / "x.safetensors", net)
    before = path.read_bytes()

    def crash(descriptor):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", crash)
    with pytest.raises(OSError, match="no space"):
        save(path, ge.EpsMLP(width=4, depth=1))
    assert path.read_bytes() == before


# ---- shipped files -------------------------------------------------------------------------------


def test_shipped_files_are_the_recorded_ones_and_load():
    manifest = ge.data.artefacts()
    assert manifest == recorded(), "run: python tools/artefacts.py"
    described = (ROOT / "data" / "README.md").read_text()
    for name, sha256 in manifest.items():
        assert sha256 in described, name
        if name.endswith(".safetensors"):
            card = load(ge.data.shipped(name)).card
            assert card["record"]["command"].startswith(("genie-edu ", "python benchmarks/"))
            copy = (ROOT / "data" / name).with_suffix(".json")
            assert json.loads(copy.read_text()) == card


def test_a_file_comes_from_the_books_address_once_and_verified(tmp_path, monkeypatch):
    site, home = tmp_path / "site", tmp_path / "home"
    (site / "notebooks" / "data" / "mixture_2d").mkdir(parents=True)
    content = (ROOT / "data" / "mixture_2d" / "base.safetensors").read_bytes()
    served = site / "notebooks" / "data" / "mixture_2d" / "base.safetensors"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(home))
    monkeypatch.setattr(ge.data, "__file__", str(tmp_path / "lib" / "a" / "b" / "data.py"))
    monkeypatch.delenv("GENIE_EDU_BOOK", raising=False)
    with pytest.raises(ge.data.ArtefactError, match="set GENIE_EDU_BOOK"):
        ge.data.shipped("mixture_2d/base")
    monkeypatch.setenv("GENIE_EDU_BOOK", site.as_uri())
    with pytest.raises(ge.data.ArtefactError, match="could not be fetched"):
        ge.data.shipped("mixture_2d/base")
    served.write_bytes(content[:-1])
    with pytest.raises(ge.data.ArtefactError, match="its sha256 differs"):
        ge.data.shipped("mixture_2d/base")
    assert not list(home.rglob("*.safetensors")), "a wrong file never gets the name"
    served.write_bytes(content)
    path = ge.data.shipped("mixture_2d/base")
    assert path.read_bytes() == content and home in path.parents
    served.unlink()
    assert ge.data.shipped("mixture_2d/base") == path, "the second time it is here"
    with pytest.raises(ValueError, match="did you mean 'mixture_2d/base.safetensors'"):
        ge.data.shipped("mixture_2d/bass")


# ---- the hash in the card ------------------------------------------------------------------------


def test_one_flipped_bit_anywhere_is_refused(tmp_path, net):
    path = save(tmp_path / "x.safetensors", net, {"seed": 3})
    good = path.read_bytes()
    at = good.index(b'\\"seed\\": 3') + len(b'\\"seed\\": ')
    for place, bit in ((len(good) - 3, 1), (len(good) - 90, 128), (at, 1)):
        bad = bytearray(good)
        bad[place] ^= bit
        path.write_bytes(bytes(bad))
        with pytest.raises(CheckpointError, match="its sha256 differs"):
            load(path)
    path.write_bytes(good)
    assert load(path).card["record"] == {"seed": 3}


def test_another_networks_file_in_its_place_is_refused(tmp_path, net):
    path = save(tmp_path / "a.safetensors", net)
    other = save(tmp_path / "b.safetensors", ge.EpsMLP(width=8, depth=2))
    path.write_bytes(other.read_bytes())
    with pytest.raises(CheckpointError, match="not the file that a.json beside it tells of"):
        load(path)
    path.with_suffix(".json").unlink()
    assert load(path).card["sha256"] == load(other).card["sha256"]


def test_the_hash_is_of_names_types_shapes_and_values(tmp_path):
    values = torch.arange(4.0)
    kinds = [
        {"a": values},
        {"b": values},
        {"a": values.reshape(2, 2)},
        {"a": values.half()},
        {"a": values.flip(0)},
        {"a": values, "c": torch.ones(())},
    ]
    path = tmp_path / "x.safetensors"
    found = {read(write(path, tensors, {}))[1]["sha256"] for tensors in kinds}
    assert len(found) == len(kinds)
    assert read(write(path, kinds[0], {"n": 1}))[1]["sha256"] not in found


def test_files_of_before_the_hash_still_load(tmp_path, net):
    tensors, card = read(save(tmp_path / "x.safetensors", net))
    del card["sha256"]
    (tmp_path / "x.json").unlink()
    save_file(tensors, tmp_path / "x.safetensors", {"genie_edu": json.dumps(card)})
    assert torch.equal(load(tmp_path / "x.safetensors").out.weight, net.out.weight)
    assert "sha256" not in read(ge.data.shipped("mixture_2d/base"))[1]


def test_a_network_is_sampled_on_the_schedule_it_was_saved_with(tmp_path, net):
    schedule = ge.VPSchedule(beta_min=0.2, beta_d=5.0)
    back = load(save(tmp_path / "x.safetensors", net, schedule=schedule))
    assert ge.NetworkFlow(back).schedule == schedule
    again = load(save(tmp_path / "y.safetensors", back))
    assert again.card["schedule"] == {"beta_min": 0.2, "beta_d": 5.0}
    with pytest.warns(UserWarning, match="trained up to"):
        ge.NetworkFlow(back, schedule=ge.VPSchedule())
