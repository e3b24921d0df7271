"""The checks of chapter 7: placeholder, solution, another right answer, typical mistakes."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from chapter_lab import exercise_cells, number, open_chapter_lab, quoted, read, settle

import genie_edu as ge
from genie_edu.exercises import NotYet
from genie_edu.exercises.ch07 import (
    check_genie_factor,
    check_grid,
    check_new_knots,
    check_one_grid,
)
from genie_edu.lab import format_number, starts

CHAPTER = "07_grids_and_ends"
SCHEDULE = ge.VPSchedule()
DESIGNED = [152.167, 4.5, 2.28, 1.506, 1.092, 0.823, 0.607, 0.375, 0.201, 0.095, 0.010486]
"""By equidistributing what the steps cost at the end, rounded."""
BY_SEARCH = [152.167, 5.54, 2.76, 1.8, 1.3, 0.98, 0.74, 0.52, 0.3, 0.125, 0.010486]
"""By a direct search for the smallest error, rounded."""
BALANCED = [152.167, 13.93, 5.75, 3.19, 2.04, 1.4, 1.0, 0.7, 0.4, 0.152, 0.010486]
"""By equidistributing the local errors, rounded: not enough."""


def named(spacing, n_steps=10):
    return SCHEDULE.gamma(ge.time_grid(n_steps, spacing))


def ends_kept(levels):
    return [float(named("linear")[0]), *levels[1:-1], float(named("linear")[-1])]


@pytest.mark.parametrize(
    "answer", [torch.tensor(ends_kept(DESIGNED), dtype=torch.float64), ends_kept(BY_SEARCH)]
)
def test_grid_accepts(answer, capsys):
    check_grid(answer)
    assert capsys.readouterr().out.startswith("Correct:")


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (..., "in place of the dots"),
        ("quadratic", "eleven numbers"),
        (named("quadratic", 9), "ten steps need eleven levels"),
        (ge.time_grid(10, "quadratic"), "these look like times"),
        (named("quadratic").log(), "not their logarithms"),
        (named("quadratic").flip(0), "must fall"),
        ([float("nan")] * 11, "NaN"),
        ([100.0, *ends_kept(DESIGNED)[1:]], "keep the ends"),
        (named("linear"), "no better than the default"),
        (named("rho7"), "worse than the default"),
        (named("quadratic"), "1[1-3] % better; 30 % are asked for"),
        (ends_kept(BALANCED), "2[5-9] % better.*costs most at the end"),
    ],
)
def test_grid_explains(answer, hint):
    with pytest.raises(NotYet, match=hint):
        check_grid(answer)


def powers(p):
    """Equal steps in t^(1/p)."""
    return SCHEDULE.gamma(torch.linspace(1, 1e-3 ** (1 / p), 11, dtype=torch.float64) ** p)


@pytest.mark.parametrize("answer", [powers(4), powers(3).tolist(), powers(3.5).numpy()])
def test_one_grid_accepts(answer, capsys):
    check_one_grid(answer)
    assert capsys.readouterr().out.startswith("Correct:")


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (..., "in place of the dots"),
        (named("quadratic"), "1.00 of that on the quadratic grid.*step 10 is 1.9 times"),
        (powers(2.5), "on ring the error is 0.6"),
        (ends_kept(DESIGNED), "half is asked for"),
        (powers(8), "on three_modes"),
        (named("log_gamma"), "half is asked for.*about even"),
        (named("linear"), "step 10 is"),
        (named("quadratic", 9), "eleven levels"),
    ],
)
def test_one_grid_explains(answer, hint):
    with pytest.raises(NotYet, match=hint):
        check_one_grid(answer)


def factor(gamma, gamma_next, std):
    level, h = std**2 + gamma**2, gamma_next - gamma
    return 1 + h * gamma / level + h**2 / 2 * std**2 / level**2


def factor_by_r(gamma, gamma_next, std):
    """With kappa = |h| / gamma and r = gamma J, as a tensor of one element."""
    kappa, r = 1 - gamma_next / gamma, gamma**2 / (std**2 + gamma**2)
    return torch.tensor([1 - kappa * r + kappa**2 / 2 * r * (1 - r)], dtype=torch.float64)


def factor_by_a_step(gamma, gamma_next, std):
    """The library's own step on a Gaussian made for it."""
    flow = ge.AnalyticFlow(ge.GaussianMixture([1.0], [[0.0, 0.0]], [[[std**2, 0], [0, std**2]]]))
    one = torch.tensor([[1.0, 0.0]], dtype=torch.float64)
    return float(ge.solve(flow, one, [gamma, gamma_next], "genie").x_bar[-1, 0, 0])


