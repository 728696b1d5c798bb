"""The report as a PDF to print and to file: A4, tagged for machine voice (PDF/UA-1), the same bytes at every making.

Typst sets the fixed template `report.typ` from data; its wheel brings the fonts, so nothing of the machine is read.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, time
from typing import Final

from typst import Compiler, TypstError

from reports.document import Report
from reports.errors import ReportError
from reports.packaged import packaged
from reports.render.naming import stem
from reports.render.row_heads import with_row_heads
from reports.render.typst_data import data_of
from reports.words import Language

STANDARD: Final = "ua-1"
ROOT = "/"
"""Typst wants a folder that exists and looks into none, since the template names no file."""
REMEMBERED = 10
"""Settings whose work Typst keeps, in case the next one is alike."""


def render_pdf(report: Report, language: Language) -> bytes:
    """Returns the report in one language, dated midnight UTC of the day its figures were closed.

    Raises ReportError where it can't be set: a text with a letter that the fonts don't have.
    """
    compiler = Compiler(
        packaged("render/report.typ").encode(),
        root=ROOT,
        ignore_system_fonts=True,
        sys_inputs={"report": json.dumps(data_of(report, language), ensure_ascii=False)},
    )
    dated = datetime.combine(report.dated, time(), UTC)
    try:
        made = compiler.compile(format="pdf", pdf_standards=[STANDARD], timestamp=dated)
    except TypstError as error:
        raise ReportError(
            f"the PDF of {stem(report)} in {language} can't be made: {error.message}; if a letter is named, "
            "change it where the line or its lists are named: the PDF's fonts have Latin, Greek and Cyrillic"
        ) from error
    finally:
        _forget(compiler)
    if not isinstance(made, bytes):
        raise ReportError(f"the PDF of {stem(report)} in {language} can't be made: Typst gave nothing back")
    return with_row_heads(made)


def _forget(compiler: Compiler) -> None:
    """Frees what Typst keeps of a document, 80 MB of it.

    It drops whatever its last ten settings didn't use and can't be told to sooner
    (https://github.com/messense/typst-py/issues/104); an empty page takes 6 ms.
    """
    for _ in range(REMEMBERED + 1):
        compiler.compile(b" ", format="pdf")
