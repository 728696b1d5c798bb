"""From a line's records and counters to its report."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from reports.document import Report, Section
from reports.errors import InputError
from reports.indicators import Indicator, indicators
from reports.model import Coverage, HourlyCount, MonthlyCount, Record
from reports.periods import Profile, coarsest, profile_of
from reports.rounding import Rounder
from reports.sections.calls import calls_section, moments_section
from reports.sections.contacts import callers_section, contacts_section, outcomes_section, reasons_section
from reports.sections.parts import Facts
from reports.sections.summary import headlines, key_figures, methods
from reports.tables import calls_of, contacts_of, durations_of
from reports.taxonomy import Taxonomy
from reports.words import Words

LINE = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Line:
    """Whose report it is: its id in records and files, its name in print, its IANA zone. InputError if malformed."""

    id: str
    name: Words
    zone: str

    def __post_init__(self) -> None:
        if not LINE.fullmatch(self.id):
            raise InputError(f"the line {self.id!r} must be lower-case letters and digits, joined by - or _")
        self.clock()

    def clock(self) -> ZoneInfo:
        """Returns the zone."""
        try:
            return ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise InputError(f"{self.zone!r} is not a time zone; write one such as Europe/Paris") from None


@dataclass(frozen=True, slots=True)
class Inputs:
    """What is counted. Rows of other lines and years may be among it and are left out."""

    records: Iterable[Record]
    hourly: Iterable[HourlyCount]
    monthly: Iterable[MonthlyCount]
    coverage: Coverage | None = None
    through: date | None = None
    """The last local day counted, of a year that isn't over; such a report says that it is provisional."""


def build(
    year: int,
    line: Line,
    inputs: Inputs,
    taxonomy: Taxonomy,
    secret: bytes,
    *,
    demo: bool,
    profile: Profile | None = None,
) -> Report:
    """Returns the line's report for its local year.

    `secret` is at least 16 random bytes and the same for ever. `profile` is the line's, fixed for the year; without
    one it follows from the published number of calls. Records that carry only a coarser period make it coarser.
    Raises InputError or SecretError.
    """
    facts = _facts(year, line, inputs, taxonomy, Rounder(secret, line.id), profile)
    reasons, outcomes = reasons_section(facts), outcomes_section(facts)
    sections = (
        calls_section(facts, inputs.coverage),
        moments_section(facts),
        contacts_section(facts),
        reasons,
        callers_section(facts),
        outcomes,
    )
    return Report(
        line=line.id,
        line_name=line.name,
        year=year,
        zone=line.zone,
        through=facts.through,
        profile=facts.profile,
        demo=demo,
        taxonomy=taxonomy.version,
        headlines=headlines(facts, reasons.tables[0], outcomes.tables[0]),
        key_figures=key_figures(facts),
        sections=sections,
        methods=methods(facts),
        indicators=_defined(sections),
    )


def _facts(
    year: int, line: Line, inputs: Inputs, taxonomy: Taxonomy, rounder: Rounder, profile: Profile | None
) -> Facts:
    if not 1000 <= year <= 9999:
        raise InputError(f"the year {year} must have four digits")
    if inputs.through and inputs.through.year != year:
        raise InputError(f"a report of {year} can't run through {inputs.through}")
    calls = calls_of(inputs.hourly, year, line.clock(), rounder)
    contacts = contacts_of(inputs.records, line.id, year, taxonomy, rounder)
    wanted = profile or profile_of(calls.of("offered").value or 0)
    return Facts(
        line=line.id,
        year=year,
        profile=coarsest(wanted, contacts.periods()),
        taxonomy=taxonomy,
        calls=calls,
        durations=durations_of(inputs.monthly, year, rounder),
        contacts=contacts,
        base=contacts.count(),
        through=inputs.through,
    )


def _defined(sections: tuple[Section, ...]) -> tuple[Indicator, ...]:
    """Returns the indicators some table prints, in the annex's order."""
    printed = {indicator.id for section in sections for table in section.tables for indicator in table.indicators}
    return tuple(indicator for indicator in indicators().values() if indicator.id in printed)
