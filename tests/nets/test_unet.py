"""The U-Net: exact in forward mode, equal to torch's parts, and what its docstring promises."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.func import functional_call, jvp
from torch.utils.flop_counter import FlopCounterMode

import genie_edu as ge
from genie_edu.derivative import along_flow
from genie_edu.nets.forward_mode import GroupNorm
from genie_edu.nets.unet import Attention, Block, UNet

SMALL = {"channels": 1, "size": 8, "widths": (16, 24), "blocks": 1, "attention": (4,)}
NETS = {
    "8x8": SMALL,
    "16x16, classes": {"size": 16, "widths": (8, 16, 16), "blocks": 1, "classes": 10},
    "32x32, condition": {"widths": (8, 16), "blocks": 1, "condition": 3, "parametrization": "eps"},
}


def scrambled(net: nn.Module) -> nn.Module:
    """Weights of a trained network's size, so that no branch is zero."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weight in net.parameters():
            if weight.ndim > 1:
                noise = torch.randn(weight.shape, generator=generator)
                weight.copy_(noise / weight[0].numel() ** 0.5)
    return net.double()


class Bound(nn.Module):
    """A network with its condition or labels held."""

    def __init__(self, net: nn.Module, **held: torch.Tensor) -> None:
        super().__init__()
        self.net, self.held = net, held

    def forward(self, x_bar, gamma):
        return self.net(x_bar, gamma, **self.held)


@pytest.mark.parametrize("name", NETS)
def test_the_derivative_is_exact(name):
    net = scrambled(UNet(**NETS[name]))
    config = net.config
    x_bar = 2 * torch.randn(2, config["channels"], config["size"], config["size"]).double()
    held = {"labels": torch.tensor([3, 7])} if config["classes"] else {}
    held |= {"condition": torch.randn_like(x_bar)} if config["condition"] else {}
    net = Bound(net, **held)
    exact = ge.NetworkFlow(net).eps_and_derivative(x_bar, 1.3)[1]
    wide, narrow = (
        ge.NetworkFlow(net, "finite_difference", step=step).eps_and_derivative(x_bar, 1.3)[1]
        for step in (2e-4, 1e-4)
    )
    difference = (4 * narrow - wide) / 3  # Richardson: the differences' own error of order 2 goes
    assert (exact - difference).norm() < 1e-9 * exact.norm()


def test_its_parts_are_the_fields():
    x = torch.randn(2, 24, 5, 5)
    ours = scrambled(GroupNorm(24)).float()
    theirs = nn.GroupNorm(ours.groups, 24)
    theirs.load_state_dict(ours.state_dict())
    assert (ours(x) - theirs(x)).abs().max() < 2e-6

    attention = scrambled(Attention(8)).float()
    x = torch.randn(2, 8, 4, 4)
    q, k, v = (
        part.flatten(2).mT[:, None] for part in attention.qkv(attention.norm(x)).chunk(3, dim=1)
    )
    fused = nn.functional.scaled_dot_product_attention(q, k, v)[:, 0].mT.reshape(x.shape)
    assert (attention(x) - x - attention.out(fused)).abs().max() < 1e-5


def written_out(weights: dict[str, torch.Tensor], x: torch.Tensor, groups: int) -> torch.Tensor:
    """Group normalization as its formula, every step torch's own."""
    grouped = x.reshape(len(x), groups, -1)
    variance, mean = torch.var_mean(grouped, dim=2, keepdim=True, correction=0)
    normal = ((grouped - mean) / torch.sqrt(variance + 1e-5)).reshape(x.shape)
    return normal * weights["weight"][:, None, None] + weights["bias"][:, None, None]


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_group_norms_slopes_are_its_formulas(layout):
    norm = GroupNorm(24).double()
    weights = {key: torch.randn(24, dtype=torch.float64) for key in ("weight", "bias")}
    norm.load_state_dict(weights)
    x, v = (3 + 2 * torch.randn(2, 3, 24, 5, 5).double()).unbind()
    x, v = x.contiguous(memory_format=layout), v.contiguous(memory_format=layout)
    slopes = {key: value.cos() for key, value in weights.items()}

    def ours(weights, x):
        return functional_call(norm, weights, (x,))

    def formula(weights, x):
        return written_out(weights, x, norm.groups)

    def once(function):
        return lambda x: jvp(lambda x: function(weights, x**3), (x,), (v,))

    for order in (once, lambda f: lambda x: jvp(once(f), (x,), (v,))[1]):
        for a, b in zip(order(ours)(x), order(formula)(x), strict=True):
            assert (a - b).abs().max() < 1e-12 * max(1.0, float(b.abs().max()))
    if layout is torch.contiguous_format:  # the weights' slopes are left to torch, which needs it
        a, b = (jvp(f, (weights, x), (slopes, v))[1] for f in (ours, formula))
        assert (a - b).abs().max() < 1e-12 * float(b.abs().max())


