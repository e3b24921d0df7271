"""The checks of chapter 4: placeholder, solution, another right answer, typical mistakes."""

from __future__ import annotations

import re

import numpy as np
import pytest
from chapter_lab import number, open_chapter_lab, read, settle, stored_outputs

import genie_edu as ge
from genie_edu.exercises import NotYet
from genie_edu.exercises.ch04 import (
    REASONS,
    check_fit_slope,
    check_impostor,
    check_invalid_report,
    check_settles_from,
    three_reports,
)
from genie_edu.show.numbers import MISSING

CHAPTER = "04_measuring_order"
GENIE = "[data-solver=genie]"


def fit_slope(step_counts, errors):
    u, y = np.log(step_counts), np.log(errors)
    centered = u - u.mean()
    return -float(centered @ y / (centered @ centered))


def fit_by_polyfit(step_counts, errors):
    return -np.polyfit(np.log2(step_counts), np.log2(errors), 1)[0]


def fit_by_normal_equations(step_counts, errors):
    design = np.stack([np.ones(len(step_counts)), -np.log10(step_counts)], axis=1)
    return np.linalg.lstsq(design, np.log10(errors), rcond=None)[0][1]


def unwritten(*arguments):
    raise NotImplementedError


@pytest.mark.parametrize("answer", [fit_slope, fit_by_polyfit, fit_by_normal_equations])
def test_fit_slope_accepts(answer, capsys):
    check_fit_slope(answer)
    assert capsys.readouterr().out.startswith("Correct:")


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (..., "in place of the dots"),
        (unwritten, "still to be written"),
        (lambda n, e: None, "returns nothing"),
        (lambda n, e: np.log(n), "return one number"),
        (lambda n, e: -fit_slope(n, e), "the sign"),
        (lambda n, e: -np.polyfit(n, np.log(e), 1)[0], "one of your axes"),
        (lambda n, e: -np.polyfit(np.log(e), np.log(n), 1)[0], "axes are swapped"),
        (lambda n, e: -np.polyfit(np.log(n), np.log10(e), 1)[0], "two different logarithms"),
        (lambda n, e: np.log2(e[0] / e[1]), "don't double"),
        (lambda n, e: -np.log(e[-1] / e[0]) / np.log(n[-1] / n[0]), "the two ends only"),
        (lambda n, e: -np.mean(np.diff(np.log(e)) / np.diff(np.log(n))), "averaging"),
        (lambda n, e: ge.observed_order(n, e).order, "raises ValueError"),
        (lambda n, e: 2.0, r"C N\^-1"),
    ],
)
def test_fit_slope_explains(answer, hint):
    with pytest.raises(NotYet, match=hint):
        check_fit_slope(answer)


def slopes_of(errors):
    return np.log2(np.array(errors[:-1]) / np.array(errors[1:]))


def settles_from(step_counts, errors, tolerance):
    slopes = slopes_of(errors)
    first = len(slopes)
    while first > 0 and abs(slopes[first - 1] - slopes[-1]) <= tolerance:
        first -= 1
    return step_counts[first] if len(slopes) - first >= 2 else None


def settles_by_search(step_counts, errors, tolerance):
    slopes = slopes_of(errors)
    for first in range(len(slopes) - 1):
        if np.abs(slopes[first:] - slopes[-1]).max() <= tolerance:
            return np.int64(step_counts[first])
    return None


def first_agreement(step_counts, errors, tolerance):
    close = np.abs(slopes_of(errors) - slopes_of(errors)[-1]) <= tolerance
    return step_counts[int(close.argmax())]


def without_none(step_counts, errors, tolerance):
    found = settles_from(step_counts, errors, tolerance)
    return step_counts[-2] if found is None else found


def one_late(step_counts, errors, tolerance):
    found = settles_from(step_counts, errors, tolerance)
    return None if found is None else 2 * found


def position(step_counts, errors, tolerance):
    found = settles_from(step_counts, errors, tolerance)
    return None if found is None else step_counts.index(found)


def successive(step_counts, errors, tolerance):
    slopes = slopes_of(errors)
    first = len(slopes) - 1
    while first > 0 and abs(slopes[first - 1] - slopes[first]) <= tolerance:
        first -= 1
    return step_counts[first] if len(slopes) - first >= 2 else None


def hard_coded(step_counts, errors, tolerance):
    return settles_from(step_counts, errors, 0.1)


@pytest.mark.parametrize("answer", [settles_from, settles_by_search])
def test_settles_from_accepts(answer, capsys):
    check_settles_from(answer)
    assert capsys.readouterr().out.startswith("Correct:")


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (..., "in place of the dots"),
        (unwritten, "still to be written"),
        (lambda *a: None, "your function returns None"),
        (lambda *a: "16", "return one number|one of the step counts|smaller N|misses"),
        (first_agreement, "still misses the last one"),
        (without_none, "nothing has settled"),
        (one_late, "one doubling late"),
        (position, "a position in the list"),
        (successive, "with the last one"),
        (hard_coded, "as if it were 0.1"),
    ],
)
def test_settles_from_explains(answer, hint):
    with pytest.raises(NotYet, match=hint):
        check_settles_from(answer)


