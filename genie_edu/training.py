"""Training eps and distilling its derivative: generators that yield small records and can resume.

A run is a pure function of its settings: the random numbers of step n come from a generator seeded
with (seed, n), the learning rate and the place in the data from n. So a checkpoint needs weights,
their average, the optimizer's moments and n; a killed run that resumes gives the same weights, on a
CPU bit for bit. The loop is written against Hugging Face Accelerate: its launcher starts several
processes, each takes its share of the same global batch, and the gradient stays the same.
"""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from genie_edu._names import one_of
from genie_edu.derivative import along_flow
from genie_edu.images import Images
from genie_edu.networks import per_sample
from genie_edu.run_state import Record, RunState, Settings
from genie_edu.schedule import VPSchedule, uniform_clock

if TYPE_CHECKING:
    from accelerate import Accelerator

Data = Tensor | Images | Callable[..., Tensor]
"""A data set (N, *shape), Images, or a function data(n, generator=) that draws (n, *shape)."""
Watch = Callable[[Record, dict[str, Tensor]], None]
"""Sees every record with the averaged weights as they stand, before the run goes on."""
NOISE_INPUTS = ("predicted", "drawn")


def eps_loss(
    net: nn.Module, x_bar: Tensor, gamma: Tensor, noise: Tensor, *labels: Tensor
) -> Tensor:
    """Mean of (net(x_bar, gamma[, labels]) - noise)^2: denoising score matching.

    x_bar = x_0 + gamma noise (B, *shape), gamma (B,), labels (B,) if the network takes any.
    Source: Ho et al. 2020 (DDPM), eq. 14.
    """
    return (net(x_bar, gamma, *labels) - noise).square().mean()


def derivative_loss(
    head: nn.Module,
    net: nn.Module,
    x_bar: Tensor,
    gamma: Tensor,
    noise: Tensor,
    *labels: Tensor,
    noise_input: str = "predicted",
    weighted: bool = True,
) -> Tensor:
    """Mean of gamma^2 (head - d eps/dgamma)^2: plain L2 on d eps/dlog gamma.

    The target is one joint JVP of the frozen `net` along its own eps. The head reads that eps, as
    it does in sampling; noise_input="drawn" feeds it the drawn noise, weighted=False leaves out
    gamma^2: two ablations. Shapes as in `eps_loss`.
    Source: GENIE (Dockhorn et al. 2022), eq. 13 as its public code computes it.
    """
    with torch.no_grad():
        eps, *features = net(x_bar, gamma, *labels, features=True)
        target = along_flow(lambda x, g: net(x, g, *labels), x_bar, gamma, eps)
    seen = eps if noise_input == "predicted" else noise
    difference = head(x_bar, gamma, seen, *features) - target
    return (per_sample(gamma, x_bar) * difference if weighted else difference).square().mean()


def train_eps(
    net: nn.Module,
    data: Data,
    settings: Settings | None = None,
    checkpoint: str | Path | None = None,
    resume: bool = True,
    record_every: int = 100,
    schedule: VPSchedule | None = None,
    accelerator: Accelerator | None = None,
    watch: Watch | None = None,
    bf16: bool = False,
    compile: bool = False,
) -> Iterator[Record]:
    """Fit net(x_bar, gamma) to the noise; yields a Record every `record_every` steps.

    `data` is a data set (N, *shape), Images or a function data(n, generator=). After the last
    record `net` holds the averaged weights. With `checkpoint` the run can be stopped or killed and
    goes on from there: the records so far come first; resume=False starts anew. Raises
    CheckpointError for a checkpoint of another run, ValueError where the loss is no longer finite.
    `watch` sees every record; `bf16` and `compile` as in `faster`.
    """
    settings, schedule = settings or Settings(), schedule or VPSchedule()
    kind = {"loss": "eps", "schedule": asdict(schedule)}
    batch = batches(data, settings, schedule)
    options = (settings, checkpoint, resume, record_every, accelerator, watch)
    return run(net, faster(eps_loss, bf16, compile), batch, kind, *options)


def distill_head(
    head: nn.Module,
    net: nn.Module,
    data: Data,
    settings: Settings | None = None,
    checkpoint: str | Path | None = None,
    resume: bool = True,
    record_every: int = 100,
    schedule: VPSchedule | None = None,
    accelerator: Accelerator | None = None,
    watch: Watch | None = None,
    noise_input: str = "predicted",
    weighted: bool = True,
) -> Iterator[Record]:
    """Fit `head` to d eps/dgamma of the frozen `net` (see `derivative_loss`); else as `train_eps`.

    `net` is put into eval mode, moved to the head's device and never changed.
    """
    one_of("noise_input", noise_input, NOISE_INPUTS)
    net.eval().requires_grad_(False)

    kind: dict[str, Any] = {"noise_input": noise_input, "weighted": weighted}

    def loss(model: nn.Module, x_bar: Tensor, *rest: Tensor) -> Tensor:
        return derivative_loss(model, net.to(x_bar.device), x_bar, *rest, **kind)

    settings, schedule = settings or Settings(), schedule or VPSchedule()
    batch = batches(data, settings, schedule)
    options = (settings, checkpoint, resume, record_every, accelerator, watch)
    return run(head, loss, batch, kind | {"schedule": asdict(schedule)}, *options)


def batches(
    data: Data, settings: Settings, schedule: VPSchedule
) -> Callable[[int, torch.device], tuple[Tensor, ...]]:
    """`draw` as a function of (step, device); Images move to the device once."""

    @functools.lru_cache(maxsize=1)
    def there(device: torch.device) -> Data:
        return data.to(device) if isinstance(data, Images) else data

    return lambda step, device: draw(there(device), settings, step, schedule, device)


