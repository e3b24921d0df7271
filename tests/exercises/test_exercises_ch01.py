"""The checks of chapter 1: what they accept, and the hint that each typical mistake gets."""

from __future__ import annotations

import math

import pytest
import torch
from chapter_lab import exercise_cells, open_chapter_lab, quoted, read, settle

import genie_edu as ge
from genie_edu.exercises import NotYet
from genie_edu.exercises.ch01 import check_border, check_points, check_uniform

STEM = "01_score_and_noise"
MIXTURE = ge.GaussianMixture(**ge.TOYS["three_modes"])
MU = MIXTURE.means
BORDER = {"weights": [0.8, 0.2], "means": [-1.0, 1.0], "std": 0.5}
ANSWER = math.sqrt(2 / math.log(4) - 0.25)
CHECKS = {"check_points": check_points, "check_uniform": check_uniform}


def run_chapter(function: str, which: int) -> None:
    def walk_back(eps, z, levels):
        for now, later in zip(levels[:-1], levels[1:], strict=True):
            z = z + (later - now) * eps(z, now)
        return [z]

    names = {
        "math": math,
        "torch": torch,
        "walk_back": walk_back,
        "images": ge.data.digits()[0],
        "generator": torch.Generator().manual_seed(1),
        "check_border": check_border,
        "pair_of_modes": BORDER,
        **CHECKS,
    }
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)  # as the chapter does
    try:
        exec(exercise_cells(STEM, function)[which], names)  # noqa: S102
    finally:
        torch.set_default_dtype(before)


@pytest.mark.parametrize(
    ("function", "hint"),
    [
        ("check_points", "returns nothing yet"),
        ("check_uniform", "returns nothing yet"),
        ("check_border", "in place of the dots"),
    ],
)
def test_the_chapters_placeholders_fail_loudly(function, hint):
    with pytest.raises(NotYet, match=hint):
        run_chapter(function, 0)


@pytest.mark.parametrize("function", ["check_points", "check_uniform", "check_border"])
def test_the_chapters_solutions_pass(function, capsys):
    run_chapter(function, 1)
    assert capsys.readouterr().out.startswith("Correct: ")


@pytest.mark.parametrize("unwritten", [None, ..., 3.0])
@pytest.mark.parametrize("check", CHECKS.values())
def test_what_is_not_a_function_is_refused(check, unwritten):
    with pytest.raises(NotYet, match="the function"):
        check(unwritten)


def not_implemented(*arguments):
    raise NotImplementedError


@pytest.mark.parametrize("check", CHECKS.values())
def test_not_implemented_counts_as_unwritten(check):
    with pytest.raises(NotYet, match="not written yet"):
        check(not_implemented)


def shares(z, g, points, power=2, factor=2):
    return torch.softmax(-((z[:, None] - points) ** 2).sum(-1) / (factor * g**power), 1)


def solution(z, g, points, **exponent):
    return (z - shares(z, g, points, **exponent) @ points) / g


def by_autograd(z, g, points):
    """The right answer by another road: the gradient of a log density."""
    z = z.clone().requires_grad_()
    squares = ((z[:, None] - points) ** 2).sum(-1)
    log_q = torch.logsumexp(-squares / (2 * g**2), 1)
    return -g * torch.autograd.grad(log_q.sum(), z)[0]


def one_by_one(z, g, points):
    """The right answer in a loop over the points, as an array."""
    log = torch.stack([-((z - p) ** 2).sum(1) / (2 * g * g) for p in points])
    part = torch.exp(log - log.max(0).values)
    return (sum(w[:, None] * (z - p) for w, p in zip(part, points, strict=True)).numpy()) / (
        g * part.sum(0).numpy()[:, None]
    )


@pytest.mark.parametrize("right", [by_autograd, one_by_one])
def test_points_written_differently_pass(right, capsys):
    check_points(right)
    assert capsys.readouterr().out.startswith("Correct: ")


