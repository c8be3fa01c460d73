"""Solve a model within a time limit that holds, in this process or in one that can be ended."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from threading import Thread
from typing import TYPE_CHECKING

import numpy as np

from coverage.siting import highs
from coverage.siting.highs import Found, Model

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# non-zeros up to which most models take less than it does to start a child, and seconds for that
_SMALL, _QUICK = 20_000, 0.5
# seconds a child may take beyond its limit to say its last word
_GRACE = 1.0
# seconds between two words to whoever waits
_BETWEEN = 0.2


class Clock:
    """What is left of a time limit, and who is told that the work goes on.

    Parameters
    ----------
    seconds
        The limit, from now on.
    progress
        Called by `tick`; None for nobody.
    """

    def __init__(self, seconds: float, progress: Callable[[], object] | None = None) -> None:
        self._start = self._told = time.monotonic()
        self._limit, self._progress = seconds, progress

    @property
    def seconds(self) -> float:
        """How long it has run, seconds."""
        return time.monotonic() - self._start

    @property
    def left(self) -> float:
        """How long it may still run, seconds, at least 0."""
        return max(self._limit - self.seconds, 0.0)

    def tick(self) -> None:
        """Tell that the work goes on, a few times a second; what that raises ends the work."""
        now = time.monotonic()
        if self._progress is not None and now - self._told >= _BETWEEN:
            self._told = now
            self._progress()

    def part(self, share: float, *, most: float = np.inf) -> Clock:
        """Return a clock of a share of what is left, some seconds at most."""
        return Clock(min(self.left * share, most), self._progress)


def minimise(model: Model, clock: Clock, *, gap: float = 0.0, start: Floats | None = None) -> Found:
    """Return the best variables of a model, and a bound, when proven or when the time is up.

    Parameters
    ----------
    model
        What to solve.
    clock
        How long it may take; a small model is tried in this process first, and solved in a child
        where that takes more than a moment.
    gap
        Relative gap that is small enough.
    start
        The first variables of a plan to start from, or None.
    """
    if clock.left <= 0:
        return Found(values=np.empty(0), bound=-np.inf)
    clock.tick()
    if model.value.size <= _SMALL:
        found = highs.run(model, seconds=min(clock.left, _QUICK), gap=gap, start=start)
        if found.state == highs.STOPPED and clock.left > 0:
            return _better(model, _in_child(model, clock, gap, start), found)
        return found
    return _in_child(model, clock, gap, start)


def _better(model: Model, found: Found, before: Found) -> Found:
    """Return what is found, unless time ended the search and more was known before."""
    if found.state != highs.STOPPED:
        return found
    known = [values for values in (found.values, before.values) if values.size]
    values = min(known, key=lambda taken: float(model.cost @ taken), default=found.values)
    return Found(values=values, bound=max(found.bound, before.bound))


def _in_child(model: Model, clock: Clock, gap: float, start: Floats | None) -> Found:
    child = subprocess.Popen(  # noqa: S603 - our own file
        # -P: the folder of the file must not stand before the standard library
        [sys.executable, "-P", highs.__file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        creationflags=subprocess.CREATE_NO_WINDOW if os.name == "nt" else 0,  # type: ignore[attr-defined,unused-ignore]
    )
    talk = _Talk(child, highs.packed(model, seconds=clock.left, gap=gap, start=start))
    try:
        while talk.is_alive() and clock.left > 0:
            clock.tick()
            talk.join(min(_BETWEEN, clock.left))
        talk.join(_GRACE)
    finally:
        child.kill()
        child.wait()
    # what was on its way when the child ended is still read
    talk.join(_GRACE)
    return talk.known


class _Talk(Thread):
    """Tell a child what to solve, and keep what it says."""

    def __init__(self, child: subprocess.Popen[bytes], request: bytes) -> None:
        super().__init__(daemon=True)
        self._child, self._request = child, request
        self.known = Found(values=np.empty(0), bound=-np.inf)
        self.start()

    def run(self) -> None:
        assert self._child.stdin is not None  # noqa: S101 - both are pipes
        assert self._child.stdout is not None  # noqa: S101
        with self._child.stdout as answers:
            try:
                with self._child.stdin as questions:
                    questions.write(self._request)
            except BrokenPipeError:
                return
            while (said := highs.read(answers)) is not None:
                values = said.values if said.values.size else self.known.values
                bound = max(said.bound, self.known.bound)
                self.known = Found(values=values, bound=bound, state=said.state)
