"""Posters of measured errors: order plots, mysteries, differences, learned fields."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch

from genie_edu.exercises.mysteries import MYSTERIES, Sampler
from genie_edu.flow import NetworkFlow
from genie_edu.lab import HEAD_STYLE, networks
from genie_edu.lab._plane import World
from genie_edu.lab._svg import HEIGHT, PAD, WIDTH, Axes, View, dots, path, rings, text_at
from genie_edu.metrics import end_point_error, exact_solution
from genie_edu.show.numbers import MISSING, format_number, starts
from genie_edu.show.palette import EXACT_COLOR, SOLVER_STYLE
from genie_edu.solvers import solve
from genie_edu.train.fit import TERMS, WITHOUT_SLOPE
from genie_edu.train.span import out_of_span

UNSEEN = 96
"""Starts that judge a span, as in the lab."""
SPANS = {
    "x̄ and ε now": ("state", "eps"),
    "and two past ε": WITHOUT_SLOPE,
    "and the slopes": TERMS,
}
QUOTIENT_STEPS = [10 ** (-10 + k / 10) for k in range(98)]


def order(world: World) -> View:
    """Draw the view "order"."""
    s = world.state
    curves = {}
    for name in s["solvers"]:
        style = SOLVER_STYLE[name]
        curves[style.label] = (style.color, _ends_of(world, name))
    return _error_plot(world, curves, s["counts"] or [8, 16])


def mystery(world: World) -> View:
    """Draw the view "mystery"."""

    def ends_of(sampler: Sampler) -> Callable[[torch.Tensor], torch.Tensor]:
        return lambda gammas: sampler(world.flow, world.x_bar, gammas)

    curves = {letter: (EXACT_COLOR, ends_of(m.sampler)) for letter, m in MYSTERIES.items()}
    curves["DDIM"] = (SOLVER_STYLE["ddim"].color, _ends_of(world, "ddim"))
    return _error_plot(world, curves, [8, 32, 128, 512])


def difference(world: World) -> View:
    """Draw the view "difference"."""
    s = world.state
    gamma = min(math.exp(s["log_gamma"]), 0.999 * float(world.gammas[0]))
    level = torch.tensor(gamma, dtype=torch.float64)
    z = world.exact(world.x_bar, torch.stack([world.gammas[0], level]))[-1]
    exact = world.flow.derivatives(z, level, 1)[1]

    def eps(x_bar: torch.Tensor, gamma: torch.Tensor) -> torch.Tensor:
        x_bar, gamma = x_bar.float().double(), gamma.float().double()
        return world.flow.eps(x_bar, gamma).float().double()

    here, axes = eps(z, level), Axes((-10.0, -0.2), (-8.0, 1.0), PAD + 20, WIDTH - 20)
    drawing, rows = axes.frame("step / γ (logarithmic), from 1e-10", ""), []
    drawing += text_at(PAD + 14, PAD + 4, "10", "end") + text_at(
        PAD + 14, HEIGHT - PAD, "1e-8", "end"
    )
    for kind, color in (("forward", SOLVER_STYLE["ddim"].color), ("central", EXACT_COLOR)):
        errors = []
        for step in QUOTIENT_STEPS:
            d = step * level
            if kind == "central":
                slope = (eps(z + d * here, level + d) - eps(z - d * here, level - d)) / (2 * d)
            else:
                slope = (eps(z + d * here, level + d) - here) / d
            errors.append(float(((slope - exact).norm(dim=1) / exact.norm(dim=1)).quantile(0.5)))
        best = int(np.argmin(errors))
        curve = np.stack([np.log10(QUOTIENT_STEPS), np.log10(np.clip(errors, 1e-8, 10))], 1)
        points = axes(curve)
        drawing += path([points], color, 1.8) + dots(points[best : best + 1], color, 4)
        drawing += text_at(points[best][0], points[best][1] + 18, kind)
        rows.append(
            (kind, *(format_number(v) for v in (QUOTIENT_STEPS[best], errors[best], errors[70])))
        )
    head = ("in float32", "best step / γ", "error there", "error at step / γ = 0.001")
    return drawing, head, rows, False


def span(world: World) -> View:
    """Draw the view "span"."""
    gammas, n = world.gammas, world.state["n_steps"]
    x = torch.from_numpy(starts(UNSEEN, world.state["seed"] + 1))
    unseen = torch.sqrt(1 + gammas[0] ** 2) * x
    seen, others = (world.exact(x_bar, gammas) for x_bar in (world.x_bar, unseen))
    shares = {
        label: out_of_span(world.flow, gammas, seen, terms, others)
        for label, terms in SPANS.items()
    }
    x_axis = np.log10([float(gammas[n - 1]) * 0.8, float(gammas[0]) * 1.25])
    axes = Axes((x_axis[0], x_axis[1]), (-5.0, 0.0), PAD + 20, WIDTH - 20)
    drawing = axes.frame("γ at the start of the step (logarithmic)", "")
    drawing += text_at(PAD + 14, PAD + 4, "1", "end") + text_at(
        PAD + 14, HEIGHT - PAD, "1e-5", "end"
    )
    colors = (EXACT_COLOR, SOLVER_STYLE["ddim"].color, SOLVER_STYLE["genie"].color)
    for i, (color, (label, values)) in enumerate(zip(colors, shares.items(), strict=True)):
        at = np.log10(np.stack([gammas[:-1].numpy(), np.clip(values, 1e-5, 1)], 1))
        drawing += path([axes(at)], color, 1.8) + dots(axes(at), color, 3.4)
        y = PAD + 12 + 17 * i
        drawing += dots([(390, y - 4)], color, 4) + text_at(400, y, label, "start")
    rows = [
        (
            str(k + 1),
            format_number(float(gammas[k])),
            *(format_number(v[k]) for v in shares.values()),
        )
        for k in range(n)
    ]
    return drawing, ("step", "γ", *SPANS), rows, False


def _panel(left: float, right: float, title: str) -> tuple[Axes, str]:
    k = 2.6 / min(right - left, HEIGHT - PAD - 60)
    w, h = k * (right - left), k * (HEIGHT - PAD - 60)
    axes = Axes((-w, w), (-h, h), left, right, 60)
    return axes, axes.frame("x₁", "") + text_at(left, 44, title, "start")


def budget(world: World) -> View:
    """Draw the view "budget"."""
    s, gammas, name = world.state, world.gammas, world.state["solver"]
    learned, levels = NetworkFlow(networks.load()[0]), world.levels(8)
    f = torch.rsqrt(1 + levels**2)[:, None, None]
    exact = world.exact(world.x_bar, levels)
    truth = exact_solution(learned, world.x_bar, levels)
    drawing, color = "", SOLVER_STYLE[name].color
    for flow, paths, left, title in (
        (world.flow, exact, PAD, "the exact field"),
        (learned, truth, 282, "the learned field"),
    ):
        axes, frame = _panel(left, left + 222, title)
        run = solve(flow, world.x_bar, gammas, name, afs=s["afs"])
        drawing += frame + path(
            [axes(p) for p in (paths * f).transpose(0, 1).numpy()],
            EXACT_COLOR,
            1.4,
            stroke_opacity="0.5",
        )
        drawing += dots(axes(run.x[-1].numpy()), color, 2.4)
        drawing += rings(axes((exact * f)[-1].numpy()), 4)
    rows = [
        ("solver error", format_number(end_point_error(run.x_bar[-1], truth[-1]))),
        ("model error", format_number(end_point_error(truth[-1], exact[-1]))),
        ("total error", format_number(end_point_error(run.x_bar[-1], exact[-1]))),
    ]
    return drawing, ("on the learned field", "error"), rows, False


def scrubber(world: World) -> View:
    """Draw the view "scrubber"."""
    s, gammas = world.state, world.gammas
    net, heads = networks.load()
    learned, f = NetworkFlow(net), torch.rsqrt(1 + gammas[-1] ** 2)
    truth = exact_solution(learned, world.x_bar, gammas[[0, -1]])[-1]

    def end(flow: NetworkFlow, name: str) -> torch.Tensor:
        return solve(flow, world.x_bar, gammas, name, afs=s["afs"]).x_bar[-1]

    ends = {name: end(learned, name) for name in ("ddim", "genie")}
    by_head = [end(NetworkFlow(net, head), "genie") for *_, head in heads]
    bounds = {name: end_point_error(x, truth) for name, x in ends.items()}
    errors = [end_point_error(x, truth) for x in by_head]
    axes, drawing = _panel(PAD, 256, "end points on the learned field")
    style = SOLVER_STYLE | {"head": HEAD_STYLE}
    for name, x in (ends | {"head": by_head[s["checkpoint"]]}).items():
        drawing += dots(axes((f * x).numpy()), style[name].color, 2.4)
    drawing += rings(axes((f * truth).numpy()), 4)
    logs = np.log10([*errors, *bounds.values()])
    last = len(heads) - 1
    chart = Axes((0.0, float(last)), (logs.min() - 0.1, logs.max() + 0.1), 300, WIDTH - 14, 60)
    drawing += chart.frame("training steps of the head", "")
    drawing += text_at(300, 44, "error of GENIE with the head", "start")
    for k in range(0, last + 1, 2):
        x, y = chart([(k, chart.y[0])])[0]
        drawing += text_at(x, y + 10, str(heads[k][0]))
    for name, error in bounds.items():
        line = chart([(0, np.log10(error)), (last, np.log10(error))])
        drawing += path([line], style[name].color, 1.6, stroke_dasharray="6 4")
        drawing += text_at(WIDTH - 16, line[1][1] - 5, style[name].label, "end")
    points = chart(np.stack([np.arange(last + 1), np.log10(errors)], 1))
    drawing += path([points], HEAD_STYLE.color, 1.6) + dots(points, HEAD_STYLE.color, 3)
    rows = [(style[name].label, format_number(error), MISSING) for name, error in bounds.items()]
    rows += [
        (f"head after {step} steps", format_number(error), f"{r2:.3f}")
        for (step, r2, _), error in zip(heads, errors, strict=True)
    ]
    return drawing, ("GENIE's derivative", "error", "R²"), rows, False


def _ends_of(world: World, name: str) -> Callable[[torch.Tensor], torch.Tensor]:
    return lambda gammas: solve(world.flow, world.x_bar, gammas, name).x_bar[-1]


def _error_plot(world: World, curves: dict[str, tuple[str, Callable]], counts: list[int]) -> View:
    """Error by step count of every (colour, levels -> end points), and its table."""
    exact = world.exact(world.x_bar, world.gammas[[0, -1]])[-1]
    errors = {
        label: [end_point_error(ends_of(world.levels(n)), exact) for n in counts]
        for label, (_, ends_of) in curves.items()
    }
    low = min(-4.0, np.floor(np.log10(min(min(e) for e in errors.values()))))
    axes = Axes((np.log10(2), np.log10(512)), (low, 0.0), PAD + 20, WIDTH - 90)
    drawing = axes.frame("steps N (logarithmic)", "")
    drawing += text_at(PAD + 14, PAD + 4, "1", "end") + text_at(
        PAD + 14, HEIGHT - PAD, f"1e{low:.0f}", "end"
    )
    rows, labels = [], []
    for label, (color, _) in curves.items():
        points = axes(np.log10(np.stack([counts, errors[label]], 1)))
        drawing += path([points], color, 1.6) + dots(points, color, 4)
        labels.append((points[-1][1] + 4, points[-1][0] + 10, label))
        rows.append((label, *(format_number(e) for e in errors[label])))
    lowest = -1.0
    for y, x, label in sorted(labels):
        lowest = max(y, lowest + 14)
        drawing += text_at(x, lowest, label, "start")
    return drawing, ("error at N =", *(str(n) for n in counts)), rows, False
