"""Codes, names and categories: repaired, found by another name, never guessed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from layer_files import C1, C3, A, B, found, read
from ledger_files import read_text

from coverage.layers import Source
from coverage.layers.crosswalk import Crosswalk
from coverage.layers.ledgers.categories import keyword_of
from coverage.layers.places import Units


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("5.00102001001E+11", "500102001001"),
        ("５００１０２００１００１", "500102001001"),
        ("500102 001001", "500102001001"),
        ("500102001001.0", "500102001001"),
        ("'500102001001", "500102001001"),
        ("50010200100111111", "500102001001"),
    ],
)
def test_codes_that_say_all_of_themselves(tmp_path: Path, written: str, code: str) -> None:
    result = read_text(tmp_path, f"代码,名称\n{written},甲\n", "communities")
    assert result.frame["code"].tolist() == [code]
    assert result.found("repaired_code") == [(2, "code", written)]


def test_a_code_that_lost_digits(tmp_path: Path) -> None:
    result = read_text(tmp_path, "代码,名称\n5.00102E+11,甲\n", "communities")
    assert result.frame["code"].tolist() == [""]
    assert result.found("damaged_code") == [(2, "code", "5.00102E+11")]
    assert result.found("repaired_code") == []


@pytest.mark.parametrize(
    ("ids", "repaired"),
    [
        (["0012", "0340", "57"], ["0012", "0340", "0057"]),
        (["0012", "12"], ["0012", "12"]),  # it would be another row's
        (["12", "340"], ["12", "340"]),  # no code has a zero at the front
        (["0012", "34000"], ["0012", "34000"]),  # not all of one length
    ],
)
def test_zeros_lost_at_the_front(tmp_path: Path, ids: list[str], repaired: list[str]) -> None:
    text = "编号,类型\n" + "".join(f"{code},敬老院\n" for code in ids)
    assert read_text(tmp_path, text).frame["id"].tolist() == repaired


def test_a_lost_code_is_looked_up_by_its_name(county: dict[str, Source], tmp_path: Path) -> None:
    rows = ["a,敬老院,5.00102E+11,甲东社区", "b,敬老院,,乙村", "c,敬老院,5.00102E+11,"]
    text = "\n".join(["编号,类型,社区代码,所属社区", *rows])
    (tmp_path / "f.csv").write_text(text, encoding="utf-8")
    layers, issues = read({**county, "facilities": Source(path=tmp_path / "f.csv")})
    assert layers.facilities["community"].tolist() == [C1, C3, ""]
    assert found(issues, "restored_code") == [("facilities", 2, "community", "5.00102E+11")]
    assert found(issues, "damaged_code") == [("facilities", 4, "community", "5.00102E+11")]
    assert found(issues, "unknown_community") == []


def test_a_code_of_another_township(county: dict[str, Source], tmp_path: Path) -> None:
    text = f"代码,名称,乡镇\n{C1},甲东社区,甲街道\n{A}009,错村,乙镇\n"
    (tmp_path / "c.csv").write_text(text, encoding="utf-8")
    _, issues = read({**county, "communities": Source(path=tmp_path / "c.csv")})
    assert found(issues, "code_prefix") == [("communities", 3, "code", f"{A}009")]


class TestNames:
    UNITS = Units(
        ["1", "2", "3", "4"],
        ["和平社区", "新村", "新村", "王家（大）村"],
        ["a", "a", "b", "b"],
        parents={"a": "甲街道", "b": "乙镇"},
    )

    @pytest.mark.parametrize(
        ("written", "within", "code", "way"),
        [
            ("和平社区", "", "1", "name"),
            ("和平社区居民委员会", "", "1", "ending"),
            ("甲街道和平社区", "", "1", "parents"),
            ("示范区甲街道办事处和平社区居委会", "", "1", "parents"),
            ("和平", "", "1", "stem"),
            ("王家(大)村村委会", "", "", None),
            ("王家(大)村", "", "4", "name"),
            ("新村", "", "", None),
            ("新村", "b", "3", "name"),
            ("乙镇新村", "", "3", "parents"),
            ("丙镇和平社区", "", "", None),  # another township's
            ("大和平社区", "", "", None),
        ],
    )
    def test_by_what_a_unit_is_found(
        self, written: str, within: str, code: str, way: str | None
    ) -> None:
        assert self.UNITS.explain(written, within) == (code, way)

    def test_a_match_by_another_name_is_told_once(
        self, county: dict[str, Source], tmp_path: Path
    ) -> None:
        text = "编号,类型,社区\na,敬老院,甲东居委会\nb,敬老院,甲东居委会\nc,敬老院,甲东社区\n"
        (tmp_path / "f.csv").write_text(text, encoding="utf-8")
        layers, issues = read({**county, "facilities": Source(path=tmp_path / "f.csv")})
        assert layers.facilities["community"].tolist() == [C1] * 3
        assert found(issues, "matched_by_name") == [("facilities", 2, "community", "甲东居委会")]
        message = issues.loc[issues["code"] == "matched_by_name", "message"].iloc[0]
        assert "2 行" in message


class TestCrosswalk:
    """丙镇 became 乙镇 in two steps; 丁乡 was split and stays unknown."""

    TABLE = (
        "old_code,old_name,code,name,vintage\n1,丙镇,2,丙街道,2015\n2,丙街道,{b},乙镇,2020\n"
        "3,丁乡,{a},甲街道,2020\n3,丁乡,{b},乙镇,2020\n"
    )

    def test_renamed_units(self, county: dict[str, Source], tmp_path: Path) -> None:
        (tmp_path / "x.csv").write_text(self.TABLE.format(a=A, b=B), encoding="utf-8")
        rows = ["a,敬老院,丙镇", "b,敬老院,1", "c,敬老院,丁乡", "d,敬老院,丙镇"]
        text = "\n".join(["编号,类型,乡镇", *rows])
        (tmp_path / "f.csv").write_text(text, encoding="utf-8")
        sources = {
            "facilities": Source(path=tmp_path / "f.csv"),
            "crosswalk": Source(path=tmp_path / "x.csv"),
        }
        layers, issues = read({**county, **sources})
        assert layers.facilities["declared_township"].tolist() == [B, B, "", B]
        assert [issue[1:] for issue in found(issues, "renamed_unit")] == [
            (2, "township", "丙镇"), (3, "township", "1"),
        ]  # fmt: skip
        assert found(issues, "unknown_township") == [("facilities", 4, "township", "丁乡")]

    def test_a_circle_ends(self) -> None:
        table = pd.DataFrame({"old_name": ["甲", "乙"], "name": ["乙", "甲"]})
        assert Crosswalk(table).later("甲") == [("乙",), ("甲",)]


class TestCategories:
    @pytest.mark.parametrize(
        ("text", "category"),
        [
            ("城区社区养老服务站（示范）", "community_eldercare_station"),
            ("某市儿童福利院", "child_welfare"),  # no 福利院
            ("敦仁街道养老服务中心", "street_eldercare_center"),
            ("社会工作和志愿服务站", "social_work_station"),  # no 志愿服务站
            ("党群服务中心日间照料中心", ""),  # two, which is not guessed
            ("茶馆", ""),
        ],
    )
    def test_words_of_a_category(self, text: str, category: str) -> None:
        keyword, categories = keyword_of(text)
        assert (categories[0] if keyword else "") == category

    def test_without_a_column_names_tell(self, county: dict[str, Source], tmp_path: Path) -> None:
        rows = ["a,甲敬老院,107.35,29.75", "b,乙敬老院,107.35,29.75", "c,茶馆,107.35,29.75"]
        text = "\n".join(["编号,名称,经度,纬度", *rows])
        (tmp_path / "f.csv").write_text(text, encoding="utf-8")
        layers, issues = read({**county, "facilities": Source(path=tmp_path / "f.csv")})
        assert layers.facilities["category"].tolist() == ["eldercare_institution"] * 2 + [""]
        assert found(issues, "category_by_keyword") == [("facilities", 2, "name", "敬老院")]
        assert found(issues, "unknown_category") == [("facilities", 4, "category", "茶馆")]

    def test_a_column_that_says_something_else(
        self, county: dict[str, Source], tmp_path: Path
    ) -> None:
        """公办 names no category in any row, so names decide; 茶馆 beside 敬老院 stays unknown."""
        for words, expected in (("公办 民办", ["eldercare_institution", "day_care_center"]),
                                ("敬老院 茶馆", ["eldercare_institution", ""])):  # fmt: skip
            first, second = words.split()
            text = f"编号,名称,类型\na,甲敬老院,{first}\nb,乙日间照料中心,{second}\n"
            (tmp_path / "f.csv").write_text(text, encoding="utf-8")
            layers, _ = read({**county, "facilities": Source(path=tmp_path / "f.csv")})
            assert layers.facilities["category"].tolist() == expected
