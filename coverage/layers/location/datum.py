"""Turn longitudes and latitudes of Chinese web maps (GCJ-02, BD-09) into WGS84.

GCJ-02 shifts WGS84 by a published sum of sines on Krasovsky's ellipsoid, up to some 700 m; BD-09
turns GCJ-02 by a little more. Neither has a closed inverse: both are inverted by fixed-point
iteration, to under a millimetre.

The shift ends at China's border. The rectangle that most code tests (72.004 to 137.8347 E, 0.8293
to 55.8271 N) holds Seoul, Hanoi, Delhi and half of Mongolia, where map services shift nothing. Here
a place is in China if it lies in one of six boxes and in none of six others, as is usual where the
border matters: no place in China is left out, Taiwan and places more than some 100 km abroad are.
The boxes are the usual ones, save that the Amur is followed so that Heihe and Xunke are in, that
Dongxing is in, and that a box was added for the islands of Sansha.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

DATUMS = ("auto", "wgs84", "cgcs2000", "gcj02", "bd09")
SHIFTED = ("gcj02", "bd09")

_SEMI_MAJOR = 6378245.0  # m, Krasovsky 1940
_ECCENTRICITY2 = 0.00669342162296594323  # squared first eccentricity, as published
_BAIDU = np.pi * 3000 / 180
_STEPS = 10  # each reduces the error about a thousandfold; two would do for a metre
# west, south, east, north in degrees
_INSIDE = (
    (79.4462, 42.8899, 96.3300, 49.2204),
    (109.6872, 39.3742, 135.0002, 54.1415),
    (73.1246, 29.5297, 124.1433, 42.8899),
    (82.9684, 26.7186, 97.0352, 29.5297),
    (97.0253, 20.4141, 124.3674, 29.5297),
    (107.9758, 17.8715, 111.7441, 20.4141),
    (110.0, 7.0, 117.5, 20.4141),  # Sansha
)
_OUTSIDE = (
    (119.9213, 21.7850, 122.4976, 25.3986),
    (101.8652, 20.0988, 106.6650, 22.2840),
    (106.4525, 20.4878, 108.0510, 21.4500),
    (109.0323, 50.3257, 119.1270, 55.8175),
    (127.6000, 50.3000, 137.0227, 55.8175),
    (131.2662, 42.5692, 137.0227, 44.8922),
)


def to_wgs84(longitude: Array, latitude: Array, datum: str) -> tuple[Array, Array]:
    """Return WGS84 longitudes and latitudes.

    Parameters
    ----------
    longitude, latitude
        Degrees in the datum.
    datum
        One of `DATUMS`; all but ``gcj02`` and ``bd09`` are WGS84 already, within a metre.
    """
    if datum not in SHIFTED:
        return longitude, latitude
    east, north = longitude, latitude
    if datum == "bd09":
        east, north = _inverted(to_bd09, east, north)
    east, north = _inverted(_shifted, east, north)
    # a place was shifted if it was in China before, not if it is after
    shifted = in_china(east, north)
    return np.where(shifted, east, longitude), np.where(shifted, north, latitude)


def to_gcj02(longitude: Array, latitude: Array) -> tuple[Array, Array]:
    """Return GCJ-02 longitudes and latitudes of WGS84 ones, in degrees; unchanged outside China."""
    east, north = _shifted(longitude, latitude)
    inside = in_china(longitude, latitude)
    return np.where(inside, east, longitude), np.where(inside, north, latitude)


def to_bd09(longitude: Array, latitude: Array) -> tuple[Array, Array]:
    """Return BD-09 longitudes and latitudes of GCJ-02 ones in China, in degrees."""
    radius = np.hypot(longitude, latitude) + 0.00002 * np.sin(latitude * _BAIDU)
    angle = np.arctan2(latitude, longitude) + 0.000003 * np.cos(longitude * _BAIDU)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def in_china(longitude: Array, latitude: Array) -> NDArray[np.bool_]:
    """Return which WGS84 places lie where Chinese web maps shift, as the module says."""
    return _in_any(longitude, latitude, _INSIDE) & ~_in_any(longitude, latitude, _OUTSIDE)


def _in_any(
    longitude: Array, latitude: Array, boxes: tuple[tuple[float, float, float, float], ...]
) -> NDArray[np.bool_]:
    found = np.zeros(np.shape(longitude), dtype=bool)
    for west, south, east, north in boxes:
        found |= (
            (longitude >= west) & (longitude <= east) & (latitude >= south) & (latitude <= north)
        )
    return found


def _shifted(longitude: Array, latitude: Array) -> tuple[Array, Array]:
    """Return GCJ-02 of WGS84 as published, wherever it is."""
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
    return longitude + np.degrees(east / parallel), latitude + np.degrees(north / meridian)


def _inverted(
    shift: Callable[[Array, Array], tuple[Array, Array]], longitude: Array, latitude: Array
) -> tuple[Array, Array]:
    east, north = longitude, latitude
    for _ in range(_STEPS):
        again_east, again_north = shift(east, north)
        east, north = east + longitude - again_east, north + latitude - again_north
    return east, north
