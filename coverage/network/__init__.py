"""Streets, and minutes along them."""

from __future__ import annotations

from coverage.network.effort import HALF_SPEED as HALF_SPEED
from coverage.network.elevation import Elevation as Elevation
from coverage.network.osm import OsmWays as OsmWays
from coverage.network.read import OSM_ENDINGS as OSM_ENDINGS
from coverage.network.read import StreetFile as StreetFile
from coverage.network.read import read_network as read_network
from coverage.network.read import read_streets as read_streets
from coverage.network.snap import Snapped as Snapped
from coverage.network.street_network import StreetNetwork as StreetNetwork
from coverage.network.tiles import cut_into_tiles as cut_into_tiles
from coverage.network.tiles import read_tiles as read_tiles
