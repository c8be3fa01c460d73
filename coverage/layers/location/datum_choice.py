"""Settle the datum of layers that do not say theirs: WGS84 (or CGCS2000), GCJ-02 or BD-09.

A layer that may come from a web map (longitudes and latitudes in China, ``datum = "auto"``) is
placed three times, as if it were on each datum, and held against all that the project offers:

- places (facilities, demand, buildings, …): the townships and communities that they declare, and
  the distance to streets;
- polygons (counties, townships, communities): the part of their outlines that runs along streets or
  along the outlines of each other, since every border of a county is one of townships.

Layers are settled in the order townships, counties, communities, all others. One that fits another
which is itself in doubt proves nothing by it: both may be shifted alike. A datum is clear if all
evidence together is for it by 3 standard deviations against the coordinates as they are and by 2
against the third datum, and no single kind of evidence is against it by more than 1
(`coverage.layers.location.evidence` has the statistics; kinds are summed by Stouffer's method).
What is clearly GCJ-02 or BD-09 is converted. What is not clear is left as it is; the user
is asked where places are in doubt, or where polygons look as if they were not on WGS84.

References
----------
Stouffer, S. A. et al. (1949). The American Soldier, vol. 1. Princeton University Press, p. 45.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from coverage.layers.location import datum
from coverage.layers.location.crs import metric_crs
from coverage.layers.location.evidence import (
    Evidence,
    Pieces,
    coincidence,
    evenly,
    membership,
    nearness,
)
from coverage.layers.location.placing import WGS84
from coverage.layers.places import Units

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    import pyproj
    from numpy.typing import NDArray

    from coverage.layers.issues import IssueLog
    from coverage.layers.location.placing import Placed

    Floats = NDArray[np.float64]
    Shapes = NDArray[np.object_]
    Streets = Callable[[], gpd.GeoSeries]

_AS_READ = "wgs84"
_HYPOTHESES = (_AS_READ, *datum.SHIFTED)
# in the order they are settled, each with the layer whose outlines it is held against
_OUTLINED = {"townships": "counties", "counties": "townships", "communities": "townships"}
_PLACES = ("facilities", "demand", "buildings", "candidates", "projects", "estates", "entered")
_CLEAR, _CLEAR_OF_THIRD, _AGAINST = 3.0, 2.0, -1.0  # standard deviations
_HINT = 2.0  # of polygons, for which nobody expects a web map's datum
_REACH_M = 1500.0  # around a layer; farther streets are of no matter
_DECLARED = {"townships": "township", "communities": "community"}
_TITLES = {"gcj02": "GCJ-02", "bd09": "BD-09"}
_NONE = "—"
_POLYGON = 2  # dimension of shapely


def settle_datums(
    placed: Mapping[str, Placed], streets: Streets | None, issues: IssueLog
) -> dict[str, Placed]:
    """Return layers on WGS84, those of another datum converted.

    Parameters
    ----------
    placed
        Layers by name, coordinates as they were read.
    streets
        Draws the streets, which are WGS84, when a layer needs them; None where there are none.
    issues
        Where findings go.
    """
    result = {
        layer: _converted(one, one.source.datum) if one.source.datum in datum.SHIFTED else one
        for layer, one in placed.items()
    }
    trusted = {layer for layer, one in result.items() if not _in_doubt(one)}
    surroundings = _Surroundings(result, streets, trusted)
    for layer in (*_OUTLINED, *_PLACES):
        one = result.get(layer)
        if one is None or layer in trusted:
            continue
        evidence = surroundings.evidence(layer)
        found = _verdict(evidence)
        _report(layer, one, evidence, found, issues)
        trusted |= {layer} if found else set()
        if found in datum.SHIFTED:
            result[layer] = _converted(one, found)
    return result


def _in_doubt(one: Placed) -> bool:
    bounds = one.bounds
    if one.source.datum != "auto" or not one.web or bounds is None:
        return False
    west, south, east, north = bounds
    middle = np.array([(west + east) / 2]), np.array([(south + north) / 2])
    return bool(datum.in_china(*middle)[0])


def _converted(one: Placed, name: str) -> Placed:
    if one.shapes is None:
        return one
    return replace(one, shapes=gpd.GeoSeries(_shift(one.shapes, name), crs=WGS84))


def _shift(shapes: gpd.GeoSeries, name: str) -> Shapes:
    def shift(xy: Floats) -> Floats:
        return np.column_stack(datum.to_wgs84(xy[:, 0], xy[:, 1], name))

    shifted: Shapes = shapely.transform(np.asarray(shapes.array, dtype=object), shift)
    return shifted


@dataclass(frozen=True)
class _Surroundings:
    """What layers are held against: each other as far as they are settled, and streets."""

    layers: Mapping[str, Placed]
    streets: Streets | None
    trusted: Collection[str]  # layers whose datum is known

    def evidence(self, layer: str) -> tuple[Evidence, ...]:
        """Return all evidence on the datum of a layer, of which there may be none."""
        kinds = self._of_outlines if layer in _OUTLINED else self._of_places
        return tuple(evidence for evidence in kinds(layer) if evidence is not None)

    def _of_outlines(self, layer: str) -> Iterator[Evidence | None]:
        crs, under = self._hypotheses(layer)
        outlines = {name: Pieces(_outlines(shapes)) for name, shapes in under.items()}
        if not len(outlines[_AS_READ]):
            return
        other = _OUTLINED[layer]
        reference = self.layers[other].shapes if other in self.layers else None
        if reference is not None:
            shapes = np.asarray(reference.to_crs(crs).array, dtype=object)
            yield self._proof(coincidence(outlines, Pieces(_outlines(shapes))), other)
        yield coincidence(outlines, self._streets_around(under[_AS_READ], crs))

    def _of_places(self, layer: str) -> Iterator[Evidence | None]:
        crs, under = self._hypotheses(layer)
        points = {name: shapely.centroid(shapes) for name, shapes in under.items()}
        for units in ("townships", "communities"):
            yield self._proof(membership(self._inside(layer, units, points, crs)), units)
        xy = {name: shapely.get_coordinates(shapes) for name, shapes in points.items()}
        yield nearness(xy, self._streets_around(points[_AS_READ], crs))

    def _proof(self, evidence: Evidence | None, reference: str) -> Evidence | None:
        """Return evidence unless it only says that a layer fits one in doubt as it is."""
        if evidence is None or reference in self.trusted:
            return evidence
        fits = all(evidence.over[_AS_READ, name] > 0 for name in datum.SHIFTED)
        return None if fits else evidence

    def _hypotheses(self, layer: str) -> tuple[pyproj.CRS, dict[str, Shapes]]:
        """Return a metric system, and by datum the layer's shapes in it, thinned out if many."""
        one = self.layers[layer]
        shapes = one.drawn.iloc[_chosen(one)]
        crs = metric_crs(tuple(shapes.total_bounds))
        under = {
            name: gpd.GeoSeries(_shift(shapes, name), crs=WGS84).to_crs(crs) for name in _HYPOTHESES
        }
        return crs, {name: np.asarray(s.array, dtype=object) for name, s in under.items()}

    def _streets_around(self, shapes: Shapes, crs: pyproj.CRS) -> Pieces:
        if self.streets is None:
            return Pieces(np.empty(0, dtype=object))
        lines = np.asarray(self.streets().to_crs(crs).array, dtype=object)
        reach = shapely.box(*shapely.total_bounds(shapes)).buffer(_REACH_M)
        return Pieces(lines[shapely.intersects(lines, reach)])

    def _inside(
        self, layer: str, level: str, points: Mapping[str, Shapes], crs: pyproj.CRS
    ) -> dict[str, NDArray[np.bool_]]:
        """Return by datum which places that declare a unit of a level with a polygon lie in it."""
        one, units = self.layers[layer], self.layers.get(level)
        field = _DECLARED[level]
        nothing = {name: np.zeros(0, dtype=bool) for name in points}
        if units is None or units.shapes is None or field not in one.table.frame:
            return nothing
        written = one.table.frame[field].iloc[_chosen(one)]
        frame = units.table.frame
        empty = pd.Series("", index=frame.index, dtype="str")
        name = frame.get("name", empty)
        code = frame.get("code", empty)
        found = Units(code.where(code != "", name), name).match(written).to_numpy(dtype=object)
        areas = np.asarray(units.shapes.to_crs(crs).array, dtype=object)
        polygons = dict(zip(code.where(code != "", name), areas, strict=True))
        declared = np.array([polygons.get(unit) for unit in found], dtype=object)
        known = shapely.get_dimensions(declared) == _POLYGON
        shapely.prepare(declared)
        return {
            datum: shapely.intersects(declared[known], shapes[known])
            for datum, shapes in points.items()
        }


