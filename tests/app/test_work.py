"""Heavy work: once for all who ask, in line, again after a failure, stopped on wish."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event

import pytest

from coverage import texts
from coverage.web import visitors, work
from coverage.web.kept import Kept
from coverage.web.work import StoppedError

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


def test_no_more_is_kept_than_there_is_room_for() -> None:
    kept: Kept[bytes] = Kept(100, weigh=len, most_bytes=25)
    for key in "abc":
        kept.ask(key, lambda _: bytes(10)).result(10)
    assert [kept.begun(key) is not None for key in "abc"] == [False, True, True]
    kept.ask("large", lambda _: bytes(1000)).result(10)
    assert [kept.begun(key) is not None for key in ("b", "c", "large")] == [False, False, True]


def test_works_take_turns_and_whoever_gave_up_has_none() -> None:
    kept: Kept[str] = Kept(9)
    go = Event()
    done = []

    def job(name: str) -> Callable[[Tell], str]:
        def work(_: Tell) -> str:
            go.wait(10)
            done.append(name)
            return name

        return work

    first, second, third = (kept.ask(name, job(name)) for name in ("1st", "2nd", "3rd"))
    second.stop()
    again = kept.ask("2nd", job("again"))
    assert second.stopping
    assert again is not second
    go.set()
    assert [work.result(10) for work in (first, third, again)] == ["1st", "3rd", "again"]
    assert done == ["1st", "3rd", "again"]


def test_work_goes_on_as_long_as_one_visitor_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    states: dict[str, dict[str, object]] = {"a": {}, "b": {}}

    def turn(name: str) -> None:
        monkeypatch.setattr(visitors, "session", lambda: name)
        monkeypatch.setattr(work.st, "session_state", states[name])

    kept: Kept[str] = Kept(9)
    go = Event()

    def ask(name: str) -> work.Work[str]:
        return work.wait_for("drawing", lambda: kept.ask(name, lambda _: str(go.wait(10))))

    turn("a")
    shared = ask("shared")
    turn("b")
    assert ask("shared") is shared
    assert ask("other") is not shared
    assert not shared.stopping
    turn("a")
    ask("third")
    assert shared.stopping
    # who closed the page waits no more
    monkeypatch.setattr(visitors, "is_here", lambda name: name == "b")
    go.set()
    assert kept.ask("other", lambda _: "").result(10) == "True"
    third = kept.begun("third")
    assert third is not None
    with pytest.raises(StoppedError):
        third.result(10)
