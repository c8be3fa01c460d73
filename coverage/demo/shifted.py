"""The shift that Chinese map providers add to coordinates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Points = NDArray[np.float64]

_AXIS_M = 6_378_245.0  # of the Krasovsky ellipsoid, with the squared eccentricity below
_ECCENTRICITY = 0.00669342162296594323


def to_gcj02(lonlat: Points) -> Points:
    """Return where maps in GCJ-02 show places, as longitude and latitude.

    The published sums of sines; the analysis has its own inverse of them.

    Parameters
    ----------
    lonlat
        Longitude and latitude in WGS84, a row a place.
    """
    x, y = lonlat[:, 0] - 105, lonlat[:, 1] - 35
    ripple = 20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)
    root = 0.1 * np.sqrt(np.abs(x))
    north = -100 + 2 * x + 3 * y + 0.2 * y**2 + 0.1 * x * y + 2 * root
    north += (ripple + _waves(y, (20, 1), (40, 3), (160, 12), (320, 30))) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x**2 + 0.1 * x * y + root
    east += (ripple + _waves(x, (20, 1), (40, 3), (150, 12), (300, 30))) * 2 / 3
    latitude = np.radians(lonlat[:, 1])
    bend = 1 - _ECCENTRICITY * np.sin(latitude) ** 2
    meridian_m = _AXIS_M * (1 - _ECCENTRICITY) / bend**1.5
    parallel_m = _AXIS_M / np.sqrt(bend) * np.cos(latitude)
    shift = np.degrees(np.column_stack([east / parallel_m, north / meridian_m]))
    return np.asarray(lonlat + shift)


def _waves(t: NDArray[np.float64], *terms: tuple[float, float]) -> NDArray[np.float64]:
    waves: NDArray[np.float64] = np.sum(
        [height * np.sin(np.pi * t / length) for height, length in terms], axis=0
    )
    return waves
