"""The head of guided flows: it reads the base under both labels, and how far guidance goes."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from genie_edu.nets.forward_mode import Linear
from genie_edu.nets.head import GenieHead

TYPICAL_WEIGHT = 4.0
"""The largest w that heads of the book are distilled for; what it reads is w over this."""


class GuidedHead(nn.Module):
    """head(x_bar, gamma, eps_w, w, *features) -> d eps_w/dgamma along the guided flow, for images.

    A GenieHead on the features of `GuidedFlow.features`, twice as many channels as `feature_sizes`
    of the base, whose level also takes in w (a number or (B,)). `options` are GenieHead's.
    Raises ValueError, TypeError as GenieHead does.
    Source: genie_edu book, chapter 16.
    """

    def __init__(self, channels: int, feature_sizes: tuple[int, ...], **options: Any) -> None:
        super().__init__()
        self.feature_sizes = tuple(feature_sizes)
        doubled = tuple(2 * n for n in feature_sizes)
        self.head = GenieHead(channels, doubled, image=True, **options)
        self.weight = Linear(2, doubled[1])

    @property
    def config(self) -> dict[str, Any]:
        """The arguments that rebuild this head."""
        options = {k: v for k, v in self.head.config.items() if k != "image"}
        return options | {"feature_sizes": self.feature_sizes}

    def forward(
        self,
        x_bar: Tensor,
        gamma: Any,
        eps: Tensor,
        w: float | Tensor,
        hidden: Tensor,
        level: Tensor,
        *coarser: Tensor,
    ) -> Tensor:
        """d eps_w/dgamma (B, *shape); eps is the guided prediction, the rest its features."""
        w = torch.as_tensor(w, device=level.device).to(level).reshape(-1, 1).expand(len(level), 1)
        read = torch.cat([w / TYPICAL_WEIGHT, w / (1 + w.abs())], dim=1)
        return self.head(x_bar, gamma, eps, hidden, level + self.weight(read), *coarser)
