"""The checks of chapter 9: placeholder, solution, another right answer, mistakes; its lab."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from chapter_lab import number, open_chapter_lab, quoted, read, settle
from torch import nn

import genie_edu as ge
from genie_edu.exercises import NotYet, ch09
from genie_edu.exercises.ch09 import (
    check_end_gap,
    check_lowest_loss,
    check_preconditioning,
    check_saturation,
)
from genie_edu.lab import starts

CHAPTER = "09_a_learned_score"
PARTS = ("solver_error", "model_error", "total_error")
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


def gap_solution(b, s, gamma_start, gamma_end):
    rise = math.asinh(gamma_start / s) - math.asinh(gamma_end / s)
    return -b * math.hypot(s, gamma_end) * rise


def gap_by_small_steps(b, s, gamma_start, gamma_end):
    """No formula at all: Heun's method for the gap, in many steps of log(gamma + s)."""
    low, high = math.log(gamma_end + s), math.log(gamma_start + s)
    levels = torch.exp(torch.linspace(high, low, 4001, dtype=torch.float64)) - s
    gap = torch.zeros_like(b)
    for g, g_next in zip(levels[:-1], levels[1:], strict=True):
        here = g * gap / (s**2 + g**2) + b
        ahead = gap + (g_next - g) * here
        gap = gap + (g_next - g) / 2 * (here + g_next * ahead / (s**2 + g_next**2) + b)
    return gap


def gap_without_contraction(b, s, gamma_start, gamma_end):
    return b * (gamma_end - gamma_start)


def gap_at_zero(b, s, gamma_start, gamma_end):
    return gap_solution(b, s, gamma_start, gamma_end) * s / math.hypot(s, gamma_end)


def gap_weighed_twice(b, s, gamma_start, gamma_end):
    grown = math.hypot(s, gamma_end) - math.hypot(s, gamma_start)
    return b * math.hypot(s, gamma_end) * grown


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


@pytest.mark.parametrize("answer", [gap_solution, gap_by_small_steps])
def test_right_gaps_pass(answer, capsys):
    check_end_gap(answer)
    assert capsys.readouterr().out.startswith("Correct:")


def test_the_gap_is_the_one_between_two_flows():
    """Not the linear theory: a real network that leans, against the exact flow."""

    class Leaning(nn.Module):
        def forward(self, x_bar, gamma):
            return gamma * x_bar / (0.8**2 + gamma**2) + lean

    lean = torch.tensor([0.03, 0.01], dtype=torch.float64)
    one = ge.GaussianMixture([1.0], [[0.0, 0.0]], [[[0.64, 0.0], [0.0, 0.64]]])
    start = torch.tensor([[5.0, -3.0]], dtype=torch.float64)
    ends = [
        ge.exact_solution(flow, start, [9.0, 0.3], rtol=1e-10)[-1]
        for flow in (ge.NetworkFlow(Leaning()), ge.AnalyticFlow(one))
    ]
    gap = gap_solution(lean, 0.8, 9.0, 0.3)
    assert float((ends[0] - ends[1] - gap).abs().max()) < 1e-8


def test_right_step_counts_pass(capsys):
    check_saturation(shipped().double(), 40)
    check_saturation(Biased(0.03), 20)
    printed = capsys.readouterr().out
    assert printed.count("Correct:") == printed.count("\n") == 2


def test_a_network_in_float32_is_fine(capsys):
    check_saturation(shipped(), 40)
    assert "Correct:" in capsys.readouterr().out


@pytest.mark.parametrize("n_steps", [5, 10])
def test_a_doubling_that_gains_about_a_tenth_may_be_judged_either_way(n_steps, capsys, monkeypatch):
    """The draw of the starts moves the gain of a doubling by a few hundredths."""
    monkeypatch.setattr(ch09, "_measured", lambda net: ([1.0, 0.88, 0.80, 0.79, 0.79, 0.79], 0.1))
    check_saturation(Biased(0.03), n_steps)
    assert "Correct:" in capsys.readouterr().out


def test_the_saturation_is_measured_with_as_many_starts_as_the_exercise_says(monkeypatch):
    assert f"with ${ch09.N_STARTS:,}$ starts of its own".replace(",", "{,}") in chapter()
    monkeypatch.setattr(ch09, "_measured", lambda net: ([1.0, 0.5, 0.4, 0.4, 0.4, 0.4], 0.1))
    with pytest.raises(NotYet, match=f"still brings .* of {ch09.N_STARTS:,} starts"):
        check_saturation(Biased(0.03), 5)


