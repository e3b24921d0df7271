"""The checks of chapter 12: placeholder, solution, another right answer, typical mistakes."""

from __future__ import annotations

import functools
import json

import chapter_lab
import numpy as np
import pytest
import torch
from chapter_lab import open_chapter_lab, read, settle

import genie_edu as ge
from genie_edu.exercises import NotYet
from genie_edu.exercises.ch12 import check_frechet, check_noisy, check_swapped
from genie_edu.lab import format_number

STEM = "12_digits_end_to_end"
CHECKS = {
    "check_noisy": check_noisy,
    "check_frechet": check_frechet,
    "check_swapped": check_swapped,
}


def noisy(x0, gamma, noise):
    return x0 + gamma.reshape(-1, 1, 1, 1) * noise


def noisy_one_by_one(x0, gamma, noise):
    return torch.stack([x + float(g) * z for x, g, z in zip(x0, gamma, noise, strict=True)])


def frechet(features, others, *, bias=0, power=1.0, double=2.0, shift=2):
    """The distance through numpy: eigenvalues of the product of the covariances."""
    a, b = features.numpy(), others.numpy()
    c, d = (np.cov(part.T, ddof=1 - bias) for part in (a, b))
    roots = np.sqrt(np.clip(np.linalg.eigvals(c @ d).real, 0, None)).sum()
    means = np.linalg.norm(a.mean(0) - b.mean(0)) ** shift
    return (means + np.trace(c) + np.trace(d) - double * roots) ** power


def by_half_powers(features, others):
    """Another way: the singular values of C^(1/2) C'^(1/2) are the roots asked for."""

    def half(c):
        values, vectors = torch.linalg.eigh(c)
        return (vectors * values.clamp(min=0).sqrt()) @ vectors.T

    c, d = torch.cov(features.T), torch.cov(others.T)
    cross = torch.linalg.svdvals(half(c) @ half(d)).sum()
    away = (features.mean(0) - others.mean(0)).square().sum()
    return away + torch.trace(c) + torch.trace(d) - 2 * cross


def cholesky_style(features, others):
    """Wrong for singular covariances: no root is kept from a negative number."""
    c, d = torch.cov(features.T), torch.cov(others.T)
    values, vectors = torch.linalg.eigh(c)
    root = (vectors * (values - 1e-12).sqrt()) @ vectors.T
    inner = torch.linalg.eigvalsh(root @ d @ root).sqrt().sum()
    return (features.mean(0) - others.mean(0)).square().sum() + c.trace() + d.trace() - 2 * inner


def swapped(
    net,
    head,
    start,
    exact,
    gammas,
    *,
    solver="genie",
    ways=("head", "autodiff"),
    measure=ge.end_point_error,
    fresh=True,
    row=lambda *parts: parts,
):
    kinds = {"head": head, "autodiff": "autodiff", "finite_difference": "finite_difference"}
    report = {}
    for name, way in zip(("head", "autodiff"), ways, strict=True):
        flow = ge.NetworkFlow(net, kinds[way])
        if not fresh:
            ge.solve(flow, start, gammas, solver)
        path = ge.solve(flow, start, gammas, solver)
        calls, slopes = (path.nfe, path.n_derivatives) if fresh else (flow.nfe, flow.n_derivatives)
        report[name] = row(calls, slopes, measure(path.x_bar[-1], exact))
    return report


def swapped_by_cells(net, head, start, exact, gammas):
    """Another way: an own loop, an own count, lists, tensors, numpy's median."""
    report = {}
    for name in ("autodiff", "head"):
        flow, x = ge.NetworkFlow(net, head if name == "head" else "autodiff"), start
        for a, b in zip(gammas[:-1].tolist(), gammas[1:].tolist(), strict=True):
            eps, slope = flow.eps_and_derivative(x, a)
            x = x + (b - a) * eps + (b - a) ** 2 / 2 * slope
        distances = torch.linalg.vector_norm(x - exact, dim=(1, 2, 3)).numpy()
        report[name] = [torch.tensor(flow.nfe), flow.n_derivatives, np.median(distances)]
    return report