def test_its_derivative_costs_two_convolutions_each():
    net, counts = scrambled(UNet(**SMALL)), []
    x_bar, gamma = torch.randn(2, 1, 8, 8).double(), torch.tensor(1.0).double()
    with torch.no_grad():
        for run in (lambda: net(x_bar, gamma), lambda: along_flow(net, x_bar, gamma, x_bar)):
            with FlopCounterMode(display=False) as counter:
                run()
            counts.append(counter.get_flop_counts()["Global"])
    convolution, matmul = torch.ops.aten.convolution, torch.ops.aten.bmm
    assert counts[1][convolution] == 2 * counts[0][convolution] > 0
    assert counts[1][matmul] == 3 * counts[0][matmul] > 0  # attention: both factors move


def test_an_untrained_network_is_one_gaussians():
    net = UNet(**SMALL, sigma_data=0.5)
    x_bar, gamma = torch.randn(3, 1, 8, 8), torch.tensor([0.1, 1.0, 30.0])
    level = gamma[:, None, None, None]
    assert torch.allclose(net(x_bar, gamma), level * x_bar / (level**2 + 0.25), atol=1e-6)


def test_without_a_label_it_takes_the_null_label():
    net = scrambled(UNet(**SMALL, classes=4))
    x_bar = torch.randn(2, 1, 8, 8).double()
    null = net(x_bar, 1.0, labels=torch.tensor([4, 4]))
    assert torch.equal(net(x_bar, 1.0), null)
    assert not torch.equal(net(x_bar, 1.0, labels=torch.tensor([0, 0])), null)


def test_a_head_reads_its_features(tmp_path):
    net = UNet(**SMALL)
    eps, *features = net(torch.randn(2, 1, 8, 8), 2.0, features=True)
    assert tuple(part.shape[1] for part in features) == net.feature_sizes
    head = ge.GenieHead(1, net.feature_sizes, width=8, image=True)
    flow = ge.NetworkFlow(net, head)
    assert ge.sample(flow, (2, 1, 8, 8), n_steps=2).shape == (2, 1, 8, 8)
    back = ge.checkpoints.load(ge.checkpoints.save(tmp_path / "u.safetensors", net))
    assert back.config == net.config and torch.equal(back.out.weight, net.out.weight)


def test_it_takes_channels_last_and_bfloat16():
    net = scrambled(UNet(**SMALL)).float().to(memory_format=torch.channels_last)
    x_bar = torch.randn(2, 1, 8, 8)
    plain = net(x_bar, 1.0)
    last = net(x_bar.contiguous(memory_format=torch.channels_last), 1.0)
    assert torch.allclose(plain, last, atol=1e-5)
    with torch.autocast("cpu", torch.bfloat16):
        low = net(x_bar, 1.0)
    assert (low.float() - plain).norm() < 0.05 * plain.norm()


def test_a_side_that_can_not_be_halved_is_refused():
    with pytest.raises(ValueError, match="side of 12 can't be halved 3 times"):
        UNet(size=12, widths=(8, 8, 8, 8))


@pytest.mark.parametrize("patch", [1, 2, 4])
def test_a_folded_network_is_exact_in_forward_mode_and_every_input_matters(patch):
    config = {"size": 16, "widths": (8, 8), "blocks": 1, "attention": (4,), "patch": patch}
    net = scrambled(UNet(**config, classes=3, condition=1))
    generator = torch.Generator().manual_seed(2)
    x_bar = torch.randn(2, 3, 16, 16, generator=generator).double()
    given = {
        "labels": torch.tensor([0, 1]),
        "condition": torch.randn(2, 1, 16, 16, generator=generator).double(),
    }
    eps, *features = net(x_bar, 1.3, **given, features=True)
    assert eps.shape == x_bar.shape and features[0].shape[-1] == 16 // patch
    assert tuple(part.shape[1] for part in features) == net.feature_sizes
    bound = Bound(net, **given)
    exact = ge.NetworkFlow(bound).eps_and_derivative(x_bar, 1.3)[1]
    wide, narrow = (
        ge.NetworkFlow(bound, "finite_difference", step=step).eps_and_derivative(x_bar, 1.3)[1]
        for step in (2e-4, 1e-4)
    )
    assert (exact - (4 * narrow - wide) / 3).norm() < 1e-9 * exact.norm()
    others = [
        net(x_bar + 0.1, 1.3, **given),
        net(x_bar, 1.6, **given),
        net(x_bar, 1.3, **given | {"labels": torch.tensor([2, 2])}),
        net(x_bar, 1.3, **given | {"condition": given["condition"] + 0.1}),
    ]
    assert all((other - eps).norm() > 1e-3 * eps.norm() for other in others)


def test_an_older_card_without_a_patch_loads(tmp_path):
    net = UNet(**SMALL)
    path = ge.checkpoints.save(tmp_path / "u.safetensors", net)
    tensors, card = ge.checkpoints.read(path)
    del card["config"]["patch"]
    path.with_suffix(".json").unlink()
    ge.checkpoints.write(path, tensors, card)
    assert ge.checkpoints.load(path).patch == 1


