"""The recorded runs' whole way, on small networks: complete, skipped, sliced, killed, refused."""

from __future__ import annotations

import errno
import json
import os
import random
import re
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
from artefacts import described, recorded

import genie_edu as ge
from conftest import ROOT
from genie_edu.cli import main
from genie_edu.datasets.images import read_png, rows_of
from genie_edu.evaluation import Cell, best_grids, features_of
from genie_edu.recipes import pipeline
from genie_edu.recipes.options import Options
from genie_edu.recipes.presets import PRESETS, Guided
from genie_edu.train.run_state import RunState, read_averages

TINY = "cifar10-tiny"
ARTEFACTS = {
    "classifier.safetensors",
    "base.safetensors",
    "base_samples.png",
    "base_samples.json",
    "head.safetensors",
    "results.json",
    "sheet.png",
    "sheet.json",
    "costs.json",
    "nearest.png",
    "nearest.json",
}


def command(folder: Path, *more: str) -> list[str]:
    """The arguments of a whole run into `folder`."""
    return ["run", TINY, "--cpu", "--folder", str(folder), *more]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A finished run."""
    folder = tmp_path_factory.mktemp("whole")
    assert main(command(folder)) == 0
    return folder


def weights(folder: Path) -> dict[str, torch.Tensor]:
    """Everything that was learned."""
    return {
        f"{part}/{key}": value
        for part in ("classifier", "base", "head")
        for key, value in ge.checkpoints.read(folder / f"{part}.safetensors")[0].items()
    }


def assert_same(folder: Path, other: Path) -> None:
    """Bit-equal weights and tables."""
    ours, theirs = weights(folder), weights(other)
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(value, theirs[key]) for key, value in ours.items())
    one, two = (ge.tables.read(place / "results.json") for place in (folder, other))
    for part in ("errors", "quality", "quality_seeds", "quality_large", "levels"):
        assert one[part] == two[part]


def test_on_a_gpu_no_tensor_is_left_on_the_other_side(folder, tmp_path):
    """Not the kernels, but every .to(device): what is not moved raises there as on a real one."""
    script = str(ROOT / "tests" / "helpers" / "pretended_gpu.py")
    arguments = [word for word in command(tmp_path) if word != "--cpu"]
    for more in (["--slice-minutes", "0.02"], []):
        done = subprocess.run(
            [sys.executable, script, *arguments, *more], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr[-600:]
    assert_same(folder, tmp_path)
    record = ge.checkpoints.load(tmp_path / "base.safetensors").card["record"]
    assert record["device"] == "a pretended GPU"

    forgotten = (
        "import genie_edu.judge.tables as t; real = t.starts\n"
        "t.starts = lambda *a: real(*a).cpu()\n"
    )
    code = f"{forgotten}import runpy; runpy.run_path({script!r}, run_name='__main__')"
    (tmp_path / "results.json").unlink()
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True)
    assert done.returncode == 2 and "expected all tensors to be on the same device" in done.stderr


def test_a_run_leaves_every_artefact_with_its_record(folder):
    assert ARTEFACTS <= {path.name for path in folder.iterdir()}
    for part, steps in (("classifier", 12), ("base", 24), ("head", 12)):
        record = ge.checkpoints.load(folder / f"{part}.safetensors").card["record"]
        assert record["settings"]["n_steps"] == steps and record["curve"][-1][0] == steps
        assert record["command"].startswith("genie-edu run cifar10-tiny") and record["date"]
        assert record["command"].endswith(f"--folder {folder.name}")  # nobody's disk in a record
    results = ge.tables.read(folder / "results.json")
    assert results["record"]["device"].startswith("CPU")


def test_a_new_run_gets_its_rows_and_a_changed_file_its_hash(folder, tmp_path):
    data = tmp_path / "data"
    shutil.copytree(folder, data / "cifar10")
    (data / "cifar10" / "head.run.safetensors").write_bytes(b"unfinished")
    text = (ROOT / "data" / "README.md").read_text()
    found = described(text, data)
    rows = {line.split("`")[1]: line for line in found.splitlines() if line.startswith("| `cif")}
    added = rows.keys() - {
        f"cifar10/{name}" for name in ("sample.webp", "sample.json", "fitted.json")
    }
    cards = {f"{part}.json" for part in ("classifier", "base", "head")}
    assert added == {f"cifar10/{name}" for name in ARTEFACTS | cards}
    for name, sha256 in recorded(data).items():
        assert rows[name].endswith(f" | {sha256} |") and "genie-edu run cifar10" in found
    assert rows["cifar10/base.json"].endswith("| see the weights |")
    assert described(found, data) == found

    costs = data / "cifar10" / "costs.json"
    changed = json.loads(costs.read_text())
    changed["record"] |= {"date": "2030-01-01", "device": "another"}
    costs.write_text(json.dumps(changed))
    old, new = found.splitlines(), described(found, data).splitlines()
    (row,) = set(new) - set(old)
    assert "costs.json" in row and len(new) == len(old)
    assert row.endswith(f"| another | 2030-01-01 | {recorded(data)['cifar10/costs.json']} |")


def test_the_tables_hold_every_cell_and_quality_where_the_error_is_least(folder):
    results = ge.tables.read(folder / "results.json")
    errors = {Cell(*(row[key] for key in Cell._fields)): row for row in results["errors"]["rows"]}
    quality = {Cell(*(row[key] for key in Cell._fields)) for row in results["quality"]["rows"]}
    flows = pipeline_flows(folder)
    tables = PRESETS[TINY].tables
    assert errors.keys() == set(ge.evaluation.cells(flows, tables.nfes, afs=tables.afs))
    assert all(row["quartile1"] <= row["error"] <= row["quartile3"] for row in errors.values())
    judged = {
        cell: row["error"]
        for cell, row in errors.items()
        if cell.solver in tables.solvers and cell.derivative != "autodiff"
    }
    assert quality == {cell for cell in best_grids(judged) if cell.nfe in tables.quality_nfes}
    assert {cell.nfe for cell in errors} > {cell.nfe for cell in quality} == {2, 4}
    assert {row["gamma"] for row in results["levels"]} == set(ge.tables.LEVELS)
    assert results["quality"]["data_to_data"]["halves"] > 0


def measured_again(folder: Path, cell: Cell, n: int, seed: int, classes: bool = True):
    """(Frechet distance, recall) of n samples to the 512 training images."""
    flows, classifier = (
        pipeline_flows(folder),
        ge.checkpoints.load(folder / "classifier.safetensors"),
    )
    data = features_of(classifier, ge.images.from_bytes(ge.data.cifar10_sample()[0]))
    start = ge.evaluation.starts(flows["head"], n, (3, 32, 32), seed)
    x = ge.evaluation.run_cell(cell, flows, start, torch.arange(n) % 10 if classes else None).x
    found = features_of(classifier, x)
    return ge.frechet_distance(found, data), ge.metrics.recall(found, data)


def test_quality_has_recall_several_seeds_and_many_samples(folder):
    results = ge.tables.read(folder / "results.json")
    quality, seeds, many = (results[part] for part in ("quality", "quality_seeds", "quality_large"))
    plain = {Cell(*(row[key] for key in Cell._fields)): row for row in quality["rows"]}
    again = {(Cell(*(r[key] for key in Cell._fields)), r["seed"]): r for r in seeds["rows"]}
    assert seeds["seeds"] == [1, 11] and seeds["n_samples"] == quality["n_samples"] == 32
    assert again.keys() == {(cell, seed) for cell in plain if cell.nfe == 2 for seed in (1, 11)}
    for (cell, seed), row in again.items():
        if seed == 1:
            assert row.items() >= plain[cell].items()
    cell, row = next((c, r) for (c, seed), r in again.items() if c.solver == "genie" and seed == 11)
    distance, covered = measured_again(folder, cell, 32, 11)
    assert row["frechet"] == pytest.approx(distance, rel=1e-3)
    assert row["recall"] == pytest.approx(covered, abs=0.01)

    assert {row["solver"] for row in many["rows"]} == {"genie", "genie_multistep", "ddim"}
    assert {row["nfe"] for row in many["rows"]} == {4} and many["n_samples"] == 48
    cell = Cell(*(many["rows"][0][key] for key in Cell._fields))
    distance, covered = measured_again(folder, cell, 48, many["seed"])
    assert many["rows"][0]["frechet"] == pytest.approx(distance, rel=1e-3)


def test_the_own_ode_is_measured_with_and_without_classes(folder):
    quality = ge.tables.read(folder / "results.json")["quality"]
    cell = Cell(**quality["own_ode_by"])
    for name, classes in (("own_ode", True), ("own_ode_unconditional", False)):
        distance, covered = measured_again(folder, cell, 32, quality["seed"], classes)
        assert quality[name] == pytest.approx(distance, rel=1e-3)
        assert quality[f"{name}_recall"] == pytest.approx(covered, abs=0.01)
    floor = quality["data_to_data"]
    assert floor["n_test"] == 128 and floor["test_recall"] > 0.9, "they are among the data here"


def test_the_nearest_image_of_a_training_image_is_itself(folder):
    card = json.loads((folder / "nearest.json").read_text())
    assert card["typical"]["test"]["pixels"] == [0, 0, 0], "they are among the data here"
    assert card["typical"]["samples"]["pixels"][0] > 0.1
    tiles = rows_of(read_png(folder / "nearest.png"), card["tile"])
    assert tiles.shape == (3, card["columns"], 32, 32, 3)
    data = ge.data.cifar10_sample()[0].permute(0, 2, 3, 1).numpy()
    for row, way in ((1, "features"), (2, "pixels")):
        for tile, found in zip(tiles[row], card[way], strict=True):
            image = data[found["index"]]
            assert (tile == (image[:, ::-1] if found["mirrored"] else image)).all()
    x = tiles[0, 0].astype(float) / 127.5 - 1
    known = np.concatenate([data, data[:, :, ::-1]]).astype(float) / 127.5 - 1
    distance = np.sqrt(((known - x) ** 2).mean(axis=(1, 2, 3)))
    found = card["pixels"][0]
    assert distance.argmin() == found["index"] + 512 * found["mirrored"]
    assert distance.min() == pytest.approx(found["distance"], abs=0.01)


def test_costs_are_of_every_judged_solver_and_the_exact_derivative(folder, capsys):
    table = ge.tables.read(folder / "costs.json")
    rows = {(row["solver"], row["derivative"]): row for row in table["costs"]["rows"]}
    with_derivative = {"genie", "genie_multistep"}
    assert rows.keys() == {("ddim", "none")} | {
        (solver, way) for solver in with_derivative for way in ("head", "autodiff")
    }
    assert all(row["seconds_per_1000"] > 0 <= row["spread"] for row in rows.values())
    assert {row["nfe"] for row in rows.values()} == {4} and table["n_images"] == 8
    ddim, exact = (
        rows[key]["seconds_per_1000"] for key in (("ddim", "none"), ("genie", "autodiff"))
    )
    assert table["jvp_share"] == pytest.approx(1 - ddim / exact, abs=0.01)
    assert main(["costs", TINY, "--cpu", "--folder", str(folder)]) == 0
    assert "costs.json is there" in capsys.readouterr().out


def test_a_fresh_run_that_is_stopped_goes_on_without_fresh(folder, tmp_path, capsys):
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    (tmp_path / "plan.json").write_text(json.dumps({"train": 1, "distill": 2}))
    (tmp_path / "other.json").write_text("{}")
    (tmp_path / "head.run.targets").mkdir()  # of a distillation that was stopped
    (tmp_path / "head.run.targets" / "00000.safetensors").touch()
    short = ["--slice-minutes", "0.00001"]
    assert main(command(tmp_path, "--fresh", *short)) == 0
    assert "the same command goes on" in capsys.readouterr().out
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"classifier.run.safetensors", "plan.json", "other.json"}
    assert json.loads((tmp_path / "plan.json").read_text()) == {}
    step = ge.checkpoints.read(tmp_path / "classifier.run.safetensors")[1]["step"]
    assert main(command(tmp_path, *short)) == 0
    assert ge.checkpoints.read(tmp_path / "classifier.run.safetensors")[1]["step"] > step


def test_fresh_trains_what_is_there_again_and_leaves_the_rest(folder, tmp_path):
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    ours = ["--cpu", "--folder", str(tmp_path), "--fresh", "--seed", "5"]
    assert main(["distill", TINY, *ours]) == 0
    changed, before = weights(tmp_path), weights(folder)
    assert all(torch.equal(changed[k], v) for k, v in before.items() if not k.startswith("head"))
    assert any(not torch.equal(changed[k], v) for k, v in before.items() if k.startswith("head"))


def pipeline_flows(folder: Path) -> dict[str, ge.NetworkFlow]:
    """The run's flows."""
    return ge.tables.load_flows(PRESETS[TINY], folder)


