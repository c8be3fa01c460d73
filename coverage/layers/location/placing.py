"""Find out what a layer's coordinates are, and place its shapes on WGS84.

Surveyors write northing as X and easting as Y, put the number of the zone before the easting or
leave it out; ledgers have longitude and latitude swapped, in a row or in all; shapefiles come
without ``.prj``. What a number is shows in its size, since in China

- longitudes are 73 to 136 and latitudes 3 to 54 degrees,
- northings are 1.5 to 6.5 million metres,
- eastings are 0.1 to 0.9 million metres, 13 to 46 million with the zone before them: 13 to 23 count
  zones of 6 degrees (EPSG:4491 to 4501), 25 to 45 zones of 3 degrees (EPSG:4513 to 4533).

An easting without zone fits seven hundred kilometres of country every 3 degrees; it is placed in
the zone in which the layer lies where the project is, and refused where none or several do.
Elsewhere on Earth only what the file or the project says counts, and swapped axes show by where the
project is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from coverage.errors import LayerError
from coverage.layers.files.vectors import named_crs
from coverage.layers.location.crs import CENTRAL_MERIDIANS, truncated_zone, zone_with_prefix

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from coverage.layers.issues import IssueLog
    from coverage.layers.ledgers.tidy import Table
    from coverage.layers.model import Source

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Shapes = NDArray[np.object_]
    Bounds = tuple[float, float, float, float]

WGS84 = pyproj.CRS.from_epsg(4326)

_WORLD = (-180.0, -90.0, 180.0, 90.0)  # west, south, east, north in degrees
_CHINA = (73.0, 3.0, 136.0, 54.0)
_NORTHINGS, _EASTINGS = (1.5e6, 6.5e6), (1e5, 9e5)  # m, of China
_WITH_ZONE = (1.3e7, 4.6e7)  # m
_MILLION = 1e6
_NEARBY = 0.5  # degrees around the project that are still where it is
_ZONE_REACH = 3.0  # degrees by which a file may leave the area its coordinate system is meant for
_ZONES_TRIED = 5  # of 3 degrees; a project is less wide
_MOST = 0.5  # share of the rows that speaks for the layer
_WEB_MERCATOR = 3857


@dataclass(frozen=True)
class Placed:
    """A layer, its source, and its shapes on WGS84.

    Parameters
    ----------
    source
        Where it was read.
    table
        The layer, typed.
    shapes
        Shapes on WGS84, None where the layer has none.
    web
        Whether the coordinates can come from a web map, so that their datum is in doubt.
    """

    source: Source
    table: Table
    shapes: gpd.GeoSeries | None
    web: bool = False

    @property
    def drawn(self) -> gpd.GeoSeries:
        """Return the shapes, none where the layer has none."""
        return gpd.GeoSeries([], crs=WGS84) if self.shapes is None else self.shapes

    @property
    def bounds(self) -> Bounds | None:
        """Return west, south, east and north in degrees, None where nothing has a place."""
        west, south, east, north = (float(bound) for bound in self.drawn.total_bounds)
        return None if np.isnan(west) else (west, south, east, north)


@dataclass(frozen=True)
class _Reading:
    """One way to read coordinates: the system they are in, and whether the axes are swapped."""

    crs: pyproj.CRS
    swapped: bool = False
    zone: int = 0  # number of the zone that stands before the eastings

    def places(self, xy: Floats) -> Floats:
        """Return longitudes and latitudes, not a number where there is no such place."""
        degrees = xy[:, ::-1] if self.swapped else xy
        if not self.crs.is_geographic:
            # on the system's own datum: which way to WGS84 is best matters not here, and takes long
            own = self.crs.geodetic_crs or WGS84
            transformer = pyproj.Transformer.from_crs(self.crs, own, always_xy=True)
            degrees = np.column_stack(transformer.transform(*degrees.T))
        real = _within(degrees, _WORLD)
        return np.where(real[:, None], degrees, np.nan)

    def likely(self, places: Floats, around: Bounds | None) -> Flags:
        """Return which places are where the project is or, while that is unknown, can be."""
        if around is not None:
            return _within(places, around, _NEARBY)
        if not self.crs.is_geographic:
            return self.expected(places)
        if self.swapped:
            return _within(places, _CHINA)
        return _within(places, _WORLD) & ~_within(places[:, ::-1], _CHINA)

    def expected(self, places: Floats) -> Flags:
        """Return which places are about where the system is meant to be used."""
        area = self.crs.area_of_use
        if self.crs.is_geographic or area is None:
            return _within(places, _WORLD)
        return _within(places, area.bounds, _ZONE_REACH)

    def applied(self, shapes: Shapes) -> Shapes:
        """Return shapes on WGS84."""
        if self.swapped:
            shapes = shapely.transform(shapes, lambda xy: xy[:, ::-1])
        if self.crs == WGS84:
            return shapes
        return np.asarray(gpd.GeoSeries(shapes, crs=self.crs).to_crs(WGS84).array, dtype=object)


def place(table: Table, source: Source, around: Bounds | None, issues: IssueLog) -> Placed:
    """Return a layer with its shapes on WGS84.

    Where the file has no shapes they are points at the columns lon and lat. Rows whose coordinates
    cannot be are without shape, each with an issue; what was read otherwise than the file says is
    an issue too.

    Parameters
    ----------
    table
        The layer, typed.
    source
        Where it was read.
    around
        West, south, east and north of the project in degrees, as far as it is known.
    issues
        Where findings go.

    Raises
    ------
    LayerError
        If the coordinate system is unknown or cannot be, or cannot be converted.
    """
    crs = None if source.crs is None else named_crs(source, table.layer)
    if table.geometry is not None:
        shapes = shapely.force_2d(np.asarray(table.geometry.array))
        given = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
        crs = table.geometry.crs if crs is None else crs
    elif {"lon", "lat"} & set(table.frame.columns):
        xy = _columns(table)
        given = np.asarray(~np.isnan(xy).all(axis=1))
        shapes = np.asarray(shapely.points(xy), dtype=object)
    else:
        return Placed(source, table, None)
    bounds = shapely.bounds(shapes)
    middles = (bounds[:, :2] + bounds[:, 2:]) / 2
    usable = np.isfinite(bounds).all(axis=1) & ~(bounds == 0).all(axis=1)
    chosen = np.full(len(shapes), -1)
    readings = _readings(middles[usable], crs, around)
    chosen[usable] = _choose(readings, middles[usable], around)
    if table.geometry is not None and (usable & (chosen < 0)).sum() > _MOST * usable.sum():
        raise _undecided(table, source, crs, bounds[usable])
    result = np.full(len(shapes), None, dtype=object)
    try:
        for number in np.unique(chosen[chosen >= 0]):
            rows = chosen == number
            result[rows] = readings[number].applied(shapes[rows])
    except pyproj.exceptions.ProjError as error:
        name = "-" if crs is None else crs.to_string()
        raise LayerError(
            "layers.unknown_crs", layer=table.layer, path=source.path, crs=name
        ) from error
    _report_bad(table, given & (chosen < 0), bounds, issues)
    _report_readings(table, readings, chosen, crs, issues)
    web = any(readings[n].crs.is_geographic for n in np.unique(chosen[chosen >= 0]))
    web |= crs is not None and crs.to_epsg() == _WEB_MERCATOR
    return Placed(source, table, gpd.GeoSeries(result, crs=WGS84), web=web)


def _columns(table: Table) -> Floats:
    """Return the columns lon and lat; one that is empty throughout has not been kept."""
    return table.frame.reindex(columns=["lon", "lat"]).to_numpy(dtype="float64")


def _readings(xy: Floats, crs: pyproj.CRS | None, around: Bounds | None) -> tuple[_Reading, ...]:
    """Return the ways in which coordinates can be read, what the file says first."""
    geographic = crs if crs is not None and crs.is_geographic else WGS84
    degrees = (_Reading(geographic), _Reading(geographic, swapped=True))
    zones = tuple(_zones(xy, around))
    if crs is None or crs.is_geographic:
        return (*degrees, *zones)
    return (_Reading(crs), _Reading(crs, swapped=True), *zones, *degrees)


def _zones(xy: Floats, around: Bounds | None) -> Iterator[_Reading]:
    """Yield the Gauss-Krueger zones of China in which coordinates can be."""
    for swapped in (False, True):
        easting, northing = xy.T[::-1] if swapped else xy.T
        fits = _between(northing, *_NORTHINGS)
        for zone in np.unique(easting[fits & _between(easting, *_WITH_ZONE)] // _MILLION):
            crs = zone_with_prefix(int(zone))
            if crs is not None:
                yield _Reading(crs, swapped, int(zone))
        bare = xy[fits & _between(easting, *_EASTINGS)]
        if len(bare) and around is not None:
            yield from _zone_of_project(bare, around, swapped=swapped)


def _zone_of_project(xy: Floats, around: Bounds, *, swapped: bool) -> Iterator[_Reading]:
    """Yield the one zone in which most of the coordinates lie where the project is."""
    middle = (around[0] + around[2]) / 2
    meridians = sorted(CENTRAL_MERIDIANS, key=lambda meridian: abs(meridian - middle))[
        :_ZONES_TRIED
    ]
    readings = [_Reading(truncated_zone(meridian), swapped) for meridian in meridians]
    counts = np.array([r.likely(r.places(xy), around).sum() for r in readings])
    best, second = np.sort(counts)[::-1][:2]
    if best > _MOST * len(xy) and second <= _MOST * best:
        yield readings[int(counts.argmax())]


def _choose(readings: Sequence[_Reading], xy: Floats, around: Bounds | None) -> NDArray[np.intp]:
    """Return the number of the first reading that is likely for each place, -1 where none can be.

    A place for which none is likely is read as most others are, else as the file says.
    """
    chosen = np.full(len(xy), -1, dtype=np.intp)
    possible = np.zeros((len(readings), len(xy)), dtype=bool)
    for number, reading in enumerate(readings):
        places = reading.places(xy)
        chosen[(chosen < 0) & reading.likely(places, around)] = number
        possible[number] = np.isfinite(places).all(axis=1)
        if number:  # only the file's own word is taken wherever it leads
            possible[number] &= reading.expected(places)
        if reading.swapped:
            possible[number] &= reading.likely(places, None)
    order = np.arange(len(readings))
    if (chosen >= 0).any():
        usual = np.bincount(chosen[chosen >= 0]).argmax()
        order = np.concatenate([[usual], order[order != usual]])
    for usual_first in order:
        chosen[(chosen < 0) & possible[usual_first]] = usual_first
    return chosen


def _within(places: Floats, bounds: Bounds, margin: float = 0.0) -> Flags:
    west, south, east, north = bounds
    return _between(places[:, 0], west - margin, east + margin) & _between(
        places[:, 1], south - margin, north + margin
    )


def _between(values: Floats, low: float, high: float) -> Flags:
    result: Flags = (values >= low) & (values <= high)
    return result


def _undecided(table: Table, source: Source, crs: pyproj.CRS | None, bounds: Floats) -> LayerError:
    low, high = bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)
    key = "no_crs" if crs is None else "not_degrees" if crs.is_geographic else "wrong_crs"
    return LayerError(
        f"layers.{key}",
        layer=table.layer,
        path=source.path,
        crs="-" if crs is None else crs.to_string(),
        bounds=", ".join(f"{bound:.6g}" for bound in (*low, *high)),
    )


def _report_bad(table: Table, bad: Flags, bounds: Floats, issues: IssueLog) -> None:
    written = [f"{x:.9g}, {y:.9g}" for x, y in bounds[bad, :2]]
    if table.geometry is None:
        pairs = _columns(table)[bad]
        written = [", ".join("" if np.isnan(c) else f"{c:.9g}" for c in pair) for pair in pairs]
    issues.add_rows(
        "warning",
        "bad_coordinates",
        layer=table.layer,
        rows=table.rows[bad],
        field="lon, lat" if table.geometry is None else "geometry",
        value=written,
    )


def _report_readings(
    table: Table,
    readings: Sequence[_Reading],
    chosen: NDArray[np.intp],
    crs: pyproj.CRS | None,
    issues: IssueLog,
) -> None:
    """Say where coordinates were read otherwise than the file says."""
    used = chosen >= 0
    swapped = np.array([*(reading.swapped for reading in readings), False])[chosen]
    if swapped.sum() > _MOST * used.sum():
        count = int(swapped.sum())
        issues.add("warning", "swapped_axes", layer=table.layer, value="whole", count=count)
    else:
        issues.add_rows("warning", "swapped_axes", layer=table.layer, rows=table.rows[swapped])
    for number in np.unique(chosen[used]):
        reading, count = readings[number], int((chosen == number).sum())
        name = f"{reading.crs.to_string()} {reading.crs.name}"
        if reading.zone:
            issues.add(
                "info", "zone_prefix", layer=table.layer, value=name, zone=reading.zone, count=count
            )
        # degrees in the columns lon and lat are WGS84 unless something else is said
        said = WGS84 if crs is None and table.geometry is None else crs
        if reading.crs != said and not (reading.zone and table.geometry is None):
            written = "-" if said is None else said.to_string()
            issues.add(
                "warning", "assumed_crs", layer=table.layer, value=name, said=written, count=count
            )
