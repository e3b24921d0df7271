"""Posters: what a lab shows without JavaScript, in print and before it is mounted.

Drawn from genie_edu's own numbers and rounded, so that the same state gives the same bytes.
`python -m genie_edu.lab.poster` rewrites the stored ones.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

from genie_edu.lab import HERE, _runs, images, scenarios, state_of
from genie_edu.lab._errors import budget, difference, mystery, order, scrubber, span
from genie_edu.lab._plane import World, encoding, field, guidance, knots, paths, tournament
from genie_edu.lab._steps import clocks, stepper, taylor
from genie_edu.lab._svg import HEIGHT, WIDTH, View, table

_VIEWS: dict[str, Callable[[World], View]] = {
    "paths": paths,
    "tournament": tournament,
    "knots": knots,
    "field": field,
    "clocks": clocks,
    "stepper": stepper,
    "taylor": taylor,
    "order": order,
    "mystery": mystery,
    "difference": difference,
    "budget": budget,
    "scrubber": scrubber,
    "span": span,
    "guidance": guidance,
    "encoding": encoding,
}
_OF_A_RUN: dict[str, Callable[[str, dict[str, Any]], View]] = {
    "images": images.tiles,
    "history": _runs.history,
    "blend": _runs.blend,
    "precision": _runs.precision,
}


def poster(scenario: str, **overrides: Any) -> str:  # noqa: ANN401
    """HTML fragment of a scenario: an SVG picture, a small table, one sentence."""
    spec, state = scenarios()[scenario], state_of(scenario, **overrides)
    if spec["view"] in _OF_A_RUN:
        drawing, head, rows, hidden = _OF_A_RUN[spec["view"]](spec["sheet"], state)
    else:
        drawing, head, rows, hidden = _VIEWS[spec["view"]](World(state))
    numbers = table(head, rows)
    if hidden:
        numbers = f"<details><summary>Show the answer</summary>{numbers}</details>"
    alt, sentence = html.escape(spec["alt"]), " ".join([spec["sentence"], spec.get("about", "")])
    return (
        f'<figure>\n<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{alt}" '
        f'fill="none" font-size="12">\n{drawing}</svg>\n'
        f"<figcaption>{html.escape(sentence.strip())}</figcaption>\n</figure>\n{numbers}\n"
    )


def write_posters() -> None:
    """Write the stored poster of every scenario."""
    folder = HERE / "posters"
    folder.mkdir(exist_ok=True)
    for scenario in scenarios():
        (folder / f"{scenario}.html").write_text(poster(scenario), encoding="utf-8")


if __name__ == "__main__":
    write_posters()
