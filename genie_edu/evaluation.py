"""Tables over solvers, grids and calls: the error to a network's own ODE, and sample quality."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from genie_edu import _checks
from genie_edu._checks import as_tensor, doubtful, number
from genie_edu._names import flag, instance, listed, one_of, positive_int, whole, wholes
from genie_edu.derivative import along_flow
from genie_edu.flow import Flow, NetworkFlow, as_flow, holding, states_at
from genie_edu.metrics import end_point_error, exact_solution
from genie_edu.schedule import SPACINGS, per_sample, time_grid
from genie_edu.solvers import SOLVERS, Solver, noise, solve

AT_ONCE, CPU_PIXELS = 512, 1 << 16
"""States that go through a network in one call: what one GPU or a laptop's memory takes; and on a
CPU pixels, for small batches stay in its caches (64 images of 32 x 32: a third faster than 512)."""


def at_once(x: Tensor) -> int:
    """How many of the states x (B, *shape) go through a network at once.

    AT_ONCE up to 32 x 32 pixels, of larger images as many pixels as that; on a CPU CPU_PIXELS.
    """
    pixels = x[0, 0].numel() if x.ndim == 4 else 1
    most = AT_ONCE * 1024 if x.is_cuda else CPU_PIXELS
    return max(1, min(AT_ONCE, most // pixels))


class Cell(NamedTuple):
    """One way of sampling: a solver, where its derivative comes from, a grid, calls a sample."""

    solver: str
    derivative: str
    spacing: str
    nfe: int
    afs: bool = False


class Result(NamedTuple):
    """What a cell's samples were: end points x_bar and final x (B, *shape), and its steps."""

    x_bar: Tensor
    x: Tensor
    n_steps: int


def cells(
    flows: dict[str, Flow],
    nfes: Sequence[int] = (5, 10, 20),
    solvers: Collection[str] = tuple(SOLVERS),
    spacings: Sequence[str] = SPACINGS,
    afs: Sequence[bool] = (False,),
) -> Iterator[Cell]:
    """Every way of sampling with `flows`, one network's with different derivatives.

    Methods that use no derivative run on the first flow, as "none"; a flow that can't give the
    derivative a method needs is left out. A method gets as many steps as `nfe` calls pay for, none
    where the calls don't divide; an analytic first step makes one call of a one-call method free.
    Raises TypeError, ValueError, when the first cell is asked for.
    """
    _named_flows(flows)
    nfes, afs = wholes("nfes", nfes), [flag("afs", free) for free in listed("afs", afs)]
    solvers = [one_of("solvers", name, SOLVERS) for name in listed("solvers", solvers)]
    spacings = [one_of("spacings", name, SPACINGS) for name in listed("spacings", spacings)]
    for name in solvers:
        solver: Solver = SOLVERS[name]
        for i, (flow_name, flow) in enumerate(flows.items()):
            if (i and not solver.derivatives) or solver.derivatives > flow.highest_derivative:
                continue
            uses = flow_name if solver.derivatives else "none"
            for spacing in spacings:
                for free in afs:
                    for nfe in nfes:
                        calls = nfe + free
                        if calls % solver.nfe_per_step == 0 and calls >= solver.nfe_per_step:
                            yield Cell(name, uses, spacing, nfe, free)


def _named_flows(flows: dict[str, Flow]) -> None:
    if not instance("flows", flows, dict, "flows by name, such as {'autodiff': flow}"):
        raise ValueError("flows must hold one flow at least")
    for name, flow in flows.items():
        instance("flows", name, str, "flows by name")
        as_flow(flow)


def run_cell(
    cell: Cell,
    flows: dict[str, Flow],
    start: Tensor,
    labels: Tensor | None = None,
    condition: Tensor | None = None,
    condition_gamma: float | Tensor | None = None,
) -> Result:
    """Sample as `cell` says from `start` (B, *shape) at t = 1 down to t = 1e-3.

    `at_once` at a time. `labels` (B,) are for class-conditional networks, `condition` (B, *its
    shape) and its level for upsamplers and the like; None takes the flow's own, if it has any.
    Source of the flow's name: `cells`. Raises TypeError, ValueError, for a derivative that is none
    of the flows' names, calls that don't divide into steps, another number of labels or conditions.
    """
    _named_flows(flows)
    instance("cell", cell, Cell, "a Cell, as `cells` gives them")
    solver = SOLVERS[one_of("solver", cell.solver, SOLVERS)]
    if solver.derivatives:
        one_of("derivative", cell.derivative, flows)
    flow = flows.get(cell.derivative, next(iter(flows.values())))
    calls = positive_int("nfe", cell.nfe) + flag("afs", cell.afs)
    n_steps = calls // solver.nfe_per_step
    if calls % solver.nfe_per_step:
        raise ValueError(
            f"nfe = {cell.nfe} calls don't divide into steps of {cell.solver}, which takes "
            f"{solver.nfe_per_step} a step"
        )
    start = as_tensor("start", start)
    if not start.ndim or not len(start):
        raise ValueError("start must hold one state (B, *shape) at least")
    given = _given(flow, len(start), labels, condition, condition_gamma)
    gammas = flow.schedule.gamma(time_grid(n_steps, cell.spacing, schedule=flow.schedule))
    with holding(flow, **given):
        return Result(*in_parts(flow, start, gammas, cell.solver, cell.afs), n_steps)


