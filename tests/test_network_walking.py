"""Stairs, waiting at crossings, and options that cannot be used."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest
from networks import ladder, lines
from rasters import write_raster
from test_network_slope import minutes

from coverage.errors import NetworkError
from coverage.network import StreetNetwork

if TYPE_CHECKING:
    from pathlib import Path


def test_stairs_are_walked_at_half_speed_or_left_out() -> None:
    """A stair of 100 m short-cuts a street of 300 m.

    ::

        D----C     D-A is a stair
        |    |
        A----B
    """
    around = [(0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0)]
    streets = lines(around, [(0, 100), (0, 0)], highway=["residential", "steps"])
    network = StreetNetwork.from_edges(streets)
    assert minutes(network, (0, 0), (0, 100)) == pytest.approx(100 / 60)
    half = network.with_walking(steps_factor=0.5)
    assert minutes(half, (0, 0), (0, 100)) == pytest.approx(200 / 60)
    assert minutes(network.with_walking(steps_factor=0.25), (0, 0), (0, 100)) == pytest.approx(5)
    without = StreetNetwork.from_streets(network, min_island=0, steps=False)
    assert minutes(without, (0, 0), (0, 100)) == pytest.approx(5)
    assert not without.steps.any()


def test_crossings_of_busy_streets_take_time() -> None:
    """A primary street crosses three lanes; each junction on it takes 30 seconds, ends none.

    ::

        |    |    |
        A====B====C     200 m between them
        |    |    |
    """
    lanes = [[(x, -100.0), (x, 0.0), (x, 100.0)] for x in (0.0, 200.0, 400.0)]
    streets = lines(*lanes, [(0, 0), (200, 0), (400, 0)], highway=["residential"] * 3 + ["primary"])
    network = StreetNetwork.from_edges(streets)
    waiting = network.with_walking(crossing_delay_s=30)
    for start, end, delays in (
        ((200, -100), (200, 100), 1),
        ((0, -100), (400, 100), 3),
        ((200, -100), (200, -20), 0.4),
    ):
        waits = minutes(waiting, start, end) - minutes(network, start, end)
        assert waits == pytest.approx(delays * 0.5, abs=1e-9)
    assert minutes(ladder().with_walking(crossing_delay_s=30), (50, 0), (250, 0)) == pytest.approx(
        200 / 60
    )


def test_cars_do_not_mind(tmp_path: Path) -> None:
    file = write_raster(tmp_path, lambda x, _: 0.2 * x)
    network = ladder(mode="drive")
    assert network.with_walking(file, steps_factor=0.5, crossing_delay_s=9) is network


@pytest.mark.parametrize(
    "options",
    [
        {"direction": "up"},
        {"steps_factor": 0},
        {"steps_factor": math.nan},
        {"crossing_delay_s": -1},
    ],
)
def test_options_that_cannot_be_used(options: dict[str, Any]) -> None:
    with pytest.raises(NetworkError):
        ladder().with_walking(**options)
