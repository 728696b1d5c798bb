"""Shifts offered, taken, given back, and open seats taken: each step in one edit, so that of two at once one succeeds.

What a step may do is decided by `rota.swap.step`; here its facts are read and checked again in the transaction: the
shifts stand as they were offered, and whoever takes one may hold it. An offer changes no shift until it is done.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count

from sqlalchemy import Connection, insert, select, update

from helpline.errors import UsageError
from helpline.shifts.editing import Desk, Edit, EditRefused, Outcome, editing, read_done, undo_edit
from helpline.shifts.offers import open_swaps, read_swap
from helpline.shifts.reading import read_shifts
from helpline.store.rota_tables import RotaEdit
from helpline.store.rota_tables import Swap as SwapRow
from rota.edit import make, reassign
from rota.limits import Finding
from rota.swap import (
    ANY,
    Accept,
    Approve,
    Event,
    GiveBack,
    Refusal,
    Refuse,
    Swap,
    Withdraw,
    exchange,
    lapsed,
    step,
)

UNDECIDED = frozenset({"absent", "left", "tier"})
"""Hard findings that hold whichever shift is given back."""


@dataclass(frozen=True, slots=True)
class Swapped:
    """A swap after a step; `warnings` is what is, or once it is approved would be, wrong with it, none of it hard."""

    swap: Swap
    outcome: Outcome
    warnings: tuple[Finding, ...] = ()


@dataclass(slots=True)
class _Step:
    """A step on its way: the edit, and the swap as it will be."""

    edit: Edit
    swap: Swap
    warnings: tuple[Finding, ...] = ()

    @property
    def result(self) -> Swapped:
        """What came of it."""
        return Swapped(self.swap, self.edit.outcome, self.warnings or self.edit.outcome.findings)


def offer(
    desk: Desk, shift: int, to: int | None, back: int | None, actor: str, now: int, *, dry: bool = False
) -> Swapped:
    """Its holder would give `shift` to `to`, or to whoever takes it, for the shift `back`, `ANY` one, or none.

    Raises `UsageError` when it can't be: begun, nobody's, in another open swap; or when `to` can't hold it. Its number
    in a rehearsal is 0: which one it gets is known when it is made.
    """
    with editing(desk, "swap", actor, now, dry=dry) as edit:
        given = edit.shift(shift)
        if given.person is None:
            raise UsageError(f"nobody holds shift {shift}: it can be taken, not offered")
        if back:
            to = _holder_of(edit, back, to)
        if to == given.person:
            raise UsageError(f"{edit.staff[given.person].name} holds shift {shift}: offer it to somebody else")
        swap = Swap(0, shift, given.person, to, back, "offered", now)
        if any(edit.shift(each).start <= now for each in swap.shifts):
            raise UsageError(f"shift {shift} has begun, or the one asked for: use an override for what is left of it")
        _refuse_second(edit, swap)
        warnings = () if to is None else _tried(edit, swap)
        values = {"shift": shift, "giver": swap.giver, "taker": to, "back": back, "state": swap.state, "at": now}
        number = edit.tx.execute(insert(SwapRow).returning(SwapRow.id), values).scalar_one()
        state = _Step(edit, replace(swap, id=0 if dry else number), warnings)
        edit.tell({"swap": number, "step": "offered"})
    return state.result


def _holder_of(edit: Edit, back: int, to: int | None) -> int:
    holder = edit.shift(back).person
    if holder is None:
        raise UsageError(f"nobody holds shift {back}: take it, instead of asking for it back")
    if to not in {None, holder}:
        raise UsageError(f"shift {back} is {edit.staff[holder].name}'s: offer to them, or ask for another shift back")
    return holder


def accept(
    desk: Desk, number: int, by: int, actor: str, now: int, *, back: int | None = None, dry: bool = False
) -> Swapped:
    """`by` takes what swap `number` offers, giving `back` for it. Where a coordinator approves, they have still to.

    Raises `UsageError` when somebody else was first, or when either would get what they can't hold.
    """
    with _stepping(desk, number, actor, now, dry=dry) as (edit, swap):
        state = _Step(edit, _next(swap, Accept(by, back, approval=True)))
        _refuse_lapsed(edit, state.swap)
        lines = {edit.shift(each).line for each in state.swap.shifts}
        approval = any(desk.lines[line].settings.rota.approve_swaps for line in lines & desk.lines.keys())
        state.swap = _next(swap, Accept(by, back, approval))
        if state.swap.back:
            _refuse_second(edit, state.swap)
        if approval:
            state.warnings = _tried(edit, state.swap)
        _save(state)
    return state.result


def approve(desk: Desk, number: int, actor: str, now: int, *, dry: bool = False) -> Swapped:
    """The coordinator agrees: the shifts change hands. Raises `UsageError` when they no longer can."""
    return _go(desk, number, Approve(), actor, now, dry=dry)


def refuse(desk: Desk, number: int, actor: str, now: int, *, by: int | None = None, dry: bool = False) -> Swapped:
    """The coordinator (no `by`), or whom it was offered to, says no. Raises `UsageError` when it is over."""
    return _go(desk, number, Refuse(by), actor, now, dry=dry)


def withdraw(desk: Desk, number: int, actor: str, now: int, *, by: int | None = None, dry: bool = False) -> Swapped:
    """The giver, or who has accepted, would rather not; no `by`: the coordinator in their name."""
    return _go(desk, number, Withdraw(by), actor, now, dry=dry)


def _go(desk: Desk, number: int, event: Event, actor: str, now: int, *, dry: bool) -> Swapped:
    with _stepping(desk, number, actor, now, dry=dry) as (edit, swap):
        state = _Step(edit, _next(swap, event))
        if state.swap.state == "done":
            _refuse_lapsed(edit, state.swap)
        _save(state)
    return state.result


def give_back(desk: Desk, number: int, actor: str, now: int, *, by: int | None = None, dry: bool = False) -> Swapped:
    """A swap that was made is undone by the coordinator (no `by`), before its shifts begin.

    `by` one of the two it asks the other: a new offer of what they got, for what they gave.
    Raises `UsageError` when the swap wasn't made, or its shifts have been changed since or have begun.
    """
    with desk.store.read() as connection:
        swap = read_swap(connection, number)
        after = _next(swap, GiveBack())
        got = _got(connection, swap)
        standing = {shift.id for shift in read_shifts(connection, now) if shift.start > now}
    if not standing.issuperset(got.values()):
        raise UsageError(f"swap {number} can't be given back: its shifts have begun, or have been changed since")
    if by is None:
        outcome = undo_edit(desk, swap.edit or 0, actor, now, dry=dry)
        return Swapped(after, outcome, outcome.findings)
    sides = {swap.taker: (swap.giver, swap.shift, swap.back), swap.giver: (swap.taker, swap.back, swap.shift)}
    if by not in sides:
        raise UsageError(f"swap {number} isn't theirs to give back")
    other, mine, theirs = sides[by]
    if not mine:
        raise UsageError(f"they got no shift by swap {number}: whoever has theirs can give it back")
    return offer(desk, got[mine], other, got[theirs] if theirs else None, actor, now, dry=dry)


def _got(connection: Connection, swap: Swap) -> dict[int, int]:
    """The number that each shift of a swap got when it changed hands."""
    done = connection.execute(select(RotaEdit.done).where(RotaEdit.id == swap.edit)).scalar_one()
    return {old: new.id for old, new in zip(swap.shifts, read_done(json.loads(done)).added, strict=True)}


def take(desk: Desk, shift: int, by: int, actor: str, now: int, *, dry: bool = False) -> Outcome:
    """An open seat is `by`'s, from `now` on if it has begun. Raises `UsageError` when it is open no more."""
    with editing(desk, "take", actor, now, about={"shift": shift, "person": by}, dry=dry) as edit:
        seat = edit.shift(shift)
        if seat.person is not None:
            raise UsageError(f"shift {shift} is {edit.staff[seat.person].name}'s: it isn't open any more")
        if seat.end <= now:
            raise UsageError(f"shift {shift} is over: the past stays as it was")
        edit.make(reassign((seat,), seat.span, now, by, "take"))
    return edit.outcome


