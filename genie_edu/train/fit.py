"""A solver fitted to one flow and one grid: its weights are least squares on exact trajectories."""

from __future__ import annotations

import hashlib
import json
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from genie_edu._checks import as_tensor
from genie_edu._names import one_of, positive_int
from genie_edu.evaluation import at_once
from genie_edu.flow import AnalyticFlow, Flow, NetworkFlow, states_at
from genie_edu.guidance import GuidedFlow
from genie_edu.metrics import end_point_error, exact_solution
from genie_edu.multistep import Memory
from genie_edu.nets.checkpoints import hash_of, write_json
from genie_edu.solvers import Solver, solve

TERMS = ("state", "eps", "past", "past2", "slope", "slope_before")
"""What a step is a combination of; all but the first two need what came before, or a slope."""
EULER = {"eps": 1.0}
"""The weights towards which a fit is shrunk: those that are missing here are 0."""
WITHOUT_SLOPE = ("state", "eps", "past", "past2")
FINE_STEPS = 12
"""RK4 steps within each step of the grid, for the exact path of a network's flow."""
NUDGE, DAMPING, LEAST_DAMPING, HELD_OUT = 1e-3, 1e-2, 1e-4, 4
"""Of the joint fit: how far a weight is moved to see what follows, how much a move is damped at
first and at least (with less, rounding would choose among weights that do the same), and that every
so-manieth start is kept back to judge the rounds by."""


def directions(
    flow: Flow,
    x_bar: Tensor,
    gamma: float,
    gamma_next: float,
    memory: Memory,
    terms: Sequence[str] = WITHOUT_SLOPE,
) -> tuple[dict[str, Tensor], Memory]:
    """({term: its direction (B, *shape)} of one step, the memory after it); h = gamma' - gamma.

    "state" x_bar / sqrt(1 + gamma^2); "eps" h eps; "past" h (eps_1 - eps) and "past2" h (eps_2 -
    eps), the values one and two steps before; "slope" h^2/2 d eps/dgamma, "slope_before" the same
    with the slope of the step before. What is not known yet is left out. One call, and one
    derivative if a slope is among the terms. So Euler has weight 1 on "eps", GENIE on "slope" too.
    """
    h = gamma_next - gamma
    sloped = any(term.startswith("slope") for term in terms)
    found = flow.derivatives(x_bar, gamma, 1) if sloped else (flow.eps(x_bar, gamma),)
    eps, past = found[0], memory or ()
    all_of_them = {"state": x_bar * (1 + gamma * gamma) ** -0.5, "eps": h * eps}
    for name, point in zip(("past", "past2"), past, strict=False):
        all_of_them[name] = h * (point[2] - eps)
    if sloped:
        all_of_them["slope"] = (0.5 * h * h) * found[1]
        if past:
            all_of_them["slope_before"] = (0.5 * h * h) * past[0][3]
    known = {term: all_of_them[term] for term in terms if term in all_of_them}
    return known, ((gamma, x_bar, *found), *past)[:2]


@dataclass(frozen=True)
class FittedStep:
    """The step of a fitted solver: `weights[n]` of the directions in the n-th step of its grid."""

    gammas: tuple[float, ...]
    terms: tuple[str, ...]
    weights: tuple[dict[str, float], ...]
    of: str

    def __call__(
        self, flow: Flow, x_bar: Tensor, gamma: float, gamma_next: float, memory: Memory = None
    ) -> tuple[Tensor, Memory]:
        """One step of the grid; raises ValueError for another grid or another flow."""
        here = [
            n
            for n, pair in enumerate(zip(self.gammas[:-1], self.gammas[1:], strict=True))
            if all(abs(a - b) <= 1e-9 * a for a, b in zip(pair, (gamma, gamma_next), strict=True))
        ]
        if not here:
            raise ValueError(
                f"this solver was fitted to a grid of {len(self.gammas) - 1} steps, none of them "
                f"from gamma {gamma:.4g} to {gamma_next:.4g}: fit another one to your grid"
            )
        if fingerprint(flow) != self.of:
            raise ValueError("this solver was fitted to another flow: fit one to yours")
        known, memory = directions(flow, x_bar, gamma, gamma_next, memory, self.terms)
        return _combined(x_bar, known, self.weights[here[0]]), memory


