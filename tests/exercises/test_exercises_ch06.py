"""The checks of chapter 6: placeholder, solution, another right answer, mistakes; its lab."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from chapter_lab import exercise_cells, open_chapter_lab, quoted, read, settle

import genie_edu as ge
from genie_edu.exercises import NotYet
from genie_edu.exercises.ch06 import check_ab2_weights, check_bar_2m, check_heun, check_slope
from genie_edu.lab import format_number, starts

CHAPTER = "06_other_routes"
CELLS = {
    "check_heun": CHAPTER,
    "check_slope": CHAPTER,
    "check_ab2_weights": CHAPTER,
    "check_bar_2m": "appendix_one_function",
}


def gaussian(spread, mean=(0.0, 0.0)):
    cov = [[spread**2, 0.0], [0.0, spread**2]]
    return {"weights": [1.0], "means": [list(mean)], "covs": [cov]}


def narrow_modes(spread=0.02, n=2):
    covs = [[[spread**2, 0.0], [0.0, spread**2]]] * n
    angles = [2 * math.pi * i / n for i in range(n)]
    means = [[-math.cos(a), math.sin(a)] for a in angles]
    return {"weights": [1 / n] * n, "means": means, "covs": covs}


def unwritten(*arguments):
    raise NotImplementedError


def ab2(h, h_prev):
    before = -(h**2) / (2 * h_prev)
    return h - before, before


def ab2_by_equations(h, h_prev):
    return np.linalg.solve([[1.0, 1.0], [0.0, -h_prev]], [h, h**2 / 2])


def bar_2m(x_bar, data, data_prev, gamma_prev, gamma, gamma_next):
    r = math.log(gamma_prev / gamma) / math.log(gamma / gamma_next)
    shrink = gamma_next / gamma
    return shrink * x_bar + (1 - shrink) * (data + (data - data_prev) / (2 * r))


def bar_2m_by_eps(x_bar, data, data_prev, gamma_prev, gamma, gamma_next):
    """The same as Euler's step and a correction."""
    eps = (x_bar - data) / gamma
    ratio = np.log(gamma_next / gamma) / np.log(gamma / gamma_prev)
    correction = (gamma - gamma_next) / gamma * ratio / 2 * (data - data_prev)
    return x_bar + (gamma_next - gamma) * eps + correction


def one_line(capsys):
    printed = capsys.readouterr().out
    return printed.startswith("Correct:") and printed.count("\n") == 1


@pytest.mark.parametrize("function", CELLS)
def test_the_chapters_cells_fail_and_pass(function, capsys):
    placeholder, solution = exercise_cells(CELLS[function], function)
    with pytest.raises(NotYet):
        exec(placeholder, {})
    exec(solution, {"math": math, function: globals()[function]})
    assert one_line(capsys)


@pytest.mark.parametrize(
    ("wins", "loses"),
    [
        (gaussian(0.3), gaussian(0.02)),
        (ge.GaussianMixture(**gaussian(0.35, (0.4, 0.1))), narrow_modes()),
        (gaussian(0.4), gaussian(3.0)),
    ],
)
def test_heun_accepts(wins, loses, capsys):
    check_heun(wins, loses)
    assert one_line(capsys)


@pytest.mark.parametrize(
    ("wins", "loses", "hint"),
    [
        (..., ..., "'wins' is still empty"),
        (gaussian(0.3), ..., "'loses' is still empty"),
        (gaussian(0.3), None, "'loses' is still empty"),
        (gaussian(0.02), gaussian(0.3), "the wrong way round"),
        (dict(ge.TOYS["three_modes"]), gaussian(0.02), "on 'wins' Heun's error"),
        (gaussian(0.3), dict(ge.TOYS["ring"]), "on 'loses' Heun's error"),
        (gaussian(0.3), gaussian(0.3), "on 'loses' Heun's error"),
        ("three_modes", gaussian(0.02), "should be a dict"),
        (gaussian(0.3) | {"weights": [-1.0]}, gaussian(0.02), "'wins' is no mixture"),
        (gaussian(0.3), gaussian(0.0), "point mass"),
    ],
)
def test_heun_explains(wins, loses, hint, capsys):
    with pytest.raises(NotYet, match=hint):
        check_heun(wins, loses)
    assert not capsys.readouterr().out


