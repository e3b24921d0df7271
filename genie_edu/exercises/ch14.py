"""Checks of chapter 14: a cell of the error table within its noise, and the guarded derivative.

The truth in each check is made here: the steps of each cell written out on the digits' network, a
bootstrap, and the bound of a Gaussian's derivative picture by picture.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import torch
from torch import Tensor

from genie_edu.datasets import data
from genie_edu.evaluation import Cell, own_ode, starts
from genie_edu.exercises import NotYet, correct, require_callable
from genie_edu.exercises.answers import called, same, tensor_like
from genie_edu.flow import Flow, NetworkFlow
from genie_edu.judge import tables
from genie_edu.nets import checkpoints
from genie_edu.recipes.presets import PRESETS
from genie_edu.recipes.snapshots import labels_of
from genie_edu.schedule import VPSchedule, time_grid

_ALIKE = 2e-3
"""Relative agreement of errors that are computed in float32 in different ways."""
_WIDTHS = 0.5, 2.0
"""How many times a bootstrap's width an interval may be: there are several good ones."""
_STARTS = {"digits": 100, "cifar10": 16}
_TRIALS = {
    Cell("ddim", "none", "quadratic", 4): 128,
    Cell("genie", "head", "log_gamma", 3): 16,
    Cell("genie", "autodiff", "linear", 3): 16,
    Cell("heun", "none", "linear", 4): 16,
    Cell("genie", "head", "quadratic", 3, True): 16,
}
"""Cells, and from how many starts; an interval is judged where there are _ENOUGH."""
_ENOUGH = 100

_same = functools.partial(same, close=1e-6, least=1e-12)


def check_reproduced(answer: object, preset: str = "digits") -> None:
    """Check ``reproduce(flows, cell, start, exact)``: (error, low, high) of one cell of a table.

    `preset` says whose recorded table: "digits" takes all its starts, "cifar10" the first few.
    Raises NotYet with a hint; prints one line when the answer is right.
    """
    function = require_callable(answer, "reproduce(flows, cell, start, exact)")
    flows = _flows("digits")
    for cell, n in _TRIALS.items():
        start = torch.randn(n, 1, 8, 8, generator=_generator(14)) * float(VPSchedule().gamma(1.0))
        # Some starts stay close and others don't, so that a mean is not a median.
        away = torch.randn(start.shape, generator=_generator(15))
        end = _by_hand(cell, flows, start)
        exact = end + away * torch.logspace(-2, 0, n)[:, None, None, None]
        error, low, high = _three(called(function, flows, cell, start, exact))
        _check_error(error, cell, flows, start, end, exact)
        if n >= _ENOUGH:
            _check_interval(error, low, high, _distances(end, exact))
    cell, recorded, error, low, high = _recorded(function, preset)
    if not low - 0.05 * recorded <= recorded <= high + 0.05 * recorded:
        raise NotYet(
            f"{cell.solver}, {cell.spacing}, {cell.nfe} calls: the table has {recorded:.3g}; your "
            f"interval reaches from {low:.3g} to {high:.3g}."
        )
    correct(f"the table has {recorded:.3g}, you have {error:.3g} ({low:.3g} to {high:.3g}).")


def check_guard(answer: object) -> None:
    """Check ``guard(eps, slope, gamma, spread)``: gamma |slope| <= V / (V + gamma^2) |eps|.

    Norms are a picture's. Raises NotYet with a hint; prints one line when the answer is right.
    """
    function = require_callable(answer, "guard(eps, slope, gamma, spread)")
    for gamma, spread in ((0.5, 3.0), (152.0, 19.0)):
        eps = torch.randn(6, 2, 4, 4, generator=_generator(1), dtype=torch.float64)
        most = spread / (spread + gamma**2) * _norm(eps) / gamma
        slope = torch.randn(eps.shape, generator=_generator(2), dtype=torch.float64)
        # In turn far within the bound, just within, beyond, far beyond, not at all, beyond.
        parts = torch.tensor([0.1, 0.9, 1.5, 40.0, 0.0, 5.0], dtype=torch.float64)
        slope = slope * (parts.reshape(-1, 1, 1, 1) * most / _norm(slope))
        given = called(function, eps.clone(), slope.clone(), gamma, spread)
        if isinstance(given, Tensor) and given.isnan().any():
            raise NotYet("there is a NaN where the slope is zero: nothing divided by nothing.")
        given = tensor_like(given, eps)
        wanted = slope * (most / _norm(slope).clamp(min=1e-300)).clamp(max=1)
        if not _same(given, wanted):
            raise NotYet(_what_is_wrong(given, eps, slope, gamma, spread))
    correct("every slope within the bound, none turned, none lengthened.")