def draw(
    data: Data, settings: Settings, step: int, schedule: VPSchedule, device: torch.device
) -> tuple[Tensor, ...]:
    """The global batch of a step: x_bar (B, *shape), gamma (B,), noise (B, *shape)[, labels (B,)].

    float32 and a function of (settings, step) alone. A data set is gone through in shuffled epochs.
    """
    n = settings.batch_size
    generator = torch.Generator(device).manual_seed(settings.seed * 1_000_003 + step)
    labels: list[Tensor] = []
    if isinstance(data, Images):
        clean, *labels = data.batch(places(len(data), settings, step), generator)
    elif isinstance(data, Tensor):
        clean = data[places(len(data), settings, step).to(data.device)].to(device)
    else:
        clean = data(n, generator=generator).to(device)
    clean = clean.float()
    noise = torch.randn(clean.shape, generator=generator, device=device)
    u = torch.arange(n, device=device) + torch.rand(n, generator=generator, device=device)
    to, back = uniform_clock(settings.levels, schedule)
    low, high = (to(torch.tensor(end, dtype=torch.float64)) for end in (settings.t_end, 1.0))
    gamma = schedule.gamma(back(low + (high - low) * u.double() / n)).float()
    return clean + per_sample(gamma, clean) * noise, gamma, noise, *labels


def places(size: int, settings: Settings, step: int) -> Tensor:
    """Where in the data set a step reads: shuffled epochs, one after the other."""
    first = step * settings.batch_size
    epochs = range(first // size, (first + settings.batch_size - 1) // size + 1)
    order = torch.cat([_shuffled(size, settings.seed * 1_000_003 + epoch) for epoch in epochs])
    start = first - epochs[0] * size
    return order[start : start + settings.batch_size]


@functools.lru_cache(maxsize=2)
def _shuffled(size: int, seed: int) -> Tensor:
    return torch.randperm(size, generator=torch.Generator().manual_seed(seed))


def run(
    module: nn.Module,
    loss_of: Callable[..., Tensor],
    batch_of: Callable[[int, torch.device], tuple[Tensor, ...]],
    kind: dict[str, Any],
    settings: Settings,
    checkpoint: str | Path | None = None,
    resume: bool = True,
    record_every: int = 100,
    accelerator: Accelerator | None = None,
    watch: Watch | None = None,
) -> Iterator[Record]:
    """The loop of every training: minimize loss_of(module, *batch_of(step, device)).

    The batch is the global one; each process takes its share. `kind` is what tells this run from
    others beside `settings` and the module's config. Everything else as in `train_eps`.
    """
    accelerator = accelerator or make_accelerator()
    module.train().to(accelerator.device)
    state = RunState(module, settings, checkpoint, kind)
    if resume:
        state.load()
    model, optimizer = accelerator.prepare(module, state.optimizer)
    share = slice(accelerator.process_index, None, accelerator.num_processes)

    yield from state.records

    losses: list[Tensor] = []
    seconds_before = state.records[-1].seconds if state.records else 0.0
    began, begun_at = time.perf_counter(), state.step
    while state.step < settings.n_steps:
        batch = batch_of(state.step, accelerator.device)
        loss = loss_of(model, *(part[share] for part in batch))
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(settings, state.step)
        optimizer.zero_grad()
        accelerator.backward(loss)
        accelerator.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        state.advance()
        losses.append(loss.detach())
        if state.step % record_every and state.step < settings.n_steps:
            continue
        mean = float(accelerator.reduce(torch.stack(losses).mean(), "mean"))
        losses.clear()
        if not math.isfinite(mean):
            raise ValueError(
                f"the loss is {mean} at step {state.step}: lower lr, or warm up longer"
            )
        seconds = time.perf_counter() - began
        speed = (state.step - begun_at) / seconds
        left = (settings.n_steps - state.step) / speed
        images = speed * settings.batch_size
        record = Record(state.step, settings.n_steps, mean, images, left, seconds_before + seconds)
        state.records.append(record)
        if watch:
            watch(record, state.averages[0])
        writes = accelerator.is_main_process
        if writes:
            state.save_if_due()
        try:
            yield record
        except GeneratorExit:  # stopped by the caller, between two steps: the state is whole
            if writes:
                state.save()
            raise
    state.finish()


def learning_rate(settings: Settings, step: int) -> float:
    """lr times a linear warm-up and half a cosine down to 0 at n_steps."""
    warm = min(1.0, (step + 1) / max(1, settings.warm_up))
    return settings.lr * warm * 0.5 * (1 + math.cos(math.pi * step / settings.n_steps))


def faster(
    loss_of: Callable[..., Tensor], bf16: bool = False, compile: bool = False
) -> Callable[..., Tensor]:
    """loss_of with its products in bfloat16 (weights stay float32) and through torch.compile.

    For trainings whose network is not differentiated forward-mode: train with it, distil without.
    """

    def loss(model: nn.Module, *batch: Tensor) -> Tensor:
        with torch.autocast(batch[0].device.type, torch.bfloat16, enabled=bf16):
            return loss_of(model, *batch)

    return torch.compile(loss) if compile else loss


def make_accelerator(cpu: bool = False) -> Accelerator:
    """What a run is written against: the GPU if there is one, the CPU, or the launcher's choice.

    Raises ImportError, naming the command, without accelerate.
    """
    try:
        from accelerate import Accelerator
    except ImportError as error:
        raise ImportError("training needs accelerate: pip install accelerate") from error
    return Accelerator(cpu=cpu)
