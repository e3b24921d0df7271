"""A live JupyterLab on loopback for the tests of what runs in a kernel."""

from __future__ import annotations

import importlib.util
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

START_TIMEOUT = 90
RUN_TIMEOUT = 120_000  # milliseconds
READY = """async () => {
  for (let i = 0; i < 600; i += 1) {
    const panel = window.jupyterapp?.shell?.currentWidget;
    if (panel?.context?.sessionContext && panel.content?.widgets?.length) {
      await panel.context.ready;
      await panel.context.sessionContext.ready;
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}"""


class JupyterLab:
    """A running server: open a notebook made of code cells in a page, run it, ask its kernel."""

    def __init__(self, address: str, token: str, folder: Path) -> None:
        self.address, self.token, self.folder = address, token, folder

    def open(self, page: Any, cells: list[str], name: str = "trial.ipynb") -> None:
        """Write the notebook, open it in `page` and wait until its kernel is ready."""
        code = {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": []}
        spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
        notebook = {
            "cells": [{**code, "id": f"cell-{i}", "source": text} for i, text in enumerate(cells)],
            "metadata": {"kernelspec": spec},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        (self.folder / name).write_text(json.dumps(notebook))
        page.set_default_timeout(RUN_TIMEOUT)
        page.goto(f"{self.address}/lab/tree/{name}?token={self.token}&reset")
        assert page.evaluate(READY), "JupyterLab did not open the notebook"

    def run_all(self, page: Any) -> None:
        """Run all cells; return when the last one is done. A cell's error fails the test."""
        page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
        error = page.evaluate(
            """() => window.jupyterapp.shell.currentWidget.content.model.sharedModel.cells
              .flatMap((cell) => cell.toJSON().outputs ?? [])
              .find((output) => output.output_type === "error")?.traceback?.join("\\n") ?? ""
            """
        )
        assert not error, error

    def evaluate(self, page: Any, expression: str) -> str:
        """The repr of a Python expression in the notebook's kernel."""
        return page.evaluate(
            """async (code) => {
              const panel = window.jupyterapp.shell.currentWidget;
              const { kernel } = panel.context.sessionContext.session;
              const content = { code: "None", silent: false, store_history: false,
                user_expressions: { value: code } };
              const reply = await kernel.requestExecute(content).done;
              const value = reply.content.user_expressions.value;
              return value.data ? value.data["text/plain"] : `${value.ename}: ${value.evalue}`;
            }""",
            expression,
        )

    def execute(self, page: Any, code: str) -> None:
        """Run Python statements in the notebook's kernel, outside any cell."""
        reply = page.evaluate(
            """async (code) => {
              const panel = window.jupyterapp.shell.currentWidget;
              const { kernel } = panel.context.sessionContext.session;
              const reply = await kernel.requestExecute({ code, store_history: false }).done;
              return reply.content.status === "ok" ? "" : `${reply.content.evalue}`;
            }""",
            code,
        )
        assert not reply, reply


@pytest.fixture(scope="session")
def jupyterlab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterLab]:
    """One JupyterLab for the whole run, on loopback with a token, in folders of its own."""
    from conftest import unavailable  # it imports this module

    if importlib.util.find_spec("jupyterlab") is None:
        unavailable("jupyterlab is not installed: pip install -r requirements.txt")
    base = tmp_path_factory.mktemp("jupyterlab")
    folder = base / "notebooks"
    folder.mkdir()
    (base / "config" / "labconfig").mkdir(parents=True)
    disabled = {"@jupyterlab/apputils-extension:announcements": True}  # it would ask for news
    config = base / "config" / "labconfig" / "page_config.json"
    config.write_text(json.dumps({"disabledExtensions": disabled}))
    env = {
        **os.environ,
        "JUPYTER_CONFIG_DIR": str(base / "config"),
        "JUPYTER_DATA_DIR": str(base / "data"),
        "JUPYTER_RUNTIME_DIR": str(base / "runtime"),
        "IPYTHONDIR": str(base / "ipython"),
        "OMP_NUM_THREADS": "1",
    }
    token = secrets.token_hex(16)
    options = [
        "--allow-root",
        "--no-browser",
        "--ServerApp.ip=127.0.0.1",
        "--ServerApp.port=0",
        f"--ServerApp.root_dir={folder}",
        f"--IdentityProvider.token={token}",
        "--LabApp.expose_app_in_browser=True",
        "--LabApp.extension_manager=readonly",
    ]
    command = [sys.executable, "-m", "jupyterlab", *options]
    log = base / "log.txt"
    with log.open("w") as out:
        server = subprocess.Popen(command, env=env, stdout=out, stderr=subprocess.STDOUT)
    try:
        yield JupyterLab(_address(server, base / "runtime", log), token, folder)
    finally:
        server.terminate()
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()


def _address(server: subprocess.Popen[bytes], runtime: Path, log: Path) -> str:
    for _ in range(START_TIMEOUT * 10):
        if server.poll() is not None:
            break
        for record in runtime.glob("jpserver-*.json"):
            try:
                port = json.loads(record.read_text())["port"]
            except (json.JSONDecodeError, KeyError):
                continue  # half written
            if port:
                return f"http://127.0.0.1:{port}"
        time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")
