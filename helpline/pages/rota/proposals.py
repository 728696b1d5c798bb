"""Proposals: ask for a rota, wait while the worker makes it, compare, accept or delete."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import select

from helpline.errors import UsageError
from helpline.lines import Line
from helpline.pages.rota import proposal_view
from helpline.pages.rota.outcomes import line_name, read_names, reasons, told
from helpline.pages.rota.quarters import Quarter, months, read_quarters, suggested
from helpline.pages.rota.steps import Act, Done, Refused, Shown, mark_of, take
from helpline.pages.routes import COORDINATOR, Route
from helpline.pages.site import PageError, Site, Visit, gone
from helpline.shifts import asking
from helpline.shifts.asking import Asked
from helpline.shifts.editing import Outcome, undo_edit
from helpline.shifts.fairness import quarter
from helpline.shifts.proposals import Proposed, apply, read_proposal
from helpline.shifts.proposing import NothingToProposeError, Order, read_task
from helpline.store.beats import is_fresh
from helpline.store.rota_tables import Proposal, RotaEdit
from rota.generate.building import Mode
from rota.model import Span

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

KINDS: tuple[tuple[str, str], ...] = (("fill", "kind-fill"), ("replace", "kind-replace"), ("repair", "kind-repair"))
"""What can be asked for -> how it is said."""
NAMES: dict[str, str] = {"fill": "kind-name-fill", "replace": "kind-name-replace", "repair": "kind-name-repair"}
"""The same in a word."""
WHY: dict[str, str] = {
    "nobody": "why-nobody",
    "seats": "why-seats",
    "over": "why-over",
    "long": "why-over",
    "whole": "why-whole",
    "full": "why-full",
    "line": "why-line",
    "died": "why-died",
}
"""Why one can't be made -> how it is said."""
STATES: dict[str, tuple[str, str]] = {
    "wanted": ("plain", "proposal-wanted"),
    "making": ("plain", "proposal-making"),
    "failed": ("bad", "proposal-failed"),
    "open": ("warn", "proposal-open"),
    "applied": ("good", "proposal-applied"),
}
"""A badge for each state."""
WORKER = "work"
"""Who makes them, as its heartbeat is called (`helpline.worker.NAME`)."""
FAR = 1 << 62
"""No proposal has this number, and no database takes one of any length."""
SHOWN = 40
"""Proposals in the list."""


def routes(_site: Site) -> tuple[Route, ...]:
    """The list with its form, one proposal, and what is done with it."""
    one = "/rota/proposals/<int:number>"
    return (
        Route("/rota/proposals", "plan_proposals", listed, COORDINATOR),
        Route("/rota/proposals", "plan_propose", ask, COORDINATOR, "POST"),
        Route(one, "plan_proposal", shown, COORDINATOR),
        Route(f"{one}/accept", "plan_proposal_accept", accept, COORDINATOR, "POST"),
        Route(f"{one}/undo", "plan_proposal_undo", undo, COORDINATOR, "POST"),
        Route(f"{one}/delete", "plan_proposal_delete", delete, COORDINATOR, "POST"),
    )


@dataclass(frozen=True, slots=True)
class Listed:
    """A proposal in the list."""

    url: str
    title: str
    made: str
    kind: str
    badge: tuple[str, str]


def listed(visit: Visit) -> ResponseReturnValue:
    """What was proposed, and the form that asks for more."""
    return _list(visit, _line(visit, visit.asked("line")), visit.asked("quarter"), "fill", {})


def ask(visit: Visit) -> ResponseReturnValue:
    """Wants a proposal. What can be seen not to work is said at once."""
    site, line, kind, name = visit.site, _line(visit, visit.field("line")), visit.field("kind"), visit.field("quarter")
    if kind not in dict(KINDS):
        raise PageError(400, "error-form")
    try:
        span = quarter(name, line)
    except UsageError as error:
        raise PageError(400, "error-form") from error
    order = Order(line, span, cast("Mode", kind), lambda _: True, time.monotonic)
    try:
        with site.store.read() as connection:
            read_task(connection, site.desk, order, visit.now)
    except NothingToProposeError as error:
        return _list(visit, line, name, kind, {"quarter": visit.say(WHY[error.why])})
    with site.store.durable() as tx:
        number = asking.ask(tx, line.name, span, kind, visit.me.actor, visit.now)
    return visit.to("plan_proposal", number=number)


def shown(visit: Visit, number: int) -> ResponseReturnValue:
    """One: still being made, or what it comes to."""
    if number >= FAR:
        gone()
    with visit.site.store.read() as connection:
        asked = asking.read_asked(connection, number)
    if asked is not None:
        return _waiting(visit, asked)
    proposed, line = _proposed(visit, number)
    return visit.page(
        "rota/proposal.html",
        title=_title(visit, line, proposed),
        number=number,
        badge=STATES[proposed.state],
        kind=dict(KINDS)[proposed.kind],
        over=proposed.window.end <= visit.now,
        state=proposed.state,
        edit=proposed.edit,
        ever=proposed.edit is not None,
        view=proposal_view.view(visit, line, proposed, read_names(visit), visit.asked("week")),
    )


def accept(visit: Visit, number: int) -> ResponseReturnValue:
    """What the rota would be by it, then: the rota is that."""
    act = Act(
        "proposal",
        lambda desk, dry: apply(desk, number, visit.me.actor, visit.now, dry=dry),
        lambda outcome: mark_of(outcome, visit.now),
        lambda about: about.get("proposal") == number,
    )
    return _step(visit, number, act, "proposal-accept")


