"""The street network: minutes between points along streets."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from coverage.errors import NetworkError
from coverage.network import areas, edits, travel
from coverage.network.effort import Effort, Walking, effort_of
from coverage.network.elevation import Elevation
from coverage.network.graphs import streets_of_graph
from coverage.network.lines import checked_crs, streets_of_lines
from coverage.network.search import TOLERANCE_MINUTES
from coverage.network.snap import Obstacles, Snapped, snap
from coverage.network.streets import Streets, parts_of, with_edges, without_islands
from coverage.network.updates import LiveTimes

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    import networkx as nx
    import pyproj
    from scipy.sparse import csr_array

    from coverage.service import Direction, Mode

    Points: TypeAlias = gpd.GeoDataFrame | gpd.GeoSeries | Snapped
    Shapes: TypeAlias = gpd.GeoDataFrame | gpd.GeoSeries | Iterable[shapely.Geometry]


# walking speeds whose minutes are kept
_COSTS_KEPT = 4


def _no_obstacles() -> Obstacles:
    return Obstacles(np.empty(0, dtype=object))


@dataclass(frozen=True, kw_only=True, eq=False)
class StreetNetwork(Streets):
    """Answer who reaches what along streets, in how many minutes.

    Minutes of a trip are those of two straight legs, from the point to the nearest place on the
    nearest edge at both ends and at walking speed in every mode, and the least sum of edge minutes
    between; part of an edge costs in proportion. Trips lead from demand to facility. Limits are
    inclusive. Arguments `demand` and `facilities` are points in any coordinate system, or what
    `snap` made of them, so that points used often are snapped once.

    Parameters
    ----------
    islands
        Pieces of network left out: ``length_m``, ``geometry``.
    obstacles
        What legs may not cross.
    effort
        What walking takes beyond the length of edges; None: nothing, as for cars.

    See Also
    --------
    read_network : Read a network from a file.

    Notes
    -----
    The other parameters are those of `Streets`. Minutes are rounded to 2^-40, so sums are exact.
    """

    islands: gpd.GeoDataFrame
    obstacles: Obstacles = field(default_factory=_no_obstacles)
    effort: Effort | None = None

    @classmethod
    def from_streets(
        cls, streets: Streets, *, min_island: float, steps: bool = True
    ) -> StreetNetwork:
        """Make a network of streets, small pieces left out.

        Parameters
        ----------
        streets
            Streets as read.
        min_island
            Pieces with fewer metres of streets are left out, save the largest.
        steps
            Whether stairs are streets.
        """
        if not steps:
            streets = with_edges(streets, ~streets.steps)
        if not streets.u.size:
            raise NetworkError("network.streets_without_length")
        kept, islands = without_islands(streets, min_island)
        return cls(**parts_of(kept), islands=islands)

    @classmethod
    def from_edges(
        cls,
        lines: gpd.GeoDataFrame | gpd.GeoSeries,
        *,
        mode: Mode = "walk",
        min_island: float = 0.0,
        node_crossings: bool = False,
        crs: pyproj.CRS | str | int | None = None,
    ) -> StreetNetwork:
        """Make a network of lines.

        Vertices within 0.1 m of each other join. Columns ``highway``, ``oneway``, ``junction``,
        ``maxspeed``, ``bridge`` and ``tunnel`` are read as the OSM tags of these names.

        Parameters
        ----------
        lines
            Lines in any coordinate system.
        mode
            ``walk`` (one-way streets count both ways) or ``drive``.
        min_island
            Pieces with fewer metres of streets are left out, save the largest.
        node_crossings
            Whether lines that cross without a common vertex meet there.
        crs
            Metric coordinate system of the network; None keeps that of the lines if it is metric
            and true to scale within 1 %, and else chooses one by the extent.

        Returns
        -------
        StreetNetwork
            The network, ready for searches.

        Raises
        ------
        NetworkError
            If there are no lines, or they have no coordinate system.
        """
        streets = streets_of_lines(
            lines, mode=mode, node_crossings=node_crossings, crs=checked_crs(crs), source="lines"
        )
        return cls.from_streets(streets, min_island=min_island)

    @classmethod
    def from_graph(
        cls,
        graph: nx.Graph,
        *,
        mode: Mode = "walk",
        min_island: float = 0.0,
        crs: pyproj.CRS | str | int | None = None,
    ) -> StreetNetwork:
        """Make a network of a graph of OSMnx or networkx.

        Parameters
        ----------
        graph
            Graph with ``x`` and ``y`` on its nodes and ``crs`` among its attributes; edges run
            along their ``geometry``, else straight.
        mode
            ``walk`` (every edge counts both ways) or ``drive`` (edges count as the graph has them).
        min_island, crs
            As for `from_edges`.

        Returns
        -------
        StreetNetwork
            The network, ready for searches.

        Raises
        ------
        NetworkError
            If the graph has no edges, no coordinates or no coordinate system.
        """
        streets = streets_of_graph(graph, mode=mode, crs=checked_crs(crs), source="graph")
        return cls.from_streets(streets, min_island=min_island)

    def with_obstacles(self, *layers: Shapes) -> StreetNetwork:
        """Return the network with obstacles that legs from points to streets may not cross.

        Streets themselves cross what they cross: bridges stay.

        Parameters
        ----------
        *layers
            Water, walls, railways: polygons and lines. Layers with a coordinate system are
            reprojected; bare geometries are taken to be in the network's.
        """
        shapes = [self._shapes(layer) for layer in layers]
        obstacles = Obstacles(np.concatenate([self.obstacles.geometries, *shapes]))
        return self._with("_known_costs", obstacles=obstacles)

    def with_walking(
        self,
        elevation: Elevation | str | Path | None = None,
        *,
        direction: Direction = "round_trip",
        steps_factor: float = 1.0,
        crossing_delay_s: float = 0.0,
    ) -> StreetNetwork:
        """Return the network as people walk it: slower uphill, on stairs, and at crossings.

        An edge's speed is the speed on the flat times Tobler's function of the slope, normalised
        to 1 on the flat and at most 1 downhill, in pieces of at most 30 m. Legs from points to
        streets are flat. Networks of cars stay as they are.

        Parameters
        ----------
        elevation
            Raster of heights in metres, in any coordinate system; streets without heights are flat.
            None: everything is.
        direction
            Which way trips lead, between demand and facilities: ``to`` facilities, ``from`` them,
            or ``round_trip``, the mean of both on every edge.
        steps_factor
            Speed on stairs, as a share of that elsewhere.
        crossing_delay_s
            Seconds that one waits at each junction with a street of class tertiary or above.

        Returns
        -------
        StreetNetwork
            The network; its ``effort`` tells what each edge takes, and which metres have no height.

        Raises
        ------
        NetworkError
            If a number cannot be used, or the raster cannot.
        """
        if direction not in ("to", "from", "round_trip"):
            raise NetworkError("network.bad_direction", value=direction)
        _check_positive("steps_factor", steps_factor)
        _check_at_least_zero("crossing_delay_s", crossing_delay_s)
        if self.mode == "drive":
            return self
        if isinstance(elevation, str | Path):
            elevation = Elevation(elevation)
        walking = Walking(
            elevation=elevation,
            direction=direction,
            steps_factor=steps_factor,
            crossing_delay_s=crossing_delay_s,
        )
        return self._with(effort=effort_of(self, walking))

    def without(self, *layers: Shapes) -> StreetNetwork:
        """Return the network with streets closed: those in areas, and across lines.

        What lies inside an area is gone, bridges too; lines cut the streets that they cross, and
        those that meet at a node on a line. The rest stays, pieces that lead nowhere included.
        Points are to be snapped again: edges have other positions.

        Parameters
        ----------
        *layers
            Closed polygons and lines. Layers with a coordinate system are reprojected; bare
            geometries are taken to be in the network's.

        Raises
        ------
        NetworkError
            If no street is left.
        """
        shapes = np.concatenate([np.empty(0, object), *map(self._shapes, layers)])
        return edits.closed(self, shapes)

    def with_links(
        self, links: Shapes, *, bridge: bool = True, snap_limit: float = 500.0
    ) -> StreetNetwork:
        """Return the network with links added one after the other: bridges, paths, streets.

        Each joins at its two ends only: at a node within 0.1 m, else it goes on straight to the
        nearest edge, earlier links included, and splits it. Points are to be snapped again.

        Parameters
        ----------
        links
            Lines. Columns ``highway``, ``oneway``, ``maxspeed``, ``bridge`` and ``tunnel`` of a
            table are read as the OSM tags of these names.
        bridge
            Whether links that no column ``bridge`` tells of are straight in height between their
            ends; else they follow the ground.
        snap_limit
            Farthest end from any edge, metres.

        Raises
        ------
        NetworkError
            If a link is no line, has no length, or ends too far from any street.
        """
        _check_at_least_zero("snap_limit", snap_limit)
        shapes = self._shapes(links)
        tags = pd.DataFrame(index=range(len(shapes)))
        if isinstance(links, gpd.GeoDataFrame):
            tags = pd.DataFrame(links.drop(columns=links.geometry.name))
        if "bridge" not in tags:
            tags = tags.assign(bridge="yes" if bridge else "no")
        return edits.linked(self, shapes, tags, snap_limit)

    def _with(self, *known: str, **changes: Any) -> StreetNetwork:  # noqa: ANN401 - any field
        """Return the network with other fields on the same streets."""
        network = replace(self, **changes)
        for name in ("length_m", "tree", "adjacency", *known):
            if name in vars(self):
                vars(network)[name] = vars(self)[name]
        return network

    def snap(
        self, points: gpd.GeoDataFrame | gpd.GeoSeries, *, snap_limit: float = 500.0
    ) -> Snapped:
        """Tie points to the nearest edge that they reach without crossing an obstacle.

        Parameters
        ----------
        points
            Points in any coordinate system; those without geometry are off the network.
        snap_limit
            Points farther than this from any edge, in metres, are off the network.

        Returns
        -------
        Snapped
            Where each point enters the network.

        Raises
        ------
        NetworkError
            If the layer has no coordinate system, or holds anything but points.
        """
        _check_at_least_zero("snap_limit", snap_limit)
        return snap(self, self.tree, self.obstacles, points, snap_limit)

    def nearest(
        self,
        demand: Points,
        facilities: Points,
        *,
        limit: float | None = None,
        speed: float = 0.9,
        snap_limit: float = 500.0,
    ) -> pd.DataFrame:
        """Return the minutes from each demand point to its nearest facility.

        Parameters
        ----------
        demand
            Where trips start.
        facilities
            Where they end; any one will do.
        limit
            Longest trip in minutes, inclusive; None for none.
        speed
            Walking speed in m/s.
        snap_limit
            Points farther than this from any edge, in metres, are off the network.

        Returns
        -------
        DataFrame
            Indexed as `demand`. ``minutes``, NaN past the limit or without a way; ``facility``, the
            facility's label, missing likewise, of several at equal minutes the first; ``status``:
            ``reached``, ``beyond_limit``, ``unreachable`` (no way leads to any facility) or
            ``off_network`` (no street within the snap limit).
        """
        _check_limit(limit)
        starts, ends = self._snapped(demand, snap_limit), self._snapped(facilities, snap_limit)
        minutes, position = travel.nearest(self, self.adjacency, self._costs(speed), starts, ends)
        linked = np.isfinite(minutes)
        reached = linked if limit is None else minutes <= limit + TOLERANCE_MINUTES
        status = np.select(
            [~starts.on_network, ~linked, ~reached],
            ["off_network", "unreachable", "beyond_limit"],
            "reached",
        )
        facility = np.full(len(starts), None, dtype=object)
        facility[reached] = np.asarray(ends.index, dtype=object)[position[reached]]
        return pd.DataFrame(
            {
                "minutes": np.where(reached, minutes, np.nan),
                "facility": pd.Series(facility, index=starts.index, dtype=object),
                "status": status.astype(object),
            },
            index=starts.index,
        )

    def travel_times(
        self,
        demand: Points,
        facilities: Points,
        *,
        limit: float | None = 15.0,
        speed: float = 0.9,
        snap_limit: float = 500.0,
    ) -> csr_array:
        """Return the minutes of all trips within a limit.

        Parameters
        ----------
        demand
            Where trips start: the rows.
        facilities
            Where they end: the columns.
        limit
            Longest trip in minutes, inclusive; None for none.
        speed, snap_limit
            As for `nearest`.

        Returns
        -------
        csr_array
            Minutes; trips of no minutes are explicit zeros, trips past the limit have no entry.
        """
        _check_limit(limit)
        starts, ends = self._snapped(demand, snap_limit), self._snapped(facilities, snap_limit)
        bound = np.inf if limit is None else float(limit)
        return travel.travel_times(self, self.adjacency, self._costs(speed), starts, ends, bound)

    def live_times(self, demand: Snapped, facilities: Snapped, *, speed: float = 0.9) -> LiveTimes:
        """Return minutes to the nearest facility that stay true while facilities come and go.

        Parameters
        ----------
        demand
            Where trips start.
        facilities
            Where they end.
        speed
            Walking speed in m/s.
        """
        return LiveTimes(self, self.adjacency, self._costs(speed), demand, facilities)

    def service_areas(
        self,
        facilities: Points,
        *,
        limit: float = 15.0,
        speed: float = 0.9,
        buffer_m: float = 25.0,
        snap_limit: float = 500.0,
        erase: Shapes | None = None,
    ) -> gpd.GeoDataFrame:
        """Draw the ground from which each facility is reached within a limit.

        The ground is that beside the reached lines, never a hull, less obstacles that cover ground.
        It is for drawing; what is covered, minutes decide.

        Parameters
        ----------
        facilities
            Where trips end.
        limit
            Longest way in minutes, the facility's own leg included.
        speed
            Walking speed in m/s.
        buffer_m
            Width of the ground on either side of reached lines, metres.
        snap_limit
            Points farther than this from any edge, in metres, are off the network.
        erase
            Further polygons that are no ground.

        Returns
        -------
        GeoDataFrame
            Indexed as `facilities`: ``minutes`` (the limit), ``geometry``, empty for facilities off
            the network.
        """
        ends = self._snapped(facilities, snap_limit)
        lines = self._reached(ends, limit, speed)
        _check_positive("buffer_m", buffer_m)
        grounds = areas.polygons(lines, ends, buffer_m, self._erased(erase))
        return gpd.GeoDataFrame(
            {"minutes": np.full(len(ends), float(limit))},
            index=ends.index,
            geometry=grounds,
            crs=self.crs,
        )

    def merged_service_area(
        self,
        facilities: Points,
        *,
        limit: float = 15.0,
        speed: float = 0.9,
        buffer_m: float = 25.0,
        snap_limit: float = 500.0,
        erase: Shapes | None = None,
    ) -> shapely.Geometry:
        """Draw the ground from which any of the facilities is reached within a limit.

        One search serves all facilities.

        Parameters
        ----------
        facilities, limit, speed, buffer_m, snap_limit, erase
            As for `service_areas`.

        Returns
        -------
        Geometry
            Polygon or multipolygon in the network's coordinate system.
        """
        ends = self._snapped(facilities, snap_limit)
        _check_at_least_zero("limit", limit)
        _check_positive("buffer_m", buffer_m)
        lines = areas.reached_by_any(self, self.adjacency, self._costs(speed), ends, limit)
        return areas.merged_polygon(lines, ends, buffer_m, self._erased(erase))

    def reached_lines(
        self,
        facilities: Points,
        *,
        limit: float = 15.0,
        speed: float = 0.9,
        snap_limit: float = 500.0,
    ) -> gpd.GeoDataFrame:
        """Return the lines from which each facility is reached within a limit.

        Parameters
        ----------
        facilities, limit, speed, snap_limit
            As for `service_areas`.

        Returns
        -------
        GeoDataFrame
            Indexed as `facilities`: ``minutes`` (the limit), ``geometry``: parts of edges, cut
            where the minutes run out, and the facility's leg.
        """
        ends = self._snapped(facilities, snap_limit)
        return gpd.GeoDataFrame(
            {"minutes": np.full(len(ends), float(limit))},
            index=ends.index,
            geometry=self._reached(ends, limit, speed),
            crs=self.crs,
        )

    def _reached(
        self, ends: Snapped, limit: float, speed: float
    ) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
        _check_at_least_zero("limit", limit)
        return areas.reached_lines(self, self.adjacency, self._costs(speed), ends, limit)

    def _erased(self, erase: Shapes | None) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
        known = self.obstacles.polygons
        if erase is None:
            return known
        return np.concatenate([known, Obstacles(self._shapes(erase)).polygons])

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Spatial index of the edges."""
        return shapely.STRtree(self.segments())

    @cached_property
    def adjacency(self) -> travel.Adjacency:
        """Which edges enter each node."""
        return travel.adjacency_of(self)

    @cached_property
    def _known_costs(self) -> dict[float, travel.Costs]:
        return {}

    def _costs(self, speed: float) -> travel.Costs:
        if not (np.isfinite(speed) and speed > 0):
            raise NetworkError("network.bad_number", name="speed", value=speed)
        costs = self._known_costs.get(speed)
        if costs is None:
            if len(self._known_costs) == _COSTS_KEPT:
                self._known_costs.clear()
            costs = travel.costs_at(self, self.adjacency, speed, self.effort)
            self._known_costs[speed] = costs
        return costs

    def _snapped(self, points: Points, snap_limit: float) -> Snapped:
        return points if isinstance(points, Snapped) else self.snap(points, snap_limit=snap_limit)

    def _shapes(self, layer: Shapes) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
        if isinstance(layer, gpd.GeoDataFrame | gpd.GeoSeries):
            if layer.crs is None and len(layer):
                raise NetworkError("network.shapes_without_crs")
            drawn = layer.geometry.to_crs(self.crs) if len(layer) else layer.geometry
            return np.asarray(drawn.array, dtype=object)
        return np.array(list(layer), dtype=object)


def _check_limit(limit: float | None) -> None:
    if limit is not None:
        _check_at_least_zero("limit", limit)


def _check_at_least_zero(name: str, value: float) -> None:
    if not value >= 0:
        raise NetworkError("network.bad_number", name=name, value=value)


def _check_positive(name: str, value: float) -> None:
    if not (np.isfinite(value) and value > 0):
        raise NetworkError("network.bad_number", name=name, value=value)
