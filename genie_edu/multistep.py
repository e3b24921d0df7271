"""Methods that remember: the multistep family, each as a polynomial integrated over the step.

One picture serves them all: fit a polynomial, in some variable, to what is known of some form
of the prediction (values now and before; for ours slopes too), and integrate it exactly.
Adams-Bashforth fits eps in gamma, DEIS in t or log gamma, DPM-Solver++ and UniPC the data
prediction in log gamma.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import torch
from torch import Tensor

from genie_edu.flow import Flow

Past = tuple[float, Tensor, Tensor] | tuple[float, Tensor, Tensor, Tensor]
"""A point that a method remembers: (gamma, x_bar, eps), and for one the slope of eps too."""
Memory = tuple[Past, ...] | None
Step = Callable[[Flow, Tensor, float, float, Memory], tuple[Tensor, Memory]]

N_NODES = 24


@cache
def _gauss_legendre() -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights on [0, 1]."""
    nodes, weights = np.polynomial.legendre.leggauss(N_NODES)
    return 0.5 * (1 + nodes), 0.5 * weights


def interpolation_weights(
    variable: Callable[[np.ndarray], np.ndarray],
    values: Sequence[float],
    slopes: Sequence[float],
    gamma: float,
    gamma_next: float,
    measure: Callable[[np.ndarray], np.ndarray] = np.ones_like,
) -> list[float]:
    """Weights of an integral over the step, exact for polynomials in `variable`.

    The integral is that of q(gamma) measure(gamma) d gamma. Returned first are the weights of q at
    the gammas `values`, then those of dq/d variable at the gammas `slopes`; together they are exact
    for every polynomial of degree below len(values) + len(slopes). Moments by Gauss-Legendre
    quadrature in log gamma, weights from the linear system of undetermined coefficients.
    """
    origin, end = variable(np.array([gamma, gamma_next]))
    scale = end - origin

    def place(gammas: Sequence[float] | np.ndarray) -> np.ndarray:
        return (variable(np.asarray(gammas, dtype=float)) - origin) / scale

    nodes, weights = _gauss_legendre()
    width = math.log(gamma_next / gamma)
    level = gamma * np.exp(width * nodes)
    powers = np.arange(len(values) + len(slopes))[:, None]
    moments = place(level) ** powers @ (width * weights * level * measure(level))
    columns = [place(values) ** powers]
    if slopes:
        columns.append(powers * place(slopes) ** np.maximum(powers - 1, 0) / scale)
    return np.linalg.solve(np.hstack(columns), moments).tolist()


def _adams_step(
    x_bar: Tensor, gamma: float, eps: Tensor, weights: Sequence[float], memory: Memory, keep: int
) -> tuple[Tensor, Memory]:
    """x' = x + sum of weights times eps, now and before; and the memory of the next step."""
    past = ((gamma, x_bar, eps), *(memory or ()))
    for weight, point in zip(weights, past, strict=False):
        x_bar = x_bar.add(point[2], alpha=weight)
    return x_bar, past[:keep]


_ADAMS_BASHFORTH = (
    (1.0,),
    (3 / 2, -1 / 2),
    (23 / 12, -16 / 12, 5 / 12),
    (55 / 24, -59 / 24, 37 / 24, -9 / 24),
)


def ipndm4_step(
    flow: Flow, x_bar: Tensor, gamma: float, gamma_next: float, memory: Memory = None
) -> tuple[Tensor, Memory]:
    """x' = x + h (55 eps - 59 eps_1 + 37 eps_2 - 9 eps_3) / 24. Improved PNDM: order 2, one call.

    The coefficients of Adams-Bashforth 4 for equal steps, used whatever the steps are: order 4
    only on a grid uniform in gamma. Without memory it starts with 1, 2 and 3 terms: order 2 still.
    Source: Liu et al. 2022 (PNDM); Zhang and Chen 2023 (DEIS), appendix, for the name.
    """
    memory = (memory or ())[:3]
    weights = [(gamma_next - gamma) * c for c in _ADAMS_BASHFORTH[len(memory)]]
    return _adams_step(x_bar, gamma, flow.eps(x_bar, gamma), weights, memory, keep=3)


