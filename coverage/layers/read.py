"""Read all layers of a project, one way through: file, headers, types, place, meaning, checks."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from coverage.errors import LayerError
from coverage.layers.checks import check_totals
from coverage.layers.crosswalk import Crosswalk
from coverage.layers.demand import make_buildings, make_demand
from coverage.layers.facilities import make_facilities
from coverage.layers.files.postgis import read_table_of_database
from coverage.layers.files.raw import LayerFaultsError, Raw, unreadable
from coverage.layers.files.tables import TABLE_SUFFIXES, read_table
from coverage.layers.files.vectors import read_vector
from coverage.layers.issues import IssueLog
from coverage.layers.ledgers.categories import names_tell, settled_categories
from coverage.layers.ledgers.headers import listed, near_headers
from coverage.layers.ledgers.reading import Ledger, read_ledger
from coverage.layers.ledgers.tidy import Table, tidy
from coverage.layers.location import shapes as shaped
from coverage.layers.location.crs import (
    central_meridian,
    is_geographic_extent,
    metric_crs,
    scale_error,
)
from coverage.layers.location.datum import DATUMS
from coverage.layers.location.datum_choice import settle_datums
from coverage.layers.location.placing import WGS84, Placed, place
from coverage.layers.location.topology import check_topology
from coverage.layers.model import Layers
from coverage.layers.plausible import check_plausible
from coverage.layers.projects import make_projects, report_projects
from coverage.layers.units import make_communities, make_townships

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    import pyproj

    from coverage.layers.ledgers.headers import Columns
    from coverage.layers.location.datum_choice import Streets
    from coverage.layers.location.placing import Bounds
    from coverage.layers.location.shapes import Shapes
    from coverage.layers.model import AsRead, Source

# of each tuple one field must be there
_REQUIRED: dict[str, tuple[tuple[str, ...], ...]] = {
    "townships": (("code", "name"),),
    "communities": (("code", "name"),),
    "facilities": (("category", "name"),),
    "crosswalk": (("old_code", "old_name"), ("code", "name")),
}
_ALWAYS = ("townships", "communities", "facilities")
_FILLED = ("townships", "communities")  # nothing can be said without a row of these
_SHAPED = ("townships", "buildings", "water", "barriers", "exclusions")
_PLACED = {"demand": make_demand, "projects": make_projects}  # things that lie in units
_SCALE_ERROR = 0.0005  # half a metre a kilometre: an extent too wide for one zone
_AREAS = ("water", "exclusions", "zones", "counties", "estates")


def read_layers(
    sources: Mapping[str, Source],
    issues: IssueLog,
    *,
    basis: str = "registered",
    streets: Streets | None = None,
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
    streets
        Draws lines along the streets, in any coordinate system; called only where the place or the
        datum of a layer is in doubt.

    Returns
    -------
    Layers
        The layers, tidy.

    Raises
    ------
    LayerError
        If layers cannot be used; it names all that were found to be at fault.
    """
    ledgers: dict[str, Ledger] = {}
    faults = [LayerError("layers.not_given", layer=n) for n in _ALWAYS if n not in sources]
    for layer, source in sources.items():
        try:
            raw = read_raw(source, layer, issues)
            if not raw.rows.size and _may_be_empty(source, layer, issues):
                continue
            ledger = read_ledger(raw, source, layer, issues, basis=basis)
            _require(ledger.raw, ledger.columns, layer, source)
            ledgers[layer] = ledger
        except LayerError as fault:
            faults.append(fault)
    # what can be read is looked through to its cells, so that all is said at once
    tables = {
        layer: _settled(
            tidy(ledger.raw, ledger.columns, layer, issues, basis=basis), sources[layer]
        )
        for layer, ledger in ledgers.items()
    }
    _raise(faults)
    placed = settle_datums(_place(tables, sources, streets, issues), streets, issues)
    as_read = {layer: ledger.as_read for layer, ledger in ledgers.items()}
    digests = {layer: ledger.raw.digest for layer, ledger in ledgers.items() if ledger.raw.digest}
    return replace(_make(placed, issues), as_read=as_read, digests=digests)


def _settled(table: Table, source: Source) -> Table:
    """Return a layer with the categories that the project settles for its words."""
    if source.categories:
        table.frame["category"] = settled_categories(table.frame, source.categories)
    return table


def read_as_is(sources: Mapping[str, Source]) -> dict[str, AsRead]:
    """Return layers as their files have them, where they cannot be used together.

    Parameters
    ----------
    sources
        Where each layer is read; those that cannot be read are left out.
    """
    found = {}
    for layer, source in sources.items():
        with suppress(LayerError):
            raw = read_raw(source, layer, IssueLog())
            found[layer] = read_ledger(raw, source, layer, IssueLog()).as_read
    return found


def _place(
    tables: Mapping[str, Table],
    sources: Mapping[str, Source],
    streets: Streets | None,
    issues: IssueLog,
) -> dict[str, Placed]:
    """Place layers, those first that say what their coordinates are, the townships before all."""

    def rank(layer: str) -> tuple[bool, bool]:
        geometry = tables[layer].geometry
        silent = sources[layer].crs is None and (geometry is None or geometry.crs is None)
        return silent, layer != "townships"

    placed: dict[str, Placed] = {}
    faults = []
    waiting = sorted(tables, key=rank)
    while waiting:
        layer = waiting.pop(0)
        around = _around(placed, streets if rank(layer)[0] or not waiting else None)
        try:
            placed[layer] = place(tables[layer], sources[layer], around, issues)
        except LayerError as fault:
            # once other layers are placed they may show what this one's coordinates are
            if around is None and waiting:
                waiting.append(layer)
            else:
                faults.append(fault)
    _raise(faults)
    return {layer: placed[layer] for layer in tables}


