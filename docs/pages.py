"""Pages of the guide that are not written by hand: reference texts, and every plan's indicators."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.files import File

from coverage.plans import read_plan

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

    from coverage.plans import IndicatorRow, Plan

HERE = Path(__file__).parent
PLANS = ("dazhou", "anyue", "fuling", "weinan", "anonymous-city")
_COLUMNS = "| 行 | 指标 · Indicator | 定义 · Definition | 单位 | 基期 | 目标 | 属性 | 出处 |\n"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages to those that are written by hand."""
    for source in sorted(HERE.glob("*.md")):
        name = f"reference/{source.name}"
        files.append(File.generated(config, name, content=source.read_text(encoding="utf-8")))
    for name in PLANS:
        page = plan_page(read_plan(name))
        files.append(File.generated(config, f"indicators/{name}.md", content=page))
    return files


def plan_page(plan: Plan) -> str:
    """Return the page of a plan: each row with its definition and where the plan says it."""
    parts = [f"# {plan.title_zh}\n\n*{plan.title_en}* · {plan.document}\n"]
    for kind, title in (
        ("table", "指标表 · Table"),
        ("text", "正文 · Text"),
        ("box", "专栏 · Boxes"),
    ):
        rows = [row for row in plan.rows if row.kind == kind]
        if rows:
            lines = "".join(map(_line, rows))
            parts.append(f"## {title}\n\n{_COLUMNS}|---|---|---|---|---|---|---|---|\n{lines}")
    return "\n".join(parts)


def _line(row: IndicatorRow) -> str:
    cells = (
        row.row,
        f"{row.name_zh}<br>*{row.name_en}*<br>`{row.indicator}`",
        f"{row.meaning_zh}<br>*{row.meaning_en}*"
        + (f"<br>⚠ {row.conflict}" if row.conflict else ""),
        row.unit,
        _figure(row.baseline, row.baseline_text),
        _figure(row.target, row.target_text, row.comparator),
        row.attribute,
        row.source,
    )
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |\n"


def _figure(value: float | None, words: str, sign: str = "") -> str:
    if value is None:
        return words or "—"
    return f"{'' if sign == '=' else sign}{value:,g}"


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")
