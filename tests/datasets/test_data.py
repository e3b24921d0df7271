"""The CIFAR-10 sample that ships with the book: the right images, to the bit."""

from __future__ import annotations

import hashlib
import json
import sys

import numpy as np
import pytest
import torch
from PIL import Image

import genie_edu as ge
from conftest import ROOT
from genie_edu.datasets import cifar10

PIXELS = "3e6f3bcd6f6b8af6786353c4085ad53911354f2dc6158b90cceab899c787f4aa"
"""sha256 of the first 512 images of the verified test split: uint8 (512, 32, 32, 3), row-major."""
LABELS = "2f5ee825d461b8a912f79afd9f89a240a2929ed0e74dfffab10b2e37a1874ece"
"""sha256 of their labels, one digit an image"""


def rows(images: torch.Tensor) -> np.ndarray:
    """(N, 3, 32, 32) as CIFAR-10's own (N, 32, 32, 3)."""
    return np.ascontiguousarray(images.permute(0, 2, 3, 1).numpy())


def test_the_sample_is_the_start_of_the_test_split():
    images, labels = ge.data.cifar10_sample()
    assert images.shape == (512, 3, 32, 32) and images.dtype == torch.uint8
    assert labels.shape == (512,) and labels.dtype == torch.int64
    assert hashlib.sha256(rows(images)).hexdigest() == PIXELS
    digits = "".join(map(str, labels.tolist()))
    assert hashlib.sha256(digits.encode()).hexdigest() == LABELS
    first = [cifar10.CLASSES[label] for label in labels[:5]]
    assert first == ["cat", "ship", "ship", "airplane", "frog"]


def test_its_card_says_so():
    card = json.loads(ge.data.shipped("cifar10/sample.json").read_text())
    assert card["classes"] == list(cifar10.CLASSES)
    assert card["record"]["sha256"] == PIXELS
    assert card["record"]["sha256_of_the_whole_split"] == cifar10.PIXELS["test"]
    assert "Krizhevsky 2009" in card["record"]["source"]
    assert (ROOT / card["record"]["command"].split()[1]).is_file()


def test_its_script_makes_the_same_again(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    from cifar10_sample import write

    images, labels = ge.data.cifar10_sample()
    more = np.concatenate([rows(images), rows(images[:8])])
    write(cifar10.Cifar10(more, np.append(labels.numpy(), [0] * 8).astype(np.uint8)), tmp_path)
    shipped = ge.data.shipped("cifar10/sample.webp").parent
    mosaics = [np.asarray(Image.open(folder / "sample.webp")) for folder in (tmp_path, shipped)]
    assert np.array_equal(*mosaics)
    cards = [json.loads((folder / "sample.json").read_text()) for folder in (tmp_path, shipped)]
    for card in cards:  # when, and by what libwebp, may differ
        card["record"] |= {"date": "", "libwebp": ""}
    assert cards[0] == cards[1]


def test_without_pillow_the_command_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ImportError, match="pip install pillow"):
        ge.data.cifar10_sample()


def test_a_missing_recorded_run_can_be_asked_for() -> None:
    assert ge.data.has("mixture_2d/base") and ge.data.has("mixture_2d/base.safetensors")
    assert not ge.data.has("mixture_2d/base.json.bak") and not ge.data.has("mixture_3d/base")
