"""Runs on images of one's own, made of what ships: whole, stopped, changed, by two processes."""

from __future__ import annotations

import functools
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from own_sets import cifar, digits
from PIL import Image

import genie_edu as ge
from genie_edu.cli import main
from genie_edu.datasets import own
from genie_edu.datasets.images import read_png
from genie_edu.judge import features
from genie_edu.recipes import kinds, own_images, snapshots
from genie_edu.recipes.kinds import KINDS
from genie_edu.recipes.options import Options
from genie_edu.recipes.presets import Tables

SMALL = ["--cpu", "--width", "8", "--batch-size", "8", "--precision", "float32"]


@pytest.fixture(scope="module")
def sets(tmp_path_factory):
    """Folders of images, and the cache of all tests here."""
    root = tmp_path_factory.mktemp("sets")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(root / "cache"))
        patch.setenv("OMP_NUM_THREADS", "1")
        yield {"cifar": cifar(root / "cifar"), "digits": digits(root / "digits")}


@pytest.fixture
def quick(monkeypatch):
    """Trainings of a few steps and small tables, whatever the preset."""
    short = {"n_steps": 6, "batch_size": 8, "warm_up": 2, "ema": (0.9, 0.8)}
    kind = KINDS["images"]
    kind = replace(
        kind,
        train=replace(kind.train, **short),
        distill=replace(kind.distill, **short | {"ema": 0.9}),
    )
    monkeypatch.setitem(KINDS, "images", kind)
    judged = replace(own_images.CIFAR10_JUDGED, **short | {"ema": 0.9})
    monkeypatch.setattr(own_images, "CIFAR10_JUDGED", judged)
    tables = Tables(
        nfes=(2,),
        n_errors=2,
        n_quality=16,
        solvers=("ddim", "genie"),
        best_grid=True,
        columns=2,
        ode_steps=4,
        ode_calls=4,
        n_costs=2,
        cost_nfe=2,
    )
    monkeypatch.setattr(own_images, "TABLES", tables)

    def few(flows, nfes, solvers=tables.solvers, **more):
        return ge.evaluation.cells(flows, nfes, solvers, ("quadratic", "log_gamma"), **more)

    monkeypatch.setattr("genie_edu.judge.tables.cells", few)


def trained(folder: Path, data: Path, *more: str, size: str = "32") -> dict[str, torch.Tensor]:
    """The weights of a short training."""
    where = ["--data", str(data), "--size", size, "--folder", str(folder), "--steps", "3"]
    assert main(["train", "images", *SMALL, *where, *more]) == 0
    return ge.checkpoints.read(folder / "base.safetensors")[0]


def same(one: dict[str, torch.Tensor], two: dict[str, torch.Tensor]) -> bool:
    """Whether two networks are the same to the bit."""
    return one.keys() == two.keys() and all(torch.equal(v, two[k]) for k, v in one.items())


@pytest.mark.filterwarnings("ignore:a Frechet distance from fewer")
def test_a_whole_run_by_class_measures_and_samples(sets, quick, tmp_path, capsys):
    where = ["--cpu", "--folder", str(tmp_path)]
    chosen = ["--data", str(sets["cifar"]), "--size", "32", "--patch", "2", "--width", "8"]
    assert main(["run", "images", *where, *chosen, "--classes", "--flip"]) == 0
    for name in ("classifier", "base", "head"):
        net = ge.checkpoints.load(tmp_path / f"{name}.safetensors")
        assert net.card["record"]["settings"]["n_steps"] == 6
    assert ge.checkpoints.load(tmp_path / "base.safetensors").config["patch"] == 2
    results = ge.tables.read(tmp_path / "results.json")
    quality = results["quality"]
    assert quality["features"] == "Classifier" and quality["data_to_data"]["n_test"] == 4
    assert {row["solver"] for row in quality["rows"]} == {"ddim", "genie"}
    for name in ("costs.json", "nearest.json", "sheet.png", "base_samples.png"):
        assert (tmp_path / name).is_file()
    capsys.readouterr()
    draw = ["sample", "images", *where, "--n", "4", "--steps", "2", "--label", "1"]
    assert main([*draw, "--out", str(tmp_path / "s.png")]) == 0
    assert read_png(tmp_path / "s.png").shape == (256, 256, 3)
    assert main([*draw[:-1], "77", "--out", str(tmp_path / "s.png")]) == 2
    table = ["evaluate", "images", *where, "--n", "2", "--nfe", "2"]
    own_ode = ge.evaluation.own_ode
    with pytest.MonkeyPatch.context() as patch:
        quickly = functools.partial(own_ode, n_steps=4)
        patch.setattr("genie_edu.evaluation.own_ode", quickly)
        assert main(table) == 0
    assert "genie" in capsys.readouterr().out


