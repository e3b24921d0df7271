"""Networks from outside: the step number of discrete trainings, and diffusers' UNet2DModel."""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import (
    DDPMPipeline,
    DDPMScheduler,
    EDMEulerScheduler,
    PNDMScheduler,
    UNet2DConditionModel,
    UNet2DModel,
)
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

import genie_edu as ge
from genie_edu.nets.adapters import StepNumber

DDPM = np.linspace(1e-4, 0.02, 1000)
SMALL = {
    "sample_size": 16,
    "block_out_channels": (16, 32),
    "down_block_types": ("DownBlock2D", "AttnDownBlock2D"),
    "up_block_types": ("AttnUpBlock2D", "UpBlock2D"),
    "layers_per_block": 1,
    "norm_num_groups": 8,
    "attention_head_dim": 8,
}
OLD_NAMES = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}
SHAPE = (2, 3, 16, 16)
ROUNDING = 2e-6
"""Of eps up to 1.6 in float32: attention and SiLU take their sums in another order than torch's."""


def unet(**options: Any) -> UNet2DModel:
    torch.manual_seed(0)
    return UNet2DModel(**SMALL | options).eval()


def gamma_at(n: int, betas: np.ndarray = DDPM) -> float:
    """The level of step n, from the definition."""
    alpha_bar = math.prod(1 - beta for beta in betas[: n + 1].tolist())
    return math.sqrt((1 - alpha_bar) / alpha_bar)


