"""The first minutes' script on a CPU: it counts what it says, and takes its whole way."""

from __future__ import annotations

import json
import sys

import gpu_networks
import pytest
import torch

import genie_edu as ge

CPU = torch.device("cpu")


def test_products_are_the_layers_multiplications():
    """With a clock that counts a product's multiplications, an independent sum over the layers."""
    net = ge.UNet(classes=10, parametrization="eps", size=8, widths=(8, 16), blocks=1)
    batch = gpu_networks.batch_of(net, 2, CPU)
    asked = []

    def clock(call):
        a, b = call.__defaults__
        asked.append((a.shape, b.shape))
        return float(a.shape[0] * a.shape[1] * b.shape[1])

    clock.device = CPU
    found = gpu_networks.products(net, batch, torch.float32, clock)
    counter = pytest.importorskip("torch.utils.flop_counter")
    with torch.no_grad(), counter.FlopCounterMode(display=False) as flops:
        net(batch[0], batch[1], batch[3])
    kinds = flops.get_flop_counts()["Global"]
    layers = sum(
        n for kind, n in kinds.items() if "convolution" in str(kind) or "addmm" in str(kind)
    )
    assert found == 3 * layers / 2  # a product is two operations


def test_the_whole_way_on_a_cpu(tmp_path, monkeypatch):
    out = tmp_path / "tables.json"
    monkeypatch.setattr(sys, "argv", ["gpu_networks.py", "--tiny", "--out", str(out)])
    monkeypatch.setattr(gpu_networks, "HEADS", (8,))
    monkeypatch.setattr(gpu_networks.Clock, "__call__", once)
    gpu_networks.main()
    tables = json.loads(out.read_text())
    assert len(tables["trainings"]) == 4
    assert all(row["images_per_second"] > 0 for row in tables["trainings"])
    assert [row["tf32"] for row in tables["parts"]] == [False, True]
    ways = {row["way"]: row for row in tables["autocast"]}
    assert ways["float32"]["relative_error"] < 1e-4 < ways["bfloat16"]["relative_error"] < 0.1


def once(self, call, warm_up=0):
    """Time one call."""
    began = self._now()
    call()
    return self._now() - began
