"""Who is on call. `who` is the one function that answers; routing, pages, feeds and reminders all ask it.

A `Roster` is flattened once into the stretches between hand-offs, each with its ready-made answer, so that
a lookup is a bisection: as fast over ten years and 100,000 shifts as over a week.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from rota.model import OnCall, Person, RosterError, Segment, Shift, Span

NO_SKILLS: frozenset[str] = frozenset()

RingKey = tuple[int, int, int]
"""Ring order: tier, then who came on first, then the shift's id (the order in which seats were written)."""


@dataclass(frozen=True, slots=True)
class Track:
    """The answers of one line, or one tier of it, in time.

    `rows[0]` holds before `starts[0]`, and `rows[i]` from `starts[i - 1]` on, so that the place where an
    instant would be inserted to the right in `starts` is the place of its row. The last row is empty.
    """

    starts: tuple[int, ...]
    rows: tuple[tuple[OnCall, ...], ...]

    def pieces(self, span: Span) -> Iterator[tuple[int, int, tuple[OnCall, ...]]]:
        """`(start, end, who)` without a hole and in order, from the span's start to its end."""
        starts, rows, last, at = self.starts, self.rows, span.end, span.start
        for index in range(bisect_right(starts, at), len(starts)):
            until = starts[index]
            if until >= last:
                yield at, last, rows[index]
                return
            yield at, until, rows[index]
            at = until
        yield at, last, rows[-1]


NOBODY = Track(starts=(), rows=((),))


@dataclass(frozen=True, slots=True)
class Roster:
    """An immutable snapshot of who is on call on which line when. Make it with `Roster.build`."""

    tracks: Mapping[tuple[str, int | None], Track] = field(repr=False)
    """By line and tier; tier `None` is the whole line. Ask `who`, `segments` or `next_change` instead."""

    @classmethod
    def build(cls, shifts: Iterable[Shift], people: Iterable[Person]) -> Roster:
        """Flatten `shifts`, in any order. One without a person, or whose person isn't in `people`, is a gap.

        Raises `RosterError` when two people or two shifts share an id.
        """
        known = _by_id(people)
        seats: dict[tuple[str, int | None], list[tuple[Shift, OnCall]]] = {}
        seen: set[int] = set()
        for shift in shifts:
            if shift.id in seen:
                raise RosterError(f"shift {shift.id} is given twice: every shift needs an id of its own")
            seen.add(shift.id)
            person = None if shift.person is None else known.get(shift.person)
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
    if track is None:
        return ()
    row = track.rows[bisect_right(track.starts, instant)]
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
    held: dict[RingKey, OnCall] = {}
    for instant in starts:
        for key in left.get(instant, ()):
            del held[key]
        held.update(taken.get(instant, ()))
        rows.append(tuple([held[key] for key in sorted(held)]))
    return Track(tuple(starts), tuple(rows))
