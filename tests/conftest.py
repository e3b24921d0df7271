"""What the tests share: a real browser, the built book, a loopback server."""

from __future__ import annotations

import functools
import http.server
import importlib.util
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from live_jupyterlab import jupyterlab  # noqa: F401  (a fixture for every test)

# Before torch loads, and for the notebooks' kernels: one thread, as when their outputs were stored.
os.environ.setdefault("OMP_NUM_THREADS", "1")

ROOT = Path(__file__).resolve().parent.parent
BOOK = ROOT / "book"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
LOOPBACK = "127.0.0.1"


def unavailable(reason: str) -> None:
    """Skip, and under CI=true fail: there everything must be there."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason} (a failure because CI=true)")
    pytest.skip(reason)


SLOWEST = (
    *("test_chapters.py", "test_pages.py", "test_colab.py", "test_cifar10_chapters.py"),
    *("test_own_images.py", "test_pipeline.py", "test_lab.py", "test_lab_runs.py"),
)
"""The files that take minutes, the longest first: so no worker ends alone with one of them."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the files, and within a file leave the tests as they stand."""
    rank = {name: n for n, name in enumerate(SLOWEST)}
    items.sort(key=lambda item: rank.get(item.path.name, len(SLOWEST)))


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Playwright's Browser: the system's Chromium if there is one, else Playwright's own."""
    if importlib.util.find_spec("playwright") is None:
        unavailable("playwright is not installed: pip install -r requirements.txt")
    from playwright.sync_api import Error, sync_playwright

    path = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    with sync_playwright() as playwright:
        try:
            instance = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        except Error as error:
            unavailable(f"no Chromium could be started: {str(error).splitlines()[0]}")
        yield instance
        instance.close()


class Messages:
    """What a page said and asked for: console errors, page errors, requests, failed requests."""

    def __init__(self, page: Any) -> None:
        self.errors: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda m: m.type == "error" and self.errors.append(m.text))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("requestfailed", self.note_failure)
        page.on(
            "response",
            lambda r: r.status >= 400 and self.errors.append(f"status {r.status}: {r.url}"),
        )

    def note_failure(self, request: Any) -> None:
        """Note a failed request; one that a reload cancelled on its way did not fail."""
        if request.failure != "net::ERR_ABORTED":
            self.errors.append(f"failed: {request.url} ({request.failure})")

    def foreign(self) -> list[str]:
        """Return the requests that left loopback and the disk."""
        own = (f"http://{LOOPBACK}:", "file://", "data:", "blob:", "about:")
        return [url for url in self.requests if not url.startswith(own)]


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A fresh page in a context of its own; `page.messages` records what it says and asks for."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    new = context.new_page()
    new.messages = Messages(new)
    yield new
    context.close()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """A file server without a log."""

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[[Path], str]]:
    """A function that serves a folder on loopback and returns its address (no closing slash)."""
    servers = []

    def start(folder: Path) -> str:
        handler = functools.partial(QuietHandler, directory=str(folder))
        server = http.server.ThreadingHTTPServer((LOOPBACK, 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://{LOOPBACK}:{server.server_address[1]}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def shared_by_workers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A temporary folder that all processes of one test run see."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built book; a build warning is an error. GENIE_EDU_SITE names one built before."""
    if os.environ.get("GENIE_EDU_SITE"):
        return Path(os.environ["GENIE_EDU_SITE"]).resolve()
    folder = shared_by_workers(tmp_path_factory)
    out, whole = folder / "site", folder / "site-is-whole"
    command = [sys.executable, str(ROOT / "tools" / "build_site.py"), "--output", str(out)]
    with FileLock(folder / "site.lock"):
        if not whole.exists():
            built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
            said = f"the book does not build:\n{built.stdout}\n{built.stderr}"
            assert built.returncode == 0, said
            whole.touch()
    return out / "html"


@pytest.fixture(scope="session")
def site_address(site: Path, serve: Callable[[Path], str]) -> str:
    """The address of the built book on loopback."""
    return serve(site)
