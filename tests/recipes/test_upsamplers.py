"""The upsamplers' presets: trained, measured and sampled with conditions, from the command line."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

import genie_edu as ge
from genie_edu.cli import main
from genie_edu.datasets.images import block_means, from_bytes, noised
from genie_edu.recipes.presets import PRESETS, Tables
from genie_edu.recipes.snapshots import CONDITION_SEED, given_of

PRESET = PRESETS["digits-up"]
SMALL = replace(
    PRESET,
    train=replace(PRESET.train, n_steps=6, batch_size=16),
    distill=replace(PRESET.distill, n_steps=4, batch_size=16, kept=32),
    tables=Tables(
        nfes=(2,), n_errors=4, n_quality=33, solvers=("ddim", "genie"), best_grid=True,
        columns=4, ode_steps=4, ode_calls=4, n_costs=4, cost_nfe=2,
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A short run of the whole preset, its results measured."""
    folder = tmp_path_factory.mktemp("up")
    before, PRESETS["digits-up"] = PRESETS["digits-up"], SMALL
    try:
        assert main(["run", "digits-up", "--folder", str(folder), "--cpu"]) == 0
    finally:
        PRESETS["digits-up"] = before
    return folder


def test_the_digits_classifier_judges_and_none_is_trained(folder):
    assert not (folder / "classifier.safetensors").exists()
    results = ge.tables.read(folder / "results.json")
    judge = ge.checkpoints.load(ge.data.shipped("digits/classifier"))
    assert results["quality"]["test_accuracy"] == judge.card["record"]["test_accuracy"]
    assert {row["solver"] for row in results["quality"]["rows"]} == {"ddim", "genie"}
    assert len(results["levels"]) == 13 and (folder / "sheet.png").is_file()


def test_what_is_measured_is_measured_with_the_presets_conditions(folder):
    flows = ge.tables.load_flows(PRESET, folder)
    cell = ge.evaluation.Cell("ddim", "none", "quadratic", 2)
    start = ge.evaluation.starts(flows["head"], 4, PRESET.shape, ge.tables.ERROR_SEED)
    given = given_of(PRESET, 4, torch.device("cpu"))
    exact, _ = ge.evaluation.own_ode(flows["head"], start, n_steps=4, **given)
    end = ge.evaluation.run_cell(cell, flows, start, **given).x_bar
    rows = ge.tables.read(folder / "results.json")["errors"]["rows"]
    (row,) = [r for r in rows if (r["solver"], r["spacing"]) == ("ddim", "quadratic")]
    assert abs(ge.end_point_error(end, exact) / row["error"] - 1) < 1e-3


def test_conditions_are_block_means_of_images_no_training_sees():
    low = PRESET.conditions()
    given = given_of(PRESET, 400, torch.device("cpu"))
    gamma = float(ge.VPSchedule().gamma(0.1))
    assert low.shape == (297, 1, 4, 4) and given["condition_gamma"] == gamma
    assert torch.equal(given["condition"][:5], noised(low, gamma, CONDITION_SEED)[:5])
    assert given["labels"] is None and len(given["condition"]) == 400
    seen = from_bytes(PRESET.data().pixels).flatten(1)
    held_out = from_bytes(PRESET.judge.split()[1].pixels)
    assert torch.equal(block_means(held_out, 2), low)
    assert torch.cdist(held_out.flatten(1), seen).min() > 0


def sampled(folder, tmp_path, *options: str) -> np.ndarray:
    out = tmp_path / "x.npy"
    command = ["sample", "digits-up", "--folder", str(folder), "--n", "3", "--steps", "2", "--cpu"]
    assert main([*command, "--out", str(out), *options]) == 0
    return np.load(out)


