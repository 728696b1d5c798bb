"""What psychologists and coordinators are to be told: written in the transaction that makes it true, sent later.

A notice's state is one of

    wanted    to be sent when it is due; whoever sends it makes it due again first, a while later, lest it be lost
    sent      somebody took it
    failed    nobody did, however often it was tried; or there is nobody to tell
    dropped   it no longer made sense when it was due

`confirmed_at` is when a shift was confirmed by its reminder, and when a gap was seen to be closed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from helpline.store.dialect import InsertOnce
from helpline.store.rota_tables import Notice, RotaEdit
from helpline.store.tables import Shift as ShiftRow
from rota.edit import Difference, Done

WANTED, SENT, FAILED, DROPPED = "wanted", "sent", "failed", "dropped"
REMINDER, MOVED, GAP, UNCONFIRMED, CALLBACKS = "reminder", "moved", "gap", "unconfirmed", "callbacks"
HELP = "help"
TOGETHER_SECONDS = 300
"""Several edits within this time are told together."""
COLUMNS = (
    Notice.id,
    Notice.key,
    Notice.kind,
    Notice.line,
    Notice.person,
    Notice.shift,
    Notice.seq,
    Notice.about,
    Notice.due_at,
    Notice.state,
    Notice.tries,
    Notice.sent_at,
    Notice.confirmed_at,
)

want_once = InsertOnce(Notice)
"""Writes a notice, unless there is one of its key: whether it went in."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A notice as it is stored, `about` is an object in JSON."""

    id: int
    key: str
    kind: str
    line: str
    person: int | None
    shift: int | None
    seq: int | None
    about: str
    due_at: int
    state: str
    tries: int
    sent_at: int | None
    confirmed_at: int | None

    @property
    def told(self) -> Mapping[str, Any]:
        """What `about` holds."""
        found: Mapping[str, Any] = json.loads(self.about or "{}")
        return found


def new(kind: str, key: str, line: str, due_at: int, **values: object) -> dict[str, object]:
    """The row of a notice; `about` may be anything that JSON holds."""
    about = json.dumps(values.pop("about", {}))
    row = {"person": None, "shift": None, "seq": None} | values
    return {"key": key, "kind": kind, "line": line, "about": about, "due_at": due_at, "state": WANTED} | row


def read(connection: Connection, *where: ColumnElement[bool]) -> list[Wanted]:
    """The notices of which all this is true, by when they are due."""
    wanted = select(*COLUMNS).where(*where).order_by(Notice.due_at, Notice.id)
    return [Wanted(**row) for row in connection.execute(wanted).mappings()]


def moved(tx: Connection, edit: int, done: Done, differences: Iterable[Difference], now: int) -> None:
    """Everybody who is on call otherwise by published shifts that an edit made, took or shortened hears of it, once.

    Not whoever made the edit themselves. What they hear is settled when it is sent: see `helpline.messages.moves`.
    """
    touched = _published(tx, done)
    told: dict[tuple[int, str], dict[str, list[list[int]]]] = {}
    for each in differences:
        start = max(each.start, now)
        for side, people in (("gone", each.gone), ("come", each.come)):
            for person in people:
                if any(
                    start < to and since < each.end for since, to in touched.get((person, each.line, each.tier), ())
                ):
                    about = told.setdefault((person, each.line), {"gone": [], "come": []})
                    about[side].append([each.tier, start, each.end])
    if not told:
        return
    actor = tx.execute(select(RotaEdit.actor).where(RotaEdit.id == edit)).scalar()
    for (person, line), about in sorted(told.items()):
        if actor != f"person:{person}":
            key = f"moved:{edit}:{person}:{line}"
            due = now + TOGETHER_SECONDS
            want_once(tx, new(MOVED, key, line, due, person=person, about={"edit": edit, **about}))


def _published(tx: Connection, done: Done) -> Mapping[tuple[int, str, int], Sequence[tuple[int, int]]]:
    """By person, line and tier, the stretches of published shifts that the edit made, took or cut off."""
    found: dict[tuple[int, str, int], list[tuple[int, int]]] = {}
    for shift in (*done.cancelled, *done.added):
        if shift.person is not None and shift.status == "published":
            found.setdefault((shift.person, shift.line, shift.tier), []).append((shift.start, shift.end))
    cuts = {cut.shift: (cut.end, cut.was) for cut in done.shortened}
    if cuts:
        columns = (ShiftRow.id, ShiftRow.person, ShiftRow.line, ShiftRow.tier)
        published = (ShiftRow.id.in_(cuts), ShiftRow.status == "published", ShiftRow.person.is_not(None))
        for row in tx.execute(select(*columns).where(*published)):
            found.setdefault((row.person, row.line, row.tier), []).append(cuts[row.id])
    return found
