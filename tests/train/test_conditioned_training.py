"""Training with conditions: what a batch carries, that it is learned, kept and resumed."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

import genie_edu as ge
from genie_edu.datasets.images import Images, block_means, noised
from genie_edu.nets.classifier import Classifier
from genie_edu.train.batches import batches, draw
from genie_edu.train.classify import train_classifier

SMALL = {"channels": 1, "size": 8, "widths": (8, 16), "blocks": 1, "attention": ()}
GENERATOR = torch.Generator().manual_seed(0)
PIXELS = torch.rand(64, 1, 8, 8, generator=GENERATOR) * 2 - 1
DATA = Images(PIXELS, condition=block_means(PIXELS, 2), condition_t=(1e-3, 1.0))
SHORT = ge.Settings(n_steps=8, batch_size=16, warm_up=2)
CPU, SCHEDULE = torch.device("cpu"), ge.VPSchedule()


def upsampler(**options: int) -> ge.UNet:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return ge.UNet(**SMALL, **options, condition=1, condition_size=4, condition_level=True)


def weights(module: torch.nn.Module) -> torch.Tensor:
    return torch.cat([value.flatten() for value in module.state_dict().values()])


def test_block_means_are_means_of_blocks():
    x = torch.arange(16.0).reshape(1, 1, 4, 4) / 16
    assert torch.equal(block_means(x, 2)[0, 0, 0], torch.tensor([2.5, 4.5]) / 16)
    with pytest.raises(ValueError, match="don't divide into blocks of 3"):
        block_means(x, 3)


def test_noise_of_a_level_comes_from_a_seed():
    x = PIXELS[:8]
    xi = noised(x, 0.5) - x
    assert 0.4 < xi.std() < 0.6 and torch.equal(noised(x, 0.0), x)
    assert torch.allclose(noised(x, 1.0) - x, 2 * xi, atol=1e-6)
    assert not torch.equal(noised(x, 0.5, seed=1), noised(x, 0.5))


def test_a_batch_carries_each_images_condition_and_the_level_of_its_noise():
    x_bar, gamma, noise, labels, condition, level = draw(DATA, SHORT, 0, SCHEDULE, CPU)
    assert labels is None and condition.shape == (16, 1, 4, 4) and level.shape == (16,)
    clean = x_bar - gamma[:, None, None, None] * noise
    xi = (condition - block_means(clean.clamp(-1, 1), 2)) / level[:, None, None, None]
    few = level < 10  # at high levels the difference has no digits left
    assert few.sum() > 4 and 0.7 < xi[few].std() < 1.3
    assert 1e-3 < float(SCHEDULE.t_of_gamma(level).min()) < float(SCHEDULE.t_of_gamma(level).max())
    narrow = replace(DATA, condition_t=(0.1, 0.2))
    t = SCHEDULE.t_of_gamma(draw(narrow, SHORT, 0, SCHEDULE, CPU)[5])
    assert 0.1 <= t.min() < t.max() <= 0.2
    plain = replace(DATA, condition_t=None)
    *_, labels, condition = batches(plain, SHORT, SCHEDULE)(0, CPU)
    assert labels is None and len(condition) == 16 and condition.abs().max() <= 1


def test_a_mirrored_image_has_its_condition_mirrored():
    flipped = replace(DATA, flip=True, condition_t=None)
    x, _, condition = flipped.batch(torch.arange(64), torch.Generator().manual_seed(0))
    assert (block_means(x, 2) - condition).abs().max() < 1e-6
    assert 16 < (x != PIXELS).flatten(1).any(1).sum() < 48


def test_labels_and_conditions_come_together():
    both = replace(DATA, labels=torch.arange(64) % 3, classes=3)
    x, labels, condition, level = both.batch(torch.arange(8), torch.Generator().manual_seed(0))
    assert labels.shape == level.shape == (8,) and condition.shape == (8, 1, 4, 4)
    net = ge.UNet(**SMALL, classes=3, condition=1, condition_size=4, condition_level=True)
    assert len(list(ge.train_eps(net, both, SHORT, record_every=4))) == 2


def test_what_is_learned_depends_on_the_conditions():
    nets = upsampler(), upsampler()
    other = replace(DATA, condition=DATA.condition.flip(0))
    for net, data in zip(nets, (DATA, other), strict=True):
        list(ge.train_eps(net, data, SHORT))
    assert not torch.equal(weights(nets[0]), weights(nets[1]))


@pytest.mark.parametrize("kept", [0, 32])
def test_a_head_is_distilled_with_conditions_and_goes_on_to_the_bit(kept, tmp_path):
    net = upsampler()
    list(ge.train_eps(net, DATA, SHORT))
    settings, heads = replace(SHORT, kept=kept), []
    for stopped in (False, True):
        torch.manual_seed(0)
        head = ge.GenieHead(1, net.feature_sizes, 8, image=True)
        path = tmp_path / f"{stopped}.safetensors"
        if stopped:
            run = ge.distill_head(head, net, DATA, settings, path, record_every=4)
            next(run)
            run.close()
            torch.manual_seed(0)
            head = ge.GenieHead(1, net.feature_sizes, 8, image=True)
        list(ge.distill_head(head, net, DATA, settings, path, record_every=4))
        heads.append(weights(head))
    assert torch.equal(*heads)
    other = ge.GenieHead(1, net.feature_sizes, 8, image=True)
    other.load_state_dict(ge.GenieHead(1, net.feature_sizes, 8, image=True).state_dict())
    torch.manual_seed(0)
    other = ge.GenieHead(1, net.feature_sizes, 8, image=True)
    list(ge.distill_head(other, net, replace(DATA, condition=DATA.condition.flip(0)), settings))
    assert not torch.equal(weights(other), heads[0])


CASES = {
    "none given": (upsampler, PIXELS, "needs a condition"),
    "images without": (upsampler, Images(PIXELS), "needs a condition"),
    "takes none": (lambda: ge.UNet(**SMALL), DATA, "takes none"),
    "another shape": (
        upsampler,
        replace(DATA, condition=block_means(PIXELS, 4)),
        "conditions of shape (1, 4, 4); data has (1, 2, 2)",
    ),
    "no noise": (upsampler, replace(DATA, condition_t=None), "go together"),
}


@pytest.mark.parametrize("case", CASES)
def test_data_that_do_not_fit_the_network_are_refused(case):
    build, data, said = CASES[case]
    with pytest.raises(ValueError) as error:
        next(ge.train_eps(build(), data, SHORT))
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"condition": PIXELS[:8]}, "64 images need as many conditions; got 8"),
        ({"condition_t": (0.0, 1.0)}, "there is none"),
        ({"condition": PIXELS, "condition_t": (0.5, 0.1)}, "condition_t"),
        ({"condition": PIXELS[0]}, "condition must be"),
    ],
)
def test_conditions_that_are_none_are_refused(given, said):
    with pytest.raises((ValueError, TypeError), match="condition") as error:
        Images(PIXELS, **given)
    assert said in str(error.value)


def test_guided_heads_say_that_they_take_no_conditions():
    data = replace(DATA, labels=torch.arange(64) % 3, classes=3)
    with pytest.raises(ValueError, match="without conditions"):
        next(ge.distill_guided_head(torch.nn.Linear(1, 1), upsampler(classes=3), data))


def test_a_classifier_learns_from_images_with_conditions():
    data = replace(DATA, labels=torch.arange(64) % 10, classes=10)
    assert list(train_classifier(Classifier(), data, SHORT))
