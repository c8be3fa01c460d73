"""Why an indicator cannot be computed; told in the results, never to callers."""

from __future__ import annotations


class NotComputableError(Exception):
    """Say inside this room what is missing; it never leaves it.

    Parameters
    ----------
    reason
        Key of the sentence in ``texts/indicators.toml``.
    **values
        What fills it.
    """

    def __init__(self, reason: str, **values: object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.values = values
