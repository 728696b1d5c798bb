"""Four programs that read calendars, none of which shares code with what writes ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import icalendar
import ics
import recurring_ical_events
import vobject


@dataclass(frozen=True, order=True)
class Seen:
    """An event as a reader shows it: instants in UTC seconds."""

    uid: str
    start: int
    end: int
    status: str
    title: str


def _icalendar(data: bytes) -> list[Seen]:
    return [_event(event) for event in icalendar.Calendar.from_ical(data).walk("VEVENT")]


def _recurring(data: bytes) -> list[Seen]:
    # Asked for what happens in a stretch of time, as a calendar on a screen does: not before the year 1.
    calendar = icalendar.Calendar.from_ical(data)
    found = recurring_ical_events.of(calendar).between(datetime(1969, 1, 1), datetime(2100, 1, 1))
    return [_event(event) for event in found]


def _event(event: icalendar.Component) -> Seen:
    start, end = event.decoded("DTSTART"), event.decoded("DTEND")
    return Seen(str(event["UID"]), _instant(start), _instant(end), str(event["STATUS"]), str(event["SUMMARY"]))


def _vobject(data: bytes) -> list[Seen]:
    events = vobject.readOne(data.decode()).contents.get("vevent", [])
    return [
        Seen(
            event.uid.value,
            _instant(event.dtstart.value),
            _instant(event.dtend.value),
            event.status.value,
            event.summary.value,
        )
        for event in events
    ]


def _ics(data: bytes) -> list[Seen]:
    return [
        Seen(event.uid, _instant(event.begin.datetime), _instant(event.end.datetime), event.status, event.name)
        for event in ics.Calendar(data.decode()).events
    ]


def _instant(at: datetime) -> int:
    assert at.utcoffset() == timedelta(), "a time that isn't in UTC"
    return int(at.timestamp())


READERS: dict[str, Callable[[bytes], list[Seen]]] = {
    "icalendar": _icalendar,
    "recurring-ical-events": _recurring,
    "vobject": _vobject,
    "ics": _ics,
}
