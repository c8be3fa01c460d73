"""The door: nothing of the app reaches a visitor who is not signed in, where sign-in is set up.

It stands before Streamlit: pages, the connection that carries them, uploads and map files alike.
Without a file of users the server answers on this machine's own address only.
"""

from __future__ import annotations

import secrets
import time
from html import escape
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from streamlit import config

from coverage import texts
from coverage.web.addresses import is_loopback

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Receive, Scope, Send

    from coverage.web.users import Users

COOKIE = "planner-visit"
SIGN_IN, SIGN_OUT, HEALTH = "/sign-in", "/sign-out", "/_stcore/health"
_STAY_S = 12 * 3600
_MOST_BYTES = 4096  # of a form
_REFUSED = 4403  # close code of a connection that is refused

_signed_in: dict[str, tuple[str, float]] = {}


class SignIn:
    """Let in those who are signed in.

    Parameters
    ----------
    app
        What stands behind the door.
    users
        Who may sign in; None: whoever sits at this machine.
    language
        ``zh`` or ``en``: language of the form.
    """

    def __init__(self, app: ASGIApp, users: Users | None, language: str) -> None:
        self._app = app
        self._users = users
        self._language = language

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on."""
        if scope["type"] not in ("http", "websocket") or self._may_pass(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": _REFUSED})
        else:
            response = await self._answer(Request(scope, receive))
            await response(scope, receive, send)

    def _may_pass(self, scope: Scope) -> bool:
        if self._users is None:
            return is_loopback(config.get_option("server.address"))
        path = scope["path"]
        if path.endswith(HEALTH):
            return True
        return not path.endswith((SIGN_IN, SIGN_OUT)) and name_of(_cookies(scope)) is not None

    async def _answer(self, request: Request) -> Response:
        if self._users is None:
            address = config.get_option("server.address")
            return PlainTextResponse(not_loopback(address, self._language), status_code=403)
        path = request.url.path
        if path.endswith(SIGN_OUT):
            _signed_in.pop(request.cookies.get(COOKIE, ""), None)
            response: Response = RedirectResponse("." + SIGN_IN, status_code=303)
            response.delete_cookie(COOKIE)
            return response
        if path.endswith(SIGN_IN) and request.method == "POST":
            return await self._sign_in(request, self._users)
        if path.endswith(SIGN_IN):
            return self._form("")
        if "text/html" in request.headers.get("accept", ""):
            return RedirectResponse("." + SIGN_IN, status_code=303)
        return Response(status_code=403)

    async def _sign_in(self, request: Request, users: Users) -> Response:
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > _MOST_BYTES:
                return Response(status_code=413)
        fields = parse_qs(body.decode("utf-8", errors="replace"))
        name, password = (fields.get(field, [""])[0] for field in ("name", "password"))
        caller = request.client.host if request.client else ""
        if users.paused(name, caller):
            return self._form("web.sign_in_paused", status=429)
        # scrambling takes a tenth of a second, in which others are answered
        if not await anyio.to_thread.run_sync(users.check, name, password, caller):
            return self._form("web.sign_in_wrong", status=403)
        response = RedirectResponse("./", status_code=303)
        response.set_cookie(
            COOKIE,
            _remember(name),
            max_age=_STAY_S,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        return response

    def _form(self, fault: str, status: int = 200) -> Response:
        words = {
            key: escape(texts.say(f"web.{key}", self._language))
            for key in ("page_title", "sign_in", "sign_in_name", "sign_in_password")
        }
        said = escape(texts.say(fault, self._language)) if fault else ""
        page = _FORM.format(**words, fault=said, lang=self._language)
        return HTMLResponse(page, status_code=status, headers={"cache-control": "no-store"})


def not_loopback(address: str | None, language: str | None = None) -> str:
    """Return the sentence that refuses to serve another address without sign-in.

    Parameters
    ----------
    address
        The server's address; unset means every address.
    language
        ``zh`` or ``en``; by default the language in use.
    """
    said = address or texts.say("web.any_address", language)
    return texts.say("web.not_loopback", language, address=said)


def name_of(cookies: Mapping[str, str]) -> str | None:
    """Return who is signed in with a browser's cookies, or None.

    Parameters
    ----------
    cookies
        Cookies by name.
    """
    name, until = _signed_in.get(cookies.get(COOKIE, ""), ("", 0.0))
    return name if time.monotonic() < until else None


def _remember(name: str) -> str:
    now = time.monotonic()
    for key in [k for k, (_, until) in _signed_in.items() if until < now]:
        _signed_in.pop(key, None)
    key = secrets.token_urlsafe(32)
    _signed_in[key] = (name, now + _STAY_S)
    return key


def _cookies(scope: Scope) -> dict[str, str]:
    said = b"; ".join(value for name, value in scope["headers"] if name == b"cookie")
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(said.decode("latin-1")).items()}
    except CookieError:
        return {}


_FORM = """<!doctype html>
<html lang="{lang}">
<head><meta charset="utf-8"><title>{page_title}</title>
<meta name="viewport" content="width=device-width">
<style>
body {{ margin: 0; display: grid; place-items: center; min-height: 100vh; background: #f6f4ee;
  color: #26282b; font: 16px "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", sans-serif; }}
form {{ display: grid; gap: 14px; width: 320px; padding: 28px 32px 32px; background: #fff;
  border: 1px solid #d8d5cc; border-radius: 6px; }}
h1 {{ margin: 0 0 6px; font-size: 20px; }}
label {{ display: grid; gap: 4px; font-size: 14px; color: #5d6066; }}
input {{ font: inherit; padding: 8px 10px; border: 1px solid #b9b6ad; border-radius: 4px; }}
button {{ font: inherit; padding: 9px; border: 0; border-radius: 4px; background: #1d6a70;
  color: #fff; cursor: pointer; }}
p {{ margin: 0; color: #b3261e; font-size: 14px; }}
p:empty {{ display: none; }}
</style></head>
<body><form method="post">
<h1>{page_title}</h1>
<label>{sign_in_name}<input name="name" autocomplete="username" required autofocus></label>
<label>{sign_in_password}
<input name="password" type="password" autocomplete="current-password" required></label>
<p role="alert">{fault}</p>
<button>{sign_in}</button>
</form></body></html>
"""