def test_the_sheet_shows_the_cells_it_names(folder):
    card = json.loads((folder / "sheet.json").read_text())
    tiles = rows_of(read_png(folder / "sheet.png"), card["tile"])
    assert tiles.shape == (len(card["rows"]) + 1, card["columns"], 32, 32, 3)
    flows = pipeline_flows(folder)
    start = ge.evaluation.starts(flows["head"], card["columns"], (3, 32, 32), card["seed"])
    labels = torch.arange(card["columns"]) % 10
    row = card["rows"][-1]
    cell = Cell(*(row[key] for key in Cell._fields))
    x = ge.evaluation.run_cell(cell, flows, start, labels).x
    shown = ge.images.to_bytes(x).permute(0, 2, 3, 1).numpy().astype(int)
    assert np.abs(shown - tiles[row["row"]].astype(int)).max() <= 1


def test_samples_by_checkpoint_are_of_growing_steps(folder):
    card = json.loads((folder / "base_samples.json").read_text())
    tiles = rows_of(read_png(folder / "base_samples.png"), card["tile"])
    assert len(tiles) == len(card["steps"]) >= 4 and card["steps"][-1] == 24
    assert card["steps"] == sorted(set(card["steps"]))
    assert (tiles[0] != tiles[-1]).any()


def test_the_average_with_the_best_samples_is_kept(folder):
    record = ge.checkpoints.load(folder / "base.safetensors").card["record"]
    found = record["frechet_by_ema"]
    assert set(found) == {"0.7", "0.5"} and found[str(record["ema"])] == min(found.values())
    averages = read_averages(folder / "base.run.safetensors")
    chosen = averages[record["settings"]["ema"].index(record["ema"])]
    stored = ge.checkpoints.read(folder / "base.safetensors")[0]
    assert all(torch.equal(stored[key], value) for key, value in chosen.items())


