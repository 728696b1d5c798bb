"""Both lines on an empty database, and a way to import tables into it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from helpline.lines import Line
from helpline.shifts.importing import Imported, import_tables
from helpline.shifts.snapshot import read_people
from helpline.store.sessions import Store
from helpline.store.tables import Shift
from tests.shell import NOON, lines_in, opened, rows_of

PEOPLE = """name,phone,languages,email
Alix Exemple,+33199000101,fr en,alix@example.org
Brecht Voorbeeld,+33199000102,nl fr,
"""


@dataclass
class Rota:
    """A database, and what is imported into it."""

    store: Store
    lines: dict[str, Line]

    def take(self, shifts: str, people: str = PEOPLE, now: int = NOON) -> Imported:
        """Imports both tables; `shifts` is without its heading."""
        text = "line,tier,person,start,end\n" + shifts
        return import_tables(self.store, self.lines, people, text, now)

    def shifts(self) -> list[tuple[str, int, str | None, int, int]]:
        """Line, tier, name, start and end of what is stored."""
        with self.store.read() as connection:
            names = {key: person.name for key, person in read_people(connection).items()}
        rows = rows_of(self.store, Shift)
        found = [(r["line"], r["tier"], names.get(r["person"]), r["starts_at"], r["ends_at"]) for r in rows]
        return sorted(found, key=lambda row: (row[0], row[3], row[1], str(row[2])))


@pytest.fixture
def rota(either_database_url: str, tmp_path: Path) -> Iterator[Rota]:
    """On SQLite, and in `make check` on PostgreSQL."""
    with opened(either_database_url) as store:
        yield Rota(store, lines_in(tmp_path))


@pytest.fixture
def sqlite_rota(sqlite_url: str, tmp_path: Path) -> Iterator[Rota]:
    """On SQLite, for what doesn't depend on the database."""
    with opened(sqlite_url) as store:
        yield Rota(store, lines_in(tmp_path))
