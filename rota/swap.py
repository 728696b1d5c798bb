"""A swap: somebody offers a shift, somebody takes it, perhaps for another one, and a coordinator may have to agree.

    offered    -> accepted    somebody accepts, and the coordinator has still to approve
    offered    -> done        somebody accepts, and that is enough
    accepted   -> done        the coordinator approves
    offered, accepted -> refused      by the coordinator, or by whom it was offered to
    offered, accepted -> withdrawn    by the giver; an acceptance also by its taker
    offered, accepted -> void         a shift of it was changed by other means, or has begun
    done       -> void        the shifts are given back

A swap is bound to shifts by their ids: a shift that is changed is another one, so nobody takes what they haven't seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from rota.edit import Change, reassign
from rota.model import Shift

State = Literal["offered", "accepted", "done", "refused", "withdrawn", "void"]
OPEN: tuple[State, ...] = ("offered", "accepted")
"""The states from which a swap can still come about."""
ANY = 0
"""In place of the shift to be given back: there shall be one, and whoever accepts says which."""


@dataclass(frozen=True, slots=True)
class Swap:
    """An offer of `giver` to give `shift` to `taker` (None: to anybody), for the shift `back` (None: for nothing).

    `at` is when it was offered, UTC seconds; `edit` the number of the edit that exchanged the shifts.
    """

    id: int
    shift: int
    giver: int
    taker: int | None
    back: int | None
    state: State
    at: int
    edit: int | None = None

    @property
    def shifts(self) -> tuple[int, ...]:
        """The shifts it speaks of, the offered one first."""
        return (self.shift, self.back) if self.back else (self.shift,)


@dataclass(frozen=True, slots=True)
class Accept:
    """`by` would take the shift, and give `back` for it. `approval`: a coordinator has to agree."""

    by: int
    back: int | None
    approval: bool


@dataclass(frozen=True, slots=True)
class Approve:
    """The coordinator agrees."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """The coordinator (None), or somebody whom the shift was offered to, says no."""

    by: int | None = None


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Whoever it comes from would rather not, or the coordinator (None) in their name."""

    by: int | None = None


@dataclass(frozen=True, slots=True)
class Lapse:
    """One of its shifts was changed by other means, or has begun."""


@dataclass(frozen=True, slots=True)
class GiveBack:
    """The shifts go back to those who had them."""


Event = Accept | Approve | Refuse | Withdraw | Lapse | GiveBack


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an event can't be: a clause that goes on from "swap 3 "."""

    reason: str


OVER: Mapping[State, str] = {
    "offered": "hasn't been accepted yet",
    "accepted": "has been accepted by somebody already",
    "done": "has been made already; it can be given back",
    "refused": "has been refused; offer the shift anew",
    "withdrawn": "has been withdrawn",
    "void": "is void: one of its shifts was changed, has begun or was given back; offer what there is now anew",
}
"""What to tell whoever comes too late, or too early."""


def step(swap: Swap, event: Event) -> Swap | Refusal:
    """The swap after `event`, or why it can't be. Whoever comes second, with whatever, is refused."""
    match event:
        case Accept():
            return _accepted(swap, event)
        case Approve():
            return _moved(swap, ("accepted",), "done")
        case Refuse():
            if event.by not in {None, swap.taker} or (event.by is not None and swap.state == "accepted"):
                return Refusal("isn't theirs to refuse: the coordinator does, or whom it is offered to")
            return _moved(swap, OPEN, "refused")
        case Withdraw():
            theirs = {None, swap.giver} | ({swap.taker} if swap.state == "accepted" else set())
            if swap.state in OPEN and event.by not in theirs:
                return Refusal("isn't theirs to withdraw")
            return _moved(swap, OPEN, "withdrawn")
        case Lapse():
            return _moved(swap, OPEN, "void")
        case GiveBack():
            return _moved(swap, ("done",), "void")


def _moved(swap: Swap, froms: tuple[State, ...], to: State) -> Swap | Refusal:
    return replace(swap, state=to) if swap.state in froms else Refusal(OVER[swap.state])


def _accepted(swap: Swap, event: Accept) -> Swap | Refusal:
    if swap.state != "offered":
        return Refusal(OVER[swap.state])
    if event.by == swap.giver:
        return Refusal("is their own offer: withdraw it to keep the shift")
    if swap.taker not in {None, event.by}:
        return Refusal("is offered to somebody else")
    if swap.back is None and event.back is not None:
        return Refusal("asks for no shift back; leave it out, or have it offered anew for that shift")
    if swap.back == ANY and event.back is None:
        return Refusal("asks for a shift back: say which")
    if swap.back and event.back not in {None, swap.back}:
        return Refusal(f"asks for shift {swap.back} back, not for {event.back}")
    state: State = "accepted" if event.approval else "done"
    return replace(swap, state=state, taker=event.by, back=event.back or swap.back)


def lapsed(swap: Swap, shifts: Mapping[int, Shift], now: int) -> str | None:
    """Why an open swap can't come about any more, as a clause like a `Refusal`'s; None when it can.

    `shifts` are those that there are, by id.
    """
    holders = ((swap.shift, swap.giver), *(((swap.back, swap.taker),) if swap.back else ()))
    for number, holder in holders:
        shift = shifts.get(number)
        if shift is None or shift.status == "cancelled" or shift.person != holder:
            return f"is void: shift {number} has been changed since; offer what there is now anew"
        if shift.start <= now:
            return f"is void: shift {number} has begun; use an override for what is left of it"
    return None


def exchange(swap: Swap, shifts: Mapping[int, Shift], now: int) -> Change:
    """What a swap with a taker does to its shifts, which haven't begun."""
    given = shifts[swap.shift]
    change = reassign((given,), given.span, now, swap.taker, "swap")
    if swap.back:
        back = shifts[swap.back]
        change += reassign((back,), back.span, now, swap.giver, "swap")
    return change
