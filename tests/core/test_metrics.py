"""The yardsticks themselves: reference solution, error, observed order."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from worlds import SCHEDULE, random_mixture, states

import genie_edu as ge
from genie_edu.metrics import frechet_bias, nearest, precision, recall


def test_reference_agrees_with_a_finer_one_and_counts_nothing() -> None:
    flow = ge.AnalyticFlow(random_mixture(7))
    gammas = SCHEDULE.gamma(ge.time_grid(4, "quadratic"))
    start = states(flow.mixture, float(gammas[0]), 16)
    coarse = ge.exact_solution(flow, start, gammas, rtol=1e-10)
    fine = ge.exact_solution(flow, start, gammas, rtol=1e-13)
    assert 0 < float((coarse - fine).abs().max()) < 1e-6
    assert torch.equal(fine[0], start) and flow.nfe == 0
    back = ge.exact_solution(flow, fine[-1], gammas.flip(0))
    assert float((back[-1] - start).abs().max() / start.abs().max()) < 1e-6


def test_reference_of_no_points() -> None:
    flow = ge.AnalyticFlow(random_mixture(7))
    assert ge.exact_solution(flow, torch.zeros(0, 2), [2.0, 1.0, 0.5]).shape == (3, 0, 2)


def test_error_is_the_median_distance() -> None:
    exact = np.zeros((4, 2))
    points = np.array([[3.0, 4.0], [0.0, 1.0], [2.0, 0.0], [100.0, 0.0]])
    assert ge.end_point_error(points, exact) == pytest.approx((2 + 5) / 2)
    with pytest.raises(ValueError, match="one shape"):
        ge.end_point_error(points, exact[:2])


@given(st.floats(0.5, 5.0), st.floats(1e-6, 1e3))
def test_a_pure_power_law_is_found_exactly(order: float, constant: float) -> None:
    counts = [4, 8, 16, 32, 64]
    fit = ge.observed_order(counts, [constant * n**-order for n in counts])
    assert fit.order == pytest.approx(order, rel=1e-9)
    assert (fit.n_from, fit.n_to) == (4, 64)


def test_the_range_leaves_out_the_unsettled_start_and_the_floor() -> None:
    counts = [2, 4, 8, 16, 32, 64, 128, 256]
    errors = [1.0, 0.9, *(10 * n**-2.0 for n in counts[2:6]), 2.3e-3, 2.4e-3]
    fit = ge.observed_order(counts[::-1], errors[::-1])  # the order of the list does not matter
    assert fit.order == pytest.approx(2)
    assert (fit.n_from, fit.n_to) == (8, 64)


def test_how_far_slopes_may_lie_apart_is_the_callers_to_say() -> None:
    counts, slopes = [4, 8, 16, 32, 64], [1.0, 1.5, 2.0, 2.1]
    errors = 2.0 ** -np.cumsum([0.0, *slopes])
    assert ge.observed_order(counts, errors).n_from == 16
    assert ge.observed_order(counts, errors, tolerance=0.7).n_from == 8
    assert ge.observed_order(counts, errors, tolerance=1.2).n_from == 4
    with pytest.raises(ValueError, match="no three successive"):
        ge.observed_order(counts, errors, tolerance=0.05)


@pytest.mark.parametrize(
    "errors",
    [[1.0, 1.0, 1.0, 1.0], [1.0, 0.5, 0.01, 0.009], [1.0, 0.5], [1.0, 0.0, 0.0, 0.0], [1, 2, 4, 8]],
)
def test_no_asymptotic_range_is_said(errors: list) -> None:
    counts = [4, 8, 16, 32][: len(errors)]
    with pytest.raises(ValueError, match="no three successive"):
        ge.observed_order(counts, errors)


@pytest.mark.parametrize("counts", [[1, 2], [4, 4, 8], [0, 1, 2]])
def test_bad_step_counts(counts: list) -> None:
    with pytest.raises(ValueError, match="step_counts"):
        ge.observed_order(counts, [1.0, 0.5, 0.25])


# ---- Frechet distance ----------------------------------------------------------------------------


def gaussian_samples(mean: torch.Tensor, cov: torch.Tensor, n: int) -> torch.Tensor:
    """Points whose sample mean and covariance are exactly these."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(n, len(mean), generator=generator, dtype=torch.float64)
    x = x - x.mean(0)
    x = x @ torch.linalg.inv(torch.linalg.cholesky(torch.cov(x.T))).T
    return x @ torch.linalg.cholesky(cov).T + mean


def test_the_frechet_distance_is_the_closed_form_of_gaussians():
    generator = torch.Generator().manual_seed(1)
    diagonals = torch.rand(2, 6, generator=generator, dtype=torch.float64) + 0.1
    turn = torch.linalg.qr(torch.randn(6, 6, generator=generator, dtype=torch.float64))[0]
    means = torch.randn(2, 6, generator=generator, dtype=torch.float64)
    sets = [
        gaussian_samples(m, turn @ d.diag() @ turn.T, 50)
        for m, d in zip(means, diagonals, strict=True)
    ]
    exact = (means[0] - means[1]).square().sum()
    exact = exact + (diagonals[0].sqrt() - diagonals[1].sqrt()).square().sum()
    assert abs(ge.frechet_distance(*sets) - float(exact)) < 1e-12
    assert abs(ge.frechet_distance(sets[0], sets[0])) < 1e-12


