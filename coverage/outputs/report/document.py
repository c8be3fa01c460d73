"""Lay blocks out as a Word document: A4, the fonts of offices, page numbers, contents."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from coverage.errors import OutputError
from coverage.outputs.folder import replace_file
from coverage.outputs.report.blocks import Heading, Paragraph, Picture, Table
from coverage.outputs.report.figures import Words

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from docx.document import Document as DocumentType
    from docx.styles.style import ParagraphStyle

    from coverage.outputs.report.blocks import Block

# GB/T 9704-2012: A4, 37 mm above, 28 mm left, a print area of 156 by 225 mm
_PAGE_CM = (21.0, 29.7)
_MARGINS_CM = {"top_margin": 3.7, "bottom_margin": 3.5, "left_margin": 2.8, "right_margin": 2.6}
_TEXT_WIDTH_CM = 15.6
# typefaces of official documents; Word takes the nearest it has
_FONTS = {
    "title": ("方正小标宋简体", 22.0),
    "heading1": ("黑体", 16.0),
    "heading2": ("楷体", 16.0),
    "text": ("仿宋", 16.0),
    "table": ("宋体", 9.0),
}
_LATIN = "Times New Roman"
_LINE_PT = 28.0
_SHADE = "E7EBEE"
# what XML cannot hold
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


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
    _head(document, title, subtitle)
    _header(document, notice)
    _page_number(document)
    _contents(document, say)
    for block in blocks:
        _write(document, block)
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
    lacking = [n for n in ("Heading 1", "Heading 2", "Normal") if n not in document.styles]
    if lacking:
        raise OutputError("report.template_styles", path=template, styles="、".join(lacking))
    return document


def _write(document: DocumentType, block: Block) -> None:
    if isinstance(block, Heading):
        document.add_heading(_clean(block.text), block.level)
    elif isinstance(block, Paragraph):
        paragraph = document.add_paragraph(_clean(block.text))
        paragraph.paragraph_format.first_line_indent = Pt(2 * _FONTS["text"][1])
    elif isinstance(block, Table):
        _table(document, block)
    else:
        _picture(document, block)


def _table(document: DocumentType, block: Table) -> None:
    _caption(document, block.caption, keep=True)
    table = document.add_table(rows=1, cols=len(block.heads))
    if "Table Grid" in document.styles:
        table.style = "Table Grid"
    table.autofit = False
    for position, head in enumerate(block.heads):
        _cell(table.rows[0].cells[position], head, number=False, bold=True)
        _shade(table.rows[0].cells[position])
    _repeat(table.rows[0])
    for row in block.rows:
        cells = table.add_row().cells
        for position, text in enumerate(row):
            _cell(cells[position], text, number=position in block.numbers)
    whole = sum(block.widths)
    for position, part in enumerate(block.widths):
        width = Cm(_TEXT_WIDTH_CM * part / whole)
        table.columns[position].width = width
        for cell in table.columns[position].cells:
            cell.width = width
    document.add_paragraph().paragraph_format.line_spacing = Pt(_FONTS["table"][1])


def _cell(cell: Any, text: str, *, number: bool, bold: bool = False) -> None:  # noqa: ANN401 - of docx
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.line_spacing = 1.0
    paragraph.paragraph_format.first_line_indent = Pt(0)
    if number:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    run = paragraph.add_run(_clean(text))
    run.bold = bold
    _set_font(run, *_FONTS["table"])


def _picture(document: DocumentType, block: Picture) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.line_spacing = 1.0
    paragraph.paragraph_format.keep_with_next = True
    paragraph.add_run().add_picture(io.BytesIO(block.content), width=Cm(_TEXT_WIDTH_CM))
    _caption(document, block.caption, keep=False)


def _caption(document: DocumentType, text: str, *, keep: bool) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.line_spacing = 1.0
    paragraph.paragraph_format.space_before = Pt(6)
    paragraph.paragraph_format.space_after = Pt(6)
    paragraph.paragraph_format.keep_with_next = keep
    _set_font(paragraph.add_run(_clean(text)), _FONTS["heading1"][0], 10.5)


def _head(document: DocumentType, title: str, subtitle: str) -> None:
    for text, font, size in (
        (title, *_FONTS["title"]),
        (subtitle, _FONTS["heading2"][0], _FONTS["text"][1]),
    ):
        paragraph = document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.line_spacing = 1.2
        paragraph.paragraph_format.space_after = Pt(12)
        _set_font(paragraph.add_run(_clean(text)), font, size)


def _header(document: DocumentType, notice: str) -> None:
    if not notice:
        return
    paragraph = document.sections[0].header.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run(_clean(notice))
    _set_font(run, _FONTS["table"][0], 10.5)
    run.font.color.rgb = RGBColor(0x9C, 0x2F, 0x1B)


def _page_number(document: DocumentType) -> None:
    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _set_font(paragraph.add_run("— "), _FONTS["table"][0], 14.0)
    _field(paragraph, "PAGE", "1")
    _set_font(paragraph.add_run(" —"), _FONTS["table"][0], 14.0)


def _contents(document: DocumentType, say: Words) -> None:
    """Add contents that Word fills when the file is opened."""
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.line_spacing = 1.0
    _field(paragraph, r'TOC \o "1-2" \h \z \u', say("contents_hint"))
    update = OxmlElement("w:updateFields")
    update.set(qn("w:val"), "true")
    document.settings.element.append(update)
    document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)


def _field(paragraph: Any, code: str, shown: str) -> None:  # noqa: ANN401 - of docx
    for kind, text in (("begin", ""), ("", code), ("separate", ""), ("shown", shown), ("end", "")):
        run = paragraph.add_run(text if kind == "shown" else "")
        if kind == "":
            instruction = OxmlElement("w:instrText")
            instruction.set(qn("xml:space"), "preserve")
            instruction.text = text
            run._r.append(instruction)  # noqa: SLF001 - docx has no fields
        elif kind != "shown":
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)  # noqa: SLF001 - as above
        _set_font(run, _FONTS["table"][0], 12.0)


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
    style.font.name, style.font.size = _LATIN, Pt(size)
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def _set_font(run: Any, font: str, size: float) -> None:  # noqa: ANN401 - of docx
    run.font.name, run.font.size = _LATIN, Pt(size)
    run._element.rPr.rFonts.set(qn("w:eastAsia"), font)  # noqa: SLF001 - docx sets the Latin font only


def _shade(cell: Any) -> None:  # noqa: ANN401 - of docx
    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", _SHADE)):
        shade.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(shade)  # noqa: SLF001 - docx has no fills


def _repeat(row: Any) -> None:  # noqa: ANN401 - of docx
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)  # noqa: SLF001 - docx repeats no heads


def _clean(text: str) -> str:
    return _CONTROL.sub("", text)
