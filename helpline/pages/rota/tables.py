"""Tables in: files are looked at first, all of them or nothing. Tables out are in `helpline.pages.rota.exports`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

from helpline.pages.rota import exports, table_words
from helpline.pages.rota.outcomes import reasons, told
from helpline.pages.rota.picking import Typed, chosen_line
from helpline.pages.rota.steps import Act, Done, Shown, mark_of, take
from helpline.pages.rota.table_page import show_page
from helpline.pages.rota.uploads import Upload, open_sealed, read_upload, seal
from helpline.pages.routes import COORDINATOR, Route
from helpline.pages.site import PageError, Site, Visit
from helpline.shifts.importing import Imported, import_tables
from rota.sheet import Problem, TableError

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

BODY = 2_200_000
"""Bytes of a form with files: two megabytes, and what stands around them."""


def routes(_site: Site) -> tuple[Route, ...]:
    """One page, one form for what comes in, one address for each table that goes out."""
    return (
        Route("/rota/tables", "plan_tables", page, COORDINATOR, fresh=True),
        Route("/rota/tables", "plan_tables_import", bring, COORDINATOR, "POST", fresh=True, body=BODY),
        *exports.routes(),
    )


def page(visit: Visit) -> ResponseReturnValue:
    """Tables in, tables out."""
    return show_page(visit, Typed({}))


def bring(visit: Visit) -> ResponseReturnValue:
    """Shows what the files come to, then does it."""
    typed = Typed({name: visit.field(name) for name in ("line", "tier", "take_off")})
    try:
        upload = _upload(visit, typed)
    except TableError as error:
        return _wrong(visit, typed, error.problems)
    if upload.fault:
        typed.wrong["files"] = visit.say(upload.fault)
        return show_page(visit, typed)
    actor, now = visit.me.actor, visit.now
    act = Act(
        "import",
        lambda desk, dry: import_tables(desk, upload.tables, actor, now, dry=dry),
        lambda done: (done.people_new, done.people_changed, done.absences_new, mark_of(done.outcome, now)),
        lambda _about: True,  # theirs, since the page was shown: two imports at once nobody has in mind
    )
    step = take(visit, act)
    if isinstance(step, Done):
        return visit.to("plan_tables", done="done-tables", edit=step.edit)
    if isinstance(step, Shown):
        return _preview(visit, step, upload)
    if isinstance(step.error, TableError):
        return _wrong(visit, typed, step.error.problems)
    typed.wrong |= {"": " ".join(reasons(visit, step.error))}
    return show_page(visit, typed)


def _upload(visit: Visit, typed: Typed) -> Upload:
    if request.form.get("sealed"):
        found = open_sealed(visit, request.form["sealed"])
        if found is None:
            raise PageError(400, "error-stale")
        return found
    line = chosen_line(visit, typed["line"]) or next(iter(visit.site.lines.values()))
    tier = int(typed["tier"]) if typed["tier"] in set("123456789") else 1
    return read_upload(line.name, tier, take_off=typed["take_off"] == "yes")


def _wrong(visit: Visit, typed: Typed, found: tuple[Problem, ...]) -> ResponseReturnValue:
    typed.wrong["files"] = visit.say("tables-wrong", n=len(found))
    return show_page(visit, typed, table_words.problems(visit, found))


def _preview(visit: Visit, step: Shown[Imported], upload: Upload) -> ResponseReturnValue:
    done, tables = step.result, upload.tables
    counts = []
    if tables.people is not None:
        counts.append(visit.say("tables-people-come", new=done.people_new, changed=done.people_changed))
    if tables.shifts is not None or tables.calendar is not None:
        counts.append(visit.say("tables-shifts-come", new=done.shifts_new, removed=done.shifts_removed))
    if tables.absences is not None:
        counts.append(visit.say("tables-absences-come", new=done.absences_new))
    names = {person: staff.name for person, staff in done.staff.items()}
    return visit.page(
        "rota/tables_preview.html",
        step.status,
        step=step,
        sealed=seal(visit, upload),
        files=", ".join(upload.names),
        counts=counts,
        notes=table_words.notes(visit, done.notes),
        told=told(visit, done.outcome, names),
    )
