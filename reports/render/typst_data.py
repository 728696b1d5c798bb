"""The report as plain data for the fixed template `report.typ`: texts in one language, and lengths as fractions.

A text stays a text: the template places it and never reads it as markup, so that no name can be an instruction. A
fraction is of printed numbers only; a masked cell's is 0.
"""

from __future__ import annotations

from collections.abc import Sequence

from reports.document import KeyFigure, Report, Row, Section, Table
from reports.indicators import Indicator
from reports.periods import short_name_of
from reports.render.charts import FEW, LABELLED_FROM, Cells, described, lengths, listed, shade, tallest
from reports.render.naming import period_line, title
from reports.render.wording import figure, sentence, words
from reports.rounding import Figure, calls_in, unit_of
from reports.words import Language, phrase

Data = dict[str, object]

DIGITS = 4
"""Decimals of a fraction: a hundredth of a millimetre on the widest chart."""
RATES = ("service-level", "answer-rate", "abandonment")
"""What the ids begin with of indicators whose formula stands under their table."""


def data_of(report: Report, language: Language) -> Data:
    """Returns all that the template prints, as JSON can hold it."""
    name, heading = words(report.line_name, language), title(report, language)
    demo = {part: words(phrase(f"page.{key}"), language) for part, key in (("name", "demo"), ("note", "demo-note"))}
    headlines = [sentence(line, language) for line in report.headlines]
    return {
        "language": language,
        "title": heading,
        "line": name,
        "window": " – ".join([heading, name, *([demo["name"]] if report.demo else [])]),
        "keywords": [demo["name"]] if report.demo else [],
        "description": headlines[0] if headlines else "",
        "period": period_line(report, language),
        "foot": f"{name} · {heading}",
        "demo": demo if report.demo else None,
        "legend": words(phrase("page.legend"), language),
        "note": words(phrase("headline.calls-not-callers"), language),
        "words": _headings(language),
        "headlines": headlines,
        "key": [_key(key, language) for key in report.key_figures],
        "sections": [_section(section, language) for section in report.sections],
        "methods": [sentence(line, language) for line in report.methods],
        "indicators": [_in_full(indicator, language) for indicator in report.indicators],
    }


def _headings(language: Language) -> Data:
    keys = {
        "summary": "summary",
        "key": "key-figures",
        "contents": "contents",
        "methods": "methods",
        "definitions": "definitions-title",
    }
    return {name: words(phrase(f"page.{key}"), language) for name, key in keys.items()}


def _key(key: KeyFigure, language: Language) -> Data:
    return {
        "figure": figure(key.figure, language),
        "label": words(key.label, language),
        "before": sentence(key.before, language) if key.before else None,
    }


def _section(section: Section, language: Language) -> Data:
    return {
        "title": words(section.title, language),
        "intro": [sentence(line, language) for line in section.intro],
        "tables": [_table(table, language) for table in section.tables],
    }


def _table(table: Table, language: Language) -> Data:
    largest = tallest([row.cells[0] for row in table.rows if row.cells])
    return {
        "title": words(table.title, language),
        "caption": words(table.caption, language),
        "row-head": words(table.row_head, language),
        "heads": [words(column.head, language) for column in table.columns],
        "rows": [_row(table, place, largest, language) for place in range(len(table.rows))],
        "totals": [{"label": words(row.label, language), "cells": _cells(row, language)} for row in table.totals],
        "chart": _chart(table, language),
        "aside": table.chart in (None, "ribbon", "scale"),
        "notes": [sentence(note, language) for note in table.notes],
        "defined": [_in_short(indicator, language) for indicator in table.indicators],
    }


def _row(table: Table, place: int, largest: int, language: Language) -> Data:
    row = table.rows[place]
    return {
        "label": words(row.label, language),
        "inner": row.inner,
        "shade": shade(table, place) if table.chart in ("ribbon", "scale") else None,
        "bar": _fraction(row.cells[0], largest) if table.chart == "bars" else None,
        "cells": _cells(row, language),
    }


