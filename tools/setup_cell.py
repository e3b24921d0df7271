"""The first code cell of every notebook, with the book's address from _config.yml filled in."""

from __future__ import annotations

from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent

TEMPLATE = """\
# Nothing happens here where genie_edu is importable; elsewhere (Colab, say) it is installed.
import importlib.metadata as md, importlib.util as iu, os, pathlib, subprocess, sys
BOOK = os.environ.setdefault("GENIE_EDU_BOOK", "{address}")  # ships the wheel and the weights
wheels = [str(path) for path in pathlib.Path(".").glob("genie_edu-*.whl")]
wheels += [f"{{BOOK}}/notebooks/{wheel}"] if BOOK else []
if not iu.find_spec("genie_edu") and wheels:
    pip = [sys.executable, "-m", "pip", "install", "-q"]
    subprocess.run([*pip, "--no-deps", wheels[0]], check=True)
    keep = f"numpy=={{md.version('numpy')}}" if iu.find_spec("numpy") else "numpy"
    need = ("plotly", "ipywidgets", "anywidget", "scipy", "safetensors", "accelerate")
    subprocess.run([*pip, keep, *(p for p in need if not iu.find_spec(p))], check=True)
elif not iu.find_spec("genie_edu"):
    print("genie_edu was not found: put its wheel beside this notebook and run this cell again.")
if "google.colab" in sys.modules:
    sys.modules["google.colab"].output.enable_custom_widget_manager()
"""
GPU_LINE = """\
print("Cells marked GPU need one; the others read the recorded run.")
"""


def book_address() -> str:
    """Return the one setting: where the book is published, without a closing slash, or ""."""
    config = yaml.safe_load((ROOT / "_config.yml").read_text())
    return config["sphinx"]["config"]["genie_book_address"].rstrip("/")


def wheel_name() -> str:
    """Return the file name of the wheel that the site ships."""
    try:
        import tomllib
    except ImportError:
        import tomli as tomllib
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return f"genie_edu-{project['version']}-py3-none-any.whl"


def setup_cell(gpu: bool = False) -> str:
    """Return the cell's source; with `gpu` it also says where the recorded run takes over."""
    common = TEMPLATE.format(address=book_address(), wheel=wheel_name())
    return (common + GPU_LINE * gpu).rstrip("\n")
