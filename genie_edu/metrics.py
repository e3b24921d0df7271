"""The truth, and how far a solver is from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from genie_edu._checks import as_tensor
from genie_edu.flow import Flow

PAIRS = 2**26
"""Distances that are in memory at once: 256 MiB of float32."""


def exact_solution(flow: Flow, x_bar: Any, gammas: Any, rtol: float = 1e-12) -> Tensor:
    """The flow's solution from x_bar (B, *shape) at gammas[0], at every level of the grid.

    Returns (N+1, B, *shape), float64. SciPy's DOP853 in the clock log gamma, `rtol` as relative
    and absolute tolerance; its calls are not counted. Levels may decrease or increase.
    Raises ImportError without SciPy (it names the command) and RuntimeError if DOP853 gives up.
    """
    try:
        from scipy.integrate import solve_ivp
    except ImportError as error:
        raise ImportError("exact_solution needs SciPy: pip install scipy") from error
    x_bar = as_tensor("x_bar", x_bar, torch.float64)
    gamma = as_tensor("gammas", gammas, torch.float64)
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
    end in another mode and would rule a mean. Raises ValueError if the shapes differ.
    """
    x_bar, exact = as_tensor("x_bar", x_bar), as_tensor("exact", exact)
    if x_bar.shape != exact.shape:
        raise ValueError(
            f"x_bar and exact must have one shape; got {tuple(x_bar.shape)}, {tuple(exact.shape)}"
        )
    distance = (x_bar.double() - exact.double()).flatten(1).norm(dim=1)
    # torch's median of an even number of values is the lower one; the field's is their mean.
    return float(distance.quantile(0.5))


def frechet_distance(features: Any, others: Any) -> float:
    """Frechet distance between two sets of features, (N, D) and (M, D), each taken as a Gaussian.

    |m - m'|^2 + tr C + tr C' - 2 tr (C C')^(1/2), float64. The root's trace is the sum of the roots
    of the eigenvalues of C^(1/2) C' C^(1/2), symmetric and never negative but for rounding, so a
    singular C needs no care. Biased upwards for few samples: compare at equal N only. On Inception
    features it is FID; on others it is not comparable to any FID.
    Raises ValueError for fewer than two samples or different D.
    Source: Dowson and Landau 1982; Heusel et al. 2017.
    """
    a, b = (as_tensor("features", f, torch.float64) for f in (features, others))
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1] or min(len(a), len(b)) < 2:
        raise ValueError(
            "features must be (N, D) and (M, D) with at least two rows each; "
            f"got {tuple(a.shape)} and {tuple(b.shape)}"
        )
    cov_a, cov_b = torch.cov(a.T).reshape(a.shape[1], -1), torch.cov(b.T).reshape(a.shape[1], -1)
    values, vectors = torch.linalg.eigh(cov_a)
    root = (vectors * values.clamp(min=0).sqrt()) @ vectors.T
    cross = torch.linalg.eigvalsh(root @ cov_b @ root).clamp(min=0).sqrt().sum()
    shift = (a.mean(0) - b.mean(0)).square().sum()
    return float(shift + cov_a.trace() + cov_b.trace() - 2 * cross)


def recall(samples: Any, data: Any, k: int = 3) -> float:
    """Share of `data` (M, D) that lies within a sample's ball: how much of the data is covered.

    A sample's ball reaches to its k-th nearest other sample; samples (N, D) and data are features.
    Fewer samples have larger balls: compare at equal N only. On the tensors' device.
    Raises ValueError for k + 1 samples or fewer, no data, or different D.
    Source: Kynkaanniemi et al. 2019 (improved precision and recall), eqs. 1 and 2.
    """
    a, b = (as_tensor(name, f) for name, f in (("samples", samples), ("data", data)))
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1] or len(a) <= k or not len(b):
        raise ValueError(
            f"samples must be (N, D) with N > k = {k}, data (M, D) with M > 0; "
            f"got {tuple(a.shape)} and {tuple(b.shape)}"
        )
    radius = torch.cat([d.kthvalue(k + 1, dim=1).values for d in _distances(a, a)])  # 1st: itself
    inside = [(d <= radius).any(dim=1) for d in _distances(b, a)]
    return float(torch.cat(inside).double().mean())


def precision(samples: Any, data: Any, k: int = 3) -> float:
    """Share of `samples` that lies within a data point's ball: `recall`, the two exchanged."""
    return recall(data, samples, k)


def nearest(points: Any, others: Any) -> tuple[Tensor, Tensor]:
    """(distances (N,), places (N,)) of the nearest of `others` (M, D) to each of `points` (N, D).

    Euclidean, exact for equal points, on the tensors' device.
    """
    found = [d.min(dim=1) for d in _distances(as_tensor("points", points), others)]
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
    counts = np.asarray(step_counts, dtype=float)
    values = np.asarray(errors, dtype=float)
    if counts.shape != values.shape or counts.ndim != 1:
        raise ValueError(
            "step_counts and errors must be two lists of one length; "
            f"got shapes {counts.shape} and {values.shape}"
        )
    by_count = np.argsort(counts)
    counts, values = counts[by_count], values[by_count]
    if len(counts) and (counts[0] < 1 or (np.diff(counts) == 0).any()):
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
