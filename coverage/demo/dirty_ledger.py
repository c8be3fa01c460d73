"""The ledger of facilities as bureaus keep it: faults in its cells.

Faults that cannot be repaired stand in the rows of lottery outlets, which no indicator of the
default plan counts: what the analysis makes of the others must not change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coverage.demo.figures import COUNTY_CODE, TOWNSHIPS, YEAR
from coverage.demo.shifted import to_gcj02
from coverage.demo.soiling import Fault, Soiled, date_serial, degrees, full_width, thousands

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Chosen = NDArray[np.bool_]

ERROR = "#REF!"  # stands for a formula that ended in it

_OLD_NAMES = {unit.name: unit.old_name for unit in TOWNSHIPS if unit.old_name != unit.name}
_LONG_NAMES = {"望澜街道": "望澜街道办事处", "沙渡镇": "沙渡镇人民政府"}
_SPARE = "福利彩票销售网点"
_THOUSAND = 1000
_PHONE = "13800000000"  # of nobody

_AREA = ("建筑面积", "floor_area_m2")
_OPENED = ("投入使用年份", "open_year")
_COMMUNITY = ("所属社区", "community")

REPAIRABLE = (
    Fault("全角数字", *_AREA, full_width, "repaired_number"),
    Fault("千分位逗号", *_AREA, thousands, "repaired_number", lambda v: v != "" and v >= _THOUSAND),
    Fault("数字后带单位", *_AREA, lambda v: f"{v}平方米", "repaired_number"),
    Fault("日期的序列号", *_OPENED, date_serial, "repaired_number"),
    Fault("写成年月", *_OPENED, lambda v: f"{v}年6月", ""),
    Fault("文本格式的数字", "专职人员", "staff", str, ""),
    Fault("度分秒", "经度", "lon", degrees, "repaired_number"),
    Fault(
        "社区写成居委会", *_COMMUNITY, lambda v: v.replace("社区", "社区居民委员会"),
        "matched_by_name", lambda v: v.endswith("社区"), by_word=True,
    ),
    Fault(
        "村写成村委会", *_COMMUNITY, lambda v: f"{v}民委员会",
        "matched_by_name", lambda v: v.endswith("村"), by_word=True,
    ),
    Fault(
        "类型后加说明", "设施类型", "category", lambda v: f"{v}（标准化建设）",
        "category_by_keyword", lambda v: v == "社区养老服务站", by_word=True,
    ),
)  # fmt: skip
UNREPAIRABLE = (
    Fault("面积不是数字", *_AREA, lambda _: "三百多", "not_a_number"),
    Fault("面积为零", *_AREA, lambda _: 0, "implausible_value"),
    Fault("面积过大", *_AREA, lambda v: v * 100_000, "implausible_value"),
    Fault("面积为负", *_AREA, lambda v: -v, "negative_number"),
    Fault("公式出错", "专职人员", "staff", lambda _: ERROR, "formula_error", lambda _: True),
    Fault("年份看不出", *_OPENED, lambda _: "十三五期间", "not_a_year"),
    Fault(
        "停用早于启用", "停用年份", "open_year", lambda _: 1999, "closed_before_opened",
        lambda _: True,
    ),
    Fault("类型不认识", "设施类型", "category", lambda _: "便民超市", "unknown_category"),
    Fault("状态不认识", "状态", "status", lambda _: "待定", "unknown_status"),
    Fault("社区不存在", *_COMMUNITY, lambda _: "幸福里小区", "unknown_community"),
    Fault(
        "服务社区不存在", "服务社区", "serves", lambda _: "幸福里小区", "unknown_serves",
        lambda _: True,
    ),
    Fault("坐标是文字", "纬度", "lat", lambda _: "暂无坐标", "not_a_number"),
)  # fmt: skip
HARMLESS = (
    Fault("名称含控制字符", "设施名称", "name", lambda v: f"{v}\x0b", "control_characters"),
    Fault(
        "地址里有手机号", "详细地址", "address", lambda _: f"锦堤路8号（联系{_PHONE}）",
        "personal_values", lambda _: True,
    ),
    Fault(
        "地址里有身份证号", "详细地址", "address", lambda _: f"经办{identity(7)}",
        "personal_values", lambda _: True,
    ),
)  # fmt: skip


def soil_ledger(clean: pd.DataFrame) -> Soiled:
    """Return the ledger with its faults, townships together.

    Parameters
    ----------
    clean
        The clean ledger; longitudes and latitudes in WGS84.
    """
    outlets = (clean["设施类型"] == _SPARE) & clean["经度"].notna()
    moved = clean.loc[outlets, "编号"].iloc[5::40].tolist()
    table = Soiled("facilities", YEAR, _arranged(clean, moved))
    placed = (table.frame["经度"] != "").to_numpy()
    spare = (table.frame["设施类型"] == _SPARE).to_numpy() & placed
    for position in table.find("编号", moved):
        table.note(
            "填报的乡镇不是所在乡镇",
            "declared_elsewhere",
            position=position,
            field="township",
            value=table.cell(position, "所属乡镇"),
            repairable=False,
        )
    _move_to_gcj02(table, placed)
    table.spoil(UNREPAIRABLE, spare, repairable=False)
    table.spoil(HARMLESS, spare)
    _repeat_ids(table, spare)
    _put_on_one_point(table, spare)
    _lose_places(table, spare)
    _mix_up_beds(table)
    table.spoil(REPAIRABLE, ~spare & placed)
    _swap_axes(table, ~spare & placed)
    _rename_townships(table)
    return table


def identity(number: int) -> str:
    """Return an identity number of nobody: the county is invented, the last digit checks out."""
    digits = f"{COUNTY_CODE}19000101{number:03d}"
    weights = [2 ** (17 - k) % 11 for k in range(17)]
    rest = sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11
    return digits + "10X98765432"[rest]


def _arranged(clean: pd.DataFrame, moved: list[str]) -> pd.DataFrame:
    """Return the ledger with townships together, some rows in the wrong one, and more columns."""
    frame = clean.copy()
    order = {unit.name: number for number, unit in enumerate(TOWNSHIPS)}
    place = frame["所属乡镇"].map(order).fillna(len(order)).astype("int64")
    wrong = frame["编号"].isin(moved)
    place[wrong] = (place[wrong] + 7) % len(order)
    frame.loc[wrong, "所属乡镇"] = [TOWNSHIPS[k].name for k in place[wrong]]
    frame.loc[wrong, "所属社区"] = ""
    frame = frame.iloc[np.argsort(place, kind="stable")].reset_index(drop=True)
    frame["负责人姓名"] = [f"张某{'甲乙丙丁'[k % 4]}" for k in range(len(frame))]
    frame["联系电话"] = _PHONE
    frame["详细地址"] = ""
    frame["公示牌编号"] = [f"P{k:05d}" for k in range(len(frame))]
    return frame


def _move_to_gcj02(table: Soiled, placed: Chosen) -> None:
    lonlat = table.frame.loc[placed, ["经度", "纬度"]].to_numpy(dtype="float64")
    table.frame.loc[placed, ["经度", "纬度"]] = to_gcj02(lonlat)
    table.note("坐标取自互联网地图（GCJ-02）", "converted_datum")


def _swap_axes(table: Soiled, among: Chosen) -> None:
    for position in table.take(4, among):
        lon, lat = table.cell(position, "经度"), table.cell(position, "纬度")
        table.put(position, 经度=lat, 纬度=lon)
        table.note("经纬度颠倒", "swapped_axes", position=position, value=lat)


def _repeat_ids(table: Soiled, among: Chosen) -> None:
    first, *others = table.take(3, among)
    number = table.cell(first, "编号")
    for position in others:
        table.put(position, 编号=number)
        table.note(
            "编号重复",
            "duplicate_id",
            position=position,
            field="id",
            value=number,
            repairable=False,
        )


def _put_on_one_point(table: Soiled, among: Chosen) -> None:
    first, *others = table.take(4, among)
    for position in others:
        table.put(position, 经度=table.cell(first, "经度"), 纬度=table.cell(first, "纬度"))
    table.note("不同设施在同一点", "same_place", position=first, repairable=False)


def _lose_places(table: Soiled, among: Chosen) -> None:
    for position in table.take(3, among):
        table.put(position, 经度=0, 纬度=0)
        table.note("坐标为零", "bad_coordinates", position=position, repairable=False)
    (bare,) = table.take(1, among)
    table.put(bare, 经度="", 纬度="")
    table.note("没有坐标", "approximate_location", position=bare, repairable=False)
    # a clinic beyond the border, which names no township
    (last,) = table.find("编号", table.frame["编号"].iloc[-1:].tolist())
    table.put(last, 经度="", 纬度="")
    table.note("没有坐标和所属单位", "no_location", position=last, repairable=False)


def _mix_up_beds(table: Soiled) -> None:
    beds = (table.frame[["床位数", "护理型床位"]] != "").all(axis=1).to_numpy()
    for position in table.take(3, beds):
        more = int(table.cell(position, "床位数")) + 5
        table.put(position, 护理型床位=more)
        table.note(
            "护理型床位多于床位总数",
            "more_nursing_than_total",
            position=position,
            field="beds_nursing",
            value=more,
            repairable=False,
        )


def _rename_townships(table: Soiled) -> None:
    names = table.frame["所属乡镇"]
    table.frame["所属乡镇"] = names.replace({**_OLD_NAMES, **_LONG_NAMES})
    for code, changed in (("renamed_unit", _OLD_NAMES), ("matched_by_name", _LONG_NAMES)):
        for new, written in changed.items():
            if (names == new).any():
                table.note(
                    "乡镇用旧名" if code == "renamed_unit" else "乡镇名称写法不同",
                    code,
                    field="township",
                    value=written,
                )
