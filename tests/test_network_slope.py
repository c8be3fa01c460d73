"""Slopes: closed forms, hand-drawn hills, and networkx."""

from __future__ import annotations

import math
import warnings
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from networks import CRS, EAST, NORTH, dense, diamond, ladder, lines, oracle, points
from rasters import write_raster
from test_network_oracle import frame, networks, places

from coverage.errors import NetworkError
from coverage.network import Elevation, StreetNetwork, elevation
from coverage.network.effort import speed_factor

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CASES = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


def tobler(slope: float) -> float:
    """Tobler's function against its value on the flat, never above 1."""
    return min(math.exp(-3.5 * abs(slope + 0.05)) / math.exp(-3.5 * 0.05), 1.0)


def minutes(network: StreetNetwork, start: tuple[float, float], end: tuple[float, float]) -> float:
    """Minutes at 60 m a minute."""
    return float(network.nearest(points(start), points(end), speed=1.0).minutes.item())


@pytest.mark.parametrize(
    ("slope", "factor"),
    [(0, 1), (0.05, 0.839), (0.1, 0.705), (0.15, 0.592), (0.2, 0.497), (-0.05, 1), (-0.1, 1),
     (-0.2, 0.705)],
)  # fmt: skip
def test_speed_falls_with_the_slope(slope: float, factor: float) -> None:
    assert speed_factor(np.array([slope])).item() == pytest.approx(factor, abs=5e-4)
    assert speed_factor(np.array([slope])).item() == pytest.approx(tobler(slope), abs=1e-12)


@pytest.mark.parametrize("slope", [0.04, 0.1, 0.25])
def test_an_even_slope_has_a_closed_form(tmp_path: Path, slope: float) -> None:
    """Eastward uphill, 310 m of a street of 1,000 m; legs of 60 m at both ends are flat."""
    file = write_raster(tmp_path, lambda x, _: 300 + slope * x)
    street = StreetNetwork.from_edges(lines([(0, 0), (1000, 0)]))
    up, down = 310 / tobler(slope), 310 / tobler(-slope)
    for direction, expected in (("to", up), ("from", down), ("round_trip", (up + down) / 2)):
        network = street.with_walking(file, direction=direction)
        found = minutes(network, (200, -60), (510, 60))
        assert found == pytest.approx((expected + 120) / 60, abs=1e-9)
    assert minutes(street.with_walking(file, direction="to"), (510, 0), (200, 0)) == pytest.approx(
        down / 60
    )


def test_trips_from_facilities_are_trips_to_them_the_other_way(tmp_path: Path) -> None:
    """A hill over C of the diamond: up from A by 20 %, down to B by 20 %.

    ::

              C (300, 400), 100 m up
             / \\            A-C and C-B are 500 m each,
            /   \\           A-B is 600 m
           A-----B
    """
    file = write_raster(tmp_path, lambda _, y: y / 4, cell=100)
    there = diamond().with_walking(file, direction="to")
    back = diamond().with_walking(file, direction="from")
    # straight up along the map's y the slope is 400 / 500 * 0.25
    climb, fall = 500 / tobler(0.2), 500 / tobler(-0.2)
    for start, end in (((0, 0), (300, 400)), ((100, 0), (300, 400)), ((300, 400), (250, 0))):
        assert minutes(there, start, end) == pytest.approx(minutes(back, end, start))
    assert minutes(there, (0, 0), (300, 400)) == pytest.approx(climb / 60)
    assert minutes(there, (300, 400), (0, 0)) == pytest.approx(fall / 60)
    both = diamond().with_walking(file)
    assert minutes(both, (0, 0), (300, 400)) == pytest.approx((climb + fall) / 120)
    assert minutes(both, (300, 400), (0, 0)) == pytest.approx((climb + fall) / 120)


