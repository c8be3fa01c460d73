"""Where edits are: shapes in the project's coordinate system, and the units they lie in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from coverage.errors import ScenarioError
from coverage.layers.declared import community_finder, township_finder
from coverage.layers.units import community_at, located_in
from coverage.scenario.checks import are_degrees

if TYPE_CHECKING:
    from coverage.layers import Layers
    from coverage.layers.location.shapes import Shapes
    from coverage.layers.places import Units
    from coverage.scenario.edits import Placed, Vertices

_SPACING_M = 50.0  # metres between the points that new housing is spread over
_MOST_POINTS = 400


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A place: its point, the codes of township and community, whether it is only roughly known."""

    point: shapely.Point
    township: str
    community: str
    approximate: bool = False


@dataclass(frozen=True, kw_only=True)
class Where:
    """Name an edit in complaints: the file and its number in it."""

    source: str
    number: int

    def wrong(self, key: str, **values: object) -> ScenarioError:
        """Return an error of this edit."""
        return ScenarioError(f"scenario.{key}", path=self.source, number=self.number, **values)


class Ground:
    """Find places in the project.

    Parameters
    ----------
    layers
        The project's layers: their units have the outlines and names that count.
    """

    def __init__(self, layers: Layers) -> None:
        self._layers = layers
        self.crs = layers.crs

    def spot(self, edit: Placed, where: Where) -> Spot:
        """Return the place of an edit.

        Raises
        ------
        ScenarioError
            If it lies outside all townships, or names no community.
        """
        if edit.community:
            return self._of_community(edit.community, where)
        return self.at(self._point(edit), where)

    def at(self, point: shapely.Point, where: Where) -> Spot:
        """Return the units that a point lies in.

        Raises
        ------
        ScenarioError
            If it lies outside all townships.
        """
        (spot,) = self.spots(np.array([point], dtype=object), where)
        return spot

    def spots(self, points: Shapes, where: Where) -> list[Spot]:
        """Return the units that points lie in.

        Raises
        ------
        ScenarioError
            If one lies outside all townships.
        """
        township = located_in(points, self._layers.townships)
        outside = np.flatnonzero(township == "")
        if outside.size:
            point = points[outside[0]]
            degrees = gpd.GeoSeries([point], crs=self._layers.crs).to_crs(4326).iloc[0]
            at = f"{degrees.x:.5f}, {degrees.y:.5f}"
            raise where.wrong("outside", at=at)
        community = community_at(points, township, self._layers.communities)
        return [
            Spot(point=point, township=str(town), community=str(unit))
            for point, town, unit in zip(points, township, community, strict=True)
        ]

    def shape(self, vertices: Vertices, *, area: bool) -> shapely.Geometry:
        """Return a line or an area through vertices, in the project's coordinate system."""
        drawn = shapely.Polygon(vertices) if area else shapely.LineString(vertices)
        if area:
            drawn = shapely.make_valid(drawn, method="structure", keep_collapsed=False)
        if are_degrees(vertices[0]):
            return gpd.GeoSeries([drawn], crs=4326).to_crs(self._layers.crs).iloc[0]
        return drawn

    def points_in(self, polygon: shapely.Geometry) -> Shapes:
        """Return points spread evenly over a polygon, at least one."""
        west, south, east, north = polygon.bounds
        step = max(_SPACING_M, float(np.sqrt(polygon.area / _MOST_POINTS)))
        x, y = np.meshgrid(
            np.arange(west + step / 2, east, step), np.arange(south + step / 2, north, step)
        )
        points = np.asarray(shapely.points(x.ravel(), y.ravel()), dtype=object)
        shapely.prepare(polygon)
        inside = points[shapely.contains(polygon, points)]
        return inside if inside.size else np.array([polygon.representative_point()], dtype=object)

    def served(self, unit: str, where: Where) -> str:
        """Return the code of a community or township by its code or name.

        Raises
        ------
        ScenarioError
            If there is none, or several have the name.
        """
        code = self._communities.find(unit) or self._townships.find(unit)
        if not code:
            raise where.wrong("unknown_unit", value=unit, near=self._communities.near(unit))
        return code

    def _of_community(self, written: str, where: Where) -> Spot:
        code = self._communities.find(written)
        if not code:
            raise where.wrong("unknown_unit", value=written, near=self._communities.near(written))
        communities = self._layers.communities
        row = communities[communities["code"] == code].iloc[0]
        shape = row.geometry
        if shape is None or shape.is_empty:
            raise where.wrong("unit_without_place", value=written)
        point = shapely.point_on_surface(shape)
        return Spot(point=point, township=str(row["township"]), community=code, approximate=True)

    def _point(self, edit: Placed) -> shapely.Point:
        if edit.lon is None or edit.lat is None:
            return shapely.Point(edit.x, edit.y)
        series = gpd.GeoSeries([shapely.Point(edit.lon, edit.lat)], crs=4326)
        return series.to_crs(self._layers.crs).iloc[0]

    @cached_property
    def _communities(self) -> Units:
        return community_finder(self._layers.communities, self._layers.townships, None)

    @cached_property
    def _townships(self) -> Units:
        return township_finder(self._layers.townships, None)
