"""The checks of chapter 5: placeholder, solution, another right answer, typical mistakes."""

from __future__ import annotations

import math

import pytest
import torch
from chapter_lab import lay_out

import genie_edu as ge
from genie_edu.exercises import NotYet
from genie_edu.exercises.ch05 import (
    check_gaussian_derivative,
    check_genie_step,
    check_step_from_time_derivative,
)
from genie_edu.lab import format_number, placeholder


def gaussian_solution(x_bar, gamma, mean, std):
    return std**2 * (x_bar - mean) / (std**2 + gamma**2) ** 2


def gaussian_by_parts(x_bar, gamma, mean, std):
    level = std**2 + gamma**2
    eps = gamma * (x_bar - mean) / level
    return gamma / level * eps + (std**2 - gamma**2) / level**2 * (x_bar - mean)


def step_solution(flow, x_bar, gamma, gamma_next, memory=None):
    h = gamma_next - gamma
    eps, deps_dgamma = flow.eps_and_derivative(x_bar, gamma)
    return x_bar + h * eps + 0.5 * h**2 * deps_dgamma, None


def step_as_midpoint(flow, x_bar, gamma, gamma_next, memory=None):
    h = gamma_next - gamma
    eps, slope = flow.derivatives(x_bar, gamma, order=1)
    eps_in_the_middle = eps + h / 2 * slope
    return x_bar + h * eps_in_the_middle, memory


def time_solution(x_bar, eps, deps_dt, t, t_next, schedule):
    h = schedule.gamma(t_next) - schedule.gamma(t)
    return x_bar + h * eps + 0.5 * h**2 * deps_dt * schedule.dt_dgamma(t)


def time_by_hand(x_bar, eps, deps_dt, t, t_next, schedule):
    def gamma(t):
        return torch.expm1(torch.tensor(0.1 * t + 0.5 * 19.9 * t**2, dtype=torch.float64)).sqrt()

    h = gamma(t_next) - gamma(t)
    rate = (0.1 + 19.9 * t) * (1 + gamma(t) ** 2) / (2 * gamma(t))
    return x_bar + h * (eps + h * deps_dt / (2 * rate))


def step_with(second, h_sign=1):
    def step(flow, x_bar, gamma, gamma_next, memory=None):
        h = h_sign * (gamma_next - gamma)
        eps, d1 = flow.eps_and_derivative(x_bar, gamma)
        return x_bar + h * eps + second(h) * d1, None

    return step


def step_costly(flow, x_bar, gamma, gamma_next, memory=None):
    h = gamma_next - gamma
    return x_bar + h * flow.eps(x_bar, gamma) + h**2 / 2 * flow.eps_and_derivative(x_bar, gamma)[
        1
    ], None


def time_with(first, second):
    def step(x_bar, eps, deps_dt, t, t_next, schedule):
        h = schedule.gamma(t_next) - schedule.gamma(t)
        return x_bar + first(h, t_next - t) * eps + second(h, schedule.dt_dgamma(t)) * deps_dt

    return step


def todo(*args):
    raise NotImplementedError


RIGHT = [
    (check_gaussian_derivative, gaussian_solution),
    (check_gaussian_derivative, gaussian_by_parts),
    (check_genie_step, step_solution),
    (check_genie_step, step_as_midpoint),
    (check_step_from_time_derivative, time_solution),
    (check_step_from_time_derivative, time_by_hand),
]


@pytest.mark.parametrize(("check", "answer"), RIGHT)
def test_right_answers_pass(check, answer, capsys):
    check(answer)
    printed = capsys.readouterr().out
    assert printed.startswith("Correct:")
    assert printed.count("\n") == 1


@pytest.mark.parametrize(
    "check", [check_gaussian_derivative, check_genie_step, check_step_from_time_derivative]
)
@pytest.mark.parametrize("placeholder", [..., None, todo, lambda *a: ..., lambda *a: None, 3.0])
def test_placeholders_fail(check, placeholder):
    with pytest.raises(NotYet):
        check(placeholder)


def level(gamma, std):
    return std**2 + gamma**2


def ask_library(x, g, m, s):
    mixture = ge.GaussianMixture([1.0], m[None], (s**2 * torch.eye(2))[None])
    return ge.AnalyticFlow(mixture).eps_and_derivative(x, g)[1]


