"""Checks of chapter 13: a training that survives being killed, a moving average, a plan.

The first check is a small training problem that writes down all that is asked of it. It kills the
reader's loop without warning, keeps what was saved as bytes, and compares the two curves bit by
bit. The other two compare with sums written out here.
"""

from __future__ import annotations

import contextlib
import io
import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from genie_edu.exercises import NotYet, correct, require_callable
from genie_edu.exercises.answers import called, number, off

MOMENTUM = 0.9
_STEPS = 24
_KILLS = ((13,), (11, 5, 1, 6))
"""Steps after which each start of the loop is killed; the start after the last one ends."""


class _KilledError(BaseException):
    """The machine is gone: nothing in a training loop should catch this."""


class _Call(NamedTuple):
    """One step as the problem saw it: weights that came in, the rate, the batch that was drawn."""

    weights: Tensor
    rate_at: int | None
    batch: Tensor


class Problem:
    """A training problem that can be killed: least squares on noisy batches, 6 weights.

    `weights()` the first ones (6,); `loss_and_gradient(weights, generator)` of the batch that
    `generator` draws; `rate(step, n_steps)` the learning rate; `save(state)` and `load()`, a
    dictionary of tensors, numbers and lists, or None where nothing was saved.
    """

    def __init__(self, disk: bytes | None = None, calls_left: int | None = None) -> None:
        self.disk, self.loads = disk, 0
        self._left, self._rate_at = calls_left, None
        self.calls: list[_Call] = []

    def weights(self) -> Tensor:
        """Where the training begins."""
        return torch.linspace(-1, 1, 6, dtype=torch.float64)

    def rate(self, step: int, n_steps: int) -> float:
        """Half a cosine, from 0.05 down to 0 at n_steps."""
        self._rate_at = int(step)
        return 0.025 * (1 + math.cos(math.pi * step / n_steps))

    def loss_and_gradient(
        self, weights: Tensor, generator: torch.Generator
    ) -> tuple[float, Tensor]:
        """Loss of the batch that the generator draws, and its gradient (6,)."""
        if not isinstance(generator, torch.Generator):
            raise TypeError("loss_and_gradient needs a torch.Generator to draw its batch with")
        batch = torch.randn(16, 7, generator=generator, dtype=torch.float64)
        self.calls.append(_Call(weights.clone(), self._rate_at, batch))
        self._rate_at = None
        if self._left is not None and len(self.calls) > self._left:
            raise _KilledError
        x, noise = batch[:, :6], batch[:, 6]
        miss = x @ weights - x.sum(dim=1) - noise
        return float(miss.square().mean()), 2 * (x.T @ miss) / len(x)

    def save(self, state: dict[str, Any]) -> None:
        """Write the state; what was there before is replaced as a whole."""
        file = io.BytesIO()
        torch.save(state, file)
        self.disk = file.getvalue()

    def load(self) -> dict[str, Any] | None:
        """What was saved last."""
        self.loads += 1
        return None if self.disk is None else torch.load(io.BytesIO(self.disk), weights_only=True)


def check_resume(answer: object) -> None:
    """Check ``train(problem, n_steps)``: the losses of all steps, also after a kill.

    Raises NotYet with a hint; prints one line when the answer is right.
    """
    function = require_callable(answer, "train(problem, n_steps)")
    whole = Problem()
    curve = _losses(called(function, whole, _STEPS))
    _check_whole(whole, curve)
    for kills in _KILLS:
        _compare(curve, _killed(function, kills, whole))
    correct("killed five times, and every loss is the one of the run that was left in peace.")


