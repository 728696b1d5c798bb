"""Whether a period may be closed: over, wholly counted, as long as the line's size asks, and its secret at hand.

Each refusal is a `UsageError` that says what would help. None of them tells a number.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

from sqlalchemy import Connection, exists, func, select

from helpline.errors import UsageError
from helpline.figures.counting import bounds, inside, read_hours
from helpline.figures.frozen import Frozen, closed, find, latest
from helpline.lines import Line
from helpline.store.figure_tables import EarlierFigure
from helpline.store.tables import CallRecord, Erasure, HourlyCount, LiveCall, Pooled, WrapUp
from reports.cells import CALLS
from reports.periods import COARSEST_FIRST, Profile, coarsest, days_of, grain, periods_of, profile_of, within
from reports.rounding import Rounder
from reports.tables import calls_of
from rota.zones import local_to_utc

HOUR = 3600
WAIT = 72 * HOUR
"""Seconds from a period's end until it may be closed: its last calls can be coded until then."""
SETTLED = (3, 31)
"""The month and the day of the next year from which a year's records are deleted."""
PROFILES = {profile.value: profile for profile in Profile}


def closes_at(line: Line, period: str) -> int:
    """From when on a period may be closed, in UTC seconds. InputError if it isn't one."""
    return bounds(line.zone, period)[1] + WAIT


def settles_at(line: Line, year: int) -> int:
    """From when on a year's records are deleted, in UTC seconds."""
    return local_to_utc(datetime.combine(date(year + 1, *SETTLED), time()), line.zone)


def refuse_early(line: Line, period: str, now: int) -> None:
    """A period that isn't over, or has hardly ended."""
    end, at = bounds(line.zone, period)[1], closes_at(line, period)
    if now < at:
        why = "isn't over" if now < end else "ended less than 72 hours ago, and its last calls may still be coded"
        when = line.local(at).strftime("%Y-%m-%d %H:%M")
        raise UsageError(f"{period} {why} on the line {line.name}: close it from {when} on ({line.settings.timezone})")


def refuse_uncounted(connection: Connection, line: Line, period: str) -> None:
    """A period with calls that go on, that nobody can account for yet, or that have still to become records."""
    end = bounds(line.zone, period)[1]
    lost = exists().where(Erasure.uncounted == line.name)
    going_on = exists().where(LiveCall.line == line.name, LiveCall.entered_at < end)
    if connection.scalar(select(lost | going_on)):
        raise UsageError(
            f"calls of the line {line.name} have still to be accounted for: 'helpline work' asks the carrier every few"
            f" minutes, so that {period} can be closed later; if it can't tomorrow, see that it runs"
        )
    overlapping = {*inside(period), *(within(period, each) for each in COARSEST_FIRST if _coarser(each, period))}
    to_code = exists().where(WrapUp.line == line.name, WrapUp.period.in_(overlapping))
    pooled = exists().where(Pooled.line == line.name, Pooled.period.in_(overlapping))
    if connection.scalar(select(to_code | pooled)):
        raise UsageError(
            f"calls of {period} on the line {line.name} have still to be coded, or to enter the records: 'helpline"
            f" work' sees to it within the hour, once they are due; if {period} can't be closed tomorrow, see that it"
            " runs"
        )


def refuse_other_secret(ledger: Sequence[Frozen], period: str, fingerprint: str) -> None:
    """A period whose calls, or some of them, were rounded with another secret."""
    touched = [each.figures.period for each in ledger if each.secret != fingerprint and _overlap(each, period)]
    if touched:
        raise UsageError(
            f"{touched[0]} was rounded with another secret, and its calls would be rounded again in {period}: two"
            " figures of the same calls tell more than one. Put the former secret back; 'helpline report secret' says"
            " more"
        )


def refuse_unplanned(line: Line, period: str, profile: Profile, fixed: bool) -> None:
    """A period that the line's year isn't published by."""
    fine = grain(period)
    if fine in {Profile.YEAR, profile}:
        return
    year = period[:4]
    if COARSEST_FIRST.index(fine) < COARSEST_FIRST.index(profile):
        finer = ", ".join(each for each in periods_of(int(year), profile) if within(each, fine) == period)
        raise UsageError(f"{year} is published by {profile} on the line {line.name}: close {finer}, or {year}")
    by_size = "a line has to have 1,000 calls a year for months, and 400 for quarters, to tell nothing of anybody"
    why = "as what is closed of it" if fixed else by_size
    raise UsageError(
        f"{period} is too short: {year} is published by {profile} on the line {line.name} ({why});"
        f" close {within(period, profile)}"
    )


