"""The truth, and how far a solver is from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from genie_edu import _checks
from genie_edu._checks import as_tensor, doubtful, number
from genie_edu._names import flag, positive_int
from genie_edu.flow import Flow, as_flow

PAIRS = 2**26
"""Distances that are in memory at once: 256 MiB of float32."""


def exact_solution(flow: Flow, x_bar: Any, gammas: Any, rtol: float = 1e-12) -> Tensor:
    """The flow's solution from x_bar (B, *shape) at gammas[0], at every level of the grid.

    Returns (N+1, B, *shape), float64. SciPy's DOP853 in the clock log gamma, `rtol` as relative
    and absolute tolerance; its calls are not counted. Levels may decrease or increase.
    Raises ImportError without SciPy (it names the command), RuntimeError if DOP853 gives up, and
    ValueError or TypeError, also for an `rtol` that the flow's own rounding keeps from being met:
    DOP853 would shrink its steps for ever.
    """
    try:
        from scipy.integrate import solve_ivp
    except ImportError as error:
        raise ImportError("exact_solution needs SciPy: pip install scipy") from error
    flow, rtol = as_flow(flow), number("rtol", rtol, 0, 1)
    x_bar = as_tensor("x_bar", x_bar, torch.float64)
    gamma = as_tensor("gammas", gammas, torch.float64)
    if gamma.shape != (1,):
        falls = gamma.ndim == 1 and len(gamma) > 1 and gamma[0] > gamma[-1]
        _checks.grid(gamma, sign=-1 if falls else 1)
    rounding = torch.finfo(flow.dtype).eps
    if flow.dtype != torch.float64 and rtol < 100 * rounding:
        raise ValueError(
            f"rtol = {rtol:g} is below what a flow in {flow.dtype} resolves: give a flow of "
            f"net.double(), or rtol of {100 * rounding:.0e} or more"
        )
    if x_bar.numel() == 0 or len(gamma) == 1:
        return x_bar.expand(len(gamma), *x_bar.shape).clone()

    def rate(log_gamma: float, flat: np.ndarray) -> np.ndarray:
        level = float(np.exp(log_gamma))
        state = torch.from_numpy(flat).reshape(x_bar.shape)
        return level * flow._eps(state, level).reshape(-1).numpy()

    clock = gamma.log().numpy()
    result = solve_ivp(
        rate,
        (clock[0], clock[-1]),
        x_bar.reshape(-1).numpy(),
        method="DOP853",
        t_eval=clock,
        rtol=rtol,
        atol=rtol,
    )
    if not result.success:
        raise RuntimeError(f"the reference solution failed: {result.message}")
    return torch.from_numpy(result.y.T.copy()).reshape(len(gamma), *x_bar.shape)


def end_point_error(x_bar: Any, exact: Any) -> float:
    """Median over starts of the Euclidean distance between x_bar and exact, both (B, *shape).

    The book's *error* everywhere: the median, because a few starts on a border between modes can
    end in another mode and would rule a mean. Raises ValueError if the shapes differ, or for no
    starts at all; TypeError.
    """
    x_bar, exact = as_tensor("x_bar", x_bar), as_tensor("exact", exact)
    if x_bar.shape != exact.shape:
        raise ValueError(
            f"x_bar and exact must have one shape; got {tuple(x_bar.shape)}, {tuple(exact.shape)}"
        )
    if not x_bar.ndim or not len(x_bar):
        raise ValueError("x_bar must hold one state (B, *shape) at least: no start, no median")
    distance = (x_bar.double() - exact.double()).flatten(1).norm(dim=1)
    # torch's median of an even number of values is the lower one; the field's is their mean.
    return float(distance.quantile(0.5))


class Frechet(NamedTuple):
    """A Frechet distance, and what two sets of these sizes from one distribution would have."""

    distance: float
    bias: float


def frechet_distance(features: Any, others: Any, bias: bool = False) -> float | Frechet:
    """Frechet distance between two sets of features, (N, D) and (M, D), each taken as a Gaussian.

    |m - m'|^2 + tr C + tr C' - 2 tr (C C')^(1/2), float64, never below 0. The root's trace is the
    sum of the singular values of C^(1/2) C'^(1/2), so a singular C needs no care.
    Biased upwards, the more the fewer the samples: compare at equal N and M only. With `bias=True`
    it returns (distance, bias), the second what sets of N and M samples of one Gaussian have on
    average (`frechet_bias`, at the pooled covariance): a distance of that size says nothing.
    On Inception features it is FID; on others it is not comparable to any FID.
    Raises ValueError for fewer than two samples, different D or numbers too large to be squared;
    TypeError. Warns for fewer samples than half the features.
    Source: Dowson and Landau 1982; Heusel et al. 2017.
    """
    a, b = (as_tensor(*f, torch.float64) for f in (("features", features), ("others", others)))
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1] or min(len(a), len(b)) < 2:
        raise ValueError(
            "features and others must be (N, D) and (M, D) with at least two rows each; "
            f"got {tuple(a.shape)} and {tuple(b.shape)}"
        )
    if 2 * min(len(a), len(b)) < a.shape[1]:
        doubtful(
            "a Frechet distance from fewer samples than half the features is mostly bias: take "
            "more samples, and see bias=True"
        )
    cov_a, cov_b = (torch.cov(f.T).reshape(a.shape[1], -1) for f in (a, b))
    shift = (a.mean(0) - b.mean(0)).square().sum()
    if not torch.isfinite(shift + cov_a.sum() + cov_b.sum()):
        raise ValueError("features and others are too large: their squares are no numbers")
    cross = torch.linalg.svdvals(_root(cov_a) @ _root(cov_b)).sum()
    distance = max(0.0, float(shift + cov_a.trace() + cov_b.trace() - 2 * cross))
    if not flag("bias", bias):
        return distance
    pooled = (len(a) * cov_a + len(b) * cov_b) / (len(a) + len(b))
    return Frechet(distance, frechet_bias(pooled, len(a), len(b)))


def frechet_bias(covariance: Tensor, n: int, m: int) -> float:
    """The mean Frechet distance of n and m samples of one Gaussian: (D, D) -> a number.

    (1/n + 1/m) tr C from the means, and from the covariances (1/(n-1) + 1/(m-1)) / 2 times the sum
    over i, j of (1 + [i = j]) l_i l_j / (l_i + l_j), with l the eigenvalues of C: to first order in
    1/n, so for n and m of several D and more.
    Source: the second derivative of the Bures metric; Wishart's covariance of a covariance.
    """
    values = torch.linalg.eigvalsh(covariance).clamp(min=0)
    sums = values[:, None] + values
    pairs = torch.where(sums > 0, values[:, None] * values / sums, 0.0)
    of_means = (1 / n + 1 / m) * values.sum()
    return float(of_means + (1 / (n - 1) + 1 / (m - 1)) / 2 * (pairs.sum() + pairs.trace()))


def _root(covariance: Tensor) -> Tensor:
    values, vectors = torch.linalg.eigh(covariance)
    return (vectors * values.clamp(min=0).sqrt()) @ vectors.T


def recall(samples: Any, data: Any, k: int = 3) -> float:
    """Share of `data` (M, D) that lies within a sample's ball: how much of the data is covered.

    A sample's ball reaches to its k-th nearest other sample; samples (N, D) and data are features.
    Fewer samples have larger balls: compare at equal N only. On the tensors' device.
    Raises ValueError for k + 1 samples or fewer, no data, or different D; TypeError.
    Source: Kynkaanniemi et al. 2019 (improved precision and recall), eqs. 1 and 2.
    """
    return _covered("samples", samples, "data", data, k)


def precision(samples: Any, data: Any, k: int = 3) -> float:
    """Share of `samples` that lies within a data point's ball: `recall`, the two exchanged."""
    return _covered("data", data, "samples", samples, k)


def _covered(name_a: str, centers: Any, name_b: str, points: Any, k: int) -> float:
    """Share of the points that lie in a center's ball, which reaches to its k-th nearest."""
    k = positive_int("k", k)
    a, b = as_tensor(name_a, centers), as_tensor(name_b, points)
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1] or len(a) <= k or not len(b):
        raise ValueError(
            f"{name_a} must be (N, D) with N > k = {k}, {name_b} (M, D) with M > 0; "
            f"got {tuple(a.shape)} and {tuple(b.shape)}"
        )
    a, b = (f.to(torch.promote_types(a.dtype, b.dtype)) for f in (a, b))
    radius = torch.cat([d.kthvalue(k + 1, dim=1).values for d in _distances(a, a)])  # 1st: itself
    inside = [(d <= radius).any(dim=1) for d in _distances(b, a)]
    return float(torch.cat(inside).double().mean())


