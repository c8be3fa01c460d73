"""Minutes against networkx on split edges, and properties that must hold on any network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from networks import CRS, EAST, NORTH, dense, oracle
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from coverage.network import StreetNetwork, read_network

if TYPE_CHECKING:
    from pathlib import Path

CASES = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


@st.composite
def networks(draw: st.DrawFn, mode: str | None = None) -> StreetNetwork:
    """Streets between random corners of a lattice, in pieces, one-way or not, at odd speeds."""
    corners = [(x, y) for x in range(4) for y in range(4)]
    jitter = np.random.default_rng(draw(st.integers(0, 2**32 - 1))).normal(0, 20, (16, 2))
    places = np.array(corners) * 150 + jitter + [EAST, NORTH]
    ends = st.tuples(st.integers(0, 15), st.integers(0, 15)).filter(lambda pair: pair[0] != pair[1])
    pairs = draw(st.lists(ends, min_size=1, max_size=24))
    size = len(pairs)
    return StreetNetwork.from_edges(
        gpd.GeoDataFrame(
            {
                "oneway": draw(
                    st.lists(
                        st.sampled_from(["yes", "-1", "no", None]), min_size=size, max_size=size
                    )
                ),
                "maxspeed": draw(
                    st.lists(
                        st.sampled_from(["30", "50", "20 mph", None]), min_size=size, max_size=size
                    )
                ),
            },
            geometry=[shapely.LineString(places[list(pair)]) for pair in pairs],
            crs=CRS,
        ),
        mode=mode or draw(st.sampled_from(["walk", "drive"])),
    )


@st.composite
def places(draw: st.DrawFn, network: StreetNetwork, most: int = 6) -> list[tuple[float, float]]:
    """Points near a network: anywhere, on its edges, and exactly at its nodes."""
    number = draw(st.integers(1, most))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    found = []
    for _ in range(number):
        edge = rng.integers(network.u.size)
        u, v = network.u[edge], network.v[edge]
        a, b = np.array([network.x[u], network.y[u]]), np.array([network.x[v], network.y[v]])
        kind = rng.integers(3)
        place = a if kind == 0 else a + rng.random() * (b - a)
        if kind == 2:
            place = place + rng.normal(0, 120, 2)
        found.append((float(place[0]), float(place[1])))
    return found


def frame(found: list[tuple[float, float]]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy(*zip(*found, strict=True), crs=CRS))


@CASES
@given(st.data())
def test_minutes_are_those_of_networkx(data: Any) -> None:
    network = data.draw(networks())
    demand, facilities = data.draw(places(network)), data.draw(places(network))
    expected = oracle(network, demand, facilities, snap_limit=150)
    times = network.travel_times(frame(demand), frame(facilities), limit=None, snap_limit=150)
    assert dense(times) == pytest.approx(expected, abs=1e-9)


@CASES
@given(st.data())
def test_nearest_is_the_least_of_all_times(data: Any) -> None:
    network = data.draw(networks())
    demand, facilities = frame(data.draw(places(network))), frame(data.draw(places(network)))
    limit = data.draw(st.sampled_from([None, 0.5, 2.0, 8.0]))
    times = dense(network.travel_times(demand, facilities, limit=limit))
    found = network.nearest(demand, facilities, limit=limit)
    least = times.min(axis=1)
    # to the last bit, and the first of equal ones
    assert np.where(found.minutes.isna(), np.inf, found.minutes).tolist() == least.tolist()
    expected = [int(row.argmin()) if np.isfinite(row.min()) else None for row in times]
    assert found.facility.tolist() == expected


@CASES
@given(st.data())
def test_coverage_only_grows(data: Any) -> None:
    network = data.draw(networks())
    demand, facilities = frame(data.draw(places(network))), frame(data.draw(places(network)))
    limit = data.draw(st.floats(0.1, 8))

    def covered(count: int, minutes: float, speed: float) -> np.ndarray:
        found = network.nearest(demand, facilities.iloc[:count], limit=minutes, speed=speed)
        return (found.status == "reached").to_numpy()

    before = covered(max(len(facilities) - 1, 1), limit, 0.9)
    assert (covered(len(facilities), limit, 0.9) >= before).all()
    assert (covered(max(len(facilities) - 1, 1), limit * 1.3, 0.9) >= before).all()
    assert (covered(max(len(facilities) - 1, 1), limit, 1.2) >= before).all()


@CASES
@given(st.data())
def test_reached_lines_hold_exactly_the_reached_access_points(data: Any) -> None:
    network = data.draw(networks())
    demand, facilities = frame(data.draw(places(network))), frame(data.draw(places(network, 3)))
    limit = data.draw(st.floats(0.1, 8))
    entered = network.snap(demand, snap_limit=2000)
    on = entered.on_network
    access = gpd.GeoSeries(gpd.points_from_xy(entered.x[on], entered.y[on], crs=network.crs))
    times = dense(network.travel_times(access, facilities, limit=None))
    lines = network.reached_lines(facilities, limit=limit).geometry
    for column, line in enumerate(lines):
        near = access.distance(line).to_numpy() if not line.is_empty else np.full(on.sum(), np.inf)
        reached = times[:, column] <= limit - 1e-6
        missed = times[:, column] > limit + 1e-6
        assert (near[reached] <= 1e-6).all()
        # another edge may cross there
        lone = [
            network.tree.query(point, predicate="dwithin", distance=1e-6).size == 1
            for point in access
        ]
        assert (near[missed & lone] > 1e-6).all()


@CASES
@given(st.data())
def test_areas_hold_their_lines_and_facilities(data: Any) -> None:
    network = data.draw(networks())
    facilities = frame(data.draw(places(network)))
    limit = data.draw(st.floats(0, 8))
    areas = network.service_areas(facilities, limit=limit, snap_limit=100)
    on = network.snap(facilities, snap_limit=100).on_network
    assert areas.geometry.is_empty.tolist() == (~on).tolist()
    assert areas.is_valid.all()
    assert areas.contains(facilities.geometry)[on].all()
    lines = network.reached_lines(facilities, limit=limit, snap_limit=100)
    assert areas.contains(lines.geometry)[on & ~lines.is_empty].all()
    merged = network.merged_service_area(facilities, limit=limit, snap_limit=100)
    together = areas.union_all()
    # streets are straightened by up to a metre before they are buffered
    assert merged.symmetric_difference(together).area <= 0.05 * together.area + 1e-6


def test_nodes_against_scipy() -> None:
    rng = np.random.default_rng(5)
    places_ = rng.random((300, 2)) * 3000 + [EAST, NORTH]
    pairs = rng.integers(0, 300, (700, 2))
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    network = StreetNetwork.from_edges(
        gpd.GeoSeries([shapely.LineString(places_[pair]) for pair in pairs], crs=CRS)
    )
    everywhere = gpd.GeoSeries(gpd.points_from_xy(network.x, network.y, crs=network.crs))
    graph = csr_array((network.x.size, network.x.size)).tolil()
    for u, v, metres in zip(network.u, network.v, network.length_m, strict=True):
        graph[u, v] = graph[v, u] = metres
    expected = dijkstra(graph.tocsr(), directed=False, indices=range(5)) / 60
    # all edges lie on the plane, so some cross: nodes are the nodes of their own edges all the same
    times = network.travel_times(everywhere, everywhere.iloc[:5], limit=None, speed=1.0)
    assert pytest.approx(expected, abs=1e-9) == dense(times).T


@pytest.mark.real
@pytest.mark.parametrize("mode", ["walk", "drive"])
def test_a_real_extract_against_networkx(real_data: Path, mode: Any) -> None:
    network = read_network(real_data / "streets" / "monaco.osm.pbf", mode=mode)
    rng = np.random.default_rng(11)
    node = rng.integers(0, network.x.size, 16)
    found = list(
        zip(
            (network.x[node] + rng.normal(0, 40, 16)).tolist(),
            (network.y[node] + rng.normal(0, 40, 16)).tolist(),
            strict=True,
        )
    )
    sample = frame(found).set_crs(network.crs, allow_override=True)
    expected = oracle(network, found[:10], found[10:])
    times = network.travel_times(sample.iloc[:10], sample.iloc[10:], limit=None)
    assert np.isfinite(expected).sum() > 40
    assert dense(times) == pytest.approx(expected, abs=1e-9)
    bounded = dense(network.travel_times(sample.iloc[:10], sample.iloc[10:], limit=15))
    assert bounded.tolist() == np.where(dense(times) <= 15, dense(times), np.inf).tolist()
