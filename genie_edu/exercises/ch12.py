"""Checks of chapter 12: a noisy batch of pictures, the Frechet distance, the swap of derivatives.

The truth in each check is made here: products written out, roots from the eigenvalues of a product
of covariances, GENIE steps taken by hand with the head and with torch's own JVP.
"""

from __future__ import annotations

import functools
import math
from unittest import mock

import torch
from torch import Tensor, nn

import genie_edu
from genie_edu import metrics
from genie_edu.datasets import data
from genie_edu.exercises import NotYet, correct, require_callable
from genie_edu.exercises.answers import LibraryUsedError, called, near, number, off, tensor_like
from genie_edu.nets import checkpoints
from genie_edu.schedule import VPSchedule, time_grid

_CLOSE = 1e-6
_ALIKE = 1e-3
"""Relative agreement of errors that are computed in float32 in different ways."""

_near = functools.partial(near, close=_CLOSE, least=1.0)
_number = functools.partial(
    number, strange="the result is not a finite number: is the root of a tiny negative one in it?"
)


def check_noisy(answer: object) -> None:
    """Check ``noisy(x0, gamma, noise)``: x_bar of a batch of pictures, one level each.

    The first batch is as large as its pictures are wide, so that a wrong alignment raises nothing.
    Raises NotYet with a hint; prints one line when the answer is right.
    """
    function = require_callable(answer, "noisy(x0, gamma, noise)")
    for shape in ((8, 1, 8, 8), (5, 3, 4, 6)):
        generator = _generator(12)
        x0 = 2 * torch.rand(shape, generator=generator, dtype=torch.float64) - 1
        noise = torch.randn(shape, generator=generator, dtype=torch.float64)
        gamma = torch.logspace(-1.5, 1.5, shape[0], dtype=torch.float64)
        result = tensor_like(called(function, x0, gamma, noise), x0)
        level = gamma.reshape(-1, 1, 1, 1)
        if _same(result, x0 + level * noise):
            continue
        if shape[0] == shape[-1]:
            if _same(result, x0 + gamma * noise):
                raise NotYet(
                    "the levels run along the columns of each picture here: torch lines up shapes "
                    "from the right. A picture has one level."
                )
            if _same(result, x0 + gamma[:, None] * noise):
                raise NotYet("the levels run along the rows of each picture. A picture has one.")
        scale = torch.rsqrt(1 + level * level)
        if _same(result, scale * (x0 + level * noise)):
            raise NotYet("these are the states x; the ones in bar coordinates are not scaled down.")
        if _same(result, level * x0 + noise):
            raise NotYet("the level belongs to the noise, not to the picture.")
        if any(_same(result, x0 + g * noise) for g in (gamma[0], gamma[-1], gamma.mean())):
            raise NotYet("all pictures of the batch have the same level here.")
        raise NotYet(f"for a batch of shape {shape} the noise is not the level times the draw.")
    correct("one level for each picture, whatever the batch's shape.")


def check_frechet(answer: object) -> None:
    """Check ``frechet(features, others)``: the squared distance of two Gaussians, from samples.

    Covariances with n - 1 or with n are both taken. Raises NotYet with a hint; prints one line.
    """
    function = require_callable(answer, "frechet(features, others)")
    one, other = _features(300, 1), _features(200, 2)
    given = _number(_without_library(function, one, other))
    if not _near(given, *(_frechet(one, other, bias) for bias in (0, 1))):
        raise NotYet(_what_is_wrong(given, one, other))
    few, many = one[:4], other
    try:
        given = _number(_without_library(function, few, many))
    except NotYet as fault:
        raise NotYet(f"with fewer samples than features, {fault.hint}") from None
    if not _near(given, *(_frechet(few, many, bias) for bias in (0, 1)), close=1e-4):
        raise NotYet(
            "with fewer samples than features, so that a covariance is singular, the distance is "
            f"{given:.4g}: it should be {_frechet(few, many, 0):.4g}."
        )
    shifted = one + 3.0
    given = _number(_without_library(function, one, shifted))
    if not _near(given, 9.0 * one.shape[1], close=1e-4):
        raise NotYet("a set and the same set moved aside: only the means differ, and by how much?")
    correct("the distance of two Gaussians, singular ones included.")


