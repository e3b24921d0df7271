"""Six mystery samplers for chapter 8: each claims something, five of them do something else.

A sampler is `(flow, x_bar, gammas) -> x_bar at the end`, in bar coordinates, a loop over elementary
steps. `gammas` (N+1,) decreases; N steps are what the caller asked for. The defects are modelled on
ones that production code had or was offered; the chapter cites them. Reading on spoils the
exercise: audit first.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from torch import Tensor

from genie_edu.flow import Flow
from genie_edu.multistep import unipc_2_step
from genie_edu.solvers import ddim_step, dpmpp_2m_step, heun_step

__all__ = ["DIAGNOSES", "MYSTERIES", "PREDICTIONS", "Mystery", "Sampler"]

Sampler = Callable[[Flow, Tensor, Sequence[float]], Tensor]

DIAGNOSES: dict[str, str] = {
    "sound": "nothing is wrong: it ends where it should, with the order it claims",
    "repeated_level": "the last level but one is listed twice, so it stops one step short",
    "extra_step": "it takes one step too many, past the last level",
    "stale_step": "one factor of its step is made with the length of the step before",
    "swapped_sign": "a sign in its corrector is swapped",
    "no_second_term": "its second-order term never takes effect: it is DDIM",
    "not_lowered": "its last step should be lowered to first order, and is not",
}
"""The diagnoses to choose from: key -> sentence. More than the mysteries need."""

PREDICTIONS: dict[str, str] = {
    "repeated_level": "A run that stops one step short agrees with the exact path one level "
    "earlier, and with slope two. Compare it with that point.",
    "extra_step": "A run that goes past its last level misses the target by a fixed distance. "
    "Does its error stop falling at the largest step counts?",
    "stale_step": "On a grid uniform in log-SNR the step before is as long as the step, and the "
    "defect would be gone. Measure the slope on that grid.",
    "swapped_sign": "A corrector that subtracts what it should add leaves twice what DDIM leaves. "
    "Divide its error by DDIM's with as many steps.",
    "no_second_term": "Then its error would be DDIM's, to the last digit. Compare the two.",
    "not_lowered": "Then its slope would be better than the claim. Is it?",
}
"""What each accusation predicts, and so what to measure next: the hint for a wrong diagnosis."""


def _a(flow: Flow, x_bar: Tensor, gammas: Sequence[float]) -> Tensor:
    """DPM-Solver++(2M); the weight of D is 1 - exp(-H_prev), not 1 - exp(-H)."""
    data_prev, big_h_prev = None, 0.0
    for gamma, gamma_next in pairwise(_levels(gammas)):
        data = x_bar - gamma * flow.eps(x_bar, gamma)
        big_h = math.log(gamma / gamma_next)
        shrink = gamma_next / gamma
        if data_prev is None:
            x_bar = shrink * x_bar + (1 - shrink) * data
        else:
            guess = data + (0.5 * big_h / big_h_prev) * (data - data_prev)
            x_bar = shrink * x_bar + (1 - math.exp(-big_h_prev)) * guess
        data_prev, big_h_prev = data, big_h
    return x_bar


def _b(flow: Flow, x_bar: Tensor, gammas: Sequence[float]) -> Tensor:
    """Heun's method over the whole grid, then one Euler step more, to gamma 0."""
    levels = _levels(gammas)
    for gamma, gamma_next in pairwise(levels):
        x_bar, _ = heun_step(flow, x_bar, gamma, gamma_next)
    x_bar, _ = ddim_step(flow, x_bar, levels[-1], 0.0)
    return x_bar


def _c(flow: Flow, x_bar: Tensor, gammas: Sequence[float]) -> Tensor:
    """Heun's method; the last step is Euler's."""
    levels = _levels(gammas)
    for gamma, gamma_next in pairwise(levels[:-1]):
        x_bar, _ = heun_step(flow, x_bar, gamma, gamma_next)
    x_bar, _ = ddim_step(flow, x_bar, levels[-2], levels[-1])
    return x_bar


def _d(flow: Flow, x_bar: Tensor, gammas: Sequence[float]) -> Tensor:
    """UniPC-2 over the whole grid; no step is lowered."""
    memory = None
    for gamma, gamma_next in pairwise(_levels(gammas)):
        x_bar, memory = unipc_2_step(flow, x_bar, gamma, gamma_next, memory)
    return x_bar


