"""Turn longitudes and latitudes of Chinese web maps (GCJ-02, BD-09) into WGS84.

GCJ-02 shifts WGS84 by a published sum of sines on Krasovsky's ellipsoid, up to some 700 m, within
a rectangle around China and by nothing outside; BD-09 turns GCJ-02 by a little more. Neither has a
closed inverse: GCJ-02 is inverted by fixed-point iteration, to under a millimetre.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

DATUMS = ("auto", "wgs84", "cgcs2000", "gcj02", "bd09")

_SEMI_MAJOR = 6378245.0  # m, Krasovsky 1940
_ECCENTRICITY2 = 0.00669342162296594323  # squared first eccentricity, as published
_BOUNDS = (72.004, 0.8293, 137.8347, 55.8271)  # degrees; no shift outside
_BAIDU = np.pi * 3000 / 180
_STEPS = 10  # each reduces the error about a thousandfold; two would do for a metre


def to_wgs84(longitude: Array, latitude: Array, datum: str) -> tuple[Array, Array]:
    """Return WGS84 longitudes and latitudes.

    Parameters
    ----------
    longitude, latitude
        Degrees in the datum.
    datum
        One of `DATUMS`; all but ``gcj02`` and ``bd09`` are WGS84 already, within a metre.
    """
    if datum == "bd09":
        longitude, latitude = _baidu_to_gcj(longitude, latitude)
    if datum not in ("gcj02", "bd09"):
        return longitude, latitude
    east, north = longitude.copy(), latitude.copy()
    for _ in range(_STEPS):
        shifted_east, shifted_north = to_gcj02(east, north)
        east, north = east + longitude - shifted_east, north + latitude - shifted_north
    inside = _in_bounds(longitude, latitude)
    return np.where(inside, east, longitude), np.where(inside, north, latitude)


def to_gcj02(longitude: Array, latitude: Array) -> tuple[Array, Array]:
    """Return GCJ-02 longitudes and latitudes of WGS84 ones, in degrees; unchanged outside China."""
    x, y = longitude - 105.0, latitude - 35.0
    root = np.sqrt(np.abs(x))
    common = 20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common * 2 / 3
    north += (20 * np.sin(np.pi * y) + 40 * np.sin(np.pi * y / 3)) * 2 / 3
    north += (160 * np.sin(np.pi * y / 12) + 320 * np.sin(np.pi * y / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common * 2 / 3
    east += (20 * np.sin(np.pi * x) + 40 * np.sin(np.pi * x / 3)) * 2 / 3
    east += (150 * np.sin(np.pi * x / 12) + 300 * np.sin(np.pi * x / 30)) * 2 / 3

    phi = np.radians(latitude)
    magic = 1 - _ECCENTRICITY2 * np.sin(phi) ** 2
    meridian = _SEMI_MAJOR * (1 - _ECCENTRICITY2) / (magic * np.sqrt(magic))
    parallel = _SEMI_MAJOR / np.sqrt(magic) * np.cos(phi)
    inside = _in_bounds(longitude, latitude)
    return (
        np.where(inside, longitude + np.degrees(east / parallel), longitude),
        np.where(inside, latitude + np.degrees(north / meridian), latitude),
    )


def to_bd09(longitude: Array, latitude: Array) -> tuple[Array, Array]:
    """Return BD-09 longitudes and latitudes of GCJ-02 ones, in degrees."""
    radius = np.hypot(longitude, latitude) + 0.00002 * np.sin(latitude * _BAIDU)
    angle = np.arctan2(latitude, longitude) + 0.000003 * np.cos(longitude * _BAIDU)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def _baidu_to_gcj(longitude: Array, latitude: Array) -> tuple[Array, Array]:
    inside = _in_bounds(longitude, latitude)
    east, north = longitude - 0.0065, latitude - 0.006
    for _ in range(_STEPS):
        again_east, again_north = to_bd09(east, north)
        east, north = east + longitude - again_east, north + latitude - again_north
    return np.where(inside, east, longitude), np.where(inside, north, latitude)


def _in_bounds(longitude: Array, latitude: Array) -> NDArray[np.bool_]:
    west, south, east, north = _BOUNDS
    result: NDArray[np.bool_] = (
        (longitude >= west) & (longitude <= east) & (latitude >= south) & (latitude <= north)
    )
    return result
