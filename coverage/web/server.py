"""The server: what it serves to whom, and the routes beside Streamlit's own."""

from __future__ import annotations

from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from starlette.middleware import Middleware
from starlette.routing import Route

from coverage.web import session, visitors
from coverage.web.sign_in import SignIn
from coverage.web.users import Users

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

SCRIPT = Path(__file__).parent / "script" / "page.py"


@dataclass(frozen=True, kw_only=True)
class Served:
    """What a server serves.

    Parameters
    ----------
    project
        Project folder or its ``project.toml`` that pages open with.
    language
        ``zh`` or ``en``: language pages open in.
    users
        Who may sign in; None: whoever sits at this machine.
    """

    project: Path
    language: str = "zh"
    users: Users | None = None


_served: list[Served] = []


def served() -> Served:
    """Return what this server serves."""
    return _served[-1]


def parts(what: Served) -> dict[str, Any]:
    """Return what a Streamlit app needs beside its script to serve something.

    Parameters
    ----------
    what
        What to serve.
    """
    _served.append(what)
    return {
        "routes": [Route(visitors.ADDRESS, visitors.answer)],
        "middleware": [Middleware(SignIn, users=what.users, language=what.language)],
        "lifespan": _reading_ahead,
    }


@asynccontextmanager
async def _reading_ahead(_: object) -> AsyncIterator[None]:
    """Read the project while the browser is still opening."""
    Thread(target=_read_ahead, args=(served(),), daemon=True).start()
    yield


def _read_ahead(what: Served) -> None:
    # whatever goes wrong, the page meets it too, and says it
    with suppress(Exception):
        session.read_ahead(str(what.project), what.language)


def arguments(words: Sequence[str], *, project: Path) -> Served:
    """Return what to serve from the words after ``--``.

    Parameters
    ----------
    words
        ``[PROJECT] [--lang=zh|en] [--users=FILE]``.
    project
        Project to serve where none is named.

    Raises
    ------
    ProjectError
        If the file of users cannot be used.
    """
    named = next((Path(word) for word in words if not word.startswith("--")), project)
    options = dict(w[2:].split("=", 1) for w in words if w.startswith("--") and "=" in w)
    users = Users(Path(options["users"])) if "users" in options else None
    return Served(project=named, language=options.get("lang", "zh"), users=users)
