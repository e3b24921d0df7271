"""The oldest versions that pyproject.toml promises: installed for once, and everything tried."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT, unavailable

TRIED = """
import torch, genie_edu as ge
from genie_edu.train.loop import make_accelerator

flow = ge.AnalyticFlow(ge.GaussianMixture(**ge.TOYS["three_modes"]))
gammas = flow.schedule.gamma(ge.time_grid(5, "quadratic"))
start = flow.mixture.sample(8, torch.Generator().manual_seed(0)) + gammas[0] * torch.randn(8, 2)
exact = ge.exact_solution(flow, start, gammas)
net = ge.checkpoints.load(ge.data.shipped("mixture_2d/base")).double()
head = ge.checkpoints.load(ge.data.shipped("mixture_2d/head")).double()
by_jvp, by_head = ge.NetworkFlow(net), ge.NetworkFlow(net, head)
for name, solver in ge.SOLVERS.items():
    for way in (flow, by_jvp, by_head)[: 3 if solver.derivatives < 2 else 2]:
        error = ge.end_point_error(ge.solve(way, start, gammas, name).x_bar[-1], exact[-1])
        assert error < (5 if name == "deis_tab3" else 3), (name, error)
slope = flow.eps_and_derivative(start / 50, 3.0)[1]
total = ge.flow_derivatives(flow._eps, start / 50, torch.tensor(3.0, dtype=torch.float64))[1]
assert float((slope - total).abs().max()) < 1e-10
try:
    with torch.inference_mode():
        by_jvp.eps_and_derivative(start, 2.0)
except ValueError as error:
    assert "torch.no_grad()" in str(error)

digits = ge.checkpoints.load(ge.data.shipped("digits/base"))
image_flow = ge.NetworkFlow(digits, ge.checkpoints.load(ge.data.shipped("digits/head")))
x = ge.sample(image_flow, (2, 1, 8, 8), 5, "genie_multistep")
assert torch.isfinite(x).all() and float(x.abs().max()) < 2
assert torch.isfinite(ge.sample(ge.NetworkFlow(digits), (2, 1, 8, 8), 5, "taylor3")).all()

settings = ge.Settings(n_steps=20, batch_size=64, warm_up=5)
small = ge.EpsMLP(width=16, depth=2)
records = list(ge.train_eps(small, flow.mixture.sample, settings, record_every=10))
new = ge.GenieHead(2, small.feature_sizes, width=8)
records += list(ge.distill_head(new, small, flow.mixture.sample, settings, record_every=10))
assert len(records) == 4
assert ge.checkpoints.load(ge.checkpoints.save("a.safetensors", small)).card["sha256"]
figure = ge.plots.paths({"genie": ge.solve(flow, start, gammas)}, mixture=flow.mixture, alt="A")
assert len(figure.data) > 2
assert ge.explore(flow).message == ""
print(torch.__version__, "does it")
"""
COMMANDS = (
    "train mixture-2d --steps 20 --cpu",
    "distill mixture-2d --steps 20 --cpu",
    "sample mixture-2d --n 4 --folder runs/mixture-2d",
    "evaluate mixture-2d --n 4 --nfe 5 --folder runs/mixture-2d",
    "doctor",
)


def oldest() -> list[str]:
    """Every requirement of pyproject.toml at its lower bound."""
    text = (ROOT / "pyproject.toml").read_text().split("[project.scripts]")
    listed = text[0].split("dependencies = ")[1], text[1].split("[tool.setuptools")[0]
    found = re.findall(r'"([a-z]+)>=([\d.]+)"', " ".join(listed))
    assert {"torch", "numpy", "accelerate", "plotly", "scipy"} <= {name for name, _ in found}
    return [f"{name}=={version}" for name, version in found]


@pytest.mark.long
def test_the_oldest_versions_promised_do_all_of_it(tmp_path: Path) -> None:
    python = shutil.which("python3.10") or sys.executable
    subprocess.run([python, "-m", "venv", tmp_path / "old"], check=True)
    inside = tmp_path / "old" / "bin" / "python"
    install = [inside, "-m", "pip", "install", "-q", "scikit-learn", *oldest()]
    done = subprocess.run(install, capture_output=True, text=True)
    if done.returncode:
        unavailable(f"the oldest versions can't be installed here: {done.stderr[-300:]}")
    env = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    for arguments in (["-c", TRIED], *(["-m", "genie_edu.cli", *c.split()] for c in COMMANDS)):
        command = [inside, *arguments]
        done = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, f"{arguments[-1]}: {done.stderr[-2000:]}"


def test_the_lower_bounds_are_read() -> None:
    assert "numpy==1.26" in oldest()
