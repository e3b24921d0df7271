"""What readers stumbled over in a lab: links, undo, hints, keys of saved files, what is offered."""

import re

import pytest
from test_lab import open_lab, output, settled  # noqa: F401  (a fixture)

from genie_edu.exercises.mysteries import MYSTERIES, PREDICTIONS
from genie_edu.lab import scenarios

LAB = "document.querySelector('.genie-lab').genieLab"


def press(page, name: str) -> None:
    page.locator(f"button[name={name}]").click()
    settled(page)


def test_a_lab_offers_only_the_solvers_that_it_draws(open_lab, page):  # noqa: F811
    open_lab("ch05_taylor")
    page.locator(".gl-more > summary").click()
    boxes = page.locator("input[name=solver]")
    assert [box.get_attribute("value") for box in boxes.all()] == ["ddim", "genie", "taylor3"]
    assert page.locator("output[name=error_ddim]").count() == 1
    boxes.first.uncheck()
    settled(page)
    assert page.locator("output[name=error_ddim]").count() == 0
    page.wait_for_function("!document.querySelector('.gl-summary').textContent.includes('tangent')")
    assert "parabola" in page.locator(".gl-summary").text_content()


def test_reset_and_clear_can_be_undone_until_the_next_change(open_lab, page):  # noqa: F811
    open_lab("ch04_order")
    undo = page.locator("button[name=undo]")
    assert undo.get_attribute("aria-disabled") == "true"
    before = page.evaluate(f"{LAB}.state")
    press(page, "clear")
    assert page.evaluate(f"{LAB}.state.counts") == []
    press(page, "undo")
    assert page.evaluate(f"{LAB}.state") == before
    page.evaluate(f"{LAB}.set({{expected_slope: 3}})")
    press(page, "reset")
    assert page.evaluate(f"{LAB}.state.expected_slope") == before["expected_slope"]
    press(page, "undo")
    assert page.evaluate(f"{LAB}.state.expected_slope") == 3
    press(page, "reset")
    page.locator("input[name=expected_slope]").press("ArrowRight")
    settled(page)
    assert undo.get_attribute("aria-disabled") == "true"


@pytest.mark.parametrize("letter", sorted(MYSTERIES))
def test_a_wrong_diagnosis_gives_a_hint_and_not_the_answer(open_lab, page, letter):  # noqa: F811
    open_lab("ch08_mystery")
    truth = MYSTERIES[letter].diagnosis
    page.evaluate(f"{LAB}.set({{mystery: '{letter}', counts: [8, 16, 32, 64]}})")
    why = MYSTERIES[letter].why.replace("^2", "²")
    for wrong in {*PREDICTIONS, "sound"} - {truth}:
        page.evaluate(f"{LAB}.set({{diagnosis: '{wrong}'}})")
        settled(page)
        said = output(page, "verdict")
        assert said.startswith("No. A hint: ") and why not in said
        if wrong in PREDICTIONS:
            assert PREDICTIONS[wrong] in said
    press(page, "tell")
    assert why in output(page, "verdict")
    page.locator("select[name=mystery]").select_option("B" if letter == "A" else "A")
    settled(page)
    assert page.evaluate(f"[{LAB}.state.revealed, {LAB}.state.diagnosis]") == [False, "none"]


def test_a_slope_is_negative_and_named_on_its_own_line(open_lab, page):  # noqa: F811
    open_lab("ch04_order", expected_slope=2, counts=[8, 16, 32])
    assert "your slope \N{MINUS SIGN}2" in page.evaluate(f"{LAB}.svg()")
    page.evaluate(f"{LAB}.set({{expected_slope: 0}})")
    assert "your slope" not in page.evaluate(f"{LAB}.svg()"), "no line, no label"


@pytest.mark.parametrize("name", scenarios())
def test_a_saved_picture_is_light_and_has_title_and_key(open_lab, page, name):  # noqa: F811
    open_lab(name)
    light = page.evaluate(f"{LAB}.svg()")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    settled(page)
    assert re.sub(r'href="data:[^"]*"', "", page.evaluate(f"{LAB}.svg()")) == re.sub(
        r'href="data:[^"]*"', "", light
    )
    title = scenarios()[name]["title"].replace("'", "&#39;")
    assert f">{title}</text>" in light
    for label in page.locator(".gl-readout .gl-name:has(svg)").all_text_contents():
        assert f">{label}</text>" in light
    assert page.evaluate(f"getComputedStyle({LAB.replace('.genieLab', '')}).color") != ""
    assert page.messages.errors == []


def test_a_guess_stays_in_sight_when_the_end_is_revealed(open_lab, page):  # noqa: F811
    open_lab("ch03_stepper")
    page.locator("[data-id=guess]").press("ArrowDown")
    settled(page)

    def ticks():
        return re.findall(r">(\N{MINUS SIGN}?[\d.]+)</text>", page.evaluate(f"{LAB}.svg()"))

    before = ticks()
    press(page, "reveal")
    after = page.evaluate(f"{LAB}.svg()")
    assert [t for t in ticks() if t in before] == before, "the axes stay"
    assert "your guess" in after


def test_a_name_missing_from_a_narrow_plot_stands_in_the_table(open_lab, page):  # noqa: F811
    page.set_viewport_size({"width": 390, "height": 800})
    open_lab("ch15_precision")
    state = page.evaluate(f"{LAB}.state")
    labels = page.locator(".gl-readout .gl-name:has(svg)")
    assert labels.count() == len({*state["solvers"], state["solver"], state["rival"]})
    page.evaluate(f"{LAB}.set({{axis: 'training', log_images: 2}})")
    settled(page)
    assert page.locator("output[name=value][data-solver=ddim]").text_content() == "not measured"


@pytest.mark.parametrize("name", scenarios())
def test_a_lab_fits_into_320_pixels(open_lab, page, name):  # noqa: F811
    page.set_viewport_size({"width": 320, "height": 700})
    open_lab(name)
    wide = page.evaluate(
        "[...document.querySelectorAll('.gl-live :is(table, select, button:not(.gl-handle))')]"
        ".filter((e) => e.getBoundingClientRect().right > innerWidth).map((e) => e.outerHTML)"
    )
    assert wide == []
