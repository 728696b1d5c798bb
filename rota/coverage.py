"""What a line's rules ask for, in time: windows, seats to fill, needs of languages; and where the rota falls short.

Rules speak of local days and times; here they become instants, each local boundary by the one rule of `rota.zones`.
Every function takes the rules of one line, the line's zone, and the public holidays of the years in question.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from operator import attrgetter
from zoneinfo import ZoneInfo

from rota.duty import categories, points
from rota.gaps import Gap, Window, opened, sweep
from rota.generate.problem import Need, Seat
from rota.model import Person, Shift, Span
from rota.oncall import Roster
from rota.staff import HOLIDAY, CoverageRule
from rota.zones import local_to_utc, utc_to_local

ONE_DAY = timedelta(days=1)


def windows(
    rules: Iterable[CoverageRule], zone: ZoneInfo, holidays: Collection[date], first: date, last: date
) -> tuple[Window, ...]:
    """The stretches that begin on local days from `first` to `last`, both included; by start and tier.

    One that the clocks jump over in spring has no time and is left out; those around it meet.
    """
    known = sorted(rules, key=_by_tier)
    turns = {day for rule in known for day in (rule.since, rule.until)}
    plan: dict[tuple[int, bool], list[CoverageRule]] = {}
    found: list[Window] = []
    for day in _days(first, last):
        kind = (day.weekday(), day in holidays)
        if day in turns:
            plan.clear()
        if kind not in plan:  # few kinds of days, many days
            plan[kind] = on_day(known, day, holiday=kind[1])
        for rule in plan[kind]:
            start, end = bounds(rule.starts, rule.ends, day, zone)
            if start < end:
                found.append(Window(start, end, rule))
    return tuple(sorted(found, key=attrgetter("start")))


def _by_tier(rule: CoverageRule) -> tuple[object, ...]:
    return rule.tier is None, rule.tier or 0, rule.id, sorted(rule.skills)


def on_day(rules: Iterable[CoverageRule], day: date, *, holiday: bool) -> list[CoverageRule]:
    """The rules that hold on a local day.

    Those in force that name its weekday; of a tier with a rule for holidays, on a holiday, only those that do.
    What stands in for missing rules (of number 0) holds only while none of its kind is in force: of tiers, or of none.
    """
    force = [rule for rule in rules if rule.since <= day and (rule.until is None or day < rule.until)]
    kinds = {rule.tier is None for rule in force if rule.id}
    force = [rule for rule in force if rule.id or (rule.tier is None) not in kinds]
    festive = {rule.tier for rule in force if HOLIDAY in rule.days} if holiday else set()
    return [rule for rule in force if (HOLIDAY if rule.tier in festive else day.isoweekday()) in rule.days]


def bounds(starts: time, ends: time, day: date, zone: ZoneInfo) -> tuple[int, int]:
    """From one local time of a day to another, as instants; `ends` not after `starts` is on the day after."""
    return _instant(day, starts, zone), _instant(day if ends > starts else day + ONE_DAY, ends, zone)


def asked(rules: Iterable[CoverageRule], zone: ZoneInfo, holidays: Collection[date], span: Span) -> tuple[Window, ...]:
    """The windows that touch `span`, whole."""
    first, last = (utc_to_local(at, zone).date() for at in (span.start, span.end - 1))
    return tuple(w for w in windows(rules, zone, holidays, first - ONE_DAY, last) if w.overlaps(span))


def seats(rules: Iterable[CoverageRule], zone: ZoneInfo, holidays: Collection[date], span: Span) -> tuple[Seat, ...]:
    """The seats to fill that begin in `span`, by start and tier: `n` for each window of a rule with a tier."""
    return tuple(
        Seat(w.start, w.end, w.rule.line, w.rule.tier, kinds, points(w, kinds), w.rule.skills, w.rule.match)
        for w in asked(rules, zone, holidays, span)
        if w.rule.tier is not None and span.holds(w.start)
        for kinds in [categories(w, zone, holidays)]
        for _ in range(w.rule.n)
    )


def needs(rules: Iterable[CoverageRule], zone: ZoneInfo, holidays: Collection[date], span: Span) -> tuple[Need, ...]:
    """What those on call together must be able to do, within `span`: by the rules of all tiers, of each window."""
    return tuple(
        Need(max(w.start, span.start), min(w.end, span.end), w.rule.line, w.rule.n, w.rule.skills, w.rule.match, hard)
        for w in asked(rules, zone, holidays, span)
        if w.rule.tier is None
        for hard in [w.rule.hard]
    )


def gaps(
    roster: Roster, line: str, rules: Iterable[CoverageRule], zone: ZoneInfo, holidays: Collection[date], span: Span
) -> tuple[Gap, ...]:
    """Where `line` has less than its rules ask for within `span`: gaps (hard) and weak cover, by start and tier."""
    known = tuple(rules)
    if not any(rule.id for rule in known):  # nothing but what stands in for rules: it holds always
        return sweep(roster, line, [Window(span.start, span.end, rule) for rule in known], span)
    return sweep(roster, line, asked(known, zone, holidays, span), span)


def opens(
    before: Iterable[Shift], after: Iterable[Shift], people: Iterable[Person], windows: Iterable[Window], span: Span
) -> tuple[Gap, ...]:
    """The gaps within `span` that an edit of these shifts opens and that weren't there before. One line's windows.

    Whoever comes where nobody was opens none, also if they don't speak everything.
    """
    wanted, known = tuple(windows), tuple(people)
    if not wanted:
        return ()
    line = wanted[0].rule.line
    old, new = (
        Roster.build([shift for shift in shifts if shift.line == line and shift.span.overlaps(span)], known)
        for shifts in (before, after)
    )
    return opened(sweep(old, line, wanted, span, aloud=True), sweep(new, line, wanted, span))


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


@lru_cache(maxsize=8192)
def _instant(day: date, at: time, zone: ZoneInfo) -> int:
    """Several rules share a boundary, and a whole day's end is the next one's start."""
    return local_to_utc(datetime.combine(day, at), zone)
