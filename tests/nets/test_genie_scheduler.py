"""GENIE inside diffusers' DDPMPipeline, against our own `solve` from the same noise."""

from __future__ import annotations

import copy
import json
import math
import sys
from typing import Any

import pytest
import torch
from diffusers import DDPMPipeline, DDPMScheduler, UNet2DModel
from torch import Tensor, nn

import genie_edu as ge
from genie_edu.cli import main
from genie_edu.nets import genie_scheduler
from genie_edu.nets.genie_scheduler import STEPS, GenieModel, GenieScheduler

SMALL = {
    "sample_size": 16,
    "block_out_channels": (8, 16),
    "down_block_types": ("DownBlock2D", "AttnDownBlock2D"),
    "up_block_types": ("AttnUpBlock2D", "UpBlock2D"),
    "layers_per_block": 1,
    "norm_num_groups": 4,
}
ROUNDING = 1e-5
"""Of pixels in [0, 1]: float32 states, which a pipeline keeps as x and `solve` as x_bar."""


def noise(shape: tuple[int, ...]) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(0))


def images(pipe: DDPMPipeline, n_steps: int = 6) -> Tensor:
    """(4, C, H, W) in [0, 1] from the noise of `solved`."""
    pipe.set_progress_bar_config(disable=True)
    seed = torch.Generator().manual_seed(0)
    found = pipe(4, generator=seed, num_inference_steps=n_steps, output_type="np").images
    return torch.as_tensor(found).permute(0, 3, 1, 2)


def solved(
    flow: ge.NetworkFlow,
    shape: tuple[int, ...],
    solver: str = "genie",
    spacing: str = "quadratic",
    t_end: float = 1e-3,
    denoise: bool = False,
) -> Tensor:
    """The same by `solve`."""
    grid = ge.time_grid(6, spacing, t_end=t_end, schedule=flow.schedule)
    gammas = flow.schedule.gamma(grid)
    start = noise((4, *shape)) * math.hypot(1, float(gammas[0]))
    final = ge.solve(flow, start, gammas, solver, denoise=denoise).final
    return (final / 2 + 0.5).clamp(0, 1)


@pytest.fixture(scope="module")
def digits() -> ge.NetworkFlow:
    """The shipped network of the digits, with its head."""
    parts = (ge.checkpoints.load(ge.data.shipped(f"digits/{part}")) for part in ("base", "head"))
    return ge.NetworkFlow(*parts)


def headed(adapter: Any = ge.adapters.diffusers, **options: Any) -> ge.NetworkFlow:
    """A random UNet2DModel with a random head."""
    torch.manual_seed(0)
    model = UNet2DModel(**SMALL).eval()
    head = ge.GenieHead(3, (8, 32), width=8, image=True)
    nn.init.normal_(head.out.weight, std=0.05)
    return adapter(model, head, **options)


# ---- the same images as by `solve` ---------------------------------------------------------------


@pytest.mark.parametrize("solver", STEPS)
def test_every_solver_of_one_call_a_step_is_that_of_solve(digits, solver):
    ours = solved(digits, (1, 8, 8), solver)
    found = images(genie_scheduler.pipeline(digits, solver=solver))
    assert (found - ours).abs().max() < ROUNDING
    other = solved(digits, (1, 8, 8), "ddim" if solver != "ddim" else "genie")
    assert (other - ours).abs().max() > 10 * ROUNDING


@pytest.mark.parametrize(
    "options", [{"spacing": "log_gamma"}, {"t_end": 0.05}, {"denoise": True}, {}]
)
def test_each_option_is_that_of_solve(digits, options):
    ours = solved(digits, (1, 8, 8), **options)
    pipe = genie_scheduler.pipeline(digits, **options)
    assert (images(pipe) - ours).abs().max() < ROUNDING
    assert len(pipe.scheduler.timesteps) == 6 + bool(options.get("denoise"))
    if options:
        assert (solved(digits, (1, 8, 8)) - ours).abs().max() > 10 * ROUNDING


@pytest.mark.parametrize(
    ("adapter", "options"),
    [
        (ge.adapters.diffusers, {}),
        (ge.adapters.diffusers, {"scheduler": DDPMScheduler(beta_schedule="scaled_linear")}),
        (ge.adapters.diffusers, {"scheduler": DDPMScheduler(prediction_type="v_prediction")}),
        (ge.adapters.edm, {"sigma_data": 0.7, "noise_scale": 30.0, "sigma_max": 20.0}),
    ],
)
def test_models_of_diffusers_with_a_head_go_out_and_come_back(adapter, options, tmp_path):
    flow = headed(adapter, **options)
    ours = solved(flow, (3, 16, 16))
    assert (ours - solved(flow, (3, 16, 16), "ddim")).abs().max() > 10 * ROUNDING
    assert (images(genie_scheduler.pipeline(flow)) - ours).abs().max() < ROUNDING
    genie_scheduler.export(flow, tmp_path / "out", "random")
    back = DDPMPipeline.from_pretrained(tmp_path / "out")
    assert (images(back) - ours).abs().max() < ROUNDING
    assert back.unet.base.schedule == flow.net.schedule
    assert type(back.unet) is GenieModel and type(back.scheduler) is GenieScheduler


