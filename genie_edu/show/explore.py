"""Controls and a figure over genie_edu itself, in a live kernel: any flow, any step function.

The stored page shows the figure and says how to bring it to life. Not to be confused with the live
lab (`SolverLab`), which repeats the mathematics in JavaScript and needs no kernel.
"""

from __future__ import annotations

import html
import itertools
import sys
from collections.abc import Callable, Sequence
from typing import Any

try:
    import ipywidgets
    import traitlets
except ImportError as error:
    raise ImportError("explore needs ipywidgets: pip install ipywidgets") from error

import torch
from torch import Tensor

from genie_edu._names import one_of, wholes
from genie_edu.flow import Flow, as_flow
from genie_edu.metrics import end_point_error, exact_solution
from genie_edu.schedule import SPACINGS, time_grid
from genie_edu.show import plots
from genie_edu.show.numbers import format_number, starts
from genie_edu.solvers import SOLVERS, Memory, Solver, Step, Trajectory, as_step, noise, solve

MOST_STEPS, MOST_STARTS, MOST_SOLVERS = 100, 256, 4
_LIMITS = {"n_steps": (1, MOST_STEPS), "n_starts": (1, MOST_STARTS), "seed": (0, 999)}
NOTE = "Run this cell in a kernel to move the controls."
REFERENCE_STEPS, FINER = 40, 4
PLOTLY = "application/vnd.plotly.v1+json"
WIDGET = "application/vnd.jupyter.widget-view+json"


class BadSetting(traitlets.TraitError, ValueError):
    """A value that the explorer does not take; the message is one sentence."""


def explore(
    flow: Flow,
    solvers: Sequence[str | Solver | Step] = ("ddim", "genie"),
    *,
    n_steps: int = 10,
    n_starts: int = 64,
    spacing: str = "quadratic",
    seed: int = 0,
    t_start: float = 1.0,
    t_end: float = 1e-3,
    shape: tuple[int, ...] | None = None,
) -> Explorer:
    """Controls over `solve` on `flow`: steps, spacing, starts and up to four solvers side by side.

    `solvers` holds names, `Solver`s and step functions of your own; the other names of SOLVERS are
    offered too. `shape` is the state's without the batch: by default the mixture's, else (2,).
    In the plane it draws paths, elsewhere the error against the number of steps.
    Raises ValueError or TypeError naming the argument.
    """
    mixture = getattr(as_flow(flow), "mixture", None)
    natural = (2 if mixture is None else mixture.dim,)
    shape = natural if shape is None else wholes("shape", shape)
    if not shape or (mixture is not None and shape != natural):
        raise ValueError(f"shape must be {natural} for this flow's states; got {shape}")
    settings = {"n_steps": n_steps, "n_starts": n_starts, "spacing": spacing, "seed": seed}
    return Explorer(flow, solvers, shape, (t_start, t_end), **settings)


