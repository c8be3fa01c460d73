"""The plan's list of projects: what will stand where from which year on, and who pays for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from coverage import vocabulary
from coverage.layers.declared import community_finder, declared_units, township_finder
from coverage.layers.findings import report_repeated
from coverage.layers.location import shapes as shaped
from coverage.layers.units import located_in

if TYPE_CHECKING:
    import geopandas as gpd

    from coverage.layers.crosswalk import Crosswalk
    from coverage.layers.issues import IssueLog
    from coverage.layers.ledgers.tidy import Table
    from coverage.layers.location.shapes import Shapes

PRIVATE, PUBLIC, MIXED = "private", "public", "mixed"
NOT_YET = ("idle", "building", "planned")  # statuses of what no year counts

_LAYER = "projects"
_TEXT = ("id", "name", "category", "status", "funding", "period", "facility")
_PLACE = ("township", "community")
_LAST = ("location", "set_aside", "source_row")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
_DONE = re.compile(r"完工|竣工|建成|投用|投入使用|运营|completed|opened", re.IGNORECASE)
_OF_INVESTORS = re.compile(
    r"社会(投资|资本|资金|力量)|民间|民营|民办|企业|自筹|招商|private", re.IGNORECASE
)
_OF_THE_STATE = re.compile(
    r"(中央|国家|省|市|区|县|乡镇|街道|移民|补偿|专项|财政|福彩|公益金|政府|债券)\S*?(资金|投资|债|金)"
    r"|财政|政府|public",
    re.IGNORECASE,
)
_WORD_END = re.compile(r"(建设|新建|改扩建)?(项目|工程)$")


def make_projects(
    table: Table,
    shapes: Shapes,
    townships: gpd.GeoDataFrame,
    communities: gpd.GeoDataFrame,
    issues: IssueLog,
    *,
    crosswalk: Crosswalk | None = None,
) -> gpd.GeoDataFrame:
    """Return the projects, one row an input row, in the order of the file.

    A project stands where its geometry is, else at a point of the community or township that it
    declares. It is due in its opening year, else in the last year that its period names.

    Parameters
    ----------
    table
        The layer, typed.
    shapes
        Its shapes in the project's coordinate system.
    townships, communities
        Layers as `coverage.layers.units` makes them.
    issues
        Where findings go.
    crosswalk
        What became of renamed units, where that is given.

    Returns
    -------
    geopandas.GeoDataFrame
        Columns id, name, category (empty where it is none of the vocabulary: no facility), status
        (operating once it is in use), start_year, open_year (Int64, both of one year where it is
        due within that year), funding (``public``, ``private``, ``mixed`` or empty),
        funding_source, period, facility (as written), the other fields given, township, community
        (codes of where it lies), location, set_aside (bool: the id was there before), source_row,
        geometry (points).
    """
    frame = table.frame.drop(columns=["lon", "lat"], errors="ignore").copy()
    for field in (*_TEXT, *_PLACE):
        if field not in frame:
            frame[field] = pd.Series("", index=frame.index, dtype="str")
    frame["source_row"] = table.rows
    numbered = pd.Series([f"P{row}" for row in table.rows], index=frame.index, dtype="str")
    frame["id"] = frame["id"].where(frame["id"] != "", numbered)
    frame["set_aside"] = report_repeated(frame["id"], table, "duplicate_id", issues)
    frame["category"] = _categories(frame["category"], table, issues)
    frame["status"] = _statuses(frame["status"], table, issues)
    frame["funding_source"] = frame["funding"]
    frame["funding"] = frame["funding"].map(funding_of).astype("str")
    _add_years(frame, table, issues)
    places = _place(frame, shapes, (townships, communities), crosswalk, table, issues)
    first = ("id", "name", "category", "status", "start_year", "open_year", "funding")
    other = [c for c in frame.columns if c not in (*first, *_PLACE, *_LAST)]
    return shaped.framed(frame[[*first, *other, *_PLACE, *_LAST]], places, townships.crs)


def funding_of(written: str) -> str:
    """Return whose money a word for a source of funds means: public, private, mixed or unknown.

    Parameters
    ----------
    written
        As a list of projects has it: 社会投资, 中央资金+区级资金.
    """
    parts = [part for part in re.split(r"[+＋、，,；;/和]", written) if part.strip()]
    private = any(_OF_INVESTORS.search(part) for part in parts)
    public = any(_OF_THE_STATE.search(part) and not _OF_INVESTORS.search(part) for part in parts)
    if private and public:
        return MIXED
    return PRIVATE if private else PUBLIC if public else ""


def with_projects(facilities: gpd.GeoDataFrame, projects: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the facilities as they are once projects open, each from its own year on.

    A project that stands among the facilities already, under the id that it names or under its own
    name and category, is not added: where that facility does not operate yet it will from the
    project's year on. Others become facilities. Projects without a year, a category or a place
    change nothing, nor do those given up.

    Parameters
    ----------
    facilities
        Facilities layer.
    projects
        Projects that open; those left out are the caller's choice.

    Returns
    -------
    geopandas.GeoDataFrame
        The facilities in their order, then those new; column source_status as in the source.
    """
    due = projects[_due(projects)]
    source = facilities.get("source_status", facilities["status"])
    changed = facilities.drop(columns="geometry").assign(source_status=source)
    at = standing(facilities, due)
    there = (at >= 0).to_numpy()
    label, years = facilities.index[at[there]], due.loc[there, "open_year"].to_numpy()
    waits = source.loc[label].isin(NOT_YET).to_numpy()
    changed.loc[label[waits], "status"] = "operating"
    changed.loc[label[waits], "open_year"] = years[waits]
    changed["open_year"] = changed["open_year"].astype("Int64")
    built = due[~there & openable(due).to_numpy()]
    new = _as_facilities(built, changed)
    geometry = np.concatenate([facilities.geometry.to_numpy(), built.geometry.to_numpy()])
    joined = pd.concat([changed, new], ignore_index=True) if len(new) else changed
    return shaped.framed(joined, geometry, facilities.crs)


