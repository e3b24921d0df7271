"""Checks of chapter 11: the head's three outputs, the distillation loss, four suspect losses.

The truth in each check is made here: the target is a central difference of the shipped network's
eps along its own flow, and the losses are read off with heads made for the purpose.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from unittest import mock

import torch
from torch import Tensor, nn

from genie_edu.datasets import data
from genie_edu.derivative import along_flow
from genie_edu.exercises import NotYet, correct, require_callable
from genie_edu.exercises.answers import LibraryUsedError, called
from genie_edu.mixture import GaussianMixture
from genie_edu.nets import checkpoints
from genie_edu.nets.head import GenieHead
from genie_edu.schedule import per_sample
from genie_edu.toys import TOYS
from genie_edu.train import loop, training

TRAINING_STEPS, BATCH = 300, 256
WANTED_COSINE = 0.95
_CLOSE = 1e-6

Loss = Callable[..., Tensor]


def check_ideal_outputs(answer: object) -> None:
    """Check ``from_terms(jacobian_eps, jacobian_x, clock, gamma)``: (k1, k2, k3) from the terms.

    Each output is read off alone, with the other two terms zero, at four levels. Raises NotYet with
    a hint; prints one line when the answer is right.
    """
    signature = "from_terms(jacobian_eps, jacobian_x, clock, gamma)"
    function = require_callable(answer, signature)
    terms = torch.randn(3, 5, 2, generator=_generator(11), dtype=torch.float64)
    zero = torch.zeros(5, 2, dtype=torch.float64)
    for gamma in (0.05, 0.6, 2.0, 30.0):
        square = gamma * gamma
        wanted = (-gamma, (1 + square) / gamma, gamma * (1 + square))
        factors = (-1 / gamma, gamma / (1 + square), 1 / (gamma * (1 + square)))
        for n, (name, scale) in enumerate(zip(("k1", "k2", "k3"), wanted, strict=True)):
            alone = [terms[i] if i == n else zero for i in range(3)]
            outputs = _three(_called(function, *alone, gamma), zero)
            for other in range(3):
                if other != n and float(outputs[other].abs().max()) > _CLOSE:
                    raise NotYet(
                        f"k{other + 1} should stand for one term alone; yours also reacts to the "
                        f"term that belongs to {name}."
                    )
            if _same(outputs[n], scale * terms[n]):
                continue
            if _same(outputs[n], -scale * terms[n]):
                raise NotYet(f"the sign of {name} is not the one that its factor in the head asks.")
            if _same(outputs[n], factors[n] * terms[n]):
                raise NotYet(
                    f"{name} is multiplied by its factor here and by the same factor again in the "
                    "head. Solve for it instead."
                )
            if _same(outputs[n], terms[n]):
                raise NotYet(f"{name} is the bare term still: its factor in the head is not 1.")
            raise NotYet(
                f"at gamma = {gamma} the head makes of your {name} "
                f"{_ratio(factors[n] * outputs[n], terms[n]):.3g} times its term."
            )
    correct("put through the head's factors, the three outputs give back the three terms.")


def check_distillation_loss(answer: object) -> None:
    """Check ``distillation_loss(head, net, x_bar, gamma, noise)``: target, weight, what is read.

    Heads made for the purpose read off what the loss compares with, how it weighs the levels and
    what it feeds the head; then a small head is trained with it for 300 steps, and its cosine
    similarity on held-out states must reach 0.95. Raises NotYet with a hint; prints one line.
    """
    function = require_callable(answer, "distillation_loss(head, net, x_bar, gamma, noise)")
    net = _network().double()
    x_bar, gamma, noise = _states(48, 12)
    eps = net(x_bar, gamma)
    truth = _central_difference(net, x_bar, gamma, eps)
    probe = _Probe(0 * truth)
    scale = _loss(function, probe, net, x_bar, gamma, noise)
    if not probe.seen:
        raise NotYet("the head is never asked: its answer is one side of the comparison.")
    if not _same(probe.seen[0], eps):
        if _same(probe.seen[0], noise):
            raise NotYet("the head reads the noise that was drawn. Who draws it while sampling?")
        raise NotYet("the head should read the network's own prediction as its eps.")
    _check_target(function, net, (x_bar, gamma, noise), truth, float(scale.detach()))
    _check_weight(function, net, (x_bar, gamma, noise), truth)
    if not scale.requires_grad:
        raise NotYet("no gradient reaches the head: ask it outside torch.no_grad().")
    cosine = _train(function, _network())
    if cosine < WANTED_COSINE:
        raise NotYet(
            f"after {TRAINING_STEPS} steps with this loss a head has a cosine similarity of "
            f"{cosine:.2f} on held-out states; a right loss gives more than {WANTED_COSINE}."
        )
    correct(f"a head trained with it agrees with the derivative: cosine above {WANTED_COSINE}.")


@dataclass(frozen=True)
class Suspect:
    """A distillation loss and what is wrong with it, a key of DIAGNOSES."""

    loss: Loss
    diagnosis: str


DIAGNOSES: dict[str, str] = {
    "sound": "nothing is wrong",
    "clock_only": "its target is the derivative at a fixed x_bar: the Jacobian part is missing",
    "drawn_noise": "its head reads the drawn noise, which no sampler knows",
    "no_weight": "it compares d eps/dgamma without the weight",
    "wrong_sign": "its target has the wrong sign",
    "moving_base": "it also sends gradients into the frozen network",
}
"""The diagnoses to choose from: key -> sentence. More than the suspects need."""


def _suspect(
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


SUSPECTS: dict[str, Suspect] = {
    "A": Suspect(functools.partial(_suspect, predicted=False), "drawn_noise"),
    "B": Suspect(functools.partial(_suspect, weighted=False), "no_weight"),
    "C": Suspect(functools.partial(_suspect), "sound"),
    "D": Suspect(functools.partial(_suspect, velocity=0.0), "clock_only"),
}
"""Four losses, loss(head, net, x_bar, gamma, noise). Reading on spoils the exercise."""


def check_suspects(diagnoses: object) -> None:
    """Check {letter: key of DIAGNOSES} for all of SUSPECTS.

    Raises NotYet, naming one letter and what speaks against its diagnosis; prints one line.
    """
    if not isinstance(diagnoses, dict) or diagnoses.get("A") in (None, ...):
        raise NotYet("give a dictionary: a diagnosis for each of the letters A to D.")
    for letter, suspect in SUSPECTS.items():
        given = diagnoses.get(letter)
        if given in (None, ...):
            raise NotYet(f"{letter} has no diagnosis yet.")
        if given not in DIAGNOSES:
            raise NotYet(f"{letter}: give one of {', '.join(repr(key) for key in DIAGNOSES)}.")
        if given == suspect.diagnosis:
            continue
        raise NotYet(f"{letter}: {_objection(given, suspect.diagnosis)}")
    correct("all four, each told by an experiment.")


def _objection(given: str, truth: str) -> str:
    """What an experiment would show against `given`."""
    if given == "sound":
        return {
            "drawn_noise": "not sound. Let a head write down what it is given to read.",
            "no_weight": "not sound. Let a head be wrong by the same amount at every level.",
            "clock_only": "not sound. Let a head return the exact total derivative.",
        }[truth]
    against = {
        "clock_only": "a head that returns the exact total derivative has no loss there.",
        "wrong_sign": "a head that returns minus the derivative is not rewarded there.",
        "drawn_noise": "its head reads what the network predicts.",
        "no_weight": "a head off by one everywhere loses far more at a high level than at a low.",
        "moving_base": "after backward() no weight of the network has a gradient.",
    }
    return against[given]


# What the checks share.


class _Probe(nn.Module):
    """A head that returns `value` and keeps what it was given to read."""

    def __init__(self, value: Tensor) -> None:
        super().__init__()
        self.value = nn.Parameter(value.clone())
        self.seen: list[Tensor] = []

    def forward(self, x_bar: Tensor, gamma: Any, eps: Tensor, *features: Tensor) -> Tensor:  # noqa: ANN401
        if len(features) != 2:
            raise NotYet(
                "the head reads five things: x_bar, gamma, eps, and the two feature tensors that "
                "the network returns with features=True."
            )
        self.seen = [eps.detach()]
        return self.value


def _check_target(
    function: Loss,
    net: nn.Module,
    states: tuple[Tensor, Tensor, Tensor],
    truth: Tensor,
    scale: float,
) -> None:
    x_bar, gamma, noise = states
    eps = net(x_bar, gamma)

    def vanishes(value: Tensor) -> bool:
        cost = _loss(function, _Probe(value), net, *states).detach()
        return float(cost) < _CLOSE * max(scale, 1e-12)

    if vanishes(truth):
        return
    if vanishes(_central_difference(net, x_bar, gamma, 0 * eps)):
        raise NotYet("the target is the derivative at a point that stands still: it moves, too.")
    if vanishes(_central_difference(net, x_bar, gamma, noise)):
        raise NotYet("along the flow the point moves with the network's eps, not with the noise.")
    if vanishes(-truth):
        raise NotYet("the target has the wrong sign.")
    if vanishes(gamma[:, None] * truth):
        raise NotYet("the head gives d eps/dgamma, and is compared with d eps/dlog gamma here.")
    if vanishes(eps) or vanishes(noise):
        raise NotYet("the head learns eps here. It should learn how eps changes along the flow.")
    raise NotYet(
        "a head that returns the central difference of eps along the flow has a loss: the target "
        "is something else."
    )


def _check_weight(
    function: Loss, net: nn.Module, states: tuple[Tensor, Tensor, Tensor], truth: Tensor
) -> None:
    x_bar, gamma, noise = states
    low, high = int(gamma.argmin()), int(gamma.argmax())
    sizes = []
    for i in (low, high):
        one = slice(i, i + 1)
        probe = _Probe(truth[one] + 1)
        cost = _loss(function, probe, net, x_bar[one], gamma[one], noise[one])
        sizes.append(float(cost.detach()))
    levels = torch.log(gamma[high] / gamma[low])
    power = float(torch.log(torch.tensor(sizes[1] / sizes[0])) / levels)
    if abs(power - 2) < 1e-3:
        return
    if abs(power) < 1e-3:
        raise NotYet("the levels are not weighted: a given miss costs the same at every gamma.")
    if abs(power + 2) < 1e-3:
        raise NotYet("the weight is the wrong way up.")
    raise NotYet(
        f"the loss of a given miss grows like gamma to the power {power:.2g}. Compare d eps/dlog "
        "gamma on both sides, and read the power off."
    )


def _train(function: Loss, net: nn.Module) -> float:
    """The cosine similarity, over held-out states, after a short run with the given loss."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        head = GenieHead(2, net.feature_sizes)
    settings = training.Settings(n_steps=TRAINING_STEPS, batch_size=BATCH)
    optimizer = torch.optim.Adam(head.parameters(), lr=settings.lr, betas=(0.9, 0.99))
    for step in range(TRAINING_STEPS):
        x_bar, gamma, noise = (part.float() for part in _states(BATCH, 100 + step))
        for group in optimizer.param_groups:
            group["lr"] = 2 * loop.learning_rate(settings, step)
        optimizer.zero_grad()
        _loss(function, head, net, x_bar, gamma, noise).backward()
        nn.utils.clip_grad_norm_(head.parameters(), 1.0)
        optimizer.step()
    head, net = head.double(), net.double()
    with torch.no_grad():
        x_bar, gamma, _ = _states(1024, 99)
        eps, *features = net(x_bar, gamma, features=True)
        wanted = gamma[:, None] * _central_difference(net, x_bar, gamma, eps)
        given = gamma[:, None] * head(x_bar, gamma, eps, *features)
    return float((given * wanted).sum() / (given.norm() * wanted.norm()))


