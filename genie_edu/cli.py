"""genie-edu train | distill | sample | evaluate | data | doctor: the library on the command line.

A run lives in one folder (default runs/PRESET): `base.safetensors` and `head.safetensors` with
their cards, and `*.run.safetensors`, from which a stopped or killed training goes on when the same
command is given again.
"""

from __future__ import annotations

import argparse
import datetime
import importlib
import importlib.metadata
import importlib.util
import io
import json
import platform
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

import genie_edu
from genie_edu import checkpoints, cifar10
from genie_edu._names import one_of
from genie_edu.data import ArtefactError, artefacts, shipped
from genie_edu.flow import NetworkFlow
from genie_edu.metrics import error_table
from genie_edu.presets import PRESETS, Preset
from genie_edu.schedule import SPACINGS
from genie_edu.solvers import SOLVERS, sample
from genie_edu.training import Record, Settings, distill_head, make_accelerator, train_eps

if TYPE_CHECKING:
    from accelerate import Accelerator

NFES = (5, 10, 20)
NEEDED = {
    "numpy": "numpy",
    "scipy": "scipy",
    "safetensors": "safetensors",
    "accelerate": "accelerate",
    "tqdm": "tqdm",
    "plotly": "plotly",
    "ipywidgets": "ipywidgets",
    "anywidget": "anywidget",
}


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns 0, 2 for bad input (one sentence on stderr), 130 if stopped."""
    given = sys.argv[1:] if arguments is None else arguments
    options = _parser().parse_args(given, argparse.Namespace(given=given))
    try:
        options.command(options)
    except (ValueError, TypeError, FileNotFoundError, ImportError, RuntimeError) as error:
        print(f"genie-edu: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped; the same command goes on from here.", file=sys.stderr)
        return 130
    return 0


def train(options: argparse.Namespace) -> None:
    """Train the preset's network, or go on with it."""
    preset, folder, accelerator = _preset(options), _folder(options), _accelerator(options)
    net, settings = preset.net(), _settings(options, preset.train)
    path = folder / "base.run.safetensors"
    records = train_eps(
        net, preset.data(), settings, path, not options.fresh, accelerator=accelerator
    )
    curve = _follow("train", records, accelerator)
    _keep(folder / "base.safetensors", net, settings, curve, options, accelerator)


def distill(options: argparse.Namespace) -> None:
    """Distil the head of the run's network, or go on with it."""
    preset, folder, accelerator = _preset(options), _folder(options), _accelerator(options)
    if not (folder / "base.safetensors").is_file():
        raise FileNotFoundError(
            f"{folder} has no trained network: genie-edu train {options.preset} first"
        )
    net = checkpoints.load(folder / "base.safetensors")
    head, settings = preset.head(net), _settings(options, preset.distill)
    path = folder / "head.run.safetensors"
    records = distill_head(
        head, net, preset.data(), settings, path, not options.fresh, accelerator=accelerator
    )
    curve = _follow("distill", records, accelerator)
    _keep(folder / "head.safetensors", head, settings, curve, options, accelerator)


def draw_samples(options: argparse.Namespace) -> None:
    """Sample from the run's networks, or the shipped ones, into a .npy file."""
    preset = _preset(options)
    flow = _flow(options, preset, SOLVERS[one_of("solver", options.solver, SOLVERS)].order > 1)
    shape = (options.n, *preset.shape)
    x = sample(flow, shape, options.steps, options.solver, options.spacing, options.seed)
    content = io.BytesIO()
    np.save(content, x.cpu().numpy())
    checkpoints.write_atomically(options.out, content.getvalue())
    print(
        f"{options.out}: {shape[0]} samples of shape {preset.shape}, {flow.nfe} network calls and "
        f"{flow.n_derivatives} derivatives each"
    )


