"""Both lines on an empty database, and a way to import tables into it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from helpline.lines import Line
from helpline.shifts.editing import Desk
from helpline.shifts.importing import Imported, Tables, import_tables
from helpline.shifts.snapshot import read_people
from helpline.store.sessions import Store
from helpline.store.tables import Shift
from rota.staff import Limits
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

    @property
    def desk(self) -> Desk:
        """Where it is edited, with the usual limits."""
        return Desk(self.store, self.lines, Limits())

    def take(self, shifts: str, people: str | None = PEOPLE, now: int = NOON, **more: Any) -> Imported:  # noqa: ANN401
        """Imports both tables; `shifts` is without its heading. `more` is as in `Tables`."""
        text = "line,tier,person,start,end\n" + shifts if shifts else None
        return import_tables(self.desk, Tables(people, text, **{"clocks": "france", **more}), "cli", now)

    def shifts(self) -> list[tuple[str, int, str | None, int, int]]:
        """Line, tier, name, start and end of what counts."""
        with self.store.read() as connection:
            names = {key: person.name for key, person in read_people(connection).items()}
        rows = rows_of(self.store, Shift)
        found = [
            (r["line"], r["tier"], names.get(r["person"]), r["starts_at"], r["ends_at"])
            for r in rows
            if r["status"] != "cancelled"
        ]
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
