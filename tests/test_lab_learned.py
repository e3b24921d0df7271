"""The lab's pieces on derivatives and learned fields: difference quotients, networks, heads."""

import numpy as np
import pytest
import torch
from test_lab import in_javascript, open_lab, output, run_python, settled, world  # noqa: F401

import genie_edu as ge
from genie_edu.lab import format_number, state_of

LAB = "document.querySelector('.genie-lab').genieLab"


def quotient_errors(state, kind, single, steps):
    """Relative errors of difference quotients, written without the lab's own helpers."""
    flow, gammas, x_bar = world(state)
    gamma = torch.tensor(np.exp(state["log_gamma"]), dtype=torch.float64)
    z = ge.exact_solution(flow, x_bar, torch.stack([gammas[0], gamma]))[-1]
    exact = flow.derivatives(z, gamma, order=1)[1]

    def rounded(v):
        return v.float().double() if single else v

    def eps(x_bar, gamma):
        return rounded(flow.eps(rounded(x_bar), rounded(gamma)))

    here, out = eps(z, gamma), []
    for step in steps:
        d = step * gamma
        ahead = eps(z + d * here, gamma + d)
        behind = eps(z - d * here, gamma - d) if kind == "central" else here
        slope = (ahead - behind) / (2 * d if kind == "central" else d)
        off = torch.linalg.vector_norm(slope - exact, dim=1)
        out.append(float(np.median(off / torch.linalg.vector_norm(exact, dim=1))))
    return np.array(out)


def test_difference_quotients_are_pythons(request):
    program = """([state, steps]) => {
      const { Mixture, Exact, starts, gammaOf, quotientErrors } = GenieLab.maths;
      const mixture = new Mixture(state), g0 = gammaOf(1), g = Math.exp(state.log_gamma);
      const x = starts(64, 0).map((v) => v * Math.sqrt(1 + g0 * g0));
      const z = new Exact().paths(mixture, x, g0, g).end, E = z.slice(), D = z.slice();
      mixture.derivatives(z, 0, 64, g, E, D, null);
      return ['forward', 'central'].flatMap((kind) => [false, true].map((single) =>
        [kind, single, [...quotientErrors(mixture, z, g, D, kind, single, steps)]]));
    }"""
    state, steps = state_of("ch10_difference"), [10 ** (-k / 4) for k in range(2, 40)]
    for kind, single, errors in in_javascript(request, program, [state, steps]):
        want = quotient_errors(state, kind, single, steps)
        share = np.abs(np.array(errors) / want - 1)
        long = np.array(steps) > (0.05 if single else 1e-3)  # truncation: no rounding in sight
        assert share[long].max() < 1e-4, (kind, single)
        assert share.max() < (0.1 if single else 1.0), (kind, single)


def test_the_best_step_is_found_by_hand_or_read(open_lab):  # noqa: F811
    page = open_lab("ch10_difference")
    state = state_of("ch10_difference")
    steps = [10 ** (-10 + k / 10) for k in range(98)]
    errors = quotient_errors(state, "forward", True, steps)
    best = float(output(page, "best_step"))
    assert abs(np.log10(best) - np.log10(steps[int(errors.argmin())])) < 0.11
    assert float(output(page, "best_error")) == pytest.approx(errors.min(), rel=0.05)
    error = quotient_errors(state, "forward", True, [0.1])[0]
    assert output(page, "error") == format_number(error)
    handle = page.locator("[data-id=step]")
    assert handle.get_attribute("role") == "slider"
    handle.focus()
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    settled(page)
    assert page.evaluate(f"{LAB}.state.log_step") < -1.2
    assert float(output(page, "error")) < error
    page.locator("select[name=difference]").select_option("central")
    settled(page)
    assert float(output(page, "best_error")) < 0.1 * errors.min() and output(page, "calls") == "3"
    assert float(output(page, "best_step")) > 3 * best
    page.locator("select[name=precision]").select_option("float64")
    settled(page)
    assert float(output(page, "best_error")) < 1e-8
    assert page.messages.errors == []


def test_presets_of_the_quotients_show_what_their_texts_say(open_lab):  # noqa: F811
    page = open_lab("ch10_difference")

    def press(k):
        page.locator(f"button[name=preset_{k}]").click()
        settled(page)
        return page.evaluate(f"{LAB}.readout")

    plain = page.evaluate(f"{LAB}.readout")
    assert press(1)["error"] > 0.1
    central, double = press(2), press(3)
    assert central["best_error"] < 0.1 * plain["best_error"]
    assert central["best_step"] > plain["best_step"]
    assert 0.5 < central["error"] / central["best_error"] < 4
    assert double["best_error"] < 1e-4 * plain["best_error"]
    assert double["best_step"] < 1e-3 * plain["best_step"]


def test_copy_as_python_of_the_quotients(open_lab):  # noqa: F811
    page, codes, values = open_lab("ch10_difference"), [], []
    for patch in ({"log_step": -2.5}, {"difference": "central"}, {"precision": "float64"}):
        page.evaluate(f"(p) => {LAB}.set(p)", patch)
        settled(page)
        codes.append(page.evaluate(f"{LAB}.python()"))
        values.append(page.evaluate(f"{LAB}.readout"))
    printed = run_python("\nprint('==')\n".join(codes)).split("==")
    for text, shown in zip(printed, values, strict=True):
        lines = dict(line.split(" ", 1) for line in text.splitlines() if line)
        assert float(lines["error"]) == pytest.approx(shown["error"], rel=0.01)
        assert float(lines["best_step"]) == pytest.approx(shown["best_step"], rel=0.3)
        assert float(lines["best_error"]) == pytest.approx(shown["best_error"], rel=0.3)