def test_what_is_there_is_not_made_again(folder, capsys):
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert main(command(folder)) == 0
    assert "results.json is there" in capsys.readouterr().out
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_slices_make_the_same_run_to_the_bit(folder, tmp_path, capsys):
    slices = 1
    while True:
        assert main(command(tmp_path, "--slice-minutes", "0.1")) == 0
        if "are over; the same command goes on" not in capsys.readouterr().out:
            break
        slices += 1
    assert slices >= 3
    assert_same(folder, tmp_path)


def killed_and_resumed(folder: Path, times: int) -> None:
    """Start the run in a process of its own, kill it `times` times at random, let it finish."""
    code = "import sys; from genie_edu.cli import main; sys.exit(main(sys.argv[1:]))"
    start = [sys.executable, "-c", code, *command(folder)]
    pick = random.Random(7)
    for _ in range(times):
        process = subprocess.Popen(start, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(pick.uniform(4, 14))
        process.send_signal(signal.SIGKILL)
        process.wait()
        for path in folder.glob("*.safetensors"):
            ge.checkpoints.read(path)  # whole, or it raises
    subprocess.run(start, check=True, capture_output=True, timeout=500)


@pytest.mark.parametrize("times", [3, pytest.param(20, marks=pytest.mark.long)])
def test_killed_at_random_moments_it_loses_nothing(folder, tmp_path, times, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", os.environ.get("OMP_NUM_THREADS", ""))
    killed_and_resumed(tmp_path, times)
    assert_same(folder, tmp_path)


def test_a_training_is_sized_by_minutes_once(tmp_path, capsys):
    sized = ["train", TINY, "--cpu", "--folder", str(tmp_path), "--minutes", "0.03"]
    assert main([*sized, "--slice-minutes", "0.0001"]) == 0
    plan = json.loads((tmp_path / "plan.json").read_text())["train"]
    assert plan["n_steps"] == max(20, round(60 * 0.03 * plan["steps_per_second"]))
    assert main(sized) == 0
    again = json.loads((tmp_path / "plan.json").read_text())["train"]
    assert again == plan, "a run that goes on keeps its length"
    card = ge.checkpoints.load(tmp_path / "base.safetensors").card
    assert card["record"]["settings"]["n_steps"] == plan["n_steps"]
    assert main([*sized[:-1], "-1"]) == 2
    assert "minutes must be a positive number" in capsys.readouterr().err


def test_other_minutes_do_not_strand_a_run_that_has_begun(tmp_path, capsys):
    sized = ["train", TINY, "--cpu", "--folder", str(tmp_path), "--minutes"]
    assert main([*sized, "0.03", "--slice-minutes", "0.0001"]) == 0
    plan, state = (tmp_path / name for name in ("plan.json", "base.run.safetensors"))
    before = plan.read_bytes(), state.read_bytes()
    assert main([*sized, "0.05"]) == 2
    assert "give those again to go on with it" in capsys.readouterr().err
    assert (plan.read_bytes(), state.read_bytes()) == before
    assert main([*sized, "0.03"]) == 0


def test_the_batch_size_is_that_of_every_part(tmp_path):
    folder = ["--cpu", "--folder", str(tmp_path), "--batch-size", "5"]
    assert main(["classify", TINY, *folder, "--steps", "3"]) == 0
    assert main(["train", TINY, *folder, "--steps", "3"]) == 0
    assert main(["distill", TINY, *folder, "--steps", "2"]) == 0
    for part in ("classifier", "base", "head"):
        record = ge.checkpoints.load(tmp_path / f"{part}.safetensors").card["record"]
        assert record["settings"]["batch_size"] == 5
    assert main(["classify", "mixture-2d", "--cpu", "--folder", str(tmp_path)]) == 2
    whole = command(tmp_path / "whole", "--batch-size", "7", "--slice-minutes", "0.00001")
    assert main(whole) == 0
    card = ge.checkpoints.read(tmp_path / "whole" / "classifier.run.safetensors")[1]
    assert card["run"]["batch_size"] == 7


def test_the_training_set_is_decoded_once(monkeypatch):
    from genie_edu.recipes import presets

    calls = []

    def load(split):
        calls.append(split)
        return np.zeros((4, 32, 32, 3), np.uint8), np.arange(4)

    monkeypatch.setattr(presets.cifar10, "load", load)
    presets._cifar10.cache_clear()
    for _ in range(3):
        PRESETS["cifar10"].data(), PRESETS["cifar10"].judge.split()
    presets._cifar10.cache_clear()
    assert calls == ["train", "test"]


def test_full_precision_never_switches_cudnn_off():
    root = ROOT
    files = [*root.glob("genie_edu/**/*.py"), *root.glob("benchmarks/*.py")]
    calls = [c for f in files for c in re.findall(r"cudnn\.flags\(([^)]*)\)", f.read_text())]
    assert len(calls) >= 3 and all("enabled=True" in call for call in calls)


@pytest.mark.parametrize(
    ("capability", "expected"),
    [((9, 0), ("bfloat16", True)), ((8, 0), ("bfloat16", True)), ((7, 5), ("float16", False))],
)
def test_a_training_takes_what_the_gpu_is_fast_in(monkeypatch, tmp_path, capability, expected):
    class There:
        device = torch.device("cuda")

    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: capability)
    options = pipeline.Options(tmp_path)
    found = pipeline._how_fast(PRESETS["cifar10"], options, There)
    assert (found["precision"], found["compiled"]) == expected
    options = pipeline.Options(tmp_path, precision="float32", compiled=False)
    found = pipeline._how_fast(PRESETS["cifar10"], options, There)
    assert (found["precision"], found["compiled"]) == ("float32", False)
    assert pipeline._how_fast(PRESETS["digits"], pipeline.Options(tmp_path), There) == {
        "precision": "float32",
        "compiled": False,
    }


def test_bfloat16_trains_and_says_so(tmp_path):
    options = pipeline.Options(
        tmp_path, steps=4, cpu=True, precision="bfloat16", channels_last=True, command="here"
    )
    pipeline.train(PRESETS[TINY], options)
    card = ge.checkpoints.load(tmp_path / "base.safetensors").card["record"]
    assert card["precision"] == "bfloat16" and card["channels_last"] and not card["compiled"]
    assert np.isfinite([row[1] for row in card["curve"]]).all()


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_missing_gpu_is_said_with_what_to_do(tmp_path, capsys):
    assert main(["run", "cifar10", "--folder", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "none is here" in said and "--cpu" in said and "cifar10-tiny" in said


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "x"), "No space left on device"),
        (torch.OutOfMemoryError("a long story"), "smaller --batch-size"),
    ],
)
def test_out_of_disk_and_memory_cost_nothing_that_was_saved(
    folder, tmp_path, capsys, monkeypatch, failure, said
):
    (tmp_path / "base.safetensors").write_bytes((folder / "base.safetensors").read_bytes())

    def fail(*arguments, **options):
        raise failure

    with monkeypatch.context() as patch:
        target = "os.fsync" if isinstance(failure, OSError) else "genie_edu.train.training.eps_loss"
        patch.setattr(target, fail)
        train = ["train", TINY, "--cpu", "--steps", "3", "--folder", str(tmp_path)]
        assert main(train) == 2
    assert said in capsys.readouterr().err.strip().splitlines()[-1]
    ge.checkpoints.load(tmp_path / "base.safetensors", "UNet")


