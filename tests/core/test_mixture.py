"""The mixture against finite differences, scipy, automatic differentiation and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logsumexp
from scipy.stats import multivariate_normal
from worlds import SCHEDULE, levels, random_mixture, seeds, shapes, states

import genie_edu as ge

EYE = [[1.0, 0.0], [0.0, 1.0]]


def largest(a: torch.Tensor, b: torch.Tensor) -> float:
    """Largest absolute difference over max(1, largest value of b)."""
    return float((a - b).abs().max() / b.abs().max().clamp(min=1))


@given(seeds, shapes, levels)
@settings(max_examples=40)
def test_log_prob_equals_scipys(seed: int, shape: tuple[int, int], gamma: float) -> None:
    mixture = random_mixture(seed, *shape)
    z = states(mixture, gamma, 5, seed)
    parts = [
        np.log(w) + multivariate_normal(m, c + gamma**2 * np.eye(len(m))).logpdf(z)
        for w, m, c in zip(
            mixture.weights.numpy(), mixture.means.numpy(), mixture.covs.numpy(), strict=True
        )
    ]
    expected = logsumexp(np.array(parts).reshape(len(parts), 5), axis=0)
    assert np.abs(mixture.log_prob(z, gamma).numpy() - expected).max() < 1e-8


@given(seeds, shapes, levels)
@settings(max_examples=60)
def test_derivatives_equal_nested_forward_mode(
    seed: int, shape: tuple[int, int], gamma: float
) -> None:
    mixture = random_mixture(seed, *shape)
    z = states(mixture, gamma, 16, seed)
    exact = mixture.derivatives(z, gamma, order=2)
    level = torch.tensor(gamma, dtype=torch.float64)
    by_jvp = ge.flow_derivatives(lambda x, g: mixture.derivatives(x, g)[0], z, level, order=2)
    for ours, theirs in zip(exact, by_jvp, strict=True):
        assert largest(ours, theirs) < 1e-12


@given(seeds, shapes, levels)
@settings(max_examples=30)
def test_derivatives_follow_the_velocity_that_is_given(
    seed: int, shape: tuple[int, int], gamma: float
) -> None:
    mixture, other = random_mixture(seed, *shape), random_mixture(seed + 1, *shape)
    z = states(mixture, gamma, 16, seed)
    along = other.derivatives(z, gamma, 1)  # a path of another flow, to second order
    level = torch.tensor(gamma, dtype=torch.float64)
    exact = mixture.derivatives(z, gamma, order=2, velocity=along)
    first = lambda x, g: torch.func.jvp(  # noqa: E731
        lambda x, g: mixture.derivatives(x, g)[0],
        (x, g),
        (other.derivatives(x, g)[0], torch.ones_like(g)),
    )[1]
    second = torch.func.jvp(first, (z, level), (along[0], torch.ones_like(level)))[1]
    for ours, theirs in zip(exact[1:], (first(z, level), second), strict=True):
        assert largest(ours, theirs) < 1e-12


@given(seeds, shapes, levels)
@settings(max_examples=30)
def test_eps_is_minus_gamma_times_the_score_by_autograd(
    seed: int, shape: tuple[int, int], gamma: float
) -> None:
    mixture = random_mixture(seed, *shape)
    z = states(mixture, gamma, 16, seed).requires_grad_()
    (score,) = torch.autograd.grad(mixture.log_prob(z, gamma).sum(), z)
    assert largest(mixture.derivatives(z.detach(), gamma)[0], -gamma * score) < 1e-11


def test_derivatives_equal_central_differences_along_the_flow() -> None:
    mixture = random_mixture(3)
    flow = ge.AnalyticFlow(mixture)
    for gamma in (0.02, 0.3, 2.0, 20.0):
        z = states(mixture, gamma, 32)
        h = 2e-3 * gamma
        grid = gamma + h * torch.arange(-2, 3, dtype=torch.float64)
        down = ge.exact_solution(flow, z, grid[[2, 1, 0]], rtol=1e-13)
        up = ge.exact_solution(flow, z, grid[[2, 3, 4]], rtol=1e-13)
        path = [down[2], down[1], z, up[1], up[2]]
        eps, d1 = (
            [mixture.derivatives(x, float(g), 1)[i] for x, g in zip(path, grid, strict=True)]
            for i in (0, 1)
        )
        for value, derivative in (
            (eps, mixture.derivatives(z, gamma, 2)[1]),
            (d1, mixture.derivatives(z, gamma, 2)[2]),
        ):
            numeric = (value[0] - 8 * value[1] + 8 * value[3] - value[4]) / (12 * h)
            error = (derivative - numeric).abs().max() / derivative.abs().max()
            assert float(error) < 1e-7


@given(st.floats(0.05, 2.0), levels)
def test_single_gaussian_closed_form(s: float, gamma: float) -> None:
    mu = torch.tensor([0.7, -0.4], dtype=torch.float64)
    mixture = ge.GaussianMixture([1.0], [mu.tolist()], [[[s * s, 0.0], [0.0, s * s]]])
    z = states(mixture, gamma, 8)
    a = s**2 + gamma**2
    eps, d1, d2 = mixture.derivatives(z, gamma, 2)
    assert largest(eps, gamma * (z - mu) / a) < 1e-12
    assert largest(d1, s**2 * (z - mu) / a**2) < 1e-12
    assert largest(d2, -3 * s**2 * gamma * (z - mu) / a**3) < 1e-12


def test_exact_flow_of_a_single_gaussian() -> None:
    mu, s = torch.tensor([0.5, -0.3], dtype=torch.float64), 0.5
    flow = ge.AnalyticFlow(ge.GaussianMixture(**ge.TOYS["one_gaussian"]))
    gammas = SCHEDULE.gamma(ge.time_grid(8, "quadratic"))
    z = states(flow.mixture, float(gammas[0]), 16)
    exact = ge.exact_solution(flow, z, gammas)
    growth = torch.sqrt((s**2 + gammas**2) / (s**2 + gammas[0] ** 2))
    assert largest(exact, mu + growth[:, None, None] * (z - mu)) < 1e-10


def test_point_mass_has_straight_paths() -> None:
    mixture = ge.GaussianMixture([1.0], [[0.3, 0.4]], [[[0.0, 0.0], [0.0, 0.0]]])
    z = torch.randn(20, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    eps, d1, d2 = mixture.derivatives(z, 1.7, 2)
    assert largest(eps, (z - mixture.means) / 1.7) < 1e-14
    assert float(d1.abs().max()) < 1e-14 and float(d2.abs().max()) < 1e-14
    with pytest.raises(ValueError, match="no log density"):
        mixture.log_prob(z)


def test_singular_covariances_of_any_orientation() -> None:
    direction = torch.tensor([0.6, 0.8], dtype=torch.float64)
    line = torch.outer(direction, direction)
    mixture = ge.GaussianMixture([0.5, 0.5], [[0, 0], [1, -1]], torch.stack([line, 2 * line]))
    z = states(mixture, 0.0105, 50)
    assert all(torch.isfinite(d).all() for d in mixture.derivatives(z, 0.0105, 2))


@given(seeds, levels, st.floats(0, 6.28))
@settings(max_examples=30)
def test_shift_rotation_and_permutation(seed: int, gamma: float, angle: float) -> None:
    mixture = random_mixture(seed)
    z = states(mixture, gamma, 8, seed)
    shift = torch.tensor([0.9, -1.3], dtype=torch.float64)
    c, s = np.cos(angle), np.sin(angle)
    turn = torch.tensor([[c, -s], [s, c]], dtype=torch.float64)
    order = torch.randperm(4, generator=torch.Generator().manual_seed(seed))
    moved = ge.GaussianMixture(
        mixture.weights[order],
        mixture.means[order] @ turn.T + shift,
        symmetric(turn @ mixture.covs[order] @ turn.T),
    )
    here = mixture.derivatives(z, gamma, 2)
    there = moved.derivatives(z @ turn.T + shift, gamma, 2)
    for a, b in zip(here, there, strict=True):
        assert largest(a @ turn.T, b) < 1e-9


def symmetric(covs: torch.Tensor) -> torch.Tensor:
    return (covs + covs.mT) / 2


@pytest.mark.parametrize("gamma", [0.0105, 152.2])
def test_far_points_stay_finite(gamma: float) -> None:
    mixture = random_mixture(0)
    far = torch.tensor([[1e4, -1e4], [1e6, 0.0], [0.0, 0.0]], dtype=torch.float64)
    for values in (*mixture.derivatives(far, gamma, 2), mixture.log_prob(far, gamma)):
        assert torch.isfinite(values).all()


def test_gamma_per_point_equals_point_by_point() -> None:
    mixture = random_mixture(1)
    gamma = torch.tensor([0.02, 0.5, 3.0, 100.0], dtype=torch.float64)
    z = torch.cat([states(mixture, float(g), 1) for g in gamma])
    together = mixture.derivatives(z, gamma, 2)
    for i, g in enumerate(gamma):
        for a, b in zip(together, mixture.derivatives(z[i : i + 1], float(g), 2), strict=True):
            assert largest(a[i : i + 1], b) < 1e-13


@pytest.mark.parametrize("schedule", [SCHEDULE, ge.VPSchedule(0.5, 4.0)], ids=["default", "other"])
def test_time_clock_versions(schedule: ge.VPSchedule) -> None:
    mixture, t = random_mixture(2), 0.37
    gamma, alpha = schedule.gamma(t), schedule.alpha(t)
    z = states(mixture, float(gamma), 16)
    eps, d1 = mixture.derivatives(z, gamma, 1)
    assert largest(mixture.eps(alpha * z, t, schedule), eps) < 1e-14
    again, deps_dt = mixture.deps_dt(alpha * z, t, schedule)
    assert largest(again, eps) < 1e-14
    # d eps/dt along the flow, by central differences of an accurate path in t
    h = 1e-4
    grid = schedule.gamma([t - h, t, t + h])
    down = ge.exact_solution(ge.AnalyticFlow(mixture), z, grid[[1, 0]], rtol=1e-13)[1]
    up = ge.exact_solution(ge.AnalyticFlow(mixture), z, grid[[1, 2]], rtol=1e-13)[1]
    numeric = (mixture.derivatives(up, grid[2])[0] - mixture.derivatives(down, grid[0])[0]) / (
        2 * h
    )
    assert largest(deps_dt, numeric) < 1e-5
    assert largest(deps_dt * schedule.dt_dgamma(t), d1) < 1e-13


def test_a_generator_decides_the_samples() -> None:
    mixture = random_mixture(5)
    draw = lambda seed: mixture.sample(50, torch.Generator().manual_seed(seed))  # noqa: E731
    assert torch.equal(draw(1), draw(1)) and not torch.equal(draw(1), draw(2))


def test_samples_have_the_mixtures_mean_and_covariance() -> None:
    mixture = random_mixture(5)
    n = 200_000
    x = mixture.sample(n, torch.Generator().manual_seed(0))
    mean = mixture.weights @ mixture.means
    centred = mixture.means - mean
    cov = torch.einsum(
        "k,kij->ij", mixture.weights, mixture.covs + centred[:, :, None] * centred[:, None]
    )
    assert float((x.mean(0) - mean).abs().max()) < 5 * float(cov.diag().max() / n) ** 0.5
    assert largest(torch.cov(x.T), cov) < 0.02


def test_float32_and_lists_come_in() -> None:
    mixture = ge.GaussianMixture([1.0], [[0, 0]], np.float32(EYE)[None])
    assert mixture.covs.dtype == torch.float64
    assert mixture.derivatives(torch.zeros(3, 2), 1.0)[0].dtype == torch.float32
    assert mixture.derivatives([[0.0, 1.0]], 1.0)[0].dtype == torch.float64
    assert mixture.derivatives(torch.zeros(0, 2), 1.0, 2)[2].shape == (0, 2)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: ge.GaussianMixture([0.5, 0.4], [[0, 0]] * 2, [EYE] * 2), ValueError, "sum to one"),
        (lambda: ge.GaussianMixture([1.5, -0.5], [[0, 0]] * 2, [EYE] * 2), ValueError, "negative"),
        (lambda: ge.GaussianMixture([1.0], [[0, 0]], [EYE] * 2), ValueError, "covs"),
        (lambda: ge.GaussianMixture([1.0, 0.0], [[0, 0]], [EYE]), ValueError, "weights"),
        (lambda: ge.GaussianMixture([1.0], [0, 0], [EYE]), ValueError, "means"),
        (lambda: ge.GaussianMixture([1.0], [[0, 0]], [[[1, 0.5], [0, 1]]]), ValueError, "symmetr"),
        (
            lambda: ge.GaussianMixture([1.0], [[0, 0]], [[[1, 2], [2, 1]]]),
            ValueError,
            "positive semi",
        ),
        (lambda: ge.GaussianMixture([1.0], [[0, float("nan")]], [EYE]), ValueError, "means"),
        (lambda: ge.GaussianMixture([1.0], [["a", "b"]], [EYE]), TypeError, "means"),
        (lambda: random_mixture(0).derivatives([[0.0, 0.0]], 0.0), ValueError, "gamma"),
        (lambda: random_mixture(0).derivatives([[0.0, 0.0]], [-1.0]), ValueError, "gamma"),
        (lambda: random_mixture(0).derivatives([[0.0, 0.0]], float("nan")), ValueError, "gamma"),
        (lambda: random_mixture(0).derivatives([[0.0, 0.0]], [1.0, 2.0]), ValueError, "gamma"),
        (lambda: random_mixture(0).derivatives([0.0, 0.0], 1.0), ValueError, "points"),
        (lambda: random_mixture(0).derivatives([[0.0] * 3], 1.0), ValueError, "points"),
        (lambda: random_mixture(0).derivatives([[0.0, 0.0]], 1.0, 3), ValueError, "order"),
    ],
)
def test_bad_input_is_one_clear_sentence(call: callable, error: type, words: str) -> None:
    with pytest.raises(error, match=words) as caught:
        call()
    assert "\n" not in str(caught.value)
