"""The checks of chapter 16: placeholder, solution, another right answer, typical mistakes."""

from __future__ import annotations

import math

import pytest
import torch

import genie_edu as ge
from genie_edu.exercises import NotYet, ch16


def narrow(w, s, S):
    return s * (s / S) ** w


def narrow_by_solving(w, s, S):
    """The guided flow itself, from strong noise down."""

    def gaussian(std):
        return ge.AnalyticFlow(
            ge.GaussianMixture([1.0], [[0.0, 0.0]], [[[std**2, 0.0], [0.0, std**2]]])
        )

    start = torch.tensor([[1e6, 0.0]], dtype=torch.float64)
    guided = ge.GuidedFlow(gaussian(s), gaussian(S), w)
    return float(ge.exact_solution(guided, start, [1e6, 1e-6])[-1, 0, 0])


def missing(w, eps_c, eps_u, along_c, along_u):
    apart = eps_c - eps_u
    return w * (1 + w) * (along_c(apart) - along_u(apart))


def missing_by_velocities(w, eps_c, eps_u, along_c, along_u):
    eps_w = (1 + w) * eps_c - w * eps_u
    return (1 + w) * along_c(eps_w - eps_c) - w * along_u(eps_w - eps_u)


RIGHT = [
    (ch16.check_guided_std, narrow),
    (ch16.check_guided_std, narrow_by_solving),
    (ch16.check_missing_term, missing),
    (ch16.check_missing_term, missing_by_velocities),
    (ch16.check_interval, (1.1, 8.0)),
    (ch16.check_interval, [1.3, 9.5]),
]


@pytest.mark.parametrize(("check", "answer"), RIGHT)
def test_right_answers_pass(check, answer, capsys):
    check(answer)
    printed = capsys.readouterr().out
    assert printed.startswith("Correct:") and printed.count("\n") == 1


def todo(*args):
    raise NotImplementedError


@pytest.mark.parametrize("check", [ch16.check_guided_std, ch16.check_missing_term])
@pytest.mark.parametrize("placeholder", [..., None, todo, lambda *a: ..., lambda *a: None, 3.0])
def test_placeholders_fail(check, placeholder):
    with pytest.raises(NotYet):
        check(placeholder)


@pytest.mark.parametrize("placeholder", [..., None, 3.0, "all", (1.0, 2.0, 3.0)])
def test_placeholders_for_the_interval_fail(placeholder):
    with pytest.raises(NotYet):
        ch16.check_interval(placeholder)


def only_conditional(w, eps_c, eps_u, along_c, along_u):
    return w * (1 + w) * along_c(eps_c - eps_u)


def whole(w, eps_c, eps_u, along_c, along_u):
    eps_w = (1 + w) * eps_c - w * eps_u
    return (1 + w) * along_c(eps_w) - w * along_u(eps_w)


WRONG = [
    (ch16.check_guided_std, lambda w, s, S: ((1 + w) / s**2 - w / S**2) ** -0.5, "tilted"),
    (ch16.check_guided_std, lambda w, s, S: narrow(w, s, S) ** 2, "variance"),
    (ch16.check_guided_std, lambda w, s, S: s, "own spread"),
    (ch16.check_guided_std, lambda w, s, S: narrow(w, S, s), "changed places"),
    (ch16.check_guided_std, lambda w, s, S: (s / S) ** w / 1.0 if w else s, "one factor"),
    (ch16.check_guided_std, lambda w, s, S: 1.1 * narrow(w, s, S), "integral"),
    (ch16.check_guided_std, lambda w, s, S: "narrow", "number"),
    (ch16.check_missing_term, only_conditional, "both Jacobians"),
    (ch16.check_missing_term, whole, "in the sum already"),
    (ch16.check_missing_term, lambda *a: -missing(*a), "sign"),
    (ch16.check_missing_term, lambda w, *a: missing(w, *a) / (1 + w), "too slowly"),
    (
        ch16.check_missing_term,
        lambda w, c, u, a, b: w * a(c - u) - (1 + w) * b(c - u),
        "1 \\+ w and -w",
    ),
    (ch16.check_missing_term, lambda w, c, *a: 0.0, "which velocity|Which velocity"),
    (ch16.check_missing_term, lambda w, c, *a: c.sum(), "shape"),
    (ch16.check_interval, (0.0, 200.0), "48 steps are guided"),
    (ch16.check_interval, (8.0, 60.0), "try lower"),
    (ch16.check_interval, (0.2, 0.5), "try higher"),
    (ch16.check_interval, (1.0, 4.0), "wider"),
    (ch16.check_interval, (0.5, 8.0), "14 of the 48"),
    (ch16.check_interval, (4.0, 1.0), "low < high"),
]


@pytest.mark.parametrize(("check", "answer", "hint"), WRONG)
def test_typical_mistakes_get_their_own_hint(check, answer, hint):
    with pytest.raises(NotYet, match=hint):
        check(answer)


def test_the_spread_is_right_to_ten_digits():
    for w, s, S in ((0.5, 0.3, 2.0), (4.0, 0.9, 1.0)):
        assert math.isclose(ch16._integrated_std(w, s, S), narrow(w, s, S), rel_tol=1e-9)
