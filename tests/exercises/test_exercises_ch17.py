"""The checks of chapter 17: placeholder, solution, another right answer, typical mistakes."""

from __future__ import annotations

import json
import math

import pytest
from chapter_lab import BOOK, open_chapter_lab, read, settle

from genie_edu.exercises import NotYet, ch17
from genie_edu.lab import format_number


def back(flow, end, before, gammas, a):
    distance = gammas[1].log() - gammas[0].log()
    for n in range(len(gammas) - 2, 0, -1):
        slope = gammas[n] * flow.eps(before, float(gammas[n]))
        earliest = (end - (1 - a) * before - (1 + a) * distance * slope) / a
        end, before = before, earliest
    return before, end


def back_by_recursion(flow, end, before, gammas, a):
    """The last step undone, and then the rest."""
    if len(gammas) == 2:
        return [before, end]
    level = gammas[-2]
    move = (gammas[-1] / level).log() * level * flow.eps(before, float(level))
    earlier = before + (end - before - (1 + a) * move) / a
    return back_by_recursion(flow, before, earlier, gammas[:-1], a)


def factors(order, exact_derivative):
    if order >= 2 and not exact_derivative:
        return 2, 2
    return 2**order, 2 ** (order + (order % 2 == 0))


def factors_by_table(order, exact_derivative):
    table = {1: (2, 2), 2: (4, 8), 3: (8, 8), 4: (16, 32), 5: (32, 32), 6: (64, 128)}
    return table[order if exact_derivative else 1]


def middle(length, angle):
    return length * math.cos(angle / 2), length


def middle_by_pythagoras(length, angle):
    half_chord = length * math.sin(angle / 2)
    return [(length**2 - half_chord**2) ** 0.5, length]


RIGHT = [
    (ch17.check_way_back, back),
    (ch17.check_way_back, back_by_recursion),
    (ch17.check_factors, factors),
    (ch17.check_factors, factors_by_table),
    (ch17.check_middle_length, middle),
    (ch17.check_middle_length, middle_by_pythagoras),
]


@pytest.mark.parametrize(("check", "answer"), RIGHT)
def test_right_answers_pass(check, answer, capsys):
    check(answer)
    printed = capsys.readouterr().out
    assert printed.startswith("Correct:") and printed.count("\n") == 1


def todo(*args):
    raise NotImplementedError


CHECKS = [ch17.check_way_back, ch17.check_factors, ch17.check_middle_length]


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("placeholder", [..., None, todo, lambda *a: ..., lambda *a: None, 3.0])
def test_placeholders_fail(check, placeholder):
    with pytest.raises(NotYet):
        check(placeholder)


def back_with(slope_share=-1.0, middle=True, divided=True):
    def step(flow, end, before, gammas, a):
        distance = gammas[1].log() - gammas[0].log()
        for n in range(len(gammas) - 2, 0, -1):
            slope = gammas[n] * flow.eps(before, float(gammas[n]))
            rest = end - (1 - a) * before * middle + slope_share * (1 + a) * distance * slope
            end, before = before, rest / (a if divided else 1)
        return before, end

    return step


def leapfrogs(flow, end, before, gammas, a):
    return back(flow, end, before, gammas, 1.0)


def one_step_short(flow, end, before, gammas, a):
    first, second = back(flow, end, before, gammas, a)
    return (first, second) if len(gammas) == 2 else (second, second)


