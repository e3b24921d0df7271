"""The checks of chapter 19: placeholder, solution, another right answer, typical mistakes."""

from __future__ import annotations

import pytest
import torch

import genie_edu as ge
from genie_edu.exercises import NotYet, ch19


def end_velocity(u, du_dend, gamma, gamma_end):
    return u - (gamma - gamma_end) * du_dend


def end_velocity_by_pieces(u, du_dend, gamma, gamma_end):
    moved = du_dend * gamma_end
    return u + moved - du_dend * gamma


def two_points(distance: float, std: float) -> ge.GaussianMixture:
    cov = [[std**2, 0.0], [0.0, std**2]]
    return ge.GaussianMixture([0.5, 0.5], [[-distance, 0.0], [distance, 0.0]], [cov, cov])


RIGHT = [
    (ch19.check_end_velocity, end_velocity),
    (ch19.check_end_velocity, end_velocity_by_pieces),
    (ch19.check_span, (6, 0.193, 0.105)),
    (ch19.check_span, torch.tensor([6, 0.1945, 0.1055])),
    (ch19.check_broken, two_points(3.0, 0.05)),
    (ch19.check_broken, two_points(0.5, 0.05)),
]


@pytest.mark.parametrize(("check", "answer"), RIGHT)
def test_right_answers_pass(check, answer, capsys):
    check(answer)
    printed = capsys.readouterr().out
    assert printed.startswith("Correct:") and printed.count("\n") == 1


def todo(*args):
    raise NotImplementedError


@pytest.mark.parametrize("placeholder", [..., None, todo, lambda *a: ..., lambda *a: None, 3.0])
def test_placeholders_fail(placeholder):
    with pytest.raises(NotYet):
        ch19.check_end_velocity(placeholder)


@pytest.mark.parametrize("check", [ch19.check_span, ch19.check_broken])
@pytest.mark.parametrize("placeholder", [..., None, 3.0, "ring", (1.0, 2.0)])
def test_placeholders_for_numbers_and_mixtures_fail(check, placeholder):
    with pytest.raises(NotYet):
        check(placeholder)


WRONG = [
    (ch19.check_end_velocity, lambda u, d, g, e: u + (g - e) * d, "sign"),
    (ch19.check_end_velocity, lambda u, d, g, e: u - d, "how far the jump"),
    (ch19.check_end_velocity, lambda u, d, g, e: u, "average velocity"),
    (ch19.check_end_velocity, lambda u, d, g, e: -(g - e) * d, "two terms"),
    (ch19.check_end_velocity, lambda u, d, g, e: 2 * u, "its length off"),
    (ch19.check_end_velocity, lambda u, d, g, e: u.sum(), "shape"),
    (ch19.check_span, (5, 0.193, 0.105), "count the steps from 1"),
    (ch19.check_span, (7, 0.193, 0.105), "not in step 7"),
    (ch19.check_span, (6, 0.193**2, 0.105), "squares"),
    (ch19.check_span, (6, 0.105, 0.193), "changed places"),
    (ch19.check_span, (6, 0.129, 0.055), "three_modes"),
    (ch19.check_span, (6, 0.5, 0.105), "four"),
    (ch19.check_span, (6, 0.193, 0.16), "Both slopes"),
    (ch19.check_span, (6, 19.3, 0.105), "at most 1"),
    (ch19.check_broken, two_points(2.0, 0.3), "better than DDIM"),
    (ch19.check_broken, two_points(0.0, 0.05), "hardly worse"),
    (ch19.check_broken, two_points(4.0, 0.05), "within 3"),
    (ch19.check_broken, two_points(2.0, 0.01), "standard deviations"),
    (ch19.check_broken, ge.GaussianMixture(**ge.TOYS["ring"]), "two components"),
]


@pytest.mark.parametrize(("check", "answer", "hint"), WRONG)
def test_typical_mistakes_get_their_own_hint(check, answer, hint):
    with pytest.raises(NotYet, match=hint):
        check(answer)
