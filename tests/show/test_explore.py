"""ge.explore: its numbers against genie_edu's own, its refusals, and a live JupyterLab."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch

import genie_edu as ge
from genie_edu.lab import format_number, starts
from genie_edu.show.explore import PLOTLY, WIDGET, BadSetting

THREE_MODES = ge.GaussianMixture(**ge.TOYS["three_modes"])


def flow() -> ge.AnalyticFlow:
    return ge.AnalyticFlow(THREE_MODES)


def own_error(solver: Any, n_steps: int, spacing: str, n_starts: int) -> float:
    """The error of a run written out with the library's public functions only."""
    world = flow()
    gammas = world.schedule.gamma(ge.time_grid(n_steps, spacing, schedule=world.schedule))
    start = torch.from_numpy(starts(n_starts, 0)) * torch.sqrt(1 + gammas[0] ** 2)
    exact = ge.exact_solution(world, start, gammas[[0, -1]])[-1]
    return ge.end_point_error(ge.solve(world, start, gammas, solver).x_bar[-1], exact)


def euler(flow: Any, x_bar: Any, gamma: float, gamma_next: float, memory: Any) -> Any:
    return x_bar + (gamma_next - gamma) * flow.eps(x_bar, gamma), None


@pytest.mark.parametrize("spacing", ["linear", "quadratic", "log_gamma", "rho7"])
def test_errors_are_those_of_the_library(spacing: str) -> None:
    ex = ge.explore(flow(), ["ddim", "genie"], n_steps=7, n_starts=16, spacing=spacing)
    for name in ("ddim", "genie"):
        want = own_error(name, 7, spacing, 16)
        assert ex.errors[name] == pytest.approx(want, rel=1e-6)
    assert ex.nfe == {"ddim": 7, "genie": 7}


def test_settings_from_python_redraw_everything() -> None:
    ex = ge.explore(flow(), ["genie"], n_steps=5, n_starts=16)
    before, figure = dict(ex.errors), ex.figure
    ex.n_steps = 12
    assert ex.errors["genie"] < before["genie"]
    assert ex.errors["genie"] == pytest.approx(own_error("genie", 12, "quadratic", 16), rel=1e-6)
    assert ex.figure is not figure
    assert format_number(ex.errors["genie"]) in ex.widget.children[1].value
    ex.solvers = ("genie", "heun")
    assert ex.nfe == {"genie": 12, "heun": 24}
    slider = ex.widget.children[0].children[0].children[0]
    slider.value = 6  # what moving the slider does
    assert (ex.n_steps, ex.nfe["heun"]) == (6, 12)


def test_own_steps_solvers_and_labels() -> None:
    heun = ge.SOLVERS["heun"]
    ex = ge.explore(flow(), [euler, heun, lambda *a: euler(*a)], n_steps=4, n_starts=4)
    assert list(ex.errors) == ["euler", heun.label, "step 3"]
    assert ex.errors["euler"] == pytest.approx(own_error("ddim", 4, "quadratic", 4), rel=1e-6)
    assert set(ge.SOLVERS) <= set(ex.offered)

    def genie(*arguments: Any) -> Any:
        return euler(*arguments)

    ex = ge.explore(flow(), ["genie", genie], n_steps=4, n_starts=4)
    assert ex.errors["genie (own)"] == pytest.approx(own_error("ddim", 4, "quadratic", 4), rel=1e-6)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (lambda x_bar: 1 / 0, "ZeroDivisionError: division by zero."),
        (lambda x_bar: x_bar * float("nan"), "NaN or infinity"),
        (lambda x_bar: x_bar[:1], "must keep the shape"),
        (lambda x_bar: None, "must keep the shape"),
    ],
)
def test_a_failing_step_is_one_sentence_and_the_last_good_figure_stays(
    fault: Any, words: str
) -> None:
    broken = False

    def mine(flow: Any, x_bar: Any, gamma: float, gamma_next: float, memory: Any) -> Any:
        return (fault(x_bar), None) if broken else euler(flow, x_bar, gamma, gamma_next, memory)

    ex = ge.explore(flow(), ["ddim", mine], n_steps=4, n_starts=4)
    assert ex.message == ""
    figure, errors = ex.figure, dict(ex.errors)
    broken = True
    ex.n_steps = 5
    assert "mine failed" in ex.message and words in ex.message and "\n" not in ex.message
    assert ex.figure is figure and ex.errors == errors
    assert 'role="status"' in ex.widget.children[1].value
    broken = False
    ex.n_steps = 6
    assert ex.message == "" and ex.figure is not figure


def test_a_step_that_never_worked_leaves_the_others_shown() -> None:
    def mine(*_: Any) -> Any:
        raise RuntimeError("<not written yet>")

    ex = ge.explore(flow(), ["ddim", mine], n_steps=4, n_starts=4)
    assert list(ex.errors) == ["ddim"]
    assert "mine failed: RuntimeError: <not written yet>." in ex.message
    assert "<not" not in ex.widget.children[1].value, "messages must be escaped"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("n_steps", 0, "n_steps must be a whole number from 1 to 100"),
        ("n_starts", 1000, "n_starts must be a whole number from 1 to 256"),
        ("spacing", "quadratik", "did you mean 'quadratic'?"),
        ("solvers", ("geni",), "did you mean 'genie'?"),
        ("solvers", (), "one to 4 labels"),
    ],
)
def test_bad_settings_are_refused_and_change_nothing(name: str, value: Any, words: str) -> None:
    ex = ge.explore(flow(), ["ddim"], n_steps=4, n_starts=4)
    before = getattr(ex, name)
    with pytest.raises(BadSetting, match=words.replace("?", r"\?")):
        setattr(ex, name, value)
    assert getattr(ex, name) == before
    if name != "solvers":
        with pytest.raises(ValueError, match=name):
            ge.explore(flow(), ["ddim"], **{name: value})


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(TypeError, match="flow must be a flow"):
        ge.explore(THREE_MODES)
    with pytest.raises(ValueError, match="did you mean 'genie'"):
        ge.explore(flow(), ["geni"])
    with pytest.raises(ValueError, match="one to 4"):
        ge.explore(flow(), ["ddim"] * 5)
    with pytest.raises(TypeError, match="list of names"):
        ge.explore(flow(), "genie")
    with pytest.raises(ValueError, match="t_end"):
        ge.explore(flow(), t_start=0.1, t_end=0.5)