def heun_told_wrong(flow, x_bar, gamma, gamma_next, memory=None):
    h = gamma_next - gamma
    first = flow.eps(x_bar, 1.1 * gamma)
    second = flow.eps(x_bar + h * first, 1.1 * gamma_next)
    return x_bar + h / 2 * (first + second), None


def genie_of_weaker_arrows(flow, x_bar, gamma, gamma_next, memory=None):
    """The midpoint rule for 0.9 eps."""
    h = gamma_next - gamma
    middle = x_bar + h / 2 * 0.9 * flow.eps(x_bar, gamma)
    return x_bar + h * 0.9 * flow.eps(middle, gamma + h / 2), None


def genie_in_another_mixture(flow, x_bar, gamma, gamma_next, memory=None):
    other = ge.AnalyticFlow(ge.GaussianMixture(**ge.TOYS["one_gaussian"]))
    return ge.SOLVERS["genie"].step(other, x_bar, gamma, gamma_next, memory)


@pytest.mark.parametrize(
    "answer", [heun_told_wrong, genie_of_weaker_arrows, genie_in_another_mixture]
)
def test_impostor_accepts(answer, capsys):
    check_impostor(answer)
    assert capsys.readouterr().out.startswith("Correct:")


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (..., "in place of the dots"),
        (unwritten, "still to be written"),
        (lambda *a: None, "return the pair"),
        (lambda f, x, g, gn, memory=None: x, "return the pair"),
        (ge.SOLVERS["genie"].step, "an honest method"),
        (lambda f, x, g, gn, memory=None: (x, None), "doesn't depend"),
        (lambda f, x, g, gn, memory=None: (x * (gn / g), None), "doesn't depend"),
        (
            lambda f, x, g, gn, memory=None: (x + 0.9 * (gn - g) * f.eps(x, g), None),
            "begin with a method of order two",
        ),
        (lambda f, x, g, gn, memory=None: (x * float("nan"), None), "NaN"),
    ],
)
def test_impostor_explains(answer, hint):
    with pytest.raises(NotYet, match=hint):
        check_impostor(answer)


def test_reports_are_what_the_check_says():
    slopes = {name: slopes_of(report.errors) for name, report in three_reports().items()}
    assert abs(slopes["A"][-1] - 2) < 0.05
    assert np.diff(slopes["A"]).min() > -0.02  # no drop: above the floor
    assert (np.diff(slopes["B"]) > 0).all()
    assert slopes["B"][-1] > 2
    assert np.abs(slopes["C"] - 1).max() < 0.05


def test_invalid_report_accepts(capsys):
    check_invalid_report("B", "reference")
    check_invalid_report(" b", "reference")
    assert capsys.readouterr().out.startswith("Correct:")


@pytest.mark.parametrize(
    ("name", "reason", "hint"),
    [
        (..., ..., "in place of the dots"),
        ("B", ..., "in place of the dots"),
        ("D", "floor", "A, B, C"),
        ("B", "bad", "'not settled'"),
        ("A", "floor", "does the last"),
        ("C", "not settled", "not a bad estimate"),
        ("B", "floor", "the slopes drop"),
        ("B", "not settled", "come closer to a limit"),
        ("B", "few starts", "256 starts"),
    ],
)
def test_invalid_report_explains(name, reason, hint):
    with pytest.raises(NotYet, match=hint):
        check_invalid_report(name, reason)


def test_every_reason_has_an_answer():
    for reason in REASONS:
        if reason != "reference":
            with pytest.raises(NotYet):
                check_invalid_report("B", reason)


def test_the_chapters_lab_fits_what_the_text_prints(page, tmp_path):
    """Measure, commit to a slope, then the four methods and the floor, against the stored cell."""
    text = "\n".join("".join(out.get("text", "")) for out in stored_outputs(CHAPTER))
    printed = re.findall(r"^(\w+) +([\d.]+)  fitted on (\d+ to \d+)$", text, re.M)
    assert [row[0] for row in printed] == ["ddim", "genie", "taylor3", "rk4"]

    open_chapter_lab(page, tmp_path, CHAPTER)
    page.get_by_role("button", name="Measure").click()
    settle(page)
    assert read(page, "slope", GENIE) == MISSING, "hidden until a slope has been drawn"
    page.get_by_role("button", name="Draw it, then show the slopes").click()
    settle(page)
    assert abs(number(read(page, "slope", "[data-solver=ddim]")) - 1) < 0.1

    page.get_by_role("button", name="Few steps only").click()
    settle(page)
    assert read(page, "slope", "[data-solver=taylor3]") == MISSING
    assert read(page, "slope_range", "[data-solver=rk4]") == "4 to 8", "three points: 4, 6, 8"
    assert abs(number(read(page, "slope", "[data-solver=rk4]")) - 4) > 0.3

    page.get_by_role("button", name="Four methods").click()
    settle(page)
    for name, order, found in printed:
        which = f"[data-solver={name}]"
        assert (read(page, "slope", which), read(page, "slope_range", which)) == (order, found)

    page.get_by_role("button", name="The float32 floor").click()
    settle(page)
    last = [
        int(read(page, "slope_range", f"[data-solver={name}]").split()[-1])
        for name in ("rk4", "taylor3", "genie")
    ]
    assert last == sorted(last) and last[0] < last[-1], "the better the method, the sooner"
    assert not page.messages.errors