def _cells(row: Row, language: Language) -> list[Data]:
    return [
        {"text": figure(value, language) if value else "", "masked": bool(value and value.value is None)}
        for value in row.cells
    ]


def _fraction(value: Figure | None, largest: int) -> float:
    n = calls_in(value) or 0
    return round(n / largest, DIGITS) if largest else 0.0


def _chart(table: Table, language: Language) -> Data | None:
    """Returns the chart over the table, None where its rows have bars or where every cell is masked."""
    if not any(calls_in(cell) for row in table.rows for cell in row.cells):
        return None
    if table.chart in ("ribbon", "scale"):
        return _ribbon(table, language)
    if table.chart == "columns":
        return _columns(table, language)
    return _multiples(table, language) if table.chart == "multiples" else None


def _ribbon(table: Table, language: Language) -> Data:
    counts, whole = lengths(table)
    pieces = []
    start = 0
    for place, (n, share) in enumerate(zip(counts, table.column("share"), strict=True)):
        if n:
            roomy = share and share.value is not None and 100 * n >= LABELLED_FROM * whole
            pieces.append(
                {
                    "start": round(start / whole, DIGITS),
                    "length": round(n / whole, DIGITS),
                    "shade": shade(table, place),
                    "label": figure(share, language) if share and roomy else "",
                }
            )
        start += n
    return {"kind": "ribbon", "alt": _alt(table, listed(table, language), language), "pieces": pieces}


def _columns(table: Table, language: Language) -> Data:
    offered, answered = table.column("offered"), table.column("answered")
    return {
        "kind": "columns",
        "alt": _alt(table, described(table, offered, language), language),
        "keys": [words(phrase(f"column.{name}"), language) for name in ("offered", "answered")],
        "columns": _standing(table, offered, answered, max(tallest(offered), tallest(answered)), language),
    }


def _multiples(table: Table, language: Language) -> Data:
    groups = [(column, table.column(column.id)) for column in table.columns[1:]]
    highest = max((tallest(cells) for _, cells in groups), default=0)
    panels = []
    for column, cells in groups:
        head = words(column.head, language)
        standing = _standing(table, (), cells, highest, language, initials=len(table.rows) > FEW)
        panels.append({"head": head, "alt": f"{head}. {described(table, cells, language)}", "columns": standing})
    return {"kind": "multiples", "panels": panels}


def _standing(
    table: Table, behind: Cells, before: Cells, highest: int, language: Language, *, initials: bool = False
) -> list[Data]:
    """Returns the columns of a chart, each with its name, its figure and the heights of its two marks."""
    columns: list[Data] = []
    for place, row in enumerate(table.rows):
        name = words(short_name_of(row.code), language)
        back = behind[place] if behind else None
        told = back if behind else before[place]
        columns.append(
            {
                "name": name[:1] if initials else name,
                "value": figure(told, language) if told and unit_of(told) == "calls" else "",
                "back": _fraction(back, highest),
                "front": _fraction(before[place], highest),
            }
        )
    return columns


def _alt(table: Table, described_as: str, language: Language) -> str:
    return f"{words(table.caption, language)}. {described_as}"


def _in_short(indicator: Indicator, language: Language) -> Data:
    formula = words(indicator.formula, language) if indicator.id.startswith(RATES) else None
    return {
        "name": words(indicator.name, language),
        "text": words(indicator.definition, language),
        "formula": formula,
    }


def _in_full(indicator: Indicator, language: Language) -> Data:
    colon = "\u00a0: " if language == "fr" else ": "
    parts: Sequence[tuple[str, str]] = (
        ("formula", words(indicator.formula, language)),
        ("denominator", words(indicator.denominator, language)),
    )
    rest = " ".join(f"{words(phrase(f'page.{key}'), language)}{colon}{text}." for key, text in parts)
    return {"name": words(indicator.name, language), "definition": words(indicator.definition, language), "rest": rest}
