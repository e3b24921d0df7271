"""The checks of chapter 8: placeholder, solution, another right answer, typical mistakes."""

from __future__ import annotations

import math
import sys
from itertools import pairwise

import numpy as np
import pytest
import torch
from chapter_lab import exercise_cells, open_chapter_lab, quoted, read, settle

import genie_edu as ge
from genie_edu.exercises import NotYet, ch08
from genie_edu.exercises.ch08 import (
    check_diagnoses,
    check_diagnosis,
    check_idle_steps,
    check_repair,
    check_scheduler_order,
)
from genie_edu.exercises.mysteries import DIAGNOSES, MYSTERIES, PREDICTIONS
from genie_edu.lab import starts
from genie_edu.metrics import ObservedOrder
from genie_edu.show.numbers import MISSING

CHAPTER = "08_auditing_real_schedulers"
ANSWERS = {letter: mystery.diagnosis for letter, mystery in MYSTERIES.items()}


class Setting:
    """Gamma from 10 to 0.1 on three_modes, as in chapter 4."""

    def __init__(self) -> None:
        self.flow = ge.AnalyticFlow(ge.GaussianMixture(**ge.TOYS["three_modes"]))
        schedule = self.flow.schedule
        self.ends = [float(schedule.t_of_gamma(g)) for g in (10.0, 0.1)]
        self.start = torch.as_tensor(starts(128, 0)) * math.hypot(1, 10.0)
        self.exact = ge.exact_solution(self.flow, self.start, [10.0, 0.1])[-1]

    def grid(self, n_steps: int, spacing: str = "quadratic") -> torch.Tensor:
        t = ge.time_grid(n_steps, spacing, t_start=self.ends[0], t_end=self.ends[1])
        return self.flow.schedule.gamma(t)

    def error(self, solver: object, n_steps: int, spacing: str = "quadratic") -> float:
        gammas = self.grid(n_steps, spacing)
        if isinstance(solver, str):
            end = ge.solve(self.flow, self.start, gammas, solver).x_bar[-1]
        else:
            end = solver(self.flow, self.start, gammas)
        return ge.end_point_error(end, self.exact)

    def slope(self, solver: object, spacing: str = "quadratic") -> float:
        return 0.5 * math.log2(self.error(solver, 64, spacing) / self.error(solver, 256, spacing))


@pytest.fixture(scope="module")
def setting() -> Setting:
    return Setting()


# ---- the mysteries themselves --------------------------------------------------------------------


def test_every_diagnosis_is_known_and_one_mystery_is_sound():
    found = [mystery.diagnosis for mystery in MYSTERIES.values()]
    assert list(MYSTERIES) == list("ABCDEF")
    assert set(found) <= set(DIAGNOSES) and len(set(found)) == len(found)
    assert found.count("sound") == 1
    for mystery in MYSTERIES.values():
        sound = mystery.measured_order == mystery.claimed_order
        assert sound == (mystery.diagnosis == "sound")


@pytest.mark.parametrize("letter", MYSTERIES)
def test_the_order_plot_shows_what_the_table_says(setting, letter):
    mystery = MYSTERIES[letter]
    assert setting.slope(mystery.sampler) == pytest.approx(mystery.measured_order, abs=0.1)


def test_the_three_of_order_one_are_told_apart(setting):
    a, e, f = (MYSTERIES[letter].sampler for letter in "AEF")
    assert setting.slope(a, "log_gamma") == pytest.approx(2, abs=0.1)
    assert setting.slope(e, "log_gamma") == pytest.approx(1, abs=0.1)
    assert setting.slope(f, "log_gamma") == pytest.approx(1, abs=0.1)
    ratio = {
        k: setting.error(s, 256) / setting.error("ddim", 256)
        for k, s in {"A": a, "E": e, "F": f}.items()
    }
    assert ratio["E"] == pytest.approx(2, abs=0.1)
    assert ratio["A"] > 3 and ratio["F"] < 0.5
    early = ge.exact_solution(setting.flow, setting.start, setting.grid(256)[[0, -2]])[-1]
    gap = ge.end_point_error(f(setting.flow, setting.start, setting.grid(256)), early)
    assert gap < 0.02 * setting.error(f, 256)


def test_the_mysteries_agree_with_the_solvers_they_are_made_of(setting):
    gammas = setting.grid(12)

    def end(solver: str, levels: torch.Tensor) -> torch.Tensor:
        return ge.solve(setting.flow, setting.start, levels, solver).x_bar[-1]

    def mystery(letter: str) -> torch.Tensor:
        return MYSTERIES[letter].sampler(setting.flow, setting.start, gammas)

    x = end("heun", gammas)
    down = x - gammas[-1] * setting.flow.eps(x, float(gammas[-1]))
    assert torch.allclose(mystery("B"), down, atol=1e-12)
    assert torch.equal(mystery("D"), end("unipc_2", gammas))
    assert torch.allclose(mystery("F"), end("dpmpp_2m", gammas[:-1]), atol=1e-12)
    even = setting.grid(12, "log_gamma")
    stale = MYSTERIES["A"].sampler(setting.flow, setting.start, even)
    assert torch.allclose(stale, end("dpmpp_2m", even), atol=1e-9)


