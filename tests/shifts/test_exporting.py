"""What is exported is imported again as it was: the same people on call at every instant to come."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, insert

from helpline.lines import Line
from helpline.shifts.editing import Desk
from helpline.shifts.exporting import absences_table, people_table, shifts_calendar, shifts_table
from helpline.shifts.importing import Calendar, Tables, import_tables
from helpline.shifts.snapshot import read_roster
from helpline.store.rota_tables import Absence, Notice, RotaEdit
from helpline.store.sessions import Store
from helpline.store.tables import Person, Shift
from rota.model import Span
from rota.oncall import Roster, who
from rota.staff import DAY, HOUR, Limits
from tests.shell import NOON, lines_in, rows_of
from tests.tables import make_tables

NAMES = ("=1+1 Exemple", "Zoë Beispiel", "@Bo Voorbeeld", "D'Arc; Exemple, Jeanne", "-Nora Exemple", "'s Gravenhage")
SPAN = Span(NOON, NOON + 400 * DAY)
ODD = {"email": "", "tiers": "1 2", "share": 50, "region": "FR-57", "rest": 41_400, "week": 4, "nights": 2}


@cache
def lines() -> Mapping[str, Line]:
    """Both shipped lines."""
    return lines_in(Path())


@dataclass(frozen=True)
class Pair:
    """A database to export from, and one to import into."""

    old: Store
    new: Store

    def empty(self) -> None:
        """Nobody, nothing, in both."""
        for store in (self.old, self.new):
            with store.durable() as tx:
                for table in (Notice, RotaEdit, Absence, Shift, Person):
                    tx.execute(delete(table))

    def people(self, **more: object) -> None:
        """Six people with awkward names, in the old one."""
        rows = [
            {"id": number, "name": name, "phone": f"+3319900010{number}", "languages": "fr en", **more}
            for number, name in enumerate(NAMES, 1)
        ]
        with self.old.durable() as tx:
            tx.execute(insert(Person), rows)

    def take(self, tables: Tables, now: int = NOON) -> None:
        """Imports into the new one."""
        import_tables(Desk(self.new, lines(), Limits()), tables, "cli", now)

    def carry(self, now: int) -> None:
        """People and shifts, from one to the other."""
        with self.old.read() as connection:
            people = people_table(connection, now).csv()
            shifts = shifts_table(connection, lines().values(), Span(now, now + 400 * DAY)).csv(";")
        self.take(Tables(people, shifts), now)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Both on SQLite: nothing here depends on the database."""
    folder = tmp_path_factory.mktemp("pair")
    stores = [Store(f"sqlite:///{folder / name}.db") for name in ("old", "new")]
    for store in stores:
        make_tables(store)
    yield Pair(*stores)
    for store in stores:
        store.close()


@st.composite
def rotas(draw: st.DrawFn) -> list[dict[str, object]]:
    """Rows of shifts, some of them begun or open, in which nobody is twice on one line at a time."""
    rows: list[dict[str, object]] = []
    for line in ("france", "belgium"):
        for person in (*range(1, len(NAMES) + 1), None):
            at = NOON + draw(st.integers(-30, 10)) * HOUR
            for pause, length in draw(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 30)), max_size=3)):
                start = at + pause * HOUR
                at = start + length * HOUR
                tier = draw(st.integers(1, 2))
                row = {"line": line, "tier": tier, "person": person, "starts_at": start, "ends_at": at}
                rows.append({**row, "source": "import"})
    return draw(st.permutations(rows))


def on_call(roster: Roster, line: str, instant: int) -> list[tuple[str, int, int]]:
    """Who is on call, in ring order: name, tier, until when."""
    return [(held.person.name, held.tier, held.until) for held in who(roster, line, instant)]


def roster_of(connection: Connection) -> Roster:
    """The rota around the tests' noon."""
    return read_roster(connection, NOON - DAY, NOON + 400 * DAY)


@given(rotas(), st.lists(st.integers(0, 90 * HOUR), min_size=5, max_size=5))
def test_4_a_rota_that_is_exported_and_imported_is_the_same(
    pair: Pair, rows: list[dict[str, object]], instants: list[int]
) -> None:
    """From now on the same people are on call, in the same order and until the same instant; and the seats are open."""
    assume(any(int(str(row["ends_at"])) > NOON for row in rows))  # a table without a row is no table
    pair.empty()
    pair.people()
    with pair.old.durable() as tx:
        tx.execute(insert(Shift), rows)
    pair.carry(NOON)
    with pair.old.read() as old, pair.new.read() as new:
        rosters = roster_of(old), roster_of(new)
        tables = [shifts_table(each, lines().values(), SPAN) for each in (old, new)]
    for line in lines():
        for instant in (NOON + each for each in instants):
            assert on_call(rosters[0], line, instant) == on_call(rosters[1], line, instant)
    # Of what had begun only the rest is imported, so that its start isn't the same.
    seats = [sorted([str((*row[:3], *row[4:])) for row in table.rows]) for table in tables]
    assert seats[0] == seats[1]


