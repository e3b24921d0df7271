"""What the core does with bad and doubtful input: a sentence that names the argument, or a warning.

Legal input of any kind gives finite numbers; illegal input gives TypeError or ValueError of ours.
"""

from __future__ import annotations

import math
import traceback
import warnings
from typing import Any, NamedTuple

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from worlds import GAMMA_MAX, GAMMA_MIN, SCHEDULE, levels, random_mixture, seeds, states

import genie_edu as ge
from genie_edu import evaluation, metrics
from genie_edu.schedule import SPACINGS
from genie_edu.solvers import noise

MIXTURE = ge.GaussianMixture(**ge.TOYS["three_modes"])
FLOW = ge.AnalyticFlow(MIXTURE)
GRID = SCHEDULE.gamma(ge.time_grid(4, "quadratic"))
START = states(MIXTURE, float(GRID[0]), 8)
POINTS = states(MIXTURE, 1.0, 8)
FEATURES = torch.randn(30, 3, generator=torch.Generator().manual_seed(0))
NAN, INF = math.nan, math.inf

# --- strategies of illegal values -------------------------------------------------------------

things = st.one_of(
    st.none(), st.text(max_size=5), st.binary(max_size=3), st.just({}), st.builds(object)
)
filled = things.filter(lambda value: value != {})
no_number = st.one_of(things, st.sampled_from([NAN, INF, -INF, 1j, True]), st.just([1.0, 2.0, 3.0]))
not_positive = st.one_of(no_number, st.floats(max_value=0, allow_nan=False))
no_count = st.one_of(
    things, st.integers(max_value=0), st.sampled_from([0.5, 2.5, NAN, True, 1j]), st.just([3])
)
no_seed = st.one_of(things, st.integers(max_value=-1), st.sampled_from([0.5, True, 1j]))
no_points = st.one_of(
    things,
    st.sampled_from([3.0, 1j, True]),
    st.sampled_from([(8,), (8, 3), (8, 1), (2, 2, 2), ()]).map(torch.zeros),
    st.just(1j * POINTS),
    st.just([[1.0, 2.0], [3.0]]),
)
not_finite = st.one_of(no_points, st.sampled_from([NAN, INF]).map(lambda x: POINTS * 0 + x))
no_flow = st.one_of(things, st.sampled_from([3, MIXTURE, ge.AnalyticFlow, lambda x, g: x]))
no_schedule = st.one_of(
    st.text(max_size=5), st.sampled_from([3, True, ge.VPSchedule]), st.builds(object)
)
no_order = st.one_of(
    things, st.integers(3), st.integers(max_value=-1), st.sampled_from([1.0, True])
)
no_grid = st.one_of(
    things,
    st.sampled_from([3.0, [1.0], [], [1.0, 2.0], [2.0, 1.0, 1.0], [1.0, 0.0], [1.0, -1.0]]),
    st.sampled_from([[2.0, NAN], [INF, 1.0], [2j, 1.0], [[2.0, 1.0]], [1.0, 3.0, 2.0]]),
)
no_flag = st.one_of(things, st.integers(), st.floats())
no_features = st.one_of(
    things, st.just(3.0), st.sampled_from([(3,), (1, 3), (30, 2)]).map(torch.zeros)
)


def no_name(names: Any) -> st.SearchStrategy[Any]:
    """Anything that is not one of the names."""
    names = list(names)
    return st.one_of(
        st.text(max_size=8).filter(lambda text: text not in names),
        st.sampled_from(names).map(lambda name: name + "s"),
        st.sampled_from([None, 3, 1.5, b"ddim", ["ddim"], object()]),
    )


class Call(NamedTuple):
    """A public function, arguments with which it works, and what each must not be."""

    function: Any
    good: dict[str, Any]
    bad: dict[str, st.SearchStrategy[Any]]