def deis_tab3_step(
    flow: Flow, x_bar: Tensor, gamma: float, gamma_next: float, memory: Memory = None
) -> tuple[Tensor, Memory]:
    """x' = x + integral of the cubic in t through eps now and at three past points. Order 4.

    The paper's tAB3, one call a step; t from the flow's schedule. Without memory the degree grows
    from 0: from t = 1 the order falls to 3 at 512 steps, and to 2 where the start matters more.
    Source: Zhang and Chen 2023 (DEIS), eq. 15.
    """
    memory = (memory or ())[:3]

    def time(gammas: np.ndarray) -> np.ndarray:
        return flow.schedule.t_of_gamma(torch.from_numpy(gammas)).numpy()

    known = [gamma, *(point[0] for point in memory)]
    weights = interpolation_weights(time, known, (), gamma, gamma_next)
    return _adams_step(x_bar, gamma, flow.eps(x_bar, gamma), weights, memory, keep=3)


def deis_logrho3_step(
    flow: Flow, x_bar: Tensor, gamma: float, gamma_next: float, memory: Memory = None
) -> tuple[Tensor, Memory]:
    """x' = x + integral of the parabola in log gamma through eps now and twice before. Order 3.

    What diffusers' DEISMultistepScheduler of solver_order 3 computes; not the paper's tAB. One
    call a step. Without memory the degree grows from 0: from t = 1 order 3 still.
    Source: diffusers 0.42.1, DEISMultistepScheduler.
    """
    return _deis_log(flow, x_bar, gamma, gamma_next, memory, n_values=3)


def deis_logrho2_step(
    flow: Flow, x_bar: Tensor, gamma: float, gamma_next: float, memory: Memory = None
) -> tuple[Tensor, Memory]:
    """x' = x + integral of the line in log gamma through eps now and once before. Order 2.

    The last step but one of a run of `deis_logrho3` that ends with lower order; diffusers' DEIS of
    its default order. Source: diffusers 0.42.1, DEISMultistepScheduler.
    """
    return _deis_log(flow, x_bar, gamma, gamma_next, memory, n_values=2)


def _deis_log(
    flow: Flow, x_bar: Tensor, gamma: float, gamma_next: float, memory: Memory, n_values: int
) -> tuple[Tensor, Memory]:
    memory = (memory or ())[: n_values - 1]
    known = [gamma, *(point[0] for point in memory)]
    weights = interpolation_weights(np.log, known, (), gamma, gamma_next)
    eps = flow.eps(x_bar, gamma)
    return _adams_step(x_bar, gamma, eps, weights, memory, keep=n_values - 1)


def unipc_2_step(
    flow: Flow, x_bar: Tensor, gamma: float, gamma_next: float, memory: Memory = None
) -> tuple[Tensor, Memory]:
    """UniPC of order 2, variant B2, on the data prediction D: predictor and corrector. Order 3.

    The call at the predicted point first corrects the step that led there (UniC), then predicts the
    next one (UniP, equal to DPM-Solver++(2M)): one call a step. The last point stays uncorrected.
    Memory holds corrected states, with the eps that gives back D = x - gamma eps. Without memory
    predictor and corrector start one order lower: order 3 still.
    Source: Zhao et al. 2023 (UniPC), algorithm 2.
    """
    return _unipc(flow, x_bar, gamma, gamma_next, memory, slope=True)


def unipc_lowered_step(
    flow: Flow, x_bar: Tensor, gamma: float, gamma_next: float, memory: Memory = None
) -> tuple[Tensor, Memory]:
    """The same with a predictor of order 1, DDIM from the corrected point: a lowered last step.

    Source: diffusers 0.42.1, UniPCMultistepScheduler with its default lower_order_final.
    """
    return _unipc(flow, x_bar, gamma, gamma_next, memory, slope=False)


