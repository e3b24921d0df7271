"""The checks of chapter 15: placeholder, solution, another right answer, typical mistakes."""

from __future__ import annotations

import json
import math

import chapter_lab
import numpy as np
import pytest
import torch
from chapter_lab import open_chapter_lab, read, settle

import genie_edu as ge
from genie_edu.evaluation import Cell
from genie_edu.exercises import NotYet
from genie_edu.exercises.ch15 import check_at_infinity, check_break_even, check_claim
from genie_edu.schedule import SPACINGS
from genie_edu.show.numbers import MISSING

STEM = "15_quality_cost_fairness"
CHECKS = {
    "check_at_infinity": check_at_infinity,
    "check_break_even": check_break_even,
    "check_claim": check_claim,
}


# ---- the first two -------------------------------------------------------------------------------


def at_infinity(sizes, distances):
    return np.polyfit([1 / n for n in sizes], distances, 1)[1]


def by_normal_equations(sizes, distances):
    """Another way: least squares by hand, in torch."""
    x, y = 1 / torch.tensor(sizes), torch.tensor(distances)
    slope = ((x - x.mean()) * (y - y.mean())).sum() / (x - x.mean()).square().sum()
    return y.mean() - slope * x.mean()


def weighted(sizes, distances):
    """Another way: large samples count for more."""
    return np.polyfit(1 / np.array(sizes), distances, 1, w=np.sqrt(sizes))[1]


def of_two(i, j):
    """Two points only, as good as exact without noise and poor with it."""

    def at_infinity(sizes, distances):
        points = sorted(zip(sizes, distances, strict=True))
        (n, a), (m, b) = points[i], points[j]
        return (m * b - n * a) / (m - n)

    return at_infinity


def break_even(training, call, extra, calls, rival_calls):
    saving = call * (rival_calls - calls * (1 + extra))
    return training / saving if saving > 0 else math.inf


def whole_images(training, call, extra, calls, rival_calls):
    """Another way: whole images, and the two costs of one image written out."""
    ours, theirs = calls * call + calls * call * extra, rival_calls * call
    return math.inf if ours >= theirs else math.ceil(training / (theirs - ours))


def short_of(formula):
    """A break-even that knows when nothing is saved, but not how much is."""
    return lambda t, c, e, n, m: formula(t, c, e, n, m) if m > n * (1 + e) else math.inf


def line_in(power):
    return lambda sizes, d: np.polyfit(np.array(sizes) ** power, d, 1)[1]


# ---- claims --------------------------------------------------------------------------------------


def digits(measure):
    seeds = json.loads(ge.data.shipped("digits/seeds.json").read_text())
    rows = seeds["errors" if measure == "error" else "quality"]
    return {tuple(row[key] for key in Cell._fields): row[measure] for row in rows}


def cell(solver, grid, nfe):
    return (solver, "head" if ge.SOLVERS[solver].derivatives else "none", grid, nfe, False)


def ratios(solver, rival, grid, nfe, measure, other=None):
    table = digits(measure)
    pair = zip(table[cell(solver, grid, nfe)], table[cell(rival, other or grid, nfe)], strict=True)
    return sorted(a / b for a, b in pair)


def verdict_of(low, high):
    return "ahead" if high < 1 else "behind" if low > 1 else "undecided"


def claim(solver="genie", rival="ddim", grid="linear", nfe=5, measure="frechet", **changed):
    """A true claim about the digits, but for what is changed."""
    low, middle, high = ratios(solver, rival, grid, nfe, measure)
    return {
        "data": "digits",
        "solver": solver,
        "rival": rival,
        "grid": grid,
        "nfe": (nfe, nfe),
        "measure": measure,
        "ratio": middle,
        "interval": (low, high),
        "verdict": verdict_of(low, high),
    } | changed


def best_claim():
    """Each on its own best grid, by the median error of the three runs."""
    table = digits("error")
    mine, yours = (
        min(SPACINGS, key=lambda g: sorted(table[cell(solver, g, 10)])[1])
        for solver in ("genie", "dpmpp_2m")
    )
    low, middle, high = ratios("genie", "dpmpp_2m", mine, 10, "error", yours)
    said = {"grid": "best", "ratio": middle, "interval": [low * 0.95, high * 1.05]}
    said["verdict"] = verdict_of(*said["interval"])
    return claim(rival="dpmpp_2m", nfe=10, measure="error") | said


