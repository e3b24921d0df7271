"""Networks from outside, brought into the gamma clock."""

from __future__ import annotations

import contextlib
import copy
import math
import os
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from genie_edu import _checks
from genie_edu._checks import as_tensor, number
from genie_edu._names import function, one_of
from genie_edu.flow import NetworkFlow
from genie_edu.nets.unet import Silu
from genie_edu.schedule import VPSchedule, as_schedule, per_sample


class FromTime(nn.Module):
    """Any eps(x, t) network as net(x_bar, gamma): x = x_bar / sqrt(1 + gamma^2), t = t(gamma).

    `eps_fn` takes x (B, *shape) and t (B,) in x's dtype; the change of clock itself is float64.
    Differentiable in both arguments, so that NetworkFlow gets the total derivative along the flow.
    Raises TypeError if `eps_fn` can't be called or gives no tensor, ValueError for another shape.
    """

    def __init__(
        self, eps_fn: Callable[[Tensor, Tensor], Tensor], schedule: VPSchedule | None = None
    ) -> None:
        super().__init__()
        self.eps_fn = function("eps_fn", eps_fn, "a function of (x, t)")
        self.schedule = as_schedule(schedule)

    def forward(self, x_bar: Tensor, gamma: Any) -> Tensor:
        """eps (B, *shape)."""
        x, t = _in_time(x_bar, gamma, self.schedule.t_of_gamma)
        with _checks.told("eps_fn", x):
            return _checks.prediction(self.eps_fn(x, t.to(x_bar)), x, "eps_fn")


def _in_time(x_bar: Tensor, gamma: Any, clock: Callable[[Tensor], Tensor]) -> tuple[Tensor, Tensor]:
    """x = x_bar / sqrt(1 + gamma^2) in x_bar's dtype, and clock(gamma) (B,) in float64."""
    level = _levels(gamma, x_bar)
    return x_bar * torch.rsqrt(1 + level * level).to(x_bar), clock(level.reshape(-1))


def _levels(gamma: Any, x_bar: Tensor) -> Tensor:
    """gamma (B, 1, ...) in float64; a copy, as forward mode takes no expanded tensors."""
    gamma = per_sample(_checks.level(gamma, len(x_bar)), x_bar.double())
    return gamma.expand(len(x_bar), *(1,) * (x_bar.ndim - 1)).clone()


class StepNumber:
    """The step number n of a network trained on discrete `betas` (N,), as a function of gamma.

    L_n = log(1 + gamma_n^2) = -sum_{i <= n} log(1 - beta_i), and n = -1 without noise. Between the
    steps n(L) is a cubic with the slopes 2 / (L_{n+1} - L_{n-1}): exact at the steps, monotone for
    any betas, with a continuous derivative; above the last step n goes on straight.
    With DDPM's betas it is within 3e-4 steps, and 0.1 % in dn/dL, of that sum continued by gamma
    functions; VPSchedule's 1000 t - 1 is up to 3.4 steps off (the last), and 7 % in dn/dL (n = 0).
    Raises TypeError, ValueError unless 0 < betas < 1. Source of the bound that keeps a cubic
    monotone: Fritsch and Carlson 1980.
    """

    def __init__(self, betas: Any) -> None:
        betas = as_tensor("betas", betas, torch.float64)
        if betas.ndim != 1 or len(betas) < 2 or not ((betas > 0) & (betas < 1)).all():
            raise ValueError("betas must be two or more numbers between 0 and 1, neither included")
        self.betas = betas
        self.big_l = nn.functional.pad(torch.cumsum(-torch.log1p(-betas), 0), (1, 0))
        steps, ends = self.big_l.diff(), [0, -1]
        self.rate = torch.gradient(self.big_l, edge_order=2)[0]  # dL/dn
        self.rate[ends] = torch.maximum(self.rate[ends], steps[ends] / 3)  # or it may turn back

    @property
    def schedule(self) -> VPSchedule:
        """A schedule from no noise to the last level that was trained, with the same first rate.

        It only says which levels there are and how grids lie in them: the network is asked by
        step number. The default schedule where its gamma(1) is within 5 % of the last level.
        """
        last, usual = float(self.big_l[-1]), VPSchedule()
        gamma = math.sqrt(math.expm1(last))
        if abs(float(usual.gamma(1.0)) / gamma - 1) < 0.05:
            return usual
        return _ending(last, len(self.betas) * float(self.betas[0]))

    def __call__(self, gamma: Tensor) -> Tensor:
        """Step numbers of gamma's shape, float64."""
        big_l, rate = self.big_l.to(gamma.device), self.rate.to(gamma.device)
        here = torch.log1p(gamma.double().square())
        inside = here.clamp(max=big_l[-1])
        i = (torch.searchsorted(big_l, inside.detach(), right=True) - 1).clamp(max=len(big_l) - 2)
        step = big_l[i + 1] - big_l[i]
        s, before, after = (inside - big_l[i]) / step, step / rate[i], step / rate[i + 1]
        cubic = s * (before + s * (3 - 2 * before - after + s * (before + after - 2)))
        return i - 1 + cubic + (here - inside) / rate[-1]


