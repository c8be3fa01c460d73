"""The Word report: sentences that are true in every case, figures that are the result's."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from docx import Document
from tiny_county import write_tiny

import coverage
from coverage import texts
from coverage.errors import OutputError
from coverage.outputs.report import Picture, SitingTable, report_blocks, write_document
from coverage.outputs.report.blocks import Block, Heading, Paragraph, Table
from coverage.results import Result

CHAPTERS = 8
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360"
    "606060000000050001a5f645400000000049454e44ae426082"
)


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    folder = write_tiny(tmp_path_factory.mktemp("tiny"))
    file = folder / "project.toml"
    name = 'name = "小县（虚构）"'
    more = 'plan = "fuling"\nnotice = "演示数据（虚构）"'
    file.write_text(file.read_text("utf-8").replace(name, f"{name}\n{more}"), "utf-8")
    return coverage.open_project(folder).run()


def said(blocks: list[Block]) -> str:
    return "\n".join(b.text for b in blocks if isinstance(b, Heading | Paragraph))


def tables(blocks: list[Block]) -> list[Table]:
    return [block for block in blocks if isinstance(block, Table)]


def with_status(result: Result, status: str) -> Result:
    return replace(result, indicators=result.indicators.assign(status=status))


def test_the_chapters_stand_in_their_usual_order(result: Result) -> None:
    for language in texts.LANGUAGES:
        blocks = report_blocks(result, language)
        heads = [b.text for b in blocks if isinstance(b, Heading) and b.level == 1]
        assert len(heads) == CHAPTERS
        assert "{" not in said(blocks)
    assert heads[0].startswith("1.")


def test_sentences_carry_the_figures_of_the_result(result: Result) -> None:
    """Of 100 elders 30 are within reach, as conftest's drawing shows."""
    blocks = report_blocks(result, "zh")
    text = said(blocks)
    assert "可到的有 30 人，占 100 人的 30.00%；超出时限 45 人，有路不通 15 人" in text
    assert "乡镇（街道）2 个（街道 1 个、镇 1 个）" in text
    progress = next(t for t in tables(blocks) if "主要指标完成情况" in t.caption)
    figures = result.indicators.query("level == 'county' and kind == 'table'")
    for row in progress.rows:
        own = figures[figures["row"] == int(row[0])]
        values = {"—" if pd.isna(v) else f"{v:,.2f}".rstrip("0").rstrip(".") for v in own["value"]}
        assert row[6] in values


@pytest.mark.parametrize("status", ["met", "behind", "not_met", "on_track", "no_data", "no_target"])
def test_every_status_has_its_sentence_and_no_other(result: Result, status: str) -> None:
    blocks = report_blocks(with_status(result, status), "zh")
    text = said(blocks)
    late = status in ("behind", "not_met")
    assert ("没有滞后或到期未达标的指标" in text) is not late
    assert (re.search(r"已达标的有 \d+ 项", text) is not None) is (status == "met")
    assert ("不能视为零或达标" in text) is (status == "no_data")


def test_tasks_and_projects_of_the_plan_are_told(result: Result) -> None:
    projects = pd.DataFrame(
        {
            "name": ["一号院", "二号院", "重号"],
            "status": ["operating", "building", "planned"],
            "set_aside": [False, False, True],
            "open_year": pd.array([2022, 2023, 2023], dtype="Int64"),
            "township": ["500001001", "", ""],
            "period": ["2021-2022", "", ""],
            "beds_total": [80, 20, 999],
            "cost": [12_000_000.0, float("nan"), 1.0],
        }
    )
    blocks = report_blocks(replace(result, context={"projects": projects}), "zh")
    text = said(blocks)
    assert "项目表列项目 2 个：已投用 1 个、在建 1 个。总投资 1,200 万元。床位合计 100 张。" in text
    assert "应在 2023 年底前投用而未投用的有 1 个：二号院" in text
    own = result.indicators.query("level == 'county' and kind != 'table'")["row"].nunique()
    assert f"还提出可量化的任务 {own} 项" in text
    listed = next(t for t in tables(blocks) if "量化任务" in t.caption)
    assert len(listed.rows) == own
    assert "项目表" not in said(report_blocks(replace(result, context={}), "zh"))


def test_a_county_of_one_township_is_not_compared_with_itself(result: Result) -> None:
    alone = replace(result, townships=result.townships.head(1))
    assert "覆盖率最高的是" not in said(report_blocks(alone, "zh"))


def test_where_everybody_is_covered_nobody_is_named(result: Result) -> None:
    units = result.communities.copy()
    townships = result.townships.copy()
    for service in result.services:
        for table in (units, townships):
            table[f"{service.name}_covered"] = table[f"{service.name}_people"]
            table[f"{service.name}_share"] = 1.0
    text = said(report_blocks(replace(result, communities=units, townships=townships), "zh"))
    assert "全部覆盖，没有遗漏" in text
    assert "一个人也覆盖不到" not in text
    assert "无须新增站点" in text


