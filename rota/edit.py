"""Every change of the rota is a `Change`, whoever wants it: a person, a rotation, an import, a proposal, an undo.

Only three things ever happen to shifts, and none of them touches the past:

    cancel    a shift that hasn't started counts no more; it is kept, for the calendars that show it
    shorten   a shift that has started ends earlier than it would have, now or later
    add       a new shift, which begins now or later

So no change alters `who(t)` for a `t` before the `now` it was made at, and each can be undone from then on. A change of
the person is a cancelled shift and a new one: the two calendars it is in have two events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from rota.model import EditError, Shift, Span, SpanError, Status


@dataclass(frozen=True, slots=True)
class New:
    """A shift to be: as `Shift`, without an id. `replaces` is the shift that it comes from, None for none."""

    line: str
    tier: int
    person: int | None
    start: int
    end: int
    source: str
    status: Status = "published"
    rotation: int | None = None
    replaces: int | None = None

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise SpanError(f"a shift must end after it starts: {self.start} to {self.end} doesn't")


_CHANGED = "the rota has been changed here since: undo the later change first"

Seat = tuple[str, int, int | None, int, int]
"""Line, tier, person, start, end: what two shifts have in common that are the same to everybody."""


def seat(shift: Shift | New) -> Seat:
    """What of a shift matters to those who read the rota."""
    return shift.line, shift.tier, shift.person, shift.start, shift.end


@dataclass(frozen=True, slots=True)
class Shortened:
    """A started shift, its new end, and the end it had."""

    shift: int
    end: int
    was: int


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of the shifts: ids to cancel, shifts to shorten, shifts to add. An empty one is false."""

    cancel: tuple[int, ...] = ()
    shorten: tuple[Shortened, ...] = ()
    add: tuple[New, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.cancel or self.shorten or self.add)

    def __add__(self, other: Change) -> Change:
        """Both, of different shifts: what one adds, the other knows nothing of."""
        return Change(self.cancel + other.cancel, self.shorten + other.shorten, self.add + other.add)


@dataclass(frozen=True, slots=True)
class Done:
    """A change that was made: what is needed to undo it. `added` are the new shifts with the ids they got."""

    cancelled: tuple[Shift, ...]
    shortened: tuple[Shortened, ...]
    added: tuple[Shift, ...]


def standing(shifts: Iterable[Shift]) -> list[Shift]:
    """The shifts that count, by start, tier and id."""
    return sorted((s for s in shifts if s.status != "cancelled"), key=lambda s: (s.start, s.tier, s.id))


def reassign(shifts: Iterable[Shift], span: Span, now: int, person: int | None, source: str) -> Change:
    """In `span`, from `now` on, these shifts go to `person` (None: to nobody, as open seats); outside they stay.

    Choose the shifts first: all of a person's, all of a tier's, or one. Those that are the person's already, cancelled,
    or outside the span are left alone. What somebody gets is published.
    """
    change = Change()
    for shift in standing(shifts):
        start, end = max(span.start, shift.start, now), min(span.end, shift.end)
        if start < end and shift.person != person:
            part = _like(shift, start, end, source)
            # What somebody was given by hand is told to them, and no rotation takes it away again.
            middle = replace(part, person=person, status=part.status if person is None else "published")
            change += carve(shift, start, end, now) + Change(add=(middle,))
    return change


def carve(shift: Shift, start: int, end: int, now: int) -> Change:
    """This shift without `[start, end)`, which lies within it and not before `now`: up to two parts remain."""
    before = () if start <= shift.start else (_like(shift, shift.start, start, shift.source),)
    after = () if end >= shift.end else (_like(shift, end, shift.end, shift.source),)
    if shift.start < now:
        return Change(shorten=(Shortened(shift.id, start, shift.end),), add=after)
    return Change(cancel=(shift.id,), add=before + after)


