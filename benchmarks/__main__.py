"""Print one table of this package against its peers.

Each job asserts that the answers are equal before a time is printed. Times are medians of runs by
turns in one process; `read`, `run` and `province` are processes of their own.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import batches, edits, files, province, searches, siting
from benchmarks.searches import Town
from benchmarks.streets import drawn
from coverage.network import read_network

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.measure import Line

_DEMO = Path(__file__).parents[1] / "data" / "demo" / "streets.osm.pbf"
_JOBS: dict[str, Callable[..., Iterator[Line]]] = {
    "nearest": searches.nearest,
    "within": searches.nearest_within,
    "areas": searches.areas,
    "isochrones": searches.isochrones,
    "what-if": edits.what_if,
    "catchments": edits.catchments,
    "pandana": searches.preprocessed,
}
_SITING: dict[str, Callable[..., Iterator[Line]]] = {
    "mclp": siting.mclp,
    "mclp-large": siting.mclp_large,
    "mclp-bound": siting.mclp_bound,
    "p-median": siting.p_median,
}
_FILES = ("read", "run-demo", "run-prefecture", "province")
_WHOLE, _QUICK = 514_000, 51_000
_ROUNDS, _FEW = 5, 3


def _arguments() -> argparse.Namespace:
    names = [*_JOBS, *_SITING, *_FILES]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(names)}")
    parser.add_argument("--quick", action="store_true", help="a tenth of the size, fewer rounds")
    parser.add_argument("--real", type=Path, help="an .osm.pbf; else PLANNER_REAL_DATA's")
    parser.add_argument("--counties", type=int, nargs="+", default=[batches.EQUAL], metavar="N")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2], metavar="N")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - set(names)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    arguments.names = arguments.names or names
    if arguments.real is None and "PLANNER_REAL_DATA" in os.environ:
        folder = Path(os.environ["PLANNER_REAL_DATA"])
        arguments.real = folder / "streets" / "stockheim.osm.pbf"
    return arguments


def _towns(arguments: argparse.Namespace) -> Iterator[Town]:
    yield Town("demo", read_network(_DEMO, mode="walk"), judged=False)
    if arguments.real:
        yield Town(arguments.real.stem, read_network(arguments.real, mode="walk"))
    yield Town("drawn", drawn(_QUICK if arguments.quick else _WHOLE))


def _lines(arguments: argparse.Namespace) -> Iterator[Line]:
    nodes = _QUICK if arguments.quick else 500_000
    if "read" in arguments.names and arguments.real:
        yield from files.read_pbf(arguments.real)
    if "run-demo" in arguments.names:
        yield from files.run_demo()
    if "run-prefecture" in arguments.names:
        yield from files.run_prefecture(nodes=nodes)
    if "province" in arguments.names:
        yield from batches.province(
            counties=arguments.counties,
            workers=arguments.workers,
            nodes=province.NODES // 5 if arguments.quick else province.NODES,
        )
    for name, case in _SITING.items():
        if name in arguments.names:
            yield from case(quick=arguments.quick)
    asked = [job for name, job in _JOBS.items() if name in arguments.names]
    for town in _towns(arguments) if asked else ():
        for job in asked:
            for line in job(town, rounds=_FEW if arguments.quick else _ROUNDS):
                # goals are set for networks of a county and more
                yield line if town.judged else replace(line, goal=None, most=None)


def _seconds(value: float) -> str:
    if value != value:  # noqa: PLR0124 - no number
        return ""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value * 1e6:.3g} µs"


def _goal(line: Line) -> str:
    parts = [
        f"{line.goal:g} ×" if line.goal else "",
        f"≤ {_seconds(line.most)}" if line.most else "",
        f"≤ {line.most_mb:.0f} MB" if line.most_mb else "",
    ]
    return ", ".join(part for part in parts if part)


def _row(line: Line) -> str:
    memory = " / ".join(f"{mb:.0f}" for mb in (line.ours_mb, line.theirs_mb) if mb == mb)  # noqa: PLR0124
    ratio = f"{line.ratio:.3g} ×" if line.peer else ""
    verdict = "missed" if line.missed else "slower" if line.ratio < 1 else ""
    cells = (line.job, line.data, _seconds(line.ours), line.peer, _seconds(line.theirs), ratio,
             _goal(line), memory, verdict)  # fmt: skip
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    arguments = _arguments()
    print("| job | data | ours | peer | peer's | ratio | to reach | peak MB, ours / peer's | |")
    print("|---|---|---|---|---|---|---|---|---|")
    for line in _lines(arguments):
        print(_row(line))
        sys.stdout.flush()


if __name__ == "__main__":
    main()
