"""The loop of every training, written against Hugging Face Accelerate.

Its launcher starts several processes, each takes its share of the same global batch, and the
gradient stays the same.
"""

from __future__ import annotations

import contextlib
import math
import os
import signal
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from genie_edu._names import instance, one_of, positive_int
from genie_edu.train.run_state import Record, RunState, Settings

if TYPE_CHECKING:
    from accelerate import Accelerator

PRECISIONS = ("float32", "bfloat16", "float16")
SPLITTING = ("FSDP", "DEEPSPEED", "MEGATRON_LM")
"""Accelerate's names for what leaves no process with the whole network."""
Watch = Callable[[Record, dict[str, Tensor]], None]
"""Sees every record with the averaged weights as they stand, before the run goes on."""


def run(
    module: nn.Module,
    loss_of: Callable[..., Tensor],
    batch_of: Callable[[int, torch.device], tuple[Tensor | None, ...]],
    kind: dict[str, Any],
    settings: Settings,
    checkpoint: str | Path | None = None,
    resume: bool = True,
    record_every: int = 100,
    accelerator: Accelerator | None = None,
    watch: Watch | None = None,
    scaled: bool = False,
    at_once: int | None = None,
) -> Iterator[Record]:
    """The loop of every training: minimize loss_of(module, *batch_of(step, device)).

    The batch is the global one; each process takes its share, `at_once` of it at a time: the
    gradients are summed, so that they are those of the share to rounding. `kind` is what tells this
    run from others beside `settings` and the module's config; `scaled` says that the loss has
    float16 products, whose gradients need a scale. Everything else as in `train_eps`. However the
    run ends, closed, interrupted or failed, the module is in eval mode afterwards; closed or
    interrupted it is saved first. Raises TypeError, ValueError, when the first record is asked for.
    """
    instance("settings", settings, Settings, "Settings(...)")
    record_every = positive_int("record_every", record_every)
    if checkpoint is not None:
        instance("checkpoint", checkpoint, str | Path, "a path, or None")
    if at_once is not None:
        at_once = positive_int("at_once", at_once)
    accelerator = accelerator or make_accelerator()
    if (way := accelerator.distributed_type.name) in SPLITTING:
        raise ValueError(
            f"{way} splits the weights, of which a run keeps whole averages: choose plain data "
            "parallelism in accelerate config"
        )
    if settings.batch_size % accelerator.num_processes:
        raise ValueError(
            f"batch_size must be a multiple of the {accelerator.num_processes} processes, which "
            f"share each batch; got {settings.batch_size}"
        )
    module.train().to(accelerator.device)
    state = RunState(module, settings, checkpoint, kind)
    if resume:
        state.load()
    model, optimizer = accelerator.prepare(module, state.optimizer)
    state.follow()
    share = slice(accelerator.process_index, None, accelerator.num_processes)
    scaler = torch.amp.GradScaler(accelerator.device.type, enabled=scaled)
    if state.scaler:
        scaler.load_state_dict(state.scaler)
    losses = list(torch.tensor(state.losses, device=accelerator.device).unbind())

    def save(stopped: bool = False) -> None:
        """What was done since the last record goes into the state, and the state to the disk."""
        if accelerator.is_main_process:
            state.losses, state.scaler = [float(loss) for loss in losses], scaler.state_dict()
            state.save_if_owned() if stopped else state.save_if_due()

    try:
        yield from state.records

        seconds_before = state.records[-1].seconds if state.records else 0.0
        began, begun_at = time.perf_counter(), state.step
        while losses or state.step < settings.n_steps:
            if losses and (state.step % record_every == 0 or state.step == settings.n_steps):
                mean = float(accelerator.reduce(torch.stack(losses).mean(), "mean"))
                if not math.isfinite(mean):
                    raise ValueError(
                        f"the loss is {mean} at step {state.step}: lower lr, or warm up longer"
                    )
                seconds = time.perf_counter() - began
                speed = max(1, state.step - begun_at) / seconds
                left = (settings.n_steps - state.step) / speed
                record = Record(
                    step=state.step,
                    n_steps=settings.n_steps,
                    loss=mean,
                    images_per_second=speed * settings.batch_size,
                    seconds_left=left,
                    seconds=seconds_before + seconds,
                )
                with undisturbed():
                    losses.clear()
                    state.records.append(record)
                if watch:
                    watch(record, state.averages[0])
                save()
                yield record
                continue
            drawn = batch_of(state.step, accelerator.device)
            batch = [None if part is None else part[share] for part in drawn]
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(settings, state.step)
            optimizer.zero_grad()
            loss, n = batch[0].new_zeros(()), len(batch[0])
            for i in range(0, n, at_once or n):
                few = slice(i, i + (at_once or n))
                piece = [None if part is None else part[few] for part in batch]
                last = i + len(piece[0]) == n  # the processes' gradients are summed with it
                with contextlib.nullcontext() if last else accelerator.no_sync(model):
                    some = loss_of(model, *piece) * (len(piece[0]) / n)
                    accelerator.backward(scaler.scale(some))
                loss = loss + some.detach()
            scaler.unscale_(optimizer)
            accelerator.clip_grad_norm_(model.parameters(), 1.0)
            with undisturbed():
                scaler.step(optimizer)
                scaler.update()
                state.advance()
                losses.append(loss)
        state.finish()
    except (GeneratorExit, KeyboardInterrupt):  # before a step or after one: the state is whole
        save(stopped=True)
        raise
    finally:
        module.eval()


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Put off an interrupt (a stop button, Ctrl-C) to the end of a block that must not be halved.

    In another thread than the main one nothing needs to be done: signals don't arrive there.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived = []
    before = signal.signal(signal.SIGINT, lambda *_: arrived.append(True))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if arrived:
        raise KeyboardInterrupt