def wrong(answer, **keys):
    return functools.partial(answer, **keys)


@pytest.mark.parametrize(
    ("check", "answer"),
    [
        (check_noisy, noisy),
        (check_noisy, noisy_one_by_one),
        (check_frechet, frechet),
        (check_frechet, wrong(frechet, bias=1)),
        (check_frechet, by_half_powers),
        (check_swapped, swapped),
        (check_swapped, swapped_by_cells),
    ],
)
def test_right_answers_pass(check, answer, capsys):
    chapter_lab.passes(check, answer, capsys)


@pytest.mark.parametrize("name", CHECKS)
def test_the_chapters_placeholder_fails_and_its_solution_passes(name, capsys):
    scope = {"torch": torch, "ge": ge, **CHECKS}
    chapter_lab.placeholder_fails_and_solution_passes(STEM, name, scope, capsys)


@pytest.mark.parametrize("check", CHECKS.values())
@pytest.mark.parametrize("placeholder", chapter_lab.PLACEHOLDERS)
def test_placeholders_fail(check, placeholder):
    with pytest.raises(NotYet):
        check(placeholder)


def median_of_pixels(x_bar, exact):
    return float((x_bar - exact).abs().median())


def mean_distance(x_bar, exact):
    return float((x_bar - exact).flatten(1).norm(dim=1).mean())


def lower_median(x_bar, exact):
    return float((x_bar - exact).flatten(1).norm(dim=1).median())


def per_pixel(x_bar, exact):
    return float((x_bar - exact).flatten(1).norm(dim=1).quantile(0.5)) / 8


WRONG = [
    (check_noisy, lambda x, g, z: x + g * z, "columns of each picture"),
    (check_noisy, lambda x, g, z: x + g[:, None] * z, "rows of each picture"),
    (check_noisy, lambda x, g, z: x + g[:, None, None] * z, "shape"),
    (check_noisy, lambda x, g, z: noisy(x, g, z) * (1 + g**2).rsqrt().reshape(-1, 1, 1, 1), "bar"),
    (check_noisy, lambda x, g, z: g.reshape(-1, 1, 1, 1) * x + z, "belongs to the noise"),
    (check_noisy, lambda x, g, z: x + g.mean() * z, "the same level"),
    (check_noisy, lambda x, g, z: noisy(x, 2 * g, z), "is not the level times"),
    (check_noisy, lambda x, g, z: x + g.reshape(8, 1, 1, 1) * z, "RuntimeError"),
    (check_frechet, wrong(frechet, power=0.5), "root of what is asked"),
    (check_frechet, wrong(frechet, shift=1), "not squared"),
    (check_frechet, wrong(frechet, double=1.0), "counts twice"),
    (check_frechet, lambda a, b: (a.mean(0) - b.mean(0)).square().sum(), "only the means"),
    (
        check_frechet,
        lambda a, b: (a.mean(0) - b.mean(0)).square().sum() + (a.std(0) - b.std(0)).square().sum(),
        "they are correlated",
    ),
    (check_frechet, lambda a, b: frechet(a - a.mean(0), b - b.mean(0)), "part is missing"),
    (check_frechet, lambda a, b: 2 * frechet(a, b), "yours is"),
    (check_frechet, cholesky_style, "with fewer samples than features"),
    (check_frechet, lambda a, b: ge.frechet_distance(a, b), "library"),
    (check_frechet, lambda a, b: ge.metrics_of(a, b), "AttributeError"),
    (check_frechet, lambda a, b: (a, b), "one number"),
    (check_swapped, wrong(swapped, ways=("autodiff", "head")), "exchanged"),
    (check_swapped, wrong(swapped, ways=("head", "head")), "uses the head's derivative, too"),
    (check_swapped, wrong(swapped, ways=("autodiff", "autodiff")), "head: this run uses the exact"),
    (check_swapped, wrong(swapped, ways=("head", "finite_difference")), "difference quotient"),
    (check_swapped, wrong(swapped, solver="ddim"), "no derivative was asked for"),
    (check_swapped, wrong(swapped, solver="genie_log"), "GENIE's plain one"),
    (check_swapped, wrong(swapped, fresh=False), "counts on from run to run"),
    (check_swapped, wrong(swapped, measure=mean_distance), "a mean over the starts"),
    (check_swapped, wrong(swapped, measure=lower_median), "lower of the two"),
    (check_swapped, wrong(swapped, measure=per_pixel), "number of pixels"),
    (check_swapped, wrong(swapped, measure=median_of_pixels), "should be"),
    (check_swapped, wrong(swapped, row=lambda *parts: parts[:2]), "three things"),
    (check_swapped, wrong(swapped, row=lambda n, k, e: (e, n, k)), "The order is"),
    (check_swapped, lambda *a: (4, 4, 1.0), "dictionary"),
]