@pytest.mark.parametrize("letter", MYSTERIES)
def test_the_calls_are_those_of_the_claim_or_the_defect(setting, letter):
    before = setting.flow.nfe
    MYSTERIES[letter].sampler(setting.flow, setting.start, setting.grid(10))
    calls = {"A": 10, "B": 21, "C": 19, "D": 10, "E": 10, "F": 10}
    assert setting.flow.nfe - before == calls[letter]


# ---- diagnoses -----------------------------------------------------------------------------------


def test_the_right_diagnoses_pass(capsys):
    for letter, key in ANSWERS.items():
        check_diagnosis(letter, key)
        assert capsys.readouterr().out.startswith(f"Correct: {letter}.")
    check_diagnoses(ANSWERS)
    assert capsys.readouterr().out.startswith("Correct:")
    check_diagnoses(dict(reversed(ANSWERS.items())))
    assert capsys.readouterr().out.startswith("Correct:")


@pytest.mark.parametrize(
    ("letter", "key", "hint"),
    [
        ("G", "sound", "one of the mysteries"),
        ("A", ..., "in place of the dots"),
        ("A", None, "in place of the dots"),
        ("A", "wrong sign", "'swapped_sign'"),
        ("A", "sound", "as claimed"),
        ("D", "sound", "not just as good"),
        ("A", "repeated_level", "one level earlier"),
        ("A", "swapped_sign", "twice what DDIM leaves"),
        ("A", "extra_step", "stop falling"),
        ("A", "no_second_term", "to the last digit"),
        ("C", "not_lowered", "better than the claim"),
        ("F", "stale_step", "uniform in log-SNR"),
    ],
)
def test_diagnosis_explains(letter, key, hint):
    with pytest.raises(NotYet, match=hint):
        check_diagnosis(letter, key)


def test_no_hint_names_the_diagnosis():
    for letter, mystery in MYSTERIES.items():
        for key in DIAGNOSES:
            if key != mystery.diagnosis:
                with pytest.raises(NotYet) as caught:
                    check_diagnosis(letter, key)
                assert mystery.diagnosis not in str(caught.value) and mystery.why not in str(caught)


@pytest.mark.parametrize(
    ("answers", "hint"),
    [
        (..., "a dictionary"),
        (list(ANSWERS.values()), "a dictionary"),
        ({"A": "sound"}, "no diagnosis yet for B, C, D, E, F"),
        (dict.fromkeys("ABCDEF", ...), "A: put a diagnosis"),
        (dict.fromkeys("ABCDEF", "sound"), "A claims"),
        (ANSWERS | {"E": "stale_step"}, "E: On a grid"),
    ],
)
def test_diagnoses_explain(answers, hint):
    with pytest.raises(NotYet, match=hint):
        check_diagnoses(answers)


def test_every_accusation_predicts_something():
    assert set(PREDICTIONS) == set(DIAGNOSES) - {"sound"}


def test_the_check_does_not_count_what_is_right():
    with pytest.raises(NotYet) as caught:
        check_diagnoses(ANSWERS | {"E": "stale_step"})
    assert " of 6" not in caught.value.hint


# ---- a repair ------------------------------------------------------------------------------------


def midpoint(flow, x_bar, gammas, last=0, ask="middle", sign=1):
    """The chapter's sampler; the defaults are the repaired one."""
    levels = [float(gamma) for gamma in gammas]
    for gamma, gamma_next in pairwise(levels[: len(levels) - last]):
        middle = math.sqrt(gamma * gamma_next)
        half_way = x_bar + sign * (middle - gamma) * flow.eps(x_bar, gamma)
        at = {"middle": middle, "start": gamma, "end": gamma_next}[ask]
        x_bar = x_bar + (gamma_next - gamma) * flow.eps(half_way, at)
    return x_bar


def heun(flow, x_bar, gammas):
    return ge.solve(flow, x_bar, gammas, "heun").x_bar[-1]


def midpoint_in_gamma(flow, x_bar, gammas):
    for gamma, gamma_next in pairwise(gammas.tolist()):
        h = gamma_next - gamma
        half_way = x_bar + h / 2 * flow.eps(x_bar, gamma)
        x_bar = x_bar + h * flow.eps(half_way, gamma + h / 2)
    return x_bar


@pytest.mark.parametrize("answer", [midpoint, heun, midpoint_in_gamma])
def test_repair_accepts(answer, capsys):
    check_repair(answer)
    assert capsys.readouterr().out.startswith("Correct:")


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (..., "write the function"),
        (lambda *a: ..., "nothing yet"),
        (lambda *a: midpoint(*a, last=1, ask="start"), "126 calls; the claim is two a step, 128"),
        (lambda *a: midpoint(*a, last=1), "126 calls"),
        (lambda *a: midpoint(*a, ask="start"), "which level does it ask"),
        (lambda *a: midpoint(*a, sign=-1), "a step is wrong"),
        (lambda f, x, g: ge.solve(f, x, g, "genie").x_bar[-1], "64 calls"),
        (lambda f, x, g: midpoint(f, x, [*g[:-1], g[-2]]), "one level too early"),
        (lambda f, x, g: midpoint(f, x, [*g[:-1].tolist(), 0.05]), "hardly falls"),
        (lambda f, x, g: midpoint(f, x, g)[0], "shape"),
    ],
)
def test_repair_explains(answer, hint):
    with pytest.raises(NotYet, match=hint):
        check_repair(answer)


