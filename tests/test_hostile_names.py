"""Names that are markup, formulas or templates go through every output as the text they are."""

from __future__ import annotations

import csv
from pathlib import Path

import geopandas as gpd
import pytest
import python_calamine
from docx import Document
from tiny_county import write_tiny

import coverage
from coverage.cli.main import main
from coverage.outputs.report.document import write_document
from coverage.outputs.report.sections import report_blocks

IMAGE = "<img src=x onerror=window.top.hit=1>"
WICKED = (
    IMAGE,
    "</script><script>window.top.hit=1</script>",
    "${window.top.hit=1}$\\frac{",
    "{{hit}}{0}%s",
    '=HYPERLINK("http://x")',
    "a\x0bb&amp;<![CDATA[",
    "[x](javascript:window.top.hit=1)",
)
SCENARIO = f"""
name = "</title>{IMAGE}"
[[edits]]
action = "add"
id = "=1+1"
category = "community_eldercare_station"
name = "{IMAGE}"
community = "500999101001"
"""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the tiny county with such names, run it, and compare it with a scenario of it."""
    folder = write_tiny(tmp_path_factory.mktemp("hostile"))
    for layer in ("townships", "communities", "facilities"):
        file = folder / f"{layer}.gpkg"
        frame = gpd.read_file(file)
        frame["name"] = [WICKED[i % len(WICKED)] + name for i, name in enumerate(frame["name"])]
        file.unlink()
        frame.to_file(file)
    project = folder / "project.toml"
    text = project.read_text(encoding="utf-8")
    text = text.replace("小县", IMAGE).replace("2023\n", f'2023\nnotice = "</script>{IMAGE}"\n', 1)
    project.write_text(text, encoding="utf-8")
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "s.toml").write_text(SCENARIO, encoding="utf-8")
    for command in (
        ["run", str(folder), "--workbook", str(folder / "book.xlsx")],
        ["compare", str(folder), "baseline", "s"],
    ):
        assert main([*command, "--quiet"]) == 0
    return folder


def test_tables_hold_them_as_text(hostile: Path) -> None:
    with (hostile / "results" / "townships.csv").open(encoding="utf-8-sig", newline="") as file:
        names = [row["name"] for row in csv.DictReader(file)]
    assert names == [f"{WICKED[0]}甲街道", f"{WICKED[1]}乙镇"]
    with (hostile / "results" / "facilities.csv").open(encoding="utf-8-sig", newline="") as file:
        facilities = {row["id"]: row["name"] for row in csv.DictReader(file)}
    assert facilities["f5"] == f"'{WICKED[4]}设施f5"
    assert facilities["f6"] == "ab&amp;<![CDATA[设施f6"  # a control character is left out, and told
    issues = (hostile / "results" / "issues.csv").read_text(encoding="utf-8-sig")
    assert "control_characters" in issues
    compared = hostile / "results" / "compare" / "baseline--s" / "facilities.csv"
    assert "'=1+1" in compared.read_text(encoding="utf-8-sig")
    with python_calamine.load_workbook(hostile / "book.xlsx") as book:
        sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    assert any(IMAGE in str(cell) for sheet in sheets for row in sheet for cell in row)


def test_maps_hold_them_as_text(hostile: Path) -> None:
    """Markup of names is nowhere in a page: its figures are data, its words are escaped."""
    for page in (hostile / "results").rglob("map.html"):
        text = page.read_text(encoding="utf-8")
        assert IMAGE not in text
        assert "<script>window.top.hit" not in text
    assert len(list((hostile / "results").rglob("map.html"))) == 2


def test_the_report_holds_them_as_text(hostile: Path) -> None:
    result = coverage.open_project(hostile).run()
    file = write_document(
        report_blocks(result, "zh"), hostile / "report.docx",
        title=result.name, subtitle=IMAGE, notice=result.notice, language="zh",
    )  # fmt: skip
    assert IMAGE in "\n".join(p.text for p in Document(str(file)).paragraphs)
