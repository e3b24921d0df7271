"""Checks of chapter 10: the joint product, a quotient and its step, the x-t tangent, five networks.

The truth is the closed form of a mixture whose exact eps is a network of `probes`, which see where
they are evaluated and who called them.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from genie_edu.exercises import NotYet, correct, require_callable
from genie_edu.exercises.answers import called, same, tensor_like
from genie_edu.exercises.probes import (
    MIXTURE,
    ExactEps,
    ExactEpsXT,
    Quadratic,
    mixture_eps,
    points,
)
from genie_edu.exercises.suspects import FAULTS, NETWORKS, check_named, network_objection
from genie_edu.mixture import GaussianMixture
from genie_edu.schedule import VPSchedule

_CLOSE = 1e-8
_LEVELS = (6.0, 0.9, 0.2)

_same = functools.partial(same, close=_CLOSE, least=1.0)


def check_joint_jvp(answer: object) -> None:
    """Check ``joint_jvp(net, x_bar, gamma)``: (eps, d eps/dgamma along the flow) of any network.

    The network is the exact eps of a mixture, so the truth is a closed form: 1e-8 x max(1, largest
    value). Two passes at most. Raises NotYet with a hint; prints one line.
    """
    function = require_callable(answer, "joint_jvp(net, x_bar, gamma)")
    truth_of, calls = GaussianMixture(**MIXTURE).derivatives, 0
    for level in _LEVELS:
        net, x_bar = ExactEps(), points(level)
        gamma = torch.tensor(level, dtype=torch.float64)
        result = _called(function, net, x_bar, gamma)
        if not isinstance(result, tuple) or len(result) != 2:
            raise NotYet("return the pair (eps, deps_dgamma).")
        calls = max(calls, net.calls)
        eps, truth = truth_of(x_bar, gamma, 1)
        given = tensor_like(result[1], x_bar)
        if not _same(tensor_like(result[0], x_bar), eps):
            raise NotYet("the first of the pair should be the network's eps at this point.")
        if not _same(given, truth):
            raise NotYet(_joint_hint(given, truth, x_bar, gamma, eps))
    if calls > 2:
        raise NotYet(
            f"right, but it runs the network {calls} times. One call gives the tangent, one "
            "product with the joint tangent does the rest."
        )
    correct("the closed form to 1e-8 at three levels, one joint product each.")


def check_central_difference(answer: object) -> None:
    """Check ``central_difference(net, x_bar, gamma, step)``: d eps/dgamma along the flow.

    The probe records where it is evaluated: at gamma, and at gamma (1 +- step) with the point moved
    along eps. Raises NotYet with a hint; prints one line.
    """
    function = require_callable(answer, "central_difference(net, x_bar, gamma, step)")
    for level, step in ((2.5, 0.01), (0.4, 0.002)):
        probe, x_bar = Quadratic(), points(level)
        gamma = torch.tensor(level, dtype=torch.float64)
        given = tensor_like(_called(function, probe, x_bar, gamma, step), x_bar)
        _check_places(probe.places, x_bar, gamma, step)
        truth = probe.truth(x_bar, gamma)
        if _same(given, truth):
            continue
        ratio = float((given * truth).sum() / (truth * truth).sum())
        if _same(given, ratio * truth):
            raise NotYet(
                f"the direction is right, the length {ratio:.3g} times the true one: divide the "
                "difference by the distance between the two levels."
            )
        raise NotYet(
            "the three places are right, what is made of the three values is not: for this probe, "
            "a quadratic polynomial, a central difference is exact."
        )
    correct("three calls in the right places; exact for a quadratic polynomial.")


def check_best_step(answer: object) -> None:
    """Check a half width, relative to gamma, for central differences in float32: near the best.

    Accepted where the error on an exact eps in float32, over three levels, is at most three times
    the least of a sweep. Raises NotYet with a hint; prints one line.
    """
    if isinstance(answer, Tensor) and answer.numel() == 1:
        answer = float(answer)
    if answer is ... or answer is None:
        raise NotYet("put your step in place of the dots.")
    if isinstance(answer, bool) or not isinstance(answer, (int, float)) or not 0 < answer < 1:
        raise NotYet("hand in one number between 0 and 1: the half width divided by gamma.")
    sweep = [10 ** (-k / 4) for k in range(2, 25)]
    errors = [_float32_error(step) for step in sweep]
    least = min(errors)
    best = sweep[errors.index(least)]
    if _float32_error(float(answer)) <= 3 * least:
        correct("within three times of the least error that a step can have in float32.")
        return
    worse = _float32_error(float(answer)) / least
    if answer < best:
        raise NotYet(
            f"{worse:.2g} times the least error, and noisy: at this width the digits that "
            "the two values do not share are mostly rounding."
        )
    raise NotYet(
        f"{worse:.2g} times the least error, and smooth: at this width the curvature of eps "
        "along the line shows."
    )


def check_xt_derivative(answer: object) -> None:
    """Check ``deps_dgamma_xt(net, x, t, schedule)``: the total d eps/dgamma of a net eps(x, t).

    The truth is the closed form in bar coordinates, at three levels. The network has a ripple in t
    that only a product sees. Raises NotYet with a hint; prints one line.
    """
    function = require_callable(answer, "deps_dgamma_xt(net, x, t, schedule)")
    schedule, exact = VPSchedule(), GaussianMixture(**MIXTURE)
    for level in _LEVELS:
        x_bar, gamma = points(level), torch.tensor(level, dtype=torch.float64)
        x, t = x_bar / math.sqrt(1 + level**2), schedule.t_of_gamma(gamma)
        net = ExactEpsXT()
        given = tensor_like(_called(function, net, x, t, schedule), x)
        eps, smooth = exact.derivatives(x_bar, gamma, 1)
        truth = smooth + net.ripple_slope(t) * schedule.dt_dgamma(t)
        if _same(given, smooth, close=1e-6):
            raise NotYet(
                "a difference quotient? It steps over a ripple in t that this network has. A "
                "product has no step."
            )
        if not _same(given, truth):
            raise NotYet(_xt_hint(given, truth, x, t, eps, schedule))
    correct("the closed form at three levels, from a network that knows only x and t.")


def check_networks(diagnoses: object) -> None:
    """Check {letter: key of FAULTS} for all of NETWORKS.

    Raises NotYet, naming one letter and what speaks against its diagnosis; prints one line.
    """
    check_named(diagnoses, NETWORKS, FAULTS, network_objection)


def _float32_error(step: float) -> float:
    """Relative rms error of a central difference of the mixture in float32, over the levels."""
    total = []
    exact = GaussianMixture(**MIXTURE)
    for level in _LEVELS:
        x_bar = points(level, 256, seed=4).float()
        gamma = torch.tensor(level, dtype=torch.float32)
        eps, move = mixture_eps(x_bar, gamma), step * gamma
        ahead = mixture_eps(x_bar + move * eps, gamma + move)
        behind = mixture_eps(x_bar - move * eps, gamma - move)
        truth = exact.derivatives(x_bar.double(), gamma.double(), 1)[1]
        error = ((ahead - behind) / (2 * move)).double() - truth
        total.append(float(error.square().mean() / truth.square().mean()))
    return math.sqrt(sum(total) / len(total))


# The hints.


def _joint_hint(given: Tensor, truth: Tensor, x_bar: Tensor, gamma: Tensor, eps: Tensor) -> str:
    def product(velocity: Tensor, rate: float) -> Tensor:
        tangent = (velocity, torch.full_like(gamma, rate))
        return torch.func.jvp(mixture_eps, (x_bar, gamma), tangent)[1]

    zero = torch.zeros_like(eps)
    known = [
        (product(zero, 1.0), "the point stands still here while the clock moves: along the flow "
         "the point has a velocity too."),
        (product(eps, 0.0), "the point moves here and the clock stands still: the part of gamma "
         "is missing."),
        (product(torch.ones_like(eps), 1.0), "the velocity of the point is 1 here. What is "
         "d x_bar/dgamma along the flow?"),
        (product(x_bar, 1.0), "the velocity of the point is x_bar itself here. What is "
         "d x_bar/dgamma along the flow?"),
        (-truth, "the sign is wrong: both parts of the tangent belong to a growing gamma."),
        (product(eps, -1.0), "point and clock move in opposite directions here."),
        (product(-eps, 1.0), "point and clock move in opposite directions here."),
    ]  # fmt: skip
    for candidate, hint in known:
        if _same(given, candidate):
            return hint
    relative = float((given - truth).norm() / truth.norm())
    if relative < 1e-2:
        return (
            f"close, yet off by {relative:.0e} of its length. A difference quotient? A "
            "Jacobian-vector product has no step and no such error."
        )
    return f"at gamma = {float(gamma)} the result is off by {relative:.2g} times the true length."


def _check_places(
    places: list[tuple[Tensor, float]], x_bar: Tensor, gamma: Tensor, step: float
) -> None:
    level, probe = float(gamma), Quadratic()
    eps = probe(x_bar, gamma)
    levels = sorted(where for _, where in places)
    wanted = [level * (1 - step), level, level * (1 + step)]
    if levels and max(abs(where - level) for where in levels) < 1e-9 * level:
        raise NotYet("the network is only ever asked at gamma itself: the clock has to move.")
    if _match(levels, [level - step, level, level + step]):
        raise NotYet("the half width is step times gamma, not step: levels span four decades.")
    if _match(levels, wanted[1:]) or _match(levels, wanted[:2]):
        raise NotYet("this is a one-sided difference: look ahead and behind.")
    half = [level * (1 - step / 2), level, level * (1 + step / 2)]
    if _match(levels, half):
        raise NotYet("step is the half width, from gamma to either side; yours is half of that.")
    if not _match(levels, wanted):
        raise NotYet(
            f"with gamma = {level} and step = {step} the network should be asked at gamma and at "
            f"gamma (1 +- step), three times; you asked {len(places)} times."
        )
    for point, where in places:
        moved = point - x_bar
        along = (where - level) * eps
        if _same(moved, along):
            continue
        if float(moved.abs().max()) < 1e-12:
            raise NotYet("the point stands still while the clock moves: it has a velocity.")
        if _same(moved, -along):
            raise NotYet("the point moves against the clock: with gamma + d goes x_bar + d eps.")
        raise NotYet("the point should move by eps times the change of gamma.")


def _match(found: list[float], wanted: list[float]) -> bool:
    return len(found) == len(wanted) and all(
        abs(a - b) < 1e-9 * abs(b) for a, b in zip(found, wanted, strict=True)
    )


def _xt_hint(
    given: Tensor, truth: Tensor, x: Tensor, t: Tensor, eps: Tensor, schedule: VPSchedule
) -> str:
    gamma = schedule.gamma(t)
    alpha, rate = torch.rsqrt(1 + gamma * gamma), schedule.dt_dgamma(t)
    drift = gamma * alpha * alpha * x

    def product(velocity: Tensor, clock: Tensor) -> Tensor:
        return torch.func.jvp(ExactEpsXT(), (x, t), (velocity, clock))[1]

    zero, one = torch.zeros_like(x), torch.ones_like(t)
    whole = alpha * eps - drift
    known = [
        (product(zero, one), "this is the partial derivative in t: x stands still in it. And per "
         "unit of t, not of gamma."),
        (product(zero, rate), "the clock is right, but x stands still: along the flow it moves."),
        (truth / rate, "this is d eps/dt along the flow, a true one; d eps/dgamma was asked for."),
        (product(whole, one), "x moves per unit of gamma here, t per unit of t."),
        (product(whole, 1 / rate), "the rate of the two clocks is the wrong way up."),
        (product(whole, 0 * one), "x moves, and the clock stands still: the part of t is missing."),
        (product(eps, rate), "eps is the velocity of x_bar. The network's own state is "
         "x = x_bar / sqrt(1 + gamma^2): what is its velocity?"),
        (product(alpha * eps, rate), "x = x_bar / sqrt(1 + gamma^2) has two factors that change: "
         "the product rule gives a second term."),
        (product(alpha * eps + drift, rate), "look at the sign of the second term of dx/dgamma: "
         "the factor 1 / sqrt(1 + gamma^2) falls as gamma grows."),
        (product(alpha * eps - gamma * x, rate), "look at the second term of dx/dgamma again: "
         "there are powers of 1 + gamma^2 in it."),
    ]  # fmt: skip
    for candidate, hint in known:
        if _same(given, candidate):
            return hint
    relative = float((given - truth).norm() / truth.norm())
    return f"at t = {float(t):.2f} the result is off by {relative:.2g} times the true length."


def _called(function: Callable[..., Any], *arguments: Any) -> Any:  # noqa: ANN401
    hint = "this asks the library for the answer; write it with torch.func."
    return called(function, *arguments, library=hint)
