"""What a psychologist's pages read of the rota: shifts by number, the swaps that concern them, everybody's names."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Connection, select

from helpline.shifts.offers import SWAP
from helpline.shifts.overriding import LONGEST_OFF
from helpline.shifts.reading import SHIFT
from helpline.store.rota_tables import RotaEdit
from helpline.store.rota_tables import Swap as SwapRow
from helpline.store.tables import Person
from helpline.store.tables import Shift as ShiftRow
from rota.model import Shift, Status
from rota.swap import OPEN, State, Swap, lapsed


@dataclass(frozen=True, slots=True)
class Offered:
    """A swap that can still come about, the shift it offers, and the one asked for it, if it says which."""

    swap: Swap
    shift: Shift
    back: Shift | None


def read_names(connection: Connection) -> dict[int, str]:
    """Everybody's name by number, also of those who have left."""
    return {row.id: row.name for row in connection.execute(select(Person.id, Person.name))}


def read_chosen(connection: Connection, ids: Collection[int]) -> dict[int, Shift]:
    """The shifts with these numbers that there are, cancelled ones included."""
    rows = connection.execute(select(*SHIFT).where(ShiftRow.id.in_(ids))) if ids else ()
    return {row.id: Shift(*row[:6], cast("Status", row.status), row.seq, row.source, row.rotation) for row in rows}


def read_offered(connection: Connection, now: int) -> list[Offered]:
    """Every swap that can still come about at `now` (UTC seconds), by when its shift begins."""
    rows = connection.execute(select(*SWAP).where(SwapRow.state.in_(OPEN)))
    swaps = [Swap(*row[:5], cast("State", row.state), row.at, row.edit) for row in rows]
    shifts = read_chosen(connection, {number for swap in swaps for number in swap.shifts})
    found = [
        Offered(swap, shifts[swap.shift], shifts.get(swap.back or 0))
        for swap in swaps
        if lapsed(swap, shifts, now) is None
    ]
    return sorted(found, key=lambda each: (each.shift.start, each.swap.id))


def waiting_for(offered: Collection[Offered], person: int) -> list[Offered]:
    """Those that were offered to this person alone, who has still to answer."""
    return [each for each in offered if each.swap.state == "offered" and each.swap.taker == person]


def for_anybody(offered: Collection[Offered], person: int) -> list[Offered]:
    """Those that anybody may take but this person, whose own are left out."""
    return [
        each
        for each in offered
        if each.swap.state == "offered" and each.swap.taker is None and each.swap.giver != person
    ]


def involving(offered: Collection[Offered], person: int) -> dict[int, Offered]:
    """This person's shifts that are in a swap, by number: offered, or promised in return."""
    found: dict[int, Offered] = {}
    for each in offered:
        if each.swap.giver == person:
            found[each.swap.shift] = each
        elif each.swap.taker == person and each.swap.back and each.swap.state == "accepted":
            found[each.swap.back] = each
    return found


@dataclass(frozen=True, slots=True)
class Off:
    """Somebody took themselves off until `until` (UTC seconds), by the edit `edit`."""

    edit: int
    until: int


def read_off(connection: Connection, person: int, now: int) -> Off | None:
    """By which edit this person is off at `now`, at their own wish and for a while; None if they aren't."""
    rows = connection.execute(
        select(RotaEdit.id, RotaEdit.about)
        .where(RotaEdit.kind == "off", RotaEdit.undone_by.is_(None), RotaEdit.at > now - LONGEST_OFF)
        .order_by(RotaEdit.id.desc())
    )
    for row in rows:
        about: Mapping[str, int] = json.loads(row.about)
        if about["person"] == person and about["start"] <= now < about["end"]:
            return Off(row.id, about["end"])
    return None
