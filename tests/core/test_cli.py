"""The command line: the library's functions, with progress and one sentence for bad input."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import torch

import genie_edu as ge
from genie_edu.cli import main


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run of a few steps."""
    folder = tmp_path_factory.mktemp("run")
    for command in ("train", "distill"):
        assert main([command, "mixture-2d", "--folder", str(folder), *SHORT]) == 0
    return folder


SHORT = ["--steps", "30", "--batch-size", "64", "--cpu"]


def refused(capsys, *arguments: str) -> str:
    """The one sentence that a refused command prints."""
    assert main(list(arguments)) == 2
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert said.startswith("genie-edu: ")
    return said


def test_a_run_leaves_networks_with_their_records(folder):
    for part in ("base", "head"):
        record = ge.checkpoints.load(folder / f"{part}.safetensors").card["record"]
        assert record["settings"]["n_steps"] == 30 and record["curve"][-1][0] == 30
        assert record["command"].startswith("genie-edu ") and record["date"]


def test_training_shows_progress_and_the_time_left(tmp_path, capsys):
    assert main(["train", "mixture-2d", "--folder", str(tmp_path), *SHORT]) == 0
    said = capsys.readouterr()
    assert "30/30" in said.err and "examples/s" in said.err and "s left" in said.err
    assert "51,842 parameters" in said.out


def test_the_same_command_goes_on_and_another_is_refused(folder, capsys):
    before = (folder / "base.safetensors").read_bytes()
    command = ["train", "mixture-2d", "--folder", str(folder)]
    assert "n_steps=30, not 31" in refused(capsys, *command, *SHORT[2:], "--steps", "31")
    assert (folder / "base.safetensors").read_bytes() == before
    weights = ge.checkpoints.read(folder / "base.safetensors")[0]
    assert main([*command, *SHORT]) == 0
    again = ge.checkpoints.read(folder / "base.safetensors")[0]
    assert all(torch.equal(weights[key], again[key]) for key in weights)


def test_stopping_says_how_to_go_on(tmp_path, capsys, monkeypatch):
    def interrupt(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("genie_edu.train.loop.learning_rate", interrupt)
    assert main(["train", "mixture-2d", "--folder", str(tmp_path), *SHORT]) == 130
    assert "the same command goes on" in capsys.readouterr().err


def test_samples_are_those_of_the_library(folder, tmp_path, capsys):
    out = tmp_path / "s.npy"
    command = ["sample", "mixture-2d", "--folder", str(folder), "--n", "5", "--steps", "4"]
    assert main([*command, "--seed", "2", "--out", str(out)]) == 0
    assert "4 network calls and 4 derivatives each" in capsys.readouterr().out
    net, head = (
        ge.checkpoints.load(folder / f"{part}.safetensors").double() for part in ("base", "head")
    )
    expected = ge.sample(ge.NetworkFlow(net, head), (5, 2), n_steps=4, seed=2)
    assert np.array_equal(np.load(out), expected.numpy())


def test_samples_of_the_shipped_networks_need_no_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["sample", "mixture-2d"]) == 0
    x = np.load("samples.npy")
    assert x.shape == (16, 2) and np.isfinite(x).all()


def test_codes_are_the_librarys_and_lead_back(folder, tmp_path, capsys):
    rng = np.random.default_rng(0)
    np.save(tmp_path / "x.npy", rng.normal(size=(5, 2)))
    run = ["mixture-2d", "--folder", str(folder), "--steps", "60", "--solver", "genie_multistep"]
    codes = str(tmp_path / "codes.npy")
    assert main(["encode", *run, "--source", str(tmp_path / "x.npy"), "--out", codes]) == 0
    assert "5 codes of shape (2,), 60 network calls each" in capsys.readouterr().out
    net, head = (
        ge.checkpoints.load(folder / f"{part}.safetensors").double() for part in ("base", "head")
    )
    flow, x = ge.NetworkFlow(net, head), torch.from_numpy(np.load(tmp_path / "x.npy"))
    gammas = flow.schedule.gamma(ge.time_grid(60, "quadratic"))
    expected = ge.encode(flow, x, gammas.flip(0), "genie_multistep").final
    assert np.array_equal(np.load(codes), expected.numpy())
    back = str(tmp_path / "back.npy")
    assert main(["sample", *run, "--start", codes, "--out", back]) == 0
    assert "5 samples of shape (2,), 60 network calls" in capsys.readouterr().out
    assert np.abs(np.load(back) - x.numpy()).max() < 0.1
    assert main(["encode", *run, "--n", "3", "--out", codes]) == 0
    assert np.load(codes).shape == (3, 2)


