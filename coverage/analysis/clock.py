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
        Is given the name of each stage, again and again while a long one lasts; what it raises ends
        the job.
    """

    def __init__(self, progress: Progress | None) -> None:
        self.seconds: dict[str, float] = {}
        self._progress = progress

    @contextmanager
    def stage(self, name: str) -> Iterator[Callable[[], None]]:
        """Time one stage; yield what tells that it goes on.

        Parameters
        ----------
        name
            Name of the stage.
        """

        def tell() -> None:
            if self._progress is not None:
                self._progress(name)

        tell()
        start = time.perf_counter()
        yield tell
        self.seconds[name] = time.perf_counter() - start
