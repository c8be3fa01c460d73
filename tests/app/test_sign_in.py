"""The door: who may come in, and what the others get."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from asgi import Answer, Client
from click.testing import CliRunner
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from streamlit import config

from coverage.cli.main import commands
from coverage.errors import ProjectError
from coverage.web import users as users_module
from coverage.web.sign_in import SignIn
from coverage.web.users import Users, add_user

PASSWORD = "correct horse"  # noqa: S105


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "users.json"
    add_user(path, "王科长", PASSWORD)
    return path


async def _hello(_: object) -> PlainTextResponse:
    return PlainTextResponse("inside")


async def _talk(socket: WebSocket) -> None:
    await socket.accept()


@pytest.fixture
def door(file: Path) -> Callable[..., Client]:
    def build(users: Users | None) -> Client:
        app = Starlette(
            routes=[
                Route("/", _hello, methods=["GET", "POST"]),
                Route("/_stcore/health", _hello),
                WebSocketRoute("/_stcore/stream", _talk),
            ],
            middleware=[Middleware(SignIn, users=users, language="zh")],
        )
        return Client(app)

    assert file
    return build


def _enter(client: Client, name: str, password: str) -> Answer:
    return client.post("/sign-in", name=name, password=password)


def test_nothing_is_given_before_sign_in(door: Callable[..., Client], file: Path) -> None:
    client = door(Users(file))
    assert client.get("/").status == 403
    page = client.get("/", accept="text/html")
    assert (page.status, page.headers["location"]) == (303, "./sign-in")
    assert "登录" in client.get("/sign-in").text
    assert client.get("/_stcore/health").text == "inside"
    assert not client.connects("/_stcore/stream")


def test_the_right_password_opens_and_sign_out_closes(
    door: Callable[..., Client], file: Path
) -> None:
    client = door(Users(file))
    assert _enter(client, "王科长", "wrong").status == 403
    entered = _enter(client, "王科长", PASSWORD)
    assert entered.status == 303
    cookie = entered.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert client.get("/").text == "inside"
    assert client.connects("/_stcore/stream")
    kept = dict(client.cookies)
    client.get("/sign-out")
    client.cookies.update(kept)
    assert client.get("/").status == 403


def test_guessing_is_slowed_down(
    door: Callable[..., Client], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = door(Users(file))
    for _ in range(5):
        assert _enter(client, "王科长", "guess").status == 403
    # even the right one has to wait now
    assert _enter(client, "王科长", PASSWORD).status == 429
    monkeypatch.setattr(users_module, "_PAUSE_S", -1.0)
    assert _enter(client, "王科长", PASSWORD).status == 303


def test_a_huge_form_is_refused(door: Callable[..., Client], file: Path) -> None:
    assert _enter(door(Users(file)), "x" * 10_000, "y").status == 413


def test_without_users_others_get_one_sentence(door: Callable[..., Client]) -> None:
    client = door(None)
    assert client.get("/").text == "inside"
    config.set_option("server.address", "0.0.0.0")  # noqa: S104
    refused = client.get("/")
    assert refused.status == 403
    assert "coverage-planner user" in refused.text


def test_passwords_are_not_in_the_file(file: Path) -> None:
    text = file.read_text("utf-8")
    assert PASSWORD not in text
    assert file.stat().st_mode & 0o077 == 0
    add_user(file, "李科员", PASSWORD)
    one, two = json.loads(file.read_text("utf-8")).values()
    assert one["scrypt"] != two["scrypt"]
    users = Users(file)
    assert users.check("李科员", PASSWORD, "here")
    assert not users.check("nobody", PASSWORD, "there")


@pytest.mark.parametrize("content", ["", "[]", '{"a": 1}', "{}"])
def test_a_file_that_is_none_of_users_is_said(tmp_path: Path, content: str) -> None:
    path = tmp_path / "users.json"
    path.write_text(content)
    with pytest.raises(ProjectError, match="coverage-planner user"):
        Users(path)


def test_the_command_adds_users(tmp_path: Path) -> None:
    path = tmp_path / "users.json"
    typed = f"{PASSWORD}\n{PASSWORD}\n"
    done = CliRunner().invoke(commands(), ["user", str(path), "王科长"], input=typed)
    assert done.exit_code == 0, done.output
    assert Users(path).check("王科长", PASSWORD, "here")
    with pytest.raises(ProjectError, match="8"):
        add_user(path, "x", "short")
