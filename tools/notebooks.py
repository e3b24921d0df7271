"""Execute the chapters that changed and write both halves of each pair, byte for byte stable.

    python tools/notebooks.py [stem ...]    write what changed (named stems: whatever changed there)
    python tools/notebooks.py --all         execute everything again
    python tools/notebooks.py --check       compare the pairs, write nothing

People edit `book/NN_name.md` (MyST, jupytext); `book/NN_name.ipynb` holds the outputs. A chapter is
executed when its code cells differ from the stored ones; changed prose is merged without running.
After a change in genie_edu that changes results, use --all (nbval finds what would be stale).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import time
from pathlib import Path

import jupytext
import nbformat
from jupytext.compare import NotebookDifference, compare_notebooks
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

sys.path.insert(0, str(Path(__file__).resolve().parent))
from setup_cell import ROOT, setup_cell  # noqa: E402

BOOK = ROOT / "book"
COSTS = ROOT / "data" / "chapter_costs.json"
COST_CHANGE = 0.3
"""A new measurement replaces the recorded one only if it differs by more than this fraction."""
CELL_TIMEOUT = 300
KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}
SETUP_METADATA = {
    "mystnb": {"code_prompt_show": "Setup", "code_prompt_hide": "Setup"},
    "tags": ["setup", "hide-input"],
}
NOT_RUN = {"nbval-skip", "gpu"}
COLAB_GPU = {"accelerator": "GPU", "colab": {"gpuType": "T4"}}
PEAK_MEMORY = """
try:
    with open("/proc/self/status") as status:
        kilobytes = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
except OSError:
    import resource
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(kilobytes // 1024)
"""


def sources(stems: list[str] | None = None) -> list[Path]:
    """Return the chapters' .md files: those with a jupytext header."""
    found = []
    for path in sorted(BOOK.glob("*.md")):
        head = path.read_text()[:2000].split("\n---", 1)[0]
        if head.startswith("---") and "jupytext:" in head:
            found.append(path)
    if stems:
        names = {path.stem for path in found}
        wanted = {Path(stem).stem for stem in stems}
        if wanted - names:
            sys.exit(f"no such chapter: {', '.join(sorted(wanted - names))}")
        found = [path for path in found if path.stem in wanted]
    return found


def read_source(path: Path) -> nbformat.NotebookNode:
    """Read a chapter's .md with the current setup cell, fixed cell ids and clean metadata."""
    notebook = jupytext.read(path, fmt="md:myst")
    notebook = jupytext.reads(jupytext.writes(notebook, fmt="md:myst"), fmt="md:myst")
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    gpu = any("gpu" in cell.metadata.get("tags", []) for cell in code)
    if code:
        tagged = "setup" in code[0].metadata.get("tags", [])
        if not tagged:
            cell = nbformat.v4.new_code_cell()
            notebook.cells.insert(notebook.cells.index(code[0]), cell)
        else:
            cell = code[0]
        cell.source = setup_cell(gpu)
        cell.metadata = nbformat.from_dict(SETUP_METADATA)
    seen: dict[str, int] = {}
    for cell in notebook.cells:
        digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:10]
        seen[digest] = seen.get(digest, 0) + 1
        cell.id = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
    notebook.metadata["kernelspec"] = dict(KERNELSPEC)
    notebook.metadata.pop("language_info", None)
    notebook.metadata.pop("widgets", None)
    for key in COLAB_GPU:
        notebook.metadata.pop(key, None)
    if gpu:  # Colab gives such a notebook a runtime with one
        notebook.metadata.update(nbformat.from_dict(COLAB_GPU))
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def code_key(notebook: nbformat.NotebookNode) -> list[tuple[str, tuple[str, ...]]]:
    """Return what decides whether a notebook must run: sources and tags of its code cells."""
    return [
        (cell.source, tuple(sorted(cell.metadata.get("tags", []))))
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


def normalise_outputs(notebook: nbformat.NotebookNode) -> None:
    """Drop what differs from run to run: widget models' ids, execution metadata."""
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type != "code":
            continue
        merged: list[nbformat.NotebookNode] = []
        for output in cell.outputs:
            data = output.get("data", {})
            data.pop("application/vnd.jupyter.widget-view+json", None)
            same = merged and output.output_type == "stream" == merged[-1].output_type
            if same and output.name == merged[-1].name:
                merged[-1].text += output.text
            else:
                merged.append(output)
        cell.outputs = merged


def execute(notebook: nbformat.NotebookNode) -> dict[str, float]:
    """Run a notebook in place in a fresh kernel; return its seconds and peak megabytes."""
    # One thread: sums in one order on every machine, and small tensors run no slower for it.
    os.environ.update(PLOTLY_RENDERER="plotly_mimetype", PYTHONHASHSEED="0", OMP_NUM_THREADS="1")
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        kernel_name="python3",
        record_timing=False,
        store_widget_state=False,
        resources={"metadata": {"path": str(BOOK)}},
        extra_arguments=["--log-level=ERROR"],
    )
    skipped = {
        index: cell.source
        for index, cell in enumerate(notebook.cells)
        if NOT_RUN & set(cell.metadata.get("tags", []))
    }
    started = time.monotonic()
    with client.setup_kernel():
        for index, cell in enumerate(notebook.cells):
            if cell.cell_type == "code" and index not in skipped:
                client.execute_cell(cell, index)
        seconds = time.monotonic() - started
        probe = nbformat.v4.new_code_cell(PEAK_MEMORY)
        notebook.cells.append(probe)
        client.execute_cell(probe, len(notebook.cells) - 1, store_history=False)
        notebook.cells.pop()
    count = 0
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        if index in skipped:
            cell.execution_count, cell.outputs = None, []
            continue
        count += 1
        cell.execution_count = count
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = count
    notebook.metadata.pop("language_info", None)
    notebook.metadata.pop("widgets", None)
    normalise_outputs(notebook)
    return {"seconds": round(seconds, 1), "peak_memory_mb": int(probe.outputs[0].text)}


