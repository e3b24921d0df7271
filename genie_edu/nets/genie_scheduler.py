"""GENIE in diffusers' own pipelines: a scheduler, and networks with their heads as its models.

What is saved from here needs diffusers and genie_edu to be read: both classes are of this module,
which is to be imported first.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from genie_edu._checks import number
from genie_edu._names import flag, instance, one_of
from genie_edu.flow import Flow, NetworkFlow
from genie_edu.nets.adapters import PREDICTIONS, DiffusersUNet, LogLevel, StepNumber
from genie_edu.nets.checkpoints import write_atomically
from genie_edu.nets.head import GenieHead
from genie_edu.nets.unet import UNet
from genie_edu.schedule import SPACINGS, VPSchedule, per_sample, time_grid
from genie_edu.solvers import SOLVERS

try:
    from diffusers import ConfigMixin, DDPMPipeline, ModelMixin, SchedulerMixin, UNet2DModel
    from diffusers.configuration_utils import register_to_config
    from diffusers.models.unets.unet_2d import UNet2DOutput
    from diffusers.schedulers.scheduling_utils import SchedulerOutput
except ImportError as error:
    raise ImportError("diffusers' pipelines need it: pip install diffusers") from error

STEPS = tuple(k for k, s in SOLVERS.items() if s.nfe_per_step == 1 and s.derivatives < 2)
"""The solvers that a pipeline can run: they ask once a step, where they stand."""
TIMESTEPS = 1000
"""Timesteps are 1000 t: that many levels are what diffusers' users are used to."""
TOLD = """# {title}

A diffusers pipeline: `unet/` is a network with the head that gives d eps/dgamma, `scheduler/` the
{solver} solver. diffusers alone reads neither: the classes of both, GenieModel and GenieScheduler,
are in the Python package genie_edu, which has to be installed and imported first. The weights are
plain safetensors, and the configurations plain JSON.

```python
import genie_edu.nets.genie_scheduler  # the classes that the folder names
from diffusers import DDPMPipeline

pipeline = DDPMPipeline.from_pretrained("{folder}")
images = pipeline(batch_size=4, num_inference_steps=10).images  # 10 network calls an image
```
"""


class _Answered(Flow):
    """A flow that was asked already: what the model said of the state that the step begins with."""

    def __init__(self, eps: Tensor, slope: Tensor, schedule: VPSchedule) -> None:
        super().__init__(schedule)
        self.eps_slope = eps, slope

    def _eps(self, x_bar: Tensor, gamma: Any) -> Tensor:
        return self.eps_slope[0]

    def _derivatives(self, x_bar: Tensor, gamma: Any, order: int) -> tuple[Tensor, ...]:
        return self.eps_slope[: 1 + order]