# ---- the command ---------------------------------------------------------------------------------


def test_the_command_writes_a_folder_for_diffusers(digits, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["export", "digits", "--out", str(out)]) == 0
    assert "reading it needs genie_edu" in capsys.readouterr().out
    there = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert there == {
        "README.md",
        "model_index.json",
        "scheduler/scheduler_config.json",
        "unet/config.json",
        "unet/diffusion_pytorch_model.safetensors",
    }
    index = json.loads((out / "model_index.json").read_text())
    assert index["unet"] == ["genie_edu.nets.genie_scheduler", "GenieModel"]
    pipe = DDPMPipeline.from_pretrained(out)
    assert (images(pipe) - solved(digits, (1, 8, 8))).abs().max() < ROUNDING
    told = (out / "README.md").read_text()
    assert told.startswith("# scikit-learn's handwritten digits, 8 x 8\n")
    assert "import genie_edu.nets.genie_scheduler" in told and "genie solver" in told

    assert main(["export", "digits", "--out", str(out)]) == 2
    assert "is there already: give a folder that is new or empty" in capsys.readouterr().err


def test_the_command_takes_a_runs_folder_a_solver_and_a_grid(tmp_path, capsys):
    torch.manual_seed(1)
    net = ge.UNet(channels=1, size=8, widths=(8,), blocks=1, attention=())
    nn.init.normal_(net.out.weight, std=0.1)
    head = ge.GenieHead(1, net.feature_sizes, width=8, image=True)
    nn.init.normal_(head.out.weight, std=0.1)
    schedule = ge.VPSchedule(0.2, 15.0)
    for name, part in (("base", net), ("head", head)):
        ge.checkpoints.save(tmp_path / f"{name}.safetensors", part, schedule=schedule)
    out = tmp_path / "out"
    given = ["--solver", "genie_log", "--spacing", "rho7", "--folder", str(tmp_path)]
    assert main(["export", "digits", "--out", str(out), *given]) == 0
    ours = solved(ge.NetworkFlow(net, head, schedule), (1, 8, 8), "genie_log", "rho7")
    assert (images(DDPMPipeline.from_pretrained(out)) - ours).abs().max() < ROUNDING

    for arguments, sentence in (
        (["mixture-2d"], "mixture-2d has no images"),
        (["digits", "--solver", "heun"], "solver must call its model once a step: ddim, genie"),
        (["digits", "--spacing", "cubic"], "spacing 'cubic' does not exist"),
    ):
        assert main(["export", *arguments, "--out", str(tmp_path / "other")]) == 2
        assert sentence in capsys.readouterr().err
        assert not (tmp_path / "other").exists()


# ---- the scheduler alone -------------------------------------------------------------------------


def test_its_settings_are_saved_and_loaded(tmp_path):
    made = {"beta_min": 0.2, "beta_d": 10.0, "spacing": "rho7", "t_end": 0.01}
    made |= {"solver": "genie_log", "denoise": True}
    scheduler = GenieScheduler(**made)
    scheduler.save_pretrained(tmp_path)
    back = GenieScheduler.from_pretrained(tmp_path)
    assert {key: back.config[key] for key in made} == made
    for one in (scheduler, back):
        one.set_timesteps(5)
    assert torch.equal(scheduler.timesteps, back.timesteps)
    schedule = ge.VPSchedule(0.2, 10.0)
    grid = ge.time_grid(5, "rho7", t_end=0.01, schedule=schedule)
    assert (scheduler.timesteps / 1000 - grid).abs().max() < 1e-15
    assert len(scheduler) == 1000 and scheduler.init_noise_sigma == 1


def test_noise_is_added_as_by_the_forward_process():
    scheduler, schedule = GenieScheduler(), ge.VPSchedule()
    x, z = noise((2, 1, 4, 4)), noise((2, 1, 4, 4)).flip(0)
    found = scheduler.add_noise(x, z, torch.tensor([300, 900]))
    for i, t in enumerate((0.3, 0.9)):
        ours = float(schedule.alpha(t)) * x[i] + float(schedule.sigma(t)) * z[i]
        assert (found[i] - ours).abs().max() < 1e-6
    assert torch.equal(scheduler.add_noise(x, z, 300)[0], found[0])
    assert found.dtype == torch.float32
    assert scheduler.scale_model_input(x, 300) is x


