"""The lab as a widget: the page's own script, wrapped by anywidget, with traits on both sides."""

from __future__ import annotations

from typing import Any

try:
    import anywidget
    import traitlets
except ImportError as error:
    raise ImportError("SolverLab needs anywidget: pip install anywidget") from error

from genie_edu._names import one_of
from genie_edu.lab import (
    DEFAULT_STATE,
    GUIDED_STATE,
    LEARNED_VIEWS,
    RECORDED_STATE,
    SCRIPT,
    STYLE,
    config_of,
    images,
    placeholder,
    scenarios,
    state_of,
)
from genie_edu.lab._settings import KEYS, MOST_STEPS, BadSetting, inside, valid
from genie_edu.lab.networks import packed
from genie_edu.toys import TOYS

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
        if proposal["trait"].name == "knots" and not inside(value, self.t_start, self.t_end):
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
        most = MOST_STEPS.get(view, 100)
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
        if not (fits and inside(self.knots, self.t_start, self.t_end)):
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
