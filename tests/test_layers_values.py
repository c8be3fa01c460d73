"""Cells, headers, names of units, datums: the small functions that reading rests on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from coverage import vocabulary
from coverage.layers.ledgers import values
from coverage.layers.location.shapes import first_containing, voronoi_cells
from coverage.layers.places import Units, ending_kind


def column(*cells: object) -> pd.Series:
    return pd.Series(list(cells), index=range(10, 10 + len(cells)))


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["500102001", " 0012 ", "７.0", "'5 001"], ["500102001", "0012", "7", "5001"]),
        ([500102001001.0, np.nan], ["500102001001", ""]),
        ([5, 7], ["5", "7"]),
        ([None, "A-1_b"], ["", "A-1_b"]),
    ],
)
def test_codes_are_text(cells: list[object], expected: list[str]) -> None:
    result = values.code(column(*cells))
    assert result.tolist() == expected
    assert result.index.tolist() == list(range(10, 10 + len(cells)))


def test_numbers() -> None:
    written = column("1", " 2.5 ", "1,234", "１２", "三", "", "—", "inf", "nan", None, "-3")
    numbers, bad = values.number(written)
    expected = [1, 2.5, 1234, 12] + [np.nan] * 6 + [-3]
    np.testing.assert_array_equal(numbers.to_numpy(), expected)
    assert written[bad].tolist() == ["三", "inf"]


@settings(deadline=None)  # others may share the machine
@given(
    st.lists(st.one_of(st.none(), st.text(max_size=8), st.floats(), st.integers(-(2**60), 2**60)))
)
def test_no_cell_breaks_a_reader(cells: list[object]) -> None:
    mixed = pd.Series(cells, dtype=object)
    for read in (values.number, values.year, values.flag):
        result, bad = read(mixed)
        assert len(result) == len(bad) == len(cells)
        assert result[bad].isna().all()
    assert values.code(mixed).notna().all()
    assert values.items(mixed).notna().all()


def test_a_number_without_end_in_a_column_of_numbers_is_none() -> None:
    read, bad = values.number(pd.Series([np.inf, 1.0, np.nan, -np.inf]))
    assert read.tolist() == pytest.approx([np.nan, 1, np.nan, np.nan], nan_ok=True)
    assert bad.tolist() == [True, False, False, True]


@settings(deadline=None)  # others may share the machine
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_written_numbers_come_back(number: float) -> None:
    numbers, bad = values.number(column(repr(number)))
    assert not bad.any()
    assert numbers.iloc[0] == pytest.approx(number, rel=1e-15)


@pytest.mark.parametrize(
    ("written", "year"),
    [
        ("2015", 2015),
        ("2015年6月", 2015),
        ("2015-06-01", 2015),
        ("2015.6", 2015),
        ("20150601", 2015),
        ("201506", 2015),
        ("２０１５", 2015),
        ("1015", None),
        ("20155", None),
        ("六年", None),
    ],
)
def test_years(written: str, year: int | None) -> None:
    years, bad = values.year(column(written))
    assert years.dtype == "Int64"
    assert (None if pd.isna(years.iloc[0]) else int(years.iloc[0])) == year
    assert bad.tolist() == [year is None]


def test_lists_lose_repeats_and_keep_their_order() -> None:
    assert values.items(column("b；a,b、 c", None)).tolist() == ["b;a;c", ""]


class TestHeaders:
    @pytest.mark.parametrize(
        ("layer", "header", "field"),
        [
            ("facilities", "建筑面积（㎡）", "floor_area_m2"),
            ("facilities", " 床位 总数 ", "beds_total"),
            ("facilities", "乡镇（街道）", "township"),
            ("townships", "乡镇（街道）", "name"),
            ("communities", "社区名称", "name"),
            ("demand", "社区名称", "community"),
            ("communities", "code9", "township"),
            ("facilities", "TYPE", "category"),
            ("communities", "类型", "kind"),
            ("facilities", "类型*", "category"),
        ],
    )
    def test_meaning(self, layer: str, header: str, field: str) -> None:
        key, _ = vocabulary.header_key(header)
        assert vocabulary.headers(layer)[key][0] == field

    def test_every_header_of_a_layer_means_one_field(self) -> None:
        layers = {layer for field in vocabulary.fields().values() for layer in field.layers}
        for layer in sorted(layers):
            own = {
                vocabulary.fold(header)
                for headers in vocabulary._data()["headers"].get(layer, {}).values()
                for header in headers
            }
            met: dict[str, str] = {}
            for field in vocabulary.fields().values():
                names = {vocabulary.fold(name) for name in (field.name, *field.aliases)}
                for name in names - own if layer in field.layers else ():
                    assert met.setdefault(name, field.name) == field.name, (layer, name)

    def test_no_known_header_is_about_persons(self) -> None:
        for field in vocabulary.fields().values():
            assert not any(map(vocabulary.is_personal, (field.name, *field.aliases)))


class TestUnitsByName:
    units = Units(
        ["500102001", "500102002", "500102003"],
        ["敦仁街道", "和平镇", "和平乡"],
    )

    @pytest.mark.parametrize(
        ("written", "code"),
        [
            ("500102001", "500102001"),
            ("500102001000", "500102001"),
            ("敦仁街道", "500102001"),
            ("敦仁街道办事处", "500102001"),
            (" 敦 仁 ", "500102001"),
            ("敦仁镇", ""),
            ("和平", ""),
            ("和平镇人民政府", "500102002"),
            ("", ""),
        ],
    )
    def test_found_or_not(self, written: str, code: str) -> None:
        assert self.units.find(written) == code
        assert self.units.match(pd.Series([written, written])).tolist() == [code, code]

    def test_near_names_are_offered(self) -> None:
        assert self.units.near("敦仁街") == "敦仁街道 500102001"
        assert self.units.near("?") == "-"

    def test_kind_by_ending(self) -> None:
        names = ["甲街道", "乙民族乡", "丙居委会", "丁村委会", "戊"]
        assert [ending_kind(name) for name in names] == ["街道", "乡", "社区", "村", ""]


class TestShapes:
    @settings(deadline=None)  # others may share the machine
    @given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=1, max_size=12))
    def test_voronoi_cells_share_out_the_area(self, places: list[tuple[int, int]]) -> None:
        area = shapely.box(0, 0, 20, 20).difference(shapely.box(5, 5, 8, 8))
        points = shapely.points(np.array(places, dtype=float))
        cells = voronoi_cells(points, area)
        known = ~shapely.is_missing(cells)
        assert shapely.area(cells[known]).sum() == pytest.approx(area.area)
        # brute force: what lies deep in a cell is nearest to that cell's point
        for position in np.flatnonzero(known):
            inner = shapely.point_on_surface(cells[position])
            distances = shapely.distance(points, inner)
            assert distances[position] == pytest.approx(distances.min(), abs=1e-9)
        repeated = len(places) - len(set(places))
        assert (~known).sum() >= repeated

    @settings(deadline=None)  # others may share the machine
    @given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=20))
    def test_the_first_area_that_holds_a_point(self, places: list[tuple[int, int]]) -> None:
        areas = np.array(
            [shapely.box(0, 0, 4, 4), None, shapely.box(4, 0, 8, 8), shapely.box(0, 4, 8, 8)]
        )
        points = np.array([shapely.Point(*place) for place in places], dtype=object)
        expected = [
            next((i for i, a in enumerate(areas) if a is not None and a.intersects(p)), -1)
            for p in points
        ]
        assert first_containing(points, areas).tolist() == expected
