"""A small classifier: its features give the Frechet distance where Inception's can't be had."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from genie_edu import _checks
from genie_edu._names import one_of, positive_int, wholes

NORMS = ("group", "batch")


class Classifier(nn.Module):
    """net(x) -> logits (B, classes) for images x (B, channels, size, size) in [-1, 1].

    Two 3x3 convolutions a width, the first of every width but the first one halving the side, and
    with `residual` two more, added to their input; the mean over pixels; a layer of `features`
    units, which `features=True` returns beside the logits. `norm` is "group", eight groups a layer,
    or "batch": learns faster, and depends on who shares a batch while it does. Raises ValueError or
    TypeError for bad sizes (widths are multiples of 8: the groups), and for other images.
    """

    def __init__(
        self,
        channels: int = 1,
        widths: tuple[int, ...] = (32, 64, 128),
        features: int = 64,
        classes: int = 10,
        residual: bool = False,
        norm: str = "group",
    ) -> None:
        super().__init__()
        channels, features = positive_int("channels", channels), positive_int("features", features)
        widths, classes = wholes("widths", widths), positive_int("classes", classes)
        one_of("norm", norm, NORMS)
        if not widths or any(width % 8 for width in widths):
            raise ValueError(f"widths must be one or more multiples of 8; got {list(widths)}")
        self.config = {
            "channels": channels,
            "widths": list(widths),
            "features": features,
            "classes": classes,
            "residual": residual,
            "norm": norm,
        }
        layers: list[nn.Module] = []
        for i, (before, width) in enumerate(zip((channels, *widths), widths, strict=False)):
            stride = 2 if i else 1
            layers += [_layer(before, width, stride, norm), _layer(width, width, 1, norm)]
            if residual:
                layers.append(Residual(*(_layer(width, width, 1, norm) for _ in range(2))))
        self.convolutions = nn.Sequential(*layers)
        self.hidden = nn.Linear(widths[-1], features)
        self.out = nn.Linear(features, classes)

    def forward(self, x: Tensor, features: bool = False) -> Tensor | tuple[Tensor, Tensor]:
        """Logits (B, classes); with `features` also the features (B, features)."""
        inner = tuple(getattr(x, "shape", ())[2:])
        _checks.states("x", x, (self.config["channels"], *(inner or ("H", "W"))), self.out)
        hidden = torch.relu(self.hidden(self.convolutions(x).mean(dim=(2, 3))))
        return (self.out(hidden), hidden) if features else self.out(hidden)


class Residual(nn.Sequential):
    """Layers that are added to their input."""

    def forward(self, x: Tensor) -> Tensor:
        """Any shape that the layers keep."""
        return x + super().forward(x)


def _layer(before: int, width: int, stride: int, norm: str) -> nn.Sequential:
    convolution = nn.Conv2d(before, width, 3, stride, padding=1, bias=False)
    normalize = nn.GroupNorm(8, width) if norm == "group" else nn.BatchNorm2d(width)
    return nn.Sequential(convolution, normalize, nn.ReLU())
