"""A line's coverage rules as they are stored, and where its rota falls short of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any, Literal, cast

from sqlalchemy import Connection, Row, select

from helpline.lines import Line
from helpline.shifts.reading import read_absences, read_shifts, read_staff
from helpline.shifts.snapshot import read_roster
from helpline.store.rota_tables import CoverageRule as RuleRow
from rota.calendar_days import holidays_of
from rota.coverage import asked, gaps, opens
from rota.edit import Difference
from rota.gaps import Gap
from rota.model import Person, Shift, Span
from rota.replacing import AROUND, Choice, candidates, suits
from rota.staff import Absence, CoverageRule, Limits, Staff, standing
from rota.zones import local_to_utc

ASKED_FOR = 5
"""Gaps that an edit opens for which it is said who could take them."""


def stored_rules(connection: Connection, line: str | None = None) -> list[CoverageRule]:
    """The rules of one line, or all, by number."""
    wanted = select(*RuleRow.__table__.c).order_by(RuleRow.id)
    if line is not None:
        wanted = wanted.where(RuleRow.line == line)
    return [_rule(row) for row in connection.execute(wanted)]


def read_rules(connection: Connection, line: Line) -> tuple[CoverageRule, ...]:
    """What a line asks for: its rules, and what stands in for them (of number 0) while it has none of a kind."""
    return (*stored_rules(connection, line.name), *stand_ins(line))


def stand_ins(line: Line) -> tuple[CoverageRule, ...]:
    """One person in each of the line's tiers, always; better with each of its flow's languages among them."""
    return standing(line.name, range(1, line.settings.tiers + 1), line.flow.languages)


def holidays_in(line: Line, span: Span) -> frozenset[date]:
    """The public holidays of the line's region in the years that `span` touches, and in the one before."""
    first, last = line.local(span.start).year, line.local(span.end).year
    return holidays_of(line.settings.rota.region, range(first - 1, last + 1))


def read_gaps(connection: Connection, line: Line, span: Span) -> tuple[Gap, ...]:
    """Where a line has less than it asks for within `span`: gaps (hard) and weak cover, by start and tier."""
    roster = read_roster(connection, span.start, span.end)
    return gaps(roster, line.name, read_rules(connection, line), line.zone, holidays_in(line, span), span)


@dataclass(frozen=True, slots=True)
class Vacancy(Span):
    """A gap, or of a longer one as much as one person can be asked to take: its first day."""

    line: str
    tier: int | None
    skills: frozenset[str]
    match: Literal["all", "any"]


@dataclass(frozen=True, slots=True)
class Bench:
    """Who could be asked: everybody, their shifts and absences, and the lines."""

    staff: Mapping[int, Staff]
    shifts: Sequence[Shift]
    absences: Sequence[Absence]
    lines: Mapping[str, Line]

    @classmethod
    def read(cls, connection: Connection, limits: Limits, lines: Mapping[str, Line], span: Span) -> Bench:
        """Whoever could be asked for something within `span`."""
        start, end = span.start - AROUND, span.end + AROUND
        shifts = [shift for shift in read_shifts(connection, start, end) if shift.line in lines]
        return cls(read_staff(connection, limits), shifts, read_absences(connection, start, end), lines)

    def able(self, gap: Gap, most: int = 3, but: Collection[int] = ()) -> tuple[Vacancy, tuple[Choice, ...]]:
        """What of a gap one person could take, and up to `most` who could, `but` some, the best first."""
        seat = _vacancy(gap, self.lines[gap.line])
        fit = {
            person.id: person
            for person in self.staff.values()
            if person.id not in but and suits(seat, person.skills) and (seat.tier is None or person.may_hold(seat.tier))
        }
        zones = {name: line.zone for name, line in self.lines.items()}
        found = candidates(seat, fit, self.shifts, self.absences, zones)
        return seat, tuple(choice for choice in found if choice.able)[:most]


def opened(
    connection: Connection, bench: Bench, before: Sequence[Shift], told: Iterable[Difference]
) -> tuple[tuple[Gap, ...], tuple[tuple[int, ...], ...]]:
    """The gaps that an edit opens, on the lines and over the time in which others are on call: `told` says which.

    `bench` has the shifts after it, `before` are those before. Beside the first gaps, who could take each: not those
    who were just taken off.
    """
    changed: dict[str, list[Difference]] = {}
    for change in told:
        if change.line in bench.lines:
            changed.setdefault(change.line, []).append(change)
    people = [Person(person.id, person.name, person.skills) for person in bench.staff.values()]
    found: list[Gap] = []
    for name, changes in changed.items():
        line, span = bench.lines[name], Span(min(c.start for c in changes), max(c.end for c in changes))
        windows = asked(read_rules(connection, line), line.zone, holidays_in(line, span), span)
        found += opens(before, bench.shifts, people, windows, span)
    takers = []
    for gap in found[:ASKED_FOR]:
        gone = {person for change in changed[gap.line] if change.overlaps(gap) for person in change.gone}
        takers.append(tuple(choice.person for choice in bench.able(gap, but=gone)[1]))
    return tuple(found), tuple(takers)


def lacking(gap: Gap) -> str:
    """What is missing, in words."""
    tongues = (" and " if gap.match == "all" else " or ").join(sorted(gap.skills))
    where = "on call" if gap.tier is None else f"in tier {gap.tier}"
    match gap.kind:
        case "language":
            return f"nobody who speaks {tongues}"
        case "nobody" if gap.missing == 1:
            return f"nobody {where}"
        case "nobody":
            return f"nobody {where} of {gap.missing}"
    return f"{gap.missing} too few {where}" + (f" who speak {tongues}" if tongues else "")


def _vacancy(gap: Gap, line: Line) -> Vacancy:
    end = min(gap.end, local_to_utc(line.local(gap.start).replace(tzinfo=None) + timedelta(days=1), line.zone))
    return Vacancy(gap.start, end, gap.line, gap.tier, gap.skills, gap.match)


def _rule(row: Row[Any]) -> CoverageRule:
    return CoverageRule(
        row.id,
        row.line,
        row.tier,
        frozenset(map(int, row.days.split())),
        at_minute(row.starts),
        at_minute(row.ends),
        date.fromisoformat(row.since),
        date.fromisoformat(row.until) if row.until else None,
        row.n,
        frozenset(row.skills.split()),
        cast("Literal['all', 'any']", row.match),
        row.hard,
    )


def at_minute(minute: int) -> time:
    """A time of day, by the minutes since midnight."""
    return time(minute // 60, minute % 60)
