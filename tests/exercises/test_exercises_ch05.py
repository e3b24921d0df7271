"""The checks of chapter 5: placeholder, solution, another right answer, typical mistakes."""

from __future__ import annotations

import math

import pytest
import torch
from chapter_lab import lay_out, number

import genie_edu as ge
from genie_edu.exercises import NotYet
from genie_edu.exercises.ch05 import (
    check_gaussian_second,
    check_guess_step,
    check_step_from_time_derivative,
    check_third_loses,
)
from genie_edu.lab import format_number, placeholder


def second_solution(x_bar, gamma, mean, std):
    return -3 * gamma * std**2 * (x_bar - mean) / (std**2 + gamma**2) ** 3


def second_by_autograd(x_bar, gamma, mean, std):
    """The same as a derivative of eps' along the path."""

    def slope(level):
        path = mean + (x_bar - mean) * ((std**2 + level**2) / (std**2 + gamma**2)) ** 0.5
        return std**2 * (path - mean) / (std**2 + level**2) ** 2

    level = torch.tensor(gamma, dtype=torch.float64)
    return torch.func.jvp(slope, (level,), (torch.ones_like(level),))[1]


def guess_solution(guess, x_bar, gamma, gamma_next):
    h, (clean, drift) = gamma_next - gamma, guess(x_bar, gamma)
    return x_bar + h * (x_bar - clean) / gamma - h**2 / 2 * drift / gamma


def guess_by_parts(guess, x_bar, gamma, gamma_next):
    """The guess, moved half a step, and the noise that is left."""
    clean, drift = guess(x_bar, gamma)
    middle = clean + (gamma_next - gamma) / 2 * drift
    ratio = gamma_next / gamma
    return ratio * x_bar + (1 - ratio) * middle


def time_solution(x_bar, eps, deps_dt, t, t_next, schedule):
    h = schedule.gamma(t_next) - schedule.gamma(t)
    return x_bar + h * eps + 0.5 * h**2 * deps_dt * schedule.dt_dgamma(t)


def time_by_hand(x_bar, eps, deps_dt, t, t_next, schedule):
    def gamma(t):
        return torch.expm1(torch.tensor(0.1 * t + 0.5 * 19.9 * t**2, dtype=torch.float64)).sqrt()

    h = gamma(t_next) - gamma(t)
    rate = (0.1 + 19.9 * t) * (1 + gamma(t) ** 2) / (2 * gamma(t))
    return x_bar + h * (eps + h * deps_dt / (2 * rate))


def guess_with(first=1.0, second=-1.0, sign=1.0):
    def step(guess, x_bar, gamma, gamma_next):
        h, (clean, drift) = gamma_next - gamma, guess(x_bar, gamma)
        noise = sign * (x_bar - clean) / gamma
        return x_bar + first * h * noise + second * h**2 / 2 * drift / gamma

    return step


def guess_by_heun(guess, x_bar, gamma, gamma_next):
    """Of order two, with a second call in place of the derivative."""
    h, eps = gamma_next - gamma, (x_bar - guess(x_bar, gamma)[0]) / gamma
    ahead = x_bar + h * eps
    return x_bar + h / 2 * (eps + (ahead - guess(ahead, gamma_next)[0]) / gamma_next)


def guess_linear_in_gamma(guess, x_bar, gamma, gamma_next):
    """Of order two: D as a straight line in gamma, integrated exactly."""
    clean, drift = guess(x_bar, gamma)
    kept = gamma_next / gamma
    level = clean - gamma * drift  # the line at gamma = 0
    return kept * x_bar + (1 - kept) * level - gamma_next * drift * math.log(kept)


def stuck(guess, x_bar, gamma, gamma_next):
    """Right at the level of the probe only."""
    h, (clean, drift) = gamma_next - gamma, guess(x_bar, gamma)
    return x_bar + h * (x_bar - clean) / gamma - h**2 / 2 * drift / 1.5


def time_with(first, second):
    def step(x_bar, eps, deps_dt, t, t_next, schedule):
        h = schedule.gamma(t_next) - schedule.gamma(t)
        return x_bar + first(h, t_next - t) * eps + second(h, schedule.dt_dgamma(t)) * deps_dt

    return step


def todo(*args):
    raise NotImplementedError


RIGHT = [
    (check_gaussian_second, second_solution),
    (check_gaussian_second, second_by_autograd),
    (check_guess_step, guess_solution),
    (check_guess_step, guess_by_parts),
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
    "check", [check_gaussian_second, check_guess_step, check_step_from_time_derivative]
)
@pytest.mark.parametrize("placeholder", [..., None, todo, lambda *a: ..., lambda *a: None, 3.0])
def test_placeholders_fail(check, placeholder):
    with pytest.raises(NotYet):
        check(placeholder)


def first(x, g, m, s):
    return s**2 * (x - m) / (s**2 + g**2) ** 2


def ask_library(x, g, m, s):
    mixture = ge.GaussianMixture([1.0], m[None], (s**2 * torch.eye(2))[None])
    return ge.AnalyticFlow(mixture).derivatives(x, g, order=2)[2]