@pytest.mark.parametrize(
    "mixture",
    [
        narrow_modes(0.005),
        ge.GaussianMixture(**narrow_modes(0.002)),
        {"weights": [0.5] * 2, "means": [[0.0, 2.0], [0.0, -2.0]], "covs": [[[0.0] * 2] * 2] * 2},
    ],
)
def test_slope_accepts(mixture, capsys):
    check_slope(mixture)
    assert one_line(capsys)


@pytest.mark.parametrize(
    ("mixture", "hint"),
    [
        (..., "the mixture is still empty"),
        (dict(ge.TOYS["three_modes"]), "at most 0.67. Memories mislead"),
        (dict(ge.TOYS["ring"]), "Memories mislead"),
        (gaussian(0.3), "Memories mislead"),
        (gaussian(0.05), "You are on the way"),
        (gaussian(0.0), "point mass"),
        ([0.005], "the mixture should be a dict"),
        (gaussian(0.3) | {"covs": [[[-1.0, 0.0], [0.0, 1.0]]]}, "the mixture is no mixture"),
    ],
)
def test_slope_explains(mixture, hint, capsys):
    with pytest.raises(NotYet, match=hint):
        check_slope(mixture)
    assert not capsys.readouterr().out


@pytest.mark.parametrize("answer", [ab2, ab2_by_equations, lambda h, p: list(ab2(h, p))])
def test_ab2_weights_accepts(answer, capsys):
    check_ab2_weights(answer)
    assert one_line(capsys)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (..., "in place of the dots"),
        (unwritten, "still empty"),
        (lambda h, p: ..., "nothing yet"),
        (lambda h, p: (1.5 * h, -0.5 * h), "equal steps"),
        (lambda h, p: ab2(h, p)[::-1], "swapped"),
        (lambda h, p: (h, ab2(h, p)[1]), "a constant eps"),
        (lambda h, p: (h - h**2 / (2 * p), h**2 / (2 * p)), "the wrong way$|sign of h_prev"),
        (lambda h, p: (h + p / 2, -p / 2), "wrong way up"),
        (lambda h, p: (h, 0.0), "eps = gamma - gamma_n"),
        (lambda h, p: h, "the pair"),
        (lambda h, p: (h / 0, 0), "ZeroDivisionError"),
    ],
)
def test_ab2_weights_explains(answer, hint):
    with pytest.raises(NotYet, match=hint):
        check_ab2_weights(answer)


@pytest.mark.parametrize("answer", [bar_2m, bar_2m_by_eps])
def test_bar_2m_accepts(answer, capsys):
    check_bar_2m(answer)
    assert one_line(capsys)


def variant(middle):
    def step(x_bar, data, data_prev, gamma_prev, gamma, gamma_next):
        r = math.log(gamma_prev / gamma) / math.log(gamma / gamma_next)
        shrink = gamma_next / gamma
        return shrink * x_bar + (1 - shrink) * middle(data, data_prev, r)

    return step


def in_x(*arguments):
    return bar_2m(*arguments) / math.hypot(1, arguments[-1])


def with_sigmas(x_bar, data, data_prev, gamma_prev, gamma, gamma_next):
    sigma = [g / math.hypot(1, g) for g in (gamma, gamma_next)]
    step = bar_2m(x_bar, data, data_prev, gamma_prev, gamma, gamma_next)
    return step + (sigma[1] / sigma[0] - gamma_next / gamma) * x_bar


