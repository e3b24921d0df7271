"""Samples and codes: the flow of a run's networks, guided or not, and what goes in and out."""

from __future__ import annotations

import argparse
import io
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from genie_edu._checks import number
from genie_edu._names import one_of, positive_int
from genie_edu.datasets.data import shipped
from genie_edu.datasets.images import Images, block_means, from_bytes, sheet, write_png
from genie_edu.flow import Flow, NetworkFlow
from genie_edu.guidance import GuidedFlow
from genie_edu.nets import checkpoints
from genie_edu.recipes.kinds import KINDS
from genie_edu.recipes.own_images import CHOICES, chosen
from genie_edu.recipes.presets import PRESETS, Preset
from genie_edu.recipes.snapshots import noisy
from genie_edu.schedule import time_grid
from genie_edu.solvers import SOLVERS, encode, sample, solve

BEYOND = 2.0
"""What no value of an image reaches, even with some noise on it."""


def draw_samples(options: argparse.Namespace) -> None:
    """Sample from the run's networks, or the shipped ones, into a .npy file or a picture.

    From noise, or with --start from codes that `encode` wrote: x at t = 1, (n, *shape). A network
    with conditions gets those of --condition, or the preset's own in turn.
    """
    preset, out = preset_of(options), _out(options)
    start = _read(options.start, preset.shape) if options.start else None
    n = positive_int("--n", options.n) if start is None else len(start)
    flow = _flow_for(options, preset, n)
    if start is None:
        shape = (n, *preset.shape)
        x = sample(flow, shape, options.steps, options.solver, options.spacing, options.seed)
    else:
        gammas = _gammas(options, flow)
        x_bar = (start * math.hypot(1, float(gammas[0]))).to(flow.device, flow.dtype)
        x = solve(flow, x_bar, gammas, options.solver).final
    _write(out, x.cpu(), preset)
    print(
        f"{out}: {n} samples of shape {preset.shape}, {flow.nfe} network calls and "
        f"{flow.n_derivatives} derivatives each"
    )


def encode_data(options: argparse.Namespace) -> None:
    """Run data up to noise and back: codes into a .npy file, or a sheet of what came back.

    The data are those of --source, a .npy file (n, *shape), or the first of the preset's own.
    """
    preset, out = preset_of(options), _out(options)
    n = positive_int("--n", options.n)
    data = _read_images(options.source, preset.shape) if options.source else _examples(preset, n)
    flow = _flow_for(options, preset, len(data), data)
    gammas = _gammas(options, flow)
    data = data.to(flow.device, flow.dtype)
    code = encode(flow, data, gammas.flip(0), options.solver)
    calls = flow.nfe
    back = solve(flow, code.end, gammas, options.solver).end
    if out.suffix == ".png":
        _write_rows(out, torch.stack([data, code.final / 3, back]).cpu())
    else:
        _write(out, code.final.cpu(), preset)
    error = (back - data).flatten(1).norm(dim=1).median() / math.sqrt(data[0].numel())
    print(
        f"{out}: {len(data)} codes of shape {preset.shape}, {calls} network calls each; "
        f"std {float(code.final.std()):.3f} (1 is noise), "
        f"off by {float(error):.2g} a value after the way back"
    )


def flow_of(options: argparse.Namespace, preset: Preset, with_head: bool) -> NetworkFlow:
    """The flow of the run's folder, or without one of the shipped files; float64 for points.

    Networks of images go to the GPU, if there is one.
    """
    parts, points = [], len(preset.shape) == 1
    on_gpu = torch.cuda.is_available() and not (points or options.cpu)
    for part in ("base", "head") if with_head else ("base",):
        path = options.folder and Path(options.folder) / f"{part}.safetensors"
        if path and part == "head" and not path.is_file():
            raise FileNotFoundError(
                f"{path.parent} has no head: genie-edu distill {options.preset} first, or a "
                "solver that needs no derivative, such as --solver ddim"
            )
        path = path or shipped(f"{preset.folder}/{part}.safetensors")
        net = preset.network(path) if part == "base" else checkpoints.load(path)
        parts.append(net.double() if points else net.to("cuda" if on_gpu else "cpu"))
    return NetworkFlow(*parts)


def preset_of(options: argparse.Namespace) -> Preset:
    """The preset that the command names; that of images of one's own is made for its folder."""
    name = one_of("preset", options.preset, (*PRESETS, *KINDS))
    begins = hasattr(options, "data")  # a training's option
    if name in KINDS:
        options.folder = options.folder or f"runs/{name}"
        strict = getattr(options, "strict", False)
        on_cpu = getattr(options, "cpu", False)
        return chosen(name, Path(options.folder), vars(options), begins, strict, on_cpu)
    for key in CHOICES if begins else ():
        if getattr(options, key) is not None:
            option = key.replace("_", "-")
            raise ValueError(f"--{option} is for {', '.join(KINDS)}; {name} has its own data")
    return PRESETS[name]


