"""Posters of the plane: paths, the tournament, the knots of a grid, the field."""

from __future__ import annotations

import numpy as np
import torch

from genie_edu.lab._svg import HEIGHT, PAD, WIDTH, Axes, dots, path, rings, text_at
from genie_edu.lab._world import View, World
from genie_edu.metrics import end_point_error
from genie_edu.schedule import time_grid
from genie_edu.show.numbers import format_number
from genie_edu.show.palette import EXACT_COLOR, SOLVER_STYLE
from genie_edu.solvers import SOLVERS, solve


def paths(world: World) -> View:
    """Draw the view "paths"."""
    s, gammas = world.state, world.gammas
    fine = world.levels(12)
    exact = world.exact(world.x_bar, fine)
    shrink = (1 + fine**2).rsqrt()[:, None, None]
    window = np.array([[-2.75, -2.75], [2.75, 2.75]])
    axes = Axes.square(window, 0.0)
    drawing = axes.frame("x₁", "x₂")
    drawing += path(
        [axes(p) for p in (exact * shrink).transpose(0, 1).numpy()],
        EXACT_COLOR,
        2.5,
        stroke_opacity="0.5",
    )
    rows = []
    for name in s["solvers"]:
        run = solve(world.flow, world.x_bar, gammas, name, afs=s["afs"], denoise=s["denoise"])
        style = SOLVER_STYLE[name]
        drawing += path([axes(p) for p in run.x.transpose(0, 1).numpy()], style.color, 1.2)
        drawing += dots(axes(run.x[-1].numpy()), style.color, 3)
        error = end_point_error(run.x_bar[-1], exact[-1])
        rows.append((style.label, format_number(error), str(run.nfe)))
    drawing += rings(axes((exact * shrink)[-1].numpy()), 5)
    return drawing, ("solver", "error", "NFE"), rows, False


def tournament(world: World) -> View:
    """Draw the view "tournament"."""
    s = world.state
    exact = world.exact(world.x_bar, world.gammas[[0, -1]])[-1]
    x_of = torch.rsqrt(1 + world.gammas[-1] ** 2)
    drawing, ranked = "", []
    for i, name in enumerate(s["solvers"]):
        budget = s["nfe"] + s["afs"] - s["denoise"]
        n_steps = max(1, budget // SOLVERS[name].nfe_per_step)
        run = solve(world.flow, world.x_bar, world.levels(n_steps), name, afs=s["afs"])
        error = end_point_error(run.x_bar[-1], exact)
        left, top = 12 + (i % 3) * 170, 44 + (i // 3) * 198
        axes = Axes((-2.6, 2.6), (-2.45, 2.45), left, left + 158, top, top + 149)
        drawing += axes.frame("", "") + text_at(left, top - 22, SOLVER_STYLE[name].label, "start")
        drawing += text_at(left, top - 7, f"{n_steps} steps, {format_number(error)}", "start")
        drawing += dots(axes((x_of * exact).numpy()), EXACT_COLOR, 4)
        drawing += dots(axes((x_of * run.x_bar[-1]).numpy()), SOLVER_STYLE[name].color, 2)
        row = (SOLVER_STYLE[name].label, format_number(error), str(n_steps), str(run.nfe))
        ranked.append((error, row))
    return drawing, ("best first", "error", "steps", "NFE"), [r for _, r in sorted(ranked)], False


def knots(world: World) -> View:
    """Draw the view "knots"."""
    s = world.state
    gammas = world.gammas
    if s["knots"]:
        inner = torch.tensor(s["knots"], dtype=torch.float64).exp()
        gammas = torch.cat([gammas[:1], inner, gammas[-1:]])
    exact = world.exact(world.x_bar, gammas)
    local, memory, step = [], None, SOLVERS[s["solver"]].step
    for n in range(len(gammas) - 1):
        ahead, memory = step(world.flow, exact[n], float(gammas[n]), float(gammas[n + 1]), memory)
        local.append(end_point_error(ahead, exact[n + 1]))
    u, color = gammas.log().numpy(), SOLVER_STYLE[s["solver"]].color
    low, high = np.floor(np.log10(min(local))), np.ceil(np.log10(max(local)))
    axes = Axes((u[0], u[-1]), (low, high), PAD + 20, 306, 60)
    drawing = axes.frame("γ, from noise to data", "")
    drawing += text_at(PAD + 14, 64, f"1e{high:.0f}", "end")
    drawing += text_at(PAD + 14, HEIGHT - PAD, f"1e{low:.0f}", "end")
    bars = [
        axes([(u[n], low), (u[n], y), (u[n + 1], y), (u[n + 1], low)])
        for n, y in enumerate(np.log10(local))
    ]
    drawing += path(bars, color, 1.6) + dots(axes([(v, high) for v in u[1:-1]]), color, 4)
    drawing += text_at(PAD + 20, 40, "knots, and the local error of each step", "start")
    plane = Axes((-2.6, 2.6), (-4.3, 4.3), 342, WIDTH - 10, 60)
    run = solve(world.flow, world.x_bar, gammas, s["solver"])
    f = torch.rsqrt(1 + gammas[-1] ** 2)
    drawing += plane.frame("x₁", "x₂") + dots(plane((f * exact[-1]).numpy()), EXACT_COLOR, 4)
    drawing += dots(plane((f * run.x_bar[-1]).numpy()), color, 2)
    uniform = world.flow.schedule.gamma(
        time_grid(len(local), t_start=s["t_start"], t_end=s["t_end"])
    )
    plain = solve(world.flow, world.x_bar, uniform, s["solver"])
    rows = [
        ("error of this grid", format_number(end_point_error(run.x_bar[-1], exact[-1]))),
        ("error, uniform in t", format_number(end_point_error(plain.x_bar[-1], exact[-1]))),
        ("largest / median local error", format_number(max(local) / float(np.median(local)))),
    ]
    return drawing, (SOLVER_STYLE[s["solver"]].label, f"{len(local)} steps"), rows, False


def _pair(point: torch.Tensor) -> str:
    return f"({format_number(float(point[0]))}, {format_number(float(point[1]))})"


def field(world: World) -> View:
    """Draw the view "field"."""
    s = world.state
    gamma, probe = float(np.exp(s["log_gamma"])), torch.tensor([s["probe"]], dtype=torch.float64)
    lattice = np.stack(np.meshgrid(np.linspace(-3, 3, 13), np.linspace(-2.4, 2.4, 11)), -1)
    points = torch.from_numpy(lattice.reshape(-1, 2))
    eps = world.flow.eps(points, gamma)
    axes = Axes.square(np.array([[-3.3, -2.7], [3.3, 2.7]]), 0.0)
    length = eps.norm(dim=1, keepdim=True)
    arrow = eps / length * (0.45 * torch.clamp(length / 2.4, max=1.0))
    drawing = axes.frame("x̄₁", "x̄₂")
    tails, heads = axes((points - arrow / 2).numpy()), axes((points + arrow / 2).numpy())
    color = SOLVER_STYLE["genie"].color
    drawing += path(([a, b] for a, b in zip(tails, heads, strict=True)), color, 1.3)
    drawing += dots(heads, color, 2)
    drawing += dots(axes(probe.numpy()), "currentColor", 4)
    drawing += rings(axes(world.mixture.means.numpy()), 6)
    at = world.flow.eps(probe, gamma)[0]
    rows = [
        ("noise level γ", format_number(gamma)),
        ("eps", _pair(at)),
        ("score", _pair(-at / gamma)),
        ("log density", format_number(float(world.mixture.log_prob(probe, gamma)[0]))),
    ]
    return drawing, ("at the probe", "value"), rows, False
