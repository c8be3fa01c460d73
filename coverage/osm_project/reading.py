"""Read from an OpenStreetMap extract what a project is made of, in one stream.

Boundaries are often cut at the edge of an extract; the areas that close are taken. Coordinates are
longitudes and latitudes on WGS84 throughout.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import osmium
import shapely

from coverage.errors import LayerError, NetworkError
from coverage.layers import metric_crs
from coverage.network.filters import STREET_KEY, WayFilter
from coverage.osm_project import tags as tagging

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyproj

CRS = "EPSG:4326"
SUFFIXES = (".osm.pbf", ".osm.bz2", ".osm", ".pbf")
COUNTY_LEVEL = 6  # admin_level of a county

_AREA_KEYS = (
    "amenity", "boundary", "building", "government", "healthcare", "landuse", "natural", "office",
    "shop", "social_facility", "waterway",
)  # fmt: skip
_NUMBERS = ("beds_total", "capacity")
_OLDEST_EDIT = 2004  # the year OpenStreetMap began; files without dates say 1970


@dataclass(frozen=True, kw_only=True)
class Elements:
    """What an extract holds that a project is made of.

    Parameters
    ----------
    boundaries
        Administrative areas that close: level, name, osm_id.
    unclosed
        Number of administrative boundaries that do not close, by level.
    county
        Name of the county around, empty where the file leaves it open.
    facilities
        Nodes and areas: id, name, category, beds_total, capacity.
    buildings
        Buildings that may be homes: id, home; see `coverage.osm_project.tags.home`.
    other_land
        Land on which a plain building is no home.
    water
        Rivers, lakes, reservoirs: id, name.
    streets
        Lines of the walk network: id, residential, driven (whether cars use it, too).
    left_out
        Number of elements looked at and not taken, by tag.
    year
        Year of the extract, None where nothing tells.
    year_from
        ``header`` or ``edits`` (the newest edit of what was taken), empty where nothing tells.
    """

    boundaries: gpd.GeoDataFrame
    unclosed: Mapping[int, int]
    county: str
    facilities: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    other_land: gpd.GeoDataFrame
    water: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    left_out: Mapping[str, int]
    year: int | None
    year_from: str

    @cached_property
    def metric_crs(self) -> pyproj.CRS:
        """Return the metric coordinate system to measure in, by where the streets lie."""
        return metric_crs(tuple(self.streets.total_bounds))


def read_elements(path: Path) -> Elements:
    """Read what a project is made of from an OpenStreetMap file.

    A file whose elements are not in the usual order (nodes, ways, relations, each by number) is
    sorted into a temporary file first.

    Parameters
    ----------
    path
        File ``.osm.pbf``, ``.osm`` or ``.osm.bz2``.

    Raises
    ------
    LayerError
        If there is no such file, or it cannot be read to its end.
    NetworkError
        If there is no street in it.
    """
    if not path.is_file():
        raise LayerError("osm_project.missing", path=path)
    if not path.name.lower().endswith(SUFFIXES):
        raise LayerError("osm_project.suffix", path=path, suffixes=tuple(SUFFIXES))
    try:
        elements = _read(path)
    except (osmium.InvalidLocationError, RuntimeError, OSError, ValueError) as error:
        raise LayerError("osm_project.broken", path=path, detail=error) from error
    if elements.streets.empty:
        raise NetworkError("osm_project.no_streets", path=path)
    return elements


def _read(path: Path) -> Elements:
    try:
        return _Collector(path).elements()
    except RuntimeError as error:
        if "order" not in str(error):
            raise
    with tempfile.TemporaryDirectory() as folder:
        in_order = Path(folder) / "sorted.osm.pbf"
        merger = osmium.MergeInputReader()
        merger.add_file(str(path))
        with osmium.SimpleWriter(str(in_order)) as writer:
            merger.apply(writer)
        return _Collector(in_order, dated_by=path).elements()


class _Collector:
    """Gather elements while the file streams by; geometries stay WKB until the end."""

    def __init__(self, path: Path, dated_by: Path | None = None) -> None:
        self._path = path
        # sorting drops the header
        self._dated_by = dated_by or path
        self._wkb = osmium.geom.WKBFactory()
        self._boundaries: list[dict[str, Any]] = []
        self._names: dict[int, dict[int, str]] = {}
        self._facilities: list[dict[str, Any]] = []
        self._buildings: list[dict[str, Any]] = []
        self._land: list[dict[str, Any]] = []
        self._water: list[dict[str, Any]] = []
        self._streets: list[dict[str, Any]] = []
        self._left_out: Counter[str] = Counter()
        self._newest = 0
        self._walked = WayFilter("walk").keeps
        self._driven = WayFilter("drive").keeps

    def elements(self) -> Elements:
        """Read the file and return what it holds."""
        # the filters run in C++: areas that nothing here uses are not even put together
        of_use = osmium.filter.KeyFilter(*_AREA_KEYS)
        kinds = osmium.osm.NODE | osmium.osm.RELATION | osmium.osm.AREA
        processor = (
            osmium.FileProcessor(str(self._path))
            .with_areas(of_use)
            .with_filter(osmium.filter.KeyFilter(*_AREA_KEYS).enable_for(kinds))
            .with_filter(osmium.filter.KeyFilter(STREET_KEY).enable_for(osmium.osm.WAY))
        )
        for element in processor:
            if element.is_area():
                self._area(element)
            elif element.is_way():
                self._way(element)
            elif element.is_node():
                self._node(element)
            elif element.is_relation():
                self._relation(element)
        return self._frozen()

    def _frozen(self) -> Elements:
        year, year_from = self._year()
        closed = {entry["osm_id"] for entry in self._boundaries}
        unclosed = {
            level: sum(f"r{identifier}" not in closed for identifier in names)
            for level, names in sorted(self._names.items())
        }
        return Elements(
            boundaries=_frame(self._boundaries, ("level", "name", "osm_id")),
            unclosed={level: count for level, count in unclosed.items() if count},
            county=self._county(),
            facilities=_frame(
                self._facilities, ("id", "name", "category", "beds_total", "capacity")
            ),
            buildings=_frame(self._buildings, ("id", "home")),
            other_land=_frame(self._land, ()),
            water=_frame(self._water, ("id", "name")),
            streets=_frame(self._streets, ("id", "residential", "driven")),
            left_out=dict(sorted(self._left_out.items())),
            year=year,
            year_from=year_from,
        )

    def _year(self) -> tuple[int | None, str]:
        header = osmium.FileProcessor(str(self._dated_by)).header
        stamp = header.get("osmosis_replication_timestamp") or header.get("timestamp")
        if stamp[:4].isdigit():
            return int(stamp[:4]), "header"
        if self._newest >= _OLDEST_EDIT:
            return self._newest, "edits"
        return None, ""

    def _county(self) -> str:
        """Name the county, where the file knows one county and one of all above it."""
        above = [
            set(names.values()) for level, names in self._names.items() if level < COUNTY_LEVEL
        ]
        counties = set(self._names.get(COUNTY_LEVEL, {}).values())
        if len(counties) != 1 or any(len(names) > 1 for names in above):
            return ""
        return counties.pop()

    def _relation(self, relation: osmium.osm.Relation) -> None:
        level = _admin_level(relation.tags)
        if level is not None:
            names = self._names.setdefault(level, {})
            names[relation.id] = _name(relation.tags) or f"r{relation.id}"

    def _way(self, way: osmium.osm.Way) -> None:
        tags = dict(way.tags)
        if not self._walked(tags):
            return
        line = self._line(way)
        if line is None:
            return
        self._streets.append(
            {
                "id": f"w{way.id}",
                "residential": tags[STREET_KEY] in tagging.rules("streets")["residential"],
                "driven": self._driven(tags),
                "wkb": line,
            }
        )
        self._newest = max(self._newest, way.timestamp.year)

    def _line(self, way: osmium.osm.Way) -> str | None:
        try:
            return str(self._wkb.create_linestring(way))
        except (osmium.InvalidLocationError, RuntimeError):
            # an extract may lack nodes of the ways that leave it
            points = [(n.lon, n.lat) for n in way.nodes if n.location.valid()]
        distinct = len(set(points)) > 1
        return shapely.to_wkb(shapely.LineString(points), hex=True) if distinct else None

    def _node(self, node: osmium.osm.Node) -> None:
        tags = dict(node.tags)
        if not self._facility(node, f"n{node.id}", tags, None) and tags.get("building"):
            self._building(f"n{node.id}", tags, self._wkb.create_point(node))

    def _area(self, area: osmium.osm.Area) -> None:
        tags = dict(area.tags)
        try:
            wkb = self._wkb.create_multipolygon(area)
        except (osmium.InvalidLocationError, RuntimeError):
            # it does not close, or its rings cross
            return
        identifier = f"{'w' if area.from_way() else 'r'}{area.orig_id()}"
        self._facility(area, identifier, tags, wkb)
        if "building" in tags:
            self._building(identifier, tags, wkb)
            return
        level = _admin_level(tags)
        if level is not None:
            name = _name(tags) or identifier
            self._boundaries.append(
                {"level": level, "name": name, "osm_id": identifier, "wkb": wkb}
            )
        elif tagging.is_water(tags):
            self._water.append({"id": identifier, "name": _name(tags), "wkb": wkb})
        elif tags.get("landuse") in tagging.rules("homes")["other_land"]:
            self._land.append({"wkb": wkb})

    def _building(self, identifier: str, tags: Mapping[str, str], wkb: str) -> None:
        home = tagging.home(tags)
        if home is not None:
            self._buildings.append({"id": identifier, "home": home, "wkb": wkb})

    def _facility(
        self,
        element: osmium.osm.Node | osmium.osm.Area,
        identifier: str,
        tags: Mapping[str, str],
        wkb: str | None,
    ) -> bool:
        """Take an element as a facility, or count it; say whether it was taken."""
        category = tagging.facility_category(tags)
        if category is None:
            tag = tagging.left_out(tags)
            if tag is not None:
                self._left_out[tag] += 1
            return False
        beds, capacity = tagging.beds_and_capacity(tags, category)
        self._facilities.append(
            {
                "id": identifier,
                "name": _name(tags),
                "category": category,
                "beds_total": beds,
                "capacity": capacity,
                "wkb": wkb or self._wkb.create_point(element),
            }
        )
        self._newest = max(self._newest, element.timestamp.year)
        return True


def _admin_level(tags: Mapping[str, str]) -> int | None:
    """Return the level of an administrative boundary, None for anything else."""
    level = tags.get("admin_level", "")
    if tags.get("boundary") != "administrative" or not level.isdecimal():
        return None
    return int(level)


def _name(tags: Mapping[str, str]) -> str:
    return str(tags.get("name") or tags.get("name:zh") or tags.get("name:en") or "").strip()


def _frame(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> gpd.GeoDataFrame:
    """Make a frame of rows whose geometry is WKB."""
    data: dict[str, Any] = {column: [row[column] for row in rows] for column in columns}
    # numbers that are all missing would be taken for texts
    data |= {column: np.array(data[column], dtype=float) for column in _NUMBERS if column in data}
    geometry = shapely.from_wkb(np.array([row["wkb"] for row in rows], dtype=object))
    return gpd.GeoDataFrame(data, geometry=geometry, crs=CRS)