@contextmanager
def _stepping(desk: Desk, number: int, actor: str, now: int, *, dry: bool) -> Iterator[tuple[Edit, Swap]]:
    with editing(desk, "swap", actor, now, dry=dry) as edit:
        yield edit, read_swap(edit.tx, number)


def _next(swap: Swap, event: Event) -> Swap:
    after = step(swap, event)
    if isinstance(after, Refusal):
        raise UsageError(f"swap {swap.id} {after.reason}")
    return after


def _refuse_lapsed(edit: Edit, swap: Swap) -> None:
    reason = lapsed(swap, {shift.id: shift for shift in edit.shifts}, edit.now)
    if reason is not None:
        raise UsageError(f"swap {swap.id} {reason}")


def _refuse_second(edit: Edit, swap: Swap) -> None:
    """One open swap for a shift: two could both be accepted. One whose other shift has begun is open no more."""
    shifts = {shift.id: shift for shift in edit.shifts}
    for other in open_swaps(edit.tx, swap.shifts):
        if other.id == swap.id:
            continue
        if lapsed(other, shifts, edit.now) is None:
            which = " or ".join(map(str, swap.shifts))
            raise UsageError(f"shift {which} is in swap {other.id} already: accept that one, or withdraw it first")
        edit.tx.execute(update(SwapRow).where(SwapRow.id == other.id).values(state="void"))


def _tried(edit: Edit, swap: Swap) -> tuple[Finding, ...]:
    """What the exchange would do wrong. Raises `EditRefused` for what nobody may plan."""
    shifts = {shift.id: shift for shift in edit.shifts}
    after, _ = make(edit.shifts, exchange(swap, shifts, edit.now), edit.now, count(-1, -1))
    try:
        return edit.check(after)
    except EditRefused as refused:
        # Which shift comes back isn't known yet: what depends on it shows when somebody accepts.
        if swap.back == ANY and not any(finding.kind in UNDECIDED for finding in refused.findings):
            return ()
        raise


def _save(state: _Step) -> None:
    edit, swap = state.edit, state.swap
    if swap.state == "done":
        edit.make(exchange(swap, {shift.id: shift for shift in edit.shifts}, edit.now))
        swap = state.swap = replace(swap, edit=edit.id)
    # After the exchange, which makes every open swap of these shifts void.
    values = {"taker": swap.taker, "back": swap.back, "state": swap.state, "edit": swap.edit}
    edit.tx.execute(update(SwapRow).where(SwapRow.id == swap.id).values(**values))
    edit.tell({"swap": swap.id, "step": swap.state})
