"""Checks of chapter 8: six mystery samplers, a repair, a scheduler's order, idle steps.

The order is measured here, by driving diffusers' scheduler with the exact eps; diffusers is
imported only for that check.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from genie_edu.exercises import NotYet, correct, require_callable
from genie_edu.exercises.answers import called, tensor_like
from genie_edu.exercises.mysteries import DIAGNOSES, MYSTERIES, PREDICTIONS

__all__ = [
    "check_diagnoses",
    "check_diagnosis",
    "check_idle_steps",
    "check_repair",
    "check_scheduler_order",
]

_LISTS: tuple[tuple[str, tuple[float, ...], int], ...] = (
    ("a list without repetition", (157.4, 20.0, 3.0, 0.5, 0.01), 0),
    ("a list that ends in 0", (157.4, 20.0, 3.0, 0.5, 0.01, 0.0), 0),
    ("a list whose last level stands there twice", (157.4, 20.0, 3.0, 0.5, 0.01, 0.01), 1),
    ("the same with a rounding error of float32", (157.4, 20.0, 0.5, 0.01000133, 0.01000135), 1),
    ("a list with a repetition in the middle", (157.4, 20.0, 3.0, 3.0, 0.5, 0.01), 1),
    ("a list with two small, but different levels", (1.0, 1e-4, 1.001e-4 / 1.01, 1e-6), 0),
    ("a list with two repetitions", (157.4, 157.4, 20.0, 3.0, 0.01, 0.01), 2),
)


def check_diagnosis(letter: object, diagnosis: object) -> None:
    """Check one diagnosis: a letter of MYSTERIES and a key of DIAGNOSES.

    Raises NotYet with what to measure next; prints one line when it is right.
    """
    if letter not in MYSTERIES:
        raise NotYet(f"name one of the mysteries: {', '.join(MYSTERIES)}.")
    mystery = MYSTERIES[str(letter)]
    if diagnosis is ... or diagnosis is None:
        raise NotYet(f"{letter}: put a diagnosis in place of the dots.")
    if diagnosis not in DIAGNOSES:
        raise NotYet(f"{letter}: give one of {', '.join(repr(key) for key in DIAGNOSES)}.")
    if diagnosis == mystery.diagnosis:
        correct(f"{letter}. {mystery.why}")
        return
    if diagnosis != "sound":
        raise NotYet(f"{letter}: {PREDICTIONS[str(diagnosis)]}")
    better = mystery.measured_order > mystery.claimed_order
    raise NotYet(
        f"{letter} claims order {mystery.claimed_order}. Read the claim again, then measure the "
        f"slope from 64 to 256 steps: is it as claimed{', not just as good' if better else ''}?"
    )


def check_diagnoses(answers: object) -> None:
    """Check a dictionary letter -> diagnosis for all of MYSTERIES; stops at the first wrong one.

    It does not say how many are right: a guess should cost a measurement. Raises NotYet with what
    to measure next; prints one line when all are right.
    """
    if not isinstance(answers, Mapping):
        raise NotYet("hand in a dictionary: for each letter one of the diagnoses.")
    missing = [letter for letter in MYSTERIES if letter not in answers]
    if missing:
        raise NotYet(f"no diagnosis yet for {', '.join(missing)}.")
    for letter in MYSTERIES:
        if answers[letter] != MYSTERIES[letter].diagnosis:
            check_diagnosis(letter, answers[letter])
    correct("all six named, and the sound one let through.")


def check_repair(answer: object) -> None:
    """Check ``repaired(flow, x_bar, gammas)``: order two with two calls a step, on two grids.

    From gamma 10 to 0.1 on `ring`, 64 and 256 steps, quadratic and uniform in log gamma; any method
    that keeps the claim passes. Raises NotYet with a hint; prints one line when right.
    """
    function = require_callable(answer, "repaired(flow, x_bar, gammas)")
    for spacing in ("quadratic", "log_gamma"):
        runs = [_one_run(function, spacing, n) for n in (64, 256)]
        for n, run in zip((64, 256), runs, strict=True):
            if run.calls != 2 * n:
                raise NotYet(
                    f"with {n} steps it makes {run.calls} calls; the claim is two a step, "
                    f"{2 * n}. How many steps does it make?"
                )
        slope, earlier = (
            0.5 * math.log2(max(a, 1e-300) / max(b, 1e-300))
            for a, b in zip(runs[0].errors, runs[1].errors, strict=True)
        )
        if slope >= 1.8:
            continue
        if earlier > 1.8:
            raise NotYet("its end agrees with the exact path one level too early.")
        if slope < 0.5:
            raise NotYet(
                f"on the {spacing} grid its error hardly falls: slope {slope:.1f}. Does it end at "
                "the last level, and nowhere else?"
            )
        raise NotYet(
            f"on the {spacing} grid its slope is {slope:.1f}. It ends where it should, so a step "
            "is wrong. Where does the point stand at the second call, and which level does it ask?"
        )
    correct("order two, two calls a step, on two grids: the claim holds.")


class _Run(NamedTuple):
    calls: int
    errors: tuple[float, float]  # against the last level, and against the one before


def _one_run(function: Callable[..., Any], spacing: str, n_steps: int) -> _Run:
    import torch

    import genie_edu as ge

    flow = ge.AnalyticFlow(ge.GaussianMixture(**ge.TOYS["ring"]))
    generator = torch.Generator().manual_seed(808)
    start = torch.randn(96, 2, generator=generator, dtype=torch.float64) * math.hypot(1, 10.0)
    t = [float(flow.schedule.t_of_gamma(gamma)) for gamma in (10.0, 0.1)]
    gammas = flow.schedule.gamma(ge.time_grid(n_steps, spacing, t_start=t[0], t_end=t[1]))
    given = called(function, flow, start.clone(), gammas, empty="the body is still to be written.")
    end, calls = tensor_like(given, start), flow.nfe
    exact = ge.exact_solution(flow, start, gammas[[0, -2, -1]])
    return _Run(calls, tuple(ge.end_point_error(end, point) for point in (exact[2], exact[1])))


def check_scheduler_order(answer: object) -> None:
    """Check the measured order of diffusers' UniPC with solver_order 1, geometric levels.

    The check measures by itself, at the levels that the scheduler computes with. Raises NotYet
    with a hint, ImportError without diffusers; prints one line when the answer is right.
    """
    if answer is ... or answer is None:
        raise NotYet("put the order that you measured in place of the dots.")
    try:
        value = float(getattr(answer, "order", answer))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise NotYet(f"give one number; yours is a {type(answer).__name__}.") from None
    measured = _measured_order()
    if abs(value - measured) <= 0.15:
        correct(f"order {round(measured)}: its corrector adds one to the number in its name.")
        return
    if value < 0:
        raise NotYet("the sign: errors fall with N, and an order is a positive number.")
    if abs(value - 1) <= 0.15:
        raise NotYet("that is the number in its name. Measure: name and order are two things.")
    if value < measured:
        raise NotYet(
            "your slope is too small. Was the network asked at the scheduler's own levels, and "
            "has the slope settled?"
        )
    if value > measured + 0.6:
        raise NotYet(
            "your slope is too large by a good deal: it is another method's. Is solver_order 1 in "
            "force?"
        )
    raise NotYet("your slope is too large. Has it settled? Leave out the smallest step counts.")


def check_idle_steps(answer: object) -> None:
    """Check ``idle_steps(levels)``: how many steps of a list of levels have no length.

    Equal means to a relative 1e-5. Tried on made-up lists of one-call schedulers. Raises NotYet
    with a hint; prints one line when the answer is right.
    """
    function = require_callable(answer, "idle_steps(levels)")
    for text, levels, wanted in _LISTS:
        try:
            result = function(list(levels))
        except NotImplementedError:
            raise NotYet("the body is still to be written.") from None
        except ZeroDivisionError:
            raise NotYet(f"{text}: your function divides by zero.") from None
        if result is None or result is ...:
            raise NotYet("your function returns nothing yet.")
        if isinstance(result, (list, tuple)):
            raise NotYet("return how many they are: one whole number.")
        if not math.isfinite(float(result)) or float(result) != wanted:
            _explain_idle(text, levels, float(result), wanted)
    correct("you find every step that moves nothing, rounding errors or not.")


def _explain_idle(text: str, levels: tuple[float, ...], result: float, wanted: int) -> None:
    """Raise NotYet with what is wrong about a count."""
    if result == len(set(levels)):
        raise NotYet("you count the different levels; asked for are the steps without length.")
    if "rounding" in text and result == 0:
        raise NotYet(f"{text}: the two levels differ in the last digit only, so == misses them.")
    if "small" in text and result > wanted:
        raise NotYet(f"{text}: compare relative to the level, not with a fixed distance.")
    if result == wanted + 1 and "ends in 0" in text:
        raise NotYet(f"{text}: the step down to 0 has a length.")
    raise NotYet(f"{text}: {wanted} of its steps are without length, you count {result:g}.")


@cache
def _measured_order() -> float:
    """The order of UniPC-1 on geometric levels: one call a step, asked at its own levels."""
    try:
        import diffusers
    except ImportError as error:
        raise ImportError("this check drives diffusers: pip install diffusers==0.42.1") from error
    import torch

    import genie_edu as ge
    from genie_edu.show.numbers import starts

    flow = ge.AnalyticFlow(ge.GaussianMixture(**ge.TOYS["three_modes"]))
    noise = torch.as_tensor(np.asarray(starts(64, 0), dtype=float))
    counts, errors = (16, 32, 64, 128), []
    for n_steps in counts:
        scheduler: Any = diffusers.UniPCMultistepScheduler(
            beta_schedule="linear",
            beta_start=1e-4,
            beta_end=0.02,
            solver_order=1,
            use_exponential_sigmas=True,
            final_sigmas_type="sigma_min",
        )
        scheduler.set_timesteps(n_steps)
        levels = [float(level) for level in scheduler.sigmas]
        sample = noise.float()
        for level, timestep in zip(levels, scheduler.timesteps, strict=False):
            eps = flow.eps(sample.double() * math.hypot(1, level), level)
            sample = scheduler.step(eps.float(), timestep, sample).prev_sample
        start = noise * math.hypot(1, levels[0])
        exact = ge.exact_solution(flow, start, [levels[0], levels[-1]], rtol=1e-10)[-1]
        errors.append(ge.end_point_error(sample.double() * math.hypot(1, levels[-1]), exact))
    return ge.observed_order(counts, errors).order
