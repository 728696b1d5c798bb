"""How long it takes to know who is on call, and where nobody is, from a hundred shifts to a hundred thousand."""

from __future__ import annotations

import timeit
from collections.abc import Callable, Mapping
from contextlib import closing
from functools import partial

from sqlalchemy import insert, select

from helpline.shifts.snapshot import RotaSnapshots
from helpline.store.around import ROTA
from helpline.store.migrate import migrate
from helpline.store.sessions import Store
from helpline.store.tables import Person as PersonRow
from helpline.store.tables import Revision
from helpline.store.tables import Shift as ShiftRow
from rota.gaps import gaps
from rota.model import Person, Shift
from rota.oncall import Roster, who

SIZES = (100, 1_000, 10_000, 100_000)
TURN = 12 * 3600
DAY = 86_400
NOW = 1_900_000_000
AHEAD = 10 * DAY
LINE = "france"


def print_lookups() -> None:
    """Prints the time of `who` for each size, as a ratio to the smallest, and that of a sweep for gaps."""
    people = [Person(number, f"Person {number}", frozenset({"fr"})) for number in range(37)]
    first = 0.0
    for size in SIZES:
        shifts = [Shift(n, LINE, 1 + n % 2, n % 37, n // 2 * TURN, (n // 2 + 1) * TURN) for n in range(size)]
        roster = Roster.build(shifts, people)
        instants = [step * TURN * size // 2 // 97 for step in range(97)]
        each = best(lambda: [who(roster, LINE, t) for t in instants], 50) / 97  # noqa: B023 - called at once
        sweep = best(partial(gaps, roster, LINE, 0, size * TURN, tiers=(1, 2), languages=("fr", "nl")), 1)
        first = first or each
        print(
            f"who()       {size:7,} shifts  {1 / each:12,.0f} a second, {each / first:4.2f} of the time at 100 shifts; "
            f"sweep for gaps {1000 * sweep:6.1f} ms"
        )


def print_stored(stores: Mapping[str, str]) -> None:
    """The same through each database (name -> URL, empty), as a webhook asks; and how long a new rota takes to read."""
    for name, url in stores.items():
        with closing(Store(url)) as store:
            migrate(store)
            people = [{"name": f"Person {n}", "phone": "", "languages": "fr"} for n in range(37)]
            with store.durable() as tx:
                tx.execute(insert(PersonRow), people)
            first, held = 0.0, 0
            for size in SIZES:
                with store.durable() as tx:
                    tx.execute(insert(ShiftRow), [_row(n) for n in range(held, size)])
                held, snapshots = size, RotaSnapshots()
                each = best(partial(_ask, store, snapshots), 200)
                reading = best(lambda: _ask(store, RotaSnapshots()), 1)
                first = first or each
                years = (size // 2 * TURN - AHEAD) / DAY / 365
                print(
                    f"{name:11} {size:7,} shifts, {max(0, years):4.1f} years back  {1 / each:7,.0f} a second, "
                    f"{each / first:4.2f} of the time at 100; a changed rota is read in {1000 * reading:5.1f} ms"
                )


def best(work: Callable[[], object], number: int) -> float:
    """Seconds of one run, of the fastest of seven rounds."""
    return min(timeit.repeat(work, number=number, repeat=7)) / number


def _row(number: int) -> dict[str, object]:
    """Backwards in time from ten days ahead: the more there are, the older."""
    end = NOW + AHEAD - number // 2 * TURN
    seat = {"line": LINE, "tier": 1 + number % 2, "person": 1 + number % 37, "source": "import"}
    return {**seat, "starts_at": end - TURN, "ends_at": end}


def _ask(store: Store, snapshots: RotaSnapshots) -> None:
    with store.read() as connection:
        revision = connection.execute(select(Revision.n).where(Revision.name == ROTA)).scalar_one()
        assert len(who(snapshots.at(connection, revision, NOW).roster, LINE, NOW)) == 2
