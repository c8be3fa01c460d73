"""How wide text is where Chinese characters are two cells, in terminals and sheets."""

from __future__ import annotations

import unicodedata


def cells_of(text: str) -> int:
    """Return how many cells of a terminal a text takes.

    Parameters
    ----------
    text
        One line; characters whose width terminals do not agree on count as one cell.
    """
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        for sign in text
    )
