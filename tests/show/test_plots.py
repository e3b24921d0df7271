"""The figures: what they draw is what the library computed; the palette reads on both themes."""

from __future__ import annotations

import base64
import io
import itertools
import json
import math
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
import torch
from PIL import Image

import genie_edu as ge
from genie_edu.show import figure, plots
from genie_edu.show.figure import GRID_COLOR, OWN_STYLES, TEXT_COLOR
from genie_edu.show.palette import DARK_BACKGROUND, EXACT_COLOR, LIGHT_BACKGROUND, SOLVER_STYLE

MIXTURE = ge.GaussianMixture(**ge.TOYS["three_modes"])
BACKGROUNDS = (LIGHT_BACKGROUND, DARK_BACKGROUND, "#111111")  # the last: JupyterLab's dark theme
N_STARTS = 12


@pytest.fixture(scope="module")
def runs() -> tuple[dict[str, ge.Trajectory], torch.Tensor]:
    flow = ge.AnalyticFlow(MIXTURE)
    gammas = flow.schedule.gamma(ge.time_grid(6, "quadratic"))
    noise = torch.randn(
        N_STARTS, 2, generator=torch.Generator().manual_seed(3), dtype=torch.float64
    )
    start = noise * torch.sqrt(1 + gammas[0] ** 2)
    solved = {name: ge.solve(flow, start, gammas, name) for name in ("ddim", "genie")}
    return solved, ge.exact_solution(flow, start, gammas)


def traces(fig: go.Figure, name: str) -> list[Any]:
    return [trace for trace in fig.data if trace.name == name]


def luminance(color: str) -> float:
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_measured_right() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#ffffff", "#767676") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("background", BACKGROUNDS)
def test_every_color_reads_on_every_background(background: str) -> None:
    colors = [style.color for style in (*SOLVER_STYLE.values(), *OWN_STYLES)]
    for color in (*colors, EXACT_COLOR):
        assert contrast(color, background) >= 3, f"{color} on {background}"
    assert contrast(TEXT_COLOR, background) >= 4, "one grey reaches at most 4.2 on both"


def test_every_solver_has_a_style_of_its_own() -> None:
    assert set(ge.SOLVERS) <= set(SOLVER_STYLE)
    styles = [*SOLVER_STYLE.values(), *OWN_STYLES]
    for one, other in itertools.combinations(styles, 2):
        assert one.color.lower() != other.color.lower()
        assert one.marker != other.marker, f"{one} and {other} need colour to be told apart"
    labels = [style.label for style in SOLVER_STYLE.values()]
    assert len(set(labels)) == len(labels)
    for name, solver in ge.SOLVERS.items():
        assert solver.label == SOLVER_STYLE[name].label


ALWAYS_TOGETHER = ("ddim", "genie", "genie_multistep", "dpmpp_2m")
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
# What is left of linear light without cones for medium waves (Machado et al. 2009).
DEUTAN = np.array([[0.3673, 0.8606, -0.228], [0.2801, 0.6725, 0.0474], [-0.0118, 0.0429, 0.9689]])


def lab_of(color: str, seen: np.ndarray) -> np.ndarray:
    """CIELAB of a colour, as eyes that mix its linear parts by `seen` have it."""
    parts = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(seen @ linear, 0, 1) / np.array([0.9505, 1, 1.089])
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_the_solvers_that_meet_in_every_figure_look_different() -> None:
    for one, other in itertools.combinations(map(SOLVER_STYLE.get, ALWAYS_TOGETHER), 2):
        for seen, least in ((np.eye(3), 40), (DEUTAN, 25)):
            apart = np.linalg.norm(lab_of(one.color, seen) - lab_of(other.color, seen))
            assert apart > least, f"{one.label} and {other.label} look alike"
    genie, memory = SOLVER_STYLE["genie"], SOLVER_STYLE["genie_multistep"]
    assert genie.marker.split("-")[0] != memory.marker.split("-")[0]


def every_figure(runs: Any, alt: str = "What is seen.") -> dict[str, go.Figure]:
    solved, exact = runs
    return {
        "paths": plots.paths(solved, exact=exact, mixture=MIXTURE, alt=alt, space="x"),
        "order_plot": plots.order_plot([4, 8, 16], {"ddim": [1.0, 0.5, 0.25]}, alt=alt),
        "field": plots.field(MIXTURE, 0.7, alt=alt),
        "density": plots.density(MIXTURE, 0.0, alt=alt, points=MIXTURE.sample(50)),
        "images": plots.images({"ddim": torch.zeros(16, 1, 8, 8)}, alt=alt, x_title="seed"),
        "curves": plots.curves([1, 2], {"own": [3, 4]}, x_title="t", y_title="y", alt=alt),
        "finish": plots.finish(go.Figure(go.Scatter(x=[1], y=[2])), alt=alt),
    }


