"""The coordinators' table of contents: everything that makes the rota, each with what is going on in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import current_app
from sqlalchemy import Connection, func, select
from sqlalchemy.sql.elements import ColumnElement

from helpline.messages.notices import FAILED, GAP
from helpline.pages.rota import (
    absences,
    alarms,
    audit,
    fairness,
    off,
    overrides,
    rotation_ending,
    rotations,
    rules,
    swaps,
)
from helpline.pages.routes import COORDINATOR, SITE, Route
from helpline.pages.site import Site, Visit
from helpline.store.rota_tables import Absence, CoverageRule, Notice, Override, Proposal, RotaEdit, Rotation, Swap
from helpline.store.tables import Base
from helpline.store.tables import Shift as ShiftRow
from rota.staff import DAY

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

SEATS = 30 * DAY
"""Seconds from now in which open seats are counted."""
WEEK = 7 * DAY


AREA = (absences, overrides, off, rotations, rotation_ending, rules, swaps, audit, fairness, alarms)
"""The pages of planning, a module each."""


def routes(site: Site) -> tuple[Route, ...]:
    """This page, and all those that it leads to."""
    home = Route("/rota/planning", "plan_home", page, COORDINATOR)
    return (home, *(route for module in AREA for route in module.routes(site)))


@dataclass(frozen=True, slots=True)
class Card:
    """One page of planning: its address, its name, what is going on; `badge` where something waits."""

    url: str
    title: str
    state: str
    badge: str


@dataclass(frozen=True, slots=True)
class Counts:
    """What is going on now."""

    away: int
    absences: int
    overrides: int
    rotations: int
    rules: int
    accepted: int
    offered: int
    seats: int
    proposals: int
    failed: int
    open_gaps: int
    edits: int


def page(visit: Visit) -> ResponseReturnValue:
    """What waits for the coordinator first, then everything else in the order in which a rota comes about."""
    with visit.site.store.read() as connection:
        counts = read_counts(connection, visit.now)
    found = [card for card in cards(visit, counts) if card is not None]
    return visit.page("rota/planning.html", cards=found)


def read_counts(connection: Connection, now: int) -> Counts:
    """All of it in one query."""

    def count(table: type[Base], *where: ColumnElement[bool]) -> ColumnElement[int]:
        return select(func.count()).select_from(table).where(*where).scalar_subquery()

    counts = {
        "away": count(Absence, Absence.starts_at <= now, Absence.ends_at > now, Absence.hard.is_(True)),
        "absences": count(Absence, Absence.ends_at > now),
        "overrides": count(Override, Override.ends_at > now),
        "rotations": count(Rotation, Rotation.until.is_(None)),
        "rules": count(CoverageRule, CoverageRule.until.is_(None)),
        "accepted": count(Swap, Swap.state == "accepted"),
        "offered": count(Swap, Swap.state == "offered"),
        "seats": count(
            ShiftRow,
            ShiftRow.person.is_(None),
            ShiftRow.status != "cancelled",
            ShiftRow.ends_at > now,
            ShiftRow.starts_at < now + SEATS,
        ),
        "proposals": count(Proposal, Proposal.state == "open", Proposal.ends_at > now),
        "failed": count(Notice, Notice.person.is_(None), Notice.state == FAILED, Notice.due_at > now - WEEK),
        "open_gaps": count(Notice, Notice.kind == GAP, Notice.confirmed_at.is_(None), Notice.due_at > now - 2 * WEEK),
        "edits": count(RotaEdit, RotaEdit.at > now - WEEK, RotaEdit.kind != "horizon"),
    }
    return Counts(**connection.execute(select(*(query.label(name) for name, query in counts.items()))).mappings().one())


def cards(visit: Visit, n: Counts) -> list[Card | None]:
    """The cards, those of pages that aren't there left out."""
    say = visit.say
    now = next(iter(visit.site.lines.values())).local(visit.now)
    quarter = fairness.in_words(visit, f"{now.year}-Q{(now.month + 2) // 3}")
    waiting = "warn" if n.accepted or n.seats else ""
    return [
        _card(visit, "plan_swaps", "swaps-title", say("plan-swaps", n=n.accepted, m=n.offered, seats=n.seats), waiting),
        _card(visit, "plan_absences", "absences-title", say("plan-absences", n=n.away, m=n.absences)),
        _card(visit, "plan_overrides", "overrides-title", say("plan-overrides", n=n.overrides)),
        _card(visit, "plan_alarms", "alarms-title", say("plan-alarms", n=n.open_gaps), "bad" if n.failed else ""),
        _card(visit, "plan_fairness", "fairness-title", quarter),
        _card(visit, "plan_rotations", "rotations-title", say("plan-rotations", n=n.rotations)),
        _card(visit, "plan_rules", "rules-title", say("plan-rules", n=n.rules)),
        _card(visit, "plan_proposals", "plan-proposals-title", say("plan-proposals", n=n.proposals)),
        _card(visit, "plan_tables", "plan-tables-title", ""),
        _card(visit, "plan_audit", "audit-title", say("plan-audit", n=n.edits)),
    ]


def _card(visit: Visit, endpoint: str, title: str, state: str, badge: str = "") -> Card | None:
    if f"{SITE}.{endpoint}" not in current_app.view_functions:
        return None
    return Card(visit.url(endpoint), visit.say(title), state, badge)