@pytest.mark.parametrize(("length", "pieces"), [(30, 1), (60, 2), (61, 3), (95, 4)])
def test_slopes_are_those_of_pieces_of_at_most_30_m(
    tmp_path: Path, length: float, pieces: int
) -> None:
    # a ridge across the middle of the street: 15 cm up a metre, then down; cells blunt it a little
    file = write_raster(tmp_path, lambda x, _: -0.15 * abs(x - length / 2), cell=0.5, size=400)
    network = StreetNetwork.from_edges(lines([(0, 0), (length, 0)]))
    at = [-0.15 * abs(n * length / pieces - length / 2) for n in range(pieces + 1)]
    slopes = np.diff(at) / (length / pieces)
    expected = sum(length / pieces / tobler(slope) for slope in slopes)
    effort = network.with_walking(file, direction="to").effort
    assert effort is not None
    assert effort.ahead_m.tolist() == pytest.approx([expected], rel=5e-3)


def test_bridges_and_tunnels_are_straight_between_their_ends(tmp_path: Path) -> None:
    """A bridge of two edges across a valley, its eastern end 6 m higher.

    ::

        A---B~~~~b~~~~C---D     B-b 100 m, b-C 200 m; the valley is 80 m deep
    """
    file = write_raster(
        tmp_path, lambda x, _: np.where((x > 120) & (x < 380), -80.0, 0.02 * (x - 100)), cell=10
    )
    courses = [(0, 0), (100, 0)], [(100, 0), (200, 0), (400, 0)], [(400, 0), (500, 0)]
    streets = lines(*courses, bridge=[None, "yes", None])
    expected = [100 / tobler(0.02)] + [metres / tobler(0.02) for metres in (100, 200)]
    for tag in ("bridge", "tunnel"):
        network = StreetNetwork.from_edges(streets.rename(columns={"bridge": tag}))
        effort = network.with_walking(file, direction="to").effort
        assert effort is not None
        assert effort.ahead_m[:3].tolist() == pytest.approx(expected, rel=1e-6)
        assert effort.back_m[:3].tolist() == pytest.approx([100, 100, 200], rel=1e-6)
    plain = StreetNetwork.from_edges(streets.geometry).with_walking(file, direction="to").effort
    assert plain is not None
    assert plain.ahead_m[1] > 200


def test_streets_without_heights_are_flat_and_counted(tmp_path: Path) -> None:
    # heights end at x = 500; between two cells of which one has none there are none
    steep = write_raster(tmp_path, lambda x, _: np.where(x < 500, 0.1 * x, np.nan), cell=10)
    street = StreetNetwork.from_edges(lines([(0, 0), (300, 0)], [(300, 0), (900, 0)]))
    effort = street.with_walking(steep, direction="to").effort
    assert effort is not None
    assert effort.flat_m.tolist() == pytest.approx([0, 420])
    rising = 180 / tobler(0.1)
    assert effort.ahead_m.tolist() == pytest.approx([300 / tobler(0.1), rising + 420])
    # a raster somewhere else leaves everything flat
    away = StreetNetwork.from_edges(lines([(90_000, 0), (91_000, 0)])).with_walking(steep)
    assert away.effort is not None
    assert away.effort.flat_m.tolist() == pytest.approx([1000])
    assert minutes(away, (90_000, 0), (91_000, 0)) == pytest.approx(1000 / 60)


def test_heights_in_degrees(tmp_path: Path) -> None:
    file = write_raster(tmp_path, lambda x, _: 0.08 * x, crs=4326)
    network = StreetNetwork.from_edges(lines([(0, 0), (600, 0)])).with_walking(file, direction="to")
    assert network.crs == CRS
    assert minutes(network, (100, 0), (500, 0)) == pytest.approx(400 / tobler(0.08) / 60, rel=1e-4)


def test_heights_are_the_same_whatever_windows_they_are_read_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_raster(tmp_path, lambda x, y: np.sin(x / 90) * 40 + np.cos(y / 50) * 9 + 80)
    rng = np.random.default_rng(3)
    x, y = EAST + rng.uniform(-900, 900, 500), NORTH + rng.uniform(-900, 900, 500)
    whole = Elevation(file).heights(x, y, StreetNetwork.from_edges(lines([(0, 0), (1, 0)])).crs)
    with rasterio.open(file) as raster:
        cells = raster.read(1)
        for place, height in zip(zip(x, y, strict=True), whole, strict=True):
            column = (place[0] - raster.bounds.left) / 20 - 0.5
            row = (raster.bounds.top - place[1]) / 20 - 0.5
            i, j = math.floor(row), math.floor(column)
            by_row = [
                cells[k, j] * (j + 1 - column) + cells[k, j + 1] * (column - j) for k in (i, i + 1)
            ]
            assert height == pytest.approx(by_row[0] * (i + 1 - row) + by_row[1] * (row - i))
    monkeypatch.setattr(elevation, "_WINDOW_CELLS", 7)
    again = Elevation(file).heights(x, y, StreetNetwork.from_edges(lines([(0, 0), (1, 0)])).crs)
    assert again.tolist() == whole.tolist()


