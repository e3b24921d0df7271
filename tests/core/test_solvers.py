"""Every solver against the truth: its order, published samplers, its cost, its refusals."""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import SCHEDULE, random_mixture, seeds, states

import genie_edu as ge
from genie_edu.multistep import _correct, _gaussian_part, circle_multistep_step

PUBLISHED = json.loads((Path(__file__).parent / "published_samplers.json").read_text())
STEP_COUNTS = (128, 256, 512)


def numbers(nested: list) -> torch.Tensor:
    """Decimal strings of any nesting as float64."""
    if isinstance(nested, list):
        return torch.stack([numbers(item) for item in nested])
    return torch.tensor(float(nested), dtype=torch.float64)


# --- order ----------------------------------------------------------------------------------


def quadratic_grid(n: int, gamma_start: float, gamma_end: float, n_past: int = 0) -> torch.Tensor:
    """Gammas uniform in sqrt(t), with `n_past` more of the same spacing in front."""
    ends = SCHEDULE.t_of_gamma([gamma_start, gamma_end]).sqrt()
    root = torch.linspace(float(ends[0]), float(ends[1]), n + 1, dtype=torch.float64)
    past = root[0] - torch.arange(n_past, 0, -1) * (root[1] - root[0])
    return SCHEDULE.gamma(torch.cat([past, root]) ** 2)


@cache
def order_world() -> tuple[ge.AnalyticFlow, torch.Tensor, torch.Tensor]:
    """The flow, 256 starts at gamma 10 and their exact end points at gamma 0.1."""
    flow = ge.AnalyticFlow(ge.GaussianMixture(**ge.TOYS["three_modes"]))
    start = states(flow.mixture, 10.0, 256)
    return flow, start, ge.exact_solution(flow, start, [10.0, 0.1])[-1]


def error_in_the_one_setting(name: str, n: int) -> float:
    """Median end-point error over gamma 10 -> 0.1, the memory filled with exact values."""
    flow, start, exact = order_world()
    solver = ge.SOLVERS[name]
    gammas = quadratic_grid(n, 10.0, 0.1, solver.memory)
    memory = None
    if solver.memory:
        backwards = gammas[: solver.memory + 1].flip(0)  # from 10 up into the past
        past = ge.exact_solution(flow, start, backwards)[1:]
        memory = tuple(
            (float(g), x, *flow.eps_and_derivative(x, float(g)))
            for g, x in zip(backwards[1:], past, strict=True)
        )
    run = ge.solve(flow, start, gammas[solver.memory :], name, memory=memory)
    return ge.end_point_error(run.x_bar[-1], exact)


@pytest.mark.parametrize("name", ge.SOLVERS)
def test_observed_order_is_the_declared_one(name: str) -> None:
    solver = ge.SOLVERS[name]
    errors = [error_in_the_one_setting(name, n) for n in STEP_COUNTS]
    fit = ge.observed_order(STEP_COUNTS, errors)
    assert (fit.n_from, fit.n_to) == (128, 512)
    assert abs(fit.order - solver.order) < (0.2 if solver.memory else 0.1)


def test_the_slope_free_twin_has_order_four_and_asks_for_no_derivative() -> None:
    flow, start, exact = order_world()
    errors = []
    for n in STEP_COUNTS:
        gammas = quadratic_grid(n, 10.0, 0.1, 3)
        past = ge.exact_solution(flow, start, gammas[:4].flip(0))[1:]
        memory = tuple(
            (float(g), x, flow.eps(x, float(g)))
            for g, x in zip(gammas[:3].flip(0), past, strict=True)
        )
        run = ge.solve(flow, start, gammas[3:], circle_multistep_step, memory=memory)
        assert (run.nfe, run.n_derivatives) == (n, 0)
        errors.append(ge.end_point_error(run.x_bar[-1], exact))
    assert 3.8 < ge.observed_order(STEP_COUNTS, errors).order < 4.5  # it comes down to 4 slowly


def test_the_twin_is_exact_for_a_point_mass() -> None:
    flow = ge.AnalyticFlow(ge.GaussianMixture([1.0], [[0.3, -0.2]], [[[0.0, 0.0], [0.0, 0.0]]]))
    gammas = SCHEDULE.gamma(ge.time_grid(6, "quadratic"))
    start = states(flow.mixture, float(gammas[0]), 16)
    end = ge.solve(flow, start, gammas, circle_multistep_step).x_bar[-1]
    exact = ge.exact_solution(flow, start, gammas[[0, -1]])[-1]
    # eps is constant on each path; the polynomial in asinh gamma is not exact for its q
    assert float((end - exact).norm(dim=1).max()) < 0.05


