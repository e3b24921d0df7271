"""The checks of chapter 3: placeholder, solution, another right answer, typical mistakes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from chapter_lab import number, open_chapter_lab, quoted, read, settle

import genie_edu as ge
from genie_edu.exercises import NotYet
from genie_edu.exercises.ch03 import check_dominant_step, check_halving, check_next_level
from genie_edu.show.numbers import MISSING

CHAPTER = "03_one_step_of_error"


def exact_end(flow, x_bar, gamma, gamma_next):
    return ge.exact_solution(flow, x_bar, [gamma, gamma_next])[-1]


def euler(flow, x_bar, gamma, gamma_next):
    return x_bar + (gamma_next - gamma) * flow.eps(x_bar, gamma)


def unwritten(*arguments):
    raise NotImplementedError


def miss(flow, x_bar, gamma, level):
    return float((euler(flow, x_bar, gamma, level) - exact_end(flow, x_bar, gamma, level)).norm())


def next_level(flow, x_bar, gamma, tolerance):
    low, high = 1e-6 * gamma, gamma
    for _ in range(25):
        middle = (low + high) / 2
        if miss(flow, x_bar, gamma, middle) < tolerance:
            high = middle
        else:
            low = middle
    return high


def by_scan(flow, x_bar, gamma, tolerance):
    """All levels at once, from one long exact path; a tensor comes back."""
    levels = torch.linspace(gamma, 0.01 * gamma, 400, dtype=torch.float64)
    path = ge.exact_solution(flow, x_bar, levels)[:, 0]
    straight = x_bar + (levels - gamma)[:, None] * flow.eps(x_bar, gamma)
    gaps = (straight - path).norm(dim=1)
    return levels[(gaps - tolerance).abs().argmin()]


def by_leading_term(flow, x_bar, gamma, tolerance):
    slope = flow.eps_and_derivative(x_bar, gamma)[1].norm()
    return gamma - float((2 * tolerance / slope).sqrt())


@pytest.mark.parametrize("answer", [next_level, by_scan])
def test_next_level_accepts(answer, capsys):
    check_next_level(answer)
    assert capsys.readouterr().out.startswith("Correct:")


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (..., "in place of the dots"),
        (unwritten, "still to be written"),
        (lambda *a: None, "returns nothing"),
        (lambda *a: [1.0, 2.0], "one number"),
        (by_leading_term, "the leading term"),
        (lambda f, x, g, tol: g - next_level(f, x, g, tol), "the length of the step"),
        (lambda f, x, g, tol: next_level(f, x, g, tol) - g, "the length of the step"),
        (lambda f, x, g, tol: next_level(f, x, g, tol / 2), "times the tolerance"),
        (lambda f, x, g, tol: -3 * g, "must be positive"),
        (lambda f, x, g, tol: g / 2, "times the tolerance"),
    ],
)
def test_next_level_explains(answer, hint):
    with pytest.raises(NotYet, match=hint):
        check_next_level(answer)


def end_error(flow, x_bar, start, end, n_steps):
    grid = torch.linspace(start, end, n_steps + 1, dtype=torch.float64)
    run = ge.solve(flow, x_bar, grid, "ddim")
    return ge.end_point_error(run.x_bar[-1], exact_end(flow, x_bar, start, end))


def local_ratio(flow, x_bar, start, end, n_steps):
    h = (end - start) / n_steps
    return end_error(flow, x_bar, start, start + h, 1) / end_error(
        flow, x_bar, start, start + h / 2, 1
    )


def global_ratio(flow, x_bar, start, end, n_steps):
    return end_error(flow, x_bar, start, end, n_steps) / end_error(
        flow, x_bar, start, end, 2 * n_steps
    )


def halving(*setting):
    return local_ratio(*setting), global_ratio(*setting)


def halving_by_hand(flow, x_bar, gamma_start, gamma_end, n_steps):
    """Steps written out, a list of tensors returned."""

    def end_miss(end, n):
        x = x_bar.clone()
        h = (end - gamma_start) / n
        for k in range(n):
            x = x + h * flow.eps(x, gamma_start + k * h)
        return (x - exact_end(flow, x_bar, gamma_start, end)).norm(dim=1).median()

    h = (gamma_end - gamma_start) / n_steps
    local = end_miss(gamma_start + h, 1) / end_miss(gamma_start + h / 2, 1)
    return [local, end_miss(gamma_end, n_steps) / end_miss(gamma_end, 2 * n_steps)]


def halving_of(over_starts):
    """Return the experiment with another statistic in the place of the median."""

    def answer(flow, x_bar, start, end, n_steps):
        def error(to, n):
            grid = torch.linspace(start, to, n + 1, dtype=torch.float64)
            run = ge.solve(flow, x_bar, grid, "ddim").x_bar[-1]
            return over_starts((run - exact_end(flow, x_bar, start, to)).norm(dim=1))

        h = (end - start) / n_steps
        return error(start + h, 1) / error(start + h / 2, 1), error(end, n_steps) / error(
            end, 2 * n_steps
        )

    return answer


@pytest.mark.parametrize("answer", [halving, halving_by_hand])
def test_halving_accepts(answer, capsys):
    check_halving(answer)
    assert capsys.readouterr().out.startswith("Correct:")


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (..., "in place of the dots"),
        (unwritten, "still to be written"),
        (lambda *a: 4.0, "return two numbers"),
        (lambda *a: (4.53, 1.89), "not measured"),
        (lambda *a: (4, 2), "not measured"),
        (halving_of(torch.max), "the median over starts"),
        (halving_of(torch.mean), "the median over starts"),
        (halving_of(lambda d: d.square().mean().sqrt()), "the median over starts"),
        (lambda *a: halving(*a)[::-1], "in the other order"),
        (lambda *a: (global_ratio(*a),) * 2, "both of your ratios belong to the end"),
        (lambda *a: (local_ratio(*a),) * 2, "both of your ratios belong to a single step"),
        (lambda *a: tuple(1 / r for r in halving(*a)), "error of the long steps"),
        (lambda *a: (local_ratio(*a), 3.0), "the local ratio is right"),
    ],
)
def test_halving_explains(answer, hint):
    with pytest.raises(NotYet, match=hint):
        check_halving(answer)


def carried_costs(flow, x_bar, gammas):
    exact, costs = ge.exact_solution(flow, x_bar, gammas), []
    for n in range(len(gammas) - 1):
        end = euler(flow, exact[n], float(gammas[n]), float(gammas[n + 1]))
        if n + 2 < len(gammas):
            end = ge.exact_solution(flow, end, gammas[[n + 1, -1]])[-1]
        costs.append(ge.end_point_error(end, exact[-1]))
    return np.array(costs)


def fan_costs(flow, x_bar, gammas):
    """From the numerical path: the differences of neighboring feathers at the end."""
    run = ge.solve(flow, x_bar, gammas, "ddim").x_bar
    ends = [ge.exact_solution(flow, run[n], gammas[n:])[-1] for n in range(len(gammas) - 1)]
    return torch.stack([*ends, run[-1]]).diff(dim=0).norm(dim=-1).quantile(0.5, dim=1)


def local_costs(flow, x_bar, gammas):
    exact = ge.exact_solution(flow, x_bar, gammas)
    ends = [
        euler(flow, exact[n], float(gammas[n]), float(gammas[n + 1]))
        for n in range(len(gammas) - 1)
    ]
    return (torch.stack(ends) - exact[1:]).norm(dim=-1).quantile(0.5, dim=1)


def accumulated(flow, x_bar, gammas):
    run = ge.solve(flow, x_bar, gammas, "ddim").x_bar - ge.exact_solution(flow, x_bar, gammas)
    return run.norm(dim=-1).quantile(0.5, dim=1)


@pytest.mark.parametrize("costs", [carried_costs, fan_costs])
def test_dominant_step_accepts(costs, capsys):
    check_dominant_step(lambda *a: costs(*a).argmax())
    assert capsys.readouterr().out.startswith("Correct:")


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (..., "in place of the dots"),
        (unwritten, "still to be written"),
        (carried_costs, "one whole number"),
        (lambda *a: local_costs(*a).argmax(), "between its birth and the last level"),
        (lambda *a: carried_costs(*a).argmax() + 1, "off by one"),
        (lambda *a: accumulated(*a).argmax(), "the sum of all steps"),
        (lambda *a: 1, "another step"),
    ],
)
def test_dominant_step_explains(answer, hint):
    with pytest.raises(NotYet, match=hint):
        check_dominant_step(answer)


def test_the_chapters_lab_shows_what_the_text_quotes(page, tmp_path):
    """Guess, reveal, halve the step, find the contraction in the last one, double the steps."""
    text = quoted(CHAPTER)
    open_chapter_lab(page, tmp_path, CHAPTER)
    assert read(page, "gap") == MISSING, "the gap is hidden until the reader has guessed"
    page.locator("[data-id=guess]").focus()
    page.keyboard.press("ArrowUp")
    page.get_by_role("button", name="Reveal the exact end").click()
    settle(page)
    assert read(page, "guess_error") != MISSING
    assert read(page, "gap") == text["ch03_lab_whole"]

    page.get_by_role("button", name="Half the step").click()
    settle(page)
    assert read(page, "gap") == text["ch03_lab_half"]
    assert 3.5 < float(text["ch03_lab_whole"]) / number(read(page, "gap")) < 4.5

    page.get_by_role("button", name="Reset").click()
    page.get_by_role("button", name="The last step").click()
    settle(page)
    assert read(page, "carried") == text["ch03_lab_carried"]
    assert read(page, "gap") == text["ch03_lab_last"]
    assert read(page, "accumulated") == text["ch03_lab_end"]

    page.get_by_role("button", name="Reset").click()
    page.get_by_role("button", name="Twice the steps").click()
    settle(page)
    assert read(page, "accumulated") == text["ch03_lab_end_twice"]
    assert not page.messages.errors
