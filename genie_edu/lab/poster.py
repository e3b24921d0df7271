"""Posters: what a lab shows without JavaScript, in print and before it is mounted.

Drawn from genie_edu's own numbers and rounded, so that the same state gives the same bytes.
`python -m genie_edu.lab.poster` rewrites the stored ones.
"""

from __future__ import annotations

import html
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from genie_edu.exercises.mysteries import MYSTERIES, Sampler
from genie_edu.flow import AnalyticFlow, NetworkFlow
from genie_edu.lab import (
    HEAD_STYLE,
    HERE,
    format_number,
    networks,
    scenarios,
    starts,
    state_of,
)
from genie_edu.lab._svg import (
    HEIGHT,
    PAD,
    WIDTH,
    Axes,
    Points,
    Row,
    dots,
    path,
    rings,
    table,
    text_at,
)
from genie_edu.metrics import end_point_error, exact_solution
from genie_edu.mixture import GaussianMixture
from genie_edu.palette import EXACT_COLOR, SOLVER_STYLE
from genie_edu.schedule import time_grid
from genie_edu.solvers import SOLVERS, solve


def poster(scenario: str, **overrides: Any) -> str:  # noqa: ANN401
    """HTML fragment of a scenario: an SVG picture, a small table, one sentence."""
    spec, state = scenarios()[scenario], state_of(scenario, **overrides)
    drawing, head, rows, hidden = _VIEWS[spec["view"]](_World(state))
    numbers = table(head, rows)
    if hidden:
        numbers = f"<details><summary>Show the answer</summary>{numbers}</details>"
    alt = html.escape(spec["alt"])
    return (
        f'<figure>\n<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{alt}" '
        f'fill="none" font-size="12">\n{drawing}</svg>\n'
        f"<figcaption>{html.escape(spec['sentence'])}</figcaption>\n</figure>\n{numbers}\n"
    )


class _World:
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


def _paths(world: _World) -> View:
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


def _tournament(world: _World) -> View:
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


def _knots(world: _World) -> View:
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


def _field(world: _World) -> View:
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


def _pair(point: torch.Tensor) -> str:
    return f"({format_number(float(point[0]))}, {format_number(float(point[1]))})"


def _clock(name: str, gamma: torch.Tensor, world: _World) -> torch.Tensor:
    if name == "t":
        return world.flow.schedule.t_of_gamma(gamma)
    return -2 * gamma.log() if name == "log_snr" else gamma


def _clocks(world: _World) -> View:
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


def _series(world: _World, z: torch.Tensor, step: torch.Tensor) -> tuple[Callable, dict, Points]:
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


def _one_step(world: _World, z: torch.Tensor, step: torch.Tensor, orders: dict[str, int]) -> tuple:
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


def _stepper(world: _World) -> View:
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


def _taylor(world: _World) -> View:
    s = world.state
    gamma = float(np.exp(s["log_gamma"]))
    step = torch.tensor([gamma, gamma * (1 - s["h_fraction"])], dtype=torch.float64)
    z = world.exact(world.x_bar[:1], torch.stack([world.gammas[0], step[0]]))[-1]
    orders = {"ddim": 1, "genie": 2, "taylor3": 3}
    drawing, errors = _one_step(world, z, step, {k: orders[k] for k in orders if k in s["solvers"]})
    labels = {"ddim": "tangent (DDIM)", "genie": "parabola (GENIE)", "taylor3": "cubic (Taylor 3)"}
    rows = [(labels[name], format_number(errors[name])) for name in orders]
    return drawing, ("one step", "ends off by"), rows, False


def _order(world: _World) -> View:
    s = world.state
    curves = {}
    for name in s["solvers"]:
        style = SOLVER_STYLE[name]
        curves[style.label] = (style.color, _ends_of(world, name))
    return _error_plot(world, curves, s["counts"] or [8, 16])


def _mystery(world: _World) -> View:
    def ends_of(sampler: Sampler) -> Callable[[torch.Tensor], torch.Tensor]:
        return lambda gammas: sampler(world.flow, world.x_bar, gammas)

    curves = {letter: (EXACT_COLOR, ends_of(m.sampler)) for letter, m in MYSTERIES.items()}
    curves["DDIM"] = (SOLVER_STYLE["ddim"].color, _ends_of(world, "ddim"))
    return _error_plot(world, curves, [8, 32, 128, 512])


QUOTIENT_STEPS = [10 ** (-10 + k / 10) for k in range(98)]


def _difference(world: _World) -> View:
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


def _panel(left: float, right: float, title: str) -> tuple[Axes, str]:
    k = 2.6 / min(right - left, HEIGHT - PAD - 60)
    w, h = k * (right - left), k * (HEIGHT - PAD - 60)
    axes = Axes((-w, w), (-h, h), left, right, 60)
    return axes, axes.frame("x₁", "") + text_at(left, 44, title, "start")


def _budget(world: _World) -> View:
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


def _scrubber(world: _World) -> View:
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
    rows = [(style[name].label, format_number(error), "-") for name, error in bounds.items()]
    rows += [
        (f"head after {step} steps", format_number(error), f"{r2:.3f}")
        for (step, r2, _), error in zip(heads, errors, strict=True)
    ]
    return drawing, ("GENIE's derivative", "error", "R²"), rows, False


def _ends_of(world: _World, name: str) -> Callable[[torch.Tensor], torch.Tensor]:
    return lambda gammas: solve(world.flow, world.x_bar, gammas, name).x_bar[-1]


def _error_plot(world: _World, curves: dict[str, tuple[str, Callable]], counts: list[int]) -> View:
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


_VIEWS: dict[str, Callable[[_World], View]] = {
    "paths": _paths,
    "tournament": _tournament,
    "knots": _knots,
    "field": _field,
    "clocks": _clocks,
    "stepper": _stepper,
    "taylor": _taylor,
    "order": _order,
    "mystery": _mystery,
    "difference": _difference,
    "budget": _budget,
    "scrubber": _scrubber,
}


def write_posters() -> None:
    """Write the stored poster of every scenario."""
    folder = HERE / "posters"
    folder.mkdir(exist_ok=True)
    for scenario in scenarios():
        (folder / f"{scenario}.html").write_text(poster(scenario), encoding="utf-8")


if __name__ == "__main__":
    write_posters()
