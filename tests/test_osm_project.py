"""A project from an OSM extract, on extracts that the tests draw themselves and on real ones."""

from __future__ import annotations

import bz2
import itertools
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from string import Formatter
from typing import Any
from xml.sax.saxutils import quoteattr

import geopandas as gpd
import numpy as np
import osmium
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from coverage import texts
from coverage.configuration import read_configuration
from coverage.errors import LayerError, NetworkError, OutputError, ProjectError
from coverage.osm_project import create_project, tags
from coverage.osm_project.reading import CRS, Elements
from coverage.osm_project.units import COMMUNITY_LEVELS, cut_units, extent

UTM = pyproj.CRS.from_epsg(4548)  # CGCS2000 zone of 117 degrees east
EAST, NORTH = 500_000.0, 2_900_000.0  # where (0, 0) lies, on the central meridian
_TO_DEGREES = pyproj.Transformer.from_crs(UTM, 4326, always_xy=True)

XY = tuple[float, float]


@dataclass
class Osm:
    """Draw an extract in metres, and write it as OpenStreetMap XML."""

    elements: list[str] = field(default_factory=list)
    places: dict[XY, int] = field(default_factory=dict)
    serial: Any = field(default_factory=lambda: itertools.count(1))
    when: str = 'timestamp="2021-05-06T00:00:00Z"'

    def node(self, at: XY, **tags: str) -> int:
        if not tags and at in self.places:
            return self.places[at]
        number = next(self.serial)
        if not tags:
            self.places[at] = number
        lon, lat = _TO_DEGREES.transform(EAST + at[0], NORTH + at[1])
        place = f'lat="{lat:.7f}" lon="{lon:.7f}"'
        return self._add("node", number, place, "", tags)

    def way(self, *points: XY, **tags: str) -> int:
        nodes = "".join(f'<nd ref="{self.node(point)}"/>' for point in points)
        return self._add("way", next(self.serial), "", nodes, tags)

    def square(self, x: float, y: float, side: float = 10.0, **tags: str) -> int:
        corners = [(x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y)]
        return self.way(*corners, **tags)

    def area(self, *ways: int, **tags: str) -> int:
        members = "".join(f'<member type="way" ref="{way}" role="outer"/>' for way in ways)
        return self._add("relation", next(self.serial), "", members, tags)

    def boundary(self, *ways: int, level: int, name: str) -> int:
        administrative = {"type": "boundary", "boundary": "administrative"}
        return self.area(*ways, admin_level=str(level), name=name, **administrative)

    def text(self) -> str:
        kinds = ("<node", "<way", "<relation")
        ordered = sorted(self.elements, key=lambda e: [e.startswith(k) for k in kinds].index(True))
        return f'<osm version="0.6">{"".join(ordered)}</osm>'

    def write(self, path: Path) -> Path:
        path.write_text(self.text(), encoding="utf-8")
        return path

    def _add(self, kind: str, number: int, more: str, content: str, tags: dict[str, str]) -> int:
        # keyword arguments have no colons: a__b stands for a:b
        pairs = {key.replace("__", ":"): value for key, value in tags.items()}
        inner = "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in pairs.items())
        head = f'<{kind} id="{number}" version="1" {self.when} {more}>'
        self.elements.append(f"{head}{content}{inner}</{kind}>")
        return number


def _two_townships() -> Osm:
    """Draw two townships of a kilometre each, and a street through both and beyond.

    ::

        (0,1000)      (1000,1000)     (2000,1000)
           +-------------+--------------+
           |  北社区 h h |              |
           +-------------+   h h  E     |            h: a house, E: a nursing home
        ---+-------------+--------------+--------- h   y = 500: the street, to x = 2600
           |  南社区 h   |              |
           +-------------+--------------+
           甲街道            乙镇
    """
    osm = Osm()
    middle = osm.way((1000, 0), (1000, 500), (1000, 1000))
    west = osm.way((1000, 1000), (0, 1000), (0, 500), (0, 0), (1000, 0))
    east = osm.way((1000, 0), (2000, 0), (2000, 1000), (1000, 1000))
    osm.boundary(middle, west, level=8, name="甲街道")
    osm.boundary(middle, east, level=8, name="乙镇")
    cut = osm.way((0, 500), (1000, 500))
    north = osm.way((1000, 500), (1000, 1000), (0, 1000), (0, 500))
    south = osm.way((1000, 500), (1000, 0), (0, 0), (0, 500))
    osm.boundary(cut, north, level=10, name="北社区")
    osm.boundary(cut, south, level=10, name="南社区")
    # a county that leaves the extract: its ring does not close
    osm.boundary(west, level=6, name="某县")
    osm.way((-100, 510), (2600, 510), highway="residential", name="大街")
    for x, y in ((300, 700), (400, 700), (300, 200), (1300, 700), (1400, 700), (2500, 520)):
        osm.square(x, y, building="house")
    osm.square(1600, 700, 30, amenity="nursing_home", building="yes", name="乙镇敬老院", beds="80")
    return osm


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    folder = tmp_path_factory.mktemp("two")
    osm = _two_townships().write(folder / "两镇.osm")
    return folder / "project", create_project(folder / "project", osm)


