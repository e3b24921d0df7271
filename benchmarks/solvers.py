"""Every solver at equal calls: three mixtures, four grids, 4 to 40 evaluations, t from 1 to 1e-3.

Run by `make bench`. Error = median over 128 starts of the distance to the exact end point, then the
median over 3 seeds of starts; behind it the spread over starts (90th / 10th percentile) and over
seeds (largest / smallest median). Exact eps and derivatives. Nothing is asserted.

With `--rivals` it writes data/solver_study_rivals.csv instead: on twenty drawn mixtures our solver,
its slope-free twin and the methods with a slope, over the best of five rivals, with slopes for
nothing and with every slope paid as a call.
"""

from __future__ import annotations

import argparse
import csv
import math
from pathlib import Path
from typing import NamedTuple

import torch
from _mixtures import drawn

import genie_edu as ge
from genie_edu.multistep import Step, circle_multistep_step

MIXTURES = ("three_modes", "ring", "anisotropic")
SPACINGS = ("linear", "quadratic", "log_gamma", "rho7")
CALLS = (4, 5, 6, 8, 10, 12, 15, 20, 30, 40)
HELD_OUT = 2026
"""Seed of the five drawn mixtures at the end: nothing was tuned on them."""
SEEDS, STARTS = 3, 128
OURS = "genie_multistep"
RIVALS = ("dpmpp_2m", "deis_tab3", "deis_logrho3", "ipndm4", "unipc_2")
DRAWS, STUDY_CALLS, STUDY_STARTS = (2026, 2027, 2028, 2029), (5, 6, 8, 10, 12, 15, 20), 192
CONTENDERS: dict[str, tuple[str | Step, int]] = {
    "`genie_multistep`": ("genie_multistep", 1),
    "its slope-free twin": (circle_multistep_step, 1),
    "`taylor3` (two derivatives)": ("taylor3", 1),
    "`genie_log`": ("genie_log", 1),
    "`genie`": ("genie", 1),
    "`genie_multistep`, a slope paid as a call": ("genie_multistep", 2),
    "`genie_log`, a slope paid as a call": ("genie_log", 2),
}
"""Row of the table -> solver, and the calls that a step is charged with."""
RIVALS_TABLE = Path(__file__).resolve().parent.parent / "data" / "solver_study_rivals.csv"


class Score(NamedTuple):
    """Median error, and its spread over starts and over seeds as ratios."""

    error: float
    starts: float
    seeds: float


def score(distance: torch.Tensor) -> Score:
    """Distances (SEEDS, STARTS) -> Score; a run that overflowed is infinitely far off."""
    distance = distance.nan_to_num(nan=math.inf)
    medians = distance.quantile(0.5, dim=1)
    low, high = distance.flatten().quantile(torch.tensor([0.1, 0.9], dtype=torch.float64)).tolist()
    return Score(float(medians.median()), high / low, float(medians.max() / medians.min()))


def measure(mixture: ge.GaussianMixture) -> dict[tuple[str, str, int], Score]:
    """All runs on one mixture: {(solver, spacing, calls): Score}."""
    flow = ge.AnalyticFlow(mixture)
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(SEEDS * STARTS, 2, generator=generator, dtype=torch.float64)
    ends = flow.schedule.gamma(torch.tensor([1.0, 1e-3], dtype=torch.float64))
    start = noise * torch.sqrt(1 + ends[0] ** 2)
    exact = ge.exact_solution(flow, start, ends)[-1]
    scores = {}
    for spacing in SPACINGS:
        for calls in CALLS:
            for solver, row in ge.SOLVERS.items():
                if calls % row.nfe_per_step:
                    continue
                n_steps = calls // row.nfe_per_step
                gammas = flow.schedule.gamma(ge.time_grid(n_steps, spacing))
                run = ge.solve(flow, start, gammas, solver)
                assert run.nfe == calls
                distance = (run.x_bar[-1] - exact).norm(dim=1).reshape(SEEDS, STARTS)
                scores[solver, spacing, calls] = score(distance)
    return scores


