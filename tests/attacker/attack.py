"""The attacker: which single cells can be told from everything that was ever released?"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic

from tests.attacker.arithmetic import Q, Sums

WORLDS = 40
"""Whole worlds made up at random before cells are tried one by one."""
TRIES = 300
"""For each cell that they leave open."""


@dataclass(frozen=True, slots=True)
class Loot(Generic[Q]):
    """What was found out: cells that are exactly known below 10 or certainly 1 to 4; cells that stayed in doubt."""

    told: dict[Q, tuple[int, int]]
    doubtful: tuple[Q, ...] = ()


def gives_away(low: int, high: int) -> bool:
    """Whether a cell that lies between two numbers is as good as known."""
    return (low == high and high < 10) or (low >= 1 and high <= 4)


def quick(sums: Sums[Q], cells: Iterable[Q]) -> Loot[Q]:
    """What narrowing alone tells, and trying each end of each small cell."""
    sums.narrow()
    cells = tuple(cells)
    for cell in cells:
        if sums.range(cell)[0] < 10:
            sums.shave(cell)
    return Loot({cell: sums.range(cell) for cell in cells if gives_away(*sums.range(cell))})


def thorough(sums: Sums[Q], cells: Iterable[Q], seed: int = 1) -> Loot[Q]:
    """The same, and for every cell that isn't told two worlds that differ enough; without them, it is doubtful."""
    cells = tuple(cells)
    told = quick(sums, cells).told
    doubtful: list[Q] = []
    left = dict.fromkeys(cell for cell in cells if cell not in told)
    names = {place: name for name, place in sums.place.items()}
    while left:
        among = sums.tied_to(next(iter(left)))
        mine = [names[place] for place in among if names[place] in left]
        doubtful += _in_doubt(sums, mine, among, random.Random(seed))
        left = dict.fromkeys(cell for cell in left if cell not in set(mine))
    return Loot(told, tuple(doubtful))


def _in_doubt(sums: Sums[Q], cells: list[Q], among: list[int], rng: random.Random) -> list[Q]:
    seen: dict[Q, set[int]] = {cell: set() for cell in cells}

    def look(world: dict[int, int] | None) -> None:
        if world:
            for cell in cells:
                seen[cell].add(world[sums.place[cell]])

    def is_open(cell: Q) -> bool:
        return not seen[cell] or gives_away(min(seen[cell]), max(seen[cell]))

    for _ in range(WORLDS):
        if any(map(is_open, cells)):
            look(sums.world(rng, among))
    for cell in cells:
        low, high = sums.range(cell)
        for attempt in range(TRIES):
            if is_open(cell):
                value = (low, high)[attempt % 2] if attempt < TRIES // 4 else rng.randint(low, high)
                look(sums.world(rng, among, (cell, value)))
    return [cell for cell in cells if is_open(cell)]
