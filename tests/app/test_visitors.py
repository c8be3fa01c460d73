"""Map data goes to whom it belongs: no key, a wrong one, another's, an ended visit get nothing."""

from __future__ import annotations

import gzip

import pytest
from asgi import Answer, Client
from starlette.applications import Starlette
from starlette.routing import Route

from coverage.web import visitors

SHEET = visitors.sheet_of('{"a": 1}')


@pytest.fixture
def client() -> Client:
    return Client(Starlette(routes=[Route(visitors.ADDRESS, visitors.answer)]))


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(visitors.st, "session_state", {})
    return visitors.allow(SHEET)


def _get(client: Client, name: str, key: str | None, **more: str) -> Answer:
    headers = {} if key is None else {visitors.KEY_HEADER: key}
    return client.get(f"/map-data/{name}", **headers, **more)


def test_a_visitor_gets_what_was_shown_to_him(client: Client, key: str) -> None:
    answer = _get(client, SHEET.name, key)
    assert answer.json() == {"a": 1}
    assert "private" in answer.headers["cache-control"]


@pytest.mark.parametrize("wrong", [None, "", "guess"])
def test_without_a_key_nothing_is_given(client: Client, key: str, wrong: str | None) -> None:
    assert key
    assert _get(client, SHEET.name, wrong).status == 403


def test_what_was_shown_to_others_is_not_given(
    client: Client, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert key
    monkeypatch.setattr(visitors.st, "session_state", {})
    other = visitors.allow(visitors.sheet_of("[]"))
    assert other != key
    assert _get(client, SHEET.name, other).status == 404


def test_an_ended_visit_is_closed(
    client: Client, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visitors, "is_here", lambda _: False)
    assert _get(client, SHEET.name, key).status == 403


def test_what_the_browser_has_is_not_sent_again(client: Client, key: str) -> None:
    tag = _get(client, SHEET.name, key).headers["etag"]
    assert _get(client, SHEET.name, key, if_none_match=tag).status == 304
    assert _get(client, SHEET.name, "guess", if_none_match=tag).status == 403


def test_a_browser_that_unpacks_gets_it_packed(client: Client, key: str) -> None:
    answer = _get(client, SHEET.name, key, accept_encoding="gzip, br")
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(answer.content) == b'{"a": 1}'


def test_only_the_last_sheets_are_held(client: Client, key: str) -> None:
    for number in range(visitors._KEPT_SHEETS):
        assert visitors.allow(visitors.sheet_of(str(number))) == key
    assert _get(client, SHEET.name, key).status == 404