def claim_of_all():
    """On all four grids: the interval reaches over all of them."""
    runs = sorted(r for g in SPACINGS for r in ratios("genie", "ddim", g, 8, "frechet"))
    ends = runs[0], runs[-1]
    said = {"grid": "all", "ratio": float(np.median(runs)), "interval": ends}
    return claim(nfe=8) | said | {"verdict": verdict_of(*ends)}


def rounded():
    """Two digits, a list, one number of calls, a tensor."""
    low, middle, high = ratios("genie", "ddim", "quadratic", 10, "error")
    return claim(grid="quadratic", nfe=10, measure="error") | {
        "nfe": 10,
        "ratio": torch.tensor(round(middle, 2)),
        "interval": [math.floor(100 * low) / 100, math.ceil(100 * high) / 100],
    }


RIGHT = [
    (check_at_infinity, at_infinity),
    (check_at_infinity, by_normal_equations),
    (check_at_infinity, weighted),
    (check_break_even, break_even),
    (check_break_even, whole_images),
    (check_claim, claim()),
    (check_claim, claim("ddim", "genie")),
    (check_claim, claim("dpmpp_2m", "genie", "quadratic", 10, "error")),
    (check_claim, best_claim()),
    (check_claim, claim_of_all()),
    (check_claim, rounded()),
]


@pytest.mark.parametrize(("check", "answer"), RIGHT)
def test_right_answers_pass(check, answer, capsys):
    chapter_lab.passes(check, answer, capsys)


def test_the_interval_decides_the_verdict():
    """Ratios on either side of 1 in the three runs are undecided, and nothing else."""
    found = [
        claim(rival=rival, grid=grid, nfe=nfe)
        for rival in ("dpmpp_2m", "unipc_2", "deis_tab3", "deis_logrho3", "ab2")
        for grid in SPACINGS
        for nfe in (3, 5, 8, 10)
    ]
    (open_one, *_) = (c for c in found if c["verdict"] == "undecided")
    check_claim(open_one)
    with pytest.raises(NotYet, match="contains 1"):
        check_claim(open_one | {"verdict": "ahead"})


@pytest.mark.parametrize("name", CHECKS)
def test_the_chapters_placeholder_fails_and_its_solution_passes(name, capsys):
    scope = {"np": np, "math": math, "quality": digits("frechet"), **CHECKS}
    chapter_lab.placeholder_fails_and_solution_passes(STEM, name, scope, capsys)


@pytest.mark.parametrize("check", CHECKS.values())
@pytest.mark.parametrize("placeholder", chapter_lab.PLACEHOLDERS)
def test_placeholders_fail(check, placeholder):
    with pytest.raises(NotYet):
        check(placeholder)


