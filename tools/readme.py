"""Write the measured parts of README.md: the table of chapters and the library's line counts.

python tools/readme.py [--check]
"""

from __future__ import annotations

import ast
import io
import json
import re
import sys
import tokenize
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
LARGEST_MODULE = 250
LARGEST_LIBRARY = 4250
LAB = "lab/"
OUTSIDE_THE_COUNT = {"exercises"}


def code_lines(source: str) -> int:
    """Count the lines that hold code: no blank lines, comments or docstrings."""
    quiet = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
    quiet |= {tokenize.ENCODING, tokenize.ENDMARKER}
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in quiet:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if is_text and isinstance(node.value.value, str):
            lines.difference_update(range(node.lineno, node.end_lineno + 1))
    return len(lines)


def module_lines() -> dict[str, int]:
    """Return the counted lines of each module of genie_edu."""
    folder = ROOT / "genie_edu"
    return {
        path.relative_to(folder).as_posix(): code_lines(path.read_text())
        for path in sorted(folder.rglob("*.py"))
        if path.relative_to(folder).parts[0] not in OUTSIDE_THE_COUNT
    }


def library_lines() -> int:
    """Return the counted lines of genie_edu without the lab's Python side."""
    return sum(count for name, count in module_lines().items() if LAB not in name)


def minutes(seconds: float) -> str:
    """Return a measured time in words."""
    return "under 1 minute" if seconds < 60 else f"about {round(seconds / 60)} min"


def chapter_table() -> str:
    """Return one row a chapter, with its time as measured."""
    costs = json.loads((ROOT / "data" / "chapter_costs.json").read_text())
    rows = []
    for path in sorted((ROOT / "book").glob("[0-9][0-9]_*.md")):
        title = re.search(r"^# (.*)$", path.read_text(), re.M).group(1)
        cost = costs[path.stem]
        time = minutes(cost["seconds"])
        rows.append(f"| [{title}](book/{path.name}) | {cost['device'].split(' (')[0]} · {time} |")
    return "\n".join(rows)


def line_table() -> str:
    """Return the library's line counts in one sentence and a list."""
    counts = module_lines()
    named = ", ".join(f"`{name}` {count}" for name, count in counts.items() if LAB not in name)
    lab = sum(counts.values()) - library_lines()
    return (
        f"{library_lines()} lines of code (docstrings and blank lines not counted): {named}. "
        f"The Python side of the lab has {lab} more."
    )


def render() -> str:
    """Return README.md with its measured parts up to date."""
    text = README.read_text()
    header = "| chapter | device · time |\n|---|---|\n"
    for name, body in (("chapters", chapter_table()), ("lines", line_table())):
        start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        before, rest = text.split(start)
        after = rest.split(end)[1]
        body = header + body if name == "chapters" else body
        text = f"{before.removesuffix(header)}{start}\n{body}\n{end}{after}"
    return text


def main() -> int:
    """Write README.md, or with --check say whether it is up to date."""
    if "--check" in sys.argv[1:]:
        if render() != README.read_text():
            print("README.md is not up to date: run python tools/readme.py")
            return 1
        return 0
    README.write_text(render())
    return 0


if __name__ == "__main__":
    sys.exit(main())