def _layer(folder: Path, name: str) -> gpd.GeoDataFrame:
    return gpd.read_file(folder / f"{name}.gpkg")


def _create(osm: Osm, tmp_path: Path, **options: Any) -> tuple[Path, Any]:
    path = osm.write(tmp_path / "extract.osm")
    return tmp_path / "project", create_project(tmp_path / "project", path, **options)


def _street(osm: Osm | None = None) -> Osm:
    osm = osm or Osm()
    osm.way((0, 0), (1000, 0), highway="residential")
    return osm


# --- units ---------------------------------------------------------------------------------------


def test_townships_are_level_8_and_what_they_leave_over(two: tuple[Path, Any]) -> None:
    townships = _layer(two[0], "townships")
    # 乙 sorts before 甲
    assert list(townships["name"]) == ["乙镇", "甲街道", "其余范围"]
    assert list(townships["code"]) == ["000000001", "000000002", "000000003"]
    assert list(townships["kind"].fillna("")) == ["镇", "街道", ""]
    assert list(townships["buildings"]) == [2, 3, 1]
    # the only county that the file names, though its ring does not close
    assert set(townships["county"]) == {"某县"}
    assert townships["osm_id"].str.match(r"r\d+$").tolist() == [True, True, False]


def test_communities_are_level_10_else_the_township(two: tuple[Path, Any]) -> None:
    communities = _layer(two[0], "communities")
    assert communities[["code", "name", "township", "buildings"]].values.tolist() == [
        ["000000001001", "乙镇", "000000001", 2],
        ["000000002001", "北社区", "000000002", 2],
        ["000000002002", "南社区", "000000002", 1],
        ["000000003001", "其余范围", "000000003", 1],
    ]
    assert list(communities["kind"].fillna("")) == ["", "社区", "社区", ""]


def test_units_have_the_size_that_was_drawn(two: tuple[Path, Any]) -> None:
    communities = _layer(two[0], "communities").to_crs(UTM)
    km2 = dict(zip(communities["name"], communities.area / 1e6, strict=True))
    assert km2["乙镇"] == pytest.approx(1.0, rel=1e-4)
    assert km2["北社区"] == pytest.approx(0.5, rel=1e-4)
    assert km2["南社区"] == pytest.approx(0.5, rel=1e-4)


def test_demand_counts_each_house_once_where_it_stands(two: tuple[Path, Any]) -> None:
    demand = _layer(two[0], "demand")
    assert list(demand["buildings"]) == [1.0] * 6
    assert demand["id"].is_unique
    assert demand["id"].str.match(r"w\d+$").all()
    assert demand["community"].value_counts().to_dict() == {
        "000000001001": 2, "000000002001": 2, "000000002002": 1, "000000003001": 1,
    }  # fmt: skip
    drawn = {(305, 705), (405, 705), (305, 205), (1305, 705), (1405, 705), (2505, 525)}
    there = demand.to_crs(UTM).geometry
    found = {(round(p.x - EAST), round(p.y - NORTH)) for p in there}
    assert found == drawn


def test_facilities_bear_category_name_and_beds(two: tuple[Path, Any]) -> None:
    facilities = _layer(two[0], "facilities")
    assert facilities[["name", "category", "beds_total"]].values.tolist() == [
        ["乙镇敬老院", "eldercare_institution", 80.0]
    ]
    assert "floor_area_m2" not in facilities


