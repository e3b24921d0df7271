"""A preset's whole way, part by part: classifier, network, head, tables.

Every part leaves its artefact with a record in one folder, goes on where it was stopped, and skips
itself where the artefact is there.
"""

from __future__ import annotations

import functools
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from genie_edu.datasets.data import shipped
from genie_edu.datasets.images import Images, from_bytes
from genie_edu.evaluation import features_of
from genie_edu.metrics import frechet_distance
from genie_edu.nets import checkpoints
from genie_edu.recipes.options import PLANS, Options, TimeUp, check_device
from genie_edu.recipes.plans import planned
from genie_edu.recipes.presets import PRESETS, Preset
from genie_edu.recipes.records import record_of as record_of
from genie_edu.recipes.snapshots import Snapshots, preview
from genie_edu.train.classify import accuracy, train_classifier
from genie_edu.train.guided import distill_guided_head
from genie_edu.train.loop import cpu_has_bfloat16, make_accelerator
from genie_edu.train.recompute import recomputed
from genie_edu.train.run_state import Record, Settings, read_averages, steps_done
from genie_edu.train.training import distill_head, train_eps

if TYPE_CHECKING:
    from accelerate import Accelerator

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
    where = {"checkpoint": state, "record_every": _every(settings), "shift": judge.shift}
    also = fast | {"accelerator": accelerator, "at_once": options.at_once or preset.at_once}
    records = train_classifier(net, data, settings, **where, **also)
    curve = _follow("classify", records, settings.n_steps, state, options, accelerator)
    found = {"test_accuracy": accuracy(net, held_out), "test_images": len(held_out)} | fast
    _keep(path, net, settings, curve, options, accelerator, found)


def train(preset: Preset, options: Options) -> None:
    """Train the network, or go on with it; images are sampled on the way, the average chosen."""
    options, accelerator = options.anew("base"), _accelerator(preset, options)
    net, data = preset.net(), preset.data()
    if preset.recompute if options.recompute is None else options.recompute:
        recomputed(net)
    if options.channels_last:
        net.to(memory_format=torch.channels_last)
    state = options.folder / "base.run.safetensors"
    settings = options.settings(preset.train)
    fast = _how_fast(preset, options, accelerator)
    also = fast | {"accelerator": accelerator, "at_once": options.at_once or preset.at_once}

    def records(net: nn.Module, settings: Settings, **where: Any) -> Iterator[Record]:  # noqa: ANN401
        return train_eps(net, data, settings, **where, **also)

    settings = planned("train", net, settings, records, options)
    first = accelerator.is_main_process  # of several, it draws and judges
    watched = isinstance(data, Images) and first
    watch = Snapshots(preset, settings, options.folder) if watched else None
    where = {"checkpoint": state, "watch": watch}
    curve = _follow(
        "train",
        records(net, settings, record_every=_every(settings), **where),
        settings.n_steps,
        state,
        options,
        accelerator,
    )
    found = fast | {"channels_last": options.channels_last}
    if watch:
        found |= _choose_average(preset, net, data, settings, state, options)
    _keep(options.folder / "base.safetensors", net, settings, curve, options, accelerator, found)
    if watch:
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
        names = (name for name, known in PRESETS.items() if known is preset)
        name = next(names, preset.folder)
        raise FileNotFoundError(
            f"{options.folder} has no trained network: genie-edu train {name} first"
        )
    accelerator = _accelerator(preset, options)
    net, data = preset.network(base), preset.data()
    head, settings = build(net), options.settings(settings)
    if options.channels_last:
        for module in (net, head):
            module.to(memory_format=torch.channels_last)
    also = {"accelerator": accelerator, "at_once": options.at_once or preset.at_once}

    def records(head: nn.Module, settings: Settings, **where: Any) -> Iterator[Record]:  # noqa: ANN401
        return way(head, net, data, settings, **where, **also)

    settings = planned(PLANS[part], head, settings, records, options)
    state = options.folder / f"{part}.run.safetensors"
    run = records(head, settings, record_every=_every(settings), checkpoint=state)
    curve = _follow(PLANS[part], run, settings.n_steps, state, options, accelerator)
    _keep(options.folder / f"{part}.safetensors", head, settings, curve, options, accelerator)
    if accelerator.is_main_process:
        shutil.rmtree(state.with_suffix(".targets"), ignore_errors=True)


def missing(preset: Preset, options: Options) -> list[Callable[[Preset, Options], None]]:
    """The trainings whose artefact is not in the folder yet, in their order."""
    parts = {"classifier": classify, "base": train, "head": distill, "guided_head": guide}
    if preset.judge is None or preset.judge.shipped:
        del parts["classifier"]
    if preset.guided is None:
        del parts["guided_head"]
    there = options.folder
    if (base := there / "base.safetensors").is_file():
        preset.network(base)  # refused now, if it is of another run
    return [part for name, part in parts.items() if not (there / f"{name}.safetensors").is_file()]


def judge_of(preset: Preset, folder: Path) -> Path:
    """Where the classifier is that judges a preset's images: in the run's folder, or shipped."""
    path = folder / "classifier.safetensors"
    if path.is_file() or not (preset.judge and preset.judge.shipped):
        return path
    return shipped(f"{preset.judge.shipped}/classifier")


def _choose_average(
    preset: Preset,
    net: nn.Module,
    images: Images,
    settings: Settings,
    state: Path,
    options: Options,
) -> dict[str, Any]:
    """Of a run's averages, leave in `net` the one whose samples have the least Frechet distance."""
    judge = judge_of(preset, options.folder)
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


def _follow(
    title: str,
    records: Iterator[Record],
    n_steps: int,
    state: Path,
    options: Options,
    accelerator: Accelerator,
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
    shown = {"desc": title, "unit": "step", "total": n_steps}
    with tqdm(disable=not accelerator.is_main_process, **shown) as bar:
        for record in records:
            bar.update(record.step - bar.n)
            bar.set_postfix_str(
                f"loss {record.loss:.5f}, {record.images_per_second:,.0f} examples/s, "
                f"{record.seconds_left:.0f} s left"
            )
            curve.append([record.step, float(f"{record.loss:.6g}"), round(record.seconds, 1)])
            if old < record.step < record.n_steps:
                try:
                    options.check_time(together=True)
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
    """Write a finished network with the record of how it was made; all processes wait for it."""
    if accelerator.is_main_process:
        _write(path, module, settings, curve, options, accelerator, found)
    accelerator.wait_for_everyone()


def _write(
    path: Path,
    module: nn.Module,
    settings: Settings,
    curve: list[list[float]],
    options: Options,
    accelerator: Accelerator,
    found: dict[str, Any] | None,
) -> None:
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
    return max(1, min(25, settings.n_steps // 20))


def _accelerator(preset: Preset, options: Options) -> Accelerator:
    """The device to train on."""
    if preset.fast:
        check_device(options.cpu)
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
