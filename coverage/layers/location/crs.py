"""Choose the metric coordinate system in which everything is measured."""

from __future__ import annotations

import math

import numpy as np
import pyproj

# area of use of CGCS2000 (EPSG:4490) in the EPSG register, degrees: west, south, east, north
CHINA = (73.62, 16.7, 134.77, 53.56)

CENTRAL_MERIDIANS = range(75, 136, 3)  # degrees east, of the zones 25 to 45

_FIRST_ZONE = 25  # central meridian 75 degrees east
_FIRST_EPSG = 4534  # zones of 3 degrees, EPSG:4534 to 4554
_FIRST_WITH_ZONE = 4513  # the same with the zone before the easting, to 4533
_FIRST_WIDE_ZONE, _LAST_WIDE_ZONE = 13, 23  # zones of 6 degrees
_FIRST_WIDE = 4491  # with the zone before the easting, to 4501


def metric_crs(bounds: tuple[float, float, float, float]) -> pyproj.CRS:
    """Return the metric coordinate system that suits an extent.

    In China it is the CGCS2000 3-degree Gauss-Krueger zone whose central meridian is nearest to the
    middle of the extent, without zone number in the eastings (EPSG:4534 to 4554); elsewhere it is
    UTM on WGS84. Which of the two is decided by the middle of the extent and the area of use of
    CGCS2000, a rectangle that reaches past the border.

    Parameters
    ----------
    bounds
        West, south, east and north in degrees.

    Raises
    ------
    ValueError
        If the bounds are not longitudes and latitudes.
    """
    if not is_geographic_extent(bounds):
        msg = f"bounds must be longitudes and latitudes in degrees, not {bounds}"
        raise ValueError(msg)
    west, south, east, north = bounds
    longitude, latitude = (west + east) / 2, (south + north) / 2
    in_china = CHINA[0] <= longitude <= CHINA[2] and CHINA[1] <= latitude <= CHINA[3]
    if in_china:
        meridian = 3 * math.floor(longitude / 3 + 0.5)
        return truncated_zone(min(max(meridian, CENTRAL_MERIDIANS[0]), CENTRAL_MERIDIANS[-1]))
    zone = min(math.floor((longitude + 180) / 6), 59) + 1
    return pyproj.CRS.from_epsg((32600 if latitude >= 0 else 32700) + zone)


def truncated_zone(meridian: int) -> pyproj.CRS:
    """Return the 3-degree zone of CGCS2000 around a meridian, without its number in the eastings.

    Parameters
    ----------
    meridian
        One of `CENTRAL_MERIDIANS`.
    """
    return pyproj.CRS.from_epsg(_FIRST_EPSG + meridian // 3 - _FIRST_ZONE)


def zone_with_prefix(zone: int) -> pyproj.CRS | None:
    """Return the zone of CGCS2000 of a number that stands before the eastings, None if none is.

    Parameters
    ----------
    zone
        13 to 23 for zones of 6 degrees, 25 to 45 for zones of 3 degrees.
    """
    if _FIRST_WIDE_ZONE <= zone <= _LAST_WIDE_ZONE:
        return pyproj.CRS.from_epsg(_FIRST_WIDE + zone - _FIRST_WIDE_ZONE)
    if 0 <= zone - _FIRST_ZONE < len(CENTRAL_MERIDIANS):
        return pyproj.CRS.from_epsg(_FIRST_WITH_ZONE + zone - _FIRST_ZONE)
    return None


def central_meridian(crs: pyproj.CRS) -> float | None:
    """Return the central meridian of a transverse Mercator system in degrees, None of another."""
    operation = crs.coordinate_operation
    parameters = {} if operation is None else {p.name: p.value for p in operation.params}
    meridian = parameters.get("Longitude of natural origin")
    return None if meridian is None else float(meridian)


def scale_error(crs: pyproj.CRS, bounds: tuple[float, float, float, float]) -> float:
    """Return by what share lengths at the corners of an extent in degrees are wrong at the most."""
    west, south, east, north = bounds
    factors = pyproj.Proj(crs).get_factors([west, east, west, east], [south, south, north, north])
    return float(np.abs(np.asarray(factors.meridional_scale) - 1).max())


def is_geographic_extent(bounds: tuple[float, float, float, float]) -> bool:
    """Return whether bounds can be longitudes and latitudes in degrees."""
    if not all(math.isfinite(bound) for bound in bounds):
        return False
    west, south, east, north = bounds
    return -180 <= west <= east <= 180 and -90 <= south <= north <= 90  # noqa: PLR2004 - degrees
