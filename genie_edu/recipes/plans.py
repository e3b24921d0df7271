"""How many steps fit into a time on this device: measured once, and kept beside the run."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from torch import nn

from genie_edu.nets import checkpoints
from genie_edu.recipes.options import PLANS, Options
from genie_edu.train.loop import summed
from genie_edu.train.run_state import Record, Settings, steps_done

CALIBRATION = 30.0
"""Seconds, at most, that finding a run's length takes."""


def planned(
    part: str,
    net: nn.Module,
    settings: Settings,
    records: Callable[..., Iterator[Record]],
    options: Options,
) -> Settings:
    """The settings with the number of steps that fits into options.minutes on this device.

    The speed is measured once, on a copy of the network; the plan is kept beside the run, so that
    a run that goes on elsewhere keeps its length and its learning rates.
    """
    if options.minutes is None:
        return settings
    path = options.folder / "plan.json"
    plan = json.loads(path.read_text()) if path.is_file() else {}
    known = plan.get(part, {})
    if known.get("minutes") != options.minutes:
        state = options.folder / f"{next(k for k, v in PLANS.items() if v == part)}.run.safetensors"
        if known and steps_done(state):
            raise ValueError(
                f"{options.folder} has begun a run sized to {known['minutes']:g} minutes: give "
                "those again to go on with it, or --fresh to begin another"
            )
        speed = _speed(
            records(copy.deepcopy(net), replace(settings, n_steps=10**9), record_every=5),
            min(CALIBRATION, 6 * options.minutes),
            options.cpu,
        )
        n_steps = max(20, round(60 * options.minutes * speed))
        plan[part] = {"minutes": options.minutes, "n_steps": n_steps, "steps_per_second": speed}
        if checkpoints.first_process():
            checkpoints.write_json(path, plan)
        print(f"{part}: {speed:.1f} steps a second here, so {n_steps:,} steps", flush=True)
    return replace(settings, n_steps=plan[part]["n_steps"])


def _speed(records: Iterator[Record], seconds: float, cpu: bool) -> float:
    """Steps a second of a run, which is then given up. Its first record pays for starting up.

    Of several processes the mean, and all stop once one has measured enough.
    """
    first = next(records)
    latest, began = next(records), time.perf_counter()
    while not summed(time.perf_counter() - began >= seconds, cpu):
        latest = next(records)
    records.close()
    speed = (latest.step - first.step) / (latest.seconds - first.seconds)
    return summed(speed, cpu) / summed(1.0, cpu)
