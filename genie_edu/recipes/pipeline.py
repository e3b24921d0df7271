"""A preset's whole way, part by part: classifier, network, head, tables.

Every part leaves its artefact with a record in one folder, goes on where it was stopped, and skips
itself where the artefact is there.
"""

from __future__ import annotations

import copy
import functools
import json
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from genie_edu.datasets.images import Images, from_bytes
from genie_edu.evaluation import features_of
from genie_edu.metrics import frechet_distance
from genie_edu.nets import checkpoints
from genie_edu.recipes.options import PLANS, Options, TimeUp
from genie_edu.recipes.presets import PRESETS, Preset
from genie_edu.recipes.records import record_of as record_of
from genie_edu.recipes.snapshots import Snapshots, preview
from genie_edu.train.classify import accuracy, train_classifier
from genie_edu.train.guided import distill_guided_head
from genie_edu.train.loop import cpu_has_bfloat16, make_accelerator
from genie_edu.train.run_state import Record, Settings, read_averages, steps_done
from genie_edu.train.training import distill_head, train_eps

if TYPE_CHECKING:
    from accelerate import Accelerator

CALIBRATION = 30.0
"""Seconds, at most, that finding a run's length takes."""
HALF_FROM = 200_000
"""Networks with more parameters are stored in float16: half the file, and no difference seen."""


def classify(preset: Preset, options: Options) -> None:
    """Train the classifier whose features judge the samples, or go on with it."""
    options = options.anew("classifier")
    path, judge = options.folder / "classifier.safetensors", preset.judge
    accelerator = _accelerator(preset, options)
    net, (data, held_out) = judge.net(), judge.split()
    settings = options.settings(judge.settings)
    state = options.folder / "classifier.run.safetensors"
    fast = _how_fast(preset, options, accelerator)
    where = {"checkpoint": state, "record_every": _every(settings)}
    records = train_classifier(
        net, data, settings, **where, shift=judge.shift, accelerator=accelerator, **fast
    )
    curve = _follow("classify", records, state, options, accelerator)
    found = {"test_accuracy": accuracy(net, held_out), "test_images": len(held_out)} | fast
    _keep(path, net, settings, curve, options, accelerator, found)


def train(preset: Preset, options: Options) -> None:
    """Train the network, or go on with it; images are sampled on the way, the average chosen."""
    options, accelerator = options.anew("base"), _accelerator(preset, options)
    net, data = preset.net(), preset.data()
    if options.channels_last:
        net.to(memory_format=torch.channels_last)
    state = options.folder / "base.run.safetensors"
    settings = options.settings(preset.train)
    fast = _how_fast(preset, options, accelerator)

    def records(net: nn.Module, settings: Settings, **where: Any) -> Iterator[Record]:  # noqa: ANN401
        return train_eps(net, data, settings, accelerator=accelerator, **where, **fast)

    settings = _planned("train", net, settings, records, options)
    watch = Snapshots(preset, settings, options.folder) if isinstance(data, Images) else None
    where = {"checkpoint": state, "watch": watch}
    curve = _follow(
        "train",
        records(net, settings, record_every=_every(settings), **where),
        state,
        options,
        accelerator,
    )
    found = fast | {"channels_last": options.channels_last}
    if watch:
        found |= _choose_average(preset, net, data, settings, state, options)
    _keep(options.folder / "base.safetensors", net, settings, curve, options, accelerator, found)
    if watch and accelerator.is_main_process:
        watch.finish()


def distill(preset: Preset, options: Options) -> None:
    """Distil the head of the folder's network, or go on with it."""
    _distill("head", preset, options, preset.head, preset.distill, distill_head)


def guide(preset: Preset, options: Options) -> None:
    """Distil the head of the guided flows of the folder's network, or go on with it."""
    made, way = preset.guided, functools.partial(distill_guided_head, w_most=preset.guided.w_most)
    _distill("guided_head", preset, options, made.head, made.settings, way)


