"""The checks of chapter 3: placeholder, solution, another right answer, typical mistakes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from chapter_lab import open_chapter_lab, quoted, read, settle

import genie_edu as ge
from genie_edu.exercises import NotYet
from genie_edu.exercises.ch03 import check_dominant_step, check_halving, check_local_error

CHAPTER = "03_one_step_of_error"


def exact_end(flow, x_bar, gamma, gamma_next):
    return ge.exact_solution(flow, x_bar, [gamma, gamma_next])[-1]


def euler(flow, x_bar, gamma, gamma_next):
    return x_bar + (gamma_next - gamma) * flow.eps(x_bar, gamma)


def local_error(flow, x_bar, gamma, gamma_next):
    miss = euler(flow, x_bar, gamma, gamma_next) - exact_end(flow, x_bar, gamma, gamma_next)
    return miss.norm(dim=1)


def local_error_by_rk4(flow, x_bar, gamma, gamma_next):
    grid = torch.linspace(gamma, gamma_next, 2001, dtype=torch.float64)
    truth = ge.solve(flow, x_bar, grid, "rk4").x_bar[-1].numpy()
    step = ge.solve(flow, x_bar, [gamma, gamma_next], "ddim").x_bar[-1].numpy()
    return np.sqrt(((step - truth) ** 2).sum(axis=1)).tolist()


def unwritten(*arguments):
    raise NotImplementedError


def as_vectors(flow, x_bar, gamma, gamma_next):
    return euler(flow, x_bar, gamma, gamma_next) - exact_end(flow, x_bar, gamma, gamma_next)


def leading_term(flow, x_bar, gamma, gamma_next):
    _, derivative = flow.eps_and_derivative(x_bar, gamma)
    return ((gamma_next - gamma) ** 2 / 2 * derivative).norm(dim=1)


def length_of_the_step(flow, x_bar, gamma, gamma_next):
    return (euler(flow, x_bar, gamma, gamma_next) - x_bar).norm(dim=1)


def exact_motion(flow, x_bar, gamma, gamma_next):
    return (exact_end(flow, x_bar, gamma, gamma_next) - x_bar).norm(dim=1)


def divided_by_h(flow, x_bar, gamma, gamma_next):
    return local_error(flow, x_bar, gamma, gamma_next) / abs(gamma_next - gamma)


def median_only(flow, x_bar, gamma, gamma_next):
    return local_error(flow, x_bar, gamma, gamma_next).median()


def of_genie(flow, x_bar, gamma, gamma_next):
    end = ge.solve(flow, x_bar, [gamma, gamma_next], "genie").x_bar[-1]
    return (end - exact_end(flow, x_bar, gamma, gamma_next)).norm(dim=1)


@pytest.mark.parametrize("answer", [local_error, local_error_by_rk4])
def test_local_error_accepts(answer, capsys):
    check_local_error(answer)
    assert capsys.readouterr().out.startswith("Correct:")


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (..., "in place of the dots"),
        (unwritten, "still to be written"),
        (lambda *a: None, "returns nothing"),
        (as_vectors, "vectors"),
        (median_only, "one number per start"),
        (leading_term, "leading term"),
        (length_of_the_step, "how far the step moves"),
        (exact_motion, "how far the exact path moves"),
        (divided_by_h, "divided by the step"),
        (of_genie, "times the one in closed form"),
    ],
)
def test_local_error_explains(answer, hint):
    with pytest.raises(NotYet, match=hint):
        check_local_error(answer)


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
    """Largest distance instead of the median, steps written out, a list of tensors returned."""

    def miss(end, n):
        x = x_bar.clone()
        h = (end - gamma_start) / n
        for k in range(n):
            x = x + h * flow.eps(x, gamma_start + k * h)
        return (x - exact_end(flow, x_bar, gamma_start, end)).norm(dim=1).max()

    h = (gamma_end - gamma_start) / n_steps
    local = miss(gamma_start + h, 1) / miss(gamma_start + h / 2, 1)
    return [local, miss(gamma_end, n_steps) / miss(gamma_end, 2 * n_steps)]


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
    assert read(page, "gap") == "-", "the gap is hidden until the reader has guessed"
    page.locator("[data-id=guess]").focus()
    page.keyboard.press("ArrowUp")
    page.get_by_role("button", name="Reveal the exact end").click()
    settle(page)
    assert read(page, "guess_error") != "-"
    assert read(page, "gap") == text["ch03_lab_whole"]

    page.get_by_role("button", name="Half the step").click()
    settle(page)
    assert read(page, "gap") == text["ch03_lab_half"]
    assert 3.5 < float(text["ch03_lab_whole"]) / float(read(page, "gap")) < 4.5

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