def test_samples_depend_on_the_conditions_and_their_noise(folder, tmp_path):
    np.save(tmp_path / "low.npy", PRESET.conditions()[:3].numpy())
    np.save(tmp_path / "other.npy", PRESET.conditions()[3:6].numpy())
    own = sampled(folder, tmp_path)
    given = sampled(folder, tmp_path, "--condition", str(tmp_path / "low.npy"))
    assert own.shape == (3, 1, 8, 8) and np.abs(own - given).max() < 1e-6
    assert np.abs(sampled(folder, tmp_path, "--condition", str(tmp_path / "other.npy")) - own).any()
    assert np.abs(sampled(folder, tmp_path, "--condition-t", "0.5") - own).any()
    assert np.isfinite(sampled(folder, tmp_path, "--condition-t", "0")).all()


@pytest.mark.filterwarnings("ignore:x_bar is far")  # a network of six steps
def test_encoding_takes_the_block_means_of_what_is_encoded(folder, tmp_path, capsys):
    np.save(tmp_path / "x.npy", from_bytes(PRESET.data().pixels[:2]).numpy())
    command = ["encode", "digits-up", "--folder", str(folder), "--steps", "2", "--cpu"]
    out = ["--source", str(tmp_path / "x.npy"), "--out", str(tmp_path / "codes.npy")]
    assert main([*command, *out]) == 0
    assert "2 codes of shape (1, 8, 8)" in capsys.readouterr().out


def test_the_table_of_errors_is_measured_with_conditions(folder, tmp_path, capsys):
    out = tmp_path / "table.json"
    command = ["evaluate", "digits-up", "--folder", str(folder), "--n", "2", "--nfe", "2", "--cpu"]
    assert main([*command, "--out", str(out)]) == 0
    assert len(json.loads(out.read_text())) > 10


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--condition", "wrong.npy"], "must hold (n, 1, 4, 4); it holds (3, 1, 8, 8)"),
        (["--condition", "bytes.npy"], "values from -1 to 1; it reaches 200"),
        (["--condition", "none.npy"], "there is no file none.npy"),
        (["--condition", "few.npy"], "must hold 3 conditions, as --n says; got 2"),
        (["--condition-t", "2"], "--condition-t"),
    ],
)
def test_conditions_that_do_not_fit_get_one_sentence(
    folder, tmp_path, capsys, monkeypatch, options, said
):
    monkeypatch.chdir(tmp_path)
    np.save("wrong.npy", np.zeros((3, 1, 8, 8)))
    np.save("few.npy", np.zeros((2, 1, 4, 4)))
    np.save("bytes.npy", np.full((3, 1, 4, 4), 200, dtype=np.uint8))
    command = ["sample", "digits-up", "--folder", str(folder), "--n", "3", "--steps", "2", "--cpu"]
    assert main([*command, *options]) == 2
    assert said in capsys.readouterr().err.strip().splitlines()[-1]


def test_networks_without_conditions_say_so(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["sample", "mixture-2d", "--condition-t", "0.1"]) == 2
    assert "the network of mixture-2d has none" in capsys.readouterr().err


def test_cifar10s_condition_joins_where_the_image_is_folded():
    net = PRESETS["cifar10-up"].net()
    assert net.inner == net.config["condition_size"] == 16
    assert net.first.in_channels == 3 * 4 + 3
    head = PRESETS["cifar10-up"].head(net)
    x, low = torch.randn(2, 3, 32, 32), torch.randn(2, 3, 16, 16)
    flow = ge.NetworkFlow(net, head, condition=low, condition_gamma=0.3)
    eps, slope = flow.eps_and_derivative(x, 1.0)
    assert eps.shape == slope.shape == x.shape


def test_what_is_encoded_is_an_image(folder, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("bytes.npy", np.full((3, 1, 8, 8), 255, dtype=np.uint8))
    command = ["encode", "digits-up", "--folder", str(folder), "--steps", "2", "--cpu"]
    assert main([*command, "--source", "bytes.npy"]) == 2
    assert "values from -1 to 1; it reaches 255" in capsys.readouterr().err
