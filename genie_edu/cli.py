"""genie-edu classify, train, distill, run, sample, evaluate, costs, data, doctor: the commands.

A run lives in one folder (default runs/PRESET): `base.safetensors` and `head.safetensors` with
their cards, and `*.run.safetensors`, from which a stopped or killed training goes on when the same
command is given again.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import importlib.util
import io
import math
import platform
import sys
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import torch

import genie_edu
from genie_edu._names import one_of
from genie_edu.datasets import cifar10
from genie_edu.datasets.data import ArtefactError, artefacts, shipped
from genie_edu.datasets.images import sheet, write_png
from genie_edu.evaluation import Cell, error_table
from genie_edu.flow import NetworkFlow
from genie_edu.judge import costs, neighbors, tables
from genie_edu.nets import checkpoints
from genie_edu.schedule import SPACINGS
from genie_edu.solvers import SOLVERS, sample
from genie_edu.train import pipeline
from genie_edu.train.loop import PRECISIONS
from genie_edu.train.options import FILES, Options, TimeUp
from genie_edu.train.presets import PRESETS, Preset

NFES = (5, 10, 20)
MEASURED = {
    "results.json": tables.evaluate,
    "costs.json": costs.measure,
    "nearest.json": neighbors.find,
}
"""What is measured of a run's networks, by the file that has it."""
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
    except TimeUp as message:
        print(message)
    except torch.OutOfMemoryError:
        print("genie-edu: out of memory: give a smaller --batch-size", file=sys.stderr)
        return 2
    except (ValueError, TypeError, FileNotFoundError, ImportError, RuntimeError) as error:
        print(f"genie-edu: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        said = f"{error.strerror} ({error.filename})" if error.filename else error.strerror
        print(f"genie-edu: {said}: what was saved is whole, call again", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped; the same command goes on from here.", file=sys.stderr)
        return 130
    return 0


def classify(options: argparse.Namespace) -> None:
    """Train the classifier that judges the preset's images, or go on with it."""
    preset = _preset(options)
    if preset.judge is None:
        raise ValueError(f"{options.preset} has no images, and no classifier to judge them")
    pipeline.classify(preset, _run_options(options))


def train(options: argparse.Namespace) -> None:
    """Train the preset's network, or go on with it."""
    pipeline.train(_preset(options), _run_options(options))


def distill(options: argparse.Namespace) -> None:
    """Distil the head of the run's network, or go on with it."""
    pipeline.distill(_preset(options), _run_options(options))


def run(options: argparse.Namespace) -> None:
    """All that the preset's folder lacks: classifier, network, head, tables, costs, neighbors."""
    preset, given = _preset(options), _run_options(options).anew(*FILES)
    minutes = {pipeline.train: options.train_minutes, pipeline.distill: options.distill_minutes}
    todo = pipeline.missing(preset, given)
    for name, part in MEASURED.items():
        if (given.folder / name).is_file():
            print(f"{given.folder / name} is there")
        elif part is not neighbors.find or (preset.judge and preset.judge.held_out):
            todo.append(part)
    for part in todo:
        part(preset, replace(given, minutes=minutes.get(part)))
        if part is not todo[-1]:
            given.check_time()  # after a part: however short a slice, it gets on


def time_sampling(options: argparse.Namespace) -> None:
    """Time the solvers with the networks of the folder."""
    costs.measure(_preset(options), _run_options(options))


def draw_samples(options: argparse.Namespace) -> None:
    """Sample from the run's networks, or the shipped ones, into a .npy file or a picture."""
    preset, out = _preset(options), Path(options.out)
    if out.suffix != ".npy" and not (preset.judge and out.suffix == ".png"):
        raise ValueError(f"--out must end in .npy, or for images in .png; got {options.out}")
    flow = _flow(options, preset, SOLVERS[one_of("solver", options.solver, SOLVERS)].order > 1)
    shape = (options.n, *preset.shape)
    if options.label is not None:
        if not 0 <= options.label < preset.classes:
            raise ValueError(f"--label must be below {preset.classes} here; got {options.label}")
        flow.labels = torch.full((options.n,), options.label)
    x = sample(flow, shape, options.steps, options.solver, options.spacing, options.seed).cpu()
    if out.suffix == ".png":
        across = math.ceil(math.sqrt(options.n))
        full = torch.cat([x, -torch.ones(-options.n % across, *preset.shape)])
        write_png(out, sheet(full.reshape(-1, across, *preset.shape)), scale=128 // shape[-1] or 1)
    else:
        content = io.BytesIO()
        np.save(content, x.numpy())
        checkpoints.write_atomically(out, content.getvalue())
    print(
        f"{out}: {shape[0]} samples of shape {preset.shape}, {flow.nfe} network calls and "
        f"{flow.n_derivatives} derivatives each"
    )


def evaluate(options: argparse.Namespace) -> None:
    """Print, and with --out write, the end-point errors of the solvers to the network's own ODE."""
    preset = _preset(options)
    learned, exact = _flow(options, preset, True), _flow(options, preset, False)
    flows = {"head": learned, "autodiff": exact}
    rows = dict(error_table(flows, preset.shape, options.n, options.nfe, options.seed))
    print(f"{'solver':18}{'derivative':12}{'grid':11}" + "".join(f"{n:>10}" for n in options.nfe))
    for name, derivative, spacing in dict.fromkeys(cell[:3] for cell in rows):
        errors = [rows.get(Cell(name, derivative, spacing, n)) for n in options.nfe]
        shown = "".join(f"{'-':>10}" if e is None else f"{e:10.4f}" for e in errors)
        print(f"{name:18}{derivative:12}{spacing:11}{shown}")
    if options.out:
        table = [{**cell._asdict(), "error": error} for cell, error in rows.items()]
        checkpoints.write_json(options.out, table)


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


def _flow(options: argparse.Namespace, preset: Preset, with_head: bool) -> NetworkFlow:
    """The flow of the run's folder, or without one of the shipped files; float64 for points.

    Networks of images go to the GPU, if there is one.
    """
    parts, points = [], len(preset.shape) == 1
    on_gpu = torch.cuda.is_available() and not (points or options.cpu)
    for part in ("base", "head") if with_head else ("base",):
        path = options.folder and Path(options.folder) / f"{part}.safetensors"
        net = checkpoints.load(path or shipped(f"{preset.folder}/{part}"))
        parts.append(net.double() if points else net.to("cuda" if on_gpu else "cpu"))
    return NetworkFlow(*parts)


def _preset(options: argparse.Namespace) -> Preset:
    return PRESETS[one_of("preset", options.preset, PRESETS)]


def _run_options(options: argparse.Namespace) -> Options:
    names = {f.name for f in fields(Options)}
    given = {name: value for name, value in vars(options).items() if name in names}
    given["folder"] = Path(options.folder or f"runs/{options.preset}")
    return Options(**given | {"command": "genie-edu " + " ".join(options.given)})


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

    minutes = {"type": float, "metavar": "M"}
    for name, part, help in (
        ("classify", classify, "train the classifier that judges images; resumes as train does"),
        ("train", train, "train the network; the same command resumes a stopped run"),
        ("distill", distill, "distil its derivative into a head; resumes as train does"),
        ("run", run, "all that the folder lacks: classifier, network, head, tables, costs"),
    ):
        new = add(name, part, help)
        new.add_argument("--seed", type=int, help="of everything random in the run")
        new.add_argument("--slice-minutes", **minutes, help="stop after M, to be gone on with")
        new.add_argument("--cpu", action="store_true", help="leave a GPU alone")
        new.add_argument(
            "--fresh", action="store_true", help="remove what the folder has of it first"
        )
        new.add_argument(
            "--channels-last", action="store_true", help="that order in memory, for the network"
        )
        new.add_argument(
            "--precision",
            choices=PRECISIONS,
            help="of products in training (default: for CIFAR what the device is fast in)",
        )
        new.add_argument(
            "--compiled",
            action=argparse.BooleanOptionalAction,
            help="train through torch.compile (default: for CIFAR on a recent GPU)",
        )
        new.add_argument("--batch-size", type=int, help="examples a step, over all processes")
        if part is run:
            new.add_argument("--train-minutes", **minutes, help="size the network's training to M")
            new.add_argument("--distill-minutes", **minutes, help="size the head's training to M")
        else:
            new.add_argument("--steps", type=int, help="optimizer steps (default: the preset's)")
        if part in (train, distill):
            new.add_argument("--minutes", **minutes, help="size the training to M on this device")

    new = add("sample", draw_samples, "draw samples into a .npy file or a picture")
    new.add_argument("--n", type=int, default=16, help="how many (default 16)")
    new.add_argument("--steps", type=int, default=10, help="solver steps (default 10)")
    new.add_argument("--solver", default="genie", help=f"one of {', '.join(SOLVERS)}")
    new.add_argument("--spacing", default="quadratic", help=f"one of {', '.join(SPACINGS)}")
    new.add_argument("--seed", type=int, default=0)
    new.add_argument("--cpu", action="store_true", help="leave a GPU alone")
    new.add_argument("--label", type=int, help="a class, for networks that know some")
    new.add_argument("--out", default="samples.npy", help="a .npy file, or .png for images")

    new = add("evaluate", evaluate, "end-point errors of all solvers to the network's own ODE")
    new.add_argument("--n", type=int, default=256, help="starts (default 256)")
    new.add_argument("--nfe", type=int, nargs="+", default=NFES, help="network calls a sample")
    new.add_argument("--seed", type=int, default=0)
    new.add_argument("--cpu", action="store_true", help="leave a GPU alone")
    new.add_argument("--out", help="also write the table to this JSON file")

    new = add("costs", time_sampling, "seconds for 1,000 images by every solver, into costs.json")
    new.add_argument("--cpu", action="store_true", help="leave a GPU alone")
    new.add_argument("--fresh", action="store_true", help="time anew what is there")

    new = add("data", fetch_data, "fetch a data set once and verify its pixels")
    new.add_argument("data_set", help="cifar10")
    new.add_argument("--source", help="a folder that has it: shards, or cifar-10-batches-py")
    new.add_argument("--pack", help="also write it as lossless shards into this folder")

    add("doctor", doctor, "what device, which versions, what is missing")
    return parser


if __name__ == "__main__":
    sys.exit(main())