START_UP = {
    "ab2": 2,
    "dpmpp_2m": 2,
    "ipndm4": 2,
    "deis_tab3": 3,  # still falling: the few low-order steps at the start show in the end
    "deis_logrho3": 3,
    "unipc_2": 3,
    "genie_multistep": 4,
}
"""Order that each docstring promises of a cold start at t = 1."""


def test_every_method_with_memory_says_what_its_start_costs() -> None:
    assert set(START_UP) == {name for name, solver in ge.SOLVERS.items() if solver.memory}


@pytest.mark.parametrize("name", START_UP)
def test_order_of_the_shipped_start_up_from_t_1(name: str) -> None:
    flow, _, _ = order_world()
    gammas = SCHEDULE.gamma([1.0, 1e-3])
    start = states(flow.mixture, float(gammas[0]), 256)
    exact = ge.exact_solution(flow, start, gammas)[-1]
    errors = [
        ge.end_point_error(
            ge.solve(flow, start, quadratic_grid(n, *gammas.tolist()), name).x_bar[-1], exact
        )
        for n in (256, 512)
    ]
    assert abs(math.log2(errors[0] / errors[1]) - START_UP[name]) < 0.2


# --- published samplers ---------------------------------------------------------------------


@cache
def published_world() -> tuple[ge.AnalyticFlow, torch.Tensor]:
    numbers_of = PUBLISHED["mixture"]
    covs = [[[s * s, 0.0], [0.0, s * s]] for s in map(float, numbers_of["stds"])]
    mixture = ge.GaussianMixture(
        [float(w) for w in numbers_of["weights"]], numbers(numbers_of["means"]), covs
    )
    return ge.AnalyticFlow(mixture), numbers(PUBLISHED["x_init"])


@pytest.mark.parametrize("run", PUBLISHED["official"], ids=lambda run: run["sampler"])
def test_the_papers_own_sampler(run: dict) -> None:
    flow, x = published_world()
    spacing = "quadratic" if run["quadratic_striding"] else "linear"
    gammas = SCHEDULE.gamma(ge.time_grid(run["n_steps"], spacing, t_end=run["t_final"]))
    assert not run["afs"] and not run["denoising"]
    start = x * torch.sqrt(1 + gammas[0] ** 2)
    ours = ge.solve(flow, start, gammas, {"ddim": "ddim", "ttm2": "genie"}[run["sampler"]])
    assert float((ours.final - numbers(run["out"])).abs().max()) < 1e-10
    assert ours.nfe == run["nfes"]


def diffusers_run(scheduler: str) -> dict:
    (run,) = [run for run in PUBLISHED["diffusers"] if run["scheduler"] == scheduler]
    return run


def test_diffusers_ddim() -> None:
    flow, x = published_world()
    run = diffusers_run("DDIMScheduler")
    gammas = [float(gamma) for _, gamma in run["calls_timestep_gamma"]]
    assert float(run["gamma_prev_per_call"][-1]) == 0  # its last step goes to gamma 0: our denoise
    start = x * (1 + gammas[0] ** 2) ** 0.5
    ours = ge.solve(flow, start, gammas, "ddim", denoise=True)
    assert float((ours.final - numbers(run["out"])).abs().max()) < 1e-6
    assert ours.nfe == run["nfe"]


@pytest.mark.parametrize(
    ("scheduler", "name", "tolerance"),
    [
        ("DPMSolverMultistepScheduler", "dpmpp_2m", 2e-6),
        ("DEISMultistepScheduler", "deis_logrho3", 1e-5),
    ],
)
def test_diffusers_multistep_schedulers(scheduler: str, name: str, tolerance: float) -> None:
    flow, x = published_world()
    run = diffusers_run(scheduler)
    gammas = [float(gamma) for _, gamma in run["calls_timestep_gamma"]]
    gammas.append(float(run["final_gamma"]))
    ours = ge.solve(flow, x * (1 + gammas[0] ** 2) ** 0.5, gammas, name)
    assert float((ours.final - numbers(run["out"])).abs().max()) < tolerance
    assert ours.nfe == run["nfe"]


