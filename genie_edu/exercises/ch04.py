"""Checks of chapter 4: a fitted slope, from where it holds, an invalid estimate, an impostor.

The truth is made here: errors of a known order, with and without scatter, and reports whose defect
is built in.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from genie_edu.exercises import NotYet, correct, require_callable
from genie_edu.exercises.answers import number
from genie_edu.exercises.reports import Report, least_squares, three_reports

__all__ = [
    "REASONS",
    "Report",
    "check_fit_slope",
    "check_impostor",
    "check_invalid_report",
    "check_settles_from",
    "three_reports",
]

_COUNTS = (10, 15, 40, 100, 160)
_SCATTER = (0.9, 1.2, 0.85, 1.3, 0.95)
REASONS = ("floor", "reference", "not settled", "few starts")
"""What can be wrong with an estimate, in the words that `check_invalid_report` takes."""


def check_fit_slope(answer: object) -> None:
    """Check ``fit_slope(step_counts, errors)``: the least-squares order p of error ~ C N^-p.

    Tried on exact powers and on scattered ones, at step counts that don't double. Raises NotYet
    with a hint; prints one line when the answer is right.
    """
    function = require_callable(answer, "fit_slope(step_counts, errors)")
    counts = np.array(_COUNTS, dtype=float)
    for order, constant in ((1.0, 0.7), (2.0, 3.0), (3.5, 0.2)):
        _compare_slope(function, counts, constant * counts**-order, order)
    scattered = 2.0 * counts**-2.0 * np.array(_SCATTER)
    try:
        given = number(_called(function, list(_COUNTS), scattered.tolist()))
    except ValueError as error:
        raise NotYet(
            f"on errors with some scatter your function raises {type(error).__name__}. Write the "
            "fit itself: it always has a result."
        ) from None
    wanted = least_squares(counts, scattered)
    if abs(given - wanted) <= 1e-6:
        correct("your slope is the least-squares one, on exact and on scattered errors.")
        return
    ends = -math.log(scattered[-1] / scattered[0]) / math.log(counts[-1] / counts[0])
    if abs(given - ends) <= 1e-6:
        raise NotYet(
            "exact powers come out right, scattered ones don't: you use the two ends only. The fit "
            "uses all points."
        )
    local = -np.diff(np.log(scattered)) / np.diff(np.log(counts))
    if min(abs(given - local.mean()), abs(given - np.median(local))) <= 1e-6:
        raise NotYet(
            "averaging the slopes between neighbours is not the least-squares fit: short intervals "
            "get as much weight as long ones."
        )
    raise NotYet(
        f"exact powers come out right; on scattered errors the least-squares slope is another "
        f"number than yours, {given:.3f}."
    )


def check_settles_from(answer: object) -> None:
    """Check ``settles_from(step_counts, errors, tolerance)``: the N from which the slope holds.

    The first N from which on every pairwise slope is within tolerance of the last one; None if
    fewer than two pairs are. Tried on eight made-up measurements and three tolerances. Raises
    NotYet with a hint.
    """
    function = require_callable(answer, "settles_from(step_counts, errors, tolerance)")
    counts = (4, 8, 16, 32, 64, 128)
    for slopes, tolerance, wanted in (
        ((1.2, 1.5, 1.95, 2.0, 2.0), 0.1, 16),
        ((2.0, 2.0, 2.0, 2.0, 2.0), 0.1, 4),
        ((2.0, 1.0, 1.4, 1.98, 2.0), 0.1, 32),
        ((1.0, 1.0, 1.0, 1.5, 2.0), 0.1, None),
        ((2.3, 2.2, 2.06, 2.03, 2.0), 0.1, 16),
        ((1.68, 1.76, 1.84, 1.92, 2.0), 0.1, 32),
        ((2.3, 2.2, 2.06, 2.03, 2.0), 0.25, 8),
        ((1.2, 1.5, 1.95, 2.0, 2.0), 0.01, 32),
    ):
        result = _called(function, list(counts), _errors(slopes), tolerance, none_is_fine=True)
        if result is not None:
            result = number(result)
        if result == wanted:
            continue
        if tolerance != 0.1 and result == _settled(counts, slopes, 0.1):
            raise NotYet(f"asked with the tolerance {tolerance:g}, you answer as if it were 0.1.")
        steady = np.abs(np.diff(slopes)) <= tolerance
        if steady.all() and result == counts[0] and wanted != counts[0]:
            raise NotYet(
                "slopes that creep are each close to the next one; compare them with the last one."
            )
        _explain_settling(result, wanted, counts, slopes)
    correct("you find where the slope settles, and say None where it never does.")


def check_impostor(answer: object) -> None:
    """Check ``step(flow, x_bar, gamma, gamma_next, memory)``: order two, to the wrong end points.

    Measured in the chapter's setting on `three_modes`: against its own run of 1,024 steps the
    order is 2.0 +- 0.1, against DOP853 the error with 128 steps exceeds 0.05. Raises NotYet with a
    hint; prints one line.
    """
    import torch

    import genie_edu as ge
    from genie_edu.show.numbers import starts

    step = require_callable(answer, "impostor(flow, x_bar, gamma, gamma_next, memory)")
    flow = ge.AnalyticFlow(ge.GaussianMixture(**ge.TOYS["three_modes"]))
    x_bar = torch.as_tensor(starts(64)) * math.sqrt(1 + 10.0**2)
    t_start, t_end = (float(flow.schedule.t_of_gamma(g)) for g in (10.0, 0.1))

    def end(n_steps: int) -> Any:
        t = ge.time_grid(n_steps, "quadratic", t_start=t_start, t_end=t_end)
        return ge.solve(flow, x_bar, flow.schedule.gamma(t), step).x_bar[-1]

    counts = (16, 32, 64, 128)
    try:
        own = end(1024)
        ends = [end(n) for n in counts]
    except NotImplementedError:
        raise NotYet("the body is still to be written.") from None
    except (TypeError, ValueError, RuntimeError, AttributeError) as error:
        raise NotYet(
            f"return the pair (x_bar_next, memory): {str(error).splitlines()[0]}"
        ) from None
    if not torch.isfinite(own).all():
        raise NotYet("your end points contain NaN or infinity.")
    errors = [ge.end_point_error(x, own) for x in ends]
    exact = ge.exact_solution(flow, x_bar, [10.0, 0.1])[-1]
    off = ge.end_point_error(ends[-1], exact)
    if max(errors) < 1e-9:
        raise NotYet("the end doesn't depend on the number of steps: nothing converges here.")
    slopes = np.log2(np.array(errors[:-1]) / np.array(errors[1:]))
    if abs(slopes[-1] - 2) > 0.1:
        raise NotYet(
            f"against its own long run the last pairwise slope is {slopes[-1]:.2f}, not 2: begin "
            "with a method of order two."
        )
    if off <= 0.05:
        raise NotYet(
            f"that is an honest method: with 128 steps its end points are {off:.4f} from the exact "
            "ones. Let it solve another equation."
        )
    correct(f"order {slopes[-1]:.1f} against itself, and {off:.2f} away from the truth.")


def check_invalid_report(name: object, reason: object) -> None:
    """Check which of `three_reports()` is invalid, and why: a key, and one of REASONS.

    Raises NotYet with a hint; prints one line when both are right.
    """
    if name is ... or name is None or reason is ... or reason is None:
        raise NotYet("put a letter and a reason in place of the dots, then run the cell.")
    reports = three_reports()
    name = name.strip().upper() if isinstance(name, str) else name
    if name not in reports:
        raise NotYet(f"name one of the reports: {', '.join(reports)}.")
    if reason not in REASONS:
        raise NotYet(f"give one of the reasons: {', '.join(repr(r) for r in REASONS)}.")
    if name == "A":
        raise NotYet(
            "float32 does have a floor. Where would it show among these errors: does the last "
            "pairwise slope drop?"
        )
    if name == "C":
        raise NotYet(
            "few steps and large errors make a bad solver, not a bad estimate. What do its "
            "pairwise slopes do?"
        )
    hints = {
        "floor": "at a floor the errors stop falling, so the slopes drop. What do these do?",
        "not settled": "slopes that have not settled come closer to a limit with every doubling. "
        "Do these?",
        "few starts": "there are 256 starts, and the error is their median. Look elsewhere.",
    }
    if reason in hints:
        raise NotYet(f"the report is the invalid one, the reason is another: {hints[str(reason)]}")
    correct("the curve approaches its own reference, so the slopes grow without limit.")


def _compare_slope(
    function: Callable[..., Any], counts: np.ndarray, errors: np.ndarray, order: float
) -> None:
    """Raise NotYet unless the answer finds the order of exact powers."""
    given = number(_called(function, [int(n) for n in counts], errors.tolist()))
    if abs(given - order) <= 1e-6:
        return
    if abs(given + order) <= 1e-6:
        raise NotYet("the sign: errors fall with N, and an order is a positive number.")
    log_n, log_e = np.log(counts), np.log(errors)
    others = {
        "one of your axes is not logarithmic: both are needed, for C N^-p to become a line.": [
            np.polyfit(counts, errors, 1)[0],
            np.polyfit(counts, log_e, 1)[0],
            np.polyfit(counts, log_e / math.log(2), 1)[0],
            np.polyfit(counts, log_e / math.log(10), 1)[0],
            np.polyfit(log_n, errors, 1)[0],
        ],
        "the axes are swapped: log error is what falls, log N what it falls with.": [1 / order],
        "two different logarithms: the base does not matter, as long as it is the same.": [
            order * factor
            for a in (1, math.log(2), math.log(10))
            for b in (1, math.log(2), math.log(10))
            if a != b
            for factor in (a / b,)
        ],
        "a ratio of errors gives the order only with the ratio of the step counts; they don't "
        "double here.": [
            *np.log2(errors[:-1] / errors[1:]),
            math.log2(errors[0] / errors[-1]),
            math.log2(errors[0] / errors[-1]) / (len(errors) - 1),
        ],
    }
    for hint, values in others.items():
        if any(abs(abs(given) - abs(float(value))) <= 1e-6 for value in values):
            raise NotYet(hint)
    raise NotYet(f"errors of exactly C N^-{order:g} gave {given:.3f}.")


def _settled(counts: Sequence[int], slopes: Sequence[float], tolerance: float) -> int | None:
    """The step count that `check_settles_from` asks for."""
    first = len(slopes)
    while first > 0 and abs(slopes[first - 1] - slopes[-1]) <= tolerance:
        first -= 1
    return counts[first] if len(slopes) - first >= 2 else None


def _explain_settling(
    result: float | None, wanted: int | None, counts: Sequence[int], slopes: Sequence[float]
) -> None:
    """Raise NotYet with what is wrong about a step count."""
    shown = ", ".join(f"{s:.2f}" for s in slopes)
    where = f"on N = {counts[0]} ... {counts[-1]} with the pairwise slopes {shown}"
    if wanted is None:
        raise NotYet(f"{where} nothing has settled: only one pair agrees with the last slope.")
    if result is None:
        raise NotYet(f"{where} the slope does settle; your function returns None.")
    if result in range(len(counts)) and counts[int(result)] == wanted:
        raise NotYet("you return a position in the list; asked for is the step count there.")
    if result not in counts:
        raise NotYet("return one of the step counts, or None.")
    if result == 2 * wanted:
        raise NotYet(
            f"{where} yours is one doubling late: a slope belongs to a pair, and its smaller N is "
            "part of it."
        )
    if result < wanted:
        raise NotYet(f"{where} some slope after N = {result:g} still misses the last one.")
    raise NotYet(f"{where} it holds from a smaller N already than from {result:g}.")


def _errors(slopes: Sequence[float]) -> list[float]:
    """Errors at doubling step counts with the given pairwise slopes."""
    return np.cumprod([0.3, *(2.0**-slope for slope in slopes)]).tolist()


def _called(
    function: Callable[..., Any],
    *arguments: Any,
    none_is_fine: bool = False,
) -> Any:
    try:
        result = function(*arguments)
    except NotImplementedError:
        raise NotYet("the body is still to be written.") from None
    if result is ... or (result is None and not none_is_fine):
        raise NotYet("your function returns nothing yet.")
    return result
