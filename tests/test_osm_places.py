"""Homes, facilities and water: where they stand, and what an element is taken for."""

from __future__ import annotations

from pathlib import Path

import pytest
from extracts import EAST, NORTH, UTM, Osm, create, read_layer, two_townships, with_street

from coverage.configuration import read_configuration
from coverage.osm_project import Extract, tags


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Extract]:
    """Return the project folder of two townships, and what it took from its extract."""
    return create(two_townships(), tmp_path_factory.mktemp("两镇"))


def test_demand_counts_each_house_once_where_it_stands(two: tuple[Path, Extract]) -> None:
    demand = read_layer(two[0], "demand")
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
    osm = with_street()
    osm.square(100, 20, building="yes", addr__housenumber="1")
    osm.square(115, 20, building="yes")
    osm.square(300, 20, 6, building="yes")
    osm.square(490, 10, 50, landuse="industrial")
    osm.square(500, 20, 20, building="yes")
    osm.square(700, 20, 7, building="yes")
    folder, extract = create(osm, tmp_path)
    assert extract.demand == 2
    x = sorted(read_layer(folder, "demand").to_crs(UTM).geometry.x - EAST)
    assert x == pytest.approx([105, 703.5], abs=0.2)


def test_without_buildings_streets_are_counted_and_it_is_said(tmp_path: Path) -> None:
    """Residential ways of 250 and 470 m, put end to end: 7 points, one a whole 100 m."""
    osm = Osm()
    osm.way((0, 0), (250, 0), highway="residential")
    osm.way((0, 100), (470, 100), highway="unclassified")
    osm.way((0, 0), (0, 100), highway="primary")
    folder, extract = create(osm, tmp_path)
    demand = read_layer(folder, "demand").to_crs(UTM)
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
    folder, extract = create(osm, tmp_path)
    assert extract.demand == 1
    assert read_layer(folder, "demand").to_crs(UTM).geometry.x.iloc[0] - EAST == pytest.approx(
        30, abs=0.1
    )


def test_few_homes_along_many_streets_are_said(tmp_path: Path) -> None:
    osm = Osm()
    osm.way((0, 0), (3000, 0), highway="residential")
    osm.square(100, 20, building="house")
    _, extract = create(osm, tmp_path)
    assert dict(extract.notes)["few_homes"] == {"count": 1, "km": "3"}


def test_facilities_bear_category_name_and_beds(two: tuple[Path, Extract]) -> None:
    facilities = read_layer(two[0], "facilities")
    assert facilities[["name", "category", "beds_total"]].values.tolist() == [
        ["乙镇敬老院", "eldercare_institution", 80.0]
    ]
    assert "floor_area_m2" not in facilities


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
    osm = with_street()
    osm.square(100, 20, 60, amenity="nursing_home", name="静园")
    osm.square(110, 30, 20, amenity="nursing_home", building="yes")  # without a name
    osm.node((120, 40), amenity="nursing_home", name="静园")
    osm.node((130, 40), amenity="clinic", name="静园")  # another category
    osm.node((140, 40), amenity="nursing_home", name="和园")  # another name
    folder, extract = create(osm, tmp_path)
    facilities = read_layer(folder, "facilities")
    taken = sorted(zip(facilities["category"], facilities["name"], strict=True))
    assert taken == [
        ("eldercare_institution", "和园"),
        ("eldercare_institution", "静园"),
        ("health_facility", "静园"),
    ]
    assert dict(extract.notes)["twice"] == {"count": 2}


def test_what_is_looked_at_and_left_out_is_counted(tmp_path: Path) -> None:
    osm = with_street()
    osm.node((100, 20), amenity="townhall")
    osm.node((200, 20), amenity="social_facility", social_facility="clothing_bank")
    osm.node((300, 20), amenity="cafe")
    _, extract = create(osm, tmp_path)
    assert extract.left_out == {"amenity=townhall": 1, "social_facility=clothing_bank": 1}
    assert extract.facilities == {}
    assert any("amenity=townhall 1" in sentence for sentence in extract.sentences("en"))


def test_rivers_and_lakes_are_water_and_ponds_are_not(tmp_path: Path) -> None:
    osm = with_street()
    osm.square(100, 20, 50, natural="water", water="lake", name="湖")
    osm.square(200, 20, 50, natural="water", water="pond", name="塘")
    osm.square(300, 20, 50, waterway="riverbank", name="河")
    osm.square(400, 20, 20, natural="water", name="小")  # 400 m²
    folder, _ = create(osm, tmp_path)
    assert list(read_layer(folder, "water")["name"]) == ["湖", "河"]
    assert "water" in read_configuration(folder).layers


def test_no_water_no_layer(two: tuple[Path, Extract]) -> None:
    assert not (two[0] / "water.gpkg").exists()
    assert "water" not in read_configuration(two[0]).layers
