"""The people of a table into the database: new ones are added, known ones changed, nobody removed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, insert, select, update

from helpline.store.tables import Person
from rota.cells import same
from rota.sheet import Problem, TableError
from rota.table import KEPT, Kept, PersonRow

LONGEST = {"name": 120, "email": 200}
"""Characters that a column holds."""
OWN = ("tiers", "share", "region", "rest", "week", "nights")
"""The columns of a person that a table may leave out, and then are kept."""


@dataclass(frozen=True, slots=True)
class Contact:
    """How a person is found: by id, name, phone, and e-mail address ("" for none). `left` as in `rota.staff.Staff`."""

    id: int
    name: str
    phone: str
    email: str
    left: int | None


def read_contacts(connection: Connection) -> dict[str, Contact]:
    """Everybody's, by what two spellings of a name have in common."""
    rows = connection.execute(select(Person.id, Person.name, Person.phone, Person.email, Person.left_at))
    return {same(row.name): Contact(*row) for row in rows}


def refuse_too_long(rows: Sequence[PersonRow]) -> Sequence[PersonRow]:
    """The rows. Raises `TableError` when one doesn't fit into the database."""
    problems = [
        Problem(row.row, column, "", f"the {column} is longer than {longest} characters", "shorten it")
        for row in rows
        for column, longest in LONGEST.items()
        if len(getattr(row, column) or "") > longest
    ]
    if problems:
        raise TableError(problems)
    return rows


def as_known(rows: Sequence[PersonRow], known: Mapping[str, Contact]) -> tuple[PersonRow, ...]:
    """The rows with each name as it is stored: another spelling is the same person, as within one file."""
    return tuple(replace(row, name=known[same(row.name)].name) if same(row.name) in known else row for row in rows)


def refuse_taken(rows: Sequence[PersonRow], known: Mapping[str, Contact], now: int) -> None:
    """Raises `TableError` for a phone that somebody has who isn't in the file, and is here at `now` (UTC seconds)."""
    listed = {row.name for row in rows}
    taken = {
        contact.phone: contact.name
        for contact in known.values()
        if contact.name not in listed and (contact.left is None or contact.left > now)
    }
    problems = [
        Problem(row.row, "phone", "", f"{taken[row.phone]} has this phone", "correct it, or give them another first")
        for row in rows
        if row.phone in taken
    ]
    if problems:
        raise TableError(problems)


def save_people(tx: Connection, rows: Sequence[PersonRow], now: int | None = None) -> tuple[int, int]:
    """Adds or changes people by name; how many are new, and how many were changed.

    New ones are here since `now` (UTC seconds); those of the first table, and where no time is given, were before.
    """
    columns = Person.__table__.c
    held = {row.name: row for row in tx.execute(select(*columns))}
    new = changed = 0
    for row in rows:
        values = _values(row)
        before = held.get(row.name)
        if before is None:
            tx.execute(insert(Person).values(name=row.name, link_version=0, joined_at=now if held else None, **values))
            new += 1
        elif {key: getattr(before, key) for key in values} != values:
            tx.execute(update(Person).where(Person.name == row.name).values(**values))
            changed += 1
    return new, changed


def _values(row: PersonRow) -> dict[str, object]:
    """What the row says, as it is stored."""
    values: dict[str, object] = {"phone": row.phone, "languages": " ".join(row.languages)}
    if row.email is not None:
        values["email"] = row.email
    values |= {name: getattr(row, name) for name in OWN if getattr(row, name) != KEPT}
    if not isinstance(row.tiers, Kept):
        values["tiers"] = " ".join(map(str, row.tiers))
    return values
