"""The recorded fits to networks of images: their weights give the errors that stand beside them."""

from __future__ import annotations

import json

import pytest
import torch

import genie_edu as ge
from genie_edu.evaluation import own_ode, starts
from genie_edu.recipes.presets import PRESETS
from genie_edu.recipes.snapshots import labels_of
from genie_edu.train.fit import directions


def by_hand(flow, x_bar, gammas, weights):
    """The recorded weights, step by step."""
    memory = None
    pairs = zip(gammas[:-1].tolist(), gammas[1:].tolist(), strict=True)
    for pair, some in zip(pairs, weights, strict=True):
        known, memory = directions(flow, x_bar, *pair, memory, tuple(some))
        x_bar = x_bar + sum(some[name] * direction for name, direction in known.items())
    return x_bar


@pytest.mark.parametrize("name", ["digits", pytest.param("cifar10", marks=pytest.mark.long)])
def test_the_recorded_weights_give_the_recorded_errors(name):
    table = json.loads(ge.data.shipped(f"{name}/fitted.json").read_text())
    preset, record = PRESETS[name], table["record"]
    flow = ge.tables.load_flows(preset, ge.data.shipped(f"{name}/base.safetensors").parent)["head"]
    n = record["sizes"]["unseen"]
    flow.labels = labels_of(preset, n, torch.device("cpu"))
    start = starts(flow, n, preset.shape, record["seeds"][1])
    goal, _ = own_ode(flow, start, flow.labels, record["sizes"]["ode_steps"])
    errors = {(way, slope, k): (grid, e) for way, slope, grid, k, e, *_ in table["errors"]["rows"]}
    weights = {tuple(row[:3]): row[3] for row in table["weights"]["rows"]}
    for key in (("fitted, joint", "none", 5), ("fitted, joint", "head", 8)):
        grid, recorded = errors[key]
        gammas = flow.schedule.gamma(ge.time_grid(key[2], grid))
        end = by_hand(flow, start, gammas, weights[key])
        assert ge.end_point_error(end, goal) == pytest.approx(recorded, rel=5e-3)
        worse = by_hand(flow, start, gammas, [{"eps": 1.0} for _ in weights[key]])
        assert ge.end_point_error(worse, goal) > 2 * recorded, "without them it is DDIM"
