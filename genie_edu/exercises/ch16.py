"""Checks of chapter 16: guidance.

Each raises `NotYet` with a hint, or prints one line.
"""

from __future__ import annotations

import functools
import math

import torch
from torch import Tensor

from genie_edu.exercises import NotYet, correct, require_callable
from genie_edu.exercises.answers import called, near, same, tensor_like
from genie_edu.flow import AnalyticFlow
from genie_edu.guidance import GuidedFlow
from genie_edu.mixture import GaussianMixture
from genie_edu.schedule import VPSchedule, time_grid
from genie_edu.solvers import solve
from genie_edu.toys import TOYS

_CLOSE = 1e-8
MOST_GUIDED_STEPS = 10
LEAST_SHARE = 0.8

_same = functools.partial(same, close=_CLOSE, least=1.0)
_near = functools.partial(near, close=1e-6)


def check_guided_std(answer: object) -> None:
    """Check ``guided_std(w, s, S)``: the spread of guided samples, for one Gaussian in another.

    Compared with Simpson's rule for the integral of d log x_bar/dgamma, from strong noise down to
    none, at several w, s and S. Raises NotYet with a hint; prints one line.
    """
    function = require_callable(answer, "guided_std(w, s, S)")
    for w, s, big in ((1.0, 0.5, 1.2), (0.0, 0.7, 1.3), (3.0, 0.4, 0.9), (2.5, 0.8, 1.1)):
        value = called(function, w, s, big)
        try:
            value = float(value)
        except (TypeError, ValueError):
            raise NotYet(f"return a number, not a {type(value).__name__}.") from None
        wanted = _integrated_std(w, s, big)
        near = [name for name, other in _other_stds(w, s, big).items() if _near(value, other)]
        if _near(value, wanted):
            continue
        if near:
            raise NotYet(_STD_HINTS[near[0]])
        raise NotYet(
            f"with w = {w:g}, s = {s:g} and S = {big:g} the flow ends with a spread of "
            f"{wanted:.4f}; yours is {value:.4f}. What is the integral of gamma / (s^2 + gamma^2)?"
        )
    correct("it is where the guided flow of two Gaussians ends.")


_STD_HINTS = {
    "tilted": "this is the spread of the tilted density; the guided flow ends elsewhere.",
    "class": "this is the class's own spread, which guidance does not leave as it is.",
    "variance": "this is the variance; the standard deviation is asked for.",
    "inverse": "the two Gaussians have changed places: the class's term counts 1 + w times.",
    "one off": "one factor too few: at w = 0 the class itself must come out.",
}


def _other_stds(w: float, s: float, big: float) -> dict[str, float]:
    """What typical mistakes give, where it is not the right answer."""
    right = _integrated_std(w, s, big)
    others = {
        "tilted": ((1 + w) / s**2 - w / big**2) ** -0.5,
        "class": s,
        "variance": right**2,
        "inverse": big * (big / s) ** w,
        "one off": (s / big) ** w,
    }
    return {name: value for name, value in others.items() if not _near(value, right)}


def _integrated_std(w: float, s: float, big: float, top: float = 1e6, n: int = 20_000) -> float:
    """Simpson's rule in asinh gamma, which runs evenly from 0 to strong noise."""
    end = math.asinh(top)
    u = torch.linspace(0.0, end, n + 1, dtype=torch.float64)
    gamma = torch.sinh(u)
    rate = (1 + w) * gamma / (s**2 + gamma**2) - w * gamma / (big**2 + gamma**2)
    values = rate * torch.cosh(u)
    inner = 4 * values[1:-1:2].sum() + 2 * values[2:-1:2].sum()
    grown = float(values[0] + inner + values[-1]) * end / n / 3
    return top * math.exp(-grown)


