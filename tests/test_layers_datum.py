"""The datums of Chinese web maps: conversion, and finding out which one a layer is on."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from coverage.layers import IssueLog, Layers, Source, read_layers
from coverage.layers.location import datum
from coverage.layers.location.evidence import Pieces, coincidence, membership, nearness

WEST, SOUTH, SIZE = 107.30, 29.60, 0.12  # degrees


class TestConversion:
    def test_published_values(self) -> None:
        """Values of the published sums for 116.404 E, 39.915 N."""
        longitude, latitude = np.array([116.404]), np.array([39.915])
        gcj = datum.to_gcj02(longitude, latitude)
        assert gcj[0][0] == pytest.approx(116.41024449916938, abs=1e-10)
        assert gcj[1][0] == pytest.approx(39.91640428150164, abs=1e-10)
        bd = datum.to_bd09(longitude, latitude)
        assert bd[0][0] == pytest.approx(116.41036949371029, abs=1e-10)
        assert bd[1][0] == pytest.approx(39.92133699351021, abs=1e-10)

    @settings(deadline=None)  # others may share the machine
    @given(st.floats(73.5, 135), st.floats(18, 53.5), st.sampled_from(["gcj02", "bd09"]))
    def test_there_and_back_is_within_a_centimetre(self, x: float, y: float, name: str) -> None:
        place = np.array([x]), np.array([y])
        # on the very edge of a box rounding decides
        assume(datum.in_china(x + np.array([-1e-6, 1e-6]), y + np.array([-1e-6, 1e-6])).all())
        assume(datum.in_china(x + np.array([1e-6, -1e-6]), y + np.array([-1e-6, 1e-6])).all())
        shifted = datum.to_gcj02(*place)
        if name == "bd09":
            shifted = datum.to_bd09(*shifted)
        back = datum.to_wgs84(*shifted, name)
        assert abs(back[0][0] - x) < 1e-7
        assert abs(back[1][0] - y) < 1e-7

    @pytest.mark.parametrize(
        "place",
        [(9.2, 48.7), (-58.4, -34.6), (126.98, 37.57), (105.85, 21.03), (77.2, 28.6),
         (121.56, 25.03), (139.7, 35.7), (106.9, 47.9), (131.9, 43.1)],
    )  # fmt: skip
    def test_nothing_moves_outside_china(self, place: tuple[float, float]) -> None:
        given = np.array([place[0]]), np.array([place[1]])
        np.testing.assert_array_equal(datum.to_gcj02(*given), given)
        for name in datum.DATUMS:
            np.testing.assert_array_equal(datum.to_wgs84(*given, name), given)

    @pytest.mark.parametrize(
        "place",
        [(73.9, 39.8), (134.3, 48.36), (122.5, 53.48), (127.5, 50.25), (128.47, 49.576),
         (107.972, 21.547), (101.56, 21.46), (112.33, 16.83), (114.17, 22.3), (95.3, 29.3)],
    )  # fmt: skip
    def test_the_corners_of_china_are_in(self, place: tuple[float, float]) -> None:
        assert datum.in_china(np.array([place[0]]), np.array([place[1]]))[0]


class TestEvidence:
    def test_places_inside_are_counted_by_pairs(self) -> None:
        """Nine places lie in their unit only after, none only before: 9 / sqrt(9) = 3."""
        before = np.array([True] * 5 + [False] * 9)
        found = membership({"wgs84": before, "gcj02": np.ones(14, dtype=bool)})
        assert found is not None
        assert found.over["gcj02", "wgs84"] == pytest.approx(3)
        assert found.figures["wgs84"] == pytest.approx(5 / 14)
        assert membership({"wgs84": before[:0], "gcj02": before[:0]}) is None

    def test_places_beside_streets_are_near_them(self) -> None:
        lines = Pieces(streets().to_crs(4545).to_numpy())
        points = gpd.GeoSeries(shapely.points(places(80)), crs=4326).to_crs(4545)
        right = shapely.get_coordinates(points)
        found = nearness({"wgs84": right + np.array([300.0, 400.0]), "gcj02": right}, lines)
        assert found is not None
        assert found.figures["gcj02"] < 40
        assert found.figures["wgs84"] > 100
        assert found.over["gcj02", "wgs84"] > 3
        assert found.over["wgs84", "gcj02"] < -3

    def test_a_border_along_a_street_coincides(self) -> None:
        rng = np.random.default_rng(0)
        bends = np.cumsum(rng.uniform(-200, 200, (60, 2)) + np.array([150, 0]), axis=0)
        street = shapely.LineString(bends)
        border = np.array([street.buffer(3000, single_sided=True).exterior])
        there = Pieces(border)
        moved = Pieces(shapely.transform(border, lambda xy: xy + np.array([350, 240.0])))
        found = coincidence({"wgs84": moved, "gcj02": there}, Pieces(np.array([street])))
        assert found is not None
        assert found.over["gcj02", "wgs84"] > 3


def streets() -> gpd.GeoSeries:
    """Return streets that bend, some 700 m apart, over two townships."""
    rng = np.random.default_rng(1)
    lines = []
    for offset in np.arange(0, SIZE, 0.007):
        along = np.arange(0, SIZE, 0.002)
        bent = offset + np.cumsum(rng.normal(0, 0.0003, len(along)))
        lines += [np.column_stack([WEST + along, SOUTH + bent])]
        lines += [np.column_stack([WEST + bent, SOUTH + along])]
    return gpd.GeoSeries([shapely.LineString(line) for line in lines], crs=4326)


def places(count: int) -> np.ndarray:
    """Return places beside the streets, some 20 m off."""
    rng = np.random.default_rng(2)
    lines = streets().to_numpy()
    chosen = lines[rng.integers(0, len(lines), count)]
    points = shapely.line_interpolate_point(chosen, rng.uniform(0.1, 0.9, count), normalized=True)
    return shapely.get_coordinates(points) + rng.normal(0, 0.0002, (count, 2))


@pytest.fixture
def county(tmp_path: Path) -> Path:
    half = WEST + SIZE / 2
    areas = [shapely.box(WEST, SOUTH, half, SOUTH + SIZE),
             shapely.box(half, SOUTH, WEST + SIZE, SOUTH + SIZE)]  # fmt: skip
    frame = gpd.GeoDataFrame({"name": ["甲镇", "乙镇"]}, geometry=areas, crs=4490).to_crs(4545)
    frame.to_file(tmp_path / "t.gpkg")
    (tmp_path / "c.csv").write_text("名称,乡镇\n甲村,甲镇\n", encoding="utf-8")
    return tmp_path


def read(county: Path, xy: np.ndarray, *, with_streets: bool = True, **options: str) -> tuple[
    Layers, pd.DataFrame
]:  # fmt: skip
    table = pd.DataFrame({"类型": "敬老院", "经度": xy[:, 0], "纬度": xy[:, 1]})
    table.to_csv(county / "f.csv", index=False)
    sources = {"townships": Source(path=county / "t.gpkg")}
    sources["communities"] = Source(path=county / "c.csv")
    sources["facilities"] = Source(path=county / "f.csv", **options)  # type: ignore[arg-type]
    issues = IssueLog()
    layers = read_layers(sources, issues, streets=streets if with_streets else None)
    issues.frame("en")
    return layers, issues.frame()


def shifted(xy: np.ndarray, name: str) -> np.ndarray:
    east, north = datum.to_gcj02(*xy.T)
    return np.column_stack(datum.to_bd09(east, north) if name == "bd09" else (east, north))


@pytest.mark.parametrize("name", ["gcj02", "bd09"])
def test_a_ledger_of_a_web_map_is_converted_and_told(county: Path, name: str) -> None:
    xy = places(80)
    right, _ = read(county, xy, datum="wgs84")
    layers, issues = read(county, shifted(xy, name))
    found = issues[issues["code"] == "converted_datum"]
    assert found["value"].tolist() == [{"gcj02": "GCJ-02", "bd09": "BD-09"}[name]]
    assert found["severity"].tolist() == ["warning"]
    apart = layers.facilities.distance(right.facilities.geometry, align=False)
    assert apart.max() < 1
    assert f'datum = "{name}"' in found["action"].iloc[0]


def test_a_ledger_on_wgs84_raises_no_word(county: Path) -> None:
    _, issues = read(county, places(80))
    assert not {"converted_datum", "uncertain_datum"} & set(issues["code"])


@pytest.mark.parametrize("count", [1, 4])
def test_a_few_places_are_never_converted(county: Path, count: int) -> None:
    xy = shifted(places(count), "gcj02")
    layers, issues = read(county, xy)
    assert "converted_datum" not in set(issues["code"])
    asked, _ = read(county, xy, datum="wgs84")
    assert layers.facilities.geometry.equals(asked.facilities.geometry)


def test_without_streets_it_is_asked_and_nothing_is_done(county: Path) -> None:
    _, issues = read(county, shifted(places(80), "gcj02"), with_streets=False)
    found = issues[issues["code"] == "uncertain_datum"]
    assert len(found) == 1
    assert "gcj02" in found["action"].iloc[0]


def test_what_the_project_says_is_not_doubted(county: Path) -> None:
    _, issues = read(county, shifted(places(80), "gcj02"), datum="wgs84")
    assert not {"converted_datum", "uncertain_datum"} & set(issues["code"])


def test_places_at_random_are_not_converted(county: Path) -> None:
    """Places that keep no distance to streets say nothing, in however many trials."""
    for seed in range(5):
        rng = np.random.default_rng(seed)
        xy = rng.uniform([WEST, SOUTH], [WEST + SIZE, SOUTH + SIZE], (60, 2))
        _, issues = read(county, xy)
        assert "converted_datum" not in set(issues["code"])
