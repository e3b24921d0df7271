"""Ratios for learned networks: the distillation target, its step, and a GENIE step with a head.

Run by `make bench`; see core.py for how a ratio is taken. The paper's public code gets the target
from two Jacobian-vector products, one in x and one in t, each by differentiating twice backward;
both ways are asserted to agree before they are timed.
"""

from __future__ import annotations

import torch
from core import median_ratio
from torch import Tensor

import genie_edu as ge
from genie_edu.derivative import along_flow
from genie_edu.training import draw


def two_double_backward(net: torch.nn.Module, x_bar: Tensor, gamma: Tensor, eps: Tensor) -> Tensor:
    """The total derivative as a sum of two products, each by the double-backward trick."""
    jvp = torch.autograd.functional.jvp
    in_state = jvp(lambda x: net(x, gamma), x_bar, eps)[1]
    in_level = jvp(lambda g: net(x_bar, g), gamma, torch.ones_like(gamma))[1]
    return (in_state + in_level).detach()


def main() -> None:
    """Print the ratios of the 2-D network, on one thread."""
    torch.set_num_threads(1)
    net = ge.checkpoints.load(ge.data.shipped("mixture_2d/base"))
    head = ge.checkpoints.load(ge.data.shipped("mixture_2d/head"))
    mixture = ge.GaussianMixture(**ge.TOYS["three_modes"])
    settings, schedule = ge.Settings(), ge.VPSchedule()
    x_bar, gamma, _ = draw(mixture.sample, settings, 0, schedule, torch.device("cpu"))
    optimizer = torch.optim.Adam(head.parameters(), lr=0.0)

    def joint() -> Tensor:
        with torch.no_grad():
            return along_flow(net, x_bar, gamma, net(x_bar, gamma))

    def double() -> Tensor:
        return two_double_backward(net, x_bar, gamma, net(x_bar, gamma).detach())

    torch.testing.assert_close(joint(), double(), rtol=1e-3, atol=1e-4)

    def step(target: Tensor) -> None:
        with torch.no_grad():
            eps, *features = net(x_bar, gamma, features=True)
        difference = gamma[:, None] * (head(x_bar, gamma, eps, *features) - target)
        optimizer.zero_grad()
        difference.square().mean().backward()
        optimizer.step()

    size = f"(batch {settings.batch_size:,}, float32)"
    print(f"distillation target, two double-backward products / one joint JVP {size}: ", end="")
    print(median_ratio(double, joint))
    print(f"distillation step, the same {size}: ", end="")
    print(median_ratio(lambda: step(double()), lambda: step(joint())))

    flow = ge.NetworkFlow(net, head)
    exact = ge.NetworkFlow(net)
    for n, goal in ((4_096, " (goal 1.15)"), (256, "")):
        start = torch.randn(n, 2, generator=torch.Generator().manual_seed(0))
        grid = schedule.gamma(ge.time_grid(10, "quadratic"))
        start = start * float((1 + grid[0] ** 2).sqrt())
        for name, other in (("head", flow), ("exact JVP", exact)):
            ratio = median_ratio(
                lambda start=start, grid=grid, other=other: ge.solve(other, start, grid, "genie"),
                lambda start=start, grid=grid: ge.solve(exact, start, grid, "ddim"),
            )
            print(
                f"GENIE with {name} / DDIM, a step, {n:,} points{goal * (name == 'head')}: {ratio}"
            )


if __name__ == "__main__":
    main()