def _unipc(
    flow: Flow, x_bar: Tensor, gamma: float, gamma_next: float, memory: Memory, slope: bool
) -> tuple[Tensor, Memory]:
    data = x_bar - gamma * flow.eps(x_bar, gamma)
    memory = (memory or ())[:2]
    slope_term = 0.0
    if memory:
        gamma_1, x_bar_1, eps_1 = memory[0][:3]
        data_1 = x_bar_1 - gamma_1 * eps_1
        big_h = math.log(gamma_1 / gamma)
        x_bar = (gamma / gamma_1) * x_bar_1 - math.expm1(-big_h) * (
            data_1 + _unic_correction(memory, big_h, data_1, data)
        )
        if slope:
            slope_term = (0.5 * math.log(gamma / gamma_next) / big_h) * (data - data_1)
    shrink = gamma_next / gamma
    x_bar_next = shrink * x_bar + (1 - shrink) * (data + slope_term)
    return x_bar_next, ((gamma, x_bar, (x_bar - data) / gamma), *memory)[:2]


def _unic_correction(memory: Memory, big_h: float, data_1: Tensor, data: Tensor) -> Tensor:
    """UniC's combination of differences of D; its weights solve the B2 conditions of order 2."""
    if len(memory) < 2:
        return 0.5 * (data - data_1)
    gamma_2, x_bar_2, eps_2 = memory[1][:3]
    r = -math.log(gamma_2 / memory[0][0]) / big_h
    phi_1 = math.expm1(-big_h)
    phi_2 = -phi_1 / big_h - 1
    phi_3 = -phi_2 / big_h - 0.5
    past = (phi_2 - 2 * phi_3) / (phi_1 * (1 - r))
    now = phi_2 / phi_1 - past
    return (past / r) * ((x_bar_2 - gamma_2 * eps_2) - data_1) + now * (data - data_1)


def genie_multistep_step(
    flow: Flow, x_bar: Tensor, gamma: float, gamma_next: float, memory: Memory = None
) -> tuple[Tensor, Memory]:
    """Our own: the speed of x on the circle (alpha, sigma), by value, slope and memory. Order 4.

    q = dx / d arctan(gamma) = S eps - gamma x_bar / S, S^2 = 1 + gamma^2, is fitted in
    asinh(gamma): value and slope now and at the last point, and one value more. One call and
    one derivative a step; the call also corrects the point that it was made at, for nothing
    (`_correct`). Memory: two points (gamma, x_bar, eps, eps'). Without it the degree starts at 1:
    from t = 1 order 4 still. q is the v of v-prediction (Salimans and Ho 2022).
    Source: book, "How our own solver was found".
    """
    eps, slope = flow.eps_and_derivative(x_bar, gamma)
    memory = (memory or ())[:2]
    if memory:
        x_bar, eps, slope = _correct(memory[0], (gamma, x_bar, eps, slope))
    points = ((gamma, x_bar, eps, slope), *memory)
    speeds = [_circle_speed(*point) for point in points]
    known = [q for q, _ in speeds] + [dq for _, dq in speeds[:2]]
    gammas = [point[0] for point in points]
    weights = interpolation_weights(
        np.arcsinh, gammas, gammas[:2], gamma, gamma_next, _circle_measure
    )
    x = x_bar / math.hypot(1, gamma)
    for weight, value in zip(weights, known, strict=True):
        x = x.add(value, alpha=weight)
    return math.hypot(1, gamma_next) * x, points[:2]


