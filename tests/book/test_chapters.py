"""The chapters' sources and notebooks: pairs, stored outputs, numbers, figures, form."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from conftest import BOOK, ROOT

sys.path.insert(0, str(ROOT / "tools"))
import notebooks  # noqa: E402
from setup_cell import setup_cell  # noqa: E402

CHAPTERS = [path.stem for path in notebooks.sources()]
NUMBERED = [stem for stem in CHAPTERS if stem[0].isdigit()]
"""The chapters proper; the other notebooks are pages to look things up."""
PAGES = sorted(path.stem for path in BOOK.glob("*.md"))
PLOTLY = "application/vnd.plotly.v1+json"
LARGEST_NOTEBOOK = 1_000_000
LONGEST_CELL = 15
DRAWN_BY_THE_BUNDLE = {"scatter", "bar", "heatmap", "contour", "histogram", "image", "box", "pie"}

IGNORED_OUTPUTS: dict[tuple[str, str], str] = {}
"""(chapter, first line of the cell) of every cell tagged nbval-ignore-output, and why."""

WITHOUT_LAB: dict[str, str] = {}
"""Chapters that have no live piece, and why."""

TYPED_NUMBERS: list[tuple[str, str, str]] = [
    ("*", r"CC BY 4\.0", "the name of a licence"),
    ("index", r"0\.130|24 starts|0\.0330|0\.0125|0\.0116|0\.000423", "its lab's: test_pages"),
    ("index", r"5\.85|64 starts|2\.77|0\.628|0\.522", "its tables: test_cifar10_results"),
    ("14_cifar10_genie", r"about 2\.5 % of its backbone", "counted from the public code"),
    ("14_cifar10_genie", r"about 1\.5 % by the reports", "as reported, see its appendix"),
    ("15_quality_cost_fairness", r"reported as about 1\.5 %", "as reported, see its appendix"),
    (
        "own_images",
        r"(?s)\A.*\Z",
        "settings and counts: tests/book/test_own_images_page.py has them",
    ),
    (
        "several_gpus",
        r"need 0\.47 seconds[^.]*0\.006",
        "an example of the formula, counted there too",
    ),
    ("appendix_solver_log", r"ratio of 0\.55", "an aim, set before anything was measured"),
]
"""(page, regular expression of the phrase, why it is typed): not measured, or not ours."""


def stored(stem: str) -> nbformat.NotebookNode:
    return nbformat.read(BOOK / f"{stem}.ipynb", as_version=4)


def code_cells(stem: str) -> list[nbformat.NotebookNode]:
    return [cell for cell in stored(stem).cells if cell.cell_type == "code"]


def tags(cell: nbformat.NotebookNode) -> set[str]:
    return set(cell.metadata.get("tags", []))


def has_gpu_cell(stem: str) -> bool:
    return any("gpu" in tags(cell) for cell in code_cells(stem))


def outputs(stem: str, mime: str) -> list:
    return [
        output.data[mime]
        for cell in code_cells(stem)
        for output in cell.outputs
        if mime in output.get("data", {})
    ]


def figures(stem: str) -> list[dict]:
    return outputs(stem, PLOTLY)


def run_nbval(path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "--nbval", "-p", "no:cacheprovider"]
    command += ["--rootdir", str(ROOT), "-c", str(ROOT / "pyproject.toml"), "--nbval-cell-timeout"]
    command += ["300", str(path)]
    environment = dict(os.environ)
    if not path.is_relative_to(ROOT):  # a copy elsewhere does not find our conftest by itself
        command += ["-p", "conftest"]
        environment["PYTHONPATH"] = str(ROOT)
    return subprocess.run(command, cwd=path.parent, env=environment, capture_output=True, text=True)


# ---- pairs ---------------------------------------------------------------------------------------


def test_every_chapter_is_paired_and_in_the_contents():
    assert sorted(path.stem for path in BOOK.glob("*.ipynb")) == CHAPTERS
    contents = (BOOK / "_toc.yml").read_text()
    missing = [stem for stem in PAGES if stem not in contents]
    assert not missing, f"not in book/_toc.yml: {missing}"


@pytest.mark.parametrize("stem", CHAPTERS)
def test_the_pair_holds_the_same_cells(stem):
    assert notebooks.differences(BOOK / f"{stem}.md") == ""


def test_a_pair_that_differs_is_found(tmp_path):
    stem = CHAPTERS[0]
    for suffix in (".md", ".ipynb"):
        shutil.copy(BOOK / f"{stem}{suffix}", tmp_path)
    assert notebooks.differences(tmp_path / f"{stem}.md") == ""
    notebook = nbformat.read(tmp_path / f"{stem}.ipynb", as_version=4)
    last = [cell for cell in notebook.cells if cell.cell_type == "code"][-1]
    last.source += "\nextra = 1"
    nbformat.write(notebook, tmp_path / f"{stem}.ipynb")
    assert notebooks.differences(tmp_path / f"{stem}.md")


@pytest.mark.parametrize("stem", CHAPTERS)
def test_the_setup_cell_is_first_and_the_same_everywhere(stem):
    first = code_cells(stem)[0]
    assert first.source == setup_cell(has_gpu_cell(stem))
    assert {"setup", "hide-input"} <= tags(first)
    assert sum("setup" in tags(cell) for cell in code_cells(stem)) == 1


@pytest.mark.parametrize("stem", CHAPTERS)
def test_the_notebook_is_stored_in_its_one_form(stem):
    path = BOOK / f"{stem}.ipynb"
    assert path.read_text() == notebooks.notebook_text(stored(stem))
    assert set(stored(stem).metadata) <= {"jupytext", "kernelspec", *notebooks.COLAB_GPU}
    assert path.stat().st_size <= LARGEST_NOTEBOOK
    for cell in stored(stem).cells:
        assert "execution" not in cell.metadata


# ---- stored outputs ------------------------------------------------------------------------------


@pytest.mark.parametrize("stem", CHAPTERS)
def test_running_the_chapter_again_gives_what_is_stored(stem):
    done = run_nbval(BOOK / f"{stem}.ipynb")
    assert done.returncode == 0, done.stdout[-4000:]
    count = len([cell for cell in code_cells(stem) if "nbval-skip" not in tags(cell)])
    assert f"{count} passed" in done.stdout


def test_a_changed_stored_number_makes_nbval_fail(tmp_path):
    def printed(notebook):
        return [
            (index, output)
            for index, cell in enumerate(notebook.cells)
            for output in cell.get("outputs", [])
            if output.output_type == "stream" and re.search(r"\d", output.text)
        ]

    costs = json.loads((ROOT / "data" / "chapter_costs.json").read_text())
    stem = min(
        (name for name in CHAPTERS if printed(stored(name))),
        key=lambda name: costs[name]["seconds"],
    )
    notebook = stored(stem)
    index, output = printed(notebook)[0]
    notebook.cells = notebook.cells[: index + 1]
    copy = tmp_path / f"{stem}.ipynb"
    nbformat.write(notebook, copy)
    assert run_nbval(copy).returncode == 0, "the unchanged copy passes"
    digit = re.search(r"\d", output.text)
    changed = str((int(digit.group()) + 1) % 10)
    output.text = output.text[: digit.start()] + changed + output.text[digit.end() :]
    nbformat.write(notebook, copy)
    done = run_nbval(copy)
    assert done.returncode == 1, done.stdout[-2000:]
    assert re.search(r"\b1 failed", done.stdout), done.stdout[-2000:]


@pytest.mark.parametrize("stem", CHAPTERS)
def test_only_unsolved_exercises_fail_and_with_one_line(stem):
    for cell in code_cells(stem):
        errors = [output for output in cell.outputs if output.output_type == "error"]
        if "raises-exception" in tags(cell):
            assert [error.ename for error in errors] == ["NotYet"], cell.source
            assert len(errors[0].traceback) == 1
        else:
            assert not errors, cell.source
            assert not [o for o in cell.outputs if o.get("name") == "stderr"], cell.source


@pytest.mark.parametrize("stem", CHAPTERS)
def test_cells_whose_output_is_not_compared_are_listed(stem):
    for cell in code_cells(stem):
        if "nbval-ignore-output" in tags(cell):
            first = cell.source.splitlines()[0]
            assert (stem, first) in IGNORED_OUTPUTS, f"list {first!r} with its reason"


@pytest.mark.parametrize("stem", CHAPTERS)
def test_gpu_cells_are_skipped_empty_and_followed_by_the_recorded_run(stem):
    cells = code_cells(stem)
    for cell, following in zip(cells, [*cells[1:], None], strict=True):
        if "gpu" not in tags(cell):
            continue
        assert "nbval-skip" in tags(cell)
        assert not cell.outputs and cell.execution_count is None
        assert following is not None and "gpu" not in tags(following)


@pytest.mark.parametrize("stem", CHAPTERS)
def test_a_chapter_asks_for_colabs_gpu_just_when_it_has_a_gpu_cell(stem):
    asked = {key: stored(stem).metadata.get(key) for key in notebooks.COLAB_GPU}
    assert asked == (notebooks.COLAB_GPU if has_gpu_cell(stem) else dict.fromkeys(asked))


@pytest.mark.parametrize("cell_tags", ['["gpu", "nbval-skip"]', '["nbval-skip"]'])
def test_a_gpu_cell_makes_the_notebook_ask_for_colabs_gpu(cell_tags, tmp_path):
    header = (BOOK / f"{CHAPTERS[0]}.md").read_text().split("\n---\n")[0]
    cell = f"```{{code-cell}} ipython3\n:tags: {cell_tags}\n\ntrain()\n```\n"
    source = tmp_path / "trial.md"
    source.write_text(f"{header}\n---\n\n# Trial\n\n{cell}")
    notebook = notebooks.read_source(source)
    asked = {key: notebook.metadata.get(key) for key in notebooks.COLAB_GPU}
    assert asked == (notebooks.COLAB_GPU if "gpu" in cell_tags else dict.fromkeys(asked))
    source.write_text(notebooks.jupytext.writes(notebook, fmt="md:myst"))  # as the pair is written
    source.with_suffix(".ipynb").write_text(notebooks.notebook_text(notebook))
    assert notebooks.differences(source) == ""


# ---- figures -------------------------------------------------------------------------------------


@pytest.mark.parametrize("stem", CHAPTERS)
def test_every_figure_has_an_alt_text_and_can_be_drawn(stem):
    for figure in figures(stem):
        alt = (figure["layout"].get("meta") or {}).get("alt", "")
        assert len(alt) >= 20, f"alt text: {alt!r}"
        types = {trace.get("type", "scatter") for trace in figure["data"]}
        assert types <= DRAWN_BY_THE_BUNDLE
        assert figure["layout"].get("xaxis", {}).get("title"), f"no axis title: {alt}"


def test_a_figure_without_alt_text_is_refused():
    from genie_book.render import figure_html

    with pytest.raises(ValueError, match="no alt text"):
        figure_html({"data": [], "layout": {}})
    hostile = figure_html({"data": [{"name": "</script>"}], "layout": {"meta": {"alt": "<b>"}}})
    assert hostile.count("</script>") == 1 and "<b>" not in hostile.split("</script>")[1]


# ---- form ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("stem", CHAPTERS)
def test_cells_are_short_and_print_once(stem):
    for cell in code_cells(stem):
        lines = cell.source.splitlines()
        longest = LONGEST_CELL + ("setup" in tags(cell))
        assert len(lines) <= longest, f"{len(lines)} lines: {lines[0]}"
        assert max(map(len, lines), default=0) <= 100, lines[0]
        calls = [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Call)]
        prints = [c for c in calls if isinstance(c.func, ast.Name) and c.func.id == "print"]
        assert "setup" in tags(cell) or len(prints) <= 1, lines[0]


@pytest.mark.parametrize("stem", NUMBERED)
def test_a_chapter_carries_what_every_chapter_carries(stem):
    text = (BOOK / f"{stem}.md").read_text()
    assert f"{{chapter-box}} {stem}" in text
    text = text.replace(setup_cell(has_gpu_cell(stem)), "")
    first_result = re.search(r"ge\.plots\.|ge\.SolverLab\(|plots\.\w+\(|^\s*print\(", text, re.M)
    prediction = text.find("{predict}")
    assert prediction >= 0, "no prediction"
    assert first_result and prediction < first_result.start(), "a result before the prediction"
    labs = [html for html in outputs(stem, "text/html") if 'class="genie-lab' in html]
    assert bool(labs) != (stem in WITHOUT_LAB), "no lab, or one that is listed as missing"
    assert 2 <= text.count("{exercise-start}") == text.count("{solution-start}") <= 4
    assert text.count(":class: dropdown") >= text.count("{solution-start}")
    questions = text.count("{quick}")
    assert 2 <= questions <= 4 or (stem > "12" and not questions)
    assert text.count("check_") >= 2 * text.count("{exercise-start}")
    assert sum("assert " in cell.source for cell in code_cells(stem)) >= 3
    assert re.search(r"^## What to remember", text, re.M)
    assert re.search(r"^## Further reading", text, re.M)


# ---- numbers in the prose ------------------------------------------------------------------------

CODE = {"code-cell", "code", "math", "bibliography", "toctree"}
FENCE = re.compile(r"^(?P<marks>`{3,}|:{3,})(?:\{(?P<name>[\w-]+)\})?(?P<rest>.*)$")
NOT_PROSE = [
    (r"\A---\n.*?\n---\n", re.S),
    (r"<!--.*?-->|^%.*?$", re.S | re.M),
    (r"\$\$.*?\$\$", re.S),
    (r"\\begin\{(\w+\*?)\}.*?\\end\{\1\}", re.S),
    (r"^\s*:[\w-]+:.*$", re.M),
    (r"^#+ .*$", re.M),
    (r"^\(\S+\)=$", re.M),
    (r"\{[\w:-]+\}`[^`]*`", 0),
    (r"`[^`]*`", 0),
    (r"\]\([^)]*\)", 0),
    (r"https?://\S+", 0),
]
MATHS = re.compile(r"\$([^$]+)\$")
NUMBER = re.compile(r"(?<![\w.-])[-+]?\d+(?:[.,]\d+)*(?:e[-+]?\d+)?(?:\s?%)?(?!\w|-D\b)")
PURE_NUMBER = re.compile(r"\s*[-+]?[\d.,\\ ]+(?:\\times|\\cdot|\\%|%|10\^\{?-?\d+\}?|\s)*\s*\Z")
HARMLESS = re.compile(r"[0-9]|1[0-9]th|[12]-D")


def without_code(text: str) -> str:
    """Drop code and equations; keep what stands in admonitions, predictions and exercises."""
    kept, fences = [], []
    for line in text.split("\n"):
        fence = FENCE.match(line)
        hidden = any(code for _, code in fences)
        if fence and fences and fence["marks"] == fences[-1][0] and not fence["name"]:
            if not fence["rest"].strip():
                fences.pop()
                continue
        if fence and not hidden:
            plain = fence["marks"][0] == "`" and not fence["name"]
            fences.append((fence["marks"], plain or fence["name"] in CODE))
            continue
        if not hidden:
            kept.append(line)
    assert not fences, f"a fence is not closed: {fences}"
    return "\n".join(kept)


def prose(text: str) -> str:
    text = without_code(text)
    for pattern, flags in NOT_PROSE:
        text = re.sub(pattern, " ", text, flags=flags)
    return text


def typed_numbers(page: str, text: str) -> list[str]:
    text = prose(text)

    def keep_measured(match: re.Match) -> str:
        inner = match.group(1)
        measured = PURE_NUMBER.match(inner) and re.search(r"[.%]|10\^", inner)
        return f" {inner} " if measured else " X "

    text = MATHS.sub(keep_measured, text)
    for where, phrase, _ in TYPED_NUMBERS:
        if where in (page, "*"):
            text = re.sub(phrase, " ", text)
    return [n for n in NUMBER.findall(text) if not HARMLESS.fullmatch(n.strip())]


@pytest.mark.parametrize("page", PAGES)
def test_no_measured_number_is_typed(page):
    found = typed_numbers(page, (BOOK / f"{page}.md").read_text())
    assert not found, f"glue these, or list them with a reason: {found}"


def test_typed_numbers_are_found():
    assert typed_numbers("p", "The error is 0.31 and falls by 75 % over 128 steps.") == [
        "0.31",
        "75 %",
        "128",
    ]
    assert typed_numbers("p", "Measured: $3.98$ times, with `n = 64` steps.") == ["3.98"]
    boxed = """:::{predict} ch01-x