MISTAKES = [
    (check_at_infinity, line_in(1.0), "a line in n"),
    (check_at_infinity, line_in(-0.5), "the root of n"),
    (check_at_infinity, lambda n, d: np.polyfit(1 / np.array(n), d, 1)[0], "this is the slope"),
    (check_at_infinity, lambda n, d: min(d), "one size"),
    (check_at_infinity, lambda n, d: max(d), "fewest samples"),
    (check_at_infinity, lambda n, d: sum(d) / len(d), "all of them are biased"),
    (check_at_infinity, lambda n, d: 2.5, "is not it"),
    (check_at_infinity, lambda n, d: d, "one number"),
    *((check_at_infinity, of_two(i, j), "not two") for i in range(4) for j in range(i + 1, 5)),
    (check_break_even, short_of(lambda t, c, e, n, m: t / (c * (m - n))), "where is extra"),
    (
        check_break_even,
        short_of(lambda t, c, e, n, m: t / (c * (m - n - e))),
        "every one of the steps",
    ),
    (
        check_break_even,
        short_of(lambda t, c, e, n, m: t / (c * (m - n) * (1 + e))),
        "the rival has no head",
    ),
    (
        check_break_even,
        short_of(lambda t, c, e, n, m: c * (m - n * (1 + e))),
        "what one image saves. How many",
    ),
    (
        check_break_even,
        short_of(lambda t, c, e, n, m: c * (m - n * (1 + e)) / t),
        "the inverse",
    ),
    (check_break_even, short_of(lambda t, c, e, n, m: t / (c * m)), "missing from one side"),
    (check_break_even, lambda t, c, e, n, m: t / (c * (m - n * (1 + e))), "math.inf"),
    (
        check_break_even,
        lambda t, c, e, n, m: t / (c * (m - n * (1 + e))) if m != 9 and m != 7 else math.inf,
        "nothing to divide by",
    ),
    (check_break_even, lambda t, c, e, n, m: 2 * break_even(t, c, e, n, m), "images, not"),
    (check_claim, "genie is better", "a dictionary of fields"),
    (check_claim, claim() | {"solver": ...}, "solver is missing"),
    (check_claim, claim() | {"grid": ""}, "on which grid"),
    (check_claim, claim() | {"grid": "cosine"}, "a grid is one of"),
    (check_claim, claim() | {"grid": ("linear", "quadratic")}, "not tuned"),
    (check_claim, claim() | {"measure": "fid"}, "no FID was measured"),
    (check_claim, claim() | {"measure": "quality"}, "two measures"),
    (check_claim, claim(data="imagenet"), "as far as its data"),
    (check_claim, claim() | {"rival": "dpm_solver_3"}, "not in the table"),
    (check_claim, claim() | {"nfe": (7, 7)}, "at 7 calls there are no runs"),
    (check_claim, claim() | {"nfe": (10, 5)}, "equal NFE"),
    (check_claim, claim() | {"nfe": "five"}, "nfe is two numbers"),
    (check_claim, claim(rival="genie"), "another solver"),
    (check_claim, claim(ratio=-1.0), "positive"),
    (check_claim, claim(ratio=1 / claim()["ratio"]), "the rival's value over"),
    (check_claim, claim(ratio=17.0), "the direction is wrong"),
    (check_claim, claim(ratio=0.001), "no recorded run"),
    (check_claim, claim(interval=(0.9, 0.99)), "its own ratio"),
    (check_claim, claim(interval=(claim()["ratio"],) * 2), "narrower than the spread"),
    (check_claim, claim(interval=(0.001, 50.0)), "says nothing"),
    (check_claim, claim(interval=0.5), "two numbers, low and high"),
    (check_claim, claim(verdict="behind"), "smaller is better"),
    (check_claim, claim(verdict="better"), "a verdict is one of"),
]


@pytest.mark.parametrize(("check", "answer", "hint"), MISTAKES)
def test_mistakes_get_their_own_hint(check, answer, hint, capsys):
    chapter_lab.gets_hint(check, answer, hint, capsys)


def test_a_picked_grid_is_named():
    """The best-looking of the grids, claimed for another one, for all, or for each its best."""
    picked = {g: ratios("genie", "dpmpp_2m", g, 10, "error") for g in SPACINGS}
    lucky = min(picked, key=lambda g: picked[g][1])
    unlucky = max(picked, key=lambda g: picked[g][1])
    low, middle, high = picked[lucky]
    answer = claim(rival="dpmpp_2m", grid=lucky, nfe=10, measure="error")
    check_claim(answer)
    for said in (unlucky, "best"):
        with pytest.raises(NotYet, match=f"the ratio on {lucky}"):
            check_claim(answer | {"grid": said})
    with pytest.raises(NotYet, match="narrower than the spread"):
        check_claim(answer | {"grid": "all"})


# ---- claims about a recorded CIFAR-10 run --------------------------------------------------------