def record_costs(stem: str, measured: dict[str, float]) -> None:
    """Keep a chapter's measured time and memory, if they changed enough to say so."""
    costs = json.loads(COSTS.read_text()) if COSTS.exists() else {}
    old = costs.get(stem, {})
    keys = ("seconds", "peak_memory_mb")
    if old and all(abs(measured[k] - old[k]) <= COST_CHANGE * old[k] for k in keys):
        return
    costs[stem] = {"device": f"CPU ({os.cpu_count()} cores)", **measured}
    COSTS.write_text(json.dumps(dict(sorted(costs.items())), indent=2) + "\n")


def write_if_changed(path: Path, text: str) -> bool:
    """Write a file unless it already holds this text."""
    if path.exists() and path.read_text() == text:
        return False
    path.write_text(text)
    return True


def notebook_text(notebook: nbformat.NotebookNode) -> str:
    """Return the one serialisation of a notebook."""
    return nbformat.writes(notebook, version=4).rstrip("\n") + "\n"


def build(path: Path, force: bool = False) -> str:
    """Bring one pair up to date; return what was done, in a word."""
    notebook = read_source(path)
    target = path.with_suffix(".ipynb")
    stored = nbformat.read(target, as_version=4) if target.exists() else None
    if stored is not None and not force and code_key(stored) == code_key(notebook):
        outputs = [cell for cell in stored.cells if cell.cell_type == "code"]
        for cell, old in zip(
            (cell for cell in notebook.cells if cell.cell_type == "code"), outputs, strict=True
        ):
            cell.outputs, cell.execution_count = old.outputs, old.execution_count
        done = "merged"
    else:
        record_costs(path.stem, execute(notebook))
        done = "executed"
    text = jupytext.writes(notebook, fmt="md:myst").rstrip("\n") + "\n"
    changed = write_if_changed(path, text)
    changed |= write_if_changed(target, notebook_text(notebook))
    return done if changed else "unchanged" if done == "merged" else "executed, unchanged"


def differences(path: Path) -> str:
    """Return in what a pair disagrees; empty if it does not."""
    target = path.with_suffix(".ipynb")
    if not target.exists():
        return "the notebook is missing: run make notebooks"
    source, notebook = read_source(path), nbformat.read(target, as_version=4)
    stored = jupytext.read(path, fmt="md:myst")
    code = [cell for cell in stored.cells if cell.cell_type == "code"]
    gpu = "accelerator" in source.metadata
    if code and (code[0].source != setup_cell(gpu) or code[0].metadata != SETUP_METADATA):
        return "the first code cell is not the setup cell: run make notebooks"
    try:
        compare_notebooks(source, notebook, fmt="md:myst", allow_expected_differences=True)
    except NotebookDifference as difference:
        return " ".join(str(difference).split())[:300]
    if [cell.id for cell in source.cells] != [cell.id for cell in notebook.cells]:
        return "the cell ids differ: run make notebooks"
    return ""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Execute changed chapters; keep the pairs equal.")
    parser.add_argument("stems", nargs="*", help="chapters, by file stem (all if none)")
    parser.add_argument("--all", action="store_true", help="execute even what did not change")
    parser.add_argument("--check", action="store_true", help="compare the pairs only")
    options = parser.parse_args(arguments)
    failed = 0
    for path in sources(options.stems):
        if options.check:
            problem = differences(path)
            failed += bool(problem)
            print(f"{path.stem}: {problem or 'ok'}")
            continue
        try:
            print(f"{path.stem}: {build(path, force=options.all)}", flush=True)
        except CellExecutionError as error:
            failed += 1
            print(f"{path.stem}: a cell failed\n{error}", file=sys.stderr)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
