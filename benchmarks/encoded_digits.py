"""Encoding the digits: codes and round trips, editing by class, paths between codes, guided codes.

Writes data/digits_guided/encoding.json, and the sheets of seed 0 as editing.png and paths.png, from
three runs of the preset digits-guided, which it trains where they are missing; and
data/digits_paths, one path by every solver, which the lab shows. All on images that no training has
seen. Goes on where it was stopped.
"""

from __future__ import annotations

import json
import math
from typing import Any

import torch
from _guided_digits import PRESET, SHIPPED, Judge, Networks, Tables, networks, pixels_of, study
from _record import made_by
from torch import Tensor

import genie_edu as ge
from genie_edu.datasets.images import Images, sheet, write_png
from genie_edu.evaluation import cells
from genie_edu.metrics import nearest
from genie_edu.nets import checkpoints

N = 100
"""Held-out images."""
STEPS = (10, 20, 40)
WAYS = (("ddim", "exact"), ("genie", "guided head"), ("genie", "exact"), ("rk4", "exact"))
"""Solvers with the derivative that they are given; RK4 gets a quarter of the steps."""
FINE = 32
"""Steps of RK4, uniform in log gamma, for the flow's own code."""
WEIGHTS = (0.0, 1.0, 2.0, 4.0)
SHARES = (0.0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1.0)
PATH, PLACES = (3, 8), 16
"""The digits at the ends of the lab's path, and its places."""
PATH_CALLS = (5, 10, 20)
PATH_SOLVERS = ("ddim", "deis_tab3", "dpmpp_2m", "genie", "genie_multistep")
schedule = ge.VPSchedule()


def grid(n: int, spacing: str = "quadratic") -> Tensor:
    """Levels from strong noise to the data."""
    return schedule.gamma(ge.time_grid(n, spacing))


def examples() -> tuple[Tensor, Tensor]:
    """Held-out images with the first level's own noise, x_bar (N, 1, 8, 8), and their labels."""
    held: Images = PRESET.judge.split()[1]
    noise = torch.randn(N, 1, 8, 8, generator=torch.Generator().manual_seed(7))
    return pixels_of(held)[:N] + float(grid(1)[-1]) * noise, held.labels[:N]


def rms(a: Tensor, b: Tensor) -> float:
    """Root mean square difference of a value, the median over images."""
    return float((a - b).square().flatten(1).mean(1).sqrt().median())


def slerp(a: Tensor, b: Tensor, f: float) -> Tensor:
    """On the arc between codes (B, *shape), the share f of the way."""
    flat = a.flatten(1), b.flatten(1)
    angle = torch.acos(torch.nn.functional.cosine_similarity(*flat).clamp(-1, 1))
    angle = angle.reshape(-1, *(1,) * (a.ndim - 1))
    return (torch.sin((1 - f) * angle) * a + torch.sin(f * angle) * b) / torch.sin(angle)


def code_of(nets: Networks, x_bar: Tensor, labels: Tensor, w: float = 0.0) -> Tensor:
    """The flow's own code of `examples`, x_bar at t = 1."""

    def found() -> dict[str, Tensor]:
        up = grid(FINE, "log_gamma").flip(0)
        return {"code": ge.encode(nets.flow(labels, w), x_bar, up, "rk4").end}

    return nets.kept(f"code_{w:g}", found)["code"]


def decoded(nets: Networks, name: str, code: Tensor, labels: Tensor, w: float = 0.0) -> Tensor:
    """The image x to which a code leads: as in `code_of`; kept under `name`."""

    def found() -> dict[str, Tensor]:
        return {"x": ge.solve(nets.flow(labels, w), code, grid(FINE, "log_gamma"), "rk4").final}

    return nets.kept(f"{name}_{w:g}", found)["x"]