def test_published_derivatives() -> None:
    flow, _ = published_world()
    points = PUBLISHED["pointwise"]
    z, gamma = numbers(points["x_bar"]), numbers(points["gamma"])
    ours = flow.derivatives(z, gamma, 2)
    for value, name in zip(ours, ("eps", "deps_dgamma", "d2eps"), strict=True):
        theirs = numbers(points[name])
        assert float((value - theirs).abs().max() / theirs.abs().max()) < 1e-9
    assert float((SCHEDULE.t_of_gamma(gamma) - numbers(points["t"])).abs().max()) < 1e-15


# --- what each method is ----------------------------------------------------------------------


def test_ddim_is_exact_for_a_point_mass() -> None:
    flow = ge.AnalyticFlow(ge.GaussianMixture([1.0], [[0.3, 0.4]], [[[0, 0], [0, 0]]]))
    start = states(flow.mixture, 152.0, 8)
    end = ge.solve(flow, start, [152.0, 0.0105], "ddim").x_bar[-1]
    direction = (start - flow.mixture.means) / 152.0
    assert float((end - flow.mixture.means - 0.0105 * direction).abs().max()) < 1e-12


def test_genie_log_integrates_eps_linear_in_log_gamma_exactly() -> None:
    class LogFlow(ge.Flow):
        def _derivatives(self, x_bar, gamma, order):  # noqa: ANN001, ANN202
            one = torch.ones_like(x_bar)
            return (one * (2 + 3 * math.log(gamma)), 3 / gamma * one)[: order + 1]

    grid = torch.tensor([5.0, 0.7, 0.1], dtype=torch.float64)
    start = torch.zeros(1, 2, dtype=torch.float64)
    end = ge.solve(LogFlow(), start, grid, "genie_log").x_bar[-1]

    def primitive(g: torch.Tensor) -> torch.Tensor:
        return 2 * g + 3 * (g * g.log() - g)

    assert float((end - (primitive(grid[-1]) - primitive(grid[0]))).abs().max()) < 1e-13


def test_ab2_with_exact_slope_from_the_past_is_genie_for_linear_eps() -> None:
    class Ramp(ge.Flow):  # eps depends on gamma alone, linearly: both see the same slope
        def _derivatives(self, x_bar, gamma, order):  # noqa: ANN001, ANN202
            one = torch.ones_like(x_bar)
            return (one * (1 + 4 * gamma), 4 * one)[: order + 1]

        def _eps(self, x_bar, gamma):  # noqa: ANN001, ANN202
            return self._derivatives(x_bar, gamma, 0)[0]

    start = torch.zeros(1, 2, dtype=torch.float64)
    memory = ((6.0, start, Ramp().eps(start, 6.0)),)
    grid = [5.0, 2.0, 1.5]
    ours = ge.solve(Ramp(), start, grid, "ab2", memory=memory).x_bar
    assert float((ours - ge.solve(Ramp(), start, grid, "genie").x_bar).abs().max()) < 1e-12


@given(seeds, st.sampled_from(sorted(ge.SOLVERS)), st.integers(1, 12))
@settings(max_examples=30)
def test_solvers_commute_with_rotation_and_shift(seed: int, name: str, n: int) -> None:
    mixture = random_mixture(seed)
    c, s = 0.6, 0.8
    turn = torch.tensor([[c, -s], [s, c]], dtype=torch.float64)
    shift = torch.tensor([3.0, -2.0], dtype=torch.float64)
    covs = turn @ mixture.covs @ turn.T
    moved = ge.GaussianMixture(
        mixture.weights, mixture.means @ turn.T + shift, (covs + covs.mT) / 2
    )
    gammas = SCHEDULE.gamma(ge.time_grid(n, "quadratic"))
    start = states(mixture, float(gammas[0]), 4, seed)
    here = ge.solve(ge.AnalyticFlow(mixture), start, gammas, name).x_bar[-1]
    there = ge.solve(ge.AnalyticFlow(moved), start @ turn.T + shift, gammas, name).x_bar[-1]
    # A coarse step can throw a point far off; the comparison is relative to where it landed.
    scale = here.abs().max().clamp(min=1)
    assert float(((here @ turn.T + shift) - there).abs().max() / scale) < 1e-6


# --- cost -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ge.SOLVERS)
@pytest.mark.parametrize("afs", [False, True])
@pytest.mark.parametrize("denoise", [False, True])
def test_calls_are_counted(name: str, afs: bool, denoise: bool) -> None:
    flow, start, _ = order_world()
    start = 6 * start[:4]
    run = ge.solve(flow, start, quadratic_grid(7, 60.0, 0.1), name, afs=afs, denoise=denoise)
    assert run.nfe == 7 * ge.SOLVERS[name].nfe_per_step - afs + denoise
    per_step = {"genie": 1, "genie_log": 1, "taylor3": 2, "genie_multistep": 1}.get(name, 0)
    assert run.n_derivatives == per_step * (7 - afs)


