"""What a scenario changes, as the pages show it: figures, units, facilities, and the map's colours.

Nothing is analysed here: two states that were are held side by side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from coverage import vocabulary
from coverage.outputs import map_layers
from coverage.scenario import compared_indicators, service_change, turned
from coverage.web.map_view import Marker

if TYPE_CHECKING:
    from coverage.analysis import Prepared
    from coverage.results import Result
    from coverage.scenario import Comparison, LiveScenario

LEVELS = ("community", "township")
_MEASURES = ["people", "covered", "share"]
_WHOLE = ("city", "county")
_ALIKE = 5e-3  # differences that two decimals do not show
_PERCENT = 100.0
_MOVED_M = 0.01  # metres below which a place is the same
_LABELLED = 30  # markers that have room for their names
_KINDS = {
    "added": "new",
    "counts": "new",
    "moved": "moved",
    "removed": "closed",
    "no_longer_counts": "closed",
}


@dataclass(frozen=True, kw_only=True)
class Changes:
    """How access to one service differs between two states.

    Parameters
    ----------
    service
        Name of the service.
    figures
        Under people, covered, share, and before them covered_before, share_before; gained, lost.
    units
        By level, the units that differ: index code; people, covered, share, and before them
        people_before, covered_before, share_before.
    drawn
        The same for the map: by level and code share before and after in percent, people and
        covered people; ``gained``, positions among the uncovered places of the state before;
        ``lost``, places that are uncovered now.
    """

    service: str
    figures: dict[str, float]
    units: dict[str, pd.DataFrame]
    drawn: dict[str, Any]


def of_live(base: Result, live: LiveScenario, service: str) -> Changes:
    """Hold a scenario that is being edited against the baseline.

    Parameters
    ----------
    base
        Result of the baseline.
    live
        The scenario.
    service
        Name of the service.
    """
    entry = next(entry for entry in live.access if entry.service.name == service)
    units = {level: live.units(service, level) for level in LEVELS}
    return _changes(base, entry.demand, units, service)


def of_comparison(comparison: Comparison, service: str) -> Changes:
    """Hold the two sides of a comparison against each other.

    Parameters
    ----------
    comparison
        The comparison.
    service
        Name of the service.
    """
    result = comparison.b
    units = {level: _units(result, level, service) for level in LEVELS}
    return _changes(comparison.a, _demand(result, service), units, service)


def services_of(comparison: Comparison) -> pd.DataFrame:
    """Return by service how many people it covers on both sides, who is gained and who is lost.

    Parameters
    ----------
    comparison
        The comparison.

    Returns
    -------
    pandas.DataFrame
        Index: name of the service; columns as `Changes.figures`.
    """
    names = [service.name for service in comparison.b.services]
    rows = [service_change(*(_demand(r, n) for r in (comparison.b, comparison.a))) for n in names]
    return pd.DataFrame(rows, index=names)


def _changes(
    base: Result, now: pd.DataFrame, units: dict[str, pd.DataFrame], service: str
) -> Changes:
    was = _demand(base, service)
    differing = {
        level: _differing(table, _units(base, level, service)) for level, table in units.items()
    }
    gained, lost = turned(now, was)
    gaps = map_layers.drawn_gaps(base, service)["id"]
    return Changes(
        service=service,
        figures=service_change(now, was),
        units=differing,
        drawn={
            **{level: _colours(table) for level, table in differing.items()},
            "gained": np.flatnonzero(gaps.isin(was["id"].iloc[gained])).tolist(),
            "lost": map_layers.place_arrays(base, was.iloc[lost]),
        },
    )


def _demand(result: Result, service: str) -> gpd.GeoDataFrame:
    return result.demand[result.demand["service"] == service]


def _units(result: Result, level: str, service: str) -> pd.DataFrame:
    table = result.communities if level == "community" else result.townships
    named = {f"{service}_{measure}": measure for measure in _MEASURES}
    return pd.DataFrame(table[["code", *named]]).rename(columns=named).set_index("code")


def _differing(now: pd.DataFrame, was: pd.DataFrame) -> pd.DataFrame:
    """Return the units whose figures are not the same, with what they were."""
    both = now[_MEASURES].join(was[_MEASURES].add_suffix("_before"))
    before = both[[f"{name}_before" for name in _MEASURES]].to_numpy()
    after = both[_MEASURES].to_numpy()
    same = np.isclose(after, before, rtol=0, atol=1e-9, equal_nan=True).all(axis=1)
    differing: pd.DataFrame = both[~same]
    return differing


def _colours(table: pd.DataFrame) -> dict[str, list[float | None]]:
    columns = table[["share_before", "share", "people", "covered"]] * [_PERCENT, _PERCENT, 1, 1]
    return {
        str(code): [None if np.isnan(v) else round(float(v), 3) for v in row]
        for code, row in zip(table.index, columns.to_numpy(dtype=float), strict=True)
    }


def rows_that_change(now: pd.DataFrame, was: pd.DataFrame) -> pd.DataFrame:
    """Return the plan's rows of the whole area whose value or status differs.

    Parameters
    ----------
    now, was
        Tables of indicators.

    Returns
    -------
    pandas.DataFrame
        As `compared_indicators`: value_a and status_a are those before.
    """
    whole = [table[table["level"].isin(_WHOLE)] for table in (was, now)]
    return differing_rows(compared_indicators(*whole))


def differing_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `compared_indicators` that differ, the whole area's alone.

    Parameters
    ----------
    table
        The rows.
    """
    differs = (table["difference"].abs() >= _ALIKE) | (table["status_a"] != table["status_b"])
    return table[differs & table["level"].isin(_WHOLE)].reset_index(drop=True)


