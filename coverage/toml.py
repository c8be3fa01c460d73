"""Read TOML that people write: nothing in it can be too deep or too large to speak about."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from coverage import texts

_DEEPEST = 32  # tables and lists within each other; ours are six deep
_INTEGERS = range(-(2**63), 2**63)  # what TOML asks of its readers
# no document, page or workbook can hold these
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def parse(text: str) -> dict[str, Any]:
    """Return what a text of TOML says.

    Parameters
    ----------
    text
        The text.

    Raises
    ------
    tomllib.TOMLDecodeError
        If it is no TOML, is nested too deep, or holds an integer beyond 64 bits or a control
        character in a text.
    """
    try:
        content = tomllib.loads(text)
    except RecursionError as error:
        raise tomllib.TOMLDecodeError(texts.say("toml.too_deep", most=_DEEPEST)) from error
    except tomllib.TOMLDecodeError:
        raise
    except ValueError as error:  # digits without end
        raise tomllib.TOMLDecodeError(texts.say("toml.too_large")) from error
    _check(content)
    return content


def _check(content: dict[str, Any]) -> None:
    waiting: list[tuple[Any, int]] = [(content, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > _DEEPEST:
            raise tomllib.TOMLDecodeError(texts.say("toml.too_deep", most=_DEEPEST))
        if isinstance(value, dict | list):
            inner = value.values() if isinstance(value, dict) else value
            waiting.extend((each, depth + 1) for each in inner)
        elif isinstance(value, str) and _NOT_IN_XML.search(value):
            raise tomllib.TOMLDecodeError(texts.say("toml.control_character"))
        elif isinstance(value, int) and value not in _INTEGERS:
            raise tomllib.TOMLDecodeError(texts.say("toml.too_large"))
