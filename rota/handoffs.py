"""Hand-offs: when others come on call, and who is next. Read off the same tracks as `rota.oncall.who`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rota.model import Person, Span
from rota.oncall import Roster, Track


@dataclass(frozen=True, slots=True)
class Handoff:
    """The instant (UTC seconds) at which somebody leaves a tier of a line, or comes, or both; each in ring order."""

    at: int
    line: str
    tier: int
    gone: tuple[Person, ...]
    come: tuple[Person, ...]


def handoffs(roster: Roster, line: str, span: Span) -> tuple[Handoff, ...]:
    """Every hand-off of `line` within `span`, by instant and tier. Two shifts in a row of one person are none."""
    found = [hand for tier in tiers(roster, line) for hand in _handoffs(roster.track(line, tier), line, tier, span)]
    return tuple(sorted(found, key=lambda hand: (hand.at, hand.tier)))


def next_on_call(roster: Roster, line: str, instant: int) -> tuple[Handoff, ...]:
    """For each tier the first hand-off after `instant` at which somebody comes, by instant and tier."""
    found = []
    for tier in tiers(roster, line):
        track = roster.track(line, tier)
        if instant + 1 < track.last:
            coming = _handoffs(track, line, tier, Span(instant + 1, track.last))
            found += [hand for hand in [next((hand for hand in coming if hand.come), None)] if hand]
    return tuple(sorted(found, key=lambda hand: (hand.at, hand.tier)))


def tiers(roster: Roster, line: str) -> list[int]:
    """The tiers in which anybody is ever on call on `line`."""
    return sorted(tier for name, tier in roster.tracks if name == line and tier is not None)


def _handoffs(track: Track, line: str, tier: int, span: Span) -> Iterator[Handoff]:
    """Those of one tier. A piece that begins with the span is one only if others were there the second before."""
    before = {
        held.person.id: held.person for _, _, row in track.pieces(Span(span.start - 1, span.start)) for held in row
    }
    for at, _, row in track.pieces(span):
        there = {held.person.id: held.person for held in row}
        if there.keys() != before.keys():
            gone = tuple(person for number, person in before.items() if number not in there)
            come = tuple(person for number, person in there.items() if number not in before)
            yield Handoff(at, line, tier, gone, come)
        before = there