def become(
    shifts: Iterable[Shift],
    wanted: Iterable[New],
    span: Span,
    now: int,
    may_go: Callable[[Shift], bool] = lambda _: True,
) -> Change:
    """Within `span`, from `now` on, the shifts become those `wanted`; one that stands already is left alone.

    A shift that begins in the span and that nobody wants goes, if `may_go`. One that has started, or began before the
    span, stays as it is; what is wanted of it is left out, and what else contradicts it is for `rota.limits` to find.
    """
    fresh: dict[Seat, list[New]] = {}
    for new in wanted:
        fresh.setdefault(seat(new), []).append(new)
    gone = []
    for shift in standing(shifts):
        same = fresh.get(seat(shift))
        if same:
            same.pop()
        elif shift.start >= now and span.holds(shift.start) and may_go(shift):
            gone.append(shift.id)
    add = [new for same in fresh.values() for new in same if new.start >= now]
    return Change(tuple(gone), (), tuple(sorted(add, key=lambda new: (new.start, new.line, new.tier))))


def make(shifts: Iterable[Shift], change: Change, now: int, ids: Iterable[int]) -> tuple[tuple[Shift, ...], Done]:
    """The shifts after `change`, made at `now`, its new ones numbered by `ids`; and what undoes it.

    Raises `EditError` when it names a shift that isn't there or is cancelled, cancels one that has started, shortens
    one that hasn't or into the past, or adds one in the past.
    """
    after = {shift.id: shift for shift in shifts}
    cancelled, shortened, added = [], [], []
    for number in change.cancel:
        shift = _found(after, number)
        if shift.start < now:
            raise EditError(f"shift {number} has started: it can be shortened, not cancelled")
        cancelled.append(shift)
        after[number] = replace(shift, status="cancelled", seq=shift.seq + 1)
    for cut in change.shorten:
        shift = _found(after, cut.shift)
        if shift.end != cut.was:
            raise EditError(f"shift {cut.shift} no longer ends when it did: look at the rota again")
        if not max(shift.start + 1, now) <= cut.end < shift.end:
            raise EditError(f"shift {cut.shift} can't end at {cut.end}: it has started, and the past stays")
        shortened.append(cut)
        after[cut.shift] = replace(shift, end=cut.end, seq=shift.seq + 1)
    for number, new in zip(ids, change.add, strict=False):
        if new.start < now:
            raise EditError(f"a shift can't be added in the past, from {new.start}")
        shift = Shift(number, *seat(new), new.status, 0, new.source, new.rotation)
        added.append(shift)
        after[number] = shift
    return tuple(after.values()), Done(tuple(cancelled), tuple(shortened), tuple(added))


def undo(shifts: Iterable[Shift], done: Done, now: int) -> Change:
    """What brings back, from `now` on, the shifts as they were before `done`.

    Raises `EditError` when one of the shifts has been changed since: that change must be undone first.
    """
    current = {shift.id: shift for shift in shifts}
    cancel, shorten = [], []
    add = [_like(shift, max(shift.start, now), shift.end, shift.source) for shift in done.cancelled if shift.end > now]
    free = dict(current)
    for shift in sorted(done.added, key=lambda s: not _stands(s, current)):
        for piece in _left_of(shift, free, now):
            del free[piece.id]  # of two that are alike, each is taken once
            if piece.start >= now:
                cancel.append(piece.id)
            else:
                shorten.append(Shortened(piece.id, now, piece.end))
    for cut in done.shortened:
        before = current.get(cut.shift)
        if before is None:
            raise EditError(_CHANGED)
        if cut.was > now:
            add.append(_like(before, max(cut.end, now), cut.was, before.source))
    return Change(tuple(cancel), tuple(shorten), tuple(add))


@dataclass(frozen=True, slots=True)
class Difference(Span):
    """A stretch of a line's tier in which other people are on call than before: ids, each in order."""

    line: str
    tier: int
    gone: tuple[int, ...]
    come: tuple[int, ...]


def diff(before: Iterable[Shift], after: Iterable[Shift]) -> tuple[Difference, ...]:
    """Who is on call otherwise, when; by line, start and tier. Shifts cut in two or joined are no difference."""
    old, new = _held(before), _held(after)
    found = [
        Difference(start, end, line, tier, gone, come)
        for line, tier in sorted(old.keys() | new.keys())
        for start, end, gone, come in _differences(old.get((line, tier), ()), new.get((line, tier), ()))
    ]
    return tuple(sorted(found, key=lambda d: (d.line, d.start, d.tier)))


