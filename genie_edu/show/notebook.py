"""What the chapters' cells need from a notebook: numbers that the prose can quote."""

from __future__ import annotations

import re

_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
_RECORD = "application/papermill.record/"


def glue(name: str, text: str) -> None:
    """Store a printed number under a name, for ``{glue:text}`name` `` in the book's prose.

    The cell shows nothing; the notebook keeps the text, and the page quotes it.

    Args:
        name: chapter and key, such as ``ch03_ratio``: lower-case letters, digits, underscores.
        text: the number as it shall stand in the sentence, already rounded.

    Raises:
        TypeError: ``text`` is not a string.
        ValueError: ``name`` is not of that form, or ``text`` is empty.
        ImportError: IPython is not installed.
    """
    if not isinstance(name, str) or not _NAME.match(name):
        raise ValueError(
            f"name must be lower-case letters, digits and underscores such as 'ch03_ratio'; "
            f"it was {name!r}."
        )
    if not isinstance(text, str):
        raise TypeError(
            f"text must be a string, already rounded, such as f'{{value:.2f}}'; "
            f"it was {type(text).__name__}."
        )
    if not text.strip():
        raise ValueError("text must not be empty.")
    try:
        from IPython.display import display
    except ImportError as error:
        raise ImportError("glue needs IPython: pip install ipython") from error
    display(
        # quoted: myst_nb reads a bare 1.00 as a number and prints 1.0
        {_RECORD + "text/plain": repr(text)},
        raw=True,
        metadata={"scrapbook": {"name": name, "mime_prefix": _RECORD}},
    )
