"""Heavy work: done once for all visitors, in a thread of its own, and stopped on wish."""

from __future__ import annotations

import contextvars
import gc
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYetError
from contextvars import ContextVar
from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Generic, TypeVar

import streamlit as st

from coverage import texts
from coverage.web import visitors

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.delta_generator import DeltaGenerator

T = TypeVar("T")

_place: ContextVar[DeltaGenerator | None] = ContextVar("waiting place", default=None)

_LOOK_S = 0.1  # how often a waiting page looks whether the work is done
_QUIET_S = 0.4  # what is done sooner is not worth a word


_QUICK = ThreadPoolExecutor(max_workers=4, thread_name_prefix="quick")


class StoppedError(Exception):
    """Somebody stopped the work."""


class Line:
    """Jobs that wait for their turn.

    Its threads last: what turns coordinates is set up once a thread, which takes longer than many a
    job. They end with the process, whatever they are at.

    Parameters
    ----------
    at_once
        How many are done at a time.
    """

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._lock = Lock()
        self._threads = 0
        self._jobs: SimpleQueue[Callable[[], None]] = SimpleQueue()

    def put(self, job: Callable[[], None]) -> None:
        """Let a job wait for its turn.

        Parameters
        ----------
        job
            The job, which raises nothing.
        """
        with self._lock:
            if self._threads < self._at_once:
                Thread(target=self._work, daemon=True).start()
                self._threads += 1
        self._jobs.put(job)

    def _work(self) -> None:
        while True:
            self._jobs.get()()


class Work(Generic[T]):
    """A job that is done while pages go on.

    Parameters
    ----------
    job
        Does it; is given a function that it tells each stage as it begins.
    line
        Where it waits for its turn; None: it begins at once, in a thread of its own.
    """

    def __init__(self, job: Callable[[Callable[[str], None]], T], line: Line | None = None) -> None:
        self.stage = "waiting"
        self._stop = Event()
        self._lock = Lock()
        self._visits: dict[str, str] = {}  # of who waits, by key
        self._future: Future[T] = Future()
        # in the language of whoever asked
        context = contextvars.copy_context()

        def run() -> None:
            context.run(self._run, job)

        if line is None:
            Thread(target=run, daemon=True).start()
        else:
            line.put(run)

    def _run(self, job: Callable[[Callable[[str], None]], T]) -> None:
        try:
            self._stop_if_deserted()
            self._begin("")
            self._future.set_result(job(self._begin))
        except BaseException as error:  # noqa: BLE001 - whoever asked is told
            self._future.set_exception(error)

    def _begin(self, stage: str) -> None:
        if self._stop.is_set():
            raise StoppedError
        self.stage = stage

    def _stop_if_deserted(self) -> None:
        with self._lock:
            if self._visits and not any(map(visitors.is_here, self._visits.values())):
                self.stop()

    def stop(self) -> None:
        """Let the work end before its next stage."""
        self._stop.set()

    def join(self) -> bool:
        """Count this visitor among those who wait; return False where it is given up already."""
        with self._lock:
            if self.stopping:
                return False
            self._visits[visitors.own_key()] = visitors.session()
        return True

    def leave(self) -> None:
        """Count this visitor no more, and stop the work where nobody else waits."""
        with self._lock:
            self._visits.pop(visitors.own_key(), None)
            if not self._visits:
                self.stop()

    @property
    def stopping(self) -> bool:
        """Whether it is given up, and has yet to end."""
        return self._stop.is_set() and self.waiting

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


def collect_and_set_apart() -> None:
    """Free what nobody needs, and keep what is there now out of later searches for garbage.

    Streamlit searches after every run of a page, and holds up all visitors as long as it takes to
    look at each object of a project and of every library: hundreds of thousands.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def wait_for(name: str, ask: Callable[[], Work[T]]) -> Work[T]:
    """Return a work that this visitor waits for from now on, and leave the one before.

    Parameters
    ----------
    name
        What the visitor waits for one of at a time.
    ask
        Returns the work, begun anew where it was given up.
    """
    work, before = ask(), st.session_state.get(name)
    if work is not before:
        while not work.join():
            work = ask()
        if before is not None:
            before.leave()
    # what is done is kept for all, not for each visitor
    st.session_state[name] = work if work.waiting else None
    return work


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
            if work.stopping:
                raise StoppedError from None
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
