"""A database where conversations end, are coded and become records."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from helpline.figures import records
from helpline.figures.records import Coding, Pending
from helpline.lines import Line
from helpline.store.sessions import Store
from helpline.store.tables import CallRecord, Pooled, WrapUp
from tests.shell import ALIX, NOON, lines_in, opened, rows_of

BURNOUT = Coding(reasons=("burnout",))
DAY = 86_400


@dataclass(repr=False)
class Desk:
    """What psychologists and jobs do with it."""

    store: Store
    lines: dict[str, Line]

    def talked(
        self, person: int | None = ALIX, *, line: str = "france", at: int = NOON, seconds: int = 900, times: int = 1
    ) -> None:
        """Conversations that began at `at` are over."""
        for _ in range(times):
            with self.store.durable() as tx:
                records.expect(tx, self.lines[line], person, at, seconds, at + seconds)

    def code(
        self, person: int = ALIX, coding: Coding = BURNOUT, line: str = "france", wanted: Pending | None = None
    ) -> bool:
        """A psychologist codes one."""
        return records.code(self.store, self.lines[line], person, coding, wanted)

    def pending(self, person: int = ALIX) -> list[Pending]:
        """What they still have to code."""
        with self.store.read() as connection:
            return records.pending(connection, person)

    def counts(self) -> tuple[int, int, int]:
        """Calls to code, coded ones in the pool, records."""
        waiting = sum(row["n"] for row in rows_of(self.store, WrapUp))
        return waiting, len(rows_of(self.store, Pooled)), len(rows_of(self.store, CallRecord))

    def expire(self, now: int) -> int:
        """What the hourly job does first."""
        return records.expire(self.store, self.lines, now)

    def enter_closed(self, now: int) -> int:
        """And second."""
        return records.enter_closed(self.store, self.lines, now)

    def contacts(self, line: str = "france", year: int = 2026) -> Sequence[str]:
        """How the report would see them."""
        with self.store.read() as connection:
            return sorted(record.contact for record in records.read(connection, line, year))


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    """On SQLite, then on PostgreSQL."""
    with opened(database_url) as store:
        yield Desk(store, lines_in(tmp_path))


@pytest.fixture
def either_desk(either_database_url: str, tmp_path: Path) -> Iterator[Desk]:
    """On SQLite, and in `make check` on PostgreSQL."""
    with opened(either_database_url) as store:
        yield Desk(store, lines_in(tmp_path))


@pytest.fixture
def sqlite_desk(sqlite_url: str, tmp_path: Path) -> Iterator[Desk]:
    """On SQLite, for what doesn't depend on the database."""
    with opened(sqlite_url) as store:
        yield Desk(store, lines_in(tmp_path))
