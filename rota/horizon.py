"""What a rotation's shifts become: what its versions say, except where a person has said otherwise.

Its own are the planned shifts that it made itself; they come and go with it. All others that stem from it stay:
published and started ones, and what a person made of them. Where a shift of it was cancelled and nothing stands in its
place, somebody took it away, and it doesn't come back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from rota.edit import Change, New, become
from rota.model import Shift, Span
from rota.rotation import SOURCE, Turns, outside, without
from rota.staff import Absence, Staff

PLACED = frozenset({"import", "proposal"})
"""What made shifts that were meant for a whole tier: a rotation adds none beside them."""
FOREVER = 1 << 40
"""An instant after all others: in 36,000 years."""


@dataclass(frozen=True, slots=True)
class Rota:
    """What is known when a rotation's shifts are made: all shifts that count, everybody by id, and absences."""

    shifts: Sequence[Shift]
    staff: Mapping[int, Staff]
    absences: Sequence[Absence]


@dataclass(frozen=True, slots=True)
class Filling:
    """How a rotation's shifts are to change, and what is to be told of it.

    `unheld` are the shifts that nobody will hold, because whose turn it is can't. `staying` are those to come that
    aren't what the rotation says, but aren't the rotation's to change. `settled` are cancelled shifts, by id, in whose
    place something stands: they needn't be remembered as taken away.
    """

    change: Change
    unheld: tuple[New, ...]
    staying: tuple[Shift, ...]
    settled: tuple[int, ...]


def fill(turns: Turns, rota: Rota, cancelled: Iterable[Shift], now: int) -> Filling:
    """What becomes of a rotation's shifts from `now` on. Made once more, it changes nothing.

    `cancelled` is what was cancelled of its shifts, without what a rotation cancelled itself. What began before `now`
    stays as it is, with what is left of it by now.
    """
    of_it = [shift for shift in rota.shifts if shift.rotation in turns.versions and shift.status != "cancelled"]
    own = [shift for shift in of_it if _may_change(shift, turns, now)]
    mine = {shift.id for shift in own}
    kept = [shift for shift in of_it if shift.id not in mine]
    taken = {shift.id: shift.span for shift in cancelled}
    missing = _outside(taken.values(), _spans(own))
    placed = _placed(rota.shifts, _spans(own))
    seats: list[New] = []
    for new in turns.shifts:
        if new.start >= now:
            aside = [*_spans(kept), *missing, *placed.get((new.line, new.tier), ())]
            seats += without(new, _in_order(span for span in aside if span.start < new.end and new.start < span.end))
    filled = _held(seats, rota, mine)
    stands = _spans(of_it)
    return Filling(
        become(own, filled, Span(now, FOREVER), now),
        tuple(new for new in filled if new.person is None),
        tuple(shift for shift in kept if shift.start >= now and not _says(turns.shifts, shift)),
        tuple(number for number, span in taken.items() if not list(outside(span.start, span.end, stands))),
    )


def _may_change(shift: Shift, turns: Turns, now: int) -> bool:
    """Whether it comes and goes with its rotation; the rest of a shift that has begun doesn't."""
    return (
        shift.status == "planned"
        and shift.source == SOURCE
        and shift.start >= now
        and not any(new.rotation == shift.rotation and new.start <= shift.start < new.end for new in turns.under_way)
    )


def _placed(shifts: Iterable[Shift], own: Sequence[Span]) -> dict[tuple[str, int], list[Span]]:
    """Where an import or a proposal holds a tier, and this rotation doesn't yet."""
    spans: dict[tuple[str, int], list[Span]] = {}
    for shift in shifts:
        if shift.rotation is None and shift.source in PLACED and shift.status != "cancelled":
            spans.setdefault((shift.line, shift.tier), []).append(shift.span)
    return {key: _outside(held, own) for key, held in spans.items()}


def _held(seats: Sequence[New], rota: Rota, mine: Collection[int]) -> list[New]:
    """The seats, open for as long as whose turn it is can't hold them."""
    busy: dict[tuple[int, str], list[Span]] = {}
    for shift in rota.shifts:
        if shift.person is not None and shift.id not in mine and shift.status != "cancelled":
            busy.setdefault((shift.person, shift.line), []).append(shift.span)
    away: dict[int, list[Span]] = {}
    for absence in rota.absences:
        if absence.hard:
            away.setdefault(absence.person, []).append(absence)
    found = []
    for new in seats:
        person = rota.staff.get(new.person or 0)
        if person is None or not person.may_hold(new.tier):
            found.append(replace(new, person=None))
            continue
        spans = [*away.get(person.id, ()), *busy.get((person.id, new.line), ())]
        if person.left is not None:
            spans.append(Span(person.left, max(new.end, person.left + 1)))
        cant = _in_order(span for span in spans if span.start < new.end and new.start < span.end)
        can = list(without(new, cant))
        found += [*can, *(replace(gap, person=None) for gap in without(new, _spans(can)))]
    return sorted(found, key=lambda new: new.start)


def _says(wanted: Iterable[New], shift: Shift) -> bool:
    """Whether the rotation has just this person, in this tier, all through this shift."""
    same = [new for new in wanted if (new.tier, new.person) == (shift.tier, shift.person)]
    return not list(outside(shift.start, shift.end, same))


def _outside(spans: Iterable[Span], held: Sequence[Span]) -> list[Span]:
    """The parts of `spans` in none of `held`, which are in order."""
    return [Span(*part) for span in spans for part in outside(span.start, span.end, held)]


def _spans(shifts: Iterable[Shift | New]) -> list[Span]:
    return _in_order(Span(shift.start, shift.end) for shift in shifts)


def _in_order(spans: Iterable[Span]) -> list[Span]:
    return sorted(spans, key=lambda span: (span.start, span.end))
