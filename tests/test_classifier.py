"""The classifier that stands in for Inception: it learns, and its images are moved right."""

from __future__ import annotations

import torch

import genie_edu as ge
from genie_edu.classifier import Classifier, augment, train_classifier


def test_it_learns_held_out_digits_and_comes_back(tmp_path):
    images, labels = ge.data.digits()
    assert images.shape == (1797, 1, 8, 8) and images.min() == -1 and images.max() == 1
    with torch.random.fork_rng():
        torch.manual_seed(0)
        net = Classifier(widths=(16, 32, 64))
    settings = ge.Settings(n_steps=120, batch_size=128, lr=5e-3, ema=0.9)
    train, held_out = slice(0, 1500), slice(1500, None)
    run = train_classifier(net, images[train], labels[train], settings, record_every=40)
    assert [record.step for record in run] == [40, 80, 120]
    with torch.no_grad():
        logits, features = net(images[held_out], features=True)
    assert (logits.argmax(1) == labels[held_out]).float().mean() > 0.9
    assert features.shape == (297, 64)
    back = ge.checkpoints.load(ge.checkpoints.save(tmp_path / "c.safetensors", net))
    assert torch.equal(back(images[:5]), net(images[:5]))


def test_images_are_moved_and_mirrored_whole():
    image = torch.arange(64.0).reshape(1, 1, 8, 8)
    generator = torch.Generator().manual_seed(0)
    moved = augment(image.repeat(200, 1, 1, 1), generator, shift=1, flip=False)
    inner = {tuple(one[0, 1:7, 1:7].flatten().tolist()) for one in moved}
    expected = {
        tuple(image[0, 0, 1 + dy : 7 + dy, 1 + dx : 7 + dx].flatten().tolist())
        for dy in (-1, 0, 1)
        for dx in (-1, 0, 1)
    }
    assert inner == expected
    mirrored = augment(image.repeat(50, 1, 1, 1), generator, shift=0, flip=True)
    kinds = {tuple(one.flatten().tolist()) for one in mirrored}
    assert kinds == {tuple(image.flatten().tolist()), tuple(image.flip(3).flatten().tolist())}
