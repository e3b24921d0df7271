"""Posters: what a lab shows without JavaScript, in print and before it is mounted.

Drawn from genie_edu's own numbers and rounded, so that the same state gives the same bytes.
`python -m genie_edu.lab.poster` rewrites the stored ones.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch

from genie_edu.flow import AnalyticFlow
from genie_edu.lab import HERE, format_number, scenarios, starts, state_of
from genie_edu.metrics import end_point_error, exact_solution
from genie_edu.mixture import GaussianMixture
from genie_edu.palette import EXACT_COLOR, SOLVER_STYLE
from genie_edu.schedule import time_grid
from genie_edu.solvers import solve

WIDTH, HEIGHT, PAD = 520, 400, 34
Points = np.ndarray
Row = tuple[str, ...]


def poster(scenario: str, **overrides: Any) -> str:  # noqa: ANN401
    """HTML fragment of a scenario: an SVG picture, a small table, one sentence."""
    spec, state = scenarios()[scenario], state_of(scenario, **overrides)
    drawing, head, rows, hidden = _VIEWS[spec["view"]](_World(state))
    table = _table(head, rows)
    if hidden:
        table = f"<details><summary>Show the answer</summary>{table}</details>"
    alt = html.escape(spec["alt"])
    return (
        f'<figure>\n<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{alt}" '
        f'fill="none" font-size="12">\n{drawing}</svg>\n'
        f"<figcaption>{html.escape(spec['sentence'])}</figcaption>\n</figure>\n{table}\n"
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


class _Axes:
    """Maps a window of the plane to the picture."""

    def __init__(
        self, x: tuple[float, float], y: tuple[float, float], left: float, right: float
    ) -> None:
        self.x, self.y, self.left, self.right = x, y, left, right

    @classmethod
    def square(cls, points: Points, margin: float) -> _Axes:
        low, high = points.min(0), points.max(0)
        middle, w, h = (low + high) / 2, WIDTH - 2 * PAD, HEIGHT - 2 * PAD
        k = max((high - low)[0] / w, (high - low)[1] / h) * (0.5 + margin)
        (a, b) = middle
        return cls((a - k * w, a + k * w), (b - k * h, b + k * h), PAD, WIDTH - PAD)

    def __call__(self, points: Points) -> list[tuple[float, float]]:
        x0, x1 = self.x
        y0, y1 = self.y
        width, height = self.right - self.left, HEIGHT - 2 * PAD
        return [
            (
                self.left + (px - x0) / (x1 - x0) * width,
                HEIGHT - PAD - (py - y0) / (y1 - y0) * height,
            )
            for px, py in points
        ]

    def frame(self, x_name: str, y_name: str) -> str:
        bottom = HEIGHT - PAD
        return (
            f'<path d="M{self.left:.1f} {PAD}V{bottom}H{self.right:.1f}" stroke="currentColor" '
            f'stroke-opacity="0.5"/>\n{_text((self.left + self.right) / 2, HEIGHT - 12, x_name)}'
            + (_text(self.left - 14, HEIGHT / 2, y_name) if y_name else "")
        )


def _text(x: float, y: float, text: str, anchor: str = "middle") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="currentColor">'
        f"{html.escape(text)}</text>\n"
    )


def _path(lines: Iterable[list[tuple[float, float]]], color: str, width: float, **more: str) -> str:
    d = "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in line) for line in lines)
    extra = "".join(f' {k.replace("_", "-")}="{v}"' for k, v in more.items())
    return f'<path d="{d}" stroke="{color}" stroke-width="{width}"{extra}/>\n'


def _dots(points: list[tuple[float, float]], color: str, radius: float) -> str:
    """Filled discs: strokes of no length with round caps, the shortest way to write them."""
    d = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in points)
    return f'<path d="{d}" stroke="{color}" stroke-width="{2 * radius}" stroke-linecap="round"/>\n'


def _rings(points: list[tuple[float, float]], radius: float) -> str:
    d = "".join(
        f"M{x - radius:.1f} {y:.1f}a{radius} {radius} 0 1 0 {2 * radius} 0"
        f"a{radius} {radius} 0 1 0 {-2 * radius} 0"
        for x, y in points
    )
    return f'<path d="{d}" stroke="currentColor"/>\n'


def _table(head: Row, rows: list[Row]) -> str:
    def cells(row: Row) -> str:
        return f'<th scope="row">{html.escape(row[0])}</th>' + "".join(
            f"<td>{html.escape(c)}</td>" for c in row[1:]
        )

    top = "".join(f'<th scope="col">{html.escape(c)}</th>' for c in head)
    body = "".join(f"<tr>{cells(row)}</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


View = tuple[str, Row, list[Row], bool]


def _paths(world: _World) -> View:
    s, gammas = world.state, world.gammas
    fine = world.levels(12)
    exact = world.exact(world.x_bar, fine)
    shrink = (1 + fine**2).rsqrt()[:, None, None]
    window = np.array([[-2.75, -2.75], [2.75, 2.75]])
    axes = _Axes.square(window, 0.0)
    drawing = axes.frame("x₁", "x₂")
    drawing += _path(
        [axes(p) for p in (exact * shrink).transpose(0, 1).numpy()],
        EXACT_COLOR,
        2.5,
        stroke_opacity="0.5",
    )
    rows = []
    for name in s["solvers"]:
        run = solve(world.flow, world.x_bar, gammas, name, afs=s["afs"], denoise=s["denoise"])
        style = SOLVER_STYLE[name]
        drawing += _path([axes(p) for p in run.x.transpose(0, 1).numpy()], style.color, 1.2)
        drawing += _dots(axes(run.x[-1].numpy()), style.color, 3)
        error = end_point_error(run.x_bar[-1], exact[-1])
        rows.append((style.label, format_number(error), str(run.nfe)))
    drawing += _rings(axes((exact * shrink)[-1].numpy()), 5)
    return drawing, ("solver", "error", "NFE"), rows, False


def _field(world: _World) -> View:
    s = world.state
    gamma, probe = float(np.exp(s["log_gamma"])), torch.tensor([s["probe"]], dtype=torch.float64)
    lattice = np.stack(np.meshgrid(np.linspace(-3, 3, 13), np.linspace(-2.4, 2.4, 11)), -1)
    points = torch.from_numpy(lattice.reshape(-1, 2))
    eps = world.flow.eps(points, gamma)
    axes = _Axes.square(np.array([[-3.3, -2.7], [3.3, 2.7]]), 0.0)
    length = eps.norm(dim=1, keepdim=True)
    arrow = eps / length * (0.45 * torch.clamp(length / 2.4, max=1.0))
    drawing = axes.frame("x̄₁", "x̄₂")
    tails, heads = axes((points - arrow / 2).numpy()), axes((points + arrow / 2).numpy())
    color = SOLVER_STYLE["genie"].color
    drawing += _path(([a, b] for a, b in zip(tails, heads, strict=True)), color, 1.3)
    drawing += _dots(heads, color, 2)
    drawing += _dots(axes(probe.numpy()), "currentColor", 4)
    drawing += _rings(axes(world.mixture.means.numpy()), 6)
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
        axes = _Axes(
            (float(tau[0]), float(tau[-1])),
            (low - pad, high + pad),
            PAD + i * third,
            PAD + (i + 1) * third - 16,
        )
        drawing += axes.frame(name, "x̄" if i == 0 else "")
        for j in (0, 1):
            curve = axes(torch.stack([tau, exact[:, j]], 1).numpy())
            drawing += _path([curve], EXACT_COLOR, 3)
            points = axes(torch.stack([nodes, run[:, j]], 1).numpy())
            drawing += _dots(points, SOLVER_STYLE[s["solver"]].color, 3)
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
    axes = _Axes.square(everything, 0.25)
    drawing = axes.frame("x̄₁", "x̄₂")
    drawing += _path([axes(arc)], EXACT_COLOR, 5, stroke_opacity="0.6")
    names = {"ddim": "tangent", "genie": "parabola", "taylor3": "cubic"}
    for name, order in orders.items():
        points = axes(curve(order))
        color = SOLVER_STYLE[name].color
        drawing += _path([points], color, 2) + _dots(points[-1:], color, 4)
        drawing += _text(points[-1][0] + 8, points[-1][1] + 4, names[name], "start")
    return drawing + _rings(axes(arc)[-1:], 6), errors


def _stepper(world: _World) -> View:
    s = world.state
    path = solve(world.flow, world.x_bar[:1], world.gammas, s["solver"])
    n = min(s["step"], s["n_steps"] - 1)
    gamma, gamma_next = world.gammas[n], world.gammas[n + 1]
    step = torch.stack([gamma, gamma + s["step_scale"] * (gamma_next - gamma)])
    drawing, errors = _one_step(world, path.x_bar[n], step, {"ddim": 1, "genie": 2})
    if not s["revealed"]:
        # the picture without JavaScript must not answer the question before it is asked
        z = path.x_bar[n][0].numpy()
        end = _series(world, path.x_bar[n], step)[0](1)[-1]
        axes = _Axes.square(np.stack([z, end]), 0.5)
        points = axes(np.stack([z, end]))
        drawing = axes.frame("x̄₁", "x̄₂") + _path([points], SOLVER_STYLE["ddim"].color, 2)
        drawing += _dots(points[:1], "currentColor", 4)
        drawing += _dots(points[1:], SOLVER_STYLE["ddim"].color, 4)
        drawing += _text(points[1][0] + 8, points[1][1] + 4, "Euler", "start")
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
    counts = s["counts"] or [8, 16]
    exact = world.exact(world.x_bar, world.gammas[[0, -1]])[-1]
    axes = _Axes((np.log10(2), np.log10(512)), (-4.0, 0.0), PAD + 20, WIDTH - 90)
    drawing = axes.frame("steps N (logarithmic)", "")
    drawing += _text(PAD + 14, PAD + 4, "1", "end") + _text(PAD + 14, HEIGHT - PAD, "1e-4", "end")
    rows = []
    for name in s["solvers"]:
        errors = [
            end_point_error(solve(world.flow, world.x_bar, world.levels(n), name).x_bar[-1], exact)
            for n in counts
        ]
        points = axes(np.log10(np.stack([counts, errors], 1)))
        color = SOLVER_STYLE[name].color
        drawing += _path([points], color, 1.6) + _dots(points, color, 4)
        label = SOLVER_STYLE[name].label
        drawing += _text(points[-1][0] + 10, points[-1][1] + 4, label, "start")
        rows.append((label, *(format_number(e) for e in errors)))
    return drawing, ("error at N =", *(str(n) for n in counts)), rows, False


_VIEWS: dict[str, Callable[[_World], View]] = {
    "paths": _paths,
    "field": _field,
    "clocks": _clocks,
    "stepper": _stepper,
    "taylor": _taylor,
    "order": _order,
}


def write_posters() -> None:
    """Write the stored poster of every scenario."""
    folder = HERE / "posters"
    folder.mkdir(exist_ok=True)
    for scenario in scenarios():
        (folder / f"{scenario}.html").write_text(poster(scenario), encoding="utf-8")


if __name__ == "__main__":
    write_posters()
