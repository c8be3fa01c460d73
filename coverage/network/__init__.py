"""Streets, and minutes along them."""

from __future__ import annotations

from coverage.network.effort import HALF_SPEED as HALF_SPEED
from coverage.network.elevation import Elevation as Elevation
from coverage.network.read import StreetFile as StreetFile
from coverage.network.read import read_network as read_network
from coverage.network.read import read_streets as read_streets
from coverage.network.snap import Snapped as Snapped
from coverage.network.street_network import StreetNetwork as StreetNetwork
