"""Checks of chapter 6: where Heun and where a slope wins, unequal steps, 2M in bar coordinates.

The truth in each check is made here: errors against DOP853 on starts of the check's own, two order
conditions, and the paper's own step in x, alpha and sigma.
"""

from __future__ import annotations

import functools
import math

import torch
from torch import Tensor

from genie_edu.exercises import NotYet, correct, require_callable
from genie_edu.exercises.answers import called, near, same, tensor_like
from genie_edu.flow import AnalyticFlow
from genie_edu.metrics import end_point_error, exact_solution
from genie_edu.mixture import GaussianMixture
from genie_edu.schedule import VPSchedule, time_grid
from genie_edu.solvers import SOLVERS, solve

NFE, SPACING, STARTS = 20, "quadratic", 200
WINS, LOSES = 0.8, 1.25
"""What Heun's error over DDIM's must stay below, and above."""
SLOPE_NFE, SLOPE_WINS = 10, 2 / 3
"""Calls of GENIE and of DEIS tAB 3, and what their errors' ratio must stay below."""
MOST_COMPONENTS = 64
_CLOSE = 1e-9

_same = functools.partial(same, close=_CLOSE)
_near = functools.partial(near, close=_CLOSE, least=1.0)


def check_heun(wins: object, loses: object) -> None:
    """Check two mixtures: on `'wins'` Heun beats DDIM at 20 evaluations, on `'loses'` DDIM wins.

    Quadratic grid, t from 1 to 1e-3, median end-point error over 200 starts of the check's own.
    A mixture is a dict of weights, means and covs. Raises NotYet; prints one line when right.
    """
    first = _heun_over_ddim(_mixture("wins", wins))
    second = _heun_over_ddim(_mixture("loses", loses))
    if first >= LOSES and second <= WINS:
        raise NotYet(
            f"Heun's error over DDIM's is {first:.2f} on 'wins' and {second:.2f} on 'loses': "
            "you have found both, but handed them in the wrong way round."
        )
    if first > WINS:
        raise NotYet(
            f"on 'wins' Heun's error is {first:.2f} times DDIM's; it should be at most {WINS}. "
            "Where does the path bend, and how long are the grid's steps there?"
        )
    if second < LOSES:
        raise NotYet(
            f"on 'loses' Heun's error is {second:.2f} times DDIM's; it should be at least "
            f"{LOSES}. What makes the Jacobian large where Heun looks ahead, or the path straight "
            "for DDIM?"
        )
    correct(
        f"Heun's error over DDIM's is {first:.2f} on the first mixture, {second:.1f} on the second."
    )


def check_slope(mixture: object) -> None:
    """Check a mixture on which GENIE beats DEIS tAB 3 at ten calls: error at most 2/3 of its error.

    Quadratic grid, t from 1 to 1e-3, median end-point error over 200 starts of the check's own.
    A mixture is a dict of weights, means and covs. Raises NotYet; prints one line when right.
    """
    errors = _errors(_mixture("the mixture", mixture), ("genie", "deis_tab3"), SLOPE_NFE)
    ratio = errors["genie"] / errors["deis_tab3"]
    if ratio > SLOPE_WINS:
        straight = "" if ratio > 1 else " You are on the way: make the turn more sudden still."
        raise NotYet(
            f"GENIE's error is {ratio:.2f} times that of DEIS; it should be at most "
            f"{SLOPE_WINS:.2f}.{straight} Memories mislead where the path turns between two "
            "levels and is straight before and after. What makes a path turn so suddenly?"
        )
    correct(f"GENIE's error is {ratio:.2f} times that of DEIS: here the past misleads.")


def check_ab2_weights(answer: object) -> None:
    """Check ``ab2_weights(h, h_prev)``: the two weights of Adams-Bashforth on unequal steps.

    They must integrate 1 and gamma exactly over the next step, whatever the lengths and signs.
    Raises NotYet with a hint; prints one line when the answer is right.
    """
    function = require_callable(answer, "ab2_weights(h, h_prev)")
    for h, h_prev in ((-0.5, -0.5), (-0.3, -0.7), (-0.9, -0.2), (0.4, 0.3)):
        now, before = _pair(called(function, h, h_prev))
        wanted = -h * h / (2 * h_prev)
        if _near(now + before, h) and _near(before, wanted):
            continue
        _explain_weights(h, h_prev, now, before, wanted)
    correct("constants and straight lines are integrated exactly over unequal steps.")


