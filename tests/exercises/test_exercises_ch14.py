"""The checks of chapter 14: placeholder, solution, another right answer, typical mistakes."""

from __future__ import annotations

import functools

import chapter_lab
import numpy as np
import pytest
import torch
from chapter_lab import open_chapter_lab, read, settle

import genie_edu as ge
from genie_edu.evaluation import run_cell
from genie_edu.exercises import NotYet
from genie_edu.exercises.ch14 import check_guard, check_reproduced

STEM = "14_cifar10_genie"
CHECKS = {"check_reproduced": check_reproduced, "check_guard": check_guard}


def bootstrap(distances, n=None, seed=0):
    n = n or len(distances)
    rng = np.random.default_rng(seed)
    return np.median(rng.choice(distances, (800, n)), axis=1)


def reproduce(
    flows,
    cell,
    start,
    exact,
    *,
    change=lambda cell: cell,
    measure=np.median,
    interval=lambda d: np.quantile(bootstrap(d), [0.025, 0.975]),
    scale=1.0,
):
    """The library's own way of running a cell; numpy's medians and bootstrap."""
    end = run_cell(change(cell), flows, start).x_bar * scale
    distances = (end - exact).flatten(1).norm(dim=1).numpy()
    return measure(distances), *interval(distances)


def reproduce_by_ranks(flows, cell, start, exact):
    """Another way: an own loop of steps, and the two distances whose ranks bracket the median."""
    flow = flows["autodiff" if cell.derivative == "autodiff" else "head"]
    n = cell.nfe // ge.SOLVERS[cell.solver].nfe_per_step + cell.afs
    grid = ge.VPSchedule().gamma(ge.time_grid(n, cell.spacing))
    path = ge.solve(flow, start, grid, cell.solver, afs=cell.afs)
    distances = (path.x_bar[-1] - exact).flatten(1).norm(dim=1).sort().values
    half = len(distances) / 2
    reach = 0.98 * len(distances) ** 0.5
    low, high = distances[round(half - reach)], distances[round(half + reach) - 1]
    return [distances.quantile(0.5), low, high]


def guard(eps, slope, gamma, spread):
    """Picture by picture."""
    result = slope.clone()
    for i, (e, s) in enumerate(zip(eps, slope, strict=True)):
        most = float(e.norm()) * spread / (spread + gamma * gamma) / gamma
        if float(s.norm()) > most:
            result[i] = s / s.norm() * most
    return result


def guard_at_once(eps, slope, gamma, spread, *, each=True, always=False, by_gamma=True, square=1):
    def norm(x):
        return x.flatten(1).norm(dim=1)[:, None, None, None] if each else x.norm()

    part = spread**square / (spread**square + gamma**2) / (gamma if by_gamma else 1)
    factor = part * norm(eps) / norm(slope).clamp(min=1e-30)
    return slope * (factor if always else factor.clamp(max=1))


def wrong(answer, **keys):
    return functools.partial(answer, **keys)


@pytest.mark.parametrize(
    ("check", "answer"),
    [
        (check_reproduced, reproduce),
        (check_reproduced, reproduce_by_ranks),
        (check_guard, guard),
        (check_guard, guard_at_once),
    ],
)
def test_right_answers_pass(check, answer, capsys):
    chapter_lab.passes(check, answer, capsys)


@pytest.mark.parametrize("name", CHECKS)
def test_the_chapters_placeholder_fails_and_its_solution_passes(name, capsys):
    length = lambda v: v.flatten(1).norm(dim=1)  # noqa: E731
    scope = {"torch": torch, "ge": ge, "schedule": ge.VPSchedule(), "length": length, **CHECKS}
    chapter_lab.placeholder_fails_and_solution_passes(STEM, name, scope, capsys)


@pytest.mark.parametrize("check", CHECKS.values())
@pytest.mark.parametrize("placeholder", chapter_lab.PLACEHOLDERS)
def test_placeholders_fail(check, placeholder):
    with pytest.raises(NotYet):
        check(placeholder)


def quartiles(distances):
    return np.quantile(distances, [0.25, 0.75])


def of_the_mean(distances):
    half = 1.96 * distances.std() / len(distances) ** 0.5
    return np.median(distances) - half, np.median(distances) + half


def half_as_many_steps_for(solver):
    """A change of the cell that gives `solver` twice its steps."""
    return lambda cell: cell._replace(nfe=2 * cell.nfe) if cell.solver == solver else cell


def afs_for_nothing(cell):
    return cell._replace(nfe=cell.nfe - cell.afs)


