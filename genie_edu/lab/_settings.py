"""The settings that the lab takes, as its JavaScript does: names, types and ranges."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import traitlets

from genie_edu._names import one_of
from genie_edu.lab import DEFAULT_STATE, GRIDS, GUIDED_STATE, LAB_SOLVERS, RECORDED_STATE, SPACINGS
from genie_edu.toys import TOYS


class BadSetting(traitlets.TraitError, ValueError):
    """A value that the lab does not take; the message is one sentence."""


_INTEGERS = {
    "n_steps": (1, 512),
    "nfe": (1, 100),
    "n_starts": (1, 500),
    "seed": (0, 999),
    "component": (0, 11),
    "checkpoint": (0, 7),
    "step": (0, 99),
    "column": (0, 63),
    "snapshot": (0, 63),
    "beside": (-1, 63),
}
_NUMBERS = {
    "t_start": (0.05, 1.0),
    "t_end": (1e-3, 0.5),
    "log_gamma": (-4.0, 5.0),
    "cursor": (0.0, 1.0),
    "step_scale": (0.05, 1.0),
    "h_fraction": (0.01, 0.95),
    "expected_slope": (0.0, 5.0),
    "log_step": (-10.0, -0.3),
    "blend": (0.0, 1.0),
    "log_images": (2.0, 7.0),
    "w": (0.0, 8.0),
    "guide_low": (-5.0, 5.0),
    "guide_high": (-4.9, 5.1),
}
_NAMES = {
    "mixture": (*TOYS, "custom"),
    "solver": LAB_SOLVERS,
    "spacing": SPACINGS,
    "clock": ("plane", "t", "log_snr", "gamma"),
    "quantity": ("eps", "score"),
    "variable": ("x_bar", "x"),
    "precision": ("float64", "float32"),
    "mystery": tuple("ABCDEF"),
    "diagnosis": (
        "none",
        "sound",
        "repeated_level",
        "extra_step",
        "stale_step",
        "swapped_sign",
        "no_second_term",
        "not_lowered",
    ),
    "against": ("end", "before"),
    "difference": ("forward", "central"),
    "derivative": ("head", "autodiff"),
    "rival": LAB_SOLVERS,
    "grid": GRIDS,
    "mixing": ("blend", "swipe", "difference"),
    "axis": ("nfe", "counted", "seconds", "training"),
    "measure": ("error", "frechet"),
    "guided_derivative": ("exact", "sum"),
}
_FLAGS = ("afs", "denoise", "revealed", "zoom", "committed", "show_difference")
_POINTS = {"start": 4.0, "probe": 4.0, "guess": 700.0}
MOST_STEPS = {"order": 512, "mystery": 512, "knots": 40}
KEYS = (*DEFAULT_STATE, *RECORDED_STATE, *GUIDED_STATE, "weights", "means", "covs")
"""Names of the traits that the lab and Python share."""


def valid(key: str, value: Any) -> Any:  # noqa: ANN401
    """`value` in the lab's own form, or BadSetting (a ValueError) that says what is allowed."""
    try:
        return _valid(key, value)
    except BadSetting:
        raise
    except (TypeError, ValueError) as error:
        raise BadSetting(str(error)) from None


def _valid(key: str, value: Any) -> Any:  # noqa: ANN401
    if key in _INTEGERS:
        low, high = _INTEGERS[key]
        if isinstance(value, bool) or not hasattr(value, "__index__"):
            raise BadSetting(f"{key} must be a whole number from {low} to {high}; got {value!r}")
        return int(_within(key, value.__index__(), low, high))
    if key in _NUMBERS:
        return float(_within(key, value, *_NUMBERS[key]))
    if key in _NAMES:
        return one_of(key, value, _NAMES[key])
    if key in _FLAGS:
        if not isinstance(value, bool):
            raise BadSetting(f"{key} must be True or False; got {value!r}")
        return value
    if key in _POINTS:
        return None if value is None and key != "probe" else _point(key, value, _POINTS[key])
    if key == "solvers":
        names = [one_of("solver", name, LAB_SOLVERS) for name in _list(key, value)]
        if not 1 <= len(names) <= 6 or len(set(names)) < len(names):
            raise BadSetting(f"solvers must be one to six different names; got {names}")
        return names
    if key == "counts":
        counts = sorted({_valid("n_steps", n) for n in _list(key, value)})
        if len(counts) > 24:
            raise BadSetting(f"counts takes at most 24 step counts; got {len(counts)}")
        return counts
    if key == "members":
        members = [int(_within(key, _valid("component", k), 0, 11)) for k in _list(key, value)]
        if not members or members != sorted(set(members)):
            raise BadSetting(f"members must be increasing numbers of components; got {members}")
        return members
    if key == "knots":
        return None if value is None else _knots(_list(key, value))
    if key == "weights":
        weights = [float(_within("weights", w, 1e-6, 1)) for w in _list(key, value)]
        if not 1 <= len(weights) <= 12 or abs(sum(weights) - 1) > 1e-6:
            raise BadSetting(f"weights must be 1 to 12 numbers that sum to one; got {weights}")
        return weights
    if key == "means":
        return [_point("means", m, 4.0) for m in _list(key, value)]
    covs = [[_point("covs", row, 9.0) for row in _list(key, c)] for c in _list(key, value)]
    for c in covs:
        bad = len(c) != 2 or abs(c[0][1] - c[1][0]) > 1e-12 or c[0][0] <= 0
        if bad or c[0][0] * c[1][1] - c[0][1] ** 2 <= 1e-8:
            raise BadSetting(f"covs must be symmetric positive definite 2 x 2 matrices; got {c}")
    return covs


def inside(knots: list[float] | None, t_start: float, t_end: float) -> bool:
    high, low = (0.5 * math.log(math.expm1(0.1 * t + 9.95 * t * t)) for t in (t_start, t_end))
    return not knots or (high > knots[0] and knots[-1] > low)


def _list(key: str, value: Any) -> list:  # noqa: ANN401
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, str) or not hasattr(value, "__iter__"):
        raise BadSetting(f"{key} must be a list; got {value!r}")
    return list(value)


def _knots(values: list) -> list[float]:
    knots = [float(_within("knots", v, -8.0, 6.0)) for v in values]
    if not 1 <= len(knots) <= 39 or any(b >= a for a, b in pairwise(knots)):
        raise BadSetting(f"knots must be 1 to 39 decreasing values of log gamma; got {knots}")
    return knots


def _within(key: str, value: Any, low: float, high: float) -> float:  # noqa: ANN401
    if isinstance(value, bool | str) or value is None or not math.isfinite(value):
        raise BadSetting(f"{key} must be a number from {low} to {high}; got {value!r}")
    if not low <= value <= high:
        raise BadSetting(f"{key} must lie from {low} to {high}; got {value!r}")
    return value


def _point(key: str, value: Any, limit: float) -> list[float]:  # noqa: ANN401
    pair = _list(key, value)
    if len(pair) != 2:
        raise BadSetting(f"{key} must be pairs of numbers; got {value!r}")
    return [float(_within(key, c, -limit, limit)) for c in pair]
