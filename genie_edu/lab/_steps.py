"""Posters of one path and its steps: the clocks, the stepper, tangent against parabola."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from genie_edu.lab._plane import World
from genie_edu.lab._svg import PAD, WIDTH, Axes, Points, View, dots, path, rings, text_at
from genie_edu.show.numbers import format_number
from genie_edu.show.palette import EXACT_COLOR, SOLVER_STYLE
from genie_edu.solvers import solve


def _clock(name: str, gamma: torch.Tensor, world: World) -> torch.Tensor:
    if name == "t":
        return world.flow.schedule.t_of_gamma(gamma)
    return -2 * gamma.log() if name == "log_snr" else gamma


def clocks(world: World) -> View:
    """Draw the view "clocks"."""
    s, gammas = world.state, world.gammas
    fine = torch.exp(torch.linspace(gammas[0].log(), gammas[-1].log(), 60, dtype=torch.float64))
    fine[0], fine[-1] = gammas[0], gammas[-1]
    exact = world.exact(world.x_bar[:1], fine)[:, 0]
    run = solve(world.flow, world.x_bar[:1], gammas, s["solver"]).x_bar[:, 0]
    low, high = float(exact.min()), float(exact.max())
    pad, third = 0.08 * (high - low), (WIDTH - 2 * PAD) / 3
    drawing, rows = "", []
    names = {"t": "t", "log_snr": "log-SNR", "gamma": "γ"}
    for i, (clock, name) in enumerate(names.items()):
        tau, nodes = _clock(clock, fine, world), _clock(clock, gammas, world)
        axes = Axes(
            (float(tau[0]), float(tau[-1])),
            (low - pad, high + pad),
            PAD + i * third,
            PAD + (i + 1) * third - 16,
        )
        drawing += axes.frame(name, "x̄" if i == 0 else "")
        for j in (0, 1):
            curve = axes(torch.stack([tau, exact[:, j]], 1).numpy())
            drawing += path([curve], EXACT_COLOR, 3)
            points = axes(torch.stack([nodes, run[:, j]], 1).numpy())
            drawing += dots(points, SOLVER_STYLE[s["solver"]].color, 3)
        share = (tau - tau[0]) / (tau[-1] - tau[0])
        chord = exact[0] + share[:, None] * (exact[-1] - exact[0])
        bend = (exact - chord).norm(dim=1).max() / (exact[-1] - exact[0]).norm()
        rows.append((name, f"{float(bend):.2f}"))
    return drawing, ("clock", "bend of the path, as a share of its chord"), rows, False


def _series(world: World, z: torch.Tensor, step: torch.Tensor) -> tuple[Callable, dict, Points]:
    """The Taylor polynomials at z, their end errors, and the exact arc."""
    derivatives = world.flow.derivatives(z, float(step[0]), order=2)
    fractions = torch.linspace(0, 1, 17, dtype=torch.float64)
    levels = step[0] + fractions * (step[1] - step[0])
    arc = world.exact(z, levels)[:, 0].numpy()

    def curve(order: int) -> Points:
        h = (levels - step[0])[:, None]
        terms = [h, h**2 / 2, h**3 / 6][:order]
        return (z + sum(c * d for c, d in zip(terms, derivatives, strict=False))).numpy()

    names = {"ddim": 1, "genie": 2, "taylor3": 3}
    errors = {name: float(np.hypot(*(curve(k)[-1] - arc[-1]))) for name, k in names.items()}
    return curve, errors, arc


def _one_step(world: World, z: torch.Tensor, step: torch.Tensor, orders: dict[str, int]) -> tuple:
    curve, errors, arc = _series(world, z, step)
    everything = np.concatenate([arc, *(curve(k) for k in orders.values())])
    axes = Axes.square(everything, 0.25)
    drawing = axes.frame("x̄₁", "x̄₂")
    drawing += path([axes(arc)], EXACT_COLOR, 5, stroke_opacity="0.6")
    names = {"ddim": "tangent", "genie": "parabola", "taylor3": "cubic"}
    for name, order in orders.items():
        points = axes(curve(order))
        color = SOLVER_STYLE[name].color
        drawing += path([points], color, 2) + dots(points[-1:], color, 4)
        drawing += text_at(points[-1][0] + 8, points[-1][1] + 4, names[name], "start")
    return drawing + rings(axes(arc)[-1:], 6), errors


def stepper(world: World) -> View:
    """Draw the view "stepper"."""
    s = world.state
    run = solve(world.flow, world.x_bar[:1], world.gammas, s["solver"])
    n = min(s["step"], s["n_steps"] - 1)
    gamma, gamma_next = world.gammas[n], world.gammas[n + 1]
    step = torch.stack([gamma, gamma + s["step_scale"] * (gamma_next - gamma)])
    drawing, errors = _one_step(world, run.x_bar[n], step, {"ddim": 1, "genie": 2})
    if not s["revealed"]:
        # the picture without JavaScript must not answer the question before it is asked
        z = run.x_bar[n][0].numpy()
        end = _series(world, run.x_bar[n], step)[0](1)[-1]
        axes = Axes.square(np.stack([z, end]), 0.5)
        points = axes(np.stack([z, end]))
        drawing = axes.frame("x̄₁", "x̄₂") + path([points], SOLVER_STYLE["ddim"].color, 2)
        drawing += dots(points[:1], "currentColor", 4)
        drawing += dots(points[1:], SOLVER_STYLE["ddim"].color, 4)
        drawing += text_at(points[1][0] + 8, points[1][1] + 4, "Euler", "start")
    rows = [
        ("Euler step", format_number(errors["ddim"])),
        ("GENIE step", format_number(errors["genie"])),
    ]
    return drawing, ("one step", "gap to the exact arc"), rows, not s["revealed"]


def taylor(world: World) -> View:
    """Draw the view "taylor"."""
    s = world.state
    gamma = float(np.exp(s["log_gamma"]))
    step = torch.tensor([gamma, gamma * (1 - s["h_fraction"])], dtype=torch.float64)
    z = world.exact(world.x_bar[:1], torch.stack([world.gammas[0], step[0]]))[-1]
    orders = {"ddim": 1, "genie": 2, "taylor3": 3}
    drawing, errors = _one_step(world, z, step, {k: orders[k] for k in orders if k in s["solvers"]})
    labels = {"ddim": "tangent (DDIM)", "genie": "parabola (GENIE)", "taylor3": "cubic (Taylor 3)"}
    rows = [(labels[name], format_number(errors[name])) for name in orders]
    return drawing, ("one step", "ends off by"), rows, False
