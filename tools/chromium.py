"""See to it that the browser tests find a Chromium; say so in one sentence if there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def found() -> str | None:
    """Return the path of a Chromium on this system."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def own() -> bool:
    """Tell whether Playwright has a Chromium of its own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return os.path.exists(playwright.chromium.executable_path)


def main() -> int:
    """Look for one; install one; report."""
    if found() or own():
        return 0
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        for command in (
            ["apt-get", "update", "-q"],
            ["apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium"],
        ):
            subprocess.run(command, env=environment, stdout=subprocess.DEVNULL)
        if found():
            return 0
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"])
    if own():
        return 0
    print("No Chromium could be installed: the browser tests will be skipped.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
