"""Persons: their columns are not read, their numbers appear nowhere. All numbers are invented."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from ledger_files import Read, read_text

from coverage.layers import IssueLog, Source, read_layers
from coverage.layers.ledgers.personal import MASK, mask

IDENTITY = "11010519491231002X"  # the specimen number of GB 11643
MOBILE = "13800138000"


def everything(result: Read) -> str:
    tables = (result.frame, result.issues, result.as_read.cells)
    return "\n".join(table.to_string() for table in tables)


@pytest.mark.parametrize(
    ("written", "masked"),
    [
        (f"院内（{IDENTITY}）", f"院内({MASK})"),
        (IDENTITY.lower(), MASK),
        (f"电话{MOBILE}、138-0013-8000", f"电话{MASK}、{MASK}"),
        ("１３８００１３８０００", MASK),
        # the check digit is wrong; a landline; a longer number; digits after a point
        ("110105194912310021", "110105194912310021"),
        ("023-72220000", "023-72220000"),
        ("138001380001", "138001380001"),
        ("107.13800138000", "107.13800138000"),
    ],
)
def test_numbers_of_persons(written: str, masked: str) -> None:
    assert mask(written) == masked


@given(st.integers(13_000_000_000, 19_999_999_999), st.text(alphabet="甲乙 ,-（", max_size=3))
def test_no_mobile_number_stays(number: int, around: str) -> None:
    assert str(number) not in mask(f"{around}{number}{around}")


def test_columns_and_cells_about_persons(tmp_path: Path) -> None:
    text = (
        "编号,名称,类型,地址,建筑面积,负责人,备注,院长姓名\n"
        f"a,甲院,敬老院,路1号 {MOBILE},100,张三,无,李四\n"
        f"b,乙院,敬老院,路2号,{MOBILE},王五,身份证{IDENTITY},赵六\n"
        f"{IDENTITY},丙院,茶馆{MOBILE},路3号,30,张三,,\n"
    )
    result = read_text(tmp_path, text)
    shown = everything(result)
    for secret in (MOBILE, IDENTITY, "张三", "李四", "王五", "赵六"):
        assert secret not in shown
    assert result.frame["address"].tolist() == [f"路1号 {MASK}", "路2号", "路3号"]
    assert sorted(result.found("personal_values")) == [
        (2, "address", ""), (3, "floor_area_m2", ""), (3, "备注", ""), (4, "category", ""),
        (4, "id", ""),
    ]  # fmt: skip
    assert result.found("personal_columns")[0][2] == "负责人、院长姓名"
    assert result.as_read.headers == ("编号", "名称", "类型", "地址", "建筑面积", "备注")


def test_a_column_of_mobile_numbers_is_one_about_persons(tmp_path: Path) -> None:
    text = f"id,community,population,weight\nd1,甲,3,{MOBILE}\nd2,乙,4,13900139000\n"
    result = read_text(tmp_path, text, "demand")
    assert "weight" not in result.frame
    assert MOBILE not in everything(result)
    assert result.found("personal_columns")[0][2] == "weight"


def test_codes_of_eleven_digits_are_codes(tmp_path: Path) -> None:
    result = read_text(tmp_path, "编号,类型\n13010200001,敬老院\n")
    assert result.frame["id"].tolist() == ["13010200001"]


def test_persons_in_a_vector_layer(county: dict[str, Source], tmp_path: Path) -> None:
    places = gpd.GeoDataFrame(
        {"编号": ["a"], "类型": ["敬老院"], "地址": [f"路1号{MOBILE}"], "联系电话": [MOBILE]},
        geometry=[shapely.Point(107.35, 29.75)],
        crs=4326,
    )
    places.to_file(tmp_path / "f.gpkg")
    issues = IssueLog()
    layers = read_layers({**county, "facilities": Source(path=tmp_path / "f.gpkg")}, issues)
    shown = layers.facilities.to_string() + issues.frame().to_string()
    shown += layers.as_read["facilities"].cells.to_string()
    assert MOBILE not in shown
    assert layers.facilities["address"].tolist() == [f"路1号{MASK}"]
