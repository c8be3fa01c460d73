"""Read a million facilities from a CSV, check them and join them to 3,000 townships.

The limits are 20 s and 2 GB for the whole process. The points, seeded, lie in a square of 3,000
townships; one in a hundred declares its neighbour's township, one in a thousand has no coordinates.

    python benchmarks/read_points.py [--points 1000000] [--keep FOLDER]
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

COLUMNS, ROWS = 60, 50
WEST, SOUTH, EAST, NORTH = 106.9, 29.3, 107.7, 29.9
READ = """
import sys, time
from pathlib import Path
from coverage.layers import IssueLog, Source, read_layers
folder = Path(sys.argv[1])
issues = IssueLog()
files = {"townships": "townships.gpkg", "communities": "c.csv", "facilities": "points.csv"}
sources = {layer: Source(path=folder / file, datum="wgs84") for layer, file in files.items()}
start = time.perf_counter()
layers = read_layers(sources, issues)
print(f"read {time.perf_counter() - start:.1f} s, {len(layers.facilities)} rows")
table = issues.frame()
print(f"findings {time.perf_counter() - start:.1f} s, {table['code'].value_counts().to_dict()}")
"""


def write(folder: Path, count: int) -> None:
    rng = np.random.default_rng(0)
    x, y = np.linspace(WEST, EAST, COLUMNS + 1), np.linspace(SOUTH, NORTH, ROWS + 1)
    row, column = np.divmod(np.arange(COLUMNS * ROWS), COLUMNS)
    names = np.array([f"第{i}镇" for i in range(COLUMNS * ROWS)])
    areas = shapely.segmentize(shapely.box(x[column], y[row], x[column + 1], y[row + 1]), 0.0005)
    frame = gpd.GeoDataFrame({"name": names}, geometry=areas, crs=4490)
    frame.to_file(folder / "townships.gpkg")
    pd.DataFrame({"名称": names, "乡镇": names}).to_csv(folder / "c.csv", index=False)
    longitude, latitude = rng.uniform(WEST, EAST, count), rng.uniform(SOUTH, NORTH, count)
    at = np.searchsorted(x, longitude) - 1 + COLUMNS * (np.searchsorted(y, latitude) - 1)
    wrong = rng.random(count) < 0.01
    at[wrong] = (at[wrong] + 1) % len(names)
    points = pd.DataFrame(
        {
            "编号": np.arange(count).astype(str),
            "设施名称": np.char.add("设施", np.arange(count).astype(str)),
            "设施类型": rng.choice(["养老驿站", "敬老院", "社工站", "日间照料中心"], count),
            "所属乡镇": names[at],
            "经度": longitude.round(6),
            "纬度": latitude.round(6),
            "建筑面积": rng.integers(50, 3000, count),
            "状态": "运营",
        }
    )
    points.loc[rng.random(count) < 0.001, ["经度", "纬度"]] = np.nan
    points.to_csv(folder / "points.csv", index=False)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "points.csv").exists():
            write(folder, options.points)
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", READ, str(folder)], check=True)
        seconds = time.perf_counter() - start
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(
            f"whole process {seconds:.1f} s, cpu {used.ru_utime + used.ru_stime:.1f} s, "
            f"{used.ru_maxrss / 1e6:.2f} GB"
        )


if __name__ == "__main__":
    main()
