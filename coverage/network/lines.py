"""Make streets of a layer of lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyproj
import shapely

from coverage.errors import NetworkError
from coverage.layers.location.crs import is_geographic_extent, metric_crs
from coverage.network.filters import direction, drive_speed, says_yes
from coverage.network.streets import Streets, clean

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from coverage.service import Mode

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

# vertices of lines nearer than this are one node
JOIN_M = 0.1
# a metric coordinate system is kept if its scale in the middle of the extent is within this of 1
_SCALE_ERROR = 0.01
# metres by which rounding of coordinates may exceed `JOIN_M`
_TOLERANCE_M = 1e-6

_HIGHWAY_COLUMNS = ("highway", "fclass")
# columns that are read as the OSM tags of these names
COLUMNS = (*_HIGHWAY_COLUMNS, "oneway", "junction", "maxspeed", "bridge", "tunnel")
# how tables write oneway where it is no text
_ONEWAY_WORDS = {"True": "yes", "1.0": "1", "-1.0": "-1"}


def streets_of_lines(
    lines: gpd.GeoDataFrame | gpd.GeoSeries,
    *,
    mode: Mode,
    node_crossings: bool,
    crs: pyproj.CRS | None,
    source: object,
) -> Streets:
    """Return the streets that lines draw.

    Vertices join within 0.1 m. All lines count, whatever their class. The columns ``highway`` (or
    ``fclass``), ``oneway``, ``junction``, ``maxspeed``, ``bridge`` and ``tunnel`` are read as the
    OSM tags of these names where they are there.

    Parameters
    ----------
    lines
        Lines and multilines in any coordinate system.
    mode
        ``walk`` or ``drive``.
    node_crossings
        Whether lines that cross without a common vertex meet there.
    crs
        Metric coordinate system; None keeps that of the lines if it is metric and true to scale
        within 1 % in the middle of the extent, and else chooses one by the extent.
    source
        What messages call the layer: its path.

    Raises
    ------
    NetworkError
        If there are no lines, or they have no coordinate system.
    """
    drawn = drawn_lines(lines, source)
    crs = crs or suitable_crs(drawn, source)
    parts, row = shapely.get_parts(
        np.asarray(drawn.to_crs(crs).array, dtype=object), return_index=True
    )
    coordinates, part = shapely.get_coordinates(parts, return_index=True)
    pair = np.flatnonzero(part[1:] == part[:-1])
    ends = np.stack([coordinates[pair], coordinates[pair + 1]], axis=1)
    line = drawn.index.to_numpy()[row][part[pair]]
    segment_part = part[pair]
    if node_crossings:
        ends, cut = _cut_at_crossings(ends)
        line, segment_part = line[cut], segment_part[cut]
    node, x, y = _joined(ends, segment_part)
    return clean(
        Streets(
            crs=crs,
            mode=mode,
            x=x,
            y=y,
            node_id=np.arange(x.size),
            u=node[:, 0],
            v=node[:, 1],
            way=line.astype(np.int64),
            **tags_of(_table(lines), line, mode),
        )
    )


def drawn_lines(lines: gpd.GeoDataFrame | gpd.GeoSeries, source: object) -> gpd.GeoSeries:
    """Return the lines of a layer by their positions in it; other shapes, and none, are left out.

    Parameters
    ----------
    lines
        Lines and multilines in any coordinate system.
    source
        What messages call the layer.

    Raises
    ------
    NetworkError
        If there are no lines, or they have no coordinate system.
    """
    shapes = lines.geometry.reset_index(drop=True)
    geometries = np.asarray(shapes.array, dtype=object)
    drawn = shapes[(shapely.get_dimensions(geometries) == 1) & ~shapely.is_empty(geometries)]
    if drawn.empty:
        raise NetworkError("network.no_lines", source=source)
    if drawn.crs is None:
        raise NetworkError("network.lines_without_crs", source=source)
    return drawn


def _table(lines: gpd.GeoDataFrame | gpd.GeoSeries) -> pd.DataFrame:
    if not isinstance(lines, pd.DataFrame):
        return pd.DataFrame(index=lines.index)
    return pd.DataFrame(lines.drop(columns=lines.geometry.name))


def checked_crs(crs: pyproj.CRS | str | int | None) -> pyproj.CRS | None:
    """Return a coordinate system that a caller chose, None where the extent shall choose.

    Parameters
    ----------
    crs
        Anything that pyproj understands, or None.

    Raises
    ------
    NetworkError
        If it is unknown, or does not measure in metres.
    """
    if crs is None:
        return None
    try:
        chosen = pyproj.CRS(crs)
    except pyproj.exceptions.CRSError as fault:
        raise NetworkError("network.crs_not_metric", crs=crs) from fault
    if not _in_metres(chosen):
        raise NetworkError("network.crs_not_metric", crs=chosen.name)
    return chosen


def _in_metres(crs: pyproj.CRS) -> bool:
    return crs.is_projected and {axis.unit_name for axis in crs.axis_info[:2]} == {"metre"}


def suitable_crs(lines: gpd.GeoSeries, source: object) -> pyproj.CRS:
    """Return the metric coordinate system in which streets are best measured.

    Their own if it is metric and true to scale within 1 % in the middle of the extent, else the one
    that suits the extent.

    Parameters
    ----------
    lines
        Lines with a coordinate system.
    source
        What messages call the layer.

    Raises
    ------
    NetworkError
        If the coordinates are no places on Earth.
    """
    crs = pyproj.CRS(lines.crs)
    if _in_metres(crs) and _scale_error(crs, lines.total_bounds) <= _SCALE_ERROR:
        return crs
    west, south, east, north = (float(bound) for bound in lines.to_crs(4326).total_bounds)
    bounds = (west, south, east, north)
    if not is_geographic_extent(bounds):
        raise NetworkError("network.strange_coordinates", source=source, crs=crs.name)
    return metric_crs(bounds)


def _scale_error(crs: pyproj.CRS, bounds: Floats) -> float:
    """Return by how much a metre on the map differs from one on the ground, amid an extent."""
    x, y = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
    projection = pyproj.Proj(crs)
    longitude, latitude = projection(x, y, inverse=True)
    if not (np.isfinite(longitude) and np.isfinite(latitude)):
        # plans drawn far from their zone, about (0, 0), have metres all the same
        return 0.0
    factors = projection.get_factors(longitude, latitude)
    scales = np.array([factors.meridional_scale, factors.parallel_scale])
    return float(np.abs(scales - 1).max()) if np.isfinite(scales).all() else 0.0


def tags_of(table: pd.DataFrame, row: Integers, mode: Mode) -> dict[str, Any]:
    """Return the fields of `Streets` that come from tags, for edges that lie on rows of a table.

    Parameters
    ----------
    table
        One row a street; the columns named in `streets_of_lines` are read where they are there.
    row
        Position of each edge's street.
    mode
        ``walk`` or ``drive``.
    """
    present = next((name for name in _HIGHWAY_COLUMNS if name in table), None)
    highway = _texts(table, present)
    names = [value or "" for value in highway]
    classes, codes = np.unique(np.array(names, dtype=object).astype(str), return_inverse=True)
    oneway = np.zeros(len(table), dtype=np.int8)
    speed = np.full(len(table), np.nan)
    if mode == "drive":
        ways, junctions = _texts(table, "oneway"), _texts(table, "junction")
        oneway[:] = [
            direction(_ONEWAY_WORDS.get(way or "", way), junction)
            for way, junction in zip(ways, junctions, strict=True)
        ]
        limits = _texts(table, "maxspeed")
        speed[:] = [drive_speed(*pair) for pair in zip(names, limits, strict=True)]
    return {
        "forward": (oneway >= 0)[row],
        "backward": (oneway <= 0)[row],
        "speed_km_h": speed[row],
        "highway": codes.astype(np.int16)[row],
        "classes": tuple(str(name) for name in classes),
        "bridge": np.array([says_yes(value) for value in _texts(table, "bridge")], dtype=bool)[row],
        "tunnel": np.array([says_yes(value) for value in _texts(table, "tunnel")], dtype=bool)[row],
    }


def _texts(table: pd.DataFrame, column: str | None) -> list[str | None]:
    if column is None or column not in table:
        return [None] * len(table)
    values = table[column]
    return [
        None if missing else str(value)
        for value, missing in zip(values, values.isna(), strict=True)
    ]


def _joined(ends: Floats, part: Integers) -> tuple[Integers, Floats, Floats]:
    """Return the nodes of segments: vertices within 0.1 m of each other are one.

    Two vertices amid one and the same line stay apart however near, or a densely drawn line would
    shrink to a point.

    Parameters
    ----------
    ends
        Start and end of each segment, of shape (segments, 2, 2).
    part
        The line of each segment.

    Returns
    -------
    node
        Node at the start and at the end of each segment.
    x, y
        Coordinates of the nodes: those of the first vertex there.
    """
    # loaded here, for no OSM file needs them
    from scipy.sparse import coo_array  # noqa: PLC0415
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415
    from scipy.spatial import cKDTree  # noqa: PLC0415

    vertex = ends.reshape(-1, 2)
    place, first, inverse = np.unique(
        vertex[:, 0] + 1j * vertex[:, 1], return_index=True, return_inverse=True
    )
    one_part = _amid_one_part(inverse, np.repeat(part, 2), ends.shape[0], place.size)
    near = cKDTree(vertex[first]).query_pairs(JOIN_M + _TOLERANCE_M, output_type="ndarray")
    amid = (one_part[near[:, 0]] >= 0) & (one_part[near[:, 0]] == one_part[near[:, 1]])
    near = near[~amid]
    size = place.size
    graph = coo_array((np.ones(len(near), dtype=bool), (near[:, 0], near[:, 1])), (size, size))
    nodes, of_place = connected_components(graph, directed=False)
    leader = np.full(nodes, vertex.shape[0])
    np.minimum.at(leader, of_place, first)
    node = of_place[inverse].reshape(-1, 2)
    return node.astype(np.int64), vertex[leader, 0], vertex[leader, 1]


def _amid_one_part(place: Integers, part: Integers, segments: int, places: int) -> Integers:
    """Return for each place the line amid which it lies, -1 for ends and shared places."""
    low = np.full(places, part.max() + 1)
    high = np.full(places, -1)
    np.minimum.at(low, place, part)
    np.maximum.at(high, place, part)
    of_segment = part[::2]
    changes = of_segment[1:] != of_segment[:-1]
    starts = np.concatenate([[True], changes])
    stops = np.concatenate([changes, [True]])
    at_end = np.stack([starts, stops], axis=1).reshape(2 * segments)
    amid = low == high
    amid[place[at_end]] = False
    return np.where(amid, low, -1)


def _cut_at_crossings(ends: Floats) -> tuple[Floats, Integers]:
    """Cut segments where they cross or where the end of one lies on another, within 0.1 m.

    Parameters
    ----------
    ends
        Start and end of each segment, of shape (segments, 2, 2).

    Returns
    -------
    ends
        The pieces, in the order of the segments and along them.
    segment
        Which segment each piece comes from.
    """
    segments = np.asarray(shapely.linestrings(ends))
    one, other = shapely.STRtree(segments).query(segments, predicate="dwithin", distance=JOIN_M)
    one, other = one[one != other], other[one != other]
    crossed, place = _crossings(ends, one, other)
    touched, foot = _feet(ends, one, other)
    count = len(ends)
    segment = np.concatenate([np.arange(count), np.arange(count), crossed, touched])
    points = np.concatenate([ends[:, 0], ends[:, 1], place, foot])
    start = ends[segment, 0]
    along = np.hypot(*(points - start).T)
    order = np.lexsort((along, segment))
    segment, points, along = segment[order], points[order], along[order]
    inside = (segment[1:] == segment[:-1]) & (along[1:] > along[:-1])
    piece = np.flatnonzero(inside)
    return np.stack([points[piece], points[piece + 1]], axis=1), segment[piece]


def _crossings(ends: Floats, one: Integers, other: Integers) -> tuple[Integers, Floats]:
    """Return where pairs of segments cross amid both."""
    start, course = ends[one, 0], ends[one, 1] - ends[one, 0]
    across = ends[other, 1] - ends[other, 0]
    offset = ends[other, 0] - start
    turn = _cross(course, across)
    with np.errstate(divide="ignore", invalid="ignore"):
        share, share_other = _cross(offset, across) / turn, _cross(offset, course) / turn
    # ends are the business of `_feet`
    amid = (share > 0) & (share < 1) & (share_other > 0) & (share_other < 1)
    return one[amid], (start + share[:, np.newaxis] * course)[amid]


def _feet(ends: Floats, one: Integers, other: Integers) -> tuple[Integers, Floats]:
    """Return where ends of other segments lie amid segments, within 0.1 m."""
    start, course = ends[one, 0], ends[one, 1] - ends[one, 0]
    length = np.hypot(*course.T)
    found, feet = [], []
    for end in (0, 1):
        offset = ends[other, end] - start
        with np.errstate(divide="ignore", invalid="ignore"):
            share = (offset * course).sum(axis=1) / length**2
            apart = np.abs(_cross(offset, course)) / length
        amid = (share > 0) & (share < 1) & (apart <= JOIN_M + _TOLERANCE_M)
        amid &= np.minimum(share, 1 - share) * length > JOIN_M
        found.append(one[amid])
        feet.append((start + share[:, np.newaxis] * course)[amid])
    return np.concatenate(found), np.concatenate(feet)


def _cross(a: Floats, b: Floats) -> Floats:
    return a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