at_points = {"x_bar": no_points, "gamma": not_positive}
CALLS = {
    "VPSchedule": Call(
        ge.VPSchedule,
        {},
        {
            "beta_min": not_positive,
            "beta_d": st.one_of(no_number, st.floats(max_value=-1e-9, allow_nan=False)),
        },
    ),
    **{
        f"VPSchedule.{name}": Call(
            getattr(SCHEDULE, name),
            {"t": 0.5},
            {"t": st.one_of(things, st.sampled_from([NAN, INF, 1j, True, -0.5, [0.5, -1e-9]]))},
        )
        for name in ("alpha", "beta", "sigma", "gamma", "dt_dgamma")
    },
    "VPSchedule.t_of_gamma": Call(
        SCHEDULE.t_of_gamma,
        {"gamma": 1.0},
        {"gamma": st.one_of(things, st.sampled_from([NAN, INF, 1j, True, -0.5]))},
    ),
    "time_grid": Call(
        ge.time_grid,
        {"n_steps": 4},
        {
            "n_steps": no_count,
            "spacing": no_name(SPACINGS),
            "t_start": not_positive,
            "t_end": st.one_of(not_positive, st.floats(1, 9)),
            "schedule": no_schedule,
        },
    ),
    "GaussianMixture": Call(
        ge.GaussianMixture,
        {**ge.TOYS["three_modes"]},
        {
            "weights": st.one_of(
                things, st.sampled_from([3.0, [1.0], [NAN] * 3, [0.5] * 3, [-1, 1, 1], [1j] * 3])
            ),
            "means": st.one_of(things, st.sampled_from([3.0, [1.0], [[NAN, 0]] * 3, [[1, 2]] * 2])),
            "covs": st.one_of(
                things,
                st.sampled_from(
                    [3.0, [[[1.0]]] * 3, [[[1, 2], [0, 1]]] * 3, [[[-1, 0], [0, 1]]] * 3]
                ),
            ),
        },
    ),
    "mixture.sample": Call(
        MIXTURE.sample, {"n": 3}, {"n": no_count, "generator": st.sampled_from([0, "g", object()])}
    ),
    "mixture.log_prob": Call(
        MIXTURE.log_prob,
        {"x_bar": POINTS},
        {"x_bar": no_points, "gamma": st.one_of(no_number, st.floats(-9, -1e-9))},
    ),
    "mixture.derivatives": Call(
        MIXTURE.derivatives, {"x_bar": POINTS, "gamma": 1.0}, at_points | {"order": no_order}
    ),
    **{
        f"mixture.{name}": Call(
            getattr(MIXTURE, name),
            {"x": POINTS, "t": 0.5},
            {
                "x": no_points,
                "t": st.one_of(not_positive, st.floats(1.001, 9)),
                "schedule": no_schedule,
            },
        )
        for name in ("eps", "deps_dt")
    },
    "AnalyticFlow": Call(
        ge.AnalyticFlow,
        {"mixture": MIXTURE},
        {"mixture": no_flow.filter(lambda m: m is not MIXTURE), "schedule": no_schedule},
    ),
    "flow.eps": Call(FLOW.eps, {"x_bar": POINTS, "gamma": 1.0}, at_points),
    "flow.eps_and_derivative": Call(
        FLOW.eps_and_derivative, {"x_bar": POINTS, "gamma": 1.0}, at_points
    ),
    "flow.derivatives": Call(
        FLOW.derivatives, {"x_bar": POINTS, "gamma": 1.0}, at_points | {"order": no_order}
    ),
    "total_derivative": Call(
        ge.total_derivative,
        {"eps_fn": lambda x, t: x * t, "x": POINTS, "t": 0.5},
        {
            "eps_fn": st.one_of(things, st.sampled_from([lambda x, t: 3, lambda x, t: x[:1]])),
            "x": st.one_of(things, st.sampled_from([3.0, 1j, [NAN]]), st.just(1j * POINTS)),
            "t": st.one_of(not_positive, st.floats(1.001, 9)),
            "schedule": no_schedule,
        },
    ),
    "flow_derivatives": Call(
        ge.flow_derivatives,
        {
            "eps_fn": lambda x, g: x * g,
            "x_bar": POINTS,
            "gamma": torch.ones((), dtype=torch.double),
        },
        {
            "eps_fn": things,
            "x_bar": st.one_of(things, st.just(1j * POINTS)),
            "gamma": st.one_of(things, st.sampled_from([0.0, -1.0, NAN]).map(torch.tensor)),
            "order": no_order,
        },
    ),
    "solve": Call(
        ge.solve,
        {"flow": FLOW, "x_bar": START, "gammas": GRID, "solver": "ab2"},
        {
            "flow": no_flow,
            "x_bar": not_finite,
            "gammas": no_grid,
            "solver": no_name(ge.SOLVERS),
            "afs": no_flag,
            "denoise": no_flag,
            "lower_order_final": no_flag,
            "memory": st.one_of(
                st.text(min_size=1, max_size=5),
                st.sampled_from([3, [3], [(200.0,)], [(NAN, START, START)], [(200.0, START, 3)]]),
                st.sampled_from(
                    [[(float(GRID[0]), START, START)], [(200.0, START[:3], START[:3])]]
                ),
            ),
        },
    ),
    "encode": Call(
        ge.encode,
        {"flow": FLOW, "x_bar": POINTS, "gammas": GRID.flip(0)},
        {"flow": no_flow, "x_bar": not_finite, "solver": no_name(ge.SOLVERS)},
    ),
    "sample": Call(
        ge.sample,
        {"flow": FLOW, "shape": (3, 2)},
        {
            "flow": no_flow,
            "shape": st.one_of(
                things, st.sampled_from([3, (), (3,), (3, 3), (-1, 2), (2.5, 2), ("3", 2), (3, 0)])
            ),
            "n_steps": no_count,
            "solver": no_name(ge.SOLVERS),
            "spacing": no_name(SPACINGS),
            "seed": no_seed,
        },
    ),
    "end_point_error": Call(
        ge.end_point_error,
        {"x_bar": POINTS, "exact": POINTS},
        {"x_bar": not_finite, "exact": not_finite},
    ),
    "exact_solution": Call(
        ge.exact_solution,
        {"flow": FLOW, "x_bar": POINTS, "gammas": [2.0, 1.0]},
        {
            "flow": no_flow,
            "x_bar": not_finite,
            "gammas": st.one_of(
                things,
                st.sampled_from([3.0, [], [2.0, 1.0, 3.0], [1.0, 0.0], [1.0, 1.0], [[2.0, 1.0]]]),
            ),
            "rtol": st.one_of(not_positive, st.floats(1, 9)),
        },
    ),
    "observed_order": Call(
        ge.observed_order,
        {"step_counts": [4, 8, 16], "errors": [1.0, 0.5, 0.25]},
        {
            "step_counts": st.one_of(
                things, st.sampled_from([3, [4, 8], [0, 4, 8], [4, 4, 8], [1.5, 2, 3], [4j, 8, 16]])
            ),
            "errors": st.one_of(things, st.sampled_from([3, [1, 2], [NAN] * 3, [0] * 3, [1j] * 3])),
            "tolerance": not_positive,
        },
    ),
    "frechet_distance": Call(
        ge.frechet_distance,
        {"features": FEATURES, "others": FEATURES + 1},
        {"features": no_features, "others": no_features, "bias": no_flag},
    ),
    **{
        f"metrics.{name}": Call(
            getattr(metrics, name),
            {"samples": FEATURES, "data": FEATURES},
            {balls: no_features, points: things, "k": st.one_of(no_count, st.just(30))},
        )
        for name, balls, points in (("recall", "samples", "data"), ("precision", "data", "samples"))
    },
    "metrics.nearest": Call(
        metrics.nearest,
        {"points": FEATURES, "others": FEATURES},
        {
            "points": st.one_of(things, st.just(FEATURES[:, :2])),
            "others": st.one_of(things, st.just(FEATURES[:0])),
        },
    ),
    "evaluation.cells": Call(
        lambda **given: list(evaluation.cells(**given)),
        {"flows": {"exact": FLOW}},
        {
            "flows": st.one_of(things, st.sampled_from([{"a": 3}, [FLOW], {3: FLOW}])),
            "nfes": st.one_of(filled, st.sampled_from([5, [0], [-1], [1.5], ["5"]])),
            "solvers": st.one_of(filled, no_name(ge.SOLVERS).map(lambda name: [name])),
            "spacings": st.one_of(filled, no_name(SPACINGS).map(lambda name: [name])),
            "afs": st.one_of(filled, no_flag.map(lambda free: [free])),
        },
    ),
    "evaluation.run_cell": Call(
        evaluation.run_cell,
        {
            "cell": evaluation.Cell("genie", "exact", "quadratic", 4),
            "flows": {"exact": FLOW},
            "start": START,
        },
        {
            "cell": st.one_of(
                things,
                st.builds(
                    evaluation.Cell,
                    no_name(ge.SOLVERS),
                    st.just("exact"),
                    st.just("quadratic"),
                    st.just(4),
                ),
                st.sampled_from(
                    [
                        evaluation.Cell("genie", "exakt", "quadratic", 4),
                        evaluation.Cell("genie", "exact", "quadratik", 4),
                        evaluation.Cell("genie", "exact", "quadratic", 0),
                        evaluation.Cell("heun", "none", "quadratic", 5),
                        evaluation.Cell("genie", "exact", "quadratic", 4, "yes"),
                    ]
                ),
            ),
            "flows": st.one_of(things, st.sampled_from([{"exact": 3}, [FLOW]])),
            "start": st.one_of(not_finite, st.just(START[:0])),
            "labels": st.sampled_from(["abcdefgh", 3, [0] * 7, [0.5] * 8, [-1] * 8, [[0]] * 8]),
        },
    ),
    "evaluation.starts": Call(
        evaluation.starts,
        {"flow": FLOW, "n": 3, "shape": (2,)},
        {
            "flow": no_flow,
            "n": no_count,
            "shape": st.sampled_from(["2", 2, None, (0,), (-1,), (2.5,)]),
            "seed": no_seed,
        },
    ),
    "evaluation.error_table": Call(
        lambda **given: next(evaluation.error_table(**given)),
        {"flows": {"exact": FLOW}, "shape": (2,), "n_starts": 2, "nfes": (4,)},
        {
            "flows": st.sampled_from([None, {}, {"a": 3}, [FLOW]]),
            "shape": st.sampled_from(["2", 2, None, (0,), (3,)]),
            "n_starts": no_count,
            "nfes": st.sampled_from(["5", None, [0], [1.5]]),
            "seed": no_seed,
        },
    ),
}


