"""Streets, and minutes along them."""

from __future__ import annotations

from coverage.network.model import StreetNetwork as StreetNetwork
from coverage.network.read import read_network as read_network
from coverage.network.snap import Snapped as Snapped
