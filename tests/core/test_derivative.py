"""The joint JVP against the closed form, in both clocks, and its refusals."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import SCHEDULE, levels, random_mixture, seeds, states

import genie_edu as ge


@given(seeds, levels, st.sampled_from([SCHEDULE, ge.VPSchedule(0.5, 15.0)]))
@settings(max_examples=40)
def test_total_derivative_of_the_exact_eps(seed: int, gamma: float, schedule) -> None:
    gamma = min(gamma, 40.0)  # as far as the other schedule reaches
    mixture = random_mixture(seed)
    t = float(schedule.t_of_gamma(gamma))
    z = states(mixture, gamma, 16, seed)
    eps, deps = ge.total_derivative(
        lambda x, t: mixture.eps(x, t.double(), schedule), schedule.alpha(t) * z, t, schedule
    )
    exact = mixture.derivatives(z, schedule.gamma(t), 1)
    scale = exact[1].abs().max().clamp(min=1)
    assert float((eps - exact[0]).abs().max()) < 1e-12
    assert float((deps - exact[1]).abs().max() / scale) < 1e-10


@pytest.mark.parametrize(("order", "passes"), [(0, 1), (1, 2), (2, 3)])
def test_no_pass_through_the_network_is_made_twice(order: int, passes: int) -> None:
    calls = []

    def net(x: torch.Tensor, g: torch.Tensor) -> torch.Tensor:
        calls.append(1)
        return torch.sin(x) * g

    x, g = torch.ones(3, 2, dtype=torch.float64), torch.tensor(0.7, dtype=torch.float64)
    found = ge.flow_derivatives(net, x, g, order)
    assert len(calls) == passes and len(found) == order + 1
    eps = torch.sin(x) * g
    first = g * torch.cos(x) * eps + torch.sin(x)
    second = g * torch.cos(x) * first - g * torch.sin(x) * eps**2 + 2 * torch.cos(x) * eps
    for a, b in zip(found, (eps, first, second), strict=False):
        assert float((a - b).abs().max()) < 1e-14


def test_a_time_per_point_and_an_image_shaped_state() -> None:
    weight = torch.randn(3, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))

    def net(x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        mixed = torch.einsum("ij,bjhw->bihw", weight, x)
        return torch.tanh(mixed) * torch.cos(t).reshape(-1, *(1,) * (x.ndim - 1))

    x = torch.randn(4, 3, 2, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    t = torch.tensor([0.1, 0.3, 0.6, 0.9], dtype=torch.float64)
    together = ge.total_derivative(net, x, t)
    for i in range(4):
        for a, b in zip(together, ge.total_derivative(net, x[i : i + 1], t[i]), strict=True):
            assert float((a[i : i + 1] - b).abs().max()) < 1e-14


def test_total_derivative_keeps_the_networks_dtype() -> None:
    eps, deps = ge.total_derivative(lambda x, t: x * t, torch.ones(2, 3), 0.5)
    assert eps.dtype == deps.dtype == torch.float32


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ge.total_derivative(lambda x, t: x, [[0.0]], 0.0), "t must lie"),
        (lambda: ge.total_derivative(lambda x, t: x, [[0.0]], [0.1, 0.2]), "shape"),
        (lambda: ge.total_derivative(lambda x, t: x, [[float("nan")]], 0.5), "x must be finite"),
        (lambda: ge.flow_derivatives(lambda x, g: x, torch.ones(1), torch.ones(()), 3), "order"),
    ],
)
def test_bad_input_is_one_clear_sentence(call: callable, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()