WRONG = [
    (ch17.check_way_back, lambda *a: back(*a)[::-1], "wrong order"),
    (ch17.check_way_back, back_with(1.0), "undo it"),
    (ch17.check_way_back, back_with(-0.5), "half of that"),
    (ch17.check_way_back, back_with(middle=False), "middle point"),
    (ch17.check_way_back, back_with(divided=False), "divide by it"),
    (ch17.check_way_back, leapfrogs, "for a = 1 only"),
    (ch17.check_way_back, one_step_short, "one step more"),
    (ch17.check_way_back, lambda f, e, b, g, a: back(f, e, b, g.flip(0), a), "undo it"),
    (ch17.check_way_back, lambda f, e, b, g, a: (e, b), "wrong order"),
    (ch17.check_way_back, lambda f, e, b, g, a: (b, 2 * e), "ones you got"),
    (ch17.check_way_back, lambda f, e, b, g, a: e, "first two points"),
    (ch17.check_factors, lambda p, exact: (2**p, 2**p), "What is left"),
    (ch17.check_factors, lambda p, exact: (2**p, 2 ** (p + 1)), "h\\^2 times|Do the two ways"),
    (ch17.check_factors, lambda p, exact: (2**p, 2 ** (p + (p % 2 == 0))), "How many steps"),
    (ch17.check_factors, lambda p, e: factors(p, e) if e or p == 1 else (2, 8), "same sign"),
    (ch17.check_factors, lambda p, e: factors(p, e) if e or p > 1 else (1, 1), "no derivative"),
    (ch17.check_factors, lambda p, exact: 2**p, "two numbers"),
    (ch17.check_factors, lambda p, exact: (p, 2 * p), "any method of its order"),
    (ch17.check_middle_length, lambda n, a: (n, n * math.cos(a / 2)), "changed places"),
    (ch17.check_middle_length, lambda n, a: (n / math.sqrt(2), n), "right angle"),
    (ch17.check_middle_length, lambda n, a: (n * math.cos(a), n), "half of the angle"),
    (ch17.check_middle_length, lambda n, a: (n * math.cos(a / 2), n / 2), "on the sphere"),
    (ch17.check_middle_length, lambda n, a: (n / 2, n), "triangle"),
    (ch17.check_middle_length, lambda n, a: n, "two numbers"),
]


@pytest.mark.parametrize(("check", "answer", "hint"), WRONG)
def test_typical_mistakes_get_their_own_hint(check, answer, hint):
    with pytest.raises(NotYet, match=hint):
        check(answer)


# The live path: its numbers are the recorded ones, and they say what the text says.

SHEET = BOOK.parent / "data" / "digits_paths" / "sheet.json"


def agreed(page):
    """Return the lab's errors after comparing them with the recorded ones."""
    settle(page)
    state = page.evaluate("document.querySelector('.genie-lab').genieLab.state")
    found = {}
    for row in json.loads(SHEET.read_text())["rows"]:
        here = (row["spacing"], row["nfe"]) == (state["spacing"], state["nfe"])
        if here and row["derivative"] in ("none", state["derivative"]):
            found[row["solver"]] = row["error"]
    found = {solver: found[solver] for solver in state["solvers"]}
    for solver, error in found.items():
        assert read(page, "error", f"[data-solver={solver}]") == format_number(error)
    return found


def test_on_the_path_extrapolation_loses_and_a_place_can_be_chosen(page, tmp_path):
    open_chapter_lab(page, tmp_path, "17_encoding", "ch17_paths")
    head = page.locator(".gl-readout thead").inner_text().lower()
    assert "error" in head and "chet" not in head, "no distance was measured of these"
    first = agreed(page)
    assert first["genie"] < first["ddim"] < first["deis_tab3"] / 2
    handle = page.locator("[data-id=column]")
    assert handle.get_attribute("aria-valuetext") == "place 1 of 16"
    handle.focus()
    page.keyboard.press("ArrowRight")
    settle(page)
    assert handle.get_attribute("aria-valuetext") == "place 2 of 16"
    page.get_by_role("button", name="Uniform in log γ", exact=True).click()
    on_logs = agreed(page)
    assert min(on_logs, key=on_logs.get) == "genie" and on_logs["deis_tab3"] > 10
    page.get_by_role("button", name="Twenty calls", exact=True).click()
    many = agreed(page)
    assert max(many.values()) < 1 and all(many[k] < first[k] for k in many)
    assert page.messages.errors == []
