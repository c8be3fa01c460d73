"""Draw the ground that services reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import geopandas as gpd

    from coverage.network import Snapped, StreetNetwork
    from coverage.service import Service

AREA_COLUMNS = ("service", "facility", "minutes", "geometry")
SERVICE_AREA_BUFFER_M = 25.0

_BANDS = 3  # areas within a third of the limit, within two, within all of it


def draw_service_areas(
    service: Service,
    network: StreetNetwork,
    facilities: gpd.GeoDataFrame,
    snapped: Snapped,
    speed: float,
) -> pd.DataFrame:
    """Draw what a service reaches together, and for walking in bands and each facility alone.

    The areas of shorter minutes lie within those of longer ones, which come first.

    Parameters
    ----------
    service
        Whose minutes and mode hold.
    network
        Streets of its mode.
    facilities
        Facilities that count for it.
    snapped
        Where they meet the streets.
    speed
        Walking speed in m/s.

    Returns
    -------
    pandas.DataFrame
        `AREA_COLUMNS`; facility is empty for the areas of all together.
    """
    limit = service.minutes
    drawn = {"speed": speed, "buffer_m": SERVICE_AREA_BUFFER_M}
    parts = range(_BANDS, 0, -1) if service.mode == "walk" else (_BANDS,)
    minutes = [limit * part / _BANDS for part in parts]
    shapes = [network.merged_service_area(snapped, limit=band, **drawn) for band in minutes]
    names = [""] * len(shapes)
    if service.mode == "walk":
        shapes += list(network.service_areas(snapped, limit=limit, **drawn).geometry)
        names += facilities["id"].astype(str).to_list()
        minutes += [limit] * len(facilities)
    table = pd.DataFrame({"service": service.name, "facility": names, "minutes": minutes})
    table["geometry"] = np.array(shapes, dtype=object)
    return table
