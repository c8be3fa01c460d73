"""Amounts of facilities and units: each counts once, where it lies or split over whom it serves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from coverage.indicators.assign import pairs_of, served
from coverage.indicators.choose import facilities_of, rows_of
from coverage.indicators.errors import NotComputableError
from coverage.indicators.measure import Parts
from coverage.indicators.tables import unit_positions
from coverage.indicators.units import LAYER_LEVELS, LEVELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from coverage.indicators.conditions import Verdict
    from coverage.indicators.inputs import Inputs
    from coverage.indicators.tables import Table
    from coverage.indicators.units import Level

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Integers = NDArray[np.int64]
    Parameters = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, eq=False)
class Amounts:
    """Amounts and where they fall.

    Parameters
    ----------
    value
        One number an entry, missing where it is not known.
    places
        By level, the position of the unit that each entry falls to, -1 for none.
    level
        Lowest level that has them.
    table, rows
        Rows of a layer that they are taken from, and which of them each entry is of.
    """

    value: Floats
    places: Mapping[Level, Integers]
    level: Level
    table: Table
    rows: Integers

    def take(self, chosen: Flags) -> Amounts:
        """Return some of the entries."""
        return Amounts(
            value=self.value[chosen],
            places={level: positions[chosen] for level, positions in self.places.items()},
            level=self.level,
            table=self.table,
            rows=self.rows[chosen],
        )

    def parts(self, *, below: bool = False) -> Parts:
        """Return the entries as parts: what they add to a numerator, or below it."""
        nothing = np.zeros(len(self.value))
        return Parts(
            numerator=nothing if below else self.value,
            denominator=self.value if below else nothing,
            missing=np.isnan(self.value),
            places=self.places,
            names=self.table.names.to_numpy(dtype=object)[self.rows],
            codes=self.table.codes.to_numpy(dtype=object)[self.rows],
            kinds=np.full(len(self.rows), self.table.kind, dtype=object),
        )

    def by_unit(self, level: Level, size: int) -> tuple[Floats, Flags, Flags]:
        """Return each unit's sum of what is known, whether something is not, whether nothing is."""
        at = self.places[level]
        lies, blank = at >= 0, np.isnan(self.value)
        known = lies & ~blank
        sums = np.bincount(at[known], weights=self.value[known], minlength=size)
        without = np.bincount(at[lies & blank], minlength=size) > 0
        nothing = without & (np.bincount(at[known], minlength=size) == 0)
        return sums.astype(np.float64), without, nothing


def first_amounts(
    wanted: Any,  # noqa: ANN401 - an amount, or a list of which the first with data is taken
    parameters: Parameters,
    inputs: Inputs,
    *,
    households: Floats,
) -> tuple[Amounts, Mapping[str, Any]]:
    """Return the amounts that a numerator or a denominator asks for, and which of several it is.

    Parameters
    ----------
    wanted
        ``{ of, field, categories, where }``, or a list of them.
    parameters
        Of the row: ``split``, ``urban_rule``.
    inputs
        What they are taken from.
    households
        Of each community, by which facilities are split.

    Raises
    ------
    NotComputableError
        If none of them has data; it names what the first lacks.
    """
    choices = wanted if isinstance(wanted, list) else [wanted]
    lacking = []
    for choice in choices:
        try:
            return _amounts(choice, parameters, inputs, households), choice
        except NotComputableError as missing:
            lacking.append(missing)
    raise lacking[0]


def _amounts(
    wanted: Mapping[str, Any], parameters: Parameters, inputs: Inputs, households: Floats
) -> Amounts:
    layer = wanted.get("of", "facilities")
    table = inputs.table(layer)
    rule = parameters.get("urban_rule", "kind")
    chosen = rows_of(layer, {**wanted, "urban_rule": rule}, inputs)
    value = values_of(table, wanted.get("field"), chosen)
    if layer == "facilities":
        return split(value, chosen.holds, parameters.get("split", "households"), households, inputs)
    rows = np.flatnonzero(chosen.holds)
    at = {level: positions[rows] for level, positions in table.places.items()}
    level = LAYER_LEVELS.get(layer, "community")
    return Amounts(value=value[rows], places=at, level=level, table=table, rows=rows)


