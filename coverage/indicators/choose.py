"""Pick the facilities, rows and units that a plan's row is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from coverage.indicators.conditions import Verdict, decide
from coverage.indicators.errors import NotComputableError
from coverage.indicators.measure import Note

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from coverage.indicators.inputs import Inputs

    Parameters = Mapping[str, Any]


def categories_of(parameters: Parameters, inputs: Inputs) -> tuple[str, ...]:
    """Return the categories a row counts: its own, else those of its services."""
    own = parameters.get("categories")
    if own:
        return tuple(own)
    names = services_of(parameters)
    every = (category for name in names for category in inputs.service(name).categories)
    return tuple(dict.fromkeys(every))


def services_of(parameters: Parameters) -> tuple[str, ...]:
    """Return the services that a row names: several at once, or one, or none."""
    if parameters.get("services"):
        return tuple(parameters["services"])
    return (parameters["service"],) if parameters.get("service") else ()


def facilities_of(parameters: Parameters, inputs: Inputs) -> Verdict:
    """Decide which of the facilities that count a row is about.

    Parameters
    ----------
    parameters
        ``categories`` or ``service``, and ``where``; without either, all facilities.
    inputs
        The facilities.

    Raises
    ------
    NotComputableError
        If the layer has no facility of these categories, open or closed, which is no data and not
        zero; or a field of the conditions is missing.
    """
    table = inputs.table("facilities")
    categories = categories_of(parameters, inputs)
    among = np.ones(len(table), dtype=bool)
    if categories:
        if not inputs.known_categories.intersection(categories):
            raise NotComputableError("lacks_category", categories=categories)
        among = table.frame["category"].isin(categories).to_numpy()
    verdict = decide(parameters.get("where"), table, among=among)
    return Verdict(verdict.holds & among, verdict.unknown & among)


def rows_of(layer: str, parameters: Parameters, inputs: Inputs) -> Verdict:
    """Decide which rows of a layer a row of the plan is about, by categories and ``where``.

    Parameters
    ----------
    layer
        Name of the layer.
    parameters
        ``categories`` and ``where``; as for `facilities_of` where it is that layer.
    inputs
        The layers.

    Raises
    ------
    NotComputableError
        If a field is missing, or the one thing that is named by its id is not in the layer, which
        is no data and not zero.
    """
    if layer == "facilities":
        return facilities_of(parameters, inputs)
    table = inputs.table(layer)
    named = (parameters.get("where") or {}).get("id")
    if isinstance(named, str) and "id" in table.frame and not table.frame["id"].eq(named).any():
        raise NotComputableError("lacks_row", layer=layer, id=named)
    verdict = decide(
        parameters.get("where"), table, urban_rule=parameters.get("urban_rule", "kind")
    )
    if not parameters.get("categories"):
        return verdict
    if "category" not in table.frame:
        raise NotComputableError("lacks", layer=layer, field="category")
    fits = table.frame["category"].isin(parameters["categories"]).to_numpy(dtype=bool)
    return verdict & Verdict(fits, np.zeros(len(table), dtype=bool))


def units_of(parameters: Parameters, inputs: Inputs) -> Verdict:
    """Decide which units of the row's layer of units are in its scope."""
    return decide(
        parameters.get("scope"),
        inputs.table(parameters["units"]),
        urban_rule=parameters.get("urban_rule", "kind"),
    )


def note_unknown(key: str, unknown: NDArray[np.bool_], **values: object) -> tuple[Note, ...]:
    """Return a note on how many rows do not say what is asked, none where all do."""
    count = int(unknown.sum())
    return (Note(key=key, values={"count": count, **values}),) if count else ()
