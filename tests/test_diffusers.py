"""diffusers' own schedulers, driven by the exact eps on their own gammas, against our steps.

They compute in float32, so 1e-4 is agreement; a wrong coefficient misses by a hundred times more.
"""

from __future__ import annotations

from typing import Any

import diffusers
import pytest
import torch
from test_solvers import published_world

import genie_edu as ge

BETAS = {
    "num_train_timesteps": 1000,
    "beta_start": 1e-4,
    "beta_end": 0.02,
    "beta_schedule": "linear",
}
TO_SIGMA_MIN = {"final_sigmas_type": "sigma_min", "lower_order_final": False}
LINSPACE = {"timestep_spacing": "linspace"}
TOLERANCE = 1e-4


def dpm_solver_pp_2m() -> Any:
    return diffusers.DPMSolverMultistepScheduler(
        **BETAS, **TO_SIGMA_MIN, **LINSPACE, algorithm_type="dpmsolver++", solver_order=2
    )


def dpm_solver_2() -> Any:
    # Geometric gammas put its inner point where the midpoint in log-SNR is.
    return diffusers.DPMSolverSinglestepScheduler(
        **BETAS,
        **TO_SIGMA_MIN,
        algorithm_type="dpmsolver",
        solver_order=2,
        use_exponential_sigmas=True,
    )


def deis() -> Any:
    return diffusers.DEISMultistepScheduler(
        **BETAS, **LINSPACE, solver_order=3, lower_order_final=False
    )


def unipc() -> Any:
    return diffusers.UniPCMultistepScheduler(
        **BETAS, **TO_SIGMA_MIN, **LINSPACE, solver_order=2, solver_type="bh2"
    )


def heun() -> Any:
    return diffusers.HeunDiscreteScheduler(**BETAS, **LINSPACE)


def drive(
    scheduler: Any, n: int, bar: bool = False, calls: int | None = None
) -> tuple[list[float], torch.Tensor, torch.Tensor]:
    """Its gammas, the common start (bar coordinates) and its result, after `calls` or all calls.

    `bar`: its sample is x_bar, not x.
    """
    flow, x = published_world()
    scheduler.set_timesteps(n)
    gammas = [float(gamma) for gamma in scheduler.sigmas]  # diffusers' sigmas are gammas
    start = x * (1 + gammas[0] ** 2) ** 0.5
    sample = (start if bar else x).float()
    for t in scheduler.timesteps[:calls]:
        at = scheduler.step_index
        gamma = gammas[scheduler.index_for_timestep(t) if at is None else at]
        x_bar = sample.double() if bar else sample.double() * (1 + gamma**2) ** 0.5
        sample = scheduler.step(flow.eps(x_bar, gamma).float(), t, sample).prev_sample
    return gammas, start, sample.double()


@pytest.mark.parametrize("n", [6, 12])
@pytest.mark.parametrize(
    ("name", "scheduler"),
    [("dpmpp_2m", dpm_solver_pp_2m), ("deis_logrho3", deis), ("unipc_2", unipc)],
)
def test_multistep(name: str, scheduler: Any, n: int) -> None:
    flow, _ = published_world()
    gammas, start, theirs = drive(scheduler(), n)
    ours = ge.solve(flow, start, gammas, name)
    assert ours.nfe == n
    assert float((ours.final - theirs).abs().max()) < TOLERANCE


@pytest.mark.parametrize("n", [12, 24])
def test_dpm_solver_2_takes_every_second_of_its_levels(n: int) -> None:
    flow, _ = published_world()
    # Without the last step: it lists its smallest level twice, so that one has no midpoint.
    gammas, start, theirs = drive(dpm_solver_2(), n, calls=n - 2)
    assert gammas[-1] == pytest.approx(gammas[-2])
    ours = ge.solve(flow, start, gammas[:-2:2], "dpm_solver_2")
    assert ours.nfe == n - 2
    assert float((ours.final - theirs).abs().max()) < TOLERANCE


@pytest.mark.parametrize("n", [6, 12])
def test_heun_ends_with_an_euler_step_to_zero(n: int) -> None:
    flow, _ = published_world()
    gammas, start, theirs = drive(heun(), n, bar=True)
    levels = sorted(set(gammas) - {0.0}, reverse=True)  # it lists the inner levels twice
    ours = ge.solve(flow, start, levels, "heun", denoise=True)
    assert ours.nfe == 2 * n - 1
    assert float((ours.final - theirs).abs().max()) < TOLERANCE


@pytest.mark.parametrize("n", [6, 12])
def test_ipndm(n: int) -> None:
    flow, x = published_world()
    gammas = flow.schedule.gamma(ge.time_grid(n, "quadratic"))
    sigmas = gammas / torch.sqrt(1 + gammas**2)
    scheduler = diffusers.IPNDMScheduler(trained_betas=sigmas.tolist())  # its betas are sigmas
    scheduler.set_timesteps(n)
    sample = x.float()
    for gamma, t in zip(gammas.tolist(), scheduler.timesteps, strict=False):
        s = (1 + gamma**2) ** 0.5  # alpha = 1 / s, sigma = gamma / s; it wants v, not eps
        v = s * flow.eps(sample.double() * s, gamma) - gamma * sample.double()
        sample = scheduler.step(v.float(), t, sample).prev_sample
    ours = ge.solve(flow, x * torch.sqrt(1 + gammas[0] ** 2), gammas, "ipndm4")
    assert float((ours.final - sample.double()).abs().max()) < TOLERANCE