# ---- the order of a real scheduler ---------------------------------------------------------------


@pytest.mark.parametrize("answer", [2.02, np.float64(1.95), ObservedOrder(2.0, 16, 128)])
def test_scheduler_order_accepts(answer, capsys):
    check_scheduler_order(answer)
    assert capsys.readouterr().out.startswith("Correct: order 2")


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (..., "in place of the dots"),
        ("two", "one number"),
        (1, "the number in its name"),
        (-2.0, "the sign"),
        (1.5, "too small"),
        (2.3, "too large. Has it settled"),
        (3.0, "another method's. Is solver_order 1"),
    ],
)
def test_scheduler_order_explains(answer, hint):
    with pytest.raises(NotYet, match=hint):
        check_scheduler_order(answer)


def test_without_diffusers_one_sentence_says_what_to_install(monkeypatch):
    ch08._measured_order.cache_clear()
    monkeypatch.setitem(sys.modules, "diffusers", None)
    with pytest.raises(ImportError, match="pip install diffusers"):
        check_scheduler_order(2.0)


# ---- steps without length ------------------------------------------------------------------------


def idle_steps(levels):
    return sum(abs(a - b) < 1e-5 * max(abs(a), abs(b)) for a, b in pairwise(levels))


def idle_by_numpy(levels):
    levels = np.asarray(levels)
    return np.isclose(levels[1:], levels[:-1], rtol=1e-5, atol=0).sum()


def idle_by_fixed_distance(levels):
    return sum(abs(a - b) < 1e-5 for a, b in pairwise(levels))


def idle_by_quotient(levels):
    return sum(a / b - 1 < 1e-5 for a, b in pairwise(levels))


def unwritten(levels):
    raise NotImplementedError


@pytest.mark.parametrize("answer", [idle_steps, idle_by_numpy])
def test_idle_steps_accepts(answer, capsys):
    check_idle_steps(answer)
    assert capsys.readouterr().out.startswith("Correct:")


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (..., "in place of the dots"),
        (unwritten, "still to be written"),
        (lambda levels: None, "returns nothing"),
        (lambda levels: [], "one whole number"),
        (lambda levels: len(set(levels)), "without length"),
        (lambda levels: sum(a == b for a, b in pairwise(levels)), "last digit only"),
        (idle_by_fixed_distance, "relative to the level"),
        (idle_by_quotient, "divides by zero"),
        (lambda levels: int(levels[-1] == levels[-2]), "rounding|middle"),
        (lambda levels: 0, "of its steps are without length"),
    ],
)
def test_idle_steps_explains(answer, hint):
    with pytest.raises(NotYet, match=hint):
        check_idle_steps(answer)


# ---- the lab -------------------------------------------------------------------------------------


def test_the_chapters_lab_tells_the_mysteries_apart(page, tmp_path):
    """The exercise done in the lab: three presets, against the text's number and genie_edu's."""
    open_chapter_lab(page, tmp_path, CHAPTER)
    draw = page.get_by_role("button", name="Draw it, then show the slopes")

    def press(letter: str, preset: str) -> dict[str, str]:
        page.locator("select[name=mystery]").select_option(letter)
        settle(page)
        page.get_by_role("button", name=preset).click()
        settle(page)
        if draw.count() and draw.is_enabled():
            draw.click()
            settle(page)
        return {name: read(page, name) for name in ("slope", "ratio", "verdict")}

    assert read(page, "slope") == MISSING and read(page, "verdict").startswith("No verdict yet")
    assert press("B", "Many steps")["slope"] == MISSING, "it stands still"
    assert float(press("C", "Many steps")["slope"]) == pytest.approx(2, abs=0.1)
    assert float(press("D", "Many steps")["slope"]) == pytest.approx(3, abs=0.2)
    for letter, there in (("A", 2), ("E", 1), ("F", 1)):
        assert float(press(letter, "Many steps")["slope"]) == pytest.approx(1, abs=0.15)
        assert float(press(letter, "Equal steps")["slope"]) == pytest.approx(there, abs=0.15)
    assert float(press("F", "One level earlier")["slope"]) == pytest.approx(2, abs=0.2)

    found = press("E", "Many steps")
    assert found["ratio"] == quoted(CHAPTER)["ch08_lab_ratio"]
    page.locator("select[name=diagnosis]").select_option("swapped_sign")
    settle(page)
    assert read(page, "verdict").startswith("Right: ")
    assert not page.messages.errors


def test_the_cells_of_the_exercises_end_as_they_should():
    for check in (
        "check_diagnoses",
        "check_repair",
        "check_scheduler_order",
        "check_idle_steps",
    ):
        placeholder, solution = exercise_cells(CHAPTER, f"ch08.{check}")
        assert "..." in placeholder and "..." not in solution
