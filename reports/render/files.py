"""All files of a report."""

from __future__ import annotations

from reports.document import Report
from reports.render.csv import render_csv
from reports.render.html import render_html
from reports.render.json import render_json
from reports.words import LANGUAGES


def render_all(report: Report) -> dict[str, bytes]:
    """Returns file name -> bytes: a page in each language, and the figures as CSV and JSON. Always the same bytes."""
    stem = f"{report.line}-{report.year}"
    pages = {f"rapport-{stem}.{language}.html": render_html(report, language) for language in LANGUAGES}
    tables = {f"figures-{stem}.csv": render_csv(report), f"figures-{stem}.json": render_json(report)}
    return {name: text.encode() for name, text in (pages | tables).items()}
