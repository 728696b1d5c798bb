"""Every five minutes: whoever is on call soon is reminded, once at each of the line's hours before.

All in UTC seconds: a shift's start is one instant, and so is every so many hours before it, whatever the clocks do. A
worker that was down sends what still makes sense: of the hours that have passed only the last, and none when more than
half of the time until the next has gone. What a reminder says is looked up when it is sent (`telling`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select

from helpline.lines import Line
from helpline.messages import notices
from helpline.messages.notices import REMINDER
from helpline.messages.sending import configured
from helpline.settings import Messages
from helpline.shifts.reading import read_shifts
from helpline.store.rota_tables import Notice
from helpline.store.sessions import Store
from rota.model import Shift
from rota.staff import HOUR

EVERY = 300


def run(store: Store, lines: Mapping[str, Line], messages: Messages, now: int) -> int:
    """Writes the reminders that are due; how many. None when there is no way to send them."""
    if not configured(messages):
        return 0
    due: dict[str, dict[str, object]] = {}
    with store.read() as connection:
        for line in lines.values():
            hours = line.settings.rota.remind_hours
            ahead = now + max(hours, default=0) * HOUR + 1
            due |= due_reminders(read_shifts(connection, now, ahead, line=line.name), hours, now)
        known = set(connection.scalars(select(Notice.key).where(Notice.key.in_(due))))
    missing = [row for key, row in due.items() if key not in known]
    if not missing:
        return 0
    with store.durable() as tx:
        return sum(notices.want_once(tx, row) for row in missing)


def due_reminders(shifts: Iterable[Shift], hours: Sequence[int], now: int) -> dict[str, dict[str, object]]:
    """By key, the notices due at `now` for these shifts of a line."""
    due = {}
    for shift in shifts:
        hour = due_hour(shift.start, hours, now)
        if hour is not None and shift.person is not None and shift.status != "cancelled":
            key = f"{REMINDER}:{shift.id}:{shift.seq}:{hour}"
            about = {"hours": hour}
            due[key] = notices.new(
                REMINDER, key, shift.line, now, person=shift.person, shift=shift.id, seq=shift.seq, about=about
            )
    return due


def due_hour(start: int, hours: Sequence[int], now: int) -> int | None:
    """Of the hours before a shift at which its holder is reminded, the one that it is time for; None for none."""
    passed = sorted({hour for hour in hours if start - hour * HOUR <= now < start})
    if not passed:
        return None
    hour = passed[0]
    nearer = max((other for other in hours if other < hour), default=None)
    if nearer is not None and 2 * (now - start + hour * HOUR) > (hour - nearer) * HOUR:
        return None  # the next is near, and will do
    return hour
