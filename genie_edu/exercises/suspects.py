"""What chapters 10 and 11 hand out to be diagnosed: five networks and four losses, most unsound.

A suspect is asked, not read: reading on spoils the exercise.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from genie_edu.derivative import along_flow
from genie_edu.exercises import NotYet, correct
from genie_edu.exercises.probes import mixture_eps
from genie_edu.schedule import VPSchedule, per_sample

__all__ = ["FAULTS", "LOSSES", "LOSS_FAULTS", "NETWORKS", "Suspect", "check_named"]


class Suspect(NamedTuple):
    """Something to call, and what is wrong with it: a key of the list of its exercise.

    Printed, neither it nor `call` says what that is.
    """

    call: Callable[..., Tensor]
    diagnosis: str

    def __repr__(self) -> str:
        return "<a suspect: use .call>"


def _suspect(call: Callable[..., Tensor], diagnosis: str) -> Suspect:
    """A suspect whose `call`, when printed, is any function."""

    def suspect(*arguments: Any, **named: Any) -> Tensor:  # noqa: ANN401
        return call(*arguments, **named)

    suspect.__qualname__ = suspect.__name__
    return Suspect(suspect, diagnosis)


def check_named(
    given: object,
    suspects: Mapping[str, Suspect],
    choices: Mapping[str, str],
    objection: Callable[[str, str], str],
) -> None:
    """Check {letter: key of `choices`} for all of `suspects`.

    Raises NotYet, naming one letter and `objection(accusation, truth)`; prints one line.
    """
    letters = list(suspects)
    if not isinstance(given, Mapping) or given.get(letters[0]) in (None, ...):
        raise NotYet(
            f"give a dictionary: a diagnosis for each of the letters {letters[0]} to {letters[-1]}."
        )
    for letter, suspect in suspects.items():
        accusation = given.get(letter)
        if accusation in (None, ...):
            raise NotYet(f"{letter} has no diagnosis yet.")
        if accusation not in choices:
            raise NotYet(f"{letter}: give one of {', '.join(repr(key) for key in choices)}.")
        if accusation != suspect.diagnosis:
            raise NotYet(f"{letter}: {objection(str(accusation), suspect.diagnosis)}")
    correct(f"all {len(letters)}, each told by an experiment.")


# Chapter 10: networks eps(x_bar, gamma), right to half a percent between gamma = 0.3 and 30 (the
# staircase's treads are too wide for that near the data). What of their slopes?

FAULTS: dict[str, str] = {
    "sound": "nothing is wrong",
    "staircase": "it rounds the level to one of a thousand: between two of them nothing changes",
    "cut_level": "the level is detached somewhere: the derivative in gamma misses a part",
    "cut_point": "the point is detached somewhere: the derivative in x_bar misses a part",
    "single": "it computes in float32, whatever it is given",
    "cut": "point and level are detached: its derivative is zero",
}
"""What may be wrong with one of NETWORKS: key -> sentence. More than they need."""


def _tensor(gamma: Any, like: Tensor) -> Tensor:  # noqa: ANN401
    return torch.as_tensor(gamma, dtype=like.dtype)


def _sound(x_bar: Tensor, gamma: Any) -> Tensor:  # noqa: ANN401
    return mixture_eps(x_bar, _tensor(gamma, x_bar))


def _staircase(x_bar: Tensor, gamma: Any) -> Tensor:  # noqa: ANN401
    schedule = VPSchedule()
    t = torch.round(1000 * schedule.t_of_gamma(_tensor(gamma, x_bar))) / 1000
    return mixture_eps(x_bar, schedule.gamma(t))


def _cut_level(x_bar: Tensor, gamma: Any) -> Tensor:  # noqa: ANN401
    return mixture_eps(x_bar, _tensor(gamma, x_bar).detach())


def _cut_point(x_bar: Tensor, gamma: Any) -> Tensor:  # noqa: ANN401
    return mixture_eps(x_bar, _tensor(gamma, x_bar), seen=x_bar.detach())


def _single(x_bar: Tensor, gamma: Any) -> Tensor:  # noqa: ANN401
    return mixture_eps(x_bar.float(), _tensor(gamma, x_bar).float()).to(x_bar.dtype)


NETWORKS: dict[str, Suspect] = {
    "A": _suspect(_staircase, "staircase"),
    "B": _suspect(_cut_point, "cut_point"),
    "C": _suspect(_single, "single"),
    "D": _suspect(_sound, "sound"),
    "E": _suspect(_cut_level, "cut_level"),
}
"""Five networks of one mixture's eps: NETWORKS["A"].call(x_bar, gamma) -> (B, 2)."""