def check_bar_2m(answer: object) -> None:
    """Check ``bar_2m(x_bar, data, data_prev, gamma_prev, gamma, gamma_next)``: 2M without alpha.

    Compared with the paper's step, computed here in x, alpha, sigma and lambda. Raises NotYet with
    a hint; prints one line when the answer is right.
    """
    signature = "bar_2m(x_bar, data, data_prev, gamma_prev, gamma, gamma_next)"
    function = require_callable(answer, signature)
    generator = torch.Generator().manual_seed(6)
    tensors = torch.randn(3, 5, 2, generator=generator, dtype=torch.float64)
    for levels in ((4.0, 2.0, 1.0), (9.0, 3.0, 2.0), (1.2, 0.9, 0.2)):
        truth = _paper_2m(*tensors, *levels)
        given = tensor_like(called(function, *tensors, *levels), truth)
        if not _same(given, truth):
            _explain_2m(given, truth, tensors, levels)
    correct("the same step as the paper's, with no alpha, sigma or lambda left.")


# Exercise 1.


def _mixture(name: str, value: object) -> GaussianMixture:
    name = name if name.startswith("the ") else f"'{name}'"
    if value is ... or value is None:
        raise NotYet(f"{name} is still empty: hand in a dict of weights, means and covs.")
    if isinstance(value, GaussianMixture):
        mixture = value
    elif isinstance(value, dict) and {"weights", "means", "covs"} <= set(value):
        try:
            mixture = GaussianMixture(value["weights"], value["means"], value["covs"])
        except (ValueError, TypeError, RuntimeError) as error:
            raise NotYet(f"{name} is no mixture: {str(error).splitlines()[0]}") from error
    else:
        raise NotYet(f"{name} should be a dict of weights (K,), means (K, 2), covs (K, 2, 2).")
    if mixture.dim != 2 or len(mixture.weights) > MOST_COMPONENTS:
        raise NotYet(f"{name} should lie in the plane, with at most {MOST_COMPONENTS} parts.")
    return mixture


def _heun_over_ddim(mixture: GaussianMixture) -> float:
    errors = _errors(mixture, ("heun", "ddim"), NFE)
    return errors["heun"] / errors["ddim"]


