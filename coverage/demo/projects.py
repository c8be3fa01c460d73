"""The listed projects: institutions to be built from 2021 on, those that run and those to come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coverage.demo.eldercare import home_cells
from coverage.demo.figures import TOWNSHIPS
from coverage.demo.ledger import Listed

if TYPE_CHECKING:
    from coverage.demo.ledger import Writer


@dataclass(frozen=True, kw_only=True)
class Project:
    """A project of the list.

    Parameters
    ----------
    number
        In the list.
    beds
        Beds planned.
    township
        Position of the township it stands in.
    word
        Middle of its name.
    period
        Years of building, as a plan's annex writes them.
    private
        Whether private investors pay.
    opened
        Year from which it runs; 0 where it does not run yet.
    """

    number: int
    beds: int
    township: int
    word: str
    period: str
    private: bool = False
    opened: int = 0


_WITHIN_2025 = "2025年内"
# beds, terms and who pays are those of a published plan; what runs by 2023 is invented
PROJECTS = (
    Project(number=2, beds=80, township=12, word="澜庭", period="2022-2023", opened=2022),
    Project(number=3, beds=100, township=14, word="栖霞", period="2021-2022", opened=2022),
    Project(number=4, beds=162, township=16, word="云栖", period="2022-2023", opened=2022),
    Project(number=5, beds=56, township=20, word="知秋", period="2021-2022", opened=2022),
    Project(number=6, beds=76, township=24, word="安和", period="2022", opened=2023),
    Project(number=7, beds=80, township=5, word="静园", period="2023-2024", opened=2023),
    Project(number=8, beds=80, township=21, word="临泉", period="2023-2024", opened=2023),
    Project(number=9, beds=100, township=7, word="南山", period="2022-2023", opened=2023),
    Project(
        number=12, beds=200, township=1, word="清照", period="2021-2022", private=True, opened=2023
    ),
    Project(number=13, beds=500, township=9, word="望岳", period="2023-2025", private=True),
    Project(
        number=14, beds=300, township=8, word="和润", period="2023-2025", private=True, opened=2023
    ),
    Project(number=15, beds=480, township=4, word="江岸", period=_WITHIN_2025, private=True),
    Project(number=16, beds=80, township=3, word="榆荫", period="2023-2024"),
    Project(number=17, beds=300, township=4, word="雨花", period=_WITHIN_2025, private=True),
    Project(number=19, beds=200, township=26, word="听松", period="2023-2025", private=True),
    Project(number=21, beds=80, township=18, word="兰溪", period=_WITHIN_2025, private=True),
    Project(number=18, beds=500, township=22, word="雪岭", period=_WITHIN_2025, private=True),
    Project(number=20, beds=100, township=13, word="常乐", period=_WITHIN_2025, private=True),
)
COLUMNS = (
    "编号",
    "项目名称",
    "设施类型",
    "所属乡镇",
    "所属社区",
    "经度",
    "纬度",
    "建筑面积",
    "床位数",
    "护理型床位",
    "总投资（万元）",
    "资金来源",
    "建设期限",
    "建设状态",
    "对应设施编号",
)
_NURSING = 0.76  # share of the beds
_COSTS = (24, 17, 35, 20, 29)  # 10,000 yuan a bed
_PUBLIC = ("区级资金", "移民资金", "中央和市级资金+区级资金")


def add_projects(writer: Writer) -> None:
    """Add the projects: a row of their list for each, a facility for those that run.

    Parameters
    ----------
    writer
        Of the ledger.
    """
    for order, project in enumerate(PROJECTS):
        own = np.flatnonzero(writer.tiles.of_township == project.township)
        community = int(own[int(writer.rng.integers(len(own)))])
        place = writer.sites.take(community)
        name = f"{writer.short(project.township)}{project.word}养老院"
        cells = home_cells(writer, project.beds, round(project.beds * _NURSING), public=False)
        facility = None
        if project.opened:
            care = {"医养结合方式": "签约" if order % 3 else "内设", "建设方式": "新建"}
            years = {"投入使用年份": project.opened}
            facility = writer.add("养老机构", name, community, place, **(cells | years | care))
        building = "未开工" if project.period == _WITHIN_2025 else "在建"
        row = {
            "编号": f"三{project.number}",
            "项目名称": f"{name}项目",
            "设施类型": "养老机构",
            "所属乡镇": TOWNSHIPS[project.township].name,
            "所属社区": writer.names[community],
            **{name: cells[name] for name in ("建筑面积", "床位数", "护理型床位")},
            "总投资（万元）": project.beds * _COSTS[order % len(_COSTS)],
            "资金来源": "社会投资" if project.private else _PUBLIC[order % len(_PUBLIC)],
            "建设期限": project.period,
            "建设状态": "已投用" if project.opened else building,
        }
        writer.ledger.projects.append(Listed(row=row, place=place, facility=facility))
