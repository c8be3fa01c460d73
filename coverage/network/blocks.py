"""The blocks that streets enclose, found by walking along their sides.

Streets that cross without a common vertex, as on bridges, and dead ends enclose nothing: they are
told apart, and what remains is walked face by face.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from coverage.network.search import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Flags = NDArray[np.bool_]
    Shapes = NDArray[np.object_]

_SMALLEST_CELL_M = 1.0
_ROUNDING_M = 1e-3
_TRIANGLE = 3  # corners of the smallest block


@dataclass(frozen=True, kw_only=True, eq=False)
class Blocks:
    """What lines enclose.

    Parameters
    ----------
    inside
        Polygons of the blocks, each without a hole for what stands alone within it.
    outside
        Polygons of what hangs together, filled.
    loose
        Pieces of lines that bound no block.
    """

    inside: Shapes
    outside: Shapes
    loose: Shapes


def blocks_of(lines: Shapes) -> Blocks:
    """Return the blocks that lines enclose.

    Parameters
    ----------
    lines
        Lines; they meet where they have a vertex in common.
    """
    places, line = shapely.get_coordinates(lines, return_index=True)
    # a place as one complex number sorts and compares at once
    corner, node = np.unique(places @ np.array([1, 1j]), return_inverse=True)
    follows = (line[1:] == line[:-1]) & (node[1:] != node[:-1])
    low, high = np.minimum(node[1:], node[:-1])[follows], np.maximum(node[1:], node[:-1])[follows]
    key = np.unique(low * corner.size + high)
    u, v = key // max(corner.size, 1), key % max(corner.size, 1)
    x, y = np.ascontiguousarray(corner.real), np.ascontiguousarray(corner.imag)
    loose = _crossing(x, y, u, v)
    inner, outer = _rings(x, y, u, v, loose)
    pieces = np.stack([np.stack([x[u], y[u]], 1), np.stack([x[v], y[v]], 1)], 1)[loose]
    return Blocks(inside=inner, outside=outer, loose=np.asarray(shapely.linestrings(pieces)))


def _crossing(x: Floats, y: Floats, u: Integers, v: Integers) -> Flags:
    """Tell which pieces cross or touch one that is not told so, save at a common end."""
    loose = np.zeros(u.size, dtype=bool)
    if not u.size:
        return loose
    # as long as pieces are, so that they pass through two or three and few share one
    side = max(float(np.hypot(x[v] - x[u], y[v] - y[u]).mean()), _SMALLEST_CELL_M)
    cell, piece = _cells(x, y, u, v, side)
    order = np.argsort(cell, kind="stable")
    cell, piece = cell[order], piece[order]
    first = np.append(np.flatnonzero(np.append(True, cell[1:] != cell[:-1])), cell.size)
    _mark_crossing(first, piece, x, y, u, v, loose)
    return loose


@compiled
def _height(x: Floats, y: Floats, a: int, b: int, place: float) -> float:
    """Return y where the piece from a to b, its left end first, is nearest to x = place."""
    if place <= x[a]:
        return float(y[a])
    if place >= x[b]:
        return float(y[b])
    return float(y[a] + (y[b] - y[a]) * (place - x[a]) / (x[b] - x[a]))


@compiled
def _cells(
    x: Floats, y: Floats, u: Integers, v: Integers, side: float
) -> tuple[Integers, Integers]:
    """Return the cells of a grid that pieces pass through, and the pieces, a pair for each."""
    left, bottom = x.min(), y.min() - side
    rows = np.int64((y.max() - bottom) / side) + 2
    cell, piece = np.empty(4 * u.size, np.int64), np.empty(4 * u.size, np.int64)
    count = 0
    for number in range(u.size):
        a, b = u[number], v[number]
        if x[a] > x[b]:
            a, b = b, a
        for column in range(int((x[a] - left) / side), int((x[b] - left) / side) + 1):
            enters = _height(x, y, a, b, left + column * side)
            leaves = _height(x, y, a, b, left + (column + 1) * side)
            # a little more against rounding
            low = int((min(enters, leaves) - _ROUNDING_M - bottom) / side)
            high = int((max(enters, leaves) + _ROUNDING_M - bottom) / side)
            if count + high - low >= cell.size:
                more = np.empty(cell.size + high - low, np.int64)
                cell, piece = np.append(cell, more), np.append(piece, more)
            for row in range(low, high + 1):
                cell[count], piece[count] = column * rows + row, number
                count += 1
    return cell[:count], piece[:count]


@compiled
def _turn(x: Floats, y: Floats, a: int, b: int, c: int) -> float:
    """Return whether c lies left of the way from a to b (positive), right of it, or on it (0)."""
    return float((x[b] - x[a]) * (y[c] - y[a]) - (y[b] - y[a]) * (x[c] - x[a]))


@compiled
def _meet(x: Floats, y: Floats, a: int, b: int, c: int, d: int) -> bool:
    """Tell whether the pieces ab and cd cross, touch or run over each other, save at one end."""
    if b in (c, d):
        a, b = b, a
    if a == d:
        c, d = d, c
    if a == c:
        ahead = (x[b] - x[a]) * (x[d] - x[a]) + (y[b] - y[a]) * (y[d] - y[a])
        return ahead > 0 and _turn(x, y, a, b, d) == 0
    if max(x[a], x[b]) < min(x[c], x[d]) or max(x[c], x[d]) < min(x[a], x[b]):
        return False
    if max(y[a], y[b]) < min(y[c], y[d]) or max(y[c], y[d]) < min(y[a], y[b]):
        return False
    parted = _turn(x, y, a, b, c) * _turn(x, y, a, b, d) <= 0
    return parted and _turn(x, y, c, d, a) * _turn(x, y, c, d, b) <= 0


@compiled
def _mark_crossing(
    first: Integers, piece: Integers, x: Floats, y: Floats, u: Integers, v: Integers, loose: Flags
) -> None:
    """Mark pieces that meet one before them in their cell that is not marked."""
    for cell in range(first.size - 1):
        for i in range(first[cell], first[cell + 1]):
            one = piece[i]
            for j in range(first[cell], i):
                other = piece[j]
                if loose[one]:
                    break
                if not loose[other] and _meet(x, y, u[one], v[one], u[other], v[other]):
                    loose[one] = True


def _rings(x: Floats, y: Floats, u: Integers, v: Integers, loose: Flags) -> tuple[Shapes, Shapes]:
    """Return the polygons of blocks and of outlines; pieces that bound none are marked loose."""
    kept = np.flatnonzero(~loose)
    # each piece has two sides: walked from u to v, and back
    start, end = np.concatenate([u[kept], v[kept]]), np.concatenate([v[kept], u[kept]])
    corner, size, bare = _walk(start, _turns(x, y, start, end), x.size)
    loose[kept[bare[bare < kept.size]]] = True
    ring = np.repeat(np.arange(size.size), size)
    if not size.size:
        return np.empty(0, dtype=object), np.empty(0, dtype=object)
    rings = shapely.linearrings(x[corner], y[corner], indices=ring)
    polygons = np.asarray(shapely.polygons(rings))
    left = shapely.is_ccw(rings)
    return polygons[left], polygons[~left]


def _turns(x: Floats, y: Floats, start: Integers, end: Integers) -> Integers:
    """Return the side to go on with at the end of each: as far left as can be."""
    if not start.size:
        return start
    order = np.lexsort((np.arctan2(y[end] - y[start], x[end] - x[start]), start))
    rank = np.empty_like(order)
    rank[order] = np.arange(order.size)
    first = np.searchsorted(start[order], np.arange(x.size + 1))
    back = rank[(np.arange(order.size) + order.size // 2) % order.size]
    # the one before the way back, round the node against the clock
    before: Integers = order[np.where(back > first[end], back, first[end + 1]) - 1]
    return before


@compiled
def _walk(start: Integers, turn: Integers, nodes: int) -> tuple[Integers, Integers, Integers]:
    """Walk along all sides; return corners and sizes of simple rings, and sides that go and return.

    Where a walk comes back to a node it closes a ring there and goes on.
    """
    corner, corners = np.empty(start.size, np.int64), 0
    size, rings = np.empty(start.size // 3 + 1, np.int64), 0
    bare, bares = np.empty(start.size, np.int64), 0
    stack, place = np.empty(start.size + 1, np.int64), np.full(nodes, -1)
    seen = np.zeros(start.size, np.bool_)
    for begin in range(start.size):
        if seen[begin]:
            continue
        side, depth = begin, 0
        while True:
            node = start[side]
            known = place[node]
            if known >= 0:
                encloses = depth - known >= _TRIANGLE
                for at in range(known, depth):
                    left = stack[at]
                    place[start[left]] = -1
                    if encloses:
                        corner[corners] = start[left]
                        corners += 1
                    else:
                        bare[bares] = left
                        bares += 1
                if encloses:
                    size[rings] = depth - known
                    rings += 1
                depth = known
            if seen[side]:
                break
            seen[side] = True
            place[node], stack[depth] = depth, side
            depth += 1
            side = turn[side]
    return corner[:corners], size[:rings], bare[:bares]
