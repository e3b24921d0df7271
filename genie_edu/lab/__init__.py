"""The live lab: one script, mounted in the static page or by anywidget in a kernel.

Importing this module needs neither torch nor anywidget: pages are rendered from stored posters.
"""

from __future__ import annotations

import functools
import html
import importlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genie_edu._names import one_of
from genie_edu.show.numbers import format_number, starts
from genie_edu.show.palette import EXACT_COLOR, SOLVER_STYLE, SolverStyle
from genie_edu.toys import TOYS

if TYPE_CHECKING:
    from genie_edu.lab.widget import SolverLab

HERE = Path(__file__).parent
SCRIPT, STYLE = HERE / "solver_lab.js", HERE / "lab.css"
"""What a page copies: one classic script, one style sheet."""

GENERATED = HERE / "generated"
"""The scripts of weights and images, which a page keeps beside solver_lab.js."""

LAB_SOLVERS = tuple(SOLVER_STYLE)
"""The solvers that the JavaScript knows; a test holds each to genie_edu's own."""

HEAD_STYLE = SolverStyle("GENIE, distilled head", "#8a63d2", "square", "solid")
"""How GENIE with a distilled derivative is drawn, beside the solvers' own styles."""

SPACINGS = ("linear", "quadratic", "log_gamma", "rho7")
"""The grids that the lab offers."""

GRIDS = ("best", *SPACINGS)
"""For recorded runs: a named grid, or of each solver the one with the least error."""

LEARNED_VIEWS = ("budget", "scrubber")
"""Views of the trained networks: they show the one mixture that these were trained on."""

DEFAULT_STATE: dict[str, Any] = {
    "mixture": "three_modes",
    "component": 0,
    "n_steps": 10,
    "nfe": 10,
    "n_starts": 40,
    "seed": 0,
    "solvers": ["ddim", "genie"],
    "solver": "ddim",
    "spacing": "linear",
    "t_start": 1.0,
    "t_end": 1e-3,
    "afs": False,
    "denoise": False,
    "clock": "plane",
    "start": None,
    "log_gamma": 0.0,
    "quantity": "eps",
    "probe": [0.4, -0.1],
    "cursor": 0.5,
    "variable": "x_bar",
    "step": 0,
    "step_scale": 1.0,
    "guess": None,
    "revealed": True,
    "zoom": False,
    "h_fraction": 0.5,
    "precision": "float64",
    "expected_slope": 1.0,
    "committed": False,
    "counts": [],
    "mystery": "A",
    "diagnosis": "none",
    "against": "end",
    "knots": None,
    "difference": "forward",
    "log_step": -3.0,
    "checkpoint": 7,
    "derivative": "head",
    "show_difference": False,
    "column": 0,
}
"""State of a lab before its scenario speaks; `weights`, `means`, `covs` come from `mixture`."""

RECORDED_STATE: dict[str, Any] = {
    "snapshot": 0,
    "beside": -1,
    "rival": "dpmpp_2m",
    "grid": "best",
    "blend": 0.5,
    "mixing": "blend",
    "axis": "nfe",
    "measure": "error",
    "log_images": 4.0,
}
"""The same for the views of a recorded run, `RECORDED_VIEWS`; no other scenario has these keys."""

GUIDED_STATE: dict[str, Any] = {
    "members": [0],
    "w": 1.0,
    "guide_low": -5.0,
    "guide_high": 5.1,
    "guided_derivative": "exact",
}
"""The same for the view "guidance": a class, and where guidance acts, in log gamma."""

RECORDED_VIEWS = ("history", "blend", "precision")


@functools.cache
def scenarios() -> dict[str, dict[str, Any]]:
    """The named scenarios of scenarios.json: view, texts, controls, state and three presets.

    One that names `runs` shows the first of them that is packed: its `sheet`, and `about`, what is
    said of it. "first" and "last" of its state are the run's own checkpoints.
    """
    specs = json.loads((HERE / "scenarios.json").read_text(encoding="utf-8"))
    return {name: _of_a_run(spec) if "runs" in spec else spec for name, spec in specs.items()}


