"""Streets closed and links added, reckoned by hand and against networkx."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from networks import (
    CRS,
    EAST,
    NORTH,
    dense,
    diamond,
    ladder,
    lines,
    oracle,
    points,
    polygon,
    two_banks,
)
from test_network_oracle import frame, networks, places

from coverage.errors import NetworkError

if TYPE_CHECKING:
    import numpy.typing as npt

    from coverage.network import StreetNetwork

CASES = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


def line(*vertices: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([(EAST + x, NORTH + y) for x, y in vertices])


def minutes(network: StreetNetwork, start: tuple[float, float], end: tuple[float, float]) -> float:
    """Minutes at 60 m a minute."""
    return float(network.nearest(points(start), points(end), speed=1.0).minutes.item())


def test_a_closed_area_takes_the_part_of_the_street_inside() -> None:
    """The southern street is closed from 250 to 350; the way round leads by C.

    ::

            C
           / \\
        A---[X]---B
    """
    network = diamond()
    shut = network.without([polygon((250, -50), (350, -50), (350, 50), (250, 50))])
    assert minutes(network, (200, 0), (400, 0)) == pytest.approx(200 / 60)
    # 200 back to A, 1000 by C, 200 from B
    assert minutes(shut, (200, 0), (400, 0)) == pytest.approx(1400 / 60)
    assert shut.length_m.sum() == pytest.approx(network.length_m.sum() - 100)
    # a point in the middle goes to the end of what is left: 50 m leg at either side
    assert shut.snap(points((299, 0))).leg_m.item() == pytest.approx(49)
    # the network itself is as it was
    assert network.u.size == 3


def test_a_line_cuts_the_streets_that_it_crosses() -> None:
    """A wall across the southern and the northern street between 100 and 200.

    ::

        F--G-|H--I
        |  | ||  |
        A--B-|C--D
    """
    network = ladder()
    shut = network.without([line((150, -10), (150, 110))])
    assert shut.length_m.sum() == pytest.approx(network.length_m.sum())
    assert minutes(network, (140, 0), (160, 0)) == pytest.approx(20 / 60)
    found = shut.nearest(points((140, 0)), points((160, 0)))
    assert found.status.tolist() == ["unreachable"]
    low = network.without([line((150, -10), (150, 50))])
    # 40 back to B, up, 100 east, down, 40 back from C
    assert minutes(low, (140, 0), (160, 0)) == pytest.approx(380 / 60)


def test_a_line_through_a_junction_cuts_all_its_streets() -> None:
    shut = ladder().without([line((100, -10), (100, 0), (90, 10))])
    # the rung at B and both parts of the street end there
    assert minutes(shut, (90, 0), (110, 0)) == pytest.approx((90 + 100 + 200 + 100 + 90) / 60)
    assert minutes(shut, (100, 10), (110, 0)) == pytest.approx((90 + 100 + 100 + 90) / 60)


def test_a_line_along_a_street_closes_that_part() -> None:
    shut = two_banks(bridge=True).without([line((400, 0), (600, 0))])
    assert shut.nearest(points((100, 0)), points((700, 0))).status.tolist() == ["unreachable"]
    assert shut.length_m.sum() == pytest.approx(2100 - 200)


def test_an_area_that_only_touches_closes_nothing() -> None:
    network = ladder()
    shut = network.without([polygon((100, 0), (200, 0), (200, -80), (100, -80))])
    assert shut.length_m.sum() == pytest.approx(network.length_m.sum())
    assert minutes(shut, (50, 0), (250, 0)) == pytest.approx(200 / 60)


def test_everything_closed_is_an_error() -> None:
    with pytest.raises(NetworkError, match="全部道路"):
        ladder().without([polygon((-9, -9), (400, -9), (400, 200), (-9, 200))])


def test_a_new_bridge_joins_two_banks_at_nodes_and_amid_streets() -> None:
    network = two_banks(bridge=False)
    linked = network.with_links([line((1000.05, 0), (1000, 100))])
    assert linked.nearest(points((700, 0)), points((700, 100)), speed=1.0).minutes.item() == (
        pytest.approx(700 / 60)
    )
    assert linked.x.size == network.x.size
    # amid the streets, drawn 5 m short of the northern one
    linked = network.with_links([line((300, 0), (300, 95))])
    assert minutes(linked, (200, 0), (500, 100)) == pytest.approx((100 + 100 + 200) / 60)
    assert linked.bridge.sum() == 2


def test_links_join_earlier_ones_and_do_not_meet_what_they_cross() -> None:
    network = two_banks(bridge=False)
    linked = network.with_links(lines([(300, 0), (300, 60)], [(300, 60), (300, 100)]))
    assert minutes(linked, (300, 0), (300, 100)) == pytest.approx(100 / 60)
    # a flyover above the northern street ends beyond it
    flown = network.with_links([line((300, 0), (300, 150), (800, 150), (800, 100))])
    assert minutes(flown, (300, 0), (300, 100)) == pytest.approx((150 + 500 + 50 + 500) / 60)


def test_a_bridge_may_begin_in_the_water() -> None:
    river = polygon((-100, 10), (1100, 10), (1100, 90), (-100, 90))
    network = two_banks(bridge=False).with_obstacles([river])
    linked = network.with_links([line((300, 15), (300, 85))])
    assert minutes(linked, (300, 0), (300, 100)) == pytest.approx(100 / 60)


def test_links_for_cars_keep_their_tags() -> None:
    network = two_banks(bridge=False, mode="drive")
    link = lines([(500, 0), (500, 100)], highway=["primary"], oneway=["yes"], maxspeed=["60"])
    linked = network.with_links(link)
    assert linked.nearest(points((500, 0)), points((500, 100))).minutes.item() == pytest.approx(0.1)
    assert linked.nearest(points((500, 100)), points((500, 0))).status.tolist() == ["unreachable"]
    assert linked.classes[linked.highway[-1]] == "primary"


@pytest.mark.parametrize(
    ("link", "message"),
    [
        (line((500, 0), (500, 2000)), "接不上"),
        (shapely.Point(EAST, NORTH), "不是线"),
        (line((0, 0), (0, 0.01)), "没有长度"),
    ],
)
def test_links_that_cannot_be_joined(link: shapely.Geometry, message: str) -> None:
    with pytest.raises(NetworkError, match=message):
        two_banks(bridge=False).with_links([link])


def enter_alike(
    before: StreetNetwork, after: StreetNetwork, found: gpd.GeoDataFrame
) -> npt.NDArray[np.bool_]:
    """Whether points enter two networks at one place: of streets on one another, on the same."""
    was, now = (network.snap(found, snap_limit=1e4) for network in (before, after))
    alike: npt.NDArray[np.bool_] = before.way[was.edge] == after.way[now.edge]
    return alike & np.isclose(was.leg_m, now.leg_m)


@CASES
@given(st.data())
def test_changed_networks_agree_with_networkx(data: Any) -> None:
    network = data.draw(networks())
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    corners = rng.uniform(-50, 500, (4, 2)) + np.array([EAST, NORTH])
    area = shapely.Point(corners[0]).buffer(80, quad_segs=2)
    wall = shapely.LineString(corners[2:])
    try:
        shut = network.without([area, wall])
    except NetworkError:
        return
    link = shapely.LineString(rng.uniform(0, 450, (3, 2)) + np.array([EAST, NORTH]))
    changed = shut.with_links([link])
    for version in (shut, changed):
        demand, facilities = data.draw(places(version)), data.draw(places(version))
        expected = oracle(version, demand, facilities, snap_limit=150)
        times = version.travel_times(frame(demand), frame(facilities), limit=None, snap_limit=150)
        assert dense(times) == pytest.approx(expected, abs=1e-9)
    # nothing inside the area, nothing across the wall
    segments = gpd.GeoSeries(shut.segments(), crs=CRS)
    assert (segments.intersection(area.buffer(-1e-5)).length == 0).all()
    on_wall = segments[segments.intersects(wall)]
    ends = shapely.boundary(on_wall.to_numpy())
    assert (shapely.distance(ends, wall) <= 1e-5).all()
    assert shut.length_m.sum() == pytest.approx(
        gpd.GeoSeries(network.segments()).difference(area).length.sum(), abs=1e-3
    )
    # a link takes nothing away
    kept, grown = (
        n.nearest(frame(demand), frame(facilities), snap_limit=1e4).minutes.fillna(np.inf)
        for n in (shut, changed)
    )
    starts, ends = (enter_alike(shut, changed, frame(found)) for found in (demand, facilities))
    if ends.all():
        assert (grown[starts] <= kept[starts] + 1e-9).all()