def check_average(answer: object) -> None:
    """Check ``average(weights, half_life)``: the moving averages (N, D) of weights (N, D)."""
    function = require_callable(answer, "average(weights, half_life)")
    generator = torch.Generator().manual_seed(13)
    weights = torch.randn(40, 3, generator=generator, dtype=torch.float64).cumsum(0) + 5
    for half_life in (1.0, 6.0, 25.0):
        given = called(function, weights.clone(), half_life)
        if not isinstance(given, Tensor) or given.shape != weights.shape:
            found = tuple(given.shape) if isinstance(given, Tensor) else type(given).__name__
            raise NotYet(f"return a tensor (N, D) like the weights, an average a step; got {found}")
        decay = 0.5 ** (1 / half_life)
        if _same(given, _averages(weights, decay)):
            continue
        wrong = {
            "the decay and its complement are exchanged: the new weights get the small share.": (
                _averages(weights, 1 - decay)
            ),
            "after half_life steps a share of 1/e is left; it should be a half.": (
                _averages(weights, math.exp(-1 / half_life))
            ),
            "one over the half-life is not what is lost in a step: over half_life steps the "
            "factors multiply to a half.": _averages(weights, 1 - 1 / half_life),
            "half of that is not it, either: the factors of half_life steps multiply to a half.": (
                _averages(weights, 1 - 0.5 / half_life)
            ),
            "the average begins at zero, so that it is too small at first: begin at the first "
            "weights.": _averages(weights, decay, weights[0] * 0),
        }
        for hint, value in wrong.items():
            if _same(given, value):
                raise NotYet(hint)
        if not _same(given[0], weights[0]):
            raise NotYet("the first average is not the first weights.")
        raise NotYet(f"with a half-life of {half_life:g} steps, {_off(given, weights, decay)}")
    correct("after a half-life the old weights count half.")


def check_plan(answer: object) -> None:
    """Check ``plan(seconds, minutes)``: how many steps fit, those measured included."""
    function = require_callable(answer, "plan(seconds, minutes)")
    for seconds, minutes in (
        ([31.0, 0.21, 0.2, 0.19, 0.2, 0.2, 0.2], 10.0),
        ([4.0, 0.05, 0.05, 0.05, 0.05], 3.0),
    ):
        given = _whole(called(function, list(seconds), minutes))
        later = sum(seconds[1:]) / (len(seconds) - 1)
        left = 60 * minutes - sum(seconds)
        wanted = len(seconds) + left / later
        if abs(given - wanted) <= 2:
            continue
        mean = sum(seconds) / len(seconds)
        wrong = {
            "the first step, which also starts everything up, is taken for a typical one.": (
                60 * minutes / mean,
                len(seconds) + left / mean,
            ),
            "minutes are not seconds.": (minutes / later, len(seconds) + minutes / later),
            "the start-up takes its part of the minutes, too.": (60 * minutes / later,),
            "the measured steps count, too.": (left / later,),
        }
        for hint, values in wrong.items():
            if any(abs(given - value) <= 2 for value in values):
                raise NotYet(hint)
        raise NotYet(
            f"with {minutes:g} minutes, a first step of {seconds[0]:g} s and {later:.2g} s for "
            f"each later one: {given} steps would take {seconds[0] + (given - 1) * later:.0f} s."
        )
    correct("the start-up is paid for, and the last step is over in time.")


# ---- the killed training -------------------------------------------------------------------------


def _killed(function: Callable[..., Any], kills: Sequence[int], whole: Problem) -> list[float]:
    """The losses that a loop returns which is killed, and started again, and killed, ..."""
    disk = None
    for calls_left in (*kills, None):
        problem, result = Problem(disk, calls_left), None
        with contextlib.suppress(_KilledError):
            result = called(function, problem, _STEPS)
        if disk is not None:
            _check_resumed(problem, whole, ended=calls_left is None)
        if calls_left is not None and result is not None:
            raise NotYet("the loop goes on after the machine is gone: don't catch what kills it.")
        disk = problem.disk
        if disk is None:
            raise NotYet(f"killed after {kills[0]} steps, and nothing is saved: save as you go.")
    return _losses(result)


def _check_whole(problem: Problem, curve: list[float]) -> None:
    """The uninterrupted run does what was asked for."""
    if len(problem.calls) != _STEPS or len(curve) != _STEPS:
        raise NotYet(
            f"a run of {_STEPS} steps, left in peace, asked for {len(problem.calls)} gradients and "
            f"returned {len(curve)} losses."
        )
    batches = [call.batch for call in problem.calls]
    if any(torch.equal(a, b) for i, a in enumerate(batches) for b in batches[:i]):
        raise NotYet("left in peace, it sees the same batch again: what seeds its generator?")
    if [call.rate_at for call in problem.calls] != list(range(_STEPS)):
        asked = [call.rate_at for call in problem.calls][:3]
        if None in asked:
            raise NotYet("ask for the rate before the gradient, once a step.")
        raise NotYet(f"the learning rate was asked for at steps {asked} ... of {_STEPS}.")
    truth = _by_hand(batches)
    if not all(_same(call.weights, w) for call, w in zip(problem.calls, truth, strict=True)):
        raise NotYet(
            "left in peace, it takes other steps than these: momentum = 0.9 momentum + gradient, "
            "weights = weights - rate momentum."
        )