def _chosen(one: Placed) -> NDArray[np.intp]:
    """Return the positions of the shapes that are looked at: polygons all, places enough."""
    shapes = np.asarray(one.drawn.array, dtype=object)
    known = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    return known if one.table.layer in _OUTLINED else evenly(known)


def _outlines(shapes: Shapes) -> Shapes:
    polygonal = shapely.get_dimensions(shapes) == _POLYGON
    outlines: Shapes = np.asarray(shapely.boundary(shapes[polygonal]))
    return outlines


def _total(evidence: Sequence[Evidence], one: str, other: str) -> float:
    """Return by how many standard deviations all evidence together is for one datum."""
    return sum(e.over[one, other] for e in evidence) / float(max(len(evidence), 1) ** 0.5)


def _verdict(evidence: Sequence[Evidence]) -> str:
    """Return the datum that is clear, empty where none is."""
    for name in datum.SHIFTED:
        third = next(other for other in datum.SHIFTED if other != name)
        if (
            _total(evidence, name, _AS_READ) >= _CLEAR
            and _total(evidence, name, third) >= _CLEAR_OF_THIRD
            and all(e.over[name, _AS_READ] >= _AGAINST for e in evidence)
        ):
            return name
    confirmed = all(_total(evidence, _AS_READ, n) >= _CLEAR_OF_THIRD for n in datum.SHIFTED)
    return _AS_READ if confirmed else ""


