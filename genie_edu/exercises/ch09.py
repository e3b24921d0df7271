"""Checks of chapter 9: preconditioning, lowest loss, what a lean costs, where a network saturates.

The truth in each check is made here: sizes from data of known variance, a posterior mean written
out in NumPy, a gap followed by SciPy, and the reader's network against DOP853 on the exact flow.
"""

from __future__ import annotations

import functools
import math

import numpy as np
import torch
from torch import Tensor, nn

from genie_edu.exercises import NotYet, correct, require_callable
from genie_edu.exercises.answers import called, number, same, tensor_like
from genie_edu.flow import AnalyticFlow, NetworkFlow
from genie_edu.metrics import end_point_error, exact_solution
from genie_edu.mixture import GaussianMixture
from genie_edu.schedule import VPSchedule, time_grid
from genie_edu.solvers import solve
from genie_edu.toys import TOYS

STEP_COUNTS = (5, 10, 20, 40, 80, 160)
GAIN, MARGIN = 0.10, 0.05
"""Less than GAIN is "no longer worth it"; a gain within MARGIN of it is accepted either way."""
N_STARTS = 1024
"""Of the saturation: with a few hundred the gain of a doubling swings by more than MARGIN."""
LARGEST_MODEL_ERROR = 0.25
"""Above it a network has not learned where the three modes are."""
_CLOSE = 1e-5

_same = functools.partial(same, close=_CLOSE, least=1e-3)


def check_preconditioning(answer: object) -> None:
    """Check ``eps_net(F, x_bar, gamma, s)``: unit-scale input, Gaussian at F = 0, factor before F.

    F is replaced by probes that record what they are given. The factor's truth is the spread of
    the noise that the Gaussian's eps leaves unexplained: s / sqrt(gamma^2 + s^2), of either sign.
    Raises NotYet with a hint; prints one line when the answer is right.
    """
    function = require_callable(answer, "eps_net(F, x_bar, gamma, s)")
    for gamma, s in ((3.0, 1.0), (0.2, 0.7), (40.0, 2.0)):
        width = math.hypot(gamma, s)
        x_bar = width * _normal(64)
        seen: list[Tensor] = []

        def probe(
            z: Tensor, level: object, value: float = 0.0, seen: list[Tensor] = seen
        ) -> Tensor:
            if not isinstance(z, Tensor):
                raise NotYet(f"F takes the scaled state as a tensor, not a {type(z).__name__}.")
            seen.append(z)
            return torch.full_like(z, value)

        without = tensor_like(called(function, probe, x_bar, gamma, s), x_bar)
        if not seen:
            raise NotYet("F is never called: the network has no say in your eps.")
        _check_input(seen[0], x_bar, gamma, s)
        _check_without(without, x_bar, gamma, s)
        ones = called(function, lambda z, level: probe(z, level, 1.0), x_bar, gamma, s)
        _check_factor(tensor_like(ones, x_bar) - without, gamma, s)
    correct("F sees unit scale, is asked for unit scale, and F = 0 is exact for one Gaussian.")


def check_lowest_loss(answer: object) -> None:
    """Check ``lowest_loss(mixture, gamma)`` to 0.01: the loss per coordinate of the exact eps.

    The truth: s^2 / (s^2 + gamma^2) for one Gaussian, and for a mixture the spread of the noise
    about its posterior mean, by quadrature in NumPy. Raises NotYet with a hint.
    """
    function = require_callable(answer, "lowest_loss(mixture, gamma)")
    one = GaussianMixture([1.0], [[0.3, -0.1, 0.2]], [(0.6**2 * np.eye(3)).tolist()])
    three = GaussianMixture(**TOYS["three_modes"])
    cases = [(one, 0.45, 0.64), (one, 1.8, 0.1), (one, 0.2, 0.9)]
    cases += [(three, gamma, _lowest_by_quadrature(gamma)) for gamma in (0.4, 1.2)]
    for mixture, gamma, truth in cases:
        value = number(called(function, mixture, gamma))
        if abs(value - truth) <= 0.01:
            continue
        if abs(value - (1 - truth)) <= 0.01:
            raise NotYet("that is the part of the noise that can be explained; asked is the rest.")
        if abs(value - mixture.dim * truth) <= 0.01 * mixture.dim:
            raise NotYet("that is the sum over coordinates; the loss is the mean over them.")
        if abs(value - math.sqrt(truth)) <= 0.01:
            raise NotYet("that is a root mean square; the loss is the mean square itself.")
        if abs(value - gamma**2 * truth) <= 0.01:
            raise NotYet("that is the error in x_0, in units of the data; the loss is about noise.")
        half = mixture.dim / 2
        if min(abs(value - half * truth), abs(value - 1 + half * (1 - truth))) <= 0.01:
            raise NotYet(
                f"one half of the sum is the mean over two coordinates; this mixture has "
                f"{mixture.dim}."
            )
        if value < 0 or value > 1:
            raise NotYet(
                f"you return {value:.3g} at gamma = {gamma}. The guess eps = 0 has a loss of one, "
                "and no loss is negative."
            )
        if abs(value - truth) <= 0.04:
            raise NotYet(
                f"close: at gamma = {gamma} you return {value:.3f}, and {truth:.3f} is right. "
                "If yours changes from run to run, draw more points."
            )
        raise NotYet(
            f"at gamma = {gamma} you return {value:.3f}, and a direct count gives another number. "
            "Is eps evaluated at noisy points, x_0 + gamma times noise?"
        )
    correct("the loss of the exact eps, at five levels of two mixtures.")