@pytest.mark.parametrize(("check", "answer", "hint"), WRONG)
def test_mistakes_get_their_own_hint(check, answer, hint, capsys):
    chapter_lab.gets_hint(check, answer, hint, capsys)


# The live piece: the recorded pictures say what the chapter's tables say.

DATA = chapter_lab.BOOK.parent / "data" / "digits"
SHOWN = ("ddim", "genie", "dpmpp_2m")


def recorded(state):
    """Return {solver: its row of the recorded sheet} for the lab's state."""
    rows = json.loads((DATA / "sheet.json").read_text())["rows"]
    found = {}
    for row in rows:
        wanted = (state["spacing"], state["nfe"])
        kinds = ("none", state["derivative"])
        if (row["spacing"], row["nfe"]) == wanted and row["derivative"] in kinds:
            found[row["solver"]] = row
    return {solver: found[solver] for solver in state["solvers"]}


def agreed(page):
    """Return the lab's errors and distances after comparing them with the recorded ones."""
    settle(page)
    state = page.evaluate("document.querySelector('.genie-lab').genieLab.state")
    found = {}
    for solver, row in recorded(state).items():
        said = [read(page, name, f"[data-solver={solver}]") for name in ("error", "frechet")]
        assert said == [format_number(row[name]) for name in ("error", "frechet")]
        found[solver] = row["error"], row["frechet"]
    return found


def test_in_the_lab_the_grid_decides_who_comes_last(page, tmp_path):
    open_chapter_lab(page, tmp_path, STEM)
    assert read(page, "nfe") == "5"
    quadratic = agreed(page)
    assert tuple(quadratic) == SHOWN
    for measure in (0, 1):  # GENIE leads in both, as the text says
        assert min(quadratic, key=lambda solver: quadratic[solver][measure]) == "genie"
    assert quadratic["dpmpp_2m"][0] < quadratic["ddim"][0]
    page.get_by_role("button", name="Uniform in t", exact=True).click()
    linear = agreed(page)
    assert linear["genie"][0] < linear["ddim"][0] < linear["dpmpp_2m"][0] / 2
    assert page.messages.errors == []


def test_in_the_lab_more_calls_help_and_the_derivative_can_be_swapped(page, tmp_path):
    open_chapter_lab(page, tmp_path, STEM)
    few = agreed(page)
    page.locator("input[name=nfe]").focus()
    page.keyboard.press("End")
    many = agreed(page)
    assert all(many[solver][0] < few[solver][0] / 3 for solver in SHOWN)
    page.locator("details.gl-more > summary").click()
    page.locator("select[name=derivative]").select_option("autodiff")
    exact = agreed(page)
    assert exact["genie"][0] < many["genie"][0]
    assert (exact["ddim"], exact["dpmpp_2m"]) == (many["ddim"], many["dpmpp_2m"])
    assert page.messages.errors == []