def check_missing_term(answer: object) -> None:
    """Check ``missing_term(w, eps_c, eps_u, along_c, along_u)``: what the sum of two heads lacks.

    On random Jacobians and clock parts the derivative of the guided function along eps_w is
    assembled from its definition. Raises NotYet with a hint; prints one line.
    """
    signature = "missing_term(w, eps_c, eps_u, along_c, along_u)"
    function = require_callable(answer, signature)
    generator = torch.Generator().manual_seed(3)
    for w in (1.0, 0.0, 3.0, 0.4):
        jacobians = torch.randn(2, 2, 2, generator=generator, dtype=torch.float64)
        eps_c, eps_u = torch.randn(2, 5, 2, generator=generator, dtype=torch.float64)
        along_c, along_u = (lambda v, j=j: v @ j.T for j in jacobians)
        guided = (1 + w) * eps_c - w * eps_u
        whole = (1 + w) * along_c(guided) - w * along_u(guided)
        wanted = whole - ((1 + w) * along_c(eps_c) - w * along_u(eps_u))
        value = called(function, w, eps_c, eps_u, along_c, along_u)
        if isinstance(value, int | float) and value == 0:
            value = torch.zeros_like(eps_c)
        value = tensor_like(value, eps_c)
        if _same(value, wanted):
            continue
        apart = eps_c - eps_u
        if _same(value, whole):
            raise NotYet(
                "this is the whole Jacobian part; part of it is in the sum already. Subtract that."
            )
        if _same(value, -wanted):
            raise NotYet("the sign is wrong: exact minus sum, not sum minus exact.")
        if _same(value, w * along_c(apart) - (1 + w) * along_u(apart)):
            raise NotYet("the weights of the sum, 1 + w and -w, are missing in front.")
        if _same(value, w * (1 + w) * along_c(apart)):
            raise NotYet("both Jacobians meet a wrong velocity, not only the conditional one.")
        if _same(value, w * (along_c(apart) - along_u(apart))):
            raise NotYet("it grows too slowly with w: what is eps_w - eps_u?")
        raise NotYet(
            f"at w = {w:g} it is {float((value - wanted).norm() / wanted.norm().clamp(min=1)):.2g} "
            "of its length off. Which velocity does each Jacobian lack?"
        )
    correct("the sum and your term make the derivative of the guided flow.")


def check_interval(answer: object) -> None:
    """Check an interval ``(low, high)``: few guided steps that keep most of the displacement.

    w = 3, the first of three modes as the class, 48 steps uniform in log gamma, genie_multistep:
    at most 10 guided steps, four fifths of the mean's displacement. Raises NotYet with a hint.
    """
    if answer is ... or answer is None:
        raise NotYet("put an interval (low, high) in place of the dots, then run the cell.")
    try:
        low, high = (float(level) for level in answer)  # type: ignore[union-attr]
    except (TypeError, ValueError):
        raise NotYet("hand in two numbers, (low, high).") from None
    if not 0 <= low < high:
        raise NotYet("the interval is (low, high) in gamma: 0 <= low < high.")
    parts, schedule = _class_and_all(), VPSchedule()
    gammas = schedule.gamma(time_grid(48, "log_gamma"))
    guided_steps = int(((gammas[:-1] > low) & (gammas[:-1] <= high)).sum())
    generator = torch.Generator().manual_seed(7)
    start = torch.randn(400, 2, generator=generator, dtype=torch.float64) * gammas[0]

    def mean(w: float, interval: tuple[float, float] | None = None) -> Tensor:
        flow = GuidedFlow(*parts, w, interval)
        return solve(flow, start, gammas, "genie_multistep").end.mean(0)

    plain = mean(0.0)
    share = float((mean(3.0, (low, high)) - plain).norm() / (mean(3.0) - plain).norm())
    if guided_steps > MOST_GUIDED_STEPS:
        raise NotYet(
            f"{guided_steps} of the 48 steps are guided; at most {MOST_GUIDED_STEPS} are asked for."
        )
    if share < LEAST_SHARE:
        side = "lower" if low > 2 else "higher" if high < 2 else "wider, or elsewhere"
        raise NotYet(
            f"it keeps {100 * share:.1f} % of the displacement with {guided_steps} guided steps. "
            f"Look at the table of effects by band: try {side}."
        )
    correct(f"{guided_steps} guided steps of 48 keep {100 * share:.0f} % of the displacement.")


def _class_and_all() -> tuple[AnalyticFlow, AnalyticFlow]:
    """The first mode of three_modes, and all of it."""
    toy = TOYS["three_modes"]
    part = GaussianMixture([1.0], toy["means"][:1], toy["covs"][:1])
    return AnalyticFlow(part), AnalyticFlow(GaussianMixture(**toy))