def test_the_project_file_is_valid_and_counts_buildings_in_every_service(
    two: tuple[Path, Any],
) -> None:
    configuration = read_configuration(two[0])
    assert configuration.name == "某县"
    assert configuration.year == 2021
    assert configuration.population_basis == "resident"
    assert "不是人口" in configuration.notice
    assert {s.weight for s in configuration.services.values()} == {"buildings"}
    circle = configuration.services["elderly_circle"]
    assert (circle.mode, circle.minutes) == ("walk", 15)
    assert "canteen" not in circle.categories
    assert configuration.services["institutions"].categories == ("eldercare_institution",)
    assert configuration.services["institutions"].mode == "drive"
    assert configuration.services["social_work"].categories == ("social_work_station",)
    assert configuration.network.path == two[0] / "streets.osm"
    assert configuration.network.path.read_bytes() == (two[0].parent / "两镇.osm").read_bytes()
    for source in configuration.layers.values():
        assert source.path.is_file()
        assert source.datum == "wgs84"


def test_it_says_what_it_took(two: tuple[Path, Any]) -> None:
    extract = two[1]
    assert (extract.townships, extract.communities, extract.demand) == (3, 4, 6)
    assert (extract.township_level, extract.community_levels) == (8, (10,))
    assert extract.facilities == {"eldercare_institution": 1}
    assert extract.unserved == ("elderly_circle", "social_work", "community_service")
    assert extract.demand_from == "buildings"
    west, south, east, north = extract.bounds
    assert west < 117 < east
    assert south < 26.213 < north
    chinese, english = extract.sentences("zh"), extract.sentences("en")
    assert len(chinese) == len(english)
    assert any("养老机构 1" in sentence for sentence in chinese)
    assert any("6 points" in s and "not people" in s for s in english)
    # in the file the county's ring stays open, but counties are not what was looked for
    assert not any("do not close" in sentence for sentence in english)


def test_levels_may_be_chosen(tmp_path: Path) -> None:
    _, extract = _create(_two_townships(), tmp_path, township_level=10)
    assert (extract.township_level, extract.townships) == (10, 3)
    assert extract.community_levels == ()


def test_a_level_that_is_not_there_is_an_error_that_names_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(ProjectError) as error:
        _create(_two_townships(), tmp_path, township_level=7)
    assert error.value.values == {"level": 7, "found": "8、10"}
    assert not (tmp_path / "project").exists()


def test_communities_must_be_finer_than_townships(tmp_path: Path) -> None:
    with pytest.raises(ProjectError) as error:
        _create(_two_townships(), tmp_path, community_level=8)
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
    osm = _street()
    for number, level in enumerate(levels):
        # areas of a level side by side on the street, levels on top of each other
        east = 400 * levels[:number].count(level)
        osm.square(
            east, -200, 400, boundary="administrative", admin_level=str(level), name=f"a{number}"
        )
    osm.square(100, 20, building="house")
    _, extract = _create(osm, tmp_path)
    assert extract.township_level == expected


def test_level_9_fills_what_level_10_leaves(tmp_path: Path) -> None:
    """One township; its west is of level 10 and 9, its middle of level 9, its east of neither.

    ::

        +--- 8 ---------------------+
        | 10 = 9 |    9    |        |
        +--------+---------+--------+
        0       300       600      1000
    """
    osm = _street()
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
    folder, extract = _create(osm, tmp_path)
    communities = _layer(folder, "communities")
    assert list(communities["name"]) == ["coarse", "fine", "T（其余）"]
    assert list(communities["buildings"]) == [1, 1, 1]
    assert extract.community_levels == (10, 9)


def test_an_area_that_does_not_close_is_not_used(tmp_path: Path) -> None:
    osm = _street()
    open_ring = osm.way((0, -500), (1000, -500), (1000, 500))
    osm.boundary(open_ring, level=8, name="T")
    osm.square(100, 20, building="house")
    folder, extract = _create(osm, tmp_path)
    assert (extract.township_level, extract.townships) == (None, 1)
    assert dict(extract.notes)["unclosed"] == {"count": 1}
    assert list(_layer(folder, "townships")["name"]) == ["extract"]
    assert list(_layer(folder, "communities")["name"]) == ["extract"]


def test_an_area_that_holds_nothing_is_left_out(tmp_path: Path) -> None:
    osm = _two_townships()
    osm.square(9000, 9000, 500, boundary="administrative", admin_level="8", name="far")
    folder, _ = _create(osm, tmp_path)
    assert "far" not in set(_layer(folder, "townships")["name"])


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
    units = cut_units(elements, extent(elements, points, UTM), points, name="all")
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


# --- boundaries of one's own ---------------------------------------------------------------------