def check_end_gap(answer: object) -> None:
    """Check ``end_gap(b, s, gamma_start, gamma_end)``: what a constant error b of eps adds up to.

    The data are one Gaussian of mean zero and std s, b (2,) is a tensor. The truth is the gap's own
    equation, d gap/dgamma = gamma gap / (s^2 + gamma^2) + b, by DOP853. Raises NotYet with a hint.
    """
    function = require_callable(answer, "end_gap(b, s, gamma_start, gamma_end)")
    lean = torch.tensor([0.02, -0.01], dtype=torch.float64)
    for s, start, end in ((1.0, 150.0, 0.01), (0.4, 3.0, 0.0), (2.0, 12.0, 1.5)):
        truth = _gap(s, start, end) * lean
        given = tensor_like(called(function, lean, s, start, end), lean)
        if _same(given, truth, close=1e-4):
            continue
        where = f"for s = {s}, from gamma = {start:g} to {end:g}: "
        at_the_end = math.hypot(s, end) / s
        rates = (math.hypot(s, start) - math.hypot(s, end)) * math.hypot(s, end)
        known = [
            (-truth, "the sign is wrong. In which direction does gamma run?"),
            (-(start - end) * lean, "every gap arrives at its full size here. Do gaps shrink?"),
            (truth / at_the_end, "the factor M is that of an end at gamma = 0. It must be one for "
             "a gap that is made at the end itself."),
            (-rates * lean, "gamma M is the weight per unit of log gamma, M that of gamma: one of "
             "the two is counted twice."),
        ]  # fmt: skip
        for candidate, hint in known:
            if _same(given, candidate, close=1e-4):
                raise NotYet(where + hint)
        ratio = float((given * truth).sum() / (truth * truth).sum())
        if 0.98 < ratio < 1.02:
            raise NotYet(
                f"{where}your gap is right to {100 * abs(ratio - 1):.2g} %, and asked are four "
                "digits. If you follow it in small steps: smaller ones, even in log gamma."
            )
        raise NotYet(f"{where}your gap is {ratio:.3g} times the true one along it.")
    correct("the gap that a constant error leaves, in three cases.")


def check_saturation(net: object, n_steps: object) -> None:
    """Check the step count from which doubling GENIE's steps gains less than 10 % on `net`.

    The check samples with the reader's network from N_STARTS starts of its own and compares with
    DOP853 on the exact flow of three_modes. Raises NotYet with a hint; prints one line.
    """
    if net is None or net is ...:
        raise NotYet("train a network and put it in place of the first dots.")
    if not isinstance(net, nn.Module):
        raise NotYet(f"hand in the network itself, not a {type(net).__name__}.")
    if n_steps is None or n_steps is ...:
        raise NotYet("put the step count that you found in place of the second dots.")
    if n_steps not in STEP_COUNTS[:-1]:
        raise NotYet(f"n_steps must be one of {', '.join(map(str, STEP_COUNTS[:-1]))}.")
    errors, model_error = _measured(net)
    if model_error > LARGEST_MODEL_ERROR:
        raise NotYet(
            f"this network's own ODE ends {model_error:.2f} away from the exact one: it has not "
            "learned the three modes. Train it longer, or check the data that it was given."
        )
    gains = [1 - b / a for a, b in zip(errors, errors[1:], strict=False)]
    at = STEP_COUNTS.index(n_steps)
    if gains[at] > GAIN + MARGIN:
        raise NotYet(
            f"doubling {n_steps} steps still brings your network's end points "
            f"{100 * gains[at]:.0f} % closer to the exact ones (median of {N_STARTS:,} starts)."
        )
    early = [n for n, gain in zip(STEP_COUNTS[:at], gains, strict=False) if gain < GAIN - MARGIN]
    if early:
        raise NotYet(
            "fewer steps are enough already. Against which end points did you measure: the exact "
            "ones, or those of your network's own ODE?"
        )
    correct("more steps than that improve the solver, and not the samples.")


# What the checks share.


def _check_input(z: Tensor, x_bar: Tensor, gamma: float, s: float) -> None:
    if z.shape != x_bar.shape:
        raise NotYet(f"F gets a state of shape {tuple(z.shape)}; x_bar has {tuple(x_bar.shape)}.")
    width = math.hypot(gamma, s)
    if _same(z, x_bar):
        raise NotYet("F still sees the bare x_bar: at gamma = 150 that is a hundred times too big.")
    if _same(z, x_bar / math.sqrt(1 + gamma**2)) and s != 1:
        raise NotYet("F's input is scaled as if the data had spread one; use s.")
    if not _same(z, x_bar / width):
        size = float(z.square().mean().sqrt() / (x_bar / width).square().mean().sqrt())
        raise NotYet(
            f"for data of spread {s} and gamma = {gamma}, F's input is {size:.3g} times as wide "
            "as it should be to have variance one."
        )