def _of_a_run(spec: dict[str, Any]) -> dict[str, Any]:
    from genie_edu.lab import images

    sheet = next((n for n in spec["runs"] if images.file_of(n).is_file()), list(spec["runs"])[-1])
    spec |= {"sheet": sheet, "about": spec["runs"][sheet]}
    if spec["view"] == "history" and images.file_of(sheet).is_file():
        last = len(images.packed(sheet)["checkpoints"]) - 1
        names = {"first": 0, "middle": last // 2, "last": last}
        for state in (spec["state"], *(preset["state"] for preset in spec["presets"])):
            state |= {k: names.get(v, v) for k, v in state.items() if k in ("snapshot", "beside")}
    return spec


def state_of(scenario: str, **overrides: Any) -> dict[str, Any]:  # noqa: ANN401
    """Complete state of a scenario with some of it replaced.

    Raises ValueError for an unknown scenario or key, naming the closest one.
    """
    spec = scenarios()[one_of("scenario", scenario, scenarios())]
    own = RECORDED_STATE if spec["view"] in RECORDED_VIEWS else {}
    own = GUIDED_STATE if spec["view"] == "guidance" else own
    state = {**DEFAULT_STATE, **own, **spec["state"]}
    for key, value in overrides.items():
        if key not in ("weights", "means", "covs"):
            one_of("SolverLab has no setting: argument", key, state)
        state[key] = value
    mixture = {"weights", "means", "covs"} & overrides.keys()
    if mixture and len(mixture) < 3:
        raise ValueError(f"weights, means and covs come together; got only {sorted(mixture)}")
    if mixture:
        state["mixture"] = "custom"
    else:
        state |= TOYS[one_of("mixture", state["mixture"], TOYS)]
    if spec["view"] in LEARNED_VIEWS and state["mixture"] != spec["state"]["mixture"]:
        raise ValueError(f"its networks know the mixture {spec['state']['mixture']!r} only")
    if state.get("rival") == state["solver"]:
        raise ValueError(f"solver and rival must be two different solvers; got {state['solver']!r}")
    return state


def config_of(scenario: str, **overrides: Any) -> dict[str, Any]:  # noqa: ANN401
    """Everything that the script needs to mount a lab: texts, controls, state, styles, mixtures."""
    spec = scenarios()[one_of("scenario", scenario, scenarios())]
    styles = {name: SOLVER_STYLE[name] for name in LAB_SOLVERS}
    if spec["view"] == "scrubber":
        styles["head"] = HEAD_STYLE
    return {
        **{k: v for k, v in spec.items() if k not in ("state", "sentence", "runs")},
        "scenario": scenario,
        "state": state_of(scenario, **overrides),
        "styles": {
            name: {"label": s.label, "color": s.color, "marker": s.marker, "dash": s.dash}
            for name, s in styles.items()
        },
        "exact_color": EXACT_COLOR,
        "toys": TOYS,
    }


def placeholder(scenario: str, **overrides: Any) -> str:  # noqa: ANN401
    """HTML of a lab before any script runs: its poster, a small table and one sentence.

    Without overrides the stored poster is used, and no torch is needed. The page mounts the live
    lab from `data-config`; without JavaScript, and in print, the poster stays.
    """
    scenario = one_of("scenario", scenario, scenarios())
    stored = HERE / "posters" / f"{scenario}.html"
    if overrides or not stored.exists():
        from genie_edu.lab.poster import poster

        inside = poster(scenario, **overrides)
    else:
        inside = stored.read_text(encoding="utf-8")
    text = json.dumps(config_of(scenario, **overrides), sort_keys=True, separators=(",", ":"))
    return (
        f'<div class="genie-lab" data-scenario="{scenario}" data-config="{html.escape(text)}">\n'
        f"{inside}</div>"
    )


def __getattr__(name: str) -> Any:  # noqa: ANN401
    if name == "SolverLab":
        return importlib.import_module("genie_edu.lab.widget").SolverLab
    raise AttributeError(f"module 'genie_edu.lab' has no attribute {name!r}")


__all__ = [
    "LAB_SOLVERS",
    "SolverLab",
    "config_of",
    "format_number",
    "placeholder",
    "scenarios",
    "starts",
    "state_of",
]
