"""The heads' ablations: side by side is one by one, stopped is not lost; forms and weights."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import cifar10_ablations as ablations
import head_forms_2d
import pytest
import torch

import genie_edu as ge
from genie_edu.evaluation import starts
from genie_edu.recipes.presets import PRESETS

TINY = PRESETS["cifar10-tiny"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A run's folder with untrained networks, and the script cut to four heads and few numbers."""
    net = TINY.net()
    torch.manual_seed(0)
    torch.nn.init.normal_(net.out.weight, std=0.1)
    ge.checkpoints.save(tmp_path / "base.safetensors", net)
    ge.checkpoints.save(tmp_path / "head.safetensors", TINY.head(net))
    (tmp_path / "results.json").write_text("{}")
    first = {name: ablations.GROUPS[0][name] for name in ("as shipped", "not mixed")}
    groups = (first, *ablations.GROUPS[-2:])
    monkeypatch.setattr(ablations, "GROUPS", groups)
    monkeypatch.setattr(ablations, "VARIANTS", {k: v for g in groups for k, v in g.items()})
    monkeypatch.setattr(ablations, "CALLS", (2,))
    monkeypatch.setattr("genie_edu.judge.tables.LEVELS", (0.1, 1.0))
    return tmp_path


def run(folder: Path, monkeypatch, *more: str) -> None:
    """The script as a command."""
    given = ["--preset", "cifar10-tiny", "--cpu", "--folder", str(folder), "--steps", "3"]
    monkeypatch.setattr(sys, "argv", ["cifar10_ablations.py", *given, *more])
    ablations.main()


def test_every_variant_is_measured_and_stops_lose_nothing(folder, tmp_path_factory, monkeypatch):
    twin = tmp_path_factory.mktemp("twin")
    for path in folder.iterdir():
        (twin / path.name).write_bytes(path.read_bytes())
    run(folder, monkeypatch)
    found = ge.tables.read(folder / "ablations.json")
    names = {"full length", "as shipped", "not mixed", "slope bounded"}
    names |= {"levels linear in t", "states of trajectories"}
    for part in ("heads", "levels", "errors"):
        assert {row["variant"] for row in found[part]["rows"]} == names
    rows = {(r["variant"], r["gamma"]): r["r2"] for r in found["levels"]["rows"]}
    assert rows["full length", 1.0] == 0, "an untrained head is DDIM"
    assert 0 < rows["as shipped", 1.0] < 1
    assert not list(folder.glob("ablations*.run.*"))

    slices = 0
    while not (twin / "ablations.json").is_file():
        slices += 1
        try:
            run(twin, monkeypatch, "--slice-minutes", "0.00001")
        except ablations.TimeUp:
            assert slices < 40
    again = ge.tables.read(twin / "ablations.json")
    assert slices > 8
    for part in ("heads", "levels", "errors"):
        assert again[part] == found[part]


def test_the_heads_side_by_side_are_those_distilled_alone(folder):
    settings = replace(TINY.distill, n_steps=3, kept=0)
    net = ge.checkpoints.load(folder / "base.safetensors")
    options = ablations.Options(folder, cpu=True)
    heads = ablations.distill(TINY, net, ablations.GROUPS[0], 3, options)
    alone = TINY.head(net)
    (*_, last) = ge.distill_head(alone, net, TINY.data(), settings, record_every=1)
    together, loss = heads["as shipped"]
    weights = alone.state_dict()
    assert all(torch.equal(weights[k], v) for k, v in together.state_dict().items())
    assert loss == pytest.approx(last.loss)
    assert any(value.any() for value in weights.values())


def test_a_bounded_slope_is_scaled_and_not_turned():
    class Head(torch.nn.Module):
        def forward(self, x_bar, gamma, eps):
            return torch.stack([eps[0] / gamma, 5 * eps[1].flip(0), eps[2] / 40, 0 * eps[3]])

    eps = torch.randn(4, 1, 4, 4, generator=torch.Generator().manual_seed(0))
    gamma, spread = 2.0, 1.0
    found = ablations.Bounded(Head(), spread)(torch.zeros_like(eps), gamma, eps)
    free = Head()(None, gamma, eps)
    sizes = (gamma * found).flatten(1).norm(dim=1) / eps.flatten(1).norm(dim=1)
    assert sizes.tolist() == pytest.approx([0.2, 0.2, 0.05, 0], rel=1e-5)
    assert torch.allclose(found[0], free[0] / 5, rtol=1e-5)
    assert torch.allclose(found[1], free[1] / 50, rtol=1e-5)
    assert torch.allclose(found[2:], free[2:])


def test_no_gaussian_data_exceed_the_bound():
    variances = torch.tensor([4.0, 1.0, 0.1])
    gamma, eps = 0.5, torch.tensor([[1.0, 0.0, 0.0], [1.0, -2.0, 3.0]])
    exact = variances / (variances + gamma**2) * eps / gamma
    head = torch.nn.Module()
    head.forward = lambda *given: exact
    bounded = ablations.Bounded(head, float(variances.sum()))
    assert torch.equal(bounded(torch.zeros(2, 3), gamma, eps), exact)


def test_states_of_trajectories_lie_on_the_solvers_way():
    net = TINY.net()
    settings = replace(TINY.distill, n_steps=30, batch_size=4)
    batch = ablations.trajectories(net, TINY, settings)
    state, gamma, noise, labels = batch(0, torch.device("cpu"))
    assert state.shape == (4, 3, 32, 32) and not noise.any() and labels.tolist() == [0, 1, 2, 3]
    flow = ge.NetworkFlow(net, labels=labels)
    grid = flow.schedule.gamma(ge.time_grid(ablations.PATHS[0], "linear"))
    path = ge.solve(flow, starts(flow, 4, (3, 32, 32), 1_000), grid, "dpmpp_2m")
    for i in range(4):
        place = int((grid - gamma[i]).abs().argmin())
        assert place < len(grid) - 1
        assert torch.allclose(path.x_bar[place][i], state[i], rtol=1e-4, atol=1e-4)
    assert torch.equal(batch(0, torch.device("cpu"))[0], state)
    assert not torch.equal(batch(10, torch.device("cpu"))[0], state), "another trajectory"


def test_without_tables_the_run_comes_first(tmp_path, monkeypatch, capsys):
    run(tmp_path, monkeypatch)
    assert "the run comes first" in capsys.readouterr().out
    (tmp_path / "ablations.json").write_text(json.dumps({}))
    run(tmp_path, monkeypatch)
    assert "is there" in capsys.readouterr().out


@pytest.mark.parametrize("form", head_forms_2d.FORMS)
@pytest.mark.parametrize("weighting", head_forms_2d.WEIGHTINGS)
def test_a_head_of_every_form_and_weight_is_distilled(form, weighting, monkeypatch):
    preset = PRESETS["mixture-2d"]
    short = replace(preset.distill, n_steps=2, batch_size=16)
    monkeypatch.setitem(PRESETS, "mixture-2d", replace(preset, distill=short))
    monkeypatch.setattr(head_forms_2d, "KEPT", 64)
    net = ge.checkpoints.load(ge.data.shipped("mixture_2d/base"))
    head = head_forms_2d.distilled(net, form, weighting, seed=1)
    assert head.preconditioned == (form == "own form") and head.out.weight.any()
    flow = ge.NetworkFlow(net.double(), head.double())
    start = torch.randn(4, 2, dtype=torch.float64)
    start = 152 * start
    found = head_forms_2d.errors(flow, start, start, ("genie",))["genie"]
    assert all(len(found[s]) == len(head_forms_2d.CALLS) for s in head_forms_2d.SPACINGS)
