"""Reading an extract, and whole runs, in processes of their own."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measure import Line, command, in_a_process
from benchmarks.prefecture import write_prefecture

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEMO = Path(__file__).parents[1] / "data" / "demo"
_DEMO_SECONDS, _DEMO_MB = 10.0, 1024
_PREFECTURE_SECONDS, _PREFECTURE_MB = 60.0, 3 * 1024
# the peers filter ways a little differently; more means that something else was read
_SHARE_ALIKE = 0.25

# each returns the metres of streets
_OURS = """
from coverage.network import read_network
def job(path):
    return float(read_network(path, mode="walk", min_island=0).length_m.sum())
"""
_PYROSM = """
import pyrosm
def job(path):
    edges = pyrosm.OSM(path).get_network(network_type="walking")
    return float(edges.to_crs(edges.estimate_utm_crs()).length.sum())
"""
_OSMNX = """
import osmium, osmnx, tempfile, pathlib
def job(path):
    xml = pathlib.Path(tempfile.mkdtemp()) / "streets.osm"
    with osmium.SimpleWriter(str(xml)) as writer:
        for entity in osmium.FileProcessor(path):
            if entity.is_node() or (entity.is_way() and "highway" in entity.tags):
                writer.add(entity)
    graph = osmnx.graph_from_xml(xml, simplify=False, retain_all=True)
    graph = osmnx.convert.to_undirected(osmnx.project_graph(graph))
    return float(sum(d["length"] for *_, d in graph.edges(data=True)))
"""


def read_pbf(path: Path) -> Iterator[Line]:
    """Compare reading an OSM extract into a walk network."""
    in_a_process(_OURS, str(path))  # compiled code is kept by the first run
    for name, code, goal in (("OSMnx", _OSMNX, 5.0), ("pyrosm", _PYROSM, None)):
        ours, theirs = in_a_process(_OURS, str(path)), in_a_process(code, str(path))
        assert abs(theirs["answer"] / ours["answer"] - 1) < _SHARE_ALIKE, (name, theirs, ours)
        yield Line(
            job="read a PBF", data=path.name, peer=name, goal=goal,
            ours=ours["seconds"], theirs=theirs["seconds"],
            ours_mb=ours["mb"], theirs_mb=theirs["mb"],
            most_mb=theirs["mb"] / 3 if name == "pyrosm" else None,
        )  # fmt: skip


def run_demo() -> Iterator[Line]:
    """Time ``run`` on the demo, the process's start included."""
    yield _run("run, demo", _DEMO, _DEMO_SECONDS, _DEMO_MB)


def run_prefecture(*, nodes: int) -> Iterator[Line]:
    """Time ``run`` on an invented prefecture."""
    with tempfile.TemporaryDirectory() as folder:
        write_prefecture(Path(folder), nodes)
        job = f"run, prefecture of {nodes:,} nodes"
        yield _run(job, Path(folder), _PREFECTURE_SECONDS, _PREFECTURE_MB)


def _run(job: str, project: Path, most: float, most_mb: float) -> Line:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "results"
        command("run", str(_DEMO), "--out", str(out))  # compiled code is kept by the first run
        seconds, mb = command("run", str(project), "--out", str(out))
        assert (out / "communities.csv").stat().st_size > 0
    return Line(job=job, data="as a command", ours=seconds, most=most, ours_mb=mb, most_mb=most_mb)
