"""What every poster is drawn from: the mixture, the flow, the grid and the starts of a state."""

from __future__ import annotations

from typing import Any

import torch

from genie_edu.flow import AnalyticFlow
from genie_edu.lab._svg import Row
from genie_edu.metrics import exact_solution
from genie_edu.mixture import GaussianMixture
from genie_edu.schedule import time_grid
from genie_edu.show.numbers import starts


class World:
    """Mixture, flow, grid and starts of a state, as `Copy as Python` writes them."""

    def __init__(self, state: dict[str, Any]) -> None:
        self.state = state
        self.mixture = GaussianMixture(state["weights"], state["means"], state["covs"])
        self.flow = AnalyticFlow(self.mixture)
        self.gammas = self.levels(state["n_steps"])
        x = torch.from_numpy(starts(state["n_starts"], state["seed"]))
        if state["start"] is not None:
            x[0] = torch.tensor(state["start"], dtype=torch.float64)
        self.x_bar = torch.sqrt(1 + self.gammas[0] ** 2) * x

    def levels(self, n_steps: int) -> torch.Tensor:
        s = self.state
        t = time_grid(n_steps, s["spacing"], t_start=s["t_start"], t_end=s["t_end"])
        return self.flow.schedule.gamma(t)

    def exact(self, x_bar: torch.Tensor, gammas: torch.Tensor) -> torch.Tensor:
        return exact_solution(self.flow, x_bar, gammas)


View = tuple[str, Row, list[Row], bool]
"""Drawing, table head, table rows, and whether the table would give an answer away."""
