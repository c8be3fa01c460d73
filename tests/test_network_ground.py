"""The ground beside lines, against the union of all their buffers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from coverage.network import ground as module
from coverage.network.ground import ground_beside

if TYPE_CHECKING:
    from collections.abc import Iterator

WIDTH_M = 25.0
# round ends are drawn with corners, and lines straightened first
TOLERANCE_M = 2.0


@pytest.fixture(autouse=True, scope="module")
def _blocks() -> Iterator[None]:
    """Go by blocks where so few lines would be united."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_FEW", 0)
        yield


def united(lines: list[shapely.LineString]) -> shapely.Geometry:
    return shapely.union_all(shapely.buffer(np.array(lines), WIDTH_M))


def assert_same(lines: list[shapely.LineString]) -> list[shapely.Polygon]:
    """Compare with the buffers united, and return the parts."""
    ground, expected = ground_beside(shapely.MultiLineString(lines), WIDTH_M), united(lines)
    assert ground.is_valid
    assert shapely.buffer(expected, TOLERANCE_M).covers(ground)
    assert shapely.buffer(ground, TOLERANCE_M).covers(expected)
    return list(shapely.get_parts(ground))


def ring(left: float, bottom: float, right: float, top: float) -> shapely.LineString:
    return shapely.LineString(shapely.get_coordinates(shapely.box(left, bottom, right, top)))


def test_no_lines_no_ground() -> None:
    assert ground_beside(shapely.MultiLineString(), WIDTH_M).is_empty


def test_a_street() -> None:
    (ground,) = assert_same([shapely.LineString([(0, 0), (100, 0)])])
    assert ground.area == pytest.approx(100 * 50 + np.pi * 25**2, rel=0.02)


def test_a_block_has_a_yard_and_a_narrow_one_has_none() -> None:
    """
    +--------+--+
    |  yard  |  |
    +--------+--+
    """
    middle = shapely.LineString([(300, 0), (300, 200)])
    (ground,) = assert_same([ring(0, 0, 340, 200), middle])
    assert len(ground.interiors) == 1
    yard = shapely.Polygon(ground.interiors[0])
    assert yard.area == pytest.approx(250 * 150)


def test_dead_ends_lead_into_yards_and_beyond() -> None:
    """
         |
    +----|----+
    |    |    |
    |         |---
    +---------+
    """
    into = shapely.LineString([(200, 500), (200, 150)])
    out = shapely.LineString([(400, 50), (700, 50)])
    assert_same([ring(0, 0, 400, 300), into, out])


def test_a_dead_end_across_a_yard_halves_it() -> None:
    across = shapely.LineString([(200, 0), (200, 280)])
    (ground,) = assert_same([ring(0, 0, 400, 300), across])
    assert len(ground.interiors) == 2


def test_blocks_alone_in_a_yard_and_again() -> None:
    rings = [ring(d, d, 1000 - d, 1000 - d) for d in (0, 150, 300)]
    assert len(assert_same([*rings, shapely.LineString([(480, 500), (520, 500)])])) == 4


def test_few_lines_are_united(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_FEW", 10)
    assert_same([ring(0, 0, 400, 300), shapely.LineString([(200, 0), (200, 280)])])


def test_streets_that_cross_on_a_bridge() -> None:
    lines = [shapely.LineString([(0, 0), (400, 300)]), shapely.LineString([(0, 300), (400, 0)])]
    assert_same([*lines, ring(0, 0, 400, 300)])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 60))
def test_any_streets(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    nodes = np.array(np.meshgrid(np.arange(8), np.arange(8))).reshape(2, -1).T * 90.0
    nodes += rng.uniform(-35, 35, nodes.shape)
    pairs = [(i, j) for i in range(64) for j in (i + 1, i + 8, i + 9) if j < 64]
    chosen = rng.choice(len(pairs), count, replace=False)
    assert_same([shapely.LineString(nodes[list(pairs[k])]) for k in chosen])