def refused(call: Call, argument: str, value: Any) -> BaseException:
    """What `call` raises: TypeError or ValueError, in one line, from our own code."""
    with pytest.raises((TypeError, ValueError)) as caught:
        call.function(**call.good | {argument: value})
    said = str(caught.value)
    where = traceback.extract_tb(caught.value.__traceback__)[-1].filename
    assert "genie_edu" in where and "\n" not in said and len(said) > 15, (where, said)
    assert "unexpected keyword" not in said and "positional argument" not in said, said
    return caught.value


@pytest.mark.parametrize("name", CALLS)
@given(st.data())
@settings(max_examples=40)
def test_illegal_input_is_refused_in_a_sentence_of_ours(name: str, data: st.DataObject) -> None:
    call = CALLS[name]
    argument = data.draw(st.sampled_from(sorted(call.bad)))
    # {} and None are legal where an option or an empty collection is
    value = data.draw(call.bad[argument])
    assume(not (value is None and argument in ("memory", "generator", "schedule", "labels")))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy's, of text that looks like bytes
        refused(call, argument, value)


@pytest.mark.parametrize("name", CALLS)
def test_the_arguments_beside_the_bad_one_are_good(name: str) -> None:
    CALLS[name].function(**CALLS[name].good)


# --- legal input gives numbers ----------------------------------------------------------------


