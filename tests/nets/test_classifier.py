"""The classifier that stands in for Inception: it learns, and its images are moved right."""

from __future__ import annotations

import sys
import types

import pytest
import torch

import genie_edu as ge
from genie_edu.datasets.images import Images
from genie_edu.evaluation import features_of
from genie_edu.judge.inception import Inception
from genie_edu.nets.classifier import Classifier
from genie_edu.train.classify import accuracy, augment, train_classifier


@pytest.mark.parametrize(("residual", "norm"), [(False, "group"), (True, "group"), (True, "batch")])
def test_it_learns_held_out_digits_and_comes_back(tmp_path, residual, norm):
    images, labels = ge.data.digits()
    assert images.shape == (1797, 1, 8, 8) and images.min() == -1 and images.max() == 1
    with torch.random.fork_rng():
        torch.manual_seed(0)
        net = Classifier(widths=(16, 32, 64), residual=residual, norm=norm)
    settings = ge.Settings(n_steps=120, batch_size=128, lr=5e-3, ema=0.9)
    train, held_out = slice(0, 1500), slice(1500, None)
    data = Images(images[train], labels[train], classes=10)
    run = train_classifier(net, data, settings, record_every=40)
    assert [record.step for record in run] == [40, 80, 120]
    with torch.no_grad():
        logits, features = net(images[held_out], features=True)
    share = float((logits.argmax(1) == labels[held_out]).float().mean())
    assert share > 0.9
    assert accuracy(net, Images(images[held_out], labels[held_out], 10)) == pytest.approx(share)
    assert features.shape == (297, 64)
    back = ge.checkpoints.load(ge.checkpoints.save(tmp_path / "c.safetensors", net))
    assert torch.equal(back(images[:5]), net(images[:5]))
    half = ge.checkpoints.save(tmp_path / "half.safetensors", net, dtype=torch.float16)
    with torch.no_grad():
        alone = ge.checkpoints.load(half)(images[held_out])
    assert float((alone - logits).abs().max()) < 0.02 * float(logits.abs().max())
    assert torch.allclose(alone[:1], ge.checkpoints.load(half)(images[held_out][:1]), atol=1e-5)


def test_with_batch_norm_a_stopped_run_goes_on_exactly_and_the_rest_of_a_batch_matters(tmp_path):
    images, labels = ge.data.digits()
    data = Images(images[:200], labels[:200], classes=10)
    settings = ge.Settings(n_steps=8, batch_size=16, lr=5e-3, ema=0.9)
    ends = []
    for stopped in (False, True):
        with torch.random.fork_rng():
            torch.manual_seed(0)
            net = Classifier(widths=(16, 32), norm="batch")
        where = {"checkpoint": tmp_path / f"{stopped}.safetensors", "record_every": 4}
        if stopped:
            run = train_classifier(net, data, settings, **where)
            next(run)
            run.close()
        for _ in train_classifier(net, data, settings, **where):
            pass
        ends.append(net.state_dict())
    assert all(torch.equal(ends[0][key], ends[1][key]) for key in ends[0])
    norm = "convolutions.0.1."
    assert int(ends[0][norm + "num_batches_tracked"]) == 8
    assert float(ends[0][norm + "running_mean"].abs().max()) > 0
    net.train()
    one, other = net(images[:8])[:4], net(torch.cat([images[:4], -images[4:8]]))[:4]
    assert float((one - other).abs().max()) > 1e-3
    with pytest.raises(ValueError, match="choose one of group, batch"):
        Classifier(norm="layer")


def test_images_are_moved_whole():
    image = torch.arange(128.0).reshape(1, 2, 8, 8)
    generator = torch.Generator().manual_seed(0)
    moved = augment(image.repeat(200, 1, 1, 1), generator, shift=1)
    inner = {tuple(one[:, 1:7, 1:7].flatten().tolist()) for one in moved}
    expected = {
        tuple(image[0, :, 1 + dy : 7 + dy, 1 + dx : 7 + dx].flatten().tolist())
        for dy in (-1, 0, 1)
        for dx in (-1, 0, 1)
    }
    assert inner == expected


def test_unlabelled_images_are_refused():
    with pytest.raises(ValueError, match="needs labels"):
        train_classifier(Classifier(), Images(torch.zeros(4, 1, 8, 8)), ge.Settings())


def test_inception_gets_bytes_and_is_named_where_it_lacks(monkeypatch):
    with pytest.raises(ImportError, match="pip install torch-fidelity"):
        Inception()

    class Extractor(torch.nn.Module):
        def __init__(self, name, wanted):
            super().__init__()
            assert (name, wanted) == ("inception-v3-compat", ["2048"])
            self.scale = torch.nn.Parameter(torch.ones(()))

        def forward(self, x):
            assert x.dtype == torch.uint8
            return (self.scale * x.float().mean(dim=(2, 3)),)

    module = types.ModuleType("torch_fidelity.feature_extractor_inceptionv3")
    module.FeatureExtractorInceptionV3 = Extractor
    monkeypatch.setitem(sys.modules, "torch_fidelity", types.ModuleType("torch_fidelity"))
    monkeypatch.setitem(sys.modules, module.__name__, module)
    x = torch.stack([torch.full((3, 4, 4), value) for value in (-1.0, 0.0, 1.0)])
    assert features_of(Inception(), x)[:, 0].tolist() == [0, 128, 255]
