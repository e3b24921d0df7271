"""Write genie_edu/artefacts.json: the sha256 of every recorded file that a chapter may fetch.

python tools/artefacts.py, after a run has written to data/.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MANIFEST = ROOT / "genie_edu" / "artefacts.json"


def recorded() -> dict[str, str]:
    """Return name and sha256 of the recorded runs' files: all below data/ but the cards' copies."""
    kinds = (".safetensors", ".json", ".webp", ".png")
    unfinished = {"plan.json"}
    files = [
        path
        for path in (ROOT / "data").glob("*/*")
        if path.suffix in kinds and ".run." not in path.name and path.name not in unfinished
    ]
    cards = {path.with_suffix(".json") for path in files if path.suffix == ".safetensors"}
    return {
        path.relative_to(ROOT / "data").as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(set(files) - cards)
    }


if __name__ == "__main__":
    MANIFEST.write_text(json.dumps(recorded(), indent=1) + "\n")
