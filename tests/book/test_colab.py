"""Colab, simulated: its packages and widgets, no book tooling; chapters run to their end."""

from __future__ import annotations

import functools
import hashlib
import http.server
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
import venv
from pathlib import Path
from typing import NamedTuple

import nbformat
import pytest
from filelock import FileLock
from nbclient import NotebookClient

from conftest import BOOK, LOOPBACK, ROOT, QuietHandler, shared_by_workers, unavailable

sys.path.insert(0, str(ROOT / "tools"))
import notebooks  # noqa: E402
from setup_cell import TEMPLATE, wheel_name  # noqa: E402

TRIED = ("01", "05", "11", "12", "13")
STEMS = sorted(path.stem for path in BOOK.glob("*.ipynb") if path.stem[:2] in TRIED)
CELL_TIMEOUT = 240

# What Colab had, by the list it published in February 2026; ipywidgets stays at major 7 (7.7.1).
# Old on purpose: an upgrade that the setup cell causes shows, and so does what needs newer widgets.
PREINSTALLED = [
    "accelerate==1.12.0",
    "ipykernel==6.17.1",
    "ipython==7.34.0",
    "ipywidgets==7.7.1",
    "jupyter_client==7.4.9",
    "notebook==6.5.7",
    'numpy==2.0.2; python_version < "3.13"',
    'numpy<2.4; python_version >= "3.13"',
    "pillow==11.3.0",
    "plotly==5.24.1",
    "requests==2.32.4",
    "safetensors==0.7.0",
    "scikit-learn==1.6.1",
    "scipy==1.16.3",
    "tqdm==4.67.3",
    "traitlets==5.7.1",
]
ADDED = {"genie_edu", "anywidget", "psygnal"}
"""What the setup cell may add: the library, what was missing, and what that needs itself."""
NOT_THERE = {"anywidget", "genie_edu", "jupyter_book", "jupytext", "myst_nb", "nbval", "sphinx"}

COLAB_MODULE = """
class output:
    enabled = 0

    def enable_custom_widget_manager():
        output.enabled += 1
"""
PROBE = """
import google.colab, genie_edu, ipywidgets, json
print(json.dumps([google.colab.output.enabled, ipywidgets.__version__, genie_edu.__file__]))
"""


class Colab(NamedTuple):
    """The simulated runtime: its folder, its Python, its packages' folder."""

    folder: Path
    python: Path
    packages: Path

    def installed(self) -> dict[str, int]:
        """Each installed package's name-version, and when it was installed."""
        found = self.packages.glob("*.dist-info")
        return {path.name.removesuffix(".dist-info"): path.stat().st_mtime_ns for path in found}

    def environment(self, address: str = "") -> dict[str, str]:
        """The kernel's environment variables: nothing of the tests' own, a home of its own."""
        own = ("PYTHON", "PLOTLY", "JUPYTER", "IPYTHON", "GENIE_EDU", "XDG_", "VIRTUAL_ENV")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(own)}
        named = {"GENIE_EDU_BOOK": address} if address else {}
        home = {"XDG_CACHE_HOME": self.folder / "cache", "IPYTHONDIR": self.folder / "ipython"}
        return {**kept, **named, **{name: str(path) for name, path in home.items()}}


def pip(python: Path | str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(python), "-m", "pip", "--disable-pip-version-check", *arguments]
    return subprocess.run(command, capture_output=True, text=True)