def test_every_figure_is_compact_transparent_and_described(runs: Any) -> None:
    for name, fig in every_figure(runs, alt="What is\n   seen.").items():
        text = fig.to_json()
        assert len(text) < 40_000, name
        assert "bdata" not in text and "template" not in text, name
        layout = json.loads(text)["layout"]
        assert layout["meta"]["alt"] == "What is seen."
        assert layout["paper_bgcolor"] == layout["plot_bgcolor"] == "rgba(0,0,0,0)"
        assert layout["font"]["color"] == TEXT_COLOR
    assert len(plots.curves([1], {"a": [1]}, x_title="", y_title="", alt="A").to_json()) < 1_500


@pytest.mark.parametrize("alt", ["", "   ", None])
def test_a_figure_without_alt_is_refused(runs: Any, alt: Any) -> None:
    with pytest.raises(ValueError, match="alt must describe"):
        every_figure(runs, alt=alt)
    with pytest.raises(TypeError, match="alt"):
        plots.density(MIXTURE, 1.0)


def test_the_same_figure_twice_is_the_same_text(runs: Any) -> None:
    first = plots.paths(runs[0], exact=runs[1], mixture=MIXTURE, alt="A", space="x")
    again = plots.paths(runs[0], exact=runs[1], mixture=MIXTURE, alt="A", space="x")
    assert first.to_json() == again.to_json()


@pytest.mark.parametrize("space", ["x_bar", "x"])
def test_paths_are_the_trajectories(runs: Any, space: str) -> None:
    solved, exact = runs
    fig = plots.paths(solved, exact=exact, alt="A", space=space)
    scale = torch.sqrt(1 + solved["genie"].gamma ** 2)[:, None, None]
    for label, states in (
        *((SOLVER_STYLE[name].label, run.x_bar) for name, run in solved.items()),
        ("exact", exact),
    ):
        states = (states / scale if space == "x" else states).numpy()
        line = traces(fig, label)[0]
        n_levels = states.shape[0]
        x = np.array(line.x, dtype=float).reshape(N_STARTS, n_levels + 1)
        y = np.array(line.y, dtype=float).reshape(N_STARTS, n_levels + 1)
        assert np.isnan(x[:, -1]).all(), "a gap after every path"
        np.testing.assert_allclose(x[:, :-1], states[:, :, 0].T, rtol=1e-5)
        np.testing.assert_allclose(y[:, :-1], states[:, :, 1].T, rtol=1e-5)
        if label != "exact":
            ends = traces(fig, label)[1]
            np.testing.assert_allclose(np.array(ends.x, dtype=float), states[-1, :, 0], rtol=1e-5)
    assert traces(fig, "DDIM (Euler)")[0].line.color == SOLVER_STYLE["ddim"].color
    assert traces(fig, "exact")[0].line.color == EXACT_COLOR


def test_paths_take_an_exact_trajectory_on_its_own_levels(runs: Any) -> None:
    solved, exact = runs
    levels = solved["ddim"].gamma
    fine = ge.Trajectory(levels[::2], exact[::2], 0, 0, exact[-1])
    fig = plots.paths(solved, exact=fine, alt="A", space="x")
    want = (exact[::2] / torch.sqrt(1 + levels[::2] ** 2)[:, None, None])[:, 0, 0]
    np.testing.assert_allclose(traces(fig, "exact")[0].x[: len(want)], want, rtol=1e-5)


def test_paths_refuse_what_they_cannot_draw(runs: Any) -> None:
    solved, exact = runs
    with pytest.raises(ValueError, match="at least one"):
        plots.paths({}, alt="A")
    with pytest.raises(ValueError, match="space"):
        plots.paths(solved, alt="A", space="y")
    with pytest.raises(ValueError, match=r"exact must have shape \(N\+1, B, 2\)"):
        plots.paths(solved, exact=exact[..., :1], alt="A")
    with pytest.raises(ValueError, match="exact must have 7 levels; got 3"):
        plots.paths(solved, exact=exact[:3], alt="A", space="x")


