"""Days and times as somebody types them into a form, and what they mean on a line's clocks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from helpline.pages.formats import local
from helpline.pages.site import Visit
from rota.table import YEARS
from rota.zones import local_to_utc

_DAY = re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})|(?P<d2>\d{1,2})[./-](?P<m2>\d{1,2})[./-](?P<y2>\d{4})")
_TIME = re.compile(r"(\d{1,2})\s*(?:[:hu.]\s*(\d{2})?)?")


def read_day(text: str) -> date | None:
    """`2026-12-24` or `24/12/2026`; None for what is no day, or of a year that can't be meant."""
    found = _DAY.fullmatch(text)
    if found is None:
        return None
    parts = [found[name] or found[f"{name}2"] for name in ("y", "m", "d")]
    try:
        day = date(*(int(part) for part in parts))
    except ValueError:
        return None
    return day if day.year in YEARS else None


def read_time(text: str) -> time | None:
    """`20:00`, `20h`, `20h30`; None for what is no time of day."""
    found = _TIME.fullmatch(text)
    if found is None or int(found[1]) > 23 or int(found[2] or 0) > 59:
        return None
    return time(int(found[1]), int(found[2] or 0))


@dataclass(frozen=True, slots=True)
class Moment:
    """A local time as an instant (UTC seconds); `note` says when the clocks show it twice or never, else ""."""

    at: int
    note: str = ""


def moment(visit: Visit, day: date, at: time, zone: ZoneInfo) -> Moment:
    """When it is that time on that day: the first time, where it comes twice; the jump, where it is jumped over."""
    meant = datetime.combine(day, at)
    instant = local_to_utc(meant, zone)
    first, second = (int(meant.replace(tzinfo=zone, fold=fold).timestamp()) for fold in (0, 1))
    if first == second:
        return Moment(instant)
    shown = visit.formats.clock(instant, zone)
    values = {"time": f"{meant:%H:%M}", "day": visit.formats.date(day)}
    if first < second:
        return Moment(instant, visit.say("moment-twice", **values))
    return Moment(instant, visit.say("moment-never", shown=shown, **values))


def today(visit: Visit, zone: ZoneInfo) -> date:
    """The day it is there now."""
    return local(visit.now, zone).date()
