"""Minutes between points along streets, reckoned by hand."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from networks import EAST, NORTH, dense, diamond, ladder, lines, points, two_banks

from coverage.errors import NetworkError
from coverage.network import StreetNetwork, search


def test_diamond_takes_the_shorter_way() -> None:
    # from C's corner: 500 m to B, then 300 m west to the facility amid A-B
    found = diamond().nearest(points((300, 400)), points((300, 0)), speed=1.0)
    assert found.minutes.tolist() == pytest.approx([800 / 60], abs=1e-9)


def test_legs_count_at_both_ends() -> None:
    # 30 m up to the street, 200 m along it, 40 m up to the facility
    found = diamond().nearest(points((100, -30)), points((300, -40)), speed=1.0)
    assert found.minutes.tolist() == pytest.approx([270 / 60], abs=1e-9)


def test_minutes_on_a_ladder() -> None:
    # from (150, 0) to (250, 100): 50 east, 100 up, 50 east
    demand, facilities = points((150, 0), (0, 0), (250, 100)), points((250, 100), (0, 50))
    times = dense(ladder().travel_times(demand, facilities, speed=1.0, limit=None))
    expected = np.array([[200, 200], [350, 50], [0, 300]]) / 60
    assert times == pytest.approx(expected, abs=1e-9)


def test_trips_find_room_however_many_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    demand, facilities = points((150, 0), (0, 0), (250, 100)), points((250, 100), (0, 50))
    expected = ladder().travel_times(demand, facilities, limit=None)
    monkeypatch.setattr(search, "_FIRST_TRIPS", 1)
    found = ladder().travel_times(demand, facilities, limit=None)
    assert found.nnz == 6
    assert (found != expected).nnz == 0


def test_one_way_streets_bar_the_way_back_on_one_edge() -> None:
    """On an edge from west to east, the facility in the middle; round the block it is 200 m more.

    ::

        D----C
        |    |    A-B one-way eastward, the rest both ways; all sides 100 m
        A-F->B
    """
    around = [(100, 0), (100, 100), (0, 100), (0, 0)]
    streets = lines([(0, 0), (100, 0)], around, oneway=["yes", None], maxspeed=["60", "60"])
    network = StreetNetwork.from_edges(streets, mode="drive")
    demand, facility = points((25, 0), (75, 0)), points((50, 0))
    found = network.nearest(demand, facility)
    # 60 km/h are 1,000 m a minute
    assert found.minutes.tolist() == pytest.approx([0.025, 0.375], abs=1e-9)
    times = dense(network.travel_times(demand, facility))
    assert times[:, 0] == pytest.approx([0.025, 0.375], abs=1e-9)


def test_where_nothing_can_be_kept_searches_compile_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(**options: bool) -> Any:
        if options.get("cache"):
            reason = "no locator available"
            raise RuntimeError(reason)
        return lambda function: function

    monkeypatch.setattr(search, "njit", refuse)
    assert search.compiled(len) is len


def test_the_same_place_is_an_explicit_zero() -> None:
    times = ladder().travel_times(points((50, 0)), points((50, 0)))
    assert times.nnz == 1
    assert times.data.tolist() == [0.0]


@pytest.mark.parametrize(("limit", "entries"), [(15.0, 1), (15.0 - 1e-6, 0)])
def test_limits_are_inclusive(limit: float, entries: int) -> None:
    # 810 m in three odd parts at 0.9 m/s are 15 minutes
    network = StreetNetwork.from_edges(lines([(0, 0), (123.7, 0), (500.1, 0), (900, 0)]))
    demand, facilities = points((0, 0)), points((810, 0))
    assert network.travel_times(demand, facilities, limit=limit).nnz == entries
    found = network.nearest(demand, facilities, limit=limit)
    assert found.status.tolist() == ["reached" if entries else "beyond_limit"]


def test_nearest_tells_four_cases_apart() -> None:
    network = two_banks(bridge=False)
    demand = points((100, 0), (900, 0), (500, 100), (500, 700), None, index=list("abcde"))
    found = network.nearest(demand, points((0, 0), index=["home"]), limit=5, speed=1.0)
    assert found.index.tolist() == list("abcde")
    assert found.status.tolist() == [
        "reached",
        "beyond_limit",
        "unreachable",
        "off_network",
        "off_network",
    ]
    assert found.facility.tolist() == ["home", None, None, None, None]
    assert found.minutes.isna().tolist() == [False, True, True, True, True]


def test_a_bridge_joins_two_banks() -> None:
    demand, facilities = points((700, 0)), points((700, 100))
    assert two_banks(bridge=False).nearest(demand, facilities).status.tolist() == ["unreachable"]
    found = two_banks(bridge=True).nearest(demand, facilities, speed=1.0)
    assert found.minutes.tolist() == pytest.approx([700 / 60], abs=1e-9)


def test_no_facilities_reach_nobody() -> None:
    network = diamond()
    demand, nobody = points((0, 0), (0, 5000)), points()
    assert network.nearest(demand, nobody).status.tolist() == ["unreachable", "off_network"]
    assert network.travel_times(demand, nobody).shape == (2, 0)


def test_no_demand_gives_empty_results() -> None:
    network = diamond()
    found = network.nearest(points(), points((0, 0)))
    assert found.columns.tolist() == ["minutes", "facility", "status"]
    assert len(found) == 0
    assert network.travel_times(points(), points((0, 0))).shape == (0, 1)


def test_equal_minutes_go_to_the_first_facility() -> None:
    # the demand stands midway; the ways differ in the order of their parts
    network = StreetNetwork.from_edges(lines([(0, 0), (0.1, 0), (100, 0), (199.9, 0), (200, 0)]))
    for order in ([(0, 0), (200, 0)], [(200, 0), (0, 0)], [(0, 30), (0, 30)]):
        found = network.nearest(points((100, 0)), points(*order, index=["first", "second"]))
        assert found.facility.tolist() == ["first"]


def test_the_snap_limit_is_inclusive() -> None:
    network = diamond()
    demand = points((100, -500), (100, -500.001))
    assert network.snap(demand).on_network.tolist() == [True, False]


def test_equal_distances_go_to_the_lowest_edge() -> None:
    network = StreetNetwork.from_edges(lines([(0, 10), (100, 10)], [(0, -10), (100, -10)]))
    reverse = StreetNetwork.from_edges(lines([(0, -10), (100, -10)], [(0, 10), (100, 10)]))
    assert network.snap(points((50, 0))).y.tolist() == [NORTH + 10]
    assert reverse.snap(points((50, 0))).y.tolist() == [NORTH - 10]


def test_points_of_any_crs_and_snapped_points_agree() -> None:
    network = ladder()
    demand, facilities = points((20, 7), (130, 88)), points((260, 3))
    plain = network.nearest(demand, facilities)
    pd.testing.assert_frame_equal(
        plain, network.nearest(network.snap(demand), network.snap(facilities))
    )
    far = network.nearest(demand.to_crs(4326), facilities.geometry.to_crs(4490))
    assert far.minutes.tolist() == pytest.approx(plain.minutes.tolist(), abs=1e-6)


@pytest.mark.parametrize(
    ("shape", "key"),
    [
        (gpd.GeoSeries([shapely.Point(0, 0)]), "network.points_without_crs"),
        (gpd.GeoSeries([shapely.LineString([(0, 0), (1, 1)])], crs=4326), "network.not_points"),
    ],
)
def test_points_that_cannot_be_used(shape: gpd.GeoSeries, key: str) -> None:
    with pytest.raises(NetworkError) as caught:
        diamond().snap(shape)
    assert caught.value.key == key


@pytest.mark.parametrize(
    "options", [{"speed": 0.0}, {"speed": float("nan")}, {"limit": -1.0}, {"snap_limit": -1.0}]
)
def test_numbers_that_cannot_be_used(options: dict[str, float]) -> None:
    with pytest.raises(NetworkError, match=next(iter(options))):
        diamond().nearest(points((0, 0)), points((0, 0)), **options)


def one_way_square() -> StreetNetwork:
    """A square of 100 m driven counter-clockwise only, at 60 km/h: 0.1 minutes a side."""
    corners = [(0, 0), (100, 0), (100, 100), (0, 100)]
    sides = [[corners[k], corners[(k + 1) % 4]] for k in range(4)]
    return StreetNetwork.from_edges(
        lines(*sides, oneway=["yes"] * 4, maxspeed=["60"] * 4), mode="drive"
    )


def test_trips_lead_from_demand_to_facility() -> None:
    # on one side, 25 m ahead; 25 m behind, so once round; from a corner
    demand, facilities = points((25, 0), (75, 0), (100, 0)), points((50, 0))
    found = one_way_square().nearest(demand, facilities)
    assert found.minutes.tolist() == pytest.approx([0.025, 0.375, 0.35], abs=1e-9)
    times = one_way_square().travel_times(demand, facilities, limit=None)
    assert dense(times)[:, 0].tolist() == found.minutes.tolist()


def test_walkers_go_both_ways() -> None:
    corners = [(0, 0), (100, 0), (100, 100), (0, 100)]
    sides = [[corners[k], corners[(k + 1) % 4]] for k in range(4)]
    network = StreetNetwork.from_edges(lines(*sides, oneway=["yes"] * 4))
    found = network.nearest(points((75, 0)), points((50, 0)), speed=1.0)
    assert found.minutes.tolist() == pytest.approx([25 / 60], abs=1e-9)


def test_drivers_walk_the_legs() -> None:
    # 54 m on foot at 0.9 m/s take a minute
    network = one_way_square()
    found = network.nearest(points((25, -54)), points((75, -54)))
    assert found.minutes.tolist() == pytest.approx([2.05], abs=1e-9)


def test_a_dead_end_one_way_cannot_be_left_backwards() -> None:
    network = StreetNetwork.from_edges(
        lines([(0, 0), (100, 0)], [(100, 0), (200, 0)], oneway=["yes", "-1"]), mode="drive"
    )
    found = network.nearest(points((50, 0), (150, 0), (100, 0)), points((80, 0)), limit=15)
    assert found.status.tolist() == ["reached", "unreachable", "unreachable"]


@pytest.mark.parametrize(("oneway", "ahead"), [("yes", True), ("-1", False)])
def test_a_shared_edge_serves_its_own_direction(oneway: str, ahead: bool) -> None:  # noqa: FBT001
    network = StreetNetwork.from_edges(lines([(0, 0), (100, 0)], oneway=[oneway]), mode="drive")
    west, east = points((20, 0)), points((70, 0))
    for demand, facilities, there in ((west, east, ahead), (east, west, not ahead)):
        found = network.nearest(demand, facilities)
        assert found.status.tolist() == ["reached" if there else "unreachable"]
        # 50 m at 25 km/h
        assert found.minutes.dropna().tolist() == pytest.approx([0.12] * there, abs=1e-9)
        assert network.travel_times(demand, facilities, limit=None).nnz == there


def test_many_rings_of_memory_are_reused_cleanly() -> None:
    # every facility's column must be what it is alone
    network = ladder()
    places = [(x, y) for x in range(0, 301, 25) for y in (0, 100)]
    together = dense(network.travel_times(points(*places), points(*places), limit=4, speed=1.0))
    for column, place in enumerate(places):
        alone = network.travel_times(points(*places), points(place), limit=4, speed=1.0)
        assert together[:, [column]].tolist() == dense(alone).tolist()
    assert np.isinf(together).any()


def test_where_the_corner_is() -> None:
    # the fixtures' coordinates are kept: a metric system that is true to scale stays
    network = diamond()
    assert network.crs.to_epsg() == 32650
    assert (network.x.min(), network.y.min()) == (EAST, NORTH)
