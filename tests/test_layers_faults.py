"""Faults of whole layers: each is one clear sentence, all are told at once."""

from __future__ import annotations

import pickle
import zipfile
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from layer_files import read, townships

from coverage.errors import LayerError
from coverage.layers import Source

if TYPE_CHECKING:
    from pathlib import Path


class TestFaultsThatBlock:
    def test_every_layers_fault_is_told_at_once(
        self, county: dict[str, Source], tmp_path: Path
    ) -> None:
        sources = {
            **county,
            "townships": Source(path=tmp_path / "gone.gpkg"),
            "facilities": Source(path=county["facilities"].path, datum="gps"),
        }
        with pytest.raises(LayerError) as caught:
            read(sources)
        assert "gone.gpkg" in str(caught.value)
        assert "gps" in str(caught.value)
        assert "there is no file" in caught.value.text("en")
        again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own bytes
        assert str(again) == str(caught.value)

    def test_a_layer_that_is_not_given(self, county: dict[str, Source]) -> None:
        del county["facilities"]
        with pytest.raises(LayerError, match="缺少图层 facilities"):
            read(county)

    @pytest.mark.parametrize("suffix", ["gpkg", "geojson", "shp", "xlsx"])
    def test_an_unreadable_file(
        self, county: dict[str, Source], tmp_path: Path, suffix: str
    ) -> None:
        path = tmp_path / f"bad.{suffix}"
        path.write_bytes(b"%PDF-1.7 not what its name says")
        with pytest.raises(LayerError, match=f"bad.{suffix} 无法读取"):
            read({**county, "facilities": Source(path=path)})

    def test_a_workbook_cut_in_half(self, county: dict[str, Source], tmp_path: Path) -> None:
        path = tmp_path / "half.xlsx"
        pd.DataFrame({"类型": ["敬老院"]}).to_excel(path, index=False)
        path.write_bytes(path.read_bytes()[:2000])
        with pytest.raises(LayerError, match="无法读取"):
            read({**county, "facilities": Source(path=path)})

    def test_a_workbook_of_damaged_xml(self, county: dict[str, Source], tmp_path: Path) -> None:
        path = tmp_path / "odd.xlsx"
        with zipfile.ZipFile(path, "w") as book:
            book.writestr("[Content_Types].xml", "<Types")
        with pytest.raises(LayerError, match="无法读取"):
            read({**county, "facilities": Source(path=path)})

    def test_a_missing_layer(self, county: dict[str, Source]) -> None:
        source = Source(path=county["townships"].path, layer="towns")
        with pytest.raises(
            LayerError, match=r"“towns”，现有：|“towns”的图层或工作表，现有：townships"
        ):
            read({**county, "townships": source})

    @pytest.mark.parametrize("text", ["", "\n\n"])
    def test_an_empty_file(self, county: dict[str, Source], tmp_path: Path, text: str) -> None:
        (tmp_path / "f.csv").write_text(text, encoding="utf-8")
        with pytest.raises(LayerError, match="一行数据也没有"):
            read({**county, "facilities": Source(path=tmp_path / "f.csv")})

    @pytest.mark.parametrize("text", ["代码,名称\n", "代码,名称\n,\n \n"])
    def test_communities_without_a_row(
        self, county: dict[str, Source], tmp_path: Path, text: str
    ) -> None:
        (tmp_path / "c.csv").write_text(text, encoding="utf-8")
        with pytest.raises(LayerError, match="一行数据也没有"):
            read({**county, "communities": Source(path=tmp_path / "c.csv")})

    @pytest.mark.parametrize("text", ["编号,类型\n", "编号,类型\n,\n \n"])
    def test_facilities_without_a_row_are_told_and_the_rest_goes_on(
        self, county: dict[str, Source], tmp_path: Path, text: str
    ) -> None:
        (tmp_path / "f.csv").write_text(text, encoding="utf-8")
        layers, issues = read({**county, "facilities": Source(path=tmp_path / "f.csv")})
        assert layers.facilities.empty
        assert "empty_layer" in set(issues["code"])

    def test_an_empty_vector_layer(self, county: dict[str, Source], tmp_path: Path) -> None:
        townships().iloc[:0].to_file(tmp_path / "t.gpkg")
        with pytest.raises(LayerError, match="一行数据也没有"):
            read({**county, "townships": Source(path=tmp_path / "t.gpkg")})

    def test_a_row_longer_than_its_header(self, county: dict[str, Source], tmp_path: Path) -> None:
        (tmp_path / "f.csv").write_text("类型,地址\n敬老院,路1号,2栋\n", encoding="utf-8")
        with pytest.raises(LayerError, match="第 2 行有 3 列"):
            read({**county, "facilities": Source(path=tmp_path / "f.csv")})

    def test_text_in_neither_encoding(self, county: dict[str, Source], tmp_path: Path) -> None:
        (tmp_path / "f.csv").write_bytes("类型\n".encode() + b"\xff\xff\xff\n")
        with pytest.raises(LayerError, match="既不是 UTF-8 也不是 GB18030"):
            read({**county, "facilities": Source(path=tmp_path / "f.csv")})

    def test_townships_without_polygons(self, county: dict[str, Source], tmp_path: Path) -> None:
        points = townships().assign(geometry=lambda t: t.to_crs(4545).centroid.to_crs(4490))
        points.to_file(tmp_path / "t.gpkg")
        with pytest.raises(LayerError, match="里没有面"):
            read({**county, "townships": Source(path=tmp_path / "t.gpkg")})
        with pytest.raises(LayerError, match="里没有面"):
            read({**county, "townships": Source(path=county["facilities"].path,
                                                columns={"code": "编号"})})  # fmt: skip

    @pytest.mark.parametrize("layer", ["townships", "communities"])
    def test_units_without_code_and_name(
        self, county: dict[str, Source], tmp_path: Path, layer: str
    ) -> None:
        frame = townships()[["geometry"]].assign(mingzi=["a", "b"])
        frame.to_file(tmp_path / "u.gpkg")
        with pytest.raises(LayerError, match=r"缺少必需的列 code / name。表头有：mingzi"):
            read({**county, layer: Source(path=tmp_path / "u.gpkg")})