def nearest(points: Any, others: Any) -> tuple[Tensor, Tensor]:
    """(distances (N,), places (N,)) of the nearest of `others` (M, D) to each of `points` (N, D).

    Euclidean, exact for equal points, on the tensors' device. Raises ValueError for no others or
    different D, TypeError.
    """
    a, b = as_tensor("points", points), as_tensor("others", others)
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1] or not len(b):
        raise ValueError(
            "points must be (N, D) and others (M, D) with M > 0; "
            f"got {tuple(a.shape)} and {tuple(b.shape)}"
        )
    a, b = (f.to(torch.promote_types(a.dtype, b.dtype)) for f in (a, b))
    found = [d.min(dim=1) for d in _distances(a, b)]
    return torch.cat([f.values for f in found]), torch.cat([f.indices for f in found])


def _distances(points: Tensor, others: Tensor) -> Iterator[Tensor]:
    """Distances (n, M) from `points`, as many rows at once as memory takes; no products' noise."""
    rows = max(1, PAIRS // max(1, len(others)))
    for part in points.split(rows):
        yield torch.cdist(part, others, compute_mode="donot_use_mm_for_euclid_dist")


class ObservedOrder(NamedTuple):
    """A fitted order: the slope, and the first and last step count that the fit used."""

    order: float
    n_from: int
    n_to: int


def observed_order(
    step_counts: Sequence[int], errors: Sequence[float], tolerance: float = 0.25
) -> ObservedOrder:
    """Slope of -log(error) against log(step count) over the asymptotic range, with that range.

    The range is the longest run of at least three successive points whose local slopes (one between
    each pair of neighbours) are positive and within `tolerance` of each other; of two equally long
    runs, the one with more steps. The slope is the least-squares one. Raises ValueError if there is
    no such run: the error has not settled yet, or has met the floor of the number format.
    """
    counts = as_tensor("step_counts", step_counts, torch.float64).numpy()
    try:
        values = np.asarray([float(error) for error in errors])
    except (TypeError, ValueError) as error:
        raise TypeError(f"errors must be a list of numbers; got {errors!r}") from error
    tolerance = number("tolerance", tolerance, 0)
    if counts.shape != values.shape or counts.ndim != 1:
        raise ValueError(
            "step_counts and errors must be two lists of one length; "
            f"got shapes {counts.shape} and {values.shape}"
        )
    by_count = np.argsort(counts)
    counts, values = counts[by_count], values[by_count]
    fractions = (counts % 1).any()
    if len(counts) and (counts[0] < 1 or fractions or (np.diff(counts) == 0).any()):
        raise ValueError("step_counts must be different whole numbers of at least 1")
    log_n = np.log(counts)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_error = np.log(values)  # zero and negative errors become -inf and NaN: never in a run
        slopes = -np.diff(log_error) / np.diff(log_n)

    for length in range(len(slopes), 1, -1):
        for start in range(len(slopes) - length, -1, -1):
            run = slopes[start : start + length]
            if np.isfinite(run).all() and run.min() > 0.2 and np.ptp(run) <= tolerance:
                used = slice(start, start + length + 1)
                order = -np.polyfit(log_n[used], log_error[used], 1)[0]
                return ObservedOrder(float(order), int(counts[start]), int(counts[start + length]))
    raise ValueError(
        "no three successive step counts agree on a slope: the error has not settled, "
        "or it has met the floor of the number format"
    )
