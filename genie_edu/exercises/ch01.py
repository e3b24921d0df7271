"""Checks of chapter 1, score and noise.

Nothing here calls the library's own eps: the truths are a conditional mean over points, written out
in NumPy, a numerical integral, and a responsibility at the reader's own answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

import numpy as np
import torch

from genie_edu.exercises import NotYet, correct, require_callable
from genie_edu.flow import Flow
from genie_edu.mixture import GaussianMixture

__all__ = ["check_border", "check_points", "check_uniform"]


def check_points(points_eps: Any) -> None:  # noqa: ANN401
    """Check points_eps(z, gamma, points) against E[xi | x_bar = z] for equally likely points.

    z (B, D) and points (N, D) float64, gamma a number; the answer is (B, D). Tried in two and in
    sixteen dimensions, at three levels, near the points and far away. Raises NotYet with a hint.
    Source: eq. tweedie.
    """
    require_callable(points_eps, "points_eps(z, gamma, points)")
    random = np.random.default_rng(7)
    for n_points, dim in ((5, 2), (30, 16)):
        points = random.standard_normal((n_points, dim))
        for gamma in (0.6, 0.1, 6.0):
            chosen = points[random.integers(n_points, size=8)]
            z = chosen + gamma * random.standard_normal((8, dim))
            z[-2:] *= 60 * (1 + gamma)  # so far off that no density survives exp
            given = [torch.from_numpy(value.copy()) for value in (z, points)]
            answer = _run(points_eps, "points_eps", z.shape, given[0], gamma, given[1])
            truth = _points_eps(z, gamma, points)
            if _close(answer, truth):
                continue
            if not _close(answer[:-2], truth[:-2]):
                raise NotYet(_diagnose_points(answer[:-2], truth[:-2], z[:-2], gamma, points))
            raise NotYet(
                "near the points your eps is right, but not far from them: every density there is "
                "too small for float64. Work with logarithms until the shares are formed."
            )
    correct("that is the average noise behind z, in 2 and in 16 dimensions, near and far.")


def check_uniform(uniform_eps: Any) -> None:  # noqa: ANN401
    """Check uniform_eps(z, gamma) for x_0 uniform on (-1, 1) against a numerical integral.

    z (B,) float64, gamma a number; the answer is (B,). Raises NotYet with a hint.
    Source: eq. tweedie.
    """
    require_callable(uniform_eps, "uniform_eps(z, gamma)")
    for gamma in (0.7, 0.25, 4.0):
        z = np.linspace(-1 - 2 * gamma, 1 + 2 * gamma, 9) + 0.05
        answer = _run(uniform_eps, "uniform_eps", z.shape, torch.from_numpy(z.copy()), gamma)
        truth = _uniform_eps(z, gamma)

        def close(value: np.ndarray, truth: np.ndarray = truth) -> bool:
            return bool(np.abs(value - truth).max() < 1e-6)

        if close(answer):
            continue
        if close(-answer):
            raise NotYet("the size is right, the sign is not: the noise points away from the data.")
        if close(gamma * answer):
            raise NotYet(
                "that is minus the score; one factor that depends on the level is missing."
            )
        if close(-gamma * answer):
            raise NotYet("that is the score itself; eps is a multiple of it.")
        if close((z - answer) / gamma):
            raise NotYet(
                "that is the denoiser, the mean of x_0; asked for is the mean of the noise."
            )
        if np.abs(answer - gamma * z / (1 / 3 + gamma**2)).max() < 1e-6:
            raise NotYet(
                "that is the eps of a Gaussian with the same mean and variance. Only at strong "
                "noise do the two agree."
            )
        ends = _points_eps(z[:, None], gamma, np.array([[-1.0], [1.0]]))[:, 0]
        if np.abs(answer - ends).max() < 1e-6:
            raise NotYet("that is for two points at -1 and 1; the data lie everywhere between.")
        worst = int(np.abs(answer - truth).argmax())
        raise NotYet(
            f"at z = {z[worst]:.2f} and gamma = {gamma} the mean of the noise is "
            f"{truth[worst]:.4f}, by a numerical integral; yours is {answer[worst]:.4f}."
        )
    correct("it agrees with a numerical integral inside, at the edges and outside.")


def check_border(gamma: Any, weights: Any, means: Any, std: float) -> None:  # noqa: ANN401
    """Check the level at which the lighter of two 1-D modes owns only half of its own center.

    Both modes have standard deviation `std`. The check evaluates the responsibility at the reader's
    gamma and asks for 0.5 within 0.002. Raises NotYet with a hint. Source: eq. responsibilities.
    """
    if gamma is None or gamma is ...:
        raise NotYet("put your number for gamma in place of the dots, then run the cell.")
    try:
        gamma = float(gamma)
    except (TypeError, ValueError):
        raise NotYet("hand in one number for gamma.") from None
    if not (np.isfinite(gamma) and gamma > 0):
        raise NotYet("gamma has to be a positive number.")
    weights, means = np.asarray(weights, float), np.asarray(means, float).ravel()
    light = int(np.argmin(weights))

    def share(variance: float) -> float:
        log_joint = np.log(weights) - (means[light] - means) ** 2 / (2 * variance)
        joint = np.exp(log_joint - log_joint.max())
        return float(joint[light] / joint.sum())

    if abs(share(std**2 + gamma**2) - 0.5) < 0.002:
        correct(f"above gamma = {gamma:.2f} the light mode no longer owns even its own center.")
        return
    if abs(share(gamma**2) - 0.5) < 0.002:
        raise NotYet("gamma^2 is not the whole variance: each mode has a width before any noise.")
    if gamma > std and abs(share(gamma) - 0.5) < 0.002:
        raise NotYet("that is the variance of a diffused mode; gamma is only part of it.")
    if abs(share((std**2 + gamma**2) / 2) - 0.5) < 0.002:
        raise NotYet("check the exponent of the normal density: a factor is missing there.")
    if gamma > std and abs(share(std**2 + gamma) - 0.5) < 0.002:
        raise NotYet("that is gamma squared.")
    raise NotYet(
        f"at your gamma the light mode owns {share(std**2 + gamma**2):.3f} of its own center, "
        "not one half."
    )


@contextmanager
def without_library() -> Iterator[None]:
    """Within this block the library's own eps, densities and derivatives refuse to work."""

    def refuse(*args: object, **kwargs: object) -> None:
        raise NotYet("your function asks the library for the answer; write the formula itself.")

    methods = {
        GaussianMixture: ("derivatives", "log_prob", "eps", "deps_dt"),
        Flow: ("eps", "eps_and_derivative", "derivatives"),
    }
    with ExitStack() as stack:
        for owner, names in methods.items():
            for name in names:
                stack.enter_context(mock.patch.object(owner, name, refuse))
        yield


