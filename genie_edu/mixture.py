"""Gaussian mixtures under diffusion: density, eps and its total derivatives, all exact.

In bar coordinates (z = x_bar = x / alpha) component k of the diffused mixture is
N(mu_k, Sigma_k + gamma^2 I). Each Sigma_k is diagonalised once, so that its inverse is a division
and the work is done component-major, (K, D, B), with two matrix products per evaluation.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import repeat
from typing import Any, NamedTuple

import torch
from torch import Tensor

from genie_edu._checks import as_tensor, derivative_order, level, seen
from genie_edu._names import instance, positive_int
from genie_edu.schedule import VPSchedule, as_schedule, per_sample

_CHUNK_VALUES = 24_576
"""Values in a (K, D, B) temporary: below malloc's and the cache's limits, else page faults rule."""


class _Eigen(NamedTuple):
    """A mixture in one dtype, on one device, in its components' eigenbases."""

    log_weights: Tensor  # (K, 1)
    eigenvalues: Tensor  # (K, D, 1)
    to_basis: Tensor  # (K*D, D): rows are eigenvectors
    from_basis: Tensor  # (D, K*D): its transpose
    means: Tensor  # (K*D, 1): the means in the eigenbases


class GaussianMixture:
    """Mixture sum_k w_k N(mu_k, Sigma_k) in D dimensions, with its exact diffusion.

    weights (K,), means (K, D), covs (K, D, D) symmetric positive semi-definite (a zero matrix is a
    point mass); lists and float32 are converted to float64. Evaluations run in the dtype and on the
    device of the points that come in. Raises ValueError or TypeError naming the argument.
    Source: book chapters 1 and 5; the formulas of `derivatives` are derived there.
    """

    def __init__(self, weights: Any, means: Any, covs: Any) -> None:
        self.weights = as_tensor("weights", weights, torch.float64)
        self.means = as_tensor("means", means, torch.float64)
        self.covs = as_tensor("covs", covs, torch.float64)
        self._check()
        self.weights = self.weights / self.weights.sum()  # float32 weights miss one by 1e-7
        eigenvalues, eigenvectors = torch.linalg.eigh(self.covs)
        scale = eigenvalues.abs().amax(dim=-1, keepdim=True)
        if (eigenvalues < -1e-10 * scale).any():
            raise ValueError("covs must be positive semi-definite; one has a negative eigenvalue")
        # A singular covariance leaves eigenvalues of rounding size, of either sign: they are zero.
        eigenvalues = torch.where(eigenvalues > 1e-14 * scale, eigenvalues, 0.0)
        n_components, dim = self.means.shape
        basis = eigenvectors.mT
        self._cache: dict[tuple[torch.dtype, torch.device], _Eigen] = {}
        self._eigen = _Eigen(
            self.weights.log()[:, None],
            eigenvalues[..., None],
            basis.reshape(n_components * dim, dim),
            basis.reshape(n_components * dim, dim).T.contiguous(),
            (basis @ self.means[..., None]).reshape(n_components * dim, 1),
        )

    @property
    def n_components(self) -> int:
        """Number of components K."""
        return self.means.shape[0]

    @property
    def dim(self) -> int:
        """Dimension D of the space."""
        return self.means.shape[1]

    def sample(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """`n` exact samples of the data distribution: (n, D), float64. Raises for n below 1."""
        n = positive_int("n", n)
        if generator is not None:
            instance("generator", generator, torch.Generator, "a torch.Generator")
        which = torch.multinomial(self.weights, n, replacement=True, generator=generator)
        noise = torch.randn(n, self.dim, dtype=torch.float64, generator=generator)
        roots = self._eigen.to_basis.reshape(-1, self.dim, self.dim).mT * (
            self._eigen.eigenvalues.mT.sqrt()
        )  # (K, D, D): Q sqrt(Lambda)
        return self.means[which] + torch.einsum("nij,nj->ni", roots[which], noise)

    def log_prob(self, x_bar: Any, gamma: Any = 0.0) -> Tensor:
        """Log density of the mixture diffused to `gamma`, in bar coordinates: (B, D) -> (B,).

        gamma = 0 is the data distribution; a singular covariance has no density there: ValueError.
        """
        x_bar = self._points(x_bar)
        gamma = self._level(x_bar, gamma, allow_zero=True)
        eigen = self._cast(x_bar)
        if bool((gamma == 0).any()) and bool((eigen.eigenvalues == 0).any()):
            raise ValueError("covs has a singular matrix, which has no log density at gamma = 0")
        log_joint, _, _ = self._log_joint(x_bar, gamma, eigen)
        return torch.logsumexp(log_joint, dim=0) - 0.5 * self.dim * math.log(2 * math.pi)

    def derivatives(
        self, x_bar: Any, gamma: Any, order: int = 0, velocity: Sequence[Tensor] = ()
    ) -> tuple[Tensor, ...]:
        """(eps, d eps/dgamma, d^2 eps/dgamma^2)[: order + 1], total along a path of x_bar.

        x_bar (B, D), gamma a positive scalar or (B,); each result is (B, D) in x_bar's dtype.
        With P_k = (Sigma_k + gamma^2 I)^-1, d_k = P_k (z - mu_k), responsibilities r_k and
        u = sum_k r_k d_k: eps = gamma u, eps' = u + gamma u', eps'' = 2 u' + gamma u''.
        The path is the mixture's own, d x_bar/dgamma = eps, unless `velocity` holds the first
        `order` derivatives of another one, each (B, D): eps changes along the guided path then.
        Raises ValueError for order outside 0..2, gamma <= 0 or shapes that don't match.
        Source: book chapter 5, eq. exact-derivative and what follows it; chapter 16.
        """
        order = derivative_order(order)
        x_bar = self._points(x_bar)
        gamma = self._level(x_bar, gamma)
        if velocity and [v.shape for v in velocity] != [x_bar.shape] * order:
            raise ValueError(
                f"velocity must hold {order} tensors of shape {tuple(x_bar.shape)}; "
                f"got {[tuple(v.shape) for v in velocity]}"
            )
        chunk = max(1, _CHUNK_VALUES // (self.n_components * self.dim))
        if len(x_bar) <= chunk:
            return self._chunk_derivatives(x_bar, gamma, order, *velocity)
        gammas = gamma.split(chunk) if gamma.ndim and len(gamma) > 1 else repeat(gamma)
        parts = zip(
            x_bar.split(chunk),
            gammas,
            repeat(order),
            *(v.split(chunk) for v in velocity),
            strict=False,
        )
        return tuple(
            torch.cat(pieces)
            for pieces in zip(*(self._chunk_derivatives(*part) for part in parts), strict=True)
        )

    def _chunk_derivatives(
        self, x_bar: Tensor, gamma: Tensor, order: int, *velocity: Tensor
    ) -> tuple[Tensor, ...]:
        """The formulas of `derivatives`, on points few enough for the cache."""
        eigen = self._cast(x_bar)
        log_joint, p, d = self._log_joint(x_bar, gamma, eigen)
        r = torch.softmax(log_joint, dim=0)  # (K, B)
        u = self._gather(r[:, None] * d, eigen)  # (D, B)
        eps = gamma * u
        if order == 0:
            return (eps.T.contiguous(),)

        # Few passes over (K, D, B): memory traffic is what this costs. e is the path's velocity
        # in every component's eigenbasis, (K, D, B); v = e - gamma d_k serves
        # both a_k = (log N_k)' = -d_k . v - gamma tr P_k and d_k' = P_k (v - gamma d_k).
        e = self._spread(velocity[0].T if velocity else eps, eigen)
        v = torch.addcmul(e, d, gamma, value=-1)
        trace_p = p.sum(1)
        a = -(d * v).sum(1) - gamma * trace_p
        centred = a - (r * a).sum(0)
        d1 = p * torch.addcmul(v, d, gamma, value=-1)
        u1 = self._gather(r[:, None] * torch.addcmul(d1, centred[:, None], d), eigen)
        eps1 = u + gamma * u1
        if order == 1:
            return eps.T.contiguous(), eps1.T.contiguous()

        e1 = self._spread(velocity[1].T if velocity else eps1, eigen)
        p_sq = p * p
        # d'' = P' e + P e' - 2 P d - 2 gamma (P' d + P d'), with P' = -2 gamma P^2
        d2 = p * (e1 - 2 * d - 2 * gamma * d1) - 2 * gamma * p_sq * (e - 2 * gamma * d)
        a1 = (
            (d * d).sum(1)
            - trace_p
            + 2 * gamma * (d * d1).sum(1)
            + 2 * gamma * gamma * p_sq.sum(1)
            - (d1 * e + d * e1).sum(1)
        )
        r1 = r * centred
        r2 = r1 * centred + r * (a1 - (r1 * a + r * a1).sum(0))
        u2 = self._gather(r2[:, None] * d + 2 * r1[:, None] * d1 + r[:, None] * d2, eigen)
        return tuple(d.T.contiguous() for d in (eps, eps1, 2 * u1 + gamma * u2))

    def eps(self, x: Any, t: Any, schedule: VPSchedule | None = None) -> Tensor:
        """Exact noise prediction eps(x, t) = -sigma(t) * score, for x (B, D) and t in (0, 1].

        t is a scalar or (B,). Raises ValueError or TypeError naming the argument.
        """
        return self._in_time(x, t, schedule, order=0)[0]

    def deps_dt(self, x: Any, t: Any, schedule: VPSchedule | None = None) -> tuple[Tensor, Tensor]:
        """(eps, total d eps/dt along the flow) at x (B, D), time t: d eps/dgamma / (dt/dgamma).

        "Total" means that x moves with the flow. This is the d eps/dt of GENIE's project page.
        """
        schedule = as_schedule(schedule)
        eps, deps_dgamma = self._in_time(x, t, schedule, order=1)
        return eps, deps_dgamma / per_sample(schedule.dt_dgamma(t), eps)

    def _in_time(
        self,
        x: Any,
        t: Any,
        schedule: VPSchedule | None,
        order: int,
    ) -> tuple[Tensor, ...]:
        schedule, x = as_schedule(schedule), self._points(x, "x")
        t = as_tensor("t", t, torch.float64)
        level(t, len(x), "t")
        if seen((t > 1).any()):
            raise ValueError("t must lie in (0, 1]")
        return self.derivatives(x / per_sample(schedule.alpha(t), x), schedule.gamma(t), order)

    def _log_joint(
        self, x_bar: Tensor, gamma: Tensor, eigen: _Eigen
    ) -> tuple[Tensor, Tensor, Tensor]:
        """log(w_k N_k) without the 2 pi (K, B), the inverse eigenvalues P (K, D, B or 1) and d."""
        variance = eigen.eigenvalues + gamma * gamma
        p = 1 / variance
        y = torch.addmm(eigen.means, eigen.to_basis, x_bar.T, beta=-1)
        y = y.reshape(*eigen.eigenvalues.shape[:2], -1)
        d = p * y
        return eigen.log_weights - 0.5 * (variance.log().sum(1) + (d * y).sum(1)), p, d

    def _spread(self, vector: Tensor, eigen: _Eigen) -> Tensor:
        """(D, B) -> (K, D, B): one vector seen in every component's eigenbasis."""
        return (eigen.to_basis @ vector).reshape(*eigen.eigenvalues.shape[:2], -1)

    @staticmethod
    def _gather(per_component: Tensor, eigen: _Eigen) -> Tensor:
        """(K, D, B) -> (D, B): the sum over components, back in the common basis."""
        return eigen.from_basis @ per_component.flatten(0, 1)

    def _cast(self, like: Tensor) -> _Eigen:
        key = (like.dtype, like.device)
        if key not in self._cache:
            self._cache[key] = _Eigen(*(tensor.to(like) for tensor in self._eigen))
        return self._cache[key]

    def _points(self, x: Any, name: str = "x_bar") -> Tensor:
        """Points (B, D); NaN comes out as NaN, so that a run that went wrong can be looked at."""
        x = x if isinstance(x, Tensor) and x.is_floating_point() else as_tensor(name, x)
        if x.ndim != 2 or x.shape[1] != self.dim:
            raise ValueError(
                f"{name} must be points of shape (B, {self.dim}); got {tuple(x.shape)}"
            )
        return x

    @staticmethod
    def _level(x: Tensor, gamma: Any, allow_zero: bool = False) -> Tensor:
        """Gamma in x's dtype, checked: positive (unless `allow_zero`), a scalar or (B,)."""
        gamma = level(gamma, len(x), zero=allow_zero)
        if isinstance(gamma, float):  # the fast path of `solve`
            return torch.tensor(gamma, dtype=x.dtype, device=x.device)
        if gamma.ndim > 1:
            raise ValueError(
                f"gamma must be a scalar or have shape ({len(x)},); got {tuple(gamma.shape)}"
            )
        return gamma.to(x)

    def _check(self) -> None:
        if self.means.ndim != 2 or 0 in self.means.shape:
            raise ValueError(f"means must have shape (K, D); got {tuple(self.means.shape)}")
        n_components, dim = self.means.shape
        if self.weights.shape != (n_components,):
            raise ValueError(
                f"weights must have shape ({n_components},) to match means; "
                f"got {tuple(self.weights.shape)}"
            )
        if self.covs.shape != (n_components, dim, dim):
            raise ValueError(
                f"covs must have shape ({n_components}, {dim}, {dim}) to match means; "
                f"got {tuple(self.covs.shape)}"
            )
        if (self.weights < 0).any():
            raise ValueError("weights must not be negative")
        if abs(float(self.weights.sum()) - 1) > 1e-6:
            raise ValueError(
                f"weights must sum to one; they sum to {float(self.weights.sum()):.6g}"
            )
        if (self.covs - self.covs.mT).abs().max() > 1e-8 * self.covs.abs().max():
            raise ValueError("covs must be symmetric")
