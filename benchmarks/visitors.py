"""Load on one app process: ``python -m benchmarks.visitors [--visitors 50] [--project DIR]``.

Each visitor opens the coverage page and moves its minutes again and again, as people do in a
meeting. Afterwards every figure that was shown is held against an analysis of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import subprocess
import sys
import time
import urllib.request
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import coverage
from benchmarks.guests import Visitor
from coverage.web import launch, session, tables

if TYPE_CHECKING:
    from collections.abc import Iterator

DEMO = Path(__file__).parents[1] / "data" / "demo"
MEDIAN_S = 2.0
_CHANGES = 4
_PAUSE_S = 15.0  # between two changes of one visitor, on average
_MINUTES = range(5, 61)


@dataclass(frozen=True)
class Shown:
    """What a visitor saw after a change.

    Parameters
    ----------
    minutes
        What was chosen.
    share
        The share within reach, as the page has it.
    seconds
        How long it took.
    """

    minutes: int
    share: str
    seconds: float


@contextmanager
def serving(project: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Serve a project on this machine; yield the port and the process."""
    port = launch.free_port(0)
    command = [sys.executable, "-m", "coverage", "app", str(project), "--port", str(port)]
    environment = {**os.environ, "STREAMLIT_SERVER_HEADLESS": "true"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            while not _answers(port):
                assert process.poll() is None, "the server ended by itself"
                time.sleep(0.2)
            yield port, process
        finally:
            process.terminate()


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health"):
            return True
    except OSError:
        return False


async def visit(visitor: Visitor, changes: list[int], pause_s: float, seed: int) -> list[Shown]:
    """Move the minutes of a visitor's page, one change after the other.

    Parameters
    ----------
    visitor
        Who has the page open.
    changes
        Minutes, one a change.
    pause_s
        Seconds between two changes, on average.
    seed
        Decides how long each pause is.
    """
    rng = random.Random(seed)  # noqa: S311 - guards nothing
    seen = []
    for minutes in changes:
        await asyncio.sleep(rng.uniform(0, 2 * pause_s))
        seconds = await visitor.slide(0, minutes, f"步行 {minutes} 分钟")
        seen.append(Shown(minutes, visitor.page.first_metric(), seconds))
    return seen


def choices(visitors: int, changes: int) -> list[list[int]]:
    """Return what each visitor chooses, no two of them the same at a time."""
    span = len(_MINUTES)
    return [
        [_MINUTES[(number + 17 * change) % span] for change in range(changes)]
        for number in range(visitors)
    ]


async def load(
    port: int, process: int, *, visitors: int, pause_s: float, changes: int = _CHANGES
) -> list[Shown]:
    """Have visitors come, look and change; print what it took, and return what they saw.

    Parameters
    ----------
    port, process
        Of the app on this machine.
    visitors
        How many.
    pause_s
        Seconds between two changes of one visitor, on average.
    changes
        How many each makes.
    """
    print(f"load of the machine before: {os.getloadavg()[0]:.1f}")
    async with AsyncExitStack() as stack:
        waiting = [Visitor(port, "coverage") for _ in range(visitors)]
        guests = [await stack.enter_async_context(visitor) for visitor in waiting]
        first = await guests[0].open()
        before = resident_mb(process)
        opened = [await guest.open() for guest in guests[1:]]
        after = resident_mb(process)
        plans = choices(visitors, changes)
        used, began = processor_s(process), time.perf_counter()
        seen = await asyncio.gather(
            *(visit(g, p, pause_s, n) for n, (g, p) in enumerate(zip(guests, plans, strict=True)))
        )
        used, lasted = processor_s(process) - used, time.perf_counter() - began
        end = resident_mb(process)
        faults = [fault for guest in guests for fault in guest.faults]
        received = sum(guest.received for guest in guests) / visitors / (1 + changes)
    assert not faults, faults
    shown = [one for own in seen for one in own]
    seconds = sorted(one.seconds for one in shown)
    print(f"first visitor: page after {first:.2f} s; the others: {_said(opened)}")
    print(f"changes: {_said(seconds)}, most {seconds[-1]:.2f} s, {received / 1000:.0f} kB each")
    print(
        f"processor: {used / len(shown):.2f} s a change with all that follows, "
        f"{100 * used / lasted:.0f} % of a core; load of the machine {os.getloadavg()[0]:.1f}"
    )
    print(
        f"memory: {before:.0f} MB with one visitor, {after:.0f} MB with {visitors}, {end:.0f} MB "
        f"after the changes: {(end - before) / max(visitors - 1, 1):.1f} MB a visitor"
    )
    return shown


def _said(seconds: list[float]) -> str:
    if not seconds:
        return "none"
    worst = sorted(seconds)[int(0.9 * len(seconds))]
    return f"median {statistics.median(seconds):.2f} s, 90 % within {worst:.2f} s"


def resident_mb(process: int) -> float:
    """Return the memory that a process holds now."""
    status = Path(f"/proc/{process}/status").read_text("ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def processor_s(process: int) -> float:
    """Return the processor time that a process has used."""
    after_name = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


def compare(project: Path, shown: list[Shown]) -> None:
    """Assert that everybody saw the figures of their own choice."""
    prepared = coverage.open_project(project).prepare()
    usual = session.usual(prepared, next(iter(prepared.configuration.services.values())))
    for minutes in sorted({one.minutes for one in shown}):
        service = replace(usual.service, minutes=float(minutes))
        result = prepared.analyse(services=[service], speed=usual.speed, extras=False)
        share = tables.reach_by_kind(result, service)["all"]["share"]
        expected = f"{share:.1%}"
        found = {one.share for one in shown if one.minutes == minutes}
        assert found == {expected}, (minutes, found, expected)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.visitors", description=__doc__)
    parser.add_argument("--visitors", type=int, default=50)
    parser.add_argument("--project", type=Path, default=DEMO)
    parser.add_argument("--pause", type=float, default=_PAUSE_S, help="seconds between changes")
    arguments = parser.parse_args()
    with serving(arguments.project) as (port, process):
        shown = asyncio.run(
            load(port, process.pid, visitors=arguments.visitors, pause_s=arguments.pause)
        )
    compare(arguments.project, shown)
    print(f"{len(shown)} answers, each visitor's own: as analysed alone")
    median = statistics.median(one.seconds for one in shown)
    print("reached" if median <= MEDIAN_S else "missed", f"the median of {MEDIAN_S:g} s")


if __name__ == "__main__":
    main()
