"""Polygons that do not fit together, and facilities where many stand on one spot.

Units are squares of 1000 m; faults are strips and corners whose area can be worked out by hand.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from coverage.layers import IssueLog, Source, read_layers
from coverage.layers.location.topology import (
    check_duplicates,
    check_gaps,
    check_overlaps,
    check_parents,
)

X, Y = 432_000.0, 3_287_000.0


def box(x0: float, y0: float, x1: float, y1: float) -> Any:
    return shapely.box(X + x0, Y + y0, X + x1, Y + y1)


def units(*shapes: Any, **columns: Any) -> gpd.GeoDataFrame:
    letters = list("甲乙丙丁戊己")[: len(shapes)]
    rows = np.arange(1, len(shapes) + 1)
    given = {"code": letters, "name": letters, "source_row": rows, **columns}
    return gpd.GeoDataFrame(given, geometry=list(shapes), crs="EPSG:4545")


def told(check: Any, *frames: Any) -> list[dict[str, Any]]:
    issues = IssueLog()
    check(*frames, issues)
    issues.frame("en")
    return [{"row": i.row, "value": i.value, **i.values} for i in issues]


def test_units_side_by_side_are_no_finding() -> None:
    frame = units(box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000), box(0, 1000, 2000, 2000))
    for check in (check_duplicates, check_overlaps, check_gaps):
        assert told(check, frame, "townships") == []


def test_an_overlap_is_measured() -> None:
    """A strip 20 m wide and 1000 m long: 20 000 m², 2 x 20 000 / 2040 = 19.6 m wide."""
    frame = units(box(0, 0, 1020, 1000), box(1000, 0, 2000, 1000))
    assert told(check_overlaps, frame, "townships") == [
        {"row": 1, "value": "甲", "other": "乙", "area_m2": "20000", "width_m": "20"}
    ]


@pytest.mark.parametrize("width", [20, 150])
def test_a_strip_between_units_is_a_gap(width: int) -> None:
    frame = units(box(0, 0, 1000, 1000), box(1000 + width, 0, 2000, 1000))
    (found,) = told(check_gaps, frame, "townships")
    assert (found["value"], found["other"]) == ("甲", "乙")
    assert float(found["area_m2"]) == pytest.approx(1000 * width, rel=0.02)


def test_a_hole_is_a_gap_however_wide() -> None:
    ring = box(0, 0, 3000, 3000).difference(box(1000, 1000, 2000, 2000))
    (found,) = told(check_gaps, units(ring, box(3000, 0, 4000, 3000)), "townships")
    assert found["area_m2"] == "1000000"


def test_a_bay_in_the_border_of_one_unit_is_none() -> None:
    bay = box(0, 0, 1000, 1000).difference(box(400, 900, 480, 1000))
    assert told(check_gaps, units(bay, box(1000, 0, 2000, 1000)), "townships") == []


@given(st.lists(st.floats(-0.4, 0.4), min_size=8, max_size=8))
@settings(deadline=None, max_examples=25)  # others may share the machine
def test_rounding_is_no_finding(noise: list[float]) -> None:
    """Corners that differ by less than half a metre leave slivers narrower than a metre."""
    a, b, c, d, e, f, g, h = noise
    left = [(0, 0), (1000 + a, b), (1000 + c, 1000 + d), (0, 1000)]
    right = [(1000 + e, f), (2000, 0), (2000, 1000), (1000 + g, 1000 + h)]
    frame = units(*(shapely.Polygon(np.array(corners) + [X, Y]) for corners in (left, right)))  # noqa: RUF005
    for check in (check_overlaps, check_gaps):
        assert told(check, frame, "townships") == []


def test_the_same_polygon_twice_is_told_wherever_it_begins() -> None:
    turned = shapely.Polygon([(X + 1000, Y), (X + 1000, Y + 1000), (X, Y + 1000), (X, Y)])
    frame = units(box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000), turned)
    assert told(check_duplicates, frame, "communities") == [{"row": 3, "value": "丙", "first": 1}]


def test_a_community_outside_its_township_is_measured() -> None:
    """Of 1000 m x 1000 m one lies 300 m outside, another 40 m: 30 % is told, 4 % is not."""
    towns = units(box(0, 0, 1000, 2000), box(1000, 0, 3000, 2000))
    communities = units(
        box(300, 0, 1300, 1000), box(40, 1000, 1040, 2000), township=["甲", "甲"]
    )  # fmt: skip
    (found,) = told(check_parents, communities, towns)
    assert found["row"] == 1
    assert found["area_m2"] == "300000"
    assert found["share"] == pytest.approx(0.3)
    assert found["parent"] == "甲"


@pytest.fixture
def county(tmp_path: Path) -> dict[str, Source]:
    frame = units(box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000))
    frame[["code", "name", "geometry"]].to_file(tmp_path / "t.gpkg")
    frame.assign(township=frame["name"])[["name", "township", "geometry"]].to_file(
        tmp_path / "c.gpkg"
    )
    (tmp_path / "f.csv").write_text("类型\n敬老院\n", encoding="utf-8")
    names = {"townships": "t.gpkg", "communities": "c.gpkg", "facilities": "f.csv"}
    return {layer: Source(path=tmp_path / name) for layer, name in names.items()}


def read(county: dict[str, Source], facilities: str) -> pd.DataFrame:
    county["facilities"].path.write_text(facilities, encoding="utf-8")
    source = Source(path=county["facilities"].path, crs="EPSG:4545")
    issues = IssueLog()
    read_layers({**county, "facilities": source}, issues)
    return issues.frame()


def test_how_far_a_facility_is_from_the_unit_it_declares(county: dict[str, Source]) -> None:
    issues = read(county, f"类型,乡镇,lon,lat\n敬老院,乙,{X + 750},{Y + 500}\n")
    found = issues[issues["code"] == "declared_elsewhere"]
    assert found["row"].tolist() == [2]
    assert "250 米" in found["message"].iloc[0]


def test_many_names_on_one_spot_are_suspicious(county: dict[str, Source]) -> None:
    spot = f"{X + 500},{Y + 500}"
    rows = "".join(f"敬老院,{n},{c},{spot}\n" for n, c in (("一", "甲"), ("二", "乙"), ("三", "")))
    issues = read(county, f"类型,名称,社区,lon,lat\n{rows}敬老院,四,甲,{X + 501},{Y + 500}\n")
    assert issues.loc[issues["code"] == "same_place", "row"].tolist() == [2, 3, 4]


@pytest.mark.parametrize("names", ["一一一", "一二"])
def test_a_shared_building_is_not(county: dict[str, Source], names: str) -> None:
    rows = "".join(f"敬老院,{name},,{X + 500},{Y + 500}\n" for name in names)
    issues = read(county, f"类型,名称,社区,lon,lat\n{rows}")
    assert "same_place" not in set(issues["code"])