def states(dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.randn(SHAPE, generator=torch.Generator().manual_seed(1), dtype=dtype)


@torch.no_grad()
def raw_eps(model: UNet2DModel, x_bar: Tensor, n: int, betas: np.ndarray = DDPM) -> Tensor:
    x = x_bar * (1 + gamma_at(n, betas) ** 2) ** -0.5
    return model(x, n).sample


# ---- the step number -----------------------------------------------------------------------------


def continued(n: Tensor) -> tuple[Tensor, Tensor]:
    """(L, dL/dn) of DDPM's betas a + d i at any n: the product over i as a ratio of Gammas."""
    d = (DDPM[-1] - DDPM[0]) / 999
    top = torch.tensor((1 - DDPM[0]) / d + 1, dtype=torch.float64)
    big_l = -((n + 1) * math.log(d) + torch.lgamma(top) - torch.lgamma(top - 1 - n))
    return big_l, -math.log(d) - torch.digamma(top - 1 - n)


def test_the_step_number_is_exact_at_every_step():
    steps = [*range(0, 999, 37), 999]
    gammas = torch.tensor([0.0, *map(gamma_at, steps)], dtype=torch.float64)
    assert (StepNumber(DDPM)(gammas) - torch.tensor([-1, *steps])).abs().max() < 1e-8


def test_between_the_steps_it_is_the_continued_product():
    n = torch.linspace(-0.999, 998.999, 20_001, dtype=torch.float64)
    big_l, rate = continued(n)
    gamma = torch.sqrt(torch.expm1(big_l))
    per_gamma = 2 * gamma / (1 + gamma**2)  # dL/dgamma
    found, slope = torch.func.jvp(StepNumber(DDPM), (gamma,), (torch.ones_like(gamma),))
    assert (found - n).abs().max() < 4e-4
    assert (slope * rate / per_gamma - 1).abs().max() < 1.1e-3


def test_the_continuous_schedule_is_close_but_not_it():
    """The numbers of the docstring."""
    n = torch.arange(1000, dtype=torch.float64)
    gamma = torch.sqrt(torch.expm1(continued(n)[0]))
    far = (1000 * ge.VPSchedule().t_of_gamma(gamma) - 1 - n).abs()
    assert far.argmax() == 999 and 3.3 < far[999] < 3.4
    rate = 1000 * ge.VPSchedule().dt_dgamma(ge.VPSchedule().t_of_gamma(gamma))  # dn/dgamma
    off = (rate * (1 + gamma**2) / (2 * gamma) * continued(n)[1] - 1).abs()
    assert off.argmax() == 0 and 0.065 < off[0] < 0.075


@pytest.mark.parametrize("betas", ["cosine", "random", "jumps"])
def test_it_is_monotone_and_smooth_for_any_betas(betas):
    random = torch.rand(40, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    betas = {
        "cosine": DDPMScheduler(beta_schedule="squaredcos_cap_v2").betas,
        "random": random.clamp(1e-3, 0.6),
        "jumps": torch.tensor([1e-4, 0.3, 1e-4, 1e-4, 0.5, 1e-4]),
    }[betas]
    step_number = StepNumber(betas)
    knots = torch.cat([torch.zeros(1), torch.cumsum(-torch.log1p(-betas.double()), 0)])
    part = torch.linspace(0, 1, 33, dtype=torch.float64)[1:]
    inside = (knots[:-1, None] + knots.diff()[:, None] * part).flatten()
    gamma = torch.sqrt(torch.expm1(torch.cat([inside, 2 * knots[-1:]])))
    n, slope = torch.func.jvp(step_number, (gamma,), (torch.ones_like(gamma),))
    assert (n.diff() > 0).all() and (slope >= -1e-12 * slope.max()).all()

    at = torch.sqrt(torch.expm1(knots[1:]))
    sides = [
        torch.func.jvp(step_number, (at * (1 + side),), (torch.ones_like(at),))[1]
        for side in (-1e-12, 1e-12)
    ]
    assert (sides[0] - sides[1]).abs().max() < 1e-6 * sides[1].max()


@pytest.mark.parametrize(
    ("betas", "error", "sentence"),
    [
        ([0.1, 1.0], ValueError, "between 0 and 1"),
        ([0.1, 0.0], ValueError, "between 0 and 1"),
        ([0.1], ValueError, "two or more"),
        (None, TypeError, "betas must be an array of real numbers"),
    ],
)
def test_other_betas_are_refused(betas, error, sentence):
    with pytest.raises(error, match=sentence):
        StepNumber(betas)


# ---- eps -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["object", "folder", "pipeline"])
def test_eps_is_the_models_at_its_own_steps(source, tmp_path):
    model = unet()
    if source == "folder":
        model.save_pretrained(tmp_path)
    elif source == "pipeline":
        DDPMPipeline(model, DDPMScheduler()).save_pretrained(tmp_path)
    flow = ge.adapters.diffusers(model if source == "object" else tmp_path)
    assert flow.dtype == torch.float32
    for n in (0, 1, 250, 998, 999):
        x_bar = states() * (1 + gamma_at(n) ** 2) ** 0.5
        ours, theirs = flow.eps(x_bar, gamma_at(n)), raw_eps(model, x_bar, n)
        assert theirs.abs().max() > 0.5
        assert (ours - theirs).abs().max() < ROUNDING, n


def test_weights_with_the_names_of_old_checkpoints_are_whole(tmp_path):
    """Public DDPM models call their attention layers query, key, value and proj_attn."""
    model = unet()
    model.save_pretrained(tmp_path)
    file = tmp_path / "diffusion_pytorch_model.safetensors"
    weights = load_file(file)
    for new, old in OLD_NAMES.items():
        assert any(new in name for name in weights)
        weights = {name.replace(new, old): weight for name, weight in weights.items()}
    save_file(weights, file)
    flow, x_bar = ge.adapters.diffusers(tmp_path), states()
    assert (flow.eps(x_bar, gamma_at(100)) - raw_eps(model, x_bar, 100)).abs().max() < ROUNDING
    save_file({name: w for name, w in weights.items() if "query" not in name}, file)
    with pytest.raises(ValueError, match="all the weights of a UNet2DModel"):
        ge.adapters.diffusers(tmp_path)


def test_in_float64_nothing_but_the_embeddings_rounding_differs():
    """At step 0 the model's own float32 embedding, sin 0 and cos 0, is exact."""
    model, x_bar = unet().double(), states(torch.float64)
    betas = DDPMScheduler().betas.double().numpy()  # rounded to float32
    ours = ge.adapters.diffusers(model).eps(x_bar, gamma_at(0, betas))
    assert (ours - raw_eps(model, x_bar, 0, betas)).abs().max() < 1e-10


def test_the_levels_are_the_trainings_own(tmp_path):
    """The scheduler saved with the model, or the one given, decides what step a gamma is."""
    model, scheduler = unet(), PNDMScheduler(beta_schedule="squaredcos_cap_v2")
    model.save_pretrained(tmp_path)
    scheduler.save_pretrained(tmp_path)
    betas = scheduler.betas.double().numpy()
    x_bar = states()
    for flow in (
        ge.adapters.diffusers(str(tmp_path)),
        ge.adapters.diffusers(model, scheduler=scheduler),
    ):
        for n in (3, 700):
            theirs = raw_eps(model, x_bar, n, betas)
            assert (flow.eps(x_bar, gamma_at(n, betas)) - theirs).abs().max() < ROUNDING
            assert (flow.eps(x_bar, gamma_at(n)) - theirs).abs().max() > 1e-4


def test_a_scheduler_of_a_forgotten_class_still_gives_its_betas(tmp_path):
    """The first public DDPM checkpoints name a GaussianDDPMScheduler, which diffusers dropped."""
    model, scheduler = unet(), DDPMScheduler(beta_schedule="squaredcos_cap_v2")
    model.save_pretrained(tmp_path)
    scheduler.save_pretrained(tmp_path)
    config = tmp_path / "scheduler_config.json"
    config.write_text(config.read_text().replace("DDPMScheduler", "GaussianDDPMScheduler"))
    betas, x_bar = scheduler.betas.double().numpy(), states()
    ours = ge.adapters.diffusers(tmp_path).eps(x_bar, gamma_at(700, betas))
    assert (ours - raw_eps(model, x_bar, 700, betas)).abs().max() < ROUNDING


def test_each_state_may_have_its_own_gamma_and_label():
    model = unet(num_class_embeds=4)
    net = ge.adapters.diffusers(model).net
    gamma = torch.tensor([gamma_at(30), gamma_at(600)], dtype=torch.float64)
    labels, x_bar = torch.tensor([3, 1]), states()
    flow = ge.NetworkFlow(net, labels=labels)
    x = (x_bar * torch.rsqrt(1 + gamma**2)[:, None, None, None]).float()
    with torch.no_grad():
        theirs = model(x, torch.tensor([30, 600]), labels).sample
    assert (flow.eps(x_bar, gamma) - theirs).abs().max() < ROUNDING
    with pytest.raises(ValueError, match="labels are missing"):
        ge.NetworkFlow(net).eps(x_bar, gamma)


@pytest.mark.parametrize("options", [{"freq_shift": 1}, {"flip_sin_to_cos": False}])
def test_other_sinusoids_of_the_step_are_the_models_own(options):
    model, x_bar = unet(**options), states()
    with torch.no_grad():
        x = (x_bar * (1 + gamma_at(600) ** 2) ** -0.5).float()
        theirs = model(x, torch.tensor([600, 600])).sample
    ours = ge.adapters.diffusers(model).eps(x_bar, gamma_at(600))
    assert (ours - theirs).abs().max() < ROUNDING
    usual = unet()
    usual.load_state_dict(model.state_dict())
    assert (ge.adapters.diffusers(usual).eps(x_bar, gamma_at(600)) - ours).abs().max() > ROUNDING


def test_half_precision_keeps_its_steps():
    """In bfloat16 step 999 would be 1000: steps stay in float32."""
    model = unet().to(torch.bfloat16)
    x_bar = states(torch.bfloat16) * gamma_at(999)
    with torch.no_grad():
        x = x_bar * torch.tensor((1 + gamma_at(999) ** 2) ** -0.5).to(x_bar)
        theirs = model(x, torch.tensor([999.0, 999.0])).sample
    ours = ge.adapters.diffusers(model).eps(x_bar, gamma_at(999))
    assert ours.dtype == torch.bfloat16
    assert (ours.float() - theirs.float()).norm() < 0.02 * theirs.float().norm()


# ---- its derivatives -----------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"resnet_time_scale_shift": "scale_shift"}])
def test_the_derivatives_are_exact_in_float64(options):
    model = unet(**options).double()
    flow = ge.adapters.diffusers(model)
    x_bar, gamma = 2 * states(torch.float64), 1.3
    _, first, second = flow.derivatives(x_bar, gamma, order=2)

    def along(step: float, order: int) -> Tensor:
        """The central difference of the derivative below, along the path's parabola."""
        eps, slope = flow.derivatives(x_bar, gamma, order=1)
        ends = []
        for h in (step, -step):
            x = x_bar + h * eps + h * h / 2 * slope
            ends.append(flow.derivatives(x, gamma + h, order=order - 1)[-1])
        return (ends[0] - ends[1]) / (2 * step)

    for order, exact in ((1, first), (2, second)):
        difference = (4 * along(4e-5, order) - along(8e-5, order)) / 3  # Richardson
        assert (difference - exact).abs().max() < 1e-8 * exact.abs().max(), order


def test_float32_derivatives_are_as_good_as_its_embedding():
    """Angles up to n are rounded to n 6e-8, as in training, so sines and their slopes are off."""
    x_bar = 2 * states()
    single = ge.adapters.diffusers(unet()).eps_and_derivative(x_bar, 1.3)[1]
    double = ge.adapters.diffusers(unet().double()).eps_and_derivative(x_bar.double(), 1.3)[1]
    assert (single - double).abs().max() < 1e-4 * double.abs().max()


def test_channels_last_does_not_disturb_forward_mode():
    x_bar = 2 * states()
    plain = ge.adapters.diffusers(unet())
    last = ge.adapters.diffusers(unet().to(memory_format=torch.channels_last))
    ours = last.eps_and_derivative(x_bar.contiguous(memory_format=torch.channels_last), 1.3)[1]
    theirs = plain.eps_and_derivative(x_bar, 1.3)[1]
    assert (ours - theirs).abs().max() < 1e-5 * theirs.abs().max()


# ---- heads and samplers --------------------------------------------------------------------------


def test_a_head_reads_what_the_model_has():
    model = unet()
    net = ge.adapters.diffusers(model).net
    x_bar, gamma = states(), gamma_at(400)
    caught = []
    with (
        model.conv_norm_out.register_forward_pre_hook(lambda module, args: caught.append(args[0])),
        torch.no_grad(),
    ):
        eps, hidden, embedding = net(x_bar, gamma, features=True)
        theirs = raw_eps(model, x_bar, 400)
    assert len(caught) == 1, "the copy does not call the caller's hooks"
    assert (eps - theirs).abs().max() < ROUNDING and (hidden - caught[0]).abs().max() < 1e-5
    assert (hidden.shape[1], embedding.shape[1]) == net.feature_sizes == (16, 64)
    assert embedding.shape[0] == len(x_bar)


def test_a_head_trains_on_it_and_samples(tmp_path):
    model = unet()
    model.save_pretrained(tmp_path)
    flow = ge.adapters.diffusers(tmp_path)
    head = ge.GenieHead(3, flow.net.feature_sizes, width=8, image=True)
    settings = ge.Settings(n_steps=3, batch_size=4, lr=1e-3)
    records = list(ge.distill_head(head, flow.net, torch.rand(8, 3, 16, 16), settings))
    assert math.isfinite(records[-1].loss) and head.out.weight.abs().max() > 0

    genie = ge.adapters.diffusers(tmp_path, derivative=head)
    ge.sample(genie, SHAPE, n_steps=3, solver="genie", seed=0)
    assert (genie.nfe, genie.n_derivatives) == (3, 3)


@pytest.mark.parametrize(("solver", "n_derivatives"), [("ddim", 0), ("genie", 4)])
def test_samplers_count_its_calls(solver, n_derivatives):
    flow = ge.adapters.diffusers(unet())
    calls = []
    flow.net.unet.conv_in.register_forward_hook(lambda *seen: calls.append(0))
    images = ge.sample(flow, SHAPE, n_steps=4, solver=solver, seed=0)
    assert images.shape == SHAPE and images.isfinite().all()
    assert (flow.nfe, flow.n_derivatives) == (4, n_derivatives)
    assert len(calls) == 4 + n_derivatives, "a JVP is one more pass"


# ---- what it must not do -------------------------------------------------------------------------


def test_the_callers_model_stays_as_it_was():
    model = unet(dropout=0.5).train()
    before = {name: (type(module), module.training) for name, module in model.named_modules()}
    weights = {name: weight.clone() for name, weight in model.named_parameters()}
    processor = type(model.mid_block.attentions[0].processor)
    flow = ge.adapters.diffusers(model)
    head = ge.GenieHead(3, flow.net.feature_sizes, width=8, image=True)
    list(ge.distill_head(head, flow.net, torch.rand(4, 3, 16, 16), ge.Settings(1, 2)))
    assert before == {n: (type(m), m.training) for n, m in model.named_modules()}
    assert type(model.mid_block.attentions[0].processor) is processor
    assert all(weight.requires_grad for weight in model.parameters())
    assert all(torch.equal(weights[n], weight) for n, weight in model.named_parameters())


def test_a_failed_call_leaves_no_hook():
    flow = ge.adapters.diffusers(unet())

    def fail(module: torch.nn.Module, inputs: tuple) -> None:
        raise RuntimeError("broken in the middle")

    broken = flow.net.unet.mid_block.register_forward_pre_hook(fail)
    with pytest.raises(RuntimeError, match="broken in the middle"):
        flow.net(states(), 1.0, features=True)
    broken.remove()
    flow.eps_and_derivative(states(), 1.0)
    for module in flow.net.modules():
        assert not module._forward_hooks and not module._forward_pre_hooks


# ---- what it refuses -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"out_channels": 5}, "model must have out_channels = 3 or 6; it has 5"),
        ({"class_embed_type": "timestep"}, "class_embed_type = None; it has 'timestep'"),
        ({"time_embedding_type": "fourier"}, "= 'positional'; it has 'fourier'"),
    ],
)
def test_models_of_other_kinds_are_refused(options, sentence):
    with pytest.raises(ValueError, match=sentence):
        ge.adapters.diffusers(unet(**options))


