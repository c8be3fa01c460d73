"""Choose the metric coordinate system in which everything is measured."""

from __future__ import annotations

import math

import pyproj

# area of use of CGCS2000 (EPSG:4490) in the EPSG register, degrees: west, south, east, north
CHINA = (73.62, 16.7, 134.77, 53.56)

_FIRST_ZONE = 25  # central meridian 75 degrees east, EPSG:4534
_LAST_ZONE = 45  # central meridian 135 degrees east, EPSG:4554
_FIRST_EPSG = 4534


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
        zone = min(max(math.floor(longitude / 3 + 0.5), _FIRST_ZONE), _LAST_ZONE)
        return pyproj.CRS.from_epsg(_FIRST_EPSG + zone - _FIRST_ZONE)
    zone = min(math.floor((longitude + 180) / 6), 59) + 1
    return pyproj.CRS.from_epsg((32600 if latitude >= 0 else 32700) + zone)


def is_geographic_extent(bounds: tuple[float, float, float, float]) -> bool:
    """Return whether bounds can be longitudes and latitudes in degrees."""
    if not all(math.isfinite(bound) for bound in bounds):
        return False
    west, south, east, north = bounds
    return -180 <= west <= east <= 180 and -90 <= south <= north <= 90  # noqa: PLR2004 - degrees
