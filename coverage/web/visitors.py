"""Who may fetch what: each visitor's key, and what the map may fetch with it.

The map asks for its files by address, and shows its visitor's key with each request. Whoever shows
none, or another's, or one of a visit that has ended, gets nothing.
"""

from __future__ import annotations

import gzip
import hashlib
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

import streamlit as st
from starlette.responses import Response
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

if TYPE_CHECKING:
    from starlette.requests import Request

ADDRESS = "/map-data/{name}"
KEY_HEADER = "x-visitor"
_STATE = "visitor-key"
_UNSAVED = "unsaved-edits"
_KEPT_SHEETS = 8  # of one visitor: shapes and figures of the last few views
_PACKING = 3  # a quarter of the size in a few milliseconds


@dataclass(frozen=True)
class Sheet:
    """A text that a map fetches, under a name made from its content.

    Parameters
    ----------
    name
        Its name.
    content
        The text as UTF-8, packed by gzip.
    """

    name: str
    content: bytes


@dataclass
class _Visitor:
    session: str
    sheets: OrderedDict[str, Sheet] = field(default_factory=OrderedDict)


_visitors: dict[str, _Visitor] = {}
_lock = Lock()


def sheet_of(text: str) -> Sheet:
    """Return a text as a sheet.

    Parameters
    ----------
    text
        JSON.
    """
    content = text.encode("utf-8")
    name = f"{hashlib.sha256(content).hexdigest()[:24]}.json"
    return Sheet(name, gzip.compress(content, _PACKING, mtime=0))


def allow(*sheets: Sheet) -> str:
    """Let this visitor's map fetch sheets, and return the visitor's key.

    Parameters
    ----------
    *sheets
        What may be fetched.
    """
    key = own_key()
    with _lock:
        if key not in _visitors:
            for gone in [k for k, v in _visitors.items() if not is_here(v.session)]:
                del _visitors[gone]
        visitor = _visitors.setdefault(key, _Visitor(session()))
        for sheet in sheets:
            visitor.sheets[sheet.name] = sheet
            visitor.sheets.move_to_end(sheet.name)
        while len(visitor.sheets) > _KEPT_SHEETS:
            visitor.sheets.popitem(last=False)
    return key


def note_unsaved(*, unsaved: bool) -> None:
    """Note whether this visitor has edits that are not saved.

    Parameters
    ----------
    unsaved
        Whether there are any.
    """
    st.session_state[_UNSAVED] = unsaved


def has_unsaved() -> bool:
    """Return whether this visitor has edits that are not saved: the browser asks before leaving."""
    return bool(st.session_state.get(_UNSAVED))


async def answer(request: Request) -> Response:
    """Answer a map's request: 403 without a valid key, 404 for what is no longer there.

    Parameters
    ----------
    request
        The request.
    """
    with _lock:
        visitor = _visitors.get(request.headers.get(KEY_HEADER, ""))
        if visitor is None or not is_here(visitor.session):
            return Response(status_code=403)
        sheet = visitor.sheets.get(request.path_params["name"])
    if sheet is None:
        return Response(status_code=404)
    # the browser keeps it, but asks each time, so that the key is looked at each time
    tag = f'"{sheet.name}"'
    headers = {"cache-control": "private, no-cache", "etag": tag, "vary": "accept-encoding"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
        return Response(sheet.content, media_type="application/json", headers=headers)
    content = gzip.decompress(sheet.content)
    return Response(content, media_type="application/json", headers=headers)


def own_key() -> str:
    """Return the key of the visitor for whom a page runs."""
    key: str = st.session_state.setdefault(_STATE, secrets.token_urlsafe(24))
    return key


def session() -> str:
    """Return Streamlit's name for the visit that a page runs for; empty outside of one."""
    context = get_script_run_ctx()
    return context.session_id if context is not None else ""


def is_here(session: str) -> bool:
    """Return whether a visit lasts.

    Parameters
    ----------
    session
        Streamlit's name for it.
    """
    return not runtime.exists() or runtime.get_instance().is_active_session(session)
