"""Public checkpoints, their configurations with fewer channels, saved to disk and read again."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import (
    CMStochasticIterativeScheduler,
    DDPMPipeline,
    DDPMScheduler,
    EDMEulerScheduler,
    UNet2DModel,
)
from torch import Tensor

import genie_edu as ge
from genie_edu.nets.adapters import DiffusersUNet, LogLevel

LSUN = {  # google/ddpm-bedroom-256 and its like: (128, 128, 256, 256, 512, 512)
    "sample_size": 64,
    "block_out_channels": (8, 8, 16, 16, 32, 32),
    "down_block_types": (*["DownBlock2D"] * 4, "AttnDownBlock2D", "DownBlock2D"),
    "up_block_types": ("UpBlock2D", "AttnUpBlock2D", *["UpBlock2D"] * 4),
    "layers_per_block": 2,
    "norm_num_groups": 4,
    "attention_head_dim": None,
    "downsample_padding": 0,
    "flip_sin_to_cos": False,
    "freq_shift": 1,
    "norm_eps": 1e-6,
}
AFHQ = {  # krasnova/ddpm_afhq_64: (64, 128, 128, 256)
    "sample_size": 32,
    "block_out_channels": (8, 16, 16, 32),
    "down_block_types": (*["DownBlock2D"] * 2, "AttnDownBlock2D", "DownBlock2D"),
    "up_block_types": ("UpBlock2D", "AttnUpBlock2D", *["UpBlock2D"] * 2),
    "layers_per_block": 2,
    "norm_num_groups": 4,
}
IMAGENET = {  # dg845/diffusers-cm_edm_imagenet64_ema: (192, 384, 576, 768), 1000 classes
    "sample_size": 32,
    "block_out_channels": (8, 16, 24, 32),
    "down_block_types": ("ResnetDownsampleBlock2D", *["AttnDownBlock2D"] * 3),
    "up_block_types": (*["AttnUpBlock2D"] * 3, "ResnetUpsampleBlock2D"),
    "layers_per_block": 3,
    "num_class_embeds": 10,
    "attention_head_dim": 8,
    "norm_num_groups": 4,
    "attn_norm_num_groups": 4,
    "resnet_time_scale_shift": "scale_shift",
    "upsample_type": "resnet",
    "downsample_type": "resnet",
}
SMALL = {
    "sample_size": 16,
    "block_out_channels": (8, 16),
    "down_block_types": ("DownBlock2D", "AttnDownBlock2D"),
    "up_block_types": ("AttnUpBlock2D", "UpBlock2D"),
    "layers_per_block": 1,
    "norm_num_groups": 4,
}
LABELS = torch.tensor([3, 7])
ROUNDING = 5e-6


def unet(options: dict[str, Any]) -> UNet2DModel:
    torch.manual_seed(0)
    return UNet2DModel(**options).eval()


def states(model: UNet2DModel, scale: float = 1.0) -> Tensor:
    side = model.config.sample_size
    return scale * torch.randn(2, 3, side, side, generator=torch.Generator().manual_seed(1))


def gamma_at(n: int) -> float:
    alpha_bar = float(DDPMScheduler().alphas_cumprod.double()[n])
    return math.sqrt((1 - alpha_bar) / alpha_bar)


def exact_against_differences(net: torch.nn.Module, x_bar: Tensor, labels: Tensor | None) -> float:
    """The JVP's largest distance to Richardson's difference along the flow, over the slope."""
    flow = ge.NetworkFlow(net.double(), labels=labels)
    x_bar, gamma = x_bar.double(), 1.3
    eps, slope = flow.eps_and_derivative(x_bar, gamma)

    def difference(h: float) -> Tensor:
        up, down = (flow.eps(x_bar + side * eps, gamma + side) for side in (h, -h))
        return (up - down) / (2 * h)

    found = (4 * difference(4e-5) - difference(8e-5)) / 3
    return float((found - slope).abs().max() / slope.abs().max())


@pytest.mark.parametrize("safe", [True, False])
@pytest.mark.parametrize(("options", "whole"), [(LSUN, True), (AFHQ, False)])
def test_ddpm_models_are_read_from_disk_with_exact_slopes(options, whole, safe, tmp_path):
    model = unet(options)
    kept = DDPMPipeline(model, DDPMScheduler()) if whole else model
    kept.save_pretrained(tmp_path, safe_serialization=safe)
    flow = ge.adapters.diffusers(tmp_path)
    file = "diffusion_pytorch_model" + (".safetensors" if safe else ".bin")
    assert flow.net.file == ("unet/" if whole else "") + file
    assert (tmp_path / flow.net.file).is_file()
    x_bar, gamma = states(model, 2.0), gamma_at(400)
    with torch.no_grad():
        theirs = model(x_bar / math.hypot(1, gamma), 400).sample
    assert theirs.abs().max() > 0.3
    assert (flow.eps(x_bar, gamma) - theirs).abs().max() < ROUNDING
    assert exact_against_differences(flow.net, x_bar, None) < 1e-8


def test_safetensors_are_read_where_both_files_are(tmp_path):
    model = unet(SMALL)
    model.save_pretrained(tmp_path)
    other = UNet2DModel(**SMALL)
    other.save_pretrained(tmp_path, safe_serialization=False)
    assert len([*tmp_path.glob("*.bin"), *tmp_path.glob("*.safetensors")]) == 2
    net = ge.adapters.diffusers(tmp_path).net
    assert net.file == "diffusion_pytorch_model.safetensors"
    assert torch.equal(net.unet.conv_in.weight, model.conv_in.weight)
    assert ge.adapters.diffusers(model).net.file is None


class Code:
    """What a pickle may hold: a call that is made when it is opened."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple:
        return os.mkdir, (str(self.path),)