def _held(shifts: Iterable[Shift]) -> Mapping[tuple[str, int], Sequence[Shift]]:
    held: dict[tuple[str, int], list[Shift]] = {}
    for shift in standing(shifts):
        if shift.person is not None:
            held.setdefault((shift.line, shift.tier), []).append(shift)
    return held


def _differences(
    old: Sequence[Shift], new: Sequence[Shift]
) -> Iterator[tuple[int, int, tuple[int, ...], tuple[int, ...]]]:
    """Sweeps over both; neighbouring stretches with the same difference are one."""
    both = _alike(old, new)
    events: dict[int, list[tuple[int, int, int]]] = {}
    for side, shifts in ((0, old), (1, new)):
        for shift in shifts:
            if seat(shift) in both:
                continue
            person = shift.person or 0
            events.setdefault(shift.start, []).append((side, person, 1))
            events.setdefault(shift.end, []).append((side, person, -1))
    counts: tuple[dict[int, int], dict[int, int]] = ({}, {})
    begun, told = 0, _sides(counts)
    for instant in sorted(events):
        for side, person, step in events[instant]:
            counts[side][person] = counts[side].get(person, 0) + step
        now = _sides(counts)
        if now != told:
            if any(told):
                yield begun, instant, *told
            begun, told = instant, now


def _alike(old: Sequence[Shift], new: Sequence[Shift]) -> set[Seat]:
    """What is in both, and so can't differ: most shifts of a long rota.

    But for those of a person that lie beside others of theirs which do: together they may be no difference.
    """
    before, after = ({seat(shift) for shift in side} for side in (old, new))
    reach: dict[int | None, tuple[int, int]] = {}
    for _, _, person, start, end in before ^ after:
        first, last = reach.get(person, (start, end))
        reach[person] = min(first, start), max(last, end)
    return {each for each in before & after if each[2] not in reach or not _meets(reach[each[2]], each[3], each[4])}


def _meets(reach: tuple[int, int], start: int, end: int) -> bool:
    return start < reach[1] and reach[0] < end


def _sides(counts: tuple[Mapping[int, int], Mapping[int, int]]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    old, new = ({person for person, n in side.items() if n} for side in counts)
    return tuple(sorted(old - new)), tuple(sorted(new - old))


def _like(shift: Shift, start: int, end: int, source: str) -> New:
    """A part of a shift."""
    return New(shift.line, shift.tier, shift.person, start, end, source, shift.status, shift.rotation, shift.id)


def _left_of(added: Shift, shifts: Mapping[int, Shift], now: int) -> list[Shift]:
    """The shifts that are what is left of one from `now` on: itself, or what a later change and its undoing made of it.

    Raises `EditError` when somebody else holds a part of it, or it has become a part of something else.
    """
    start = max(added.start, now)
    if start >= added.end:
        return []
    if _stands(added, shifts):
        return [shifts[added.id]]
    mine = (added.line, added.tier, added.person)
    same = [s for s in shifts.values() if (s.line, s.tier, s.person) == mine and s.status != "cancelled"]
    pieces = _chain(same, added.start, start, added.end)
    if not pieces:
        raise EditError(_CHANGED)
    return pieces


def _stands(added: Shift, shifts: Mapping[int, Shift]) -> bool:
    found = shifts.get(added.id)
    return found is not None and found.status != "cancelled" and found.end == added.end


def _chain(pieces: Sequence[Shift], earliest: int, start: int, end: int) -> list[Shift]:
    """Pieces that follow one another from `start` to `end`, the first not before `earliest`; or none."""
    for piece in pieces:
        if earliest <= piece.start <= start < piece.end <= end:
            rest = _chain(pieces, piece.end, piece.end, end)
            if rest or piece.end == end:
                return [piece, *rest]
    return []


def _found(shifts: Mapping[int, Shift], number: int) -> Shift:
    shift = shifts.get(number)
    if shift is None or shift.status == "cancelled":
        raise EditError(f"shift {number} is no longer there: look at the rota again")
    return shift
