"""Find where polygons do not fit together: drawn twice, overlapping, apart, out of their parent.

Borders that were digitised separately never agree to the millimetre. What is less than 1 m wide is
no finding; the width of a piece is taken as twice its area over its perimeter, which is exact for
long strips.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from coverage.layers.issues import IssueLog

    Shapes = NDArray[np.object_]

NARROWEST_M = 1.0  # a sliver as wide is worth a word
WIDEST_GAP_M = 200.0  # a strip between units as wide, open at its ends, is a gap; wider is outside
_SIMPLER_M = 3.0  # by which borders may be drawn simpler where only strips are looked for
_ALONG, _SIDES = 0.3, 2  # share of a strip's outline along each of its two sides
_ROUNDING_M = 0.01  # coordinates that differ less are the same
_OUTSIDE = 0.05  # share of a community outside its township that is worth a word
_POLYGON = 2  # dimension of shapely


def check_topology(
    townships: gpd.GeoDataFrame, communities: gpd.GeoDataFrame, issues: IssueLog
) -> None:
    """Say what of townships and of drawn communities does not fit together.

    Parameters
    ----------
    townships, communities
        Layers as `coverage.layers.units` makes them.
    issues
        Where findings go.
    """
    drawn = communities[(communities["place"] == "polygon").to_numpy()]
    for layer, units in (("townships", townships), ("communities", drawn)):
        check_duplicates(units, layer, issues)
        check_overlaps(units, layer, issues)
    check_gaps(townships, "townships", issues)
    check_parents(drawn, townships, issues)


def check_duplicates(units: gpd.GeoDataFrame, layer: str, issues: IssueLog) -> None:
    """Say which units have the very same polygon as one before them.

    Parameters
    ----------
    units
        Columns name, source_row and geometry.
    layer
        Its name.
    issues
        Where findings go.
    """
    shapes = np.asarray(units.geometry.array, dtype=object)
    known = np.flatnonzero(shapely.get_dimensions(shapes) == _POLYGON)
    rounded = shapely.normalize(shapely.set_precision(shapes[known], _ROUNDING_M))
    _, first, number = np.unique(shapely.to_wkb(rounded), return_index=True, return_inverse=True)
    origin = known[first[number]]
    again = origin != known
    rows = units["source_row"].to_numpy()
    issues.add_rows(
        "warning",
        "duplicate_geometry",
        layer=layer,
        rows=rows[known[again]],
        field="geometry",
        value=units["name"].to_numpy(dtype=object)[known[again]],
        first=rows[origin[again]],
    )


def check_overlaps(units: gpd.GeoDataFrame, layer: str, issues: IssueLog) -> None:
    """Say which units overlap, by how much, and how wide the widest piece is.

    Parameters
    ----------
    units
        Columns name, source_row and geometry, in metres.
    layer
        Its name.
    issues
        Where findings go.
    """
    shapes = np.asarray(units.geometry.array, dtype=object)
    one, other = _overlapping(shapes)
    common = shapely.intersection(shapes[one], shapes[other])
    names, rows = units["name"].to_numpy(dtype=object), units["source_row"].to_numpy()
    for first, second, piece in zip(one, other, common, strict=True):
        area, width = _measured(piece)
        if width < NARROWEST_M:
            continue
        issues.add(
            "warning",
            "overlap",
            layer=layer,
            row=rows[first],
            field="geometry",
            value=names[first],
            other=names[second],
            area_m2=f"{area:.0f}",
            width_m=f"{width:.0f}",
        )


def check_gaps(units: gpd.GeoDataFrame, layer: str, issues: IssueLog) -> None:
    """Say where land between units belongs to none: holes, and strips 3 to 200 m wide.

    Parameters
    ----------
    units
        Columns name, source_row and geometry, in metres.
    layer
        Its name.
    issues
        Where findings go.
    """
    shapes = np.asarray(units.geometry.array, dtype=object)
    names, rows = units["name"].to_numpy(dtype=object), units["source_row"].to_numpy()
    for gap, beside in _gaps(shapes):
        area, width = _measured(gap)
        if width < NARROWEST_M:
            continue
        issues.add(
            "warning",
            "gap",
            layer=layer,
            row=rows[beside[0]],
            field="geometry",
            value=names[beside[0]],
            other=names[beside[-1]],
            area_m2=f"{area:.0f}",
            width_m=f"{width:.0f}",
        )


def check_parents(
    communities: gpd.GeoDataFrame, townships: gpd.GeoDataFrame, issues: IssueLog
) -> None:
    """Say which communities lie in part outside their township: more than 5 %, and no sliver.

    Parameters
    ----------
    communities, townships
        Layers as `coverage.layers.units` makes them.
    issues
        Where findings go.
    """
    position = dict(zip(townships["code"], range(len(townships)), strict=True))
    parent = np.array([position.get(code, -1) for code in communities["township"]], dtype=np.intp)
    shapes = np.asarray(communities.geometry.array, dtype=object)
    areas = np.array([*townships.geometry.array, None], dtype=object)[parent]
    outside = shapely.difference(shapes, areas)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = shapely.area(outside) / shapely.area(shapes)
    found = np.flatnonzero(share > _OUTSIDE)
    found = found[[_measured(outside[i])[1] >= NARROWEST_M for i in found]]
    issues.add_rows(
        "warning",
        "outside_parent",
        layer="communities",
        rows=communities["source_row"].to_numpy()[found],
        field="geometry",
        value=communities["name"].to_numpy(dtype=object)[found],
        area_m2=[f"{area:.0f}" for area in shapely.area(outside[found])],
        share=share[found],
        parent=townships["name"].to_numpy(dtype=object)[parent[found]],
    )


def _overlapping(shapes: Shapes) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return pairs of polygons that have an area in common, or may have."""
    polygonal = np.flatnonzero(shapely.get_dimensions(shapes) == _POLYGON)
    if shapely.coverage_is_valid(shapes[polygonal]):
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    tree = shapely.STRtree(shapes[polygonal])
    one, other = tree.query(shapes[polygonal], predicate="intersects")
    ordered = one < other
    one, other = polygonal[one[ordered]], polygonal[other[ordered]]
    crossing = ~shapely.touches(shapes[one], shapes[other])
    order = np.lexsort((other[crossing], one[crossing]))
    return one[crossing][order], other[crossing][order]