def network_objection(given: str, truth: str) -> str:
    """What an experiment would show against the accusation `given`."""
    if given == "sound":
        return {
            "staircase": "not sound. Move gamma by a millionth: does the answer move?",
            "cut_level": "not sound. Compare the product in gamma alone with a quotient.",
            "cut_point": "not sound. Compare the product in x_bar alone with a quotient.",
            "single": "not sound. Make the step of a central difference small, in float64, and "
            "look at its digits.",
        }[truth]
    if (given, truth) == ("cut_level", "staircase"):
        return "a difference over a small step of gamma is zero as well: nothing was cut."
    return {
        "staircase": "its answer moves with gamma, however little gamma moves.",
        "cut_level": "its product in gamma alone agrees with a difference quotient in gamma alone.",
        "cut_point": "its product in x_bar alone agrees with a difference quotient in x_bar alone.",
        "single": "difference quotients of it, in float64, keep far more than float32's digits.",
        "cut": "its derivative along the flow is not zero.",
    }[given]


# Chapter 11: losses of a head, loss(head, net, x_bar, gamma, noise).

LOSS_FAULTS: dict[str, str] = {
    "sound": "nothing is wrong",
    "clock_only": "its target is the derivative at a fixed x_bar: the Jacobian part is missing",
    "drawn_noise": "its head reads the drawn noise, which no sampler knows",
    "no_weight": "it compares d eps/dgamma without the weight",
    "wrong_sign": "its target has the wrong sign",
    "moving_base": "it also sends gradients into the frozen network",
}
"""What may be wrong with one of LOSSES: key -> sentence. More than they need."""


def _loss(
    head: nn.Module,
    net: nn.Module,
    x_bar: Tensor,
    gamma: Tensor,
    noise: Tensor,
    *,
    velocity: float = 1.0,
    predicted: bool = True,
    weighted: bool = True,
) -> Tensor:
    with torch.no_grad():
        eps, *features = net(x_bar, gamma, features=True)
        target = along_flow(net, x_bar, gamma, velocity * eps)
    miss = head(x_bar, gamma, eps if predicted else noise, *features) - target
    return (per_sample(gamma, x_bar) * miss if weighted else miss).square().mean()


LOSSES: dict[str, Suspect] = {
    "A": _suspect(functools.partial(_loss, predicted=False), "drawn_noise"),
    "B": _suspect(functools.partial(_loss, weighted=False), "no_weight"),
    "C": _suspect(functools.partial(_loss), "sound"),
    "D": _suspect(functools.partial(_loss, velocity=0.0), "clock_only"),
}
"""Four losses: LOSSES["A"].call(head, net, x_bar, gamma, noise) -> a scalar."""


def loss_objection(given: str, truth: str) -> str:
    """What an experiment would show against the accusation `given`."""
    if given == "sound":
        return {
            "drawn_noise": "not sound. Let a head write down what it is given to read.",
            "no_weight": "not sound. Let a head be wrong by the same amount at every level.",
            "clock_only": "not sound. Let a head return the exact total derivative.",
        }[truth]
    return {
        "clock_only": "a head that returns the exact total derivative has no loss there.",
        "wrong_sign": "a head that returns minus the derivative is not rewarded there.",
        "drawn_noise": "its head reads what the network predicts.",
        "no_weight": "a head off by one everywhere loses far more at a high level than at a low.",
        "moving_base": "after backward() no weight of the network has a gradient.",
    }[given]
