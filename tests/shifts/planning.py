"""What the tests of proposals share: a line with rules for days and nights, a team, and an engine's clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any

from sqlalchemy import insert

from helpline.shifts.editing import Desk
from helpline.shifts.proposals import Proposed
from helpline.shifts.proposing import Order, propose
from helpline.store.rota_tables import Absence, CoverageRule, Rotation
from helpline.store.sessions import Store
from helpline.store.tables import Person, Shift
from rota.generate.building import Mode
from rota.model import Span
from tests.shell import NOON, rows_of

NAMES = ("Alix", "Boris", "Charlie", "Dana", "Eva", "Farid")


def utc(month: int, day: int, hour: int = 0) -> int:
    """An instant of 2026."""
    return int(datetime(2026, month, day, hour, tzinfo=UTC).timestamp())


WEEK = Span(utc(3, 15, 23), utc(3, 22, 23))
"""From Monday 16 March 2026 to Monday 23 March, in Paris."""


def ticking(step: float = 0.15) -> Callable[[], float]:
    """A clock that goes on a little whenever it is looked at: an engine makes as many steps each time."""
    ticks = count()
    return lambda: next(ticks) * step


def add_team(store: Store, names: Iterable[str] = NAMES, **values: Any) -> None:  # noqa: ANN401 - columns of every type
    """Psychologists who speak French and English, numbered from 1."""
    rows = [
        {"id": n, "name": f"{name} Exemple", "phone": f"+331990001{n:02}", "languages": "fr en", **values}
        for n, name in enumerate(names, start=1)
    ]
    with store.durable() as tx:
        tx.execute(insert(Person), rows)


def add_rules(store: Store, *rules: dict[str, Any]) -> None:
    """Of the first tier, always from the first of March, unless they say otherwise."""
    common = {"line": "france", "tier": 1, "days": "1 2 3 4 5 6 7", "since": "2026-03-01", "until": None}
    common |= {"n": 1, "skills": "", "match": "all", "hard": True}
    with store.durable() as tx:
        tx.execute(insert(CoverageRule), [{**common, **rule} for rule in rules])


DAYS_AND_NIGHTS = ({"starts": 8 * 60, "ends": 20 * 60}, {"starts": 20 * 60, "ends": 8 * 60})


def add_rotation(store: Store, people: str) -> None:
    """Nights of the first tier on Sundays go round."""
    row = {"line": "france", "tier": 1, "name": "Sundays", "version": 1, "days": "7", "starts": 20 * 60, "ends": 8 * 60}
    row |= {"unit": "week", "every": 1, "anchor": "2026-03-01", "people": people, "since": "2026-03-01", "until": None}
    with store.durable() as tx:
        tx.execute(insert(Rotation), [row])


def add_shifts(store: Store, shifts: Sequence[tuple[int | None, int, int]], **values: Any) -> None:  # noqa: ANN401
    """Shifts of the first tier: person, start, end."""
    common = {"line": "france", "tier": 1, "source": "import", **values}
    with store.durable() as tx:
        tx.execute(insert(Shift), [{**common, "person": who, "starts_at": a, "ends_at": b} for who, a, b in shifts])


def add_absence(store: Store, person: int, start: int, end: int, *, hard: bool = True) -> None:
    """Somebody is away, or would rather be."""
    with store.durable() as tx:
        tx.execute(insert(Absence), [{"person": person, "starts_at": start, "ends_at": end, "hard": hard}])


def proposed(desk: Desk, mode: Mode = "fill", span: Span = WEEK, now: int = NOON, **values: Any) -> Proposed:  # noqa: ANN401
    """A proposal for the line france, after some thousand steps."""
    given: dict[str, Any] = {"watch": lambda _: True, "clock": ticking(), "seconds": 1} | values
    return propose(desk, Order(desk.lines["france"], span, mode, **given), "cli", now)


def standing(store: Store) -> list[tuple[int | None, int, int]]:
    """Person, start and end of each shift that counts, by start."""
    rows = [row for row in rows_of(store, Shift) if row["status"] != "cancelled"]
    return sorted(((row["person"], row["starts_at"], row["ends_at"]) for row in rows), key=lambda row: row[1:])
