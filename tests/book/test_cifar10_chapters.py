"""The CIFAR-10 chapters with a recorded run in place, and without: every cell runs either way.

The run is a tiny one, so that nothing here is a result; what a chapter asserts of the recorded run
must therefore hold for any run.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import jupytext
import pytest
import torch

import genie_edu as ge
from conftest import BOOK, ROOT
from genie_edu.cli import main
from genie_edu.exercises import NotYet

TINY = "cifar10-tiny"
STEMS = sorted(path.stem for path in BOOK.glob("1[345]_*.md"))
ABLATIONS = ROOT / "benchmarks" / "cifar10_ablations.py"
NOT_RUN = {"setup", "gpu", "nbval-skip"}
NOT_YET = "not yet measured"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """All that `make gpu` leaves, of a tiny run. GENIE_EDU_TINY_RUN names one made before."""
    if os.environ.get("GENIE_EDU_TINY_RUN"):
        return Path(os.environ["GENIE_EDU_TINY_RUN"])
    folder = tmp_path_factory.mktemp("cifar10")
    assert main(["run", TINY, "--cpu", "--folder", str(folder)]) == 0
    command = [sys.executable, str(ABLATIONS), "--preset", TINY, "--cpu", "--steps", "2"]
    command += ["--folder", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


def place(monkeypatch, folder: Path | None) -> None:
    """Let the shipped files of CIFAR-10 be those of `folder`; None: no run is shipped."""
    has, shipped = ge.data.has, ge.data.shipped

    def there(path: Path) -> bool:
        """As tools/artefacts.py lists a run's files: all but the copies of the weights' cards."""
        weights = path.with_suffix(".safetensors")
        return path.is_file() and (path == weights or not weights.is_file())

    def found(name: str) -> Path | None:
        """Where a file of the run is, or would be; None for files of another origin."""
        group, _, rest = name.partition("/")
        if group != "cifar10" or rest.startswith("sample."):
            return None
        path = (folder or Path("nowhere")) / rest
        return path if path.suffix else path.with_suffix(".safetensors")

    monkeypatch.setattr(
        ge.data, "has", lambda name: has(name) if found(name) is None else there(found(name))
    )
    monkeypatch.setattr(ge.data, "shipped", lambda name: found(name) or shipped(name))


def run(stem: str, left_out: set[str] = NOT_RUN) -> None:
    """Execute a chapter's cells in one scope, but for those with one of the tags."""
    scope = {"__name__": "__main__"}
    for cell in jupytext.read(BOOK / f"{stem}.md", fmt="md:myst").cells:
        tags = set(cell.metadata.get("tags", []))
        if cell.cell_type == "code" and not left_out & tags:
            code = compile(cell.source, f"{stem}: {cell.source.splitlines()[0]}", "exec")
            unsolved = "raises-exception" in tags
            with pytest.raises(NotYet) if unsolved else contextlib.nullcontext():
                exec(code, scope)


@pytest.mark.parametrize("stem", STEMS)
def test_a_chapter_runs_with_a_recorded_run(stem, folder, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    place(monkeypatch, folder)
    run(stem)
    assert NOT_YET not in capsys.readouterr().out.lower()


@pytest.mark.parametrize("stem", STEMS)
def test_all_cells_run_without_a_run_or_a_gpu_and_say_so_once(stem, tmp_path, monkeypatch, capsys):
    """As "Run all" does, the cells for a GPU included: they do nothing, and nothing is fetched."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(ge.cifar10, "load", lambda *_: pytest.fail("fetches CIFAR-10"))
    place(monkeypatch, None)
    run(stem, {"setup"})
    said = capsys.readouterr().out.lower()
    assert said.count(NOT_YET) == 1 and "genie-edu run cifar10" in said
