"""Read areas that someone gives to be the townships of an extract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import shapely

from coverage import vocabulary
from coverage.errors import LayerError
from coverage.layers import Source
from coverage.layers.files.vectors import read_vector
from coverage.osm_project.reading import CRS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_POLYGONS = ("Polygon", "MultiPolygon")
# headers of a township's name met in boundary files beside those of the vocabulary
_HEADERS = ("name", "township", "街镇名称", "xzmc", "jdmc", "zjmc", "mc", "name_zh", "name_chn")


def read_boundaries(path: Path) -> gpd.GeoDataFrame:
    """Read the polygons of a vector file with their names.

    Parameters
    ----------
    path
        GeoPackage, GeoJSON, Shapefile or another vector file.

    Returns
    -------
    geopandas.GeoDataFrame
        name, osm_id (empty), polygons on WGS84 by the file's own coordinate system; the shift of
        Chinese map services (GCJ-02, BD-09), which no file declares, is not undone.

    Raises
    ------
    LayerError
        If the file cannot be read, has no coordinate system, no polygons or no names.
    """
    if not path.exists():
        raise LayerError("osm_project.boundaries_missing", path=path)
    raw = read_vector(Source(path=path), "townships")
    if raw.geometry is None or not raw.geometry.geom_type.isin(_POLYGONS).any():
        raise LayerError("osm_project.boundaries_no_polygons", path=path)
    column = _name_column(raw.headers)
    if column is None:
        headers = "、".join(raw.headers) or "—"
        raise LayerError("osm_project.boundaries_no_name", path=path, headers=headers)
    polygons = raw.geometry.geom_type.isin(_POLYGONS).to_numpy(dtype=bool)
    shapes = raw.geometry[polygons].to_crs(CRS).to_numpy()
    names = raw.cells[column][polygons].fillna("").astype(str).str.strip()
    # a name is needed, though it be the feature's number
    named = [name or str(row) for name, row in zip(names, raw.rows[polygons], strict=True)]
    return gpd.GeoDataFrame(
        {"name": named, "osm_id": ""}, geometry=shapely.make_valid(shapes), crs=CRS
    )


def _name_column(headers: Sequence[str]) -> int | None:
    """Return the position of the header that is best known for a township's name."""
    fields = vocabulary.fields()
    known = [*_HEADERS, *fields["township"].aliases, *fields["name"].aliases]
    folded = [vocabulary.fold(header) for header in headers]
    return next((folded.index(key) for k in known if (key := vocabulary.fold(k)) in folded), None)