@pytest.mark.filterwarnings("ignore:x_bar is far from gamma")  # hardly trained: codes of any size
def test_samples_become_a_picture_of_a_class(folder, tmp_path, capsys):
    out = tmp_path / "s.png"
    draw = ["sample", TINY, "--folder", str(folder), "--n", "5", "--steps", "2", "--label", "3"]
    assert main([*draw, "--out", str(out)]) == 0
    assert read_png(out).shape == (2 * 128, 3 * 128, 3)
    assert main([*draw[:-1], "11", "--out", str(out)]) == 2
    assert "label" in capsys.readouterr().err
    guided = [*draw, "--guidance", "2", "--out", str(tmp_path / "g.npy")]
    assert main(guided) == 0
    assert "4 network calls and 2 derivatives" in capsys.readouterr().out
    net = ge.checkpoints.load(folder / "base.safetensors")
    labels = torch.full((5,), 3)
    flow = ge.GuidedFlow(ge.NetworkFlow(net, labels=labels), ge.NetworkFlow(net), 2.0)
    expected = ge.sample(flow, (5, 3, 32, 32), n_steps=2)
    assert np.array_equal(np.load(tmp_path / "g.npy"), expected.numpy())
    up = ["encode", TINY, "--folder", str(folder), "--n", "2", "--steps", "2", "--label", "3"]
    assert main([*up, "--guidance", "1", "--out", str(out)]) == 0
    assert read_png(out).shape == (3 * 128, 2 * 128, 3)  # images, codes, images again
    assert "2 codes of shape (3, 32, 32), 4 network calls each" in capsys.readouterr().out
    assert main(["sample", "mixture-2d", "--out", "s.png"]) == 2
    assert "must end in .npy" in capsys.readouterr().err


