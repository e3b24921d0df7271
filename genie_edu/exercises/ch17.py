"""Checks of chapter 17: encoding.

Each raises `NotYet` with a hint, or prints one line.
"""

from __future__ import annotations

import functools
import math

import torch
from torch import Tensor

from genie_edu.exercises import NotYet, correct, require_callable
from genie_edu.exercises.answers import called, near, off, tensor_like
from genie_edu.flow import AnalyticFlow
from genie_edu.mixture import GaussianMixture
from genie_edu.toys import TOYS

_CLOSE = 1e-9

_near = functools.partial(near, close=1e-6, least=1.0)


def check_way_back(answer: object) -> None:
    """Check ``way_back(flow, end, before, gammas, a)``: the first two points, to rounding.

    The way up is made here, by the formula, from random points that are no solution of the flow:
    the inverse is algebra. Raises NotYet with a hint; prints one line.
    """
    function = require_callable(answer, "way_back(flow, end, before, gammas, a)")
    flow = AnalyticFlow(GaussianMixture(**TOYS["three_modes"]))
    generator = torch.Generator().manual_seed(5)
    points = torch.randn(2, 9, 2, generator=generator, dtype=torch.float64)
    for n, a in ((1, 1.0), (2, 1.0), (2, 0.6), (11, 0.6)):
        ends = math.log(0.2), math.log(6.0)
        gammas = torch.linspace(*ends, n + 1, dtype=torch.float64).exp()
        before, end = _up(flow, *points, gammas, a)
        result = called(function, flow, end, before, gammas, a)
        if not isinstance(result, tuple | list) or len(result) != 2:
            raise NotYet("return the first two points, (first, second).")
        first, second = (tensor_like(value, end) for value in result)
        if off(first, points[0]) < _CLOSE and off(second, points[1]) < _CLOSE:
            continue
        if off(first, points[1]) < _CLOSE and off(second, points[0]) < _CLOSE:
            raise NotYet("the two points are there, in the wrong order: the earliest comes first.")
        if n == 1:
            raise NotYet("two levels are no step at all: the two points are the ones you got.")
        if off(first, points[1]) < _CLOSE and off(second, points[1]) < _CLOSE:
            raise NotYet("the second point is right; one step more leads to the first.")
        slope = gammas[-2] * flow.eps(before, float(gammas[-2]))
        move = (1 + a) * (gammas[-1] / gammas[-2]).log() * slope
        known = end - (1 - a) * before
        if n == 2 and off(first, (known + move) / a) < _CLOSE:
            raise NotYet("the slope was added on the way up; undo it.")
        if n == 2 and off(first, (known - 0.5 * move) / a) < _CLOSE:
            raise NotYet(
                "the slope stands there with 1 + a of the distance, not with half of that."
            )
        if n == 2 and a < 1 and off(first, known - move) < _CLOSE:
            raise NotYet("the earliest point stands there with a factor: divide by it.")
        if n == 2 and a < 1 and off(first, (end - move) / a) < _CLOSE:
            raise NotYet("the middle point stands there, too: subtract its share.")
        if n == 2 and a < 1 and off(first, end - 2 * move / (1 + a)) < _CLOSE:
            raise NotYet("that is leapfrog's way back, right for a = 1 only.")
        raise NotYet(
            f"with {n} steps and a = {a:g} the first point is off by {off(first, points[0]):.1g}. "
            "At which point, and at which level, was the slope taken on the way up?"
        )
    correct("the start comes back to rounding, with as few as two steps.")


def _up(
    flow: AnalyticFlow, before: Tensor, now: Tensor, gammas: Tensor, a: float
) -> tuple[Tensor, Tensor]:
    for n in range(1, len(gammas) - 1):
        slope = gammas[n] * flow.eps(now, float(gammas[n]))
        distance = (gammas[n + 1] / gammas[n]).log()
        before, now = now, (1 - a) * now + a * before + (1 + a) * distance * slope
    return before, now


def check_factors(answer: object) -> None:
    """Check ``factors(order, exact_derivative)``: (code, round trip), for twice as many steps.

    Orders one to six. Raises NotYet with a hint; prints one line.
    """
    function = require_callable(answer, "factors(order, exact_derivative)")
    for order in (2, 1, 3, 4, 5, 6):
        for exact in (True, False):
            given = called(function, order, exact)
            try:
                code, trip = (float(value) for value in given)
            except (TypeError, ValueError):
                raise NotYet("return two numbers, (code, round trip).") from None
            _judge_factors(order, exact, code, trip)
    correct("the code by the order, the round trip by one more if that is even, a head by two.")


def _judge_factors(order: int, exact: bool, code: float, trip: float) -> None:
    ruled = order >= 2 and not exact
    wanted = (2.0, 2.0) if ruled else (2.0**order, 2.0 ** (order + (order % 2 == 0)))
    if (code, trip) == wanted:
        return
    case = f"order {order}" + ("" if exact else " with a wrong derivative")
    if order == 1 and not exact:
        raise NotYet("order one has no derivative that could be wrong.")
    if ruled and code == 2:
        raise NotYet(f"{case}: on the way back h^2 has the same sign. Does the error cancel?")
    if ruled:
        raise NotYet(f"{case}: each step is off by h^2 times a fixed amount. How many steps?")
    if code != wanted[0]:
        raise NotYet(f"{case}: the code's error is that of any method of its order.")
    if order % 2:
        raise NotYet(f"{case}: (-h)^(p+1) has the sign of h^(p+1). Do the two ways cancel?")
    raise NotYet(f"{case}: there and back the leading errors cancel. What is left?")


def check_middle_length(answer: object) -> None:
    """Check ``middle_length(length, angle)``: (line, arc), against points at that angle.

    Two codes are built in eight dimensions and their middles measured. Raises NotYet with a hint.
    """
    function = require_callable(answer, "middle_length(length, angle)")
    for length, angle in ((8.0, math.pi / 2), (3.0, 0.7), (1.0, 2.9)):
        a, b = torch.zeros(2, 8, dtype=torch.float64)
        a[0], b[0], b[1] = length, length * math.cos(angle), length * math.sin(angle)
        line = float(((a + b) / 2).norm())
        arc = float((math.sin(angle / 2) / math.sin(angle) * (a + b)).norm())
        given = called(function, length, angle)
        try:
            ours = tuple(float(value) for value in given)
        except (TypeError, ValueError):
            raise NotYet("return two numbers, (line, arc).") from None
        if len(ours) != 2:
            raise NotYet("return two numbers, (line, arc).")
        if _near(ours[0], line) and _near(ours[1], arc):
            continue
        if _near(ours[0], arc) and _near(ours[1], line):
            raise NotYet("these two have changed places: the line comes first.")
        if _near(ours[0], length * math.cos(angle)):
            raise NotYet("half way is half of the angle.")
        if _near(ours[0], length / math.sqrt(2)) and not _near(ours[0], line):
            raise NotYet("this is for a right angle; the angle is given.")
        if not _near(ours[1], arc):
            raise NotYet("the arc lies on the sphere: how long are its points?")
        raise NotYet(
            f"for length {length:g} and angle {angle:.2f} the middle of the line has length "
            f"{line:.3f}; yours is {ours[0]:.3f}. Draw the triangle."
        )
    correct("the line cuts through the inside, the arc does not.")