def test_a_side_that_can_not_be_folded_is_refused():
    with pytest.raises(ValueError, match="side of 9 can't be folded by 2"):
        UNet(size=9, patch=2)


# ---- every input matters -------------------------------------------------------------------------


def test_the_level_scales_and_shifts_a_block():
    """h = second(silu(norm(h) (1 + scale) + shift)), with scale and shift from the embedding."""
    torch.manual_seed(0)
    block = scrambled(Block(8, 8, 4, attention=False)).requires_grad_(False)
    x, embedding = torch.randn(2, 8, 4, 4).double(), torch.randn(2, 4).double()
    norm = [nn.functional.group_norm] * 2
    scale, shift = block.level(embedding)[:, :, None, None].chunk(2, dim=1)
    groups = block.norms[0].groups
    h = block.first(nn.functional.silu(norm[0](x, groups)))
    h = block.second(nn.functional.silu(norm[1](h, groups) * (1 + scale) + shift))
    expected = (x + h) * 0.5**0.5
    assert float((block(x, embedding) - expected).abs().max()) < 1e-4  # the norms' own 1e-5
    assert float(shift.abs().max()) > 0.1 and float(scale.abs().max()) > 0.1


def test_every_input_and_every_part_of_a_unet_matters():
    """No weight can be changed without changing eps, but those that shift what is then centred."""
    torch.manual_seed(0)
    settings = SMALL | {"classes": 3, "condition": 2}
    net = scrambled(UNet(**settings)).requires_grad_(False)
    x, level = torch.randn(2, 1, 8, 8).double(), 0.7
    rest = (torch.tensor([0, 2]), torch.randn(2, 2, 8, 8).double())
    eps = net(x, level, *rest)
    for changed in (
        net(x + 0.1, level, *rest),
        net(x, level * 1.1, *rest),
        net(x, level, torch.tensor([1, 2]), rest[1]),
        net(x, level, None, rest[1]),
        net(x, level, rest[0], rest[1] + 0.1),
    ):
        assert float((changed - eps).abs().max()) > 1e-3
    for name, weight in net.named_parameters():
        before = weight.clone()
        weight.add_(0.3 * torch.randn(weight.shape))
        assert float((net(x, level, *rest) - eps).abs().max()) > 1e-6, name
        weight.copy_(before)


def test_the_form_of_an_untrained_unet_is_one_gaussians():
    net = UNet(**SMALL, sigma_data=0.4).double()
    x = torch.randn(2, 1, 8, 8).double()
    expected = 2.0 * x / (2.0**2 + 0.4**2)
    assert float((net(x, 2.0) - expected).abs().max().detach()) < 1e-12


def test_the_shipped_network_and_its_head_are_as_good_as_recorded():
    """Whatever is wired in another way than in training shows in the recorded losses."""
    net, head = (
        ge.checkpoints.load(ge.data.shipped(f"digits/{part}")) for part in ("base", "head")
    )
    rows = ge.tables.read(ge.data.shipped("digits/results.json"))["levels"]
    images = ge.images.from_bytes(ge.presets.PRESETS["digits"].data().pixels[:200])
    found = ge.evaluation.by_level(net, head, images, [row["gamma"] for row in rows[:9]])
    for ours, theirs in zip(found, rows, strict=False):
        for key in ("loss", "r2", "cosine"):
            assert ours[key] == pytest.approx(theirs[key], rel=2e-3, abs=1e-4), (key, ours["gamma"])


def test_the_output_corrects_what_is_exact_for_one_gaussian():
    net, sigma = UNet(**SMALL, sigma_data=0.4).double(), 0.4
    with torch.no_grad():
        net.out.bias.fill_(3.0)  # F = 3
    x, gamma = torch.randn(2, 1, 8, 8).double(), 2.0
    root = (gamma**2 + sigma**2) ** 0.5
    expected = (gamma * x / root - sigma * 3.0) / root
    assert float((net(x, gamma) - expected).abs().max().detach()) < 1e-12


def test_an_untrained_block_is_its_input_scaled():
    block = Block(8, 8, 4, attention=True)
    x = torch.randn(2, 8, 4, 4)
    assert torch.equal(block(x, torch.randn(2, 4)), x * 0.5**0.5)


def test_every_feature_that_a_head_reads_is_of_the_state_and_the_level():
    net = scrambled(UNet(**SMALL)).requires_grad_(False)
    x = torch.randn(2, 1, 8, 8).double()
    _, *features = net(x, 0.7, features=True)
    _, *moved = net(x + 0.5, 0.7, features=True)
    _, *later = net(x, 1.4, features=True)
    for i, (one, two, three) in enumerate(zip(features, moved, later, strict=True)):
        assert one.abs().max() > 1e-3 and not torch.equal(one, three)
        assert torch.equal(one, two) == (i == 1)  # the level's embedding knows no state