def test_too_many_solvers_by_mouse_are_undone_with_a_word() -> None:
    ex = ge.explore(flow(), ["ddim"], n_steps=3, n_starts=4)
    choice = ex.widget.children[0].children[1]
    choice.value = ("ddim", "genie", "heun", "rk4", "ab2")
    assert ex.solvers == choice.value == ("ddim",)
    assert "one to 4" in ex.message
    choice.value = ("ddim", "genie")
    assert list(ex.errors) == ["ddim", "genie"] and ex.message == ""


class Float32Flow(ge.Flow):
    """A flow without a mixture, in float32 and three dimensions: eps of a standard normal."""

    dtype = torch.float32

    def _eps(self, x_bar: Any, gamma: Any) -> Any:
        assert x_bar.dtype == torch.float32
        return x_bar * (gamma / (1 + gamma * gamma))


def test_any_flow_any_dimension() -> None:
    world = Float32Flow()
    ex = ge.explore(world, ["ddim", "genie"], n_steps=8, n_starts=8, shape=(3,))
    counts = ex.figure.layout.xaxis.tickvals
    assert list(counts) == [2, 4, 8, 16]
    line = next(trace for trace in ex.figure.data if trace.name == "DDIM (Euler)")
    assert line.y[2] == pytest.approx(ex.errors["ddim"], rel=1e-4)
    assert line.y[3] == pytest.approx(line.y[2] / 2, rel=0.35)
    # standard normal data: x_bar(gamma) = x_bar(gamma_0) sqrt((1 + gamma^2) / (1 + gamma_0^2))
    levels, exact = ex._reference()
    start = ex._start()
    truth = start * torch.sqrt((1 + levels[-1] ** 2) / (1 + levels[0] ** 2))
    assert float((exact[-1] - truth).abs().max()) < 1e-3


def test_a_step_that_fails_only_at_other_step_counts_is_a_sentence() -> None:
    def mine(flow: Any, x_bar: Any, gamma: float, gamma_next: float, memory: Any) -> Any:
        if gamma < 100:
            raise RuntimeError("too small a step")
        return euler(flow, x_bar, gamma, gamma_next, memory)

    options = {"n_steps": 1, "n_starts": 4, "shape": (3,), "t_end": 0.2}
    ex = ge.explore(Float32Flow(), ["ddim", mine], **options)
    assert ex.message == "drawing failed: RuntimeError: too small a step."
    assert ex.figure is None and ex.errors == {}
    ex.solvers = ("ddim",)
    assert ex.message == "" and list(ex.errors) == ["ddim"]


def test_stored_outputs_are_small_stable_and_say_how_to_run() -> None:
    bundles = []
    for _ in range(2):
        ex = ge.explore(flow(), ["ddim", "genie"], n_steps=10, n_starts=64)
        bundle = ex._repr_mimebundle_()
        bundle.pop(WIDGET)
        bundles.append(json.dumps(bundle, sort_keys=True))
    assert bundles[0] == bundles[1]
    assert len(bundles[0]) < 120_000
    layout = json.loads(bundles[0])[PLOTLY]["layout"]
    assert "in a kernel" in layout["meta"]["note"]
    assert format_number(ex.errors["genie"]) in layout["meta"]["alt"]
    assert "template" not in layout


def test_in_a_live_jupyterlab_the_slider_moves_by_keyboard(page: Any, jupyterlab: Any) -> None:
    cells = [
        "import genie_edu as ge\n"
        "flow = ge.AnalyticFlow(ge.GaussianMixture(**ge.TOYS['three_modes']))\n"
        "ex = ge.explore(flow, ['genie', 'heun'], n_steps=10, n_starts=16)\n"
        "ex",
    ]
    jupyterlab.open(page, cells, name="explore.ipynb")
    jupyterlab.run_all(page)
    readout = page.locator('td[data-error="genie"]')
    readout.wait_for()
    want = format_number(own_error("genie", 10, "quadratic", 16))
    assert readout.inner_text() == want
    page.locator(".js-plotly-plot .trace").first.wait_for()
    assert page.locator(".js-plotly-plot").count() == 1

    handle = page.locator(".widget-slider .noUi-handle, .jupyter-widget-slider .noUi-handle").first
    handle.focus()
    page.keyboard.press("ArrowUp")
    want = format_number(own_error("genie", 11, "quadratic", 16))
    page.locator('td[data-error="genie"]', has_text=want).wait_for(timeout=20_000)
    assert jupyterlab.evaluate(page, "ex.n_steps") == "11"

    jupyterlab.execute(page, "ex.n_steps = 20")
    want = format_number(own_error("genie", 20, "quadratic", 16))
    page.locator('td[data-error="genie"]', has_text=want).wait_for(timeout=20_000)
    assert page.locator(".js-plotly-plot").count() == 1
    assert page.messages.foreign() == []
