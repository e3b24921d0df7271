"""Renew what says which recorded files there are: genie_edu/artefacts.json and data/README.md.

python tools/artefacts.py, after a run has written to data/. The first gets the sha256 of every file
that a chapter may fetch. In the second, the rows of files that have changed get their new sha256,
device and date, and files of a GPU run that have no row yet get one.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "data"
RUN = "`genie-edu run cifar10`"
MANIFEST = ROOT / "genie_edu" / "artefacts.json"
KINDS = (".safetensors", ".json", ".webp", ".png")
ROW = re.compile(r"\| `([^`]+)` \| .* \| ([0-9a-f]{64}|see the weights) \|")
PLANNED = re.compile(r"\| `([^`/]+)`(?:, `(\.\w+)`)? \| ([^|]+) \|")
"""A row of the second table, which tells what a GPU run adds: one file, or two of one name."""


def files(data: Path) -> list[Path]:
    """Return the recorded runs' files, without what an unfinished run keeps beside them."""
    return sorted(
        path
        for path in data.glob("*/*")
        if path.suffix in KINDS and ".run." not in path.name and path.name != "plan.json"
    )


def copies(found: list[Path]) -> set[Path]:
    """Return those of the files that repeat the card inside a weights' file."""
    return {path.with_suffix(".json") for path in found if path.suffix == ".safetensors"}


def sha256_of(path: Path) -> str:
    """Return the file's sha256."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def recorded(data: Path = DATA) -> dict[str, str]:
    """Return name and sha256 of the recorded runs' files: all below data/ but the cards' copies."""
    found = files(data)
    names = sorted(set(found) - copies(found))
    return {path.relative_to(data).as_posix(): sha256_of(path) for path in names}


def record_of(path: Path) -> dict[str, Any]:
    """Return how a file was made: its own record, that of its name's JSON, that of its run."""
    for place in (path, *map(path.with_name, ("results.json", "base.json"))):
        place = place.with_suffix(".json")
        if place.is_file():
            record = json.loads(place.read_text()).get("record")
            if record:
                return record
    return {"device": "not recorded", "date": "not recorded"}


def described(text: str, data: Path = DATA) -> str:
    """Return the text of data/README.md with rows that fit the files."""
    lines, found = text.split("\n"), files(data)
    rows = {match[1]: i for i, line in enumerate(lines) if (match := ROW.fullmatch(line))}
    for name, i in rows.items():
        *head, device, date, told = lines[i].removesuffix(" |").split(" | ")
        if told != "see the weights" and (data / name).is_file():
            sha256, record = sha256_of(data / name), {"device": device, "date": date}
            if sha256 != told and (data / name) in found:
                record |= record_of(data / name)
            lines[i] = " | ".join([*head, record["device"], record["date"], f"{sha256} |"])
    made = {}
    for first, suffix, how in PLANNED.findall(text):
        made |= {first: how, str(Path(first).with_suffix(suffix or Path(first).suffix)): how}
    new = []
    for path in found:
        name = path.relative_to(data).as_posix()
        if name not in rows and path.name in made:
            record, how = record_of(path), made[path.name].replace("the same", RUN, 1)
            told = "see the weights" if path in copies(found) else sha256_of(path)
            new.append(f"| `{name}` | {how} | 0 | {record['device']} | {record['date']} | {told} |")
    at = 1 + max(rows.values())
    return "\n".join([*lines[:at], *new, *lines[at:]])


if __name__ == "__main__":
    MANIFEST.write_text(json.dumps(recorded(), indent=1) + "\n")
    README = DATA / "README.md"
    README.write_text(described(README.read_text()))
