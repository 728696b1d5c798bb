"""Who is away when, never why; and who leaves for good. Whoever is away is on call for nobody."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update

from helpline.errors import UsageError
from helpline.shifts.editing import Desk, Edit, Outcome, editing
from helpline.store.rota_tables import Absence as AbsenceRow
from helpline.store.rota_tables import RotaEdit, Rotation, Swap
from helpline.store.tables import Person
from rota.edit import reassign
from rota.model import Span
from rota.staff import DAY, Absence
from rota.swap import OPEN

LONGEST = 3 * 366 * DAY
"""Seconds; an absence of more years has a wrong date."""
FOREVER = 1 << 40
"""After every shift, in UTC seconds."""


@dataclass(frozen=True, slots=True)
class Away:
    """An edit of absences: its outcome, and the absences that it added, as they are kept."""

    outcome: Outcome
    added: tuple[Absence, ...]


def add_absence(
    desk: Desk, person: int, span: Span, actor: str, now: int, *, hard: bool = True, dry: bool = False
) -> Away:
    """This person is away in `span` (UTC seconds), from `now` on; what they hold in it becomes open seats.

    Not `hard`: they would rather not be on call then, and keep what they hold. What an absence of theirs covers
    already is left out. Raises `UsageError` when nothing is left, and when it is over or far too long.
    """
    if span.end <= now:
        raise UsageError("that is over: the past stays as it was")
    if span.seconds > LONGEST:
        raise UsageError(f"nobody is away for {span.seconds // DAY} days: check the dates; who leaves for good, leaves")
    with editing(desk, "absence", actor, now, dry=dry) as edit:
        wanted = Span(max(span.start, now), span.end)
        theirs = [each for each in edit.absences if each.person == person and (each.hard or not hard)]
        pieces = uncovered(wanted, theirs)
        if not pieces:
            numbers = ", ".join(str(each.id) for each in theirs if each.overlaps(wanted))
            raise UsageError(f"{edit.staff[person].name} is away then already (absence {numbers})")
        added = tuple(_insert(edit, person, piece, hard=hard) for piece in pieces)
        edit.look_again()
        if hard:
            for piece in pieces:
                edit.make(reassign(edit.of(person), piece, now, None, "absence"))
        edit.tell({"person": person, "absences": [absence.id for absence in added], "hard": hard})
    return Away(edit.outcome, added)


def _insert(edit: Edit, person: int, piece: Span, *, hard: bool) -> Absence:
    values = {"person": person, "starts_at": piece.start, "ends_at": piece.end, "hard": hard}
    number = edit.tx.execute(insert(AbsenceRow).returning(AbsenceRow.id), values).scalar_one()
    return Absence(piece.start, piece.end, number, person, hard)


def uncovered(span: Span, others: Iterable[Span]) -> tuple[Span, ...]:
    """The parts of a span that lie in none of the others, in order."""
    pieces, at = [], span.start
    for other in sorted((each for each in others if each.overlaps(span)), key=lambda each: each.start):
        if other.start > at:
            pieces.append(Span(at, other.start))
        at = max(at, other.end)
    return (*pieces, Span(at, span.end)) if at < span.end else tuple(pieces)


@dataclass(frozen=True, slots=True)
class Back:
    """An absence that was ended, and the edit that had taken its shifts away, None if there is none."""

    outcome: Outcome
    absence: Absence
    took: int | None


def end_absence(desk: Desk, number: int, actor: str, now: int, *, dry: bool = False) -> Back:
    """This absence is no more: one that has begun ends `now`. No shifts come back by that; undoing `took` does both.

    Raises `UsageError` when there is none of this number, or when it is over.
    """
    with editing(desk, "absence-end", actor, now, dry=dry) as edit:
        absence = next((each for each in edit.absences if each.id == number), None)
        if absence is None or absence.end <= now:
            raise UsageError(
                f"there is no absence {number} to come, or going on: 'helpline rota absence list' has them"
            )
        if absence.start < now:
            edit.tx.execute(update(AbsenceRow).where(AbsenceRow.id == number).values(ends_at=now))
        else:
            edit.tx.execute(delete(AbsenceRow).where(AbsenceRow.id == number))
        edit.look_again()
        edit.tell({"person": absence.person, "absences": [number], "hard": absence.hard})
        rows = edit.tx.execute(
            select(RotaEdit.id, RotaEdit.about)
            .where(RotaEdit.kind.in_(("absence", "import")), RotaEdit.undone_by.is_(None), RotaEdit.done != "{}")
            .order_by(RotaEdit.id.desc())
        )
        took = next((row.id for row in rows if number in json.loads(row.about).get("absences", ())), None)
    return Back(edit.outcome, absence, took)


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody's leaving: its outcome, and the names of the rotations that still count on them."""

    outcome: Outcome
    rotations: tuple[str, ...]


def leave(desk: Desk, person: int, at: int | None, actor: str, now: int, *, dry: bool = False) -> Left:
    """This person is no more to be planned from `at` (UTC seconds) on: what they hold then becomes open seats.

    What they held before stays theirs, and open swaps with them end. With None they stay after all; undoing the edit
    that said they leave gives their shifts back as well. Raises `UsageError` for an instant before `now`.
    """
    if at is not None and at < now:
        raise UsageError("the past stays as it was: let them leave now or later")
    with editing(desk, "leave", actor, now, dry=dry) as edit:
        someone = edit.staff[person]
        if someone.left == at:
            raise UsageError(f"{someone.name} {'stays' if at is None else 'leaves then'} already: nothing to change")
        if someone.left is not None and someone.left <= now and at is not None:
            raise UsageError(f"{someone.name} has left already")
        edit.tx.execute(update(Person).where(Person.id == person).values(left_at=at))
        edit.look_again()
        if at is not None:
            edit.make(reassign(edit.of(person), Span(at, FOREVER), now, None, "leave"))
            _end_swaps(edit, person, at)
        edit.tell({"person": person, "at": at, "was": someone.left})
        rotations = _rotations(edit, person) if at is not None else ()
    return Left(edit.outcome, rotations)


def _end_swaps(edit: Edit, person: int, at: int) -> None:
    """Offers to somebody of shifts after they have left; those of their own shifts end with the shifts."""
    starts = {shift.id: shift.start for shift in edit.shifts}
    rows = edit.tx.execute(select(Swap.id, Swap.shift).where(Swap.taker == person, Swap.state.in_(OPEN)))
    late = [row.id for row in rows if starts.get(row.shift, FOREVER) >= at]
    edit.tx.execute(update(Swap).where(Swap.id.in_(late)).values(state="void"))


def _rotations(edit: Edit, person: int) -> tuple[str, ...]:
    rows = edit.tx.execute(select(Rotation.line, Rotation.name, Rotation.people).where(Rotation.until.is_(None)))
    return tuple(sorted(f"{row.name} ({row.line})" for row in rows if str(person) in row.people.split()))
