"""The mathematics: clocks, mixtures, flows, their derivatives, solvers, and what an error is.

genie_edu teaches higher-order solvers for diffusion models from exact examples. The public names
below load on first use (PEP 562), so that `import genie_edu` stays quick and pages can be rendered
without torch.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from genie_edu._names import VERSION

__version__ = VERSION

_HOME = {
    "VPSchedule": "schedule",
    "time_grid": "schedule",
    "GaussianMixture": "mixture",
    "Flow": "flow",
    "AnalyticFlow": "flow",
    "NetworkFlow": "flow",
    "GuidedFlow": "guidance",
    "SumOfDerivativesFlow": "guidance",
    "total_derivative": "derivative",
    "flow_derivatives": "derivative",
    "EpsMLP": "nets.mlp",
    "GenieHead": "nets.head",
    "GuidedHead": "nets.guided_head",
    "UNet": "nets.unet",
    "Settings": "train.run_state",
    "train_eps": "train.training",
    "distill_head": "train.training",
    "fit_solver": "train.fit",
    "load_solver": "train.fit",
    "distill_guided_head": "train.guided",
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
    "explore": "show.explore",
    "glue": "show.notebook",
    "SolverLab": "lab",
}
_MODULES = {
    "adapters": "nets.adapters",
    "checkpoints": "nets.checkpoints",
    "cifar10": "datasets.cifar10",
    "data": "datasets.data",
    "evaluation": "evaluation",
    "exercises": "exercises",
    "images": "datasets.images",
    "lab": "lab",
    "metrics": "metrics",
    "networks": "nets",
    "palette": "show.palette",
    "plots": "show.plots",
    "presets": "recipes.presets",
    "tables": "judge.tables",
    "toys": "toys",
    "training": "train.training",
}

__all__ = [*_HOME, *_MODULES]

if TYPE_CHECKING:
    from genie_edu.derivative import flow_derivatives as flow_derivatives
    from genie_edu.derivative import total_derivative as total_derivative
    from genie_edu.flow import AnalyticFlow as AnalyticFlow
    from genie_edu.flow import Flow as Flow
    from genie_edu.flow import NetworkFlow as NetworkFlow
    from genie_edu.guidance import GuidedFlow as GuidedFlow
    from genie_edu.guidance import SumOfDerivativesFlow as SumOfDerivativesFlow
    from genie_edu.lab import SolverLab as SolverLab
    from genie_edu.metrics import end_point_error as end_point_error
    from genie_edu.metrics import exact_solution as exact_solution
    from genie_edu.metrics import frechet_distance as frechet_distance
    from genie_edu.metrics import observed_order as observed_order
    from genie_edu.mixture import GaussianMixture as GaussianMixture
    from genie_edu.nets.guided_head import GuidedHead as GuidedHead
    from genie_edu.nets.head import GenieHead as GenieHead
    from genie_edu.nets.mlp import EpsMLP as EpsMLP
    from genie_edu.nets.unet import UNet as UNet
    from genie_edu.schedule import VPSchedule as VPSchedule
    from genie_edu.schedule import time_grid as time_grid
    from genie_edu.show.explore import explore as explore
    from genie_edu.show.notebook import glue as glue
    from genie_edu.solvers import SOLVERS as SOLVERS
    from genie_edu.solvers import Solver as Solver
    from genie_edu.solvers import Trajectory as Trajectory
    from genie_edu.solvers import encode as encode
    from genie_edu.solvers import sample as sample
    from genie_edu.solvers import solve as solve
    from genie_edu.toys import TOYS as TOYS
    from genie_edu.train.fit import fit_solver as fit_solver
    from genie_edu.train.fit import load_solver as load_solver
    from genie_edu.train.guided import distill_guided_head as distill_guided_head
    from genie_edu.train.run_state import Settings as Settings
    from genie_edu.train.training import distill_head as distill_head
    from genie_edu.train.training import train_eps as train_eps


def __getattr__(name: str) -> Any:
    if name in _HOME:
        value = getattr(importlib.import_module(f"genie_edu.{_HOME[name]}"), name)
        globals()[name] = value
        return value
    if name in _MODULES:
        return importlib.import_module(f"genie_edu.{_MODULES[name]}")
    raise AttributeError(f"module 'genie_edu' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
