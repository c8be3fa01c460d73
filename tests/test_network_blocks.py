"""Blocks that lines enclose, against shapely's own."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from coverage.network.blocks import blocks_of


def grid(rng: np.random.Generator, side: int, share: float) -> np.ndarray:
    """Draw some of the edges of a perturbed grid with one diagonal a cell: none cross."""
    nodes = np.array(np.meshgrid(np.arange(side), np.arange(side))).reshape(2, -1).T * 90.0
    nodes += rng.uniform(-25, 25, nodes.shape)
    number = np.arange(side * side).reshape(side, side)
    pairs = np.concatenate(
        [
            np.stack([number[:, :-1].ravel(), number[:, 1:].ravel()], 1),
            np.stack([number[:-1].ravel(), number[1:].ravel()], 1),
            np.stack([number[:-1, :-1].ravel(), number[1:, 1:].ravel()], 1),
        ]
    )
    return np.asarray(shapely.linestrings(nodes[pairs[rng.random(len(pairs)) < share]]))


def test_nothing_encloses_nothing() -> None:
    blocks = blocks_of(np.empty(0, dtype=object))
    assert not blocks.inside.size
    assert not blocks.outside.size
    assert not blocks.loose.size


def test_a_square_with_a_tail() -> None:
    """
    +---+
    |   |
    +---+----
    """
    square = shapely.LineString([(0, 0), (4, 0), (4, 4), (0, 4), (0, 0)])
    blocks = blocks_of(np.array([square, shapely.LineString([(4, 0), (9, 0)])]))
    assert shapely.area(blocks.inside).tolist() == [16]
    assert shapely.area(blocks.outside).tolist() == [16]
    assert shapely.length(blocks.loose).tolist() == [5]


@pytest.mark.parametrize(
    "over",
    [
        [(-1, 2), (5, 2)],  # across, as on a bridge
        [(0, 2), (4, 2)],  # touching sides, without a common vertex
        [(0, 0), (8, 0)],  # along a side, from its end
        [(1, 0), (3, 0)],  # along a side, within it
    ],
)
def test_what_meets_streets_elsewhere_than_at_a_vertex_bounds_nothing(
    over: list[tuple[int, int]],
) -> None:
    square = shapely.LineString([(0, 0), (4, 0), (4, 4), (0, 4), (0, 0)])
    blocks = blocks_of(np.array([square, shapely.LineString(over)]))
    everything = shapely.union_all([square, shapely.LineString(over)])
    drawn = shapely.union_all([*shapely.boundary(blocks.inside), *blocks.loose])
    assert drawn.equals(everything)


def test_blocks_that_touch_at_a_corner_are_two() -> None:
    one = shapely.LineString([(0, 0), (4, 0), (4, 4), (0, 4), (0, 0)])
    two = shapely.LineString([(4, 4), (8, 4), (8, 8), (4, 8), (4, 4)])
    blocks = blocks_of(np.array([one, two]))
    assert shapely.area(blocks.inside).tolist() == [16, 16]
    assert shapely.is_valid(blocks.outside).all()
    assert shapely.area(blocks.outside).sum() == 32


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.2, 1.0))
def test_blocks_are_those_of_polygonize(seed: int, share: float) -> None:
    lines = grid(np.random.default_rng(seed), 8, share)
    blocks = blocks_of(lines)
    faces, *loose = (shapely.get_parts(kind) for kind in shapely.polygonize_full(lines))
    # polygonize gives holes to what stands alone in a block
    filled = shapely.polygons(shapely.get_exterior_ring(faces))
    assert np.sort(shapely.area(blocks.inside)) == pytest.approx(np.sort(shapely.area(filled)))
    length = sum(shapely.length(some).sum() for some in loose)
    assert shapely.length(blocks.loose).sum() == pytest.approx(length)
    whole = shapely.area(shapely.union_all(blocks.outside))
    assert whole == pytest.approx(shapely.area(shapely.union_all(filled)))
    assert shapely.is_valid(blocks.inside).all()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 60))
def test_what_bounds_blocks_crosses_nothing(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    nodes = rng.uniform(0, 1000, (20, 2)).round(1)
    lines = np.asarray(shapely.linestrings(nodes[rng.integers(0, 20, (count, 2))]))
    blocks = blocks_of(lines)
    assert not shapely.overlaps(blocks.inside[:, np.newaxis], blocks.inside).any()
    drawn = shapely.union_all([*shapely.boundary(blocks.inside), *blocks.loose])
    assert shapely.length(drawn) == pytest.approx(shapely.length(shapely.union_all(lines)))
