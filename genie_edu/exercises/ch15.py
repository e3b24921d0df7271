"""Checks of chapter 15: a distance without its samples' bias, a head's price, an honest claim.

The truth of the first two is made here; a claim is held against the recorded tables.
"""

from __future__ import annotations

import math
from itertools import product

import numpy as np

from genie_edu.exercises import NotYet, correct, require_callable
from genie_edu.exercises.answers import called, number
from genie_edu.exercises.claims import Table, cells_of, over, ratios, table_of

FIELDS = ("data", "solver", "rival", "grid", "nfe", "measure", "ratio", "interval", "verdict")
VERDICTS = ("ahead", "behind", "undecided")
_SLACK = 0.02
"""By how much, relatively, a ratio may be rounded."""


def check_at_infinity(answer: object) -> None:
    """Check ``at_infinity(sizes, distances)``: the distance that infinitely many samples have.

    Distances that are exactly a constant plus one over the size, then such with a little noise.
    Raises NotYet with a hint; prints one line when the answer is right.
    """
    function = require_callable(answer, "at_infinity(sizes, distances)")
    sizes = np.array([100.0, 200.0, 400.0, 800.0, 1600.0])
    for limit, share, order in ((0.7, 90.0, 1), (0.25, 40.0, -1)):
        counts = sizes[::order]
        distances = limit + share / counts
        given = number(called(function, counts.tolist(), distances.tolist()))
        if not math.isclose(given, limit, rel_tol=1e-6):
            raise NotYet(_what_is_wrong(given, counts, distances, share))
    # No line through 1/n sees this noise, weighted or not; any two points alone see .016 of it.
    noise = 0.02 / 13 * np.array([5, -13, 9, -11, 10])
    given = number(called(function, sizes.tolist(), (0.5 + 60 / sizes + noise).tolist()))
    if abs(given - 0.5) > 0.012:
        raise NotYet(
            "with a little noise in the distances the result is far off: use all of the sizes, "
            "not two."
        )
    correct("a straight line in 1/n, read off where n is infinite.")


def check_break_even(answer: object) -> None:
    """Check ``break_even(training, call, extra, calls, rival_calls)``: images that pay for a head.

    Raises NotYet with a hint; prints one line when the answer is right.
    """
    signature = "break_even(training, call, extra, calls, rival_calls)"
    function = require_callable(answer, signature)
    for training, call, extra, calls, rival in (
        (700.0, 0.02, 0.1, 5, 8),
        (90.0, 0.5, 0.25, 10, 14),
    ):
        given = number(
            _called_for_images(function, training, call, extra, calls, rival), infinite=True
        )
        saving = call * (rival - calls * (1 + extra))
        if (
            math.isclose(given, training / saving, rel_tol=0.02)
            or abs(given - training / saving) <= 1
        ):
            continue
        wrong = {
            "a step with the head costs more than a call: where is extra?": training
            / (call * (rival - calls)),
            "the rival has no head: extra is not for its steps.": training
            / (call * (rival - calls) * (1 + extra)),
            "extra is what each step costs more, as a share of a call; it comes with every one of "
            "the steps.": training / (call * (rival - calls - extra)),
            "this is what one image saves. How many of them pay for the training?": saving,
            "this is what one image saves over the training, the inverse of what is asked.": saving
            / training,
            "how many images are made for the training's price is another question: divide by "
            "what an image saves.": training / (call * calls * (1 + extra)),
            "the costs of all images are missing from one side: the rival makes them, too.": (
                training / (call * rival)
            ),
        }
        for hint, value in wrong.items():
            if math.isclose(given, value, rel_tol=1e-3):
                raise NotYet(hint)
        raise NotYet(
            f"training {training:g}, {call:g} a call, extra {extra:g}, {calls} calls against "
            f"{rival}: {training / saving:.4g} images, not {given:.4g}."
        )
    for calls, rival in ((8, 9), (8, 7), (8, 10)):
        given = number(_called_for_images(function, 100.0, 0.5, 0.25, calls, rival), infinite=True)
        if given != math.inf:
            raise NotYet(
                f"{calls} calls with the head against {rival} of the rival, extra 0.25: no image "
                "saves anything, so no number of them pays. Return math.inf."
            )
    correct("training over saving, and never where nothing is saved.")


def check_claim(answer: object) -> None:
    """Check a claim, a dictionary with the keys of FIELDS, against the recorded tables.

    A grid is one of the four for both, "best" (each its own, by the recorded errors) or "all".
    Ratio is solver over rival; the interval holds every recorded run's ratio; verdict is one of
    VERDICTS. Raises NotYet with a hint; prints one line when the table bears the claim out.
    """
    claim = _fields(answer)
    table = table_of(claim)
    found = ratios(claim, table)
    runs = [ratio for ratios in found.values() for ratio in ratios]
    _check_ratio(claim, table, found, runs)
    _check_interval(claim, runs)
    low, high = claim["interval"]
    honest = "ahead" if high < 1 else "behind" if low > 1 else "undecided"
    if claim["verdict"] != honest:
        if honest == "undecided":
            raise NotYet(
                "your interval contains 1: what you measured does not say who is ahead. There is a "
                "verdict for that."
            )
        raise NotYet(
            f"smaller is better, and the ratio is solver over rival: is {claim['solver']} "
            f"{claim['verdict']}?"
        )
    correct(f"the table says so: {claim['solver']} is {honest}, and the claim says where.")