def evaluate(options: argparse.Namespace) -> None:
    """Print, and with --out write, the end-point errors of the solvers to the network's own ODE."""
    preset = _preset(options)
    learned, exact = _flow(options, preset, True), _flow(options, preset, False)
    rows = error_table(
        {"head": learned, "autodiff": exact}, preset.shape, options.n, options.nfe, options.seed
    )
    print(f"{'solver':18}{'derivative':12}{'grid':11}" + "".join(f"{n:>10}" for n in options.nfe))
    for name, derivative, spacing in dict.fromkeys((r[0], r[1], r[2]) for r in rows):
        errors = {row[3]: row[4] for row in rows if row[:3] == (name, derivative, spacing)}
        cells = "".join(f"{errors[n]:10.4f}" if n in errors else f"{'-':>10}" for n in options.nfe)
        print(f"{name:18}{derivative:12}{spacing:11}{cells}")
    if options.out:
        keys = ("solver", "derivative", "spacing", "nfe", "error")
        table = [dict(zip(keys, row, strict=True)) for row in rows]
        checkpoints.write_atomically(options.out, (json.dumps(table, indent=1) + "\n").encode())


def fetch_data(options: argparse.Namespace) -> None:
    """Have CIFAR-10 here, verified; with --pack as shards in a folder that can be carried."""
    one_of("data set", options.data_set, ("cifar10",))
    parts = {split: cifar10.load(split, options.source) for split in cifar10.PIXELS}
    place = cifar10.cache_folder()
    if options.pack:
        place = Path(options.pack)
        cifar10.pack(place, parts)
    counts = " and ".join(f"{len(part.labels):,} {split}" for split, part in parts.items())
    print(f"{place}: {counts} images, pixels verified")


def doctor(options: argparse.Namespace) -> None:
    """Say what is here, what is missing, and the command that installs it."""
    cuda = torch.cuda.is_available()
    device = torch.cuda.get_device_name() if cuda else f"{platform.machine()} CPU"
    print(f"genie-edu {genie_edu.__version__}, Python {platform.python_version()}")
    print(f"torch {torch.__version__} on {device}, {torch.get_num_threads()} threads")
    missing = []
    for module, package in NEEDED.items():
        if importlib.util.find_spec(module):
            print(f"{package} {importlib.metadata.version(package)}")
        else:
            missing.append(package)
    for name in artefacts():
        try:
            print(f"{name}: {shipped(name)}")
        except ArtefactError as error:
            print(f"{name}: {error}")
    print(f"missing: pip install {' '.join(missing)}" if missing else "nothing is missing")


def _follow(title: str, records: Iterator[Record], accelerator: Accelerator) -> list[list[float]]:
    """Show a run's progress; returns its loss curve, [step, loss, seconds] a record."""
    try:
        from tqdm import tqdm
    except ImportError as error:
        raise ImportError("a progress bar needs tqdm: pip install tqdm") from error
    curve: list[list[float]] = []
    with tqdm(disable=not accelerator.is_main_process, desc=title, unit="step") as bar:
        for record in records:
            bar.total = record.n_steps
            bar.update(record.step - bar.n)
            bar.set_postfix_str(
                f"loss {record.loss:.5f}, {record.images_per_second:,.0f} examples/s, "
                f"{record.seconds_left:.0f} s left"
            )
            curve.append([record.step, float(f"{record.loss:.6g}"), round(record.seconds, 1)])
    return curve


def _keep(
    path: Path,
    module: nn.Module,
    settings: Settings,
    curve: list[list[float]],
    options: argparse.Namespace,
    accelerator: Accelerator,
) -> None:
    """Write a finished network with the record of how it was made."""
    if not accelerator.is_main_process:
        return
    cuda = accelerator.device.type == "cuda"
    record = {
        "command": "genie-edu " + " ".join(options.given),
        "date": datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
        "device": torch.cuda.get_device_name()
        if cuda
        else f"CPU, {torch.get_num_threads()} threads",
        "processes": accelerator.num_processes,
        "torch": torch.__version__,
        "settings": asdict(settings),
        "columns": ["step", "loss", "seconds"],
        "curve": curve,
    }
    checkpoints.save(path, module, record)
    print(f"{path}: {sum(p.numel() for p in module.parameters()):,} parameters")


