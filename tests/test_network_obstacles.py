"""Legs go round water and walls."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from networks import CRS, EAST, NORTH, diamond, lines, points, polygon, two_banks

from coverage.errors import NetworkError
from coverage.network import StreetNetwork

RIVER = polygon((-100, 10), (1100, 10), (1100, 90), (-100, 90))


def wall(*places: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([(EAST + x, NORTH + y) for x, y in places])


def test_a_river_keeps_people_on_their_bank() -> None:
    # the house on the north bank's edge has its street 100 m behind; the southern one is nearer
    courses = [[(0, 0), (1000, 0)], [(0, 200), (1000, 200)]]
    dry = StreetNetwork.from_edges(lines(*courses))
    wet = dry.with_obstacles([RIVER])
    house = points((500, 95))
    assert dry.snap(house).y.tolist() == [NORTH]
    assert wet.snap(house).y.tolist() == [NORTH + 200]
    assert wet.snap(house).leg_m.tolist() == [105]
    assert wet.snap(house, snap_limit=105).on_network.all()
    assert not wet.snap(house, snap_limit=104.9).on_network.any()


@pytest.mark.parametrize(("bridge", "status"), [(True, "reached"), (False, "unreachable")])
def test_bridges_cross_what_legs_may_not(bridge: bool, status: str) -> None:  # noqa: FBT001
    network = two_banks(bridge=bridge).with_obstacles(gpd.GeoSeries([RIVER], crs=CRS))
    found = network.nearest(points((700, -5)), points((700, 105)), speed=1.0)
    assert found.status.tolist() == [status]
    if bridge:
        assert found.minutes.tolist() == pytest.approx([710 / 60], abs=1e-9)


def test_a_wall_makes_the_leg_longer() -> None:
    # the street south of the wall is nearer, but only the one in the north is in reach
    network = StreetNetwork.from_edges(lines([(0, 0), (100, 0)], [(0, 60), (100, 60)]))
    walled = network.with_obstacles([wall((0, 10), (100, 10))])
    assert walled.snap(points((50, 20))).leg_m.tolist() == [40]
    assert network.snap(points((50, 20))).leg_m.tolist() == [20]


def test_touching_is_no_crossing() -> None:
    # the street runs on the bank, the house stands on the other end of a wall's line
    network = StreetNetwork.from_edges(lines([(0, 10), (1000, 10)])).with_obstacles(
        [RIVER, wall((500, -20), (500, -40))]
    )
    assert network.snap(points((400, 0), (500, -20))).leg_m.tolist() == [10, 30]


def test_points_in_the_water_reach_no_street_unless_they_stand_on_one() -> None:
    network = two_banks(bridge=True).with_obstacles([RIVER])
    snapped = network.snap(points((500, 50), (1000, 50)))
    assert snapped.on_network.tolist() == [False, True]


def test_obstacles_add_up_and_keep_the_original() -> None:
    network = diamond()
    walled = network.with_obstacles([wall((0, -10), (600, -10))]).with_obstacles([RIVER], [RIVER])
    assert len(network.obstacles) == 0
    assert len(walled.obstacles) == 3


def test_shapes_without_crs_are_refused() -> None:
    with pytest.raises(NetworkError) as caught:
        diamond().with_obstacles(gpd.GeoSeries([RIVER]))
    assert caught.value.key == "network.shapes_without_crs"


def test_against_brute_force() -> None:
    # every leg to every edge, tried in the order of length
    rng = np.random.default_rng(3)
    corners = rng.random((40, 2, 2)) * 1000 + [EAST, NORTH]
    network = StreetNetwork.from_edges(
        gpd.GeoSeries([shapely.LineString(pair) for pair in corners], crs=CRS)
    )
    kept = network.segments()
    hindrances = [
        shapely.Point(*place).buffer(radius)
        for place, radius in zip(
            rng.random((12, 2)) * 1000 + [EAST, NORTH], rng.uniform(20, 90, 12), strict=True
        )
    ]
    hindrances += [shapely.LineString(rng.random((2, 2)) * 1000 + [EAST, NORTH]) for _ in range(12)]
    houses = [shapely.Point(place) for place in rng.random((150, 2)) * 1000 + [EAST, NORTH]]
    snapped = network.with_obstacles(hindrances).snap(
        gpd.GeoSeries(houses, crs=CRS), snap_limit=300
    )
    blocked = 0
    for house, edge, leg_m in zip(houses, snapped.edge, snapped.leg_m, strict=True):
        order = np.argsort(shapely.distance(kept, house), kind="stable")
        blocked += int(order[0] != edge)
        expected = -1
        for candidate in order[shapely.distance(kept[order], house) <= 300]:
            leg = shapely.shortest_line(house, kept[candidate])
            if not any(leg.relate_pattern(shape, "T********") for shape in hindrances):
                expected = candidate
                break
        assert edge == expected
        if edge >= 0:
            assert leg_m == pytest.approx(house.distance(kept[edge]), abs=1e-9)
    assert 20 < blocked < 150


def test_water_is_no_ground() -> None:
    network = two_banks(bridge=True).with_obstacles([RIVER])
    areas = network.service_areas(points((900, 0)), limit=15, speed=1.0, erase=[])
    assert areas.intersection(RIVER).area.tolist() == pytest.approx([0], abs=1e-6)
    plain = two_banks(bridge=True).service_areas(points((900, 0)), limit=15, speed=1.0)
    assert plain.intersection(RIVER).area.item() > 1000
    erased = two_banks(bridge=True).service_areas(
        points((900, 0)), limit=15, speed=1.0, erase=gpd.GeoSeries([RIVER], crs=CRS)
    )
    assert erased.geometry.item().equals(areas.geometry.item())


def test_an_area_is_beside_the_reached_streets() -> None:
    # 5 minutes at 1 m/s: 300 m of street from a facility 20 m off it, that is 280 m either way
    network = StreetNetwork.from_edges(lines([(0, 0), (1000, 0)]))
    line = network.reached_lines(points((500, 20)), limit=5, speed=1.0).geometry.item()
    assert line.length == pytest.approx(20 + 2 * 280, abs=1e-6)
    area = network.service_areas(points((500, 20)), limit=5, speed=1.0, buffer_m=10)
    assert area.minutes.tolist() == [5.0]
    west, south, east, north = area.total_bounds
    assert (west - EAST, east - EAST) == pytest.approx((210, 790), abs=0.5)
    assert (south - NORTH, north - NORTH) == pytest.approx((-10, 30), abs=0.5)


def test_a_facility_whose_leg_is_too_long_keeps_part_of_its_leg() -> None:
    network = StreetNetwork.from_edges(lines([(0, 0), (1000, 0)]))
    line = network.reached_lines(points((500, 200)), limit=2, speed=1.0).geometry.item()
    assert line.length == pytest.approx(120)
    assert network.service_areas(points((500, 200)), limit=0).geometry.item().area > 1000


@pytest.mark.parametrize("bridge", [False, True])
def test_areas_cross_a_narrow_river_on_bridges_only(bridge: bool) -> None:  # noqa: FBT001
    """The other bank is nearer than the buffer is wide.

    ::

        ===|====== y = 18
        ~~~|~~~~~~ river, y 5 to 12, perhaps with a bridge at x = 100
        ===|=F==== y = 0
    """
    courses = [[(0, 0), (100, 0), (500, 0)], [(0, 18), (100, 18), (500, 18)]]
    if bridge:
        courses.append([(100, 0), (100, 18)])
    river = polygon((-100, 5), (600, 5), (600, 12), (-100, 12))
    network = StreetNetwork.from_edges(lines(*courses)).with_obstacles([river])
    there, here = points((100, 20)).geometry.item(), points((150, 0))
    each = network.service_areas(here, limit=3, speed=1.0).geometry.item()
    merged = network.merged_service_area(here, limit=3, speed=1.0)
    for area in (each, merged):
        assert area.contains(here.geometry.item())
        assert area.contains(there) == bridge
        assert not area.intersects(river.buffer(-0.1))
