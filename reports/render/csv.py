"""The figures as one long table, one figure in each row: for spreadsheets and programs, the same in every language."""

from __future__ import annotations

import csv
import io

from reports.document import Entry, Report, entries
from reports.rounding import Figure, Hours, Minutes, Published
from reports.words import LANGUAGES

HEAD = (
    "line", "year", "section", "indicator", "category", *(f"label_{language}" for language in LANGUAGES),
    "measure", "unit", "value", "status", "origin",
)  # fmt: skip
DEMO, REAL = "demonstration data", "line data"
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")


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
    if isinstance(figure, Published):
        return "calls"
    if isinstance(figure, Minutes):
        return "minutes"
    return "hours" if isinstance(figure, Hours) else "percent"


def _row(report: Report, entry: Entry) -> tuple[str, ...]:
    value = entry.figure.value
    return (
        report.line, str(report.year), entry.section, entry.indicator, entry.category,
        *(entry.label.to(language) for language in LANGUAGES),
        entry.measure, unit(entry.figure), "" if value is None else str(value), entry.figure.status, origin(report),
    )  # fmt: skip


def plain(text: str) -> str:
    """Returns a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(DANGEROUS) else text
