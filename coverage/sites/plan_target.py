"""What a plan wants of a service, as siting can aim at it, and what sites make of its figure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coverage.errors import SitingError
from coverage.indicators import figures_of_the_whole
from coverage.indicators.choose import units_of
from coverage.indicators.families.presence import equipped_units
from coverage.indicators.units import LAYER_LEVELS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.plans import IndicatorRow
    from coverage.results import Result
    from coverage.service import Service

    Floats = NDArray[np.float64]

_TABLE = "table"  # a plan's own table of indicators goes before its text
_READINGS = ("reach", "units")
_TOLERANCE = 1e-9  # of a share, so that 60 % of 5 units are 3


@dataclass(frozen=True, kw_only=True, eq=False)
class PlanTarget:
    """Hold what a row of the plan wants.

    Parameters
    ----------
    row, variant
        The row, and how it is read.
    share
        What is wanted, 0–1.
    weights
        People of each demand point whom the row counts.
    level
        Of ``units``: level of the units; empty for ``reach``.
    lacking
        Of ``units``: codes of the units that have none.
    needed
        Of ``units``: in how many of these one must be built.
    """

    row: IndicatorRow
    variant: str
    share: float
    weights: Floats
    level: str = ""
    lacking: tuple[str, ...] = ()
    needed: int = 0


@dataclass(frozen=True, kw_only=True, eq=False)
class IndicatorChange:
    """Hold a row of the indicator table before and after.

    Parameters
    ----------
    row
        The plan's row.
    table
        Two rows of ``indicators.csv``; ``when`` is before, then after.
    """

    row: IndicatorRow
    table: pd.DataFrame

    @property
    def met(self) -> bool:
        """Whether the plan's figure is reached with the new sites."""
        return bool(self.table["status"].iloc[1] == "met")


def plan_target(result: Result, service: Service) -> PlanTarget:
    """Return what the plan wants of a service.

    Of several rows the one of the plan's table counts, in the plan's own reading.

    Parameters
    ----------
    result
        The project before anything is built.
    service
        The service.

    Raises
    ------
    SitingError
        If no row of the plan has a target that new sites of the service can meet.
    """
    rows = [row for row in result.plan.rows if _is_about(row, service)]
    targets = [(row, row.goal(row.variants[0]).target) for row in rows]
    wanted = [(row, target) for row, target in targets if target is not None]
    if not wanted:
        key = "sites.no_target" if rows else "sites.no_row"
        raise SitingError(key, plan=result.plan.name, service=service.name)
    row, target = min(wanted, key=lambda pair: (pair[0].kind != _TABLE, pair[0].row))
    variant, share = row.variants[0], min(target / 100.0, 1.0)
    _check_known(row, variant, result)
    weights = _weights(row.parameters, result, service)
    if variant == "reach":
        return PlanTarget(row=row, variant=variant, share=share, weights=weights)
    return _of_units(row, share, weights, result)


def indicator_change(target: PlanTarget, before: Result, after: Result) -> IndicatorChange:
    """Return the row's figure of the whole before and after.

    Parameters
    ----------
    target
        From `plan_target`.
    before, after
        The project without and with the new sites.
    """
    rows = [
        _figure(target.row, target.variant, result).assign(when=when)
        for when, result in (("before", before), ("after", after))
    ]
    return IndicatorChange(row=target.row, table=pd.concat(rows, ignore_index=True))


def _figure(row: IndicatorRow, variant: str, result: Result) -> pd.DataFrame:
    """Return a row's figure of the whole, as one row of ``indicators.csv``."""
    top = figures_of_the_whole(result.indicators)
    same = (top["row"] == row.row) & (top["kind"] == row.kind) & (top["variant"] == variant)
    return top[same].head(1)


def _check_known(row: IndicatorRow, variant: str, result: Result) -> None:
    figure = _figure(row, variant, result)
    if figure.empty or figure["method"].iloc[0] == "not_computable":
        detail = "" if figure.empty else figure["reason"].iloc[0]
        raise SitingError("sites.not_computable", row=row.row, detail=detail)


def _is_about(row: IndicatorRow, service: Service) -> bool:
    """Whether a row counts people or units that have a service."""
    if row.variants[0] not in _READINGS or row.comparator == "≤" or row.parameters.get("tiers"):
        return False
    named = row.parameters.get("service")
    if named is None and not row.parameters.get("services"):
        return set(row.parameters.get("categories", ())) == set(service.categories)
    return bool(named == service.name)


def _weights(parameters: Any, result: Result, service: Service) -> Floats:  # noqa: ANN401 - any row's
    inputs = result.inputs
    people = np.nan_to_num(inputs.weights(parameters.get("weight") or service.weight))
    if not parameters.get("scope"):
        return people
    level = LAYER_LEVELS[parameters["units"]]
    codes = inputs.table(parameters["units"]).codes[units_of(parameters, inputs).holds]
    return np.where(inputs.demand[level].isin(codes).to_numpy(), people, 0.0)


def _of_units(row: IndicatorRow, share: float, weights: Floats, result: Result) -> PlanTarget:
    parameters = row.parameters
    level = LAYER_LEVELS[parameters["units"]]
    if level not in {"township", "community"} or parameters.get("at_least", 1) != 1:
        raise SitingError("sites.units_not_sited", row=row.row)
    parts = equipped_units(parameters, result.inputs).parts
    known = ~parts.missing
    have = parts.numerator > 0
    wanted = math.ceil(share * int(known.sum()) - _TOLERANCE)
    return PlanTarget(
        row=row,
        variant="units",
        share=share,
        weights=weights,
        level=level,
        lacking=tuple(str(code) for code in parts.codes[known & ~have]),
        needed=max(wanted - int((known & have).sum()), 0),
    )