def _report(
    layer: str, one: Placed, evidence: Sequence[Evidence], found: str, issues: IssueLog
) -> None:
    """Say what was converted, or ask where it is not clear."""
    if found == _AS_READ:
        return
    best = max(datum.SHIFTED, key=lambda name: _total(evidence, name, _AS_READ))
    hint = _total(evidence, best, _AS_READ) >= _HINT
    if not found and layer in _OUTLINED and not hint:
        return
    count = int(one.drawn.notna().sum())
    figures = _figures(evidence, best)
    issues.add(
        "warning" if found or hint else "info",
        "converted_datum" if found else "uncertain_datum",
        layer=layer,
        value=_TITLES[best],
        datum=best,
        count=count,
        shift_m=f"{_median_shift(one, best):.0f}",
        inside=figures["inside"],
        streets=figures["streets"],
        outlines=figures["outlines"],
    )


def _figures(evidence: Sequence[Evidence], name: str) -> dict[str, str]:
    """Return what each kind of evidence says of the coordinates as they are and converted."""
    figures = dict.fromkeys(("inside", "streets", "outlines"), _NONE)
    for e in evidence:
        before, after = e.figures[_AS_READ], e.figures[name]
        if e.kind == "streets":
            figures[e.kind] = f"{before:.0f} → {after:.0f}"
        elif figures[e.kind] == _NONE:
            figures[e.kind] = f"{before:.1%} → {after:.1%}"
    return figures


def _median_shift(one: Placed, name: str) -> float:
    shapes = one.drawn.iloc[_chosen(one)]
    crs = metric_crs(tuple(shapes.total_bounds))
    shifted = gpd.GeoSeries(_shift(shapes, name), crs=WGS84).to_crs(crs)
    moved = shapely.distance(
        shapely.centroid(np.asarray(shapes.to_crs(crs).array)),
        shapely.centroid(np.asarray(shifted.array)),
    )
    return float(np.median(moved))
