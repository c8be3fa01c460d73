"""Heavy work: once for all who ask, again after a failure, stopped on wish."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event

import pytest

from coverage import texts
from coverage.web.work import Kept, StoppedError

Tell = Callable[[str], None]


def test_many_ask_and_one_works() -> None:
    kept: Kept[int] = Kept(2)
    calls = []
    go = Event()

    def job(_: Tell) -> int:
        calls.append(1)
        go.wait(10)
        return 7

    works = [kept.ask("a", job) for _ in range(5)]
    go.set()
    assert [work.result(10) for work in works] == [7] * 5
    assert len(calls) == 1


def test_the_oldest_is_forgotten() -> None:
    kept: Kept[str] = Kept(2)
    first = kept.ask("a", lambda _: "a")
    kept.ask("b", lambda _: "b")
    assert kept.ask("a", lambda _: "x") is first
    kept.ask("c", lambda _: "c")
    assert kept.ask("a", lambda _: "x") is first
    assert kept.ask("b", lambda _: "new").result(10) == "new"


def test_a_failure_is_not_kept() -> None:
    kept: Kept[int] = Kept(2)

    def fails(_: Tell) -> int:
        msg = "broken"
        raise ValueError(msg)

    with pytest.raises(ValueError, match="broken"):
        kept.ask("a", fails).result(10)
    assert kept.ask("a", lambda _: 1).result(10) == 1


def test_work_stops_before_its_next_stage() -> None:
    kept: Kept[int] = Kept(2)
    begun, stopped = Event(), Event()

    def job(tell: Tell) -> int:
        tell("first")
        begun.set()
        stopped.wait(10)
        tell("second")
        return 1

    work = kept.ask("a", job)
    begun.wait(10)
    work.stop()
    stopped.set()
    with pytest.raises(StoppedError):
        work.result(10)
    assert work.stage == "first"


def test_work_speaks_the_language_of_whoever_asked() -> None:
    texts.use("en")
    try:
        assert Kept[str](1).ask("a", lambda _: texts.language()).result(10) == "en"
    finally:
        texts.use("zh")
