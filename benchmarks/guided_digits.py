"""Guidance on the digits: accuracy, Frechet distance and error against w, solver by solver.

Writes data/digits_guided/guidance.json, and the sheet of seed 0 as guidance.png, from three runs of
the preset digits-guided, which it trains where they are missing (runs/digits-guided-0 to -2: eight
minutes each on one core, and five to measure). Goes on where it was stopped.
"""

from __future__ import annotations

from typing import Any

import torch
from _guided_digits import DERIVATIVES, SHIPPED, Judge, Networks, Tables, networks, study
from torch import Tensor

import genie_edu as ge
from genie_edu.datasets.images import sheet, write_png

WEIGHTS = (0.0, 1.0, 2.0, 4.0)
CALLS = (10, 20)
"""Network calls a sample; an evaluation is two of them where guidance acts."""
WAYS = (("ddim", "none"), ("deis_tab3", "none"), ("unipc_2", "none"))
WAYS += tuple(("genie", derivative) for derivative in DERIVATIVES)
WAYS += (("genie_multistep", "guided head"),)
N, SEED = 200, 1
"""Samples, twenty of each class, and the seed of their noise."""
ODE_STEPS = 32
"""Of RK4, uniform in log gamma: the guided flow's own solution."""
INTERVALS = ((0.0, 0.5), (0.5, 2.0), (2.0, 8.0), (8.0, 200.0), (0.5, 8.0))
INTERVAL_W, INTERVAL_STEPS = 4.0, 32
LEVELS = (0.1, 0.3, 1.0, 3.0, 10.0)
SHOWN = {"w": 2.0, "calls": 10}
"""What the sheet's second half shows, solver by solver."""
schedule = ge.VPSchedule()
labels = torch.arange(N) % 10


def start() -> Tensor:
    """States x_bar (N, 1, 8, 8) at t = 1."""
    noise = torch.randn(N, 1, 8, 8, generator=torch.Generator().manual_seed(SEED))
    return noise * float(schedule.gamma(1.0).square().add(1).sqrt())


def grid(calls: int, w: float) -> Tensor:
    """The quadratic grid that these calls pay for."""
    return schedule.gamma(ge.time_grid(calls // (2 if w else 1), "quadratic"))


def own(nets: Networks, w: float) -> dict[str, Tensor]:
    """The guided flow's own solution: `x` and x_bar at the end, half as many steps' end, at LEVELS.

    `path` (levels, 100, 1, 8, 8) are states near LEVELS, at the `levels` of the grid.
    """

    def found() -> dict[str, Tensor]:
        half, whole = (
            ge.solve(
                nets.flow(labels, w),
                start(),
                schedule.gamma(ge.time_grid(n, "log_gamma")),
                "rk4",
            )
            for n in (ODE_STEPS // 2, ODE_STEPS)
        )
        near = [int((whole.gamma - gamma).abs().argmin()) for gamma in LEVELS]
        return {
            "x": whole.final,
            "end": whole.end,
            "half": half.end,
            "path": whole.x_bar[near][:, :100],
            "levels": whole.gamma[near],
        }

    return nets.kept(f"own_{w:g}", found)


def sampled(
    nets: Networks, w: float, calls: int, solver: str, derivative: str
) -> dict[str, Tensor]:
    """Where a solver ends with so many calls: `x`, and `end` in x_bar; kept without a head."""

    def found() -> dict[str, Tensor]:
        flow = nets.flow(labels, w, "exact" if derivative == "none" else derivative)
        run = ge.solve(flow, start(), grid(calls, w), solver)
        assert run.nfe == calls
        return {"x": run.final, "end": run.end}

    if derivative in ("none", "exact"):
        return nets.kept(f"{solver}_{derivative}_{w:g}_{calls}", found)
    return found()


def switched(nets: Networks, low: float, high: float) -> tuple[Tensor, int]:
    """Samples x of the flow that is guided between two levels, and the calls they took."""

    def found() -> dict[str, Tensor]:
        gammas = schedule.gamma(ge.time_grid(INTERVAL_STEPS, "log_gamma"))
        flow = nets.flow(labels, INTERVAL_W, interval=(low, high))
        run = ge.solve(flow, start(), gammas, "dpmpp_2m")
        return {"x": run.final, "calls": torch.tensor(run.nfe)}

    kept = nets.kept(f"interval_{low:g}_{high:g}", found)
    return kept["x"], int(kept["calls"])


def fits(nets: Networks, w: float, x_bar: Tensor, gamma: float) -> list[float]:
    """R2 of the three derivatives on states: 1 - mean square miss / mean square."""
    of = {kind: nets.flow(labels[: len(x_bar)], w, kind) for kind in DERIVATIVES}
    parts = (ge.NetworkFlow(nets.base, labels=labels[: len(x_bar)]), ge.NetworkFlow(nets.base))
    of["sum of exact"] = ge.SumOfDerivativesFlow(*parts, w)
    slopes = {kind: flow.eps_and_derivative(x_bar, gamma)[1] for kind, flow in of.items()}
    true = slopes.pop("exact")
    return [float(1 - (s - true).square().mean() / true.square().mean()) for s in slopes.values()]


def measure(seed: int) -> dict[str, Any]:
    """All tables of one seed."""
    nets, judge, rows = networks(seed), Judge(), {}
    tables = Tables(
        own_ode=("w", "uncertainty", "accuracy", "frechet"),
        sampling=("w", "calls", "solver", "derivative", "error", "accuracy", "frechet"),
        intervals=("w", "low", "high", "calls", "accuracy", "frechet"),
        fit=("w", "gamma", "guided_head", "sum_of_heads", "sum_of_exact"),
    )
    for w in WEIGHTS:
        solved = own(nets, w)
        x, uncertain = solved["x"], ge.end_point_error(solved["half"], solved["end"])
        tables.add("own_ode", seed, w, uncertain, judge.accuracy(x, labels), judge.frechet(x))
        rows[f"w = {w:g}"] = x
        for calls in CALLS:
            for solver, derivative in WAYS:
                if not w and derivative == "sum of heads":
                    continue  # without guidance both are the plain head
                run = sampled(nets, w, calls, solver, derivative)
                found = (
                    ge.end_point_error(run["end"], solved["end"]),
                    judge.accuracy(run["x"], labels),
                    judge.frechet(run["x"]),
                )
                tables.add("sampling", seed, w, calls, solver, derivative, *found)
                if (w, calls) == (SHOWN["w"], SHOWN["calls"]):
                    rows[f"{solver}, {derivative}"] = run["x"]
        for x_bar, level in zip(solved["path"], solved["levels"].tolist(), strict=True):
            if w:
                tables.add("fit", seed, w, level, *fits(nets, w, x_bar, level))
    for low, high in (*INTERVALS, (0.0, 200.0)):
        x, calls = switched(nets, low, high)
        found = judge.accuracy(x, labels), judge.frechet(x)
        tables.add("intervals", seed, INTERVAL_W, low, high, calls, *found)
    if seed == 0:
        shown = torch.stack([x[:20] for x in rows.values()]).float()
        write_png(SHIPPED / "guidance.png", sheet(shown))
    return tables.content


if __name__ == "__main__":
    torch.set_num_threads(1)
    SHIPPED.mkdir(exist_ok=True)
    ways = [f"{solver}, {derivative}" for solver, derivative in WAYS]
    about = {
        "judge": Judge().record(N),
        "n_samples": N,
        "ode_steps": ODE_STEPS,
        "sheet": {"tile": 8, "rows": [*(f"w = {w:g}" for w in WEIGHTS), *ways], **SHOWN},
    }
    study(__file__, "guidance.json", measure, about)
