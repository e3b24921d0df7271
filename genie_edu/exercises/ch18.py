"""Checks of chapter 18: upsampling.

Each raises `NotYet` with a hint, or prints one line.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from genie_edu.exercises import NotYet, correct, require_callable
from genie_edu.exercises.answers import called, off, tensor_like
from genie_edu.mixture import GaussianMixture

_CLOSE = 1e-6


def check_condition_on(answer: object) -> None:
    """Check ``condition_on(mixture, row, y, noise)``: (weights, means, covs) of x given y.

    Against Bayes' rule itself: p(x) p(y|x) must be proportional to the answer's density. In two and
    three dimensions. Raises NotYet with a hint; prints one line.
    """
    function = require_callable(answer, "condition_on(mixture, row, y, noise)")
    generator = torch.Generator().manual_seed(7)
    for dim, row, y, noise in (
        (2, [0.5, 0.5], 0.4, 0.3),
        (3, [0.2, -0.7, 1.1], -0.6, 0.5),
        (2, [1.0, 0.0], 0.2, 1.5),
    ):
        mixture = _random_mixture(dim, generator)
        look = torch.tensor(row, dtype=torch.float64)
        found = called(function, mixture, look, y, noise)
        if not isinstance(found, tuple | list) or len(found) != 3:
            raise NotYet("return three things: weights (K,), means (K, D), covariances (K, D, D).")
        likes = (mixture.weights, mixture.means, mixture.covs)
        weights, means, covs = (tensor_like(a, b) for a, b in zip(found, likes, strict=True))
        _judge(mixture, look, y, noise, weights, means, covs, generator)
    correct("p(x) p(y|x), normalized: it is the density of your mixture at every x.")


def _random_mixture(dim: int, generator: torch.Generator) -> GaussianMixture:
    root = torch.randn(3, dim, dim, generator=generator, dtype=torch.float64)
    covs = 0.1 * root @ root.mT + 0.05 * torch.eye(dim, dtype=torch.float64)
    means = torch.randn(3, dim, generator=generator, dtype=torch.float64)
    return GaussianMixture([0.5, 0.3, 0.2], means, covs)


def _judge(
    mixture: GaussianMixture,
    row: Tensor,
    y: float,
    noise: float,
    weights: Tensor,
    means: Tensor,
    covs: Tensor,
    generator: torch.Generator,
) -> None:
    shared = mixture.covs @ row
    spread = shared @ row
    gain = shared / (spread + noise**2)[:, None]
    wanted = mixture.means + (y - mixture.means @ row)[:, None] * gain
    if abs(float(weights.sum()) - 1) > _CLOSE:
        raise NotYet("the weights don't add up to one.")
    if off(means, mixture.means + (y - mixture.means @ row)[:, None] * shared / spread[:, None]) < (
        _CLOSE
    ):
        raise NotYet("the means are those for a clean y: the noise is missing in y's variance.")
    if off(means, wanted) > _CLOSE:
        raise NotYet("the means are off: by how much does y miss what a component would have?")
    if off(covs, mixture.covs) < _CLOSE:
        raise NotYet("the covariances are still those without y, and y tells something.")
    if off(covs, mixture.covs - gain[:, :, None] * shared[:, None, :]) > _CLOSE:
        raise NotYet("the covariances are off: they shrink by K_k H Sigma_k.")
    if off(weights, mixture.weights) < _CLOSE:
        raise NotYet("the weights are still those without y: which component explains it best?")
    x = torch.randn(50, len(row), generator=generator, dtype=torch.float64)
    misses = (y - x @ row) / noise
    bayes = mixture.log_prob(x) - misses**2 / 2
    ours = GaussianMixture(weights, means, covs).log_prob(x)
    if float((bayes - ours).std()) > 1e-6:
        raise NotYet(
            "means and covariances are right, the weights are not: y's density under each "
            "component has a normalizing factor, too."
        )


def check_psnr(answer: object) -> None:
    """Check ``consistency(x, low)`` in decibels, for blocks of two and four.

    Raises NotYet with a hint; prints one line.
    """
    function = require_callable(answer, "consistency(x, low)")
    generator = torch.Generator().manual_seed(8)
    for side, factor, channels in ((8, 2, 1), (8, 4, 1), (12, 2, 3)):
        x = torch.rand(5, channels, side, side, generator=generator) * 2 - 1
        means = torch.nn.functional.avg_pool2d(x, factor)
        low = means + 0.1 * torch.randn(means.shape, generator=generator) * torch.arange(
            1, 6
        ).reshape(5, 1, 1, 1)
        given = called(function, x.clone(), low.clone())
        try:
            found = float(given)
        except (TypeError, ValueError):
            raise NotYet("return one number, in decibels.") from None
        mse = float((means - low).square().mean())
        _judge_psnr(found, mse, x, low, factor)
    correct("decibels of the input that is in the result, for every size of block.")


def _judge_psnr(found: float, mse: float, x: Tensor, low: Tensor, factor: int) -> None:
    def near(value: float) -> bool:
        return abs(found - value) < 1e-3

    means = torch.nn.functional.avg_pool2d(x, factor)
    wanted = 10 * math.log10(4 / mse)
    each = (means - low).square().flatten(1).mean(1)
    corner = float((x[:, :, ::factor, ::factor] - low).square().mean())
    if near(wanted):
        return
    if near(10 * math.log10(1 / mse)):
        raise NotYet("the pixels go from -1 to 1: what is the largest difference of two?")
    if near(-wanted):
        raise NotYet("a smaller difference must give more decibels, not fewer.")
    if near(wanted / 2):
        raise NotYet("ten decibels are a factor ten in the mean square, not in its root.")
    if near(float((10 * torch.log10(4 / each)).mean())):
        raise NotYet("this is the mean of each picture's decibels; take the mean square of all.")
    if near(10 * math.log10(4 / corner)):
        raise NotYet("one pixel of a block was taken, and its mean is wanted.")
    if math.isnan(found) or math.isinf(found):
        raise NotYet("the result is not finite.")
    raise NotYet(
        f"for blocks of {factor} it should be {wanted:.1f} dB, and yours is {found:.1f}. The "
        "factor is the ratio of the two sides."
    )


def check_price(answer: object) -> None:
    """Check ``price(m, share)``: the squared distance of an average of m samples, by the mean's.

    ``share`` of the variance is common to the samples: 0 are independent ones. Against random
    numbers. Raises NotYet with a hint; prints one line.
    """
    function = require_callable(answer, "price(m, share)")
    generator = torch.Generator().manual_seed(9)
    for m, share in ((1, 0.0), (4, 0.0), (1, 0.5), (4, 0.5), (3, 1.0)):
        common = torch.randn(400_000, 1, generator=generator, dtype=torch.float64)
        own = torch.randn(400_000, m, generator=generator, dtype=torch.float64)
        average = (share**0.5 * common + (1 - share) ** 0.5 * own).mean(1)
        original = torch.randn(400_000, generator=generator, dtype=torch.float64)
        wanted = float((original - average).square().mean())
        given = called(function, m, share)
        try:
            found = float(given)
        except (TypeError, ValueError):
            raise NotYet("return one number.") from None
        if abs(found - wanted) < 0.02:
            continue
        if share == 0 and abs(found - 1 / m) < 0.02:
            raise NotYet("the samples' average varies by that; the original varies, too.")
        if m == 1 and share == 0:
            raise NotYet("one sample is the case of the prediction at the chapter's beginning.")
        if share == 0:
            raise NotYet(f"m = {m} independent samples: what is the variance of their average?")
        if abs(found - (1 + 1 / m)) < 0.02:
            raise NotYet("what the samples have in common is not averaged away.")
        raise NotYet(
            f"m = {m} and share = {share:g}: with random numbers it comes to {wanted:.2f}, and "
            f"yours is {found:.2f}. Split the samples' variance into two parts."
        )
    correct("what is common stays, what is not falls as 1/m, and the original has its own 1.")