# What the checks share.


def _check_error(
    error: float,
    cell: Cell,
    flows: dict[str, Flow],
    start: Tensor,
    end: Tensor,
    exact: Tensor,
) -> None:
    here = f"{cell.solver}, {cell.spacing}, {cell.nfe} calls{', AFS' * cell.afs}"
    distances = _distances(end, exact)
    if _close(error, distances.quantile(0.5)):
        return
    scale = math.sqrt(1 + float(VPSchedule().gamma(1e-3)) ** 2)
    others = {
        "a mean over the starts; the table has medians.": distances.mean(),
        "the lower of the two middle distances; the median lies between.": distances.median(),
        "a root mean square over all pixels.": distances.square().mean().sqrt() / 8,
        "divided by the root of the number of pixels.": distances.quantile(0.5) / 8,
        "measured on x: the error is that of x_bar.": _distances(end / scale, exact).quantile(0.5),
    }
    for what, value in others.items():
        if _close(error, value):
            raise NotYet(f"{here}: this is {what}")
    for hint, end in _other_ends(cell, flows, start):
        if _close(error, _distances(end, exact).quantile(0.5)):
            raise NotYet(f"{here}: {hint}")
    raise NotYet(
        f"{here}: the error is {error:.3g}; from these starts it should be "
        f"{float(distances.quantile(0.5)):.3g}."
    )


def _other_ends(cell: Cell, flows: dict[str, Flow], start: Tensor) -> list[tuple[str, Tensor]]:
    """End points of typical mistakes, each with its hint; none of them where it is no mistake."""
    found = []
    if cell.solver == "heun":
        twice = cell._replace(nfe=2 * cell.nfe)
        found.append(("these are as many steps as calls; Heun makes two calls a step.", twice))
    if cell.afs:
        fewer = cell._replace(nfe=cell.nfe - 1)
        found.append(("one call is free, so the same calls pay for one step more.", fewer))
        plain = cell._replace(afs=False)
        found.append(("the analytical first step is missing.", plain))
        found.append(("as many calls, but the first step is not analytical.", plain._replace(
            nfe=cell.nfe + 1)))  # fmt: skip
    if cell.derivative != "none":
        other = "head" if cell.derivative == "autodiff" else "autodiff"
        found.append(("this is the other derivative.", cell._replace(derivative=other)))
    for spacing in ("linear", "quadratic", "log_gamma", "rho7"):
        if spacing != cell.spacing:
            found.append(
                (f"these steps are on the {spacing} grid.", cell._replace(spacing=spacing))
            )
    return [(hint, _by_hand(wrong, flows, start)) for hint, wrong in found]


def _check_interval(error: float, low: float, high: float, distances: Tensor) -> None:
    if not low <= error <= high:
        raise NotYet("the error lies outside its own interval: return error, low, high.")
    n, width = len(distances), high - low
    again = torch.randint(n, (2000, n), generator=_generator(3))
    tails = torch.tensor([0.025, 0.975], dtype=torch.float64)
    ends = distances[again].quantile(0.5, dim=1).quantile(tails)
    ratio = width / float(ends[1] - ends[0])
    if _WIDTHS[0] <= ratio <= _WIDTHS[1]:
        return
    quartiles = distances.quantile(torch.tensor([0.25, 0.75], dtype=torch.float64))
    if _close(width, quartiles[1] - quartiles[0]):
        raise NotYet("the quartiles tell how starts differ; how far would their median move?")
    if ratio > _WIDTHS[1]:
        raise NotYet(
            f"the interval is {ratio:.1f} times as wide as the median's own. Single distances "
            "scatter more than the median of many."
        )
    raise NotYet(
        f"the interval is too narrow: {ratio:.2f} of the width that the bootstrap gives. Draw as "
        "many distances as there are, with repetition, and cut off a fortieth at each end."
    )


def _recorded(
    function: Callable[..., object], preset: str
) -> tuple[Cell, float, float, float, float]:
    """A cell of the preset's recorded table, what is recorded, and what the answer finds."""
    name = f"{PRESETS[preset].folder}/results.json"
    if not data.has(name):
        raise NotYet(f"the table of {preset} has not been measured yet.")
    found, flows = tables.read(data.shipped(name)), _flows(preset)
    rows = [
        r for r in found["errors"]["rows"] if (r["solver"], r["derivative"]) == ("genie", "head")
    ]
    row = max((r for r in rows if r["spacing"] == "linear" and not r["afs"] and r["nfe"] <= 10),
              key=lambda r: r["nfe"])  # fmt: skip
    n_starts, shape = found["ode"]["n_starts"], PRESETS[preset].shape
    start = starts(flows["head"], n_starts, shape, tables.ERROR_SEED)[
        : _STARTS.get(preset, n_starts)
    ]
    labels = labels_of(PRESETS[preset], len(start), start.device)
    for flow in flows.values():
        flow.labels = labels
    exact, _ = own_ode(flows["head"], start, labels, n_steps=16)
    cell = Cell(*(row[key] for key in Cell._fields))
    return cell, row["error"], *_three(called(function, flows, cell, start, exact))


