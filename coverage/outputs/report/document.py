"""Lay blocks out as a Word document: A4, the fonts of offices, page numbers, contents."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Emu, Pt, RGBColor

from coverage.errors import OutputError
from coverage.outputs.folder import replace_file
from coverage.outputs.report import word
from coverage.outputs.report.blocks import Heading, Paragraph, Picture, Table
from coverage.outputs.report.figures import Words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from docx.document import Document as DocumentType
    from docx.styles.style import ParagraphStyle

    from coverage.outputs.report.blocks import Block

# GB/T 9704-2012: A4, 37 mm above, 28 mm left, a print area of 156 by 225 mm
_PAGE_CM = (21.0, 29.7)
_MARGINS_CM = {"top_margin": 3.7, "bottom_margin": 3.5, "left_margin": 2.8, "right_margin": 2.6}
# typefaces of official documents; Word takes the nearest it has
_FONTS = {
    "title": ("方正小标宋简体", 22.0),
    "heading1": ("黑体", 16.0),
    "heading2": ("楷体", 16.0),
    "text": ("仿宋", 16.0),
    "contents": ("仿宋", 14.0),
    "caption": ("黑体", 10.5),
    "table": ("宋体", 9.0),
}
_LINE_PT = 28.0
_ALARM = RGBColor(0x9C, 0x2F, 0x1B)
_STYLES = ("Heading 1", "Heading 2", "Normal")
_SHORT = 13  # rows of a table that stays on one page, its head included
_ALIGNED = (WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.RIGHT)  # texts and numbers
_INDENT_CM = 0.75  # of sections in the contents


def write_document(
    blocks: Iterable[Block],
    file: Path,
    *,
    title: str,
    subtitle: str,
    notice: str,
    language: str,
    template: Path | None = None,
) -> Path:
    """Write a report, whole or not at all.

    Parameters
    ----------
    blocks
        Its content, in order.
    file
        Where it goes; its name ends in ``.docx``.
    title, subtitle
        Head of the first page.
    notice
        Stands in the header of every page; may be empty.
    language
        Language of the words that are added.
    template
        A Word file of the user's, whose page, header and styles are kept where it has them.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    OutputError
        If the template cannot be used, or the file cannot be written, for instance because a
        program holds it open.
    """
    say = Words(language)
    document = _opened(template)
    if template is None:
        _set_page(document)
        _set_styles(document)
    core = document.core_properties
    core.title, core.author, core.comments = title, "service-coverage-planner", notice
    numbered = list(_numbered(blocks, say))
    writer = _Writer(document, chinese=language == "zh")
    writer.head(title, subtitle, (say("compiler"), say("compiled_on")))
    writer.header(notice)
    writer.page_number()
    writer.contents(say("contents"), [b for b in numbered if isinstance(b, Heading)])
    for block in numbered:
        writer.write(block)
    buffer = io.BytesIO()
    document.save(buffer)
    replace_file(file, buffer.getvalue())
    return file


def _opened(template: Path | None) -> DocumentType:
    if template is None:
        return Document()
    try:
        document = Document(str(template))
    except (PackageNotFoundError, ValueError, KeyError, OSError) as error:
        raise OutputError("report.template_unreadable", path=template) from error
    lacking = [name for name in _STYLES if name not in document.styles]
    if lacking:
        raise OutputError("report.template_styles", path=template, styles=tuple(lacking))
    return document


def _numbered(blocks: Iterable[Block], say: Words) -> Iterator[Block]:
    """Give the blocks, tables and pictures with their numbers."""
    counts = {"table": 0, "picture": 0}
    for block in blocks:
        if not isinstance(block, Table | Picture):
            yield block
            continue
        kind = "table" if isinstance(block, Table) else "picture"
        counts[kind] += 1
        caption = say(f"numbered_{kind}", number=counts[kind], caption=block.caption)
        yield replace(block, caption=caption)


class _Writer:
    """Write into a document from its top to its end."""

    def __init__(self, document: DocumentType, *, chinese: bool) -> None:
        self.document = document
        self.chinese = chinese
        section: Any = document.sections[0]
        self.width = section.page_width - section.left_margin - section.right_margin
        self.headings = 0

    def write(self, block: Block) -> None:
        if isinstance(block, Heading):
            paragraph = self.document.add_heading("", block.level)
            self.text(paragraph, block.text)
            self.headings += 1
            word.bookmark(paragraph, _anchor(self.headings), self.headings)
        elif isinstance(block, Paragraph):
            paragraph = self.document.add_paragraph()
            self.text(paragraph, block.text)
            paragraph.paragraph_format.first_line_indent = Pt(2 * _FONTS["text"][1])
        elif isinstance(block, Table):
            self.table(block)
        else:
            self.picture(block)

    def text(self, paragraph: Any, text: str, font: str = "") -> Any:  # noqa: ANN401 - of docx
        run = word.add_text(paragraph, text, chinese=self.chinese)
        if font:
            word.set_font(run, *_FONTS[font])
        return run

    def line(self, text: str, font: str, spacing: float = 1.0) -> Any:  # noqa: ANN401 - of docx
        paragraph = self.document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.line_spacing = spacing
        self.text(paragraph, text, font)
        return paragraph

    def head(self, title: str, subtitle: str, slots: Iterable[str]) -> None:
        for text, font in ((title, "title"), (subtitle, "heading2")):
            self.line(text, font, 1.2).paragraph_format.space_after = Pt(12)
        for text in slots:
            self.line(text, "contents", 1.2)

    def header(self, notice: str) -> None:
        if not notice:
            return
        paragraph = self.document.sections[0].header.paragraphs[0]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        self.text(paragraph, notice, "caption").font.color.rgb = _ALARM

    def page_number(self) -> None:
        paragraph = self.document.sections[0].footer.paragraphs[0]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        runs = [paragraph.add_run("— "), *word.add_field(paragraph, "PAGE", "1")]
        for run in (*runs, paragraph.add_run(" —")):
            word.set_font(run, _FONTS["table"][0], _FONTS["contents"][1])

    def contents(self, title: str, headings: list[Heading]) -> None:
        """Add contents: every heading with a reference to its page, which readers resolve.

        A table of contents of Word's own stays without pages in all programs but Word.
        """
        self.line(title, "heading1").paragraph_format.space_before = Pt(24)
        for number, heading in enumerate(headings, start=1):
            paragraph = self.document.add_paragraph()
            style = paragraph.paragraph_format
            style.line_spacing = 1.25
            style.left_indent = Cm(_INDENT_CM * (heading.level - 1))
            style.tab_stops.add_tab_stop(
                Emu(self.width), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS
            )
            self.text(paragraph, f"{heading.text}\t", "contents")
            for run in word.add_field(paragraph, f"PAGEREF {_anchor(number)} \\h", ""):
                word.set_font(run, *_FONTS["contents"])
        update = OxmlElement("w:updateFields")
        update.set(qn("w:val"), "true")
        self.document.settings.element.append(update)
        self.document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)

    def table(self, block: Table) -> None:
        self.caption(block.caption, keep=True)
        table: Any = self.document.add_table(rows=1, cols=len(block.heads))
        if "Table Grid" in self.document.styles:
            table.style = "Table Grid"
        else:
            word.rule(table)
        table.autofit = False
        for position, head in enumerate(block.heads):
            cell = table.rows[0].cells[position]
            self.cell(cell, head, WD_ALIGN_PARAGRAPH.CENTER).bold = True
            word.shade(cell)
        word.repeat(table.rows[0])
        for row in block.rows:
            cells = table.add_row().cells
            for position, text in enumerate(row):
                self.cell(cells[position], text, _ALIGNED[position in block.numbers])
        _keep_together(table)
        whole = sum(block.widths)
        for position, part in enumerate(block.widths):
            width = Emu(int(self.width * part / whole))
            table.columns[position].width = width
            for cell in table.columns[position].cells:
                cell.width = width
        self.document.add_paragraph().paragraph_format.line_spacing = Pt(_FONTS["table"][1])

    def cell(self, cell: Any, text: str, aligned: WD_ALIGN_PARAGRAPH) -> Any:  # noqa: ANN401 - of docx
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.line_spacing = 1.0
        paragraph.paragraph_format.first_line_indent = Pt(0)
        paragraph.alignment = aligned
        return self.text(paragraph, text, "table")

    def picture(self, block: Picture) -> None:
        paragraph = self.document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.line_spacing = 1.0
        paragraph.paragraph_format.keep_with_next = True
        paragraph.add_run().add_picture(io.BytesIO(block.content), width=Emu(self.width))
        self.caption(block.caption, keep=False)

    def caption(self, text: str, *, keep: bool) -> None:
        style = self.line(text, "caption").paragraph_format
        style.space_before = style.space_after = Pt(6)
        style.keep_with_next = keep


def _keep_together(table: Any) -> None:  # noqa: ANN401 - of docx
    """Break no row across pages, nor a short table."""
    for row in table.rows:
        word.keep_whole(row)
    if len(table.rows) > _SHORT:
        return
    for row in table.rows[:-1]:
        for cell in row.cells:
            cell.paragraphs[0].paragraph_format.keep_with_next = True


def _anchor(number: int) -> str:
    return f"_Toc{number:04}"


def _set_page(document: DocumentType) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = (Cm(size) for size in _PAGE_CM)
    for name, size in _MARGINS_CM.items():
        setattr(section, name, Cm(size))


def _set_styles(document: DocumentType) -> None:
    styles: Any = document.styles
    normal = styles["Normal"]
    _set_style(normal, *_FONTS["text"])
    normal.paragraph_format.line_spacing = Pt(_LINE_PT)
    normal.paragraph_format.space_after = Pt(0)
    for level in (1, 2):
        heading = styles[f"Heading {level}"]
        _set_style(heading, *_FONTS[f"heading{level}"])
        heading.font.color.rgb = RGBColor(0, 0, 0)
        heading.font.bold = False
        heading.paragraph_format.space_before = Pt(12)
        heading.paragraph_format.space_after = Pt(6)
        heading.paragraph_format.keep_with_next = True


def _set_style(style: ParagraphStyle, font: str, size: float) -> None:
    style.font.name, style.font.size = word.LATIN, Pt(size)
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
