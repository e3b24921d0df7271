"""What importing genie_edu loads, and what it says when an optional package is missing."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("plotly", "anywidget", "ipywidgets", "scipy", "IPython", "matplotlib", "jupyter_core")


def run(code: str) -> str:
    """Standard output of `code` in a fresh interpreter."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_import_loads_at_most_torch_and_numpy() -> None:
    code = f"import sys, genie_edu; print([m for m in {HEAVY} if m in sys.modules])"
    assert run(code) == "[]"


def test_import_alone_does_not_even_load_torch() -> None:
    assert run("import sys, genie_edu; print('torch' in sys.modules)") == "False"


def test_the_core_adds_nothing_to_torch_and_numpy() -> None:
    code = (
        "import sys, numpy, torch, torch.func; before = set(sys.modules)\n"
        "import genie_edu as ge\n"
        "flow = ge.AnalyticFlow(ge.GaussianMixture([1.0], [[0.0, 0.0]], [[[1, 0], [0, 1]]]))\n"
        "ge.sample(flow, (4, 2)); ge.SOLVERS, ge.end_point_error, ge.observed_order, ge.TOYS\n"
        "new = {name.split('.')[0] for name in set(sys.modules) - before}\n"
        f"print(sorted(new & set({HEAVY})))"
    )
    assert run(code) == "[]"


def test_every_public_name_is_there() -> None:
    code = (
        "import genie_edu as ge\n"
        "print([name for name in ge.__all__ if not hasattr(ge, name)], callable(ge.explore))"
    )
    assert run(code) == "[] True"


def test_what_pages_need_works_without_torch() -> None:
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "import genie_edu, genie_edu.toys, genie_edu.lab\n"
        "from genie_edu.show import palette, plots\n"
        "print(len(genie_edu.TOYS) > 0, 'genie-lab' in genie_edu.lab.placeholder('landing'))\n"
        "curves = plots.curves\n"
        "print(len(curves([1], {'genie': [3]}, x_title='x', y_title='y', alt='A').data))"
    )
    assert run(code).split() == ["True", "True", "1"]


@pytest.mark.parametrize(
    ("package", "code"),
    [
        ("plotly", "ge.plots.curves([1], {'a': [1]}, x_title='x', y_title='y', alt='A')"),
        ("ipywidgets", "ge.explore"),
        ("anywidget", "ge.SolverLab"),
        ("scipy", "ge.exact_solution(flow, [[0.0, 0.0]], [2.0, 1.0])"),
    ],
)
def test_a_missing_optional_package_names_the_command(package: str, code: str) -> None:
    setup = (
        f"import sys; sys.modules['{package}'] = None\n"
        "import genie_edu as ge\n"
        "flow = ge.AnalyticFlow(ge.GaussianMixture([1.0], [[0.0, 0.0]], [[[1, 0], [0, 1]]]))\n"
        f"try:\n    {code}\nexcept ImportError as error:\n    print(error)"
    )
    said = run(setup)
    assert f"pip install {package}" in said
    assert len(said.splitlines()) == 1