def show(name: str, scores: dict[tuple[str, str, int], Score]) -> None:
    """Tables of one mixture."""
    for spacing in SPACINGS:
        print(f"\n{name}, {spacing} grid: error (spread over starts, over seeds)")
        print(" " * 16 + "".join(f"{calls:>19}" for calls in CALLS))
        for solver in ge.SOLVERS:
            cells = [scores.get((solver, spacing, calls)) for calls in CALLS]
            print(
                f"{solver:<16}"
                + "".join(
                    f"{s.error:>9.1e} ({s.starts:3.0f},{s.seeds:4.1f})" if s else f"{'-':>19}"
                    for s in cells
                )
            )
    print(f"\n{name}: the best of all solvers and grids, and {OURS} over the best rival")
    for calls in CALLS:
        best = min((k for k in scores if k[2] == calls), key=lambda k: scores[k].error)
        ratio = best_error(scores, [OURS], calls) / best_error(scores, RIVALS, calls)
        error = scores[best].error
        print(f"{calls:>4}  {best[0]:<16}{best[1]:<10} {error:.1e}   ratio {ratio:.2f}")


def best_error(scores: dict[tuple[str, str, int], Score], solvers: object, calls: int) -> float:
    """Smallest error of any of the solvers on any grid."""
    return min(s.error for k, s in scores.items() if k[0] in solvers and k[2] == calls)


def show_means(results: dict[str, dict[tuple[str, str, int], Score]]) -> None:
    """Every solver over the best rival: geometric means over the mixtures, and our losses."""
    print(f"\ngeometric mean over {', '.join(results)}; each solver on its best grid:")
    print(f"error over that of the best of {', '.join(RIVALS)}")
    print(" " * 16 + "".join(f"{calls:>8}" for calls in CALLS))
    for solver, row in ge.SOLVERS.items():
        cells = []
        for calls in CALLS:
            if calls % row.nfe_per_step:
                cells.append(f"{'-':>8}")
                continue
            ratios = [
                best_error(s, [solver], calls) / best_error(s, RIVALS, calls)
                for s in results.values()
            ]
            cells.append(f"{math.prod(ratios) ** (1 / len(ratios)):>8.3f}")
        print(f"{solver:<16}" + "".join(cells))
    losses = [
        sum(best_error(s, [OURS], n) > best_error(s, RIVALS, n) for s in results.values())
        for n in CALLS
    ]
    print(f"{'ours loses on':<16}" + "".join(f"{n:>8}" for n in losses))


def study(mixture: ge.GaussianMixture) -> dict[str, list[float]]:
    """Each contender's error over that of the best rival, both on their best grid, by calls."""
    flow = ge.AnalyticFlow(mixture)
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(STUDY_STARTS, 2, generator=generator, dtype=torch.float64)
    ends = flow.schedule.gamma(torch.tensor([1.0, 1e-3], dtype=torch.float64))
    start = noise * torch.sqrt(1 + ends[0] ** 2)
    exact = ge.exact_solution(flow, start, ends)[-1]

    def best(solver: str | Step, n_steps: int) -> float:
        grids = (flow.schedule.gamma(ge.time_grid(n_steps, s)) for s in SPACINGS)
        ends = (ge.solve(flow, start, gammas, solver).x_bar[-1] for gammas in grids)
        return min(ge.end_point_error(end, exact) for end in ends)

    rival = {n: min(best(name, n) for name in RIVALS) for n in STUDY_CALLS}
    return {
        row: [best(solver, n // price) / rival[n] for n in STUDY_CALLS]
        for row, (solver, price) in CONTENDERS.items()
    }


def write_rivals() -> None:
    """Geometric means over the twenty mixtures, and how many of them our two methods lose."""
    found = [study(mixture) for seed in DRAWS for mixture in drawn(seed).values()]
    with RIVALS_TABLE.open("w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["method", *STUDY_CALLS])
        for row in CONTENDERS:
            columns = zip(*(ratios[row] for ratios in found), strict=True)
            means = [math.exp(sum(map(math.log, c)) / len(c)) for c in columns]
            table.writerow([row, *(f"{mean:.2g}" for mean in means)])
        for row in list(CONTENDERS)[:2]:
            columns = zip(*(ratios[row] for ratios in found), strict=True)
            losses = [sum(ratio > 1 for ratio in c) for c in columns]
            table.writerow([f"{row}: losses among the {len(found)}", *losses])
    print(RIVALS_TABLE.read_text())


def main() -> None:
    """Print the tables of three mixtures, their means, and the means over five drawn ones."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rivals", action="store_true", help="write the study's table of rivals")
    if parser.parse_args().rivals:
        write_rivals()
        return
    results = {name: measure(ge.GaussianMixture(**ge.TOYS[name])) for name in MIXTURES}
    for name, scores in results.items():
        show(name, scores)
    show_means(results)
    print(f"\nfive mixtures drawn from seed {HELD_OUT} (benchmarks/_mixtures.py):")
    show_means({kind: measure(mixture) for kind, mixture in drawn(HELD_OUT).items()})


if __name__ == "__main__":
    main()
