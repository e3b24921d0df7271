"""genie_edu: higher-order solvers for diffusion models, taught from exact examples.

The public names below load on first use (PEP 562), so that `import genie_edu` stays quick and pages
can be rendered without torch.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "VPSchedule": "schedule",
    "time_grid": "schedule",
    "GaussianMixture": "mixture",
    "Flow": "flow",
    "AnalyticFlow": "flow",
    "NetworkFlow": "flow",
    "total_derivative": "derivative",
    "flow_derivatives": "derivative",
    "EpsMLP": "networks",
    "GenieHead": "head",
    "UNet": "unet",
    "Settings": "training",
    "train_eps": "training",
    "distill_head": "training",
    "SOLVERS": "solvers",
    "Solver": "solvers",
    "Trajectory": "solvers",
    "solve": "solvers",
    "encode": "solvers",
    "sample": "solvers",
    "end_point_error": "metrics",
    "exact_solution": "metrics",
    "frechet_distance": "metrics",
    "observed_order": "metrics",
    "TOYS": "toys",
    "explore": "explore",
    "glue": "notebook",
    "SolverLab": "lab",
}
_MODULES = (
    "adapters",
    "checkpoints",
    "cifar10",
    "data",
    "evaluation",
    "exercises",
    "images",
    "lab",
    "metrics",
    "networks",
    "palette",
    "plots",
    "presets",
    "tables",
    "toys",
    "training",
)

__all__ = [*_HOME, *_MODULES]

if TYPE_CHECKING:
    from genie_edu.derivative import flow_derivatives as flow_derivatives
    from genie_edu.derivative import total_derivative as total_derivative
    from genie_edu.explore import explore as explore
    from genie_edu.flow import AnalyticFlow as AnalyticFlow
    from genie_edu.flow import Flow as Flow
    from genie_edu.flow import NetworkFlow as NetworkFlow
    from genie_edu.head import GenieHead as GenieHead
    from genie_edu.lab import SolverLab as SolverLab
    from genie_edu.metrics import end_point_error as end_point_error
    from genie_edu.metrics import exact_solution as exact_solution
    from genie_edu.metrics import frechet_distance as frechet_distance
    from genie_edu.metrics import observed_order as observed_order
    from genie_edu.mixture import GaussianMixture as GaussianMixture
    from genie_edu.networks import EpsMLP as EpsMLP
    from genie_edu.notebook import glue as glue
    from genie_edu.schedule import VPSchedule as VPSchedule
    from genie_edu.schedule import time_grid as time_grid
    from genie_edu.solvers import SOLVERS as SOLVERS
    from genie_edu.solvers import Solver as Solver
    from genie_edu.solvers import Trajectory as Trajectory
    from genie_edu.solvers import encode as encode
    from genie_edu.solvers import sample as sample
    from genie_edu.solvers import solve as solve
    from genie_edu.toys import TOYS as TOYS
    from genie_edu.training import Settings as Settings
    from genie_edu.training import distill_head as distill_head
    from genie_edu.training import train_eps as train_eps
    from genie_edu.unet import UNet as UNet


def __getattr__(name: str) -> Any:
    if name in _HOME:
        value = getattr(importlib.import_module(f"genie_edu.{_HOME[name]}"), name)
        # The function `explore` shares its module's name; importing the module would shadow it.
        globals()[name] = value
        return value
    if name in _MODULES:
        return importlib.import_module(f"genie_edu.{name}")
    raise AttributeError(f"module 'genie_edu' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