def profile_in(
    connection: Connection, line: Line, year: int, ledger: Sequence[Frozen], rounder: Rounder, now: int
) -> tuple[Profile, bool]:
    """The line's profile in a year, and whether what is closed of it (`ledger`) has fixed it.

    Never finer than its records, nor than the settings of the running year. Until something is closed it goes by the
    calls offered: those of the year once it is over, before that those of the year before it, unless this one has
    already enough for the finest period that its records allow.
    """
    finest = _finest(connection, line, year, now)
    mine = [each.figures for each in latest(ledger)]
    if whole := [each.profile for each in mine if each.period == str(year)]:
        return whole[0], True
    if mine:
        return coarsest(finest, [each.period for each in mine]), True
    so_far = profile_of(_offered(connection, line, year, rounder))
    if bounds(line.zone, str(year))[1] > now and _finer(finest, so_far):
        so_far = profile_of(_year_before(connection, line, year, rounder))
    return min(finest, so_far, key=COARSEST_FIRST.index), False


def _finest(connection: Connection, line: Line, year: int, now: int) -> Profile:
    carried = {
        period
        for table in (CallRecord, Pooled, WrapUp)
        for period in connection.scalars(
            select(table.period).where(table.line == line.name, table.period.in_(inside(str(year)))).distinct()
        )
    }
    running = line.local(now).year == year
    return coarsest(PROFILES[line.settings.period] if running or not carried else Profile.MONTH, carried)


def _offered(connection: Connection, line: Line, year: int, rounder: Rounder) -> int:
    """As it would be printed: a profile says no more of a line than that."""
    return calls_of(read_hours(connection, line, str(year)), year, line.zone, rounder).of("offered").value or 0


def _year_before(connection: Connection, line: Line, year: int, rounder: Rounder) -> int:
    if whole := find(closed(connection, line.name, year - 1), str(year - 1)):
        return whole.figures.count(CALLS, "offered").value or 0
    earlier = (EarlierFigure.line == line.name, EarlierFigure.year == year - 1, EarlierFigure.indicator == "offered")
    told = connection.scalar(select(func.max(EarlierFigure.value)).where(*earlier)) or 0
    return max(told, _offered(connection, line, year - 1, rounder))


def years_with_calls(connection: Connection, line: Line, now: int) -> list[int]:
    """The line's local years, up to the running one, of which something was counted or recorded."""
    first = connection.scalar(select(func.min(HourlyCount.hour)).where(HourlyCount.line == line.name))
    years = {int(period[:4]) for period in _recorded(connection, line)}
    if first is not None:
        since = range(line.local(first).year, line.local(now).year + 1)
        years |= {year for year in since if has_hours(connection, line, year)}
    return sorted(year for year in years if year <= line.local(now).year)


def has_calls(connection: Connection, line: Line, year: int) -> bool:
    """Whether anything was counted or recorded of the line's year."""
    recorded = any(period.startswith(str(year)) for period in _recorded(connection, line))
    return recorded or has_hours(connection, line, year)


def has_hours(connection: Connection, line: Line, year: int) -> bool:
    """Whether anything was counted of it."""
    start, end = bounds(line.zone, str(year))
    within_it = (HourlyCount.line == line.name, HourlyCount.hour >= start, HourlyCount.hour < end)
    return bool(connection.scalar(select(exists().where(*within_it))))


def _recorded(connection: Connection, line: Line) -> set[str]:
    return {
        period
        for table in (CallRecord, Pooled)
        for period in connection.scalars(select(table.period).where(table.line == line.name).distinct())
    }


def _overlap(frozen: Frozen, period: str) -> bool:
    first, last = days_of(frozen.figures.period)
    begins, ends = days_of(period)
    return first <= ends and begins <= last


def _coarser(profile: Profile, period: str) -> bool:
    return COARSEST_FIRST.index(profile) < COARSEST_FIRST.index(grain(period))


def _finer(profile: Profile, than: Profile) -> bool:
    return COARSEST_FIRST.index(profile) > COARSEST_FIRST.index(than)