def check_swapped(answer: object) -> None:
    """Check ``swapped(net, head, start, exact, gammas)``: {name: (calls, derivatives, error)}.

    Four GENIE steps on the shipped digits' network, with the head and with the exact derivative.
    Raises NotYet with a hint; prints one line when the answer is right.
    """
    function = require_callable(answer, "swapped(net, head, start, exact, gammas)")
    net, head = _networks()
    gammas = VPSchedule().gamma(time_grid(4))
    start = torch.randn(6, 1, 8, 8, generator=_generator(7)) * float(gammas[0])
    ends = {way: _by_hand(net, head, start, gammas, way) for way in ("head", "autodiff", "none")}
    # Some starts stay close and others don't, so that a mean is not a median.
    away = torch.randn(start.shape, generator=_generator(8)) * torch.logspace(-1.5, 0.5, 6)[
        :, None, None, None
    ].to(start)
    exact = ends["autodiff"] + away
    result = called(function, net, head, start, exact, gammas)
    errors = {}
    for name in ("head", "autodiff"):
        calls, derivatives, errors[name] = _row(result, name)
        _check_counts(name, calls, derivatives, len(gammas) - 1)
    distances = {way: (end - exact).flatten(1).norm(dim=1) for way, end in ends.items()}
    truth = {way: float(d.double().quantile(0.5)) for way, d in distances.items()}
    _check_errors(errors, truth, distances)
    correct("the same calls, the same number of derivatives, and the error of each.")


# What the checks share.


def _check_counts(name: str, calls: int, derivatives: int, steps: int) -> None:
    if (calls, derivatives) == (steps, steps):
        return
    if calls == 3 * steps:
        raise NotYet(f"{name}: three calls a step are those of a difference quotient.")
    if calls == 2 * steps and derivatives in (steps, 2 * steps):
        raise NotYet(
            f"{name}: {calls} calls for {steps} steps. A flow counts on from run to run; a "
            "trajectory counts its own."
        )
    if (calls, derivatives) == (steps, 0):
        raise NotYet(f"{name}: no derivative was asked for, so these are not GENIE steps.")
    raise NotYet(
        f"{name}: {calls} calls and {derivatives} derivatives for {steps} steps. The order is "
        "calls, derivatives, error."
    )


def _check_errors(
    errors: dict[str, float], truth: dict[str, float], distances: dict[str, Tensor]
) -> None:
    def is_of(name: str, way: str) -> bool:
        return math.isclose(errors[name], truth[way], rel_tol=_ALIKE)

    if is_of("head", "head") and is_of("autodiff", "autodiff"):
        return
    if is_of("head", "autodiff") and is_of("autodiff", "head"):
        raise NotYet("the two runs are exchanged.")
    if is_of("autodiff", "head"):
        raise NotYet("autodiff: this run uses the head's derivative, too.")
    if is_of("head", "autodiff"):
        raise NotYet("head: this run uses the exact derivative.")
    for name in errors:
        if is_of(name, "none"):
            raise NotYet(f"{name}: these are the end points of Euler's steps.")
        for what, value in _other_errors(distances[name]).items():
            if math.isclose(errors[name], value, rel_tol=_ALIKE):
                raise NotYet(f"{name}: this is {what}. The book's error is the median distance.")
    name = "autodiff" if is_of("head", "head") else "head"
    raise NotYet(
        f"{name}: the error is {errors[name]:.3g}; from these starts it should be "
        f"{truth[name]:.3g}. Is it the distance to exact, and the step GENIE's plain one?"
    )


def _other_errors(distance: Tensor) -> dict[str, float]:
    pixels = 64
    return {
        "a mean over the starts": float(distance.mean()),
        "the largest distance": float(distance.max()),
        "the lower of the two middle distances": float(distance.median()),
        "a root mean square over all pixels": float(distance.square().mean() / pixels) ** 0.5,
        "divided by the root of the number of pixels": float(distance.quantile(0.5)) / pixels**0.5,
    }