def _distill(
    part: str,
    preset: Preset,
    options: Options,
    build: Callable[[nn.Module], nn.Module],
    settings: Settings,
    way: Callable[..., Iterator[Record]],
) -> None:
    options = options.anew(part)
    base = options.folder / "base.safetensors"
    if not base.is_file():
        name = next(name for name, known in PRESETS.items() if known is preset)
        raise FileNotFoundError(
            f"{options.folder} has no trained network: genie-edu train {name} first"
        )
    accelerator = _accelerator(preset, options)
    net, data = checkpoints.load(base), preset.data()
    head, settings = build(net), options.settings(settings)

    def records(head: nn.Module, settings: Settings, **where: Any) -> Iterator[Record]:  # noqa: ANN401
        return way(head, net, data, settings, accelerator=accelerator, **where)

    settings = _planned(PLANS[part], head, settings, records, options)
    state = options.folder / f"{part}.run.safetensors"
    run = records(head, settings, record_every=_every(settings), checkpoint=state)
    curve = _follow(PLANS[part], run, state, options, accelerator)
    _keep(options.folder / f"{part}.safetensors", head, settings, curve, options, accelerator)
    if accelerator.is_main_process:
        shutil.rmtree(state.with_suffix(".targets"), ignore_errors=True)


def missing(preset: Preset, options: Options) -> list[Callable[[Preset, Options], None]]:
    """The trainings whose artefact is not in the folder yet, in their order."""
    parts = {"classifier": classify, "base": train, "head": distill, "guided_head": guide}
    if preset.judge is None:
        del parts["classifier"]
    if preset.guided is None:
        del parts["guided_head"]
    there = options.folder
    return [part for name, part in parts.items() if not (there / f"{name}.safetensors").is_file()]


def _choose_average(
    preset: Preset,
    net: nn.Module,
    images: Images,
    settings: Settings,
    state: Path,
    options: Options,
) -> dict[str, Any]:
    """Of a run's averages, leave in `net` the one whose samples have the least Frechet distance."""
    judge = options.folder / "classifier.safetensors"
    if len(settings.decays) == 1 or not judge.is_file():
        return {}
    classifier = checkpoints.load(judge).to(next(net.parameters()).device)
    n = preset.tables.n_quality
    data = features_of(classifier, from_bytes(images.pixels[: 5 * n]))
    averages, found = read_averages(state), []
    twin = preset.net().to(next(net.parameters()).device)
    for average in averages:
        twin.load_state_dict(average)
        x = preview(preset, twin, n, seed=3)
        found.append(frechet_distance(features_of(classifier, x), data))
    best = min(range(len(found)), key=found.__getitem__)
    net.load_state_dict(averages[best])
    distances = dict(zip(map(str, settings.decays), found, strict=True))
    return {"ema": settings.decays[best], "frechet_by_ema": distances}


def _planned(
    part: str,
    net: nn.Module,
    settings: Settings,
    records: Callable[..., Iterator[Record]],
    options: Options,
) -> Settings:
    """The settings with the number of steps that fits into options.minutes on this device.

    The speed is measured once, on a copy of the network; the plan is kept beside the run, so that
    a run that goes on elsewhere keeps its length and its learning rates.
    """
    if options.minutes is None:
        return settings
    path = options.folder / "plan.json"
    plan = json.loads(path.read_text()) if path.is_file() else {}
    known = plan.get(part, {})
    if known.get("minutes") != options.minutes:
        state = options.folder / f"{next(k for k, v in PLANS.items() if v == part)}.run.safetensors"
        if known and steps_done(state):
            raise ValueError(
                f"{options.folder} has begun a run sized to {known['minutes']:g} minutes: give "
                "those again to go on with it, or --fresh to begin another"
            )
        speed = _speed(
            records(copy.deepcopy(net), replace(settings, n_steps=10**9), record_every=5),
            min(CALIBRATION, 6 * options.minutes),
        )
        n_steps = max(20, round(60 * options.minutes * speed))
        plan[part] = {"minutes": options.minutes, "n_steps": n_steps, "steps_per_second": speed}
        checkpoints.write_json(path, plan)
        print(f"{part}: {speed:.1f} steps a second here, so {n_steps:,} steps", flush=True)
    return replace(settings, n_steps=plan[part]["n_steps"])