def values_of(table: Table, field: str | None, chosen: Verdict) -> Floats:
    """Return a field's numbers row by row, 1 each without a field.

    Raises
    ------
    NotComputableError
        If the field is missing, or empty in all rows chosen.
    """
    if not field:
        return np.ones(len(table))
    column, _ = table.column(field)
    if column is None or (chosen.holds.any() and column[chosen.holds].isna().all()):
        raise NotComputableError("lacks", layer=table.layer, field=field)
    return column.to_numpy(dtype=float, na_value=np.nan)


def amounts_of(parameters: Parameters, inputs: Inputs, level: Level) -> tuple[Floats, Flags]:
    """Return the sum of a field over the facilities of each unit, and where some is not known.

    Parameters
    ----------
    parameters
        ``categories``, ``where``, ``field``, ``assignment``.
    inputs
        Facilities and units.
    level
        Level of the units.
    """
    size = len(inputs.units.names(level))
    sums, blank, _ = facility_amounts(parameters, inputs, level).by_unit(level, size)
    unknown = facilities_of(parameters, inputs).unknown
    maybe = inputs.table("facilities").places[level][unknown]
    return sums, blank | np.isin(np.arange(size), maybe)


def facility_amounts(parameters: Parameters, inputs: Inputs, level: Level) -> Amounts:
    """Return a field of facilities, each amount where it falls to a unit.

    Parameters
    ----------
    parameters, inputs, level
        As for `amounts_of`.
    """
    table = inputs.table("facilities")
    chosen = facilities_of(parameters, inputs)
    value = values_of(table, parameters["field"], chosen)
    kind = parameters.get("assignment", "within_or_serves")
    if kind in ("within", "within_or_serves"):
        way = "primary" if kind == "within" else "households"
        households, _ = households_of(inputs, None)
        return split(value, chosen.holds, way, households, inputs)
    facility, unit = pairs_of(parameters, inputs, level)
    facility, unit = (each[chosen.holds[facility]] for each in (facility, unit))
    at = {name: places[unit] for name, places in unit_positions(inputs.units, level).items()}
    return Amounts(value=value[facility], places=at, level=level, table=table, rows=facility)


def split(value: Floats, chosen: Flags, way: str, households: Floats, inputs: Inputs) -> Amounts:
    """Split facilities' amounts over the communities that they declare to serve.

    Parameters
    ----------
    value
        Amount of each facility that counts.
    chosen
        Which of them are meant.
    way
        By ``households``, ``equally``, or ``primary``: all of it where the facility lies.
    households
        Of each community; a facility for whose communities none are known is split equally.
    inputs
        Facilities and units.
    """
    table, units = inputs.table("facilities"), inputs.units
    facility, community = served(inputs, "community")
    if way == "primary":
        facility, community = facility[:0], community[:0]
    meant = chosen[facility]
    pairs = np.unique(np.column_stack([facility[meant], community[meant]]), axis=0)
    facility, community = pairs[:, 0], pairs[:, 1]
    weights = np.nan_to_num(households) if way == "households" else np.ones(len(households))
    size = weights[community]
    total = np.bincount(facility, weights=size, minlength=len(table))
    count = np.bincount(facility, minlength=len(table))
    whole = np.where(total > 0, total, 1.0)[facility]
    share = np.where(total[facility] > 0, size / whole, 1.0 / np.maximum(count[facility], 1))
    home = np.flatnonzero(chosen & (count == 0))
    at = {
        level: np.concatenate(
            [units.positions("community", level)[community], table.places[level][home]]
        )
        for level in LEVELS
    }
    order = np.argsort(np.concatenate([facility, home]), kind="stable")
    return Amounts(
        value=np.concatenate([value[facility] * share, value[home]])[order],
        places={level: positions[order] for level, positions in at.items()},
        level="community",
        table=table,
        rows=np.concatenate([facility, home])[order],
    )


def households_of(inputs: Inputs, people_per_household: float | None) -> tuple[Floats, Flags]:
    """Return the households of each community, and which are estimated from people.

    Parameters
    ----------
    inputs
        The communities.
    people_per_household
        What people are divided by where households are not known; None: they stay unknown.
    """
    frame = inputs.units.communities
    nothing = np.full(len(frame), np.nan)
    given, people = (
        frame[field].to_numpy(dtype=float, na_value=np.nan) if field in frame else nothing
        for field in ("households", "population")
    )
    estimated = np.zeros(len(frame), dtype=bool)
    if people_per_household:
        estimated = np.isnan(given) & ~np.isnan(people)
        given = np.where(estimated, people / people_per_household, given)
    return given, estimated
