"""Checks of chapter 19: beyond.

Each raises `NotYet` with a hint, or prints one line.
"""

from __future__ import annotations

import functools
import math
from functools import cache

import torch
from torch import Tensor

from genie_edu.exercises import NotYet, correct, require_callable
from genie_edu.exercises.answers import called, same, tensor_like
from genie_edu.flow import AnalyticFlow, Flow
from genie_edu.metrics import end_point_error, exact_solution
from genie_edu.mixture import GaussianMixture
from genie_edu.schedule import VPSchedule, time_grid
from genie_edu.solvers import solve
from genie_edu.toys import TOYS
from genie_edu.train.fit import (
    TERMS,
    WITHOUT_SLOPE,
    FittedSolver,
    directions,
    fit_solver,
)
from genie_edu.train.span import out_of_span

_CLOSE = 1e-6
SPAN_STEPS, SPAN_TOLERANCE = 8, 0.01
"""Of the ring's measurement: its steps, and how far a share may be off by rounding."""
BROKEN_STEPS, TWICE = 5, 2.0
FURTHEST, NARROWEST, WIDEST = 3.0, 0.05, 2.0

_same = functools.partial(same, close=_CLOSE, least=1.0)


def check_end_velocity(answer: object) -> None:
    """Check ``end_velocity(u, du_dend, gamma, gamma_end)`` on one Gaussian's closed-form paths.

    u is the average velocity from gamma to gamma_end; eps where the jump lands is asked for.
    Raises NotYet with a hint; prints one line.
    """
    function = require_callable(answer, "end_velocity(u, du_dend, gamma, gamma_end)")
    x_bar = torch.randn(6, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(4))
    for std, gamma, end in ((0.5, 2.0, 0.1), (1.3, 5.0, 1.0), (0.2, 0.7, 0.3)):
        root, root_end = math.hypot(std, gamma), math.hypot(std, end)
        away = gamma - end
        u = x_bar * (1 - root_end / root) / away
        at_end, at_start = x_bar * end / (root * root_end), x_bar * gamma / root**2
        rate = (u - at_end) / away  # of u, as the end moves
        value = tensor_like(called(function, u, rate, gamma, end), u)
        if _same(value, at_end):
            continue
        if _same(value, u + away * rate):
            raise NotYet("the sign of the second term: what is the derivative of -(gamma - end)?")
        if _same(value, u - rate):
            raise NotYet("the derivative must be multiplied by how far the jump goes.")
        if _same(value, u):
            raise NotYet("this is the average velocity; the one at the end is asked for.")
        if _same(value, at_start):
            raise NotYet("this is the velocity at the start of the jump, not at its end.")
        if _same(value, -away * rate):
            raise NotYet("the product rule has two terms: one is missing.")
        raise NotYet(
            f"for one Gaussian, from gamma = {gamma:g} to {end:g}, it is "
            f"{float((value - at_end).norm() / at_end.norm()):.2g} of its length off. "
            "Differentiate x_bar - (gamma - gamma_end) u in gamma_end."
        )
    correct("it is the velocity where the jump lands, without a Jacobian in x_bar.")


def check_span(answer: object) -> None:
    """Check ``(step, share, share_with_slopes)`` for the ring, eight steps, on the page's starts.

    Raises NotYet with a hint; prints one line.
    """
    if answer is ... or answer is None:
        raise NotYet("put (step, share, share_with_slopes) in place of the dots.")
    try:
        step, share, sloped = (float(value) for value in answer)  # type: ignore[union-attr]
    except (TypeError, ValueError):
        raise NotYet("hand in three numbers: (step, share, share_with_slopes).") from None
    plain_shares, sloped_shares = _shares("ring")
    worst = plain_shares.index(max(plain_shares))
    right, right_sloped = plain_shares[worst], sloped_shares[worst]
    if share > 1 or sloped > 1:
        raise NotYet("a share is at most 1: divide by the length of the increment.")
    if step == worst:
        raise NotYet("count the steps from 1.")
    if step != worst + 1:
        raise NotYet(f"not in step {step:g}: compare the shares, not the lengths, of all eight.")
    if not _about(share, right):
        if _about(share, right**2):
            raise NotYet("this is the share of the squares; take the share of the lengths.")
        if _about(share, right_sloped) and _about(sloped, right):
            raise NotYet("the two shares have changed places.")
        others = _shares("three_modes")[0]
        if _about(share, max(others)):
            raise NotYet("this is three_modes' share; the ring is asked for.")
        raise NotYet(
            f"without slopes {share:.3f} is not what is left in step {step:g}. Are all four "
            "directions offered, the past ones too, and do all starts share the weights?"
        )
    if not _about(sloped, right_sloped):
        raise NotYet(
            f"with slopes {sloped:.3f} is not what is left. Both slopes, the present one and the "
            "one before, join the four directions, in the same step."
        )
    correct(f"in step {step:g}, {share:.2f} is out of the span, and {sloped:.2f} with slopes.")


