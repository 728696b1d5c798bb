"""What a report is called: its title in print, and the names of its files."""

from __future__ import annotations

from babel.dates import format_date

from reports.document import Report
from reports.figures import TOGETHER
from reports.periods import LOCALES, Profile, days_named, full_name_of, grain
from reports.render.wording import words
from reports.words import Language, phrase


def title(report: Report, language: Language) -> str:
    """Returns the report's title without the line's name."""
    yearly = grain(report.period) is Profile.YEAR
    text = phrase("page.title").fill(year=report.year) if yearly else phrase("page.title-period")
    return words(text.fill_each(period=full_name_of(report.period)), language)


def period_line(report: Report, language: Language) -> str:
    """Returns the days and the zone it is of, and when its figures were closed or revised."""
    dated = format_date(report.dated, "long", LOCALES[language])
    text = phrase("page.period" if report.revision == 1 else "page.period-revised")
    filled = text.fill(days="{days}", zone=report.zone, revision=report.revision, dated=dated)
    return words(filled.fill_each(days=days_named(report.period)), language)


def stem(report: Report) -> str:
    """Returns what its files are called after: france-2026, france-2026-03, france-2026-r2."""
    line = "ensemble" if report.line == TOGETHER else report.line
    revised = f"-r{report.revision}" if report.revision > 1 else ""
    return f"{line}-{report.period}{revised}"