@pytest.fixture
def cifar10(tmp_path, monkeypatch):
    """A recorded run with made-up numbers: two solvers, three seeds, one grid each."""
    columns = [*Cell._fields, "seed", "frechet", "recall"]
    rows = [
        [solver, way, grid, nfe, afs, seed, base * (1 + 0.02 * seed), 0.5]
        for solver, way, grid, afs, base in (
            ("genie", "head", "quadratic", True, 1.0),
            ("ddim", "none", "linear", False, 2.0),
        )
        for nfe in (5, 10)
        for seed in (3, 2, 1)
    ]
    path = tmp_path / "results.json"
    path.write_text(json.dumps({"quality_seeds": {"columns": columns, "rows": rows}}))
    shipped = ge.data.shipped
    monkeypatch.setattr(ge.data, "has", lambda name: True)
    monkeypatch.setattr(
        ge.data, "shipped", lambda name: path if name == "cifar10/results.json" else shipped(name)
    )


OF_CIFAR10 = {
    "data": "cifar10",
    "solver": "genie",
    "rival": "ddim",
    "grid": "best",
    "nfe": (5, 5),
    "measure": "frechet",
    "ratio": 0.5,
    "interval": (0.49, 0.51),
    "verdict": "ahead",
}


def test_a_claim_about_cifar10_is_checked_once_it_is_recorded(cifar10, capsys):
    check_claim(OF_CIFAR10)
    assert capsys.readouterr().out.startswith("Correct:")
    for change, hint in (
        ({"measure": "error"}, "no spread"),
        ({"solver": "heun"}, "not in the table"),
        ({"nfe": (15, 15)}, "at 15 calls there are no runs"),
        ({"grid": "linear"}, "not both measured"),
        ({"grid": "all"}, "not every grid"),
        ({"ratio": 2.0, "interval": (1.9, 2.1)}, "the rival's value"),
    ):
        with pytest.raises(NotYet, match=hint):
            check_claim(OF_CIFAR10 | change)


def test_a_claim_about_a_run_that_is_not_recorded_fails(monkeypatch):
    monkeypatch.setattr(ge.data, "has", lambda name: False)
    with pytest.raises(NotYet, match="not recorded yet"):
        check_claim(OF_CIFAR10)


# ---- the live piece: what a sample costs, by the currency ----------------------------------------


def numbers(page):
    """What the lab says of its pair, in full."""
    settle(page)
    return page.evaluate("document.querySelector('.genie-lab').genieLab.readout")


def test_in_the_lab_the_axis_decides_what_a_head_costs(page, tmp_path):
    open_chapter_lab(page, tmp_path, STEM)
    page.locator("details.gl-more > summary").click()
    calls = numbers(page)
    assert calls["cost"] == 10 and read(page, "value", "[data-solver=genie]") != MISSING
    axis = page.locator("select[name=axis]")
    axis.select_option("counted")
    counted = numbers(page)
    assert calls["cost"] < counted["cost"] < 1.5 * calls["cost"]
    assert counted["ratio"] < calls["ratio"], "at equal arithmetic DDIM has more steps"
    axis.select_option("training")
    slider = page.locator("input[name=log_images]")
    slider.focus()
    page.keyboard.press("Home")
    few = numbers(page)
    page.keyboard.press("End")
    many = numbers(page)
    assert few["cost"] > 10 * many["cost"] and many["cost"] > 0
    assert page.messages.errors == []


def test_in_the_lab_the_head_is_paid_back_against_some_and_never_against_others(page, tmp_path):
    open_chapter_lab(page, tmp_path, STEM)
    page.locator("details.gl-more > summary").click()
    page.locator("select[name=measure]").select_option("frechet")
    page.locator("input[name=nfe]").focus()
    page.keyboard.press("Home")
    assert numbers(page)["cost"] == 5
    assert 1_000 < numbers(page)["break_even"] < 10_000_000
    said = []
    for rival in ("dpmpp_2m", "unipc_2", "ipndm4"):
        page.locator("select[name=rival]").select_option(rival)
        value = numbers(page)["break_even"]
        said.append(value is None)
        assert read(page, "break_even").startswith("never") == (value is None)
    assert any(said), "some rival needs no head to be as good"
    page.locator("select[name=rival]").select_option("deis_tab3")
    page.locator("select[name=solver]").select_option("ipndm4")
    settle(page)
    assert read(page, "break_even") == "at once", "no head, no training"
    page.locator("select[name=rival]").select_option("ddim")
    settle(page)
    assert read(page, "break_even") == "not within the measured calls"
    assert page.messages.errors == []
