"""Checks of chapter 1, score and noise.

Nothing here calls the library's own eps: the truth is a log density written out in NumPy and
differenced, a Gaussian conditional mean, and a responsibility at the reader's own answer.
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

__all__ = ["check_border", "check_denoiser", "check_eps"]

_LEVELS = (0.05, 0.6, 8.0)


def check_eps(eps: Any, mixture: GaussianMixture) -> None:  # noqa: ANN401
    """Check eps(x_bar, gamma) against -gamma times a finite difference of log q.

    eps takes x_bar (B, D) float64 and a number gamma, and returns (B, D). Tried at three levels, on
    the modes, between them and far outside. Raises NotYet with a hint. Source: eq. eps-mixture.
    """
    require_callable(eps, "eps(x_bar, gamma)")
    for gamma in _LEVELS:
        points = _points(mixture, gamma)
        answer = _run(eps, "eps", points, gamma)
        truth = _eps_by_difference(points, gamma, mixture)
        far = slice(len(points) - 2, None)
        near = slice(0, len(points) - 2)
        if not np.isfinite(answer).all():
            if np.isfinite(answer[near]).all():
                raise NotYet(
                    "far from all modes your eps is not a number: every density there is too small "
                    "for float64. Work with logarithms until the responsibilities are formed."
                )
            raise NotYet("your eps contains NaN or infinity near the modes.")
        if _close(answer, truth):
            continue
        if not _close(answer[near], truth[near]):
            raise NotYet(_diagnose_eps(answer[near], truth[near], points[near], gamma, mixture))
        raise NotYet(
            f"near the modes your eps is right, but far from them it is off by up to "
            f"{np.abs(answer[far] - truth[far]).max():.1e}: look at how the weights of the "
            "components are normalized."
        )
    correct("your eps is -gamma times the slope of log q, at every level, even far from the modes.")


def check_denoiser(denoise: Any, mixture: GaussianMixture) -> None:  # noqa: ANN401
    """Check denoise(x_bar, gamma) against the mean of x_0 given x_bar, by Gaussian conditioning.

    Takes x_bar (B, D) float64 and a number gamma, returns (B, D); it may call the library's eps.
    Raises NotYet with a hint. Source: eq. denoiser.
    """
    require_callable(denoise, "denoise(x_bar, gamma)")
    for gamma in _LEVELS:
        points = _points(mixture, gamma)[:-2]
        answer = _run(denoise, "denoise", points, gamma, library=True)
        truth = _conditional_mean(points, gamma, mixture)
        if _close(answer, truth):
            continue
        noise = (points - truth) / gamma
        if _close(answer, noise):
            raise NotYet("that is the noise; asked for is the data point that is left without it.")
        if _close(answer, points - noise):
            raise NotYet(
                "you removed eps itself, but x_bar was made with eps times something that depends "
                "on the level."
            )
        if _close(answer, points + gamma * noise):
            raise NotYet("you added the noise a second time; it has to come off.")
        if _close(answer, truth / np.sqrt(1 + gamma**2)):
            raise NotYet("that is right up to the factor alpha: x_bar = x / alpha has none.")
        raise NotYet(
            f"at gamma = {gamma} your answer misses the mean of x_0 given x_bar by up to "
            f"{np.abs(answer - truth).max():.1e}. Solve x_bar = x_0 + gamma eps for x_0."
        )
    correct("your denoiser is the mean of all data points that could be behind x_bar.")


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


def _run(
    function: Any,  # noqa: ANN401
    name: str,
    points: np.ndarray,
    gamma: float,
    library: bool = False,
) -> np.ndarray:
    x_bar = torch.from_numpy(points.copy())
    try:
        if library:
            answer = function(x_bar, gamma)
        else:
            with without_library():
                answer = function(x_bar, gamma)
    except NotImplementedError:
        raise NotYet(f"{name} is not written yet: fill in its body.") from None
    return as_array(answer, name, points.shape)


def _close(answer: np.ndarray, truth: np.ndarray) -> bool:
    scale = np.maximum(1.0, np.abs(truth).max(axis=1, keepdims=True))
    return bool((np.abs(answer - truth) < 2e-6 * scale).all())


def _points(mixture: GaussianMixture, gamma: float) -> np.ndarray:
    """Two points a mode and some between; the last two so far off that no density survives exp."""
    means = mixture.means.numpy()
    random = np.random.default_rng(7)
    reach = np.sqrt(0.3**2 + gamma**2)
    near = np.concatenate([means, means]) + reach * random.standard_normal(
        (2 * len(means), means.shape[1])
    )
    far = 60.0 * (1 + gamma) * np.array([[1.0, 0.3], [-0.4, -1.0]])[:, : means.shape[1]]
    between = means.mean(0) + 0.2 * random.standard_normal((4, means.shape[1]))
    return np.concatenate([near, between, far])


def _log_joint(
    points: np.ndarray,
    gamma: float,
    mixture: GaussianMixture,
    *,
    with_weights: bool = True,
    with_noise: bool = True,
    with_volume: bool = True,
) -> np.ndarray:
    """log(w_k N(z; mu_k, Sigma_k + gamma^2 I)) up to a constant, (K, B); parts can be left out."""
    rows = []
    dim = points.shape[1]
    for weight, mean, cov in zip(
        mixture.weights.numpy(), mixture.means.numpy(), mixture.covs.numpy(), strict=True
    ):
        spread = cov + (gamma**2 * np.eye(dim) if with_noise else 0.0)
        away = points - mean
        distance = np.einsum("bi,bi->b", away, np.linalg.solve(spread, away.T).T)
        row = -0.5 * distance
        row = row - (0.5 * np.linalg.slogdet(spread)[1] if with_volume else 0.0)
        rows.append(row + (np.log(weight) if with_weights else 0.0))
    return np.stack(rows)


def _eps_by_difference(
    points: np.ndarray,
    gamma: float,
    mixture: GaussianMixture,
    **parts: bool,
) -> np.ndarray:
    """-gamma grad log q, by a fourth-order central difference of log q."""

    def log_q(at: np.ndarray) -> np.ndarray:
        return np.logaddexp.reduce(_log_joint(at, gamma, mixture, **parts), axis=0)

    step = 1e-3 * np.sqrt(0.2**2 + gamma**2)
    columns = []
    for unit in np.eye(points.shape[1]):
        one, two = step * unit, 2 * step * unit
        slope = 8 * (log_q(points + one) - log_q(points - one)) - (
            log_q(points + two) - log_q(points - two)
        )
        columns.append(slope / (12 * step))
    return -gamma * np.stack(columns, axis=1)


def _conditional_mean(points: np.ndarray, gamma: float, mixture: GaussianMixture) -> np.ndarray:
    """E[x_0 | x_bar] as a mean of the components' own conditional means."""
    log_joint = _log_joint(points, gamma, mixture)
    share = np.exp(log_joint - np.logaddexp.reduce(log_joint, axis=0))
    total = np.zeros_like(points)
    for part, mean, cov in zip(share, mixture.means.numpy(), mixture.covs.numpy(), strict=True):
        spread = cov + gamma**2 * np.eye(points.shape[1])
        total += part[:, None] * (mean + (cov @ np.linalg.solve(spread, (points - mean).T)).T)
    return total


def _diagnose_eps(
    answer: np.ndarray,
    truth: np.ndarray,
    points: np.ndarray,
    gamma: float,
    mixture: GaussianMixture,
) -> str:
    if _close(-answer, truth):
        return "the size is right but it points the wrong way: log q grows toward the modes."
    if _close(gamma * answer, truth):
        return "that is minus the score of q; one factor that depends on the level is missing."
    if _close(-gamma * answer, truth):
        return "that is the score of q itself; eps is a multiple of it."
    if _close(answer / gamma, truth):
        return "there is one factor gamma too many."
    left_out = {
        "with_weights": "your modes all count the same: the weights of the mixture are missing.",
        "with_noise": "your modes are as narrow as the data's; noise widens them.",
        "with_volume": (
            "your responsibilities leave out that a wide normal density is a low one: its "
            "normalizing factor differs from mode to mode."
        ),
    }
    for part, hint in left_out.items():
        if _close(answer, _eps_by_difference(points, gamma, mixture, **{part: False})):
            return hint
    return (
        f"at gamma = {gamma} your eps differs from -gamma times the slope of log q by up to "
        f"{np.abs(answer - truth).max():.1e}. Try a mixture with a single mode first."
    )
