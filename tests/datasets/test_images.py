"""Images in and out: labels and flips of a batch, bytes, sheets."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import genie_edu as ge
from genie_edu.datasets.images import (
    Images,
    from_bytes,
    read_png,
    rows_of,
    sheet,
    to_bytes,
    write_png,
)
from genie_edu.train.batches import draw


def labelled(n: int = 600, **options) -> Images:
    """n images whose pixels say their label: all 20 times it, but for a bright left column."""
    labels = torch.arange(n) % 10
    pixels = (20 * labels).to(torch.uint8)[:, None, None, None].repeat(1, 3, 4, 4)
    pixels[..., 0] = 255
    return Images(pixels, labels, classes=10, **options)


def seeded(seed: int = 0) -> torch.Generator:
    """A generator."""
    return torch.Generator().manual_seed(seed)


def test_a_batch_keeps_images_and_labels_together():
    data = labelled(dropout=0.0)
    x, labels = data.batch(torch.arange(600), seeded())
    assert x.dtype == torch.float32 and torch.equal(labels, data.labels)
    assert torch.equal(x[:, 0, 0, 1], 20 * labels / 127.5 - 1)


def test_labels_are_dropped_as_often_as_asked_and_never_with_their_image():
    x, labels = labelled(dropout=0.3).batch(torch.arange(600), seeded())
    assert abs(float((labels == 10).float().mean()) - 0.3) < 0.06
    kept = labels < 10
    assert torch.equal(x[kept, 0, 0, 1], 20 * labels[kept] / 127.5 - 1)


def test_half_of_a_batch_is_mirrored():
    x, _ = labelled(flip=True).batch(torch.arange(600), seeded())
    left, right = (x[:, 0, 0, column] == 1 for column in (0, 3))
    assert torch.equal(left, ~right) and abs(float(right.float().mean()) - 0.5) < 0.06
    plain, _ = labelled().batch(torch.arange(600), seeded())
    assert (plain[:, 0, 0, 0] == 1).all()


def test_a_training_batch_is_a_function_of_seed_and_step_and_carries_labels():
    settings = ge.Settings(batch_size=50)
    first, again, later = (
        draw(labelled(flip=True), settings, step, ge.VPSchedule(), torch.device("cpu"))
        for step in (3, 3, 4)
    )
    assert [tuple(part.shape) for part in first] == [(50, 3, 4, 4), (50,), (50, 3, 4, 4), (50,)]
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[0], later[0])
    x_bar, gamma, noise, labels = first
    clean = x_bar - gamma[:, None, None, None] * noise
    said = ((clean[:, 0, 0, 1] + 1) * 127.5 / 20).round()
    known = (labels < 10) & (gamma < 1)
    assert known.any() and torch.equal(said[known], labels[known].float())


def test_bytes_and_floats_are_inverse():
    every = torch.arange(256).to(torch.uint8)
    assert torch.equal(to_bytes(from_bytes(every)), every)
    assert to_bytes(torch.tensor([-3.0, 3.0])).tolist() == [0, 255]


@pytest.mark.parametrize("channels", [1, 3])
def test_a_sheet_comes_back_tile_by_tile_from_disk(tmp_path, channels):
    rows = torch.rand(2, 5, channels, 4, 4, generator=seeded()) * 2 - 1
    write_png(tmp_path / "sheet.png", sheet(rows))
    tiles = torch.from_numpy(rows_of(read_png(tmp_path / "sheet.png"), 4).copy())
    expected = to_bytes(rows).permute(0, 1, 3, 4, 2)
    assert torch.equal(tiles.reshape(expected.shape), expected)
    write_png(tmp_path / "large.png", sheet(rows), scale=3)
    assert np.array_equal(read_png(tmp_path / "large.png")[::3, ::3], sheet(rows))


@pytest.mark.parametrize(
    ("pixels", "labels", "said"),
    [
        (torch.zeros(4, 8, 8), None, "pixels must be"),
        (torch.zeros(4, 1, 8, 8), torch.zeros(3, dtype=torch.long), "as many labels"),
        (torch.zeros(4, 1, 8, 8), torch.full((4,), 10), "below classes"),
    ],
)
def test_parts_that_do_not_fit_are_refused(pixels, labels, said):
    with pytest.raises(ValueError, match=said):
        Images(pixels, labels, classes=10)
