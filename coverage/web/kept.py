"""Answers that are kept for all visitors, as many as there is room for."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

from coverage.web.work import Line, Work

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

T = TypeVar("T")


class Kept(Generic[T]):
    """Answers by key, each worked out once however many ask, the latest kept.

    Parameters
    ----------
    limit
        How many are kept.
    at_once
        How many are worked out at a time, the others waiting in line.
    weigh
        Returns the bytes that an answer takes, about.
    most_bytes
        How many bytes are kept; the latest answer is, whatever it weighs.
    """

    def __init__(
        self,
        limit: int,
        *,
        at_once: int = 1,
        weigh: Callable[[T], int] | None = None,
        most_bytes: int = 0,
    ) -> None:
        self._limit = limit
        self._line = Line(at_once)
        self._weigh = weigh
        self._most_bytes = most_bytes
        self._lock = Lock()
        self._works: OrderedDict[Hashable, Work[T]] = OrderedDict()
        self._bytes: dict[Hashable, int] = {}

    def ask(self, key: Hashable, job: Callable[[Callable[[str], None]], T]) -> Work[T]:
        """Return the work for a key, begun now if nobody asked before, it failed or was given up.

        Parameters
        ----------
        key
            What the answer depends on.
        job
            As for `Work`.
        """
        with self._lock:
            work = self._works.get(key)
            if work is None or work.failed or work.stopping:
                work = self._works[key] = Work(self._weighed(key, job), self._line)
            self._works.move_to_end(key)
            self._make_room()
        return work

    def _weighed(
        self, key: Hashable, job: Callable[[Callable[[str], None]], T]
    ) -> Callable[[Callable[[str], None]], T]:
        weigh = self._weigh
        if weigh is None:
            return job

        def weighed(tell: Callable[[str], None]) -> T:
            answer = job(tell)
            with self._lock:
                if key in self._works:
                    self._bytes[key] = weigh(answer)
                    self._make_room()
            return answer

        return weighed

    def _make_room(self) -> None:
        while len(self._works) > self._limit or (
            len(self._works) > 1 and sum(self._bytes.values()) > self._most_bytes
        ):
            key, _ = self._works.popitem(last=False)
            self._bytes.pop(key, None)

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
            self._bytes.clear()
