"""Chapter 4's three reports of a measured order: real runs, one of them with a defect."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Report", "least_squares", "three_reports"]


class Report(NamedTuple):
    """Somebody's measurement of an order: what was run, the numbers, and the order claimed."""

    text: str
    step_counts: tuple[int, ...]
    errors: tuple[float, ...]
    claim: float


def least_squares(counts: np.ndarray, errors: np.ndarray) -> float:
    """The order p of the least-squares line through log error against log N."""
    log_n, log_e = np.log(counts), np.log(errors)
    centered = log_n - log_n.mean()
    return -float(centered @ log_e / (centered @ centered))


def three_reports() -> dict[str, Report]:
    """Three measurements of an order on `three_modes`, 256 starts each; one is invalid."""
    import genie_edu as ge
    from genie_edu.show.numbers import starts

    flow = ge.AnalyticFlow(ge.GaussianMixture(**ge.TOYS["three_modes"]))
    schedule = flow.schedule
    t_start, t_end = (float(schedule.t_of_gamma(g)) for g in (10.0, 0.1))
    x_bar = np.asarray(starts(256, 0), dtype=float) * math.sqrt(1 + 10.0**2)

    def ends(n_steps: int, solver: str, dtype: str = "float64") -> Any:
        import torch

        t = ge.time_grid(n_steps, "quadratic", t_start=t_start, t_end=t_end)
        start = torch.from_numpy(x_bar).to(getattr(torch, dtype))
        return ge.solve(flow, start, schedule.gamma(t), solver).x_bar[-1].double()

    exact = ge.exact_solution(flow, x_bar, [10.0, 0.1])[-1]
    runs = {
        "A": (
            "GENIE, all in float32; reference: DOP853",
            (16, 32, 64, 128, 256),
            "genie",
            "float32",
        ),
        "B": (
            "DDIM; reference: DDIM with 1,000 steps",
            (50, 100, 200, 400, 800),
            "ddim",
            "float64",
        ),
        "C": ("DDIM; reference: DOP853", (4, 8, 16, 32, 64), "ddim", "float64"),
    }
    reports = {}
    for name, (text, counts, solver, dtype) in runs.items():
        reference = ends(1000, "ddim") if name == "B" else exact
        errors = [ge.end_point_error(ends(n, solver, dtype), reference) for n in counts]
        claim = least_squares(np.array(counts, dtype=float), np.array(errors))
        reports[name] = Report(text, counts, tuple(errors), claim)
    return reports
