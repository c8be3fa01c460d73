"""How people walk, the edge of the map, and bands of service areas, on the tiny county."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from shapely import LineString
from tiny_county import EAST, NORTH, point

import coverage
from coverage.errors import CoverageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from coverage.results import Result

    Edit = Callable[[str, str], None]

CLIMB = math.exp(-0.35)  # speed at 10 %
MEAN = (1 + 1 / CLIMB) / 2


def ramp(folder: Path, *, metres: float) -> None:
    """Write heights that rise by 10 % eastward, from x = -500 on."""
    cells = int(metres / 50)
    heights = np.tile(100 + 5.0 * np.arange(cells), (40, 1))
    with rasterio.open(
        folder / "dem.tif", "w", driver="GTiff", width=cells, height=40, count=1, dtype="float64",
        crs="EPSG:4545", transform=rasterio.Affine(50, 0, EAST - 500, 0, -50, NORTH + 1500),
    ) as raster:  # fmt: skip
        raster.write(heights, 1)


def with_elevation(edit: Edit, *, direction: str = "round_trip") -> None:
    edit("[network]", '[layers.elevation]\npath = "dem.tif"\n\n[network]')
    edit("speed = 1.0", f'speed = 1.0\ndirection = "{direction}"')


def minutes_of(result: Result) -> dict[str, float]:
    rows = result.demand[result.demand["service"] == "elderly_circle"]
    found: dict[str, float] = rows.set_index("id")["minutes"].to_dict()
    return found


def issues_of(result: Result, code: str) -> list[str]:
    table = result.issues
    return table.loc[table["code"] == code, "message"].to_list()


@pytest.mark.parametrize(
    ("direction", "eastward", "westward"),
    [
        ("to", 1 / CLIMB, 1),
        ("from", 1, 1 / CLIMB),
        ("round_trip", MEAN, MEAN),
    ],
)
def test_a_project_with_elevation_walks_uphill(
    tiny: Path, edit: Edit, direction: str, eastward: float, westward: float
) -> None:
    ramp(tiny, metres=4000)
    with_elevation(edit, direction=direction)
    result = coverage.open_project(tiny).run()
    found = minutes_of(result)
    # d1 goes 200 m east to f1, d2 900 m west; d4 200 m north, which is level, and 2,000 m west
    assert found["d1"] == pytest.approx(200 / 60 * eastward)
    assert found["d2"] == pytest.approx(15 * westward)
    assert found["d4"] == pytest.approx((200 + 2000 * westward) / 60)
    assert issues_of(result, "no_heights") == []
    assert result.record["parameters"]["direction"] == direction
    assert result.record["inputs"]["elevation"]["path"] == "dem.tif"
    # the whole band is walked the same way
    band = result.sensitivity.query("service == 'elderly_circle' and speed == 1.0")
    covered = band.set_index("minutes").loc[15, "covered"]
    assert covered == result.communities["elderly_circle_covered"].sum()


def test_heights_for_half_the_county_leave_the_rest_flat(tiny: Path, edit: Edit) -> None:
    ramp(tiny, metres=1500)
    with_elevation(edit, direction="to")
    result = coverage.open_project(tiny).run()
    assert minutes_of(result)["d1"] == pytest.approx(200 / 60 / CLIMB)
    # from x = 1,000 on, where a piece ends: 500 and 1,000 m, 400 m northward, the island's 50 m
    (message,) = issues_of(result, "no_heights")
    assert "1950 米" in message
    assert "66.1%" in message


@pytest.mark.parametrize(("content", "words"), [(None, "不存在"), ("words", "读不出来")])
def test_an_elevation_file_that_cannot_be_used_is_named(
    tiny: Path, edit: Edit, content: str | None, words: str
) -> None:
    if content:
        (tiny / "dem.tif").write_text(content, encoding="utf-8")
    with_elevation(edit)
    with pytest.raises(CoverageError, match=words) as error:
        coverage.open_project(tiny).run()
    assert "dem.tif" in str(error.value)
    report = coverage.open_project(tiny).check()
    assert report.blocked
    assert report.issues["message"].str.contains(words).any()


@pytest.mark.parametrize(
    ("steps", "metres"), [("as_other", 2200), ("half", 2400), ("excluded", 2200)]
)
def test_stairs_as_the_project_says(tiny: Path, edit: Edit, steps: str, metres: float) -> None:
    streets = gpd.read_file(tiny / "streets.gpkg")
    streets["highway"] = ["residential", "steps", "residential"]
    streets.to_file(tiny / "streets.gpkg")
    edit("speed = 1.0", f'speed = 1.0\nsteps = "{steps}"')
    result = coverage.open_project(tiny).run()
    # where the stair is no street, d4 goes straight to the corner, 200 m away
    assert minutes_of(result)["d4"] == pytest.approx(metres / 60)
    edges = result.record["counts"]["street_edges"]["walk"]
    assert edges == (4 if steps == "excluded" else 5)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('steps = "slow"', "as_other、half、excluded"),
        ("crossing_delay = 900", "不超过 600"),
        ("crossing_delay = -1", "不小于 0"),
        ("crossing_delay = nan", "不小于 0"),
        ('direction = "up"', "round_trip"),
        ("speed = nan", "不小于 0"),
        ("speed = inf", "不小于 0"),
        ("speed = 9", "不超过 3"),
        ("stairs = 1", "steps"),
    ],
)
def test_options_that_cannot_be_used(tiny: Path, edit: Edit, line: str, words: str) -> None:
    edit("speed = 1.0", line)
    with pytest.raises(CoverageError, match=words):
        coverage.open_project(tiny)


def beyond(tiny: Path) -> None:
    """Let the street and its only elder-care station lie 300 m beyond the western border."""
    facilities = gpd.read_file(tiny / "facilities.gpkg")
    facilities.loc[facilities["id"] == "f1", "geometry"] = point(-300, 500)
    facilities.to_file(tiny / "facilities.gpkg")
    streets = gpd.read_file(tiny / "streets.gpkg")
    streets.loc[len(streets), "geometry"] = LineString([point(0, 500), point(-10, 500),
                                                        point(-400, 500)])  # fmt: skip
    streets.to_file(tiny / "streets.gpkg")


def test_a_facility_beyond_the_border_serves_and_its_units_are_named(tiny: Path) -> None:
    beyond(tiny)
    result = coverage.open_project(tiny).run()
    station = result.facilities.set_index("id").loc["f1"]
    assert station["status"] == "counted"
    assert not station["township"]
    assert station["elderly_circle_reach"] == 20
    assert minutes_of(result)["d1"] == pytest.approx(10)
    (message,) = issues_of(result, "beyond_border")
    assert "甲一社区" in message
    assert "20 人" in message
    assert "1 处" in message


def test_streets_beyond_the_border_are_told_from_facilities(tiny: Path) -> None:
    """The way from d1 to f1 leads round beyond the border: the street is broken at x = 400."""
    streets = gpd.read_file(tiny / "streets.gpkg")
    round_about = [(0, 500), (-10, 500), (-10, 520), (0, 520), (500, 520), (500, 500)]
    streets = gpd.GeoDataFrame(
        geometry=[
            LineString([point(0, 500), point(400, 500)]),
            LineString([point(500, 500), point(1500, 500), point(2500, 500), point(2500, 100)]),
            LineString([point(x, y) for x, y in round_about]),
        ],
        crs=streets.crs,
    )
    streets.to_file(tiny / "streets.gpkg")
    result = coverage.open_project(tiny).run()
    assert minutes_of(result)["d1"] == pytest.approx((300 + 10 + 20 + 10 + 500 + 20) / 60)
    messages = issues_of(result, "beyond_border")
    assert any("甲一社区" in message and "0 处" in message for message in messages)


def test_without_anything_beyond_the_border_nothing_rests_on_it(tiny: Path) -> None:
    assert issues_of(coverage.open_project(tiny).run(), "beyond_border") == []


def test_streets_that_end_at_the_border_are_told_with_those_near_them(tiny: Path) -> None:
    # at (0, 500), 300 m from d1; the others live farther than 900 m
    (message,) = issues_of(coverage.open_project(tiny).run(), "no_buffer")
    assert "1 条道路" in message
    assert "100 人" in message
    assert "甲一社区" in message
    beyond(tiny)
    assert issues_of(coverage.open_project(tiny).run(), "no_buffer") == []


def test_bands_lie_within_each_other_the_widest_first(tiny: Path) -> None:
    areas = coverage.open_project(tiny).run().service_areas
    together = areas[(areas["service"] == "elderly_circle") & (areas["facility"] == "")]
    assert together["minutes"].to_list() == [15, 10, 5]
    wide, middle, narrow = together.geometry
    assert wide.contains(middle)
    assert middle.contains(narrow)
    # 300 m along the street in both directions, and 25 m beyond
    west, _, east, _ = narrow.bounds
    assert (west - EAST, east - EAST) == pytest.approx((175, 825), abs=1)