@dataclass(frozen=True)
class FittedSolver(Solver):
    """A Solver whose weights were fitted, with the record of the fit as `card` (JSON)."""

    card: dict[str, Any] = field(default_factory=dict)

    def save(self, path: str | Path) -> None:
        """Write the card, which holds all of it, as JSON."""
        write_json(path, self.card)


def load_solver(path: str | Path) -> FittedSolver:
    """The solver that `FittedSolver.save` wrote. Raises ValueError for any other file."""
    try:
        return _solver(json.loads(Path(path).read_text()))
    except (KeyError, TypeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path} is not the card of a fitted solver") from error


def fit_solver(
    flow: Flow,
    gammas: Any,
    start: Tensor,
    terms: Sequence[str] | None = None,
    ridge: float = 1e-4,
    rounds: int = 8,
    exact: Tensor | None = None,
) -> FittedSolver:
    """Fit the weights of a solver for `flow` on the grid `gammas` (N+1,), from `start` (B, *shape).

    Every step is x' = x + sum of w_j times `directions` (`terms`; by default all that the flow has
    a derivative for). First step by step along the solver's own path: the least squares towards the
    flow's exact path, with `ridge` times their own size towards Euler's weights. Then all steps
    together, in `rounds` damped Gauss-Newton steps on the distances at the end, of which the best
    on a quarter of the starts, kept back for that, is taken; rounds=0 leaves the first fit.
    `exact` is the flow's path from `start` (N+1, B, *shape) where it is known, as `exact_path` has
    it. Judge the result on other starts. Raises ValueError, TypeError for bad arguments.
    Source: book chapter 19; S4S (arXiv 2502.17423) and GAS (arXiv 2510.17699) fit coefficients too.
    """
    start, gamma = as_tensor("start", start), as_tensor("gammas", gammas, torch.float64)
    if terms is None:
        terms = TERMS if flow.highest_derivative >= 1 else WITHOUT_SLOPE
    terms = tuple(one_of("terms", term, TERMS) for term in terms)
    if "eps" not in terms or len(set(terms)) < len(terms):
        raise ValueError(f'terms must name "eps" and nothing twice; got {terms}')
    if not (ridge >= 0 and ridge < float("inf")):
        raise ValueError(f"ridge must be at least 0 and finite; got {ridge}")
    rounds = positive_int("rounds", rounds) if rounds else 0
    if len(start) < 2 * HELD_OUT:
        raise ValueError(f"a fit needs at least {2 * HELD_OUT} starts; got {len(start)}")
    levels, exact = gamma.tolist(), exact_path(flow, start, gamma) if exact is None else exact
    if exact.shape != (len(gamma), *start.shape):
        path = (len(gamma), *start.shape)
        raise ValueError(f"exact must be the start's path, {path}; got {tuple(exact.shape)}")
    problem = _Problem(flow, start, levels, exact, terms)
    ways = [problem.together(problem.step_by_step(ridge), rounds)]
    plain = tuple(term for term in terms if not term.startswith("slope"))
    if plain != terms:  # a slope that doesn't help must not do harm: also from the fit without it
        without = _Problem(flow, start, levels, exact, plain)
        _, found = without.together(without.step_by_step(ridge), rounds)
        zeros = [dict.fromkeys(step, 0.0) for step in ways[0][1]]
        found = [zero | step for zero, step in zip(zeros, found, strict=True)]
        ways.append(problem.together(found, rounds))
    error, best = min(ways, key=lambda way: way[0])
    return _solver(
        {
            "kind": "fitted solver",
            "gammas": levels,
            "terms": list(terms),
            "weights": best,
            "of": fingerprint(flow),
            "n_starts": len(start),
            "ridge": ridge,
            "error_on_kept": error,
        }
    )


