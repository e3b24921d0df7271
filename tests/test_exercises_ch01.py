"""The checks of chapter 1: what they accept, and the hint that each typical mistake gets."""

from __future__ import annotations

import math

import pytest
import torch
from chapter_lab import exercise_cells, open_chapter_lab, quoted, read, settle

import genie_edu as ge
from genie_edu.exercises import NotYet
from genie_edu.exercises.ch01 import check_border, check_denoiser, check_eps

STEM = "01_score_and_noise"
MIXTURE = ge.GaussianMixture(**ge.TOYS["three_modes"])
W, MU, COV = MIXTURE.weights, MIXTURE.means, MIXTURE.covs
BORDER = {"weights": [0.8, 0.2], "means": [-1.0, 1.0], "std": 0.5}
ANSWER = math.sqrt(2 / math.log(4) - 0.25)


def run_chapter(function: str, which: int) -> None:
    names = {
        "math": math,
        "torch": torch,
        "mixture": MIXTURE,
        "weights": W,
        "means": MU,
        "covs": COV,
        "check_eps": check_eps,
        "check_denoiser": check_denoiser,
        "check_border": check_border,
        "pair_of_modes": BORDER,
    }
    exec(exercise_cells(STEM, function)[which], names)  # noqa: S102


@pytest.mark.parametrize(
    ("function", "hint"),
    [
        ("check_eps", "returns nothing yet"),
        ("check_denoiser", "returns nothing yet"),
        ("check_border", "in place of the dots"),
    ],
)
def test_the_chapters_placeholders_fail_loudly(function, hint):
    with pytest.raises(NotYet, match=hint):
        run_chapter(function, 0)


@pytest.mark.parametrize("function", ["check_eps", "check_denoiser", "check_border"])
def test_the_chapters_solutions_pass(function, capsys):
    run_chapter(function, 1)
    assert capsys.readouterr().out.startswith("Correct: ")


@pytest.mark.parametrize("unwritten", [None, ..., 3.0])
@pytest.mark.parametrize("check", [check_eps, check_denoiser])
def test_what_is_not_a_function_is_refused(check, unwritten):
    with pytest.raises(NotYet, match="the function"):
        check(unwritten, MIXTURE)


def not_implemented(x_bar, gamma):
    raise NotImplementedError


@pytest.mark.parametrize("check", [check_eps, check_denoiser])
def test_not_implemented_counts_as_unwritten(check):
    with pytest.raises(NotYet, match="not written yet"):
        check(not_implemented, MIXTURE)


def solution(x_bar, gamma, *, weights=W, noise=True, volume=True, logs=True):
    """The sum over components, with the parts that the typical mistakes leave out."""
    spread = COV + (gamma**2 * torch.eye(2) if noise else 0.0)
    away = x_bar[:, None] - MU
    d = torch.linalg.solve(spread, away[..., None])[..., 0]
    log_joint = weights.log() - 0.5 * (away * d).sum(-1)
    if volume:
        log_joint = log_joint - 0.5 * torch.logdet(spread)
    joint = torch.exp(log_joint)
    r = torch.softmax(log_joint, 1) if logs else joint / joint.sum(1, keepdim=True)
    return gamma * (r[..., None] * d).sum(1)


def by_autograd(x_bar, gamma):
    """The right answer by another road: torch's own mixture and its gradient."""
    x_bar = x_bar.clone().requires_grad_()
    parts = torch.distributions.MultivariateNormal(MU, COV + gamma**2 * torch.eye(2))
    mixture = torch.distributions.MixtureSameFamily(torch.distributions.Categorical(W), parts)
    (slope,) = torch.autograd.grad(mixture.log_prob(x_bar).sum(), x_bar)
    return -gamma * slope


@pytest.mark.parametrize("right", [by_autograd, lambda x, g: solution(x, g).numpy()])
def test_eps_written_differently_passes(right, capsys):
    check_eps(right, MIXTURE)
    assert capsys.readouterr().out.startswith("Correct: ")


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (lambda x, g: -solution(x, g), "wrong way"),
        (lambda x, g: solution(x, g) / g, "one factor that depends on the level"),
        (lambda x, g: -solution(x, g) / g, "the score of q itself"),
        (lambda x, g: g * solution(x, g), "one factor gamma too many"),
        (lambda x, g: solution(x, g, weights=torch.ones(3) / 3), "the weights of the mixture"),
        (lambda x, g: solution(x, g, noise=False), "noise widens them"),
        (lambda x, g: solution(x, g, volume=False), "normalizing factor"),
        (lambda x, g: solution(x, g, logs=False), "logarithms"),
        (lambda x, g: solution(x, g) + 0.1, "single mode first"),
        (lambda x, g: solution(x, g)[:, 0], "of shape"),
        (lambda x, g: "eps", "must return numbers"),
        (lambda x, g: MIXTURE.derivatives(x, g)[0], "asks the library"),
        (lambda x, g: ge.AnalyticFlow(MIXTURE).eps(x, g), "asks the library"),
    ],
)
def test_each_mistake_in_eps_has_its_own_hint(wrong, hint):
    with pytest.raises(NotYet, match=hint):
        check_eps(wrong, MIXTURE)