def there_and_back(
    nets: Networks, w: float, n: int, solver: str, derivative: str
) -> dict[str, Tensor]:
    """The code of `examples` by n calls, and what comes `back` by as many; kept without a head."""

    def found() -> dict[str, Tensor]:
        x_bar, labels = examples()
        flow = nets.flow(labels, w, derivative)
        up = grid(n // ge.SOLVERS[solver].nfe_per_step).flip(0)
        end = ge.encode(flow, x_bar, up, solver).end
        return {"code": end, "back": ge.solve(flow, end, up.flip(0), solver).end}

    if derivative == "exact":
        return nets.kept(f"trip_{solver}_{w:g}_{n}", found)
    return found()


def codes(nets: Networks, seed: int, tables: Tables) -> None:
    """Errors of code and round trip by solver and steps; codes of guided flows."""
    (x_bar, labels), top = examples(), math.hypot(1, float(schedule.gamma(1.0)))
    for w in WEIGHTS:
        true = code_of(nets, x_bar, labels, w)
        for solver, derivative in WAYS:
            for n in STEPS if not w else STEPS[1:2]:
                trip = there_and_back(nets, w, n, solver, derivative)
                found = rms(trip["code"], true) / top, rms(trip["back"], x_bar)
                tables.add("codes", seed, w, n, solver, derivative, *found)
        tables.add("spread", seed, w, float(true.std()) / top)


def edits(nets: Networks, seed: int, judge: Judge, tables: Tables) -> dict[str, Tensor]:
    """Encode under the own label, decode under another, guided or not: is it of that class?"""
    x_bar, labels = examples()
    target, code = (labels + 1) % 10, code_of(nets, x_bar, labels)
    noise = torch.randn(code.shape, generator=torch.Generator().manual_seed(8))
    fresh = noise * math.hypot(1, float(schedule.gamma(1.0)))
    shown = {"image": x_bar}
    for w in WEIGHTS:
        for kind, from_where in (("edited", code), ("drawn anew", fresh)):
            x = decoded(nets, kind.split()[0], from_where, target, w)
            found = judge.accuracy(x, target), judge.accuracy(x, labels), rms(x, x_bar)
            tables.add("editing", seed, w, kind, *found)
            shown[f"{kind}, w = {w:g}"] = x
    x = decoded(nets, "guided", code_of(nets, x_bar, labels, 2.0), target, 2.0)
    found = judge.accuracy(x, target), judge.accuracy(x, labels), rms(x, x_bar)
    tables.add("editing", seed, 2.0, "encoded guided, too", *found)
    return shown


def paths(nets: Networks, seed: int, judge: Judge, tables: Tables) -> list[Tensor]:
    """Between two held-out images of one class: on the line and on the arc of their codes.

    Half way: the classifier's verdict, and the distance to the nearest training image in features,
    in units of that of held-out images.
    """
    x_bar, labels = examples()
    pairs = [torch.where(labels == k)[0] for k in range(10)]
    a = torch.cat([p[: len(p) // 2] for p in pairs])
    b = torch.cat([p[len(p) // 2 : 2 * (len(p) // 2)] for p in pairs])
    code, label = code_of(nets, x_bar, labels), labels[a]
    ways = {"line": torch.lerp, "arc": slerp}
    typical = float(nearest(judge.test, judge.data)[0].median())
    middle = {"pixels": (x_bar[a] + x_bar[b]) / 2}
    middle |= {
        key: decoded(nets, key, mix(code[a], code[b], 0.5), label) for key, mix in ways.items()
    }
    for key, x in middle.items():
        away = float(nearest(judge.features(x), judge.data)[0].median()) / typical
        contrast = float(x.flatten(1).std(1).median() / x_bar.flatten(1).std(1).median())
        tables.add("half_way", seed, key, judge.accuracy(x, label), away, contrast, len(a))
    if seed:
        return []
    first = torch.stack([p[0] for p in pairs])
    others = first.roll(-1)
    made = []
    for mix in ways.values():
        plain = ge.NetworkFlow(nets.base)
        up = grid(FINE, "log_gamma").flip(0)
        both = (ge.encode(plain, x_bar[k], up, "rk4").end for k in (first, others))
        one, other = both
        for f in SHARES:
            z = mix(one, other, f)
            made.append(ge.solve(plain, z, up.flip(0), "rk4").final)
    return made


def one_path(nets: Networks) -> None:
    """Sheet of one path, encoded and decoded by every solver with as many calls each way.

    From the first held-out image of one class to the first of another; errors are distances from
    the images of the flow's own path, in x_bar, the median over the places.
    """
    x_bar, labels = examples()
    ends = [x_bar[torch.where(labels == k)[0][:1]] for k in PATH]
    flows = {
        "none": ge.NetworkFlow(nets.base),
        "head": ge.NetworkFlow(nets.base, nets.head),
        "autodiff": ge.NetworkFlow(nets.base),
    }

    def along(flow: ge.Flow, solver: str, gammas: Tensor) -> Tensor:
        a, b = (ge.encode(flow, x, gammas.flip(0), solver).end for x in ends)
        codes = torch.cat([slerp(a, b, k / (PLACES - 1)) for k in range(PLACES)])
        return ge.solve(flow, codes, gammas, solver).end

    own = along(flows["none"], "rk4", grid(FINE, "log_gamma"))
    rows, images = [], [own]
    for cell in cells({k: flows[k] for k in ("head", "autodiff")}, PATH_CALLS, PATH_SOLVERS):
        n = cell.nfe // ge.SOLVERS[cell.solver].nfe_per_step
        end = along(flows[cell.derivative], cell.solver, grid(n, cell.spacing))
        rows.append(
            {"row": len(images), **cell._asdict(), "error": ge.end_point_error(end, own)}
            | {"frechet": None}
        )
        images.append(end)
    scale = math.hypot(1, float(grid(1)[-1]))
    folder = SHIPPED.parent / "digits_paths"
    folder.mkdir(exist_ok=True)
    write_png(folder / "sheet.png", sheet(torch.stack(images).float() / scale))
    card = {
        "record": made_by(__file__) | {"seed": nets.seed},
        "tile": 8,
        "columns": PLACES,
        "channels": 1,
        "noun": "place",
        "digits": PATH,
        "reference": {"row": 0, "label": f"the network's own ODE, {FINE} steps of RK4 each way"},
        "rows": rows,
    }
    text = json.dumps(card).replace("}, {", "},\n{")
    checkpoints.write_atomically(folder / "sheet.json", (text + "\n").encode())


def measure(seed: int) -> dict[str, Any]:
    """All tables of one seed."""
    nets, judge = networks(seed), Judge()
    tables = Tables(
        codes=("w", "calls", "solver", "derivative", "code", "round_trip"),
        spread=("w", "std"),
        editing=("w", "kind", "of_target", "of_source", "distance"),
        half_way=("way", "accuracy", "nearest", "contrast", "n"),
    )
    codes(nets, seed, tables)
    shown = edits(nets, seed, judge, tables)
    made = paths(nets, seed, judge, tables)
    if seed == 0:
        rows = torch.stack([x[:20] for x in shown.values()]).float()
        write_png(SHIPPED / "editing.png", sheet(rows))
        write_png(SHIPPED / "paths.png", sheet(torch.stack(made).float()))
        if not (SHIPPED.parent / "digits_paths" / "sheet.json").is_file():
            one_path(nets)
    return tables.content


if __name__ == "__main__":
    torch.set_num_threads(1)
    SHIPPED.mkdir(exist_ok=True)
    kinds = [f"{kind}, w = {w:g}" for w in WEIGHTS for kind in ("edited", "drawn anew")]
    held = [int(k) for k in examples()[1]]
    about = {
        "n_images": N,
        "fine_steps": FINE,
        "editing_sheet": {"tile": 8, "rows": ["image", *kinds], "labels": held[:20]},
        "paths_sheet": {"tile": 8, "ways": ["line", "arc"], "shares": SHARES},
    }
    study(__file__, "encoding.json", measure, about)
