"""The lab as a widget: the page's own script, wrapped by anywidget, with traits on both sides."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

try:
    import anywidget
    import traitlets
except ImportError as error:
    raise ImportError("SolverLab needs anywidget: pip install anywidget") from error

from genie_edu._names import one_of
from genie_edu.lab import (
    DEFAULT_STATE,
    GRIDS,
    GUIDED_STATE,
    LAB_SOLVERS,
    LEARNED_VIEWS,
    RECORDED_STATE,
    SCRIPT,
    SPACINGS,
    STYLE,
    config_of,
    images,
    placeholder,
    scenarios,
    state_of,
)
from genie_edu.lab.networks import packed
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
_MOST_STEPS = {"order": 512, "mystery": 512, "knots": 40}
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


def _inside(knots: list[float] | None, t_start: float, t_end: float) -> bool:
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


_State = traitlets.MetaHasTraits(
    "_State",
    (traitlets.HasTraits,),
    {
        key: traitlets.Any((DEFAULT_STATE | RECORDED_STATE | GUIDED_STATE).get(key)).tag(sync=True)
        for key in KEYS
    },
)
"""One synced trait per piece of state; `valid` alone checks, so that the sentences are ours."""


class SolverLab(anywidget.AnyWidget, _State):
    """The live lab in a notebook: `ge.SolverLab("ch04_order", n_steps=12)`.

    Its state is made of traits that both sides set: `lab.n_steps = 12` moves the picture, and
    `lab.observe(f, names="n_steps")` hears the slider. `lab.readout` holds the numbers on screen.
    In a static page the same cell shows the same lab without a kernel.
    Raises ValueError (BadSetting) for a value out of range, naming what is allowed or closest.
    """

    _esm = SCRIPT.read_text(encoding="utf-8") + (
        "\nexport default { render: (context) => globalThis.GenieLab.render(context) };\n"
    )
    _css = STYLE.read_text(encoding="utf-8")
    _config = traitlets.Dict().tag(sync=True)
    readout = traitlets.Dict().tag(sync=True)

    def __init__(self, scenario: str = "landing", **overrides: Any) -> None:  # noqa: ANN401
        self.scenario = one_of("scenario", scenario, scenarios())
        checked = {
            key: self._within_view(key, value) for key, value in overrides.items() if key in KEYS
        }
        if checked.get("knots"):
            n_steps = len(checked["knots"]) + 1
            if checked.setdefault("n_steps", n_steps) != n_steps:
                raise BadSetting(f"knots must be one fewer than n_steps; got {n_steps - 1}")
        state = state_of(scenario, **(overrides | checked))
        config = config_of(scenario, **(overrides | checked))
        if config["view"] in LEARNED_VIEWS:
            config["networks"] = packed()
        if "sheet" in config:
            config["images"] = images.packed(config["sheet"])
        super().__init__(**state, _config=config)
        self.observe(self._own_knots, names="knots")
        self.observe(self._knots_fit, names=["n_steps", "t_start", "t_end"])

    @traitlets.validate(*KEYS)
    def _check(self, proposal: Any) -> Any:  # noqa: ANN401
        value = self._within_view(proposal["trait"].name, proposal["value"])
        if proposal["trait"].name == "knots" and not _inside(value, self.t_start, self.t_end):
            raise BadSetting(f"knots must lie between the ends of the clock; got {value}")
        return value

    def _within_view(self, key: str, value: Any) -> Any:  # noqa: ANN401
        """`valid`, and at most what this view shows."""
        spec = scenarios()[self.scenario]
        value, view = valid(key, value), spec["view"]
        if "sheet" in spec:
            try:
                images.check(spec["sheet"], key, value)
            except ValueError as error:
                raise BadSetting(str(error)) from None
        most = _MOST_STEPS.get(view, 100)
        if key == "n_steps" and value > most:
            raise BadSetting(f"n_steps must lie from 1 to {most}; got {value}")
        if view in LEARNED_VIEWS:
            if key == "n_starts" and value > 64:
                raise BadSetting(f"n_starts must lie from 1 to 64; got {value}")
            own = state_of(self.scenario)
            if key in ("mixture", "weights", "means", "covs") and value != own[key]:
                raise BadSetting(f"its networks know the mixture {own['mixture']!r} only")
        if key == "solvers" and len(value) > 4 and view not in ("tournament", "precision"):
            raise BadSetting(f"this view shows at most four solvers; got {value}")
        return value

    def _own_knots(self, change: Any) -> None:  # noqa: ANN401
        if change["new"] is not None:
            self.n_steps = len(change["new"]) + 1

    def _knots_fit(self, change: Any) -> None:  # noqa: ANN401
        """Own knots belong to one number of steps and lie between the ends of the clock."""
        fits = len(self.knots or ()) + 1 == self.n_steps
        if not (fits and _inside(self.knots, self.t_start, self.t_end)):
            self.knots = None

    @traitlets.observe("mixture")
    def _named_mixture(self, change: Any) -> None:  # noqa: ANN401
        if change["new"] in TOYS:
            with self.hold_sync():
                for key, value in TOYS[change["new"]].items():
                    setattr(self, key, value)

    def set_mixture(self, weights: Any, means: Any, covs: Any) -> None:  # noqa: ANN401
        """Show a mixture of your own: weights (K,), means (K, 2), covs (K, 2, 2), K at most 12."""
        values = {"weights": weights, "means": means, "covs": covs}
        values = {key: valid(key, value) for key, value in values.items()}
        if len({len(v) for v in values.values()}) > 1:
            raise BadSetting("weights, means and covs must have one length")
        with self.hold_sync():
            self.mixture = "custom"
            for key, value in values.items():
                setattr(self, key, value)

    def changed(self) -> dict[str, Any]:
        """The part of the state that differs from the scenario's own."""
        own = state_of(self.scenario)
        keys = {key for key in own if getattr(self, key) != own[key]}
        if keys & {"weights", "means", "covs"}:
            keys = (keys | {"weights", "means", "covs"}) - {"mixture"}
        return {key: getattr(self, key) for key in sorted(keys)}

    def __repr__(self) -> str:
        return f"SolverLab({self.scenario!r})"

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict, dict]:  # noqa: ANN401
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle or {}, {})
        page = {"text/html": placeholder(self.scenario, **self.changed()), "text/plain": repr(self)}
        return {**data, **page}, metadata