def test_a_preset_may_have_a_head_of_its_guided_flows(tmp_path, monkeypatch):
    """`distill` makes it as well, `run` finds it missing, and guided sampling takes it."""
    guided = Guided(
        head=lambda net: ge.GuidedHead(3, net.feature_sizes, width=8),
        settings=replace(PRESETS[TINY].distill, kept=32, n_steps=4),
    )
    monkeypatch.setitem(PRESETS, "tiny-guided", replace(PRESETS[TINY], guided=guided))
    command = ["tiny-guided", "--cpu", "--folder", str(tmp_path)]
    assert main(["train", *command, "--steps", "2"]) == 0
    assert main(["distill", *command]) == 0
    card = ge.checkpoints.load(tmp_path / "guided_head.safetensors", "GuidedHead").card
    assert card["record"]["settings"]["kept"] == 32 and card["record"]["curve"][-1][0] == 4
    assert not (tmp_path / "guided_head.run.targets").exists()
    draw = ["sample", *command, "--n", "2", "--steps", "2", "--label", "3"]
    made = {}
    for w in ("2", "5"):
        assert main([*draw, "--guidance", w, "--out", str(tmp_path / "g.npy")]) == 0
        made[w] = np.load(tmp_path / "g.npy")
    net, head = (
        ge.checkpoints.load(tmp_path / f"{k}.safetensors") for k in ("base", "guided_head")
    )
    parts = ge.NetworkFlow(net, labels=torch.full((2,), 3)), ge.NetworkFlow(net)
    for w, way in (("2", head), ("5", None)):  # 5 is more than it was distilled for
        flow = ge.GuidedFlow(*parts, float(w), head=way)
        assert np.array_equal(made[w], ge.sample(flow, (2, 3, 32, 32), n_steps=2).numpy())

    options = Options(tmp_path, cpu=True)
    names = [part.__name__ for part in pipeline.missing(PRESETS["tiny-guided"], options)]
    assert names == ["classify"]
    (tmp_path / "guided_head.safetensors").unlink()
    names = [part.__name__ for part in pipeline.missing(PRESETS["tiny-guided"], options)]
    assert names == ["classify", "guide"]


