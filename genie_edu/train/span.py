"""What no weights of a solver's directions reach: the part of a step that is out of their span."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import torch
from torch import Tensor

from genie_edu.flow import Flow
from genie_edu.train.fit import directions


def out_of_span(
    flow: Flow, gammas: Tensor, path: Tensor, terms: Sequence[str], others: Tensor | None = None
) -> list[float]:
    """The share of each increment of a path (N+1, B, *shape) that no weights of `terms` reach.

    Weights by least squares over the path's starts; with `others` the shares are those of a second
    path, which had no part in them.
    """
    paths = [path] if others is None else [path, others]
    memories, left = [None] * len(paths), []
    for n, pair in enumerate(itertools.pairwise(gammas.tolist())):
        sides = []
        for i, whole in enumerate(paths):
            known, memories[i] = directions(flow, whole[n], *pair, memories[i], terms)
            offered = torch.stack([part.flatten() for part in known.values()], dim=1)
            sides.append((offered, (whole[n + 1] - whole[n]).flatten()))
        best = torch.linalg.lstsq(sides[0][0], sides[0][1][:, None]).solution[:, 0]
        offered, wanted = sides[-1]
        left.append(float((wanted - offered @ best).norm() / wanted.norm()))
    return left
