"""The guided head: every input matters, it comes back from its file, it learns the derivative."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

import genie_edu as ge
from genie_edu.train.guided import guided_derivative_loss

CLASSES = 3


def network() -> ge.UNet:
    """A small class-conditional U-Net whose every weight is at work."""
    torch.manual_seed(0)
    net = ge.UNet(channels=1, size=8, widths=(8, 16), blocks=1, attention=(), classes=CLASSES)
    for parameter in net.parameters():
        if not parameter.abs().sum():
            torch.nn.init.normal_(parameter, std=0.1)
    return net.eval()


def images(n: int = 64) -> ge.images.Images:
    generator = torch.Generator().manual_seed(1)
    labels = torch.arange(n) % CLASSES
    return ge.images.Images(torch.rand(n, 1, 8, 8, generator=generator) * 2 - 1, labels, CLASSES)


def head_of(net: ge.UNet, **options) -> ge.GuidedHead:
    torch.manual_seed(2)
    return ge.GuidedHead(1, net.feature_sizes, width=8, **options)


def test_every_input_of_the_head_matters_and_untrained_it_is_ddim():
    net, head = network(), head_of(network())
    labels, x = torch.tensor([0, 1, 2, 0]), torch.randn(4, 1, 8, 8)
    flow = ge.GuidedFlow(ge.NetworkFlow(net, labels=labels), ge.NetworkFlow(net), 2.0, head=head)
    with torch.no_grad():
        eps, *features = flow.features(x, 0.7)
        assert float(flow.eps_and_derivative(x, 0.7)[1].abs().max()) == 0
        for weight in head.parameters():
            if weight.ndim > 1:  # as large as a trained one's, so that no branch is zero
                weight.normal_(std=weight[0].numel() ** -0.5)
        given = [x, torch.tensor(0.7), eps, torch.full((4,), 2.0), *features]
        first = head(*given)
        assert torch.equal(first, head(*given[:3], 2.0, *features))
        for k, value in enumerate(given):
            other = [v if i != k else v + 0.3 * torch.randn_like(v) for i, v in enumerate(given)]
            assert float((head(*other) - first).abs().max()) > 1e-5, (k, value.shape)


def test_the_head_comes_back_from_its_file(tmp_path):
    net = network()
    head = head_of(net, preconditioned=True, sigma_data=0.5, blocks=2)
    ge.checkpoints.save(tmp_path / "head.safetensors", head)
    again = ge.checkpoints.load(tmp_path / "head.safetensors", "GuidedHead")
    assert again.config == head.config
    for a, b in zip(head.state_dict().values(), again.state_dict().values(), strict=True):
        assert torch.equal(a, b)


def test_it_learns_the_derivative_of_the_guided_flow_and_resumes(tmp_path):
    net, settings = network(), ge.Settings(n_steps=120, batch_size=32, lr=1e-2, warm_up=5, ema=0.8)
    whole, parts = head_of(net), head_of(net)
    list(ge.distill_guided_head(whole, net, images(), settings, record_every=20))
    run = ge.distill_guided_head(
        parts, net, images(), settings, checkpoint=tmp_path / "r.safetensors", record_every=20
    )
    next(run)
    run.close()
    parts = head_of(net)
    list(
        ge.distill_guided_head(
            parts, net, images(), settings, checkpoint=tmp_path / "r.safetensors", record_every=20
        )
    )
    for a, b in zip(whole.parameters(), parts.parameters(), strict=True):
        assert torch.equal(a, b)
    x, labels = images(9).pixels, images(9).labels
    x = x + torch.randn(x.shape, generator=torch.Generator().manual_seed(3))
    gamma, w = torch.full((9,), 1.0), torch.linspace(0.2, 3.5, 9)
    with torch.no_grad():
        learned, untrained = (
            float(guided_derivative_loss(head, net, x, gamma, labels, w))
            for head in (whole, head_of(net))
        )
    assert learned < 0.8 * untrained


def test_the_target_is_along_the_guided_flow():
    """A head that knows the answer has no loss; w, labels and sigma_data matter."""
    net, labels, x = network().double(), torch.tensor([0, 1]), torch.randn(2, 1, 8, 8).double()
    gamma, w = torch.tensor([0.5, 2.0]).double(), torch.tensor([1.0, 3.0]).double()
    flow = ge.GuidedFlow(ge.NetworkFlow(net, labels=labels), ge.NetworkFlow(net), w)
    answer = flow.eps_and_derivative(x, gamma)[1]

    def oracle(x_bar, gamma, eps, w, *features):
        return answer

    def loss(labels=labels, w=w, **options):
        return float(guided_derivative_loss(oracle, net, x, gamma, labels, w, **options))

    assert loss() < 1e-20 < 1e-6 < min(loss(w=w + 1), loss(labels=labels.flip(0)))
    assert loss(w=w + 1, sigma_data=0.5) > 2 * loss(w=w + 1)


@pytest.mark.parametrize(
    ("given", "words"),
    [({"w_most": 0.0}, "w_most must be positive"), ({"data": None}, "data must have labels")],
)
def test_bad_input_is_one_sentence(given, words):
    data = given.pop("data", images())
    if data is None:
        data = ge.images.Images(images().pixels)
    with pytest.raises(ValueError, match=words):
        ge.distill_guided_head(head_of(network()), network(), data, **given)


def test_kept_targets_are_those_of_the_guided_flow_and_computed_once(tmp_path, monkeypatch):
    net, counted = network(), []
    settings = ge.Settings(n_steps=6, batch_size=16, kept=40, warm_up=2, ema=0.8)
    once = ge.GuidedFlow.eps_and_derivative
    monkeypatch.setattr(
        ge.GuidedFlow,
        "eps_and_derivative",
        lambda flow, x, g: counted.append(len(x)) or once(flow, x, g),
    )

    def distilled(settings=settings, net=net):
        counted.clear()
        head, path = head_of(net), tmp_path / "guided_head.run.safetensors"
        list(ge.distill_guided_head(head, net, images(), settings, checkpoint=path, resume=False))
        return torch.cat([p.flatten() for p in head.parameters()]), sum(counted)

    first, n = distilled()
    assert n == 40
    again, n = distilled()
    assert n == 0 and torch.equal(first, again)
    assert distilled(replace(settings, seed=1))[1] == 40
    (file,) = (tmp_path / "guided_head.run.targets").iterdir()
    kept = ge.checkpoints.read(file)[0]
    w, labels = kept["w"], kept["labels"]
    assert w.min() >= 0 and 2 < w.max() <= 4 and len(w) == 40
    flow = ge.GuidedFlow(ge.NetworkFlow(net, labels=labels), ge.NetworkFlow(net), w)
    slope = once(flow, kept["x_bar"].float(), kept["gamma"])[1]
    assert (kept["gamma"][:, None, None, None] * slope - kept["target"]).abs().max() < 2e-3


def test_relative_to_the_targets_an_untrained_head_has_loss_one():
    net = network()
    settings = ge.Settings(n_steps=3, batch_size=40, kept=120, weighting="relative", lr=1e-9)
    run = ge.distill_guided_head(head_of(net), net, images(), settings, record_every=1)
    assert abs(sum(record.loss for record in run) / 3 - 1) < 1e-3