About 0.7 of them?

- few
- many

<details>
<summary>The answer</summary>

few

Of 250 points.
</details>
:::
So 3.7 it is.

```{code-cell} ipython3
x = 1.5
```
:::{note}
After 99 steps.
:::
"""
    assert typed_numbers("p", boxed) == ["0.7", "250", "3.7", "99"]
    clean = "In 2-D, with $h = 0.1$ and float64 {cite}`karras2022`, {glue:text}`ch01_x` of 4."
    assert typed_numbers("p", clean) == []


def test_the_lists_of_exceptions_are_in_use():
    texts = {page: prose((BOOK / f"{page}.md").read_text()) for page in PAGES}
    for page, phrase, reason in TYPED_NUMBERS:
        assert reason
        found = [p for p in texts if page in (p, "*") and re.search(phrase, texts[p])]
        assert found, f"no longer needed: {phrase}"
    for stem, first in IGNORED_OUTPUTS:
        assert any(cell.source.startswith(first) for cell in code_cells(stem))


@pytest.mark.parametrize("stem", CHAPTERS)
def test_glued_names_start_with_the_chapter_and_are_quoted(stem):
    text = (BOOK / f"{stem}.md").read_text()
    prefix = f"ch{stem[:2]}_" if stem in NUMBERED else f"{stem.split('_')[-1]}_"
    glued = re.findall(r"glue\(\s*\"([^\"]+)\"", text)
    assert all(name.startswith(prefix) for name in glued)
    everywhere = "".join((BOOK / f"{page}.md").read_text() for page in PAGES)
    unused = [
        name for name in glued if not re.search(rf"\{{glue:text\}}`[^`]*\b{name}", everywhere)
    ]
    assert not unused, f"glued, never quoted: {unused}"