@pytest.mark.filterwarnings("ignore:a Frechet distance from fewer")
def test_an_upsampler_is_asked_with_images_that_it_has_not_seen(sets, quick, tmp_path, capsys):
    where = ["--cpu", "--folder", str(tmp_path)]
    chosen = ["--data", str(sets["cifar"]), "--size", "32", "--patch", "2", "--width", "8"]
    assert main(["run", "images", *where, *chosen, "--classes", "--upsample-from", "16"]) == 0
    net = ge.checkpoints.load(tmp_path / "base.safetensors")
    assert net.config["condition"] == 3 and net.config["condition_level"]
    results = ge.tables.read(tmp_path / "results.json")
    assert {row["solver"] for row in results["quality"]["rows"]} == {"ddim", "genie"}
    preset = own_images.chosen("images", tmp_path, {})
    data, asked = preset.data(), preset.conditions()
    assert (len(data), len(asked)) == (44, 4) and asked.shape[1:] == (3, 16, 16)
    found = own.load(sets["cifar"], 32)
    low = ge.images.block_means(ge.images.from_bytes(found.pixels), 2)
    assert torch.equal(asked, low[44:])
    draw = ["sample", "images", *where, "--n", "4", "--steps", "2", "--label", "1"]
    sheets = []
    for more in ([], ["--condition-t", "0.5"], ["--condition", str(tmp_path / "low.npy")]):
        np.save(tmp_path / "low.npy", low[:4].numpy())
        assert main([*draw, *more, "--out", str(tmp_path / "s.npy")]) == 0
        sheets.append(np.load(tmp_path / "s.npy"))
    assert sheets[0].shape == (4, 3, 32, 32)
    assert all((one != sheets[0]).any() for one in sheets[1:])
    few = ["--data", str(cifar(tmp_path / "few", 10)), "--size", "32", "--upsample-from", "16"]
    capsys.readouterr()
    assert main(["train", "images", *SMALL, *few, "--folder", str(tmp_path / "no")]) == 2
    assert "--upsample-from needs 20 images at least; got 10" in capsys.readouterr().err


@pytest.mark.filterwarnings("ignore:a Frechet distance from fewer")
def test_without_classes_errors_are_measured_and_the_missing_reader_is_said(
    sets, quick, tmp_path, capsys, monkeypatch
):
    where = ["--cpu", "--folder", str(tmp_path)]
    chosen = ["--data", str(sets["digits"]), "--size", "32", "--patch", "4", "--width", "8"]
    monkeypatch.setitem(sys.modules, "torch_fidelity", None)
    assert main(["run", "images", *where, *chosen]) == 0
    said = capsys.readouterr().out
    assert "no Frechet distances: there are no classes, and no Inception to read (Inception" in said
    results = ge.tables.read(tmp_path / "results.json")
    assert results["errors"]["rows"] and results["levels"] and "quality" not in results
    assert not (tmp_path / "nearest.json").exists() and (tmp_path / "sheet.png").is_file()
    assert main(["classify", "images", *where]) == 2
    assert "it has no classes: add --classes" in capsys.readouterr().err

    class Inception(torch.nn.Module):
        """Stands in for the field's."""

        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.ones(1))

        def forward(self, x, features=True):
            return None, torch.nn.functional.avg_pool2d(x, 16).flatten(1)

    monkeypatch.setattr(features, "Inception", Inception)
    (tmp_path / "results.json").unlink()
    assert main(["run", "images", *where]) == 0
    quality = ge.tables.read(tmp_path / "results.json")["quality"]
    assert quality["features"] == "Inception" and quality["rows"]
    assert "test_accuracy" not in quality and "n_test" not in quality["data_to_data"]


