"""Time jobs by turns, and watch memory.

What runs in this process is timed by its processor time, threads together, so that other work on
the machine weighs less; processes of their own are timed by the clock on the wall.
"""

from __future__ import annotations

import gc
import json
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_STATUS, _RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the table.

    Parameters
    ----------
    job, data
        What was done, on what.
    peer
        Who else did it; empty where nobody did.
    ours, theirs
        Seconds.
    goal
        How many times as fast as the peer we want to be; None where nothing is asked.
    most
        Seconds that ours may take; None where nothing is asked.
    ours_mb, theirs_mb
        Peak of memory beyond what was there before, NaN if unknown; of commands, all of it.
    most_mb
        Memory that ours may take; None where nothing is asked.
    """

    job: str
    data: str
    ours: float
    peer: str = ""
    theirs: float = float("nan")
    goal: float | None = None
    most: float | None = None
    ours_mb: float = float("nan")
    theirs_mb: float = float("nan")
    most_mb: float | None = None

    @property
    def ratio(self) -> float:
        """How many times as long the peer took."""
        return self.theirs / self.ours

    @property
    def missed(self) -> bool:
        """Whether a goal was asked for and not reached."""
        slow = self.goal is not None and self.ratio < self.goal
        large = self.most_mb is not None and self.ours_mb > self.most_mb
        return slow or large or (self.most is not None and self.ours > self.most)


def by_turns(engines: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Return the median seconds of each engine; they run by turns, after one run that is not kept.

    Parameters
    ----------
    engines
        What to run, by name.
    rounds
        How many times each.
    """
    seconds: dict[str, list[float]] = {name: [] for name in engines}
    for turn in range(rounds + 1):
        for name, engine in engines.items():
            start = time.process_time()
            engine()
            if turn or rounds == 0:
                seconds[name].append(time.process_time() - start)
    return {name: statistics.median(times) for name, times in seconds.items()}


def peak_mb(engine: Callable[[], Any]) -> float:
    """Return by how much memory rises while something runs, NaN where the system does not tell."""
    gc.collect()
    try:
        _RESET.write_text("5")
        before = _kilobytes("VmRSS")
        engine()
        return (_kilobytes("VmHWM") - before) / 1024
    except OSError:
        return float("nan")


def _kilobytes(field: str) -> int:
    lines = _STATUS.read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field))


_CHILD = """
import json, resource, sys, time
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.perf_counter()
answer = job(*sys.argv[1:])
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"answer": answer, "seconds": seconds, "mb": (peak - before) / 1024}))
"""


def in_a_process(code: str, *arguments: str) -> dict[str, Any]:
    """Run code that defines ``job`` in a fresh process.

    Returns
    -------
    dict
        ``answer``, ``seconds`` of the job, and ``mb``, its peak of memory beyond the imports.
    """
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code + _CHILD, *arguments],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1],
    )  # fmt: skip
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def command(*arguments: str) -> tuple[float, float]:
    """Run our command; return seconds and peak of memory in MB, start-up and imports included."""
    start = time.perf_counter()
    program = (
        "import resource, subprocess, sys\n"
        "subprocess.run([sys.executable, '-m', 'coverage', *sys.argv[1:]], check=True,"
        " stdout=subprocess.DEVNULL)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1],
    )  # fmt: skip
    return time.perf_counter() - start, int(done.stdout) / 1024