def _ending(last: float, rate: float) -> VPSchedule:
    """The schedule with log(1 + gamma(1)^2) = `last` that begins with beta = `rate`, or below."""
    rate = min(rate, last)
    return VPSchedule(rate, 2 * (last - rate))


class LogLevel:
    """EDM's c_noise = scale log gamma, in the place of a step number: gamma is EDM's sigma.

    `sigma_max` is the last level that was trained, where `schedule` ends.
    Raises TypeError, ValueError unless both are positive.
    Source: Karras et al. 2022 (EDM), table 1, where the scale is 1/4; consistency models take 250.
    """

    def __init__(self, scale: float, sigma_max: float) -> None:
        self.scale = number("noise_scale", scale, 0)
        self.sigma_max = number("sigma_max", sigma_max, 0)

    @property
    def schedule(self) -> VPSchedule:
        """A schedule that begins as the default one and reaches sigma_max at t = 1."""
        return _ending(math.log1p(self.sigma_max**2), VPSchedule().beta_min)

    def __call__(self, gamma: Tensor) -> Tensor:
        """c_noise of gamma's shape, float64."""
        return self.scale * torch.log(gamma.double())


class DiffusersUNet(nn.Module):
    """net(x_bar, gamma[, labels]) -> eps (B, C, H, W), from a UNet2DModel F(x, n).

    With r = sqrt(gamma^2 + sigma_data^2) and z = x_bar / r, eps is by `prediction`
    "epsilon": F(z, n); "v_prediction": (gamma z + F) / r, both with sigma_data = 1, so that z is x;
    "edm": (gamma z - sigma_data F) / r, which is (x_bar - D) / gamma for EDM's denoiser
    D = c_skip x_bar + c_out F(c_in x_bar, c_noise), without the cancellation.
    Of a model that answers 2C channels, eps and the learned variance, the first half is read.
    It works on a copy of `unet` that has the same outputs and that forward mode accepts: attention
    in plain operations, SiLU and GroupNorm as below, steps that float64 does not round to float32.
    `step_number` says which (fractional) step a gamma is. Ask for features outside of a JVP only:
    what a hook sees inside of one is dead after it. `schedule` is `step_number`'s; `file` names the
    weights' file that `diffusers` or `edm` read, if one.
    Raises ValueError or TypeError for images, levels and labels that the model was not made for.
    Source: Salimans and Ho 2022 (v); Karras et al. 2022 (EDM), equation 7 and table 1.
    """

    file: str | None = None

    def __init__(
        self,
        unet: nn.Module,
        step_number: StepNumber | LogLevel,
        prediction: str = "epsilon",
        sigma_data: float = 1.0,
    ) -> None:
        from diffusers.models.attention_processor import Attention, AttnProcessor

        super().__init__()
        self.unet, self.step_number = copy.deepcopy(unet), step_number
        self.sign = PREDICTIONS[one_of("prediction", prediction, PREDICTIONS)]
        self.sigma_data = number("sigma_data", sigma_data, 0)
        self.schedule = step_number.schedule
        for module in self.unet.modules():
            if isinstance(module, Attention):
                module.set_processor(AttnProcessor())  # the fused one has no forward mode
                module.upcast_softmax = False  # "up" is to float32, even from float64
            elif type(module) in FORWARD_MODE:  # the same weights, another forward
                module.__class__ = FORWARD_MODE[type(module)]
        self.unet.time_proj.__class__ = _Sinusoids

    @property
    def feature_sizes(self) -> tuple[int, int]:
        """Channels of the last feature map and of the step's embedding: what a head reads."""
        return self.unet.conv_norm_out.num_channels, self.unet.time_embedding.linear_2.out_features

    def forward(
        self, x_bar: Tensor, gamma: Any, labels: Tensor | None = None, features: bool = False
    ) -> Tensor | tuple[Tensor, Tensor, Tensor]:
        """eps (B, C, H, W); with `features` also hidden (B, W, H, W) and the embedding (B, E)."""
        self._check(x_bar, labels)
        level = _levels(gamma, x_bar)
        root = torch.sqrt(level * level + self.sigma_data**2)
        z, n = x_bar * (1 / root).to(x_bar), self.step_number(level.reshape(-1))
        n = n.to(torch.promote_types(z.dtype, torch.float32))  # bfloat16 has no step 999
        embed, last = self.unet.time_embedding, self.unet.conv_norm_out
        seen: list[Tensor] = []
        with (
            embed.register_forward_hook(lambda module, args, out: seen.append(out)),
            last.register_forward_pre_hook(lambda module, args: seen.append(args[0])),
        ):
            eps = self.unet(z, n, labels, return_dict=False)[0][:, : x_bar.shape[1]]
        if self.sign:
            eps = (level / root).to(z) * z + (self.sign * self.sigma_data / root).to(z) * eps
        return (eps, seen[1], seen[0]) if features else eps

    def _check(self, x_bar: Tensor, labels: Tensor | None) -> None:
        """Refuse what the model was not made for; it takes any side that it can halve."""
        made = self.unet.config
        halvings = 2 ** (len(made["block_out_channels"]) - 1)
        inner = tuple(getattr(x_bar, "shape", ())[2:])
        if len(inner) != 2 or any(side % halvings for side in inner):
            inner = (f"a multiple of {halvings}",) * 2
        _checks.states("x_bar", x_bar, (made["in_channels"], *inner), self.unet.conv_out)
        known = made["num_class_embeds"]
        if labels is not None and self.unet.class_embedding is None:
            raise ValueError("labels were given, and this network knows no classes")
        if labels is not None:
            _checks.labels(labels, known and known - 1, len(x_bar))
        elif self.unet.class_embedding is not None:
            raise ValueError("labels are missing: this model needs the classes of its images")


