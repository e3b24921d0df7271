"""Build the whole site: the pages; the notebooks with the wheel and the data beside them; the zip.

python tools/build_site.py [--output _build] [--zip] [--serve]
"""

from __future__ import annotations

import argparse
import functools
import http.server
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from artefacts import recorded

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK = "127.0.0.1"
PORT = 8000
ZIP_NAME = "taking-bigger-steps"
EARLIEST = (1980, 1, 1, 0, 0, 0)
"""Every member of the zip carries this date, so that equal pages give equal bytes."""


def run(command: list[str]) -> None:
    """Run a command quietly; on failure show its warnings and errors, or all, and stop."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if not done.returncode:
        return
    said = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr).splitlines()
    marked = [line for line in said if re.search(r"\b(WARNING|ERROR|CRITICAL)\b", line)]
    sys.stderr.write("\n".join(marked or said) + "\n")
    sys.exit(f"failed: {' '.join(command[:4])} ...")


def build_wheel(folder: Path) -> None:
    """Put genie_edu's wheel beside the notebooks: no network, a copy of the sources alone."""
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch) / "source"
        source.mkdir()
        for name in ("pyproject.toml", "README.md", "LICENSE"):
            if (ROOT / name).exists():
                shutil.copy(ROOT / name, source)
        ignore = shutil.ignore_patterns("__pycache__", "*.egg-info")
        shutil.copytree(ROOT / "genie_edu", source / "genie_edu", ignore=ignore)
        pip = [sys.executable, "-m", "pip", "wheel", str(source), "--no-deps", "--quiet"]
        run([*pip, "--no-build-isolation", "--wheel-dir", str(folder)])


def build(output: Path) -> Path:
    """Build the pages into output/html; a warning is an error."""
    # Jupyter Book always writes to PATH/_build/html, and keeps its cache beside that.
    named = output.name == "_build"
    parent = output.parent if named else output
    start = "from jupyter_book.cli.main import main; main()"
    book = [sys.executable, "-c", start, "build", "book", "-W", "-n", "--keep-going"]
    run([*book, "--all", "--path-output", str(parent)])
    made = parent / "_build" / "html"
    html = output / "html"
    if made != html:
        if html.exists():
            shutil.rmtree(html)
        made.rename(html)
    for old in (html / "notebooks").glob("*.whl"):
        old.unlink()
    build_wheel(html / "notebooks")
    for name in recorded():
        copy = html / "notebooks" / "data" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "data" / name, copy)
    return html


def make_zip(html: Path, target: Path) -> None:
    """Pack the site into one folder of a zip, in a fixed order and with fixed dates."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path in sorted(html.rglob("*")):
            if path.is_file():
                name = f"{ZIP_NAME}/{path.relative_to(html).as_posix()}"
                member = zipfile.ZipInfo(name, EARLIEST)
                member.compress_type = zipfile.ZIP_DEFLATED
                member.external_attr = 0o644 << 16
                archive.writestr(member, path.read_bytes())


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """A file server without a log."""

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def serve(html: Path, port: int) -> None:
    """Serve on loopback until interrupted; the address is the last line printed."""
    handler = functools.partial(QuietHandler, directory=str(html))
    try:
        server = http.server.ThreadingHTTPServer((LOOPBACK, port), handler)
    except OSError:
        server = http.server.ThreadingHTTPServer((LOOPBACK, 0), handler)
    print("The book is served until you press Ctrl-C:")
    print(f"http://{LOOPBACK}:{server.server_address[1]}/", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Build the book's site.")
    parser.add_argument("--output", type=Path, default=ROOT / "_build")
    parser.add_argument("--zip", action="store_true", help="also make the offline download")
    parser.add_argument("--serve", action="store_true", help="then serve it on loopback")
    parser.add_argument("--port", type=int, default=PORT)
    options = parser.parse_args()
    output = options.output.resolve()
    html = build(output)
    print(f"{len(list(html.glob('*.html')))} pages: {html / 'index.html'}")
    if options.zip:
        target = output / f"{ZIP_NAME}.zip"
        make_zip(html, target)
        print(f"the offline download: {target}")
    if options.serve:
        serve(html, options.port)


if __name__ == "__main__":
    main()
