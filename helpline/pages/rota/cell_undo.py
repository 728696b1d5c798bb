"""Where an edit of the calendar leads to, and how it is taken back there: one button, once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from flask import redirect
from sqlalchemy import Connection, Row, select
from werkzeug.wrappers import Response as Redirect

from helpline.errors import UsageError
from helpline.pages.numbers import row_number
from helpline.pages.rota.outcomes import difference, reasons
from helpline.pages.rota.steps import Act
from helpline.pages.routes import COORDINATOR, Route
from helpline.pages.site import PageError, Site, Visit, gone
from helpline.shifts.editing import undo_edit
from helpline.store.rota_tables import RotaEdit
from rota.edit import Difference
from rota.model import RotaError
from rota.staff import HOUR

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

OFFERED = HOUR
"""Seconds for which it is offered here; afterwards the audit has it."""
AGAIN = 600
"""Seconds within which the same form is the same wish, sent twice."""
BACKS: Mapping[str, tuple[str, str]] = {
    "": ("rota_calendar", "month"),
    "week": ("rota_calendar", "week"),
    "now": ("rota_now", ""),
    "gaps": ("rota_gaps", ""),
}
"""Where somebody came from, as addresses and forms name it -> the page, and how it is looked at."""
Names = Mapping[int, str]


def routes(_site: Site) -> tuple[Route, ...]:
    """`/rota/cell/undo`."""
    return (Route("/rota/cell/undo", "rota_cell_undo", undo, COORDINATOR, "POST"),)


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody came from: a page, and what of it they saw."""

    back: str
    line: str
    day: str

    @classmethod
    def of(cls, back: str, line: str, day: date) -> Place:
        """A place by a word of an address, whatever that says."""
        return cls(back if back in BACKS else "", line, day.isoformat())

    def url(self, visit: Visit, **more: object) -> str:
        """Its address."""
        endpoint, view = BACKS[self.back]
        if endpoint == "rota_now":
            return visit.url(endpoint, **more)
        day = self.day if endpoint == "rota_calendar" else ""
        return visit.url(endpoint, line=self.line, view=view, day=day, **more)

    def lead(self, visit: Visit, done: str, edit: int | None = None) -> Redirect:
        """Leads there, where `done` is said and `edit` can be taken back."""
        return redirect(self.url(visit, done=done, undo=edit), 303)


@dataclass(frozen=True, slots=True)
class Offered:
    """An edit that can be taken back: its number, and what it was in words ("" where there are none)."""

    edit: int
    words: str


def offered(visit: Visit, names: Names) -> Offered | None:
    """The edit that the address names, if it is theirs, new, and stands."""
    number = row_number(visit.asked("undo"))
    if number is None:
        return None
    with visit.site.store.read() as connection:
        row = _own(visit, connection, number)
    if row is None or row.undone_by is not None:
        return None
    return Offered(row.id, _words(visit, json.loads(row.about), names))


def undo(visit: Visit) -> ResponseReturnValue:
    """Takes back what whoever looks has just done, once however often it is tapped, and leads back."""
    number, line = row_number(visit.field("edit")), visit.site.line(visit.field("line"))
    try:
        day = date.fromisoformat(visit.field("day"))
    except ValueError:
        day = line.local(visit.now).date()
    place = Place.of(visit.field("back"), line.name, day)
    if number is None:
        raise PageError(400, "error-form")
    with visit.site.store.read() as connection:
        row = _own(visit, connection, number)
    if row is None:
        gone()
    if row.undone_by is None:
        try:
            undo_edit(visit.site.desk, number, visit.me.actor, visit.now)
        except (UsageError, RotaError) as error:
            wrong = reasons(visit, error, line=line.name)
            return visit.page("rota/cell_refused.html", 409, reasons=wrong, back=place.url(visit))
    return place.lead(visit, "done-undone")


def repeated(visit: Visit, act: Act[Any]) -> int | None:
    """The edit by which whoever looks has done this already, a moment ago: the same form, sent twice."""
    mine = (RotaEdit.actor == visit.me.actor, RotaEdit.at > visit.now - AGAIN, RotaEdit.kind == act.kind)
    wanted = select(RotaEdit.id, RotaEdit.about).where(*mine, RotaEdit.undone_by.is_(None)).order_by(RotaEdit.id.desc())
    with visit.site.store.read() as connection:
        rows = connection.execute(wanted.limit(20)).all()
    return next((row.id for row in rows if act.mine(json.loads(row.about))), None)


def _own(visit: Visit, connection: Connection, number: int) -> Row[int, str, int | None] | None:
    mine = (RotaEdit.id == number, RotaEdit.actor == visit.me.actor, RotaEdit.at > visit.now - OFFERED)
    return connection.execute(
        select(RotaEdit.id, RotaEdit.about, RotaEdit.undone_by).where(*mine, RotaEdit.kind != "undo")
    ).first()


def _words(visit: Visit, about: Mapping[str, Any], names: Names) -> str:
    if not {"line", "tier", "start", "end", "remove", "add"} <= about.keys():
        return ""
    gone, come = ((each,) if each else () for each in (about["remove"], about["add"]))
    return difference(visit, Difference(about["start"], about["end"], about["line"], about["tier"], gone, come), names)
