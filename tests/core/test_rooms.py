"""The library's rooms: which module imports which, how large they are, what each is for."""

from __future__ import annotations

import ast
from pathlib import Path

import readme

from conftest import ROOT

PACKAGE = ROOT / "genie_edu"


def module_of(path: Path) -> str:
    """The dotted name of a file."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str:
    """The room of a module's dotted name."""
    parts = module.split(".")[1:]
    return parts[0] if parts and (PACKAGE / parts[0]).is_dir() else ""


def imported(source: str, known: set[str]) -> set[str]:
    """The modules of ours that a source imports anywhere but for type checking."""
    tree, found = ast.parse(source), set()
    checked = {
        node
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and getattr(block.test, "id", "") == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    for node in ast.walk(tree):
        if node in checked:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {
                name if (name := f"{node.module}.{alias.name}") in known else node.module
                for alias in node.names
            }
    return found & known


def arrows() -> list[tuple[str, str]]:
    """(importing module, imported module), the package's own __init__ left out."""
    files = {module_of(path): path for path in PACKAGE.rglob("*.py")}
    del files["genie_edu"]
    known = {*files, "genie_edu"}
    return [(name, to) for name, path in files.items() for to in imported(path.read_text(), known)]


def runs_back(arrow: tuple[str, str]) -> bool:
    """Whether a module imports from a later room, or from the package's own __init__."""
    order = readme.ROOMS
    source, target = (order.index(room_of(module)) for module in arrow)
    on_top = room_of(arrow[0]) in ("exercises", "cli")  # they use the package as its users do
    return target > source or (arrow[1] == "genie_edu" and not on_top)


def test_no_arrow_runs_back():
    found = arrows()
    assert len(found) > 100
    assert [arrow for arrow in found if runs_back(arrow)] == []


def test_modules_of_a_room_do_not_go_in_circles():
    after = {}
    for source, target in arrows():
        after.setdefault(source, set()).add(target)

    def reaches(module: str, goal: str, seen: set[str]) -> bool:
        for target in after.get(module, set()) - seen:
            seen.add(target)
            if target == goal or reaches(target, goal, seen):
                return True
        return False

    rooms_of_one = {name for name in after if room_of(name) in ("lab", "exercises", "cli")}
    assert [name for name in after if name not in rooms_of_one and reaches(name, name, set())] == []


def test_an_arrow_that_runs_back_is_seen():
    known = {"genie_edu", "genie_edu.solvers", "genie_edu.show.palette"}
    (target,) = imported("from genie_edu.show import palette", known)
    assert runs_back(("genie_edu.solvers", target))
    assert not runs_back(("genie_edu.show.palette", "genie_edu.solvers"))
    assert imported("import genie_edu", known) == {"genie_edu"}
    assert runs_back(("genie_edu.solvers", "genie_edu"))
    typed = "if TYPE_CHECKING:\n    from genie_edu.show import palette"
    assert imported(typed, known) == set()


def test_rooms_and_modules_stay_small_and_say_what_they_are_for():
    for room, modules in readme.rooms().items():
        if room != "exercises":  # a module a chapter
            assert len(modules) <= readme.MODULES_A_ROOM, room
        assert {n: k for n, k in modules.items() if k > readme.LARGEST_MODULE} == {}
        assert 20 < len(readme.sentence(room)) < 130
    folders = {path.parent.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py")}
    assert {folder.replace(".", "", 1) for folder in folders} == set(readme.ROOMS)
    assert readme.code_lines('"""Doc."""\n\n# comment\nx = 1\ny = (\n    2\n)\n') == 4


def test_the_core_knows_no_colours_and_no_files():
    for path in PACKAGE.glob("*.py"):
        assert not {"plotly", "pathlib", "safetensors"} & {
            name.split(".")[0]
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, (ast.Import, ast.ImportFrom))
            for name in (
                [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else [alias.name for alias in node.names]
            )
        }, path.name