@pytest.mark.parametrize("answer", [factor, factor_by_r, factor_by_a_step])
def test_genie_factor_accepts(answer, capsys):
    check_genie_factor(answer)
    assert capsys.readouterr().out.startswith("Correct:")


def unwritten(*arguments):
    raise NotImplementedError


def euler_factor(gamma, gamma_next, std):
    return 1 + (gamma_next - gamma) * gamma / (std**2 + gamma**2)


def second_term(gamma, gamma_next, std):
    return factor(gamma, gamma_next, std) - euler_factor(gamma, gamma_next, std)


def frozen(gamma, gamma_next, std):
    level, h = std**2 + gamma**2, gamma_next - gamma
    return 1 + h * gamma / level + h**2 / 2 * (std**2 - gamma**2) / level**2


def exact_factor(gamma, gamma_next, std):
    return math.hypot(std, gamma_next) / math.hypot(std, gamma)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (..., "in place of the dots"),
        (unwritten, "still to be written"),
        (lambda *a: ..., "returns nothing"),
        (lambda *a: [1.0, 2.0], "one number"),
        (lambda *a: 1 / 0, "ZeroDivisionError"),
        (euler_factor, "Euler's factor"),
        (lambda *a: factor(*a) + second_term(*a), "twice too large"),
        (frozen, "stands still"),
        (exact_factor, "exact flow"),
        (lambda *a: 2 - euler_factor(*a) + second_term(*a), "wrong way"),
        (lambda *a: 0.5, "another factor"),
    ],
)
def test_genie_factor_explains(answer, hint):
    with pytest.raises(NotYet, match=hint):
        check_genie_factor(answer)


def knots(gammas, local_errors, order, n_steps, power=None):
    area = np.asarray(local_errors) ** (1 / (order + 1) if power is None else power)
    total = np.concatenate([[0], np.cumsum(area)])
    return np.exp(
        np.interp(np.linspace(0, total[-1], n_steps + 1), total, np.log(np.asarray(gammas)))
    )


def knots_in_gamma(gammas, local_errors, order, n_steps):
    """Linear in gamma within an interval, a little floor, in torch, one knot after the other."""
    area = local_errors ** (1 / (order + 1))
    area = area + 0.02 * area.mean()
    total = torch.cat([area.new_zeros(1), area.cumsum(0)])
    levels = [float(gammas[0])]
    for n in range(1, n_steps):
        share = total[-1] * n / n_steps
        i = int((total <= share).sum()) - 1
        part = (share - total[i]) / (total[i + 1] - total[i])
        levels.append(float(gammas[i] + part * (gammas[i + 1] - gammas[i])))
    return [*levels, float(gammas[-1])]


@pytest.mark.parametrize("answer", [knots, knots_in_gamma])
def test_new_knots_accepts(answer, capsys):
    check_new_knots(answer)
    assert capsys.readouterr().out.startswith("Correct:")


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (..., "in place of the dots"),
        (unwritten, "still to be written"),
        (lambda *a: None, "returns nothing"),
        (lambda g, e, p, n: "grid", "return the new levels"),
        (lambda g, e, p, n: g[:-1], "levels in one row"),
        (lambda g, e, p, n: g.flip(0), "must stay where they are"),
        (lambda g, e, p, n: torch.linspace(g[0], g[-1], n + 1), "nothing to gain"),
        (lambda g, e, p, n: g, "stay where they were"),
        (lambda *a: knots(*a, power=1), "to the power 0.98"),
        (lambda *a: knots(*a, power=1 / a[2]), "to the power 0.50"),
        (lambda *a: knots(*a, power=-1 / (1 + a[2])), "move away"),
    ],
)
def test_new_knots_explains(answer, hint):
    with pytest.raises(NotYet, match=hint):
        check_new_knots(answer)