@functools.cache
def _weights() -> nn.Module:
    return checkpoints.load(data.shipped("mixture_2d/base"), "EpsMLP")


def _network() -> nn.Module:
    """The shipped network, frozen, in float32."""
    import copy

    return copy.deepcopy(_weights()).requires_grad_(False)


def _states(n: int, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """x_bar, gamma and noise, levels from 0.02 to 20 at random; float64."""
    generator = _generator(seed)
    clean = GaussianMixture(**TOYS["three_modes"]).sample(n, generator=generator).double()
    noise = torch.randn(n, 2, generator=generator, dtype=torch.float64)
    gamma = 0.02 * 1000 ** torch.rand(n, generator=generator, dtype=torch.float64)
    return clean + gamma[:, None] * noise, gamma, noise


def _central_difference(net: nn.Module, x_bar: Tensor, gamma: Tensor, velocity: Tensor) -> Tensor:
    delta = 1e-4 * gamma
    move = delta[:, None] * velocity
    with torch.no_grad():
        ahead, behind = net(x_bar + move, gamma + delta), net(x_bar - move, gamma - delta)
    return (ahead - behind) / (2 * delta[:, None])


def _generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _same(value: Tensor, wanted: Tensor) -> bool:
    return float((value - wanted).abs().max()) <= _CLOSE * float(wanted.abs().max())


def _ratio(value: Tensor, wanted: Tensor) -> float:
    return float((value * wanted).sum() / (wanted * wanted).sum())


def _called(function: Callable[..., Any], *arguments: Any) -> Any:  # noqa: ANN401
    """Run an answer that must not ask the library for its loss."""
    refuse = mock.patch.object(training, "derivative_loss", side_effect=LibraryUsedError)
    inside = mock.patch.object(training, "along_flow", side_effect=LibraryUsedError)
    hint = "this asks the library for its loss; write target and weight."
    with refuse, inside:
        return called(function, *arguments, library=hint)


def _three(result: object, like: Tensor) -> list[Tensor]:
    if not isinstance(result, (tuple, list)) or len(result) != 3:
        raise NotYet("return three tensors: k1, k2, k3.")
    if any(part is ... or part is None for part in result):
        raise NotYet("the function returns nothing yet: replace the placeholder.")
    for part in result:
        if not isinstance(part, Tensor) or part.shape != like.shape:
            raise NotYet("each of k1, k2, k3 has the shape of the terms.")
    return [part.double() for part in result]


def _loss(function: Loss, head: nn.Module, net: nn.Module, *states: Tensor) -> Tensor:
    value = _called(function, head, net, *states)
    if not isinstance(value, Tensor) or value.ndim:
        raise NotYet("return one number, a scalar tensor: the mean over the batch.")
    if not torch.isfinite(value):
        raise NotYet("the loss is a NaN or an infinity.")
    return value
