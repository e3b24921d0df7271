"""The cheat sheet: a row for every solver and grid, and names that diffusers itself bears out."""

from __future__ import annotations

import ast
import inspect
import re

import diffusers
import nbformat
import pytest
import torch
from test_diffusers import BETAS, TO_SIGMA_MIN, TOLERANCE, drive
from test_solvers import published_world

import genie_edu as ge
from conftest import BOOK

PAGE = (BOOK / "solver_cheatsheet.md").read_text()
SPACINGS = ["linear", "quadratic", "log_gamma", "rho7"]


def rows(text: str) -> list[list[str]]:
    """The cells of the table rows whose first cell is a name in code."""
    found = [
        line.strip().strip("|").split(" | ") for line in text.splitlines() if line.startswith("| `")
    ]
    return [[cell.strip(" `") for cell in row[:1]] + row[1:] for row in found]


def written(heading: str) -> dict[str, list[str]]:
    """The hand-written table of a section, by the name in its first column."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return {row[0]: row[1:] for row in rows(section) if row[0] in (*ge.SOLVERS, *SPACINGS)}


def computed() -> list[dict[str, list[str]]]:
    """The tables that the page's cells made, with a row for every solver."""
    notebook = nbformat.read(BOOK / "solver_cheatsheet.ipynb", as_version=4)
    shown = [o.get("data", {}) for c in notebook.cells for o in c.get("outputs", [])]
    texts = [data["text/markdown"] for data in shown if "text/markdown" in data]
    tables = [{row[0]: row[1:] for row in rows(text)} for text in texts]
    return [table for table in tables if table]


@pytest.mark.parametrize(
    "heading", ["When to choose which", "Which polynomial", "What others call them"]
)
def test_every_solver_has_a_row(heading: str) -> None:
    assert list(written(heading)) == list(ge.SOLVERS)


def test_every_solver_has_a_row_in_the_measured_tables() -> None:
    tables = computed()
    assert [list(table) for table in tables] == [list(ge.SOLVERS)] * 2
    for name, solver in ge.SOLVERS.items():
        *_, order, calls, _, memory = tables[0][name]
        assert (round(float(order)), int(calls)) == (solver.order, solver.nfe_per_step)
        assert int(memory) == solver.memory


def test_every_grid_has_a_row() -> None:
    assert list(written("What others call the grids")) == SPACINGS


def schedulers_named() -> list[str]:
    """Class names with their options, from the table and from the notes below it."""
    section = PAGE.split("\n## What others call them\n")[1].split("\n## ")[0]
    return sorted(set(re.findall(r"`(\w+Scheduler(?:\([^`]*\))?)`", section)))


@pytest.mark.parametrize("code", schedulers_named())
def test_diffusers_takes_the_options(code: str) -> None:
    call = ast.parse(code if code.endswith(")") else f"{code}()", mode="eval").body
    scheduler = getattr(diffusers, call.func.id)
    given = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
    assert set(given) <= set(inspect.signature(scheduler.__init__).parameters)
    scheduler(**given)


def test_the_defaults_are_the_solvers_named() -> None:
    two_m = diffusers.DPMSolverMultistepScheduler().config
    found = (two_m.algorithm_type, two_m.solver_order, two_m.solver_type)
    assert found == ("dpmsolver++", 2, "midpoint")
    unipc = diffusers.UniPCMultistepScheduler().config
    assert (unipc.solver_order, unipc.solver_type, unipc.predict_x0) == (2, "bh2", True)
    assert diffusers.DDIMScheduler().config.clip_sample  # the page says to turn it off
    lms = inspect.signature(diffusers.LMSDiscreteScheduler.step).parameters
    assert lms["order"].default == 4


def test_the_version_is_the_tested_one() -> None:
    assert f"`{diffusers.__version__}`" in PAGE


def test_the_named_solvers_are_all_compared_with_ours() -> None:
    compared_elsewhere = {"heun", "dpmpp_2m", "ipndm4", "deis_logrho3", "unipc_2"}
    table = written("What others call them")
    named = {name for name, row in table.items() if "Scheduler" in row[0]}
    assert named == compared_elsewhere | {"ddim", "ab2", "dpm_solver_2"}