def markers(before: Prepared, after: Prepared) -> tuple[tuple[Marker, ...], tuple[str, ...]]:
    """Return the facilities that stand or count otherwise as places on the map, and their ids.

    Parameters
    ----------
    before, after
        The project as read, without and with the scenario.
    """
    now = _standing(after)
    was = _standing(before).reindex(now.index)
    there = was["counts"].notna().to_numpy(dtype=bool)
    counted, counts = (t["counts"].eq(1).to_numpy(dtype=bool) for t in (was, now))
    x, y = (now["x"] - was["x"]).to_numpy(), (now["y"] - was["y"]).to_numpy()
    moved = there & (np.nan_to_num(np.hypot(x, y)) > _MOVED_M)
    kinds = np.select(
        [counted & ~counts, moved, (counts & ~counted) | ~there], ["closed", "moved", "new"], ""
    )
    places = [
        # where one stood that has moved
        was[moved].assign(kind="closed", name="", category=""),
        now[kinds != ""].assign(kind=kinds[kinds != ""]),
    ]
    return _marked(pd.concat(places).dropna(subset=["x", "y"]), before.layers.crs)


def ring(prepared: Prepared, identifier: str | None) -> tuple[Marker, ...]:
    """Return a ring around a facility; nothing without one, or where it has no place.

    Parameters
    ----------
    prepared
        The project as it is.
    identifier
        Id of the facility.
    """
    if identifier is None:
        return ()
    there = _standing(prepared)
    rows = there[there.index == identifier].dropna(subset=["x", "y"])
    return _marked(rows.assign(kind="picked"), prepared.layers.crs)[0]


def compared_markers(comparison: Comparison) -> tuple[Marker, ...]:
    """Return the facilities that differ between two scenarios as places on the map.

    Parameters
    ----------
    comparison
        The comparison.
    """
    table = comparison.facilities
    changes = table["change"].str.split(";")
    kinds = [next((_KINDS[word] for word in words if word in _KINDS), "") for words in changes]
    places = pd.DataFrame(
        {
            "name": table["name"].to_numpy(),
            "category": table["category"].to_numpy(),
            "x": table.geometry.x.to_numpy(),
            "y": table.geometry.y.to_numpy(),
            "kind": kinds,
        }
    )
    shown = places[places["kind"] != ""].dropna(subset=["x", "y"])
    return _marked(shown, comparison.b.crs)[0]


def _marked(
    places: pd.DataFrame,
    crs: Any,  # noqa: ANN401 - any system
) -> tuple[tuple[Marker, ...], tuple[str, ...]]:
    """Return places with x, y, name, category and kind as markers, and their index."""
    points = gpd.GeoSeries(gpd.points_from_xy(places["x"], places["y"]), crs=crs).to_crs(4326)
    labelled = len(places) <= _LABELLED
    names = [_short(*told) if labelled else "" for told in places[["name", "category"]].to_numpy()]
    found = tuple(
        Marker(lat=point.y, lng=point.x, label=name, kind=kind)
        for point, name, kind in zip(points, names, places["kind"], strict=True)
    )
    return found, tuple(str(identifier) for identifier in places.index)


def _standing(prepared: Prepared) -> pd.DataFrame:
    """Return by id where facilities stand and whether they count; those set aside left out."""
    layer = prepared.layers.facilities
    status, _ = prepared.facility_status
    table = pd.DataFrame(
        {
            "name": layer["name"].to_numpy(),
            "category": layer["category"].to_numpy(),
            "x": layer.geometry.x.to_numpy(),
            "y": layer.geometry.y.to_numpy(),
            "counts": (status == "counted").to_numpy(dtype=float),
        },
        index=pd.Index(layer["id"].astype(str), name="id"),
    )
    standing: pd.DataFrame = table[~layer["set_aside"].to_numpy(dtype=bool)]
    return standing


def _short(name: object, category: object) -> str:
    """Return a name without its category, which a map full of them has no room for."""
    known = vocabulary.categories().get(str(category))
    titles = () if known is None else (known.zh, known.en)
    said = str(name)
    return next((said.removeprefix(t).strip() for t in titles if said.startswith(f"{t} ")), said)


def unit_names(result: Result, level: str) -> dict[str, str]:
    """Return the names of communities or townships by code.

    Parameters
    ----------
    result
        Result of a run.
    level
        ``community`` or ``township``.
    """
    table = result.communities if level == "community" else result.townships
    return dict(zip(table["code"].astype(str), table["name"].astype(str), strict=True))


def titles_of_rows(result: Result, language: str) -> dict[tuple[str, int], str]:
    """Return what the rows of the plan are called, by kind and number.

    Parameters
    ----------
    result
        Result of a run.
    language
        ``zh`` or ``en``.
    """
    return {(row.kind, row.row): row.name(language) for row in result.plan.rows}
