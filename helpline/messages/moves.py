"""What has changed for somebody, in all, over several edits: what they held before the first, against `who` now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal

from sqlalchemy import Connection

from helpline.lines import Line
from helpline.shifts.snapshot import read_roster
from rota.model import Span
from rota.oncall import Roster, segments

Side = Literal["gone", "come"]


@dataclass(frozen=True, slots=True)
class Move(Span):
    """A stretch that somebody holds no more ("gone") or has been given ("come"), by a shift of that id."""

    tier: int
    side: Side
    shift: int = 0


def net(
    connection: Connection, line: Line, person: int, told: Sequence[Mapping[str, Any]], now: int
) -> tuple[Move, ...]:
    """What `told` (the notices' `about`, the earliest edit first) comes to for this person and isn't over at `now`."""
    touched = [
        Move(start, end, tier, side)
        for about in told
        for side in ("gone", "come")
        for tier, start, end in about.get(side, ())
    ]
    if not touched:
        return ()
    roster = read_roster(connection, min(each.start for each in touched), max(each.end for each in touched))
    return moves(touched, roster, line.name, person, now)


def moves(touched: Sequence[Move], roster: Roster, line: str, person: int, now: int) -> tuple[Move, ...]:
    """Of the stretches that edits touched, in their order, those in which it isn't now as it was before the first."""
    found: list[Move] = []
    for tier in sorted({each.tier for each in touched}):
        own = [each for each in touched if each.tier == tier]
        edges = sorted({edge for each in own for edge in (each.start, each.end)})
        for start, end in pairwise(edges):
            first = next((each for each in own if each.start <= start and end <= each.end), None)
            if first is not None:
                found += _changed(replace(first, start=start, end=end), roster, line, person)
    return tuple(sorted((m for m in _joined(found) if m.end > now), key=lambda m: (m.start, m.side, m.tier)))


def _changed(touched: Move, roster: Roster, line: str, person: int) -> Iterator[Move]:
    for part in segments(roster, line, touched.start, touched.end, tier=touched.tier):
        held = next((held.shift for held in part.on_call if held.person.id == person), None)
        if touched.side == "gone" and held is None:
            yield Move(part.start, part.end, touched.tier, "gone")
        elif touched.side == "come" and held is not None:
            yield Move(part.start, part.end, touched.tier, "come", held)


def _joined(found: Iterable[Move]) -> list[Move]:
    """Parts of one shift, and of what is gone, that touch are one."""
    joined: list[Move] = []
    for each in found:
        last = joined[-1] if joined else None
        if last and (last.end, last.tier, last.side, last.shift) == (each.start, each.tier, each.side, each.shift):
            joined[-1] = replace(last, end=each.end)
        else:
            joined.append(each)
    return joined