def test_order_plot_shows_the_errors_and_labels_the_ends() -> None:
    counts = [8, 16, 32, 64]
    errors = {
        "ddim": [1.0 / n for n in counts],
        "genie": [3.0 / n**2 for n in counts],
        "mine": [4.0 / n**2 for n in counts],
    }
    fig = plots.order_plot(counts, errors, references=(1, 2), alt="A")
    assert fig.layout.xaxis.type == fig.layout.yaxis.type == "log"
    for name, label in (("ddim", "DDIM (Euler)"), ("genie", "GENIE (Taylor 2)"), ("mine", "mine")):
        (line,) = traces(fig, label)
        np.testing.assert_allclose(line.y, errors[name], rtol=1e-5)
        assert line.marker.symbol == plots.style_of(name).marker
    for p in (1, 2):
        (guide,) = traces(fig, f"slope \N{MINUS SIGN}{p}")
        slope = math.log(guide.y[1] / guide.y[0]) / math.log(guide.x[1] / guide.x[0])
        assert slope == pytest.approx(-p, abs=1e-4)
        nearest = errors["ddim" if p == 1 else "genie"][-1]  # of two that fit, the lower
        assert guide.y[1] == pytest.approx(nearest / 2, rel=1e-4), "just under its curve"
    labels = dict(zip(fig.layout.yaxis2.ticktext, fig.layout.yaxis2.tickvals, strict=True))
    assert len(labels) == 3
    for text, place in labels.items():
        name = next(n for n in errors if plots.style_of(n).label in text)
        assert plots.style_of(name).color in text
        assert place == pytest.approx(math.log10(errors[name][-1]), abs=0.3)
    places = sorted(labels.values())
    assert min(b - a for a, b in itertools.pairwise(places)) > 0.05, "labels must not collide"
    assert tuple(fig.layout.yaxis.range) == tuple(fig.layout.yaxis2.range)
    low, high = fig.layout.yaxis.range
    assert low < math.log10(min(map(min, errors.values())) / 2)
    assert high > math.log10(max(map(max, errors.values())))


def test_order_plot_leaves_gaps_and_refuses_wrong_lengths() -> None:
    fig = plots.order_plot([2, 4, 8], {"ddim": [1.0, 0.0, float("nan")]}, alt="A")
    assert traces(fig, "DDIM (Euler)")[0].y == (1.0, None, None)
    fig = plots.order_plot([2, 4], {"ddim": [float("nan")] * 2}, alt="A")
    assert "NaN" not in fig.to_json() and "Infinity" not in fig.to_json()
    with pytest.raises(ValueError, match="errors\\['ddim'\\] must be as long"):
        plots.order_plot([2, 4, 8], {"ddim": [1.0]}, alt="A")


def test_labels_are_spread_in_order_and_only_as_needed() -> None:
    assert figure.spread([0.0, 5.0], 1.0) == [0.0, 5.0]
    assert figure.spread([0.0, 0.0, 0.0], 1.0) == [-1.0, 0.0, 1.0]
    out = figure.spread([0.0, 0.1, 0.2, 0.9, 5.0], 1.0)
    assert all(b - a >= 1 - 1e-9 for a, b in itertools.pairwise(out))
    assert out[-1] == 5.0


def test_curves_draw_their_values_on_their_axes() -> None:
    x = np.geomspace(0.01, 1, 5)
    fig = plots.curves(
        x, {"genie": x**2, "tail": 1 - x}, x_title="t", y_title="e", log_x=True, alt="A"
    )
    (genie,) = traces(fig, "GENIE (Taylor 2)")
    np.testing.assert_allclose(genie.y, x**2, rtol=1e-5)
    assert (genie.line.color, genie.line.dash) == (SOLVER_STYLE["genie"].color, "solid")
    assert traces(fig, "tail")[0].line.color == OWN_STYLES[0].color
    assert (fig.layout.xaxis.type, fig.layout.yaxis.type) == ("log", None)
    assert (fig.layout.xaxis.title.text, fig.layout.yaxis.title.text) == ("t", "e")
    with pytest.raises(ValueError, match="ys\\['a'\\] must be as long as x"):
        plots.curves(x, {"a": x[:2]}, x_title="t", y_title="e", alt="A")


def pixels_of(fig: go.Figure) -> np.ndarray:
    """Decode the one picture of a figure, (H, W, 4)."""
    head, content = fig.data[0].source.split(",")
    assert head == "data:image/png;base64"
    with Image.open(io.BytesIO(base64.b64decode(content))) as picture:
        return np.asarray(picture)


@pytest.mark.parametrize("channels", [1, 3])
def test_images_are_drawn_pixel_by_pixel(channels: int) -> None:
    x = torch.rand(5, channels, 8, 8, generator=torch.Generator().manual_seed(0)) * 2.2 - 1.1
    fig = plots.images({"genie": x, "own row": x[:3].numpy()}, alt="A", x_title="seed")
    drawn, head = pixels_of(fig), 3  # one pixel between tiles, a line of text over each row
    assert drawn.shape == (2 * (head + 8), 5 * 9 - 1, 4)
    want = ((x.clamp(-1, 1) + 1) * 127.5).round().permute(0, 2, 3, 1).expand(-1, -1, -1, 3)
    for row, n in ((0, 5), (1, 3)):
        for i in range(n):
            top = row * (head + 8) + head
            tile = drawn[top : top + 8, 9 * i : 9 * i + 8]
            assert (tile[..., :3] == want[i].numpy()).all() and (tile[..., 3] == 255).all()
    assert (drawn[..., 3] == 255).sum() == 8 * 64, "all else is transparent"
    one, other = fig.layout.annotations
    assert (one.text, one.font.color) == ("GENIE (Taylor 2)", SOLVER_STYLE["genie"].color)
    assert (other.text, other.y) == ("own row", head + 8 + head - 0.5)
    assert fig.layout.meta["ratio"] == pytest.approx(drawn.shape[0] / drawn.shape[1], rel=1e-5)
    assert fig.layout.yaxis.scaleanchor == "x" and fig.layout.xaxis.title.text == "seed"
    axis = plots.images({"a": x}, alt="A", columns=["0", "1", "2", "3", "4"]).layout.xaxis
    assert axis.tickvals == (3.5, 12.5, 21.5, 30.5, 39.5) and axis.ticktext[4] == "4"


