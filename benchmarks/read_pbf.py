"""Read a PBF into a walk network: this package, pyrosm and OSMnx, a fresh process each.

Usage: ``python benchmarks/read_pbf.py FILE.osm.pbf``
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

# each prints the metres of streets, the seconds, and the peak of memory above that of the imports
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
_MEASURE = """
import json, resource, sys, time
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.perf_counter()
metres = job(sys.argv[1])
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"metres": metres, "seconds": seconds, "mb": (peak - before) / 1024}))
"""


def _measure(code: str, path: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code + _MEASURE, str(path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[1],
    )
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def main() -> None:
    path = Path(sys.argv[1]).resolve()
    _measure(_OURS, path)  # compiled code is cached by the first run
    ours = _measure(_OURS, path)
    print(f"{'':10} {'km':>8} {'s':>7} {'MB':>7} {'time':>6} {'memory':>7}")
    for name, code in (("ours", _OURS), ("pyrosm", _PYROSM), ("osmnx", _OSMNX)):
        figures = ours if name == "ours" else _measure(code, path)
        # the peers filter ways a little differently; far apart means that something else was read
        assert abs(figures["metres"] / ours["metres"] - 1) < 0.25, (name, figures, ours)
        print(
            f"{name:10} {figures['metres'] / 1000:8.0f} {figures['seconds']:7.2f}"
            f" {figures['mb']:7.0f} {figures['seconds'] / ours['seconds']:6.1f}"
            f" {figures['mb'] / ours['mb']:7.1f}"
        )


if __name__ == "__main__":
    main()