def circle_multistep_step(
    flow: Flow, x_bar: Tensor, gamma: float, gamma_next: float, memory: Memory = None
) -> tuple[Tensor, Memory]:
    """`genie_multistep` without its slopes, to tell what they are worth. Order 4, one call.

    The same speed q in the same variable, through its values now and at three past points; the same
    free corrector, through the new value and three before it; the same Jacobian of one Gaussian,
    with the slope that it needs taken from the last two values of eps. Memory: three points
    (gamma, x_bar, eps). Not in SOLVERS: a step function to hand to `solve`.
    Source: book, "How our own solver was found".
    """
    eps = flow.eps(x_bar, gamma)
    memory = (memory or ())[:3]
    if memory:
        gamma_1, x_bar_1, eps_1 = memory[0][:3]
        again = x_bar_1 / math.hypot(1, gamma_1)
        past = ((gamma, x_bar, eps), *memory)
        again, weight = _circle_integral(again, past, gamma_1, gamma)
        s = math.hypot(1, gamma)
        r = _gaussian_part(gamma, eps, (eps - eps_1) / (gamma - gamma_1))
        feedback = weight * (s * s * (1 - r) / gamma - gamma)
        moved = (s * again - x_bar) / (1 - feedback.clamp(max=0))
        x_bar, eps = x_bar + moved, eps + (1 - r) / gamma * moved
    points = ((gamma, x_bar, eps), *memory)
    x, _ = _circle_integral(x_bar / math.hypot(1, gamma), points, gamma, gamma_next)
    return math.hypot(1, gamma_next) * x, points[:3]


def _circle_integral(
    x: Tensor, points: tuple[Past, ...], gamma: float, gamma_next: float
) -> tuple[Tensor, float]:
    """x moved by the polynomial through q at the points; and the weight of the first of them."""
    at = [point[0] for point in points]
    weights = interpolation_weights(np.arcsinh, at, (), gamma, gamma_next, _circle_measure)
    for weight, (level, x_bar, eps, *_) in zip(weights, points, strict=True):
        s = math.hypot(1, level)
        x = x.add(s * eps - (level / s) * x_bar, alpha=weight)
    return x, weights[0]


def _gaussian_part(gamma: float, eps: Tensor, slope: Tensor) -> Tensor:
    """r = gamma eps.eps' / eps.eps, within 0 and 1, for each start: 1 - gamma J of one Gaussian."""
    squared = (eps * eps).flatten(1).sum(1).clamp_min(1e-30)
    r = (gamma * (eps * slope).flatten(1).sum(1) / squared).clamp(0, 1)
    return r.reshape((-1,) + (1,) * (eps.ndim - 1))


def _circle_measure(gamma: np.ndarray) -> np.ndarray:
    """d arctan(gamma) / d gamma."""
    return 1 / (1 + gamma * gamma)


def _circle_speed(gamma: float, x_bar: Tensor, eps: Tensor, slope: Tensor) -> tuple[Tensor, Tensor]:
    """q = S eps - gamma x_bar / S and its slope in asinh(gamma), S^2 eps' - x_bar / S^2."""
    s = math.hypot(1, gamma)
    return s * eps - (gamma / s) * x_bar, (s * s) * slope - x_bar / (s * s)


def _correct(past: Past, now: Past) -> tuple[Tensor, Tensor, Tensor]:
    """(x_bar, eps, eps') of `now`, its state corrected by what the call made there has told.

    The last step is integrated again, with the cubic through value and slope at both of its ends.
    eps moves with the state as for a single Gaussian, d eps = J d x_bar, d eps' = K d x_bar, with
    J = (1 - r) / gamma, K = r (1 - r) / gamma^2 and r = gamma eps.eps' / eps.eps; the correction
    takes that into account (implicitly), and is never larger than without.
    """
    (gamma_1, x_bar_1, *_), (gamma, x_bar, eps, slope) = past, now
    s, ends = math.hypot(1, gamma), [gamma, gamma_1]
    weights = interpolation_weights(np.arcsinh, ends, ends, gamma_1, gamma, _circle_measure)
    (q, dq), (q_1, dq_1) = _circle_speed(*now), _circle_speed(*past)
    again = x_bar_1 / math.hypot(1, gamma_1)
    for weight, value in zip(weights, (q, q_1, dq, dq_1), strict=True):
        again = again.add(value, alpha=weight)

    r = _gaussian_part(gamma, eps, slope)
    j, k = (1 - r) / gamma, r * (1 - r) / gamma**2
    feedback = weights[0] * (s * s * j - gamma) + weights[2] * (s**3 * k - 1 / s)
    moved = (s * again - x_bar) / (1 - feedback.clamp(max=0))
    return x_bar + moved, eps + j * moved, slope + k * moved
