"""Training eps and distilling its derivative: generators that yield small records and can resume.

A run is a pure function of its settings: the random numbers of step n come from a generator seeded
with (seed, n), the learning rate and the place in the data from n. So a checkpoint needs weights,
their average, the optimizer's moments and n; a killed run that resumes gives the same weights, on a
CPU bit for bit. The loop is written against Hugging Face Accelerate: its launcher starts several
processes, each takes its share of the same global batch, and the gradient stays the same.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from genie_edu import checkpoints
from genie_edu._names import one_of
from genie_edu.derivative import along_flow
from genie_edu.networks import per_sample
from genie_edu.schedule import SPACINGS, VPSchedule, uniform_clock

if TYPE_CHECKING:
    from accelerate import Accelerator

Data = Tensor | Callable[..., Tensor]
"""A data set (N, *shape), or a function data(n, generator=) that draws (n, *shape)."""
NOISE_INPUTS = ("predicted", "drawn")
SAVE_EVERY = 20.0
"""Seconds between two checkpoints of a running training."""


@dataclass(frozen=True)
class Record:
    """Where a run stands: `step` of `n_steps`, the mean loss since the last record, and the speed.

    `images_per_second` counts training examples; `seconds_left` is the estimate at that speed;
    `seconds` is the training time so far, stops not counted.
    """

    step: int
    n_steps: int
    loss: float
    images_per_second: float
    seconds_left: float
    seconds: float


@dataclass(frozen=True)
class Settings:
    """What a run's result depends on, besides its network and data.

    n_steps of batch_size examples; Adam at `lr` (linear warm-up over `warm_up` steps, cosine to 0),
    gradient norm clipped at 1; the weights' moving average with decay `ema`, shorter at first;
    levels drawn stratified from t in [t_end, 1] as `levels` spaces a grid; `seed`.
    Raises ValueError, naming the setting.
    """

    n_steps: int = 5_000
    batch_size: int = 1_024
    lr: float = 2e-3
    warm_up: int = 100
    ema: float = 0.999
    levels: str = "quadratic"
    t_end: float = 1e-3
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse settings that can't be run."""
        one_of("levels", self.levels, SPACINGS)
        for name, low in (("n_steps", 1), ("batch_size", 1), ("warm_up", 0), ("seed", 0)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < low:
                raise ValueError(f"{name} must be a whole number of at least {low}; got {value!r}")
        if not (self.lr > 0 and 0 <= self.ema < 1 and 0 < self.t_end < 1):
            raise ValueError("a run needs lr > 0, 0 <= ema < 1 and 0 < t_end < 1")


def eps_loss(net: nn.Module, x_bar: Tensor, gamma: Tensor, noise: Tensor) -> Tensor:
    """Mean of (net(x_bar, gamma) - noise)^2: denoising score matching.

    x_bar = x_0 + gamma noise (B, *shape), gamma (B,). Source: Ho et al. 2020 (DDPM), eq. 14.
    """
    return (net(x_bar, gamma) - noise).square().mean()


def derivative_loss(
    head: nn.Module,
    net: nn.Module,
    x_bar: Tensor,
    gamma: Tensor,
    noise: Tensor,
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
        eps, *features = net(x_bar, gamma, features=True)
        target = along_flow(net, x_bar, gamma, eps)
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
) -> Iterator[Record]:
    """Fit net(x_bar, gamma) to the noise; yields a Record every `record_every` steps.

    `data` is a data set (N, *shape) or a function data(n, generator=). After the last record `net`
    holds the averaged weights. With `checkpoint` the run can be stopped or killed and goes on from
    there: the records so far come first; resume=False starts anew. Raises CheckpointError for
    a checkpoint of another run, ValueError where the loss is no longer finite.
    """

    def loss(model: nn.Module, x_bar: Tensor, gamma: Tensor, noise: Tensor) -> Tensor:
        return eps_loss(model, x_bar, gamma, noise)

    return _run(net, loss, data, settings, checkpoint, resume, record_every, schedule, accelerator)


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
    noise_input: str = "predicted",
    weighted: bool = True,
) -> Iterator[Record]:
    """Fit `head` to d eps/dgamma of the frozen `net` (see `derivative_loss`); else as `train_eps`.

    `net` is put into eval mode, moved to the head's device and never changed.
    """
    one_of("noise_input", noise_input, NOISE_INPUTS)
    net.eval().requires_grad_(False)

    def loss(model: nn.Module, x_bar: Tensor, gamma: Tensor, noise: Tensor) -> Tensor:
        frozen = net.to(x_bar.device)
        return derivative_loss(model, frozen, x_bar, gamma, noise, noise_input, weighted)

    return _run(head, loss, data, settings, checkpoint, resume, record_every, schedule, accelerator)


def draw(
    data: Data, settings: Settings, step: int, schedule: VPSchedule, device: torch.device
) -> tuple[Tensor, Tensor, Tensor]:
    """The global batch of a step: x_bar (B, *shape), gamma (B,), noise (B, *shape), all float32.

    A function of (settings, step) alone. A data set is gone through in shuffled epochs.
    """
    n = settings.batch_size
    generator = torch.Generator(device).manual_seed(settings.seed * 1_000_003 + step)
    if isinstance(data, Tensor):
        clean = data[_places(len(data), settings, step).to(data.device)].to(device)
    else:
        clean = data(n, generator=generator).to(device)
    clean = clean.float()
    noise = torch.randn(clean.shape, generator=generator, device=device)
    u = torch.arange(n, device=device) + torch.rand(n, generator=generator, device=device)
    to, back = uniform_clock(settings.levels, schedule)
    low, high = (to(torch.tensor(end, dtype=torch.float64)) for end in (settings.t_end, 1.0))
    gamma = schedule.gamma(back(low + (high - low) * u.double() / n)).float()
    return clean + per_sample(gamma, clean) * noise, gamma, noise