def _given(path: Path, header: str = "街道名称", crs: Any = UTM) -> Path:
    halves = [shapely.box(-200, 0, 1000, 1000), shapely.box(1000, 0, 3000, 1000)]
    moved = shapely.transform(halves, lambda xy: xy + np.array((EAST, NORTH)))
    areas = gpd.GeoDataFrame({header: ["西街道", "东街道"]}, geometry=moved, crs=crs)
    areas.to_file(path)
    return path


@pytest.mark.parametrize("header", ["name", "NAME", "街道名称", "乡镇", "名称"])
def test_areas_of_a_file_are_the_townships(header: str, tmp_path: Path) -> None:
    areas = _given(tmp_path / "areas.gpkg", header)
    folder, extract = _create(_two_townships(), tmp_path, boundaries=areas)
    townships = _layer(folder, "townships")
    assert list(townships["name"]) == ["东街道", "西街道"]
    assert list(townships["buildings"]) == [3, 3]
    assert extract.township_level is None
    assert "areas.gpkg" in "".join(extract.sentences("zh"))
    # the communities of level 10 lie in the west; the east is one
    assert list(_layer(folder, "communities")["name"]) == ["东街道", "北社区", "南社区"]


def test_areas_and_a_level_cannot_both_be_the_townships(tmp_path: Path) -> None:
    with pytest.raises(ProjectError) as error:
        _create(_two_townships(), tmp_path, boundaries=tmp_path, township_level=8)
    assert error.value.key == "osm_project.two_townships"


def test_areas_without_names_are_an_error_that_lists_the_columns(tmp_path: Path) -> None:
    areas = _given(tmp_path / "areas.gpkg", "编号列")
    with pytest.raises(LayerError, match="编号列") as error:
        _create(_two_townships(), tmp_path, boundaries=areas)
    assert error.value.key == "osm_project.boundaries_no_name"


def test_points_are_no_areas(tmp_path: Path) -> None:
    points = gpd.GeoDataFrame({"name": ["a"]}, geometry=[shapely.Point(117, 26)], crs=4326)
    points.to_file(tmp_path / "points.gpkg")
    with pytest.raises(LayerError) as error:
        _create(_two_townships(), tmp_path, boundaries=tmp_path / "points.gpkg")
    assert error.value.key == "osm_project.boundaries_no_polygons"


def test_areas_that_are_not_there_or_elsewhere(tmp_path: Path) -> None:
    with pytest.raises(LayerError) as error:
        _create(_two_townships(), tmp_path, boundaries=tmp_path / "none.gpkg")
    assert error.value.key == "osm_project.boundaries_missing"
    areas = _given(tmp_path / "areas.gpkg", crs=4544)
    with pytest.raises(LayerError) as error:
        _create(_two_townships(), tmp_path, boundaries=areas)
    assert error.value.key == "osm_project.boundaries_elsewhere"
    assert not (tmp_path / "project").exists()


# --- demand --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("building", "expected"),
    [
        ({"building": "house"}, "tagged"),
        ({"building": "apartments", "shop": "kiosk"}, "tagged"),
        ({"building": "yes"}, "plain"),
        ({"building": "yes", "addr:housenumber": "5"}, "numbered"),
        ({"building": "yes", "shop": "kiosk"}, None),
        ({"building": "yes", "addr:housenumber": "5", "office": "lawyer"}, None),
        ({"building": "garage"}, None),
        ({"building": "school"}, None),
        ({"building": "house", "abandoned": "yes"}, None),
        ({"building": "house", "abandoned": "no"}, "tagged"),
    ],
)
def test_what_makes_a_building_a_home(building: dict[str, str], expected: str | None) -> None:
    assert tags.home(building) == expected


def test_plain_buildings_are_homes_by_size_land_and_neighbours(tmp_path: Path) -> None:
    """Of five plain buildings only the last is a home.

    ::

        x:  100 numbered   115 its shed     300 too small   500 a hall in       700 a house
            10 x 10 m      10 x 10 m, 5 m   6 x 6 = 36 m²   industrial land     7 x 7 = 49 m²
    """
    osm = _street()
    osm.square(100, 20, building="yes", addr__housenumber="1")
    osm.square(115, 20, building="yes")
    osm.square(300, 20, 6, building="yes")
    osm.square(490, 10, 50, landuse="industrial")
    osm.square(500, 20, 20, building="yes")
    osm.square(700, 20, 7, building="yes")
    folder, extract = _create(osm, tmp_path)
    assert extract.demand == 2
    x = sorted(_layer(folder, "demand").to_crs(UTM).geometry.x - EAST)
    assert x == pytest.approx([105, 703.5], abs=0.2)


