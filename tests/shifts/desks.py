"""A desk with three people and the shifts that a test gives them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import insert

from helpline.shifts.editing import Desk
from helpline.shifts.snapshot import read_roster
from helpline.store.tables import Shift
from rota.oncall import who
from rota.staff import DAY, HOUR, Limits
from tests.shell import CONFIG, NOON, lines_in, opened, rows_of, with_people

UNAPPROVED = CONFIG.replace("[lines.belgium]", "[lines.france.rota]\napprove_swaps = false\n[lines.belgium]") + (
    "[lines.belgium.rota]\napprove_swaps = false\n"
)
"""Swaps are a matter of the two."""
TWO_TIERS = CONFIG.replace("[lines.belgium]", "tiers = 2\n[lines.belgium]")


@contextmanager
def desk_on(url: str, folder: Path, config: str = CONFIG) -> Iterator[Desk]:
    """A desk on an empty database with Alix, Boris and Charlie."""
    with opened(url) as store:
        with_people(store)
        yield Desk(store, lines_in(folder, config), Limits())


def put(desk: Desk, person: int | None, start: int, hours: int = 8, *, line: str = "france", tier: int = 1) -> int:
    """A shift that begins `start` seconds after noon; its number."""
    row = {"line": line, "tier": tier, "person": person, "source": "import"}
    times = {"starts_at": NOON + start, "ends_at": NOON + start + hours * HOUR}
    with desk.store.durable() as tx:
        return tx.execute(insert(Shift).returning(Shift.id), {**row, **times}).scalar_one()


def standing(desk: Desk) -> list[tuple[int | None, int, int]]:
    """Person, and start and end in hours after noon, of each shift that counts, by start."""
    rows = [row for row in rows_of(desk.store, Shift) if row["status"] != "cancelled"]
    found = [(row["person"], (row["starts_at"] - NOON) / HOUR, (row["ends_at"] - NOON) / HOUR) for row in rows]
    return sorted(found, key=lambda row: (row[1], row[0] or 0))


def on_call(desk: Desk, at: int, line: str = "france") -> list[int]:
    """Who a caller would reach so many seconds after noon."""
    with desk.store.read() as connection:
        roster = read_roster(connection, NOON + at - 9 * DAY, NOON + at + DAY)
    return [held.person.id for held in who(roster, line, NOON + at)]
