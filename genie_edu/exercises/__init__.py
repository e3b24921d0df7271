"""The checks of the chapters' exercises: one small module a chapter.

A check raises `NotYet` with a hint, or prints one line that starts with "Correct:".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["NotYet", "correct", "require_callable"]


class NotYet(AssertionError):
    """An exercise is not solved yet; the message is a hint that does not give the answer away.

    In a notebook it shows as one line instead of a traceback.
    """

    def __init__(self, hint: str) -> None:
        super().__init__(hint)
        self.hint = hint

    def _render_traceback_(self) -> list[str]:
        """IPython prints these lines in place of the traceback."""
        return [f"Not yet: {self.hint}"]


def correct(message: str) -> None:
    """Print the one line with which every passed check ends."""
    print(f"Correct: {message}")


def require_callable(answer: object, signature: str) -> Callable[..., Any]:
    """Return ``answer`` if it is a function; otherwise say which one to write.

    Args:
        answer: what the reader handed in; ``...`` and None count as "nothing written yet".
        signature: the function asked for, for example ``"eps(x_bar, gamma)"``.

    Raises:
        NotYet: ``answer`` is a placeholder or cannot be called.
    """
    if answer is None or answer is ...:
        raise NotYet(f"write the function {signature} in place of the dots, then run the cell.")
    if not callable(answer):
        raise NotYet(f"hand in the function {signature} itself, not a {type(answer).__name__}.")
    return answer