def make(colab: Colab, requirements: list[str]) -> None:
    """Install it; give its kernel the module by which a notebook knows Colab."""
    probe = ["download", "--no-deps", "--no-cache-dir", "-d", str(colab.folder), "psygnal"]
    tried = pip(sys.executable, *probe)
    if tried.returncode:
        unavailable(f"pip reaches no packages: {tried.stderr.strip().splitlines()[-1]}")
    venv.create(colab.folder / "env", with_pip=True, symlinks=True, clear=True)
    options = shlex.split(os.environ.get("TORCH_OPTIONS", ""))
    options += ["--quiet", "--prefer-binary", "--no-compile"]
    done = pip(colab.python, "install", *options, *requirements)
    assert done.returncode == 0, done.stderr[-2000:]
    (colab.packages / "google" / "colab").mkdir(parents=True)
    (colab.packages / "google" / "colab" / "__init__.py").write_text(COLAB_MODULE)
    kernel = colab.folder / "jupyter" / "kernels" / "colab"
    kernel.mkdir(parents=True, exist_ok=True)
    start = [str(colab.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    start += ["--IPKernelApp.exec_lines=import google.colab"]
    spec = {"argv": start, "display_name": "Colab", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(spec))


@pytest.fixture(scope="session")
def colab(tmp_path_factory):
    """An environment like Colab's, and a kernelspec; kept beside pytest's own temporary folders.

    It is made again when its list has changed, or when a run that was killed left it changed.
    """
    torch = re.search(r"^torch==.*$", (ROOT / "requirements.txt").read_text(), re.M).group()
    requirements = [torch, *PREINSTALLED]
    name = hashlib.sha256("\n".join([sys.executable, *requirements]).encode()).hexdigest()[:12]
    base = shared_by_workers(tmp_path_factory)
    shared = base.parent if base.parent.name.startswith("pytest-of-") else base
    folder = shared / f"colab-{name}"
    folder.mkdir(exist_ok=True)
    packages = Path("env", "lib", f"python{sys.version_info[0]}.{sys.version_info[1]}")
    found = Colab(folder, folder / "env" / "bin" / "python", folder / packages / "site-packages")
    record = folder / "installed.json"
    with FileLock(folder / "lock"):
        if not record.exists() or json.loads(record.read_text()) != found.installed():
            record.unlink(missing_ok=True)
            make(found, requirements)
            record.write_text(json.dumps(found.installed()))
        yield found


@pytest.fixture
def fresh(colab):
    """The same before any notebook has run: what one installed and fetched is taken away again."""
    before = colab.installed()
    shutil.rmtree(colab.folder / "cache", ignore_errors=True)
    yield colab
    added = [name.rsplit("-", 1)[0] for name in colab.installed().keys() - before.keys()]
    done = pip(colab.python, "uninstall", "--quiet", "--yes", *added) if added else None
    assert not done or done.returncode == 0, done.stderr
    assert colab.installed() == before


@pytest.fixture
def published(site):
    """The built book on loopback: its address, and the paths that were asked for."""
    asked = []

    class Handler(QuietHandler):
        def do_GET(self):
            asked.append(self.path)
            super().do_GET()

    handler = functools.partial(Handler, directory=str(site))
    server = http.server.ThreadingHTTPServer((LOOPBACK, 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://{LOOPBACK}:{server.server_address[1]}", asked
    server.shutdown()
    server.server_close()


def code_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def run(colab: Colab, path: Path, address: str) -> tuple[nbformat.NotebookNode, list]:
    """Execute a notebook as it lies there, all but its GPU cells; then ask the kernel."""
    notebook = nbformat.read(path, as_version=4)
    for cell in code_cells(notebook):
        cell.outputs, cell.execution_count = [], None
    probe = nbformat.v4.new_code_cell(PROBE)
    notebook.cells.append(probe)
    place = {"metadata": {"path": str(path.parent)}}
    client = NotebookClient(
        notebook, kernel_name="colab", timeout=CELL_TIMEOUT, resources=place, record_timing=False
    )
    with client.setup_kernel(env=colab.environment(address)):
        for index, cell in enumerate(notebook.cells):
            if not notebooks.NOT_RUN & set(cell.metadata.get("tags", [])):
                client.execute_cell(cell, index)  # raises CellExecutionError
    notebook.cells.pop()
    return notebook, json.loads(probe.outputs[0].text)


def results(notebook: nbformat.NotebookNode) -> dict[int, str]:
    """By cell: what the checks of exercises said, with their numbers, and the errors' names."""
    found = {}
    for index, cell in enumerate(code_cells(notebook)):
        for output in cell.outputs:
            if output.output_type == "error":
                found[index] = output.ename
            elif output.get("text", "").startswith("Correct"):
                found[index] = output.text.strip()  # the newline may come as a message of its own
    return found


# ---- the chapters --------------------------------------------------------------------------------


def test_the_simulation_has_colabs_widgets_and_no_book_tooling(fresh):
    names = {name.rsplit("-", 1)[0].lower() for name in fresh.installed()}
    assert not names & NOT_THERE
    assert {"torch", "numpy", "plotly"} <= names and "ipywidgets-7.7.1" in fresh.installed()


@pytest.mark.parametrize("stem", STEMS)
def test_a_chapter_runs_to_its_end_and_changes_nothing_that_was_there(
    stem, fresh, published, tmp_path, monkeypatch
):
    monkeypatch.setenv("JUPYTER_PATH", str(fresh.folder / "jupyter"))
    address, asked = published
    before = fresh.installed()
    shutil.copy(BOOK / f"{stem}.ipynb", tmp_path)
    ran, (enabled, widgets, library) = run(fresh, tmp_path / f"{stem}.ipynb", address)

    said = "".join(output.get("text", "") for output in code_cells(ran)[0].outputs)
    assert ("read the recorded run" in said) == (ran.metadata.get("accelerator") == "GPU")
    stored = results(nbformat.read(BOOK / f"{stem}.ipynb", as_version=4))
    assert results(ran) == stored and {"NotYet"} < set(stored.values())
    assert enabled == 1, "Colab's manager of custom widgets was switched on"
    assert widgets.startswith("7.7.") and Path(library).is_relative_to(fresh.packages)
    assert asked[0] == f"/notebooks/{wheel_name()}"
    fetched = [path for path in asked if path.startswith("/notebooks/data/")]
    assert bool(fetched) == ("shipped(" in (BOOK / f"{stem}.md").read_text()), asked

    after = fresh.installed()
    assert before.items() <= after.items(), "something that was installed before has changed"
    assert {name.rsplit("-", 1)[0] for name in after.keys() - before.keys()} == ADDED
    assert pip(fresh.python, "check").returncode == 0


def test_without_an_address_the_setup_cell_says_so_in_one_sentence(fresh, tmp_path):
    done = subprocess.run(
        [fresh.python, "-c", TEMPLATE.format(address="", wheel=wheel_name())],
        cwd=tmp_path,
        env=fresh.environment(),
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert done.stdout.count("\n") == 1 and done.stdout.startswith("genie_edu was not found: ")


# ---- the button ----------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["", "https://someone.github.io/steps"])
def test_a_page_has_a_colab_button_just_when_the_book_has_an_address(address, tmp_path):
    stem, source, html = STEMS[0], tmp_path / "source", tmp_path / "html"
    source.mkdir()
    box = re.search(r":::\{chapter-box\}.*?\n:::\n", (BOOK / f"{stem}.md").read_text(), re.S)
    (source / f"{stem}.md").write_text(f"# Trial\n\n{box.group()}")
    settings = {
        "extensions": ["myst_parser", "genie_book"],
        "myst_enable_extensions": ["colon_fence"],
        "html_theme_options": {},
        "root_doc": stem,
        "genie_book_address": address,
    }
    lines = [f"{name} = {value!r}\n" for name, value in settings.items()]
    (source / "conf.py").write_text("".join(lines))
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", str(source), str(html)]
    built = subprocess.run(command, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    page = (html / f"{stem}.html").read_text()
    assert "Download the notebook" in page
    where = f"https://colab.research.google.com/github/someone/steps/blob/main/book/{stem}.ipynb"
    assert re.findall(r'href="([^"]*colab[^"]*)">Open in Colab<', page) == [where] * bool(address)
    assert ("colab.research.google.com" in page) == bool(address)
    assert (BOOK / f"{stem}.ipynb").is_file(), "what the button opens"
