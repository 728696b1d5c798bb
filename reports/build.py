"""From the figures of a period to its report."""

from __future__ import annotations

from collections.abc import Sequence

from reports.comparing import past_years
from reports.document import Report, Section
from reports.figures import Figures
from reports.history import Earlier
from reports.indicators import Indicator, indicators
from reports.periods import Profile, grain
from reports.sections.calls import calls_section, moments_section
from reports.sections.contacts import callers_section, contacts_section, outcomes_section, reasons_section
from reports.sections.parts import Facts
from reports.sections.summary import headlines, key_figures, methods
from reports.sections.years import fitting, years_sections


def report_of(figures: Figures, *, years: Sequence[Figures] = (), earlier: Sequence[Earlier] = ()) -> Report:
    """Returns the report of a year, or the shorter one of a period inside it. The same figures give the same report.

    Last year stands beside this year, and all years in a section of their own: `years` are earlier years' figures that
    have been released (not merely closed: they are printed again), `earlier` what was published before this software
    counted. What doesn't fit is left out: other lines and periods, later years, revisions that were replaced, made-up
    years beside real ones, imported numbers of a year that was counted here.
    """
    facts = Facts(figures, past_years(figures, years), fitting(earlier, figures, years))
    calls, moments, reasons = calls_section(facts), moments_section(facts), reasons_section(facts)
    sections: tuple[Section, ...] = (calls, moments, reasons)
    orientations = None
    if grain(figures.period) is Profile.YEAR:
        outcomes = outcomes_section(facts)
        orientations = outcomes.tables[0]
        sections = (calls, moments, contacts_section(facts), reasons, callers_section(facts), outcomes)
        sections += years_sections(facts)
    return Report(
        line=figures.line,
        line_name=figures.name,
        period=figures.period,
        dated=figures.dated,
        revision=figures.revision,
        zone=figures.zone,
        profile=figures.profile,
        demo=figures.demo,
        taxonomy=figures.taxonomy,
        headlines=headlines(facts, reasons.tables[0], orientations),
        key_figures=key_figures(facts),
        sections=sections,
        methods=methods(facts),
        indicators=_defined(sections),
    )


def _defined(sections: tuple[Section, ...]) -> tuple[Indicator, ...]:
    """Returns the indicators some table prints, in the annex's order."""
    printed = {indicator.id for section in sections for table in section.tables for indicator in table.indicators}
    return tuple(indicator for indicator in indicators().values() if indicator.id in printed)
