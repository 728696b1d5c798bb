"""Needs cut at hand-offs: stretches in which the same seats are on call, and how many of their holders must do what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from rota.generate.ground import Ground, able
from rota.generate.problem import Candidate, Need


@dataclass(frozen=True, slots=True)
class Piece:
    """Of those who hold `seats`, `n` must be of `kind`: a bit that the kinds of people have, or not.

    It is a stretch of the need with this place; what others on the line do for it already is taken off `n`.
    """

    need: int
    kind: int
    n: int
    seats: tuple[int, ...]
    hard: bool


@dataclass(frozen=True, slots=True)
class Pieces:
    """All pieces; for each seat those it is in and the kinds that matter there; for each person the kinds they are."""

    all: tuple[Piece, ...]
    of: tuple[tuple[tuple[int, int], ...], ...]
    """For each seat: number and kind of its pieces."""
    matter: tuple[int, ...]
    are: tuple[int, ...]


def pieces(ground: Ground) -> Pieces:
    """The needs of a problem, in pieces."""
    wanted = {(need.skills, need.match): 0 for need in ground.problem.needs}
    kinds = {want: 1 << n for n, want in enumerate(wanted)}
    are = tuple(
        sum(kind for (skills, match), kind in kinds.items() if able(skills, match, c.skills)) for c in ground.people
    )
    found = []
    for place, need in enumerate(ground.problem.needs):
        kind = kinds[need.skills, need.match]
        helping = [c for c, own in zip(ground.people, are, strict=True) if own & kind]
        found += [Piece(place, kind, n, seats, need.hard) for n, seats in _cut(ground, need, helping)]
    of: list[list[tuple[int, int]]] = [[] for _ in ground.seats]
    matter = [0] * len(ground.seats)
    for number, piece in enumerate(found):
        for seat in piece.seats:
            of[seat].append((number, piece.kind))
            matter[seat] |= piece.kind
    return Pieces(tuple(found), tuple(map(tuple, of)), tuple(matter), are)


def _cut(ground: Ground, need: Need, helping: list[Candidate]) -> Iterator[tuple[int, tuple[int, ...]]]:
    """How many are missing over each stretch, and the seats there; like stretches in a row are one."""
    own = [n for n, seat in enumerate(ground.seats) if seat.line == need.line and seat.overlaps(need)]
    held = [[h for h in c.held if h.line == need.line and h.overlaps(need)] for c in helping]
    edges = {need.start, need.end}
    for span in (*(ground.seats[n] for n in own), *(h for of in held for h in of)):
        edges |= {max(span.start, need.start), min(span.end, need.end)}
    last = None
    for start, _ in pairwise(sorted(edges)):
        already = sum(any(h.holds(start) for h in of) for of in held)
        stretch = (need.n - already, tuple(n for n in own if ground.seats[n].holds(start)))
        if stretch != last and stretch[0] > 0:
            yield stretch
        last = stretch