def exact_path(flow: Flow, start: Tensor, gammas: Tensor) -> Tensor:
    """The flow's own solution at every level, (N+1, B, *shape).

    Points (B, D): DOP853. Images: FINE_STEPS steps of RK4, uniform in log gamma, within each step.
    """
    if start.ndim == 2:
        return exact_solution(flow, start, gammas)
    path = [start]
    for level, level_next in zip(gammas[:-1].tolist(), gammas[1:].tolist(), strict=True):
        share = torch.linspace(0, 1, FINE_STEPS + 1, dtype=torch.float64)
        between = level * (level_next / level) ** share
        path.append(solve(flow, path[-1], between, "rk4").x_bar[-1])
    return torch.stack(path)


def fingerprint(flow: Flow) -> str:
    """What tells a flow from another: its mixture or its networks' weights, and its schedule.

    Of a guided flow both parts, head, interval and w, unless w differs from state to state. Flows
    of other classes are told apart by the class alone.
    """
    if isinstance(flow, GuidedFlow):
        w = flow.w if isinstance(flow.w, float) else "for each state"
        head = flow.head and hash_of(flow.head)
        said = [type(flow).__name__, *map(fingerprint, flow.parts), w, flow.interval, head]
        return hashlib.sha256(str(said).encode()).hexdigest()
    if flow not in _known:
        if isinstance(flow, AnalyticFlow):
            mixture = flow.mixture
            parts = [mixture.weights, mixture.means, mixture.covs]
            said = hashlib.sha256(b"".join(p.cpu().numpy().tobytes() for p in parts)).hexdigest()
        elif isinstance(flow, NetworkFlow):
            derivative = flow.derivative
            said = hash_of(flow.net)
            said += derivative if isinstance(derivative, str) else hash_of(derivative)
        else:
            said = type(flow).__name__
        _known[flow] = hashlib.sha256(f"{said} {flow.schedule}".encode()).hexdigest()
    return _known[flow]


_known: weakref.WeakKeyDictionary[Flow, str] = weakref.WeakKeyDictionary()


def _solver(card: dict[str, Any]) -> FittedSolver:
    if card["kind"] != "fitted solver":
        raise KeyError("kind")
    terms, weights = tuple(card["terms"]), tuple(dict(step) for step in card["weights"])
    step = FittedStep(tuple(card["gammas"]), terms, weights, card["of"])
    sloped = any(term.startswith("slope") for term in terms)
    remembers = 2 if "past2" in terms else int({"past", "slope_before"} & {*terms} != set())
    return FittedSolver(step, 1, 1, "fitted", remembers, int(sloped), card=card)


def _combined(x_bar: Tensor, known: dict[str, Tensor], weights: dict[str, float]) -> Tensor:
    for term, direction in known.items():
        x_bar = x_bar.add(direction, alpha=weights[term])
    return x_bar


Weights = list[dict[str, float]]