def _places(size: int, settings: Settings, step: int) -> Tensor:
    """Where in the data set a step reads: shuffled epochs, one after the other."""
    first = step * settings.batch_size
    epochs = range(first // size, (first + settings.batch_size - 1) // size + 1)
    orders = []
    for epoch in epochs:
        generator = torch.Generator().manual_seed(settings.seed * 1_000_003 + epoch)
        orders.append(torch.randperm(size, generator=generator))
    start = first - epochs[0] * size
    return torch.cat(orders)[start : start + settings.batch_size]


def _run(
    module: nn.Module,
    loss_of: Callable[[nn.Module, Tensor, Tensor, Tensor], Tensor],
    data: Data,
    settings: Settings | None,
    checkpoint: str | Path | None,
    resume: bool,
    record_every: int,
    schedule: VPSchedule | None,
    accelerator: Accelerator | None,
) -> Iterator[Record]:
    accelerator = accelerator or make_accelerator()
    settings, schedule = settings or Settings(), schedule or VPSchedule()
    module.train().to(accelerator.device)
    state = _State(module, settings, checkpoint)
    if resume:
        state.load()
    model, optimizer = accelerator.prepare(module, state.optimizer)
    share = slice(accelerator.process_index, None, accelerator.num_processes)

    yield from state.records

    losses: list[Tensor] = []
    seconds_before = state.records[-1].seconds if state.records else 0.0
    began, begun_at = time.perf_counter(), state.step
    while state.step < settings.n_steps:
        batch = draw(data, settings, state.step, schedule, accelerator.device)
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


class _State:
    """All that a run carries from step to step, in memory and on disk."""

    def __init__(self, module: nn.Module, settings: Settings, path: str | Path | None) -> None:
        self.module, self.settings = module, settings
        self.path = None if path is None else Path(path)
        self.step = 0
        self.records: list[Record] = []
        self.average = {key: value.clone() for key, value in module.state_dict().items()}
        self.optimizer = torch.optim.Adam(module.parameters(), lr=settings.lr, betas=(0.9, 0.99))
        self._saved_at = time.monotonic()

    @torch.no_grad()
    def advance(self) -> None:
        """Count a step that the optimizer has taken, and move the average."""
        decay = min(self.settings.ema, (1 + self.step) / (10 + self.step))
        current = self.module.state_dict()
        torch._foreach_lerp_(
            list(self.average.values()), [current[key] for key in self.average], 1 - decay
        )
        self.step += 1

    def finish(self) -> None:
        """Leave the averaged weights in the network."""
        self.module.load_state_dict(self.average)
        self.module.eval()

    @property
    def _identity(self) -> dict[str, Any]:
        architecture = type(self.module).__name__
        return {"architecture": architecture, "config": self.module.config} | asdict(self.settings)

    def save_if_due(self) -> None:
        """Save now and then, and at the end."""
        due = time.monotonic() - self._saved_at > SAVE_EVERY
        if due or self.step == self.settings.n_steps:
            self.save()

    def save(self) -> None:
        """Write the whole state atomically, if a path was given."""
        if self.path is None:
            return
        parts = {"weights": self.module.state_dict(), "average": self.average}
        moments = self.optimizer.state_dict()["state"]
        for key in ("exp_avg", "exp_avg_sq"):
            parts[key] = {str(i): state[key] for i, state in moments.items()}
        tensors = {
            f"{part}/{key}": value for part, some in parts.items() for key, value in some.items()
        }
        card = {"run": self._identity, "step": self.step}
        card["records"] = [asdict(record) for record in self.records]
        checkpoints.write(self.path, tensors, card)
        self._saved_at = time.monotonic()

    def load(self) -> None:
        """Go on from the file, if there is one; raises CheckpointError if it is another run's."""
        if self.path is None or not self.path.is_file():
            return
        tensors, card = checkpoints.read(self.path)
        there, here = card.get("run", {}), json.loads(json.dumps(self._identity))
        for key, value in here.items():
            if there.get(key) != value:
                raise checkpoints.CheckpointError(
                    f"{self.path} is of a run with {key}={there.get(key)!r}, not {value!r}: "
                    "take another place, or start anew (resume=False, --fresh)"
                )
        parts: dict[str, dict[str, Tensor]] = {}
        for name, value in tensors.items():
            part, key = name.split("/")
            parts.setdefault(part, {})[key] = value
        self.step = card["step"]
        self.records = [Record(**record) for record in card["records"]]
        self.module.load_state_dict(parts["weights"])
        for key, value in self.average.items():
            value.copy_(parts["average"][key])
        state = self.optimizer.state_dict()
        state["state"] = {
            i: {
                "step": torch.tensor(float(self.step)),
                "exp_avg": parts["exp_avg"][str(i)],
                "exp_avg_sq": parts["exp_avg_sq"][str(i)],
            }
            for i in range(len(parts["exp_avg"]))
        }
        self.optimizer.load_state_dict(state)


def learning_rate(settings: Settings, step: int) -> float:
    """lr times a linear warm-up and half a cosine down to 0 at n_steps."""
    warm = min(1.0, (step + 1) / max(1, settings.warm_up))
    return settings.lr * warm * 0.5 * (1 + math.cos(math.pi * step / settings.n_steps))


def make_accelerator(cpu: bool = False) -> Accelerator:
    """What a run is written against: the GPU if there is one, the CPU, or the launcher's choice.

    Raises ImportError, naming the command, without accelerate.
    """
    try:
        from accelerate import Accelerator
    except ImportError as error:
        raise ImportError("training needs accelerate: pip install accelerate") from error
    return Accelerator(cpu=cpu)
