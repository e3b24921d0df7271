"""The equation-to-code map holds every labelled equation, and every code name in it exists."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from conftest import BOOK

CHAPTERS = sorted(BOOK.glob("[0-9][0-9]_*.md"))
MAP = (BOOK / "equation_map.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| \{eq\}`(eq-[a-z0-9-]+)` \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def labels(text: str) -> list[str]:
    """Return the labels of equations: `:label:` of a math directive, or `$$ (label)`."""
    directives = re.findall(r"^`{3,}\{math\}\n:label: *(\S+)$", text, re.MULTILINE)
    dollars = re.findall(r"^\$\$ *\(([^)\s]+)\)$", text, re.MULTILINE)
    return directives + dollars


def code_names() -> list[str]:
    """Return the dotted names in the map's code column."""
    return sorted({name for row in ROW.findall(MAP) for name in re.findall(r"`([^`]+)`", row[2])})


def test_every_labelled_equation_is_in_the_map_once():
    found = [label for path in CHAPTERS for label in labels(path.read_text(encoding="utf-8"))]
    assert len(found) == len(set(found)), "a label stands in two chapters"
    mapped = [row[0] for row in ROW.findall(MAP)]
    assert len(mapped) == len(set(mapped)), "an equation stands in the map twice"
    assert set(found) == set(mapped)
    assert all(label.startswith("eq-") for label in found)


def test_every_row_of_the_map_is_read():
    assert len(ROW.findall(MAP)) == MAP.count("{eq}`")
    assert all(re.findall(r"`[a-z]\w*\.[\w.]+`", row[2]) for row in ROW.findall(MAP))


def test_equations_stand_under_their_chapter():
    for number, section in re.findall(
        r"^## Chapter (\d+)[^\n]*\n(.*?)(?=^## |\Z)", MAP, re.M | re.S
    ):
        (path,) = BOOK.glob(f"{int(number):02d}_*.md")
        assert [row[0] for row in ROW.findall(section)] == labels_in_order(path)


def labels_in_order(path: Path) -> list[str]:
    """Return a chapter's labels as they come."""
    text = path.read_text(encoding="utf-8")
    return sorted(labels(text), key=lambda label: min(_places(text, label)))


def _places(text: str, label: str) -> list[int]:
    return [text.index(mark) for mark in (f":label: {label}\n", f"$$ ({label})\n") if mark in text]


@pytest.mark.parametrize("name", code_names())
def test_every_name_in_the_map_exists(name):
    parts = ["genie_edu", *name.split(".")]
    module = importlib.import_module(".".join(parts[:2]))
    for index, part in enumerate(parts[2:], start=2):
        try:
            module = getattr(module, part)
        except AttributeError:
            module = importlib.import_module(".".join(parts[: index + 1]))
    assert module is not None


def test_the_map_test_can_fail():
    text = "```{math}\n:label: eq-a\nx\n```\n\n$$\ny\n$$ (eq-b)\n"
    assert labels(text) == ["eq-a", "eq-b"]