class GenieScheduler(SchedulerMixin, ConfigMixin):
    """`solve` as a diffusers scheduler, for models that answer (B, 2C, H, W): eps and d eps/dgamma.

    Samples are x = x_bar / sqrt(1 + gamma^2), timesteps 1000 t on the clock of
    VPSchedule(beta_min, beta_d). The N steps lie on `time_grid(N, spacing, t_end=t_end)`; `solver`
    is one of STEPS; `denoise` adds a counted Euler step to gamma 0.
    Not for learned variances: their models answer 2C channels too, and the last C are no slope.
    Raises ValueError, TypeError for other settings, for timesteps that are none of the run's, and
    for answers of another shape.
    Source: GENIE (Dockhorn et al. 2022), section 3; genie_edu.solvers.
    """

    order = 1
    init_noise_sigma = 1.0

    @register_to_config
    def __init__(
        self,
        beta_min: float = 0.1,
        beta_d: float = 19.9,
        spacing: str = "quadratic",
        t_end: float = 1e-3,
        solver: str = "genie",
        denoise: bool = False,
    ) -> None:
        self.schedule = VPSchedule(beta_min, beta_d)
        one_of("spacing", spacing, SPACINGS)
        number("t_end", t_end, 0, 1)
        if one_of("solver", solver, SOLVERS) not in STEPS:
            raise ValueError(f"solver must call its model once a step: {', '.join(STEPS)}")
        flag("denoise", denoise)
        self.timesteps = torch.zeros(0, dtype=torch.float64)

    def __len__(self) -> int:
        return TIMESTEPS

    def set_timesteps(self, num_inference_steps: int, device: Any = None) -> None:
        """Begin a run of that many steps: `timesteps` (N,), float64, one more with `denoise`."""
        made = self.config
        t = time_grid(num_inference_steps, made.spacing, t_end=made.t_end, schedule=self.schedule)
        self._gammas = self.schedule.gamma(t).tolist()
        asked = t if made.denoise else t[:-1]
        self.timesteps = (TIMESTEPS * asked).to(device)
        self._memory, self._due = None, 0

    def scale_model_input(self, sample: Tensor, timestep: Any = None) -> Tensor:
        """`sample` itself: the models take x."""
        return sample

    def step(
        self,
        model_output: Tensor,
        timestep: Any,
        sample: Tensor,
        generator: torch.Generator | None = None,
        return_dict: bool = True,
    ) -> SchedulerOutput | tuple[Tensor]:
        """x at the next level, as `prev_sample`, from the model's answer (B, 2C, H, W) at x.

        Nothing is random: `generator` is there for pipelines that pass one.
        A step that does not follow the last one begins a multistep method anew.
        """
        i = self._index(timestep)
        n, c, *inner = sample.shape
        if model_output.shape != (n, 2 * c, *inner):
            raise ValueError(
                f"the model must answer {(n, 2 * c, *inner)}, eps and d eps/dgamma; it answered "
                f"{tuple(model_output.shape)}: wrap it with its head by GenieModel.of(flow)"
            )
        dtype = torch.promote_types(sample.dtype, torch.float32)
        eps, slope = model_output.to(dtype).chunk(2, dim=1)
        gamma, memory = self._gammas[i], self._memory if i == self._due else None
        x = sample.to(dtype) * math.hypot(1, gamma)
        if i + 1 == len(self._gammas):
            x = x - gamma * eps
        else:
            flow, after = _Answered(eps, slope, self.schedule), self._gammas[i + 1]
            solver = SOLVERS[self.config.solver].step
            x, self._memory = solver(flow, x, gamma, after, memory)
            x = x / math.hypot(1, after)
        self._due = i + 1
        x = x.to(sample.dtype)
        return SchedulerOutput(prev_sample=x) if return_dict else (x,)

    def add_noise(self, original_samples: Tensor, noise: Tensor, timesteps: Tensor) -> Tensor:
        """alpha x_0 + sigma noise at `timesteps`, a number or (B,)."""
        t = torch.as_tensor(timesteps).double() / TIMESTEPS
        alpha, sigma = self.schedule.alpha(t), self.schedule.sigma(t)
        return sum(
            per_sample(scale, x) * x for scale, x in ((alpha, original_samples), (sigma, noise))
        )

    def _index(self, timestep: Any) -> int:
        """Which of `timesteps` it is, though it may have been rounded to float32."""
        if not len(self.timesteps):
            raise ValueError("there is no run: call set_timesteps first")
        off = (self.timesteps - float(timestep)).abs() / self.timesteps
        if off.min() > 1e-6:
            raise ValueError(f"timestep {float(timestep):g} is none of this run's timesteps")
        return int(off.argmin())


