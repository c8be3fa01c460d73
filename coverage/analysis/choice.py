"""What an analysis is asked for: services with minutes and categories of one's own, a speed."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from coverage import vocabulary
from coverage.configuration import FASTEST_WALK_M_S
from coverage.errors import ProjectError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coverage.service import Service

_LONGEST_MINUTES = 600.0  # ten hours


def chosen_services(
    known: Mapping[str, Service],
    minutes: Mapping[str, float],
    categories: Mapping[str, Sequence[str]],
) -> tuple[Service, ...]:
    """Return services with other minutes and facility categories.

    Parameters
    ----------
    known
        Services by name.
    minutes
        Limits by service, in place of the services' own.
    categories
        Facility categories by service, in place of the services' own.

    Raises
    ------
    ProjectError
        If a service, a category or a limit is not valid.
    """
    services = dict(known)
    for name in (*minutes, *categories):
        if name not in services:
            near = get_close_matches(name, services, n=1, cutoff=0.0)[0]
            raise ProjectError("project.service", service=name, near=near, known=tuple(known))
    for name, limit in minutes.items():
        if not 0 < limit <= _LONGEST_MINUTES:
            raise ProjectError("project.minutes", service=name, value=limit)
        services[name] = replace(services[name], minutes=float(limit))
    for name, wanted in categories.items():
        unknown = [c for c in wanted if c not in vocabulary.categories()]
        if unknown:
            near = get_close_matches(unknown[0], vocabulary.categories(), n=1, cutoff=0.0)[0]
            raise ProjectError("project.category", category=unknown[0], near=near)
        services[name] = replace(services[name], categories=tuple(wanted))
    return tuple(services.values())


def walking_speed(speed: float) -> float:
    """Return a walking speed on the flat in m/s.

    Raises
    ------
    ProjectError
        If nobody walks so.
    """
    if not 0 < speed <= FASTEST_WALK_M_S:
        raise ProjectError("project.speed", value=speed)
    return float(speed)
