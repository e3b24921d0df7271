"""The yardsticks themselves: reference solution, error, observed order."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from worlds import SCHEDULE, random_mixture, states

import genie_edu as ge


def test_reference_agrees_with_a_finer_one_and_counts_nothing() -> None:
    flow = ge.AnalyticFlow(random_mixture(7))
    gammas = SCHEDULE.gamma(ge.time_grid(4, "quadratic"))
    start = states(flow.mixture, float(gammas[0]), 16)
    coarse = ge.exact_solution(flow, start, gammas, rtol=1e-10)
    fine = ge.exact_solution(flow, start, gammas, rtol=1e-13)
    assert float((coarse - fine).abs().max()) < 1e-6
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