@given(seeds, levels, st.integers(1, 4), st.integers(1, 3), st.integers(0, 5), st.booleans())
@settings(max_examples=40)
def test_a_flow_of_any_mixture_gives_finite_derivatives(
    seed: int, gamma: float, n_components: int, dim: int, n: int, single: bool
) -> None:
    mixture = random_mixture(seed, n_components, dim)
    flow, x_bar = ge.AnalyticFlow(mixture), states(mixture, gamma, max(1, n), seed)[:n]
    x_bar = x_bar.float() if single else x_bar
    for value in flow.derivatives(x_bar, gamma, 2):
        assert value.shape == x_bar.shape and value.dtype == x_bar.dtype
        assert torch.isfinite(value).all()
    per_state = torch.full((len(x_bar),), gamma, dtype=torch.float64)
    if n:
        assert torch.allclose(flow.eps(x_bar, per_state), flow.eps(x_bar, gamma))
    assert torch.isfinite(mixture.log_prob(x_bar, gamma)).all()


@given(
    seeds,
    st.sampled_from(sorted(ge.SOLVERS)),
    st.sampled_from(SPACINGS),
    st.integers(1, 9),
    st.integers(0, 4),
    st.booleans(),
    st.booleans(),
)
@settings(max_examples=60)
def test_every_solver_on_every_grid_gives_finite_states(
    seed: int, name: str, spacing: str, n_steps: int, n: int, afs: bool, denoise: bool
) -> None:
    gammas = SCHEDULE.gamma(ge.time_grid(n_steps, spacing))
    start = noise((n, 2), seed) * float(torch.sqrt(1 + gammas[0] ** 2))
    run = ge.solve(FLOW, start, gammas.tolist(), name, afs=afs, denoise=denoise)
    assert run.x_bar.shape == (n_steps + 1, n, 2) and run.final.shape == (n, 2)
    assert torch.isfinite(run.x_bar).all() and torch.isfinite(run.final).all()
    code = ge.encode(FLOW, MIXTURE.sample(2, torch.Generator().manual_seed(seed)), gammas.flip(0))
    assert torch.isfinite(code.final).all()