def test_sites_and_scenarios_are_told_where_there_are_any(result: Result) -> None:
    sites = pd.DataFrame(
        {
            "rank": [1, 2],
            "community": ["甲一社区", "乙一社区"],
            "township": ["甲街道", "乙镇"],
            "newly_covered": [30.0, 12.0],
            "cumulative_share": [0.6, 0.72],
        }
    )
    siting = SitingTable(
        service="15 分钟养老圈", unit="人", model="mclp", sites=sites, summary={"gap": 0.0}
    )
    compared = pd.DataFrame(
        {"name": ["覆盖率"], "unit": ["%"], "a": [30.0], "b": [72.0], "difference": [42.0]}
    )
    comparisons = {"baseline--more": compared, "baseline--old": None}
    blocks = report_blocks(result, "zh", sitings=[siting], comparisons=comparisons)
    text = said(blocks)
    assert "建议新设 2 处，可新增覆盖 42 人，累计覆盖率达到 72.00%" in text
    assert "已证明为最优" in text
    assert "有 1 项指标不同" in text
    assert "“baseline”与“old”是按另一规划比较的" in text
    assert ("覆盖率", "%", "30", "72", "42") in [row for t in tables(blocks) for row in t.rows]


def test_the_document_holds_every_block(result: Result, tmp_path: Path) -> None:
    picture = Picture(caption="总图", content=PIXEL)
    blocks = report_blocks(result, "zh", pictures={"overview": picture})
    file = write_document(
        [*blocks, Paragraph("控制字符\x07在这里")],
        tmp_path / "report.docx",
        title="评估报告",
        subtitle="小县 · 2023",
        notice=result.notice,
        language="zh",
    )
    document = Document(str(file))
    written = [p.text for p in document.paragraphs]
    for block in blocks:
        if isinstance(block, Heading | Paragraph):
            assert block.text in written
    assert "控制字符在这里" in written
    assert len(document.tables) == len(tables(blocks))
    for table, block in zip(document.tables, tables(blocks), strict=True):
        cells = [tuple(cell.text for cell in row.cells) for row in table.rows]
        assert cells == [block.heads, *block.rows]
    captions = [text for text in written if re.match(r"[表图] \d+　", text)]
    assert [c.split("　")[0] for c in captions if c[0] == "表"] == [
        f"表 {i + 1}" for i in range(len(document.tables))
    ]
    assert "图 1　总图" in captions
    assert len(document.inline_shapes) == 1
    section = document.sections[0]
    assert (round(section.page_width.cm, 1), round(section.page_height.cm, 1)) == (21.0, 29.7)
    assert section.header.paragraphs[0].text == "演示数据（虚构）"


def test_the_contents_name_every_heading_and_refer_to_it(result: Result, tmp_path: Path) -> None:
    blocks = report_blocks(result, "zh")
    file = tmp_path / "report.docx"
    write_document(blocks, file, title="t", subtitle="s", notice="", language="zh")
    document = Document(str(file))
    headings = [b.text for b in blocks if isinstance(b, Heading)]
    entries = [p.text[:-1] for p in document.paragraphs if p.text.endswith("\t")]
    assert entries == headings
    body = document.element.body
    space = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    marked = {e.get(f"{space}name") for e in body.iter(f"{space}bookmarkStart")}
    asked = {e.text.split()[1] for e in body.iter(f"{space}instrText") if "PAGEREF" in e.text}
    assert len(asked) == len(headings)
    assert asked == marked


def test_every_row_of_a_table_stays_on_one_page(tmp_path: Path) -> None:
    rows = tuple((str(number),) for number in range(40))
    table = Table(caption="表", heads=("甲",), rows=rows, widths=(1,))
    file = write_document(
        [table], tmp_path / "r.docx", title="t", subtitle="s", notice="", language="zh"
    )
    written = Document(str(file)).tables[0].rows
    assert all("cantSplit" in row._tr.xml for row in written)
    assert ["tblHeader" in row._tr.xml for row in written[:2]] == [True, False]


def test_a_template_without_table_lines_gets_them(tmp_path: Path) -> None:
    own = Document()
    styles = own.styles.element
    styles.remove(own.styles["Table Grid"].element)
    own.save(str(tmp_path / "own.docx"))
    table = Table(caption="表", heads=("甲",), rows=(("一",),), widths=(1,))
    file = write_document(
        [table], tmp_path / "r.docx", title="t", subtitle="s", notice="", language="zh",
        template=tmp_path / "own.docx",
    )  # fmt: skip
    assert "tblBorders" in Document(str(file)).tables[0]._tbl.xml


def test_a_template_without_headings_is_named(tmp_path: Path) -> None:
    own = Document()
    own.styles.element.remove(own.styles["Heading 2"].element)
    own.save(str(tmp_path / "own.docx"))
    with pytest.raises(OutputError, match=r"own\.docx.*Heading 2"):
        write_document(
            [Paragraph("正文")], tmp_path / "r.docx", title="t", subtitle="s", notice="",
            language="zh", template=tmp_path / "own.docx",
        )  # fmt: skip
    assert not (tmp_path / "r.docx").exists()


def test_a_users_template_keeps_its_page(tmp_path: Path) -> None:
    own = Document()
    own.add_paragraph("本单位信头")
    own.save(str(tmp_path / "own.docx"))
    options = {"title": "t", "subtitle": "s", "notice": "", "language": "zh"}
    file = write_document(
        [Paragraph("正文")], tmp_path / "r.docx", template=tmp_path / "own.docx", **options
    )
    document = Document(str(file))
    assert document.paragraphs[0].text == "本单位信头"
    assert document.sections[0].page_width == own.sections[0].page_width


def test_a_template_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "own.docx").write_text("no zip", encoding="utf-8")
    target = tmp_path / "r.docx"
    target.write_bytes(b"earlier")
    with pytest.raises(OutputError, match=r"own\.docx"):
        write_document(
            [Paragraph("正文")], target, title="t", subtitle="s", notice="", language="zh",
            template=tmp_path / "own.docx",
        )  # fmt: skip
    assert target.read_bytes() == b"earlier"
