"""The project as a whole: what is vendored, pinned, counted and installed."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import types
import venv
from pathlib import Path

import pytest

from conftest import BOOK, ROOT

sys.path.insert(0, str(ROOT / "tools"))
import build_site  # noqa: E402
import readme  # noqa: E402
import setup_cell  # noqa: E402

VENDORED = [BOOK / "_static" / "vendor", ROOT / "tests" / "vendor"]
WANTED = ("plotly", "ipywidgets", "anywidget", "scipy", "safetensors", "accelerate")


def run(code: str, *, python: str = sys.executable, **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run([python, "-c", code], capture_output=True, text=True, **options)


# ---- vendored files and pins ---------------------------------------------------------------------


@pytest.mark.parametrize("folder", VENDORED, ids=lambda folder: folder.parent.name)
def test_vendored_files_are_the_ones_listed(folder):
    listed = json.loads((folder / "VENDORED.json").read_text())
    there = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "VENDORED.json"
    }
    assert there == listed["sha256"]
    for name, package in listed["packages"].items():
        assert package["version"] and package["licence"]
        assert (folder / name / "LICENSE").is_file()


def test_the_figures_script_is_the_one_that_plotly_writes_for():
    from plotly.offline import get_plotlyjs_version

    script = BOOK / "_static" / "vendor" / "plotly" / "plotly-cartesian.min.js"
    assert f"v{get_plotlyjs_version()}\n" in script.read_text()[:300]


def test_every_requirement_is_an_exact_pin_and_is_installed():
    from importlib.metadata import version

    lines = [
        line
        for name in ("requirements.txt", "requirements-book.txt")
        for line in (ROOT / name).read_text().splitlines()
        if line and not line.startswith(("#", "-r"))
    ]
    assert len(lines) == len({line.split("==")[0].lower() for line in lines}) > 100
    for line in lines:
        name, pin = line.split("==")
        if name != "torch":
            assert version(name) == pin, name


def test_rendering_needs_no_torch():
    names = (ROOT / "requirements-book.txt").read_text()
    assert not re.search(r"^(torch|scipy|plotly|anywidget)\b", names, re.M)
    code = """
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("torch", "scipy", "plotly", "anywidget", "ipywidgets"):
            raise ImportError(name)
sys.meta_path.insert(0, Block())
import genie_book, genie_edu.show.palette, genie_edu.toys
from genie_edu.lab import placeholder
assert "genie-lab" in placeholder("landing")
"""
    done = run(code)
    assert done.returncode == 0, done.stderr


def test_importing_the_library_sets_nothing_global_and_loads_little():
    code = """