@pytest.mark.parametrize(("size", "patch"), [(64, 2), (128, 4)])
def test_larger_sides_train_and_distil(sets, tmp_path, size, patch, capsys):
    more = ["--patch", str(patch), "--classes"]
    trained(tmp_path, sets["cifar"], *more, size=str(size))
    head = ["distill", "images", "--cpu", "--batch-size", "4", "--steps", "2"]
    assert main([*head, "--folder", str(tmp_path)]) == 0
    draw = ["sample", "images", "--cpu", "--folder", str(tmp_path), "--n", "2", "--steps", "1"]
    assert main([*draw, "--out", str(tmp_path / "s.npy")]) == 0
    assert np.load(tmp_path / "s.npy").shape == (2, 3, size, size)


def test_every_option_matters(sets, tmp_path, capsys):
    data = sets["cifar"]
    plain = trained(tmp_path / "plain", data)
    assert same(plain, trained(tmp_path / "again", data))
    for name, more in {
        "flip": ["--flip"],
        "classes": ["--classes"],
        "patch": ["--patch", "2"],
        "width": ["--width", "16"],
        "upsample-from": ["--upsample-from", "8"],
        "seed": ["--seed", "1"],
        "batch": ["--batch-size", "6"],
        "bfloat16": ["--precision", "bfloat16"],
    }.items():
        assert not same(plain, trained(tmp_path / name, data, *more)), name
    assert not same(plain, trained(tmp_path / "data", sets["digits"]))
    assert same(plain, trained(tmp_path / "recompute", data, "--recompute"))
    pieces = trained(tmp_path / "pieces", data, "--at-once", "3")
    assert all(torch.allclose(v, pieces[k], atol=2e-5) for k, v in plain.items())
    assert not same(plain, pieces), "summed in another order"


