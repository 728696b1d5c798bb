"""Who changed the rota, what and when, month by month; and taking an edit back, shown first."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from flask import Response
from sqlalchemy import Connection, Row, select

from helpline.errors import UsageError
from helpline.pages.formats import local
from helpline.pages.numbers import row_number
from helpline.pages.rota.audit_words import Words, read_words
from helpline.pages.rota.outcomes import reasons, told, zone_of
from helpline.pages.rota.picking import numbered
from helpline.pages.rota.steps import Act, Done, Preview, Refused, Shown, mark_of, rehearse, show, take
from helpline.pages.routes import COORDINATOR, Route
from helpline.pages.site import Site, Visit, gone
from helpline.shifts.editing import Outcome, undo_edit
from helpline.store.rota_tables import RotaEdit
from rota.model import RotaError, Span
from rota.zones import local_to_utc

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

MOST = 60
"""Edits of a month that are shown at once."""
FINAL = frozenset({"absence-end", "person"})
"""Kinds that aren't taken back."""


def routes(_site: Site) -> tuple[Route, ...]:
    """The list, and taking back."""
    return (
        Route("/rota/audit", "plan_audit", listing, COORDINATOR),
        Route("/rota/audit/<int:edit>/undo", "plan_undo", ask_undo, COORDINATOR),
        Route("/rota/audit/<int:edit>/undo", "plan_undo_make", undo, COORDINATOR, "POST"),
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """An edit in words. `undone`: it was taken back; `undoable`: it may be asked for."""

    id: int
    when: str
    who: str
    what: str
    shifts: int
    undone: bool
    undoable: bool


def listing(visit: Visit) -> ResponseReturnValue:
    """The edits of a month, the newest first; `before` is the last that was shown, for the rest of them."""
    zone = zone_of(visit)
    first = _month(visit.asked("month")) or local(visit.now, zone).date().replace(day=1)
    after = (first + timedelta(days=32)).replace(day=1)
    span = Span(*(local_to_utc(datetime.combine(day, time()), zone) for day in (first, after)))
    with visit.site.store.read() as connection:
        rows = _read(connection, span, visit.asked("before"))
        words = read_words(visit, connection, rows[:MOST])
    return visit.page(
        "rota/audit.html",
        month=visit.formats.month(first),
        this=first.strftime("%Y-%m"),
        earlier=(first - timedelta(days=1)).strftime("%Y-%m"),
        later=after.strftime("%Y-%m") if span.end <= visit.now else "",
        entries=[_entry(visit, row, words) for row in rows[:MOST]],
        before=rows[MOST - 1].id if len(rows) > MOST else "",
    )


def _month(text: str) -> date | None:
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        return None
    return found if 2000 < found.year < 2100 else None


def _read(connection: Connection, span: Span, before: str) -> list[Row[Any]]:
    wanted = select(*RotaEdit.__table__.c).where(
        RotaEdit.at >= span.start, RotaEdit.at < span.end, (RotaEdit.kind != "horizon") | (RotaEdit.done != "{}")
    )
    if (older_than := row_number(before)) is not None:
        wanted = wanted.where(RotaEdit.id < older_than)
    return list(connection.execute(wanted.order_by(RotaEdit.id.desc()).limit(MOST + 1)))


def _entry(visit: Visit, row: Row[Any], words: Words) -> Entry:
    done = json.loads(row.done)
    counts = [len(done.get(key, ())) for key in ("added", "cancelled", "shortened")]
    when = f"{visit.formats.day(row.at, zone_of(visit))}, {visit.formats.clock(row.at, zone_of(visit))}"
    undone = row.undone_by is not None
    final = row.kind in FINAL or (row.kind in {"swap", "horizon"} and not any(counts))
    what = words.of(row.kind, json.loads(row.about))
    return Entry(row.id, when, words.actor(row.actor), what, max(counts), undone, not undone and not final)


def _act(visit: Visit, edit: int) -> Act[Outcome]:
    return Act(
        "undo",
        lambda desk, dry: undo_edit(desk, edit, visit.me.actor, visit.now, dry=dry),
        lambda outcome: mark_of(outcome, visit.now),
        lambda about: about.get("edit") == edit,
    )


def ask_undo(visit: Visit, edit: int) -> ResponseReturnValue:
    """What taking it back would come to."""
    try:
        step = rehearse(visit, _act(visit, numbered(edit)))
    except (UsageError, RotaError) as error:
        return visit.page("rota/refused.html", 409, why=reasons(visit, error), leave="plan_audit")
    return _preview(visit, step, edit)


def undo(visit: Visit, edit: int) -> ResponseReturnValue:
    """Takes it back, as was shown."""
    step = take(visit, _act(visit, numbered(edit)))
    match step:
        case Done():
            return visit.to("plan_audit", done="done-taken-back")
        case Refused():
            return visit.page("rota/refused.html", 409, why=reasons(visit, step.error), leave="plan_audit")
    return _preview(visit, step, edit)


def _preview(visit: Visit, step: Shown[Outcome], edit: int) -> Response:
    with visit.site.store.read() as connection:
        row = connection.execute(select(*RotaEdit.__table__.c).where(RotaEdit.id == edit)).first()
        if row is None:
            gone()
        words = read_words(visit, connection, [row])
    return show(
        visit,
        step,
        Preview(
            visit.say("undo-title"),
            words.of(row.kind, json.loads(row.about)),
            visit.url("plan_undo", edit=edit),
            visit.say("undo-do"),
            (),
            "plan_audit",
            told(visit, step.result, words.names),
            notes=(visit.say("undo-note"),),
            back=False,
        ),
    )
