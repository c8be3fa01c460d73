"""Time the stages of a job and tell each as it begins."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

Progress = Callable[[str], None]


class Clock:
    """Time the stages of a job and tell each as it begins.

    Parameters
    ----------
    progress
        Is given the name of each stage.
    """

    def __init__(self, progress: Progress | None) -> None:
        self.seconds: dict[str, float] = {}
        self._progress = progress

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time one stage.

        Parameters
        ----------
        name
            Name of the stage.
        """
        if self._progress is not None:
            self._progress(name)
        start = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - start
