"""A person's rules as sums: of these seats, so many at the most. It says the same as `fits`, to a solver."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from rota.generate.ground import WEEK, Ground, apart, bits, stretches
from rota.model import Span


@dataclass(frozen=True, slots=True)
class Cap:
    """By `rule`, the sum of what these seats weigh is `most` at the most; each part is a seat and its weight."""

    rule: str
    parts: tuple[tuple[int, int], ...]
    most: int


def caps(ground: Ground, person: int, seats: int) -> Iterator[Cap]:
    """What somebody's rules say about a set of seats, beside what keeps them from each by itself.

    One who has seats that break a rule as they are can have no more that it is about.
    """
    numbers = tuple(bits(seats))
    yield from _pairs(ground, person, numbers)
    yield from _chains(ground, person, numbers)
    yield from _weeks(ground, person, numbers)
    yield from _nights(ground, person, numbers)


def _pairs(ground: Ground, person: int, numbers: Sequence[int]) -> Iterator[Cap]:
    limits = ground.people[person].limits
    clash = ground.rules[person].clash
    among = sum(1 << n for n in numbers)
    for one in numbers:
        for other in bits(clash[one] & among & ~((2 << one) - 1)):
            rule = apart(ground.seats[one], ground.seats[other], limits)
            yield Cap(rule or "", ((one, 1), (other, 1)), 1)


def _chains(ground: Ground, person: int, numbers: Sequence[int]) -> Iterator[Cap]:
    """Shifts one touching the next that are too long together, though each may touch its neighbour."""
    most, clash = ground.people[person].limits.stretch, ground.rules[person].clash
    spans: list[tuple[int | None, Span]] = [(n, ground.seats[n]) for n in numbers]
    spans += [(None, held) for held in ground.lives[person].held]
    begins: dict[int, list[tuple[int | None, Span]]] = {}
    for number, span in spans:
        begins.setdefault(span.start, []).append((number, span))
    paths: list[tuple[tuple[int | None, ...], int, int]] = [((n,), span.start, span.end) for n, span in spans]
    while paths:
        path, start, end = paths.pop()
        own = tuple(n for n in path if n is not None)
        if len(path) > 1 and end - start > most:
            if own:
                yield Cap("stretch", tuple((n, 1) for n in own), len(own) - 1)
            continue
        for number, span in begins.get(end, ()):
            if number is None or not any(clash[number] >> n & 1 for n in own):
                paths.append(((*path, number), start, span.end))


def _weeks(ground: Ground, person: int, numbers: Sequence[int]) -> Iterator[Cap]:
    week = ground.people[person].limits.week
    held = stretches(ground.lives[person].held)
    for first in sorted({*held, *(ground.seats[n].start for n in numbers)}):
        within = range(first, first + WEEK)
        several = tuple((n, 1) for n in numbers if ground.seats[n].start in within)
        most = max(week - sum(start in within for start in held), 0)
        if len(several) > most:
            yield Cap("week", several, most)


def _nights(ground: Ground, person: int, numbers: Sequence[int]) -> Iterator[Cap]:
    most, held = ground.people[person].limits.nights, ground.lives[person].days
    for first in sorted({*held, *chain.from_iterable(ground.days[n] for n in numbers)}):
        row = range(first, first + most + 1)
        parts = tuple((n, sum(day in row for day in ground.days[n])) for n in numbers)
        room = max(most - sum(day in held for day in row), 0)
        several = tuple((n, weight) for n, weight in parts if weight)
        if sum(weight for _, weight in several) > room:
            yield Cap("nights", several, room)
