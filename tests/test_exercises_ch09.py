"""The checks of chapter 9: placeholder, solution, another right answer, typical mistakes."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

import genie_edu as ge
from genie_edu.exercises import NotYet
from genie_edu.exercises.ch09 import check_lowest_loss, check_preconditioning, check_saturation

MIXTURE = ge.GaussianMixture(**ge.TOYS["three_modes"])


def eps_solution(F, x_bar, gamma, s):
    width = (gamma**2 + s**2) ** 0.5
    return (gamma * x_bar / width - s * F(x_bar / width, gamma)) / width


def eps_from_a_denoiser(F, x_bar, gamma, s):
    """EDM's own way: skip and output scale of the denoiser D, then eps = (x_bar - D) / gamma."""
    variance = gamma**2 + s**2
    skip, out = s**2 / variance, gamma * s / math.sqrt(variance)
    return (x_bar - skip * x_bar - out * F(x_bar / math.sqrt(variance), gamma)) / gamma


def eps_plus(F, x_bar, gamma, s):
    width = math.hypot(gamma, s)
    return gamma * x_bar / width**2 + s / width * F(x_bar / width, gamma)


def noisy(mixture, gamma, n=200_000):
    generator = torch.Generator().manual_seed(3)
    clean = mixture.sample(n, generator)
    drawn = torch.randn(clean.shape, generator=generator, dtype=clean.dtype)
    return clean, drawn, mixture.derivatives(clean + gamma * drawn, gamma)[0]


def loss_solution(mixture, gamma):
    return 1 - float(noisy(mixture, gamma)[2].square().mean())


def loss_by_training_examples(mixture, gamma):
    _, drawn, eps = noisy(mixture, gamma)
    return (eps - drawn).square().mean()


class Biased(nn.Module):
    """The exact eps, wrong by a constant: its model error is known to be moderate."""

    def __init__(self, bias, dtype=torch.float64):
        super().__init__()
        self.bias = nn.Parameter(torch.tensor(bias, dtype=dtype))

    def forward(self, x_bar, gamma):
        return MIXTURE.derivatives(x_bar, gamma)[0] + self.bias


def shipped():
    return ge.checkpoints.load(ge.data.shipped("mixture_2d/base"))


@pytest.mark.parametrize("answer", [eps_solution, eps_from_a_denoiser, eps_plus])
def test_right_preconditionings_pass(answer, capsys):
    check_preconditioning(answer)
    assert capsys.readouterr().out.startswith("Correct:")


@pytest.mark.parametrize("answer", [loss_solution, loss_by_training_examples])
def test_right_losses_pass(answer, capsys):
    check_lowest_loss(answer)
    assert capsys.readouterr().out.startswith("Correct:")


def test_right_step_counts_pass(capsys):
    check_saturation(shipped().double(), 40)
    check_saturation(Biased(0.03), 20)
    printed = capsys.readouterr().out
    assert printed.count("Correct:") == printed.count("\n") == 2


def test_a_network_in_float32_is_fine(capsys):
    check_saturation(shipped(), 40)
    assert "Correct:" in capsys.readouterr().out


def todo(*args):
    raise NotImplementedError


@pytest.mark.parametrize("check", [check_preconditioning, check_lowest_loss])
@pytest.mark.parametrize("placeholder", [..., None, todo, lambda *a: ..., lambda *a: None, 3.0])
def test_placeholders_fail(check, placeholder):
    with pytest.raises(NotYet):
        check(placeholder)


@pytest.mark.parametrize("placeholders", [(..., ...), (None, 10), (Biased(0.1), ...)])
def test_placeholders_of_the_saturation_fail(placeholders):
    with pytest.raises(NotYet, match="in place of"):
        check_saturation(*placeholders)


def width_of(gamma, s):
    return math.hypot(gamma, s)


def known(x_bar, gamma, s):
    return gamma * x_bar / width_of(gamma, s) ** 2


WRONG = [
    (
        lambda F, x, g, s: known(x, g, s) - s / width_of(g, s) * F(x, g),
        "bare x_bar",
    ),
    (
        lambda F, x, g, s: known(x, g, s) - s / width_of(g, s) * F(x / math.sqrt(1 + g * g), g),
        "spread one",
    ),
    (
        lambda F, x, g, s: known(x, g, s) - s / width_of(g, s) * F(x / width_of(g, s) ** 2, g),
        "times as wide",
    ),
    (lambda F, x, g, s: F(x / width_of(g, s), g), "is zero"),
    (lambda F, x, g, s: g * x / width_of(g, s) - F(x / width_of(g, s), g), "second time"),
    (lambda F, x, g, s: x / g - F(x / width_of(g, s), g), "point mass"),
    (lambda F, x, g, s: 2 * known(x, g, s) - F(x / width_of(g, s), g), "single Gaussian"),
    (lambda F, x, g, s: known(x, g, s) - F(x / width_of(g, s), g), "factor one"),
    (
        lambda F, x, g, s: known(x, g, s) - g / width_of(g, s) * F(x / width_of(g, s), g),
        "standard deviation",
    ),
    (lambda F, x, g, s: known(x, g, s) * (1 + F(x / width_of(g, s), g)), "linearly"),
    (lambda F, x, g, s: known(x, g, s), "never called"),
    (lambda F, x, g, s: 1 / 0, "ZeroDivisionError"),
]


@pytest.mark.parametrize(("answer", "hint"), WRONG)
def test_wrong_preconditionings_get_their_own_hint(answer, hint, capsys):
    with pytest.raises(NotYet, match=hint):
        check_preconditioning(answer)
    assert "Correct" not in capsys.readouterr().out


def at_clean_points(mixture, gamma):
    clean = noisy(mixture, gamma)[0]
    return 1 - float(mixture.derivatives(clean, gamma)[0].square().mean())


def error_of_the_denoiser(mixture, gamma):
    _, drawn, eps = noisy(mixture, gamma)
    return gamma**2 * float((eps - drawn).square().mean())


WRONG_LOSSES = [
    (lambda m, g: 1 - loss_solution(m, g), "can be explained"),
    (lambda m, g: m.dim * loss_solution(m, g), "sum over coordinates"),
    (lambda m, g: math.sqrt(loss_solution(m, g)), "root mean square"),
    (error_of_the_denoiser, "error in x_0"),
    (at_clean_points, "noisy points"),
    (lambda m, g: -1.0, "no loss is negative"),
    (lambda m, g: "one", "one number"),
    (lambda m, g: math.nan, "finite"),
]


@pytest.mark.parametrize(("answer", "hint"), WRONG_LOSSES)
def test_wrong_losses_get_their_own_hint(answer, hint, capsys):
    with pytest.raises(NotYet, match=hint):
        check_lowest_loss(answer)
    assert "Correct" not in capsys.readouterr().out


WRONG_COUNTS = [
    (lambda: ge.EpsMLP().double(), 10, "has not learned"),
    (lambda: Biased(0.03), 5, "still brings"),
    (lambda: Biased(0.03), 80, "fewer steps"),
    (lambda: Biased(0.03), 30, "must be one of"),
    (lambda: Biased(0.03), "ten", "must be one of"),
    (lambda: MIXTURE, 10, "network itself"),
    (lambda: nn.Linear(2, 2), 10, "stopped with"),
]


@pytest.mark.parametrize(("net", "n_steps", "hint"), WRONG_COUNTS)
def test_wrong_step_counts_get_their_own_hint(net, n_steps, hint, capsys):
    with pytest.raises(NotYet, match=hint):
        check_saturation(net(), n_steps)
    assert "Correct" not in capsys.readouterr().out
