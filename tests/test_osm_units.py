"""Townships and communities cut from an extract's own boundaries."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from extracts import UTM, create, read_layer, two_townships, with_street
from hypothesis import given, settings
from hypothesis import strategies as st

from coverage.errors import ProjectError
from coverage.osm_project import Extract
from coverage.osm_project.reading import CRS, Elements
from coverage.osm_project.units import COMMUNITY_LEVELS, cut_units, extent


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Extract]:
    """Return the project folder of two townships, and what it took from its extract."""
    return create(two_townships(), tmp_path_factory.mktemp("两镇"))


def test_townships_are_level_8_and_what_they_leave_over(two: tuple[Path, Extract]) -> None:
    townships = read_layer(two[0], "townships")
    # 乙 sorts before 甲
    assert list(townships["name"]) == ["乙镇", "甲街道", "其余范围"]
    assert list(townships["code"]) == ["000000001", "000000002", "000000003"]
    assert list(townships["kind"].fillna("")) == ["镇", "街道", ""]
    assert list(townships["buildings"]) == [2, 3, 1]
    # the only county that the file names, though its ring does not close
    assert set(townships["county"]) == {"某县"}
    assert townships["osm_id"].str.match(r"r\d+$").tolist() == [True, True, False]


def test_communities_are_level_10_else_the_township(two: tuple[Path, Extract]) -> None:
    communities = read_layer(two[0], "communities")
    assert communities[["code", "name", "township", "buildings"]].values.tolist() == [
        ["000000001001", "乙镇", "000000001", 2],
        ["000000002001", "北社区", "000000002", 2],
        ["000000002002", "南社区", "000000002", 1],
        ["000000003001", "其余范围", "000000003", 1],
    ]
    assert list(communities["kind"].fillna("")) == ["", "社区", "社区", ""]


def test_units_have_the_size_that_was_drawn(two: tuple[Path, Extract]) -> None:
    communities = read_layer(two[0], "communities").to_crs(UTM)
    km2 = dict(zip(communities["name"], communities.area / 1e6, strict=True))
    assert km2["乙镇"] == pytest.approx(1.0, rel=1e-4)
    assert km2["北社区"] == pytest.approx(0.5, rel=1e-4)
    assert km2["南社区"] == pytest.approx(0.5, rel=1e-4)


def test_levels_may_be_chosen(tmp_path: Path) -> None:
    _, extract = create(two_townships(), tmp_path, township_level=10)
    assert (extract.township_level, extract.townships) == (10, 3)
    assert extract.community_levels == ()


def test_a_level_that_is_not_there_is_an_error_that_names_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(ProjectError) as error:
        create(two_townships(), tmp_path, township_level=7)
    assert error.value.values == {"level": 7, "found": "8、10"}
    assert not (tmp_path / "project").exists()


def test_communities_must_be_finer_than_townships(tmp_path: Path) -> None:
    with pytest.raises(ProjectError) as error:
        create(two_townships(), tmp_path, community_level=8)
    assert error.value.key == "osm_project.not_finer"


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ((8, 9, 9), 8),  # one area of level 8 is enough
        ((7, 7, 6, 6), 7),  # else the finest with two
        ((6, 6, 9), 6),  # one area of level 9 is not
        ((9, 9, 6, 6), 9),
        ((9, 6), None),  # nothing has two
    ],
)
def test_without_level_8_the_finest_level_with_two_areas(
    levels: tuple[int, ...], expected: int | None, tmp_path: Path
) -> None:
    osm = with_street()
    for number, level in enumerate(levels):
        # areas of a level side by side on the street, levels on top of each other
        east = 400 * levels[:number].count(level)
        osm.square(
            east, -200, 400, boundary="administrative", admin_level=str(level), name=f"a{number}"
        )
    osm.square(100, 20, building="house")
    _, extract = create(osm, tmp_path)
    assert extract.township_level == expected


def test_level_9_fills_what_level_10_leaves(tmp_path: Path) -> None:
    """One township; its west is of level 10 and 9, its middle of level 9, its east of neither.

    ::

        +--- 8 ---------------------+
        | 10 = 9 |    9    |        |
        +--------+---------+--------+
        0       300       600      1000
    """
    osm = with_street()
    admin = {"boundary": "administrative"}
    osm.square(0, -500, 1000, admin_level="8", name="T", **admin)
    for name, level, west, east in (
        ("fine", "10", 0, 300),
        ("same", "9", 0, 300),
        ("coarse", "9", 300, 600),
    ):
        ring = [(west, -500), (east, -500), (east, 500), (west, 500), (west, -500)]
        osm.way(*ring, admin_level=level, name=name, **admin)
    for x in (100, 400, 800):
        osm.square(x, 20, building="house")
    folder, extract = create(osm, tmp_path)
    communities = read_layer(folder, "communities")
    assert list(communities["name"]) == ["coarse", "fine", "T（其余）"]
    assert list(communities["buildings"]) == [1, 1, 1]
    assert extract.community_levels == (10, 9)


def test_an_area_that_does_not_close_is_not_used(tmp_path: Path) -> None:
    osm = with_street()
    open_ring = osm.way((0, -500), (1000, -500), (1000, 500))
    osm.boundary(open_ring, level=8, name="T")
    osm.square(100, 20, building="house")
    folder, extract = create(osm, tmp_path)
    assert (extract.township_level, extract.townships) == (None, 1)
    assert dict(extract.notes)["unclosed"] == {"count": 1}
    assert list(read_layer(folder, "townships")["name"]) == ["extract"]
    assert list(read_layer(folder, "communities")["name"]) == ["extract"]


def test_an_area_that_holds_nothing_is_left_out(tmp_path: Path) -> None:
    osm = two_townships()
    osm.square(9000, 9000, 500, boundary="administrative", admin_level="8", name="far")
    folder, _ = create(osm, tmp_path)
    assert "far" not in set(read_layer(folder, "townships")["name"])


_coordinate = st.integers(0, 20)


@st.composite
def _areas(draw: st.DrawFn) -> list[tuple[int, float, float, float, float]]:
    """Draw rectangles of levels 8 to 10 that may overlap, nest, touch, or be alike."""
    count = draw(st.integers(0, 8))
    return [
        (
            draw(st.sampled_from((8, 9, 10))),
            west := draw(_coordinate),
            south := draw(_coordinate),
            west + draw(st.integers(1, 10)),
            south + draw(st.integers(1, 10)),
        )
        for _ in range(count)
    ]


@settings(max_examples=60, deadline=None)
@given(areas=_areas(), homes=st.lists(st.tuples(_coordinate, _coordinate), min_size=1, max_size=12))
def test_every_home_lies_in_one_township_and_one_of_its_communities(
    areas: list[tuple[int, float, float, float, float]], homes: list[tuple[int, int]]
) -> None:
    scale, west, south = 0.001, 117.0, 26.2
    boxes = [shapely.box(*(np.array(a[1:]) * scale + [west, south] * 2)) for a in areas]
    boundaries = {
        "level": [a[0] for a in areas],
        "name": "",
        "osm_id": [f"w{n}" for n in range(len(areas))],
    }
    street = shapely.LineString([(west, south), (west + 0.02, south + 0.02)])
    empty = gpd.GeoDataFrame({"id": []}, geometry=[], crs=CRS)
    elements = Elements(
        boundaries=gpd.GeoDataFrame(boundaries, geometry=boxes, crs=CRS).astype({"level": int}),
        unclosed={}, county="", facilities=empty, buildings=empty, other_land=empty, water=empty,
        streets=gpd.GeoDataFrame({"id": ["w0"]}, geometry=[street], crs=CRS),
        left_out={}, year=None, year_from="",
    )  # fmt: skip
    # off the grid, so that no home stands on a border
    places = np.array(homes) * scale + [west + 0.00037, south + 0.00041]
    points = shapely.points(places)
    units = cut_units(elements, extent(elements, points), points, name="all")
    townships = units.townships.set_index("code").geometry
    communities = units.communities.set_index("code")
    assert townships.index.is_unique
    assert communities.index.is_unique
    belongs = communities.loc[units.community_of(points)]
    assert shapely.distance(belongs.geometry.to_numpy(), points).max() < 1e-9
    around = townships.loc[belongs["township"]].to_numpy()
    assert shapely.distance(around, points).max() < 1e-9
    for cut in (townships.to_numpy(), communities.geometry.to_numpy()):
        # no two overlap
        assert shapely.area(cut).sum() == pytest.approx(shapely.union_all(cut).area, abs=1e-10)
    assert set(units.community_levels) <= set(COMMUNITY_LEVELS)