@pytest.mark.parametrize("name", ge.SOLVERS)
def test_analytic_first_step_starts_along_x(name: str) -> None:
    flow, _, _ = order_world()
    gammas = SCHEDULE.gamma(ge.time_grid(30, "log_gamma"))
    start = states(flow.mixture, float(gammas[0]), 64)
    exact = ge.exact_solution(flow, start, gammas[[0, 1]])[-1]
    free = ge.solve(flow, start, gammas[:2], name, afs=True)
    assert free.nfe == ge.SOLVERS[name].nfe_per_step - 1
    x = start / torch.sqrt(1 + gammas[0] ** 2)
    if ge.SOLVERS[name].nfe_per_step == 1 and name != "genie_multistep":
        # with eps = x and slope 0 every other one-call method takes Euler's step
        assert float((free.x_bar[1] - start - (gammas[1] - gammas[0]) * x).abs().max()) < 1e-11
    assert float((free.x_bar[1] - exact).abs().max()) < 1.0


def test_denoise_is_one_euler_step_to_gamma_zero_and_changes_nothing_else() -> None:
    flow, start, _ = order_world()
    grid = quadratic_grid(5, 10.0, 0.1)
    plain = ge.solve(flow, start, grid)
    clean = ge.solve(flow, start, grid, denoise=True)
    assert torch.equal(plain.x_bar, clean.x_bar)
    last = plain.x_bar[-1]
    expected = last - grid[-1] * flow.eps(last, grid[-1])
    assert float((clean.final - expected).abs().max()) < 1e-14
    assert float((plain.final - plain.x[-1]).abs().max()) < 1e-15


# --- trajectories, encoding, sampling -------------------------------------------------------


def test_trajectory_shapes_and_states() -> None:
    flow, start, _ = order_world()
    grid = quadratic_grid(5, 10.0, 0.1)
    run = ge.solve(flow, start, grid)
    assert run.x_bar.shape == (6, 256, 2) and run.gamma.shape == (6,)
    alpha = SCHEDULE.alpha(SCHEDULE.t_of_gamma(grid))
    assert float((run.x - alpha[:, None, None] * run.x_bar).abs().max()) < 1e-13
    empty = ge.solve(flow, start[:0], grid)
    assert empty.x_bar.shape == (6, 0, 2) and empty.nfe == 5


@pytest.mark.parametrize("name", ge.SOLVERS)
def test_encoding_inverts_sampling_as_steps_shrink(name: str) -> None:
    flow, start, exact = order_world()
    up = quadratic_grid(400, 10.0, 0.1).flip(0)
    code = ge.encode(flow, exact[:32], up, name)
    distance = ge.end_point_error(code.x_bar[-1], start[:32])
    assert distance < (0.1 if ge.SOLVERS[name].order == 1 else 5e-3)


def test_sample_is_reproducible_and_looks_like_the_data() -> None:
    flow, _, _ = order_world()
    a = ge.sample(flow, (2000, 2), n_steps=20, seed=4)
    b = ge.sample(flow, (2000, 2), n_steps=20, seed=4)
    assert torch.equal(a, b) and a.dtype == torch.float64
    data = flow.mixture.sample(2000, torch.Generator().manual_seed(1))
    assert float((a.mean(0) - data.mean(0)).abs().max()) < 0.15
    assert float((torch.cov(a.T) - torch.cov(data.T)).abs().max()) < 0.15


def test_float32_stays_float32() -> None:
    flow, start, _ = order_world()
    run = ge.solve(flow, start.float(), quadratic_grid(5, 10.0, 0.1))
    assert run.x_bar.dtype == run.final.dtype == torch.float32


def test_a_step_of_ones_own_and_a_flow_of_ones_own() -> None:
    def leap(flow, x_bar, gamma, gamma_next, memory):  # noqa: ANN001, ANN202
        return x_bar + (gamma_next - gamma) * flow.eps(x_bar, gamma), None

    class Shrink(ge.Flow):
        def _eps(self, x_bar, gamma):  # noqa: ANN001, ANN202
            return x_bar / gamma

    start = torch.ones(3, 2, dtype=torch.float64)
    mine = ge.solve(Shrink(), start, [4.0, 2.0, 1.0], leap)
    assert torch.equal(mine.x_bar, ge.solve(Shrink(), start, [4.0, 2.0, 1.0], "ddim").x_bar)
    # x_bar / gamma is constant along this flow: all total derivatives, here by JVP, vanish
    _, d1, d2 = Shrink().derivatives(start, 2.0, 2)
    assert float(d1.abs().max()) == 0 and float(d2.abs().max()) == 0