def _speed(records: Iterator[Record], seconds: float) -> float:
    """Steps a second of a run, which is then given up. Its first record pays for starting up."""
    first = next(records)
    latest, began = next(records), time.perf_counter()
    while time.perf_counter() - began < seconds:
        latest = next(records)
    records.close()
    return (latest.step - first.step) / (latest.seconds - first.seconds)


def _follow(
    title: str, records: Iterator[Record], state: Path, options: Options, accelerator: Accelerator
) -> list[list[float]]:
    """Show a run's progress; returns its loss curve, [step, loss, seconds] a record.

    The slice ends after a new record, not after one of those that the run begins with.
    """
    try:
        from tqdm import tqdm
    except ImportError as error:
        raise ImportError("a progress bar needs tqdm: pip install tqdm") from error
    curve: list[list[float]] = []
    old = steps_done(state)
    with tqdm(disable=not accelerator.is_main_process, desc=title, unit="step") as bar:
        for record in records:
            bar.total = record.n_steps
            bar.update(record.step - bar.n)
            bar.set_postfix_str(
                f"loss {record.loss:.5f}, {record.images_per_second:,.0f} examples/s, "
                f"{record.seconds_left:.0f} s left"
            )
            curve.append([record.step, float(f"{record.loss:.6g}"), round(record.seconds, 1)])
            if old < record.step < record.n_steps:
                try:
                    options.check_time()
                except TimeUp:
                    records.close()  # saves the state
                    raise
    return curve


def _keep(
    path: Path,
    module: nn.Module,
    settings: Settings,
    curve: list[list[float]],
    options: Options,
    accelerator: Accelerator,
    found: dict[str, Any] | None = None,
) -> None:
    """Write a finished network with the record of how it was made."""
    if not accelerator.is_main_process:
        return
    record = record_of(options, accelerator.device) | {
        "processes": accelerator.num_processes,
        "settings": asdict(settings),
        "columns": ["step", "loss", "seconds"],
        "curve": curve,
    }
    half = torch.float16 if sum(p.numel() for p in module.parameters()) > HALF_FROM else None
    checkpoints.save(path, module, record | (found or {}), dtype=half)
    print(f"{path}: {sum(p.numel() for p in module.parameters()):,} parameters")


def _every(settings: Settings) -> int:
    """Steps from one record to the next."""
    return max(1, min(100, settings.n_steps // 20))


def _accelerator(preset: Preset, options: Options) -> Accelerator:
    """The device to train on."""
    if preset.fast and not torch.cuda.is_available() and not options.cpu:
        raise RuntimeError(
            "this preset takes hours without a GPU, and none is here: add --cpu to go on all the "
            "same, or try cifar10-tiny, which takes the same way in two minutes"
        )
    return make_accelerator(options.cpu)


def _how_fast(preset: Preset, options: Options, accelerator: Accelerator) -> dict[str, Any]:
    """In what precision a training that is not differentiated runs, and whether it is compiled.

    bfloat16 and compiled where a GPU has it (from compute capability 8 on), float16 on an older
    one; on a CPU bfloat16 where its products are in hardware, and not compiled: there it hardly
    pays.
    """
    precision, compiled = "float32", False
    if preset.fast and accelerator.device.type == "cuda":
        compiled = torch.cuda.get_device_capability() >= (8, 0)
        precision = "bfloat16" if compiled else "float16"
    elif preset.fast and cpu_has_bfloat16():
        precision = "bfloat16"
    return {
        "precision": options.precision or precision,
        "compiled": compiled if options.compiled is None else options.compiled,
    }