class Explorer(traitlets.HasTraits):
    """What `explore` returns. Its settings can be set and observed from Python; it redraws itself.

    Settings: n_steps, n_starts, spacing, seed, solvers (labels). Read-outs: `errors` and `nfe` by
    label, `figure` (plotly), `message` (one sentence when a step function fails, else ""); the
    last good figure and read-outs stay until a run succeeds. `widget` holds the controls.
    """

    n_steps = traitlets.Int(10)
    n_starts = traitlets.Int(64)
    spacing = traitlets.Unicode("quadratic")
    seed = traitlets.Int(0)
    solvers = traitlets.Tuple()
    message = traitlets.Unicode("")

    def __init__(
        self, flow: Flow, solvers: Any, shape: tuple, times: tuple, **settings: Any
    ) -> None:
        self.flow, self.offered, self.shape, self.times = flow, _offered(solvers), shape, times
        self.errors: dict[str, float] = {}
        self.nfe: dict[str, int] = {}
        self.figure: Any = None
        self._references: dict[tuple[int, int], tuple[Tensor, Tensor]] = {}
        self._table, self._output = ipywidgets.HTML(), ipywidgets.Output()
        time_grid(1, "linear", *times)  # refuses bad times before anything is shown
        try:
            super().__init__(solvers=tuple(self.offered)[: len(solvers)], **settings)
        except traitlets.TraitError as error:
            raise error if isinstance(error, ValueError) else BadSetting(str(error)) from None
        self.widget = self._controls()
        self.observe(self._run, ["n_steps", "n_starts", "spacing", "seed", "solvers"])
        self._run()

    @traitlets.validate("n_steps", "n_starts", "seed")
    def _whole(self, proposal: Any) -> int:
        name, value = proposal["trait"].name, proposal["value"]
        low, high = _LIMITS[name]
        if isinstance(value, bool) or not low <= value <= high:
            raise BadSetting(f"{name} must be a whole number from {low} to {high}; got {value!r}")
        return value

    @traitlets.validate("spacing")
    def _known_spacing(self, proposal: Any) -> str:
        return self._one_of("spacing", proposal["value"], SPACINGS)

    @traitlets.validate("solvers")
    def _known_solvers(self, proposal: Any) -> tuple[str, ...]:
        chosen = tuple(proposal["value"])
        if not 1 <= len(chosen) <= MOST_SOLVERS:
            raise BadSetting(f"solvers must be one to {MOST_SOLVERS} labels; got {len(chosen)}")
        return tuple(self._one_of("solvers", label, self.offered) for label in chosen)

    @staticmethod
    def _one_of(name: str, value: object, allowed: Any) -> str:
        try:
            return one_of(name, value, allowed)
        except (TypeError, ValueError) as error:
            raise BadSetting(str(error)) from None

    def _run(self, _change: object = None) -> None:
        """Solve with every chosen solver, then draw; a failure leaves the last good picture."""
        gammas, start = self._gammas(self.n_steps), self._start()
        runs: dict[str, Trajectory] = {}
        faults = []
        for label in self.solvers:
            try:
                runs[label] = solve(self.flow, start, gammas, _guarded(self.offered[label]))
            except Exception as error:  # the reader's own code may raise anything
                faults.append(f"{label} failed: {_sentence(error)}")
        if runs and (self.figure is None or not faults):
            try:
                self._show(runs)
            except Exception as error:  # at other step counts, or in the reference
                faults.append(f"drawing failed: {_sentence(error)}")
        if faults and self.figure is not None:
            faults.append("The last good figure stays.")
        self.message = " ".join(faults)
        self._write_table()

    def _show(self, runs: dict[str, Trajectory]) -> None:
        levels, exact = self._reference()
        errors = {k: end_point_error(run.x_bar[-1], exact[-1]) for k, run in runs.items()}
        said = ", ".join(f"{label} {format_number(error)}" for label, error in errors.items())
        alt = f"{self.n_steps} {self.spacing} steps, {self.n_starts} starts. Error: {said}."
        if self.shape == (2,):
            end = Trajectory(levels, exact, 0, 0, exact[-1])
            mixture = getattr(self.flow, "mixture", None)
            alt = f"Paths of the solvers over the exact ones; {alt}"
            figure = plots.paths(runs, exact=end, mixture=mixture, alt=alt, space="x")
        else:
            figure = self._errors_by_steps(list(runs), exact[-1], alt)
        figure.update_layout(meta={**figure.layout.meta, "note": NOTE})
        self.figure, self.errors = figure, errors
        self.nfe = {label: run.nfe for label, run in runs.items()}
        _display(self._output, figure)

    def _errors_by_steps(self, labels: list[str], end: Tensor, alt: str) -> Any:
        counts = sorted({max(1, self.n_steps // 4), max(1, self.n_steps // 2), self.n_steps})
        counts.append(2 * self.n_steps)
        start = self._start()
        errors: dict[str, list[float]] = {label: [] for label in labels}
        for n in counts:
            for label in labels:
                run = solve(self.flow, start, self._gammas(n), _guarded(self.offered[label]))
                errors[label].append(end_point_error(run.x_bar[-1], end))
        return plots.order_plot(counts, errors, alt=f"Error against the number of steps; {alt}")

    def _gammas(self, n: int) -> Tensor:
        grid = time_grid(n, self.spacing, *self.times, schedule=self.flow.schedule)
        return self.flow.schedule.gamma(grid)

    def _start(self) -> Tensor:
        if self.shape == (2,):
            x = torch.from_numpy(starts(self.n_starts, self.seed))
        else:
            x = noise((self.n_starts, *self.shape), self.seed)
        gamma = self.flow.schedule.gamma(self.times[0])
        return (x * torch.sqrt(1 + gamma**2)).to(self.flow.device, self.flow.dtype)

    def _reference(self) -> tuple[Tensor, Tensor]:
        """Levels and the solution on them, kept per set of starts; its calls are not counted."""
        key = (self.n_starts, self.seed)
        if key not in self._references:
            start = self._start()
            grid = time_grid(REFERENCE_STEPS, "quadratic", *self.times)
            levels = self.flow.schedule.gamma(grid)
            if self.flow.dtype == torch.float64:
                exact = exact_solution(self.flow, start, levels)
            else:  # a fixed fine grid reaches the accuracy of float32 and asks for no more
                counted = self.flow.nfe
                fine = time_grid(FINER * REFERENCE_STEPS, "quadratic", *self.times)
                run = solve(self.flow, start, self.flow.schedule.gamma(fine), "rk4")
                exact, self.flow.nfe = run.x_bar[::FINER], counted
            self._references[key] = levels, exact
        return self._references[key]

    def _controls(self) -> ipywidgets.VBox:
        style = {"style": {"description_width": "4.5em"}}
        slow = {"continuous_update": False, **style}
        steps = ipywidgets.IntSlider(min=1, max=MOST_STEPS, description="steps", **slow)
        many = ipywidgets.IntSlider(min=1, max=MOST_STARTS, description="starts", **slow)
        spacing = ipywidgets.Dropdown(options=SPACINGS, description="spacing", **style)
        labels = {"options": list(self.offered), "rows": 6, "description": "solvers"}
        choice = ipywidgets.SelectMultiple(**labels, **style)
        for name, control in (("n_steps", steps), ("n_starts", many), ("spacing", spacing)):
            traitlets.link((self, name), (control, "value"))
        choice.value = self.solvers
        self.observe(lambda change: setattr(choice, "value", change["new"]), "solvers")
        choice.observe(self._choose, "value")
        settings = ipywidgets.HBox([ipywidgets.VBox([steps, many, spacing]), choice])
        return ipywidgets.VBox([settings, self._table, self._output])

    def _choose(self, change: dict[str, Any]) -> None:
        """Take a choice of the reader's; one that is too large or empty is undone, with a word."""
        try:
            self.solvers = change["new"]
        except traitlets.TraitError as error:
            change["owner"].value = self.solvers
            self.message = str(error)
            self._write_table()

    def _write_table(self) -> None:
        rows = "".join(
            f'<tr><th scope="row" style="text-align:left">{html.escape(label)}</th>'
            f'<td data-error="{html.escape(label)}">{format_number(error)}</td>'
            f"<td>{self.nfe[label]}</td></tr>"
            for label, error in self.errors.items()
        )
        head = "<tr><th></th><th>error</th><th>NFE</th></tr>" if rows else ""
        said = f'<p role="status"><b>{html.escape(self.message)}</b></p>' if self.message else ""
        spaced = 'style="border-spacing:1.2em 0.1em;text-align:right"'
        self._table.value = f"<table {spaced}>{head}{rows}</table>{said}"

    def __repr__(self) -> str:
        return f"explore({', '.join(self.solvers)}; n_steps={self.n_steps}). {NOTE}"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        view = {"version_major": 2, "version_minor": 0, "model_id": self.widget.model_id}
        stored = {} if self.figure is None else {PLOTLY: self.figure.to_plotly_json()}
        return {"text/plain": repr(self), **stored, WIDGET: view}


def _offered(solvers: Sequence[str | Solver | Step]) -> dict[str, str | Solver | Step]:
    """What can be chosen, by label: the caller's first, then the rest of SOLVERS."""
    if isinstance(solvers, str) or not isinstance(solvers, Sequence):
        raise TypeError(f"solvers must be a list of names or step functions; got {solvers!r}")
    if not 1 <= len(solvers) <= MOST_SOLVERS:
        raise ValueError(f"solvers must hold one to {MOST_SOLVERS} entries; got {len(solvers)}")
    offered: dict[str, str | Solver | Step] = {}
    for index, solver in enumerate(solvers, start=1):
        label = _label(solver, index)
        while label in offered or (label in SOLVERS and not isinstance(solver, str)):
            label = f"{label} (own)"
        offered[label] = solver
    return {**offered, **{name: name for name in SOLVERS if name not in offered}}


def _label(solver: str | Solver | Step, index: int) -> str:
    if isinstance(solver, Solver):
        return solver.label
    if isinstance(solver, Callable):
        name = getattr(solver, "__name__", "<none>")
        return f"step {index}" if name.startswith("<") else name
    return one_of("solvers", solver, SOLVERS)


def _guarded(solver: str | Solver | Step) -> Step:
    """The solver's step, its results checked: what is wrong is said in the reader's own terms."""
    step, count = as_step(solver), itertools.count(1)

    def guarded(flow: Flow, x_bar: Tensor, *levels_and_memory: Any) -> tuple[Tensor, Memory]:
        result, index = step(flow, x_bar, *levels_and_memory), next(count)
        if not isinstance(result, tuple) or len(result) != 2:
            raise TypeError("a step must return (x_bar_next, memory)")
        shape = tuple(getattr(result[0], "shape", ()))
        if shape != tuple(x_bar.shape):
            raise ValueError(f"a step must keep the shape {tuple(x_bar.shape)}; got {shape}")
        if not torch.isfinite(result[0]).all():
            raise ValueError(f"step {index} gave NaN or infinity")
        return result

    return guarded


def _sentence(error: Exception) -> str:
    text = (str(error).strip().splitlines() or ["no message"])[0].rstrip(".")
    return f"{type(error).__name__}: {text}."


def _display(output: ipywidgets.Output, figure: Any) -> None:
    """Show `figure` in `output`, replacing the one before."""
    if "google.colab" in sys.modules:  # Colab draws plotly by a script of its own
        from IPython.display import clear_output, display

        with output:
            clear_output(wait=True)
            display(figure)
        return
    # As state, not by capture: what executes notebooks without a front end need not take part.
    data = {PLOTLY: figure.to_plotly_json(), "text/plain": "Figure"}
    output.outputs = ({"output_type": "display_data", "data": data, "metadata": {}},)
