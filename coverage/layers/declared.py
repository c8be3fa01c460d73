"""Find the units that rows declare, and say which are not known and which were not written so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage.layers.places import Units

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from coverage.layers.crosswalk import Crosswalk
    from coverage.layers.issues import IssueLog
    from coverage.layers.ledgers.tidy import Table

_AS_WRITTEN = ("code", "short_code", "name")


def township_finder(townships: gpd.GeoDataFrame, crosswalk: Crosswalk | None) -> Units:
    """Return what finds townships by their code or name."""
    return Units(townships["code"], townships["name"], renamed=crosswalk)


def community_finder(
    communities: gpd.GeoDataFrame, townships: gpd.GeoDataFrame, crosswalk: Crosswalk | None
) -> Units:
    """Return what finds communities by their code or name."""
    return Units(
        communities["code"],
        communities["name"],
        communities["township"],
        parents=dict(zip(townships["code"], townships["name"], strict=True)),
        renamed=crosswalk,
    )


def declared_units(
    written: pd.Series,
    within: pd.Series | None,
    units: Units,
    table: Table,
    issues: IssueLog,
    *,
    field: str,
) -> pd.Series:
    """Return the code of the unit that each row declares, empty where none is or is known.

    Each row whose unit is not known is told. A unit found by anything else than its code or its
    name is told once a word, with the number of rows.

    Parameters
    ----------
    written
        What the rows say.
    within
        Code of the unit of the level above in which to look; None looks everywhere.
    units
        Where to look.
    table
        The layer that the rows belong to.
    issues
        Where findings go.
    field
        ``township`` or ``community``.
    """
    scope = pd.Series("", index=written.index, dtype="str") if within is None else within
    scope_number, scopes = scope.factorize()
    word_number, words = written.factorize()
    numbers, pairs = pd.factorize(scope_number * len(words) + word_number)
    unique = [(str(words[p % len(words)]), str(scopes[p // len(words)])) for p in pairs]
    explained = [units.explain(text, unit) if text else ("", None) for text, unit in unique]
    codes = np.array([code for code, _ in explained] or [""], dtype=object)
    found = pd.Series(codes[numbers], index=written.index, dtype="str")
    _tell_loose(numbers, unique, explained, units, table, issues, field)
    unknown = ((found == "") & (written != "")).to_numpy(dtype=bool)
    strange = written[unknown].to_numpy(dtype=object)
    near = {word: units.near(word) for word in dict.fromkeys(strange)}
    issues.add_rows(
        "warning", f"unknown_{field}", layer=table.layer, rows=table.rows[unknown], field=field,
        value=strange, near=[near[word] for word in strange],
    )  # fmt: skip
    return found


def _tell_loose(
    numbers: np.ndarray[tuple[int], np.dtype[np.intp]],
    unique: Sequence[tuple[str, str]],
    explained: Sequence[tuple[str, object]],
    units: Units,
    table: Table,
    issues: IssueLog,
    field: str,
) -> None:
    loose = [i for i, (code, way) in enumerate(explained) if code and way not in _AS_WRITTEN]
    if not loose:
        return
    counts = np.bincount(numbers, minlength=len(explained))
    first_row = dict(zip(reversed(numbers.tolist()), reversed(table.rows.tolist()), strict=True))
    for i in loose:
        code, way = explained[i]
        issues.add(
            "info",
            "renamed_unit" if way == "renamed" else "matched_by_name",
            layer=table.layer,
            row=first_row[i],
            field=field,
            value=unique[i][0],
            name=f"{units.name(code)} {code}",
            count=int(counts[i]),
        )
