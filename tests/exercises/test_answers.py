"""What the checks share: one number, near or not, tensors alike or not."""

from __future__ import annotations

import math

import pytest
import torch

from genie_edu.exercises import NotYet
from genie_edu.exercises.answers import near, number, off, same


@pytest.mark.parametrize("value", [2, 2.0, torch.tensor(2.0), "2"])
def test_one_number_is_taken_as_it_comes(value):
    assert number(value) == 2.0


@pytest.mark.parametrize(
    ("value", "said"),
    [([1, 2], "not a list"), (torch.zeros(2), "not a Tensor"), (math.nan, "not a finite number")],
)
def test_what_is_no_number_gets_a_sentence(value, said):
    with pytest.raises(NotYet, match=said):
        number(value)
    with pytest.raises(NotYet, match="mine"):
        number(value, "mine", "mine")


def test_near_is_relative_down_to_the_least():
    assert near(1.01, 5.0, 1.0, close=0.02) and not near(1.03, 5.0, 1.0, close=0.02)
    assert not near(0.01, 0.0, close=0.02) and near(0.01, 0.0, close=0.02, least=1.0)


def test_same_asks_for_the_shape_and_looks_at_the_largest_difference():
    wanted = torch.tensor([[1.0, 100.0]])
    assert same(wanted + 0.5, wanted, close=0.01) and not same(wanted + 2, wanted, close=0.01)
    assert not same(wanted.expand(2, 2), wanted, close=0.01)
    zero = torch.zeros(3, requires_grad=True)
    assert same(zero + 1e-9, zero.detach(), close=1e-6, least=1.0)
    assert not same(zero + 1e-9, zero.detach(), close=1e-6)
    assert off(torch.tensor([1.0, -3.0]), torch.tensor([0.0, 1.0])) == 4.0