def as_array(answer: Any, name: str, shape: tuple[int, ...]) -> np.ndarray:  # noqa: ANN401
    """Return the reader's result as a float64 array of `shape`; NotYet says what came instead."""
    if answer is None or answer is ...:
        raise NotYet(f"{name} returns nothing yet: write its body in place of the dots.")
    if isinstance(answer, torch.Tensor):
        answer = answer.detach().numpy()
    try:
        array = np.asarray(answer, dtype=float)
    except (TypeError, ValueError):
        raise NotYet(f"{name} must return numbers; it returned {type(answer).__name__}.") from None
    if array.shape != shape:
        raise NotYet(f"{name} must return an array of shape {shape}; yours has {array.shape}.")
    return array


def _run(function: Any, name: str, shape: tuple[int, ...], *arguments: Any) -> np.ndarray:  # noqa: ANN401
    try:
        with without_library():
            answer = function(*arguments)
    except NotImplementedError:
        raise NotYet(f"{name} is not written yet: fill in its body.") from None
    return as_array(answer, name, shape)


def _close(answer: np.ndarray, truth: np.ndarray) -> bool:
    scale = np.maximum(1.0, np.abs(truth).max(axis=1, keepdims=True))
    return bool((np.abs(answer - truth) < 1e-7 * scale).all())


def _points_eps(z: np.ndarray, gamma: float, points: np.ndarray, power: float = 2.0) -> np.ndarray:
    """E[(z - x_i) / gamma], x_i weighted by exp(-|z - x_i|^2 / (2 gamma^power))."""
    away = z[:, None] - points
    exponent = -(away**2).sum(-1) / (2 * gamma**power)
    share = np.exp(exponent - exponent.max(1, keepdims=True))
    share /= share.sum(1, keepdims=True)
    return (share[..., None] * away).sum(1) / gamma


def _uniform_eps(z: np.ndarray, gamma: float) -> np.ndarray:
    nodes, weights = np.polynomial.legendre.leggauss(400)
    density = weights * np.exp(-((z[:, None] - nodes) ** 2) / (2 * gamma**2))
    mean = (density * nodes).sum(1) / density.sum(1)
    return (z - mean) / gamma


def _diagnose_points(
    answer: np.ndarray, truth: np.ndarray, z: np.ndarray, gamma: float, points: np.ndarray
) -> str:
    if not np.isfinite(answer).all():
        return "your eps contains NaN or infinity, even near the points."
    if _close(-answer, truth):
        return "the size is right but it points the wrong way: the noise points away from the data."
    if _close(gamma * answer, truth):
        return "that is minus the score; one factor that depends on the level is missing."
    if _close(-gamma * answer, truth):
        return "that is the score itself; eps is a multiple of it."
    if _close(answer / gamma, truth):
        return "that is the whole noise that was added, gamma xi; asked for is xi."
    if _close((z - answer) / gamma, truth):
        return "that is the denoiser, the mean of the points; asked for is the mean of the noise."
    if _close(answer, (z - points.mean(0)) / gamma):
        return "your points all count the same, wherever z is: they have responsibilities."
    nearest = ((z[:, None] - points) ** 2).sum(-1).argmin(1)
    if _close(answer, (z - points[nearest]) / gamma):
        return "you ask the nearest point only. At strong noise the others are possible as well."
    if _close(answer, _points_eps(z, gamma, points, power=1.0)):
        return "the exponent of the normal density holds the variance, not gamma."
    if _close(answer, _points_eps(z, gamma / np.sqrt(2), points) / np.sqrt(2)):
        return "check the exponent of the normal density: a factor is missing there."
    return (
        f"at gamma = {gamma} your eps differs from the average noise by up to "
        f"{np.abs(answer - truth).max():.1e}. Try two points in one dimension first."
    )
