"""The own ODE of a network: what it finds, stopped anywhere, and whose file it goes on with."""

from __future__ import annotations

import itertools

import pytest
import torch

import genie_edu as ge
from genie_edu.evaluation import own_ode, starts
from genie_edu.judge import reference as module
from genie_edu.judge.reference import reference
from genie_edu.recipes.options import Options, TimeUp

IDENTITY = {"base": "one"}


@pytest.fixture(scope="module")
def flow():
    torch.manual_seed(0)
    net = ge.UNet(1, 8, (8, 8), 1, (), sigma_data=0.5, classes=2)
    for weight in net.requires_grad_(False).parameters():
        weight.add_(0.05 * torch.randn(weight.shape))
    return ge.NetworkFlow(net)


def solved(flow, folder, identity=IDENTITY, labels=(0, 1, 1), **options):
    """What is found from three starts in 24 steps."""
    start = starts(flow, 3, (1, 8, 8))
    given = Options(folder, **options)
    path = folder / "there.safetensors"
    return reference(flow, start, 24, path, identity, given, labels=torch.tensor(labels))


def test_it_is_the_own_ode_and_shows_how_far_it_is(flow, tmp_path, capsys):
    end, doubt = solved(flow, tmp_path)
    labels = torch.tensor([0, 1, 1])
    direct, uncertain = own_ode(flow, starts(flow, 3, (1, 8, 8)), labels, 24)
    assert torch.allclose(end, direct, atol=1e-5) and doubt == pytest.approx(uncertain, rel=1e-3)
    said = capsys.readouterr().err
    assert "own ODE" in said and "24/24" in said and "12/12" in said
    other, _ = solved(flow, tmp_path / "other", labels=(1, 0, 0))
    assert not torch.allclose(end, other, atol=1e-3)


def test_stopped_after_each_stretch_it_ends_where_it_would_have(flow, tmp_path):
    whole = solved(flow, tmp_path / "whole")
    for n in itertools.count():
        try:
            parts = solved(flow, tmp_path, slice_minutes=1e-6)
            break
        except TimeUp:
            assert n < 9
    assert n >= 5 and torch.equal(parts[0], whole[0]) and parts[1] == whole[1]


def test_a_stop_by_hand_loses_nothing(flow, tmp_path, monkeypatch):
    whole = solved(flow, tmp_path / "whole")
    real, calls = module.ode_stretch, []

    def stopped(*args, **given):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(*args, **given)

    monkeypatch.setattr(module, "ode_stretch", stopped)
    with pytest.raises(KeyboardInterrupt):
        solved(flow, tmp_path)
    assert torch.equal(solved(flow, tmp_path)[0], whole[0])
    assert len(calls) == 3 + 3 + 3, "of the first solution two stretches were not made again"


def test_what_is_there_is_taken_and_anothers_is_not(flow, tmp_path, monkeypatch):
    found = solved(flow, tmp_path)
    monkeypatch.setattr(module, "ode_stretch", lambda *a, **k: pytest.fail("solved again"))
    again = solved(flow, tmp_path)
    assert torch.equal(again[0], found[0]) and again[1] == found[1]
    with pytest.raises(pytest.fail.Exception, match="solved again"):
        solved(flow, tmp_path, identity={"base": "two"})