def _errors(mixture: GaussianMixture, names: tuple[str, str], nfe: int) -> dict[str, float]:
    """Median end-point errors of two solvers at `nfe` calls, on starts of the check's own."""
    flow, schedule = AnalyticFlow(mixture), VPSchedule()
    generator = torch.Generator().manual_seed(20260)
    noise = torch.randn(STARTS, 2, generator=generator, dtype=torch.float64)
    errors = {}
    for name in names:
        gammas = schedule.gamma(time_grid(nfe // SOLVERS[name].nfe_per_step, SPACING))
        start = noise * torch.sqrt(1 + gammas[0] ** 2)
        exact = exact_solution(flow, start, gammas[[0, -1]])[-1]
        errors[name] = end_point_error(solve(flow, start, gammas, name).x_bar[-1], exact)
    if min(errors.values()) < 1e-10:
        raise NotYet("on a point mass both are exact to rounding: choose a mixture with a spread.")
    return errors


# Exercise 2.


def _explain_weights(h: float, h_prev: float, now: float, before: float, wanted: float) -> None:
    at = f"with h = {h} and h_prev = {h_prev}"
    if _near(now, wanted) and _near(before, h - wanted):
        raise NotYet("the two weights are swapped: the present value comes first.")
    if _near(now, 1.5 * h) and _near(before, -0.5 * h):
        raise NotYet("these are the weights for equal steps; h_prev has to enter.")
    if not _near(now + before, h):
        raise NotYet(
            f"{at} a constant eps = 1 must move x_bar by h = {h}; yours moves it by "
            f"{now + before:.3g}."
        )
    if _near(before, -wanted):
        raise NotYet(f"{at} the correction points the wrong way: look at the sign of h_prev.")
    if _near(before, -0.5 * h_prev) or _near(before, -0.5 * h_prev * h_prev / h):
        raise NotYet("the ratio of the two steps is the wrong way up.")
    raise NotYet(
        f"{at} eps = gamma - gamma_n must move x_bar by h^2/2 = {h * h / 2:.3g}; yours moves it "
        f"by {-h_prev * before:.3g}. At the point behind, this eps is not zero."
    )


def _pair(value: object) -> tuple[float, float]:
    try:
        now, before = value  # type: ignore[misc]
        return float(now), float(before)
    except (TypeError, ValueError) as error:
        raise NotYet("return the pair (b_now, b_before), two numbers.") from error


# Exercise 3.


def _paper_2m(
    x_bar: Tensor,
    data: Tensor,
    data_prev: Tensor,
    gamma_prev: float,
    gamma: float,
    gamma_next: float,
) -> Tensor:
    """DPM-Solver++(2M) as printed, in x; divided by alpha at the end."""
    alpha, alpha_next = (1 / math.hypot(1, g) for g in (gamma, gamma_next))
    sigma, sigma_next = alpha * gamma, alpha_next * gamma_next
    lambdas = [-math.log(g) for g in (gamma_prev, gamma, gamma_next)]
    h_prev, h = lambdas[1] - lambdas[0], lambdas[2] - lambdas[1]
    r = h_prev / h
    mixed = (1 + 1 / (2 * r)) * data - data_prev / (2 * r)
    x_next = sigma_next / sigma * (alpha * x_bar) - alpha_next * math.expm1(-h) * mixed
    return x_next / alpha_next


def _explain_2m(
    given: Tensor, truth: Tensor, tensors: Tensor, levels: tuple[float, float, float]
) -> None:
    x_bar, data, data_prev = tensors
    gamma_prev, gamma, gamma_next = levels
    shrink = gamma_next / gamma
    big_h, big_h_prev = math.log(gamma / gamma_next), math.log(gamma_prev / gamma)
    slope = (data - data_prev) / big_h_prev

    def step(middle: Tensor) -> Tensor:
        return shrink * x_bar + (1 - shrink) * middle

    if _same(given, step(data)):
        raise NotYet("this is DDIM: the data prediction before the last one does not enter.")
    if _same(given, step(data + big_h_prev / (2 * big_h) * (data - data_prev))):
        raise NotYet("r is the wrong way up: the previous step stands above, the next one below.")
    if _same(given, step(data + big_h * slope)):
        raise NotYet("the line is read at the end of the step; the paper has a factor 1/2 there.")
    if _same(given, step(data - big_h / 2 * slope)):
        raise NotYet("the line is continued in the wrong direction: check the signs of D.")
    exact_line = shrink * x_bar + (1 - shrink) * data + (big_h + math.expm1(-big_h)) * slope
    if _same(given, exact_line):
        raise NotYet("you integrated the line exactly. A method too, but not the paper's.")
    if _same(given, truth / math.hypot(1, gamma_next)):
        raise NotYet("this is the next x; divide by alpha to have the next x_bar.")
    sigmas = gamma_next / gamma * math.hypot(1, gamma) / math.hypot(1, gamma_next)
    if _same(given - truth, (sigmas - shrink) * x_bar):
        raise NotYet("sigma_i / sigma_(i-1) belongs to x. What is it once both states are bars?")
    excess = torch.linalg.lstsq(tensors.flatten(1).T, (given - truth).reshape(-1, 1)).solution
    part = "the factor of x_bar" if abs(excess[0]) > 1e-6 else "the part with the data predictions"
    at = f"gamma {gamma_prev}, {gamma}, {gamma_next}"
    raise NotYet(f"at {at} the step leads to another point; look at {part}.")


# What the checks share.
