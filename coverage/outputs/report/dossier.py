"""What is handed in at the end of an evaluation, in one folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage import texts
from coverage.outputs import write_files
from coverage.outputs.atlas import draw_large, write_atlas
from coverage.outputs.folder import replaced
from coverage.outputs.report.blocks import Picture
from coverage.outputs.report.document import write_document
from coverage.outputs.report.earlier import earlier_comparisons, earlier_sitings
from coverage.outputs.report.sections import report_blocks
from coverage.outputs.workbook import write_workbook

if TYPE_CHECKING:
    from pathlib import Path

    from coverage.results import Result


def write_dossier(
    result: Result, folder: Path, *, results: Path, language: str, template: Path | None = None
) -> Path:
    """Write report, workbook, atlas, offline map, GeoPackage and tables, whole or not at all.

    Parameters
    ----------
    result
        The result.
    folder
        Where they go; its earlier files are replaced.
    results
        The project's results folder: sitings and comparisons there are told in the report.
    language
        ``zh`` or ``en``.
    template
        A Word file of the user's for the report.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    OutputError
        If a file cannot be written, the template cannot be used, or no Chinese typeface is
        installed.
    """
    blocks = report_blocks(
        result,
        language,
        pictures=_pictures(result, language),
        sitings=earlier_sitings(results, result, language),
        comparisons=earlier_comparisons(results, result, language),
    )
    with replaced(folder) as partial:
        write_document(
            blocks,
            partial / "report.docx",
            title=texts.say("report.title", language, plan=result.plan.title(language)),
            subtitle=texts.say("report.subtitle", language, name=result.name, year=result.year),
            notice="　".join(filter(None, [result.marking, result.notice])),
            language=language,
            template=template,
        )
        write_workbook(result, partial / "indicators.xlsx", language)
        write_atlas(result, partial, language)
        write_files(result, partial, language=language)
    return folder


def _pictures(result: Result, language: str) -> dict[str, Picture]:
    """Draw the county, and each service that anybody is counted for."""
    known = [s for s in result.services if result.townships[f"{s.name}_people"].sum() > 0]
    subjects = {"overview": result.name} if known else {}
    subjects |= {service.name: service.title(language) for service in known}
    return {
        subject: Picture(
            caption=texts.say("report.picture", language, subject=title), content=content
        )
        for (subject, title), content in zip(
            subjects.items(), draw_large(result, subjects, language), strict=True
        )
    }
