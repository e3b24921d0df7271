"""The guided flow: its derivative against JVP and its own path, its order, its calls, refusals."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import SCHEDULE, levels, random_mixture, seeds, states

import genie_edu as ge

STEP_COUNTS = (128, 256, 512)
CONDITIONAL, EVERYTHING = "conditional", "everything"


def mixtures() -> dict[str, ge.AnalyticFlow]:
    """three_modes, and its first two components as the class."""
    toy = ge.TOYS["three_modes"]
    weights = torch.tensor(toy["weights"][:2], dtype=torch.float64)
    part = ge.GaussianMixture(weights / weights.sum(), toy["means"][:2], toy["covs"][:2])
    return {
        CONDITIONAL: ge.AnalyticFlow(part),
        EVERYTHING: ge.AnalyticFlow(ge.GaussianMixture(**toy)),
    }


def guided(w: float, kind: type = ge.GuidedFlow, **options) -> ge.GuidedFlow:
    return kind(*mixtures().values(), w, **options)


def by_jvp(flow: ge.GuidedFlow, x_bar: torch.Tensor, gamma: float, order: int):
    return ge.flow_derivatives(flow._eps, x_bar, torch.tensor(gamma, dtype=torch.float64), order)


def start_at(gamma: float, n: int = 128) -> torch.Tensor:
    return states(mixtures()[EVERYTHING].mixture, gamma, n)


def grid(n: int, gamma_start: float = 10.0, gamma_end: float = 0.1) -> torch.Tensor:
    t = SCHEDULE.t_of_gamma([gamma_start, gamma_end]).tolist()
    gammas = SCHEDULE.gamma(ge.time_grid(n, "quadratic", t_start=t[0], t_end=t[1]))
    gammas[0], gammas[-1] = gamma_start, gamma_end  # the clocks' rounding would miss an interval
    return gammas


# ---- the exact derivative -------------------------------------------------------------------


@pytest.mark.parametrize("w", [-1.0, 0.5, 1.0, 3.0, 7.5])
@pytest.mark.parametrize("gamma", [10.0, 1.0, 0.1])
def test_closed_form_is_the_jvp_of_the_guided_function(w: float, gamma: float) -> None:
    flow, x_bar = guided(w), start_at(gamma)
    for ours, theirs in zip(
        flow.derivatives(x_bar, gamma, 2), by_jvp(flow, x_bar, gamma, 2), strict=True
    ):
        assert float((ours - theirs).abs().max() / theirs.abs().max()) < 1e-12


@given(seeds, levels, st.floats(-1.0, 5.0))
@settings(max_examples=25)
def test_closed_form_for_any_two_mixtures(seed: int, gamma: float, w: float) -> None:
    parts = random_mixture(seed), random_mixture(seed + 1, n_components=2)
    flow = ge.GuidedFlow(*map(ge.AnalyticFlow, parts), w)
    x_bar = states(parts[1], gamma, 8, seed)
    ours, theirs = flow.derivatives(x_bar, gamma, 2), by_jvp(flow, x_bar, gamma, 2)
    for a, b in zip(ours, theirs, strict=True):
        assert float((a - b).abs().max() / b.abs().max().clamp(min=1)) < 1e-10


@pytest.mark.parametrize("w", [1.0, 3.0])
def test_the_derivative_is_the_one_along_the_guided_path(w: float) -> None:
    flow = guided(w)
    for gamma in (5.0, 1.0, 0.3):
        step, x_bar = 2e-3 * gamma, start_at(gamma, 32)

        def at(k: int, x_bar=x_bar, gamma=gamma, step=step) -> torch.Tensor:
            level = gamma + k * step
            there = ge.exact_solution(flow, x_bar, [gamma, level], rtol=1e-13)[-1]
            return flow.eps(there, level)

        difference = (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * step)
        ours = flow.eps_and_derivative(x_bar, gamma)[1]
        assert float((ours - difference).abs().max() / ours.abs().max()) < 1e-7


def test_levels_and_weights_of_each_state_and_more_states_than_a_chunk() -> None:
    gamma = torch.linspace(0.2, 5.0, 5000, dtype=torch.float64)
    w = torch.linspace(-1.0, 4.0, 5000, dtype=torch.float64)
    x_bar = start_at(1.0, 5000)
    together = guided(w).derivatives(x_bar, gamma, 2)
    for i in (0, 1000, 4999):
        alone = guided(float(w[i])).derivatives(x_bar[i : i + 1], float(gamma[i]), 2)
        for a, b in zip(together, alone, strict=True):
            assert float((a[i : i + 1] - b).abs().max()) < 1e-11


@pytest.mark.parametrize(
    ("name", "order"), [("ddim", 1), ("genie", 2), ("taylor3", 3), ("genie_multistep", 4)]
)
@pytest.mark.parametrize("w", [1.0, 3.0])
def test_declared_orders_hold_under_guidance(name: str, order: int, w: float) -> None:
    assert abs(observed(guided(w), name) - order) < 0.15 and ge.SOLVERS[name].order == order


def observed(flow: ge.Flow, name: str) -> float:
    start = start_at(10.0)
    exact = ge.exact_solution(flow, start, [10.0, 0.1])[-1]
    errors = [
        ge.end_point_error(ge.solve(flow, start, grid(n), name).end, exact) for n in STEP_COUNTS
    ]
    return ge.observed_order(STEP_COUNTS, errors).order


# ---- the sum ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "order"), [("genie", 1.0), ("taylor3", 1.0)])
def test_a_taylor_step_with_the_sum_of_derivatives_has_order_one(name: str, order: float) -> None:
    assert abs(observed(guided(3.0, ge.SumOfDerivativesFlow), name) - order) < 0.15


def test_the_sum_is_what_it_says_and_right_without_guidance() -> None:
    parts, x_bar = mixtures(), start_at(1.0)
    c, u = (part.eps_and_derivative(x_bar, 1.0) for part in parts.values())
    eps, sum_of_two = guided(3.0, ge.SumOfDerivativesFlow).eps_and_derivative(x_bar, 1.0)
    assert torch.equal(eps, 4 * c[0] - 3 * u[0]) and torch.equal(sum_of_two, 4 * c[1] - 3 * u[1])
    right = guided(3.0).eps_and_derivative(x_bar, 1.0)[1]
    assert float((sum_of_two - right).norm() / right.norm()) > 0.5
    none = guided(0.0, ge.SumOfDerivativesFlow).eps_and_derivative(x_bar, 1.0)
    assert torch.equal(none[1], c[1])


def test_the_sum_counts_what_its_parts_call() -> None:
    net = ge.EpsMLP().double()
    difference = ge.NetworkFlow(net, "finite_difference")
    flow = ge.SumOfDerivativesFlow(difference, ge.NetworkFlow(ge.EpsMLP().double()), 1.0)
    flow.eps_and_derivative(start_at(1.0, 4), 1.0)
    assert (flow.nfe, flow.highest_derivative) == (3 + 1, 1)
    outside = ge.SumOfDerivativesFlow(difference, flow.unconditional, 1.0, interval=(5.0, 9.0))
    outside.eps_and_derivative(start_at(1.0, 4), 1.0)
    assert outside.nfe == 3


# ---- what it costs, where it acts --------------------------------------------------------------


def test_no_guidance_is_the_conditional_flow_and_minus_one_the_other() -> None:
    parts, x_bar = mixtures(), start_at(1.0)
    for w, name in ((0.0, CONDITIONAL), (-1.0, EVERYTHING)):
        ours = guided(w).derivatives(x_bar, 1.0, 2)
        for a, b in zip(ours, parts[name].derivatives(x_bar, 1.0, 2), strict=True):
            assert float((a - b).abs().max()) < 1e-13


@pytest.mark.parametrize("name", ge.SOLVERS)
def test_every_solver_takes_it_and_pays_two_calls(name: str) -> None:
    start, solver = start_at(10.0, 8), ge.SOLVERS[name]
    for w, calls in ((2.0, 2), (0.0, 1)):
        run = ge.solve(guided(w), start, grid(6), name)
        assert run.nfe == 6 * calls * solver.nfe_per_step
        assert run.n_derivatives == 6 * solver.derivatives
        assert torch.isfinite(run.x_bar).all()
    high = grid(6) * (60.0 / float(grid(6)[0]))  # the analytic first step is for much noise
    free = ge.solve(guided(2.0), start_at(60.0, 8), high, name, afs=True, denoise=True)
    assert free.nfe == 2 * (6 * solver.nfe_per_step - 1 + 1)


def test_the_interval_is_where_it_acts_and_costs() -> None:
    c, x_bar = mixtures()[CONDITIONAL], start_at(1.0)
    flow = guided(2.0, interval=(0.5, 4.0))
    for gamma, calls in ((4.001, 1), (4.0, 2), (0.501, 2), (0.5, 1)):
        before = flow.nfe
        eps, deps = flow.eps_and_derivative(x_bar, gamma)
        assert flow.nfe - before == calls
        other = guided(2.0).eps_and_derivative(x_bar, gamma) if calls == 2 else None
        other = other or c.eps_and_derivative(x_bar, gamma)
        assert torch.equal(eps, other[0]) and torch.equal(deps, other[1])
    mixed = torch.tensor([4.5, 3.0], dtype=torch.float64)
    before = flow.nfe
    eps = flow.eps(x_bar[:2], mixed)
    assert flow.nfe - before == 2
    assert torch.equal(eps[:1], c.eps(x_bar[:1], 4.5))
    assert torch.equal(eps[1:], guided(2.0).eps(x_bar[1:2], 3.0))
    none = guided(torch.zeros(2, dtype=torch.float64))
    none.eps(x_bar[:2], 1.0)
    assert none.nfe == 1


def test_a_grid_with_knots_on_the_ends_of_the_interval_keeps_the_order() -> None:
    flow, start = guided(2.0, interval=(0.5, 3.0)), start_at(10.0)
    pieces = [(10.0, 3.0), (3.0, 0.5), (0.5, 0.1)]
    exact = start
    for piece, part in zip(pieces, (guided(0.0), guided(2.0), guided(0.0)), strict=True):
        exact = ge.exact_solution(part, exact, piece)[-1]
    errors = []
    for n in STEP_COUNTS:
        gammas = torch.cat([grid(n, *p)[bool(i) :] for i, p in enumerate(pieces)])
        errors.append(ge.end_point_error(ge.solve(flow, start, gammas).end, exact))
    assert abs(ge.observed_order(STEP_COUNTS, errors).order - 2) < 0.1


def test_going_up_the_levels_lie_just_above_the_ends() -> None:
    flow, pieces = guided(2.0, interval=(0.5, 3.0)), [(0.1, 0.5), (0.5, 3.0), (3.0, 10.0)]
    exact = start = mixtures()[CONDITIONAL].mixture.sample(64, torch.Generator().manual_seed(3))
    for piece, part in zip(pieces, (guided(0.0), guided(2.0), guided(0.0)), strict=True):
        exact = ge.exact_solution(part, exact, piece)[-1]
    rates = {}
    for nudge in (0.0, 1e-12):
        errors = []
        for n in (64, 128):
            parts = [grid(n, *piece[::-1]).flip(0)[bool(i) :] for i, piece in enumerate(pieces)]
            gammas = torch.cat(parts)
            for end in (0.5, 3.0):
                gammas[gammas == end] += nudge
            errors.append(ge.end_point_error(ge.encode(flow, start, gammas).end, exact))
        rates[nudge] = math.log2(errors[0] / errors[1])
    assert rates[0.0] < 1.3 and rates[1e-12] > 1.8


def test_guidance_of_a_guided_flow_counts_all_three() -> None:
    c, u = mixtures().values()
    flow, x_bar = ge.GuidedFlow(guided(1.0), u, 2.0), start_at(1.0)
    eps = flow.derivatives(x_bar, 1.0, 1)
    assert flow.nfe == 3
    expected = 3 * (2 * c.eps(x_bar, 1.0) - u.eps(x_bar, 1.0)) - 2 * u.eps(x_bar, 1.0)
    assert float((eps[0] - expected).abs().max()) < 1e-12
    assert float((eps[1] - by_jvp(guided(5.0), x_bar, 1.0, 1)[1]).abs().max()) < 1e-11


def test_there_and_back_and_one_call_for_samples() -> None:
    flow, data = guided(1.0), mixtures()[CONDITIONAL].mixture.sample(16)
    up = grid(400).flip(0)
    code = ge.encode(flow, data, up)
    assert code.nfe == 800
    assert ge.end_point_error(ge.solve(flow, code.end, up.flip(0)).end, data) < 1e-3
    samples = ge.sample(flow, (64, 2), n_steps=20)
    assert samples.shape == (64, 2) and float(samples[:, 1].median()) < 0
    assert torch.equal(code.end, code.x_bar[-1])
    assert float((code.end / math.hypot(1, 10.0) - code.final).abs().max()) < 1e-12


# ---- networks -----------------------------------------------------------------------------------


def network(seed: int = 0, classes: int = 3) -> ge.UNet:
    """A small class-conditional U-Net with weights that make everything matter."""
    torch.manual_seed(seed)
    net = ge.UNet(
        channels=1, size=8, widths=(8, 16), blocks=1, attention=(4,), classes=classes
    ).double()
    for parameter in net.parameters():
        if not parameter.abs().sum():
            torch.nn.init.normal_(parameter, std=0.1)
    return net


IMAGES = torch.randn(3, 1, 8, 8, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
LABELS = torch.tensor([0, 2, 1])


def test_one_network_serves_both_parts_in_one_call(monkeypatch: pytest.MonkeyPatch) -> None:
    net, sizes = network(), []
    c, u = ge.NetworkFlow(net, labels=LABELS), ge.NetworkFlow(net)
    expected = 3 * c.eps(IMAGES, 1.0) - 2 * u.eps(IMAGES, 1.0)
    net.register_forward_hook(lambda _, inputs, __: sizes.append(len(inputs[0])))
    flow = ge.GuidedFlow(c, u, 2.0)
    assert float((flow.eps(IMAGES, 1.0) - expected).abs().max()) < 1e-12
    assert sizes == [6] and flow.nfe == 2
    levels_of_each = torch.tensor([0.3, 1.0, 4.0], dtype=torch.float64)
    together = flow.eps(IMAGES, levels_of_each)
    assert float((together[1:2] - expected[1:2]).abs().max()) < 1e-12
    other = torch.tensor([1, 1, 0])
    away = ge.GuidedFlow(c, ge.NetworkFlow(net, labels=other), 2.0).eps(IMAGES, 1.0)
    u.labels = other
    assert float((away - (3 * c.eps(IMAGES, 1.0) - 2 * u.eps(IMAGES, 1.0))).abs().max()) < 1e-12


def test_derivatives_of_a_guided_network_are_along_its_own_path() -> None:
    net = network()
    flow = ge.GuidedFlow(ge.NetworkFlow(net, labels=LABELS), ge.NetworkFlow(net), 2.0)
    apart = ge.GuidedFlow(ge.NetworkFlow(net, labels=LABELS), ge.NetworkFlow(network()), 2.0)
    eps, d1, d2 = flow.derivatives(IMAGES, 0.8, 2)
    assert not d2.requires_grad
    step = 2e-3

    def at(k: int, which: int) -> torch.Tensor:
        there = ge.exact_solution(flow, IMAGES, [0.8, 0.8 + k * step], rtol=1e-13)[-1]
        return flow.derivatives(there, 0.8 + k * step, which)[-1]

    for which, ours in ((0, d1), (1, d2)):
        difference = 8 * (at(1, which) - at(-1, which)) - (at(2, which) - at(-2, which))
        difference = difference / (12 * step)
        assert float((ours - difference).abs().max() / ours.abs().max()) < 1e-7
    for a, b in zip((eps, d1, d2), apart.derivatives(IMAGES, 0.8, 2), strict=True):
        assert float((a - b).abs().max()) < 1e-11  # two equal networks, called one by one


def test_the_guided_head_reads_w_eps_and_the_features_of_both() -> None:
    net, seen = network(), []

    def head(x_bar, gamma, eps, w, *features):
        seen.append((eps, w, [tuple(f.shape) for f in features]))
        return w * eps + features[0].mean()

    parts = ge.NetworkFlow(net, labels=LABELS), ge.NetworkFlow(net)
    flow = ge.GuidedFlow(*parts, 2.0, head=head)
    eps, derivative = flow.eps_and_derivative(IMAGES, 1.0)
    expected = ge.GuidedFlow(*parts, 2.0).eps(IMAGES, 1.0)
    assert float((eps - expected).abs().max()) < 1e-12
    ((given_eps, w, shapes),) = seen
    assert w == 2.0 and torch.equal(given_eps, eps)
    assert [shape[:2] for shape in shapes] == [(3, 2 * n) for n in net.feature_sizes]
    assert float((derivative - 2.0 * eps).std()) < 1e-12 < float(derivative.std())
    assert (flow.nfe, flow.n_derivatives, flow.highest_derivative) == (2, 1, 1)
    with pytest.raises(ValueError, match="order 2 was asked for: leave out head"):
        flow.derivatives(IMAGES, 1.0, 2)


def test_outside_of_the_interval_the_conditional_flows_own_derivative_serves() -> None:
    net = network()
    parts = ge.NetworkFlow(net, "finite_difference", labels=LABELS), ge.NetworkFlow(net)
    flow = ge.GuidedFlow(*parts, 2.0, interval=(2.0, 3.0))
    flow.eps_and_derivative(IMAGES, 1.0)
    assert flow.nfe == 3 and flow.highest_derivative == 1
    assert ge.GuidedFlow(*parts, 2.0).highest_derivative == 2
    assert ge.GuidedFlow(*parts, 0.0).highest_derivative == 1
    assert flow.dtype == torch.float64 and flow.device == net.out.weight.device


# ---- refusals -----------------------------------------------------------------------------------


def refusals() -> list[tuple[type, str, object]]:
    c, u = mixtures().values()
    net, other = network(), ge.VPSchedule(beta_d=1.0)
    labelled, plain = ge.NetworkFlow(net, labels=LABELS), ge.NetworkFlow(net)
    silent = network()
    del silent.config
    return [
        (ValueError, "w must be finite", lambda: ge.GuidedFlow(c, u, math.nan)),
        (TypeError, "w must be an array of real numbers", lambda: ge.GuidedFlow(c, u, "two")),
        (ValueError, r"shape \(B,\)", lambda: ge.GuidedFlow(c, u, [[1.0]])),
        (TypeError, "conditional must be a Flow", lambda: ge.GuidedFlow(c.mixture, u, 1.0)),
        (TypeError, "unconditional must be a Flow", lambda: ge.GuidedFlow(c, net, 1.0)),
        (
            ValueError,
            "must have one schedule",
            lambda: ge.GuidedFlow(c, ge.AnalyticFlow(u.mixture, other), 1.0),
        ),
        (ValueError, "0 <= low < high", lambda: ge.GuidedFlow(c, u, 1.0, interval=(2.0, 1.0))),
        (ValueError, "0 <= low < high", lambda: ge.GuidedFlow(c, u, 1.0, (math.nan, 1.0))),
        (TypeError, "interval must be two", lambda: ge.GuidedFlow(c, u, 1.0, interval=3.0)),
        (ValueError, "conditional needs labels", lambda: ge.GuidedFlow(plain, plain, 1.0)),
        (
            ValueError,
            "null label for each state",
            lambda: ge.GuidedFlow(
                ge.NetworkFlow(silent, labels=LABELS), ge.NetworkFlow(silent), 1.0
            ),
        ),
        (
            ValueError,
            "knows no classes",
            lambda: ge.GuidedFlow(
                ge.NetworkFlow(network(classes=0), labels=LABELS), ge.NetworkFlow(net), 1.0
            ),
        ),
        (ValueError, "head reads", lambda: ge.GuidedFlow(c, u, 1.0, head=torch.nn.Identity())),
        (
            ValueError,
            "as many labels",
            lambda: ge.GuidedFlow(labelled, plain, 1.0).eps(IMAGES[:2], 1.0),
        ),
        (
            ValueError,
            "one for each of 4 states",
            lambda: ge.GuidedFlow(c, u, [1.0, 2.0]).eps(start_at(1.0, 4), 1.0),
        ),
        (
            ValueError,
            "velocity must hold 1",
            lambda: c.mixture.derivatives(start_at(1.0, 4), 1.0, 1, [start_at(1.0, 3)]),
        ),
    ]


@pytest.mark.parametrize("number", range(len(refusals())))
def test_bad_input_is_one_clear_sentence(number: int) -> None:
    kind, words, call = refusals()[number]
    with pytest.raises(kind, match=words) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_two_devices_are_refused() -> None:
    net = network()
    parts = ge.NetworkFlow(net, labels=LABELS), ge.NetworkFlow(net)
    parts[1].device = torch.device("meta")
    with pytest.raises(ValueError, match="on one device"):
        ge.GuidedFlow(*parts, 1.0)
