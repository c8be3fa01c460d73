"""Write the project folder of an invented prefecture, as large as ours get.

Usage: ``python -m benchmarks.prefecture DIR [--nodes 500000]``

200 townships, 2,700 communities, 3,000 facilities, 50,000 places where people live and half a
million street nodes, always the same ones.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from benchmarks.invented import Size, write_project, write_streets
from benchmarks.streets import drawn

SIZE = Size(townships=(20, 10), communities=2_700, facilities=3_000, places=50_000)
_COUNTIES = tuple(f"51990{number}" for number in range(1, 6))


def write_prefecture(folder: Path, nodes: int = 500_000, seed: int = 11) -> None:
    """Write the project.

    Parameters
    ----------
    folder
        Where it goes.
    nodes
        Street nodes; the land and everything on it stays in proportion.
    seed
        Decides where everything stands.
    """
    network = drawn(nodes, seed)
    write_project(
        folder,
        network,
        SIZE,
        np.random.default_rng(seed),
        name="测算用地级市（虚构）",
        counties=_COUNTIES,
        streets="streets.osm.pbf",
    )
    write_streets(folder / "streets.osm.pbf", [network])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.prefecture", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--nodes", type=int, default=500_000)
    arguments = parser.parse_args()
    write_prefecture(arguments.folder, arguments.nodes)


if __name__ == "__main__":
    main()
