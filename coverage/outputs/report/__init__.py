"""The evaluation report: sentences built from a result, laid out as offices lay out documents."""

from __future__ import annotations

from coverage.outputs.report.blocks import Picture as Picture
from coverage.outputs.report.document import write_document as write_document
from coverage.outputs.report.dossier import write_dossier as write_dossier
from coverage.outputs.report.sections import SitingTable as SitingTable
from coverage.outputs.report.sections import report_blocks as report_blocks