WRONG = [
    (check_reproduced, wrong(reproduce, measure=np.mean), "a mean over the starts"),
    (
        check_reproduced,
        wrong(reproduce, measure=lambda d: np.sort(d)[len(d) // 2 - 1]),
        "lower of the two middle",
    ),
    (
        check_reproduced,
        wrong(reproduce, measure=lambda d: (d**2).mean() ** 0.5 / 8),
        "root mean square",
    ),
    (check_reproduced, wrong(reproduce, measure=lambda d: np.median(d) / 8), "number of pixels"),
    (
        check_reproduced,
        wrong(reproduce, change=lambda cell: cell._replace(spacing="linear")),
        "on the linear grid",
    ),
    (
        check_reproduced,
        wrong(reproduce, change=lambda c: c._replace(derivative="head")),
        "the other derivative",
    ),
    (check_reproduced, wrong(reproduce, change=half_as_many_steps_for("heun")), "two calls a step"),
    (check_reproduced, wrong(reproduce, change=afs_for_nothing), "pay for one step more"),
    (
        check_reproduced,
        wrong(reproduce, change=lambda c: c._replace(afs=False)),
        "analytical first step is missing",
    ),
    (check_reproduced, wrong(reproduce, scale=0.5), "should be"),
    (check_reproduced, wrong(reproduce, interval=quartiles), "how starts differ"),
    (
        check_reproduced,
        wrong(reproduce, interval=lambda d: (d.min(), d.max())),
        "Single distances scatter",
    ),
    (
        check_reproduced,
        wrong(
            reproduce,
            interval=lambda d: (
                np.median(d) + 0.2 * (np.quantile(bootstrap(d), [0.1, 0.9]) - np.median(d))
            ),
        ),
        "too narrow",
    ),
    (check_reproduced, wrong(reproduce, interval=lambda d: (0.0, 0.0)), "outside its own interval"),
    (check_reproduced, lambda *a: 1.0, "three numbers"),
    (check_reproduced, lambda *a: (..., ..., ...), "placeholders"),
    (check_reproduced, lambda *a: (1.0, 0.0, float("inf")), "finite"),
    (check_guard, lambda eps, slope, gamma, spread: slope, "nothing is bounded"),
    (check_guard, wrong(guard_at_once, each=False), "whole batch"),
    (check_guard, wrong(guard_at_once, always=True), "lengthened"),
    (check_guard, wrong(guard_at_once, by_gamma=False), "where is gamma"),
    (check_guard, wrong(guard_at_once, square=2), "a variance already"),
    (check_guard, lambda e, s, g, v: 3 * guard(e, s, g, v), "as long as the bound"),
    (check_guard, lambda e, s, g, v: 0.5 * guard(e, s, g, v), "within the bound has changed"),
    (
        check_guard,
        lambda e, s, g, v: s / s.flatten(1).norm(dim=1)[:, None, None, None],
        "NaN where the slope is zero",
    ),
]


@pytest.mark.parametrize(("check", "answer", "hint"), WRONG)
def test_mistakes_get_their_own_hint(check, answer, hint, capsys):
    chapter_lab.gets_hint(check, answer, hint, capsys)


def test_a_table_that_is_not_recorded_cannot_be_reproduced(monkeypatch):
    monkeypatch.setattr(ge.data, "has", lambda name: name.startswith("digits"))
    with pytest.raises(NotYet, match="not been measured yet"):
        check_reproduced(reproduce, "cifar10")


# The live piece: what the two laid over each other are, and what their calls do.


def shown(page):
    settle(page)
    lab = "document.querySelector('.genie-lab').genieLab"
    return page.evaluate(f"{lab}.state"), page.evaluate(f"{lab}.readout")


def test_in_the_lab_the_difference_of_two_samplers_shrinks_with_the_calls(page, tmp_path):
    open_chapter_lab(page, tmp_path, STEM)
    state, few = shown(page)
    assert (state["solver"], state["rival"], read(page, "nfe")) == ("genie", "ddim", "5")
    errors = [read(page, "error", f"[data-solver={name}]") for name in ("genie", "ddim")]
    assert all(float(error) > 0 for error in errors)
    page.get_by_role("button", name="Ten calls", exact=True).click()
    state, many = shown(page)
    assert read(page, "nfe") == "10"
    assert float(many["between"]) < float(few["between"])
    for name, before in zip(("genie", "ddim"), errors, strict=True):
        assert float(read(page, "error", f"[data-solver={name}]")) < float(before)
    assert page.messages.errors == []


def test_in_the_lab_the_mixture_is_moved_by_keyboard(page, tmp_path):
    open_chapter_lab(page, tmp_path, STEM)
    page.locator("input[name=blend]").focus()
    page.keyboard.press("End")
    assert shown(page)[0]["blend"] == 1
    page.get_by_role("button", name="A curtain", exact=True).click()
    state, _ = shown(page)
    assert (state["mixing"], state["rival"], read(page, "nfe")) == ("swipe", "dpmpp_2m", "10")
    assert page.messages.errors == []