def test_without_buildings_streets_are_counted_and_it_is_said(tmp_path: Path) -> None:
    """Residential ways of 250 and 470 m, put end to end: 7 points, one a whole 100 m."""
    osm = Osm()
    osm.way((0, 0), (250, 0), highway="residential")
    osm.way((0, 100), (470, 100), highway="unclassified")
    osm.way((0, 0), (0, 100), highway="primary")
    folder, extract = _create(osm, tmp_path)
    demand = _layer(folder, "demand").to_crs(UTM)
    found = [(round(p.x - EAST), round(p.y - NORTH)) for p in demand.geometry]
    # 50, 150 on the first; 250 is its end; 300, 400, … of the whole less 250 on the second
    assert found == [(50, 0), (150, 0), (0, 100), (100, 100), (200, 100), (300, 100), (400, 100)]
    assert demand["id"].is_unique
    assert list(demand["buildings"]) == [1.0] * 7
    assert (extract.demand, extract.demand_from) == (7, "streets")
    assert "街道" in read_configuration(folder).notice
    assert any("length of street" in sentence for sentence in extract.sentences("en"))


def test_without_residential_streets_all_are_counted(tmp_path: Path) -> None:
    osm = Osm()
    osm.way((0, 0), (60, 0), highway="primary")
    folder, extract = _create(osm, tmp_path)
    assert extract.demand == 1
    assert _layer(folder, "demand").to_crs(UTM).geometry.x.iloc[0] - EAST == pytest.approx(
        30, abs=0.1
    )


def test_few_homes_along_many_streets_are_said(tmp_path: Path) -> None:
    osm = Osm()
    osm.way((0, 0), (3000, 0), highway="residential")
    osm.square(100, 20, building="house")
    _, extract = _create(osm, tmp_path)
    assert dict(extract.notes)["few_homes"] == {"count": 1, "km": "3"}


# --- facilities ----------------------------------------------------------------------------------


HOME = "eldercare_institution"


def _social(kind: str, whom: str | None = None) -> dict[str, str]:
    tags = {"amenity": "social_facility", "social_facility": kind}
    return tags if whom is None else {**tags, "social_facility:for": whom}


@pytest.mark.parametrize(
    ("element", "category"),
    [
        ({"amenity": "nursing_home"}, HOME),
        (_social("nursing_home"), HOME),
        (_social("assisted_living", "disabled"), None),
        (_social("group_home", "senior"), HOME),
        (_social("group_home", "child;orphan"), "child_welfare"),
        (_social("group_home"), None),
        (_social("day_care", "child; senior"), "day_care_center"),
        (_social("soup_kitchen"), None),
        (_social("soup_kitchen", "senior"), "canteen"),
        (_social("outreach"), "social_work_station"),
        ({"amenity": "social_facility"}, None),
        ({"amenity": "community_centre"}, "community_service_facility"),
        ({"amenity": "community_centre", "community_centre:for": "senior"}, "day_care_center"),
        ({"amenity": "townhall"}, None),
        ({"amenity": "clinic"}, "health_facility"),
        ({"amenity": "hospital", "name": "人民医院"}, None),
        ({"amenity": "hospital", "name": "安平镇中心卫生院"}, "health_facility"),
        ({"amenity": "crematorium"}, "funeral_home"),
        ({"landuse": "cemetery"}, "public_cemetery_rural"),
        ({"shop": "lottery"}, "welfare_lottery"),
        ({"shop": "lottery", "name": "中国体育彩票"}, None),
        # names decide before tags, the longest word first
        ({"building": "yes", "name": "清溪镇敬老院"}, HOME),
        ({"amenity": "townhall", "name": "幸福社区党群服务中心"}, "community_service_facility"),
        ({"amenity": "social_facility", "name": "市儿童福利院"}, "child_welfare"),
        ({"building": "yes", "name": "红旗社区养老服务站"}, "community_eldercare_station"),
        # places named after a facility
        ({"highway": "bus_stop", "name": "敬老院"}, None),
        ({"shop": "convenience", "name": "敬老院超市"}, None),
        ({"amenity": "parking", "name": "福利院停车场"}, None),
        ({"building": "house"}, None),
    ],
)
def test_what_an_element_is_taken_for(element: dict[str, str], category: str | None) -> None:
    assert tags.facility_category(element) == category