def _e(flow: Flow, x_bar: Tensor, gammas: Sequence[float]) -> Tensor:
    """Euler predicts, the trapezoid at the next call corrects: minus where plus belongs."""
    before = None
    for gamma, gamma_next in pairwise(_levels(gammas)):
        eps = flow.eps(x_bar, gamma)
        if before is not None:
            x_bar_prev, h_prev, eps_prev = before
            x_bar = x_bar_prev + h_prev * eps_prev - (0.5 * h_prev) * (eps - eps_prev)
        before = (x_bar, gamma_next - gamma, eps)
        x_bar = x_bar + (gamma_next - gamma) * eps
    return x_bar


def _f(flow: Flow, x_bar: Tensor, gammas: Sequence[float]) -> Tensor:
    """DPM-Solver++(2M) on levels whose last is a copy of the last but one."""
    levels = _levels(gammas)
    levels[-1] = levels[-2]
    memory = None
    for gamma, gamma_next in pairwise(levels):
        x_bar, memory = dpmpp_2m_step(flow, x_bar, gamma, gamma_next, memory)
    return x_bar


@dataclass(frozen=True)
class Mystery:
    """A sampler, what its documentation claims, and the truth.

    `claimed_order` and `claim` are for the reader; `diagnosis` is a key of DIAGNOSES, `why` one
    sentence for afterwards, `plot` what a measured order plot shows (gamma 10 to 0.1, quadratic
    in t, three_modes), `measured_order` its slope there.
    """

    sampler: Sampler
    claimed_order: int
    claim: str
    diagnosis: str
    measured_order: int
    why: str
    plot: str


MYSTERIES: dict[str, Mystery] = {
    "A": Mystery(
        _a,
        claimed_order=2,
        claim="DPM-Solver++(2M), sharper. One call a step.",
        diagnosis="stale_step",
        measured_order=1,
        why="The data prediction gets the weight 1 - exp(-H) of the step before, so the weights "
        "no longer add up to one unless all steps in log-SNR are equal: order one.",
        plot="Slope one instead of two; on a grid uniform in log-SNR slope two again.",
    ),
    "B": Mystery(
        _b,
        claimed_order=2,
        claim="Heun's method. Two calls a step.",
        diagnosis="extra_step",
        measured_order=0,
        why="After the last level it takes one Euler step more, to gamma 0, so it ends at another "
        "level than it was asked for, whatever the number of steps.",
        plot="The error falls at first and then stays where it is: slope zero.",
    ),
    "C": Mystery(
        _c,
        claimed_order=2,
        claim="Heun's method. Two calls a step, one call in the last step.",
        diagnosis="sound",
        measured_order=2,
        why="One Euler step makes one error of size h^2, no larger than what Heun's other steps "
        "add up to: order two still. A convention, not a defect.",
        plot="Slope two, as claimed.",
    ),
    "D": Mystery(
        _d,
        claimed_order=2,
        claim="UniPC-2; the last step is lowered to first order for stability, which costs an "
        "order. One call a step.",
        diagnosis="not_lowered",
        measured_order=3,
        why="No step is lowered, so the whole method keeps the third order of its corrector: the "
        "option that promises stability does nothing.",
        plot="Slope three, better than the claim.",
    ),
    "E": Mystery(
        _e,
        claimed_order=2,
        claim="Euler as predictor, trapezoid as corrector without a call of its own. One call a "
        "step.",
        diagnosis="swapped_sign",
        measured_order=1,
        why="The corrector subtracts the term h^2/2 eps' that it should add, which doubles what "
        "Euler's step leaves out.",
        plot="Slope one instead of two, and twice the error of DDIM with as many steps.",
    ),
    "F": Mystery(
        _f,
        claimed_order=2,
        claim="DPM-Solver++(2M). One call a step.",
        diagnosis="repeated_level",
        measured_order=1,
        why="The last level but one stands in the last one's place, so the last step has length "
        "zero and the run stops at a higher level than it was asked for.",
        plot="Slope one instead of two; against the exact point one level earlier, slope two.",
    ),
}


def _levels(gammas: Sequence[float]) -> list[float]:
    """The grid as Python floats."""
    return [float(gamma) for gamma in gammas]
