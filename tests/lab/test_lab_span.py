"""The lab's piece on fitted solvers: what is out of a step's span, and what a fit reaches."""

from __future__ import annotations

import pytest
import torch
from test_lab import in_javascript, open_lab, run_python, settled  # noqa: F401

import genie_edu as ge
from genie_edu.lab import starts
from genie_edu.train.fit import TERMS, WITHOUT_SLOPE, fit_solver

LAB = "document.querySelector('.genie-lab').genieLab"
FITTED = """({ mixture, n, spacing, terms, seed, count }) => {
  const maths = globalThis.GenieLab.maths;
  const mix = new maths.Mixture(mixture);
  const gammas = maths.grid(n, spacing, 1, 1e-3);
  const scale = Math.sqrt(1 + gammas[0] ** 2);
  const x = maths.starts(count, seed).map((v) => scale * v);
  const path = new maths.Exact().along(mix, x, gammas);
  const truth = path.subarray(n * 2 * count);
  const off = (end, i) => end[i] - truth[i];
  const error = (end, places) =>
    maths.median(places.map((k) => Math.hypot(off(end, 2 * k), off(end, 2 * k + 1))));
  return maths.fitted(mix, path, gammas, terms, error);
}"""


@pytest.mark.parametrize(
    ("toy", "n", "spacing"), [("three_modes", 10, "quadratic"), ("ring", 6, "log_gamma")]
)
@pytest.mark.parametrize("terms", [WITHOUT_SLOPE, TERMS])
def test_a_fit_in_javascript_is_pythons(request, toy, n, spacing, terms):
    given = {"mixture": ge.TOYS[toy], "n": n, "spacing": spacing, "terms": terms}
    found = in_javascript(request, FITTED, given | {"seed": 2, "count": 40})
    flow = ge.AnalyticFlow(ge.GaussianMixture(**ge.TOYS[toy]))
    gammas = flow.schedule.gamma(ge.time_grid(n, spacing))
    x_bar = torch.sqrt(1 + gammas[0] ** 2) * torch.as_tensor(starts(40, seed=2))
    wanted = fit_solver(flow, gammas, x_bar, terms, rounds=0).step.weights
    for ours, theirs in zip(found, wanted, strict=True):
        assert list(ours) == list(theirs)
        assert list(ours.values()) == pytest.approx(list(theirs.values()), rel=1e-4, abs=1e-5)


def test_the_numbers_are_pythons(open_lab):  # noqa: F811
    page, codes, values = open_lab("ch19_span"), [], []
    for patch in (
        {},
        {"n_starts": 8},
        {"n_steps": 5, "spacing": "log_gamma", "seed": 3},
        {"mixture": "ring", "t_end": 0.01},
    ):
        page.evaluate(f"(p) => {LAB}.set(p)", patch)
        settled(page)
        codes.append(page.evaluate(f"{LAB}.python()"))
        values.append(page.evaluate(f"{LAB}.readout"))
    assert len({str(shown) for shown in values}) == len(values)
    printed = run_python("\nprint('==')\n".join(codes)).split("==")
    for text, shown in zip(printed, values, strict=True):
        lines = dict(line.split(" ", 1) for line in text.splitlines() if line)
        assert int(lines["worst_step"]) == shown["worst_step"]
        for key in ("share_past", "share_slopes", "error_past", "error_slopes"):
            assert float(lines[key]) == pytest.approx(shown[key], rel=0.006), key
        for solver, error in shown["error"].items():
            assert float(lines[solver]) == pytest.approx(error, rel=0.006)
    assert page.messages.errors == []


def test_presets_show_what_their_texts_say(open_lab):  # noqa: F811
    page = open_lab("ch19_span")
    said = {}
    for name in (None, "Five steps", "Eight starts", "A ring"):
        page.evaluate(f"{LAB}.reset()")
        if name:
            page.get_by_role("button", name=name, exact=True).click()
        settled(page)
        said[name] = page.evaluate(f"{LAB}.readout")
    first, five, few, ring = said.values()
    assert five["share_past"] == pytest.approx(2 * first["share_past"], rel=0.1)
    assert five["share_slopes"] > 0.1 and five["error_slopes"] == five["error_past"]
    for key in ("error_past", "error_slopes"):
        assert few[key] > 1.5 * first[key]
    assert ring["share_past"] > 1.5 * first["share_past"]
    assert ring["share_slopes"] == pytest.approx(ring["share_past"] / 2, rel=0.1)
    assert ring["error_slopes"] == ring["error_past"]


def test_it_shows_what_the_chapter_says(open_lab):  # noqa: F811
    page, gains = open_lab("ch19_span"), []
    for n in (5, 10, 20):
        page.evaluate(f"(n) => {LAB}.set({{n_steps: n}})", n)
        settled(page)
        shown = page.evaluate(f"{LAB}.readout")
        gains.append(shown["share_past"] / shown["share_slopes"])
        ahead = min(shown["error_past"], shown["error_slopes"]) < min(shown["error"].values())
        assert ahead == (n == 5)
    assert gains == sorted(gains)


def test_too_few_starts_for_a_fit_are_refused(open_lab):  # noqa: F811
    page = open_lab("ch19_span")
    assert page.evaluate(f"{LAB}.set({{n_starts: 7}})") is False
    assert page.evaluate(f"{LAB}.problem") == "a fit needs 8 starts at least"
    page.locator("input[name=n_starts]").focus()
    page.keyboard.press("Home")
    settled(page)
    assert page.evaluate(f"{LAB}.state.n_starts") == 8
