"""Rotations become shifts, 180 days ahead: by a job every day, and in whatever edit changes a rotation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count, groupby
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select, update

from helpline.lines import Line
from helpline.shifts.reading import SHIFT, read_absences, read_shifts, read_staff
from helpline.shifts.versions import read_rotations, take_back
from helpline.store.tables import Shift as ShiftRow
from rota.edit import make
from rota.horizon import Filling, Rota, fill
from rota.model import Shift
from rota.rotation import turns
from rota.staff import Rotation

if TYPE_CHECKING:
    from helpline.shifts.editing import Desk, Edit

DAYS = 180
"""How far ahead there are shifts."""
AT_A_TIME = 500
"""Ids in one statement."""
Name = tuple[str, str]
"""What a rotation is known by: its line, and its own name."""


@dataclass(frozen=True, slots=True)
class Books:
    """Everything that is known of rotations, and of shifts cancelled that stem from one."""

    rotations: tuple[Rotation, ...]
    cancelled: tuple[Shift, ...]


def read_books(connection: Connection, now: int) -> Books:
    """All versions, and the cancelled shifts of them that would not be over at `now` (UTC seconds)."""
    rows = connection.execute(
        select(*SHIFT).where(ShiftRow.ends_at > now, ShiftRow.status == "cancelled", ShiftRow.rotation.is_not(None))
    )
    cancelled = tuple(Shift(*row[:6], "cancelled", row.seq, row.source, row.rotation) for row in rows)
    return Books(tuple(read_rotations(connection)), cancelled)


def is_behind(connection: Connection, desk: Desk, now: int) -> bool:
    """Whether some rotation's shifts aren't what they should be: whether `materialise` would change anything."""
    rota = Rota(read_shifts(connection, now), read_staff(connection, desk.limits), read_absences(connection, now))
    return any(filling.change for _, filling in _fillings(rota, read_books(connection, now), desk.lines, now))


def materialise(edit: Edit) -> Mapping[Name, Filling]:
    """Makes the shifts of every rotation what they should be, and tells of each by line and name.

    What is cancelled here is the rotation's own doing: it is not remembered as taken away by somebody.
    """
    rota = Rota(edit.shifts, edit.staff, edit.absences)
    fillings = dict(_fillings(rota, read_books(edit.tx, edit.now), edit.desk.lines, edit.now))
    for filling in fillings.values():
        if filling.change:
            edit.make(filling.change)
            let_go(edit.tx, (*filling.change.cancel, *filling.settled))
    return fillings


def take_back_versions(edit: Edit, about: Mapping[str, object]) -> None:
    """What an edit that was `about` rotations did to them is undone, as its shifts have been, and the rest follows."""
    if take_back(edit.tx, about, edit.id, lambda line: edit.desk.lines[line].local(edit.now).date()):
        let_go(edit.tx, [shift.id for shift in edit.done.cancelled])
        materialise(edit)


def let_go(tx: Connection, cancelled: Iterable[int]) -> None:
    """These cancelled shifts no longer keep their rotation from filling their place."""
    ids = list(cancelled)
    for first in range(0, len(ids), AT_A_TIME):
        of_them = ShiftRow.id.in_(ids[first : first + AT_A_TIME])
        tx.execute(update(ShiftRow).where(of_them, ShiftRow.status == "cancelled").values(rotation=None))


def _fillings(rota: Rota, books: Books, lines: Mapping[str, Line], now: int) -> Iterator[tuple[Name, Filling]]:
    """Each rotation's, in the order of tiers and names; each sees what those before it make."""
    by_name = {
        key: list(versions)
        for key, versions in groupby(books.rotations, key=lambda version: (version.line, version.name))
    }
    numbers = count(-1, -1)
    for (line, name), versions in sorted(by_name.items(), key=lambda item: (item[1][-1].tier, item[0])):
        if line not in lines:
            continue
        zone, today = lines[line].zone, lines[line].local(now).date()
        ids = {version.id for version in versions}
        of_it = turns(versions, zone, today, _last(today, rota.shifts, ids, lines[line]), now)
        filling = fill(of_it, rota, [shift for shift in books.cancelled if shift.rotation in ids], now)
        if filling.change:
            shifts, _ = make(rota.shifts, filling.change, now, numbers)
            rota = Rota(shifts, rota.staff, rota.absences)
        yield (line, name), filling


def _last(today: date, shifts: Iterable[Shift], ids: set[int], line: Line) -> date:
    """The last day to be filled; later if there are shifts already, from before a clock was set back."""
    latest = max((shift.start for shift in shifts if shift.rotation in ids), default=0)
    return max(today + timedelta(days=DAYS), line.local(latest).date())
