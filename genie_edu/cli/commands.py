"""What each command does: a function of the options that it was given."""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import importlib.util
import io
import math
import platform
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import torch

import genie_edu
from genie_edu._names import one_of, positive_int
from genie_edu.datasets import cifar10
from genie_edu.datasets.data import ArtefactError, artefacts, shipped
from genie_edu.datasets.images import sheet, write_png
from genie_edu.evaluation import Cell, error_table
from genie_edu.flow import NetworkFlow
from genie_edu.judge import costs, neighbors, tables
from genie_edu.nets import checkpoints
from genie_edu.solvers import SOLVERS, sample
from genie_edu.train import pipeline
from genie_edu.train.options import FILES, Options
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
    for value in minutes.values():
        replace(given, minutes=value)  # refused now, not hours later
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
    shape = (positive_int("--n", options.n), *preset.shape)
    if options.label is not None:
        if not preset.classes:
            raise ValueError(f"--label was given, and the network of {options.preset} knows none")
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
