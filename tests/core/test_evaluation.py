"""Tables over solvers: cells, the networks' own ODE, levels; compared with closed forms."""

from __future__ import annotations

import pytest
import torch

import genie_edu as ge
from genie_edu.evaluation import (
    Cell,
    best_grids,
    by_level,
    cells,
    error_table,
    features_of,
    own_ode,
    run_cell,
    starts,
)
from genie_edu.nets.classifier import Classifier
from genie_edu.schedule import per_sample
from genie_edu.solvers import noise

VARIANCE = 0.49


class GaussianNet(torch.nn.Module):
    """eps of data N(m, VARIANCE) in every pixel, m the label if there is one: closed form."""

    feature_sizes = (1, 1)

    def __init__(self) -> None:
        super().__init__()
        self.one = torch.nn.Parameter(torch.ones((), dtype=torch.float64))

    def forward(self, x_bar, gamma, labels=None, features=False):
        gamma = per_sample(gamma, x_bar)
        mean = 0.0 if labels is None else per_sample(labels, x_bar)
        eps = self.one * gamma * (x_bar - mean) / (gamma * gamma + VARIANCE)
        return (eps, eps, gamma) if features else eps


class ExactHead(torch.nn.Module):
    """The total derivative of GaussianNet's eps along the flow, times `factor`."""

    def __init__(self, factor: float = 1.0) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x_bar, gamma, eps, hidden, level):
        gamma = per_sample(gamma, x_bar)
        # eps = c gamma / sqrt(gamma^2 + v) on a trajectory, so d log eps/dgamma is this:
        return self.factor * eps * VARIANCE / (gamma * (gamma**2 + VARIANCE))


def flows() -> dict[str, ge.Flow]:
    """The same field with its derivative from a head and from autodiff."""
    net = GaussianNet()
    return {"head": ge.NetworkFlow(net, ExactHead()), "autodiff": ge.NetworkFlow(net)}


def end_point(start: torch.Tensor, mean: torch.Tensor | float = 0.0) -> torch.Tensor:
    """Where the flow ends: x_bar - mean shrinks as sqrt(gamma^2 + v)."""
    high, low = (float(ge.VPSchedule().gamma(t)) ** 2 + VARIANCE for t in (1.0, 1e-3))
    return mean + (start - mean) * (low / high) ** 0.5


def test_every_cell_spends_exactly_its_calls():
    start = starts(flows()["head"], 3, (1, 2, 2))
    seen = set()
    for cell in cells(flows(), (4, 5), afs=(False, True)):
        both = flows()
        run_cell(cell, both, start)
        used = both.get(cell.derivative, both["head"])
        assert used.nfe == cell.nfe, cell
        seen.add((cell.solver, cell.derivative))
    assert {solver for solver, _ in seen} == set(ge.SOLVERS)
    assert {("genie", "head"), ("genie", "autodiff"), ("ddim", "none")} <= seen
    assert ("taylor3", "head") not in seen and ("ddim", "autodiff") not in seen


def test_calls_that_do_not_divide_are_left_out():
    found = {(c.solver, c.nfe, c.afs) for c in cells(flows(), (5,), ("heun", "rk4"), ("linear",))}
    assert found == set()
    found = {c.afs for c in cells(flows(), (5,), ("heun",), ("linear",), (False, True))}
    assert found == {True}, "with a free first call three steps of Heun cost five"


def test_own_ode_of_images_is_the_closed_form_and_its_uncertainty_is_honest():
    flow = flows()["autodiff"]
    start = starts(flow, 5, (1, 2, 2), seed=3)
    found, uncertain = own_ode(flow, start)
    error = ge.end_point_error(found, end_point(start))
    assert error < uncertain < 1e-5
    rough, more = own_ode(flow, start, n_steps=20)
    assert error < ge.end_point_error(rough, end_point(start)) < more


def test_a_network_gets_as_many_states_at_once_as_fit_its_device() -> None:
    images = lambda side: torch.zeros(1, 3, side, side)  # noqa: E731
    sides = {8: 512, 32: 64, 64: 16, 256: 1, 512: 1}
    assert {side: ge.evaluation.at_once(images(side)) for side in sides} == sides
    assert ge.evaluation.at_once(torch.zeros(5, 2)) == 512


def test_labels_go_with_their_states_over_several_batches(monkeypatch):
    monkeypatch.setattr("genie_edu.evaluation.AT_ONCE", 4)
    flow = flows()["autodiff"]
    start, labels = starts(flow, 10, (1, 1, 1)), torch.arange(10)
    found, _ = own_ode(flow, start, labels)
    expected = end_point(start, labels[:, None, None, None].double())
    assert (found - expected).abs().max() < 1e-5
    found, _ = own_ode(flow, start)
    assert (found - end_point(start)).abs().max() < 1e-5, "labels stay with their own call"
    with pytest.raises(ValueError, match="10 states need as many labels; got 4"):
        ge.NetworkFlow(GaussianNet(), labels=labels[:4]).eps(start, 1.0)


