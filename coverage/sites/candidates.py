"""Places where something could be built, and why some of them cannot be used."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from coverage import texts, vocabulary
from coverage.errors import SitingError
from coverage.layers.units import community_at, located_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from coverage.analysis import Prepared
    from coverage.network import Snapped, StreetNetwork
    from coverage.service import Service
    from coverage.sites.question import SiteQuestion

USABLE = "usable"
# of several reasons the first is told
ASIDE = ("no_location", "outside", "excluded", "unsuitable", "no_cost", "off_network")
_KEPT = ("name", "cost", "suitability", "floor_area_m2", "capacity")
# functions that care for the old where they are; a meal or a reading room does not
_ELDER_CARE = (
    "全托", "日托", "上门", "助洁", "助行", "助浴", "助医", "助急", "巡访", "社区养老",
    "区域性养老服务中心", "特困供养",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Candidates:
    """Hold candidates that can be used, and all of them.

    Parameters
    ----------
    table
        All candidates: candidate, name, lon, lat, community, township, cost, suitability,
        floor_area_m2, capacity, status (``usable`` or why not), point.
    usable
        Those that can be used, their index from 0.
    snapped
        Where these meet the streets.
    """

    table: gpd.GeoDataFrame
    usable: gpd.GeoDataFrame
    snapped: Snapped

    @property
    def counts(self) -> dict[str, int]:
        """How many candidates have each status."""
        found = self.table["status"].value_counts()
        return {name: int(found[name]) for name in (USABLE, *ASIDE) if name in found}

    def positions(self, identifiers: Sequence[str], option: str) -> tuple[int, ...]:
        """Return the positions of candidates among those that can be used.

        Parameters
        ----------
        identifiers
            Their ids.
        option
            What they are given for, for complaints.

        Raises
        ------
        SitingError
            If there is no such candidate, or it cannot be used.
        """
        known = pd.Series(self.usable.index, index=self.usable["candidate"])
        for identifier in identifiers:
            if identifier in known.index:
                continue
            same = self.table.loc[self.table["candidate"] == identifier, "status"]
            if len(same):
                key = f"sites.set_aside_{same.iloc[0]}"
                raise SitingError(key, id=identifier)
            near = get_close_matches(identifier, self.table["candidate"], n=1, cutoff=0.0)
            raise SitingError(
                "sites.no_candidate", option=option, id=identifier, near=near[0] if near else "-"
            )
        return tuple(int(known[identifier]) for identifier in identifiers)


def gather(prepared: Prepared, question: SiteQuestion, service: Service) -> Candidates:
    """Return the candidates that a question names, each with its units and its status.

    Parameters
    ----------
    prepared
        The project.
    question
        What is asked.
    service
        The service.

    Raises
    ------
    SitingError
        If there are none, none can be used, or two share an id.
    """
    table = _SOURCES[question.source[0]](prepared, question, service)
    if table.empty:
        raise SitingError("sites.no_candidates", source=question.candidates)
    twice = table["candidate"][table["candidate"].duplicated()]
    if len(twice):
        raise SitingError("sites.same_id", id=twice.iloc[0])
    # of candidates that are worth as much the first is taken: the more suitable one
    table = _amounts(table).sort_values("suitability", ascending=False, kind="stable")
    table = _located(prepared, table.reset_index(drop=True))
    network = prepared.networks[service.mode]
    limit = prepared.configuration.network.snap_limit
    snapped = network.snap(table.geometry, snap_limit=limit)
    table["status"] = _status(prepared, question, table, snapped)
    chosen = (table["status"] == USABLE).to_numpy()
    found = Candidates(
        table=table, usable=table[chosen].reset_index(drop=True), snapped=snapped.take(chosen)
    )
    if not chosen.any():
        most = max(found.counts, key=found.counts.__getitem__)
        reason = texts.say(f"sites.status_{most}")
        raise SitingError("sites.none_usable", count=len(table), most=reason)
    return found


def _amounts(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return candidates with all columns, what is not known missing."""
    table = table.reset_index(drop=True)
    for name in _KEPT:
        if name not in table:
            table[name] = "" if name == "name" else np.nan
        elif name != "name":
            table[name] = pd.to_numeric(table[name], errors="coerce").astype(float)
    return table