def test_other_predictions_are_refused(tmp_path):
    DDPMPipeline(unet(), DDPMScheduler(prediction_type="sample")).save_pretrained(tmp_path)
    with pytest.raises(ValueError, match="epsilon or v_prediction; it predicts 'sample'"):
        ge.adapters.diffusers(tmp_path)
    with pytest.raises(ValueError, match="EDMEulerScheduler has no betas.*use ge.adapters.edm"):
        ge.adapters.diffusers(unet(), scheduler=EDMEulerScheduler())


def test_what_is_no_model_is_refused(tmp_path):
    with pytest.raises(ValueError, match="is no folder, and no hub name within reach"):
        ge.adapters.diffusers(tmp_path)
    with pytest.raises(TypeError, match="model must be a UNet2DModel or its folder; got Linear"):
        ge.adapters.diffusers(nn.Linear(2, 2))
    with pytest.raises(ValueError, match="derivative 'autodif' does not exist"):
        ge.adapters.diffusers(unet(), "autodif")


def test_a_folder_with_weights_of_another_class_is_refused(tmp_path):
    """diffusers itself would fill what is missing with random weights."""
    other = UNet2DConditionModel(
        sample_size=16,
        block_out_channels=(8, 8),
        down_block_types=("DownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "UpBlock2D"),
        layers_per_block=1,
        norm_num_groups=4,
        cross_attention_dim=4,
    )
    other.save_pretrained(tmp_path)
    with pytest.raises(ValueError, match="all the weights of a UNet2DModel"):
        ge.adapters.diffusers(tmp_path)


def test_without_diffusers_the_command_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "diffusers", None)
    with pytest.raises(ImportError, match="pip install diffusers"):
        ge.adapters.diffusers("anything")