class _Problem:
    """What a fit is made on: the flow, the grid, the starts and where they should lead."""

    def __init__(
        self, flow: Flow, start: Tensor, levels: list[float], exact: Tensor, terms: Sequence[str]
    ) -> None:
        self.flow, self.start, self.exact, self.terms = flow, start, exact, terms
        self.pairs = list(zip(levels[:-1], levels[1:], strict=True))
        places = torch.arange(len(start))
        self.kept, self.used = places[places % HELD_OUT == 0], places[places % HELD_OUT > 0]

    def step_by_step(self, ridge: float) -> Weights:
        """Each step's least squares towards the exact path, along the solver's own."""
        x_bar, memory, weights = self.start, None, []
        for n in range(len(self.pairs)):
            known, memory = self._directions(torch.arange(len(x_bar)), n, x_bar, memory)
            columns = torch.stack([part.flatten() for part in known.values()], dim=1).double()
            towards = torch.tensor([EULER.get(term, 0.0) for term in known], dtype=torch.float64)
            missing = (self.exact[n + 1] - x_bar).flatten().double() - columns @ towards
            found = towards + _damped(columns, missing, ridge)
            weights.append(dict(zip(known, found.tolist(), strict=True)))
            x_bar = _combined(x_bar, known, weights[-1])
        return weights

    def together(self, weights: Weights, rounds: int) -> tuple[float, Weights]:
        """(error on the starts kept back, weights) of the best of so many joint rounds."""
        kept, damping = self.kept, DAMPING
        error = lambda w: end_point_error(self._end(kept, w), self.exact[-1][kept])  # noqa: E731
        best = error(weights), weights
        size = self._sum_of_distances(weights)
        for _ in range(rounds):
            moved = self._improved(weights, damping)
            now = self._sum_of_distances(moved)
            damping = max(damping / 4, LEAST_DAMPING) if now < size else damping * 16
            if now < size:
                weights, size = moved, now
                best = min(best, (error(weights), weights), key=lambda pair: pair[0])
        return best

    def _directions(
        self, places: Tensor, n: int, x_bar: Tensor, memory: Memory
    ) -> tuple[dict[str, Tensor], Memory]:
        """`directions` of the n-th step of the starts at `places`, with labels that are theirs."""
        with states_at(self.flow, places):
            return directions(self.flow, x_bar, *self.pairs[n], memory, self.terms)

    def _from(
        self, places: Tensor, n: int, x_bar: Tensor, memory: Memory, weights: Weights
    ) -> Tensor:
        """Where the weights lead from before the n-th step on."""
        for i in range(n, len(self.pairs)):
            known, memory = self._directions(places, i, x_bar, memory)
            x_bar = _combined(x_bar, known, weights[i])
        return x_bar

    def _end(self, places: Tensor, weights: Weights) -> Tensor:
        """Where the weights lead from the starts at `places`, `at_once` at a time."""
        parts = places.split(at_once(self.start))
        return torch.cat([self._from(p, 0, self.start[p], None, weights) for p in parts])

    def _sum_of_distances(self, weights: Weights) -> float:
        missing = self.exact[-1][self.used] - self._end(self.used, weights)
        return float(missing.flatten(1).double().norm(dim=1).sum())

    def _moves(self, places: Tensor, weights: Weights) -> tuple[Tensor, ...]:
        """The end points of the starts at `places`, then how each weight moves them, (B, D)."""
        x_bar, memory, moved = self.start[places], None, []
        for n, step in enumerate(weights):
            known, memory = self._directions(places, n, x_bar, memory)
            for term in step:  # this step's call is made: only the later ones see the nudge
                there = _combined(x_bar, known, step | {term: step[term] + NUDGE})
                moved.append(self._from(places, n + 1, there, memory, weights))
            x_bar = _combined(x_bar, known, step)
        return x_bar, *((end - x_bar).flatten(1).double() / NUDGE for end in moved)

    def _improved(self, weights: Weights, damping: float) -> Weights:
        """One damped Gauss-Newton step of all weights on the distances at the end.

        Each start counts one over its distance, so that it is the distances' sum that falls and not
        their squares': a few paths that end in another mode don't rule the fit.
        """
        parts = [self._moves(part, weights) for part in self.used.split(at_once(self.start))]
        now, *moved = (torch.cat(some) for some in zip(*parts, strict=True))
        missing = (self.exact[-1][self.used] - now).flatten(1).double()
        distance = missing.norm(dim=1, keepdim=True)
        scale = distance.clamp(min=1e-3 * float(distance.median())).rsqrt()
        columns = torch.stack([(scale * move).flatten() for move in moved], dim=1)
        step = _damped(columns, (scale * missing).flatten(), damping)
        found = [dict(w) for w in weights]
        places = [(n, term) for n, some in enumerate(weights) for term in some]
        for (n, term), move in zip(places, step.tolist(), strict=True):
            found[n][term] += move
        return found


def _damped(columns: Tensor, missing: Tensor, damping: float) -> Tensor:
    """The least squares of columns (M, J) to missing (M,), with `damping` times their own size."""
    size = columns.norm(dim=0).clamp(min=torch.finfo(columns.dtype).tiny)
    columns = columns / size
    normal = columns.T @ columns
    normal = normal + damping * torch.eye(len(normal), dtype=normal.dtype)
    return torch.linalg.solve(normal, columns.T @ missing) / size
