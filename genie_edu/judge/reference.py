"""Where a network's own ODE leads: solved a stretch at a time, so that a stop loses little."""

from __future__ import annotations

import time
import warnings
from pathlib import Path
from typing import Any

from torch import Tensor

from genie_edu.evaluation import ode_levels, ode_stretch, own_ode
from genie_edu.flow import NetworkFlow
from genie_edu.metrics import end_point_error
from genie_edu.nets import checkpoints
from genie_edu.recipes.options import Options

STRETCH, SAVE_EVERY = 5, 20.0
"""Steps from one look at the clock to the next, and seconds between two writings."""


def reference(
    flow: NetworkFlow,
    start: Tensor,
    n_steps: int,
    path: Path,
    identity: dict[str, Any],
    options: Options,
    **given: Any,
) -> tuple[Tensor, float]:
    """(end points, an estimate of their error) as `evaluation.own_ode` has them, kept at `path`.

    Shows its progress, and goes on from `path` if that is of the same `identity`. Raises TimeUp
    where the slice of `options` is over; ValueError, TypeError as `own_ode`.
    """
    tensors, card = _kept(path, identity)
    if "uncertainty" in card:
        return tensors["end"], card["uncertainty"]
    if start.ndim == 2:
        tensors["end"], card["uncertainty"] = own_ode(flow, start)
    while "uncertainty" not in card:
        fine = "end" in tensors  # then it is the turn of half as many steps
        end = _solved(
            flow, start, n_steps // (2 if fine else 1), path, tensors, card, options, given
        )
        for name in ("state", "at"):
            tensors.pop(name, None)
            card.pop(name, None)
        if fine:
            card["uncertainty"] = end_point_error(end, tensors["end"].to(end))
        else:
            tensors["end"] = end
    checkpoints.write(path, tensors, card)
    return tensors["end"], card["uncertainty"]


def _kept(path: Path, identity: dict[str, Any]) -> tuple[dict[str, Tensor], dict[str, Any]]:
    if path.is_file():
        tensors, card = checkpoints.read(path)
        if card["identity"] == identity:
            return tensors, card
    return {}, {"identity": identity}


def _solved(
    flow: NetworkFlow,
    start: Tensor,
    n_steps: int,
    path: Path,
    tensors: dict[str, Tensor],
    card: dict[str, Any],
    options: Options,
    given: dict[str, Any],
) -> Tensor:
    """Where so many steps lead; how far they have come is written now and then, and at a stop."""
    from tqdm import tqdm

    levels, x_bar, at = ode_levels(flow, n_steps), tensors.get("state", start), card.get("at", 0)
    saved = time.monotonic()
    with tqdm(desc="own ODE", total=n_steps, initial=at, unit="step") as bar:
        try:
            while at < n_steps:
                with warnings.catch_warnings():
                    if at:  # only a run's own start has to look like noise
                        warnings.filterwarnings("ignore", "x_bar is far from")
                    part = levels[at : at + STRETCH + 1]
                    x_bar = ode_stretch(flow, x_bar.to(start), part, **given)
                bar.update(min(STRETCH, n_steps - at))
                at = min(at + STRETCH, n_steps)
                if time.monotonic() - saved > SAVE_EVERY:
                    checkpoints.write(path, tensors | {"state": x_bar}, card | {"at": at})
                    saved = time.monotonic()
                if at < n_steps:
                    options.check_time()
        finally:
            tensors["state"], card["at"] = x_bar, at
            checkpoints.write(path, tensors, card)
    return x_bar
