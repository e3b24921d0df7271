"""One pure step function per method, the table `SOLVERS`, and the loop that runs them.

A step is `step(flow, x_bar, gamma, gamma_next, memory) -> (x_bar_next, memory)`. h = gamma_next -
gamma is negative while sampling and positive while encoding; no step cares. One-step methods return
memory None. Multistep ones keep past points `(gamma, x_bar, eps)`, the latest first, and a solver
that starts without them begins with the lowest order: its docstring says what that costs.
`x.add(y, alpha=a)` is x + a y in one pass.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from genie_edu import _checks
from genie_edu._checks import as_tensor, doubtful
from genie_edu._names import SOLVER_LABELS, flag, one_of, whole, wholes
from genie_edu.flow import AnalyticFirstStep, Flow, as_flow
from genie_edu.multistep import (
    Memory,
    Step,
    deis_logrho2_step,
    deis_logrho3_step,
    deis_tab3_step,
    genie_multistep_step,
    ipndm4_step,
    unipc_2_step,
    unipc_lowered_step,
)
from genie_edu.schedule import per_sample, time_grid

AFS_FROM = 50.0
"""The level above which an analytic first step is worth its while: book, chapter 7."""


def ddim_step(
    flow: Flow, x_bar: Tensor, gamma: float, gamma_next: float, memory: Memory = None
) -> tuple[Tensor, None]:
    """x' = x + h eps. Euler's method in gamma: order 1, one call. Exact for a point mass.

    Source: Song et al. 2021 (DDIM, eta = 0); GENIE, section 2.
    """
    return x_bar.add(flow.eps(x_bar, gamma), alpha=gamma_next - gamma), None


def genie_step(
    flow: Flow, x_bar: Tensor, gamma: float, gamma_next: float, memory: Memory = None
) -> tuple[Tensor, None]:
    """x' = x + h eps + h^2/2 d eps/dgamma. Second Taylor method: order 2.

    One call and one derivative a step. Source: GENIE (Dockhorn et al. 2022), section 3.
    """
    h = gamma_next - gamma
    eps, deps_dgamma = flow.eps_and_derivative(x_bar, gamma)
    return x_bar.add(eps, alpha=h).add(deps_dgamma, alpha=h * h / 2), None


def taylor3_step(
    flow: Flow, x_bar: Tensor, gamma: float, gamma_next: float, memory: Memory = None
) -> tuple[Tensor, None]:
    """x' = x + h eps + h^2/2 eps' + h^3/6 eps''. Third Taylor method: order 3.

    One call and two derivatives a step. Source: book chapter 5.
    """
    h = gamma_next - gamma
    eps, d1, d2 = flow.derivatives(x_bar, gamma, order=2)
    return x_bar.add(eps, alpha=h).add(d1, alpha=h * h / 2).add(d2, alpha=h * h * h / 6), None


def genie_log_step(
    flow: Flow, x_bar: Tensor, gamma: float, gamma_next: float, memory: Memory = None
) -> tuple[Tensor, None]:
    """x' = x + h eps + gamma (gamma - gamma' (1 + H)) eps', H = log(gamma / gamma'). Order 2.

    One call and one derivative a step: eps taken linear in log gamma through its value and slope,
    integrated exactly over the step. Not a Taylor series of x_bar in log gamma,
    which diverges at large steps.
    Source: book chapter 5.
    """
    eps, deps_dgamma = flow.eps_and_derivative(x_bar, gamma)
    big_h = math.log(gamma / gamma_next)
    weight = gamma * (gamma - gamma_next * (1 + big_h))
    return x_bar.add(eps, alpha=gamma_next - gamma).add(deps_dgamma, alpha=weight), None


def heun_step(
    flow: Flow, x_bar: Tensor, gamma: float, gamma_next: float, memory: Memory = None
) -> tuple[Tensor, None]:
    """x' = x + h (eps + eps(x + h eps, gamma')) / 2. Heun's method: order 2, two calls a step.

    Two at every step: no special last step. Source: Karras et al. 2022 (EDM), algorithm 1.
    """
    h = gamma_next - gamma
    eps = flow.eps(x_bar, gamma)
    return x_bar + (0.5 * h) * (eps + flow.eps(x_bar + h * eps, gamma_next)), None


def rk4_step(
    flow: Flow, x_bar: Tensor, gamma: float, gamma_next: float, memory: Memory = None
) -> tuple[Tensor, None]:
    """x' = x + h (s1 + 2 s2 + 2 s3 + s4) / 6. The classical Runge-Kutta method: order 4.

    Four calls a step, one for each stage. Source: Hairer, Norsett, Wanner, II.1.
    """
    h = gamma_next - gamma
    middle = gamma + 0.5 * h
    s1 = flow.eps(x_bar, gamma)
    s2 = flow.eps(x_bar + (0.5 * h) * s1, middle)
    s3 = flow.eps(x_bar + (0.5 * h) * s2, middle)
    s4 = flow.eps(x_bar + h * s3, gamma_next)
    return x_bar + (h / 6) * (s1 + 2 * s2 + 2 * s3 + s4), None


def dpm_solver_2_step(
    flow: Flow, x_bar: Tensor, gamma: float, gamma_next: float, memory: Memory = None
) -> tuple[Tensor, None]:
    """x' = x + h eps(x + (s - gamma) eps, s), s = sqrt(gamma gamma'). DPM-Solver-2: order 2.

    The midpoint rule in lambda = -log gamma on the exponential integrator; two calls at every step,
    no special last one. Source: Lu et al. 2022 (DPM-Solver), algorithm 1 with r_1 = 1/2.
    """
    middle = math.sqrt(gamma * gamma_next)
    x_bar_middle = x_bar.add(flow.eps(x_bar, gamma), alpha=middle - gamma)
    return x_bar.add(flow.eps(x_bar_middle, middle), alpha=gamma_next - gamma), None


def ab2_step(
    flow: Flow, x_bar: Tensor, gamma: float, gamma_next: float, memory: Memory = None
) -> tuple[Tensor, Memory]:
    """x' = x + h eps + h^2/2 (eps - eps_prev) / (gamma - gamma_prev). Adams-Bashforth: order 2.

    GENIE with the slope taken from the past, so one call a step; step lengths may vary. Without
    memory the first step is Euler's, one error of size h^2: order 2 still.
    Source: Hairer, Norsett, Wanner, III.5.
    """
    h = gamma_next - gamma
    eps = flow.eps(x_bar, gamma)
    x_bar_next = x_bar + h * eps
    if memory:
        gamma_prev, _, eps_prev = memory[0][:3]
        x_bar_next = x_bar_next + (0.5 * h * h / (gamma - gamma_prev)) * (eps - eps_prev)
    return x_bar_next, ((gamma, x_bar, eps),)


def dpmpp_2m_step(
    flow: Flow, x_bar: Tensor, gamma: float, gamma_next: float, memory: Memory = None
) -> tuple[Tensor, Memory]:
    """DPM-Solver++(2M): data prediction D = x - gamma eps, linear in lambda = -log gamma. Order 2.

    x' = (gamma'/gamma) x + (1 - gamma'/gamma) (D + (D - D_prev) H / (2 H_prev)), H the step
    in lambda; one call. Without memory the first step is DDIM's: order 2 still. The last step is
    like the others, unless `solve` is told to lower it.
    Source: Lu et al. 2022 (DPM-Solver++), algorithm 2.
    """
    eps = flow.eps(x_bar, gamma)
    data = x_bar - gamma * eps
    slope_term = 0.0
    if memory:
        gamma_prev, x_bar_prev, eps_prev = memory[0][:3]
        ratio = math.log(gamma / gamma_next) / math.log(gamma_prev / gamma)  # H / H_prev
        slope_term = (0.5 * ratio) * (data - (x_bar_prev - gamma_prev * eps_prev))
    shrink = gamma_next / gamma
    return shrink * x_bar + (1 - shrink) * (data + slope_term), ((gamma, x_bar, eps),)


@dataclass(frozen=True)
class Solver:
    """A row of `SOLVERS`: a step and what is known of it.

    `order` is the formula's global order, `nfe_per_step` its calls of eps a step, `label` how
    figures name it, `memory` the past points that it uses at full order (0: a one-step method),
    `derivatives` how many derivatives of eps a step asks for. `lowered` holds the steps of lower
    order with which diffusers replaces the last ones, in the order in which they are made; empty
    where it knows no such ending.
    """

    step: Step
    order: int
    nfe_per_step: int
    label: str
    memory: int = 0
    derivatives: int = 0
    lowered: tuple[Step, ...] = ()


def _row(
    name: str,
    step: Step,
    order: int,
    nfe_per_step: int = 1,
    memory: int = 0,
    derivatives: int = 0,
    lowered: tuple[Step, ...] = (),
) -> Solver:
    return Solver(step, order, nfe_per_step, SOLVER_LABELS[name], memory, derivatives, lowered)


SOLVERS: dict[str, Solver] = {
    "ddim": _row("ddim", ddim_step, order=1),
    "genie": _row("genie", genie_step, order=2, derivatives=1),
    "taylor3": _row("taylor3", taylor3_step, order=3, derivatives=2),
    "genie_log": _row("genie_log", genie_log_step, order=2, derivatives=1),
    "heun": _row("heun", heun_step, order=2, nfe_per_step=2),
    "rk4": _row("rk4", rk4_step, order=4, nfe_per_step=4),
    "ab2": _row("ab2", ab2_step, order=2, memory=1),
    "dpm_solver_2": _row("dpm_solver_2", dpm_solver_2_step, order=2, nfe_per_step=2),
    "dpmpp_2m": _row("dpmpp_2m", dpmpp_2m_step, order=2, memory=1, lowered=(ddim_step,)),
    "ipndm4": _row("ipndm4", ipndm4_step, order=2, memory=3),
    "deis_tab3": _row("deis_tab3", deis_tab3_step, order=4, memory=3),
    "deis_logrho3": _row(
        "deis_logrho3",
        deis_logrho3_step,
        order=3,
        memory=2,
        lowered=(deis_logrho2_step, ddim_step),
    ),
    "unipc_2": _row("unipc_2", unipc_2_step, order=3, memory=2, lowered=(unipc_lowered_step,)),
    "genie_multistep": _row(
        "genie_multistep", genie_multistep_step, order=4, memory=2, derivatives=1
    ),
}


@dataclass(frozen=True)
class Trajectory:
    """What a run returns: every point of every path, and what it cost.

    gamma (N+1,) float64; x_bar (N+1, B, *shape); nfe and n_derivatives as counted by the flow;
    final (B, *shape): the last x, or with `denoise` where one Euler step to gamma 0 leads.
    `end` is what another `solve` or `encode` starts from: bar coordinates, where `final` has x.
    """

    gamma: Tensor
    x_bar: Tensor
    nfe: int
    n_derivatives: int
    final: Tensor

    @property
    def end(self) -> Tensor:
        """x_bar at the last level (B, *shape): the start of a run that goes on, or back."""
        return self.x_bar[-1]

    @property
    def x(self) -> Tensor:
        """The states x = alpha x_bar = x_bar / sqrt(1 + gamma^2), (N+1, B, *shape)."""
        return self.x_bar * per_sample(torch.rsqrt(1 + self.gamma * self.gamma), self.x_bar)


def solve(
    flow: Flow,
    x_bar: Any,
    gammas: Any,
    solver: str | Solver | Step = "genie",
    afs: bool = False,
    denoise: bool = False,
    memory: Memory = None,
    lower_order_final: bool = False,
) -> Trajectory:
    """Sample: run `solver` from x_bar (B, *shape) at gammas[0] down the grid gammas (N+1,).

    `solver` is a name in SOLVERS, a Solver or a step function of your own. `afs` makes the first
    evaluation analytic and free; `denoise` adds a counted Euler step to gamma 0, seen in `final`
    only; `memory` gives a multistep method its past, else it starts at its lowest order;
    `lower_order_final` makes the last steps with `Solver.lowered`. diffusers does that where the
    option of this name is in force (DPM-Solver++ and DEIS: in runs of fewer than 15 steps).
    Raises ValueError or TypeError for NaN, a grid that does not decrease, an unknown solver, a
    solver without lowered steps, a past that is none; warns of a start that looks like x, and of
    an analytic first step below gamma = AFS_FROM.
    """
    steps = _ending(solver) if flag("lower_order_final", lower_order_final) else ()
    return _integrate(flow, x_bar, gammas, solver, afs, denoise, memory, sign=-1, ending=steps)


def encode(
    flow: Flow,
    x_bar: Any,
    gammas: Any,
    solver: str | Solver | Step = "genie",
    memory: Memory = None,
) -> Trajectory:
    """Encode: the same ODE and steps with increasing gammas, from data (x_bar near x) to noise.

    Arguments, result and errors as in `solve`; `final` is the code as x, close to standard normal
    at gamma = 152, and `end` the same in bar coordinates: what `solve` takes for the way back.
    """
    return _integrate(flow, x_bar, gammas, solver, False, False, memory, sign=+1)


def sample(
    flow: Flow,
    shape: tuple[int, ...],
    n_steps: int = 10,
    solver: str | Solver | Step = "genie",
    spacing: str = "quadratic",
    seed: int = 0,
) -> Tensor:
    """Draw samples in one call: noise of `shape` (B, *shape) from `seed`, solved to t = 1e-3.

    Returns x in the flow's dtype; sample k of a seed is the same however many are drawn. For
    control over anything else, call `time_grid` and `solve`. Raises TypeError, ValueError.
    """
    schedule = as_flow(flow).schedule
    gammas = schedule.gamma(time_grid(n_steps, spacing, schedule=schedule))
    start = noise(shape, seed).to(flow.dtype) * float(torch.sqrt(1 + gammas[0] ** 2))
    return solve(flow, start.to(flow.device), gammas, solver).final


def noise(shape: tuple[int, ...], seed: int = 0) -> Tensor:
    """Standard normal numbers of `shape` (B, *shape), float64: the first k rows don't depend on B.

    torch draws normal numbers in blocks of 16, and an incomplete block in another way: so whole
    blocks are drawn. Raises TypeError, ValueError.
    """
    shape = wholes("shape", shape, low=0)
    if not shape or 0 in shape[1:]:
        raise ValueError(f"shape must be (B, *shape), with no zero but perhaps B; got {shape}")
    generator = torch.Generator().manual_seed(whole("seed", seed, low=0))
    n = math.prod(shape)
    blocks = torch.randn(-(-n // 16) * 16, generator=generator, dtype=torch.float64)
    return blocks[:n].reshape(shape)


def as_step(solver: str | Solver | Step) -> Step:
    """The step function of a name in SOLVERS, a Solver, or a function that already is one."""
    if isinstance(solver, Solver):
        return solver.step
    if callable(solver) and not isinstance(solver, type):
        return solver
    return SOLVERS[one_of("solver", solver, SOLVERS)].step


def _ending(solver: str | Solver | Step) -> tuple[Step, ...]:
    row = SOLVERS[one_of("solver", solver, SOLVERS)] if isinstance(solver, str) else solver
    lowered = getattr(row, "lowered", ())
    if not lowered:
        known = ", ".join(name for name, row in SOLVERS.items() if row.lowered)
        raise ValueError(f"lower_order_final needs a solver with lowered steps: {known}")
    return lowered


def _integrate(
    flow: Flow,
    x_bar: Any,
    gammas: Any,
    solver: str | Solver | Step,
    afs: bool,
    denoise: bool,
    memory: Memory,
    sign: int,
    ending: tuple[Step, ...] = (),
) -> Trajectory:
    flow, step, x_bar = as_flow(flow), as_step(solver), as_tensor("x_bar", x_bar)
    gamma = as_tensor("gammas", gammas, torch.float64)
    _checks.grid(gamma, sign)
    _checks.start(x_bar, float(gamma[0]), sign)
    if memory is not None and not callable(solver):  # a step of one's own may remember anything
        row = solver if isinstance(solver, Solver) else SOLVERS[solver]
        values = 2 + (row.derivatives if row.memory else 0)
        _checks.past(memory, x_bar, float(gamma[0]), values)
    nfe, n_derivatives = flow.nfe, flow.n_derivatives
    stepped = flow
    if flag("afs", afs):
        stepped = AnalyticFirstStep(flow)
        if gamma[0] < AFS_FROM:
            doubtful(
                f"afs takes eps for x, which holds where noise rules, and gammas[0] is "
                f"{float(gamma[0]):.4g}: leave afs out below {AFS_FROM:g}"
            )

    levels = gamma.tolist()
    path = [x_bar]
    steps = ([step] * (len(levels) - 1) + [*ending])[-(len(levels) - 1) :]
    for step, level, level_next in zip(steps, levels[:-1], levels[1:], strict=True):
        x_bar, memory = _checks.stepped(step(stepped, x_bar, level, level_next, memory), x_bar)
        path.append(x_bar)

    if flag("denoise", denoise):
        final = x_bar - levels[-1] * flow.eps(x_bar, levels[-1])
    else:
        final = x_bar / math.sqrt(1 + levels[-1] ** 2)
    return Trajectory(
        gamma, torch.stack(path), flow.nfe - nfe, flow.n_derivatives - n_derivatives, final
    )