@given(
    st.integers(1, 60),
    st.sampled_from(SPACINGS),
    st.floats(0.02, 1),
    st.floats(1e-6, 1e-2),
    st.floats(0.01, 5),
    st.floats(0, 30),
)
def test_every_grid_falls_between_its_ends(
    n: int, spacing: str, t_start: float, t_end: float, beta_min: float, beta_d: float
) -> None:
    schedule = ge.VPSchedule(beta_min, beta_d)
    t = ge.time_grid(n, spacing, t_start, t_end, schedule)
    assert t[0] == t_start and t[-1] == t_end and (t.diff() < 0).all()
    assert torch.isfinite(schedule.gamma(t)).all()


@given(seeds, st.integers(2, 30), st.integers(2, 30), st.integers(1, 4), st.floats(-80, 80))
def test_metrics_of_any_sets_are_possible_values(
    seed: int, n: int, m: int, dim: int, log_scale: float
) -> None:
    generator = torch.Generator().manual_seed(seed)
    scale = math.exp(log_scale)
    a, b = (scale * torch.randn(k, dim, generator=generator, dtype=torch.double) for k in (n, m))
    distance, bias = ge.frechet_distance(a, b, bias=True)
    itself = ge.frechet_distance(a, a)
    assert 0 <= distance < INF and 0 < bias < INF
    assert 0 <= itself < 1e-12 * float(a.square().sum())
    assert 0 <= metrics.recall(a, b, 1) <= 1 and 0 <= metrics.precision(a, b, 1) <= 1


# --- one seed, one sample ---------------------------------------------------------------------


@given(st.integers(0, 1000), st.integers(1, 40), st.integers(0, 40), st.sampled_from([1, 2, 3, 7]))
def test_what_sample_k_is_does_not_depend_on_how_many_are_drawn(
    seed: int, n: int, more: int, dim: int
) -> None:
    few, many = noise((n, dim), seed), noise((n + more, dim), seed)
    assert torch.equal(few, many[:n])
    starts = evaluation.starts(FLOW, n + more, (dim,), seed)
    assert torch.equal(evaluation.starts(FLOW, n, (dim,), seed), starts[:n])
    assert not torch.equal(noise((n, dim), seed + 1), few)


def test_samples_of_one_seed_are_the_first_of_many() -> None:
    few, many = (ge.sample(FLOW, (n, 2), 4, seed=3) for n in (3, 50))
    assert float((few - many[:3]).abs().max()) < 1e-12


def test_noise_is_standard_normal() -> None:
    x = noise((4001, 3), 1)
    assert float(x.mean().abs()) < 0.03 and abs(float(x.std()) - 1) < 0.03
    assert abs(float(torch.corrcoef(x.T)[0, 1])) < 0.05