def test_evaluate_prints_and_writes_one_table(folder, tmp_path, capsys):
    out = tmp_path / "table.json"
    command = ["evaluate", "mixture-2d", "--folder", str(folder), "--n", "8", "--nfe", "4", "5"]
    assert main([*command, "--out", str(out)]) == 0
    rows = json.loads(out.read_text())
    kinds = {(row["solver"], row["derivative"]) for row in rows}
    with_head = {name for name, kind in kinds if kind == "head"}
    assert with_head == {"genie", "genie_log", "genie_multistep"}
    assert {name for name, kind in kinds if kind == "autodiff"} == with_head | {"taylor3"}
    assert {name for name, _ in kinds} == set(ge.SOLVERS)
    heun = [row for row in rows if row["solver"] == "heun"]
    assert {row["nfe"] for row in heun} == {4}, "five calls are no whole number of Heun's steps"
    assert all(row["error"] >= 0 for row in rows)
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 1 + 4 * len(kinds)


def test_bad_input_gets_one_sentence(folder, tmp_path, capsys):
    assert "did you mean 'mixture-2d'" in refused(capsys, "train", "mixture-3d")
    said = refused(capsys, "distill", "mixture-2d", "--folder", str(tmp_path), "--cpu")
    assert "genie-edu train mixture-2d first" in said
    said = refused(capsys, "sample", "mixture-2d", "--folder", str(folder), "--solver", "geni")
    assert "did you mean 'genie'" in said
    guided = ("sample", "mixture-2d", "--folder", str(folder), "--guidance", "2")
    assert "--guidance needs a --label" in refused(capsys, *guided)
    (tmp_path / "x.npy").write_bytes(b"half")
    said = refused(capsys, "encode", "mixture-2d", "--source", str(tmp_path / "x.npy"))
    assert "is no .npy file" in said
    np.save(tmp_path / "x.npy", np.zeros((3, 4)))
    said = refused(capsys, "encode", "mixture-2d", "--source", str(tmp_path / "x.npy"))
    assert "it holds (3, 4)" in said
    (tmp_path / "base.safetensors").write_bytes(b"half")
    said = refused(capsys, "evaluate", "mixture-2d", "--folder", str(tmp_path))
    assert "truncated" in said


def test_doctor_says_what_is_here_and_what_is_missing(capsys, monkeypatch):
    assert main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert f"torch {torch.__version__}" in said and "nothing is missing" in said
    assert "mixture_2d/base.safetensors: " in said
    import importlib.util

    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "anywidget" else real(name)
    )
    assert main(["doctor"]) == 0
    assert "missing: pip install anywidget" in capsys.readouterr().out


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_in_the_background_stops_whole(tmp_path, number):
    """There a shell has Ctrl-C's signal ignored; what was done is saved all the same."""
    command = [sys.executable, "-m", "genie_edu.cli", "train", "mixture-2d", "--cpu"]
    command += ["--steps", "100000", "--batch-size", "64", "--folder", str(tmp_path)]
    child = subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )
    path, began = tmp_path / "base.run.safetensors", time.monotonic()
    while not path.is_file() and time.monotonic() - began < 120:
        time.sleep(0.1)
    first = ge.checkpoints.read(path)[1]["step"]
    time.sleep(0.5)
    child.send_signal(number)
    assert child.wait(60) == 130
    assert b"the same command goes on" in child.stderr.read()
    assert ge.checkpoints.read(path)[1]["step"] > first


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("sample mixture-2d --n 0", "--n must be a whole number of at least 1; got 0"),
        ("sample mixture-2d --n -3", "--n must be a whole number of at least 1; got -3"),
        ("sample mixture-2d --n 100000000000000", "out of memory"),
        ("sample mixture-2d --steps 0", "n_steps must be a whole number of at least 1"),
        ("sample mixture-2d --seed -1", "seed must be a whole number of at least 0"),
        (
            "sample mixture-2d --label 0",
            "--label was given, and the network of mixture-2d knows none",
        ),
        ("evaluate mixture-2d --n 0", "n_starts must be a whole number of at least 1"),
        ("evaluate mixture-2d --nfe 5 0", "nfes must be a whole number of at least 1"),
        ("train mixture-2d --steps 0", "steps must be a whole number of at least 1"),
        ("train mixture-2d --batch-size -1", "batch_size must be a whole number of at least 1"),
        ("train mixture-2d --seed -1", "seed must be a whole number of at least 0"),
        ("train mixture-2d --minutes 0", "minutes must be a positive number; got 0"),
        ("train mixture-2d --minutes nan", "minutes must be a positive number; got nan"),
        ("train mixture-2d --minutes inf", "minutes must be a positive number; got inf"),
        ("train mixture-2d --slice-minutes -1", "slice_minutes must be a positive number; got -1"),
        ("run mixture-2d --distill-minutes nan", "minutes must be a positive number; got nan"),
    ],
)
def test_counts_and_times_that_are_none_are_refused_at_once(
    command, words, tmp_path, capsys, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    assert main(command.split()) == 2
    said = capsys.readouterr().err
    assert words in said and len(said.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []
