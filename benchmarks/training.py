"""Ratios for learned networks: the distillation target, its step, and a GENIE step with a head.

Run by `make bench`; see core.py for how a ratio is taken. The paper's public code gets the target
from two Jacobian-vector products, one in x and one in t, each by differentiating twice backward;
both ways are asserted to agree before they are timed.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from core import median_ratio
from torch import Tensor

import genie_edu as ge
from genie_edu.derivative import along_flow
from genie_edu.train.batches import draw


def two_double_backward(net: torch.nn.Module, x_bar: Tensor, gamma: Tensor, eps: Tensor) -> Tensor:
    """The total derivative as a sum of two products, each by the double-backward trick."""
    jvp = torch.autograd.functional.jvp
    in_state = jvp(lambda x: net(x, gamma), x_bar, eps)[1]
    in_level = jvp(lambda g: net(x_bar, g), gamma, torch.ones_like(gamma))[1]
    return (in_state + in_level).detach()


def print_target(
    net: torch.nn.Module, x_bar: Tensor, gamma: Tensor, rounds: int, size: str, goal: str = ""
) -> None:
    """Print times of the distillation target, eps included: to the paper's way, to the network."""

    @torch.no_grad()
    def joint() -> Tensor:
        return along_flow(net, x_bar, gamma, net(x_bar, gamma))

    def double() -> Tensor:
        return two_double_backward(net, x_bar, gamma, net(x_bar, gamma).detach())

    torch.testing.assert_close(joint(), double(), rtol=1e-3, atol=1e-3)
    ratio = median_ratio(double, joint, rounds)
    print(f"two double-backward products / one joint JVP, the target ({size}{goal}): {ratio}")
    ratio = median_ratio(joint, lambda: torch.no_grad()(net)(x_bar, gamma), rounds)
    print(f"the target by a joint JVP / one call of the network ({size}; 3 in products): {ratio}")


def points() -> None:
    """Print the ratios of the 2-D network."""
    net = ge.checkpoints.load(ge.data.shipped("mixture_2d/base"))
    head = ge.checkpoints.load(ge.data.shipped("mixture_2d/head"))
    mixture = ge.GaussianMixture(**ge.TOYS["three_modes"])
    settings, schedule = ge.Settings(), ge.VPSchedule()
    x_bar, gamma, _ = draw(mixture.sample, settings, 0, schedule, torch.device("cpu"))
    optimizer = torch.optim.Adam(head.parameters(), lr=0.0)

    def step(target: Callable[..., Tensor]) -> None:
        with torch.no_grad():
            eps, *features = net(x_bar, gamma, features=True)
        difference = head(x_bar, gamma, eps, *features) - target(net, x_bar, gamma, eps).detach()
        optimizer.zero_grad()
        (gamma[:, None] * difference).square().mean().backward()
        optimizer.step()

    size = f"2-D network, batch {settings.batch_size:,}"
    print_target(net, x_bar, gamma, 20, size)
    ratio = median_ratio(lambda: step(two_double_backward), lambda: step(along_flow))
    print(f"double-backward products / joint JVP, a whole distillation step ({size}): {ratio}")

    distilled, exact = ge.NetworkFlow(net, head), ge.NetworkFlow(net)
    grid = schedule.gamma(ge.time_grid(10, "quadratic"))
    for n, goal in ((4_096, " (goal 1.15)"), (256, "")):
        start = torch.randn(n, 2, generator=torch.Generator().manual_seed(0))
        start = start * float((1 + grid[0] ** 2).sqrt())
        for name, flow, aim in (("head", distilled, goal), ("exact JVP", exact, "")):
            ratio = median_ratio(
                lambda start=start, flow=flow: ge.solve(flow, start, grid, "genie"),
                lambda start=start: ge.solve(exact, start, grid, "ddim"),
            )
            print(f"GENIE with {name} / DDIM, a step, {n:,} points{aim}: {ratio}")


def images() -> None:
    """Print the ratios of the U-Net, untrained: its cost does not depend on its weights."""
    net = ge.UNet(channels=1, size=8, widths=(24, 48), blocks=1, attention=(4,)).eval()
    generator = torch.Generator().manual_seed(0)
    x_bar = torch.randn(64, 1, 8, 8, generator=generator)
    gamma = torch.exp(torch.randn(64, generator=generator))
    print_target(net, x_bar, gamma, 10, "U-Net, 8x8, batch 64", ", goal 2")

    flow = ge.NetworkFlow(net)
    grid = flow.schedule.gamma(ge.time_grid(10, "quadratic"))

    @torch.no_grad()
    def bare() -> None:
        for level in grid[:-1]:
            net(x_bar, level)

    ratio = median_ratio(lambda: ge.solve(flow, x_bar, grid, "ddim"), bare, 20)
    print(f"sampling / its network calls (U-Net, 8x8, 64 images, goal 1.03): {ratio}")


def main() -> None:
    """Print all ratios, on one thread."""
    torch.set_num_threads(1)
    points()
    images()


if __name__ == "__main__":
    main()
