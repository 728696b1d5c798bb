"""The coverage calendar as a model: days, and in each what is held, open or missing. Pure.

A shift or a gap of up to a day stands once, on the day on which it begins, with its own hours; a longer one on each
day that it touches. Weak cover stands on each day, once for each thing that is missing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

from rota.gaps import Gap
from rota.model import Shift, Span
from rota.staff import DAY, HOUR
from rota.zones import local_to_utc, utc_to_local

Kind = Literal["gap", "held", "open", "weak"]
"""Missing; held; open, though nothing is missing; missing, and only better if it weren't."""
WHOLE = DAY + HOUR
"""Seconds up to which something is shown once: a day, also the longest one."""
MONTHS, WEEK = 12, 7


@dataclass(frozen=True, slots=True)
class Item(Span):
    """Something that a day shows: `[start, end)` is what is shown of it there.

    `tier` None is the whole line. `shift` is a shift's number, None where something is missing and there is no seat
    for it; `person` its holder. `skills` and `missing` say what is missing, as in `rota.gaps.Gap`.
    """

    kind: Kind
    tier: int | None
    shift: int | None = None
    person: int | None = None
    skills: frozenset[str] = frozenset()
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Day(Span):
    """A local day of the line, from midnight to midnight, and what it shows, in order."""

    date: date
    today: bool
    past: bool
    holiday: bool
    items: tuple[Item, ...]

    @property
    def turned(self) -> int:
        """By how many seconds the clocks make this day longer; less than 0 in spring."""
        return self.seconds - DAY


def month_of(day: date) -> tuple[date, ...]:
    """The days of a month."""
    first = day.replace(day=1)
    return _days(first, (beside(first, 1) - first).days)


def week_of(day: date) -> tuple[date, ...]:
    """The days of a week, from Monday."""
    return _days(day - timedelta(days=day.weekday()), WEEK)


def beside(day: date, months: int) -> date:
    """The first of the month that is so many months later."""
    number = day.year * MONTHS + day.month - 1 + months
    return date(number // MONTHS, number % MONTHS + 1, 1)


def weeks(days: Sequence[Day]) -> tuple[tuple[Day | None, ...], ...]:
    """Days that follow one another in rows from Monday to Sunday; None where there is none of them."""
    cells: list[Day | None] = [None] * days[0].date.weekday()
    cells += days
    cells += [None] * (-len(cells) % WEEK)
    return tuple(tuple(cells[at : at + WEEK]) for at in range(0, len(cells), WEEK))


def window(days: Sequence[date], zone: ZoneInfo) -> Span:
    """The instants of days that follow one another."""
    return Span(_midnight(days[0], zone), _midnight(days[-1] + timedelta(days=1), zone))


def build(
    days: Sequence[date],
    zone: ZoneInfo,
    shifts: Iterable[Shift],
    gaps: Iterable[Gap],
    holidays: Collection[date],
    now: int,
) -> tuple[Day, ...]:
    """The calendar of one line over `days` that follow one another, at `now` (UTC seconds)."""
    marks = [_midnight(day, zone) for day in (*days, days[-1] + timedelta(days=1))]
    span = Span(marks[0], marks[-1])
    shown: list[list[Item]] = [[] for _ in days]
    for item in _items([s for s in shifts if s.span.overlaps(span)], [g for g in gaps if g.overlaps(span)]):
        for place, part in _placed(item, marks):
            shown[place].append(part)
    today = utc_to_local(now, zone).date()
    return tuple(
        Day(marks[n], marks[n + 1], day, day == today, marks[n + 1] <= now, day in holidays, _sorted(shown[n]))
        for n, day in enumerate(days)
    )


def _items(shifts: Sequence[Shift], gaps: Sequence[Gap]) -> Iterator[Item]:
    """What is to be shown, whole. An open seat stands for as much of what is missing as it would mend."""
    opens = [s for s in shifts if s.person is None and s.status != "cancelled"]
    used: dict[int, list[Gap]] = {}
    for gap in gaps:
        if not gap.hard:
            yield Item(gap.start, gap.end, "weak", gap.tier, None, None, gap.skills, gap.missing)
            continue
        # Of a gap of all tiers no seat is known to be the one.
        mine = [s for s in opens if s.tier == gap.tier and s.span.overlaps(gap)]
        mine = [s for s in mine if not any(other.overlaps(gap) for other in used.get(s.id, ()))]
        for seat in mine:
            used.setdefault(seat.id, []).append(gap)
        for start, end, missing in _left(gap, mine):
            yield Item(start, end, "gap", gap.tier, None, None, gap.skills, missing)
    for shift in shifts:
        if shift.status != "cancelled":
            kind: Kind = "held" if shift.person is not None else "gap" if shift.id in used else "open"
            yield Item(shift.start, shift.end, kind, shift.tier, shift.id, shift.person, missing=int(kind == "gap"))


def _left(gap: Gap, opens: Sequence[Shift]) -> Iterator[tuple[int, int, int]]:
    """The stretches of a gap in which more is missing than there are open seats, with how much more."""
    marks = sorted({gap.start, gap.end, *(at for s in opens for at in (s.start, s.end) if gap.holds(at))})
    begun, known = gap.start, 0
    for start, end in pairwise(marks):
        missing = max(0, gap.missing - sum(s.span.holds(start) for s in opens))
        if missing != known:
            if known:
                yield begun, start, known
            begun, known = start, missing
        if end == gap.end and known:
            yield begun, end, known


def _placed(item: Item, marks: Sequence[int]) -> Iterator[tuple[int, Item]]:
    """The days, by their places, on which something stands, and what of it."""
    first = max(0, bisect_right(marks, item.start) - 1)
    if item.kind != "weak" and item.seconds <= WHOLE:
        yield first, item
        return
    for place in range(first, len(marks) - 1):
        if marks[place] >= item.end:
            return
        start, end = max(item.start, marks[place]), min(item.end, marks[place + 1])
        yield (
            place,
            Item(start, end, item.kind, item.tier, item.shift, item.person, item.skills, item.missing),
        )


def _sorted(items: Iterable[Item]) -> tuple[Item, ...]:
    return tuple(sorted(items, key=lambda i: (i.kind == "weak", i.start, i.tier or 0, i.kind, i.end, i.shift or 0)))


def _days(first: date, n: int) -> tuple[date, ...]:
    return tuple(first + timedelta(days=number) for number in range(n))


def _midnight(day: date, zone: ZoneInfo) -> int:
    return local_to_utc(datetime.combine(day, time()), zone)