def _flow(options: argparse.Namespace, preset: Preset, with_head: bool) -> NetworkFlow:
    """The flow of the run's folder, or without one of the shipped files; float64 for points."""
    parts = []
    for part in ("base", "head") if with_head else ("base",):
        path = options.folder and Path(options.folder) / f"{part}.safetensors"
        net = checkpoints.load(path or shipped(f"{preset.folder}/{part}"))
        parts.append(net.double() if len(preset.shape) == 1 else net)
    return NetworkFlow(*parts)


def _preset(options: argparse.Namespace) -> Preset:
    return PRESETS[one_of("preset", options.preset, PRESETS)]


def _folder(options: argparse.Namespace) -> Path:
    return Path(options.folder or f"runs/{options.preset}")


def _settings(options: argparse.Namespace, settings: Settings) -> Settings:
    given = {"n_steps": options.steps, "seed": options.seed, "batch_size": options.batch_size}
    return replace(settings, **{key: value for key, value in given.items() if value is not None})


def _accelerator(options: argparse.Namespace) -> Accelerator:
    return make_accelerator(cpu=options.cpu)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="genie-edu", description=__doc__.split("\n")[0])
    parser.add_argument("--version", action="version", version=genie_edu.__version__)
    commands = parser.add_subparsers(required=True, metavar="command")

    def add(name: str, command: object, help: str) -> argparse.ArgumentParser:
        new = commands.add_parser(name, help=help, description=help)
        new.set_defaults(command=command)
        if name not in ("data", "doctor"):
            new.add_argument("preset", help=f"one of {', '.join(PRESETS)}")
            new.add_argument(
                "--folder", help="the run's folder (default runs/PRESET, or what ships)"
            )
        return new

    for name, command, help in (
        ("train", train, "train the network; the same command resumes a stopped run"),
        ("distill", distill, "distil its derivative into a head; resumes as train does"),
    ):
        new = add(name, command, help)
        new.add_argument("--steps", type=int, help="optimizer steps (default: the preset's)")
        new.add_argument("--batch-size", type=int, help="examples a step, over all processes")
        new.add_argument("--seed", type=int, help="of everything random in the run")
        new.add_argument("--cpu", action="store_true", help="leave a GPU alone")
        new.add_argument("--fresh", action="store_true", help="start anew, whatever is there")

    new = add("sample", draw_samples, "draw samples into a .npy file")
    new.add_argument("--n", type=int, default=16, help="how many (default 16)")
    new.add_argument("--steps", type=int, default=10, help="solver steps (default 10)")
    new.add_argument("--solver", default="genie", help=f"one of {', '.join(SOLVERS)}")
    new.add_argument("--spacing", default="quadratic", help=f"one of {', '.join(SPACINGS)}")
    new.add_argument("--seed", type=int, default=0)
    new.add_argument("--out", default="samples.npy", help="the file (default samples.npy)")

    new = add("evaluate", evaluate, "end-point errors of all solvers to the network's own ODE")
    new.add_argument("--n", type=int, default=256, help="starts (default 256)")
    new.add_argument("--nfe", type=int, nargs="+", default=NFES, help="network calls a sample")
    new.add_argument("--seed", type=int, default=0)
    new.add_argument("--out", help="also write the table to this JSON file")

    new = add("data", fetch_data, "fetch a data set once and verify its pixels")
    new.add_argument("data_set", help="cifar10")
    new.add_argument("--source", help="a folder that has it: shards, or cifar-10-batches-py")
    new.add_argument("--pack", help="also write it as lossless shards into this folder")

    add("doctor", doctor, "what device, which versions, what is missing")
    return parser


if __name__ == "__main__":
    sys.exit(main())
