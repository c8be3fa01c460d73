"""Write the counties of an invented province: ``python -m benchmarks.province DIR [--counties 8]``.

Counties of 45 km across lie side by side, 25 townships, 400 communities, 1,000 facilities, 6,000
places where people live and 50,000 street nodes each, always the same ones. Their streets are one
extract, ``province.osm.pbf``, as they are downloaded, and go on across the borders.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from benchmarks.invented import Size, write_project, write_streets
from benchmarks.streets import drawn, streets_across

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from coverage.network import StreetNetwork

NODES = 50_000
SIZE = Size(townships=(5, 5), communities=400, facilities=1_000, places=6_000)
EXTRACT = "province.osm.pbf"
_SPACING_M = 200.0
_CORNER = (250_000.0, 2_900_000.0)
_IN_A_CITY = 10
_LINK_M = 1.3 * _SPACING_M  # over a border stands whoever is nearer than that


def write_province(folder: Path, counties: int, *, nodes: int = NODES, seed: int = 5) -> list[Path]:
    """Write the projects of the counties and their extract.

    Parameters
    ----------
    folder
        Where they go.
    counties
        How many.
    nodes
        Street nodes of each.
    seed
        Decides where everything stands.

    Returns
    -------
    list
        Their folders.
    """
    folder.mkdir(parents=True, exist_ok=True)
    networks, written = [], []
    side_m = streets_across(nodes) * _SPACING_M
    for number in range(counties):
        column, row = _column_and_row(number, counties)
        corner = (_CORNER[0] + column * side_m, _CORNER[1] + row * side_m)
        network = drawn(nodes, seed + number, spacing_m=_SPACING_M, corner=corner)
        code = f"51{80 + number // _IN_A_CITY}{number % _IN_A_CITY + 1:02d}"
        write_project(
            folder / code,
            network,
            SIZE,
            np.random.default_rng(seed + number),
            name=f"测算用第{number + 1}县（虚构）",
            counties=[code],
            streets=f"../{EXTRACT}",
        )
        networks.append(network)
        written.append(folder / code)
    write_streets(folder / EXTRACT, networks, _links(networks))
    return written


def _column_and_row(number: int, counties: int) -> tuple[int, int]:
    row, column = divmod(number, int(np.ceil(np.sqrt(counties))))
    return column, row


def _links(networks: Sequence[StreetNetwork]) -> Iterator[tuple[int, int]]:
    """Join streets across borders: numbers of the nodes at both ends, counted through."""
    first = np.cumsum([0, *(network.x.size for network in networks)])
    places = [np.column_stack([network.x, network.y]) for network in networks]
    trees = [cKDTree(own) for own in places]
    for a, b in _neighbours(len(networks)):
        away, nearest = trees[b].query(places[a], distance_upper_bound=_LINK_M)
        for node in np.flatnonzero(np.isfinite(away)).tolist():
            yield int(first[a]) + node, int(first[b] + nearest[node])


def _neighbours(counties: int) -> Iterator[tuple[int, int]]:
    at = {_column_and_row(number, counties): number for number in range(counties)}
    for (column, row), number in at.items():
        for beside in ((column + 1, row), (column, row + 1)):
            if beside in at:
                yield number, at[beside]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.province", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--counties", type=int, default=8)
    parser.add_argument("--nodes", type=int, default=NODES)
    arguments = parser.parse_args()
    write_province(arguments.folder, arguments.counties, nodes=arguments.nodes)


if __name__ == "__main__":
    main()