def test_a_raster_larger_than_memory_is_no_trouble(tmp_path: Path) -> None:
    # 80,000 by 80,000 cells are 51 GB; only those around the street are in the file
    file = tmp_path / "huge.tif"
    transform = rasterio.Affine(10, 0, EAST - 400_000, 0, -10, NORTH + 400_000)
    with rasterio.open(
        file, "w", driver="GTiff", width=80_000, height=80_000, count=1, dtype="float64", crs=CRS,
        transform=transform, tiled=True, sparse_ok=True, nodata=-9999, BIGTIFF="YES",
    ) as raster:  # fmt: skip
        ramp = np.tile(np.arange(300) * 1.0, (64, 1))
        raster.write(ramp, 1, window=rasterio.windows.Window(40_000, 39_968, 300, 64))
    network = StreetNetwork.from_edges(lines([(100, 0), (1100, 0)]))
    effort = network.with_walking(file, direction="to").effort
    assert effort is not None
    assert effort.ahead_m.item() == pytest.approx(1000 / tobler(0.1))
    assert effort.flat_m.item() == 0


@CASES
@given(data=st.data())
def test_minutes_on_hills_are_those_of_networkx(
    data: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """One-way streets on a waving ground, pieces and slopes reckoned one by one."""

    def ground(x: float, y: float) -> float:
        return 60 * math.sin(x / 170 + 1) * math.cos(y / 130)

    streets = data.draw(networks(mode="walk"))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    ahead = rng.random(streets.u.size) < 0.8
    streets = replace(streets, forward=ahead, backward=~ahead | (rng.random(ahead.size) < 0.6))
    file = tmp_path_factory.getbasetemp() / "waves.tif"
    if not file.exists():
        write_raster(file.parent, np.vectorize(ground), name=file.name, cell=2, size=1000)
    direction = data.draw(st.sampled_from(["to", "from", "round_trip"]))
    network = streets.with_walking(file, direction=direction)

    def slower(edge: int, *, ahead: bool) -> float:
        there = _effort(streets, edge, ground, ahead=ahead)
        back = _effort(streets, edge, ground, ahead=not ahead)
        return {"to": there, "from": back, "round_trip": (there + back) / 2}[direction]

    demand, facilities = data.draw(places(network)), data.draw(places(network))
    expected = oracle(network, demand, facilities, snap_limit=150, slower=slower)
    times = network.travel_times(frame(demand), frame(facilities), limit=None, snap_limit=150)
    # the raster is the ground within a centimetre
    assert dense(times) == pytest.approx(expected, rel=2e-3, abs=1e-9)


def _effort(
    streets: StreetNetwork, edge: int, ground: Callable[[float, float], float], *, ahead: bool
) -> float:
    """How many times as long as on the flat an edge takes."""
    ends = [(streets.x[n] - EAST, streets.y[n] - NORTH) for n in (streets.u[edge], streets.v[edge])]
    line = shapely.LineString(ends if ahead else ends[::-1])
    pieces = math.ceil(line.length / 30 - 1e-9)
    at = [line.interpolate(n / pieces, normalized=True) for n in range(pieces + 1)]
    heights = [ground(point.x, point.y) for point in at]
    piece = line.length / pieces
    return sum(1 / tobler((b - a) / piece) for a, b in pairwise(heights)) / pieces


@CASES
@given(data=st.data())
def test_live_minutes_and_areas_know_slopes_too(
    data: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    streets = data.draw(networks(mode="walk"))
    file = tmp_path_factory.getbasetemp() / "plane.tif"
    if not file.exists():
        write_raster(file.parent, lambda x, y: 0.2 * x + 0.1 * y, name=file.name, cell=50, size=80)
    network = streets.with_walking(file, direction=data.draw(st.sampled_from(["to", "from"])))
    demand, facilities = (
        network.snap(frame(data.draw(places(network))), snap_limit=150) for _ in range(2)
    )
    live = network.live_times(demand, facilities.take(np.array([0])))
    for position in range(1, len(facilities)):
        live.open(position, facilities.take(np.array([position])))
    if len(facilities) > 1:
        live.close(0)
        facilities = facilities.take(np.arange(1, len(facilities)))
    nearest = network.nearest(demand, facilities)
    assert live.minutes.tolist() == nearest.minutes.fillna(np.inf).tolist()
    limit = data.draw(st.floats(0.1, 8))
    lines_ = network.reached_lines(facilities, limit=limit).geometry
    times = dense(network.travel_times(demand, facilities, limit=None))
    legs = np.nan_to_num(demand.leg_m) / 0.9 / 60
    feet = shapely.points(np.nan_to_num(demand.x), np.nan_to_num(demand.y))
    for column, line in enumerate(lines_):
        reached = times[:, column] <= limit + legs - 1e-6
        assert (shapely.distance(feet[reached], line) <= 1e-6).all()


def test_edges_changed_keep_their_share_of_the_effort(tmp_path: Path) -> None:
    file = write_raster(tmp_path, lambda x, _: 0.0003 * x**2, cell=10)
    network = StreetNetwork.from_edges(lines([(0, 0), (600, 0)], [(0, 300), (600, 300)]))
    network = network.with_walking(file, direction="to")
    link = shapely.LineString([(EAST + x, NORTH + y) for x, y in ((250, 0), (250, 300))])
    linked = network.with_links([link])
    for start, end in (((20, 0), (580, 0)), ((300, 0), (70, 0)), ((10, 0), (240, 0))):
        assert minutes(linked, start, end) == pytest.approx(minutes(network, start, end), abs=1e-9)
    assert minutes(linked, (250, 0), (250, 300)) == pytest.approx(5)
    climbs = network.with_links([shapely.LineString([(EAST, NORTH), (EAST + 600, NORTH + 300)])])
    flat = math.hypot(600, 300)
    assert minutes(climbs, (0, 0), (600, 300)) == pytest.approx(flat / tobler(108 / flat) / 60)


def _text(folder: Path) -> Path:
    file = folder / "heights.tif"
    file.write_text("no raster", encoding="utf-8")
    return file


def _picture(folder: Path) -> Path:
    file = folder / "picture.tif"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with rasterio.open(
            file, "w", driver="GTiff", width=9, height=9, count=1, dtype="uint8", crs=CRS
        ) as raster:
            raster.write(np.zeros((9, 9), dtype="uint8"), 1)
    return file


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: folder / "nothing.tif", "不存在"),
        (_text, "读不出来"),
        (lambda folder: write_raster(folder, lambda x, _: x, crs=None), "没有坐标系"),
        (_picture, "没有坐标系"),
    ],
)
def test_rasters_that_cannot_be_used(
    tmp_path: Path, make: Callable[[Path], Path], message: str
) -> None:
    with pytest.raises(NetworkError, match=message):
        ladder().with_walking(make(tmp_path))


def test_a_raster_that_is_none_or_lies_nowhere_is_refused(tmp_path: Path) -> None:
    file = write_raster(tmp_path, lambda x, _: 0.1 * x)
    with rasterio.open(file, "r+") as raster:
        raster.transform = rasterio.Affine(0, 0, 500_000, 0, 0, 3_000_000)
    (tmp_path / "virtual.tif").write_text("<VRTDataset></VRTDataset>", encoding="utf-8")
    for path, key in ((file, "raster_without_crs"), (tmp_path / "virtual.tif", "not_a_raster")):
        with pytest.raises(NetworkError) as caught:
            Elevation(path)
        assert caught.value.key == f"network.{key}"
        assert path.name in caught.value.text("en")


def test_a_raster_without_a_coordinate_system_may_be_told_one(tmp_path: Path) -> None:
    file = write_raster(tmp_path, lambda x, _: 0.1 * x, crs=None)
    network = ladder().with_walking(Elevation(file, crs=CRS), direction="to")
    assert minutes(network, (0, 0), (300, 0)) == pytest.approx(300 / tobler(0.1) / 60)
