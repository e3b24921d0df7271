"""Posters of the plane, and its world: paths, knots of a grid, field, guidance, encoding."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch

from genie_edu.flow import AnalyticFlow
from genie_edu.guidance import GuidedFlow, SumOfDerivativesFlow
from genie_edu.lab._svg import HEIGHT, PAD, WIDTH, Axes, View, dots, path, rings, text_at
from genie_edu.metrics import end_point_error, exact_solution
from genie_edu.mixture import GaussianMixture
from genie_edu.schedule import time_grid
from genie_edu.show.numbers import format_number, starts
from genie_edu.show.palette import EXACT_COLOR, SOLVER_STYLE
from genie_edu.solvers import SOLVERS, encode, solve

GOLDEN = 0.6180339887498949
"""The golden ratio's fraction: its multiples fill (0, 1) evenly. They decide whom tilting keeps."""


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


def guidance(world: World) -> View:
    """Draw the view "guidance"."""
    s, x_bar, gammas = world.state, world.x_bar, world.gammas
    weights = world.mixture.weights[s["members"]]
    means, covs = world.mixture.means[s["members"]], world.mixture.covs[s["members"]]
    part = GaussianMixture(weights / weights.sum(), means, covs)
    flow = AnalyticFlow(part)
    plain = exact_solution(flow, x_bar, gammas[[0, -1]])[-1]
    interval = (math.exp(s["guide_low"]), math.exp(s["guide_high"]))
    corners = [g for g in interval[::-1] if float(gammas[-1]) < g < float(gammas[0])]
    corners, exact = [float(gammas[0]), *corners, float(gammas[-1])], x_bar
    for a, b in zip(corners, corners[1:], strict=False):
        w = s["w"] if interval[0] < math.sqrt(a * b) <= interval[1] else 0.0
        exact = exact_solution(GuidedFlow(flow, world.flow, w), exact, [a, b])[-1]

    kind = SumOfDerivativesFlow if s["guided_derivative"] == "sum" else GuidedFlow
    guided = kind(flow, world.flow, s["w"], interval)
    f = float(torch.rsqrt(1 + gammas[-1] ** 2))
    axes = Axes((-2.9, 2.9), (-2.45, 2.45), 40, 480, 14, 366)
    drawing = axes.frame("x₁", "x₂")
    pairs = zip(axes((f * plain).numpy()), axes((f * exact).numpy()), strict=True)
    drawing += path((list(pair) for pair in pairs), EXACT_COLOR, 0.8, stroke_opacity="0.5")
    drawing += dots(axes((f * plain).numpy()), EXACT_COLOR, 2)
    rows = []
    for name in s["solvers"]:
        run, twice = (solve(guided, x_bar, world.levels(k * s["n_steps"]), name) for k in (1, 2))
        error, finer = (end_point_error(r.end, exact) for r in (run, twice))
        drawing += dots(axes((f * run.end).numpy()), SOLVER_STYLE[name].color, 2)
        slope = f"{math.log2(error / finer):.1f}"
        rows.append((SOLVER_STYLE[name].label, format_number(error), slope, str(run.nfe)))
    drawing += rings(axes((f * exact).numpy()), 3.5)
    for k, mean in enumerate(axes(world.mixture.means.numpy()), 1):
        drawing += text_at(mean[0], mean[1] - 6, str(k))

    probability = weights.sum() * (part.log_prob(plain) - world.mixture.log_prob(plain)).exp()
    order = torch.arange(1, len(plain) + 1, dtype=torch.float64)
    kept = torch.remainder(0.5 + GOLDEN * order, 1) < probability ** s["w"]

    def moved(cloud: torch.Tensor) -> str:
        return format_number(float((cloud.mean(0) - plain.mean(0)).norm()))

    spread = float((exact - exact.mean(0)).norm() / (plain - plain.mean(0)).norm())
    rows += [
        ("mean moved by tilting", moved(plain[kept]), "", ""),
        ("mean moved by guidance", moved(exact), "", ""),
        ("spread left by guidance", format_number(spread), "", ""),
    ]
    return drawing, ("on the guided flow", "error", "slope", "NFE"), rows, False


def encoding(world: World) -> View:
    """Draw the view "encoding"."""
    s, gammas = world.state, world.gammas
    data = world.exact(world.x_bar, gammas[[0, -1]])[-1]
    data[0] = torch.tensor(s["probe"], dtype=torch.float64)
    fine = world.levels(60).flip(0)
    track = world.exact(data, fine)
    exact, scale = track[-1], float(torch.sqrt(1 + gammas[0] ** 2))
    plane, codes = (
        Axes((-2.6, 2.6), (-3.6, 3.6), left, left + 222, 50, 358) for left in (PAD, PAD + 242)
    )
    drawing = plane.frame("x₁", "") + text_at(PAD, 34, "data: up, and back", "start")
    drawing += codes.frame("x₁", "") + text_at(PAD + 242, 34, "codes", "start")
    f = float(torch.rsqrt(1 + gammas[-1] ** 2))
    drawing += dots(plane((f * data).numpy()), EXACT_COLOR, 1.6)
    drawing += dots(codes((exact / scale).numpy()), EXACT_COLOR, 1.6)
    shrink = torch.rsqrt(1 + fine**2)[:, None]
    drawing += path([plane((track[:, 0] * shrink).numpy())], EXACT_COLOR, 2, stroke_opacity="0.5")
    rows = []
    for name in s["solvers"]:
        errors, color = [], SOLVER_STYLE[name].color
        for factor in (1, 2):
            down = world.levels(factor * s["n_steps"])
            code = encode(world.flow, data, down.flip(0), name)
            back = solve(world.flow, code.end, down, name)
            errors.append(
                (end_point_error(code.end, exact) / scale, end_point_error(back.end, data))
            )
            if factor == 1:
                drawing += path([plane(code.x[:, 0].numpy())], color, 1.2)
                drawing += path([plane(back.x[:, 0].numpy())], color, 1.2, stroke_dasharray="2 3")
                drawing += dots(plane((f * back.end[:1]).numpy()), color, 3)
                drawing += dots(codes((code.end[:1] / scale).numpy()), color, 3)
        slopes = [f"{math.log2(a / b):.1f}" for a, b in zip(*errors, strict=True)]
        (one_way, trip), label = map(format_number, errors[0]), SOLVER_STYLE[name].label
        rows.append((label, one_way, slopes[0], trip, slopes[1]))
    drawing += rings(plane((f * data[:1]).numpy()), 5)
    drawing += rings(codes((exact[:1] / scale).numpy()), 5)
    return drawing, ("median of all points", "code", "slope", "round trip", "slope"), rows, False