def test_people_are_imported_as_they_were(pair: Pair) -> None:
    """With all their terms, whatever their names begin with; nobody who has left."""
    pair.empty()
    pair.people(**ODD)
    with pair.old.durable() as tx:
        gone = {"name": "Otto Exemple", "phone": "+33199000109", "languages": "fr", "left_at": NOON}
        tx.execute(insert(Person), gone)
    with pair.old.read() as connection:
        table = people_table(connection, NOON)
    assert "Otto" not in table.csv()
    pair.take(Tables(table.csv()))
    told = [
        {row["name"]: {**row, "id": 0} for row in rows_of(store, Person) if row["left_at"] is None}
        for store in (pair.old, pair.new)
    ]
    assert told[0] == told[1]
    assert told[0]["Zoë Beispiel"].items() >= ODD.items()


def test_no_cell_of_an_export_is_run_by_a_spreadsheet(pair: Pair) -> None:
    """Names and numbers that would be begin with an apostrophe."""
    pair.empty()
    pair.people()
    with pair.old.read() as connection:
        written = people_table(connection, NOON).csv()
    assert "'=1+1 Exemple,'+33199000101,fr en" in written
    assert "\n's Gravenhage,'+33199000106" in written


def test_absences_are_imported_as_they_were(pair: Pair) -> None:
    """Hard ones and wishes, to the second, also in the hour that comes twice."""
    pair.empty()
    pair.people()
    twice = int(datetime.fromisoformat("2026-10-25T02:30+01:00").timestamp())
    with pair.old.durable() as tx:
        for person, start, hard in ((1, NOON + DAY, True), (2, twice, False)):
            row = {"person": person, "starts_at": start, "ends_at": start + DAY + 1, "hard": hard}
            tx.execute(insert(Absence), row)
    with pair.old.read() as connection:
        people, table = people_table(connection, NOON), absences_table(connection, lines()["france"], SPAN)
    pair.take(Tables(people.csv(), absences=table.csv(), clocks="france"))
    told = []
    for store in (pair.old, pair.new):
        names = {row["id"]: row["name"] for row in rows_of(store, Person)}
        rows = rows_of(store, Absence)
        told.append({(names[row["person"]], row["starts_at"], row["ends_at"], row["hard"]) for row in rows})
    assert told[0] == told[1]


def test_a_calendar_is_imported_as_it_was(pair: Pair) -> None:
    """One tier of a line; open seats have no event."""
    pair.empty()
    pair.people()
    start = NOON + DAY
    with pair.old.durable() as tx:
        for tier, person in ((1, 2), (1, None), (2, 3)):
            row = {"line": "france", "tier": tier, "person": person, "starts_at": start, "ends_at": start + DAY}
            tx.execute(insert(Shift), {**row, "source": "import"})
    with pair.old.read() as connection:
        people = people_table(connection, NOON).csv()
        data = shifts_calendar(connection, lines()["france"], SPAN, "example.org", NOON, 1)
    pair.take(Tables(people, calendar=Calendar(data, "france", 1)))
    with pair.new.read() as connection:
        roster = roster_of(connection)
    assert on_call(roster, "france", start) == [("Zoë Beispiel", 1, start + DAY)]
    assert on_call(roster, "france", start + DAY) == []


def test_a_script_reads_a_table(pair: Pair) -> None:
    """As JSON, with the names of the columns."""
    pair.empty()
    pair.people()
    with pair.old.durable() as tx:
        row = {"line": "france", "tier": 1, "person": None, "starts_at": NOON, "ends_at": NOON + HOUR}
        tx.execute(insert(Shift), {**row, "source": "import"})
    with pair.old.read() as connection:
        (found,) = json.loads(shifts_table(connection, lines().values(), SPAN).json())
        people = json.loads(people_table(connection, NOON).json())
    start, end = "2026-03-10T13:00+01:00", "2026-03-10T14:00+01:00"
    assert found == {"line": "france", "tier": 1, "person": None, "start": start, "end": end}
    assert people[0]["name"] == "'s Gravenhage"
