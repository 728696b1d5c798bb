"""How long it takes to know who is on call, from a hundred shifts to a hundred thousand."""

from __future__ import annotations

import timeit

from rota.model import Person, Shift
from rota.oncall import Roster, who

SIZES = (100, 1_000, 10_000, 100_000)
TURN = 12 * 3600


def print_lookups() -> None:
    """Prints the time of `who` for each size, as a ratio to the smallest."""
    people = [Person(number, f"Person {number}", frozenset({"fr"})) for number in range(37)]
    first = 0.0
    for size in SIZES:
        shifts = [Shift(n, "france", 1 + n % 2, n % 37, n // 2 * TURN, (n // 2 + 1) * TURN) for n in range(size)]
        roster = Roster.build(shifts, people)
        instants = [step * TURN * size // 2 // 97 for step in range(97)]
        each = min(timeit.repeat(lambda: [who(roster, "france", t) for t in instants], number=50, repeat=7)) / 50 / 97  # noqa: B023
        first = first or each
        print(
            f"who()       {size:7,} shifts  {1 / each:12,.0f} a second, {each / first:4.2f} of the time at 100 shifts"
        )
