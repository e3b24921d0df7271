"""The distilled head: what it is before training, its two forms, and that every input matters."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

import genie_edu as ge
from genie_edu.nets.head import precondition

SIDE, LEVEL = 8, 12


def lively(module: nn.Module) -> nn.Module:
    """Weights of a trained network's size, so that no branch is zero."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weight in module.parameters():
            if weight.ndim > 1:
                noise = torch.randn(weight.shape, generator=generator)
                weight.copy_(noise / weight[0].numel() ** 0.5)
    return module


def inputs(sizes: tuple[int, ...], patch: int = 1) -> dict[str, torch.Tensor]:
    """What a head is called with, by name."""
    generator = torch.Generator().manual_seed(1)

    def noise(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=generator)

    side = SIDE // patch
    hidden, level, *coarser = sizes
    found = {"x_bar": noise(4, 3, SIDE, SIDE), "gamma": torch.tensor([0.1, 0.5, 2.0, 20.0])}
    found |= {"eps": noise(4, 3, SIDE, SIDE), "hidden": noise(4, hidden, side, side)}
    found["level"] = noise(4, level)
    for i, n in enumerate(coarser):
        found[f"coarser {i}"] = noise(4, n, *2 * (side // 2 ** (len(coarser) - i),))
    return found


@pytest.mark.parametrize("width", [8, 16, 32, 64])
@pytest.mark.parametrize("preconditioned", [False, True])
@pytest.mark.parametrize(("patch", "fold"), [(1, 1), (2, 1), (1, 2), (1, 4)])
def test_every_input_of_an_image_head_matters(width, preconditioned, patch, fold):
    sizes = (5, LEVEL, 6, 7) if patch == 1 else (5, LEVEL, 6)
    options = {"preconditioned": preconditioned, "sigma_data": 0.5, "patch": patch, "blocks": 2}
    options["fold"] = fold
    head = lively(ge.GenieHead(3, sizes, width, image=True, **options))
    given = inputs(sizes, patch)
    out = head(*given.values()).detach()
    assert out.shape == given["x_bar"].shape
    for name, value in given.items():
        other = value.flip(0) if name == "gamma" else value + torch.randn_like(value)
        changed = head(*(given | {name: other}).values()).detach()
        rows = range(4)
        moved = [float((changed[i] - out[i]).norm() / out[i].norm()) for i in rows]
        assert min(moved) > 0.01, (name, moved)


def test_a_fold_quarters_the_cost_and_stays_in_the_card(tmp_path):
    sizes, once = (6, LEVEL, 6), {}
    for fold in (1, 2):
        head = lively(ge.GenieHead(3, sizes, 32, image=True, blocks=2, fold=fold))
        with FlopCounterMode(display=False) as counter:
            out = head(*inputs(sizes).values())
        once[fold] = counter.get_total_flops()
        again = ge.checkpoints.load(ge.checkpoints.save(tmp_path / "h.safetensors", head))
        assert again.fold == fold and torch.equal(again(*inputs(sizes).values()), out)
    assert 0.2 < once[2] / once[1] < 0.4
    with pytest.raises(ValueError, match="fold"):
        ge.GenieHead(3, sizes, image=True, blocks=0, fold=2)
    with pytest.raises(ValueError, match="fold"):
        ge.GenieHead(2, (5, LEVEL), fold=2)


def test_the_head_of_earlier_files_is_blind_to_the_level():
    sizes = (5, LEVEL)
    head = lively(ge.GenieHead(3, sizes, 32, image=True, blocks=0))
    given = inputs(sizes)
    out = head(*given.values())
    changed = head(*(given | {"level": torch.randn(4, LEVEL)}).values())
    assert (changed - out).norm() < 1e-5 * out.norm()


@pytest.mark.parametrize("patch", [1, 2])
def test_the_preconditioned_form_is_exact_with_the_networks_own_slope(patch):
    """out = sqrt(gamma^2 + s^2) / s dF / dlog gamma along the flow, by a JVP of the output F."""
    torch.manual_seed(0)
    net = lively(ge.UNet(3, SIDE, (8, 8), 1, (4,), sigma_data=0.7, patch=patch)).double()
    x_bar = torch.randn(4, 3, SIDE, SIDE).double()
    for gamma in (0.02, 0.8, 60.0):
        level = torch.full((4,), gamma).double()
        wide = level[:, None, None, None]

        def output(x, g):
            g = g[:, None, None, None]
            root = (g * g + 0.49).sqrt()
            return (g * x / root - root * net(x, g.flatten())) / 0.7

        eps, exact = ge.NetworkFlow(net).eps_and_derivative(x_bar, level)
        slope = torch.func.jvp(output, (x_bar, level), (level[0] * eps, level))[1]
        out = (wide**2 + 0.49).sqrt() / 0.7 * slope
        found = precondition(out, x_bar, wide, 0.7)
        assert (found - exact).norm() < 1e-9 * exact.norm()


def test_an_untrained_head_is_ddim_or_one_gaussians():
    net = ge.UNet(3, SIDE, (8, 8), 1, (4,), sigma_data=0.5)
    plain = ge.GenieHead(3, net.feature_sizes, image=True)
    round_one = ge.GenieHead(3, net.feature_sizes, image=True, preconditioned=True, sigma_data=0.5)
    x_bar = torch.randn(2, 3, SIDE, SIDE)
    exact = ge.NetworkFlow(net).eps_and_derivative(x_bar, 2.0)[1]  # untrained: a round Gaussian's
    assert ge.NetworkFlow(net, plain).eps_and_derivative(x_bar, 2.0)[1].abs().max() == 0
    found = ge.NetworkFlow(net, round_one).eps_and_derivative(x_bar, 2.0)[1]
    assert (found - exact).abs().max() < 1e-6


def test_heads_of_every_form_come_back_from_their_file(tmp_path):
    for i, options in enumerate(
        (
            {},
            {"mixed": False},
            {"preconditioned": True, "sigma_data": 0.5},
            {"blocks": 3, "patch": 2},
            {"blocks": 0},
        )
    ):
        head = lively(ge.GenieHead(3, (5, LEVEL), 8, image=True, **options))
        back = ge.checkpoints.load(ge.checkpoints.save(tmp_path / f"{i}.safetensors", head))
        given = inputs((5, LEVEL), options.get("patch", 1))
        assert torch.equal(back(*given.values()), head(*given.values()))


def test_a_head_of_points_has_no_blocks_or_maps():
    for options in ({"blocks": 2}, {"patch": 2}):
        with pytest.raises(ValueError, match="for heads of images"):
            ge.GenieHead(2, (5, LEVEL), **options)
    with pytest.raises(ValueError, match="for heads of images"):
        ge.GenieHead(2, (5, LEVEL, 6))


# ---- every input matters -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "form", [{}, {"mixed": False}, {"preconditioned": True}], ids=["mixed", "plain", "edm"]
)
def test_every_input_and_every_weight_of_a_head_of_points_matters(form):
    torch.manual_seed(0)
    head = ge.GenieHead(2, (5, 3), width=8, **form).double().requires_grad_(False)
    for weight in head.parameters():
        weight.copy_(0.5 * torch.randn(weight.shape))
    given = [torch.randn(4, n).double() for n in (2, 2, 5, 3)]

    def slope(x_bar, eps, hidden, level, gamma=1.5):
        # outside of the network x_bar comes in by `precondition` alone, which is known
        out = head(x_bar, gamma, eps, hidden, level)
        return out - (x_bar / (gamma**2 + 1) ** 2 if form.get("preconditioned") else 0)

    before = slope(*given)
    for i in range(4):
        changed = [value + 0.3 * (i == j) for j, value in enumerate(given)]
        assert float((slope(*changed) - before).abs().max()) > 1e-3, i
    assert float((slope(*given, gamma=2.5) - before).abs().max()) > 1e-3
    for name, weight in head.named_parameters():
        kept = weight.clone()
        weight.add_(0.3 * torch.randn(weight.shape))
        assert float((slope(*given) - before).abs().max()) > 1e-4, name
        weight.copy_(kept)


def test_a_preconditioned_head_reads_the_networks_own_output():
    """F of eps = (gamma z - sigma F) / sqrt(gamma^2 + sigma^2), whatever F is."""
    head = ge.GenieHead(2, (5, 3), width=8, preconditioned=True, sigma_data=0.4).double()
    z, output = torch.randn(2, 4, 2).double()
    gamma, root = 1.5, (1.5**2 + 0.4**2) ** 0.5
    seen = []
    head.first.register_forward_pre_hook(lambda layer, given: seen.append(given[0]))
    eps = (gamma * z - 0.4 * output) / root
    head(root * z, gamma, eps, torch.zeros(4, 5).double(), torch.zeros(4, 3).double())
    assert float((seen[0][:, :2] - z).abs().max()) < 1e-12
    assert float((seen[0][:, 2:4] - output).abs().max()) < 1e-12


def test_the_output_of_the_perceptron_corrects_what_is_exact_for_one_gaussian():
    net = ge.EpsMLP(width=8, depth=1, sigma_data=0.4).double().requires_grad_(False)
    net.out.bias.fill_(3.0)
    x, root = torch.randn(4, 2).double(), (2.0**2 + 0.4**2) ** 0.5
    expected = (2.0 * x / root - 0.4 * 3.0) / root
    assert float((net(x, 2.0) - expected).abs().max()) < 1e-12