def _gaps(shapes: Shapes) -> list[tuple[shapely.Geometry, NDArray[np.intp]]]:
    """Return the pieces of land that units leave between them, and the units beside each."""
    polygonal = np.flatnonzero(shapely.get_dimensions(shapes) == _POLYGON)
    areas = shapes[polygonal]
    unite = shapely.coverage_union_all if shapely.coverage_is_valid(areas) else shapely.union_all
    whole = unite(areas)
    tree = shapely.STRtree(areas)
    holes = shapely.get_parts(shapely.difference(_filled(whole), whole))
    found = [(hole, _beside(hole, areas, tree)) for hole in holes]
    for piece in shapely.get_parts(_closed(whole)):
        beside = _beside(piece, areas, tree)
        outline = shapely.boundary(piece)
        touching = shapely.intersection(shapely.buffer(areas[beside], _SIMPLER_M), outline)
        # a strip has a unit along each side; a notch in the border of one has not
        if (shapely.length(touching) > _ALONG * shapely.length(outline)).sum() == _SIDES:
            found.append((piece, beside))
    return [(piece, polygonal[beside]) for piece, beside in found]


def _filled(shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.union_all(shapely.polygons(shapely.get_exterior_ring(shapely.get_parts(shape))))


def _closed(whole: shapely.Geometry) -> shapely.Geometry:
    """Return what strips, bays and notches less than 200 m wide lack of land, roughly drawn."""
    # a border of ten thousand corners takes minutes to widen
    rough = _filled(shapely.simplify(whole, _SIMPLER_M))
    reach = WIDEST_GAP_M / 2
    wide = shapely.buffer(rough, reach, quad_segs=2, join_style="mitre")
    missing = shapely.difference(shapely.buffer(wide, -reach, join_style="mitre"), rough)
    parts = shapely.get_parts(missing)
    return shapely.union_all(parts[_width(parts) > _SIMPLER_M])


def _beside(gap: shapely.Geometry, areas: Shapes, tree: shapely.STRtree) -> NDArray[np.intp]:
    """Return the two units that share most of a gap's outline, or the only one that does."""
    near = shapely.buffer(gap, _SIMPLER_M, quad_segs=2)
    candidates = np.sort(tree.query(near, predicate="intersects"))
    shared = shapely.area(shapely.intersection(areas[candidates], near))
    order = np.argsort(-shared, kind="stable")[:_SIDES]
    return candidates[np.sort(order)]


def _width(polygons: Shapes) -> NDArray[np.float64]:
    lengths = shapely.length(polygons)
    widths: NDArray[np.float64] = 2 * shapely.area(polygons) / np.where(lengths > 0, lengths, 1)
    return widths


def _measured(shape: shapely.Geometry) -> tuple[float, float]:
    """Return the area of a shape's polygons, and the width of the widest of them."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    polygonal = shapely.get_dimensions(parts) == _POLYGON
    if not polygonal.any():
        return 0.0, 0.0
    return float(shapely.area(parts).sum()), float(_width(parts[polygonal]).max())