def _around(placed: Mapping[str, Placed], streets: Streets | None) -> Bounds | None:
    """Return where the project is: its townships, else what else is placed, else its streets."""
    if "townships" in placed:
        return placed["townships"].bounds
    known = [one.bounds for one in placed.values() if one.bounds is not None]
    if known:
        corners = np.array(known)
        west, south = corners[:, :2].min(axis=0)
        east, north = corners[:, 2:].max(axis=0)
        return float(west), float(south), float(east), float(north)
    if streets is None:
        return None
    west, south, east, north = streets().to_crs(WGS84).total_bounds
    return float(west), float(south), float(east), float(north)


def read_raw(source: Source, layer: str, issues: IssueLog) -> Raw:
    """Read a file as it is, by the kind that its name ends in; say what is odd about it.

    Raises
    ------
    LayerError
        If it is missing or cannot be read.
    """
    if source.datum not in DATUMS:
        names = tuple(DATUMS)
        raise LayerError(
            "layers.unknown_datum", layer=layer, path=source.path, datum=source.datum, names=names
        )
    if source.database:
        return read_table_of_database(source, layer)
    if not source.path.exists():
        raise LayerError("layers.missing_file", layer=layer, path=source.path)
    suffix = source.path.suffix.lower()
    try:
        if suffix in TABLE_SUFFIXES:
            return read_table(source, layer, issues)
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
        if _given(fields, raw, columns, layer):
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


def _given(fields: tuple[str, ...], raw: Raw, columns: Columns, layer: str) -> bool:
    there = [field for field in fields if field in columns.fields]
    if layer != "facilities" or there != ["name"]:
        return bool(there)
    # without a column of categories the names have to tell
    return not len(raw.rows) or names_tell(raw.cells[columns.fields["name"]].astype("str"))


def _raise(faults: list[LayerError]) -> None:
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise LayerFaultsError("layers.several", count=len(faults), faults=tuple(faults))


def _make(placed: Mapping[str, Placed], issues: IssueLog) -> Layers:
    crs = _crs(placed["townships"], issues)
    shapes = {layer: _shapes(one, crs, issues) for layer, one in placed.items()}
    tables = {layer: one.table for layer, one in placed.items()}
    townships = make_townships(
        tables["townships"],
        shapes["townships"],
        crs,
        placed["townships"].source.path,
        issues,
    )
    crosswalk = Crosswalk(tables["crosswalk"].frame) if "crosswalk" in tables else None
    communities = make_communities(
        tables["communities"], shapes["communities"], townships, issues, crosswalk=crosswalk
    )
    facilities = make_facilities(
        tables["facilities"],
        shapes["facilities"],
        townships,
        communities,
        issues,
        crosswalk=crosswalk,
    )
    others = {}
    for layer, table in tables.items():
        if layer in _ALWAYS:
            continue
        if layer in _PLACED:
            others[layer] = _PLACED[layer](
                table, shapes[layer], townships, communities, issues, crosswalk=crosswalk
            )
        elif layer == "buildings":
            others[layer] = make_buildings(table, shapes[layer], communities, issues)
        else:
            others[layer] = _plain(table, shapes[layer], crs, issues)
    if "projects" in others:
        report_projects(others["projects"], facilities, issues)
    check_totals(townships, communities, issues)
    check_topology(townships, communities, issues)
    check_plausible(townships, communities, facilities, issues)
    return Layers(
        crs=crs,
        townships=townships,
        communities=communities,
        facilities=facilities,
        others=others,
    )


def _crs(townships: Placed, issues: IssueLog) -> pyproj.CRS:
    path = townships.source.path
    if townships.shapes is None:
        raise LayerError("layers.no_polygons", layer="townships", path=path)
    bounds = townships.bounds
    if bounds is None or not is_geographic_extent(bounds):
        raise LayerError("layers.no_extent", layer="townships", path=path, bounds=bounds or "-")
    crs = metric_crs(bounds)
    _report_crs(crs, bounds, issues)
    return crs


def _report_crs(crs: pyproj.CRS, bounds: Bounds, issues: IssueLog) -> None:
    """Say which metric system was chosen, and whether the extent is too wide for it."""
    west, _, east, _ = bounds
    meridian = central_meridian(crs) or (west + east) / 2
    issues.add("info", "crs_chosen", value=crs.to_string(), name=crs.name, meridian=f"{meridian:g}")
    error = scale_error(crs, bounds)
    if error > _SCALE_ERROR:
        issues.add(
            "warning",
            "outside_zone",
            layer="townships",
            value=crs.to_string(),
            degrees=f"{max(meridian - west, east - meridian):.1f}",
            per_km=f"{1000 * error:.2f}",
        )


def _shapes(placed: Placed, crs: pyproj.CRS, issues: IssueLog) -> Shapes:
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