WRONG = [
    (
        check_gaussian_derivative,
        lambda x, g, m, s: (s**2 - g**2) / level(g, s) ** 2 * (x - m),
        "stands still",
    ),
    (
        check_gaussian_derivative,
        lambda x, g, m, s: g**2 / level(g, s) ** 2 * (x - m),
        "clock moves too",
    ),
    (check_gaussian_derivative, lambda x, g, m, s: gaussian_solution(x, g, 0 * m, s), "bends"),
    (check_gaussian_derivative, lambda x, g, m, s: -gaussian_solution(x, g, m, s), "sign"),
    (check_gaussian_derivative, lambda x, g, m, s: s * (x - m) / level(g, s), "times as long"),
    (check_gaussian_derivative, ask_library, "library"),
    (check_gaussian_derivative, lambda x, g, m, s: 1 / 0 * x, "ZeroDivisionError"),
    (check_gaussian_derivative, lambda x, g, m, s: (x - m).sum(), "shape"),
    (check_genie_step, step_with(lambda h: 0.0), "Euler"),
    (check_genie_step, step_with(lambda h: h**2), "twice"),
    (check_genie_step, step_with(lambda h: h / 2), "power of h"),
    (check_genie_step, step_with(lambda h: -(h**2) / 2), "sign"),
    (check_genie_step, step_with(lambda h: h**2 / 2, h_sign=-1), "wrong way"),
    (check_genie_step, step_costly, "2 times"),
    (check_genie_step, lambda *a: step_solution(*a)[0], "pair"),
    (check_genie_step, ge.SOLVERS["genie"].step, "library"),
    (
        check_genie_step,
        lambda f, x, g, gn, m: (ge.solve(f, x, [g, gn], "genie").x_bar[-1], None),
        "library",
    ),
    (
        check_step_from_time_derivative,
        time_with(lambda h, ht: h, lambda h, r: h**2 / 2),
        "units",
    ),
    (
        check_step_from_time_derivative,
        time_with(lambda h, ht: ht, lambda h, r: h**2 / 2 * r),
        "step in t",
    ),
    (
        check_step_from_time_derivative,
        time_with(lambda h, ht: h, lambda h, r: h**2 / 2 / r),
        "wrong way up",
    ),
    (
        check_step_from_time_derivative,
        time_with(lambda h, ht: h, lambda h, r: h**2 * r),
        "twice",
    ),
]


@pytest.mark.parametrize(("check", "answer", "hint"), WRONG)
def test_mistakes_get_their_own_hint(check, answer, hint, capsys):
    with pytest.raises(NotYet, match=hint):
        check(answer)
    assert "Correct" not in capsys.readouterr().out


# The live piece: halving the step divides the three gaps by about 4, 8 and 16, as the text says.

LAB = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>lab</title>
<link rel="stylesheet" href="{style}"></head><body>{lab}<script src="{script}"></script>
<script>GenieLab.mountAll(document)</script></body></html>"""
SOLVERS = ("ddim", "genie", "taylor3")


@pytest.fixture
def lab(page, tmp_path):
    """The chapter's lab, mounted in a page opened from disk."""
    file = tmp_path / "lab.html"
    lab = placeholder("ch05_taylor")
    file.write_text(LAB.format(**lay_out(tmp_path), lab=lab))
    page.goto(file.as_uri())
    settle(page)
    return page


def settle(page):
    page.wait_for_function(
        "() => document.querySelector('.genie-lab').dataset.ready === 'true'"
        " && document.querySelector('.genie-lab').dataset.settled === 'true'"
    )


def gaps(page):
    """Return what the lab says of each solver's one step, and the state it says it of."""
    state = page.evaluate("document.querySelector('.genie-lab').genieLab.state")
    shown = {s: page.locator(f"output[name=error_{s}]").inner_text() for s in SOLVERS}
    return shown, state


def true_gaps(state):
    """Return the same from genie_edu, printed alike."""
    mixture = ge.GaussianMixture(**ge.TOYS[state["mixture"]])
    flow, schedule = ge.AnalyticFlow(mixture), ge.VPSchedule()
    first = float(schedule.gamma(state["t_start"]))
    gamma = math.exp(state["log_gamma"])
    step = [gamma, gamma * (1 - state["h_fraction"])]
    start = torch.tensor([state["start"]], dtype=torch.float64) * math.sqrt(1 + first**2)
    here, exact = ge.exact_solution(flow, start, [first, *step])[1:]
    return {s: float((ge.solve(flow, here, step, s).x_bar[-1] - exact).norm()) for s in SOLVERS}


def shorten(page, fraction):
    slider = page.locator("input[name=h_fraction]")
    slider.focus()
    while float(slider.input_value()) > fraction + 1e-9:
        page.keyboard.press("ArrowLeft")
    settle(page)


def test_the_lab_halving_the_step_divides_the_gaps_by_four_eight_sixteen(lab):
    shown, state = gaps(lab)
    assert shown == {s: format_number(v) for s, v in true_gaps(state).items()}
    assert float(shown["taylor3"]) < float(shown["genie"]) < float(shown["ddim"])

    lab.get_by_role("button", name="A small step").click()
    settle(lab)
    before, state = gaps(lab)
    assert before == {s: format_number(v) for s, v in true_gaps(state).items()}
    shorten(lab, state["h_fraction"] / 2)
    after, state = gaps(lab)
    assert after == {s: format_number(v) for s, v in true_gaps(state).items()}
    for solver, factor in zip(SOLVERS, (4, 8, 16), strict=True):
        assert float(before[solver]) / float(after[solver]) == pytest.approx(factor, rel=0.15)


def test_the_lab_presets_do_what_the_text_says(lab):
    default, _ = gaps(lab)
    lab.get_by_role("button", name="Too large a step").click()
    settle(lab)
    shown, state = gaps(lab)
    assert shown == {s: format_number(v) for s, v in true_gaps(state).items()}
    assert float(shown["taylor3"]) > float(shown["genie"])

    lab.get_by_role("button", name="A nearly straight stretch").click()
    settle(lab)
    shown, _ = gaps(lab)
    assert all(float(shown[s]) < 0.1 * float(default[s]) for s in SOLVERS)
