"""Less memory in training: blocks computed again, batches in pieces; the result stays."""

from __future__ import annotations

import copy

import pytest
import torch

import genie_edu as ge
from genie_edu.derivative import flow_derivatives
from genie_edu.nets.unet import UNet
from genie_edu.train.recompute import recomputed


@pytest.fixture(scope="module")
def nets():
    """A network and its twin whose blocks are computed again."""
    torch.manual_seed(0)
    net = UNet(size=16, widths=(16, 32), blocks=2, attention=(8,), classes=3)
    for weights in net.parameters():
        torch.nn.init.normal_(weights, std=0.05)
    return net, recomputed(copy.deepcopy(net))


X, GAMMA = (
    torch.randn(4, 3, 16, 16, generator=torch.Generator().manual_seed(1)),
    torch.rand(4) + 0.1,
)
LABELS = torch.tensor([0, 1, 2, 3])


def measured(net: UNet) -> tuple[float, list[torch.Tensor], int]:
    """The loss, the gradients, and the bytes that were kept for them."""
    kept = [0]

    def pack(tensor):
        kept[0] += tensor.nbytes
        return tensor

    net.train().zero_grad()
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        loss = net(X, GAMMA, LABELS).square().mean()
    loss.backward()
    return loss.item(), [p.grad.clone() for p in net.parameters()], kept[0]


def test_the_gradients_are_the_same_and_far_less_is_kept(nets):
    (loss, gradients, kept), (again, others, fewer) = (measured(net) for net in nets)
    assert loss == again and fewer < kept / 4
    assert all(torch.allclose(g, o, atol=1e-7) for g, o in zip(gradients, others, strict=True))
    plain, twin = nets
    assert plain.state_dict().keys() == twin.state_dict().keys()


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("order", [1, 2])
def test_forward_mode_is_exact(nets, training, order):
    plain, twin = (
        flow_derivatives(lambda x, g, net=net: net.train(training)(x, g, LABELS), X, GAMMA, order)
        for net in nets
    )
    assert all(torch.equal(one, other) for one, other in zip(plain, twin, strict=True))
    assert plain[1].detach().abs().max() > 0


def test_it_is_computed_again_in_training_only(nets, monkeypatch):
    _, twin = nets
    calls = []
    real = torch.utils.checkpoint.checkpoint
    monkeypatch.setattr(
        "genie_edu.train.recompute.checkpoint", lambda *a, **k: calls.append(1) or real(*a, **k)
    )
    twin.eval()(X, GAMMA, LABELS)
    with torch.no_grad():
        twin.train()(X, GAMMA, LABELS)
    assert calls == []
    twin.train()(X, GAMMA, LABELS)
    assert len(calls) == 2 * 2 + 2 + 2 * 3


def test_a_network_without_blocks_is_refused(nets):
    with pytest.raises(ValueError, match="none of the U-Net's blocks"):
        recomputed(ge.EpsMLP())
    with pytest.raises(TypeError, match="net must be a torch module"):
        recomputed("net")
    assert recomputed(nets[1]) is nets[1]


@pytest.mark.parametrize("at_once", [1, 3, 8, 20])
def test_a_batch_in_pieces_has_the_gradients_of_the_whole(at_once):
    mixture = ge.GaussianMixture(**ge.TOYS["three_modes"])
    settings = ge.Settings(n_steps=3, batch_size=8, warm_up=1)
    found = []
    for pieces in (None, at_once):
        torch.manual_seed(0)
        net = ge.EpsMLP()
        records = list(ge.train_eps(net, mixture.sample, settings, at_once=pieces, record_every=1))
        found.append((net.state_dict(), [record.loss for record in records]))
    (one, losses), (two, others) = found
    assert losses == pytest.approx(others, rel=1e-5)
    assert all(torch.allclose(value, two[key], atol=1e-4) for key, value in one.items())


def test_pieces_of_no_size_are_refused():
    mixture = ge.GaussianMixture(**ge.TOYS["three_modes"])
    with pytest.raises(ValueError, match="at_once must be a whole number of at least 1"):
        next(ge.train_eps(ge.EpsMLP(), mixture.sample, ge.Settings(n_steps=1), at_once=0))