def in_parts(
    flow: Flow, start: Tensor, gammas: Tensor, solver: str | Solver, afs: bool = False
) -> tuple[Tensor, Tensor]:
    """(x_bar, x) at the end of `gammas`, both (B, *shape), of states solved `at_once` at a time.

    What the flow holds for each state goes with it. Raises TypeError, ValueError.
    """
    ends, n = [], at_once(start)
    for i in range(0, len(start), n):
        part = slice(i, i + n)
        with states_at(flow, part):
            path = solve(flow, start[part], gammas, solver, afs)
        ends.append((path.x_bar[-1], path.final))
    x_bar, x = (torch.cat(end) for end in zip(*ends, strict=True))
    return x_bar, x


def _given(
    flow: Flow,
    n: int,
    labels: Tensor | None,
    condition: Tensor | None = None,
    condition_gamma: float | Tensor | None = None,
) -> dict[str, Any]:
    """What a flow is given for n states, by the names of its attributes; None is left out."""
    given = {"labels": labels, "condition": condition, "condition_gamma": condition_gamma}
    given = {name: value for name, value in given.items() if value is not None}
    for name in given:
        if not hasattr(flow, name):
            raise ValueError(f"{name} was given, and flows of this kind take none")
    if labels is not None:
        given["labels"] = _checks.labels(labels, n=n)
    if condition is not None and len(condition) != n:
        raise ValueError(f"{n} states need as many conditions; got {len(condition)}")
    return given


def starts(flow: Flow, n: int, shape: tuple[int, ...], seed: int = 0) -> Tensor:
    """n states x_bar (n, *shape) at t = 1: noise from `seed`, of the flow's dtype and device.

    The first k of them don't depend on n. Raises TypeError, ValueError.
    """
    scale = (1 + float(as_flow(flow).schedule.gamma(1.0)) ** 2) ** 0.5
    x = noise((positive_int("n", n), *wholes("shape", shape)), seed)
    return (x * scale).to(flow.device, flow.dtype)


