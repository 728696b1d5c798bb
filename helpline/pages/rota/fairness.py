"""Who has had how much in a quarter, beside what would have been their share; also as a table to download."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from babel.dates import format_date
from flask import Response

from helpline.lines import Line
from helpline.pages.rota.outcomes import line_name
from helpline.pages.rota.picking import alphabetical
from helpline.pages.routes import COORDINATOR, Route
from helpline.pages.site import Site, Visit, gone
from helpline.shifts.exporting import Cell, Table
from helpline.shifts.fairness import quarter, read_standings
from helpline.shifts.reading import read_staff
from rota.fairness import MEASURES, ONE, Standing
from rota.model import Span
from rota.staff import DAY, Staff

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

SHOWN = ("shift", "night", "weekend", "holiday", "hours")
HEADS: Mapping[str, str] = {
    "shift": "fair-shifts",
    "night": "fair-nights",
    "weekend": "fair-weekends",
    "holiday": "fair-holidays",
    "hours": "fair-hours",
}
ENOUGH: Mapping[str, int] = {"hours": 12 * ONE}
"""From how much more or less than a share on it is said in a word, in hundredths; one and a half of what isn't here."""
MUCH = 3 * ONE // 2
NAME = re.compile(r"20\d\d-Q[1-4]")


def routes(_site: Site) -> tuple[Route, ...]:
    """The table, and its download: whoever takes data away has just proved that it is them."""
    return (
        Route("/rota/fairness", "plan_fairness", page, COORDINATOR),
        Route("/rota/fairness.csv", "plan_fairness_csv", download, COORDINATOR, fresh=True),
    )


@dataclass(frozen=True, slots=True)
class Amount:
    """How much of one measure somebody held, by how much that is beyond their share, and a word where it is much."""

    held: str
    beyond: str
    word: str
    badge: str


@dataclass(frozen=True, slots=True)
class Row:
    """One person's: `part` is their full-time share, `before` what they were ahead by when the quarter began."""

    name: str
    part: str
    cells: tuple[Amount, ...]
    before: str


def page(visit: Visit) -> ResponseReturnValue:
    """One line's quarter, this one if the address names none."""
    line = _line(visit)
    name = _quarter(visit, line)
    span = quarter(name, line)
    found = rows(visit, *_read(visit, line, span))
    return visit.page(
        "rota/fairness.html",
        lines=[(each, line_name(visit, each)) for each in visit.site.lines] if len(visit.site.lines) > 1 else [],
        line=line.name,
        quarter=name,
        title=in_words(visit, name),
        earlier=step(name, -1),
        later=step(name, 1) if span.start < visit.now + 180 * DAY else "",
        going_on=visit.now < span.end,
        heads=[visit.say(HEADS[measure]) for measure in SHOWN],
        rows=found,
        carried=any(row.before for row in found),
    )


def download(visit: Visit) -> ResponseReturnValue:
    """The same as CSV, every measure in full: held, share, in shifts, hours and points."""
    line = _line(visit)
    name = _quarter(visit, line)
    standings, staff = _read(visit, line, quarter(name, line))
    columns = ["person", "full_time", *(f"{measure}_{what}" for measure in MEASURES for what in ("held", "share"))]
    found: list[list[Cell]] = [
        [staff[each.person].name, staff[each.person].share, *_amounts(each)] for each in _by_name(standings, staff)
    ]
    headers = {"Content-Disposition": f'attachment; filename="fairness-{line.name}-{name}.csv"'}
    return Response(Table(columns, found).csv(), content_type="text/csv; charset=utf-8", headers=headers)


def _amounts(each: Standing) -> list[float]:
    return [amounts[measure] / ONE for measure in MEASURES for amounts in (each.held, each.share)]


def _line(visit: Visit) -> Line:
    name = visit.asked("line")
    return visit.site.line(name) if name else next(iter(visit.site.lines.values()))


def _quarter(visit: Visit, line: Line) -> str:
    name = visit.asked("quarter")
    now = line.local(visit.now)
    if name and not NAME.fullmatch(name):
        gone()
    return name or f"{now.year}-Q{(now.month + 2) // 3}"


def step(name: str, by: int) -> str:
    """The quarter before or after, `2026-Q4`."""
    number = int(name[:4]) * 4 + int(name[-1]) - 1 + by
    return f"{number // 4}-Q{number % 4 + 1}"


def in_words(visit: Visit, name: str) -> str:
    """A quarter as its reader calls it."""
    day = date(int(name[:4]), 3 * int(name[-1]) - 2, 1)
    return format_date(day, "QQQQ y", locale="en_GB" if visit.language == "en" else visit.language)


def _read(visit: Visit, line: Line, span: Span) -> tuple[tuple[Standing, ...], Mapping[int, Staff]]:
    desk = visit.site.desk
    with visit.site.store.read() as connection:
        return read_standings(connection, desk, line, span), read_staff(connection, desk.limits)


def _by_name(standings: Iterable[Standing], staff: Mapping[int, Staff]) -> list[Standing]:
    return sorted(standings, key=lambda each: alphabetical(staff[each.person].name))


def rows(visit: Visit, standings: Iterable[Standing], staff: Mapping[int, Staff]) -> list[Row]:
    """A row for each person, by name."""
    found = []
    for each in _by_name(standings, staff):
        person = staff[each.person]
        cells = tuple(_cell(visit, each, measure) for measure in SHOWN)
        ahead = [
            f"{visit.say(HEADS[measure])} {signed(visit, each.debt[measure], 1)}"
            for measure in SHOWN
            if each.debt.get(measure)
        ]
        found.append(Row(person.name, visit.formats.percent(person.share / 100), cells, ", ".join(ahead)))
    return found


def _cell(visit: Visit, each: Standing, measure: str) -> Amount:
    beyond = each.deviation(measure)
    held = visit.formats.number(round(each.held[measure] / ONE))
    much = abs(beyond) >= ENOUGH.get(measure, MUCH)
    word = visit.say("fair-more" if beyond > 0 else "fair-less") if much else ""
    return Amount(held, signed(visit, beyond, 0 if measure == "hours" else 1), word, "warn" if beyond > 0 else "plain")


def signed(visit: Visit, hundredths: int, digits: int) -> str:
    """`+1,5`, with a true minus; `0` for nothing."""
    value = round(hundredths / ONE, digits)
    sign = "+" if value > 0 else "\u2212" if value < 0 else ""
    return sign + visit.formats.number(abs(value) if digits else abs(int(value)))