def test_files_that_hold_no_whole_model_are_refused_and_run_no_code(tmp_path):
    unet(SMALL).save_pretrained(tmp_path, safe_serialization=False)
    (file,) = tmp_path.glob("*.bin")
    whole, weights = file.read_bytes(), torch.load(file, weights_only=True)

    def refused(sentence: str) -> None:
        for adapter in (ge.adapters.diffusers, ge.adapters.edm):
            with pytest.raises(ValueError, match=sentence) as caught:
                adapter(tmp_path)
            assert "\n" not in str(caught.value)

    ran = tmp_path / "ran"
    torch.save({**weights, "more": Code(ran)}, file)
    refused("as a .bin file that runs no code")
    assert not ran.exists()
    for content in (b"", whole[: len(whole) // 2], b"version https://git-lfs.github.com/spec/v1\n"):
        file.write_bytes(content)
        refused("holds all the weights of a UNet2DModel")
    torch.save({"state_dict": weights}, file)
    refused("holds all the weights of a UNet2DModel")
    torch.save([*weights.values()], file)
    refused("diffusion_pytorch_model.bin has no weights for its config")
    torch.save(weights | {"conv_in.weight": torch.zeros(8, 4, 3, 3)}, file)
    refused("diffusion_pytorch_model.bin has no weights for its config")


def test_the_usual_scheduler_of_edm_models_names_the_other_adapter(tmp_path):
    unet(IMAGENET).save_pretrained(tmp_path / "unet")
    CMStochasticIterativeScheduler().save_pretrained(tmp_path / "scheduler")
    with pytest.raises(ValueError, match="Scheduler has no betas.* use ge.adapters.edm"):
        ge.adapters.diffusers(tmp_path)
    assert ge.adapters.edm(tmp_path).net.file == "unet/diffusion_pytorch_model.safetensors"


def test_a_prediction_of_another_kind_is_refused():
    with pytest.raises(ValueError, match="prediction 'sample' does not exist"):
        DiffusersUNet(unet(SMALL), LogLevel(0.25, 80.0), "sample")


def test_of_a_learned_variance_the_first_half_is_eps():
    model = unet(SMALL | {"out_channels": 6})
    flow, x_bar, gamma = ge.adapters.diffusers(model), states(model, 2.0), gamma_at(400)
    with torch.no_grad():
        theirs = model(x_bar / math.hypot(1, gamma), 400).sample
    assert theirs.shape[1] == 6
    assert (flow.eps(x_bar, gamma) - theirs[:, :3]).abs().max() < ROUNDING
    assert exact_against_differences(flow.net, x_bar, None) < 1e-8


def test_v_is_turned_into_eps(tmp_path):
    model = unet(SMALL)
    scheduler = DDPMScheduler(prediction_type="v_prediction", clip_sample=False)
    DDPMPipeline(model, scheduler).save_pretrained(tmp_path)
    x_bar = states(model, 2.0)
    for flow in (
        ge.adapters.diffusers(tmp_path),
        ge.adapters.diffusers(model, scheduler=scheduler),
    ):
        for n in (100, 800):
            gamma = gamma_at(n)
            x = x_bar / math.hypot(1, gamma)
            with torch.no_grad():
                data = scheduler.step(model(x, n).sample, n, x).pred_original_sample
            theirs = (x_bar - data) / gamma
            assert (flow.eps(x_bar, gamma) - theirs).abs().max() < 1e-5 * theirs.abs().max()
    assert exact_against_differences(flow.net, x_bar, None) < 1e-8


@pytest.mark.parametrize(("scale", "sigma_data"), [(250.0, 0.5), (0.25, 1.2)])
@pytest.mark.parametrize("safe", [True, False])
def test_edm_models_give_what_their_denoiser_gives(scale, sigma_data, safe, tmp_path):
    """Against diffusers' own preconditioning, whose noise is log(sigma) / 4."""
    model, scheduler = unet(IMAGENET), EDMEulerScheduler(sigma_data=sigma_data)
    model.save_pretrained(tmp_path, safe_serialization=safe)
    options = {"sigma_data": sigma_data, "noise_scale": scale, "labels": LABELS}
    flow = ge.adapters.edm(tmp_path, **options)
    assert flow.net.file.endswith("safetensors" if safe else "bin")
    for gamma in (0.02, 1.3, 79.0):
        x_bar, sigma = states(model, math.hypot(sigma_data, gamma)), torch.tensor(gamma)
        told = scheduler.precondition_noise(sigma) * scale / 0.25
        with torch.no_grad():
            out = model(scheduler.precondition_inputs(x_bar, sigma), told, LABELS).sample
        data = scheduler.precondition_outputs(x_bar, out, sigma)
        ours = x_bar - gamma * flow.eps(x_bar, gamma)
        assert (ours - data).abs().max() < 2e-6 * x_bar.abs().max()
        assert (gamma * flow.eps(x_bar, gamma)).abs().max() > 0.01
    if safe:
        x_bar = states(model, 2.0)
        assert exact_against_differences(flow.net, x_bar, LABELS) < 1e-8


def test_edm_flows_end_at_their_last_level_and_sample():
    model = unet(SMALL)
    for last in (80.0, 3.0, 0.2):
        flow = ge.adapters.edm(model, sigma_max=last)
        assert abs(float(flow.schedule.gamma(1.0)) / last - 1) < 1e-12
        usual = ge.VPSchedule().beta_min
        assert flow.schedule.beta_min == usual if last > 1 else flow.schedule.beta_min < usual
    head = ge.GenieHead(3, flow.net.feature_sizes, width=8, image=True)
    for flow in (ge.adapters.edm(model), ge.adapters.edm(model, head)):
        assert ge.sample(flow, (2, 3, 16, 16), n_steps=3).isfinite().all()
        assert (flow.nfe, flow.n_derivatives) == (3, 3)


def test_labels_are_those_given():
    model = unet(SMALL | {"num_class_embeds": 10})
    x_bar = states(model)
    for adapter in (ge.adapters.diffusers, ge.adapters.edm):
        one, other = adapter(model, labels=LABELS), adapter(model, labels=LABELS.flip(0))
        assert (one.eps(x_bar, 1.0) - other.eps(x_bar, 1.0)).abs().max() > 1e-3
        flow = ge.NetworkFlow(one.net, labels=LABELS)
        assert torch.equal(one.eps(x_bar, 1.0), flow.eps(x_bar, 1.0))
        with pytest.raises(ValueError, match="labels must be whole numbers from 0 to 9"):
            adapter(model, labels=LABELS + 5).eps(x_bar, 1.0)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"sigma_data": 0.0}, "sigma_data must be a positive number; got 0"),
        ({"noise_scale": -1.0}, "noise_scale must be a positive number; got -1"),
        ({"sigma_max": math.inf}, "sigma_max must be a positive number; got inf"),
        ({"derivative": "exact"}, "derivative 'exact' does not exist"),
    ],
)
def test_edm_numbers_that_are_none_are_refused(options, sentence):
    with pytest.raises(ValueError, match=sentence):
        ge.adapters.edm(unet(SMALL), **options)


@pytest.mark.parametrize(
    ("scheduler", "steps", "last"),
    [
        (
            DDPMScheduler(beta_schedule="scaled_linear", beta_start=85e-5, beta_end=0.012),
            1000,
            14.6,
        ),
        (DDPMScheduler(num_train_timesteps=100), 100, 1.32),
        (DDPMScheduler(beta_schedule="squaredcos_cap_v2"), 1000, None),
    ],
)
def test_sampling_starts_at_the_last_level_that_was_trained(scheduler, steps, last):
    flow = ge.adapters.diffusers(unet(SMALL), scheduler=scheduler)
    top = float(flow.schedule.gamma(1.0))
    assert abs(float(flow.net.step_number(torch.tensor(top))) - (steps - 1)) < 0.05
    if last:
        assert abs(top / last - 1) < 0.01