PREDICTIONS = {"epsilon": 0, "v_prediction": 1, "edm": -1}
"""What a UNet2DModel may have been trained to give, and the sign of its output in eps."""


class _GroupNorm(nn.GroupNorm):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.contiguous())  # its forward-mode formula takes views


class _Sinusoids(nn.Module):
    """diffusers' Timesteps in the dtype of the steps (B,); the original rounds to float32."""

    def forward(self, n: Tensor) -> Tensor:
        half = self.num_channels // 2
        rate = -math.log(10_000) * torch.arange(half, dtype=n.dtype, device=n.device)
        angle = n[:, None] * torch.exp(rate / (half - self.downscale_freq_shift))
        waves = [torch.sin(angle), torch.cos(angle)]
        return torch.cat(waves[::-1] if self.flip_sin_to_cos else waves, dim=-1)


FORWARD_MODE = {nn.GroupNorm: _GroupNorm, nn.SiLU: Silu}
"""Layers whose derivative torch lacks in forward mode, the first or the second, and ours."""


def diffusers(
    model: Any,
    derivative: str | nn.Module = "autodiff",
    schedule: VPSchedule | None = None,
    scheduler: Any = None,
    labels: Tensor | None = None,
) -> NetworkFlow:
    """The learned flow of a diffusers UNet2DModel; its `net` is a DiffusersUNet, which heads read.

    `model`: a folder or hub name, also a pipeline's, or a UNet2DModel, which is copied and never
    changed. Weights are read from safetensors or else from a .bin file, of which torch reads
    tensors and runs no code; `net.file` says which file. `scheduler`: any diffusers scheduler with
    the training's betas and prediction, eps or v; without one, that saved with the model, or else
    DDPM's (linear, 1e-4 to 0.02). `schedule` is by default one that ends at the last level trained.
    Of learned variances only eps is used. The rest is as in NetworkFlow, which can also be called
    with this `net`.
    Raises ImportError, naming the command, without diffusers; TypeError; ValueError for a model
    whose weights are not all there or that is no F(x, n) with sinusoids of the step n.
    """
    library, model, file, saved = _opened(model)
    if scheduler is None and saved:
        kind = getattr(library, saved["_class_name"], library.DDPMScheduler)  # old names
        scheduler = kind.from_config(saved)
    scheduler = library.DDPMScheduler() if scheduler is None else scheduler
    if not hasattr(scheduler, "config"):
        raise TypeError(f"scheduler must be a diffusers scheduler; got {type(scheduler).__name__}")
    prediction = scheduler.config.get("prediction_type", "epsilon")
    if prediction not in ("epsilon", "v_prediction"):
        raise ValueError(f"model must predict epsilon or v_prediction; it predicts {prediction!r}")
    if getattr(scheduler, "betas", None) is None:
        raise ValueError(
            f"{type(scheduler).__name__} has no betas, of which step numbers are made: for models "
            "in EDM's preconditioning use ge.adapters.edm"
        )
    net = DiffusersUNet(model, StepNumber(scheduler.betas), prediction)
    net.file = file
    return NetworkFlow(net, derivative, schedule, labels=labels)


