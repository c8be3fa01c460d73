"""Ask an ASGI app without a server."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import quote, urlencode


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode("utf-8")

    def json(self) -> Any:
        return json.loads(self.content)


class Client:
    """A browser that keeps cookies and follows nothing."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.cookies: dict[str, str] = {}

    def get(self, path: str, **headers: str) -> Answer:
        return self._ask("GET", path, b"", headers)

    def post(self, path: str, **fields: str) -> Answer:
        return self._ask("POST", path, urlencode(fields).encode(), {})

    def connects(self, path: str) -> bool:
        """Return whether a WebSocket is let in."""
        sent = asyncio.run(self._run(self._scope("websocket", "GET", path, {}), b""))
        return any(message["type"] == "websocket.accept" for message in sent)

    def _scope(self, kind: str, method: str, path: str, headers: dict[str, str]) -> dict[str, Any]:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            told["cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        return {
            "type": kind,
            "method": method,
            "path": path,
            "raw_path": quote(path).encode(),
            "query_string": b"",
            "scheme": "http",
            "server": ("127.0.0.1", 80),
            "client": ("127.0.0.1", 5000),
            "headers": [(k.encode(), v.encode()) for k, v in told.items()],
            "subprotocols": [],
        }

    def _ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        sent = asyncio.run(self._run(self._scope("http", method, path, headers), body))
        start = next(m for m in sent if m["type"] == "http.response.start")
        found = {k.decode(): v.decode() for k, v in start["headers"]}
        for name, morsel in SimpleCookie(found.get("set-cookie", "")).items():
            self.cookies[name] = morsel.value
        parts = [m.get("body", b"") for m in sent if m["type"] == "http.response.body"]
        return Answer(start["status"], found, b"".join(parts))

    async def _run(self, scope: dict[str, Any], body: bytes) -> list[dict[str, Any]]:
        sent: list[dict[str, Any]] = []
        first = "websocket.connect" if scope["type"] == "websocket" else "http.request"

        async def receive() -> dict[str, Any]:
            return {"type": first, "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        return sent