WRONG = [
    (check_gaussian_second, first, "first derivative"),
    (
        check_gaussian_second,
        lambda x, g, m, s: -4 * g * first(x, g, m, s) / (s**2 + g**2),
        "stands still",
    ),
    (
        check_gaussian_second,
        lambda x, g, m, s: g * first(x, g, m, s) / (s**2 + g**2),
        "in the denominator",
    ),
    (
        check_gaussian_second,
        lambda x, g, m, s: -3 * g * s**2 * (x - m) / (s**2 + g**2) ** 2.5,
        "c is not",
    ),
    (check_gaussian_second, lambda x, g, m, s: -second_solution(x, g, m, s), "the sign is not"),
    (check_gaussian_second, lambda x, g, m, s: second_solution(x, g, 0 * m, s), "nothing changes"),
    (check_gaussian_second, lambda x, g, m, s: 2 * second_solution(x, g, m, s), "times as long"),
    (check_gaussian_second, ask_library, "library"),
    (check_gaussian_second, lambda x, g, m, s: 1 / 0 * x, "ZeroDivisionError"),
    (check_gaussian_second, lambda x, g, m, s: (x - m).sum(), "shape"),
    (check_guess_step, guess_with(second=0.0), "Euler"),
    (check_guess_step, guess_by_heun, "asks for the guess again"),
    (check_guess_step, guess_linear_in_gamma, "of order two, but not GENIE's step.* 1.17 times"),
    (check_guess_step, guess_with(second=-2.0), "twice"),
    (check_guess_step, guess_with(second=1.0), "opposite ways"),
    (check_guess_step, guess_with(sign=-1.0), "a sign is wrong in eps"),
    (
        check_guess_step,
        lambda f, x, g, gn: x + (gn - g) * f(x, g)[0] + (gn - g) ** 2 / 2 * f(x, g)[1],
        "by the guess itself",
    ),
    (
        check_guess_step,
        lambda f, x, g, gn: x + (gn - g) * (x - f(x, g)[0]) - (gn - g) ** 2 / 2 * f(x, g)[1],
        "in units of gamma",
    ),
    (
        check_guess_step,
        lambda f, x, g, gn: guess_with(second=0.0)(f, x, g, gn) - (gn - g) ** 2 / 2 * f(x, g)[1],
        "where d eps/dgamma belongs",
    ),
    (check_guess_step, stuck, "observed order"),
    (check_guess_step, lambda f, x, g, gn: (guess_solution(f, x, g, gn), None), "not a tuple"),
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


def two_modes(distance, std):
    cov = [[std**2, 0.0], [0.0, std**2]]
    return ge.GaussianMixture([0.5, 0.5], [[-distance, 0], [distance, 0]], [cov, cov])


LINEAR = ge.VPSchedule().gamma(ge.time_grid(4, "linear"))


@pytest.mark.parametrize(
    ("mixture", "gammas"),
    [
        (two_modes(1.0, 0.1), LINEAR),
        (two_modes(1.0, 0.05), LINEAR.tolist()),
        (two_modes(1.0, 0.05), torch.tensor([10.0, 1.0, 0.1])),  # 0.1 in float32 is above 0.1
        (two_modes(1.0, 0.05), [10.0, 1.0, 0.1]),
    ],
)
def test_third_loses_accepts(mixture, gammas, capsys):
    check_third_loses(mixture, gammas)
    assert capsys.readouterr().out.startswith("Correct:")


@pytest.mark.parametrize(
    ("mixture", "gammas", "hint"),
    [
        (..., ..., "in place of the dots"),
        (two_modes(1.0, 0.1), ..., "in place of the dots"),
        (3.0, LINEAR, "ge.GaussianMixture"),
        (ge.GaussianMixture([1.0], [[0.0]], [[[1.0]]]), LINEAR, "in the plane"),
        (two_modes(1.0, 0.1), "levels", "must be numbers"),
        (two_modes(1.0, 0.1), LINEAR.flip(0), "fall from step to step"),
        (two_modes(1.0, 0.1), torch.linspace(20, 0.1, 30), "too many"),
        (two_modes(1.0, 0.1), [3.0, 1.0, 0.05], "all the way"),
        (two_modes(1.0, 0.1), [100.0, 0.05], "one step over everything"),
        (ge.GaussianMixture(**ge.TOYS["one_gaussian"]), LINEAR, "for one Gaussian"),
        (two_modes(0.6, 0.3), LINEAR, "in which the modes part"),
    ],
)
def test_third_loses_explains(mixture, gammas, hint):
    with pytest.raises(NotYet, match=hint):
        check_third_loses(mixture, gammas)


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
    assert number(shown["taylor3"]) < number(shown["genie"]) < number(shown["ddim"])

    lab.get_by_role("button", name="A small step").click()
    settle(lab)
    before, state = gaps(lab)
    assert before == {s: format_number(v) for s, v in true_gaps(state).items()}
    shorten(lab, state["h_fraction"] / 2)
    after, state = gaps(lab)
    assert after == {s: format_number(v) for s, v in true_gaps(state).items()}
    for solver, factor in zip(SOLVERS, (4, 8, 16), strict=True):
        assert number(before[solver]) / number(after[solver]) == pytest.approx(factor, rel=0.15)


def test_the_lab_presets_do_what_the_text_says(lab):
    default, _ = gaps(lab)
    lab.get_by_role("button", name="Too large a step").click()
    settle(lab)
    shown, state = gaps(lab)
    assert shown == {s: format_number(v) for s, v in true_gaps(state).items()}
    assert number(shown["taylor3"]) > number(shown["genie"])

    lab.get_by_role("button", name="A nearly straight stretch").click()
    settle(lab)
    shown, _ = gaps(lab)
    assert all(number(shown[s]) < 0.1 * number(default[s]) for s in SOLVERS)