def undo(visit: Visit, number: int) -> ResponseReturnValue:
    """What it would be without it, then: it is taken back."""
    proposed, _ = _proposed(visit, number)
    edit = proposed.edit
    if edit is None:
        return visit.to("plan_proposal", number=number)
    act = Act(
        "undo",
        lambda desk, dry: undo_edit(desk, edit, visit.me.actor, visit.now, dry=dry),
        lambda outcome: mark_of(outcome, visit.now),
        lambda about: about.get("edit") == edit,
    )
    return _step(visit, number, act, "proposal-undo")


def delete(visit: Visit, number: int) -> ResponseReturnValue:
    """Nobody wants it: one that is being made stops. What was ever applied stays."""
    if number >= FAR:
        gone()
    try:
        with visit.site.store.durable() as tx:
            asking.withdraw(tx, number)
    except UsageError:
        return visit.to("plan_proposal", number=number)
    return visit.to("plan_proposals", done="done-proposal-deleted")


def _step(visit: Visit, number: int, act: Act[Outcome], key: str) -> ResponseReturnValue:
    proposed, line = _proposed(visit, number)
    taken = take(visit, act)
    if isinstance(taken, Done):
        done = {"proposal-accept": "done-proposal-accept", "proposal-undo": "done-proposal-undo"}[key]
        return visit.to("plan_proposal", number=number, done=done)
    step = taken if isinstance(taken, Shown) else None
    return visit.page(
        "rota/proposal_step.html",
        step.status if step else 409,
        title=_title(visit, line, proposed),
        number=number,
        action={"proposal-accept": "plan_proposal_accept", "proposal-undo": "plan_proposal_undo"}[key],
        key=key,
        step=step,
        why=reasons(visit, taken.error, line=line.name) if isinstance(taken, Refused) else [],
        told=told(visit, step.result) if step else None,
        begun=sum(place.start < visit.now for place in proposed.body.seats),
    )


def _waiting(visit: Visit, asked: Asked) -> ResponseReturnValue:
    line = visit.site.line(asked.line)
    return visit.page(
        "rota/proposal_waiting.html",
        title=_title(visit, line, asked),
        number=asked.number,
        badge=STATES[asked.state],
        why=WHY.get(asked.why, "why-died") if asked.state == asking.FAILED else "",
        line=line.name,
        asleep=not is_fresh(visit.site.store, WORKER, visit.now),
    )


def _list(
    visit: Visit, line: Line, chosen: str, kind: str, wrong: dict[str, str], status: int = 200
) -> ResponseReturnValue:
    site = visit.site
    with site.store.read() as connection:
        quarters = read_quarters(connection, line, visit.now)
        rows = connection.execute(
            select(
                Proposal.id,
                Proposal.line,
                Proposal.starts_at,
                Proposal.ends_at,
                Proposal.kind,
                Proposal.state,
                Proposal.at,
                RotaEdit.undone_by,
            )
            .outerjoin(RotaEdit, RotaEdit.id == Proposal.edit)
            .where(Proposal.line == line.name)
            .order_by(Proposal.id.desc())
            .limit(SHOWN)
        ).all()
    known = {each.name for each in quarters}
    return visit.page(
        "rota/proposals.html",
        400 if wrong else status,
        lines=[(name, line_name(visit, name), name == line.name) for name in site.lines],
        line=line.name,
        quarters=[(each.name, _offer(visit, each)) for each in quarters],
        quarter=chosen if chosen in known else suggested(quarters).name,
        kinds=[(code, visit.say(key)) for code, key in KINDS],
        kind=kind,
        wrong=wrong,
        proposals=[_listed(visit, line, row) for row in rows],
    )


def _listed(visit: Visit, line: Line, row: Any) -> Listed:  # noqa: ANN401 - a row of several columns
    state = "open" if row.state == "applied" and row.undone_by is not None else row.state
    return Listed(
        visit.url("plan_proposal", number=row.id),
        _span(visit, line, Span(row.starts_at, row.ends_at)),
        visit.formats.day(row.at, line.zone, year=True),
        NAMES.get(row.kind, "kind-name-fill"),
        STATES[state],
    )


def _offer(visit: Visit, each: Quarter) -> str:
    values = {"months": months(visit.formats, each.first), "held": each.held, "seats": each.seats}
    return visit.say("quarter-offer", **values)


def _title(visit: Visit, line: Line, what: Proposed | Asked) -> str:
    values = {"n": what.number, "line": line_name(visit, line.name), "when": _span(visit, line, what.window)}
    return visit.say("proposal-title", **values)


def _span(visit: Visit, line: Line, span: Span) -> str:
    """The months of a whole quarter, or of what is left of it; else its days."""
    first, last = line.local(span.start).date(), line.local(span.end - 1).date()
    begins = first.replace(day=1, month=3 * ((first.month - 1) // 3) + 1)
    if (last + timedelta(days=1)).day == 1 and (last.year, last.month) == (begins.year, begins.month + 2):
        return months(visit.formats, begins)
    return visit.say("when-days", first=visit.formats.date(first, year=True), last=visit.formats.date(last, year=True))


def _proposed(visit: Visit, number: int) -> tuple[Proposed, Line]:
    if number >= FAR:
        gone()
    try:
        with visit.site.store.read() as connection:
            found = read_proposal(connection, number)
    except UsageError:
        gone()
    return found, visit.site.line(found.line)


def _line(visit: Visit, name: str) -> Line:
    return visit.site.line(name or next(iter(visit.site.lines)))
