"""What distilling the head owes to each of the paper's choices on images, and three remedies.

Writes ablations.json into the run's folder (data/cifar10): for each of VARIANTS, a head distilled
on the run's network in the same short time, its R2 by level, and the end-point errors of GENIE and
its kin with it. The paper's choices are distilled side by side: they meet the same batches, and
the frozen network's derivative is computed once for all of them. The last step of `make gpu`;
stops after --slice-minutes, goes on where it was stopped, does nothing if the file is there.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from _heads import Runs, side_by_side
from torch import Tensor, nn

import genie_edu as ge
from genie_edu.datasets.images import from_bytes
from genie_edu.evaluation import by_level, cells, run_cell, starts
from genie_edu.judge import tables
from genie_edu.nets import checkpoints
from genie_edu.recipes.options import Options, TimeUp
from genie_edu.recipes.pipeline import record_of
from genie_edu.recipes.presets import PRESETS, Preset
from genie_edu.recipes.snapshots import labels_of
from genie_edu.schedule import SPACINGS, per_sample, time_grid
from genie_edu.train import loop, training
from genie_edu.train.run_state import steps_done

GROUPS: tuple[dict[str, dict[str, Any]], ...] = (
    {
        "as shipped": {},
        "the paper's mixed form": {"preconditioned": False},
        "not mixed": {"mixed": False, "preconditioned": False},
        "not weighted": {"weighted": False},
        "drawn noise": {"noise_input": "drawn"},
        "half width": {"width": 0.5},
        "double width": {"width": 2},
    },
    {"levels in log gamma": {"levels": "log_gamma"}},
    {"levels linear in t": {"levels": "linear"}},
    {"states of trajectories": {"states": "trajectories"}},
)
"""What differs from the shipped head, in groups that meet the same states."""
VARIANTS = {name: change for group in GROUPS for name, change in group.items()}
BOUNDED = "slope bounded"
"""What the head distilled like the shipped one also serves for, with a Bounded around it."""
CALLS, SOLVERS = (5, 10), ("genie", "genie_log", "genie_multistep")
PATHS, LASTS = (5, 10, 15, 20, 25), 10
"""Steps of the trajectories whose states a head can be trained on; for how many batches each is."""


class Bounded(nn.Module):
    """A head held, image by image, to |gamma d eps/dgamma| <= V/(V + gamma^2) |eps|.

    No Gaussian data exceed that, whose variances add up to V (`spread`): chapter 14.
    """

    def __init__(self, head: nn.Module, spread: float) -> None:
        super().__init__()
        self.head, self.spread = head, spread

    def forward(self, x_bar: Tensor, gamma: Any, eps: Tensor, *features: Tensor) -> Tensor:  # noqa: ANN401
        """As the head: d eps/dgamma (B, *shape)."""
        slope, level = self.head(x_bar, gamma, eps, *features), per_sample(gamma, x_bar)
        most = self.spread / (self.spread + level**2) * _lengths(eps)
        return slope * (most / (level * _lengths(slope)).clamp(min=1e-12)).clamp(max=1)


def _lengths(v: Tensor) -> Tensor:
    return per_sample(v.flatten(1).norm(dim=1), v)


def trajectories(
    net: nn.Module, preset: Preset, settings: ge.Settings
) -> Callable[[int, torch.device], tuple[Tensor, ...]]:
    """Batches of states that sampling meets: where a few steps of DPM-Solver++(2M) put them.

    The grids and numbers of steps take turns; a batch draws a level of its grid for each sample.
    """

    @functools.lru_cache(maxsize=1)
    def paths(turn: int, device: torch.device) -> tuple[Tensor, Tensor, Tensor | None]:
        flow = ge.NetworkFlow(net.to(device))
        grid = time_grid(PATHS[turn % len(PATHS)], SPACINGS[turn % len(SPACINGS)])
        gammas = flow.schedule.gamma(grid)
        start = starts(flow, settings.batch_size, preset.shape, 1_000 + turn)
        flow.labels = labels_of(preset, len(start), device)
        x_bar = ge.solve(flow, start, gammas, "dpmpp_2m").x_bar
        return x_bar[:-1], gammas[:-1].to(start), flow.labels

    def batch(step: int, device: torch.device) -> tuple[Tensor, ...]:
        x_bar, gammas, labels = paths(step // LASTS, device)
        n = x_bar.shape[1]
        generator = torch.Generator().manual_seed(settings.seed * 1_000_003 + step)
        at = torch.randint(len(gammas), (n,), generator=generator).to(device)
        state = x_bar[at, torch.arange(n, device=device)]
        given = (state, gammas[at], torch.zeros_like(state))  # no noise was drawn
        return given if labels is None else (*given, labels)

    return batch


def distill(
    preset: Preset, net: nn.Module, group: dict[str, Any], n_steps: int, options: Options
) -> dict[str, tuple[nn.Module, float]]:
    """The group's heads, each with the mean loss of its last steps; raises TimeUp, all saved."""
    shipped, data = preset.head(net).config, preset.data()
    accelerator = loop.make_accelerator(options.cpu)
    net.to(accelerator.device)
    heads, losses = {}, {name: [] for name in group}
    states = {name: options.folder / f"ablations.{name}.run.safetensors" for name in group}
    old = max(map(steps_done, states.values()))

    def begin(frozen: nn.Module) -> Runs:
        runs = {}
        for name, change in group.items():
            config = shipped | {k: change[k] for k in ("mixed", "preconditioned") if k in change}
            config["width"] = round(shipped["width"] * change.get("width", 1))
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(0)
                heads[name] = ge.GenieHead(**config)
            levels = change.get("levels", preset.distill.levels)
            settings = replace(options.settings(preset.distill), n_steps=n_steps, levels=levels)
            settings = replace(settings, kept=0)  # one batch, drawn afresh, serves all heads
            where = {"checkpoint": states[name], "record_every": 1, "accelerator": accelerator}
            if "states" in change:
                frozen.eval().requires_grad_(False)
                batch = trajectories(net, preset, settings)
                loss = functools.partial(_loss, frozen)
                runs[name] = loop.run(heads[name], loss, batch, change, settings, **where)
            else:
                keys = {k: change[k] for k in ("weighted", "noise_input") if k in change}
                runs[name] = ge.distill_head(heads[name], frozen, data, settings, **where, **keys)
        return runs

    rounds = side_by_side(net, begin)
    for records in rounds:
        for name, record in records.items():
            losses[name].append(record.loss)
        step = max(record.step for record in records.values())
        if step % max(1, n_steps // 10) == 0:
            print(f"{', '.join(records)}: step {step} of {n_steps}", flush=True)
        if old < step < n_steps:
            try:
                options.check_time()
            except TimeUp:
                rounds.close()
                raise
    last = max(1, n_steps // 10)
    return {name: (heads[name].eval(), sum(losses[name][-last:]) / last) for name in group}


def _loss(net: nn.Module, head: nn.Module, *batch: Tensor) -> Tensor:
    return training.derivative_loss(head, net, *batch)


def names_in(group: dict[str, Any]) -> list[str]:
    """What is measured of a group: its heads, and with the shipped one's the bounded."""
    return [*group, BOUNDED] if "as shipped" in group else list(group)


def main() -> None:
    """Distil what is missing, measure it, write the file when all is there."""
    preset, options, n_steps = _given()
    out, folder = options.folder / "ablations.json", options.folder
    if out.is_file():
        print(f"{out} is there")
        return
    if not (folder / "results.json").is_file():
        print(f"{folder} has no tables yet: the run comes first")
        return
    net = checkpoints.load(folder / "base.safetensors")
    sha256 = hashlib.sha256((folder / "base.safetensors").read_bytes()).hexdigest()
    notes = tables.Notes(folder / "ablations.run.json", {"base": sha256, "n_steps": n_steps})
    found = notes.content.setdefault("found", {})
    device = loop.make_accelerator(options.cpu).device
    flow = ge.NetworkFlow(net.to(device))
    start = starts(flow, preset.tables.n_errors, preset.shape, tables.ERROR_SEED)
    labels = labels_of(preset, len(start), device)
    data = preset.data()
    clean = from_bytes(data.pixels[: 2 * len(start)])
    spread = float(clean.flatten(1).var(dim=0).sum())
    classes = data.labels[: len(clean)] if preset.classes else None
    with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        end, _ = notes.reference(flow, start, preset.tables.ode_steps, options, labels=labels)
        end = end.to(start)

    def measure(name: str, head: nn.Module, loss: float | None = None) -> None:
        flows = {"head": ge.NetworkFlow(net, head.to(device))}
        levels = by_level(net, head, clean, tables.LEVELS, classes)
        with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
            errors = [
                [*cell, _short(ge.end_point_error(run_cell(cell, flows, start, labels).x_bar, end))]
                for cell in cells(flows, CALLS, SOLVERS)
            ]
        found[name] = {
            "head": [sum(p.numel() for p in head.parameters()), loss and _short(loss)],
            "levels": [
                [_short(row[k]) for k in ("gamma", "loss", "r2", "cosine")] for row in levels
            ],
            "errors": errors,
        }
        notes.save()
        options.check_time()  # after a head: however short a slice, it gets on

    if "full length" not in found:
        measure("full length", checkpoints.load(folder / "head.safetensors"))
    for group in GROUPS:
        missing = [name for name in names_in(group) if name not in found]
        if missing:
            heads = distill(preset, net, group, n_steps, options)
            if BOUNDED in missing:
                head, loss = heads["as shipped"]
                heads[BOUNDED] = (Bounded(head, spread), loss)
            for name in missing:
                measure(name, *heads[name])
    bound = f"|gamma eps'| at most V/(V + gamma^2) |eps|, V = {spread:.5g}"
    changes = VARIANTS | {BOUNDED: {"in sampling": bound}}
    settings = asdict(options.settings(preset.distill)) | {"n_steps": n_steps}
    names = ["full length", *changes]
    content = {
        "record": record_of(options, device)
        | {"n_steps": n_steps, "settings": settings, "variants": changes, "n_starts": len(start)},
        "of": {"base": sha256},
        "heads": _table(("variant", "parameters", "loss"), [[n, *found[n]["head"]] for n in names]),
    }
    for part, columns in (
        ("levels", ("gamma", "loss", "r2", "cosine")),
        ("errors", ("solver", "derivative", "spacing", "nfe", "afs", "error")),
    ):
        rows = [[name, *row] for name in names for row in found[name][part]]
        content[part] = _table(("variant", *columns), rows)
    tables.write_rows(out, content)
    for path in folder.glob("ablations*.run.*"):
        path.unlink()
    print(f"{out}: {len(names)} heads")


def _table(columns: tuple[str, ...], rows: list[list[Any]]) -> dict[str, Any]:
    return {"columns": columns, "rows": rows}


def _short(value: float) -> float:
    return float(f"{value:.5g}")


def _given() -> tuple[Preset, Options, int]:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--preset", default="cifar10", choices=("cifar10", "cifar10-tiny"))
    parser.add_argument("--folder", help="the run's folder (default data/PRESET)")
    parser.add_argument("--steps", type=int, help="of each head (default: a fifth of the run's)")
    parser.add_argument(
        "--slice-minutes", type=float, help="stop after so long, to be gone on with"
    )
    parser.add_argument("--cpu", action="store_true", help="leave a GPU alone")
    given, _ = parser.parse_known_args()  # make gpu gives the run's options, which has read them
    root, preset = Path(__file__).resolve().parent.parent, PRESETS[given.preset]
    options = Options(
        Path(given.folder) if given.folder else root / "data" / preset.folder,
        slice_minutes=given.slice_minutes,
        cpu=given.cpu,
        command="python benchmarks/" + " ".join([Path(sys.argv[0]).name, *sys.argv[1:]]),
    )
    return preset, options, given.steps or preset.distill.n_steps // 5


if __name__ == "__main__":
    try:
        main()
    except TimeUp as message:
        print(message)
