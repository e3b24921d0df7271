"""Ratios for the core library: closed form against JVP, `solve` against its calls.

Run by `make bench`. Each pair is timed in turn, A B A B ..., and the median ratio is printed:
single times drift with the machine, ratios of neighbours hardly do. Nothing is asserted.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import torch

import genie_edu as ge


def median_ratio(a: Callable[[], object], b: Callable[[], object], rounds: int = 40) -> str:
    """Median, 10th and 90th percentile of time(a) / time(b) over alternating rounds."""
    for _ in range(3):
        a(), b()
    ratios = []
    for _ in range(rounds):
        times = []
        for call in (a, b):
            start = time.perf_counter()
            call()
            times.append(time.perf_counter() - start)
        ratios.append(times[0] / times[1])
    low, *_, high = statistics.quantiles(ratios, n=10)
    return f"{statistics.median(ratios):.3f}  (10-90 %: {low:.3f} to {high:.3f})"


def wide_mixture(n_components: int) -> ge.GaussianMixture:
    """Full covariances in 2-D, reproducible."""
    generator = torch.Generator().manual_seed(0)
    roots = 0.4 * torch.randn(n_components, 2, 2, dtype=torch.float64, generator=generator)
    means = 2 * torch.randn(n_components, 2, dtype=torch.float64, generator=generator)
    weights = torch.full((n_components,), 1 / n_components)
    return ge.GaussianMixture(weights, means, roots @ roots.mT + 0.01 * torch.eye(2))


def main() -> None:
    """Print the ratios, on one thread: two share these small tensors badly, each in its own way."""
    torch.set_num_threads(1)
    mixture = wide_mixture(8)
    flow = ge.AnalyticFlow(mixture)
    noise = torch.randn(10_000, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    level = torch.tensor(2.0, dtype=torch.float64)
    ratio = median_ratio(
        lambda: mixture.derivatives(noise, 2.0, order=1),
        # one chunk: cutting into cache-sized pieces helps the closed form and hurts the JVP
        lambda: ge.flow_derivatives(
            lambda x, g: mixture._chunk_derivatives(x, g, 0)[0], noise, level
        ),
    )
    print(f"eps and derivative, closed form / forward-mode JVP (10,000 points, K = 8): {ratio}")

    schedule = flow.schedule
    gammas = schedule.gamma(ge.time_grid(20, "quadratic"))
    levels = gammas.tolist()[:-1]
    for n_points, limit in ((256, 1.10), (10_000, 1.02)):
        start = noise[:n_points] * float(gammas[0])

        def bare_calls(start: torch.Tensor = start) -> None:
            for gamma in levels:
                flow.eps_and_derivative(start, gamma)

        ratio = median_ratio(
            lambda start=start: ge.solve(flow, start, gammas, "genie"), bare_calls, 100
        )
        print(f"solve / its flow calls, {n_points:>6,} points (goal {limit}): {ratio}")


if __name__ == "__main__":
    main()