@pytest.mark.parametrize(
    ("element", "category", "expected"),
    [
        ({"beds": "120"}, "eldercare_institution", (120, None)),
        ({"capacity": "60 persons"}, "eldercare_institution", (60, None)),
        ({"capacity:beds": "50", "capacity": "70"}, "eldercare_institution", (50, 70)),
        ({"capacity": "30"}, "day_care_center", (None, 30)),
        ({"beds": "many"}, "eldercare_institution", (None, None)),
    ],
)
def test_beds(element: dict[str, str], category: str, expected: tuple[float, float]) -> None:
    assert tags.beds_and_capacity(element, category) == expected


def test_a_facility_mapped_twice_is_taken_once(tmp_path: Path) -> None:
    osm = _street()
    osm.square(100, 20, 60, amenity="nursing_home", name="静园")
    osm.square(110, 30, 20, amenity="nursing_home", building="yes")  # without a name
    osm.node((120, 40), amenity="nursing_home", name="静园")
    osm.node((130, 40), amenity="clinic", name="静园")  # another category
    osm.node((140, 40), amenity="nursing_home", name="和园")  # another name
    folder, extract = _create(osm, tmp_path)
    facilities = _layer(folder, "facilities")
    taken = sorted(zip(facilities["category"], facilities["name"], strict=True))
    assert taken == [
        ("eldercare_institution", "和园"),
        ("eldercare_institution", "静园"),
        ("health_facility", "静园"),
    ]
    assert dict(extract.notes)["twice"] == {"count": 2}


def test_what_is_looked_at_and_left_out_is_counted(tmp_path: Path) -> None:
    osm = _street()
    osm.node((100, 20), amenity="townhall")
    osm.node((200, 20), amenity="social_facility", social_facility="clothing_bank")
    osm.node((300, 20), amenity="cafe")
    _, extract = _create(osm, tmp_path)
    assert extract.left_out == {"amenity=townhall": 1, "social_facility=clothing_bank": 1}
    assert extract.facilities == {}
    assert any("amenity=townhall 1" in sentence for sentence in extract.sentences("en"))


# --- water, year, streets ------------------------------------------------------------------------


def test_rivers_and_lakes_are_water_and_ponds_are_not(tmp_path: Path) -> None:
    osm = _street()
    osm.square(100, 20, 50, natural="water", water="lake", name="湖")
    osm.square(200, 20, 50, natural="water", water="pond", name="塘")
    osm.square(300, 20, 50, waterway="riverbank", name="河")
    osm.square(400, 20, 20, natural="water", name="小")  # 400 m²
    folder, _ = _create(osm, tmp_path)
    assert list(_layer(folder, "water")["name"]) == ["湖", "河"]
    assert "water" in read_configuration(folder).layers


def test_no_water_no_layer(two: tuple[Path, Any]) -> None:
    assert not (two[0] / "water.gpkg").exists()
    assert "water" not in read_configuration(two[0]).layers


def test_the_year_is_the_header_s_else_the_newest_edit_s_else_this_one(tmp_path: Path) -> None:
    _, extract = _create(_street(), tmp_path)
    assert extract.year == 2021
    assert "year_edits" in dict(extract.notes)
    header = osmium.io.Header()
    header.set("osmosis_replication_timestamp", "2019-01-02T00:00:00Z")
    dated = tmp_path / "dated.osm.pbf"
    with osmium.SimpleWriter(str(dated), header=header) as writer:
        for element in osmium.FileProcessor(str(tmp_path / "extract.osm")):
            writer.add(element)
    assert create_project(tmp_path / "dated", dated).year == 2019
    assert (tmp_path / "dated" / "streets.osm.pbf").read_bytes() == dated.read_bytes()
    undated = _street(Osm(when="")).write(tmp_path / "undated.osm")
    assert create_project(tmp_path / "undated", undated, year=2024).year == 2024
    extract = create_project(tmp_path / "today", undated)
    assert extract.year >= 2025
    assert "year_today" in dict(extract.notes)


def test_without_streets_for_cars_all_is_measured_on_foot(tmp_path: Path) -> None:
    osm = Osm()
    osm.way((0, 0), (500, 0), highway="footway")
    folder, extract = _create(osm, tmp_path)
    assert "on_foot" in dict(extract.notes)
    assert {s.mode for s in read_configuration(folder).services.values()} == {"walk"}


