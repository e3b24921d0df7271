"""GENIE on one page: short, and without the library until it is compared with it."""

from __future__ import annotations

import jupytext

from conftest import BOOK

LONGEST = 120


def test_the_method_fits_on_a_page_and_stands_alone():
    notebook = jupytext.read(BOOK / "appendix_one_page.md")
    tagged = [
        (cell.source, "method" in cell.metadata.get("tags", []))
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]
    method = "\n".join(source for source, is_method in tagged if is_method)
    lines = [line for line in method.splitlines() if line.strip()]
    assert 40 < len(lines) < LONGEST
    assert "genie_edu" not in method
    names: dict = {}
    exec(compile(method, "one page", "exec"), names)
    assert {"Eps", "Head", "train_eps", "distill_head", "derivative", "genie"} <= names.keys()
    compared = "\n".join(source for source, is_method in tagged if not is_method)
    assert compared.count("assert max(") == 2
