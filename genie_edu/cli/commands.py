"""What each command does: a function of the options that it was given."""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import importlib.util
import platform
from dataclasses import fields, replace
from pathlib import Path

import torch

import genie_edu
from genie_edu._names import one_of
from genie_edu.cli.drawing import flow_of, preset_of
from genie_edu.datasets import cifar10, own
from genie_edu.datasets.data import ArtefactError, artefacts, shipped
from genie_edu.evaluation import Cell, error_table
from genie_edu.judge import costs, neighbors, tables
from genie_edu.nets import checkpoints
from genie_edu.recipes import pipeline
from genie_edu.recipes.kinds import side
from genie_edu.recipes.options import FILES, Options
from genie_edu.recipes.snapshots import given_of

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
    "PIL": "pillow",
    "plotly": "plotly",
    "ipywidgets": "ipywidgets",
    "anywidget": "anywidget",
}


def classify(options: argparse.Namespace) -> None:
    """Train the classifier that judges the preset's images, or go on with it."""
    given, preset = _run_options(options), preset_of(options)
    if preset.judge is None:
        what = "classes: add --classes" if len(preset.shape) == 3 else "images to judge"
        raise ValueError(f"{options.preset} needs no classifier: it has no {what}")
    pipeline.classify(preset, given)


def train(options: argparse.Namespace) -> None:
    """Train the preset's network, or go on with it."""
    given = _run_options(options)  # refused before anything is decoded or written
    pipeline.train(preset_of(options), given)


def distill(options: argparse.Namespace) -> None:
    """Distil the head of the run's network, and that of its guided flows; or go on with it."""
    given = _run_options(options)
    preset = preset_of(options)
    pipeline.distill(preset, given)
    if preset.guided:
        pipeline.guide(preset, given)


def run(options: argparse.Namespace) -> None:
    """All that the preset's folder lacks: classifier, network, head, tables, costs, neighbors."""
    given = _run_options(options)
    minutes = {pipeline.train: options.train_minutes}
    minutes |= dict.fromkeys((pipeline.distill, pipeline.guide), options.distill_minutes)
    for value in minutes.values():
        replace(given, minutes=value)  # refused now, not hours later
    preset, given = preset_of(options), given.anew(*FILES)
    todo = pipeline.missing(preset, given)
    trainings = len(todo)
    for name, part in MEASURED.items():
        if (given.folder / name).is_file():
            print(f"{given.folder / name} is there")
        elif part is not neighbors.find or (preset.judge and preset.judge.held_out):
            todo.append(part)
    for done, part in enumerate(todo, 1):
        if done > trainings and not checkpoints.first_process():
            return  # of several processes, one measures
        part(preset, replace(given, minutes=minutes.get(part)))
        if part is not todo[-1]:  # after a part: however short a slice, it gets on
            given.check_time(together=done <= trainings)


def time_sampling(options: argparse.Namespace) -> None:
    """Time the solvers with the networks of the folder."""
    costs.measure(preset_of(options), _run_options(options))


def evaluate(options: argparse.Namespace) -> None:
    """Print, and with --out write, the end-point errors of the solvers to the network's own ODE."""
    preset = preset_of(options)
    learned, exact = flow_of(options, preset, True), flow_of(options, preset, False)
    flows = {"head": learned, "autodiff": exact}
    given = given_of(preset, options.n, learned.device) | {"labels": None}
    rows = dict(error_table(flows, preset.shape, options.n, options.nfe, options.seed, **given))
    print(f"{'solver':18}{'derivative':12}{'grid':11}" + "".join(f"{n:>10}" for n in options.nfe))
    for name, derivative, spacing in dict.fromkeys(cell[:3] for cell in rows):
        errors = [rows.get(Cell(name, derivative, spacing, n)) for n in options.nfe]
        shown = "".join(f"{'-':>10}" if e is None else f"{e:10.4f}" for e in errors)
        print(f"{name:18}{derivative:12}{spacing:11}{shown}")
    if options.out:
        table = [{**cell._asdict(), "error": error} for cell, error in rows.items()]
        checkpoints.write_json(options.out, table)


def export(options: argparse.Namespace) -> None:
    """Write the run's network with its head, or the shipped ones, as a folder for diffusers."""
    preset = preset_of(options)
    if len(preset.shape) != 3:
        raise ValueError(f"{options.preset} has no images, and diffusers' pipelines make some")
    from genie_edu.nets import genie_scheduler  # diffusers, which nothing else here needs

    flow, given = flow_of(options, preset, True), {"solver": options.solver}
    given["spacing"] = options.spacing
    folder = genie_scheduler.export(flow, options.out, preset.title, **given)
    print(f"{folder}: a DDPMPipeline of diffusers; reading it needs genie_edu, see its README.md")


def fetch_data(options: argparse.Namespace) -> None:
    """Have CIFAR-10 here, verified, with --pack as shards; or decode images of one's own."""
    if one_of("data set", options.data_set, ("cifar10", "images")) == "images":
        if not options.source or not options.size:
            raise ValueError("images need --source, where they are, and --size, their side")
        found = own.load(options.source, side(options.size), options.strict)
        n, names = len(found.pixels), len(found.names)
        print(f"{own.folder_of(options.source, options.size)}: {n:,} images, {names} classes")
        return
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


def _run_options(options: argparse.Namespace) -> Options:
    names = {f.name for f in fields(Options)}
    given = {name: value for name, value in vars(options).items() if name in names}
    given["folder"] = Path(options.folder or f"runs/{options.preset}")
    return Options(**given | {"command": "genie-edu " + " ".join(map(_public, options.given))})


def _public(word: str) -> str:
    """A word of a command as a record shows it: of a path from the root its last part only."""
    key, equals, value = word.rpartition("=")
    return key + equals + Path(value).name if Path(value).is_absolute() else word
