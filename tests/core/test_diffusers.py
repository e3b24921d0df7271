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


def lowered_dpm(**options: Any) -> Any:
    options = {"final_sigmas_type": "sigma_min", **LINSPACE, **options}
    return diffusers.DPMSolverMultistepScheduler(**BETAS, **options)


def lowered_deis() -> Any:
    return diffusers.DEISMultistepScheduler(**BETAS, **LINSPACE, solver_order=3)


def lowered_unipc() -> Any:
    return diffusers.UniPCMultistepScheduler(**BETAS, **LINSPACE, final_sigmas_type="sigma_min")


@pytest.mark.parametrize(
    ("name", "scheduler", "n", "lowered"),
    [
        ("dpmpp_2m", lowered_dpm, 6, True),
        ("dpmpp_2m", lowered_dpm, 14, True),
        ("dpmpp_2m", lowered_dpm, 15, False),  # the option holds below fifteen steps
        ("dpmpp_2m", lambda: lowered_dpm(euler_at_final=True), 15, True),
        ("dpmpp_2m", lambda: lowered_dpm(euler_at_final=True, lower_order_final=False), 6, True),
        ("deis_logrho3", lowered_deis, 6, True),
        ("deis_logrho3", lowered_deis, 14, True),
        ("deis_logrho3", lowered_deis, 15, False),
        ("unipc_2", lowered_unipc, 6, True),
        ("unipc_2", lowered_unipc, 20, True),  # here it always holds
    ],
)
def test_the_last_steps_are_lowered_as_diffusers_lowers_them(
    name: str, scheduler: Any, n: int, lowered: bool
) -> None:
    flow, _ = published_world()
    gammas, start, theirs = drive(scheduler(), n)
    ours, other = (
        ge.solve(flow, start, gammas, name, lower_order_final=choice).final
        for choice in (lowered, not lowered)
    )
    assert float((ours - theirs).abs().max()) < TOLERANCE
    assert float((other - theirs).abs().max()) > 10 * TOLERANCE


@pytest.mark.parametrize("n", [6, 20])
@pytest.mark.parametrize(
    ("name", "scheduler"),
    [
        ("dpmpp_2m", diffusers.DPMSolverMultistepScheduler),
        ("unipc_2", diffusers.UniPCMultistepScheduler),
    ],
)
def test_by_default_the_lowered_step_is_the_one_to_zero(name: str, scheduler: Any, n: int) -> None:
    flow, _ = published_world()
    gammas, start, theirs = drive(scheduler(**BETAS, **LINSPACE), n)
    assert gammas[-1] == 0
    ours = ge.solve(flow, start, gammas[:-1], name, denoise=True)
    assert ours.nfe == n
    # UniPC corrects the point before it as well: a tiny move, so close to the data
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
