"""One person at a time: added, or their details changed. What isn't possible is refused by the field that it is about.

It goes through the rota's one door (`helpline.shifts.editing`): serving processes read it anew, two who edit wait for
each other, and who changed it when is kept. What it was before is not: nobody's number stays in an audit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert, select, update

from helpline.errors import UsageError
from helpline.settings import ordinary
from helpline.shifts.editing import Desk, Edit, Outcome, editing
from helpline.shifts.registering import LONGEST, read_contacts
from helpline.store.account_tables import Account
from helpline.store.tables import Person
from rota.cells import same
from rota.sheet import TableError, write_rows
from rota.table import KEPT, PersonRow, parse_people

COLUMNS = ("name", "phone", "languages", "email", "tiers", "share", "region", "rest_hours", "week", "nights")
"""The fields of a person, as a table of people calls them: what is right in one is right in the other."""


class PersonRefused(UsageError):  # noqa: N818 - it is what was done
    """Details that can't be kept. `faults` is field -> why: wrong, taken, long or gone."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{field}: {why}" for field, why in faults.items()))
        self.faults = faults


def read_details(fields: Mapping[str, str]) -> PersonRow:
    """What was typed into the fields `COLUMNS`. Raises `PersonRefused` naming each that is wrong."""
    given = {name: " ".join(fields.get(name, "").split()) for name in COLUMNS}
    try:
        (row,) = parse_people(write_rows(COLUMNS, [[given[name] for name in COLUMNS]]), ordinary)
    except TableError as error:
        raise PersonRefused({problem.column or "name": "wrong" for problem in error.problems}) from error
    long = {name: "long" for name, longest in LONGEST.items() if len(getattr(row, name) or "") > longest}
    if long:
        raise PersonRefused(long)
    return row


def add(edit: Edit, row: PersonRow) -> int:
    """Adds somebody; their id. Raises `PersonRefused` for a name or a phone that somebody else has."""
    _refuse_taken(edit, row, None)
    values = {**_values(row), "link_version": 0, "joined_at": edit.now}
    number: int = edit.tx.execute(insert(Person).returning(Person.id), values).scalar_one()
    edit.look_again()
    edit.tell({"person": number, "new": True})
    return number


def change(desk: Desk, person: int, row: PersonRow, actor: str, now: int, *, dry: bool = False) -> Outcome:
    """Makes somebody's details these. Raises `PersonRefused`; `EditRefused` for a tier that they hold shifts in.

    Their account goes by the same name.
    """
    with editing(desk, "person", actor, now, about={"person": person, "new": False}, dry=dry) as edit:
        if edit.tx.execute(select(Person.id).where(Person.id == person)).first() is None:
            raise PersonRefused({"name": "gone"})
        _refuse_taken(edit, row, person)
        edit.tx.execute(update(Person).where(Person.id == person).values(**_values(row)))
        edit.tx.execute(update(Account).where(Account.person == person).values(name=row.name))
        edit.look_again()
    return edit.outcome


def _refuse_taken(edit: Edit, row: PersonRow, person: int | None) -> None:
    others = [each for each in read_contacts(edit.tx).values() if each.id != person]
    faults = {}
    if same(row.name) in {same(each.name) for each in others}:
        faults["name"] = "taken"
    if row.phone in {each.phone for each in others if each.left is None or each.left > edit.now}:
        faults["phone"] = "taken"
    if faults:
        raise PersonRefused(faults)


def _values(row: PersonRow) -> dict[str, Any]:
    tiers = () if row.tiers is KEPT else row.tiers
    return {
        "name": row.name,
        "phone": row.phone,
        "languages": " ".join(row.languages),
        "email": row.email or "",
        "tiers": " ".join(map(str, tiers)),  # type: ignore[arg-type] # all columns are given here: none is kept
        "share": row.share,
        "region": row.region,
        "rest": row.rest,
        "week": row.week,
        "nights": row.nights,
    }
