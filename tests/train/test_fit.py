"""A solver fitted to a flow and a grid: what it finds, and what it refuses."""

from __future__ import annotations

import functools

import pytest
import torch
from worlds import SCHEDULE

import genie_edu as ge
from genie_edu.train.fit import (
    TERMS,
    WITHOUT_SLOPE,
    directions,
    exact_path,
    fingerprint,
    fit_solver,
    load_solver,
)

THREE = ge.AnalyticFlow(ge.GaussianMixture(**ge.TOYS["three_modes"]))


def grid(n: int, spacing: str = "quadratic") -> torch.Tensor:
    return SCHEDULE.gamma(ge.time_grid(n, spacing))


def starts(n: int, seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(n, 2, dtype=torch.float64, generator=generator)
    return noise * float((1 + grid(1)[0] ** 2) ** 0.5)


@functools.cache
def fitted(n: int, terms: tuple[str, ...] = WITHOUT_SLOPE, **options) -> ge.Solver:
    return fit_solver(THREE, grid(n), starts(128, 1), terms, **options)


def held_out_error(solver: str | ge.Solver, n: int, spacing: str = "quadratic") -> float:
    start = starts(128, 2)
    exact = ge.exact_solution(THREE, start, grid(n, spacing))[-1]
    return ge.end_point_error(ge.solve(THREE, start, grid(n, spacing), solver).x_bar[-1], exact)


def test_one_round_gaussian_takes_one_weight_a_step_and_is_then_exact():
    one = ge.AnalyticFlow(ge.GaussianMixture([1.0], [[0.0, 0.0]], [[[0.5, 0], [0, 0.5]]]))
    solver = fit_solver(one, grid(4), starts(16, 1), ("eps",), ridge=0.0, rounds=0)
    exact = ge.exact_solution(one, starts(50, 2), grid(4))[-1]
    end = ge.solve(one, starts(50, 2), grid(4), solver).x_bar[-1]
    assert (end - exact).abs().max() < 1e-6
    gammas = grid(4)
    for weights, g, g_next in zip(solver.step.weights, gammas[:-1], gammas[1:], strict=True):
        root = lambda v: (v * v + 0.5).sqrt()  # noqa: E731
        by_hand = (root(g_next) / root(g) - 1) * root(g) ** 2 / (g * (g_next - g))
        assert abs(weights["eps"] - float(by_hand)) < 1e-6


def test_shrunk_altogether_it_is_euler():
    solver = fit_solver(THREE, grid(5), starts(16, 1), TERMS, ridge=1e12, rounds=0)
    ours, ddim = (ge.solve(THREE, starts(8, 3), grid(5), s) for s in (solver, "ddim"))
    assert (ours.x_bar - ddim.x_bar).abs().max() < 1e-6
    assert ours.nfe == 5 and ours.n_derivatives == 5


@pytest.mark.parametrize("n", [5, 8])
def test_it_has_less_than_half_the_error_of_any_rival_on_its_best_grid(n):
    rivals = ("dpmpp_2m", "deis_tab3", "deis_logrho3", "ipndm4", "unipc_2")
    grids = ("linear", "quadratic", "log_gamma", "rho7")
    best = min(held_out_error(rival, n, spacing) for rival in rivals for spacing in grids)
    assert held_out_error(fitted(n), n) < 0.5 * best
    assert held_out_error(fitted(n), n) < 0.5 * held_out_error(fitted(n, rounds=0), n)


def test_a_slope_among_the_terms_does_no_harm():
    assert held_out_error(fitted(5, TERMS), 5) < 0.8 * held_out_error(fitted(5), 5)


def test_directions_hold_the_methods_that_are_known():
    """Euler, Adams-Bashforth 2 and GENIE are weights of theirs."""
    x_bar, gammas = starts(6, 4), grid(3).tolist()
    first, memory = directions(THREE, x_bar, *gammas[:2], None, TERMS)
    assert set(first) == {"state", "eps", "slope"}
    genie, _ = ge.SOLVERS["genie"].step(THREE, x_bar, *gammas[:2])
    assert (x_bar + first["eps"] + first["slope"] - genie).abs().max() < 1e-9
    known, memory = directions(THREE, genie, *gammas[1:3], memory, TERMS)
    assert set(known) == set(TERMS) - {"past2"}
    past = ((gammas[0], x_bar, THREE.eps(x_bar, gammas[0])),)
    ab2, _ = ge.SOLVERS["ab2"].step(THREE, genie, *gammas[1:3], past)
    h, before = gammas[2] - gammas[1], gammas[1] - gammas[0]
    assert (genie + known["eps"] - (0.5 * h / before) * known["past"] - ab2).abs().max() < 1e-9
    third, _ = directions(THREE, ab2, 0.5 * gammas[2], 0.1 * gammas[2], memory, TERMS)
    assert set(third) == set(TERMS)


def test_every_choice_matters():
    whole = fitted(5).step.weights
    assert fitted(5, ridge=0.5).step.weights != whole
    assert fitted(5, rounds=1).step.weights != whole
    assert fit_solver(THREE, grid(5), starts(128, 9), WITHOUT_SLOPE).step.weights != whole
    assert set(fitted(5, ("eps", "past")).step.weights[1]) == {"eps", "past"}
    assert [set(step) for step in whole[:3]] == [
        {"state", "eps"}, {"state", "eps", "past"}, set(WITHOUT_SLOPE)
    ]  # fmt: skip


def test_the_exact_path_of_a_network_is_runge_kuttas():
    torch.manual_seed(0)
    net = ge.UNet(1, 8, (8, 8), 1, (), sigma_data=0.5).double()
    for weight in net.requires_grad_(False).parameters():
        weight.add_(0.05 * torch.randn(weight.shape))
    flow = ge.NetworkFlow(net)
    start = 150 * torch.randn(9, 1, 8, 8, dtype=torch.float64)
    path = exact_path(flow, start, grid(4))
    fine = ge.evaluation.own_ode(flow, start, n_steps=200)[0]
    assert path.shape == (5, 9, 1, 8, 8)
    assert (path[-1] - fine).norm() < 1e-4 * fine.norm()
    solver = fit_solver(flow, grid(4), start, WITHOUT_SLOPE, rounds=1)
    assert ge.solve(flow, start, grid(4), solver).nfe == 4
    other = ge.NetworkFlow(ge.UNet(1, 8, (8, 8), 1, (), sigma_data=0.5).double())
    assert fingerprint(other) != fingerprint(flow)
    with pytest.raises(ValueError, match="another flow"):
        ge.solve(other, start, grid(4), solver)


def test_a_path_that_is_known_is_not_solved_again():
    start = starts(32, 1)
    path = exact_path(THREE, start, grid(4))
    given = {"terms": WITHOUT_SLOPE, "rounds": 1}
    solver = fit_solver(THREE, grid(4), start, **given)
    assert fit_solver(THREE, grid(4), start, exact=path, **given).card == solver.card
    assert fit_solver(THREE, grid(4), start, exact=0.9 * path, **given).card != solver.card
    with pytest.raises(ValueError, match=r"exact must be the start's path, \(5, 32, 2\)"):
        fit_solver(THREE, grid(4), start, exact=path[1:], **given)


def test_every_start_keeps_its_own_label():
    torch.manual_seed(0)
    net = ge.UNet(1, 8, (8, 8), 1, (), sigma_data=0.5, classes=3).double()
    for weight in net.requires_grad_(False).parameters():
        weight.add_(0.2 * torch.randn(weight.shape))
    start = 150 * torch.randn(16, 1, 8, 8, dtype=torch.float64)

    def fit(labels: torch.Tensor) -> ge.Solver:
        flow = ge.NetworkFlow(net, labels=labels)
        solver = fit_solver(flow, grid(3), start, WITHOUT_SLOPE, rounds=2)
        assert flow.labels is labels
        return solver

    labels = torch.arange(16) % 3
    solver = fit(labels)
    assert solver.step.weights != fit(torch.full((16,), 2)).step.weights
    assert solver.step.weights != fit(labels.flip(0)).step.weights
    kept = ge.NetworkFlow(net, labels=labels[::4])
    end = ge.solve(kept, start[::4], grid(3), solver).x_bar[-1]
    error = ge.end_point_error(end, exact_path(kept, start[::4], grid(3))[-1])
    assert error == pytest.approx(solver.card["error_on_kept"], rel=1e-9)


def test_every_start_keeps_the_level_of_its_condition():
    torch.manual_seed(0)
    net = ge.UNet(1, 8, (8, 8), 1, (), sigma_data=0.5, condition=1, condition_level=True).double()
    for weight in net.requires_grad_(False).parameters():
        weight.add_(0.2 * torch.randn(weight.shape))
    start = 150 * torch.randn(16, 1, 8, 8, dtype=torch.float64)
    given = {"condition": 0.01 * start, "condition_gamma": torch.linspace(0.1, 5, 16).double()}

    def fit(**other: torch.Tensor) -> ge.Solver:
        flow = ge.NetworkFlow(net, **(given | other))
        return fit_solver(flow, grid(3), start, WITHOUT_SLOPE, rounds=1)

    weights = fit().step.weights
    for name, value in given.items():
        assert fit(**{name: value.flip(0)}).step.weights != weights


def test_guided_flows_are_told_apart_by_weight_interval_and_parts():
    mixture = THREE.mixture
    one, two = THREE, ge.AnalyticFlow(ge.GaussianMixture(**ge.TOYS["ring"]))
    flows = [
        ge.GuidedFlow(one, two, 1.0),
        ge.GuidedFlow(one, two, 2.0),
        ge.GuidedFlow(one, two, 1.0, interval=(1.0, 2.0)),
        ge.GuidedFlow(two, one, 1.0),
        ge.SumOfDerivativesFlow(one, two, 1.0),
    ]
    assert len({fingerprint(flow) for flow in flows}) == len(flows)
    assert fingerprint(ge.GuidedFlow(ge.AnalyticFlow(mixture), two, 1.0)) == fingerprint(flows[0])


def test_it_comes_back_from_its_card(tmp_path):
    solver = fitted(5)
    solver.save(tmp_path / "solver.json")
    again = load_solver(tmp_path / "solver.json")
    x = starts(10, 6)
    paths = [ge.solve(THREE, x, grid(5), s).x_bar for s in (solver, again)]
    assert torch.equal(*paths)
    assert again.card == solver.card and again.memory == 2 and again.derivatives == 0
    for text in ("{}", "[]", "no", '{"kind": "another"}'):
        (tmp_path / "other.json").write_text(text)
        with pytest.raises(ValueError, match=r"other\.json is not the card"):
            load_solver(tmp_path / "other.json")


def test_another_grid_and_another_flow_are_refused():
    solver = fitted(5)
    with pytest.raises(ValueError, match="fitted to a grid of 5 steps, none of them from gamma"):
        ge.solve(THREE, starts(4, 1), grid(6), solver)
    ring = ge.AnalyticFlow(ge.GaussianMixture(**ge.TOYS["ring"]))
    with pytest.raises(ValueError, match="fitted to another flow"):
        ge.solve(ring, starts(4, 1), grid(5), solver)
    same = ge.AnalyticFlow(ge.GaussianMixture(**ge.TOYS["three_modes"]))
    assert ge.solve(same, starts(4, 1), grid(5), solver).nfe == 5
    with pytest.raises(ValueError, match="fitted to another flow"):
        ge.solve(THREE, starts(4, 1), grid(5), solver, afs=True)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"terms": ("eps", "slop")}, "did you mean 'slope'"),
        ({"terms": ("past",)}, 'must name "eps"'),
        ({"terms": ("eps", "eps")}, "nothing twice"),
        ({"ridge": -1.0}, "ridge"),
        ({"ridge": float("nan")}, "ridge"),
        ({"rounds": -1}, "rounds"),
        ({"start": torch.zeros(3, 2)}, "at least 8 starts"),
    ],
)
def test_bad_fits_get_one_sentence(change, said):
    given = {"start": starts(16, 1), "terms": WITHOUT_SLOPE} | change
    with pytest.raises((ValueError, TypeError), match=said):
        fit_solver(THREE, grid(3), **given)