def exact_line(x_bar, data, data_prev, gamma_prev, gamma, gamma_next):
    h, h_prev = math.log(gamma / gamma_next), math.log(gamma_prev / gamma)
    line = data + (h / -math.expm1(-h) - 1) * (data - data_prev) / h_prev
    return gamma_next / gamma * x_bar + (1 - gamma_next / gamma) * line


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (..., "in place of the dots"),
        (unwritten, "still empty"),
        (lambda *a: None, "nothing yet"),
        (variant(lambda d, p, r: d), "this is DDIM"),
        (variant(lambda d, p, r: d + r * (d - p) / 2), "wrong way up"),
        (variant(lambda d, p, r: d + (d - p) / r), "factor 1/2"),
        (variant(lambda d, p, r: d - (d - p) / (2 * r)), "wrong direction"),
        (exact_line, "exactly"),
        (in_x, "the next x;"),
        (with_sigmas, "belongs to x"),
        (lambda *a: bar_2m(*a) + a[0], "the factor of x_bar"),
        (lambda *a: bar_2m(*a) + a[1], "the part with the data"),
        (lambda *a: bar_2m(*a).sum(), "shape"),
        (lambda *a: 1.0, "not a float"),
        (lambda *a: bar_2m(*a) / 0, "NaN or an infinity"),
    ],
)
def test_bar_2m_explains(answer, hint):
    with pytest.raises(NotYet, match=hint):
        check_bar_2m(answer)


# The live piece.


def set_calls(page, nfe):
    slider = page.locator("input[name=nfe]")
    slider.focus()
    while int(slider.input_value()) != nfe:
        page.keyboard.press("ArrowRight" if int(slider.input_value()) < nfe else "ArrowLeft")
    settle(page)


def errors_of_state(page):
    """Heun and DDIM on the mixture that the lab shows, from genie_edu, printed alike."""
    state = page.evaluate("document.querySelector('.genie-lab').genieLab.state")
    numbers = {key: state[key] for key in ("weights", "means", "covs")}
    flow, schedule = ge.AnalyticFlow(ge.GaussianMixture(**numbers)), ge.VPSchedule()
    noise = torch.as_tensor(starts(state["n_starts"], state["seed"]))
    shown = {}
    for name, n_steps in (("heun", state["nfe"] // 2), ("ddim", state["nfe"])):
        gammas = schedule.gamma(ge.time_grid(n_steps, state["spacing"]))
        start = noise * torch.sqrt(1 + gammas[0] ** 2)
        exact = ge.exact_solution(flow, start, gammas[[0, -1]])[-1]
        end = ge.solve(flow, start, gammas, name).x_bar[-1]
        shown[name] = format_number(ge.end_point_error(end, exact))
    return shown


def shown_errors(page):
    return {s: read(page, "error", f"[data-solver={s}]") for s in ("heun", "ddim")}


def test_the_chapters_lab_finds_where_heun_wins_and_loses(page, tmp_path):
    """Twenty calls: a tie on three modes; one Gaussian, where Heun wins; narrower, where not."""
    text = quoted(CHAPTER)
    open_chapter_lab(page, tmp_path, CHAPTER)
    assert read(page, "winner") == "GENIE multistep"
    set_calls(page, 20)
    tie = shown_errors(page)
    assert tie == {s: text[f"ch06_lab_{s}"] for s in tie} == errors_of_state(page)
    assert read(page, "steps", "[data-solver=heun]") == "10"
    assert read(page, "nfe", "[data-solver=heun]") == "20"
    assert 0.8 < float(tie["heun"]) / float(tie["ddim"]) < 1.25

    page.locator("select[name=mixture]").select_option("one_gaussian")
    settle(page)
    wins = shown_errors(page)
    assert float(wins["heun"]) < 0.8 * float(wins["ddim"])

    page.locator("details summary").first.click()
    spread = page.locator("input[name=spread]")
    spread.focus()
    page.keyboard.press("Home")
    settle(page)
    loses = shown_errors(page)
    assert loses == errors_of_state(page)
    assert float(loses["heun"]) > 1.25 * float(loses["ddim"])
    assert not page.messages.errors


def test_the_presets_do_what_the_chapter_says(page, tmp_path):
    open_chapter_lab(page, tmp_path, CHAPTER)
    first = shown_errors(page)
    assert float(first["heun"]) > 2 * float(first["ddim"])
    page.get_by_role("button", name="Forty calls").click()
    settle(page)
    forty = shown_errors(page)
    assert float(forty["heun"]) < float(forty["ddim"])
    page.get_by_role("button", name="A ring").click()
    settle(page)
    assert read(page, "winner") == "DDIM"
