"""People and shifts from CSV into the database: both files or nothing.

A file of shifts speaks for its own span: on each line it names, shifts that haven't started and lie in that span are
replaced by the file's. A shift that has started is history and stays.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, delete, insert, select, update

from helpline.errors import UsageError
from helpline.lines import Line
from helpline.settings import ordinary
from helpline.store.around import ROTA
from helpline.store.sessions import Store
from helpline.store.tables import Person, Revision, Shift
from rota.sheet import Problem, TableError
from rota.table import PersonRow, ShiftRow, parse_people, parse_shifts

LONGEST_SHIFT = 8 * 86_400
"""Seconds; a week on call as second line is common, beyond that a date is wrong."""
LONGEST = {"name": 120, "email": 200}
"""Characters that a column holds."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import changed."""

    people_new: int
    people_changed: int
    shifts_new: int
    shifts_removed: int


def import_tables(store: Store, lines: Mapping[str, Line], people_csv: str, shifts_csv: str, now: int) -> Imported:
    """Imports both tables (texts of CSV files) in one transaction.

    Raises `TableError` with every bad row, or `UsageError` when a shift meets one that has already started.
    """
    people = parse_people(people_csv, ordinary)
    _refuse_long(people)
    with store.durable() as tx:
        touch(tx)  # first: another import waits here, and then sees what this one did
        known = set(tx.scalars(select(Person.name)))
        people = _as_known(people, known)
        zones = {name: line.settings.timezone for name, line in lines.items()}
        shifts = parse_shifts(shifts_csv, zones, known | {row.name for row in people}, longest=LONGEST_SHIFT)
        new, changed = save_people(tx, people)
        added, removed = save_shifts(tx, shifts, now)
    return Imported(new, changed, added, removed)


def _refuse_long(rows: Sequence[PersonRow]) -> None:
    problems = [
        Problem(row.row, column, "", f"the {column} is longer than {longest} characters", "shorten it")
        for row in rows
        for column, longest in LONGEST.items()
        if len(getattr(row, column) or "") > longest
    ]
    if problems:
        raise TableError(problems)


def _as_known(rows: Sequence[PersonRow], known: Collection[str]) -> tuple[PersonRow, ...]:
    """The rows with each name as it is stored: another spelling is the same person, as within one file."""
    stored = {_same(name): name for name in known}
    return tuple(replace(row, name=stored.get(_same(row.name), row.name)) for row in rows)


def _same(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def touch(tx: Connection) -> None:
    """The rota has changed: serving processes read it anew."""
    tx.execute(update(Revision).where(Revision.name == ROTA).values(n=Revision.n + 1))


def save_people(tx: Connection, rows: Sequence[PersonRow]) -> tuple[int, int]:
    """Adds or changes people by name; how many are new, and how many were changed."""
    held = {row.name: row for row in tx.execute(select(Person.name, Person.phone, Person.languages, Person.email))}
    new = changed = 0
    for row in rows:
        values = {"phone": row.phone, "languages": " ".join(row.languages), "email": row.email or ""}
        before = held.get(row.name)
        if before is None:
            tx.execute(insert(Person).values(name=row.name, link_version=0, **values))
            new += 1
        elif {key: getattr(before, key) for key in values} != values:
            tx.execute(update(Person).where(Person.name == row.name).values(**values))
            changed += 1
    return new, changed


def save_shifts(tx: Connection, rows: Sequence[ShiftRow], now: int) -> tuple[int, int]:
    """Replaces each line's future shifts in the rows' span; how many were added, and how many removed."""
    ids = {row.name: row.id for row in tx.execute(select(Person.id, Person.name))}
    added = removed = 0
    for line in sorted({row.line for row in rows}):
        mine = [row for row in rows if row.line == line]
        start, end = min(row.start for row in mine), max(row.end for row in mine)
        gone = delete(Shift).where(
            Shift.line == line, Shift.starts_at > now, Shift.starts_at >= start, Shift.ends_at <= end
        )
        removed += tx.execute(gone).rowcount
        fresh = _without_started(tx, line, mine, ids)
        if fresh:
            tx.execute(insert(Shift), fresh)
        added += len(fresh)
    return added, removed


def _without_started(
    tx: Connection, line: str, rows: Sequence[ShiftRow], ids: Mapping[str, int]
) -> list[dict[str, object]]:
    """The rows to insert: those that stand already are left out, those that contradict what stands are refused."""
    start, end = min(row.start for row in rows), max(row.end for row in rows)
    standing = tx.execute(
        select(Shift.tier, Shift.person, Shift.starts_at, Shift.ends_at).where(
            Shift.line == line, Shift.starts_at < end, Shift.ends_at > start
        )
    ).all()
    same = {(row.tier, row.person, row.starts_at, row.ends_at) for row in standing}
    fresh: list[dict[str, object]] = []
    for row in rows:
        person = ids[row.person]
        if (row.tier, person, row.start, row.end) in same:
            continue
        if any(old.person == person and old.starts_at < row.end and row.start < old.ends_at for old in standing):
            raise UsageError(
                f"row {row.row}: {row.person} already has another shift on {line} at that time, which has begun or "
                "reaches beyond this file; let the row begin where that shift ends"
            )
        fresh.append(
            {
                "line": line,
                "tier": row.tier,
                "person": person,
                "starts_at": row.start,
                "ends_at": row.end,
                "source": "import",
            }
        )
    return fresh