@pytest.mark.parametrize(
    "check", ["check_grid", "check_one_grid", "check_genie_factor", "check_new_knots"]
)
def test_the_chapter_holds_each_placeholder_and_solution(check):
    placeholder, solution = exercise_cells(CHAPTER, f"ch07.{check}")
    assert "..." in placeholder and "..." not in solution


LAB = "document.querySelector('.genie-lab').genieLab"


def error_in_the_lab(solver, gammas, n_starts=40):
    flow = ge.AnalyticFlow(ge.GaussianMixture(**ge.TOYS["three_modes"]))
    start = torch.as_tensor(starts(n_starts)) * torch.sqrt(1 + gammas[0] ** 2)
    end = ge.solve(flow, start, gammas, solver).x_bar[-1]
    return ge.end_point_error(end, ge.exact_solution(flow, start, gammas[[0, -1]])[-1])


def grid_in_the_lab(page):
    """All levels, with the inner knots that the lab holds."""
    inner = torch.tensor(page.evaluate(f"{LAB}.state.knots"), dtype=torch.float64)
    return torch.cat([named("linear")[:1], inner.exp(), named("linear")[-1:]])


def equidistribute(page, times):
    for _ in range(times):
        page.get_by_role("button", name="Equidistribute").click()
        settle(page)


def test_the_chapters_lab_shows_what_the_text_quotes(page, tmp_path):
    """Four rounds of equal errors, then equal costs: unequal bars, and yet a smaller error."""
    text = quoted(CHAPTER)
    open_chapter_lab(page, tmp_path, CHAPTER)
    assert read(page, "error") == text["ch07_lab_linear"]
    assert read(page, "spread_of_local") == text["ch07_lab_spread_linear"]
    assert read(page, "worst_interval") == "10 of 10"

    equidistribute(page, 4)
    assert read(page, "error") == text["ch07_lab_even"]
    assert read(page, "spread_of_local") == text["ch07_lab_spread_even"]

    page.get_by_role("button", name="Equal costs").click()
    settle(page)
    assert read(page, "error") == text["ch07_lab_costs"]
    assert read(page, "spread_of_local") == text["ch07_lab_spread_costs"]
    assert read(page, "worst_interval") == "1 of 10"
    assert number(read(page, "error")) < 0.9 * float(text["ch07_lab_even"])

    page.get_by_role("button", name="Reset").click()
    page.get_by_role("button", name="A multistep method").click()
    settle(page)
    errors = []
    for _ in range(4):
        equidistribute(page, 1)
        errors.append(number(read(page, "error")))
    assert errors[1] < errors[0] and errors[1] < errors[2] < errors[3]
    assert not page.messages.errors


def test_the_exercise_can_be_done_in_the_lab(page, tmp_path):
    """DDIM: equal errors are not enough; knots moved by hand and set from outside are measured."""
    open_chapter_lab(page, tmp_path, CHAPTER)
    page.locator("select[name=solver]").select_option("ddim")
    settle(page)
    default = error_in_the_lab("ddim", named("linear"))
    assert read(page, "error_default") == format_number(default)
    equidistribute(page, 4)
    with pytest.raises(NotYet, match="30 % are asked for"):
        check_grid(grid_in_the_lab(page))

    page.locator("[data-id=knot-1]").focus()
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    settle(page)
    moved = error_in_the_lab("ddim", grid_in_the_lab(page))
    assert read(page, "error") == format_number(moved)
    assert read(page, "ratio") == format_number(moved / default)

    inner = [round(math.log(level), 6) for level in DESIGNED[1:-1]]
    page.evaluate(f"(knots) => {LAB}.set({{ knots }})", inner)
    settle(page)
    assert read(page, "ratio") == format_number(
        error_in_the_lab("ddim", grid_in_the_lab(page)) / default
    )
    assert number(read(page, "ratio")) <= 0.7
    check_grid(grid_in_the_lab(page))
    assert not page.messages.errors
