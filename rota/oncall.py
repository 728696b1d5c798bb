"""Who is on call. `who` is the one function that answers; routing, pages, feeds and reminders all ask it.

A `Roster` is flattened once into the stretches between hand-offs, each with its ready-made answer, so that
a lookup is a bisection: as fast over ten years and 100,000 shifts as over a week.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from rota.model import OnCall, Person, RosterError, Segment, Shift, Span

NO_SKILLS: frozenset[str] = frozenset()

STARTS_A_PAGE = 4
"""How many hand-offs a page of a track holds on average."""

RingKey = tuple[int, int, int]
"""Ring order: tier, then who came on first, then the shift's id (the order in which seats were written)."""


@dataclass(frozen=True, slots=True)
class Track:
    """The answers of one line, or one tier of it, in time. Make it with `Track.build`.

    `rows[0]` holds before `starts[0]`, and `rows[i]` from `starts[i - 1]` on, so that the place where an instant
    would be inserted to the right in `starts` is the place of its row. The first and the last row are empty.
    `[first, last)` is cut into pages of `width` seconds, with few starts each; `pages[i]` is the place of the
    page's beginning. A bisection within a page touches little memory, which is what costs time in a big track.
    """

    starts: tuple[int, ...]
    rows: tuple[tuple[OnCall, ...], ...]
    first: int
    last: int
    width: int
    pages: tuple[int, ...]

    @classmethod
    def build(cls, starts: Sequence[int], rows: Sequence[tuple[OnCall, ...]]) -> Track:
        """A track of the instants, in order, at which the answer changes, and the answers around them."""
        first, last = (starts[0], starts[-1]) if starts else (0, 0)
        width = max(1, STARTS_A_PAGE * (last - first) // max(1, len(starts)))
        pages = [bisect_right(starts, begin) for begin in range(first, last + width, width)]
        return cls(tuple(starts), tuple(rows), first, last, width, tuple(pages))

    def pieces(self, span: Span) -> Iterator[tuple[int, int, tuple[OnCall, ...]]]:
        """`(start, end, who)` without a hole and in order, from the span's start to its end."""
        starts, at = self.starts, span.start
        low, high = self._within(span)
        for index in range(low, high):
            yield at, starts[index], self.rows[index]
            at = starts[index]
        yield at, span.end, self.rows[high]

    def unheld(self, span: Span) -> Iterator[Span]:
        """Each stretch of the span without anyone. Two never touch: a track changes only where its answer does."""
        low, high = self._within(span)
        rows = self.rows
        for index in [index for index in range(low, high + 1) if not rows[index]]:
            start = self.starts[index - 1] if index > low else span.start
            yield Span(start, self.starts[index] if index < high else span.end)

    def _within(self, span: Span) -> tuple[int, int]:
        """The places of the rows at the span's start and just before its end."""
        return bisect_right(self.starts, span.start), bisect_left(self.starts, span.end)


NOBODY = Track.build((), ((),))


@dataclass(frozen=True, slots=True)
class Roster:
    """An immutable snapshot of who is on call on which line when. Make it with `Roster.build`."""

    tracks: Mapping[tuple[str, int | None], Track] = field(repr=False)
    """By line and tier; tier `None` is the whole line. Ask `who`, `segments` or `next_change` instead."""

    @classmethod
    def build(cls, shifts: Iterable[Shift], people: Iterable[Person]) -> Roster:
        """Flatten `shifts`, in any order. One without a person, or whose person isn't in `people`, is a gap.

        Cancelled ones count for nothing.

        Raises `RosterError` when two people or two shifts share an id.
        """
        known = _by_id(people)
        seats: dict[tuple[str, int | None], list[tuple[Shift, OnCall]]] = {}
        seen: set[int] = set()
        for shift in shifts:
            if shift.id in seen:
                raise RosterError(f"shift {shift.id} is given twice: every shift needs an id of its own")
            seen.add(shift.id)
            person = None if shift.person is None or shift.status == "cancelled" else known.get(shift.person)
            if person is None:
                continue
            seat = (shift, OnCall(person, shift.tier, shift.id, shift.end))
            seats.setdefault((shift.line, shift.tier), []).append(seat)
            seats.setdefault((shift.line, None), []).append(seat)
        return cls(MappingProxyType({key: _flatten(held) for key, held in seats.items()}))

    def track(self, line: str, tier: int | None = None) -> Track:
        """The answers of a line, or of one of its tiers; an empty track where nobody was ever on call."""
        return self.tracks.get((line, tier), NOBODY)


def who(
    roster: Roster, line: str, instant: int, *, tier: int | None = None, skills: frozenset[str] = NO_SKILLS
) -> tuple[OnCall, ...]:
    """Who is on call on `line` at `instant`, in ring order; with `tier` and `skills`, only those who have them.

    Ring order is tier ascending; within a tier whoever came on first, then the order of the shifts' ids. At a
    hand-off the instant belongs to whoever takes over. A person with two seats is named for each. An unknown
    line has nobody on call; that is an answer and never an error, because a caller is waiting for it.
    """
    track = roster.tracks.get((line, tier))
    if track is None or not track.first <= instant < track.last:
        return ()
    page = (instant - track.first) // track.width
    row = track.rows[bisect_right(track.starts, instant, track.pages[page], track.pages[page + 1])]
    if skills:
        return tuple([held for held in row if skills <= held.person.skills])
    return row


def next_change(roster: Roster, line: str, instant: int, *, tier: int | None = None) -> int | None:
    """The first instant after `instant` at which `who` answers otherwise; `None` if it never will."""
    starts = roster.track(line, tier).starts
    index = bisect_right(starts, instant)
    return starts[index] if index < len(starts) else None


def segments(roster: Roster, line: str, start: int, end: int, *, tier: int | None = None) -> tuple[Segment, ...]:
    """`[start, end)` cut where `who` changes, without a hole: a time with nobody on call is a segment too.

    Raises `SpanError` when `end` isn't after `start`.
    """
    return tuple([Segment(*piece) for piece in roster.track(line, tier).pieces(Span(start, end))])


def _by_id(people: Iterable[Person]) -> dict[int, Person]:
    known: dict[int, Person] = {}
    for person in people:
        if person.id in known:
            raise RosterError(f"person {person.id} is given twice: {known[person.id].name!r} and {person.name!r}")
        known[person.id] = person
    return known


def _flatten(seats: Iterable[tuple[Shift, OnCall]]) -> Track:
    """One sweep over the hand-offs, keeping the seats held in ring order."""
    taken: dict[int, list[tuple[RingKey, OnCall]]] = {}
    left: dict[int, list[RingKey]] = {}
    for shift, on_call in seats:
        key = (shift.tier, shift.start, shift.id)
        taken.setdefault(shift.start, []).append((key, on_call))
        left.setdefault(shift.end, []).append(key)
    starts = sorted(taken.keys() | left.keys())
    rows: list[tuple[OnCall, ...]] = [()]
    keys: list[RingKey] = []
    held: list[OnCall] = []
    for instant in starts:
        for key in left.get(instant, ()):
            place = bisect_left(keys, key)
            del keys[place], held[place]
        for key, on_call in taken.get(instant, ()):
            place = bisect_left(keys, key)
            keys.insert(place, key)
            held.insert(place, on_call)
        rows.append(tuple(held))
    return Track.build(starts, rows)