def _located(prepared: Prepared, table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return candidates with the units they lie in, whatever their table says."""
    points = np.asarray(table.geometry.array, dtype=object)
    township = located_in(points, prepared.layers.townships)
    table["township"] = township.to_numpy(dtype=object)
    table["community"] = community_at(points, township, prepared.layers.communities).to_numpy(
        dtype=object
    )
    degrees = table.geometry.to_crs(4326)
    table["lon"], table["lat"] = degrees.x, degrees.y
    first = ["candidate", "name", "lon", "lat", "community", "township"]
    return table[[*first, *table.columns.drop([*first, "geometry"]), "geometry"]]


def _status(
    prepared: Prepared, question: SiteQuestion, table: gpd.GeoDataFrame, snapped: Snapped
) -> NDArray[np.object_]:
    exclusions = prepared.layers.others.get("exclusions")
    inside = np.zeros(len(table), dtype=bool)
    if exclusions is not None and len(exclusions):
        point, _ = shapely.STRtree(np.asarray(exclusions.geometry.array)).query(
            np.asarray(table.geometry.array), predicate="intersects"
        )
        inside[point] = True
    cost = table["cost"]
    asked = question.money is not None and cost.notna().any()
    reasons = {
        "no_location": (table.geometry.isna() | table.geometry.is_empty).to_numpy(),
        "outside": (table["township"] == "").to_numpy(),
        "excluded": inside,
        "unsuitable": (table["suitability"] == 0).to_numpy(),
        "no_cost": (cost.isna() & asked).to_numpy(),
        "off_network": ~snapped.on_network,
    }
    return np.select(list(reasons.values()), list(reasons), USABLE).astype(object)


def _layer(prepared: Prepared, _: SiteQuestion, __: Service) -> gpd.GeoDataFrame:
    layer = prepared.layers.others.get("candidates")
    if layer is None:
        raise SitingError("sites.no_layer")
    names = layer["id" if "id" in layer else "source_row"].astype("str")
    # places come from the layer's geometry, and units from places
    left = [c for c in ("id", "lon", "lat", "township", "community") if c in layer]
    shapes = np.asarray(layer.geometry.array, dtype=object)
    # buildings drawn as areas are entered somewhere inside
    points = np.where(shapely.get_dimensions(shapes) > 0, shapely.point_on_surface(shapes), shapes)
    frame = layer.drop(columns=[*left, "geometry"]).assign(candidate=names)
    return gpd.GeoDataFrame(frame, geometry=points, crs=layer.crs)


def _facilities(prepared: Prepared, question: SiteQuestion, service: Service) -> gpd.GeoDataFrame:
    category = question.source[1]
    known = vocabulary.categories()
    if category not in known:
        near = get_close_matches(category, known, n=1, cutoff=0.0)[0]
        raise SitingError("sites.bad_category", value=category, near=near)
    if category in service.categories:
        raise SitingError("sites.offers_already", value=category, service=service.name)
    facilities = prepared.layers.facilities
    counts = prepared.facility_status[0].isin(["counted", "off_network", "no_location"])
    offers = np.zeros(len(facilities), dtype=bool)
    if service.weight.startswith("elders") and "functions" in facilities:
        # who cares for the old already is no new place for it
        functions = facilities["functions"].fillna("").astype("str").str.split(";")
        offers = functions.map(lambda has: not set(has).isdisjoint(_ELDER_CARE)).to_numpy()
    chosen = facilities[counts & (facilities["category"] == category) & ~offers]
    kept = [c for c in ("name", "floor_area_m2", "capacity") if c in chosen]
    frame = chosen[[*kept, "geometry"]].assign(candidate=chosen["id"].astype("str"))
    return gpd.GeoDataFrame(frame, crs=facilities.crs)


def _nodes(prepared: Prepared, _: SiteQuestion, service: Service) -> gpd.GeoDataFrame:
    network: StreetNetwork = prepared.networks[service.mode]
    return _points("N", network.x, network.y, prepared)


def _grid(prepared: Prepared, question: SiteQuestion, __: Service) -> gpd.GeoDataFrame:
    """Return the middles of the cells of a grid in which, or next to which, people live."""
    metres = float(question.source[1])
    places = prepared.demand.geometry
    column, row = (np.floor(v / metres).astype(np.int64) for v in (places.x, places.y))
    around = np.array([(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1)])
    cells = np.stack([column, row], axis=1)[:, None, :] + around[None, :, :]
    middles = (np.unique(cells.reshape(-1, 2), axis=0) + 0.5) * metres
    return _points("G", middles[:, 0], middles[:, 1], prepared)


def _points(letter: str, x: Any, y: Any, prepared: Prepared) -> gpd.GeoDataFrame:  # noqa: ANN401
    names = [f"{letter}{number:05d}" for number in range(1, len(x) + 1)]
    return gpd.GeoDataFrame(
        {"candidate": names}, geometry=gpd.points_from_xy(x, y), crs=prepared.layers.crs
    )


_SOURCES = {"layer": _layer, "facilities": _facilities, "nodes": _nodes, "grid": _grid}
