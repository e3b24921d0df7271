"""Write the measured parts of README.md: the table of chapters and the library's rooms.

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
MODULES_A_ROOM = 12
ROOMS = ("", "nets", "datasets", "train", "recipes", "judge", "show", "exercises", "lab", "cli")
"""The library's folders; a module imports from its own or from one before it."""


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


def rooms() -> dict[str, dict[str, int]]:
    """Return the counted lines of each module of genie_edu, by room."""
    found: dict[str, dict[str, int]] = {room: {} for room in ROOMS}
    for path in sorted((ROOT / "genie_edu").rglob("*.py")):
        room = path.relative_to(ROOT / "genie_edu").parent.as_posix().replace(".", "")
        if path.name != "__init__.py" or room == "lab":
            found[room][path.name] = code_lines(path.read_text())
    return found


def sentence(room: str) -> str:
    """Return the first paragraph of a room's docstring, as one line."""
    text = (ROOT / "genie_edu" / room / "__init__.py").read_text()
    return " ".join(ast.get_docstring(ast.parse(text)).split("\n\n")[0].split())


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


def room_table() -> str:
    """Return one row a room: what it is for, its modules, its lines of code."""
    rows = []
    for room, modules in rooms().items():
        names = [name.removesuffix(".py") for name in modules if not name.startswith("__")]
        held = ", ".join(f"`{n}`" for n in names if not n.startswith("_"))
        if room == "exercises":
            held = "one module a chapter"
        path = f"genie_edu/{room}/" if room else "genie_edu/"
        rows.append(
            f"| [`{path}`]({path}) | {sentence(room)} | {held} | {sum(modules.values()):,} |"
        )
    return "\n".join(rows)


def render() -> str:
    """Return README.md with its measured parts up to date."""
    text = README.read_text()
    headers = {
        "chapters": "| chapter | device · time |\n|---|---|\n",
        "rooms": "| room | what it is for | modules | lines |\n|---|---|---|---|\n",
    }
    for name, body in (("chapters", chapter_table()), ("rooms", room_table())):
        start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        before, rest = text.split(start)
        after = rest.split(end)[1]
        text = f"{before}{start}\n{headers[name]}{body}\n{end}{after}"
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
