"""Every sentence for people, in Chinese and in English.

The sentences stand in the ``.toml`` files of this folder, one file a room of the package, both
languages side by side::

    [no_crs]                                    # in layers.toml: key "layers.no_crs"
    zh = "{layer}：{path} 没有坐标系……"
    en = "{layer}: {path} has no coordinate reference system ..."

Analysis never builds sentences: it returns codes and numbers, and errors carry a key with values.
"""

from __future__ import annotations

import tomllib
from contextvars import ContextVar
from functools import cache, wraps
from importlib import resources
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

LANGUAGES = ("zh", "en")

P = ParamSpec("P")
T = TypeVar("T")

_language: ContextVar[str] = ContextVar("language", default="zh")


def language() -> str:
    """Return the language in use, ``zh`` or ``en``."""
    return _language.get()


def use(language: str) -> None:
    """Use a language for all sentences of this thread or task from now on.

    Raises
    ------
    ValueError
        If the language is neither ``zh`` nor ``en``.
    """
    if language not in LANGUAGES:
        msg = f"language must be one of {LANGUAGES}, not {language!r}"
        raise ValueError(msg)
    _language.set(language)


def spoken(step: Callable[P, T]) -> Callable[P, T]:
    """Return a step that is done in the language in use now, whoever calls it later.

    What a button of a page calls runs before the page has said its language.

    Parameters
    ----------
    step
        What is to be done.
    """
    chosen = language()

    @wraps(step)
    def said(*args: P.args, **values: P.kwargs) -> T:
        use(chosen)
        return step(*args, **values)

    return said


def say(key: str, language: str | None = None, /, **values: object) -> str:
    """Return a sentence, its placeholders filled.

    Parameters
    ----------
    key
        ``room.name``: the file and the table in it.
    language
        ``zh`` or ``en``; by default the language in use.
    **values
        What the placeholders stand for; a tuple is listed as the language does.

    Raises
    ------
    KeyError
        If there is no such sentence.
    """
    filled = {
        name: listed(value, language) if isinstance(value, tuple) else value
        for name, value in values.items()
    }
    return template(key, language).format(**filled)


def listed(words: Iterable[object], language: str | None = None) -> str:
    """Return words in a row, as a language separates them.

    Parameters
    ----------
    words
        The words.
    language
        ``zh`` or ``en``; by default the language in use.
    """
    comma = "、" if (language or _language.get()) == "zh" else ", "
    return comma.join(map(str, words))


def template(key: str, language: str | None = None) -> str:
    """Return a sentence with its placeholders, for those that fill it many times.

    Raises
    ------
    KeyError
        If there is no such sentence.
    """
    room, name = key.split(".", 1)
    return _room(room)[name][language or _language.get()]


def keys(room: str) -> tuple[str, ...]:
    """Return the names of all sentences of a room, in the order of its file."""
    return tuple(_room(room))


def has(key: str) -> bool:
    """Return whether there is a sentence under a key, ``room.name``."""
    room, name = key.split(".", 1)
    return name in _room(room)


@cache
def _room(room: str) -> dict[str, dict[str, str]]:
    source = resources.files(__name__) / f"{room}.toml"
    return tomllib.loads(source.read_text(encoding="utf-8"))
