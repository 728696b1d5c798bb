"""The figures and their definitions for programs, the same in every language."""

from __future__ import annotations

import json

from reports.document import Entry, Report, entries
from reports.render.csv import origin, unit
from reports.words import LANGUAGES, Words, phrase


def render_json(report: Report) -> str:
    """Returns indented JSON: the report's frame, `definitions`, `figures`. A masked figure's `value` is null."""
    whole: dict[str, object] = {
        "line": report.line,
        "name": _words(report.line_name),
        "year": report.year,
        "time_zone": report.zone,
        "period": report.period,
        "revision": report.revision,
        "dated": report.dated.isoformat(),
        "profile": report.profile.value,
        "taxonomy": report.taxonomy,
        "demo": report.demo,
        "origin": origin(report),
        "counts": _words(phrase("headline.calls-not-callers")),
        "definitions": [
            {
                "id": indicator.id,
                "name": _words(indicator.name),
                "definition": _words(indicator.definition),
                "formula": _words(indicator.formula),
                "denominator": _words(indicator.denominator),
            }
            for indicator in report.indicators
        ],
        "figures": [_figure(entry) for entry in entries(report)],
    }
    if report.demo:
        whole["notice"] = _words(phrase("page.demo"))
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


def _words(words: Words) -> dict[str, str]:
    return {language: words.to(language) for language in LANGUAGES}


def _figure(entry: Entry) -> dict[str, object]:
    return {
        "section": entry.section,
        "indicator": entry.indicator,
        "category": entry.category,
        "label": _words(entry.label),
        "measure": entry.measure,
        "unit": unit(entry.figure),
        "value": entry.figure.value,
        "status": entry.figure.status,
    }
