"""Services from the tables of plans and projects."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from coverage import vocabulary
from coverage.errors import PlanError
from coverage.plans.findings import nearest
from coverage.service import Service

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_MINUTES = 600  # ten hours


def service_from(name: str, entry: Mapping[str, Any], base: Service | None, where: str) -> Service:
    """Make a service from a table of a plan or a project, on top of a service it overrides.

    Parameters
    ----------
    name
        The service's identifier.
    entry
        Its table.
    base
        Service of the same name that the table overrides, if any.
    where
        File that the table stands in, for error messages.

    Raises
    ------
    PlanError
        If a key, a category or a value is not valid, or a needed key is missing.
    """
    known = [f.name for f in fields(Service) if f.name != "name"]
    for key in entry:
        if key not in known:
            raise PlanError(
                "plans.service_key", where=where, service=name, key=key, near=nearest(key, known)
            )
    values: dict[str, Any] = {k: getattr(base, k) for k in known} if base else {}
    values |= dict(entry)
    for key in ("categories", "weight"):
        if not values.get(key) or (key == "categories") != isinstance(values[key], list | tuple):
            raise PlanError("plans.service_lacks", where=where, service=name, key=key)
    values["categories"] = tuple(values["categories"])
    _check_service(name, values, where)
    return Service(name=name, **values)


def _check_service(name: str, values: Mapping[str, Any], where: str) -> None:
    for category in values["categories"]:
        if str(category) not in vocabulary.categories():
            near = nearest(str(category), vocabulary.categories())
            raise PlanError(
                "plans.category", where=where, service=name, category=category, near=near
            )
    minutes = values.get("minutes", 15)
    if (
        not isinstance(minutes, int | float)
        or isinstance(minutes, bool)
        or not (0 < minutes <= LONGEST_MINUTES)
    ):
        raise PlanError("plans.minutes", where=where, service=name, value=minutes)
    for key in ("weight", "decay", "title_zh", "title_en"):
        if not isinstance(values.get(key, ""), str):
            raise PlanError("plans.service_text", where=where, service=name, key=key)
    if values.get("mode", "walk") not in ("walk", "drive"):
        raise PlanError("plans.mode", where=where, service=name, value=values["mode"])
