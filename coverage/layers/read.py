"""Read all layers of a project, one way through: file, headers, types, place, meaning, checks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from coverage.errors import LayerError
from coverage.layers import shapes as shaped
from coverage.layers.checks import check_totals
from coverage.layers.crs import is_geographic_extent, metric_crs
from coverage.layers.datum import DATUMS
from coverage.layers.demand import make_buildings, make_demand
from coverage.layers.facilities import make_facilities
from coverage.layers.headers import listed, match_columns, near_headers
from coverage.layers.model import Layers
from coverage.layers.raw import LayerFaultsError, Raw, unreadable
from coverage.layers.tables import CSV_SUFFIXES, WORKBOOK_SUFFIXES, read_csv, read_workbook
from coverage.layers.tidy import Table, tidy
from coverage.layers.units import make_communities, make_townships
from coverage.layers.vectors import read_vector

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    import pyproj

    from coverage.layers.headers import Columns
    from coverage.layers.issues import IssueLog
    from coverage.layers.model import Source
    from coverage.layers.shapes import Shapes

# of each tuple one field must be there
_REQUIRED: dict[str, tuple[tuple[str, ...], ...]] = {
    "townships": (("code", "name"),),
    "communities": (("code", "name"),),
    "facilities": (("category",),),
    "crosswalk": (("old_code", "old_name"), ("code", "name")),
}
_ALWAYS = ("townships", "communities", "facilities")
_FILLED = ("townships", "communities")  # nothing can be said without a row of these
_SHAPED = ("townships", "buildings", "water", "barriers", "exclusions")
_AREAS = ("water", "exclusions", "zones", "counties", "estates")


@dataclass(frozen=True)
class _Placed:
    """A typed layer, its source, and its shapes on WGS84."""

    source: Source
    table: Table
    shapes: gpd.GeoSeries | None


def read_layers(
    sources: Mapping[str, Source], issues: IssueLog, *, basis: str = "registered"
) -> Layers:
    """Read layers into one metric coordinate system, chosen by the extent of the townships.

    Parameters
    ----------
    sources
        Where each layer is read; townships, communities and facilities are required.
    issues
        Where findings about rows and columns go.
    basis
        ``registered`` or ``resident``: whose column is taken where a file counts both.

    Returns
    -------
    Layers
        The layers, tidy.

    Raises
    ------
    LayerError
        If layers cannot be used; it names all that were found to be at fault.
    """
    raws: dict[str, tuple[Raw, Columns]] = {}
    faults = [LayerError("layers.not_given", layer=n) for n in _ALWAYS if n not in sources]
    for layer, source in sources.items():
        try:
            raw = read_raw(source, layer)
            if not raw.rows.size and _may_be_empty(source, layer, issues):
                continue
            columns = match_columns(raw.headers, layer, source, basis=basis)
            _require(raw, columns, layer, source)
            raws[layer] = raw, columns
        except LayerError as fault:
            faults.append(fault)
    _raise(faults)
    placed = {}
    for layer, (raw, columns) in raws.items():
        table = tidy(raw, columns, layer, issues, basis=basis)
        source = sources[layer]
        try:
            placed[layer] = _Placed(source, table, shaped.geographic(table, source, issues))
        except LayerError as fault:
            faults.append(fault)
    _raise(faults)
    return _make(placed, issues)


def read_raw(source: Source, layer: str) -> Raw:
    """Read a file as it is, by the kind that its name ends in.

    Raises
    ------
    LayerError
        If it is missing or cannot be read.
    """
    if source.datum not in DATUMS:
        names = "、".join(DATUMS)
        raise LayerError(
            "layers.unknown_datum", layer=layer, path=source.path, datum=source.datum, names=names
        )
    if not source.path.exists():
        raise LayerError("layers.missing_file", layer=layer, path=source.path)
    suffix = source.path.suffix.lower()
    try:
        if suffix in CSV_SUFFIXES:
            return read_csv(source, layer)
        if suffix in WORKBOOK_SUFFIXES:
            return read_workbook(source, layer)
        if suffix == ".xls":
            raise LayerError("layers.old_workbook", layer=layer, path=source.path)
        return read_vector(source, layer)
    except OSError as error:
        raise unreadable(layer, source.path, error) from error


def _may_be_empty(source: Source, layer: str, issues: IssueLog) -> bool:
    """Say that a layer has no rows; return whether it is then left out altogether."""
    if layer in _FILLED:
        raise LayerError("layers.empty", layer=layer, path=source.path)
    issues.add("warning", "empty_layer", layer=layer, value=source.path.name)
    return layer not in _ALWAYS


def _require(raw: Raw, columns: Columns, layer: str, source: Source) -> None:
    if layer in _SHAPED and raw.geometry is None:
        key = "layers.no_polygons" if layer == "townships" else "layers.no_geometry"
        raise LayerError(key, layer=layer, path=source.path)
    for fields in _REQUIRED.get(layer, ()):
        if any(field in columns.fields for field in fields):
            continue
        near = [header for field in fields for header in near_headers(raw.headers, field, layer)]
        raise LayerError(
            "layers.missing_column",
            layer=layer,
            path=source.path,
            fields=" / ".join(fields),
            first=fields[0],
            headers=listed(raw.headers) or "-",
            near="、".join(dict.fromkeys(near)) or "-",
        )
    if layer == "demand" and raw.geometry is None:
        given = set(columns.fields)
        if not ({"lon", "lat"} <= given or "community" in given):
            raise LayerError("layers.no_geometry", layer=layer, path=source.path)


def _raise(faults: list[LayerError]) -> None:
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise LayerFaultsError("layers.several", count=len(faults), faults=tuple(faults))


def _make(placed: Mapping[str, _Placed], issues: IssueLog) -> Layers:
    crs = _crs(placed["townships"])
    shapes = {layer: _shapes(one, crs, issues) for layer, one in placed.items()}
    tables = {layer: one.table for layer, one in placed.items()}
    townships = make_townships(
        tables["townships"],
        shapes["townships"],
        crs,
        placed["townships"].source.path,
        issues,
    )
    communities = make_communities(tables["communities"], shapes["communities"], townships, issues)
    facilities = make_facilities(
        tables["facilities"], shapes["facilities"], townships, communities, issues
    )
    others = {}
    for layer, table in tables.items():
        if layer in _ALWAYS:
            continue
        if layer == "demand":
            others[layer] = make_demand(table, shapes[layer], townships, communities, issues)
        elif layer == "buildings":
            others[layer] = make_buildings(table, shapes[layer], communities, issues)
        else:
            others[layer] = _plain(table, shapes[layer], crs, issues)
    check_totals(townships, communities, issues)
    return Layers(
        crs=crs,
        townships=townships,
        communities=communities,
        facilities=facilities,
        others=others,
    )


def _crs(townships: _Placed) -> pyproj.CRS:
    path = townships.source.path
    if townships.shapes is None:
        raise LayerError("layers.no_polygons", layer="townships", path=path)
    west, south, east, north = (float(bound) for bound in townships.shapes.total_bounds)
    bounds = (west, south, east, north)
    if not is_geographic_extent(bounds):
        extent = ", ".join(f"{bound:.6g}" for bound in bounds)
        raise LayerError("layers.no_extent", layer="townships", path=path, bounds=extent)
    return metric_crs(bounds)


def _shapes(placed: _Placed, crs: pyproj.CRS, issues: IssueLog) -> Shapes:
    if placed.shapes is None:
        return shaped.nowhere(len(placed.table.frame))
    return shaped.projected(placed.shapes, crs, placed.table, issues)


def _plain(table: Table, shapes: Shapes, crs: pyproj.CRS, issues: IssueLog) -> gpd.GeoDataFrame:
    """Return a layer that needs no more than its shapes placed and its polygons mended."""
    if table.layer in _AREAS:
        areal = shapely.get_dimensions(shapes) == 2  # noqa: PLR2004 - polygons
        mended = shaped.polygons(shaped.only(shapes, areal), table.layer, table.rows, issues)
        shapes = np.where(areal, mended, shapes)
    return shaped.framed(table.frame.assign(source_row=table.rows), shapes, crs)