@pytest.mark.parametrize("asked", [False, True])
def test_channels_last_reaches_the_distillation(tmp_path, monkeypatch, asked):
    ge.checkpoints.save(tmp_path / "base.safetensors", PRESETS[TINY].net())
    seen = []

    def look(head, net, data, settings, **where):
        for module in (head, net):
            kernels = [w for w in module.parameters() if w.ndim == 4 and w.shape[-1] > 1]
            seen.append(all(not w.is_contiguous() for w in kernels))
        raise RuntimeError("seen enough")

    monkeypatch.setattr(pipeline, "distill_head", look)
    with pytest.raises(RuntimeError, match="seen enough"):
        pipeline.distill(PRESETS[TINY], Options(tmp_path, cpu=True, channels_last=asked))
    assert seen == [asked, asked]


@pytest.mark.parametrize("name", [n for n, p in PRESETS.items() if len(p.train.decays) > 1])
def test_the_averages_of_a_preset_differ(name):
    """A young run shortens its averages: in a short one, long decays are all the same."""
    settings = PRESETS[name].train
    weights = torch.nn.Linear(1, 1)
    weights.config = {}
    state = RunState(weights, settings, None)
    state.step = settings.n_steps - 1
    for average in state.averages:
        average["weight"].zero_()
    torch.nn.init.ones_(weights.weight)
    state.advance()
    moved = [float(average["weight"]) for average in state.averages]
    assert len(set(moved)) == len(moved)