def _check_resumed(problem: Problem, whole: Problem, ended: bool) -> None:
    """Say what was not brought back, by the steps after a kill."""
    if not problem.loads:
        raise NotYet("after the kill it starts anew: load what was saved.")
    if not problem.calls:
        raise NotYet("after the kill it takes no step more.")
    resumed, start = problem.calls, whole.calls[0]
    at = resumed[0].rate_at
    if at == 0 and _same(resumed[0].weights, start.weights):
        raise NotYet("after the kill it starts anew: load what was saved, and go on from there.")
    if at == 0:
        raise NotYet("the learning rate starts over after the kill.")
    if at is None or not 0 < at < _STEPS or (ended and len(resumed) != _STEPS - at):
        raise NotYet(f"after the kill it goes on at step {at} and takes {len(resumed)} more.")
    expected = whole.calls[at]
    if not torch.equal(resumed[0].weights, expected.weights):
        raise NotYet(
            f"it goes on at step {at} with the weights of another one: save step and weights "
            "of the same moment, after the update."
        )
    if not torch.equal(resumed[0].batch, expected.batch):
        if torch.equal(resumed[0].batch, start.batch):
            raise NotYet("after the kill the batches of the first steps come again.")
        raise NotYet("after the kill other batches come: what do they depend on?")
    for now, then in zip(resumed[1:], whole.calls[at + 1 :], strict=False):
        if not torch.equal(now.batch, then.batch):
            raise NotYet("some steps after the kill the batches are others.")
        if not torch.equal(now.weights, then.weights):
            raise NotYet("the first step after the kill lacks its run-up: what else has a memory?")


def _compare(curve: list[float], again: list[float]) -> None:
    if len(again) < len(curve):
        raise NotYet(
            f"the run ends as it should, but its curve has {len(again)} losses instead of "
            f"{len(curve)}: those before the kill are gone."
        )
    if len(again) > len(curve):
        raise NotYet(f"the curve has {len(again)} losses for {len(curve)} steps.")
    different = [i for i, (a, b) in enumerate(zip(curve, again, strict=True)) if a != b]
    if different:
        raise NotYet(f"the killed run's curve differs from the other one at step {different[0]}.")


def _by_hand(batches: list[Tensor]) -> list[Tensor]:
    """The weights before every step, from the batches."""
    problem, momentum, before = Problem(), torch.zeros(6, dtype=torch.float64), []
    weights = problem.weights()
    for step, batch in enumerate(batches):
        before.append(weights)
        x, noise = batch[:, :6], batch[:, 6]
        gradient = 2 * (x.T @ (x @ weights - x.sum(dim=1) - noise)) / len(x)
        momentum = MOMENTUM * momentum + gradient
        weights = weights - problem.rate(step, len(batches)) * momentum
    return before


def _losses(value: object) -> list[float]:
    try:
        losses = [float(loss) for loss in value]  # type: ignore[union-attr]
    except (TypeError, ValueError, RuntimeError):
        raise NotYet(
            f"return the losses of all steps as a list, not a {type(value).__name__}."
        ) from None
    if not all(map(math.isfinite, losses)):
        raise NotYet("a loss is not a finite number.")
    return losses


# ---- averages and plans --------------------------------------------------------------------------


def _averages(weights: Tensor, decay: float, first: Tensor | None = None) -> Tensor:
    now, found = weights[0] if first is None else first, []
    for i, row in enumerate(weights):
        now = row if i == 0 and first is None else decay * now + (1 - decay) * row
        found.append(now)
    return torch.stack(found)


def _off(given: Tensor, weights: Tensor, decay: float) -> str:
    wanted = _averages(weights, decay)
    where = int((given - wanted).abs().amax(dim=1).gt(1e-9).nonzero()[0])
    return f"the average after step {where} is off: is each one made of the one before?"


def _same(value: Tensor, wanted: Tensor) -> bool:
    return value.shape == wanted.shape and off(value, wanted) <= 1e-9


def _whole(value: object) -> int:
    found = number(value, f"return a number of steps, not a {type(value).__name__}.")
    if found != int(found):
        raise NotYet(f"return a whole number of steps; got {found:g}.")
    return int(found)
