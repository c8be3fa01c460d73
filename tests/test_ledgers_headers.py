"""Headers: every one that ledgers are known to bear, their variants, what stays unknown."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from ledger_files import read_text

from coverage import vocabulary
from coverage.layers import Source
from coverage.layers.ledgers.headers import match_columns

# headers seen in real ledgers and their fields, as the reference of data conventions lists them
PLATFORM = {
    "统一社会信用代码": "id", "单位类型": "category", "单位名称": "name",
    "单位建立日期": "open_year", "行政区划代码": "code", "机构地址": "address",
    "机构等级": "level", "全托床位数量": "beds_full", "日托床位数量": "beds_day",
    "护理型床位数量": "beds_nursing", "床位总数量": "beds_total", "建筑面积": "floor_area_m2",
    "占地面积": "site_area_m2", "场所性质": "tenure", "兴办主体": "operator",
    "月末收住老年人数": "residents", "机构生存状态": "status", "经度": "lon", "纬度": "lat",
}  # fmt: skip
TICKED = {
    "是否提供居家养老上门服务": "上门", "助餐": "助餐", "助洁": "助洁", "助行": "助行",
    "助浴": "助浴", "康复": "康复", "助医": "助医", "巡访": "巡访",
    "是否提供社区养老服务": "社区养老",
    "日托": "日托", "是否为特困救助供养机构": "特困供养",
    "是否为街道（乡镇）区域性养老服务中心": "区域性养老服务中心",
}  # fmt: skip
TABLE = {
    "name": "名称 机构名称 单位名称 设施名称 站点名称 中心名称",
    "township": "乡镇 镇街 街道 乡镇（街道） 所属乡镇 所属街道 所在镇街 街镇 街道名称",
    "community": "社区 村（社区） 村居 所属社区 行政村 居委会 村委会 社区名称",
    "county": "县市区 所属区 区县",
    "code": "行政区划代码 区划代码 统计用区划代码 代码 编码",
    "address": "地址 详细地址 机构地址 建设地点 坐落",
    "lon": "经度 东经 lng lon X jd",
    "lat": "纬度 北纬 lat Y wd",
    "floor_area_m2": "建筑面积 面积 用房面积 建筑面积(㎡) 建筑面积（平方米） 建筑面积(m2) "
    "综合服务设施面积",
    "beds_total": "床位 床位数 总床位 床位总数 核定床位 床位数量 床位（张）",
    "beds_nursing": "护理型床位 护理床位数 护理型床位数",
    "status": "状态 运营状态 运营情况 是否运营 机构生存状态 投入使用情况",
    "open_year": "建成时间 投入使用时间 投入使用年份 成立时间 备案时间",
    "operator": "运营方式 运营单位 公建民营 性质 兴办主体 运营性质",
    "staff": "工作人员数 社工人数 驻站社工 持证社工 专职人员 从业人员数",
    "functions": "服务功能 服务内容",
    "has_volunteer_station": "是否设志愿服务站点 志愿服务站",
    "category": "机构类别 设施类型 类型",
    "residents": "入住老年人数",
}  # fmt: skip
UNITS = {
    "households": "户数 总户数 常住户数 户籍户数 居民户数 住户数",
    "population": "人口 总人口 常住人口 户籍人口 人口数（万人）",
    "elders60": "60岁以上 60周岁及以上老年人口 老年人口 老年人数",
    "elders80": "80岁以上 高龄老人",
    "child_director": "儿童主任",
    "name": "社区名称 社区 村（社区） 名称",
}


def field_of(header: str, layer: str = "facilities") -> str:
    columns = match_columns([header], layer, Source(path=Path("t.csv")))
    return next(iter(columns.fields), "")


@pytest.mark.parametrize(
    ("header", "field"),
    [*PLATFORM.items(), *((h, f) for f, headers in TABLE.items() for h in headers.split())],
)
def test_headers_of_facilities(header: str, field: str) -> None:
    assert field_of(header) == field


@pytest.mark.parametrize(
    ("header", "field"), [(h, f) for f, headers in UNITS.items() for h in headers.split()]
)
def test_headers_of_communities(header: str, field: str) -> None:
    assert field_of(header, "communities") == field


def test_posts_of_townships() -> None:
    assert field_of("儿童督导员", "townships") == field_of("未保专干", "townships")
    assert field_of("儿童督导员", "townships") == "minor_specialist"


@pytest.mark.parametrize(("header", "function"), TICKED.items())
def test_ticked_columns(header: str, function: str) -> None:
    columns = match_columns([header, "名称"], "facilities", Source(path=Path("t.csv")))
    assert dict(columns.ticks) == {function: 0}


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("  建筑 面积\n（平方米）", "floor_area_m2"),
        ("建筑面积【㎡】", "floor_area_m2"),
        ("*床位数（必填）", "beds_total"),
        ("其中：护理型床位数", "beds_nursing"),
        ("床位（护理型）", "beds_nursing"),
        ("床位 / 护理型", "beds_nursing"),
        ("基本情况 / 机构名称", "name"),
        ("设施名称 / name", "name"),
        ("2023年末入住老年人数", "residents"),
        ("机构运营状态", "status"),
        ("经度（WGS84）", "lon"),
        ("所属街道（乡镇）", ""),
        ("室外活动场地 / 面积", ""),
        ("面积（室外）", ""),
        ("面积（万人）", ""),
        ("法人", ""),
    ],
)
def test_variants_are_read_and_nothing_is_guessed(header: str, field: str) -> None:
    assert field_of(header) == field


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_names_cut_at_ten_bytes(encoding: str) -> None:
    """Every header of more than ten bytes is found again, unless two fields share what is left."""
    meanings = vocabulary.headers("facilities")
    cut: dict[str, set[str]] = {}
    for header, (field, _) in meanings.items():
        short = header.encode(encoding)[:10].decode(encoding, errors="ignore")
        if len(header.encode(encoding)) > 10 and short not in meanings:
            cut.setdefault(short, set()).add(field)
    assert field_of("社区综合服") == "floor_area_m2"
    for short, fields in cut.items():
        assert field_of(short) in {*fields, ""}
        if encoding == "gb18030" and len(fields) == 1:
            assert field_of(short)


def test_what_is_not_recognised_is_offered(tmp_path: Path) -> None:
    text = "编号,类型,营业用房面积数值,天气\na,敬老院,5,晴\n"
    result = read_text(tmp_path, text)
    assert result.found("unknown_columns") == [(pd.NA, "", "营业用房面积数值、天气")]
    message = result.issues.loc[result.issues["code"] == "unknown_columns", "message"].iloc[0]
    assert "营业用房面积数值 → floor_area_m2" in message
    assert "天气 →" not in message
    settled = read_text(tmp_path, text, columns={"floor_area_m2": "营业用房面积数值"})
    assert settled.frame["floor_area_m2"].tolist() == [5]


def test_a_unit_of_area_is_converted(tmp_path: Path) -> None:
    result = read_text(tmp_path, "编号,类型,占地面积（亩）,面积(公顷)\na,敬老院,3,0.5㎡\n")
    assert result.frame["site_area_m2"].tolist() == pytest.approx([2000])
    # the unit in the cell goes before that of the header
    assert result.frame["floor_area_m2"].tolist() == pytest.approx([0.5])
    assert len(result.found("unit_converted")) == 2