def _three(result: object) -> list[float]:
    if not isinstance(result, (tuple, list)) or len(result) != 3:
        raise NotYet("return three numbers: error, low, high.")
    if any(part is ... or part is None for part in result):
        raise NotYet("the function returns nothing yet: replace the placeholders.")
    try:
        numbers = [float(part) for part in result]
    except (TypeError, ValueError, RuntimeError):
        raise NotYet("error, low and high are one number each.") from None
    if not all(map(math.isfinite, numbers)):
        raise NotYet("one of the three is not a finite number.")
    return numbers


@functools.cache
def _flows(preset: str) -> dict[str, NetworkFlow]:
    """The preset's shipped network with each derivative, frozen, on a GPU if there is one."""
    device = "cuda" if preset != "digits" and torch.cuda.is_available() else "cpu"
    folder = PRESETS[preset].folder
    net, head = (
        checkpoints.load(data.shipped(f"{folder}/{part}")).requires_grad_(False).to(device)
        for part in ("base", "head")
    )
    return {"head": NetworkFlow(net, head), "autodiff": NetworkFlow(net)}


@torch.no_grad()
def _by_hand(cell: Cell, flows: dict[str, Flow], start: Tensor) -> Tensor:
    """End points of Euler's, Heun's or GENIE's steps, written out."""
    steps = (cell.nfe + cell.afs) // (2 if cell.solver == "heun" else 1)
    grid = VPSchedule().gamma(time_grid(steps, cell.spacing)).tolist()
    flow, x_bar = flows.get(cell.derivative, flows["head"]), start
    for i, (gamma, after) in enumerate(zip(grid[:-1], grid[1:], strict=True)):
        h = after - gamma
        if cell.afs and i == 0:
            x_bar = x_bar + h * x_bar / math.sqrt(1 + gamma**2)
        elif cell.solver == "genie":
            eps, slope = flow.eps_and_derivative(x_bar, gamma)
            x_bar = x_bar + h * eps + h * h / 2 * slope
        else:
            eps = flow.eps(x_bar, gamma)
            if cell.solver == "heun":
                eps = (eps + flow.eps(x_bar + h * eps, after)) / 2
            x_bar = x_bar + h * eps
    return x_bar


def _what_is_wrong(given: Tensor, eps: Tensor, slope: Tensor, gamma: float, spread: float) -> str:
    part = spread / (spread + gamma**2)
    most, size = part * _norm(eps) / gamma, _norm(slope).clamp(min=1e-300)
    whole = slope * (part * eps.norm() / gamma / slope.norm()).clamp(max=1)
    rough = slope.clamp(min=-most, max=most)
    wrong = {
        "nothing is bounded here: the slopes come back as they went in.": slope,
        "slopes within the bound are lengthened to it; they are to stay.": slope * most / size,
        "one factor for the whole batch: each picture has its own.": whole,
        "pixels are cut off one by one, which turns the slope; shorten it as a whole.": rough,
        "the bound is on the derivative times gamma: where is gamma?": slope
        * (gamma * most / size).clamp(max=1),
        "the bound of |eps| without the factor of the spread.": slope
        * (most / part / size).clamp(max=1),
        "the spread is a variance already: it is not squared.": slope
        * (spread**2 / (spread**2 + gamma**2) * _norm(eps) / gamma / size).clamp(max=1),
    }
    for hint, value in wrong.items():
        if _same(given, value):
            return hint
    worst = float((gamma * _norm(given) / (part * _norm(eps))).max())
    if worst > 1 + 1e-6:
        return f"at gamma {gamma:g} a slope is {worst:.3g} times as long as the bound allows."
    return f"at gamma {gamma:g} a slope within the bound has changed, or one is shorter than it."


def _norm(x: Tensor) -> Tensor:
    """Length of each picture, (B, 1, 1, 1)."""
    return x.flatten(1).norm(dim=1).reshape(-1, 1, 1, 1)


def _distances(end: Tensor, exact: Tensor) -> Tensor:
    return (end.double() - exact.double()).flatten(1).norm(dim=1)


def _close(value: float, wanted: Tensor) -> bool:
    return math.isclose(value, float(wanted), rel_tol=_ALIKE)


def _generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)
