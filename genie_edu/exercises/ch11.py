"""Checks of chapter 11: the slope of any form, the distillation loss, four suspect losses.

The truth in each check is made here: the target is a central difference of the shipped network's
eps along its own flow, and the losses are read off with heads made for the purpose.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any
from unittest import mock

import torch
from torch import Tensor, nn

from genie_edu.datasets import data
from genie_edu.exercises import NotYet, correct, require_callable
from genie_edu.exercises.answers import LibraryUsedError, called, same, tensor_like
from genie_edu.exercises.suspects import LOSS_FAULTS, LOSSES, check_named, loss_objection
from genie_edu.mixture import GaussianMixture
from genie_edu.nets import checkpoints
from genie_edu.nets.head import GenieHead
from genie_edu.toys import TOYS
from genie_edu.train import loop, training

TRAINING_STEPS, BATCH = 300, 256
WANTED_COSINE = 0.95
_CLOSE = 1e-6

Loss = Callable[..., Tensor]

_same = functools.partial(same, close=_CLOSE)


def check_any_form(answer: object) -> None:
    """Check ``slope_of_form(a, b, x_bar, gamma, F, G)``: d eps/dgamma of eps = a x_bar + b F.

    a and b are functions of a scalar tensor gamma, G = dF/dlog gamma along the flow. The truth is a
    central difference along a straight piece of path on which F grows as G says, at three levels
    and for two forms. Raises NotYet with a hint; prints one line.
    """
    function = require_callable(answer, "slope_of_form(a, b, x_bar, gamma, F, G)")
    x_bar, out, rate = torch.randn(3, 5, 2, generator=_generator(11), dtype=torch.float64)
    for a, b in _FORMS:
        for level in (0.3, 2.0, 9.0):
            gamma = torch.tensor(level, dtype=torch.float64)
            given = tensor_like(_called(function, a, b, x_bar, gamma, out, rate), x_bar)
            eps = a(gamma) * x_bar + b(gamma) * out

            def moved(d: Tensor, moves: bool = True, grows: bool = True) -> Tensor:
                at = gamma + d  # noqa: B023
                point = x_bar + moves * d * eps  # noqa: B023
                return a(at) * point + b(at) * (out + grows * d * rate / gamma)  # noqa: B023

            delta = 1e-5 * gamma
            quotient = lambda **keys: (moved(delta, **keys) - moved(-delta, **keys)) / (2 * delta)  # noqa: E731, B023
            if not _same(given, quotient()):
                raise NotYet(_form_hint(given, quotient, (a, b), gamma, out, rate))
    correct("the slope of eps for two forms, at three levels each.")


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


def check_suspects(diagnoses: object) -> None:
    """Check {letter: key of LOSS_FAULTS} for all of LOSSES.

    Raises NotYet, naming one letter and what speaks against its diagnosis; prints one line.
    """
    check_named(diagnoses, LOSSES, LOSS_FAULTS, loss_objection)


# What the checks share.

_FORMS = (
    (lambda g: g / (1 + g * g), lambda g: 1 / torch.sqrt(1 + g * g)),
    (lambda g: 1 / g, lambda g: -1 / (g * g + 0.5)),
)
"""(a, b) of eps = a x_bar + b F: a velocity's form, and one that no network has."""


def _form_hint(
    given: Tensor,
    quotient: Callable[..., Tensor],
    form: tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]],
    gamma: Tensor,
    out: Tensor,
    rate: Tensor,
) -> str:
    """What is missing from a slope: the point's motion, b's change, F's change, its clock."""
    a, b = form
    still = lambda f: (f(gamma + 1e-5) - f(gamma - 1e-5)) / 2e-5  # noqa: E731
    truth = quotient()
    known = [
        (quotient(moves=False), "x_bar stands still here. Along the flow it moves: how fast?"),
        (truth - still(b) * out, "b depends on gamma too: F is multiplied by something that "
         "changes."),
        (quotient(grows=False), "the network's output stands still here: G says how it changes."),
        (truth + b(gamma) * rate * (1 - 1 / gamma), "G is a derivative in log gamma; asked is one "
         "in gamma."),
        (gamma * truth, "this is d eps/dlog gamma."),
        (-truth, "the sign is wrong."),
    ]  # fmt: skip
    for candidate, hint in known:
        if _same(given, candidate):
            return hint
    miss = float((given - truth).norm() / truth.norm())
    return f"at gamma = {float(gamma)} the result is off by {miss:.2g} times the true length."


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


def _called(function: Callable[..., Any], *arguments: Any) -> Any:  # noqa: ANN401
    """Run an answer that must not ask the library for its loss."""
    refuse = mock.patch.object(training, "derivative_loss", side_effect=LibraryUsedError)
    inside = mock.patch.object(training, "along_flow", side_effect=LibraryUsedError)
    hint = "this asks the library for its loss; write target and weight."
    with refuse, inside:
        return called(function, *arguments, library=hint)


def _loss(function: Loss, head: nn.Module, net: nn.Module, *states: Tensor) -> Tensor:
    value = _called(function, head, net, *states)
    if not isinstance(value, Tensor) or value.ndim:
        raise NotYet("return one number, a scalar tensor: the mean over the batch.")
    if not torch.isfinite(value):
        raise NotYet("the loss is a NaN or an infinity.")
    return value