def test_the_library_works_again_after_a_check():
    with pytest.raises(NotYet):
        check_eps(lambda x, g: MIXTURE.derivatives(x, g)[0], MIXTURE)
    assert MIXTURE.derivatives(torch.zeros(1, 2), 1.0)[0].shape == (1, 2)


def by_precisions(x_bar, gamma):
    """E[x_0 | x_bar] as a mean of the components' conditional means, in precision form."""
    spread = COV + gamma**2 * torch.eye(2)
    parts = torch.distributions.MultivariateNormal(MU, spread)
    r = torch.softmax(W.log() + parts.log_prob(x_bar[:, None]), 1)
    precision = torch.linalg.inv(COV) + torch.eye(2) / gamma**2
    pull = torch.linalg.solve(COV, MU[..., None])[..., 0] + x_bar[:, None] / gamma**2
    return (r[..., None] * torch.linalg.solve(precision, pull[..., None])[..., 0]).sum(1)


def test_a_denoiser_written_differently_passes(capsys):
    check_denoiser(by_precisions, MIXTURE)
    assert capsys.readouterr().out.startswith("Correct: ")


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (solution, "that is the noise"),
        (lambda x, g: x - solution(x, g), "removed eps itself"),
        (lambda x, g: x + g * solution(x, g), "a second time"),
        (lambda x, g: (x - g * solution(x, g)) / math.sqrt(1 + g * g), "factor alpha"),
        (lambda x, g: x, "Solve x_bar"),
    ],
)
def test_each_mistake_in_the_denoiser_has_its_own_hint(wrong, hint):
    with pytest.raises(NotYet, match=hint):
        check_denoiser(wrong, MIXTURE)


@pytest.mark.parametrize("right", [ANSWER, round(ANSWER, 3), torch.tensor(ANSWER), str(ANSWER)])
def test_the_border_passes_in_any_form(right, capsys):
    check_border(right, **BORDER)
    assert capsys.readouterr().out.startswith("Correct: ")


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (..., "in place of the dots"),
        ("one", "one number"),
        (-1.0, "positive"),
        (math.sqrt(ANSWER**2 + 0.25), "width before any noise"),
        (ANSWER**2 + 0.25, "variance of a diffused mode"),
        (ANSWER**2, "gamma squared"),
        (math.sqrt(4 / math.log(4) - 0.25), "exponent"),
        (3.0, "not one half"),
    ],
)
def test_each_mistake_at_the_border_has_its_own_hint(wrong, hint):
    with pytest.raises(NotYet, match=hint):
        check_border(wrong, **BORDER)


def test_the_chapters_lab_shows_when_a_mode_loses_its_own_center(page, tmp_path):
    """The reader's interaction: slide the noise level up until the top mode owns less than half."""
    numbers = quoted(STEM)
    open_chapter_lab(page, tmp_path, STEM)

    def own_share() -> str:
        return read(page, "shares").split(", ")[2]

    assert own_share() == numbers["ch01_lab_share"]
    slider = page.locator("input[name=log_gamma]")
    slider.focus()
    before = float(slider.input_value())
    for _ in range(40):
        page.keyboard.press("ArrowRight")
        settle(page)
        if float(own_share()) < 0.5:
            break
        before = float(slider.input_value())
    after = float(slider.input_value())
    # up to the digits on screen: a share of 0.496 reads 0.50
    assert math.exp(before) - 0.05 < float(numbers["ch01_half"]) < math.exp(after) + 0.005

    eps = MIXTURE.derivatives(MU[2:], math.exp(after))[0][0]
    shown = [float(v) for v in read(page, "eps").strip("()").split(", ")]
    assert shown == pytest.approx(eps.tolist(), rel=6e-3)
    assert not page.messages.errors
