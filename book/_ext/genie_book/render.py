"""How myst-nb renders the two kinds of live output: plotly figures and the lab."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from typing import Any, ClassVar

from docutils import nodes

PLOTLY = "application/vnd.plotly.v1+json"
WIDGET = "application/vnd.jupyter.widget-view+json"
DEFAULT_HEIGHT = 420


def figure_html(content: dict[str, Any]) -> str:
    """Return the placeholder of a figure: its JSON for the page's script, its alt text for all.

    Raises:
        ValueError: the figure has no alternative text in ``layout.meta.alt``.
    """
    layout = content.get("layout", {})
    alt = (layout.get("meta") or {}).get("alt", "")
    if not alt:
        raise ValueError("a plotly figure has no alt text (layout.meta.alt)")
    figure = json.dumps({"data": content.get("data", []), "layout": layout}, sort_keys=True)
    figure = figure.replace("</", "<\\/")
    note = layout["meta"].get("note", "")
    said = f'<p class="genie-figure-note">{escape(note)}</p>' if note else ""
    height = int(layout.get("height") or DEFAULT_HEIGHT)
    return (
        f'<div class="genie-figure" data-height="{height}">'
        f'<script type="application/json">{figure}</script>'
        f'<p class="genie-figure-alt">Figure: {escape(alt)}</p>{said}</div>'
    )


class BookRenderer:
    """myst-nb finds this class through its entry point group."""

    mime_priority_overrides: ClassVar[Sequence[tuple[str, str, int | None]]] = [
        ("html", PLOTLY, 5),
        ("html", WIDGET, None),
    ]

    @staticmethod
    def handle_mime(renderer: Any, data: Any, inline: bool) -> list[nodes.Element] | None:
        """Render a plotly output; leave everything else to myst-nb."""
        if inline or data.mime_type != PLOTLY:
            return None
        try:
            html = figure_html(data.content)
        except ValueError as error:
            renderer.logger.warning(str(error), subtype="alt", line=data.line)
            return []
        return [nodes.raw(text=html, format="html")]