@pytest.mark.parametrize("n", [6, 12])
def test_euler_is_ddim(n: int) -> None:
    flow, _ = published_world()
    scheduler = diffusers.EulerDiscreteScheduler(**BETAS, final_sigmas_type="sigma_min")
    gammas, start, theirs = drive(scheduler, n, bar=True)
    # to sigma_min: its last step has length zero
    ours = ge.solve(flow, start, sorted(set(gammas), reverse=True), "ddim")
    assert float((ours.x_bar[-1] - theirs).abs().max()) < TOLERANCE * gammas[0]


@pytest.mark.parametrize("n", [6, 12])
def test_lms_of_order_two_is_ab2(n: int) -> None:
    flow, x = published_world()
    scheduler = diffusers.LMSDiscreteScheduler(**BETAS)
    scheduler.set_timesteps(n)
    gammas = scheduler.sigmas.double().tolist()
    start = x * (1 + gammas[0] ** 2) ** 0.5
    sample = start.float()
    for gamma, t in zip(gammas[: n - 1], scheduler.timesteps, strict=False):
        eps = flow.eps(sample.double(), gamma).float()
        scheduler.scale_model_input(sample, t)
        sample = scheduler.step(eps, t, sample, order=2).prev_sample
    ours = ge.solve(flow, start, gammas[:n], "ab2")  # without the last step, which goes to 0
    assert float((ours.x_bar[-1] - sample.double()).abs().max()) < TOLERANCE


@pytest.mark.parametrize("n", [6, 12])
def test_kdpm2_is_dpm_solver_2(n: int) -> None:
    flow, x = published_world()
    scheduler = diffusers.KDPM2DiscreteScheduler(**BETAS)
    scheduler.set_timesteps(n)
    levels = sorted({*scheduler.sigmas.double().tolist()} - {0.0}, reverse=True)
    start = x * (1 + levels[0] ** 2) ** 0.5
    sample, calls = start.float(), 0
    for t in scheduler.timesteps[: 2 * n - 2]:  # without the last step, which goes to 0
        scheduler.scale_model_input(sample, t)
        inner = scheduler.sigmas if scheduler.state_in_first_order else scheduler.sigmas_interpol
        gamma = float(inner[scheduler.step_index])
        sample = scheduler.step(flow.eps(sample.double(), gamma).float(), t, sample).prev_sample
        calls += 1
    ours = ge.solve(flow, start, levels, "dpm_solver_2")
    assert ours.nfe == calls
    assert float((ours.x_bar[-1] - sample.double()).abs().max()) < TOLERANCE * levels[0]


@pytest.mark.filterwarnings("ignore:t_start = 1.003")  # theirs begins a little above t = 1
@pytest.mark.parametrize(
    ("spacing", "option"),
    [
        ("rho7", "use_karras_sigmas"),
        ("log_gamma", "use_exponential_sigmas"),
        ("log_gamma", "use_lu_lambdas"),
    ],
)
def test_diffusers_spaces_its_levels_as_the_grid_of_that_name(spacing: str, option: str) -> None:
    assert option in PAGE.split("\n## What others call the grids\n")[1]
    scheduler = diffusers.DPMSolverMultistepScheduler(**BETAS, **TO_SIGMA_MIN, **{option: True})
    scheduler.set_timesteps(10)
    theirs = scheduler.sigmas[:10].double()
    schedule = ge.VPSchedule()
    ends = schedule.t_of_gamma(theirs[[0, -1]]).tolist()
    ours = schedule.gamma(ge.time_grid(9, spacing, t_start=ends[0], t_end=ends[1]))
    assert torch.allclose(ours, theirs, rtol=1e-5)


def test_the_ends_of_the_linear_grid_are_as_told() -> None:
    first_and_last = {}
    for spacing in ("linspace", "leading", "trailing"):
        scheduler = diffusers.EulerDiscreteScheduler(**BETAS, timestep_spacing=spacing)
        scheduler.set_timesteps(10)
        first_and_last[spacing] = scheduler.timesteps[[0, -1]].tolist()
    assert first_and_last == {"linspace": [999, 0], "leading": [900, 0], "trailing": [999, 99]}
