"""Heavy work: done once for all visitors, in a thread of its own, and stopped on wish."""

from __future__ import annotations

import contextvars
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYetError
from contextvars import ContextVar
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Generic, TypeVar

import streamlit as st

from coverage import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from streamlit.delta_generator import DeltaGenerator

T = TypeVar("T")

_place: ContextVar[DeltaGenerator | None] = ContextVar("waiting place", default=None)

_LOOK_S = 0.1  # how often a waiting page looks whether the work is done
_QUIET_S = 0.4  # what is done sooner is not worth a word


_QUICK = ThreadPoolExecutor(max_workers=4, thread_name_prefix="quick")


class StoppedError(Exception):
    """Somebody stopped the work."""


class Work(Generic[T]):
    """A job that runs in a thread of its own.

    Parameters
    ----------
    job
        Does it; is given a function that it tells each stage as it begins.
    """

    def __init__(self, job: Callable[[Callable[[str], None]], T]) -> None:
        self.stage = ""
        self._stop = Event()
        self._visitors = 0
        self._future: Future[T] = Future()
        # in the language of whoever asked
        context = contextvars.copy_context()
        Thread(target=context.run, args=(self._run, job), daemon=True).start()

    def _run(self, job: Callable[[Callable[[str], None]], T]) -> None:
        try:
            self._future.set_result(job(self._begin))
        except BaseException as error:  # noqa: BLE001 - whoever asked is told
            self._future.set_exception(error)

    def _begin(self, stage: str) -> None:
        if self._stop.is_set():
            raise StoppedError
        self.stage = stage

    def stop(self) -> None:
        """Let the work end before its next stage."""
        self._stop.set()

    def join(self) -> None:
        """Count one more visitor who waits for it."""
        self._visitors += 1

    def leave(self) -> None:
        """Count one less, and stop it where nobody else waits."""
        self._visitors -= 1
        if self._visitors <= 0:
            self.stop()

    @property
    def stopping(self) -> bool:
        """Whether somebody wished it to end."""
        return self._stop.is_set()

    @property
    def waiting(self) -> bool:
        """Whether there is neither an answer nor a failure yet."""
        return not self._future.done()

    @property
    def failed(self) -> bool:
        """Whether the work ended without an answer."""
        return self._future.done() and self._future.exception() is not None

    def result(self, timeout_s: float | None = None) -> T:
        """Return the answer once it is there.

        Parameters
        ----------
        timeout_s
            Seconds to wait at most.

        Raises
        ------
        TimeoutError
            If it is not there by then.
        """
        return self._future.result(timeout_s)


class Kept(Generic[T]):
    """Answers by key, each worked out once however many ask, the latest kept.

    Parameters
    ----------
    limit
        How many are kept.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = Lock()
        self._works: OrderedDict[Hashable, Work[T]] = OrderedDict()

    def ask(self, key: Hashable, job: Callable[[Callable[[str], None]], T]) -> Work[T]:
        """Return the work for a key, begun now if nobody asked before or it failed.

        Parameters
        ----------
        key
            What the answer depends on.
        job
            As for `Work`.
        """
        with self._lock:
            work = self._works.get(key)
            if work is None or work.failed:
                work = self._works[key] = Work(job)
            self._works.move_to_end(key)
            while len(self._works) > self._limit:
                self._works.popitem(last=False)
        return work

    def begun(self, key: Hashable) -> Work[T] | None:
        """Return the work for a key if somebody asked for it.

        Parameters
        ----------
        key
            What the answer depends on.
        """
        with self._lock:
            return self._works.get(key)

    def clear(self) -> None:
        """Forget all answers."""
        with self._lock:
            self._works.clear()


def quickly(job: Callable[[], T]) -> T:
    """Do something short in a thread that lasts.

    A page runs in a new thread each time, and what turns coordinates is set up once a thread, which
    takes longer than an edit.

    Parameters
    ----------
    job
        Does it; it asks nothing of Streamlit.
    """
    return _QUICK.submit(contextvars.copy_context().run, job).result()


def wait_here(place: DeltaGenerator) -> None:
    """Let `awaited` speak at a place that every run of the page has.

    What comes after keeps its position then, and the map its view, whether there was a wait or not.

    Parameters
    ----------
    place
        An empty element.
    """
    _place.set(place)


def awaited(work: Work[T], *, can_stop: bool = False) -> T:
    """Return the answer of a work, telling the visitor what is being done as long as it takes.

    Parameters
    ----------
    work
        The work.
    can_stop
        Whether to offer to stop it.
    """
    place = _place.get()
    try:
        return work.result(None if place is None else _QUIET_S)
    except NotYetError:
        if place is None:
            raise
    with place.container(border=True):
        words = st.empty()
        if can_stop:
            st.button(texts.say("web.stop"), on_click=work.stop, key=f"stop-{id(work)}")
    told = None
    while True:
        if work.stage != told or told is None:
            told = work.stage
            words.markdown(f":material/hourglass_top: {said(told)}")
        try:
            answer = work.result(_LOOK_S)
        except NotYetError:
            continue
        place.empty()
        return answer


def said(stage: str) -> str:
    """Return what is being done in words.

    Parameters
    ----------
    stage
        Name of a stage.
    """
    key = f"web.stage_{stage}"
    return texts.say(key if texts.has(key) else "web.loading")
