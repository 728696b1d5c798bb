"""Swaps as they stand, open seats, and who could take a shift."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Literal, cast

from sqlalchemy import Connection, Row, or_, select

from helpline.errors import UsageError
from helpline.shifts.editing import LOOK_BACK, Desk
from helpline.shifts.reading import read_absences, read_shifts, read_staff
from helpline.store.rota_tables import Swap as SwapRow
from rota.model import Shift, Span
from rota.replacing import Choice, candidates
from rota.swap import OPEN, State, Swap, lapsed

SWAP = (
    SwapRow.id,
    SwapRow.shift,
    SwapRow.giver,
    SwapRow.taker,
    SwapRow.back,
    SwapRow.state,
    SwapRow.at,
    SwapRow.edit,
)
"""The columns of a `rota.swap.Swap`, in its order."""


def read_swap(connection: Connection, number: int) -> Swap:
    """A swap by its number. Raises `UsageError` when there is none."""
    row = connection.execute(select(*SWAP).where(SwapRow.id == number)).first()
    if row is None:
        raise UsageError(f"there is no swap {number}: 'helpline rota swap list' has them")
    return _swap(row)


def read_swaps(connection: Connection, now: int, since: int) -> list[Swap]:
    """The swaps offered from `since` on, the newest first; an open one that can't come about any more is void."""
    shifts = {shift.id: shift for shift in read_shifts(connection, now)}
    rows = connection.execute(select(*SWAP).where(SwapRow.at >= since).order_by(SwapRow.id.desc()))
    swaps = map(_swap, rows)
    return [replace(s, state="void") if s.state in OPEN and lapsed(s, shifts, now) else s for s in swaps]


def open_swaps(connection: Connection, shifts: Collection[int]) -> list[Swap]:
    """The swaps with one of these shifts that wait for somebody."""
    with_one = or_(SwapRow.shift.in_(shifts), SwapRow.back.in_(shifts))
    return [_swap(row) for row in connection.execute(select(*SWAP).where(SwapRow.state.in_(OPEN), with_one))]


def _swap(row: Row[int, int, int, int | None, int | None, str, int, int | None]) -> Swap:
    return Swap(row.id, row.shift, row.giver, row.taker, row.back, cast("State", row.state), row.at, row.edit)


@dataclass(frozen=True, slots=True)
class Wanted(Span):
    """A seat that somebody is wanted for, as `rota.replacing` asks it: any skills will do."""

    line: str
    tier: int | None
    skills: frozenset[str] = frozenset()
    match: Literal["all", "any"] = "any"


def could_take(connection: Connection, desk: Desk, shift: int, now: int) -> tuple[Shift, tuple[Choice, ...]]:
    """A shift to come, and everybody else, who could have it first. Raises `UsageError` when there is none such."""
    shifts = [each for each in read_shifts(connection, now - LOOK_BACK) if each.line in desk.lines]
    seat = next((each for each in shifts if each.id == shift and each.end > now), None)
    if seat is None:
        raise UsageError(f"there is no shift {shift} to come: look at the rota again")
    zones = {name: line.zone for name, line in desk.lines.items()}
    staff, absences = read_staff(connection, desk.limits), read_absences(connection, now)
    wanted = Wanted(max(seat.start, now), seat.end, seat.line, seat.tier)
    found = candidates(wanted, staff, shifts, absences, zones, (shift,))
    return seat, tuple(choice for choice in found if choice.person != seat.person)


def open_seats(connection: Connection, now: int, until: int) -> list[Shift]:
    """The seats of nobody that aren't over and begin before `until`, by start."""
    return [shift for shift in read_shifts(connection, now, until) if shift.person is None]
