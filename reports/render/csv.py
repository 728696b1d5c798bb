"""The figures as one long table, one figure in each row: for spreadsheets and programs, the same in every language."""

from __future__ import annotations

import csv
import io
import re

from reports.document import Entry, Report, entries
from reports.rounding import Figure, unit_of
from reports.words import LANGUAGES

HEAD = (
    "line", "period", "revision", "year", "section", "indicator", "category",
    *(f"label_{language}" for language in LANGUAGES),
    "measure", "unit", "value", "status", "origin",
)  # fmt: skip
DEMO, REAL = "demonstration data", "line data"
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""How a cell begins that a spreadsheet takes for a formula, or for two cells; the last four are as wide as a kanji."""
SPLIT = re.compile(r"([;\t\r\n])(?=[=+\-@＝＋－＠])")
"""Inside a cell: where a spreadsheet that expects other separators begins one, and takes it for a formula."""


def render_csv(report: Report) -> str:
    """Returns UTF-8 text, comma-separated, CRLF. `value` is an integer and empty where `status` is `masked`."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEAD)
    for entry in entries(report):
        writer.writerow(plain(cell) for cell in _row(report, entry))
    return text.getvalue()


def origin(report: Report) -> str:
    """Says in a machine file whether the figures are made up."""
    return DEMO if report.demo else REAL


def unit(figure: Figure) -> str:
    """Returns `calls`, `percent`, `minutes` or `hours`."""
    return unit_of(figure)


def _row(report: Report, entry: Entry) -> tuple[str, ...]:
    value = entry.figure.value
    return (
        report.line, report.period, str(report.revision), str(report.year),
        entry.section, entry.indicator, entry.category,
        *(entry.label.to(language) for language in LANGUAGES),
        entry.measure, unit(entry.figure), "" if value is None else str(value), entry.figure.status, origin(report),
    )  # fmt: skip


def plain(text: str) -> str:
    """Returns a cell that no spreadsheet takes for a formula, whichever of comma, semicolon or tab it splits at.

    Source: OWASP, "CSV Injection".
    """
    kept = SPLIT.sub(r"\1'", text)
    return f"'{kept}" if kept.startswith(DANGEROUS) else kept
