"""The lab's sources: they make the committed script, keep their style and pass their own tests."""

import json
import os
import re
import shutil
import subprocess

import pytest

from conftest import ROOT, unavailable
from genie_edu.lab import SCRIPT

TOOLS = ROOT / "tools" / "lab"
SOURCES = ROOT / "genie_edu" / "lab" / "src"
MOST_LINES, MOST_COLUMNS = 300, 120


def node(*command, cwd=ROOT):
    done = subprocess.run(["node", *command], cwd=cwd, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def packages():
    """Node with what package-lock.json names: installed here where it is not yet."""
    if not shutil.which("node") or not shutil.which("npm"):
        unavailable("the lab is not rebuilt: node and npm are missing")
    wanted, installed = TOOLS / "package-lock.json", TOOLS / "node_modules" / ".package-lock.json"
    if not installed.is_file() or installed.stat().st_mtime < wanted.stat().st_mtime:
        command = ["npm", "ci", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=TOOLS, capture_output=True, text=True)
        if done.returncode:
            last = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
            unavailable(f"the lab's Node packages can't be installed: {last[0]}")


def test_the_committed_script_is_what_the_sources_make(packages, tmp_path):
    code, said = node(str(TOOLS / "build.mjs"), str(tmp_path / "lab.js"))
    assert code == 0, said
    assert (tmp_path / "lab.js").read_bytes() == SCRIPT.read_bytes(), "make lab"


def test_the_sources_keep_their_style_and_types(packages):
    code, said = node(str(TOOLS / "lint.mjs"))
    assert code == 0, said


def test_the_maths_and_the_links_pass_their_own_tests(packages):
    code, said = node("--test", *map(str, sorted((ROOT / "tests" / "lab").glob("*.test.mjs"))))
    assert code == 0, said[-4000:]


def test_what_the_python_button_imports_exists():
    lines = set(
        re.findall(
            r"from genie_edu[\w.]* import [\w, ]+|import genie_edu[\w.]*", SCRIPT.read_text()
        )
    )
    assert len(lines) >= 4
    for line in lines:
        exec(line, {})


def test_the_rooms_are_small_and_only_look_downwards():
    files = sorted(SOURCES.rglob("*.js"))
    assert len(files) > 50
    lower = {"maths": ("engine", "view"), "engine": ("view",), "view": ()}
    for file in files:
        text = file.read_text(encoding="utf-8")
        name, lines = str(file.relative_to(SOURCES)), text.splitlines()
        assert lines[0] == "// @ts-check", name
        assert len(lines) <= MOST_LINES, f"{name} has {len(lines)} lines"
        assert max(map(len, lines)) <= MOST_COLUMNS, f"{name} is too wide"
        for target in re.findall(r'^import .*?from "([^"]+)";', text, re.M | re.S):
            to = (file.parent / target).resolve()
            assert to.is_file(), f"{name}: {target}"
            room = file.relative_to(SOURCES).parts[0]
            forbidden = lower.get(room, ())
            assert to.relative_to(SOURCES).parts[0] not in forbidden, f"{name}: {target}"


def test_the_lock_file_pins_by_hash_and_names_no_registry():
    lock = json.loads((TOOLS / "package-lock.json").read_text(encoding="utf-8"))
    package = json.loads((TOOLS / "package.json").read_text(encoding="utf-8"))
    for name, wanted in package["devDependencies"].items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", wanted), name
    for name, entry in lock["packages"].items():
        if name:
            assert entry["integrity"].startswith("sha512-"), name
            assert "resolved" not in entry, name


def test_a_machine_without_node_is_told_so(tmp_path):
    """`make lint` goes on with a sentence; under CI=true it fails."""
    (tmp_path / "python").symlink_to(shutil.which("python3"))
    for tool in ("make", "sh", "dirname", "test", "echo"):
        if shutil.which(tool):
            (tmp_path / tool).symlink_to(shutil.which(tool))
    for ci, code in (("false", 0), ("true", 2)):
        environment = {**os.environ, "PATH": str(tmp_path), "CI": ci}
        command = [shutil.which("make"), "--no-print-directory", "lint-lab"]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
        assert done.returncode == code, done.stdout + done.stderr
        assert "not checked: node and npm are missing" in done.stdout + done.stderr
