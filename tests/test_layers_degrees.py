"""Longitudes and latitudes written in degrees, minutes and seconds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from coverage.layers.ledgers.degrees import degrees


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("107°23′15″", 107.3875),
        ("107°23'15.0\"", 107.3875),
        ("107° 23’ 15”", 107.3875),
        ("１０７°２３′１５″", 107.3875),
        ("东经107度23分15秒", 107.3875),
        ("29°42.5′N", 29.0 + 42.5 / 60),
        ("29°42'31.2''", 29.0 + 42 / 60 + 31.2 / 3600),
        ("107.5°", 107.5),
        ("W73°30′", -73.5),
        ("南纬12°30′", -12.5),
        ("0°0′36″", 0.01),
    ],
)
def test_degrees_are_read_however_they_are_written(written: str, value: float) -> None:
    assert degrees(pd.Series([written]))[0] == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(
    "written", ["", "三百", "107.5", "107°61′", "107°23′60″", "107°23′15″附近", "1234°", "-"]
)
def test_what_is_no_angle_says_nothing(written: str) -> None:
    assert np.isnan(degrees(pd.Series([written]))[0])
