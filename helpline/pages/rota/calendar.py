"""The coverage calendar: a month or a week of one line, who holds what, what is missing; each of it leads to its cell.

Only the days that are shown are read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from helpline.lines import Line
from helpline.pages.rota import grid
from helpline.pages.rota.calendar_cells import month_cells, short_names, week_rows
from helpline.pages.rota.cell_undo import offered
from helpline.pages.routes import COORDINATOR, Route
from helpline.pages.site import Site, Visit
from helpline.shifts.reading import read_shifts, read_staff
from helpline.shifts.rules import holidays_in, read_rules
from rota.coverage import gaps
from rota.gaps import Gap
from rota.model import Person, Shift, Span
from rota.oncall import Roster
from rota.staff import CoverageRule, Staff
from rota.table import YEARS

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

View = Literal["month", "week"]


def routes(_site: Site) -> tuple[Route, ...]:
    """`/rota/calendar`."""
    return (Route("/rota/calendar", "rota_calendar", show_calendar, COORDINATOR),)


@dataclass(frozen=True, slots=True)
class Read:
    """What of a line's rota is shown: its shifts over a span, everybody, and its rules."""

    line: Line
    span: Span
    shifts: Sequence[Shift]
    staff: Mapping[int, Staff]
    rules: Sequence[CoverageRule]

    @property
    def roster(self) -> Roster:
        """Who is on call when."""
        people = [Person(each.id, each.name, each.skills) for each in self.staff.values()]
        return Roster.build(self.shifts, people)

    def gaps(self, roster: Roster) -> tuple[Gap, ...]:
        """What is missing."""
        holidays = holidays_in(self.line, self.span)
        return gaps(roster, self.line.name, self.rules, self.line.zone, holidays, self.span)


def read(visit: Visit, line: Line, span: Span) -> Read:
    """Reads what is shown: three statements, however long it is."""
    with visit.site.store.read() as connection:
        shifts = read_shifts(connection, span.start, span.end, line=line.name)
        staff = read_staff(connection, visit.site.desk.limits)
        return Read(line, span, shifts, staff, read_rules(connection, line))


def show_calendar(visit: Visit) -> ResponseReturnValue:
    """A month, or a week, around the day that is asked for; today, if none is."""
    line = chosen_line(visit)
    today = line.local(visit.now).date()
    day = asked_day(visit, today)
    view: View = "week" if visit.asked("view") == "week" else "month"
    dates = grid.week_of(day) if view == "week" else grid.month_of(day)
    found = read(visit, line, grid.window(dates, line.zone))
    roster = found.roster
    missing = found.gaps(roster)
    days = grid.build(dates, line.zone, found.shifts, missing, holidays_in(line, found.span), visit.now)
    names = short_names({each.id: each.name for each in found.staff.values()})
    return visit.page(
        "rota/calendar.html",
        line=line,
        view=view,
        title=_title(visit, view, dates),
        day=day.isoformat(),
        bar=_toolbar(visit, line, view, dates, today),
        ahead=_ahead(days, visit.now),
        weeks=month_cells(visit, line, days, names) if view == "month" else (),
        week=week_rows(visit, line, days, names, roster) if view == "week" else None,
        weekdays=[visit.formats.weekday(each, short=False) for each in grid.week_of(day)],
        undo=offered(visit, {each.id: each.name for each in found.staff.values()}),
    )


def chosen_line(visit: Visit) -> Line:
    """The line that is asked for, or the first there is. Raises `PageError` for one that isn't ours."""
    name = visit.asked("line")
    return visit.site.line(name) if name else next(iter(visit.site.lines.values()))


def asked_day(visit: Visit, today: date) -> date:
    """The day that is asked for; today if that is none, or out of all reason."""
    try:
        day = date.fromisoformat(visit.asked("day"))
    except ValueError:
        return today
    return day if day.year in YEARS[1:-1] else today


@dataclass(frozen=True, slots=True)
class Bar:
    """Where the calendar's buttons lead: lines (address, name, is it this one), views, and days."""

    lines: tuple[tuple[str, str, bool], ...]
    month: str
    week: str
    before: str
    today: str
    after: str
    gaps: str


def _toolbar(visit: Visit, line: Line, view: View, dates: Sequence[date], today: date) -> Bar:
    first = dates[0]
    # A week that another month shares keeps the month that most of it lies in.
    day = first if view == "month" else dates[3]
    before, after = (
        (grid.beside(first, -1), grid.beside(first, 1))
        if view == "month"
        else (date.fromordinal(first.toordinal() - 7), date.fromordinal(first.toordinal() + 7))
    )
    here = today if today in dates else day

    def to(day: date, view: str = view, name: str = line.name) -> str:
        return visit.url("rota_calendar", line=name, view=view, day=day.isoformat())

    return Bar(
        tuple(
            (to(day, name=name), each.flow.spoken[visit.language], name == line.name)
            for name, each in visit.site.lines.items()
        ),
        to(here, "month"),
        to(here, "week"),
        to(before),
        visit.url("rota_calendar", line=line.name, view=view),
        to(after),
        visit.url("rota_gaps", line=line.name),
    )


def _title(visit: Visit, view: View, dates: Sequence[date]) -> str:
    if view == "month":
        text = visit.formats.month(dates[0])
        return text[0].upper() + text[1:]
    first, last = (visit.formats.date(day, year=day is dates[-1]) for day in (dates[0], dates[-1]))
    return f"{first} \u2013 {last}"


def _ahead(days: Sequence[grid.Day], now: int) -> tuple[int, int]:
    """How many gaps are still to be filled in what is shown, and on how many days cover is weak."""
    kinds = [[i.kind for i in day.items if i.end > now] for day in days]
    return sum(each.count("gap") for each in kinds), sum("weak" in each for each in kinds)