class GenieModel(ModelMixin, ConfigMixin):
    """A network with its head, as the model of a pipeline: (x, timestep) -> eps and slope, 2C.

    `GenieModel.of(flow)` makes one; the arguments are what it saves in config.json. `net` has the
    arguments of a UNet of ours, or a UNet2DModel's with its `steps`, betas or EDM's numbers;
    `head` a GenieHead's. Timesteps are 1000 t on the clock of VPSchedule(beta_min, beta_d).
    """

    @register_to_config
    def __init__(
        self,
        net: dict[str, Any],
        head: dict[str, Any],
        sample_size: int,
        in_channels: int,
        beta_min: float = 0.1,
        beta_d: float = 19.9,
    ) -> None:
        super().__init__()
        self.base, self.derivative = _built(net), GenieHead(**head)
        self.schedule = VPSchedule(beta_min, beta_d)

    @classmethod
    def of(cls, flow: NetworkFlow) -> GenieModel:
        """The network and head of a flow, copied, its schedule too; in eval mode.

        Raises TypeError, ValueError for a flow without a head, or whose network is of another kind.
        """
        instance("flow", flow, NetworkFlow, "a NetworkFlow(net, head)")
        net, head = flow.net, flow.derivative
        if not isinstance(head, GenieHead):
            raise ValueError("flow must have a GenieHead for its derivative: distil one first")
        if isinstance(net, UNet) and not net.config["condition"]:
            told, size, channels = net.config, net.config["size"], net.config["channels"]
        elif isinstance(net, DiffusersUNet):
            told, made = _told(net), net.unet.config
            size, channels = made["sample_size"], made["in_channels"]
        else:
            raise ValueError(
                "flow must have a UNet without condition, or one of ge.adapters, for its network; "
                f"got {type(net).__name__}"
            )
        clock = {"beta_min": flow.schedule.beta_min, "beta_d": flow.schedule.beta_d}
        model = cls(told, head.config, size, channels, **clock)
        for copy, part in ((model.base, net), (model.derivative, head)):
            copy.load_state_dict(part.state_dict())
            copy.to(flow.device, flow.dtype)
        return model.eval()

    def forward(
        self,
        sample: Tensor,
        timestep: Any,
        class_labels: Tensor | None = None,
        return_dict: bool = True,
    ) -> UNet2DOutput | tuple[Tensor]:
        """(B, 2C, H, W), as `sample`, from x (B, C, H, W) and a timestep, a number or (B,)."""
        t = torch.as_tensor(timestep, device=sample.device).double()
        gamma = self.schedule.gamma(t / TIMESTEPS)
        x_bar = sample * per_sample(torch.sqrt(1 + gamma * gamma), sample)
        eps, *features = self.base(x_bar, gamma, class_labels, features=True)
        both = torch.cat([eps, self.derivative(x_bar, gamma, eps, *features)], dim=1)
        return UNet2DOutput(sample=both) if return_dict else (both,)


def _told(net: DiffusersUNet) -> dict[str, Any]:
    """What `_built` needs for a network like `net`."""
    step = net.step_number
    levels = isinstance(step, LogLevel)
    return {
        "unet": {k: v for k, v in net.unet.config.items() if not k.startswith("_")},
        "steps": [step.scale, step.sigma_max] if levels else step.betas.tolist(),
        "prediction": next(k for k, sign in PREDICTIONS.items() if sign == net.sign),
        "sigma_data": net.sigma_data,
    }


def _built(net: dict[str, Any]) -> nn.Module:
    if "unet" not in net:
        return UNet(**net)
    kind = LogLevel if net["prediction"] == "edm" else lambda *betas: StepNumber(betas)
    unet = UNet2DModel.from_config(net["unet"])
    return DiffusersUNet(unet, kind(*net["steps"]), net["prediction"], net["sigma_data"])


def pipeline(flow: NetworkFlow, **options: Any) -> DDPMPipeline:
    """diffusers' DDPMPipeline of a flow with a head; `options` are GenieScheduler's.

    Its images are (x / 2 + 0.5) in [0, 1] of what `solve` gives from the same noise. It passes no
    labels: networks that can't do without need a loop of one's own.
    Raises TypeError, ValueError as GenieModel.of and GenieScheduler do.
    """
    model, schedule = GenieModel.of(flow), flow.schedule
    clock = {"beta_min": schedule.beta_min, "beta_d": schedule.beta_d}
    return DDPMPipeline(unet=model, scheduler=GenieScheduler(**clock | options))


def export(flow: NetworkFlow, folder: str | Path, title: str, **options: Any) -> Path:
    """Write `pipeline(flow, **options)` to a new folder, with a README.md headed `title`.

    Raises ValueError for a folder with anything in it, and what `pipeline` raises.
    """
    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ValueError(f"{folder} is there already: give a folder that is new or empty")
    made = pipeline(flow, **options)
    made.save_pretrained(folder)
    told = TOLD.format(title=title, folder=folder.name, solver=made.scheduler.config.solver)
    write_atomically(folder / "README.md", told.encode())
    return folder