def test_recomputing_is_asked_for_and_by_default_from_128_on(sets, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr("genie_edu.recipes.pipeline.recomputed", asked.append)
    trained(tmp_path / "no", sets["cifar"])
    assert asked == []
    trained(tmp_path / "yes", sets["cifar"], "--recompute")
    assert len(asked) == 1
    for side, patch, expected in ((128, 1, True), (128, 2, False), (256, 2, True), (64, 1, False)):
        of = own_images.Chosen("images", "x", side, patch=patch)
        assert own_images.preset_of(KINDS["images"], of).recompute == expected


def test_a_stopped_run_gives_the_same_weights(sets, tmp_path, capsys):
    expected = trained(tmp_path / "whole", sets["cifar"], "--classes")
    where = ["train", "images", *SMALL, "--folder", str(tmp_path / "slices"), "--steps", "3"]
    more = ["--data", str(sets["cifar"]), "--size", "32", "--classes", "--slice-minutes", "0.00001"]
    assert main([*where, *more]) == 0
    for _ in range(5):  # by the folder's card
        assert main([*where, "--slice-minutes", "0.00001"]) == 0
        if (tmp_path / "slices" / "base.safetensors").is_file():
            break
    assert capsys.readouterr().out.count("the same command goes on") == 2
    found = ge.checkpoints.read(tmp_path / "slices" / "base.safetensors")[0]
    assert same(expected, found)


def test_a_killed_run_gives_the_same_weights(sets, tmp_path):
    arguments = ["train", "images", *SMALL, "--data", str(sets["cifar"]), "--size", "32"]
    arguments += ["--steps", "40", "--folder"]
    assert main([*arguments, str(tmp_path / "whole")]) == 0
    code = "import sys; from genie_edu.cli import main; sys.exit(main(sys.argv[1:]))"
    start = [sys.executable, "-c", code, *arguments, str(tmp_path / "killed")]
    state = tmp_path / "killed" / "base.run.safetensors"
    for _ in range(2):
        before = state.stat().st_mtime_ns if state.exists() else 0
        process = subprocess.Popen(start, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None and not (state.exists() and state.stat().st_mtime_ns > before):
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
    ge.checkpoints.read(state)
    assert main(start[3:]) == 0
    one, two = (
        ge.checkpoints.read(tmp_path / n / "base.safetensors")[0] for n in ("whole", "killed")
    )
    assert same(one, two)


def test_a_begun_folder_keeps_its_images_and_network(sets, tmp_path, capsys):
    data = tmp_path / "set"
    shutil.copytree(sets["cifar"], data)
    trained(tmp_path / "run", data, "--classes")
    go_on = ["train", "images", "--folder", str(tmp_path / "run"), *SMALL, "--steps", "3"]
    assert main(go_on) == 0
    for option, value in (("--size", "64"), ("--patch", "2"), ("--data", "other")):
        capsys.readouterr()
        assert main([*go_on, option, value]) == 2
        assert f"was begun with {option} " in capsys.readouterr().err
    assert main([*go_on, "--no-classes"]) == 2
    assert "--classes True, not False: take another --folder" in capsys.readouterr().err
    assert main(["train", "afhq-cat-128", *go_on[2:]]) == 2
    assert "is of the preset images, not afhq-cat-128" in capsys.readouterr().err
    Image.new("RGB", (32, 32), "red").save(data / "class1" / "new.png")
    own_images._data.cache_clear()
    assert main(go_on) == 2
    assert "has changed since this run was begun" in capsys.readouterr().err
    (tmp_path / "run" / "images.json").write_text("{}")
    assert main(go_on) == 2
    assert "is not the card of a run of one's own images" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["images"], "images needs --data: a folder of images, a .zip, shards"),
        (["images", "--data", "D"], "images needs --size: one of 32, 64, 128, 256, 512"),
        (["images", "--data", "D", "--size", "48"], "--size must be one of 32, 64, 128, 256"),
        (["images", "--data", "D", "--size", "32", "--patch", "3"], "--patch must be one of 1, 2"),
        (
            ["images", "--data", "D", "--size", "32", "--upsample-from", "32"],
            "--upsample-from must be one of 8, 16 for a side of 32; got 32",
        ),
        (["afhq-cat-512-up", "--data", "D", "--upsample-from", "64"], "has --upsample-from 128"),
        (["digits", "--upsample-from", "4"], "--upsample-from is for images, lsun-bedroom-128"),
        (["images", "--data", "D", "--size", "32", "--width", "20"], "a multiple of 8; got 20"),
        (["images", "--data", "D", "--size", "32", "--at-once", "0"], "at_once must be a whole"),
        (["lsun-bedroom-128"], "needs --data: 3,033,042 photographs in bedroom_train, from https"),
        (["imagenet-64", "--data", "D", "--no-classes"], "imagenet-64 has --classes True"),
        (["afhq-cat-128", "--data", "D", "--size", "64"], "afhq-cat-128 has --size 128"),
        (["digits", "--data", "D"], "--data is for images, lsun-bedroom-128"),
        (["image", "--data", "D"], "did you mean 'images'?"),
    ],
)
def test_what_can_not_be_run_is_refused_in_one_sentence(sets, tmp_path, capsys, given, said):
    given = [str(sets["cifar"]) if word == "D" else word for word in given]
    assert main(["train", *given, "--cpu", "--folder", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_strict_stops_the_run_at_the_first_odd_file(sets, tmp_path, capsys):
    arguments = ["--data", str(sets["digits"]), "--size", "32", "--folder", str(tmp_path)]
    assert main(["train", "images", *SMALL, *arguments, "--strict"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "--strict stops there" in said and ".png is " in said


def test_too_few_images_for_a_test_are_refused(tmp_path, sets, capsys):
    arguments = ["--data", str(cifar(tmp_path / "few", 10)), "--size", "32", "--classes"]
    assert main(["train", "images", *SMALL, *arguments, "--folder", str(tmp_path / "run")]) == 2
    assert "--classes needs 20 images at least; got 10" in capsys.readouterr().err


def test_a_part_is_held_out_of_a_run_by_class_only(sets):
    found = own.load(sets["cifar"], 32)
    sha256 = found.manifest["files"]["pixels.npy"]["sha256"]
    given = {"preset": "images", "data": str(sets["cifar"]), "size": 32, "sha256": sha256}
    by_class = own_images.preset_of(
        KINDS["images"], own_images.Chosen(**given, classes=found.names)
    )
    (data, tested) = by_class.judge.split()
    assert (len(data), len(tested)) == (44, 4) and len(by_class.data()) == 44
    assert torch.equal(torch.cat([data.pixels, tested.pixels]), found.pixels)
    plain = own_images.preset_of(KINDS["images"], own_images.Chosen(**given))
    assert len(plain.data()) == 48 and plain.judge is None and plain.classes == 0


NAMED = {
    "lsun-bedroom-128": 75,
    "lsun-church-128": 75,
    "imagenet-64": 92,
    "afhq-cat-128": 80,
    "afhq-cat-512-up": 70,
}
"""Millions of weights, as each one's `smaller` says."""


@pytest.mark.parametrize("name", NAMED)
def test_named_presets_build_what_they_say(name):
    kind = KINDS[name]
    assert kind.source.startswith("https://") and kind.licence and kind.holds and kind.paper
    names = tuple(f"class{i}" for i in range(1000)) if kind.classes else ()
    low = kind.upsample_from or 0
    of = own_images.Chosen(
        name, "somewhere", kind.size, names, width=kind.width, flip=kind.flip, upsample_from=low
    )
    preset = own_images.preset_of(kind, of)
    assert preset.shape == (3, kind.size, kind.size) and preset.distill.kept == 0 and of.flip
    with torch.device("meta"):
        net = own_images.unet_of(kind, of)
        preset.head(net)
    million = sum(p.numel() for p in net.parameters()) / 1e6
    assert round(million) == NAMED[name] and f"{NAMED[name]} million weights" in kind.smaller
    assert preset.recompute == (kind.size >= 128)
    assert net.config["condition_size"] == low
    assert (preset.conditions is not None) == net.config["condition_level"] == (low > 0)
    assert preset.train.batch_size % preset.at_once == 0


@pytest.mark.parametrize("name", NAMED)
def test_named_presets_run_on_what_stands_in_for_their_data(sets, tmp_path, monkeypatch, name):
    preview = snapshots.PREVIEW._replace(nfe=2)  # what they look like is not asked here
    monkeypatch.setattr(snapshots, "PREVIEW", preview)
    given = [
        "--data",
        str(sets["cifar"]),
        "--folder",
        str(tmp_path),
        "--patch",
        "8" if KINDS[name].size == 512 else "4",
        "--steps",
        "1",
    ]
    assert main(["train", name, *SMALL[:5], *given]) == 0
    card = json.loads((tmp_path / "images.json").read_text())
    assert card["licence"] == KINDS[name].licence and card["preset"] == name
    net = ge.checkpoints.load(tmp_path / "base.safetensors")
    assert net.config["classes"] == len(card["classes"])
    assert net.config["size"] == KINDS[name].size
    assert card["upsample_from"] == (KINDS[name].upsample_from or 0) == net.config["condition_size"]


def test_what_is_kept_fits_into_memory_and_is_no_more_than_is_seen(tmp_path):
    for size in own_images.SIDES:
        n = kinds.kept(size)
        assert n == 0 or kinds.LEAST_KEPT <= n <= kinds.MOST_KEPT
        assert 2 * 2 * 3 * size**2 * n <= kinds.KEPT_BYTES
    assert kinds.kept(32) == kinds.MOST_KEPT and kinds.kept(256) == 0
    options = Options(tmp_path, steps=3, batch_size=4)
    settings = ge.Settings(kept=13)
    assert options.settings(settings).kept == 0
    assert options.settings(replace(settings, kept=12)).kept == 12
    assert options.settings(replace(settings, weighting="relative")).kept == 13


def launched(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """A training by two processes."""
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2"]
    command = [*launch, "-m", "genie_edu.cli", *more, "--folder", str(folder)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=500)


def test_two_processes_decode_once_stop_together_and_one_goes_on(sets, tmp_path):
    data = tmp_path / "set"
    shutil.copytree(sets["cifar"], data)
    chosen = ["train", "images", "--data", str(data), "--size", "32", "--classes", *SMALL]
    whole = trained(tmp_path / "one", data, "--classes", "--steps", "4")
    shutil.rmtree(own.folder_of(str(data), 32))

    done = launched(tmp_path / "two", *chosen, "--steps", "4", "--slice-minutes", "0.00001")
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.count("48 images of") == 1 and "the same command goes on" in done.stdout
    state = ge.checkpoints.read(tmp_path / "two" / "base.run.safetensors")[1]
    assert 0 < state["step"] < 4
    assert main([*chosen, "--steps", "4", "--folder", str(tmp_path / "two")]) == 0
    found = ge.checkpoints.read(tmp_path / "two" / "base.safetensors")[0]
    assert all(torch.allclose(value, found[key], atol=1e-4) for key, value in whole.items())

    done = launched(tmp_path / "odd", *chosen, "--batch-size", "7", "--steps", "2")
    assert done.returncode != 0
    assert "batch_size must be a multiple of the 2 processes" in done.stderr


def test_two_processes_make_a_whole_run(sets, tmp_path):
    """Each part waits for the one before it, and one process measures: cifar10-tiny is short."""
    done = launched(tmp_path, "run", "cifar10-tiny", "--cpu")
    assert done.returncode == 0, done.stderr[-2000:]
    record = ge.checkpoints.load(tmp_path / "head.safetensors").card["record"]
    assert record["processes"] == 2
    for name in ("results.json", "costs.json", "nearest.json"):
        assert (tmp_path / name).is_file()


@pytest.mark.parametrize("name", ["base.safetensors", "results.json", "head.run.json", "plan.json"])
def test_a_folder_of_another_run_is_not_taken(sets, tmp_path, capsys, name):
    (tmp_path / name).write_text("{}")
    where = ["--data", str(sets["cifar"]), "--size", "32", "--folder", str(tmp_path)]
    assert main(["run", "images", *SMALL, *where]) == 2
    assert f"holds another run ({name}): take another --folder" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("command", ["run", "distill", "sample", "costs"])
def test_another_presets_network_is_not_taken(tmp_path, monkeypatch, capsys, command):
    monkeypatch.chdir(tmp_path)
    for part in ("base", "head"):
        shutil.copy(ge.data.shipped(f"digits/{part}.safetensors"), tmp_path)
    cpu = ["--cpu", "--folder", str(tmp_path)]
    assert main([command, "digits-up", *cpu]) == 2
    assert "base.safetensors is another network than that of" in capsys.readouterr().err
    assert not list(tmp_path.glob("*.json")) and not list(tmp_path.glob("*.npy"))


def test_without_a_gpu_nothing_is_begun_unless_asked_for(sets, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    where = ["--data", str(sets["cifar"]), "--size", "32", "--folder", str(tmp_path / "run")]
    assert main(["run", "images", *where]) == 2
    assert "add --cpu" in capsys.readouterr().err and not (tmp_path / "run").exists()


def test_a_run_finds_its_images_from_everywhere(sets, tmp_path, monkeypatch):
    monkeypatch.chdir(sets["cifar"].parent)
    trained(tmp_path / "run", Path("cifar"))
    monkeypatch.chdir(tmp_path)
    assert main(["train", "images", "--folder", "run", *SMALL, "--steps", "3"]) == 0
    card = tmp_path / "run" / "images.json"
    older = json.loads(card.read_text()) | {"data": "cifar"}  # as it was written before
    monkeypatch.chdir(sets["cifar"].parent)
    card.write_text(json.dumps(older))
    go_on = ["train", "images", "--folder", str(tmp_path / "run"), *SMALL, "--steps", "3"]
    assert main([*go_on, "--data", str(sets["cifar"])]) == 0


def test_without_a_head_the_way_out_is_named(sets, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    trained(tmp_path / "run", sets["cifar"])
    draw = ["sample", "images", "--folder", "run", "--cpu", "--n", "2", "--steps", "2"]
    assert main(draw) == 2
    assert "has no head: genie-edu distill images first, or a solver" in capsys.readouterr().err
    assert main([*draw, "--solver", "ddim"]) == 0