def test_lowered_steps_are_the_last_ones() -> None:
    flow, start, _ = order_world()
    gammas = quadratic_grid(9, 10.0, 0.1)
    for name in ("dpmpp_2m", "deis_logrho3", "unipc_2"):
        full = ge.solve(flow, start, gammas, name)
        lowered = ge.solve(flow, start, gammas, name, lower_order_final=True)
        kept = len(gammas) - len(ge.SOLVERS[name].lowered)
        assert torch.equal(full.x_bar[:kept], lowered.x_bar[:kept])
        assert not torch.equal(full.x_bar[kept], lowered.x_bar[kept])
        assert lowered.nfe == full.nfe
    last = ge.solve(flow, start, gammas[:2], "deis_logrho3", lower_order_final=True)
    assert torch.equal(last.x_bar, ge.solve(flow, start, gammas[:2], "ddim").x_bar)


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"solver": "geenie"}, ValueError, "did you mean 'genie'"),
        ({"solver": 3}, TypeError, "solver"),
        ({"lower_order_final": True}, ValueError, "lowered steps: dpmpp_2m"),
        ({"lower_order_final": True, "solver": lambda *a: a}, ValueError, "lowered steps"),
        ({"gammas": [1.0]}, ValueError, "at least two"),
        ({"gammas": []}, ValueError, "at least two"),
        ({"gammas": [1.0, 2.0]}, ValueError, "decrease"),
        ({"gammas": [2.0, 1.0, 1.0]}, ValueError, "decrease"),
        ({"gammas": [1.0, 0.0]}, ValueError, "denoise=True"),
        ({"gammas": [1.0, float("nan")]}, ValueError, "gammas must be finite"),
        ({"x_bar": [[float("nan"), 0.0]]}, ValueError, "x_bar must be finite"),
        ({"x_bar": [[0.0, 0.0, 0.0]]}, ValueError, "points"),
        ({"x_bar": "noise"}, TypeError, "x_bar"),
    ],
)
def test_bad_input_is_one_clear_sentence(changes: dict, error: type, words: str) -> None:
    flow, start, _ = order_world()
    call = {"x_bar": start, "gammas": [10.0, 1.0], "solver": "genie"} | changes
    with pytest.raises(error, match=words) as caught:
        ge.solve(flow, **call)
    assert "\n" not in str(caught.value)


def test_encode_refuses_a_falling_grid() -> None:
    flow, start, _ = order_world()
    with pytest.raises(ValueError, match="increase"):
        ge.encode(flow, start, [10.0, 1.0])


def test_flow_refuses_what_is_not_a_mixture() -> None:
    with pytest.raises(TypeError, match="GaussianMixture"):
        ge.AnalyticFlow([0.5, 0.5])


# --- the corrector of genie_multistep ---------------------------------------------------------


def test_the_share_of_one_gaussian_stays_between_nothing_and_all() -> None:
    eps = torch.tensor([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [0.0, 0.0]], dtype=torch.float64)
    slope = torch.tensor([[0.1, 5.0], [9.0, 0.0], [-9.0, 0.0], [1.0, 1.0]], dtype=torch.float64)
    r = _gaussian_part(2.0, eps, slope)
    assert r.tolist() == [[0.2], [1.0], [0.0], [0.0]]


def test_the_corrector_moves_eps_and_slope_with_the_state() -> None:
    """Exact for one round Gaussian at the origin: what it returns is the flow at its new state."""
    flow = ge.AnalyticFlow(ge.GaussianMixture([1.0], [[0.0, 0.0]], [[[0.49, 0.0], [0.0, 0.49]]]))
    past, here = 3.0, 2.0
    start = states(flow.mixture, past, 16)
    exact = ge.exact_solution(flow, start, [past, here])[-1]
    wrong = exact * 1.02
    _, eps, slope = new = _correct(
        (past, start, *flow.eps_and_derivative(start, past)),
        (here, wrong, *flow.eps_and_derivative(wrong, here)),
    )
    assert float((new[0] - exact).abs().max()) < 0.2 * float((wrong - exact).abs().max())
    there = flow.eps_and_derivative(new[0], here)
    assert float((eps - there[0]).abs().max()) < 1e-12
    assert float((slope - there[1]).abs().max()) < 1e-12
