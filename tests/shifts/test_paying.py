"""The list for pay: what the duty log has, by local day and by month."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, update

from helpline.lines import Line
from helpline.shifts.paying import duty_table, months_table
from helpline.store.rota_tables import Duty
from helpline.store.tables import Person
from rota.model import Span
from tests.shell import ALIX, BORIS, lines_in, opened, with_people


def instant(text: str) -> int:
    """UTC seconds of an ISO time with an offset."""
    return int(datetime.fromisoformat(text).timestamp())


MAY = Span(instant("2026-05-01T00:00+02:00"), instant("2026-06-01T00:00+02:00"))
HELD = (
    ("france", 1, ALIX, "2026-04-30T20:00+02:00", "2026-05-01T08:00+02:00"),
    ("france", 2, BORIS, "2026-05-02T20:00+02:00", "2026-05-03T08:00+02:00"),
    ("belgium", 1, ALIX, "2026-05-12T08:30+02:00", "2026-05-12T20:00+02:00"),
    ("france", 1, None, "2026-05-04T08:00+02:00", "2026-05-04T20:00+02:00"),
    ("france", 1, ALIX, "2026-06-01T00:00+02:00", "2026-06-01T08:00+02:00"),
)


@pytest.fixture
def lines(tmp_path: Path) -> list[Line]:
    """Both lines; only the French one says where it is."""
    found = lines_in(tmp_path)
    rota = found["france"].settings.rota.model_copy(update={"region": "FR"})
    settings = found["france"].settings.model_copy(update={"rota": rota})
    return [replace(found["france"], settings=settings), found["belgium"]]


@pytest.fixture
def connection(sqlite_url: str) -> Iterator[Connection]:
    """Three people and some duty."""
    with opened(sqlite_url) as store:
        with_people(store)
        with store.durable() as tx:
            for number, (line, tier, person, start, end) in enumerate(HELD):
                row = {"shift": number, "line": line, "tier": tier, "person": person}
                tx.execute(insert(Duty), {**row, "starts_at": instant(start), "ends_at": instant(end)})
            tx.execute(update(Person).where(Person.id == BORIS).values(region="FR"))
        with store.read() as reading:
            yield reading


def test_a_month_of_duty_is_listed_by_person_and_day(connection: Connection, lines: list[Line]) -> None:
    """What lies in it, of those who held it: hours, how many of them at night, Sundays, public holidays."""
    assert duty_table(connection, lines, MAY).csv().splitlines() == [
        "person,line,tier,date,from,to,hours,night_hours,sunday,holiday",
        "Alix Exemple,france,1,2026-05-01,2026-05-01T00:00+02:00,2026-05-01T08:00+02:00,8,6,no,yes",
        "Alix Exemple,belgium,1,2026-05-12,2026-05-12T08:30+02:00,2026-05-12T20:00+02:00,11.5,0,no,no",
        "Boris Exemple,france,2,2026-05-02,2026-05-02T20:00+02:00,2026-05-03T00:00+02:00,4,3,no,no",
        "Boris Exemple,france,2,2026-05-03,2026-05-03T00:00+02:00,2026-05-03T08:00+02:00,8,6,yes,no",
    ]


def test_a_month_of_duty_is_summed(connection: Connection, lines: list[Line]) -> None:
    """By person and line; a night is one in which somebody was on call at 03:00."""
    table = months_table(connection, lines, MAY)
    assert table.csv().splitlines() == [
        "person,line,month,shifts,hours,nights,night_hours,sunday_hours,holiday_hours",
        "Alix Exemple,belgium,2026-05,1,11.5,0,0,0,0",
        "Alix Exemple,france,2026-05,1,8,1,6,0,8",
        "Boris Exemple,france,2026-05,1,12,1,9,8,0",
    ]


def test_one_line_alone(connection: Connection, lines: list[Line]) -> None:
    """Its duty and no other's."""
    assert {row[1] for row in duty_table(connection, lines[1:], MAY).rows} == {"belgium"}