def _flow_for(
    options: argparse.Namespace, preset: Preset, n: int, data: Tensor | None = None
) -> Flow:
    """The flow for n states, under --label, --guidance and --condition.

    A guided flow's derivative is its own: by the run's guided head, where there is one and it was
    distilled for that w; otherwise by autodiff.
    """
    derivatives = SOLVERS[one_of("solver", options.solver, SOLVERS)].derivatives
    flow = flow_of(options, preset, derivatives > 0 and not options.guidance)
    _ask(flow, options, preset, n, data)
    if options.label is None:
        if options.guidance:
            raise ValueError("--guidance needs a --label to guide towards")
        return flow
    if not preset.classes:
        raise ValueError(f"--label was given, and the network of {options.preset} knows none")
    if not 0 <= options.label < preset.classes:
        raise ValueError(f"--label must be below {preset.classes} here; got {options.label}")
    flow.labels = torch.full((n,), options.label)
    if not options.guidance:
        return flow
    head = _guided_head(options, preset) if derivatives == 1 else None
    if head is not None:
        head.to(flow.device)
    return GuidedFlow(flow, NetworkFlow(flow.net), options.guidance, head=head)


def _guided_head(options: argparse.Namespace, preset: Preset) -> nn.Module | None:
    """The head of the guided flows, if the preset and the folder have one for the given w."""
    if preset.guided is None or not 0 < options.guidance <= preset.guided.w_most:
        return None
    if not options.folder:
        return checkpoints.load(shipped(f"{preset.folder}/guided_head"))
    path = Path(options.folder) / "guided_head.safetensors"
    return checkpoints.load(path) if path.is_file() else None


def _ask(
    flow: NetworkFlow, options: argparse.Namespace, preset: Preset, n: int, data: Tensor | None
) -> None:
    """Give a network with conditions n of them: --condition's, those of data, or the preset's."""
    if preset.conditions is None:
        if options.condition or options.condition_t is not None:
            raise ValueError(f"--condition was given, and the network of {options.preset} has none")
        return
    low = preset.conditions()
    if options.condition:
        low = _read_images(options.condition, tuple(low.shape[1:]))
        if len(low) != n:
            raise ValueError(f"--condition must hold {n} conditions, as --n says; got {len(low)}")
    elif data is not None:
        low = block_means(data, preset.shape[-1] // low.shape[-1])
    if options.condition_t is not None:
        t = number("--condition-t", options.condition_t, 0, 1, including=True)
        preset = replace(preset, condition_t=t)
    given = noisy(preset, low[torch.arange(n) % len(low)])
    flow.condition = given["condition"].to(flow.device, flow.dtype)
    flow.condition_gamma = given["condition_gamma"]


def _gammas(options: argparse.Namespace, flow: Flow) -> Tensor:
    grid = time_grid(options.steps, options.spacing, schedule=flow.schedule)
    return flow.schedule.gamma(grid)


def _out(options: argparse.Namespace) -> Path:
    out, images = Path(options.out), len(preset_of(options).shape) == 3
    if out.suffix != ".npy" and not (images and out.suffix == ".png"):
        raise ValueError(f"--out must end in .npy, or for images in .png; got {options.out}")
    return out


def _read(path: str, shape: tuple[int, ...]) -> Tensor:
    """The array (n, *shape) of a .npy file."""
    try:
        x = torch.from_numpy(np.load(path, allow_pickle=False)).double()
    except FileNotFoundError as error:
        raise FileNotFoundError(f"there is no file {path}") from error
    except (ValueError, EOFError, TypeError) as error:
        raise ValueError(f"{path} is no .npy file of numbers") from error
    if x.shape[1:] != shape:
        asked = ", ".join(map(str, ("n", *shape)))
        raise ValueError(f"{path} must hold ({asked}); it holds {tuple(x.shape)}")
    return x


def _read_images(path: str, shape: tuple[int, ...]) -> Tensor:
    """The same of data, which for images lie in [-1, 1]."""
    x = _read(path, shape)
    largest = float(x.abs().max()) if x.numel() else 0.0
    if len(shape) == 3 and largest > BEYOND:
        raise ValueError(
            f"{path} must hold images with values from -1 to 1; it reaches {largest:g} (bytes "
            "become such values by x / 127.5 - 1)"
        )
    return x


def _examples(preset: Preset, n: int) -> Tensor:
    """The first n of the preset's own data."""
    data = preset.data()
    if isinstance(data, Images):
        return from_bytes(data.pixels[:n])
    return data(n, generator=torch.Generator().manual_seed(0))


def _write(out: Path, x: Tensor, preset: Preset) -> None:
    if out.suffix == ".png":
        across = math.ceil(math.sqrt(len(x)))
        full = torch.cat([x, -torch.ones(-len(x) % across, *preset.shape)])
        _write_rows(out, full.reshape(-1, across, *preset.shape))
    else:
        content = io.BytesIO()
        np.save(content, x.numpy())
        checkpoints.write_atomically(out, content.getvalue())


def _write_rows(out: Path, rows: Tensor) -> None:
    write_png(out, sheet(rows), scale=128 // rows.shape[-1] or 1)