# --- doubtful input is warned of, once --------------------------------------------------------


def test_an_x_where_x_bar_is_due_is_warned_of() -> None:
    code = ge.encode(FLOW, POINTS, GRID.flip(0))
    with pytest.warns(UserWarning, match=r"its x_bar\[-1\]"):
        ge.solve(FLOW, code.final, GRID)
    with pytest.warns(UserWarning, match=r"sqrt\(1 \+ gamma\^2\)"):
        ge.solve(FLOW, 152 * START, GRID)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ge.solve(FLOW, code.x_bar[-1], GRID)
        ge.solve(FLOW, START[:0], GRID)
        ge.solve(FLOW, POINTS, [1.0, 0.5])  # where x and x_bar are close nothing can be said


def test_an_analytic_first_step_from_a_low_level_is_warned_of() -> None:
    with pytest.warns(UserWarning, match="leave afs out below 50"):
        ge.solve(FLOW, states(MIXTURE, 20.0, 8), [20.0, 1.0], afs=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ge.solve(FLOW, states(MIXTURE, 60.0, 8), [60.0, 1.0], afs=True)


def test_a_grid_from_beyond_t_1_is_warned_of() -> None:
    with pytest.warns(UserWarning, match="noisier than t = 1"):
        ge.time_grid(3, t_start=1.5)


def test_few_samples_for_many_features_are_warned_of() -> None:
    with pytest.warns(UserWarning, match="fewer samples than half the features"):
        ge.frechet_distance(torch.randn(5, 11), torch.randn(50, 11))


def test_a_warning_comes_once() -> None:
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("default")
        for seed in range(3):
            ge.solve(FLOW, noise((8, 2), seed), GRID)
    assert len(seen) == 1


# --- sentences that say what to do ------------------------------------------------------------


def test_what_is_no_flow_is_told_how_to_become_one() -> None:
    with pytest.raises(TypeError, match=r"AnalyticFlow\(mixture\) or NetworkFlow\(net\)"):
        ge.solve(MIXTURE, START, GRID)

    class Forgetful(ge.Flow):
        def __init__(self) -> None:
            pass

    with pytest.raises(TypeError, match=r"super\(\).__init__\(\)"):
        ge.solve(Forgetful(), START, GRID)


def test_a_past_is_used_by_those_who_remember_and_by_no_others() -> None:
    past = ((200.0, START * 200 / 152, FLOW.eps(START * 200 / 152, 200.0)),)
    for name, solver in ge.SOLVERS.items():
        if name == "genie_multistep":
            with pytest.raises(ValueError, match="eps, slope"):
                ge.solve(FLOW, START, GRID, name, memory=past)
            continue
        with_it, without = (ge.solve(FLOW, START, GRID, name, memory=m) for m in (past, None))
        assert torch.equal(with_it.final, without.final) == (solver.memory == 0), name


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (lambda flow, x, g, h, memory: x, r"return \(x_bar_next, memory\)"),
        (lambda flow, x, g, h, memory: ("x", None), r"return \(x_bar_next, memory\)"),
        (lambda flow, x, g, h, memory: (x[:1], None), "keep the shape"),
    ],
)
def test_what_a_step_of_ones_own_returns_is_looked_at(step: Any, words: str) -> None:
    with pytest.raises((TypeError, ValueError), match=words):
        ge.solve(FLOW, START, GRID, step)


def test_features_that_are_too_large_to_be_squared_are_refused() -> None:
    with pytest.raises(ValueError, match="too large"):
        ge.frechet_distance(1e200 * FEATURES.double(), 1e200 * FEATURES.double())


def test_nan_comes_out_of_a_flow_as_nan() -> None:
    """A run that went wrong can be looked at; `solve` refuses to begin with it."""
    x_bar = POINTS.clone()
    x_bar[0, 0] = NAN
    eps = FLOW.eps(x_bar, 1.0)
    assert torch.isnan(eps[0]).all() and torch.isfinite(eps[1:]).all()


def test_the_levels_of_the_tests_are_those_of_the_book() -> None:
    assert float(SCHEDULE.gamma(1e-3)) < GAMMA_MIN < GAMMA_MAX < float(SCHEDULE.gamma(1.0))