def test_ways_that_leave_the_extract_are_cut(tmp_path: Path) -> None:
    """The street goes on, and a house is cut: the one node more of each is not in the file."""
    osm = _street()
    osm.square(100, 20, building="house", name="cut")
    osm.square(300, 20, building="house")
    lines = [
        element.replace('"/><tag', '"/><nd ref="999"/><tag', 1)
        if 'k="highway"' in element
        else element.replace('<nd ref="6"/>', '<nd ref="999"/>', 1)
        for element in osm.elements
    ]
    assert sum('ref="999"' in line for line in lines) == 2
    osm.elements = lines
    folder, extract = _create(osm, tmp_path)
    assert extract.demand == 1
    assert _layer(folder, "demand").to_crs(UTM).geometry.x.iloc[0] - EAST == pytest.approx(
        305, abs=0.2
    )


@pytest.mark.parametrize("fault", ['id="1x"', 'id="1" lon="999" lat="26"'])
def test_a_fault_within_the_file_is_one_sentence(fault: str, tmp_path: Path) -> None:
    text = _street().text().replace('id="1"', fault, 1)
    (tmp_path / "fault.osm").write_text(text, encoding="utf-8")
    with pytest.raises(LayerError) as error:
        create_project(tmp_path / "project", tmp_path / "fault.osm")
    assert error.value.key == "osm_project.broken"


def test_a_file_in_any_order_gives_the_same(tmp_path: Path, two: tuple[Path, Any]) -> None:
    osm = _two_townships()
    osm.elements.reverse()
    path = tmp_path / "reversed.osm"
    path.write_text(f'<osm version="0.6">{"".join(osm.elements)}</osm>', encoding="utf-8")
    extract = create_project(tmp_path / "project", path)
    assert (extract.townships, extract.communities, extract.demand) == (3, 4, 6)
    assert extract.facilities == two[1].facilities


def test_the_same_file_gives_the_same_bytes(tmp_path: Path, two: tuple[Path, Any]) -> None:
    create_project(tmp_path / "project", two[0].parent / "两镇.osm")
    names = sorted(path.name for path in two[0].iterdir())
    assert names == sorted(path.name for path in (tmp_path / "project").iterdir())
    for name in names:
        assert (two[0] / name).read_bytes() == (tmp_path / "project" / name).read_bytes(), name


def test_names_and_notice_follow_the_language(tmp_path: Path) -> None:
    texts.use("en")
    try:
        folder, _ = _create(_two_townships(), tmp_path)
    finally:
        texts.use("zh")
    assert list(_layer(folder, "townships")["name"])[-1] == "rest of the extract"
    assert "not people" in read_configuration(folder).notice


