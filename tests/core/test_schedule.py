"""The clocks against mpmath-free closed forms, each other, and their own derivatives."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from worlds import SCHEDULE as S

import genie_edu as ge
from genie_edu.schedule import SPACINGS

times = st.floats(1e-5, 1.0)


def test_reported_values_of_the_clock() -> None:
    assert float(S.gamma(1.0)) == pytest.approx(152.17, abs=5e-3)
    assert float(S.gamma(1e-3)) == pytest.approx(0.010486, abs=5e-7)
    assert float(S.alpha(1.0)) == pytest.approx(0.00657, abs=5e-6)


@given(times)
def test_scales_are_consistent(t: float) -> None:
    alpha, sigma, gamma = S.alpha(t), S.sigma(t), S.gamma(t)
    assert float(alpha**2 + sigma**2) == pytest.approx(1, rel=1e-14)
    assert float(sigma / alpha) == pytest.approx(float(gamma), rel=1e-13)
    assert float(S.t_of_gamma(gamma)) == pytest.approx(t, rel=1e-12)


@given(times)
def test_dt_dgamma_is_the_slope_of_the_inverse_clock(t: float) -> None:
    gamma = float(S.gamma(t))
    h = 1e-5 * gamma
    slope = float(S.t_of_gamma(gamma + h) - S.t_of_gamma(gamma - h)) / (2 * h)
    assert float(S.dt_dgamma(t)) == pytest.approx(slope, rel=1e-8)


def test_small_times_keep_their_digits() -> None:
    t = 1e-9
    b = 0.1 * t + 19.9 * t * t / 2
    assert float(S.gamma(t)) == pytest.approx(math.sqrt(b), rel=1e-9)


@pytest.mark.parametrize("kind", [float, list, np.array, torch.tensor, np.float32])
def test_any_number_or_array_comes_in_and_float64_goes_out(kind: type) -> None:
    t = kind([0.25, 0.5]) if kind not in (float, np.float32) else kind(0.25)
    for clock in (S.alpha, S.sigma, S.gamma, S.dt_dgamma, S.t_of_gamma):
        out = clock(t)
        assert out.dtype == torch.float64
        assert out.shape == torch.as_tensor(t).shape


@given(
    st.integers(1, 200),
    st.sampled_from(SPACINGS),
    st.floats(0.2, 1.0),
    st.floats(1e-4, 0.1),
)
def test_grid_ends_order_and_length(n: int, spacing: str, t_start: float, t_end: float) -> None:
    t = ge.time_grid(n, spacing, t_start, t_end)
    assert t.dtype == torch.float64 and t.shape == (n + 1,)
    assert float(t[0]) == t_start and float(t[-1]) == t_end
    assert (t.diff() < 0).all()


@pytest.mark.parametrize(
    ("spacing", "uniform"),
    [
        ("linear", lambda t, s: t),
        ("quadratic", lambda t, s: t.sqrt()),
        ("log_gamma", lambda t, s: s.gamma(t).log()),
        ("rho7", lambda t, s: s.gamma(t) ** (1 / 7)),
    ],
)
@pytest.mark.parametrize("schedule", [S, ge.VPSchedule(0.5, 4.0)], ids=["default", "another"])
def test_grid_is_uniform_in_its_variable(
    spacing: str, uniform: callable, schedule: ge.VPSchedule
) -> None:
    steps = uniform(ge.time_grid(20, spacing, schedule=schedule), schedule).diff()
    assert float((steps - steps.mean()).abs().max()) < 1e-9 * float(steps.abs().mean())


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: ge.time_grid(0), ValueError, "n_steps"),
        (lambda: ge.time_grid(2.5), TypeError, "n_steps"),
        (lambda: ge.time_grid(True), TypeError, "n_steps"),
        (lambda: ge.time_grid(5, "quadratc"), ValueError, "did you mean 'quadratic'"),
        (lambda: ge.time_grid(5, 3), TypeError, "spacing"),
        (lambda: ge.time_grid(5, t_end=0.0), ValueError, "t_end"),
        (lambda: ge.time_grid(5, t_start=0.5, t_end=0.5), ValueError, "t_end must be below"),
        (lambda: ge.time_grid(5, t_start=1e-3, t_end=1.0), ValueError, "t_end must be below"),
        (lambda: ge.VPSchedule(beta_min=0.0), ValueError, "beta_min"),
        (lambda: S.gamma(float("nan")), ValueError, "t must be finite"),
        (lambda: S.gamma("noon"), TypeError, "t must be"),
        (lambda: S.t_of_gamma(-1.0), ValueError, "negative"),
    ],
)
def test_bad_input_is_one_clear_sentence(call: callable, error: type, words: str) -> None:
    with pytest.raises(error, match=words) as caught:
        call()
    assert "\n" not in str(caught.value)
