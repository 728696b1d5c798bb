"""What is missing in the weeks to come, the nearest first, each with who could take it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from helpline.lines import Line
from helpline.pages.formats import local
from helpline.pages.rota import grid
from helpline.pages.rota.calendar import Read
from helpline.pages.rota.cell_forms import Cell, offer
from helpline.pages.rota.cell_seats import Candidate, Seat, look, of_gap, of_shift
from helpline.pages.rota.cell_undo import Place, offered
from helpline.pages.rota.cells import Asked
from helpline.pages.rota.outcomes import lacking, when
from helpline.pages.routes import COORDINATOR, Route
from helpline.pages.site import Site, Visit
from helpline.shifts.rules import Bench, holidays_in, read_rules
from rota.gaps import Gap
from rota.model import Span
from rota.staff import DAY

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

WEEKS = (1, 2, 4, 8)
WEEKS_SHOWN = 4
MOST = 9
"""Gaps that are shown with who could take them, of all lines; of more it is said how many there are."""
MOST_WEAK = 30
OFFERED = 3
"""People for each."""


def routes(_site: Site) -> tuple[Route, ...]:
    """`/rota/gaps`."""
    return (Route("/rota/gaps", "rota_gaps", show_gaps, COORDINATOR),)


@dataclass(frozen=True, slots=True)
class Lacking:
    """Something missing: when, what, where it is mended, and who could take it with what their button's form carries.

    `action` is where that form is sent; "" for weak cover, which is only looked at.
    """

    when: str
    what: str
    url: str
    action: str = ""
    offers: tuple[tuple[Candidate, dict[str, str]], ...] = ()


@dataclass(frozen=True, slots=True)
class OfLine:
    """What a line lacks; `more` gaps aren't shown."""

    name: str
    zone: str
    gaps: tuple[Lacking, ...]
    more: int
    weak: tuple[Lacking, ...]
    more_weak: int


def show_gaps(visit: Visit) -> ResponseReturnValue:
    """Of one line, or of all."""
    name, text = visit.asked("line"), visit.asked("weeks")
    lines = [visit.site.line(name)] if name else list(visit.site.lines.values())
    weeks = int(text) if text in map(str, WEEKS) else WEEKS_SHOWN
    span = Span(visit.now, visit.now + weeks * 7 * DAY)
    desk = visit.site.desk
    found = []
    with visit.site.store.read() as connection:
        bench = Bench.read(connection, desk.limits, desk.lines, span)
        for line in lines:
            shifts = [s for s in bench.shifts if s.line == line.name and s.span.overlaps(span)]
            found.append(Read(line, span, shifts, bench.staff, read_rules(connection, line)))
    return visit.page(
        "rota/gaps.html",
        found=[_of_line(visit, each, bench, max(2, MOST // len(found))) for each in found],
        lines=[("", visit.say("gaps-all-lines")), *_named(visit)],
        line=name,
        choices=[(str(n), visit.say("gaps-week") if n == 1 else visit.say("gaps-weeks", n=n)) for n in WEEKS],
        weeks=str(weeks),
        undo=offered(visit, {each.id: each.name for each in bench.staff.values()}),
        day=lines[0].local(visit.now).date().isoformat(),
        first=lines[0].name,
    )


def _named(visit: Visit) -> list[tuple[str, str]]:
    return [(each.name, each.flow.spoken[visit.language]) for each in visit.site.lines.values()]


def _of_line(visit: Visit, found: Read, bench: Bench, most: int) -> OfLine:
    line, missing = found.line, found.gaps(found.roster)
    days = _days(line, found.span)
    shown = grid.build(days, line.zone, found.shifts, missing, holidays_in(line, found.span), visit.now)
    items = [(day.date, i) for day in shown for i in day.items if i.kind == "gap" and i.end > visit.now]
    weak = [gap for gap in missing if not gap.hard]
    return OfLine(
        line.flow.spoken[visit.language],
        line.zone.key,
        tuple(_lacking(visit, found, day, item, missing, bench) for day, item in items[:most]),
        len(items[most:]),
        tuple(_weak(visit, line, gap) for gap in weak[:MOST_WEAK]),
        len(weak[MOST_WEAK:]),
    )


def _days(line: Line, span: Span) -> tuple[date, ...]:
    first, last = (local(at, line.zone).date().toordinal() for at in (span.start, span.end - 1))
    return tuple(date.fromordinal(day) for day in range(first, last + 1))


def _lacking(visit: Visit, found: Read, day: date, item: grid.Item, missing: Sequence[Gap], bench: Bench) -> Lacking:
    """A gap with who could take it: the seat that is open for it, or none."""
    line, place = found.line, Place("gaps", found.line.name, day.isoformat())
    gap = next(g for g in missing if g.hard and g.tier == item.tier and g.overlaps(item))
    shift = next((s for s in found.shifts if s.id == item.shift), None)
    seat: Seat = of_gap(gap, item, visit.now) if shift is None else of_shift(shift, visit.now)
    sight = look(visit, seat, bench)
    if shift is None:
        fields = Asked(item.start, item.end, line, item.tier, gap.skills, "gaps").fields
        cell = Cell(line, item.tier, item, place, seat, visit.url("rota_cell_gap"), fields)
        url = visit.url("rota_cell_gap", back="gaps", **dict(fields))
    else:
        cell = Cell(line, item.tier, item, place, seat, visit.url("rota_cell", shift=shift.id), ())
        url = visit.url("rota_cell", shift=shift.id, back="gaps")
    offers = tuple(offer(cell, sight, each) for each in sight.first[:OFFERED])
    what = lacking(visit, gap)
    return Lacking(when(visit, seat.start, seat.end, line.zone), what, url, cell.action, offers)


def _weak(visit: Visit, line: Line, gap: Gap) -> Lacking:
    fields = Asked(gap.start, gap.end, line, gap.tier, gap.skills, "gaps").fields
    url = visit.url("rota_cell_gap", back="gaps", **dict(fields))
    return Lacking(when(visit, gap.start, gap.end, line.zone), lacking(visit, gap), url)
