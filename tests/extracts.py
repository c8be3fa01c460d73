"""OpenStreetMap extracts that tests draw in metres, and the projects made of them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import geopandas as gpd
import pyproj

from coverage.osm_project import Extract, create_project

UTM = pyproj.CRS.from_epsg(4548)  # CGCS2000 zone of 117 degrees east


EAST, NORTH = 500_000.0, 2_900_000.0  # where (0, 0) lies, on the central meridian


_TO_DEGREES = pyproj.Transformer.from_crs(UTM, 4326, always_xy=True)


XY = tuple[float, float]


@dataclass
class Osm:
    """Draw an extract in metres, and write it as OpenStreetMap XML."""

    elements: list[str] = field(default_factory=list)
    places: dict[XY, int] = field(default_factory=dict)
    serial: Any = field(default_factory=lambda: itertools.count(1))
    when: str = 'timestamp="2021-05-06T00:00:00Z"'

    def node(self, at: XY, **tags: str) -> int:
        if not tags and at in self.places:
            return self.places[at]
        number = next(self.serial)
        if not tags:
            self.places[at] = number
        lon, lat = _TO_DEGREES.transform(EAST + at[0], NORTH + at[1])
        place = f'lat="{lat:.7f}" lon="{lon:.7f}"'
        return self._add("node", number, place, "", tags)

    def way(self, *points: XY, **tags: str) -> int:
        nodes = "".join(f'<nd ref="{self.node(point)}"/>' for point in points)
        return self._add("way", next(self.serial), "", nodes, tags)

    def square(self, x: float, y: float, side: float = 10.0, **tags: str) -> int:
        corners = [(x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y)]
        return self.way(*corners, **tags)

    def area(self, *ways: int, **tags: str) -> int:
        members = "".join(f'<member type="way" ref="{way}" role="outer"/>' for way in ways)
        return self._add("relation", next(self.serial), "", members, tags)

    def boundary(self, *ways: int, level: int, name: str) -> int:
        administrative = {"type": "boundary", "boundary": "administrative"}
        return self.area(*ways, admin_level=str(level), name=name, **administrative)

    def text(self) -> str:
        kinds = ("<node", "<way", "<relation")
        ordered = sorted(self.elements, key=lambda e: [e.startswith(k) for k in kinds].index(True))
        return f'<osm version="0.6">{"".join(ordered)}</osm>'

    def write(self, path: Path) -> Path:
        path.write_text(self.text(), encoding="utf-8")
        return path

    def _add(self, kind: str, number: int, more: str, content: str, tags: dict[str, str]) -> int:
        # keyword arguments have no colons: a__b stands for a:b
        pairs = {key.replace("__", ":"): value for key, value in tags.items()}
        inner = "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in pairs.items())
        head = f'<{kind} id="{number}" version="1" {self.when} {more}>'
        self.elements.append(f"{head}{content}{inner}</{kind}>")
        return number


def two_townships() -> Osm:
    """Draw two townships of a kilometre each, and a street through both and beyond.

    ::

        (0,1000)      (1000,1000)     (2000,1000)
           +-------------+--------------+
           |  北社区 h h |              |
           +-------------+   h h  E     |            h: a house, E: a nursing home
        ---+-------------+--------------+--------- h   y = 510: the street, to x = 2600
           |  南社区 h   |              |
           +-------------+--------------+
           甲街道            乙镇
    """
    osm = Osm()
    middle = osm.way((1000, 0), (1000, 500), (1000, 1000))
    west = osm.way((1000, 1000), (0, 1000), (0, 500), (0, 0), (1000, 0))
    east = osm.way((1000, 0), (2000, 0), (2000, 1000), (1000, 1000))
    osm.boundary(middle, west, level=8, name="甲街道")
    osm.boundary(middle, east, level=8, name="乙镇")
    cut = osm.way((0, 500), (1000, 500))
    north = osm.way((1000, 500), (1000, 1000), (0, 1000), (0, 500))
    south = osm.way((1000, 500), (1000, 0), (0, 0), (0, 500))
    osm.boundary(cut, north, level=10, name="北社区")
    osm.boundary(cut, south, level=10, name="南社区")
    # a county that leaves the extract: its ring does not close
    osm.boundary(west, level=6, name="某县")
    osm.way((-100, 510), (2600, 510), highway="residential", name="大街")
    for x, y in ((300, 700), (400, 700), (300, 200), (1300, 700), (1400, 700), (2500, 520)):
        osm.square(x, y, building="house")
    osm.square(1600, 700, 30, amenity="nursing_home", building="yes", name="乙镇敬老院", beds="80")
    return osm


def with_street(osm: Osm | None = None) -> Osm:
    """Draw a residential street of a kilometre east from (0, 0)."""
    osm = osm or Osm()
    osm.way((0, 0), (1000, 0), highway="residential")
    return osm


def read_layer(folder: Path, name: str) -> gpd.GeoDataFrame:
    """Read a layer of a project."""
    return gpd.read_file(folder / f"{name}.gpkg")


def create(osm: Osm, tmp_path: Path, **options: Any) -> tuple[Path, Extract]:
    """Make a project of an extract; return its folder and what it took."""
    path = osm.write(tmp_path / "extract.osm")
    return tmp_path / "project", create_project(tmp_path / "project", path, **options)