def without_logs(z, g, points):
    part = torch.exp(-((z[:, None] - points) ** 2).sum(-1) / (2 * g**2))
    return (z - part / part.sum(1, keepdim=True) @ points) / g


def nearest(z, g, points):
    return (z - points[torch.cdist(z, points).argmin(1)]) / g


def by_library(z, g, points):
    covs = torch.zeros(len(points), z.shape[1], z.shape[1], dtype=z.dtype)
    mixture = ge.GaussianMixture(torch.ones(len(points)) / len(points), points, covs)
    return mixture.derivatives(z, g)[0]


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (lambda z, g, p: -solution(z, g, p), "wrong way"),
        (lambda z, g, p: solution(z, g, p) / g, "one factor that depends on the level"),
        (lambda z, g, p: -solution(z, g, p) / g, "the score itself"),
        (lambda z, g, p: g * solution(z, g, p), "the whole noise"),
        (lambda z, g, p: z - g * solution(z, g, p), "the denoiser"),
        (lambda z, g, p: (z - p.mean(0)) / g, "all count the same"),
        (nearest, "the nearest point only"),
        (lambda z, g, p: solution(z, g, p, power=1), "the variance, not gamma"),
        (lambda z, g, p: solution(z, g, p, factor=1), "a factor is missing"),
        (without_logs, "logarithms"),
        (lambda z, g, p: solution(z, g, p) + 0.1, "two points in one dimension"),
        (lambda z, g, p: solution(z, g, p)[:, 0], "of shape"),
        (lambda z, g, p: "eps", "must return"),
        (by_library, "asks the library"),
    ],
)
def test_each_mistake_with_points_has_its_own_hint(wrong, hint):
    with pytest.raises(NotYet, match=hint):
        check_points(wrong)


def test_the_library_works_again_after_a_check():
    with pytest.raises(NotYet):
        check_points(by_library)
    assert MIXTURE.derivatives(torch.zeros(1, 2), 1.0)[0].shape == (1, 2)


def uniform(z, g):
    normal = torch.distributions.Normal(0.0, 1.0)
    left, right = (z - 1) / g, (z + 1) / g
    rise = normal.log_prob(left).exp() - normal.log_prob(right).exp()
    return rise / (normal.cdf(right) - normal.cdf(left))


def uniform_by_sum(z, g):
    """The right answer as a mean over many points."""
    x = torch.linspace(-1, 1, 20_001, dtype=torch.float64)[1::2]
    r = torch.softmax(-((z[:, None] - x) ** 2) / (2 * g**2), 1)
    return (z - r @ x) / g


def uniform_by_autograd(z, g):
    z = z.clone().requires_grad_()
    log_q = torch.log(torch.special.ndtr((z + 1) / g) - torch.special.ndtr((z - 1) / g))
    return -g * torch.autograd.grad(log_q.sum(), z)[0]


@pytest.mark.parametrize("right", [uniform, uniform_by_sum, uniform_by_autograd])
def test_uniform_written_differently_passes(right, capsys):
    check_uniform(right)
    assert capsys.readouterr().out.startswith("Correct: ")


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (lambda z, g: -uniform(z, g), "the sign is not"),
        (lambda z, g: uniform(z, g) / g, "one factor that depends on the level"),
        (lambda z, g: -uniform(z, g) / g, "the score itself"),
        (lambda z, g: z - g * uniform(z, g), "the denoiser"),
        (lambda z, g: g * z / (1 / 3 + g**2), "same mean and variance"),
        (lambda z, g: (z - torch.tanh(z / g**2)) / g, "two points at -1 and 1"),
        (lambda z, g: z / g, "numerical integral"),
        (lambda z, g: uniform(z, g)[0], "of shape"),
    ],
)
def test_each_mistake_with_uniform_data_has_its_own_hint(wrong, hint):
    with pytest.raises(NotYet, match=hint):
        check_uniform(wrong)


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