def own_ode(
    flow: Flow, start: Tensor, labels: Tensor | None = None, n_steps: int = 200, **given: Any
) -> tuple[Tensor, float]:
    """(end points of the flow's own ODE from `start` at t = 1, an estimate of their error).

    Points (B, D): DOP853. Images: `n_steps` steps of RK4, uniform in log gamma; the estimate is the
    median distance to the end points of half as many steps, which overstates the error. `given` is
    a condition and its level, as in `run_cell`. Raises TypeError, ValueError.
    """
    flow, start, n_steps = as_flow(flow), as_tensor("start", start), whole("n_steps", n_steps, 2)
    if start.ndim == 2:
        gammas = flow.schedule.gamma(time_grid(1))
        return exact_solution(flow, start, gammas)[-1], 0.0
    fine, coarse = (
        ode_stretch(flow, start, ode_levels(flow, n), labels, **given)
        for n in (n_steps, n_steps // 2)
    )
    return fine, end_point_error(coarse, fine)


def ode_levels(flow: Flow, n_steps: int) -> Tensor:
    """The levels (n_steps + 1,) by which the own ODE of images is solved, uniform in log gamma."""
    return flow.schedule.gamma(time_grid(n_steps, "log_gamma", schedule=flow.schedule))


def ode_stretch(
    flow: Flow, x_bar: Tensor, gammas: Tensor, labels: Tensor | None = None, **given: Any
) -> Tensor:
    """Where RK4 leads from x_bar (B, *shape) along `gammas`; `given` as in `own_ode`."""
    with holding(flow, **_given(flow, len(x_bar), labels, **given)):
        return in_parts(flow, x_bar, gammas, "rk4")[0]


def error_table(
    flows: dict[str, Flow],
    shape: tuple[int, ...],
    n_starts: int = 256,
    nfes: Sequence[int] = (5, 10, 20),
    seed: int = 0,
    **given: Any,
) -> Iterator[tuple[Cell, float]]:
    """(cell, error to the flow's own ODE) of every solver on every grid, over one set of starts.

    `given` is what `run_cell` takes for so many states: labels, a condition and its level.
    Raises TypeError, ValueError, when the first row is asked for.
    """
    _named_flows(flows)
    nfes, n_starts = wholes("nfes", nfes), positive_int("n_starts", n_starts)
    first = next(iter(flows.values()))
    start = starts(first, n_starts, shape, seed)
    exact, _ = own_ode(first, start, **given)
    for cell in cells(flows, nfes):
        yield cell, end_point_error(run_cell(cell, flows, start, **given).x_bar, exact)


def by_level(
    net: nn.Module,
    head: nn.Module | None,
    clean: Tensor,
    gammas: Sequence[float],
    labels: Tensor | None = None,
    seed: int = 0,
    condition: Tensor | None = None,
    condition_gamma: float | None = None,
) -> list[dict[str, float]]:
    """Per level: the loss of eps, and the head's R2 and cosine similarity to d eps/dgamma.

    Over the states clean + gamma noise, clean (B, *shape) in [-1, 1]. R2 = 1 - mean |head -
    target|^2 / mean |target|^2: 0 is no better than DDIM, which takes the derivative for 0.
    A network with conditions gets those of `clean`, with their noise, and its level.
    Raises TypeError, ValueError.
    """
    generator = torch.Generator().manual_seed(whole("seed", seed, low=0))
    flow, rows = NetworkFlow(net), []
    if head is not None:
        _checks.head_of(instance("head", head, nn.Module, "a head, or None"), net)
    clean = as_tensor("clean", clean).to(flow.device, flow.dtype)
    gammas = [number("gammas", gamma, 0) for gamma in listed("gammas", gammas)]
    if not clean.ndim or not len(clean):
        raise ValueError("clean must hold one state (B, *shape) at least")
    if labels is not None:
        labels = _checks.labels(labels, _checks.classes_of(net), len(clean))
    for gamma in gammas:
        noise = torch.randn(clean.shape, generator=generator).to(clean)
        sums = torch.zeros(5, dtype=torch.float64)
        for i in range(0, len(clean), at_once(clean)):
            part = slice(i, i + at_once(clean))
            given: dict[str, Any] = {}
            asked = () if labels is None else (labels[part].to(clean.device),)
            if condition is not None:
                given["condition"] = condition[part].to(clean)
            if condition_gamma is not None:
                given["condition_gamma"] = condition_gamma
            x_bar = clean[part] + gamma * noise[part]
            level = per_sample(gamma, x_bar).expand(len(x_bar), *(1,) * (x_bar.ndim - 1)).clone()
            sums += _moments(net, head, x_bar, level.flatten(), noise[part], asked, given)
        loss, miss, power, dot, size = sums.tolist()
        row = {"gamma": gamma, "loss": loss / clean.numel()}
        if head is not None:
            row |= {"r2": 1 - miss / power, "cosine": dot / (power * size) ** 0.5 if size else 0.0}
        rows.append(row)
    return rows


@torch.no_grad()
def _moments(
    net: nn.Module,
    head: nn.Module | None,
    x_bar: Tensor,
    gamma: Tensor,
    noise: Tensor,
    labels: tuple[Tensor, ...],
    given: dict[str, Any],
) -> Tensor:
    """Sums over a batch: (eps - noise)^2, (head - target)^2, target^2, head . target, head^2."""
    eps, *features = net(x_bar, gamma, *labels, features=True, **given)
    loss = (eps - noise).square().sum()
    if head is None:
        return torch.stack([loss, *loss.new_zeros(4)]).double().cpu()
    target = along_flow(lambda x, g: net(x, g, *labels, **given), x_bar, gamma, eps)
    found = head(x_bar, gamma, eps, *features)
    miss, power = (found - target).square().sum(), target.square().sum()
    sums = [loss, miss, power, (found * target).sum(), found.square().sum()]
    return torch.stack(sums).double().cpu()


def best_grids(errors: dict[Cell, float]) -> dict[Cell, float]:
    """Of the cells that differ in grid and first step only, the one with the least error.

    Raises TypeError for what is not errors by Cell; an error that is not finite is never the least.
    """
    for cell, error in instance("errors", errors, dict, "errors by Cell").items():
        instance("errors", cell, Cell, "errors by Cell")
        instance("errors", error, float | int, "errors that are numbers")
    best: dict[tuple[str, str, int], Cell] = {}
    for cell, error in errors.items():
        key = (cell.solver, cell.derivative, cell.nfe)
        if key not in best or error < errors[best[key]] or errors[best[key]] != errors[best[key]]:
            best[key] = cell
    return {cell: errors[cell] for cell in best.values()}


def features_of(classifier: nn.Module, x: Tensor) -> Tensor:
    """The classifier's features (B, F), float32 on the CPU, of images x in [-1, 1], clipped.

    Raises TypeError, ValueError; warns of images in another range, of which clipping leaves little.
    """
    instance("classifier", classifier, nn.Module, "a network with features=True, as Classifier")
    _checks.takes_features(classifier, "x")
    x = _checks.images("x", x)
    if float(x.min()) >= 0 and float(x.max()) > 20:
        doubtful("x is clipped to [-1, 1] and looks like bytes as floats: use images.from_bytes")
    device = next(classifier.parameters()).device
    parts = x.clamp(-1, 1).float().split(at_once(x))
    with torch.no_grad():
        return torch.cat([classifier(p.to(device), features=True)[1].cpu() for p in parts])
