"""Batches of invented counties as commands: time, memory of each process, room on disk."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import coverage
from benchmarks.measure import Line
from benchmarks.province import EXTRACT, write_province
from coverage.batch.dataset import Dataset

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

EQUAL = 8  # counties on which two workers are held against one
_RATIO = 1 / 0.6
_NOTHING_TO_DO_SECONDS = 5.0
_COMPARED = 2  # counties that are run alone too
_LOOK_S = 0.2
_FIGURES = (
    "indicators", "communities", "townships", "demand", "facilities", "gaps", "sensitivity",
    "accessibility", "inequality",
)  # fmt: skip
_MB = 1024 * 1024
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class _Use:
    """What a command and its processes used while it ran.

    Parameters
    ----------
    seconds
        By the clock on the wall.
    peak_mb
        Highest peak of memory of any one process.
    processor_s
        Seconds of the processor, all processes together.
    disk_mb
        Most that its folder held.
    """

    seconds: float = 0.0
    peak_mb: float = 0.0
    processor_s: float = 0.0
    disk_mb: float = 0.0
    _processor: dict[int, float] = field(default_factory=dict)

    def look(self, process: int, folder: Path) -> None:
        """Look at a process, its children and its folder."""
        for one in _family(process):
            try:
                times = Path(f"/proc/{one}/stat").read_text("ascii", "replace").rsplit(")")[-1]
                self._processor[one] = sum(map(int, times.split()[11:13])) / _TICKS
                self.peak_mb = max(self.peak_mb, _peak_mb(one))
            except OSError:
                continue  # it has ended
        self.processor_s = sum(self._processor.values())
        self.disk_mb = max(self.disk_mb, _size_mb(folder))


def _family(process: int) -> Iterator[int]:
    yield process
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            children = task.read_text("ascii").split()
        except OSError:
            continue
        for child in children:
            yield from _family(int(child))


def _peak_mb(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text("ascii", "replace")
    found = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    return int(found[0]) / 1024 if found else 0.0


def _size_mb(folder: Path) -> float:
    total = 0
    for file in folder.rglob("*"):
        try:
            total += file.stat().st_size
        except OSError:
            continue  # taken in meanwhile
    return total / _MB


def province(*, counties: Sequence[int], workers: Sequence[int], nodes: int) -> Iterator[Line]:
    """Time batches of so many counties on so many workers.

    Parameters
    ----------
    counties, workers
        How many.
    nodes
        Street nodes of a county.
    """
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        for count in counties:
            folders = write_province(root / f"{count}", count, nodes=nodes)
            extract_mb = (root / f"{count}" / EXTRACT).stat().st_size / _MB
            print(f"<!-- {count} counties: extract {extract_mb:.1f} MB -->", flush=True)
            yield from _batches(folders, root / f"{count}-out", workers)


def _batches(folders: Sequence[Path], root: Path, workers: Sequence[int]) -> Iterator[Line]:
    alone = float("nan")
    out = root
    for number in workers:
        out = root / f"{number}"
        use = _batch(folders, out, number)
        first = number == min(workers)
        alone = use.seconds if first else alone
        print(
            f"<!-- {len(folders)} counties, {number} workers: {use.processor_s:.0f} s of the "
            f"processor, {use.disk_mb:.0f} MB on disk at most, {_size_mb(out):.0f} MB kept -->"
        )
        yield Line(
            job=f"batch, {number} workers", data=f"{len(folders)} counties", ours=use.seconds,
            peer="" if first else f"{min(workers)} workers", theirs=alone,
            goal=_RATIO if (min(workers), number, len(folders)) == (1, 2, EQUAL) else None,
            ours_mb=use.peak_mb,
        )  # fmt: skip
    _compare(folders[:_COMPARED], out)
    again = _batch(folders, out, max(workers))
    yield Line(
        job="batch, nothing to do", data=f"{len(folders)} counties", ours=again.seconds,
        most=_NOTHING_TO_DO_SECONDS, ours_mb=again.peak_mb,
    )  # fmt: skip


def _batch(folders: Sequence[Path], out: Path, workers: int) -> _Use:
    use = _Use()
    words = [*map(str, folders), "--workers", str(workers), "--out", str(out), "--quiet"]
    begun = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "coverage", "batch", *words], cwd=Path(__file__).parents[1]
    ) as process:
        while process.poll() is None:
            use.look(process.pid, out)
            time.sleep(_LOOK_S)
    use.seconds = time.perf_counter() - begun
    assert process.returncode == 0
    return use


def _compare(folders: Sequence[Path], out: Path) -> None:
    """Assert that counties have the figures that they have alone, on the whole extract."""
    for folder in folders:
        whole = coverage.open_project(folder).run()
        for name in _FIGURES:
            expected = getattr(whole, name).drop(columns=["geometry", "county"], errors="ignore")
            found = Dataset(out).table(name, [folder.name])
            _assert_alike(found[list(expected.columns)], expected, f"{folder.name} {name}")


def _assert_alike(found: pd.DataFrame, expected: pd.DataFrame, where: str) -> None:
    assert len(found) == len(expected), where
    for column in expected.columns:
        was, now = expected[column].reset_index(drop=True), found[column]
        there = was.notna()
        assert (now.notna() == there).all(), (where, column)
        alike = now[there].astype(object) == was[there].astype(object)
        assert alike.all(), (where, column, int((~alike).sum()))