def test_steps_may_begin_anywhere_and_forget_what_came_before(digits):
    """From a noised image, say: a multistep method's past is that of its own run."""
    model, x = GenieModel.of(digits), noise((4, 1, 8, 8))
    answers = [noise((4, 2, 8, 8)) * k for k in (1.0, 0.7)]

    def run(before: bool) -> Tensor:
        scheduler = GenieScheduler(solver="ab2")
        scheduler.set_timesteps(6)
        first, second, third = scheduler.timesteps[1:4]
        if before:
            scheduler.step(answers[1], scheduler.timesteps[4], x)
        y = scheduler.step(answers[0], first, x).prev_sample
        return scheduler.step(answers[1], second.float(), y, return_dict=False)[0]

    with torch.no_grad():
        assert torch.equal(run(False), run(True))
        both = model(x, 500.0).sample
        (same,) = model(x, torch.full((4,), 500), return_dict=False)
    gamma = float(ge.VPSchedule().gamma(0.5))
    eps, slope = digits.eps_and_derivative(x * math.hypot(1, gamma), gamma)
    assert (both - torch.cat([eps, slope], dim=1)).abs().max() < ROUNDING
    assert (both - same).abs().max() < ROUNDING


def test_a_model_has_the_precision_of_its_flow(digits):
    net, head = (copy.deepcopy(part).double() for part in (digits.net, digits.derivative))
    flow, x = ge.NetworkFlow(net, head), noise((4, 1, 8, 8)).double()
    with torch.no_grad():
        found = GenieModel.of(flow)(x, 500).sample
    gamma = float(ge.VPSchedule().gamma(0.5))
    both = torch.cat(flow.eps_and_derivative(x * math.hypot(1, gamma), gamma), dim=1)
    assert found.dtype == torch.float64 and (found - both).abs().max() < 1e-12


def test_half_precision_states_keep_their_type():
    scheduler = GenieScheduler()
    scheduler.set_timesteps(4, device="cpu")
    x, answer = noise((2, 1, 4, 4)), noise((2, 2, 4, 4))
    full = scheduler.step(answer, scheduler.timesteps[0], x).prev_sample
    half = scheduler.step(answer.bfloat16(), scheduler.timesteps[0], x.bfloat16()).prev_sample
    assert half.dtype == torch.bfloat16
    assert (half.float() - full).norm() < 0.02 * full.norm()


def test_labels_reach_the_network():
    torch.manual_seed(0)
    net = ge.UNet(channels=1, size=8, widths=(8,), blocks=1, attention=(), classes=3)
    for weight in net.parameters():
        if not weight.abs().sum():
            nn.init.normal_(weight, std=0.1)
    model = GenieModel.of(ge.NetworkFlow(net, ge.GenieHead(1, net.feature_sizes, 8, image=True)))
    x = noise((2, 1, 8, 8))
    with torch.no_grad():
        one, other = (model(x, 500, torch.full((2,), k)).sample for k in (0, 2))
    assert (one - other).abs().max() > 1e-3


# ---- what it refuses -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "error", "sentence"),
    [
        ({"solver": "taylor3"}, ValueError, "solver must call its model once a step"),
        ({"spacing": "cubic"}, ValueError, "spacing 'cubic' does not exist"),
        ({"t_end": 0.0}, ValueError, "t_end must be a number from 0 to 1"),
        ({"beta_min": 0.0}, ValueError, "beta_min must be a positive number"),
        ({"denoise": 1}, TypeError, "denoise must be True or False; got 1"),
    ],
)
def test_settings_that_are_none_are_refused(options, error, sentence):
    with pytest.raises(error, match=sentence):
        GenieScheduler(**options)


def test_steps_that_are_none_are_refused():
    scheduler, x = GenieScheduler(), noise((2, 1, 4, 4))
    with pytest.raises(ValueError, match="call set_timesteps first"):
        scheduler.step(x, 1000, x)
    scheduler.set_timesteps(4)
    with pytest.raises(ValueError, match="timestep 999 is none of this run's"):
        scheduler.step(noise((2, 2, 4, 4)), 999, x)
    with pytest.raises(ValueError, match="wrap it with its head by GenieModel.of"):
        scheduler.step(x, 1000, x)


def test_flows_without_an_image_head_are_refused(digits, tmp_path):
    for flow, error, sentence in (
        (digits.net, TypeError, "flow must be a NetworkFlow"),
        (ge.NetworkFlow(digits.net), ValueError, "flow must have a GenieHead"),
        (
            ge.NetworkFlow(ge.EpsMLP(), ge.GenieHead(2, ge.EpsMLP().feature_sizes)),
            ValueError,
            "UNet without condition, or one of ge.adapters, for its network; got EpsMLP",
        ),
    ):
        with pytest.raises(error, match=sentence):
            GenieModel.of(flow)
    (tmp_path / "file").write_text("kept")
    for taken in (tmp_path, tmp_path / "file"):
        with pytest.raises(ValueError, match="is there already"):
            genie_scheduler.export(digits, taken, "digits")
    assert (tmp_path / "file").read_text() == "kept"


def test_without_diffusers_the_command_is_named(monkeypatch, capsys, tmp_path):
    monkeypatch.setitem(sys.modules, "diffusers", None)
    monkeypatch.delitem(sys.modules, "genie_edu.nets.genie_scheduler")
    monkeypatch.delattr(ge.nets, "genie_scheduler")
    assert main(["export", "digits", "--out", str(tmp_path / "out")]) == 2
    assert "pip install diffusers" in capsys.readouterr().err