def openable(projects: gpd.GeoDataFrame) -> pd.Series:
    """Return which projects will be facilities of a known year at a known place.

    Parameters
    ----------
    projects
        Layer as `make_projects` makes it.
    """
    able: pd.Series = _due(projects) & (projects["location"] != "none")
    return able


def _due(projects: gpd.GeoDataFrame) -> pd.Series:
    known = (projects["category"] != "") & projects["open_year"].notna()
    stays: pd.Series = known & ~projects["set_aside"] & (projects["status"] != "closed")
    return stays


def standing(facilities: gpd.GeoDataFrame, projects: gpd.GeoDataFrame) -> pd.Series:
    """Return the position of the facility that each project has become, -1 where it is none yet.

    Parameters
    ----------
    facilities
        Facilities layer.
    projects
        Layer as `make_projects` makes it.
    """
    counted = (~facilities["set_aside"]).to_numpy()
    by_id = _positions(facilities["id"], counted)
    named = facilities["name"].map(_bare) + "\n" + facilities["category"]
    by_name = _positions(named, counted & (facilities["name"] != "").to_numpy())
    keys = projects["name"].map(_bare) + "\n" + projects["category"]
    found = [
        by_id.get(number, by_name.get(key, -1))
        for number, key in zip(projects["facility"], keys, strict=True)
    ]
    return pd.Series(found, index=projects.index, dtype="int64")


def report_projects(
    projects: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame, issues: IssueLog
) -> None:
    """Say which projects name a facility that is not there, or run without being in the ledger.

    Parameters
    ----------
    projects
        Layer as `make_projects` makes it.
    facilities
        Facilities layer.
    issues
        Where findings go.
    """
    missing = (projects["facility"] != "") & ~projects["facility"].isin(facilities["id"])
    alone = openable(projects) & (standing(facilities, projects) < 0) & ~missing
    alone &= projects["status"] == "operating"
    for code, chosen, field in (
        ("project_facility", missing, "facility"),
        ("project_not_in_ledger", alone, "name"),
    ):
        told = projects[chosen]
        issues.add_rows(
            "warning", code, layer=_LAYER, rows=told["source_row"].to_numpy(), field=field,
            value=told[field].to_numpy(dtype=object),
        )  # fmt: skip


def _bare(name: str) -> str:
    return vocabulary.fold(_WORD_END.sub("", str(name)))


def _positions(keys: pd.Series, among: np.ndarray[Any, np.dtype[np.bool_]]) -> dict[str, int]:
    """Return the position of the first row of each key."""
    at = np.flatnonzero(among & (keys != "").to_numpy())[::-1]
    return dict(zip(keys.to_numpy(dtype=object)[at], at.tolist(), strict=True))


