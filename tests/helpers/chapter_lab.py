"""A chapter as its notebook stores it: its lab opened from disk, its quoted numbers, its cells."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import BOOK
from genie_edu.exercises import NotYet
from genie_edu.lab import GENERATED, SCRIPT, STYLE

PLACEHOLDERS = [..., None, lambda *a: ..., lambda *a: None, 3.0, {}]
PAGE = """<!doctype html><html lang="en" data-theme="light"><head><meta charset="utf-8">
<title>lab</title><link rel="stylesheet" href="{style}"></head><body><main><h1>Lab</h1>{lab}</main>
<script src="{script}"></script><script>GenieLab.mountAll(document)</script></body></html>"""


def lay_out(folder: Path) -> dict[str, str]:
    """Put the lab's files into a page's folder; return what the page calls script and style."""
    for file in (SCRIPT, STYLE, *GENERATED.glob("*.js")):
        shutil.copy(file, folder)
    return {"script": SCRIPT.name, "style": STYLE.name}


def stored_outputs(stem: str) -> list[dict[str, Any]]:
    """All outputs of a chapter's stored notebook, in order."""
    cells = json.loads((BOOK / f"{stem}.ipynb").read_text(encoding="utf-8"))["cells"]
    return [out for cell in cells if cell["cell_type"] == "code" for out in cell["outputs"]]


def exercise_cells(stem: str, function: str) -> tuple[str, str]:
    """The placeholder's and the solution's source: the cells that end in a call of a check."""
    cells = json.loads((BOOK / f"{stem}.ipynb").read_text(encoding="utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    found = [text for text in sources if re.search(rf"^{function}\(", text, re.M)]
    assert len(found) == 2
    return found[0], found[1]


def placeholder_fails_and_solution_passes(
    stem: str, function: str, scope: dict[str, Any], capsys: Any
) -> None:
    """Run both cells of an exercise, which find in `scope` what the chapter has by then."""
    empty, solved = exercise_cells(stem, function)
    with pytest.raises(NotYet):
        exec(empty, scope)
    exec(solved, scope)
    assert capsys.readouterr().out.startswith("Correct:")


def passes(check: Callable[[Any], None], answer: Any, capsys: Any) -> None:
    """A right answer is said to be one."""
    check(answer)
    assert capsys.readouterr().out.startswith("Correct:")


def gets_hint(check: Callable[[Any], None], answer: Any, hint: str, capsys: Any) -> None:
    """A wrong answer fails with its hint, which holds no backticks: it is shown as plain text."""
    with pytest.raises(NotYet, match=hint) as caught:
        check(answer)
    assert "Correct" not in capsys.readouterr().out
    assert "`" not in str(caught.value)


def quoted(stem: str) -> dict[str, str]:
    """The numbers that a chapter's prose quotes: name -> text."""
    found = {}
    for out in stored_outputs(stem):
        name = out.get("metadata", {}).get("scrapbook", {}).get("name")
        if name:
            found[name] = "".join(next(iter(out["data"].values()))).strip("'")
    return found


def open_chapter_lab(page: Any, folder: Path, stem: str, scenario: str = "") -> Any:
    """Mount the lab that the chapter stores, that of `scenario` if it has more; return the page."""
    html = ["".join(out.get("data", {}).get("text/html", "")) for out in stored_outputs(stem)]
    (lab,) = (text for text in html if "genie-lab" in text and scenario in text)
    text = PAGE.format(**lay_out(folder), lab=lab)
    file = folder / f"{stem}.html"
    file.write_text(text, encoding="utf-8")
    page.goto(file.as_uri())
    settle(page)
    return page


def settle(page: Any) -> None:
    """Wait until the lab shows its full-quality frame for the current state."""
    page.wait_for_function(
        "() => { const lab = document.querySelector('.genie-lab').dataset;"
        " return lab.ready === 'true' && lab.settled === 'true'; }"
    )


def read(page: Any, name: str, which: str = "") -> str:
    """The text of the read-out `output[name]`."""
    return page.locator(f"output[name={name}]{which}").inner_text()


def number(text: str) -> float:
    """What stands on screen as a number: its minus sign is a true one."""
    return float(text.replace("\N{MINUS SIGN}", "-"))