def test_images_refuse_what_they_cannot_draw() -> None:
    with pytest.raises(ValueError, match="at least one entry"):
        plots.images({}, alt="A")
    with pytest.raises(ValueError, match="images of one shape"):
        plots.images({"a": torch.zeros(1, 1, 8, 8), "b": torch.zeros(1, 1, 4, 4)}, alt="A")
    with pytest.raises(ValueError, match=r"rows\['a'\] must have shape \(N, 1 or 3, H, W\)"):
        plots.images({"a": torch.zeros(8, 8)}, alt="A")


def test_field_arrows_are_eps() -> None:
    gamma = 0.7
    fig = plots.field(MIXTURE, gamma, alt="A", extent=(-2, 2, -1, 3))
    (arrows,) = traces(fig, "eps")
    ends = np.array([arrows.x, arrows.y], dtype=float).T.reshape(-1, 3, 2)
    tails, drawn = ends[:, 0], ends[:, 1] - ends[:, 0]
    eps = MIXTURE.derivatives(torch.from_numpy(tails.copy()), gamma)[0].numpy()
    factor = np.linalg.norm(drawn, axis=1).max() / np.linalg.norm(eps, axis=1).max()
    np.testing.assert_allclose(drawn, factor * eps, atol=1e-4)
    assert np.linalg.norm(drawn, axis=1).max() == pytest.approx(1.3 * 4 / 14, rel=1e-3)
    assert (tails.min(axis=0) == (-2, -1)).all() and (tails.max(axis=0) == (2, 3)).all()


@pytest.mark.parametrize("gamma", [0.0, 1.3])
def test_shading_is_the_density(gamma: float) -> None:
    fig = plots.density(MIXTURE, gamma, alt="A", points=[[0.1, 0.2], [1.0, -1.0]])
    shade, dots = fig.data
    z = np.array(shade.z, dtype=float)
    x = shade.x0 + shade.dx * np.arange(z.shape[1])
    y = shade.y0 + shade.dy * np.arange(z.shape[0])
    grid = np.stack([a.ravel() for a in np.meshgrid(x, y)], axis=1)
    density = MIXTURE.log_prob(torch.from_numpy(grid), gamma).exp().numpy().reshape(z.shape)
    np.testing.assert_allclose((z / 255) ** 2, density / density.max(), atol=0.006)
    assert (dots.x, dots.y) == ((0.1, 1.0), (0.2, -1.0))
    area = shade.dx * shade.dy
    assert density.sum() * area > 0.98, "the picture holds nearly all of the mass"


def test_planes_refuse_other_dimensions_and_shapes() -> None:
    line = ge.GaussianMixture([1.0], [[0.0]], [[[1.0]]])
    with pytest.raises(ValueError, match="dimension 1"):
        plots.field(line, 1.0, alt="A")
    with pytest.raises(ValueError, match="extent"):
        plots.density(MIXTURE, 1.0, alt="A", extent=(1, 0, 0, 1))
    with pytest.raises(ValueError, match="points must have shape"):
        plots.density(MIXTURE, 1.0, alt="A", points=[1.0, 2.0])


def test_finish_keeps_what_a_figure_sets_and_rounds_what_it_holds() -> None:
    own = go.Figure(go.Scatter(x=np.array([1 / 3, np.nan]), y=[2**0.5, 1e-9 / 3], name="n"))
    own.update_layout(height=300, xaxis={"title": {"text": "mine"}, "type": "log"}, hovermode="x")
    fig = plots.finish(own, alt="A", title="T")
    assert fig.data[0].x == (0.333333, None)
    assert fig.data[0].y == (1.41421, 3.33333e-10)
    assert (fig.layout.height, fig.layout.hovermode) == (300, "x")
    assert (fig.layout.xaxis.title.text, fig.layout.xaxis.type) == ("mine", "log")
    assert fig.layout.xaxis.gridcolor == GRID_COLOR
    assert (fig.layout.title.text, fig.layout.margin.t) == ("T", 48)