def _as_facilities(projects: gpd.GeoDataFrame, facilities: pd.DataFrame) -> pd.DataFrame:
    """Return projects as rows of the facilities layer; what they do not say is missing."""
    taken = set(facilities["id"])
    known: dict[str, Any] = {
        "id": [f"{_LAYER}-{each}" if each in taken else each for each in projects["id"]],
        "status": "operating",
        "source_status": projects["status"],
        "serves": pd.Series([()] * len(projects), index=projects.index, dtype=object),
        "set_aside": False,
        **{f"declared_{field}": projects[field] for field in _PLACE},
    }
    rows = pd.DataFrame(projects.drop(columns=["geometry", "period"])).assign(**known)
    rows = rows.reindex(columns=facilities.columns)
    for name, kind in facilities.dtypes.items():
        if isinstance(kind, pd.StringDtype):
            rows[name] = rows[name].astype(object).where(rows[name].notna(), "")
    return rows.astype(facilities.dtypes.to_dict())


def _categories(written: pd.Series, table: Table, issues: IssueLog) -> pd.Series:
    meaning = {word: vocabulary.category_of(word) or "" for word in written.unique()}
    found = written.map(meaning).astype("str")
    unknown = ((found == "") & (written != "")).to_numpy(dtype=bool)
    issues.add_rows(
        "warning", "project_category", layer=_LAYER, rows=table.rows[unknown], field="category",
        value=written[unknown].to_numpy(dtype=object),
        near=["、".join(vocabulary.near_categories(word)) for word in written[unknown]],
    )  # fmt: skip
    return found


def _statuses(written: pd.Series, table: Table, issues: IssueLog) -> pd.Series:
    def meaning(word: str) -> str:
        known = vocabulary.status_of(word)
        return known or ("operating" if _DONE.search(word) else "")

    found = written.map({word: meaning(word) for word in written.unique()}).astype("str")
    unknown = ((found == "") & (written != "")).to_numpy(dtype=bool)
    issues.add_rows(
        "warning", "project_status", layer=_LAYER, rows=table.rows[unknown], field="status",
        value=written[unknown].to_numpy(dtype=object),
    )  # fmt: skip
    return found.where(found != "", "planned")


def _add_years(frame: pd.DataFrame, table: Table, issues: IssueLog) -> None:
    """Add when a project starts and when it opens, from its years or from its period."""
    named = [[int(year) for year in _YEAR.findall(text)] for text in frame["period"]]
    first = pd.Series([min(years, default=pd.NA) for years in named], index=frame.index)
    last = pd.Series([max(years, default=pd.NA) for years in named], index=frame.index)
    given = frame.get("open_year", pd.Series(pd.NA, index=frame.index)).astype("Int64")
    frame["open_year"] = given.fillna(last.astype("Int64"))
    frame["start_year"] = first.astype("Int64")
    without = (frame["open_year"].isna() & (frame["category"] != "")).to_numpy(dtype=bool)
    issues.add_rows(
        "warning", "project_without_year", layer=_LAYER, rows=table.rows[without],
        field="open_year", value=frame["name"].to_numpy(dtype=object)[without],
    )  # fmt: skip


def _place(
    frame: pd.DataFrame,
    shapes: Shapes,
    units: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame],
    crosswalk: Crosswalk | None,
    table: Table,
    issues: IssueLog,
) -> Shapes:
    """Add the units that projects lie in and how sure that is, and return their points."""
    townships, communities = units
    declared = declared_units(
        frame["township"], None, township_finder(townships, crosswalk), table, issues,
        field="township",
    )  # fmt: skip
    community = declared_units(
        frame["community"], declared, community_finder(communities, townships, crosswalk),
        table, issues, field="community",
    )  # fmt: skip
    places = shaped.points(shapes)
    exact = ~shapely.is_missing(places)
    lies_in = dict(zip(communities["code"], communities["township"], strict=True))
    township = declared.where(declared != "", community.map(lies_in).fillna(""))
    inner = _inner_points(communities) | _inner_points(townships)
    for position in np.flatnonzero(~exact):
        code = community.iloc[position]
        places[position] = inner.get(code) or inner.get(township.iloc[position])
    nowhere = shapely.is_missing(places) & (frame["category"] != "").to_numpy()
    issues.add_rows(
        "warning", "project_without_place", layer=_LAYER, rows=table.rows[nowhere],
        field="township", value=frame["name"].to_numpy(dtype=object)[nowhere],
    )  # fmt: skip
    frame["location"] = np.where(
        exact, "exact", np.where(shapely.is_missing(places), "none", "approximate")
    )
    frame["township"] = township.where(~exact, located_in(places, townships)).astype("str")
    frame["community"] = community.where(~exact, located_in(places, communities)).astype("str")
    return places


def _inner_points(units: gpd.GeoDataFrame) -> dict[str, Any]:
    inner = shapely.point_on_surface(np.asarray(units.geometry.array))
    return dict(zip(units["code"], inner, strict=True))