def chapter():
    return (Path(__file__).parents[2] / "book" / f"{CHAPTER}.md").read_text()


def todo(*args):
    raise NotImplementedError


@pytest.mark.parametrize("check", [check_preconditioning, check_lowest_loss, check_end_gap])
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
    (lambda m, g: m.dim / 2 * loss_solution(m, g), "mean over two coordinates"),
    (lambda m, g: 1 - m.dim / 2 * (1 - loss_solution(m, g)), "mean over two coordinates"),
    (lambda m, g: loss_solution(m, g) + 0.02, "draw more points"),
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


WRONG_GAPS = [
    (lambda *a: -gap_solution(*a), "sign"),
    (gap_without_contraction, "full size"),
    (gap_at_zero, "made at the end itself"),
    (gap_weighed_twice, "counted twice"),
    (lambda *a: 2 * gap_solution(*a), "2 times the true one"),
    (lambda *a: 1.003 * gap_solution(*a), "right to 0.3 %.*smaller"),
    (lambda *a: gap_solution(*a).sum(), "shape"),
]


@pytest.mark.parametrize(("answer", "hint"), WRONG_GAPS)
def test_wrong_gaps_get_their_own_hint(answer, hint, capsys):
    with pytest.raises(NotYet, match=hint):
        check_end_gap(answer)
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


# The live piece.


def shown_budget(page):
    return {part: number(read(page, part)) for part in PARTS}


def true_budget(page):
    """The three errors of the state that the lab shows, from genie_edu."""
    state = page.evaluate("document.querySelector('.genie-lab').genieLab.state")
    learned, exact = ge.NetworkFlow(shipped().double()), ge.AnalyticFlow(MIXTURE)
    gammas = learned.schedule.gamma(ge.time_grid(state["n_steps"], state["spacing"]))
    start = torch.as_tensor(starts(state["n_starts"], state["seed"]))
    start = start * torch.sqrt(1 + gammas[0] ** 2)
    own, truth = (
        ge.exact_solution(flow, start, gammas[[0, -1]], rtol=1e-9)[-1] for flow in (learned, exact)
    )
    end = ge.solve(learned, start, gammas, state["solver"]).x_bar[-1]
    pairs = ((end, own), (own, truth), (end, truth))
    return {part: ge.end_point_error(*pair) for part, pair in zip(PARTS, pairs, strict=True)}


def set_steps(page, n_steps):
    slider = page.locator("input[name=n_steps]")
    slider.focus()
    while int(slider.input_value()) != n_steps:
        page.keyboard.press("ArrowRight" if int(slider.input_value()) < n_steps else "ArrowLeft")
    settle(page)


def test_the_chapters_lab_finds_the_balance_of_the_two_errors(page, tmp_path):
    balance = int(quoted(CHAPTER)["ch09_balance"])
    open_chapter_lab(page, tmp_path, CHAPTER)
    shown = shown_budget(page)
    assert shown == pytest.approx(true_budget(page), rel=0.01)
    assert shown["solver_error"] > 10 * shown["model_error"]

    page.locator("select[name=solver]").select_option("genie")
    settle(page)
    set_steps(page, balance)
    at = shown_budget(page)
    assert at == pytest.approx(true_budget(page), rel=0.01)
    assert at["model_error"] == shown["model_error"] > at["solver_error"]
    set_steps(page, balance - 1)
    before = shown_budget(page)
    assert before["solver_error"] > before["model_error"]
    assert page.messages.errors == []


def test_the_labs_presets_do_what_the_chapter_says(page, tmp_path):
    open_chapter_lab(page, tmp_path, CHAPTER)

    def press(name):
        page.get_by_role("button", name=name, exact=True).click()
        settle(page)
        budget = shown_budget(page)
        assert budget == pytest.approx(true_budget(page), rel=0.01)
        return budget["solver_error"] / budget["model_error"]

    assert 3 < press("GENIE") < 4
    assert press("Sixty steps") < 0.2
    assert press("A method of order four") < 0.2
    page.locator("select[name=solver]").select_option("ddim")
    settle(page)
    set_steps(page, 60)
    ddim = shown_budget(page)
    assert ddim["solver_error"] > ddim["model_error"]
