"""Tables out: people, shifts, absences, the hours that people are paid for. For who has just proved that it is them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import Response

from helpline.lines import Line
from helpline.pages.rota.moments import read_day, today
from helpline.pages.rota.picking import Typed, chosen_line
from helpline.pages.rota.table_page import first_line, months, show_page
from helpline.pages.routes import COORDINATOR, Route
from helpline.pages.site import Visit
from helpline.shifts.exporting import Table, absences_table, people_table, shifts_calendar, shifts_table
from helpline.shifts.paying import duty_table, months_table
from rota.model import Span
from rota.sheet import BOM
from rota.staff import DAY
from rota.zones import local_to_utc

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

AHEAD = 366 * DAY
"""Seconds of the rota to come that are exported, unless an end is given."""


def routes() -> tuple[Route, ...]:
    """One address for each table."""
    return (
        Route("/rota/tables/people.csv", "plan_export_people", people, COORDINATOR, fresh=True),
        Route("/rota/tables/shifts.csv", "plan_export_shifts", shifts, COORDINATOR, fresh=True),
        Route("/rota/tables/shifts.ics", "plan_export_calendar", calendar, COORDINATOR, fresh=True),
        Route("/rota/tables/absences.csv", "plan_export_absences", absences, COORDINATOR, fresh=True),
        Route("/rota/tables/duty.csv", "plan_export_duty", duty, COORDINATOR, fresh=True),
        Route("/rota/tables/hours.csv", "plan_export_hours", hours, COORDINATOR, fresh=True),
    )


def people(visit: Visit) -> ResponseReturnValue:
    """Everybody, with their numbers."""
    with visit.site.store.read() as connection:
        return _table(visit, people_table(connection, visit.now), "people")


def shifts(visit: Visit) -> ResponseReturnValue:
    """The shifts that touch some days."""
    span = _days(visit)
    if isinstance(span, Typed):
        return show_page(visit, span)
    with visit.site.store.read() as connection:
        return _table(visit, shifts_table(connection, _lines(visit), span), "shifts")


def calendar(visit: Visit) -> ResponseReturnValue:
    """The shifts of one line, from now on for a year, for a calendar program."""
    line, host = _lines(visit)[0], urlsplit(visit.site.settings.service.public_url).hostname or ""
    with visit.site.store.read() as connection:
        span = Span(visit.now, visit.now + AHEAD)
        data = shifts_calendar(connection, line, span, host, visit.now, None)
    return _file(visit, data, f"shifts-{line.name}", "ics", "text/calendar; charset=utf-8")


def absences(visit: Visit) -> ResponseReturnValue:
    """Who is away on some days, and who would rather not be on call."""
    span = _days(visit)
    if isinstance(span, Typed):
        return show_page(visit, span)
    with visit.site.store.read() as connection:
        return _table(visit, absences_table(connection, _lines(visit)[0], span), "absences")


def duty(visit: Visit) -> ResponseReturnValue:
    """Who was on call when, in a month: a row for each day."""
    with visit.site.store.read() as connection:
        return _table(visit, duty_table(connection, _lines(visit), _month(visit)), "duty")


def hours(visit: Visit) -> ResponseReturnValue:
    """The sums of each person in a month: hours, nights, Sundays, public holidays."""
    with visit.site.store.read() as connection:
        return _table(visit, months_table(connection, _lines(visit), _month(visit)), "hours")


def _lines(visit: Visit) -> Sequence[Line]:
    """The line that the address names, or all."""
    name = visit.asked("line")
    found = chosen_line(visit, name)
    return [found] if found and name else list(visit.site.lines.values())


def _days(visit: Visit) -> Span | Typed:
    """From the first day to the last one, that one included; a year from today, unless they are given."""
    typed = Typed({name: visit.asked(name) for name in ("first", "last")})
    zone = _lines(visit)[0].zone
    first, last = (read_day(typed[name]) if typed[name] else None for name in ("first", "last"))
    for name, day in (("first", first), ("last", last)):
        if typed[name] and day is None:
            typed.wrong[name] = visit.say("wrong-day")
    if typed.wrong:
        return typed
    start = visit.now if first is None else _midnight(first, zone)
    end = start + AHEAD if last is None else _midnight(last + timedelta(days=1), zone)
    if end <= start:
        typed.wrong["last"] = visit.say("wrong-end")
        return typed
    return Span(start, end)


def _month(visit: Visit) -> Span:
    """The month that the address names; the last one that is over, if it names none that is offered."""
    known = dict(months(visit))
    name = visit.asked("month")
    first = date.fromisoformat(f"{name if name in known else next(iter(known))}-01")
    zone = _lines(visit)[0].zone
    return Span(_midnight(first, zone), _midnight((first + timedelta(days=31)).replace(day=1), zone))


def _midnight(day: date, zone: ZoneInfo) -> int:
    return local_to_utc(datetime.combine(day, time()), zone)


def _table(visit: Visit, table: Table, name: str) -> Response:
    """As CSV. For a spreadsheet in French, Dutch or German cells are parted by semicolons."""
    sheet = visit.asked("shape") != "csv"
    text = BOM + table.csv("," if visit.language == "en" else ";") if sheet else table.csv()
    return _file(visit, text.encode(), name, "csv", "text/csv; charset=utf-8")


def _file(visit: Visit, data: bytes, name: str, ending: str, kind: str) -> Response:
    """A download, named by the day."""
    day = today(visit, first_line(visit).zone)
    headers = {"Content-Disposition": f'attachment; filename="{name}-{day.isoformat()}.{ending}"'}
    return Response(data, content_type=kind, headers=headers)