def _check_without(eps: Tensor, x_bar: Tensor, gamma: float, s: float) -> None:
    truth = gamma * x_bar / (gamma**2 + s**2)
    if _same(eps, truth):
        return
    if float(eps.abs().max()) < _CLOSE:
        raise NotYet("with F = 0 your eps is zero; it should be that of one Gaussian of spread s.")
    if _same(eps, gamma * x_bar / math.hypot(gamma, s)):
        raise NotYet("with F = 0: z is scaled once already, and eps needs the width a second time.")
    if _same(eps, x_bar / gamma):
        raise NotYet("with F = 0 this is the eps of a point mass; the Gaussian has a spread s.")
    raise NotYet(
        f"with F = 0, gamma = {gamma}, s = {s} your eps is not that of one Gaussian. "
        "Which eps has a single Gaussian of mean zero?"
    )


def _check_factor(difference: Tensor, gamma: float, s: float) -> None:
    factor = float(difference.mean())
    if not _same(difference, torch.full_like(difference, factor)):
        raise NotYet("F must enter linearly: eps is something known plus a factor times F.")
    wanted = s / math.hypot(gamma, s)
    if math.isclose(abs(factor), wanted, rel_tol=_CLOSE):
        return
    if math.isclose(abs(factor), 1.0, rel_tol=_CLOSE):
        raise NotYet(
            "F enters with factor one. At high levels nearly all of the noise is explained "
            "already: how large is what F would have to name?"
        )
    raise NotYet(
        f"at gamma = {gamma}, s = {s} the factor before F is {abs(factor):.3g}. What the "
        f"Gaussian's eps leaves of the noise has standard deviation {wanted:.3g} there."
    )


def _gap(s: float, start: float, end: float) -> float:
    """The gap at the level `end` for a lean of one, from no gap at `start`."""
    from scipy.integrate import solve_ivp

    found = solve_ivp(
        lambda gamma, gap: gamma * gap / (s * s + gamma * gamma) + 1,
        (start, end),
        [0.0],
        method="DOP853",
        rtol=1e-10,
        atol=1e-12,
    )
    return float(found.y[0, -1])


def _lowest_by_quadrature(gamma: float) -> float:
    """E |noise - its posterior mean|^2 / 2 for three_modes, on a grid of points, in NumPy."""
    toy = TOYS["three_modes"]
    axis = np.linspace(-3 - 5 * gamma, 3 + 5 * gamma, 400)
    points = np.stack(np.meshgrid(axis, axis, indexing="ij"), -1).reshape(-1, 2)
    joint, noise = [], []
    for w, mean, cov in zip(*toy.values(), strict=True):
        spread = np.array(cov) + gamma**2 * np.eye(2)
        scaled = np.linalg.solve(spread, (points - mean).T).T
        exponent = -0.5 * ((points - mean) * scaled).sum(1)
        joint.append(w * np.exp(exponent) / np.sqrt(np.linalg.det(spread)))
        noise.append(gamma * scaled)
    weights = np.array(joint)
    mean_noise = (weights[..., None] * np.array(noise)).sum(0) / (weights.sum(0)[:, None] + 1e-300)
    density = weights.sum(0) / weights.sum()
    return float(1 - 0.5 * (density * (mean_noise**2).sum(1)).sum())


def _measured(net: nn.Module) -> tuple[list[float], float]:
    """GENIE's errors against the exact end points, by step count, and the model's own error."""
    dtypes = {parameter.dtype for parameter in net.parameters()}
    flow, schedule = NetworkFlow(net), VPSchedule()
    exact = AnalyticFlow(GaussianMixture(**TOYS["three_modes"]))
    grids = [schedule.gamma(time_grid(n, "quadratic")) for n in STEP_COUNTS]
    start = _normal(N_STARTS) * torch.sqrt(1 + grids[0][0] ** 2)
    truth = exact_solution(exact, start, grids[0][[0, -1]], rtol=1e-7)[-1]
    rtol = 1e-6 if dtypes == {torch.float64} else 1e-4
    try:
        own = exact_solution(flow, start, grids[0][[0, -1]], rtol=rtol)[-1]
        ends = [solve(flow, start, gammas, "genie").x_bar[-1] for gammas in grids]
    except Exception as error:
        message = str(error).splitlines()[0] if str(error) else ""
        raise NotYet(f"your network stopped with {type(error).__name__}: {message}") from error
    return [end_point_error(end, truth) for end in ends], end_point_error(own, truth)


def _normal(n: int) -> Tensor:
    return torch.randn(n, 2, generator=torch.Generator().manual_seed(9), dtype=torch.float64)
