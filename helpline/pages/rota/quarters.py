"""The quarters that a rota can be proposed for, and how full each is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from helpline.lines import Line
from helpline.pages.formats import Formats
from helpline.shifts.fairness import quarter
from helpline.shifts.rules import holidays_in, read_rules
from helpline.store.tables import Shift
from rota.coverage import windows
from rota.model import Span
from rota.staff import CoverageRule

AHEAD = 5
"""Quarters offered, this one included."""
FULL = 0.5
"""Where less of the seats is held, the quarter is taken for one that isn't planned yet."""


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter `2026-Q2` on a line's clocks: how many seats its rules ask for, and how many shifts are held in it."""

    name: str
    first: date
    span: Span
    seats: int
    held: int

    @property
    def planned(self) -> bool:
        """Whether somebody has seen to it."""
        return self.held >= FULL * self.seats


def read_quarters(connection: Connection, line: Line, now: int) -> list[Quarter]:
    """This quarter (from now on) and those that follow."""
    named = [(name, first, quarter(name, line)) for name, first in _names(line.local(now).date())]
    spans = [(name, first, Span(max(span.start, now), span.end)) for name, first, span in named]
    rules = read_rules(connection, line)
    starts = connection.scalars(
        select(Shift.starts_at).where(
            Shift.line == line.name,
            Shift.person.is_not(None),
            Shift.status != "cancelled",
            Shift.starts_at >= spans[0][2].start,
            Shift.starts_at < spans[-1][2].end,
        )
    ).all()
    return [
        Quarter(
            name,
            first,
            span,
            _seats(rules, line, span),
            sum(span.holds(start) for start in starts),
        )
        for name, first, span in spans
    ]


def suggested(quarters: Sequence[Quarter]) -> Quarter:
    """The next one that nobody has seen to; the next one, if all are planned."""
    following = quarters[1:]
    return next((each for each in following if not each.planned), following[0])


def months(formats: Formats, first: date) -> str:
    """`avril - juin 2026`, for a quarter that begins on `first`."""
    last = first.replace(month=first.month + 2)
    return f"{formats.month(first).removesuffix(str(first.year)).strip()}\u2009\u2013\u2009{formats.month(last)}"


def _seats(rules: Iterable[CoverageRule], line: Line, span: Span) -> int:
    """How many seats begin in `span`, by the rules."""
    first, last = line.local(span.start).date(), line.local(span.end - 1).date()
    found = windows(rules, line.zone, holidays_in(line, span), first, last)
    return sum(each.rule.n for each in found if each.rule.tier is not None and span.holds(each.start))


def _names(today: date) -> list[tuple[str, date]]:
    at = today.year * 4 + (today.month - 1) // 3
    return [(f"{n // 4}-Q{n % 4 + 1}", date(n // 4, 3 * (n % 4) + 1, 1)) for n in range(at, at + AHEAD)]