# What a claim says, and what was measured.


def _fields(answer: object) -> dict:
    if answer is ... or answer is None:
        raise NotYet("write a claim, a dictionary, in place of the dots.")
    if not isinstance(answer, dict):
        raise NotYet(f"a claim is a dictionary of fields, not a {type(answer).__name__}.")
    claim = {**answer}
    if not str(claim.get("grid") or "").strip():
        raise NotYet("on which grid? A ratio without its grid can be picked from four.")
    for name in FIELDS:
        if claim.get(name, ...) in (..., None):
            raise NotYet(f"the field {name} is missing or still empty.")
    if claim["verdict"] not in VERDICTS:
        raise NotYet(f"a verdict is one of these: {', '.join(VERDICTS)}.")
    claim["ratio"] = number(claim["ratio"])
    if claim["ratio"] <= 0:
        raise NotYet("a ratio of two distances is positive.")
    claim["interval"] = _pair(claim["interval"], "the interval is two numbers, low and high.")
    if hasattr(claim["nfe"], "__index__"):
        claim["nfe"] = (claim["nfe"], claim["nfe"])
    calls = _pair(claim["nfe"], "nfe is two numbers: the solver's calls and the rival's.")
    if calls[0] != calls[1]:
        raise NotYet(
            f"{calls[0]:g} calls against {calls[1]:g}: whoever may call more often has the "
            "advantage. Compare at equal NFE."
        )
    claim["nfe"] = int(calls[0])
    return claim


def _check_ratio(claim: dict, table: Table, found: dict[str, list[float]], runs: list) -> None:
    ratio, middle = claim["ratio"], float(np.median(runs))
    if _within(ratio, runs):
        return
    if _within(1 / ratio, runs):
        raise NotYet("this is the rival's value over the solver's; smaller should be better.")
    both = [cells_of(claim[who], claim["nfe"], table) for who in ("solver", "rival")]
    for grid in sorted(both[0].keys() & both[1].keys() - {claim["grid"]}):
        if _within(ratio, over(table[both[0][grid]], table[both[1][grid]])):
            raise NotYet(
                f"this is the ratio on {grid}, and the claim says {claim['grid']}: picked, "
                "and not named."
            )
    if (ratio < 1) != (middle < 1) and (min(runs) > 1 or max(runs) < 1):
        leader = claim["rival"] if middle > 1 else claim["solver"]
        raise NotYet(f"the direction is wrong: in this table {leader} is ahead.")
    for one, other in product(*both):
        if one != other and _within(ratio, over(table[both[0][one]], table[both[1][other]])):
            raise NotYet(
                f"this is {claim['solver']} on {one} over {claim['rival']} on {other}: two grids, "
                "picked and not named."
            )
    raise NotYet(f"no recorded run has a ratio near {ratio:.3g} there.")


def _check_interval(claim: dict, runs: list[float]) -> None:
    low, high = claim["interval"]
    if not low <= claim["ratio"] <= high:
        raise NotYet("the interval does not contain its own ratio.")
    if low > min(runs) * (1 + _SLACK) or high < max(runs) * (1 - _SLACK):
        outside = sum(not low <= run <= high for run in runs)
        raise NotYet(
            f"{outside} of the {len(runs)} recorded ratios that the claim is about lie outside of "
            "the interval: it is narrower than the spread."
        )
    if low < 0.5 * min(runs) or high > 2 * max(runs):
        raise NotYet("so wide an interval says nothing: the recorded ratios lie much closer.")


def _within(ratio: float, runs: list[float]) -> bool:
    return min(runs) * (1 - _SLACK) <= ratio <= max(runs) * (1 + _SLACK)


# What the other two checks share.


def _what_is_wrong(given: float, counts: np.ndarray, distances: np.ndarray, share: float) -> str:
    wrong = {
        "this is a line in n: the distances fall like one over n.": np.polyfit(
            counts, distances, 1
        )[1],
        "this is a line in one over the root of n; the distance is a square.": np.polyfit(
            counts**-0.5, distances, 1
        )[1],
        "this is the slope, the bias times n. What is left when n is infinite?": share,
        "this is a distance at one size: extend the line beyond the largest.": distances[
            counts.argmax()
        ],
        "this is the distance with the fewest samples.": distances[counts.argmin()],
        "this is a mean of the distances, and all of them are biased.": distances.mean(),
    }
    for hint, value in wrong.items():
        if math.isclose(given, float(value), rel_tol=1e-6):
            return hint
    return (
        f"for distances that are a constant plus {share:g} over n the constant is wanted; "
        f"{given:.4g} is not it."
    )


def _called_for_images(function: object, *arguments: float) -> object:
    try:
        return called(function, *arguments)  # type: ignore[arg-type]
    except NotYet as fault:
        if "ZeroDivisionError" in fault.hint:
            raise NotYet("where nothing is saved there is nothing to divide by.") from None
        raise


def _pair(value: object, hint: str) -> tuple[float, float]:
    try:
        low, high = (number(part) for part in value)  # type: ignore[attr-defined]
    except (TypeError, ValueError, NotYet):
        raise NotYet(hint) from None
    return low, high
