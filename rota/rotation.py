"""Whose turn it is: a rotation as shifts. Turns are counted from the anchor each time, never from the turn before.

So a turn is a matter of the calendar alone: of the days on which the rotation stands, which weeks or months can't use
up, and of months that begin anew from the anchor's day, clamped to the last there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rota.edit import New
from rota.model import Span
from rota.staff import Rotation
from rota.zones import local_to_utc

ONE_DAY = timedelta(days=1)
SOURCE = "rotation"
"""What made a shift that a rotation made."""


@dataclass(frozen=True, slots=True)
class Turns:
    """What all versions of one rotation say: its shifts in order, and those under way, also of versions that are over.

    `versions` are their ids.
    """

    shifts: tuple[New, ...]
    under_way: tuple[New, ...]
    versions: frozenset[int]


def turn(rotation: Rotation, day: date) -> int:
    """The number of the turn that `day` is in: 0 from the anchor on, below 0 before it."""
    match rotation.unit:
        case "day":
            return _standing_days(rotation, day) // rotation.every
        case "week":
            return (day - rotation.anchor).days // (7 * rotation.every)
    number = _months(rotation.anchor, day) // rotation.every
    return number if _after_months(rotation.anchor, number * rotation.every) <= day else number - 1


def holder(rotation: Rotation, day: date) -> int:
    """The person whose turn `day` is in."""
    return rotation.people[turn(rotation, day) % len(rotation.people)]


def in_force(rotation: Rotation, day: date) -> bool:
    """Whether this version is the one that speaks for `day`."""
    return rotation.since <= day and (rotation.until is None or day < rotation.until)


def expand(rotation: Rotation, zone: ZoneInfo, first: date, last: date) -> tuple[New, ...]:
    """Its shifts that begin on the local days `first` to `last`, both included, on which it is in force and stands.

    One whose two local times are the same instant, within the hour that a spring night skips, is left out.
    """
    first = max(first, rotation.since)
    last = last if rotation.until is None else min(last, rotation.until - ONE_DAY)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return tuple(
        New(
            rotation.line,
            rotation.tier,
            holder(rotation, day),
            span.start,
            span.end,
            SOURCE,
            status="planned",
            rotation=rotation.id,
        )
        for day in days
        if day.isoweekday() in rotation.days and (span := _span(rotation, zone, day))
    )


def timeline(versions: Iterable[Rotation], zone: ZoneInfo, first: date, last: date) -> tuple[New, ...]:
    """The shifts of all versions of one rotation, in order: no two at once, for the earlier ends its last shift."""
    found: list[New] = []
    for version in sorted(versions, key=lambda v: (v.since, v.version)):
        before = [found[-1]] if found else []
        # A day earlier: the version before may have held a shift that reaches into the first day.
        for new in expand(version, zone, first - ONE_DAY, last):
            found += without(new, before)
    return tuple(new for new in found if new.start >= _instant(first, time(), zone))


def turns(versions: Sequence[Rotation], zone: ZoneInfo, today: date, last: date, now: int) -> Turns:
    """What they say from the local day `today`, that of `now`, to `last`."""
    started = (
        new for version in versions for new in expand(replace(version, until=None), zone, today - ONE_DAY, today)
    )
    return Turns(
        timeline(versions, zone, today, last),
        tuple(new for new in started if new.start < now < new.end),
        frozenset(version.id for version in versions),
    )


def without(new: New, spans: Iterable[Span | New]) -> Iterator[New]:
    """What is left of a shift outside of `spans`, which are in order of their starts."""
    for start, end in outside(new.start, new.end, spans):
        yield replace(new, start=start, end=end)


def outside(start: int, end: int, spans: Iterable[Span | New]) -> Iterator[tuple[int, int]]:
    """The stretches of `[start, end)` that are in none of `spans`, which are in order of their starts."""
    for span in spans:
        if span.start >= end:
            break
        if span.start > start:
            yield start, span.start
        start = max(start, span.end)
    if start < end:
        yield start, end


def successor(old: Rotation, since: date, changes: Mapping[str, Any]) -> Rotation:
    """The version that follows `old` from `since` on: as it was but for `changes`, fields by name. Its id is 0.

    Without an `anchor` among them, turns go on: the one that `since` is in belongs to the first of the new people, or
    goes on being the same person's where the people stay.
    """
    new = replace(old, **{**changes, "id": 0, "version": old.version + 1, "since": since, "until": None})
    if "anchor" in changes:
        return new
    people = new.people if "people" in changes else _from(old.people, turn(old, since))
    same_turns = new.unit == old.unit and new.every == old.every and (new.unit != "day" or new.days == old.days)
    if not same_turns:
        return replace(new, anchor=since, people=people)
    # The anchor stays, so that months go on beginning on the 31st: it is the list that is turned.
    return replace(new, people=_from(people, -turn(old, since)))


def _from(people: Sequence[int], place: int) -> tuple[int, ...]:
    """The same order, beginning elsewhere."""
    place %= len(people)
    return (*people[place:], *people[:place])


def _span(rotation: Rotation, zone: ZoneInfo, day: date) -> Span | None:
    end_day = day if rotation.starts < rotation.ends else day + ONE_DAY
    start, end = _instant(day, rotation.starts, zone), _instant(end_day, rotation.ends, zone)
    return Span(start, end) if start < end else None


def _instant(day: date, at: time, zone: ZoneInfo) -> int:
    return local_to_utc(datetime.combine(day, at), zone)


def _standing_days(rotation: Rotation, day: date) -> int:
    """How many days from the anchor up to, not including, `day` it stands on; below 0 for a day before the anchor."""
    early, late = sorted((rotation.anchor, day))
    weeks, rest = divmod((late - early).days, 7)
    odd = sum((early + timedelta(days=n)).isoweekday() in rotation.days for n in range(rest))
    count = weeks * len(rotation.days) + odd
    return count if day >= rotation.anchor else -count


def _months(anchor: date, day: date) -> int:
    return 12 * (day.year - anchor.year) + day.month - anchor.month


def _after_months(anchor: date, months: int) -> date:
    """The anchor's day so many months later, or the last day of that month if it has no such day."""
    years, month = divmod(anchor.month - 1 + months, 12)
    first = date(anchor.year + years, month + 1, 1)
    last = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - ONE_DAY
    return first.replace(day=min(anchor.day, last.day))