def edm(
    model: Any,
    derivative: str | nn.Module = "autodiff",
    sigma_data: float = 0.5,
    noise_scale: float = 250.0,
    sigma_max: float = 80.0,
    labels: Tensor | None = None,
) -> NetworkFlow:
    """The learned flow of a UNet2DModel in EDM's preconditioning: our gamma is its sigma.

    eps = (x_bar - D) / gamma, D(x_bar, gamma) the model's denoiser for data of std `sigma_data`.
    The model is told c_noise = noise_scale log gamma: 250 in the ImageNet 64 teacher of consistency
    models, 0.25 in EDM's own networks. `sigma_max` is the last level of its training, where the
    flow's schedule ends. `model`, `derivative` and `labels` as in `diffusers`. Not for models that
    were distilled into a consistency function, which have no flow.
    Raises what `diffusers` does. Source: Karras et al. 2022 (EDM), section 5.
    """
    _, model, file, _ = _opened(model)
    net = DiffusersUNet(model, LogLevel(noise_scale, sigma_max), "edm", sigma_data)
    net.file = file
    return NetworkFlow(net, derivative, labels=labels)


def _opened(model: Any) -> tuple[Any, nn.Module, str | None, dict[str, Any] | None]:
    """(diffusers, UNet2DModel, the file of its weights, its scheduler's config), the last or None.

    The file and the config are known of what is read from a folder or hub name.
    """
    try:
        import diffusers as library
    except ImportError as error:
        raise ImportError("this adapter needs diffusers: pip install diffusers") from error
    file = saved = None
    if isinstance(model, (str, os.PathLike)):
        name, (model, file) = model, _read(library.UNet2DModel, model)
        saved = _first(library.DDPMScheduler.load_config, name, "scheduler", None)
    if not isinstance(model, library.UNet2DModel):
        raise TypeError(f"model must be a UNet2DModel or its folder; got {type(model).__name__}")
    needed = {"time_embedding_type": "positional", "class_embed_type": None}
    for key, value in needed.items():
        if model.config[key] != value:
            raise ValueError(f"model must have {key} = {value!r}; it has {model.config[key]!r}")
    c, out = model.config["in_channels"], model.config["out_channels"]
    if out not in (c, 2 * c):
        raise ValueError(f"model must have out_channels = {c} or {2 * c}; it has {out}")
    return library, model, file, saved


def _read(kind: Any, name: str | os.PathLike) -> tuple[nn.Module, str]:
    """The model in a folder or under a hub name, and the file that its weights were read from."""
    for ending, safe in (("safetensors", True), ("bin", False)):
        for folder in (None, "unet"):
            file = f"{folder + '/' if folder else ''}diffusion_pytorch_model.{ending}"
            if os.path.isdir(name) and not os.path.isfile(os.path.join(name, file)):
                continue  # diffusers would log an error
            try:  # diffusers reads .bin by torch.load(weights_only=True)
                found, told = kind.from_pretrained(
                    name, subfolder=folder, use_safetensors=safe, output_loading_info=True
                )
            except OSError:  # what diffusers raises for a file that is not there
                continue
            except (AttributeError, RuntimeError, TypeError, ValueError) as error:
                said = (str(error).strip() or type(error).__name__).splitlines()[0]
                raise ValueError(f"{name}: {file} has no weights for its config: {said}") from error
            if not told["missing_keys"]:
                return found, file
    raise ValueError(
        f"model {str(name)!r} is no folder, and no hub name within reach, that holds all the "
        "weights of a UNet2DModel, as safetensors or as a .bin file that runs no code"
    )


def _first(load: Callable[..., Any], name: str | os.PathLike, *folders: str | None) -> Any:
    """load(name) from the first of its subfolders that has it, or None."""
    for folder in folders:
        with contextlib.suppress(OSError):
            return load(name, subfolder=folder)
    return None