import sys, torch
state = torch.random.get_rng_state(), torch.get_default_dtype()
import genie_edu
genie_edu.GaussianMixture, genie_edu.solve
assert (torch.random.get_rng_state() == state[0]).all() and torch.get_default_dtype() == state[1]
heavy = {"plotly", "anywidget", "ipywidgets", "IPython", "scipy", "matplotlib", "pandas"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
"""
    done = run(code)
    assert done.returncode == 0, done.stderr


# ---- README, line counts, house rules ------------------------------------------------------------


def test_the_readme_is_up_to_date_and_its_code_runs():
    assert readme.render() == readme.README.read_text(), "run: python tools/readme.py"
    block = re.search(r"```python\n(.*?)```", readme.README.read_text(), re.S).group(1)
    done = run(block + "\nassert (path.nfe, path.n_derivatives) == (10, 10)")
    assert done.returncode == 0, done.stderr


def test_data_files_are_described():
    described = (ROOT / "data" / "README.md").read_text()
    for path in (ROOT / "data").rglob("*"):
        if path.is_file() and path.name != "README.md" and ".run." not in path.name:
            assert f"`{path.relative_to(ROOT / 'data').as_posix()}`" in described, path.name


def test_the_citation_and_the_packages_have_one_version():
    import tomllib

    import genie_edu

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    citation = (ROOT / "CITATION.cff").read_text()
    assert project["version"] == genie_edu.__version__
    assert re.search(rf"^version: {re.escape(project['version'])}$", citation, re.M)


# ---- the setup cell ------------------------------------------------------------------------------


class Calls:
    """Stands in for subprocess, and keeps what it was asked to run."""

    def __init__(self) -> None:
        self.commands: list[list[str]] = []

    def run(self, command, check):
        assert check
        self.commands.append(command[5:])


def run_cell(monkeypatch, folder: Path, absent: tuple[str, ...], address: str = "") -> Calls:
    """Run the setup cell where some packages are absent, without installing anything."""
    import importlib.util

    calls = Calls()
    monkeypatch.setenv("GENIE_EDU_BOOK", "")  # so that what the cell sets is taken back
    del os.environ["GENIE_EDU_BOOK"]
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name in absent else real(name)
    )
    monkeypatch.setitem(sys.modules, "subprocess", calls)
    monkeypatch.chdir(folder)
    monkeypatch.setattr(setup_cell, "book_address", lambda: address)
    exec(setup_cell.setup_cell(), {})
    return calls


def test_the_setup_cell_does_nothing_where_the_library_is(monkeypatch, tmp_path, capsys):
    assert run_cell(monkeypatch, tmp_path, ()).commands == []
    assert capsys.readouterr().out == ""


def test_the_setup_cell_takes_the_wheel_beside_it_first(monkeypatch, tmp_path):
    (tmp_path / "genie_edu-0.1.0-py3-none-any.whl").touch()
    calls = run_cell(monkeypatch, tmp_path, ("genie_edu", "anywidget"), "https://example.org/b")
    first, second = calls.commands
    assert first == ["--no-deps", "genie_edu-0.1.0-py3-none-any.whl"]
    assert second[1:] == ["anywidget"]
    import numpy

    assert second[0] == f"numpy=={numpy.__version__}", "numpy stays as it is"


def test_the_setup_cell_goes_to_the_published_address(monkeypatch, tmp_path):
    calls = run_cell(monkeypatch, tmp_path, ("genie_edu",), "https://example.org/b")
    name = setup_cell.wheel_name()
    assert calls.commands[0] == ["--no-deps", f"https://example.org/b/notebooks/{name}"]
    assert len(calls.commands[1]) == 1 and calls.commands[1][0].startswith("numpy==")
    assert os.environ["GENIE_EDU_BOOK"] == "https://example.org/b", "where weights come from"


def test_the_setup_cell_says_so_when_there_is_no_wheel(monkeypatch, tmp_path, capsys):
    assert run_cell(monkeypatch, tmp_path, ("genie_edu",)).commands == []
    said = capsys.readouterr().out
    assert "genie_edu was not found" in said and said.count("\n") == 1


def test_the_setup_cell_enables_colabs_widgets(monkeypatch, tmp_path):
    enabled = []
    output = types.SimpleNamespace(enable_custom_widget_manager=lambda: enabled.append(True))
    monkeypatch.setitem(sys.modules, "google.colab", types.SimpleNamespace(output=output))
    run_cell(monkeypatch, tmp_path, ())
    assert enabled == [True]


def test_the_setup_cell_really_installs_the_shipped_wheel(tmp_path):
    build_site.build_wheel(tmp_path)
    venv.create(tmp_path / "env", with_pip=True, symlinks=True)
    python = next((tmp_path / "env").glob("*/python"))
    present = tmp_path / "present"
    for name in WANTED:
        (present / name).mkdir(parents=True)
        (present / name / "__init__.py").touch()
    (present / "numpy-9.9.dist-info").mkdir()
    (present / "numpy-9.9.dist-info" / "METADATA").write_text("Name: numpy\nVersion: 9.9\n")
    (present / "numpy").mkdir()
    (present / "numpy" / "__init__.py").touch()
    environment = {**os.environ, "PYTHONPATH": str(present), "PIP_NO_INDEX": "1"}
    check = "\nimport genie_edu; print(genie_edu.__file__)"
    options = {"cwd": tmp_path, "env": environment}
    done = run(setup_cell.setup_cell() + check, python=str(python), **options)
    assert done.returncode == 0, done.stdout + done.stderr
    assert str(tmp_path / "env") in done.stdout
    lab = "from importlib.resources import files as f; p = f('genie_edu') / 'lab'\n"
    lab += "assert (p / 'solver_lab.js').is_file() and (p / 'lab.css').is_file()\n"
    lab += "assert (p / 'scenarios.json').is_file() and (p / 'posters').is_dir()\n"
    lab += "assert (p / 'generated' / 'lab_networks.js').is_file() and not (p / 'src').exists()"
    assert run(lab, python=str(python), **options).returncode == 0