def _row(result: object, name: str) -> tuple[int, int, float]:
    if not isinstance(result, dict) or name not in result:
        raise NotYet('return a dictionary with the keys "head" and "autodiff".')
    row = result[name]
    if not isinstance(row, (tuple, list)) or len(row) != 3:
        raise NotYet(f"{name}: give three things: calls, derivatives, error.")
    if any(part is ... or part is None for part in row):
        raise NotYet("the report is still empty: replace the placeholders.")
    return int(_number(row[0])), int(_number(row[1])), _number(row[2])


@functools.cache
def _networks() -> tuple[nn.Module, nn.Module]:
    """The shipped network and head, frozen, in float32."""
    found = (checkpoints.load(data.shipped(f"digits/{part}")) for part in ("base", "head"))
    net, head = (module.requires_grad_(False) for module in found)
    return net, head


@torch.no_grad()
def _by_hand(net: nn.Module, head: nn.Module, start: Tensor, gammas: Tensor, way: str) -> Tensor:
    """End points of GENIE's steps, written out; with "none" the derivative is left away."""
    x_bar = start
    for gamma, after in zip(gammas.tolist()[:-1], gammas.tolist()[1:], strict=True):
        eps, *features = net(x_bar, gamma, features=True)
        h = after - gamma
        level = torch.tensor(gamma)
        slope = torch.zeros_like(eps)
        if way == "head":
            slope = head(x_bar, gamma, eps, *features)
        elif way == "autodiff":
            slope = torch.func.jvp(net, (x_bar, level), (eps, torch.ones(())))[1]
        x_bar = x_bar + h * eps + h * h / 2 * slope
    return x_bar


def _features(n: int, seed: int) -> Tensor:
    """n correlated features (n, 6), float64."""
    generator = _generator(seed)
    spread = torch.randn(6, 6, generator=generator, dtype=torch.float64)
    return torch.randn(n, 6, generator=generator, dtype=torch.float64) @ spread + seed


def _frechet(one: Tensor, other: Tensor, bias: int) -> float:
    """The distance from the eigenvalues of C C'; covariances with n (bias 1) or n - 1."""
    shift, c, d = _moments(one, other, bias)
    roots = torch.linalg.eigvals(c @ d).real.clamp(min=0).sqrt().sum()
    return float(shift.square().sum() + c.trace() + d.trace() - 2 * roots)


def _moments(one: Tensor, other: Tensor, bias: int = 0) -> tuple[Tensor, Tensor, Tensor]:
    c, d = (torch.cov(part.T, correction=1 - bias) for part in (one, other))
    return one.mean(0) - other.mean(0), c, d


def _what_is_wrong(given: float, one: Tensor, other: Tensor) -> str:
    shift, c, d = _moments(one, other)
    roots = torch.linalg.eigvals(c @ d).real.clamp(min=0).sqrt().sum()
    square, traces = shift.square().sum(), c.trace() + d.trace()
    right = square + traces - 2 * roots
    alone = (c.diagonal() * d.diagonal()).sqrt().sum()
    wrong = {
        "this is the root of what is asked: the field's distance is squared.": right.sqrt(),
        "the means' part is not squared.": square.sqrt() + traces - 2 * roots,
        "the means differ, too: their part is missing.": traces - 2 * roots,
        "only the means are compared: what of the covariances?": square,
        "the product of the two covariances counts twice.": square + traces - roots,
        "the features are taken one by one here; they are correlated.": square + traces - 2 * alone,
        "the product has no root: its trace has another unit than the covariances'.": square
        + traces
        - 2 * (c @ d).trace(),
    }
    for hint, value in wrong.items():
        if _near(given, float(value)):
            return hint
    return f"for two sets of six features the distance is {float(right):.4g}; yours is {given:.4g}."


def _without_library(function: object, *arguments: Tensor) -> object:
    """Run an answer that must not ask the library for the distance."""
    refuse = {"side_effect": LibraryUsedError}
    hint = "this asks the library for the distance; write it."
    with (
        mock.patch.object(metrics, "frechet_distance", **refuse),
        mock.patch.object(genie_edu, "frechet_distance", create=True, **refuse),
    ):
        return called(function, *arguments, library=hint)  # type: ignore[arg-type]


def _same(value: Tensor, wanted: Tensor) -> bool:
    return value.shape == wanted.shape and off(value, wanted) <= _CLOSE


def _generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)