def check_broken(answer: object) -> None:
    """Check a mixture on which the weights of three_modes have twice DDIM's error, at five steps.

    Raises NotYet with a hint; prints one line.
    """
    if answer is ... or answer is None:
        raise NotYet("put a ge.GaussianMixture in place of the dots.")
    if not isinstance(answer, GaussianMixture):
        raise NotYet(f"hand in a ge.GaussianMixture, not a {type(answer).__name__}.")
    if answer.means.shape[1] != 2 or len(answer.weights) > 2:
        raise NotYet("at most two components, in the plane.")
    if float(answer.means.norm(dim=1).max()) > FURTHEST:
        raise NotYet(f"every mean must lie within {FURTHEST:g} of the origin.")
    spreads = torch.linalg.eigvalsh(answer.covs).clamp(min=0).sqrt()
    if float(spreads.min()) < NARROWEST - 1e-9 or float(spreads.max()) > WIDEST + 1e-9:
        raise NotYet(f"standard deviations from {NARROWEST:g} to {WIDEST:g} are allowed.")
    flow, gammas, start = AnalyticFlow(answer), _grid(BROKEN_STEPS), _starts(192, 23)
    exact = exact_solution(flow, start, gammas[[0, -1]], rtol=1e-9)[-1]
    ours = end_point_error(_by_hand(_of_three_modes(), flow, start, gammas), exact)
    ddim = end_point_error(solve(flow, start, gammas, "ddim").end, exact)
    ratio = ours / max(ddim, 1e-12)
    if ratio < TWICE:
        side = "better" if ratio < 1 else "hardly worse"
        raise NotYet(
            f"the weights have {ratio:.2f} times DDIM's error: {side} than DDIM. How narrow were "
            "the modes of the fit, how far apart, and what would surprise such weights?"
        )
    correct(f"the weights of three modes have {ratio:.1f} times DDIM's error there.")


def _grid(n: int) -> Tensor:
    return VPSchedule().gamma(time_grid(n, "quadratic"))


def _starts(n: int, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(n, 2, dtype=torch.float64, generator=generator)
    return noise * math.hypot(1.0, float(_grid(1)[0]))


def _about(value: float, wanted: float) -> bool:
    return abs(value - wanted) <= SPAN_TOLERANCE * wanted


@cache
def _of_three_modes() -> FittedSolver:
    flow = AnalyticFlow(GaussianMixture(**TOYS["three_modes"]))
    return fit_solver(flow, _grid(BROKEN_STEPS), _starts(256, 21), WITHOUT_SLOPE)


def _by_hand(solver: FittedSolver, flow: Flow, x_bar: Tensor, gammas: Tensor) -> Tensor:
    """Where the solver's weights lead on any flow, without its refusals."""
    memory = None
    pairs = zip(gammas[:-1].tolist(), gammas[1:].tolist(), strict=True)
    for pair, weights in zip(pairs, solver.card["weights"], strict=True):
        known, memory = directions(flow, x_bar, *pair, memory, solver.card["terms"])
        for term, direction in known.items():
            x_bar = x_bar + weights[term] * direction
    return x_bar


@cache
def _shares(toy: str) -> tuple[list[float], list[float]]:
    """The share of each increment out of the span, without and with slopes, on 400 starts."""
    flow, gammas = AnalyticFlow(GaussianMixture(**TOYS[toy])), _grid(SPAN_STEPS)
    path = exact_solution(flow, _starts(400, 5), gammas, rtol=1e-9)
    return tuple(out_of_span(flow, gammas, path, terms) for terms in (WITHOUT_SLOPE, TERMS))
