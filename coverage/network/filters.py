"""Which OSM ways make a network, which way they may be used, and how fast one drives there.

The filters are data: each clause names a tag and an expression; a way is left out where the tag's
value contains a match anywhere (``re.search``, for Overpass applies ``!~`` unanchored). Therefore
``motor`` keeps walkers off ``motorway_link`` too, and ``foot=unknown`` counts as ``foot=no``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coverage.service import Mode

# key of the tag without which a way is no street
STREET_KEY = "highway"

# network types "walk" and "drive_service" of OSMnx, each with its default access clause
_EXCLUDED: Mapping[Mode, tuple[tuple[str, str], ...]] = {
    "walk": (
        ("area", "yes"),
        ("access", "private"),
        (
            "highway",
            (
                "abandoned|bus_guideway|construction|cycleway|motor|no|planned|platform|"
                "proposed|raceway|razed|rest_area|services"
            ),
        ),
        ("foot", "no"),
        ("service", "private"),
        ("sidewalk", "separate"),
        ("sidewalk:both", "separate"),
        ("sidewalk:left", "separate"),
        ("sidewalk:right", "separate"),
    ),
    "drive": (
        ("area", "yes"),
        ("access", "private"),
        (
            "highway",
            (
                "abandoned|bridleway|bus_guideway|construction|corridor|cycleway|elevator|"
                "escalator|footway|no|path|pedestrian|planned|platform|proposed|raceway|razed|"
                "rest_area|services|steps|track"
            ),
        ),
        ("motor_vehicle", "no"),
        ("motorcar", "no"),
        ("service", "emergency_access|parking|parking_aisle|private"),
    ),
}

# values of the tag oneway that OSMnx understands
_FORWARD_ONLY = frozenset({"yes", "true", "1", "F"})
_BACKWARD_ONLY = frozenset({"-1", "reverse", "T"})

# km/h where the tag maxspeed says nothing; the speeds of the car profile of OSRM (car.lua)
_DRIVE_SPEEDS = {
    "motorway": 90.0,
    "motorway_link": 45.0,
    "trunk": 85.0,
    "trunk_link": 40.0,
    "primary": 65.0,
    "primary_link": 30.0,
    "secondary": 55.0,
    "secondary_link": 25.0,
    "tertiary": 40.0,
    "tertiary_link": 20.0,
    "unclassified": 25.0,
    "residential": 25.0,
    "living_street": 10.0,
    "service": 15.0,
}
# km/h on ways of any other class, and of none
_OTHER_DRIVE_SPEED = 25.0

_KM_H_PER_MPH = 1.609344
_SPEED = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(km/h|kmh|kph|mph)?\s*\Z", re.IGNORECASE)

_NEGATIVE = frozenset({"", "no", "0", "f", "false", "none", "nan"})


def excluded(mode: Mode) -> tuple[tuple[str, str], ...]:
    """Return the clauses, tag and expression, that leave a way out of a mode's network."""
    return _EXCLUDED[mode]


class WayFilter:
    """Decide which ways belong to the network of a mode.

    Parameters
    ----------
    mode
        ``walk`` or ``drive``.
    """

    def __init__(self, mode: Mode) -> None:
        self._clauses = [(key, re.compile(expression)) for key, expression in _EXCLUDED[mode]]
        # the same few values come again and again
        self._known: dict[tuple[str, str], bool] = {}

    def keeps(self, tags: Mapping[str, str]) -> bool:
        """Return whether a way with these tags belongs to the network."""
        if STREET_KEY not in tags:
            return False
        for key, expression in self._clauses:
            value = tags.get(key)
            if value is None:
                continue
            hit = self._known.get((key, value))
            if hit is None:
                hit = self._known[key, value] = expression.search(value) is not None
            if hit:
                return False
        return True


def direction(oneway: str | None, junction: str | None) -> int:
    """Return 1 for a way used only forward, -1 only backward, 0 both ways, as OSMnx understands it.

    Parameters
    ----------
    oneway
        Value of the tag ``oneway``, None without it.
    junction
        Value of the tag ``junction``, None without it; roundabouts are one-way without saying so.
    """
    if oneway in _FORWARD_ONLY:
        return 1
    if oneway in _BACKWARD_ONLY:
        return -1
    return 1 if junction == "roundabout" else 0


def drive_speed(highway: str, maxspeed: str | None) -> float:
    """Return the speed of a car in km/h.

    The posted speed where the tag gives numbers, the lowest of several (lanes are separated by
    ``|``, values by ``;``); else the default of the class.

    Parameters
    ----------
    highway
        Value of the tag ``highway``, empty if unknown.
    maxspeed
        Value of the tag ``maxspeed``, None without it; words such as ``CN:urban`` give no number.

    References
    ----------
    Defaults: car profile of OSRM (Open Source Routing Machine), ``profiles/car.lua``.
    """
    posted = [_posted(part) for part in re.split(r"[|;]", maxspeed)] if maxspeed else []
    known = [speed for speed in posted if speed > 0]
    return min(known) if known else _DRIVE_SPEEDS.get(highway, _OTHER_DRIVE_SPEED)


def _posted(text: str) -> float:
    match = _SPEED.match(text)
    if match is None:
        return 0.0
    speed = float(match[1])
    return speed * _KM_H_PER_MPH if (match[2] or "").lower() == "mph" else speed


def says_yes(value: str | None) -> bool:
    """Return whether a tag such as ``bridge`` is there and does not deny.

    Parameters
    ----------
    value
        Value of the tag, None without it.
    """
    return value is not None and value.strip().lower() not in _NEGATIVE