def learning_rate(settings: Settings, step: int) -> float:
    """lr times a linear warm-up and half a cosine down to 0 at n_steps."""
    warm = min(1.0, (step + 1) / max(1, settings.warm_up))
    return settings.lr * warm * 0.5 * (1 + math.cos(math.pi * step / settings.n_steps))


def faster(
    loss_of: Callable[..., Tensor], precision: str = "float32", compiled: bool = False
) -> Callable[..., Tensor]:
    """loss_of with its products in bfloat16 or float16 (weights stay float32), and compiled.

    For trainings whose network is not differentiated forward-mode: train with it, distil without.
    Where compiling fails, a sentence says so and the run goes on without.
    """
    dtype = getattr(torch, one_of("precision", precision, PRECISIONS))

    def loss(model: nn.Module, *batch: Tensor | None) -> Tensor:
        with torch.autocast(batch[0].device.type, dtype, enabled=dtype != torch.float32):
            return loss_of(model, *batch)

    if not compiled:
        return loss
    way = [torch.compile(loss)]

    def tried(model: nn.Module, *batch: Tensor | None) -> Tensor:
        if way[0] is loss:
            return loss(model, *batch)
        try:
            return way[0](model, *batch)
        except torch._dynamo.exc.TorchDynamoException as error:
            said = str(error).strip().splitlines()[0]
            warnings.warn(f"torch.compile failed ({said}): the run goes on without", stacklevel=2)
            way[0] = loss
            return loss(model, *batch)

    return tried


def make_accelerator(cpu: bool = False) -> Accelerator:
    """What a run is written against: the GPU if there is one, the CPU, or the launcher's choice.

    Raises ImportError, naming the command, without accelerate.
    """
    try:
        from accelerate import Accelerator
    except ImportError as error:
        raise ImportError("training needs accelerate: pip install accelerate") from error
    return Accelerator(cpu=cpu)


def summed(value: float, cpu: bool = False) -> float:
    """The sum of a number over the processes of a launcher, which all wait here; else itself."""
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        return value
    accelerator = make_accelerator(cpu)
    mine = torch.tensor(value, dtype=torch.float64, device=accelerator.device)
    return float(accelerator.reduce(mine, "sum"))


def cpu_has_bfloat16() -> bool:
    """Whether this CPU multiplies in bfloat16; older versions of torch can't say."""
    try:
        found = torch.cpu.get_capabilities()
    except AttributeError:
        return False
    return bool(found.get("avx512_bf16") or found.get("amx_bf16"))
