"""The metric coordinate system by the extent."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coverage.layers import metric_crs


class TestCoordinateSystem:
    @pytest.mark.parametrize(
        ("longitude", "latitude", "code"),
        [
            (107.3, 29.7, 4545),
            (105.3, 30.1, 4544),
            (121.5, 29.9, 4550),
            (74.0, 39.0, 4534),
            (10.0, 48.0, 32632),
            (179.9, 10.0, 32660),
            (-58.4, -34.6, 32721),
        ],
    )
    def test_zone_by_the_middle(self, longitude: float, latitude: float, code: int) -> None:
        bounds = (longitude - 0.1, latitude - 0.1, longitude + 0.1, latitude + 0.1)
        assert metric_crs(bounds).to_epsg() == code

    @settings(deadline=None)  # others may share the machine
    @given(st.floats(73.7, 134.7), st.floats(17, 53))
    def test_in_china_the_zone_is_at_most_half_a_zone_away(
        self, longitude: float, latitude: float
    ) -> None:
        crs = metric_crs((longitude, latitude, longitude, latitude))
        assert crs.coordinate_operation is not None
        meridian = next(
            p.value
            for p in crs.coordinate_operation.params
            if p.name == "Longitude of natural origin"
        )
        assert abs(meridian - longitude) <= 1.5 + 1e-9

    @pytest.mark.parametrize(
        "bounds", [(0, 0, 500000, 3000000), (float("nan"), 0, 1, 1), (2, 0, 1, 1)]
    )
    def test_metres_are_refused(self, bounds: tuple[float, float, float, float]) -> None:
        with pytest.raises(ValueError, match="degrees"):
            metric_crs(bounds)