def test_the_frechet_distance_takes_singular_covariances():
    flat = torch.randn(20, 3, dtype=torch.float64) @ torch.randn(3, 8, dtype=torch.float64)
    moved = flat + 1.0
    assert abs(ge.frechet_distance(flat, moved) - 8) < 1e-6


def test_the_frechet_distance_agrees_with_torchmetrics():
    image = pytest.importorskip("torchmetrics.image.fid")

    class Flatten(torch.nn.Module):
        num_features = 12

        def forward(self, x):
            return x.flatten(1)

    generator = torch.Generator().manual_seed(2)
    real, fake = torch.randn(2, 200, 3, 2, 2, generator=generator)
    oracle = image.FrechetInceptionDistance(feature=Flatten()).set_dtype(torch.float64)
    oracle.update(real, real=True)
    oracle.update(fake, real=False)
    ours = ge.frechet_distance(real.flatten(1), fake.flatten(1))
    assert ours == pytest.approx(float(oracle.compute()), rel=1e-5)


def test_features_that_do_not_match_are_refused():
    with pytest.raises(ValueError, match="at least two rows"):
        ge.frechet_distance(torch.ones(1, 3), torch.ones(5, 3))


# ---- precision and recall ------------------------------------------------------------------------


def test_recall_of_a_case_worked_by_hand():
    samples = [[0.0], [1.0], [2.0], [10.0]]  # k = 1: balls of radius 1, 1, 1 and 8
    data = [[-1.5], [-1.0], [3.0], [5.0], [18.5]]
    # -1 and 3 lie on the border of a ball, 5 in the lonely sample's; -1.5 and 18.5 in none.
    assert recall(samples, data, k=1) == pytest.approx(3 / 5)
    # The data's balls have radius .5, .5, 2, 2 and 13.5: only the sample at 0 is in none.
    assert precision(samples, data, k=1) == pytest.approx(3 / 4)


@pytest.mark.parametrize("k", [1, 3, 5])
def test_precision_and_recall_agree_with_loops_over_points(k, monkeypatch):
    monkeypatch.setattr("genie_edu.metrics.PAIRS", 300)  # a few rows at once
    generator = np.random.default_rng(k)
    samples, data = generator.normal(size=(40, 3)), 0.3 + 1.5 * generator.normal(size=(50, 3))

    def covered(points, centers):
        inside = 0
        for point in points:
            for i, center in enumerate(centers):
                others = np.sort([np.linalg.norm(center - c) for c in np.delete(centers, i, 0)])
                if np.linalg.norm(point - center) <= others[k - 1]:
                    inside += 1
                    break
        return inside / len(points)

    assert recall(samples, data, k) == pytest.approx(covered(data, samples))
    assert precision(samples, data, k) == pytest.approx(covered(samples, data))
    assert recall(torch.tensor(samples).float(), torch.tensor(data).float(), k) == pytest.approx(
        covered(data, samples), abs=0.03
    )


def test_samples_of_one_mode_are_precise_and_recall_half():
    generator = torch.Generator().manual_seed(0)
    data = 0.1 * torch.randn(400, 4, generator=generator)
    data[200:] += 5
    samples = 0.1 * torch.randn(400, 4, generator=generator)
    assert precision(samples, data) > 0.9
    assert 0.4 < recall(samples, data) <= 0.5
    assert recall(data, data) == precision(data, data) == 1


def test_the_nearest_point_of_an_equal_one_is_itself():
    data = torch.randn(200, 300, generator=torch.Generator().manual_seed(0)) + 100
    distance, place = nearest(data[[17, 3]], data)
    assert distance.tolist() == [0, 0] and place.tolist() == [17, 3]
    distance, place = nearest(data[:5] + 1e-3, data)
    assert place.tolist() == [0, 1, 2, 3, 4]
    assert distance.numpy() == pytest.approx(np.full(5, 1e-3 * 300**0.5), rel=1e-2)


def test_too_few_samples_for_a_ball_are_refused():
    with pytest.raises(ValueError, match="N > k = 3"):
        recall(torch.ones(3, 2), torch.ones(9, 2))
    with pytest.raises(ValueError, match="(9, 3)"):
        recall(torch.ones(8, 2), torch.ones(9, 3))


# ---- what few samples add ------------------------------------------------------------------------


def test_the_bias_in_one_dimension_is_the_closed_form():
    expected = 4.0 * (1 / 10 + 1 / 20) + 4.0 / 2 * (1 / 9 + 1 / 19)
    assert frechet_bias(torch.tensor([[4.0]]), 10, 20) == pytest.approx(expected)
    a, b = torch.tensor([[-1.0], [1.0]]), torch.tensor([[-3.0], [0.0], [3.0]])
    pooled = torch.tensor([[(2 * 2.0 + 3 * 9.0) / 5]])
    found = ge.frechet_distance(a, b, bias=True)
    assert found.bias == pytest.approx(frechet_bias(pooled, 2, 3))
    assert found.distance == ge.frechet_distance(a, b) == pytest.approx((3 - 2**0.5) ** 2)


def test_the_bias_is_what_sets_of_one_gaussian_have_on_average():
    generator = torch.Generator().manual_seed(0)
    scale = torch.logspace(0, -1, 5, dtype=torch.float64)
    found = [
        ge.frechet_distance(
            *(
                torch.randn(n, 5, generator=generator, dtype=torch.float64) * scale
                for n in (40, 90)
            ),
            bias=True,
        )
        for _ in range(200)
    ]
    distance, bias = (sum(part) / 200 for part in zip(*found, strict=True))
    assert distance == pytest.approx(bias, rel=0.08)
