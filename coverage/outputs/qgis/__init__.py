"""What QGIS is told about the layers of a result: how to draw them, what their columns are called.

QGIS looks for the style of a layer of a GeoPackage in the table ``layer_styles`` beside it.
"""

from __future__ import annotations

from coverage.outputs.qgis.columns import column_titles as column_titles
from coverage.outputs.qgis.styles import Style as Style
from coverage.outputs.qgis.styles import styles as styles
