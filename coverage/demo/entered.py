"""Figures that no layer holds, as the bureau's sections report them: invented, and plausible.

Where the plan that the demo follows publishes a baseline, that of 2020 is the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coverage.demo.figures import COUNTY_NAME, YEARS

if TYPE_CHECKING:
    from collections.abc import Iterator

COLUMNS = ("指标", "数值", "单位", "统计日期", "数据来源", "规划", "规划行号")

# section, indicator, unit, values of 2020, 2023 and 2025
_FIGURES = (
    ("社会救助科", "城乡低保标准年度增速", "%", (6.2, 5.4, 4.8)),
    ("社会救助科", "农村低保标准占城市低保标准比例", "%", (80.0, 82.6, 84.3)),
    ("社会救助科", "有意愿的特困人员集中供养率", "%", (88.4, 97.2, 100.0)),
    ("社会救助科", "特困人员基本生活标准与低保标准之比", "倍", (1.3, 1.3, 1.3)),
    ("社会事务科", "残疾人两项补贴覆盖率", "%", (100.0, 100.0, 100.0)),
    ("社会事务科", "婚姻登记通办实施率", "%", (0.0, 100.0, 100.0)),
    ("社会事务科", "殡葬火化率", "%", (31.0, 46.2, 58.7)),
    ("救助管理站", "查明身份信息流浪乞讨受助人员接送返回率", "%", (100.0, 100.0, 100.0)),
    ("儿童福利科", "孤儿基本生活保障标准", "元/月", (1256, 1400, 1477)),
    ("儿童福利科", "事实无人抚养儿童基本生活保障标准", "元/月", (1256, 1400, 1477)),
    ("养老服务科", "特殊困难老年人探访率", "%", (81.5, 95.8, 100.0)),
    ("养老服务科", "居家养老覆盖人数", "人", (6240, 9870, 12430)),
    ("社会组织管理科", "能承接政府公共服务的社会组织", "个", (4, 8, 11)),
    ("社会组织管理科", "社会组织党组织覆盖率", "%", (82.0, 93.5, 98.2)),
    ("慈善社工科", "社会工作专业人才总量", "人", (3700, 4860, 5740)),
    ("慈善社工科", "慈善组织接受社会捐赠总额", "万元", (900, 1086, 1224)),
    ("慈善社工科", "注册志愿者人数", "万人", (17.3, 19.6, 21.2)),
    ("基层政权科", "村党组织书记与村委会主任“一肩挑”比例", "%", (98.4, 100.0, 100.0)),
)
# rows that count something else under an indicator's name, or in another unit: plan, row
_OF_ROWS = (
    ("社会救助科", "城乡低保标准年度增速", "元/月", (636, 717, 768), "dazhou", 1),
    ("慈善社工科", "社会工作专业人才总量", "万人", (0.37, 0.486, 0.574), "dazhou", 12),
    ("儿童福利科", "事实无人抚养儿童基本生活保障标准", "元/年", (1256, 1400, 1477), "weinan", 5),
    ("慈善社工科", "社会工作专业人才总量", "人", (222, 416, 563), "weinan", 11),
)


def entered_rows() -> Iterator[dict[str, Any]]:
    """Return the rows of the table, those of single rows of plans last."""
    for section, indicator, unit, values in _FIGURES:
        yield from _by_year(section, indicator, unit, values, {})
    for section, indicator, unit, values, plan, row in _OF_ROWS:
        yield from _by_year(section, indicator, unit, values, {"规划": plan, "规划行号": row})


def _by_year(
    section: str, indicator: str, unit: str, values: tuple[float, ...], more: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    for year, value in zip(YEARS, values, strict=True):
        yield {
            "指标": indicator,
            "数值": value,
            "单位": unit,
            "统计日期": f"{year}-12-31",
            "数据来源": f"{COUNTY_NAME}民政局{section}{year}年度统计台账（虚构）",
            **more,
        }