def test_a_name_may_hold_what_toml_quotes(tmp_path: Path) -> None:
    path = _street().write(tmp_path / 'a "b"\\c.osm')
    create_project(tmp_path / "project", path)
    text = (tmp_path / "project" / "project.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text)["project"]["name"] == 'a "b"\\c'


# --- bad input -----------------------------------------------------------------------------------


def _as_pbf(osm: Path) -> bytes:
    path = osm.with_suffix(".osm.pbf")
    with osmium.SimpleWriter(str(path)) as writer:
        for element in osmium.FileProcessor(str(osm)):
            writer.add(element)
    return path.read_bytes()


@pytest.mark.parametrize("suffix", [".osm", ".osm.bz2", ".osm.pbf"])
def test_a_file_cut_in_half_is_one_sentence(suffix: str, tmp_path: Path) -> None:
    whole = _two_townships().write(tmp_path / "whole.osm")
    content = {
        ".osm": whole.read_bytes,
        ".osm.bz2": lambda: bz2.compress(whole.read_bytes()),
        ".osm.pbf": lambda: _as_pbf(whole),
    }[suffix]()
    full, half = tmp_path / f"full{suffix}", tmp_path / f"half{suffix}"
    full.write_bytes(content)
    half.write_bytes(content[: len(content) // 2])
    assert create_project(tmp_path / "project", full).demand == 6
    with pytest.raises(LayerError) as error:
        create_project(tmp_path / "broken", half)
    assert error.value.key == "osm_project.broken"
    assert str(half) in error.value.text("en")
    assert not (tmp_path / "broken").exists()


def test_a_file_that_is_not_there_or_no_extract(tmp_path: Path) -> None:
    with pytest.raises(LayerError) as error:
        create_project(tmp_path / "project", tmp_path / "none.osm.pbf")
    assert error.value.key == "osm_project.missing"
    (tmp_path / "a.zip").write_bytes(b"PK")
    with pytest.raises(LayerError) as error:
        create_project(tmp_path / "project", tmp_path / "a.zip")
    assert error.value.key == "osm_project.suffix"
    (tmp_path / "noise.osm.pbf").write_bytes(bytes(range(256)) * 9)
    with pytest.raises(LayerError) as error:
        create_project(tmp_path / "project", tmp_path / "noise.osm.pbf")
    assert error.value.key == "osm_project.broken"


def test_without_streets_there_is_no_project(tmp_path: Path) -> None:
    osm = Osm()
    osm.square(0, 0, building="house")
    osm.way((0, 0), (100, 0), highway="motorway")
    with pytest.raises(NetworkError) as error:
        _create(osm, tmp_path)
    assert error.value.key == "osm_project.no_streets"
    assert not (tmp_path / "project").exists()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "mine.txt").write_text("mine")
    with pytest.raises(OutputError):
        _create(_street(), tmp_path)
    assert [path.name for path in (tmp_path / "project").iterdir()] == ["mine.txt"]


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    folder, _ = _create(_street(), tmp_path)
    assert (folder / "project.toml").is_file()


def test_a_failure_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        message = "No space left on device"
        raise OSError(message)

    monkeypatch.setattr("shutil.copyfile", full)
    with pytest.raises(OutputError, match="No space left"):
        _create(_street(), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["extract.osm"]


# --- real files ----------------------------------------------------------------------------------


@pytest.mark.real
def test_stockheim(real_data: Path, tmp_path: Path) -> None:
    extract = create_project(tmp_path / "project", real_data / "streets" / "stockheim.osm.pbf")
    # Altenstadt, Glauburg and Limeshain close; the rest is one
    assert (extract.townships, extract.township_level) == (4, 8)
    assert extract.community_levels == (10, 9)
    townships = _layer(tmp_path / "project", "townships")
    assert list(townships["name"][:3]) == ["Altenstadt", "Glauburg", "Limeshain"]
    assert townships["buildings"].sum() == extract.demand
    # the file's 22 care homes and community centres
    assert extract.facilities["eldercare_institution"] == 5
    assert extract.facilities["community_service_facility"] == 17
    # 9,528 residential by their tag, 2,107 numbered, some of the rest
    assert 11_000 < extract.demand < 14_000
    communities = _layer(tmp_path / "project", "communities").to_crs(32632)
    assert communities.area.sum() == pytest.approx(communities.union_all().area, rel=1e-9)
    read_configuration(tmp_path / "project")


@pytest.mark.real
@pytest.mark.parametrize(
    ("file", "level", "demand_from"),
    [
        ("cn_fujian_ninghua_small.osm", None, "buildings"),
        ("cn_shenzhen_longgang.osm", None, "buildings"),
        ("West-Oakland.osm.bz2", None, "buildings"),
        ("andorra.osm.pbf", 7, "buildings"),
        # its ways are not in order, and it has neither buildings nor relations
        ("columbus.osm.pbf", None, "streets"),
    ],
)
def test_a_project_is_always_written(
    file: str, level: int | None, demand_from: str, real_data: Path, tmp_path: Path
) -> None:
    extract = create_project(tmp_path / "project", real_data / "streets" / file)
    assert (extract.township_level, extract.demand_from) == (level, demand_from)
    assert extract.demand == len(_layer(tmp_path / "project", "demand")) > 0
    read_configuration(tmp_path / "project")


@pytest.mark.real
def test_shenzhen_with_its_streets(real_data: Path, tmp_path: Path) -> None:
    areas = real_data / "boundaries" / "shenzhen_jiedao_74.geojson"
    osm = real_data / "streets" / "cn_shenzhen_longgang.osm"
    extract = create_project(tmp_path / "project", osm, boundaries=areas)
    townships = _layer(tmp_path / "project", "townships")
    assert 1 < extract.townships < 8
    assert townships["buildings"].sum() == extract.demand


# --- sentences -----------------------------------------------------------------------------------


def test_every_sentence_has_the_same_placeholders_in_both_languages() -> None:
    for key in texts.keys("osm_project"):
        both = {
            language: {name for _, name, _, _ in Formatter().parse(_raw(key, language)) if name}
            for language in texts.LANGUAGES
        }
        assert both["zh"] == both["en"], key


def _raw(key: str, language: str) -> str:
    return str(texts._room("osm_project")[key][language])