def test_the_error_table_agrees_with_solve():
    table = dict(error_table(flows(), (2,), n_starts=6, nfes=(4,)))
    flow = flows()["autodiff"]
    start = starts(flow, 6, (2,))
    path = ge.solve(flow, start, ge.VPSchedule().gamma(ge.time_grid(4, "quadratic")), "genie")
    expected = ge.end_point_error(path.x_bar[-1], end_point(start))
    assert table[Cell("genie", "head", "quadratic", 4)] == pytest.approx(expected, rel=1e-9)
    assert table[Cell("genie", "autodiff", "quadratic", 4)] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("factor", "r2"), [(1.0, 1.0), (0.5, 0.75), (0.0, 0.0)])
def test_levels_give_loss_r2_and_cosine(factor, r2):
    clean = VARIANCE**0.5 * torch.randn(900, 1, 2, 2, generator=torch.Generator().manual_seed(5))
    rows = by_level(GaussianNet(), ExactHead(factor), clean.double(), (0.1, 1.0, 10.0))
    for row in rows:
        expected = VARIANCE / (row["gamma"] ** 2 + VARIANCE)  # the noise that eps can't know
        assert row["loss"] == pytest.approx(expected, rel=0.1)
        assert row["r2"] == pytest.approx(r2, abs=1e-9)
        assert row["cosine"] == pytest.approx(float(factor > 0), abs=1e-9)


def test_the_best_grid_is_chosen_for_every_solver_and_count():
    errors = {
        Cell("ddim", "none", "linear", 5): 0.3,
        Cell("ddim", "none", "quadratic", 5): 0.2,
        Cell("ddim", "none", "quadratic", 5, True): 0.4,
        Cell("ddim", "none", "linear", 10): 0.1,
        Cell("genie", "head", "linear", 5): 0.05,
    }
    assert [cell.spacing for cell in best_grids(errors)] == ["quadratic", "linear", "linear"]


def test_starts_have_the_scale_of_noise_and_data():
    flow = ge.AnalyticFlow(ge.GaussianMixture(**ge.TOYS["ring"]))
    x = starts(flow, 3, (2,), 4) / torch.sqrt(1 + flow.schedule.gamma(1.0) ** 2)
    assert float((x - noise((3, 2), 4)).abs().max()) < 1e-14


def test_features_are_of_clipped_images():
    classifier = Classifier(1, (8, 16), 8, 3)
    x = torch.randn(2, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    clipped = features_of(classifier, x.clamp(-1, 1))
    assert torch.equal(features_of(classifier, x), clipped)


def test_what_a_guided_flow_holds_for_each_state_goes_with_its_part(monkeypatch):
    net, labels = GaussianNet(), torch.arange(6) % 3
    w = torch.linspace(0, 3, 6, dtype=torch.float64)
    start = starts(ge.NetworkFlow(net), 6, (1, 2, 2))
    cell = Cell("ddim", "none", "linear", 4)

    def guided(labels, w):
        other = ge.NetworkFlow(net, labels=torch.zeros_like(labels))
        return ge.GuidedFlow(ge.NetworkFlow(net, labels=labels), other, w)

    flow = guided(labels, w)
    whole = run_cell(cell, {"none": flow}, start).x
    assert (whole - run_cell(cell, {"none": guided(labels.flip(0), w)}, start).x).abs().max() > 0.1
    assert (whole - run_cell(cell, {"none": guided(labels, w.flip(0))}, start).x).abs().max() > 0.1
    monkeypatch.setattr(ge.evaluation, "AT_ONCE", 4)
    assert torch.allclose(run_cell(cell, {"none": flow}, start).x, whole, rtol=1e-12)
    assert flow.w is w and flow.conditional.labels is labels
    outer = ge.flow.AnalyticFirstStep(flow)
    with ge.flow.states_at(outer, torch.tensor([5, 0])):
        assert flow.w.tolist() == [3, 0] and flow.conditional.labels.tolist() == [2, 0]
    assert flow.w is w
    for one in (flow, ge.AnalyticFlow(ge.GaussianMixture(**ge.TOYS["three_modes"]))):
        with pytest.raises(ValueError, match="labels was given, and flows of this kind take none"):
            run_cell(cell, {"none": one}, torch.ones(6, 2), labels)
